//! Units (đơn vị): the tree of the country as it ships with the program, and what the province added to it.
//!
//! Places, their dates and what became of them are facts that every installation shares, hence they ship with the
//! program (`data/units`, with provenance) and a release corrects them for all. What a province adds or corrects —
//! hamlets, clusters, agencies, telephone numbers — are records of its own, put over the shipped tree (ADR 6).

mod acting;
mod api;
mod cli;
mod commands;
mod find;
mod import;
mod pages;
mod picker;
mod store;
mod tenure;
#[cfg(test)]
mod tests;
mod views;

use std::sync::LazyLock;

use tokio::sync::Mutex;
use vx_concepts::engine::{Command, HOLDER_NAMED};
use vx_kernel::{
    Problem,
    units::{Kind, Lineage, Tree, Unit, UnitId, agencies, read_lineage, read_places},
};
use vx_platform::{
    Module,
    auth::{
        Breadth::{self, Subtree},
        Permission,
        Role::{self, Admin, Chair, Head, Observer, Office, Officer},
    },
    jobs::{JobKind, Trigger},
    store::Migration,
    web::{App, Nav},
    words::Texts,
};

pub use acting::{Acting, acting, places, widest};
pub use cli::{export, show};
pub use commands::{Add, Amend, Holder};
pub(crate) use commands::{check_name, checked_phone};
pub use find::{by_code, named, named_on};
pub use import::{ImportOutcome, RowFault, import};
pub use pages::{found, home};
pub use picker::{picked, picker};
pub use store::{LocalUnit, Origin, Post, posts, posts_of};
pub use tenure::{Tenure, tenures};

/// The permission to see units.
pub const READ: &str = "units.read";

/// The tables of units.
pub const MIGRATION: &str = include_str!("../migrations/0001_unit.sql");
/// The table of who answered for them.
pub const TENURE: &str = include_str!("../migrations/0002_tenure.sql");

const READERS: &[(Role, Breadth)] =
    &[(Admin, Subtree), (Chair, Subtree), (Office, Subtree), (Head, Subtree), (Officer, Subtree), (Observer, Subtree)];
const LEADERS: &[(Role, Breadth)] = &[(Admin, Subtree), (Chair, Subtree), (Office, Subtree), (Head, Subtree)];

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    Module {
        name: "units",
        migrations: &[
            Migration { name: "units/0001_unit", sql: MIGRATION },
            Migration { name: "units/0002_tenure", sql: TENURE },
        ],
        permissions: &[
            // Units are public facts: who may see one may see all, and the pages ask for no scope.
            Permission { name: READ, roles: READERS },
            Permission { name: Add::NAME, roles: LEADERS },
            Permission { name: Amend::NAME, roles: &[(Admin, Subtree)] },
            Permission { name: Holder::NAME, roles: LEADERS },
        ],
        routes: || pages::routes().into_iter().chain(api::routes()).collect(),
        texts: TEXTS,
        nav: &[Nav { href: "/units", key: "units-nav", icon: "building", permission: READ, order: 60 }],
        notices: &[],
        jobs: &[
            JobKind {
                name: "units.note_tenure",
                starts: Trigger::Fact(HOLDER_NAMED),
                run: |app, body| Box::pin(async move { tenure::holder_named(&app, &body).await }),
            },
            JobKind {
                name: "units.note_tenures",
                starts: Trigger::Every { mins: 60 },
                run: |app, _| Box::pin(async move { tenure::note_missing(&app).await }),
            },
        ],
    }
}

const TEXTS: Texts = Texts { vi: include_str!("../words/units.vi.ftl"), en: include_str!("../words/units.en.ftl") };

const PLACES_2021: &str = include_str!("../../../data/units/places_2021.csv");
const PLACES_2025: &str = include_str!("../../../data/units/places_2025.csv");
const LINEAGE: &str = include_str!("../../../data/units/lineage_2021_2025.csv");
const AGENCIES: &str = include_str!("../../../data/units/agencies.csv");
const POSTS: &str = include_str!("../../../data/units/posts.csv");

/// The units that ship with the program: both trees, the provincial agencies of every province, and all agencies of
/// the provinces in `whole`.
#[must_use]
pub fn shipped(whole: &[UnitId]) -> (Vec<Unit>, Vec<Lineage>) {
    // Faults in shipped data are the business of this crate's tests, not of a province's first start.
    let (mut units, _) = read_places(PLACES_2021, None);
    units.extend(read_places(PLACES_2025, None).0);
    let (lineage, _) = read_lineage(LINEAGE);
    let (templates, _) = agencies::read_templates(AGENCIES);
    let (bare, _) = Tree::new(units.clone(), Vec::new());
    for province in bare.roots().filter(|unit| unit.kind == Kind::Province) {
        let levels: &[Kind] = if whole.contains(&province.id) {
            &[Kind::Province, Kind::District, Kind::Commune]
        } else {
            &[Kind::Province]
        };
        units.extend(agencies::agencies_for(&bare, &templates, &province.id, levels));
    }
    (units, lineage)
}

/// The posts that units of each kind have.
#[must_use]
pub fn post_templates() -> Vec<agencies::Post> {
    agencies::read_posts(POSTS).0
}

fn templates() -> &'static [agencies::Post] {
    static TEMPLATES: LazyLock<Vec<agencies::Post>> = LazyLock::new(post_templates);
    &TEMPLATES
}

/// The provinces whose agencies are known down to the communes: those of the command that owns the data.
const WHOLE: &str = "units.whole";

/// Says which provinces the data are about, before the first [`load`].
///
/// # Errors
/// When the database is away.
pub async fn set_provinces(app: &App, provinces: &[&str]) -> Result<(), Problem> {
    vx_platform::store::put_setting(app.db(), WHOLE, &provinces.join(" ")).await
}

/// The provinces that the data are about.
///
/// # Errors
/// When the database is away.
pub async fn provinces(app: &App) -> Result<Vec<vx_kernel::Path>, Problem> {
    let whole = vx_platform::store::setting(&mut app.db().read().await?, WHOLE).await?.unwrap_or_default();
    let tree = app.tree();
    Ok(whole.split_whitespace().filter_map(|key| tree.get(key)).map(|unit| unit.path.clone()).collect())
}

/// Reads the tree and puts it in place for everybody: the shipped one with the province's own over it.
///
/// # Errors
/// When the database is away.
pub async fn load(app: &App) -> Result<(), Problem> {
    // One after the other: a tree read before a change must not replace one read after it.
    static LOADING: Mutex<()> = Mutex::const_new(());
    let _loading = LOADING.lock().await;
    let mut conn = app.db().read().await?;
    let whole = vx_platform::store::setting(&mut conn, WHOLE).await?.unwrap_or_default();
    let own = store::all(&mut conn).await?;
    drop(conn);
    let tree = tokio::task::spawn_blocking(move || {
        let whole: Vec<UnitId> = whole.split_whitespace().map(UnitId::from).collect();
        let (units, lineage) = shipped(&whole);
        store::overlay(units, lineage, &own)
    })
    .await
    .map_err(Problem::internal)?;
    app.put_tree(tree);
    Ok(())
}

/// What of the units was seen last, by one who looks now and then whether others changed them.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Seen(Option<(i64, i64)>);

/// Reads the tree again when others, a second process or the command line, have changed units since it was looked at
/// last.
///
/// # Errors
/// When the database is away.
pub async fn look(app: &App, seen: &mut Seen) -> Result<(), Problem> {
    let state = store::state(&mut app.db().read().await?).await?;
    if seen.0.is_some_and(|seen| seen != state) {
        load(app).await?;
    }
    seen.0 = Some(state);
    Ok(())
}
