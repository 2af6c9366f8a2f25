#![doc = include_str!("../README.md")]

pub mod clock;
mod commands;
mod hand_over;
mod heads;
mod late;
mod policy;
mod routes;
mod series;
pub mod store;
mod views;

#[cfg(test)]
mod tests;

pub use clock::Recur;
pub use commands::{Acknowledge, Attach, Cancel, Confirm, Do, Note, Reassign, Refuse, Report, Return, Split};
pub use hand_over::{HandOver, TakeOver};
pub use late::Urge;
pub use policy::SetPolicy;
pub use routes::module;
pub use series::{EndSeries, SetRhythm};
