//! Units and lineage from CSV and back.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::civil::Date;

use super::{Kind, Lineage, LineageKind, LineageSource, Path, Renaming, Tags, Tree, Unit, UnitId, full_name};
use crate::text::fold;

/// The most rows read from one file; the whole country has 14,722 places.
pub const ROWS_MAX: usize = 200_000;

/// Something wrong with a row that is being imported (lỗi dòng dữ liệu). The row is left out, except where the code says otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line in the file, from 1.
    pub line: u64,
    /// The column by its heading; empty if the whole row is meant.
    pub column: &'static str,
    /// What is wrong, one of [`FAULTS`].
    pub code: &'static str,
    /// The value at fault.
    pub detail: String,
    /// The row as it was read, so that it can be kept and corrected.
    pub row: String,
}

/// Every code of a [`Fault`] with its meaning in Vietnamese and English; `{detail}` is the value at fault.
pub const FAULTS: [(&str, &str, &str); 19] = [
    ("units.import.bad_csv", "Dòng không đọc được theo dạng CSV: {detail}", "The row is not readable as CSV: {detail}"),
    ("units.import.missing_column", "Thiếu cột {detail}", "The column {detail} is missing"),
    (
        "units.import.too_many_rows",
        "Tệp có quá nhiều dòng; chỉ đọc {detail} dòng đầu",
        "The file has too many rows; the first {detail} were read",
    ),
    ("units.import.missing", "Ô này không được để trống", "This cell must not be empty"),
    (
        "units.import.bad_key",
        "Mã {detail} chỉ được gồm chữ không dấu, số, dấu chấm và gạch nối",
        "The key {detail} may have only letters, digits, dots and hyphens",
    ),
    ("units.import.duplicate_key", "Mã {detail} đã có", "The key {detail} exists already"),
    ("units.import.unknown_parent", "Không có đơn vị cấp trên {detail}", "There is no parent unit {detail}"),
    ("units.import.cycle", "Đơn vị {detail} nằm dưới chính nó", "The unit {detail} stands below itself"),
    ("units.import.unknown_kind", "Không rõ cấp của loại {detail}", "The kind {detail} is unknown"),
    ("units.import.misplaced", "Đơn vị không thể nằm dưới {detail}", "The unit cannot stand below {detail}"),
    (
        "units.import.bad_date",
        "{detail} không phải ngày hợp lệ (năm-tháng-ngày)",
        "{detail} is not a valid date (year-month-day)",
    ),
    (
        "units.import.ends_before_it_begins",
        "Ngày kết thúc {detail} trước ngày bắt đầu",
        "The last day {detail} lies before the first",
    ),
    ("units.import.bad_number", "{detail} không phải số hợp lệ", "{detail} is not a valid number"),
    ("units.import.out_of_range", "{detail} nằm ngoài khoảng cho phép", "{detail} is out of range"),
    ("units.import.unknown_tag", "Không có nhóm cơ quan {detail}", "There is no group of agencies {detail}"),
    (
        "units.import.bad_renaming",
        "Không hiểu lần đổi tên {detail} (ngày:loại:tên)",
        "The renaming {detail} is not readable (date:type:name)",
    ),
    ("units.import.too_long", "Nội dung quá dài", "The value is too long"),
    ("units.import.unknown_unit", "Không có đơn vị {detail}", "There is no unit {detail}"),
    ("units.import.bad_share", "Tỷ lệ {detail} phải từ 0 đến 1", "The share {detail} must lie between 0 and 1"),
];

const CELL_MAX: usize = 2_000;

pub(super) struct Table<'c> {
    columns: Vec<(&'static str, Option<usize>)>,
    reader: csv::Reader<&'c [u8]>,
}

pub(super) struct Row<'t> {
    columns: &'t [(&'static str, Option<usize>)],
    record: &'t csv::StringRecord,
    pub(super) line: u64,
    pub(super) faults: &'t mut Vec<Fault>,
    pub(super) sound: bool,
}

impl<'c> Table<'c> {
    pub(super) fn open(
        text: &'c str,
        needed: &[&'static str],
        optional: &[&'static str],
        faults: &mut Vec<Fault>,
    ) -> Option<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(true).from_reader(text.as_bytes());
        let headings = match reader.headers() {
            Ok(headings) => headings.clone(),
            Err(error) => {
                faults.push(Fault {
                    line: 1,
                    column: "",
                    code: "units.import.bad_csv",
                    detail: error.to_string(),
                    row: String::new(),
                });
                return None;
            }
        };
        let at = |name: &&'static str| (*name, headings.iter().position(|heading| heading.eq_ignore_ascii_case(name)));
        let columns: Vec<_> = needed.iter().chain(optional).map(at).collect();
        let mut whole = true;
        for (name, place) in &columns[..needed.len()] {
            if place.is_none() {
                whole = false;
                let row = headings.iter().collect::<Vec<_>>().join(",");
                faults.push(Fault {
                    line: 1,
                    column: name,
                    code: "units.import.missing_column",
                    detail: (*name).to_owned(),
                    row,
                });
            }
        }
        whole.then_some(Self { columns, reader })
    }

    pub(super) fn each(mut self, faults: &mut Vec<Fault>, mut take: impl FnMut(&mut Row<'_>)) {
        let mut record = csv::StringRecord::new();
        for n in 0.. {
            let line = self.reader.position().line();
            match self.reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) if n >= ROWS_MAX => {
                    let detail = ROWS_MAX.to_string();
                    faults.push(Fault {
                        line,
                        column: "",
                        code: "units.import.too_many_rows",
                        detail,
                        row: String::new(),
                    });
                    break;
                }
                Ok(true) => {
                    let line = record.position().map_or(line, csv::Position::line);
                    take(&mut Row { columns: &self.columns, record: &record, line, faults, sound: true });
                }
                Err(error) => {
                    faults.push(Fault {
                        line,
                        column: "",
                        code: "units.import.bad_csv",
                        detail: error.to_string(),
                        row: String::new(),
                    });
                    if error.is_io_error() {
                        break;
                    }
                }
            }
        }
    }
}

impl Row<'_> {
    pub(super) fn text(&mut self, column: &'static str) -> &str {
        let record = self.record;
        let cell = self
            .columns
            .iter()
            .find(|(name, _)| *name == column)
            .and_then(|(_, place)| record.get((*place)?))
            .unwrap_or_default();
        if cell.len() > CELL_MAX {
            self.fault(column, "units.import.too_long", "");
            return "";
        }
        cell
    }

    pub(super) fn needed(&mut self, column: &'static str) -> String {
        let cell = self.text(column).to_owned();
        if cell.is_empty() && self.sound {
            self.fault(column, "units.import.missing", "");
        }
        cell
    }

    pub(super) fn fault(&mut self, column: &'static str, code: &'static str, detail: &str) {
        self.sound = false;
        self.faults.push(Fault {
            line: self.line,
            column,
            code,
            detail: detail.to_owned(),
            row: row_text(self.record),
        });
    }

    pub(super) fn date(&mut self, column: &'static str) -> Option<Date> {
        let cell = self.text(column).to_owned();
        if cell.is_empty() {
            return None;
        }
        let day = parse_date(&cell);
        if day.is_none() {
            self.fault(column, "units.import.bad_date", &cell);
        }
        day
    }

    fn number(&mut self, column: &'static str, min: f64, max: f64) -> Option<f64> {
        let cell = self.text(column).to_owned();
        if cell.is_empty() {
            return None;
        }
        match cell.parse::<f64>() {
            Ok(number) if number.is_finite() && (min..=max).contains(&number) => Some(number),
            Ok(number) if number.is_finite() => {
                self.fault(column, "units.import.out_of_range", &cell);
                None
            }
            _ => {
                self.fault(column, "units.import.bad_number", &cell);
                None
            }
        }
    }

    fn tags(&mut self, column: &'static str) -> Tags {
        let cell = self.text(column).to_owned();
        Tags::parse(&cell).unwrap_or_else(|word| {
            self.fault(column, "units.import.unknown_tag", &word);
            Tags::default()
        })
    }
}

// jiff also reads times and offsets; a day in a table is ten characters and nothing else.
pub(super) fn parse_date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok()).flatten()
}

fn row_text(record: &csv::StringRecord) -> String {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    if writer.write_record(record).is_err() {
        return record.iter().collect::<Vec<_>>().join(",");
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&bytes).trim_end().to_owned()
}

/// Splits a cell of values separated by `|`.
pub(super) fn several(cell: &str) -> Vec<String> {
    cell.split('|').map(str::trim).filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

const NEEDED: [&str; 4] = ["key", "parent", "type", "name"];
const OPTIONAL: [&str; 16] = [
    "kind",
    "full_name",
    "name_en",
    "alt_names",
    "code",
    "from",
    "until",
    "lat",
    "lon",
    "area_km2",
    "population",
    "agency",
    "tags",
    "phone",
    "renamed",
    "path",
];

/// Reads units from CSV with headings (đọc danh sách đơn vị).
///
/// Columns `key, parent, type, name` are needed; `kind, full_name, name_en, alt_names, code, from, until, lat, lon, area_km2, population, agency,
/// tags, phone, renamed` may be missing or empty. Several values in a cell are separated by `|`; a renaming is `date:type:name`.
/// Without `kind` the type decides; without `code` the key does. Rows may come in any order; a parent is looked for in the file, then in `known`.
/// A row with a fault is left out, and so are the rows below it. A unit that exists already is a fault, not a change.
#[must_use]
pub fn read_places(text: &str, known: Option<&Tree>) -> (Vec<Unit>, Vec<Fault>) {
    let mut faults = Vec::new();
    let mut units: Vec<(Unit, u64)> = Vec::new();
    let Some(table) = Table::open(text, &NEEDED, &OPTIONAL, &mut faults) else { return (Vec::new(), faults) };
    let mut by_id: HashMap<UnitId, usize> = HashMap::new();
    let mut words: HashMap<String, Arc<str>> = HashMap::new();
    table.each(&mut faults, |row| {
        let Some(unit) = read_unit(row, &mut words) else { return };
        if by_id.contains_key(&unit.id) || known.is_some_and(|tree| tree.get(unit.id.as_str()).is_some()) {
            row.fault("key", "units.import.duplicate_key", unit.id.as_str());
            return;
        }
        by_id.insert(unit.id.clone(), units.len());
        units.push((unit, row.line));
    });
    let before = faults.len();
    place(&mut units, &by_id, known, &mut faults);
    for fault in &mut faults[before..] {
        let n = usize::try_from(fault.line).unwrap_or_default();
        text.lines().nth(n.saturating_sub(1)).unwrap_or_default().clone_into(&mut fault.row);
    }
    faults.sort_by_key(|fault| fault.line);
    (units.into_iter().filter(|(unit, _)| !unit.path.is_root()).map(|(unit, _)| unit).collect(), faults)
}

fn read_unit(row: &mut Row<'_>, words: &mut HashMap<String, Arc<str>>) -> Option<Unit> {
    let key = row.needed("key");
    let name = row.needed("name");
    let type_name = row.needed("type");
    if row.sound && !UnitId::is_sound(&key) {
        row.fault("key", "units.import.bad_key", &key);
    }
    let parent = Some(row.text("parent").to_owned()).filter(|parent| !parent.is_empty()).map(UnitId::from);
    let kind_word = row.text("kind").to_owned();
    let kind = if kind_word.is_empty() { kind_of(&type_name, parent.is_none()) } else { Kind::parse(&kind_word) };
    if kind.is_none() && row.sound {
        let at = if kind_word.is_empty() { ("type", &type_name) } else { ("kind", &kind_word) };
        row.fault(at.0, "units.import.unknown_kind", &at.1.clone());
    }
    let (from, until) = (row.date("from"), row.date("until"));
    if let (Some(from), Some(until)) = (from, until)
        && until < from
    {
        row.fault("until", "units.import.ends_before_it_begins", &until.to_string());
    }
    let mut renamed = Vec::new();
    for text in several(row.text("renamed")) {
        let mut parts = text.splitn(3, ':');
        match (parts.next().and_then(parse_date), parts.next(), parts.next()) {
            (Some(on), Some(type_name), Some(name)) if !name.is_empty() => {
                renamed.push(Renaming { on, type_name: word(words, type_name), name: name.to_owned() });
            }
            _ => row.fault("renamed", "units.import.bad_renaming", &text),
        }
    }
    renamed.sort_by_key(|renaming| renaming.on);
    let lat = row.number("lat", -90.0, 90.0);
    let lon = row.number("lon", -180.0, 180.0);
    let area_km2 = row.number("area_km2", 0.0, 1e7);
    let population = row.number("population", 0.0, 1e10);
    if population.is_some_and(|count| count.fract() != 0.0) {
        let cell = row.text("population").to_owned();
        row.fault("population", "units.import.bad_number", &cell);
    }
    let tags = row.tags("tags");
    let code = match row.text("code") {
        "" if kind.is_some_and(Kind::has_committee) => key.rsplit('-').next().map(Arc::from),
        "" => None,
        code => Some(Arc::from(code)),
    };
    let full = match row.text("full_name") {
        "" if kind == Some(Kind::Agency) => name.clone(),
        "" => full_name(&type_name, &name),
        full => full.to_owned(),
    };
    let name_en = match row.text("name_en") {
        "" => unmarked(&name),
        name_en => name_en.to_owned(),
    };
    let agency = Some(row.text("agency").to_owned()).filter(|slug| !slug.is_empty()).map(|slug| word(words, &slug));
    let alt_names = several(row.text("alt_names"));
    let phone = Some(row.text("phone").to_owned()).filter(|phone| !phone.is_empty());
    if !row.sound {
        return None;
    }
    Some(Unit {
        id: UnitId::from(key),
        path: Path::root(),
        parent,
        kind: kind?,
        type_name: word(words, &type_name),
        code,
        name,
        full_name: full,
        name_en,
        alt_names,
        renamed,
        from,
        until,
        lat,
        lon,
        #[expect(clippy::cast_possible_truncation, reason = "the number is whole and below 1e10")]
        population: population.map(|count| count as i64),
        area_km2,
        agency,
        tags,
        phone,
    })
}

/// One allocation for a word that thousands of units share.
pub(super) fn word(words: &mut HashMap<String, Arc<str>>, text: &str) -> Arc<str> {
    if let Some(shared) = words.get(text) {
        return shared.clone();
    }
    let shared: Arc<str> = Arc::from(text);
    words.insert(text.to_owned(), shared.clone());
    shared
}

fn kind_of(type_name: &str, top: bool) -> Option<Kind> {
    Some(match fold(type_name).as_str() {
        "tinh" => Kind::Province,
        "thanh pho" if top => Kind::Province,
        "huyen" | "quan" | "thi xa" | "thanh pho" => Kind::District,
        "xa" | "phuong" | "thi tran" | "dac khu" => Kind::Commune,
        "ap" | "khom" | "thon" | "ban" | "buon" | "lang" | "to dan pho" | "khu pho" | "soc" | "bon" | "plei"
        | "xom" => Kind::Hamlet,
        "cum dan cu" | "to tu quan" | "to nhan dan tu quan" | "khu dan cu" | "cum" => Kind::Cluster,
        _ => return None,
    })
}

/// The name without marks, capitals kept.
pub(super) fn unmarked(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let strip = |char| match char {
        'đ' => 'd',
        'Đ' => 'D',
        other => other,
    };
    name.nfd().filter(|char| !unicode_normalization::char::is_combining_mark(*char)).map(strip).collect()
}

// Gives every unit its path; a unit whose chain of parents is broken keeps the root path and is left out by the caller.
fn place(units: &mut [(Unit, u64)], by_id: &HashMap<UnitId, usize>, known: Option<&Tree>, faults: &mut Vec<Fault>) {
    let mut broken: Vec<bool> = vec![false; units.len()];
    for start in 0..units.len() {
        let mut chain = Vec::new();
        let mut at = start;
        // Climb to the first unit that has a path or stands on known ground.
        let base = loop {
            if !units[at].0.path.is_root() {
                break Some((units[at].0.path.clone(), units[at].0.kind));
            }
            if broken[at] {
                break None;
            }
            if chain.contains(&at) {
                let (unit, line) = &units[at];
                let detail = unit.id.to_string();
                faults.push(Fault {
                    line: *line,
                    column: "parent",
                    code: "units.import.cycle",
                    detail,
                    row: String::new(),
                });
                break None;
            }
            chain.push(at);
            let (unit, line) = &units[at];
            let Some(parent) = &unit.parent else {
                if unit.kind == Kind::Province {
                    break Some((Path::root(), Kind::Province));
                }
                faults.push(Fault {
                    line: *line,
                    column: "parent",
                    code: "units.import.missing",
                    detail: String::new(),
                    row: String::new(),
                });
                break None;
            };
            if let Some(next) = by_id.get(parent) {
                at = *next;
            } else if let Some(unit) = known.and_then(|tree| tree.get(parent.as_str())) {
                break Some((unit.path.clone(), unit.kind));
            } else {
                let detail = parent.to_string();
                faults.push(Fault {
                    line: *line,
                    column: "parent",
                    code: "units.import.unknown_parent",
                    detail,
                    row: String::new(),
                });
                break None;
            }
        };
        let mut base = base;
        for at in chain.into_iter().rev() {
            let Some((path, kind)) = &base else {
                broken[at] = true;
                continue;
            };
            let (unit, line) = &mut units[at];
            let fits = path.is_root() || *kind != Kind::Agency && unit.kind > *kind;
            if !fits {
                let detail = path.unit().to_owned();
                faults.push(Fault {
                    line: *line,
                    column: "parent",
                    code: "units.import.misplaced",
                    detail,
                    row: String::new(),
                });
                broken[at] = true;
                base = None;
                continue;
            }
            unit.path = path.child(&unit.id);
            base = Some((unit.path.clone(), unit.kind));
        }
    }
}

/// Writes units as CSV that [`read_places`] reads back to equal values.
#[must_use]
pub fn write_places<'u>(units: impl IntoIterator<Item = &'u Unit>) -> String {
    let columns = [
        "key",
        "parent",
        "kind",
        "type",
        "name",
        "full_name",
        "name_en",
        "alt_names",
        "code",
        "from",
        "until",
        "lat",
        "lon",
        "area_km2",
        "population",
        "agency",
        "tags",
        "phone",
        "renamed",
    ];
    let mut out = columns.join(",");
    out.push('\n');
    for unit in units {
        let opt = |value: Option<&str>| value.unwrap_or_default().to_owned();
        let mut renamed = String::new();
        for renaming in &unit.renamed {
            let _ = write!(
                renamed,
                "{}{}:{}:{}",
                if renamed.is_empty() { "" } else { "|" },
                renaming.on,
                renaming.type_name,
                renaming.name
            );
        }
        let cells = [
            unit.id.to_string(),
            opt(unit.parent.as_ref().map(UnitId::as_str)),
            unit.kind.as_str().to_owned(),
            unit.type_name.to_string(),
            unit.name.clone(),
            unit.full_name.clone(),
            unit.name_en.clone(),
            unit.alt_names.join("|"),
            opt(unit.code.as_deref()),
            unit.from.map(|day| day.to_string()).unwrap_or_default(),
            unit.until.map(|day| day.to_string()).unwrap_or_default(),
            unit.lat.map(|number| number.to_string()).unwrap_or_default(),
            unit.lon.map(|number| number.to_string()).unwrap_or_default(),
            unit.area_km2.map(|number| number.to_string()).unwrap_or_default(),
            unit.population.map(|number| number.to_string()).unwrap_or_default(),
            opt(unit.agency.as_deref()),
            unit.tags.to_string(),
            opt(unit.phone.as_deref()),
            renamed,
        ];
        push_row(&mut out, &cells);
    }
    out
}

fn push_row(out: &mut String, cells: &[String]) {
    for (n, cell) in cells.iter().enumerate() {
        if n > 0 {
            out.push(',');
        }
        if cell.contains([',', '"', '\n', '\r']) {
            let _ = write!(out, "\"{}\"", cell.replace('"', "\"\""));
        } else {
            out.push_str(cell);
        }
    }
    out.push('\n');
}

/// Reads lineage from CSV with the columns `from, to, share, kind, source` (đọc bảng chuyển đổi đơn vị).
///
/// `kind` is `w` (whole) or `s` (split); `source` is `o` (official), `m` (merged first, then official) or `s` (spatial).
/// Whether the units exist is checked by [`Tree::new`].
#[must_use]
pub fn read_lineage(text: &str) -> (Vec<Lineage>, Vec<Fault>) {
    let (mut lines, mut faults) = (Vec::new(), Vec::new());
    let Some(table) = Table::open(text, &["from", "to", "share"], &["kind", "source"], &mut faults) else {
        return (lines, faults);
    };
    table.each(&mut faults, |row| {
        let (from, to) = (row.needed("from"), row.needed("to"));
        let share = row.number("share", f64::NEG_INFINITY, f64::INFINITY).unwrap_or_default();
        if row.sound && !(0.0..=1.0).contains(&share) {
            let cell = row.text("share").to_owned();
            row.fault("share", "units.import.bad_share", &cell);
        }
        let kind = row.text("kind").to_owned();
        if !matches!(kind.as_str(), "" | "w" | "s") {
            row.fault("kind", "units.import.unknown_kind", &kind);
        }
        let source = row.text("source").to_owned();
        if !matches!(source.as_str(), "" | "o" | "m" | "s") {
            row.fault("source", "units.import.unknown_kind", &source);
        }
        if row.sound {
            lines.push(lineage(&from, &to, share, &kind, &source));
        }
    });
    (lines, faults)
}

fn lineage(from: &str, to: &str, share: f64, kind: &str, source: &str) -> Lineage {
    let kind = match kind {
        "w" => LineageKind::Whole,
        "" if share >= 1.0 => LineageKind::Whole,
        _ => LineageKind::Split,
    };
    let source = match source {
        "s" => LineageSource::Spatial,
        "m" => LineageSource::MergedThenOfficial,
        _ => LineageSource::Official,
    };
    Lineage { from: UnitId::from(from), to: UnitId::from(to), share, kind, source }
}

/// Writes lineage as CSV that [`read_lineage`] reads back to equal values.
#[must_use]
pub fn write_lineage<'l>(lines: impl IntoIterator<Item = &'l Lineage>) -> String {
    let mut out = "from,to,share,kind,source\n".to_owned();
    for line in lines {
        let kind = match line.kind {
            LineageKind::Whole => "w",
            LineageKind::Split => "s",
        };
        let source = match line.source {
            LineageSource::Official => "o",
            LineageSource::MergedThenOfficial => "m",
            LineageSource::Spatial => "s",
        };
        let _ = writeln!(out, "{},{},{},{kind},{source}", line.from, line.to, line.share);
    }
    out
}
