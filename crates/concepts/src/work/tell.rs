//! What rows of the journal about work tell, for the kinds of notices of those who know more of it: tasks, reports.

use std::collections::HashMap;

use vx_kernel::{Path, Problem};
use vx_platform::{
    journal::Entry,
    notify::{Telling, Told, Whom},
    store::{Conn, Record as _, Uuid},
};

use super::{Urgency, WorkItem, select};

/// Items read in one statement.
const CHUNK: usize = 400;

/// Whom a row tells, and of which other unit.
#[derive(Clone, Copy)]
pub struct WorkTelling {
    /// The unit that is told; none when there is nothing to tell it.
    pub whom: fn(&Entry, &WorkItem) -> Option<Path>,
    /// The unit that the text names.
    pub other: fn(&Entry, &WorkItem) -> Option<Path>,
    /// Which work it is about.
    pub of: fn(&WorkItem) -> bool,
}

/// The unit that led the work when the row was written.
#[must_use]
pub fn lead(entry: &Entry, _: &WorkItem) -> Option<Path> {
    Some(entry.path.clone())
}

/// The unit that assigned the work.
#[must_use]
pub fn assigner(_: &Entry, item: &WorkItem) -> Option<Path> {
    Some(item.assigner.clone())
}

/// The unit above the one that leads.
#[must_use]
pub fn above(entry: &Entry, _: &WorkItem) -> Option<Path> {
    super::escalation::superior(&entry.path)
}

async fn items(conn: &mut Conn, entries: &[Entry]) -> Result<HashMap<Uuid, WorkItem>, Problem> {
    let mut items = HashMap::new();
    for part in entries.chunks(CHUNK) {
        let sql = select().sql(" where w.tenant = ").bind(conn.tenant()).sql(" and w.id in ");
        for row in conn.rows(sql.list(part.iter().map(|entry| entry.record_id))).await? {
            let item = WorkItem::read(&row)?;
            items.insert(item.uuid(), item);
        }
    }
    Ok(items)
}

fn told_of(entry: &Entry, item: &WorkItem, whom: Path, other: Option<Path>) -> Told {
    Told {
        entry: entry.id,
        whom: Whom::Unit(whom),
        about: item.uuid(),
        href: format!("/tasks/{}", item.id),
        source: item.source.clone(),
        unit: other,
        due_at: item.due_at,
        hoa_toc: item.urgency == Some(Urgency::HoaToc),
    }
}

/// What rows about work tell. Work that has ended meanwhile is told of no more.
#[must_use]
pub fn tell<'a>(conn: &'a mut Conn, entries: &'a [Entry], telling: WorkTelling) -> Telling<'a> {
    Box::pin(async move {
        let items = items(conn, entries).await?;
        let told = entries.iter().filter_map(|entry| {
            let item = items.get(&entry.record_id).filter(|item| !item.state.is_closed() && (telling.of)(item))?;
            Some(told_of(entry, item, (telling.whom)(entry, item)?, (telling.other)(entry, item)))
        });
        Ok(told.collect())
    })
}

/// What rows that ended work tell the unit that led it.
#[must_use]
pub fn tell_called_off<'a>(conn: &'a mut Conn, entries: &'a [Entry]) -> Telling<'a> {
    Box::pin(async move {
        let items = items(conn, entries).await?;
        let told = entries.iter().filter_map(|entry| {
            let item = items.get(&entry.record_id).filter(|item| item.state == super::WorkState::Cancelled)?;
            Some(told_of(entry, item, entry.path.clone(), Some(item.assigner.clone())))
        });
        Ok(told.collect())
    })
}

/// What rows about work tell the units that help with it.
#[must_use]
pub fn tell_helpers<'a>(conn: &'a mut Conn, entries: &'a [Entry]) -> Telling<'a> {
    Box::pin(async move {
        let items = items(conn, entries).await?;
        let mut told = Vec::new();
        for part in entries.chunks(CHUNK) {
            let sql = vx_platform::store::Sql::new("select work, path from work_cooperator where tenant = ");
            let sql = sql.bind(conn.tenant()).sql(" and work in ").list(part.iter().map(|entry| entry.record_id));
            for row in conn.rows(sql).await? {
                let (work, path): (Uuid, Path) = (row.get("work")?, row.get("path")?);
                let item = items.get(&work).filter(|item| !item.state.is_closed());
                if let Some((entry, item)) = part.iter().find(|entry| entry.record_id == work).zip(item) {
                    told.push(told_of(entry, item, path, Some(item.path.clone())));
                }
            }
        }
        Ok(told)
    })
}
