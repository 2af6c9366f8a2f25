//! Sites (địa điểm): where something stands that others name — checkpoints, facilities, hospitals, markets, enterprises.
//!
//! **Invariant:** a position is on the ground of Việt Nam or is not there; latitude and longitude are never guessed to be
//! the other way round (test `positions_are_read_as_people_write_them`).
//! **Invariant:** whether a site is in use on a day follows from its days; nobody sets it (test
//! `a_site_is_in_use_by_its_days`).

mod api;
mod commands;
mod import;
mod pages;
mod position;
mod store;
#[cfg(test)]
mod tests;
mod types;

use vx_concepts::engine::Command as _;
use vx_platform::{
    Module,
    auth::{
        Breadth::{self, Subtree, Unit as Own},
        Permission,
        Role::{self, Admin, Chair, Head, Observer, Office, Officer},
    },
    store::Migration,
    words::Texts,
};

pub use commands::{Add, Change, Close, Particulars, Reopen};
pub use position::Position;
pub use store::{on_map, reaches, visible};
pub use types::{Site, SiteKind, SiteState};

/// The permission to see sites.
pub const READ: &str = "sites.read";

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    const READERS: &[(Role, Breadth)] = &[
        (Admin, Subtree),
        (Chair, Subtree),
        (Office, Subtree),
        (Head, Subtree),
        (Officer, Subtree),
        (Observer, Subtree),
    ];
    // Each for the unit in which they work; for which place it answers, the tree says.
    const KEEPERS: &[(Role, Breadth)] = &[(Admin, Own), (Chair, Own), (Office, Own), (Head, Own), (Officer, Own)];
    Module {
        name: "sites",
        migrations: &[Migration { name: "sites/0001_site", sql: include_str!("../migrations/0004_site.sql") }],
        permissions: &[
            Permission { name: READ, roles: READERS },
            Permission { name: Add::NAME, roles: KEEPERS },
            Permission { name: Change::NAME, roles: KEEPERS },
            Permission { name: Close::NAME, roles: KEEPERS },
            Permission { name: Reopen::NAME, roles: KEEPERS },
        ],
        routes: || pages::routes().into_iter().chain(import::routes()).chain(api::routes()).collect(),
        texts: Texts { vi: include_str!("../words/sites.vi.ftl"), en: include_str!("../words/sites.en.ftl") },
        // The map and the pages of units lead here: the menu has as many names as fit.
        nav: &[],
        notices: &[],
        jobs: &[],
    }
}
