//! The receipt board (bảng theo dõi tiếp nhận): which units have opened a dispatch, acknowledged, are late, are done.

use std::collections::BTreeMap;

use jiff::Timestamp;
use vx_concepts::work::{Filter, Part, Seen, Urgency, WorkState};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::{Actor, within},
    store::{Conn, Sql, Uuid},
    text_enum,
};

use crate::{commands::TASKS_MAX, store::READ};

pub(crate) mod pages;

text_enum! {
    /// Which units a board shows.
    pub enum Show {
        /// Those that have not opened the dispatch (chưa mở).
        Unopened = "unopened",
        /// Those with a task not acknowledged (chưa tiếp nhận).
        Unacknowledged = "unacknowledged",
        /// Those with a task past its deadline (quá hạn).
        Overdue = "overdue",
    }
}

/// How one unit stands to a dispatch that gives it work.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Standing {
    /// Tasks it leads, without those called off.
    pub n_tasks: i64,
    /// Of these not acknowledged.
    pub n_unacknowledged: i64,
    /// Of these past the deadline and not reported.
    pub n_overdue: i64,
    /// Of these confirmed.
    pub n_done: i64,
    /// Tasks in which it cooperates.
    pub n_cooperating: i64,
    /// When it was opened first, and by whom.
    pub opened: Option<(Timestamp, String)>,
}

impl Standing {
    /// Place on the board, small first: what nobody has opened stands before what nobody has acknowledged, then what
    /// is late, then what is open; among equals the unit with more of it.
    #[must_use]
    pub fn place(&self) -> (u8, i64) {
        if self.opened.is_none() && self.n_done < self.n_tasks.max(1) {
            (0, -self.n_tasks)
        } else if self.n_unacknowledged > 0 {
            (1, -self.n_unacknowledged)
        } else if self.n_overdue > 0 {
            (2, -self.n_overdue)
        } else if self.n_done < self.n_tasks {
            (3, self.n_done - self.n_tasks)
        } else {
            (4, 0)
        }
    }

    /// Whether a board that shows this lists the unit.
    #[must_use]
    pub fn is(&self, show: Show) -> bool {
        match show {
            Show::Unopened => self.opened.is_none(),
            Show::Unacknowledged => self.n_unacknowledged > 0,
            Show::Overdue => self.n_overdue > 0,
        }
    }
}

/// Sums over units.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sums {
    /// Units.
    pub n_units: i64,
    /// Units that have not opened it.
    pub n_unopened: i64,
    /// Tasks.
    pub n_tasks: i64,
    /// Tasks not acknowledged.
    pub n_unacknowledged: i64,
    /// Tasks past the deadline.
    pub n_overdue: i64,
    /// Tasks confirmed.
    pub n_done: i64,
}

impl Sums {
    /// Sums of some units.
    #[must_use]
    pub fn of<'s>(standings: impl IntoIterator<Item = &'s Standing>) -> Self {
        let mut sums = Self::default();
        for standing in standings {
            sums.n_units += 1;
            sums.n_unopened += i64::from(standing.opened.is_none());
            sums.n_tasks += standing.n_tasks;
            sums.n_unacknowledged += standing.n_unacknowledged;
            sums.n_overdue += standing.n_overdue;
            sums.n_done += standing.n_done;
        }
        sums
    }
}

/// States of the tasks that a board counts: all but those called off.
pub(crate) fn counted() -> Vec<WorkState> {
    WorkState::ALL.iter().copied().filter(|state| *state != WorkState::Cancelled).collect()
}

/// Every unit within reach that a dispatch gives work to or was sent to, with how it stands.
///
/// # Errors
/// When the database is away.
pub async fn standings(
    conn: &mut Conn,
    actor: &Actor,
    id: Id<ids::Directive>,
    now: Timestamp,
) -> Result<BTreeMap<Path, Standing>, Problem> {
    let reach = actor.reach(READ);
    // One dispatch makes no more tasks than this, so it has no more units.
    let limit = i64::try_from(TASKS_MAX * 2).unwrap_or(i64::MAX);
    let late =
        [WorkState::Assigned, WorkState::Acknowledged, WorkState::InProgress, WorkState::Returned, WorkState::Refused];
    let sql = Sql::new("select w.path as path, count(*) as n, count(*) filter (where w.state = ")
        .bind(WorkState::Assigned)
        .sql(") as unacknowledged, count(*) filter (where w.due_sort < ")
        .bind(now)
        .sql(" and w.state in ")
        .list(late)
        .sql(") as overdue, count(*) filter (where w.state = ")
        .bind(WorkState::Confirmed)
        .sql(") as done from work_item w where w.tenant = ")
        .bind(conn.tenant())
        .sql(" and w.about = ")
        .bind(id)
        .sql(" and w.state <> ")
        .bind(WorkState::Cancelled)
        .sql(" and ");
    let sql = within(sql, "w.path", &reach).sql(" group by w.path order by w.path limit ").bind(limit);
    let mut all: BTreeMap<Path, Standing> = BTreeMap::new();
    for row in conn.rows(sql).await? {
        let standing = all.entry(row.get("path")?).or_default();
        standing.n_tasks = row.get("n")?;
        standing.n_unacknowledged = row.get("unacknowledged")?;
        standing.n_overdue = row.get("overdue")?;
        standing.n_done = row.get("done")?;
    }
    let sql = Sql::new("select c.path as path, count(*) as n from work_item w join work_cooperator c on c.tenant = w.tenant and c.work = w.id where w.tenant = ")
        .bind(conn.tenant()).sql(" and w.about = ").bind(id).sql(" and w.state <> ").bind(WorkState::Cancelled).sql(" and ");
    let sql = within(sql, "c.path", &reach).sql(" group by c.path order by c.path limit ").bind(limit);
    for row in conn.rows(sql).await? {
        all.entry(row.get("path")?).or_default().n_cooperating = row.get("n")?;
    }
    let sql = Sql::new("select v.path as path from delivery v where v.tenant = ").bind(conn.tenant());
    let sql = within(sql.sql(" and v.record = ").bind(id).sql(" and "), "v.path", &reach);
    for row in conn.rows(sql.sql(" order by v.path limit ").bind(limit)).await? {
        all.entry(row.get("path")?).or_default();
    }
    let sql = Sql::new("select r.path, r.opened_at, r.opened_by from receipt r where r.tenant = ").bind(conn.tenant());
    let sql = within(sql.sql(" and r.about = ").bind(id).sql(" and "), "r.path", &reach);
    for row in conn.rows(sql.sql(" order by r.path limit ").bind(limit)).await? {
        // A unit that no longer has work about it, and was not sent it, has left the board.
        if let Some(standing) = all.get_mut(&row.get::<Path>("path")?) {
            standing.opened = Some((row.get("opened_at")?, row.get("opened_by")?));
        }
    }
    Ok(all)
}

/// Of some dispatches: how many units within reach have work about it, and how many of these have not opened it.
///
/// # Errors
/// When the database is away.
pub async fn unopened(conn: &mut Conn, actor: &Actor, ids: &[Uuid]) -> Result<BTreeMap<Uuid, (i64, i64)>, Problem> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let reach = actor.reach(READ);
    let sql = Sql::new(
        "select u.about as about, count(*) as units, count(*) - count(r.id) as unopened from (select w.about as about, w.path as path from work_item w where w.tenant = ",
    );
    let sql = sql.bind(conn.tenant()).sql(" and w.about in ").list(ids.to_vec());
    let sql = within(sql.sql(" and w.state <> ").bind(WorkState::Cancelled).sql(" and "), "w.path", &reach);
    let sql = sql.sql(" union select w.about as about, c.path as path from work_item w join work_cooperator c on c.tenant = w.tenant and c.work = w.id where w.tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and w.about in ").list(ids.to_vec());
    let sql = within(sql.sql(" and w.state <> ").bind(WorkState::Cancelled).sql(" and "), "c.path", &reach);
    let sql = sql.sql(" union select v.record as about, v.path as path from delivery v where v.tenant = ");
    let sql =
        within(sql.bind(conn.tenant()).sql(" and v.record in ").list(ids.to_vec()).sql(" and "), "v.path", &reach);
    let sql = sql.sql(") u left join receipt r on r.tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and r.about = u.about and r.path = u.path group by u.about");
    let rows = conn.rows(sql).await?;
    rows.iter().map(|row| Ok((row.get("about")?, (row.get("units")?, row.get("unopened")?)))).collect()
}

/// The address of a board.
pub(crate) fn address(id: Id<ids::Directive>, show: Option<Show>, unit: Option<&Path>) -> String {
    let mut pairs: Vec<String> = Vec::new();
    pairs.extend(show.map(|show| format!("show={show}")));
    pairs.extend(unit.map(|unit| format!("unit={}", unit.as_str())));
    let query = if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) };
    format!("/directives/{id}/receipts{query}")
}

/// The list of the tasks behind a figure of a unit.
pub(crate) fn list_of(about: Uuid, unit: &Path, only_unit: bool, figure: Figure) -> String {
    Filter { unit: Some(unit.clone()), desk: only_unit, ..tasks(about, figure) }.href()
}

/// The list of the tasks behind a figure of all units.
pub(crate) fn all_of(about: Uuid, figure: Figure) -> String {
    tasks(about, figure).href()
}

fn tasks(about: Uuid, figure: Figure) -> Filter {
    let all = Filter { about: Some(about), ..Filter::default() };
    match figure {
        Figure::Tasks => Filter { states: counted(), ..all },
        Figure::Unacknowledged => Filter { states: vec![WorkState::Assigned], ..all },
        Figure::Overdue => Filter { seen: Some(Seen::Overdue), ..all },
        Figure::Done => Filter { states: vec![WorkState::Confirmed], ..all },
        Figure::Cooperating => Filter { part: Part::Cooperating, states: counted(), ..all },
    }
}

/// A figure of a board.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Figure {
    Tasks,
    Unacknowledged,
    Overdue,
    Done,
    Cooperating,
}

/// Whether the first opening is urgent enough to be shown in the colour of lateness.
pub(crate) fn presses(urgency: Option<Urgency>) -> bool {
    matches!(urgency, Some(Urgency::HoaToc | Urgency::ThuongKhan))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_opened_stands_first() {
        let opened = Some((Timestamp::UNIX_EPOCH, "Kim Thị Sa Rây".to_owned()));
        for (n_tasks, n_unacknowledged, n_overdue, n_done, is_opened, expected) in [
            (3, 3, 0, 0, false, (0, -3)),
            (0, 0, 0, 0, false, (0, 0)),
            (2, 0, 0, 2, false, (4, 0)),
            (3, 2, 3, 0, true, (1, -2)),
            (3, 0, 2, 1, true, (2, -2)),
            (3, 0, 0, 1, true, (3, -2)),
            (3, 0, 0, 3, true, (4, 0)),
            (0, 0, 0, 0, true, (4, 0)),
        ] {
            let opened = opened.clone().filter(|_| is_opened);
            let standing = Standing { n_tasks, n_unacknowledged, n_overdue, n_done, n_cooperating: 0, opened };
            assert_eq!(standing.place(), expected, "{standing:?}");
        }
    }
}
