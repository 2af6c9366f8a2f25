//! Whole tables between both engines: every kind of value, a transfer that was killed, a source that goes on.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use jiff::Timestamp;
use vx_kernel::Problem;
use vx_platform::{
    Clock, params,
    store::{Column as _, Conn, Db, Migration, Sql, Uuid, Value, bulk},
};
use vx_testkit::Place;

const STEP: Migration = Migration {
    name: "check/0001_kept",
    sql: "create table kept (
        tenant TEXT not null,
        name TEXT not null,
        at BIGINT not null,
        words TEXT,
        yes BOOLEAN,
        day DATE,
        moment TIMESTAMPTZ,
        other UUID,
        bytes BYTEA,
        primary key (tenant, name, at)
    );
    create table alone (tenant TEXT not null, words TEXT not null, primary key (tenant));",
};

async fn open(place: &Place) -> Db {
    let db = Db::open(&place.options, Clock::Real).await.unwrap();
    db.migrate(&[STEP]).await.unwrap();
    db
}

/// Every way between the engines there are.
async fn ways() -> Vec<(Place, Place)> {
    let mut ways = vec![(Place::sqlite(), Place::sqlite())];
    if let (Some(from), Some(to)) = (Place::postgres().await, Place::postgres().await) {
        ways.push((Place::sqlite(), to));
        ways.push((from, Place::sqlite()));
    }
    ways
}

async fn change(db: &Db, sql: &'static str, values: Vec<Value>) {
    db.write(move |tx| {
        let values = values.clone();
        Box::pin(async move {
            let tenant = [tx.tenant()];
            tx.change(Sql::with(sql, tenant.into_iter().chain(values))).await.map(drop)
        })
    })
    .await
    .unwrap();
}

const INSERT: &str = "insert into kept (tenant, name, at, words, yes, day, moment, other, bytes)
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)";

/// Rows with everything that is hard to carry.
async fn fill(db: &Db) {
    let day = |text: &str| text.parse::<jiff::civil::Date>().unwrap().value();
    let at = |text: &str| text.parse::<Timestamp>().unwrap().value();
    let rows: [[Value; 8]; 4] = [
        params![
            "a",
            1_i64,
            "Nguyễn Thị Đào\n\t\\.\"'",
            true,
            day("2021-09-13"),
            at("2021-09-13T00:30:00.000001Z"),
            Uuid::now_v7(),
            vec![0_u8, 255, 10, 92]
        ],
        params![
            "a",
            -2_i64,
            "",
            false,
            day("1969-12-31"),
            at("1999-12-31T23:59:59.999999Z"),
            Uuid::nil(),
            Vec::<u8>::new()
        ],
        params!["A", i64::MAX, "😀 ế", true, day("2000-01-01"), at("2000-01-01T00:00:00Z"), Uuid::max(), vec![1_u8]],
        [
            "đ".into(),
            i64::MIN.into(),
            Value::Text(None),
            Value::Bool(None),
            Value::Date(None),
            Value::At(None),
            Value::Uuid(None),
            Value::Bytes(None),
        ],
    ];
    for row in rows {
        change(db, INSERT, row.to_vec()).await;
    }
    change(db, "insert into alone (tenant, words) values ($1, $2)", vec!["một mình".into()]).await;
}

async fn moment_of(conn: &mut Conn, name: &str, at: i64) -> Option<Timestamp> {
    let sql = "select moment from kept where tenant = $1 and name = $2 and at = $3";
    let row = conn.row(Sql::with(sql, params![conn.tenant(), name, at])).await.unwrap().unwrap();
    row.find("moment").unwrap()
}

#[tokio::test]
async fn every_kind_of_value_arrives_as_it_was() {
    for (from, to) in ways().await {
        let (source, target) = (open(&from).await, open(&to).await);
        fill(&source).await;
        let moved = bulk::transfer(&source, &target, true, |_| {}).await.unwrap();
        let kept = moved.iter().find(|moved| moved.table == "kept").unwrap();
        assert_eq!((kept.sum.rows, kept.again), (4, false));
        assert_eq!(bulk::sums(&source).await.unwrap(), bulk::sums(&target).await.unwrap());
        let mut conn = target.read().await.unwrap();
        assert_eq!(moment_of(&mut conn, "a", -2).await, "1999-12-31T23:59:59.999999Z".parse().ok());
        assert_eq!(moment_of(&mut conn, "đ", i64::MIN).await, None);
        drop(conn);
        // As long as what else belongs to it is not brought, it can be run again.
        assert!(bulk::is_unfinished(&mut target.read().await.unwrap()).await.unwrap());
        let moved = bulk::transfer(&source, &target, true, |_| {}).await.unwrap();
        assert!(moved.iter().all(|moved| !moved.again));
        bulk::finish(&target).await.unwrap();
        assert!(!bulk::is_unfinished(&mut target.read().await.unwrap()).await.unwrap());
        let again = bulk::transfer(&source, &target, true, |_| {}).await.err().map(|problem: Problem| problem.code);
        assert_eq!(again, Some("transfer.not_empty"));
    }
}

#[tokio::test]
async fn a_sum_tells_a_changed_value_but_not_another_order() {
    let (one, other) = (Place::sqlite(), Place::sqlite());
    let (one, other) = (open(&one).await, open(&other).await);
    for (db, names) in [(&one, ["a", "b"]), (&other, ["b", "a"])] {
        for name in names {
            change(db, "insert into kept (tenant, name, at) values ($1, $2, 1)", vec![name.into()]).await;
        }
    }
    assert_eq!(bulk::sums(&one).await.unwrap(), bulk::sums(&other).await.unwrap());
    change(&other, "update kept set words = '' where tenant = $1 and name = $2", vec!["a".into()]).await;
    assert_ne!(bulk::sums(&one).await.unwrap(), bulk::sums(&other).await.unwrap(), "an empty text is not no text");
}

/// Rows of a quarter of a megabyte: sixteen make a chunk.
async fn fill_wide(db: &Db, rows: i64) {
    for at in 0..rows {
        let words = format!("{at}:{}", "đ".repeat(128 * 1024));
        change(
            db,
            "insert into kept (tenant, name, at, words) values ($1, 'wide', $2, $3)",
            vec![at.into(), words.into()],
        )
        .await;
    }
}

/// Rows of the target that are noted as written.
async fn written(db: &Db) -> i64 {
    let mut conn = db.read().await.unwrap();
    conn.count(Sql::with(
        "select coalesce(max(rows), 0) as n from transfer_part where tenant = $1",
        params![conn.tenant()],
    ))
    .await
    .unwrap()
}

/// Begins a transfer in a runtime of its own, and ends that runtime with everything in it once the first chunk is
/// written: its connections break off in the middle of what they do, as when the process is killed.
async fn killed(from: &Place, to: &Place) {
    let (from, to) = (from.options.clone(), to.options.clone());
    let ended = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let ended = runtime.block_on(async {
            let (source, target) =
                (Db::open(&from, Clock::Real).await.unwrap(), Db::open(&to, Clock::Real).await.unwrap());
            let seen = target.clone();
            tokio::select! {
                _ = bulk::transfer(&source, &target, true, |_| {}) => true,
                () = async { while written(&seen).await == 0 { tokio::task::yield_now().await; } } => false,
            }
        });
        runtime.shutdown_background();
        ended
    });
    assert!(!ended.await.unwrap(), "it ended before it was killed");
}

/// Runs a transfer again, and again as long as the killed one's last words are still being written down.
async fn again(source: &Db, target: &Db) -> Vec<bulk::Moved> {
    loop {
        match bulk::transfer(source, target, true, |_| {}).await {
            Err(problem) if problem.code == "transfer.not_alone" => {}
            outcome => return outcome.unwrap(),
        }
    }
}

/// A source of 40 wide rows and the target to which a killed transfer brought some of them.
async fn broken_off(from: &Place, to: &Place) -> (Db, Db) {
    let (source, target) = (open(from).await, open(to).await);
    fill_wide(&source, 40).await;
    target.close().await;
    source.close().await;
    killed(from, to).await;
    (open(from).await, open(to).await)
}

#[tokio::test]
async fn a_transfer_that_was_killed_goes_on_without_doubles() {
    for (from, to) in ways().await {
        let (source, target) = broken_off(&from, &to).await;
        let there = written(&target).await;
        assert!(there > 0 && there < 40, "{there}");
        assert!(bulk::is_unfinished(&mut target.read().await.unwrap()).await.unwrap());
        let moved = again(&source, &target).await;
        let kept = moved.iter().find(|moved| moved.table == "kept").unwrap();
        assert_eq!((kept.sum.rows, kept.again), (40, false), "what was there was not written again");
        assert_eq!(bulk::sums(&source).await.unwrap(), bulk::sums(&target).await.unwrap());
    }
}

#[tokio::test]
async fn a_source_that_changed_between_two_runs_is_brought_whole() {
    for (from, to) in ways().await {
        let (source, target) = broken_off(&from, &to).await;
        change(&source, "update kept set words = 'khác' where tenant = $1 and at = 0", vec![]).await;
        change(&source, "delete from kept where tenant = $1 and at = 1", vec![]).await;
        let moved = again(&source, &target).await;
        let kept = moved.iter().find(|moved| moved.table == "kept").unwrap();
        assert_eq!((kept.sum.rows, kept.again), (39, true));
        assert_eq!(bulk::sums(&source).await.unwrap(), bulk::sums(&target).await.unwrap());
    }
}

#[tokio::test]
async fn databases_of_different_programs_are_not_mixed() {
    let (from, to) = (Place::sqlite(), Place::sqlite());
    let source = open(&from).await;
    let target = Db::open(&to.options, Clock::Real).await.unwrap();
    target.migrate(&[]).await.unwrap();
    let code = bulk::transfer(&source, &target, true, |_| {}).await.err().map(|problem| problem.code);
    assert_eq!(code, Some("transfer.other_schema"));
    assert!(!source.is_at(&[]).await.unwrap() && target.is_at(&[]).await.unwrap());
}
