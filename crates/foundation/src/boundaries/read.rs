//! A file of boundaries, joined to the units of a day by their codes.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    io::{BufRead, Write},
};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use vx_atlas::{
    BrokenFile, Coverage, Feature, FeatureFault, Features, Mend, Point, Raw, Settled, Shape, settle, sound_shape,
    write_feature,
};
use vx_kernel::{
    Problem,
    text::fold,
    time::{Lang, say_date},
    units::{Kind, Tree, Unit, UnitId},
};
use vx_platform::words::{Arg, Words};

use super::Brought;

/// Points of all areas together: 48 MB of them. More detail than that is below what anybody surveyed.
const POINTS_MAX: usize = 6_000_000;
/// Features in a file: all communes of the country in pieces, and more.
const FEATURES_MAX: usize = 100_000;
/// Properties that hold the code of a unit, in the order in which they are tried.
const CODES: [&str; 14] = [
    "code",
    "ma_xa",
    "maxa",
    "ma_phuong_xa",
    "ward_code",
    "commune_code",
    "ma_dvhc",
    "madvhc",
    "ma_hc",
    "mahc",
    "ma_gso",
    "gso_code",
    "ma",
    "id",
];
/// Properties that hold its name.
const NAMES: [&str; 11] = [
    "name",
    "ten",
    "ten_xa",
    "tenxa",
    "ten_phuong_xa",
    "ward_name",
    "commune_name",
    "full_name",
    "ten_dvhc",
    "tendvhc",
    "ward",
];
/// So far from where a unit is known to lie (degrees; 100 km), an area is another's.
const FAR: f64 = 1.0;
/// So far it is told (degrees; 5 km).
const ASIDE: f64 = 0.05;
/// Digits of a commune's code.
const DIGITS: usize = 5;

/// What was told of a feature, or of the file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Finding {
    /// The feature's place in the file, from 1; none when the file is meant.
    pub number: Option<usize>,
    /// What was found: `boundaries-found-…` is its text.
    pub code: String,
    /// Values that the text names.
    pub args: BTreeMap<String, String>,
    /// The feature was not taken.
    pub rejected: bool,
}

impl Finding {
    fn new(number: Option<usize>, code: &str, args: &[(&str, &str)]) -> Self {
        let args = args.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { number, code: code.to_owned(), args, rejected: false }
    }
    /// In words.
    #[must_use]
    pub fn say(&self, words: &Words, lang: Lang) -> String {
        let args: Vec<Arg<'_>> = self.args.iter().map(|(name, value)| (name.as_str(), value.as_str().into())).collect();
        words.say(lang, &format!("boundaries-found-{}", self.code), &args)
    }
}

/// What came of a file.
#[derive(Clone, Debug)]
pub(crate) struct Read {
    pub(crate) coverage: Coverage,
    pub(crate) provinces: BTreeSet<UnitId>,
    pub(crate) findings: Vec<Finding>,
    pub(crate) n_rejected: usize,
}

/// The communes of a day and of all days, by code.
struct Codes<'t> {
    tree: &'t Tree,
    of_day: HashMap<&'t str, &'t Unit>,
    ever: HashMap<&'t str, Vec<&'t Unit>>,
    property: Option<&'t str>,
}

/// The file of features that were not taken, as it grows.
struct Rejected<'w> {
    out: &'w mut dyn Write,
    words: &'w Words,
    n: usize,
    failed: Option<std::io::Error>,
}

impl Rejected<'_> {
    fn put(&mut self, finding: &Finding, text: Option<&str>) {
        let reason = format!("{} / {}", finding.say(self.words, Lang::Vi), finding.say(self.words, Lang::En));
        let reason = Value::from(reason);
        // The feature stays as it was, with the reason as a member of its own (RFC 7946 § 6.1 allows it).
        let feature = match text.and_then(|text| text.trim_start().strip_prefix('{')) {
            Some(rest) if finding.code != "not-a-feature" && rest.trim_start() != "}" => {
                format!("{{\"loi\":{reason},{rest}")
            }
            _ => {
                let place = finding.number.unwrap_or_default();
                let text = text.map_or(Value::Null, Value::from);
                format!(
                    r#"{{"loi":{reason},"type":"Feature","geometry":null,"properties":{{"feature":{place},"text":{text}}}}}"#
                )
            }
        };
        let begin = if self.n == 0 { "{\"type\":\"FeatureCollection\",\"features\":[\n" } else { ",\n" };
        self.n += 1;
        if let Err(error) = write!(self.out, "{begin}{feature}") {
            self.failed.get_or_insert(error);
        }
    }
    fn end(mut self) -> Result<usize, Problem> {
        if self.n > 0
            && let Err(error) = write!(self.out, "\n]}}\n").and_then(|()| self.out.flush())
        {
            self.failed.get_or_insert(error);
        }
        match self.failed {
            Some(error) => Err(Problem::invalid("boundaries.rejected_unwritten").because(error)),
            None => Ok(self.n),
        }
    }
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn property<'p>(properties: &'p Map<String, Value>, names: &[&str]) -> Option<&'p Value> {
    let named =
        |name: &&str| properties.iter().find(|(key, value)| key.eq_ignore_ascii_case(name) && text_of(value).is_some());
    names.iter().find_map(named).map(|(_, value)| value)
}

/// Whether a name in a file means this unit: without marks, with or without its type.
fn is_called(unit: &Unit, name: &str) -> bool {
    let name = fold(name);
    unit.names().any(|known| {
        let known = fold(known);
        name == known || name.ends_with(&format!(" {known}")) || known.ends_with(&format!(" {name}"))
    })
}

impl<'t> Codes<'t> {
    fn new(tree: &'t Tree, brought: &'t Brought) -> Self {
        let mut codes = Self {
            tree,
            of_day: HashMap::new(),
            ever: HashMap::new(),
            property: brought.code_property.as_deref().map(str::trim).filter(|name| !name.is_empty()),
        };
        for unit in tree.units().iter().filter(|unit| unit.kind.has_committee()) {
            let Some(code) = unit.code.as_deref() else { continue };
            codes.ever.entry(code).or_default().push(unit);
            if unit.exists_on(brought.from) {
                codes.of_day.insert(code, unit);
            }
        }
        codes
    }

    /// The commune that a feature is the area of.
    fn unit_of(&self, feature: &Feature, raw: &Raw, findings: &mut Vec<Finding>) -> Result<&'t Unit, Finding> {
        let number = Some(raw.number);
        let named: &[&str] = self.property.as_ref().map_or(&CODES, std::slice::from_ref);
        let Some(code) = property(&feature.properties, named).and_then(text_of) else {
            let asked = self.property.map_or_else(|| CODES.join(", "), str::to_owned);
            return Err(Finding::new(number, "no-code", &[("property", &asked)]));
        };
        let digits = code.chars().all(|c| c.is_ascii_digit());
        let padded = if digits { format!("{code:0>DIGITS$}") } else { code.clone() };
        let name = property(&feature.properties, &NAMES).and_then(text_of);
        // A file often carries codes as numbers, which have no zeros before them.
        let found = self.of_day.get(code.as_str()).or_else(|| self.of_day.get(padded.as_str())).copied();
        let others = self.ever.get(code.as_str()).or_else(|| self.ever.get(padded.as_str()));
        let other_day = |unit: &&&Unit| {
            found.is_none_or(|found| found.id != unit.id) && name.as_deref().is_none_or(|name| is_called(unit, name))
        };
        let span = |unit: &Unit| {
            let day = |day| say_date(Lang::Vi, day);
            match (unit.from, unit.until) {
                (_, Some(until)) => format!("– {}", day(until)),
                (Some(from), None) => format!("{} –", day(from)),
                (None, None) => "–".to_owned(),
            }
        };
        let above = |unit: &Unit| {
            let above = self.tree.ancestors(unit.id.as_str());
            above.iter().map(|unit| unit.full_name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let said = |code_name: &str, unit: &Unit| {
            let whole = format!("{}, {}", unit.full_name, above(unit));
            let whole = whole.trim_end_matches([',', ' ']);
            Finding::new(
                number,
                code_name,
                &[("code", &code), ("unit", whole), ("span", &span(unit)), ("name", name.as_deref().unwrap_or("–"))],
            )
        };
        let Some(unit) = found else {
            return Err(
                match others.and_then(|others| others.iter().find(other_day).or_else(|| others.iter().next())) {
                    Some(other) => said("other-day", other),
                    None => Finding::new(number, "unknown-code", &[("code", &code)]),
                },
            );
        };
        if unit.kind != Kind::Commune {
            return Err(said("not-a-commune", unit));
        }
        if let Some(name) = name.as_deref()
            && !is_called(unit, name)
        {
            if let Some(other) = others.and_then(|others| others.iter().find(other_day)) {
                return Err(said("other-day", other));
            }
            findings.push(said("other-name", unit));
        }
        if let Some(away) = away(unit, feature) {
            if away > FAR {
                return Err(said("elsewhere", unit));
            }
            if away > ASIDE {
                findings.push(said("aside", unit));
            }
        }
        Ok(unit)
    }
}

/// How far the known point of a unit lies from the bounds of an area, in degrees.
fn away(unit: &Unit, feature: &Feature) -> Option<f64> {
    let (lat, lon) = (unit.lat?, unit.lon?);
    let points = || feature.polygons.iter().flatten().flatten();
    let span = |of: fn(&Point) -> f64| {
        points().map(of).fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| (low.min(at), high.max(at)))
    };
    let (west, east) = span(|point| point.lon());
    let (south, north) = span(|point| point.lat());
    let out = |at: f64, low: f64, high: f64| (low - at).max(at - high).max(0.0);
    Some(out(lon, west, east).max(out(lat, south, north)))
}

fn broken(fault: BrokenFile) -> Problem {
    Problem::invalid(match fault {
        BrokenFile::NotACollection => "boundaries.not_a_collection",
        BrokenFile::CutOff => "boundaries.cut_off",
        BrokenFile::Unreadable => "boundaries.unreadable",
    })
}

fn fault_of(raw: &Raw, fault: &FeatureFault) -> Finding {
    let code = match fault {
        FeatureFault::NotAFeature => "not-a-feature",
        FeatureFault::NotAnArea => "not-an-area",
        FeatureFault::Projected => "projected",
        FeatureFault::Outside => "outside",
    };
    Finding::new(Some(raw.number), code, &[])
}

/// Reads a whole file. Each feature is taken, or written to `rejected` with its reason.
pub(super) fn read(
    tree: &Tree,
    words: &Words,
    brought: &Brought,
    reader: impl BufRead,
    rejected: &mut dyn Write,
) -> Result<Read, Problem> {
    if brought.name.trim().is_empty() {
        // Said before minutes are spent on reading.
        return Err(Problem::refused("boundaries.no_name"));
    }
    let codes = Codes::new(tree, brought);
    let mut rejected = Rejected { out: rejected, words, n: 0, failed: None };
    let mut findings: Vec<Finding> = Vec::new();
    let mut shapes: Vec<Shape> = Vec::new();
    let mut numbers: HashMap<String, usize> = HashMap::new();
    let (mut n_points, mut n_swapped, mut n_unclosed) = (0, 0, 0);
    let mut reject = |findings: &mut Vec<Finding>, finding: Finding, text: Option<&str>| {
        rejected.put(&finding, text);
        findings.push(Finding { rejected: true, ..finding });
    };
    for raw in Features::new(reader) {
        let raw = raw.map_err(broken)?;
        if raw.number > FEATURES_MAX {
            return Err(Problem::refused("boundaries.too_many").with("max", FEATURES_MAX));
        }
        let text = raw.text.as_deref();
        let number = Some(raw.number);
        let Some(feature) = text else {
            reject(&mut findings, Finding::new(number, "too-large", &[]), None);
            continue;
        };
        let feature = match Feature::read(feature) {
            Ok(feature) => feature,
            Err(fault) => {
                reject(&mut findings, fault_of(&raw, &fault), text);
                continue;
            }
        };
        let unit = match codes.unit_of(&feature, &raw, &mut findings) {
            Ok(unit) => unit,
            Err(finding) => {
                reject(&mut findings, finding, text);
                continue;
            }
        };
        let named = |code: &str, more: &[(&str, &str)]| {
            Finding::new(number, code, &[&[("unit", unit.full_name.as_str())], more].concat())
        };
        if let Some(first) = numbers.get(unit.id.as_str()) {
            reject(&mut findings, named("doubled", &[("first", &first.to_string())]), text);
            continue;
        }
        let Some((polygons, mend)) = sound_shape(&feature.polygons) else {
            reject(&mut findings, named("crossing", &[]), text);
            continue;
        };
        if let Mend::Crossing { km2 } = mend {
            findings.push(named("mended", &[("km2", &format!("{km2:.3}"))]));
        }
        n_points += polygons.iter().flatten().map(Vec::len).sum::<usize>();
        if n_points > POINTS_MAX {
            return Err(Problem::refused("boundaries.too_detailed").with("max", POINTS_MAX));
        }
        n_swapped += usize::from(feature.swapped);
        n_unclosed += feature.unclosed;
        numbers.insert(unit.id.to_string(), raw.number);
        shapes.push(Shape { key: unit.id.to_string(), polygons });
    }
    for (code, n) in [("swapped", n_swapped), ("unclosed", n_unclosed)] {
        if n > 0 {
            findings.insert(0, Finding::new(None, code, &[("n", &n.to_string())]));
        }
    }
    overlaps(tree, &numbers, &mut shapes, &mut findings, &mut reject);
    // Also where nothing was taken, the file of what came back is a whole one.
    let n_rejected = rejected.end()?;
    if shapes.is_empty() {
        let first = findings.iter().find(|finding| finding.rejected).or(findings.first());
        let why = first.map_or_else(|| "–".to_owned(), |finding| finding.say(words, Lang::Vi));
        return Err(Problem::invalid("boundaries.nothing_taken").with("n", findings.len()).with("why", why));
    }
    let provinces: BTreeSet<UnitId> = shapes
        .iter()
        .filter_map(|shape| tree.up_to(&shape.key, Kind::Province))
        .map(|province| province.id.clone())
        .collect();
    missing(tree, brought, &provinces, &shapes, &mut findings);
    let coverage = Coverage::new(shapes);
    Ok(Read { coverage, provinces, findings, n_rejected })
}

fn overlaps(
    tree: &Tree,
    numbers: &HashMap<String, usize>,
    shapes: &mut Vec<Shape>,
    findings: &mut Vec<Finding>,
    reject: &mut impl FnMut(&mut Vec<Finding>, Finding, Option<&str>),
) {
    let name = |key: &str| tree.get(key).map_or_else(|| key.to_owned(), |unit| unit.full_name.clone());
    let before: HashMap<String, Shape> = shapes.iter().map(|shape| (shape.key.clone(), shape.clone())).collect();
    for overlap in settle(shapes) {
        let code = match overlap.settled {
            Settled::Trimmed => "trimmed",
            Settled::CutOut => "cut-out",
            Settled::Refused => "overlap",
        };
        let (of, over) = (name(&overlap.of), name(&overlap.over));
        let km2 = format!("{:.3}", overlap.km2);
        let args = [("unit", of.as_str()), ("other", over.as_str()), ("km2", km2.as_str())];
        let finding = Finding::new(numbers.get(&overlap.of).copied(), code, &args);
        match before.get(&overlap.of).filter(|_| overlap.settled == Settled::Refused) {
            Some(shape) => {
                let alone = Coverage::new(vec![shape.clone()]);
                let code = tree.get(&shape.key).and_then(|unit| unit.code.as_deref().map(str::to_owned));
                let properties = serde_json::json!({ "code": code, "name": of });
                let mut text = String::new();
                if let Some(area) = alone.areas.first() {
                    write_feature(&mut text, &alone, area, u8::MAX, &properties);
                }
                reject(findings, finding, Some(&text));
            }
            None => findings.push(finding),
        }
    }
}

/// Communes of the provinces in the file that it does not have: on the map they are empty.
fn missing(
    tree: &Tree,
    brought: &Brought,
    provinces: &BTreeSet<UnitId>,
    shapes: &[Shape],
    findings: &mut Vec<Finding>,
) {
    let there: HashSet<&str> = shapes.iter().map(|shape| shape.key.as_str()).collect();
    let mut missing = Vec::new();
    for province in provinces {
        for unit in tree.descendants(province.as_str(), Kind::Commune, Some(brought.from)) {
            if !there.contains(unit.id.as_str()) {
                let args = [("unit", unit.full_name.as_str()), ("code", unit.code.as_deref().unwrap_or("–"))];
                missing.push(Finding::new(None, "missing", &args));
            }
        }
    }
    findings.extend(missing);
}
