#![doc = include_str!("../README.md")]

mod api;
mod asking;
mod board;
pub mod catalogue;
pub mod commands;
pub mod dhis2;
mod entry;
mod forms;
pub mod import;
pub mod many;
mod notices;
mod official;
mod routes;
mod sheets;
pub mod store;
mod sums;
mod types;

#[cfg(test)]
mod tests;

pub use asking::ask_by_order;
pub use board::{Owed, owed_at};
pub use commands::{
    Ask, Bring, Choose, DefineForm, End, Endorse, EndorseFacts, Link, Submit, SubmitFacts, unexplained,
};
pub use routes::module;
pub use types::{Endorsement, Form, Level, Request, RequestState, Source, SourceChoice, Submission};
