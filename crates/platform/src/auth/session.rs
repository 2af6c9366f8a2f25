//! Sessions live on the server; the browser holds a random token, the database its hash.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use vx_kernel::{Id, Problem, ProblemKind, ids, time::day_of};

use super::{
    Account, AccountState, Actor, Authority, FactorState, Held, Outcome, Proof, Rights, Role, factor_of, factor_rules,
    must_have_factor, random_token, tries::note, verify_password,
};
use crate::{
    journal, params,
    store::{Conn, Db, Record, SavedFields, Sql, Tx, Value, migrate::hex},
};

/// A session unused for this long is over.
const IDLE: SignedDuration = SignedDuration::from_hours(12);
/// A session is over after this long however much it is used.
const LIFE: SignedDuration = SignedDuration::from_hours(24 * 7);
/// How long one may look for one's telephone between the password and the code.
const CODE_WITHIN: SignedDuration = SignedDuration::from_mins(10);
/// How stale "last seen" may get before it is written again.
const SEEN_EVERY: SignedDuration = SignedDuration::from_mins(5);
/// Wrong passwords and codes in a row before an account is locked.
const FAILURES_MAX: i64 = 5;
/// How long it is locked.
const LOCKED_FOR: SignedDuration = SignedDuration::from_mins(15);
/// Longest description of a browser that is kept, in characters.
const AGENT_MAX: usize = 200;
/// Sessions of one account that are listed at the most; nobody has so many devices.
const OPEN_MAX: i64 = 200;

/// From where somebody signs in.
#[derive(Clone, Debug, Default)]
pub struct Device {
    /// What the browser says it is.
    pub agent: String,
    /// The caller's address.
    pub address: String,
}

impl Device {
    /// From what came with a request; of a long description only the beginning is kept.
    #[must_use]
    pub fn new(agent: &str, address: &str) -> Self {
        Self { agent: agent.chars().take(AGENT_MAX).collect(), address: address.to_owned() }
    }
}

impl From<&str> for Device {
    fn from(agent: &str) -> Self {
        Self::new(agent, "")
    }
}

/// A successful sign-in, or its first half.
#[derive(Debug)]
pub struct SignIn {
    /// To put into the cookie.
    pub token: String,
    /// Whether the password must be changed first.
    pub must_change: bool,
    /// Whether the code of the second factor is still owed; until then the session opens nothing.
    pub owes_code: bool,
}

/// Who is signed in, for one request.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The person with the grants of today; without any while the code is owed.
    pub actor: Actor,
    /// The account.
    pub account: Id<ids::Account>,
    /// What forms of this session carry.
    pub csrf: String,
    /// Whether the password must be changed before anything else.
    pub must_change: bool,
    /// Whether the code of the second factor must be given before anything else.
    pub owes_code: bool,
    /// Whether a second factor must be set up before anything else.
    pub owes_factor: bool,
}

/// A session that is not over, as its owner sees it.
#[derive(Clone, Debug)]
pub struct OpenSession {
    /// By what it can be ended: the hash of its token, in hexadecimal, from which nobody gets the token.
    pub handle: String,
    /// From where it was opened.
    pub device: Device,
    /// When.
    pub started_at: Timestamp,
    /// When it was used last, to within five minutes.
    pub seen_at: Timestamp,
    /// Whether it is the one that asks.
    pub is_this: bool,
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

fn wrong() -> Problem {
    Problem::new(ProblemKind::Unauthenticated, "accounts.sign_in_wrong")
}

fn locked(until: Timestamp) -> Problem {
    Problem::new(ProblemKind::TooMany, "accounts.locked").with("until", until)
}

/// The account after one more failure, and whether that locked it.
fn failed(account: &Account, now: Timestamp) -> (Account, bool) {
    let failures = account.failures + 1;
    if failures < FAILURES_MAX {
        return (Account { failures, ..account.clone() }, false);
    }
    (Account { failures: 0, locked_until: now.checked_add(LOCKED_FOR).ok(), ..account.clone() }, true)
}

/// Saves what signing in changed on a record, with its line of the journal.
async fn keep<R: Record + PartialEq>(
    tx: &mut Tx,
    account: &Account,
    before: &R,
    after: &R,
    verb: &str,
) -> Result<(), Problem> {
    if after != before {
        tx.save(after).await?;
    }
    let by = Authority { account: Some(account.id), name: account.name.clone(), on_behalf_of: None };
    let changed = SavedFields::between(Some(before), after)?;
    journal::write(tx, &by, verb, after, account.id.uuid(), None, &changed)
}

/// Notes that an account was used.
async fn note_use(tx: &mut Tx, account: Id<ids::Account>) -> Result<(), Problem> {
    let sql = "insert into account_use (tenant, account, at) values ($1, $2, $3)
               on conflict (tenant, account) do update set at = excluded.at";
    tx.change(Sql::with(sql, params![tx.tenant(), account, tx.now()])).await.map(drop)
}

/// What became of a password.
enum Answer {
    In { must_change: bool, owes_code: bool },
    Wrong,
    Locked(Timestamp),
    Over,
}

/// Signs in with name and password. Five wrong passwords or codes lock the account for a quarter of an hour.
///
/// Who has a second factor is signed in by [`enter_code`] only.
///
/// # Errors
/// `accounts.sign_in_wrong` without saying which of the two is wrong; `accounts.locked` with the time;
/// `accounts.over` when the last day of the account is over.
pub async fn sign_in(db: &Db, login: &str, password: String, device: impl Into<Device>) -> Result<SignIn, Problem> {
    let (login, device) = (login.trim().to_lowercase(), device.into());
    let found = account_of(&mut db.read().await?, &login).await?;
    let usable = found.as_ref().filter(|account| account.state == AccountState::Active);
    let verified = usable.map(|account| account.password.clone());
    let fits = verify_password(password, verified.clone()).await?;
    let (token, csrf) = (random_token(), random_token());
    let known = found.map(|account| account.id);
    let hash = hash_of(&token);
    let answer = db.write(move |tx| {
        let (hash, csrf, device, verified) = (hash.clone(), csrf.clone(), device.clone(), verified.clone());
        Box::pin(async move {
            let Some(id) = known else {
                note(tx, None, Outcome::UnknownName, &device);
                return Ok(Answer::Wrong);
            };
            let before: Account = tx.load(id).await?;
            // Closed, or given another password, while this one was being checked.
            let fits = fits && verified.as_ref() == Some(&before.password);
            let proof = if fits { Shown::Password } else { Shown::Nothing };
            shown(tx, before, proof, &hash, &csrf, &device).await
        })
    });
    signed_in(token, answer.await?)
}

/// Signs in whom the sign-on provider has proved: as [`sign_in`], without a password. A second factor is asked for all
/// the same.
///
/// # Errors
/// As [`sign_in`].
pub async fn sign_in_proved(db: &Db, account: Id<ids::Account>, device: Device) -> Result<SignIn, Problem> {
    let (token, csrf) = (random_token(), random_token());
    let hash = hash_of(&token);
    let answer = db.write(move |tx| {
        let (hash, csrf, device) = (hash.clone(), csrf.clone(), device.clone());
        Box::pin(async move {
            let before: Account = tx.load(account).await?;
            shown(tx, before, Shown::Provider, &hash, &csrf, &device).await
        })
    });
    signed_in(token, answer.await?)
}

fn signed_in(token: String, answer: Answer) -> Result<SignIn, Problem> {
    match answer {
        Answer::In { must_change, owes_code } => Ok(SignIn { token, must_change, owes_code }),
        Answer::Wrong => Err(wrong()),
        Answer::Locked(until) => Err(locked(until)),
        Answer::Over => Err(Problem::new(ProblemKind::Unauthenticated, "accounts.over")),
    }
}

/// By what somebody has shown who they are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Nothing,
    Password,
    Provider,
}

async fn shown(
    tx: &mut Tx,
    before: Account,
    proof: Shown,
    hash: &[u8],
    csrf: &str,
    device: &Device,
) -> Result<Answer, Problem> {
    let now = tx.now();
    if before.state != AccountState::Active {
        note(tx, Some(&before), Outcome::Closed, device);
        return Ok(Answer::Wrong);
    }
    if let Some(until) = before.locked_until.filter(|until| *until > now) {
        note(tx, Some(&before), Outcome::WhileLocked, device);
        return Ok(Answer::Locked(until));
    }
    if proof == Shown::Nothing {
        let (after, locks) = failed(&before, now);
        keep(tx, &after, &before, &after, "accounts.sign_in_failed").await?;
        note(tx, Some(&after), Outcome::WrongPassword, device);
        if locks {
            note(tx, Some(&after), Outcome::LockedOut, device);
        }
        return Ok(Answer::Wrong);
    }
    if before.is_over(day_of(now)) {
        note(tx, Some(&before), Outcome::Over, device);
        return Ok(Answer::Over);
    }
    let by_provider = proof == Shown::Provider;
    let owes_code = factor_of(tx, before.id).await?.is_some_and(|factor| factor.holds());
    if owes_code {
        // The failures are counted on: who knows the password could otherwise try codes without end.
        keep(tx, &before, &before, &before, "accounts.sign_in_password").await?;
        note(tx, Some(&before), Outcome::CodeAsked, device);
    } else {
        let after = Account { failures: 0, locked_until: None, ..before.clone() };
        keep(tx, &after, &before, &after, "accounts.sign_in").await?;
        let outcome = if by_provider { Outcome::SingleSignOn } else { Outcome::SignedIn };
        note(tx, Some(&after), outcome, device);
        note_use(tx, before.id).await?;
    }
    let expires = now.checked_add(if owes_code { CODE_WITHIN } else { LIFE }).map_err(Problem::internal)?;
    let hash = Value::Bytes(Some(hash.to_vec()));
    tx.change(Sql::with(
        "insert into session (tenant, token_hash, account, csrf, device, address, owes_code, by_provider, started_at,
                              seen_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        params![
            tx.tenant(),
            hash,
            before.id,
            csrf,
            device.agent.clone(),
            device.address.clone(),
            owes_code,
            by_provider,
            now,
            now,
            expires
        ],
    ))
    .await?;
    Ok(Answer::In { must_change: before.must_change && !by_provider, owes_code })
}

/// What became of a code.
enum Entered {
    In,
    Wrong,
    Locked(Timestamp),
    Gone,
}

/// Gives the code, or a recovery code, that the session of a token owes. Wrong codes count with wrong passwords, and
/// the one that locks ends the session.
///
/// # Errors
/// `accounts.code_wrong`; `accounts.locked` with the time; `unauthenticated` when there is no such session any more.
pub async fn enter_code(db: &Db, token: &str, code: &str, device: Device) -> Result<(), Problem> {
    let (hash, code) = (hash_of(token), code.to_owned());
    let entered = db.write(move |tx| {
        let (hash, code, device) = (hash.clone(), code.clone(), device.clone());
        Box::pin(async move { code_entered(tx, hash, &code, &device).await })
    });
    match entered.await? {
        Entered::In => Ok(()),
        Entered::Wrong => Err(Problem::refused("accounts.code_wrong")),
        Entered::Locked(until) => Err(locked(until)),
        Entered::Gone => Err(Problem::new(ProblemKind::Unauthenticated, "unauthenticated")),
    }
}

async fn code_entered(tx: &mut Tx, hash: Vec<u8>, code: &str, device: &Device) -> Result<Entered, Problem> {
    let now = tx.now();
    let sql =
        "select account from session where tenant = $1 and token_hash = $2 and owes_code = $3 and expires_at >= $4";
    let Some(row) = tx.row(Sql::with(sql, params![tx.tenant(), hash.clone(), true, now])).await? else {
        return Ok(Entered::Gone);
    };
    let before: Account = tx.load(row.get::<Id<ids::Account>>("account")?).await?;
    let end = "delete from session where tenant = $1 and account = $2 and owes_code = $3";
    if let Some(until) = before.locked_until.filter(|until| *until > now) {
        tx.change(Sql::with(end, params![tx.tenant(), before.id, true])).await?;
        note(tx, Some(&before), Outcome::WhileLocked, device);
        return Ok(Entered::Locked(until));
    }
    // Removed meanwhile: an administrator ends the sessions with it.
    let Some(factor) = factor_of(tx, before.id).await?.filter(|factor| factor.state == FactorState::Confirmed) else {
        return Ok(Entered::Gone);
    };
    let (taken, verb, outcome) = match factor.take(code, tx.outside()) {
        Some(Proof::Code(taken)) => (taken, "accounts.sign_in", Outcome::SignedIn),
        Some(Proof::Recovery(taken)) => (taken, "accounts.sign_in_recovery", Outcome::Recovery),
        None => {
            let (after, locks) = failed(&before, now);
            keep(tx, &after, &before, &after, "accounts.sign_in_code_failed").await?;
            note(tx, Some(&after), Outcome::WrongCode, device);
            let Some(until) = after.locked_until.filter(|_| locks) else { return Ok(Entered::Wrong) };
            note(tx, Some(&after), Outcome::LockedOut, device);
            tx.change(Sql::with(end, params![tx.tenant(), before.id, true])).await?;
            return Ok(Entered::Locked(until));
        }
    };
    let after = Account { failures: 0, locked_until: None, ..before.clone() };
    if after != before {
        tx.save(&after).await?;
    }
    keep(tx, &after, &factor, &*taken, verb).await?;
    note(tx, Some(&after), outcome, device);
    note_use(tx, before.id).await?;
    let expires = now.checked_add(LIFE).map_err(Problem::internal)?;
    let sql = "update session set owes_code = $1, seen_at = $2, expires_at = $3 where tenant = $4 and token_hash = $5";
    tx.change(Sql::with(sql, params![false, now, expires, tx.tenant(), hash])).await?;
    Ok(Entered::In)
}

/// Who holds a token, with the grants of the day of `now`. `None` when nobody does any more.
///
/// # Errors
/// When the database is away.
pub async fn lookup(db: &Db, rights: &Arc<Rights>, token: &str, now: Timestamp) -> Result<Option<Signed>, Problem> {
    let Some((signed, idle)) = looked_up(db, rights, token, now).await? else { return Ok(None) };
    if idle > SEEN_EVERY && !signed.owes_code {
        let hash = hash_of(token);
        db.write(move |tx| {
            let hash = hash.clone();
            Box::pin(async move {
                let sql = "update session set seen_at = $1 where tenant = $2 and token_hash = $3";
                tx.change(Sql::with(sql, params![tx.now(), tx.tenant(), hash])).await.map(drop)
            })
        })
        .await?;
    }
    Ok(Some(signed))
}

/// As [`lookup`], without counting as a use of the session: for what a page left open asks by itself.
///
/// # Errors
/// When the database is away.
pub async fn look(db: &Db, rights: &Arc<Rights>, token: &str, now: Timestamp) -> Result<Option<Signed>, Problem> {
    Ok(looked_up(db, rights, token, now).await?.map(|(signed, _)| signed))
}

async fn looked_up(
    db: &Db,
    rights: &Arc<Rights>,
    token: &str,
    now: Timestamp,
) -> Result<Option<(Signed, SignedDuration)>, Problem> {
    let mut conn = db.read().await?;
    let hash = hash_of(token);
    let sql = Sql::with(
        "select s.account, s.csrf, s.seen_at, s.expires_at, s.owes_code, s.by_provider, a.state, a.name, a.title, a.must_change,
                a.until_on, f.state as factor
         from session s join account a on a.tenant = s.tenant and a.id = s.account
         left join second_factor f on f.tenant = s.tenant and f.account = s.account
         where s.tenant = $1 and s.token_hash = $2",
        params![conn.tenant(), hash.clone()],
    );
    let Some(row) = conn.row(sql).await? else { return Ok(None) };
    let (seen, expires): (Timestamp, Timestamp) = (row.get("seen_at")?, row.get("expires_at")?);
    let idle = now.duration_since(seen);
    let is_over = row.find::<jiff::civil::Date>("until_on")?.is_some_and(|until| until < day_of(now));
    if now > expires || idle > IDLE || is_over || row.get::<AccountState>("state")? != AccountState::Active {
        return Ok(None);
    }
    let account: Id<ids::Account> = row.get("account")?;
    let owes_code: bool = row.get("owes_code")?;
    let held = if owes_code { Vec::new() } else { held_by(&mut conn, account, now).await? };
    let has_factor = row.find::<FactorState>("factor")? == Some(FactorState::Confirmed);
    let owes_factor = !has_factor && !owes_code && {
        let rules = factor_rules(&mut conn).await?;
        held.iter().any(|held| must_have_factor(&rules, held.role, &held.path, day_of(now)))
    };
    let (name, title): (String, String) = (row.get("name")?, row.get("title")?);
    let actor = Actor { account: Some(account), name, title, held, rights: rights.clone() };
    let must_change = row.get::<bool>("must_change")? && !row.get::<bool>("by_provider")?;
    let csrf = row.get("csrf")?;
    Ok(Some((Signed { actor, account, csrf, must_change, owes_code, owes_factor }, idle)))
}

/// Who an account is today, with the grants of the day, for what the program does in their name later: `None` when the
/// account was closed or its last day is over. By its id, or by its name to sign in with.
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
    let sql = Sql::new("select id, name, title, until_on from account where tenant = ").bind(conn.tenant());
    let sql = match account {
        Ok(id) => sql.sql(" and id = ").bind(id),
        Err(login) => sql.sql(" and login = ").bind(login.trim().to_lowercase()),
    };
    let Some(row) = conn.row(sql.sql(" and state = ").bind(AccountState::Active)).await? else { return Ok(None) };
    if row.find::<jiff::civil::Date>("until_on")?.is_some_and(|until| until < day_of(now)) {
        return Ok(None);
    }
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

/// Ends one session of an account, by its handle, within a command that says so.
///
/// # Errors
/// `not_found` when the account has no such session.
pub async fn end_session(tx: &mut Tx, account: Id<ids::Account>, handle: &str) -> Result<(), Problem> {
    let sql =
        Sql::with("select token_hash from session where tenant = $1 and account = $2", params![tx.tenant(), account]);
    for row in tx.rows(sql).await? {
        let hash: Vec<u8> = row.get("token_hash")?;
        if hex(&hash) == handle {
            let sql = "delete from session where tenant = $1 and token_hash = $2";
            return tx.change(Sql::with(sql, params![tx.tenant(), hash])).await.map(drop);
        }
    }
    Err(Problem::not_found())
}

/// The sessions of an account that are not over, the one used last first. `token` is that of who asks.
///
/// # Errors
/// When the database is away.
pub async fn open_sessions(
    conn: &mut Conn,
    account: Id<ids::Account>,
    token: Option<&str>,
    now: Timestamp,
) -> Result<Vec<OpenSession>, Problem> {
    let since = now.checked_sub(IDLE).map_err(Problem::internal)?;
    let this = token.map(hash_of);
    let sql = Sql::with(
        "select token_hash, device, address, started_at, seen_at from session
         where tenant = $1 and account = $2 and owes_code = $3 and expires_at >= $4 and seen_at >= $5
         order by seen_at desc, token_hash limit $6",
        params![conn.tenant(), account, false, now, since, OPEN_MAX],
    );
    let rows = conn.rows(sql).await?;
    let open = rows.iter().map(|row| {
        let hash: Vec<u8> = row.get("token_hash")?;
        Ok(OpenSession {
            handle: hex(&hash),
            device: Device { agent: row.get("device")?, address: row.get("address")? },
            started_at: row.get("started_at")?,
            seen_at: row.get("seen_at")?,
            is_this: this.as_ref() == Some(&hash),
        })
    });
    open.collect()
}
