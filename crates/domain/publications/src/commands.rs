//! What is decided about what the public is told.

use jiff::Timestamp;
use vx_concepts::engine::{Command, Decision, Effect, Fact};
use vx_foundation::units::Acting;
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::Actor,
    store::{Record, Tx},
};

use crate::{
    store::READ,
    types::{Announcement, ContactKind, PublicContact, PublicationState, digits},
};

/// Longest title or name, in characters: a line on a telephone, twice.
pub const TITLE_MAX: usize = 160;
/// Longest text: two pages.
pub const BODY_MAX: usize = 6_000;

/// Trimmed; nothing where there is nothing.
fn given(text: Option<&str>) -> Option<String> {
    text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn fits(text: &str, max: usize, empty: &'static str) -> Result<String, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Problem::refused(empty));
    }
    short(text, max)?;
    Ok(text.to_owned())
}

fn short(text: &str, max: usize) -> Result<(), Problem> {
    if text.chars().count() > max {
        return Err(Problem::refused("publications.too_long").with("max", i64::try_from(max).unwrap_or(i64::MAX)));
    }
    Ok(())
}

/// What was there may be changed where it stands, with a reason; what is new needs none.
fn change(state: Option<PublicationState>, reason: Option<&str>) -> Result<Option<String>, Problem> {
    let reason = given(reason);
    match state {
        None => Ok(None),
        Some(PublicationState::Withdrawn) => Err(Problem::refused("publications.withdrawn_already")),
        Some(PublicationState::Published) if reason.is_none() => Err(Problem::refused("publications.no_reason")),
        Some(PublicationState::Published) => Ok(reason),
    }
}

fn told<R: Record>(record: R) -> Decision<R> {
    let fact = Fact::PublicationChanged { record: record.uuid() };
    Decision { record, effects: vec![Effect::Tell(fact)] }
}

/// A unit tells the public something (công bố thông báo), or puts right what it told.
#[derive(Clone, Debug)]
pub struct Announce {
    /// Its id: a fresh one, or that of the announcement that is put right.
    pub id: Id<ids::Announcement>,
    /// Whether it is there already.
    pub again: bool,
    /// Who tells it.
    pub by: Acting,
    /// The place that it is about.
    pub place: Path,
    /// Title.
    pub title: String,
    /// Text.
    pub body: String,
    /// Title in English.
    pub title_en: Option<String>,
    /// Text in English.
    pub body_en: Option<String>,
    /// From which hour.
    pub from_at: Timestamp,
    /// Until which hour.
    pub until_at: Option<Timestamp>,
    /// Why it is put right.
    pub reason: Option<String>,
}

impl Command for Announce {
    type Record = Announcement;
    type Facts = Option<Announcement>;
    const NAME: &'static str = "publications.announce";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Option<Announcement>, Problem> {
        if self.again { tx.load(self.id).await.map(Some) } else { Ok(None) }
    }
    fn scope(&self, before: &Option<Announcement>) -> Path {
        before.as_ref().map_or_else(|| self.by.unit.clone(), |before| before.path.clone())
    }
    fn decide(
        &self,
        before: &Option<Announcement>,
        by: &Actor,
        _: Timestamp,
    ) -> Result<Decision<Announcement>, Problem> {
        self.by.over(&self.place)?;
        let reason = change(before.as_ref().map(|before| before.state), self.reason.as_deref())?;
        let (title_en, body_en) = (given(self.title_en.as_deref()), given(self.body_en.as_deref()));
        if title_en.is_some() != body_en.is_some() {
            return Err(Problem::refused("publications.half_english"));
        }
        short(title_en.as_deref().unwrap_or_default(), TITLE_MAX)?;
        short(body_en.as_deref().unwrap_or_default(), BODY_MAX)?;
        if self.until_at.is_some_and(|until| until <= self.from_at) {
            return Err(Problem::refused("publications.ends_before"));
        }
        Ok(told(Announcement {
            id: self.id,
            path: self.scope(before),
            version: before.as_ref().map_or(0, |before| before.version),
            place: self.place.clone(),
            title: fits(&self.title, TITLE_MAX, "publications.no_title")?,
            body: fits(&self.body, BODY_MAX, "publications.no_text")?,
            title_en,
            body_en,
            from_at: self.from_at,
            until_at: self.until_at,
            edition: before.as_ref().map_or(0, |before| before.edition) + 1,
            state: PublicationState::Published,
            reason,
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, before: &'a Option<Announcement>) -> Option<&'a Announcement> {
        before.as_ref()
    }
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty())
    }
}

/// An announcement is taken back (rút thông báo).
#[derive(Clone, Debug)]
pub struct Retract {
    /// Which one.
    pub id: Id<ids::Announcement>,
    /// Why.
    pub reason: String,
}

impl Command for Retract {
    type Record = Announcement;
    type Facts = Announcement;
    const NAME: &'static str = "publications.retract";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Announcement, Problem> {
        tx.load(self.id).await
    }
    fn scope(&self, before: &Announcement) -> Path {
        before.path.clone()
    }
    fn decide(&self, before: &Announcement, _: &Actor, _: Timestamp) -> Result<Decision<Announcement>, Problem> {
        let reason = change(Some(before.state), Some(&self.reason))?;
        Ok(told(Announcement { state: PublicationState::Withdrawn, reason, ..before.clone() }))
    }
    fn before<'a>(&self, before: &'a Announcement) -> Option<&'a Announcement> {
        Some(before)
    }
    fn reason(&self) -> Option<&str> {
        Some(self.reason.trim())
    }
}

/// A unit says whom the public may call (đưa vào danh bạ công khai), or puts it right.
#[derive(Clone, Debug)]
pub struct Enlist {
    /// Its id: a fresh one, or that of the line that is put right.
    pub id: Id<ids::PublicContact>,
    /// Whether it is there already.
    pub again: bool,
    /// Who says it.
    pub by: Acting,
    /// The place for which it is there.
    pub place: Path,
    /// What it is.
    pub kind: ContactKind,
    /// What it is called.
    pub name: String,
    /// The same in English.
    pub name_en: Option<String>,
    /// The number.
    pub telephone: String,
    /// When somebody answers.
    pub hours: String,
    /// The same in English.
    pub hours_en: Option<String>,
    /// Why it is put right.
    pub reason: Option<String>,
}

impl Command for Enlist {
    type Record = PublicContact;
    type Facts = Option<PublicContact>;
    const NAME: &'static str = "publications.enlist";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Option<PublicContact>, Problem> {
        if self.again { tx.load(self.id).await.map(Some) } else { Ok(None) }
    }
    fn scope(&self, before: &Option<PublicContact>) -> Path {
        before.as_ref().map_or_else(|| self.by.unit.clone(), |before| before.path.clone())
    }
    fn decide(
        &self,
        before: &Option<PublicContact>,
        by: &Actor,
        _: Timestamp,
    ) -> Result<Decision<PublicContact>, Problem> {
        self.by.over(&self.place)?;
        let reason = change(before.as_ref().map(|before| before.state), self.reason.as_deref())?;
        let telephone = self.telephone.trim();
        let is_number = telephone.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '.' | '-' | '+' | '(' | ')'));
        let n = digits(telephone).trim_start_matches('+').len();
        if !is_number || !(3..=15).contains(&n) || telephone.chars().count() > 30 {
            return Err(Problem::refused("publications.no_number"));
        }
        for text in [self.name_en.as_deref(), self.hours_en.as_deref()].into_iter().flatten() {
            short(text, TITLE_MAX)?;
        }
        Ok(told(PublicContact {
            id: self.id,
            path: self.scope(before),
            version: before.as_ref().map_or(0, |before| before.version),
            place: self.place.clone(),
            kind: self.kind,
            name: fits(&self.name, TITLE_MAX, "publications.no_name")?,
            name_en: given(self.name_en.as_deref()),
            telephone: telephone.to_owned(),
            hours: fits(&self.hours, TITLE_MAX, "publications.no_hours")?,
            hours_en: given(self.hours_en.as_deref()),
            edition: before.as_ref().map_or(0, |before| before.edition) + 1,
            state: PublicationState::Published,
            reason,
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, before: &'a Option<PublicContact>) -> Option<&'a PublicContact> {
        before.as_ref()
    }
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty())
    }
}

/// A line of the directory is taken back (rút khỏi danh bạ công khai).
#[derive(Clone, Debug)]
pub struct Strike {
    /// Which one.
    pub id: Id<ids::PublicContact>,
    /// Why.
    pub reason: String,
}

impl Command for Strike {
    type Record = PublicContact;
    type Facts = PublicContact;
    const NAME: &'static str = "publications.strike";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<PublicContact, Problem> {
        tx.load(self.id).await
    }
    fn scope(&self, before: &PublicContact) -> Path {
        before.path.clone()
    }
    fn decide(&self, before: &PublicContact, _: &Actor, _: Timestamp) -> Result<Decision<PublicContact>, Problem> {
        let reason = change(Some(before.state), Some(&self.reason))?;
        Ok(told(PublicContact { state: PublicationState::Withdrawn, reason, ..before.clone() }))
    }
    fn before<'a>(&self, before: &'a PublicContact) -> Option<&'a PublicContact> {
        Some(before)
    }
    fn reason(&self) -> Option<&str> {
        Some(self.reason.trim())
    }
}
