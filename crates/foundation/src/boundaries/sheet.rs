//! The map of a day: the boundaries that hold on it, and cells where there are none.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, LazyLock, PoisonError, RwLock},
};

use sha2::{Digest as _, Sha256};
use vx_atlas::{Area, Coverage, Site, cells};
use vx_kernel::{
    Date, Problem,
    units::{Kind, Tree, Unit},
};
use vx_platform::{
    store::migrate::hex,
    web::{App, off_thread},
};

use super::{
    kept,
    store::{Edition, EditionState, editions},
};

/// Sheets that are held at a time: today's and those that a time slider passes. One of the country takes some 20 MB.
const HELD_MAX: usize = 4;

/// The map of a day.
#[derive(Debug)]
pub struct Sheet {
    /// Areas of communes, by the keys of their units.
    pub coverage: Coverage,
    /// A mark of everything in it: two sheets with one mark are the same.
    pub mark: String,
    /// The editions that count, by province.
    pub editions: HashMap<String, Edition>,
    tree: Arc<Tree>,
    since: Date,
    drawn: HashSet<String>,
}

impl Sheet {
    /// Whether the map of a province is a schematic one.
    #[must_use]
    pub fn is_schematic(&self, province: &str) -> bool {
        !self.editions.contains_key(province)
    }
    /// Whether a commune has a boundary, and not a cell.
    #[must_use]
    pub fn is_drawn(&self, commune: &str) -> bool {
        self.drawn.contains(commune)
    }
    /// The areas of a unit's communes.
    #[must_use]
    pub fn areas(&self, unit: &Unit) -> Vec<&Area> {
        let below = self.tree.subtree(unit.id.as_str());
        below.iter().filter_map(|unit| self.coverage.area(unit.id.as_str())).collect()
    }
    /// How large a unit is by the boundaries of its communes, in km²; none where one of them has none.
    #[must_use]
    pub fn km2(&self, unit: &Unit) -> Option<f64> {
        let communes = self.tree.descendants(unit.id.as_str(), Kind::Commune, Some(self.since));
        let sizes: Option<Vec<f64>> = communes
            .map(|commune| self.coverage.area(commune.id.as_str()).filter(|area| self.is_drawn(&area.key)))
            .map(|area| area.map(|area| area.km2))
            .collect();
        sizes.filter(|sizes| !sizes.is_empty()).map(|sizes| sizes.iter().sum())
    }
}

/// The last day up to a day on which a commune came or went: the map is the same from then on.
fn since(tree: &Tree, day: Date) -> Date {
    let changes = tree
        .units()
        .iter()
        .filter(|unit| unit.kind == Kind::Commune)
        .flat_map(|unit| [unit.from, unit.until.and_then(|until| until.tomorrow().ok())]);
    changes.flatten().filter(|change| *change <= day).max().unwrap_or(Date::MIN)
}

/// The editions that count on a day, by province: of each the newest.
pub(super) fn in_force(editions: Vec<Edition>, day: Date) -> HashMap<String, Edition> {
    let mut in_force: HashMap<String, Edition> = HashMap::new();
    for edition in editions.into_iter().filter(|edition| edition.from_on <= day) {
        for province in edition.provinces.split_whitespace().map(str::to_owned).collect::<Vec<_>>() {
            in_force.entry(province).or_insert_with(|| edition.clone());
        }
    }
    in_force
}

static HELD: LazyLock<RwLock<Vec<Arc<Sheet>>>> = LazyLock::new(RwLock::default);

/// The map of a day. It is put together once and then held until units or editions change.
///
/// # Errors
/// When database or files are away.
pub async fn sheet(app: &App, day: Date) -> Result<Arc<Sheet>, Problem> {
    let tree = app.tree();
    let all = editions(&mut app.db().read().await?, Some(EditionState::InUse)).await?;
    let mut in_force = in_force(all, day);
    let since = since(&tree, day);
    // An edition of 2021 has nothing to say of the communes of 2025, although it was never replaced.
    in_force.retain(|province, _| tree.get(province).is_some_and(|unit| unit.exists_on(day)));
    let same = |held: &&Arc<Sheet>| {
        Arc::ptr_eq(&held.tree, &tree)
            && held.since == since
            && held.editions.len() == in_force.len()
            && in_force.iter().all(|(key, edition)| held.editions.get(key).is_some_and(|held| held.id == edition.id))
    };
    if let Some(held) = HELD.read().unwrap_or_else(PoisonError::into_inner).iter().find(same) {
        return Ok(held.clone());
    }
    let mut shapes: HashMap<String, Coverage> = HashMap::new();
    for edition in in_force.values() {
        if !shapes.contains_key(&edition.shape) {
            shapes.insert(edition.shape.clone(), kept(app, &edition.shape).await?);
        }
    }
    let sheet = Arc::new(off_thread(move || draw(tree, since, in_force, &shapes)).await?);
    let mut held = HELD.write().unwrap_or_else(PoisonError::into_inner);
    held.retain(|other| Arc::ptr_eq(&other.tree, &sheet.tree));
    held.truncate(HELD_MAX - 1);
    held.insert(0, sheet.clone());
    Ok(sheet)
}

fn draw(tree: Arc<Tree>, since: Date, editions: HashMap<String, Edition>, shapes: &HashMap<String, Coverage>) -> Sheet {
    let province = |unit: &Unit| unit.path.keys().next().unwrap_or_default().to_owned();
    let communes: Vec<&Unit> =
        tree.units().iter().filter(|unit| unit.kind == Kind::Commune && unit.exists_on(since)).collect();
    let mut by_edition: HashMap<&str, HashSet<&str>> = HashMap::new();
    let mut bare: HashSet<&str> = HashSet::new();
    for commune in &communes {
        match editions.get(&province(commune)) {
            Some(edition) => by_edition.entry(&edition.shape).or_default().insert(commune.id.as_str()),
            None => bare.insert(commune.id.as_str()),
        };
    }
    let mut parts: Vec<Coverage> = by_edition
        .iter()
        .filter_map(|(shape, wanted)| Some(shapes.get(*shape)?.only(|key| wanted.contains(key))))
        .collect();
    let drawn = parts.iter().flat_map(|part| part.areas.iter().map(|area| area.key.clone())).collect();
    if !bare.is_empty() {
        // Communes that have boundaries keep their place among the cells, so that these end where a neighbour begins.
        let sites: Vec<Site> = communes
            .iter()
            .filter_map(|unit| Some(Site { key: unit.id.to_string(), lon: unit.lon?, lat: unit.lat? }))
            .collect();
        parts.push(Coverage::new(cells(&sites)).only(|key| bare.contains(key)));
    }
    let coverage = Coverage::merged(parts);
    let mut digest = Sha256::new();
    digest.update(since.to_string());
    for area in &coverage.areas {
        digest.update(&area.key);
        digest.update(area.km2.to_bits().to_le_bytes());
        digest.update(tree.get(&area.key).map_or("", |unit| unit.full_name.as_str()));
    }
    let mark = hex(digest.finalize().get(..8).unwrap_or_default());
    Sheet { coverage, mark, editions, tree, since, drawn }
}
