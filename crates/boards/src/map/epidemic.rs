//! Layers of the epidemic itself: incidence, R, alarms, commitments. What nobody reported is not nought: it is unknown.

use vx_kernel::{
    Problem,
    time::{day_of, say_count},
    units::Unit,
};
use vx_platform::web::off_thread;
use vx_zones::{
    Figure as Count, Stand,
    course::{self, Course, Estimates, Interval},
    say,
    store::{self as zones, Moment},
    types::Keeping,
};

use super::layer::{Figure, Figures, Look, UNKNOWN, step};

/// Days that estimates look back: two windows and what stands before them.
const DAYS: i64 = 28;
/// Community cases in a week to 100,000 people, in tenths, of the steps of the legend: those of 4800/QĐ-BYT.
const WEEK_STEPS: [i64; 3] = [200, 500, 1_500];

/// How it goes in each unit that the visitor may see.
async fn courses<'a>(look: &Look<'a>) -> Result<Vec<(&'a Unit, Course)>, Problem> {
    let visit = look.visit;
    let moment = Moment { day: day_of(look.at), known_at: visit.now() };
    let counted = course::counted(visit.app.db(), look.tree, look.top, DAYS, &moment).await?;
    let seen: Vec<(&Unit, usize)> =
        look.seen()?.into_iter().filter_map(|unit| Some((unit, counted.world.at(&unit.path)?))).collect();
    let nodes: Vec<usize> = seen.iter().map(|(_, node)| *node).collect();
    // Many units of many days: not on a thread that answers requests.
    let courses = off_thread(move || {
        let mut by = Estimates::by(Interval::COVID_19)?;
        nodes.into_iter().map(|node| counted.course(node, &mut by)).collect::<Result<Vec<_>, Problem>>()
    })
    .await??;
    Ok(seen.into_iter().map(|(unit, _)| unit).zip(courses).collect())
}

fn href(look: &Look<'_>, unit: &Unit) -> String {
    format!("/zones/course?unit={}&day={}", unit.path.as_str(), day_of(look.at))
}

fn unknown(look: &Look<'_>, unit: &Unit, words: &str) -> Figure {
    Figure { band: UNKNOWN, sign: "?".to_owned(), words: look.visit.t(words), href: href(look, unit), rank: -1 }
}

/// New community cases of some days, two weeks at the most, to 100,000 inhabitants.
pub(super) async fn incidence(look: Look<'_>, days: u8) -> Result<Figures, Problem> {
    let (visit, day) = (look.visit, day_of(look.at));
    let steps = WEEK_STEPS.map(|limit| limit * i64::from(days / 7));
    // The world of a day holds the two weeks up to it.
    let world = zones::world(visit.app.db(), look.tree, look.top, day, day, visit.now()).await?;
    let figure = |unit: &Unit| {
        let node = world.at(&unit.path)?;
        let cases: i64 = [Count::Traced, Count::Untraced].map(|of| world.total(node, of, day, days)).iter().sum();
        let figure = match course::rate(cases, world.stand(node, Stand::Population, day)) {
            _ if world.days_reported(node, day, days) == 0 => unknown(&look, unit, "map-epidemic-silent"),
            None => unknown(&look, unit, "map-epidemic-no-people"),
            Some(rate) => {
                let (said, n) = (say::tenths(visit.lang, rate), say_count(visit.lang, cases));
                let args = [("rate", said.into()), ("n", n.into()), ("days", i64::from(days).into())];
                let (words, sign) = (visit.ta("map-incidence", &args), say_count(visit.lang, (rate + 5) / 10));
                Figure { band: step(rate, &steps), sign, words, href: href(&look, unit), rank: rate }
            }
        };
        Some((unit.id.to_string(), figure))
    };
    Ok(look.seen()?.into_iter().filter_map(figure).collect())
}

/// R of the last week: whether its interval lies below 1, across it, or above.
#[expect(clippy::cast_possible_truncation, reason = "R is a small number")]
pub(super) async fn reproduction(look: Look<'_>) -> Result<Figures, Problem> {
    let figure = |(unit, course): (&Unit, Course)| {
        let figure = match course.days.last().and_then(|day| day.r) {
            None => unknown(&look, unit, "map-rt-none"),
            Some(r) => Figure {
                band: usize::from(r.q975() >= 1.0) + usize::from(r.median() >= 1.0) + usize::from(r.q025() > 1.0),
                sign: say::decimal(look.visit.lang, r.median(), 1),
                words: look.visit.ta("map-rt", &[("r", say::r(look.visit.app.words(), look.visit.lang, &r).into())]),
                href: href(&look, unit),
                rank: (r.median() * 100.0).round() as i64,
            },
        };
        (unit.id.to_string(), figure)
    };
    Ok(courses(&look).await?.into_iter().map(figure).collect())
}

/// How many of EARS C1 to C3 give an alarm on the day.
pub(super) async fn alarms(look: Look<'_>) -> Result<Figures, Problem> {
    let figure = |(unit, course): (&Unit, Course)| {
        let last = course.days.last().filter(|day| day.alarms.iter().any(Option::is_some));
        let figure = match last {
            None => unknown(&look, unit, "map-alarms-none"),
            Some(day) => {
                let n = day.n_alarms();
                let words = look.visit.ta(
                    "map-alarms",
                    &[("methods", say::alarms(day).into()), ("n", say_count(look.visit.lang, day.community()).into())],
                );
                let rank = i64::try_from(n).unwrap_or(0) * 1_000_000 + day.community();
                Figure { band: n, sign: n.to_string(), words, href: href(&look, unit), rank }
            }
        };
        (unit.id.to_string(), figure)
    };
    Ok(courses(&look).await?.into_iter().map(figure).collect())
}

/// Commitments that are not kept yet, by how near their day is.
pub(super) async fn commitments(look: Look<'_>) -> Result<Figures, Problem> {
    let (visit, day) = (look.visit, day_of(look.at));
    let mut conn = visit.app.db().read().await?;
    let commitments = zones::commitments(&mut conn, look.top).await?;
    let decisions = zones::in_force_by(&mut conn, look.top, look.at, visit.now()).await?;
    drop(conn);
    let keeping: Vec<_> = commitments
        .iter()
        .filter(|commitment| commitment.signed_on <= day)
        .map(|commitment| (&commitment.path, commitment.keeping(commitment.reached_on(&decisions), day)))
        .collect();
    let figure = |unit: &Unit| {
        let n = |wanted: Keeping| {
            let of_unit = keeping.iter().filter(|(path, keeping)| unit.path.contains(path) && *keeping == wanted);
            i64::try_from(of_unit.count()).unwrap_or(i64::MAX)
        };
        let [missed, soon, running] = [Keeping::Missed, Keeping::Soon, Keeping::Running].map(n);
        let band = if missed > 0 {
            3
        } else if soon > 0 {
            2
        } else {
            usize::from(running > 0)
        };
        let words = visit
            .ta("map-commitments", &[("missed", missed.into()), ("soon", soon.into()), ("running", running.into())]);
        let figure = Figure {
            band,
            sign: (missed + soon + running).to_string(),
            words,
            href: format!("/zones/commitments?unit={}", unit.path.as_str()),
            rank: missed * 10_000 + soon * 100 + running,
        };
        (unit.id.to_string(), figure)
    };
    Ok(look.seen()?.into_iter().map(figure).collect())
}
