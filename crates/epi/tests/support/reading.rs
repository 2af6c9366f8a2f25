//! Reading references, and comparing with them.
#![allow(dead_code, reason = "each test uses what it needs")]

use std::collections::HashMap;

/// What R said of one series.
pub(crate) struct Record {
    pub(crate) kind: String,
    pub(crate) settings: Vec<f64>,
    pub(crate) lines: HashMap<String, Vec<f64>>,
    pub(crate) rows: Vec<Vec<f64>>,
}

impl Record {
    pub(crate) fn label(&self) -> String {
        format!("{} {:?}", self.kind, self.settings)
    }
}

fn number(word: &str) -> f64 {
    match word {
        "NA" | "NaN" | "" => f64::NAN,
        "Inf" => f64::INFINITY,
        _ => word.parse().unwrap_or_else(|_| panic!("{word} is a number")),
    }
}

/// The records of `references.R`.
pub(crate) fn records(text: &str) -> Vec<Record> {
    let mut records: Vec<Record> = Vec::new();
    for line in text.lines() {
        let mut words = line.split_whitespace();
        let Some(word) = words.next() else { continue };
        let numbers: Vec<f64> = words.map(number).collect();
        match (word, records.last_mut()) {
            ("row", Some(record)) => record.rows.push(numbers),
            ("cases" | "imported" | "weights", Some(record)) => {
                record.lines.insert(word.to_owned(), numbers);
            }
            _ => {
                let (lines, rows) = (HashMap::new(), Vec::new());
                records.push(Record { kind: word.to_owned(), settings: numbers, lines, rows });
            }
        }
    }
    records
}

/// A CSV file of numbers; what is none becomes no number.
pub(crate) fn table(text: &str) -> Vec<Vec<f64>> {
    let cells = |line: &str| line.split(',').map(|cell| cell.trim().parse().unwrap_or(f64::NAN)).collect();
    text.lines().skip(1).map(cells).collect()
}

/// Days since 0 March of year 0, for differences; only good enough for tests.
pub(crate) fn day(text: &str) -> Option<i64> {
    let mut parts = text.trim().trim_matches('"').split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    Some(365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day)
}

/// Alike to a share of the second.
pub(crate) fn near(ours: f64, theirs: f64, share: f64, label: &str) {
    // R's quantiles of shapes near nought end where numbers do.
    let tiny = ours.abs() < 1e-290 && theirs.abs() < 1e-290;
    assert!(tiny || (ours - theirs).abs() <= share * theirs.abs(), "{label}: {ours} instead of {theirs}");
}

/// Alike to a difference.
pub(crate) fn equal(ours: f64, theirs: f64, difference: f64, label: &str) {
    assert!((ours - theirs).abs() <= difference, "{label}: {ours} instead of {theirs}");
}
