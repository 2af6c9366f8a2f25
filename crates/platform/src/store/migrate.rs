//! Migrations: numbered SQL texts of the modules, run once each, never changed after release.

use sha2::{Digest as _, Sha256};
use vx_kernel::Problem;

use super::{Conn, Db, Engine, Sql, dialect};
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
    Migration { name: "platform/0003_api_token", sql: include_str!("../../migrations/0003_api_token.sql") },
];

impl Db {
    /// Brings the schema up to date and says how many steps were run.
    ///
    /// # Errors
    /// `store.migration_changed` when a step that was run before has another text now;
    /// `store.newer` when the database has a step that this program does not know.
    pub async fn migrate(&self, steps: &[Migration]) -> Result<usize, Problem> {
        let mut conn = self.owner().await?;
        let base = "create table if not exists schema_step (tenant TEXT not null, name TEXT not null, hash TEXT not null, \
                    primary key (tenant, name));";
        conn.raw(dialect::translate(conn.engine(), base)).await?;
        let rows = conn.rows(Sql::new("select name, hash from schema_step where tenant = '*'")).await?;
        let mut known = std::collections::BTreeMap::new();
        for row in rows {
            known.insert(row.get::<String>("name")?, row.get::<String>("hash")?);
        }
        let mut missing = Vec::new();
        for step in PLATFORM.iter().chain(steps) {
            let hash = hex(&Sha256::digest(step.sql.as_bytes()));
            match known.remove(step.name) {
                Some(old) if old == hash => {}
                Some(_) => return Err(Problem::refused("store.migration_changed").with("step", step.name)),
                None => missing.push((step, hash)),
            }
        }
        // Refused before anything is changed: the newer program's schema is not for this one to build on.
        if let Some(name) = known.into_keys().next() {
            return Err(Problem::refused("store.newer").with("step", name));
        }
        for (step, hash) in &missing {
            run_step(&mut conn, step, hash).await?;
        }
        Ok(missing.len())
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
    let text = dialect::translate(conn.engine(), step.sql);
    let begin = if conn.engine() == Engine::Sqlite { "begin immediate;" } else { "begin;" };
    if let Err(problem) = conn.raw(format!("{begin}{text}")).await {
        // Not every failure leaves a transaction open; what counts is that none stays.
        let _ = conn.raw("rollback".to_owned()).await;
        return Err(Problem::internal(format!("migration {}: {}", step.name, problem.chain())));
    }
    let noted = conn
        .execute(Sql::with(
            "insert into schema_step (tenant, name, hash) values ('*', $1, $2)",
            params![step.name, hash],
        ))
        .await;
    conn.raw(if noted.is_ok() { "commit" } else { "rollback" }.to_owned()).await?;
    noted.map(drop)
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
