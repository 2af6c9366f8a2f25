//! Saved filters (bộ lọc đã lưu): the filter and order of a list under a name, for oneself or for one's unit.
//!
//! A saved filter is the query of an address and nothing else: opening one is following a link, so it shows what the
//! reader may see today, not what its maker saw.

mod commands;
mod pages;
#[cfg(test)]
mod tests;

use vx_kernel::{Id, Problem, ids, text::sort_key};
use vx_platform::{
    Module,
    auth::{
        Actor,
        Breadth::{self, Unit},
        Permission,
        Role::{self, Admin, Chair, Head, Observer, Office, Officer},
    },
    record,
    store::{Conn, Migration, Record as _, Sql},
    text_enum,
    words::Texts,
};

pub use commands::{OpenFirst, Remove, Rename, Save, TakeBack};
pub use pages::{Kept, kept};

text_enum! {
    /// Whether a saved filter is offered.
    pub enum FilterState {
        /// Offered above its list.
        Kept = "kept",
        /// Removed by its owner; the row stays.
        Removed = "removed",
    }
}

record! {
    /// The filter of a list under a name. `path` is the unit in which its owner works.
    pub struct SavedFilter[ids::SavedFilter] in "saved_filter" {
        /// Whose it is.
        pub account: Id<ids::Account>,
        /// The list's address without query.
        pub page: String,
        /// Its name.
        pub name: String,
        /// Filter and order as they stand in the address.
        pub query: String,
        /// Whether everybody of the unit sees it.
        pub shared: bool,
        /// Whether the list opens with it for its owner.
        pub opens_first: bool,
        /// Offered or removed.
        pub state: FilterState,
    } keys {
        name_key: Vec<u8> = |filter| sort_key(&filter.name),
    }
}

/// The permission to offer a filter to everybody of one's unit.
pub const SHARE: &str = "filters.share";
/// Filters that one person keeps, over all lists: more names than that are searched for, not read.
pub const OWN_MAX: usize = 40;
/// Filters offered above one list: one's own and those of the unit.
const OFFERED_MAX: i64 = 200;

/// Everybody who has a desk keeps filters of their own.
const EVERYBODY: &[(Role, Breadth)] =
    &[(Admin, Unit), (Chair, Unit), (Office, Unit), (Head, Unit), (Officer, Unit), (Observer, Unit)];

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    use vx_concepts::engine::Command as _;
    Module {
        name: "filters",
        migrations: &[Migration {
            name: "filters/0001_saved_filter",
            sql: include_str!("../migrations/0002_saved_filter.sql"),
        }],
        permissions: &[
            Permission { name: Save::NAME, roles: EVERYBODY },
            Permission { name: Rename::NAME, roles: EVERYBODY },
            Permission { name: OpenFirst::NAME, roles: EVERYBODY },
            Permission { name: Remove::NAME, roles: EVERYBODY },
            Permission { name: TakeBack::NAME, roles: EVERYBODY },
            Permission { name: SHARE, roles: &[(Admin, Unit), (Chair, Unit), (Office, Unit), (Head, Unit)] },
        ],
        routes: pages::routes,
        texts: Texts { vi: include_str!("../words/filters.vi.ftl"), en: include_str!("../words/filters.en.ftl") },
        nav: &[],
        notices: &[],
        jobs: &[],
    }
}

/// The filters that a person keeps, of one list or of all.
async fn own(conn: &mut Conn, account: Id<ids::Account>, page: Option<&str>) -> Result<Vec<SavedFilter>, Problem> {
    let sql =
        Sql::new("select ").sql(SavedFilter::SELECT).sql(" from saved_filter where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and account = ").bind(account).sql(" and state = ").bind(FilterState::Kept);
    let sql = sql.when(page, |sql, page| sql.sql(" and page = ").bind(page));
    let sql = sql.sql(" order by name_key, id limit ").bind(OFFERED_MAX);
    conn.rows(sql).await?.iter().map(SavedFilter::read).collect()
}

/// The filters that others offer to the units in which somebody works.
async fn shared(conn: &mut Conn, actor: &Actor, page: &str) -> Result<Vec<SavedFilter>, Problem> {
    let sql =
        Sql::new("select ").sql(SavedFilter::SELECT).sql(" from saved_filter where tenant = ").bind(conn.tenant());
    let sql =
        sql.sql(" and path in ").list(actor.homes()).sql(" and page = ").bind(page).sql(" and shared = ").bind(true);
    let sql = sql
        .sql(" and state = ")
        .bind(FilterState::Kept)
        .when(actor.account, |sql, own| sql.sql(" and account <> ").bind(own));
    let sql = sql.sql(" order by name_key, id limit ").bind(OFFERED_MAX);
    conn.rows(sql).await?.iter().map(SavedFilter::read).collect()
}
