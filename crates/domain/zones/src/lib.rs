#![doc = include_str!("../README.md")]

mod alerts;
mod api;
mod board;
mod cases;
pub mod commands;
mod document;
pub mod evaluate;
pub mod facts;
mod figures;
mod follow;
mod import;
pub mod level;
mod list;
mod notices;
mod routes;
mod rule_pages;
pub mod rules;
pub mod say;
pub mod store;
pub mod types;
mod unit;
mod what_if;

#[cfg(test)]
mod tests;

pub use cases::Case;
pub use commands::{
    Acting, AskCauses, BringCases, ChooseSource, Commit, Computed, Decide, DecideFacts, Explain, Follow, Judge, Lock,
    Plan, Propose, RecordCount, RecordStanding, Signed, Unlock, Verify, Withdraw,
};
pub use facts::{FIGURES, Figure, STANDS, Stand, World};
pub use follow::{ask_causes, follow};
pub use level::{Cap, Colour, Level, Risk, Vocabulary, Zone};
pub use routes::module;
