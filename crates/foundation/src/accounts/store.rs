//! What the pages and the decisions read.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use vx_kernel::{Id, Path, Problem, ids, text::fold};
use vx_platform::{
    auth::{Account, AccountState, Actor, FactorState, Grant, Reach, Role, below, within},
    store::{Conn, Record as _, Sql},
    text_enum,
    web::list::{KeyKind, Listing, Order, Shown},
};

use super::READ;

/// Grants of one account that are read at the most.
const GRANTS_MAX: i64 = 200;
/// Administrators that are looked at to see whether one is left.
const ADMINS_MAX: i64 = 1_000;
/// Accounts that one statement names at the most.
const SCAN_MAX: usize = 1_000;

text_enum! {
    /// What a list of accounts can be narrowed to.
    pub enum InState {
        /// May sign in.
        Active = "active",
        /// Locked after wrong passwords.
        Locked = "locked",
        /// Has not yet changed the temporary password.
        Temporary = "temporary",
        /// The last day is over.
        Over = "over",
        /// Has not signed in for long.
        Dormant = "dormant",
        /// Has no second factor.
        OneFactor = "one_factor",
        /// Closed.
        Closed = "closed",
    }
}

/// Which accounts a list shows.
#[derive(Clone, Default, Debug)]
pub(super) struct Filter {
    /// Words of name, login or post, without marks.
    pub(super) words: String,
    /// Who holds this role.
    pub(super) role: Option<Role>,
    /// Whose home or role lies in this unit or below.
    pub(super) unit: Option<Path>,
    /// In which state.
    pub(super) shown: Option<InState>,
}

/// An account in a list with the grants the reader may see.
pub(super) struct Listed {
    pub(super) account: Account,
    pub(super) grants: Vec<Grant>,
    /// When they signed in last, as far as is known.
    pub(super) used_at: Option<Timestamp>,
}

/// The account of a login.
pub(super) async fn by_login(conn: &mut Conn, login: &str) -> Result<Option<Account>, Problem> {
    let sql = Sql::new("select ").sql(Account::SELECT).sql(" from account where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and login = ").bind(login);
    conn.row(sql).await?.map(|row| Account::read(&row)).transpose()
}

/// Grants of an account, the newest first; only those not over on `since`, when given.
pub(super) async fn grants_of(
    conn: &mut Conn,
    account: Id<ids::Account>,
    since: Option<Date>,
) -> Result<Vec<Grant>, Problem> {
    let sql = Sql::new("select ").sql(Grant::SELECT).sql(" from role_grant where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and account = ").bind(account);
    let sql = sql.when(since, |sql, day| sql.sql(" and (until_on is null or until_on >= ").bind(day).sql(")"));
    let sql = sql.sql(" order by id desc limit ").bind(GRANTS_MAX);
    conn.rows(sql).await?.iter().map(Grant::read).collect()
}

/// Grants by which others stand in for this account in that role there, not over on `since`.
pub(super) async fn deputies_of(conn: &mut Conn, grant: &Grant, since: Date) -> Result<Vec<Grant>, Problem> {
    let sql = Sql::new("select ").sql(Grant::SELECT).sql(" from role_grant where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(&grant.path).sql(" and role = ").bind(grant.role);
    let sql = sql.sql(" and deputy_for = ").bind(grant.account);
    let sql = sql.sql(" and (until_on is null or until_on >= ").bind(since).sql(") limit ").bind(GRANTS_MAX);
    conn.rows(sql).await?.iter().map(Grant::read).collect()
}

/// The administrators' own grants that hold on a day, of accounts that may sign in.
pub(super) async fn admins(conn: &mut Conn, on: Date) -> Result<Vec<Grant>, Problem> {
    let sql = Sql::new("select ").sql(Grant::SELECT).sql(" from role_grant g where g.tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and g.role = ").bind(Role::Admin).sql(" and g.deputy_for is null and g.from_on <= ").bind(on);
    let sql = sql.sql(" and (g.until_on is null or g.until_on >= ").bind(on);
    let sql =
        sql.sql(") and exists (select 1 from account a where a.tenant = g.tenant and a.id = g.account and a.state = ");
    let sql = sql.bind(AccountState::Active).sql(" and (a.until_on is null or a.until_on >= ").bind(on);
    let sql = sql.sql(")) limit ").bind(ADMINS_MAX);
    conn.rows(sql).await?.iter().map(Grant::read).collect()
}

/// The names of accounts.
pub(super) async fn names_of(
    conn: &mut Conn,
    accounts: impl Iterator<Item = Id<ids::Account>>,
) -> Result<BTreeMap<Id<ids::Account>, String>, Problem> {
    let mut wanted: Vec<_> = accounts.take(SCAN_MAX).collect();
    wanted.sort();
    wanted.dedup();
    if wanted.is_empty() {
        return Ok(BTreeMap::new());
    }
    let sql =
        Sql::new("select id, name from account where tenant = ").bind(conn.tenant()).sql(" and id in ").list(wanted);
    conn.rows(sql).await?.iter().map(|row| Ok((row.get("id")?, row.get("name")?))).collect()
}

/// Whether a reader sees an account: from its own unit, or from a unit in which it holds a role.
pub(super) fn sees(reader: &Actor, account: &Account, grants: &[Grant]) -> bool {
    reader.may(READ, &account.path) || grants.iter().any(|grant| reader.may(READ, &grant.path))
}

/// The grants of an account that a reader sees: all from its own unit, else those of the reader's units.
pub(super) fn seen_grants(reader: &Actor, account: &Account, grants: Vec<Grant>) -> Vec<Grant> {
    let all = reader.may(READ, &account.path);
    grants.into_iter().filter(|grant| all || reader.may(READ, &grant.path)).collect()
}

/// `exists (…` a grant that is not over and that the reader sees; the caller adds conditions on `g` and closes.
fn some_grant(sql: Sql, reaches: &[Reach], today: Date) -> Sql {
    let sql = sql.sql("exists (select 1 from role_grant g where g.tenant = a.tenant and g.account = a.id and (g.until_on is null or g.until_on >= ");
    let sql = within(sql.bind(today).sql(") and ("), "a.path", reaches);
    within(sql.sql(" or "), "g.path", reaches).sql(")")
}

/// By what a list of accounts can be sorted.
pub(super) const ORDERS: &[Order] = &[
    Order { name: "name", key: "accounts-name", by: "a.name_key", kind: KeyKind::Bytes, falling: false },
    Order { name: "login", key: "accounts-login", by: "a.login", kind: KeyKind::Text, falling: false },
    Order { name: "opened", key: "accounts-opened-at", by: "a.created_at", kind: KeyKind::At, falling: true },
];

/// One page of accounts, with the grants that the reader sees.
pub(super) async fn list(
    conn: &mut Conn,
    reader: &Actor,
    filter: &Filter,
    now: Timestamp,
    listing: &Listing,
) -> Result<Shown<Listed>, Problem> {
    let counted = |conn: &Conn| conditions(Sql::new("select count(*) as n"), conn, reader, filter, now);
    let cut = listing.cut(conn, "from account a where a.tenant = ", "a.id").await?;
    let total = conn.count(counted(conn)).await?;
    let earlier = match &cut {
        Some(cut) => conn.count(listing.earlier(counted(conn), "a.id", cut)).await?,
        None => 0,
    };
    let sql = conditions(Sql::new("select ").sql(Account::SELECT), conn, reader, filter, now);
    let rows = conn.rows(listing.page(sql, "a.id", cut.as_ref())).await?;
    let rows = with_grants(conn, reader, rows.iter().map(Account::read).collect::<Result<_, _>>()?, now).await?;
    Ok(listing.shown(rows, |one| one.account.id.to_string(), earlier, total, cut.is_some()))
}

/// The same rows as the list, `limit` at the most.
pub(super) async fn all(
    conn: &mut Conn,
    reader: &Actor,
    filter: &Filter,
    now: Timestamp,
    listing: &Listing,
    limit: usize,
) -> Result<Vec<Listed>, Problem> {
    let sql = conditions(Sql::new("select ").sql(Account::SELECT), conn, reader, filter, now);
    let sql = listing.all(sql, "a.id").sql(" limit ").bind(i64::try_from(limit).unwrap_or(i64::MAX));
    let accounts = conn.rows(sql).await?.iter().map(Account::read).collect::<Result<_, _>>()?;
    with_grants(conn, reader, accounts, now).await
}

async fn with_grants(
    conn: &mut Conn,
    reader: &Actor,
    accounts: Vec<Account>,
    now: Timestamp,
) -> Result<Vec<Listed>, Problem> {
    let mut grants = grants_today(conn, &accounts, vx_kernel::time::day_of(now)).await?;
    let used = last_used(conn, &accounts).await?;
    let listed = accounts.into_iter().map(|account| {
        let grants = seen_grants(reader, &account, grants.remove(&account.id).unwrap_or_default());
        Listed { used_at: used.get(&account.id).copied(), account, grants }
    });
    Ok(listed.collect())
}

fn conditions(sql: Sql, conn: &Conn, reader: &Actor, filter: &Filter, now: Timestamp) -> Sql {
    let (reaches, today) = (&reader.reach(READ), vx_kernel::time::day_of(now));
    let mut sql = sql.sql(" from account a where a.tenant = ").bind(conn.tenant());
    for word in fold(&filter.words).split_whitespace() {
        sql = sql.sql(" and a.folded like ").bind(format!("%{word}%"));
    }
    let sql = within(sql.sql(" and ("), "a.path", reaches).sql(" or ");
    let mut sql = some_grant(sql, reaches, today).sql("))");
    if let Some(role) = filter.role {
        sql = some_grant(sql.sql(" and "), reaches, today).sql(" and g.role = ").bind(role);
        sql = sql.sql(" and g.from_on <= ").bind(today).sql(")");
    }
    if let Some(unit) = &filter.unit {
        sql = below(sql.sql(" and ("), "a.path", unit).sql(" or ");
        sql = below(some_grant(sql, reaches, today).sql(" and "), "g.path", unit).sql("))");
    }
    match filter.shown {
        None => sql,
        Some(InState::Closed) => sql.sql(" and a.state = ").bind(AccountState::Closed),
        Some(shown) => {
            let sql = sql.sql(" and a.state = ").bind(AccountState::Active);
            match shown {
                InState::Locked => sql.sql(" and a.locked_until > ").bind(now),
                InState::Temporary => sql.sql(" and a.must_change = ").bind(true),
                InState::Over => sql.sql(" and a.until_on < ").bind(today),
                InState::OneFactor => sql
                    .sql(" and not exists (select 1 from second_factor f where f.tenant = a.tenant and f.account = a.id and f.state = ")
                    .bind(FactorState::Confirmed)
                    .sql(")"),
                InState::Dormant => {
                    let since = dormant_since(now);
                    let sql = sql.sql(" and a.created_at < ").bind(since).sql(" and not exists (select 1 from account_use u where");
                    sql.sql(" u.tenant = a.tenant and u.account = a.id and u.at >= ").bind(since).sql(")")
                }
                InState::Active | InState::Closed => sql,
            }
        }
    }
}

/// Who has not signed in since then may have left without anybody's saying so.
pub(super) fn dormant_since(now: Timestamp) -> Timestamp {
    let days = crate::retention::dormant_days(vx_kernel::time::day_of(now));
    now.checked_sub(jiff::SignedDuration::from_hours(24 * days)).unwrap_or(Timestamp::MIN)
}

/// When accounts signed in last.
async fn last_used(conn: &mut Conn, accounts: &[Account]) -> Result<BTreeMap<Id<ids::Account>, Timestamp>, Problem> {
    let mut out = BTreeMap::new();
    for some in accounts.chunks(SCAN_MAX) {
        let sql = Sql::new("select account, at from account_use where tenant = ").bind(conn.tenant());
        for row in conn.rows(sql.sql(" and account in ").list(some.iter().map(|account| account.id))).await? {
            out.insert(row.get("account")?, row.get("at")?);
        }
    }
    Ok(out)
}

/// When one account signed in last.
pub(super) async fn used_at(conn: &mut Conn, account: Id<ids::Account>) -> Result<Option<Timestamp>, Problem> {
    let sql =
        Sql::new("select at from account_use where tenant = ").bind(conn.tenant()).sql(" and account = ").bind(account);
    conn.row(sql).await?.map(|row| row.get("at")).transpose()
}

/// Units read at the most to see where nobody is left.
const ALONE_MAX: i64 = 100;

/// Units in which nobody but this account holds a role today: whoever closes it must know.
pub(super) async fn alone_in(conn: &mut Conn, account: Id<ids::Account>, today: Date) -> Result<Vec<Path>, Problem> {
    let runs = |sql: Sql, of: &'static str| match of {
        "g" => sql
            .sql(" and g.from_on <= ")
            .bind(today)
            .sql(" and (g.until_on is null or g.until_on >= ")
            .bind(today)
            .sql(")"),
        _ => sql
            .sql(" and o.from_on <= ")
            .bind(today)
            .sql(" and (o.until_on is null or o.until_on >= ")
            .bind(today)
            .sql(")"),
    };
    let sql = Sql::new("select distinct g.path from role_grant g where g.tenant = ").bind(conn.tenant());
    let sql = runs(sql.sql(" and g.account = ").bind(account), "g");
    let sql = sql.sql(
        " and not exists (select 1 from role_grant o join account a on a.tenant = o.tenant and a.id = o.account
          where o.tenant = g.tenant and o.path = g.path and o.account <> g.account and a.state = ",
    );
    let sql = sql.bind(AccountState::Active).sql(" and (a.until_on is null or a.until_on >= ").bind(today).sql(")");
    let sql = runs(sql, "o").sql(") order by g.path limit ").bind(ALONE_MAX);
    conn.rows(sql).await?.iter().map(|row| row.get("path")).collect()
}

async fn grants_today(
    conn: &mut Conn,
    accounts: &[Account],
    today: Date,
) -> Result<BTreeMap<Id<ids::Account>, Vec<Grant>>, Problem> {
    let mut out: BTreeMap<_, Vec<Grant>> = BTreeMap::new();
    for some in accounts.chunks(SCAN_MAX) {
        let sql = Sql::new("select ").sql(Grant::SELECT).sql(" from role_grant where tenant = ").bind(conn.tenant());
        let sql = sql.sql(" and account in ").list(some.iter().map(|account| account.id));
        let sql = sql.sql(" and from_on <= ").bind(today).sql(" and (until_on is null or until_on >= ").bind(today);
        let sql = sql.sql(") order by path, id limit ").bind(GRANTS_MAX * 100);
        for row in conn.rows(sql).await? {
            let grant = Grant::read(&row)?;
            out.entry(grant.account).or_default().push(grant);
        }
    }
    Ok(out)
}
