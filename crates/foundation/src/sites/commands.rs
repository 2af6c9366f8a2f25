//! What people do with sites.

use jiff::Timestamp;
use vx_concepts::engine::{Command, Decision};
use vx_kernel::{Date, Id, Path, Problem, ids, text::fold, time};
use vx_platform::{auth::Actor, store::Tx};

use crate::units::{Acting, check_name, checked_phone};

use super::{
    Position, READ, Site, SiteKind,
    store::{self, SITES_OF_UNIT_MAX},
};

/// Longest address and note, in characters: a few lines of a page.
const WORDS_MAX: usize = 500;
/// Largest capacity: more than any stadium has.
const CAPACITY_MAX: i64 = 200_000;

/// What somebody says of a site.
#[derive(Clone, PartialEq, Debug)]
pub struct Particulars {
    /// The place on whose ground it stands.
    pub unit: Path,
    /// What stands there.
    pub kind: SiteKind,
    /// What it is called.
    pub name: String,
    /// Street, hamlet, road.
    pub address: String,
    /// Where it lies.
    pub position: Option<Position>,
    /// Public telephone number.
    pub telephone: Option<String>,
    /// How many people or beds it has room for.
    pub capacity: Option<i64>,
    /// First day.
    pub from_on: Option<Date>,
    /// Last day, as planned.
    pub until_on: Option<Date>,
    /// Anything else.
    pub note: String,
}

/// One line without blanks at its ends and in a row.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

impl Particulars {
    /// The record that says this.
    pub(super) fn written(&self, before: Option<&Site>) -> Result<Site, Problem> {
        let (name, address, note) = (line(&self.name), line(&self.address), self.note.trim().to_owned());
        if name.is_empty() {
            return Err(Problem::refused("sites.no_name"));
        }
        check_name(&name)?;
        if [&address, &note].into_iter().any(|text| text.chars().count() > WORDS_MAX) {
            return Err(Problem::refused("sites.too_long").with("max", WORDS_MAX));
        }
        if let Some(capacity) = self.capacity.filter(|capacity| !(0..=CAPACITY_MAX).contains(capacity)) {
            return Err(Problem::refused("sites.capacity").with("capacity", capacity).with("max", CAPACITY_MAX));
        }
        if self.from_on.zip(self.until_on).is_some_and(|(from, until)| until < from) {
            return Err(Problem::refused("sites.ends_before_it_begins"));
        }
        Ok(Site {
            id: before.map_or_else(Id::fresh, |before| before.id),
            path: self.unit.clone(),
            version: before.map_or(0, |before| before.version),
            name,
            kind: self.kind,
            address,
            latitude_micro: self.position.map(|position| position.latitude_micro),
            longitude_micro: self.position.map(|position| position.longitude_micro),
            telephone: checked_phone(self.telephone.as_deref())?,
            capacity: self.capacity,
            from_on: self.from_on,
            until_on: self.until_on,
            closed_on: before.and_then(|before| before.closed_on),
            note,
        })
    }
}

/// What a decision about a site may know.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The site as it was.
    pub(super) site: Option<Site>,
    /// Other sites of its kind in its unit that nobody closed.
    pub(super) others: Vec<Site>,
}

impl Known {
    async fn of(tx: &mut Tx, site: Option<Site>, unit: &Path, kind: SiteKind) -> Result<Self, Problem> {
        let mut others = store::unclosed(tx, unit, kind, SITES_OF_UNIT_MAX).await?;
        others.retain(|other| site.as_ref().is_none_or(|site| site.id != other.id));
        Ok(Self { site, others })
    }

    /// Two sites of one kind and name in one unit are the same one, written down twice.
    fn alone(&self, name: &str) -> Result<(), Problem> {
        match self.others.iter().find(|other| fold(&other.name) == fold(name)) {
            Some(other) => Err(Problem::refused("sites.there_already").with("name", &other.name)),
            None => Ok(()),
        }
    }

    fn site(&self) -> Result<&Site, Problem> {
        self.site.as_ref().ok_or_else(Problem::not_found)
    }
}

/// A site is written down (thêm địa điểm).
#[derive(Clone, Debug)]
pub struct Add {
    /// For whom.
    pub by: Acting,
    /// What is said of it.
    pub of: Particulars,
    /// From which file.
    pub reason: Option<String>,
}

impl Command for Add {
    type Record = Site;
    type Facts = Known;
    const NAME: &'static str = "sites.add";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Known, Problem> {
        Known::of(tx, None, &self.of.unit, self.of.kind).await
    }
    fn scope(&self, _: &Known) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, known: &Known, _: &Actor, _: Timestamp) -> Result<Decision<Site>, Problem> {
        self.by.over(&self.of.unit)?;
        let site = self.of.written(None)?;
        known.alone(&site.name)?;
        Ok(Decision::just(site))
    }
    fn before<'a>(&self, _: &'a Known) -> Option<&'a Site> {
        None
    }
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// What is said of a site is put right (sửa địa điểm).
#[derive(Clone, Debug)]
pub struct Change {
    /// Which one.
    pub site: Id<ids::Site>,
    /// For whom.
    pub by: Acting,
    /// What is said of it by now.
    pub of: Particulars,
}

impl Command for Change {
    type Record = Site;
    type Facts = Known;
    const NAME: &'static str = "sites.change";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Known, Problem> {
        let site = tx.load(self.site).await?;
        Known::of(tx, Some(site), &self.of.unit, self.of.kind).await
    }
    fn scope(&self, _: &Known) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, known: &Known, _: &Actor, _: Timestamp) -> Result<Decision<Site>, Problem> {
        let before = known.site()?;
        self.by.over(&before.path)?;
        self.by.over(&self.of.unit)?;
        let site = self.of.written(Some(before))?;
        if site == *before {
            return Err(Problem::refused("sites.nothing_new"));
        }
        if site.closed_on.is_none() {
            known.alone(&site.name)?;
        }
        Ok(Decision::just(site))
    }
    fn before<'a>(&self, known: &'a Known) -> Option<&'a Site> {
        known.site.as_ref()
    }
}

/// A site is not in use from today on (đóng địa điểm).
#[derive(Clone, Debug)]
pub struct Close {
    /// Which one.
    pub site: Id<ids::Site>,
    /// For whom.
    pub by: Acting,
    /// Why.
    pub reason: String,
}

impl Command for Close {
    type Record = Site;
    type Facts = Site;
    const NAME: &'static str = "sites.close";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Site, Problem> {
        tx.load(self.site).await
    }
    fn scope(&self, _: &Site) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, site: &Site, _: &Actor, now: Timestamp) -> Result<Decision<Site>, Problem> {
        self.by.over(&site.path)?;
        if self.reason.trim().is_empty() {
            return Err(Problem::refused("sites.no_reason"));
        }
        if site.closed_on.is_some() {
            return Err(Problem::refused("sites.closed_already"));
        }
        Ok(Decision::just(Site { closed_on: Some(time::day_of(now)), ..site.clone() }))
    }
    fn before<'a>(&self, site: &'a Site) -> Option<&'a Site> {
        Some(site)
    }
    fn reason(&self) -> Option<&str> {
        Some(self.reason.trim())
    }
}

/// A site that was closed is in use again (mở lại địa điểm).
#[derive(Clone, Debug)]
pub struct Reopen {
    /// Which one.
    pub site: Id<ids::Site>,
    /// For whom.
    pub by: Acting,
    /// Why.
    pub reason: String,
}

impl Command for Reopen {
    type Record = Site;
    type Facts = Known;
    const NAME: &'static str = "sites.reopen";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Known, Problem> {
        let site: Site = tx.load(self.site).await?;
        let (unit, kind) = (site.path.clone(), site.kind);
        Known::of(tx, Some(site), &unit, kind).await
    }
    fn scope(&self, _: &Known) -> Path {
        self.by.unit.clone()
    }
    fn decide(&self, known: &Known, _: &Actor, now: Timestamp) -> Result<Decision<Site>, Problem> {
        let site = known.site()?;
        self.by.over(&site.path)?;
        if self.reason.trim().is_empty() {
            return Err(Problem::refused("sites.no_reason"));
        }
        if site.closed_on.is_none() {
            return Err(Problem::refused("sites.not_closed"));
        }
        known.alone(&site.name)?;
        // A last day that is over would close it again at once.
        let until_on = site.until_on.filter(|until| *until >= time::day_of(now));
        Ok(Decision::just(Site { closed_on: None, until_on, ..site.clone() }))
    }
    fn before<'a>(&self, known: &'a Known) -> Option<&'a Site> {
        known.site.as_ref()
    }
    fn reason(&self) -> Option<&str> {
        Some(self.reason.trim())
    }
}
