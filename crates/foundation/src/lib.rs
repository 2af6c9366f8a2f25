#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod tokens;
pub mod units;
