//! Sites for other programs.

use serde_json::json;
use vx_concepts::{
    api::act,
    engine::{Command as _, execute},
};
use vx_kernel::{Date, Id, Path, Problem, ids};
use vx_platform::{
    store::Uuid,
    view,
    web::{Answer, Call, Matching, Operation, Route, TEXT, UNIT_PLACE, UnitName, words},
};

use crate::units::acting;

use super::{
    Add, Change, Close, Particulars, Position, READ, Reopen, Site, SiteKind, SiteState,
    pages::ground,
    store::{self, Filter, reaches},
};

view! {
    /// Where something stands that others name.
    answer SiteView as "Site" {
        /// Id.
        id: Id<ids::Site>,
        /// Counts up with each change; the ETag.
        version: i64,
        /// What stands there.
        kind: SiteKind,
        /// What it is called.
        name: String,
        /// The place on whose ground it stands.
        unit: UnitName,
        /// Street, hamlet, road.
        address: String,
        /// Latitude (WGS 84).
        latitude: Option<f64>,
        /// Longitude (WGS 84).
        longitude: Option<f64>,
        /// Public telephone number.
        telephone: Option<String>,
        /// How many people or beds it has room for.
        capacity: Option<i64>,
        /// First day.
        from_on: Option<Date>,
        /// Last day, as planned.
        until_on: Option<Date>,
        /// The day on which somebody closed it.
        closed_on: Option<Date>,
        /// Where it stands today.
        state: SiteState,
        /// Anything else.
        note: String,
    }
}

view! {
    /// What is said of a site. What is left out is empty afterwards.
    body SiteSaid as "SiteParticulars" {
        /// What stands there.
        kind: SiteKind,
        /// What it is called.
        name: String => {"minLength": 1, "maxLength": 200},
        /// Key of the place on whose ground it stands.
        unit: String => {"pattern": UNIT_PLACE, "maxLength": 64},
        /// Street, hamlet, road.
        address: Option<String> => {"maxLength": 500},
        /// Latitude (WGS 84); with a longitude or not at all.
        latitude: Option<f64> => {"minimum": -90, "maximum": 90},
        /// Longitude (WGS 84).
        longitude: Option<f64> => {"minimum": -180, "maximum": 180},
        /// Public telephone number, of no person.
        telephone: Option<String> => {"maxLength": 40},
        /// How many people or beds it has room for.
        capacity: Option<i64> => {"minimum": 0, "maximum": 200_000},
        /// First day.
        from_on: Option<Date>,
        /// Last day, as planned.
        until_on: Option<Date>,
        /// Anything else.
        note: Option<String> => {"maxLength": 500},
    }
}

view! {
    /// Why.
    body Why as "SiteReason" {
        /// Why, for the history.
        reason: String => {"minLength": 1, "maxLength": 500},
    }
}

/// Refusals of what is said of a site.
const UNSOUND: &[&str] = &[
    "api.unit_unknown",
    "sites.no_name",
    "sites.too_long",
    "sites.capacity",
    "sites.ends_before_it_begins",
    "sites.there_already",
    "sites.nothing_new",
    "sites.position.half",
    "sites.position.outside",
    "sites.position.swapped",
    "units.bad_name",
    "units.bad_phone",
    "units.too_long",
];

/// What the interface brings.
pub(super) fn routes() -> Vec<Route> {
    let list_operation = Operation::get("/api/v1/sites", "list_sites", READ)
        .asks("q", json!({"type": "string", "pattern": TEXT, "maxLength": 200}), "Words of name, address or note.")
        .asks("kind", words(SiteKind::ALL.iter().map(|kind| kind.as_str())), "What stands there.")
        .asks("unit", json!({"type": "string", "pattern": UNIT_PLACE}), "Key or path of a unit: it and all below.")
        .asks(
            "state",
            words(SiteState::ALL.iter().map(|state| state.as_str()).chain(["any"])),
            "Where they stand today; those in use and those to come unless given.",
        )
        .answers_page::<SiteView>(true)
        .refuses(&["api.unit_unknown"])
        .leads_to("get_site", "id", "/items/0/id");
    vec![
        Route::api(list_operation, list),
        Route::api(Operation::get("/api/v1/sites/{id}", "get_site", READ).answers::<SiteView>().versioned(), get),
        Route::api(
            Operation::post::<SiteSaid>("/api/v1/sites", "add_site", Add::NAME)
                .creates()
                .answers::<SiteView>()
                .versioned()
                .refuses(UNSOUND)
                .leads_to("get_site", "id", "/id"),
            add,
        ),
        Route::api(
            Operation::post::<SiteSaid>("/api/v1/sites/{id}/change", "change_site", Change::NAME)
                .matches(Matching::May)
                .answers::<SiteView>()
                .versioned()
                .refuses(UNSOUND),
            change,
        ),
        Route::api(
            Operation::post::<Why>("/api/v1/sites/{id}/close", "close_site", Close::NAME)
                .matches(Matching::May)
                .answers::<SiteView>()
                .versioned()
                .refuses(&["sites.no_reason", "sites.closed_already"]),
            close,
        ),
        Route::api(
            Operation::post::<Why>("/api/v1/sites/{id}/reopen", "reopen_site", Reopen::NAME)
                .matches(Matching::May)
                .answers::<SiteView>()
                .versioned()
                .refuses(&["sites.no_reason", "sites.not_closed", "sites.there_already"]),
            reopen,
        ),
    ]
}

fn view(call: &Call, site: &Site) -> SiteView {
    let position = site.position();
    SiteView {
        id: site.id,
        version: site.version,
        kind: site.kind,
        name: site.name.clone(),
        unit: call.unit(&site.path),
        address: site.address.clone(),
        latitude: position.map(Position::latitude),
        longitude: position.map(Position::longitude),
        telephone: site.telephone.clone(),
        capacity: site.capacity,
        from_on: site.from_on,
        until_on: site.until_on,
        closed_on: site.closed_on,
        state: site.state(call.today()),
        note: site.note.clone(),
    }
}

fn unit_of(call: &Call, place: &str) -> Result<Path, Problem> {
    let tree = call.app.tree();
    let at_path = Path::parse(place).ok().filter(|path| !path.is_root() && tree.at_path(path).is_some());
    match at_path {
        Some(path) => Ok(path),
        None => call.path_of(place),
    }
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let reaches = reaches(&call.actor, &call.app.tree());
    let filter = Filter {
        words: call.asked("q").unwrap_or_default().to_owned(),
        kind: call.asked("kind").and_then(SiteKind::parse),
        unit: call.asked("unit").map(|unit| unit_of(&call, unit)).transpose()?,
        state: call.asked("state").and_then(SiteState::parse),
        with_past: call.asked("state") == Some("any"),
        without_position: false,
    };
    let after = call.after(|text| text.parse::<Uuid>().ok())?;
    let mut conn = call.app.db().read().await?;
    let total =
        if call.counts() { Some(store::count(&mut conn, &reaches, &filter, call.today()).await?) } else { None };
    let rows = store::after(&mut conn, &reaches, &filter, call.today(), after, call.limit() + 1).await?;
    drop(conn);
    Answer::page(&call, rows, total, |site| site.id.to_string(), |site| view(&call, site))
}

async fn found(call: &Call, id: Id<ids::Site>) -> Result<Site, Problem> {
    store::visible(&mut call.app.db().read().await?, &call.actor, &call.app.tree(), id).await
}

async fn answered(call: &Call, id: Id<ids::Site>) -> Result<Answer, Problem> {
    let site: Site = call.app.db().read().await?.load(id).await?;
    Ok(Answer::of(&view(call, &site))?.at_version(site.version))
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let site = found(&call, call.id()?).await?;
    Ok(Answer::of(&view(&call, &site))?.at_version(site.version))
}

fn particulars(call: &Call, said: SiteSaid) -> Result<Particulars, Problem> {
    let position = match (said.latitude, said.longitude) {
        (None, None) => None,
        (Some(latitude), Some(longitude)) => Some(Position::at(latitude, longitude)?),
        (one, other) => {
            let text = one.or(other).unwrap_or_default();
            return Err(Problem::refused("sites.position.half").with("text", text));
        }
    };
    Ok(Particulars {
        unit: ground(&call.app.tree(), &unit_of(call, &said.unit)?),
        kind: said.kind,
        name: said.name,
        address: said.address.unwrap_or_default(),
        position,
        telephone: said.telephone,
        capacity: said.capacity,
        from_on: said.from_on,
        until_on: said.until_on,
        note: said.note.unwrap_or_default(),
    })
}

async fn add(call: Call) -> Result<Answer, Problem> {
    let of = particulars(&call, call.body()?)?;
    let by = acting(&call.actor, &call.app.tree(), Add::NAME, &of.unit)?;
    let id = execute(call.app.db(), &call.actor, call.key()?, Add { by, of, reason: None }).await?;
    answered(&call, id.into()).await
}

async fn change(call: Call) -> Result<Answer, Problem> {
    let site = found(&call, call.id()?).await?;
    let by = acting(&call.actor, &call.app.tree(), Change::NAME, &site.path)?;
    let of = particulars(&call, call.body()?)?;
    act(&call, site.id.uuid(), Change { site: site.id, by, of }).await?;
    answered(&call, site.id).await
}

async fn close(call: Call) -> Result<Answer, Problem> {
    let site = found(&call, call.id()?).await?;
    let by = acting(&call.actor, &call.app.tree(), Close::NAME, &site.path)?;
    let Why { reason } = call.body()?;
    act(&call, site.id.uuid(), Close { site: site.id, by, reason }).await?;
    answered(&call, site.id).await
}

async fn reopen(call: Call) -> Result<Answer, Problem> {
    let site = found(&call, call.id()?).await?;
    let by = acting(&call.actor, &call.app.tree(), Reopen::NAME, &site.path)?;
    let Why { reason } = call.body()?;
    act(&call, site.id.uuid(), Reopen { site: site.id, by, reason }).await?;
    answered(&call, site.id).await
}
