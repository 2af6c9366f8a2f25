//! Choosing a unit in a form of any subsystem, with or without script.

use vx_kernel::{
    Date, Path, Problem,
    text::fold,
    units::{Kind, Query, Rank, Tree, Unit},
};
use vx_platform::web::{Markup, Visit, html};

/// Units that a list to choose from may have; more are typed.
const CHOICES_MAX: usize = 200;
/// Suggestions while one types. A page stays below 100 KB with them.
const SUGGESTED_MAX: usize = 600;

/// A field to choose a unit that exists today, at or below `within`. [`picked`] reads what it sends.
///
/// Up to 200 units are a list in groups. More are a field to type in, with suggestions: the key, or a name.
#[must_use]
pub fn picker(visit: &Visit, name: &str, within: &Path, chosen: Option<&Path>) -> Markup {
    let (tree, today) = (visit.app.tree(), visit.today());
    let units: Vec<&Unit> = tree.below(within).iter().filter(|unit| unit.exists_on(today)).collect();
    if units.len() <= CHOICES_MAX {
        return html! {
            select.form-select name=(name) required {
                option value="" { (visit.t("units-choose")) }
                @for kind in Kind::ALL {
                    @let of_kind: Vec<&Unit> = units.iter().copied().filter(|unit| unit.kind == kind).collect();
                    @if !of_kind.is_empty() {
                        optgroup label=(visit.t(&format!("units-kind-{}", kind.as_str()))) {
                            @for unit in of_kind {
                                option value=(unit.path.as_str()) selected[chosen == Some(&unit.path)] { (in_place(&tree, unit)) }
                            }
                        }
                    }
                }
            }
        };
    }
    // Places before agencies: an agency is found by typing, a place is often only half remembered.
    let beside = |unit: &&&Unit| unit.kind.is_place() || unit.path.depth() <= within.depth() + 1;
    let mut suggested: Vec<&Unit> = units.iter().filter(beside).copied().collect();
    suggested.sort_by_key(|unit| unit.kind);
    let list = format!("units-{name}");
    let value = chosen.and_then(|path| tree.at_path(path)).map(|unit| typed(&tree, unit)).unwrap_or_default();
    html! {
        input.form-control name=(name) list=(list) value=(value) required autocomplete="off" placeholder=(visit.t("units-type-name"));
        datalist id=(list) { @for unit in suggested.iter().take(SUGGESTED_MAX) { option value=(typed(&tree, unit)) {} } }
    }
}

fn typed(tree: &Tree, unit: &Unit) -> String {
    format!("{} — {}", unit.id, in_place(tree, unit))
}

/// A commune with its district or province; other names say enough.
fn in_place(tree: &Tree, unit: &Unit) -> String {
    match tree.parent(unit.id.as_str()) {
        Some(above) if unit.kind.is_place() => format!("{}, {}", unit.full_name, above.full_name),
        _ => unit.full_name.clone(),
    }
}

/// The unit that a [`picker`] sent: its path, its key (alone or before a dash), or a name that only one unit has.
///
/// # Errors
/// `units.pick.none` when nothing fits, `units.pick.several` when a name fits several.
pub fn picked(tree: &Tree, text: &str, on: Date) -> Result<Path, Problem> {
    let text = text.trim();
    let at_path = Path::parse(text).ok().filter(|path| !path.is_root()).and_then(|path| tree.at_path(&path));
    let key = text.split_once(" — ").map_or(text, |(key, _)| key.trim());
    if let Some(unit) = at_path.or_else(|| tree.get(key)) {
        return Ok(unit.path.clone());
    }
    let hits = tree.search(&Query { text, on: Some(on), limit: 20, ..Query::default() });
    let mut exact = hits.iter().filter(|hit| hit.rank == Rank::Exact);
    match (exact.next(), exact.next()) {
        (Some(one), None) => Ok(one.unit.path.clone()),
        (Some(_), Some(_)) => {
            // With its type a name is often the only one: "huyện Mỹ Xuyên" beside "thị trấn Mỹ Xuyên".
            let mut whole = hits.iter().filter(|hit| fold(&hit.unit.full_name_on(on)) == fold(text));
            match (whole.next(), whole.next()) {
                (Some(one), None) => Ok(one.unit.path.clone()),
                _ => Err(Problem::invalid("units.pick.several").with("text", text)),
            }
        }
        _ => Err(Problem::invalid("units.pick.none").with("text", text)),
    }
}
