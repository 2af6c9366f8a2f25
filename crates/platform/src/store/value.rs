//! Values in and out of both engines.

use jiff::{Timestamp, civil::Date};
use sqlx::{Row as _, postgres::PgRow, sqlite::SqliteRow};
use uuid::Uuid;
use vx_kernel::{Id, Path, Problem, units::UnitId};

/// A value to bind. The variant carries the type also when it is null, which PostgreSQL needs.
#[derive(Clone, PartialEq, Debug)]
#[expect(missing_docs, reason = "each variant is the column type of its name")]
pub enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Bool(Option<bool>),
    Bytes(Option<Vec<u8>>),
    Uuid(Option<Uuid>),
    Date(Option<Date>),
    At(Option<Timestamp>),
}

/// A row of either engine.
pub enum Row {
    /// From SQLite.
    Sqlite(SqliteRow),
    /// From PostgreSQL.
    Postgres(PgRow),
}

impl Row {
    /// The value of a column that may not be null.
    ///
    /// # Errors
    /// When the column is absent, null or of another type: our fault, hence internal.
    pub fn get<T: Column>(&self, name: &str) -> Result<T, Problem> {
        T::read(self, name)?.ok_or_else(|| Problem::internal(format!("column {name} is null")))
    }
    /// The value of a column that may be null.
    ///
    /// # Errors
    /// As [`Row::get`], but null is `None`.
    pub fn find<T: Column>(&self, name: &str) -> Result<Option<T>, Problem> {
        T::read(self, name)
    }
}

/// A type that a column can hold.
pub trait Column: Sized {
    /// To bind.
    fn value(&self) -> Value;
    /// Null of this type.
    fn null() -> Value;
    /// From a row.
    ///
    /// # Errors
    /// When the column is absent or holds something else.
    fn read(row: &Row, name: &str) -> Result<Option<Self>, Problem>;
}

macro_rules! plain {
    ($type:ty, $variant:ident) => {
        impl Column for $type {
            fn value(&self) -> Value {
                Value::$variant(Some(self.clone()))
            }
            fn null() -> Value {
                Value::$variant(None)
            }
            fn read(row: &Row, name: &str) -> Result<Option<Self>, Problem> {
                match row {
                    Row::Sqlite(row) => row.try_get(name),
                    Row::Postgres(row) => row.try_get(name),
                }
                .map_err(Problem::internal)
            }
        }
    };
}
plain!(String, Text);
plain!(i64, Int);
plain!(bool, Bool);
plain!(Vec<u8>, Bytes);
plain!(Uuid, Uuid);

impl Column for Date {
    fn value(&self) -> Value {
        Value::Date(Some(*self))
    }
    fn null() -> Value {
        Value::Date(None)
    }
    fn read(row: &Row, name: &str) -> Result<Option<Self>, Problem> {
        match row {
            Row::Sqlite(row) => row
                .try_get::<Option<String>, _>(name)
                .map_err(Problem::internal)?
                .map(|text| text.parse().map_err(Problem::internal))
                .transpose(),
            Row::Postgres(row) => Ok(row
                .try_get::<Option<jiff_sqlx::Date>, _>(name)
                .map_err(Problem::internal)?
                .map(jiff_sqlx::Date::to_jiff)),
        }
    }
}

impl Column for Timestamp {
    fn value(&self) -> Value {
        Value::At(Some(*self))
    }
    fn null() -> Value {
        Value::At(None)
    }
    fn read(row: &Row, name: &str) -> Result<Option<Self>, Problem> {
        match row {
            Row::Sqlite(row) => row
                .try_get::<Option<String>, _>(name)
                .map_err(Problem::internal)?
                .map(|text| text.parse().map_err(Problem::internal))
                .transpose(),
            Row::Postgres(row) => Ok(row
                .try_get::<Option<jiff_sqlx::Timestamp>, _>(name)
                .map_err(Problem::internal)?
                .map(jiff_sqlx::Timestamp::to_jiff)),
        }
    }
}

impl<K> Column for Id<K> {
    fn value(&self) -> Value {
        Value::Uuid(Some(self.uuid()))
    }
    fn null() -> Value {
        Value::Uuid(None)
    }
    fn read(row: &Row, name: &str) -> Result<Option<Self>, Problem> {
        Ok(Uuid::read(row, name)?.map(Self::from))
    }
}

impl Column for Path {
    fn value(&self) -> Value {
        Value::Text(Some(self.as_str().to_owned()))
    }
    fn null() -> Value {
        Value::Text(None)
    }
    fn read(row: &Row, name: &str) -> Result<Option<Self>, Problem> {
        String::read(row, name)?.map(|text| Path::parse(&text).map_err(Problem::internal)).transpose()
    }
}

impl Column for UnitId {
    fn value(&self) -> Value {
        Value::Text(Some(self.as_str().to_owned()))
    }
    fn null() -> Value {
        Value::Text(None)
    }
    fn read(row: &Row, name: &str) -> Result<Option<Self>, Problem> {
        Ok(String::read(row, name)?.map(|text| UnitId::from(text.as_str())))
    }
}

/// Null is a value of every type; reading never yields the outer `None`.
impl<T: Column> Column for Option<T> {
    fn value(&self) -> Value {
        self.as_ref().map_or_else(T::null, T::value)
    }
    fn null() -> Value {
        T::null()
    }
    fn read(row: &Row, name: &str) -> Result<Option<Self>, Problem> {
        T::read(row, name).map(Some)
    }
}

impl<T: Column> From<T> for Value {
    fn from(value: T) -> Self {
        value.value()
    }
}
impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}
impl From<&Path> for Value {
    fn from(value: &Path) -> Self {
        value.value()
    }
}
impl From<&UnitId> for Value {
    fn from(value: &UnitId) -> Self {
        value.value()
    }
}

/// SQLite keeps an instant as text of fixed width in UTC, so that text order is time order.
pub(super) fn instant_text(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}
