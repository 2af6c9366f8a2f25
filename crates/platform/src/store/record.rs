//! Records: a struct, its table and nothing in between.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;
use vx_kernel::{Path, Problem};

use super::{Row, Value};

/// A row of a register. Written by the [`record!`](crate::record) macro.
///
/// Every register table begins with `tenant, id, path, version, created_at, updated_at`; the store sets those,
/// the struct carries `id`, `path` and `version` and its own fields.
pub trait Record: Serialize + Clone + Send + Sync + 'static {
    /// Table name, also the kind of record in the journal.
    const TABLE: &'static str;
    /// Columns of the struct, in the order of [`Record::values`].
    const COLUMNS: &'static [&'static str];
    /// The columns as a list for SELECT, `record.` unprefixed.
    const SELECT: &'static str;
    /// Identifier.
    fn uuid(&self) -> Uuid;
    /// The unit it belongs to; what rights and lists look at.
    fn path(&self) -> &Path;
    /// 0 before the first save, then counted up by each.
    fn version(&self) -> i64;
    /// The same record at another version.
    #[must_use]
    fn at_version(&self, version: i64) -> Self;
    /// Values in the order of [`Record::COLUMNS`].
    fn values(&self) -> Vec<Value>;
    /// From a row that selects [`Record::SELECT`].
    ///
    /// # Errors
    /// When the row does not fit, which is our fault.
    fn read(row: &Row) -> Result<Self, Problem>;
}

/// What a save changed: field → `[before, after]`.
#[derive(Clone, PartialEq, Debug)]
pub struct SavedFields(pub Map<String, Json>);

impl SavedFields {
    /// Compares two states of one record. Without a before, every field that is not null counts as new.
    pub fn between<R: Record>(before: Option<&R>, after: &R) -> Result<Self, Problem> {
        let json = |record: &R| match serde_json::to_value(record).map_err(Problem::internal)? {
            Json::Object(fields) => Ok(fields),
            _ => Err(Problem::internal("a record is an object")),
        };
        let mut old = before.map(json).transpose()?.unwrap_or_default();
        let mut changed = Map::new();
        for (name, new) in json(after)? {
            if name == "version" {
                continue;
            }
            let was = old.remove(&name).unwrap_or(Json::Null);
            if was != new {
                changed.insert(name, Json::Array(vec![was, new]));
            }
        }
        Ok(Self(changed))
    }
}

/// Declares a record: the struct, its columns and how it is read.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident[$kind:ty] in $table:literal {
        $($(#[$fmeta:meta])* pub $field:ident: $type:ty),* $(,)?
    }) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Debug, serde::Serialize)]
        pub struct $name {
            /// Identifier.
            pub id: vx_kernel::Id<$kind>,
            /// The unit it belongs to.
            pub path: vx_kernel::Path,
            /// 0 before the first save, then counted up by each; a save of an old version is a conflict.
            pub version: i64,
            $($(#[$fmeta])* pub $field: $type),*
        }
        impl $crate::store::Record for $name {
            const TABLE: &'static str = $table;
            const COLUMNS: &'static [&'static str] = &["path", $(stringify!($field)),*];
            const SELECT: &'static str = concat!("id, path, version" $(, ", ", stringify!($field))*);
            fn uuid(&self) -> $crate::store::Uuid { self.id.uuid() }
            fn path(&self) -> &vx_kernel::Path { &self.path }
            fn version(&self) -> i64 { self.version }
            fn at_version(&self, version: i64) -> Self { Self { version, ..self.clone() } }
            fn values(&self) -> Vec<$crate::store::Value> {
                vec![$crate::store::Column::value(&self.path), $($crate::store::Column::value(&self.$field)),*]
            }
            fn read(row: &$crate::store::Row) -> Result<Self, vx_kernel::Problem> {
                Ok(Self { id: row.get("id")?, path: row.get("path")?, version: row.get("version")?,
                          $($field: row.get(stringify!($field))?),* })
            }
        }
    };
}
