//! What a province does to its tree: add, amend, name who holds a post.

use std::{collections::BTreeMap, sync::Arc};

use jiff::Timestamp;
use vx_concepts::engine::{Command, Decision, Effect, Fact};
use vx_kernel::{
    Date, Id, Path, Problem, ids,
    text::fold,
    time,
    units::{Kind, Tree, Unit, UnitId},
};
use vx_platform::{auth::Actor, store::Tx};

use super::store::{self, FACTS, LocalUnit, Origin, Post};

/// Longest name, title or telephone number, in letters.
const NAME_MAX: usize = 200;
/// Longest telephone number, in letters.
const PHONE_MAX: usize = 40;

/// Adds a hamlet, a residential cluster or an agency below a unit; from a file also a place.
#[derive(Clone, Debug)]
pub struct Add {
    /// The unit above.
    pub parent: Path,
    /// What it is.
    pub kind: Kind,
    /// Its key; without one it is made from the name.
    pub key: Option<UnitId>,
    /// Its type: ấp, khóm, tổ dân phố, bệnh viện …
    pub type_name: String,
    /// Its name without the type; an agency's whole name.
    pub name: String,
    /// Other spellings.
    pub alt_names: Vec<String>,
    /// Public telephone number.
    pub phone: Option<String>,
    /// First day.
    pub from: Option<Date>,
    /// Last day.
    pub until: Option<Date>,
    /// Other columns of a file of units, such as `population` or `tags`.
    pub facts: BTreeMap<&'static str, String>,
    /// Why, or from which file.
    pub reason: Option<String>,
    /// Added by hand or from a file.
    pub origin: Origin,
    /// The tree to fit into.
    pub tree: Arc<Tree>,
}

impl Add {
    /// Something added by hand, with nothing but a name; the other fields may be set.
    #[must_use]
    pub fn new(parent: &Path, kind: Kind, type_name: &str, name: &str, tree: Arc<Tree>) -> Self {
        Self {
            parent: parent.clone(),
            kind,
            key: None,
            type_name: type_name.to_owned(),
            name: name.to_owned(),
            alt_names: Vec::new(),
            phone: None,
            from: None,
            until: None,
            facts: BTreeMap::new(),
            reason: None,
            origin: Origin::Added,
            tree,
        }
    }

    /// The record to be saved, or why not.
    ///
    /// # Errors
    /// `units.add.…`, `units.bad_…`, or a fault of the reader of files.
    pub(crate) fn judge(&self, today: Date) -> Result<LocalUnit, Problem> {
        let parent = self.tree.at_path(&self.parent);
        if parent.is_none() && !self.parent.is_root() {
            return Err(Problem::not_found());
        }
        self.fits(parent, today)?;
        let type_name = self.type_name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
        let name = name_without_type(self.kind, &type_name, &self.name);
        if name.is_empty() || type_name.is_empty() {
            return Err(Problem::refused("units.add.no_name"));
        }
        [type_name.as_str(), name.as_str()].into_iter().try_for_each(check_name)?;
        let phone = checked_phone(self.phone.as_deref())?;
        let alt_names = checked_names(&self.alt_names)?;
        if self.until.zip(self.from).is_some_and(|(until, from)| until < from) {
            return Err(Problem::refused("units.ends_before_it_begins"));
        }
        if let Some(parent) = parent
            && self.tree.children(parent.id.as_str()).any(|unit| {
                overlap((unit.from, unit.until), (self.from, self.until))
                    && unit.kind == self.kind
                    && called(unit.kind, &unit.type_name, unit.bare_name()) == called(self.kind, &type_name, &name)
            })
        {
            return Err(Problem::refused("units.add.there_already").with("name", &self.name));
        }
        let key = self.sound_key(parent, &type_name, &name)?;
        let facts: BTreeMap<&str, &String> = self
            .facts
            .iter()
            .filter(|(name, value)| FACTS.contains(name) && !value.is_empty())
            .map(|(name, value)| (*name, value))
            .collect();
        let unit = LocalUnit {
            id: Id::fresh(),
            path: self.parent.child(&key),
            version: 0,
            key,
            origin: self.origin,
            kind: self.kind.as_str().to_owned(),
            type_name,
            name,
            alt_names,
            phone,
            from_on: self.from,
            until_on: self.until,
            facts: serde_json::to_string(&facts).map_err(Problem::internal)?,
        };
        store::unit_of(&unit, &self.tree)?;
        Ok(unit)
    }

    fn fits(&self, parent: Option<&Unit>, today: Date) -> Result<(), Problem> {
        let by_hand = self.origin == Origin::Added;
        let fits = match (self.kind, parent.map(|parent| parent.kind)) {
            (Kind::Hamlet, above) => above == Some(Kind::Commune),
            (Kind::Cluster, above) => above == Some(Kind::Hamlet),
            (Kind::Agency, above) => above.is_some_and(Kind::has_committee),
            (Kind::Province, above) => !by_hand && above.is_none(),
            (Kind::District, above) => !by_hand && above == Some(Kind::Province),
            (Kind::Commune, above) => !by_hand && above.is_some_and(|above| above < Kind::Commune),
        };
        let above = || parent.map_or_else(String::new, |parent| parent.full_name.clone());
        if !fits {
            return Err(Problem::refused("units.add.wrong_place")
                .with("kind", self.kind.as_str())
                .with("parent", above()));
        }
        let begins = self.from.unwrap_or(today);
        if by_hand && parent.is_some_and(|parent| !parent.exists_on(begins)) {
            return Err(Problem::refused("units.add.parent_ended").with("parent", above()).with("day", begins));
        }
        Ok(())
    }

    fn sound_key(&self, parent: Option<&Unit>, type_name: &str, name: &str) -> Result<UnitId, Problem> {
        let Some(key) = &self.key else {
            let Some(parent) = parent else {
                return Err(Problem::refused("units.add.bad_key").with("key", "").with("parent", ""));
            };
            let name = if self.kind == Kind::Agency { name.to_owned() } else { format!("{type_name} {name}") };
            return Ok(free_key(&self.tree, &parent.id, &name));
        };
        // Below communes and for agencies the key says where the unit stands; rules find an agency by it.
        let prefix = parent.filter(|_| !self.kind.has_committee()).map(|parent| format!("{}.", parent.id));
        let sound = UnitId::is_sound(key.as_str())
            && prefix
                .as_ref()
                .is_none_or(|prefix| key.as_str().strip_prefix(prefix.as_str()).is_some_and(|rest| !rest.is_empty()));
        if !sound {
            let parent = parent.map_or(String::new(), |parent| parent.id.to_string());
            return Err(Problem::refused("units.add.bad_key").with("key", key).with("parent", parent));
        }
        if self.tree.get(key.as_str()).is_some() {
            return Err(Problem::refused("units.import.duplicate_key").with("detail", key));
        }
        Ok(key.clone())
    }
}

impl Command for Add {
    type Record = LocalUnit;
    type Facts = ();
    const NAME: &'static str = "units.add";
    const READ: &'static str = super::READ;

    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        self.parent.clone()
    }
    fn decide(&self, (): &(), _: &Actor, now: Timestamp) -> Result<Decision<LocalUnit>, Problem> {
        self.judge(time::day_of(now)).map(Decision::just)
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a LocalUnit> {
        None
    }
    fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }
}

/// Days in which both exist.
pub(crate) fn overlap(a: (Option<Date>, Option<Date>), b: (Option<Date>, Option<Date>)) -> bool {
    let before = |until: Option<Date>, from: Option<Date>| until.zip(from).is_some_and(|(until, from)| until < from);
    !before(a.1, b.0) && !before(b.1, a.0)
}

/// What two units must not share at one place and time.
pub(crate) fn called(kind: Kind, type_name: &str, name: &str) -> String {
    if kind == Kind::Agency { fold(name) } else { fold(&format!("{type_name} {name}")) }
}

/// `Ấp Phú Thành` of the type `ấp` is called `Phú Thành`; an agency's name says its type.
fn name_without_type(kind: Kind, type_name: &str, name: &str) -> String {
    let words: Vec<&str> = name.split_whitespace().collect();
    let name = words.join(" ");
    let says_type = fold(&format!("{name} ")).starts_with(&fold(type_name))
        && fold(&name).strip_prefix(&fold(type_name)).is_some_and(|rest| rest.starts_with(' '));
    match kind {
        Kind::Agency if !says_type && !name.is_empty() && fold(&name) != fold(type_name) => {
            let mut letters = type_name.chars();
            let first: String = letters.next().into_iter().flat_map(char::to_uppercase).collect();
            format!("{first}{} {name}", letters.as_str())
        }
        Kind::Hamlet | Kind::Cluster if says_type => {
            words.get(type_name.split(' ').count()..).unwrap_or_default().join(" ")
        }
        _ => name,
    }
}

/// A name begins with a letter or a digit: a spreadsheet takes `=…` for a formula, and `|` separates names.
pub(crate) fn check_name(name: &str) -> Result<(), Problem> {
    let length = name.chars().count();
    if length > NAME_MAX {
        return Err(Problem::refused("units.too_long").with("max", NAME_MAX));
    }
    if !name.starts_with(char::is_alphanumeric) || name.contains(|c: char| c == '|' || c.is_control()) {
        return Err(Problem::refused("units.bad_name").with("name", name));
    }
    Ok(())
}

fn checked_names(names: &[String]) -> Result<String, Problem> {
    let names: Vec<&str> = names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
    names.iter().copied().try_for_each(check_name)?;
    Ok(names.join("|"))
}

pub(crate) fn checked_phone(phone: Option<&str>) -> Result<Option<String>, Problem> {
    let Some(phone) = phone.map(str::trim).filter(|phone| !phone.is_empty()) else { return Ok(None) };
    let digits = phone.chars().filter(char::is_ascii_digit).count();
    let sound = phone.chars().all(|c| c.is_ascii_digit() || " .-()+/,".contains(c));
    if !sound || digits < 3 || phone.chars().count() > PHONE_MAX {
        return Err(Problem::refused("units.bad_phone").with("phone", phone));
    }
    Ok(Some(phone.to_owned()))
}

/// A key below a unit that nobody has had: the name without marks, with a number where it is taken.
fn free_key(tree: &Tree, parent: &UnitId, name: &str) -> UnitId {
    let folded = fold(name);
    let slug: Vec<&str> = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let slug: String = slug.join("-").chars().take(24).collect();
    let slug = Some(slug.trim_end_matches('-')).filter(|slug| !slug.is_empty()).unwrap_or("x");
    (1..)
        .map(|n| parent.beside(&if n == 1 { slug.to_owned() } else { format!("{slug}-{n}") }))
        .find(|key| tree.get(key.as_str()).is_none())
        .unwrap_or_else(|| parent.beside(slug))
}

/// Changes what may change of any unit: other names, telephone, last day. With a reason.
#[derive(Clone, Debug)]
pub struct Amend {
    /// Which unit.
    pub unit: Path,
    /// Other spellings.
    pub alt_names: Vec<String>,
    /// Public telephone number.
    pub phone: Option<String>,
    /// Last day, when it ends. None leaves a shipped unit its own last day.
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
    /// The tree it stands in.
    pub tree: Arc<Tree>,
}

impl Amend {
    /// The unit as it ships, as the record that a first change starts from.
    pub(crate) fn shipped(&self) -> Result<LocalUnit, Problem> {
        let unit = self.tree.at_path(&self.unit).ok_or_else(Problem::not_found)?;
        Ok(LocalUnit {
            id: Id::fresh(),
            path: self.unit.clone(),
            version: 0,
            key: unit.id.clone(),
            origin: Origin::Amended,
            kind: unit.kind.as_str().to_owned(),
            type_name: unit.type_name.to_string(),
            name: unit.name.clone(),
            alt_names: unit.alt_names.join("|"),
            phone: unit.phone.clone(),
            from_on: unit.from,
            until_on: unit.until,
            facts: "{}".to_owned(),
        })
    }
}

impl Command for Amend {
    type Record = LocalUnit;
    type Facts = LocalUnit;
    const NAME: &'static str = "units.amend";
    const READ: &'static str = super::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<LocalUnit, Problem> {
        match store::own(tx, &UnitId::from(self.unit.unit())).await? {
            Some(own) => Ok(own),
            None => self.shipped(),
        }
    }
    fn scope(&self, _: &LocalUnit) -> Path {
        self.unit.clone()
    }
    fn decide(&self, was: &LocalUnit, _: &Actor, _: Timestamp) -> Result<Decision<LocalUnit>, Problem> {
        if self.reason.trim().is_empty() {
            return Err(Problem::refused("units.amend.no_reason"));
        }
        if self.until.zip(was.from_on).is_some_and(|(until, from)| until < from) {
            return Err(Problem::refused("units.ends_before_it_begins"));
        }
        let amended = LocalUnit {
            alt_names: checked_names(&self.alt_names)?,
            phone: checked_phone(self.phone.as_deref())?,
            until_on: self.until,
            ..was.clone()
        };
        if amended == *was {
            return Err(Problem::refused("units.amend.nothing_new"));
        }
        Ok(Decision::just(amended))
    }
    // Also of a shipped unit, so that the journal tells what changed and not all that the program knew.
    fn before<'a>(&self, was: &'a LocalUnit) -> Option<&'a LocalUnit> {
        Some(was)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// Names who holds a post from a day on; the holder before ends the day before.
#[derive(Clone, Debug)]
pub struct Holder {
    /// The post, or none to make it.
    pub post: Option<Id<ids::Post>>,
    /// The unit.
    pub unit: Path,
    /// Title.
    pub title: String,
    /// The holder's name; none when the post is vacant.
    pub holder: Option<String>,
    /// Whether the holder answers for the unit.
    pub accountable: bool,
    /// Public telephone number.
    pub phone: Option<String>,
    /// From which day.
    pub from: Date,
}

impl Command for Holder {
    type Record = Post;
    type Facts = Option<Post>;
    const NAME: &'static str = "units.name_holder";
    const READ: &'static str = super::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Option<Post>, Problem> {
        match self.post {
            Some(id) => tx.load(id).await.map(Some),
            None => Ok(None),
        }
    }
    fn scope(&self, post: &Option<Post>) -> Path {
        post.as_ref().map_or_else(|| self.unit.clone(), |post| post.path.clone())
    }
    fn decide(&self, post: &Option<Post>, _: &Actor, _: Timestamp) -> Result<Decision<Post>, Problem> {
        let title = self.title.trim();
        if title.is_empty() {
            return Err(Problem::refused("units.post.no_title"));
        }
        let holder = self.holder.as_deref().map(str::trim).filter(|name| !name.is_empty());
        std::iter::once(title).chain(holder).try_for_each(check_name)?;
        let phone = checked_phone(self.phone.as_deref())?;
        if let Some(post) = post
            && post.holder.as_deref() != holder
            && let Some(since) = post.from_on.filter(|since| self.from < *since)
        {
            return Err(Problem::refused("units.post.before_the_last").with("since", since));
        }
        let base = post.clone().unwrap_or_else(|| Post {
            id: Id::fresh(),
            path: self.unit.clone(),
            version: 0,
            title: String::new(),
            holder: None,
            accountable: false,
            phone: None,
            from_on: None,
            until_on: None,
        });
        let named = Post {
            title: title.to_owned(),
            holder: holder.map(str::to_owned),
            accountable: self.accountable,
            phone,
            from_on: Some(self.from),
            ..base.clone()
        };
        let answers = |post: &Post| post.holder.clone().filter(|_| post.accountable);
        let changed = answers(&named) != answers(&base) || (named.accountable && named.from_on != base.from_on);
        let effects = changed.then(|| Effect::Tell(Fact::HolderNamed { post: named.id.uuid() }));
        Ok(Decision { record: named, effects: effects.into_iter().collect() })
    }
    fn before<'a>(&self, post: &'a Option<Post>) -> Option<&'a Post> {
        post.as_ref()
    }
}
