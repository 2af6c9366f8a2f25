//! How much of the raw rate is left when a write is a command: read, decided, saved, journalled, remembered.
//!
//! SQLite: beside single inserts through the same group commit. PostgreSQL (where `VX_TEST_POSTGRES` names a server):
//! beside single inserts of as many clients, each in a transaction of its own.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may stop")]

use std::{sync::Arc, time::Instant};

use jiff::Timestamp;
use vx_concepts::{
    engine::{Command, Decision, execute},
    work::{Due, MIGRATIONS, NewWork, WorkItem, WorkState},
};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    Clock,
    auth::{Actor, Breadth, Permission, Rights, Role},
    params,
    store::{Db, Engine, Sql, StoreOptions, Tx, Uuid, dialect, singles::Singles},
};

const CLIENTS: usize = 256;
const PER_CLIENT: usize = 40;

struct Turn(Id<ids::WorkItem>);

impl Command for Turn {
    type Record = WorkItem;
    type Facts = WorkItem;
    const NAME: &'static str = "bench.turn";
    const READ: &'static str = "bench.turn";
    async fn gather(&self, tx: &mut Tx) -> Result<WorkItem, Problem> {
        tx.load(self.0).await
    }
    fn scope(&self, item: &WorkItem) -> Path {
        item.path.clone()
    }
    fn decide(&self, item: &WorkItem, _: &Actor, now: Timestamp) -> Result<Decision<WorkItem>, Problem> {
        let state = if item.state == WorkState::Assigned { WorkState::Acknowledged } else { WorkState::Assigned };
        Ok(Decision::just(WorkItem { state, acknowledged_at: Some(now), ..item.clone() }))
    }
    fn before<'a>(&self, item: &'a WorkItem) -> Option<&'a WorkItem> {
        Some(item)
    }
    fn loads_only(&self) -> Option<Uuid> {
        Some(self.0.uuid())
    }
}

fn item(n: usize) -> WorkItem {
    let path = Path::parse(&format!("94/94{}/", n % 11)).unwrap();
    WorkItem::new(NewWork {
        lead: path,
        assigner: Path::parse("94/").unwrap(),
        about: Uuid::nil(),
        source: "1844/UBND-VX".to_owned(),
        title: "Tiếp tục duy trì các chốt chặn tại địa bàn giáp ranh giữa các vùng".to_owned(),
        detail: "x".repeat(300),
        clause: Some("5.-3".to_owned()),
        urgency: None,
        due: Due::none(),
    })
}

/// Runs `once(client, turn)` for every client at the same time and returns how many a second.
async fn rate<F, R>(once: F) -> f64
where
    F: Fn(usize, usize) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let once = Arc::new(once);
    let begun = Instant::now();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let once = once.clone();
            tokio::spawn(async move {
                for turn in 0..PER_CLIENT {
                    once(client, turn).await;
                }
            })
        })
        .collect();
    for client in clients {
        client.await.unwrap();
    }
    (CLIENTS * PER_CLIENT) as f64 / begun.elapsed().as_secs_f64()
}

fn raw_row() -> Sql {
    let now = Timestamp::now();
    Sql::with(
        "insert into journal (tenant, id, at, actor_name, verb, path, record, record_id, about_id, changed, hash)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            "bench",
            Uuid::now_v7(),
            now,
            "Ai đó",
            "bench.raw",
            "94/941/",
            "work_item",
            Uuid::nil(),
            Uuid::nil(),
            "{}".repeat(60),
            vec![0_u8; 32]
        ],
    )
}

async fn measure(name: &str, options: StoreOptions) -> bool {
    let db = Db::open(&options, Clock::Real).await.unwrap();
    db.migrate(MIGRATIONS).await.unwrap();
    let items: Arc<Vec<WorkItem>> = Arc::new((0..CLIENTS * PER_CLIENT).map(item).collect());
    let fill = items.clone();
    db.write(move |tx| {
        let fill = fill.clone();
        Box::pin(async move {
            fill.iter().for_each(|item| tx.append_record(item));
            Ok(())
        })
    })
    .await
    .unwrap();
    const TURN: Permission = Permission { name: "bench.turn", roles: &[(Role::Office, Breadth::Subtree)] };
    let actor = Actor::system("Ai đó", Arc::new(Rights::new([TURN])));

    let mut ratios = Vec::new();
    for _ in 0..5 {
        let raw = if db.engine() == Engine::Sqlite {
            let db = db.clone();
            rate(move |_, _| {
                let db = db.clone();
                async move {
                    db.write(|tx| Box::pin(async move { tx.change(raw_row()).await.map(drop) })).await.unwrap();
                }
            })
            .await
        } else {
            let singles = Arc::new(Singles::open(&options, 64).await.unwrap());
            rate(move |_, _| {
                let singles = singles.clone();
                async move { singles.insert(raw_row()).await.unwrap() }
            })
            .await
        };
        let (db, items, actor) = (db.clone(), items.clone(), actor.clone());
        // Each command is about a task of its own: the units that one dispatch reached acknowledge it.
        let commands = rate(move |client, turn| {
            let (db, id, actor) = (db.clone(), items[turn * CLIENTS + client].id, actor.clone());
            async move {
                execute(&db, &actor, Uuid::now_v7(), Turn(id)).await.unwrap();
            }
        })
        .await;
        println!("{name:<10} raw {raw:>8.0}/s   execute {commands:>8.0}/s   {:>5.0} %", 100.0 * commands / raw);
        ratios.push(commands / raw);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    let good = median >= 0.5;
    println!(
        "{name:<10} median {:.0} % of raw (at least 50 %): {}",
        100.0 * median,
        if good { "good" } else { "TOO LITTLE" }
    );
    good
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let good = runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let mut good = measure("SQLite", StoreOptions::in_folder(folder.path(), "bench")).await;
        match std::env::var("VX_TEST_POSTGRES") {
            Ok(server) => {
                let url =
                    dialect::create_database(&server, &format!("vx_bench_{}", Uuid::now_v7().simple())).await.unwrap();
                good &= measure("PostgreSQL", StoreOptions { url, tenant: "bench".to_owned() }).await;
            }
            Err(_) => println!("PostgreSQL  not measured: VX_TEST_POSTGRES names no server"),
        }
        good
    });
    std::process::exit(i32::from(!good));
}
