//! How the desk looks: more time, targets, undo, many tasks at once.

use vx_concepts::work::{WorkItem, show::state_chip, tally::Tally};
use vx_kernel::{Id, Path, Problem, ids, time};
use vx_platform::{
    sheet::SheetKind,
    web::{Markup, Visit, html, icon},
};

use crate::{
    bulk::Action,
    desk::{Desk, Row, progress_rows},
    views::with_reason,
};

/// Links to the files of a list; `query` is its filter.
pub(crate) fn exports(visit: &Visit, address: &str, query: &str) -> Markup {
    let mark = if query.is_empty() { "" } else { "?" };
    html! {
        @for kind in SheetKind::ALL {
            a.btn href={ (address) "/" (kind.as_str()) (mark) (query) } { (icon("download")) " " (visit.t(&format!("export-{}", kind.as_str()))) }
        }
    }
}

fn action_icon(action: Action) -> &'static str {
    match action {
        Action::Acknowledge | Action::Grant => "check",
        Action::Confirm => "checks",
        Action::Return | Action::Undo => "corner-up-left",
        Action::Decline => "ban",
        Action::Cancel => "x",
        Action::Urge => "send",
    }
}

/// The bar for the rows that are picked: what needs no words at once, what needs a reason below it. Its buttons carry
/// what to do, so it works without script.
pub(crate) fn bulk_bar(visit: &Visit, offered: &[Action]) -> Markup {
    let offers = |action: &&Action| offered.contains(*action);
    let button = |action: Action, class: &str| {
        html! {
            button class=(class) type="submit" name="do" value=(action.as_str()) { (icon(action_icon(action))) " " (visit.t(&format!("bulk-{action}"))) span data-goes {} }
        }
    };
    let plain: Vec<Action> =
        Action::ALL.iter().filter(offers).copied().filter(|action| !action.needs_reason()).collect();
    let told: Vec<Action> = Action::ALL.iter().filter(offers).copied().filter(|action| action.needs_reason()).collect();
    html! {
        @if !offered.is_empty() {
            div.vx-bulk {
                span { (visit.t("picked")) " " b data-picked { "0" } }
                @for (index, action) in plain.iter().enumerate() { (button(*action, if index == 0 { "btn btn-primary" } else { "btn" })) }
                @if plain.contains(&Action::Grant) { label.form-check.m-0 { input.form-check-input type="checkbox" name="with_parts" value="yes" checked; span { (visit.t("extension-with-parts")) } } }
                @if !told.is_empty() {
                    details.vx-grow { summary { (visit.t("bulk-more")) }
                        label.vx-field.d-block { span.form-label { (visit.t("bulk-reason")) } input.form-control name="reason" maxlength="2000"; }
                        div.vx-bar { @for action in &told { (button(*action, "btn")) } }
                    }
                }
            }
        }
    }
}

/// What became of the tasks that were picked: how many went through, with the way back, and each that did not.
pub(crate) fn outcome(
    visit: &Visit,
    action: Action,
    list: &str,
    done: &[Id<ids::WorkItem>],
    failed: &[(Id<ids::WorkItem>, Option<String>, Problem)],
) -> Markup {
    let n = i64::try_from(done.len()).unwrap_or(i64::MAX);
    html! {
        @if n > 0 {
            div.vx-note role="status" { div.vx-bar {
                span { (icon("check")) " " (visit.ta(&format!("bulk-done-{action}"), &[("n", n.into())])) }
                @if action.can_be_undone() { (visit.form_of_class(list, "d-inline", html! {
                    @for id in done { input type="hidden" name="task" value=(id); }
                    button.btn type="submit" name="do" value=(Action::Undo.as_str()) { (icon(action_icon(Action::Undo))) " " (visit.t("undo")) }
                })) }
            } }
        }
        @if !failed.is_empty() {
            div.vx-note.vx-note-error role="alert" {
                strong { (visit.ta("bulk-failed", &[("n", i64::try_from(failed.len()).unwrap_or(i64::MAX).into())])) }
                ul { @for (id, title, problem) in failed {
                    @let (what, todo) = visit.app.words().problem(visit.lang, problem);
                    li { @if let Some(title) = title { a href={ "/tasks/" (id) } { (title) } ": " } (what) ". " (todo) }
                } }
            }
        }
    }
}

/// The way back from a slip, to the same person, for a while.
pub(crate) fn undo_bar(visit: &Visit, desk: &Desk, address: &str) -> Markup {
    html! {
        @if let Some(entry) = &desk.undo {
            @let did = visit.t(&format!("did-{}", entry.verb.replace('.', "-")));
            div.vx-note { div.vx-bar {
                span { (visit.ta("undo-offer", &[("did", did.into()), ("at", time::say_short(visit.lang, entry.at).into())])) }
                (visit.button(&format!("{address}/undo"), "btn", "corner-up-left", "undo"))
            } }
        }
    }
}

/// What was asked for, to whoever sees the task; the decision, to who takes it.
pub(crate) fn extension(visit: &Visit, task: &WorkItem, desk: &Desk, address: &str, primary: bool) -> Markup {
    let Some(asked) = task.asked_due_at else { return html! {} };
    let said = |at| time::say_instant(visit.lang, at);
    html! {
        section.vx-panel.mb-3 {
            h2 { (visit.ta("extension-asked", &[("at", said(asked).into())])) }
            @if let Some(why) = &desk.why_asked { div.vx-prose.mb-2 { "“" (why) "”" } }
            p.vx-quiet {
                @if let Some(due) = task.due_at { (visit.ta("extension-now", &[("at", said(due).into())])) }
                @if let Some(whole) = desk.whole_due { " " (visit.ta("extension-whole", &[("at", said(whole).into())])) }
                @if !desk.grant { " " (visit.ta("extension-waits", &[("unit", visit.unit(&task.assigner).into())])) }
            }
            @if desk.grant {
                (visit.form(&format!("{address}/grant-extension"), html! {
                    div.vx-bar {
                        label { span.form-label { (visit.t("extension-until")) } input.form-control type="datetime-local" name="until" required value=(time::local(asked).strftime("%Y-%m-%dT%H:%M")); }
                        label.vx-grow { span.form-label { (visit.t("confirm-note")) } input.form-control name="reason"; }
                    }
                    @if desk.n_along > 0 { label.form-check.mt-2 { input.form-check-input type="checkbox" name="with_parts" value="yes" checked; span { (visit.ta("extension-along", &[("n", i64::try_from(desk.n_along).unwrap_or(0).into())])) } } }
                    div.vx-actions { button class={ "btn" (if primary { " btn-primary" } else { "" }) } type="submit" { (icon("check")) " " (visit.t("extension-grant")) } }
                }))
            }
            @if desk.decline { div.mt-2 { (with_reason(visit, false, format!("{address}/decline-extension"), "ban", "extension-decline", "extension-decline-reason", html! {})) } }
        }
    }
}

/// The form that asks for more time.
pub(crate) fn ask_extension(visit: &Visit, task: &WorkItem, address: &str) -> Markup {
    let Some(due) = task.due_at else { return html! {} };
    let local = |at| time::local(at).strftime("%Y-%m-%dT%H:%M").to_string();
    with_reason(
        visit,
        false,
        format!("{address}/ask-extension"),
        "clock",
        "extension-ask",
        "extension-reason",
        html! {
            p.vx-quiet { (visit.ta("extension-now", &[("at", time::say_instant(visit.lang, due).into())])) }
            label.vx-field.d-block { span.form-label { (visit.t("extension-until")) } input.form-control type="datetime-local" name="until" required min=(local(due)); }
        },
    )
}

/// Done of target, as a bar and in words; nothing reported is not zero.
fn done_of(visit: &Visit, row: &Row, of: &str, long: bool) -> Markup {
    let count = |n| time::say_count(visit.lang, n);
    let reported = row.counted.last_on.is_some();
    html! {
        @if let Some(target) = row.target {
            @if long { progress.vx-progress max=(target) value=(row.counted.done.clamp(0, target)) aria-hidden="true" {} " " }
        }
        @if reported { b { (count(row.counted.done)) } } @else { span.vx-quiet { (visit.t("nothing-reported")) } }
        @if long {
            @if let Some(target) = row.target { " / " (count(target)) }
            " " (of)
            @if let (Some(share), true) = (row.share(), reported) { " (" (share) " %)" }
        }
    }
}

/// Target, progress, the form to count, the table by unit.
pub(crate) fn progress(visit: &Visit, task: &WorkItem, desk: &Desk, address: &str) -> Markup {
    let of = task.target_of.clone().unwrap_or_default();
    html! {
        @if let Some(progress) = &desk.progress {
            @let (rows, sum) = progress_rows(task, progress);
            section.vx-panel #progress {
                h2 { (visit.t("progress")) }
                p { (done_of(visit, &sum, &of, true)) }
                @if let Some(day) = sum.counted.last_on { p.vx-quiet { (visit.ta("last-entry-on", &[("day", time::say_date(visit.lang, day).into())])) " · " a href={ (address) "/tallies" } { (visit.t("tallies-see")) } } }
                @if desk.count { div.mb-3 { (visit.form(&format!("{address}/tally"), count_fields(visit, &of, None))) } }
                @if !progress.parts.is_empty() { (by_unit(visit, &rows, &sum)) div.vx-actions { (exports(visit, &format!("{address}/progress"), "")) } }
                @if desk.set_target { div.mt-3 { (target_form(visit, task, address, "target-change")) } }
            }
        } @else if desk.set_target {
            div.mt-3.mb-3 { (target_form(visit, task, address, "target-set")) }
        }
    }
}

fn target_form(visit: &Visit, task: &WorkItem, address: &str, key: &str) -> Markup {
    html! {
        details.vx-panel { summary { (icon("flag")) " " (visit.t(key)) }
            (visit.form(&format!("{address}/target"), html! {
                p.vx-quiet { (visit.t("target-explained")) }
                div.vx-bar.align-items-end {
                    label.vx-grow { span.form-label { (visit.t("target-of")) } input.form-control name="of" maxlength="100" value=[&task.target_of]; }
                    label { span.form-label { (visit.t("target")) } input.form-control type="number" name="n" min="1" step="1" value=[task.target]; }
                    button.btn type="submit" { (icon("flag")) " " (visit.t("target-save")) }
                }
            }))
        }
    }
}

fn count_fields(visit: &Visit, of: &str, wrong: Option<&Tally>) -> Markup {
    let day = wrong.map_or(visit.today(), |wrong| wrong.counted_on);
    html! {
        @if let Some(wrong) = wrong { input type="hidden" name="corrects" value=(wrong.id); }
        div.vx-bar.align-items-end {
            label { span.form-label { (visit.ta(if wrong.is_some() { "count-right" } else { "count-more" }, &[("of", of.into())])) }
                input.form-control type="text" inputmode="numeric" pattern="[0-9][0-9. ]*" name="n" required autocomplete="off" value=[wrong.map(|wrong| wrong.n)]; }
            label { span.form-label { (visit.t("count-on")) } input.form-control type="date" name="on" required max=(visit.today()) value=(day); }
            label.vx-grow { span.form-label { (visit.t("count-note")) } input.form-control name="reason" maxlength="500"; }
            button.btn type="submit" { (icon("plus")) " " (visit.t(if wrong.is_some() { "count-correct" } else { "count-do" })) }
        }
    }
}

/// A row for each unit, worst first, each number with the entries that it sums.
fn by_unit(visit: &Visit, rows: &[Row], sum: &Row) -> Markup {
    let cells = |row: &Row| {
        html! {
            td.vx-num data-label=(visit.t("done-so-far")) { a href={ "/tasks/" (row.task) "/tallies" } { (done_of(visit, row, "", false)) } }
            td.vx-num data-label=(visit.t("target")) { @if let Some(target) = row.target { (time::say_count(visit.lang, target)) } @else { "–" } }
            td.vx-num data-label=(visit.t("share-done")) { @if let Some(share) = row.share() { (share) " %" } @else { "–" } }
            td data-label=(visit.t("last-entry")) { @if let Some(day) = row.counted.last_on { (time::say_date(visit.lang, day)) } @else { "–" } }
        }
    };
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (visit.t("unit")) } th.vx-num scope="col" { (visit.t("done-so-far")) } th.vx-num scope="col" { (visit.t("target")) } th.vx-num scope="col" { (visit.t("share-done")) } th scope="col" { (visit.t("last-entry")) } th scope="col" { (visit.t("filter-state")) } } }
            tbody data-rows { @for row in rows { tr {
                th scope="row" { a href={ "/tasks/" (row.task) } { (visit.unit(&row.unit)) } } (cells(row))
                td { (state_chip(visit, row.state)) }
            } } }
            tfoot { tr { th scope="row" { (visit.t("sum")) } (cells(sum)) td {} } }
        } }
    }
}

/// The entries of a task and its parts, latest first; wrong ones stay to be seen beside what stands for them.
pub(crate) fn tallies(visit: &Visit, task: &WorkItem, sum: &Row, entries: &[(Tally, bool)], cut: bool) -> Markup {
    let of = task.target_of.clone().unwrap_or_default();
    let may = |unit: &Path| visit.actor().is_ok_and(|actor| actor.may("tasks.tally", unit)) && !task.state.is_closed();
    html! {
        div.vx-head { h1 { (visit.t("tallies")) } a.btn href={ "/tasks/" (task.id) } { (icon("arrow-left")) " " (visit.t("tallies-back")) } }
        p { a href={ "/tasks/" (task.id) } { (task.title) } " · " (visit.unit(&task.path)) }
        p { (done_of(visit, sum, &of, true)) }
        @if cut { p.vx-quiet { (visit.ta("tallies-cut", &[("n", i64::try_from(entries.len()).unwrap_or(0).into())])) } }
        @if entries.is_empty() {
            div.vx-empty { (icon("list-details")) h2 { (visit.t("tallies-none")) } p { (visit.t("tallies-none-todo")) } }
        } @else { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (visit.t("count-on")) } th scope="col" { (visit.t("unit")) } th.vx-num scope="col" { (visit.t("csv-count")) } th scope="col" { (visit.t("count-note")) } th scope="col" { (visit.t("counted-by")) } th { span.visually-hidden { (visit.t("count-correct")) } } } }
            tbody { @for (entry, counts) in entries { tr {
                th scope="row" { (time::say_date(visit.lang, entry.counted_on)) }
                td data-label=(visit.t("unit")) { a href={ "/tasks/" (entry.work) } { (visit.unit(&entry.path)) } }
                td.vx-num data-label=(visit.t("csv-count")) { @if *counts { (time::say_count(visit.lang, entry.n)) } @else { s { (time::say_count(visit.lang, entry.n)) } } }
                td data-label=(visit.t("count-note")) { @if entry.corrects.is_some() { span.vx-chip { (visit.t("count-is-correction")) } " " } @if !counts { span.vx-chip { (visit.t("count-was-wrong")) } " " } (entry.note.as_deref().unwrap_or("")) }
                td data-label=(visit.t("counted-by")) { (entry.by_name) }
                td { @if *counts && may(&entry.path) { details { summary { (visit.t("count-correct")) } (visit.form(&format!("/tasks/{}/tally", entry.work), count_fields(visit, &of, Some(entry)))) } } }
            } } }
        } } }
    }
}

/// What the parts are to reach, in the form that splits a task.
pub(crate) fn split_targets(visit: &Visit, task: &WorkItem) -> Markup {
    html! {
        div.vx-bar.mb-3 {
            label.vx-grow { span.form-label { (visit.t("split-target-of")) } input.form-control name="target_of" maxlength="100" value=[&task.target_of] placeholder=(visit.t("target-example")); }
            label { span.form-label { (visit.t("split-target-each")) } input.form-control type="number" name="target_each" min="1" step="1"; }
        }
    }
}

/// A unit that a part goes to, with a number of its own.
pub(crate) fn split_unit(visit: &Visit, path: &Path) -> Markup {
    let name = visit.unit(path);
    html! {
        div.vx-bar.mb-1 {
            label.form-check.vx-grow.m-0 { input.form-check-input type="checkbox" name="to" value=(path.as_str()) checked data-pick; span { (name) } }
            input.form-control.w-auto type="number" min="1" step="1" name={ "target:" (path.as_str()) } placeholder=(visit.t("split-target-own")) aria-label={ (visit.t("split-target-own")) ": " (name) };
        }
    }
}
