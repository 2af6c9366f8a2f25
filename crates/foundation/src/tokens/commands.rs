//! What can be done to tokens.

use jiff::{Timestamp, ToSpan as _, civil::Date};
use vx_concepts::engine::{Command, Decision};
use vx_kernel::{Id, Path, Problem, ids, time::day_of};
use vx_platform::{
    auth::{Account, AccountState, Actor, Token},
    store::{Tx, Uuid},
};

use super::{READ, store};

/// Longest life of a token in days: a year, so that a forgotten one ends.
pub const LIFE_DAYS_MAX: i64 = 365;
/// Tokens that one person may have at a time.
pub const TOKENS_MAX: usize = 20;
/// Longest name, in characters.
const NAME_MAX: usize = 80;
/// Permissions that one token may be limited to.
const PERMISSIONS_MAX: usize = 60;

/// Makes a token for oneself (tạo mã truy cập).
#[derive(Clone, Debug)]
pub struct Make {
    /// Its id, made by the caller.
    pub id: Id<ids::Token>,
    /// Whose it is.
    pub account: Id<ids::Account>,
    /// What it is for.
    pub name: String,
    /// SHA-256 of the secret.
    pub hash: Vec<u8>,
    /// The last characters of the secret.
    pub ending: String,
    /// Whether it may change something.
    pub writes: bool,
    /// Permissions it is limited to; empty for all.
    pub permissions: Vec<String>,
    /// Last day.
    pub until_on: Date,
}

impl Command for Make {
    type Record = Token;
    /// The account and its tokens that still hold.
    type Facts = (Account, Vec<Token>);
    const NAME: &'static str = "tokens.make";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        let today = day_of(tx.now());
        Ok((tx.load(self.account).await?, store::of(tx, self.account, today).await?))
    }
    fn scope(&self, (account, _): &Self::Facts) -> Path {
        account.path.clone()
    }
    fn decide(&self, (account, held): &Self::Facts, by: &Actor, now: Timestamp) -> Result<Decision<Token>, Problem> {
        if by.account != Some(self.account) {
            return Err(Problem::not_found());
        }
        // A secret that outlives a temporary password would outlive the doubt for which it was given.
        if account.state != AccountState::Active || account.must_change {
            return Err(Problem::refused("tokens.make.account"));
        }
        let name = self.name.trim();
        if name.is_empty() {
            return Err(Problem::refused("tokens.make.no_name"));
        }
        if name.chars().count() > NAME_MAX {
            return Err(Problem::refused("tokens.make.name_too_long").with("max", NAME_MAX));
        }
        if held.len() >= TOKENS_MAX {
            return Err(Problem::refused("tokens.make.too_many").with("max", TOKENS_MAX));
        }
        if held.iter().any(|token| token.name == name) {
            return Err(Problem::refused("tokens.make.name_taken").with("name", name));
        }
        let today = day_of(now);
        let last = today.checked_add(LIFE_DAYS_MAX.days()).map_err(Problem::internal)?;
        if self.until_on < today {
            return Err(Problem::refused("tokens.make.over_already"));
        }
        if self.until_on > last {
            return Err(Problem::refused("tokens.make.too_long").with("max", LIFE_DAYS_MAX));
        }
        let sound = |permission: &String| {
            let plain = |byte: u8| byte.is_ascii_lowercase() || matches!(byte, b'_' | b'.' | b'*');
            permission.contains('.') && permission.bytes().all(plain)
        };
        if self.permissions.len() > PERMISSIONS_MAX || !self.permissions.iter().all(sound) {
            return Err(Problem::refused("tokens.make.permission"));
        }
        Ok(Decision::just(Token {
            id: self.id,
            path: account.path.clone(),
            version: 0,
            account: self.account,
            name: name.to_owned(),
            hash: self.hash.clone(),
            ending: self.ending.clone(),
            writes: self.writes,
            permissions: self.permissions.join(" "),
            until_on: self.until_on,
            revoked_at: None,
        }))
    }
    fn before<'a>(&self, _: &'a Self::Facts) -> Option<&'a Token> {
        None
    }
    fn about(&self, _: &Self::Facts) -> Option<Uuid> {
        Some(self.account.uuid())
    }
}

/// Ends a token before its day (thu hồi mã truy cập).
#[derive(Clone, Debug)]
pub struct Revoke {
    /// Which token.
    pub token: Id<ids::Token>,
    /// Whether it is the actor's own, who then needs no role.
    pub own: bool,
    /// Why.
    pub reason: Option<String>,
}

impl Command for Revoke {
    type Record = Token;
    type Facts = Token;
    const NAME: &'static str = "tokens.revoke";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Token, Problem> {
        tx.load(self.token).await
    }
    fn scope(&self, token: &Token) -> Path {
        token.path.clone()
    }
    fn decide(&self, token: &Token, by: &Actor, now: Timestamp) -> Result<Decision<Token>, Problem> {
        if self.own && by.account != Some(token.account) {
            return Err(Problem::not_found());
        }
        if !token.holds_on(day_of(now)) {
            return Err(Problem::refused("tokens.revoke.over"));
        }
        Ok(Decision::just(Token { revoked_at: Some(now), ..token.clone() }))
    }
    fn before<'a>(&self, token: &'a Token) -> Option<&'a Token> {
        Some(token)
    }
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
    fn about(&self, token: &Token) -> Option<Uuid> {
        Some(token.account.uuid())
    }
}
