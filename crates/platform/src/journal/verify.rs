//! Walking the chain: is the journal what was sealed?

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use vx_kernel::{Problem, ProblemKind};

use super::seal::{Block, Head, beginning, block, unsealed};
use crate::{
    params,
    store::{Conn, Row, Sql, migrate::hex},
};

/// Rows read at a time: a few megabytes, however long the journal is.
const CHUNK: i64 = 5_000;
/// Blocks read at a time.
const BLOCKS: i64 = 1_000;
/// Faults that are told one by one; a journal with more is not mended by reading on.
const FAULTS_MAX: usize = 100;
/// Faults after which the walk ends: a block with a senseless number must not keep it going for ever.
const FAULTS_END: usize = 100_000;

/// Something in the journal that is not as it was sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "fields name the block, the place in it and the row")]
pub enum Fault {
    /// The content of a row is not what its hash was made of.
    EntryChanged { block: i64, place: i64, id: Uuid },
    /// A place of a block is empty.
    EntryRemoved { block: i64, place: i64 },
    /// A row stands where none was sealed.
    EntryInserted { block: Option<i64>, id: Uuid },
    /// A row stands before one that was written earlier.
    EntryMoved { block: i64, place: i64, id: Uuid },
    /// Every row is sound in itself, but together they are not those that were sealed.
    EntriesExchanged { block: i64 },
    /// The content of a block is not what its hash was made of.
    BlockChanged { block: i64 },
    /// A block is not there.
    BlockRemoved { block: i64 },
    /// A block does not continue the one before it.
    ChainBroken { block: i64 },
    /// The newest block is not the one that was noted as the newest: blocks were cut off or added.
    EndDiffers { block: i64, noted: i64 },
    /// There is no note of the newest block.
    EndMissing { block: i64 },
    /// A block that was published is not there any more.
    PublishedCut { block: i64, last: i64 },
    /// A block has another hash than the one that was published.
    PublishedDiffers { block: i64 },
}

impl Fault {
    /// The key of its sentence.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::EntryChanged { .. } => "journal-fault-entry-changed",
            Self::EntryRemoved { .. } => "journal-fault-entry-removed",
            Self::EntryInserted { block: Some(_), .. } => "journal-fault-entry-inserted",
            Self::EntryInserted { block: None, .. } => "journal-fault-entry-outside",
            Self::EntryMoved { .. } => "journal-fault-entry-moved",
            Self::EntriesExchanged { .. } => "journal-fault-entries-exchanged",
            Self::BlockChanged { .. } => "journal-fault-block-changed",
            Self::BlockRemoved { .. } => "journal-fault-block-removed",
            Self::ChainBroken { .. } => "journal-fault-chain-broken",
            Self::EndDiffers { .. } => "journal-fault-end-differs",
            Self::EndMissing { .. } => "journal-fault-end-missing",
            Self::PublishedCut { .. } => "journal-fault-published-cut",
            Self::PublishedDiffers { .. } => "journal-fault-published-differs",
        }
    }

    /// What its sentence names. Numbers are texts here: a block's number is a name, not a quantity.
    #[must_use]
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let text = |n: i64| n.to_string();
        match self {
            Self::EntryChanged { block, place, id } | Self::EntryMoved { block, place, id } => {
                vec![("block", text(*block)), ("place", text(*place)), ("id", id.to_string())]
            }
            Self::EntryRemoved { block, place } => vec![("block", text(*block)), ("place", text(*place))],
            Self::EntryInserted { block, id } => {
                vec![("block", text(block.unwrap_or(0))), ("id", id.to_string())]
            }
            Self::EntriesExchanged { block }
            | Self::BlockChanged { block }
            | Self::BlockRemoved { block }
            | Self::ChainBroken { block }
            | Self::EndMissing { block }
            | Self::PublishedDiffers { block } => vec![("block", text(*block))],
            Self::EndDiffers { block, noted } => vec![("block", text(*block)), ("noted", text(*noted))],
            Self::PublishedCut { block, last } => vec![("block", text(*block)), ("last", text(*last))],
        }
    }
}

/// What a walk found.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// Blocks walked.
    pub blocks: i64,
    /// Rows whose content was checked.
    pub entries: i64,
    /// Rows of an older program that wait for their seal; none once there is a chain.
    pub unsealed: i64,
    /// The newest block.
    pub head: Option<Head>,
    /// What is not as it was sealed, the first hundred.
    pub faults: Vec<Fault>,
    /// How many faults there are in all.
    pub n_faults: usize,
}

impl Verdict {
    fn fault(&mut self, fault: Fault) {
        self.n_faults += 1;
        if self.faults.len() < FAULTS_MAX {
            self.faults.push(fault);
        }
    }
    /// Whether everything is as it was sealed.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        self.n_faults == 0
    }
}

/// A block and its hash, or the beginning of it, as it was published: `1204:3f0c19aa5be27741`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Published {
    number: i64,
    hash: String,
}

impl std::str::FromStr for Published {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        let wrong = || Problem::new(ProblemKind::Invalid, "journal.published").with("text", text);
        let (number, hash) = text.split_once(':').ok_or_else(wrong)?;
        let number = number.trim().parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?;
        let hash: String = hash.chars().filter(|c| !c.is_whitespace()).map(|c| c.to_ascii_lowercase()).collect();
        let is_hash = (16..=64).contains(&hash.len()) && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_hash { Ok(Self { number, hash }) } else { Err(wrong()) }
    }
}

/// A row as it is checked: hashes, and where it stands.
struct Checked {
    id: Uuid,
    block: i64,
    place: i64,
    hash: Vec<u8>,
    is_sound: bool,
}

pub(super) const CHECKED: &str = "id, at, actor, actor_name, on_behalf_of, verb, path, record, record_id, about_id, reason, changed, hash, block, place";

impl Checked {
    fn read(row: &Row) -> Result<Self, Problem> {
        let hash: Vec<u8> = row.get("hash")?;
        let (on_behalf_of, reason): (Option<String>, Option<String>) = (row.find("on_behalf_of")?, row.find("reason")?);
        // An empty text hashes like none; the program never writes one.
        let is_plain = on_behalf_of.as_deref() != Some("") && reason.as_deref() != Some("");
        let content = super::Content {
            id: row.get("id")?,
            at: row.get("at")?,
            actor: row.find("actor")?,
            actor_name: &row.get::<String>("actor_name")?,
            on_behalf_of: on_behalf_of.as_deref(),
            verb: &row.get::<String>("verb")?,
            path: &row.get::<String>("path")?,
            record: &row.get::<String>("record")?,
            record_id: row.get("record_id")?,
            about_id: row.get("about_id")?,
            reason: reason.as_deref(),
            changed: &row.get::<String>("changed")?,
        };
        let is_sound = is_plain && content.hash() == hash;
        Ok(Self { id: content.id, block: row.get("block")?, place: row.get("place")?, hash, is_sound })
    }
}

/// The rows of one block, checked one after another.
struct BlockWalk<'b> {
    number: i64,
    block: Option<&'b Block>,
    /// How many rows were sealed, when the block itself is sound.
    entries: Option<i64>,
    next: i64,
    last: Option<Uuid>,
    hash: Sha256,
    n_faults: usize,
}

impl<'b> BlockWalk<'b> {
    fn new(number: i64, block: Option<&'b Block>) -> Self {
        let entries = block.filter(|block| block.computed_hash() == block.hash).map(|block| block.entries);
        Self { number, block, entries, next: 1, last: None, hash: Sha256::new(), n_faults: 0 }
    }

    fn take(&mut self, row: &Checked, verdict: &mut Verdict) {
        let (before, block) = (verdict.n_faults, self.number);
        verdict.entries += 1;
        // Of a block that is changed or gone, nobody knows which places it had; it is named itself.
        if let Some(entries) = self.entries {
            if row.place < 1 || row.place > entries {
                verdict.fault(Fault::EntryInserted { block: Some(block), id: row.id });
            } else {
                for place in self.next..row.place {
                    verdict.fault(Fault::EntryRemoved { block, place });
                }
                self.next = row.place + 1;
            }
        }
        if !row.is_sound {
            verdict.fault(Fault::EntryChanged { block, place: row.place, id: row.id });
        } else if self.last.is_some_and(|last| last > row.id) {
            verdict.fault(Fault::EntryMoved { block, place: row.place, id: row.id });
        }
        self.last = Some(row.id);
        self.hash.update(&row.hash);
        self.n_faults += verdict.n_faults - before;
    }

    /// Compares what was walked with what was sealed; returns the hash of the block.
    fn end(mut self, previous: Option<Vec<u8>>, verdict: &mut Verdict) -> Option<Vec<u8>> {
        let Some(block) = self.block else {
            verdict.fault(Fault::BlockRemoved { block: self.number });
            return None;
        };
        for place in self.next..=self.entries.unwrap_or(0) {
            self.n_faults += 1;
            verdict.fault(Fault::EntryRemoved { block: self.number, place });
        }
        if self.entries.is_none() {
            verdict.fault(Fault::BlockChanged { block: self.number });
        } else if previous.is_some_and(|previous| previous != block.previous_hash) {
            verdict.fault(Fault::ChainBroken { block: self.number });
        // Where a row was found out, its block need not be named a second time.
        } else if self.n_faults == 0 && self.hash.finalize().as_slice() != block.entries_hash {
            verdict.fault(Fault::EntriesExchanged { block: self.number });
        }
        Some(block.hash.clone())
    }
}

/// Walks the chain from a block to its end, in chunks, while others may go on writing.
///
/// # Errors
/// When the database is away.
pub async fn verify(conn: &mut Conn, from: i64, published: &[Published]) -> Result<Verdict, Problem> {
    let from = from.max(1);
    // One statement, so that a commit in between cannot make the two differ.
    let sql = "select coalesce((select max(number) from journal_block where tenant = $1), 0) as last,
                      coalesce((select max(number) from journal_head where tenant = $1), 0) as noted";
    let row = conn.row(Sql::with(sql, params![conn.tenant()])).await?;
    let (last, noted): (i64, i64) = row.map_or(Ok((0, 0)), |row| Ok((row.get("last")?, row.get("noted")?)))?;
    let newest = block(conn, last).await?;
    let head = newest.map(|block| Head { number: block.number, hash: block.hash });
    let mut verdict = Verdict { head, blocks: (last - from + 1).max(0), ..Verdict::default() };
    let mut previous = match from {
        1 => Some(beginning(conn.tenant_name())),
        _ => block(conn, from - 1).await?.map(|block| block.hash),
    };
    let mut first = from;
    while first <= last && verdict.n_faults < FAULTS_END {
        let until = last.min(first + BLOCKS - 1);
        previous = walk(conn, first, until, previous, &mut verdict).await?;
        first = until + 1;
    }
    outside(conn, last == 0 && noted == 0, &mut verdict).await?;
    if last > 0 && noted == 0 {
        verdict.fault(Fault::EndMissing { block: last });
    } else if last != noted {
        verdict.fault(Fault::EndDiffers { block: last, noted });
    }
    for published in published {
        match block(conn, published.number).await? {
            Some(found) if hex(&found.hash).starts_with(&published.hash) => {}
            Some(_) => verdict.fault(Fault::PublishedDiffers { block: published.number }),
            None if published.number > last => verdict.fault(Fault::PublishedCut { block: published.number, last }),
            None => verdict.fault(Fault::BlockRemoved { block: published.number }),
        }
    }
    Ok(verdict)
}

/// Walks some blocks with their rows; returns the hash of the last.
async fn walk(
    conn: &mut Conn,
    first: i64,
    until: i64,
    mut previous: Option<Vec<u8>>,
    verdict: &mut Verdict,
) -> Result<Option<Vec<u8>>, Problem> {
    let sql = Sql::new("select ").sql(Block::SELECT).sql(" from journal_block where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and number >= ").bind(first).sql(" and number <= ").bind(until).sql(" order by number");
    let mut blocks = BTreeMap::new();
    for row in conn.rows(sql).await? {
        let block = Block::read(&row)?;
        blocks.insert(block.number, block);
    }
    let mut at = BlockWalk::new(first, blocks.get(&first));
    let mut after = (first, i64::MIN);
    loop {
        let sql = Sql::new("select ").sql(CHECKED).sql(" from journal where tenant = ").bind(conn.tenant());
        let sql = sql.sql(" and (block, place) > (").bind(after.0).sql(", ").bind(after.1).sql(") and block <= ");
        let rows = conn.rows(sql.bind(until).sql(" order by block, place limit ").bind(CHUNK)).await?;
        for row in &rows {
            let row = Checked::read(row)?;
            after = (row.block, row.place);
            while at.number < row.block {
                let next = at.number + 1;
                previous = at.end(previous, verdict);
                at = BlockWalk::new(next, blocks.get(&next));
            }
            at.take(&row, verdict);
        }
        if i64::try_from(rows.len()).map_err(Problem::internal)? < CHUNK {
            break;
        }
    }
    while at.number < until {
        let next = at.number + 1;
        previous = at.end(previous, verdict);
        at = BlockWalk::new(next, blocks.get(&next));
    }
    Ok(at.end(previous, verdict))
}

/// Rows that stand in no block of the chain.
async fn outside(conn: &mut Conn, no_chain: bool, verdict: &mut Verdict) -> Result<(), Problem> {
    if no_chain {
        verdict.unsealed = unsealed(conn).await?;
        return Ok(());
    }
    // The ends are read in the same statement: a commit in between is no insertion.
    let sql = "select id, block from journal where tenant = $1 and (block is null or place is null or block < 1
                 or (block > coalesce((select max(number) from journal_block where tenant = $1), 0)
                     and block > coalesce((select max(number) from journal_head where tenant = $1), 0)))
               order by id limit $2";
    let most = i64::try_from(FAULTS_MAX).map_err(Problem::internal)?;
    for row in conn.rows(Sql::with(sql, params![conn.tenant(), most])).await? {
        verdict.fault(Fault::EntryInserted { block: row.find("block")?, id: row.get("id")? });
    }
    Ok(())
}

/// What a row's page says of its seal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Sealed {
    /// In this block, and everything about the block is as it was sealed.
    Sound(i64),
    /// Something in this block is not.
    Broken(i64),
    /// In no block.
    Not,
}

/// Checks the block of a row: its rows, its own hash and its link to the one before.
///
/// # Errors
/// When the database is away.
pub async fn sealed(conn: &mut Conn, id: Uuid) -> Result<Sealed, Problem> {
    let sql = "select block from journal where tenant = $1 and id = $2";
    let row = conn.row(Sql::with(sql, params![conn.tenant(), id])).await?.ok_or_else(Problem::not_found)?;
    let Some(number) = row.find::<i64>("block")? else { return Ok(Sealed::Not) };
    let previous = match number {
        1 => Some(beginning(conn.tenant_name())),
        _ => block(conn, number - 1).await?.map(|block| block.hash),
    };
    let is_whole = previous.is_some();
    let mut verdict = Verdict::default();
    walk(conn, number, number, previous, &mut verdict).await?;
    Ok(if is_whole && verdict.is_sound() { Sealed::Sound(number) } else { Sealed::Broken(number) })
}
