//! Work items (việc): someone must do something about something by a time.
//!
//! **Invariant:** exactly one unit leads; its path is the item's path. Any number cooperate.
//! **Invariant:** state says what was done, [`Timeliness`] is computed from the deadline; nobody types it in.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, date},
};
use vx_kernel::{
    Id, Path, Problem, ids,
    text::fold,
    time,
    timeline::{Dated, LegalBasis, Timeline},
};
use vx_platform::{
    record,
    store::{Migration, Sql, Tx, Uuid},
    text_enum,
};

pub mod count;
pub mod escalation;
mod filter;
pub mod recurrence;
mod series;
pub mod show;
pub mod tally;
pub mod tell;
pub use escalation::Escalation;
pub use filter::{Filter, Part, Seen};
pub use series::{SeriesState, WorkSeries, running_series};

text_enum! {
    /// What was done (trạng thái).
    pub enum WorkState {
        /// On the desk, not yet acknowledged (chưa tiếp nhận).
        Assigned = "assigned",
        /// Acknowledged, not begun (đã tiếp nhận).
        Acknowledged = "acknowledged",
        /// Being worked on (đang thực hiện).
        InProgress = "in_progress",
        /// Reported done, waits for whoever assigned it (chờ xác nhận).
        Reported = "reported",
        /// Sent back to be done again or better (làm lại).
        Returned = "returned",
        /// Refused with a reason; whoever assigned it decides (từ chối).
        Refused = "refused",
        /// Confirmed by whoever assigned it (hoàn thành).
        Confirmed = "confirmed",
        /// Called off by whoever assigned it (đã hủy).
        Cancelled = "cancelled",
    }
}

impl WorkState {
    /// States in which the leading unit still owes something or somebody must decide.
    pub const OPEN: [Self; 6] =
        [Self::Assigned, Self::Acknowledged, Self::InProgress, Self::Reported, Self::Returned, Self::Refused];
    /// States in which the deadline runs against the leading unit.
    pub const WAITING: [Self; 5] =
        [Self::Assigned, Self::Acknowledged, Self::InProgress, Self::Returned, Self::Refused];

    /// States in which the next move is the leading unit's.
    pub const TO_DO: [Self; 4] = [Self::Assigned, Self::Acknowledged, Self::InProgress, Self::Returned];

    /// States in which whoever assigned it must decide.
    pub const TO_DECIDE: [Self; 2] = [Self::Reported, Self::Refused];

    /// Whether the item has come to its end.
    #[must_use]
    pub fn is_closed(self) -> bool {
        matches!(self, Self::Confirmed | Self::Cancelled)
    }
}

text_enum! {
    /// Urgency stamps of official documents, Article 10b of Annex I, NĐ 30/2020/NĐ-CP (độ khẩn).
    pub enum Urgency {
        /// HỎA TỐC.
        HoaToc = "hoa_toc",
        /// THƯỢNG KHẨN.
        ThuongKhan = "thuong_khan",
        /// KHẨN.
        Khan = "khan",
    }
}

text_enum! {
    /// What kind of deadline was set (loại thời hạn).
    pub enum DueKind {
        /// By a day or hour.
        Absolute = "absolute",
        /// Again and again, by a rule.
        Recurrent = "recurrent",
        /// All the time (thường xuyên, 24/24).
        Standing = "standing",
        /// When something happens (ngay khi …).
        Event = "event",
        /// None was set, which is a value too.
        None = "none",
    }
}

record! {
    /// A work item (việc, nhiệm vụ). `path` is the leading unit. Read back from the journal's values when a step is
    /// undone, hence `Deserialize`.
    #[derive(serde::Deserialize)]
    pub struct WorkItem[ids::WorkItem] in "work_item" {
        /// The record it is about: the dispatch it came from.
        pub about: Uuid,
        /// How that record is called in lists: the number of the dispatch.
        pub source: String,
        /// The work item it was split from.
        pub parent: Option<Id<ids::WorkItem>>,
        /// What was done.
        pub state: WorkState,
        /// What is to be done, in a line.
        pub title: String,
        /// What is to be done, in the words of the order.
        pub detail: String,
        /// Which clause of the dispatch.
        pub clause: Option<String>,
        /// Urgency of the dispatch.
        pub urgency: Option<Urgency>,
        /// Kind of deadline.
        pub due_kind: DueKind,
        /// The deadline, when it is a moment.
        pub due_at: Option<Timestamp>,
        /// The words of the dispatch that set it.
        pub due_quote: Option<String>,
        /// RFC 5545 rule of a recurrent one.
        pub due_rule: Option<String>,
        /// Place in lists: the deadline, or the end of time without one.
        pub due_sort: Timestamp,
        /// The unit that assigned it and confirms or returns it.
        pub assigner: Path,
        /// When the leading unit acknowledged it.
        pub acknowledged_at: Option<Timestamp>,
        /// When it was last reported done; a late confirmation is not the unit's delay.
        pub reported_at: Option<Timestamp>,
        /// When it was confirmed or called off.
        pub closed_at: Option<Timestamp>,
        /// Title, clause and number folded for search without marks.
        pub folded: String,
        /// The later deadline that the leading unit asked for, while nobody has decided (xin gia hạn).
        pub asked_due_at: Option<Timestamp>,
        /// What progress is counted in, when it is counted: "mẫu xét nghiệm" (chỉ tiêu).
        pub target_of: Option<String>,
        /// How many there must be in the end.
        pub target: Option<i64>,
        /// The series of which it is an occurrence, or which checks it.
        pub series: Option<Id<ids::Series>>,
        /// The day of the series, for an occurrence.
        pub occurs_on: Option<Date>,
        /// Whom the program has told of its deadline.
        pub step: Option<Escalation>,
        /// When the program looks at its deadline next; derived, see [`escalation`].
        #[serde(skip)]
        pub step_at: Option<Timestamp>,
        /// The superior unit that was told that it is late.
        pub superior: Option<Path>,
        /// When it was handed over to a new head of the leading unit who has not taken it over yet.
        pub handed_at: Option<Timestamp>,
        /// The request for reports that it answers by a form: sending the report closes it.
        pub request: Option<Id<ids::Request>>,
        /// The address at which the record it is about is shown, when that is neither a dispatch nor a request.
        pub shown_at: Option<String>,
    }
}

/// The tables of work items: their making, following up (series, escalation, handing over), extensions and targets, kept
/// figures, the indexes of what climbed, and which request for reports an item answers. Named after `tasks`, which
/// brings them.
pub const MIGRATIONS: &[Migration] = &[
    Migration { name: "tasks/0001_work", sql: include_str!("../migrations/0001_work.sql") },
    Migration { name: "tasks/0002_follow_up", sql: include_str!("../migrations/0002_follow_up.sql") },
    Migration {
        name: "tasks/0003_extension_and_targets",
        sql: include_str!("../migrations/0003_extension_and_targets.sql"),
    },
    Migration { name: "tasks/0004_counts", sql: include_str!("../migrations/0004_counts.sql") },
    Migration { name: "tasks/0005_told", sql: include_str!("../migrations/0005_told.sql") },
    Migration { name: "tasks/0006_requests", sql: include_str!("../migrations/0006_requests.sql") },
    Migration { name: "tasks/0008_shown_at", sql: include_str!("../migrations/0008_shown_at.sql") },
];

/// The end of time in lists: work without a deadline stands behind all that has one.
#[must_use]
pub fn without_deadline() -> Timestamp {
    time::instant(date(9999, 1, 1).at(0, 0, 0, 0)).unwrap_or(Timestamp::MAX)
}

/// What a new work item is made from.
#[derive(Clone, Debug)]
pub struct NewWork {
    /// The leading unit.
    pub lead: Path,
    /// The unit that assigns it.
    pub assigner: Path,
    /// The record it is about.
    pub about: Uuid,
    /// How that record is called in lists.
    pub source: String,
    /// What is to be done, in a line.
    pub title: String,
    /// What is to be done, in full.
    pub detail: String,
    /// Which clause.
    pub clause: Option<String>,
    /// Urgency.
    pub urgency: Option<Urgency>,
    /// Deadline.
    pub due: Due,
}

/// A deadline as it was set.
#[derive(Clone, PartialEq, Debug)]
pub struct Due {
    /// Kind.
    pub kind: DueKind,
    /// The moment, for kinds that have one.
    pub at: Option<Timestamp>,
    /// The words that set it.
    pub quote: Option<String>,
    /// The rule of a recurrent one.
    pub rule: Option<String>,
}

impl Due {
    /// No deadline.
    #[must_use]
    pub fn none() -> Self {
        Self { kind: DueKind::None, at: None, quote: None, rule: None }
    }
}

impl WorkItem {
    /// A work item on somebody's desk.
    #[must_use]
    pub fn new(new: NewWork) -> Self {
        let folded = fold(&format!("{} {} {}", new.source, new.title, new.clause.as_deref().unwrap_or_default()));
        Self {
            id: Id::fresh(),
            path: new.lead,
            version: 0,
            about: new.about,
            source: new.source,
            parent: None,
            state: WorkState::Assigned,
            title: new.title,
            detail: new.detail,
            clause: new.clause,
            urgency: new.urgency,
            due_kind: new.due.kind,
            due_at: new.due.at,
            due_quote: new.due.quote,
            due_rule: new.due.rule,
            due_sort: new.due.at.unwrap_or_else(without_deadline),
            assigner: new.assigner,
            acknowledged_at: None,
            reported_at: None,
            closed_at: None,
            folded,
            asked_due_at: None,
            target_of: None,
            target: None,
            series: None,
            occurs_on: None,
            step: None,
            step_at: new.due.at.map(escalation::first_look),
            superior: None,
            handed_at: None,
            request: None,
            shown_at: None,
        }
    }

    /// The same work, about a record that is shown at an address of ours.
    #[must_use]
    pub fn shown_at(self, address: String) -> Self {
        Self { shown_at: Some(address), ..self }
    }

    /// The same work, of whose deadline nobody was told yet: a new deadline, or a new unit.
    #[must_use]
    pub fn told_nobody(self) -> Self {
        Self { step: None, superior: None, step_at: self.due_at.map(escalation::first_look), ..self }
    }

    /// The same work for a unit below, assigned by the unit that led it so far.
    #[must_use]
    pub fn part_for(&self, lead: Path) -> Self {
        Self {
            id: Id::fresh(),
            assigner: self.path.clone(),
            path: lead,
            version: 0,
            parent: Some(self.id),
            state: WorkState::Assigned,
            acknowledged_at: None,
            reported_at: None,
            closed_at: None,
            asked_due_at: None,
            // What is counted stays the same; how many each part owes is said with the split, or not at all.
            target: None,
            // The whole comes back, and is handed down anew; a part is no occurrence of its own.
            series: None,
            occurs_on: None,
            handed_at: None,
            // The report is the whole's; what is handed down helps to make it.
            request: None,
            ..self.clone()
        }
        .told_nobody()
    }

    /// The same work, called off.
    #[must_use]
    pub fn called_off(&self, now: Timestamp) -> Self {
        Self { state: WorkState::Cancelled, closed_at: Some(now), asked_due_at: None, ..self.clone() }
    }

    /// The same work due at another moment. A deadline that was asked for and is not later than that is settled by it,
    /// and what was told about the old deadline no longer counts.
    #[must_use]
    pub fn with_due(&self, at: Timestamp) -> Self {
        let asked_due_at = self.asked_due_at.filter(|asked| *asked > at);
        Self { due_at: Some(at), due_sort: at, asked_due_at, ..self.clone() }.told_nobody()
    }

    /// The work as it was before a change that the journal tells: field → `[before, after]`.
    ///
    /// # Errors
    /// When the values do not fit the fields, which is our fault.
    pub fn before_change(&self, changed: &serde_json::Map<String, serde_json::Value>) -> Result<Self, Problem> {
        let mut fields = vx_platform::store::shown(self)?;
        for (name, pair) in changed {
            // Somebody changed it since that row was written: perhaps a moment ago, in a row not yet to be read.
            if fields.get(name).unwrap_or(&serde_json::Value::Null) != pair.get(1).unwrap_or(&serde_json::Value::Null) {
                return Err(Problem::new(vx_kernel::ProblemKind::Conflict, "store.changed_meanwhile"));
            }
            fields.insert(name.clone(), pair.get(0).cloned().unwrap_or_default());
        }
        let before: Self = serde_json::from_value(serde_json::Value::Object(fields)).map_err(Problem::internal)?;
        // The journal does not tell when the program looks next; it looks, and plans anew.
        Ok(Self { step_at: before.due_at.map(escalation::first_look), ..before })
    }

    pub(crate) fn open(&self, tx: &mut Tx, cooperating: &[Path]) {
        tx.append_record(self);
        self.count_in(tx);
        helped_by(tx, self.id, cooperating);
    }

    /// Whether it is in time, computed.
    #[must_use]
    pub fn timeliness(&self, now: Timestamp) -> Timeliness {
        timeliness(self.state, self.urgency, self.due_at, self.reported_at.or(self.closed_at), now)
    }
}

/// Whether work is in time, from what it takes to know that; `done_at` is when it was reported, or closed without.
#[must_use]
pub fn timeliness(
    state: WorkState,
    urgency: Option<Urgency>,
    due_at: Option<Timestamp>,
    done_at: Option<Timestamp>,
    now: Timestamp,
) -> Timeliness {
    let Some(due) = due_at else { return Timeliness::NoDeadline };
    let done = match state {
        WorkState::Confirmed | WorkState::Reported => done_at,
        WorkState::Cancelled => return Timeliness::NoDeadline,
        _ => None,
    };
    match done {
        Some(at) if at <= due => Timeliness::DoneInTime,
        Some(at) => Timeliness::DoneLate { by: at.duration_since(due) },
        None if now > due => Timeliness::Overdue { by: now.duration_since(due) },
        None if due.duration_since(now) <= soon(urgency, now) => Timeliness::DueSoon { left: due.duration_since(now) },
        None => Timeliness::InTime,
    }
}

fn helped_by(tx: &mut Tx, item: Id<ids::WorkItem>, units: &[Path]) {
    for path in units {
        tx.append("work_cooperator", &["work", "path"], vec![item.into(), path.into()]);
    }
}

/// Puts other units in the place of those that help with an item.
pub(crate) async fn cooperate(tx: &mut Tx, item: Id<ids::WorkItem>, units: &[Path]) -> Result<(), Problem> {
    let sql = Sql::new("delete from work_cooperator where tenant = ").bind(tx.tenant());
    tx.change(sql.sql(" and work = ").bind(item)).await?;
    helped_by(tx, item, units);
    Ok(())
}

/// Whether work is in time (tiến độ theo thời hạn).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Timeliness {
    /// There is no moment to be late for.
    NoDeadline,
    /// Open, with time left.
    InTime,
    /// Open, and soon due.
    DueSoon {
        /// Time left.
        left: SignedDuration,
    },
    /// Open, and late.
    Overdue {
        /// How late.
        by: SignedDuration,
    },
    /// Reported by the deadline.
    DoneInTime,
    /// Reported after it.
    DoneLate {
        /// How late.
        by: SignedDuration,
    },
}

/// What the working rules of the command set. Values live in a timeline, each with what it rests on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    /// From how many hours before the deadline work counts as soon due.
    pub soon_hours: i64,
    /// The same for a dispatch stamped HỎA TỐC.
    pub soon_hours_hoa_toc: i64,
}

/// The working rules by date. The three days follow the colour rule of a provincial task system (domain facts, 5.4);
/// no text of law sets them, so a province may set its own.
#[must_use]
pub fn rules() -> Timeline<Rules> {
    let basis = LegalBasis { number: "quy ước vận hành".into(), verified: None };
    Timeline::new(vec![Dated {
        from: date(2020, 1, 1),
        value: Rules { soon_hours: 72, soon_hours_hoa_toc: 24 },
        basis,
    }])
}

/// How long before its deadline work counts as soon due.
#[must_use]
pub fn soon(urgency: Option<Urgency>, now: Timestamp) -> SignedDuration {
    static RULES: std::sync::LazyLock<Timeline<Rules>> = std::sync::LazyLock::new(rules);
    let hours = RULES.on(time::day_of(now)).map_or(0, |rules| {
        if urgency == Some(Urgency::HoaToc) { rules.value.soon_hours_hoa_toc } else { rules.value.soon_hours }
    });
    SignedDuration::from_hours(hours)
}

/// The columns of a work item that lists select, for use with [`Filter`].
#[must_use]
pub fn select() -> Sql {
    Sql::new("select ").sql(<WorkItem as vx_platform::store::Record>::SELECT).sql(" from work_item w")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(state: WorkState, due: Option<&str>, reported: Option<&str>) -> WorkItem {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let path = Path::parse("94/941/").unwrap();
        let mut item = WorkItem::new(NewWork {
            lead: path.clone(),
            assigner: path,
            about: Uuid::nil(),
            source: "1/UBND-VX".to_owned(),
            title: "Rà soát".to_owned(),
            detail: String::new(),
            clause: None,
            urgency: None,
            due: Due { kind: DueKind::Absolute, at: due.map(at), quote: None, rule: None },
        });
        item.state = state;
        item.reported_at = reported.map(at);
        item
    }

    #[test]
    fn a_change_is_taken_back_from_what_the_journal_holds() {
        use vx_platform::store::SavedFields;
        let before = item(WorkState::InProgress, Some("2021-09-10T10:00:00Z"), None);
        let after = WorkItem {
            path: Path::parse("94/942/").unwrap(),
            state: WorkState::Reported,
            reported_at: Some("2021-09-10T09:00:00.123456Z".parse().unwrap()),
            asked_due_at: before.due_at,
            ..before.with_due("2021-09-12T10:00:00Z".parse().unwrap())
        };
        let told = SavedFields::between(Some(&before), &after).unwrap();
        assert_eq!(after.before_change(&told.0).unwrap(), before);
    }

    #[test]
    fn timeliness_is_computed_from_the_deadline() {
        let due = Some("2021-09-10T10:00:00Z");
        for (state, due, reported, now, expected) in [
            (WorkState::Assigned, None, None, "2021-09-10T09:00:00Z", "NoDeadline"),
            (WorkState::Assigned, due, None, "2021-09-01T09:00:00Z", "InTime"),
            (WorkState::Assigned, due, None, "2021-09-10T09:00:00Z", "DueSoon { left: 1h }"),
            (WorkState::InProgress, due, None, "2021-09-10T11:00:00Z", "Overdue { by: 1h }"),
            (WorkState::Returned, due, Some("2021-09-10T09:00:00Z"), "2021-09-10T11:00:00Z", "Overdue { by: 1h }"),
            (WorkState::Reported, due, Some("2021-09-10T09:00:00Z"), "2021-09-12T11:00:00Z", "DoneInTime"),
            (WorkState::Confirmed, due, Some("2021-09-10T12:00:00Z"), "2021-09-12T11:00:00Z", "DoneLate { by: 2h }"),
            (WorkState::Cancelled, due, None, "2021-09-12T11:00:00Z", "NoDeadline"),
        ] {
            let got = item(state, due, reported).timeliness(now.parse().unwrap());
            assert_eq!(format!("{got:?}"), expected, "{state} {due:?} at {now}");
        }
    }
}
