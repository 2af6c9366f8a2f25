#![doc = include_str!("../README.md")]

mod api;
mod commands;
mod due;
mod review;
mod routes;
pub mod store;
mod types;
mod views;

#[cfg(test)]
mod tests;

pub use commands::{Amend, Complete, Discard, Issue, Receive, Remember};
pub use review::{Mention, Order, Readings, Resolved, Review};
pub use routes::{module, take_in};
pub use types::{Directive, DirectiveState, Reading};
