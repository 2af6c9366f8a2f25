#![doc = include_str!("../README.md")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says why")]

pub mod process;

use std::path::{Path as FilePath, PathBuf};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, Response, StatusCode, header},
};
use tower::ServiceExt as _;
use vx_kernel::time;
use vx_platform::{
    Clock, auth, params,
    store::{Sql, StoreOptions, Uuid, dialect},
    web::{App, router},
};

/// Where the data of one test lie; gone with it.
pub struct Place {
    /// Folder of the files and of SQLite.
    pub folder: tempfile::TempDir,
    /// How to open it.
    pub options: StoreOptions,
}

impl Place {
    /// A fresh folder with SQLite.
    ///
    /// # Panics
    /// When no folder can be made.
    #[must_use]
    pub fn sqlite() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let options = StoreOptions::in_folder(folder.path(), "soc-trang");
        Self { folder, options }
    }

    /// A fresh database on the server that `VX_TEST_POSTGRES` names; `None`, saying so, where it names none.
    ///
    /// # Panics
    /// When the server refuses.
    pub async fn postgres() -> Option<Self> {
        let Ok(server) = std::env::var("VX_TEST_POSTGRES") else {
            println!("skipped on PostgreSQL: VX_TEST_POSTGRES names no server; `cargo xtask test` starts one");
            return None;
        };
        let name = format!("vx_{}", Uuid::now_v7().simple());
        let url = dialect::create_database(&server, &name).await.expect("the server makes a database");
        let place = Self::sqlite();
        Some(Self { options: StoreOptions { url, tenant: "soc-trang".to_owned() }, ..place })
    }

    /// Every engine there is to test on: SQLite always, PostgreSQL where there is a server.
    pub async fn all() -> Vec<Self> {
        let mut all = vec![Self::sqlite()];
        all.extend(Self::postgres().await);
        all
    }
}

/// Runs a benchmark on every engine there is to measure on, one after the other.
///
/// # Panics
/// When it says of an engine that a limit was passed, once all were measured.
pub fn bench(measure: impl AsyncFn(&Place) -> bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime starts");
    let sound = runtime.block_on(async {
        let mut sound = true;
        for place in Place::all().await {
            sound &= measure(&place).await;
        }
        sound
    });
    assert!(sound, "a limit was passed");
}

/// Sets a clock to a day and hour in Việt Nam: `2021-09-13T17:00`.
///
/// # Panics
/// When `at` is none.
pub fn set_clock(clock: &Clock, at: &str) {
    clock.set(time::instant(at.parse().expect("a day and an hour")).expect("a moment"));
}

/// What a query counts that names the tenant as `$1`.
///
/// # Panics
/// When the database refuses it.
pub async fn count(app: &App, sql: &'static str) -> i64 {
    let mut conn = app.db().read().await.expect("the database is there");
    conn.count(Sql::with(sql, params![conn.tenant()])).await.expect("a count")
}

/// What came back.
#[derive(Debug)]
pub struct Page {
    /// Status.
    pub status: StatusCode,
    /// Where it leads on.
    pub location: Option<String>,
    /// Text of the body.
    pub body: String,
}

impl Page {
    /// Asserts the status, showing the body when it is another.
    ///
    /// # Panics
    /// When the status is another.
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "→ {:?}\n{}", self.location, self.words());
        self
    }

    /// Where it leads on, without the query.
    ///
    /// # Panics
    /// When it leads nowhere.
    #[must_use]
    pub fn address(&self) -> String {
        let Some(location) = self.location.as_deref() else { panic!("leads nowhere: {}", self.words()) };
        location.split('?').next().unwrap_or_default().to_owned()
    }

    /// The words of the page without its tags, for messages and for looking.
    #[must_use]
    pub fn words(&self) -> String {
        let mut out = String::new();
        let mut in_tag = false;
        for c in self.body.chars() {
            match c {
                '<' => in_tag = true,
                '>' => {
                    in_tag = false;
                    out.push(' ');
                }
                _ if !in_tag => out.push(c),
                _ => {}
            }
        }
        out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// The value of the first hidden field of this name.
    #[must_use]
    pub fn hidden(&self, name: &str) -> Option<&str> {
        let after = self.body.split(&format!("name=\"{name}\" value=\"")).nth(1)?;
        after.split('"').next()
    }

    /// The addresses of the links that begin so, in order, each once.
    #[must_use]
    pub fn links(&self, begin: &str) -> Vec<String> {
        let mut links: Vec<String> = Vec::new();
        for piece in self.body.split("href=\"").skip(1) {
            let link = piece.split('"').next().unwrap_or_default().replace("&amp;", "&");
            if link.starts_with(begin) && !links.contains(&link) {
                links.push(link);
            }
        }
        links
    }
}

/// A browser without a screen.
pub struct Client {
    site: Router,
    token: Option<String>,
    csrf: String,
}

/// What a program got back from the JSON interface.
#[derive(Debug)]
pub struct Reply {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: axum::http::HeaderMap,
    /// The body; null when it is no JSON.
    pub body: serde_json::Value,
}

impl Reply {
    /// Asserts the status, showing the body when it is another. Every refusal must be a problem that says so.
    ///
    /// # Panics
    /// When the status is another, or a refusal has no code.
    #[must_use]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{:?}\n{:#}", self.headers, self.body);
        if status >= 400 {
            assert_eq!(self.header("content-type"), "application/problem+json");
            assert_eq!(self.body["status"], status);
            assert!(self.body["code"].is_string(), "{:#}", self.body);
        }
        self
    }
    /// A header, empty when it is not there.
    #[must_use]
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
    /// A text of the body by its JSON pointer.
    ///
    /// # Panics
    /// When there is none.
    #[must_use]
    pub fn text(&self, pointer: &str) -> &str {
        let found = self.body.pointer(pointer).and_then(serde_json::Value::as_str);
        found.unwrap_or_else(|| panic!("no text at {pointer}: {:#}", self.body))
    }
}

/// A program that speaks through the JSON interface.
pub struct Program {
    site: Router,
    token: String,
}

impl Program {
    /// A program with a token.
    #[must_use]
    pub fn with_token(app: &App, token: &str) -> Self {
        Self { site: router(app.clone()), token: token.to_owned() }
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "").await
    }

    /// Does something, with a key and, where given, the version that was seen.
    pub async fn post(&self, path: &str, key: Uuid, tag: Option<&str>, body: serde_json::Value) -> Reply {
        let key = key.to_string();
        let mut headers = vec![("idempotency-key", key.as_str()), ("content-type", "application/json")];
        headers.extend(tag.map(|tag| ("if-match", tag)));
        self.send("POST", path, &headers, &body.to_string()).await
    }

    /// Sends exactly this, and the token.
    ///
    /// # Panics
    /// When it is no request.
    pub async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Reply {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).expect("a path is an address");
        let response: Response<Body> = self.site.clone().oneshot(request).await.expect("the router answers");
        let (status, headers) = (response.status(), response.headers().clone());
        let body = to_bytes(response.into_body(), 64 << 20).await.expect("the body arrives");
        Reply { status, headers, body: serde_json::from_slice(&body).unwrap_or_default() }
    }
}

/// A file to send: field, name, content.
pub type Sent<'a> = (&'a str, &'a str, &'a [u8]);

impl Client {
    /// Nobody signed in.
    #[must_use]
    pub fn stranger(app: &App) -> Self {
        Self { site: router(app.clone()), token: None, csrf: String::new() }
    }

    /// Somebody signed in.
    ///
    /// # Panics
    /// When the name or the password is wrong.
    pub async fn sign_in(app: &App, login: &str, password: &str) -> Self {
        let signed = auth::sign_in(app.db(), login, password.to_owned(), "test").await;
        let token = signed.unwrap_or_else(|problem| panic!("{login} cannot sign in: {}", problem.chain())).token;
        let found = auth::lookup(app.db(), app.rights(), &token, app.clock().now()).await;
        let csrf = found.ok().flatten().unwrap_or_else(|| panic!("{login} has no session")).csrf;
        Self { site: router(app.clone()), token: Some(token), csrf }
    }

    async fn send(&self, request: Request<Body>) -> Page {
        let (status, location, body) = self.answer(request).await;
        Page { status, location, body: String::from_utf8_lossy(&body).into_owned() }
    }

    async fn answer(&self, mut request: Request<Body>) -> (StatusCode, Option<String>, Vec<u8>) {
        if let Some(token) = &self.token {
            let cookie = format!("vx_session={token}").parse().expect("a token is a header value");
            request.headers_mut().insert(header::COOKIE, cookie);
        }
        let response: Response<Body> = self.site.clone().oneshot(request).await.expect("the router answers");
        let location =
            response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let status = response.status();
        let body = to_bytes(response.into_body(), 64 << 20).await.expect("the body arrives");
        (status, location, body.to_vec())
    }

    /// Asks for a file.
    ///
    /// # Panics
    /// When there is none.
    pub async fn get_bytes(&self, path: &str) -> Vec<u8> {
        let (status, _, body) =
            self.answer(Request::get(path).body(Body::empty()).expect("a path is an address")).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        body
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Page {
        self.send(Request::get(path).body(Body::empty()).expect("a path is an address")).await
    }

    /// Sends a form with the session's token and a fresh key.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.post_keyed(path, Uuid::now_v7(), fields, &[]).await
    }

    /// Sends a form with a key of one's own, and files.
    pub async fn post_keyed(&self, path: &str, key: Uuid, fields: &[(&str, &str)], files: &[Sent<'_>]) -> Page {
        let key = key.to_string();
        let mut all = vec![("_csrf", self.csrf.as_str()), ("_key", key.as_str())];
        all.extend_from_slice(fields);
        self.post_bare(path, &all, files).await
    }

    /// Sends exactly these fields and files: no token, no key.
    pub async fn post_bare(&self, path: &str, fields: &[(&str, &str)], files: &[Sent<'_>]) -> Page {
        const EDGE: &str = "edge-of-a-part-7d1f";
        let mut body: Vec<u8> = Vec::new();
        for (name, value) in fields {
            body.extend(
                format!("--{EDGE}\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        for (name, file, content) in files {
            let head =
                format!("--{EDGE}\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"{file}\"\r\n\r\n");
            body.extend(head.bytes());
            body.extend_from_slice(content);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{EDGE}--\r\n").bytes());
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={EDGE}"))
            .body(Body::from(body));
        self.send(request.expect("a path is an address")).await
    }
}

/// Compares with a golden file below the folder of the calling crate's tests; writes it when `VX_BLESS` is set.
///
/// # Panics
/// When they differ.
pub fn golden(crate_folder: &str, name: &str, got: &str) {
    let file: PathBuf = FilePath::new(crate_folder).join("tests/golden").join(name);
    if std::env::var_os("VX_BLESS").is_some() {
        std::fs::create_dir_all(file.parent().expect("a golden file lies in a folder"))
            .expect("the folder can be made");
        std::fs::write(&file, got).expect("the golden file can be written");
        return;
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(expected == got, "{} differs; `cargo xtask bless` rewrites it.\n--- got ---\n{got}", file.display());
}

/// The real dispatches that some tests read, where they lie beside the checkout; `None`, saying so, where not.
#[must_use]
pub fn real_dispatches(crate_folder: &str) -> Option<Vec<(String, Vec<u8>)>> {
    let folder = FilePath::new(crate_folder).join("../../../shared/seeds");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: the five dispatches do not lie beside this checkout");
        return None;
    };
    let mut files: Vec<(String, Vec<u8>)> = entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_string_lossy().into_owned(), std::fs::read(entry.path()).ok()?)))
        .collect();
    files.sort();
    Some(files)
}
