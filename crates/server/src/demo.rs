//! The demo: Sóc Trăng in September 2021, two weeks of work in all states, an account per role.
//!
//! Everything is made through the commands that people use, at the hours they would have used them; units are real,
//! persons are synthetic, dispatches are samples written for this. The same folder shows the same province every time.

mod reports;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path as FilePath,
    sync::Arc,
};

use anyhow::Context as _;
use jiff::{Timestamp, ToSpan as _, civil::DateTime};
use vx_concepts::{
    engine::{execute, run},
    receipt::Open,
    work::{Escalation, Filter, Part, WorkItem, WorkState},
};
use vx_directives::{
    Issue, Replace, Review,
    changes::{Fate, Out, propose},
    store as directives, take_in,
};
use vx_foundation::{
    accounts::{self, DemoAccount, GrantRole},
    units,
};
use vx_kernel::{Id, Path, Problem, ids, time};
use vx_platform::{
    Clock,
    auth::{
        Actor, Held,
        Role::{self, Admin, Chair, Head, Observer, Office, Officer},
        hash_password,
    },
    jobs,
    store::{StoreOptions, Tx, Uuid, put_setting, setting},
    web::{App, Demo},
};
use vx_tasks::{
    Acknowledge, AskExtension, Confirm, Count, Do, Note, PartTarget, Refuse, Report, Return, Split, Urge,
    clock as ticks, store as tasks,
};

mod papers;
mod publications;
mod sites;
mod zones;

/// The demo's password, shown on its sign-in page.
pub const PASSWORD: &str = "vungxanh2021";
/// Where the demo's clock starts.
const NOW: &str = "2021-09-13T07:30";
/// The evening before.
const EVENING: &str = "2021-09-12T21:00";
/// When its accounts were opened.
const BEGAN: &str = "2021-08-29T08:00";
/// The setting that holds the drill clock's distance from the real one, in seconds.
const SHIFT: &str = "demo.clock_shift_seconds";

/// Dispatches of the demo: file, text, when it was taken in, whether its tasks went out.
const SAMPLES: &[(&str, &str, &str, bool)] = &[
    ("mau-0-chot-tam.txt", include_str!("../../../fixtures/demo/mau-0-chot-tam.txt"), "2021-08-29T15:30", true),
    ("mau-1-kiem-soat.txt", include_str!("../../../fixtures/demo/mau-1-kiem-soat.txt"), "2021-08-30T09:10", true),
    ("mau-2-xet-nghiem.txt", include_str!("../../../fixtures/demo/mau-2-xet-nghiem.txt"), "2021-09-03T10:20", true),
    ("mau-3-an-sinh.txt", include_str!("../../../fixtures/demo/mau-3-an-sinh.txt"), "2021-09-08T14:00", true),
    ("mau-4-cua-ngo.txt", include_str!("../../../fixtures/demo/mau-4-cua-ngo.txt"), "2021-09-12T20:15", true),
    (
        "mau-5-cho-doi-chieu.txt",
        include_str!("../../../fixtures/demo/mau-5-cho-doi-chieu.txt"),
        "2021-09-13T07:05",
        false,
    ),
];

/// Accounts: login, name, title, home, roles.
type Account = (&'static str, &'static str, &'static str, &'static str, &'static [(Role, &'static str)]);
const ACCOUNTS: &[Account] = &[
    ("chutich", "Phạm Hoàng Minh", "Chủ tịch UBND tỉnh Sóc Trăng", "94/", &[(Chair, "94/")]),
    (
        "vanphong",
        "Trần Ngọc Lan",
        "Chuyên viên Văn phòng UBND tỉnh",
        "94/",
        &[(Office, "94/"), (Office, "91/"), (Office, "70/")],
    ),
    ("syt.giamdoc", "Nguyễn Đức Thịnh", "Giám đốc Sở Y tế", "94/94.syt/", &[(Head, "94/94.syt/")]),
    ("syt.canbo", "Lý Thị Hồng", "Chuyên viên Sở Y tế", "94/94.syt/", &[(Officer, "94/94.syt/")]),
    ("congan", "Đỗ Quang Huy", "Phó Giám đốc Công an tỉnh", "94/94.ca/", &[(Head, "94/94.ca/")]),
    ("quansu", "Vũ Mạnh Cường", "Chỉ huy phó Bộ Chỉ huy Quân sự tỉnh", "94/94.qs/", &[(Head, "94/94.qs/")]),
    ("tttt", "Hồ Gia Bảo", "Phó Giám đốc Sở Thông tin và Truyền thông", "94/94.stttt/", &[(Head, "94/94.stttt/")]),
    ("benhvien", "Mai Thanh Tâm", "Phó Giám đốc Bệnh viện Đa khoa tỉnh", "94/94.bvdk/", &[(Head, "94/94.bvdk/")]),
    ("huyen.chutich", "Thạch Sơn", "Chủ tịch UBND huyện Kế Sách", "94/943/", &[(Chair, "94/943/")]),
    (
        "huyen.canbo",
        "Kim Thị Sa Rây",
        "Chuyên viên Văn phòng HĐND và UBND huyện Kế Sách",
        "94/943/",
        &[(Office, "94/943/")],
    ),
    (
        "xa.chutich",
        "Lâm Văn Phúc",
        "Chủ tịch UBND xã Xuân Hòa, huyện Kế Sách",
        "94/943/31534/",
        &[(Chair, "94/943/31534/")],
    ),
    (
        "xa.canbo",
        "Sơn Thị Mỹ",
        "Công chức UBND xã Xuân Hòa, huyện Kế Sách",
        "94/943/31534/",
        &[(Officer, "94/943/31534/")],
    ),
    ("theodoi", "Bùi Thế Anh", "Thanh tra tỉnh, theo dõi thực hiện", "94/", &[(Observer, "94/")]),
    ("quantri", "Quản trị hệ thống", "Quản trị hệ thống", "", &[(Admin, "")]),
];

fn at(text: &str) -> anyhow::Result<Timestamp> {
    Ok(time::instant(text.parse::<DateTime>()?)?)
}

/// Opens the demo in a folder, making its data on the first start.
///
/// # Errors
/// When the folder cannot be used, or holds data of another sort.
pub async fn open(folder: &FilePath) -> anyhow::Result<App> {
    let options = StoreOptions::in_folder(folder, "soc-trang");
    let clock = Clock::standing_at(at(BEGAN)?);
    let app = crate::open(folder, &options, clock.clone(), None, false).await?;
    let mut conn = app.db().read().await.map_err(crate::said)?;
    let shift = setting(&mut conn, SHIFT).await.map_err(crate::said)?;
    drop(conn);
    let shift = match shift.and_then(|text| text.parse::<i64>().ok()) {
        Some(shift) => shift,
        None => {
            seed(&app, &clock).await.context("making the demo's data")?;
            let shift = at(NOW)?.as_second() - Timestamp::now().as_second();
            put_setting(app.db(), SHIFT, &shift.to_string()).await.map_err(crate::said)?;
            shift
        }
    };
    app.db().close().await;
    let accounts =
        ACCOUNTS.iter().map(|(login, name, title, ..)| ((*login).to_owned(), format!("{name} – {title}"))).collect();
    let demo = Demo { accounts, password: PASSWORD.to_owned() };
    let clock = Clock::Shifted(jiff::SignedDuration::from_secs(shift));
    crate::open(folder, &options, clock, Some(demo), false).await
}

/// Makes the demo's data. Public for the tests that look at it.
///
/// # Errors
/// When a command that should go through is refused: a bug, and the tests find it.
pub async fn seed(app: &App, clock: &Clock) -> anyhow::Result<()> {
    clock.set(at(BEGAN)?);
    people(app).await?;
    // In the order of their days: notices begin behind the last block that is older than two weeks.
    sites::province(app).await.map_err(crate::said).context("sites")?;
    let office = actor(app, "vanphong").context("the office's account")?;
    let mut issued = Vec::new();
    for (number, (name, text, when, goes_out)) in SAMPLES.iter().enumerate() {
        clock.set(at(when)?);
        let key = Uuid::from_u128((number as u128 + 1) << 64);
        let ids = take_in(app, &office, key, name, text.as_bytes().to_vec()).await.map_err(crate::said)?;
        if *goes_out {
            clock.set(at(when)?.checked_add(25.minutes())?);
            for id in ids {
                issue(app, &office, id).await.map_err(crate::said).with_context(|| (*name).to_owned())?;
                issued.push(id);
            }
            // The second says that it takes the place of the first.
            if let [old, new] = issued.as_slice() {
                replace(app, &office, *old, *new).await.map_err(crate::said)?;
            }
        }
    }
    live(app, clock, &office).await?;
    follow(app, clock, &office).await?;
    reports::seed(app, clock).await?;
    papers::seed(app, clock).await.context("outgoing documents")?;
    zones::seed(app, clock).await.context("zones")?;
    publications::seed(app, clock).await.context("what the public is told")?;
    sites::below(app, clock).await.context("sites of a commune")?;
    clock.set(at(NOW)?);
    ticks::recur(app).await.map_err(crate::said)?;
    ticks::escalate(app).await.map_err(crate::said)?;
    // What followed from closed work is settled before the first visitor comes.
    while jobs::run_due(app).await.map_err(crate::said)? > 0 {}
    Ok(())
}

/// The province, its accounts and its heads, without any work. Public for tests that need no more.
///
/// # Errors
/// When a command that should go through is refused.
pub async fn people(app: &App) -> anyhow::Result<()> {
    units::set_provinces(app, &["94"]).await.map_err(crate::said)?;
    units::load(app).await.map_err(crate::said)?;
    open_accounts(app).await.map_err(crate::said)?;
    name_heads(app).await.map_err(crate::said)
}

fn actor(app: &App, login: &str) -> Option<Actor> {
    let (_, name, title, _, roles) = ACCOUNTS.iter().find(|account| account.0 == login)?;
    let held = roles
        .iter()
        .filter_map(|(role, path)| Some(Held { role: *role, path: Path::parse(path).ok()?, deputy_for: None }))
        .collect();
    let mut actor = Actor::system(name, app.rights().clone());
    actor.title = (*title).to_owned();
    actor.held = held;
    Some(actor)
}

async fn open_accounts(app: &App) -> Result<(), Problem> {
    // One hash for all: the password is public, and fourteen hashes would be most of the first start.
    let hash = hash_password(PASSWORD.to_owned()).await?;
    let by = Actor::system("Vùng Xanh", app.rights().clone());
    let from_on = time::day_of(app.clock().now());
    let shared = Arc::new((by, hash));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (by, hash) = &*shared;
                let mut opened: BTreeMap<&str, Id<ids::Account>> = BTreeMap::new();
                for (login, name, title, home, roles) in ACCOUNTS {
                    let path = Path::parse(home).map_err(Problem::internal)?;
                    let grants: Vec<(Role, Path)> = roles
                        .iter()
                        .map(|(role, path)| Ok((*role, Path::parse(path).map_err(Problem::internal)?)))
                        .collect::<Result<_, Problem>>()?;
                    let account =
                        DemoAccount { login, name, title, path: &path, password_hash: hash, grants: &grants, from_on };
                    opened.insert(login, accounts::open_demo_account(tx, by, &account).await?);
                }
                // A deputy: the district's office stands in for its chair this week.
                if let (Some(deputy), Some(chair)) = (opened.get("huyen.canbo"), opened.get("huyen.chutich")) {
                    let grant = GrantRole {
                        id: Id::fresh(),
                        account: *deputy,
                        role: Chair,
                        path: Path::parse("94/943/").map_err(Problem::internal)?,
                        from_on: jiff::civil::date(2021, 9, 11),
                        until_on: Some(jiff::civil::date(2021, 9, 19)),
                        deputy_for: Some(*chair),
                    };
                    run(tx, by, Uuid::now_v7(), &grant).await?;
                }
                Ok(())
            })
        })
        .await
}

/// Who answers for a few units, so that their pages show it: unit, title, name, (invented) telephone number.
const HEADS: &[(&str, &str, &str, &str)] = &[
    ("94/", "Chủ tịch UBND tỉnh", "Phạm Hoàng Minh", "0299 000 1001"),
    ("94/94.syt/", "Giám đốc Sở", "Nguyễn Đức Thịnh", "0299 000 1002"),
    ("94/943/", "Chủ tịch UBND huyện", "Thạch Sơn", "0299 000 1003"),
    ("94/943/31534/", "Chủ tịch UBND xã", "Sơn Văn Lợi", "0299 000 1004"),
];

async fn name_heads(app: &App) -> Result<(), Problem> {
    let by = Actor::system("Vùng Xanh", app.rights().clone());
    let from = time::day_of(app.clock().now());
    for (unit, title, name, phone) in HEADS {
        let holder = units::Holder {
            post: None,
            unit: Path::parse(unit).map_err(Problem::internal)?,
            title: (*title).to_owned(),
            holder: Some((*name).to_owned()),
            accountable: true,
            phone: Some((*phone).to_owned()),
            from,
        };
        execute(app.db(), &by, Uuid::now_v7(), holder).await?;
    }
    // The other districts, so that the record can name who answers for them.
    let tree = app.tree();
    let districts = tree.children("94").filter(|unit| unit.kind == vx_kernel::units::Kind::District);
    for unit in districts.filter(|unit| HEADS.iter().all(|(path, ..)| *path != unit.path.as_str())) {
        let holder = units::Holder {
            post: None,
            unit: unit.path.clone(),
            title: format!("Chủ tịch UBND {}", unit.type_name),
            holder: Some(person(unit.id.as_str())),
            accountable: true,
            phone: None,
            from,
        };
        execute(app.db(), &by, Uuid::now_v7(), holder).await?;
    }
    Ok(())
}

/// The last evening: a commune gets a new head, who finds its work handed over, and the district urges what is late.
async fn evening(app: &App) -> Result<(), Problem> {
    let commune = Path::parse("94/943/31534/").map_err(Problem::internal)?;
    let by = actor(app, "huyen.chutich").ok_or_else(Problem::not_found)?;
    let mut conn = app.db().read().await?;
    let post = units::posts(&mut conn, &commune).await?.into_iter().find(|post| post.accountable);
    let late = Filter { part: Part::Superior, escalated: Some(Escalation::Superior), ..Filter::default() };
    let late = tasks::list(&mut conn, &by, &late, app.clock().now(), None, 1).await?;
    drop(conn);
    if let Some(post) = post {
        let holder = units::Holder {
            post: Some(post.id),
            unit: post.path,
            title: post.title,
            holder: Some("Lâm Văn Phúc".to_owned()),
            accountable: true,
            phone: post.phone,
            from: time::day_of(app.clock().now()),
        };
        execute(app.db(), &by, Uuid::now_v7(), holder).await?;
    }
    let Some(home) = by.homes().first().map(|home| (*home).clone()) else { return Ok(()) };
    for task in late {
        let text = "Đề nghị báo cáo kết quả trước 10 giờ ngày 13/9, nêu rõ vướng mắc.".to_owned();
        execute(app.db(), &by, Uuid::now_v7(), Urge { task: task.id, unit: home.clone(), text }).await?;
    }
    Ok(())
}

/// Confirms a sample as the office would: everything in it was written to be clear.
async fn issue(app: &App, by: &Actor, id: Id<ids::Directive>) -> Result<(), Problem> {
    let directive = directives::visible(&mut app.db().read().await?, by, id).await?;
    let review = Review::of(&directive.review).ok_or_else(Problem::not_found)?;
    let tree = app.tree();
    let units = review.mentions.iter().flat_map(|mention| &mention.units).filter_map(|key| tree.get(key));
    let paths = units.map(|unit| (unit.id.clone(), unit.path.clone())).collect();
    execute(app.db(), by, Uuid::now_v7(), Issue { directive: id, version: directive.version, paths }).await.map(drop)
}

/// Does what the text of a sample says: it takes the place of another, and what the same units have to do goes on.
async fn replace(app: &App, by: &Actor, old: Id<ids::Directive>, new: Id<ids::Directive>) -> Result<(), Problem> {
    let mut conn = app.db().read().await?;
    let (old, new) = (Out::read(&mut conn, old).await?, Out::read(&mut conn, new).await?);
    drop(conn);
    let carried = propose(&old.open, &new.open).into_iter().filter(|(_, fate)| *fate != Fate::CalledOff);
    let command = Replace {
        directive: old.directive.id,
        version: old.directive.version,
        by: new.directive.id,
        reason: "Văn bản mới quy định đầy đủ hơn".to_owned(),
        carried: carried.map(|(id, _)| id).collect(),
    };
    execute(app.db(), by, Uuid::now_v7(), command).await.map(drop)
}

/// What a unit does with a task.
#[derive(Clone, Debug)]
enum Act {
    Acknowledge,
    Note(&'static str),
    Report(&'static str),
    Confirm,
    Return(&'static str),
    Refuse(&'static str),
    Split(Vec<Path>),
}

/// Two weeks of work on the tasks that went out, told hour by hour. The clock's own work is done on the way: what comes
/// back is opened and gets its course too, what is late climbs.
async fn live(app: &App, clock: &Clock, office: &Actor) -> anyhow::Result<()> {
    let mut conn = app.db().read().await.map_err(crate::said)?;
    let all = Filter { with_closed: true, ..Filter::default() };
    let end = at(NOW)?;
    let mut open = tasks::list(&mut conn, office, &all, end, None, 20_000).await.map_err(crate::said)?;
    drop(conn);
    // Ids are made anew each time; the order of the story is not.
    open.retain(|task| task.state != WorkState::Cancelled);
    open.sort_by_cached_key(|task| (task.source.clone(), task.clause.clone(), task.path.clone()));
    let tree = app.tree();
    let mut story: BTreeMap<(Timestamp, usize), Moment> = BTreeMap::new();
    let mut known: BTreeSet<Id<ids::WorkItem>> = BTreeSet::new();
    let mut tell = |tasks: &[WorkItem], sent: Option<Timestamp>| -> anyhow::Result<Vec<Moment>> {
        let mut moments = Vec::new();
        for task in tasks.iter().filter(|task| known.insert(task.id)) {
            let begun = task.due_sort.min(end);
            let sample = || SAMPLES.iter().find(|(_, text, ..)| text.contains(&task.source));
            let sent = sent.or_else(|| sample().and_then(|(_, _, when, _)| at(when).ok())).unwrap_or(begun);
            for (hours, act) in course(task, &tree) {
                // An occurrence of every third day has no week to be done in.
                let minutes = if task.occurs_on.is_some() { hours * 30 } else { hours * 60 };
                let when = sent.checked_add(30.minutes())?.checked_add(minutes.minutes())?;
                if when < end {
                    moments.push((when, task.id, task.path.clone(), task.assigner.clone(), act));
                }
            }
        }
        Ok(moments)
    };
    let mut told = 0;
    let mut add = |story: &mut BTreeMap<(Timestamp, usize), Moment>, moments: Vec<Moment>| {
        for moment in moments {
            told += 1;
            story.insert((moment.0, told), moment);
        }
    };
    add(&mut story, tell(&open, None)?);
    let (evening_at, mut evening_told) = (at(EVENING)?, false);
    while let Some((&(when, _), _)) = story.first_key_value() {
        let later = story.split_off(&(when, usize::MAX));
        let now: Vec<Moment> = std::mem::replace(&mut story, later).into_values().collect();
        if when > evening_at && !evening_told {
            clock.set(evening_at);
            ticks::escalate(app).await.map_err(crate::said)?;
            evening(app).await.map_err(crate::said)?;
            while jobs::run_due(app).await.map_err(crate::said)? > 0 {}
            evening_told = true;
        }
        clock.set(when);
        if ticks::recur(app).await.map_err(crate::said)? > 0 {
            let came = Filter { with_closed: true, due_from: Some(time::day_of(when)), ..Filter::default() };
            let mut conn = app.db().read().await.map_err(crate::said)?;
            let mut came = tasks::list(&mut conn, office, &came, when, None, 20_000).await.map_err(crate::said)?;
            came.retain(|task| task.occurs_on.is_some());
            came.sort_by_cached_key(|task| (task.occurs_on, task.path.clone()));
            add(&mut story, tell(&came, Some(when))?);
        }
        ticks::escalate(app).await.map_err(crate::said)?;
        hour(app, now).await.map_err(crate::said)?;
    }
    Ok(())
}

/// When, which task, who leads it, who assigned it, and what happens.
type Moment = (Timestamp, Id<ids::WorkItem>, Path, Path, Act);

async fn hour(app: &App, moments: Vec<Moment>) -> Result<(), Problem> {
    let shared = Arc::new((moments, app.rights().clone(), app.tree()));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (moments, rights, tree) = &*shared;
                for (_, task, lead, assigner, act) in moments {
                    let unit = if matches!(act, Act::Confirm | Act::Return(_)) { assigner } else { lead };
                    let name = tree.at_path(unit).map_or_else(String::new, |unit| person(unit.id.as_str()));
                    let by = &Actor::system(&name, rights.clone());
                    let (task, key) = (*task, Uuid::now_v7());
                    if unit == lead {
                        opens(tx, by, task, lead).await?;
                    }
                    match act {
                        Act::Acknowledge => run(tx, by, key, &Do { task, step: Acknowledge }).await,
                        Act::Note(text) => {
                            run(tx, by, key, &Note { task, unit: lead.clone(), text: (*text).to_owned() }).await
                        }
                        Act::Report(text) => {
                            run(tx, by, key, &Do { task, step: Report { result: (*text).to_owned() } }).await
                        }
                        Act::Confirm => run(tx, by, key, &Do { task, step: Confirm { note: None } }).await,
                        Act::Return(text) => {
                            run(tx, by, key, &Do { task, step: Return { reason: (*text).to_owned() } }).await
                        }
                        Act::Refuse(text) => {
                            run(tx, by, key, &Do { task, step: Refuse { reason: (*text).to_owned() } }).await
                        }
                        Act::Split(to) => {
                            run(tx, by, key, &Do { task, step: Split { to: to.clone(), target: Some(samples()) } })
                                .await
                        }
                    }?;
                }
                Ok(())
            })
        })
        .await
}

/// Nobody works on what they have not looked at.
async fn opens(tx: &mut Tx, by: &Actor, task: Id<ids::WorkItem>, unit: &Path) -> Result<(), Problem> {
    let about = tx.load::<WorkItem>(task).await?.about;
    match run(tx, by, Uuid::now_v7(), &Open { about, unit: unit.clone() }).await {
        // It was opened with another of its tasks.
        Err(problem) if problem.code == "directives.open.not_awaited" => Ok(()),
        opened => opened.map(drop),
    }
}

/// What each commune owes of a district's testing.
fn samples() -> PartTarget {
    PartTarget { of: "mẫu xét nghiệm".to_owned(), each: Some(240), units: BTreeMap::new() }
}

/// What follows from the work: communes count their samples, some units ask for more time.
async fn follow(app: &App, clock: &Clock, office: &Actor) -> anyhow::Result<()> {
    let mut conn = app.db().read().await.map_err(crate::said)?;
    let all = Filter::default();
    let mut open = tasks::list(&mut conn, office, &all, at(NOW)?, None, 20_000).await.map_err(crate::said)?;
    drop(conn);
    open.sort_by_cached_key(|task| (task.source.clone(), task.clause.clone(), task.path.clone()));
    let counting: Vec<WorkItem> = open
        .iter()
        .filter(|task| task.parent.is_some() && task.target_of.is_some() && die(task.path.as_str(), 10) < 7)
        .cloned()
        .collect();
    let asking: Vec<WorkItem> = open
        .into_iter()
        .filter(|task| task.state == WorkState::InProgress && task.parent.is_none())
        .filter(|task| task.due_at.is_some_and(|due| die(&format!("{due}{}", task.path.as_str()), 10) < 3))
        .collect();
    for (day, hour) in [(5, 8), (8, 17), (11, 17), (12, 17)] {
        clock.set(time::instant(jiff::civil::date(2021, 9, day).at(hour, 0, 0, 0))?);
        counted(app, counting.clone(), day).await.map_err(crate::said)?;
    }
    clock.set(time::instant(jiff::civil::date(2021, 9, 13).at(7, 10, 0, 0))?);
    more_time(app, asking).await.map_err(crate::said)
}

/// The first day they acknowledge, on the others they count what they took since.
async fn counted(app: &App, parts: Vec<WorkItem>, day: i8) -> Result<(), Problem> {
    let shared = Arc::new((parts, app.rights().clone(), app.tree()));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (parts, rights, tree) = &*shared;
                for part in parts {
                    let name = tree.at_path(&part.path).map_or_else(String::new, |unit| person(unit.id.as_str()));
                    let by = &Actor::system(&name, rights.clone());
                    let (task, key) = (part.id, Uuid::now_v7());
                    if day == 5 {
                        opens(tx, by, task, &part.path).await?;
                        run(tx, by, key, &Do { task, step: Acknowledge }).await?;
                        continue;
                    }
                    let n = 20 + i64::try_from(die(&format!("{day}{}", part.path.as_str()), 70)).unwrap_or(0);
                    let on = time::day_of(tx.now());
                    run(tx, by, key, &Count { task, on, n, note: None, corrects: None }).await?;
                }
                Ok(())
            })
        })
        .await
}

async fn more_time(app: &App, asking: Vec<WorkItem>) -> Result<(), Problem> {
    let shared = Arc::new((asking, app.rights().clone(), app.tree()));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (asking, rights, tree) = &*shared;
                for task in asking {
                    let name = tree.at_path(&task.path).map_or_else(String::new, |unit| person(unit.id.as_str()));
                    let by = &Actor::system(&name, rights.clone());
                    let latest = time::day_of(task.due_at.unwrap_or(tx.now()).max(tx.now()));
                    let day = latest.checked_add(2.days()).map_err(Problem::internal)?;
                    let until = time::instant(day.at(17, 0, 0, 0)).map_err(Problem::internal)?;
                    let reason = "Thiếu nhân lực do nhiều cán bộ đang cách ly, đề nghị gia hạn thêm.".to_owned();
                    let step = AskExtension { until, reason };
                    run(tx, by, Uuid::now_v7(), &Do { task: task.id, step }).await?;
                }
                Ok(())
            })
        })
        .await
}

/// A number that depends only on a text (FNV-1a), so that the same unit does the same every time.
fn die(text: &str, sides: u64) -> u64 {
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    (hash >> 20) % sides
}

/// A synthetic name for whoever acts in a unit.
fn person(unit: &str) -> String {
    const FAMILY: [&str; 10] = ["Nguyễn", "Trần", "Lê", "Phạm", "Thạch", "Kim", "Lâm", "Sơn", "Huỳnh", "Võ"];
    const MIDDLE: [&str; 8] = ["Văn", "Thị", "Hữu", "Minh", "Ngọc", "Thanh", "Quốc", "Thùy"];
    const GIVEN: [&str; 12] =
        ["An", "Bình", "Dũng", "Hạnh", "Khoa", "Liên", "Nam", "Oanh", "Phượng", "Sang", "Tuấn", "Yến"];
    let pick = |salt: &str, from: &[&str]| {
        let index = usize::try_from(die(&format!("{salt}{unit}"), from.len() as u64)).unwrap_or(0);
        from.get(index).map_or(String::new(), |word| (*word).to_owned())
    };
    format!("{} {} {}", pick("ho", &FAMILY), pick("dem", &MIDDLE), pick("ten", &GIVEN))
}

/// The commune in which the README's tour ends: Xuân Hòa, Kế Sách.
const TOUR: &str = "94/943/31534/";

/// The course of one task: hours after it was sent, and what happens.
fn course(task: &WorkItem, tree: &vx_kernel::units::Tree) -> Vec<(i64, Act)> {
    const NOTES: [&str; 4] = [
        "Đã họp triển khai, phân công từng thành viên phụ trách.",
        "Đang rà soát danh sách, dự kiến xong trong tuần.",
        "Đã hoàn thành khoảng một nửa khối lượng, còn vướng nhân lực.",
        "Đã làm việc với các đơn vị phối hợp, thống nhất cách làm.",
    ];
    let word = format!("{}|{:?}|{}", task.source, task.clause, task.path.as_str());
    let roll = die(&word, 100);
    let hours = |from: i64, spread: u64| from + i64::try_from(die(&format!("{word}{from}"), spread)).unwrap_or(0);
    let note = NOTES.get(usize::try_from(die(&format!("note{word}"), 4)).unwrap_or(0)).copied().unwrap_or_default();
    let first = (hours(1, 20), Act::Acknowledge);
    let working = (hours(24, 30), Act::Note(note));
    let done = (hours(60, 60), Act::Report("Đã thực hiện xong theo yêu cầu, có biên bản kèm theo."));
    let confirmed = (hours(125, 20), Act::Confirm);
    let below: Vec<Path> = tree
        .children(task.path.unit())
        .filter(|unit| {
            unit.kind == vx_kernel::units::Kind::Commune && unit.until.is_none_or(|until| until.year() >= 2025)
        })
        .map(|unit| unit.path.clone())
        .collect();
    let is_district = task.path.depth() == 2 && !below.is_empty();
    debug_assert_ne!(task.state, WorkState::Cancelled);
    match roll {
        _ if is_district && task.source.starts_with("9002") && roll < 45 => {
            vec![first, (hours(22, 6), Act::Split(below))]
        }
        // The commune of the tour has something left to acknowledge.
        _ if task.path.as_str() == TOUR && matches!(task.source.get(..4), Some("9002" | "9003")) => Vec::new(),
        0..18 => Vec::new(),
        18..32 => vec![first],
        32..36 => vec![
            first,
            (hours(22, 4), Act::Refuse("Nội dung này thuộc thẩm quyền của cơ quan cấp trên, đề nghị giao lại.")),
        ],
        36..56 => vec![first, working],
        56..70 => vec![first, working, done],
        70..76 => vec![
            first,
            working,
            done,
            (hours(125, 20), Act::Return("Chưa có số liệu theo từng khóm, ấp; đề nghị bổ sung.")),
        ],
        _ => vec![first, working, done, confirmed],
    }
}
