//! The JSON interface: operations, what is sent to them and what they answer.
//!
//! **Invariant:** an [`Operation`] is at once the check of what is sent, the guard before it and its description in
//! OpenAPI; nothing is written down twice.

use std::{num::NonZeroU32, sync::Arc};

use axum::{
    extract::{FromRequest, FromRequestParts as _, RawPathParams, Request},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value as Json, json};
use uuid::Uuid;
use vx_kernel::{Finding, Id, Path, Problem, ProblemKind, Severity, ids, time::Lang, units::UnitId};

use super::{
    App, Failure,
    form::form_fields,
    page::unit_name,
    shape::{self, CURSOR, Parts, Shape, VERSION, words},
    wish::{preferred, weighed},
};
use crate::{
    auth::{self, Actor, Bearer},
    journal,
    store::Conn,
    view,
};

/// Below this everything speaks JSON.
pub const API: &str = "/api/v1/";
/// Rows of one answer at the most.
pub const LIMIT_MAX: i64 = 200;
/// Rows of one answer when none are asked for.
const LIMIT: i64 = 50;
/// Largest body of an operation that does not say otherwise, in bytes: a reason and a list of units have room.
const BODY_BYTES_MAX: usize = 256 * 1024;
/// Requests that one token may make at once, and then again each second.
const BURST: NonZeroU32 = NonZeroU32::new(200).unwrap();
const PER_SECOND: NonZeroU32 = NonZeroU32::new(50).unwrap();

/// Whether a command takes the version that its caller has seen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Matching {
    /// It makes something new.
    No,
    /// When the caller sends one.
    May,
    /// Always: what is decided was read by a person before.
    Must,
}

/// A value in the address or in a header.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Name.
    pub name: &'static str,
    /// `path`, `query` or `header`.
    pub place: &'static str,
    /// Whether it must be there.
    pub required: bool,
    /// What it looks like.
    pub schema: Json,
    /// What it means.
    pub about: &'static str,
}

/// One thing that programs can ask for.
#[derive(Clone, Debug)]
pub struct Operation {
    /// Name, never reused; its text has the key `api-` and this.
    pub id: &'static str,
    /// `GET` or `POST`.
    pub method: Method,
    /// Address with `{name}` places.
    pub path: &'static str,
    /// The permission it needs.
    pub permission: &'static str,
    /// Values in address and headers.
    pub parameters: Vec<Parameter>,
    /// What is sent.
    pub body: Option<Json>,
    /// What is answered.
    pub answer: Json,
    /// With which status.
    pub status: StatusCode,
    /// Whether the answer is a list that may go on.
    pub paged: bool,
    /// Whether the answer has a version.
    pub versioned: bool,
    /// Whether it takes the version that was seen.
    pub matching: Matching,
    /// Codes of the refusals that its rules know.
    pub codes: &'static [&'static str],
    /// What its answer leads to: operation, its place, where the value stands in the answer.
    pub links: Vec<(&'static str, &'static str, &'static str)>,
    /// Schemas with a name.
    pub parts: Parts,
    /// Largest body.
    pub body_bytes_max: usize,
}

impl Operation {
    fn new(method: Method, path: &'static str, id: &'static str, permission: &'static str) -> Self {
        let mut parts = Parts::new();
        ProblemView::shape(&mut parts);
        let mut operation = Self {
            id,
            method,
            path,
            permission,
            parameters: Vec::new(),
            body: None,
            answer: Json::Null,
            status: StatusCode::OK,
            paged: false,
            versioned: false,
            matching: Matching::No,
            codes: &[],
            links: Vec::new(),
            parts,
            body_bytes_max: BODY_BYTES_MAX,
        };
        for name in path.split('{').skip(1).filter_map(|rest| rest.split('}').next()) {
            let (schema, about) = match name {
                "key" => (json!({"type": "string", "pattern": shape::UNIT_KEY}), "Key of the unit."),
                "code" => (json!({"type": "string", "pattern": CURSOR, "maxLength": 64}), "Code of the form."),
                "on" => (json!({"type": "string", "format": "date"}), "Last day of the period."),
                _ => (json!({"type": "string", "format": "uuid"}), "Id of the record."),
            };
            operation.parameters.push(Parameter { name, place: "path", required: true, schema, about });
        }
        operation
    }

    /// Something to read.
    #[must_use]
    pub fn get(path: &'static str, id: &'static str, permission: &'static str) -> Self {
        Self::new(Method::GET, path, id, permission)
    }

    /// Something to do: a command, done once for each key.
    #[must_use]
    pub fn post<B: Shape>(path: &'static str, id: &'static str, permission: &'static str) -> Self {
        let mut operation = Self::new(Method::POST, path, id, permission);
        operation.body = Some(B::shape(&mut operation.parts));
        operation.parameters.push(Parameter {
            name: "Idempotency-Key",
            place: "header",
            required: true,
            schema: json!({"type": "string", "format": "uuid"}),
            about: "A fresh UUID for each thing to be done. The same key again does nothing again and answers the same.",
        });
        operation
    }

    /// A value of the query.
    #[must_use]
    pub fn asks(mut self, name: &'static str, schema: Json, about: &'static str) -> Self {
        self.parameters.push(Parameter { name, place: "query", required: false, schema, about });
        self
    }

    /// What is answered.
    #[must_use]
    pub fn answers<T: Shape>(mut self) -> Self {
        self.answer = T::shape(&mut self.parts);
        self
    }

    /// A list is answered, page by page.
    #[must_use]
    pub fn answers_page<T: Shape>(mut self, counted: bool) -> Self {
        let items = <Vec<T>>::shape(&mut self.parts);
        let mut fields = json!({
            "items": items,
            "next": {"type": ["string", "null"], "description": "Cursor of the next page; null on the last one."},
        });
        let mut required = vec!["items", "next"];
        if counted {
            required.push("total");
            fields["total"] =
                json!({"type": ["integer", "null"], "description": "How many there are, when `count=true` asked."});
        }
        self.answer = json!({"type": "object", "properties": fields, "required": required});
        self.paged = true;
        if counted {
            self = self.asks("count", json!({"type": "boolean"}), "Whether to count all rows of the list.");
        }
        let limit = json!({"type": "integer", "minimum": 1, "maximum": LIMIT_MAX, "default": LIMIT});
        self.asks("limit", limit, "Rows of this page.").asks(
            "cursor",
            json!({"type": "string", "pattern": CURSOR}),
            "Where the page begins: `next` of the page before.",
        )
    }

    /// The answer is a record with a version, which goes into `ETag`.
    #[must_use]
    pub fn versioned(mut self) -> Self {
        self.versioned = true;
        self
    }

    /// Takes the version that was seen.
    #[must_use]
    pub fn matches(mut self, matching: Matching) -> Self {
        self.matching = matching;
        let about = match matching {
            Matching::Must => "The `ETag` of the record as it was checked; another one by now is 412.",
            _ => "The `ETag` of the record as it was seen; another one by now is 412.",
        };
        let schema = json!({"type": "string", "pattern": VERSION});
        let required = matching == Matching::Must;
        self.parameters.push(Parameter { name: "If-Match", place: "header", required, schema, about });
        self
    }

    /// Answers 201: something new is there.
    #[must_use]
    pub fn creates(mut self) -> Self {
        self.status = StatusCode::CREATED;
        self
    }

    /// Codes of refusals.
    #[must_use]
    pub fn refuses(mut self, codes: &'static [&'static str]) -> Self {
        self.codes = codes;
        self
    }

    /// What the answer leads to.
    #[must_use]
    pub fn leads_to(mut self, operation: &'static str, place: &'static str, value: &'static str) -> Self {
        self.links.push((operation, place, value));
        self
    }

    /// Takes larger bodies than others.
    #[must_use]
    pub fn bytes_max(mut self, bytes: usize) -> Self {
        self.body_bytes_max = bytes;
        self
    }

    fn at(&self, place: &str) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(move |parameter| parameter.place == place)
    }
}

view! {
    /// Why something was not done (RFC 9457).
    pub answer ProblemView as "Problem" {
        /// Kind of problem, a URN made from the code.
        r#type: String,
        /// What happened, in the language of Accept-Language.
        title: String,
        /// What to do now.
        detail: String,
        /// The HTTP status.
        status: i64,
        /// Stable code.
        code: String,
        /// Number under which the server's log knows it.
        reference: String,
        /// What exactly is wrong where; empty unless several values were checked.
        errors: Vec<FaultView>,
    }
}

view! {
    /// One value that does not fit.
    pub answer FaultView as "Fault" {
        /// Where: JSON pointer into `/body`, `/query`, `/path` or `/header`.
        pointer: String,
        /// Stable code.
        code: String,
        /// What is wrong.
        detail: String,
    }
}

view! {
    /// A unit where another record names it.
    pub answer UnitName as "UnitName" {
        /// Key.
        key: String,
        /// Keys from the province down.
        path: String,
        /// Name of the body that acts for it.
        name: String,
    }
}

view! {
    /// Who did what, when, why.
    pub answer Deed as "Deed" {
        /// Its place in the journal.
        id: Uuid,
        /// When.
        at: jiff::Timestamp,
        /// The command.
        verb: String,
        /// Who, by the name of that day; a token is named behind it.
        actor: String,
        /// Whose role was used as deputy.
        on_behalf_of: Option<String>,
        /// In which unit.
        unit: UnitName,
        /// What was given as reason, result or note.
        reason: Option<String>,
    }
}

/// Nothing is sent but the empty object.
#[derive(Clone, Copy, Debug, serde::Deserialize)]
pub struct Nothing {}

impl Shape for Nothing {
    fn shape(_: &mut Parts) -> Json {
        json!({"type": "object", "additionalProperties": false, "description": "The empty object."})
    }
}

/// Who asks, for one request; put there by the guard.
#[derive(Clone)]
pub(super) struct Caller {
    bearer: Bearer,
    lang: Lang,
    url: String,
    operation: Arc<Operation>,
}

/// A request that fits its [`Operation`].
pub struct Call {
    /// The program.
    pub app: App,
    /// The person, narrowed to the token's scope.
    pub actor: Actor,
    /// Language of texts.
    pub lang: Lang,
    url: String,
    values: Vec<(&'static str, String)>,
    body: Json,
    operation: Arc<Operation>,
}

impl Call {
    /// A value of the address or of a header.
    #[must_use]
    pub fn asked(&self, name: &str) -> Option<&str> {
        let found = self.values.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }
    /// All values of a repeated name.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.values.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
    }
    /// A value read as something; what its schema says was checked before.
    #[must_use]
    pub fn read<T: std::str::FromStr>(&self, name: &str) -> Option<T> {
        self.asked(name)?.parse().ok()
    }
    /// The id in the address.
    ///
    /// # Errors
    /// When the address has none, which is our fault.
    pub fn id<K>(&self) -> Result<Id<K>, Problem> {
        self.read("id").ok_or_else(|| Problem::internal(format!("{} has no id", self.operation.path)))
    }
    /// The body.
    ///
    /// # Errors
    /// When it fits its schema and not the type, which is our fault.
    pub fn body<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        serde_json::from_value(whole(self.body.clone())).map_err(Problem::internal)
    }
    /// The key under which the command is done once.
    ///
    /// # Errors
    /// When the operation takes none, which is our fault.
    pub fn key(&self) -> Result<Uuid, Problem> {
        self.read("Idempotency-Key").ok_or_else(|| Problem::internal(format!("{} takes no key", self.operation.id)))
    }
    /// The version that the caller has seen.
    #[must_use]
    pub fn version(&self) -> Option<i64> {
        self.asked("If-Match")?.trim_matches('"').parse().ok()
    }
    /// Rows of the page.
    #[must_use]
    pub fn limit(&self) -> i64 {
        self.read("limit").unwrap_or(LIMIT)
    }
    /// Whether the rows are to be counted.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.asked("count") == Some("true")
    }
    /// Where the page begins, read back by `read` from the text that [`Answer::page`] was given.
    ///
    /// # Errors
    /// `api.cursor` when it was not made by us.
    pub fn after<T>(&self, read: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, Problem> {
        let Some(cursor) = self.asked("cursor") else { return Ok(None) };
        let text = decode_cursor(cursor).ok_or_else(|| Problem::invalid("api.cursor"))?;
        read(&text).map(Some).ok_or_else(|| Problem::invalid("api.cursor"))
    }
    /// Today in Việt Nam, by the program's clock.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        vx_kernel::time::day_of(self.app.clock().now())
    }
    /// A unit as other records name it.
    #[must_use]
    pub fn unit(&self, path: &Path) -> UnitName {
        let name = unit_name(&self.app, self.lang, path);
        UnitName { key: path.unit().to_owned(), path: path.as_str().to_owned(), name }
    }
    /// The path of a unit that a body names by its key.
    ///
    /// # Errors
    /// `api.unit_unknown`.
    pub fn path_of(&self, key: &str) -> Result<Path, Problem> {
        let tree = self.app.tree();
        let found = tree.get(key).map(|unit| unit.path.clone());
        found.ok_or_else(|| Problem::invalid("api.unit_unknown").with("key", UnitId::from(key)))
    }
    /// The entry of a journal as the interface shows it.
    #[must_use]
    pub fn deed(&self, entry: journal::Entry) -> Deed {
        Deed {
            id: entry.id,
            at: entry.at,
            verb: entry.verb,
            actor: entry.actor_name,
            on_behalf_of: entry.on_behalf_of,
            unit: self.unit(&entry.path),
            reason: entry.reason,
        }
    }
    /// A page of the history of a record, newest first. The caller has checked that the reader may see the record.
    ///
    /// # Errors
    /// When the cursor was made up, or the database is away.
    pub async fn history(&self, conn: &mut Conn, about: Uuid) -> Result<Answer, Problem> {
        let before = self.after(|text| text.parse::<Uuid>().ok())?;
        let mut entries = journal::history(conn, about, before).await?;
        // The journal hands out as many as one page may have; whether there are more only the next reading tells.
        let full = i64::try_from(entries.len()) == Ok(self.limit());
        if let Some(last) = entries.last().filter(|_| full).map(|last| last.id) {
            entries.extend(journal::history(conn, about, Some(last)).await?);
        }
        Answer::page(self, entries, None, |entry| entry.id.to_string(), |entry| self.deed(entry.clone()))
    }
}

/// What is answered.
#[derive(Debug)]
pub struct Answer {
    body: Json,
    version: Option<i64>,
    next: Option<String>,
}

impl Answer {
    /// A value.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which is our fault.
    pub fn of<T: Serialize>(value: &T) -> Result<Self, Problem> {
        Ok(Self { body: serde_json::to_value(value).map_err(Problem::internal)?, version: None, next: None })
    }
    /// With the version of the record.
    #[must_use]
    pub fn at_version(mut self, version: i64) -> Self {
        self.version = Some(version);
        self
    }
    /// A page of a list: `rows` may hold one more than asked for, which says that there is a next page. `place` says
    /// where the page after a row begins.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which is our fault.
    pub fn page<R, T: Serialize>(
        call: &Call,
        mut rows: Vec<R>,
        total: Option<i64>,
        place: impl FnOnce(&R) -> String,
        show: impl FnMut(&R) -> T,
    ) -> Result<Self, Problem> {
        let limit = usize::try_from(call.limit()).unwrap_or(usize::MAX);
        let more = rows.len() > limit;
        rows.truncate(limit);
        let next = rows.last().filter(|_| more).map(|last| encode_cursor(&place(last)));
        let items: Vec<T> = rows.iter().map(show).collect();
        let mut body = json!({"items": items, "next": next});
        if call.operation.at("query").any(|parameter| parameter.name == "count") {
            body["total"] = json!(total);
        }
        Ok(Self { body, version: None, next })
    }

    fn response(self, call: &CallMark) -> Response {
        let mut response = (
            call.operation.status,
            [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))],
            self.body.to_string(),
        )
            .into_response();
        let headers = response.headers_mut();
        if let Some(tag) = self.version.and_then(|version| HeaderValue::from_str(&format!("\"{version}\"")).ok()) {
            headers.insert(header::ETAG, tag);
        }
        if let Some(next) = self.next {
            let (path, query) = call.url.split_once('?').unwrap_or((&call.url, ""));
            let others: Vec<&str> =
                query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor=")).collect();
            let query = others.into_iter().map(|pair| format!("{pair}&")).collect::<String>();
            if let Ok(link) = HeaderValue::from_str(&format!("<{path}?{query}cursor={next}>; rel=\"next\"")) {
                headers.insert(header::LINK, link);
            }
        }
        response
    }
}

/// A cursor tells its reader nothing: hexadecimal of whatever the list continues from.
fn encode_cursor(text: &str) -> String {
    crate::store::migrate::hex(text.as_bytes())
}

fn decode_cursor(cursor: &str) -> Option<String> {
    String::from_utf8(crate::store::migrate::unhex(cursor)?).ok().filter(|text| !text.contains('\0'))
}

/// Writes whole numbers as such: `183.0` is an integer to JSON Schema, and none to serde.
fn whole(value: Json) -> Json {
    match value {
        Json::Number(number) if number.is_f64() => {
            let plain = number.as_f64().filter(|number| number.fract() == 0.0);
            let plain = plain.and_then(|number| format!("{number:.0}").parse::<i64>().ok());
            plain.map_or(Json::Number(number), Json::from)
        }
        Json::Array(items) => items.into_iter().map(whole).collect(),
        Json::Object(fields) => Json::Object(fields.into_iter().map(|(name, value)| (name, whole(value))).collect()),
        other => other,
    }
}

/// What of a call the answer needs after the call was used up.
struct CallMark {
    url: String,
    operation: Arc<Operation>,
}

/// Runs an operation on a call and makes its answer.
pub(super) async fn answer<F: Future<Output = Result<Answer, Problem>>>(
    call: Call,
    run: impl FnOnce(Call) -> F,
) -> Response {
    let mark = CallMark { url: call.url.clone(), operation: call.operation.clone() };
    let matched = call.version().is_some();
    match run(call).await {
        Ok(answer) => answer.response(&mark),
        // Who said which version was meant is told that the condition failed.
        Err(problem) if matched && problem.code == "store.changed_meanwhile" => {
            Failure(Problem::new(ProblemKind::Conflict, "api.version")).into_response()
        }
        Err(problem) => Failure(problem).into_response(),
    }
}

fn invalid(findings: Vec<Finding>) -> Failure {
    Failure(Problem::invalid("api.invalid").found(findings))
}

fn finding(code: &str, place: String) -> Finding {
    Finding { code: code.to_owned(), severity: Severity::Error, place, detail: String::new() }
}

/// A value of an address as the type that its schema names.
fn as_json(schema: &Json, text: &str) -> Json {
    let plain = |text: &str| text == "0" || !text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit());
    match schema.get("type").and_then(Json::as_str) {
        Some("integer") if !text.is_empty() && plain(text) => {
            text.parse::<i64>().map_or_else(|_| json!(text), |number| json!(number))
        }
        Some("boolean") if matches!(text, "true" | "false") => json!(text == "true"),
        _ => json!(text),
    }
}

/// Checks the values of one place against the parameters, and adds them.
fn take(
    operation: &Operation,
    place: &str,
    sent: &[(String, String)],
    values: &mut Vec<(&'static str, String)>,
    faults: &mut Vec<Finding>,
) {
    for parameter in operation.at(place) {
        let at = format!("/{place}/{}", parameter.name);
        let of: Vec<&String> =
            sent.iter().filter(|(name, _)| name.eq_ignore_ascii_case(parameter.name)).map(|(_, value)| value).collect();
        let value = match (parameter.schema.get("items"), of.as_slice()) {
            (_, []) => {
                // A missing version is 428, which says more than that a header is missing.
                if parameter.required && parameter.name != "If-Match" {
                    faults.push(finding("missing", at));
                }
                continue;
            }
            (Some(items), all) => Json::Array(all.iter().map(|text| as_json(items, text)).collect()),
            (None, [only]) => as_json(&parameter.schema, only),
            (None, _) => {
                faults.push(finding("twice", at));
                continue;
            }
        };
        shape::check(&parameter.schema, &operation.parts, &value, &at, faults);
        values.extend(of.into_iter().map(|text| (parameter.name, text.clone())));
    }
}

impl FromRequest<App> for Call {
    type Rejection = Failure;
    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let (mut parts, body) = request.into_parts();
        let Some(Caller { bearer, lang, url, operation }) = parts.extensions.get::<Caller>().cloned() else {
            return Err(Failure(Problem::internal("operation without guard")));
        };
        let mut values = Vec::new();
        let mut faults = Vec::new();
        let places = RawPathParams::from_request_parts(&mut parts, app).await;
        let places = places.map_err(|_| Failure(Problem::not_found()))?;
        let places: Vec<(String, String)> =
            places.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        take(&operation, "path", &places, &mut values, &mut faults);
        let query = form_fields(parts.uri.query().unwrap_or_default().as_bytes());
        take(&operation, "query", &query, &mut values, &mut faults);
        for (name, _) in &query {
            if !operation.at("query").any(|parameter| parameter.name == name) {
                faults.push(finding("unknown", format!("/query/{name}")));
            }
        }
        let headers: Vec<(String, String)> = parts
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            // A header without a value says as much as none.
            .filter(|(_, value)| !value.is_empty())
            .collect();
        take(&operation, "header", &headers, &mut values, &mut faults);
        let body = match &operation.body {
            None => Json::Null,
            Some(schema) => {
                if !is_json(&parts.headers) {
                    return Err(Failure(Problem::invalid("api.media_type")));
                }
                let bytes = axum::body::to_bytes(body, operation.body_bytes_max).await.map_err(|_| {
                    let kilobytes = operation.body_bytes_max / 1024;
                    Failure(Problem::new(ProblemKind::TooLarge, "api.too_large").with("kilobytes", kilobytes))
                })?;
                match serde_json::from_slice(&bytes) {
                    Ok(body) => {
                        shape::check(schema, &operation.parts, &body, "/body", &mut faults);
                        body
                    }
                    Err(_) => {
                        faults.push(finding("json", "/body".to_owned()));
                        Json::Null
                    }
                }
            }
        };
        if !faults.is_empty() {
            return Err(invalid(faults));
        }
        if operation.matching == Matching::Must && !values.iter().any(|(name, _)| *name == "If-Match") {
            return Err(Failure(Problem::invalid("api.version_missing")));
        }
        Ok(Self { app: app.clone(), actor: bearer.actor, lang, url, values, body, operation })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// Whether the caller takes JSON. Saying nothing means anything.
fn takes_json(headers: &HeaderMap) -> bool {
    const KINDS: [&str; 5] = ["application/json", "application/problem+json", "application/*", "*/*", ""];
    !headers.contains_key(header::ACCEPT)
        || weighed(headers, header::ACCEPT).iter().any(|(kind, weight)| KINDS.contains(&kind.as_str()) && *weight > 0.0)
}

/// The language that a caller asks for, of the two there are.
pub(super) fn lang_of(headers: &HeaderMap) -> Lang {
    preferred(headers, &Lang::OFFICE).unwrap_or_default()
}

/// How often one token may ask, and how often secrets that nobody holds are looked up.
pub(super) struct Pace {
    tokens: DefaultKeyedRateLimiter<Uuid>,
    strangers: DefaultDirectRateLimiter,
}

impl Pace {
    pub(super) fn new() -> Self {
        let quota = Quota::per_second(PER_SECOND).allow_burst(BURST);
        Self { tokens: RateLimiter::keyed(quota), strangers: RateLimiter::direct(quota) }
    }
}

/// Who asks, when they may ask this.
pub(super) async fn admit(
    app: &App,
    pace: &Pace,
    headers: &HeaderMap,
    url: &str,
    operation: &Arc<Operation>,
) -> Result<Caller, Problem> {
    let too_many = || Problem::new(ProblemKind::TooMany, "api.too_many");
    let stranger = |code: &'static str| match pace.strangers.check() {
        Ok(()) => Problem::new(ProblemKind::Unauthenticated, code),
        Err(_) => too_many(),
    };
    let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let secret = said.split_once(' ').filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let Some((_, secret)) = secret else { return Err(stranger("api.token_missing")) };
    let found: Option<Bearer> = auth::bearer(app.db(), app.rights(), secret.trim(), app.clock().now()).await?;
    let Some(bearer) = found else { return Err(stranger("api.token_unknown")) };
    if pace.tokens.check_key(&Id::<ids::Token>::uuid(bearer.token)).is_err() {
        return Err(too_many());
    }
    if !takes_json(headers) {
        return Err(Problem::invalid("api.not_acceptable"));
    }
    let permission = operation.permission;
    let named = format!("@did-{}", permission.replace('.', "-"));
    if !bearer.allows(permission) {
        let named = if permission.ends_with(".read") { permission.to_owned() } else { named };
        return Err(Problem::new(ProblemKind::Forbidden, "api.scope").with("permission", named));
    }
    if !bearer.actor.may_anywhere(permission) {
        return Err(Problem::new(ProblemKind::Forbidden, "forbidden").with("permission", named));
    }
    Ok(Caller { bearer, lang: lang_of(headers), url: url.to_owned(), operation: operation.clone() })
}

/// Bytes as JSON holds them: base64 (RFC 4648).
#[must_use]
pub fn to_base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Bytes that were sent in JSON.
///
/// # Errors
/// `api.base64`.
pub fn from_base64(text: &str) -> Result<Vec<u8>, Problem> {
    STANDARD.decode(text.trim()).map_err(|error| Problem::invalid("api.base64").because(error))
}

/// The schema of a list of words that a query may repeat.
#[must_use]
pub fn several(all: impl IntoIterator<Item = &'static str>) -> Json {
    json!({"type": "array", "items": words(all)})
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_whole_number_is_an_integer_however_it_is_written() {
        let sent = json!({"n": 183.0, "of": "183.0", "all": [-2.0, 1.5, 1e300, 7]});
        assert_eq!(whole(sent), json!({"n": 183, "of": "183.0", "all": [-2, 1.5, 1e300, 7]}));
    }

    #[test]
    fn the_language_follows_the_callers_wish() {
        for (said, expected) in [
            ("", Lang::Vi),
            ("fr", Lang::Vi),
            ("en", Lang::En),
            ("en-GB, vi;q=0.9", Lang::En),
            ("en;q=0.5, vi-VN", Lang::Vi),
            ("en;q=0, *", Lang::Vi),
        ] {
            assert_eq!(lang_of(&headers(header::ACCEPT_LANGUAGE, said)), expected, "{said}");
        }
    }

    #[test]
    fn who_takes_no_json_is_told_so() {
        for (said, expected) in [
            ("application/json", true),
            ("text/html, */*;q=0.1", true),
            ("application/problem+json", true),
            ("text/html", false),
            ("application/json;q=0", false),
        ] {
            assert_eq!(takes_json(&headers(header::ACCEPT, said)), expected, "{said}");
        }
        assert!(takes_json(&HeaderMap::new()));
    }

    #[test]
    fn cursors_come_back_as_they_went() {
        for text in ["1631268000000000_0191", "94/941/", "Đ"] {
            assert_eq!(decode_cursor(&encode_cursor(text)).as_deref(), Some(text));
        }
        for wrong in ["abc", "zz", "ff", "00"] {
            assert_eq!(decode_cursor(wrong), None, "{wrong}");
        }
    }
}
