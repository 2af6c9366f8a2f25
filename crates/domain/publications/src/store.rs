//! Reading what the public is told.

use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::{Actor, below, within},
    store::{Conn, Record as _, Sql},
};

use crate::types::{Announcement, PublicContact, PublicationState};

/// The permission to see what offices wrote, with what waits, is over or was taken back.
pub const READ: &str = "publications.read";
/// Announcements and lines of the directory that are read together: two for each commune of a large province, many times
/// more than is ever told at once.
pub const SHOWN_MAX: i64 = 500;
/// Published at once about a province: a few of every commune, for months. What lasts must not be pushed out by what is over.
const PUBLIC_MAX: i64 = 5_000;

/// Announcements within the reader's reach, the latest hour first.
///
/// # Errors
/// When the database is away.
pub async fn announcements(conn: &mut Conn, actor: &Actor) -> Result<Vec<Announcement>, Problem> {
    let sql = Sql::new("select ").sql(Announcement::SELECT).sql(" from public_announcement where tenant = ");
    let sql = within(sql.bind(conn.tenant()).sql(" and "), "path", &actor.reach(READ));
    let sql = sql.sql(" order by from_at desc, id desc limit ").bind(SHOWN_MAX);
    conn.rows(sql).await?.iter().map(Announcement::read).collect()
}

/// Lines of the directory within the reader's reach.
///
/// # Errors
/// When the database is away.
pub async fn contacts(conn: &mut Conn, actor: &Actor) -> Result<Vec<PublicContact>, Problem> {
    let sql = Sql::new("select ").sql(PublicContact::SELECT).sql(" from public_contact where tenant = ");
    let sql = within(sql.bind(conn.tenant()).sql(" and "), "path", &actor.reach(READ));
    let sql = sql.sql(" order by kind, place, name, id limit ").bind(SHOWN_MAX);
    conn.rows(sql).await?.iter().map(PublicContact::read).collect()
}

/// What stands about a place and everything below it, for everybody: the latest hour first. What is over is in it.
///
/// # Errors
/// When the database is away.
pub async fn published_announcements(conn: &mut Conn, place: &Path) -> Result<Vec<Announcement>, Problem> {
    let sql = Sql::new("select ").sql(Announcement::SELECT).sql(" from public_announcement where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and state = ").bind(PublicationState::Published).sql(" and ");
    let sql = below(sql, "path", place).sql(" order by from_at desc, id desc limit ").bind(PUBLIC_MAX);
    conn.rows(sql).await?.iter().map(Announcement::read).collect()
}

/// Lines of the directory of a place and everything below it, for everybody.
///
/// # Errors
/// When the database is away.
pub async fn published_contacts(conn: &mut Conn, place: &Path) -> Result<Vec<PublicContact>, Problem> {
    let sql = Sql::new("select ").sql(PublicContact::SELECT).sql(" from public_contact where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and state = ").bind(PublicationState::Published).sql(" and ");
    let sql = below(sql, "path", place).sql(" order by kind, place, name, id limit ").bind(PUBLIC_MAX);
    conn.rows(sql).await?.iter().map(PublicContact::read).collect()
}

/// An announcement that the actor may see.
///
/// # Errors
/// `not_found` otherwise.
pub async fn announcement(conn: &mut Conn, actor: &Actor, id: Id<ids::Announcement>) -> Result<Announcement, Problem> {
    let found: Announcement = conn.load(id).await?;
    if actor.may(READ, &found.path) { Ok(found) } else { Err(Problem::not_found()) }
}

/// A line of the directory that the actor may see.
///
/// # Errors
/// `not_found` otherwise.
pub async fn contact(conn: &mut Conn, actor: &Actor, id: Id<ids::PublicContact>) -> Result<PublicContact, Problem> {
    let found: PublicContact = conn.load(id).await?;
    if actor.may(READ, &found.path) { Ok(found) } else { Err(Problem::not_found()) }
}
