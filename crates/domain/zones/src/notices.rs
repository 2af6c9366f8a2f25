//! What units are told of zones (thông báo).

use std::collections::{BTreeSet, HashMap};

use vx_concepts::{engine::Command as _, work::escalation::superior};
use vx_kernel::{Path, Problem};
use vx_platform::{
    auth::below,
    journal::Entry,
    notify::{Class, NoticeKind, Told, Whom},
    store::{Conn, Sql, Uuid},
};

use crate::{
    AskCauses, Decide, Explain, Follow, Propose, Withdraw,
    rules::{Decider, REGIMES},
    store::READ,
    types::StepKind,
};

/// Units with people of one province that are looked through: every commune and agency.
const UNITS_MAX: i64 = 5_000;
/// Agencies beside a place that the law names as those to whom decisions are reported, by the ends of their keys.
///
/// Basis: NĐ 165/2026/NĐ-CP, Article 13.
const REPORTED_TO: [&str; 2] = [".syt", ".cdc"];

/// What most of these kinds are: told to whoever reads zones.
const KIND: NoticeKind = NoticeKind {
    name: "",
    class: Class::Zone,
    verbs: &[],
    records: &["zone_decision"],
    to: READ,
    ended_by: &[],
    each: false,
    list: Some("/zones"),
    tell: |conn, entries| Box::pin(decided(conn, entries)),
};

pub(crate) const NOTICES: &[NoticeKind] = &[
    NoticeKind { name: "zones.decided", verbs: &[Decide::NAME], ..KIND },
    NoticeKind {
        name: "zones.proposed",
        class: Class::Decision,
        verbs: &[Propose::NAME],
        records: &["zone_proposal"],
        to: Decide::NAME,
        ended_by: &[&[Withdraw::NAME, Decide::NAME]],
        tell: |_, entries| Box::pin(async move { Ok(entries.iter().filter_map(proposed).collect()) }),
        ..KIND
    },
    NoticeKind {
        name: "zones.takes_effect",
        verbs: &[Follow::NAME],
        records: &["zone_step"],
        // When it has taken effect, that it is about to is no news.
        ended_by: &[&[Follow::NAME]],
        list: None,
        tell: |_, entries| Box::pin(async move { Ok(steps(entries, StepKind::Coming)) }),
        ..KIND
    },
    NoticeKind {
        name: "zones.commitment_soon",
        class: Class::Deadline,
        verbs: &[Follow::NAME],
        records: &["zone_step"],
        to: Explain::NAME,
        ended_by: &[&[Follow::NAME, AskCauses::NAME]],
        list: None,
        tell: |_, entries| Box::pin(async move { Ok(steps(entries, StepKind::DueSoon)) }),
        ..KIND
    },
    NoticeKind {
        name: "zones.commitment_missed",
        class: Class::Deadline,
        verbs: &[AskCauses::NAME],
        records: &["zone_commitment"],
        to: Explain::NAME,
        ended_by: &[&[Explain::NAME]],
        list: None,
        tell: |conn, entries| Box::pin(missed(conn, entries, |path| Some(path.clone()))),
        ..KIND
    },
    NoticeKind {
        name: "zones.commitment_missed_below",
        class: Class::Deadline,
        verbs: &[AskCauses::NAME],
        records: &["zone_commitment"],
        ended_by: &[&[Explain::NAME]],
        list: Some("/zones/commitments?keeping=missed"),
        tell: |conn, entries| Box::pin(missed(conn, entries, superior)),
        ..KIND
    },
];

/// The value that a row gave to a field.
fn after<'e>(entry: &'e Entry, field: &str) -> Option<&'e serde_json::Value> {
    entry.changed.get(field)?.get(1)
}

fn text<'e>(entry: &'e Entry, field: &str) -> &'e str {
    after(entry, field).and_then(serde_json::Value::as_str).unwrap_or_default()
}

fn told(entry: &Entry, whom: Path, about: Uuid, source: &str, due: &str, place: &str) -> Told {
    Told {
        entry: entry.id,
        whom: Whom::Unit(whom),
        about,
        href: format!("/zones/units/{}{place}", entry.path.unit()),
        source: source.to_owned(),
        unit: Some(entry.path.clone()),
        due_at: due.parse().ok(),
        hoa_toc: false,
    }
}

/// Units in which people hold roles, of the provinces in which something was decided.
async fn units(conn: &mut Conn, entries: &[Entry]) -> Result<HashMap<Path, Vec<Path>>, Problem> {
    let provinces: BTreeSet<Path> = entries.iter().map(|entry| entry.path.at_depth(1)).collect();
    let mut units = HashMap::new();
    for province in provinces {
        let sql = Sql::new("select distinct path from role_grant where tenant = ").bind(conn.tenant());
        let sql = below(sql.sql(" and "), "path", &province).sql(" order by path limit ").bind(UNITS_MAX);
        let rows = conn.rows(sql).await?;
        units.insert(province, rows.iter().map(|row| row.get("path")).collect::<Result<_, _>>()?);
    }
    Ok(units)
}

/// A decision is told to the unit, to those above it and those below it, and to the agencies to which it is reported;
/// not to the unit that decided.
async fn decided(conn: &mut Conn, entries: &[Entry]) -> Result<Vec<Told>, Problem> {
    let units = units(conn, entries).await?;
    let mut all = Vec::new();
    for entry in entries {
        let (unit, decided_by) = (&entry.path, text(entry, "decided_by"));
        let reported = |path: &Path| {
            REPORTED_TO.iter().any(|end| path.unit().ends_with(end))
                && path.parent().is_some_and(|beside| beside.contains(unit))
        };
        let concerned = |path: &&Path| path.contains(unit) || unit.contains(path) || reported(path);
        let of_province = units.get(&unit.at_depth(1)).map_or(&[][..], Vec::as_slice);
        let mut whom: Vec<&Path> = of_province.iter().filter(concerned).collect();
        // The unit itself, although nobody of it may have been given a role yet.
        if !whom.contains(&unit) {
            whom.push(unit);
        }
        for path in whom.into_iter().filter(|path| path.as_str() != decided_by) {
            let at = text(entry, "effective_at");
            all.push(told(entry, path.clone(), entry.record_id, text(entry, "number"), at, ""));
        }
    }
    Ok(all)
}

/// A proposal is told to whoever decides on the day.
fn proposed(entry: &Entry) -> Option<Told> {
    let day = text(entry, "computed_on").parse().ok()?;
    let whom = match REGIMES.on(day)?.value.decider {
        Decider::Province => entry.path.at_depth(1),
        Decider::Commune => entry.path.at_depth(2.min(entry.path.depth())),
    };
    (text(entry, "proposed_by") != whom.as_str()).then(|| told(entry, whom, entry.record_id, "", "", "#deciding"))
}

fn steps(entries: &[Entry], step: StepKind) -> Vec<Told> {
    let of_step = entries.iter().filter(|entry| text(entry, "step") == step.as_str());
    let told = of_step.filter_map(|entry| {
        let place = if step == StepKind::DueSoon { "#commitments" } else { "#measures" };
        let about = text(entry, "about").parse().ok()?;
        Some(told(entry, entry.path.clone(), about, text(entry, "number"), text(entry, "due_at"), place))
    });
    told.collect()
}

/// A missed commitment. The row says only that the causes were asked for; the day stands in the record.
async fn missed(conn: &mut Conn, entries: &[Entry], whom: fn(&Path) -> Option<Path>) -> Result<Vec<Told>, Problem> {
    let mut days: HashMap<Uuid, vx_kernel::Date> = HashMap::new();
    for part in entries.chunks(400) {
        let sql = Sql::new("select id, by_on from zone_commitment where tenant = ").bind(conn.tenant());
        for row in conn.rows(sql.sql(" and id in ").list(part.iter().map(|entry| entry.record_id))).await? {
            days.insert(row.get("id")?, row.get("by_on")?);
        }
    }
    let told = entries.iter().filter_map(|entry| {
        let end = days.get(&entry.record_id).and_then(|day| vx_kernel::time::end_of(*day).ok());
        let due = end.map(|end| end.to_string()).unwrap_or_default();
        Some(told(entry, whom(&entry.path)?, entry.record_id, "", &due, "#commitments"))
    });
    Ok(told.collect())
}
