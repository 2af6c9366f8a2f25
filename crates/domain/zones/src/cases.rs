//! Lists of cases (danh sách ca bệnh) from a table of one row for each: a look first, then taking it; what cannot be read
//! comes back as a table of the columns that were read and one more, the reason.
//!
//! **Nobody's identity is kept.** The file that was sent is never written anywhere: of each case stay unit, day, where it
//! was found, age group, and a keyed hash of its number in the list, by which the same list brought again counts nothing
//! twice. Rows that cannot be read go to the browser and back, not to the disk.
//!
//! What a list counts is one more source of the figures, beside those that people type (`Source::CaseList`).

use std::{collections::HashMap, sync::Arc};

use axum::extract::Query;
use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Serialize};
use vx_concepts::{
    engine::{Command as _, run, run_all},
    form::read_day,
};
use vx_epi::{Series, Suspect};
use vx_kernel::{Id, Path, Problem, ProblemKind, text::fold, time, units::Tree};
use vx_platform::{
    auth::random_token,
    files::keyed_sha256,
    sheet::{self, Cell, Column, Read, Sheet, SheetKind},
    store::{
        Conn, Uuid, made_setting,
        migrate::{hex, unhex},
    },
    web::{App, Form, Markup, PageResult, Visit, html, icon},
};

use crate::{
    Acting, RecordCount,
    commands::{BringCases, SAME},
    import::{as_text, unit_of_row, widest},
    routes::{Pairs, place},
    store,
    types::{AgeGroup, CaseList, Setting, Source, days},
};

/// What a list must or may say of a case.
const FIELDS: [&str; 7] = ["case", "code", "name", "above", "day", "setting", "age"];
/// Rows that cannot be read and are shown; all of them are in the file.
const FAULTS_MAX: usize = 100;
/// Rows that go back in one field: a form has room for some thousand fields, a list for far more rows.
const ROWS_A_FIELD: usize = 100;
/// Units and days of a list that are shown; the rest is only counted.
const SHOWN_MAX: usize = 60;
/// Lists of one place that are shown.
pub(crate) const LISTS_MAX: i64 = 50;
/// Days a list may span: a year.
const SPAN_MAX: i64 = 366;
/// Under which name the key of hashes lies among the settings of the installation.
const KEY: &str = "zones.case_key";

/// How headings of lists begin, folded; the first that is there counts. Lists of provinces and of the CDC were seen in
/// these words; what is missed is chosen by hand and then remembered.
const HEADINGS: [(&str, &[&str]); 7] = [
    ("case", &["ma ca", "ma benh nhan", "ma bn", "so ca", "so bn", "benh nhan so", "case", "ma so"]),
    ("code", &["ma xa", "ma don vi", "ma dvhc", "ma phuong", "unit code"]),
    ("name", &["xa", "phuong", "ten don vi", "don vi", "noi cu tru", "dia ban", "commune", "unit"]),
    ("above", &["huyen", "quan", "don vi cap tren", "district"]),
    ("day", &["ngay cong bo", "ngay duong tinh", "ngay xet nghiem", "ngay ghi nhan", "ngay", "date", "day"]),
    ("setting", &["noi phat hien", "phan loai", "loai ca", "nguon lay", "setting"]),
    ("age", &["nhom tuoi", "tuoi", "nam sinh", "age"]),
];

/// Which of our fields stands in which column, by the folded heading.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Mapping(HashMap<String, String>);

impl Mapping {
    /// The mapping of a file: what somebody chose, else what this unit chose last where its columns are there, else what
    /// the headings say.
    fn of(heads: &[String], chosen: &Mapping, remembered: &Mapping) -> Self {
        let folded: Vec<String> = heads.iter().map(|head| fold(head)).collect();
        let mut mapping: HashMap<String, String> = HashMap::new();
        for (field, begins) in HEADINGS {
            let is_there = |head: &&String| folded.contains(head);
            let free = |head: &&String| !mapping.values().any(|taken| taken == *head);
            let chosen = chosen.0.get(field);
            if chosen.is_some_and(String::is_empty) {
                // Somebody said that the file does not have it.
                continue;
            }
            let chosen = chosen.filter(is_there);
            let remembered = remembered.0.get(field).filter(is_there).filter(free);
            let guessed = || {
                let begin = |begin: &&str| folded.iter().filter(free).find(|head| head.starts_with(*begin)).cloned();
                begins.iter().find_map(begin)
            };
            if let Some(head) = chosen.or(remembered).cloned().or_else(guessed) {
                mapping.insert(field.to_owned(), head);
            }
        }
        Self(mapping)
    }

    fn at(&self, heads: &[String], field: &str) -> Option<usize> {
        let wanted = self.0.get(field)?;
        heads.iter().position(|head| fold(head) == *wanted)
    }
}

/// A case as it is kept.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Case {
    /// The keyed hash of its number.
    pub hash: String,
    /// The unit.
    pub unit: Path,
    /// The day.
    pub day: Date,
    /// Where it was found.
    pub setting: Setting,
    /// Its age group.
    pub age: Option<AgeGroup>,
}

/// A row that cannot be read: its line, a key below `zone-row-`, what it names, and its texts in the order of [`FIELDS`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fault {
    line: usize,
    code: &'static str,
    detail: String,
    texts: Vec<String>,
}

/// What a list would bring.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Plan {
    heads: Vec<String>,
    mapping: Mapping,
    pub(crate) cases: Vec<Case>,
    pub(crate) faults: Vec<Fault>,
}

/// What stays of a list between the look and the taking.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    mapping: Mapping,
    rejected: usize,
    cases: Vec<Case>,
}

/// How a list is read.
pub(crate) struct Reading<'a> {
    pub(crate) tree: &'a Tree,
    pub(crate) within: &'a Path,
    pub(crate) key: &'a [u8],
    pub(crate) today: Date,
    /// What a case of the community is that says nothing of its source.
    pub(crate) community: Setting,
}

/// Where a case was found, from the words of a list.
fn setting_of(words: &str, community: Setting) -> Option<Setting> {
    let folded = fold(words);
    let has = |parts: &[&str]| parts.iter().any(|part| folded.contains(part));
    if has(&["cach ly", "nhap canh", "xam nhap", "phong toa", "khac", "quarantine", "other", "imported"]) {
        Some(Setting::Other)
    } else if has(&["chua ro", "khong ro", "chua xac dinh", "untraced", "unknown"]) {
        Some(Setting::Untraced)
    } else if has(&["ro nguon", "f1", "tiep xuc", "traced"]) {
        Some(Setting::Traced)
    } else if has(&["cong dong", "community"]) {
        Some(community)
    } else {
        None
    }
}

/// The age group of an age or a year of birth.
fn age_of(text: &str, day: Date) -> Option<AgeGroup> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let number: i64 = digits.parse().ok()?;
    AgeGroup::of(if number > 1900 { i64::from(day.year()) - number } else { number })
}

/// Judges a list without writing anything.
pub(crate) fn plan(bytes: &[u8], reading: &Reading<'_>, chosen: &Mapping, kept: &Mapping) -> Result<Plan, Problem> {
    let rows = sheet::read_table(bytes, sheet::Limits::LIST)?.rows;
    let Some((_, heads)) = rows.first() else { return Err(Problem::invalid("zones.import.empty")) };
    let heads: Vec<String> = heads.iter().map(|head| as_text(Some(head))).collect();
    let mapping = Mapping::of(&heads, chosen, kept);
    let places: Vec<Option<usize>> = FIELDS.iter().map(|field| mapping.at(&heads, field)).collect();
    let has = |field: &str| mapping.at(&heads, field).is_some();
    let is_asked = !has("case") || !has("day") || !(has("code") || has("name"));
    let mut plan = Plan { heads, mapping, ..Plan::default() };
    if is_asked {
        // Which column is what is asked before any row is judged.
        return Ok(plan);
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for (line, cells) in rows.iter().skip(1) {
        let cell = |column: usize| places[column].and_then(|at| cells.get(at));
        let texts: Vec<String> = (0..FIELDS.len()).map(|column| as_text(cell(column))).collect();
        if cells.iter().all(Read::is_empty) {
            continue;
        }
        match row(reading, &texts, read_day(cell(4)), places[5].is_some()) {
            Ok(case) => match seen.get(&case.hash) {
                Some(first) => {
                    plan.faults.push(Fault { line: *line, code: "case-twice", detail: first.to_string(), texts });
                }
                None => {
                    seen.insert(case.hash.clone(), *line);
                    plan.cases.push(case);
                }
            },
            Err((code, detail)) => plan.faults.push(Fault { line: *line, code, detail, texts }),
        }
    }
    Ok(plan)
}

fn row(
    reading: &Reading<'_>,
    texts: &[String],
    day: Result<Option<Date>, String>,
    has_setting: bool,
) -> Result<Case, (&'static str, String)> {
    let [case, code, name, above, _, setting, age] = texts else { return Err(("empty", String::new())) };
    if fold(case).is_empty() {
        return Err(("no-case", String::new()));
    }
    let day = day.map_err(|text| ("no-day", text))?.ok_or_else(|| ("no-day", String::new()))?;
    if day > reading.today {
        return Err(("ahead", day.to_string()));
    }
    if days(day, reading.today) > SPAN_MAX {
        return Err(("long-ago", day.to_string()));
    }
    let Reading { tree, within, .. } = reading;
    let unit = unit_of_row(tree, within, [code, name, above], day)?;
    let setting = if has_setting {
        setting_of(setting, reading.community).ok_or_else(|| ("no-setting", setting.clone()))?
    } else {
        reading.community
    };
    // A number is one within the place: two provinces number their cases alike.
    let text = format!("{}|{}", within.as_str(), number_of(case));
    Ok(Case {
        hash: hex(keyed_sha256(reading.key, text.as_bytes()).get(..16).unwrap_or_default()),
        unit: unit.path.clone(),
        day,
        setting,
        age: age_of(age, day),
    })
}

/// The number of a case as it is known again: `BN 12`, `bn12` are one. Between two digits a gap tells numbers apart, as in
/// `12/1` and `1/21`.
fn number_of(case: &str) -> String {
    let letters: Vec<char> = fold(case).chars().collect();
    let digit = |at: Option<usize>| at.and_then(|at| letters.get(at)).is_some_and(char::is_ascii_digit);
    let stays = |at: usize| letters[at] != ' ' || (digit(at.checked_sub(1)) && digit(at.checked_add(1)));
    (0..letters.len()).filter(|at| stays(*at)).map(|at| letters[at]).collect()
}

/// How a list is called among others. What is written down is Vietnamese whatever the language of the pages is.
fn name_of(cases: &[Case]) -> String {
    let days = || cases.iter().map(|case| case.day);
    let day = |day: Option<Date>| day.map(|day| time::say_date(time::Lang::Vi, day)).unwrap_or_default();
    format!("Danh sách ca bệnh {} – {}", day(days().min()), day(days().max()))
}

/// Days of a list with far more cases than the days around them: figures of several days written into one.
fn suspects(cases: &[Case], known: &HashMap<Date, i64>) -> Vec<(Date, Suspect)> {
    let mut by_day: HashMap<Date, i64> = HashMap::new();
    for case in cases {
        *by_day.entry(case.day).or_default() += 1;
    }
    let (Some(first), Some(last)) = (by_day.keys().min().copied(), by_day.keys().max().copied()) else {
        return Vec::new();
    };
    let around = |day: Date, by: i64| day.checked_add(by.days()).unwrap_or(day);
    let (begin, end) = (around(first, -7), around(last, 7));
    let mut counts: Vec<Option<f64>> = Vec::new();
    let mut dates: Vec<Date> = Vec::new();
    let mut day = begin;
    while day <= end {
        let count = by_day.get(&day).or_else(|| known.get(&day)).copied();
        // Within the list a day without a case has none; beyond it nothing is known but what was brought before.
        let count = count.or_else(|| (first <= day && day <= last).then_some(0));
        counts.push(count.map(|n| f64::from(i32::try_from(n).unwrap_or(i32::MAX))));
        dates.push(day);
        let Ok(next) = day.tomorrow() else { break };
        day = next;
    }
    let Ok(series) = Series::of(&counts) else { return Vec::new() };
    series.suspects().into_iter().filter_map(|one| Some((*dates.get(one.at)?, one))).collect()
}

async fn remembered(conn: &mut Conn, by: &Acting) -> Result<Mapping, Problem> {
    let last = store::last_case_list(conn, &by.unit).await?;
    Ok(last.and_then(|list| serde_json::from_str(&list.mapping).ok()).unwrap_or_default())
}

fn upload(visit: &Visit, plan: Option<&Plan>, community: Setting) -> Markup {
    let chosen = |field: &str, head: &str| plan.is_some_and(|plan| plan.mapping.0.get(field) == Some(&fold(head)));
    html! {
        (visit.form("/zones/cases", html! {
            label.vx-drop { strong { (icon("upload")) " " (visit.t(if plan.is_some() { "zone-cases-again" } else { "zone-import-choose" })) } p.vx-quiet { (visit.ta("zone-import-kinds", &[("max", sheet::Limits::LIST.say_rows(visit.lang).into())])) } input.form-control type="file" name="file" accept=".xlsx,.csv" required; ul {} }
            @if let Some(plan) = plan {
                p.vx-quiet.mt-3 { (visit.t("zone-cases-columns")) }
                div.vx-bar { @for field in FIELDS {
                    label.vx-field { span.form-label { (visit.t(&format!("zone-case-field-{field}"))) } select.form-select name={ "column-" (field) } {
                        option value="" { (visit.t("zone-case-no-column")) }
                        @for head in plan.heads.iter().filter(|head| !head.is_empty()) { option value=(fold(head)) selected[chosen(field, head)] { (head) } }
                    } }
                } }
            }
            div.vx-bar.mt-3 {
                label.vx-field { span.form-label { (visit.t("zone-cases-community")) } select.form-select name="community" {
                    @for setting in [Setting::Untraced, Setting::Traced] { option value=(setting) selected[setting == community] { (visit.t(&format!("zone-figure-{setting}"))) } } } }
            }
            button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("zone-import-look")) }
        }))
    }
}

pub(crate) async fn show(visit: Visit, Query(query): Pairs) -> PageResult {
    let by = widest(&visit, BringCases::NAME)?;
    let place = place(&visit, &query)?;
    let lists = store::case_lists(&mut visit.app.db().read().await?, &by.place).await?;
    let lang = visit.lang;
    let body = html! {
        div.vx-head { h1 { (visit.t("zone-cases")) } a.btn href={ "/zones/figures?unit=" (place.as_str()) } { (icon("arrow-left")) " " (visit.t("zone-figures")) } a.btn href="/zones/import" { (icon("upload")) " " (visit.t("zone-import")) } }
        p.vx-quiet { (visit.ta("zone-cases-explained", &[("unit", visit.unit(&by.place).as_str().into())])) }
        section.vx-panel { (upload(&visit, None, Setting::Untraced)) }
        section.vx-panel { h2 { (visit.t("zone-cases-lists")) }
            @if lists.is_empty() { p.vx-quiet { (visit.t("zone-cases-none")) } } @else { (list_table(&visit, lang, &lists)) }
        }
    };
    Ok(visit.page(&visit.t("zone-cases"), body))
}

fn list_table(visit: &Visit, lang: time::Lang, lists: &[CaseList]) -> Markup {
    let n = |n: i64| time::say_count(lang, n);
    html! { div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
        thead { tr { th scope="col" { (visit.t("zone-cases-file")) } th scope="col" { (visit.t("zone-cases-days")) } @for name in ["cases", "fresh", "changed", "rejected"] { th.vx-num scope="col" { (visit.t(&format!("zone-cases-{name}"))) } } th scope="col" { (visit.t("zone-cases-by")) } } }
        tbody { @for list in lists { tr {
            th scope="row" { (list.name) }
            td data-label=(visit.t("zone-cases-days")) { (time::say_date(lang, list.first_on)) " – " (time::say_date(lang, list.last_on)) }
            @for (name, figure) in [("cases", list.cases), ("fresh", list.fresh), ("changed", list.changed), ("rejected", list.rejected)] { td.vx-num data-label=(visit.t(&format!("zone-cases-{name}"))) { (n(figure)) } }
            td data-label=(visit.t("zone-cases-by")) { (list.by_name) div.vx-quiet { (visit.unit(&list.brought_by)) ", " (visit.at(list.recorded_at)) } }
        } } }
    } } }
}

/// The secret by which numbers of cases are hashed, made once for the installation.
async fn key(app: &App) -> Result<Vec<u8>, Problem> {
    made_setting(app.db(), KEY, random_token).await.map(String::into_bytes)
}

pub(crate) async fn review(visit: Visit, form: Form) -> PageResult {
    let by = widest(&visit, BringCases::NAME)?;
    let file = form.files.first().ok_or_else(|| Problem::invalid("zones.import.no_file"))?;
    let bytes = file.content.clone().map_err(|_| Problem::new(ProblemKind::TooLarge, "web.too_large"))?;
    let community = Setting::parse(form.text("community")).unwrap_or(Setting::Untraced);
    let columns = FIELDS.iter().filter_map(|field| {
        let name = format!("column-{field}");
        let asked = form.fields().any(|(one, _)| one == name);
        asked.then(|| ((*field).to_owned(), form.text(&name).to_owned()))
    });
    let chosen = Mapping(columns.collect());
    let kept = remembered(&mut visit.app.db().read().await?, &by).await?;
    let (app, within, key, today) = (visit.app.clone(), by.place.clone(), key(&visit.app).await?, visit.today());
    let plan = vx_platform::web::off_thread(move || {
        let tree = app.tree();
        let reading = Reading { tree: &tree, within: &within, key: &key, today, community };
        plan(&bytes, &reading, &chosen, &kept)
    })
    .await??;
    let stays = Kept { mapping: plan.mapping.clone(), rejected: plan.faults.len(), cases: plan.cases.clone() };
    let stays = serde_json::to_vec(&stays).map_err(Problem::internal)?;
    let hash = if plan.cases.is_empty() { String::new() } else { hex(&visit.app.files().keep(&stays).await?) };
    let mut conn = visit.app.db().read().await?;
    let hashes: Vec<String> = plan.cases.iter().map(|case| case.hash.clone()).collect();
    let known = store::known_cases(&mut conn, &hashes).await?;
    let first = plan.cases.iter().map(|case| case.day).min().unwrap_or(today);
    let last = plan.cases.iter().map(|case| case.day).max().unwrap_or(today);
    let counted = store::cases_by_day(&mut conn, &by.place, first, last).await?;
    drop(conn);
    let same = plan.cases.iter().filter(|case| known.get(&case.hash).is_some_and(|old| old.is(case))).count();
    let changed = plan.cases.iter().filter(|case| known.get(&case.hash).is_some_and(|old| !old.is(case))).count();
    let suspects = suspects(&plan.cases, &counted);
    let body = html! {
        div.vx-head { h1 { (visit.t("zone-cases")) ": " (file.name) } a.btn href="/zones/cases" { (icon("arrow-left")) " " (visit.t("zone-import-other")) } }
        @if plan.cases.is_empty() && plan.faults.is_empty() { div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t("zone-cases-which")) } }
        @else {
            p { (visit.ta("zone-cases-fit", &[("n", plan.cases.len().into()), ("fresh", (plan.cases.len() - same - changed).into()), ("changed", changed.into()), ("same", same.into())])) }
            @for (day, suspect) in &suspects { div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.ta("zone-cases-suspect", &[("on", time::say_date(visit.lang, *day).into()), ("n", whole(suspect.count).into()), ("expected", whole(suspect.expected).into())])) } }
            @if plan.cases.len() > same {
                (visit.form("/zones/cases/take", html! {
                    input type="hidden" name="file" value=(hash);
                    button.btn.btn-primary type="submit" { (icon("check")) " " (visit.ta("zone-cases-take", &[("n", (plan.cases.len() - same).into())])) }
                }))
            }
            (by_unit(&visit, &plan.cases))
        }
        (faults(&visit, &plan.faults))
        section.vx-panel { h2 { (visit.t("zone-cases-mapping")) } (upload(&visit, Some(&plan), community)) }
    };
    Ok(visit.page(&visit.t("zone-cases"), body))
}

fn whole(number: f64) -> String {
    format!("{number:.0}")
}

/// What the list counts by unit and day, the newest first.
fn by_unit(visit: &Visit, cases: &[Case]) -> Markup {
    let mut counted: HashMap<(Date, Path), [i64; 3]> = HashMap::new();
    for case in cases {
        counted.entry((case.day, case.unit.clone())).or_default()[case.setting as usize] += 1;
    }
    let mut rows: Vec<((Date, Path), [i64; 3])> = counted.into_iter().collect();
    rows.sort_by(|one, two| two.0.0.cmp(&one.0.0).then(one.0.1.cmp(&two.0.1)));
    let ages = AgeGroup::ALL.iter().map(|age| (age, cases.iter().filter(|case| case.age == Some(*age)).count()));
    let ages: Vec<(&AgeGroup, usize)> = ages.filter(|(_, n)| *n > 0).collect();
    let tree = visit.app.tree();
    html! {
        @if !ages.is_empty() { p.vx-quiet { (visit.t("zone-case-field-age")) ": " @for (at, (age, n)) in ages.iter().enumerate() { @if at > 0 { "; " } (age) ": " (n) } } }
        @if !rows.is_empty() {
            div.vx-scroll.mt-3 tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("unit")) } th scope="col" { (visit.t("zone-day")) } @for setting in Setting::ALL { th.vx-num scope="col" { (visit.t(&format!("zone-figure-{setting}"))) } } } }
                tbody { @for ((day, unit), counts) in rows.iter().take(SHOWN_MAX) { tr {
                    th scope="row" { (crate::list::named(&tree, unit)) } td data-label=(visit.t("zone-day")) { (time::say_date(visit.lang, *day)) }
                    @for setting in Setting::ALL { td.vx-num data-label=(visit.t(&format!("zone-figure-{setting}"))) { (time::say_count(visit.lang, counts[*setting as usize])) } }
                } } }
            } }
            @if rows.len() > SHOWN_MAX { p.vx-quiet { (visit.ta("zone-rows-more", &[("n", (rows.len() - SHOWN_MAX).into())])) } }
        }
    }
}

fn say(visit: &Visit, fault: &Fault) -> String {
    visit.ta(&format!("zone-row-{}", fault.code), &[("detail", fault.detail.as_str().into())])
}

fn faults(visit: &Visit, faults: &[Fault]) -> Markup {
    html! {
        @if !faults.is_empty() {
            section.vx-panel { h2 { (visit.ta("zone-rows-rejected", &[("n", faults.len().into())])) }
                ul.vx-findings { @for fault in faults.iter().take(FAULTS_MAX) { li.vx-finding { strong { (visit.ta("zone-row", &[("n", fault.line.into())])) } " " (say(visit, fault)) } } }
                (visit.form("/zones/cases/rejected", html! {
                    @for some in faults.chunks(ROWS_A_FIELD) { input type="hidden" name="rows" value=(serde_json::json!(some.iter().map(|fault| (&fault.texts, say(visit, fault))).collect::<Vec<_>>()).to_string()); }
                    div.vx-actions { @for kind in SheetKind::ALL { button.btn type="submit" name="kind" value=(kind.as_str()) { (icon("download")) " " (visit.t("zone-rejected")) " (" (kind.as_str()) ")" } } }
                }))
            }
        }
    }
}

/// The rows that could not be read, from the page that has them to a file: nothing of them was kept here.
pub(crate) async fn rejected(visit: Visit, form: Form) -> PageResult {
    let kind: SheetKind = form.text("kind").parse()?;
    let mut heads: Vec<Column> =
        FIELDS.iter().map(|field| Column { title: visit.t(&format!("zone-case-field-{field}")), width: 18 }).collect();
    heads.push(Column { title: visit.t("zone-reason"), width: 50 });
    let mut sheet = Sheet::begin(kind, &visit.t("zone-rejected"), &heads)?;
    for rows in form.all("rows") {
        let rows: Vec<(Vec<String>, String)> = serde_json::from_str(rows)
            .map_err(|_| Problem::invalid("web.field").with("field", "@zone-rejected").with("value", ""))?;
        for (texts, reason) in rows {
            let cells: Vec<Cell> = texts.into_iter().take(FIELDS.len()).chain([reason]).map(Cell::from).collect();
            sheet.row(&cells)?;
        }
    }
    Ok(sheet.download("ca-benh-khong-nhan").await?)
}

pub(crate) async fn take(visit: Visit, form: Form) -> PageResult {
    let by = widest(&visit, BringCases::NAME)?;
    let file_sha256 = unhex(form.text("file")).ok_or_else(Problem::not_found)?;
    let bytes = visit.app.files().read(&file_sha256).await?;
    let kept: Kept = serde_json::from_slice(&bytes).map_err(|_| Problem::not_found())?;
    let (name, key, today) = (name_of(&kept.cases), form.key()?, visit.today());
    let command = BringCases {
        id: Id::fresh(),
        by: by.clone(),
        name: name.clone(),
        file_sha256,
        mapping: serde_json::to_string(&kept.mapping).map_err(Problem::internal)?,
        cases: kept.cases,
        rejected: i64::try_from(kept.rejected).unwrap_or(i64::MAX),
    };
    let shared = Arc::new((visit.actor()?.clone(), by, name, command));
    let n = visit
        .app
        .db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (actor, by, name, command) = &*shared;
                let hashes: Vec<String> = command.cases.iter().map(|case| case.hash.clone()).collect();
                // Where cases were that the list puts elsewhere is counted anew too.
                let known = store::known_cases(tx, &hashes).await?;
                let mut touched: Vec<(Date, Path)> =
                    command.cases.iter().map(|case| (case.day, case.unit.clone())).collect();
                touched.extend(known.into_values().map(|case| (case.day, case.unit)));
                touched.sort();
                touched.dedup();
                run(tx, actor, key, command).await?;
                tx.flush().await?;
                let (Some(first), Some(last)) = (touched.first(), touched.last()) else { return Ok(0) };
                let counted = store::cases_by_unit(tx, &by.place, first.0, last.0).await?;
                let count = |(day, unit): (Date, Path)| {
                    let [traced, untraced, other] = counted.get(&(day, unit.clone())).copied().unwrap_or_default();
                    let count = RecordCount {
                        id: Id::fresh(),
                        by: by.clone(),
                        unit,
                        counted_on: day,
                        source: Source::CaseList,
                        figures: [Some(traced), Some(untraced), Some(other), None, None, None],
                        reported_on: today.max(day),
                        reason: Some(name.clone()),
                    };
                    (Uuid::now_v7(), count)
                };
                let counts: Vec<(Uuid, RecordCount)> = touched.into_iter().map(count).collect();
                let mut n = 0_usize;
                for outcome in run_all(tx, actor, &counts).await? {
                    match outcome {
                        Ok(_) => n += 1,
                        Err(problem) if problem.code == SAME => {}
                        Err(problem) => return Err(problem),
                    }
                }
                Ok(n)
            })
        })
        .await?;
    let body = html! {
        div.vx-head { h1 { (visit.t("zone-cases")) } a.btn.btn-primary href="/zones" { (icon("map")) " " (visit.t("zones")) } a.btn href="/zones/cases" { (icon("upload")) " " (visit.t("zone-import-other")) } }
        div.vx-note { span role="status" { (icon("check")) " " (visit.ta("zone-cases-taken", &[("n", n.into())])) } }
    };
    Ok(visit.page(&visit.t("zone-cases"), body))
}

#[cfg(test)]
mod tests {
    use super::number_of;

    #[test]
    fn a_case_is_known_again_however_its_number_is_typed() {
        for (one, other, is_same) in [
            ("BN12", "bn 12", true),
            ("BN-12", "BN12", true),
            ("12/1", "1/21", false),
            ("BN1-23", "BN12-3", false),
            ("Số 7", "so 7", true),
        ] {
            assert_eq!(number_of(one) == number_of(other), is_same, "{one} {other}");
        }
    }
}
