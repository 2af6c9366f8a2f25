//! Reports for other programs: the same readings and the same commands as the pages, and DHIS2's data value sets.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value as Json, json};
use vx_concepts::{
    engine::{Command as _, execute},
    form::{Added, CellKind, CellSpec, Figures, FormSpec, Period, PeriodKind, Periods, Received, Standing, Words},
};
use vx_kernel::{Date, Id, Path, Problem, ProblemKind, ids};
use vx_platform::{
    auth::Actor,
    store::{Conn, Uuid},
    view,
    web::{Answer, Call, Operation, Parts, Route, Shape, TEXT, UNIT_KEY, UNIT_PLACE, UnitName, words},
};

use crate::{
    board,
    catalogue::SHIPPED,
    commands::{Ask, End, Endorse, Submit, unexplained},
    dhis2::{self, Format, ImportSummary, Options, Registration, Strategy, ValueSet},
    import::pages::owing,
    routes::part_of,
    store::{self, READ},
    sums,
    types::{Level, Request, RequestState, Submission},
};

/// Reports of one data value set at the most: a province over a month, or the nation once.
const REPORTS_MAX: usize = 12_000;
/// Bytes of a data value set.
const SET_BYTES_MAX: usize = 48 * 1024 * 1024;

view! {
    /// One cell of a form.
    answer CellView as "Cell" {
        /// Its code.
        code: String,
        /// What it asks for.
        label: String,
        /// count, decimal, choice, text or date.
        kind: String => {"enum": ["count", "decimal", "choice", "text", "date"]},
        /// In what it is counted.
        unit: String,
        /// How it is added up.
        roll_up: String => {"enum": ["sum", "latest", "none"]},
        /// By what it is told apart; the first part has the number 1.
        parts: Vec<String>,
        /// What a choice may be.
        choices: Vec<String>,
        /// What the registers know of it.
        known: Option<String>,
    }
}

view! {
    /// A form: a set of figures that units owe every period.
    answer FormView as "ReportForm" {
        /// Its code.
        code: String,
        /// Its version.
        version: i64,
        /// Its name.
        name: String,
        /// What it rests on.
        basis: Option<String>,
        /// Who has compared it with that.
        verified: Option<String>,
        /// Whether it ships with the program.
        shipped: bool,
        /// Its cells, in order.
        cells: Vec<CellView>,
        /// What should hold between them; nothing is refused for it.
        checks: Vec<String>,
    }
}

view! {
    /// Reports asked of units by a form and a clock.
    answer RequestView as "ReportRequest" {
        /// Id.
        id: Id<ids::Request>,
        /// Counts up with each change.
        version: i64,
        /// Code of the form.
        form: String,
        /// Its version.
        form_version: i64,
        /// What is asked for, in a line.
        title: String,
        /// Kind of period: daily, days:N, weekly, month, quarter, year, once.
        period: String,
        /// Last day of the first period.
        first_period_on: Date,
        /// At which hour a period closes, in Việt Nam.
        closes: String,
        /// Days after the last day of a period on which it closes.
        lag_days: i64,
        /// Days before the last day from which it may be sent.
        window_days: i64,
        /// The unit that asks.
        asker: UnitName,
        /// The unit that receives.
        receiver: UnitName,
        /// Where the units lie that owe it.
        within: UnitName,
        /// Which units there.
        level: Level,
        /// Units named one by one.
        listed: Vec<UnitName>,
        /// The dispatch that ordered it.
        about: Option<Uuid>,
        /// What it rests on.
        source: String,
        /// Whether it goes on.
        state: RequestState,
        /// Last day on which a period may end.
        until_on: Option<Date>,
    }
}

view! {
    /// A period.
    answer PeriodView as "ReportPeriod" {
        /// First day that it is about.
        first_on: Date,
        /// Last day that it is about, by which it is known.
        last_on: Date,
        /// From when it may be sent.
        opens_at: Timestamp,
        /// Until when it is in time.
        closes_at: Timestamp,
        /// Its name in data value sets.
        dhis2: String,
    }
}

view! {
    /// A report that a unit owes, or has just sent.
    answer OwedView as "OwedReport" {
        /// The request.
        request: Id<ids::Request>,
        /// What is asked for.
        title: String,
        /// Code of the form.
        form: String,
        /// The unit that owes it.
        unit: UnitName,
        /// The newest period.
        period: PeriodView,
        /// Where it stands, computed.
        standing: Standing,
        /// Last days of closed periods before it that are still owed.
        owed_before: Vec<Date>,
    }
}

view! {
    /// A figure of a report.
    answer FigureView as "ReportFigure" {
        /// Code of the cell.
        cell: String,
        /// Number of the part of a breakdown.
        part: Option<i64>,
        /// The value, decimals with a point, choices and words as they read; null where nothing was said.
        value: Option<String>,
        /// What the registers knew when it was sent.
        known: Option<String>,
        /// Why it is another than the registers knew.
        note: Option<String>,
    }
}

view! {
    /// A report as it was sent once.
    answer EditionView as "ReportEdition" {
        /// Id.
        id: Id<ids::Submission>,
        /// 1 for what was sent first.
        edition: i64,
        /// When it was sent.
        sent_at: Timestamp,
        /// Who sent it.
        sent_by: String,
        /// Why it was put right.
        reason: Option<String>,
        /// All figures of the form.
        figures: Vec<FigureView>,
    }
}

view! {
    /// That a unit stands by an edition.
    answer EndorsementView as "ReportEndorsement" {
        /// The unit.
        unit: UnitName,
        /// Which edition.
        edition: i64,
        /// Who.
        by: String,
        /// A word to it.
        note: Option<String>,
    }
}

view! {
    /// What looks wrong in a report; it is no reason to refuse it.
    answer RemarkView as "ReportRemark" {
        /// What.
        code: String => {"enum": ["empty", "above", "not_equal"]},
        /// Code of the cell.
        cell: String,
    }
}

view! {
    /// The report of a unit and period with all its editions.
    answer ReportView as "Report" {
        /// The request.
        request: Id<ids::Request>,
        /// The unit that reports.
        unit: UnitName,
        /// The period.
        period: PeriodView,
        /// Where it stands, computed.
        standing: Standing,
        /// Whether the first edition came after the period closed.
        late: bool,
        /// Every edition, the last one first; none when nothing was sent.
        editions: Vec<EditionView>,
        /// Who stands by which edition.
        endorsements: Vec<EndorsementView>,
        /// What looks wrong in the last edition.
        remarks: Vec<RemarkView>,
    }
}

view! {
    /// A figure that is sent.
    body SentFigure as "SentReportFigure" {
        /// Code of the cell.
        cell: String => {"minLength": 1, "maxLength": 64},
        /// Number of the part, for a cell with a breakdown.
        part: Option<i64> => {"minimum": 1, "maximum": 500},
        /// The value: a whole number, a decimal with a point, one of the choices, a day, or words.
        value: String => {"minLength": 1, "maxLength": 4000},
        /// Why it is another than the registers know.
        note: Option<String> => {"maxLength": 500},
    }
}

view! {
    /// A report that is sent or put right. What is not named stays empty; nought is a report, silence is not.
    body SentReport as "SentReport" {
        /// The edition that was looked at; 0 for a first report.
        edition: i64 => {"minimum": 0, "maximum": 100_000},
        /// The figures.
        figures: Vec<SentFigure>,
        /// Why it is put right; needed for any edition but the first.
        reason: Option<String> => {"maxLength": 10_000},
    }
}

view! {
    /// Which edition is endorsed, and for which unit.
    body Endorsed as "SentEndorsement" {
        /// Key of the unit that endorses: the one above, or the one that asked.
        by: String => {"pattern": UNIT_KEY},
        /// The edition that was looked at.
        edition: i64 => {"minimum": 1, "maximum": 100_000},
        /// A word to it.
        note: Option<String> => {"maxLength": 10_000},
    }
}

view! {
    /// Reports that are asked for.
    body Asked as "AskedReports" {
        /// Key of the unit that asks and receives.
        by: String => {"pattern": UNIT_KEY},
        /// Code of the form.
        form: String => {"minLength": 1, "maxLength": 64},
        /// What is asked for, in a line.
        title: String => {"minLength": 1, "maxLength": 200},
        /// Kind of period.
        period: String => {"enum": ["daily", "days", "weekly", "month", "quarter", "year", "once"]},
        /// Days of a period of so many.
        days: Option<i64> => {"minimum": 2, "maximum": 60},
        /// The first period is the first one that ends on this day or later.
        from_on: Date,
        /// At which hour a period closes, in Việt Nam.
        closes: String => {"minLength": 4, "maxLength": 8},
        /// Days after the last day of a period on which it closes.
        lag_days: Option<i64> => {"minimum": 0, "maximum": 14},
        /// Days before the last day from which it may be sent.
        window_days: Option<i64> => {"minimum": 0, "maximum": 31},
        /// Which units.
        level: Level,
        /// Key of the place in which they lie; the asker's own unless given.
        within: Option<String> => {"pattern": UNIT_KEY},
        /// Keys of units that are named one by one.
        listed: Option<Vec<String>> => {"maxItems": 500, "items": {"type": "string", "pattern": UNIT_KEY}},
        /// What it rests on.
        source: String => {"minLength": 1, "maxLength": 200},
        /// What is asked for, in full.
        detail: Option<String> => {"maxLength": 10_000},
        /// Last day on which a period may end.
        until_on: Option<Date>,
    }
}

view! {
    /// Reports are asked for no longer.
    body Ended as "EndedReports" {
        /// Last day on which a period may end.
        until_on: Date,
        /// Why.
        reason: String => {"minLength": 1, "maxLength": 10_000},
    }
}

view! {
    /// How a part of the units stands in a period.
    answer TallyView as "ReportTally" {
        /// Last day of the period.
        period_on: Date,
        /// Reports owed.
        owed: i64,
        /// Sent, late or not.
        sent: i64,
        /// Of these late.
        late: i64,
        /// Closed and not sent.
        missing: i64,
        /// Endorsed as they stand.
        endorsed: i64,
        /// Where the unit's own report stands, when it owes one.
        standing: Option<Standing>,
    }
}

view! {
    /// A row of a board: a unit, or a place with those below it.
    answer LineView as "ReportBoardLine" {
        /// The unit or place.
        unit: UnitName,
        /// By period, the newest first.
        tallies: Vec<TallyView>,
    }
}

view! {
    /// Who has sent what: units by periods.
    answer BoardView as "ReportBoard" {
        /// The request.
        request: Id<ids::Request>,
        /// The place that is looked at.
        unit: UnitName,
        /// Periods, the newest first.
        periods: Vec<PeriodView>,
        /// Rows, the worst first.
        lines: Vec<LineView>,
        /// The sum of the rows.
        sum: Vec<TallyView>,
        /// Units that owe the newest closed period and have not sent it.
        missing: Vec<UnitName>,
    }
}

view! {
    /// A sum.
    answer TotalView as "ReportTotal" {
        /// Code of the cell.
        cell: String,
        /// Number of the part of a breakdown; null for the whole cell.
        part: Option<i64>,
        /// The sum, decimals with a point; null where no report said anything.
        value: Option<String>,
        /// Where it comes from: reports, or registers when that was chosen.
        source: crate::types::Source,
    }
}

view! {
    /// Sums of one unit below.
    answer PartSumView as "ReportPartSum" {
        /// The unit.
        unit: UnitName,
        /// Reports in it.
        reports: i64,
        /// Its sums.
        totals: Vec<TotalView>,
    }
}

view! {
    /// Reports of a period, or of several, added up.
    answer SumView as "ReportSum" {
        /// The request.
        request: Id<ids::Request>,
        /// The place that is added up.
        unit: UnitName,
        /// The period, or the last of several.
        period: PeriodView,
        /// The first of several periods.
        since_on: Option<Date>,
        /// Reports owed in the period.
        owed: i64,
        /// Reports in the sum.
        reports: i64,
        /// Whether shares of units that were divided are estimated.
        estimated: bool,
        /// The sums.
        totals: Vec<TotalView>,
        /// By the units one level below.
        parts: Vec<PartSumView>,
    }
}

view! {
    /// A data value set as a file.
    answer SetFile as "DataValueSetFile" {
        /// A name for it.
        name: String,
        /// Its media type.
        media_type: String,
        /// Its text.
        content: String,
    }
}

view! {
    /// A data value set that is sent as a file.
    body SentSet as "SentDataValueSetFile" {
        /// What it is written in.
        format: String => {"enum": ["json", "xml", "csv"]},
        /// Its text.
        content: String => {"minLength": 1},
    }
}

/// DHIS2's own names and liberties: what it adds and we have no use for is passed over.
impl Shape for ValueSet {
    fn shape(parts: &mut Parts) -> Json {
        let text = |about: &str| json!({"type": ["string", "null"], "pattern": TEXT, "description": about});
        let plain = |about: &str| json!({"type": "string", "pattern": TEXT, "description": about});
        parts.insert(
            "DataValue",
            json!({"type": "object", "description": "One value, as DHIS2 exchanges it.", "required": ["dataElement"], "properties": {
                "dataElement": plain("Code of the cell."),
                "period": text("Period: yyyyMMdd, yyyyWn, yyyyMM, yyyyQn or yyyy; that of the set unless given."),
                "orgUnit": text("Key of the unit; that of the set unless given."),
                "categoryOptionCombo": text("Number of the part of a breakdown, or default."),
                "attributeOptionCombo": text("Always default."),
                "value": plain("The value."),
                "storedBy": text("Who sent it."),
                "lastUpdated": text("When it was sent last."),
                "comment": text("What was said about it."),
            }}),
        );
        parts.insert(
            "DataValueSet",
            json!({"type": "object", "description": "Values that belong together, as DHIS2 exchanges them.", "properties": {
                "dataSet": text("Code of the form, or id of the request."),
                "completeDate": text("The day on which it was sent, for one report."),
                "period": text("Period, for one report."),
                "orgUnit": text("Key of the unit, for one report."),
                "attributeOptionCombo": text("Always default."),
                "dataValues": {"type": "array", "items": {"$ref": "#/components/schemas/DataValue"}},
            }}),
        );
        json!({"$ref": "#/components/schemas/DataValueSet"})
    }
}

impl Shape for ImportSummary {
    fn shape(parts: &mut Parts) -> Json {
        let n = |about: &str| json!({"type": "integer", "description": about});
        parts.insert(
            "ImportSummary",
            json!({"type": "object", "description": "What came of a data value set.",
                "required": ["responseType", "status", "description", "importCount", "conflicts", "rejectedIndexes", "dataSetComplete"],
                "properties": {
                    "responseType": {"type": "string", "enum": ["ImportSummary"]},
                    "status": {"type": "string", "enum": ["SUCCESS", "WARNING", "ERROR"]},
                    "description": {"type": "string"},
                    "importCount": {"type": "object", "required": ["imported", "updated", "ignored", "deleted"], "properties": {
                        "imported": n("New values."), "updated": n("Changed values."),
                        "ignored": n("Values that do not fit, or say what is there already."), "deleted": n("Values taken out."),
                    }},
                    "conflicts": {"type": "array", "items": {"type": "object", "required": ["object", "value", "property", "indexes"], "properties": {
                        "object": {"type": "string", "description": "The code that was sent."},
                        "value": {"type": "string", "description": "What is wrong with it."},
                        "errorCode": {"type": "string", "description": "The code of DHIS2, where it has one."},
                        "property": {"type": "string", "description": "Which property it is about."},
                        "indexes": {"type": "array", "items": {"type": "integer"}, "description": "Which values it concerns, counted from nought."},
                    }}},
                    "rejectedIndexes": {"type": "array", "items": {"type": "integer"}, "description": "Values that were not taken."},
                    "dataSetComplete": {"type": "string", "description": "The day of completion, or false."},
                }}),
        );
        json!({"$ref": "#/components/schemas/ImportSummary"})
    }
}

/// Which reports were sent.
#[derive(Debug, serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Registrations {
    complete_data_set_registrations: Vec<Registration>,
}

impl Shape for Registrations {
    fn shape(parts: &mut Parts) -> Json {
        let names = ["dataSet", "period", "organisationUnit", "attributeOptionCombo", "date", "storedBy"];
        let mut fields: serde_json::Map<String, Json> =
            names.iter().map(|name| ((*name).to_owned(), json!({"type": "string"}))).collect();
        fields.insert("completed".to_owned(), json!({"type": "boolean"}));
        parts.insert(
            "CompleteDataSetRegistrations",
            json!({"type": "object", "description": "Reports that were sent.", "required": ["completeDataSetRegistrations"], "properties": {
                "completeDataSetRegistrations": {"type": "array", "items": {"type": "object", "properties": fields}},
            }}),
        );
        json!({"$ref": "#/components/schemas/CompleteDataSetRegistrations"})
    }
}

const UNKNOWN_UNIT: &str = "api.unit_unknown";

/// The code of a form, or an id.
fn code() -> Json {
    json!({"type": "string", "pattern": TEXT, "maxLength": 64})
}

fn unit_place() -> Json {
    json!({"type": "string", "pattern": UNIT_PLACE})
}

/// What of the DHIS2 parameters an export takes.
fn exports(operation: Operation) -> Operation {
    let name = || json!({"type": "string", "pattern": UNIT_KEY});
    operation
        .asks("dataSet", code(), "Code of the form, or id of the request. Needed.")
        .asks("orgUnit", name(), "Key of the unit. Needed.")
        .asks("children", json!({"type": "boolean"}), "Whether to take all units below, too.")
        .asks("period", name(), "Period: yyyyMMdd, yyyyWn, yyyyMM, yyyyQn or yyyy.")
        .asks("startDate", json!({"type": "string", "format": "date"}), "Periods that end on this day or later.")
        .asks("endDate", json!({"type": "string", "format": "date"}), "Periods that end on this day or earlier.")
        .refuses(&[
            "reports.dhis2.ask",
            "reports.dhis2.no_data_set",
            "reports.dhis2.no_period",
            "reports.dhis2.wide",
            UNKNOWN_UNIT,
        ])
}

/// What of the DHIS2 parameters an import takes.
fn imports(operation: Operation) -> Operation {
    let scheme = || words(["code", "CODE", "uid", "UID", "name", "NAME"]);
    operation
        .asks("dataSet", code(), "Code of the form, or id of the request, where the set does not say.")
        .asks("dryRun", json!({"type": "boolean"}), "Only say what would be done.")
        .asks("importStrategy", words(Strategy::WORDS), "What may be done; both unless given.")
        .asks("reason", json!({"type": "string", "pattern": TEXT, "maxLength": 1000}), "Why what was sent is put right. Without it nothing that is there is changed: an addition to DHIS2's parameters.")
        .asks("idScheme", scheme(), "How units and cells are named: by our codes (also for uid), or by their names.")
        .asks("orgUnitIdScheme", scheme(), "How units are named.")
        .asks("dataElementIdScheme", scheme(), "How cells are named.")
        .bytes_max(SET_BYTES_MAX)
        .refuses(&["reports.dhis2.too_many"])
}

/// What the interface brings.
pub(crate) fn routes() -> Vec<Route> {
    let sends: &'static [&'static str] = &[
        UNKNOWN_UNIT,
        "reports.submit.not_asked",
        "reports.submit.wrong_period",
        "reports.submit.ended",
        "reports.submit.not_open",
        "reports.submit.no_reason",
        "reports.submit.empty",
        "reports.submit.no_note",
        "reports.submit.unread",
        "reports.dhis2.no_cell",
    ];
    vec![
        Route::api(
            Operation::get("/api/v1/reports/forms", "list_report_forms", READ)
                .answers_page::<FormView>(false)
                .leads_to("get_report_form", "code", "/items/0/code"),
            forms,
        ),
        Route::api(
            Operation::get("/api/v1/reports/forms/{code}", "get_report_form", READ)
                .asks(
                    "version",
                    json!({"type": "integer", "minimum": 1, "maximum": 1_000_000}),
                    "Which version; the newest unless given.",
                )
                .answers::<FormView>(),
            form,
        ),
        Route::api(
            Operation::get("/api/v1/reports/owed", "list_owed_reports", READ)
                .asks(
                    "standing",
                    words(Standing::ALL.iter().map(|standing| standing.as_str())),
                    "Where the newest period stands.",
                )
                .answers_page::<OwedView>(false)
                .leads_to("get_report_request", "id", "/items/0/request"),
            owed,
        ),
        Route::api(
            Operation::get("/api/v1/reports/requests", "list_report_requests", READ)
                .asks("form", code(), "Code of the form.")
                .asks("state", words(RequestState::ALL.iter().map(|state| state.as_str())), "Whether it goes on.")
                .answers_page::<RequestView>(false)
                .leads_to("get_report_request", "id", "/items/0/id")
                .leads_to("get_report_board", "id", "/items/0/id"),
            requests,
        ),
        Route::api(
            Operation::post::<Asked>("/api/v1/reports/requests", "ask_for_reports", Ask::NAME)
                .answers::<RequestView>()
                .creates()
                .refuses(&[
                    UNKNOWN_UNIT,
                    "reports.ask.no_title",
                    "reports.ask.lag",
                    "reports.ask.window",
                    "reports.ask.beyond",
                    "reports.ask.nobody",
                    "reports.ask.too_many",
                    "reports.ask.never",
                    "reports.ask.past",
                    "reports.ask.until",
                ])
                .leads_to("get_report_request", "id", "/id"),
            ask,
        ),
        Route::api(
            Operation::get("/api/v1/reports/requests/{id}", "get_report_request", READ)
                .answers::<RequestView>()
                .leads_to("get_report_form", "code", "/form"),
            request,
        ),
        Route::api(
            Operation::post::<Ended>("/api/v1/reports/requests/{id}/end", "end_report_request", End::NAME)
                .answers::<RequestView>()
                .refuses(&["reports.end.ended", "reports.end.no_reason"]),
            end,
        ),
        Route::api(
            Operation::get("/api/v1/reports/requests/{id}/board", "get_report_board", READ)
                .asks("unit", unit_place(), "Key or path of the place; the widest of one's own unless given.")
                .answers::<BoardView>(),
            show_board,
        ),
        Route::api(
            Operation::get("/api/v1/reports/requests/{id}/sum", "get_report_sum", READ)
                .asks("unit", unit_place(), "Key or path of the place; the widest of one's own unless given.")
                .asks(
                    "on",
                    json!({"type": "string", "format": "date"}),
                    "Last day of the period; the newest closed one unless given.",
                )
                .asks("since", json!({"type": "string", "format": "date"}), "Last day of the first of several periods.")
                .asks("tree", words(["2025"]), "Add up anew on the units since July 2025.")
                .answers::<SumView>(),
            sum,
        ),
        Route::api(
            Operation::get("/api/v1/reports/requests/{id}/reports/{key}/{on}", "get_report", READ)
                .answers::<ReportView>(),
            report,
        ),
        Route::api(
            Operation::post::<SentReport>(
                "/api/v1/reports/requests/{id}/reports/{key}/{on}",
                "send_report",
                Submit::NAME,
            )
            .answers::<ReportView>()
            .refuses(sends),
            send,
        ),
        Route::api(
            Operation::post::<Endorsed>(
                "/api/v1/reports/requests/{id}/reports/{key}/{on}/endorse",
                "endorse_report",
                Endorse::NAME,
            )
            .answers::<ReportView>()
            .refuses(&[
                UNKNOWN_UNIT,
                "reports.endorse.not_above",
                "reports.endorse.nothing",
                "reports.endorse.endorsed",
            ]),
            endorse,
        ),
        Route::api(
            exports(Operation::get("/api/v1/reports/data-value-sets", "export_data_values", READ))
                .answers::<ValueSet>(),
            export,
        ),
        Route::api(
            imports(Operation::post::<ValueSet>("/api/v1/reports/data-value-sets", "import_data_values", Submit::NAME))
                .answers::<ImportSummary>(),
            import,
        ),
        Route::api(
            exports(Operation::get("/api/v1/reports/data-value-sets/file", "export_data_value_file", READ))
                .asks(
                    "format",
                    words(Format::ALL.iter().map(|format| format.as_str())),
                    "What it is written in; XML unless given.",
                )
                .answers::<SetFile>(),
            export_file,
        ),
        Route::api(
            imports(Operation::post::<SentSet>(
                "/api/v1/reports/data-value-sets/file",
                "import_data_value_file",
                Submit::NAME,
            ))
            .answers::<ImportSummary>()
            .refuses(&["reports.dhis2.unread", "reports.dhis2.too_many"]),
            import_file,
        ),
        Route::api(
            exports(Operation::get("/api/v1/reports/complete-data-set-registrations", "list_complete_data_sets", READ))
                .answers::<Registrations>(),
            registrations,
        ),
    ]
}

fn form_view(call: &Call, form: &FormSpec) -> FormView {
    let lang = call.lang;
    let cell = |cell: &CellSpec| CellView {
        code: cell.code.clone(),
        label: cell.label.of(lang).to_owned(),
        kind: cell.kind.as_str().to_owned(),
        unit: cell.unit.of(lang).to_owned(),
        roll_up: cell.roll_up.to_string(),
        parts: cell.by.iter().flat_map(|by| by.parts.iter().map(|part| part.of(lang).to_owned())).collect(),
        choices: match &cell.kind {
            CellKind::Choice(choices) => choices.iter().map(|choice| choice.of(lang).to_owned()).collect(),
            _ => Vec::new(),
        },
        known: cell.known.as_ref().map(vx_concepts::form::Known::text),
    };
    let code = |at: usize| form.cells.get(at).map_or("", |cell| cell.code.as_str());
    let check = |check: &vx_concepts::form::Check| {
        let right: Vec<&str> = check.right.iter().map(|at| code(*at)).collect();
        let sign = match check.relation {
            vx_concepts::form::Relation::AtMost => "<=",
            vx_concepts::form::Relation::Equals => "=",
        };
        format!("{} {sign} {}", code(check.left), right.join(" + "))
    };
    FormView {
        code: form.code.clone(),
        version: form.version,
        name: form.name.of(lang).to_owned(),
        basis: form.basis.clone(),
        verified: form.verified.clone(),
        shipped: SHIPPED.iter().any(|shipped| shipped.form.code == form.code),
        cells: form.cells.iter().map(cell).collect(),
        checks: form.checks.iter().map(check).collect(),
    }
}

fn request_view(call: &Call, request: &Request) -> RequestView {
    RequestView {
        id: request.id,
        version: request.version,
        form: request.form.clone(),
        form_version: request.form_version,
        title: request.title.clone(),
        period: request.period.clone(),
        first_period_on: request.anchor_on,
        closes: request.closes.clone(),
        lag_days: request.lag_days,
        window_days: request.window_days,
        asker: call.unit(request.asker()),
        receiver: call.unit(&request.path),
        within: call.unit(&request.within),
        level: request.level,
        listed: request.listed().iter().map(|unit| call.unit(unit)).collect(),
        about: request.about,
        source: request.source.clone(),
        state: request.state,
        until_on: request.until_on,
    }
}

fn period_view(kind: PeriodKind, period: &Period) -> PeriodView {
    PeriodView {
        first_on: period.first,
        last_on: period.last,
        opens_at: period.opens_at,
        closes_at: period.closes_at,
        dhis2: dhis2::period_name(kind, period.last),
    }
}

/// A key or a path in a query; a place that does not exist has no reports.
fn place_of(call: &Call, name: &str) -> Option<String> {
    let place = call.asked(name)?;
    let tree = call.app.tree();
    Some(tree.get(place).map_or_else(|| place.to_owned(), |unit| unit.path.as_str().to_owned()))
}

async fn forms(call: Call) -> Result<Answer, Problem> {
    let after = call.after(|text| Some(text.to_owned()))?;
    let mut conn = call.app.db().read().await?;
    let mut all: Vec<FormSpec> = SHIPPED.iter().map(|shipped| shipped.form.clone()).collect();
    for form in store::forms(&mut conn).await? {
        all.push(store::form(&mut conn, &form.code, Some(form.number)).await?);
    }
    drop(conn);
    all.sort_by(|one, other| one.code.cmp(&other.code));
    all.retain(|form| after.as_ref().is_none_or(|after| form.code > *after));
    Answer::page(&call, all, None, |form| form.code.clone(), |form| form_view(&call, form))
}

async fn form(call: Call) -> Result<Answer, Problem> {
    let code = call.asked("code").unwrap_or_default();
    let form = store::form(&mut call.app.db().read().await?, code, call.read("version")).await?;
    Answer::of(&form_view(&call, &form))
}

async fn owed(call: Call) -> Result<Answer, Problem> {
    let after = call.after(|text| Some(text.to_owned()))?;
    let standing = call.asked("standing").and_then(Standing::parse);
    let mut conn = call.app.db().read().await?;
    let mut rows: Vec<(String, OwedView)> = Vec::new();
    for request in store::requests(&mut conn, &call.actor).await? {
        for own in board::owed_by(&call.app, &call.actor, &mut conn, &request).await? {
            if standing.is_some_and(|standing| own.standing != standing) {
                continue;
            }
            let place = format!("{}_{}", own.request.id, own.unit.as_str());
            let view = OwedView {
                request: own.request.id,
                title: own.request.title.clone(),
                form: own.request.form.clone(),
                unit: call.unit(&own.unit),
                period: period_view(own.request.periods().kind, &own.period),
                standing: own.standing,
                owed_before: own.before.iter().map(|period| period.last).collect(),
            };
            rows.push((place, view));
        }
    }
    drop(conn);
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows.retain(|(place, _)| after.as_ref().is_none_or(|after| place > after));
    Answer::page(&call, rows, None, |(place, _)| place.clone(), |(_, view)| view.clone())
}

async fn requests(call: Call) -> Result<Answer, Problem> {
    let after = call.after(|text| text.parse::<Uuid>().ok())?;
    let state = call.asked("state").and_then(RequestState::parse);
    let mut all = store::requests(&mut call.app.db().read().await?, &call.actor).await?;
    all.sort_by_key(|request| request.id.uuid());
    all.retain(|request| {
        after.is_none_or(|after| request.id.uuid() > after)
            && state.is_none_or(|state| request.state == state)
            && call.asked("form").is_none_or(|form| request.form == form)
    });
    Answer::page(&call, all, None, |request| request.id.to_string(), |request| request_view(&call, request))
}

async fn request(call: Call) -> Result<Answer, Problem> {
    let request = store::visible(&mut call.app.db().read().await?, &call.actor, call.id()?).await?;
    Answer::of(&request_view(&call, &request))
}

async fn ask(call: Call) -> Result<Answer, Problem> {
    let sent: Asked = call.body()?;
    let unit = call.path_of(&sent.by)?;
    let tree = call.app.tree();
    let place = tree.place_of(unit.unit()).map_or_else(|| unit.clone(), |place| place.path.clone());
    let form = store::form(&mut call.app.db().read().await?, &sent.form, None).await?;
    let within = match &sent.within {
        Some(key) => call.path_of(key)?,
        None => place.clone(),
    };
    let mut listed = Vec::new();
    for key in sent.listed.iter().flatten() {
        listed.push(call.path_of(key)?);
    }
    listed.sort();
    listed.dedup();
    let kind = match sent.period.as_str() {
        "days" => PeriodKind::parse(&format!("days:{}", sent.days.unwrap_or(0))),
        word => PeriodKind::parse(word),
    };
    let never = || Problem::refused("reports.ask.never");
    let closes = sent.closes.parse().map_err(|_| never())?;
    let (lag, window) = (sent.lag_days.unwrap_or(0), sent.window_days.unwrap_or(0));
    let periods = Periods::from(kind.ok_or_else(never)?, sent.from_on, lag, closes, window).ok_or_else(never)?;
    let last = periods.nth(0).map_or(sent.from_on, |period| period.last);
    let key = call.key()?;
    let command = Ask {
        id: Id::from(key),
        units: sent.level.units(&tree, &within, &listed, last, &Path::root()),
        by: unit.clone(),
        unit,
        place,
        form: form.code,
        form_version: form.version,
        title: sent.title,
        periods,
        within,
        level: sent.level,
        listed,
        about: None,
        source: sent.source,
        detail: sent.detail.unwrap_or_default(),
        until_on: sent.until_on,
    };
    let id = execute(call.app.db(), &call.actor, key, command).await?;
    let request: Request = call.app.db().read().await?.load(Id::<ids::Request>::from(id)).await?;
    Answer::of(&request_view(&call, &request))
}

async fn end(call: Call) -> Result<Answer, Problem> {
    let id: Id<ids::Request> = call.id()?;
    let sent: Ended = call.body()?;
    let command = End { request: id, until_on: sent.until_on, reason: sent.reason };
    if execute(call.app.db(), &call.actor, call.key()?, command).await? != id.uuid() {
        return Err(Problem::new(ProblemKind::Conflict, "api.key_of_another"));
    }
    request(call).await
}

async fn show_board(call: Call) -> Result<Answer, Problem> {
    let mut conn = call.app.db().read().await?;
    let request = store::visible(&mut conn, &call.actor, call.id()?).await?;
    let part = part_of(&call.actor, &request, place_of(&call, "unit").as_deref());
    let board = board::board(&call.app, &call.actor, &mut conn, &request, &part).await?;
    drop(conn);
    let kind = request.periods().kind;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let tally = |period: &Period, tally: &board::Tally, standing: Option<Standing>| TallyView {
        period_on: period.last,
        owed: count(tally.owed),
        sent: count(tally.sent),
        late: count(tally.late),
        missing: count(tally.missing),
        endorsed: count(tally.endorsed),
        standing,
    };
    let line = |line: &board::Line| LineView {
        unit: call.unit(&line.path),
        tallies: board
            .periods
            .iter()
            .zip(&line.tallies)
            .zip(&line.own)
            .map(|((period, of), own)| tally(period, of, own.map(|(standing, _)| standing)))
            .collect(),
    };
    Answer::of(&BoardView {
        request: request.id,
        unit: call.unit(&part),
        periods: board.periods.iter().map(|period| period_view(kind, period)).collect(),
        lines: board.lines.iter().map(line).collect(),
        sum: board.periods.iter().zip(&board.sum).map(|(period, of)| tally(period, of, None)).collect(),
        missing: board.missing.iter().map(|unit| call.unit(unit)).collect(),
    })
}

async fn sum(call: Call) -> Result<Answer, Problem> {
    let mut query: Vec<(String, String)> = ["on", "since", "tree"]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), call.asked(name)?.to_owned())))
        .collect();
    query.extend(place_of(&call, "unit").map(|unit| ("unit".to_owned(), unit)));
    let sum = sums::read(&call.app, &call.actor, call.id()?, &query).await?;
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let totals = |added: &Added, whole: bool| {
        let mut totals = Vec::new();
        for (cell, place) in sum.form.cells.iter().zip(sum.form.places()) {
            if cell.roll_up == vx_concepts::form::RollUp::None {
                continue;
            }
            let places: Vec<usize> = place.clone().collect();
            let figure = sums::total(added, &places);
            let source = if whole { sum.source(&cell.code) } else { crate::types::Source::Reports };
            let value = |figure: Option<i64>| figure.map(|figure| dhis2::value_of(&cell.kind, figure));
            totals.push(TotalView { cell: cell.code.clone(), part: None, value: value(figure), source });
            for (n, at) in cell.by.iter().flat_map(|by| (1..=by.parts.len()).zip(place.clone())) {
                let figure = sums::total(added, &[at]);
                let source = crate::types::Source::Reports;
                totals.push(TotalView {
                    cell: cell.code.clone(),
                    part: i64::try_from(n).ok(),
                    value: value(figure),
                    source,
                });
            }
        }
        totals
    };
    let part = |(path, added): (&Path, &Added)| PartSumView {
        unit: call.unit(path),
        reports: count(added.n),
        totals: totals(added, false),
    };
    Answer::of(&SumView {
        request: sum.request.id,
        unit: call.unit(&sum.part),
        period: period_view(sum.request.periods().kind, &sum.period),
        since_on: sum.since.map(|since| since.last),
        owed: count(sum.owed),
        reports: count(sum.rolled.all.n),
        estimated: sum.estimated,
        totals: totals(&sum.rolled.all, true),
        parts: sum.rolled.parts.iter().map(part).collect(),
    })
}

/// The request, unit and period of an address, as far as the caller may see that unit's reports.
async fn addressed(call: &Call, conn: &mut Conn) -> Result<(Request, Path, Period), Problem> {
    let request = store::visible(conn, &call.actor, call.id()?).await?;
    let key = call.asked("key").unwrap_or_default();
    let unit = call.app.tree().get(key).map(|unit| unit.path.clone()).ok_or_else(Problem::not_found)?;
    let period = call.read("on").and_then(|on| request.periods().ending(on)).ok_or_else(Problem::not_found)?;
    if !store::reach(&call.actor, &request).iter().any(|reach| reach.covers(&unit)) {
        return Err(Problem::not_found());
    }
    Ok((request, unit, period))
}

async fn report(call: Call) -> Result<Answer, Problem> {
    let mut conn = call.app.db().read().await?;
    let (request, unit, period) = addressed(&call, &mut conn).await?;
    let form = store::form(&mut conn, &request.form, Some(request.form_version)).await?;
    let editions = store::editions(&mut conn, request.id, &unit, period.last).await?;
    let endorsed = store::endorsements(&mut conn, request.id, &unit, period.last).await?;
    drop(conn);
    let received = editions.first().zip(editions.last()).map(|(last, first)| Received {
        first_at: first.sent_at,
        edition: last.edition,
        endorsed: endorsed.iter().any(|by| by.edition == last.edition),
    });
    let remarks =
        editions.first().map_or_else(Vec::new, |last| form.remarks(&Figures::parse(&last.figures, form.width())));
    Answer::of(&ReportView {
        request: request.id,
        unit: call.unit(&unit),
        period: period_view(request.periods().kind, &period),
        standing: period.standing(received, call.app.clock().now()),
        late: received.is_some_and(|received| period.is_late(received)),
        editions: editions.iter().map(|edition| edition_view(&form, edition)).collect(),
        endorsements: endorsed
            .iter()
            .map(|by| EndorsementView {
                unit: call.unit(&by.path),
                edition: by.edition,
                by: by.by_name.clone(),
                note: by.note.clone(),
            })
            .collect(),
        remarks: remarks
            .iter()
            .map(|remark| RemarkView { code: remark.code.to_string(), cell: remark.cell.clone() })
            .collect(),
    })
}

fn edition_view(form: &FormSpec, edition: &Submission) -> EditionView {
    let figures = Figures::parse(&edition.figures, form.width());
    let known = Figures::parse(&edition.known, form.width());
    let words: Words = serde_json::from_str(&edition.words).unwrap_or_default();
    let notes: BTreeMap<String, String> = serde_json::from_str(&edition.notes).unwrap_or_default();
    let mut all = Vec::with_capacity(form.width());
    for (cell, place) in form.cells.iter().zip(form.places()) {
        for (n, at) in place.enumerate() {
            let say = |figure: Option<i64>| figure.map(|figure| dhis2::value_of(&cell.kind, figure));
            let is_text = cell.kind == CellKind::Text;
            all.push(FigureView {
                cell: cell.code.clone(),
                part: cell.by.as_ref().and_then(|_| i64::try_from(n + 1).ok()),
                value: if is_text { words.get(&cell.code).cloned() } else { say(figures.0[at]) },
                known: say(known.0[at]).filter(|_| cell.known.is_some()),
                note: notes.get(&cell.code).filter(|_| n == 0).cloned(),
            });
        }
    }
    EditionView {
        id: edition.id,
        edition: edition.edition,
        sent_at: edition.sent_at,
        sent_by: edition.by_name.clone(),
        reason: edition.reason.clone(),
        figures: all,
    }
}

async fn send(call: Call) -> Result<Answer, Problem> {
    let sent: SentReport = call.body()?;
    let mut conn = call.app.db().read().await?;
    let (request, unit, period) = addressed(&call, &mut conn).await?;
    let form = store::form(&mut conn, &request.form, Some(request.form_version)).await?;
    let now = call.app.clock().now();
    let (mut figures, mut texts, mut notes) = (Figures::none(&form), Words::new(), BTreeMap::new());
    let places = form.places();
    for figure in sent.figures {
        let unknown = || Problem::invalid("reports.dhis2.no_cell").with("cell", &figure.cell).with("form", &form.code);
        let at = form.cells.iter().position(|cell| cell.code == figure.cell).ok_or_else(unknown)?;
        let cell = &form.cells[at];
        if let Some(note) = figure.note.clone().filter(|note| !note.trim().is_empty()) {
            notes.insert(cell.code.clone(), note);
        }
        if cell.kind == CellKind::Text {
            texts.insert(cell.code.clone(), figure.value.clone());
            continue;
        }
        let part = match (&cell.by, figure.part) {
            (None, None) => 0,
            (Some(by), Some(part)) => {
                let part = usize::try_from(part).ok().and_then(|n| n.checked_sub(1));
                part.filter(|part| *part < by.parts.len()).ok_or_else(unknown)?
            }
            _ => return Err(unknown()),
        };
        let read = dhis2::figure_of(&cell.kind, &figure.value).map_err(|_| {
            let problem = Problem::invalid("reports.submit.unread").with("cell", &figure.cell);
            problem.with("value", &figure.value)
        })?;
        figures.0[places[at].start + part] = read;
    }
    let known = store::known(&mut conn, &form, &unit, &period, now).await?;
    drop(conn);
    let command = Submit {
        id: Id::fresh(),
        request: request.id,
        owes: request.owed_by(&call.app.tree(), period.last, &unit),
        unit: unit.clone(),
        period_on: period.last,
        seen: sent.edition,
        unexplained: unexplained(&form, &figures, &known, &Figures::none(&form), &notes),
        figures,
        words: texts,
        known,
        notes,
        reason: sent.reason,
    };
    let id = execute(call.app.db(), &call.actor, call.key()?, command).await?;
    let kept: Submission = call.app.db().read().await?.load(Id::<ids::Submission>::from(id)).await?;
    if (kept.request, &kept.path, kept.period_on) != (request.id, &unit, period.last) {
        return Err(Problem::new(ProblemKind::Conflict, "api.key_of_another"));
    }
    report(call).await
}

async fn endorse(call: Call) -> Result<Answer, Problem> {
    let sent: Endorsed = call.body()?;
    let mut conn = call.app.db().read().await?;
    let (request, unit, period) = addressed(&call, &mut conn).await?;
    drop(conn);
    let command = Endorse {
        id: Id::fresh(),
        request: request.id,
        by: call.path_of(&sent.by)?,
        unit: unit.clone(),
        period_on: period.last,
        edition: sent.edition,
        note: sent.note.filter(|note| !note.trim().is_empty()),
    };
    let id = execute(call.app.db(), &call.actor, call.key()?, command).await?;
    let kept: crate::types::Endorsement = call.app.db().read().await?.load(Id::<ids::Endorsement>::from(id)).await?;
    if (kept.request, &kept.unit, kept.period_on) != (request.id, &unit, period.last) {
        return Err(Problem::new(ProblemKind::Conflict, "api.key_of_another"));
    }
    report(call).await
}

/// What an export asks for: a request, its form, units and days.
async fn exported(call: &Call, conn: &mut Conn) -> Result<(Request, FormSpec, Vec<Path>, Vec<Date>), Problem> {
    let (Some(data_set), Some(unit)) = (call.asked("dataSet"), call.asked("orgUnit")) else {
        return Err(Problem::invalid("reports.dhis2.ask"));
    };
    let all = dhis2::requests_of(conn, &call.actor, data_set).await?;
    if all.is_empty() {
        return Err(Problem::invalid("reports.dhis2.no_data_set").with("code", data_set));
    }
    let part = call.path_of(unit)?;
    let mut wrong = None;
    for request in all {
        match asked_of(call, &call.actor, &request, &part) {
            Ok((units, days)) if !units.is_empty() && !days.is_empty() => {
                let form = store::form(conn, &request.form, Some(request.form_version)).await?;
                return Ok((request, form, units, days));
            }
            Ok((units, days)) => {
                let form = store::form(conn, &request.form, Some(request.form_version)).await?;
                wrong = wrong.or(Some(Ok((request, form, units, days))));
            }
            Err(problem) => wrong = wrong.or(Some(Err(problem))),
        }
    }
    wrong.unwrap_or_else(|| Err(Problem::invalid("reports.dhis2.ask")))
}

/// The units and last days that an export asks of one request.
fn asked_of(call: &Call, actor: &Actor, request: &Request, part: &Path) -> Result<(Vec<Path>, Vec<Date>), Problem> {
    let periods = request.periods();
    let chosen: Vec<Period> = match (call.asked("period"), call.read::<Date>("startDate"), call.read::<Date>("endDate"))
    {
        (Some(name), ..) => {
            let no = || Problem::invalid("reports.dhis2.no_period").with("period", name);
            let day = dhis2::period_day(periods.kind, name).ok_or_else(no)?;
            vec![periods.ending(day).ok_or_else(no)?]
        }
        (None, Some(from), Some(to)) => {
            let within = |period: &Period| from <= period.last && period.last <= to;
            periods.recent(call.app.clock().now(), REPORTS_MAX).into_iter().filter(within).collect()
        }
        _ => return Err(Problem::invalid("reports.dhis2.ask")),
    };
    let children = call.asked("children") == Some("true");
    let mut units: Vec<Path> = Vec::new();
    let mut days = Vec::new();
    for period in &chosen {
        let mut owing = owing(&call.app, actor, request, part, period);
        owing.retain(|unit| children || unit == part);
        units.extend(owing);
        days.push(period.last);
        units.sort();
        units.dedup();
    }
    if units.len().saturating_mul(days.len()) > REPORTS_MAX {
        return Err(Problem::invalid("reports.dhis2.wide").with("max", REPORTS_MAX));
    }
    days.sort_unstable();
    Ok((units, days))
}

async fn set_of(call: &Call) -> Result<ValueSet, Problem> {
    let mut conn = call.app.db().read().await?;
    let (request, form, units, days) = exported(call, &mut conn).await?;
    dhis2::export(&mut conn, &request, &form, &units, &days).await
}

async fn export(call: Call) -> Result<Answer, Problem> {
    Answer::of(&set_of(&call).await?)
}

async fn export_file(call: Call) -> Result<Answer, Problem> {
    let format = call.asked("format").and_then(Format::parse).unwrap_or(Format::Xml);
    let set = set_of(&call).await?;
    let content = String::from_utf8(dhis2::write(format, &set)?).map_err(Problem::internal)?;
    let name = format!("{}.{}", set.data_set.as_deref().unwrap_or("dataValueSet"), format.as_str());
    Answer::of(&SetFile { name, media_type: format.media_type().to_owned(), content })
}

async fn registrations(call: Call) -> Result<Answer, Problem> {
    let mut conn = call.app.db().read().await?;
    let (request, _, units, days) = exported(&call, &mut conn).await?;
    let complete_data_set_registrations = dhis2::registrations(&mut conn, &request, &units, &days).await?;
    Answer::of(&Registrations { complete_data_set_registrations })
}

fn options(call: &Call) -> Options {
    let by_name = |name: &str| {
        call.asked(name).or_else(|| call.asked("idScheme")).is_some_and(|scheme| scheme.eq_ignore_ascii_case("name"))
    };
    Options {
        data_set: call.asked("dataSet").map(str::to_owned),
        dry_run: call.asked("dryRun") == Some("true"),
        strategy: call.asked("importStrategy").and_then(Strategy::parse).unwrap_or_default(),
        reason: call.asked("reason").map(str::to_owned),
        units_by_name: by_name("orgUnitIdScheme"),
        cells_by_name: by_name("dataElementIdScheme"),
        lang: call.lang,
    }
}

async fn import(call: Call) -> Result<Answer, Problem> {
    let set: ValueSet = call.body()?;
    Answer::of(&dhis2::take_in(&call.app, &call.actor, call.key()?, &set, &options(&call)).await?)
}

async fn import_file(call: Call) -> Result<Answer, Problem> {
    let sent: SentSet = call.body()?;
    let format = Format::parse(&sent.format).unwrap_or(Format::Xml);
    let set = dhis2::read(format, sent.content.as_bytes())?;
    Answer::of(&dhis2::take_in(&call.app, &call.actor, call.key()?, &set, &options(&call)).await?)
}
