#![doc = include_str!("../README.md")]

pub mod auth;
pub mod clock;
pub mod files;
pub mod jobs;
pub mod journal;
pub mod measures;
pub mod module;
pub mod notify;
pub mod sheet;
pub mod store;
pub mod web;
pub mod words;

pub use clock::Clock;
pub use module::Module;
