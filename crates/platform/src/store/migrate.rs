//! Migrations: numbered SQL texts of the modules, run once each, never changed after release.

use sha2::{Digest as _, Sha256};
use vx_kernel::Problem;

use super::{Conn, Db, Sql, dialect};
use crate::params;

/// One step of the schema, in the portable text (see [`dialect`]).
#[derive(Clone, Copy, Debug)]
pub struct Migration {
    /// `module/0001_what`, unique and never reused.
    pub name: &'static str,
    /// The statements.
    pub sql: &'static str,
}

/// The platform's own tables.
pub const PLATFORM: &[Migration] = &[
    Migration { name: "platform/0001_base", sql: include_str!("../../migrations/0001_base.sql") },
    Migration {
        name: "platform/0002_account_name_key",
        sql: include_str!("../../migrations/0002_account_name_key.sql"),
    },
    Migration { name: "platform/0020_job", sql: include_str!("../../migrations/0020_job.sql") },
    Migration { name: "platform/0002_journal_blocks", sql: include_str!("../../migrations/0002_journal_blocks.sql") },
    Migration { name: "platform/0003_transfer", sql: include_str!("../../migrations/0003_transfer.sql") },
    Migration { name: "platform/0003_api_token", sql: include_str!("../../migrations/0003_api_token.sql") },
    Migration { name: "platform/0030_trust", sql: include_str!("../../migrations/0030_trust.sql") },
    Migration { name: "platform/0031_single_sign_on", sql: include_str!("../../migrations/0031_single_sign_on.sql") },
    Migration { name: "platform/0032_notice", sql: include_str!("../../migrations/0032_notice.sql") },
];

impl Db {
    /// Brings the schema up to date and says how many steps were run: all that were missing, or none. Of two processes
    /// that begin at once, the second waits for the first and finds nothing left to do.
    ///
    /// # Errors
    /// `store.migration_changed` when a step that was run before has another text now;
    /// `store.newer` when the database has a step that this program does not know.
    pub async fn migrate(&self, steps: &[Migration]) -> Result<usize, Problem> {
        let mut conn = self.owner().await?;
        conn.raw(dialect::begin_alone(conn.engine()).to_owned()).await?;
        let outcome = run_missing(&mut conn, steps).await;
        if outcome.is_ok() {
            conn.raw("commit".to_owned()).await?;
        } else {
            // Not every failure leaves a transaction open; what counts is that none stays.
            let _ = conn.raw("rollback".to_owned()).await;
        }
        outcome
    }

    /// The names of the steps that [`Db::migrate`] would run. Changes nothing.
    ///
    /// # Errors
    /// As [`Db::migrate`].
    pub async fn missing_steps(&self, steps: &[Migration]) -> Result<Vec<&'static str>, Problem> {
        let mut conn = self.read().await?;
        let known =
            if dialect::has_table(&mut conn, "schema_step").await? { known(&mut conn).await? } else { Known::new() };
        Ok(missing(known, steps)?.into_iter().map(|(step, _)| step.name).collect())
    }
}

/// Name and hash of the steps that were run.
type Known = std::collections::BTreeMap<String, String>;

async fn known(conn: &mut Conn) -> Result<Known, Problem> {
    let rows = conn.rows(Sql::new("select name, hash from schema_step where tenant = '*'")).await?;
    rows.iter().map(|row| Ok((row.get("name")?, row.get("hash")?))).collect()
}

fn missing(mut known: Known, steps: &[Migration]) -> Result<Vec<(Migration, String)>, Problem> {
    let mut missing = Vec::new();
    for step in PLATFORM.iter().chain(steps) {
        let hash = hex(&Sha256::digest(step.sql.as_bytes()));
        match known.remove(step.name) {
            Some(old) if old == hash => {}
            Some(_) => return Err(Problem::refused("store.migration_changed").with("step", step.name)),
            None => missing.push((*step, hash)),
        }
    }
    // Refused before anything is changed: the newer program's schema is not for this one to build on.
    match known.into_keys().next() {
        Some(name) => Err(Problem::refused("store.newer").with("step", name)),
        None => Ok(missing),
    }
}

async fn run_missing(conn: &mut Conn, steps: &[Migration]) -> Result<usize, Problem> {
    let base = "create table if not exists schema_step (tenant TEXT not null, name TEXT not null, hash TEXT not null, \
                primary key (tenant, name));";
    conn.raw(dialect::translate(conn.engine(), base)).await?;
    let missing = missing(known(conn).await?, steps)?;
    for (step, hash) in &missing {
        run_step(conn, step, hash).await?;
    }
    Ok(missing.len())
}

impl Db {
    /// The steps that were run, with the hashes of their texts, in the order of their names.
    ///
    /// # Errors
    /// When the database is away or was never migrated.
    pub async fn steps(&self) -> Result<Vec<(String, String)>, Problem> {
        let mut conn = self.read().await?;
        let rows = conn.rows(Sql::new("select name, hash from schema_step where tenant = '*' order by name")).await?;
        rows.iter().map(|row| Ok((row.get("name")?, row.get("hash")?))).collect()
    }

    /// Whether exactly these steps were run: the database is that of this program.
    ///
    /// # Errors
    /// As [`Db::steps`].
    pub async fn is_at(&self, steps: &[Migration]) -> Result<bool, Problem> {
        let mut wanted: Vec<(String, String)> = PLATFORM
            .iter()
            .chain(steps)
            .map(|step| (step.name.to_owned(), hex(&Sha256::digest(step.sql.as_bytes()))))
            .collect();
        wanted.sort();
        Ok(self.steps().await? == wanted)
    }
}

async fn run_step(conn: &mut Conn, step: &Migration, hash: &str) -> Result<(), Problem> {
    for statement in step.sql.split(';').filter(|statement| statement.contains("create table")) {
        let columns = statement.split_once('(').map_or("", |(_, columns)| columns).trim_start();
        if !columns.starts_with("tenant TEXT not null") {
            return Err(Problem::internal(format!("{}: every table begins with tenant", step.name)));
        }
    }
    // Every key begins with tenant too, so that one schema serves a province, a nation, or shards by province.
    for statement in step.sql.split(';') {
        let keys = statement.split("primary key (").skip(1).chain(statement.split("unique (").skip(1));
        let index = statement.split_once("create unique index").and_then(|(_, rest)| rest.split_once('('));
        if keys.chain(index.map(|(_, columns)| columns)).any(|columns| !columns.trim_start().starts_with("tenant")) {
            return Err(Problem::internal(format!("{}: every key begins with tenant", step.name)));
        }
    }
    conn.raw(dialect::translate(conn.engine(), step.sql))
        .await
        .map_err(|problem| Problem::internal(format!("migration {}: {}", step.name, problem.chain())))?;
    let sql = "insert into schema_step (tenant, name, hash) values ('*', $1, $2)";
    conn.execute(Sql::with(sql, params![step.name, hash])).await.map(drop)
}

/// Bytes from hexadecimal; `None` when it is none.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
        _ => None,
    });
    pairs.collect()
}

/// Lower-case hexadecimal.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_is_read_back_and_nothing_else_is_read() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unhex(&hex(&all)), Some(all));
        assert_eq!((unhex(""), unhex("0A")), (Some(Vec::new()), Some(vec![10])));
        for text in ["0", "+1", "0g", "đ", "00 "] {
            assert_eq!(unhex(text), None, "{text}");
        }
    }
}
