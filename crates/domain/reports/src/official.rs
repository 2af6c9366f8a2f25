//! A sum as an official report (báo cáo tổng hợp): what came in, what it adds up to, who is missing, with tables and
//! charts; handed over as a draft, from which it takes the way of every document.

use std::collections::BTreeMap;

use axum::extract::{Path as Address, Query};
use vx_concepts::{
    engine::{Command as _, execute},
    form::{self, Added, CellKind, CellSpec, Period, Received, RollUp as How, SCALE},
    paper::Write,
};
use vx_dispatch::{Chart, Draft, DraftClause, Figure, Kind, Series, Shape, Table, day_words};
use vx_foundation::letterhead::{Letterhead, in_sentence, written};
use vx_kernel::{Id, Path, Problem, ids, time::Lang};
use vx_platform::web::{Form, PageResult, Visit, see_other};

use crate::{
    routes::Pairs,
    store::{self, RollUp, Said},
    sums::{self, Sum, rows, total},
    types::Source,
};

/// Periods on the chart of the course, this one among them.
const COURSE_MAX: usize = 10;
/// Units named one by one before they are only counted.
const NAMED_MAX: usize = 40;
/// Cells beside each other in a table of units; more do not fit an upright page.
const BESIDE_MAX: usize = 6;
/// Units on a chart; more cannot be told apart.
const COLUMNS_MAX: usize = 24;
/// Differences between sources in the table of them.
const DIFFERENCES_MAX: usize = 60;

/// What came in for the period of a sum.
pub(crate) struct Came {
    /// Units that owe the report.
    pub(crate) owed: Vec<Path>,
    /// What each of them sent.
    pub(crate) received: BTreeMap<Path, Received>,
}

impl Came {
    fn missing(&self) -> impl Iterator<Item = &Path> {
        self.owed.iter().filter(|unit| !self.received.contains_key(*unit))
    }
}

/// Everything that the document says.
pub(crate) struct Told<'a> {
    pub(crate) sum: &'a Sum,
    pub(crate) head: &'a Letterhead,
    /// To whom it is addressed.
    pub(crate) to: &'a str,
    /// The place that is added up, when it is not the issuer's own.
    pub(crate) place: Option<String>,
    /// None for several periods together.
    pub(crate) came: Option<&'a Came>,
    /// Sums of the periods before this one, the oldest first.
    pub(crate) course: &'a [(Period, RollUp)],
    /// How units are called.
    pub(crate) name: &'a dyn Fn(&Path) -> String,
}

/// The unit in whose name somebody writes a sum down: the one that receives the reports, or else the place of the sum.
pub(crate) fn writes(visit: &Visit, sum: &Sum) -> Option<Path> {
    let actor = visit.actor().ok()?;
    [&sum.request.path, &sum.part].into_iter().find(|path| actor.may(Write::NAME, path)).cloned()
}

pub(crate) async fn write_up(
    visit: Visit,
    Address(id): Address<Id<ids::Request>>,
    Query(query): Pairs,
    form: Form,
) -> PageResult {
    let sum = sums::read(&visit.app, visit.actor()?, id, &query).await?;
    let home = writes(&visit, &sum).ok_or_else(Problem::not_found)?;
    let (actor, tree) = (visit.actor()?, visit.app.tree());
    let mut conn = visit.app.db().read().await?;
    let head = Letterhead::of(&mut conn, &tree, &home).await?;
    let to = head.superior(&mut conn, &tree, &home).await?;
    let came = if sum.since.is_none() {
        let owed = sum.request.units(&tree, sum.period.last, &sum.part);
        let received = store::received(&mut conn, actor, &sum.request, &sum.part, &[sum.period]).await?;
        Some(Came { owed, received: received.into_iter().map(|((unit, _), received)| (unit, received)).collect() })
    } else {
        None
    };
    let mut course = Vec::new();
    if sum.since.is_none() && !sum.anew {
        let periods = sum.request.periods();
        let n = periods.number(sum.period.last).unwrap_or(0);
        for period in (0..n).rev().take(COURSE_MAX - 1).filter_map(|n| periods.nth(n)) {
            let rolled =
                sums::chosen_roll_up(&mut conn, actor, &sum.request, &sum.form, &sum.part, period.last).await?;
            course.push((period, rolled));
        }
        course.reverse();
    }
    drop(conn);
    let draft = {
        // The place is named, not who acts for it; one further down with what it lies in.
        let own = |path: &Path| tree.at_path(path).map(|unit| unit.full_name.clone());
        let name = |path: &Path| {
            let above = path.parent().filter(|above| *above != sum.part && sum.part.contains(above));
            let of =
                above.and_then(|above| own(&above)).map_or_else(String::new, |of| format!(", {}", in_sentence(&of)));
            own(path).unwrap_or_else(|| path.as_str().to_owned()) + &of
        };
        let own_place = tree.place_of(home.unit()).is_some_and(|place| place.path == sum.part);
        let place = own(&sum.part).filter(|_| !own_place).map(|place| in_sentence(&place));
        draft(&Told { sum: &sum, head: &head, to: &to, place, came: came.as_ref(), course: &course, name: &name })
    };
    let paper = written(&head, home, &draft, sum.address(), actor);
    let id = execute(visit.app.db(), actor, form.key()?, Write { paper }).await?;
    Ok(see_other(&format!("/papers/{id}"), "reports-said-written-up"))
}

/// The document. It is Vietnamese whatever the language of the pages is.
pub(crate) fn draft(told: &Told<'_>) -> Draft {
    let Told { sum, head, to, .. } = told;
    let days = days_words(sum.since.as_ref().unwrap_or(&sum.period), &sum.period);
    let place = told.place.as_ref().map_or_else(String::new, |place| format!(" trên địa bàn {place}"));
    let units = if sum.anew { ", theo đơn vị hành chính từ ngày 01/7/2025" } else { "" };
    let (title, days) = (format!("{}{place}", in_sentence(&sum.request.title)), format!("{days}{units}"));
    let mut preamble = Vec::new();
    if sum.request.about.is_some() {
        preamble.push(format!("Thực hiện văn bản số {};", sum.request.source));
    }
    preamble.push(format!("{} tổng hợp số liệu {title} ({days}) như sau:", head.issuer));
    let mut clauses: Vec<DraftClause> = told.came.map(|came| sending(told, came)).into_iter().collect();
    clauses.push(whole(told));
    clauses.extend(by_unit(told));
    clauses.extend(in_words(told));
    clauses.extend(sources(told));
    let closing = if to.is_empty() {
        "Trên đây là kết quả tổng hợp".to_owned()
    } else {
        format!("Trên đây là kết quả tổng hợp, {} kính báo cáo {to}", head.issuer)
    };
    Draft {
        subject: format!("Tổng hợp số liệu {title} ({days})"),
        addressees: Some((*to).to_owned()).filter(|to| !to.is_empty()).into_iter().collect(),
        preamble,
        clauses,
        closing: Some(closing),
        ..head.draft(Kind::BaoCao)
    }
}

/// How the reports came in.
fn sending(told: &Told<'_>, came: &Came) -> DraftClause {
    let Told { sum, name, .. } = told;
    let (owed, sent) = (came.owed.len(), came.received.len());
    let late = came.received.values().filter(|report| report.first_at > sum.period.closes_at).count();
    let corrected = came.received.values().filter(|report| report.edition > 1).count();
    let mut said = vec![match (owed, sent) {
        (0, 0) => "Trong kỳ không có đơn vị nào phải báo cáo".to_owned(),
        (owed, sent) if sent >= owed => format!("Toàn bộ {} đơn vị đã gửi báo cáo", count(owed)),
        (owed, sent) => format!("Có {} trên tổng số {} đơn vị đã gửi báo cáo", count(sent), count(owed)),
    }];
    if late > 0 {
        said.push(format!("{} báo cáo gửi sau giờ chốt", count(late)));
    }
    if corrected > 0 {
        said.push(format!("{} báo cáo đã được đính chính", count(corrected)));
    }
    let mut lines = vec!["Tình hình gửi báo cáo".to_owned(), said.join("; ")];
    let missing: Vec<String> = came.missing().map(name).collect();
    if !missing.is_empty() && missing.len() <= NAMED_MAX {
        lines.push(format!("Chưa gửi báo cáo ({}): {}", count(missing.len()), missing.join("; ")));
    }
    // Where units are gathered, the parts say how many of theirs came.
    let mut parts: BTreeMap<Path, (usize, usize)> = BTreeMap::new();
    let deeper = sum.part.depth() + 1;
    for unit in &came.owed {
        let part = parts.entry(unit.at_depth(deeper.min(unit.depth()))).or_default();
        part.0 += 1;
        part.1 += usize::from(came.received.contains_key(unit));
    }
    let gathered = parts.len() > 1 && parts.len() < came.owed.len();
    let table = Table {
        caption: "Tình hình gửi báo cáo".to_owned(),
        columns: ["Đơn vị", "Phải gửi", "Đã gửi", "Chưa gửi"].map(str::to_owned).to_vec(),
        rows: parts
            .iter()
            .map(|(part, (owed, sent))| vec![name(part), count(*owed), count(*sent), count(owed.saturating_sub(*sent))])
            .collect(),
    };
    DraftClause {
        text: lines.join("\n"),
        figures: gathered.then_some(Figure::Table(table)).into_iter().collect(),
        ..DraftClause::default()
    }
}

/// What it all adds up to, beside the period before, and its course.
fn whole(told: &Told<'_>) -> DraftClause {
    let Told { sum, course, .. } = told;
    let before = course.last().filter(|(_, rolled)| rolled.all.n > 0);
    let mut columns = vec!["Chỉ tiêu".to_owned(), "Đơn vị tính".to_owned(), "Tổng số".to_owned()];
    if before.is_some() {
        columns.extend(["Kỳ trước".to_owned(), "Tăng, giảm".to_owned()]);
    }
    let mut table = Table { caption: "Tổng hợp các chỉ tiêu".to_owned(), columns, rows: Vec::new() };
    for (cell, places, label) in rows(&sum.form, Lang::Vi) {
        let now = total(&sum.rolled.all, &places);
        let mut row = vec![label, cell.unit.vi.clone(), say(cell, now)];
        if let Some((_, rolled)) = before {
            let then = total(&rolled.all, &places);
            row.push(say(cell, then));
            row.push(now.zip(then).map_or_else(String::new, |(now, then)| change(cell, now - then)));
        }
        table.rows.push(row);
    }
    let mut figures = vec![Figure::Table(table)];
    figures.extend(course_chart(told));
    let mut text = "Kết quả tổng hợp".to_owned();
    if sum.estimated {
        text.push_str("\nSố liệu của đơn vị đã chia tách được phân bổ theo ước tính cho các đơn vị kế tiếp");
    }
    DraftClause { text, figures, ..DraftClause::default() }
}

/// Cells that a chart shows: what happened, where anything did.
fn charted(sum: &Sum) -> impl Iterator<Item = (&CellSpec, Vec<usize>, String)> {
    let counts = |(cell, places, label): &(&CellSpec, Vec<usize>, String)| {
        !label.starts_with('—')
            && cell.roll_up == How::Sum
            && matches!(cell.kind, CellKind::Count | CellKind::Decimal)
            && total(&sum.rolled.all, places).is_some_and(|sum| sum > 0)
    };
    rows(&sum.form, Lang::Vi).into_iter().filter(counts)
}

fn course_chart(told: &Told<'_>) -> Option<Figure> {
    let sum = told.sum;
    let course = || {
        let before = told.course.iter().map(|(period, rolled)| (period, &rolled.all));
        before.chain([(&sum.period, &sum.rolled.all)])
    };
    if course().filter(|(_, all)| all.n > 0).count() < 3 {
        return None;
    }
    // Two rows at the most, so that a small one is not pressed to the ground by a third.
    let series: Vec<Series> = charted(sum)
        .take(2)
        .map(|(cell, places, name)| Series {
            name,
            values: course().map(|(_, all)| total(all, &places).map(|sum| plain(cell, sum))).collect(),
        })
        .collect();
    let label = |period: &Period| format!("{}/{}", period.last.day(), period.last.month());
    Some(Figure::Chart(Chart {
        caption: format!("Diễn biến qua {} kỳ gần nhất", course().count()),
        shape: Shape::Line,
        labels: course().map(|(period, _)| label(period)).collect(),
        series,
    }))
    .filter(|figure| matches!(figure, Figure::Chart(chart) if !chart.series.is_empty()))
}

/// What each unit below has in it.
fn by_unit(told: &Told<'_>) -> Option<DraftClause> {
    let Told { sum, name, .. } = told;
    if sum.rolled.parts.len() < 2 {
        return None;
    }
    let cells: Vec<_> = rows(&sum.form, Lang::Vi).into_iter().filter(|(_, _, label)| !label.starts_with('—')).collect();
    let row = |part: String, added: &Added, cells: &[(&CellSpec, Vec<usize>, String)]| {
        std::iter::once(part).chain(cells.iter().map(|(cell, at, _)| say(cell, total(added, at)))).collect()
    };
    let mut figures: Vec<Figure> = cells
        .chunks(BESIDE_MAX)
        .enumerate()
        .map(|(n, cells)| {
            let head = |(cell, _, label): &(&CellSpec, Vec<usize>, String)| match cell.unit.vi.as_str() {
                "" => label.clone(),
                unit => format!("{label} ({unit})"),
            };
            Figure::Table(Table {
                caption: format!("Kết quả theo đơn vị{}", if n == 0 { "" } else { " (tiếp theo)" }),
                columns: std::iter::once("Đơn vị".to_owned()).chain(cells.iter().map(head)).collect(),
                rows: (sum.rolled.parts.iter())
                    .map(|(part, added)| row(name(part), added, cells))
                    .chain(std::iter::once(row("Tổng cộng".to_owned(), &sum.rolled.all, cells)))
                    .collect(),
            })
        })
        .collect();
    if let Some((cell, places, label)) = charted(sum).next() {
        let mut parts: Vec<(&Path, i64)> =
            sum.rolled.parts.iter().filter_map(|(part, added)| Some((part, total(added, &places)?))).collect();
        let more = parts.len() > COLUMNS_MAX;
        parts.sort_by_key(|(_, figure)| std::cmp::Reverse(*figure));
        parts.truncate(COLUMNS_MAX);
        let highest = if more { format!(" ({COLUMNS_MAX} đơn vị cao nhất)") } else { String::new() };
        figures.push(Figure::Chart(Chart {
            caption: format!("{label} theo đơn vị{highest}"),
            shape: Shape::Bar,
            labels: parts.iter().map(|(part, _)| name(part)).collect(),
            series: vec![Series {
                name: label,
                values: parts.iter().map(|(_, figure)| Some(plain(cell, *figure))).collect(),
            }],
        }));
    }
    Some(DraftClause { text: "Kết quả theo đơn vị".to_owned(), figures, ..DraftClause::default() })
}

/// What units wrote into cells of text, a clause with a table for each cell.
fn in_words(told: &Told<'_>) -> Vec<DraftClause> {
    let Told { sum, name, .. } = told;
    let clause = |(index, cell): (usize, &CellSpec)| {
        let said: Vec<_> = sum.words.iter().filter(|said| said.cell == index).collect();
        if said.is_empty() {
            return None;
        }
        let mut text = cell.label.vi.clone();
        if said.len() > NAMED_MAX {
            text.push_str(&format!("\nBảng nêu {NAMED_MAX} trên tổng số {} nội dung", count(said.len())));
        }
        let row = |said: &&Said| {
            let day = sum.since.map_or_else(String::new, |_| format!(" (ngày {})", day_words(&said.on.to_string())));
            vec![name(&said.unit) + &day, said.text.split_whitespace().collect::<Vec<_>>().join(" ")]
        };
        let table = Table {
            caption: cell.label.vi.clone(),
            columns: ["Đơn vị", "Nội dung"].map(str::to_owned).to_vec(),
            rows: said.iter().take(NAMED_MAX).map(row).collect(),
        };
        Some(DraftClause { text, figures: vec![Figure::Table(table)], ..DraftClause::default() })
    };
    sum.form.cells.iter().enumerate().filter_map(clause).collect()
}

/// Where figures are not those of the reports, and where both sources differ.
fn sources(told: &Told<'_>) -> Option<DraftClause> {
    let Told { sum, name, .. } = told;
    if sum.since.is_some() || sum.anew {
        return None;
    }
    let from_registers: Vec<&str> = sum
        .form
        .cells
        .iter()
        .filter(|cell| sum.choices.get(&cell.code).is_some_and(|choice| choice.source == Source::Registers))
        .map(|cell| cell.label.vi.as_str())
        .collect();
    if from_registers.is_empty() && sum.differences.is_empty() {
        return None;
    }
    let mut lines = vec!["Nguồn số liệu".to_owned()];
    if !from_registers.is_empty() {
        lines.push(format!(
            "Các chỉ tiêu lấy theo sổ theo dõi của hệ thống ở đơn vị đã có số liệu, các đơn vị khác theo báo cáo: {}",
            from_registers.join("; ")
        ));
    }
    let mut figures = Vec::new();
    if !sum.differences.is_empty() {
        lines.push(format!("Có {} số liệu của đơn vị khác với số hệ thống ghi nhận", count(sum.differences.len())));
        let row = |difference: &store::Difference| {
            let cell = sum.form.cells.get(difference.cell)?;
            Some(vec![
                name(&difference.unit),
                cell.label.vi.clone(),
                say(cell, difference.said),
                say(cell, Some(difference.knew)),
            ])
        };
        figures.push(Figure::Table(Table {
            caption: "Số liệu khác nhau giữa các nguồn".to_owned(),
            columns: ["Đơn vị", "Chỉ tiêu", "Đơn vị báo cáo", "Hệ thống ghi nhận"].map(str::to_owned).to_vec(),
            rows: sum.differences.iter().take(DIFFERENCES_MAX).filter_map(row).collect(),
        }));
    }
    Some(DraftClause { text: lines.join("\n"), figures, ..DraftClause::default() })
}

fn count(n: usize) -> String {
    vx_kernel::time::say_count(Lang::Vi, i64::try_from(n).unwrap_or(i64::MAX))
}

fn say(cell: &CellSpec, figure: Option<i64>) -> String {
    figure.map_or_else(|| "–".to_owned(), |figure| form::say(&cell.kind, Lang::Vi, figure))
}

/// A difference with its sign: `+12`, `-3`, `0`.
fn change(cell: &CellSpec, by: i64) -> String {
    let sign = if by > 0 { "+" } else { "" };
    format!("{sign}{}", form::say(&cell.kind, Lang::Vi, by))
}

#[expect(clippy::cast_precision_loss, reason = "figures are far below 2^52")]
fn plain(cell: &CellSpec, figure: i64) -> f64 {
    if cell.kind == CellKind::Decimal { figure as f64 / SCALE as f64 } else { figure as f64 }
}

fn days_words(first: &Period, last: &Period) -> String {
    let day = |day: vx_kernel::Date| day_words(&day.to_string());
    if first.first == last.last {
        format!("ngày {}", day(last.last))
    } else {
        format!("từ ngày {} đến ngày {}", day(first.first), day(last.last))
    }
}
