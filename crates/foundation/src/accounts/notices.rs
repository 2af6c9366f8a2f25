//! What people are told of their own account (thông báo): whoever did it, since it may not have been they.

use std::collections::{HashMap, HashSet};

use vx_concepts::engine::Command as _;
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::Outcome,
    journal::Entry,
    notify::{Class, NoticeKind, Telling, Told, Whom},
    params,
    store::{Conn, Sql, Uuid},
};

use super::{
    ChangePassword, EndGrant, EndSessions, GrantRole, ResetPassword,
    factor::{ConfirmFactor, RemoveFactor, ResetFactor},
};

/// Where one sees what became of one's account.
const SECURITY: &str = "/security";

const fn of_person(
    name: &'static str,
    verbs: &'static [&'static str],
    records: &'static [&'static str],
    tell: for<'a> fn(&'a mut Conn, &'a [Entry]) -> Telling<'a>,
) -> NoticeKind {
    NoticeKind { name, class: Class::Account, verbs, records, to: "", ended_by: &[], each: false, list: None, tell }
}

pub(super) const NOTICES: &[NoticeKind] = &[
    of_person(
        "accounts.new_device",
        &["accounts.sign_in", "accounts.sign_in_recovery"],
        &["account", "second_factor"],
        |conn, entries| Box::pin(new_devices(conn, entries)),
    ),
    of_person(
        "accounts.password_changed",
        &[ChangePassword::NAME, ResetPassword::NAME],
        &["account"],
        |conn, entries| Box::pin(of_account(conn, entries)),
    ),
    of_person(
        "accounts.factor_changed",
        &[ConfirmFactor::NAME, RemoveFactor::NAME, ResetFactor::NAME],
        &["second_factor"],
        |conn, entries| Box::pin(of_account(conn, entries)),
    ),
    of_person("accounts.sessions_ended", &[EndSessions::NAME], &["account"], |conn, entries| {
        Box::pin(of_account(conn, entries))
    }),
    of_person("accounts.roles_changed", &[GrantRole::NAME, EndGrant::NAME], &["role_grant"], |conn, entries| {
        Box::pin(roles_changed(conn, entries))
    }),
];

/// The account of each row, and its home: the record itself, the one that the row is about, or that of its record.
async fn accounts<'e>(
    conn: &mut Conn,
    entries: &'e [Entry],
) -> Result<Vec<(&'e Entry, Id<ids::Account>, Path)>, Problem> {
    let mut homes: HashMap<Uuid, (Id<ids::Account>, Path)> = HashMap::new();
    for part in entries.chunks(200) {
        let ids: Vec<Uuid> = part.iter().flat_map(|entry| [entry.about_id, entry.record_id]).collect();
        let sql = Sql::new("select id as known, id, path from account where tenant = ").bind(conn.tenant());
        let sql = sql.sql(" and id in ").list(ids.iter().copied());
        let sql = sql
            .sql(" union select g.id as known, a.id, a.path from role_grant g join account a on a.tenant = g.tenant");
        let sql = sql.sql(" and a.id = g.account where g.tenant = ").bind(conn.tenant()).sql(" and g.id in ");
        let sql = sql.list(ids.iter().copied()).sql(" union select f.id as known, a.id, a.path from second_factor f");
        let sql = sql.sql(" join account a on a.tenant = f.tenant and a.id = f.account where f.tenant = ");
        let sql = sql.bind(conn.tenant()).sql(" and f.id in ").list(ids);
        for row in conn.rows(sql).await? {
            homes.insert(row.get("known")?, (row.get("id")?, row.get("path")?));
        }
    }
    let of = |entry: &Entry| homes.get(&entry.about_id).or_else(|| homes.get(&entry.record_id)).cloned();
    Ok(entries.iter().filter_map(|entry| of(entry).map(|(account, home)| (entry, account, home))).collect())
}

fn told(entry: &Entry, account: Id<ids::Account>, home: Path) -> Told {
    Told {
        entry: entry.id,
        whom: Whom::Person(account, home),
        about: account.uuid(),
        href: SECURITY.to_owned(),
        source: String::new(),
        unit: None,
        due_at: None,
        hoa_toc: false,
    }
}

async fn of_account(conn: &mut Conn, entries: &[Entry]) -> Result<Vec<Told>, Problem> {
    let found = accounts(conn, entries).await?;
    Ok(found.into_iter().map(|(entry, account, home)| told(entry, account, home)).collect())
}

/// Roles of accounts that were there already: the first roles of a new account are no news to anybody.
async fn roles_changed(conn: &mut Conn, entries: &[Entry]) -> Result<Vec<Told>, Problem> {
    let mut news = Vec::new();
    for (entry, account, home) in accounts(conn, entries).await? {
        let sql = "select count(*) as n from account where tenant = $1 and id = $2 and created_at < $3";
        if conn.count(Sql::with(sql, params![conn.tenant(), account, entry.at])).await? > 0 {
            news.push(told(entry, account, home));
        }
    }
    Ok(news)
}

/// Sign-ins with a browser that this account has not been signed in with before. Its first one is no news.
async fn new_devices(conn: &mut Conn, entries: &[Entry]) -> Result<Vec<Told>, Problem> {
    const SIGNED_IN: [Outcome; 3] = [Outcome::SignedIn, Outcome::Recovery, Outcome::SingleSignOn];
    let mut news = Vec::new();
    for (entry, account, home) in accounts(conn, entries).await? {
        let sql = Sql::new("select device, at from sign_in_try where tenant = ").bind(conn.tenant());
        let sql = sql.sql(" and account = ").bind(account).sql(" and at <= ").bind(entry.at).sql(" and outcome in ");
        let rows = conn.rows(sql.list(SIGNED_IN).sql(" order by at desc, id desc limit 200")).await?;
        let mut tries: Vec<(String, jiff::Timestamp)> = Vec::new();
        for row in &rows {
            tries.push((row.get("device")?, row.get("at")?));
        }
        let Some((now, _)) = tries.iter().find(|(_, at)| *at == entry.at) else { continue };
        let before: HashSet<&str> =
            tries.iter().filter(|(_, at)| *at < entry.at).map(|(device, _)| device.as_str()).collect();
        if !before.is_empty() && !before.contains(now.as_str()) {
            news.push(told(entry, account, home));
        }
    }
    Ok(news)
}
