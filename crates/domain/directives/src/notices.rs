//! What units are told of dispatches (thông báo).

use std::collections::HashMap;

use vx_concepts::{engine::Command as _, receipt, work::Urgency};
use vx_kernel::Path;
use vx_platform::{
    notify::{Class, NoticeKind, Told, Whom},
    store::{Conn, Sql, Uuid},
};

use crate::commands::Receive;

pub(crate) const NOTICES: &[NoticeKind] = &[NoticeKind {
    name: "directives.sent",
    class: Class::Paper,
    verbs: &[Receive::NAME],
    records: &["directive"],
    to: receipt::Open::NAME,
    // One unit's having opened it says nothing of another's.
    ended_by: &[&[receipt::Open::NAME]],
    each: true,
    list: None,
    tell: |conn, entries| Box::pin(sent(conn, entries)),
}];

/// The units to which a document of ours was sent.
async fn sent(conn: &mut Conn, entries: &[vx_platform::journal::Entry]) -> Result<Vec<Told>, vx_kernel::Problem> {
    let mut told = Vec::new();
    for part in entries.chunks(400) {
        let entry: HashMap<Uuid, _> = part.iter().map(|entry| (entry.record_id, entry)).collect();
        let sql =
            Sql::new("select id, path, number, urgency, sent_to from directive where tenant = ").bind(conn.tenant());
        let sql = sql.sql(" and sent_to is not null and id in ").list(part.iter().map(|entry| entry.record_id));
        for row in conn.rows(sql).await? {
            let (id, from): (Uuid, Path) = (row.get("id")?, row.get("path")?);
            let (number, sent_to): (Option<String>, String) = (row.find("number")?, row.get("sent_to")?);
            let urgency: Option<Urgency> = row.find("urgency")?;
            let Some(entry) = entry.get(&id) else { continue };
            for unit in sent_to.split_whitespace().filter_map(|path| Path::parse(path).ok()) {
                told.push(Told {
                    entry: entry.id,
                    whom: Whom::Unit(unit),
                    about: id,
                    href: format!("/directives/{id}"),
                    source: number.clone().unwrap_or_default(),
                    unit: Some(from.clone()),
                    due_at: None,
                    hoa_toc: urgency == Some(Urgency::HoaToc),
                });
            }
        }
    }
    Ok(told)
}
