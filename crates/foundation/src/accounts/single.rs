//! Single sign-on (đăng nhập một lần): sending a browser to the provider, taking it back, and which account is whom.
//!
//! **Invariant:** the provider's word makes no account and no right: it opens the one account that an administrator
//! linked (tests `a_link_to_the_provider_is_made_by_rule`; `single sign-on …` in the browser).

use axum::{
    extract::Query,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Redirect},
};
use jiff::Timestamp;
use vx_concepts::engine::{Command, Decision};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::{
        self, Actor, Role, actor_of,
        single::{Provider, SingleLink, link_of, linked},
    },
    store::{Tx, Uuid},
    web::{PageResult, Visit},
};

use super::{
    READ,
    commands::{Standing, open_to_change, standing, within_reach},
    security::device_of,
    sign_in::{SESSION, in_local_time, login_page, next_of, onward, set_cookie, token_of},
};

/// What a browser was sent away with.
const COOKIE: &str = "vx_single";
/// How long it may take to come back, in seconds.
const AWAY_S: u32 = 600;
/// Longest name of a person at a provider, in characters.
const SUBJECT_MAX: usize = 255;

/// Says which person of the provider an account is, or that it is none (liên kết đăng nhập một lần).
#[derive(Clone, Debug)]
pub struct LinkSingle {
    /// Which account.
    pub account: Id<ids::Account>,
    /// The provider.
    pub issuer: String,
    /// By what it names the person; `None` to unlink.
    pub subject: Option<String>,
}

/// What linking must know.
#[derive(Clone, Debug)]
pub struct LinkFacts {
    /// The account and what it holds.
    pub standing: Standing,
    /// Its link so far.
    pub link: Option<SingleLink>,
    /// Whether the provider's person is another account already.
    pub taken: bool,
}

impl Command for LinkSingle {
    type Record = SingleLink;
    type Facts = LinkFacts;
    const NAME: &'static str = "accounts.link_single";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<LinkFacts, Problem> {
        let standing = standing(tx, self.account).await?;
        let taken = match &self.subject {
            Some(subject) => {
                linked(tx, &self.issuer, subject.trim()).await?.is_some_and(|link| link.account != self.account)
            }
            None => false,
        };
        Ok(LinkFacts { standing, link: link_of(tx, self.account).await?, taken })
    }
    fn scope(&self, facts: &LinkFacts) -> Path {
        facts.standing.account.path.clone()
    }
    fn decide(&self, facts: &LinkFacts, by: &Actor, _: Timestamp) -> Result<Decision<SingleLink>, Problem> {
        let account = &facts.standing.account;
        open_to_change(account)?;
        // Whoever is linked takes over all that the account may do.
        within_reach(by, Self::NAME, &facts.standing)?;
        let subject = self.subject.as_deref().map(str::trim).filter(|subject| !subject.is_empty());
        if subject.is_none() && facts.link.as_ref().is_none_or(|link| link.subject.is_none()) {
            return Err(Problem::refused("accounts.single_not_linked"));
        }
        if subject.is_some_and(|subject| subject.chars().count() > SUBJECT_MAX) {
            return Err(Problem::refused("accounts.text_too_long").with("max", SUBJECT_MAX));
        }
        if facts.taken {
            return Err(Problem::refused("accounts.single_taken").with("subject", subject.unwrap_or_default()));
        }
        Ok(Decision::just(SingleLink {
            id: facts.link.as_ref().map_or_else(Id::fresh, |link| link.id),
            path: account.path.clone(),
            version: facts.link.as_ref().map_or(0, |link| link.version),
            account: account.id,
            issuer: self.issuer.clone(),
            subject: subject.map(str::to_owned),
        }))
    }
    fn before<'a>(&self, facts: &'a LinkFacts) -> Option<&'a SingleLink> {
        facts.link.as_ref()
    }
    fn about(&self, _: &LinkFacts) -> Option<Uuid> {
        Some(self.account.uuid())
    }
    fn seen_from(&self, facts: &LinkFacts) -> Vec<Path> {
        facts.standing.grants.iter().map(|grant| grant.path.clone()).collect()
    }
}

fn provider(visit: &Visit) -> Result<&Provider, Problem> {
    visit.app.provider().ok_or_else(Problem::not_found)
}

/// The sign-in page with what went wrong, and without the cookie.
fn came_to_nothing(visit: &Visit, next: &str, problem: Problem) -> PageResult {
    let problem = in_local_time(visit, problem);
    let mut page = login_page(visit, next, "", Some(&problem));
    let away = problem.code == "accounts.single_away";
    *page.status_mut() = if away { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::UNPROCESSABLE_ENTITY };
    set_cookie(visit, &mut page, &format!("{COOKIE}="), "; HttpOnly; Max-Age=0")?;
    Ok(page)
}

/// `GET /login/single`: sends the browser to the provider.
pub(super) async fn leave(visit: Visit) -> PageResult {
    let next = next_of(&visit.url);
    let asked = match provider(&visit)?.ask().await {
        Ok(asked) => asked,
        Err(problem) => return came_to_nothing(&visit, &next, problem),
    };
    let mut response = Redirect::to(&asked.to).into_response();
    let kept = format!("{COOKIE}={}.{}.{}.{}", asked.state, asked.nonce, asked.verifier, next.replace(';', "%3B"));
    set_cookie(&visit, &mut response, &kept, &format!("; HttpOnly; Max-Age={AWAY_S}"))?;
    Ok(response)
}

/// What this browser was sent away with: state, nonce, code verifier, and where it wanted to go.
fn kept(headers: &HeaderMap) -> Option<(String, String, String, String)> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let value = cookies.flat_map(|text| text.split(';')).find_map(|pair| {
        let (name, value) = pair.trim().split_once('=')?;
        (name == COOKIE).then(|| value.to_owned())
    })?;
    let mut parts = value.splitn(4, '.').map(str::to_owned);
    let (state, nonce, verifier) = (parts.next()?, parts.next()?, parts.next()?);
    let next = onward(&parts.next()?.replace("%3B", ";")).to_owned();
    Some((state, nonce, verifier, next)).filter(|(state, ..)| !state.is_empty())
}

/// `GET /login/single/done`: takes the browser back.
pub(super) async fn done(visit: Visit, headers: HeaderMap, Query(asked): Query<Vec<(String, String)>>) -> PageResult {
    let provider = provider(&visit)?;
    let value = |name: &str| asked.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let stale = || Problem::refused("accounts.single_stale");
    let Some((_, nonce, verifier, next)) = kept(&headers).filter(|(state, ..)| state == value("state")) else {
        return came_to_nothing(&visit, "/", stale());
    };
    if value("code").is_empty() {
        // The provider, or the person there, said no.
        return came_to_nothing(&visit, &next, Problem::refused("accounts.single_refused"));
    }
    let device = device_of(&visit, &headers);
    let signed = async {
        let subject = provider.answered(value("code"), &nonce, &verifier).await?;
        let link = linked(&mut visit.app.db().read().await?, &provider.settings().issuer, &subject).await?;
        let Some(link) = link else {
            auth::note_not_linked(visit.app.db(), device).await?;
            return Err(Problem::refused("accounts.single_unknown"));
        };
        auth::sign_in_proved(visit.app.db(), link.account, device).await
    };
    match signed.await {
        Ok(signed) => {
            if let Some(old) = token_of(&headers) {
                auth::sign_out(visit.app.db(), &old).await?;
            }
            let to = if signed.owes_code {
                format!("/login/code?next={}", next.replace('&', "%26").replace('#', "%23"))
            } else {
                next
            };
            let mut response = Redirect::to(onward(&to)).into_response();
            set_cookie(&visit, &mut response, &format!("{SESSION}={}", signed.token), "; HttpOnly")?;
            set_cookie(&visit, &mut response, &format!("{COOKIE}="), "; HttpOnly; Max-Age=0")?;
            Ok(response)
        }
        Err(problem) => came_to_nothing(&visit, &next, problem),
    }
}

/// `GET /login/single/end`: to where one ends what one has with the provider.
pub(super) async fn end(visit: Visit) -> PageResult {
    match provider(&visit)?.end_address().await {
        Ok(Some(to)) => Ok(Redirect::to(&to).into_response()),
        Ok(None) => Ok(Redirect::to("/login").into_response()),
        Err(problem) => came_to_nothing(&visit, "/", problem),
    }
}

/// Whether a password is not enough for this name: the operator wants everybody but administrators to come by the
/// provider.
pub(super) async fn password_refused(visit: &Visit, login: &str) -> Result<bool, Problem> {
    if visit.app.provider().is_none_or(|provider| !provider.settings().only) {
        return Ok(false);
    }
    let actor = actor_of(visit.app.db(), visit.app.rights(), Err(login), visit.now()).await?;
    Ok(actor.is_none_or(|actor| actor.held.iter().all(|held| held.role != Role::Admin)))
}
