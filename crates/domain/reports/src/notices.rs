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

/// A row of the journal about work that a report answers.
const WORK: &[&str] = &["work_item"];
/// What ends the need to send a report.
const OVER: &[&str] = &[Submit::NAME, End::NAME, "tasks.cancel", "tasks.confirm", "directives.recall"];

fn by_form(item: &WorkItem) -> bool {
    item.request.is_some()
}

const TO_LEAD: WorkTelling = WorkTelling { whom: lead, other: assigner, of: by_form };

pub(crate) const NOTICES: &[NoticeKind] = &[
    NoticeKind {
        name: "reports.asked",
        class: Class::Report,
        verbs: &["work.open"],
        records: WORK,
        to: Submit::NAME,
        ended_by: OVER,
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, TO_LEAD),
    },
    NoticeKind {
        name: "reports.reminded",
        class: Class::Report,
        verbs: &["tasks.remind"],
        records: WORK,
        to: Submit::NAME,
        ended_by: OVER,
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, TO_LEAD),
    },
    NoticeKind {
        name: "reports.missing",
        class: Class::Report,
        verbs: &["tasks.tell_superior"],
        records: WORK,
        to: Submit::NAME,
        ended_by: OVER,
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, TO_LEAD),
    },
    NoticeKind {
        name: "reports.missing_below",
        class: Class::Report,
        verbs: &["tasks.tell_superior"],
        records: WORK,
        to: Endorse::NAME,
        ended_by: OVER,
        each: false,
        list: Some("/reports"),
        tell: |conn, entries| tell(conn, entries, WorkTelling { whom: above, other: lead, of: by_form }),
    },
    NoticeKind {
        name: "reports.missing_asked",
        class: Class::Report,
        verbs: &["tasks.tell_assigner"],
        records: WORK,
        to: Endorse::NAME,
        ended_by: OVER,
        each: false,
        list: Some("/reports"),
        tell: |conn, entries| tell(conn, entries, WorkTelling { whom: assigner, other: lead, of: by_form }),
    },
    NoticeKind {
        name: "reports.endorsed",
        class: Class::Report,
        verbs: &[Endorse::NAME],
        records: &["report_endorsement"],
        to: Submit::NAME,
        ended_by: &[],
        each: false,
        list: Some("/reports"),
        tell: |conn, entries| Box::pin(told(conn, entries, endorsed)),
    },
    NoticeKind {
        name: "reports.corrected",
        class: Class::Report,
        verbs: &[Submit::NAME],
        records: &["report_submission"],
        to: Endorse::NAME,
        ended_by: &[],
        each: false,
        list: Some("/reports"),
        tell: |conn, entries| Box::pin(told(conn, entries, corrected)),
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
