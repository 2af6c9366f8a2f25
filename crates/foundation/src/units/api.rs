//! Units for other programs.

use serde_json::json;
use vx_kernel::{
    Date, Path, Problem, ProblemKind,
    units::{Heir, Kind, Query, Tree, Unit},
};
use vx_platform::{
    view,
    web::{Answer, Call, Operation, Route, TEXT, UNIT_PLACE, words},
};

use super::READ;

view! {
    /// A unit: a place of the administrative tree, or an agency beside one.
    answer UnitView as "Unit" {
        /// Key, never reused.
        key: String,
        /// Keys from the province down, each followed by a slash.
        path: String,
        /// Key of the unit above.
        parent: Option<String>,
        /// What it is.
        kind: String => {"enum": ["province", "district", "commune", "hamlet", "cluster", "agency"]},
        /// Type in Vietnamese on the day asked for.
        type_name: String,
        /// Name on that day.
        name: String,
        /// Type and name on that day.
        full_name: String,
        /// English name.
        name_en: String,
        /// Other spellings.
        alt_names: Vec<String>,
        /// Code of the General Statistics Office.
        code: Option<String>,
        /// First day; null when it was always there.
        from_on: Option<Date>,
        /// Last day, included; null when it is still there.
        until_on: Option<Date>,
        /// Whether it exists on the day asked for.
        exists: bool,
        /// Latitude of its centre.
        latitude: Option<f64>,
        /// Longitude of its centre.
        longitude: Option<f64>,
        /// Inhabitants.
        population: Option<i64>,
        /// Public telephone number.
        phone: Option<String>,
    }
}

view! {
    /// A unit that another one came from or became.
    answer HeirView as "Heir" {
        /// Key.
        key: String,
        /// Type and name.
        full_name: String,
        /// Which part of the older unit went over, from 0 to 1.
        share: f64,
        /// Whether the official table of conversion says so.
        official: bool,
    }
}

view! {
    /// What a unit came from and what became of it.
    answer LineageView as "Lineage" {
        /// Older units.
        predecessors: Vec<HeirView>,
        /// Newer units.
        successors: Vec<HeirView>,
    }
}

/// What the interface brings.
pub(super) fn routes() -> Vec<Route> {
    let on = || json!({"type": "string", "format": "date"});
    let list_operation = Operation::get("/api/v1/units", "list_units", READ)
        .asks(
            "q",
            json!({"type": "string", "pattern": TEXT, "maxLength": 200}),
            "A name or a part of one; the best fit comes first and there is one page only.",
        )
        .asks(
            "within",
            json!({"type": "string", "pattern": UNIT_PLACE}),
            "Key or path of a unit: only what stands at or below it.",
        )
        .asks("kind", words(Kind::ALL.iter().map(|kind| kind.as_str())), "What it is.")
        .asks("on", on(), "Units that exist on this day, by their names of this day; today unless given.")
        .answers_page::<UnitView>(false)
        .refuses(&["api.unit_unknown"])
        .leads_to("get_unit", "key", "/items/0/key")
        .leads_to("list_unit_children", "key", "/items/0/key")
        .leads_to("unit_lineage", "key", "/items/0/key");
    vec![
        Route::api(list_operation, list),
        Route::api(
            Operation::get("/api/v1/units/{key}", "get_unit", READ)
                .asks("on", on(), "By its name of this day; today unless given.")
                .answers::<UnitView>(),
            get,
        ),
        Route::api(
            Operation::get("/api/v1/units/{key}/children", "list_unit_children", READ)
                .asks("on", on(), "Those that exist on this day; today unless given.")
                .answers_page::<UnitView>(false),
            children,
        ),
        Route::api(
            Operation::get("/api/v1/units/{key}/lineage", "unit_lineage", READ).answers::<LineageView>(),
            lineage,
        ),
    ]
}

fn day(call: &Call) -> Date {
    call.read("on").unwrap_or_else(|| call.today())
}

fn view(unit: &Unit, on: Date) -> UnitView {
    UnitView {
        key: unit.id.to_string(),
        path: unit.path.to_string(),
        parent: unit.parent.as_ref().map(ToString::to_string),
        kind: unit.kind.as_str().to_owned(),
        type_name: unit.type_on(on).to_owned(),
        name: unit.name_on(on).to_owned(),
        full_name: unit.full_name_on(on),
        name_en: unit.name_en.clone(),
        alt_names: unit.alt_names.clone(),
        code: unit.code.as_deref().map(str::to_owned),
        from_on: unit.from,
        until_on: unit.until,
        exists: unit.exists_on(on),
        latitude: unit.lat,
        longitude: unit.lon,
        population: unit.population,
        phone: unit.phone.clone(),
    }
}

fn unit_of<'t>(tree: &'t Tree, key: &str) -> Result<&'t Unit, Problem> {
    tree.get(key).ok_or_else(|| Problem::new(ProblemKind::NotFound, "units.unknown").with("key", key))
}

/// A page of units in the order of the tree, which is Vietnamese order. It goes on behind the last unit of the page
/// before, wherever that stands by now.
fn page<'t>(
    call: &Call,
    units: impl Iterator<Item = &'t Unit>,
    fits: impl Fn(&Unit) -> bool,
) -> Result<Answer, Problem> {
    let (on, after) = (day(call), call.after(|text| Some(text.to_owned()))?);
    let mut units = units;
    if let Some(after) = after
        && !units.any(|unit| unit.id.as_str() == after)
    {
        return Err(Problem::invalid("api.cursor"));
    }
    let more = usize::try_from(call.limit() + 1).unwrap_or(usize::MAX);
    let rows: Vec<&Unit> = units.filter(|unit| unit.exists_on(on) && fits(unit)).take(more).collect();
    Answer::page(call, rows, None, |unit| unit.id.to_string(), |unit| view(unit, on))
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let (tree, on) = (call.app.tree(), day(&call));
    let within = match call.asked("within") {
        Some(place) => match tree.get(place) {
            Some(unit) => unit.path.clone(),
            // A path of nowhere has nothing below it; the root is the whole country.
            None => Path::parse(place).map_err(|_| Problem::invalid("api.unit_unknown").with("key", place))?,
        },
        None => Path::root(),
    };
    let kinds: Vec<Kind> = call.asked("kind").and_then(Kind::parse).into_iter().collect();
    let Some(text) = call.asked("q") else {
        return page(&call, tree.below(&within).iter(), |unit| kinds.is_empty() || kinds.contains(&unit.kind));
    };
    let limit = usize::try_from(call.limit()).unwrap_or(usize::MAX);
    let within = Some(&within).filter(|path| !path.is_root());
    let hits = tree.search(&Query { text, on: Some(on), within, kinds: &kinds, limit });
    Answer::page(&call, hits, None, |hit| hit.unit.id.to_string(), |hit| view(hit.unit, on))
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let tree = call.app.tree();
    Answer::of(&view(unit_of(&tree, call.asked("key").unwrap_or_default())?, day(&call)))
}

async fn children(call: Call) -> Result<Answer, Problem> {
    let tree = call.app.tree();
    let unit = unit_of(&tree, call.asked("key").unwrap_or_default())?;
    page(&call, tree.children(unit.id.as_str()), |_| true)
}

async fn lineage(call: Call) -> Result<Answer, Problem> {
    let tree = call.app.tree();
    let unit = unit_of(&tree, call.asked("key").unwrap_or_default())?;
    let heirs = |heirs: Vec<Heir>| -> Vec<HeirView> {
        let of = |heir: Heir| {
            let unit = tree.get(heir.unit.as_str())?;
            let (key, full_name) = (unit.id.to_string(), unit.full_name.clone());
            Some(HeirView { key, full_name, share: heir.share, official: heir.official })
        };
        heirs.into_iter().filter_map(of).collect()
    };
    Answer::of(&LineageView {
        predecessors: heirs(tree.predecessors(unit.id.as_str())),
        successors: heirs(tree.successors(unit.id.as_str())),
    })
}
