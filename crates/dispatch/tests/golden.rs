//! Golden results: the fixtures of this repository, and five real dispatches that are not part of it.
//!
//! `VX_BLESS=1 cargo test -p vx-dispatch --test golden` rewrites them; every line of the diff is then read against the
//! text, word by word.
#![allow(clippy::print_stdout)]
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use vx_dispatch::{Outcome, decode, parse};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn texts(dir: &Path) -> Vec<PathBuf> {
    let mut names: Vec<PathBuf> = fs::read_dir(dir)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "txt"))
        .collect();
    names.sort();
    names
}

fn read(path: &Path) -> Outcome {
    let text = decode(&fs::read(path).unwrap()).unwrap();
    let mut outcome = parse(&text);
    for dispatch in &mut outcome.dispatches {
        dispatch.file = path.file_name().map(|name| name.to_string_lossy().into_owned());
    }
    outcome
}

fn compare(golden: &Path, got: &Value) {
    let got = format!("{}\n", serde_json::to_string_pretty(got).unwrap());
    if std::env::var_os("VX_BLESS").is_some() {
        fs::create_dir_all(golden.parent().unwrap()).unwrap();
        fs::write(golden, got).unwrap();
        return;
    }
    let want = fs::read_to_string(golden).unwrap_or_default();
    if want != got {
        let line = want
            .lines()
            .zip(got.lines())
            .position(|(a, b)| a != b)
            .unwrap_or(want.lines().count().min(got.lines().count()));
        let at = |text: &str| text.lines().skip(line.saturating_sub(2)).take(6).collect::<Vec<_>>().join("\n");
        panic!("{} line {}:\nwant\n{}\ngot\n{}", golden.display(), line + 1, at(&want), at(&got));
    }
}

/// Golden files must not hold the words of dispatches that are not ours: the text of a clause is kept as its beginning
/// and its length.
fn shorten(mut value: Value) -> Value {
    const CHARS: usize = 40;
    for dispatch in value["dispatches"].as_array_mut().into_iter().flatten() {
        for clause in dispatch["clauses"].as_array_mut().into_iter().flatten() {
            let text = clause["text"].as_str().unwrap_or("").to_owned();
            let head: String = text.chars().take(CHARS).collect();
            clause["text"] = json!({ "head": head, "chars": text.chars().count() });
        }
    }
    value
}

#[test]
fn fixtures() {
    let dir = root().join("../../fixtures/dispatches");
    let names = texts(&dir);
    assert!(names.len() >= 8, "the fixtures are part of the repository");
    for path in names {
        compare(&path.with_extension("json"), &serde_json::to_value(read(&path)).unwrap());
    }
}

#[test]
fn seeds() {
    let dir = root().join("../../../shared/seeds");
    let names = texts(&dir);
    if names.is_empty() {
        println!("skipped: the five real dispatches are not here ({})", dir.display());
        return;
    }
    for path in names {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let short: String = name.chars().take(3).collect();
        let golden = root().join(format!("tests/golden/seed_{short}.json"));
        compare(&golden, &shorten(serde_json::to_value(read(&path)).unwrap()));
    }
}
