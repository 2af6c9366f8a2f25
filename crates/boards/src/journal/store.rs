//! What the journal's pages look up beside it: titles of records, names of accounts, who may see a record.

use std::collections::BTreeMap;

use vx_directives::store as directives;
use vx_kernel::{Id, Problem, ProblemKind};
use vx_platform::{
    auth::Actor,
    journal::Entry,
    store::{Conn, Sql, Uuid},
    web::Visit,
};
use vx_tasks::store as tasks;

/// Names for the ids that entries mention.
#[derive(Default)]
pub(crate) struct Names(BTreeMap<Uuid, String>);

impl Names {
    /// The title of a record, when it is one that has a title.
    pub(crate) fn title_of(&self, id: Uuid) -> Option<&str> {
        self.0.get(&id).map(String::as_str)
    }

    /// The title of what an entry is about; else what the entry itself says of it.
    pub(crate) fn title(&self, visit: &Visit, entry: &Entry) -> String {
        let own = |name: &str| Some(entry.changed.get(name)?.get(1)?.as_str()?.to_owned());
        self.title_of(entry.about_id)
            .or_else(|| self.title_of(entry.record_id))
            .map(str::to_owned)
            .or_else(|| own("title").or_else(|| own("name")))
            .unwrap_or_else(|| visit.unit(&entry.path))
    }
}

/// Whether a visitor may see a record of a kind that has a page with its history.
pub(crate) async fn sees_record(conn: &mut Conn, actor: &Actor, id: Uuid) -> Result<bool, Problem> {
    let seen = match tasks::visible(conn, actor, Id::from(id)).await {
        Err(problem) if problem.kind == ProblemKind::NotFound => {
            directives::visible(conn, actor, Id::from(id)).await.map(drop)
        }
        outcome => outcome.map(drop),
    };
    match seen {
        Ok(()) => Ok(true),
        Err(problem) if problem.kind == ProblemKind::NotFound => Ok(false),
        Err(problem) => Err(problem),
    }
}

/// Ids in one statement; a page mentions fewer, an export asks several times.
const IDS_MAX: usize = 500;

/// The titles of the records and the names of the accounts that entries mention.
pub(crate) async fn names(conn: &mut Conn, visit: &Visit, entries: &[Entry]) -> Result<Names, Problem> {
    let mut ids: Vec<Uuid> = entries.iter().flat_map(|entry| [entry.about_id, entry.record_id]).collect();
    for entry in entries {
        for field in ["account", "deputy_for", "about", "parent"] {
            let pair = entry.changed.get(field).and_then(|pair| pair.as_array());
            ids.extend(pair.into_iter().flatten().filter_map(|value| value.as_str()?.parse::<Uuid>().ok()));
        }
    }
    ids.sort_unstable();
    ids.dedup();
    let mut names = Names::default();
    for ids in ids.chunks(IDS_MAX) {
        for from in [
            "select id, title as title, source as extra from work_item where tenant = ",
            "select id, coalesce(number, file_name) as title, subject as extra from directive where tenant = ",
            "select id, name as title, null as extra from account where tenant = ",
            "select id, name as title, null as extra from unit where tenant = ",
            "select id, title as title, holder as extra from unit_post where tenant = ",
        ] {
            let sql = Sql::new(from).bind(conn.tenant()).sql(" and id in ").list(ids.iter().copied());
            for row in conn.rows(sql).await? {
                let (title, extra): (String, Option<String>) = (row.get("title")?, row.find("extra")?);
                let extra = extra.filter(|extra| !extra.is_empty());
                let said = extra.map_or_else(
                    || title.clone(),
                    |extra| visit.ta("journal-title", &[("title", title.clone().into()), ("extra", extra.into())]),
                );
                names.0.insert(row.get("id")?, said);
            }
        }
    }
    Ok(names)
}
