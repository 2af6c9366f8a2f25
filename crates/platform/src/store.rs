//! The store: two engines, one SQL text, one writer.
//!
//! **Invariant:** every write runs in the writer task, which is never cancelled (see [`writer`]); a request that times
//! out stops waiting, its write does not stop half way.
//! **Invariant:** every table begins with `tenant` and every key starts with it; [`migrate`] refuses a table without.

pub mod bulk;
mod conn;
pub mod dialect;
pub mod migrate;
mod record;
pub mod singles;
mod sql;
mod value;
mod writer;

pub use conn::{Conn, Db, Engine, StoreOptions, without_password};
pub use migrate::Migration;
pub use record::{Record, SavedFields, remake_keys, shown};
pub use sql::Sql;
pub use uuid::Uuid;
pub use value::{Column, Row, Value};
pub use writer::{Hint, Tx};

/// A text of a closed list, stored as written here and shown through `words`.
#[macro_export]
macro_rules! text_enum {
    ($(#[$meta:meta])* $vis:vis enum $name:ident { $($(#[$vmeta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
        $vis enum $name { $($(#[$vmeta])* $variant),+ }
        impl $name {
            /// Every value, in the order of the declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The stored text.
            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$variant => $text),+ } }
            /// The value of a stored text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> { match text { $($text => Some(Self::$variant),)+ _ => None } }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(self.as_str()) }
        }
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> { s.serialize_str(self.as_str()) }
        }
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str> as serde::Deserialize>::deserialize(d)?;
                Self::parse(&text).ok_or_else(|| serde::de::Error::unknown_variant(&text, &[$($text),+]))
            }
        }
        impl $crate::web::Shape for $name {
            fn shape(_: &mut $crate::web::Parts) -> serde_json::Value {
                $crate::web::words(Self::ALL.iter().map(|word| word.as_str()))
            }
        }
        impl $crate::store::Column for $name {
            fn value(&self) -> $crate::store::Value { self.as_str().into() }
            fn null() -> $crate::store::Value { $crate::store::Value::Text(None) }
            fn read(row: &$crate::store::Row, name: &str) -> Result<Option<Self>, vx_kernel::Problem> {
                match <String as $crate::store::Column>::read(row, name)? {
                    None => Ok(None),
                    Some(text) => Self::parse(&text).map(Some).ok_or_else(|| vx_kernel::Problem::internal(
                        format!("column {name} holds {text:?}, which is not a {}", stringify!($name)))),
                }
            }
        }
    };
}

/// A setting of the installation.
///
/// # Errors
/// When the database is away.
pub async fn setting(conn: &mut Conn, name: &str) -> Result<Option<String>, vx_kernel::Problem> {
    let sql =
        Sql::with("select value from setting where tenant = $1 and name = $2", crate::params![conn.tenant(), name]);
    conn.row(sql).await?.map(|row| row.get("value")).transpose()
}

/// The hashes by which records name their files, with the record's table: of every column whose name ends so, in
/// whatever table of whatever module. The newest of each table, or all.
///
/// # Errors
/// When the database is away.
pub async fn content_hashes(
    conn: &mut Conn,
    newest: Option<i64>,
) -> Result<Vec<(String, Vec<u8>)>, vx_kernel::Problem> {
    /// Rows read at a time.
    const CHUNK: i64 = 2_000;
    let lines = dialect::schema_lines(conn).await?;
    let columns = lines.iter().filter_map(|line| line.split_once(' ')?.0.split_once('.'));
    let columns: Vec<(String, String)> = columns
        .filter(|(table, column)| {
            column.ends_with("sha256") && lines.iter().any(|line| line.starts_with(&format!("{table}.id ")))
        })
        .map(|(table, column)| (table.to_owned(), column.to_owned()))
        .collect();
    let mut hashes = Vec::new();
    for (table, column) in columns {
        let mut after = Uuid::max();
        let mut left = newest.unwrap_or(i64::MAX);
        while left > 0 {
            let mut sql = Sql::new("");
            // Names of our own schema, not input.
            sql.text = format!("select id, {column} as hash from {table} where tenant = ");
            let sql = sql.bind(conn.tenant()).sql(" and id < ").bind(after).sql(" order by id desc limit ");
            let rows = conn.rows(sql.bind(left.min(CHUNK))).await?;
            let Some(last) = rows.last() else { break };
            after = last.get("id")?;
            left -= i64::try_from(rows.len()).unwrap_or(left);
            for row in &rows {
                if let Some(hash) = row.find::<Vec<u8>>("hash")? {
                    hashes.push((table.clone(), hash));
                }
            }
        }
    }
    Ok(hashes)
}

/// A setting of the installation that is made once: what is there stays, whoever else makes it at the same time.
///
/// # Errors
/// When the database is away.
pub async fn made_setting(db: &Db, name: &str, fresh: impl FnOnce() -> String) -> Result<String, vx_kernel::Problem> {
    if let Some(value) = setting(&mut db.read().await?, name).await? {
        return Ok(value);
    }
    let (of, value) = (name.to_owned(), fresh());
    db.write(move |tx| {
        let (name, value) = (of.clone(), value.clone());
        Box::pin(async move {
            let sql = "insert into setting (tenant, name, value) values ($1, $2, $3)
                       on conflict (tenant, name) do nothing";
            let tenant = tx.tenant();
            tx.change(Sql::with(sql, crate::params![tenant, name, value])).await.map(drop)
        })
    })
    .await?;
    let made = setting(&mut db.read().await?, name).await?;
    made.ok_or_else(|| vx_kernel::Problem::internal("a setting that was just made is not there"))
}

/// Puts a setting of the installation: where data begin, how a drill's clock runs. Not for what people decide; that is
/// a command.
///
/// # Errors
/// When the database is away.
pub async fn put_setting(db: &Db, name: &str, value: &str) -> Result<(), vx_kernel::Problem> {
    let (name, value) = (name.to_owned(), value.to_owned());
    db.write(move |tx| {
        let (name, value) = (name.clone(), value.clone());
        Box::pin(async move {
            let sql = "insert into setting (tenant, name, value) values ($1, $2, $3)
                       on conflict (tenant, name) do update set value = excluded.value";
            let tenant = tx.tenant();
            tx.change(Sql::with(sql, crate::params![tenant, name, value])).await.map(drop)
        })
    })
    .await
}
