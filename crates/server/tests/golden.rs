//! What a reviewer wants to see as a difference: rights, open routes, texts, schema.

use std::collections::{BTreeMap, BTreeSet};

use vungxanh::modules;
use vx_kernel::time::Lang;
use vx_platform::{
    Clock,
    auth::Rights,
    store::{Db, dialect},
    web::Access,
    words::{self, Words, keys, problem_key},
};
use vx_testkit::{Place, golden};

const HERE: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn rights_table() {
    let rights = Rights::new(modules().iter().flat_map(|module| module.permissions).copied());
    golden(HERE, "rights.txt", &rights.table());
}

#[test]
fn routes_without_a_permission() {
    let mut lines = String::new();
    let mut seen = BTreeSet::new();
    for route in modules().iter().flat_map(|module| (module.routes)()) {
        assert!(seen.insert((route.method.to_string(), route.path)), "{} {} is there twice", route.method, route.path);
        if !matches!(route.access, Access::Needs(_)) {
            lines.push_str(&format!("{:<5} {:<14} {:?}\n", route.method, route.path, route.access));
        }
    }
    lines.push_str("GET   /assets/*      (static files)\nGET   /healthz       (is it alive)\nGET   /readyz        (is it ready; no reasons)\n");
    golden(HERE, "routes_open.txt", &lines);
}

#[test]
fn every_permission_of_a_route_is_declared() {
    let rights = Rights::new(modules().iter().flat_map(|module| module.permissions).copied());
    for route in modules().iter().flat_map(|module| (module.routes)()) {
        if let Access::Needs(permission) = route.access {
            assert!(
                rights.knows(permission),
                "{} {} needs {permission}, which no module declares",
                route.method,
                route.path
            );
        }
    }
}

#[test]
fn both_languages_have_the_same_texts_and_values() {
    let texts = modules().into_iter().map(|module| (module.name, module.texts));
    for (name, text) in texts.chain([("platform", words::PLATFORM)]) {
        let (vi, en) = (keys(text.vi), keys(text.en));
        let difference: Vec<_> =
            vi.iter().filter(|(key, values)| en.get(*key) != Some(values)).map(|(key, _)| key).collect();
        assert!(difference.is_empty(), "{name}: not the same in English: {difference:?}");
        let more: Vec<_> = en.keys().filter(|key| !vi.contains_key(*key)).collect();
        assert!(more.is_empty(), "{name}: only in English: {more:?}");
    }
}

/// The Rust sources of the workspace but tests.
fn sources() -> BTreeMap<String, String> {
    fn walk(folder: &std::path::Path, out: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            if path.is_dir() && !matches!(name.as_str(), "target" | "tests" | "benches") {
                walk(&path, out);
            } else if name.ends_with(".rs") && name != "tests.rs" {
                let text = std::fs::read_to_string(&path).unwrap_or_default();
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
                out.insert(path.display().to_string(), text);
            }
        }
    }
    let mut out = BTreeMap::new();
    walk(&std::path::Path::new(HERE).join("../../crates"), &mut out);
    out
}

/// The string literals that follow a piece of code.
fn literals<'t>(text: &'t str, after: &str) -> Vec<&'t str> {
    text.split(after).skip(1).filter_map(|rest| rest.split_once('"').map(|(word, _)| word)).collect()
}

fn all_words() -> Words {
    Words::new(modules().into_iter().map(|module| module.texts)).expect("the texts parse and no key stands twice")
}

#[test]
fn every_text_that_pages_ask_for_exists() {
    let words = all_words();
    let mut missing = BTreeSet::new();
    for (file, text) in sources() {
        for after in [".t(\"", ".ta(\"", "see_other(", "key: \""] {
            for key in literals(&text, after) {
                let is_key = !key.is_empty()
                    && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
                if is_key && after != "see_other(" && !words.has(Lang::Vi, key) {
                    missing.insert(format!("{key} ({file})"));
                }
            }
        }
        for key in literals(&text, "\", \"").into_iter().filter(|key| key.contains("-said-")) {
            if !words.has(Lang::Vi, key) {
                missing.insert(format!("{key} ({file})"));
            }
        }
    }
    assert!(missing.is_empty(), "texts that are asked for and not there: {missing:#?}");
}

#[test]
fn every_problem_says_what_happened_and_what_to_do() {
    let words = all_words();
    let mut missing = BTreeSet::new();
    for (file, text) in sources().iter().filter(|(file, _)| !file.contains("/dispatch/") && !file.contains("/testkit/"))
    {
        let mut codes: Vec<&str> = Vec::new();
        for after in ["Problem::refused(\"", "Problem::invalid(\""] {
            codes.extend(literals(text, after));
        }
        for rest in text.split("Problem::new(").skip(1) {
            let call = rest.split(')').next().unwrap_or_default();
            codes.extend(literals(call, "\"").into_iter().take(1));
        }
        for code in codes {
            let key = problem_key(code);
            if !words.has(Lang::Vi, &key) || !words.has(Lang::Vi, &format!("{key}.todo")) {
                missing.insert(format!("{code} ({file})"));
            }
        }
    }
    for code in ["internal", "not_found"] {
        assert!(words.has(Lang::Vi, &problem_key(code)), "{code}");
    }
    assert!(missing.is_empty(), "problems without words: {missing:#?}");
}

#[test]
fn every_command_has_a_verb_for_the_history() {
    let words = all_words();
    let reads = ["tasks.read", "directives.read", "units.read", "accounts.read", "boards.read", "jobs.read"];
    for permission in
        modules().iter().flat_map(|module| module.permissions).filter(|permission| !reads.contains(&permission.name))
    {
        let key = format!("did-{}", permission.name.replace('.', "-"));
        let short = permission.name.replace('.', "-");
        assert!(words.has(Lang::Vi, &key) || words.has(Lang::Vi, &short), "{} has no verb", permission.name);
    }
}

#[tokio::test]
async fn both_engines_have_the_same_schema() {
    let modules = modules();
    let steps: Vec<_> = modules.iter().flat_map(|module| module.migrations).copied().collect();
    for place in Place::all().await {
        let db = Db::open(&place.options, Clock::Real).await.unwrap();
        db.migrate(&steps).await.unwrap();
        assert_eq!(db.migrate(&steps).await.unwrap(), 0, "a second run has nothing to do");
        let lines = dialect::schema_lines(&mut db.read().await.unwrap()).await.unwrap();
        golden(HERE, "schema.txt", &(lines.join("\n") + "\n"));
    }
}
