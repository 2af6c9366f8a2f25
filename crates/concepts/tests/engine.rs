//! The one verb on both engines: what a command leaves behind, and what it never does.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::{
    future::poll_fn,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::Poll,
};

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use tokio::sync::Semaphore;
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact, Together, execute, run, run_all},
    work::{Due, MIGRATIONS, NewWork, WorkItem, WorkState},
};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids};
use vx_platform::{
    Clock,
    auth::{Account, AccountState, Actor, Breadth, Held, Permission, Rights, Role},
    journal::{Entry, history},
    record,
    store::{Db, Migration, Sql, Tx, Uuid},
};
use vx_testkit::Place;

const STEPS: &[Migration] = &[Migration {
    name: "check/0002_post",
    sql: "create table check_post (
            tenant TEXT not null,
            id UUID not null,
            path TEXT not null,
            version BIGINT not null,
            created_at TIMESTAMPTZ not null,
            updated_at TIMESTAMPTZ not null,
            name TEXT not null,
            turns BIGINT not null,
            primary key (tenant, id)
        );
        create unique index check_post_name on check_post (tenant, name);",
}];

const ALL: &[(Role, Breadth)] = &[(Role::Office, Breadth::Subtree)];
const READERS: &[(Role, Breadth)] = &[(Role::Office, Breadth::Subtree), (Role::Observer, Breadth::Subtree)];
const PERMISSIONS: [Permission; 4] = [
    Permission { name: "check.open", roles: ALL },
    Permission { name: "check.turn", roles: ALL },
    Permission { name: "check.order", roles: ALL },
    Permission { name: "check.see", roles: READERS },
];

record! {
    /// A checkpoint (chốt kiểm soát), as far as these tests need one.
    pub struct CheckPost[ids::Post] in "check_post" {
        /// Its name, unique.
        pub name: String,
        /// How often it was turned.
        pub turns: i64,
    }
}

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn post(name: &str) -> CheckPost {
    CheckPost { id: Id::fresh(), path: path("94/941/"), version: 0, name: name.to_owned(), turns: 0 }
}

/// Sets up a checkpoint.
struct Open(CheckPost);

impl Command for Open {
    type Record = CheckPost;
    type Facts = ();
    const NAME: &'static str = "check.open";
    const READ: &'static str = "check.see";
    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        self.0.path.clone()
    }
    fn decide(&self, (): &(), _: &Actor, _: Timestamp) -> Result<Decision<CheckPost>, Problem> {
        Ok(Decision::just(self.0.clone()))
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a CheckPost> {
        None
    }
}

/// How a [`Turn`] ends.
#[derive(Clone)]
enum Way {
    Turn,
    /// Also takes a name, which may be another's.
    Name(String),
    Refuse,
    Panic,
}

/// Counts a checkpoint's turns up by one.
struct Turn {
    post: Id<ids::Post>,
    way: Way,
    /// Whether it says beforehand what it loads.
    hinted: bool,
    reason: Option<String>,
    about: Option<Uuid>,
    /// How often it was decided.
    decided: Arc<AtomicUsize>,
}

fn turn(post: &CheckPost) -> Turn {
    Turn { post: post.id, way: Way::Turn, hinted: false, reason: None, about: None, decided: Arc::default() }
}

impl Command for Turn {
    type Record = CheckPost;
    type Facts = CheckPost;
    const NAME: &'static str = "check.turn";
    const READ: &'static str = "check.see";
    async fn gather(&self, tx: &mut Tx) -> Result<CheckPost, Problem> {
        tx.load(self.post).await
    }
    fn scope(&self, post: &CheckPost) -> Path {
        post.path.clone()
    }
    fn decide(&self, post: &CheckPost, _: &Actor, _: Timestamp) -> Result<Decision<CheckPost>, Problem> {
        self.decided.fetch_add(1, Ordering::SeqCst);
        let turned = CheckPost { turns: post.turns + 1, ..post.clone() };
        match &self.way {
            Way::Turn => Ok(Decision::just(turned)),
            Way::Name(name) => Ok(Decision::just(CheckPost { name: name.clone(), ..turned })),
            Way::Refuse => Err(Problem::refused("check.refused")),
            Way::Panic => panic!("on purpose"),
        }
    }
    fn before<'a>(&self, post: &'a CheckPost) -> Option<&'a CheckPost> {
        Some(post)
    }
    fn loads_only(&self) -> Option<Uuid> {
        self.hinted.then(|| self.post.uuid())
    }
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
    fn about(&self, _: &CheckPost) -> Option<Uuid> {
        self.about
    }
}

/// Turns a checkpoint and lets work follow from it.
struct Order {
    post: Id<ids::Post>,
    open: WorkItem,
    cooperating: Vec<Path>,
    moved: Option<WorkItem>,
    tell: Option<Fact>,
}

impl Command for Order {
    type Record = CheckPost;
    type Facts = CheckPost;
    const NAME: &'static str = "check.order";
    const READ: &'static str = "check.see";
    async fn gather(&self, tx: &mut Tx) -> Result<CheckPost, Problem> {
        tx.load(self.post).await
    }
    fn scope(&self, post: &CheckPost) -> Path {
        post.path.clone()
    }
    fn decide(&self, post: &CheckPost, _: &Actor, _: Timestamp) -> Result<Decision<CheckPost>, Problem> {
        let mut effects =
            vec![Effect::Open { item: Box::new(self.open.clone()), cooperating: self.cooperating.clone() }];
        effects.extend(self.moved.clone().map(|item| Effect::Move(Box::new(item))));
        effects.extend(self.tell.clone().map(Effect::Tell));
        Ok(Decision { record: CheckPost { turns: post.turns + 1, ..post.clone() }, effects })
    }
    fn before<'a>(&self, post: &'a CheckPost) -> Option<&'a CheckPost> {
        Some(post)
    }
    fn reason(&self) -> Option<&str> {
        Some("theo công điện")
    }
}

impl Together for Order {
    async fn gather_all(tx: &mut Tx, these: &[&Self]) -> Result<Vec<Result<CheckPost, Problem>>, Problem> {
        let ids: Vec<Uuid> = these.iter().map(|order| order.post.uuid()).collect();
        let posts = tx.load_many::<CheckPost>(&ids).await?;
        Ok(ids.iter().map(|id| posts.get(id).cloned().ok_or_else(Problem::not_found)).collect())
    }
}

fn work(title: &str) -> WorkItem {
    WorkItem::new(NewWork {
        lead: path("94/941/"),
        assigner: path("94/"),
        about: Uuid::nil(),
        source: "26/CĐ-UBND".to_owned(),
        title: title.to_owned(),
        detail: String::new(),
        clause: None,
        urgency: None,
        due: Due::none(),
    })
}

fn rights() -> Arc<Rights> {
    Arc::new(Rights::new(PERMISSIONS))
}

fn person(name: &str, held: Vec<Held>) -> Actor {
    let account = Account {
        id: Id::fresh(),
        path: path("94/"),
        version: 1,
        login: "lan".to_owned(),
        name: name.to_owned(),
        title: "Chuyên viên".to_owned(),
        password: String::new(),
        must_change: false,
        state: AccountState::Active,
        failures: 0,
        locked_until: None,
        until_on: None,
    };
    Actor::person(&account, held, rights())
}

fn holding(role: Role, at: &str) -> Actor {
    person("Trần Thị Lan", vec![Held { role, path: path(at), deputy_for: None }])
}

fn lan() -> Actor {
    holding(Role::Office, "94/")
}

async fn open_db(place: &Place) -> Db {
    let db = Db::open(&place.options, Clock::Real).await.unwrap();
    db.migrate(&[MIGRATIONS, STEPS].concat()).await.unwrap();
    db
}

/// A database with one checkpoint, set up by somebody else.
async fn with_post(place: &Place) -> (Db, CheckPost) {
    let (db, first) = (open_db(place).await, post("Chốt cầu Trắng"));
    execute(&db, &lan(), Uuid::now_v7(), Open(first.clone())).await.unwrap();
    (db, first)
}

async fn load(db: &Db, id: Id<ids::Post>) -> CheckPost {
    db.read().await.unwrap().load(id).await.unwrap()
}

async fn rows(db: &Db, table: &'static str) -> i64 {
    let mut conn = db.read().await.unwrap();
    conn.count(Sql::new("select count(*) as n from ").sql(table)).await.unwrap()
}

async fn entries(db: &Db, about: Uuid) -> Vec<Entry> {
    history(&mut db.read().await.unwrap(), about, None).await.unwrap()
}

fn code<T: std::fmt::Debug>(outcome: Result<T, Problem>) -> &'static str {
    outcome.unwrap_err().code
}

/// Holds the writer until the semaphore gets a permit; what is queued meanwhile becomes one group.
async fn hold_writer(db: &Db) -> Arc<Semaphore> {
    let (entered, free) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let (tell, wait, db) = (entered.clone(), free.clone(), db.clone());
    tokio::spawn(async move {
        db.write(move |_| {
            let (tell, wait) = (tell.clone(), wait.clone());
            Box::pin(async move {
                tell.add_permits(1);
                wait.acquire().await.map(|permit| permit.forget()).map_err(Problem::internal)
            })
        })
        .await
    });
    entered.acquire().await.unwrap().forget();
    free
}

type Waiting<'a> = Pin<Box<dyn Future<Output = Result<Uuid, Problem>> + Send + 'a>>;

/// A command that stands in the writer's queue.
async fn queued<'a, C: Command>(db: &'a Db, by: &'a Actor, key: Uuid, command: C) -> Waiting<'a> {
    let mut future: Waiting<'a> = Box::pin(execute(db, by, key, command));
    enqueue(&mut future).await;
    future
}

/// Polls a future once: what it sends to the writer is in the queue afterwards.
async fn enqueue(future: &mut Waiting<'_>) {
    poll_fn(|context| {
        assert!(future.as_mut().poll(context).is_pending(), "the writer is held and cannot answer");
        Poll::Ready(())
    })
    .await;
}

/// Lets the writer go and collects the answers in the order of the queue.
async fn answers(free: &Semaphore, waiting: Vec<Waiting<'_>>) -> Vec<Result<Uuid, &'static str>> {
    free.add_permits(1);
    let mut answers = Vec::new();
    for future in waiting {
        answers.push(future.await.map_err(|problem| problem.code));
    }
    answers
}

#[tokio::test]
async fn a_command_saves_its_record() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let answer = execute(&db, &lan(), Uuid::now_v7(), turn(&first)).await.unwrap();
        assert_eq!(answer, first.id.uuid());
        assert_eq!(load(&db, first.id).await, CheckPost { version: 2, turns: 1, ..first });
    }
}

#[tokio::test]
async fn a_command_is_journalled_with_who_why_and_what_changed() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let (by, about) = (lan(), Uuid::now_v7());
        let way = Way::Name("Chốt cầu Đen".to_owned());
        let command = Turn { way, reason: Some("đổi chỗ".to_owned()), about: Some(about), ..turn(&first) };
        execute(&db, &by, Uuid::now_v7(), command).await.unwrap();
        let [entry] = entries(&db, about).await.try_into().unwrap();
        assert_eq!((entry.actor, entry.actor_name.as_str(), entry.on_behalf_of), (by.account, "Trần Thị Lan", None));
        assert_eq!((entry.verb.as_str(), entry.reason.as_deref()), ("check.turn", Some("đổi chỗ")));
        assert_eq!((entry.record.as_str(), entry.record_id, entry.path), ("check_post", first.id.uuid(), first.path));
        assert_eq!(Json::Object(entry.changed), json!({ "name": ["Chốt cầu Trắng", "Chốt cầu Đen"], "turns": [0, 1] }));
    }
}

#[tokio::test]
async fn a_new_record_is_journalled_with_all_it_holds() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let [entry] = entries(&db, first.id.uuid()).await.try_into().unwrap();
        let expected = json!({
            "id": [null, first.id.to_string()], "path": [null, "94/941/"], "name": [null, "Chốt cầu Trắng"], "turns": [null, 0],
        });
        assert_eq!(Json::Object(entry.changed), expected);
    }
}

#[tokio::test]
async fn record_journal_and_answer_are_one_transaction() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let (second, by) = (post("Chốt cầu Đen"), lan());
        // The command runs well inside a transaction that then fails.
        let outcome = db
            .write(move |tx| {
                let (second, by) = (second.clone(), by.clone());
                Box::pin(async move {
                    run(tx, &by, Uuid::now_v7(), &Open(second)).await?;
                    tx.flush().await?;
                    Err::<(), _>(Problem::refused("check.changed_my_mind"))
                })
            })
            .await;
        assert_eq!(code(outcome), "check.changed_my_mind");
        let left = (rows(&db, "check_post").await, rows(&db, "journal").await, rows(&db, "idempotency").await);
        assert_eq!(left, (1, 1, 1), "only {} is left", first.name);
    }
}

#[tokio::test]
async fn a_refusal_leaves_nothing() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let refused = execute(&db, &lan(), Uuid::now_v7(), Turn { way: Way::Refuse, ..turn(&first) }).await;
        assert_eq!(code(refused), "check.refused");
        assert_eq!((rows(&db, "journal").await, rows(&db, "idempotency").await), (1, 1));
        assert_eq!(load(&db, first.id).await.version, 1);
    }
}

#[tokio::test]
async fn a_key_that_was_refused_may_be_used_again() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let (by, key) = (lan(), Uuid::now_v7());
        execute(&db, &by, key, Turn { way: Way::Refuse, ..turn(&first) }).await.unwrap_err();
        execute(&db, &by, key, turn(&first)).await.unwrap();
        assert_eq!(load(&db, first.id).await.turns, 1);
    }
}

#[tokio::test]
async fn the_same_key_does_it_once_and_answers_the_same() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let (by, key) = (lan(), Uuid::now_v7());
        let once = execute(&db, &by, key, turn(&first)).await.unwrap();
        let again = execute(&db, &by, key, turn(&first)).await.unwrap();
        assert_eq!(once, again);
        assert_eq!(load(&db, first.id).await.turns, 1);
    }
}

#[tokio::test]
async fn the_same_key_in_one_group_does_it_once() {
    for hinted in [false, true] {
        for place in Place::all().await {
            let (db, first) = with_post(&place).await;
            let (by, key) = (lan(), Uuid::now_v7());
            let free = hold_writer(&db).await;
            let mut waiting = Vec::new();
            for _ in 0..3 {
                waiting.push(queued(&db, &by, key, Turn { hinted, ..turn(&first) }).await);
            }
            assert_eq!(answers(&free, waiting).await, [Ok(first.id.uuid()); 3]);
            assert_eq!(load(&db, first.id).await.turns, 1, "hinted: {hinted}");
        }
    }
}

#[tokio::test]
async fn the_same_key_in_a_group_that_is_run_again_does_it_once() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let (by, key, decided) = (lan(), Uuid::now_v7(), Arc::new(AtomicUsize::new(0)));
        let free = hold_writer(&db).await;
        let mut waiting = Vec::new();
        for _ in 0..2 {
            waiting.push(queued(&db, &by, key, Turn { decided: decided.clone(), ..turn(&first) }).await);
        }
        waiting.push(queued(&db, &by, Uuid::now_v7(), Open(post("Chốt cầu Trắng"))).await);
        let id = first.id.uuid();
        assert_eq!(answers(&free, waiting).await, [Ok(id), Ok(id), Err("store.already_there")]);
        assert_eq!(decided.load(Ordering::SeqCst), 2, "once in the group, once alone");
        assert_eq!(load(&db, first.id).await.turns, 1);
    }
}

#[tokio::test]
async fn a_key_reused_for_another_command_is_a_conflict() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let (by, key) = (lan(), Uuid::now_v7());
        execute(&db, &by, key, turn(&first)).await.unwrap();
        let problem = execute(&db, &by, key, Open(post("Chốt cầu Đen"))).await.unwrap_err();
        assert_eq!((problem.kind, problem.code), (ProblemKind::Conflict, "engine.key_reused"));
    }
}

#[tokio::test]
async fn a_key_is_its_actors_own() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let key = Uuid::now_v7();
        execute(&db, &lan(), key, turn(&first)).await.unwrap();
        execute(&db, &lan(), key, turn(&first)).await.unwrap();
        assert_eq!(load(&db, first.id).await.turns, 2, "two people");
    }
}

#[tokio::test]
async fn a_stranger_is_told_that_it_does_not_exist() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        for stranger in [person("Ai đó", Vec::new()), holding(Role::Office, "94/9410/"), holding(Role::Admin, "94/")]
        {
            let problem = execute(&db, &stranger, Uuid::now_v7(), turn(&first)).await.unwrap_err();
            assert_eq!((problem.kind, problem.code, problem.args), (ProblemKind::NotFound, "not_found", Vec::new()));
        }
    }
}

#[tokio::test]
async fn a_reader_without_the_right_is_forbidden() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let problem = execute(&db, &holding(Role::Observer, "94/"), Uuid::now_v7(), turn(&first)).await.unwrap_err();
        assert_eq!((problem.kind, problem.code), (ProblemKind::Forbidden, "forbidden"));
    }
}

#[tokio::test]
async fn a_deputys_act_is_journalled_on_behalf_of_the_principal() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let principal = Some("Lê Văn Hùng".to_owned());
        let deputy =
            person("Ngô Thị Hoa", vec![Held { role: Role::Office, path: path("94/"), deputy_for: principal.clone() }]);
        execute(&db, &deputy, Uuid::now_v7(), turn(&first)).await.unwrap();
        let entry = entries(&db, first.id.uuid()).await.remove(0);
        assert_eq!((entry.actor_name.as_str(), entry.on_behalf_of), ("Ngô Thị Hoa", principal));
    }
}

#[tokio::test]
async fn an_own_right_goes_before_one_held_as_deputy() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let held = |deputy_for: Option<&str>| Held {
            role: Role::Office,
            path: path("94/"),
            deputy_for: deputy_for.map(str::to_owned),
        };
        let both = person("Ngô Thị Hoa", vec![held(Some("Lê Văn Hùng")), held(None)]);
        execute(&db, &both, Uuid::now_v7(), turn(&first)).await.unwrap();
        assert_eq!(entries(&db, first.id.uuid()).await.remove(0).on_behalf_of, None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_256_at_once_on_one_record_none_is_lost() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let start = Arc::new(tokio::sync::Barrier::new(256));
        let tasks: Vec<_> = (0..256)
            .map(|n| {
                let (db, start, by, command) =
                    (db.clone(), start.clone(), lan(), Turn { hinted: n % 2 == 0, ..turn(&first) });
                tokio::spawn(async move {
                    start.wait().await;
                    execute(&db, &by, Uuid::now_v7(), command).await.map_err(|problem| problem.code)
                })
            })
            .collect();
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(first.id.uuid()), "one writer leaves nobody to conflict with");
        }
        let now = load(&db, first.id).await;
        assert_eq!((now.version, now.turns), (257, 256));
        assert_eq!(entries(&db, first.id.uuid()).await.len(), 200, "a page of history");
        assert_eq!(rows(&db, "journal").await, 257);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_processes_on_one_record_every_success_counts_and_every_other_is_a_conflict() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let other = Db::open(&place.options, Clock::Real).await.unwrap();
        let tasks: Vec<_> = (0..64)
            .map(|n| {
                let (db, by) = (if n % 2 == 0 { db.clone() } else { other.clone() }, lan());
                let command = Turn { hinted: n % 4 < 2, ..turn(&first) };
                tokio::spawn(
                    async move { execute(&db, &by, Uuid::now_v7(), command).await.map_err(|problem| problem.code) },
                )
            })
            .collect();
        let mut done = 0;
        for task in tasks {
            match task.await.unwrap() {
                Ok(_) => done += 1,
                Err(code) => assert_eq!(code, "store.changed_meanwhile"),
            }
        }
        let now = load(&db, first.id).await;
        assert_eq!((now.version, now.turns), (done + 1, done));
        assert_eq!(rows(&db, "journal").await, done + 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_in_two_processes_does_it_once_and_answers_the_same() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let other = Db::open(&place.options, Clock::Real).await.unwrap();
        let by = lan();
        for round in 1..=20 {
            let key = Uuid::now_v7();
            let (here, there) =
                tokio::join!(execute(&db, &by, key, turn(&first)), execute(&other, &by, key, turn(&first)));
            assert_eq!((here.unwrap(), there.unwrap()), (first.id.uuid(), first.id.uuid()));
            assert_eq!(load(&db, first.id).await.turns, round);
        }
    }
}

#[tokio::test]
async fn commands_of_one_group_see_each_others_saves_hinted_or_not() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let (by, decided) = (lan(), Arc::new(AtomicUsize::new(0)));
        let free = hold_writer(&db).await;
        let mut waiting = Vec::new();
        for hinted in [true, false, true, true, false, false, true] {
            waiting.push(
                queued(&db, &by, Uuid::now_v7(), Turn { hinted, decided: decided.clone(), ..turn(&first) }).await,
            );
        }
        assert_eq!(answers(&free, waiting).await, [Ok(first.id.uuid()); 7]);
        let now = load(&db, first.id).await;
        assert_eq!((now.version, now.turns), (8, 7));
        assert_eq!(decided.load(Ordering::SeqCst), 7, "nothing had to be run again");
    }
}

#[tokio::test]
async fn a_hinted_command_finds_what_a_statement_of_its_group_changed() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let by = lan();
        let free = hold_writer(&db).await;
        let hinted = || Turn { hinted: true, ..turn(&first) };
        let one = queued(&db, &by, Uuid::now_v7(), hinted()).await;
        let mut statement: Waiting<'_> = Box::pin(async {
            let sql = "update check_post set turns = turns + 10, version = version + 1";
            db.write(move |tx| Box::pin(async move { tx.change(Sql::new(sql)).await.map(|_| Uuid::nil()) })).await
        });
        enqueue(&mut statement).await;
        let two = queued(&db, &by, Uuid::now_v7(), hinted()).await;
        let id = first.id.uuid();
        assert_eq!(answers(&free, vec![one, statement, two]).await, [Ok(id), Ok(Uuid::nil()), Ok(id)]);
        let now = load(&db, first.id).await;
        assert_eq!((now.version, now.turns), (4, 12));
    }
}

#[tokio::test]
async fn a_record_made_in_the_group_is_found_by_the_next() {
    for hinted in [false, true] {
        for place in Place::all().await {
            let (db, first) = with_post(&place).await;
            let (by, new) = (lan(), post("Chốt cầu Đen"));
            let free = hold_writer(&db).await;
            let waiting = vec![
                queued(&db, &by, Uuid::now_v7(), Open(new.clone())).await,
                queued(&db, &by, Uuid::now_v7(), Turn { hinted, ..turn(&new) }).await,
                queued(&db, &by, Uuid::now_v7(), Turn { hinted, ..turn(&first) }).await,
            ];
            let (new_id, first_id) = (new.id.uuid(), first.id.uuid());
            assert_eq!(answers(&free, waiting).await, [Ok(new_id), Ok(new_id), Ok(first_id)], "hinted: {hinted}");
            assert_eq!(load(&db, new.id).await.turns, 1);
        }
    }
}

#[tokio::test]
async fn one_that_fails_after_it_wrote_fails_alone() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let (by, key, decided) = (lan(), Uuid::now_v7(), Arc::new(AtomicUsize::new(0)));
        let posts: Vec<CheckPost> = (0..50).map(|n| post(&format!("Chốt số {n}"))).collect();
        for new in &posts {
            execute(&db, &by, Uuid::now_v7(), Open(new.clone())).await.unwrap();
        }
        let free = hold_writer(&db).await;
        let mut waiting = Vec::new();
        for (n, post) in posts.iter().enumerate() {
            waiting.push(
                queued(&db, &by, Uuid::now_v7(), Turn { hinted: n % 3 > 0, decided: decided.clone(), ..turn(post) })
                    .await,
            );
            if n == 25 {
                let way = Way::Name("Chốt số 7".to_owned());
                waiting.push(queued(&db, &by, key, Turn { way, ..turn(&first) }).await);
            }
        }
        let mut outcomes = answers(&free, waiting).await;
        assert_eq!(outcomes.remove(26), Err("store.already_there"));
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        assert!(decided.load(Ordering::SeqCst) > 50, "the group was run again");
        for post in &posts {
            assert_eq!(load(&db, post.id).await.turns, 1, "{}", post.name);
        }
        assert_eq!(load(&db, first.id).await.turns, 0);
        assert_eq!(rows(&db, "journal").await, 1 + 50 + 50);
        execute(&db, &by, key, turn(&first)).await.expect("the key of the one that failed was not used up");
    }
}

#[tokio::test]
async fn a_panic_fails_alone_and_the_writer_lives_on() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let by = lan();
        let free = hold_writer(&db).await;
        let waiting = vec![
            queued(&db, &by, Uuid::now_v7(), turn(&first)).await,
            queued(&db, &by, Uuid::now_v7(), Turn { way: Way::Panic, ..turn(&first) }).await,
            queued(&db, &by, Uuid::now_v7(), turn(&first)).await,
        ];
        let id = first.id.uuid();
        assert_eq!(answers(&free, waiting).await, [Ok(id), Err("internal"), Ok(id)]);
        execute(&db, &by, Uuid::now_v7(), turn(&first)).await.unwrap();
        assert_eq!(load(&db, first.id).await.turns, 3);
    }
}

#[tokio::test]
async fn a_caller_that_stops_waiting_does_not_undo_the_write() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let by = lan();
        let free = hold_writer(&db).await;
        let gone = queued(&db, &by, Uuid::now_v7(), turn(&first)).await;
        drop(gone);
        free.add_permits(1);
        // Whatever comes after it in the queue finds it done.
        execute(&db, &by, Uuid::now_v7(), Turn { way: Way::Refuse, ..turn(&first) }).await.unwrap_err();
        assert_eq!(load(&db, first.id).await.turns, 1);
    }
}

#[tokio::test]
async fn work_that_is_opened_stands_on_the_desk_of_its_unit_with_its_cooperators() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let open = work("Rà soát chốt");
        let cooperating = vec![path("94/94.ca/"), path("94/94.syt/")];
        let order =
            Order { post: first.id, open: open.clone(), cooperating: cooperating.clone(), moved: None, tell: None };
        execute(&db, &lan(), Uuid::now_v7(), order).await.unwrap();
        let mut conn = db.read().await.unwrap();
        let item: WorkItem = conn.load(open.id).await.unwrap();
        assert_eq!((item.version, item.state, item.title), (1, WorkState::Assigned, open.title));
        let sql = Sql::new("select path from work_cooperator where work = ").bind(open.id).sql(" order by path");
        let found: Vec<Path> = conn.rows(sql).await.unwrap().iter().map(|row| row.get("path").unwrap()).collect();
        assert_eq!(found, cooperating);
        let [entry] = entries(&db, open.id.uuid()).await.try_into().unwrap();
        assert_eq!(entry.verb, "work.open");
    }
}

#[tokio::test]
async fn work_that_is_moved_changes_with_the_record_and_has_its_own_entry() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let old = work("Rà soát chốt");
        let order = |open: WorkItem, moved| Order { post: first.id, open, cooperating: Vec::new(), moved, tell: None };
        execute(&db, &lan(), Uuid::now_v7(), order(old.clone(), None)).await.unwrap();
        let loaded: WorkItem = db.read().await.unwrap().load(old.id).await.unwrap();
        let moved = WorkItem { state: WorkState::Acknowledged, ..loaded };
        execute(&db, &lan(), Uuid::now_v7(), order(work("Báo cáo"), Some(moved))).await.unwrap();
        let now: WorkItem = db.read().await.unwrap().load(old.id).await.unwrap();
        assert_eq!((now.version, now.state), (2, WorkState::Acknowledged));
        let entry = entries(&db, old.id.uuid()).await.remove(0);
        assert_eq!((entry.verb.as_str(), entry.reason.as_deref()), ("check.order", Some("theo công điện")));
        assert_eq!(Json::Object(entry.changed), json!({ "state": ["assigned", "acknowledged"] }));
    }
}

#[tokio::test]
async fn work_that_somebody_else_moved_first_takes_the_whole_command_back() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let old = work("Rà soát chốt");
        let order = |open: WorkItem, moved| Order { post: first.id, open, cooperating: Vec::new(), moved, tell: None };
        execute(&db, &lan(), Uuid::now_v7(), order(old.clone(), None)).await.unwrap();
        let loaded: WorkItem = db.read().await.unwrap().load(old.id).await.unwrap();
        let moved = |state| Some(WorkItem { state, ..loaded.clone() });
        execute(&db, &lan(), Uuid::now_v7(), order(work("một"), moved(WorkState::Acknowledged))).await.unwrap();
        let late = execute(&db, &lan(), Uuid::now_v7(), order(work("hai"), moved(WorkState::Refused))).await;
        assert_eq!(code(late), "store.changed_meanwhile");
        assert_eq!(load(&db, first.id).await.turns, 2);
        assert_eq!(rows(&db, "work_item").await, 2, "the work it would have opened is not there");
    }
}

#[tokio::test]
async fn a_fact_waits_in_the_outbox() {
    for place in Place::all().await {
        let (db, first) = with_post(&place).await;
        let fact = Fact::WorkClosed { about: first.id.uuid() };
        let order = Order {
            post: first.id,
            open: work("Rà soát"),
            cooperating: Vec::new(),
            moved: None,
            tell: Some(fact.clone()),
        };
        execute(&db, &lan(), Uuid::now_v7(), order).await.unwrap();
        let row = db.read().await.unwrap().row(Sql::new("select kind, body from outbox")).await.unwrap().unwrap();
        assert_eq!(row.get::<String>("kind").unwrap(), vx_concepts::engine::WORK_CLOSED);
        assert_eq!(serde_json::from_str::<Fact>(&row.get::<String>("body").unwrap()).unwrap(), fact);
    }
}

#[tokio::test]
async fn many_at_once_leave_what_each_alone_would_have_left() {
    for (one, other) in Place::all().await.into_iter().zip(Place::all().await) {
        let (by, day) = (lan(), Clock::standing_at("2021-09-13T01:00:00Z".parse().unwrap()));
        let mut left = Vec::new();
        let posts: Vec<CheckPost> = (0..5).map(|n| post(&format!("Chốt {n}"))).collect();
        let far = CheckPost { path: path("95/"), ..post("Chốt xa") };
        let (there, next): (Vec<WorkItem>, Vec<WorkItem>) =
            (0..5).map(|n| (work(&format!("cũ {n}")), work(&format!("mới {n}")))).unzip();
        let keys: Vec<Uuid> = (0..8).map(|_| Uuid::now_v7()).collect();
        for (place, together) in [(&one, false), (&other, true)] {
            let db = Db::open(&place.options, day.clone()).await.unwrap();
            db.migrate(&[MIGRATIONS, STEPS].concat()).await.unwrap();
            let order = |post: &CheckPost, open: &WorkItem, moved: Option<&WorkItem>| Order {
                post: post.id,
                open: open.clone(),
                cooperating: vec![path("94/943/")],
                moved: moved.map(|item| WorkItem { version: 1, state: WorkState::Acknowledged, ..item.clone() }),
                tell: Some(Fact::WorkClosed { about: post.id.uuid() }),
            };
            for (key, post) in posts.iter().chain([&far]).map(|post| (Uuid::now_v7(), post)) {
                execute(&db, &holding(Role::Office, "95/"), key, Open(post.clone()))
                    .await
                    .map(drop)
                    .or_else(|_| Ok::<(), Problem>(()))
                    .unwrap();
                execute(&db, &by, key, Open(post.clone())).await.map(drop).or_else(|_| Ok::<(), Problem>(())).unwrap();
            }
            for (post, item) in posts.iter().zip(&there) {
                execute(&db, &by, Uuid::now_v7(), order(post, item, None)).await.unwrap();
            }
            // The first was done before; the last is not theirs, and one before it is not there.
            let missing = post("không có");
            let done = |db: &Db| {
                let (db, by, key, command) =
                    (db.clone(), by.clone(), keys[0], order(&posts[0], &next[0], Some(&there[0])));
                async move { execute(&db, &by, key, command).await.unwrap() }
            };
            let first = done(&db).await;
            let commands = || {
                let mut all: Vec<(Uuid, Order)> =
                    (0..5).map(|n| (keys[n], order(&posts[n], &next[n], Some(&there[n])))).collect();
                all.push((keys[5], order(&missing, &work("không có"), None)));
                all.push((keys[6], order(&far, &work("xa"), None)));
                all
            };
            let outcomes: Vec<Result<Uuid, &'static str>> = if together {
                let shared = Arc::new((by.clone(), commands()));
                let outcomes = db.write(move |tx| {
                    let shared = shared.clone();
                    Box::pin(async move { run_all(tx, &shared.0, &shared.1).await })
                });
                outcomes.await.unwrap().into_iter().map(|outcome| outcome.map_err(|problem| problem.code)).collect()
            } else {
                let mut outcomes = Vec::new();
                for (key, command) in commands() {
                    outcomes.push(execute(&db, &by, key, command).await.map_err(|problem| problem.code));
                }
                outcomes
            };
            assert_eq!(outcomes[0], Ok(first));
            assert_eq!(outcomes[5..], [Err("not_found"), Err("not_found")]);
            let mut journal = Vec::new();
            for about in
                posts.iter().map(|post| post.id.uuid()).chain(there.iter().chain(&next).map(|item| item.id.uuid()))
            {
                for entry in entries(&db, about).await {
                    journal.push(format!(
                        "{} {} {} {} {:?} {}",
                        entry.verb,
                        entry.record,
                        entry.record_id,
                        entry.path,
                        entry.reason,
                        Json::Object(entry.changed)
                    ));
                }
            }
            journal.sort();
            let mut counts = Vec::new();
            for table in ["journal", "work_item", "check_post", "outbox", "idempotency", "work_count"] {
                counts.push((table, rows(&db, table).await));
            }
            left.push((outcomes, journal, counts));
        }
        assert_eq!(left[0], left[1]);
        assert!(left[0].1.len() > 20, "{:?}", left[0].1);
    }
}
