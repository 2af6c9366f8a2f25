//! The course of an epidemic for other programs: the numbers of the page `/zones/course`.

use serde_json::json;
use vx_epi::Spread;
use vx_kernel::{Date, Path, Problem};
use vx_platform::{
    view,
    web::{Answer, Call, Operation, Route, UnitName, words},
};

use crate::{
    api::{moment, unit_of},
    course::{CourseDay, DAYS_MAX, GROWTH_WINDOW, Interval, R_WINDOW},
    late::{self, Coming, Quiet},
    level::Level,
    say,
    situation::{self, Change},
    store::{self, READ},
    weekly::{self, Weekly},
};

/// Days that are answered unless a number is given.
const DAYS: i64 = 60;

view! {
    /// A figure with its uncertainty.
    answer SpreadView as "Estimate" {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
        /// Quantile at 2.5 %: the lower end of the 95 % interval.
        q025: f64,
        /// Quantile at 5 %.
        q05: f64,
        /// Quantile at 25 %.
        q25: f64,
        /// Median.
        median: f64,
        /// Quantile at 75 %.
        q75: f64,
        /// Quantile at 95 %.
        q95: f64,
        /// Quantile at 97.5 %: the upper end of the 95 % interval.
        q975: f64,
    }
}

view! {
    /// A day of an epidemic.
    answer DayView as "EpidemicDay" {
        /// The day.
        on: Date,
        /// Whether the unit, or anybody below it, reported; figures are null where nobody did.
        reported: bool,
        /// Whether an officer left it out of estimates.
        left_out: bool,
        /// New community cases.
        community: Option<i64>,
        /// New cases in quarantine and at the border: they infect, and nobody here infected them.
        imported: Option<i64>,
        /// Mean of all new cases over the last seven days that count.
        mean: Option<f64>,
        /// R of the seven days up to this one; null where there are too few cases.
        r: Option<SpreadView>,
        /// Whether EARS C1 gives an alarm; null where its history is not known.
        c1: Option<bool>,
        /// EARS C2.
        c2: Option<bool>,
        /// EARS C3.
        c3: Option<bool>,
        /// What the days around let expect, where the count does not fit to them: it counts until somebody leaves it out.
        doubted: Option<f64>,
        /// New cases once late reports are in; null where nothing more is expected or nothing can be said.
        nowcast: Option<SpreadView>,
        /// The share of the day's cases that is reported by now, as estimated, beside `nowcast`.
        nowcast_share: Option<f64>,
    }
}

view! {
    /// How fast community cases grow.
    answer GrowthView as "EpidemicGrowth" {
        /// Over so many days up to the last one.
        days: i64,
        /// The rate, a day: 0.1 is 10.5 % more each day.
        rate: f64,
        /// Its standard error.
        sd: f64,
        /// Lower end of the 95 % interval.
        low: f64,
        /// Upper end of the 95 % interval.
        high: f64,
        /// Days in which cases double; negative where they halve.
        doubling_days: Option<f64>,
    }
}

view! {
    /// A commune with an alarm on the last day.
    answer AlarmView as "EpidemicAlarm" {
        /// The commune.
        unit: UnitName,
        /// Which of EARS C1, C2 and C3 give an alarm.
        methods: Vec<String>,
        /// New cases of the day.
        cases: i64,
        /// New cases of seven days.
        cases_7_days: i64,
    }
}

view! {
    /// A commune of which the level by the rules has another colour than what was decided.
    answer ChangeView as "ZoneChange" {
        /// The commune.
        unit: UnitName,
        /// What was decided; null where nothing was.
        decided: Option<Level>,
        /// What the rules say.
        computed: Option<Level>,
        /// Whether a cell that nobody has verified had a part in it.
        unverified: bool,
        /// Why, as sentences.
        reasons: Vec<String>,
    }
}

view! {
    /// The week up to the last day by the flexible Farrington algorithm (Noufaily et al. 2013).
    answer WeekView as "EpidemicWeek" {
        /// First day of the week.
        from_on: Date,
        /// Its last day.
        until_on: Date,
        /// New community cases.
        cases: i64,
        /// Above this there is an alarm.
        upper_bound: f64,
        /// Whether there is one.
        alarm: bool,
    }
}

view! {
    /// How an epidemic went in a unit.
    answer CourseView as "EpidemicCourse" {
        /// The unit.
        unit: UnitName,
        /// The last day.
        on: Date,
        /// Inhabitants.
        people: Option<i64>,
        /// New cases of seven days.
        cases_7_days: i64,
        /// New community cases of seven days to 100,000 people.
        rate_7_days: Option<f64>,
        /// Mean of the serial interval, in days.
        serial_interval_mean: f64,
        /// Its standard deviation.
        serial_interval_sd: f64,
        /// Days that R is estimated over.
        r_days: i64,
        /// Community cases that an estimate of R needs in these days.
        r_cases_needed: f64,
        /// How fast community cases grow; null where it cannot be said.
        growth: Option<GrowthView>,
        /// Days, the oldest first.
        days: Vec<DayView>,
        /// Why no day has a nowcast; null where one has.
        nowcast_missing: Option<Quiet>,
        /// Communes below with an alarm on the last day, the loudest first.
        alarms: Vec<AlarmView>,
        /// The week by Farrington; null where there are not four years of weeks, or the week has no answer.
        week: Option<WeekView>,
        /// Communes that may change their colour, the worst first.
        changes: Vec<ChangeView>,
    }
}

fn spread(of: &Spread) -> SpreadView {
    let [q025, q05, q25, median, q75, q95, q975] = of.quantiles;
    SpreadView { mean: of.mean, sd: of.sd, q025, q05, q25, median, q75, q95, q975 }
}

fn day_view(day: &CourseDay, coming: Option<&Coming>) -> DayView {
    let [c1, c2, c3] = day.alarms;
    let coming = coming.filter(|_| day.counts());
    DayView {
        on: day.day,
        reported: day.reported,
        left_out: day.left_out,
        community: day.reported.then(|| day.community()),
        imported: day.reported.then(|| day.quarantined()),
        mean: day.mean,
        r: day.r.as_ref().map(spread),
        c1,
        c2,
        c3,
        doubted: day.expected,
        nowcast: coming.map(|coming| spread(&coming.total)),
        nowcast_share: coming.map(|coming| coming.share),
    }
}

fn change_view(call: &Call, change: &Change) -> ChangeView {
    let outcome = &change.outcome;
    let said = |one| say::reason(call.app.words(), call.lang, &outcome.rules, one);
    ChangeView {
        unit: call.unit(&change.path),
        decided: change.decided,
        computed: outcome.level,
        unverified: !outcome.unverified().is_empty(),
        reasons: outcome.reasons.iter().map(said).collect(),
    }
}

fn alarm_view(call: &Call, path: &Path, course: &crate::course::Course) -> AlarmView {
    let alarms = course.days.last().map_or([None; 3], |day| day.alarms);
    let given = ["C1", "C2", "C3"].into_iter().zip(alarms).filter(|(_, alarm)| *alarm == Some(true));
    AlarmView {
        unit: call.unit(path),
        methods: given.map(|(name, _)| name.to_owned()).collect(),
        cases: course.cases(1),
        cases_7_days: course.cases(7),
    }
}

pub(crate) fn route() -> Route {
    let tenths = |least: i64| json!({"type": "integer", "minimum": least, "maximum": 600});
    let operation = Operation::get("/api/v1/zones/units/{key}/course", "get_zone_course", READ)
        .asks(
            "day",
            json!({"type": "string", "format": "date"}),
            "The last day, not later than today; the newest of which anybody counted unless given.",
        )
        .asks("known", words(["then"]), "By what was known at the end of that day, not by what is known now.")
        .asks(
            "days",
            json!({"type": "integer", "minimum": 1, "maximum": DAYS_MAX, "default": DAYS}),
            "How many days up to it.",
        )
        .asks(
            "siMeanTenths",
            tenths(11),
            "Mean of the serial interval in tenths of a day; that of COVID-19 unless given.",
        )
        .asks("siSdTenths", tenths(2), "Its standard deviation in tenths of a day.")
        .answers::<CourseView>()
        .refuses(&["zones.course.interval"]);
    Route::api(operation, course)
}

async fn course(call: Call) -> Result<Answer, Problem> {
    let (unit, mut moment) = (unit_of(&call)?, moment(&call));
    let db = call.app.db();
    if call.asked("day").is_none() {
        let newest = store::newest_counted(&mut db.read().await?, &unit.path, moment.day).await?;
        moment.day = newest.unwrap_or(moment.day);
    }
    let n_days = call.read::<i64>("days").unwrap_or(DAYS);
    let tenths = |name: &str, usual: f64| call.read::<u16>(name).map_or(usual, |tenths| f64::from(tenths) / 10.0);
    let usual = Interval::COVID_19;
    let interval = Interval::stated(tenths("siMeanTenths", usual.mean), tenths("siSdTenths", usual.sd))?;
    let now = situation::read(&call.app, &unit.path, n_days, &moment, interval).await?;
    let late = late::read(&call.app, &unit.path, &moment).await?;
    let week = match weekly::read(&call.app, &unit.path, &moment).await? {
        Weekly::Watched(week) => Some(WeekView {
            from_on: week.from,
            until_on: week.until,
            cases: week.cases,
            upper_bound: week.bound,
            alarm: week.alarm,
        }),
        Weekly::Short { .. } | Weekly::Unknown => None,
    };
    let n = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let shown = now.course.last(usize::try_from(n_days).unwrap_or(usize::MAX));
    let days: Vec<DayView> = shown.iter().map(|day| day_view(day, late.of(day.day))).collect();
    #[expect(clippy::cast_precision_loss, reason = "a rate is far below 2^52")]
    let rate = now.course.rate(7).map(|rate| rate as f64 / 10.0);
    Answer::of(&CourseView {
        unit: call.unit(&unit.path),
        on: moment.day,
        people: now.course.people,
        cases_7_days: now.course.cases(7),
        rate_7_days: rate,
        serial_interval_mean: interval.mean,
        serial_interval_sd: interval.sd,
        r_days: n(R_WINDOW),
        r_cases_needed: now.needed,
        growth: now.course.growth.map(|rate| GrowthView {
            days: n(GROWTH_WINDOW),
            rate: rate.value,
            sd: rate.sd,
            low: rate.low,
            high: rate.high,
            doubling_days: rate.doubling(),
        }),
        nowcast_missing: late.quiet,
        days,
        alarms: now.alarms.iter().map(|(path, course)| alarm_view(&call, path, course)).collect(),
        week,
        changes: now.changes.iter().map(|change| change_view(&call, change)).collect(),
    })
}
