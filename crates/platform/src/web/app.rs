//! Everything a handler can reach.

use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use vx_kernel::units::Tree;

use super::bell::Bell;
use crate::{
    Clock, Module,
    auth::{Rights, single::Provider},
    files::Files,
    notify::{Channel, Couriers},
    store::Db,
    words::Words,
};

/// What the sign-in page of a demo shows.
#[derive(Clone, Debug)]
pub struct Demo {
    /// Name, what they are, one line each.
    pub accounts: Vec<(String, String)>,
    /// One password for all of them.
    pub password: String,
}

/// What an [`App`] is put together from.
pub struct AppParts {
    /// The database, migrated.
    pub db: Db,
    /// The clock.
    pub clock: Clock,
    /// Originals and evidence.
    pub files: Files,
    /// The subsystems.
    pub modules: Vec<Module>,
    /// Set when this is a demo.
    pub demo: Option<Demo>,
    /// Whether cookies are for HTTPS only.
    pub secure_cookies: bool,
}

/// The running program, cheap to clone.
#[derive(Clone)]
pub struct App(Arc<Inner>);

struct Inner {
    parts: AppParts,
    words: Words,
    rights: Arc<Rights>,
    tree: ArcSwap<Tree>,
    provider: OnceLock<Provider>,
    couriers: OnceLock<Couriers>,
    bell: Bell,
}

impl App {
    /// Puts the program together.
    ///
    /// # Errors
    /// When the modules' texts do not parse or share a key.
    pub fn new(parts: AppParts) -> Result<Self, String> {
        let words = Words::new(parts.modules.iter().map(|module| module.texts))?;
        let rights = Arc::new(Rights::new(parts.modules.iter().flat_map(|module| module.permissions).copied()));
        Ok(Self(Arc::new(Inner {
            parts,
            words,
            rights,
            tree: ArcSwap::from_pointee(Tree::default()),
            provider: OnceLock::new(),
            couriers: OnceLock::new(),
            bell: Bell::default(),
        })))
    }
    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.parts.db
    }
    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.0.parts.clock
    }
    /// Originals and evidence.
    #[must_use]
    pub fn files(&self) -> &Files {
        &self.0.parts.files
    }
    /// The subsystems.
    #[must_use]
    pub fn modules(&self) -> &[Module] {
        &self.0.parts.modules
    }
    /// The texts.
    #[must_use]
    pub fn words(&self) -> &Words {
        &self.0.words
    }
    /// The rights table.
    #[must_use]
    pub fn rights(&self) -> &Arc<Rights> {
        &self.0.rights
    }
    /// The demo's accounts, when this is one.
    #[must_use]
    pub fn demo(&self) -> Option<&Demo> {
        self.0.parts.demo.as_ref()
    }
    /// Whether cookies are for HTTPS only.
    #[must_use]
    pub fn secure_cookies(&self) -> bool {
        self.0.parts.secure_cookies
    }
    /// The provider of single sign-on, where there is one.
    #[must_use]
    pub fn provider(&self) -> Option<&Provider> {
        self.0.provider.get()
    }
    /// Sets the provider of single sign-on, once, before anybody is served.
    pub fn set_provider(&self, provider: Provider) {
        // A second one is not taken: what people were sent away with must still fit.
        let _ = self.0.provider.set(provider);
    }
    /// The ways by which notices leave the program, where they were set.
    #[must_use]
    pub fn couriers(&self) -> Option<&Couriers> {
        self.0.couriers.get()
    }
    /// Sets the ways by which notices leave the program, once, before anybody is served.
    pub fn set_couriers(&self, couriers: Couriers) {
        let _ = self.0.couriers.set(couriers);
    }
    /// Whether notices can leave the program on a way.
    #[must_use]
    pub fn has_way(&self, channel: Channel) -> bool {
        self.couriers().is_some_and(|couriers| couriers.has(channel))
    }
    /// What rings where notices are shown.
    #[must_use]
    pub fn bell(&self) -> &Bell {
        &self.0.bell
    }
    /// The units as they are known now: a snapshot that does not change under its holder.
    #[must_use]
    pub fn tree(&self) -> Arc<Tree> {
        self.0.tree.load_full()
    }
    /// Puts a new snapshot of the units in place, after they were read or changed.
    pub fn put_tree(&self, tree: Tree) {
        self.0.tree.store(Arc::new(tree));
    }
}
