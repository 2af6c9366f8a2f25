//! Accounts and rights (tài khoản, phân quyền): who may sign in, and who holds which role where and when.
//!
//! **Invariant:** a role is never given beyond the reach of who gives it (test `roles_are_granted_by_rule`).
//! **Invariant:** a unit keeps an administrator (tests `closing_keeps_an_administrator`, `ending_keeps_an_administrator`).

mod commands;
pub mod operator;
mod pages;
mod sign_in;
mod store;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use jiff::{SignedDuration, civil::Date};
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
    params,
    store::{Sql, Tx, Uuid},
    web::{Access, App, Nav, Route},
    words::Texts,
};

pub use commands::{
    Amend, ChangePassword, Close, EndFacts, EndGrant, GrantFacts, GrantRole, Open, Reopen, ResetPassword, Standing,
    Unlock, is_login,
};

/// The permission to see accounts.
pub const READ: &str = "accounts.read";

/// How long an answered request is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24 * 7);

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
            // One's own password is nobody's role; see `in_own_name`.
            Permission { name: ChangePassword::NAME, roles: &[] },
        ],
        routes,
        texts: Texts { vi: include_str!("../words/accounts.vi.ftl"), en: include_str!("../words/accounts.en.ftl") },
        nav: &[Nav { href: "/accounts", key: "accounts-nav", icon: "users", permission: READ, order: 80 }],
        jobs: &[JobKind {
            name: "accounts.sweep",
            starts: Trigger::Every { mins: 60 },
            run: |app, _| Box::pin(async move { sweep(&app).await }),
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
        Route::get("/accounts", Access::Needs(READ), pages::list),
        Route::get("/accounts.csv", Access::Needs(READ), pages::export),
        Route::get("/accounts/new", Access::Needs(Open::NAME), pages::new),
        Route::post("/accounts/new", Access::Needs(Open::NAME), pages::open),
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

/// Runs a command on an account and ends its sessions but one, all or nothing; its tokens too, when it is closed by now
/// or has a temporary password. Returns the account as it then is.
async fn run_and_end_sessions<C: Command>(
    app: &App,
    by: &Actor,
    key: Uuid,
    command: C,
    account: Id<ids::Account>,
    but_token: Option<String>,
) -> Result<Account, Problem> {
    let shared = Arc::new((by.clone(), command, but_token));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (by, command, but_token) = &*shared;
                run(tx, by, key, command).await?;
                end_sessions(tx, account, but_token.as_deref()).await?;
                let after: Account = tx.load(account).await?;
                if after.state == AccountState::Closed || after.must_change {
                    crate::tokens::end_all(tx, by, account).await?;
                }
                Ok(after)
            })
        })
        .await
}

/// Deletes sessions that are over and answers that nobody asks for again.
async fn sweep(app: &App) -> Result<(), Problem> {
    app.db()
        .write(|tx| {
            Box::pin(async move {
                let now = tx.now();
                let sql = "delete from session where tenant = $1 and expires_at < $2";
                tx.change(Sql::with(sql, params![tx.tenant(), now])).await?;
                let before = now.checked_sub(REMEMBERED).map_err(Problem::internal)?;
                let sql = "delete from idempotency where tenant = $1 and at < $2";
                tx.change(Sql::with(sql, params![tx.tenant(), before])).await.map(drop)
            })
        })
        .await
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
    };
    open_with_grants(tx, by, &open, demo.grants, demo.from_on).await
}
