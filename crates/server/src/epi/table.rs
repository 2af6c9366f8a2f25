//! Tables of counts: CSV as people and other programs write it, and CSV as we write it.

use std::{
    collections::HashMap,
    io::{Read as _, Write},
    path::Path,
};

use anyhow::{Context as _, anyhow, bail};
use jiff::civil::Date;
use vx_epi::{Count, Fault, Series};

/// Bytes of a table at the most: a hundred years of days of a nation's communes are read elsewhere.
const BYTES_MAX: u64 = 64 << 20;
/// Names under which counts are looked for, in this order.
const COUNTS: &[&str] =
    &["cases", "i", "observed", "new_cases", "count", "counts", "incidence", "confirmed", "số ca", "so_ca", "n"];
/// Names under which days are looked for.
const DAYS: &[&str] = &["date", "dates", "day", "ngày", "ngay"];
/// What stands for no value.
const NOTHING: &[&str] = &["", "na", "nan", "n/a", "null", "none", "-", "."];

/// A table with a head, read from a file or from standard input.
pub(super) struct Table {
    name: String,
    head: Vec<String>,
    rows: Vec<Row>,
    /// Whether a comma parts the decimals, because another mark parts the cells.
    comma: bool,
}

pub(super) struct Row {
    pub(super) line: u64,
    cells: Vec<String>,
}

/// Both languages of one sentence.
pub(super) fn both(vi: &str, en: &str) -> anyhow::Error {
    anyhow!("{vi}\n{en}")
}

impl Table {
    /// Reads a file, or standard input for none or `-`.
    pub(super) fn read(path: Option<&Path>) -> anyhow::Result<Self> {
        let (name, mut bytes) = match path.filter(|path| path.as_os_str() != "-") {
            None => ("stdin".to_owned(), Vec::new()),
            Some(path) => (path.display().to_string(), Vec::new()),
        };
        let failed = || format!("{name}: không đọc được / cannot be read");
        match path.filter(|path| path.as_os_str() != "-") {
            None => std::io::stdin().lock().take(BYTES_MAX + 1).read_to_end(&mut bytes).with_context(failed)?,
            Some(path) => std::fs::File::open(path)
                .and_then(|file| file.take(BYTES_MAX + 1).read_to_end(&mut bytes))
                .with_context(failed)?,
        };
        if bytes.len() as u64 > BYTES_MAX {
            bail!(both(
                &format!("{name}: tệp lớn hơn 64 MB. Tách thành nhiều tệp."),
                &format!("{name}: the file is larger than 64 MB. Split it."),
            ));
        }
        Self::parse(&name, &bytes)
    }

    pub(super) fn parse(name: &str, bytes: &[u8]) -> anyhow::Result<Self> {
        let empty = || {
            both(
                &format!("{name}: tệp rỗng. Cần một dòng tên cột rồi đến số liệu."),
                &format!("{name}: nothing in it. A line with the names of columns is needed, then values."),
            )
        };
        if bytes.trim_ascii().is_empty() {
            return Err(empty());
        }
        let text = vx_dispatch::decode(bytes).map_err(|_| {
            both(
                &format!("{name}: không phải tệp văn bản. Lưu lại ở dạng CSV (UTF-8)."),
                &format!("{name}: this is not text. Save it as CSV (UTF-8)."),
            )
        })?;
        let text = text.trim_start_matches('\u{feff}');
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
        let count = |mark: char| first.matches(mark).count();
        let mark = [',', ';', '\t'].into_iter().rev().max_by_key(|mark| count(*mark)).unwrap_or(',');
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(mark as u8)
            .has_headers(false)
            .flexible(true)
            .trim(csv::Trim::All)
            .from_reader(text.as_bytes());
        let mut head: Option<Vec<String>> = None;
        let mut rows = Vec::new();
        for record in reader.records() {
            let record = record.map_err(|error| {
                let line = error.position().map_or(0, csv::Position::line);
                both(
                    &format!("{name}, dòng {line}: không đọc được ({error}). Sửa dấu ngoặc kép và dấu phẩy."),
                    &format!("{name}, line {line}: cannot be read ({error}). Mend quotation marks and commas."),
                )
            })?;
            let line = record.position().map_or(0, csv::Position::line);
            let cells: Vec<String> = record.iter().map(str::to_owned).collect();
            if cells.iter().all(String::is_empty) {
                continue;
            }
            match &head {
                None => head = Some(cells.iter().map(|cell| cell.to_lowercase()).collect()),
                Some(_) => rows.push(Row { line, cells }),
            }
        }
        let head = head.ok_or_else(empty)?;
        if rows.is_empty() {
            bail!(both(
                &format!("{name}: chỉ có dòng tên cột, không có số liệu. Thêm số liệu."),
                &format!("{name}: there is a head and no values. Add values."),
            ));
        }
        Ok(Self { name: name.to_owned(), head, rows, comma: mark != ',' })
    }

    /// The place of the first of these columns that is there.
    pub(super) fn column(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.head.iter().position(|head| head == name))
    }

    /// As [`Table::column`]; when a name was given only that one counts, and it must be there.
    pub(super) fn needed(&self, given: Option<&str>, names: &[&str]) -> anyhow::Result<usize> {
        let lower = given.map(str::to_lowercase);
        let found = match &lower {
            Some(name) => self.column(&[name]),
            None => self.column(names),
        };
        found.ok_or_else(|| {
            let wanted = lower.unwrap_or_else(|| names.join(", "));
            let there = self.head.join(", ");
            both(
                &format!(
                    "{}: không có cột {wanted}; tệp có các cột: {there}. Đổi tên cột, hoặc chỉ rõ tên cột trong lệnh.",
                    self.name
                ),
                &format!(
                    "{}: there is no column {wanted}; there are: {there}. Rename it, or name it on the command line.",
                    self.name
                ),
            )
        })
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// An error of a line.
    pub(super) fn wrong(&self, row: &Row, vi: &str, en: &str) -> anyhow::Error {
        both(&format!("{}, dòng {}: {vi}", self.name, row.line), &format!("{}, line {}: {en}", self.name, row.line))
    }

    /// A fault of the mathematics, with the line of the row at which it points.
    pub(super) fn fault(&self, fault: &Fault, line_of: impl Fn(usize) -> Option<u64>) -> anyhow::Error {
        match fault.at().and_then(line_of) {
            Some(line) => both(
                &format!("{}, dòng {line}: {}", self.name, fault.vi()),
                &format!("{}, line {line}: {}", self.name, fault.en()),
            ),
            None => both(&format!("{}: {}", self.name, fault.vi()), &format!("{}: {}", self.name, fault.en())),
        }
    }

    fn cell<'r>(&self, row: &'r Row, column: usize) -> anyhow::Result<&'r str> {
        row.cells.get(column).map(String::as_str).ok_or_else(|| {
            let head = &self.head[column];
            self.wrong(
                row,
                &format!("thiếu cột {head}. Bổ sung giá trị, hoặc xóa dòng."),
                &format!("column {head} is missing. Add its value, or remove the line."),
            )
        })
    }

    /// A number; none for an empty cell or `NA`.
    pub(super) fn number(&self, row: &Row, column: usize) -> anyhow::Result<Option<f64>> {
        let cell = self.cell(row, column)?;
        if NOTHING.contains(&cell.to_lowercase().as_str()) {
            return Ok(None);
        }
        let plain = if self.comma { cell.replace(',', ".") } else { cell.to_owned() };
        plain.parse().map(Some).map_err(|_| {
            let head = &self.head[column];
            self.wrong(
                row,
                &format!("\"{cell}\" ở cột {head} không phải là số. Sửa lại, hoặc để trống nếu không có số liệu."),
                &format!("\"{cell}\" in column {head} is not a number. Correct it, or leave it empty."),
            )
        })
    }

    /// A number that must be there.
    pub(super) fn value(&self, row: &Row, column: usize) -> anyhow::Result<f64> {
        self.number(row, column)?.ok_or_else(|| {
            let head = &self.head[column];
            self.wrong(
                row,
                &format!("cột {head} để trống. Điền giá trị."),
                &format!("column {head} is empty. Fill it in."),
            )
        })
    }

    pub(super) fn date(&self, row: &Row, column: usize) -> anyhow::Result<Date> {
        let cell = self.cell(row, column)?;
        date(cell).ok_or_else(|| {
            self.wrong(
                row,
                &format!("\"{cell}\" không phải là ngày. Viết dạng 2021-09-28 hoặc 28/9/2021."),
                &format!("\"{cell}\" is not a day. Write 2021-09-28 or 28/9/2021."),
            )
        })
    }
}

/// `2021-09-28`, also before a time, `28/9/2021`, `2021/9/28`.
pub(super) fn date(text: &str) -> Option<Date> {
    let day = text.split(['T', ' ']).next()?;
    let mut numbers = day.split(['-', '/', '.']).map(|part| part.parse::<i16>().ok());
    let (one, two, three) = (numbers.next()??, numbers.next()??, numbers.next()??);
    if numbers.next().is_some() {
        return None;
    }
    let (year, day) = if one > 31 { (one, three) } else { (three, one) };
    if year < 1000 {
        return None;
    }
    Date::new(year, two.try_into().ok()?, day.try_into().ok()?).ok()
}

/// Days since 1970-01-01.
pub(super) fn day_number(date: Date) -> i64 {
    const EPOCH: Date = jiff::civil::date(1970, 1, 1);
    (date - EPOCH).get_days().into()
}

/// The day of such a number, as text; nothing beyond the calendar.
pub(super) fn day_text(day: i64) -> String {
    const EPOCH: Date = jiff::civil::date(1970, 1, 1);
    let span = jiff::Span::new().try_days(day);
    span.and_then(|span| EPOCH.checked_add(span)).map_or(String::new(), |date| date.to_string())
}

/// How counts are found in a table and what is left out.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct Choice {
    /// Cột số ca, nếu không phải cases, I hoặc observed. / The column of counts, when it is not cases, I or observed.
    #[arg(long)]
    column: Option<String>,
    /// Loại một ngày (ngày hoặc số thứ tự t), lặp lại được. / Leaves out a day (a date, or t); may be repeated.
    #[arg(long, value_name = "DAY")]
    exclude: Vec<String>,
}

/// Counts of consecutive days or weeks, and where they stood.
pub(super) struct Counts {
    pub(super) table: Table,
    pub(super) series: Series,
    /// Cases from elsewhere, where the table tells them apart.
    pub(super) imported: Option<Series>,
    lines: Vec<Option<u64>>,
    /// Days from one to the next: 1, or 7 for weeks; none without dates.
    step: Option<i64>,
    first: i64,
}

impl Counts {
    pub(super) fn read(path: Option<&Path>, choice: &Choice) -> anyhow::Result<Self> {
        Self::of(Table::read(path)?, choice)
    }

    pub(super) fn of(table: Table, choice: &Choice) -> anyhow::Result<Self> {
        let parted = if choice.column.is_none() {
            (table.column(&["local"]), table.column(&["imported"]))
        } else {
            (None, None)
        };
        let (column, imported) = match parted {
            (Some(local), Some(imported)) => (local, Some(imported)),
            _ => (table.needed(choice.column.as_deref(), COUNTS)?, None),
        };
        let places = Places::of(&table)?;
        let excluded = choice.exclude.iter().map(|text| places.find(text)).collect::<anyhow::Result<Vec<_>>>()?;
        let lines = places.lines(&table);
        let line_of_row = |at: usize| table.rows.get(at).map(|row| row.line);
        let read = |column: usize| -> anyhow::Result<Series> {
            let mut rows = Vec::with_capacity(table.rows.len());
            let mut left_out = HashMap::new();
            for (row, place) in table.rows.iter().zip(&places.places) {
                let mut value = table.number(row, column)?;
                // What is left out need not be a count: a negative correction is left out because it is none.
                if excluded.contains(place) {
                    left_out.insert(*place, value.take());
                }
                rows.push((*place, value));
            }
            let mut series = Series::by_day(&rows).map_err(|fault| table.fault(&fault, line_of_row))?;
            for (place, value) in left_out {
                series.exclude(place as usize, value).map_err(|fault| table.fault(&fault, line_of_row))?;
            }
            Ok(series)
        };
        let series = read(column)?;
        let imported = imported.map(read).transpose()?;
        Ok(Self { series, imported, lines, step: places.step, first: places.first, table })
    }

    /// An error of the mathematics, with its line.
    pub(super) fn fault(&self, fault: &Fault) -> anyhow::Error {
        self.table.fault(fault, |at| self.lines.get(at).copied().flatten())
    }

    /// The date of a place, also behind the last; empty without dates.
    pub(super) fn date(&self, at: usize) -> String {
        self.step.map_or(String::new(), |step| day_text(self.first + at as i64 * step))
    }

    /// The day of the first of weekly counts.
    pub(super) fn first_week(&self) -> anyhow::Result<i64> {
        if self.step == Some(7) {
            return Ok(self.first);
        }
        let name = &self.table.name;
        Err(both(
            &format!("{name}: --by-date cần cột ngày (date), các dòng cách nhau 7 ngày."),
            &format!("{name}: --by-date needs a column of dates that are 7 days apart."),
        ))
    }

    pub(super) fn has_dates(&self) -> bool {
        self.step.is_some()
    }

    /// Says on the side what nobody should overlook.
    pub(super) fn warn(&self, missing_vi: &str, missing_en: &str, aside: &mut dyn Write) -> std::io::Result<()> {
        let name = &self.table.name;
        let place = |at: usize| {
            let date = self.date(at);
            let line = self.lines.get(at).copied().flatten();
            let line = line.map_or(String::new(), |line| format!(", dòng/line {line}"));
            if date.is_empty() { format!("t = {}{line}", at + 1) } else { format!("{date}{line}") }
        };
        let list = |found: Vec<usize>| {
            const NAMED_MAX: usize = 5;
            let more = if found.len() > NAMED_MAX { ", …" } else { "" };
            found.iter().take(NAMED_MAX).map(|at| place(*at)).collect::<Vec<_>>().join("; ") + more
        };
        let which = |wanted: fn(&Count) -> bool| -> Vec<usize> {
            self.series.counts().iter().enumerate().filter(|(_, count)| wanted(count)).map(|(at, _)| at).collect()
        };
        let missing = which(|count| matches!(count, Count::Missing));
        if !missing.is_empty() {
            let (n, which) = (missing.len(), list(missing));
            writeln!(aside, "{name}: {n} ngày thiếu số liệu ({which}): {missing_vi}")?;
            writeln!(aside, "{name}: {n} without a count ({which}): {missing_en}")?;
        }
        let excluded = which(|count| matches!(count, Count::Excluded(_)));
        if !excluded.is_empty() {
            let which = list(excluded);
            writeln!(aside, "{name}: đã loại theo yêu cầu: {which}\n{name}: left out as asked: {which}")?;
        }
        for suspect in self.series.suspects() {
            let (which, count, expected) = (place(suspect.at), suspect.count, suspect.expected.round());
            let day = if self.has_dates() { self.date(suspect.at) } else { (suspect.at + 1).to_string() };
            writeln!(
                aside,
                "{name}: {which}: {count} ca, các ngày lân cận khoảng {expected}: có thể là số dồn của nhiều ngày. Vẫn được tính; để loại: --exclude {day}\n\
                 {name}: {which}: {count} cases where its neighbours have about {expected}: perhaps a correction of many days. It counts; to leave it out: --exclude {day}"
            )?;
        }
        Ok(())
    }
}

/// Where each row of a table belongs in its series.
struct Places {
    places: Vec<i64>,
    step: Option<i64>,
    first: i64,
}

impl Places {
    fn of(table: &Table) -> anyhow::Result<Self> {
        let in_order = || (0..table.rows.len() as i64).collect::<Vec<_>>();
        if let Some(column) = table.column(DAYS) {
            let days = table.rows.iter().map(|row| Ok(day_number(table.date(row, column)?)));
            let days = days.collect::<anyhow::Result<Vec<i64>>>()?;
            let mut sorted = days.clone();
            sorted.sort_unstable();
            let gaps = || sorted.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 0);
            let step = gaps().fold(0, gcd).max(1);
            let first = sorted.first().copied().unwrap_or(0);
            // Months are not equally long: their order is what counts.
            if step < 7 && gaps().min().unwrap_or(1) > 7 {
                return Ok(Self { places: in_order(), step: None, first: 0 });
            }
            let places = days.iter().map(|day| (day - first) / step).collect();
            return Ok(Self { places, step: Some(step), first });
        }
        let Some(column) = table.column(&["t"]) else {
            return Ok(Self { places: in_order(), step: None, first: 0 });
        };
        let mut numbers = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let value = table.value(row, column)?;
            if value.fract() != 0.0 || value.abs() > 1e9 {
                return Err(table.wrong(
                    row,
                    &format!("t = {value} không phải số thứ tự. Đánh số 1, 2, 3, …"),
                    &format!("t = {value} is no place in a row. Number them 1, 2, 3, …"),
                ));
            }
            numbers.push(value as i64);
        }
        let first = numbers.iter().min().copied().unwrap_or(0);
        Ok(Self { places: numbers.iter().map(|t| t - first).collect(), step: None, first: 0 })
    }

    /// The place of a day that somebody names.
    fn find(&self, text: &str) -> anyhow::Result<i64> {
        let place = match (text.parse::<i64>(), date(text), self.step) {
            (Ok(t), ..) => Some(t - 1),
            (_, Some(date), Some(step)) => {
                let days = day_number(date) - self.first;
                (days % step == 0).then_some(days / step)
            }
            _ => None,
        };
        place.filter(|place| self.places.contains(place)).ok_or_else(|| {
            both(
                &format!(
                    "--exclude {text}: không có ngày này trong số liệu. Ghi đúng ngày (2021-09-28) hoặc số thứ tự t."
                ),
                &format!("--exclude {text}: there is no such day. Give a date (2021-09-28) or t as they stand there."),
            )
        })
    }

    /// The line of each place of the series.
    fn lines(&self, table: &Table) -> Vec<Option<u64>> {
        let last = self.places.iter().max().copied().unwrap_or(-1);
        // A span that no series can have is refused there.
        let mut lines = vec![None; (last + 1).clamp(0, 100_000) as usize];
        for (row, place) in table.rows.iter().zip(&self.places) {
            if let Some(line) = lines.get_mut(*place as usize) {
                *line = Some(row.line);
            }
        }
        lines
    }
}

fn gcd(one: i64, other: i64) -> i64 {
    if other == 0 { one } else { gcd(other, one % other) }
}

/// Writes CSV.
pub(super) struct Sheet<'w>(csv::Writer<&'w mut dyn Write>);

impl<'w> Sheet<'w> {
    pub(super) fn begin<S: AsRef<str>>(out: &'w mut dyn Write, head: &[S]) -> anyhow::Result<Self> {
        let mut writer = csv::Writer::from_writer(out);
        writer.write_record(head.iter().map(AsRef::as_ref))?;
        Ok(Self(writer))
    }

    pub(super) fn row(&mut self, cells: &[String]) -> anyhow::Result<()> {
        Ok(self.0.write_record(cells)?)
    }

    pub(super) fn end(mut self) -> anyhow::Result<()> {
        Ok(self.0.flush()?)
    }
}

/// A number with all its digits; `NaN` where there is none.
pub(super) fn figure(value: impl Into<Option<f64>>) -> String {
    match value.into() {
        None => "NaN".to_owned(),
        Some(0.0) => "0".to_owned(),
        Some(value) if !value.is_finite() || (1e-5..1e15).contains(&value.abs()) => format!("{value}"),
        Some(value) => format!("{value:e}"),
    }
}
