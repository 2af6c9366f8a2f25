//! The epidemic at a glance (tình hình dịch): a small curve, R in words and a few figures, as the overview and the panel
//! beside the map show them. Every figure leads to its rows.

use vx_concepts::engine::Command as _;
use vx_dispatch::Mark;
use vx_kernel::{
    Date, Path, Problem,
    time::{say_count, say_date},
};
use vx_platform::web::{Markup, Visit, html, icon};
use vx_zones::{
    Colour, RecordCount, charts,
    course::{Course, CourseDay},
    say,
    situation::{self, Summary},
    store::Moment,
};

use super::briefing;

/// Days of the curve of the overview: five weeks.
const OVERVIEW_DAYS: i64 = 35;

/// How it went in a place up to a day.
pub(crate) struct Glance<'a> {
    pub(crate) visit: &'a Visit,
    pub(crate) place: &'a Path,
    pub(crate) day: Date,
    pub(crate) course: &'a Course,
    /// Days of the charts.
    pub(crate) n_days: i64,
    /// Community cases that an estimate of R needs.
    pub(crate) needed: f64,
}

impl Glance<'_> {
    /// The address of the whole course.
    pub(crate) fn course_href(&self) -> String {
        format!("/zones/course?unit={}&day={}", self.place.as_str(), self.day)
    }

    fn days(&self) -> &[CourseDay] {
        self.course.last(usize::try_from(self.n_days).unwrap_or(usize::MAX))
    }

    /// Whether anybody reported in these days.
    pub(crate) fn is_known(&self) -> bool {
        self.days().iter().any(|day| day.reported)
    }

    /// The rows behind a day: the units below, of a commune itself.
    fn rows_of(&self, day: Date) -> String {
        let tree = self.visit.app.tree();
        if tree.children(self.place.unit()).any(|unit| unit.kind.has_committee()) {
            format!("/zones?unit={}&day={day}&sort=-cases", self.place.as_str())
        } else {
            format!("/zones/units/{}?day={day}", self.place.unit())
        }
    }

    /// What to do where there are no figures.
    pub(crate) fn nothing(&self) -> Markup {
        let visit = self.visit;
        html! {
            p.vx-quiet { (visit.t("course-nothing")) }
            @if visit.may_anywhere(RecordCount::NAME) { p { a href="/zones/figures" { (visit.t("glance-enter")) } } }
        }
    }

    /// New cases of the day and of seven days, and to 100,000 people.
    pub(crate) fn figures(&self) -> Markup {
        let (visit, lang, course) = (self.visit, self.visit.lang, self.course);
        let today = course.days.last().filter(|day| day.reported);
        let rate = course.rate(7).map_or_else(|| "–".to_owned(), |rate| say::tenths(lang, rate));
        let all_days = format!("{}#course-days", self.course_href());
        html! {
            ul.list-unstyled.vx-facts {
                li { a href=(self.rows_of(self.day)) { strong { (today.map_or_else(|| "–".to_owned(), |day| say_count(lang, day.cases()))) } " " (visit.ta("course-cases-on", &[("on", say_date(lang, self.day).into())])) } }
                li { a href=(all_days) { strong { (say_count(lang, course.cases(7))) } " " (visit.t("glance-cases-7")) } }
                li { a href=(all_days) { strong { (rate) } " " (visit.t("course-rate-7")) } }
            }
        }
    }

    /// The epidemic curve, small.
    pub(crate) fn curve(&self) -> Markup {
        let (visit, days) = (self.visit, self.days());
        let names = ["course-community", "course-quarantined", "course-mean"].map(|key| visit.t(key));
        let chart = charts::curve(visit.t("course-curve"), days, names.each_ref().map(String::as_str));
        let mark = |_: usize, at: usize| {
            let day = days.get(at)?;
            let n = if day.reported { say_count(visit.lang, day.cases()) } else { visit.t("zone-not-reported") };
            Some(Mark { href: self.rows_of(day.day), words: format!("{}: {n}", say_date(visit.lang, day.day)) })
        };
        html! {
            h3.form-label.mt-3 { a href={ (self.course_href()) "#course-curve" } { (visit.t("course-curve")) } " (" (visit.ta("glance-weeks", &[("n", (self.n_days / 7).into())])) ")" }
            (charts::small_in_page(visit, &chart, &mark))
            p.vx-quiet { (visit.t("glance-curve-said")) }
        }
    }

    /// R as it is now, in words.
    pub(crate) fn r(&self) -> Markup {
        let (visit, lang) = (self.visit, self.visit.lang);
        let needed = say::decimal(lang, self.needed, 0);
        html! {
            h3.form-label.mt-3 { a href={ (self.course_href()) "#course-r" } { (visit.t("course-ribbon")) } }
            p { @match self.course.days.last().and_then(|day| day.r.as_ref()) {
                Some(r) => (say::trend(visit.app.words(), lang, r)),
                None => (visit.ta("glance-r-none", &[("needed", needed.into())])),
            } }
        }
    }

    /// R with its band, small; nothing where it never could be estimated.
    pub(crate) fn ribbon(&self) -> Markup {
        let (visit, days) = (self.visit, self.days());
        if days.iter().all(|day| day.r.is_none()) {
            return html! {};
        }
        let names = ["course-r", "course-low", "course-high"].map(|key| visit.t(key));
        let chart = charts::ribbon(visit.t("course-ribbon"), days, names.each_ref().map(String::as_str));
        let mark = |_: usize, at: usize| {
            let day = days.get(at)?;
            let said = match &day.r {
                Some(r) => say::r(visit.app.words(), visit.lang, r),
                None => visit.t("course-r-none"),
            };
            let href = format!("{}#course-r", self.course_href());
            Some(Mark { href, words: format!("{}: {said}", say_date(visit.lang, day.day)) })
        };
        charts::small_in_page(visit, &chart, &mark)
    }
}

/// The place of the visitor with its newest figures, for the overview; nothing where they may read no zones.
pub(crate) async fn overview(visit: &Visit) -> Result<Markup, Problem> {
    if !visit.may_anywhere(vx_zones::store::READ) {
        return Ok(html! {});
    }
    let Some((place, day)) = briefing::own_place(visit).await? else { return Ok(html! {}) };
    let moment = Moment { day, known_at: visit.now() };
    let summary = situation::summary(&visit.app, &place, OVERVIEW_DAYS, &moment).await?;
    let course = &summary.course;
    let glance = Glance { visit, place: &place, day, course, n_days: OVERVIEW_DAYS, needed: summary.needed };
    let unit = place.as_str();
    Ok(html! {
        (charts::style())
        section.vx-panel.mb-3 #overview-epidemic {
            h2 { (visit.t("glance")) ": " (visit.unit(&place)) }
            @if glance.is_known() {
                div.vx-glance {
                    div { (glance.curve()) }
                    div { (glance.figures()) (glance.r()) (colours(visit, &glance, &summary)) }
                }
            } @else { (glance.nothing()) }
            p.vx-line {
                a href={ "/map?within=" (place.unit()) "&layer=level" } { (icon("map")) " " (visit.t("map-title")) }
                a href=(glance.course_href()) { (icon("eye")) " " (visit.t("course")) }
                a href={ "/briefing?unit=" (unit) "&day=" (day) } { (icon("file-text")) " " (visit.t("briefing")) }
            }
        }
    })
}

/// How many communes have which colour, as decided and as computed.
fn colours(visit: &Visit, glance: &Glance<'_>, summary: &Summary) -> Markup {
    let lang = visit.lang;
    let line = |title: &str, counts: [i64; 5], rest: &str, href: &dyn Fn(Colour) -> String| {
        html! {
            h3.form-label.mt-3 { (visit.t(title)) }
            p.vx-line {
                @for (colour, n) in Colour::ALL.iter().zip(counts) { a href=(href(*colour)) { span class={ "vx-zone vx-zone-" (colour) } { (visit.t(&format!("zone-colour-{colour}"))) } " " strong { (say_count(lang, n)) } } }
                @if counts[4] > 0 { span { (visit.t(rest)) " " strong { (say_count(lang, counts[4])) } } }
            }
        }
    };
    let (place, day) = (glance.place, glance.day);
    let on_map = |_: Colour| format!("/map?within={}&layer=level&on={day}", place.unit());
    let in_list = |colour: Colour| format!("/zones?unit={}&day={day}&colour={colour}", place.as_str());
    html! {
        (line("glance-decided", summary.decided, "zone-not-decided", &on_map))
        (line("glance-computed", summary.computed, "zone-level-none", &in_list))
        @if summary.unverified > 0 { p.vx-quiet { (visit.ta("glance-unverified", &[("n", say_count(lang, summary.unverified).into())])) } }
    }
}
