//! What a subsystem brings: a plain value, so that tests can enumerate everything there is.

use crate::{
    auth::Permission,
    jobs::JobKind,
    notify::NoticeKind,
    store::Migration,
    web::{Nav, Route},
    words::Texts,
};

/// One subsystem, as the server lists it. What is not in here does not exist.
pub struct Module {
    /// Name, the prefix of its tables, permissions and texts.
    pub name: &'static str,
    /// Steps of its schema.
    pub migrations: &'static [Migration],
    /// Permissions and the roles that have them.
    pub permissions: &'static [Permission],
    /// Pages and actions.
    pub routes: fn() -> Vec<Route>,
    /// Texts in both languages.
    pub texts: Texts,
    /// Entries of the main menu.
    pub nav: &'static [Nav],
    /// Work it does by the clock or in the background.
    pub jobs: &'static [JobKind],
    /// What people are told when it happens.
    pub notices: &'static [NoticeKind],
}
