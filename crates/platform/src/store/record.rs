//! Records: a struct, its table and nothing in between.

use serde::Serialize;
use serde_json::{Map, Value as Json};
use uuid::Uuid;
use vx_kernel::{Path, Problem};

use super::{Db, Row, Sql, Value};

/// A row of a register. Written by the [`record!`](crate::record) macro.
///
/// Every register table begins with `tenant, id, path, version, created_at, updated_at`; the store sets those,
/// the struct carries `id`, `path` and `version` and its own fields.
pub trait Record: Serialize + Clone + Send + Sync + 'static {
    /// Table name, also the kind of record in the journal.
    const TABLE: &'static str;
    /// Columns that a save writes, in the order of [`Record::values`]: the struct's, then [`Record::KEYS`].
    const COLUMNS: &'static [&'static str];
    /// Columns that follow from the others, to sort and search by, the last of [`Record::COLUMNS`].
    const KEYS: &'static [&'static str];
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
    /// Fields that may be shown and are not as they were in `before`: field → `[before, after]`. Only what differs is
    /// turned into JSON, since every command does this.
    ///
    /// # Errors
    /// When a field cannot be written as JSON.
    fn differences(&self, before: &Self) -> Result<Map<String, Json>, serde_json::Error>;
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
    ///
    /// # Errors
    /// When a field cannot be written as JSON.
    pub fn between<R: Record>(before: Option<&R>, after: &R) -> Result<Self, Problem> {
        match before {
            Some(before) => after.differences(before).map(Self).map_err(Problem::internal),
            None => {
                let fields = shown(after)?.into_iter().filter(|(name, value)| name != "version" && !value.is_null());
                Ok(Self(fields.map(|(name, value)| (name, Json::Array(vec![Json::Null, value]))).collect()))
            }
        }
    }
}

/// The fields of a record that may be shown; those marked `#[serde(skip)]` never are.
///
/// # Errors
/// When a field cannot be written as JSON.
pub fn shown<R: Record>(record: &R) -> Result<Map<String, Json>, Problem> {
    match serde_json::to_value(record).map_err(Problem::internal)? {
        Json::Object(fields) => Ok(fields),
        _ => Err(Problem::internal("a record is an object")),
    }
}

/// Makes the keys by which a table is sorted and searched, where they are not those of this program: after the step that brought the
/// columns, and after a change of the collation. Call it before anybody reads. It changes nothing that people know, so
/// it is no command, writes no journal and leaves versions as they are.
///
/// # Errors
/// When the database is away.
pub async fn remake_keys<R: Record>(db: &Db) -> Result<(), Problem> {
    let name = format!("sort_keys.{}", R::TABLE);
    let made = format!("{} {}", vx_kernel::text::SORT_KEY_VERSION, R::KEYS.join(" "));
    if super::setting(&mut db.read().await?, &name).await?.as_deref() == Some(&made) {
        return Ok(());
    }
    let mut after = Uuid::nil();
    loop {
        let sql = Sql::new("select ").sql(R::SELECT).sql(" from ").sql(R::TABLE).sql(" where tenant = ");
        let mut conn = db.read().await?;
        let sql = sql.bind(conn.tenant()).sql(" and id > ").bind(after).sql(" order by id limit ").bind(REMADE_MAX);
        let records: Vec<R> = conn.rows(sql).await?.iter().map(R::read).collect::<Result<_, _>>()?;
        drop(conn);
        let Some(last) = records.last() else { break };
        after = last.uuid();
        let records = std::sync::Arc::new(records);
        db.write(move |tx| {
            let records = records.clone();
            Box::pin(async move {
                for record in records.iter() {
                    let values = record.values();
                    let keys = values.into_iter().skip(R::COLUMNS.len() - R::KEYS.len());
                    let mut sql = Sql::new("update ").sql(R::TABLE).sql(" set ");
                    for (index, (column, key)) in R::KEYS.iter().zip(keys).enumerate() {
                        sql = sql.sql(if index > 0 { ", " } else { "" }).sql(column).sql(" = ").bind(key);
                    }
                    let sql = sql.sql(" where tenant = ").bind(tx.tenant()).sql(" and id = ").bind(record.uuid());
                    tx.change(sql).await?;
                }
                Ok(())
            })
        })
        .await?;
    }
    super::put_setting(db, &name, &made).await
}

/// Records whose keys are made in one transaction.
const REMADE_MAX: i64 = 500;

/// Declares a record: the struct, its columns and how it is read. `keys` are columns that follow from the fields, such
/// as the Vietnamese sort key of a name: written with each save, sorted and searched by, never read.
#[macro_export]
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident[$kind:ty] in $table:literal {
        $($(#[$fmeta:meta])* pub $field:ident: $type:ty),* $(,)?
    } $(keys { $($key:ident: $key_type:ty = $of:expr),+ $(,)? })?) => {
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
            const COLUMNS: &'static [&'static str] = &["path", $(stringify!($field),)* $($(stringify!($key)),+)?];
            const KEYS: &'static [&'static str] = &[$($(stringify!($key)),+)?];
            const SELECT: &'static str = concat!("id, path, version" $(, ", ", stringify!($field))*);
            fn uuid(&self) -> $crate::store::Uuid { self.id.uuid() }
            fn path(&self) -> &vx_kernel::Path { &self.path }
            fn version(&self) -> i64 { self.version }
            fn differences(&self, before: &Self) -> Result<serde_json::Map<String, serde_json::Value>, serde_json::Error> {
                static SHOWN: std::sync::OnceLock<Vec<String>> = std::sync::OnceLock::new();
                let shown = SHOWN.get_or_init(|| {
                    $crate::store::shown(self).map_or_else(|_| Vec::new(), |fields| fields.into_iter().map(|(name, _)| name).collect())
                });
                let mut changed = serde_json::Map::new();
                let mut note = |name: &str, pair: serde_json::Value| {
                    if shown.iter().any(|field| field == name) {
                        changed.insert(name.to_owned(), pair);
                    }
                };
                if self.path != before.path {
                    note("path", serde_json::to_value((&before.path, &self.path))?);
                }
                $(if self.$field != before.$field {
                    note(stringify!($field), serde_json::to_value((&before.$field, &self.$field))?);
                })*
                Ok(changed)
            }
            fn at_version(&self, version: i64) -> Self { Self { version, ..self.clone() } }
            fn values(&self) -> Vec<$crate::store::Value> {
                vec![
                    $crate::store::Column::value(&self.path),
                    $($crate::store::Column::value(&self.$field),)*
                    $($({
                        let key: fn(&Self) -> $key_type = $of;
                        $crate::store::Column::value(&key(self))
                    }),+)?
                ]
            }
            fn read(row: &$crate::store::Row) -> Result<Self, vx_kernel::Problem> {
                Ok(Self { id: row.get("id")?, path: row.get("path")?, version: row.get("version")?,
                          $($field: row.get(stringify!($field))?),* })
            }
        }
    };
}
