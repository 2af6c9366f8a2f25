//! From facts to a level, with the reasons: pure, the same for the same input.

use std::{collections::HashMap, sync::Arc};

use jiff::civil::Date;
use vx_kernel::units::Kind;

use crate::{
    facts::{Stand, World},
    level::Level,
    rules::{CAPACITY, Cell, Criterion, Matrix, Measure, Parts, RuleBook, RuleSet, Table, Test, UnitKind},
};

/// What one cell had to do with a level, or why a level could not be found. The numbers are those of the sentence
/// `zone-why-CODE`; `rate` and `percent` are in tenths.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Reason {
    /// Word of the sentence.
    pub code: &'static str,
    /// Place of the cell in the rule set.
    pub cell: Option<usize>,
    /// Place of the indicator in the rule set.
    pub indicator: Option<usize>,
    /// The numbers.
    pub values: Vec<(&'static str, i64)>,
    /// The question that was answered, or was not.
    pub question: Option<String>,
}

impl Reason {
    fn of(code: &'static str) -> Self {
        Self { code, cell: None, indicator: None, values: Vec::new(), question: None }
    }
    fn cell(self, cell: usize) -> Self {
        Self { cell: Some(cell), ..self }
    }
    fn indicator(self, indicator: usize) -> Self {
        Self { indicator: Some(indicator), ..self }
    }
    fn with(mut self, name: &'static str, value: i64) -> Self {
        self.values.push((name, value));
        self
    }
    fn asked(self, question: &str) -> Self {
        Self { question: Some(question.to_owned()), ..self }
    }
    /// A number of the sentence.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<i64> {
        self.values.iter().find(|(of, _)| *of == name).map(|(_, value)| *value)
    }
}

/// What a rule says about a unit on a day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outcome {
    /// The rule set.
    pub rules: Arc<RuleSet>,
    /// As what the unit was judged.
    pub kind: Option<UnitKind>,
    /// The level; none when it cannot be decided.
    pub level: Option<Level>,
    /// What led to it, or why there is none.
    pub reasons: Vec<Reason>,
    /// What was missing, so that the level may be another.
    pub doubts: Vec<Reason>,
}

impl Outcome {
    /// Cells that had a part in the level and that nobody has compared with the text of the law: those of its reasons,
    /// and those by which it is no higher level. A green one rests on every criterion that was not met.
    #[must_use]
    pub fn unverified(&self) -> Vec<&Cell> {
        let mut places: Vec<usize> = self.reasons.iter().filter_map(|reason| reason.cell).collect();
        let rank = self.level.map_or(0, Level::rank);
        match &self.rules.table {
            Table::AnyOf(criteria) if rank > 0 => {
                let higher = criteria.iter().filter(|one| Some(one.unit) == self.kind && one.gives > rank);
                places.extend(higher.map(|criterion| criterion.cell));
            }
            Table::Matrix(matrix) if rank > 0 => places.extend(matrix.bands),
            _ => {}
        }
        places.sort_unstable();
        places.dedup();
        let cells = places.into_iter().filter_map(|at| self.rules.cells.get(at));
        cells.filter(|cell| cell.verified.is_none()).collect()
    }
}

/// A share in tenths of a per cent.
fn share(n: i64, of: i64) -> i64 {
    if of == 0 { 0 } else { n * 1000 / of }
}

/// The levels of every unit on a day, in the order of the world's nodes; none for units that no rule judges.
#[must_use]
pub fn levels(world: &World, book: &RuleBook, day: Date) -> Vec<Option<Outcome>> {
    let mut rules: HashMap<&str, Option<&Arc<RuleSet>>> = HashMap::new();
    let sets: Vec<Option<&Arc<RuleSet>>> = (0..world.nodes.len())
        .map(|node| {
            let province = world.province(node);
            *rules.entry(province).or_insert_with(|| book.on(province, day))
        })
        .collect();
    let mut outcomes: Vec<Option<Outcome>> = vec![None; world.nodes.len()];
    // Units below come first: a district is judged by its communes, a province by its districts.
    for kinds in [&[Kind::Commune, Kind::Hamlet, Kind::Cluster][..], &[Kind::District], &[Kind::Province]] {
        let nodes: Vec<usize> =
            (0..world.nodes.len()).filter(|node| kinds.contains(&world.nodes[*node].kind)).collect();
        let mut waiting = Vec::new();
        for node in nodes {
            let Some(set) = sets[node] else { continue };
            // A hamlet without figures of its own is judged with its commune.
            if !world.nodes[node].kind.has_committee() && world.days_reported(node, day, 14) == 0 {
                continue;
            }
            let look = Look { world, set, day, node };
            match &set.table {
                Table::AnyOf(criteria) => waiting.push((node, look, criteria)),
                Table::Matrix(matrix) => outcomes[node] = Some(look.matrix(matrix)),
                Table::Parts(parts) => outcomes[node] = Some(look.parts(parts)),
            }
        }
        any_of(world, waiting, &mut outcomes);
    }
    outcomes
}

/// Units that are judged by "any of": level by level from the highest, so that whether a neighbour is red is known
/// before it is asked who adjoins a red one.
fn any_of<'a>(
    world: &World,
    mut waiting: Vec<(usize, Look<'a>, &'a Vec<Criterion>)>,
    outcomes: &mut [Option<Outcome>],
) {
    for rank in [4, 3, 2] {
        let reasons: Vec<Vec<Reason>> = waiting
            .iter()
            .map(|(_, look, criteria)| {
                let of_rank = criteria.iter().filter(|one| one.gives == rank && look.is_for(one));
                of_rank.filter_map(|criterion| look.met(criterion, outcomes)).collect()
            })
            .collect();
        let mut rest = Vec::with_capacity(waiting.len());
        for ((node, look, criteria), reasons) in waiting.into_iter().zip(reasons) {
            if reasons.is_empty() {
                rest.push((node, look, criteria));
            } else {
                let doubts = look.doubts(criteria, outcomes, rank);
                outcomes[node] = Some(look.outcome(Some(rank), reasons, doubts));
            }
        }
        waiting = rest;
    }
    for (node, look, criteria) in waiting {
        let silent = world.days_reported(node, look.day, 14) == 0;
        outcomes[node] = Some(if silent {
            look.outcome(None, vec![Reason::of("silent").with("days", 14)], Vec::new())
        } else {
            let doubts = look.doubts(criteria, outcomes, 1);
            look.outcome(Some(1), vec![Reason::of("nothing-met")], doubts)
        });
    }
}

#[derive(Clone, Copy)]
struct Look<'a> {
    world: &'a World,
    set: &'a Arc<RuleSet>,
    day: Date,
    node: usize,
}

impl Look<'_> {
    fn outcome(&self, rank: Option<u8>, reasons: Vec<Reason>, doubts: Vec<Reason>) -> Outcome {
        let level = rank.and_then(|rank| Level::of_rank(self.set.vocabulary, rank));
        let kind = UnitKind::of(self.world.nodes[self.node].kind);
        Outcome { rules: self.set.clone(), kind, level, reasons, doubts }
    }

    fn is_for(&self, criterion: &Criterion) -> bool {
        UnitKind::of(self.world.nodes[self.node].kind) == Some(criterion.unit)
    }

    fn value(&self, cell: usize) -> Option<i64> {
        self.set.cells.get(cell).and_then(|cell| cell.value)
    }

    /// The count of an indicator, and the people on which it is taken.
    fn counted(&self, indicator: usize) -> (i64, Option<i64>) {
        let one = &self.set.indicators[indicator];
        let n = one.counts.iter().map(|figure| self.world.total(self.node, *figure, self.day, one.days)).sum();
        (n, self.world.stand(self.node, Stand::Population, self.day).filter(|people| *people > 0))
    }

    fn indicator(&self, code: &str) -> Option<usize> {
        self.set.indicators.iter().position(|one| one.code == code)
    }

    /// Units below of a kind, and how many of them fulfil something.
    fn children(&self, kind: UnitKind, fulfils: impl Fn(usize) -> bool) -> (i64, i64) {
        let (mut n, mut of) = (0, 0);
        for child in &self.world.nodes[self.node].children {
            if UnitKind::of(self.world.nodes[*child].kind) == Some(kind) {
                of += 1;
                n += i64::from(fulfils(*child));
            }
        }
        (n, of)
    }

    /// The reason, when the criterion is met.
    fn met(&self, criterion: &Criterion, outcomes: &[Option<Outcome>]) -> Option<Reason> {
        let cell = self.set.cells.get(criterion.cell)?;
        let wanted = cell.value?;
        let reaches = |node: usize, at: u8| {
            outcomes[node].as_ref().and_then(|outcome| outcome.level).is_some_and(|level| level.rank() >= at)
        };
        let by_measure = |n: i64, of: i64| match cell.measure {
            Measure::Percent => of > 0 && n * 100 >= wanted * of,
            Measure::PercentOver => of > 0 && n * 100 > wanted * of,
            _ => n >= wanted,
        };
        let shared = |code, (n, of): (i64, i64)| {
            let reason = Reason::of(code).with("n", n).with("of", of).with("percent", share(n, of));
            by_measure(n, of).then(|| reason.with("wanted", wanted))
        };
        let reason = match &criterion.test {
            Test::Count(code) => {
                let indicator = self.indicator(code)?;
                let (n, _) = self.counted(indicator);
                let days = i64::from(self.set.indicators[indicator].days);
                (n >= wanted).then(|| {
                    Reason::of("count").indicator(indicator).with("n", n).with("days", days).with("wanted", wanted)
                })
            }
            Test::Rate(code) => {
                let indicator = self.indicator(code)?;
                let (n, people) = self.counted(indicator);
                let one = &self.set.indicators[indicator];
                let people = people?;
                let over = match cell.measure {
                    Measure::RateOver => n * one.per > wanted * people,
                    _ => n * one.per >= wanted * people,
                };
                over.then(|| {
                    let rate = n * one.per * 10 / people;
                    let reason = Reason::of("rate").indicator(indicator).with("n", n).with("days", i64::from(one.days));
                    reason.with("people", people).with("rate", rate).with("wanted", wanted)
                })
            }
            Test::Children { kind, at } => {
                let reason = shared("children", self.children(*kind, |child| reaches(child, *at)));
                reason.map(|reason| reason.with("rank", i64::from(*at)))
            }
            Test::AnyChild { kind, at } => {
                let (n, of) = self.children(*kind, |child| reaches(child, *at));
                let reason = Reason::of("any-child").with("n", n).with("of", of).with("rank", i64::from(*at));
                (n >= wanted).then(|| reason.with("wanted", wanted))
            }
            Test::Neighbour(at) => {
                let neighbours = self.world.nodes[self.node].neighbours.as_deref().unwrap_or_default();
                let n = neighbours.iter().filter(|other| reaches(**other, *at)).count();
                let n = i64::try_from(n).unwrap_or(i64::MAX);
                (n >= wanted && n > 0)
                    .then(|| Reason::of("neighbour").with("n", n).with("rank", i64::from(*at)).with("wanted", wanted))
            }
            Test::Judgement(question) => {
                let yes = self.world.answer(self.node, question, self.day) == Some(true);
                (yes && wanted == 1).then(|| Reason::of("judged-yes").asked(question))
            }
            Test::Judged { kind, question } => {
                let yes = |child: usize| self.world.answer(child, question, self.day) == Some(true);
                shared("judged-share", self.children(*kind, yes)).map(|reason| reason.asked(question))
            }
        };
        reason.map(|reason| reason.cell(criterion.cell))
    }

    /// What could not be looked at and might have given a higher level.
    fn doubts(&self, criteria: &[Criterion], outcomes: &[Option<Outcome>], rank: u8) -> Vec<Reason> {
        let mut doubts = Vec::new();
        let higher = || criteria.iter().filter(|criterion| criterion.gives > rank && self.is_for(criterion));
        let window = higher()
            .filter_map(|criterion| match &criterion.test {
                Test::Count(code) | Test::Rate(code) => Some(self.set.indicators.get(self.indicator(code)?)?.days),
                _ => None,
            })
            .max();
        if let Some(days) = window {
            doubts.extend(self.missing_days(days));
        }
        for criterion in higher() {
            match &criterion.test {
                Test::Judgement(question) if self.world.answer(self.node, question, self.day).is_none() => {
                    doubts.push(Reason::of("unanswered").asked(question));
                }
                Test::Rate(_) if self.world.stand(self.node, Stand::Population, self.day).is_none() => {
                    doubts.push(Reason::of("no-population"));
                }
                Test::Neighbour(_)
                    if self.world.nodes[self.node].neighbours.is_none()
                        && !doubts.iter().any(|doubt| doubt.code == "no-neighbours") =>
                {
                    doubts.push(Reason::of("no-neighbours"));
                }
                Test::Children { kind, .. } if !doubts.iter().any(|doubt| doubt.code == "children-undecided") => {
                    let undecided = |child: usize| outcomes[child].as_ref().is_none_or(|one| one.level.is_none());
                    let (n, of) = self.children(*kind, undecided);
                    if n > 0 {
                        doubts.push(Reason::of("children-undecided").with("n", n).with("of", of));
                    }
                }
                _ => {}
            }
        }
        doubts
    }

    fn missing_days(&self, days: u8) -> Option<Reason> {
        let missing = i64::from(days) - self.world.days_reported(self.node, self.day, days);
        (missing > 0).then(|| Reason::of("missing-days").with("n", missing).with("days", i64::from(days)))
    }

    /// The band of a rate, 1 to 4, with its reason; none where a threshold is not known.
    fn band(&self, indicator: usize, bands: [usize; 3], people: i64) -> Result<(u8, Reason), Reason> {
        let (n, _) = self.counted(indicator);
        let one = &self.set.indicators[indicator];
        let mut band = 1;
        let mut cell = bands[0];
        for (place, at) in bands.into_iter().enumerate() {
            let empty = || Reason::of("empty-cell").cell(at);
            let from = self.value(at).ok_or_else(empty)?;
            if n * one.per >= from * people {
                band = u8::try_from(place).unwrap_or(0) + 2;
                cell = at;
            }
        }
        let rate = n * one.per * 10 / people;
        let reason = Reason::of("band").cell(cell).indicator(indicator).with("n", n).with("days", i64::from(one.days));
        Ok((band, reason.with("people", people).with("rate", rate).with("band", i64::from(band))))
    }

    /// Whether a share is met, with its reason; none where a figure is not known.
    fn met_share(&self, codes: [&'static str; 2], of: Stand, among: Stand, cell: usize) -> Option<(bool, Reason)> {
        let (n, all) = (self.world.stand(self.node, of, self.day)?, self.world.stand(self.node, among, self.day)?);
        let wanted = self.value(cell)?;
        let met = all > 0 && n * 100 >= wanted * all;
        let code = codes[usize::from(!met)];
        let reason = Reason::of(code).cell(cell).with("n", n).with("of", all).with("percent", share(n, all));
        Some((met, reason.with("wanted", wanted)))
    }

    fn matrix(&self, matrix: &Matrix) -> Outcome {
        let days = self.set.indicators[matrix.rate].days;
        if self.world.days_reported(self.node, self.day, days) == 0 {
            return self.outcome(None, vec![Reason::of("silent").with("days", i64::from(days))], Vec::new());
        }
        let (n, Some(people)) = self.counted(matrix.rate) else {
            return self.outcome(None, vec![Reason::of("no-population")], Vec::new());
        };
        let mut doubts: Vec<Reason> = self.missing_days(days).into_iter().collect();
        let (band, reason) = match self.band(matrix.rate, matrix.bands, people) {
            Ok(found) => found,
            Err(reason) => return self.outcome(None, vec![reason], doubts),
        };
        let mut reasons = vec![reason];
        let at = usize::from(band) - 1;
        let coverage =
            self.met_share(["coverage-met", "coverage-unmet"], Stand::AdultsOneDose, Stand::Adults, matrix.coverage);
        let Some((met, reason)) = coverage else {
            // Where both columns say the same, the level does not hang on coverage.
            let (met, unmet) = (self.value(matrix.met[at]), self.value(matrix.unmet[at]));
            if met != unmet || met.is_none() {
                reasons.push(Reason::of("no-coverage"));
                return self.outcome(None, reasons, doubts);
            }
            doubts.push(Reason::of("no-coverage"));
            return self.raised(matrix, n, matrix.met[at], reasons, doubts);
        };
        reasons.push(reason);
        let cell = if met { matrix.met[at] } else { matrix.unmet[at] };
        self.raised(matrix, n, cell, reasons, doubts)
    }

    fn raised(
        &self,
        matrix: &Matrix,
        n: i64,
        cell: usize,
        mut reasons: Vec<Reason>,
        mut doubts: Vec<Reason>,
    ) -> Outcome {
        let Some(mut rank) = self.value(cell).and_then(|rank| u8::try_from(rank).ok()) else {
            reasons.push(Reason::of("empty-cell").cell(cell));
            return self.outcome(None, reasons, doubts);
        };
        reasons.push(Reason::of("matrix").cell(cell).with("rank", i64::from(rank)));
        if n > 0 && rank < 4 {
            match self.met_share(["elders-met", "elders-unmet"], Stand::EldersFull, Stand::Elders, matrix.elders) {
                Some((true, reason)) => reasons.push(reason),
                Some((false, reason)) => {
                    let by = self.value(matrix.raise).and_then(|by| u8::try_from(by).ok()).unwrap_or(0);
                    rank = rank.saturating_add(by).min(4);
                    reasons.push(reason);
                    reasons.push(
                        Reason::of("raised").cell(matrix.raise).with("by", i64::from(by)).with("rank", i64::from(rank)),
                    );
                }
                None => doubts.push(Reason::of("no-elders")),
            }
        }
        let capacity = self.world.answer(self.node, CAPACITY, self.day);
        if self.value(matrix.capacity) == Some(1) {
            match (capacity, self.world.decided(self.node, self.day)) {
                (Some(false), Some(held)) if held > rank => {
                    rank = held;
                    reasons.push(Reason::of("held").cell(matrix.capacity).with("rank", i64::from(rank)));
                }
                (None, _) => doubts.push(Reason::of("unanswered").asked(CAPACITY)),
                _ => {}
            }
        }
        self.outcome(Some(rank), reasons, doubts)
    }

    fn parts(&self, parts: &Parts) -> Outcome {
        let mut reasons = Vec::new();
        let mut doubts = Vec::new();
        match self.world.stand(self.node, Stand::Population, self.day).filter(|people| *people > 0) {
            Some(people) => {
                for (indicator, bands) in &parts.rates {
                    match self.band(*indicator, *bands, people) {
                        Ok((_, reason)) => reasons.push(reason),
                        Err(reason) => doubts.push(reason),
                    }
                }
            }
            None => doubts.push(Reason::of("no-population")),
        }
        for (share, cell) in &parts.shares {
            match self.met_share(["share-met", "share-unmet"], share.of, share.among, *cell) {
                Some((_, reason)) => reasons.push(reason),
                None => doubts.push(Reason::of("no-share").cell(*cell)),
            }
        }
        let empty = parts.needs.iter().filter(|cell| self.value(**cell).is_none());
        doubts.extend(empty.map(|cell| Reason::of("empty-cell").cell(*cell)));
        reasons.push(Reason::of("cannot-decide"));
        self.outcome(None, reasons, doubts)
    }
}
