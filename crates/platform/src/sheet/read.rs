//! Tables that people bring: CSV in the ways in which spreadsheets write it, and the first sheet of an Excel workbook.
//!
//! A file costs what its limits allow, whatever it claims about itself.

use std::io::{Cursor, Read as _};

use quick_xml::{Reader, events::Event};
use vx_kernel::{Problem, ProblemKind};
use zip::ZipArchive;

/// What stands in a cell.
#[derive(Clone, PartialEq, Debug)]
pub enum Read {
    /// Words, or a number as somebody typed it.
    Text(String),
    /// A number of a workbook; a day is one too, counted since 1900.
    Number(f64),
}

/// Rows that are read: more than any form has, twenty times over.
const ROWS_READ_MAX: usize = 10_000;
/// Columns that are read; what stands further right is not of ours.
const COLUMNS_READ_MAX: usize = 64;
/// Bytes of a part of a workbook after inflation.
const PART_MAX: u64 = 16 * 1024 * 1024;
/// Characters of a cell; Excel has no more.
const CELL_MAX: usize = 32_767;

fn unread(why: &'static str) -> Problem {
    Problem::invalid(why)
}

/// The rows of a table, each with its number as a spreadsheet shows it.
///
/// # Errors
/// `sheet.unread` for what is no table, `sheet.encoding` for text in an old encoding, `sheet.too_large`.
pub fn read(bytes: &[u8]) -> Result<Vec<(usize, Vec<Read>)>, Problem> {
    if bytes.starts_with(b"PK\x03\x04") {
        return workbook(bytes);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(unread("sheet.old_excel"));
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| unread("sheet.encoding"))?;
    if text.contains('\0') {
        return Err(unread("sheet.unread"));
    }
    separated(text)
}

/// CSV with the mark that its first line has most of.
fn separated(text: &str) -> Result<Vec<(usize, Vec<Read>)>, Problem> {
    let first = text.lines().next().unwrap_or_default();
    let marks = [b';', b'\t', b','];
    let mark =
        marks.into_iter().rev().max_by_key(|mark| first.bytes().filter(|byte| byte == mark).count()).unwrap_or(b';');
    let mut reader =
        csv::ReaderBuilder::new().delimiter(mark).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(|error| unread("sheet.unread").because(error))?;
        if index >= ROWS_READ_MAX {
            return Err(Problem::new(ProblemKind::TooLarge, "sheet.too_large").with("max", ROWS_READ_MAX));
        }
        let cells = record
            .iter()
            .take(COLUMNS_READ_MAX)
            .map(|cell| Read::Text(unguarded(cell).chars().take(CELL_MAX).collect()));
        rows.push((index + 1, cells.collect()));
    }
    Ok(rows)
}

/// Without the mark that keeps a spreadsheet from taking words for a formula.
fn unguarded(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@', '\t', '\r']) => rest,
        _ => cell,
    }
}

type Parts<'a> = ZipArchive<Cursor<&'a [u8]>>;

fn broken(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    unread("sheet.unread").because(error)
}

/// A part as text. What comes out is counted while it is inflated: sizes in headers are only claims.
fn part(parts: &mut Parts<'_>, name: &str) -> Result<Option<String>, Problem> {
    let Some(index) = parts.index_for_name(name) else { return Ok(None) };
    let file = parts.by_index(index).map_err(broken)?;
    let mut text = Vec::new();
    file.take(PART_MAX + 1).read_to_end(&mut text).map_err(broken)?;
    if text.len() as u64 > PART_MAX {
        return Err(Problem::new(ProblemKind::TooLarge, "sheet.too_large").with("max", ROWS_READ_MAX));
    }
    String::from_utf8(text).map(Some).map_err(broken)
}

fn workbook(bytes: &[u8]) -> Result<Vec<(usize, Vec<Read>)>, Problem> {
    let mut parts = ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
    let shared = match part(&mut parts, "xl/sharedStrings.xml")? {
        Some(xml) => shared(&xml)?,
        None => Vec::new(),
    };
    let sheet = part(&mut parts, "xl/worksheets/sheet1.xml")?.ok_or_else(|| unread("sheet.unread"))?;
    rows_of(&sheet, &shared)
}

/// One thing that is seen in a part.
enum Seen<'e> {
    Start(&'e str, &'e quick_xml::events::BytesStart<'e>),
    End(&'e str),
    Text(String),
}

/// Goes through a part. Document types and entities of their own have no place in a workbook and are how a small file
/// asks for endless work: such a part is refused.
fn walk(xml: &str, mut see: impl FnMut(Seen<'_>) -> Result<(), Problem>) -> Result<(), Problem> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    loop {
        match reader.read_event().map_err(broken)? {
            Event::Start(start) => {
                let name = start.local_name();
                let name: &str = name.as_ref();
                see(Seen::Start(name, &start))?;
            }
            Event::End(end) => {
                let name = end.local_name();
                let name: &str = name.as_ref();
                see(Seen::End(name))?;
            }
            Event::Text(text) => see(Seen::Text(text.to_string()))?,
            Event::GeneralRef(entity) => {
                let c = match &*entity {
                    "amp" => "&",
                    "lt" => "<",
                    "gt" => ">",
                    "quot" => "\"",
                    "apos" => "'",
                    _ => "\u{fffd}",
                };
                see(Seen::Text(c.to_owned()))?;
            }
            Event::DocType(_) => return Err(unread("sheet.unread")),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn attribute(start: &quick_xml::events::BytesStart<'_>, name: &str) -> Option<String> {
    let found = start.attributes().flatten().find(|each| each.key.local_name().as_ref() == name)?;
    let text: &str = found.value.as_ref();
    Some(text.to_owned())
}

/// The texts that cells name by number; a reading aid (rPh) is none of the text.
fn shared(xml: &str) -> Result<Vec<String>, Problem> {
    let (mut texts, mut text, mut in_text, mut in_aid): (Vec<String>, String, bool, bool) = Default::default();
    walk(xml, |seen| {
        match seen {
            Seen::Start("si", _) => text.clear(),
            Seen::Start("t", _) => in_text = true,
            Seen::Start("rPh", _) => in_aid = true,
            Seen::End("t") => in_text = false,
            Seen::End("rPh") => in_aid = false,
            Seen::End("si") => texts.push(std::mem::take(&mut text)),
            Seen::Text(piece) if in_text && !in_aid && text.len() < CELL_MAX => text.push_str(&piece),
            _ => {}
        }
        Ok(())
    })?;
    Ok(texts)
}

/// `C12` is in column 2.
fn column(place: &str) -> usize {
    let letters = place.bytes().take_while(u8::is_ascii_uppercase);
    letters.fold(0, |sum, letter| sum * 26 + usize::from(letter - b'A') + 1).saturating_sub(1)
}

fn rows_of(xml: &str, shared: &[String]) -> Result<Vec<(usize, Vec<Read>)>, Problem> {
    let mut rows: Vec<(usize, Vec<Read>)> = Vec::new();
    let (mut at, mut kind, mut text, mut in_value) = (0_usize, String::new(), String::new(), false);
    walk(xml, |seen| {
        match seen {
            Seen::Start("row", start) => {
                if rows.len() >= ROWS_READ_MAX {
                    return Err(Problem::new(ProblemKind::TooLarge, "sheet.too_large").with("max", ROWS_READ_MAX));
                }
                let number = attribute(start, "r").and_then(|text| text.parse().ok());
                rows.push((number.unwrap_or(rows.len() + 1), Vec::new()));
            }
            Seen::Start("c", start) => {
                let next = rows.last().map_or(0, |row| row.1.len());
                at = attribute(start, "r").map_or(next, |place| column(&place));
                kind = attribute(start, "t").unwrap_or_default();
                text.clear();
            }
            Seen::Start("v" | "t", _) => in_value = true,
            Seen::End("v" | "t") => in_value = false,
            Seen::Text(piece) if in_value && text.len() < CELL_MAX => text.push_str(&piece),
            Seen::End("c") => {
                let cell = match kind.as_str() {
                    "s" => Read::Text(
                        text.trim().parse().ok().and_then(|n: usize| shared.get(n).cloned()).unwrap_or_default(),
                    ),
                    "" | "n" => text.trim().parse().map_or_else(|_| Read::Text(text.clone()), Read::Number),
                    _ => Read::Text(text.clone()),
                };
                if let Some((_, cells)) = rows.last_mut().filter(|_| at < COLUMNS_READ_MAX) {
                    cells.resize(cells.len().max(at + 1), Read::Text(String::new()));
                    cells[at] = cell;
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8]) -> String {
        let say = |cell: &Read| match cell {
            Read::Text(text) => text.clone(),
            Read::Number(number) => format!("#{number}"),
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
        let wide = "x;".repeat(500);
        assert_eq!(read(wide.as_bytes()).unwrap()[0].1.len(), COLUMNS_READ_MAX);
        assert_eq!(texts("a\n".repeat(ROWS_READ_MAX + 1).as_bytes()), "sheet.too_large");
    }

    #[test]
    fn columns_have_letters() {
        for (place, expected) in [("A1", 0), ("C12", 2), ("Z9", 25), ("AA1", 26), ("", 0)] {
            assert_eq!(column(place), expected, "{place}");
        }
    }

    #[test]
    fn a_workbook_of_ours_is_read_back() {
        use super::super::{Cell, Column, Sheet, SheetKind};
        let columns = ["Mã", "Số"].map(|title| Column { title: title.to_owned(), width: 9 });
        for kind in SheetKind::ALL {
            let mut sheet = Sheet::begin(kind, "mẫu", &columns).unwrap();
            sheet.row(&[Cell::Text("=a & b".to_owned()), Cell::Count(12)]).unwrap();
            sheet.row(&[Cell::Empty, Cell::Text("1.250".to_owned())]).unwrap();
            let mut bytes = Vec::new();
            sheet.finish().unwrap().read_to_end(&mut bytes).unwrap();
            let twelve = if kind == SheetKind::Csv { "12" } else { "#12" };
            assert_eq!(texts(&bytes), format!("Mã|Số\n=a & b|{twelve}\n|1.250"), "{kind:?}");
        }
    }
}
