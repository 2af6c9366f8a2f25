//! Layers: what a map says of each unit. A layer is a plain value; [`LAYERS`] lists them.

use std::{collections::HashMap, future::Future, pin::Pin};

use jiff::Timestamp;
use vx_concepts::work::{self, Filter, Seen};
use vx_foundation::{boundaries::Sheet, units};
use vx_kernel::{
    Path, Problem,
    time::{day_of, say_count},
    units::{Kind, Tree, Unit},
};
use vx_platform::{auth::Reach, web::Visit};
use vx_tasks::store as tasks;
use vx_zones::{
    Colour, Level,
    store::{self as zones, Moment},
};

use super::epidemic;

/// The step of a unit of which nothing is known, though it is within reach.
pub const UNKNOWN: usize = usize::MAX;

/// A step of a legend: its colour, its sign where it has one of its own, its words.
#[derive(Clone, Copy, Debug)]
pub struct Band {
    /// The colour and hatch: `vx-tone-…` in the style sheet.
    pub tone: &'static str,
    /// What stands in the legend's square, where it is the same in every area; else a number stands in the areas.
    pub sign: &'static str,
    /// Key of its words.
    pub words: &'static str,
}

/// What a layer says of one unit.
#[derive(Clone, PartialEq, Debug)]
pub struct Figure {
    /// The step of the legend.
    pub band: usize,
    /// What stands in its area: short.
    pub sign: String,
    /// The same in words, for the list.
    pub words: String,
    /// The rows behind it.
    pub href: String,
    /// The list's order: the largest first.
    pub rank: i64,
}

/// Figures by the key of the unit. A unit that is not in it is out of the visitor's reach.
pub type Figures = HashMap<String, Figure>;

/// Figures that are being read.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<Figures, Problem>> + Send + 'a>>;

/// What a layer is asked for.
pub struct Look<'a> {
    /// Who asks.
    pub visit: &'a Visit,
    /// The units.
    pub tree: &'a Tree,
    /// The map of the day.
    pub sheet: &'a Sheet,
    /// The place.
    pub top: &'a Path,
    /// The level of the units.
    pub level: Kind,
    /// The units.
    pub units: &'a [&'a Unit],
    /// The moment: the end of a day, or now.
    pub at: Timestamp,
}

impl<'a> Look<'a> {
    /// The units whose levels and figures of the epidemic the visitor may see.
    pub(super) fn seen(&self) -> Result<Vec<&'a Unit>, Problem> {
        let places = vx_foundation::units::places(self.visit.actor()?, self.tree, zones::READ);
        let is_seen = |unit: &&Unit| places.iter().any(|place| place.contains(&unit.path));
        Ok(self.units.iter().copied().filter(is_seen).collect())
    }
}

/// A layer of the map.
pub struct Layer {
    /// Its name in addresses; `map-layer-…` is its text.
    pub name: &'static str,
    /// Who may choose it.
    pub permission: &'static str,
    /// Its legend, the least first.
    pub bands: &'static [Band],
    /// Whether it has figures of days that are over.
    pub has_days: bool,
    /// Reads its figures.
    pub read: for<'a> fn(Look<'a>) -> Reading<'a>,
}

/// Every layer, in the order in which they are offered; the first one is shown first.
pub(super) const LAYERS: &[Layer] = &[
    Layer {
        name: "level",
        permission: vx_zones::store::READ,
        bands: &[
            Band { tone: "green", sign: Colour::Green.sign(), words: "map-band-level-green" },
            Band { tone: "yellow", sign: Colour::Yellow.sign(), words: "map-band-level-yellow" },
            Band { tone: "orange", sign: Colour::Orange.sign(), words: "map-band-level-orange" },
            Band { tone: "red", sign: Colour::Red.sign(), words: "map-band-level-red" },
        ],
        has_days: true,
        read: |look| Box::pin(level(look)),
    },
    Layer {
        name: "incidence",
        permission: vx_zones::store::READ,
        bands: &[
            Band { tone: "0", sign: "", words: "map-band-incidence-0" },
            Band { tone: "1", sign: "", words: "map-band-incidence-1" },
            Band { tone: "2", sign: "", words: "map-band-incidence-2" },
            Band { tone: "3", sign: "", words: "map-band-incidence-3" },
        ],
        has_days: true,
        read: |look| Box::pin(epidemic::incidence(look, 7)),
    },
    Layer {
        name: "incidence14",
        permission: vx_zones::store::READ,
        bands: &[
            Band { tone: "0", sign: "", words: "map-band-incidence14-0" },
            Band { tone: "1", sign: "", words: "map-band-incidence14-1" },
            Band { tone: "2", sign: "", words: "map-band-incidence14-2" },
            Band { tone: "3", sign: "", words: "map-band-incidence14-3" },
        ],
        has_days: true,
        read: |look| Box::pin(epidemic::incidence(look, 14)),
    },
    Layer {
        name: "rt",
        permission: vx_zones::store::READ,
        bands: &[
            Band { tone: "0", sign: "", words: "map-band-rt-0" },
            Band { tone: "1", sign: "", words: "map-band-rt-1" },
            Band { tone: "2", sign: "", words: "map-band-rt-2" },
            Band { tone: "3", sign: "", words: "map-band-rt-3" },
        ],
        has_days: true,
        read: |look| Box::pin(epidemic::reproduction(look)),
    },
    Layer {
        name: "alarms",
        permission: vx_zones::store::READ,
        bands: &[
            Band { tone: "0", sign: "0", words: "map-band-alarms-0" },
            Band { tone: "1", sign: "1", words: "map-band-alarms-1" },
            Band { tone: "2", sign: "2", words: "map-band-alarms-2" },
            Band { tone: "3", sign: "3", words: "map-band-alarms-3" },
        ],
        has_days: true,
        read: |look| Box::pin(epidemic::alarms(look)),
    },
    Layer {
        name: "commitments",
        permission: vx_zones::store::READ,
        bands: &[
            Band { tone: "0", sign: "0", words: "map-band-commitments-0" },
            Band { tone: "1", sign: "", words: "map-band-commitments-1" },
            Band { tone: "2", sign: "", words: "map-band-commitments-2" },
            Band { tone: "3", sign: "", words: "map-band-commitments-3" },
        ],
        has_days: true,
        read: |look| Box::pin(epidemic::commitments(look)),
    },
    Layer {
        name: "overdue",
        permission: tasks::READ,
        bands: &[
            Band { tone: "0", sign: "0", words: "map-band-overdue-0" },
            Band { tone: "1", sign: "", words: "map-band-overdue-1" },
            Band { tone: "2", sign: "", words: "map-band-overdue-2" },
            Band { tone: "3", sign: "", words: "map-band-overdue-3" },
        ],
        has_days: false,
        read: |look| Box::pin(overdue(look)),
    },
    Layer {
        name: "reports",
        permission: vx_reports::store::READ,
        bands: &[
            Band { tone: "0", sign: "0", words: "map-band-reports-0" },
            Band { tone: "1", sign: "", words: "map-band-reports-1" },
            Band { tone: "2", sign: "", words: "map-band-reports-2" },
            Band { tone: "3", sign: "", words: "map-band-reports-3" },
        ],
        has_days: true,
        read: |look| Box::pin(reports(look)),
    },
    Layer {
        name: "density",
        permission: units::READ,
        bands: &[
            Band { tone: "0", sign: "1", words: "map-band-density-0" },
            Band { tone: "1", sign: "2", words: "map-band-density-1" },
            Band { tone: "2", sign: "3", words: "map-band-density-2" },
            Band { tone: "3", sign: "4", words: "map-band-density-3" },
        ],
        has_days: false,
        read: |look| Box::pin(density(look)),
    },
];

/// The step of a legend for a count: how many of the limits it reaches.
pub(super) fn step(n: i64, limits: &[i64]) -> usize {
    limits.iter().filter(|limit| n >= **limit).count()
}

/// The step for a part of a whole: none of it, below a quarter, below a half, more. A part, so that districts and communes
/// have one legend.
fn part_step(n: i64, of: i64) -> usize {
    if n == 0 { 0 } else { 1 + step(100 * n, &[25 * of, 50 * of]) }
}

fn is_in_reach(reach: &[Reach], unit: &Unit) -> bool {
    reach.iter().any(|reach| reach.covers(&unit.path))
}

/// The level that was decided for each unit and was in force, beside the one that the rules compute; where nothing was
/// decided, the computed one with a question mark.
async fn level(look: Look<'_>) -> Result<Figures, Problem> {
    let visit = look.visit;
    let moment = Moment { day: day_of(look.at), known_at: visit.now() };
    let (world, outcomes) = zones::outcomes(visit.app.db(), look.tree, look.top, &moment).await?;
    let decided = zones::decided(&mut visit.app.db().read().await?, look.top, look.at, visit.now()).await?;
    let computed: HashMap<&Path, Level> = (world.nodes.iter().zip(&outcomes))
        .filter_map(|(node, outcome)| Some((&node.path, outcome.as_ref()?.level?)))
        .collect();
    let said = |level: Option<Level>| level.map_or_else(|| "–".to_owned(), |level| visit.t(&level.key()));
    let figure = |unit: &Unit| {
        let (computed, decided) = (computed.get(&unit.path).copied(), decided.get(&unit.path).map(|one| one.level));
        let shown = decided.or(computed)?;
        let band = usize::from(shown.rank()).saturating_sub(1).min(3);
        let sign = format!("{}{}", shown.colour().sign(), if decided.is_some() { "" } else { "?" });
        let words =
            visit.ta("map-level-said", &[("decided", said(decided).into()), ("computed", said(computed).into())]);
        let href = format!("/zones/units/{}", unit.id);
        Some((unit.id.to_string(), Figure { band, sign, words, href, rank: i64::from(shown.rank()) }))
    };
    Ok(look.seen()?.into_iter().filter_map(figure).collect())
}

/// Overdue tasks that each unit leads, itself or by what is below it.
async fn overdue(look: Look<'_>) -> Result<Figures, Problem> {
    let reach = look.visit.actor()?.reach(tasks::READ);
    let mut conn = look.visit.app.db().read().await?;
    // Figures are summed one level below a place: communes of a province are asked for by district.
    let districts: Vec<Path> = look
        .units
        .iter()
        .filter_map(|unit| unit.path.parent())
        .collect::<std::collections::BTreeSet<_>>()
        .into_iter()
        .collect();
    let mut loads = HashMap::new();
    for district in districts {
        loads.extend(work::count::loads(&mut conn, &district, &reach, look.at).await?);
    }
    let figure = |unit: &&Unit| {
        let load = loads.get(&unit.path).copied();
        if load.is_none() && !is_in_reach(&reach, unit) {
            return None;
        }
        let (n, open) = load.map_or((0, 0), |load| (load.overdue, load.open));
        let filter = Filter { unit: Some(unit.path.clone()), seen: Some(Seen::Overdue), ..Filter::default() };
        let words = look.visit.ta("map-overdue", &[("n", n.into()), ("open", open.into())]);
        let figure = Figure { band: part_step(n, open), sign: n.to_string(), words, href: filter.href(), rank: n };
        Some((unit.id.to_string(), figure))
    };
    Ok(look.units.iter().filter_map(figure).collect())
}

/// Reports that were not there when their newest period had closed.
async fn reports(look: Look<'_>) -> Result<Figures, Problem> {
    let actor = look.visit.actor()?;
    let reach = actor.reach(vx_reports::store::READ);
    let mut conn = look.visit.app.db().read().await?;
    let owed = vx_reports::owed_at(&mut conn, actor, look.tree, look.top, look.at).await?;
    let depth = look.units.first().map_or(0, |unit| unit.path.depth());
    let mut sums: HashMap<Path, (i64, i64, Option<String>)> = HashMap::new();
    for report in owed {
        let sum = sums.entry(report.unit.at_depth(depth)).or_default();
        sum.1 += 1;
        if report.missing {
            sum.0 += 1;
            sum.2.get_or_insert_with(|| report.request.to_string());
        }
    }
    let figure = |unit: &&Unit| {
        let sum = sums.get(&unit.path);
        if sum.is_none() && !is_in_reach(&reach, unit) {
            return None;
        }
        let (n, owed, request) = sum.cloned().unwrap_or_default();
        let href = request
            .map_or_else(|| "/reports".to_owned(), |request| format!("/reports/{request}?unit={}", unit.path.as_str()));
        let words = look.visit.ta("map-reports", &[("n", n.into()), ("owed", owed.into())]);
        Some((unit.id.to_string(), Figure { band: part_step(n, owed), sign: n.to_string(), words, href, rank: n }))
    };
    Ok(look.units.iter().filter_map(figure).collect())
}

/// People to a square kilometre, by the boundaries where there are any, else by the list of units.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "people of a unit, on some km²")]
async fn density(look: Look<'_>) -> Result<Figures, Problem> {
    let figure = |unit: &&Unit| {
        let area = look.sheet.km2(unit).or_else(|| area_of(look.tree, unit)).filter(|area| *area > 0.0)?;
        let n = (unit.population? as f64 / area).round() as i64;
        let count = say_count(look.visit.lang, n);
        let words = look.visit.ta("map-density", &[("n", count.as_str().into())]);
        let band = step(n, &[300, 1_000, 5_000]);
        let href = format!("/units/{}", unit.id);
        Some((unit.id.to_string(), Figure { band, sign: (band + 1).to_string(), words, href, rank: n }))
    };
    Ok(look.units.iter().filter_map(figure).collect())
}

/// The area by the list of units: its own, or the sum of its communes.
fn area_of(tree: &Tree, unit: &Unit) -> Option<f64> {
    let communes = tree.descendants(unit.id.as_str(), Kind::Commune, unit.until.or(unit.from));
    unit.area_km2.or_else(|| communes.map(|commune| commune.area_km2).sum())
}

#[cfg(test)]
mod tests {
    use super::{LAYERS, part_step, step};

    #[test]
    fn figures_have_a_step_of_their_legend() {
        for (n, of, wanted) in [(0, 0, 0), (0, 9, 0), (1, 8, 1), (2, 8, 2), (3, 8, 2), (4, 8, 3), (8, 8, 3)] {
            assert_eq!(part_step(n, of), wanted, "{n} of {of}");
        }
        for (n, wanted) in [(299, 0), (300, 1), (4_999, 2), (5_000, 3)] {
            assert_eq!(step(n, &[300, 1_000, 5_000]), wanted, "{n}");
        }
        assert!(LAYERS.iter().all(|layer| layer.bands.len() == 4));
    }
}
