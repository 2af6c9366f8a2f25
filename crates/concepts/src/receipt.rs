//! Receipts (đã mở): which units have opened what their work is about, for whoever follows an urgent dispatch.
//!
//! A unit has opened it when somebody who sits at one of its desks looked at it, or at one of its tasks, for the first
//! time. That is noted once; looking again writes nothing.

use jiff::Timestamp;
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::{Actor, Breadth},
    files::sha256,
    record,
    store::{Conn, Sql, Tx, Uuid},
    web::App,
};

use crate::{
    engine::{Command, Decision, Effect, execute},
    work::WorkState,
};

record! {
    /// That a unit has opened a record its work is about. `path` is the unit.
    pub struct Receipt[ids::Receipt] in "receipt" {
        /// The record that was opened: the dispatch.
        pub about: Uuid,
        /// When.
        pub opened_at: Timestamp,
        /// By whom.
        pub opened_by: String,
    }
}

/// Somebody of a unit opens what its work is about, for the first time (mở văn bản).
#[derive(Clone, Debug)]
pub struct Open {
    /// What is opened.
    pub about: Uuid,
    /// For which unit.
    pub unit: Path,
}

/// What [`Open`] looks at.
#[derive(Clone, Copy, Debug)]
pub struct Standing {
    /// The unit leads or cooperates in work about it, or was sent it, and has not opened it.
    pub awaited: bool,
}

impl Command for Open {
    type Record = Receipt;
    type Facts = Standing;
    const NAME: &'static str = "directives.open";
    const READ: &'static str = "directives.read";

    async fn gather(&self, tx: &mut Tx) -> Result<Standing, Problem> {
        let awaited = awaited(tx, self.about, std::slice::from_ref(&self.unit)).await?;
        Ok(Standing { awaited: !awaited.is_empty() })
    }
    fn scope(&self, _: &Standing) -> Path {
        self.unit.clone()
    }
    fn decide(&self, standing: &Standing, by: &Actor, now: Timestamp) -> Result<Decision<Receipt>, Problem> {
        if !standing.awaited {
            return Err(Problem::refused("directives.open.not_awaited"));
        }
        Ok(Decision::just(Receipt {
            id: Id::fresh(),
            path: self.unit.clone(),
            version: 0,
            about: self.about,
            opened_at: now,
            opened_by: by.name.clone(),
        }))
    }
    fn before<'a>(&self, _: &'a Standing) -> Option<&'a Receipt> {
        None
    }
}

/// The units to which a record was sent: they are awaited to open it, whether it gives them work or not. With its
/// record, as [`Effect::Index`].
#[must_use]
pub fn delivered(units: impl Iterator<Item = Path>) -> Effect {
    let rows = units.map(|unit| vec![(&unit).into()]).collect();
    Effect::Index { table: "delivery", columns: &["record", "path"], rows }
}

/// Which of some units lead or cooperate in work about a record, or were sent it, and have not opened it.
async fn awaited(conn: &mut Conn, about: Uuid, units: &[Path]) -> Result<Vec<Path>, Problem> {
    let sql = Sql::new("select u.path as path from (select w.path as path from work_item w where w.tenant = ")
        .bind(conn.tenant())
        .sql(" and w.about = ")
        .bind(about)
        .sql(" and w.state <> ")
        .bind(WorkState::Cancelled)
        .sql(" and w.path in ")
        .list(units.iter().cloned())
        .sql(" union select c.path as path from work_cooperator c join work_item w on w.tenant = c.tenant and w.id = c.work where c.tenant = ")
        .bind(conn.tenant())
        .sql(" and c.path in ")
        .list(units.iter().cloned())
        .sql(" and w.about = ")
        .bind(about)
        .sql(" and w.state <> ")
        .bind(WorkState::Cancelled)
        .sql(" union select v.path as path from delivery v where v.tenant = ")
        .bind(conn.tenant())
        .sql(" and v.record = ")
        .bind(about)
        .sql(" and v.path in ")
        .list(units.iter().cloned())
        .sql(") u where not exists (select 1 from receipt r where r.tenant = ")
        .bind(conn.tenant())
        .sql(" and r.about = ")
        .bind(about)
        .sql(" and r.path = u.path)");
    conn.rows(sql).await?.iter().map(|row| row.get("path")).collect()
}

/// Notes that somebody looks at a record, or at work about it, for those of their units that have not opened it yet.
/// A page calls this and goes on: one query when there is nothing to note, and a failure is logged, not shown.
pub async fn opened(app: &App, actor: &Actor, about: Uuid) {
    // Whoever reaches below a unit looks on; only its own desks open for it.
    let reach = actor.reach(Open::NAME).into_iter();
    let desks: Vec<Path> = reach.filter(|reach| reach.breadth == Breadth::Unit).map(|reach| reach.path).collect();
    if desks.is_empty() {
        return;
    }
    let note = async {
        let units = awaited(&mut app.db().read().await?, about, &desks).await?;
        for unit in units {
            match execute(app.db(), actor, key_of(about, &unit), Open { about, unit }).await {
                Ok(_) => {}
                // Somebody of the same desk opened it at the same moment.
                Err(problem) if problem.code == "directives.open.not_awaited" => {}
                Err(problem) => return Err(problem),
            }
        }
        Ok::<(), Problem>(())
    };
    if let Err(problem) = note.await {
        tracing::warn!(error = problem.chain(), "a receipt was not noted");
    }
}

/// One key for one unit and one record: opening is noted once.
fn key_of(about: Uuid, unit: &Path) -> Uuid {
    let hash = sha256(format!("open|{about}|{}", unit.as_str()).as_bytes());
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(hash).for_each(|(byte, from)| *byte = from);
    Uuid::from_bytes(bytes)
}
