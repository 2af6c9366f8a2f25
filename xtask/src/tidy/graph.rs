//! Which crate may depend on which: the folder is the layer.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{Report, Tree};
use crate::run;

/// A crate of this workspace.
pub(super) struct Crate {
    pub(super) name: String,
    /// Its folder, from the workspace folder.
    pub(super) folder: String,
    layer: Option<Layer>,
    dependencies: Vec<Dependency>,
}

/// From the bottom up; each may depend on those below, never beside or above.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Layer {
    /// Pure crates that could be published alone.
    Leaf,
    /// Sets what a leaf laid out; pure too.
    Print,
    Kernel,
    Platform,
    Concepts,
    Foundation,
    Domain,
    /// `flows` and `boards`.
    Across,
    Server,
    /// Beside the layers: a help for the tests of any crate.
    Testkit,
    /// Outside: depends on none of ours.
    Xtask,
}

const DIRECTION: &str = "kernel ← platform ← concepts ← foundation ← domain ← {flows, boards} ← server";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    kind: Option<String>,
}

/// What `cargo metadata` says of the workspace.
pub(super) fn crates() -> Result<Vec<Crate>> {
    let arguments = ["metadata", "--no-deps", "--offline", "--format-version=1"];
    let text = run::output(&mut run::cargo(arguments))?;
    let metadata: Metadata = serde_json::from_str(&text).context("output of cargo metadata")?;
    let root = format!("{}/", run::root().display());
    let crates = metadata.packages.into_iter().map(|package| {
        let folder = package.manifest_path.trim_start_matches(&root);
        let folder = folder.trim_end_matches("/Cargo.toml").to_owned();
        Crate { layer: layer(&folder), name: package.name, folder, dependencies: package.dependencies }
    });
    Ok(crates.collect())
}

fn layer(folder: &str) -> Option<Layer> {
    Some(match folder {
        "crates/alert" | "crates/atlas" | "crates/dispatch" | "crates/epi" | "crates/seal" | "crates/derive" => {
            Layer::Leaf
        }
        "crates/print" => Layer::Print,
        "crates/kernel" => Layer::Kernel,
        "crates/platform" => Layer::Platform,
        "crates/concepts" => Layer::Concepts,
        "crates/foundation" => Layer::Foundation,
        "crates/flows" | "crates/boards" => Layer::Across,
        "crates/server" => Layer::Server,
        "crates/testkit" => Layer::Testkit,
        "xtask" => Layer::Xtask,
        _ if folder.starts_with("crates/domain/") => Layer::Domain,
        _ => return None,
    })
}

/// Why this edge must not be, if it must not.
fn forbidden(from: Layer, to: Layer, is_dev: bool) -> Option<&'static str> {
    match (from, to) {
        (Layer::Xtask, _) | (_, Layer::Xtask) => Some("xtask stands outside the crates"),
        (_, Layer::Testkit) if is_dev => None,
        (_, Layer::Testkit) => Some("testkit is for tests only"),
        (Layer::Testkit, _) => None,
        (Layer::Domain, Layer::Domain) => Some("no domain crate depends on another"),
        _ if to < from => None,
        _ => Some("it points against the direction of layers"),
    }
}

pub(super) fn check(crates: &[Crate], tree: &Tree, report: &mut Report) {
    for member in crates {
        let manifest = format!("{}/Cargo.toml", member.folder);
        inheritance(&manifest, tree, report);
        let Some(from) = member.layer else {
            let what = format!("`{}` lies in no known layer", member.folder);
            let fix = "move it below crates/domain, or name its layer in xtask/src/tidy/graph.rs";
            report.error(&manifest, 1, &what, fix);
            continue;
        };
        let mut seen = BTreeSet::new();
        for dependency in &member.dependencies {
            let line = line_naming(tree, &manifest, &dependency.name);
            let is_dev = dependency.kind.as_deref() == Some("dev");
            let other = crates.iter().find(|other| other.name == dependency.name);
            if let Some(to) = other.and_then(|other| other.layer)
                && let Some(why) = forbidden(from, to, is_dev)
            {
                let what = format!("{} must not depend on {}: {why}", member.name, dependency.name);
                let fix = format!("keep to {DIRECTION}; across subsystems use ids, facts and flows");
                report.error(&manifest, line, &what, &fix);
            }
            let is_database = matches!(dependency.name.as_str(), "sqlx" | "jiff-sqlx");
            if is_database && from != Layer::Platform && seen.insert(&dependency.name) {
                let what = format!("{} names the database driver {}", member.name, dependency.name);
                report.error(&manifest, line, &what, "go through vx-platform's store");
            }
        }
    }
}

/// One place for edition, licence and lints: the workspace.
fn inheritance(manifest: &str, tree: &Tree, report: &mut Report) {
    let Some(text) = tree.get(manifest).and_then(|file| file.text.as_deref()) else {
        return;
    };
    let table: toml::Table = text.parse().unwrap_or_default();
    let inherits = |path: &[&str]| {
        let first = table.get(path[0]);
        let value = path[1..].iter().fold(first, |value, key| value?.get(key));
        value.and_then(|value| value.get("workspace")) == Some(&toml::Value::Boolean(true))
    };
    for key in ["edition", "license", "rust-version", "version"] {
        if !inherits(&["package", key]) {
            let what = format!("`{key}` is not the workspace's");
            report.error(manifest, 1, &what, &format!("write `{key}.workspace = true`"));
        }
    }
    if !inherits(&["lints"]) {
        let fix = "write `[lints]` and below it `workspace = true`";
        report.error(manifest, 1, "the lints are not the workspace's", fix);
    }
}

fn line_naming(tree: &Tree, path: &str, word: &str) -> usize {
    let text = tree.get(path).and_then(|file| file.text.as_deref()).unwrap_or("");
    let position = text.lines().position(|line| line.starts_with(word));
    position.map_or(1, |index| index + 1)
}

#[cfg(test)]
mod tests {
    use super::Layer::{Across, Concepts, Domain, Kernel, Leaf, Platform, Print, Server, Testkit, Xtask};
    use super::*;

    #[test]
    fn edges() {
        let allowed = |from, to| forbidden(from, to, false).is_none();
        assert!(allowed(Server, Across));
        assert!(allowed(Domain, Leaf));
        assert!(allowed(Print, Leaf));
        assert!(allowed(Domain, Print));
        assert!(allowed(Platform, Kernel));
        assert!(!allowed(Domain, Domain));
        assert!(!allowed(Across, Across));
        assert!(!allowed(Kernel, Platform));
        assert!(!allowed(Leaf, Kernel));
        assert!(!allowed(Leaf, Leaf));
        assert!(!allowed(Concepts, Testkit));
        assert!(forbidden(Concepts, Testkit, true).is_none());
        assert!(allowed(Testkit, Domain));
        assert!(!allowed(Xtask, Kernel));
    }
}
