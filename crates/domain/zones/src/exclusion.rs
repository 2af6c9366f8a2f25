//! Days that an officer leaves out of estimates (loại ngày khỏi ước lượng): a correction of many days that was booked on
//! one would be taken for an outbreak. The figures stay, and levels count them as before.

use std::collections::{BTreeSet, HashMap};

use jiff::{Timestamp, civil::Date};
use vx_concepts::engine::{Command, Decision};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::{Actor, below},
    record,
    store::{Conn, Record as _, Sql, Tx},
};

use crate::{
    commands::{Acting, not_ahead, said},
    store::READ,
};

/// Exclusions that are read together: some days of every commune of the nation.
const EXCLUSIONS_MAX: i64 = 20_000;

record! {
    /// A day of a unit that is left out of estimates, or taken in again. `path` is the unit; a later one stands for an
    /// earlier one, and holds for that unit alone: what a commune books on one day is a doubt of its own, and another one
    /// of the province in whose sum it is.
    pub struct Exclusion[ids::Exclusion] in "zone_exclusion" {
        /// Of which day.
        pub counted_on: Date,
        /// Whether it is left out.
        pub left_out: bool,
        /// Why.
        pub reason: String,
        /// When.
        pub recorded_at: Timestamp,
        /// Who decided.
        pub by_name: String,
    }
}

/// An officer leaves a day out of estimates, or takes it in again, with a reason.
#[derive(Clone, Debug)]
pub struct Exclude {
    /// Its id.
    pub id: Id<ids::Exclusion>,
    /// Who decides.
    pub by: Acting,
    /// The unit.
    pub unit: Path,
    /// Which day.
    pub counted_on: Date,
    /// Whether it is left out.
    pub left_out: bool,
    /// Why.
    pub reason: String,
}

impl Command for Exclude {
    type Record = Exclusion;
    type Facts = Option<Exclusion>;
    const NAME: &'static str = "zones.exclude";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Option<Exclusion>, Problem> {
        let sql =
            Sql::new("select ").sql(Exclusion::SELECT).sql(" from zone_exclusion where tenant = ").bind(tx.tenant());
        let sql = sql.sql(" and path = ").bind(&self.unit).sql(" and counted_on = ").bind(self.counted_on);
        let sql = sql.sql(" order by recorded_at desc, id desc limit 1");
        tx.row(sql).await?.as_ref().map(Exclusion::read).transpose()
    }
    fn scope(&self, _: &Option<Exclusion>) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, last: &Option<Exclusion>, by: &Actor, now: Timestamp) -> Result<Decision<Exclusion>, Problem> {
        self.by.over(&self.unit)?;
        let reason = said(&self.reason, "zones.exclude.no_reason")?;
        not_ahead(self.counted_on, now)?;
        if last.as_ref().is_some_and(|last| last.left_out) == self.left_out {
            let code = if self.left_out { "zones.exclude.already" } else { "zones.exclude.not_left_out" };
            return Err(Problem::refused(code).with("day", self.counted_on));
        }
        Ok(Decision::just(Exclusion {
            id: self.id,
            path: self.unit.clone(),
            version: 0,
            counted_on: self.counted_on,
            left_out: self.left_out,
            reason,
            recorded_at: now,
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, _: &'a Option<Exclusion>) -> Option<&'a Exclusion> {
        None
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// Days of a place and everything below it that are left out, as it was known at a moment.
///
/// # Errors
/// When the database is away.
pub async fn left_out(
    conn: &mut Conn,
    place: &Path,
    first: Date,
    last: Date,
    known_at: Timestamp,
) -> Result<HashMap<(Path, Date), Exclusion>, Problem> {
    held(conn, (first, last), known_at, |sql| below(sql, "path", place)).await
}

/// Days of one unit that are left out, as it was known at a moment.
///
/// # Errors
/// When the database is away.
pub async fn days_left_out(
    conn: &mut Conn,
    unit: &Path,
    first: Date,
    last: Date,
    known_at: Timestamp,
) -> Result<BTreeSet<Date>, Problem> {
    let held = held(conn, (first, last), known_at, |sql| sql.sql("path = ").bind(unit)).await?;
    Ok(held.into_keys().map(|(_, day)| day).collect())
}

async fn held(
    conn: &mut Conn,
    (first, last): (Date, Date),
    known_at: Timestamp,
    of: impl FnOnce(Sql) -> Sql,
) -> Result<HashMap<(Path, Date), Exclusion>, Problem> {
    let sql = Sql::new("select ").sql(Exclusion::SELECT).sql(" from zone_exclusion where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and counted_on >= ").bind(first).sql(" and counted_on <= ").bind(last);
    let sql = of(sql.sql(" and recorded_at <= ").bind(known_at).sql(" and "));
    // The newest first: the limit must not cut off those that hold.
    let rows = conn.rows(sql.sql(" order by recorded_at desc, id desc limit ").bind(EXCLUSIONS_MAX)).await?;
    let mut of_day: HashMap<(Path, Date), Exclusion> = HashMap::new();
    for row in &rows {
        let one = Exclusion::read(row)?;
        of_day.entry((one.path.clone(), one.counted_on)).or_insert(one);
    }
    of_day.retain(|_, one| one.left_out);
    Ok(of_day)
}
