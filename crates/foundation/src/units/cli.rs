//! Units on the command line.

use std::fmt::Write as _;

use vx_kernel::{
    Date, Problem, ProblemKind,
    time::{Lang, say_count, say_date},
    units::{Kind, Query, Tree, Unit, write_places},
};
use vx_platform::words::Words;

use super::{
    picker::picked,
    views::{percent, span_of},
};

/// Units named when a name fits several.
const SEVERAL_MAX: usize = 20;

/// A unit as text: what it is, where it stands, what is below it, what became of it.
///
/// # Errors
/// `units.unknown` when no unit has that key or name.
pub fn show(tree: &Tree, key_or_name: &str, on: Date, lang: Lang, words: &Words) -> Result<String, Problem> {
    let hits;
    let known = picked(tree, key_or_name, on).ok().and_then(|path| tree.at_path(&path));
    let unit = match known {
        Some(unit) => unit,
        None => {
            hits = tree.search(&Query { text: key_or_name, on: Some(on), limit: SEVERAL_MAX, ..Query::default() });
            let hits = if hits.is_empty() {
                tree.search(&Query { text: key_or_name, limit: SEVERAL_MAX, ..Query::default() })
            } else {
                hits
            };
            match hits.as_slice() {
                [] => return Err(Problem::new(ProblemKind::NotFound, "units.unknown").with("key", key_or_name)),
                [only] => only.unit,
                // The best fit alone, when the next one fits less well.
                [best, next, ..] if best.rank < next.rank => best.unit,
                several => return Ok(listed(tree, several.iter().map(|hit| hit.unit), key_or_name, lang, words)),
            }
        }
    };
    Ok(one(tree, unit, on, lang, words))
}

fn listed<'t>(tree: &Tree, units: impl Iterator<Item = &'t Unit>, text: &str, lang: Lang, words: &Words) -> String {
    let mut out = words.say(lang, "units-cli-several", &[("text", text.into())]);
    out.push('\n');
    for unit in units {
        let above: Vec<String> = tree.ancestors(unit.id.as_str()).iter().map(|unit| unit.full_name.clone()).collect();
        let _ = writeln!(
            out,
            "  {:<14} {}, {} ({})",
            unit.id,
            unit.full_name,
            above.join(", "),
            span_of(words, lang, unit)
        );
    }
    out
}

fn one(tree: &Tree, unit: &Unit, on: Date, lang: Lang, words: &Words) -> String {
    let key = unit.id.as_str();
    let say = |key: &str| words.say(lang, key, &[]);
    let mut rows: Vec<(String, String)> = vec![
        (say("units-key"), key.to_owned()),
        (say("units-kind"), say(&format!("units-kind-{}", unit.kind.as_str()))),
        (say("units-existed"), span_of(words, lang, unit)),
    ];
    let mut row = |key: &str, value: String| rows.push((words.say(lang, key, &[]), value));
    if unit.kind.has_committee() {
        row("units-authority", unit.authority());
    }
    if let Some(code) = &unit.code {
        row("units-code", code.to_string());
    }
    let above: Vec<String> =
        tree.ancestors(key).iter().map(|unit| format!("{} ({})", unit.full_name_on(on), unit.id)).collect();
    if !above.is_empty() {
        row("units-above", above.join(", "));
    }
    if !unit.alt_names.is_empty() {
        row("units-alt-names", unit.alt_names.join(", "));
    }
    if let Some(phone) = &unit.phone {
        row("units-phone", phone.clone());
    }
    if let Some(count) = unit.population {
        row("units-population", say_count(lang, count));
    }
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != unit.kind) {
        let n = tree.descendants(key, kind, Some(on)).count();
        if n > 0 {
            row(&format!("units-kind-{}", kind.as_str()), say_count(lang, i64::try_from(n).unwrap_or(i64::MAX)));
        }
    }
    for (key, heirs) in [("units-became", tree.successors(key)), ("units-was", tree.predecessors(key))] {
        for heir in heirs {
            let name = tree.get(heir.unit.as_str()).map_or_else(String::new, |unit| unit.full_name.clone());
            row(key, format!("{} ({}), {}", name, heir.unit, percent(words, lang, &heir)));
        }
    }
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut out = unit.full_name_on(on);
    if !unit.exists_on(on) {
        let _ = write!(out, " — {}", words.say(lang, "units-not-on-day", &[("day", say_date(lang, on).into())]));
    }
    out.push('\n');
    for (name, value) in rows {
        let _ = writeln!(out, "  {name:<width$}  {value}");
    }
    out
}

/// Units as a file that `import` reads: everything, or what stands at and below a unit, of all times or of one day.
///
/// A unit that is not there gives a file without rows.
#[must_use]
pub fn export(tree: &Tree, within: Option<&str>, on: Option<Date>) -> String {
    let units = within.map_or_else(|| tree.units(), |key| tree.subtree(key));
    write_places(units.iter().filter(|unit| on.is_none_or(|day| unit.exists_on(day))))
}
