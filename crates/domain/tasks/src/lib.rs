#![doc = include_str!("../README.md")]

mod api;
mod bulk;
mod calendar;
pub mod clock;
mod commands;
mod desk;
mod desk_views;
mod export;
mod extension;
mod feed;
mod hand_over;
mod heads;
mod inbox;
mod late;
mod notices;
mod policy;
mod routes;
mod series;
pub mod store;
mod targets;
mod undo;
mod views;

#[cfg(test)]
mod tests;

pub use clock::Recur;
pub use commands::{Acknowledge, Attach, Cancel, Confirm, Do, Note, Reassign, Refuse, Report, Return, Split};
pub use extension::{AskExtension, DeclineExtension, GrantExtension};
pub use hand_over::{HandOver, TakeOver};
pub use late::Urge;
pub use policy::SetPolicy;
pub use routes::module;
pub use series::{EndSeries, SetRhythm};
pub use targets::{Count, CountFacts, PartTarget, SetTarget};
pub use undo::{Undo, UndoFacts};
