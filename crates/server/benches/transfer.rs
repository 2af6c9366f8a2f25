//! A million rows from SQLite to PostgreSQL by `transfer`, proved at the end, beside `COPY` of the same rows into the
//! same tables; and how long the journal among them takes to verify.
//!
//! `COPY` is fed from memory with what the server itself wrote, in its binary form, one transaction for each table: as
//! fast as rows come in, with nothing checked.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may stop")]

use std::time::Instant;

use jiff::Timestamp;
use vx_concepts::work::{Due, NewWork, WorkItem};
use vx_kernel::{Path, Problem};
use vx_platform::{
    Clock,
    auth::Authority,
    journal,
    store::{Db, Record as _, SavedFields, StoreOptions, Uuid, bulk, dialect},
};

/// Commands whose traces are moved: each a task, a row of the journal, an answered key.
const COMMANDS: usize = 333_000;
/// Commands in one commit.
const GROUP: usize = 1_000;
/// The share of the speed of `COPY` that is held.
const SHARE: f64 = 0.3;

async fn open(options: &StoreOptions) -> Db {
    let steps: Vec<_> = vungxanh::modules().iter().flat_map(|module| module.migrations).copied().collect();
    let db = Db::open(options, Clock::Real).await.unwrap();
    db.migrate(&steps).await.unwrap();
    db
}

async fn fill(db: &Db) {
    for group in 0..COMMANDS / GROUP {
        db.write(move |tx| {
            Box::pin(async move {
                for n in group * GROUP..(group + 1) * GROUP {
                    let item = WorkItem::new(NewWork {
                        lead: Path::parse(&format!("94/94{}/{}/", n % 11, 31_000 + n % 109))
                            .map_err(Problem::internal)?,
                        assigner: Path::parse("94/").map_err(Problem::internal)?,
                        about: Uuid::nil(),
                        source: "1844/UBND-VX".to_owned(),
                        title: format!("Nhiệm vụ {n}: tiếp tục duy trì các chốt chặn tại địa bàn giáp ranh"),
                        detail: "Phối hợp với các xã giáp ranh tổ chức trực 24/24 giờ. ".repeat(4),
                        clause: Some("5.-3".to_owned()),
                        urgency: None,
                        due: Due::none(),
                    });
                    let by = Authority { account: None, name: "Trần Ngọc Lan".to_owned(), on_behalf_of: None };
                    let changed = SavedFields::between(None, &item)?;
                    tx.append_record(&item);
                    journal::write(tx, &by, "work.open", &item, item.uuid(), None, &changed)?;
                    tx.answer(Uuid::nil(), Uuid::now_v7(), "bench.open", item.uuid());
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    }
}

async fn measure(server: &str) -> bool {
    let name = |part: &str| format!("vx_{part}_{}", Uuid::now_v7().simple());
    let folder = tempfile::tempdir().unwrap();
    let source = open(&StoreOptions::in_folder(folder.path(), "soc-trang")).await;
    let begun = Instant::now();
    fill(&source).await;
    println!("filled in {:.1} s, {}", begun.elapsed().as_secs_f64(), Timestamp::now());
    let begun = Instant::now();
    let verdict = journal::verify(&mut source.read().await.unwrap(), 1, &[]).await.unwrap();
    assert!(verdict.is_sound());
    let took = begun.elapsed().as_secs_f64();
    println!(
        "SQLite      verify   {:>9} rows {took:>6.1} s {:>9.0} rows/s",
        verdict.entries,
        verdict.entries as f64 / took
    );

    let mut target = StoreOptions { url: String::new(), tenant: "soc-trang".to_owned() };
    target.url = dialect::create_database(server, &name("transfer")).await.unwrap();
    let moved_to = open(&target).await;
    let begun = Instant::now();
    let moved = bulk::transfer(&source, &moved_to, true, |_| {}).await.unwrap();
    bulk::finish(&moved_to).await.unwrap();
    let took = begun.elapsed().as_secs_f64();
    let rows: i64 = moved.iter().map(|moved| moved.sum.rows).sum();
    println!(
        "PostgreSQL  transfer {rows:>9} rows {took:>6.1} s {:>9.0} rows/s, with both sides proved",
        rows as f64 / took
    );
    let begun = Instant::now();
    let verdict = journal::verify(&mut moved_to.read().await.unwrap(), 1, &[]).await.unwrap();
    assert!(verdict.is_sound());
    let checked = begun.elapsed().as_secs_f64();
    println!(
        "PostgreSQL  verify   {:>9} rows {checked:>6.1} s {:>9.0} rows/s",
        verdict.entries,
        verdict.entries as f64 / checked
    );
    moved_to.close().await;

    let other = dialect::create_database(server, &name("copy")).await.unwrap();
    open(&StoreOptions { url: other.clone(), ..target.clone() }).await.close().await;
    let mut copied = 0.0;
    for table in moved.iter().filter(|moved| moved.sum.rows > 0) {
        let bytes = dialect::copy_out(&target.url, &table.table).await.unwrap();
        let begun = Instant::now();
        dialect::copy_in(&other, &table.table, bytes).await.unwrap();
        copied += begun.elapsed().as_secs_f64();
    }
    println!("PostgreSQL  COPY     {rows:>9} rows {copied:>6.1} s {:>9.0} rows/s", rows as f64 / copied);
    let share = copied / took;
    let good = share >= SHARE;
    println!(
        "transfer at {:.0} % of COPY (at least {:.0} %): {}",
        100.0 * share,
        100.0 * SHARE,
        if good { "good" } else { "TOO LITTLE" }
    );
    good
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let Ok(server) = std::env::var("VX_TEST_POSTGRES") else {
        println!("not measured: VX_TEST_POSTGRES names no server");
        return;
    };
    let good = runtime.block_on(measure(&server));
    std::process::exit(i32::from(!good));
}
