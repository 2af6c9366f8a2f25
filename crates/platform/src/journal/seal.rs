//! The seal (niêm phong): each commit's rows become a block, and blocks are chained by their hashes.
//!
//! A block is made in the transaction that writes its rows, as the last thing before the commit, so there is never a
//! written row that could still be changed unnoticed, and the order of blocks is the order of commits. Processes that
//! share a database take turns at the one row of `journal_head`, and hold it only from there to their commit (ADR 18).

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use vx_kernel::{Problem, ProblemKind};

use crate::{
    params,
    store::{Conn, Db, Row, Sql, Tx, Value, migrate::hex},
};

/// Rows of an older program that are put into one block: what a page can still check at once.
const OLD_ROWS_MAX: i64 = 1000;
/// Characters of a hash that are read aloud: 64 bits, which nobody finds a second text for within an epidemic.
const SHORT_LEN: usize = 16;

/// A row on its way into the journal: its id, the hash of its content, its values.
pub(crate) struct Written {
    pub(crate) id: Uuid,
    pub(crate) hash: Vec<u8>,
    pub(crate) row: Vec<Value>,
}

/// A sealed block (khối nhật ký).
#[derive(Clone, PartialEq, Debug)]
pub struct Block {
    /// Place in the chain, from 1.
    pub number: i64,
    /// When it was sealed.
    pub sealed_at: Timestamp,
    /// How many rows it holds.
    pub entries: i64,
    /// Hash over the hashes of its rows, in order.
    pub entries_hash: Vec<u8>,
    /// Hash of the block before it; of the first, a hash that names whose journal it is.
    pub previous_hash: Vec<u8>,
    /// Hash of all that.
    pub hash: Vec<u8>,
}

/// The newest block, as it is published.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// Its number.
    pub number: i64,
    /// Its hash.
    pub hash: Vec<u8>,
}

impl std::fmt::Display for Head {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.number, hex(&self.hash))
    }
}

impl Head {
    /// The beginning of the hash in groups of four, for a screen or to be read aloud: `3f0c 19aa 5be2 7741`.
    #[must_use]
    pub fn short(&self) -> String {
        short(&self.hash)
    }
}

/// The beginning of a hash in groups of four.
#[must_use]
pub fn short(hash: &[u8]) -> String {
    let text = hex(hash);
    let groups = text.as_bytes().chunks(4).take(SHORT_LEN / 4);
    groups.map(|group| String::from_utf8_lossy(group).into_owned()).collect::<Vec<_>>().join(" ")
}

/// A hash over parts; the length before each keeps "ab","c" and "a","bc" apart.
pub(super) fn digest(parts: &[&[u8]]) -> Vec<u8> {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().to_vec()
}

/// What stands before the first block of a tenant.
pub(super) fn beginning(tenant: &str) -> Vec<u8> {
    digest(&[b"vungxanh journal", tenant.as_bytes()])
}

impl Block {
    pub(super) const COLUMNS: &[&str] = &["number", "sealed_at", "entries", "entries_hash", "previous_hash", "hash"];
    pub(super) const SELECT: &str = "number, sealed_at, entries, entries_hash, previous_hash, hash";

    fn new(number: i64, sealed_at: Timestamp, entries: i64, entries_hash: Vec<u8>, previous_hash: Vec<u8>) -> Self {
        let mut block = Self { number, sealed_at, entries, entries_hash, previous_hash, hash: Vec::new() };
        block.hash = block.computed_hash();
        block
    }

    /// The hash that its content has.
    #[must_use]
    pub fn computed_hash(&self) -> Vec<u8> {
        digest(&[
            &self.number.to_be_bytes(),
            self.sealed_at.to_string().as_bytes(),
            &self.entries.to_be_bytes(),
            &self.entries_hash,
            &self.previous_hash,
        ])
    }

    pub(super) fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            number: row.get("number")?,
            sealed_at: row.get("sealed_at")?,
            entries: row.get("entries")?,
            entries_hash: row.get("entries_hash")?,
            previous_hash: row.get("previous_hash")?,
            hash: row.get("hash")?,
        })
    }

    fn append(&self, tx: &mut Tx) {
        let row = vec![
            self.number.into(),
            self.sealed_at.into(),
            self.entries.into(),
            self.entries_hash.clone().into(),
            self.previous_hash.clone().into(),
            self.hash.clone().into(),
        ];
        tx.append("journal_block", Self::COLUMNS, row);
    }
}

/// Takes the turn at the head: the number of the next block, and the hash before it. Held until the commit.
async fn take_turn(tx: &mut Tx) -> Result<(i64, Vec<u8>), Problem> {
    let sql = "insert into journal_head (tenant, number, hash) values ($1, 1, $2)
               on conflict (tenant) do update set number = journal_head.number + 1 returning number, hash";
    let first = beginning(tx.tenant_name());
    let rows = tx.changed_rows(Sql::with(sql, params![tx.tenant(), first])).await?;
    let row = rows.first().ok_or_else(|| Problem::internal("the head of the journal did not answer"))?;
    Ok((row.get("number")?, row.get("hash")?))
}

/// Ends the turn: the block is written and the head shows it.
async fn end_turn(tx: &mut Tx, block: &Block) -> Result<(), Problem> {
    block.append(tx);
    let sql = "update journal_head set hash = $1 where tenant = $2";
    tx.change(Sql::with(sql, params![block.hash.clone(), tx.tenant()])).await.map(drop)
}

/// Seals the rows of a group into a block, as the last thing in its transaction.
pub(crate) async fn seal(tx: &mut Tx, mut rows: Vec<Written>) -> Result<(), Problem> {
    if rows.is_empty() {
        return Ok(());
    }
    // Within a block, ids rise with places, so that a swap can be told from a change.
    rows.sort_by_key(|row| row.id);
    let (number, previous) = take_turn(tx).await?;
    let mut entries_hash = Sha256::new();
    let mut entries = 0_i64;
    for Written { hash, mut row, .. } in rows {
        entries += 1;
        entries_hash.update(&hash);
        row.extend([hash.into(), number.into(), entries.into()]);
        tx.append("journal", super::COLUMNS, row);
    }
    let block = Block::new(number, tx.now(), entries, entries_hash.finalize().to_vec(), previous);
    end_turn(tx, &block).await
}

/// Seals what a program before this one wrote without a seal; says how many rows. Does nothing once there is a chain:
/// a row without a block is then one that did not come through the program, and stays for `verify` to find.
///
/// # Errors
/// When the database refuses.
pub async fn seal_old(db: &Db) -> Result<i64, Problem> {
    let mut conn = db.read().await?;
    if head(&mut conn).await?.is_some() || unsealed(&mut conn).await? == 0 {
        return Ok(0);
    }
    drop(conn);
    db.write(|tx| {
        Box::pin(async move {
            let mut sealed = 0;
            if head(tx).await?.is_some() {
                return Ok(0);
            }
            loop {
                let sql = "select hash from journal where tenant = $1 and block is null order by id limit $2";
                let rows = tx.rows(Sql::with(sql, params![tx.tenant(), OLD_ROWS_MAX])).await?;
                if rows.is_empty() {
                    return Ok(sealed);
                }
                let (number, previous) = take_turn(tx).await?;
                // Another process sealed while this one waited for its turn: again, and it finds the head.
                if sealed == 0 && number != 1 {
                    return Err(Problem::new(ProblemKind::Conflict, "store.changed_meanwhile"));
                }
                let sql = Sql::new("update journal set place = ordered.place, block = ").bind(number);
                let sql =
                    sql.sql(" from (select id, row_number() over (order by id) as place from journal where tenant = ");
                let sql = sql.bind(tx.tenant()).sql(" and block is null order by id limit ").bind(OLD_ROWS_MAX);
                let sql = sql.sql(") as ordered where journal.id = ordered.id and journal.tenant = ").bind(tx.tenant());
                tx.change(sql).await?;
                let mut entries_hash = Sha256::new();
                for row in &rows {
                    entries_hash.update(row.get::<Vec<u8>>("hash")?);
                }
                let entries = i64::try_from(rows.len()).map_err(Problem::internal)?;
                let block = Block::new(number, tx.now(), entries, entries_hash.finalize().to_vec(), previous);
                end_turn(tx, &block).await?;
                sealed += entries;
            }
        })
    })
    .await
}

/// The newest block; `None` before the first.
///
/// # Errors
/// When the database is away.
pub async fn head(conn: &mut Conn) -> Result<Option<Head>, Problem> {
    let sql = "select number, hash from journal_head where tenant = $1";
    let row = conn.row(Sql::with(sql, params![conn.tenant()])).await?;
    row.map(|row| Ok(Head { number: row.get("number")?, hash: row.get("hash")? })).transpose()
}

/// A block by its number.
///
/// # Errors
/// When the database is away.
pub async fn block(conn: &mut Conn, number: i64) -> Result<Option<Block>, Problem> {
    let sql = Sql::new("select ").sql(Block::SELECT).sql(" from journal_block where tenant = ").bind(conn.tenant());
    let row = conn.row(sql.sql(" and number = ").bind(number)).await?;
    row.as_ref().map(Block::read).transpose()
}

/// Blocks, newest first, older than `before`.
///
/// # Errors
/// When the database is away.
pub async fn blocks(conn: &mut Conn, before: Option<i64>, limit: i64) -> Result<Vec<Block>, Problem> {
    let sql = Sql::new("select ").sql(Block::SELECT).sql(" from journal_block where tenant = ").bind(conn.tenant());
    let sql = sql.when(before, |sql, number| sql.sql(" and number < ").bind(number));
    conn.rows(sql.sql(" order by number desc limit ").bind(limit)).await?.iter().map(Block::read).collect()
}

/// Rows that stand in no block.
///
/// # Errors
/// When the database is away.
pub async fn unsealed(conn: &mut Conn) -> Result<i64, Problem> {
    let sql = "select count(*) as n from journal where tenant = $1 and block is null";
    conn.count(Sql::with(sql, params![conn.tenant()])).await
}
