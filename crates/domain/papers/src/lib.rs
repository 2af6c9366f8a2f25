#![doc = include_str!("../README.md")]

mod api;
pub mod authority;
pub mod blanks;
mod commands;
pub mod compose;
mod notices;
pub mod press;
mod routes;
pub mod store;
mod views;

pub use commands::{Comment, Discard, Do, Follow, Number, Publish, Restore, Return, Sign, Step, Submit};
pub use routes::{module, number_and_publish};
pub use vx_concepts::paper::{Paper, PaperState, Write};
