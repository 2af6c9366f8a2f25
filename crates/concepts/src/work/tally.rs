//! Tallies (số đã thực hiện): what a unit has done towards the target of a work item, entry by entry.
//!
//! **Invariant:** an entry is never changed. A wrong one is superseded by an entry that names it; what no other entry
//! names counts.

use std::collections::HashMap;

use vx_kernel::{Date, Id, Path, Problem, ids};
use vx_platform::{
    params, record,
    store::{Conn, Record as _, Sql, Uuid},
};

use super::{WorkItem, WorkState};

record! {
    /// How many more were done on a day. `path` is the unit that counted.
    pub struct Tally[ids::Tally] in "work_tally" {
        /// Which work item.
        pub work: Id<ids::WorkItem>,
        /// On which day they were done.
        pub counted_on: Date,
        /// How many.
        pub n: i64,
        /// What there is to say about it.
        pub note: Option<String>,
        /// The wrong entry that this one stands for.
        pub corrects: Option<Id<ids::Tally>>,
        /// Who wrote it down.
        pub by_name: String,
    }
}

/// What was counted for one work item, or for it and its parts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    /// Sum of the entries that count.
    pub done: i64,
    /// Day of the last one.
    pub last_on: Option<Date>,
}

impl Counted {
    /// Both together.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self { done: self.done + other.done, last_on: self.last_on.max(other.last_on) }
    }
}

/// Progress towards the target of one work item: its own and, apart, that of each direct part with all below it.
#[derive(Clone, PartialEq, Debug)]
pub struct Progress {
    /// Entries of the item itself.
    pub own: Counted,
    /// Each part that was not called off.
    pub parts: Vec<(WorkItem, Counted)>,
}

impl Progress {
    /// Own entries and those of all parts.
    #[must_use]
    pub fn sum(&self) -> Counted {
        self.parts.iter().fold(self.own, |sum, (_, part)| sum.and(*part))
    }
}

/// Parts looked at: all communes of the largest province twice over.
const PARTS_MAX: i64 = 2_000;
/// Entries shown together: a year of daily entries.
pub const SHOWN_MAX: i64 = 400;

/// The item and everything split from it that was not called off, the item first.
async fn family(conn: &mut Conn, whole: &WorkItem) -> Result<Vec<WorkItem>, Problem> {
    let (mut parents, mut all) = (vec![whole.id], vec![whole.clone()]);
    // A split goes down one level of government at a time, so this turns three times at the most.
    while !parents.is_empty() {
        let sql = super::select().sql(" where w.tenant = ").bind(conn.tenant()).sql(" and w.parent in ").list(parents);
        let sql = sql.sql(" and w.state <> ").bind(WorkState::Cancelled).sql(" order by w.path, w.id limit ");
        let rows = conn.rows(sql.bind(PARTS_MAX)).await?;
        let found: Vec<WorkItem> = rows.iter().map(WorkItem::read).collect::<Result<_, _>>()?;
        parents = found.iter().map(|part| part.id).collect();
        all.extend(found);
    }
    Ok(all)
}

/// Progress of an item and of its parts. The caller has checked that the reader may see the item.
///
/// # Errors
/// When the database is away.
pub async fn progress(conn: &mut Conn, whole: &WorkItem) -> Result<Progress, Problem> {
    let family = family(conn, whole).await?;
    let sql = Sql::new("select t.work as work, cast(sum(t.n) as bigint) as n, max(t.counted_on) as last_on from work_tally t where t.tenant = ")
        .bind(conn.tenant())
        .sql(" and t.work in ")
        .list(family.iter().map(|item| item.id));
    let sql = sql.sql(
        " and not exists (select 1 from work_tally c where c.tenant = t.tenant and c.corrects = t.id) group by t.work",
    );
    let mut counted: HashMap<Id<ids::WorkItem>, Counted> = HashMap::new();
    for row in conn.rows(sql).await? {
        counted.insert(row.get("work")?, Counted { done: row.get("n")?, last_on: row.find("last_on")? });
    }
    let own = |item: &WorkItem| counted.get(&item.id).copied().unwrap_or_default();
    // From the lowest parts upwards, each adds itself to the one it was split from.
    let mut sums: HashMap<Id<ids::WorkItem>, Counted> = family.iter().map(|item| (item.id, own(item))).collect();
    for item in family.iter().skip(1).rev() {
        let below = sums.get(&item.id).copied().unwrap_or_default();
        if let Some(above) = item.parent.and_then(|parent| sums.get_mut(&parent)) {
            *above = above.and(below);
        }
    }
    let parts = family
        .iter()
        .filter(|item| item.parent == Some(whole.id) && item.id != whole.id)
        .map(|part| (part.clone(), sums.get(&part.id).copied().unwrap_or_default()))
        .collect();
    Ok(Progress { own: own(whole), parts })
}

/// Entries of an item and its parts, latest first, each with whether it still counts.
///
/// # Errors
/// When the database is away.
pub async fn entries(conn: &mut Conn, whole: &WorkItem) -> Result<Vec<(Tally, bool)>, Problem> {
    let family = family(conn, whole).await?;
    let sql = Sql::new("select ").sql(Tally::SELECT).sql(", not exists (select 1 from work_tally c where c.tenant = t.tenant and c.corrects = t.id) as counts from work_tally t where t.tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and t.work in ").list(family.iter().map(|item| item.id));
    let sql = sql.sql(" order by t.counted_on desc, t.id desc limit ").bind(SHOWN_MAX);
    conn.rows(sql).await?.iter().map(|row| Ok((Tally::read(row)?, row.get("counts")?))).collect()
}

/// Whether another entry stands for this one already.
///
/// # Errors
/// When the database is away.
pub async fn is_corrected(conn: &mut Conn, entry: Id<ids::Tally>) -> Result<bool, Problem> {
    let sql = "select count(*) as n from work_tally where tenant = $1 and corrects = $2";
    Ok(conn.count(Sql::with(sql, params![conn.tenant(), entry])).await? > 0)
}

/// A new entry.
#[must_use]
pub fn entry(task: &WorkItem, counted_on: Date, n: i64, note: Option<String>, by_name: &str) -> Tally {
    let path: Path = task.path.clone();
    Tally {
        id: Id::from(Uuid::now_v7()),
        path,
        version: 0,
        work: task.id,
        counted_on,
        n,
        note,
        corrects: None,
        by_name: by_name.to_owned(),
    }
}
