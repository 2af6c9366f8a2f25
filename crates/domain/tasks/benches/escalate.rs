//! How long a minute's look at the deadlines takes over 200,000 open tasks: when nothing is due, when a few are, and
//! when 5,000 become due at once.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may stop")]

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use vx_concepts::work::{
    Due, DueKind, NewWork, WorkItem,
    escalation::{Climb, Policies, climb},
};
use vx_kernel::{Path, Problem};
use vx_platform::{
    Clock,
    auth::{Actor, Authority},
    files::Files,
    store::{Db, StoreOptions, Uuid, dialect},
    web::{App, AppParts},
};
use vx_tasks::clock::escalate;

const OPEN: usize = 200_000;
/// Ticks with nothing due, and with a few.
const TICKS: usize = 60;
/// Tasks due in each of the ticks with a few.
const FEW: usize = 5;
/// Tasks that become due in one minute.
const AT_ONCE: usize = 5_000;
/// Milliseconds that a tick may take.
const LIMIT_MS: f64 = 200.0;

fn begin() -> Timestamp {
    "2021-09-13T00:00:00Z".parse().unwrap()
}

fn later(from: Timestamp, minutes: usize) -> Timestamp {
    from.checked_add(SignedDuration::from_mins(i64::try_from(minutes).unwrap())).unwrap()
}

/// Most of them are due in a month; a few in each of some minutes, and many in one minute after these.
fn item(n: usize) -> WorkItem {
    let due = if n < TICKS * FEW {
        later(begin(), TICKS + 10 + n / FEW)
    } else if n < TICKS * FEW + AT_ONCE {
        later(begin(), 3 * TICKS)
    } else {
        later(begin(), 30 * 24 * 60 + n % 10_000)
    };
    WorkItem::new(NewWork {
        lead: Path::parse(&format!("94/94{}/{}/", n % 11, 31_000 + n % 120)).unwrap(),
        assigner: Path::parse("94/").unwrap(),
        about: Uuid::nil(),
        source: "1844/UBND-VX".to_owned(),
        title: "Tiếp tục duy trì các chốt chặn tại địa bàn giáp ranh giữa các vùng".to_owned(),
        detail: "x".repeat(300),
        clause: Some("5.-3".to_owned()),
        urgency: None,
        due: Due { kind: DueKind::Absolute, at: Some(due), quote: None, rule: None },
    })
}

async fn seed(db: &Db) {
    for chunk in (0..OPEN).collect::<Vec<_>>().chunks(5_000) {
        let (from, to) = (chunk[0], chunk[chunk.len() - 1]);
        db.write(move |tx| {
            Box::pin(async move {
                (from..=to).for_each(|n| tx.append_record(&item(n)));
                Ok(())
            })
        })
        .await
        .unwrap();
    }
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

async fn batch(db: &Db, by: &Authority) -> Result<Climb, Problem> {
    let by = by.clone();
    db.write(move |tx| {
        let by = by.clone();
        Box::pin(async move {
            let policies = Policies::load(tx).await?;
            climb(tx, &by, &policies).await
        })
    })
    .await
}

async fn measure(name: &str, folder: &std::path::Path, options: StoreOptions) -> bool {
    let clock = Clock::standing_at(begin());
    let db = Db::open(&options, clock.clone()).await.unwrap();
    let modules = vec![vx_tasks::module()];
    db.migrate(modules[0].migrations).await.unwrap();
    seed(&db).await;
    let parts = AppParts {
        db: db.clone(),
        clock: clock.clone(),
        files: Files::in_folder(&folder.join("files")),
        modules,
        demo: None,
        secure_cookies: false,
    };
    let app = App::new(parts).unwrap();
    // What is due within a week is planned by the first tick, as it would have been long before.
    escalate(&app).await.unwrap();
    let mut medians = Vec::new();
    for (what, from, due) in [("nothing due", 0, 0), ("a few due", TICKS + 10, FEW)] {
        let mut times = Vec::new();
        for tick in 0..TICKS {
            clock.set(later(begin(), from + tick));
            let begun = Instant::now();
            let done = escalate(&app).await.unwrap();
            times.push(begun.elapsed().as_secs_f64() * 1_000.0);
            assert_eq!(done.taken, due, "{what} in minute {tick}");
        }
        let median = median(times);
        println!("{name:<10} {OPEN} open, {what:<12} median {median:>8.2} ms a tick (at most {LIMIT_MS} ms)");
        medians.push(median);
    }
    clock.set(later(begin(), 3 * TICKS));
    let by = Actor::system("Vùng Xanh", app.rights().clone()).authority("tasks.escalate", &Path::root()).unwrap();
    let mut times = Vec::new();
    let mut taken = 0;
    loop {
        let begun = Instant::now();
        let done = batch(&db, &by).await.unwrap();
        if done.looked == 0 {
            break;
        }
        times.push(begun.elapsed().as_secs_f64() * 1_000.0);
        taken += done.taken;
    }
    assert_eq!(taken, AT_ONCE);
    let (n, sum, longest) = (times.len(), times.iter().sum::<f64>(), times.iter().copied().fold(0.0, f64::max));
    println!(
        "{name:<10} {AT_ONCE} due at once: {n} batches, median {:.1} ms, longest {longest:.1} ms, all {sum:.0} ms",
        median(times)
    );
    db.close().await;
    medians.iter().all(|median| *median <= LIMIT_MS)
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let good = runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let mut good = measure("SQLite", folder.path(), StoreOptions::in_folder(folder.path(), "bench")).await;
        match std::env::var("VX_TEST_POSTGRES") {
            Ok(server) => {
                let name = format!("vx_bench_{}", Uuid::now_v7().simple());
                let url = dialect::create_database(&server, &name).await.unwrap();
                good &= measure("PostgreSQL", folder.path(), StoreOptions { url, tenant: "bench".to_owned() }).await;
            }
            Err(_) => println!("PostgreSQL  not measured: VX_TEST_POSTGRES names no server"),
        }
        good
    });
    println!("{}", if good { "good" } else { "TOO SLOW" });
    std::process::exit(i32::from(!good));
}
