#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod filters;
pub mod jobs;
pub mod notices;
pub mod retention;
pub mod tokens;
pub mod units;
