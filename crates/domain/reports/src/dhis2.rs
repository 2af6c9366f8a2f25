//! Reports as DHIS2 exchanges them (data value sets, 2.40 to 2.42): JSON, XML and CSV, out and in.
//!
//! Identifiers are our codes: data set = form, organisation unit = unit, data element = cell, category option combo =
//! number of the part of a breakdown, `default` where there is none. Periods are DHIS2's where it has them: a day, an ISO
//! week, and the administrative month, quarter and year by the month, quarter and year in which they end; what is due
//! every few days or once is named by its last day.
//!
//! What comes in is a report like any other: it closes what was owed, it is never overwritten, and putting it right
//! needs a reason. A value that does not fit is a conflict of its own; the others are taken.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use quick_xml::{
    Reader, Writer, XmlVersion,
    events::{BytesDecl, BytesStart, Event},
};
use serde::{Deserialize, Serialize};
use vx_concepts::{
    engine::{Command as _, execute},
    form::{self, CellKind, CellSpec, Figures, FormSpec, PeriodKind, Words},
};
use vx_kernel::{
    Id, Path, Problem, ids,
    text::fold,
    time::{self, Lang},
};
use vx_platform::{
    auth::Actor,
    sheet::{guarded, unguarded},
    store::{Conn, Uuid},
    web::App,
};

use crate::{
    commands::{Bring, Submit},
    import,
    many::{self, Ground, Last, Row, Verdict},
    store,
    types::Request,
};

/// The name of the only combination where nothing is told apart.
const DEFAULT: &str = "default";
const NAMESPACE: &str = "http://dhis2.org/schema/dxf/2.0";
/// Values of one set: every commune of the nation by a form of a hundred figures.
const VALUES_MAX: usize = 1_200_000;
/// Conflicts told one by one; the counts say how many values were passed over.
const CONFLICTS_MAX: usize = 1_000;

/// How a set is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Format {
    /// `dataValueSet` as an object.
    Json,
    /// `dataValueSet` as an element.
    Xml,
    /// A line for each value; which data set it is stands outside.
    Csv,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Json, Self::Xml, Self::Csv];
    /// As it stands in addresses and at the end of file names.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Xml => "xml",
            Self::Csv => "csv",
        }
    }
    /// From its word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == text)
    }
    /// Media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
            Self::Csv => "application/csv",
        }
    }
}

/// One value.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SetValue {
    /// Code of the cell.
    pub data_element: String,
    /// Period; that of the set unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Code of the unit; that of the set unless given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_unit: Option<String>,
    /// Number of the part of a breakdown, or `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category_option_combo: Option<String>,
    /// Always `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute_option_combo: Option<String>,
    /// The value.
    pub value: String,
    /// Who sent it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stored_by: Option<String>,
    /// When it was sent last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_updated: Option<String>,
    /// What was said about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// Values that belong together.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ValueSet {
    /// Code of the form, or id of the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_set: Option<String>,
    /// The day on which it was sent, for one report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub complete_date: Option<String>,
    /// Period, for one report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
    /// Code of the unit, for one report.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub org_unit: Option<String>,
    /// Always `default`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attribute_option_combo: Option<String>,
    /// The values.
    pub data_values: Vec<SetValue>,
}

/// What is done with values that are there, or are not.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Strategy {
    /// Only what is not there.
    Create,
    /// Only what is there.
    Update,
    /// Both.
    #[default]
    CreateAndUpdate,
    /// What is there is taken out.
    Delete,
}

impl Strategy {
    /// The words for it, those of older versions among them.
    pub const WORDS: [&'static str; 7] =
        ["CREATE_AND_UPDATE", "CREATE", "UPDATE", "DELETE", "NEW_AND_UPDATES", "NEW", "UPDATES"];
    /// From its word.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "CREATE" | "NEW" => Some(Self::Create),
            "UPDATE" | "UPDATES" => Some(Self::Update),
            "CREATE_AND_UPDATE" | "NEW_AND_UPDATES" => Some(Self::CreateAndUpdate),
            "DELETE" => Some(Self::Delete),
            _ => None,
        }
    }
}

/// How a set is taken in.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The data set, where the set does not say.
    pub data_set: Option<String>,
    /// Only look.
    pub dry_run: bool,
    /// What may happen.
    pub strategy: Strategy,
    /// Why what was sent is put right; without it nothing is.
    pub reason: Option<String>,
    /// Whether units are named by their names instead of their codes.
    pub units_by_name: bool,
    /// Whether cells are named by their labels instead of their codes.
    pub cells_by_name: bool,
    /// Language of what is said about conflicts.
    pub lang: Lang,
}

/// How many values.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize)]
pub struct ImportCount {
    /// New ones.
    pub imported: i64,
    /// Changed ones.
    pub updated: i64,
    /// Those that were passed over: they do not fit, or say what is there already.
    pub ignored: i64,
    /// Those that were taken out.
    pub deleted: i64,
}

/// A value, or an object that values name, that does not fit.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Conflict {
    /// What: the code that was sent.
    pub object: String,
    /// What is wrong with it.
    pub value: String,
    /// DHIS2's code, where it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error_code: Option<&'static str>,
    /// Which property it is about.
    pub property: &'static str,
    /// Which values it concerns, counted from nought.
    pub indexes: Vec<i64>,
}

/// What came of a set.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportSummary {
    /// Always `ImportSummary`.
    pub response_type: &'static str,
    /// `SUCCESS`, `WARNING` when something did not fit, `ERROR` when nothing did.
    pub status: &'static str,
    /// The same in a sentence.
    pub description: String,
    /// How many.
    pub import_count: ImportCount,
    /// What did not fit.
    pub conflicts: Vec<Conflict>,
    /// Values that were not taken, counted from nought.
    pub rejected_indexes: Vec<i64>,
    /// The day of completion, or `false`.
    pub data_set_complete: String,
}

/// Reads a set.
///
/// # Errors
/// `reports.dhis2.unread` for what is none, `reports.dhis2.too_many`.
pub fn read(format: Format, bytes: &[u8]) -> Result<ValueSet, Problem> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let set = match format {
        Format::Json => serde_json::from_slice(bytes).map_err(unread)?,
        Format::Xml => read_xml(std::str::from_utf8(bytes).map_err(unread)?)?,
        Format::Csv => read_csv(bytes)?,
    };
    if set.data_values.len() > VALUES_MAX {
        return Err(Problem::invalid("reports.dhis2.too_many").with("max", VALUES_MAX));
    }
    Ok(set)
}

fn unread(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Problem {
    let error: Box<dyn std::error::Error + Send + Sync> = error.into();
    let said: String = error.to_string().chars().take(200).collect();
    Problem::invalid("reports.dhis2.unread").with("why", said)
}

/// Document types have no place in a set and are how a small file asks for endless work or for files of the server.
fn read_xml(text: &str) -> Result<ValueSet, Problem> {
    let mut reader = Reader::from_str(text);
    let mut set: Option<ValueSet> = None;
    loop {
        let event = reader.read_event().map_err(unread)?;
        match &event {
            Event::DocType(_) => return Err(unread("document type")),
            Event::Start(start) | Event::Empty(start) => {
                let name = start.local_name();
                let name: &str = name.as_ref();
                let mut values = BTreeMap::new();
                for attribute in start.attributes() {
                    let attribute = attribute.map_err(unread)?;
                    let key = attribute.key.local_name();
                    let key: &str = key.as_ref();
                    values.insert(
                        key.to_owned(),
                        attribute.normalized_value(XmlVersion::Implicit1_0).map_err(unread)?.into_owned(),
                    );
                }
                let mut take = |key: &str| values.remove(key).filter(|value| !value.is_empty());
                match (name, &mut set) {
                    ("dataValueSet", None) => {
                        set = Some(ValueSet {
                            data_set: take("dataSet"),
                            complete_date: take("completeDate"),
                            period: take("period"),
                            org_unit: take("orgUnit"),
                            attribute_option_combo: take("attributeOptionCombo"),
                            data_values: Vec::new(),
                        });
                    }
                    ("dataValue", Some(set)) => {
                        if set.data_values.len() >= VALUES_MAX {
                            return Err(Problem::invalid("reports.dhis2.too_many").with("max", VALUES_MAX));
                        }
                        set.data_values.push(SetValue {
                            data_element: take("dataElement").unwrap_or_default(),
                            period: take("period"),
                            org_unit: take("orgUnit"),
                            category_option_combo: take("categoryOptionCombo"),
                            attribute_option_combo: take("attributeOptionCombo"),
                            value: take("value").unwrap_or_default(),
                            stored_by: take("storedBy"),
                            last_updated: take("lastUpdated"),
                            comment: take("comment"),
                        });
                    }
                    _ => {}
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    set.ok_or_else(|| unread("dataValueSet"))
}

/// The first line is a heading and is passed over, as DHIS2 does; columns are known by their place.
fn read_csv(bytes: &[u8]) -> Result<ValueSet, Problem> {
    let mut reader = csv::ReaderBuilder::new().has_headers(true).flexible(true).from_reader(bytes);
    let mut values = Vec::new();
    for record in reader.records() {
        let record = record.map_err(unread)?;
        if values.len() >= VALUES_MAX {
            return Err(Problem::invalid("reports.dhis2.too_many").with("max", VALUES_MAX));
        }
        let at = |index: usize| record.get(index).map(|text| unguarded(text.trim()).to_owned());
        let some = |index: usize| at(index).filter(|text| !text.is_empty());
        values.push(SetValue {
            data_element: at(0).unwrap_or_default(),
            period: some(1),
            org_unit: some(2),
            category_option_combo: some(3),
            attribute_option_combo: some(4),
            value: at(5).unwrap_or_default(),
            stored_by: some(6),
            last_updated: some(7),
            comment: some(8),
        });
    }
    Ok(ValueSet { data_values: values, ..ValueSet::default() })
}

/// Writes a set.
///
/// # Errors
/// When it cannot be written, which is our fault.
pub fn write(format: Format, set: &ValueSet) -> Result<Vec<u8>, Problem> {
    match format {
        Format::Json => serde_json::to_vec_pretty(set).map_err(Problem::internal),
        Format::Xml => write_xml(set).map_err(Problem::internal),
        Format::Csv => write_csv(set).map_err(Problem::internal),
    }
}

fn write_xml(set: &ValueSet) -> std::io::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 1);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let put = |element: &mut BytesStart<'_>, name: &str, value: Option<&str>| {
        if let Some(value) = value {
            element.push_attribute((name, value));
        }
    };
    let mut root = BytesStart::new("dataValueSet");
    put(&mut root, "xmlns", Some(NAMESPACE));
    put(&mut root, "dataSet", set.data_set.as_deref());
    put(&mut root, "completeDate", set.complete_date.as_deref());
    put(&mut root, "period", set.period.as_deref());
    put(&mut root, "orgUnit", set.org_unit.as_deref());
    put(&mut root, "attributeOptionCombo", set.attribute_option_combo.as_deref());
    writer.write_event(Event::Start(root))?;
    for value in &set.data_values {
        let mut element = BytesStart::new("dataValue");
        put(&mut element, "dataElement", Some(&value.data_element));
        put(&mut element, "period", value.period.as_deref());
        put(&mut element, "orgUnit", value.org_unit.as_deref());
        put(&mut element, "categoryOptionCombo", value.category_option_combo.as_deref());
        put(&mut element, "attributeOptionCombo", value.attribute_option_combo.as_deref());
        put(&mut element, "value", Some(&value.value));
        put(&mut element, "storedBy", value.stored_by.as_deref());
        put(&mut element, "lastUpdated", value.last_updated.as_deref());
        put(&mut element, "comment", value.comment.as_deref());
        writer.write_event(Event::Empty(element))?;
    }
    writer.write_event(Event::End(quick_xml::events::BytesEnd::new("dataValueSet")))?;
    let mut bytes = writer.into_inner();
    bytes.push(b'\n');
    Ok(bytes)
}

fn write_csv(set: &ValueSet) -> Result<Vec<u8>, Box<dyn std::error::Error + Send + Sync>> {
    let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
    writer.write_record([
        "dataelement",
        "period",
        "orgunit",
        "catoptcombo",
        "attroptcombo",
        "value",
        "storedby",
        "lastupdated",
        "comment",
        "followup",
    ])?;
    for value in &set.data_values {
        let is_number = value.value.parse::<f64>().is_ok();
        let shown = if is_number { value.value.as_str().into() } else { guarded(&value.value) };
        let of = |text: &Option<String>| text.clone().unwrap_or_default();
        writer.write_record([
            value.data_element.as_str(),
            &value.period.clone().or_else(|| set.period.clone()).unwrap_or_default(),
            &value.org_unit.clone().or_else(|| set.org_unit.clone()).unwrap_or_default(),
            &of(&value.category_option_combo),
            &of(&value.attribute_option_combo),
            &*shown,
            &*guarded(&of(&value.stored_by)),
            &of(&value.last_updated),
            &*guarded(&of(&value.comment)),
            "false",
        ])?;
    }
    Ok(writer.into_inner().map_err(|error| error.to_string())?)
}

/// A period as DHIS2 names it.
#[must_use]
pub fn period_name(kind: PeriodKind, last: Date) -> String {
    match kind {
        PeriodKind::Daily | PeriodKind::Days(_) | PeriodKind::Once => last.strftime("%Y%m%d").to_string(),
        PeriodKind::Weekly => {
            let week = last.iso_week_date();
            format!("{}W{}", week.year(), week.week())
        }
        PeriodKind::Month => last.strftime("%Y%m").to_string(),
        PeriodKind::Quarter => format!("{}Q{}", last.year(), (last.month() + 2) / 3),
        PeriodKind::Year => last.year().to_string(),
    }
}

/// The last day of the period of this name.
#[must_use]
pub fn period_day(kind: PeriodKind, name: &str) -> Option<Date> {
    let number =
        |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<i16>().ok()).flatten();
    let small = |text: &str| number(text).and_then(|n| i8::try_from(n).ok());
    match kind {
        PeriodKind::Daily | PeriodKind::Days(_) | PeriodKind::Once => {
            let name = if name.len() == 10 { name.replace('-', "") } else { name.to_owned() };
            let (year, rest) = name.split_at_checked(4)?;
            let (month, day) = rest.split_at_checked(2)?;
            Date::new(number(year)?, small(month)?, small(day).filter(|_| day.len() == 2)?).ok()
        }
        PeriodKind::Weekly => {
            let (year, week) = name.split_once('W')?;
            let week = jiff::civil::ISOWeekDate::new(number(year)?, small(week)?, jiff::civil::Weekday::Sunday);
            week.ok().map(Date::from)
        }
        PeriodKind::Month => {
            let (year, month) = name.split_at_checked(4)?;
            Date::new(number(year)?, small(month).filter(|_| month.len() == 2)?, 14).ok()
        }
        PeriodKind::Quarter => {
            let (year, quarter) = name.split_once('Q')?;
            Date::new(number(year)?, small(quarter).filter(|n| (1..=4).contains(n))? * 3, 14).ok()
        }
        PeriodKind::Year => Date::new(number(name).filter(|_| name.len() == 4)?, 12, 14).ok(),
    }
}

/// A kept figure as DHIS2 writes values of its kind.
pub(crate) fn value_of(kind: &CellKind, figure: i64) -> String {
    match kind {
        CellKind::Count | CellKind::Text => figure.to_string(),
        CellKind::Decimal => form::typed(kind, figure).replace(',', "."),
        CellKind::Choice(_) => form::say(kind, Lang::Vi, figure),
        CellKind::Date => form::day_of(figure).map_or_else(String::new, |day| day.to_string()),
    }
}

/// A value as DHIS2 writes it, as it is kept. A point is the mark before decimals here, and nothing else.
pub(crate) fn figure_of(kind: &CellKind, value: &str) -> Result<Option<i64>, &'static str> {
    match kind {
        CellKind::Decimal | CellKind::Count => {
            let plain = value.trim();
            let digits = plain.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'.'));
            if !digits {
                return form::read_cell(kind, value).and(Err(if *kind == CellKind::Count {
                    "not-a-count"
                } else {
                    "not-a-decimal"
                }));
            }
            // "12.0" is a whole number to those who write it so.
            let whole = plain.strip_suffix(".0").filter(|_| *kind == CellKind::Count).unwrap_or(plain);
            form::read_cell(kind, &whole.replace('.', ","))
        }
        _ => form::read_cell(kind, value),
    }
}

/// Adds the values of one report.
fn put(set: &mut ValueSet, form: &FormSpec, kind: PeriodKind, unit: &Path, on: Date, last: &Last) {
    let figures = Figures::parse(&last.figures, form.width());
    let words: Words = serde_json::from_str(&last.words).unwrap_or_default();
    let notes: BTreeMap<String, String> = serde_json::from_str(&last.notes).unwrap_or_default();
    let mut value = |cell: &CellSpec, combo: String, value: String, first: bool| {
        set.data_values.push(SetValue {
            data_element: cell.code.clone(),
            period: Some(period_name(kind, on)),
            org_unit: Some(unit.unit().to_owned()),
            category_option_combo: Some(combo),
            attribute_option_combo: Some(DEFAULT.to_owned()),
            value,
            stored_by: Some(last.by_name.clone()),
            last_updated: Some(last.sent_at.strftime("%Y-%m-%dT%H:%M:%S.000+0000").to_string()),
            comment: notes.get(&cell.code).filter(|_| first).cloned(),
        });
    };
    for (cell, place) in form.cells.iter().zip(form.places()) {
        if cell.kind == CellKind::Text {
            if let Some(words) = words.get(&cell.code).filter(|words| !words.is_empty()) {
                value(cell, DEFAULT.to_owned(), words.clone(), true);
            }
            continue;
        }
        for (n, at) in place.enumerate() {
            let combo = if cell.by.is_some() { (n + 1).to_string() } else { DEFAULT.to_owned() };
            if let Some(figure) = figures.0[at] {
                value(cell, combo, value_of(&cell.kind, figure), n == 0);
            }
        }
    }
}

/// Reports of some units and periods as one set. The caller has seen to it that they may be seen.
///
/// # Errors
/// When the database is away.
pub async fn export(
    conn: &mut Conn,
    request: &Request,
    form: &FormSpec,
    units: &[Path],
    days: &[Date],
) -> Result<ValueSet, Problem> {
    let kind = request.periods().kind;
    let there = many::last_editions(conn, request, units, days).await?;
    let mut set = ValueSet { data_set: Some(request.form.clone()), ..ValueSet::default() };
    for unit in units {
        for on in days {
            if let Some(last) = there.get(&(unit.clone(), *on)) {
                put(&mut set, form, kind, unit, *on, last);
            }
        }
    }
    if let ([unit], [on]) = (units, days) {
        set.period = Some(period_name(kind, *on));
        set.org_unit = Some(unit.unit().to_owned());
        let first = there.get(&(unit.clone(), *on));
        set.complete_date = first.map(|last| time::day_of(last.first_at).to_string());
    }
    Ok(set)
}

/// That a report was sent (complete data set registration).
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Registration {
    /// Code of the form.
    pub data_set: String,
    /// Period.
    pub period: String,
    /// Code of the unit.
    pub organisation_unit: String,
    /// Always `default`.
    pub attribute_option_combo: &'static str,
    /// The day on which it was first sent.
    pub date: String,
    /// Who sent it last.
    pub stored_by: String,
    /// Always true: what was not sent is not listed.
    pub completed: bool,
}

/// Which reports of some units and periods were sent.
///
/// # Errors
/// When the database is away.
pub async fn registrations(
    conn: &mut Conn,
    request: &Request,
    units: &[Path],
    days: &[Date],
) -> Result<Vec<Registration>, Problem> {
    let kind = request.periods().kind;
    let there = many::last_editions(conn, request, units, days).await?;
    let mut found = Vec::new();
    for unit in units {
        for on in days {
            let Some(last) = there.get(&(unit.clone(), *on)) else { continue };
            found.push(Registration {
                data_set: request.form.clone(),
                period: period_name(kind, *on),
                organisation_unit: unit.unit().to_owned(),
                attribute_option_combo: DEFAULT,
                date: time::day_of(last.first_at).to_string(),
                stored_by: last.by_name.clone(),
                completed: true,
            });
        }
    }
    Ok(found)
}

/// The requests that a data set names, as far as they concern the actor: one by its id, or all that use a form.
///
/// # Errors
/// When the database is away.
pub async fn requests_of(conn: &mut Conn, actor: &Actor, data_set: &str) -> Result<Vec<Request>, Problem> {
    if let Ok(id) = data_set.parse::<Id<ids::Request>>() {
        return match store::visible(conn, actor, id).await {
            Ok(request) => Ok(vec![request]),
            Err(problem) if problem.kind == vx_kernel::ProblemKind::NotFound => Ok(Vec::new()),
            Err(problem) => Err(problem),
        };
    }
    Ok(store::requests(conn, actor).await?.into_iter().filter(|request| request.form == data_set).collect())
}

/// What a set comes to while it is gone through.
struct Reading<'a> {
    app: &'a App,
    options: &'a Options,
    conflicts: Vec<Conflict>,
    rejected: Vec<i64>,
    count: ImportCount,
}

impl Reading<'_> {
    fn conflict(
        &mut self,
        property: &'static str,
        code: Option<&'static str>,
        object: &str,
        said: String,
        of: &[usize],
    ) {
        let indexes: Vec<i64> = of.iter().filter_map(|index| i64::try_from(*index).ok()).collect();
        self.rejected.extend(&indexes);
        self.count.ignored += i64::try_from(of.len()).unwrap_or(0);
        if self.conflicts.len() < CONFLICTS_MAX {
            let indexes = indexes.into_iter().take(100).collect();
            self.conflicts.push(Conflict {
                object: object.to_owned(),
                value: said,
                error_code: code,
                property,
                indexes,
            });
        }
    }
    fn problem(&self, problem: &Problem) -> String {
        let (what, todo) = self.app.words().problem(self.options.lang, problem);
        format!("{what} {todo}")
    }
}

/// One report of a set: its row, and what each of its values would do.
struct Report {
    row: Row,
    request: usize,
    by: Option<Path>,
    of: Vec<usize>,
    count: ImportCount,
}

/// Takes a set in, or only looks at it.
///
/// # Errors
/// When the database is away. What does not fit is a conflict.
pub async fn take_in(
    app: &App,
    actor: &Actor,
    key: Uuid,
    set: &ValueSet,
    options: &Options,
) -> Result<ImportSummary, Problem> {
    let mut reading =
        Reading { app, options, conflicts: Vec::new(), rejected: Vec::new(), count: ImportCount::default() };
    let all: Vec<usize> = (0..set.data_values.len()).collect();
    let data_set = set.data_set.as_deref().or(options.data_set.as_deref()).unwrap_or_default();
    let mut conn = app.db().read().await?;
    let requests = requests_of(&mut conn, actor, data_set).await?;
    let mut grounds = Vec::new();
    for request in &requests {
        // By whom they are brought is found out for each report.
        grounds.push(import::ground(app, &mut conn, request.clone(), request.path.clone(), None).await?);
    }
    if grounds.is_empty() {
        let said = reading.problem(&Problem::invalid("reports.dhis2.no_data_set").with("code", data_set));
        reading.conflict("dataSet", Some("E7600"), data_set, said, &all);
    } else if [&set.attribute_option_combo].iter().any(|combo| combo.as_deref().is_some_and(|combo| combo != DEFAULT)) {
        let said = reading.problem(&Problem::invalid("reports.dhis2.no_combo"));
        reading.conflict(
            "attributeOptionCombo",
            Some("E7604"),
            set.attribute_option_combo.as_deref().unwrap_or_default(),
            said,
            &all,
        );
    } else {
        let mut reports = group(&mut reading, actor, set, &grounds);
        settle(&mut conn, &mut reading, set, &grounds, &mut reports).await?;
        drop(conn);
        write_reports(&mut reading, actor, key, &grounds, reports).await?;
    }
    let Reading { conflicts, mut rejected, count, .. } = reading;
    rejected.sort_unstable();
    let written = count.imported + count.updated + count.deleted;
    let status = match (conflicts.is_empty(), written) {
        (true, _) => "SUCCESS",
        (false, 0) => "ERROR",
        (false, _) => "WARNING",
    };
    let complete = set.complete_date.clone().filter(|_| written > 0 && !options.dry_run);
    Ok(ImportSummary {
        response_type: "ImportSummary",
        status,
        description: app.words().say(options.lang, &format!("report-dhis2-{}", status.to_lowercase()), &[]),
        import_count: count,
        conflicts,
        rejected_indexes: rejected,
        data_set_complete: complete.unwrap_or_else(|| "false".to_owned()),
    })
}

/// Puts the values of each unit and period together, as far as unit and period are ones.
fn group(reading: &mut Reading<'_>, actor: &Actor, set: &ValueSet, grounds: &[Ground]) -> Vec<Report> {
    let mut groups: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    for (index, value) in set.data_values.iter().enumerate() {
        let of = |own: &Option<String>, all: &Option<String>| own.clone().or_else(|| all.clone()).unwrap_or_default();
        groups.entry((of(&value.org_unit, &set.org_unit), of(&value.period, &set.period))).or_default().push(index);
    }
    let mut reports = Vec::new();
    for ((unit, period), of) in groups {
        let tree = &grounds[0].tree;
        let found = if reading.options.units_by_name {
            let name = fold(&unit);
            let mut named = tree.on(time::day_of(grounds[0].now)).filter(|known| fold(&known.full_name) == name);
            named
                .next()
                .filter(|_| named.next().is_none())
                .ok_or_else(|| Problem::invalid("reports.import.no_unit").with("unit", &unit))
        } else {
            many::by_code(tree, &unit)
        };
        let found = match found {
            Ok(found) => found,
            Err(problem) => {
                let said = reading.problem(&problem);
                reading.conflict("orgUnit", Some("E7612"), &unit, said, &of);
                continue;
            }
        };
        // Of several requests with the form, the one that this unit owes the report of this period.
        let mut refused: Option<(&'static str, &'static str, Problem)> = None;
        let mut chosen: Option<(usize, Row)> = None;
        for (n, ground) in grounds.iter().enumerate() {
            let day = period_day(ground.request.periods().kind, &period);
            let day = day.ok_or_else(|| Problem::invalid("reports.dhis2.no_period").with("period", &period));
            let judged =
                day.and_then(|day| many::period_of(ground, day)).map_err(|problem| ("period", "E7611", problem));
            let judged = judged.and_then(|period| {
                many::may_report(ground, found, Some(&period))
                    .map(|path| (path, period))
                    .map_err(|problem| ("orgUnit", "E7612", problem))
            });
            match judged {
                Ok((path, period)) => {
                    let row = Row { unit: Some(path), period: Some(period), ..many::blank(&ground.form, of[0] + 1) };
                    chosen = chosen.or(Some((n, row)));
                }
                Err(why) => refused = refused.or(Some(why)),
            }
        }
        match (chosen, refused) {
            (Some((request, row)), _) => {
                let by = row.unit.as_ref().and_then(|unit| brought_by(actor, &grounds[request].request, unit));
                let own = row.unit.as_ref().is_some_and(|unit| actor.may(Submit::NAME, unit));
                if by.is_none() && !own {
                    let said = reading.problem(&Problem::refused("reports.bring.not_yours"));
                    reading.conflict("orgUnit", Some("E7617"), &unit, said, &of);
                    continue;
                }
                reports.push(Report { row, request, by, of, count: ImportCount::default() });
            }
            (None, refused) => {
                let (property, code, problem) = refused.unwrap_or((
                    "period",
                    "E7611",
                    Problem::invalid("reports.dhis2.no_period").with("period", &period),
                ));
                let said = reading.problem(&problem);
                let object = if property == "period" { &period } else { &unit };
                reading.conflict(property, Some(code), object, said, &of);
            }
        }
    }
    reports
}

/// The unit for which the actor may bring a report.
pub(crate) fn brought_by(actor: &Actor, request: &Request, unit: &Path) -> Option<Path> {
    let fits = |home: &&Path| actor.may(Bring::NAME, home) && (home.contains(unit) || **home == request.path);
    actor.homes().into_iter().find(fits).cloned()
}

/// Puts the values into the reports, upon what is there.
async fn settle(
    conn: &mut Conn,
    reading: &mut Reading<'_>,
    set: &ValueSet,
    grounds: &[Ground],
    reports: &mut [Report],
) -> Result<(), Problem> {
    for (n, ground) in grounds.iter().enumerate() {
        let form = &ground.form;
        let mine = || reports.iter().filter(|report| report.request == n);
        let mut units: Vec<Path> = mine().filter_map(|report| report.row.unit.clone()).collect();
        let mut days: Vec<Date> = mine().filter_map(|report| report.row.period.map(|period| period.last)).collect();
        units.sort();
        units.dedup();
        days.sort_unstable();
        days.dedup();
        let there = many::last_editions(conn, &ground.request, &units, &days).await?;
        let codes = cells_by(form, reading.options.cells_by_name);
        for report in reports.iter_mut().filter(|report| report.request == n) {
            let key = report.row.unit.clone().zip(report.row.period.map(|period| period.last));
            let last = key.and_then(|key| there.get(&key));
            if let Some(last) = last {
                report.row.seen = last.edition;
                report.row.known = Some(last.registers(form));
                report.row.figures = Figures::parse(&last.figures, form.width());
                report.row.words = serde_json::from_str(&last.words).unwrap_or_default();
            }
            for index in report.of.clone() {
                put_in(reading, form, &codes, report, &set.data_values[index], index);
            }
            let changed = report.count.imported + report.count.updated + report.count.deleted;
            report.row.verdict = match (changed, report.row.seen) {
                (0, _) => Verdict::Unchanged,
                (_, 0) => Verdict::New,
                _ => Verdict::Corrects,
            };
        }
    }
    Ok(())
}

type Cells<'f> = HashMap<String, (&'f CellSpec, std::ops::Range<usize>)>;

fn cells_by(form: &FormSpec, names: bool) -> Cells<'_> {
    let name = |cell: &CellSpec| if names { fold(&cell.label.vi) } else { cell.code.clone() };
    form.cells.iter().zip(form.places()).map(|(cell, place)| (name(cell), (cell, place))).collect()
}

/// Puts one value into a report.
fn put_in(
    reading: &mut Reading<'_>,
    form: &FormSpec,
    cells: &Cells<'_>,
    report: &mut Report,
    value: &SetValue,
    index: usize,
) {
    let element = if reading.options.cells_by_name { fold(&value.data_element) } else { value.data_element.clone() };
    let Some((cell, place)) = cells.get(&element) else {
        let problem =
            Problem::invalid("reports.dhis2.no_cell").with("cell", &value.data_element).with("form", &form.code);
        let said = reading.problem(&problem);
        return reading.conflict("dataElement", Some("E7610"), &value.data_element, said, &[index]);
    };
    let combo = value.category_option_combo.as_deref().unwrap_or(DEFAULT);
    let part = match &cell.by {
        None => (combo == DEFAULT).then_some(0),
        Some(by) => {
            let named = by.parts.iter().position(|part| fold(&part.vi) == fold(combo));
            named.or_else(|| combo.parse().ok().and_then(|n: usize| n.checked_sub(1))).filter(|n| *n < by.parts.len())
        }
    };
    let other = value.attribute_option_combo.as_deref().is_some_and(|combo| combo != DEFAULT);
    let Some(part) = part.filter(|_| !other) else {
        let said = reading.problem(&Problem::invalid("reports.dhis2.no_combo"));
        let (property, code) = if other { ("attributeOptionCombo", "E7615") } else { ("categoryOptionCombo", "E7613") };
        return reading.conflict(property, Some(code), combo, said, &[index]);
    };
    let strategy = reading.options.strategy;
    if cell.kind == CellKind::Text {
        let now = report.row.words.get(&cell.code).cloned().unwrap_or_default();
        let next: String = if strategy == Strategy::Delete {
            String::new()
        } else {
            value.value.chars().take(form::TEXT_MAX).collect()
        };
        if count(reading, report, !now.is_empty(), !next.is_empty(), now == next) {
            if next.is_empty() {
                report.row.words.remove(&cell.code);
            } else {
                report.row.words.insert(cell.code.clone(), next);
            }
        }
        return;
    }
    let at = place.start + part;
    let next = if strategy == Strategy::Delete { Ok(None) } else { figure_of(&cell.kind, &value.value) };
    match next {
        Err(why) => {
            let why = reading.app.words().say(reading.options.lang, &format!("form-unread-{why}"), &[]);
            let said = format!("{}: \"{}\" – {why}", cell.label.of(reading.options.lang), value.value);
            reading.conflict("value", Some("E7619"), &value.data_element, said, &[index]);
        }
        Ok(None) if strategy != Strategy::Delete => {
            let said = reading.problem(&Problem::invalid("reports.dhis2.no_value").with("cell", &value.data_element));
            reading.conflict("value", Some("E7618"), &value.data_element, said, &[index]);
        }
        Ok(next) => {
            let now = report.row.figures.0[at];
            if count(reading, report, now.is_some(), next.is_some(), now == next) {
                report.row.figures.0[at] = next;
                // A comment is why a figure is another than the registers know; nothing else has a place for it.
                if let Some(comment) = value.comment.clone().filter(|_| cell.known.is_some() && part == 0) {
                    let known = report.row.known.get_or_insert_with(|| (Figures::none(form), BTreeMap::new()));
                    known.1.insert(cell.code.clone(), comment.chars().take(500).collect());
                }
            }
        }
    }
}

/// Counts a value, and says whether it is to be put in.
fn count(reading: &mut Reading<'_>, report: &mut Report, there: bool, comes: bool, same: bool) -> bool {
    let may = match reading.options.strategy {
        Strategy::Create => !there,
        Strategy::Update => there,
        Strategy::CreateAndUpdate => true,
        Strategy::Delete => there,
    };
    if same || !may {
        reading.count.ignored += 1;
        return false;
    }
    match (there, comes) {
        (_, false) => report.count.deleted += 1,
        (true, true) => report.count.updated += 1,
        (false, true) => report.count.imported += 1,
    }
    true
}

/// Writes the reports down, unless this only looks; and counts what was written.
async fn write_reports(
    reading: &mut Reading<'_>,
    actor: &Actor,
    key: Uuid,
    grounds: &[Ground],
    reports: Vec<Report>,
) -> Result<(), Problem> {
    let reason = reading.options.reason.clone().filter(|reason| !reason.trim().is_empty());
    let mut sets: BTreeMap<(usize, Option<Path>), Vec<Report>> = BTreeMap::new();
    for report in reports {
        if report.row.verdict == Verdict::Corrects && reason.is_none() {
            let unit = report.row.unit.as_ref().map_or("", |unit| unit.unit()).to_owned();
            let said = reading.problem(&Problem::refused("reports.submit.no_reason"));
            reading.conflict("value", None, &unit, said, &report.of);
        } else if report.row.verdict != Verdict::Unchanged {
            sets.entry((report.request, report.by.clone())).or_default().push(report);
        }
    }
    for (n, ((request, by), reports)) in sets.into_iter().enumerate() {
        let ground = &grounds[request];
        let seed = Uuid::from_u128(key.as_u128() ^ ((n as u128) << 96));
        let rows: Vec<Row> = reports.iter().map(|report| report.row.clone()).collect();
        let mut failed: HashMap<usize, &'static str> = HashMap::new();
        if !reading.options.dry_run {
            match by {
                Some(by) => {
                    let ground = Ground { by, ..ground.clone() };
                    let written = many::write_down(reading.app, actor, &ground, &rows, seed, reason.as_deref()).await?;
                    failed.extend(written.failed);
                }
                // A unit's own officer sends its report as on the page.
                None => {
                    for (line, (key, bring)) in many::commands(ground, &rows, 0, seed, reason.as_deref()) {
                        match execute(reading.app.db(), actor, key, bring.report).await {
                            Ok(_) => {}
                            Err(problem) if problem.kind == vx_kernel::ProblemKind::Unavailable => return Err(problem),
                            Err(problem) => drop(failed.insert(line, problem.code)),
                        }
                    }
                }
            }
        }
        for report in reports {
            match failed.get(&report.row.line) {
                Some(code) => {
                    let unit = report.row.unit.as_ref().map_or("", |unit| unit.unit()).to_owned();
                    let said = reading.problem(&Problem::refused(code));
                    reading.conflict("orgUnit", None, &unit, said, &report.of);
                }
                None => {
                    reading.count.imported += report.count.imported;
                    reading.count.updated += report.count.updated;
                    reading.count.deleted += report.count.deleted;
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn periods_have_the_names_of_dhis2() {
        for (kind, last, name) in [
            (PeriodKind::Daily, "2021-09-12", "20210912"),
            (PeriodKind::Days(3), "2021-09-15", "20210915"),
            (PeriodKind::Once, "2022-01-31", "20220131"),
            (PeriodKind::Weekly, "2021-09-12", "2021W36"),
            (PeriodKind::Weekly, "2021-01-03", "2020W53"),
            (PeriodKind::Weekly, "2022-01-09", "2022W1"),
            (PeriodKind::Month, "2021-09-14", "202109"),
            (PeriodKind::Quarter, "2021-12-14", "2021Q4"),
            (PeriodKind::Quarter, "2021-03-14", "2021Q1"),
            (PeriodKind::Year, "2021-12-14", "2021"),
        ] {
            assert_eq!(period_name(kind, day(last)), name);
            assert_eq!(period_day(kind, name), Some(day(last)), "{name}");
        }
        for (kind, name) in [
            (PeriodKind::Daily, "2021091"),
            (PeriodKind::Daily, "20210931"),
            (PeriodKind::Daily, "202109"),
            (PeriodKind::Weekly, "2021W54"),
            (PeriodKind::Weekly, "2021-36"),
            (PeriodKind::Month, "2021"),
            (PeriodKind::Month, "202113"),
            (PeriodKind::Quarter, "2021Q5"),
            (PeriodKind::Year, "21"),
            (PeriodKind::Year, ""),
            (PeriodKind::Daily, "đầu tháng"),
        ] {
            assert_eq!(period_day(kind, name), None, "{name}");
        }
        assert_eq!(period_day(PeriodKind::Daily, "2021-09-12"), Some(day("2021-09-12")));
    }

    #[test]
    fn values_are_written_and_read_with_a_point() {
        let choice = CellKind::Choice(vec![form::Said::both("Đạt", "Met"), form::Said::both("Không đạt", "Not met")]);
        for (kind, figure, value) in [
            (CellKind::Count, 1_250, "1250"),
            (CellKind::Decimal, 2_500, "2.5"),
            (CellKind::Decimal, 1_234_050, "1234.05"),
            (CellKind::Decimal, 1_234, "1.234"),
            (CellKind::Decimal, -500, "-0.5"),
            (CellKind::Date, 18_880, "2021-09-10"),
            (choice, 1, "Không đạt"),
        ] {
            assert_eq!(value_of(&kind, figure), value);
            assert_eq!(figure_of(&kind, value), Ok(Some(figure)), "{value}");
        }
        assert_eq!(figure_of(&CellKind::Count, "12.0"), Ok(Some(12)));
        for (kind, value) in [
            (CellKind::Count, "2.5"),
            (CellKind::Count, "-3"),
            (CellKind::Count, "1,250"),
            (CellKind::Count, "ba"),
            (CellKind::Decimal, "1,5"),
            (CellKind::Decimal, "1.2.3"),
        ] {
            assert!(figure_of(&kind, value).is_err(), "{value}");
        }
        assert_eq!(figure_of(&CellKind::Count, " "), Ok(None));
    }

    fn set() -> ValueSet {
        let value = |cell: &str, combo: &str, value: &str, comment: Option<&str>| SetValue {
            data_element: cell.to_owned(),
            period: Some("20210912".to_owned()),
            org_unit: Some("31534".to_owned()),
            category_option_combo: Some(combo.to_owned()),
            attribute_option_combo: Some(DEFAULT.to_owned()),
            value: value.to_owned(),
            stored_by: Some("Sơn Thị Mỹ".to_owned()),
            last_updated: Some("2021-09-12T03:00:00.000+0000".to_owned()),
            comment: comment.map(str::to_owned),
        };
        ValueSet {
            data_set: Some("cho".to_owned()),
            complete_date: Some("2021-09-12".to_owned()),
            period: Some("20210912".to_owned()),
            org_unit: Some("31534".to_owned()),
            attribute_option_combo: None,
            data_values: vec![
                value("tong", DEFAULT, "5", Some("đã đối chiếu; \"kỹ\" <ok> & xong")),
                value("dong", "1", "-0.5", None),
                value("ghi", DEFAULT, "=HYPERLINK(\"x\")\nhai dòng", None),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        for format in Format::ALL {
            let bytes = write(format, &set()).unwrap();
            vx_testkit::golden(
                env!("CARGO_MANIFEST_DIR"),
                &format!("dhis2.{}", format.as_str()),
                std::str::from_utf8(&bytes).unwrap(),
            );
            let got = read(format, &bytes).unwrap();
            assert_eq!(got.data_values, set().data_values, "{format:?}");
            if format != Format::Csv {
                assert_eq!(got, set(), "{format:?}");
            }
        }
        let csv = String::from_utf8(write(Format::Csv, &set()).unwrap()).unwrap();
        assert!(csv.contains("\"'=HYPERLINK") && csv.contains("\"-0.5\""), "words are guarded, numbers are not: {csv}");
    }

    #[test]
    fn what_is_none_is_refused() {
        const BOMB: &str = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><dataValueSet><dataValue dataElement=\"&b;\" value=\"1\"/></dataValueSet>";
        for (format, text) in [
            (Format::Json, "[1]"),
            (Format::Json, "{\"dataValues\": 5}"),
            (Format::Xml, "<a/>"),
            (Format::Xml, BOMB),
            (Format::Xml, "<dataValueSet><dataValue dataElement=\"&lol;\" value=\"1\"/></dataValueSet>"),
            (Format::Xml, "<!DOCTYPE x SYSTEM \"file:///etc/passwd\"><dataValueSet/>"),
        ] {
            assert_eq!(
                read(format, text.as_bytes()).map_err(|problem| problem.code),
                Err("reports.dhis2.unread"),
                "{text}"
            );
        }
        // What DHIS2 adds and we have no use for is passed over.
        let more = "{\"dataSet\":\"cho\",\"dataValues\":[{\"dataElement\":\"tong\",\"value\":\"1\",\"followUp\":false,\"created\":\"2021\"}]}";
        assert_eq!(read(Format::Json, more.as_bytes()).unwrap().data_values.len(), 1);
    }
}
