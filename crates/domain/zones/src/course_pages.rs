//! The page of how an epidemic goes in a unit: curve, R, growth, alarms, doubtful days, levels, commitments.

use axum::extract::{Path as Address, Query};
use jiff::civil::Date;
use vx_concepts::engine::{Command as _, execute};
use vx_dispatch::Mark;
use vx_foundation::units::{self, picked};
use vx_kernel::{
    Id, Path, Problem,
    time::{say_count, say_date},
    units::{Kind, Unit},
};
use vx_platform::{
    sheet::{Cell, Sheet, SheetKind},
    web::{Form, Markup, PageResult, Visit, encode, html, icon, off_thread, see_other},
};

use crate::{
    Colour, Exclude, Figure, Level, RecordCount,
    charts::{self, Kept, Subject},
    course::{self, CourseDay, DAYS_MAX, Estimates, Interval, R_WINDOW},
    late::{self, DELAY_MAX, HISTORY_MIN, LEARNED_FROM, Late, Quiet},
    list::{kept as kept_in_address, named},
    routes::{Pairs, moment, place, word},
    say,
    situation::{self, Situation},
    store::{self, Moment},
    unit::acting,
    weekly::{self, WEEKS_NEEDED, Weekly, YEARS},
};

/// Periods that can be chosen, in days.
const PERIODS: [i64; 3] = [30, 60, DAYS_MAX];
/// Communes in the calendar, commitments over time, communes with alarms: what fits a page.
const ROWS_MAX: usize = 30;
/// How many communes are listed that may change their colour.
const CHANGES_MAX: usize = 60;

/// What an address asks for.
struct Asked {
    place: Path,
    moment: Moment,
    n_days: i64,
    interval: Interval,
}

impl Asked {
    async fn of(visit: &Visit, query: &[(String, String)]) -> Result<Self, Problem> {
        let number = |name: &str, usual: f64| match word(query, name) {
            Some(text) => text.replace(',', ".").parse::<f64>().unwrap_or(f64::NAN),
            None => usual,
        };
        let usual = Interval::COVID_19;
        let place = place(visit, query)?;
        if place.is_root() {
            return Err(Problem::refused("zones.course.one_province"));
        }
        let mut moment = moment(visit, query);
        if word(query, "day").is_none() {
            let mut conn = visit.app.db().read().await?;
            moment.day = store::newest_counted(&mut conn, &place, moment.day).await?.unwrap_or(moment.day);
        }
        let n_days =
            word(query, "days").and_then(|days| days.parse::<i64>().ok()).filter(|days| PERIODS.contains(days));
        Ok(Self {
            place,
            moment,
            n_days: n_days.unwrap_or(PERIODS[1]),
            interval: Interval::stated(number("si_mean", usual.mean), number("si_sd", usual.sd))?,
        })
    }

    /// Days that are shown.
    fn n_shown(&self) -> usize {
        usize::try_from(self.n_days).unwrap_or(usize::MAX)
    }
}

struct Shown {
    asked: Asked,
    unit: Option<Unit>,
    now: Situation,
    /// What is still expected of the last days.
    late: Late,
    weekly: Weekly,
}

async fn read(visit: &Visit, asked: Asked) -> Result<Shown, Problem> {
    let tree = visit.app.tree();
    let now = situation::read(&visit.app, &asked.place, asked.n_days, &asked.moment, asked.interval).await?;
    let late = late::read(&visit.app, &asked.place, &asked.moment).await?;
    let weekly = weekly::read(&visit.app, &asked.place, &asked.moment).await?;
    Ok(Shown { unit: tree.at_path(&asked.place).cloned(), now, late, weekly, asked })
}

pub(crate) async fn show(visit: Visit, Query(query): Pairs) -> PageResult {
    let shown = read(&visit, Asked::of(&visit, &query).await?).await?;
    let title = format!("{}: {}", visit.t("course"), visit.unit(&shown.asked.place));
    Ok(visit.page(&title, page(&visit, &query, &shown)))
}

/// The address of the figures of a day: of a commune its figures, of what has communes the list of them.
fn rows_of(visit: &Visit, shown: &Shown, day: Date) -> String {
    let path = &shown.asked.place;
    match &shown.unit {
        Some(unit) if unit.kind == Kind::Commune || !unit.kind.has_committee() => {
            if visit.may_anywhere(RecordCount::NAME) {
                format!("/zones/figures?unit={}&day={day}", path.as_str())
            } else {
                format!("/zones/units/{}?day={day}", unit.id)
            }
        }
        _ => format!("/zones?unit={}&day={day}&sort=-cases", path.as_str()),
    }
}

fn r_words(visit: &Visit, day: &CourseDay) -> Option<String> {
    day.r.map(|r| say::r(visit.app.words(), visit.lang, &r))
}

fn page(visit: &Visit, query: &[(String, String)], shown: &Shown) -> Markup {
    let (asked, course, lang) = (&shown.asked, &shown.now.course, visit.lang);
    let Some(today) = course.days.last() else { return html! {} };
    let n = |count: i64| say_count(lang, count);
    let figure =
        |href: &str, number: String, words: String| html! { a.vx-figure href=(href) { b { (number) } (words) } };
    let of_day = rows_of(visit, shown, today.day);
    let reported = course.last(asked.n_shown()).iter().any(|day| day.reported);
    html! {
        (charts::head())
        div.vx-head {
            h1 { (visit.t("course")) ": " @match &shown.unit { Some(unit) => (named(&visit.app.tree(), &unit.path)), None => (visit.unit(&asked.place)) } }
            a.btn href={ "/zones?unit=" (asked.place.as_str()) (kept_in_address(query).replace('?', "&")) } { (icon("arrow-left")) " " (visit.t("zone-back-to-list")) }
            @if let Some(unit) = &shown.unit { a.btn href={ "/zones/units/" (unit.id) (kept_in_address(query)) } { (icon("flag")) " " (visit.t("zone-page-of-unit")) } }
        }
        (filters(visit, query, shown))
        @if !reported { div.vx-empty { (icon("calendar")) p { (visit.t("course-nothing")) } } }
        @else {
            div.vx-figures {
                (figure(&of_day, if today.reported { n(today.cases()) } else { "–".to_owned() }, visit.ta("course-cases-on", &[("on", say_date(lang, today.day).into())])))
                (figure("#course-days", n(course.cases(7)), visit.t("course-cases-7")))
                (figure("#course-days", course.rate(7).map_or_else(|| "–".to_owned(), |rate| say::tenths(lang, rate)), visit.t("course-rate-7")))
                (figure("#course-r", today.r.map_or_else(|| "–".to_owned(), |r| say::decimal(lang, r.median(), 2)), visit.t("course-r-now")))
                @if shown.unit.as_ref().is_some_and(|unit| unit.kind != Kind::Commune) { (figure("#course-alarms", n(count(shown.now.alarms.len())), visit.t("course-alarms-now"))) }
                @else { (figure("#course-alarms", n(count(today.n_alarms())), visit.t("course-alarms-own"))) }
                (figure("#course-changes", n(count(shown.now.changes.len())), visit.t("course-changes-now")))
            }
            (doubts(visit, shown))
            (curve(visit, shown))
            (late_reports(visit, shown))
            (r_panel(visit, shown))
            (days_table(visit, shown))
            (alarms(visit, shown))
            (changes(visit, query, shown))
            (calendar(visit, shown))
            (gantt(visit, shown))
        }
        div.vx-actions { @for kind in SheetKind::ALL { a.btn href={ "/zones/course/export/" (kind.as_str()) "?" (address(asked)) } { (icon("download")) " " (visit.t(&format!("export-{}", kind.as_str()))) } } }
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}

/// What is asked for, as it stands in an address.
fn address(asked: &Asked) -> String {
    format!(
        "unit={}&day={}&days={}&si_mean={}&si_sd={}",
        encode(asked.place.as_str()),
        asked.moment.day,
        asked.n_days,
        asked.interval.mean,
        asked.interval.sd
    )
}

fn filters(visit: &Visit, query: &[(String, String)], shown: &Shown) -> Markup {
    let (asked, tree) = (&shown.asked, visit.app.tree());
    let mut above = tree.ancestors(asked.place.unit());
    above.retain(|unit| {
        unit.path != asked.place && visit.actor().is_ok_and(|actor| store::sees(actor, &tree, &unit.path))
    });
    let below: Vec<&Unit> = tree
        .children(asked.place.unit())
        .filter(|unit| unit.kind.has_committee() && unit.exists_on(asked.moment.day))
        .collect();
    html! {
        form.vx-filters method="get" action="/zones/course" {
            label { span.form-label { (visit.t("zone-place")) } select.form-select name="unit" {
                @for unit in above.iter().rev() { option value=(unit.path.as_str()) { (unit.full_name) } }
                option value=(asked.place.as_str()) selected { (visit.unit(&asked.place)) }
                @for unit in below { option value=(unit.path.as_str()) { "— " (unit.full_name) } }
            } }
            (crate::list::days(visit, query, &asked.moment))
            label { span.form-label { (visit.t("course-period")) } select.form-select name="days" {
                @for days in PERIODS { option value=(days) selected[days == asked.n_days] { (visit.ta("zone-days", &[("n", days.into())])) } }
            } }
            label { span.form-label { (visit.t("course-si-mean")) } input.form-control name="si_mean" inputmode="decimal" value=(say::decimal(visit.lang, asked.interval.mean, 1)); }
            label { span.form-label { (visit.t("course-si-sd")) } input.form-control name="si_sd" inputmode="decimal" value=(say::decimal(visit.lang, asked.interval.sd, 1)); }
            button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("course-look")) }
        }
    }
}

/// What the mark of a day says.
fn day_words(visit: &Visit, day: &CourseDay) -> String {
    let on = say_date(visit.lang, day.day);
    if day.left_out {
        return visit.ta("course-day-left-out", &[("on", on.into())]);
    }
    if !day.reported {
        return visit.ta("course-day-silent", &[("on", on.into())]);
    }
    visit.ta(
        "course-day-said",
        &[
            ("on", on.into()),
            ("community", say_count(visit.lang, day.community()).into()),
            ("other", say_count(visit.lang, day.quarantined()).into()),
        ],
    )
}

/// What the charts are of.
fn subject<'a>(shown: &'a Shown, method: &'a str) -> Subject<'a> {
    let Asked { place, moment, .. } = &shown.asked;
    Subject { place, day: moment.day, known_at: moment.known_at, method }
}

fn curve(visit: &Visit, shown: &Shown) -> Markup {
    let days = shown.now.course.last(shown.asked.n_shown());
    let names = ["course-community", "course-quarantined", "course-mean"].map(|key| visit.t(key));
    let (caption, names) = (visit.t("course-curve"), names.each_ref().map(String::as_str));
    let chart = if shown.late.coming.is_empty() {
        charts::curve(caption, days, names)
    } else {
        let over = ["course-late-legend", "course-late-low", "course-late-high"].map(|key| visit.t(key));
        charts::nowcast(caption, days, &shown.late, names, over.each_ref().map(String::as_str))
    };
    let mark = |_: usize, at: usize| {
        let day = days.get(at)?;
        let mut words = day_words(visit, day);
        if let Some(coming) = shown.late.of(day.day).filter(|_| day.counts()) {
            let total = say::total(visit.app.words(), visit.lang, &coming.total);
            words = format!("{words}; {}", visit.ta("course-late-day", &[("total", total.into())]));
        }
        Some(Mark { href: rows_of(visit, shown, day.day), words })
    };
    html! { section.vx-panel #course-curve { h2 { (visit.t("course-curve")) } (charts::in_page(visit, &chart, &subject(shown, ""), &mark)) p.vx-quiet { (visit.t("course-curve-explained")) } } }
}

/// What is still expected of the last days, or why nothing is.
fn late_reports(visit: &Visit, shown: &Shown) -> Markup {
    let (lang, late) = (visit.lang, &shown.late);
    let heads = ["course-late-reported", "course-late-share", "course-late-total"].map(|key| visit.t(key));
    let quiet = |quiet: Quiet| {
        let n = if quiet == Quiet::Short { late.n_days } else { LEARNED_FROM.min(late.n_days) };
        visit.ta(&format!("course-late-{quiet}"), &[("n", n.into()), ("min", HISTORY_MIN.into())])
    };
    html! {
        section.vx-panel #course-late { h2 { (visit.t("course-late")) }
            @if let Some(why) = late.quiet { p.vx-quiet { (quiet(why)) } }
            @else {
                div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                    thead { tr { th scope="col" { (visit.t("zone-day")) } @for head in &heads { th.vx-num scope="col" { (head) } } } }
                    tbody { @for one in late.coming.iter().rev() { tr {
                        th scope="row" { a href=(rows_of(visit, shown, one.day)) { (say_date(lang, one.day)) } }
                        td.vx-num data-label=(heads[0]) { (say_count(lang, one.reported)) }
                        td.vx-num data-label=(heads[1]) { (say::decimal(lang, one.share * 100.0, 0)) " %" }
                        td.vx-num data-label=(heads[2]) { (say::total(visit.app.words(), lang, &one.total)) }
                    } } }
                } }
                p.vx-quiet.mt-2 { (visit.ta("course-late-explained", &[("n", LEARNED_FROM.min(late.n_days).into()), ("max", DELAY_MAX.into())])) " " (visit.t("course-late-method")) }
            }
        }
    }
}

/// The answer of the flexible Farrington algorithm, or why there is none.
fn weekly_alarm(visit: &Visit, weekly: &Weekly) -> Markup {
    let lang = visit.lang;
    let of = |key: &str, since: String, weeks: i64| {
        let (years, needed) = (YEARS.into(), WEEKS_NEEDED.into());
        visit.ta(key, &[("years", years), ("needed", needed), ("weeks", weeks.into()), ("since", since.into())])
    };
    html! {
        h3.form-label.mt-3 { (visit.t("course-weekly")) }
        @match weekly {
            Weekly::Short { since: Some(since), weeks } => p.vx-quiet { (of("course-weekly-short", say_date(lang, *since), *weeks)) },
            Weekly::Short { since: None, .. } => p.vx-quiet { (of("course-weekly-empty", String::new(), 0)) },
            Weekly::Unknown => p.vx-quiet { (visit.t("course-weekly-unknown")) },
            Weekly::Watched(week) => p {
                (visit.ta("course-weekly-said", &[
                    ("from", say_date(lang, week.from).into()),
                    ("until", say_date(lang, week.until).into()),
                    ("n", say_count(lang, week.cases).into()),
                    ("bound", say::decimal(lang, week.bound, 1).into()),
                ])) " "
                @if week.alarm { strong { (icon("alert-triangle")) " " (visit.t("course-weekly-alarm")) } } @else { (visit.t("course-weekly-calm")) }
            },
        }
        p.vx-quiet { (visit.t("course-weekly-explained")) }
    }
}

fn r_panel(visit: &Visit, shown: &Shown) -> Markup {
    let asked = &shown.asked;
    let days = shown.now.course.last(asked.n_shown());
    let names = ["course-r", "course-low", "course-high"].map(|key| visit.t(key));
    let chart = charts::ribbon(visit.t("course-ribbon"), days, names.each_ref().map(String::as_str));
    let mark = |_: usize, at: usize| {
        let day = days.get(at)?;
        let words = r_words(visit, day).unwrap_or_else(|| visit.t("course-r-none"));
        Some(Mark {
            href: rows_of(visit, shown, day.day),
            words: format!("{}: {words}", say_date(visit.lang, day.day)),
        })
    };
    let is_usual = asked.interval == Interval::COVID_19;
    let number = |value: f64| say::decimal(visit.lang, value, 1);
    let parameters = visit.ta(
        "course-parameters",
        &[
            ("mean", number(asked.interval.mean).into()),
            ("sd", number(asked.interval.sd).into()),
            ("window", count(R_WINDOW).into()),
            ("needed", say::decimal(visit.lang, shown.now.needed, 0).into()),
        ],
    );
    html! {
        section.vx-panel #course-r { h2 { (visit.t("course-ribbon")) }
            @if days.iter().any(|day| day.r.is_some()) { (charts::in_page(visit, &chart, &subject(shown, &parameters), &mark)) }
            @else { div.vx-empty { p { (visit.ta("course-r-too-few", &[("needed", say::decimal(visit.lang, shown.now.needed, 0).into())])) } } }
            p { strong { (visit.t("course-growth")) ": " } (say::growth(visit.app.words(), visit.lang, &shown.now.course)) }
            p.vx-quiet { (parameters) " " (visit.t(if is_usual { "course-source-usual" } else { "course-source-stated" })) }
            p.vx-quiet { (visit.t("course-r-explained")) }
        }
    }
}

fn days_table(visit: &Visit, shown: &Shown) -> Markup {
    let lang = visit.lang;
    let heads =
        ["course-community", "course-quarantined", "course-mean", "course-r", "course-alarms-short", "course-notes"];
    let [community, quarantined, mean, r, alarm, notes] = heads.map(|key| visit.t(key));
    let expects = !shown.late.coming.is_empty();
    let total = visit.t("course-late-total");
    let expected = |day: &CourseDay| {
        let coming = shown.late.of(day.day).filter(|_| day.counts());
        coming.map_or_else(|| "–".to_owned(), |coming| say::total(visit.app.words(), lang, &coming.total))
    };
    html! {
        details.vx-panel #course-days { summary { (visit.t("course-table")) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("zone-day")) } th.vx-num scope="col" { (community) } th.vx-num scope="col" { (quarantined) } @if expects { th.vx-num scope="col" { (total) } } th.vx-num scope="col" { (mean) } th scope="col" { (r) } th scope="col" { (alarm) } th scope="col" { (notes) } } }
                tbody { @for day in shown.now.course.last(shown.asked.n_shown()).iter().rev() { tr {
                    th scope="row" { a href=(rows_of(visit, shown, day.day)) { (say_date(lang, day.day)) } }
                    td.vx-num data-label=(community) { @if day.reported { (say_count(lang, day.community())) } @else { "–" } }
                    td.vx-num data-label=(quarantined) { @if day.reported { (say_count(lang, day.quarantined())) } @else { "–" } }
                    @if expects { td.vx-num data-label=(total) { (expected(day)) } }
                    td.vx-num data-label=(mean) { (day.mean.map_or_else(|| "–".to_owned(), |mean| say::decimal(lang, mean, 1))) }
                    td data-label=(r) { (r_words(visit, day).unwrap_or_else(|| "–".to_owned())) }
                    td data-label=(alarm) { (say::alarms(day)) }
                    td data-label=(notes) {
                        @if day.left_out { span.vx-state { (visit.t("course-left-out")) } }
                        @else if !day.reported { span.vx-quiet { (visit.t("zone-not-reported")) } }
                        @else if day.expected.is_some() { span.vx-chip { (icon("alert-triangle")) " " (visit.t("course-doubtful")) } }
                    }
                } } }
            } }
        }
    }
}

/// Days whose counts do not fit, and those that were left out.
fn doubts(visit: &Visit, shown: &Shown) -> Markup {
    let lang = visit.lang;
    let days = shown.now.course.last(shown.asked.n_shown());
    let doubtful: Vec<&CourseDay> = days.iter().filter(|day| day.expected.is_some()).collect();
    let left_out: Vec<&CourseDay> = days.iter().filter(|day| day.left_out).collect();
    let place = &shown.asked.place;
    let may = visit.actor().is_ok_and(|actor| units::acting(actor, &visit.app.tree(), Exclude::NAME, place).is_ok());
    let form = |day: Option<Date>, leaves_out: bool, key: &str| {
        html! { details { summary { (visit.t(key)) }
        (visit.form("/zones/course/exclude", html! {
            input type="hidden" name="unit" value=(place.as_str());
            input type="hidden" name="left_out" value=(if leaves_out { "yes" } else { "no" });
            @match day {
                Some(day) => { input type="hidden" name="day" value=(day); },
                None => { label.vx-field.d-block { span.form-label { (visit.t("zone-day")) } input.form-control type="date" name="day" max=(visit.today()) required; } },
            }
            label.vx-field.d-block { span.form-label { (visit.t("zone-reason")) } input.form-control name="reason" required maxlength="300"; }
            button.btn type="submit" { (icon("check")) " " (visit.t(key)) }
        })) } }
    };
    if doubtful.is_empty() && left_out.is_empty() && !may {
        return html! {};
    }
    html! {
        section.vx-panel #course-doubts { h2 { (visit.t("course-doubts")) }
            @if doubtful.is_empty() && left_out.is_empty() { p.vx-quiet { (visit.t("course-doubts-none")) } }
            @for day in &doubtful { div.vx-note.vx-note-doubt {
                p { (icon("alert-triangle")) " " (visit.ta("course-doubt", &[
                    ("on", say_date(lang, day.day).into()),
                    ("n", say_count(lang, day.cases()).into()),
                    ("expected", say::decimal(lang, day.expected.unwrap_or_default(), 0).into()),
                ])) " " a href=(rows_of(visit, shown, day.day)) { (visit.t("zone-look-figures")) } }
                @if may { (form(Some(day.day), true, "course-leave-out")) }
            } }
            @for day in &left_out { div.vx-note {
                p { (visit.ta("course-was-left-out", &[("on", say_date(lang, day.day).into()), ("n", say_count(lang, day.cases()).into())])) }
                @if let Some(one) = shown.now.counted.left_out.get(&(place.clone(), day.day)) { p.vx-quiet { (one.by_name) ", " (visit.at(one.recorded_at)) ": " (one.reason) } }
                @if may { (form(Some(day.day), false, "course-take-in")) }
            } }
            @if may { (form(None, true, "course-leave-out-other")) }
            p.vx-quiet { (visit.t("course-doubts-explained")) }
        }
    }
}

fn alarms(visit: &Visit, shown: &Shown) -> Markup {
    let (lang, tree) = (visit.lang, visit.app.tree());
    let Some(today) = shown.now.course.days.last() else { return html! {} };
    let is_commune = shown.unit.as_ref().is_some_and(|unit| unit.kind == Kind::Commune);
    html! {
        section.vx-panel #course-alarms { h2 { (visit.t("course-alarms")) }
            p { (visit.t("course-alarms-of-unit")) ": " strong { (say::alarms(today)) } }
            @if !is_commune {
                @if shown.now.alarms.is_empty() { p.vx-quiet { (visit.t("course-alarms-none")) } }
                @else { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                    thead { tr { th scope="col" { (visit.t("unit")) } th scope="col" { (visit.t("course-alarms-short")) } th.vx-num scope="col" { (visit.t("course-cases-day")) } th.vx-num scope="col" { (visit.t("course-cases-7")) } } }
                    tbody { @for (path, course) in shown.now.alarms.iter().take(ROWS_MAX) { tr {
                        th scope="row" { a href={ "/zones/course?unit=" (path.as_str()) "&day=" (today.day) } { (named(&tree, path)) } }
                        td data-label=(visit.t("course-alarms-short")) { (course.days.last().map_or_else(String::new, say::alarms)) }
                        td.vx-num data-label=(visit.t("course-cases-day")) { (say_count(lang, course.cases(1))) }
                        td.vx-num data-label=(visit.t("course-cases-7")) { (say_count(lang, course.cases(7))) }
                    } } }
                } }
                @if shown.now.alarms.len() > ROWS_MAX { p.vx-quiet { (visit.ta("course-first-of", &[("n", count(ROWS_MAX).into()), ("all", count(shown.now.alarms.len()).into())])) } } }
            }
            p.vx-quiet { (visit.t("course-alarms-explained")) }
            (weekly_alarm(visit, &shown.weekly))
        }
    }
}

fn changes(visit: &Visit, query: &[(String, String)], shown: &Shown) -> Markup {
    let tree = visit.app.tree();
    let words = visit.app.words();
    html! {
        section.vx-panel #course-changes { h2 { (visit.t("course-changes")) }
            @if shown.now.changes.is_empty() { p.vx-quiet { (visit.t("course-changes-none")) } }
            @else { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("unit")) } th scope="col" { (visit.t("zone-decided")) } th scope="col" { (visit.t("zone-computed")) } th scope="col" { (visit.t("zone-why")) } } }
                tbody { @for change in shown.now.changes.iter().take(CHANGES_MAX) { tr {
                    th scope="row" { a href={ "/zones/units/" (change.path.unit()) (kept_in_address(query)) } { (named(&tree, &change.path)) } }
                    td data-label=(visit.t("zone-decided")) { (say::decided(visit, change.decided)) }
                    td data-label=(visit.t("zone-computed")) { (say::outcome(visit, Some(&change.outcome))) }
                    td data-label=(visit.t("zone-why")) { (say::reasons(words, visit.lang, &change.outcome)) }
                } } }
            } }
            @if shown.now.changes.len() > CHANGES_MAX { p.vx-quiet { (visit.ta("course-first-of", &[("n", count(CHANGES_MAX).into()), ("all", count(shown.now.changes.len()).into())])) } } }
            p.vx-quiet { (visit.t("course-changes-explained")) }
        }
    }
}

fn calendar(visit: &Visit, shown: &Shown) -> Markup {
    let (tree, place) = (visit.app.tree(), &shown.asked.place);
    let lively = charts::lively(&shown.now.levels, ROWS_MAX);
    let rest = shown.now.levels.len() - lively.len();
    if shown.now.levels.is_empty() {
        return html! {};
    }
    let days = &shown.now.calendar_days;
    let chart = charts::calendar(visit.t("course-calendar"), days, &lively, |path| charts::short(&tree, place, path));
    let word = |rank: Option<u8>| {
        let colour = rank.and_then(|rank| Colour::ALL.get(usize::from(rank).checked_sub(1)?));
        colour.map_or_else(|| visit.t("zone-level-none"), |colour| visit.t(&format!("zone-colour-{colour}")))
    };
    let mark = |row: usize, at: usize| {
        let (one, day) = (lively.get(row)?, days.get(at)?);
        let rank = one.ranks.get(at).copied().flatten();
        Some(Mark {
            href: format!("/zones/units/{}?day={day}", one.path.unit()),
            words: format!("{}, {}: {}", named(&tree, &one.path), say_date(visit.lang, *day), word(rank)),
        })
    };
    let table = chart.table();
    html! {
        section.vx-panel #course-calendar { h2 { (visit.t("course-calendar")) }
            p.vx-legend { @for colour in Colour::ALL { span class={ "vx-zone vx-zone-" (colour) } { (visit.t(&format!("zone-colour-{colour}"))) } } }
            @if lively.is_empty() { p.vx-quiet { (visit.t("course-calendar-quiet")) } }
            @else {
                (charts::in_page(visit, &chart, &subject(shown, ""), &mark))
                @if rest > 0 { p.vx-quiet { (visit.ta("course-calendar-rest", &[("n", count(rest).into())])) } }
                details { summary { (visit.t("course-table")) }
                    div.vx-scroll tabindex="0" { table.vx-table {
                        thead { tr { th scope="col" { (visit.t("unit")) } @for day in days { th scope="col" { (charts::day_label(*day)) } } } }
                        tbody { @for (one, row) in lively.iter().zip(&table.rows) { tr {
                            th scope="row" { a href={ "/zones/units/" (one.path.unit()) } { (row.first().map_or("", String::as_str)) } }
                            @for cell in row.iter().skip(1) { td { (cell) } }
                        } } }
                    } } }
            }
            p.vx-quiet { (visit.t("course-calendar-explained")) }
        }
    }
}

fn gantt(visit: &Visit, shown: &Shown) -> Markup {
    let (lang, tree, place) = (visit.lang, visit.app.tree(), &shown.asked.place);
    // What ends last is nearest to now.
    let kept: &[Kept] = &shown.now.kept[shown.now.kept.len().saturating_sub(ROWS_MAX)..];
    let change = |one: &Kept| {
        let letter = |level: Level| visit.t(&format!("zone-colour-{}", level.colour()));
        format!("{} → {}", letter(one.commitment.from_level), letter(one.commitment.to_level))
    };
    let chart = charts::gantt(visit.t("zone-commitments"), kept, shown.asked.moment.day, |one| {
        charts::short(&tree, place, &one.commitment.path)
    });
    let href = |one: &Kept| format!("/zones/units/{}#commitments", one.commitment.path.unit());
    let mark = |row: usize, _: usize| {
        let one = kept.get(row)?;
        let words = format!(
            "{}: {}, {} – {}, {}",
            named(&tree, &one.commitment.path),
            change(one),
            say_date(lang, one.commitment.signed_on),
            say_date(lang, one.commitment.by_on),
            visit.t(&format!("zone-keeping-{}", one.keeping))
        );
        Some(Mark { href: href(one), words })
    };
    let heads = ["course-change", "zone-signed-on", "zone-by-day", "zone-progress"].map(|key| visit.t(key));
    html! {
        section.vx-panel #course-commitments { h2 { (visit.t("zone-commitments")) }
            @if kept.is_empty() { p.vx-quiet { (visit.t("course-commitments-none")) } }
            @else {
                (charts::in_page(visit, &chart, &subject(shown, ""), &mark))
                p.vx-quiet { (visit.t("course-commitments-explained")) }
                details { summary { (visit.t("course-table")) }
                    div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                        thead { tr { th scope="col" { (visit.t("unit")) } @for head in &heads { th scope="col" { (head) } } } }
                        tbody { @for one in kept { tr {
                            th scope="row" { a href=(href(one)) { (named(&tree, &one.commitment.path)) } }
                            td data-label=(heads[0]) { (change(one)) }
                            td data-label=(heads[1]) { (say_date(lang, one.commitment.signed_on)) }
                            td data-label=(heads[2]) { (say_date(lang, one.commitment.by_on)) }
                            td data-label=(heads[3]) { (visit.t(&format!("zone-keeping-{}", one.keeping))) @if let Some(on) = one.reached_on { ", " (say_date(lang, on)) } }
                        } } }
                    } } }
            }
            p { a href={ "/zones/commitments?unit=" (place.as_str()) } { (visit.t("course-all-commitments")) } }
        }
    }
}

pub(crate) async fn exclude(visit: Visit, form: Form) -> PageResult {
    let unit = picked(&visit.app.tree(), form.text("unit"), visit.today())?;
    let left_out = form.text("left_out") == "yes";
    let command = Exclude {
        id: Id::fresh(),
        by: acting(&visit, Exclude::NAME, &unit)?,
        counted_on: form.read("day")?,
        left_out,
        reason: form.text("reason").to_owned(),
        unit: unit.clone(),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    let said = if left_out { "zones-said-left-out" } else { "zones-said-taken-in" };
    Ok(see_other(&format!("/zones/course?unit={}", unit.as_str()), said))
}

#[expect(clippy::cast_possible_truncation, reason = "estimates of a few hundred at the most")]
fn thousandths(value: Option<f64>) -> Cell {
    value.map_or(Cell::Empty, |value| Cell::Thousandths((value * 1_000.0).round() as i64))
}

pub(crate) async fn export(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let asked = Asked::of(&visit, &query).await?;
    let tree = visit.app.tree();
    let counted = course::counted(visit.app.db(), &tree, &asked.place, asked.n_days, &asked.moment).await?;
    let node = counted.world.at(&asked.place).ok_or_else(Problem::not_found)?;
    let interval = asked.interval;
    let course = off_thread(move || counted.course(node, &mut Estimates::by(interval)?)).await??;
    let late = late::read(&visit.app, &asked.place, &asked.moment).await?;
    let mut heads: Vec<(String, u16)> = vec![("unit".to_owned(), 40), ("zone-day".to_owned(), 12)];
    heads.extend(Figure::ALL.iter().map(|figure| (format!("zone-figure-{figure}"), 14)));
    heads.extend(
        [
            "course-left-out",
            "course-late-total",
            "course-late-low",
            "course-late-high",
            "course-expected",
            "course-mean",
            "course-r",
            "course-low",
            "course-high",
            "course-alarm-c1",
            "course-alarm-c2",
            "course-alarm-c3",
            "course-si-mean",
            "course-si-sd",
        ]
        .map(|key| (key.to_owned(), 14)),
    );
    let heads: Vec<(&str, u16)> = heads.iter().map(|(key, width)| (key.as_str(), *width)).collect();
    let mut sheet = Sheet::begin(kind, &visit.t("course"), &visit.columns(&heads))?;
    let name = visit.unit(&asked.place);
    for day in course.last(asked.n_shown()) {
        let mut cells = vec![Cell::from(name.clone()), Cell::Day(day.day)];
        cells.extend(day.figures.map(|figure| if day.reported { Cell::Count(figure) } else { Cell::Empty }));
        cells.push(if day.left_out { Cell::Text("x".to_owned()) } else { Cell::Empty });
        let total = late.of(day.day).filter(|_| day.counts()).map(|coming| coming.total);
        cells.push(thousandths(total.map(|total| total.median())));
        cells.push(thousandths(total.map(|total| total.q025())));
        cells.push(thousandths(total.map(|total| total.q975())));
        cells.push(thousandths(day.expected));
        cells.push(thousandths(day.mean));
        cells.push(thousandths(day.r.map(|r| r.median())));
        cells.push(thousandths(day.r.map(|r| r.q025())));
        cells.push(thousandths(day.r.map(|r| r.q975())));
        cells.extend(day.alarms.map(|alarm| alarm.map_or(Cell::Empty, |alarm| Cell::Count(i64::from(alarm)))));
        cells.push(thousandths(Some(asked.interval.mean)));
        cells.push(thousandths(Some(asked.interval.sd)));
        sheet.row(&cells)?;
    }
    Ok(sheet.download("dien-bien-dich").await?)
}
