//! What a program without group commit does: each insert a transaction of its own, over many connections.
//! The benchmark holds `execute` beside it; the program itself never uses it.

use sqlx::pool::PoolOptions;
use vx_kernel::Problem;

use super::{
    Sql, StoreOptions,
    conn::{Conn, Pool},
};

/// Connections that insert at the same time, each for itself.
pub struct Singles {
    pool: Pool,
}

impl Singles {
    /// Opens so many connections to PostgreSQL.
    ///
    /// # Errors
    /// When the server does not answer.
    pub async fn open(options: &StoreOptions, connections: u32) -> Result<Self, Problem> {
        let pool = PoolOptions::<sqlx::Postgres>::new()
            .max_connections(connections)
            .min_connections(connections)
            .acquire_timeout(std::time::Duration::from_secs(60))
            .connect(&options.url)
            .await
            .map_err(Problem::internal)?;
        Ok(Self { pool: Pool::Postgres(pool) })
    }

    /// One insert, durable when this returns.
    ///
    /// # Errors
    /// When the server refuses.
    pub async fn insert(&self, sql: Sql) -> Result<(), Problem> {
        Conn::acquire(&self.pool, "bench".into()).await?.execute(sql).await.map(drop)
    }
}
