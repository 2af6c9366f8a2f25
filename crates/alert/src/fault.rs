//! What stands against an alert, and where.

use serde::Serialize;

/// What is wrong.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The document is larger than [`crate::BYTES_MAX`].
    TooLarge,
    /// It is neither UTF-8 nor ISO 8859-1.
    Encoding,
    /// It is no well-formed XML.
    NotXml,
    /// It has a document type declaration or an entity of its own.
    Unsafe,
    /// There is no alert in it.
    NoAlert,
    /// A required element is not there, or is empty.
    Missing,
    /// An element stands more often than it may.
    Twice,
    /// A word that the standard does not have.
    Word,
    /// A moment without offset, or none at all.
    Moment,
    /// No number.
    Number,
    /// A sender or an identifier with a space, a comma, `<` or `&`.
    Name,
    /// An optional element that is there and empty.
    Empty,
    /// A point that is none, or lies outside the world.
    Point,
    /// A polygon of fewer than four points.
    Short,
    /// A polygon whose last point is not its first.
    Open,
    /// An update, a cancellation, an acknowledgement without references.
    References,
    /// A restricted alert that does not say to what it is restricted.
    Restriction,
    /// A private alert that does not say to whom it goes.
    Addresses,
    /// It ends before it begins.
    Order,
}

/// One thing that stands against an alert.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Fault {
    /// What is wrong.
    pub code: Code,
    /// In which element: `alert/info[1]/area[1]/polygon`. Empty for the whole document.
    pub path: String,
    /// In which line of the document, from 1; none for an alert that was put together.
    pub line: Option<usize>,
    /// What stood there.
    pub detail: String,
}

impl Fault {
    pub(crate) fn new(code: Code, path: &str, line: Option<usize>, detail: impl Into<String>) -> Self {
        let detail: String = detail.into();
        Self { code, path: path.to_owned(), line, detail: detail.chars().take(200).collect() }
    }

    /// Whether it makes the alert unusable; otherwise it is doubtful and was passed over.
    #[must_use]
    pub fn is_error(&self) -> bool {
        !matches!(self.code, Code::Empty | Code::Short | Code::Open | Code::References | Code::Order | Code::Point)
    }
}
