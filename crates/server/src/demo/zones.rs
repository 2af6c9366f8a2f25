//! Zones of the demo: two weeks of counts of every commune, two months before them of those with cases, a cluster at the
//! coast, cases that come in a day late, a correction that was booked on one day, decisions and commitments, one of them
//! missed; figures are made up.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::Context as _;
use jiff::ToSpan as _;
use vx_concepts::{
    engine::{execute, run},
    work::WorkItem,
};
use vx_kernel::{Date, Id, Path, Problem, time, units::Kind};
use vx_platform::{
    Clock, params,
    store::{Record as _, Sql, Uuid},
    web::App,
};
use vx_tasks::{Acknowledge, Confirm, Do, Report};
use vx_zones::{
    Acting, Commit, Computed, Decide, Exclude, Explain, FIGURES, Judge, Level, Lock, Propose, RecordCount,
    RecordStanding, Signed, Zone, ask_causes,
    rules::UnitKind,
    types::{Commitment, Source},
};

use super::{Actor, actor, at, die, person};

/// Days that are counted.
const DAYS: i64 = 14;
/// The last of them.
const LAST: Date = jiff::civil::date(2021, 9, 12);
/// Communes in which cases have no known source and stand close together.
const CLUSTERS: [&str; 3] = ["31798", "31795", "31675"];
/// Communes around them, with cases without a known source.
const AROUND: [&str; 5] = ["31786", "31789", "31804", "31678", "31672"];
/// Communes that reported nothing on some days.
const SILENT: [&str; 2] = ["31561", "31807"];
/// A commune that counts less than the CDC does.
const TWO_SOURCES: &str = "31786";

/// From when on the CDC's counts of communes with cases were brought in when the program began.
const BROUGHT_FROM: Date = jiff::civil::date(2021, 7, 1);
/// A day on which the CDC booked what had been found in weeks, at one of the clusters.
const DUMP: (&str, Date, i64) = ("31795", jiff::civil::date(2021, 8, 9), 320);

/// What was decided in August and what became of it: commune, level then, level in September.
const DECIDED: [(&str, Zone, Option<Zone>); 10] = [
    ("31798", Zone::Red, None),
    ("31795", Zone::Orange, Some(Zone::Red)),
    ("31675", Zone::Orange, None),
    ("31786", Zone::Orange, None),
    ("31804", Zone::Orange, Some(Zone::Yellow)),
    ("31807", Zone::Orange, Some(Zone::Yellow)),
    ("31810", Zone::Yellow, Some(Zone::Green)),
    ("31672", Zone::Yellow, None),
    ("31673", Zone::Yellow, None),
    ("31678", Zone::Yellow, Some(Zone::Orange)),
];

/// Commitments: commune, from, to, by which day, signed on which day.
const COMMITTED: [(&str, Zone, Zone, &str, &str); 8] = [
    ("31804", Zone::Orange, Zone::Yellow, "2021-08-20", "2021-08-16"),
    ("31807", Zone::Orange, Zone::Yellow, "2021-08-20", "2021-08-16"),
    ("31786", Zone::Orange, Zone::Yellow, "2021-08-20", "2021-08-16"),
    ("31675", Zone::Orange, Zone::Yellow, "2021-08-20", "2021-08-16"),
    ("31810", Zone::Yellow, Zone::Green, "2021-09-03", "2021-08-20"),
    ("31672", Zone::Yellow, Zone::Green, "2021-09-03", "2021-08-20"),
    ("31673", Zone::Yellow, Zone::Green, "2021-09-15", "2021-09-01"),
    ("31807", Zone::Yellow, Zone::Green, "2021-09-25", "2021-09-05"),
];

fn path(text: &str) -> Result<Path, Problem> {
    Path::parse(text).map_err(Problem::internal)
}

/// A commune of the province as it stood in 2021: its path, name and people.
#[derive(Clone)]
struct Commune {
    path: Path,
    name: String,
    people: i64,
}

fn communes(app: &App) -> BTreeMap<String, Commune> {
    let tree = app.tree();
    let of_then = tree.descendants("94", Kind::Commune, Some(LAST));
    let commune = |unit: &vx_kernel::units::Unit| Commune {
        path: unit.path.clone(),
        name: unit.authority(),
        people: unit.population.unwrap_or(10_000),
    };
    of_then.map(|unit| (unit.id.to_string(), commune(unit))).collect()
}

fn province(unit: &str) -> Result<Acting, Problem> {
    Ok(Acting { unit: path(unit)?, place: path("94/")? })
}

pub(super) async fn seed(app: &App, clock: &Clock) -> anyhow::Result<()> {
    let communes = communes(app);
    clock.set(at("2021-08-29T10:00")?);
    let (office, health) =
        (actor(app, "vanphong").context("the office")?, actor(app, "syt.giamdoc").context("health")?);
    standings(app, &health, &communes).await.map_err(crate::said)?;
    brought(app, &health, &communes).await.map_err(crate::said)?;
    for (n, (key, then, _)) in DECIDED.iter().enumerate() {
        let signed = (format!("90{}/QĐ-BCĐ", 21 + n), "2021-08-15", "2021-08-15T18:00");
        decide(app, clock, &office, &communes, key, *then, &signed).await.map_err(crate::said)?;
    }
    for (key, from, to, by_on, signed_on) in &COMMITTED[..6] {
        commit(app, &office, &communes, key, (*from, *to), by_on, signed_on).await.map_err(crate::said)?;
    }
    // What was reached by 19 August was written down with the rest.
    let reached = ("9031/QĐ-BCĐ".to_owned(), "2021-08-19", "2021-08-19T12:00");
    decide(app, clock, &office, &communes, "31804", Zone::Yellow, &reached).await.map_err(crate::said)?;
    for back in (0..DAYS).rev() {
        let day = LAST.checked_sub(back.days())?;
        clock.set(time::instant(day.at(17, 10, 0, 0))?);
        counts(app, &communes, day).await.map_err(crate::said)?;
        if back == 6 {
            judge(app, &health, &communes).await.map_err(crate::said)?;
        }
        if back == 10 {
            // Two weeks and more after the day to which they had committed, four communes are asked why.
            ask_causes(app).await.map_err(crate::said)?;
            explain(app, &communes).await.map_err(crate::said)?;
        }
    }
    clock.set(at("2021-09-06T09:00")?);
    for (n, (key, _, now)) in DECIDED.iter().enumerate() {
        let Some(now) = now.filter(|_| *key != "31804") else { continue };
        let signed = (format!("90{}/QĐ-BCĐ", 41 + n), "2021-09-06", "2021-09-06T08:00");
        decide(app, clock, &office, &communes, key, now, &signed).await.map_err(crate::said)?;
    }
    for (key, from, to, by_on, signed_on) in &COMMITTED[6..] {
        commit(app, &office, &communes, key, (*from, *to), by_on, signed_on).await.map_err(crate::said)?;
    }
    clock.set(at("2021-09-12T18:30")?);
    two_sources(app, &health, &communes).await.map_err(crate::said)?;
    lock(app, &office, &communes).await.map_err(crate::said)?;
    propose(app, &communes).await.map_err(crate::said)?;
    clock.set(at("2021-09-13T07:00")?);
    ask_causes(app).await.map_err(crate::said)
}

/// What the health department knows of every commune.
async fn standings(app: &App, by: &Actor, communes: &BTreeMap<String, Commune>) -> Result<(), Problem> {
    let shared = Arc::new((by.clone(), communes.clone()));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (by, communes) = &*shared;
                for (key, commune) in communes {
                    let share = |percent: i64| Some(commune.people * percent / 100);
                    let covered = 25 + i64::try_from(die(&format!("tiem{key}"), 40)).unwrap_or(0);
                    let command = RecordStanding {
                        id: Id::fresh(),
                        by: province("94/94.syt/")?,
                        unit: commune.path.clone(),
                        holds_on: jiff::civil::date(2021, 8, 28),
                        source: Source::Cdc,
                        figures: [
                            Some(commune.people),
                            share(70),
                            Some(commune.people * 70 / 100 * covered / 100),
                            share(9),
                            Some(commune.people * 9 / 100 * covered / 200),
                            Some(commune.people * covered / 300),
                            None,
                            None,
                            Some(20),
                            None,
                            None,
                        ],
                        reported_on: jiff::civil::date(2021, 8, 29),
                    };
                    run(tx, by, Uuid::now_v7(), &command).await?;
                }
                Ok(())
            })
        })
        .await
}

/// What a commune counts on a day.
fn figures(key: &str, day: Date) -> [Option<i64>; FIGURES] {
    let roll = |of: &str, sides: u64| i64::try_from(die(&format!("{of}{key}{day}"), sides)).unwrap_or(0);
    let (traced, untraced, contacts) = if CLUSTERS.contains(&key) {
        (2 + roll("ca", 9), 1 + roll("nguon", 5), 20 + roll("f1", 60))
    } else if AROUND.contains(&key) {
        (roll("ca", 4), i64::from(roll("nguon", 6) == 0), 3 + roll("f1", 15))
    } else if die(key, 100) < 12 {
        (i64::from(roll("ca", 7) == 0), 0, i64::from(roll("f1", 4) == 0) * 3)
    } else {
        (0, 0, 0)
    };
    let other = i64::from(roll("khac", 30) == 0);
    let severe = i64::from(CLUSTERS.contains(&key) && roll("o-xy", 3) == 0);
    let deaths = i64::from(CLUSTERS.contains(&key) && roll("mat", 20) == 0);
    [Some(traced), Some(untraced), Some(other), Some(contacts), Some(severe), Some(deaths)]
}

/// Cases of a day of which the results of tests come in a day later, at communes with many.
fn late(key: &str, day: Date) -> i64 {
    let has_many = CLUSTERS.contains(&key) || AROUND.contains(&key);
    let traced = figures(key, day)[0].unwrap_or(0);
    let n = i64::try_from(die(&format!("muon{key}{day}"), 4)).unwrap_or(0);
    if has_many && day < LAST { n.min(traced) } else { 0 }
}

/// How strong the wave was on a day before the program began, in per cent of what came after.
fn wave(day: Date) -> i64 {
    let since = BROUGHT_FROM.until(day).map_or(0, |span| i64::from(span.get_days()));
    if since < 46 { 6 + since * 134 / 46 } else { 140 - (since - 46) * 40 / 14 }
}

/// What the CDC had counted before the program began, brought in together; the day of the correction is left out of what
/// is estimated for the province.
async fn brought(app: &App, by: &Actor, communes: &BTreeMap<String, Commune>) -> Result<(), Problem> {
    let has_cases = |key: &str| CLUSTERS.contains(&key) || AROUND.contains(&key) || die(key, 100) < 12;
    let shared: Vec<(String, Path)> =
        communes.iter().filter(|(key, _)| has_cases(key)).map(|(key, one)| (key.clone(), one.path.clone())).collect();
    let shared = Arc::new((by.clone(), shared));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (by, communes) = &*shared;
                for (key, path) in communes {
                    let mut day = BROUGHT_FROM;
                    while day <= jiff::civil::date(2021, 8, 29) {
                        // Of each case so many per cent; of what is left over, by chance.
                        let weakened = |(at, figure): (usize, Option<i64>)| {
                            let chance = i64::try_from(die(&format!("song{at}{key}{day}"), 100)).unwrap_or(0);
                            figure.map(|figure| (figure * wave(day) + chance) / 100)
                        };
                        let mut all = figures(key, day).into_iter().enumerate().map(weakened);
                        let mut figures: [Option<i64>; FIGURES] = std::array::from_fn(|_| all.next().flatten());
                        if (key.as_str(), day) == (DUMP.0, DUMP.1) {
                            figures[0] = Some(DUMP.2);
                        }
                        let command = RecordCount {
                            id: Id::fresh(),
                            by: province("94/94.syt/")?,
                            unit: path.clone(),
                            counted_on: day,
                            source: Source::Cdc,
                            figures,
                            reported_on: jiff::civil::date(2021, 8, 29),
                            reason: None,
                        };
                        run(tx, by, Uuid::now_v7(), &command).await?;
                        day = day.tomorrow().map_err(Problem::internal)?;
                    }
                }
                Ok(())
            })
        })
        .await?;
    let command = Exclude {
        id: Id::fresh(),
        by: province("94/94.syt/")?,
        unit: path("94/")?,
        counted_on: DUMP.1,
        left_out: true,
        reason: "CDC nhập bù trong một ngày các ca phát hiện từ cuối tháng 7 tại một ổ dịch.".to_owned(),
    };
    execute(app.db(), by, Uuid::now_v7(), command).await.map(drop)
}

/// Whether the communes themselves counted a day.
fn days_counted(day: Date) -> bool {
    day.until(LAST).is_ok_and(|left| i64::from(left.get_days()) < DAYS)
}

async fn counts(app: &App, communes: &BTreeMap<String, Commune>, day: Date) -> Result<(), Problem> {
    let shared = Arc::new((communes.clone(), app.rights().clone()));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (communes, rights) = &*shared;
                for (key, commune) in communes {
                    if SILENT.contains(&key.as_str()) && die(&format!("im{key}{day}"), 3) == 0 {
                        continue;
                    }
                    let count = |of: Date, figures, reason: Option<&str>| RecordCount {
                        id: Id::fresh(),
                        by: Acting { unit: commune.path.clone(), place: commune.path.clone() },
                        unit: commune.path.clone(),
                        counted_on: of,
                        source: Source::Unit,
                        figures,
                        reported_on: day,
                        reason: reason.map(str::to_owned),
                    };
                    let by = Actor::system(&person(key), rights.clone());
                    let mut known = figures(key, day);
                    known[0] = known[0].map(|traced| traced - late(key, day));
                    run(tx, &by, Uuid::now_v7(), &count(day, known, None)).await?;
                    let before = day.yesterday().map_err(Problem::internal)?;
                    if late(key, before) > 0 && days_counted(before) {
                        let reason = "Bổ sung ca có kết quả xét nghiệm về muộn.";
                        let whole = count(before, figures(key, before), Some(reason));
                        run(tx, &by, Uuid::now_v7(), &whole).await?;
                    }
                }
                Ok(())
            })
        })
        .await
}

async fn judge(app: &App, by: &Actor, communes: &BTreeMap<String, Commune>) -> Result<(), Problem> {
    let answers = CLUSTERS
        .iter()
        .map(|key| (*key, "cluster", "Ba chùm ca tại chợ và hai tổ dân cư, chưa tìm được ca chỉ điểm."))
        .chain([("31810", "border", "Giáp ranh tỉnh bạn, nhiều người về theo đường biển.")]);
    for (key, question, reason) in answers {
        let Some(commune) = communes.get(key) else { continue };
        let command = Judge {
            id: Id::fresh(),
            by: province("94/94.syt/")?,
            unit: commune.path.clone(),
            kind: Some(UnitKind::Commune),
            question: question.to_owned(),
            yes: true,
            reason: reason.to_owned(),
            from_on: time::day_of(app.clock().now()),
        };
        execute(app.db(), by, Uuid::now_v7(), command).await?;
    }
    Ok(())
}

/// Number, day of signature, hour of effect.
type Paper<'t> = (String, &'t str, &'t str);

async fn decide(
    app: &App,
    clock: &Clock,
    by: &Actor,
    communes: &BTreeMap<String, Commune>,
    key: &str,
    zone: Zone,
    (number, signed_on, effective_at): &Paper<'_>,
) -> Result<(), Problem> {
    let Some(commune) = communes.get(key) else { return Ok(()) };
    let level = Level::Zone(zone);
    let id = Id::fresh();
    let command = Decide {
        id,
        by: province("94/")?,
        by_kind: Kind::Province,
        unit: commune.path.clone(),
        unit_name: commune.name.clone(),
        key: key.to_owned(),
        level,
        level_name: app.words().say(time::Lang::Vi, &level.key(), &[]).to_lowercase(),
        computed: Computed { level: Some(level), rule_set: "2093".to_owned(), ..Computed::default() },
        signed: Signed {
            number: number.clone(),
            signer: "Phạm Hoàng Minh".to_owned(),
            post: "Chủ tịch UBND tỉnh, Trưởng Ban Chỉ đạo".to_owned(),
            on: signed_on.parse().map_err(Problem::internal)?,
        },
        effective_at: at(effective_at).map_err(|error| Problem::internal(error.to_string()))?,
        proposal: None,
        paper: None,
        reason: None,
    };
    execute(app.db(), by, Uuid::now_v7(), command).await?;
    carried_out(app, clock, id.uuid()).await
}

/// The commune has carried out what the decision asked for, and the province has confirmed it.
async fn carried_out(app: &App, clock: &Clock, about: Uuid) -> Result<(), Problem> {
    let mut conn = app.db().read().await?;
    let sql = "select id from work_item where tenant = $1 and about = $2";
    let rows = conn.rows(Sql::with(sql, params![conn.tenant(), about])).await?;
    let tasks = rows.iter().map(|row| row.get("id")).collect::<Result<Vec<Id<_>>, _>>()?;
    let now = clock.now();
    for task in tasks {
        let item: WorkItem = conn.load(task).await?;
        let by = Actor::system(&person(item.path.unit()), app.rights().clone());
        let result = "Đã thông báo trên loa, niêm yết và tổ chức thực hiện.".to_owned();
        execute(app.db(), &by, Uuid::now_v7(), Do { task, step: Acknowledge }).await?;
        execute(app.db(), &by, Uuid::now_v7(), Do { task, step: Report { result } }).await?;
        let office = Actor::system("Trần Ngọc Lan", app.rights().clone());
        execute(app.db(), &office, Uuid::now_v7(), Do { task, step: Confirm { note: None } }).await?;
    }
    clock.set(now);
    Ok(())
}

async fn commit(
    app: &App,
    by: &Actor,
    communes: &BTreeMap<String, Commune>,
    key: &str,
    (from, to): (Zone, Zone),
    by_on: &str,
    signed_on: &str,
) -> Result<(), Problem> {
    let Some(commune) = communes.get(key) else { return Ok(()) };
    let command = Commit {
        id: Id::fresh(),
        by: province("94/")?,
        unit: commune.path.clone(),
        from_level: Level::Zone(from),
        to_level: Level::Zone(to),
        signed_on: signed_on.parse().map_err(Problem::internal)?,
        by_on: by_on.parse().map_err(Problem::internal)?,
        signer: person(key),
        signer_post: commune.name.replacen("UBND", "Chủ tịch UBND", 1),
    };
    execute(app.db(), by, Uuid::now_v7(), command).await.map(drop)
}

/// One of the communes that were asked has answered.
async fn explain(app: &App, communes: &BTreeMap<String, Commune>) -> Result<(), Problem> {
    let Some(commune) = communes.get("31786") else { return Ok(()) };
    let mut conn = app.db().read().await?;
    let sql =
        Sql::new("select ").sql(Commitment::SELECT).sql(" from zone_commitment where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(&commune.path).sql(" and asked_at is not null");
    let asked = conn.rows(sql).await?.iter().map(Commitment::read).collect::<Result<Vec<_>, _>>()?;
    drop(conn);
    let by = Actor::system(&person("31786"), app.rights().clone());
    for commitment in asked {
        let causes = "Phát sinh ca mới trong khu vực chợ; đã khoanh vùng, xét nghiệm toàn bộ tiểu thương, đề nghị lùi hạn 10 ngày.";
        let command = Explain { commitment: commitment.id, causes: causes.to_owned() };
        execute(app.db(), &by, Uuid::now_v7(), command).await?;
    }
    Ok(())
}

/// The CDC knows of more cases than the commune has reported.
async fn two_sources(app: &App, by: &Actor, communes: &BTreeMap<String, Commune>) -> Result<(), Problem> {
    let Some(commune) = communes.get(TWO_SOURCES) else { return Ok(()) };
    let [traced, untraced, rest @ ..] = figures(TWO_SOURCES, LAST);
    let [other, contacts, oxygen, deaths] = rest;
    let more = |figure: Option<i64>| figure.map(|figure| figure + 2);
    let command = RecordCount {
        id: Id::fresh(),
        by: province("94/94.syt/")?,
        unit: commune.path.clone(),
        counted_on: LAST,
        source: Source::Cdc,
        figures: [more(traced), more(untraced), other, contacts, oxygen, deaths],
        reported_on: LAST,
        reason: None,
    };
    execute(app.db(), by, Uuid::now_v7(), command).await.map(drop)
}

async fn lock(app: &App, by: &Actor, communes: &BTreeMap<String, Commune>) -> Result<(), Problem> {
    let Some(commune) = communes.get("31798") else { return Ok(()) };
    let command = Lock {
        id: Id::fresh(),
        by: province("94/")?,
        by_kind: Kind::Province,
        unit: commune.path.clone(),
        is_commune: true,
        name: "Xóm chợ, ấp Ca Lạc".to_owned(),
        extent: "Từ đầu cầu chợ đến hết tổ tự quản số 7, hai bên lộ đal.".to_owned(),
        households: Some(86),
        people: Some(342),
        number: "9061/QĐ-UBND".to_owned(),
        signer: "Phạm Hoàng Minh".to_owned(),
        from_at: app.clock().now(),
        planned_until_at: Some(app.clock().now() + jiff::SignedDuration::from_hours(14 * 24)),
    };
    execute(app.db(), by, Uuid::now_v7(), command).await.map(drop)
}

/// What the health department proposes and nobody has decided on.
async fn propose(app: &App, communes: &BTreeMap<String, Commune>) -> Result<(), Problem> {
    let (Some(commune), Some(by)) = (communes.get("31675"), actor(app, "syt.canbo")) else { return Ok(()) };
    let command = Propose {
        id: Id::fresh(),
        by: province("94/94.syt/")?,
        unit: commune.path.clone(),
        level: Level::Zone(Zone::Red),
        computed: Computed {
            level: Some(Level::Zone(Zone::Red)),
            rule_set: "2093".to_owned(),
            reasons: "Cán bộ đánh giá có: Có chùm ca bệnh chưa rõ nguồn lây".to_owned(),
            unverified: true,
        },
        computed_on: LAST,
        note: "Đề nghị nâng mức trong đêm để kịp lập chốt.".to_owned(),
    };
    execute(app.db(), &by, Uuid::now_v7(), command).await.map(drop)
}
