//! What the pages and the decisions read.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use vx_kernel::{Id, Path, Problem, ids, text::fold};
use vx_platform::{
    auth::{Account, AccountState, Actor, Breadth, Grant, Reach, Role, within},
    store::{Conn, Record as _, Sql},
    text_enum,
};

use super::READ;

/// Grants of one account that are read at the most.
const GRANTS_MAX: i64 = 200;
/// Administrators that are looked at to see whether one is left.
const ADMINS_MAX: i64 = 1_000;
/// Accounts read at a time when names are searched.
const SCAN_MAX: usize = 1_000;

text_enum! {
    /// What a list of accounts can be narrowed to.
    pub enum Shown {
        /// May sign in.
        Active = "active",
        /// Locked after wrong passwords.
        Locked = "locked",
        /// Has not yet changed the temporary password.
        Temporary = "temporary",
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
    pub(super) shown: Option<Shown>,
}

/// An account in a list with the grants the reader may see.
pub(super) struct Listed {
    pub(super) account: Account,
    pub(super) grants: Vec<Grant>,
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
    let sql = sql.bind(AccountState::Active).sql(") limit ").bind(ADMINS_MAX);
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

/// One page of accounts in the order of their logins, and whether more follow.
pub(super) async fn list(
    conn: &mut Conn,
    reader: &Actor,
    filter: &Filter,
    now: Timestamp,
    after: &str,
    limit: usize,
) -> Result<(Vec<Listed>, bool), Problem> {
    let today = vx_kernel::time::day_of(now);
    let folded = fold(&filter.words);
    let words: Vec<&str> = folded.split_whitespace().collect();
    let fits = |account: &Account| {
        let key = fold(&format!("{} {} {}", account.login, account.name, account.title));
        words.iter().all(|word| key.contains(word))
    };
    // Names have no folded column, so a search reads on until the page is full; without a search one read is enough.
    let chunk = if words.is_empty() { limit + 1 } else { SCAN_MAX };
    let mut found: Vec<Account> = Vec::new();
    let mut after = after.to_owned();
    while found.len() <= limit {
        let sql = listing(conn, &reader.reach(READ), filter, now, today).sql(" and a.login > ").bind(after.as_str());
        let sql = sql.sql(" order by a.login limit ").bind(i64::try_from(chunk).unwrap_or(i64::MAX));
        let accounts: Vec<Account> = conn.rows(sql).await?.iter().map(Account::read).collect::<Result<_, _>>()?;
        let read = accounts.len();
        if let Some(last) = accounts.last() {
            after.clone_from(&last.login);
        }
        found.extend(accounts.into_iter().filter(fits));
        if read < chunk {
            break;
        }
    }
    let more = found.len() > limit;
    found.truncate(limit);
    let mut grants = grants_today(conn, &found, today).await?;
    let listed = found.into_iter().map(|account| {
        let grants = seen_grants(reader, &account, grants.remove(&account.id).unwrap_or_default());
        Listed { account, grants }
    });
    Ok((listed.collect(), more))
}

fn listing(conn: &Conn, reaches: &[Reach], filter: &Filter, now: Timestamp, today: Date) -> Sql {
    let sql = Sql::new("select ").sql(Account::SELECT).sql(" from account a where a.tenant = ").bind(conn.tenant());
    let sql = within(sql.sql(" and ("), "a.path", reaches).sql(" or ");
    let mut sql = some_grant(sql, reaches, today).sql("))");
    if let Some(role) = filter.role {
        sql = some_grant(sql.sql(" and "), reaches, today).sql(" and g.role = ").bind(role);
        sql = sql.sql(" and g.from_on <= ").bind(today).sql(")");
    }
    if let Some(unit) = &filter.unit {
        let below = [Reach { path: unit.clone(), breadth: Breadth::Subtree }];
        sql = within(sql.sql(" and ("), "a.path", &below).sql(" or ");
        sql = within(some_grant(sql, reaches, today).sql(" and "), "g.path", &below).sql("))");
    }
    match filter.shown {
        None => sql,
        Some(Shown::Closed) => sql.sql(" and a.state = ").bind(AccountState::Closed),
        Some(shown) => {
            let sql = sql.sql(" and a.state = ").bind(AccountState::Active);
            match shown {
                Shown::Locked => sql.sql(" and a.locked_until > ").bind(now),
                Shown::Temporary => sql.sql(" and a.must_change = ").bind(true),
                _ => sql,
            }
        }
    }
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
