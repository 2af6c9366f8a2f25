//! Short messages and chat by a gateway: one HTTP request for each message, in a form that is described in
//! `docs/gateway.md`, behind which a province puts whatever provider it has.

use std::time::Duration;

use openidconnect::reqwest;
use serde::Serialize;

use super::{Channel, Outcome, Parcel, Trouble, said_of};
use crate::{files::keyed_sha256, store::migrate::hex};

/// How long the gateway may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// Longest wait that a gateway may ask for.
const AFTER_MAX: Duration = Duration::from_secs(6 * 3_600);
/// Most of an answer that is read, in bytes.
const ANSWER_MAX: usize = 4_096;

/// What an operator says about the gateway.
#[derive(Clone, Debug)]
pub struct GatewaySettings {
    /// Its address.
    pub url: String,
    /// What only it and this program know.
    pub secret: String,
    /// What it takes.
    pub channels: Vec<Channel>,
}

/// A gateway.
pub struct Gateway {
    settings: GatewaySettings,
    http: reqwest::Client,
}

/// A message as it stands in the request.
#[derive(Serialize)]
struct Body<'a> {
    id: String,
    channel: Channel,
    to: &'a str,
    text: String,
    lang: &'a str,
    urgent: bool,
    made_at: String,
}

/// The signature of a body at a moment, in seconds since 1970: HMAC-SHA-256 over both.
#[must_use]
pub fn signature(secret: &str, at: i64, body: &str) -> String {
    format!("v1={}", hex(&keyed_sha256(secret.as_bytes(), format!("{at}.{body}").as_bytes())))
}

impl Gateway {
    /// A gateway as an operator named it. Asks nothing of it yet.
    ///
    /// # Errors
    /// The name of the setting that does not fit.
    pub fn new(settings: GatewaySettings) -> Result<Self, &'static str> {
        const SECRET_MIN: usize = 16;
        if !crate::auth::single::is_safe(&settings.url) {
            return Err("gateway_url");
        }
        if settings.secret.len() < SECRET_MIN {
            return Err("gateway_secret_file");
        }
        if settings.channels.is_empty() || settings.channels.contains(&Channel::Email) {
            return Err("gateway_channels");
        }
        // A redirect could carry numbers elsewhere.
        let http = reqwest::ClientBuilder::new().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE);
        Ok(Self { settings, http: http.build().map_err(|_| "gateway_url")? })
    }

    /// Whether it takes messages of this way.
    #[must_use]
    pub fn takes(&self, channel: Channel) -> bool {
        self.settings.channels.contains(&channel)
    }

    /// Sends.
    pub async fn send(&self, parcel: &Parcel) -> Outcome {
        let id = parcel.id.to_string();
        let body = Body {
            id: id.clone(),
            channel: parcel.channel,
            to: &parcel.to,
            text: parcel.text(),
            lang: parcel.lang.tag(),
            urgent: parcel.hoa_toc,
            made_at: parcel.at.to_string(),
        };
        let Ok(body) = serde_json::to_string(&body) else {
            return Outcome::Never { why: Trouble::Refused, said: String::new() };
        };
        // The time of the machines, also in a drill: the gateway compares it with its own.
        let at = jiff::Timestamp::now().as_second();
        let request = self
            .http
            .post(&self.settings.url)
            .header("content-type", "application/json")
            .header("idempotency-key", &id)
            .header("x-vungxanh-timestamp", at.to_string())
            .header("x-vungxanh-signature", signature(&self.settings.secret, at, &body))
            .body(body);
        match request.send().await {
            Ok(answer) => outcome_of(answer).await,
            Err(error) => {
                let said = said_of(&error.without_url().to_string());
                Outcome::Later { why: Trouble::Away, said, after: None }
            }
        }
    }
}

async fn outcome_of(mut answer: reqwest::Response) -> Outcome {
    let status = answer.status().as_u16();
    let after = answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.trim().parse().ok());
    let after = after.map(|secs| Duration::from_secs(secs).min(AFTER_MAX));
    let mut read = Vec::new();
    while let Ok(Some(chunk)) = answer.chunk().await {
        read.extend_from_slice(&chunk);
        if read.len() >= ANSWER_MAX {
            read.truncate(ANSWER_MAX);
            break;
        }
    }
    let said = said_of(&format!("{status} {}", String::from_utf8_lossy(&read)));
    match status {
        // 409: it has this message already.
        200..=299 | 409 => Outcome::Sent,
        401 | 403 | 404 | 300..=399 => Outcome::Later { why: Trouble::NotLetIn, said, after },
        408 | 425 | 429 => Outcome::Later { why: Trouble::Busy, said, after },
        500..=599 => Outcome::Later { why: Trouble::Away, said, after },
        _ => Outcome::Never { why: Trouble::Refused, said },
    }
}

#[cfg(test)]
mod tests {
    use super::signature;

    #[test]
    fn the_signature_is_the_one_that_the_contract_shows() {
        let body = r#"{"id":"0197c1d2-0000-7000-8000-000000000001"}"#;
        assert_eq!(
            signature("khoa-bi-mat-cua-tinh", 1_631_494_800, body),
            "v1=570a63b330af331642b61c10d66dce7a4116eb8f522d1483760c89c3074e9728"
        );
    }
}
