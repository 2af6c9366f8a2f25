#![doc = include_str!("../README.md")]

mod assignments;
mod body;
mod casing;
mod citations;
mod clauses;
mod dates;
mod deadlines;
mod decode;
mod dispatch;
mod docx;
mod draft;
mod encodings;
mod findings;
mod header;
mod kinds;
mod lines;
mod numbering;
mod numbers;
mod open;
mod pdf;
mod printed;
mod signature;
mod split;
mod text;
mod types;
mod units;
mod words;

pub use clauses::{CLAUSES_MAX, DEPTH_MAX};
pub use decode::{Unreadable, decode};
pub use dispatch::parse;
pub use draft::{Authority, DRAFT_DEPTH_MAX, Draft, DraftClause, Due, Numbering, SigningFor, Unread, write};
pub use findings::{CODES, Code, FINDINGS_PER_CODE_MAX, Finding, Severity};
pub use kinds::Kind;
pub use open::{Format, Opened, open};
pub use types::*;
