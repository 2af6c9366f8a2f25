//! Tables that people take along: one description of the columns, written as CSV or as an Excel workbook.
//!
//! Rows go to a temporary file as they come and the answer is read from it, so memory stays the same for ten rows and
//! for fifty thousand.

mod read;

pub use read::{Limits, Merged, Read, Table, read, read_table, unguarded};

use std::{
    borrow::Cow,
    fs::File,
    io::{BufWriter, Seek as _, Write as _},
    str::FromStr,
};

use axum::{
    body::{Body, Bytes},
    http::header,
    response::{IntoResponse as _, Response},
};
use jiff::{
    Timestamp,
    civil::{Date, DateTime},
};
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};
use tokio::io::AsyncReadExt as _;
use vx_kernel::{Problem, ProblemKind, time};

use crate::web::{encode, off_thread};

/// What a table is written as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SheetKind {
    /// Text with semicolons, as Vietnamese Excel reads it.
    Csv,
    /// A workbook with one sheet.
    Xlsx,
}

impl SheetKind {
    /// Both, the workbook first: it is what offices open.
    pub const ALL: [Self; 2] = [Self::Xlsx, Self::Csv];
    /// As it stands in addresses and at the end of file names.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
        }
    }
}

impl FromStr for SheetKind {
    type Err = Problem;
    fn from_str(text: &str) -> Result<Self, Problem> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(Problem::not_found)
    }
}

/// A column: its heading and how wide it is, in characters.
#[derive(Clone, Debug)]
pub struct Column {
    /// Heading.
    pub title: String,
    /// Width in a workbook.
    pub width: u16,
}

/// A value of a table.
#[derive(Clone, PartialEq, Debug)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// Words. What a spreadsheet would take for a formula stays words.
    Text(String),
    /// A whole number.
    Count(i64),
    /// A number in thousandths.
    Thousandths(i64),
    /// A day.
    Day(Date),
    /// A moment, in the time of Việt Nam.
    At(Timestamp),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text) }
    }
}
impl From<i64> for Cell {
    fn from(count: i64) -> Self {
        Self::Count(count)
    }
}
impl From<Option<Timestamp>> for Cell {
    fn from(at: Option<Timestamp>) -> Self {
        at.map_or(Self::Empty, Self::At)
    }
}
impl From<Option<Date>> for Cell {
    fn from(day: Option<Date>) -> Self {
        day.map_or(Self::Empty, Self::Day)
    }
}

/// Characters that a cell of a workbook holds at the most; Excel refuses more than 32,767.
const TEXT_MAX: usize = 32_000;
/// Rows that a sheet of a workbook has, the heading among them.
pub const ROWS_MAX: u32 = 1_048_576;

/// A table that is being written.
pub struct Sheet {
    kind: Kind,
    rows: u32,
    columns: u16,
}

enum Kind {
    Csv(BufWriter<File>),
    Xlsx(Box<Book>),
}

struct Book {
    book: Workbook,
    day: Format,
    moment: Format,
    words: Format,
}

fn failed(error: std::io::Error) -> Problem {
    if error.kind() == std::io::ErrorKind::StorageFull {
        Problem::new(ProblemKind::Unavailable, "store.full").because(error)
    } else {
        Problem::internal(error)
    }
}

fn unwritable(error: XlsxError) -> Problem {
    match error {
        XlsxError::IoError(error) => failed(error),
        error => Problem::internal(error),
    }
}

impl Sheet {
    /// Begins a table: its name and its headings.
    ///
    /// # Errors
    /// When the temporary file cannot be made.
    pub fn begin(kind: SheetKind, name: &str, columns: &[Column]) -> Result<Self, Problem> {
        let titles: Vec<Cell> = columns.iter().map(|column| Cell::from(column.title.clone())).collect();
        let kind = match kind {
            SheetKind::Csv => {
                let mut out = BufWriter::new(tempfile::tempfile().map_err(failed)?);
                let mut line = String::from("\u{feff}");
                csv_cells(&mut line, &titles);
                out.write_all(line.as_bytes()).map_err(failed)?;
                Kind::Csv(out)
            }
            SheetKind::Xlsx => {
                let mut book = Workbook::new();
                let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
                let sheet = book.add_worksheet_with_constant_memory().map_err(unwritable)?;
                start_sheet(sheet, name, columns, &head).map_err(unwritable)?;
                let top = || Format::new().set_align(FormatAlign::Top);
                Kind::Xlsx(Box::new(Book {
                    book,
                    day: top().set_num_format("dd/mm/yyyy"),
                    moment: top().set_num_format("dd/mm/yyyy hh:mm"),
                    words: top().set_text_wrap(),
                }))
            }
        };
        Ok(Self { kind, rows: 1, columns: u16::try_from(columns.len()).unwrap_or(u16::MAX) })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), Problem> {
        match &mut self.kind {
            Kind::Csv(out) => {
                let mut line = String::new();
                csv_cells(&mut line, cells);
                out.write_all(line.as_bytes()).map_err(failed)?;
            }
            Kind::Xlsx(book) => {
                let Book { book, day, moment, words } = &mut **book;
                let sheet = book.worksheet_from_index(0).map_err(unwritable)?;
                for (column, cell) in (0_u16..).zip(cells) {
                    write_cell(sheet, self.rows, column, cell, (day, moment, words)).map_err(unwritable)?;
                }
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Ends the table and gives the file, at its beginning. Work for the processor: packs the workbook.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn finish(self) -> Result<File, Problem> {
        let mut file = match self.kind {
            Kind::Csv(out) => out.into_inner().map_err(|error| failed(error.into_error()))?,
            Kind::Xlsx(mut book) => {
                let book = &mut book.book;
                let sheet = book.worksheet_from_index(0).map_err(unwritable)?;
                sheet.autofilter(0, 0, self.rows - 1, self.columns.max(1) - 1).map_err(unwritable)?;
                let mut out = BufWriter::new(tempfile::tempfile().map_err(failed)?);
                book.save_to_writer(&mut out).map_err(unwritable)?;
                out.into_inner().map_err(|error| failed(error.into_error()))?
            }
        };
        file.rewind().map_err(failed)?;
        Ok(file)
    }

    /// Ends the table and answers with it as a file to keep; `name` is the file's name without its ending.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn download(self, name: &str) -> Result<Response, Problem> {
        let (kind, media_type) = match self.kind {
            Kind::Csv(_) => (SheetKind::Csv, "text/csv; charset=utf-8"),
            Kind::Xlsx(_) => (SheetKind::Xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        };
        let file = off_thread(move || self.finish()).await??;
        let length = file.metadata().map_err(failed)?.len();
        let name = format!("{name}.{}", kind.as_str());
        let headers = [
            (header::CONTENT_TYPE, media_type.to_owned()),
            (header::CONTENT_LENGTH, length.to_string()),
            (header::CONTENT_DISPOSITION, format!("attachment; filename*=UTF-8''{}", encode(&name))),
            (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
        ];
        Ok((headers, Body::from_stream(pieces(file))).into_response())
    }
}

/// Bytes read from the file at a time while it is sent.
const PIECE_BYTES: usize = 64 * 1024;

fn pieces(file: File) -> impl futures_util::Stream<Item = std::io::Result<Bytes>> {
    futures_util::stream::try_unfold(tokio::fs::File::from_std(file), |mut file| async move {
        let mut piece = vec![0; PIECE_BYTES];
        let n = file.read(&mut piece).await?;
        piece.truncate(n);
        Ok((n > 0).then(|| (Bytes::from(piece), file)))
    })
}

fn start_sheet(sheet: &mut Worksheet, name: &str, columns: &[Column], head: &Format) -> Result<(), XlsxError> {
    // A sheet's name has 31 characters at the most, and some are not allowed in it.
    let name: String = name.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(31).collect();
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (index, column) in (0_u16..).zip(columns) {
        sheet.set_column_width(index, f64::from(column.width))?;
        sheet.write_string_with_format(0, index, column.title.as_str(), head)?;
    }
    Ok(())
}

fn excel(at: DateTime) -> Result<ExcelDateTime, XlsxError> {
    let part = |n: i8| u16::try_from(n).unwrap_or(0);
    let (month, day) = (at.month().unsigned_abs(), at.day().unsigned_abs());
    ExcelDateTime::from_ymd(u16::try_from(at.year()).unwrap_or(0), month, day)?.and_hms(
        part(at.hour()),
        at.minute().unsigned_abs(),
        f64::from(at.second()),
    )
}

fn write_cell(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &Cell,
    (day, moment, words): (&Format, &Format, &Format),
) -> Result<(), XlsxError> {
    match cell {
        Cell::Empty => {}
        Cell::Text(text) if text.chars().count() > TEXT_MAX => {
            let cut: String = text.chars().take(TEXT_MAX).collect();
            sheet.write_string_with_format(row, column, format!("{cut}…"), words)?;
        }
        Cell::Text(text) => {
            sheet.write_string_with_format(row, column, text.as_str(), words)?;
        }
        #[expect(clippy::cast_precision_loss, reason = "a workbook has no other numbers")]
        Cell::Count(count) => {
            sheet.write_number(row, column, *count as f64)?;
        }
        #[expect(clippy::cast_precision_loss, reason = "a workbook has no other numbers")]
        Cell::Thousandths(n) => {
            sheet.write_number(row, column, *n as f64 / 1_000.0)?;
        }
        Cell::Day(date) => {
            sheet.write_datetime_with_format(row, column, excel(date.at(0, 0, 0, 0))?, day)?;
        }
        Cell::At(at) => {
            sheet.write_datetime_with_format(row, column, excel(time::local(*at))?, moment)?;
        }
    }
    Ok(())
}

/// Whether a spreadsheet would take words for a formula; also what a guard in front of such words makes of them, so
/// that reading takes off exactly what writing put on.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@', '\t', '\r'])
}

/// Words as they may stand in a file that a spreadsheet opens: what it would take for a formula begins with a mark that
/// [`unguarded`] takes off again.
#[must_use]
pub fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// A cell of a CSV file that Vietnamese Excel opens: quotes where needed, and nothing that a spreadsheet would take for
/// a formula.
fn csv_cell(line: &mut String, text: &str) {
    let text = guarded(text).replace('"', "\"\"");
    if text.contains([';', '"', '\n', '\r', ',']) {
        line.push_str(&format!("\"{text}\""));
    } else {
        line.push_str(&text);
    }
}

/// `2500` as Vietnamese spreadsheets write it: `2,5`.
fn thousandths(n: i64) -> String {
    let sign = if n < 0 { "-" } else { "" };
    let text = format!("{sign}{},{:03}", n.unsigned_abs() / 1_000, n.unsigned_abs() % 1_000);
    text.trim_end_matches('0').trim_end_matches(',').to_owned()
}

/// Numbers and dates are written bare, so that a spreadsheet reads them as such; words are guarded.
fn csv_cells(line: &mut String, cells: &[Cell]) {
    for (index, cell) in cells.iter().enumerate() {
        if index > 0 {
            line.push(';');
        }
        match cell {
            Cell::Empty => {}
            Cell::Text(text) => csv_cell(line, text),
            Cell::Count(count) => line.push_str(&count.to_string()),
            Cell::Thousandths(n) => line.push_str(&thousandths(*n)),
            Cell::Day(day) => line.push_str(&day.to_string()),
            Cell::At(at) => line.push_str(&time::local(*at).strftime("%Y-%m-%d %H:%M").to_string()),
        }
    }
    line.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    fn written(kind: SheetKind, rows: &[Vec<Cell>]) -> Vec<u8> {
        let columns = [("Đơn vị", 30), ("Số", 8), ("Ngày", 12), ("Lúc", 18)];
        let columns = columns.map(|(title, width)| Column { title: title.to_owned(), width });
        let mut sheet = Sheet::begin(kind, "Tiến độ [theo/đơn vị]", &columns).unwrap();
        for row in rows {
            sheet.row(row).unwrap();
        }
        let mut bytes = Vec::new();
        sheet.finish().unwrap().read_to_end(&mut bytes).unwrap();
        bytes
    }

    fn row(text: &str, n: i64) -> Vec<Cell> {
        let at: Timestamp = "2021-09-10T10:00:00Z".parse().unwrap();
        vec![Cell::from(text.to_owned()), Cell::Count(n), Cell::Day(jiff::civil::date(2021, 9, 10)), Cell::At(at)]
    }

    #[test]
    fn words_never_become_formulas_and_numbers_stay_numbers() {
        let rows = [row("=1+1", 5), row("-xã; \"A\"", -3), vec![Cell::Empty, Cell::Empty]];
        let text = String::from_utf8(written(SheetKind::Csv, &rows)).unwrap();
        let expected = "\u{feff}Đơn vị;Số;Ngày;Lúc\r\n'=1+1;5;2021-09-10;2021-09-10 17:00\r\n\"'-xã; \"\"A\"\"\";-3;2021-09-10;2021-09-10 17:00\r\n;\r\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn thousandths_are_written_with_a_comma() {
        for (n, expected) in
            [(0, "0"), (2_500, "2,5"), (-500, "-0,5"), (1_000, "1"), (12_000_001, "12000,001"), (10, "0,01")]
        {
            assert_eq!(thousandths(n), expected);
        }
    }

    #[test]
    fn a_workbook_is_a_zip_with_its_rows() {
        let bytes = written(SheetKind::Xlsx, &[row("=1+1", 5), row(&"dài ".repeat(20_000), 6)]);
        assert!(bytes.starts_with(b"PK\x03\x04"));
    }
}
