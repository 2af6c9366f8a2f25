//! Mail by SMTP.
//!
//! What is sent again after a failure bears the same `Message-ID`. SMTP has no way to ask whether a message arrived when
//! the connection breaks between its end and the answer: it is then sent again, and whoever keeps mails by their
//! `Message-ID` shows it once.

use std::{io::ErrorKind, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor,
    message::{
        Mailbox, MultiPart,
        header::{HeaderName, HeaderValue},
    },
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
        extension::ClientId,
    },
};
use maud::{DOCTYPE, html};

use super::{Outcome, Parcel, Trouble, said_of};
use crate::text_enum;

/// How long the server may take to answer one command.
const PATIENCE: Duration = Duration::from_secs(20);
/// What the text beside HTML puts between the things and its foot (RFC 3676).
const RULE: &str = "\n\n-- \n";

text_enum! {
    /// How the connection is kept from others.
    pub enum Secrecy {
        /// Encrypted after STARTTLS, or not at all used.
        StartTls = "starttls",
        /// Encrypted from the beginning.
        Tls = "tls",
        /// Not: a server on the same machine or in the same room.
        None = "none",
    }
}

/// What an operator says about the server.
#[derive(Clone, Debug)]
pub struct MailSettings {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept from others.
    pub secrecy: Secrecy,
    /// A certificate (PEM) to trust beside those of the machine: that of an authority of one's own.
    pub authority: Option<String>,
    /// Name and password, when it asks for them.
    pub login: Option<(String, String)>,
    /// From whom mails come: `Vùng Xanh <thong-bao@soctrang.gov.vn>`.
    pub from: String,
}

impl MailSettings {
    /// Whether they can be what they should.
    ///
    /// # Errors
    /// The name of the setting that does not fit.
    pub fn check(&self) -> Result<(), &'static str> {
        checked(self).map(drop)
    }
}

fn checked(settings: &MailSettings) -> Result<(Mailbox, Tls), &'static str> {
    let from: Mailbox = settings.from.parse().map_err(|_| "mail_from")?;
    let authority = settings.authority.as_ref().map(|pem| Certificate::from_pem(pem.as_bytes())).transpose();
    let authority = authority.map_err(|_| "smtp_ca_file")?;
    let of_host = || {
        let builder = TlsParameters::builder(settings.host.clone());
        let builder = authority.clone().into_iter().fold(builder, |builder, one| builder.add_root_certificate(one));
        builder.build_rustls().map_err(|_| "smtp_host")
    };
    let tls = match settings.secrecy {
        Secrecy::StartTls => Tls::Required(of_host()?),
        Secrecy::Tls => Tls::Wrapper(of_host()?),
        Secrecy::None => Tls::None,
    };
    Ok((from, tls))
}

/// A mail server.
pub struct Mail {
    from: Mailbox,
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Mail {
    /// A server as an operator named it. Asks nothing of it yet. Within the runtime only: connections are kept.
    ///
    /// # Errors
    /// The name of the setting that does not fit.
    pub fn new(settings: MailSettings) -> Result<Self, &'static str> {
        let (from, tls) = checked(&settings)?;
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(settings.host)
            .port(settings.port)
            .tls(tls)
            .hello_name(ClientId::Domain(from.email.domain().to_owned()))
            .timeout(Some(PATIENCE));
        if let Some((login, password)) = settings.login {
            builder = builder.credentials(Credentials::new(login, password));
        }
        Ok(Self { from, transport: builder.build() })
    }

    /// The mail of a parcel, `None` when its address cannot be one.
    fn written(&self, parcel: &Parcel) -> Option<Message> {
        let unsubscribe = HeaderName::new_from_ascii("List-Unsubscribe".to_owned()).ok()?;
        let automatic = HeaderName::new_from_ascii("Auto-Submitted".to_owned()).ok()?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, parcel.to.parse().ok()?))
            .subject(parcel.subject.as_str())
            .message_id(Some(format!("<{}@{}>", parcel.id, self.from.email.domain())))
            .date_now()
            .raw_header(HeaderValue::new(unsubscribe, format!("<{}>", parcel.settings)))
            .raw_header(HeaderValue::new(automatic, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(plain(parcel), page(parcel)))
            .ok()
    }

    /// Sends.
    pub async fn send(&self, parcel: &Parcel) -> Outcome {
        let Some(message) = self.written(parcel) else {
            return Outcome::Never { why: Trouble::Address, said: String::new() };
        };
        match self.transport.send(message).await {
            Ok(_) => Outcome::Sent,
            Err(error) => outcome_of(&error),
        }
    }
}

/// The text beside the HTML.
fn plain(parcel: &Parcel) -> String {
    format!("{}{RULE}{}\n{}\n", parcel.text(), parcel.foot, parcel.settings)
}

/// The HTML: links and nothing that a mail program would have to fetch.
fn page(parcel: &Parcel) -> String {
    html! {
        (DOCTYPE)
        html lang=(parcel.lang.tag()) {
            head { meta charset="utf-8"; title { (parcel.subject) } }
            body {
                @for line in &parcel.lines { p { @if line.href.is_empty() { (line.text) } @else { a href=(line.href) { (line.text) } } } }
                hr;
                p { small { (parcel.foot) " " a href=(parcel.settings) { (parcel.settings) } } }
            }
        }
    }
    .into_string()
}

fn outcome_of(error: &Error) -> Outcome {
    let said = said_of(&std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string));
    let later = |why| Outcome::Later { why, said: said.clone(), after: None };
    match error.status().map(u16::from) {
        // Who this program is, not whom it writes to: an operator mends that, and then everything goes.
        Some(454 | 500..=504 | 530 | 534 | 535 | 538) => later(Trouble::NotLetIn),
        Some(421) => later(Trouble::Away),
        Some(400..=499) => later(Trouble::Busy),
        Some(_) => Outcome::Never { why: Trouble::Refused, said },
        // Nobody vouches for its certificate, or it offers neither the cover nor the way to sign in that were asked for.
        None if error.is_tls() || error.is_client() || is_uncovered(error) => later(Trouble::NotLetIn),
        None => later(Trouble::Away),
    }
}

/// Whether the two sides did not come to an encrypted connection: to the transport this is a connection that broke.
fn is_uncovered(error: &Error) -> bool {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    causes
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == ErrorKind::InvalidData)
}
