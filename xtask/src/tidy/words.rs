//! Every text exists in Vietnamese and in English.

use std::collections::BTreeMap;

use super::{Report, Tree};

pub(super) fn check(tree: &Tree, report: &mut Report) {
    // Khmer is of public pages alone; a test of the portal holds it beside the Vietnamese text by text.
    for file in tree.0.iter().filter(|file| file.path.ends_with(".ftl") && !file.path.ends_with(".km.ftl")) {
        let Some(path) = counterpart(&file.path) else {
            let fix = "call it NAME.vi.ftl and NAME.en.ftl";
            report.error(&file.path, 1, "the file's name does not say its language", fix);
            continue;
        };
        let Some(other) = tree.get(&path) else {
            report.error(&file.path, 1, &format!("{path} is missing"), "write the other language");
            continue;
        };
        let ours = keys(file.text.as_deref().unwrap_or(""));
        let theirs = keys(other.text.as_deref().unwrap_or(""));
        for (key, line) in ours.iter().filter(|(key, _)| !theirs.contains_key(*key)) {
            let what = format!("`{key}` is not in {path}");
            report.error(&file.path, *line, &what, "write it in the other language too");
        }
    }
}

/// `words.vi.ftl` for `words.en.ftl` and the reverse; also `vi/x.ftl` and `en/x.ftl`.
fn counterpart(path: &str) -> Option<String> {
    [(".vi.ftl", ".en.ftl"), (".en.ftl", ".vi.ftl"), ("/vi/", "/en/"), ("/en/", "/vi/")]
        .into_iter()
        .find(|(ours, _)| path.contains(ours))
        .map(|(ours, theirs)| path.replace(ours, theirs))
}

/// Names of messages, terms (`-name`) and attributes (`message.name`), with their lines.
fn keys(text: &str) -> BTreeMap<String, usize> {
    let mut keys = BTreeMap::new();
    let mut message = "";
    for (index, line) in text.lines().enumerate() {
        let Some((name, _)) = line.split_once('=') else { continue };
        let name = name.trim_end();
        let is_attribute = name.starts_with(' ') && name.trim_start().starts_with('.');
        let bare = name.trim_start().trim_start_matches(['.', '-']);
        let is_name = bare.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && bare.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
        if is_attribute && is_name {
            keys.insert(format!("{message}.{bare}"), index + 1);
        } else if !name.starts_with([' ', '#']) && is_name {
            message = name;
            keys.insert(name.to_owned(), index + 1);
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_messages_terms_and_attributes() {
        let text = "# a = b\none = 1\n-two = 2\nthree =\n    .title = x = y\n    { $n ->\n  [1] = q\n";
        let found: Vec<_> = keys(text).into_keys().collect();
        assert_eq!(found, ["-two", "one", "three", "three.title"]);
    }

    #[test]
    fn counterparts() {
        assert_eq!(counterpart("a/words.vi.ftl").as_deref(), Some("a/words.en.ftl"));
        assert_eq!(counterpart("words/en/tasks.ftl").as_deref(), Some("words/vi/tasks.ftl"));
        assert_eq!(counterpart("a/words.ftl"), None);
    }
}
