//! What units are told of what they publish (thông báo).

use vx_concepts::engine::Command as _;
use vx_platform::{
    journal::Entry,
    notify::{Class, NoticeKind, Told, Whom},
};

use crate::{Announce, Enlist, Retract, Strike};

/// Somebody else took back what a unit told the public: those who may publish there learn of it.
const TAKEN_BACK: NoticeKind = NoticeKind {
    name: "publications.retracted",
    class: Class::Paper,
    verbs: &[Retract::NAME],
    records: &["public_announcement"],
    to: Announce::NAME,
    ended_by: &[],
    each: false,
    list: Some("/publications?show=all"),
    tell: |_, entries| Box::pin(async move { Ok(entries.iter().map(|entry| told(entry, "announcements")).collect()) }),
};

pub(crate) const NOTICES: &[NoticeKind] = &[
    TAKEN_BACK,
    NoticeKind {
        name: "publications.struck",
        verbs: &[Strike::NAME],
        records: &["public_contact"],
        to: Enlist::NAME,
        tell: |_, entries| Box::pin(async move { Ok(entries.iter().map(|entry| told(entry, "contacts")).collect()) }),
        ..TAKEN_BACK
    },
];

fn told(entry: &Entry, list: &str) -> Told {
    Told {
        entry: entry.id,
        whom: Whom::Unit(entry.path.clone()),
        about: entry.record_id,
        href: format!("/publications/{list}/{}", entry.record_id),
        source: String::new(),
        unit: None,
        due_at: None,
        hoa_toc: false,
    }
}
