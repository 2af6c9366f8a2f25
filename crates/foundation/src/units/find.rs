//! A unit as a row of somebody's list names it, and as a row of ours does.

use vx_kernel::{
    Date, Path,
    units::{TWO_LEVELS_FROM, Tree, Unit},
};

/// The place of a code on a day, within another: as it stands, with the noughts that a spreadsheet took from it, and as
/// codes are since 2025.
#[must_use]
pub fn by_code<'t>(tree: &'t Tree, within: &Path, code: &str, on: Date) -> Option<&'t Unit> {
    let bare: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let padded = |n: usize| format!("{bare:0>n$}");
    let mut tries = vec![bare.clone(), padded(5), padded(3), padded(2)];
    if on >= TWO_LEVELS_FROM {
        tries.splice(0..0, [format!("25-{bare}"), format!("25-{}", padded(5))]);
    }
    let fits = |unit: &&Unit| unit.kind.is_place() && unit.exists_on(on) && within.contains(&unit.path);
    tries.iter().find_map(|key| tree.get(key).filter(fits))
}

/// The name of a unit in a list of places: a commune with its district, since communes of a province share names.
#[must_use]
pub fn named(tree: &Tree, path: &Path) -> String {
    with_above(tree, path, |unit| unit.full_name.clone())
}

/// As [`named`], as it was called on a day.
#[must_use]
pub fn named_on(tree: &Tree, path: &Path, on: Date) -> String {
    with_above(tree, path, |unit| unit.full_name_on(on))
}

fn with_above(tree: &Tree, path: &Path, name: impl Fn(&Unit) -> String) -> String {
    let Some(unit) = tree.at_path(path) else { return path.unit().to_owned() };
    match tree.parent(unit.id.as_str()) {
        Some(above) if path.depth() > 2 => format!("{}, {}", name(unit), name(above)),
        _ => name(unit),
    }
}
