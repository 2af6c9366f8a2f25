//! What whoever has the machine can do to accounts from its command line, where nobody can sign in any more.
//!
//! The same commands as on the pages, with the program's own authority; the journal names the command line.

use jiff::civil::Date;
use vx_concepts::engine::execute;
use vx_kernel::{Id, Path, Problem, time::day_of};
use vx_platform::{
    auth::{Account, Actor, Grant, Role, hash_password, temporary_password},
    params,
    store::{Record as _, Sql, Uuid},
    web::App,
};

use super::{Close, Ends, GrantRole, ResetFactor, ResetPassword, Unlock, run_and_end, store};

/// Accounts that a list on the command line shows at the most: a province has fewer.
const LIST_MAX: i64 = 20_000;

fn operator(app: &App) -> Actor {
    Actor::system("Vùng Xanh (dòng lệnh)", app.rights().clone())
}

async fn named(app: &App, login: &str) -> Result<Account, Problem> {
    let login = login.trim().to_lowercase();
    store::by_login(&mut app.db().read().await?, &login)
        .await?
        .ok_or_else(|| Problem::refused("accounts.no_such_login").with("login", login))
}

/// Every account with its roles that are not over, by login.
///
/// # Errors
/// When the database is away.
pub async fn all(app: &App) -> Result<Vec<(Account, Vec<Grant>)>, Problem> {
    let mut conn = app.db().read().await?;
    let today = day_of(app.clock().now());
    let sql = Sql::new("select ").sql(Account::SELECT).sql(" from account where tenant = ").bind(conn.tenant());
    let rows = conn.rows(sql.sql(" order by login limit ").bind(LIST_MAX)).await?;
    let mut accounts = Vec::new();
    for row in &rows {
        let account = Account::read(row)?;
        let grants = store::grants_of(&mut conn, account.id, Some(today)).await?;
        accounts.push((account, grants));
    }
    Ok(accounts)
}

/// Sets a temporary password and returns it; it is shown this once and changed at the next sign-in.
///
/// # Errors
/// `accounts.no_such_login`; what the command refuses.
pub async fn reset_password(app: &App, login: &str) -> Result<String, Problem> {
    let account = named(app, login).await?;
    let password = temporary_password();
    let command = ResetPassword { account: account.id, password: hash_password(password.clone()).await? };
    run_and_end(app, &operator(app), Uuid::now_v7(), command, account.id, Ends::All).await?;
    Ok(password)
}

/// Lets an account try again that was locked.
///
/// # Errors
/// `accounts.no_such_login`; what the command refuses.
pub async fn unlock(app: &App, login: &str) -> Result<(), Problem> {
    let account = named(app, login).await?.id;
    execute(app.db(), &operator(app), Uuid::now_v7(), Unlock { account }).await.map(drop)
}

/// Takes a second factor away whose telephone and recovery codes are lost, and ends the sessions.
///
/// # Errors
/// `accounts.no_such_login`; what the command refuses.
pub async fn reset_second_factor(app: &App, login: &str, reason: &str) -> Result<(), Problem> {
    let account = named(app, login).await?.id;
    let command = ResetFactor { account, reason: reason.to_owned() };
    run_and_end(app, &operator(app), Uuid::now_v7(), command, account, Ends::All).await.map(drop)
}

/// Closes an account and ends its sessions; its roles go to a successor, where one is named.
///
/// # Errors
/// `accounts.no_such_login`; what the command refuses.
pub async fn close(app: &App, login: &str, reason: &str, successor: Option<&str>) -> Result<(), Problem> {
    let account = named(app, login).await?.id;
    let successor = match successor {
        Some(login) => Some(named(app, login).await?.id),
        None => None,
    };
    let command = Close { account, reason: reason.to_owned() };
    super::close(app, &operator(app), Uuid::now_v7(), command, successor).await
}

/// Grants a role from today on.
///
/// # Errors
/// `accounts.no_such_login`; what the command refuses.
pub async fn grant(app: &App, login: &str, role: Role, path: Path, until_on: Option<Date>) -> Result<(), Problem> {
    let account = named(app, login).await?.id;
    let from_on = day_of(app.clock().now());
    let command = GrantRole { id: Id::fresh(), account, role, path, from_on, until_on, deputy_for: None };
    execute(app.db(), &operator(app), Uuid::now_v7(), command).await.map(drop)
}

/// How many accounts still have the temporary password that somebody else knows.
///
/// # Errors
/// When the database is away.
pub async fn temporary_passwords(app: &App) -> Result<i64, Problem> {
    let mut conn = app.db().read().await?;
    let sql = "select count(*) as n from account where tenant = $1 and must_change = $2 and state = 'active'";
    conn.count(Sql::with(sql, params![conn.tenant(), true])).await
}
