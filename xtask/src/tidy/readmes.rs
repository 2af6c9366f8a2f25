//! Each crate has a README that is its crate documentation.

use super::graph::Crate;
use super::{Report, Tree};

pub(super) fn check(crates: &[Crate], tree: &Tree, report: &mut Report) {
    for member in crates {
        if matches!(member.folder.as_str(), "crates/server" | "xtask") {
            continue;
        }
        let readme = format!("{}/README.md", member.folder);
        match tree.get(&readme) {
            None => {
                let what = format!("{} has no README", member.name);
                report.error(&readme, 1, &what, "write its purpose, terms and invariants");
            }
            Some(file) if file.size < 40 => {
                report.error(&readme, 1, "the README says nothing", "write what the crate is for");
            }
            Some(_) => {}
        }
        let library = format!("{}/src/lib.rs", member.folder);
        let text = tree.get(&library).and_then(|file| file.text.as_deref()).unwrap_or("");
        if !text.contains(r#"#![doc = include_str!("../README.md")]"#) {
            let fix = r#"begin it with #![doc = include_str!("../README.md")]"#;
            report.error(&library, 1, "the README is not the crate documentation", fix);
        }
    }
}
