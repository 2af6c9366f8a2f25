//! The stories of the whole program, most through HTTP and on every engine: one program, for each that is linked holds
//! all of it.
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

mod api;
mod course;
mod decide;
mod desk;
mod epi;
mod exchange;
mod faults;
mod follow;
mod golden;
mod keeping;
mod lists;
mod map;
mod notices;
mod operation;
mod papers;
mod portal;
mod reports;
mod sites;
mod story;
mod support;
mod trust;
mod zones;
