//! Rules that a line or a file name can break.

use std::path::Path;

use super::rust_text::{Line, is_word};
use super::{File, Report, Tree};
use crate::run;

/// They mean that the noun was not found.
const EMPTY_WORDS: &[&str] =
    &["manager", "service", "helper", "util", "handler", "processor", "data", "info", "entity", "common", "misc"];
const SIZE_MAX: u64 = 1 << 20;

pub(super) fn check(tree: &Tree, report: &mut Report) {
    let places = places_of_this_machine();
    for file in &tree.0 {
        let is_foreign = file.path.starts_with("assets/vendor/") || file.path.starts_with("data/");
        if file.size > SIZE_MAX && !is_foreign {
            let what = format!("{} KiB is too large for the repository", file.size / 1024);
            report.error(&file.path, 1, &what, "generate it, shrink it, or put it in data/");
        }
        if !is_foreign {
            file_name(file, report);
            machine_paths(file, &places, report);
        }
        if let Some(rust) = &file.rust {
            for (number, line) in rust.numbered() {
                rust_line(file, number, line, report);
            }
        } else if !is_foreign && !file.path.ends_with(".md") {
            for (number, line) in file.text.iter().flat_map(|text| text.lines()).enumerate() {
                unnumbered_todo(file, number + 1, line, report);
            }
        }
    }
}

fn file_name(file: &File, report: &mut Report) {
    if file.name() == "mod.rs" {
        let fix = "name the file after its module";
        report.error(&file.path, 1, "`mod.rs` files all look alike in an editor", fix);
    }
    if !file.path.starts_with("crates/") && !file.path.starts_with("xtask/") {
        return;
    }
    let words = file.path.split(['/', '_', '-', '.']).map(str::to_lowercase);
    for word in words.filter_map(|word| empty_word(&word)) {
        let what = format!("`{word}` in a file name says nothing");
        report.error(&file.path, 1, &what, "name it after the noun in GLOSSARY.md");
    }
}

fn rust_line(file: &File, number: usize, line: &Line, report: &mut Report) {
    let code = line.code.as_str();
    if let Some(word) = type_name(code).and_then(|name| words_of(name).find_map(|w| empty_word(&w))) {
        let what = format!("`{word}` in a type name says nothing");
        report.error(&file.path, number, &what, "name it after the noun in GLOSSARY.md");
    }
    if code.replace(' ', "").contains("#[ignore") {
        let fix = "make the test pass, or remove it";
        report.error(&file.path, number, "an ignored test checks nothing", fix);
    }
    if (file.is_test() || line.in_test) && calls(code, "sleep(") {
        let fix = "use the frozen clock, or wait for the condition with a bound";
        report.error(&file.path, number, "a test sleeps", fix);
    }
    if calls(code, "todo!") {
        report.error(&file.path, number, "unfinished code", "finish it, or refuse with a reason");
    }
    unnumbered_todo(file, number, &line.comment, report);
}

/// A note for later needs an issue that keeps it.
fn unnumbered_todo(file: &File, number: usize, text: &str, report: &mut Report) {
    let Some(at) = text.find("TODO") else { return };
    let alone = !text[..at].ends_with(is_word) && !text[at + 4..].starts_with(is_word);
    let numbered = text[at..].split('#').skip(1).any(|after| after.starts_with(|letter: char| letter.is_ascii_digit()));
    if alone && !numbered && !file.path.starts_with("xtask/src/tidy") {
        report.error(&file.path, number, "a TODO without an issue", "write TODO(#NUMBER)");
    }
}

/// `name` as a whole word of code.
fn calls(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| !code[..at].ends_with(is_word))
}

/// The name that this line gives to a type, if it does.
fn type_name(code: &str) -> Option<&str> {
    let mut words = code.split(|letter| !is_word(letter)).filter(|word| !word.is_empty());
    let keyword = words.find(|word| !matches!(*word, "pub" | "crate" | "super" | "in" | "unsafe" | "auto"))?;
    matches!(keyword, "struct" | "enum" | "trait" | "type" | "union").then(|| words.next()).flatten()
}

/// The words of a `CamelCase` name, in lower case.
fn words_of(name: &str) -> impl Iterator<Item = String> {
    let mut words: Vec<String> = Vec::new();
    for letter in name.chars() {
        if letter.is_uppercase() || words.is_empty() {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    words.into_iter()
}

fn empty_word(word: &str) -> Option<&'static str> {
    let singular = word.strip_suffix("ies").map(|stem| format!("{stem}y"));
    let singular = singular.as_deref().or(word.strip_suffix('s')).unwrap_or(word);
    EMPTY_WORDS.iter().copied().find(|empty| *empty == word || *empty == singular)
}

/// Absolute paths that mean something only here: the home folder, and what lies beside the checkout.
fn places_of_this_machine() -> Vec<String> {
    let mut places = Vec::new();
    if let Some(home) = std::env::var_os("HOME") {
        places.push(format!("{}/", Path::new(&home).display()));
    }
    if let Some(parent) = run::root().parent().filter(|parent| parent.parent().is_some()) {
        let entries = std::fs::read_dir(parent).into_iter().flatten().flatten();
        places.extend(entries.map(|entry| entry.path().display().to_string()));
    }
    places.retain(|place| place.len() > 5);
    places
}

fn machine_paths(file: &File, places: &[String], report: &mut Report) {
    for (index, line) in file.text.iter().flat_map(|text| text.lines()).enumerate() {
        let place = places.iter().find(|place| {
            let starts = |(at, _)| {
                let ends = place.ends_with('/') || !line[at + place.len()..].starts_with(is_word);
                ends && !line[..at].ends_with(|before: char| is_word(before) || "./-".contains(before))
            };
            line.match_indices(place.as_str()).any(starts)
        });
        if let Some(place) = place {
            let what = format!("`{place}` exists only on this machine");
            report.error(&file.path, index + 1, &what, "use a path from the workspace folder");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn type_names_and_their_words() {
        assert_eq!(type_name("pub(crate) struct UnitData<T> {"), Some("UnitData"));
        assert_eq!(type_name("    type Facts = ReleaseFacts;"), Some("Facts"));
        assert_eq!(type_name("let data = 1;"), None);
        assert_eq!(words_of("UnitData").collect::<Vec<_>>(), ["unit", "data"]);
        assert_eq!(empty_word("utils"), Some("util"));
        assert_eq!(empty_word("entities"), Some("entity"));
        assert_eq!(empty_word("database"), None);
    }

    #[test]
    fn whole_calls_only() {
        assert!(calls("tokio::time::sleep(ms)", "sleep("));
        assert!(!calls("no_sleep(ms)", "sleep("));
    }
}
