//! The built program as a process of its own, and people who call it over the network.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use vx_platform::store::Uuid;

use crate::Place;

/// A process that serves; killed with the value.
pub struct Served {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// Where it answers about itself.
    pub observed: SocketAddr,
    /// Where its log goes.
    pub log: std::path::PathBuf,
}

impl Served {
    /// Starts `serve` of a built binary on the data of a place, on free ports, and waits until it listens.
    ///
    /// # Panics
    /// When it does not come up.
    #[must_use]
    pub fn start(binary: &str, place: &Place, more: &[&str]) -> Self {
        let log = place.folder.path().with_extension(format!("{}.log", Uuid::now_v7()));
        let mut command = Command::new(binary);
        command.arg("serve").arg("--data").arg(place.folder.path());
        command.args(["--port", "0", "--observe", "127.0.0.1:0", "--log", "json", "--tenant", &place.options.tenant]);
        if place.options.url.starts_with("postgres:") {
            command.args(["--database-url", &place.options.url]);
        }
        // What the machine's environment says is not part of the test.
        for name in ["VUNGXANH_DATA", "DATABASE_URL", "VUNGXANH_CONFIG", "VUNGXANH_LOG_LEVEL"] {
            command.env_remove(name);
        }
        let log_file = std::fs::File::create(&log).expect("a log can be written");
        command.args(more).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log_file);
        let mut child = command.spawn().expect("the program starts");
        let mut said = BufReader::new(child.stdout.take().expect("its output is ours")).lines();
        let mut address = || {
            let line = said.next().and_then(Result::ok).unwrap_or_else(|| {
                panic!("it said no address; its log: {}", std::fs::read_to_string(&log).unwrap_or_default())
            });
            line.rsplit_once("http://").and_then(|(_, address)| address.parse().ok()).expect("a line with an address")
        };
        let (address, observed) = (address(), address());
        Self { child, address, observed, log }
    }

    /// Ends it as a lost plug would: nothing is said to it.
    ///
    /// # Panics
    /// When it cannot be killed.
    pub fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    /// Asks it to stop, as a service manager does.
    ///
    /// # Panics
    /// When there is no `kill`.
    pub fn ask_to_stop(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("there is kill").success());
    }

    /// Waits for its end and gives its exit code.
    ///
    /// # Panics
    /// When it was ended by a signal.
    pub fn exit_code(&mut self) -> i32 {
        self.child.wait().expect("it ends").code().expect("it ends by itself")
    }

    /// What it wrote into its log.
    #[must_use]
    pub fn log_text(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_file(&self.log);
    }
}

/// What came back over the network.
#[derive(Clone, Debug)]
pub struct Answer {
    /// Status.
    pub status: u16,
    /// Header lines, as they came.
    pub head: String,
    /// Body.
    pub body: String,
}

impl Answer {
    /// The value of a header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// Somebody who calls over the network, signed in or not.
#[derive(Clone, Debug)]
pub struct Remote {
    /// Whom they call.
    pub address: SocketAddr,
    cookie: String,
    csrf: String,
}

impl Remote {
    /// Nobody signed in.
    #[must_use]
    pub fn stranger(address: SocketAddr) -> Self {
        Self { address, cookie: String::new(), csrf: String::new() }
    }

    /// Somebody who signs in on the page.
    ///
    /// # Panics
    /// When they cannot.
    pub async fn sign_in(address: SocketAddr, login: &str, password: &str) -> Self {
        let mut caller = Self::stranger(address);
        let body = format!("login={login}&password={password}&next=/");
        let head = "content-type: application/x-www-form-urlencoded\r\n";
        let answer = caller.send("POST", "/login", head, body.as_bytes()).await.expect("the sign-in page answers");
        let cookie = answer.header("set-cookie").unwrap_or_else(|| panic!("{login} cannot sign in: {answer:?}"));
        caller.cookie = cookie.split(';').next().unwrap_or_default().to_owned();
        let page = caller.get("/password").await.expect("a page comes");
        let csrf = page.body.split("name=\"_csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        caller.csrf = csrf.expect("forms carry a token").to_owned();
        caller
    }

    /// The same person at a process that listens elsewhere.
    #[must_use]
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { address, ..self.clone() }
    }

    /// The head of a request, for those who write to the connection themselves.
    #[must_use]
    pub fn head(&self, method: &str, path: &str, more: &str, length: usize) -> String {
        let cookie = if self.cookie.is_empty() { String::new() } else { format!("cookie: {}\r\n", self.cookie) };
        format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\naccept: application/json\r\n{cookie}{more}content-length: {length}\r\n\r\n",
            self.address
        )
    }

    /// Sends a request and reads the whole answer.
    ///
    /// # Errors
    /// When the connection fails or ends before the answer is whole.
    pub async fn send(&self, method: &str, path: &str, more: &str, body: &[u8]) -> std::io::Result<Answer> {
        let mut stream = TcpStream::connect(self.address).await?;
        stream.write_all(self.head(method, path, more, body.len()).as_bytes()).await?;
        stream.write_all(body).await?;
        read_answer(&mut stream).await
    }

    /// Asks for a page.
    ///
    /// # Errors
    /// As [`Remote::send`].
    pub async fn get(&self, path: &str) -> std::io::Result<Answer> {
        self.send("GET", path, "", b"").await
    }

    /// Sends a form with the session's token and this key.
    ///
    /// # Errors
    /// As [`Remote::send`].
    pub async fn post(&self, path: &str, key: Uuid, fields: &[(&str, &str)]) -> std::io::Result<Answer> {
        let mut body = format!("_csrf={}&_key={key}", self.csrf);
        for (name, value) in fields {
            body.push_str(&format!("&{name}={}", vx_platform::web::encode(value)));
        }
        self.send("POST", path, "content-type: application/x-www-form-urlencoded\r\n", body.as_bytes()).await
    }

    /// A form with one file, as it goes over the network: the header that names its kind, and the body.
    #[must_use]
    pub fn upload(&self, key: Uuid, fields: &[(&str, &str)], name: &str, content: &[u8]) -> (&'static str, Vec<u8>) {
        let mut body = String::new();
        let key = key.to_string();
        for (field, value) in [("_csrf", self.csrf.as_str()), ("_key", &key)].iter().chain(fields) {
            body.push_str(&format!("--edge\r\ncontent-disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n"));
        }
        body.push_str(&format!("--edge\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n"));
        let mut body = body.into_bytes();
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n--edge--\r\n");
        ("content-type: multipart/form-data; boundary=edge\r\n", body)
    }
}

/// Reads an answer to the end of the connection; one that is cut is an error.
///
/// # Errors
/// When the connection fails or ends before the answer is whole.
pub async fn read_answer(stream: &mut TcpStream) -> std::io::Result<Answer> {
    let cut = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await?;
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(cut)?;
    let head = String::from_utf8_lossy(&bytes[..at]).into_owned();
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
    let body = &bytes[at + 4..];
    let answer = Answer { status, head, body: String::from_utf8_lossy(body).into_owned() };
    let length = answer.header("content-length").and_then(|length| length.parse::<usize>().ok());
    let is_whole =
        length.map_or_else(|| body.is_empty() || body.ends_with(b"0\r\n\r\n"), |length| body.len() == length);
    if is_whole { Ok(answer) } else { Err(cut()) }
}
