//! Figures of many units from a table (CSV, Excel): first a look at what would be taken, then taking it. What cannot be
//! taken comes back as a table of the same columns and one more, the reason.
//!
//! Units are known by their code or their name on that day, within the place that somebody answers for: a code that
//! means another province since 2025 is refused there and not guessed.

use std::sync::Arc;

use axum::extract::{Path as Address, Query};
use jiff::civil::Date;
use vx_concepts::{
    engine::{Command as _, run},
    form::{self, CellKind},
};
use vx_foundation::units;
use vx_kernel::{
    Id, Path, Problem, ProblemKind,
    text::fold,
    time::{self, Lang},
    units::{Tree, Unit},
};
use vx_platform::{
    auth::Actor,
    sheet::{self, Cell, Column, Read, Sheet, SheetKind},
    store::{
        Uuid,
        migrate::{hex, unhex},
    },
    web::{Form, Markup, PageResult, Visit, html, icon},
    words::Words,
};

use crate::{
    Acting, FIGURES, RecordCount, RecordStanding, STANDS,
    commands::SAME,
    figures::{COUNTED, STOOD, brought_by},
    routes::{Pairs, place, word},
    types::Source,
};

/// Good rows that are shown before they are taken; the rest is only counted.
const SHOWN_MAX: usize = 20;
/// Rows at fault that are shown; all are in the file.
const FAULTS_MAX: usize = 100;
/// Rows written in one transaction.
const CHUNK: usize = 200;
/// The columns before the figures.
const HEADS: [&str; 4] = ["code", "name", "above", "day"];

/// The key of a column's heading.
fn heading(name: &str) -> String {
    match name {
        "code" => "zone-code".to_owned(),
        "name" => "zone-import-name".to_owned(),
        "above" => "zone-import-above".to_owned(),
        "day" => "zone-day".to_owned(),
        "reason" => "zone-reason".to_owned(),
        figure => format!("zone-figure-{}", figure.replace('_', "-")),
    }
}

fn columns() -> Vec<&'static str> {
    HEADS.into_iter().chain(COUNTED).chain(STOOD).collect()
}

/// A row that can be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Taken {
    unit: Path,
    day: Date,
    counts: [Option<i64>; FIGURES],
    stands: [Option<i64>; STANDS],
}

/// A row that cannot, with the reason: a key below `zone-row-`, and what it names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    line: usize,
    code: &'static str,
    detail: String,
}

/// What a file would bring.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Plan {
    /// Rows that can be taken.
    pub(crate) taken: Vec<Taken>,
    /// Rows that cannot.
    pub(crate) faults: Vec<Fault>,
    /// The texts of the rows that cannot, in the order of [`columns`].
    rejected: Vec<Vec<String>>,
    /// Headings that are none of ours.
    unknown: Vec<String>,
}

pub(crate) fn as_text(read: Option<&Read>) -> String {
    read.map(Read::typed).unwrap_or_default()
}

fn by_name<'t>(tree: &'t Tree, within: &Path, name: &str, above: &str, on: Date) -> Result<&'t Unit, &'static str> {
    let (name, above) = (fold(name), fold(above));
    let is = |unit: &&Unit| {
        let named = fold(&unit.full_name_on(on)) == name || fold(unit.name_on(on)) == name;
        let below = || {
            let parent = tree.parent(unit.id.as_str());
            parent.is_some_and(|parent| fold(&parent.full_name) == above || fold(&parent.name) == above)
        };
        named && unit.kind.is_place() && unit.exists_on(on) && (above.is_empty() || below())
    };
    let mut found = tree.below(within).iter().filter(is);
    match (found.next(), found.next()) {
        (Some(unit), None) => Ok(unit),
        (Some(_), Some(_)) => Err("several"),
        _ => Err("no-name"),
    }
}

/// Judges a file without writing anything.
pub(crate) fn plan(
    words: &Words,
    tree: &Tree,
    within: &Path,
    bytes: &[u8],
    usual_day: Date,
    today: Date,
) -> Result<Plan, Problem> {
    let rows = sheet::read(bytes)?;
    let Some((_, heads)) = rows.first() else { return Err(Problem::invalid("zones.import.empty")) };
    let columns = columns();
    let names: Vec<Vec<String>> = columns
        .iter()
        .map(|name| {
            let said = [Lang::Vi, Lang::En].map(|lang| fold(&words.say(lang, &heading(name), &[])));
            said.into_iter().chain([fold(name), fold(&name.replace('_', " "))]).collect()
        })
        .collect();
    let reason = [Lang::Vi, Lang::En].map(|lang| fold(&words.say(lang, &heading("reason"), &[])));
    let mut places: Vec<Option<usize>> = vec![None; columns.len()];
    let mut unknown = Vec::new();
    for (at, head) in heads.iter().enumerate() {
        let text = as_text(Some(head));
        let folded = fold(&text);
        match names.iter().position(|names| names.contains(&folded)) {
            Some(column) => places[column] = places[column].or(Some(at)),
            None if folded.is_empty() || reason.contains(&folded) => {}
            None => unknown.push(text),
        }
    }
    if places[0].is_none() && places[1].is_none() {
        return Err(Problem::invalid("zones.import.no_unit"));
    }
    if places[HEADS.len()..].iter().all(Option::is_none) {
        return Err(Problem::invalid("zones.import.no_figures"));
    }
    let mut plan = Plan { unknown, ..Plan::default() };
    for (line, cells) in rows.iter().skip(1) {
        let cell = |column: usize| places[column].and_then(|at| cells.get(at));
        let texts: Vec<String> = (0..columns.len()).map(|column| as_text(cell(column))).collect();
        if texts.iter().all(String::is_empty) {
            continue;
        }
        match row(tree, within, &texts, form::read_day(cell(3)), usual_day, today) {
            Ok(taken) if plan.taken.iter().any(|other| other.unit == taken.unit && other.day == taken.day) => {
                plan.faults.push(Fault { line: *line, code: "twice", detail: texts[1].clone() });
                plan.rejected.push(texts);
            }
            Ok(taken) => plan.taken.push(taken),
            Err((code, detail)) => {
                plan.faults.push(Fault { line: *line, code, detail });
                plan.rejected.push(texts);
            }
        }
    }
    Ok(plan)
}

/// The unit of a row: by its code, else by its name. The fault is a key below `zone-row-`, and what it names.
pub(crate) fn unit_of_row<'t>(
    tree: &'t Tree,
    within: &Path,
    [code, name, above]: [&String; 3],
    day: Date,
) -> Result<&'t Unit, (&'static str, String)> {
    if code.is_empty() {
        return by_name(tree, within, name, above, day).map_err(|fault| (fault, name.clone()));
    }
    let unit = units::by_code(tree, within, code, day).ok_or_else(|| ("no-code", code.clone()))?;
    // Code and name of two units: one of them is a slip, and nobody but the sender knows which.
    if !name.is_empty() && !unit.names().any(|one| fold(name).contains(&fold(one))) {
        return Err(("code-and-name", format!("{code}: {}", unit.full_name_on(day))));
    }
    Ok(unit)
}

fn row(
    tree: &Tree,
    within: &Path,
    texts: &[String],
    day: Result<Option<Date>, String>,
    usual_day: Date,
    today: Date,
) -> Result<Taken, (&'static str, String)> {
    let day = day.map_err(|text| ("no-day", text))?.unwrap_or(usual_day);
    if day > today {
        return Err(("ahead", day.to_string()));
    }
    let (code, name) = (&texts[0], &texts[1]);
    let unit = unit_of_row(tree, within, [code, name, &texts[2]], day)?;
    let mut figures = [None; FIGURES + STANDS];
    for ((into, text), name) in figures.iter_mut().zip(&texts[HEADS.len()..]).zip(COUNTED.into_iter().chain(STOOD)) {
        *into = form::read_cell(&CellKind::Count, text).map_err(|_| ("no-count", format!("{name}: {text}")))?;
    }
    if figures.iter().all(Option::is_none) {
        return Err(("empty", String::new()));
    }
    let (counts, stands) = figures.split_at(FIGURES);
    Ok(Taken {
        unit: unit.path.clone(),
        day,
        counts: counts.try_into().unwrap_or([None; FIGURES]),
        stands: stands.try_into().unwrap_or([None; STANDS]),
    })
}

/// The place for which somebody brings figures or lists: the widest that they answer for.
pub(crate) fn widest(visit: &Visit, permission: &'static str) -> Result<Acting, Problem> {
    units::widest(visit.actor()?, &visit.app.tree(), permission)
}

pub(crate) async fn show(visit: Visit, Query(query): Pairs) -> PageResult {
    let place = place(&visit, &query)?;
    let by = widest(&visit, RecordCount::NAME)?;
    let body = html! {
        div.vx-head { h1 { (visit.t("zone-import")) } a.btn href={ "/zones/figures?unit=" (place.as_str()) } { (icon("arrow-left")) " " (visit.t("zone-figures")) } a.btn href="/zones/cases" { (icon("upload")) " " (visit.t("zone-cases")) } }
        p.vx-quiet { (visit.ta("zone-import-explained", &[("unit", visit.unit(&by.place).as_str().into())])) }
        p.vx-bar { span { (visit.t("zone-template")) ":" } @for kind in SheetKind::ALL { a.btn href={ "/zones/import/template/" (kind.as_str()) "?unit=" (by.place.as_str()) } { (icon("download")) " " (kind.as_str().to_uppercase()) } } }
        section.vx-panel {
            (visit.form("/zones/import", html! {
                label.vx-drop { strong { (icon("upload")) " " (visit.t("zone-import-choose")) } p.vx-quiet { (visit.ta("zone-import-kinds", &[("max", sheet::Limits::FORM.say_rows(visit.lang).into())])) } input.form-control type="file" name="file" accept=".xlsx,.csv" required; ul {} }
                div.vx-bar.mt-3 {
                    label.vx-field { span.form-label { (visit.t("zone-source")) } select.form-select name="source" { @for source in Source::NAMED { option value=(source.as_str()) { (visit.t(&format!("zone-source-{source}"))) } } } }
                    label.vx-field { span.form-label { (visit.t("zone-import-day")) } input.form-control type="date" name="day" value=(visit.today()) max=(visit.today()) required; }
                }
                button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("zone-import-look")) }
            }))
        }
    };
    Ok(visit.page(&visit.t("zone-import"), body))
}

pub(crate) async fn template(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let place = place(&visit, &query)?;
    let heads: Vec<Column> =
        columns().iter().map(|name| Column { title: visit.t(&heading(name)), width: 16 }).collect();
    let mut sheet = Sheet::begin(kind, &visit.t("zone-import"), &heads)?;
    let (tree, today) = (visit.app.tree(), visit.today());
    let communes = |unit: &&Unit| unit.kind == vx_kernel::units::Kind::Commune && unit.exists_on(today);
    for unit in tree.below(&place).iter().filter(communes) {
        let above = tree.parent(unit.id.as_str()).map_or_else(String::new, |above| above.full_name_on(today));
        sheet.row(&[
            Cell::Text(unit.id.to_string()),
            unit.full_name_on(today).into(),
            above.into(),
            Cell::Day(today),
        ])?;
    }
    Ok(sheet.download("mau-so-lieu").await?)
}

struct Asked {
    source: Source,
    day: Date,
    by: Acting,
}

fn asked(visit: &Visit, source: &str, day: &str) -> Result<Asked, Problem> {
    let unread = |field: &str, value: &str| {
        Problem::invalid("web.field").with("field", format!("@field-{field}")).with("value", value)
    };
    Ok(Asked {
        source: brought_by(Source::parse(source).ok_or_else(|| unread("source", source))?)?,
        day: day.parse().map_err(|_| unread("day", day))?,
        by: widest(visit, RecordCount::NAME)?,
    })
}

async fn planned(visit: &Visit, bytes: Vec<u8>, asked: &Asked) -> Result<Plan, Problem> {
    let (app, within, day, today) = (visit.app.clone(), asked.by.place.clone(), asked.day, visit.today());
    vx_platform::web::off_thread(move || plan(app.words(), &app.tree(), &within, &bytes, day, today)).await?
}

pub(crate) async fn review(visit: Visit, form: Form) -> PageResult {
    let asked = asked(&visit, form.text("source"), form.text("day"))?;
    let file = form.files.first().ok_or_else(|| Problem::invalid("zones.import.no_file"))?;
    let bytes = file.content.clone().map_err(|_| Problem::new(ProblemKind::TooLarge, "web.too_large"))?;
    let plan = planned(&visit, bytes.clone(), &asked).await?;
    let hash = hex(&visit.app.files().keep(&bytes).await?);
    Ok(visit.page(&visit.t("zone-import"), reviewed(&visit, &file.name, &hash, &asked, &plan)))
}

fn rejected_links(visit: &Visit, hash: &str, asked: &Asked) -> Markup {
    html! { @for kind in SheetKind::ALL { a.btn href={ "/zones/import/rejected/" (kind.as_str()) "?file=" (hash) "&source=" (asked.source) "&day=" (asked.day) } { (icon("download")) " " (visit.t("zone-rejected")) " (" (kind.as_str()) ")" } " " } }
}

fn faults(visit: &Visit, hash: &str, asked: &Asked, plan: &Plan) -> Markup {
    html! {
        @if !plan.faults.is_empty() {
            section.vx-panel { h2 { (visit.ta("zone-rows-rejected", &[("n", plan.faults.len().into())])) }
                ul.vx-findings { @for fault in plan.faults.iter().take(FAULTS_MAX) { li.vx-finding {
                    strong { (visit.ta("zone-row", &[("n", fault.line.into())])) } " " (say(visit, fault))
                } } }
                p.vx-bar { (rejected_links(visit, hash, asked)) }
            }
        }
    }
}

fn say(visit: &Visit, fault: &Fault) -> String {
    visit.ta(&format!("zone-row-{}", fault.code), &[("detail", fault.detail.as_str().into())])
}

fn reviewed(visit: &Visit, name: &str, hash: &str, asked: &Asked, plan: &Plan) -> Markup {
    let (lang, tree) = (visit.lang, visit.app.tree());
    let figures: Vec<&str> = COUNTED.into_iter().chain(STOOD).collect();
    let used = |at: usize| {
        plan.taken.iter().any(|row| row.counts.iter().chain(&row.stands).nth(at).is_some_and(Option::is_some))
    };
    let used: Vec<usize> = (0..figures.len()).filter(|at| used(*at)).collect();
    html! {
        div.vx-head { h1 { (visit.t("zone-import")) ": " (name) } a.btn href="/zones/import" { (icon("arrow-left")) " " (visit.t("zone-import-other")) } }
        p { (visit.ta("zone-rows-fit", &[("n", plan.taken.len().into()), ("source", visit.t(&format!("zone-source-{}", asked.source)).into())])) }
        @if !plan.unknown.is_empty() { div.vx-note.vx-note-doubt { (visit.ta("zone-columns-unknown", &[("names", plan.unknown.join(", ").into())])) } }
        @if !plan.taken.is_empty() {
            (visit.form("/zones/import/take", html! {
                input type="hidden" name="file" value=(hash); input type="hidden" name="name" value=(name);
                input type="hidden" name="source" value=(asked.source); input type="hidden" name="day" value=(asked.day);
                button.btn.btn-primary type="submit" { (icon("check")) " " (visit.ta("zone-import-take", &[("n", plan.taken.len().into())])) }
            }))
            div.vx-scroll.mt-3 tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("unit")) } th scope="col" { (visit.t("zone-day")) } @for at in &used { th.vx-num scope="col" { (visit.t(&heading(figures[*at]))) } } } }
                tbody { @for row in plan.taken.iter().take(SHOWN_MAX) { tr {
                    th scope="row" { (crate::list::named(&tree, &row.unit)) } td data-label=(visit.t("zone-day")) { (time::say_date(lang, row.day)) }
                    @for at in &used { td.vx-num data-label=(visit.t(&heading(figures[*at]))) { @match row.counts.iter().chain(&row.stands).nth(*at).copied().flatten() { Some(figure) => (time::say_count(lang, figure)), None => "–" } } }
                } } }
            } }
            @if plan.taken.len() > SHOWN_MAX { p.vx-quiet { (visit.ta("zone-rows-more", &[("n", (plan.taken.len() - SHOWN_MAX).into())])) } }
        }
        (faults(visit, hash, asked, plan))
    }
}

async fn kept(visit: &Visit, hash: &str) -> Result<Vec<u8>, Problem> {
    let hash = unhex(hash).ok_or_else(Problem::not_found)?;
    visit.app.files().read(&hash).await
}

pub(crate) async fn take(visit: Visit, form: Form) -> PageResult {
    let asked = asked(&visit, form.text("source"), form.text("day"))?;
    let (hash, name) = (form.text("file").to_owned(), form.text("name").to_owned());
    let plan = planned(&visit, kept(&visit, &hash).await?, &asked).await?;
    let (taken, same) = write(&visit, &asked, &name, &plan).await?;
    let body = html! {
        div.vx-head { h1 { (visit.t("zone-import")) ": " (name) } a.btn.btn-primary href={ "/zones?unit=" (asked.by.place.as_str()) } { (icon("map")) " " (visit.t("zones")) } a.btn href="/zones/import" { (icon("upload")) " " (visit.t("zone-import-other")) } }
        div.vx-note { span role="status" { (icon("check")) " " (visit.ta("zone-rows-taken", &[("n", taken.into())])) } @if same > 0 { " " (visit.ta("zone-rows-same", &[("n", same.into())])) } }
        (faults(&visit, &hash, &asked, &plan))
    };
    Ok(visit.page(&visit.t("zone-import"), body))
}

/// Writes what can be taken; what stands there already in the same words is left alone. How many, and how many were
/// the same.
async fn write(visit: &Visit, asked: &Asked, name: &str, plan: &Plan) -> Result<(usize, usize), Problem> {
    let today = visit.today();
    let (mut taken, mut same) = (0, 0);
    for chunk in plan.taken.chunks(CHUNK) {
        let shared: Arc<(Actor, Acting, Source, String, Vec<Taken>)> =
            Arc::new((visit.actor()?.clone(), asked.by.clone(), asked.source, name.to_owned(), chunk.to_vec()));
        let (n, unchanged) = visit
            .app
            .db()
            .write(move |tx| {
                let shared = shared.clone();
                Box::pin(async move {
                    let (actor, by, source, name, rows) = &*shared;
                    let (mut n, mut unchanged) = (0_usize, 0_usize);
                    for row in rows {
                        let reported_on = today.max(row.day);
                        let mut outcomes = Vec::new();
                        if row.counts.iter().any(Option::is_some) {
                            let command = RecordCount {
                                id: Id::fresh(),
                                by: by.clone(),
                                unit: row.unit.clone(),
                                counted_on: row.day,
                                source: *source,
                                figures: row.counts,
                                reported_on,
                                reason: Some(name.clone()),
                            };
                            outcomes.push(run(tx, actor, Uuid::now_v7(), &command).await);
                        }
                        if row.stands.iter().any(Option::is_some) {
                            let command = RecordStanding {
                                id: Id::fresh(),
                                by: by.clone(),
                                unit: row.unit.clone(),
                                holds_on: row.day,
                                source: *source,
                                figures: row.stands,
                                reported_on,
                            };
                            outcomes.push(run(tx, actor, Uuid::now_v7(), &command).await);
                        }
                        let mut any = false;
                        for outcome in outcomes {
                            match outcome {
                                Ok(_) => any = true,
                                Err(problem) if problem.code == SAME => {}
                                Err(problem) => return Err(problem),
                            }
                        }
                        if any { n += 1 } else { unchanged += 1 }
                    }
                    Ok((n, unchanged))
                })
            })
            .await?;
        taken += n;
        same += unchanged;
    }
    Ok((taken, same))
}

pub(crate) async fn rejected(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let value = |name: &str| word(&query, name).unwrap_or_default();
    let asked = asked(&visit, value("source"), value("day"))?;
    let plan = planned(&visit, kept(&visit, value("file")).await?, &asked).await?;
    let heads = columns().into_iter().chain(["reason"]);
    let heads: Vec<Column> = heads.map(|name| Column { title: visit.t(&heading(name)), width: 16 }).collect();
    let mut sheet = Sheet::begin(kind, &visit.t("zone-rejected"), &heads)?;
    for (fault, texts) in plan.faults.iter().zip(&plan.rejected) {
        let cells = texts.iter().cloned().chain([say(&visit, fault)]);
        sheet.row(&cells.map(Cell::from).collect::<Vec<_>>())?;
    }
    Ok(sheet.download("dong-khong-nhan").await?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use vx_kernel::units::read_places;
    use vx_platform::words::Texts;

    const UNITS: &str = "key,parent,type,name,alt_names,from,until,lat,lon,area_km2,population
94,,tỉnh,Sóc Trăng,,,2025-06-30,,,,1199653
943,94,huyện,Kế Sách,,,2025-06-30,,,,149000
31534,943,xã,Xuân Hòa,,,2025-06-30,,,,13000
31540,943,xã,Nhơn Mỹ,,,2025-06-30,,,,13000
944,94,huyện,Mỹ Tú,,,2025-06-30,,,,90000
31600,944,xã,Nhơn Mỹ,,,2025-06-30,,,,9000
91,,tỉnh,Kiên Giang,,,2025-06-30,,,,1723067
30760,91,huyện,Xa,,,2025-06-30,,,,1000
";

    fn judged(file: &str) -> String {
        let tree = Tree::new(read_places(UNITS, None).0, Vec::new()).0;
        let texts = Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") };
        let words = Words::new([texts]).unwrap();
        let within = Path::parse("94/").unwrap();
        let days = ("2021-09-12".parse().unwrap(), "2021-09-13".parse().unwrap());
        match plan(&words, &tree, &within, file.as_bytes(), days.0, days.1) {
            Ok(plan) => {
                let taken = plan.taken.iter().map(|row| {
                    format!("{} {} {:?}", row.unit.unit(), row.day, row.counts.iter().flatten().collect::<Vec<_>>())
                });
                let faults = plan.faults.iter().map(|fault| format!("{}:{}", fault.line, fault.code));
                assert_eq!(plan.faults.len(), plan.rejected.len());
                taken.chain(faults).collect::<Vec<_>>().join("; ")
            }
            Err(problem) => problem.code.to_owned(),
        }
    }

    #[test]
    fn rows_are_known_by_code_or_name_on_the_day_and_what_does_not_fit_comes_back() {
        for (file, expected) in [
            ("code;day;traced;untraced\n31534;11/9/2021;3;1\n", "31534 2021-09-11 [3, 1]"),
            ("code;traced\n31534;3\n31534;4\n", "31534 2021-09-12 [3]; 3:twice"),
            ("name;traced\nXã Xuân Hòa;1.000\n", "31534 2021-09-12 [1000]"),
            ("name;traced\nNhơn Mỹ;1\n", "2:several"),
            ("name;above;traced\nNhơn Mỹ;Huyện Mỹ Tú;1\n", "31600 2021-09-12 [1]"),
            ("name;traced\nKhông Có;1\n", "2:no-name"),
            ("code;traced\n30760;1\n99999;1\n", "2:no-code; 3:no-code"),
            ("code;name;traced\n31534;Nhơn Mỹ;1\n", "2:code-and-name"),
            ("code;traced\n31534;ba\n31534;-1\n31534;\n", "2:no-count; 3:no-count; 4:empty"),
            ("code;day;traced\n31534;14/9/2021;1\n31534;hôm qua;1\n", "2:ahead; 3:no-day"),
            ("traced\n1\n", "zones.import.no_unit"),
            ("code;x\n31534;1\n", "zones.import.no_figures"),
            ("Mã đơn vị;Ca cộng đồng rõ nguồn;Lý do\n31534;2;thiếu\n", "31534 2021-09-12 [2]"),
        ] {
            assert_eq!(judged(file), expected, "{file}");
        }
    }
}
