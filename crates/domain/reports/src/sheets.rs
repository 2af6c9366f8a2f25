//! The template of a report as a table, written and read back (mẫu nhập số liệu).
//!
//! Its first row, with the code `#`, says of which form, unit and period it is, so that last year's template or another
//! unit's is found out before a figure is taken from it.

use vx_concepts::form::{self, CellKind, FormSpec};
use vx_kernel::{Date, Path, Problem};
use vx_platform::{
    sheet::{self, Cell, Read, Sheet, SheetKind},
    web::Visit,
};

use crate::entry::{Taken, Typed};

/// The code of the row that says what the template is of.
const MARK: &str = "#";
/// The column of figures.
const FIGURE: usize = 4;
/// The column of notes.
const NOTE: usize = 5;

pub(crate) fn form_mark(form: &FormSpec) -> String {
    format!("{} {}", form.code, form.version)
}

/// Writes the template of a report with what stands in its cells.
///
/// # Errors
/// When the file cannot be written.
pub(crate) fn write(
    visit: &Visit,
    kind: SheetKind,
    form: &FormSpec,
    unit: &Path,
    on: Date,
    typed: &Typed,
) -> Result<Sheet, Problem> {
    let columns = visit.columns(&[
        ("report-column-code", 18),
        ("form-cell", 50),
        ("form-by", 20),
        ("form-unit", 12),
        ("report-column-figure", 18),
        ("report-why", 30),
    ]);
    let mut sheet = Sheet::begin(kind, form.name.of(visit.lang), &columns)?;
    let text = |text: &str| Cell::from(text.to_owned());
    sheet.row(&[
        text(MARK),
        text(&form_mark(form)),
        text(unit.as_str()),
        Cell::Text(on.to_string()),
        Cell::Empty,
        Cell::Empty,
    ])?;
    for (cell, place) in form.cells.iter().zip(form.places()) {
        for (n, at) in place.enumerate() {
            let part = cell.by.as_ref().and_then(|by| by.parts.get(n)).map_or("", |part| part.of(visit.lang));
            let code = if cell.by.is_some() { format!("{}.{}", cell.code, n + 1) } else { cell.code.clone() };
            let now = typed.texts.get(at).map_or("", String::as_str);
            let figure = match &cell.kind {
                CellKind::Text => text(typed.words.get(&cell.code).map_or("", String::as_str)),
                CellKind::Count => now.parse().map_or_else(|_| text(now), Cell::Count),
                CellKind::Choice(choices) => text(
                    now.parse().ok().and_then(|n: usize| choices.get(n)).map_or("", |choice| choice.of(visit.lang)),
                ),
                CellKind::Decimal | CellKind::Date => text(now),
            };
            let note = text(typed.notes.get(&cell.code).filter(|_| n == 0).map_or("", String::as_str));
            sheet.row(&[
                text(&code),
                text(cell.label.of(visit.lang)),
                text(part),
                text(cell.unit.of(visit.lang)),
                figure,
                note,
            ])?;
        }
    }
    Ok(sheet)
}

/// What stands in a cell as a person would have typed it into a form's cell.
pub(crate) fn as_typed(kind: &CellKind, read: &Read) -> String {
    match read.day().filter(|_| *kind == CellKind::Date) {
        Some(day) => day.to_string(),
        None => read.typed(),
    }
}

/// What the first row of a template says that it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// A form: its code and version.
    Form,
    /// A unit: its path.
    Unit,
    /// A period: its last day.
    Period,
}

/// Puts the figures of a filled template into the cells. Cells that are empty in the file stay as they are. `called` says
/// how people call what a template is of.
///
/// # Errors
/// `sheet.…` when it is no table; `reports.fill.…` when it is the template of something else.
pub(crate) fn fill(
    form: &FormSpec,
    unit: &Path,
    on: Date,
    name: &str,
    bytes: &[u8],
    typed: &mut Typed,
    called: impl Fn(Of, &str) -> String,
) -> Result<(), Problem> {
    let rows = sheet::read(bytes)?;
    let text = |cells: &[Read], at: usize| match cells.get(at) {
        Some(Read::Text(text)) => text.trim().to_owned(),
        Some(Read::Number(number)) => number.to_string(),
        Some(Read::Day(day)) => day.to_string(),
        None => String::new(),
    };
    let mark = rows.iter().find(|(_, cells)| text(cells, 0) == MARK);
    let (_, mark) = mark.ok_or_else(|| Problem::invalid("reports.fill.no_mark"))?;
    let same = |code: &'static str, of: Of, is: String, wanted: String| {
        if is == wanted {
            return Ok(());
        }
        Err(Problem::invalid(code).with("is", called(of, &is)).with("wanted", called(of, &wanted)))
    };
    same("reports.fill.another_form", Of::Form, text(mark, 1), form_mark(form))?;
    same("reports.fill.another_unit", Of::Unit, text(mark, 2), unit.as_str().to_owned())?;
    // A spreadsheet may have made a day of the text.
    let day = mark.get(3).map_or_else(String::new, |cell| as_typed(&CellKind::Date, cell));
    let day =
        form::read_cell(&CellKind::Date, &day).ok().flatten().and_then(form::day_of).map_or(day, |day| day.to_string());
    same("reports.fill.another_period", Of::Period, day, on.to_string())?;
    let mut taken = Taken { name: name.to_owned(), n: 0, rejected: Vec::new() };
    let places = form.places();
    for (number, cells) in rows.iter().skip(1) {
        let code = text(cells, 0);
        if code.is_empty() || code == MARK {
            continue;
        }
        let (base, part) =
            code.rsplit_once('.').map_or((code.as_str(), 0), |(base, part)| (base, part.parse().unwrap_or(0)));
        let found = form.cells.iter().zip(&places).find(|(cell, _)| cell.code == base);
        let place = found.and_then(|(cell, place)| match (&cell.by, part) {
            (Some(by), 1..) if part <= by.parts.len() => Some(place.start + part - 1),
            (None, 0) => Some(place.start),
            _ => None,
        });
        let (Some((cell, _)), Some(at)) = (found, place) else {
            taken.rejected.push((*number, code));
            continue;
        };
        let value = cells.get(FIGURE).map_or_else(String::new, |read| as_typed(&cell.kind, read));
        let note = text(cells, NOTE);
        if !note.is_empty() && cell.known.is_some() {
            typed.notes.insert(cell.code.clone(), note);
        }
        if value.is_empty() {
            continue;
        }
        taken.n += 1;
        if cell.kind == CellKind::Text {
            typed.words.insert(cell.code.clone(), value.chars().take(form::TEXT_MAX).collect());
            continue;
        }
        match form::read_cell(&cell.kind, &value) {
            Ok(figure) => typed.texts[at] = figure.map_or_else(String::new, |figure| form::typed(&cell.kind, figure)),
            Err(fault) => {
                typed.texts[at] = value;
                typed.unread.insert(at, fault);
            }
        }
    }
    typed.taken = Some(taken);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::shipped;

    fn filled(file: &str) -> Result<(Typed, String), String> {
        let form = shipped("sang-loc", 1).unwrap();
        let mut typed = Typed { texts: vec![String::new(); form.width()], ..Typed::default() };
        let (unit, on) = (Path::parse("94/943/").unwrap(), "2021-09-15".parse().unwrap());
        fill(form, &unit, on, "mau.csv", file.as_bytes(), &mut typed, |_, raw| raw.to_owned())
            .map_err(|problem| problem.code.to_owned())?;
        let taken = typed.taken.as_ref().unwrap();
        let rejected = taken.rejected.iter().map(|(row, code)| format!(" {row}:{code}")).collect::<String>();
        let unread = typed.unread.iter().map(|(at, fault)| format!(" {at}:{fault}")).collect::<String>();
        let said = format!("{}{rejected}{unread}", taken.n);
        Ok((typed, said))
    }

    #[test]
    fn a_filled_template_fills_the_cells_and_names_what_does_not_fit() {
        const HEAD: &str = "Mã;Chỉ tiêu;theo;Đơn vị tính;Số liệu;Lý do\n#;sang-loc 1;94/943/;2021-09-15;;\n";
        for (rows, expected) in [
            ("", "0"),
            ("ke_hoach;;;;3.000;\nmau;;;;2950;trạm ghi thiếu\n", "2"),
            ("duong_tinh.1;;;;3;\nduong_tinh.2;;;;4;\n", "2"),
            ("vuong_mac;;;;Thiếu người;\n", "1"),
            // The good rows are kept beside the bad ones.
            (
                "ke_hoach;;;;ba nghìn;\nmau;;;;5;\nkhac;;;;1;\nduong_tinh;;;;7;\nduong_tinh.3;;;;1;\n",
                "2 5:khac 6:duong_tinh 7:duong_tinh.3 0:not-a-count",
            ),
            ("mau_pcr_don;;;;-5;\nmau_pcr_gop;;;;2,5;\nmau;;;;;\n", "2 2:negative 3:not-whole"),
        ] {
            assert_eq!(filled(&format!("{HEAD}{rows}")).map(|(_, said)| said), Ok(expected.to_owned()), "{rows}");
        }
        let (typed, _) = filled(&format!("{HEAD}ke_hoach;;;;3.000;\nmau;;;;ba;trạm ghi thiếu\n")).unwrap();
        assert_eq!(
            (typed.texts[0].as_str(), typed.texts[1].as_str()),
            ("3000", "ba"),
            "what was typed stays before the eyes"
        );
        assert_eq!(typed.notes["mau"], "trạm ghi thiếu");
        for (file, expected) in [
            ("a;b\n1;2\n".to_owned(), "reports.fill.no_mark"),
            (HEAD.replace("sang-loc 1", "sang-loc 0"), "reports.fill.another_form"),
            (HEAD.replace("94/943/", "94/941/"), "reports.fill.another_unit"),
            (HEAD.replace("2021-09-15", "2020-09-15"), "reports.fill.another_period"),
            (HEAD.replace("2021-09-15", "15/09/2021"), "0"),
        ] {
            let got = filled(&file).map_or_else(|code| code, |(_, said)| said);
            assert_eq!(got, expected, "{file}");
        }
    }

    #[test]
    fn numbers_of_a_workbook_are_read_as_meant() {
        for (kind, number, expected) in [
            (CellKind::Count, 12.0, "12"),
            (CellKind::Count, 2.5, "2,5"),
            (CellKind::Decimal, 1.25, "1,25"),
            (CellKind::Decimal, 1_234.0, "1234"),
            (CellKind::Date, 44_454.0, "2021-09-15"),
            (CellKind::Date, 44_454.75, "2021-09-15"),
        ] {
            assert_eq!(as_typed(&kind, &Read::Number(number)), expected);
        }
    }
}
