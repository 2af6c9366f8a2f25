//! What people do with their filters.

use jiff::Timestamp;
use vx_concepts::engine::{Command, Decision};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{auth::Actor, store::Tx};

use super::{FilterState, OWN_MAX, SHARE, SavedFilter, own};

/// Longest name, in characters: what fits a button on a telephone.
pub(super) const NAME_MAX: usize = 60;
/// Longest query, in bytes: browsers and proxies carry at least this much.
const QUERY_MAX: usize = 2_000;

fn named(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Problem::refused("filters.name_missing"));
    }
    if name.chars().count() > NAME_MAX {
        return Err(Problem::refused("filters.name_too_long").with("max", NAME_MAX));
    }
    Ok(name.to_owned())
}

/// Keeps the present filter of a list under a name (lưu bộ lọc).
#[derive(Clone, Debug)]
pub struct Save {
    /// Whose it is to be.
    pub account: Id<ids::Account>,
    /// Where the person works.
    pub at: Path,
    /// The list's address without query.
    pub page: String,
    /// Filter and order as they stand in the address.
    pub query: String,
    /// Its name.
    pub name: String,
    /// Whether everybody of the unit sees it.
    pub shared: bool,
}

impl Command for Save {
    type Record = SavedFilter;
    /// All that the person keeps.
    type Facts = Vec<SavedFilter>;
    const NAME: &'static str = "filters.save";
    const READ: &'static str = Self::NAME;

    async fn gather(&self, tx: &mut Tx) -> Result<Vec<SavedFilter>, Problem> {
        own(tx, self.account, None).await
    }
    fn scope(&self, _: &Vec<SavedFilter>) -> Path {
        self.at.clone()
    }
    fn decide(&self, kept: &Vec<SavedFilter>, by: &Actor, _: Timestamp) -> Result<Decision<SavedFilter>, Problem> {
        if by.account != Some(self.account) {
            return Err(Problem::not_found());
        }
        let name = named(&self.name)?;
        if self.query.is_empty() {
            return Err(Problem::refused("filters.nothing_to_save"));
        }
        if self.query.len() > QUERY_MAX {
            return Err(Problem::refused("filters.query_too_long"));
        }
        if kept.len() >= OWN_MAX {
            return Err(Problem::refused("filters.too_many").with("max", OWN_MAX));
        }
        if kept.iter().any(|other| other.page == self.page && other.name == name) {
            return Err(Problem::refused("filters.name_taken").with("name", name));
        }
        may_share(by, self.shared, &self.at)?;
        Ok(Decision::just(SavedFilter {
            id: Id::fresh(),
            path: self.at.clone(),
            version: 0,
            account: self.account,
            page: self.page.clone(),
            name,
            query: self.query.clone(),
            shared: self.shared,
            opens_first: false,
            state: FilterState::Kept,
        }))
    }
    fn before<'a>(&self, _: &'a Vec<SavedFilter>) -> Option<&'a SavedFilter> {
        None
    }
}

fn may_share(by: &Actor, shared: bool, at: &Path) -> Result<(), Problem> {
    if shared && !by.may(SHARE, at) {
        return Err(Problem::refused("filters.not_yours_to_share"));
    }
    Ok(())
}

/// What all commands on one saved filter have in common: who may, where it counts, and that it is still offered.
macro_rules! on_filter {
    ($name:literal) => {
        type Record = SavedFilter;
        type Facts = SavedFilter;
        const NAME: &'static str = $name;
        const READ: &'static str = $name;
        async fn gather(&self, tx: &mut Tx) -> Result<SavedFilter, Problem> {
            tx.load(self.filter).await
        }
        // Who moved to another unit still keeps their filters, so it counts where they work now.
        fn scope(&self, _: &SavedFilter) -> Path {
            self.at.clone()
        }
        fn before<'a>(&self, filter: &'a SavedFilter) -> Option<&'a SavedFilter> {
            Some(filter)
        }
    };
}

fn owned(filter: &SavedFilter, by: &Actor, state: FilterState) -> Result<(), Problem> {
    if by.account == Some(filter.account) && filter.state == state { Ok(()) } else { Err(Problem::not_found()) }
}

/// Gives a filter another name, or offers it to the unit, or to oneself alone again (sửa bộ lọc).
#[derive(Clone, Debug)]
pub struct Rename {
    /// Which.
    pub filter: Id<ids::SavedFilter>,
    /// Where the person works.
    pub at: Path,
    /// Its new name.
    pub name: String,
    /// Whether everybody of the unit sees it.
    pub shared: bool,
}

impl Command for Rename {
    on_filter!("filters.rename");
    fn decide(&self, filter: &SavedFilter, by: &Actor, _: Timestamp) -> Result<Decision<SavedFilter>, Problem> {
        owned(filter, by, FilterState::Kept)?;
        may_share(by, self.shared, &self.at)?;
        let (path, name) = (self.at.clone(), named(&self.name)?);
        Ok(Decision::just(SavedFilter { path, name, shared: self.shared, ..filter.clone() }))
    }
}

/// Says whether a list opens with this filter (bộ lọc mặc định).
#[derive(Clone, Debug)]
pub struct OpenFirst {
    /// Which.
    pub filter: Id<ids::SavedFilter>,
    /// Where the person works.
    pub at: Path,
    /// Whether it does.
    pub first: bool,
}

impl Command for OpenFirst {
    on_filter!("filters.open_first");
    fn decide(&self, filter: &SavedFilter, by: &Actor, _: Timestamp) -> Result<Decision<SavedFilter>, Problem> {
        owned(filter, by, FilterState::Kept)?;
        Ok(Decision::just(SavedFilter { opens_first: self.first, ..filter.clone() }))
    }
}

/// Removes a filter (bỏ bộ lọc). One that was shared may also be removed by who may share in that unit.
#[derive(Clone, Debug)]
pub struct Remove {
    /// Which.
    pub filter: Id<ids::SavedFilter>,
    /// Where the person works.
    pub at: Path,
}

impl Command for Remove {
    on_filter!("filters.remove");
    fn decide(&self, filter: &SavedFilter, by: &Actor, _: Timestamp) -> Result<Decision<SavedFilter>, Problem> {
        let of_unit = filter.shared && filter.state == FilterState::Kept && by.may(SHARE, &filter.path);
        if !of_unit {
            owned(filter, by, FilterState::Kept)?;
        }
        Ok(Decision::just(SavedFilter { state: FilterState::Removed, opens_first: false, ..filter.clone() }))
    }
}

/// Takes a removed filter back (khôi phục bộ lọc đã bỏ).
#[derive(Clone, Debug)]
pub struct TakeBack {
    /// Which.
    pub filter: Id<ids::SavedFilter>,
    /// Where the person works.
    pub at: Path,
}

impl Command for TakeBack {
    on_filter!("filters.take_back");
    fn decide(&self, filter: &SavedFilter, by: &Actor, _: Timestamp) -> Result<Decision<SavedFilter>, Problem> {
        let of_unit = filter.shared && filter.state == FilterState::Removed && by.may(SHARE, &filter.path);
        if !of_unit {
            owned(filter, by, FilterState::Removed)?;
        }
        Ok(Decision::just(SavedFilter { state: FilterState::Kept, ..filter.clone() }))
    }
}
