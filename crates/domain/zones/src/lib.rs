#![doc = include_str!("../README.md")]

pub mod activities;
mod alerts;
mod api;
mod board;
mod cases;
pub mod charts;
pub mod commands;
pub mod course;
mod course_api;
mod course_pages;
mod document;
pub mod evaluate;
pub mod exclusion;
pub mod facts;
mod figures;
mod follow;
mod import;
pub mod late;
pub mod level;
mod list;
mod notices;
mod routes;
mod rule_pages;
pub mod rules;
pub mod say;
pub mod situation;
pub mod store;
pub mod types;
mod unit;
pub mod weekly;
mod what_if;

#[cfg(test)]
mod tests;

pub use cases::Case;
pub use commands::{
    Acting, AskCauses, BringCases, ChooseSource, Commit, Computed, Decide, DecideFacts, Explain, Follow, Judge, Lock,
    Plan, Propose, RecordCount, RecordStanding, Signed, Unlock, Verify, Withdraw,
};
pub use exclusion::{Exclude, Exclusion};
pub use facts::{FIGURES, Figure, STANDS, Stand, World};
pub use follow::{ask_causes, follow};
pub use level::{Cap, Colour, Level, Risk, Vocabulary, Zone};
pub use routes::module;
