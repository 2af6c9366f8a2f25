//! Commands by the JSON interface: the same [`execute`](crate::engine::execute), with the version that the caller saw.

use jiff::Timestamp;
use vx_kernel::{Path, Problem, ProblemKind};
use vx_platform::{
    auth::Actor,
    store::{Record as _, Tx, Uuid},
    web::Call,
};

use crate::engine::{Command, Decision, execute};

/// A command that holds only for the version of the record that its caller has seen.
#[derive(Debug)]
struct AtVersion<C> {
    command: C,
    version: Option<i64>,
}

impl<C: Command> Command for AtVersion<C> {
    type Record = C::Record;
    type Facts = C::Facts;
    const NAME: &'static str = C::NAME;
    const READ: &'static str = C::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<C::Facts, Problem> {
        self.command.gather(tx).await
    }
    fn scope(&self, facts: &C::Facts) -> Path {
        self.command.scope(facts)
    }
    fn decide(&self, facts: &C::Facts, by: &Actor, now: Timestamp) -> Result<Decision<C::Record>, Problem> {
        let is = self.command.before(facts).map(C::Record::version);
        if self.version.is_some_and(|seen| is.is_some_and(|is| is != seen)) {
            return Err(Problem::new(ProblemKind::Conflict, "store.changed_meanwhile"));
        }
        self.command.decide(facts, by, now)
    }
    fn before<'a>(&self, facts: &'a C::Facts) -> Option<&'a C::Record> {
        self.command.before(facts)
    }
    fn seen_from(&self, facts: &C::Facts) -> Vec<Path> {
        self.command.seen_from(facts)
    }
    fn loads_only(&self) -> Option<Uuid> {
        self.command.loads_only()
    }
    fn reason(&self) -> Option<&str> {
        self.command.reason()
    }
    fn about(&self, facts: &C::Facts) -> Option<Uuid> {
        self.command.about(facts)
    }
}

/// Does to one record what a call asks for, once for its key.
///
/// # Errors
/// As [`execute`]; `api.key_of_another` when the key was used for another record.
pub async fn act<C: Command>(call: &Call, record: Uuid, command: C) -> Result<(), Problem> {
    let command = AtVersion { command, version: call.version() };
    if execute(call.app.db(), &call.actor, call.key()?, command).await? == record {
        Ok(())
    } else {
        Err(Problem::new(ProblemKind::Conflict, "api.key_of_another"))
    }
}
