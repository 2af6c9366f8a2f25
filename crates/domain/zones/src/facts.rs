//! What is known of a nation, a province or a commune over some days: the input of every rule, and nothing of it a rule.
//!
//! Figures of units below are added up the tree; what nobody reported is not nought, it is missing.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Deserialize;
use vx_kernel::{
    Path,
    units::{Kind, Tree},
};
use vx_platform::text_enum;

text_enum! {
    /// What is counted of a day (số liệu trong ngày).
    pub enum Figure {
        /// New cases in the community, source known.
        Traced = "traced",
        /// New cases in the community, source unknown.
        Untraced = "untraced",
        /// Other new cases: in quarantine, at the border.
        Other = "other",
        /// New close contacts (F1) in the community.
        Contacts = "contacts",
        /// Patients who were put on oxygen.
        Oxygen = "oxygen",
        /// Deaths.
        Deaths = "deaths",
    }
}

/// How many figures a day has.
pub const FIGURES: usize = Figure::ALL.len();

text_enum! {
    /// What a unit has and is (số liệu nền).
    pub enum Stand {
        /// Inhabitants.
        Population = "population",
        /// Of them 18 and older.
        Adults = "adults",
        /// 18 and older with at least one dose.
        AdultsOneDose = "adults_one_dose",
        /// The elderly of the rule.
        Elders = "elders",
        /// The elderly with every dose.
        EldersFull = "elders_full",
        /// People with every dose.
        FullyDosed = "fully_dosed",
        /// People at high risk.
        HighRisk = "high_risk",
        /// People at high risk with every dose.
        HighRiskFull = "high_risk_full",
        /// Patients who can be cared for at home.
        HomeCare = "home_care",
        /// Beds for COVID-19.
        Beds = "beds",
        /// Beds of intensive care.
        IcuBeds = "icu_beds",
    }
}

/// How many figures a unit stands with.
pub const STANDS: usize = Stand::ALL.len();

/// One figure among another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
pub struct Share {
    /// How many.
    pub of: Stand,
    /// Among how many.
    pub among: Stand,
}

/// A unit that is judged, and what is known of it besides counts.
#[derive(Clone, Debug)]
pub struct Node {
    /// Where it stands.
    pub path: Path,
    /// What it is.
    pub kind: Kind,
    /// The unit above, by its place.
    pub parent: Option<usize>,
    /// Units directly below that have a People's Committee, by their places.
    pub children: Vec<usize>,
    /// Units of its kind that it adjoins, by their places; none where nobody knows.
    pub neighbours: Option<Vec<usize>>,
    /// Its people by the census, where no figure of a register stands.
    pub census: Option<i64>,
    /// What it stands with, the oldest first: the day, and what was known of that day.
    pub stands: Vec<(Date, [Option<i64>; STANDS])>,
    /// What people answered, the oldest first: the day from which it holds, the question, the answer.
    pub judged: Vec<(Date, String, bool)>,
    /// Decided ranks, the oldest first: the day from which each holds.
    pub decided: Vec<(Date, u8)>,
}

/// Everything that rules may look at.
#[derive(Clone, Debug)]
pub struct World {
    /// Units in the order of their paths, so that a unit stands after those above it.
    pub nodes: Vec<Node>,
    /// First day of which counts are known.
    first: Date,
    n_days: usize,
    /// Sums from the first day on: for each unit and day the figures, and on how many days it reported.
    sums: Vec<i32>,
    index: HashMap<Path, usize>,
}

/// Columns of the sums: the figures, and days reported.
const WIDTH: usize = FIGURES + 1;

/// The last day of an interval less the first, in days.
fn days_between(first: Date, last: Date) -> i64 {
    first.until(last).map_or(0, |span| i64::from(span.get_days()))
}

impl World {
    /// A world of places that exist on a day, at or below one, with room for the counts of some days.
    #[must_use]
    pub fn new(tree: &Tree, within: &Path, on: Date, first: Date, last: Date) -> Self {
        let mut nodes: Vec<Node> = Vec::new();
        let mut index = HashMap::new();
        for unit in tree.below(within).iter().filter(|unit| unit.kind.is_place() && unit.exists_on(on)) {
            let parent = unit.path.parent().and_then(|above| index.get(&above).copied());
            let at = nodes.len();
            if let Some(parent) = parent
                && unit.kind.has_committee()
            {
                let above: &mut Node = &mut nodes[parent];
                above.children.push(at);
            }
            index.insert(unit.path.clone(), at);
            nodes.push(Node {
                path: unit.path.clone(),
                kind: unit.kind,
                parent,
                children: Vec::new(),
                neighbours: None,
                census: unit.population,
                stands: Vec::new(),
                judged: Vec::new(),
                decided: Vec::new(),
            });
        }
        let n_days = usize::try_from(days_between(first, last) + 1).unwrap_or(0);
        let sums = vec![0; nodes.len() * n_days * WIDTH];
        Self { nodes, first, n_days, sums, index }
    }

    /// Where a unit stands among the nodes.
    #[must_use]
    pub fn at(&self, path: &Path) -> Option<usize> {
        self.index.get(path).copied()
    }

    /// Where a unit stands, by its key.
    #[must_use]
    pub fn at_key(&self, key: &str) -> Option<usize> {
        self.nodes.iter().position(|node| node.path.unit() == key)
    }

    fn place(&self, node: usize, day: usize) -> usize {
        (node * self.n_days + day) * WIDTH
    }

    fn day(&self, on: Date) -> Option<usize> {
        usize::try_from(days_between(self.first, on)).ok().filter(|day| *day < self.n_days)
    }

    /// Puts in what a unit counted on a day. What is not given counts as nothing; that it reported counts.
    pub fn count(&mut self, node: usize, on: Date, figures: &[Option<i64>; FIGURES]) {
        let Some(day) = self.day(on) else { return };
        let at = self.place(node, day);
        for (sum, figure) in self.sums[at..at + FIGURES].iter_mut().zip(figures) {
            *sum = i32::try_from(figure.unwrap_or(0)).unwrap_or(i32::MAX);
        }
        self.sums[at + FIGURES] = 1;
    }

    /// Adds counts up the tree and over the days. Call it once, when all counts are in.
    pub fn add_up(&mut self) {
        let wide = self.n_days * WIDTH;
        // From the end, so that each unit has everything from below before it is added to the one above. A unit above
        // that reported itself is believed for that day, and not added to.
        for node in (0..self.nodes.len()).rev() {
            let Some(parent) = self.nodes[node].parent else { continue };
            // What is below a commune is a part of it: it has its own figures, which the commune's contain.
            if !self.nodes[node].kind.has_committee() {
                continue;
            }
            let (above, below) = self.sums.split_at_mut(node * wide);
            for day in 0..self.n_days {
                let from = &below[day * WIDTH..(day + 1) * WIDTH];
                let into = &mut above[parent * wide + day * WIDTH..][..WIDTH];
                // Marked by a number that no unit below can bring about.
                if into[FIGURES] == OWN {
                    continue;
                }
                for (sum, figure) in into[..FIGURES].iter_mut().zip(from) {
                    *sum = sum.saturating_add(*figure);
                }
                into[FIGURES] |= i32::from(from[FIGURES] != 0);
            }
        }
        for node in 0..self.nodes.len() {
            for day in 0..self.n_days {
                let at = self.place(node, day);
                // Reported at all, by itself or by anybody below.
                self.sums[at + FIGURES] = i32::from(self.sums[at + FIGURES] != 0);
                if day > 0 {
                    for column in 0..WIDTH {
                        self.sums[at + column] = self.sums[at + column].saturating_add(self.sums[at + column - WIDTH]);
                    }
                }
            }
        }
    }

    fn sum(&self, node: usize, column: usize, on: Date, days: u8) -> i64 {
        let Some(last) = self.day(on) else { return 0 };
        let until = self.sums[self.place(node, last) + column];
        let before = (last + 1).checked_sub(usize::from(days) + 1);
        let before = before.map_or(0, |day| self.sums[self.place(node, day) + column]);
        i64::from(until - before)
    }

    /// The sum of a figure over the days up to one.
    #[must_use]
    pub fn total(&self, node: usize, figure: Figure, on: Date, days: u8) -> i64 {
        self.sum(node, figure as usize, on, days)
    }

    /// On how many of the days up to one the unit, or anybody below it, reported.
    #[must_use]
    pub fn days_reported(&self, node: usize, on: Date, days: u8) -> i64 {
        self.sum(node, FIGURES, on, days)
    }

    /// What a unit stands with on a day: its own figure, the newest; else what those below stand with together, when
    /// every one of them has a figure; of people the census where there is nothing else.
    #[must_use]
    pub fn stand(&self, node: usize, stand: Stand, on: Date) -> Option<i64> {
        self.stand_on(node, stand, on).map(|(figure, _)| figure)
    }

    /// As [`World::stand`], with the day of the figure; none for a census or a sum.
    #[must_use]
    pub fn stand_on(&self, node: usize, stand: Stand, on: Date) -> Option<(i64, Option<Date>)> {
        let unit = self.nodes.get(node)?;
        let of_then = unit.stands.iter().rev().filter(|(day, _)| *day <= on);
        if let Some((day, figure)) = of_then.filter_map(|(day, all)| Some((*day, all[stand as usize]?))).next() {
            return Some((figure, Some(day)));
        }
        if unit.kind != Kind::Commune && !unit.children.is_empty() {
            let below: Option<i64> = unit.children.iter().map(|child| self.stand(*child, stand, on)).sum();
            if below.is_some() {
                return below.map(|figure| (figure, None));
            }
        }
        unit.census.filter(|_| stand == Stand::Population).map(|figure| (figure, None))
    }

    /// What a person answered to a question, as it holds on a day.
    #[must_use]
    pub fn answer(&self, node: usize, question: &str, on: Date) -> Option<bool> {
        let answers = self.nodes.get(node)?.judged.iter().rev();
        answers.filter(|(day, asked, _)| *day <= on && asked == question).map(|(_, _, yes)| *yes).next()
    }

    /// The rank that was decided for a unit and holds on a day.
    #[must_use]
    pub fn decided(&self, node: usize, on: Date) -> Option<u8> {
        self.nodes.get(node)?.decided.iter().rev().find(|(day, _)| *day <= on).map(|(_, rank)| *rank)
    }

    /// The province of a unit, by its key.
    #[must_use]
    pub fn province(&self, node: usize) -> &str {
        self.nodes.get(node).and_then(|node| node.path.keys().next()).unwrap_or_default()
    }

    /// Says which units adjoin each other. A unit of which the list says nothing has no known neighbours.
    pub fn adjoin(&mut self, pairs: impl Iterator<Item = (usize, usize)>) {
        for (one, two) in pairs {
            self.nodes[one].neighbours.get_or_insert_default().push(two);
            self.nodes[two].neighbours.get_or_insert_default().push(one);
        }
    }
}

/// Stands in the column of days for a unit with units below that reported itself.
const OWN: i32 = i32::MIN;

impl World {
    /// As [`World::count`], for a unit of which those below report too: its own figures are believed.
    pub fn count_for_all(&mut self, node: usize, on: Date, figures: &[Option<i64>; FIGURES]) {
        self.count(node, on, figures);
        if let Some(day) = self.day(on) {
            let at = self.place(node, day) + FIGURES;
            self.sums[at] = OWN;
        }
    }
}
