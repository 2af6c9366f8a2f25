//! SQL put together from fixed parts and bound values.

use super::Value;

/// Stands in the text where the next value goes; a character that no SQL has.
const PLACE: char = '\u{1}';

/// A statement with its values. The text can only be made of string literals, so no input can become SQL.
#[derive(Clone, Debug)]
pub struct Sql {
    pub(super) text: String,
    pub(super) args: Vec<Value>,
}

impl Sql {
    /// Starts a statement.
    #[must_use]
    pub fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), args: Vec::new() }
    }
    /// A whole statement that numbers its own placeholders `$1`, `$2`, …
    #[must_use]
    pub fn with(text: &'static str, args: impl IntoIterator<Item = Value>) -> Self {
        Self { text: text.to_owned(), args: args.into_iter().collect() }
    }
    /// Appends text.
    #[must_use]
    pub fn sql(mut self, text: &'static str) -> Self {
        self.text.push_str(text);
        self
    }
    /// Appends a placeholder for a value.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.args.push(value.into());
        self.text.push(PLACE);
        self
    }
    /// Appends `($n, $n+1, …)`. An empty list becomes `(null)`, which matches nothing.
    #[must_use]
    pub fn list<V: Into<Value>>(mut self, values: impl IntoIterator<Item = V>) -> Self {
        self.text.push('(');
        let mut any = false;
        for value in values {
            if any {
                self.text.push(',');
            }
            any = true;
            self = self.bind(value);
        }
        self.text.push_str(if any { ")" } else { "null)" });
        self
    }
    /// Appends when the value is there.
    #[must_use]
    pub fn when<V>(self, value: Option<V>, then: impl FnOnce(Self, V) -> Self) -> Self {
        match value {
            Some(value) => then(self, value),
            None => self,
        }
    }
    /// The text for SQLite: places in order are plain `?`. SQLite looks numbered places up one by one, which for the
    /// thousands of places of a multi-row insert costs more than the insert.
    pub(super) fn sqlite_text(&mut self) -> String {
        std::mem::take(&mut self.text).replace(PLACE, "?")
    }

    /// The text for PostgreSQL: places in order are `$1`, `$2`, …
    pub(super) fn postgres_text(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        if !text.contains(PLACE) {
            return text;
        }
        let mut out = String::with_capacity(text.len() + self.args.len() * 4);
        for (index, piece) in text.split(PLACE).enumerate() {
            if index > 0 {
                out.push('$');
                out.push_str(&index.to_string());
            }
            out.push_str(piece);
        }
        out
    }
}

/// The values of a statement: `params![tenant, id]`.
#[macro_export]
macro_rules! params {
    ($($value:expr),* $(,)?) => { [$($crate::store::Value::from($value)),*] };
}
