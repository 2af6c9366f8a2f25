//! Levels of the whole country from its raw figures: a nation of 100 million, 20,000 new cases a day, every commune
//! counting every day.
//!
//! The levels of 10,599 communes, 705 districts and 63 provinces for one day must be there within 100 ms, those of 90 days
//! within 3 s, read from the rows that people brought and nothing kept in between.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may stop")]

use std::{sync::Arc, time::Instant};

use jiff::{Timestamp, ToSpan as _};
use vx_kernel::{
    Date, Id, Path, time,
    units::{Kind, Tree, Unit, read_places},
};
use vx_platform::{
    Clock,
    store::{Db, Engine},
};
use vx_testkit::{Place, bench};
use vx_zones::{
    evaluate::levels,
    store::{Moment, outcomes, rule_book, world},
    types::{DayCount, Source, Standing},
};

const NOW: &str = "2021-11-25T10:00:00Z";
const DAY_MS: f64 = 100.0;
const HISTORY_MS: f64 = 3_000.0;
const HISTORY_DAYS: i64 = 90;
/// New cases in the country on a day.
const CASES: i64 = 20_000;

fn main() {
    bench(measure);
}

/// Cases of a commune on a day: some have many, most have none or one; together as many as the country has.
fn cases(commune: usize, day: usize, of: usize) -> i64 {
    let n = i64::try_from((commune * 7_919 + day * 104_729) % of).unwrap();
    let of = i64::try_from(of).unwrap();
    // The first tenth of a turning list carries half of the cases.
    if n < of / 10 { CASES * 5 / of } else { i64::from(n % 9 < 5) * CASES * 5 / (of * 5) }
}

async fn seed(db: &Db, communes: &Arc<Vec<(Path, i64)>>, last: Date, days: i64) {
    for back in 0..days {
        let day = last.checked_sub(back.days()).unwrap();
        let communes = communes.clone();
        db.write(move |tx| {
            let communes = communes.clone();
            Box::pin(async move {
                for (n, (unit, _)) in communes.iter().enumerate() {
                    let new = cases(n, usize::try_from(back).unwrap(), communes.len());
                    tx.append_record(&DayCount {
                        id: Id::fresh(),
                        path: unit.clone(),
                        version: 0,
                        counted_on: day,
                        source: Source::Unit,
                        edition: 1,
                        traced: Some(new / 2),
                        untraced: Some(new - new / 2),
                        other: Some(0),
                        contacts: Some(new * 3),
                        oxygen: Some(new / 20),
                        deaths: Some(0),
                        reported_on: day,
                        recorded_at: tx.now(),
                        reason: None,
                        by_name: "đo".to_owned(),
                    });
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    }
    let communes = communes.clone();
    let holds_on = last.checked_sub((days - 1).days()).unwrap();
    db.write(move |tx| {
        let communes = communes.clone();
        Box::pin(async move {
            for (n, (unit, people)) in communes.iter().enumerate() {
                let share = |percent: i64| Some(people * percent / 100);
                let covered = 40 + i64::try_from(n % 50).unwrap();
                tx.append_record(&Standing {
                    id: Id::fresh(),
                    path: unit.clone(),
                    version: 0,
                    holds_on,
                    source: Source::Cdc,
                    population: Some(*people),
                    adults: share(70),
                    adults_one_dose: share(70 * covered / 100),
                    elders: share(10),
                    elders_full: share(10 * covered / 100),
                    fully_dosed: None,
                    high_risk: None,
                    high_risk_full: None,
                    home_care: None,
                    beds: None,
                    icu_beds: None,
                    reported_on: holds_on,
                    recorded_at: tx.now(),
                    by_name: "đo".to_owned(),
                });
            }
            Ok(())
        })
    })
    .await
    .unwrap();
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn verdict(fits: bool) -> &'static str {
    if fits { "ok" } else { "TOO SLOW" }
}

async fn measure(place: &Place) -> bool {
    let now: Timestamp = NOW.parse().unwrap();
    let clock = Clock::standing_at(now);
    let db = Db::open(&place.options, clock.clone()).await.unwrap();
    db.migrate(vx_zones::module().migrations).await.unwrap();
    println!("\n{:?}", db.engine());
    let places = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../data/units/places_2021.csv");
    let tree = Tree::new(read_places(&std::fs::read_to_string(places).unwrap(), None).0, Vec::new()).0;
    let today = time::day_of(now);
    // Five districts on islands have no communes and count themselves.
    let alone = |unit: &Unit| unit.kind == Kind::District && tree.children(unit.id.as_str()).next().is_none();
    let communes: Vec<(Path, i64)> = tree
        .on(today)
        .filter(|unit| unit.kind == Kind::Commune || alone(unit))
        .map(|unit| (unit.path.clone(), unit.population.unwrap_or(5_000).max(100)))
        .collect();
    assert!(communes.len() >= 10_599);
    let communes = Arc::new(communes);
    let begun = Instant::now();
    seed(&db, &communes, today, HISTORY_DAYS + 13).await;
    db.tidy_up().await.unwrap();
    println!(
        "seeded {} counts in {:.1} s",
        communes.len() * usize::try_from(HISTORY_DAYS + 13).unwrap(),
        begun.elapsed().as_secs_f64()
    );
    let root = Path::root();
    let moment = Moment { day: today, known_at: now };
    let (mut times, mut found) = (Vec::new(), 0);
    for n in 0..11 {
        let begun = Instant::now();
        let (_, all) = outcomes(&db, &tree, &root, &moment).await.unwrap();
        if n > 0 {
            times.push(begun.elapsed().as_secs_f64() * 1e3);
        }
        found = all.iter().flatten().filter(|outcome| outcome.level.is_some()).count();
    }
    assert_eq!(found, 10_599 + 705 + 63, "every unit has a level");
    let day = median(&mut times);
    println!(
        "levels of {found} units for a day, from the rows: {day:.1} ms, limit {DAY_MS} ms: {}",
        verdict(day <= DAY_MS)
    );
    let begun = Instant::now();
    let first = today.checked_sub((HISTORY_DAYS - 1).days()).unwrap();
    let world = world(&db, &tree, &root, first, today, now).await.unwrap();
    let book = rule_book(&mut db.read().await.unwrap(), now).await.unwrap();
    let read = begun.elapsed().as_secs_f64() * 1e3;
    let mut decided = 0;
    for n in 0..HISTORY_DAYS {
        let day = first.checked_add(n.days()).unwrap();
        decided += levels(&world, &book, day).iter().flatten().filter(|outcome| outcome.level.is_some()).count();
    }
    let history = begun.elapsed().as_secs_f64() * 1e3;
    assert!(decided > 10_599 * 90);
    println!(
        "{HISTORY_DAYS} days of them: {history:.0} ms, of which reading {read:.0} ms, limit {HISTORY_MS} ms: {}",
        verdict(history <= HISTORY_MS)
    );
    if db.engine() == Engine::Sqlite {
        db.close().await;
    }
    day <= DAY_MS && history <= HISTORY_MS
}
