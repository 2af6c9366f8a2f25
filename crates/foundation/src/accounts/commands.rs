//! What can be done to accounts and grants, one struct per verb.

use jiff::{Timestamp, civil::Date};
use vx_concepts::engine::{Command, Decision};
use vx_kernel::{Id, Path, Problem, ids, time::day_of};
use vx_platform::{
    auth::{Account, AccountState, Actor, Grant, Role},
    store::{Tx, Uuid},
};

use super::{READ, store};

/// Longest name or post, in characters.
const TEXT_MAX: usize = 200;
/// Longest reason, in characters.
const REASON_MAX: usize = 1_000;

/// An account with what a decision about it must know.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The account.
    pub account: Account,
    /// Its grants that are not over.
    pub grants: Vec<Grant>,
    /// All administrators' own grants that hold today.
    pub admins: Vec<Grant>,
}

pub(super) async fn standing(tx: &mut Tx, account: Id<ids::Account>) -> Result<Standing, Problem> {
    let today = day_of(tx.now());
    Ok(Standing {
        account: tx.load(account).await?,
        grants: store::grants_of(tx, account, Some(today)).await?,
        admins: store::admins(tx, today).await?,
    })
}

fn said(text: &str, missing: &'static str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() { Err(Problem::refused(missing)) } else { short(text, TEXT_MAX) }
}

fn short(text: &str, max: usize) -> Result<String, Problem> {
    let text = text.trim();
    if text.chars().count() > max {
        return Err(Problem::refused("accounts.text_too_long").with("max", max));
    }
    Ok(text.to_owned())
}

pub(super) fn reasoned(reason: &str) -> Result<(), Problem> {
    if reason.trim().is_empty() {
        return Err(Problem::refused("accounts.reason_missing"));
    }
    short(reason, REASON_MAX).map(drop)
}

pub(super) fn open_to_change(account: &Account) -> Result<(), Problem> {
    match account.state {
        AccountState::Active => Ok(()),
        AccountState::Closed => Err(Problem::refused("accounts.closed").with("name", &account.name)),
    }
}

pub(super) fn not_own(by: &Actor, account: &Account) -> Result<(), Problem> {
    if by.account == Some(account.id) { Err(Problem::refused("accounts.own")) } else { Ok(()) }
}

/// Whoever takes over an account takes over its roles, so all of them must lie within the actor's own reach.
pub(super) fn within_reach(by: &Actor, permission: &str, standing: &Standing) -> Result<(), Problem> {
    if standing.grants.iter().all(|grant| by.may(permission, &grant.path)) {
        return Ok(());
    }
    Err(Problem::refused("accounts.beyond_reach").with("name", &standing.account.name))
}

/// A last day lies in the future, or is today.
fn not_past(until_on: Option<Date>, now: Timestamp) -> Result<(), Problem> {
    if until_on.is_some_and(|until| until < day_of(now)) { Err(Problem::refused("accounts.span_over")) } else { Ok(()) }
}

fn holds_on(grant: &Grant, day: Date) -> bool {
    grant.from_on <= day && grant.until_on.is_none_or(|until| until >= day)
}

/// Whether an administrator's unit is left without one when this grant no longer counts.
fn leaves_nobody<'a>(grant: &Grant, today: Date, mut others: impl Iterator<Item = &'a Grant>) -> bool {
    let counts = grant.role == Role::Admin && grant.deputy_for.is_none() && holds_on(grant, today);
    counts && !others.any(|other| other.path.contains(&grant.path))
}

/// Whether a text may serve as login (tên đăng nhập): 3 to 40 of `a-z 0-9 . _ -`.
#[must_use]
pub fn is_login(text: &str) -> bool {
    (3..=40).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
}

/// Opens an account (mở tài khoản).
#[derive(Clone, Debug)]
pub struct Open {
    /// Its id, made by the caller.
    pub id: Id<ids::Account>,
    /// Name to sign in with.
    pub login: String,
    /// The person's name.
    pub name: String,
    /// Post.
    pub title: String,
    /// Home unit.
    pub path: Path,
    /// Argon2id hash of the first password.
    pub password: String,
    /// Whether that password is a temporary one.
    pub must_change: bool,
    /// The last day on which it may sign in, open if `None`.
    pub until_on: Option<Date>,
}

impl Command for Open {
    type Record = Account;
    /// Whether the login is taken.
    type Facts = bool;
    const NAME: &'static str = "accounts.open";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<bool, Problem> {
        Ok(store::by_login(tx, &self.login).await?.is_some())
    }
    fn scope(&self, _: &bool) -> Path {
        self.path.clone()
    }
    fn decide(&self, taken: &bool, _: &Actor, now: Timestamp) -> Result<Decision<Account>, Problem> {
        if !is_login(&self.login) {
            return Err(Problem::refused("accounts.login_unfit").with("login", &self.login));
        }
        if *taken {
            return Err(Problem::refused("accounts.login_taken").with("login", &self.login));
        }
        not_past(self.until_on, now)?;
        Ok(Decision::just(Account {
            id: self.id,
            path: self.path.clone(),
            version: 0,
            login: self.login.clone(),
            name: said(&self.name, "accounts.name_missing")?,
            title: short(&self.title, TEXT_MAX)?,
            password: self.password.clone(),
            must_change: self.must_change,
            state: AccountState::Active,
            failures: 0,
            locked_until: None,
            until_on: self.until_on,
        }))
    }
    fn before<'a>(&self, _: &'a bool) -> Option<&'a Account> {
        None
    }
}

/// What all commands on one existing account share: what they read, where they count, who sees it.
macro_rules! on_standing {
    ($name:literal) => {
        type Record = Account;
        type Facts = Standing;
        const NAME: &'static str = $name;
        const READ: &'static str = READ;
        async fn gather(&self, tx: &mut Tx) -> Result<Standing, Problem> {
            standing(tx, self.account).await
        }
        fn scope(&self, facts: &Standing) -> Path {
            facts.account.path.clone()
        }
        fn before<'a>(&self, facts: &'a Standing) -> Option<&'a Account> {
            Some(&facts.account)
        }
        fn seen_from(&self, facts: &Standing) -> Vec<Path> {
            facts.grants.iter().map(|grant| grant.path.clone()).collect()
        }
    };
}

/// Corrects name, post and last day (sửa thông tin tài khoản).
#[derive(Clone, Debug)]
pub struct Amend {
    /// Which account.
    pub account: Id<ids::Account>,
    /// The person's name.
    pub name: String,
    /// Post.
    pub title: String,
    /// The last day on which it may sign in, open if `None`.
    pub until_on: Option<Date>,
}

impl Command for Amend {
    on_standing!("accounts.amend");
    fn decide(&self, facts: &Standing, _: &Actor, now: Timestamp) -> Result<Decision<Account>, Problem> {
        open_to_change(&facts.account)?;
        let (name, title) = (said(&self.name, "accounts.name_missing")?, short(&self.title, TEXT_MAX)?);
        if self.until_on != facts.account.until_on {
            not_past(self.until_on, now)?;
            if self.until_on.is_some() && is_last_admin(facts, day_of(now)) {
                return Err(Problem::refused("accounts.last_admin"));
            }
        }
        Ok(Decision::just(Account { name, title, until_on: self.until_on, ..facts.account.clone() }))
    }
}

/// Whether a unit would have no administrator without this account.
fn is_last_admin(facts: &Standing, today: Date) -> bool {
    let others = || facts.admins.iter().filter(|admin| admin.account != facts.account.id);
    facts.grants.iter().any(|grant| leaves_nobody(grant, today, others()))
}

/// Closes an account (đóng tài khoản): it can no longer sign in, its history stays.
#[derive(Clone, Debug)]
pub struct Close {
    /// Which account.
    pub account: Id<ids::Account>,
    /// Why.
    pub reason: String,
}

impl Command for Close {
    on_standing!("accounts.close");
    fn decide(&self, facts: &Standing, by: &Actor, now: Timestamp) -> Result<Decision<Account>, Problem> {
        reasoned(&self.reason)?;
        open_to_change(&facts.account)?;
        not_own(by, &facts.account)?;
        within_reach(by, Self::NAME, facts)?;
        if is_last_admin(facts, day_of(now)) {
            return Err(Problem::refused("accounts.last_admin"));
        }
        Ok(Decision::just(Account { state: AccountState::Closed, ..facts.account.clone() }))
    }
    fn reason(&self) -> Option<&str> {
        Some(self.reason.trim())
    }
}

/// Opens a closed account again (mở lại tài khoản), with the roles that still run.
#[derive(Clone, Debug)]
pub struct Reopen {
    /// Which account.
    pub account: Id<ids::Account>,
    /// Why.
    pub reason: String,
}

impl Command for Reopen {
    on_standing!("accounts.reopen");
    fn decide(&self, facts: &Standing, by: &Actor, now: Timestamp) -> Result<Decision<Account>, Problem> {
        reasoned(&self.reason)?;
        if facts.account.state == AccountState::Active {
            return Err(Problem::refused("accounts.not_closed").with("name", &facts.account.name));
        }
        within_reach(by, Self::NAME, facts)?;
        let state = AccountState::Active;
        // Who opens an account again means it to be used, so a last day that is over goes.
        let until_on = facts.account.until_on.filter(|until| *until >= day_of(now));
        Ok(Decision::just(Account { state, failures: 0, locked_until: None, until_on, ..facts.account.clone() }))
    }
    fn reason(&self) -> Option<&str> {
        Some(self.reason.trim())
    }
}

/// Sets a temporary password (cấp lại mật khẩu).
#[derive(Clone, Debug)]
pub struct ResetPassword {
    /// Which account.
    pub account: Id<ids::Account>,
    /// Argon2id hash of the temporary password.
    pub password: String,
}

impl Command for ResetPassword {
    on_standing!("accounts.reset_password");
    fn decide(&self, facts: &Standing, by: &Actor, _: Timestamp) -> Result<Decision<Account>, Problem> {
        open_to_change(&facts.account)?;
        not_own(by, &facts.account)?;
        within_reach(by, Self::NAME, facts)?;
        Ok(Decision::just(Account {
            password: self.password.clone(),
            must_change: true,
            failures: 0,
            locked_until: None,
            ..facts.account.clone()
        }))
    }
}

/// Lets an account try again that was locked after wrong passwords (mở khóa đăng nhập).
#[derive(Clone, Debug)]
pub struct Unlock {
    /// Which account.
    pub account: Id<ids::Account>,
}

impl Command for Unlock {
    on_standing!("accounts.unlock");
    fn decide(&self, facts: &Standing, _: &Actor, now: Timestamp) -> Result<Decision<Account>, Problem> {
        if facts.account.locked_until.is_none_or(|until| until <= now) {
            return Err(Problem::refused("accounts.not_locked").with("name", &facts.account.name));
        }
        Ok(Decision::just(Account { failures: 0, locked_until: None, ..facts.account.clone() }))
    }
}

/// Sets a password of one's own (đổi mật khẩu).
///
/// Everybody may, whatever roles they hold, so no role has this permission: the page checks the current password and
/// then acts with the program's authority in the person's name (see `in_own_name`).
#[derive(Clone, Debug)]
pub struct ChangePassword {
    /// Whose.
    pub account: Id<ids::Account>,
    /// The stored hash that the current password was checked against; another one by now means that somebody reset it.
    pub checked: String,
    /// Argon2id hash of the new password.
    pub password: String,
}

impl Command for ChangePassword {
    on_standing!("accounts.change_password");
    fn decide(&self, facts: &Standing, by: &Actor, _: Timestamp) -> Result<Decision<Account>, Problem> {
        if by.account != Some(self.account) {
            return Err(Problem::not_found());
        }
        open_to_change(&facts.account)?;
        if facts.account.password != self.checked {
            return Err(Problem::refused("accounts.password_wrong"));
        }
        let password = self.password.clone();
        Ok(Decision::just(Account { password, must_change: false, ..facts.account.clone() }))
    }
}

/// Grants a role on a unit (giao vai trò).
#[derive(Clone, Debug)]
pub struct GrantRole {
    /// Its id, made by the caller.
    pub id: Id<ids::Grant>,
    /// To whom.
    pub account: Id<ids::Account>,
    /// Which role.
    pub role: Role,
    /// On which unit.
    pub path: Path,
    /// First day.
    pub from_on: Date,
    /// Last day, open if `None`.
    pub until_on: Option<Date>,
    /// Whose role it is, when held as deputy.
    pub deputy_for: Option<Id<ids::Account>>,
}

/// What granting must know.
#[derive(Clone, Debug)]
pub struct GrantFacts {
    /// Who gets the role, with what they hold.
    pub standing: Standing,
    /// The person deputised for, with the grants they hold.
    pub principal: Option<(Account, Vec<Grant>)>,
}

impl Command for GrantRole {
    type Record = Grant;
    type Facts = GrantFacts;
    const NAME: &'static str = "accounts.grant";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<GrantFacts, Problem> {
        let standing = standing(tx, self.account).await?;
        let principal = match self.deputy_for {
            Some(id) => Some((tx.load(id).await?, store::grants_of(tx, id, None).await?)),
            None => None,
        };
        Ok(GrantFacts { standing, principal })
    }
    fn scope(&self, _: &GrantFacts) -> Path {
        self.path.clone()
    }
    fn decide(&self, facts: &GrantFacts, by: &Actor, now: Timestamp) -> Result<Decision<Grant>, Problem> {
        let Standing { account, grants, .. } = &facts.standing;
        if !store::sees(by, account, grants) {
            return Err(Problem::not_found());
        }
        open_to_change(account)?;
        if self.role == Role::System {
            return Err(Problem::refused("accounts.role_not_for_people"));
        }
        if let Some(until) = self.until_on {
            if until < self.from_on {
                return Err(Problem::refused("accounts.span_backward"));
            }
            if until < day_of(now) {
                return Err(Problem::refused("accounts.span_over"));
            }
        }
        let overlaps = |grant: &Grant| {
            self.until_on.is_none_or(|until| grant.from_on <= until)
                && grant.until_on.is_none_or(|until| self.from_on <= until)
        };
        let same = |grant: &&Grant| {
            grant.role == self.role && grant.path == self.path && grant.deputy_for == self.deputy_for && overlaps(grant)
        };
        if grants.iter().any(|grant| same(&grant)) {
            return Err(Problem::refused("accounts.already_granted").with("name", &account.name));
        }
        if let Some((principal, held)) = &facts.principal {
            if principal.id == account.id {
                return Err(Problem::refused("accounts.deputy_of_oneself"));
            }
            let lasts = |held: &Grant| match (held.until_on, self.until_on) {
                (None, _) => true,
                (Some(theirs), Some(ours)) => ours <= theirs,
                (Some(_), None) => false,
            };
            let holds = held.iter().any(|held| {
                held.role == self.role
                    && held.path == self.path
                    && held.deputy_for.is_none()
                    && held.from_on <= self.from_on
                    && lasts(held)
            });
            if !holds {
                return Err(Problem::refused("accounts.deputy_without_role").with("name", &principal.name));
            }
        }
        Ok(Decision::just(Grant {
            id: self.id,
            path: self.path.clone(),
            version: 0,
            account: self.account,
            role: self.role,
            from_on: self.from_on,
            until_on: self.until_on,
            deputy_for: self.deputy_for,
        }))
    }
    fn before<'a>(&self, _: &'a GrantFacts) -> Option<&'a Grant> {
        None
    }
    fn about(&self, _: &GrantFacts) -> Option<Uuid> {
        Some(self.account.uuid())
    }
}

/// Ends a role before its day (thu hồi vai trò).
#[derive(Clone, Debug)]
pub struct EndGrant {
    /// Which grant.
    pub grant: Id<ids::Grant>,
    /// At once, so that yesterday was its last day; else today is.
    pub at_once: bool,
    /// Why.
    pub reason: String,
}

/// What ending a grant must know.
#[derive(Clone, Debug)]
pub struct EndFacts {
    /// The grant.
    pub grant: Grant,
    /// Home unit of who holds it.
    pub home: Path,
    /// Grants of those who stand in for the holder in this role.
    pub deputies: Vec<Grant>,
    /// All administrators' own grants that hold today.
    pub admins: Vec<Grant>,
}

impl Command for EndGrant {
    type Record = Grant;
    type Facts = EndFacts;
    const NAME: &'static str = "accounts.end_grant";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<EndFacts, Problem> {
        let grant: Grant = tx.load(self.grant).await?;
        let home = tx.load::<Account>(grant.account).await?.path;
        let today = day_of(tx.now());
        let deputies = match grant.deputy_for {
            None => store::deputies_of(tx, &grant, today).await?,
            Some(_) => Vec::new(),
        };
        Ok(EndFacts { grant, home, deputies, admins: store::admins(tx, today).await? })
    }
    fn scope(&self, facts: &EndFacts) -> Path {
        facts.grant.path.clone()
    }
    fn decide(&self, facts: &EndFacts, _: &Actor, now: Timestamp) -> Result<Decision<Grant>, Problem> {
        reasoned(&self.reason)?;
        let today = day_of(now);
        let grant = &facts.grant;
        let last = if self.at_once { today.yesterday().map_err(Problem::internal)? } else { today };
        if grant.until_on.is_some_and(|until| until <= last) {
            return Err(Problem::refused("accounts.grant_over"));
        }
        if leaves_nobody(grant, today, facts.admins.iter().filter(|admin| admin.id != grant.id)) {
            return Err(Problem::refused("accounts.last_admin"));
        }
        if facts.deputies.iter().any(|deputy| deputy.until_on.is_none_or(|until| until > last)) {
            return Err(Problem::refused("accounts.deputies_first").with("n", facts.deputies.len()));
        }
        Ok(Decision::just(Grant { until_on: Some(last), ..grant.clone() }))
    }
    fn before<'a>(&self, facts: &'a EndFacts) -> Option<&'a Grant> {
        Some(&facts.grant)
    }
    fn seen_from(&self, facts: &EndFacts) -> Vec<Path> {
        vec![facts.home.clone()]
    }
    fn reason(&self) -> Option<&str> {
        Some(self.reason.trim())
    }
    fn about(&self, facts: &EndFacts) -> Option<Uuid> {
        Some(facts.grant.account.uuid())
    }
}
