//! Which work items: one value that is the address of a list, the condition of its query and the count on a board.

use jiff::{Timestamp, civil::Date};
use vx_kernel::{Id, Path, ids, text::fold, time};
use vx_platform::{
    auth::{Breadth, Reach, within},
    store::Sql,
};

use super::{Escalation, Urgency, WorkState, soon, without_deadline};

/// How the reader stands to the work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Part {
    /// Units within reach lead it (chủ trì).
    #[default]
    Lead,
    /// Units within reach cooperate (phối hợp).
    Cooperating,
    /// Units within reach assigned it (đã giao).
    Assigned,
    /// Units within reach are the superior that was told that it is late (cấp trên).
    Superior,
}

impl Part {
    /// Every value.
    pub const ALL: [Self; 4] = [Self::Lead, Self::Cooperating, Self::Assigned, Self::Superior];
    /// The word in the address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Cooperating => "cooperating",
            Self::Assigned => "assigned",
            Self::Superior => "superior",
        }
    }
}

/// What the clock says of the work a list asks for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Seen {
    /// Open and past its deadline.
    Overdue,
    /// Open and due soon.
    Soon,
    /// Open and without a deadline.
    NoDeadline,
    /// Reported after the deadline.
    DoneLate,
    /// Waiting on the leading unit, with a deadline that has not passed.
    InTime,
    /// A later deadline was asked for and nobody has decided.
    ExtensionAsked,
    /// Waiting for whoever assigned it: reported, refused, or a later deadline asked for.
    ToDecide,
    /// Reported by the deadline.
    DoneInTime,
}

impl Seen {
    /// Every value.
    pub const ALL: [Self; 8] = [
        Self::Overdue,
        Self::Soon,
        Self::InTime,
        Self::NoDeadline,
        Self::DoneInTime,
        Self::DoneLate,
        Self::ExtensionAsked,
        Self::ToDecide,
    ];
    /// The word in the address.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overdue => "overdue",
            Self::Soon => "soon",
            Self::NoDeadline => "no_deadline",
            Self::DoneLate => "done_late",
            Self::InTime => "in_time",
            Self::ExtensionAsked => "extension_asked",
            Self::ToDecide => "to_decide",
            Self::DoneInTime => "done_in_time",
        }
    }
}

/// A set of work items. The default is: open work that units within reach lead.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Filter {
    /// How the reader stands to it.
    pub part: Part,
    /// States; empty means every open one.
    pub states: Vec<WorkState>,
    /// Closed work as well, when no state is named.
    pub with_closed: bool,
    /// By the clock.
    pub seen: Option<Seen>,
    /// By urgency.
    pub urgency: Option<Urgency>,
    /// Of one dispatch.
    pub about: Option<vx_platform::store::Uuid>,
    /// Split from one item.
    pub parent: Option<Id<ids::WorkItem>>,
    /// A unit and everything below it, further narrowed by the reader's reach.
    pub unit: Option<Path>,
    /// The units themselves, without those below: what lies on a desk.
    pub desk: bool,
    /// Due on this day or later.
    pub due_from: Option<Date>,
    /// Due on this day or earlier.
    pub due_to: Option<Date>,
    /// Words, without marks.
    pub text: String,
    /// Still waited for, and at least this step was taken.
    pub escalated: Option<Escalation>,
    /// Occurrences of one series.
    pub series: Option<Id<ids::Series>>,
    /// Handed over to a new head who has not taken it over yet.
    pub handed: bool,
    /// Reports that are owed by a form, and nothing else.
    pub report: bool,
}

/// Sets of states that an address names in one word.
const STATE_SETS: [(&str, &[WorkState]); 2] = [("to_do", &WorkState::TO_DO), ("to_decide", &WorkState::TO_DECIDE)];

impl Filter {
    /// Reads an address's query. Unknown names and values are left out rather than refused: a shared link still opens.
    #[must_use]
    pub fn parse<'a>(query: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut filter = Self::default();
        for (name, value) in query {
            match name {
                "part" => filter.part = Part::ALL.into_iter().find(|part| part.as_str() == value).unwrap_or_default(),
                "state" if value == "all" => filter.with_closed = true,
                "state" => match STATE_SETS.iter().find(|(name, _)| *name == value) {
                    Some((_, states)) => filter.states.extend_from_slice(states),
                    None => filter.states.extend(WorkState::parse(value)),
                },
                "seen" => filter.seen = Seen::ALL.into_iter().find(|seen| seen.as_str() == value),
                "urgency" => filter.urgency = Urgency::parse(value),
                "about" => filter.about = value.parse().ok(),
                "parent" => filter.parent = value.parse().ok(),
                "unit" if !value.is_empty() => filter.unit = Path::parse(value).ok(),
                "desk" => filter.desk = value == "yes",
                "due_from" => filter.due_from = value.parse().ok(),
                "due_to" => filter.due_to = value.parse().ok(),
                "q" => value.trim().clone_into(&mut filter.text),
                "escalated" => filter.escalated = Escalation::parse(value),
                "series" => filter.series = value.parse().ok(),
                "handed" => filter.handed = value == "1",
                "report" => filter.report = value == "1",
                _ => {}
            }
        }
        filter
    }

    /// The query of the address that shows exactly this set.
    #[must_use]
    pub fn query(&self) -> String {
        let mut pairs: Vec<(&str, String)> = Vec::new();
        if self.part != Part::Lead {
            pairs.push(("part", self.part.as_str().to_owned()));
        }
        match self.state_set() {
            Some(set) => pairs.push(("state", set.to_owned())),
            None => pairs.extend(self.states.iter().map(|state| ("state", state.to_string()))),
        }
        if self.with_closed && self.states.is_empty() {
            pairs.push(("state", "all".to_owned()));
        }
        pairs.extend(self.seen.map(|seen| ("seen", seen.as_str().to_owned())));
        pairs.extend(self.urgency.map(|urgency| ("urgency", urgency.to_string())));
        pairs.extend(self.about.map(|id| ("about", id.to_string())));
        pairs.extend(self.parent.map(|id| ("parent", id.to_string())));
        pairs.extend(self.unit.as_ref().map(|path| ("unit", path.as_str().to_owned())));
        if self.desk {
            pairs.push(("desk", "yes".to_owned()));
        }
        pairs.extend(self.due_from.map(|day| ("due_from", day.to_string())));
        pairs.extend(self.due_to.map(|day| ("due_to", day.to_string())));
        if !self.text.is_empty() {
            pairs.push(("q", vx_platform::web::encode(&self.text)));
        }
        pairs.extend(self.escalated.map(|step| ("escalated", step.to_string())));
        pairs.extend(self.series.map(|id| ("series", id.to_string())));
        if self.handed {
            pairs.push(("handed", "1".to_owned()));
        }
        if self.report {
            pairs.push(("report", "1".to_owned()));
        }
        pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// The word for the states asked for, when there is one for exactly these.
    #[must_use]
    pub fn state_set(&self) -> Option<&'static str> {
        STATE_SETS.iter().find(|(_, states)| *states == self.states.as_slice()).map(|(name, _)| *name)
    }

    /// The address of the list.
    #[must_use]
    pub fn href(&self) -> String {
        let query = self.query();
        if query.is_empty() { "/tasks".to_owned() } else { format!("/tasks?{query}") }
    }

    /// Where the set lies: the unit asked for only narrows what is within reach, it never widens it.
    #[must_use]
    pub fn narrowed(&self, reach: &[Reach]) -> Vec<Reach> {
        let narrowed: Vec<Reach> = match &self.unit {
            None => reach.to_vec(),
            Some(unit) if reach.iter().any(|reach| reach.covers(unit)) => {
                let whole = reach.iter().any(|reach| reach.breadth == Breadth::Subtree && reach.covers(unit));
                let breadth = if whole { Breadth::Subtree } else { Breadth::Unit };
                vec![Reach { path: unit.clone(), breadth }]
            }
            // A desk above one's own is not one's own.
            Some(unit) => reach.iter().filter(|reach| !self.desk && unit.contains(&reach.path)).cloned().collect(),
        };
        if self.desk {
            narrowed.into_iter().map(|reach| Reach { breadth: Breadth::Unit, ..reach }).collect()
        } else {
            narrowed
        }
    }

    /// Appends ` where …` for work items called `w`. `reach` is where the reader may read tasks.
    #[must_use]
    pub fn condition(&self, sql: Sql, tenant: vx_platform::store::Value, reach: &[Reach], now: Timestamp) -> Sql {
        let mut sql = sql.sql(" where w.tenant = ").bind(tenant.clone()).sql(" and ");
        let narrowed = self.narrowed(reach);
        sql = match self.part {
            Part::Lead => within(sql, "w.path", &narrowed),
            Part::Assigned => within(sql, "w.assigner", &narrowed),
            Part::Superior => within(sql, "w.superior", &narrowed),
            Part::Cooperating => {
                let sql = sql.sql("exists (select 1 from work_cooperator c where c.tenant = ").bind(tenant.clone());
                within(sql.sql(" and c.work = w.id and "), "c.path", &narrowed).sql(")")
            }
        };
        if !self.states.is_empty() {
            sql = sql.sql(" and w.state in ").list(self.states.iter().copied());
            if self.states.iter().all(|state| !state.is_closed()) {
                sql = sql.sql(" and w.closed_at is null");
            }
        } else if !self.with_closed
            && !matches!(self.seen, Some(Seen::DoneLate | Seen::DoneInTime | Seen::ExtensionAsked | Seen::ToDecide))
        {
            // The same as "in an open state", said so that the indexes of open work are found.
            sql = sql.sql(" and w.closed_at is null");
        }
        sql = match self.seen {
            None => sql,
            Some(Seen::Overdue) => {
                sql.sql(" and w.due_sort < ").bind(now).sql(" and w.state in ").list(WorkState::WAITING)
            }
            Some(Seen::Soon) => {
                let until = |urgency| now.checked_add(soon(urgency, now)).unwrap_or(now);
                sql.sql(" and w.due_sort >= ")
                    .bind(now)
                    .sql(" and (w.due_sort <= ")
                    .bind(until(Some(Urgency::HoaToc)))
                    .sql(" or (w.due_sort <= ")
                    .bind(until(None))
                    .sql(" and (w.urgency is null or w.urgency <> ")
                    .bind(Urgency::HoaToc)
                    .sql("))) and w.state in ")
                    .list(WorkState::WAITING)
            }
            Some(Seen::NoDeadline) => sql.sql(" and w.due_sort = ").bind(without_deadline()),
            Some(Seen::DoneLate) => sql
                .sql(" and w.reported_at > w.due_sort and w.state in ")
                .list([WorkState::Reported, WorkState::Confirmed]),
            Some(Seen::InTime) => sql
                .sql(" and w.due_sort >= ")
                .bind(now)
                .sql(" and w.due_sort < ")
                .bind(without_deadline())
                .sql(" and w.state in ")
                .list(WorkState::WAITING),
            Some(Seen::DoneInTime) => sql
                .sql(" and w.due_at is not null and w.reported_at <= w.due_sort and w.state in ")
                .list([WorkState::Reported, WorkState::Confirmed]),
            Some(Seen::ExtensionAsked) => asked(sql.sql(" and w.closed_at is null and "), "w.asked_due_at"),
            // The two halves have an index each; taken apart, a desk finds the few that wait among all it assigned.
            Some(Seen::ToDecide) if self.part == Part::Assigned => {
                let half = |sql: Sql| {
                    let sql = sql.sql("select d.id from work_item d where d.tenant = ").bind(tenant.clone());
                    within(sql.sql(" and "), "d.assigner", &narrowed)
                };
                let sql = half(sql.sql(" and w.closed_at is null and w.id in ("));
                let sql = sql.sql(" and d.state in ").list(WorkState::TO_DECIDE).sql(" union all ");
                asked(half(sql).sql(" and "), "d.asked_due_at").sql(")")
            }
            Some(Seen::ToDecide) => {
                let sql = sql.sql(" and w.closed_at is null and (w.state in ").list(WorkState::TO_DECIDE);
                asked(sql.sql(" or "), "w.asked_due_at").sql(")")
            }
        };
        // Days are those of Việt Nam; work without a deadline is due on none.
        if let Some(from) = self.due_from.and_then(|day| time::instant(day.at(0, 0, 0, 0)).ok()) {
            sql = sql.sql(" and w.due_sort >= ").bind(from);
        }
        if self.due_from.is_some() || self.due_to.is_some() {
            let next = self.due_to.and_then(|day| day.tomorrow().ok());
            let until = next.and_then(|day| time::instant(day.at(0, 0, 0, 0)).ok());
            sql = sql.sql(" and w.due_sort < ").bind(until.unwrap_or_else(without_deadline));
        }
        sql = sql
            .when(self.urgency, |sql, urgency| sql.sql(" and w.urgency = ").bind(urgency))
            .when(self.about, |sql, about| sql.sql(" and w.about = ").bind(about))
            .when(self.parent, |sql, parent| sql.sql(" and w.parent = ").bind(parent));
        if let Some(step) = self.escalated {
            let reached = Escalation::ALL.iter().copied().filter(|other| *other >= step);
            // The last step is written out, so that the indexes of what climbed that far are found.
            sql = match step {
                Escalation::Assigner => sql.sql(" and w.closed_at is null and w.step = 'assigner'"),
                _ => sql.sql(" and w.step in ").list(reached),
            };
            sql = sql.sql(" and w.state in ").list(WorkState::WAITING);
        }
        sql = sql.when(self.series, |sql, id| sql.sql(" and w.occurs_on is not null and w.series = ").bind(id));
        if self.handed {
            sql = sql.sql(" and w.handed_at is not null");
        }
        if self.report {
            sql = sql.sql(" and w.request is not null");
        }
        for word in fold(&self.text).split_whitespace() {
            sql = sql.sql(" and w.folded like ").bind(format!("%{word}%"));
        }
        sql
    }
}

/// That a moment was asked for. "Not null", said as a range so that SQLite takes the index.
fn asked(sql: Sql, column: &'static str) -> Sql {
    sql.sql(column).sql(" >= ").bind(Timestamp::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_and_its_address_are_the_same() {
        for query in [
            "",
            "part=assigned&state=reported",
            "state=all&unit=94/941/",
            "part=cooperating&unit=94/941/&desk=yes",
            "seen=overdue&urgency=hoa_toc",
            "state=to_do&seen=in_time&desk=yes&due_from=2021-09-13&due_to=2021-09-19",
            "part=assigned&seen=to_decide&desk=yes",
            "state=reported&state=returned",
            "q=x%C3%A9t%20nghi%E1%BB%87m",
            "part=superior&unit=94/943/&desk=yes&escalated=superior",
            "state=all&due_from=2021-09-06&due_to=2021-09-12",
            "seen=done_in_time&handed=1",
            "seen=overdue&report=1",
        ] {
            let pairs: Vec<(String, String)> = query
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(name, value)| {
                    (name.to_owned(), value.replace("%C3%A9", "é").replace("%20", " ").replace("%E1%BB%87", "ệ"))
                })
                .collect();
            let filter = Filter::parse(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            assert_eq!(filter.query(), query);
        }
    }
}
