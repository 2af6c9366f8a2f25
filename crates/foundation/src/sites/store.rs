//! Reading sites.

use vx_kernel::{Date, Id, Path, Problem, ids, text::fold, units::Tree};
use vx_platform::{
    auth::{Actor, Breadth::Subtree, Reach, below, within},
    store::{Conn, Record as _, Sql, Uuid},
    web::list::{KeyKind, Listing, Order, Shown},
};

use crate::units::places;

use super::{READ, Site, SiteKind, SiteState};

/// Sites of one kind in one unit that are looked through for a twin: every enterprise of a large district.
pub(super) const SITES_OF_UNIT_MAX: i64 = 5_000;

/// By what a list of sites can be sorted.
pub(super) const ORDERS: &[Order] = &[
    Order { name: "name", key: "site-name", by: "name_key", kind: KeyKind::Bytes, falling: false },
    Order { name: "kind", key: "site-kind", by: "kind", kind: KeyKind::Text, falling: false },
    Order { name: "unit", key: "site-unit", by: "path", kind: KeyKind::Text, falling: false },
    Order { name: "changed", key: "site-changed", by: "updated_at", kind: KeyKind::At, falling: true },
];

/// Which sites a list shows.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    /// Words of name, address or note, without marks.
    pub(super) words: String,
    /// What stands there.
    pub(super) kind: Option<SiteKind>,
    /// In this unit or below.
    pub(super) unit: Option<Path>,
    /// Where they stand today; without it those that are in use or will be.
    pub(super) state: Option<SiteState>,
    /// Also those that are over or closed.
    pub(super) with_past: bool,
    /// Only those that lie nowhere yet.
    pub(super) without_position: bool,
}

/// From where somebody sees sites: their own units and all below, and of an agency the place beside which it stands.
#[must_use]
pub fn reaches(actor: &Actor, tree: &Tree) -> Vec<Reach> {
    places(actor, tree, READ).into_iter().map(|path| Reach { path, breadth: Subtree }).collect()
}

/// That a site is in use or will be on a day.
fn not_past(sql: Sql, on: Date) -> Sql {
    let sql = sql.sql(" and (closed_on is null or closed_on > ").bind(on);
    sql.sql(") and (until_on is null or until_on >= ").bind(on).sql(")")
}

fn conditions(sql: Sql, conn: &Conn, reaches: &[Reach], filter: &Filter, today: Date) -> Sql {
    let sql = sql.sql(" from site where tenant = ").bind(conn.tenant()).sql(" and ");
    let mut sql = within(sql, "path", reaches);
    for word in fold(&filter.words).split_whitespace() {
        sql = sql.sql(" and folded like ").bind(format!("%{word}%"));
    }
    sql = sql.when(filter.kind, |sql, kind| sql.sql(" and kind = ").bind(kind));
    if let Some(unit) = &filter.unit {
        sql = below(sql.sql(" and "), "path", unit);
    }
    if filter.without_position {
        sql = sql.sql(" and latitude_micro is null");
    }
    match filter.state {
        None if filter.with_past => sql,
        None => not_past(sql, today),
        Some(SiteState::Open) => not_past(sql, today).sql(" and (from_on is null or from_on <= ").bind(today).sql(")"),
        Some(SiteState::Ahead) => not_past(sql, today).sql(" and from_on > ").bind(today),
        Some(SiteState::Over) => {
            let sql = sql.sql(" and (closed_on is null or closed_on > ").bind(today);
            sql.sql(") and until_on < ").bind(today)
        }
        Some(SiteState::Closed) => sql.sql(" and closed_on <= ").bind(today),
    }
}

/// One page of sites.
pub(super) async fn list(
    conn: &mut Conn,
    reaches: &[Reach],
    filter: &Filter,
    today: Date,
    listing: &Listing,
) -> Result<Shown<Site>, Problem> {
    let counted = |conn: &Conn| conditions(Sql::new("select count(*) as n"), conn, reaches, filter, today);
    let cut = listing.cut(conn, "from site where tenant = ", "id").await?;
    let total = conn.count(counted(conn)).await?;
    let earlier = match &cut {
        Some(cut) => conn.count(listing.earlier(counted(conn), "id", cut)).await?,
        None => 0,
    };
    let sql = conditions(Sql::new("select ").sql(Site::SELECT), conn, reaches, filter, today);
    let rows = conn.rows(listing.page(sql, "id", cut.as_ref())).await?;
    let rows = rows.iter().map(Site::read).collect::<Result<_, _>>()?;
    Ok(listing.shown(rows, |site| site.id.to_string(), earlier, total, cut.is_some()))
}

/// The same rows as the list, `limit` at the most.
pub(super) async fn all(
    conn: &mut Conn,
    reaches: &[Reach],
    filter: &Filter,
    today: Date,
    listing: &Listing,
    limit: i64,
) -> Result<Vec<Site>, Problem> {
    let sql = conditions(Sql::new("select ").sql(Site::SELECT), conn, reaches, filter, today);
    conn.rows(listing.all(sql, "id").sql(" limit ").bind(limit)).await?.iter().map(Site::read).collect()
}

/// How many there are.
pub(super) async fn count(conn: &mut Conn, reaches: &[Reach], filter: &Filter, today: Date) -> Result<i64, Problem> {
    conn.count(conditions(Sql::new("select count(*) as n"), conn, reaches, filter, today)).await
}

/// Sites behind one, in the order in which they were written down.
pub(super) async fn after(
    conn: &mut Conn,
    reaches: &[Reach],
    filter: &Filter,
    today: Date,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Site>, Problem> {
    let sql = conditions(Sql::new("select ").sql(Site::SELECT), conn, reaches, filter, today);
    let sql = sql.when(after, |sql, after| sql.sql(" and id > ").bind(after));
    conn.rows(sql.sql(" order by id limit ").bind(limit)).await?.iter().map(Site::read).collect()
}

/// Sites of one kind in one unit that nobody closed.
pub(super) async fn unclosed(conn: &mut Conn, unit: &Path, kind: SiteKind, limit: i64) -> Result<Vec<Site>, Problem> {
    let sql = Sql::new("select ").sql(Site::SELECT).sql(" from site where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(unit).sql(" and kind = ").bind(kind);
    let sql = sql.sql(" and closed_on is null order by id limit ").bind(limit);
    conn.rows(sql).await?.iter().map(Site::read).collect()
}

/// The sites of a place that lie somewhere and are in use on a day, by kind and name; and how many there are.
///
/// # Errors
/// When the database is away.
pub async fn on_map(
    conn: &mut Conn,
    reaches: &[Reach],
    place: &Path,
    kinds: &[SiteKind],
    on: Date,
    limit: i64,
) -> Result<(Vec<Site>, i64), Problem> {
    let conditions = |sql: Sql, conn: &Conn| {
        let sql = sql.sql(" from site where tenant = ").bind(conn.tenant()).sql(" and ");
        let sql = below(within(sql, "path", reaches).sql(" and "), "path", place);
        let sql = sql.sql(" and kind in ").list(kinds.iter().copied());
        let sql = not_past(sql, on).sql(" and (from_on is null or from_on <= ").bind(on);
        sql.sql(") and latitude_micro is not null and longitude_micro is not null")
    };
    let sql = conditions(Sql::new("select ").sql(Site::SELECT), conn).sql(" order by kind, name_key, id limit ");
    let rows = conn.rows(sql.bind(limit)).await?;
    let rows: Vec<Site> = rows.iter().map(Site::read).collect::<Result<_, _>>()?;
    let n = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let all = if n < limit { n } else { conn.count(conditions(Sql::new("select count(*) as n"), conn)).await? };
    Ok((rows, all))
}

/// A site that somebody may see.
///
/// # Errors
/// `not_found` otherwise.
pub async fn visible(conn: &mut Conn, actor: &Actor, tree: &Tree, id: Id<ids::Site>) -> Result<Site, Problem> {
    let found: Site = conn.load(id).await?;
    let seen = reaches(actor, tree).iter().any(|reach| reach.covers(&found.path));
    if seen { Ok(found) } else { Err(Problem::not_found()) }
}
