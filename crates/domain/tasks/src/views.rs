//! How tasks look.

use jiff::{Timestamp, civil::Date};
use vx_concepts::{
    evidence::Attachment,
    work::{
        Filter, Part, Seen, Urgency, WorkItem, WorkState,
        show::{asked_chip, clause_name, history, row, rule_name, state_chip, timeliness_mark, urgency_stamp},
    },
};
use vx_foundation::filters::Kept;
use vx_kernel::{Id, Path, ids, time};
use vx_platform::{
    journal::Entry,
    web::{
        Markup, Visit, html, icon,
        list::{Listing, Shown},
    },
};

use vx_concepts::work::count::Load;

use crate::{
    bulk::{can, open_actions},
    desk::Desk,
    desk_views,
};

/// A list with its filters in words.
pub(crate) fn list(
    visit: &Visit,
    filter: &Filter,
    listing: &Listing,
    kept: &Kept,
    shown: &Shown<WorkItem>,
    now: Timestamp,
) -> Markup {
    let tasks = shown.rows.as_slice();
    let option =
        |value: &str, key: &str, chosen: bool| html! { option value=(value) selected[chosen] { (visit.t(key)) } };
    let state = filter.states.first().copied();
    html! {
        div.vx-head {
            h1 { (visit.t("tasks")) " " span.vx-quiet { (time::say_count(visit.lang, shown.total)) } }
            a.btn href="/tasks/calendar" { (icon("calendar")) " " (visit.t("calendar")) }
            a.btn href="/tasks/board" { (icon("building")) " " (visit.t("tasks-board")) }
            (desk_views::exports(visit, "/tasks/export", &filter.query()))
        }
        form.vx-filters method="get" action="/tasks" {
            label { span.form-label { (visit.t("search-words")) } input.form-control type="search" name="q" value=(filter.text); }
            label { span.form-label { (visit.t("filter-part")) } select.form-select name="part" {
                @for part in Part::ALL { (option(part.as_str(), &format!("part-{}", part.as_str()), filter.part == part)) } } }
            label { span.form-label { (visit.t("filter-state")) } select.form-select name="state" {
                (option("", "state-open", state.is_none() && !filter.with_closed)) (option("all", "state-all", filter.with_closed))
                (option("to_do", "state-to_do", filter.state_set() == Some("to_do"))) (option("to_decide", "state-to_decide", filter.state_set() == Some("to_decide")))
                @for each in WorkState::ALL { (option(each.as_str(), &format!("work-state-{each}"), state == Some(*each) && filter.state_set().is_none())) } } }
            label { span.form-label { (visit.t("filter-seen")) } select.form-select name="seen" {
                (option("", "seen-any", filter.seen.is_none()))
                @for seen in Seen::ALL { (option(seen.as_str(), &format!("seen-{}", seen.as_str()), filter.seen == Some(seen))) } } }
            label { span.form-label { (visit.t("filter-urgency")) } select.form-select name="urgency" {
                (option("", "urgency-any", filter.urgency.is_none()))
                @for urgency in Urgency::ALL { (option(urgency.as_str(), &format!("urgency-{urgency}"), filter.urgency == Some(*urgency))) } } }
            label { span.form-label { (visit.t("filter-due-from")) } input.form-control type="date" name="due_from" value=[filter.due_from]; }
            label { span.form-label { (visit.t("filter-due-to")) } input.form-control type="date" name="due_to" value=[filter.due_to]; }
            label.form-check { input.form-check-input type="checkbox" name="report" value="1" checked[filter.report]; span { (visit.t("filter-report")) } }
            @if filter.desk { input type="hidden" name="desk" value="yes"; }
            @if let Some(unit) = &filter.unit { input type="hidden" name="unit" value=(unit.as_str()); }
            @if let Some(about) = filter.about { input type="hidden" name="about" value=(about); }
            @if let Some(parent) = filter.parent { input type="hidden" name="parent" value=(parent); }
            @if let Some(series) = filter.series { input type="hidden" name="series" value=(series); }
            @if let Some(step) = filter.escalated { input type="hidden" name="escalated" value=(step); }
            @if filter.handed { input type="hidden" name="handed" value="1"; }
            button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("filter-do")) }
            @if *filter != Filter::default() { a.btn href="/tasks?all=1" { (icon("x")) " " (visit.t("filter-clear")) } }
        }
        (kept.bar(visit, &filter.query()))
        @if filter.unit.is_some() || filter.about.is_some() || filter.parent.is_some() || filter.series.is_some() || filter.escalated.is_some() || filter.handed || filter.desk {
            p.vx-quiet {
                @if filter.desk { span.vx-chip { (visit.t("only-desk")) } " " }
                @if let Some(unit) = &filter.unit { span.vx-chip { (visit.t("unit")) ": " (visit.unit(unit)) } " " }
                @if filter.about.is_some() { span.vx-chip { (visit.t("only-one-dispatch")) @if let Some(first) = tasks.first() { ": " (first.source) } } " " }
                @if filter.parent.is_some() { span.vx-chip { (visit.t("only-parts")) } " " }
                @if filter.series.is_some() { span.vx-chip { (visit.t("only-series")) } " " }
                @if let Some(step) = filter.escalated { span.vx-chip { (visit.t(&format!("step-{step}"))) } " " }
                @if filter.handed { span.vx-chip { (visit.t("group-handed")) } " " }
            }
        }
        @if tasks.is_empty() {
            div.vx-empty {
                (icon("inbox")) h2 { (visit.t("tasks-none")) } p { (visit.t("tasks-none-todo")) }
                @if *filter != Filter::default() { a.btn href="/tasks?all=1" { (icon("x")) " " (visit.t("filter-clear")) } }
            }
        } @else { (picked_rows(visit, filter, tasks, now)) }
        (listing.pages(visit, shown))
    }
}

/// Rows, each with a box where there is something to do with it, and the bar for those that are picked.
fn picked_rows(visit: &Visit, filter: &Filter, tasks: &[WorkItem], now: Timestamp) -> Markup {
    let mut offered = Vec::new();
    let rows: Vec<Markup> = tasks
        .iter()
        .map(|task| {
            let actions = visit.actor().map_or_else(|_| Vec::new(), |actor| open_actions(actor, task, now));
            let row = row(visit, task, now, can(&actions).as_deref());
            offered.extend(actions);
            row
        })
        .collect();
    visit.form(
        &filter.href(),
        html! {
            ul.vx-rows data-rows { @for row in &rows { (row) } }
            (desk_views::bulk_bar(visit, &offered))
        },
    )
}

/// What the visitor may do with a task.
#[derive(Clone, Debug, Default)]
pub(crate) struct Moves {
    pub(crate) acknowledge: bool,
    pub(crate) refuse: bool,
    /// Units for which the visitor may note and attach.
    pub(crate) note_for: Vec<Path>,
    pub(crate) report: bool,
    pub(crate) confirm: bool,
    pub(crate) send_back: bool,
    pub(crate) reassign: bool,
    pub(crate) cancel: bool,
    /// Units below to which it may be split, with whether they have a part already.
    pub(crate) split_to: Vec<(Path, bool)>,
}

pub(crate) struct Record<'a> {
    pub(crate) task: &'a WorkItem,
    pub(crate) cooperating: &'a [Path],
    pub(crate) parts: &'a [(WorkState, i64)],
    pub(crate) files: &'a [Attachment],
    pub(crate) history: &'a [Entry],
    pub(crate) moves: &'a Moves,
    pub(crate) desk: &'a Desk,
    pub(crate) reassign_to: Vec<(Path, String)>,
    pub(crate) follow_up: FollowUp,
}

/// What following up adds to the page of a task.
pub(crate) struct FollowUp {
    /// Above everything: handed over, urged.
    pub(crate) notes: Markup,
    /// Beside the other decisions, folded.
    pub(crate) decisions: Markup,
    /// Below the order: its series, whom the program told.
    pub(crate) panels: Markup,
}

pub(crate) fn record(visit: &Visit, of: &Record<'_>, now: Timestamp) -> Markup {
    let task = of.task;
    let address = format!("/tasks/{}", task.id);
    html! {
        div.vx-head { h1 { (task.title) } }
        div.vx-line {
            (urgency_stamp(visit, task.urgency)) (state_chip(visit, task.state)) (timeliness_mark(visit, task, now)) (asked_chip(visit, task))
            span { (visit.t("lead")) ": " a href={ "/units/" (task.path.unit()) } { (visit.unit(&task.path)) } }
        }
        (desk_views::undo_bar(visit, of.desk, &address))
        (of.follow_up.notes)
        (last_word(visit, of))
        (desk_views::extension(visit, task, of.desk, &address, !(of.moves.acknowledge || of.moves.confirm || of.moves.report)))
        @if let Some(request) = task.request { (report_form(visit, task, request)) }
        (next_move(visit, of.moves, &address))
        (decisions(visit, of, &address))
        div.vx-record {
            div {
                section.vx-panel {
                    h2 { (visit.t("task-order")) }
                    p.vx-prose { (task.detail) }
                    dl.vx-facts {
                        div { dt { (visit.t("task-from")) } dd { a href=(source_address(task)) { (task.source) @if let Some(clause) = &task.clause { " · " (clause_name(visit, clause)) } } } }
                        div { dt { (visit.t("assigner")) } dd { (visit.unit(&task.assigner)) } }
                        div { dt { (visit.t("due")) } dd { @if let Some(at) = task.due_at { (time::say_instant(visit.lang, at)) } @else { (timeliness_mark(visit, task, now)) } @if let Some(quote) = &task.due_quote { div.vx-quiet { "“" (quote) "”" } } } }
                        div { dt { (visit.t("acknowledged-at")) } dd { @if let Some(at) = task.acknowledged_at { (visit.at(at)) } @else { "–" } } }
                        @if let Some(rule) = &task.due_rule { div { dt { (visit.t("due-rule")) } dd { (rule_name(visit, rule)) } } }
                        @if !of.cooperating.is_empty() { div.vx-wide { dt { (visit.t("cooperating")) } dd { @for path in of.cooperating { span.vx-chip { (visit.unit(path)) } " " } } } }
                        @if let Some(parent) = task.parent { div { dt { (visit.t("split-from")) } dd { a href={ "/tasks/" (parent) } { (visit.t("whole-task")) } } } }
                    }
                    @if !of.parts.is_empty() {
                        h3 { (visit.t("parts")) }
                        p { @for (state, n) in of.parts {
                            @let shown = Filter { parent: Some(task.id), part: Part::Assigned, states: vec![*state], ..Filter::default() };
                            a.vx-chip href=(shown.href()) { (visit.t(&format!("work-state-{state}"))) ": " b { (n) } } " "
                        } }
                    }
                }
                (desk_views::progress(visit, task, of.desk, &address))
                (of.follow_up.panels)
                section.vx-panel {
                    h2 { (visit.t("evidence")) }
                    @if of.files.is_empty() { p.vx-quiet { (visit.t("evidence-none")) } }
                    ul.list-unstyled { @for file in of.files {
                        li { (icon("paperclip")) " " a href={ (address) "/files/" (file.id) } { (file.name) } " " span.vx-quiet { (size(visit, file.bytes)) " · " (file.by_name) } }
                    } }
                    @if !of.moves.note_for.is_empty() && task.state != WorkState::Assigned { (attach_form(visit, of.moves, &address)) }
                }
                (other_moves(visit, of, &address))
            }
            aside.vx-panel { h2 { (visit.t("history")) } (history(visit, of.history)) }
        }
    }
}

fn size(visit: &Visit, bytes: i64) -> String {
    visit.ta("kilobytes", &[("n", (bytes / 1024).max(1).into())])
}

/// Where what the work is about is shown: its dispatch, the request for reports, or what it names itself.
fn source_address(task: &WorkItem) -> String {
    match (&task.shown_at, task.request) {
        (Some(address), _) => address.clone(),
        (None, Some(request)) if request.uuid() == task.about => format!("/reports/{request}"),
        _ => format!("/directives/{}#clause-{}", task.about, task.clause.as_deref().unwrap_or_default()),
    }
}

/// The form by which this work is done; while it is open, filling it in is the next move.
fn report_form(visit: &Visit, task: &WorkItem, request: Id<ids::Request>) -> Markup {
    let closes_on = task.due_at.map(time::day_of);
    let address = closes_on.map(|day| format!("/reports/{request}/of?unit={}&closes={day}", task.path.as_str()));
    html! {
        div.vx-note.vx-bar {
            span.vx-grow { (visit.t("task-by-form")) }
            @if let Some(address) = address {
                a class=(if task.state.is_closed() { "btn" } else { "btn btn-primary" }) href=(address) { (icon("file-text")) " " (visit.t("task-open-form")) }
            }
        }
    }
}

/// The one thing to do next, as the only primary button of the page.
fn next_move(visit: &Visit, moves: &Moves, address: &str) -> Markup {
    let primary = "btn btn-primary";
    html! {
        @if moves.acknowledge {
            div.vx-bar.mb-3 { (visit.button(&format!("{address}/acknowledge"), primary, "check", "acknowledge")) }
        } @else if moves.confirm {
            (visit.form(&format!("{address}/confirm"), html! { div.vx-bar.mb-3 {
                label.vx-grow { span.visually-hidden { (visit.t("confirm-note")) } input.form-control name="reason" placeholder=(visit.t("confirm-note")); }
                button.btn.btn-primary type="submit" { (icon("checks")) " " (visit.t("confirm")) }
            } }))
        } @else if moves.report {
            section.vx-panel.mb-3 {
                h2 { (visit.t("report-done")) }
                (visit.form(&format!("{address}/report"), html! {
                    label.vx-field.d-block { span.form-label { (visit.t("report-result")) } textarea.form-control name="reason" rows="3" required {} }
                    button.btn.btn-primary type="submit" { (icon("send")) " " (visit.t("report-do")) }
                }))
            }
        }
    }
}

fn unit_choice(visit: &Visit, moves: &Moves) -> Markup {
    html! {
        @if let [only] = moves.note_for.as_slice() { input type="hidden" name="unit" value=(only.as_str()); }
        @else { label.vx-field.d-block { span.form-label { (visit.t("for-unit")) } select.form-select name="unit" {
            @for path in &moves.note_for { option value=(path.as_str()) { (visit.unit(path)) } } } } }
    }
}

fn attach_form(visit: &Visit, moves: &Moves, address: &str) -> Markup {
    visit.form(&format!("{address}/attach"), html! {
        (unit_choice(visit, moves))
        label.vx-drop.mb-2 data-drop {
            (icon("paperclip")) " " strong { (visit.t("evidence-choose")) }
            span.vx-quiet.d-block { (visit.t("evidence-kinds")) }
            input.form-control.mt-2 type="file" name="file" multiple required accept=".pdf,.png,.jpg,.jpeg,.docx,.xlsx,.csv,.txt";
            ul data-names {}
        }
        button.btn type="submit" { (icon("upload")) " " (visit.t("evidence-send")) }
    })
}

pub(crate) fn with_reason(
    visit: &Visit,
    open: bool,
    action: String,
    icon_name: &str,
    key: &str,
    label: &str,
    more: Markup,
) -> Markup {
    html! {
        details.vx-panel open[open] {
            summary { (icon(icon_name)) " " (visit.t(key)) }
            (visit.form(&action, html! {
                (more)
                label.vx-field.d-block { span.form-label { (visit.t(label)) } textarea.form-control name="reason" rows="2" required {} }
                button.btn type="submit" { (icon(icon_name)) " " (visit.t(key)) }
            }))
        }
    }
}

/// Why the task came back, was refused or is reported done: what the next one to act reads first.
fn last_word(visit: &Visit, of: &Record<'_>) -> Markup {
    let verb = match of.task.state {
        WorkState::Returned => "tasks.return",
        WorkState::Refused => "tasks.refuse",
        WorkState::Reported => "tasks.report",
        _ => return html! {},
    };
    let Some(entry) = of.history.iter().find(|entry| entry.verb == verb) else { return html! {} };
    html! {
        @if let Some(reason) = &entry.reason {
            div.vx-note.vx-note-doubt[of.task.state != WorkState::Reported] {
                strong { (visit.t(&format!("did-{}", verb.replace('.', "-")))) } " · " (entry.actor_name) " · " (visit.at(entry.at))
                div.vx-prose { "“" (reason) "”" }
            }
        }
    }
}

/// What may be decided instead of the next move.
fn decisions(visit: &Visit, of: &Record<'_>, address: &str) -> Markup {
    let moves = of.moves;
    html! {
        @if moves.send_back || moves.reassign || moves.refuse || of.desk.ask || !of.follow_up.decisions.0.is_empty() {
            div.vx-decide {
            @if moves.send_back { (with_reason(visit, false, format!("{address}/return"), "corner-up-left", "send-back", "send-back-reason", html! {})) }
            @if moves.reassign { (with_reason(visit, of.task.state == WorkState::Refused, format!("{address}/reassign"), "arrow-right", "reassign", "reassign-reason", html! {
                label.vx-field.d-block { span.form-label { (visit.t("reassign-to")) } select.form-select name="to" required {
                    option value="" { (visit.t("choose-unit")) }
                    @for (path, name) in &of.reassign_to { option value=(path.as_str()) { (name) } } } }
            })) }
            @if of.desk.ask { (desk_views::ask_extension(visit, of.task, address)) }
            @if moves.refuse { (with_reason(visit, false, format!("{address}/refuse"), "ban", "refuse", "refuse-reason", html! {})) }
            (of.follow_up.decisions)
            }
        }
    }
}

fn other_moves(visit: &Visit, of: &Record<'_>, address: &str) -> Markup {
    let moves = of.moves;
    let fresh: Vec<&Path> = moves.split_to.iter().filter(|(_, has)| !has).map(|(path, _)| path).collect();
    html! {
        @if !moves.note_for.is_empty() && of.task.state != WorkState::Assigned {
            section.vx-panel { h2 { (visit.t("note")) }
                (visit.form(&format!("{address}/note"), html! {
                    (unit_choice(visit, moves))
                    label.vx-field.d-block { span.form-label { (visit.t("note-text")) } textarea.form-control name="reason" rows="3" required {} }
                    button.btn type="submit" { (icon("edit")) " " (visit.t("note-do")) }
                })) }
        }
        @if !fresh.is_empty() {
            section.vx-panel { h2 { (visit.t("split")) }
                (visit.form(&format!("{address}/split"), html! {
                    p { (visit.t("split-explained")) }
                    (desk_views::split_targets(visit, of.task))
                    details.mb-3 { summary { (visit.t("split-choose")) }
                        label.form-check { input.form-check-input type="checkbox" checked data-pick-all; span { (visit.t("pick-all")) } }
                        @for path in &fresh { (desk_views::split_unit(visit, path)) }
                    }
                    button.btn type="submit" { (icon("git-branch")) " " (visit.ta("split-do", &[("n", i64::try_from(fresh.len()).unwrap_or(0).into())])) }
                })) }
        }
        @if moves.cancel { (with_reason(visit, false, format!("{address}/cancel"), "x", "cancel-task", "cancel-reason", html! {})) }
    }
}

/// Open work by unit, one level below a unit, worst first.
pub(crate) fn board(visit: &Visit, top: Option<&Path>, rows: &[(Path, Load)], sum: Load, on: Date) -> Markup {
    // The unit's own row counts what it leads itself, its sum what stands below as well.
    let cell = |path: Option<&Path>, desk: bool, n: i64, filter: Filter, heat: bool| {
        let unit = path.cloned();
        let level = if !heat || n == 0 {
            None
        } else {
            Some(match n {
                1..=2 => "1",
                3..=5 => "2",
                6..=10 => "3",
                _ => "4",
            })
        };
        html! { td.vx-num data-heat=[level] { @if n == 0 { "0" } @else { a href=(Filter { unit, desk, ..filter }.href()) { (time::say_count(visit.lang, n)) } } } }
    };
    let unacknowledged = || Filter { states: vec![WorkState::Assigned], ..Filter::default() };
    let overdue = || Filter { seen: Some(Seen::Overdue), ..Filter::default() };
    let reported = || Filter { states: vec![WorkState::Reported], ..Filter::default() };
    html! {
        div.vx-head { h1 { (visit.t("tasks-board")) @if let Some(top) = top { ": " (visit.unit(top)) } }
            @let query = top.map_or_else(String::new, |top| format!("unit={}", top.as_str()));
            (desk_views::exports(visit, "/tasks/board/export", &query))
            a.btn href={ "/tasks/record" @if let Some(top) = top { "?unit=" (top.as_str()) } } { (icon("calendar")) " " (visit.t("record")) }
            a.btn href="/tasks/policy" { (icon("clock")) " " (visit.t("tasks-see_policy")) }
            @if let Some(above) = top.and_then(Path::parent).filter(|path| !path.is_root()) { a.btn href={ "/tasks/board?unit=" (above.as_str()) } { (icon("arrow-left")) " " (visit.unit(&above)) } } }
        p.vx-quiet { (visit.ta("board-as-of", &[("day", time::say_date(visit.lang, on).into())])) }
        @if rows.is_empty() { div.vx-empty { (icon("checks")) h2 { (visit.t("board-none")) } p { (visit.t("board-none-todo")) } } }
        @else { div.vx-scroll tabindex="0" { table.vx-table.vx-heat {
            thead { tr { th scope="col" { (visit.t("unit")) } th.vx-num scope="col" { (visit.t("seen-overdue")) } th.vx-num scope="col" { (visit.t("work-state-assigned")) } th.vx-num scope="col" { (visit.t("work-state-reported")) } th.vx-num scope="col" { (visit.t("open-work")) } } }
            tbody { @for (path, load) in rows { tr {
                th scope="row" { a href={ "/tasks/board?unit=" (path.as_str()) } { (visit.unit(path)) } }
                (cell(Some(path), top == Some(path), load.overdue, overdue(), true)) (cell(Some(path), top == Some(path), load.unacknowledged, unacknowledged(), true))
                (cell(Some(path), top == Some(path), load.reported, reported(), false)) (cell(Some(path), top == Some(path), load.open, Filter::default(), false))
            } } }
            tfoot { tr { th scope="row" { (visit.t("sum")) } (cell(top, false, sum.overdue, overdue(), false)) (cell(top, false, sum.unacknowledged, unacknowledged(), false)) (cell(top, false, sum.reported, reported(), false)) (cell(top, false, sum.open, Filter::default(), false)) } }
        } } }
    }
}
