//! The journal (nhật ký hệ thống): the evidence of every write.
//!
//! One row per command, in the command's own transaction, with the fields it changed. Each row bears the hash of its
//! own content, and each commit seals its rows into a block of a chain (see [`seal`]); [`verify`] walks it.

mod list;
pub mod seal;
mod verify;

pub use list::{After, Wanted, between, entry, list};
pub use seal::{Block, Head, blocks, head, seal_old};
pub use verify::{Fault, Published, Sealed, Verdict, sealed, verify};

use jiff::Timestamp;
use serde_json::{Map, Value as Json};
use uuid::Uuid;
use vx_kernel::{Id, Path, Problem, ids};

use crate::{
    auth::Authority,
    store::{Conn, Record, Row, SavedFields, Sql, Tx},
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
    "block",
    "place",
];
/// What an [`Entry`] is read from.
const SELECT: &str =
    "id, at, actor, actor_name, on_behalf_of, verb, path, record, record_id, about_id, reason, changed, block";

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
    /// The block that seals it.
    pub block: Option<i64>,
}

impl Entry {
    fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
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
            block: row.find("block")?,
        })
    }
}

/// The content of a row, as it is hashed.
struct Content<'a> {
    id: Uuid,
    at: Timestamp,
    actor: Option<Uuid>,
    actor_name: &'a str,
    on_behalf_of: Option<&'a str>,
    verb: &'a str,
    path: &'a str,
    record: &'a str,
    record_id: Uuid,
    about_id: Uuid,
    reason: Option<&'a str>,
    changed: &'a str,
}

impl Content<'_> {
    fn hash(&self) -> Vec<u8> {
        let text = |id: Uuid| id.to_string();
        seal::digest(&[
            text(self.id).as_bytes(),
            self.at.to_string().as_bytes(),
            self.actor.map(text).unwrap_or_default().as_bytes(),
            self.actor_name.as_bytes(),
            self.on_behalf_of.unwrap_or("").as_bytes(),
            self.verb.as_bytes(),
            self.path.as_bytes(),
            self.record.as_bytes(),
            text(self.record_id).as_bytes(),
            text(self.about_id).as_bytes(),
            self.reason.unwrap_or("").as_bytes(),
            self.changed.as_bytes(),
        ])
    }
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
    let (id, at) = (vx_kernel::fresh(), tx.now());
    let changed = serde_json::to_string(&changed.0).map_err(Problem::internal)?;
    // No words and empty words hash alike, so only one of them is ever written.
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let (on_behalf_of, reason) = (given(by.on_behalf_of.as_deref()), given(reason));
    let content = Content {
        id,
        at,
        actor: by.account.map(Id::uuid),
        actor_name: &by.name,
        on_behalf_of: on_behalf_of.as_deref(),
        verb,
        path: record.path().as_str(),
        record: R::TABLE,
        record_id: record.uuid(),
        about_id: about,
        reason: reason.as_deref(),
        changed: &changed,
    };
    let hash = content.hash();
    let row = vec![
        id.into(),
        at.into(),
        by.account.into(),
        by.name.clone().into(),
        on_behalf_of.into(),
        verb.into(),
        record.path().into(),
        R::TABLE.into(),
        record.uuid().into(),
        about.into(),
        reason.into(),
        changed.into(),
    ];
    tx.enter(seal::Written { id, hash, row });
    Ok(())
}

/// Place and moment of the newest entry.
///
/// # Errors
/// When the database is away.
pub async fn newest(conn: &mut Conn) -> Result<Option<(Uuid, Timestamp)>, Problem> {
    let sql = Sql::new("select id, at from journal where tenant = ").bind(conn.tenant());
    let row = conn.row(sql.sql(" order by id desc limit 1")).await?;
    row.map(|row| Ok((row.get("id")?, row.get("at")?))).transpose()
}

/// Entries shown on one page of history.
pub const HISTORY_MAX: i64 = 200;

/// The history of a record, newest first, at most 200 entries older than `before`.
///
/// The caller has checked that the reader may see the record.
///
/// # Errors
/// When the database is away.
pub async fn history(conn: &mut Conn, about: Uuid, before: Option<Uuid>) -> Result<Vec<Entry>, Problem> {
    let sql = Sql::new("select ").sql(SELECT).sql(" from journal where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and about_id = ").bind(about).when(before, |sql, id| sql.sql(" and id < ").bind(id));
    let sql = sql.sql(" order by id desc limit ").bind(HISTORY_MAX);
    conn.rows(sql).await?.iter().map(Entry::read).collect()
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
    let sql = Sql::new("select ").sql(SELECT).sql(" from journal where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and about_id in ").list(records.iter().copied()).sql(" and record = ").bind(table);
    let sql = sql
        .when(verb, |sql, verb| sql.sql(" and verb = ").bind(verb))
        .sql(" order by id desc limit ")
        .bind(if verb.is_some() { CHANGES_MAX } else { 1 });
    conn.rows(sql).await?.iter().map(Entry::read).collect()
}

/// Entries that an undo looks at: one for each part of the most widely split task, and room.
const CHANGES_MAX: i64 = 5_000;
