//! Addresses of zones, and what the program does by itself.

use axum::extract::Query;
use jiff::civil::Date;
use vx_concepts::engine::{Command as _, PAPER_ISSUED, ZONE_DECIDED};
use vx_foundation::units;
use vx_kernel::{
    Path, Problem, time,
    units::{Kind, Unit},
};
use vx_platform::{
    Module,
    auth::{
        Actor,
        Breadth::{Subtree, Unit as Own},
        Permission,
        Role::{Admin, Chair, Head, Observer, Office, Officer},
    },
    jobs::{JobKind, Trigger},
    store::Migration,
    web::{Access, App, Nav, Route, Visit},
    words::Texts,
};

use crate::{
    AskCauses, BringCases, ChooseSource, Commit, Decide, Exclude, Explain, Follow, Judge, Lock, Plan, Propose,
    RecordCount, RecordStanding, Unlock, Verify, Withdraw, alerts, api, board, cases, course_pages, document, figures,
    follow, import, list, rule_pages,
    store::{self, Moment, READ},
    unit, what_if,
};

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    const PERMISSIONS: &[Permission] = &[
        Permission {
            name: READ,
            roles: &[
                (Admin, Subtree),
                (Chair, Subtree),
                (Office, Subtree),
                (Head, Subtree),
                (Officer, Subtree),
                (Observer, Subtree),
            ],
        },
        // Each acts for their own unit; which units that one answers for, the tree says.
        Permission { name: RecordCount::NAME, roles: &[(Chair, Own), (Office, Own), (Head, Own), (Officer, Own)] },
        Permission { name: RecordStanding::NAME, roles: &[(Chair, Own), (Office, Own), (Head, Own), (Officer, Own)] },
        Permission { name: ChooseSource::NAME, roles: &[(Chair, Own), (Office, Own), (Head, Own)] },
        Permission { name: Exclude::NAME, roles: &[(Chair, Own), (Office, Own), (Head, Own), (Officer, Own)] },
        Permission { name: Judge::NAME, roles: &[(Chair, Own), (Office, Own), (Head, Own), (Officer, Own)] },
        Permission { name: Verify::NAME, roles: &[(Office, Own), (Head, Own)] },
        Permission { name: Propose::NAME, roles: &[(Chair, Own), (Office, Own), (Head, Own), (Officer, Own)] },
        Permission { name: Withdraw::NAME, roles: &[(Chair, Own), (Office, Own), (Head, Own), (Officer, Own)] },
        Permission { name: Decide::NAME, roles: &[(Chair, Own), (Office, Own)] },
        Permission { name: Lock::NAME, roles: &[(Chair, Own), (Office, Own)] },
        Permission { name: Unlock::NAME, roles: &[(Chair, Own), (Office, Own)] },
        Permission { name: Commit::NAME, roles: &[(Chair, Own), (Office, Own)] },
        Permission { name: Explain::NAME, roles: &[(Chair, Own), (Office, Own), (Officer, Own)] },
        Permission { name: BringCases::NAME, roles: &[(Chair, Own), (Office, Own), (Head, Own), (Officer, Own)] },
        // Who decides also drafts; the document goes the way of every document.
        Permission { name: Plan::NAME, roles: &[(Chair, Own), (Office, Own)] },
        // What follows by the clock belongs to the program alone.
        Permission { name: AskCauses::NAME, roles: &[] },
        Permission { name: Follow::NAME, roles: &[] },
    ];
    Module {
        name: "zones",
        migrations: &[
            Migration { name: "zones/0001_zones", sql: include_str!("../migrations/0001_zones.sql") },
            Migration { name: "zones/0002_exclusion", sql: include_str!("../migrations/0002_exclusion.sql") },
            Migration { name: "zones/0003_follow", sql: include_str!("../migrations/0003_follow.sql") },
            Migration { name: "zones/0004_cases", sql: include_str!("../migrations/0004_cases.sql") },
        ],
        permissions: PERMISSIONS,
        routes: || {
            let mut routes = api::routes();
            routes.extend([
                Route::get("/zones", Access::Needs(READ), list::show),
                Route::get("/zones/export/{kind}", Access::Needs(READ), list::export),
                Route::get("/zones/units/{key}", Access::Needs(READ), unit::show),
                Route::post("/zones/units/{key}/judge", Access::Needs(Judge::NAME), unit::judge),
                Route::post("/zones/units/{key}/propose", Access::Needs(Propose::NAME), unit::propose),
                Route::post("/zones/units/{key}/withdraw", Access::Needs(Withdraw::NAME), unit::withdraw),
                Route::post("/zones/units/{key}/decide", Access::Needs(Decide::NAME), unit::decide),
                Route::post("/zones/units/{key}/commit", Access::Needs(Commit::NAME), unit::commit),
                Route::post("/zones/units/{key}/lock", Access::Needs(Lock::NAME), unit::lock),
                Route::post("/zones/lockdowns/{id}/end", Access::Needs(Unlock::NAME), unit::unlock),
                Route::get("/zones/decisions/new", Access::Needs(Plan::NAME), document::choose),
                Route::post("/zones/decisions", Access::Needs(Plan::NAME), document::create),
                Route::get("/zones/decisions/{id}", Access::Needs(READ), document::show),
                Route::post("/zones/decisions/{id}/take", Access::Needs(Decide::NAME), document::take),
                Route::get("/zones/cases", Access::Needs(BringCases::NAME), cases::show),
                Route::post("/zones/cases", Access::Needs(BringCases::NAME), cases::review),
                Route::post("/zones/cases/take", Access::Needs(BringCases::NAME), cases::take),
                Route::post("/zones/cases/rejected", Access::Needs(BringCases::NAME), cases::rejected),
                // Alerts are for everybody and for programs of others: whoever looks up a colour signs in nowhere.
                Route::get("/public/alerts.atom", Access::Public, alerts::feed),
                Route::get("/public/alerts/{file}", Access::Public, alerts::show),
                Route::get("/zones/rules", Access::Needs(READ), rule_pages::list),
                Route::get("/zones/rules/{code}", Access::Needs(READ), rule_pages::show),
                Route::post("/zones/rules/{code}/verify", Access::Needs(Verify::NAME), rule_pages::verify),
                Route::get("/zones/what-if", Access::Needs(READ), what_if::show),
                Route::get("/zones/commitments", Access::Needs(READ), board::show),
                Route::get("/zones/commitments/export/{kind}", Access::Needs(READ), board::export),
                Route::post("/zones/commitments/{id}/explain", Access::Needs(Explain::NAME), board::explain),
                Route::get("/zones/course", Access::Needs(READ), course_pages::show),
                Route::get("/zones/course/export/{kind}", Access::Needs(READ), course_pages::export),
                Route::post("/zones/course/exclude", Access::Needs(Exclude::NAME), course_pages::exclude),
                Route::get("/zones/figures", Access::Needs(RecordCount::NAME), figures::show),
                Route::post("/zones/figures/count", Access::Needs(RecordCount::NAME), figures::count),
                Route::post("/zones/figures/stand", Access::Needs(RecordStanding::NAME), figures::stand),
                Route::post("/zones/figures/choose", Access::Needs(ChooseSource::NAME), figures::choose),
                Route::get("/zones/import", Access::Needs(RecordCount::NAME), import::show),
                Route::get("/zones/import/template/{kind}", Access::Needs(RecordCount::NAME), import::template),
                Route::post("/zones/import", Access::Needs(RecordCount::NAME), import::review),
                Route::post("/zones/import/take", Access::Needs(RecordCount::NAME), import::take),
                Route::get("/zones/import/rejected/{kind}", Access::Needs(RecordCount::NAME), import::rejected),
            ]);
            routes
        },
        texts: Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") },
        nav: &[Nav { href: "/zones", key: "zones", icon: "map", permission: READ, order: 36 }],
        notices: crate::notices::NOTICES,
        jobs: &[
            JobKind {
                name: "zones.ask_causes",
                starts: Trigger::Every { mins: 60 },
                run: |app, _| Box::pin(async move { follow::ask_causes(&app).await }),
            },
            JobKind {
                name: "zones.follow",
                starts: Trigger::Every { mins: 10 },
                run: |app, _| Box::pin(async move { follow::follow(&app).await }),
            },
            JobKind {
                name: "zones.decided",
                starts: Trigger::Fact(ZONE_DECIDED),
                run: |app, body| Box::pin(async move { follow::decided(&app, &body).await }),
            },
            JobKind {
                name: "zones.issued",
                starts: Trigger::Fact(PAPER_ISSUED),
                run: |app, body| Box::pin(async move { follow::issued(&app, &body).await }),
            },
        ],
    }
}

/// What an address asks.
pub(crate) type Pairs = Query<Vec<(String, String)>>;

/// The value of a name in an address.
pub(crate) fn word<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = query.iter().find(|(asked, _)| asked == name);
    found.map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
}

/// The day that is looked at, and by what was known when: now, or at the end of that day.
pub(crate) fn moment(visit: &Visit, query: &[(String, String)]) -> Moment {
    let today = visit.today();
    let day = word(query, "day").and_then(|day| day.parse::<Date>().ok()).filter(|day| *day <= today).unwrap_or(today);
    let then = word(query, "known") == Some("then");
    let known_at = if then { time::end_of(day).unwrap_or(visit.now()).min(visit.now()) } else { visit.now() };
    Moment { day, known_at }
}

/// The place that is looked at: the one asked for, or the widest of one's own.
pub(crate) fn place(visit: &Visit, query: &[(String, String)]) -> Result<Path, Problem> {
    place_asked(&visit.app, visit.actor()?, word(query, "unit"))
}

/// The place that is looked at: the one asked for by key or path, or the widest of one's own.
pub(crate) fn place_asked(app: &App, actor: &Actor, unit: Option<&str>) -> Result<Path, Problem> {
    let tree = app.tree();
    let places = units::places(actor, &tree, READ);
    let asked = unit.and_then(|unit| {
        Path::parse(unit)
            .ok()
            .filter(|path| path.is_root() || tree.at_path(path).is_some())
            .or_else(|| tree.get(unit).map(|unit| unit.path.clone()))
    });
    match asked {
        Some(asked) if places.iter().any(|place| place.contains(&asked)) => Ok(asked),
        Some(_) => Err(Problem::not_found()),
        None => {
            let first = places.into_iter().min_by_key(Path::depth).ok_or_else(Problem::not_found)?;
            let today = time::day_of(app.clock().now());
            // Who reads the whole country begins with the only province that is kept, where there is one.
            let mut roots = tree.roots().filter(|unit| unit.kind == Kind::Province && unit.exists_on(today));
            match (first.is_root(), roots.next(), roots.next()) {
                (true, Some(only), None) => Ok(only.path.clone()),
                _ => Ok(first),
            }
        }
    }
}

/// The unit of an address, by its key, if the visitor may see it.
pub(crate) fn unit_of(visit: &Visit, key: &str) -> Result<Unit, Problem> {
    let tree = visit.app.tree();
    let unit = tree.get(key).filter(|unit| unit.kind.is_place()).ok_or_else(Problem::not_found)?;
    if store::sees(visit.actor()?, &tree, &unit.path) { Ok(unit.clone()) } else { Err(Problem::not_found()) }
}
