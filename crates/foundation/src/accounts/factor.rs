//! The second factor (xác thực hai lớp): how an account gets one, loses it, and who must have one.
//!
//! **Invariant:** a second factor is set up and taken away by its owner with a code of it; an administrator takes it away
//! with a reason and never learns its secret (test `a_second_factor_changes_by_rule`).

use jiff::{Timestamp, civil::Date};
use vx_concepts::engine::{Command, Decision};
use vx_kernel::{Id, Path, Problem, ids, time::day_of};
use vx_platform::{
    auth::{
        Account, AccountState, Actor, FactorState, Proof, RECOVERY_CODES, Role, SecondFactor, SecondFactorRule,
        factor_of,
    },
    store::Tx,
};

use super::{
    READ,
    commands::{Standing, not_own, open_to_change, reasoned, standing, within_reach},
};

/// Longest basis of a rule, in characters.
const BASIS_MAX: usize = 200;

/// The second factor of an account with what a decision about it must know.
#[derive(Clone, Debug)]
pub struct FactorFacts {
    /// The account and what it holds.
    pub standing: Standing,
    /// Its second factor, whatever its state.
    pub factor: Option<SecondFactor>,
    /// What the clock of a telephone shows: not that of a drill.
    pub outside: Timestamp,
}

/// What all commands on the second factor of one account share.
macro_rules! on_factor {
    ($name:literal) => {
        type Record = SecondFactor;
        type Facts = FactorFacts;
        const NAME: &'static str = $name;
        const READ: &'static str = READ;
        async fn gather(&self, tx: &mut Tx) -> Result<FactorFacts, Problem> {
            let standing = standing(tx, self.account).await?;
            Ok(FactorFacts { standing, factor: factor_of(tx, self.account).await?, outside: tx.outside() })
        }
        fn scope(&self, facts: &FactorFacts) -> Path {
            facts.standing.account.path.clone()
        }
        fn before<'a>(&self, facts: &'a FactorFacts) -> Option<&'a SecondFactor> {
            facts.factor.as_ref()
        }
        fn about(&self, _: &FactorFacts) -> Option<vx_platform::store::Uuid> {
            Some(self.account.uuid())
        }
        fn seen_from(&self, facts: &FactorFacts) -> Vec<Path> {
            facts.standing.grants.iter().map(|grant| grant.path.clone()).collect()
        }
    };
}

/// One's own, while the account may sign in.
fn own(by: &Actor, account: &Account) -> Result<(), Problem> {
    if by.account != Some(account.id) {
        return Err(Problem::not_found());
    }
    open_to_change(account)
}

fn held(facts: &FactorFacts) -> Result<&SecondFactor, Problem> {
    let holds = facts.factor.as_ref().filter(|factor| factor.holds());
    holds.ok_or_else(|| Problem::refused("accounts.factor_none").with("name", &facts.standing.account.name))
}

fn taken(facts: &FactorFacts, code: &str) -> Result<SecondFactor, Problem> {
    match held(facts)?.take(code, facts.outside) {
        Some(Proof::Code(factor) | Proof::Recovery(factor)) => Ok(*factor),
        None => Err(Problem::refused("accounts.code_wrong")),
    }
}

fn emptied(factor: &SecondFactor) -> SecondFactor {
    SecondFactor {
        secret: Vec::new(),
        state: FactorState::Removed,
        confirmed_at: None,
        last_step: 0,
        recovery: String::new(),
        recovery_left: 0,
        ..factor.clone()
    }
}

/// Begins to set up a second factor of one's own (bật xác thực hai lớp): a secret, not asked for before a first code.
#[derive(Clone, Debug)]
pub struct ProposeFactor {
    /// Whose.
    pub account: Id<ids::Account>,
    /// The secret.
    pub secret: Vec<u8>,
}

impl Command for ProposeFactor {
    on_factor!("accounts.propose_factor");
    fn decide(&self, facts: &FactorFacts, by: &Actor, _: Timestamp) -> Result<Decision<SecondFactor>, Problem> {
        own(by, &facts.standing.account)?;
        if facts.factor.as_ref().is_some_and(SecondFactor::holds) {
            return Err(Problem::refused("accounts.factor_holds"));
        }
        let account = &facts.standing.account;
        let new = SecondFactor {
            id: facts.factor.as_ref().map_or_else(Id::fresh, |factor| factor.id),
            path: account.path.clone(),
            version: facts.factor.as_ref().map_or(0, |factor| factor.version),
            account: account.id,
            secret: self.secret.clone(),
            state: FactorState::Proposed,
            confirmed_at: None,
            last_step: 0,
            recovery: String::new(),
            recovery_left: 0,
        };
        Ok(Decision::just(new))
    }
}

/// Shows by a first code that the telephone has the secret (xác nhận xác thực hai lớp): from now on it is asked for.
#[derive(Clone, Debug)]
pub struct ConfirmFactor {
    /// Whose.
    pub account: Id<ids::Account>,
    /// The code.
    pub code: String,
    /// What is kept of fresh recovery codes.
    pub recovery: String,
}

impl Command for ConfirmFactor {
    on_factor!("accounts.confirm_factor");
    fn decide(&self, facts: &FactorFacts, by: &Actor, now: Timestamp) -> Result<Decision<SecondFactor>, Problem> {
        own(by, &facts.standing.account)?;
        let proposed = facts.factor.as_ref().filter(|factor| factor.state == FactorState::Proposed);
        let Some(factor) = proposed else { return Err(Problem::refused("accounts.factor_not_begun")) };
        let last_step =
            factor.step_of(&self.code, facts.outside).ok_or_else(|| Problem::refused("accounts.code_wrong"))?;
        Ok(Decision::just(SecondFactor {
            state: FactorState::Confirmed,
            confirmed_at: Some(now),
            last_step,
            recovery: self.recovery.clone(),
            recovery_left: i64::try_from(RECOVERY_CODES).unwrap_or(0),
            ..factor.clone()
        }))
    }
}

/// Makes fresh recovery codes of one's own (cấp lại mã dự phòng); those of before hold no longer.
#[derive(Clone, Debug)]
pub struct RenewRecovery {
    /// Whose.
    pub account: Id<ids::Account>,
    /// A code that holds.
    pub code: String,
    /// What is kept of fresh recovery codes.
    pub recovery: String,
}

impl Command for RenewRecovery {
    on_factor!("accounts.renew_recovery");
    fn decide(&self, facts: &FactorFacts, by: &Actor, _: Timestamp) -> Result<Decision<SecondFactor>, Problem> {
        own(by, &facts.standing.account)?;
        let recovery_left = i64::try_from(RECOVERY_CODES).unwrap_or(0);
        let recovery = self.recovery.clone();
        Ok(Decision::just(SecondFactor { recovery, recovery_left, ..taken(facts, &self.code)? }))
    }
}

/// Takes one's own second factor away (tắt xác thực hai lớp), for another telephone perhaps.
#[derive(Clone, Debug)]
pub struct RemoveFactor {
    /// Whose.
    pub account: Id<ids::Account>,
    /// A code that holds.
    pub code: String,
}

impl Command for RemoveFactor {
    on_factor!("accounts.remove_factor");
    fn decide(&self, facts: &FactorFacts, by: &Actor, _: Timestamp) -> Result<Decision<SecondFactor>, Problem> {
        own(by, &facts.standing.account)?;
        Ok(Decision::just(emptied(&taken(facts, &self.code)?)))
    }
}

/// Takes somebody's second factor away who lost telephone and recovery codes (đặt lại xác thực hai lớp).
#[derive(Clone, Debug)]
pub struct ResetFactor {
    /// Whose.
    pub account: Id<ids::Account>,
    /// Why.
    pub reason: String,
}

impl Command for ResetFactor {
    on_factor!("accounts.reset_factor");
    fn decide(&self, facts: &FactorFacts, by: &Actor, _: Timestamp) -> Result<Decision<SecondFactor>, Problem> {
        reasoned(&self.reason)?;
        not_own(by, &facts.standing.account)?;
        within_reach(by, Self::NAME, &facts.standing)?;
        Ok(Decision::just(emptied(held(facts)?)))
    }
    fn reason(&self) -> Option<&str> {
        Some(self.reason.trim())
    }
}

/// Says which roles must have a second factor, in a unit and below it, from a day on (quy định xác thực hai lớp). What
/// was said before stays and is superseded.
#[derive(Clone, Debug)]
pub struct SetFactorRule {
    /// Where.
    pub path: Path,
    /// Which roles; none to ask nobody any more.
    pub roles: Vec<Role>,
    /// First day.
    pub from_on: Date,
    /// What it rests on.
    pub basis: String,
}

impl Command for SetFactorRule {
    type Record = SecondFactorRule;
    type Facts = ();
    const NAME: &'static str = "accounts.set_factor_rule";
    const READ: &'static str = READ;

    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        self.path.clone()
    }
    fn decide(&self, (): &(), _: &Actor, now: Timestamp) -> Result<Decision<SecondFactorRule>, Problem> {
        let basis = self.basis.trim();
        if basis.is_empty() || basis.chars().count() > BASIS_MAX {
            return Err(Problem::refused("accounts.rule_basis").with("max", BASIS_MAX));
        }
        if self.from_on < day_of(now) {
            return Err(Problem::refused("accounts.rule_past").with("day", self.from_on));
        }
        let roles = Role::ALL.iter().filter(|role| **role != Role::System && self.roles.contains(role));
        Ok(Decision::just(SecondFactorRule {
            id: Id::fresh(),
            path: self.path.clone(),
            version: 0,
            roles: roles.map(|role| role.as_str()).collect::<Vec<_>>().join(" "),
            from_on: self.from_on,
            basis: basis.to_owned(),
        }))
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a SecondFactorRule> {
        None
    }
    fn reason(&self) -> Option<&str> {
        Some(self.basis.trim())
    }
}

/// Ends open sessions of an account (đăng xuất thiết bị); the rows themselves go in the same transaction.
#[derive(Clone, Debug)]
pub struct EndSessions {
    /// Whose.
    pub account: Id<ids::Account>,
    /// One's own needs no reason.
    pub own: bool,
    /// Why.
    pub reason: String,
}

impl Command for EndSessions {
    type Record = Account;
    type Facts = Standing;
    const NAME: &'static str = "accounts.end_sessions";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Standing, Problem> {
        standing(tx, self.account).await
    }
    fn scope(&self, facts: &Standing) -> Path {
        facts.account.path.clone()
    }
    fn decide(&self, facts: &Standing, by: &Actor, _: Timestamp) -> Result<Decision<Account>, Problem> {
        if self.own {
            if by.account != Some(self.account) || facts.account.state != AccountState::Active {
                return Err(Problem::not_found());
            }
        } else {
            reasoned(&self.reason)?;
            within_reach(by, Self::NAME, facts)?;
        }
        Ok(Decision::just(facts.account.clone()))
    }
    fn before<'a>(&self, facts: &'a Standing) -> Option<&'a Account> {
        Some(&facts.account)
    }
    fn seen_from(&self, facts: &Standing) -> Vec<Path> {
        facts.grants.iter().map(|grant| grant.path.clone()).collect()
    }
    fn reason(&self) -> Option<&str> {
        Some(self.reason.trim()).filter(|reason| !reason.is_empty())
    }
}
