//! Kept figures beside a count of the work itself, on every engine.
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

use std::{collections::BTreeMap, sync::Arc};

use jiff::{SignedDuration, Timestamp};
use vx_concepts::{
    engine::{Command, Decision, Effect, execute},
    work::{
        Due, DueKind, Filter, MIGRATIONS, NewWork, Part, Seen, Urgency, WorkItem, WorkState,
        count::{self, Load},
    },
};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    Clock,
    auth::{Actor, Breadth, Permission, Reach, Rights},
    store::{Db, Record as _, Sql, Tx, Uuid},
};
use vx_testkit::Place;

const NOW: &str = "2021-09-13T02:30:20Z";
const UNITS: [&str; 8] =
    ["94/", "94/941/", "94/941/31732/", "94/941/31735/", "94/942/31570/", "94/94.syt/", "95/954/31900/", "95/"];

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

/// Numbers without pattern, the same each time.
struct Chance(u64);
impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

fn due(chance: &mut Chance, now: Timestamp) -> Due {
    // Around the present minute by seconds, around "soon" by seconds and microseconds, and far from both.
    let seconds = [-20, -1, 0, 1, 30, 90, -3_600, 86_400, 86_401, 3 * 86_400, 3 * 86_400 + 1, -5 * 86_400, 9 * 86_400];
    match chance.below(seconds.len() + 1) {
        13 => Due::none(),
        n => Due {
            kind: DueKind::Absolute,
            at: Some(now.checked_add(SignedDuration::from_secs(seconds[n])).unwrap()),
            quote: None,
            rule: None,
        },
    }
}

fn item(chance: &mut Chance, now: Timestamp) -> WorkItem {
    WorkItem::new(NewWork {
        lead: path(UNITS[chance.below(UNITS.len())]),
        assigner: path(UNITS[chance.below(UNITS.len())]),
        about: Uuid::nil(),
        source: "1/UBND-VX".to_owned(),
        title: "Rà soát".to_owned(),
        detail: String::new(),
        clause: None,
        urgency: [None, Some(Urgency::HoaToc), Some(Urgency::Khan)][chance.below(3)],
        due: due(chance, now),
    })
}

/// Changes one item and, with it, another: a save and a move.
struct Change {
    to: WorkItem,
    with: Option<WorkItem>,
}
impl Command for Change {
    type Record = WorkItem;
    type Facts = WorkItem;
    const NAME: &'static str = "test.change";
    const READ: &'static str = "test.change";
    async fn gather(&self, tx: &mut Tx) -> Result<WorkItem, Problem> {
        tx.load(self.to.id).await
    }
    fn scope(&self, item: &WorkItem) -> Path {
        item.path.clone()
    }
    fn decide(&self, _: &WorkItem, _: &Actor, _: Timestamp) -> Result<Decision<WorkItem>, Problem> {
        let effects = self.with.iter().map(|item| Effect::Move(Box::new(item.clone()))).collect();
        Ok(Decision { record: self.to.clone(), effects })
    }
    fn before<'a>(&self, item: &'a WorkItem) -> Option<&'a WorkItem> {
        Some(item)
    }
}

fn changed(chance: &mut Chance, item: &WorkItem, now: Timestamp) -> WorkItem {
    let state = WorkState::ALL[chance.below(WorkState::ALL.len())];
    let due = due(chance, now);
    WorkItem {
        state,
        closed_at: state.is_closed().then_some(now),
        due_kind: due.kind,
        due_at: due.at,
        due_sort: due.at.unwrap_or_else(vx_concepts::work::without_deadline),
        path: path(UNITS[chance.below(UNITS.len())]),
        ..item.clone()
    }
}

async fn fill(db: &Db, now: Timestamp) {
    let mut chance = Chance(7);
    let items: Arc<Vec<WorkItem>> = Arc::new((0..400).map(|_| item(&mut chance, now)).collect());
    let to_open = items.clone();
    db.write(move |tx| {
        let items = to_open.clone();
        Box::pin(async move {
            for item in items.iter() {
                item.count_in(tx);
                tx.append_record(item);
            }
            Ok(())
        })
    })
    .await
    .unwrap();
    let by = Actor::system("test", Arc::new(Rights::new([Permission { name: "test.change", roles: &[] }])));
    for pair in items.chunks(2).take(150) {
        let load = async |id: Id<ids::WorkItem>| db.read().await.unwrap().load::<WorkItem>(id).await.unwrap();
        let to = changed(&mut chance, &load(pair[0].id).await, now);
        let with = Some(changed(&mut chance, &load(pair[1].id).await, now)).filter(|_| to.version % 2 == 1);
        execute(db, &by, Uuid::now_v7(), Change { to, with }).await.unwrap();
    }
}

fn filters() -> Vec<Filter> {
    let mut all = Vec::new();
    for part in [Part::Lead, Part::Assigned] {
        for seen in [None, Some(Seen::Overdue), Some(Seen::Soon), Some(Seen::NoDeadline), Some(Seen::DoneLate)] {
            for states in [
                vec![],
                vec![WorkState::Assigned],
                vec![WorkState::Reported, WorkState::Refused],
                vec![WorkState::Reported, WorkState::Confirmed],
            ] {
                for urgency in [None, Some(Urgency::HoaToc)] {
                    for unit in [None, Some(path("94/941/")), Some(path("94/941/31732/"))] {
                        all.push(Filter { part, seen, states: states.clone(), urgency, unit, ..Filter::default() });
                    }
                }
            }
        }
    }
    all
}

fn reaches() -> Vec<Vec<Reach>> {
    let below = |text: &str| Reach { path: path(text), breadth: Breadth::Subtree };
    vec![
        vec![below("")],
        vec![below("94/")],
        vec![below("94/941/")],
        vec![below("94/941/31732/")],
        vec![below("94/941/"), below("95/")],
        vec![below("94/"), below("94/941/"), below("94/941/")],
        vec![Reach { path: path("94/"), breadth: Breadth::Unit }],
        vec![],
    ]
}

#[tokio::test]
async fn kept_figures_are_the_counted_ones() {
    let now: Timestamp = NOW.parse().unwrap();
    for place in Place::all().await {
        let db = Db::open(&place.options, Clock::standing_at(now)).await.unwrap();
        db.migrate(MIGRATIONS).await.unwrap();
        fill(&db, now).await;
        // Two processes that begin at once, as over data older than the figures, count once.
        let other = Db::open(&place.options, Clock::standing_at(now)).await.unwrap();
        let (one, two) = tokio::join!(count::keep(&db), count::keep(&other));
        one.and(two).unwrap();
        other.close().await;
        // As they were kept, and as they are when all is counted anew.
        for again in [false, true] {
            if again {
                count::recount(&db).await.unwrap();
                count::sweep(&db).await.unwrap();
            }
            let mut conn = db.read().await.unwrap();
            for reach in reaches() {
                for filter in filters() {
                    let kept = count::count(&mut conn, &filter, &reach, now).await.unwrap();
                    let sql = Sql::new("select count(*) as n from work_item w");
                    let sql = filter.condition(sql, conn.tenant(), &reach, now);
                    let counted = conn.count(sql).await.unwrap();
                    assert_eq!(kept, counted, "{:?} {filter:?} {reach:?}", db.engine());
                }
                for top in ["", "94/", "94/941/"].map(path) {
                    let kept = count::loads(&mut conn, &top, &reach, now).await.unwrap();
                    assert_eq!(kept, loads(&mut conn, &top, &reach, now).await, "{:?} {top} {reach:?}", db.engine());
                }
            }
        }
        db.close().await;
    }
}

/// The same figures from the items themselves.
async fn loads(
    conn: &mut vx_platform::store::Conn,
    top: &Path,
    reach: &[Reach],
    now: Timestamp,
) -> BTreeMap<Path, Load> {
    let filter = Filter { unit: Some(top.clone()), ..Filter::default() };
    let sql = filter.condition(vx_concepts::work::select(), conn.tenant(), reach, now);
    let mut loads: BTreeMap<Path, Load> = BTreeMap::new();
    for row in conn.rows(sql).await.unwrap() {
        let item = WorkItem::read(&row).unwrap();
        let load = loads.entry(item.path.at_depth(top.depth() + 1)).or_default();
        load.open += 1;
        load.unacknowledged += i64::from(item.state == WorkState::Assigned);
        load.reported += i64::from(item.state == WorkState::Reported);
        load.overdue += i64::from(item.state != WorkState::Reported && item.due_at.is_some_and(|due| due < now));
    }
    loads
}
