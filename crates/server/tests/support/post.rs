//! A mail server and a gateway as the program meets them, with the faults that such servers have.

use std::{
    collections::BTreeSet,
    io::{BufRead as _, BufReader, Read, Write},
    net::{IpAddr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::IntoResponse as _,
    routing::post,
};
use mailin::{Action, Handler, Response, SessionBuilder, response};
use rustls::{ServerConfig, ServerConnection, StreamOwned, pki_types::PrivateKeyDer};
use vx_platform::{
    notify::{
        Channel,
        gateway::{Gateway, GatewaySettings, signature},
        mail::{Mail, MailSettings, Secrecy},
    },
    web::from_base64,
};

/// What a mail server does with what it gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Manner {
    Takes,
    /// Breaks every connection off.
    Away,
    /// Asks to come back later.
    Busy,
    /// Does not know the address.
    Unknown,
    /// Lets nobody in.
    Closed,
    /// Takes the mail and breaks off before it says so.
    CutAfterData,
}

#[derive(Default)]
struct Kept {
    manner: Option<Manner>,
    mails: Vec<String>,
}

/// A mail server: the protocol is that of the crate `mailin`, the faults are ours.
#[derive(Clone)]
pub(crate) struct MailServer {
    address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    /// Its certificate, which nobody else vouches for.
    pub(crate) certificate: String,
}

/// How the connections of a server are kept from others.
#[derive(Clone)]
struct Cover {
    secrecy: Secrecy,
    config: Arc<ServerConfig>,
}

/// A connection, in the clear or not.
enum Wire {
    Plain(TcpStream),
    Covered(Box<StreamOwned<ServerConnection, TcpStream>>),
}

impl Wire {
    fn cover(self, config: &Arc<ServerConfig>) -> Self {
        match self {
            Self::Plain(stream) => {
                let connection = ServerConnection::new(config.clone()).unwrap();
                Self::Covered(Box::new(StreamOwned::new(connection, stream)))
            }
            covered @ Self::Covered(_) => covered,
        }
    }
}

impl Read for Wire {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.read(into),
            Self::Covered(stream) => stream.read(into),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, from: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::Plain(stream) => stream.write(from),
            Self::Covered(stream) => stream.write(from),
        }
    }
    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::Plain(stream) => stream.flush(),
            Self::Covered(stream) => stream.flush(),
        }
    }
}

struct Session {
    kept: Arc<Mutex<Kept>>,
    mail: Vec<u8>,
}

impl Session {
    fn manner(&self) -> Manner {
        self.kept.lock().unwrap().manner.unwrap_or(Manner::Takes)
    }
}

impl Handler for Session {
    fn mail(&mut self, _: IpAddr, _: &str, _: &str) -> Response {
        if self.manner() == Manner::Closed { response::AUTHENTICATION_REQUIRED } else { response::OK }
    }
    fn rcpt(&mut self, _: &str) -> Response {
        match self.manner() {
            Manner::Busy => response::INTERNAL_ERROR,
            Manner::Unknown => response::NO_MAILBOX,
            _ => response::OK,
        }
    }
    fn data_start(&mut self, _: &str, _: &str, _: bool, _: &[String]) -> Response {
        self.mail.clear();
        response::OK
    }
    fn data(&mut self, line: &[u8]) -> std::io::Result<()> {
        self.mail.extend_from_slice(line);
        Ok(())
    }
    fn data_end(&mut self) -> Response {
        self.kept.lock().unwrap().mails.push(String::from_utf8_lossy(&self.mail).into_owned());
        response::OK
    }
}

fn serve_one(stream: TcpStream, kept: &Arc<Mutex<Kept>>, cover: &Cover) -> std::io::Result<()> {
    let manner = || kept.lock().unwrap().manner.unwrap_or(Manner::Takes);
    if manner() == Manner::Away {
        return Ok(());
    }
    let from = stream.peer_addr()?.ip();
    let mut builder = SessionBuilder::new("thu.example");
    if cover.secrecy == Secrecy::StartTls {
        builder.enable_start_tls();
    }
    let mut session = builder.build(from, Session { kept: kept.clone(), mail: Vec::new() });
    let wire = Wire::Plain(stream);
    let mut wire = BufReader::new(if cover.secrecy == Secrecy::Tls { wire.cover(&cover.config) } else { wire });
    session.greeting().write_to(wire.get_mut())?;
    wire.get_mut().flush()?;
    let mut line = Vec::new();
    loop {
        line.clear();
        let before = kept.lock().unwrap().mails.len();
        if wire.read_until(b'\n', &mut line)? == 0 || manner() == Manner::Away {
            return Ok(());
        }
        let answer = session.process(&line);
        if manner() == Manner::CutAfterData && kept.lock().unwrap().mails.len() > before {
            return Ok(());
        }
        match answer.action {
            Action::Reply => answer.write_to(wire.get_mut())?,
            Action::NoReply => {}
            Action::UpgradeTls => {
                answer.write_to(wire.get_mut())?;
                wire = BufReader::new(wire.into_inner().cover(&cover.config));
                session.tls_active();
            }
            Action::Close => return answer.write_to(wire.get_mut()),
        }
        wire.get_mut().flush()?;
    }
}

impl MailServer {
    pub(crate) fn start() -> Self {
        Self::covered(Secrecy::None)
    }

    /// One whose connections are kept from others in this way.
    pub(crate) fn covered(secrecy: Secrecy) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let made = rcgen::generate_simple_self_signed([address.ip().to_string()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(made.signing_key.serialize_der().into());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(vec![made.cert.der().clone()], key).unwrap();
        let server = Self { address, kept: Arc::default(), certificate: made.cert.pem() };
        let (kept, cover) = (server.kept.clone(), Cover { secrecy, config: Arc::new(config) });
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (kept, cover) = (kept.clone(), cover.clone());
                std::thread::spawn(move || serve_one(stream, &kept, &cover));
            }
        });
        server
    }

    pub(crate) fn behaves(&self, manner: Manner) {
        self.kept.lock().unwrap().manner = Some(manner);
    }

    /// What it took, as it came.
    pub(crate) fn mails(&self) -> Vec<String> {
        self.kept.lock().unwrap().mails.clone()
    }

    /// The program's side of it.
    pub(crate) fn courier(&self) -> Mail {
        self.courier_by(Secrecy::None, None)
    }

    /// The program's side, with what an operator set.
    pub(crate) fn courier_by(&self, secrecy: Secrecy, authority: Option<String>) -> Mail {
        Mail::new(MailSettings {
            host: self.address.ip().to_string(),
            port: self.address.port(),
            secrecy,
            authority,
            login: None,
            from: "Vùng Xanh <thong-bao@soctrang.example>".to_owned(),
        })
        .unwrap()
    }
}

/// A header of a mail, decoded (RFC 2047).
pub(crate) fn header(mail: &str, name: &str) -> String {
    let head = mail.split("\r\n\r\n").next().unwrap_or_default().replace("\r\n ", " ");
    let line = head.lines().find_map(|line| line.strip_prefix(&format!("{name}: "))).unwrap_or_default().to_owned();
    let mut out = String::new();
    for (index, piece) in line.split("=?utf-8?b?").enumerate() {
        match piece.split_once("?=").filter(|_| index > 0) {
            Some((word, rest)) => {
                out.push_str(&String::from_utf8(from_base64(word).unwrap()).unwrap());
                // Nothing stands between two encoded words.
                out.push_str(if rest.trim().is_empty() { "" } else { rest });
            }
            None => out.push_str(piece),
        }
    }
    out
}

/// The parts of a mail with their types, decoded.
pub(crate) fn parts(mail: &str) -> Vec<(String, String)> {
    let boundary = mail.split("boundary=\"").nth(1).unwrap().split('"').next().unwrap();
    let mut parts = Vec::new();
    for part in mail.split(&format!("--{boundary}")).skip(1) {
        let Some((head, body)) = part.split_once("\r\n\r\n").filter(|_| !part.starts_with("--")) else { continue };
        let kind = head.split("Content-Type: ").nth(1).unwrap_or_default().lines().next().unwrap_or_default();
        let body = body.trim_end_matches("\r\n");
        let bytes = if head.contains("base64") {
            from_base64(&body.replace("\r\n", "")).unwrap()
        } else if head.contains("quoted-printable") {
            quoted(body)
        } else {
            body.as_bytes().to_vec()
        };
        parts.push((kind.to_owned(), String::from_utf8(bytes).unwrap()));
    }
    parts
}

fn quoted(text: &str) -> Vec<u8> {
    let (mut out, text) = (Vec::new(), text.replace("=\r\n", ""));
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'=' {
            let pair = [bytes.next().unwrap(), bytes.next().unwrap()];
            out.push(u8::from_str_radix(std::str::from_utf8(&pair).unwrap(), 16).unwrap());
        } else {
            out.push(byte);
        }
    }
    out
}

/// What a gateway answers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answer {
    Takes,
    /// 503.
    Down,
    /// 429 with `Retry-After`, in seconds.
    Later(u64),
    /// 400.
    Refuses,
    /// Takes the message and breaks off before it says so.
    Cuts,
}

#[derive(Default)]
struct Taken {
    answer: Option<Answer>,
    asked: Vec<(String, serde_json::Value)>,
    keys: BTreeSet<String>,
}

/// A gateway that keeps the contract: it checks the signature, and sends one message once.
#[derive(Clone)]
pub(crate) struct GatewayServer {
    address: SocketAddr,
    taken: Arc<Mutex<Taken>>,
}

const SECRET: &str = "khoa-bi-mat-cua-tinh";

async fn take(State(taken): State<Arc<Mutex<Taken>>>, headers: HeaderMap, body: String) -> axum::response::Response {
    let text = |name: &str| headers.get(name).unwrap().to_str().unwrap().to_owned();
    let at: i64 = text("x-vungxanh-timestamp").parse().unwrap();
    if text("x-vungxanh-signature") != signature(SECRET, at, &body) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let key = text("idempotency-key");
    let mut taken = taken.lock().unwrap();
    taken.asked.push((key.clone(), serde_json::from_str(&body).unwrap()));
    match taken.answer.unwrap_or(Answer::Takes) {
        Answer::Takes if taken.keys.insert(key.clone()) => StatusCode::ACCEPTED.into_response(),
        Answer::Takes => StatusCode::CONFLICT.into_response(),
        Answer::Down => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Answer::Later(secs) => (StatusCode::TOO_MANY_REQUESTS, [("retry-after", secs.to_string())], "").into_response(),
        Answer::Refuses => (StatusCode::BAD_REQUEST, "unknown number").into_response(),
        Answer::Cuts => {
            taken.keys.insert(key);
            panic!("the gateway breaks off");
        }
    }
}

impl GatewayServer {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { address: listener.local_addr().unwrap(), taken: Arc::default() };
        let site = Router::new().route("/gui", post(take)).with_state(server.taken.clone());
        tokio::spawn(async move { axum::serve(listener, site).await });
        server
    }

    pub(crate) fn answers(&self, answer: Answer) {
        // Whoever broke off held the lock.
        self.taken.lock().unwrap_or_else(std::sync::PoisonError::into_inner).answer = Some(answer);
        self.taken.clear_poison();
    }

    /// Each request: its key and its body.
    pub(crate) fn asked(&self) -> Vec<(String, serde_json::Value)> {
        self.taken.lock().unwrap_or_else(std::sync::PoisonError::into_inner).asked.clone()
    }

    /// How many messages it passed on.
    pub(crate) fn passed_on(&self) -> usize {
        self.taken.lock().unwrap_or_else(std::sync::PoisonError::into_inner).keys.len()
    }

    /// The program's side of it.
    pub(crate) fn courier(&self) -> Gateway {
        let url = format!("http://{}/gui", self.address);
        let channels = vec![Channel::Sms, Channel::Chat];
        Gateway::new(GatewaySettings { url, secret: SECRET.to_owned(), channels }).unwrap()
    }
}
