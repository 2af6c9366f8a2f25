//! Sites from a table (CSV, Excel): first a look at which column is which and what would be taken, then taking it. What
//! cannot be taken comes back as a table of the same columns and one more, the reason.

use std::sync::Arc;

use axum::extract::{Path as Address, Query};
use maud::{Markup, html};
use vx_concepts::{
    engine::{Command as _, run},
    form::{self, CellKind},
};
use vx_kernel::{
    Date, Path, Problem, ProblemKind,
    text::fold,
    time::Lang,
    units::{Kind, Tree, Unit},
};
use vx_platform::{
    auth::Actor,
    sheet::{self, Cell, Read, Sheet, SheetKind},
    store::{
        Uuid,
        migrate::{hex, unhex},
    },
    web::{Access, Form, PageResult, Route, Visit, icon, off_thread},
    words::Words,
};

use crate::units::{Acting, acting, by_code};

use super::{
    Add, Particulars, Position, SiteKind,
    pages::{Pairs, kind_name, named, widest},
};

/// Good rows that are shown before they are taken; the rest is only counted.
const SHOWN_MAX: usize = 20;
/// Rows at fault that are shown; all are in the file.
const FAULTS_MAX: usize = 100;
/// Rows written in one transaction.
const CHUNK: usize = 200;

/// The columns of the file, in its order.
pub(super) const COLUMNS: [&str; 12] = [
    "kind",
    "name",
    "unit",
    "unit_name",
    "address",
    "latitude",
    "longitude",
    "telephone",
    "capacity",
    "from_on",
    "until_on",
    "note",
];

/// The key of a column's heading.
pub(super) fn heading(column: &str) -> &'static str {
    match column {
        "kind" => "site-kind",
        "name" => "site-name",
        "unit" => "site-unit-code",
        "unit_name" => "site-unit",
        "address" => "site-address",
        "latitude" => "site-latitude",
        "longitude" => "site-longitude",
        "telephone" => "site-telephone",
        "capacity" => "site-capacity",
        "from_on" => "site-from",
        "until_on" => "site-until",
        _ => "site-note",
    }
}

/// What else such columns are called in lists that offices keep, without marks.
fn also(column: &str) -> &'static [&'static str] {
    match column {
        "kind" => &["loai", "loai hinh", "kind", "type"],
        "name" => &["ten", "ten co so", "ten don vi", "name"],
        "unit" => &["ma xa", "ma dvhc", "ma don vi", "unit", "unit key"],
        "unit_name" => &["xa", "xa, phuong", "xa/phuong", "xa phuong", "phuong, xa", "don vi", "unit name"],
        "address" => &["dia chi", "address", "vi tri"],
        "latitude" => &["toa do", "lat", "latitude", "vi do (lat)", "position", "coordinates"],
        "longitude" => &["lon", "lng", "long", "longitude", "kinh do (lon)"],
        "telephone" => &["sdt", "so dien thoai", "dien thoai", "phone", "telephone"],
        "capacity" => &["so giuong", "so cho", "suc chua", "quy mo", "capacity"],
        "from_on" => &["tu ngay", "ngay bat dau", "from", "from on"],
        "until_on" => &["den ngay", "ngay ket thuc", "until", "until on"],
        _ => &["ghi chu", "note", "notes"],
    }
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::get("/sites/import", Access::Needs(Add::NAME), begin),
        Route::get("/sites/import/template/{kind}", Access::Needs(Add::NAME), template),
        Route::post("/sites/import", Access::Needs(Add::NAME), review),
        Route::post("/sites/import/take", Access::Needs(Add::NAME), take),
        Route::get("/sites/import/rejected/{kind}", Access::Needs(Add::NAME), rejected),
    ]
}

/// A row that cannot be taken.
#[derive(Debug)]
pub(super) struct Fault {
    line: usize,
    why: Problem,
    texts: Vec<String>,
}

/// What a file would bring.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// The headings of the file.
    heads: Vec<String>,
    /// Where each of [`COLUMNS`] stands in the file.
    pub(super) places: Vec<Option<usize>>,
    /// Rows that can be taken.
    pub(super) taken: Vec<Particulars>,
    /// Rows that cannot.
    pub(super) faults: Vec<Fault>,
}

impl Plan {
    /// Headings that no column was made of.
    fn unused(&self) -> Vec<&str> {
        let is_unused = |at: usize| !self.places.contains(&Some(at));
        let heads = self.heads.iter().enumerate().filter(|(at, head)| is_unused(*at) && !head.is_empty());
        heads.map(|(_, head)| head.as_str()).collect()
    }
    #[cfg(test)]
    pub(super) fn said(&self) -> String {
        let taken = self.taken.iter().map(|one| format!("{} {}", one.unit.unit(), one.kind));
        let faults = self.faults.iter().map(|fault| format!("{}:{}", fault.line, fault.why.code));
        taken.chain(faults).collect::<Vec<_>>().join("; ")
    }
}

/// Which column of the file each of ours is, by its heading; what a person chose goes before.
fn mapped(words: &Words, heads: &[String], chosen: &[Option<String>]) -> Vec<Option<usize>> {
    let folded: Vec<String> = heads.iter().map(|head| fold(head).trim().to_owned()).collect();
    let by_heading = |column: &str| {
        let said = [Lang::Vi, Lang::En].map(|lang| fold(&words.say(lang, heading(column), &[])));
        folded
            .iter()
            .position(|head| said.contains(head) || *head == column)
            .or_else(|| also(column).iter().find_map(|name| folded.iter().position(|head| head == name)))
    };
    let column = |(at, column): (usize, &&str)| match chosen.get(at).and_then(Option::as_deref) {
        Some(text) => text.parse().ok().filter(|place| *place < heads.len()),
        None => by_heading(column),
    };
    COLUMNS.iter().enumerate().map(column).collect()
}

/// Judges a file without writing anything.
pub(super) fn plan(
    words: &Words,
    tree: &Tree,
    within: &Path,
    bytes: &[u8],
    chosen: &[Option<String>],
    today: Date,
) -> Result<Plan, Problem> {
    let rows = sheet::read(bytes)?;
    let Some((_, heads)) = rows.first() else { return Err(Problem::invalid("sites.import.empty")) };
    let heads: Vec<String> = heads.iter().map(Read::typed).collect();
    let mut plan = Plan { places: mapped(words, &heads, chosen), heads, ..Plan::default() };
    let mut known: std::collections::HashSet<(Path, SiteKind, String)> = std::collections::HashSet::new();
    for (line, cells) in rows.iter().skip(1) {
        let cell = |column: usize| plan.places[column].and_then(|at| cells.get(at));
        let texts: Vec<String> =
            (0..COLUMNS.len()).map(|column| cell(column).map(Read::typed).unwrap_or_default()).collect();
        if texts.iter().all(String::is_empty) {
            continue;
        }
        let unread = |text| Problem::refused("sites.row.no_day").with("text", text);
        let days = [9, 10].map(|column| form::read_day(cell(column)).map_err(unread));
        let judged = row(words, tree, within, &texts, days, today).and_then(|of| {
            let site = of.written(None)?;
            if known.insert((of.unit.clone(), of.kind, fold(&site.name))) {
                Ok(of)
            } else {
                Err(Problem::refused("sites.there_already").with("name", site.name))
            }
        });
        match judged {
            Ok(of) => plan.taken.push(of),
            Err(why) => plan.faults.push(Fault { line: *line, why, texts }),
        }
    }
    Ok(plan)
}

fn row(
    words: &Words,
    tree: &Tree,
    within: &Path,
    texts: &[String],
    [from_on, until_on]: [Result<Option<Date>, Problem>; 2],
    today: Date,
) -> Result<Particulars, Problem> {
    let kind =
        kind_of(words, &texts[0]).ok_or_else(|| Problem::refused("sites.row.no_kind").with("text", &texts[0]))?;
    let unit = unit_of(tree, within, &texts[2], &texts[3], today)?;
    let no_count = |_| Problem::refused("sites.row.no_count").with("text", &texts[8]);
    Ok(Particulars {
        unit: unit.path.clone(),
        kind,
        name: texts[1].clone(),
        address: texts[4].clone(),
        position: Position::read(&texts[5], &texts[6])?,
        telephone: Some(texts[7].clone()),
        capacity: form::read_cell(&CellKind::Count, &texts[8]).map_err(no_count)?,
        from_on: from_on?,
        until_on: until_on?,
        note: texts[11].clone(),
    })
}

/// A kind by its name in either language, its word, its sign, or the beginning of its Vietnamese name that only it has.
fn kind_of(words: &Words, text: &str) -> Option<SiteKind> {
    let wanted = fold(text).trim().to_owned();
    let names =
        |kind: &SiteKind| [Lang::Vi, Lang::En].map(|lang| fold(&words.say(lang, &format!("site-kind-{kind}"), &[])));
    let is = |kind: &&SiteKind| names(kind).contains(&wanted) || kind.as_str() == wanted || fold(kind.sign()) == wanted;
    if let Some(kind) = SiteKind::ALL.iter().find(is) {
        return Some(*kind);
    }
    let mut begin = SiteKind::ALL.iter().filter(|kind| wanted.len() > 2 && names(kind)[0].starts_with(&wanted));
    match (begin.next(), begin.next()) {
        (Some(kind), None) => Some(*kind),
        _ => None,
    }
}

/// The place of a row, within the place that somebody answers for: by its code, else by its name, with the name of what
/// it lies in behind a comma. Without either it is the commune of whoever brings the file.
fn unit_of<'t>(tree: &'t Tree, within: &Path, code: &str, name: &str, on: Date) -> Result<&'t Unit, Problem> {
    let fits = |unit: &&Unit| unit.kind.is_place() && unit.exists_on(on) && within.contains(&unit.path);
    if !code.trim().is_empty() {
        return by_code(tree, within, code, on).ok_or_else(|| Problem::refused("sites.row.no_code").with("text", code));
    }
    let (first, above) = name.split_once(',').unwrap_or((name, ""));
    let (first, above) = (fold(first.trim()), fold(above.trim()));
    if first.is_empty() {
        let own = tree.at_path(within).filter(|unit| unit.kind == Kind::Commune);
        return own.ok_or_else(|| Problem::refused("sites.row.no_unit"));
    }
    let is = |unit: &&Unit| {
        let parent = || tree.parent(unit.id.as_str());
        fits(unit)
            && [unit.full_name_on(on).as_str(), unit.name_on(on)].iter().any(|name| fold(name) == first)
            && (above.is_empty()
                || parent().is_some_and(|up| fold(&up.full_name_on(on)) == above || fold(up.name_on(on)) == above))
    };
    let mut found = tree.below(within).iter().filter(is);
    match (found.next(), found.next()) {
        (Some(unit), None) => Ok(unit),
        (Some(_), Some(_)) => Err(Problem::refused("sites.row.several").with("text", name)),
        _ => Err(Problem::refused("sites.row.no_name").with("text", name)),
    }
}

async fn begin(visit: Visit) -> PageResult {
    let within = widest(&visit, Add::NAME)?;
    let kinds: Vec<String> = SiteKind::ALL.iter().map(|kind| kind_name(&visit, *kind)).collect();
    let body = html! {
        div.vx-head { h1 { (visit.t("site-import")) } a.btn href="/sites" { (icon("arrow-left")) " " (visit.t("sites")) } }
        p.vx-quiet { (visit.ta("site-import-about", &[("unit", named(&visit, &within).into()), ("kinds", kinds.join("; ").into())])) }
        p.vx-bar { span { (visit.t("site-template")) ":" } @for kind in SheetKind::ALL { a.btn href={ "/sites/import/template/" (kind.as_str()) } download { (icon("download")) " " (kind.as_str().to_uppercase()) } } }
        section.vx-panel {
            (visit.form("/sites/import", html! {
                label.vx-drop { strong { (icon("upload")) " " (visit.t("site-import-choose")) } p.vx-quiet { (visit.ta("site-import-kinds", &[("max", sheet::Limits::FORM.say_rows(visit.lang).into())])) } input.form-control type="file" name="file" accept=".xlsx,.csv" required; ul {} }
                button.btn.btn-primary.mt-3 type="submit" { (icon("search")) " " (visit.t("site-import-look")) }
            }))
        }
    };
    Ok(visit.page(&visit.t("site-import"), body))
}

async fn template(visit: Visit, Address(kind): Address<String>) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let heads: Vec<(&str, u16)> = COLUMNS.iter().map(|column| (heading(column), 20)).collect();
    let sheet = Sheet::begin(kind, &visit.t("sites"), &visit.columns(&heads))?;
    Ok(sheet.download("mau-dia-diem").await?)
}

/// A file that was brought, and which of its columns is which.
struct Brought {
    hash: String,
    name: String,
    chosen: Vec<Option<String>>,
}

/// The name of the field that says which column of the file one of ours is.
fn place_field(column: &str) -> String {
    format!("column-{column}")
}

async fn planned(visit: &Visit, bytes: Vec<u8>, chosen: Vec<Option<String>>) -> Result<Plan, Problem> {
    let (app, within, today) = (visit.app.clone(), widest(visit, Add::NAME)?, visit.today());
    off_thread(move || plan(app.words(), &app.tree(), &within, &bytes, &chosen, today)).await?
}

async fn kept(visit: &Visit, hash: &str) -> Result<Vec<u8>, Problem> {
    let hash = unhex(hash).ok_or_else(Problem::not_found)?;
    visit.app.files().read(&hash).await
}

/// The file of a form: sent with it, or kept since the look before.
async fn brought(visit: &Visit, form: &Form) -> Result<(Brought, Vec<u8>), Problem> {
    let chosen = COLUMNS.iter().map(|column| form.all(&place_field(column)).next().map(str::to_owned)).collect();
    if let Some(hash) = form.filled("file-hash") {
        let bytes = kept(visit, hash).await?;
        return Ok((Brought { hash: hash.to_owned(), name: form.text("file-name").to_owned(), chosen }, bytes));
    }
    let file = form.files.first().ok_or_else(|| Problem::invalid("sites.import.no_file"))?;
    let bytes = file.content.clone().map_err(|_| Problem::new(ProblemKind::TooLarge, "web.too_large"))?;
    let hash = hex(&visit.app.files().keep(&bytes).await?);
    Ok((Brought { hash, name: file.name.clone(), chosen }, bytes))
}

async fn review(visit: Visit, form: Form) -> PageResult {
    let (brought, bytes) = brought(&visit, &form).await?;
    let plan = planned(&visit, bytes, brought.chosen.clone()).await?;
    Ok(visit.page(&visit.t("site-import"), reviewed(&visit, &brought, &plan)))
}

/// What carries the file and its columns from one page to the next.
fn carried(brought: &Brought, plan: &Plan, with_columns: bool) -> Markup {
    html! {
        input type="hidden" name="file-hash" value=(brought.hash);
        input type="hidden" name="file-name" value=(brought.name);
        @if with_columns { @for (column, place) in COLUMNS.iter().zip(&plan.places) { input type="hidden" name=(place_field(column)) value=(place.map_or_else(|| "-".to_owned(), |place| place.to_string())); } }
    }
}

fn reviewed(visit: &Visit, brought: &Brought, plan: &Plan) -> Markup {
    let n = plan.taken.len();
    let heads = ["site-name", "site-kind", "site-unit", "site-position", "site-telephone"].map(|key| visit.t(key));
    html! {
        div.vx-head { h1 { (visit.t("site-import")) ": " (brought.name) } a.btn href="/sites/import" { (icon("upload")) " " (visit.t("site-import-other")) } }
        p { strong { (visit.ta("site-rows-good", &[("n", n.into())])) } @if !plan.faults.is_empty() { " " (visit.ta("site-rows-rejected", &[("n", plan.faults.len().into())])) } }
        @if n > 0 { div.vx-actions.mb-3 { (visit.form("/sites/import/take", html! {
            (carried(brought, plan, true))
            button.btn.btn-primary type="submit" { (icon("check")) " " (visit.ta("site-import-take", &[("n", n.into())])) }
        })) } }
        @else { div.vx-note.vx-note-error { (visit.t("site-import-nothing")) } }
        @let unused = plan.unused();
        @if !unused.is_empty() { p.vx-quiet { (visit.ta("site-import-unused", &[("heads", unused.join(", ").into())])) } }
        details.vx-panel.mb-3 open[n == 0] { summary { (icon("settings")) " " (visit.t("site-import-columns")) }
            (visit.form("/sites/import", html! {
                (carried(brought, plan, false))
                div.vx-filters { @for (column, place) in COLUMNS.iter().zip(&plan.places) { label { span.form-label { (visit.t(heading(column))) } select.form-select name=(place_field(column)) {
                    option value="-" { (visit.t("site-import-no-column")) }
                    @for (at, head) in plan.heads.iter().enumerate() { option value=(at) selected[*place == Some(at)] { @if head.is_empty() { (at + 1) } @else { (head) } } }
                } } } }
                button.btn type="submit" { (icon("refresh")) " " (visit.t("site-import-again")) }
            }))
        }
        @if n > 0 {
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { @for head in &heads { th scope="col" { (head) } } } }
                tbody { @for of in plan.taken.iter().take(SHOWN_MAX) { tr {
                    th scope="row" { (of.name) @if !of.address.is_empty() { div.vx-quiet.fw-normal { (of.address) } } }
                    td data-label=(heads[1]) { (kind_name(visit, of.kind)) }
                    td data-label=(heads[2]) { (named(visit, &of.unit)) }
                    td data-label=(heads[3]) { @if let Some(position) = of.position { (position) } @else { (visit.t("site-position-none")) } }
                    td data-label=(heads[4]) { (of.telephone.as_deref().filter(|text| !text.is_empty()).unwrap_or("–")) }
                } } }
            } }
            @if n > SHOWN_MAX { p.vx-quiet { (visit.ta("site-import-more", &[("n", (n - SHOWN_MAX).into())])) } }
        }
        (faults(visit, brought, plan))
    }
}

fn say(visit: &Visit, why: &Problem) -> String {
    let (what, todo) = visit.app.words().problem(visit.lang, why);
    format!("{}. {todo}", what.trim_end_matches('.'))
}

fn faults(visit: &Visit, brought: &Brought, plan: &Plan) -> Markup {
    let columns: Vec<String> = COLUMNS
        .iter()
        .zip(&plan.places)
        .map(|(column, place)| {
            format!("{}={}", place_field(column), place.map_or_else(|| "-".to_owned(), |at| at.to_string()))
        })
        .collect();
    html! { @if !plan.faults.is_empty() { section.vx-panel.mt-3 {
        h2 { (visit.ta("site-rows-rejected", &[("n", plan.faults.len().into())])) }
        ul.vx-findings { @for fault in plan.faults.iter().take(FAULTS_MAX) { li.vx-finding { strong { (visit.ta("site-row", &[("n", fault.line.into())])) } " " (say(visit, &fault.why)) } } }
        p.vx-bar { @for kind in SheetKind::ALL { a.btn href={ "/sites/import/rejected/" (kind.as_str()) "?file=" (brought.hash) "&" (columns.join("&")) } download { (icon("download")) " " (visit.t("site-rejected")) " (" (kind.as_str()) ")" } } }
    } } }
}

async fn take(visit: Visit, form: Form) -> PageResult {
    let (brought, bytes) = brought(&visit, &form).await?;
    let plan = planned(&visit, bytes, brought.chosen.clone()).await?;
    let (taken, same) = write(&visit, &brought.name, &plan).await?;
    let body = html! {
        div.vx-head { h1 { (visit.t("site-import")) ": " (brought.name) } a.btn.btn-primary href="/sites?sort=-changed" { (icon("list-details")) " " (visit.t("site-import-see")) } a.btn href="/sites/import" { (icon("upload")) " " (visit.t("site-import-other")) } }
        div.vx-note { span role="status" { (icon("check")) " " (visit.ta("site-rows-taken", &[("n", taken.into())])) @if same > 0 { " " (visit.ta("site-rows-same", &[("n", same.into())])) } } }
        (faults(&visit, &brought, &plan))
    };
    Ok(visit.page(&visit.t("site-import"), body))
}

/// A row with for whom it is written down.
type Row = (Acting, Particulars);

/// Writes what can be taken; what stands there already is left alone. How many, and how many stood there.
async fn write(visit: &Visit, name: &str, plan: &Plan) -> Result<(usize, usize), Problem> {
    let (actor, tree) = (visit.actor()?, visit.app.tree());
    let (mut taken, mut same) = (0, 0);
    for chunk in plan.taken.chunks(CHUNK) {
        let rows: Vec<Row> = chunk
            .iter()
            .map(|of| Ok((acting(actor, &tree, Add::NAME, &of.unit)?, of.clone())))
            .collect::<Result<_, Problem>>()?;
        let shared: Arc<(Actor, String, Vec<Row>)> = Arc::new((actor.clone(), name.to_owned(), rows));
        let (n, there) = visit
            .app
            .db()
            .write(move |tx| {
                let shared = shared.clone();
                Box::pin(async move {
                    let (actor, name, rows) = &*shared;
                    let (mut n, mut there) = (0_usize, 0_usize);
                    for (by, of) in rows {
                        let command = Add { by: by.clone(), of: of.clone(), reason: Some(name.clone()) };
                        match run(tx, actor, Uuid::now_v7(), &command).await {
                            Ok(_) => n += 1,
                            Err(problem) if problem.code == "sites.there_already" => there += 1,
                            Err(problem) => return Err(problem),
                        }
                    }
                    Ok((n, there))
                })
            })
            .await?;
        taken += n;
        same += there;
    }
    Ok((taken, same))
}

async fn rejected(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let value = |name: &str| query.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let chosen: Vec<Option<String>> = COLUMNS.iter().map(|column| value(&place_field(column))).collect();
    let plan = planned(&visit, kept(&visit, &value("file").unwrap_or_default()).await?, chosen).await?;
    let mut heads: Vec<(&str, u16)> = COLUMNS.iter().map(|column| (heading(column), 20)).collect();
    heads.push(("site-reason", 60));
    let mut sheet = Sheet::begin(kind, &visit.t("site-rejected"), &visit.columns(&heads))?;
    for fault in &plan.faults {
        let cells = fault.texts.iter().cloned().chain([say(&visit, &fault.why)]);
        sheet.row(&cells.map(Cell::from).collect::<Vec<_>>())?;
    }
    Ok(sheet.download("dia-diem-khong-nhan").await?)
}
