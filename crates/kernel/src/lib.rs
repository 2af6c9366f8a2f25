#![doc = include_str!("../README.md")]

pub mod id;
pub mod problem;
pub mod text;
pub mod time;
pub mod timeline;
pub mod units;

pub use id::{Id, fresh, ids, sort_after};
pub use problem::{Finding, Problem, ProblemKind, Severity};
pub use units::Path;

/// Moment in time (thời điểm), stored in UTC, shown in `Asia/Ho_Chi_Minh`.
pub use jiff::Timestamp as Instant;
/// Day of the calendar (ngày), without time or zone.
pub use jiff::civil::Date;
