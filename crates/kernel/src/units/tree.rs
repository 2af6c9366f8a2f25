//! The tree of units as a value in memory.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use super::{Kind, Lineage, LineageKind, LineageSource, Path, Unit, UnitId, bare_name};
use crate::text::{fold, sort_key, tone_normal};

/// All units at one moment (cây đơn vị), never changed: a change makes a new tree.
///
/// **Invariant:** units stand in depth-first order, siblings in Vietnamese order with agencies last, so that a unit and everything below it
/// are one slice (test `subtree_is_path_prefix`).
#[derive(Debug, Clone, Default)]
pub struct Tree {
    units: Vec<Unit>,
    // For each unit the index after its last descendant.
    ends: Vec<u32>,
    by_id: HashMap<UnitId, u32>,
    // Folded names and other names, sorted; for search.
    keys: Vec<Key>,
    // Squeezed names of places, sorted; for mentions.
    places: Vec<(Box<str>, u32)>,
    // Squeezed names of agencies without their place, each with the agency's short name.
    cores: BTreeSet<(Box<str>, Box<str>)>,
    // Lines of descent by older unit, and their positions by newer unit.
    lines: Vec<Line>,
    back: Vec<u32>,
}

#[derive(Debug, Clone)]
struct Key {
    text: Box<str>,
    units: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Line {
    from: u32,
    to: u32,
    share: f64,
    kind: LineageKind,
    source: LineageSource,
}

/// What does not fit into a tree; it is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeFault {
    /// Two units have this key; the first counts.
    Duplicate(UnitId),
    /// The unit's parent is not in the tree, or stands below the unit.
    Orphan(UnitId),
    /// A line of descent names a unit that is not in the tree.
    UnknownInLineage(UnitId),
}

/// A unit that took over from, or gave over to, another (đơn vị kế thừa, đơn vị tiền thân).
#[derive(Debug, Clone, PartialEq)]
pub struct Heir {
    /// The unit.
    pub unit: UnitId,
    /// The part of the *older* unit that went over, from 0 to 1.
    pub share: f64,
    /// Whether every line behind it comes from the official table.
    pub official: bool,
}

/// What to search for.
#[derive(Debug, Clone, Default)]
pub struct Query<'q> {
    /// The words typed, with or without marks.
    pub text: &'q str,
    /// Only units that exist on that day.
    pub on: Option<Date>,
    /// Only this unit and what is below it.
    pub within: Option<&'q Path>,
    /// Only these kinds; empty for all.
    pub kinds: &'q [Kind],
    /// At most so many.
    pub limit: usize,
}

/// How well a unit fits a search, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rank {
    /// A name of the unit.
    Exact,
    /// The beginning of a name.
    Prefix,
    /// The beginning of a word in a name.
    Word,
    /// Anywhere in a name.
    Substring,
    /// All words occur, some in the names of the places above.
    Scattered,
}

/// A unit that was found.
#[derive(Debug, Clone)]
pub struct Hit<'t> {
    /// The unit.
    pub unit: &'t Unit,
    /// How well it fits.
    pub rank: Rank,
}

impl Tree {
    /// Builds the tree; what does not fit is reported and left out.
    #[must_use]
    pub fn new(units: Vec<Unit>, lineage: Vec<Lineage>) -> (Self, Vec<TreeFault>) {
        let mut faults = Vec::new();
        let units = in_order(units, &mut faults);
        let mut tree = Self { ends: ends(&units), ..Self::default() };
        tree.by_id = units.iter().zip(0u32..).map(|(unit, n)| (unit.id.clone(), n)).collect();
        tree.units = units;
        tree.name_keys();
        tree.descent(lineage, &mut faults);
        (tree, faults)
    }

    /// The tree with more units in it.
    #[must_use]
    pub fn with(&self, more: Vec<Unit>) -> (Self, Vec<TreeFault>) {
        let mut units = self.units.clone();
        units.extend(more);
        Self::new(units, self.lineage().collect())
    }

    fn name_keys(&mut self) {
        let mut keys: HashMap<Box<str>, Vec<u32>> = HashMap::new();
        // Agencies of one kind have the same names in every province; each name is folded once.
        let mut folded: HashMap<(&str, &str, &str), Box<str>> = HashMap::new();
        for (unit, n) in self.units.iter().zip(0u32..) {
            let parent =
                unit.parent.as_ref().and_then(|parent| self.by_id.get(parent)).map(|at| &self.units[*at as usize]);
            for name in unit.names() {
                let mut note = |key: &str| match keys.get_mut(key) {
                    Some(units) => units.push(n),
                    None => drop(keys.insert(key.into(), vec![n])),
                };
                if unit.kind != Kind::Agency {
                    let key = fold(name);
                    self.places.push((squeeze(&fold(bare_name(&unit.type_name, name))).into(), n));
                    note(&key);
                    continue;
                }
                let (slug, cap) =
                    (unit.agency.as_deref().unwrap_or_default(), parent.map_or("", |parent| &parent.type_name));
                let key = folded.entry((name, cap, slug)).or_insert_with(|| {
                    let key = fold(name);
                    if !slug.is_empty() {
                        self.cores.insert((squeeze(core(&key, &fold(cap))).into(), slug.into()));
                    }
                    key.into()
                });
                note(key);
            }
        }
        self.keys = keys.into_iter().map(|(text, units)| Key { text, units }).collect();
        for key in &mut self.keys {
            key.units.dedup();
            key.units.shrink_to_fit();
        }
        self.places.sort_unstable();
        self.places.dedup();
        self.places.shrink_to_fit();
    }

    fn descent(&mut self, lineage: Vec<Lineage>, faults: &mut Vec<TreeFault>) {
        for line in lineage {
            match (self.by_id.get(&line.from), self.by_id.get(&line.to)) {
                (Some(&from), Some(&to)) => {
                    self.lines.push(Line { from, to, share: line.share, kind: line.kind, source: line.source })
                }
                (None, _) => faults.push(TreeFault::UnknownInLineage(line.from)),
                (_, None) => faults.push(TreeFault::UnknownInLineage(line.to)),
            }
        }
        self.lines.sort_by_key(|line| (line.from, line.to));
        let mut back: Vec<u32> = self.lines.iter().zip(0u32..).map(|(_, n)| n).collect();
        back.sort_by_key(|n| (self.lines[*n as usize].to, self.lines[*n as usize].from));
        self.back = back;
    }

    /// How many units there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Every unit, depth first.
    #[must_use]
    pub fn units(&self) -> &[Unit] {
        &self.units
    }

    /// Every line of descent.
    pub fn lineage(&self) -> impl Iterator<Item = Lineage> {
        let id = |n: u32| self.units[n as usize].id.clone();
        self.lines.iter().map(move |line| Lineage {
            from: id(line.from),
            to: id(line.to),
            share: line.share,
            kind: line.kind,
            source: line.source,
        })
    }

    fn at(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).map(|n| *n as usize)
    }

    /// The unit of that key.
    #[must_use]
    pub fn get(&self, id: &str) -> Option<&Unit> {
        self.at(id).map(|n| &self.units[n])
    }

    /// The unit at that path.
    #[must_use]
    pub fn at_path(&self, path: &Path) -> Option<&Unit> {
        self.get(path.unit()).filter(|unit| unit.path == *path)
    }

    /// The provinces of all times.
    pub fn roots(&self) -> impl Iterator<Item = &Unit> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let unit = self.units.get(at)?;
            at = self.ends[at] as usize;
            Some(unit)
        })
    }

    /// The units directly below, places before agencies, in Vietnamese order.
    pub fn children(&self, id: &str) -> impl Iterator<Item = &Unit> {
        let (mut at, end) = self.at(id).map_or((0, 0), |n| (n + 1, self.ends[n] as usize));
        std::iter::from_fn(move || {
            let unit = self.units.get(at).filter(|_| at < end)?;
            at = self.ends[at] as usize;
            Some(unit)
        })
    }

    /// The unit and everything below it; empty if there is no such unit.
    #[must_use]
    pub fn subtree(&self, id: &str) -> &[Unit] {
        self.at(id).map_or(&[], |n| &self.units[n..self.ends[n] as usize])
    }

    /// Everything that a path contains; for the root path every unit.
    #[must_use]
    pub fn below(&self, path: &Path) -> &[Unit] {
        if path.is_root() { &self.units } else { self.at_path(path).map_or(&[], |unit| self.subtree(unit.id.as_str())) }
    }

    /// The units of a kind below (or at) a unit; with a day, only those that exist on it.
    pub fn descendants(&self, id: &str, kind: Kind, on: Option<Date>) -> impl Iterator<Item = &Unit> {
        self.subtree(id).iter().filter(move |unit| unit.kind == kind && on.is_none_or(|day| unit.exists_on(day)))
    }

    /// The units that exist on a day.
    pub fn on(&self, day: Date) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(move |unit| unit.exists_on(day))
    }

    /// The unit directly above.
    #[must_use]
    pub fn parent(&self, id: &str) -> Option<&Unit> {
        self.get(self.get(id)?.parent.as_ref()?.as_str())
    }

    /// The units above, nearest first.
    #[must_use]
    pub fn ancestors(&self, id: &str) -> Vec<&Unit> {
        let Some(unit) = self.get(id) else { return Vec::new() };
        let mut above: Vec<&Unit> = unit.path.keys().rev().skip(1).filter_map(|key| self.get(key)).collect();
        above.dedup_by_key(|unit| &unit.id);
        above
    }

    /// The unit itself or the nearest one above it that is of `kind`.
    #[must_use]
    pub fn up_to(&self, id: &str, kind: Kind) -> Option<&Unit> {
        let unit = self.get(id)?;
        unit.path.keys().rev().filter_map(|key| self.get(key)).find(|unit| unit.kind == kind)
    }

    /// The place itself, or the place an agency stands beside.
    #[must_use]
    pub fn place_of(&self, id: &str) -> Option<&Unit> {
        let unit = self.get(id)?;
        if unit.kind.is_place() { Some(unit) } else { self.parent(id) }
    }

    /// The agency of that short name beside a place.
    #[must_use]
    pub fn agency(&self, place: &str, slug: &str) -> Option<&Unit> {
        self.get(&format!("{place}.{slug}"))
    }

    /// What became of a place (đơn vị kế thừa), largest share first.
    ///
    /// A commune has its own lines. The shares of a district or province are those of its communes, weighed by inhabitants (equally where
    /// some are not counted). A district goes over to communes, a province to provinces. A unit that no line names has no successor.
    #[must_use]
    pub fn successors(&self, id: &str) -> Vec<Heir> {
        let Some(unit) = self.get(id) else { return Vec::new() };
        let below = self.subtree(id);
        let parts: Vec<&Unit> = if unit.kind == Kind::Commune {
            vec![unit]
        } else {
            below.iter().filter(|unit| unit.kind == Kind::Commune).collect()
        };
        let weights = weights(&parts);
        let mut sums: BTreeMap<u32, (f64, bool)> = BTreeMap::new();
        for (part, weight) in parts.iter().zip(weights) {
            let Some(at) = self.by_id.get(&part.id).copied() else { continue };
            let first = self.lines.partition_point(|line| line.from < at);
            for line in self.lines[first..].iter().take_while(|line| line.from == at) {
                let Some(to) = self.lift(line.to, unit.kind) else { continue };
                let sum = sums.entry(to).or_insert((0.0, true));
                sum.0 += weight * line.share;
                sum.1 &= line.source == LineageSource::Official;
            }
        }
        self.heirs(sums)
    }

    /// What a place was made of (đơn vị tiền thân); each with the share of the older unit that came in, largest first.
    ///
    /// The predecessors of a commune are communes, those of a province are provinces.
    #[must_use]
    pub fn predecessors(&self, id: &str) -> Vec<Heir> {
        let Some(unit) = self.get(id) else { return Vec::new() };
        let mut sums: BTreeMap<u32, (f64, bool)> = BTreeMap::new();
        for part in self.subtree(id).iter().filter(|unit| unit.kind == Kind::Commune) {
            let Some(at) = self.by_id.get(&part.id).copied() else { continue };
            let first = self.back.partition_point(|n| self.lines[*n as usize].to < at);
            for line in self.back[first..].iter().map(|n| self.lines[*n as usize]).take_while(|line| line.to == at) {
                let Some(from) = self.lift(line.from, unit.kind) else { continue };
                let weight = if from == line.from { 1.0 } else { self.weight_in(from, line.from) };
                let sum = sums.entry(from).or_insert((0.0, true));
                sum.0 += weight * line.share;
                sum.1 &= line.source == LineageSource::Official;
            }
        }
        self.heirs(sums)
    }

    // A province is compared with provinces; everything else with communes.
    fn lift(&self, commune: u32, kind: Kind) -> Option<u32> {
        if kind != Kind::Province {
            return Some(commune);
        }
        let province = self.up_to(self.units[commune as usize].id.as_str(), Kind::Province)?;
        self.by_id.get(&province.id).copied()
    }

    fn weight_in(&self, province: u32, commune: u32) -> f64 {
        let mut sum = 0;
        let mut n = 0u32;
        let mut all = true;
        for unit in
            self.subtree(self.units[province as usize].id.as_str()).iter().filter(|unit| unit.kind == Kind::Commune)
        {
            n += 1;
            match unit.population {
                Some(count) if count > 0 => sum += count,
                _ => all = false,
            }
        }
        match self.units[commune as usize].population {
            Some(count) if all => ratio(count, sum),
            _ => 1.0 / f64::from(n.max(1)),
        }
    }

    fn heirs(&self, sums: BTreeMap<u32, (f64, bool)>) -> Vec<Heir> {
        let heir = |(at, (share, official)): (u32, (f64, bool))| Heir {
            unit: self.units[at as usize].id.clone(),
            share: share.min(1.0),
            official,
        };
        let mut heirs: Vec<Heir> = sums.into_iter().map(heir).collect();
        heirs.sort_by(|a, b| b.share.total_cmp(&a.share));
        heirs
    }

    /// Finds units by name, without marks, best first.
    ///
    /// Words for the type (`huyện`, `h.`, `tp`) may stand before the name. Names with the marks as typed come before names with others.
    #[must_use]
    pub fn search(&self, query: &Query<'_>) -> Vec<Hit<'_>> {
        let typed = fold(query.text);
        if typed.is_empty() || query.limit == 0 {
            return Vec::new();
        }
        let (types, rest) = strip_type(&typed);
        let fits = |unit: &Unit| {
            query.on.is_none_or(|day| unit.exists_on(day))
                && query.within.is_none_or(|path| path.contains(&unit.path))
                && (query.kinds.is_empty() || query.kinds.contains(&unit.kind))
        };
        let mut best: HashMap<u32, Rank> = HashMap::new();
        for key in &self.keys {
            let bare = || if rest.is_empty() { None } else { rank(&key.text, rest) };
            let Some(rank) = rank(&key.text, &typed).or_else(bare) else { continue };
            for n in key.units.iter().filter(|n| fits(&self.units[**n as usize])) {
                best.entry(*n).and_modify(|known| *known = (*known).min(rank)).or_insert(rank);
            }
        }
        if best.is_empty() {
            self.scattered(rest, &fits, &mut best);
        }
        // Among thousands of hits the marks decide nothing.
        let compare_marks = best.len() <= 1_000 && !query.text.is_ascii();
        let marked = tone_normal(&query.text.to_lowercase());
        let mut hits: Vec<_> = best
            .into_iter()
            .map(|(n, rank)| {
                let unit = &self.units[n as usize];
                let other_type = !types.is_empty() && !types.contains(&fold(&unit.type_name).as_str());
                let other_marks = compare_marks && !marked.contains(&tone_normal(&unit.name.to_lowercase()));
                ((rank, other_type, other_marks, unit.kind, n), Hit { unit, rank })
            })
            .collect();
        hits.sort_unstable_by_key(|(order, _)| *order);
        hits.truncate(query.limit);
        hits.into_iter().map(|(_, hit)| hit).collect()
    }

    fn scattered(&self, typed: &str, fits: &dyn Fn(&Unit) -> bool, best: &mut HashMap<u32, Rank>) {
        let words: Vec<&str> = typed.split(' ').collect();
        if words.len() < 2 {
            return;
        }
        let starts_in = |text: &str, word: &str| text.split(' ').any(|other| other.starts_with(word));
        let mut above: HashMap<&str, String> = HashMap::new();
        // The first word must be the unit's own, the rest may be those of the places above.
        for key in self.keys.iter().filter(|key| starts_in(&key.text, words[0])) {
            let missing: Vec<&str> = words.iter().filter(|word| !starts_in(&key.text, word)).copied().collect();
            for n in &key.units {
                let unit = &self.units[*n as usize];
                let Some(parent) = unit.parent.as_ref().map(UnitId::as_str).filter(|_| fits(unit)) else { continue };
                let names = above.entry(parent).or_insert_with(|| {
                    let places = self.get(parent).into_iter().chain(self.ancestors(parent));
                    places.map(|unit| fold(&unit.full_name)).collect::<Vec<_>>().join(" ")
                });
                if missing.iter().all(|word| starts_in(names, word)) {
                    best.insert(*n, Rank::Scattered);
                }
            }
        }
    }

    pub(super) fn named(&self, squeezed: &str) -> impl Iterator<Item = &Unit> {
        let first = self.places.partition_point(|(key, _)| &**key < squeezed);
        self.places[first..]
            .iter()
            .take_while(move |(key, _)| &**key == squeezed)
            .map(|(_, n)| &self.units[*n as usize])
    }

    pub(super) fn slugs(&self, squeezed: &str) -> Vec<&str> {
        let from: (Box<str>, Box<str>) = (squeezed.into(), "".into());
        self.cores.range(from..).take_while(|(key, _)| &**key == squeezed).map(|(_, slug)| &**slug).collect()
    }
}

/// A folded name without its spaces and without leading zeros of numbers, so that `LĐ-TB&XH` is `LĐTBXH` and `Phường 05` is `Phường 5`.
pub(super) fn squeeze(folded: &str) -> String {
    folded
        .split(' ')
        .map(|word| {
            if word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_digit()) {
                word.trim_start_matches('0')
            } else {
                word
            }
        })
        .collect()
}

/// A folded name of an agency without the type of its place at the end: `cong an tinh` → `cong an`.
pub(super) fn core<'k>(key: &'k str, cap: &str) -> &'k str {
    key.strip_suffix(cap).and_then(|rest| rest.strip_suffix(' ')).unwrap_or(key)
}

fn weights(parts: &[&Unit]) -> Vec<f64> {
    let counts: Option<Vec<i64>> = parts.iter().map(|part| part.population.filter(|count| *count > 0)).collect();
    match counts {
        Some(counts) => {
            let sum = counts.iter().sum();
            counts.into_iter().map(|count| ratio(count, sum)).collect()
        }
        None => vec![1.0 / f64::from(u32::try_from(parts.len()).unwrap_or(u32::MAX)); parts.len()],
    }
}

#[expect(clippy::cast_precision_loss, reason = "numbers of people are far below 2^52")]
fn ratio(part: i64, whole: i64) -> f64 {
    part as f64 / whole as f64
}

fn in_order(units: Vec<Unit>, faults: &mut Vec<TreeFault>) -> Vec<Unit> {
    let mut by_id: HashMap<UnitId, usize> = HashMap::with_capacity(units.len());
    let mut slots: Vec<Option<Unit>> = Vec::with_capacity(units.len());
    for unit in units {
        if by_id.contains_key(&unit.id) {
            faults.push(TreeFault::Duplicate(unit.id));
        } else {
            by_id.insert(unit.id.clone(), slots.len());
            slots.push(Some(unit));
        }
    }
    let mut below: Vec<Vec<usize>> = vec![Vec::new(); slots.len()];
    let mut tops = Vec::new();
    for (n, unit) in slots.iter().enumerate() {
        let Some(unit) = unit else { continue };
        match &unit.parent {
            None => tops.push(n),
            Some(parent) => {
                if let Some(up) = by_id.get(parent) {
                    below[*up].push(n);
                }
            }
        }
    }
    let keys: Vec<_> = slots
        .iter()
        .map(|unit| unit.as_ref().map(|unit| (!unit.kind.is_place(), sort_key(unit.bare_name()), unit.from)))
        .collect();
    let order = |list: &mut Vec<usize>| list.sort_by(|a, b| keys[*a].cmp(&keys[*b]).then(a.cmp(b)));
    order(&mut tops);
    for list in &mut below {
        order(list);
    }
    let mut ordered = Vec::with_capacity(slots.len());
    let mut stack: Vec<usize> = tops.into_iter().rev().collect();
    while let Some(n) = stack.pop() {
        stack.extend(below[n].iter().rev());
        ordered.extend(slots[n].take());
    }
    faults.extend(slots.into_iter().flatten().map(|unit| TreeFault::Orphan(unit.id)));
    ordered
}

fn ends(units: &[Unit]) -> Vec<u32> {
    let mut ends: Vec<u32> = vec![0; units.len()];
    let mut open: Vec<usize> = Vec::new();
    for (n, unit) in units.iter().enumerate() {
        while let Some(&last) = open.last() {
            if unit.parent.as_ref() == Some(&units[last].id) {
                break;
            }
            ends[last] = index(n);
            open.pop();
        }
        open.push(n);
    }
    for last in open {
        ends[last] = index(units.len());
    }
    ends
}

fn index(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

// The types that the words before a name may mean, and the name.
fn strip_type(typed: &str) -> (&'static [&'static str], &str) {
    const TYPES: [(&str, &[&str]); 17] = [
        ("ubnd ", &[]),
        ("uy ban nhan dan ", &[]),
        ("tinh ", &["tinh"]),
        ("thanh pho ", &["thanh pho"]),
        ("tp ", &["thanh pho"]),
        ("thi xa ", &["thi xa"]),
        ("tx ", &["thi xa"]),
        ("thi tran ", &["thi tran"]),
        ("tt ", &["thi tran"]),
        ("huyen ", &["huyen"]),
        ("h ", &["huyen"]),
        ("quan ", &["quan"]),
        ("q ", &["quan"]),
        ("phuong ", &["phuong"]),
        ("p ", &["phuong"]),
        ("xa ", &["xa"]),
        ("dac khu ", &["dac khu"]),
    ];
    let mut rest = typed;
    while let Some((word, types)) = TYPES.iter().find(|(word, _)| rest.starts_with(word)) {
        rest = &rest[word.len()..];
        if !types.is_empty() {
            return (types, rest);
        }
    }
    (&[], rest)
}

fn rank(key: &str, wanted: &str) -> Option<Rank> {
    let at = key.find(wanted)?;
    Some(match at {
        0 if key.len() == wanted.len() => Rank::Exact,
        0 => Rank::Prefix,
        _ if key.as_bytes()[at - 1] == b' ' => Rank::Word,
        _ if key.contains(&format!(" {wanted}")) => Rank::Word,
        _ => Rank::Substring,
    })
}
