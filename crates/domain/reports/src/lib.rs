#![doc = include_str!("../README.md")]

mod asking;
mod board;
pub mod catalogue;
pub mod commands;
mod entry;
mod forms;
mod notices;
mod routes;
mod sheets;
pub mod store;
mod sums;
mod types;

#[cfg(test)]
mod tests;

pub use asking::ask_by_order;
pub use commands::{Ask, Choose, DefineForm, End, Endorse, EndorseFacts, Link, Submit, SubmitFacts, unexplained};
pub use routes::module;
pub use types::{Endorsement, Form, Level, Request, RequestState, Source, SourceChoice, Submission};
