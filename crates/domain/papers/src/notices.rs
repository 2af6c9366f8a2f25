//! What units are told of documents that they are about to issue (thông báo).

use std::collections::HashMap;

use vx_concepts::{
    engine::Command as _,
    paper::{Paper, Write},
    work::Urgency,
};
use vx_kernel::Path;
use vx_platform::{
    journal::Entry,
    notify::{Class, NoticeKind, Telling, Told, Whom},
    store::{Conn, Record as _, Sql, Uuid},
};

use crate::commands::{Comment, Discard, Do, Number, Return, Sign, Submit};

const PAPER: &[&str] = &["paper"];
const RETURN: &str = Do::<Return>::NAME;
const DISCARD: &str = Do::<Discard>::NAME;

pub(crate) const NOTICES: &[NoticeKind] = &[
    NoticeKind {
        name: "papers.to_sign",
        class: Class::Decision,
        verbs: &[Submit::NAME],
        records: PAPER,
        to: Sign::NAME,
        ended_by: &[Sign::NAME, RETURN, DISCARD],
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, |paper| paper.signs_at.clone()),
    },
    NoticeKind {
        name: "papers.to_number",
        class: Class::Paper,
        verbs: &[Sign::NAME],
        records: PAPER,
        to: Number::NAME,
        ended_by: &[Number::NAME, RETURN],
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, |paper| Some(paper.path.clone())),
    },
    NoticeKind {
        name: "papers.returned",
        class: Class::Paper,
        verbs: &[RETURN],
        records: PAPER,
        to: Write::NAME,
        ended_by: &[Submit::NAME, DISCARD],
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, |paper| Some(paper.path.clone())),
    },
    NoticeKind {
        name: "papers.commented",
        class: Class::Paper,
        verbs: &[Do::<Comment>::NAME],
        records: PAPER,
        to: Write::NAME,
        ended_by: &[Sign::NAME, RETURN, DISCARD],
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, |paper| Some(paper.path.clone())),
    },
];

fn tell<'a>(conn: &'a mut Conn, entries: &'a [Entry], whom: fn(&Paper) -> Option<Path>) -> Telling<'a> {
    Box::pin(async move {
        let mut papers: HashMap<Uuid, Paper> = HashMap::new();
        for part in entries.chunks(400) {
            let sql = Sql::new("select ").sql(Paper::SELECT).sql(" from paper where tenant = ").bind(conn.tenant());
            for row in conn.rows(sql.sql(" and id in ").list(part.iter().map(|entry| entry.record_id))).await? {
                let paper = Paper::read(&row)?;
                papers.insert(paper.id.uuid(), paper);
            }
        }
        let told = entries.iter().filter_map(|entry| {
            let paper = papers.get(&entry.record_id)?;
            Some(Told {
                entry: entry.id,
                whom: Whom::Unit(whom(paper)?),
                about: entry.record_id,
                href: format!("/papers/{}", entry.record_id),
                source: paper.number.clone().unwrap_or_default(),
                unit: Some(paper.path.clone()),
                due_at: None,
                hoa_toc: paper.urgency == Some(Urgency::HoaToc),
            })
        });
        Ok(told.collect())
    })
}
