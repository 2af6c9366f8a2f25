//! How long an export of what one sees takes, and that its memory does not grow with it: through HTTP, as a browser
//! asks for it, on SQLite and (where `VX_TEST_POSTGRES` names a server) on PostgreSQL.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may stop")]

use std::time::Instant;

use axum::{
    Router,
    body::Body,
    http::{Request, header},
};
use futures_util::StreamExt as _;
use tower::ServiceExt as _;
use vungxanh::{demo, open};
use vx_concepts::work::{Due, DueKind, NewWork, WorkItem, WorkState};
use vx_kernel::{Path, time};
use vx_platform::{
    Clock, auth,
    store::{Db, StoreOptions, Uuid, dialect},
    web::router,
};

const FEW: usize = 10_000;
const MANY: usize = 50_000;
/// Seconds that the many rows may take as a workbook.
const SECONDS_MAX: f64 = 2.0;
/// Megabytes that the many rows may need beyond the few: buffers and what the allocator keeps, not the rows.
const GROWTH_MB_MAX: i64 = 8;

fn item(n: usize) -> WorkItem {
    let units = ["94/941/", "94/942/", "94/943/31534/", "94/943/31528/", "94/94.syt/"];
    let day = jiff::civil::date(2021, 9, 1).checked_add(jiff::ToSpan::days((n % 28) as i64)).unwrap();
    let due = Due { kind: DueKind::Absolute, at: time::end_of(day).ok(), quote: None, rule: None };
    let mut item = WorkItem::new(NewWork {
        lead: Path::parse(units[n % units.len()]).unwrap(),
        assigner: Path::parse("94/").unwrap(),
        about: Uuid::nil(),
        source: format!("{}/UBND-VX", 1_000 + n / 100),
        title: format!("Tiếp tục duy trì các chốt chặn tại địa bàn giáp ranh giữa các vùng, đợt {n}"),
        detail: "Bố trí lực lượng trực 24/24, kiểm soát người ra vào. ".repeat(6),
        clause: Some("5.-3".to_owned()),
        urgency: None,
        due,
    });
    item.state = WorkState::OPEN[n % 4];
    item
}

async fn fill(db: &Db) {
    for start in (0..MANY).step_by(5_000) {
        db.write(move |tx| {
            Box::pin(async move {
                (start..start + 5_000).for_each(|n| tx.append_record(&item(n)));
                Ok(())
            })
        })
        .await
        .unwrap();
    }
}

/// Peak memory of this process so far, in kilobytes.
fn peak_kb() -> i64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// Asks for the file and throws it away piece by piece, as a network would take it.
async fn fetch(site: &Router, token: &str, address: &str) -> (f64, usize) {
    let request = Request::get(address).header(header::COOKIE, format!("vx_session={token}"));
    let begun = Instant::now();
    let response = site.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let (mut body, mut bytes) = (response.into_body().into_data_stream(), 0);
    while let Some(piece) = body.next().await {
        bytes += piece.unwrap().len();
    }
    (begun.elapsed().as_secs_f64(), bytes)
}

async fn measure(name: &str, options: StoreOptions, folder: &std::path::Path) -> bool {
    // Before the days of anybody who stands in for somebody in the demo.
    let clock = Clock::standing_at("2021-09-08T00:30:00Z".parse().unwrap());
    let app = open(folder, &options, clock.clone(), None, false).await.unwrap();
    demo::people(&app).await.unwrap();
    let token = auth::sign_in(app.db(), "vanphong", demo::PASSWORD.to_owned(), "bench").await.unwrap().token;
    let site = router(app.clone());
    fill(app.db()).await;
    let mut good = true;
    for kind in ["xlsx", "csv"] {
        // One unit of five leads each fifth task, so its list is the few.
        let few = format!("/tasks/export/{kind}?unit=94/94.syt/");
        let many = format!("/tasks/export/{kind}");
        // What the process needed to make the rows is no part of it (5 resets the peak, see proc(5)).
        fetch(&site, &token, &few).await;
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        fetch(&site, &token, &few).await;
        let of_few = peak_kb();
        let (mut best, mut size) = (f64::INFINITY, 0);
        for _ in 0..3 {
            let (took, bytes) = fetch(&site, &token, &many).await;
            best = best.min(took);
            size = bytes;
        }
        let growth = (peak_kb() - of_few) / 1024;
        let fits = (kind != "xlsx" || best <= SECONDS_MAX) && growth <= GROWTH_MB_MAX;
        good &= fits;
        println!(
            "{name:<10} {kind:<4} {MANY} rows in {best:.2} s (at most {SECONDS_MAX:.0} s), {} KB; peak memory {} MB with {FEW} rows, {growth} MB more with {MANY} (at most {GROWTH_MB_MAX} MB): {}",
            size / 1024,
            of_few / 1024,
            if fits { "good" } else { "TOO MUCH" }
        );
    }
    good
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let good = runtime.block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let mut good = measure("SQLite", StoreOptions::in_folder(folder.path(), "soc-trang"), folder.path()).await;
        if let Ok(server) = std::env::var("VX_TEST_POSTGRES") {
            let url =
                dialect::create_database(&server, &format!("vx_bench_{}", Uuid::now_v7().simple())).await.unwrap();
            good &= measure("PostgreSQL", StoreOptions { url, tenant: "soc-trang".to_owned() }, folder.path()).await;
        }
        good
    });
    std::process::exit(i32::from(!good));
}
