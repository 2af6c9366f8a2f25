//! What one sees, to take along: the list with its filter, the board, progress by unit; as a workbook or as CSV.

use axum::extract::{Path as Address, Query};
use futures_util::future::join;
use vx_concepts::work::{Timeliness, tally, timeliness};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    sheet::{Cell, Sheet, SheetKind},
    web::{PageResult, Visit, off_thread},
};

use crate::{
    desk::{Row, progress_rows},
    routes::{board_rows, filter_of},
    store::{self, EXPORT_MAX, Line},
};

/// Rows read from the database at a time. The set is found anew for each piece, so that few are better.
const CHUNK: i64 = 5_000;

type Pairs = Query<Vec<(String, String)>>;

fn kind_of(text: &str) -> Result<SheetKind, Problem> {
    text.parse()
}

/// The list with its filter. Read in pieces, each after the last row of the one before, so that memory stays the same
/// however long the list is.
pub(crate) async fn tasks(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind = kind_of(&kind)?;
    let (actor, now, filter) = (visit.actor()?, visit.now(), filter_of(&query));
    let heads = [
        ("csv-title", 60),
        ("csv-source", 18),
        ("csv-clause", 10),
        ("csv-urgency", 14),
        ("csv-unit", 34),
        ("csv-state", 18),
        ("csv-due", 17),
        ("csv-seen", 20),
        ("csv-asked", 17),
        ("csv-acknowledged", 17),
        ("csv-reported", 17),
        ("csv-assigner", 34),
    ];
    let mut sheet = Sheet::begin(kind, &visit.t("tasks"), &visit.columns(&heads))?;
    let mut conn = visit.app.db().read().await?;
    let mut n = 0;
    let mut lines = store::lines(&mut conn, actor, &filter, now, None, CHUNK).await?;
    while let Some(last) = lines.last() {
        let after = last.place;
        n += i64::try_from(lines.len()).unwrap_or(i64::MAX);
        // A piece is written on another thread while the next one is read.
        let written = {
            let visit = visit.clone();
            off_thread(move || {
                lines.iter().try_for_each(|line| sheet.row(&cells(&visit, line, now)))?;
                Ok::<_, Problem>(sheet)
            })
        };
        let limit = CHUNK.min(EXPORT_MAX - n);
        let (written, next) = join(written, store::lines(&mut conn, actor, &filter, now, Some(after), limit)).await;
        sheet = written??;
        lines = next?;
    }
    let total = if n < EXPORT_MAX { n } else { store::count(&mut conn, actor, &filter, now).await? };
    drop(conn);
    visit.say_cut(&mut sheet, n, total)?;
    Ok(sheet.download("nhiem-vu").await?)
}

fn cells(visit: &Visit, task: &Line, now: jiff::Timestamp) -> [Cell; 12] {
    let done_at = task.reported_at.or(task.closed_at);
    let seen = match timeliness(task.state, task.urgency, task.due_at, done_at, now) {
        Timeliness::Overdue { .. } => visit.t("seen-overdue"),
        Timeliness::DoneLate { .. } => visit.t("seen-done_late"),
        Timeliness::DueSoon { .. } => visit.t("seen-soon"),
        _ => String::new(),
    };
    [
        task.title.clone().into(),
        task.source.clone().into(),
        task.clause.clone().unwrap_or_default().into(),
        task.urgency.map_or_else(String::new, |urgency| visit.t(&format!("urgency-{urgency}"))).into(),
        visit.unit(&task.path).into(),
        visit.t(&format!("work-state-{}", task.state)).into(),
        task.due_at.into(),
        seen.into(),
        task.asked_due_at.into(),
        task.acknowledged_at.into(),
        task.reported_at.into(),
        visit.unit(&task.assigner).into(),
    ]
}

/// The board as it is shown: a row for each unit, and the sum.
pub(crate) async fn board(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind = kind_of(&kind)?;
    let (_, rows, sum) = board_rows(&visit, &query).await?;
    let heads = [
        ("unit", 40),
        ("seen-overdue", 12),
        ("work-state-assigned", 16),
        ("work-state-reported", 16),
        ("open-work", 16),
    ];
    let mut sheet = Sheet::begin(kind, &visit.t("tasks-board"), &visit.columns(&heads))?;
    let mut write = |name: String, load: vx_concepts::work::count::Load| {
        sheet.row(&[
            name.into(),
            load.overdue.into(),
            load.unacknowledged.into(),
            load.reported.into(),
            load.open.into(),
        ])
    };
    for (path, load) in &rows {
        write(visit.unit(path), *load)?;
    }
    write(visit.t("sum"), sum)?;
    Ok(sheet.download("tien-do-theo-don-vi").await?)
}

/// Progress of a task by unit.
pub(crate) async fn progress(visit: Visit, Address((task, kind)): Address<(Id<ids::WorkItem>, String)>) -> PageResult {
    let kind = kind_of(&kind)?;
    let mut conn = visit.app.db().read().await?;
    let (task, _) = store::visible(&mut conn, visit.actor()?, task).await?;
    let progress = tally::progress(&mut conn, &task).await?;
    drop(conn);
    let heads = [
        ("unit", 40),
        ("csv-target-of", 24),
        ("target", 12),
        ("done-so-far", 14),
        ("share-done", 10),
        ("last-entry", 14),
        ("csv-state", 18),
    ];
    let mut sheet = Sheet::begin(kind, &visit.t("progress"), &visit.columns(&heads))?;
    let of = task.target_of.clone().unwrap_or_default();
    let (rows, sum) = progress_rows(&task, &progress);
    let name = |path: &Path| visit.unit(path);
    for row in &rows {
        sheet.row(&progress_cells(name(&row.unit), &of, row, visit.t(&format!("work-state-{}", row.state))))?;
    }
    sheet.row(&progress_cells(visit.t("sum"), &of, &sum, String::new()))?;
    Ok(sheet.download("chi-tieu-theo-don-vi").await?)
}

fn progress_cells(name: String, of: &str, row: &Row, state: String) -> [Cell; 7] {
    [
        name.into(),
        of.to_owned().into(),
        row.target.map_or(Cell::Empty, Cell::Count),
        // Nothing reported and zero are not the same.
        if row.counted.last_on.is_some() { Cell::Count(row.counted.done) } else { Cell::Empty },
        row.share().map_or(Cell::Empty, |share| Cell::Text(format!("{share} %"))),
        row.counted.last_on.into(),
        state.into(),
    ]
}
