//! What is kept of boundaries besides their lines.

use vx_kernel::{Date, Id, Problem, ids};
use vx_platform::{
    record,
    store::{Conn, Record as _, Sql},
    text_enum,
};

use super::read::Finding;

text_enum! {
    /// Whether an edition counts.
    pub enum EditionState {
        /// It counts from its day on.
        InUse = "in_use",
        /// It was brought by mistake and counts for no day.
        Withdrawn = "withdrawn",
    }
}

record! {
    /// Boundaries of communes as they hold from a day on (bản địa giới). `path` is what holds all of them: a province, or
    /// the country.
    pub struct Edition[ids::BoundaryEdition] in "boundary_edition" {
        /// What it is called.
        pub name: String,
        /// First day.
        pub from_on: Date,
        /// Keys of the provinces whose communes it has, separated by blanks.
        pub provinces: String,
        /// Where the lines come from, and what allows their use.
        pub basis: String,
        /// The file it was read from.
        pub file_name: String,
        /// Communes in it.
        pub n_areas: i64,
        /// Features that were not taken.
        pub n_rejected: i64,
        /// Hash of the file that keeps the lines.
        #[serde(skip)]
        pub shape: String,
        /// What was told of the file, as JSON.
        #[serde(skip)]
        pub findings: String,
        /// Hash of the file of features that were not taken.
        #[serde(skip)]
        pub rejected: Option<String>,
        /// Whether it counts.
        pub state: EditionState,
    }
}

impl Edition {
    /// What was told of the file.
    #[must_use]
    pub fn findings(&self) -> Vec<Finding> {
        serde_json::from_str(&self.findings).unwrap_or_default()
    }
    /// The provinces whose communes it has.
    pub fn provinces(&self) -> impl Iterator<Item = &str> {
        self.provinces.split_whitespace()
    }
}

/// Editions that are shown and looked through: all 34 provinces, several times over.
const EDITIONS_MAX: i64 = 500;

/// The editions, the newest day first; of one day, what was brought last.
///
/// # Errors
/// When the database is away.
pub(crate) async fn editions(conn: &mut Conn, state: Option<EditionState>) -> Result<Vec<Edition>, Problem> {
    let sql =
        Sql::new("select ").sql(Edition::SELECT).sql(" from boundary_edition where tenant = ").bind(conn.tenant());
    let sql = match state {
        Some(state) => sql.sql(" and state = ").bind(state),
        None => sql,
    };
    let sql = sql.sql(" order by from_on desc, id desc limit ").bind(EDITIONS_MAX);
    conn.rows(sql).await?.iter().map(Edition::read).collect()
}

/// An edition. Boundaries are public facts, so there is no reach to ask for.
///
/// # Errors
/// `not_found`.
pub async fn visible(conn: &mut Conn, id: Id<ids::BoundaryEdition>) -> Result<Edition, Problem> {
    conn.load(id).await
}

/// Neighbours of one commune: more than any has.
const NEIGHBOURS_MAX: i64 = 200;

/// Who borders a commune in an edition, and for how many metres; the longest border first.
///
/// # Errors
/// When the database is away.
pub async fn neighbours(
    conn: &mut Conn,
    edition: Id<ids::BoundaryEdition>,
    unit: &str,
) -> Result<Vec<(String, i64)>, Problem> {
    let sql = Sql::new("select other, metres from boundary_neighbour where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and record = ").bind(edition).sql(" and unit = ").bind(unit);
    let sql = sql.sql(" order by metres desc, other limit ").bind(NEIGHBOURS_MAX);
    conn.rows(sql).await?.iter().map(|row| Ok((row.get("other")?, row.get("metres")?))).collect()
}
