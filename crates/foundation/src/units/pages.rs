//! Pages and actions of units: parse, then read or execute, then show.

use axum::extract::{Path as Address, Query};
use vx_concepts::engine::{Command, execute};
use vx_kernel::{
    Date, Id, Path, Problem, ProblemKind, ids,
    text::{fold, sort_key},
    units::{self, Hit, Kind, Tree, Unit, UnitId, agencies::posts_of},
};
use vx_platform::{
    journal::{self, Entry},
    web::{
        Access, Form, PageResult, Route, Visit, download,
        list::{KeyKind, Listing, Order},
        see_other,
    },
};

use crate::filters;

use super::{
    Add, Amend, Holder, READ, WHOLE, load, store,
    views::{self, Desk, Index, Page, When},
};

/// Results of a search: more than anybody pages through; another word is faster.
const FOUND_MAX: usize = 500;

const FIT: Order = Order { name: "fit", key: "units-fit", by: "", kind: KeyKind::Fit, falling: false };
const NAME: Order = Order { name: "name", key: "units-name", by: "", kind: KeyKind::Text, falling: false };
const LEVEL: Order = Order { name: "level", key: "units-kind", by: "", kind: KeyKind::Text, falling: false };
/// By what units that were looked for can be sorted.
const FOUND: &[Order] = &[FIT, NAME, LEVEL];
/// By what units of a level can be sorted.
const LISTED: &[Order] = &[NAME, LEVEL];

type Pairs = Query<Vec<(String, String)>>;
type Key = Address<String>;

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/units", Access::Needs(READ), index),
        Route::get("/units.csv", Access::Needs(READ), export),
        Route::get("/units/{key}", Access::Needs(READ), show),
        Route::post("/units/{key}/add", Access::Needs(Add::NAME), add),
        Route::post("/units/{key}/amend", Access::Needs(Amend::NAME), amend),
        Route::post("/units/{key}/holder", Access::Needs(Holder::NAME), name_holder),
    ]
}

fn asked<'q>(query: &'q [(String, String)], name: &str) -> &'q str {
    query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
}

fn day_of(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

fn when(visit: &Visit, query: &[(String, String)]) -> When {
    let (text, today) = (asked(query, "on"), visit.today());
    let day = day_of(text);
    When {
        day: day.unwrap_or(today),
        today,
        unread: Some(text.to_owned()).filter(|text| !text.is_empty() && day.is_none()),
    }
}

fn unit_of<'t>(tree: &'t Tree, key: &str) -> Result<&'t Unit, Problem> {
    tree.get(key).ok_or_else(|| Problem::new(ProblemKind::NotFound, "units.unknown").with("key", key))
}

/// The province that a visitor belongs to on a day: where they work, or whose data these are; or what became of it.
///
/// # Errors
/// When the database is away.
pub async fn home(visit: &Visit, tree: &Tree, on: Date) -> Result<Option<UnitId>, Problem> {
    let mut conn = visit.app.db().read().await?;
    let whole = vx_platform::store::setting(&mut conn, WHOLE).await?.unwrap_or_default();
    drop(conn);
    let homes = visit.actor()?.homes();
    let mut keys = homes.iter().map(|path| path.unit()).chain(whole.split_whitespace());
    let Some(own) = keys.find_map(|key| tree.up_to(key, Kind::Province)) else { return Ok(None) };
    if own.exists_on(on) {
        return Ok(Some(own.id.clone()));
    }
    let mut kin = tree.successors(own.id.as_str());
    kin.extend(tree.predecessors(own.id.as_str()));
    let there = |key: &UnitId| tree.get(key.as_str()).is_some_and(|unit| unit.exists_on(on));
    Ok(kin.into_iter().map(|heir| heir.unit).find(there))
}

/// What narrows the list of units.
pub(super) struct Wanted<'q> {
    pub(super) text: &'q str,
    pub(super) kind: Option<Kind>,
    pub(super) within: Option<UnitId>,
}

fn wanted<'q>(tree: &Tree, query: &'q [(String, String)]) -> Result<Wanted<'q>, Problem> {
    let within = Some(asked(query, "within")).filter(|key| !key.is_empty());
    Ok(Wanted {
        text: asked(query, "q"),
        kind: Kind::parse(asked(query, "kind")),
        within: within.map(|key| unit_of(tree, key).map(|unit| unit.id.clone())).transpose()?,
    })
}

/// The units that a list shows: those that words find, or all of a level on the day. `None` where nothing was asked
/// for, which shows the tree.
fn listed<'t>(tree: &'t Tree, wanted: &Wanted<'_>, day: Date, home: Option<&UnitId>) -> Option<Vec<&'t Unit>> {
    let inside = |unit: &Unit| {
        wanted.kind.is_none_or(|kind| unit.kind == kind)
            && wanted
                .within
                .as_ref()
                .is_none_or(|above| unit.id != *above && unit.path.keys().any(|key| key == above.as_str()))
    };
    if !wanted.text.is_empty() {
        return Some(search(tree, wanted.text, day, home).into_iter().filter(|unit| inside(unit)).collect());
    }
    (wanted.kind.is_some() || wanted.within.is_some()).then(|| tree.on(day).filter(|unit| inside(unit)).collect())
}

fn order(by: &str, units: &mut [&Unit]) {
    match by {
        "name" => units.sort_by_cached_key(|unit| sort_key(unit.bare_name())),
        "level" => units.sort_by_cached_key(|unit| (unit.kind, sort_key(unit.bare_name()))),
        _ => {}
    }
}

pub(super) async fn index(visit: Visit, Query(query): Pairs) -> PageResult {
    let (tree, when) = (visit.app.tree(), when(&visit, &query));
    let kept = filters::kept(&visit, &mut visit.app.db().read().await?, "/units").await?;
    if let Some(first) = kept.first(&visit) {
        return Ok(first);
    }
    let home = home(&visit, &tree, when.day).await?;
    let wanted = wanted(&tree, &query)?;
    let listing = Listing::parse("/units", if wanted.text.is_empty() { LISTED } else { FOUND }, &query);
    let found = listed(&tree, &wanted, when.day, home.as_ref())
        .map(|units| listing.slice(units, |unit| unit.id.to_string(), order));
    let open = Some(asked(&query, "open")).filter(|key| !key.is_empty()).map(UnitId::from).or(home);
    let index = Index {
        tree: &tree,
        when: &when,
        wanted: &wanted,
        listing: &listing,
        kept: &kept,
        found: found.as_ref(),
        open,
    };
    Ok(visit.page(&visit.t("units-title"), views::index(&visit, &index)))
}

/// What a search for units finds for a visitor, best first: what exists today, and near their own province.
///
/// # Errors
/// When the database is away.
pub async fn found<'t>(visit: &Visit, tree: &'t Tree, text: &str) -> Result<Vec<&'t Unit>, Problem> {
    let day = visit.today();
    let home = home(visit, tree, day).await?;
    Ok(search(tree, text, day, home.as_ref()))
}

/// Those that exist on the day first, then the better fit, then those of one's own province.
fn search<'t>(tree: &'t Tree, text: &str, day: Date, home: Option<&UnitId>) -> Vec<&'t Unit> {
    let ask = |on| tree.search(&units::Query { text, on, limit: FOUND_MAX, ..units::Query::default() });
    let mut hits = ask(Some(day));
    hits.extend(ask(None).into_iter().filter(|hit| !hit.unit.exists_on(day)));
    let elsewhere = |hit: &Hit<'_>| hit.unit.path.keys().next() != home.map(UnitId::as_str);
    hits.sort_by_key(|hit| (!hit.unit.exists_on(day), hit.rank, elsewhere(hit)));
    hits.truncate(FOUND_MAX);
    hits.into_iter().map(|hit| hit.unit).collect()
}

/// The units that the page shows, as a file; the whole tree of the day where nothing was asked for.
pub(super) async fn export(visit: Visit, Query(query): Pairs) -> PageResult {
    let (tree, when) = (visit.app.tree(), when(&visit, &query));
    let day = when.day;
    let wanted = wanted(&tree, &query)?;
    let file = format!("don-vi-{}{day}.csv", wanted.within.as_ref().map_or(String::new(), |key| format!("{key}-")));
    let text = if wanted.text.is_empty() && wanted.kind.is_none() {
        let within = wanted.within.map(|key| key.to_string());
        let tree = tree.clone();
        vx_platform::web::off_thread(move || super::export(&tree, within.as_deref(), Some(day))).await?
    } else {
        let home = home(&visit, &tree, day).await?;
        let mut found = listed(&tree, &wanted, day, home.as_ref()).unwrap_or_default();
        let listing = Listing::parse("/units", if wanted.text.is_empty() { LISTED } else { FOUND }, &query);
        listing.turn(&mut found, order);
        units::write_places(found)
    };
    let text = format!("\u{feff}{text}");
    Ok(download(&file, "text/csv; charset=utf-8", text.into_bytes()))
}

pub(super) async fn show(visit: Visit, Address(key): Key, Query(query): Pairs) -> PageResult {
    let (tree, when) = (visit.app.tree(), when(&visit, &query));
    let unit = unit_of(&tree, &key)?;
    let mut conn = visit.app.db().read().await?;
    let posts = store::posts(&mut conn, &unit.path).await?;
    let mut history: Vec<Entry> = Vec::new();
    if let Some(own) = store::own(&mut conn, &unit.id).await? {
        history.extend(journal::history(&mut conn, own.id.uuid(), None).await?);
    }
    for post in &posts {
        history.extend(journal::history(&mut conn, post.id.uuid(), None).await?);
    }
    drop(conn);
    history.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    let templates = posts_of(&tree, super::templates(), unit);
    let untaken =
        templates.into_iter().filter(|template| !posts.iter().any(|post| fold(&post.title) == fold(&template.title)));
    let actor = visit.actor()?;
    let may = |permission| actor.may(permission, &unit.path);
    let desk = Desk { add: may(Add::NAME), amend: may(Amend::NAME), name_holder: may(Holder::NAME) };
    let page =
        Page { tree: &tree, unit, when: &when, posts: &posts, untaken: untaken.collect(), history: &history, desk };
    Ok(visit.page(&unit.full_name_on(when.day), views::unit(&visit, &page)))
}

/// The page of a unit as it was looked at when a form on it was sent.
fn back(key: &str, form: &Form) -> String {
    day_of(form.text("on")).map_or_else(|| format!("/units/{key}"), |day| format!("/units/{key}?on={day}"))
}

fn lines(text: &str) -> Vec<String> {
    text.split(['\n', '|']).map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

pub(super) async fn add(visit: Visit, Address(key): Key, form: Form) -> PageResult {
    let tree = visit.app.tree();
    let unit = unit_of(&tree, &key)?;
    let kind = Kind::parse(form.text("kind"))
        .ok_or_else(|| Problem::invalid("web.field").with("field", "kind").with("value", form.text("kind")))?;
    let tag = form.filled("tag").map(|tag| ("tags", tag.to_owned()));
    let command = Add {
        phone: form.filled("phone").map(str::to_owned),
        from: form.read_filled("from")?,
        alt_names: lines(form.text("alt_names")),
        facts: tag.into_iter().collect(),
        reason: form.filled("reason").map(str::to_owned),
        ..Add::new(&unit.path, kind, form.text("type"), form.text("name"), tree.clone())
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    load(&visit.app).await?;
    Ok(see_other(&back(&key, &form), "units-said-added"))
}

pub(super) async fn amend(visit: Visit, Address(key): Key, form: Form) -> PageResult {
    let tree = visit.app.tree();
    let unit = unit_of(&tree, &key)?;
    let command = Amend {
        unit: unit.path.clone(),
        alt_names: lines(form.text("alt_names")),
        phone: form.filled("phone").map(str::to_owned),
        until: form.read_filled("until")?,
        reason: form.text("reason").to_owned(),
        tree: tree.clone(),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    load(&visit.app).await?;
    Ok(see_other(&back(&key, &form), "units-said-amended"))
}

pub(super) async fn name_holder(visit: Visit, Address(key): Key, form: Form) -> PageResult {
    let tree = visit.app.tree();
    let unit = unit_of(&tree, &key)?;
    // A post on record by its id, one that such units have by its title, or a title of one's own.
    let chosen = form.text("post");
    let post: Option<Id<ids::Post>> = chosen.parse().ok();
    let typed = form.filled("title").map(str::to_owned);
    let title = match (typed, post) {
        (Some(title), _) => title,
        (None, Some(post)) => title_of(&visit, &unit.path, post).await?,
        (None, None) => chosen.to_owned(),
    };
    let command = Holder {
        post,
        unit: unit.path.clone(),
        title,
        holder: form.filled("holder").map(str::to_owned),
        accountable: form.filled("accountable").is_some(),
        phone: form.filled("phone").map(str::to_owned),
        from: form.read("from")?,
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&back(&key, &form), "units-said-named"))
}

async fn title_of(visit: &Visit, unit: &Path, post: Id<ids::Post>) -> Result<String, Problem> {
    let mut conn = visit.app.db().read().await?;
    let posts = store::posts(&mut conn, unit).await?;
    posts.into_iter().find(|known| known.id == post).map(|post| post.title).ok_or_else(Problem::not_found)
}
