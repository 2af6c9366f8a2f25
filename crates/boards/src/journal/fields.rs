//! What changed, in words: the name of each field, its value before and after.

use std::collections::BTreeSet;

use serde_json::Value as Json;
use vx_kernel::{Path, time};
use vx_platform::{journal::Entry, store::Uuid, web::Visit};

use super::{PERSONAL, store::Names};

/// Who a field is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Class {
    /// Everybody who may see the record.
    Official,
    /// Who may see personal fields; others see that it changed.
    Personal,
    /// Nobody: the program's own, or a secret.
    Hidden,
}

/// The class of a field. Passwords and tokens never reach the journal; should one, it stays hidden.
pub(crate) fn class(record: &str, field: &str) -> Class {
    match field {
        // By what a sign-on provider knows somebody; a dispatch has a subject too.
        "subject" if record == "single_link" => Class::Personal,
        "shown" if record == "notice_contact" => Class::Personal,
        "phone" | "login" | "device" => Class::Personal,
        "id" | "version" | "folded" | "due_sort" | "identity" | "required" | "sha256" | "file_sha256" | "sort"
        | "sort_key" | "facts" => Class::Hidden,
        _ if ["password", "secret", "token", "csrf"].iter().any(|word| field.contains(word)) => Class::Hidden,
        _ => Class::Official,
    }
}

/// A changed field as people read it.
pub(crate) struct Change {
    pub(crate) field: String,
    pub(crate) before: String,
    pub(crate) after: String,
}

impl Change {
    pub(crate) fn in_a_line(&self) -> String {
        if self.before.is_empty() {
            format!("{}: {}", self.field, self.after)
        } else {
            format!("{}: {} → {}", self.field, self.before, self.after)
        }
    }
}

/// What an entry changed, field by field, as this visitor may see it.
pub(crate) fn changes(visit: &Visit, entry: &Entry, names: &Names) -> Vec<Change> {
    let sees_personal = visit.signed.as_ref().is_some_and(|signed| signed.actor.may(PERSONAL, &entry.path));
    let mut changes = Vec::new();
    for (field, pair) in &entry.changed {
        let class = class(&entry.record, field);
        if class == Class::Hidden {
            continue;
        }
        let say = |index: usize| {
            let value = pair.get(index).unwrap_or(&Json::Null);
            if class == Class::Personal && !sees_personal && !value.is_null() {
                visit.t("journal-personal")
            } else {
                value_in_words(visit, &entry.record, field, value, names)
            }
        };
        let (before, after) = (say(0), say(1));
        let after = if after.is_empty() { visit.t("journal-nothing") } else { after };
        if before != after || class == Class::Personal {
            changes.push(Change { field: name(visit, &entry.record, field), before, after });
        }
    }
    changes
}

/// How many records the personal fields that this visitor sees are about, but those of their own account.
pub(crate) fn persons_shown(visit: &Visit, entries: &[Entry]) -> usize {
    let Some(signed) = &visit.signed else { return 0 };
    let shows = |entry: &&Entry| {
        let mut fields = entry.changed.keys();
        fields.any(|field| class(&entry.record, field) == Class::Personal)
            && signed.actor.may(PERSONAL, &entry.path)
            && entry.about_id != signed.account.uuid()
    };
    let records: BTreeSet<Uuid> = entries.iter().filter(shows).map(|entry| entry.about_id).collect();
    records.len()
}

/// The name of a field, as this kind of record calls it; one without a text shows itself.
pub(crate) fn name(visit: &Visit, record: &str, field: &str) -> String {
    let key = |name: String| format!("journal-field-{}", name.replace('_', "-"));
    let keys = [key(format!("{record}-{field}")), key(field.to_owned())];
    let known = keys.iter().find(|key| visit.app.words().has(visit.lang, key));
    known.map_or_else(|| field.to_owned(), |key| visit.t(key))
}

/// A value as people read it; nothing is an empty text.
fn value_in_words(visit: &Visit, record: &str, field: &str, value: &Json, names: &Names) -> String {
    let text = match value {
        Json::Null => return String::new(),
        Json::Bool(yes) => return visit.t(if *yes { "journal-yes" } else { "journal-no" }),
        Json::Number(number) => {
            return number.as_i64().map_or_else(|| number.to_string(), |n| time::say_count(visit.lang, n));
        }
        Json::String(text) => text,
        Json::Array(_) | Json::Object(_) => return visit.t("journal-structure"),
    };
    if field.ends_with("_at")
        && let Ok(at) = text.parse()
    {
        return time::say_short(visit.lang, at);
    }
    if field.ends_with("_on")
        && let Ok(day) = text.parse()
    {
        return time::say_date(visit.lang, day);
    }
    // What a person's review holds is told by the verb and the other fields; its structure says nothing to a reader.
    if text.starts_with(['{', '[']) && serde_json::from_str::<Json>(text).is_ok() {
        return visit.t("journal-structure");
    }
    if let Some(word) = word(visit, record, field, text) {
        return word;
    }
    if let Ok(id) = text.parse::<Uuid>() {
        return names.title_of(id).map_or_else(|| text.clone(), str::to_owned);
    }
    if text.ends_with('/')
        && let Ok(path) = Path::parse(text)
    {
        return visit.unit(&path);
    }
    text.clone()
}

/// A word of a closed list, by the texts that its own pages use.
fn word(visit: &Visit, record: &str, field: &str, text: &str) -> Option<String> {
    if (record, field) == ("directive", "kind") {
        let kind: Option<vx_dispatch::Kind> = serde_json::from_value(text.into()).ok();
        return kind.map(|kind| kind.title().to_owned());
    }
    let stem = match (record, field) {
        ("work_item", "state") => "work-state",
        ("directive", "state") => "directive-state",
        ("account", "state") => "journal-account",
        ("second_factor", "state") => "journal-factor",
        (_, "urgency") => "urgency",
        (_, "role") => "role",
        (_, "due_kind") => "due-kind",
        ("unit", "kind") => "units-kind",
        _ => return None,
    };
    let key = format!("{stem}-{text}");
    visit.app.words().has(visit.lang, &key).then(|| visit.t(&key))
}
