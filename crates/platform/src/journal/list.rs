//! Reading the journal: lists within reach, one row, the history of a record.

use jiff::Timestamp;
use uuid::Uuid;
use vx_kernel::{Path, Problem};

use super::{Entry, SELECT};
use crate::{
    auth::{Reach, within},
    store::{Conn, Sql},
};

/// Which rows of the journal are wanted.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Wanted {
    /// At this unit or below it.
    pub unit: Option<Path>,
    /// By somebody whose name, or whose principal's name, holds these words.
    pub person: Option<String>,
    /// With this verb.
    pub verb: Option<String>,
    /// About records of this kind.
    pub record: Option<String>,
    /// From this moment.
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub until: Option<Timestamp>,
    /// With these words in the reason.
    pub words: Option<String>,
    /// In this block.
    pub block: Option<i64>,
}

/// The last row of a page: the next page begins after it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct After {
    /// Its moment.
    pub at: Timestamp,
    /// Its id.
    pub id: Uuid,
}

impl After {
    /// The place after a row.
    #[must_use]
    pub fn of(entry: &Entry) -> Self {
        Self { at: entry.at, id: entry.id }
    }
    /// As it stands in an address.
    #[must_use]
    pub fn text(self) -> String {
        format!("{}_{}", self.at.as_microsecond(), self.id.simple())
    }
    /// From an address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('_')?;
        Some(Self { at: Timestamp::from_microsecond(at.parse().ok()?).ok()?, id: id.parse().ok()? })
    }
}

/// Units down to this depth hold so much of the journal that it is read by time; the rows of those below are found by
/// their unit, however old they are.
const WIDE_DEPTH: usize = 1;

/// Rows within reach, newest first.
///
/// # Errors
/// When the database is away.
pub async fn list(
    conn: &mut Conn,
    reaches: &[Reach],
    wanted: &Wanted,
    after: Option<After>,
    limit: i64,
) -> Result<Vec<Entry>, Problem> {
    let is_wide = |path: &Path| path.depth() <= WIDE_DEPTH;
    let by_time = wanted.unit.as_ref().map_or_else(|| reaches.iter().any(|reach| is_wide(&reach.path)), is_wide);
    // An expression instead of the column keeps both engines from looking rows up by unit.
    let column = if by_time { "(path || '')" } else { "path" };
    // `lower` folds the letters of ASCII on both engines, so both find the same.
    let like = |words: &str| {
        let plain = words.to_ascii_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        format!("%{plain}%")
    };
    let sql = Sql::new("select ").sql(SELECT).sql(" from journal where tenant = ").bind(conn.tenant()).sql(" and ");
    let sql = within(sql, column, reaches)
        .when(wanted.unit.as_ref(), |sql, unit| {
            let (from, to) = unit.range();
            sql.sql(" and ").sql(column).sql(" >= ").bind(from).sql(" and ").sql(column).sql(" < ").bind(to)
        })
        .when(wanted.person.as_deref(), |sql, name| {
            let sql = sql
                .sql(" and (lower(actor_name) like ")
                .bind(like(name))
                .sql(" escape '\\' or lower(on_behalf_of) like ");
            sql.bind(like(name)).sql(" escape '\\')")
        })
        .when(wanted.verb.as_deref(), |sql, verb| sql.sql(" and verb = ").bind(verb))
        .when(wanted.record.as_deref(), |sql, record| sql.sql(" and record = ").bind(record))
        .when(wanted.from, |sql, from| sql.sql(" and at >= ").bind(from))
        .when(wanted.until, |sql, until| sql.sql(" and at < ").bind(until))
        .when(wanted.words.as_deref(), |sql, words| {
            sql.sql(" and lower(reason) like ").bind(like(words)).sql(" escape '\\'")
        })
        .when(wanted.block, |sql, block| sql.sql(" and block = ").bind(block))
        .when(after, |sql, after| sql.sql(" and (at, id) < (").bind(after.at).sql(", ").bind(after.id).sql(")"));
    conn.rows(sql.sql(" order by at desc, id desc limit ").bind(limit)).await?.iter().map(Entry::read).collect()
}

/// One row.
///
/// # Errors
/// `not_found`.
pub async fn entry(conn: &mut Conn, id: Uuid) -> Result<Entry, Problem> {
    let sql = Sql::new("select ").sql(SELECT).sql(" from journal where tenant = ").bind(conn.tenant());
    let row = conn.row(sql.sql(" and id = ").bind(id)).await?.ok_or_else(Problem::not_found)?;
    Entry::read(&row)
}

/// Rows with certain verbs in the blocks after `after` up to `up_to`, in the order in which they were committed. The
/// caller has chosen so few blocks that all of their rows may be read.
///
/// # Errors
/// When the database is away.
pub async fn between(conn: &mut Conn, after: i64, up_to: i64, verbs: &[&'static str]) -> Result<Vec<Entry>, Problem> {
    let sql = Sql::new("select ").sql(SELECT).sql(" from journal where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and block > ").bind(after).sql(" and block <= ").bind(up_to);
    let sql = sql.sql(" and verb in ").list(verbs.iter().copied()).sql(" order by block, place");
    conn.rows(sql).await?.iter().map(Entry::read).collect()
}
