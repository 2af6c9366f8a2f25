//! The store on both engines: what it keeps, what it refuses, what a failed group leaves behind.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use jiff::{Timestamp, civil::Date, civil::date};
use tokio::sync::Semaphore;
use vx_kernel::{Id, Path, Problem, ProblemKind, ids};
use vx_platform::{
    Clock, params, record,
    store::{Column, Conn, Db, Migration, Record, Row, Sql, Uuid, Value},
};
use vx_testkit::Place;

const STEP: Migration = Migration {
    name: "check/0001_kept",
    sql: "create table kept (
        tenant TEXT not null,
        id UUID not null,
        path TEXT not null,
        version BIGINT not null,
        created_at TIMESTAMPTZ not null,
        updated_at TIMESTAMPTZ not null,
        words TEXT,
        n BIGINT,
        yes BOOLEAN,
        day DATE,
        moment TIMESTAMPTZ,
        other UUID,
        bytes BYTEA,
        primary key (tenant, id)
    );
    create unique index kept_words on kept (tenant, words);",
};

record! {
    /// One column of each type.
    pub struct Kept[ids::Directive] in "kept" {
        /// TEXT.
        pub words: Option<String>,
        /// BIGINT.
        pub n: Option<i64>,
        /// BOOLEAN.
        pub yes: Option<bool>,
        /// DATE.
        pub day: Option<Date>,
        /// TIMESTAMPTZ.
        pub moment: Option<Timestamp>,
        /// UUID.
        pub other: Option<Uuid>,
        /// BYTEA.
        pub bytes: Option<Vec<u8>>,
    }
}

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn empty(at: &str) -> Kept {
    Kept {
        id: Id::fresh(),
        path: path(at),
        version: 0,
        words: None,
        n: None,
        yes: None,
        day: None,
        moment: None,
        other: None,
        bytes: None,
    }
}

fn named(words: &str) -> Kept {
    Kept { words: Some(words.to_owned()), ..empty("94/") }
}

async fn open(place: &Place) -> Db {
    let db = Db::open(&place.options, Clock::Real).await.unwrap();
    db.migrate(&[STEP]).await.unwrap();
    db
}

async fn save(db: &Db, record: &Kept) -> Result<(), Problem> {
    let record = record.clone();
    db.write(move |tx| {
        let record = record.clone();
        Box::pin(async move { tx.save(&record).await })
    })
    .await
}

async fn load(db: &Db, id: Id<ids::Directive>) -> Result<Kept, Problem> {
    db.read().await?.load(id).await
}

/// The column `word` of a query, in its order.
async fn words(conn: &mut Conn, sql: Sql) -> Vec<String> {
    conn.rows(sql).await.unwrap().iter().map(|row| row.get("word").unwrap()).collect()
}

/// Polls a future once: what it sends to the writer is in the queue afterwards.
async fn queue<F: Future + Unpin>(future: &mut F) {
    poll_fn(|context: &mut Context<'_>| {
        assert!(Pin::new(&mut *future).poll(context).is_pending(), "the writer is held and cannot answer");
        Poll::Ready(())
    })
    .await;
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

#[tokio::test]
async fn steps_run_once() {
    for place in Place::all().await {
        let db = open(&place).await;
        assert_eq!(db.migrate(&[STEP]).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn a_step_changed_after_release_is_refused() {
    for place in Place::all().await {
        let db = open(&place).await;
        let changed =
            Migration { name: STEP.name, sql: "create table kept (tenant TEXT not null, primary key (tenant));" };
        let problem = db.migrate(&[changed]).await.unwrap_err();
        assert_eq!((problem.code, problem.args), ("store.migration_changed", vec![("step", STEP.name.to_owned())]));
    }
}

#[tokio::test]
async fn a_step_of_a_newer_program_is_refused_before_anything_is_run() {
    const OLDER: Migration = Migration {
        name: "check/0000_older",
        sql: "create table older (tenant TEXT not null, n BIGINT not null, primary key (tenant, n));",
    };
    for place in Place::all().await {
        let db = open(&place).await;
        let problem = db.migrate(&[OLDER]).await.unwrap_err();
        assert_eq!((problem.code, problem.args), ("store.newer", vec![("step", STEP.name.to_owned())]));
        assert_eq!(db.migrate(&[STEP, OLDER]).await.unwrap(), 1, "the older step was not run by the refused call");
    }
}

#[tokio::test]
async fn a_key_without_tenant_first_is_refused() {
    for sql in [
        "create table bad (tenant TEXT not null, id UUID not null, primary key (id, tenant));",
        "create table bad (tenant TEXT not null, id UUID not null, primary key (tenant, id), unique (id));",
        "create table bad (tenant TEXT not null, id UUID not null, primary key (tenant, id));\ncreate unique index b on bad (id);",
    ] {
        let place = Place::sqlite();
        let db = Db::open(&place.options, Clock::Real).await.unwrap();
        let problem = db.migrate(&[Migration { name: "check/0001_bad", sql }]).await.unwrap_err();
        assert!(problem.chain().contains("check/0001_bad: every key begins with tenant"), "{}", problem.chain());
    }
}

#[tokio::test]
async fn a_table_without_tenant_is_refused() {
    const BAD: Migration = Migration {
        name: "check/0002_bad",
        sql: "create table bad (id UUID not null, tenant TEXT not null, primary key (id));",
    };
    for place in Place::all().await {
        let db = open(&place).await;
        let problem = db.migrate(&[STEP, BAD]).await.unwrap_err();
        assert!(problem.chain().contains("check/0002_bad: every table begins with tenant"), "{}", problem.chain());
    }
}

#[tokio::test]
async fn a_step_that_fails_leaves_nothing() {
    const HALF: Migration = Migration {
        name: "check/0002_half",
        sql: "create table half (tenant TEXT not null, primary key (tenant)); create index half_x on half (absent);",
    };
    const WHOLE: Migration =
        Migration { name: "check/0002_half", sql: "create table half (tenant TEXT not null, primary key (tenant));" };
    for place in Place::all().await {
        let db = open(&place).await;
        db.migrate(&[STEP, HALF]).await.unwrap_err();
        save(&db, &named("sau đó")).await.expect("the writer's connection is free again");
        assert_eq!(db.migrate(&[STEP, WHOLE]).await.unwrap(), 1, "the table of the failed step is not there");
    }
}

#[tokio::test]
async fn every_type_comes_back_as_it_was_kept() {
    let moment = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    let at = || empty("94/941/31732/");
    let cases = [
        at(),
        Kept { words: Some(String::new()), bytes: Some(Vec::new()), n: Some(0), yes: Some(false), ..at() },
        Kept {
            words: Some("Nguyễn Thị Đào ở ấp Xẻo Gừa — “khẩn” 🦠\r\n\t'$1'?".to_owned()), ..at()
        },
        // The same name, composed and decomposed, is two texts.
        Kept { words: Some("Ho\u{301}a Tu\u{301}".to_owned()), ..at() },
        Kept { words: Some("Hóa Tú".to_owned()), ..at() },
        Kept { n: Some(i64::MIN), yes: Some(true), bytes: Some((0..=255).collect()), ..at() },
        Kept { n: Some(i64::MAX), other: Some(Uuid::max()), ..at() },
        Kept { other: Some(Uuid::nil()), ..at() },
        Kept { day: Some(date(1945, 9, 2)), moment: moment("1945-09-02T07:00:00.000001Z"), ..at() },
        Kept { day: Some(date(1, 1, 1)), moment: moment("0001-01-01T00:00:00Z"), ..at() },
        Kept { day: Some(date(1969, 12, 31)), moment: moment("1969-12-31T23:59:59.999999Z"), ..at() },
        Kept { day: Some(date(2024, 2, 29)), moment: moment("2021-09-10T17:00:00.123456Z"), ..at() },
        Kept { day: Some(date(9999, 12, 31)), moment: moment("9998-12-31T17:00:00Z"), ..at() },
    ];
    for place in Place::all().await {
        let db = open(&place).await;
        for kept in &cases {
            save(&db, kept).await.unwrap();
            let got = load(&db, kept.id).await.unwrap();
            assert_eq!(got, kept.at_version(1), "{:?}", db.engine());
        }
    }
}

#[tokio::test]
async fn a_null_where_a_value_must_be_is_our_fault() {
    for place in Place::all().await {
        let db = open(&place).await;
        save(&db, &empty("94/")).await.unwrap();
        let row = db.read().await.unwrap().row(Sql::new("select words from kept")).await.unwrap().unwrap();
        assert_eq!(row.get::<String>("words").unwrap_err().kind, ProblemKind::Internal);
    }
}

#[tokio::test]
async fn instants_and_days_have_the_order_of_time() {
    let moments = [
        "0999-01-01T00:00:00Z",
        "1969-12-31T23:59:59.999999Z",
        "1970-01-01T00:00:00Z",
        "2021-09-10T00:00:00Z",
        "2021-09-10T00:00:00.000001Z",
    ];
    for place in Place::all().await {
        let db = open(&place).await;
        for text in moments.iter().rev() {
            let at: Timestamp = text.parse().unwrap();
            let day = Some(vx_kernel::time::day_of(at));
            save(&db, &Kept { words: Some((*text).to_owned()), moment: Some(at), day, ..empty("94/") }).await.unwrap();
        }
        let mut conn = db.read().await.unwrap();
        assert_eq!(words(&mut conn, Sql::new("select words as word from kept order by moment")).await, moments);
        let early =
            Sql::new("select words as word from kept where day < ").bind(date(1970, 1, 1)).sql(" order by moment");
        assert_eq!(words(&mut conn, early).await, moments[..1], "the last moment of 1969 in UTC is in 1970 here");
    }
}

#[tokio::test]
async fn paths_have_one_order_and_a_range_catches_only_what_lies_below() {
    let all = [
        "94-1/",
        "94/",
        "94/94.syt/",
        "94/940/",
        "94/941/",
        "94/941/31732/",
        "94/941/31732/31732.khom-1/",
        "94/9410/",
        "94/942/",
        "940/",
        "A/",
        "a/",
    ];
    for place in Place::all().await {
        let db = open(&place).await;
        for text in all.iter().rev() {
            save(&db, &empty(text)).await.unwrap();
        }
        let mut conn = db.read().await.unwrap();
        assert_eq!(words(&mut conn, Sql::new("select path as word from kept order by path")).await, all);
        let (from, to) = path("94/941/").range();
        let below = Sql::new("select path as word from kept where path >= ")
            .bind(from)
            .sql(" and path < ")
            .bind(to)
            .sql(" order by path");
        assert_eq!(words(&mut conn, below).await, ["94/941/", "94/941/31732/", "94/941/31732/31732.khom-1/"]);
    }
}

#[tokio::test]
async fn a_list_of_none_one_or_many_finds_exactly_its_members() {
    for place in Place::all().await {
        let db = open(&place).await;
        for text in ["a", "b", "c"] {
            save(&db, &named(text)).await.unwrap();
        }
        let mut conn = db.read().await.unwrap();
        let found = |list: Vec<String>| {
            Sql::new("select words as word from kept where tenant = ")
                .bind("soc-trang")
                .sql(" and words in ")
                .list(list)
                .sql(" order by words")
        };
        assert_eq!(words(&mut conn, found(Vec::new())).await, Vec::<String>::new());
        assert_eq!(words(&mut conn, found(vec!["b".to_owned()])).await, ["b"]);
        let many = (0..5_000).map(|n| n.to_string()).chain(["c".to_owned(), "a".to_owned(), "a".to_owned()]);
        assert_eq!(words(&mut conn, found(many.collect())).await, ["a", "c"]);
    }
}

#[tokio::test]
async fn text_put_together_binds_in_order_and_when_adds_only_what_is_there() {
    for place in Place::all().await {
        let db = open(&place).await;
        save(&db, &Kept { n: Some(7), ..named("'; drop table kept; --") }).await.unwrap();
        let mut conn = db.read().await.unwrap();
        let sql = |n: Option<i64>| {
            Sql::new("select words as word from kept where words = ")
                .bind("'; drop table kept; --")
                .when(n, |sql, n| sql.sql(" and n = ").bind(n))
        };
        assert_eq!(words(&mut conn, sql(None)).await.len(), 1);
        assert_eq!(words(&mut conn, sql(Some(7))).await.len(), 1);
        assert_eq!(words(&mut conn, sql(Some(8))).await.len(), 0);
        let numbered = Sql::with(
            "select words as word from kept where n = $2 and words = $1",
            params!["'; drop table kept; --", 7_i64],
        );
        assert_eq!(words(&mut conn, numbered).await.len(), 1);
    }
}

#[tokio::test]
async fn a_connection_to_read_refuses_to_write() {
    for place in Place::all().await {
        let db = open(&place).await;
        let sql =
            Sql::new("insert into setting (tenant, name, value) values ('soc-trang', 'a', 'b') returning name as word");
        let refused = db.read().await.unwrap().rows(sql).await.map(|rows: Vec<Row>| rows.len()).unwrap_err();
        let why = refused.chain();
        assert!(why.contains("readonly database") || why.contains("read-only transaction"), "{why}");
    }
}

#[tokio::test]
async fn data_of_one_tenant_are_nobody_elses() {
    for place in Place::all().await {
        let db = open(&place).await;
        let kept = named("của Sóc Trăng");
        save(&db, &kept).await.unwrap();
        let other = vx_platform::store::StoreOptions { tenant: "ca-mau".to_owned(), ..place.options.clone() };
        let other = Db::open(&other, Clock::Real).await.unwrap();
        assert_eq!(load(&other, kept.id).await.unwrap_err().code, "not_found");
        save(&other, &named("của Sóc Trăng")).await.expect("a unique index is within a tenant");
    }
}

#[tokio::test]
async fn saving_an_old_version_is_refused_and_changes_nothing() {
    for place in Place::all().await {
        let db = open(&place).await;
        let kept = named("một");
        save(&db, &kept).await.unwrap();
        let first = load(&db, kept.id).await.unwrap();
        save(&db, &Kept { n: Some(2), ..first.clone() }).await.unwrap();
        let late = save(&db, &Kept { n: Some(3), ..first }).await.unwrap_err();
        assert_eq!((late.kind, late.code), (ProblemKind::Conflict, "store.changed_meanwhile"));
        let now = load(&db, kept.id).await.unwrap();
        assert_eq!((now.version, now.n), (2, Some(2)));
    }
}

#[tokio::test]
async fn what_fails_alone_leaves_nothing() {
    for place in Place::all().await {
        let db = open(&place).await;
        save(&db, &named("có rồi")).await.unwrap();
        let (first, again) = (named("mới"), named("có rồi"));
        let id = first.id;
        let outcome = db
            .write(move |tx| {
                let (first, again) = (first.clone(), again.clone());
                Box::pin(async move {
                    tx.save(&first).await?;
                    tx.flush().await?;
                    tx.save(&again).await
                })
            })
            .await;
        let problem = outcome.unwrap_err();
        assert_eq!((problem.kind, problem.code), (ProblemKind::Conflict, "store.already_there"));
        assert_eq!(load(&db, id).await.unwrap_err().code, "not_found");
    }
}

#[tokio::test]
async fn one_at_fault_in_a_group_leaves_nothing_and_the_others_all() {
    for place in Place::all().await {
        let db = open(&place).await;
        let good: Vec<Kept> = (0..20).map(|n| named(&format!("số {n}"))).collect();
        let bad = Kept { id: Id::fresh(), ..named("số 7") };
        let free = hold_writer(&db).await;
        let mut waiting: Vec<_> = good.iter().chain([&bad]).map(|record| Box::pin(save(&db, record))).collect();
        for future in &mut waiting {
            queue(future).await;
        }
        free.add_permits(1);
        let mut outcomes = Vec::new();
        for future in waiting {
            outcomes.push(future.await.map_err(|problem| problem.code));
        }
        assert_eq!(outcomes.pop(), Some(Err("store.already_there")));
        assert!(outcomes.iter().all(Result::is_ok), "{outcomes:?}");
        let mut conn = db.read().await.unwrap();
        assert_eq!(conn.count(Sql::new("select count(*) as n from kept")).await.unwrap(), 20);
    }
}

/// PostgreSQL gives up the whole transaction at the first failed statement and answers `commit` with a rollback.
#[tokio::test]
async fn a_failed_query_loses_nothing_that_the_group_had_saved() {
    for place in Place::all().await {
        let db = open(&place).await;
        let before = named("trước");
        let free = hold_writer(&db).await;
        let mut first = Box::pin(save(&db, &before));
        queue(&mut first).await;
        let mut wrong =
            Box::pin(db.write(|tx| {
                Box::pin(async move { tx.count(Sql::new("select count(*) as n from no_such_table")).await })
            }));
        queue(&mut wrong).await;
        free.add_permits(1);
        first.await.expect("it is answered as saved");
        assert_eq!(wrong.await.unwrap_err().kind, ProblemKind::Internal);
        assert_eq!(load(&db, before.id).await.expect("it is saved").version, 1, "{:?}", db.engine());
    }
}

#[tokio::test]
async fn a_failed_query_spoils_nothing_for_those_that_come_after_it() {
    for place in Place::all().await {
        let db = open(&place).await;
        let after = named("sau");
        let free = hold_writer(&db).await;
        let mut wrong =
            Box::pin(db.write(|tx| {
                Box::pin(async move { tx.count(Sql::new("select count(*) as n from no_such_table")).await })
            }));
        queue(&mut wrong).await;
        let mut good = Box::pin(
            db.write(|tx| Box::pin(async move { tx.count(Sql::new("select count(*) as n from kept")).await })),
        );
        queue(&mut good).await;
        let mut last = Box::pin(save(&db, &after));
        queue(&mut last).await;
        free.add_permits(1);
        let outcomes = (wrong.await.is_ok(), good.await.is_ok(), last.await.is_ok());
        assert_eq!(outcomes, (false, true, true), "{:?}", db.engine());
    }
}

#[tokio::test]
async fn a_failed_query_that_is_passed_over_is_not_answered_as_done() {
    for place in Place::all().await {
        let db = open(&place).await;
        let kept = named("sau câu hỏng");
        let id = kept.id;
        let outcome = db
            .write(move |tx| {
                let kept = kept.clone();
                Box::pin(async move {
                    let _ = tx.count(Sql::new("select count(*) as n from no_such_table")).await;
                    tx.save(&kept).await
                })
            })
            .await;
        assert_eq!(outcome.unwrap_err().kind, ProblemKind::Internal);
        assert_eq!(load(&db, id).await.unwrap_err().code, "not_found");
    }
}

#[tokio::test]
async fn a_group_sees_its_own_saves_and_keeps_every_row_of_a_large_one() {
    for place in Place::all().await {
        let db = open(&place).await;
        // More rows than one statement takes, and no power of two.
        let many: Vec<Kept> = (0..1_733).map(|n| Kept { n: Some(n), ..empty("94/") }).collect();
        let seen = db
            .write(move |tx| {
                let many = many.clone();
                Box::pin(async move {
                    for record in &many {
                        tx.save(record).await?;
                    }
                    tx.count(Sql::new("select count(distinct n) as n from kept")).await
                })
            })
            .await;
        assert_eq!(seen.unwrap(), 1_733);
    }
}

#[tokio::test]
async fn a_record_made_and_changed_twice_in_one_transaction_is_at_version_three() {
    for place in Place::all().await {
        let db = open(&place).await;
        let kept = named("một");
        let id = kept.id;
        db.write(move |tx| {
            let kept = kept.clone();
            Box::pin(async move {
                tx.save(&kept).await?;
                for n in [1, 2] {
                    let loaded: Kept = tx.load(kept.id).await?;
                    tx.save(&Kept { n: Some(n), ..loaded }).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
        let got = load(&db, id).await.unwrap();
        assert_eq!((got.version, got.n), (3, Some(2)));
    }
}

#[tokio::test]
async fn a_panic_in_the_writer_fails_its_caller_and_the_writer_lives_on() {
    for place in Place::all().await {
        let db = open(&place).await;
        let outcome: Result<(), Problem> = db.write(|_| Box::pin(async { panic!("on purpose") })).await;
        assert_eq!(outcome.unwrap_err().kind, ProblemKind::Internal);
        save(&db, &named("vẫn chạy")).await.unwrap();
    }
}

#[test]
fn null_carries_its_type() {
    assert_eq!(Value::from(None::<i64>), Value::Int(None));
    assert_eq!(<Option<Date> as Column>::null(), Value::Date(None));
}
