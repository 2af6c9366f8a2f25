//! What a province adds to the tree, and who holds its posts.

use std::collections::{BTreeMap, HashMap};

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
        /// The other columns of [`read_places`] that are not empty, as a JSON object of texts.
        pub facts: String,
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

/// Which state the province's own units are in: how many, and the sum of their versions. It changes with each of them.
///
/// # Errors
/// When the database is away.
pub(crate) async fn state(conn: &mut Conn) -> Result<(i64, i64), Problem> {
    let sql = Sql::new(
        "select count(*) as n, cast(coalesce(sum(version), 0) as BIGINT) as versions from unit where tenant = ",
    );
    let row = conn.row(sql.bind(conn.tenant())).await?.ok_or_else(|| Problem::internal("a count has a row"))?;
    Ok((row.get("n")?, row.get("versions")?))
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

/// Posts that are looked at together: those of a province and its agencies.
const POSTS_MAX: i64 = 2_000;

/// Posts of some units, heads first.
///
/// # Errors
/// When the database is away.
pub async fn posts_of(conn: &mut Conn, units: &[Path]) -> Result<Vec<Post>, Problem> {
    let sql = Sql::new("select ").sql(Post::SELECT).sql(" from unit_post where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path in ").list(units.iter().cloned()).sql(" order by accountable desc, id limit ");
    conn.rows(sql.bind(POSTS_MAX)).await?.iter().map(Post::read).collect()
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

/// The columns that [`LocalUnit::facts`] may hold.
pub(crate) const FACTS: [&str; 10] =
    ["full_name", "name_en", "code", "lat", "lon", "area_km2", "population", "agency", "tags", "renamed"];

/// Records of one's own as the file that [`read_places`] reads, so that both ways have one set of rules.
fn as_file<'a>(own: impl IntoIterator<Item = &'a LocalUnit>) -> String {
    let day = |day: Option<Date>| day.map_or(String::new(), |day| day.to_string());
    let mut file = format!("key,parent,kind,type,name,alt_names,phone,from,until,{}\n", FACTS.join(","));
    for own in own {
        let facts: BTreeMap<String, String> = serde_json::from_str(&own.facts).unwrap_or_default();
        let parent = own.path.parent().map_or(String::new(), |path| path.unit().to_owned());
        let cells = [
            own.key.to_string(),
            parent,
            own.kind.clone(),
            own.type_name.clone(),
            own.name.clone(),
            own.alt_names.clone(),
            own.phone.clone().unwrap_or_default(),
            day(own.from_on),
            day(own.until_on),
        ];
        let facts = FACTS.iter().map(|name| facts.get(*name).cloned().unwrap_or_default());
        for (n, cell) in cells.into_iter().chain(facts).enumerate() {
            file.push_str(if n > 0 { ",\"" } else { "\"" });
            file.push_str(&cell.replace('"', "\"\""));
            file.push('"');
        }
        file.push('\n');
    }
    file
}

/// The unit that a record of one's own describes.
///
/// # Errors
/// The reader's fault as a problem.
pub(crate) fn unit_of(own: &LocalUnit, tree: &Tree) -> Result<Unit, Problem> {
    let (units, faults) = read_places(&as_file([own]), Some(tree));
    units.into_iter().next().ok_or_else(|| match faults.into_iter().next() {
        Some(fault) => Problem::invalid(fault.code).with("detail", fault.detail),
        None => Problem::internal("a unit was neither read nor at fault"),
    })
}

/// The shipped tree with the province's own over it. A record that no longer fits (its parent is gone from the shipped
/// tree, or the shipped tree has its key by now) is left out of the tree and stays in the table.
pub(crate) fn overlay(mut units: Vec<Unit>, lineage: Vec<Lineage>, own: &[LocalUnit]) -> Tree {
    let (amended, added): (Vec<&LocalUnit>, Vec<&LocalUnit>) =
        own.iter().partition(|own| own.origin == Origin::Amended);
    let changes: HashMap<&UnitId, &LocalUnit> = amended.into_iter().map(|change| (&change.key, change)).collect();
    for unit in &mut units {
        let Some(change) = changes.get(&unit.id) else { continue };
        unit.alt_names = several(&change.alt_names).map(str::to_owned).collect();
        unit.phone.clone_from(&change.phone);
        unit.until = change.until_on.or(unit.until);
    }
    let (tree, _) = Tree::new(units, lineage);
    if added.is_empty() {
        return tree;
    }
    let (mut more, _) = read_places(&as_file(added), Some(&tree));
    // What stands below a unit ends with it, without anybody writing it down; parents have shorter paths.
    more.sort_by_key(|unit| unit.path.depth());
    let mut spans: HashMap<UnitId, (Option<Date>, Option<Date>)> = HashMap::new();
    for unit in &mut more {
        let Some(parent) = &unit.parent else { continue };
        let above = tree.get(parent.as_str()).map(|parent| (parent.from, parent.until));
        let (from, until) = above.or_else(|| spans.get(parent).copied()).unwrap_or_default();
        unit.from = unit.from.max(from);
        unit.until = [unit.until, until].into_iter().flatten().min();
        spans.insert(unit.id.clone(), (unit.from, unit.until));
    }
    tree.with(more).0
}

/// The texts of a cell that holds several.
pub(crate) fn several(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('|').map(str::trim).filter(|text| !text.is_empty())
}
