//! What is late climbs by itself (nhắc việc, báo cấp trên): the leading unit is reminded, then its superior is told,
//! then the unit that assigned the work.
//!
//! When each step is taken stands in a [`Policy`], a value by date with what it rests on. A work item carries the step
//! that was reached and the moment at which the program looks at it next, so that a tick touches only what is due.
//!
//! **Invariant:** a step is taken once and never taken back; setting the clock back repeats nothing and loses nothing.
//! Held by [`next_step`], which only looks above the step that was reached.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, civil::date};
use vx_kernel::{
    Date, Id, Path, Problem, ids, time,
    timeline::{Dated, LegalBasis, Timeline},
};
use vx_platform::{
    auth::Authority,
    journal, params, record,
    store::{Conn, Record as _, SavedFields, Sql, Tx, Uuid},
    text_enum,
};

use super::{Urgency, WorkItem, WorkState, select};

text_enum! {
    /// Whom the program has told of a deadline (bậc nhắc việc), from the bottom up.
    pub enum Escalation {
        /// The leading unit was reminded (đã nhắc).
        Reminded = "reminded",
        /// Its superior unit was told (đã báo cấp trên).
        Superior = "superior",
        /// The unit that assigned the work was told (đã báo đơn vị giao).
        Assigner = "assigner",
    }
}

impl Escalation {
    /// The verb of its row in the journal.
    #[must_use]
    pub fn verb(self) -> &'static str {
        match self {
            Self::Reminded => "tasks.remind",
            Self::Superior => "tasks.tell_superior",
            Self::Assigner => "tasks.tell_assigner",
        }
    }
}

/// Hours around a deadline.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hours {
    /// So long before it the leading unit is reminded.
    pub remind: i64,
    /// So long after it the superior unit is told.
    pub superior: i64,
    /// So long after it the unit that assigned the work is told.
    pub assigner: i64,
}

/// Whom to tell when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Policy {
    /// For most work.
    pub usual: Hours,
    /// For work from a dispatch stamped HỎA TỐC.
    pub hoa_toc: Hours,
}

/// Longest time before a deadline at which a policy may remind, in hours. The program looks at work from then on.
pub const REMIND_MAX: i64 = 168;
/// Longest time after a deadline at which a policy may tell somebody, in hours.
pub const TELL_MAX: i64 = 720;

/// What holds where a province has set nothing: a day before, at the deadline, a day after; for HỎA TỐC six hours.
/// A working convention that nobody has verified; no text of law sets these hours, so a province may set its own.
#[must_use]
pub fn built_in() -> Timeline<Policy> {
    let basis = LegalBasis { number: "quy ước vận hành".into(), verified: None };
    Timeline::new(vec![Dated {
        from: date(2020, 1, 1),
        value: Policy {
            usual: Hours { remind: 24, superior: 0, assigner: 24 },
            hoa_toc: Hours { remind: 6, superior: 0, assigner: 6 },
        },
        basis,
    }])
}

record! {
    /// A policy that a province set. `path` is the province.
    pub struct EscalationPolicy[ids::Policy] in "escalation_policy" {
        /// First day on which it holds, for deadlines of that day and later.
        pub from_on: Date,
        /// What it rests on.
        pub basis: String,
        /// Hours before the deadline: the leading unit.
        pub remind_hours: i64,
        /// Hours after it: the superior unit.
        pub superior_hours: i64,
        /// Hours after it: the unit that assigned the work.
        pub assigner_hours: i64,
        /// The same for HỎA TỐC.
        pub remind_hours_hoa_toc: i64,
        /// The same for HỎA TỐC.
        pub superior_hours_hoa_toc: i64,
        /// The same for HỎA TỐC.
        pub assigner_hours_hoa_toc: i64,
    }
}

impl EscalationPolicy {
    /// What it says.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            usual: Hours { remind: self.remind_hours, superior: self.superior_hours, assigner: self.assigner_hours },
            hoa_toc: Hours {
                remind: self.remind_hours_hoa_toc,
                superior: self.superior_hours_hoa_toc,
                assigner: self.assigner_hours_hoa_toc,
            },
        }
    }
}

/// Policies of all provinces that an installation may have: one a month for ten years in each.
const POLICIES_MAX: i64 = 5_000;

/// The policies of every province, over the built-in one.
#[derive(Clone, Debug)]
pub struct Policies {
    own: BTreeMap<Path, Timeline<Policy>>,
    built_in: Timeline<Policy>,
}

impl Policies {
    /// From what provinces set, in the order in which they set it: of two from one day the later one counts.
    #[must_use]
    pub fn new(set: &[EscalationPolicy]) -> Self {
        let mut own: BTreeMap<Path, Vec<Dated<Policy>>> = BTreeMap::new();
        for policy in set {
            let basis = LegalBasis { number: policy.basis.clone().into(), verified: None };
            let dated = Dated { from: policy.from_on, value: policy.policy(), basis };
            own.entry(policy.path.clone()).or_default().push(dated);
        }
        let own = own.into_iter().map(|(path, values)| (path, Timeline::new(values))).collect();
        Self { own, built_in: built_in() }
    }

    /// Reads them.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn load(conn: &mut Conn) -> Result<Self, Problem> {
        Ok(Self::new(&set_policies(conn, None).await?))
    }

    /// The policy for deadlines of a day, of work that a unit leads.
    #[must_use]
    pub fn on(&self, unit: &Path, day: Date) -> Option<&Dated<Policy>> {
        let own = self.own.get(&unit.at_depth(1)).and_then(|own| own.on(day));
        own.or_else(|| self.built_in.on(day))
    }
}

/// What provinces set, in the order in which they set it: all, or one.
///
/// # Errors
/// When the database is away.
pub async fn set_policies(conn: &mut Conn, province: Option<&Path>) -> Result<Vec<EscalationPolicy>, Problem> {
    let sql = Sql::new("select ").sql(EscalationPolicy::SELECT).sql(" from escalation_policy where tenant = ");
    let sql = sql.bind(conn.tenant()).when(province, |sql, path| sql.sql(" and path = ").bind(path));
    let sql = sql.sql(" order by created_at, id limit ").bind(POLICIES_MAX);
    conn.rows(sql).await?.iter().map(EscalationPolicy::read).collect()
}

/// The first moment at which any policy could ask for something.
#[must_use]
pub fn first_look(due: Timestamp) -> Timestamp {
    due.checked_sub(SignedDuration::from_hours(REMIND_MAX)).unwrap_or(due)
}

/// The unit above: the district of a commune, and the place beside which an agency stands. Nobody stands above a
/// province.
#[must_use]
pub fn superior(unit: &Path) -> Option<Path> {
    unit.parent().filter(|above| !above.is_root())
}

/// The step that comes next, and when; none when all were taken or there is no deadline.
#[must_use]
pub fn next_step(item: &WorkItem, policies: &Policies) -> Option<(Escalation, Timestamp)> {
    let due = item.due_at?;
    let policy = policies.on(&item.path, time::day_of(due))?.value;
    let hours = if item.urgency == Some(Urgency::HoaToc) { policy.hoa_toc } else { policy.usual };
    let step = Escalation::ALL.iter().copied().find(|step| {
        let somebody = match step {
            Escalation::Reminded => true,
            Escalation::Superior => superior(&item.path).is_some(),
            Escalation::Assigner => item.assigner != item.path,
        };
        somebody && item.step.is_none_or(|reached| *step > reached)
    })?;
    let after = match step {
        Escalation::Reminded => -hours.remind,
        Escalation::Superior => hours.superior,
        Escalation::Assigner => hours.assigner,
    };
    Some((step, due.checked_add(SignedDuration::from_hours(after)).ok()?))
}

/// The item after everything that is due at `now`, and the steps that were taken. Who is late already is not reminded
/// of being late soon.
#[must_use]
pub fn climbed(item: &WorkItem, policies: &Policies, now: Timestamp) -> (WorkItem, Vec<Escalation>) {
    let mut item = item.clone();
    let mut taken = Vec::new();
    if !WorkState::WAITING.contains(&item.state) {
        // Whatever makes the deadline run again (a return, an undo, another deadline or unit) sets the moment anew.
        item.step_at = None;
        return (item, taken);
    }
    while let Some((step, at)) = next_step(&item, policies)
        && at <= now
    {
        item.step = Some(step);
        if step == Escalation::Superior {
            item.superior = superior(&item.path);
            taken.clear();
        }
        // Who is both has it under "assigned" from here on, not twice.
        if step == Escalation::Assigner && item.superior.as_ref() == Some(&item.assigner) {
            item.superior = None;
        }
        taken.push(step);
    }
    item.step_at = next_step(&item, policies).map(|(_, at)| at);
    (item, taken)
}

/// Items that one transaction moves: some twenty milliseconds of the writer.
pub const BATCH: i64 = 500;

/// What one transaction did.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Climb {
    /// Items looked at.
    pub looked: usize,
    /// Steps taken.
    pub taken: usize,
}

/// Moves what is due, at most [`BATCH`] items: each step leaves its row in the journal of the work.
///
/// # Errors
/// When the database refuses; nothing of the batch is done then.
pub async fn climb(tx: &mut Tx, by: &Authority, policies: &Policies) -> Result<Climb, Problem> {
    let now = tx.now();
    let sql = select().sql(" where w.tenant = ").bind(tx.tenant()).sql(" and w.step_at <= ").bind(now);
    let sql = sql.sql(" order by w.step_at, w.id limit ").bind(BATCH);
    let mut done = Climb::default();
    for row in tx.rows(sql).await? {
        let item = WorkItem::read(&row)?;
        let (after, taken) = climbed(&item, policies, now);
        let mut shown = item.clone();
        for step in &taken {
            let superior = if *step == Escalation::Superior { superior(&item.path) } else { shown.superior.clone() };
            let next = WorkItem { step: Some(*step), superior, ..shown.clone() };
            let changed = SavedFields::between(Some(&shown), &next)?;
            journal::write(tx, by, step.verb(), &next, item.id.uuid(), None, &changed)?;
            shown = next;
        }
        tx.save(&after).await?;
        done.looked += 1;
        done.taken += taken.len();
    }
    Ok(done)
}

/// Whether anything is due; asked of a reader, so that an idle minute costs the writer nothing.
///
/// # Errors
/// When the database is away.
pub async fn anything_due(conn: &mut Conn, now: Timestamp) -> Result<bool, Problem> {
    // The first of the index, compared here: asked for "any row up to now", PostgreSQL may read the whole table.
    let sql = "select step_at from work_item where tenant = $1 and step_at is not null order by step_at limit 1";
    let first = conn.row(Sql::with(sql, params![conn.tenant()])).await?;
    Ok(first.map(|row| row.get::<Timestamp>("step_at")).transpose()?.is_some_and(|first| first <= now))
}

/// Computes anew when the program looks at the open work of a province, at most [`BATCH`] items after `after`; returns
/// where to go on. What is computed is derived, so the journal has nothing to say about it.
///
/// # Errors
/// When the database refuses.
pub async fn replan(
    tx: &mut Tx,
    policies: &Policies,
    policy: &EscalationPolicy,
    after: Option<Uuid>,
) -> Result<Option<Uuid>, Problem> {
    let (low, high) = policy.path.range();
    let from = time::instant(policy.from_on.at(0, 0, 0, 0)).map_err(Problem::internal)?;
    let sql = select().sql(" where w.tenant = ").bind(tx.tenant()).sql(" and w.path >= ").bind(low);
    let sql = sql.sql(" and w.path < ").bind(high).sql(" and w.state in ").list(WorkState::WAITING);
    let sql = sql.sql(" and w.due_sort >= ").bind(from).sql(" and w.due_at is not null");
    let sql = sql.when(after, |sql, id| sql.sql(" and w.id > ").bind(id)).sql(" order by w.id limit ").bind(BATCH);
    let mut last = None;
    for row in tx.rows(sql).await? {
        let item = WorkItem::read(&row)?;
        last = Some(item.id.uuid());
        let step_at = next_step(&item, policies).map(|(_, at)| at);
        if step_at != item.step_at {
            tx.save(&WorkItem { step_at, ..item }).await?;
        }
    }
    Ok(last)
}

/// A policy that holds for a province from a day, as its command makes it.
#[must_use]
pub fn policy_record(province: Path, from_on: Date, basis: String, policy: Policy) -> EscalationPolicy {
    EscalationPolicy {
        id: Id::fresh(),
        path: province,
        version: 0,
        from_on,
        basis,
        remind_hours: policy.usual.remind,
        superior_hours: policy.usual.superior,
        assigner_hours: policy.usual.assigner,
        remind_hours_hoa_toc: policy.hoa_toc.remind,
        superior_hours_hoa_toc: policy.hoa_toc.superior,
        assigner_hours_hoa_toc: policy.hoa_toc.assigner,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::work::{Due, DueKind, NewWork};

    fn path(text: &str) -> Path {
        Path::parse(text).unwrap()
    }

    /// Due on 10 September 2021 at 17:00 in Việt Nam.
    fn item(lead: &str, assigner: &str, urgency: Option<Urgency>) -> WorkItem {
        WorkItem::new(NewWork {
            lead: path(lead),
            assigner: path(assigner),
            about: Uuid::nil(),
            source: "1/UBND-VX".to_owned(),
            title: "Rà soát".to_owned(),
            detail: String::new(),
            clause: None,
            urgency,
            due: Due {
                kind: DueKind::Absolute,
                at: Some("2021-09-10T10:00:00Z".parse().unwrap()),
                quote: None,
                rule: None,
            },
        })
    }

    fn at(text: &str) -> Timestamp {
        time::instant(text.parse().unwrap()).unwrap()
    }

    /// The steps taken at each of some moments, one after the other.
    fn course(mut item: WorkItem, policies: &Policies, moments: &[&str]) -> String {
        let mut said = Vec::new();
        for moment in moments {
            let now = at(moment);
            if item.step_at.is_some_and(|at| at <= now) {
                let (after, taken) = climbed(&item, policies, now);
                said.extend(taken.iter().map(|step| format!("{}@{moment}", step.as_str())));
                item = after;
            }
        }
        said.join(" ")
    }

    #[test]
    fn steps_are_taken_at_their_hours() {
        let built_in = Policies::new(&[]);
        let usual = item("94/943/31534/", "94/", None);
        let each = [
            "2021-09-01T00:00",
            "2021-09-09T16:59:59",
            "2021-09-09T17:00",
            "2021-09-10T16:59:59",
            "2021-09-10T17:00",
            "2021-09-11T16:59:59",
            "2021-09-11T17:00",
            "2021-09-30T00:00",
        ];
        assert_eq!(
            course(usual.clone(), &built_in, &each),
            "reminded@2021-09-09T17:00 superior@2021-09-10T17:00 assigner@2021-09-11T17:00"
        );
        let urgent = item("94/943/31534/", "94/", Some(Urgency::HoaToc));
        assert_eq!(
            course(
                urgent,
                &built_in,
                &["2021-09-10T10:59", "2021-09-10T11:00", "2021-09-10T17:00", "2021-09-10T23:00"]
            ),
            "reminded@2021-09-10T11:00 superior@2021-09-10T17:00 assigner@2021-09-10T23:00"
        );
        // After three days without the program: told, not reminded.
        let (told, _) = climbed(&usual, &built_in, at("2021-09-13T08:00"));
        assert_eq!(told.superior, Some(path("94/943/")));
        let (told, _) = climbed(&item("94/943/", "94/", None), &built_in, at("2021-09-13T08:00"));
        assert_eq!(told.superior, None, "the province has it once, as the unit that assigned it");
        assert_eq!(
            course(usual.clone(), &built_in, &["2021-09-13T08:00"]),
            "superior@2021-09-13T08:00 assigner@2021-09-13T08:00"
        );
        // The clock set back an hour repeats nothing and loses nothing.
        assert_eq!(
            course(usual, &built_in, &["2021-09-10T17:10", "2021-09-10T16:10", "2021-09-10T17:11", "2021-09-11T17:00"]),
            "superior@2021-09-10T17:10 assigner@2021-09-11T17:00"
        );
    }

    #[test]
    fn who_stands_above() {
        for (unit, above) in [
            ("94/943/31534/", Some("94/943/")),
            ("94/943/", Some("94/")),
            ("94/94.syt/", Some("94/")),
            ("94/943/943.yt/", Some("94/943/")),
            ("94/", None),
        ] {
            assert_eq!(superior(&path(unit)), above.map(path), "{unit}");
        }
        // Nobody above and nobody else who assigned it: a reminder is all.
        assert_eq!(
            course(item("94/", "94/", None), &Policies::new(&[]), &["2021-09-09T17:00", "2021-10-01T00:00"]),
            "reminded@2021-09-09T17:00"
        );
    }

    #[test]
    fn what_was_done_is_left_alone_and_what_came_back_is_not() {
        let policies = Policies::new(&[]);
        let late = at("2021-09-12T00:00");
        for (state, taken, looks_again) in [
            (WorkState::Assigned, 2, false),
            (WorkState::Returned, 2, false),
            (WorkState::Refused, 2, false),
            (WorkState::Reported, 0, false),
            (WorkState::Confirmed, 0, false),
            (WorkState::Cancelled, 0, false),
        ] {
            let item = WorkItem { state, ..item("94/943/31534/", "94/", None) };
            let (after, steps) = climbed(&item, &policies, late);
            assert_eq!((steps.len(), after.step_at.is_some()), (taken, looks_again), "{state}");
        }
        let moved = item("94/943/31534/", "94/", None);
        let (told, _) = climbed(&moved, &policies, late);
        let extended = told.with_due(at("2021-09-20T17:00"));
        assert_eq!(
            course(extended, &policies, &["2021-09-13T17:00", "2021-09-19T17:00", "2021-09-20T17:00"]),
            "reminded@2021-09-19T17:00 superior@2021-09-20T17:00"
        );
    }

    #[test]
    fn a_province_sets_its_own_hours_from_a_day_on() {
        let set = |province: &str, from: &str, remind| {
            let hours = Hours { remind, superior: 2, assigner: 48 };
            policy_record(
                path(province),
                from.parse().unwrap(),
                "12/QĐ-UBND".to_owned(),
                Policy { usual: hours, hoa_toc: hours },
            )
        };
        let policies = Policies::new(&[
            set("94/", "2021-09-10", 10),
            set("94/", "2021-09-10", 12),
            set("94/", "2021-10-01", 48),
            set("91/", "2021-01-01", 1),
        ]);
        for (unit, day, remind) in [
            ("94/943/", "2021-09-09", 24),
            ("94/943/", "2021-09-10", 12),
            ("94/94.syt/", "2021-09-30", 12),
            ("94/943/31534/", "2021-10-01", 48),
            ("91/899/", "2021-10-01", 1),
            ("95/954/", "2021-10-01", 24),
        ] {
            let holds = policies.on(&path(unit), day.parse().unwrap()).unwrap();
            assert_eq!(holds.value.usual.remind, remind, "{unit} {day}");
        }
        assert_eq!(
            course(
                item("94/943/31534/", "94/", None),
                &policies,
                &["2021-09-10T05:00", "2021-09-10T19:00", "2021-09-12T17:00"]
            ),
            "reminded@2021-09-10T05:00 superior@2021-09-10T19:00 assigner@2021-09-12T17:00"
        );
    }
}
