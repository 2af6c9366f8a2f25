//! The panel beside the map: how the epidemic stands in the shown place on the shown day.

use vx_kernel::{Path, Problem, time::say_count};
use vx_platform::web::{Markup, Visit, html};
use vx_zones::{
    charts,
    course::Interval,
    say,
    situation::{self, Situation},
    store::{self as zones, Moment},
    types::Keeping,
};

use super::Place;
use crate::glance::Glance;

/// Days of its charts: eight weeks.
const DAYS: i64 = 56;
/// Units that it names before it leads to the rest.
const NAMED: usize = 5;

/// The panel; it is there whenever the visitor may read zones, so that a script finds it when the day moves.
pub(super) async fn panel(visit: &Visit, place: &Place<'_>) -> Result<Markup, Problem> {
    if !visit.may_anywhere(zones::READ) {
        return Ok(html! {});
    }
    let body = match place.top {
        None => html! { p.vx-quiet { (visit.t("glance-one-province")) } },
        Some(top) if !zones::sees(visit.actor()?, &visit.app.tree(), &top.path) => {
            html! { p.vx-quiet { (visit.t("glance-out-of-reach")) } }
        }
        // A map may be looked at of a day on which the unit is not there any more, or not yet.
        Some(top) if !top.exists_on(place.on) => html! { p.vx-quiet { (visit.t("course-nothing")) } },
        Some(top) => {
            let mut day = place.on;
            // In the morning nobody has reported the day yet.
            if day == visit.today() {
                let newest = zones::newest_counted(&mut visit.app.db().read().await?, &top.path, day).await?;
                day = newest.filter(|newest| top.exists_on(*newest)).unwrap_or(day);
            }
            let moment = Moment { day, known_at: visit.now() };
            let now = situation::read(&visit.app, &top.path, DAYS, &moment, Interval::COVID_19).await?;
            let glance = Glance { visit, place: &top.path, day, course: &now.course, n_days: DAYS, needed: now.needed };
            if glance.is_known() { told(&glance, &now) } else { glance.nothing() }
        }
    };
    let name = place.top.map_or_else(|| visit.t("whole-country"), |unit| unit.full_name_on(place.on));
    Ok(html! { section.vx-panel #map-situation { h2 { (visit.t("glance")) ": " (name) } (body) } })
}

fn told(glance: &Glance<'_>, now: &Situation) -> Markup {
    let Glance { visit, place, day, .. } = *glance;
    let (lang, tree, course) = (visit.lang, visit.app.tree(), glance.course_href());
    let name = |path: &Path| charts::short(&tree, place, path);
    let n = |count: usize| say_count(lang, i64::try_from(count).unwrap_or(i64::MAX));
    let head = |key: &str, href: &str, count: usize| {
        html! { h3.form-label.mt-3 { a href=(href) { (visit.t(key)) ": " strong { (n(count)) } } } }
    };
    let rest = |href: &str, all: usize| {
        html! { @if all > NAMED { " " a href=(href) { (visit.ta("glance-all", &[("n", n(all).into())])) } } }
    };
    let missed: Vec<_> = now.kept.iter().filter(|one| one.keeping == Keeping::Missed).collect();
    let (alarms, changes) = (format!("{course}#course-alarms"), format!("{course}#course-changes"));
    let commitments = format!("/zones/commitments?unit={}&keeping=missed", place.as_str());
    html! {
        (glance.figures())
        (glance.curve())
        (glance.r())
        (glance.ribbon())
        (head("glance-alarms", &alarms, now.alarms.len()))
        @if now.alarms.is_empty() { p.vx-quiet { (visit.t("course-alarms-none")) } }
        @else { p {
            @for (at, (path, of)) in now.alarms.iter().take(NAMED).enumerate() { @if at > 0 { "; " }
                a href={ "/zones/course?unit=" (path.as_str()) "&day=" (day) } { (name(path)) } " (" (of.days.last().map_or_else(String::new, say::alarms)) ")" }
            "." (rest(&alarms, now.alarms.len()))
        } }
        (head("course-changes", &changes, now.changes.len()))
        @if now.changes.is_empty() { p.vx-quiet { (visit.t("course-changes-none")) } }
        @else {
            ul.list-unstyled { @for change in now.changes.iter().take(NAMED) { li.mb-2 {
                a href={ "/zones/units/" (change.path.unit()) "?day=" (day) } { (name(&change.path)) } ": "
                (say::decided(visit, change.decided)) " → " (say::outcome(visit, Some(&change.outcome)))
                div.vx-quiet { (say::reasons(visit.app.words(), lang, &change.outcome)) }
            } } }
            p { (rest(&changes, now.changes.len())) }
        }
        (head("glance-missed", &commitments, missed.len()))
        @if !missed.is_empty() { p {
            @for (at, one) in missed.iter().take(NAMED).enumerate() { @if at > 0 { "; " }
                a href={ "/zones/units/" (one.commitment.path.unit()) "#commitments" } { (name(&one.commitment.path)) } }
            "." (rest(&commitments, missed.len()))
        } }
        p.vx-line {
            a href=(course) { (visit.t("course")) }
            a href={ "/briefing?unit=" (place.as_str()) "&day=" (day) } { (visit.t("briefing")) }
        }
    }
}
