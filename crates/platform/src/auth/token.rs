//! Tokens (mã truy cập): secrets with which a person's own programs speak for them.
//!
//! **Invariant:** a token can do at most what its person can do on that day, and of that only what its scope names: it
//! carries the person's grants over a narrower rights table.

use std::sync::Arc;

use jiff::{Timestamp, civil::Date};
use vx_kernel::{Id, Problem, ids, time::day_of};

use super::{AccountState, Actor, Rights, random_token, session::hash_of, session::held_by};
use crate::{
    params, record,
    store::{Db, Sql},
};

record! {
    /// A token (mã truy cập). `path` is the home unit of the account.
    pub struct Token[ids::Token] in "api_token" {
        /// Whose it is.
        pub account: Id<ids::Account>,
        /// What it is for, in the person's words.
        pub name: String,
        /// SHA-256 of the secret, which is shown once and not kept.
        #[serde(skip)]
        pub hash: Vec<u8>,
        /// The last characters of the secret, by which its owner recognises it.
        pub ending: String,
        /// Whether it may change something.
        pub writes: bool,
        /// Permissions it is limited to, separated by spaces, `tasks.*` for a whole area; empty for all.
        pub permissions: String,
        /// Last day.
        pub until_on: Date,
        /// When it was ended before that day.
        pub revoked_at: Option<Timestamp>,
    }
}

/// With this every secret begins, so that a leaked one is recognised where it lies.
pub const TOKEN_PREFIX: &str = "vx_";
/// How much of a secret is kept readable.
const ENDING_LEN: usize = 4;

/// A fresh secret, its hash, and what is kept readable of it.
#[must_use]
pub fn token_secret() -> (String, Vec<u8>, String) {
    let secret = format!("{TOKEN_PREFIX}{}", random_token());
    let (hash, ending) = (hash_of(&secret), secret[secret.len() - ENDING_LEN..].to_owned());
    (secret, hash, ending)
}

impl Token {
    /// Whether it can be used on a day.
    #[must_use]
    pub fn holds_on(&self, day: Date) -> bool {
        self.revoked_at.is_none() && day <= self.until_on
    }

    /// Whether its scope names a permission. Who may do something in an area may read there, or it could not see what
    /// it did.
    #[must_use]
    pub fn allows(&self, permission: &str) -> bool {
        allows(self.writes, &self.permissions, permission)
    }
}

fn area(permission: &str) -> &str {
    permission.split('.').next().unwrap_or_default()
}

fn allows(writes: bool, permissions: &str, permission: &str) -> bool {
    let reads = permission.ends_with(".read");
    let mut named = permissions.split_whitespace().peekable();
    let within = named.peek().is_none()
        || named.any(|one| one == permission || one.ends_with(".*") && area(one) == area(permission))
        || reads && permissions.split_whitespace().any(|one| area(one) == area(permission));
    within && (reads || writes)
}

/// Who speaks with a token, for one request.
#[derive(Clone, Debug)]
pub struct Bearer {
    /// The person with the grants of today, narrowed to the scope. Its name says that it was a token, and which.
    pub actor: Actor,
    /// Which token.
    pub token: Id<ids::Token>,
    permissions: String,
    writes: bool,
}

impl Bearer {
    /// Whether the scope names a permission.
    #[must_use]
    pub fn allows(&self, permission: &str) -> bool {
        allows(self.writes, &self.permissions, permission)
    }
}

/// Who holds a secret, with the grants of the day of `now`. `None` when nobody does any more: unknown, past its day,
/// revoked, its account closed, over or given a temporary password.
///
/// # Errors
/// When the database is away.
pub async fn bearer(db: &Db, rights: &Arc<Rights>, secret: &str, now: Timestamp) -> Result<Option<Bearer>, Problem> {
    if !secret.starts_with(TOKEN_PREFIX) {
        return Ok(None);
    }
    let today = day_of(now);
    let mut conn = db.read().await?;
    let sql = Sql::with(
        "select t.id, t.account, t.name as token_name, t.writes, t.permissions, a.name, a.title, u.used_on
         from api_token t join account a on a.tenant = t.tenant and a.id = t.account
         left join api_token_use u on u.tenant = t.tenant and u.token = t.id
         where t.tenant = $1 and t.hash = $2 and t.revoked_at is null and t.until_on >= $3
           and a.state = $4 and a.must_change = $5 and (a.until_on is null or a.until_on >= $6)",
        params![conn.tenant(), hash_of(secret), today, AccountState::Active.as_str(), false, today],
    );
    let Some(row) = conn.row(sql).await? else { return Ok(None) };
    let token: Id<ids::Token> = row.get("id")?;
    let account: Id<ids::Account> = row.get("account")?;
    let held = held_by(&mut conn, account, now).await?;
    drop(conn);
    if row.find::<Date>("used_on")?.is_none_or(|used| used < today) {
        let noted = db
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "insert into api_token_use (tenant, token, used_on) values ($1, $2, $3)
                           on conflict (tenant, token) do update set used_on = excluded.used_on";
                    tx.change(Sql::with(sql, params![tx.tenant(), token, today])).await.map(drop)
                })
            })
            .await;
        // When it was last used is for its owner to know; what they ask for does not wait for it.
        if let Err(problem) = noted {
            tracing::warn!(problem = problem.chain(), "the last use of a token was not noted");
        }
    }
    let (permissions, writes): (String, bool) = (row.get("permissions")?, row.get("writes")?);
    let narrowed = Arc::new(rights.narrowed(|permission| allows(writes, &permissions, permission)));
    let (name, title): (String, String) = (row.get("name")?, row.get("title")?);
    let name = format!("{name} (API: {})", row.get::<String>("token_name")?);
    Ok(Some(Bearer {
        actor: Actor { account: Some(account), name, title, held, rights: narrowed },
        token,
        permissions,
        writes,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_names_what_it_allows() {
        for (writes, permissions, permission, expected) in [
            (false, "", "tasks.read", true),
            (false, "", "tasks.report", false),
            (true, "", "tasks.report", true),
            (true, "tasks.*", "tasks.report", true),
            (true, "tasks.*", "directives.read", false),
            (true, "tasks.report", "tasks.report", true),
            (true, "tasks.report", "tasks.confirm", false),
            (true, "tasks.report", "tasks.read", true),
            (false, "tasks.*", "tasks.report", false),
            (true, "directives.receive units.*", "units.read", true),
            (true, "task.*", "tasks.report", false),
        ] {
            assert_eq!(allows(writes, permissions, permission), expected, "{writes} {permissions:?} {permission}");
        }
    }

    #[test]
    fn a_secret_is_recognisable() {
        let (secret, hash, ending) = token_secret();
        assert!(secret.starts_with("vx_") && secret.len() == 67 && secret.ends_with(&ending));
        assert_eq!(hash, hash_of(&secret));
    }
}
