//! Addresses of what offices tell the public.

use axum::extract::{Path as Address, Query};
use jiff::Timestamp;
use vx_concepts::engine::{Command as _, execute};
use vx_foundation::units::{Acting, acting, picked, widest};
use vx_kernel::{Date, Id, Path, Problem, ids, time};
use vx_platform::{
    Module,
    auth::{
        Breadth::{self, Subtree, Unit as Own},
        Permission,
        Role::{self, Admin, Chair, Head, Observer, Office, Officer},
    },
    store::Migration,
    web::{Access, Form, Nav, PageResult, Route, Visit, see_other},
    words::Texts,
};

use crate::{
    Announce, Enlist, Retract, Strike,
    notices::NOTICES,
    pages,
    store::{self, READ},
    types::{Announcement, ContactKind, PublicContact},
};

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    const READERS: &[(Role, Breadth)] = &[
        (Admin, Subtree),
        (Chair, Subtree),
        (Office, Subtree),
        (Head, Subtree),
        (Officer, Subtree),
        (Observer, Subtree),
    ];
    // Each speaks for their own unit; for which place, the tree says.
    const WRITERS: &[(Role, Breadth)] = &[(Chair, Own), (Office, Own), (Head, Own)];
    // Whoever is above may take back what should not stand there, whoever is away or whose account it was.
    const TAKE_BACK: &[(Role, Breadth)] = &[(Chair, Subtree), (Office, Subtree), (Head, Own)];
    const PERMISSIONS: &[Permission] = &[
        Permission { name: READ, roles: READERS },
        Permission { name: Announce::NAME, roles: WRITERS },
        Permission { name: Retract::NAME, roles: TAKE_BACK },
        Permission { name: Enlist::NAME, roles: WRITERS },
        Permission { name: Strike::NAME, roles: TAKE_BACK },
    ];
    Module {
        name: "publications",
        migrations: &[Migration {
            name: "publications/0001_publications",
            sql: include_str!("../migrations/0001_publications.sql"),
        }],
        permissions: PERMISSIONS,
        routes: || {
            vec![
                Route::get("/publications", Access::Needs(READ), list),
                Route::get("/publications/announcements/new", Access::Needs(Announce::NAME), new_announcement),
                Route::post("/publications/announcements", Access::Needs(Announce::NAME), announce),
                Route::get("/publications/announcements/{id}", Access::Needs(READ), show_announcement),
                Route::post("/publications/announcements/{id}", Access::Needs(Announce::NAME), announce_again),
                Route::post("/publications/announcements/{id}/retract", Access::Needs(Retract::NAME), retract),
                Route::get("/publications/contacts/new", Access::Needs(Enlist::NAME), new_contact),
                Route::post("/publications/contacts", Access::Needs(Enlist::NAME), enlist),
                Route::get("/publications/contacts/{id}", Access::Needs(READ), show_contact),
                Route::post("/publications/contacts/{id}", Access::Needs(Enlist::NAME), enlist_again),
                Route::post("/publications/contacts/{id}/strike", Access::Needs(Strike::NAME), strike),
            ]
        },
        texts: Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") },
        nav: &[Nav { href: "/publications", key: "publications-nav", icon: "send", permission: READ, order: 38 }],
        notices: NOTICES,
        jobs: &[],
    }
}

type Key<K> = Address<Id<K>>;

/// For whom the visitor publishes.
pub(crate) fn speaks(visit: &Visit, permission: &'static str, of: Option<&Path>) -> Result<Acting, Problem> {
    let (actor, tree) = (visit.actor()?, visit.app.tree());
    match of {
        Some(place) => acting(actor, &tree, permission, place).map_err(|_| Problem::not_found()),
        None => widest(actor, &tree, permission),
    }
}

async fn list(visit: Visit, Query(query): Query<Vec<(String, String)>>) -> PageResult {
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let announcements = store::announcements(&mut conn, actor).await?;
    let contacts = store::contacts(&mut conn, actor).await?;
    drop(conn);
    let with_past = query.iter().any(|(name, value)| name == "show" && value == "all");
    Ok(visit.page(&visit.t("publications"), pages::list(&visit, &announcements, &contacts, with_past)))
}

async fn new_announcement(visit: Visit) -> PageResult {
    let by = speaks(&visit, Announce::NAME, None)?;
    Ok(visit.page(&visit.t("publication-announce"), pages::announcement_form(&visit, &by, None)))
}

async fn show_announcement(visit: Visit, Address(id): Key<ids::Announcement>) -> PageResult {
    let found = store::announcement(&mut visit.app.db().read().await?, visit.actor()?, id).await?;
    Ok(visit.page(&found.title.clone(), pages::announcement(&visit, &found)))
}

/// The place of a form. An agency is none: what is told of it would stand beside no place, as if it were for everybody.
fn place(visit: &Visit, form: &Form) -> Result<Path, Problem> {
    let tree = visit.app.tree();
    let path = picked(&tree, form.text("place"), visit.today())?;
    match tree.at_path(&path) {
        Some(unit) if !unit.kind.has_committee() => {
            Err(Problem::invalid("publications.no_place").with("unit", unit.full_name.as_str()))
        }
        _ => Ok(path),
    }
}

/// A day and an hour of a form; the beginning of the day where no hour is given.
fn moment(form: &Form, on: &'static str, at: &'static str) -> Result<Option<Timestamp>, Problem> {
    if form.filled(on).is_none() {
        return Ok(None);
    }
    let day: Date = form.read(on)?;
    let hour = match form.filled(at) {
        Some(_) => form.read(at)?,
        None => jiff::civil::Time::midnight(),
    };
    time::instant(day.to_datetime(hour)).map(Some).map_err(Problem::internal)
}

fn announcement_of(visit: &Visit, form: &Form, before: Option<&Announcement>) -> Result<Announce, Problem> {
    let text = |name: &str| form.filled(name).map(str::to_owned);
    let place = place(visit, form)?;
    Ok(Announce {
        id: before.map_or_else(Id::fresh, |before| before.id),
        again: before.is_some(),
        by: speaks(visit, Announce::NAME, Some(&place))?,
        place,
        title: form.text("title").to_owned(),
        body: form.text("body").to_owned(),
        title_en: text("title_en"),
        body_en: text("body_en"),
        from_at: moment(form, "from_on", "from_at")?.unwrap_or_else(|| visit.now()),
        until_at: moment(form, "until_on", "until_at")?,
        reason: text("reason"),
    })
}

async fn announce(visit: Visit, form: Form) -> PageResult {
    let command = announcement_of(&visit, &form, None)?;
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other("/publications", "publications-said-announced"))
}

async fn announce_again(visit: Visit, Address(id): Key<ids::Announcement>, form: Form) -> PageResult {
    let before = store::announcement(&mut visit.app.db().read().await?, visit.actor()?, id).await?;
    let command = announcement_of(&visit, &form, Some(&before))?;
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/publications/announcements/{id}"), "publications-said-changed"))
}

async fn retract(visit: Visit, Address(id): Key<ids::Announcement>, form: Form) -> PageResult {
    let command = Retract { id, reason: form.text("reason").to_owned() };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other("/publications", "publications-said-withdrawn"))
}

async fn new_contact(visit: Visit) -> PageResult {
    let by = speaks(&visit, Enlist::NAME, None)?;
    Ok(visit.page(&visit.t("publication-enlist"), pages::contact_form(&visit, &by, None)))
}

async fn show_contact(visit: Visit, Address(id): Key<ids::PublicContact>) -> PageResult {
    let found = store::contact(&mut visit.app.db().read().await?, visit.actor()?, id).await?;
    Ok(visit.page(&found.name.clone(), pages::contact(&visit, &found)))
}

fn contact_of(visit: &Visit, form: &Form, before: Option<&PublicContact>) -> Result<Enlist, Problem> {
    let text = |name: &str| form.filled(name).map(str::to_owned);
    let place = place(visit, form)?;
    Ok(Enlist {
        id: before.map_or_else(Id::fresh, |before| before.id),
        again: before.is_some(),
        by: speaks(visit, Enlist::NAME, Some(&place))?,
        place,
        kind: ContactKind::parse(form.text("kind")).ok_or_else(Problem::not_found)?,
        name: form.text("name").to_owned(),
        name_en: text("name_en"),
        telephone: form.text("telephone").to_owned(),
        hours: form.text("hours").to_owned(),
        hours_en: text("hours_en"),
        reason: text("reason"),
    })
}

async fn enlist(visit: Visit, form: Form) -> PageResult {
    let command = contact_of(&visit, &form, None)?;
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other("/publications", "publications-said-enlisted"))
}

async fn enlist_again(visit: Visit, Address(id): Key<ids::PublicContact>, form: Form) -> PageResult {
    let before = store::contact(&mut visit.app.db().read().await?, visit.actor()?, id).await?;
    let command = contact_of(&visit, &form, Some(&before))?;
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/publications/contacts/{id}"), "publications-said-changed"))
}

async fn strike(visit: Visit, Address(id): Key<ids::PublicContact>, form: Form) -> PageResult {
    let command = Strike { id, reason: form.text("reason").to_owned() };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other("/publications", "publications-said-withdrawn"))
}
