#![doc = include_str!("../README.md")]

mod api;
pub mod changes;
mod commands;
mod due;
pub mod import;
mod intake;
pub mod links;
mod notices;
pub mod receipts;
mod review;
mod routes;
pub mod store;
mod types;
mod views;

#[cfg(test)]
mod tests;

pub use changes::{Correct, Recall, Replace, Withdraw};
pub use commands::{Amend, Complete, Discard, Issue, Receive, Remember, Reopen, Restore};
pub use intake::{Transcribe, take_in};
pub use review::{Mention, Order, Readings, Resolved, Review};
pub use routes::module;
pub use types::{Altered, Change, ChangeVerb, Directive, DirectiveState, Reading};
