//! Reading tokens.

use jiff::civil::Date;
use vx_kernel::{Id, Problem, ids};
use vx_platform::{
    auth::{Actor, Token, within},
    store::{Conn, Record as _, Sql, Uuid},
};

use super::{READ, TOKENS_MAX};

/// Tokens of one account that still hold on a day, oldest first.
pub(super) async fn of(conn: &mut Conn, account: Id<ids::Account>, on: Date) -> Result<Vec<Token>, Problem> {
    let sql = Sql::new("select ").sql(Token::SELECT).sql(" from api_token where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and account = ").bind(account).sql(" and revoked_at is null and until_on >= ").bind(on);
    let sql = sql.sql(" order by id limit ").bind(i64::try_from(TOKENS_MAX).unwrap_or(i64::MAX));
    conn.rows(sql).await?.iter().map(Token::read).collect()
}

/// A token in a list.
pub(super) struct Listed {
    pub(super) token: Token,
    /// Whose it is.
    pub(super) person: String,
    /// The last day on which it was used.
    pub(super) used_on: Option<Date>,
}

/// Whose tokens a list shows.
pub(super) enum Whose<'a> {
    /// One's own, also those that are over.
    Own(Id<ids::Account>),
    /// Those within reach that still hold, of one account or of all.
    Within(&'a Actor, Option<Id<ids::Account>>, Date),
}

/// Tokens, newest first, before the one with id `before`.
pub(super) async fn list(
    conn: &mut Conn,
    whose: Whose<'_>,
    before: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Listed>, Problem> {
    let sql = Sql::new(
        "select t.id, t.path, t.version, t.account, t.name, t.hash, t.ending, t.writes, t.permissions, t.until_on,
         t.revoked_at, a.name as person, u.used_on
         from api_token t join account a on a.tenant = t.tenant and a.id = t.account
         left join api_token_use u on u.tenant = t.tenant and u.token = t.id where t.tenant = ",
    );
    let sql = sql.bind(conn.tenant());
    let sql = match whose {
        Whose::Own(account) => sql.sql(" and t.account = ").bind(account),
        Whose::Within(actor, account, on) => within(sql.sql(" and "), "t.path", &actor.reach(READ))
            .sql(" and t.revoked_at is null and t.until_on >= ")
            .bind(on)
            .when(account, |sql, account| sql.sql(" and t.account = ").bind(account)),
    };
    let sql =
        sql.when(before, |sql, id| sql.sql(" and t.id < ").bind(id)).sql(" order by t.id desc limit ").bind(limit);
    let rows = conn.rows(sql).await?;
    rows.iter()
        .map(|row| Ok(Listed { token: Token::read(row)?, person: row.get("person")?, used_on: row.find("used_on")? }))
        .collect()
}
