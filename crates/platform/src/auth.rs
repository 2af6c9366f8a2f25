//! Who may do what, where (tài khoản và quyền).
//!
//! **Invariant:** a permission is the name of a command or of a kind of page; there is no other kind of right.
//! **Invariant:** the check of one record and the filter of a list come from the same [`Reach`]es, so a list never
//! shows what cannot be opened and never hides what can.

mod factor;
mod password;
pub mod personal;
mod rights;
mod session;
pub mod single;
mod token;
mod tries;

pub use factor::{
    FactorState, Proof, RECOVERY_CODES, SecondFactor, SecondFactorRule, base32, code_at, factor_of, factor_rules,
    factor_secret, must_have_factor, recovery_codes,
};
pub use password::{hash_password, random_token, short_code, temporary_password, verify_password};
pub use rights::{Breadth, Permission, Reach, Rights, Role, below, within};
pub use session::{
    Device, OpenSession, SignIn, Signed, actor_of, end_session, end_sessions, enter_code, look, lookup, open_sessions,
    sign_in, sign_in_proved, sign_out,
};
pub use token::{Bearer, TOKEN_PREFIX, Token, bearer, token_secret};
pub use tries::{Outcome, Try, note_not_linked};

use jiff::{Timestamp, civil::Date};
use vx_kernel::{
    Id, Path, Problem, ProblemKind, ids,
    text::{fold, sort_key},
};

use crate::{record, text_enum};

text_enum! {
    /// Whether an account may sign in.
    pub enum AccountState {
        /// May sign in.
        Active = "active",
        /// Closed for good; its history stays.
        Closed = "closed",
    }
}

record! {
    /// A person who may sign in (tài khoản).
    pub struct Account[ids::Account] in "account" {
        /// Name to sign in with, lower case.
        pub login: String,
        /// The person's name.
        pub name: String,
        /// Post, as shown beside the name.
        pub title: String,
        /// Argon2id in PHC form. Never shown, never exported; the journal holds only that it changed.
        #[serde(skip)]
        pub password: String,
        /// Whether the password must be changed before anything else.
        pub must_change: bool,
        /// May sign in or not.
        pub state: AccountState,
        /// Wrong passwords since the last right one.
        pub failures: i64,
        /// Until when further tries are refused.
        pub locked_until: Option<Timestamp>,
        /// The last day on which it may sign in, open if `None`.
        pub until_on: Option<Date>,
    } keys {
        name_key: Vec<u8> = |account| sort_key(&account.name),
        folded: String = |account| fold(&format!("{} {} {}", account.login, account.name, account.title)),
    }
}

record! {
    /// A role on a unit for a span of days (phân quyền). `path` is the unit it is granted on.
    pub struct Grant[ids::Grant] in "role_grant" {
        /// Who holds it.
        pub account: Id<ids::Account>,
        /// Which role.
        pub role: Role,
        /// First day.
        pub from_on: Date,
        /// Last day, open if `None`.
        pub until_on: Option<Date>,
        /// Whose role it is, when held as deputy (người được ủy quyền).
        pub deputy_for: Option<Id<ids::Account>>,
    }
}

impl Account {
    /// Whether its last day is over.
    #[must_use]
    pub fn is_over(&self, on: Date) -> bool {
        self.until_on.is_some_and(|until| until < on)
    }
}

/// A grant that holds today, as an actor carries it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    /// Which role.
    pub role: Role,
    /// Where.
    pub path: Path,
    /// The name of the person deputised for.
    pub deputy_for: Option<String>,
}

/// Someone who acts: a signed-in person with the grants of the day, or the program itself.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Account, `None` for the program itself.
    pub account: Option<Id<ids::Account>>,
    /// Name for the journal.
    pub name: String,
    /// Post for the page head.
    pub title: String,
    /// What they hold today.
    pub held: Vec<Held>,
    rights: std::sync::Arc<Rights>,
}

/// In whose name an act was done; what the journal notes.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Account, `None` for the program itself.
    pub account: Option<Id<ids::Account>>,
    /// Name then.
    pub name: String,
    /// Whose role was used as deputy.
    pub on_behalf_of: Option<String>,
}

impl Actor {
    /// A signed-in person.
    #[must_use]
    pub fn person(account: &Account, held: Vec<Held>, rights: std::sync::Arc<Rights>) -> Self {
        Self { account: Some(account.id), name: account.name.clone(), title: account.title.clone(), held, rights }
    }

    /// The program itself, which may do everything; used by jobs, flows and the command line.
    #[must_use]
    pub fn system(name: &str, rights: std::sync::Arc<Rights>) -> Self {
        let held = vec![Held { role: Role::System, path: Path::root(), deputy_for: None }];
        Self { account: None, name: name.to_owned(), title: String::new(), held, rights }
    }

    /// Where this permission holds.
    #[must_use]
    pub fn reach(&self, permission: &str) -> Vec<Reach> {
        self.held
            .iter()
            .filter_map(|held| {
                let breadth = self.rights.breadth(held.role, permission)?;
                Some(Reach { path: held.path.clone(), breadth })
            })
            .collect()
    }

    /// Whether the permission holds anywhere; what a menu asks.
    #[must_use]
    pub fn may_anywhere(&self, permission: &str) -> bool {
        self.held.iter().any(|held| self.rights.breadth(held.role, permission).is_some())
    }

    /// Whether the permission holds at a unit.
    #[must_use]
    pub fn may(&self, permission: &str, path: &Path) -> bool {
        self.reach(permission).iter().any(|reach| reach.covers(path))
    }

    /// The authority to use a permission at a unit, the actor's own before one held as deputy.
    ///
    /// # Errors
    /// `forbidden`. The caller turns it into `not_found` where the actor may not know that the thing exists.
    pub fn authority(&self, permission: &'static str, path: &Path) -> Result<Authority, Problem> {
        let usable = |held: &&Held| {
            self.rights
                .breadth(held.role, permission)
                .is_some_and(|breadth| Reach { path: held.path.clone(), breadth }.covers(path))
        };
        let own = self.held.iter().filter(|held| held.deputy_for.is_none()).find(usable);
        match own.or_else(|| self.held.iter().find(usable)) {
            Some(held) => {
                Ok(Authority { account: self.account, name: self.name.clone(), on_behalf_of: held.deputy_for.clone() })
            }
            None => Err(Problem::new(ProblemKind::Forbidden, "forbidden")
                .with("permission", format!("@did-{}", permission.replace('.', "-")))),
        }
    }

    /// The units this person works in, without repeats, the widest first.
    #[must_use]
    pub fn homes(&self) -> Vec<&Path> {
        let mut homes: Vec<&Path> = Vec::new();
        for held in &self.held {
            if !homes.contains(&&held.path) {
                homes.push(&held.path);
            }
        }
        homes.sort_by_key(|path| path.as_str().len());
        homes
    }
}
