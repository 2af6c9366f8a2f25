//! What zones say as charts (biểu đồ): epidemic curve, R with its band, calendar of levels, commitments over time. The
//! values are those of the tables beside them, in pages and in documents.

use jiff::{Timestamp, ToSpan as _, civil::Date};
use vx_dispatch::{Chart, InPage, Mark, Series, Shape};
use vx_epi::Spread;
use vx_foundation::units::named;
use vx_kernel::{
    Path,
    text::fold,
    time::{Lang, say_date, say_instant},
    units::{Kind, Tree},
};
use vx_platform::web::{Markup, PreEscaped, Visit, asset, html, icon};

use crate::{
    World,
    course::CourseDay,
    late::Late,
    types::{Commitment, Keeping, days},
};

/// Days before and after today that commitments are shown over.
const COMMITTED_DAYS: (i64, i64) = (45, 30);

/// What a chart is of, as its picture says it to whoever gets that without the page.
pub struct Subject<'a> {
    /// The place.
    pub place: &'a Path,
    /// The day that it ends with.
    pub day: Date,
    /// What was known then is shown.
    pub known_at: Timestamp,
    /// How its figures are estimated; empty where they are counted.
    pub method: &'a str,
}

/// A chart in a page: its marks lead to their rows, and it may be looked at closely (ADR 41). A table with the same numbers
/// belongs below it.
#[must_use]
pub fn in_page(
    visit: &Visit,
    chart: &Chart,
    subject: &Subject<'_>,
    mark: &dyn Fn(usize, usize) -> Option<Mark>,
) -> Markup {
    let page = InPage { english: visit.lang == Lang::En, small: false, mark };
    let drawn = html! { div.vx-chart tabindex="0" { (PreEscaped(chart.svg_in(&page))) } };
    let Some(options) = chart.options() else { return drawn };
    let Subject { place, day, known_at, method } = subject;
    let place = named(&visit.app.tree(), place);
    let until = visit.ta(
        "chart-until",
        &[("on", say_date(visit.lang, *day).into()), ("at", say_instant(visit.lang, *known_at).into())],
    );
    let name =
        format!("{}-{}-{day}", fold(&chart.caption), fold(&place)).replace(|c: char| !c.is_ascii_alphanumeric(), "-");
    let hint = visit.t("chart-hint");
    html! {
        div.vx-chart-box data-chart data-library=(asset("vendor/echarts-6.1.0/echarts.esm.min.mjs")) data-hint=(hint)
            data-name=(name) data-subject={ (until) "\n" (place) @if !method.is_empty() { "\n" (method) } }
            data-loading=(visit.t("chart-loading")) data-failed=(visit.t("chart-failed")) {
            (drawn)
            script type="application/json" data-options { (PreEscaped(options)) }
            div.vx-chart-live data-chart-live tabindex="0" role="application" aria-label=(chart.caption) {}
            p.vx-chart-said data-chart-said aria-live="polite" { (hint) }
            p.vx-chart-tools.vx-scripted {
                button.btn.btn-sm type="button" data-chart-open { (icon("zoom-in")) " " (visit.t("chart-open")) }
                button.btn.btn-sm type="button" data-chart-save { (icon("download")) " " (visit.t("chart-save")) }
                button.btn.btn-sm type="button" data-chart-close { (icon("x")) " " (visit.t("chart-close")) }
                span.vx-quiet data-chart-status role="status" {}
            }
        }
    }
}

/// The same, small, to stand beside something else; the page says what its rows are.
#[must_use]
pub fn small_in_page(visit: &Visit, chart: &Chart, mark: &dyn Fn(usize, usize) -> Option<Mark>) -> Markup {
    let page = InPage { english: visit.lang == Lang::En, small: true, mark };
    html! { div.vx-chart.vx-chart-small { (PreEscaped(chart.svg_in(&page))) } }
}

/// The style of charts, for a page that has any.
#[must_use]
pub fn style() -> Markup {
    html! { link rel="stylesheet" href=(asset("chart.css")); }
}

/// The same, for a page with charts that are looked at closely.
#[must_use]
pub fn head() -> Markup {
    html! { (style()) script type="module" src=(asset("chart.js")) {} }
}

/// The name of a unit on a chart: short, a commune with its district where that is not the place itself.
#[must_use]
pub fn short(tree: &Tree, place: &Path, path: &Path) -> String {
    let Some(unit) = tree.at_path(path) else { return path.unit().to_owned() };
    let above = tree.parent(unit.id.as_str()).filter(|above| above.path != *place && place.contains(&above.path));
    above.map_or_else(|| unit.full_name.clone(), |above| format!("{}, {}", unit.full_name, above.bare_name()))
}

/// A day as it stands below a chart: `3/9`.
#[must_use]
pub fn day_label(day: Date) -> String {
    format!("{}/{}", day.day(), day.month())
}

fn labels<'d>(days: impl IntoIterator<Item = &'d Date>) -> Vec<String> {
    days.into_iter().map(|day| day_label(*day)).collect()
}

fn row(name: &str, values: impl Iterator<Item = Option<f64>>) -> Series {
    Series { name: name.to_owned(), values: values.collect() }
}

/// The epidemic curve: new community cases, above them those in quarantine and at the border, and their mean. A day that
/// was left out or not reported has no columns.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "cases are far below 2^52")]
pub fn curve(caption: String, course: &[CourseDay], [community, quarantined, mean]: [&str; 3]) -> Chart {
    let counted = |of: fn(&CourseDay) -> i64| {
        course.iter().map(move |day| day.counts().then(|| of(day) as f64)).collect::<Vec<_>>().into_iter()
    };
    Chart {
        caption,
        shape: Shape::Curve,
        labels: labels(course.iter().map(|day| &day.day)),
        series: vec![
            row(community, counted(CourseDay::community)),
            row(quarantined, counted(CourseDay::quarantined)),
            row(mean, course.iter().map(|day| day.mean.map(hundredth))),
        ],
    }
}

/// The epidemic curve with what is still expected of the last days.
#[must_use]
pub fn nowcast(caption: String, course: &[CourseDay], late: &Late, columns: [&str; 3], over: [&str; 3]) -> Chart {
    let mut chart = Chart { shape: Shape::Nowcast, ..curve(caption, course, columns) };
    let of: [fn(&Spread) -> f64; 3] = [Spread::median, Spread::q025, Spread::q975];
    for (name, of) in over.into_iter().zip(of) {
        let expected = course.iter().map(|day| late.of(day.day).filter(|_| day.counts()).map(|one| of(&one.total)));
        chart.series.push(row(name, expected.map(|value| value.map(hundredth))));
    }
    chart
}

/// R with its 95 % interval.
#[must_use]
pub fn ribbon(caption: String, course: &[CourseDay], [middle, low, high]: [&str; 3]) -> Chart {
    Chart {
        caption,
        shape: Shape::Ribbon,
        labels: labels(course.iter().map(|day| &day.day)),
        series: vec![
            row(middle, course.iter().map(|day| day.r.map(|r| hundredth(r.median())))),
            row(low, course.iter().map(|day| day.r.map(|r| hundredth(r.q025())))),
            row(high, course.iter().map(|day| day.r.map(|r| hundredth(r.q975())))),
        ],
    }
}

fn hundredth(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The levels of a unit on some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Levels {
    /// The unit.
    pub path: Path,
    /// The rank of each day: the decided one, else the computed one.
    pub ranks: Vec<Option<u8>>,
}

impl Levels {
    /// Whether it was another one on some day.
    #[must_use]
    pub fn moved(&self) -> bool {
        self.ranks.windows(2).any(|pair| pair[0] != pair[1])
    }
    /// The highest first, then what moved.
    fn worst(&self) -> (Option<u8>, Option<u8>, bool) {
        (self.ranks.last().copied().flatten(), self.ranks.iter().copied().max().flatten(), self.moved())
    }
}

/// Levels of the communes of a place by day, the worst first; green ones that never moved are left to a sum.
#[must_use]
pub fn levels_of(world: &World, computed: &[Vec<Option<u8>>], place: &Path, of_days: &[Date]) -> Vec<Levels> {
    let communes = world.nodes.iter().enumerate();
    let mut all: Vec<Levels> = communes
        .filter(|(_, node)| node.kind == Kind::Commune && place.contains(&node.path))
        .map(|(at, node)| Levels {
            path: node.path.clone(),
            ranks: of_days
                .iter()
                .zip(computed)
                .map(|(day, ranks)| world.decided(at, *day).or_else(|| ranks.get(at).copied().flatten()))
                .collect(),
        })
        .collect();
    all.sort_by(|one, other| other.worst().cmp(&one.worst()).then_with(|| one.path.cmp(&other.path)));
    all
}

/// Those of them that a calendar shows: green all the time says nothing that a sum does not say.
#[must_use]
pub fn lively(levels: &[Levels], at_most: usize) -> Vec<Levels> {
    let is_quiet = |one: &&Levels| !one.moved() && matches!(one.ranks.last(), Some(Some(1) | None));
    let is_one = levels.len() == 1;
    levels.iter().filter(|one| is_one || !is_quiet(one)).take(at_most).cloned().collect()
}

/// The calendar of levels.
#[must_use]
pub fn calendar(caption: String, of_days: &[Date], levels: &[Levels], name: impl Fn(&Path) -> String) -> Chart {
    let series = levels.iter().map(|one| Series {
        name: name(&one.path),
        values: one.ranks.iter().map(|rank| rank.map(f64::from)).collect(),
    });
    Chart { caption, shape: Shape::Calendar, labels: labels(of_days), series: series.collect() }
}

/// A commitment with where it stands.
#[derive(Clone, Debug)]
pub struct Kept {
    /// The commitment.
    pub commitment: Commitment,
    /// Where it stands.
    pub keeping: Keeping,
    /// When its level was reached.
    pub reached_on: Option<Date>,
}

/// Commitments of which the time lies in the weeks around a day, the one that ends first first.
#[must_use]
pub fn around(commitments: Vec<Kept>, today: Date) -> Vec<Kept> {
    let (back, _) = COMMITTED_DAYS;
    let mut near: Vec<Kept> = commitments
        .into_iter()
        .filter(|one| {
            let end = one.reached_on.unwrap_or(today).max(one.commitment.by_on);
            days(end, today) <= back
        })
        .collect();
    near.sort_by(|one, other| {
        let key = |one: &Kept| (one.commitment.by_on, one.commitment.path.clone(), one.commitment.id);
        key(one).cmp(&key(other))
    });
    near
}

/// Commitments over time.
#[must_use]
pub fn gantt(caption: String, kept: &[Kept], today: Date, name: impl Fn(&Kept) -> String) -> Chart {
    let (back, ahead) = COMMITTED_DAYS;
    let first = kept.iter().map(|one| one.commitment.signed_on).min().unwrap_or(today);
    let last = kept.iter().map(|one| one.commitment.by_on).max().unwrap_or(today).max(today);
    let from = days(first, today).clamp(0, back);
    let until = days(today, last).clamp(0, ahead);
    let of_days: Vec<Date> = (-from..=until).filter_map(|at| today.checked_add(at.days()).ok()).collect();
    let code = |one: &Kept, day: Date| {
        let Commitment { signed_on, by_on, .. } = one.commitment;
        let reached = one.reached_on.filter(|on| *on <= today);
        match reached {
            _ if day < signed_on => None,
            Some(on) if day == on => Some(3.0),
            Some(on) if day > on => (day <= by_on).then_some(0.0),
            _ if day > today => (day <= by_on).then_some(0.0),
            _ if day > by_on => Some(2.0),
            _ => Some(1.0),
        }
    };
    let series = kept
        .iter()
        .map(|one| Series { name: name(one), values: of_days.iter().map(|day| code(one, *day)).collect() })
        .collect();
    Chart { caption, shape: Shape::Gantt, labels: labels(&of_days), series }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use vx_kernel::Id;

    use super::*;
    use crate::level::{Level, Zone};

    fn kept(signed: Date, by: Date, reached_on: Option<Date>, today: Date) -> Kept {
        let commitment = Commitment {
            id: Id::fresh(),
            path: Path::parse("94/943/31534/").unwrap(),
            version: 1,
            from_level: Level::Zone(Zone::Orange),
            to_level: Level::Zone(Zone::Yellow),
            signed_on: signed,
            by_on: by,
            signer: "Lâm Văn Phúc".to_owned(),
            signer_post: "Chủ tịch".to_owned(),
            asked_at: None,
            causes: None,
            explained_at: None,
            by_name: "Trần Ngọc Lan".to_owned(),
        };
        Kept { keeping: commitment.keeping(reached_on, today), reached_on, commitment }
    }

    #[test]
    fn the_time_of_a_commitment_goes_by_is_kept_or_is_over() {
        let today = date(2021, 9, 6);
        let table = [
            (date(2021, 9, 4), date(2021, 9, 8), None, "1|1|1|0|0"),
            (date(2021, 9, 4), date(2021, 9, 5), None, "1|1|2||"),
            (date(2021, 9, 4), date(2021, 9, 7), Some(date(2021, 9, 5)), "1|3|0|0|"),
            (date(2021, 9, 4), date(2021, 9, 4), Some(date(2021, 9, 6)), "1|2|3||"),
            (date(2021, 9, 5), date(2021, 9, 8), Some(date(2021, 9, 8)), "|1|1|0|0"),
        ];
        let all: Vec<Kept> = table.iter().map(|(signed, by, reached, _)| kept(*signed, *by, *reached, today)).collect();
        let chart = gantt(String::new(), &all, today, |_| String::new());
        assert_eq!(chart.labels, ["4/9", "5/9", "6/9", "7/9", "8/9"]);
        for (row, (.., wanted)) in chart.series.iter().zip(table) {
            let codes = row.values.iter().map(|code| code.map_or(String::new(), |code| code.to_string()));
            assert_eq!(codes.collect::<Vec<_>>().join("|"), wanted);
        }
        let old = kept(date(2021, 6, 1), date(2021, 6, 9), Some(date(2021, 6, 8)), today);
        assert_eq!(around(vec![old, all[0].clone()], today).len(), 1, "what is long over is not shown");
    }
}
