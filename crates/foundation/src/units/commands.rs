//! What a province does to its tree: add, amend, name who holds a post.

use std::sync::Arc;

use jiff::Timestamp;
use vx_concepts::engine::{Command, Decision};
use vx_kernel::{
    Date, Id, Path, Problem, ids, time,
    units::{Kind, Tree, UnitId},
};
use vx_platform::{auth::Actor, store::Tx};

use super::store::{self, LocalUnit, Origin, Post};

/// Adds a hamlet, a residential cluster or an agency below a unit.
#[derive(Clone, Debug)]
pub struct Add {
    /// The unit above.
    pub parent: Path,
    /// What it is.
    pub kind: Kind,
    /// Its type: ấp, khóm, tổ dân phố, bệnh viện …
    pub type_name: String,
    /// Its name without the type.
    pub name: String,
    /// Public telephone number.
    pub phone: Option<String>,
    /// First day.
    pub from: Option<Date>,
    /// Added by hand or from a file.
    pub origin: Origin,
    /// The tree to fit into.
    pub tree: Arc<Tree>,
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
        let parent = self.tree.at_path(&self.parent).ok_or_else(Problem::not_found)?;
        let fits = match self.kind {
            Kind::Hamlet => parent.kind == Kind::Commune,
            Kind::Cluster => parent.kind == Kind::Hamlet,
            Kind::Agency => parent.kind.has_committee(),
            Kind::Province | Kind::District | Kind::Commune => self.origin == Origin::Imported,
        };
        if !fits {
            return Err(Problem::refused("units.add.wrong_place").with("kind", self.kind.as_str()).with("parent", &parent.full_name));
        }
        if self.name.trim().is_empty() || self.type_name.trim().is_empty() {
            return Err(Problem::refused("units.add.no_name"));
        }
        if self.tree.children(parent.id.as_str()).any(|unit| {
            unit.exists_on(time::day_of(now)) && unit.kind == self.kind
                && vx_kernel::text::fold(&format!("{} {}", unit.type_name, unit.bare_name()))
                    == vx_kernel::text::fold(&format!("{} {}", self.type_name, self.name))
        }) {
            return Err(Problem::refused("units.add.there_already").with("name", &self.name));
        }
        let key = free_key(&self.tree, &parent.id, &format!("{} {}", self.type_name, self.name));
        let unit = LocalUnit {
            id: Id::fresh(),
            path: self.parent.child(&key),
            version: 0,
            key,
            origin: self.origin,
            kind: self.kind.as_str().to_owned(),
            type_name: self.type_name.trim().to_lowercase(),
            name: self.name.trim().to_owned(),
            alt_names: String::new(),
            phone: self.phone.clone(),
            from_on: self.from,
            until_on: None,
        };
        store::unit_of(&unit, &self.tree)?;
        Ok(Decision::just(unit))
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a LocalUnit> {
        None
    }
}

/// A key below a unit that nobody has had: the name without marks, with a number where it is taken.
fn free_key(tree: &Tree, parent: &UnitId, name: &str) -> UnitId {
    let folded = vx_kernel::text::fold(name);
    let slug: String = folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    let slug: String = slug.chars().take(24).collect();
    (1..)
        .map(|n| parent.beside(&if n == 1 { slug.clone() } else { format!("{slug}-{n}") }))
        .find(|key| tree.get(key.as_str()).is_none())
        .unwrap_or_else(|| parent.beside(&slug))
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
    /// Last day, when it ends.
    pub until: Option<Date>,
    /// Why.
    pub reason: String,
    /// The tree it stands in.
    pub tree: Arc<Tree>,
}

impl Command for Amend {
    type Record = LocalUnit;
    type Facts = Option<LocalUnit>;
    const NAME: &'static str = "units.amend";
    const READ: &'static str = super::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Option<LocalUnit>, Problem> {
        store::own(tx, &UnitId::from(self.unit.unit())).await
    }
    fn scope(&self, _: &Option<LocalUnit>) -> Path {
        self.unit.clone()
    }
    fn decide(&self, own: &Option<LocalUnit>, _: &Actor, _: Timestamp) -> Result<Decision<LocalUnit>, Problem> {
        let unit = self.tree.at_path(&self.unit).ok_or_else(Problem::not_found)?;
        if self.reason.trim().is_empty() {
            return Err(Problem::refused("units.amend.no_reason"));
        }
        if self.until.zip(unit.from).is_some_and(|(until, from)| until < from) {
            return Err(Problem::refused("units.amend.ends_before_it_begins"));
        }
        let base = own.clone().unwrap_or_else(|| LocalUnit {
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
        });
        let names: Vec<&str> = self.alt_names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).collect();
        let until_on = self.until.or(base.until_on);
        Ok(Decision::just(LocalUnit { alt_names: names.join("|"), phone: self.phone.clone(), until_on, ..base }))
    }
    fn before<'a>(&self, own: &'a Option<LocalUnit>) -> Option<&'a LocalUnit> {
        own.as_ref()
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
        if self.title.trim().is_empty() {
            return Err(Problem::refused("units.post.no_title"));
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
        Ok(Decision::just(Post {
            title: self.title.trim().to_owned(),
            holder: self.holder.clone(),
            accountable: self.accountable,
            phone: self.phone.clone(),
            from_on: Some(self.from),
            ..base
        }))
    }
    fn before<'a>(&self, post: &'a Option<Post>) -> Option<&'a Post> {
        post.as_ref()
    }
}
