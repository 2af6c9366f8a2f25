//! Reports of the demo: three days of flash reports of every commune, two of supplies, and the form of the screening
//! report that a sample dispatch orders. Some came late, some are missing, one was put right, a district endorsed.

use std::sync::Arc;

use anyhow::Context as _;
use jiff::civil::Time;
use vx_concepts::{
    engine::{execute, run},
    form::{CellKind, Figures, FormSpec, PeriodKind, Periods, Words},
    work::{SeriesState, WorkSeries},
};
use vx_kernel::{Date, Id, Path, Problem, ids};
use vx_platform::{
    Clock, jobs, params,
    store::{Record as _, Sql, Uuid},
    web::App,
};
use vx_reports::{Ask, Endorse, Level, Submit, ask_by_order, catalogue, store};
use vx_tasks::clock as ticks;

use super::{Actor, TOUR, actor, at, die, person};

/// The district that has looked at what its communes reported.
const DISTRICT: &str = "94/943/";

pub(super) async fn seed(app: &App, clock: &Clock) -> anyhow::Result<()> {
    let (flash, supplies) = (form("bao-cao-nhanh")?, form("vat-tu-o-xy")?);
    clock.set(at("2021-09-09T15:00")?);
    let office = actor(app, "vanphong").context("the office's account")?;
    let daily = ask(app, &office, "94/", flash, "2021-09-10", 17, Level::Commune).await?;
    let health = actor(app, "syt.giamdoc").context("the health department's account")?;
    let stock = ask(app, &health, "94/94.syt/", supplies, "2021-09-11", 16, Level::District).await?;
    for day in ["2021-09-10", "2021-09-11", "2021-09-12"] {
        for (hour, late) in [("15:40", false), ("18:25", true)] {
            clock.set(at(&format!("{day}T{hour}"))?);
            tick(app).await?;
            let on: Date = day.parse()?;
            send(app, daily, flash, Level::Commune, on, late).await.map_err(crate::said)?;
            if day > "2021-09-10" {
                send(app, stock, supplies, Level::District, on, late).await.map_err(crate::said)?;
            }
        }
        // The morning after, the district stands by what was sent; the commune of the tour has found a mistake.
        if day < "2021-09-12" {
            clock.set(at(&format!("{day}T20:15"))?);
            endorse(app, daily, day.parse()?).await.map_err(crate::said)?;
        }
    }
    clock.set(at("2021-09-12T08:10")?);
    correct(app, daily, flash, "2021-09-11".parse()?).await.map_err(crate::said)?;
    clock.set(at("2021-09-12T20:30")?);
    screening(app, &office).await?;
    tick(app).await
}

/// What the program does by itself in between.
async fn tick(app: &App) -> anyhow::Result<()> {
    ticks::recur(app).await.map_err(crate::said)?;
    ticks::escalate(app).await.map_err(crate::said)?;
    while jobs::run_due(app).await.map_err(crate::said)? > 0 {}
    Ok(())
}

fn form(code: &str) -> anyhow::Result<&'static FormSpec> {
    catalogue::shipped(code, 1).context("a form that ships")
}

fn path(text: &str) -> Result<Path, Problem> {
    Path::parse(text).map_err(Problem::internal)
}

async fn ask(
    app: &App,
    by: &Actor,
    unit: &str,
    form: &FormSpec,
    from: &str,
    hour: i8,
    level: Level,
) -> anyhow::Result<Id<ids::Request>> {
    let (id, from) = (Id::fresh(), from.parse()?);
    let (unit, place) = (path(unit).map_err(crate::said)?, path("94/").map_err(crate::said)?);
    let closes = Time::new(hour, 0, 0, 0)?;
    let periods = Periods::from(PeriodKind::Daily, from, 0, closes, 0).context("a daily period")?;
    let units = level.units(&app.tree(), &place, &[], from, &Path::root());
    let source = app.tree().at_path(&unit).map_or_else(String::new, |unit| format!("Yêu cầu của {}", unit.authority()));
    let command = Ask {
        id,
        by: unit.clone(),
        unit,
        within: place.clone(),
        place,
        form: form.code.clone(),
        form_version: form.version,
        title: form.name.vi.clone(),
        periods,
        level,
        listed: Vec::new(),
        units,
        about: None,
        source,
        detail: "Nhập đủ các chỉ tiêu; không phát sinh thì nhập 0.".to_owned(),
        until_on: None,
    };
    execute(app.db(), by, Uuid::now_v7(), command).await.map_err(crate::said)?;
    Ok(id)
}

/// Figures that a unit might report on a day: the same each time the demo is made.
fn figures(form: &FormSpec, unit: &str, on: Date) -> (Figures, Words) {
    let mut figures = Figures::none(form);
    let mut words = Words::new();
    let roll = |code: &str, sides: u64| i64::try_from(die(&format!("{code}{unit}{on}"), sides)).unwrap_or(0);
    for (cell, place) in form.cells.iter().zip(form.places()) {
        let most = match cell.code.as_str() {
            "mau" | "phong_ho" | "kit_nhanh" => 90,
            "cach_ly_nha" | "cach_ly_tap_trung" | "binh_day" => 25,
            "ca_moi" | "f1_moi" | "ho_tro" => 9,
            "ca_cong_dong" | "tu_vong" | "viec_qua_han" | "tho_may" => 1,
            _ => 5,
        };
        figures.0[place.start] = match cell.kind {
            CellKind::Text => {
                if roll(&cell.code, 12) == 0 {
                    words.insert(cell.code.clone(), "Thiếu nhân lực lấy mẫu, đề nghị hỗ trợ.".to_owned());
                }
                None
            }
            CellKind::Decimal => Some(roll(&cell.code, 60) * 100),
            _ => Some(roll(&cell.code, most)),
        };
    }
    (figures, words)
}

/// How a unit keeps its hours on a day: most in time, some late, a few not at all. The commune of the tour is in time.
fn keeps(unit: &str, on: Date) -> Option<bool> {
    match die(&format!("gio{unit}{on}"), 100) {
        _ if unit == TOUR => Some(false),
        0..6 => None,
        6..15 => Some(true),
        _ => Some(false),
    }
}

async fn send(
    app: &App,
    request: Id<ids::Request>,
    form: &'static FormSpec,
    level: Level,
    on: Date,
    late: bool,
) -> Result<(), Problem> {
    let tree = app.tree();
    let units = level.units(&tree, &path("94/")?, &[], on, &Path::root());
    let units: Vec<Path> = units.into_iter().filter(|unit| keeps(unit.as_str(), on) == Some(late)).collect();
    let mut conn = app.db().read().await?;
    let asked: vx_reports::Request = conn.load(request).await?;
    let period = asked.periods().ending(on).ok_or_else(Problem::not_found)?;
    let mut sent = Vec::new();
    for unit in units {
        let (mut figures, words) = figures(form, unit.as_str(), on);
        // The registers are asked for one district; they know little of the others yet.
        let known = if path(DISTRICT)?.contains(&unit) {
            store::known(&mut conn, form, &unit, &period, app.clock().now()).await?
        } else {
            Figures::none(form)
        };
        for (figure, known) in figures.0.iter_mut().zip(&known.0) {
            *figure = known.or(*figure);
        }
        sent.push((unit, figures, words, known));
    }
    drop(conn);
    let shared = Arc::new((sent, app.rights().clone(), tree));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (sent, rights, tree) = &*shared;
                for (unit, figures, words, known) in sent {
                    let name = tree.at_path(unit).map_or_else(String::new, |unit| person(unit.id.as_str()));
                    let by = &Actor::system(&name, rights.clone());
                    let command = submission(request, unit, on, figures.clone(), words.clone(), known.clone());
                    run(tx, by, Uuid::now_v7(), &command).await?;
                }
                Ok(())
            })
        })
        .await
}

fn submission(
    request: Id<ids::Request>,
    unit: &Path,
    on: Date,
    figures: Figures,
    words: Words,
    known: Figures,
) -> Submit {
    Submit {
        id: Id::fresh(),
        request,
        unit: unit.clone(),
        owes: true,
        period_on: on,
        seen: 0,
        figures,
        words,
        known,
        unexplained: Vec::new(),
        notes: std::collections::BTreeMap::new(),
        reason: None,
    }
}

/// The commune of the tour counted the samples of two hamlets twice, and says so.
async fn correct(app: &App, request: Id<ids::Request>, form: &FormSpec, on: Date) -> Result<(), Problem> {
    let unit = path(TOUR)?;
    let last = store::editions(&mut app.db().read().await?, request, &unit, on).await?;
    let last = last.first().ok_or_else(Problem::not_found)?;
    let mut figures = Figures::parse(&last.figures, form.width());
    let known = Figures::parse(&last.known, form.width());
    for (cell, place) in form.cells.iter().zip(form.places()) {
        if matches!(cell.code.as_str(), "f1_moi" | "cach_ly_nha") {
            figures.0[place.start] = figures.0[place.start].map(|figure| figure + 4);
        }
    }
    let words = serde_json::from_str(&last.words).unwrap_or_default();
    let reason = "Bổ sung 4 người F1 của ấp Hòa Phú báo về sau giờ chốt.".to_owned();
    let command = submission(request, &unit, on, figures, words, known);
    let command = Submit { seen: last.edition, reason: Some(reason), ..command };
    let by = actor(app, "xa.canbo").ok_or_else(Problem::not_found)?;
    execute(app.db(), &by, Uuid::now_v7(), command).await.map(drop)
}

async fn endorse(app: &App, request: Id<ids::Request>, on: Date) -> Result<(), Problem> {
    let district = path(DISTRICT)?;
    let by = actor(app, "huyen.canbo").ok_or_else(Problem::not_found)?;
    let mut conn = app.db().read().await?;
    let sql = "select path, edition from report_submission where tenant = $1 and request = $2 and period_on = $3
               and path >= $4 and path < $5 order by path limit 100";
    let (from, to) = district.range();
    let rows = conn.rows(Sql::with(sql, params![conn.tenant(), request, on, from, to])).await?;
    drop(conn);
    for row in rows {
        let (unit, edition): (Path, i64) = (row.get("path")?, row.get("edition")?);
        let command =
            Endorse { id: Id::fresh(), request, by: district.clone(), unit, period_on: on, edition, note: None };
        execute(app.db(), &by, Uuid::now_v7(), command).await?;
    }
    Ok(())
}

/// The dispatch orders "định kỳ 03 ngày/lần (trước 17h00) báo cáo kết quả": its reports get their form.
async fn screening(app: &App, office: &Actor) -> anyhow::Result<()> {
    let mut conn = app.db().read().await.map_err(crate::said)?;
    let sql = Sql::new("select ").sql(WorkSeries::SELECT).sql(" from work_series where tenant = ").bind(conn.tenant());
    let sql =
        sql.sql(" and source = '9002/UBND-VX' and state = ").bind(SeriesState::Running).sql(" order by path limit 100");
    let rows = conn.rows(sql).await.map_err(crate::said)?;
    drop(conn);
    let series: Vec<WorkSeries> = rows.iter().map(WorkSeries::read).collect::<Result<_, _>>().map_err(crate::said)?;
    let first = series.first().context("the dispatch's series")?;
    let units = series.iter().filter(|one| one.clause == first.clause).map(|one| one.path.clone()).collect();
    let place = path("94/").map_err(crate::said)?;
    let ask =
        ask_by_order(Id::fresh(), first, units, place, form("sang-loc")?).context("every three days is a period")?;
    execute(app.db(), office, Uuid::now_v7(), ask).await.map_err(crate::said).map(drop)
}
