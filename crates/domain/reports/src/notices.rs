//! What units are told of reports (thông báo).

use std::collections::HashMap;

use vx_concepts::{
    engine::Command as _,
    work::{
        WorkItem,
        escalation::superior,
        tell::{WorkTelling, above, assigner, lead, tell},
    },
};
use vx_kernel::Path;
use vx_platform::{
    journal::Entry,
    notify::{Class, NoticeKind, Told, Whom},
    store::{Conn, Sql, Uuid},
};

use crate::{End, Endorse, Submit};

/// What ends the need to send a report.
const OVER: &[&str] = &[Submit::NAME, End::NAME, "tasks.cancel", "tasks.confirm", "directives.recall"];

fn by_form(item: &WorkItem) -> bool {
    item.request.is_some()
}

const TO_LEAD: WorkTelling = WorkTelling { whom: lead, other: assigner, of: by_form };

/// What most of these kinds are: told to the unit that owes a report, until it is sent or no longer owed.
const KIND: NoticeKind = NoticeKind {
    name: "",
    class: Class::Report,
    verbs: &[],
    records: &["work_item"],
    to: Submit::NAME,
    ended_by: &[OVER],
    each: false,
    list: None,
    tell: |conn, entries| tell(conn, entries, TO_LEAD),
};

pub(crate) const NOTICES: &[NoticeKind] = &[
    NoticeKind { name: "reports.asked", verbs: &["work.open"], ..KIND },
    NoticeKind { name: "reports.reminded", verbs: &["tasks.remind"], ..KIND },
    NoticeKind { name: "reports.missing", verbs: &["tasks.tell_superior"], ..KIND },
    NoticeKind {
        name: "reports.missing_below",
        verbs: &["tasks.tell_superior"],
        to: Endorse::NAME,
        list: Some("/reports"),
        tell: |conn, entries| tell(conn, entries, WorkTelling { whom: above, other: lead, of: by_form }),
        ..KIND
    },
    NoticeKind {
        name: "reports.missing_asked",
        verbs: &["tasks.tell_assigner"],
        to: Endorse::NAME,
        list: Some("/reports"),
        tell: |conn, entries| tell(conn, entries, WorkTelling { whom: assigner, other: lead, of: by_form }),
        ..KIND
    },
    NoticeKind {
        name: "reports.endorsed",
        verbs: &[Endorse::NAME],
        records: &["report_endorsement"],
        ended_by: &[],
        list: Some("/reports"),
        tell: |conn, entries| Box::pin(told(conn, entries, endorsed)),
        ..KIND
    },
    NoticeKind {
        name: "reports.corrected",
        verbs: &[Submit::NAME],
        records: &["report_submission"],
        to: Endorse::NAME,
        ended_by: &[],
        list: Some("/reports"),
        tell: |conn, entries| Box::pin(told(conn, entries, corrected)),
        ..KIND
    },
];

/// The value that a row gave to a field.
fn after<'e>(entry: &'e Entry, field: &str) -> Option<&'e serde_json::Value> {
    entry.changed.get(field)?.get(1)
}

/// The unit whose report was endorsed.
fn endorsed(entry: &Entry) -> Option<Path> {
    after(entry, "unit")?.as_str().and_then(|path| Path::parse(path).ok())
}

/// The unit above one that has put its report right.
fn corrected(entry: &Entry) -> Option<Path> {
    after(entry, "edition")?.as_i64().filter(|edition| *edition > 1)?;
    superior(&entry.path)
}

async fn told(
    conn: &mut Conn,
    entries: &[Entry],
    whom: fn(&Entry) -> Option<Path>,
) -> Result<Vec<Told>, vx_kernel::Problem> {
    let request = |entry: &Entry| after(entry, "request")?.as_str()?.parse::<Uuid>().ok();
    let meant: Vec<(&Entry, Uuid, Path)> =
        entries.iter().filter_map(|entry| Some((entry, request(entry)?, whom(entry)?))).collect();
    let mut sources: HashMap<Uuid, String> = HashMap::new();
    for part in meant.chunks(400) {
        let sql = Sql::new("select id, source from report_request where tenant = ").bind(conn.tenant());
        for row in conn.rows(sql.sql(" and id in ").list(part.iter().map(|(_, request, _)| *request))).await? {
            sources.insert(row.get("id")?, row.get("source")?);
        }
    }
    let told = meant.into_iter().map(|(entry, request, whom)| Told {
        entry: entry.id,
        whom: Whom::Unit(whom),
        about: request,
        href: format!("/reports/{request}"),
        source: sources.get(&request).cloned().unwrap_or_default(),
        unit: Some(entry.path.clone()),
        due_at: None,
        hoa_toc: false,
    });
    Ok(told.collect())
}
