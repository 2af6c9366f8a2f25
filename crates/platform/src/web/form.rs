//! What a browser sends: fields and files, checked against forgery before anything reads them.

use axum::{
    extract::{FromRequest, Multipart, Request},
    http::{HeaderMap, Method, header},
};
use uuid::Uuid;
use vx_kernel::{Problem, ProblemKind};

use super::{App, Failure, Visit};

/// Largest file taken at all, in bytes: 64 MiB. What is done with it may have a smaller limit.
pub const FILE_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Files taken at a time: a folder of a year's dispatches. What is done with them may have a smaller limit.
pub const FILES_MAX: usize = 1_000;
/// Largest text field, in bytes.
const FIELD_BYTES_MAX: usize = 2 * 1024 * 1024;
/// The field by which the button of a banner says that it takes the last action back.
pub(super) const UNDO: &str = "_undo";
/// Fields in one form.
const FIELDS_MAX: usize = 5_000;

/// A file that was sent.
#[derive(Clone, Debug)]
pub struct Upload {
    /// Name on the sender's machine, without folders.
    pub name: String,
    /// Content, or how many bytes it had when that was more than [`FILE_BYTES_MAX`].
    pub content: Result<Vec<u8>, usize>,
}

/// The fields of a form whose token was checked.
#[derive(Clone, Debug, Default)]
pub struct Form {
    fields: Vec<(String, String)>,
    /// The files.
    pub files: Vec<Upload>,
}

impl Form {
    /// The trimmed text of a field, `""` when absent.
    #[must_use]
    pub fn text(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.trim())
    }
    /// The trimmed text of a field that was filled in.
    #[must_use]
    pub fn filled(&self, name: &str) -> Option<&str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }
    /// All values of a repeated field, in order, untrimmed.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }
    /// Every field, in order.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
    /// A field read as something.
    ///
    /// # Errors
    /// `web.field` naming the field, when it is absent or does not read.
    pub fn read<T: std::str::FromStr>(&self, name: &'static str) -> Result<T, Problem> {
        let text = self.text(name);
        text.parse().map_err(|_| unread(name, text))
    }
    /// A field read as something, when it was filled in.
    ///
    /// # Errors
    /// `web.field` naming the field, when it does not read.
    pub fn read_filled<T: std::str::FromStr>(&self, name: &'static str) -> Result<Option<T>, Problem> {
        if self.filled(name).is_none() { Ok(None) } else { self.read(name).map(Some) }
    }
    /// Whether the button beside "done" sent this: who takes back what they just did is asked for no reason.
    #[must_use]
    pub fn undoes(&self) -> bool {
        self.filled(UNDO).is_some()
    }
    /// The reason that was given, or `undone` when the action is taken back at once.
    #[must_use]
    pub fn reason_or<'a>(&'a self, undone: &'a str) -> &'a str {
        if self.undoes() && self.filled("reason").is_none() { undone } else { self.text("reason") }
    }
    /// A whole number as people write it: `1.000` and `1 000` are a thousand.
    ///
    /// # Errors
    /// `web.field` naming the field, when it is absent or does not read.
    pub fn count(&self, name: &'static str) -> Result<i64, Problem> {
        whole_number(self.text(name)).ok_or_else(|| unread(name, self.text(name)))
    }
    /// The idempotency key that the page put into the form: sending it twice does the thing once.
    ///
    /// # Errors
    /// `web.field` when the page carried none.
    pub fn key(&self) -> Result<Uuid, Problem> {
        self.read("_key")
    }
}

impl FromRequest<App> for Form {
    type Rejection = Failure;
    async fn from_request(request: Request, app: &App) -> Result<Self, Failure> {
        let visit = request.extensions().get::<Visit>().cloned();
        let headers = request.headers().clone();
        let action = request.uri().path().to_owned();
        let mut form =
            if is_multipart(&headers) { read_parts(request, app).await? } else { read_urlencoded(request).await? };
        check_origin(&headers)?;
        // Before sign-in there is no session to protect; the origin check stands alone.
        if let Some(signed) = visit.as_ref().and_then(|visit| visit.signed.as_ref())
            && form.text("_csrf") != signed.csrf
        {
            return Err(forged());
        }
        // Only the button that this session was offered for this action takes it back without a reason.
        let offered = visit.and_then(|visit| visit.undo_mark(&action));
        form.fields.retain(|(name, value)| name != UNDO || offered.as_ref() == Some(value));
        Ok(form)
    }
}

/// What does not read, by the name that the page gives the field.
fn unread(name: &str, text: &str) -> Problem {
    Problem::invalid("web.field").with("field", format!("@field-{name}")).with("value", text)
}

/// A whole number with or without marks between thousands.
#[must_use]
fn whole_number(text: &str) -> Option<i64> {
    let grouped = |mark: char| {
        let mut groups = text.split(mark);
        let first = groups.next().is_some_and(|group| (1..=3).contains(&group.trim_start_matches('-').len()));
        first && groups.all(|group| group.len() == 3)
    };
    let mark = ['.', ' ', '\u{a0}'].into_iter().find(|mark| text.contains(*mark));
    match mark {
        None => text.parse().ok(),
        Some(mark) if grouped(mark) => text.replace(mark, "").parse().ok(),
        Some(_) => None,
    }
}

fn forged() -> Failure {
    Failure(Problem::new(ProblemKind::Forbidden, "web.forged"))
}

fn is_multipart(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"multipart/form-data"))
}

/// Browsers say where a form came from; a form of another site is refused.
fn check_origin(headers: &HeaderMap) -> Result<(), Failure> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return if matches!(site, "same-origin" | "none") { Ok(()) } else { Err(forged()) };
    }
    match (text("origin"), text("host")) {
        (Some(origin), Some(host)) if origin.split_once("://").is_none_or(|(_, at)| at != host) => Err(forged()),
        _ => Ok(()),
    }
}

async fn read_urlencoded(request: Request) -> Result<Form, Failure> {
    debug_assert_eq!(request.method(), Method::POST);
    let fields = axum::extract::RawForm::from_request(request, &())
        .await
        .map_err(|error| Failure(Problem::invalid("web.unreadable").because(error)))?;
    let fields: Vec<(String, String)> = form_fields(&fields.0);
    if fields.len() > FIELDS_MAX {
        return Err(Failure(Problem::new(ProblemKind::TooLarge, "web.too_many_fields").with("max", FIELDS_MAX)));
    }
    Ok(Form { fields, files: Vec::new() })
}

pub(super) fn form_fields(body: &[u8]) -> Vec<(String, String)> {
    let uri: Result<axum::http::Uri, _> = format!("/?{}", String::from_utf8_lossy(body)).parse();
    uri.ok()
        .and_then(|uri| axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).ok())
        .map_or_else(Vec::new, |fields| fields.0)
}

async fn read_parts(request: Request, app: &App) -> Result<Form, Failure> {
    let unreadable = |error: axum::extract::multipart::MultipartError| {
        Failure(if error.status() == axum::http::StatusCode::PAYLOAD_TOO_LARGE {
            Problem::new(ProblemKind::TooLarge, "web.too_large")
        } else {
            Problem::invalid("web.unreadable").because(error)
        })
    };
    let mut parts = Multipart::from_request(request, app)
        .await
        .map_err(|error| Failure(Problem::invalid("web.unreadable").because(error)))?;
    let mut form = Form::default();
    while let Some(mut part) = parts.next_field().await.map_err(unreadable)? {
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().map(|name| name.rsplit(['/', '\\']).next().unwrap_or_default().to_owned());
        let most = if file.is_some() { FILE_BYTES_MAX } else { FIELD_BYTES_MAX };
        let (mut content, mut seen) = (Vec::new(), 0_usize);
        // A file that is too large is read to its end and dropped: a browser that is cut off shows its own error page,
        // not ours, and the good files beside it would be lost.
        while let Some(chunk) = part.chunk().await.map_err(unreadable)? {
            seen += chunk.len();
            if seen <= most {
                content.extend_from_slice(&chunk);
            } else {
                content = Vec::new();
            }
        }
        match file {
            // An empty file field is sent with an empty name.
            Some(file) if file.is_empty() => {}
            Some(name) => {
                if form.files.len() >= FILES_MAX {
                    return Err(Failure(
                        Problem::new(ProblemKind::TooLarge, "web.too_many_files").with("max", FILES_MAX),
                    ));
                }
                form.files.push(Upload { name, content: if seen <= most { Ok(content) } else { Err(seen) } });
            }
            None if seen > most || form.fields.len() >= FIELDS_MAX => {
                return Err(Failure(
                    Problem::new(ProblemKind::TooLarge, "web.too_many_fields").with("max", FIELDS_MAX),
                ));
            }
            None => form.fields.push((name, String::from_utf8_lossy(&content).into_owned())),
        }
    }
    Ok(form)
}

#[cfg(test)]
mod tests {
    use super::whole_number;

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, expected) in [
            ("12", Some(12)),
            ("1.000", Some(1000)),
            ("1 419", Some(1419)),
            ("-1.000.000", Some(-1_000_000)),
            ("1.5", None),
            ("12.34", None),
            ("1000.000", None),
            ("1,000", None),
            ("", None),
            ("ba", None),
        ] {
            assert_eq!(whole_number(text), expected, "{text}");
        }
    }
}
