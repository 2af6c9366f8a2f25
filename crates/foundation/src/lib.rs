#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod boundaries;
pub mod filters;
pub mod jobs;
pub mod letterhead;
pub mod notices;
pub mod retention;
pub mod sites;
pub mod tokens;
pub mod units;
