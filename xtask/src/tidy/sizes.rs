//! The table that tells whether the shared nouns carry their weight.

use std::collections::{BTreeMap, BTreeSet};

use super::{File, Report, Tree};

/// Above this, the README must say why.
const LINES_MAX: usize = 2_500;
/// The heading that says so.
const NOTE: &str = "## Size";

#[derive(Default)]
struct Size {
    code: usize,
    tests: usize,
    commands: usize,
}

pub(super) fn print(tree: &Tree, report: &mut Report) {
    let mut sizes: BTreeMap<(&str, &str), Size> = BTreeMap::new();
    for file in tree.0.iter() {
        let (Some(rust), Some(subsystem)) = (&file.rust, subsystem(file)) else { continue };
        let size = sizes.entry(subsystem).or_default();
        let in_test = |line: &super::rust_text::Line| file.is_test() || line.in_test;
        size.code += rust.count(|line| !in_test(line));
        size.tests += rust.count(in_test);
        size.commands += rust.count(|line| !in_test(line) && is_command(&line.code));
    }
    println!("\n{:<24} {:>7} {:>7} {:>9}", "subsystem", "lines", "tests", "commands");
    for ((layer, name), size) in &sizes {
        let label = format!("{layer}/{name}");
        println!("{label:<24} {:>7} {:>7} {:>9}", size.code, size.tests, size.commands);
        let folder = if *layer == "domain" { "crates/domain/" } else { "crates/" };
        let readme = format!("{folder}{}/README.md", if *layer == "domain" { name } else { layer });
        let text = tree.get(&readme).and_then(|file| file.text.as_deref()).unwrap_or("");
        if size.code > LINES_MAX && !text.lines().any(|line| line.starts_with(NOTE)) {
            let what = format!("{label} has {} lines, more than {LINES_MAX}", size.code);
            report.warn(&readme, &what, &format!("say why below a heading `{NOTE}`, or split it"));
        }
    }
    println!("{:<24} {:>7}   (lines of code, without blank lines and comments)", "Effect variants", effects(tree));
}

/// A crate below domain/, a module of foundation.
fn subsystem(file: &File) -> Option<(&str, &str)> {
    if let Some(rest) = file.path.strip_prefix("crates/domain/") {
        return Some(("domain", rest.split_once('/')?.0));
    }
    let rest = file.path.strip_prefix("crates/foundation/")?;
    let module = rest.trim_start_matches("src/").split('/').next()?;
    Some(("foundation", module.trim_end_matches(".rs")))
}

/// `impl Command for Release`, also `impl<R: Record> Command for Open<R>`.
fn is_command(code: &str) -> bool {
    let words: Vec<&str> = code.split_whitespace().collect();
    words.first().is_some_and(|first| first.starts_with("impl"))
        && words.windows(2).any(|pair| pair[0].ends_with("Command") && pair[1] == "for")
}

/// Variants of `enum Effect` in the concepts crate; several may share a line.
fn effects(tree: &Tree) -> usize {
    let mut names = BTreeSet::new();
    for rust in tree.below("crates/concepts/src/").filter_map(|file| file.rust.as_ref()) {
        let code = rust.lines.iter().map(|line| line.code.as_str());
        let text = code.collect::<Vec<_>>().join("\n");
        let Some((_, after)) = text.split_once("enum Effect {") else { continue };
        names.extend(variants(after));
    }
    names.len()
}

/// The names at the outermost level, up to the closing brace.
fn variants(body: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut depth = 0_i32;
    let mut name = String::new();
    for letter in body.chars() {
        match letter {
            '(' | '{' | '[' | '<' => depth += 1,
            '}' if depth == 0 => break,
            ')' | '}' | ']' | '>' => depth -= 1,
            ',' if depth == 0 => names.push(std::mem::take(&mut name)),
            _ if depth == 0 && (letter.is_alphanumeric() || letter == '_') => name.push(letter),
            _ => {}
        }
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variants_of_an_enum() {
        let body = "\n Open(WorkItem), Settle { work: &'static str, about: Ref },\n #[x]\n Post(Vec<u8>),\n Tell,\n}\n";
        assert_eq!(variants(body), ["Open", "Settle", "Post", "Tell"]);
        assert_eq!(variants(" A, B }"), ["A", "B"]);
    }

    #[test]
    fn commands() {
        assert!(is_command("impl Command for Release {"));
        assert!(is_command("impl<R: Record> Command for Open<R> {"));
        assert!(!is_command("struct Command for"));
    }
}
