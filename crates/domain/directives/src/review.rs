//! The structure of a dispatch as a person checks it. Pure: text and units in, a value out.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use vx_concepts::work::{Due, DueKind, recurrence::Rule};
use vx_dispatch::{Clause, Dispatch, Role, Span};
use vx_kernel::{
    Path, time,
    units::{
        Tree, UnitId,
        mentions::{self, MentionContext, Unresolved},
    },
};

use crate::due::due_of;

/// Words of a dispatch that name units, and the units they mean.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Mention {
    /// The words.
    pub text: String,
    /// The units, by key.
    pub units: Vec<String>,
    /// How that is known.
    pub how: Resolved,
}

/// How it is known which units are meant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolved {
    /// By the rules for names, on the date of the dispatch.
    Rule,
    /// By what a person said of the same words of the same issuer before.
    Remembered,
    /// By a person, in this review.
    Person,
    /// Partly: these words of it are not understood.
    Partly(String),
    /// Not at all, and why: `unknown`, `vague`, `ambiguous`, `not_on_date`, `outside`.
    Not {
        /// Why.
        why: String,
        /// Units to choose from, by key.
        candidates: Vec<String>,
    },
}

/// Why there is no unit for words that name none in particular: "các cơ quan, đơn vị có liên quan".
const VAGUE: &str = "vague";

/// Why there is no unit for the Government, a ministry and the like.
const CENTRAL: &str = "central";

impl Mention {
    /// Whether the words name nobody in particular.
    fn is_vague(&self) -> bool {
        self.is_open() && matches!(&self.how, Resolved::Not { why, .. } if why == VAGUE)
    }

    /// Whether a person must say who is meant before a task can go out.
    #[must_use]
    pub fn is_open(&self) -> bool {
        // The Government and ministries are outside the province: known, and nobody's desk here. "Nobody" is an answer too.
        self.units.is_empty() && matches!(&self.how, Resolved::Not { why, .. } if why != CENTRAL)
    }
}

/// A clause that becomes tasks.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Order {
    /// Path of the clause.
    pub clause: String,
    /// What is to be done, in a line.
    pub title: String,
    /// Whether tasks are made of it.
    pub include: bool,
    /// Indexes of [`Review::mentions`] that lead.
    pub leads: Vec<usize>,
    /// Indexes of [`Review::mentions`] that cooperate.
    pub cooperating: Vec<usize>,
    /// The deadline as a local ISO date or datetime, when it is a moment.
    pub due_at: Option<String>,
    /// Which deadline of the clause it is; `None` when a person set another or there is none.
    pub deadline: Option<usize>,
}

/// A dispatch with everything a person has to settle before tasks go out.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct Review {
    /// What was read, with the person's corrections.
    pub dispatch: Dispatch,
    /// The place of the issuer, by path; what "the districts" are districts of.
    pub place: String,
    /// Words that name units, each once.
    pub mentions: Vec<Mention>,
    /// Clauses that become tasks, in order.
    pub orders: Vec<Order>,
    /// Findings of the dispatch that a person has looked at and settled, by index.
    pub settled: BTreeSet<usize>,
    /// Another dispatch with the same issuer, number and year.
    pub duplicate: Option<String>,
}

/// What units have resolved before: the unit that takes dispatches in → folded words → keys.
pub type Readings = BTreeMap<Path, BTreeMap<String, Vec<String>>>;

/// Something that must be settled before tasks go out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Required {
    /// A finding of the parser, by index.
    Finding(usize),
    /// Words that name no known unit, by index of [`Review::mentions`].
    Mention(usize),
    /// An order that nobody leads, by index.
    NobodyLeads(usize),
    /// An order due before the dispatch was issued, by index.
    DueBeforeIssue(usize),
    /// Nothing in it becomes a task.
    NoOrders,
}

/// Characters of a task's title.
const TITLE_MAX: usize = 160;

/// The first sentence of a clause, cut at a word.
fn title_of(clause: &Clause) -> String {
    let text = clause.text.trim();
    let sentence = text.split_once(". ").map_or(text, |(first, _)| first);
    let sentence =
        sentence.split_once("; ").map_or(sentence, |(first, _)| if first.len() > 60 { first } else { sentence });
    if sentence.chars().count() <= TITLE_MAX {
        return sentence.trim_end_matches(['.', ';', ':', ',']).to_owned();
    }
    let cut: String = sentence.chars().take(TITLE_MAX).collect();
    format!("{}…", cut.rsplit_once(' ').map_or(cut.as_str(), |(whole, _)| whole).trim_end_matches([',', ';', ':']))
}

impl Review {
    /// Reads a review back from the record.
    #[must_use]
    pub fn of(json: &str) -> Option<Self> {
        serde_json::from_str(json).ok()
    }

    /// As the record keeps it.
    #[must_use]
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The day of issue.
    #[must_use]
    pub fn issued_on(&self) -> Option<Date> {
        self.dispatch.issued_on.as_deref().and_then(|day| day.parse().ok())
    }

    /// A first proposal: every clause that orders something, its units resolved in the place of the issuer on the day
    /// of issue (`today` when the dispatch has none, which is a finding of its own).
    #[must_use]
    pub fn propose(dispatch: Dispatch, tree: &Tree, home: &Path, today: Date, readings: &Readings) -> Self {
        let issued_on = dispatch.issued_on.as_deref().and_then(|day| day.parse::<Date>().ok());
        let on = issued_on.unwrap_or(today);
        let issuer = dispatch.issuer.as_deref().unwrap_or_default();
        let place = mentions::issuer_place(tree, issuer, dispatch.place.as_deref().unwrap_or_default(), on)
            .and_then(|id| tree.get(id.as_str()).map(|unit| unit.path.clone()))
            .unwrap_or_else(|| home.clone());
        let nothing = BTreeMap::new();
        // What is remembered belongs to the unit that takes the dispatch in: the place itself, or home.
        let readings = readings.get(&place).or_else(|| readings.get(home)).unwrap_or(&nothing);
        let mut review = Self { place: place.as_str().to_owned(), ..Self::default() };
        let context = MentionContext { place, on };
        let clauses = &dispatch.clauses;
        for clause in clauses {
            let below = format!("{}.", clause.path);
            let is_leaf = !clauses.iter().any(|other| other.path.starts_with(&below));
            let own: Vec<_> = clause.assignments.iter().collect();
            let says_it_itself = own.iter().any(|assignment| assignment.role == Role::Lead && !assignment.inherited)
                && clause.heading.as_ref().is_none_or(|heading| clause.text.len() > heading.len() + 40);
            if !is_leaf && !says_it_itself {
                continue;
            }
            let mut of = |role: Role| {
                let mut found: Vec<usize> = Vec::new();
                for assignment in own.iter().filter(|assignment| assignment.role == role) {
                    let index = review.mention(tree, &context, &assignment.unit, readings);
                    if !found.contains(&index) {
                        found.push(index);
                    }
                }
                found
            };
            let (mut leads, cooperating) = (of(Role::Lead), of(Role::Cooperating));
            // A clause that names nobody is for those whom the command sentence names; a person decides whether.
            let said = !leads.is_empty();
            if !said {
                for assignment in dispatch.commanded.iter().filter(|assignment| assignment.role == Role::Lead) {
                    let index = review.mention(tree, &context, &assignment.unit, readings);
                    if !leads.contains(&index) {
                        leads.push(index);
                    }
                }
            }
            // The deadline with a moment wins over one without; of several moments the last is when all must be done.
            let deadline = clause
                .deadlines
                .iter()
                .enumerate()
                .max_by_key(|(_, deadline)| due_of(deadline, issued_on).at)
                .map(|(index, _)| index);
            let due_at = deadline
                .and_then(|index| clause.deadlines.get(index))
                .filter(|deadline| deadline.kind == vx_dispatch::DeadlineKind::Absolute)
                .and_then(|deadline| deadline.due_at.clone());
            review.orders.push(Order {
                clause: clause.path.clone(),
                title: title_of(clause),
                // "All units shall …" closes nearly every dispatch; it is an exhortation until somebody says otherwise.
                include: said
                    && leads
                        .iter()
                        .filter_map(|index| review.mentions.get(*index))
                        .any(|mention| !mention.units.is_empty() || mention.is_open() && !mention.is_vague()),
                leads,
                cooperating,
                due_at,
                deadline,
            });
        }
        review.dispatch = dispatch;
        review
    }

    /// The index of words among the mentions, resolved when they are new.
    pub(crate) fn mention(
        &mut self,
        tree: &Tree,
        context: &MentionContext,
        text: &str,
        readings: &BTreeMap<String, Vec<String>>,
    ) -> usize {
        let text = text.trim();
        if let Some(index) = self.mentions.iter().position(|mention| mention.text == text) {
            return index;
        }
        let mention = match readings.get(&mentions::memory_key(text)) {
            Some(units) => Mention { text: text.to_owned(), units: units.clone(), how: Resolved::Remembered },
            None => resolve(tree, context, text),
        };
        self.mentions.push(mention);
        self.mentions.len() - 1
    }

    /// What still must be settled, in the order of the page.
    #[must_use]
    pub fn required(&self) -> Vec<Required> {
        let mut open: Vec<Required> = self
            .dispatch
            .findings
            .iter()
            .enumerate()
            .filter(|(index, finding)| {
                finding.severity == vx_dispatch::Severity::Error && !self.settled.contains(index)
            })
            .map(|(index, _)| Required::Finding(index))
            .collect();
        let included = || self.orders.iter().enumerate().filter(|(_, order)| order.include);
        let mut unclear: BTreeSet<usize> = BTreeSet::new();
        for (_, order) in included() {
            let somebody = order
                .leads
                .iter()
                .filter_map(|index| self.mentions.get(*index))
                .any(|mention| !mention.units.is_empty());
            unclear.extend(order.leads.iter().copied().filter(|index| {
                // Where a definite unit leads beside it, "and others concerned" need not be asked for.
                self.mentions.get(*index).is_none_or(|mention| mention.is_open() && !(somebody && mention.is_vague()))
            }));
        }
        open.extend(unclear.into_iter().map(Required::Mention));
        open.extend(
            included().filter(|(_, order)| order.leads.is_empty()).map(|(index, _)| Required::NobodyLeads(index)),
        );
        let issued_on = self.issued_on();
        let early = |order: &Order| {
            let due: Option<Date> = order.due_at.as_deref().and_then(|due| due.get(..10)?.parse().ok());
            due.zip(issued_on).is_some_and(|(due, issued)| due < issued)
        };
        open.extend(included().filter(|(_, order)| early(order)).map(|(index, _)| Required::DueBeforeIssue(index)));
        if included().next().is_none() {
            open.push(Required::NoOrders);
        }
        open
    }

    /// The clause of an order.
    #[must_use]
    pub fn clause(&self, order: &Order) -> Option<&Clause> {
        self.dispatch.clauses.iter().find(|clause| clause.path == order.clause)
    }

    /// The deadline of an order: the moment a person settled on, or what the clause says. For what comes back, that moment is
    /// the first time.
    #[must_use]
    pub fn due(&self, order: &Order) -> Due {
        let read = self.clause(order).zip(order.deadline).and_then(|(clause, index)| clause.deadlines.get(index));
        let said = read.map(|deadline| due_of(deadline, self.issued_on()));
        let cutoff = read.and_then(|deadline| deadline.cutoff.as_deref()?.parse().ok());
        match (order.due_at.as_deref().and_then(|text| crate::due::moment(text, cutoff)), said) {
            // What comes back goes on doing so: a person settled when it is due for the first time.
            (Some(at), Some(said)) if said.kind == DueKind::Recurrent => {
                let rule = read.and_then(|deadline| Rule::parse(deadline.rule.as_deref()?));
                let rule = rule.map(|rule| rule.pinned(time::day_of(at)).to_string());
                Due { at: Some(at), rule: rule.or(said.rule.clone()), ..said }
            }
            (Some(at), Some(said)) => Due { at: Some(at), kind: DueKind::Absolute, ..said },
            (Some(at), None) => Due { kind: DueKind::Absolute, at: Some(at), quote: None, rule: None },
            (None, Some(said)) => said,
            (None, None) => Due::none(),
        }
    }

    /// The units that mentions name, each once, in order.
    #[must_use]
    pub fn units(&self, mentions: &[usize]) -> Vec<UnitId> {
        let mut units: Vec<UnitId> = Vec::new();
        for key in mentions.iter().filter_map(|index| self.mentions.get(*index)).flat_map(|mention| &mention.units) {
            let id = UnitId::from(key.as_str());
            if !units.contains(&id) {
                units.push(id);
            }
        }
        units
    }

    /// How many tasks confirming makes.
    #[must_use]
    pub fn n_tasks(&self) -> usize {
        self.orders.iter().filter(|order| order.include).map(|order| self.units(&order.leads).len()).sum()
    }

    /// Pieces of the text with their kind, in order, none overlapping: what the page tints.
    #[must_use]
    pub fn marks(&self) -> Vec<(Span, &'static str)> {
        let mut marks: Vec<(Span, &'static str)> = Vec::new();
        for (field, spans) in &self.dispatch.spans {
            let kind = match field.as_str() {
                "number" => "number",
                "issued_on" | "place" => "date",
                "issuer" | "urgency" | "subject" | "signatory" => "header",
                _ => continue,
            };
            marks.extend(spans.iter().map(|span| (*span, kind)));
        }
        for clause in &self.dispatch.clauses {
            for assignment in clause.assignments.iter().filter(|assignment| !assignment.inherited) {
                marks.push((assignment.span, if assignment.role == Role::Lead { "lead" } else { "cooperating" }));
            }
            marks.extend(clause.deadlines.iter().map(|deadline| (deadline.span, "deadline")));
        }
        marks.extend(self.dispatch.citations.iter().map(|citation| (citation.span, "citation")));
        marks.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
        let mut end = 0;
        marks.retain(|(span, _)| {
            let fits = span.start >= end && span.end > span.start;
            if fits {
                end = span.end;
            }
            fits
        });
        marks
    }
}

/// The units that words name in a place on a day, and how that is known.
pub(crate) fn resolve(tree: &Tree, context: &MentionContext, text: &str) -> Mention {
    let found = mentions::resolve(tree, context, text);
    let units: Vec<String> = found.units.iter().map(ToString::to_string).collect();
    let unsaid: Vec<&str> =
        found.parts.iter().flat_map(|part| part.omitted.iter().chain(&part.missing)).map(String::as_str).collect();
    let how = match found.leftovers.first() {
        None if !units.is_empty() && !unsaid.is_empty() => Resolved::Partly(unsaid.join(", ")),
        None if units.is_empty() => Resolved::Not { why: CENTRAL.to_owned(), candidates: Vec::new() },
        None => Resolved::Rule,
        Some(rest) if !units.is_empty() => Resolved::Partly(rest.text.clone()),
        Some(rest) => {
            let candidates = match &rest.why {
                Unresolved::Ambiguous(units) | Unresolved::Outside(units) => units.clone(),
                Unresolved::NotOnDate { heirs, .. } => heirs.clone(),
                Unresolved::Unknown | Unresolved::Vague => Vec::new(),
            };
            let candidates = candidates.iter().map(ToString::to_string).collect();
            Resolved::Not { why: rest.why.as_str().to_owned(), candidates }
        }
    };
    Mention { text: text.to_owned(), units, how }
}
