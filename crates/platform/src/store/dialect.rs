//! The only place where the two engines are told apart in SQL.

use vx_kernel::Problem;

use super::{
    Conn, Engine, Sql,
    bulk::{Kind, Table},
};

/// Column types that a migration may use, with what SQLite keeps them as.
pub(super) const TYPES: [(&str, &str); 7] = [
    ("TEXT", "TEXT"),
    ("BIGINT", "INTEGER"),
    ("BOOLEAN", "INTEGER"),
    ("DATE", "TEXT"),
    ("TIMESTAMPTZ", "TEXT"),
    ("UUID", "BLOB"),
    ("BYTEA", "BLOB"),
];

/// A migration's text for an engine. Types are written in capitals, everything else in lower case.
///
/// PostgreSQL compares text bytewise (`collate "C"`) so that ranges over paths and the order of keys are the same on
/// both engines; Vietnamese order comes from sort-key columns.
pub(super) fn translate(engine: Engine, sql: &str) -> String {
    let mut out = String::with_capacity(sql.len() + 256);
    for statement in sql.split_inclusive(';') {
        let is_table = statement.contains("create table");
        let mut rest = statement;
        while let Some(start) = rest.find(|c: char| c.is_ascii_uppercase()) {
            out.push_str(&rest[..start]);
            let word_end = rest[start..].find(|c: char| !c.is_ascii_uppercase()).map_or(rest.len(), |len| start + len);
            let word = &rest[start..word_end];
            match (engine, TYPES.iter().find(|(name, _)| *name == word)) {
                (Engine::Sqlite, Some((_, kept))) => out.push_str(kept),
                (Engine::Postgres, Some(("TEXT", _))) => out.push_str("text collate \"C\""),
                _ => out.push_str(word),
            }
            rest = &rest[word_end..];
        }
        match (engine, is_table, rest.strip_suffix(';')) {
            (Engine::Sqlite, true, Some(body)) => {
                out.push_str(body);
                out.push_str(" strict;");
            }
            _ => out.push_str(rest),
        }
    }
    out
}

/// The schema as lines `table.column TYPE null?` and `index`, the same text for both engines when they agree.
///
/// # Errors
/// When the database refuses.
pub async fn schema_lines(conn: &mut Conn) -> Result<Vec<String>, Problem> {
    let mut lines = Vec::new();
    match conn.engine() {
        Engine::Sqlite => {
            let columns = Sql::new(
                "select t.name as tab, c.name as col, c.type as typ, c.\"notnull\" as nn, c.pk as pk
                 from sqlite_schema t join pragma_table_info(t.name) c
                 where t.type = 'table' and t.name not like 'sqlite_%'",
            );
            for row in conn.rows(columns).await? {
                let (table, column, kept) =
                    (row.get::<String>("tab")?, row.get::<String>("col")?, row.get::<String>("typ")?);
                let required = row.get::<i64>("nn")? == 1;
                lines.push(format!("{table}.{column} {kept}{}", if required { "" } else { " null" }));
            }
            let indexes = Sql::new(
                "select t.name as tab, l.name as idx, l.\"unique\" as uniq, l.origin as origin,
                        (select group_concat(i.name, ',') from (select name from pragma_index_info(l.name) order by seqno) i) as cols
                 from sqlite_schema t join pragma_index_list(t.name) l
                 where t.type = 'table' and t.name not like 'sqlite_%'",
            );
            for row in conn.rows(indexes).await? {
                let name: String = row.get("idx")?;
                let name = if row.get::<String>("origin")? == "c" { name } else { "key".to_owned() };
                let unique = if row.get::<i64>("uniq")? == 1 { " unique" } else { "" };
                lines.push(format!("{} {name}({}){unique}", row.get::<String>("tab")?, row.get::<String>("cols")?));
            }
        }
        Engine::Postgres => {
            let columns = Sql::new(
                "select table_name::text as tab, column_name::text as col, data_type::text as typ, is_nullable = 'YES' as nul
                 from information_schema.columns where table_schema = current_schema()",
            );
            for row in conn.rows(columns).await? {
                let kept = match row.get::<String>("typ")?.as_str() {
                    "text" | "date" | "timestamp with time zone" => "TEXT".to_owned(),
                    "bigint" | "boolean" => "INTEGER".to_owned(),
                    "uuid" | "bytea" => "BLOB".to_owned(),
                    other => other.to_owned(),
                };
                let null = if row.get::<bool>("nul")? { " null" } else { "" };
                lines.push(format!("{}.{} {kept}{null}", row.get::<String>("tab")?, row.get::<String>("col")?));
            }
            let indexes = Sql::new(
                "select t.relname::text as tab, i.relname::text as idx, x.indisunique as uniq, exists (select 1 from pg_constraint k where k.conindid = i.oid) as bound,
                        (select string_agg(a.attname::text, ',' order by k.n) from unnest(x.indkey::int2[]) with ordinality k(att, n)
                         join pg_attribute a on a.attrelid = t.oid and a.attnum = k.att) as cols
                 from pg_index x join pg_class i on i.oid = x.indexrelid join pg_class t on t.oid = x.indrelid
                 join pg_namespace n on n.oid = t.relnamespace where n.nspname = current_schema()",
            );
            for row in conn.rows(indexes).await? {
                let name: String = row.get("idx")?;
                let name = if row.get::<bool>("bound")? { "key".to_owned() } else { name };
                let unique = if row.get::<bool>("uniq")? { " unique" } else { "" };
                lines.push(format!("{} {name}({}){unique}", row.get::<String>("tab")?, row.get::<String>("cols")?));
            }
        }
    }
    lines.sort();
    Ok(lines)
}

/// The tables of the migrated schema, with what each column holds, in the order of their names.
///
/// # Errors
/// When the database refuses.
pub(super) async fn tables(conn: &mut Conn) -> Result<Vec<Table>, Problem> {
    let sql = match conn.engine() {
        Engine::Sqlite => {
            "select t.name as tab, c.name as col, c.type as typ, c.pk as pk
             from sqlite_schema t join pragma_table_info(t.name) c
             where t.type = 'table' and t.name not like 'sqlite_%' order by t.name, c.name"
        }
        Engine::Postgres => {
            "select c.table_name::text collate \"C\" as tab, c.column_name::text collate \"C\" as col, c.data_type::text as typ,
                    coalesce(array_position(x.indkey::int2[], a.attnum) + 1, 0)::bigint as pk
             from information_schema.columns c
             join pg_class t on t.relname = c.table_name
             join pg_namespace n on n.oid = t.relnamespace and n.nspname = c.table_schema
             join pg_attribute a on a.attrelid = t.oid and a.attname = c.column_name
             left join pg_index x on x.indrelid = t.oid and x.indisprimary
             where c.table_schema = current_schema() order by 1, 2"
        }
    };
    let mut tables: Vec<Table> = Vec::new();
    let mut keys: Vec<(i64, usize)> = Vec::new();
    for row in conn.rows(Sql::new(sql)).await? {
        let (name, column, kept): (String, String, String) = (row.get("tab")?, row.get("col")?, row.get("typ")?);
        if tables.last().is_none_or(|table| table.name != name) {
            tables.push(Table { name, columns: Vec::new(), key: Vec::new() });
            keys.clear();
        }
        let Some(table) = tables.last_mut() else { continue };
        let place: i64 = row.get("pk")?;
        if place > 0 && column != "tenant" {
            keys.push((place, table.columns.len()));
            keys.sort_unstable();
            table.key = keys.iter().map(|(_, at)| *at).collect();
        }
        let kind = match kept.as_str() {
            "TEXT" | "text" => Kind::Text,
            "INTEGER" | "bigint" => Kind::Int,
            "BLOB" | "bytea" => Kind::Bytes,
            "boolean" => Kind::Bool,
            "uuid" => Kind::Uuid,
            "date" => Kind::Date,
            "timestamp with time zone" => Kind::At,
            other => return Err(Problem::internal(format!("{column} is of type {other}, which no migration uses"))),
        };
        table.columns.push((column, kind));
    }
    Ok(tables)
}

/// What follows a sub-select that claims rows of the job queue: on PostgreSQL other processes step over claimed rows,
/// on SQLite there is only one writer.
#[must_use]
pub fn skip_locked(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "",
        Engine::Postgres => " for update skip locked",
    }
}

/// Brings the planner's figures up to date. PostgreSQL does so by itself, but only a while after a large change.
pub(super) fn statistics(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "pragma analysis_limit = 1000; pragma optimize = 0x10002",
        Engine::Postgres => "analyze",
    }
}

/// Begins the transaction in which one process brings the schema up to date while others wait. The lock of PostgreSQL
/// has a number of our own choice and ends with the transaction.
pub(super) fn begin_alone(engine: Engine) -> &'static str {
    match engine {
        Engine::Sqlite => "begin immediate",
        Engine::Postgres => "begin; select pg_advisory_xact_lock(7216041962)",
    }
}

/// Whether a table is there.
///
/// # Errors
/// When the database refuses.
pub async fn has_table(conn: &mut Conn, name: &str) -> Result<bool, Problem> {
    let sql = match conn.engine() {
        Engine::Sqlite => "select count(*) as n from sqlite_schema where type = 'table' and name = $1",
        Engine::Postgres => {
            "select count(*) as n from information_schema.tables where table_schema = current_schema() and table_name = $1"
        }
    };
    Ok(conn.count(Sql::with(sql, [name.into()])).await? > 0)
}

/// The version of the database engine.
///
/// # Errors
/// When the database refuses.
pub async fn version(conn: &mut Conn) -> Result<String, Problem> {
    let (name, sql) = match conn.engine() {
        Engine::Sqlite => ("SQLite", "select sqlite_version() as v"),
        Engine::Postgres => ("PostgreSQL", "select current_setting('server_version') as v"),
    };
    let row = conn.row(Sql::new(sql)).await?.ok_or_else(|| Problem::internal("the engine says no version"))?;
    Ok(format!("{name} {}", row.get::<String>("v")?))
}

/// Makes an empty database on a PostgreSQL server and returns its address; the tests give each story its own.
///
/// # Errors
/// When the server refuses.
pub async fn create_database(server: &str, name: &str) -> Result<String, Problem> {
    use sqlx::{Connection as _, Executor as _};
    if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return Err(Problem::internal(format!("{name} is no name for a database")));
    }
    let mut conn = sqlx::PgConnection::connect(server).await.map_err(Problem::internal)?;
    let text = format!("create database {name}");
    conn.execute(sqlx::AssertSqlSafe(text)).await.map_err(Problem::internal)?;
    conn.close().await.map_err(Problem::internal)?;
    let (base, _) = server.rsplit_once('/').unwrap_or((server, ""));
    Ok(format!("{base}/{name}"))
}

/// The rows of a table as PostgreSQL writes them in its binary form; the benchmark of `transfer` gives them to
/// [`copy_in`].
///
/// # Errors
/// When the server refuses.
pub async fn copy_out(url: &str, table: &str) -> Result<Vec<u8>, Problem> {
    use futures_util::TryStreamExt as _;
    use sqlx::Connection as _;
    let mut conn = sqlx::PgConnection::connect(url).await.map_err(Problem::internal)?;
    let mut bytes = Vec::new();
    let mut pieces =
        conn.copy_out_raw(&format!("copy \"{table}\" to stdout (format binary)")).await.map_err(Problem::internal)?;
    while let Some(piece) = pieces.try_next().await.map_err(Problem::internal)? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

/// Gives what [`copy_out`] wrote to the same table of another database.
///
/// # Errors
/// When the server refuses.
pub async fn copy_in(url: &str, table: &str, bytes: Vec<u8>) -> Result<u64, Problem> {
    use sqlx::Connection as _;
    let mut conn = sqlx::PgConnection::connect(url).await.map_err(Problem::internal)?;
    let text = format!("copy \"{table}\" from stdin (format binary)");
    let mut copy = conn.copy_in_raw(&text).await.map_err(Problem::internal)?;
    copy.send(bytes).await.map_err(Problem::internal)?;
    copy.finish().await.map_err(Problem::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_translated_and_tables_strict() {
        let sql = "create table a_b (tenant TEXT not null, n BIGINT, ok BOOLEAN, primary key (tenant));\ncreate index x on a_b (n);";
        assert_eq!(
            translate(Engine::Sqlite, sql),
            "create table a_b (tenant TEXT not null, n INTEGER, ok INTEGER, primary key (tenant)) strict;\ncreate index x on a_b (n);"
        );
        assert_eq!(
            translate(Engine::Postgres, sql),
            "create table a_b (tenant text collate \"C\" not null, n BIGINT, ok BOOLEAN, primary key (tenant));\ncreate index x on a_b (n);"
        );
    }
}
