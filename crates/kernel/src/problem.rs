//! Two ways to say that something is not right.
//!
//! A [`Problem`] stops what was asked; a [`Finding`] is something to look at in imperfect input, which still counts.
//! Both carry a stable code; the sentences people read are looked up by that code, in two languages.

use std::{error::Error, fmt};

use serde::{Deserialize, Serialize};

/// What went wrong, in ten kinds for the whole system.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ProblemKind {
    /// It does not exist, or the asker may not know that it exists.
    NotFound,
    /// The asker may see it but not do this.
    Forbidden,
    /// Nobody is signed in.
    Unauthenticated,
    /// The input cannot be read as what was asked for.
    Invalid,
    /// The domain says no: a rule stands against it.
    Refused,
    /// Somebody else changed it first.
    Conflict,
    /// A named limit of size was passed.
    TooLarge,
    /// A named limit of frequency was passed.
    TooMany,
    /// It would work later: storage full, database away.
    Unavailable,
    /// Our fault; logged with its chain, shown as a reference number.
    Internal,
}

impl ProblemKind {
    /// A word for logs and figures.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::Forbidden => "forbidden",
            Self::Unauthenticated => "unauthenticated",
            Self::Invalid => "invalid",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
            Self::TooLarge => "too_large",
            Self::TooMany => "too_many",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }
}

/// Why something was not done.
///
/// `code` is dotted (`tasks.report.too_early`), never reused, and has a sentence and a way out in `words`.
#[derive(Debug)]
pub struct Problem {
    /// Which of the ten kinds.
    pub kind: ProblemKind,
    /// Stable dotted code.
    pub code: &'static str,
    /// Values that the sentence for the code names.
    pub args: Vec<(&'static str, String)>,
    /// What exactly is wrong where, when the input has several faults at once.
    pub findings: Vec<Finding>,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Problem {
    /// A problem of a kind with its code.
    #[must_use]
    pub fn new(kind: ProblemKind, code: &'static str) -> Self {
        Self { kind, code, args: Vec::new(), findings: Vec::new(), source: None }
    }
    /// The thing does not exist for this asker.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(ProblemKind::NotFound, "not_found")
    }
    /// The input is not readable.
    #[must_use]
    pub fn invalid(code: &'static str) -> Self {
        Self::new(ProblemKind::Invalid, code)
    }
    /// A rule stands against it.
    #[must_use]
    pub fn refused(code: &'static str) -> Self {
        Self::new(ProblemKind::Refused, code)
    }
    /// Our fault, with what caused it.
    #[must_use]
    pub fn internal(source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ProblemKind::Internal, "internal").because(source)
    }
    /// Adds a value for the sentence.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.args.push((name, value.to_string()));
        self
    }
    /// Adds what exactly is wrong where.
    #[must_use]
    pub fn found(mut self, findings: impl IntoIterator<Item = Finding>) -> Self {
        self.findings.extend(findings);
        self
    }
    /// Adds the cause, for the log.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
    /// The whole chain of causes on one line, for the log; never shown to users.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut next = self.source.as_deref().map(|source| source as &dyn Error);
        while let Some(error) = next {
            text.push_str(": ");
            text.push_str(&error.to_string());
            next = error.source();
        }
        text
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code)?;
        for (name, value) in &self.args {
            write!(f, " {name}={value}")?;
        }
        Ok(())
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// How much a finding matters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Look before going on.
    Warning,
    /// Must be settled before going on.
    Error,
}

/// Something to look at in imperfect input (điểm cần xem lại).
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code with a sentence in `words`.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// Which field, row or line it concerns.
    pub place: String,
    /// The raw value or what else is needed to judge it.
    pub detail: String,
}
