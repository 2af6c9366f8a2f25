//! The rules of reports as tables.
