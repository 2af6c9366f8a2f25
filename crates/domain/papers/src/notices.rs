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

const RETURN: &str = Do::<Return>::NAME;
const DISCARD: &str = Do::<Discard>::NAME;

/// What most of these kinds are: told where the paper is.
const KIND: NoticeKind = NoticeKind {
    name: "",
    class: Class::Paper,
    verbs: &[],
    records: &["paper"],
    to: Write::NAME,
    ended_by: &[],
    each: false,
    list: None,
    tell: |conn, entries| tell(conn, entries, |paper| Some(paper.path.clone())),
};

pub(crate) const NOTICES: &[NoticeKind] = &[
    NoticeKind {
        name: "papers.to_sign",
        class: Class::Decision,
        verbs: &[Submit::NAME],
        to: Sign::NAME,
        ended_by: &[&[Sign::NAME, RETURN, DISCARD]],
        tell: |conn, entries| tell(conn, entries, |paper| paper.signs_at.clone()),
        ..KIND
    },
    NoticeKind {
        name: "papers.to_number",
        verbs: &[Sign::NAME],
        to: Number::NAME,
        ended_by: &[&[Number::NAME, RETURN]],
        ..KIND
    },
    NoticeKind { name: "papers.returned", verbs: &[RETURN], ended_by: &[&[Submit::NAME, DISCARD]], ..KIND },
    NoticeKind {
        name: "papers.commented",
        verbs: &[Do::<Comment>::NAME],
        ended_by: &[&[Sign::NAME, RETURN, DISCARD]],
        ..KIND
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
