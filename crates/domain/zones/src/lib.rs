#![doc = include_str!("../README.md")]

pub mod activities;
mod board;
pub mod charts;
pub mod commands;
pub mod course;
mod course_pages;
pub mod evaluate;
pub mod exclusion;
pub mod facts;
mod figures;
mod import;
pub mod level;
mod list;
mod routes;
mod rule_pages;
pub mod rules;
pub mod say;
pub mod situation;
pub mod store;
pub mod types;
mod unit;
mod what_if;

#[cfg(test)]
mod tests;

pub use commands::{
    Acting, AskCauses, ChooseSource, Commit, Computed, Decide, DecideFacts, Explain, Judge, Lock, Propose, RecordCount,
    RecordStanding, Signed, Unlock, Verify, Withdraw,
};
pub use exclusion::{Exclude, Exclusion};
pub use facts::{FIGURES, Figure, STANDS, Stand, World};
pub use level::{Cap, Colour, Level, Risk, Vocabulary, Zone};
pub use routes::{ask_causes, module};
