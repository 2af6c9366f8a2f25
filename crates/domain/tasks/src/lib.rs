#![doc = include_str!("../README.md")]

mod bulk;
mod calendar;
mod commands;
mod desk;
mod desk_views;
mod export;
mod extension;
mod inbox;
mod routes;
pub mod store;
mod targets;
mod undo;
mod views;

#[cfg(test)]
mod tests;

pub use commands::{Acknowledge, Attach, Cancel, Confirm, Do, Note, Reassign, Refuse, Report, Return, Split};
pub use extension::{AskExtension, DeclineExtension, GrantExtension};
pub use routes::module;
pub use targets::{Count, CountFacts, PartTarget, SetTarget};
pub use undo::{Undo, UndoFacts};
