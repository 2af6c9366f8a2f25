#![doc = include_str!("../README.md")]

pub mod commands;
mod notices;
mod pages;
mod routes;
pub mod store;
#[cfg(test)]
mod tests;
pub mod types;

pub use commands::{Announce, Enlist, Retract, Strike};
pub use routes::module;
pub use types::{Announcement, ContactKind, PublicContact, PublicationState, Said};
