//! Reports of the whole country in one file: 10,599 communes × 50 figures, read, judged and written down with their
//! journal, their work closed; as CSV and as a workbook. The mark: 50,000 values a second, from the bytes to the last
//! commit.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark prints and may stop")]

#[path = "support/daily.rs"]
mod daily;

use std::{io::Read as _, time::Instant};

use daily::{FIGURES, ask, figure};
use jiff::Timestamp;
use vungxanh::open;
use vx_concepts::engine::execute;
use vx_kernel::{Date, Id, Path, ids, units::Kind};
use vx_platform::{
    Clock,
    auth::Actor,
    params,
    sheet::{Cell, Column, Sheet, SheetKind},
    store::{Engine, Sql, Uuid},
    web::App,
};
use vx_reports::{Request, import, many::Verdict};
use vx_testkit::{Place, bench};

const NOW: &str = "2021-09-14T10:00:00Z";
const FIRST: &str = "2021-09-13";
const RATE: f64 = 50_000.0;

fn main() {
    bench(measure);
}

/// The file of a period.
fn file(kind: SheetKind, communes: &[Path], on: Date) -> Vec<u8> {
    let column = |title: String| Column { title, width: 10 };
    let mut columns = vec![column("Mã".to_owned()), column("Đơn vị".to_owned()), column("Kỳ".to_owned())];
    columns.extend((0..FIGURES).map(|n| column(format!("Chỉ tiêu {n}"))));
    let mut sheet = Sheet::begin(kind, "đo", &columns).unwrap();
    let mut mark = vec![Cell::Text("#".to_owned()), Cell::Text("nam-muoi 1".to_owned()), Cell::Empty];
    mark.extend((0..FIGURES).map(|n| Cell::Text(format!("c{n}"))));
    sheet.row(&mark).unwrap();
    for (n, unit) in communes.iter().enumerate() {
        let mut cells = vec![Cell::Text(unit.unit().to_owned()), Cell::Empty, Cell::Day(on)];
        cells.extend((0..FIGURES).map(|cell| Cell::Count(figure(n, cell))));
        sheet.row(&cells).unwrap();
    }
    let mut bytes = Vec::new();
    sheet.finish().unwrap().read_to_end(&mut bytes).unwrap();
    bytes
}

async fn measure(place: &Place) -> bool {
    let now: Timestamp = NOW.parse().unwrap();
    let app = open(place.folder.path(), &place.options, Clock::standing_at(now), None, false).await.unwrap();
    println!("\n{:?}", app.db().engine());
    let by = Actor::system("đo", app.rights().clone());
    daily::define(&app, &by).await;
    let first: Date = FIRST.parse().unwrap();
    let communes: Vec<Path> =
        app.tree().on(first).filter(|unit| unit.kind == Kind::Commune).map(|unit| unit.path.clone()).collect();
    assert_eq!(communes.len(), 10_599);
    // A request for each file, each with the work of everybody open: the reports close it.
    let mut sound = true;
    for kind in SheetKind::ALL {
        app.clock().set("2021-09-13T01:00:00Z".parse().unwrap());
        let id = ask(&app, &by, first).await;
        app.clock().set(now);
        app.db().tidy_up().await.unwrap();
        sound &= one(&app, &by, id, kind, file(kind, &communes, first)).await;
    }
    if app.db().engine() == Engine::Sqlite {
        app.db().close().await;
    }
    sound
}

async fn one(app: &App, by: &Actor, id: Id<ids::Request>, kind: SheetKind, bytes: Vec<u8>) -> bool {
    let mut conn = app.db().read().await.unwrap();
    let request: Request = conn.load(id).await.unwrap();
    let ground = import::ground(app, &mut conn, request, Path::root(), None).await.unwrap();
    drop(conn);
    let size = bytes.len() / 1024;
    let sha256 = app.files().keep(&bytes).await.unwrap();
    let begun = Instant::now();
    let review = import::review(app, &ground, bytes).await.unwrap();
    let looked = begun.elapsed().as_secs_f64();
    assert_eq!(review.n(Verdict::New), 10_599);
    // The person looks at it; then it is read and judged once more and written down.
    let command = import::begun(&ground, &review, "đo", sha256, None);
    let import = execute(app.db(), by, Uuid::now_v7(), command).await.unwrap();
    let begun = Instant::now();
    import::carry_on(app, Id::from(import)).await.unwrap();
    let took = begun.elapsed().as_secs_f64();
    let mut conn = app.db().read().await.unwrap();
    let sql = "select count(*) as n from report_submission where tenant = $1 and request = $2";
    assert_eq!(conn.count(Sql::with(sql, params![conn.tenant(), id])).await.unwrap(), 10_599);
    let sql = "select count(*) as n from work_item where tenant = $1 and request = $2 and closed_at is null";
    assert_eq!(conn.count(Sql::with(sql, params![conn.tenant(), id])).await.unwrap(), 0, "the work of each is done");
    let sql = "select count(*) as n from journal where tenant = $1 and verb = 'reports.bring' and record = 'report_submission'";
    assert!(conn.count(Sql::with(sql, params![conn.tenant()])).await.unwrap() >= 10_599);
    #[expect(clippy::cast_precision_loss, reason = "half a million")]
    let rate = (10_599 * FIGURES) as f64 / took;
    let fits = rate >= RATE;
    println!(
        "{} of {size} KiB, 10,599 × {FIGURES}: looked at in {looked:.1} s, written down in {took:.1} s, {rate:.0} values/s, mark {RATE:.0}: {}",
        kind.as_str(),
        if fits { "ok" } else { "TOO SLOW" }
    );
    fits
}
