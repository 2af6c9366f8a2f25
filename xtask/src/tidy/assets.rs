//! Vendored files are those that the manifest names, unchanged.

use std::collections::BTreeSet;

use anyhow::Result;

use super::{Report, Tree};
use crate::vendor::{self, MANIFEST};

pub(super) fn check(tree: &Tree, report: &mut Report) -> Result<()> {
    let manifest = vendor::read()?;
    let again = "run `cargo xtask vendor`";
    let mut known = BTreeSet::from([MANIFEST.to_owned()]);
    for entry in &manifest.file {
        let path = format!("assets/{}", entry.path);
        match std::fs::read(crate::run::root().join(&path)) {
            Ok(bytes) if vendor::hash(&bytes) == entry.sha256 => {}
            Ok(_) => report.error(&path, 1, "the file is not what was vendored", again),
            Err(_) => report.error(&path, 1, "a vendored file is missing", again),
        }
        known.insert(path);
    }
    for file in tree.below("assets/vendor/").filter(|file| !known.contains(&file.path)) {
        let fix = "name it in xtask/src/vendor.rs and run `cargo xtask vendor`";
        report.error(&file.path, 1, "the manifest does not name this file", fix);
    }
    Ok(())
}
