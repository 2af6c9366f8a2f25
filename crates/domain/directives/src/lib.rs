#![doc = include_str!("../README.md")]

pub mod changes;
mod commands;
mod due;
pub mod links;
pub mod receipts;
mod review;
mod routes;
pub mod store;
mod types;
mod views;

#[cfg(test)]
mod tests;

pub use changes::{Correct, Recall, Replace};
pub use commands::{Amend, Complete, Discard, Issue, Receive, Remember};
pub use review::{Mention, Order, Readings, Resolved, Review};
pub use routes::{module, take_in};
pub use types::{Altered, Change, ChangeVerb, Directive, DirectiveState, Reading};
