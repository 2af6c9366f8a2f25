//! What a reviewer wants to see as a difference: rights, open routes, texts, schema.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;
use vungxanh::modules;
use vx_kernel::time::Lang;
use vx_platform::{
    Clock,
    auth::Rights,
    store::{Db, dialect},
    web::{self, Access},
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
        if !matches!(route.access, Access::Needs(_) | Access::Token(_)) {
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
        if let Access::Needs(permission) | Access::Token(permission) = route.access {
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
    let reads = [
        "tasks.read",
        "directives.read",
        "units.read",
        "accounts.read",
        "boards.read",
        "jobs.read",
        "tokens.read",
        "retention.read",
    ];
    for permission in
        modules().iter().flat_map(|module| module.permissions).filter(|permission| !reads.contains(&permission.name))
    {
        let key = format!("did-{}", permission.name.replace('.', "-"));
        let short = permission.name.replace('.', "-");
        assert!(words.has(Lang::Vi, &key) || words.has(Lang::Vi, &short), "{} has no verb", permission.name);
    }
}

#[test]
fn the_json_interface_is_described() {
    let document = web::document(&modules(), &all_words(), Lang::En);
    golden(HERE, "openapi.json", &(serde_json::to_string_pretty(&document).unwrap() + "\n"));
}

/// Every value below, with its place.
fn values<'j>(value: &'j Json, place: &str, out: &mut Vec<(String, &'j Json)>) {
    out.push((place.to_owned(), value));
    let below: Vec<(String, &Json)> = match value {
        Json::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), value)).collect(),
        Json::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (name, value) in below {
        values(value, &format!("{place}/{}", name.replace('/', "~1")), out);
    }
}

#[test]
fn the_description_and_the_routes_are_the_same() {
    let (words, modules) = (all_words(), modules());
    let document = web::document(&modules, &words, Lang::Vi);
    let mut routes: BTreeSet<(String, String)> = BTreeSet::new();
    for route in modules.iter().flat_map(|module| (module.routes)()) {
        let is_api = route.path.starts_with(web::API) && route.path != "/api/v1/openapi.json";
        assert_eq!(
            is_api,
            route.operation.is_some(),
            "{} is an operation exactly if it lies below /api/v1/",
            route.path
        );
        assert_eq!(is_api, matches!(route.access, Access::Token(_)), "{} asks for a token", route.path);
        if is_api {
            routes.insert((route.path.to_owned(), route.method.as_str().to_ascii_lowercase()));
        }
    }
    let mut described = BTreeSet::new();
    let mut ids = BTreeSet::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            described.insert((path.clone(), method.clone()));
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id), "{id} is there twice");
            assert!(words.has(Lang::Vi, &format!("api-{id}")), "{id} has no text");
            let answers = operation["responses"].as_object().unwrap();
            let mut always = vec!["400", "401", "403", "404", "405", "406", "429", "500", "503"];
            if method == "post" {
                always.extend(["409", "413", "415", "422"]);
                let parameters = operation["parameters"].as_array().unwrap();
                assert!(parameters.iter().any(|parameter| parameter["name"] == "Idempotency-Key"), "{id}");
            }
            for status in always {
                assert!(answers.contains_key(status), "{id} does not document {status}");
            }
            for code in answers.get("422").and_then(|answer| answer["x-codes"].as_array()).into_iter().flatten() {
                assert!(words.has(Lang::Vi, &problem_key(code.as_str().unwrap())), "{id}: {code} has no text");
            }
        }
    }
    assert_eq!(routes, described);
    let mut all = Vec::new();
    values(&document, "", &mut all);
    for (place, value) in all {
        if place.ends_with("/$ref") {
            let target = value.as_str().unwrap().trim_start_matches('#');
            assert!(document.pointer(target).is_some(), "{place} leads to {value}");
        }
        if place.ends_with("/pattern") && !place.contains("/properties/pattern") {
            assert!(web::fits(value.as_str().unwrap(), "x").is_some(), "{place}: nobody checks {value}");
        }
        if place.contains("/links/") && place.ends_with("/operationId") {
            assert!(ids.contains(value.as_str().unwrap()), "{place} leads to {value}");
        }
    }
    for fault in [
        "type", "enum", "short", "long", "format", "pattern", "range", "few", "many", "twice", "missing", "unknown",
        "json",
    ] {
        assert!(words.has(Lang::Vi, &format!("fault-{fault}")), "{fault}");
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
