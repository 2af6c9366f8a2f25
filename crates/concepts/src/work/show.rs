//! How work looks, wherever it is shown. The texts come with the tasks.

use jiff::{SignedDuration, Timestamp};
use vx_kernel::time;
use vx_platform::{
    journal::Entry,
    web::{Markup, Visit, html, icon},
};

use super::{
    DueKind, Timeliness, Urgency, WorkItem, WorkState,
    recurrence::{Rhythm, Rule, weekday_name},
};

/// A state as a grey chip with its word.
#[must_use]
pub fn state_chip(visit: &Visit, state: WorkState) -> Markup {
    html! { span.vx-state { (visit.t(&format!("work-state-{state}"))) } }
}

/// How long, in the largest unit that says it: "2 ngày", "5 giờ", "20 phút".
fn how_long(visit: &Visit, span: SignedDuration) -> String {
    let minutes = span.as_mins().max(1);
    let (key, n) = match minutes {
        ..60 => ("span-minutes", minutes),
        60..2880 => ("span-hours", minutes / 60),
        _ => ("span-days", minutes / 1440),
    };
    visit.ta(key, &[("n", n.into())])
}

/// The deadline with its mark; words beside every mark.
#[must_use]
pub fn timeliness_mark(visit: &Visit, task: &WorkItem, now: Timestamp) -> Markup {
    let due = task.due_at.map(|at| visit.at(at));
    let span = |key: &str, span: SignedDuration| visit.ta(key, &[("span", how_long(visit, span).into())]);
    html! {
        @match task.timeliness(now) {
            Timeliness::NoDeadline => span.vx-due.vx-quiet { (visit.t(match task.due_kind {
                DueKind::Recurrent => "due-recurrent", DueKind::Standing => "due-standing", DueKind::Event => "due-event", _ => "due-none" })) },
            Timeliness::InTime => span.vx-due { (due.unwrap_or_default()) },
            Timeliness::DueSoon { left } => span.vx-due.vx-soon { (icon("clock")) span { (due.unwrap_or_default()) " (" (span("due-left", left)) ")" } },
            Timeliness::Overdue { by } => span.vx-due { span.vx-overdue { (span("due-overdue", by)) } span.vx-quiet { (due.unwrap_or_default()) } },
            Timeliness::DoneInTime => span.vx-due { (icon("check")) (visit.t("due-done")) },
            Timeliness::DoneLate { by } => span.vx-due.vx-done-late { (icon("circle-check")) (span("due-done-late", by)) },
        }
    }
}

/// That a later deadline was asked for, and which.
#[must_use]
pub fn asked_chip(visit: &Visit, task: &WorkItem) -> Markup {
    html! { @if let Some(at) = task.asked_due_at { " " span.vx-chip { (visit.ta("asked-until", &[("at", time::say_short(visit.lang, at).into())])) } } }
}

/// The stamp of an urgent dispatch.
#[must_use]
pub fn urgency_stamp(visit: &Visit, urgency: Option<Urgency>) -> Markup {
    html! { @if let Some(urgency) = urgency { span.vx-chip.vx-urgent { (visit.t(&format!("urgency-{urgency}"))) } } }
}

/// One task as a row of a list, whole row pressable; with a box to pick it where `can` names what its reader could do
/// with it, in words separated by spaces.
#[must_use]
pub fn row(visit: &Visit, task: &WorkItem, now: Timestamp, can: Option<&str>) -> Markup {
    html! {
        li {
            @if let Some(can) = can { label.vx-pick { input.form-check-input type="checkbox" name="task" value=(task.id) data-pick=(can) aria-label=(task.title); } }
            a.vx-row href={ "/tasks/" (task.id) } {
                span { span.vx-row-title { (task.title) } span.vx-row-from { (urgency_stamp(visit, task.urgency)) " " (task.source) @if let Some(clause) = &task.clause { " · " (clause_name(visit, clause)) } } }
                span { (visit.unit(&task.path)) }
                span { (timeliness_mark(visit, task, now)) (asked_chip(visit, task)) }
                span { (state_chip(visit, task.state)) }
            }
        }
    }
}

/// Who did what, when, why; newest first. All of it, and what exactly changed, is on the record's page of the journal.
#[must_use]
pub fn history(visit: &Visit, entries: &[Entry]) -> Markup {
    html! {
        ol.vx-history {
            @for entry in entries {
                li {
                    time datetime=(entry.at.to_string()) { (time::say_instant(visit.lang, entry.at)) }
                    strong { (visit.t(&format!("did-{}", entry.verb.replace('.', "-")))) } " · " (entry.actor_name)
                    @if let Some(principal) = &entry.on_behalf_of { " " span.vx-quiet { "(" (visit.ta("on-behalf-of", &[("name", principal.as_str().into())])) ")" } }
                    @if entry.record == "attachment" && let Some(name) = entry.changed.get("name").and_then(|pair| pair.get(1)).and_then(|name| name.as_str()) { div { (icon("paperclip")) " " (name) } }
                    (moment_change(visit, entry))
                    @if entry.record == "work_tally" && let Some(n) = after(entry, "n").and_then(serde_json::Value::as_i64) { div { b.vx-num { (time::say_count(visit.lang, n)) } } }
                    @if let Some(reason) = &entry.reason { div.vx-prose { "“" (reason) "”" } }
                }
            }
        }
        @if let Some(entry) = entries.first() { a href={ "/journal/record/" (entry.about_id) } { (icon("list-details")) " " (visit.t("journal-whole-history")) } }
    }
}

/// The value of a field after a change.
fn after<'a>(entry: &'a Entry, field: &str) -> Option<&'a serde_json::Value> {
    entry.changed.get(field)?.get(1).filter(|value| !value.is_null())
}

/// Which deadline was asked for or set.
fn moment_change(visit: &Visit, entry: &Entry) -> Markup {
    let moment = |field: &str| after(entry, field)?.as_str()?.parse::<Timestamp>().ok();
    let key = if moment("due_at").is_some() { "history-due" } else { "history-asked" };
    // The deadline that an order came with stands with the order.
    let at = moment("due_at").or_else(|| moment("asked_due_at")).filter(|_| entry.verb != "work.open");
    html! { @if let Some(at) = at { div.vx-quiet { (visit.ta(key, &[("at", time::say_instant(visit.lang, at).into())])) } } }
}

/// The place of a clause as people say it: `1.-2` is "Mục 1, gạch đầu dòng 2", `1.¶1` "Mục 1, đoạn 1".
#[must_use]
pub fn clause_name(visit: &Visit, path: &str) -> String {
    let (mut numbers, mut parts): (Vec<&str>, Vec<String>) = (Vec::new(), Vec::new());
    for segment in path.split('.').filter(|segment| !segment.is_empty()) {
        let said = |key: &str, n: &str| visit.ta(key, &[("n", n.to_owned().into())]);
        match segment.chars().next() {
            Some('-' | '+' | '*' | '•') => {
                parts.push(said("clause-dash", segment.trim_start_matches(['-', '+', '*', '•'])))
            }
            Some('¶') => parts.push(said("clause-paragraph", segment.trim_start_matches('¶'))),
            _ if parts.is_empty() => numbers.push(segment),
            _ => parts.push(segment.to_owned()),
        }
    }
    if !numbers.is_empty() {
        let number = numbers.join(".");
        // "Điều 3" and "Phần II" say themselves what they are.
        let named = number.chars().next().is_some_and(char::is_alphabetic) && number.contains(' ');
        parts.insert(0, if named { number } else { format!("{} {number}", visit.t("clause")) });
    }
    parts.join(", ")
}

/// A rule of recurrence in words: `FREQ=DAILY;INTERVAL=3` is "03 ngày/lần".
#[must_use]
pub fn rule_name(visit: &Visit, rule: &str) -> String {
    let Some(rule) = Rule::parse(rule) else { return rule.to_owned() };
    let n = rule.interval;
    let every = |key: &str| visit.ta(key, &[("n", n.into())]);
    let list = |names: Vec<String>| names.join(", ");
    let name = match &rule.rhythm {
        Rhythm::Daily if n == 1 => visit.t("rule-daily"),
        Rhythm::Daily => every("rule-days"),
        Rhythm::Weekly(days) if days.is_empty() && n == 1 => visit.t("rule-weekly"),
        Rhythm::Weekly(days) if days.is_empty() => every("rule-weeks"),
        Rhythm::Weekly(days) => {
            let days =
                list(days.iter().map(|day| visit.t(&format!("day-{}", weekday_name(*day).to_lowercase()))).collect());
            let days = visit.ta("rule-weekdays", &[("days", days.into())]);
            if n == 1 { days } else { format!("{days}, {}", every("rule-weeks")) }
        }
        Rhythm::Monthly(days) if days.is_empty() && n == 1 => visit.t("rule-monthly"),
        Rhythm::Monthly(days) if days.is_empty() && n == 3 => visit.t("rule-quarterly"),
        Rhythm::Monthly(days) if days.is_empty() => every("rule-months"),
        Rhythm::Monthly(days) => {
            let last = days.as_slice() == [-1];
            let day = list(days.iter().map(i8::to_string).collect());
            match (last, n) {
                (true, 1) => visit.t("rule-month-end"),
                (true, _) => format!("{}, {}", visit.t("rule-month-end"), every("rule-months")),
                (false, 1) => visit.ta("rule-month-day", &[("day", day.into())]),
                (false, 3) => visit.ta("rule-quarter-day", &[("day", day.into())]),
                (false, _) => visit.ta("rule-months-day", &[("day", day.into()), ("n", n.into())]),
            }
        }
        Rhythm::Yearly(None) => visit.t("rule-yearly"),
        Rhythm::Yearly(Some((month, day))) => {
            visit.ta("rule-year-day", &[("day", day.to_string().into()), ("month", month.to_string().into())])
        }
    };
    if rule.hours.is_empty() {
        return name;
    }
    let hours = list(rule.hours.iter().map(|hour| format!("{hour:02}:00")).collect());
    format!("{name} ({hours})")
}
