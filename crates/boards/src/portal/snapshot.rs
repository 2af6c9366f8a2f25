//! What the public may see, put together by a job and kept as one file.

use std::collections::{BTreeMap, HashMap};

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};
use vx_atlas::write_geometry;
use vx_foundation::{
    boundaries::{self, Sheet},
    units,
};
use vx_kernel::{
    Path, Problem,
    text::fold,
    time::{Lang, day_of},
    units::{Kind, Tree},
};
use vx_platform::{
    store::Uuid,
    web::{App, off_thread, unit_name},
};
use vx_publications::{ContactKind, store as publications};
use vx_zones::{
    Figure, Level, Stand, World, store as zones,
    types::{Lockdown, ZoneDecision},
};

use super::suppress::{Count, SMALL_PEOPLE, suppressed};
use crate::map::draw;

/// The form of the file; another one is not read.
pub(super) const EDITION: u32 = 3;
/// Days of which counts are published.
pub const DAYS: i64 = 28;
/// Decisions of one place that are published: those of a year and more.
const DECISIONS_MAX: i64 = 30;
/// How far ahead a decision may take effect: they are made hours or days before.
const AHEAD: SignedDuration = SignedDuration::from_hours(24 * 60);
/// How finely borders are published: points some forty metres apart.
const ZOOM: u8 = 12;

/// Everything that the public may see.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Snapshot {
    /// The form of the file.
    pub(super) edition: u32,
    /// The newest entry of the journal that it knows: of two snapshots the one that knows more stands.
    pub(super) knows: Option<Uuid>,
    /// When anything in it changed the last time.
    pub changed_at: Timestamp,
    /// The last day of the counts.
    pub last_day: Date,
    /// Provinces, districts and communes, each after those above it.
    pub places: Vec<Place>,
    /// The drawn map of each province, by its place.
    pub pictures: Vec<Picture>,
    /// What offices tell, the latest hour first; also what is ahead.
    pub announcements: Vec<Told>,
    /// Whom to call.
    pub contacts: Vec<Call>,
}

/// A place as the public is told of it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Place {
    /// Its key, as in addresses.
    pub key: String,
    /// Its code.
    pub code: Option<String>,
    /// What it is.
    pub kind: PlaceKind,
    /// The place above, by its number.
    pub above: Option<usize>,
    /// Its name with its type.
    pub name: String,
    /// Its name without type.
    pub bare: String,
    /// Every name that it has, without marks.
    pub folded: Vec<String>,
    /// The telephone of its committee.
    pub telephone: Option<String>,
    /// Decisions on its level, the latest hour first; also what is ahead.
    pub decisions: Vec<Decided>,
    /// Areas inside that are locked down.
    pub lockdowns: Vec<Locked>,
    /// New cases of each day, up to the last one; below a province up to the day before, since that one is running.
    pub cases: Vec<Count>,
    /// Deaths of each day; of provinces alone.
    pub deaths: Vec<Count>,
    /// Places of its kind that it adjoins, by their numbers; none where nobody knows.
    pub neighbours: Option<Vec<usize>>,
    /// Its outline in GeoJSON; empty where there is none.
    pub outline: String,
    /// Whether the outline is a schematic one, and no boundary.
    pub schematic: bool,
}

/// What a place is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceKind {
    /// Tỉnh, thành phố.
    Province,
    /// Huyện, quận, thị xã, thành phố.
    District,
    /// Xã, phường, thị trấn.
    Commune,
}

impl PlaceKind {
    fn of(kind: Kind) -> Option<Self> {
        match kind {
            Kind::Province => Some(Self::Province),
            Kind::District => Some(Self::District),
            Kind::Commune => Some(Self::Commune),
            _ => None,
        }
    }
    /// Its word in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::District => "district",
            Self::Commune => "commune",
        }
    }
}

/// A decision as it is published: of who signed only the post.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Decided {
    /// The level, as [`Level::text`] writes it.
    level: String,
    /// The level before.
    before: Option<String>,
    /// Number and symbol.
    pub number: String,
    /// Who decided.
    pub issuer: String,
    /// The post of who signed.
    pub post: String,
    /// On which day it was signed.
    pub signed_on: Date,
    /// From which hour it holds.
    pub effective_at: Timestamp,
}

impl Decided {
    /// The level.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        Level::parse(&self.level)
    }
    /// The level before.
    #[must_use]
    pub fn before(&self) -> Option<Level> {
        self.before.as_deref().and_then(Level::parse)
    }
}

/// That some area is locked down. What officers write of it may name a house or a family and is not published.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Locked {
    /// Number of the decision.
    pub number: String,
    /// From which hour.
    pub from_at: Timestamp,
    /// Until when it is planned.
    pub until_at: Option<Timestamp>,
    /// When it ends, where that was decided.
    pub ended_at: Option<Timestamp>,
}

/// An announcement.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Told {
    /// The place that it is about, by its number; none where the place is no more.
    pub place: Option<usize>,
    /// Who tells it.
    pub issuer: String,
    /// Title in Vietnamese.
    pub title: String,
    /// Text in Vietnamese.
    pub body: String,
    /// Title and text in English.
    pub english: Option<(String, String)>,
    /// From which hour.
    pub from_at: Timestamp,
    /// Until which hour.
    pub until_at: Option<Timestamp>,
}

/// A line of the directory.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Call {
    /// The place for which it is there, by its number.
    pub place: Option<usize>,
    /// What answers.
    pub kind: ContactKind,
    /// Its name.
    pub name: String,
    /// The same in English.
    pub name_en: Option<String>,
    /// The number.
    pub telephone: String,
    /// When somebody answers.
    pub hours: String,
    /// The same in English.
    pub hours_en: Option<String>,
}

/// The drawn map of a province.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Picture {
    /// The province, by its number.
    pub province: usize,
    /// Width in its own units.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// Communes by their numbers: the path of the outline, and where the sign stands.
    pub outlines: Vec<(usize, String, f64, f64)>,
}

/// The last days up to one.
fn days_to(last: Date) -> impl Iterator<Item = Date> {
    (0..DAYS).rev().filter_map(move |back| last.checked_sub(back.days()).ok())
}

impl Snapshot {
    /// The days of the counts.
    pub fn days(&self) -> impl Iterator<Item = Date> {
        days_to(self.last_day)
    }
}

/// Puts together what the public may see of the provinces that the data are about.
///
/// # Errors
/// When database or files are away.
pub(super) async fn gather(app: &App, knows: Option<Uuid>) -> Result<Snapshot, Problem> {
    let (tree, now) = (app.tree(), app.clock().now());
    let today = day_of(now);
    let first = today.checked_sub((DAYS - 1).days()).map_err(Problem::internal)?;
    let sheet = boundaries::sheet(app, today).await?;
    let mut all = Snapshot {
        edition: EDITION,
        knows,
        changed_at: now,
        last_day: today,
        places: Vec::new(),
        pictures: Vec::new(),
        announcements: Vec::new(),
        contacts: Vec::new(),
    };
    for province in units::provinces(app).await? {
        let world = zones::world(app.db(), &tree, &province, first, today, now).await?;
        let mut conn = app.db().read().await?;
        let ahead = now.checked_add(AHEAD).map_err(Problem::internal)?;
        let decisions = zones::last_decisions(&mut conn, &province, ahead, DECISIONS_MAX).await?;
        let lockdowns = zones::lockdowns(&mut conn, &province).await?;
        let told = publications::published_announcements(&mut conn, &province).await?;
        let calls = publications::published_contacts(&mut conn, &province).await?;
        drop(conn);
        let begin = all.places.len();
        let (mut places, number) = places(&tree, &world, today, begin);
        decide(app, &mut places, begin, &number, &decisions);
        lock(&mut places, begin, &number, &lockdowns, now);
        count(&mut places, begin, &world, today, &number);
        adjoin(&mut places, begin, &world, &sheet, &number);
        for one in told {
            all.announcements.push(Told {
                place: number.get(&one.place).copied(),
                issuer: unit_name(app, Lang::Vi, &one.path),
                english: one.title_en.zip(one.body_en),
                title: one.title,
                body: one.body,
                from_at: one.from_at,
                until_at: one.until_at,
            });
        }
        for one in calls {
            all.contacts.push(Call {
                place: number.get(&one.place).copied(),
                kind: one.kind,
                name: one.name,
                name_en: one.name_en,
                telephone: one.telephone,
                hours: one.hours,
                hours_en: one.hours_en,
            });
        }
        all.places.append(&mut places);
    }
    all.contacts.sort_by(|one, other| (one.kind, one.place, &one.name).cmp(&(other.kind, other.place, &other.name)));
    let drawn = off_thread(move || with_shapes(all, &sheet, &tree)).await?;
    Ok(drawn)
}

/// The places of a world with nothing decided and counted yet, and the number of each.
fn places(tree: &Tree, world: &World, today: Date, begin: usize) -> (Vec<Place>, HashMap<Path, usize>) {
    let (mut places, mut number): (Vec<Place>, HashMap<Path, usize>) = Default::default();
    for node in &world.nodes {
        let (Some(kind), Some(unit)) = (PlaceKind::of(node.kind), tree.at_path(&node.path)) else { continue };
        number.insert(node.path.clone(), begin + places.len());
        let mut folded: Vec<String> = unit.names().chain([unit.full_name_on(today).as_str()]).map(fold).collect();
        folded.sort();
        folded.dedup();
        places.push(Place {
            key: unit.id.to_string(),
            code: unit.code.as_deref().map(str::to_owned),
            kind,
            above: node.path.parent().and_then(|above| number.get(&above).copied()),
            name: unit.full_name_on(today),
            bare: unit.bare_name().to_owned(),
            folded,
            telephone: unit.phone.clone(),
            decisions: Vec::new(),
            lockdowns: Vec::new(),
            cases: Vec::new(),
            deaths: Vec::new(),
            neighbours: None,
            outline: String::new(),
            schematic: true,
        });
    }
    (places, number)
}

fn decide(app: &App, places: &mut [Place], begin: usize, number: &HashMap<Path, usize>, decisions: &[ZoneDecision]) {
    // They come by their hours; the latest is wanted first.
    for decision in decisions.iter().rev() {
        let Some(place) = number.get(&decision.path).and_then(|at| places.get_mut(at - begin)) else { continue };
        place.decisions.push(Decided {
            level: decision.level.text(),
            before: decision.before.map(Level::text),
            number: decision.number.clone(),
            issuer: unit_name(app, Lang::Vi, &decision.decided_by),
            post: decision.signer_post.clone(),
            signed_on: decision.signed_on,
            effective_at: decision.effective_at,
        });
    }
}

fn lock(places: &mut [Place], begin: usize, number: &HashMap<Path, usize>, all: &[Lockdown], now: Timestamp) {
    for lockdown in all.iter().filter(|lockdown| lockdown.ended_at.is_none_or(|ended| ended > now)) {
        let Some(place) = number.get(&lockdown.path).and_then(|at| places.get_mut(at - begin)) else { continue };
        place.lockdowns.push(Locked {
            number: lockdown.number.clone(),
            from_at: lockdown.from_at,
            until_at: lockdown.ended_at.or(lockdown.planned_until_at),
            ended_at: lockdown.ended_at,
        });
    }
}

/// New cases by day: of provinces as they are, of what is below them with small cells left out.
fn count(places: &mut [Place], begin: usize, world: &World, today: Date, number: &HashMap<Path, usize>) {
    let node_of: HashMap<usize, usize> =
        world.nodes.iter().enumerate().filter_map(|(node, one)| Some((*number.get(&one.path)?, node))).collect();
    let cases = |node: usize, day: Date| {
        let sum = [Figure::Traced, Figure::Untraced, Figure::Other];
        let sum = sum.into_iter().map(|figure| world.total(node, figure, day, 1)).sum::<i64>();
        (world.days_reported(node, day, 1) > 0).then_some(sum)
    };
    let is_small =
        |node: usize| world.stand(node, Stand::Population, today).is_none_or(|people| people <= SMALL_PEOPLE);
    let nodes: Vec<Option<usize>> = (begin..begin + places.len()).map(|at| node_of.get(&at).copied()).collect();
    let small: Vec<bool> = nodes.iter().map(|node| node.is_none_or(is_small)).collect();
    let above: Vec<Option<usize>> = places.iter().map(|place| place.above.map(|above| above - begin)).collect();
    for day in days_to(today) {
        // The running day is told of provinces alone: whoever looks twice has what came in between.
        let is_told = |at: usize| day < today || above[at].is_none();
        let told =
            nodes.iter().enumerate().map(|(at, node)| node.filter(|_| is_told(at)).and_then(|at| cases(at, day)));
        let counts: Vec<Option<i64>> = told.collect();
        for (at, count) in suppressed(&counts, &small, &above).into_iter().enumerate().filter(|(at, _)| is_told(*at)) {
            places[at].cases.push(count);
        }
    }
    for (at, place) in places.iter_mut().enumerate().filter(|(_, place)| place.kind == PlaceKind::Province) {
        let Some(node) = node_of.get(&(begin + at)).copied() else { continue };
        place.deaths = days_to(today)
            .map(|day| match world.days_reported(node, day, 1) {
                0 => Count::Missing,
                _ => Count::Exact(world.total(node, Figure::Deaths, day, 1)),
            })
            .collect();
    }
}

/// Who adjoins whom: by the boundaries where there are any, else by the list that ships.
fn adjoin(places: &mut [Place], begin: usize, world: &World, sheet: &Sheet, number: &HashMap<Path, usize>) {
    let by_key: HashMap<String, usize> =
        places.iter().enumerate().map(|(at, place)| (place.key.clone(), begin + at)).collect();
    for node in &world.nodes {
        let Some(at) = number.get(&node.path) else { continue };
        let others = node.neighbours.as_ref().map(|others| {
            others.iter().filter_map(|other| number.get(&world.nodes[*other].path).copied()).collect::<Vec<_>>()
        });
        places[at - begin].neighbours = others.filter(|others| !others.is_empty());
    }
    let mut drawn: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for pair in sheet.coverage.neighbours() {
        if !sheet.is_drawn(&pair.a) || !sheet.is_drawn(&pair.b) {
            continue;
        }
        if let (Some(a), Some(b)) = (by_key.get(&pair.a), by_key.get(&pair.b)) {
            drawn.entry(*a).or_default().push(*b);
            drawn.entry(*b).or_default().push(*a);
        }
    }
    for (at, others) in drawn {
        places[at - begin].neighbours = Some(others);
    }
    for place in places.iter_mut() {
        if let Some(others) = &mut place.neighbours {
            others.sort_unstable();
            others.dedup();
        }
    }
}

/// Outlines and pictures; the slow part.
fn with_shapes(mut all: Snapshot, sheet: &Sheet, tree: &Tree) -> Snapshot {
    for place in all.places.iter_mut().filter(|place| place.kind == PlaceKind::Commune) {
        let Some(area) = sheet.coverage.area(&place.key) else { continue };
        write_geometry(&mut place.outline, &sheet.coverage, area, ZOOM);
        place.schematic = !sheet.is_drawn(&place.key);
    }
    let number: HashMap<&str, usize> =
        all.places.iter().enumerate().map(|(at, place)| (place.key.as_str(), at)).collect();
    let mut pictures = Vec::new();
    for (province, _) in all.places.iter().enumerate().filter(|(_, place)| place.kind == PlaceKind::Province) {
        let within = |at: usize| std::iter::successors(Some(at), |at| all.places[*at].above).any(|at| at == province);
        let communes = all.places.iter().enumerate().filter(|(_, place)| place.kind == PlaceKind::Commune);
        let keys: Vec<String> = communes.filter(|(at, _)| within(*at)).map(|(_, place)| place.key.clone()).collect();
        let drawing = draw(sheet, tree, &keys);
        let tenth = |n: f64| (n * 10.0).round() / 10.0;
        let outlines = drawing.outlines.into_iter().filter_map(|outline| {
            let at = *number.get(outline.key.as_str())?;
            Some((at, outline.path, tenth(outline.at.0), tenth(outline.at.1)))
        });
        pictures.push(Picture { province, width: drawing.width, height: drawing.height, outlines: outlines.collect() });
    }
    all.pictures = pictures;
    all
}
