//! The briefing as a page: what happened in a day, each number with the list behind it.

use jiff::Timestamp;
use vx_concepts::{
    paper::Paper,
    work::{Filter, Seen},
};
use vx_dispatch::Mark;
use vx_kernel::{
    time::{say_count, say_date, say_instant, say_short},
    units::Unit,
};
use vx_platform::web::{Markup, Visit, html, icon};
use vx_zones::{
    Colour, Figure,
    charts::{self, Kept, Subject},
    say, store as zones,
};

use super::{Briefing, writes};

/// Rows of a table before it only counts the rest: the page of the course has them all.
const ROWS_MAX: usize = 15;

fn n(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

pub(super) fn page(visit: &Visit, told: &Briefing, papers: &[(Paper, Timestamp)]) -> Markup {
    let (lang, place) = (visit.lang, told.place.as_str());
    let course = format!("/zones/course?unit={place}&day={}", told.day);
    let today = told.now.course.days.last().filter(|day| day.reported);
    let (cases, before) = told.beside();
    let (week, week_before) = told.week();
    let figure =
        |href: &str, number: String, words: String| html! { a.vx-figure href=(href) { b { (number) } (words) } };
    let [_, _, orange, red, _] = told.colours;
    html! {
        (charts::head())
        div.vx-head {
            h1 { (visit.t("briefing")) ": " (visit.unit(&told.place)) }
            a.btn href=(course) { (icon("eye")) " " (visit.t("course")) }
            a.btn href={ "/map?within=" (told.place.unit()) "&layer=incidence&on=" (told.day) } { (icon("map")) " " (visit.t("map-title")) }
        }
        (filters(visit, told))
        p.vx-quiet { (visit.ta("briefing-as-of", &[("at", say_instant(lang, told.at).into())])) }
        div.vx-figures {
            (figure(&format!("/zones?unit={place}&day={}&sort=-cases", told.day), if today.is_some() { say_count(lang, cases) } else { "–".to_owned() }, match before {
                Some(before) => visit.ta("briefing-cases-beside", &[("before", say_count(lang, before).into())]),
                None => visit.t("briefing-cases"),
            }))
            (figure(&course, say_count(lang, week), visit.ta("briefing-week", &[("before", say_count(lang, week_before).into())])))
            (figure(&format!("{course}#course-r"), today.and_then(|day| day.r).map_or_else(|| "–".to_owned(), |r| say::decimal(lang, r.median(), 2)), visit.t("course-r-now")))
            (figure(&format!("{course}#course-alarms"), say_count(lang, n(told.now.alarms.len())), visit.t("course-alarms-now")))
            (figure(&format!("/zones?unit={place}&day={}", told.day), say_count(lang, n(red + orange)), visit.t("briefing-red-orange")))
            (figure(&format!("/zones/commitments?unit={place}&keeping=missed"), say_count(lang, n(told.missed.len())), visit.t("briefing-missed")))
        }
        (cases_panel(visit, told))
        (trend(visit, told, &course))
        (levels(visit, told, &course))
        (commitments(visit, told))
        (work(visit, told))
        (documents(visit, told, papers))
    }
}

fn filters(visit: &Visit, told: &Briefing) -> Markup {
    let tree = visit.app.tree();
    let mut above = tree.ancestors(told.place.unit());
    above.retain(|unit| {
        unit.path != told.place && visit.actor().is_ok_and(|actor| zones::sees(actor, &tree, &unit.path))
    });
    let below: Vec<&Unit> =
        tree.children(told.place.unit()).filter(|unit| unit.kind.has_committee() && unit.exists_on(told.day)).collect();
    html! {
        form.vx-filters method="get" action="/briefing" {
            label { span.form-label { (visit.t("briefing-place")) } select.form-select name="unit" {
                @for unit in above.iter().rev() { option value=(unit.path.as_str()) { (unit.full_name) } }
                option value=(told.place.as_str()) selected { (visit.unit(&told.place)) }
                @for unit in below { option value=(unit.path.as_str()) { "— " (unit.full_name) } }
            } }
            label { span.form-label { (visit.t("briefing-day")) } input.form-control type="date" name="day" value=(told.day) max=(visit.today()); }
            button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("briefing-look")) }
        }
    }
}

/// What the charts are of.
fn subject(told: &Briefing) -> Subject<'_> {
    Subject { place: &told.place, day: told.day, known_at: told.at, method: "" }
}

fn cases_panel(visit: &Visit, told: &Briefing) -> Markup {
    let (lang, tree) = (visit.lang, visit.app.tree());
    let days = told.days();
    let names = ["course-community", "course-quarantined", "course-mean"].map(|key| visit.t(key));
    let chart = charts::curve(visit.t("course-curve"), days, names.each_ref().map(String::as_str));
    let mark = |_: usize, at: usize| {
        let day = days.get(at)?;
        let on = say_date(lang, day.day);
        let href = format!("/zones?unit={}&day={}&sort=-cases", told.place.as_str(), day.day);
        Some(Mark { href, words: format!("{on}: {}", say_count(lang, day.cases())) })
    };
    let heads = [
        visit.t("briefing-new"),
        visit.t("course-community"),
        visit.t("zone-figure-oxygen"),
        visit.t("zone-figure-deaths"),
        visit.t("course-cases-7"),
        visit.t("briefing-week-before"),
        visit.t("briefing-rate"),
    ];
    html! {
        section.vx-panel #briefing-cases { h2 { (visit.t("briefing-new-cases")) }
            @if !days.last().is_some_and(|day| day.reported) { p.vx-note.vx-note-doubt { (visit.t("briefing-silent")) } }
            (charts::in_page(visit, &chart, &subject(told), &mark))
            @if !told.lines.is_empty() {
                div.vx-scroll.mt-3 tabindex="0" { table.vx-table.vx-cards {
                    thead { tr { th scope="col" { (visit.t("unit")) } @for head in &heads { th.vx-num scope="col" { (head) } } } }
                    tbody { @for line in &told.lines {
                        @let of_day = |figure: i64| if line.reported { say_count(lang, figure) } else { "–".to_owned() };
                        @let values = [of_day(line.cases()), of_day(line.cases() - line.day[Figure::Other as usize]), of_day(line.day[Figure::Oxygen as usize]), of_day(line.day[Figure::Deaths as usize]), say_count(lang, line.week), say_count(lang, line.week_before), line.rate.map_or_else(|| "–".to_owned(), |rate| say::tenths(lang, rate))];
                        tr {
                            th scope="row" { a href={ "/zones/course?unit=" (line.path.as_str()) "&day=" (told.day) } { (charts::short(&tree, &told.place, &line.path)) } }
                            @for (head, value) in heads.iter().zip(values) { td.vx-num data-label=(head) { (value) } }
                        }
                    } }
                } }
            }
        }
    }
}

fn trend(visit: &Visit, told: &Briefing, course: &str) -> Markup {
    let (lang, tree) = (visit.lang, visit.app.tree());
    let days = told.days();
    let names = ["course-r", "course-low", "course-high"].map(|key| visit.t(key));
    let chart = charts::ribbon(visit.t("course-ribbon"), days, names.each_ref().map(String::as_str));
    let words = |r: &vx_epi::Spread| say::r(visit.app.words(), lang, r);
    let mark = |_: usize, at: usize| {
        let day = days.get(at)?;
        let said = day.r.as_ref().map_or_else(|| visit.t("course-r-none"), &words);
        Some(Mark { href: course.to_owned(), words: format!("{}: {said}", say_date(lang, day.day)) })
    };
    html! {
        section.vx-panel #briefing-trend { h2 { (visit.t("briefing-trend")) }
            ul {
                li { (visit.t("course-ribbon")) ": " strong { (days.last().and_then(|day| day.r.as_ref()).map_or_else(|| visit.t("course-r-none"), words)) } }
                li { (visit.t("course-growth")) ": " (say::growth(visit.app.words(), lang, &told.now.course)) }
                li { (visit.t("course-alarms")) ": "
                    @if told.now.alarms.is_empty() { (visit.t("course-alarms-none")) }
                    @for (at, (path, of)) in told.now.alarms.iter().take(ROWS_MAX).enumerate() { @if at > 0 { "; " } a href={ "/zones/course?unit=" (path.as_str()) "&day=" (told.day) } { (charts::short(&tree, &told.place, path)) } " (" (of.days.last().map_or_else(String::new, say::alarms)) ")" }
                    @if told.now.alarms.len() > ROWS_MAX { "; " (visit.ta("course-first-of", &[("n", n(ROWS_MAX).into()), ("all", n(told.now.alarms.len()).into())])) }
                }
            }
            @if days.iter().any(|day| day.r.is_some()) { (charts::in_page(visit, &chart, &subject(told), &mark)) }
            p { a href={ (course) "#course-days" } { (visit.t("briefing-all-days")) } }
        }
    }
}

fn levels(visit: &Visit, told: &Briefing, course: &str) -> Markup {
    let (lang, tree) = (visit.lang, visit.app.tree());
    let changes = &told.now.changes;
    html! {
        section.vx-panel #briefing-levels { h2 { (visit.t("briefing-levels")) }
            p.vx-line { @for (colour, of) in Colour::ALL.iter().zip(told.colours) { span { span class={ "vx-zone vx-zone-" (colour) } { (visit.t(&format!("zone-colour-{colour}"))) } " " strong { (say_count(lang, n(of))) } } }
                @if told.colours[4] > 0 { span { (visit.t("zone-level-none")) " " strong { (say_count(lang, n(told.colours[4]))) } } } }
            h3.form-label { (visit.t("briefing-changed")) }
            @if told.changed.is_empty() { p.vx-quiet { (visit.t("briefing-changed-none")) } }
            @else { ul { @for decision in &told.changed { li { a href={ "/zones/units/" (decision.path.unit()) } { (charts::short(&tree, &told.place, &decision.path)) } ": " @if let Some(before) = decision.before { (say::decided(visit, Some(before))) " → " } (say::decided(visit, Some(decision.level))) " (" (decision.number) ", " (say_short(lang, decision.effective_at)) ")" } } } }
            h3.form-label { (visit.t("course-changes")) }
            @if changes.is_empty() { p.vx-quiet { (visit.t("course-changes-none")) } }
            @else {
                ul { @for change in changes.iter().take(ROWS_MAX) { li { a href={ "/zones/units/" (change.path.unit()) "?day=" (told.day) } { (charts::short(&tree, &told.place, &change.path)) } ": " (say::decided(visit, change.decided)) " → " (say::decided(visit, change.outcome.level)) } } }
                @if changes.len() > ROWS_MAX { p { a href={ (course) "#course-changes" } { (visit.ta("course-first-of", &[("n", n(ROWS_MAX).into()), ("all", n(changes.len()).into())])) } } }
            }
        }
    }
}

fn commitments(visit: &Visit, told: &Briefing) -> Markup {
    let (lang, tree) = (visit.lang, visit.app.tree());
    let all: Vec<&Kept> = told.missed.iter().chain(&told.soon).collect();
    html! {
        section.vx-panel #briefing-commitments { h2 { (visit.t("briefing-commitments")) }
            @if all.is_empty() { p.vx-quiet { (visit.t("briefing-commitments-none")) } }
            @else { ul { @for one in &all { li {
                a href={ "/zones/units/" (one.commitment.path.unit()) "#commitments" } { (charts::short(&tree, &told.place, &one.commitment.path)) } ": "
                (say::decided(visit, Some(one.commitment.from_level))) " → " (say::decided(visit, Some(one.commitment.to_level))) ", " (say_date(lang, one.commitment.by_on)) " · " (visit.t(&format!("zone-keeping-{}", one.keeping)))
                @if let Some(causes) = &one.commitment.causes { div.vx-quiet { (causes) } }
            } } } }
            p { a href={ "/zones/commitments?unit=" (told.place.as_str()) } { (visit.t("course-all-commitments")) } }
        }
    }
}

fn work(visit: &Visit, told: &Briefing) -> Markup {
    let (lang, tree) = (visit.lang, visit.app.tree());
    if told.overdue.is_none() && told.reports.is_none() {
        return html! {};
    }
    html! {
        section.vx-panel #briefing-work { h2 { (visit.t("briefing-work")) }
            @if let Some(overdue) = &told.overdue {
                p { (visit.t("briefing-overdue")) ": "
                    @if overdue.is_empty() { (visit.t("briefing-overdue-none")) }
                    @for (at, (path, late)) in overdue.iter().take(ROWS_MAX).enumerate() { @if at > 0 { "; " } a href=(Filter { unit: Some(path.clone()), seen: Some(Seen::Overdue), ..Filter::default() }.href()) { (charts::short(&tree, &told.place, path)) " " (say_count(lang, *late)) } }
                    @if overdue.len() > ROWS_MAX { "; " (visit.ta("course-first-of", &[("n", n(ROWS_MAX).into()), ("all", n(overdue.len()).into())])) }
                }
            }
            @if let Some(reports) = &told.reports {
                p { (visit.t("briefing-reports")) ": "
                    @if reports.owed == 0 { (visit.t("briefing-reports-nothing-due")) }
                    @else if reports.missing.is_empty() { (visit.t("briefing-reports-none")) }
                    @else { (visit.ta("briefing-reports-n", &[("n", n(reports.missing.len()).into())])) " " a href={ "/map?within=" (told.place.unit()) "&layer=reports" } { (visit.t("briefing-reports-where")) } }
                }
            }
        }
    }
}

fn documents(visit: &Visit, told: &Briefing, papers: &[(Paper, Timestamp)]) -> Markup {
    let home = writes(visit, &told.place);
    if papers.is_empty() && home.is_none() {
        return html! {};
    }
    html! {
        section.vx-panel #briefing-documents { h2 { (visit.t("briefing-documents")) }
            @if !papers.is_empty() { ul { @for (paper, begun_at) in papers { li {
                a href={ "/papers/" (paper.id) } { (paper.label()) } " · " (paper.issuer) " " span.vx-state { (visit.t(&format!("paper-state-{}", paper.state))) } " " span.vx-quiet { (visit.at(*begun_at)) }
            } } } }
            @if let Some(home) = &home {
                (visit.form("/briefing/write-up", html! {
                    input type="hidden" name="unit" value=(told.place.as_str());
                    input type="hidden" name="day" value=(told.day);
                    p.vx-quiet { (visit.ta("briefing-write-up-about", &[("unit", visit.unit(home).into())])) }
                    button.btn.btn-primary type="submit" { (icon("file-text")) " " (visit.t("briefing-write-up")) }
                }))
            }
        }
    }
}
