//! The journal (nhật ký hệ thống): the evidence of every write.
//!
//! One row per command, in the command's own transaction, with the fields it changed. Each row bears the hash of its
//! own content, so that a later seal can chain rows into blocks without touching them.

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use vx_kernel::{Id, Path, Problem, ids};

use crate::{
    auth::Authority,
    store::{Conn, Record, Row, SavedFields, Sql, Tx, Value},
};

const COLUMNS: &[&str] = &[
    "id",
    "at",
    "actor",
    "actor_name",
    "on_behalf_of",
    "verb",
    "path",
    "record",
    "record_id",
    "about_id",
    "reason",
    "changed",
    "hash",
];

/// What one command did.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Place in the journal.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who, `None` for the program itself.
    pub actor: Option<Id<ids::Account>>,
    /// The name they had then.
    pub actor_name: String,
    /// Whose post they were deputising for.
    pub on_behalf_of: Option<String>,
    /// The command's name.
    pub verb: String,
    /// The unit it happened in.
    pub path: Path,
    /// The kind of record.
    pub record: String,
    /// Which record.
    pub record_id: Uuid,
    /// The record whose history shows this entry; a note on a task is about the task.
    pub about_id: Uuid,
    /// What the person gave as reason or note.
    pub reason: Option<String>,
    /// Field → `[before, after]`.
    pub changed: Map<String, Json>,
}

/// Writes the entry of a command, in its transaction.
///
/// # Errors
/// When the changes cannot be written as JSON.
pub fn write<R: Record>(
    tx: &mut Tx,
    by: &Authority,
    verb: &str,
    record: &R,
    about: Uuid,
    reason: Option<&str>,
    changed: &SavedFields,
) -> Result<(), Problem> {
    let id = Uuid::now_v7();
    let at = tx.now();
    let changed = serde_json::to_string(&changed.0).map_err(Problem::internal)?;
    let mut digest = Sha256::new();
    let actor = by.account.map(|id| id.to_string()).unwrap_or_default();
    let (record_id, about_text, id_text, at_text) =
        (record.uuid().to_string(), about.to_string(), id.to_string(), at.to_string());
    let parts = [
        id_text.as_str(),
        &at_text,
        &actor,
        &by.name,
        by.on_behalf_of.as_deref().unwrap_or(""),
        verb,
        record.path().as_str(),
        R::TABLE,
        &record_id,
        &about_text,
        reason.unwrap_or(""),
        &changed,
    ];
    for part in parts {
        // The length before each part keeps "ab","c" and "a","bc" apart.
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part.as_bytes());
    }
    let row = vec![
        id.into(),
        at.into(),
        by.account.into(),
        by.name.clone().into(),
        by.on_behalf_of.clone().into(),
        verb.into(),
        record.path().into(),
        R::TABLE.into(),
        record.uuid().into(),
        about.into(),
        reason.map(str::to_owned).into(),
        changed.into(),
        Value::Bytes(Some(digest.finalize().to_vec())),
    ];
    tx.append("journal", COLUMNS, row);
    Ok(())
}

/// Entries shown on one page of history.
const HISTORY_MAX: i64 = 200;

/// The history of a record, newest first, at most 200 entries older than `before`.
///
/// The caller has checked that the reader may see the record.
///
/// # Errors
/// When the database is away.
pub async fn history(conn: &mut Conn, about: Uuid, before: Option<Uuid>) -> Result<Vec<Entry>, Problem> {
    let sql = Sql::new("select id, at, actor, actor_name, on_behalf_of, verb, path, record, record_id, about_id, reason, changed from journal where tenant = ")
        .bind(conn.tenant()).sql(" and about_id = ").bind(about)
        .when(before, |sql, id| sql.sql(" and id < ").bind(id))
        .sql(" order by id desc limit ").bind(HISTORY_MAX);
    conn.rows(sql).await?.iter().map(entry).collect()
}

/// The last entries of a command about each of some records, newest first; what an undo looks at. `verb` may be `None`
/// for the last entry of any command that changed one record.
///
/// # Errors
/// When the database is away.
pub async fn last_changes(
    conn: &mut Conn,
    table: &str,
    records: &[Uuid],
    verb: Option<&str>,
) -> Result<Vec<Entry>, Problem> {
    let sql = Sql::new("select id, at, actor, actor_name, on_behalf_of, verb, path, record, record_id, about_id, reason, changed from journal where tenant = ")
        .bind(conn.tenant()).sql(" and about_id in ").list(records.iter().copied()).sql(" and record = ").bind(table)
        .when(verb, |sql, verb| sql.sql(" and verb = ").bind(verb))
        .sql(" order by id desc limit ").bind(if verb.is_some() { CHANGES_MAX } else { 1 });
    conn.rows(sql).await?.iter().map(entry).collect()
}

/// Entries that an undo looks at: one for each part of the most widely split task, and room.
const CHANGES_MAX: i64 = 5_000;

fn entry(row: &Row) -> Result<Entry, Problem> {
    Ok(Entry {
        id: row.get("id")?,
        at: row.get("at")?,
        actor: row.find("actor")?,
        actor_name: row.get("actor_name")?,
        on_behalf_of: row.find("on_behalf_of")?,
        verb: row.get("verb")?,
        path: row.get("path")?,
        record: row.get("record")?,
        record_id: row.get("record_id")?,
        about_id: row.get("about_id")?,
        reason: row.find("reason")?,
        changed: serde_json::from_str(&row.get::<String>("changed")?).map_err(Problem::internal)?,
    })
}
