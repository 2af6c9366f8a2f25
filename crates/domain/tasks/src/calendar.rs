//! The calendar (lịch thời hạn): how much is due on each day of a month, and how much of it is late.

use std::collections::BTreeMap;

use axum::extract::Query;
use jiff::{Timestamp, ToSpan as _, civil::Date};
use vx_concepts::work::{Filter, Part, Seen};
use vx_kernel::{Path, Problem, time};
use vx_platform::web::{Markup, PageResult, Visit, html, icon};

use crate::{feed, store};

/// What a day holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Day {
    /// Open work due on it.
    pub(crate) due: i64,
    /// How much of that is late.
    pub(crate) overdue: i64,
}

/// The first day of the month that an address names, else of today's.
pub(crate) fn month_of(text: Option<&str>, today: Date) -> Date {
    text.and_then(|text| format!("{text}-01").parse().ok()).unwrap_or_else(|| today.first_of_month())
}

/// The weeks of a month, Monday first, filled up with days of its neighbours.
pub(crate) fn weeks(month: Date) -> Vec<[Date; 7]> {
    let back = i64::from(month.weekday().to_monday_zero_offset());
    let mut day = month.checked_sub(back.days()).unwrap_or(month);
    let mut weeks = Vec::new();
    while day <= month.last_of_month() {
        let mut week = [day; 7];
        for place in &mut week {
            *place = day;
            day = day.tomorrow().unwrap_or(day);
        }
        weeks.push(week);
        // The calendar ends where time ends.
        if week[0] == week[6] {
            break;
        }
    }
    weeks
}

fn by_day(moments: &[(Timestamp, i64)], set: impl Fn(&mut Day, i64), days: &mut BTreeMap<Date, Day>) {
    for (at, n) in moments {
        set(days.entry(time::day_of(*at)).or_default(), *n);
    }
}

/// What of a filter a calendar takes: how units stand to the work, and which units.
pub(crate) fn filter_of<'q>(pairs: impl IntoIterator<Item = (&'q str, &'q str)>) -> Filter {
    let asked = Filter::parse(pairs);
    Filter { part: asked.part, unit: asked.unit.filter(|unit| !unit.is_root()), ..Filter::default() }
}

pub(crate) async fn calendar(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> PageResult {
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let month = month_of(value("month"), visit.today());
    let filter = filter_of(query.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    let shown = Filter { due_from: Some(month), due_to: Some(month.last_of_month()), ..filter.clone() };
    let (actor, now) = (visit.actor()?, visit.now());
    let mut conn = visit.app.db().read().await?;
    let due = store::due_moments(&mut conn, actor, &shown, now).await?;
    let late = Filter { seen: Some(Seen::Overdue), ..shown };
    let overdue = store::due_moments(&mut conn, actor, &late, now).await?;
    drop(conn);
    let mut days = BTreeMap::new();
    by_day(&due, |day, n| day.due += n, &mut days);
    by_day(&overdue, |day, n| day.overdue += n, &mut days);
    let units = scopes(&visit, filter.unit.as_ref())?;
    Ok(visit.page(&visit.t("calendar"), view(&visit, &filter, month, &days, &units)))
}

/// Units to choose from: one's own, those directly below them, and the one shown.
fn scopes(visit: &Visit, shown: Option<&Path>) -> Result<Vec<Path>, Problem> {
    let (tree, today) = (visit.app.tree(), visit.today());
    let mut units: Vec<Path> = Vec::new();
    for home in visit.actor()?.homes().into_iter().filter(|home| !home.is_root()) {
        units.push(home.clone());
        units.extend(tree.children(home.unit()).filter(|unit| unit.exists_on(today)).map(|unit| unit.path.clone()));
    }
    units.extend(shown.filter(|unit| !units.contains(unit)).cloned());
    Ok(units)
}

fn address(filter: &Filter, month: Date) -> String {
    let query = filter.query();
    let mark = if query.is_empty() { "" } else { "&" };
    format!("/tasks/calendar?month={}{mark}{query}", month.strftime("%Y-%m"))
}

fn view(visit: &Visit, filter: &Filter, month: Date, days: &BTreeMap<Date, Day>, units: &[Path]) -> Markup {
    const NAMES: [&str; 7] = ["day-mo", "day-tu", "day-we", "day-th", "day-fr", "day-sa", "day-su"];
    let today = visit.today();
    let name = visit
        .ta("calendar-month", &[("month", i64::from(month.month()).into()), ("year", month.year().to_string().into())]);
    let beside = |months: i64| month.checked_add(months.months()).ok().map(|month| address(filter, month));
    let n_due: i64 = days.values().map(|day| day.due).sum();
    html! {
        div.vx-head {
            h1 { (visit.t("calendar")) ": " (name) }
            @if let Some(href) = beside(-1) { a.btn rel="prev" href=(href) { (icon("arrow-left")) " " (visit.t("calendar-before")) } }
            @if month != today.first_of_month() { a.btn href=(address(filter, today)) { (visit.t("calendar-today")) } }
            @if let Some(href) = beside(1) { a.btn rel="next" href=(href) { (visit.t("calendar-after")) " " (icon("arrow-right")) } }
        }
        form.vx-filters method="get" action="/tasks/calendar" {
            input type="hidden" name="month" value=(month.strftime("%Y-%m"));
            label { span.form-label { (visit.t("unit")) } select.form-select name="unit" {
                option value="" { (visit.t("calendar-all-units")) }
                @for unit in units { option value=(unit.as_str()) selected[filter.unit.as_ref() == Some(unit)] { (visit.unit(unit)) } } } }
            label { span.form-label { (visit.t("filter-part")) } select.form-select name="part" {
                @for part in Part::ALL { option value=(part.as_str()) selected[filter.part == part] { (visit.t(&format!("part-{}", part.as_str()))) } } } }
            button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("filter-do")) }
        }
        p.vx-quiet { @if n_due == 0 { (visit.t("calendar-none")) } @else { (visit.ta("calendar-sum", &[("n", n_due.into())])) } }
        table.vx-table.vx-cards.vx-calendar {
            thead { tr { @for name in NAMES { th.vx-cap scope="col" { (visit.t(name)) } } } }
            tbody data-rows { @for week in weeks(month) { tr { @for (day, name) in week.iter().zip(NAMES) {
                @if day.month() == month.month() { (cell(visit, filter, *day, name, days.get(day).copied().unwrap_or_default())) }
                @else { td {} }
            } } } }
        }
        (feed::form(visit, filter))
    }
}

fn cell(visit: &Visit, filter: &Filter, on: Date, name: &str, day: Day) -> Markup {
    let list = Filter { due_from: Some(on), due_to: Some(on), ..filter.clone() };
    let late = Filter { seen: Some(Seen::Overdue), ..list.clone() };
    let is_today = on == visit.today();
    let name = visit.t(name);
    let begin = name.chars().next().map_or(0, char::len_utf8);
    let label = format!("{}{} {}", name[..begin].to_uppercase(), &name[begin..], time::say_date(visit.lang, on));
    html! {
        td.vx-free[day.due == 0 && !is_today] aria-current=[is_today.then_some("date")] data-label=(label) {
            span.vx-day { b { (on.day()) } } @if is_today { " " span.vx-chip { (visit.t("calendar-today")) } }
            @if day.due > 0 { div { a href=(list.href()) aria-label={ (label) ": " (visit.ta("calendar-due", &[("n", day.due.into())])) } { (visit.ta("calendar-due", &[("n", day.due.into())])) } } }
            @if day.overdue > 0 { div { a href=(late.href()) { span.vx-overdue { (visit.ta("calendar-overdue", &[("n", day.overdue.into())])) } } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn weeks_begin_on_monday_and_hold_the_whole_month() {
        for (month, first, last, n) in [
            (date(2021, 9, 1), date(2021, 8, 30), date(2021, 10, 3), 5),
            (date(2021, 2, 1), date(2021, 2, 1), date(2021, 2, 28), 4),
            (date(2021, 8, 1), date(2021, 7, 26), date(2021, 9, 5), 6),
            (date(2024, 2, 1), date(2024, 1, 29), date(2024, 3, 3), 5),
        ] {
            let weeks = weeks(month);
            assert_eq!((weeks[0][0], weeks[weeks.len() - 1][6], weeks.len()), (first, last, n), "{month}");
        }
    }

    #[test]
    fn an_address_without_a_month_means_this_one() {
        let today = date(2021, 9, 13);
        for (text, expected) in [
            (Some("2021-02"), date(2021, 2, 1)),
            (Some("2021-13"), date(2021, 9, 1)),
            (Some("hôm nay"), date(2021, 9, 1)),
            (None, date(2021, 9, 1)),
        ] {
            assert_eq!(month_of(text, today), expected, "{text:?}");
        }
    }
}
