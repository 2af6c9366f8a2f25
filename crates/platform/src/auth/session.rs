//! Sessions live on the server; the browser holds a random token, the database its hash.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use vx_kernel::{Id, Problem, ProblemKind, ids, time::day_of};

use super::{Account, AccountState, Actor, Authority, Held, Rights, Role, random_token, verify_password};
use crate::{
    journal, params,
    store::{Conn, Db, Record as _, SavedFields, Sql, Tx, Value},
};

/// A session unused for this long is over.
const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// A session is over after this long however much it is used.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How stale "last seen" may get before it is written again.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// Wrong passwords in a row before an account is locked.
const FAILURES_MAX: i64 = 5;
/// How long it is locked.
const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(15);

/// A successful sign-in.
#[derive(Debug)]
pub struct SignIn {
    /// To put into the cookie.
    pub token: String,
    /// Whether the password must be changed first.
    pub must_change: bool,
}

/// Who is signed in, for one request.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The person with the grants of today.
    pub actor: Actor,
    /// The account.
    pub account: Id<ids::Account>,
    /// What forms of this session carry.
    pub csrf: String,
    /// Whether the password must be changed before anything else.
    pub must_change: bool,
}

pub(super) fn hash_of(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

async fn account_of(conn: &mut Conn, login: &str) -> Result<Option<Account>, Problem> {
    let sql = Sql::with("select id from account where tenant = $1 and login = $2", params![conn.tenant(), login]);
    match conn.row(sql).await? {
        Some(row) => conn.load(row.get::<Id<ids::Account>>("id")?).await.map(Some),
        None => Ok(None),
    }
}

/// Signs in with name and password. Five wrong passwords lock the account for a quarter of an hour.
///
/// # Errors
/// `accounts.sign_in_wrong` without saying which of the two is wrong; `accounts.locked` with the time.
pub async fn sign_in(db: &Db, login: &str, password: String, device: &str) -> Result<SignIn, Problem> {
    let login = login.trim().to_lowercase();
    let found = account_of(&mut db.read().await?, &login).await?;
    let usable = found.as_ref().filter(|account| account.state == AccountState::Active);
    let fits = verify_password(password, usable.map(|account| account.password.clone())).await?;
    let wrong = || Problem::new(ProblemKind::Unauthenticated, "accounts.sign_in_wrong");
    let verified = usable.map(|account| account.password.clone());
    let id = usable.map(|account| account.id).ok_or_else(wrong)?;
    let device: String = device.chars().take(200).collect();
    let (token, csrf) = (random_token(), random_token());
    let hash = hash_of(&token);
    let outcome = db
        .write(move |tx| {
            let (hash, csrf, device, verified) = (hash.clone(), csrf.clone(), device.clone(), verified.clone());
            Box::pin(async move {
                let before: Account = tx.load(id).await?;
                // Closed, or given another password, while this one was being checked.
                let fits = fits && before.state == AccountState::Active && verified.as_ref() == Some(&before.password);
                let now = tx.now();
                if let Some(until) = before.locked_until.filter(|until| *until > now) {
                    return Ok(Err(until));
                }
                let mut after = before.clone();
                let verb = if fits {
                    after.failures = 0;
                    after.locked_until = None;
                    "accounts.sign_in"
                } else {
                    after.failures += 1;
                    if after.failures >= FAILURES_MAX {
                        after.failures = 0;
                        after.locked_until = now.checked_add(LOCKED_FOR).ok();
                    }
                    "accounts.sign_in_failed"
                };
                if after != before {
                    tx.save(&after).await?;
                }
                let by = Authority { account: Some(id), name: after.name.clone(), on_behalf_of: None };
                let changed = SavedFields::between(Some(&before), &after)?;
                journal::write(tx, &by, verb, &after, after.uuid(), None, &changed)?;
                if fits {
                    let expires = now.checked_add(LIFE).map_err(Problem::internal)?;
                    tx.change(Sql::with(
                        "insert into session (tenant, token_hash, account, csrf, device, started_at, seen_at, expires_at)
                         values ($1, $2, $3, $4, $5, $6, $7, $8)",
                        params![tx.tenant(), hash, id, csrf, device, now, now, expires],
                    ))
                    .await?;
                }
                Ok(Ok(fits.then_some(after.must_change)))
            })
        })
        .await?;
    match outcome {
        Err(until) => Err(Problem::new(ProblemKind::TooMany, "accounts.locked").with("until", until)),
        Ok(Some(must_change)) => Ok(SignIn { token, must_change }),
        Ok(None) => Err(wrong()),
    }
}

/// Who holds a token, with the grants of the day of `now`. `None` when nobody does any more.
///
/// # Errors
/// When the database is away.
pub async fn lookup(db: &Db, rights: &Arc<Rights>, token: &str, now: Timestamp) -> Result<Option<Signed>, Problem> {
    let mut conn = db.read().await?;
    let hash = hash_of(token);
    let sql = Sql::with(
        "select s.account, s.csrf, s.seen_at, s.expires_at, a.state, a.name, a.title, a.must_change
         from session s join account a on a.tenant = s.tenant and a.id = s.account
         where s.tenant = $1 and s.token_hash = $2",
        params![conn.tenant(), hash.clone()],
    );
    let Some(row) = conn.row(sql).await? else { return Ok(None) };
    let (seen, expires): (Timestamp, Timestamp) = (row.get("seen_at")?, row.get("expires_at")?);
    let idle = now.duration_since(seen);
    if now > expires || idle > IDLE || row.get::<AccountState>("state")? != AccountState::Active {
        return Ok(None);
    }
    let account: Id<ids::Account> = row.get("account")?;
    let held = held_by(&mut conn, account, now).await?;
    if idle > SEEN_EVERY {
        db.write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move {
                let sql = "update session set seen_at = $1 where tenant = $2 and token_hash = $3";
                tx.change(Sql::with(sql, params![tx.now(), tx.tenant(), hash])).await.map(drop)
            })
        })
        .await?;
    }
    let (name, title): (String, String) = (row.get("name")?, row.get("title")?);
    let actor = Actor { account: Some(account), name, title, held, rights: rights.clone() };
    Ok(Some(Signed { actor, account, csrf: row.get("csrf")?, must_change: row.get("must_change")? }))
}

/// Who an account is today, with the grants of the day, for what the program does in their name later: `None` when the
/// account was closed. By its id, or by its name to sign in with.
///
/// # Errors
/// When the database is away.
pub async fn actor_of(
    db: &Db,
    rights: &Arc<Rights>,
    account: Result<Id<ids::Account>, &str>,
    now: Timestamp,
) -> Result<Option<Actor>, Problem> {
    let mut conn = db.read().await?;
    let sql = Sql::new("select id, name, title from account where tenant = ").bind(conn.tenant());
    let sql = match account {
        Ok(id) => sql.sql(" and id = ").bind(id),
        Err(login) => sql.sql(" and login = ").bind(login.trim().to_lowercase()),
    };
    let Some(row) = conn.row(sql.sql(" and state = ").bind(AccountState::Active)).await? else { return Ok(None) };
    let id: Id<ids::Account> = row.get("id")?;
    let held = held_by(&mut conn, id, now).await?;
    let (name, title) = (row.get("name")?, row.get("title")?);
    Ok(Some(Actor { account: Some(id), name, title, held, rights: rights.clone() }))
}

pub(super) async fn held_by(conn: &mut Conn, account: Id<ids::Account>, now: Timestamp) -> Result<Vec<Held>, Problem> {
    let today = day_of(now);
    let sql = Sql::with(
        "select g.role, g.path, d.name as deputy_for from role_grant g
         left join account d on d.tenant = g.tenant and d.id = g.deputy_for
         where g.tenant = $1 and g.account = $2 and g.from_on <= $3 and (g.until_on is null or g.until_on >= $4)
         order by g.id limit 100",
        params![conn.tenant(), account, today, today],
    );
    let mut held = Vec::new();
    for row in conn.rows(sql).await? {
        let role: Role = row.get("role")?;
        // The program's own role cannot be granted; a row that says so was not written by a command.
        if role != Role::System {
            held.push(Held { role, path: row.get("path")?, deputy_for: row.find("deputy_for")? });
        }
    }
    Ok(held)
}

/// Ends the session of a token.
///
/// # Errors
/// When the database is away.
pub async fn sign_out(db: &Db, token: &str) -> Result<(), Problem> {
    let hash = hash_of(token);
    db.write(move |tx| {
        let hash = hash.clone();
        Box::pin(async move {
            let sql = "delete from session where tenant = $1 and token_hash = $2";
            tx.change(Sql::with(sql, params![tx.tenant(), hash])).await.map(drop)
        })
    })
    .await
}

/// Ends every session of an account, within a command that closes it or changes its password.
///
/// # Errors
/// When the database refuses.
pub async fn end_sessions(tx: &mut Tx, account: Id<ids::Account>, but_token: Option<&str>) -> Result<(), Problem> {
    let keep = but_token.map(hash_of).map_or(Value::Bytes(Some(Vec::new())), |hash| Value::Bytes(Some(hash)));
    let sql = "delete from session where tenant = $1 and account = $2 and token_hash <> $3";
    tx.change(Sql::with(sql, params![tx.tenant(), account, keep])).await.map(drop)
}
