//! Boundaries (địa giới): areas of communes from GeoJSON files, in editions that hold from a day on, and a schematic map
//! where there are none.
//!
//! **Invariant:** an edition never changes; a newer one takes its place from its own day on, and a withdrawn one counts
//! no more (test `the_edition_of_the_day_counts`).
//! **Invariant:** what of a file was not taken comes back with its reason (test `every_feature_is_taken_or_comes_back`).

mod commands;
mod pages;
mod read;
mod sheet;
mod store;
#[cfg(test)]
mod tests;

use std::io::{BufRead, Write};

use vx_concepts::engine::{Command as _, execute};
use vx_kernel::{Date, Id, Problem, ids};
use vx_platform::{
    Module,
    auth::{
        Actor,
        Breadth::{self, Subtree},
        Permission,
        Role::{self, Admin, Chair, Head, Observer, Office, Officer},
    },
    store::{
        Migration, Uuid,
        migrate::{hex, unhex},
    },
    web::{App, off_thread},
    words::Texts,
};

pub use commands::{Adopt, Withdraw};
pub use read::Finding;
pub use sheet::{Sheet, sheet};
pub use store::{Edition, EditionState, neighbours, visible};

/// The permission to see which boundaries there are.
pub const READ: &str = "boundaries.read";

const READERS: &[(Role, Breadth)] =
    &[(Admin, Subtree), (Chair, Subtree), (Office, Subtree), (Head, Subtree), (Officer, Subtree), (Observer, Subtree)];

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    Module {
        name: "boundaries",
        migrations: &[Migration {
            name: "boundaries/0001_boundary",
            sql: include_str!("../migrations/0001_boundary.sql"),
        }],
        permissions: &[
            // Where a commune ends is a public fact: who may see one edition may see all.
            Permission { name: READ, roles: READERS },
            Permission { name: Adopt::NAME, roles: &[(Admin, Subtree)] },
            Permission { name: Withdraw::NAME, roles: &[(Admin, Subtree)] },
        ],
        routes: pages::routes,
        texts: Texts { vi: include_str!("../words/boundaries.vi.ftl"), en: include_str!("../words/boundaries.en.ftl") },
        nav: &[],
        notices: &[],
        jobs: &[],
    }
}

/// What is said of a file when it is brought.
#[derive(Clone, Debug)]
pub struct Brought {
    /// What the edition is called.
    pub name: String,
    /// From which day its boundaries hold.
    pub from: Date,
    /// Where they come from, and what allows their use.
    pub basis: String,
    /// Name of the file.
    pub file_name: String,
    /// The property that holds the code of the unit; found by itself when it is not named.
    pub code_property: Option<String>,
}

/// A file that was read and is not yet in use.
#[derive(Clone, Debug)]
pub struct Reading {
    brought: Brought,
    read: read::Read,
}

impl Reading {
    /// How many features were not taken.
    #[must_use]
    pub fn n_rejected(&self) -> usize {
        self.read.n_rejected
    }
    /// How many communes it has.
    #[must_use]
    pub fn n_areas(&self) -> usize {
        self.read.coverage.areas.len()
    }
    /// What was told of it.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.read.findings
    }
}

/// Reads a file of GeoJSON. What is not taken is written to `rejected`, a GeoJSON file too, to be put right and brought
/// again; it comes back from here.
///
/// # Errors
/// When the file cannot be read to its end or holds nothing that can be taken; `not_found` for who may adopt nothing.
pub async fn read<R, W>(app: &App, by: &Actor, brought: Brought, from: R, rejected: W) -> Result<(Reading, W), Problem>
where
    R: BufRead + Send + 'static,
    W: Write + Send + 'static,
{
    // Who may not do this must not keep the machine busy either.
    if !by.may_anywhere(Adopt::NAME) {
        return Err(Problem::not_found());
    }
    let (tree, texts) = (app.tree(), app.clone());
    off_thread(move || {
        let mut rejected = rejected;
        let read = read::read(&tree, texts.words(), &brought, from, &mut rejected)?;
        Ok((Reading { brought, read }, rejected))
    })
    .await?
}

/// Takes what was read into use. `rejected` is kept with it, to be fetched from the edition's page.
///
/// # Errors
/// The refusals of [`Adopt`]; when files or database are away.
pub async fn adopt(
    app: &App,
    by: &Actor,
    key: Uuid,
    reading: Reading,
    rejected: Option<&[u8]>,
) -> Result<Id<ids::BoundaryEdition>, Problem> {
    let Reading { brought, read } = reading;
    let shape = app.files().keep(&read.coverage.to_bytes().map_err(Problem::internal)?).await?;
    let rejected = match rejected {
        Some(bytes) => Some(hex(&app.files().keep(bytes).await?)),
        None => None,
    };
    let command = Adopt { brought, shape: hex(&shape), read, tree: app.tree(), rejected };
    execute(app.db(), by, key, command).await.map(Id::from)
}

/// The areas of an edition, from the file that keeps them.
async fn kept(app: &App, shape: &str) -> Result<vx_atlas::Coverage, Problem> {
    let hash = unhex(shape).ok_or_else(|| Problem::internal("a hash is sixty-four digits"))?;
    let bytes = app.files().read(&hash).await?;
    off_thread(move || vx_atlas::Coverage::from_bytes(&bytes)).await?.map_err(Problem::internal)
}
