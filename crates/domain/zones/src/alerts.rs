//! Decisions as public alerts (bản tin cảnh báo): CAP 1.2 for each, and an Atom feed of those in effect or to come.
//!
//! An alert follows from its decision, the decision before it on the same unit, the catalogue of measures and the
//! boundaries: asked twice it is the same, byte for byte, and it is written down nowhere. Nobody's name stands in it.
//!
//! A level has no end that anybody knows when it is decided, so an alert of it has none either: the next decision takes
//! its place and refers to it. Only an all-clear expires, a day after its hour.

use axum::{
    extract::{Path as Address, Query},
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse as _,
};
use jiff::{SignedDuration, Timestamp};
use vx_alert::{
    Alert, Area, Category, Certainty, Entry, Feed, MessageKind, Moment, Named, Point, Response, Severity, Statement,
    Status, Urgency,
};
use vx_foundation::boundaries::sheet;
use vx_kernel::{
    Id, Path, Problem, ids,
    time::{self, Lang},
};
use vx_platform::{
    files::sha256,
    store::migrate::hex,
    web::{App, PageResult, Visit, unit_name},
};

use crate::{
    level::{Colour, Level},
    list::named,
    routes::{Pairs, word},
    rules::{Measures, Sector, measures_at},
    store,
    types::ZoneDecision,
};

/// Alerts in one feed: those of a province many times over; of the country the newest.
const FEED_MAX: i64 = 500;
/// Communes whose boundaries are drawn in one alert; beyond that the code of the unit says where.
const AREAS_MAX: usize = 40;
/// How finely boundaries are drawn: some ten metres.
const ZOOM: u8 = 12;
/// Hours for which an all-clear is told.
const CLEAR_HOURS: i64 = 24;

/// What an alert does, and whether it refers to that of the decision before.
///
/// | Before | Now | Kind |
/// |---|---|---|
/// | none | any | Alert |
/// | green, and in effect | any | Alert: what was called off stays called off |
/// | any other | green, in effect when it was written down | Cancel |
/// | any other | else | Update |
pub(crate) fn kind_of(decision: &ZoneDecision, before: Option<&ZoneDecision>) -> MessageKind {
    let Some(before) = before else { return MessageKind::Alert };
    let was_clear = before.level.colour() == Colour::Green && before.effective_at <= decision.recorded_at;
    if was_clear {
        MessageKind::Alert
    } else if decision.level.colour() == Colour::Green && decision.effective_at <= decision.recorded_at {
        MessageKind::Cancel
    } else {
        MessageKind::Update
    }
}

/// An alert's name, its sender and when it was sent: what a later one refers to.
fn heading(tenant: &str, decision: &ZoneDecision) -> Alert {
    let identifier = format!("vungxanh-{}", decision.id);
    let sender = format!("{}.{tenant}.vungxanh", decision.decided_by.unit());
    Alert::new(&identifier, &sender, Moment::in_vietnam(decision.recorded_at))
}

/// Degree of danger and what people are to do, by rank. CAP has its words for both; which of ours they are is a
/// convention of this program.
fn weight(level: Level) -> (Severity, Response) {
    match level.colour() {
        Colour::Green => (Severity::Minor, Response::AllClear),
        Colour::Yellow => (Severity::Moderate, Response::Monitor),
        Colour::Orange => (Severity::Severe, Response::Avoid),
        Colour::Red => (Severity::Extreme, Response::Shelter),
    }
}

fn urgency(decision: &ZoneDecision) -> Urgency {
    let left = decision.effective_at.duration_since(decision.recorded_at);
    match left {
        left if left <= SignedDuration::ZERO => Urgency::Immediate,
        left if left <= SignedDuration::from_hours(1) => Urgency::Expected,
        _ => Urgency::Future,
    }
}

fn headline(app: &App, lang: Lang, decision: &ZoneDecision) -> String {
    let words = app.words();
    words.say(
        lang,
        "alert-headline",
        &[
            ("unit", named(&app.tree(), &decision.path).into()),
            ("level", words.say(lang, &decision.level.key(), &[]).into()),
            ("at", time::say_short(lang, decision.effective_at).into()),
        ],
    )
}

fn description(app: &App, lang: Lang, decision: &ZoneDecision) -> String {
    let words = app.words();
    let level = |level: Option<Level>| match level {
        Some(level) => words.say(lang, &level.key(), &[]),
        None => words.say(lang, "zone-not-decided", &[]),
    };
    words.say(
        lang,
        "alert-description",
        &[
            ("number", decision.number.as_str().into()),
            ("on", time::say_date(lang, decision.signed_on).into()),
            ("by", unit_name(app, lang, &decision.decided_by).into()),
            ("before", level(decision.before).into()),
            ("level", level(Some(decision.level)).into()),
            ("at", time::say_short(lang, decision.effective_at).into()),
        ],
    )
}

/// What applies, a line for each part of life.
fn instruction(app: &App, lang: Lang, level: Level) -> String {
    let line = |(sector, of_sector): (Sector, Vec<&Measures>)| {
        let said: Vec<&str> = of_sector.iter().map(|one| one.said.of(lang)).collect();
        format!("{}: {}", app.words().say(lang, &format!("zone-sector-{sector}"), &[]), said.join(" "))
    };
    measures_at(level).into_iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Where it holds: the unit by its codes, and its boundaries where they are known.
async fn area(app: &App, decision: &ZoneDecision) -> Result<Area, Problem> {
    let tree = app.tree();
    let key = decision.path.unit();
    let code = key.split_once('-').map_or(key, |(_, code)| code);
    let of = |name: &str, value: &str| Named { name: name.to_owned(), value: value.to_owned() };
    let mut area = Area {
        name: named(&tree, &decision.path),
        geocodes: vec![of("vungxanh.unit", key), of("VN.administrative_unit", code)],
        ..Area::default()
    };
    if let Some(unit) = tree.at_path(&decision.path) {
        let sheet = sheet(app, time::day_of(decision.effective_at)).await?;
        let areas = sheet.areas(unit);
        // A cell around a point is no boundary.
        if areas.len() <= AREAS_MAX && areas.iter().all(|area| sheet.is_drawn(&area.key)) {
            let polygons = areas.iter().flat_map(|area| sheet.coverage.polygons(area, ZOOM, 0.0));
            // CAP has no holes: what lies inside is told by its own alerts.
            let outer = polygons.filter_map(|polygon| polygon.into_iter().next());
            area.polygons = outer
                .map(|ring| {
                    let closed = ring.iter().chain(ring.first());
                    closed.map(|point| Point { lat: point.lat(), lon: point.lon() }).collect()
                })
                .collect();
        }
    }
    Ok(area)
}

/// The alert of a decision.
pub(crate) async fn alert_of(app: &App, tenant: &str, decision: &ZoneDecision) -> Result<Alert, Problem> {
    let before = store::before(&mut app.db().read().await?, decision).await?;
    let kind = kind_of(decision, before.as_ref());
    let mut alert = Alert { kind, ..heading(tenant, decision) };
    if kind != MessageKind::Alert
        && let Some(before) = &before
    {
        alert.references = vec![heading(tenant, before).reference()];
    }
    // What a drill decides is for those who take part in it.
    if app.clock().is_drill() || app.demo().is_some() {
        alert.status = Status::Exercise;
        alert.note = Some(app.words().say(Lang::Vi, "alert-exercise", &[]));
    }
    let area = area(app, decision).await?;
    let (severity, response) = weight(decision.level);
    let of = |name: &str, value: String| Named { name: name.to_owned(), value };
    let mut parameters = vec![
        of("vungxanh.level", decision.level.text()),
        of("vungxanh.colour", decision.level.colour().to_string()),
        of("vungxanh.rank", decision.level.rank().to_string()),
        of("vungxanh.decision", decision.number.clone()),
    ];
    parameters.extend(decision.before.map(|before| of("vungxanh.level_before", before.text())));
    let onset = decision.effective_at;
    let clear = decision.level.colour() == Colour::Green;
    let expires = onset.max(decision.recorded_at).checked_add(SignedDuration::from_hours(CLEAR_HOURS)).ok();
    for (lang, tag) in [(Lang::Vi, "vi-VN"), (Lang::En, "en")] {
        alert.infos.push(Statement {
            responses: vec![response],
            urgency: urgency(decision),
            severity,
            certainty: Certainty::Observed,
            event_codes: vec![of("vungxanh.event", "zone".to_owned())],
            effective: Some(Moment::in_vietnam(decision.recorded_at)),
            onset: Some(Moment::in_vietnam(onset)),
            expires: expires.filter(|_| clear).map(Moment::in_vietnam),
            sender_name: Some(unit_name(app, lang, &decision.decided_by)),
            headline: Some(headline(app, lang, decision)),
            description: Some(description(app, lang, decision)),
            instruction: Some(instruction(app, lang, decision.level)).filter(|text| !text.is_empty()),
            parameters: parameters.clone(),
            areas: vec![area.clone()],
            ..Statement::new(tag, Category::Health, &app.words().say(lang, "alert-event", &[]))
        });
    }
    Ok(alert)
}

/// Sends what everybody may keep for a while; whoever has it already is told so.
fn send(headers: &HeaderMap, media_type: &'static str, seconds: u32, text: String) -> PageResult {
    let tag = format!("\"{}\"", hex(sha256(text.as_bytes()).get(..16).unwrap_or_default()));
    let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    // A proxy that packs what passes marks the tag as weak.
    let is_known = known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag);
    let about = [(header::ETAG, tag), (header::CACHE_CONTROL, format!("public, max-age={seconds}"))];
    if is_known {
        return Ok((StatusCode::NOT_MODIFIED, about).into_response());
    }
    Ok((about, [(header::CONTENT_TYPE, media_type)], text).into_response())
}

/// One decision as CAP: `/public/alerts/{id}.xml`. Earlier ones stay, since later ones refer to them.
pub(crate) async fn show(visit: Visit, Address(file): Address<String>, headers: HeaderMap) -> PageResult {
    let id = file.strip_suffix(".xml").and_then(|id| id.parse::<Id<ids::ZoneDecision>>().ok());
    let id = id.ok_or_else(Problem::not_found)?;
    let mut conn = visit.app.db().read().await?;
    let (decision, tenant) = (store::decision(&mut conn, id).await?, conn.tenant_name().to_owned());
    drop(conn);
    let alert = alert_of(&visit.app, &tenant, &decision).await?;
    send(&headers, "application/cap+xml; charset=utf-8", 300, alert.xml())
}

/// Decisions in effect or to come as a feed: `/public/alerts.atom`, of one place by `?unit=`.
pub(crate) async fn feed(visit: Visit, Query(query): Pairs, headers: HeaderMap) -> PageResult {
    let app = &visit.app;
    let tree = app.tree();
    let place = match word(&query, "unit") {
        Some(asked) => {
            let by_key = || tree.get(asked).map(|unit| unit.path.clone());
            let by_path = Path::parse(asked).ok().filter(|path| tree.at_path(path).is_some());
            by_path.or_else(by_key).ok_or_else(Problem::not_found)?
        }
        None => Path::root(),
    };
    let mut conn = app.db().read().await?;
    let all = store::in_effect_or_coming(&mut conn, &place, visit.now(), FEED_MAX).await?;
    let tenant = conn.tenant_name().to_owned();
    drop(conn);
    let base = app.couriers().map_or("", |couriers| couriers.public_url.trim_end_matches('/'));
    let suffix = if place.is_root() { String::new() } else { format!("?unit={}", place.unit()) };
    let entry = |decision: &ZoneDecision| Entry {
        id: format!("urn:uuid:{}", decision.id),
        title: headline(app, Lang::Vi, decision),
        updated: decision.recorded_at,
        summary: description(app, Lang::Vi, decision),
        page: None,
        alert: Some(format!("{base}/public/alerts/{}.xml", decision.id)),
    };
    let feed = Feed {
        id: format!("urn:vungxanh:{tenant}:alerts{}", suffix.replace("?unit=", ":")),
        title: app.words().say(Lang::Vi, "alert-feed", &[]),
        language: "vi".to_owned(),
        author: unit_name(app, Lang::Vi, &place),
        link: format!("{base}/public/alerts.atom{suffix}"),
        updated: all.iter().map(|decision| decision.recorded_at).max().unwrap_or(Timestamp::UNIX_EPOCH),
        entries: all.iter().map(entry).collect(),
    };
    send(&headers, "application/atom+xml; charset=utf-8", 60, feed.xml())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::level::Zone;

    fn decision(zone: Zone, effective_at: &str, recorded_at: &str) -> ZoneDecision {
        let at = |text: &str| time::instant(text.parse().unwrap()).unwrap();
        ZoneDecision {
            id: Id::fresh(),
            path: Path::parse("94/943/31534/").unwrap(),
            version: 1,
            level: Level::Zone(zone),
            before: None,
            computed: None,
            rule_set: "2093".to_owned(),
            number: "9089/QĐ-BCĐ".to_owned(),
            signer: "Phạm Hoàng Minh".to_owned(),
            signer_post: "Chủ tịch UBND tỉnh".to_owned(),
            signed_on: "2021-09-12".parse().unwrap(),
            effective_at: at(effective_at),
            decided_by: Path::parse("94/").unwrap(),
            recorded_at: at(recorded_at),
            proposal: None,
            paper: None,
            reason: None,
            by_name: "Trần Ngọc Lan".to_owned(),
        }
    }

    #[test]
    fn what_an_alert_does_follows_from_the_decision_before() {
        use Zone::{Green, Orange, Red};
        let (early, late) = ("2021-09-01T00:00", "2021-09-13T12:00");
        for (before, now, expected) in [
            (None, (Orange, late, "2021-09-13T08:00"), MessageKind::Alert),
            (None, (Green, late, "2021-09-13T08:00"), MessageKind::Alert),
            (Some((Orange, early)), (Red, late, "2021-09-13T08:00"), MessageKind::Update),
            // Still orange until noon: nothing is called off before.
            (Some((Orange, early)), (Green, late, "2021-09-13T08:00"), MessageKind::Update),
            (Some((Orange, early)), (Green, late, "2021-09-13T12:00"), MessageKind::Cancel),
            (Some((Green, early)), (Red, late, "2021-09-13T08:00"), MessageKind::Alert),
            (Some((Green, early)), (Green, late, "2021-09-13T12:30"), MessageKind::Alert),
            // A green that had not begun when another took its place was no end.
            (Some((Green, "2021-09-13T10:00")), (Red, late, "2021-09-13T08:00"), MessageKind::Update),
        ] {
            let before = before.map(|(zone, at)| decision(zone, at, "2021-08-31T08:00"));
            let (zone, effective_at, recorded_at) = now;
            let got = kind_of(&decision(zone, effective_at, recorded_at), before.as_ref());
            assert_eq!(got, expected, "{zone} after {:?}", before.map(|before| before.level));
        }
    }
}
