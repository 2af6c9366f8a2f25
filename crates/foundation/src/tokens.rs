//! Tokens (mã truy cập): secrets with which a person's own programs speak for them through the JSON interface.
//!
//! **Invariant:** a person makes tokens for themself alone; an administrator sees and revokes those within reach, and
//! makes none for others (test `tokens_are_made_by_rule`).
//! **Invariant:** tokens end with the account and with a temporary password (test `tokens_end_with_the_account`).

mod commands;
mod description;
mod pages;
mod store;
#[cfg(test)]
mod tests;

use jiff::{ToSpan as _, civil::Date};
use vx_concepts::engine::{Command, execute, run};
use vx_kernel::{Id, Problem, ids, time::day_of};
use vx_platform::{
    Module,
    auth::{Actor, Breadth::Subtree, Permission, Role::Admin, token_secret},
    store::{Tx, Uuid},
    web::{Access, Route, Visit},
    words::Texts,
};

use crate::accounts::in_own_name;

pub use commands::{LIFE_DAYS_MAX, Make, Revoke, TOKENS_MAX};

/// The permission to see the tokens of others.
pub const READ: &str = "tokens.read";

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    Module {
        name: "tokens",
        migrations: &[],
        permissions: &[
            Permission { name: READ, roles: &[(Admin, Subtree)] },
            Permission { name: Revoke::NAME, roles: &[(Admin, Subtree)] },
            // For oneself, whatever roles one holds; see `accounts::in_own_name`.
            Permission { name: Make::NAME, roles: &[] },
        ],
        routes,
        texts: Texts { vi: include_str!("../words/tokens.vi.ftl"), en: include_str!("../words/tokens.en.ftl") },
        nav: &[],
        notices: &[],
        jobs: &[],
    }
}

fn routes() -> Vec<Route> {
    vec![
        // Everybody may let a program of their own speak for them, as far as they may speak themselves.
        Route::get("/tokens", Access::SignedIn, pages::own),
        Route::post("/tokens", Access::SignedIn, pages::make),
        // One's own without any permission; the command asks for one where it is somebody else's.
        Route::post("/tokens/{id}/revoke", Access::SignedIn, pages::revoke),
        Route::get("/tokens/within", Access::Needs(READ), pages::within),
        Route::get("/api", Access::SignedIn, description::page),
        // The description names no person and no record, and those who write programs need it before they have a token.
        Route::get("/api/v1/openapi.json", Access::Public, description::document),
    ]
}

/// What a new token is to be.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What it is for.
    pub name: String,
    /// Whether it may change something.
    pub writes: bool,
    /// Permissions it is limited to; empty for all.
    pub permissions: Vec<String>,
    /// Last day.
    pub until_on: Date,
}

/// Makes a token for the visitor. `None` when the form was sent twice: the first answer has shown the secret.
///
/// # Errors
/// As [`Make`].
pub async fn make(visit: &Visit, key: Uuid, wanted: Wanted) -> Result<Option<String>, Problem> {
    let account = account_of(visit)?;
    let (secret, hash, ending) = token_secret();
    let Wanted { name, writes, permissions, until_on } = wanted;
    let id = Id::fresh();
    let command = Make { id, account, name, hash, ending, writes, permissions, until_on };
    let made = execute(visit.app.db(), &in_own_name(&visit.app, visit.actor()?), key, command).await?;
    Ok((made == id.uuid()).then_some(secret))
}

/// Makes a token with which a program of the visitor's reads what one permission shows, for a year at most.
///
/// # Errors
/// As [`Make`].
pub async fn make_to_read(visit: &Visit, key: Uuid, name: &str, permission: &str) -> Result<Option<String>, Problem> {
    let until_on = last_day(visit, LIFE_DAYS_MAX)?;
    let permissions = vec![permission.to_owned()];
    make(visit, key, Wanted { name: name.to_owned(), writes: false, permissions, until_on }).await
}

fn account_of(visit: &Visit) -> Result<Id<ids::Account>, Problem> {
    visit.actor()?.account.ok_or_else(|| Problem::internal("somebody signed in has an account"))
}

/// The last day of so many from today on.
fn last_day(visit: &Visit, days: i64) -> Result<Date, Problem> {
    visit.today().checked_add(days.days()).map_err(Problem::internal)
}

/// Ends every token of an account, within the command that closes it or gives it a temporary password.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn end_all(tx: &mut Tx, by: &Actor, account: Id<ids::Account>) -> Result<(), Problem> {
    let today = day_of(tx.now());
    for token in store::of(tx, account, today).await? {
        run(tx, by, Uuid::now_v7(), &Revoke { token: token.id, own: false, reason: None }).await?;
    }
    Ok(())
}
