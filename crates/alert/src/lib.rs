#![doc = include_str!("../README.md")]

mod check;
mod fault;
mod feed;
mod read;
mod tree;
mod types;
mod write;

pub use fault::{Code, Fault};
pub use feed::{Entry, Feed};
pub use read::{read, read_all};
pub use tree::BYTES_MAX;
pub use types::{
    Alert, Area, Category, Certainty, Circle, MessageKind, Moment, Named, Point, Resource, Response, Scope, Severity,
    Statement, Status, Urgency,
};
