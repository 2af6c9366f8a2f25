//! What a province adds to the tree, and who holds its posts.

use vx_kernel::{
    Date, Path, Problem, ids,
    units::{Lineage, Tree, Unit, UnitId, read_places},
};
use vx_platform::{
    params, record,
    store::{Conn, Record as _, Sql},
    text_enum,
};

text_enum! {
    /// How a unit of the province's own came about.
    pub enum Origin {
        /// Added by its users: a hamlet, a cluster, an agency.
        Added = "added",
        /// Read from a file.
        Imported = "imported",
        /// A shipped unit with something of it changed: other names, telephone, last day.
        Amended = "amended",
    }
}

record! {
    /// A unit of the province's own, or a change to a shipped one. `path` is the unit's own path.
    pub struct LocalUnit[ids::Unit] in "unit" {
        /// Its key in the tree.
        pub key: UnitId,
        /// How it came about.
        pub origin: Origin,
        /// Kind, as in files.
        pub kind: String,
        /// Type in Vietnamese, lower case.
        pub type_name: String,
        /// Name without its type.
        pub name: String,
        /// Other spellings, separated by `|`.
        pub alt_names: String,
        /// Public telephone number.
        pub phone: Option<String>,
        /// First day.
        pub from_on: Option<Date>,
        /// Last day.
        pub until_on: Option<Date>,
    }
}

record! {
    /// A post in a unit (chức vụ) and who holds it. `path` is the unit.
    pub struct Post[ids::Post] in "unit_post" {
        /// Title.
        pub title: String,
        /// Name of the holder.
        pub holder: Option<String>,
        /// Whether the holder answers for the unit (người đứng đầu).
        pub accountable: bool,
        /// Public telephone number of the post.
        pub phone: Option<String>,
        /// First day of this holder.
        pub from_on: Option<Date>,
        /// Last day of this holder.
        pub until_on: Option<Date>,
    }
}

/// Units of one's own that an installation may have: every hamlet of the largest province several times over.
const OWN_MAX: i64 = 200_000;

/// Everything the province added or changed.
///
/// # Errors
/// When the database is away.
pub(crate) async fn all(conn: &mut Conn) -> Result<Vec<LocalUnit>, Problem> {
    // Parents have shorter paths, hence come first.
    let sql = Sql::new("select ").sql(LocalUnit::SELECT).sql(" from unit where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" order by length(path), path limit ").bind(OWN_MAX);
    conn.rows(sql).await?.iter().map(LocalUnit::read).collect()
}

/// Posts of a unit, heads first.
///
/// # Errors
/// When the database is away.
pub async fn posts(conn: &mut Conn, unit: &Path) -> Result<Vec<Post>, Problem> {
    let sql = Sql::new("select ").sql(Post::SELECT).sql(" from unit_post where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(unit).sql(" order by accountable desc, id limit 100");
    conn.rows(sql).await?.iter().map(Post::read).collect()
}

/// The province's own change to a unit, if there is one.
///
/// # Errors
/// When the database is away.
pub(crate) async fn own(conn: &mut Conn, key: &UnitId) -> Result<Option<LocalUnit>, Problem> {
    let sql = Sql::with("select id from unit where tenant = $1 and key = $2", params![conn.tenant(), key]);
    match conn.row(sql).await? {
        Some(row) => conn.load(row.get::<vx_kernel::Id<ids::Unit>>("id")?).await.map(Some),
        None => Ok(None),
    }
}

/// The unit that a record of one's own describes; the reader of files judges it, so both ways have one set of rules.
///
/// # Errors
/// The reader's fault as a problem.
pub(crate) fn unit_of(own: &LocalUnit, tree: &Tree) -> Result<Unit, Problem> {
    let day = |day: Option<Date>| day.map_or(String::new(), |day| day.to_string());
    let parent = own.path.parent().map_or(String::new(), |path| path.unit().to_owned());
    let cells = [
        own.key.to_string(), parent, own.kind.clone(), own.type_name.clone(), own.name.clone(), own.alt_names.clone(),
        own.phone.clone().unwrap_or_default(), day(own.from_on), day(own.until_on),
    ];
    let row = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\""))).join(",");
    let (units, faults) = read_places(&format!("key,parent,kind,type,name,alt_names,phone,from,until\n{row}\n"), Some(tree));
    units.into_iter().next().ok_or_else(|| {
        let fault = faults.into_iter().next();
        let (code, detail) = fault.map_or(("unknown", String::new()), |fault| (fault.code, fault.detail));
        Problem::invalid("units.unsound").with("fault", code).with("detail", detail)
    })
}

/// The shipped tree with the province's own over it. A record that no longer fits (its parent is gone from the shipped
/// tree) is left out of the tree and stays in the table, where `doctor` will name it.
pub(crate) fn overlay(mut units: Vec<Unit>, lineage: Vec<Lineage>, own: &[LocalUnit]) -> Tree {
    for change in own.iter().filter(|own| own.origin == Origin::Amended) {
        if let Some(unit) = units.iter_mut().find(|unit| unit.id == change.key) {
            unit.alt_names = change.alt_names.split('|').filter(|name| !name.is_empty()).map(str::to_owned).collect();
            unit.phone.clone_from(&change.phone);
            unit.until = change.until_on.or(unit.until);
        }
    }
    let (mut tree, _) = Tree::new(units, lineage);
    let added: Vec<&LocalUnit> = own.iter().filter(|own| own.origin != Origin::Amended).collect();
    // One level at a time, because a cluster's hamlet must be in the tree before it.
    for depth in 1..=6 {
        let level: Vec<Unit> =
            added.iter().filter(|own| own.path.depth() == depth).filter_map(|own| unit_of(own, &tree).ok()).collect();
        if !level.is_empty() {
            tree = tree.with(level).0;
        }
    }
    tree
}
