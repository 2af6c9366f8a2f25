//! Accounts and rights (tài khoản, phân quyền): who may sign in, and who holds which role where and when.
//!
//! **Invariant:** a role is never given beyond the reach of who gives it (test `roles_are_granted_by_rule`).
//! **Invariant:** a unit keeps an administrator (tests `closing_keeps_an_administrator`, `ending_keeps_an_administrator`).

mod commands;
mod factor;
mod notices;
pub mod operator;
mod pages;
mod rule;
mod security;
mod sign_in;
mod single;
mod store;
#[cfg(test)]
mod tests;
mod trail;

use std::sync::Arc;

use jiff::civil::Date;
use vx_concepts::engine::{Command, run};
use vx_kernel::{Id, Path, Problem, ids, time::day_of};
use vx_platform::{
    Module,
    auth::{
        Account, AccountState, Actor,
        Breadth::Subtree,
        Permission,
        Role::{self, Admin, Chair, Office},
        end_sessions, hash_password,
    },
    jobs::{JobKind, Trigger},
    store::{Tx, Uuid},
    web::{Access, App, Nav, Route},
    words::Texts,
};

pub(crate) use pages::csv_line;

pub use factor::{
    ConfirmFactor, EndSessions, FactorFacts, ProposeFactor, RemoveFactor, RenewRecovery, ResetFactor, SetFactorRule,
};
pub use single::{LinkFacts, LinkSingle};
pub use trail::SEE;

pub use commands::{
    Amend, ChangePassword, Close, EndFacts, EndGrant, GrantFacts, GrantRole, Open, Reopen, ResetPassword, Standing,
    Unlock, is_login,
};

/// The permission to see accounts.
pub const READ: &str = "accounts.read";

const ADMINS: &[(Role, vx_platform::auth::Breadth)] = &[(Admin, Subtree)];
const READERS: &[(Role, vx_platform::auth::Breadth)] = &[(Admin, Subtree), (Chair, Subtree), (Office, Subtree)];

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    Module {
        name: "accounts",
        migrations: &[],
        permissions: &[
            Permission { name: READ, roles: READERS },
            Permission { name: Open::NAME, roles: ADMINS },
            Permission { name: Amend::NAME, roles: ADMINS },
            Permission { name: Close::NAME, roles: ADMINS },
            Permission { name: Reopen::NAME, roles: ADMINS },
            Permission { name: ResetPassword::NAME, roles: ADMINS },
            Permission { name: Unlock::NAME, roles: ADMINS },
            Permission { name: GrantRole::NAME, roles: ADMINS },
            Permission { name: EndGrant::NAME, roles: ADMINS },
            Permission { name: ResetFactor::NAME, roles: ADMINS },
            Permission { name: SetFactorRule::NAME, roles: ADMINS },
            Permission { name: EndSessions::NAME, roles: ADMINS },
            Permission { name: LinkSingle::NAME, roles: ADMINS },
            Permission { name: SEE, roles: ADMINS },
            // One's own password and second factor are nobody's role; see `in_own_name`.
            Permission { name: ChangePassword::NAME, roles: &[] },
            Permission { name: ProposeFactor::NAME, roles: &[] },
            Permission { name: ConfirmFactor::NAME, roles: &[] },
            Permission { name: RenewRecovery::NAME, roles: &[] },
            Permission { name: RemoveFactor::NAME, roles: &[] },
        ],
        routes,
        texts: Texts { vi: include_str!("../words/accounts.vi.ftl"), en: include_str!("../words/accounts.en.ftl") },
        nav: &[Nav { href: "/accounts", key: "accounts-nav", icon: "users", permission: READ, order: 80 }],
        notices: notices::NOTICES,
        jobs: &[JobKind {
            // Named after what it did first: rows of queues name it.
            name: "accounts.sweep",
            starts: Trigger::Every { mins: 60 },
            run: |app, _| Box::pin(async move { crate::retention::sweep(&app).await }),
        }],
    }
}

fn routes() -> Vec<Route> {
    vec![
        Route::get("/login", Access::Public, sign_in::login),
        Route::post("/login", Access::Guarded, sign_in::sign_in),
        Route::post("/logout", Access::SignedIn, sign_in::sign_out),
        Route::get("/prefer", Access::Public, sign_in::prefer),
        Route::get("/password", Access::SignedIn, sign_in::password),
        // The current password can be guessed here, hence the tighter limit; the handler asks who is signed in.
        Route::post("/password", Access::Guarded, sign_in::change_password),
        // Whoever owes the code has a session that opens nothing else; the handlers look for it.
        Route::get("/login/code", Access::Public, security::code),
        Route::post("/login/code", Access::Guarded, security::enter),
        // Before anybody is signed in: to the provider and back; what counts is in a cookie of the browser.
        Route::get("/login/single", Access::Public, single::leave),
        Route::get("/login/single/done", Access::Public, single::done),
        Route::get("/login/single/end", Access::Public, single::end),
        Route::get("/security", Access::SignedIn, security::overview),
        Route::get("/security/factor", Access::SignedIn, security::factor),
        // Password and code can be guessed here; the handlers ask who is signed in.
        Route::post("/security/factor/begin", Access::Guarded, security::begin),
        Route::post("/security/factor/confirm", Access::Guarded, security::confirm),
        Route::post("/security/factor/codes", Access::Guarded, security::renew),
        Route::post("/security/factor/remove", Access::Guarded, security::remove),
        // One's own devices and trail, whatever roles one holds.
        Route::post("/security/devices/others", Access::SignedIn, security::end_others),
        Route::post("/security/devices/{handle}/end", Access::SignedIn, security::end_one),
        Route::get("/security/tries", Access::SignedIn, trail::own_tries),
        Route::get("/security/readings", Access::SignedIn, trail::own_readings),
        Route::get("/accounts", Access::Needs(READ), pages::list),
        Route::get("/accounts.csv", Access::Needs(READ), pages::export),
        Route::get("/accounts/new", Access::Needs(Open::NAME), pages::new),
        Route::post("/accounts/new", Access::Needs(Open::NAME), pages::open),
        Route::get("/accounts/tries", Access::Needs(SEE), trail::within_tries),
        Route::get("/accounts/tries.csv", Access::Needs(SEE), trail::export_tries),
        Route::get("/accounts/readings", Access::Needs(SEE), trail::within_readings),
        Route::get("/accounts/factor-rule", Access::Needs(SetFactorRule::NAME), rule::show),
        Route::post("/accounts/factor-rule", Access::Needs(SetFactorRule::NAME), rule::set),
        Route::post("/accounts/{id}/reset-factor", Access::Needs(ResetFactor::NAME), pages::reset_factor),
        Route::post("/accounts/{id}/link-single", Access::Needs(LinkSingle::NAME), pages::link_single),
        Route::post("/accounts/{id}/end-sessions", Access::Needs(EndSessions::NAME), pages::end_sessions),
        Route::get("/accounts/{id}", Access::Needs(READ), pages::show),
        Route::post("/accounts/{id}/amend", Access::Needs(Amend::NAME), pages::amend),
        Route::post("/accounts/{id}/close", Access::Needs(Close::NAME), pages::close),
        Route::post("/accounts/{id}/reopen", Access::Needs(Reopen::NAME), pages::reopen),
        Route::post("/accounts/{id}/reset", Access::Needs(ResetPassword::NAME), pages::reset),
        Route::post("/accounts/{id}/unlock", Access::Needs(Unlock::NAME), pages::unlock),
        Route::post("/accounts/{id}/grant", Access::Needs(GrantRole::NAME), pages::grant),
        Route::post("/accounts/{id}/grants/{grant}/end", Access::Needs(EndGrant::NAME), pages::end_grant),
    ]
}

/// The person with the program's authority, for what everybody may do with their own account once they have proved
/// who they are. The journal names the person.
pub(crate) fn in_own_name(app: &App, person: &Actor) -> Actor {
    let mut by = Actor::system(&person.name, app.rights().clone());
    by.account = person.account;
    by
}

/// Which sessions of an account end with a command.
#[derive(Clone)]
pub(crate) enum Ends {
    /// All of them.
    All,
    /// All but that of a token.
    Others(Option<String>),
}

/// Runs a command about an account and ends sessions of it, all or nothing; its tokens too, when it is closed by now or
/// has a temporary password. Returns the account as it then is.
async fn run_and_end<C: Command>(
    app: &App,
    by: &Actor,
    key: Uuid,
    command: C,
    account: Id<ids::Account>,
    ends: Ends,
) -> Result<Account, Problem> {
    let shared = Arc::new((by.clone(), command, ends));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (by, command, ends) = &*shared;
                run(tx, by, key, command).await?;
                let but_token = match ends {
                    Ends::All => None,
                    Ends::Others(token) => token.as_deref(),
                };
                end_sessions(tx, account, but_token).await?;
                let after: Account = tx.load(account).await?;
                if after.state == AccountState::Closed || after.must_change {
                    crate::tokens::end_all(tx, by, account).await?;
                }
                Ok(after)
            })
        })
        .await
}

/// Closes an account, with who takes over its roles: those that still run are granted to them from today, in the same
/// transaction (bàn giao).
async fn close(
    app: &App,
    by: &Actor,
    key: Uuid,
    command: Close,
    successor: Option<Id<ids::Account>>,
) -> Result<(), Problem> {
    let shared = Arc::new((by.clone(), command));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (by, command) = &*shared;
                if successor == Some(command.account) {
                    return Err(Problem::refused("accounts.successor_self"));
                }
                let today = day_of(tx.now());
                let before: Account = tx.load(command.account).await?;
                if let Some(to) = successor.filter(|_| before.state == AccountState::Active) {
                    hand_roles_over(tx, by, command.account, to, today).await?;
                }
                run(tx, by, key, command).await?;
                end_sessions(tx, command.account, None).await?;
                crate::tokens::end_all(tx, by, command.account).await
            })
        })
        .await
}

/// Grants somebody what another holds from today on and they do not hold yet. What is held as deputy is not handed over:
/// the person stood in for decides about that.
async fn hand_roles_over(
    tx: &mut Tx,
    by: &Actor,
    from: Id<ids::Account>,
    to: Id<ids::Account>,
    today: Date,
) -> Result<(), Problem> {
    let theirs = store::grants_of(tx, to, Some(today)).await?;
    for held in store::grants_of(tx, from, Some(today)).await? {
        let has = |grant: &vx_platform::auth::Grant| {
            grant.role == held.role && grant.path == held.path && grant.deputy_for.is_none()
        };
        if held.deputy_for.is_some() || theirs.iter().any(has) {
            continue;
        }
        let grant = GrantRole {
            id: Id::fresh(),
            account: to,
            role: held.role,
            path: held.path.clone(),
            from_on: held.from_on.max(today),
            until_on: held.until_on,
            deputy_for: None,
        };
        run(tx, by, Uuid::now_v7(), &grant).await?;
    }
    Ok(())
}

/// Whether somebody can administer today.
///
/// # Errors
/// When the database is away.
pub async fn has_admin(app: &App) -> Result<bool, Problem> {
    let mut conn = app.db().read().await?;
    Ok(!store::admins(&mut conn, day_of(app.clock().now())).await?.is_empty())
}

/// Opens the first administrator's account, for the whole system, from the command line.
///
/// The password is the operator's own choice, so it is not a temporary one.
///
/// # Errors
/// `accounts.admin_exists` when somebody can already administer and `forced` is not set; `accounts.password_too_short`;
/// what opening an account refuses.
pub async fn create_first_admin(
    app: &App,
    login: &str,
    name: &str,
    password: String,
    forced: bool,
) -> Result<Id<ids::Account>, Problem> {
    let open = Open {
        id: Id::fresh(),
        login: login.trim().to_lowercase(),
        name: name.to_owned(),
        title: app.words().say(vx_kernel::time::Lang::Vi, "role-admin", &[]),
        path: Path::root(),
        // Forms trim what is typed, so a password with a space at its edge could never be entered again.
        password: hash_password(password.trim().to_owned()).await?,
        must_change: false,
        until_on: None,
    };
    let shared = Arc::new((Actor::system("Vùng Xanh", app.rights().clone()), open));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (by, open) = &*shared;
                let today = day_of(tx.now());
                if !forced && !store::admins(tx, today).await?.is_empty() {
                    return Err(Problem::refused("accounts.admin_exists"));
                }
                open_with_grants(tx, by, open, &[(Admin, Path::root())], today).await
            })
        })
        .await
}

async fn open_with_grants(
    tx: &mut Tx,
    by: &Actor,
    open: &Open,
    grants: &[(Role, Path)],
    from_on: Date,
) -> Result<Id<ids::Account>, Problem> {
    run(tx, by, Uuid::now_v7(), open).await?;
    for (role, path) in grants {
        let grant = GrantRole {
            id: Id::fresh(),
            account: open.id,
            role: *role,
            path: path.clone(),
            from_on,
            until_on: None,
            deputy_for: None,
        };
        run(tx, by, Uuid::now_v7(), &grant).await?;
    }
    Ok(open.id)
}

/// An account of the demo.
#[derive(Clone, Debug)]
pub struct DemoAccount<'a> {
    /// Name to sign in with.
    pub login: &'a str,
    /// The (synthetic) person's name.
    pub name: &'a str,
    /// Post.
    pub title: &'a str,
    /// Home unit.
    pub path: &'a Path,
    /// Argon2id hash of the demo's password, made once for all accounts.
    pub password_hash: &'a str,
    /// Roles and where they hold, open-ended.
    pub grants: &'a [(Role, Path)],
    /// First day of the roles.
    pub from_on: Date,
}

/// Opens an account of the demo with its roles, in a transaction that is already open. `by` is the program itself.
///
/// # Errors
/// What opening an account or granting a role refuses.
pub async fn open_demo_account(tx: &mut Tx, by: &Actor, demo: &DemoAccount<'_>) -> Result<Id<ids::Account>, Problem> {
    let open = Open {
        id: Id::fresh(),
        login: demo.login.to_owned(),
        name: demo.name.to_owned(),
        title: demo.title.to_owned(),
        path: demo.path.clone(),
        password: demo.password_hash.to_owned(),
        must_change: false,
        until_on: None,
    };
    open_with_grants(tx, by, &open, demo.grants, demo.from_on).await
}
