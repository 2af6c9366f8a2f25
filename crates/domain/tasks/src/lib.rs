#![doc = include_str!("../README.md")]

mod api;
mod commands;
mod routes;
pub mod store;
mod views;

#[cfg(test)]
mod tests;

pub use commands::{Acknowledge, Attach, Cancel, Confirm, Do, Note, Reassign, Refuse, Report, Return, Split};
pub use routes::module;
