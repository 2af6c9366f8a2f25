//! Single sign-on (đăng nhập một lần) by OpenID Connect: the authorization code flow with PKCE.
//!
//! The provider says who somebody is; which account that is, and what it may do, stands here. Nothing is made or granted
//! on the provider's word.
//!
//! **Invariant:** nobody is signed in whose answer does not fit what this browser was sent away with: state, nonce and
//! code verifier lie in a cookie of that browser alone, and each is checked.

use std::time::Duration;

use openidconnect::{
    AccessTokenHash, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse as _, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope,
    core::{CoreClient, CoreJwsSigningAlgorithm, CoreResponseType},
    reqwest,
};
use serde_json::Value as Json;
use vx_kernel::{Id, Problem, ProblemKind, ids};

use crate::{
    record,
    store::{Conn, Record as _, Sql},
};

record! {
    /// Which person of the provider an account is. `path` is the home unit of the account.
    pub struct SingleLink[ids::SingleLink] in "single_link" {
        /// The account.
        pub account: Id<ids::Account>,
        /// The provider.
        pub issuer: String,
        /// By what the provider names the person; `None` when it was unlinked.
        pub subject: Option<String>,
    }
}

/// How long the provider may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Where the provider sends people back to.
pub const DONE: &str = "/login/single/done";
/// Keys with which a token may be signed: such that only the provider has.
const ALGORITHMS: [CoreJwsSigningAlgorithm; 6] = [
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];

/// What an operator says about the provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its address, from which everything else is found.
    pub issuer: String,
    /// By what it knows this program.
    pub client_id: String,
    /// What only it and this program know; `None` for a public client.
    pub secret: Option<String>,
    /// The claim of its token that names a person.
    pub claim: String,
    /// The address under which browsers find this program.
    pub public_url: String,
    /// Whether only administrators may still sign in with a password.
    pub only: bool,
}

/// The provider.
pub struct Provider {
    settings: ProviderSettings,
    issuer: IssuerUrl,
    done: RedirectUrl,
    http: reqwest::Client,
}

/// With what a browser is sent away.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Where it goes.
    pub to: String,
    /// What the answer must bring back.
    pub state: String,
    /// What the token must hold.
    pub nonce: String,
    /// With what the code is exchanged.
    pub verifier: String,
}

type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

fn away(cause: impl std::fmt::Display) -> Problem {
    Problem::new(ProblemKind::Unavailable, "accounts.single_away").because(std::io::Error::other(cause.to_string()))
}

fn unproved(cause: impl std::fmt::Display) -> Problem {
    tracing::warn!(cause = %cause, "the answer of the sign-on provider does not hold");
    Problem::refused("accounts.single_unproved")
}

/// Whether an address is one over which secrets may go: HTTPS, or this very machine.
pub(crate) fn is_safe(url: &str) -> bool {
    let loopback = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    url.starts_with("https://")
        || loopback
            .iter()
            .any(|begin| url.strip_prefix(begin).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])))
}

impl Provider {
    /// A provider as an operator named it. Asks nothing of it yet.
    ///
    /// # Errors
    /// The name of the setting that does not fit.
    pub fn new(settings: ProviderSettings) -> Result<Self, &'static str> {
        if settings.client_id.is_empty() {
            return Err("oidc_client_id");
        }
        if settings.claim.is_empty() {
            return Err("oidc_claim");
        }
        let issuer = IssuerUrl::new(settings.issuer.clone()).ok().filter(|_| is_safe(&settings.issuer));
        let public = settings.public_url.trim_end_matches('/');
        let done = RedirectUrl::new(format!("{public}{DONE}")).ok().filter(|_| is_safe(public));
        let http = reqwest::ClientBuilder::new()
            // A redirect could send our secrets elsewhere.
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .build()
            .map_err(|_| "oidc_issuer")?;
        let (issuer, done) = (issuer.ok_or("oidc_issuer")?, done.ok_or("public_url")?);
        Ok(Self { settings, issuer, done, http })
    }

    /// What was said about it.
    #[must_use]
    pub fn settings(&self) -> &ProviderSettings {
        &self.settings
    }

    /// What it says about itself, with its keys: asked each time, so that new keys hold at once.
    async fn found(&self) -> Result<ProviderMetadataWithLogout, Problem> {
        ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &self.http).await.map_err(|error| match error {
            openidconnect::DiscoveryError::Request(cause) => away(cause),
            other => away(other),
        })
    }

    fn client(&self, found: ProviderMetadataWithLogout) -> Client {
        let id = ClientId::new(self.settings.client_id.clone());
        let secret = self.settings.secret.clone().map(ClientSecret::new);
        CoreClient::from_provider_metadata(found, id, secret).set_redirect_uri(self.done.clone())
    }

    /// Where to send a browser, and what it must bring back.
    ///
    /// # Errors
    /// `accounts.single_away`.
    pub async fn ask(&self) -> Result<Asked, Problem> {
        let client = self.client(self.found().await?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let mut request = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
        // Nothing is asked for beyond what names the person.
        match self.settings.claim.as_str() {
            "sub" => {}
            "email" => request = request.add_scope(Scope::new("email".to_owned())),
            _ => request = request.add_scope(Scope::new("profile".to_owned())),
        }
        let (to, state, nonce) = request.set_pkce_challenge(challenge).url();
        Ok(Asked {
            to: to.to_string(),
            state: state.secret().clone(),
            nonce: nonce.secret().clone(),
            verifier: verifier.secret().clone(),
        })
    }

    /// By what the provider names whoever came back with a code.
    ///
    /// # Errors
    /// `accounts.single_away`; `accounts.single_unproved` when its token does not hold; `accounts.single_no_claim`.
    pub async fn answered(&self, code: &str, nonce: &str, verifier: &str) -> Result<String, Problem> {
        let client = self.client(self.found().await?);
        let exchange = client.exchange_code(AuthorizationCode::new(code.to_owned())).map_err(away)?;
        let exchange = exchange.set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
        let answer = exchange.request_async(&self.http).await.map_err(|error| match error {
            openidconnect::RequestTokenError::Request(cause) => away(cause),
            other => unproved(other),
        })?;
        let token = answer.extra_fields().id_token().ok_or_else(|| unproved("there is no ID token"))?;
        let check = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
        // Signature, issuer, audience, time and nonce.
        let claims = token.claims(&check, &Nonce::new(nonce.to_owned())).map_err(unproved)?;
        if let Some(expected) = claims.access_token_hash() {
            let (alg, key) = (token.signing_alg().map_err(unproved)?, token.signing_key(&check).map_err(unproved)?);
            let actual = AccessTokenHash::from_token(answer.access_token(), alg, key).map_err(unproved)?;
            if actual != *expected {
                return Err(unproved("the access token is another one"));
            }
        }
        named_by(&token.to_string(), &self.settings.claim)
            .ok_or_else(|| Problem::refused("accounts.single_no_claim").with("claim", &self.settings.claim))
    }

    /// Where somebody ends what they have with the provider; `None` when it has no such place.
    ///
    /// # Errors
    /// `accounts.single_away`.
    pub async fn end_address(&self) -> Result<Option<String>, Problem> {
        let found = self.found().await?;
        let Some(end) = found.additional_metadata().end_session_endpoint.clone() else { return Ok(None) };
        let mut request = LogoutRequest::from(end).set_client_id(ClientId::new(self.settings.client_id.clone()));
        let back = format!("{}/login", self.settings.public_url.trim_end_matches('/'));
        if let Ok(back) = PostLogoutRedirectUrl::new(back) {
            request = request.set_post_logout_redirect_uri(back);
        }
        Ok(Some(request.http_get_url().to_string()))
    }
}

/// The claim of a token whose signature was checked. An address of e-mail counts only where the provider has checked it.
fn named_by(token: &str, claim: &str) -> Option<String> {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
    let claims: Json = serde_json::from_slice(&body).ok()?;
    if claim == "email" && claims.get("email_verified") != Some(&Json::Bool(true)) {
        return None;
    }
    match claims.get(claim)? {
        Json::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Json::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The account that the provider's person is linked to.
///
/// # Errors
/// When the database is away.
pub async fn linked(conn: &mut Conn, issuer: &str, subject: &str) -> Result<Option<SingleLink>, Problem> {
    let sql = Sql::new("select ").sql(SingleLink::SELECT).sql(" from single_link where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and issuer = ").bind(issuer).sql(" and subject = ").bind(subject);
    conn.row(sql).await?.map(|row| SingleLink::read(&row)).transpose()
}

/// The link of an account, also one that was taken away.
///
/// # Errors
/// When the database is away.
pub async fn link_of(conn: &mut Conn, account: Id<ids::Account>) -> Result<Option<SingleLink>, Problem> {
    let sql = Sql::new("select ").sql(SingleLink::SELECT).sql(" from single_link where tenant = ").bind(conn.tenant());
    conn.row(sql.sql(" and account = ").bind(account)).await?.map(|row| SingleLink::read(&row)).transpose()
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;

    #[test]
    fn secrets_go_over_https_or_stay_on_the_machine() {
        for (url, safe) in [
            ("https://dangnhap.example.vn", true),
            ("http://127.0.0.1:9000", true),
            ("http://localhost", true),
            ("http://localhost.evil.example", false),
            ("http://dangnhap.example.vn", false),
            ("", false),
        ] {
            assert_eq!(is_safe(url), safe, "{url}");
        }
    }

    #[test]
    fn a_person_is_named_by_the_claim_that_was_set() {
        let token = |claims: &str| format!("h.{}.s", base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(claims));
        for (claims, claim, expected) in [
            (r#"{"sub":"a1"}"#, "sub", Some("a1")),
            (r#"{"sub":"a1","nv":17}"#, "nv", Some("17")),
            (r#"{"sub":" "}"#, "sub", None),
            (r#"{"sub":"a1"}"#, "email", None),
            (r#"{"email":"a@b.vn"}"#, "email", None),
            (r#"{"email":"a@b.vn","email_verified":false}"#, "email", None),
            (r#"{"email":"a@b.vn","email_verified":true}"#, "email", Some("a@b.vn")),
        ] {
            assert_eq!(named_by(&token(claims), claim).as_deref(), expected, "{claims} {claim}");
        }
        assert_eq!(named_by("no token", "sub"), None);
    }

    #[test]
    fn what_an_operator_left_out_is_named() {
        let good = ProviderSettings {
            issuer: "https://dangnhap.example.vn".to_owned(),
            client_id: "vungxanh".to_owned(),
            secret: None,
            claim: "sub".to_owned(),
            public_url: "https://vungxanh.example.vn/".to_owned(),
            only: false,
        };
        for (settings, expected) in [
            (good.clone(), None),
            (ProviderSettings { client_id: String::new(), ..good.clone() }, Some("oidc_client_id")),
            (ProviderSettings { claim: String::new(), ..good.clone() }, Some("oidc_claim")),
            (ProviderSettings { issuer: "http://a.vn".to_owned(), ..good.clone() }, Some("oidc_issuer")),
            (ProviderSettings { public_url: String::new(), ..good }, Some("public_url")),
        ] {
            assert_eq!(Provider::new(settings).err(), expected);
        }
    }
}
