//! Tables that people bring: CSV in the ways in which spreadsheets write it, and the first sheet of an Excel workbook.
//!
//! A file costs what its limits allow, whatever it claims about itself: the parts of a workbook are counted while they
//! are inflated, before anything is made of them, and its cells are read one after the other, never as the rectangle
//! that they span.

use std::io::{Cursor, Read as _};

use calamine::{DataRef, Reader as _, Xlsx, open_workbook_from_rs};
use jiff::civil::Date;
use vx_dispatch::Unreadable;
use vx_kernel::{Problem, ProblemKind};
use zip::ZipArchive;

/// What stands in a cell.
#[derive(Clone, PartialEq, Debug)]
pub enum Read {
    /// Words, or a number as somebody typed it.
    Text(String),
    /// A number of a workbook; a day is one too where its cell is not formatted as such, counted since 1900.
    Number(f64),
    /// A number of a workbook whose cell is formatted as a day.
    Day(Date),
}

/// The first day that Excel counts from, as it counts: its year 1900 has a 29 February.
const EXCEL_EPOCH: Date = jiff::civil::date(1899, 12, 30);

impl Read {
    /// As somebody would have typed it: a decimal with a comma, since a point would be taken for a mark between thousands.
    #[must_use]
    pub fn typed(&self) -> String {
        match self {
            Self::Text(text) => text.trim().to_owned(),
            Self::Number(number) => number.to_string().replace('.', ","),
            Self::Day(day) => vx_kernel::time::say_date(vx_kernel::time::Lang::Vi, *day),
        }
    }

    /// The day, where the cell is one or counts one since 1900. None for words, and for what is no day.
    #[must_use]
    pub fn day(&self) -> Option<Date> {
        match self {
            Self::Text(_) => None,
            Self::Day(day) => Some(*day),
            #[expect(clippy::cast_possible_truncation, reason = "a day of a spreadsheet is a small number")]
            Self::Number(number) => {
                EXCEL_EPOCH.checked_add(jiff::ToSpan::days(number.trunc().clamp(0.0, 200_000.0) as i64)).ok()
            }
        }
    }

    /// Whether nothing stands there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.trim().is_empty())
    }
}

/// How large a table may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Rows.
    pub rows: usize,
    /// Columns; what stands further right is not read.
    pub columns: usize,
    /// Cells in all.
    pub cells: usize,
    /// Bytes that the parts of a workbook unpack to.
    pub bytes: u64,
}

impl Limits {
    /// A form of one unit: more rows than any has, twenty times over.
    pub const FORM: Self = Self { rows: 10_000, columns: 64, cells: 640_000, bytes: 32 * 1024 * 1024 };
    /// The figures of many units: every commune of the nation by the widest form that is in use, or a small form over
    /// three periods.
    pub const MANY: Self = Self { rows: 40_000, columns: 600, cells: 3_000_000, bytes: 256 * 1024 * 1024 };

    /// A list with a row for each case, person or thing: a hard month of a large province.
    pub const LIST: Self = Self { rows: 50_000, columns: 64, cells: 3_200_000, bytes: 256 * 1024 * 1024 };

    /// How many rows a table may have, as readers of a page write it.
    #[must_use]
    pub fn say_rows(self, lang: vx_kernel::time::Lang) -> String {
        vx_kernel::time::say_count(lang, i64::try_from(self.rows).unwrap_or(i64::MAX))
    }

    fn passed(self) -> Problem {
        Problem::new(ProblemKind::TooLarge, "sheet.too_large").with("max", self.rows)
    }
}

/// Cells that were merged into one; all but the first are empty.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Merged {
    /// First and last row, as a spreadsheet counts them.
    pub rows: (usize, usize),
    /// First and last column, from nought.
    pub columns: (usize, usize),
}

/// A table as it was read.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Table {
    /// Rows, each with its number as a spreadsheet shows it.
    pub rows: Vec<(usize, Vec<Read>)>,
    /// The old encoding that its text was converted from.
    pub encoding: Option<&'static str>,
    /// Merged cells.
    pub merged: Vec<Merged>,
    /// Whether there are columns beyond those that are read.
    pub wide: bool,
}

/// Characters of a cell; Excel has no more.
const CELL_MAX: usize = 32_767;
/// Parts that a workbook may have: sheets, drawings, themes.
const PARTS_MAX: usize = 2_000;

fn unread(why: &'static str) -> Problem {
    Problem::invalid(why)
}

fn broken(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    unread("sheet.unread").because(error)
}

/// The rows of a form's table, each with its number as a spreadsheet shows it.
///
/// # Errors
/// As [`read_table`].
pub fn read(bytes: &[u8]) -> Result<Vec<(usize, Vec<Read>)>, Problem> {
    read_table(bytes, Limits::FORM).map(|table| table.rows)
}

/// Reads a table.
///
/// # Errors
/// `sheet.unread` for what is no table, `sheet.old_excel`, `sheet.encoding` for text in an encoding that cannot be told,
/// `sheet.too_large`.
pub fn read_table(bytes: &[u8], limits: Limits) -> Result<Table, Problem> {
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook(bytes, limits);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(unread("sheet.old_excel"));
    }
    match vx_dispatch::plain(bytes) {
        Ok(plain) => Ok(Table { encoding: plain.encoding, ..separated(&plain.text, limits)? }),
        Err(Unreadable::Empty) => Ok(Table::default()),
        Err(Unreadable::Encoding { .. }) => Err(unread("sheet.encoding")),
        Err(_) => Err(unread("sheet.unread")),
    }
}

/// CSV with the mark that its first line has most of.
fn separated(text: &str, limits: Limits) -> Result<Table, Problem> {
    let first = text.lines().next().unwrap_or_default();
    let marks = [b';', b'\t', b','];
    let mark =
        marks.into_iter().rev().max_by_key(|mark| first.bytes().filter(|byte| byte == mark).count()).unwrap_or(b';');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(mark).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let (mut table, mut n_cells) = (Table::default(), 0);
    for record in reader.records() {
        let record = record.map_err(broken)?;
        // Blank lines are passed over; the number is that of the line all the same.
        let line = record.position().map_or(0, |place| {
            let (line, byte) = (usize::try_from(place.line()).unwrap_or(0), usize::try_from(place.byte()).unwrap_or(0));
            let passed = text.as_bytes().get(byte..).unwrap_or_default();
            line + passed.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|byte| **byte == b'\n').count()
        });
        n_cells += record.len().min(limits.columns);
        if table.rows.len() >= limits.rows || n_cells > limits.cells {
            return Err(limits.passed());
        }
        table.wide |= record.iter().skip(limits.columns).any(|cell| !cell.trim().is_empty());
        let cell = |cell: &str| {
            let cell = unguarded(cell);
            Read::Text(if cell.len() > CELL_MAX { cell.chars().take(CELL_MAX).collect() } else { cell.to_owned() })
        };
        table.rows.push((line, record.iter().take(limits.columns).map(cell).collect()));
    }
    Ok(table)
}

/// Without the mark that keeps a spreadsheet from taking words for a formula.
#[must_use]
pub fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if super::is_formula(rest) => rest,
        _ => cell,
    }
}

/// Counts what a workbook unpacks to before anything reads it: sizes in headers are only claims.
fn within_limits(bytes: &[u8], limits: Limits) -> Result<(), Problem> {
    let mut parts = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    if parts.len() > PARTS_MAX {
        return Err(limits.passed());
    }
    let mut left = limits.bytes;
    for index in 0..parts.len() {
        let part = parts.by_index(index).map_err(broken)?;
        let n = std::io::copy(&mut part.take(left + 1), &mut std::io::sink()).map_err(broken)?;
        left = left.checked_sub(n).ok_or_else(|| limits.passed())?;
    }
    Ok(())
}

fn workbook(bytes: &[u8], limits: Limits) -> Result<Table, Problem> {
    within_limits(bytes, limits)?;
    let mut book: Xlsx<_> =
        open_workbook_from_rs(Cursor::new(bytes)).map_err(|error: calamine::XlsxError| broken(error))?;
    let name = book.sheet_names().into_iter().next().ok_or_else(|| unread("sheet.unread"))?;
    let mut table = Table::default();
    let place = |n: u32| usize::try_from(n).unwrap_or(usize::MAX);
    for merged in book.merge_cells_by_sheet_name(&name).map_err(broken)? {
        table.merged.push(Merged {
            rows: (place(merged.start.0) + 1, place(merged.end.0) + 1),
            columns: (place(merged.start.1), place(merged.end.1)),
        });
    }
    let mut cells = book.worksheet_cells_reader(&name).map_err(broken)?;
    let mut n_cells = 0;
    while let Some(cell) = cells.next_cell().map_err(broken)? {
        let (row, column) = cell.get_position();
        let (row, column) = (place(row) + 1, place(column));
        let Some(value) = value_of(cell.get_value()) else { continue };
        if column >= limits.columns {
            table.wide = true;
            continue;
        }
        if table.rows.last().is_none_or(|(last, _)| *last != row) {
            if table.rows.len() >= limits.rows {
                return Err(limits.passed());
            }
            table.rows.push((row, Vec::new()));
        }
        if let Some((_, values)) = table.rows.last_mut() {
            n_cells += (column + 1).saturating_sub(values.len());
            if n_cells > limits.cells {
                return Err(limits.passed());
            }
            if column >= values.len() {
                values.resize(column, Read::Text(String::new()));
                values.push(value);
            } else if let Some(place) = values.get_mut(column) {
                *place = value;
            }
        }
    }
    Ok(table)
}

/// What stands in a cell of a workbook; nothing where nothing does.
fn value_of(value: &DataRef<'_>) -> Option<Read> {
    let text = |text: &str| Some(Read::Text(text.chars().take(CELL_MAX).collect()));
    match value {
        DataRef::Empty => None,
        DataRef::Int(n) =>
        {
            #[expect(clippy::cast_precision_loss, reason = "a workbook has no other numbers")]
            Some(Read::Number(*n as f64))
        }
        DataRef::Float(n) => Some(Read::Number(*n)),
        DataRef::String(words) => text(words),
        DataRef::SharedString(words) => text(words),
        DataRef::Bool(yes) => text(if *yes { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(at) if at.is_datetime() => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            let day = i16::try_from(year).ok().zip(i8::try_from(month).ok()).zip(i8::try_from(day).ok());
            let day = day.and_then(|((year, month), day)| Date::new(year, month, day).ok());
            Some(day.map_or(Read::Number(at.as_f64()), Read::Day))
        }
        DataRef::DateTime(span) => Some(Read::Number(span.as_f64())),
        DataRef::DateTimeIso(words) | DataRef::DurationIso(words) => text(words),
        DataRef::Error(error) => text(&error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use rust_xlsxwriter::{Format, Workbook};

    use super::*;

    fn texts(bytes: &[u8]) -> String {
        let say = |cell: &Read| match cell {
            Read::Text(text) => text.clone(),
            Read::Number(number) => format!("#{number}"),
            Read::Day(day) => format!("@{day}"),
        };
        match read(bytes) {
            Ok(rows) => rows
                .iter()
                .map(|(_, cells)| cells.iter().map(say).collect::<Vec<_>>().join("|"))
                .collect::<Vec<_>>()
                .join("\n"),
            Err(problem) => problem.code.to_owned(),
        }
    }

    #[test]
    fn text_is_read_as_spreadsheets_write_it() {
        for (bytes, expected) in [
            (&b"\xef\xbb\xbfa;b\r\n1.000;2,5\r\n"[..], "a|b\n1.000|2,5"),
            (b"a,b\n\"x, y\",2\n", "a|b\nx, y|2"),
            (b"a\tb\n1\t\n", "a|b\n1|"),
            (b"'=1+1;'-a\n", "=1+1|-a"),
            (b"", ""),
            (b"a;b\xe0\n", "sheet.encoding"),
            (b"\xd0\xcf\x11\xe0rest", "sheet.old_excel"),
            (b"PK\x03\x04rest", "sheet.unread"),
            (b"a;\0", "sheet.unread"),
        ] {
            assert_eq!(texts(bytes), expected, "{bytes:?}");
        }
        let wide = read_table("x;".repeat(500).as_bytes(), Limits::FORM).unwrap();
        assert_eq!((wide.rows[0].1.len(), wide.wide), (Limits::FORM.columns, true));
        assert_eq!(texts("a\n".repeat(Limits::FORM.rows + 1).as_bytes()), "sheet.too_large");
        let rows = read(b"a\n\nb\n").unwrap();
        assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3], "the line that an editor shows");
    }

    #[test]
    fn old_encodings_are_converted_and_named() {
        // The same heading as Excel saved it before Unicode: TCVN3 and code page 1258.
        let tcvn3: &[u8] = b"M\xb7 \xae\xacn v\xde;S\xe8 m\xc9u x\xd0t nghi\xd6m;D\xad\xacng t\xddnh\n1;2;3\n";
        let cp1258: &[u8] =
            b"Ma\xde \xf0\xf5n vi\xf2;S\xf4\xec m\xe2\xdeu x\xe9t nghi\xea\xf2m;D\xfd\xf5ng t\xednh\n1;2;3\n";
        for (bytes, encoding) in [(tcvn3, "TCVN3 (ABC)"), (cp1258, "windows-1258")] {
            let table = read_table(bytes, Limits::FORM).unwrap();
            assert_eq!(table.encoding, Some(encoding), "{table:?}");
            assert_eq!(table.rows[1].1.len(), 3);
        }
    }

    #[test]
    fn a_workbook_tells_days_numbers_words_and_merged_cells_apart() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let day = Format::new().set_num_format("dd/mm/yyyy");
        sheet.write_number_with_format(0, 0, 44_454.75, &day).unwrap();
        sheet.write_number(0, 1, 44_454).unwrap();
        sheet.write_string(0, 2, "44454").unwrap();
        sheet.write_boolean(1, 0, true).unwrap();
        sheet.merge_range(2, 1, 4, 2, "gộp", &Format::new()).unwrap();
        sheet.write_number(9, 700, 1).unwrap();
        let bytes = book.save_to_buffer().unwrap();
        let table = read_table(&bytes, Limits::MANY).unwrap();
        assert_eq!(texts(&bytes).lines().next(), Some("@2021-09-15|#44454|44454"));
        assert_eq!(table.rows[1], (2, vec![Read::Text("TRUE".to_owned())]));
        assert_eq!(table.merged, [Merged { rows: (3, 5), columns: (1, 2) }]);
        assert!(table.wide && table.rows.last().unwrap().0 == 3, "what lies beyond the columns is not read: {table:?}");
    }

    #[test]
    fn a_workbook_costs_what_its_limits_allow() {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        for row in 0..200 {
            sheet.write_string(row, 0, "x".repeat(1_000)).unwrap();
            sheet.write_number(row, 40, 1).unwrap();
        }
        let bytes = book.save_to_buffer().unwrap();
        for (limits, fits) in [
            (Limits::FORM, true),
            (Limits { rows: 199, ..Limits::FORM }, false),
            (Limits { cells: 8_000, ..Limits::FORM }, false),
            (Limits { bytes: 10_000, ..Limits::FORM }, false),
        ] {
            let outcome = read_table(&bytes, limits).map(|table| table.rows.len());
            assert_eq!(outcome.is_ok(), fits, "{limits:?}: {outcome:?}");
        }
    }

    #[test]
    fn a_workbook_of_ours_is_read_back() {
        use super::super::{Cell, Column, Sheet, SheetKind};
        let columns = ["Mã", "Số"].map(|title| Column { title: title.to_owned(), width: 9 });
        for kind in SheetKind::ALL {
            let mut sheet = Sheet::begin(kind, "mẫu", &columns).unwrap();
            sheet.row(&[Cell::Text("=a & b".to_owned()), Cell::Count(12)]).unwrap();
            sheet.row(&[Cell::Text("'=a".to_owned()), Cell::Text("1.250".to_owned())]).unwrap();
            let mut bytes = Vec::new();
            sheet.finish().unwrap().read_to_end(&mut bytes).unwrap();
            let twelve = if kind == SheetKind::Csv { "12" } else { "#12" };
            assert_eq!(texts(&bytes), format!("Mã|Số\n=a & b|{twelve}\n'=a|1.250"), "{kind:?}");
        }
    }
}
