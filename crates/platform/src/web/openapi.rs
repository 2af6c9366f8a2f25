//! The description of the JSON interface in OpenAPI 3.1, made from its operations.

use serde_json::{Map, Value as Json, json};
use vx_kernel::time::Lang;

use super::{
    api::{Matching, Operation},
    route::Route,
    shape::Parts,
};
use crate::{Module, words::Words};

/// Answers that every operation may give instead of its own: status, name (the key of its text is `api-answer-` and
/// this), header with it.
const ALWAYS: &[(&str, &str, Option<&str>)] = &[
    ("400", "Unfit", None),
    ("401", "Unauthenticated", Some("WWW-Authenticate")),
    ("403", "Forbidden", None),
    ("404", "NotFound", None),
    ("405", "NotAllowed", Some("Allow")),
    ("406", "NotAcceptable", None),
    ("429", "TooMany", Some("Retry-After")),
    ("500", "Failed", None),
    ("503", "Unavailable", None),
];

/// Answers that operations may give which change something.
const ON_WRITE: &[(&str, &str, Option<&str>)] =
    &[("409", "Conflict", None), ("413", "TooLarge", None), ("415", "NotJson", None)];

const ON_MATCH: (&str, &str, Option<&str>) = ("412", "Changed", None);
const ON_MUST_MATCH: (&str, &str, Option<&str>) = ("428", "VersionMissing", None);

/// The operations of all modules, in the order of the modules.
pub fn operations(modules: &[Module]) -> Vec<Operation> {
    let routes = modules.iter().flat_map(|module| (module.routes)());
    routes.filter_map(|route: Route| route.operation).map(|operation| (*operation).clone()).collect()
}

/// The whole description.
#[must_use]
pub fn document(modules: &[Module], words: &Words, lang: Lang) -> Json {
    let mut parts = Parts::new();
    let mut paths: Map<String, Json> = Map::new();
    let mut refusals: Map<String, Json> = Map::new();
    let mut areas: Vec<&str> = Vec::new();
    for operation in operations(modules) {
        parts.extend(operation.parts.clone());
        let area = area(operation.path);
        if !areas.contains(&area) {
            areas.push(area);
        }
        let path = paths.entry(operation.path).or_insert_with(|| json!({}));
        path[operation.method.as_str().to_ascii_lowercase()] = described(&operation, words, lang, &mut refusals);
    }
    let tags: Vec<Json> = areas
        .into_iter()
        .map(|area| json!({"name": area, "description": words.say(lang, &format!("api-area-{area}"), &[])}))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": words.say(lang, "api-title", &[]),
            "description": words.say(lang, "api-about", &[]),
            "version": env!("CARGO_PKG_VERSION"),
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": words.say(lang, "api-token-about", &[])}},
            "schemas": parts,
            "responses": refusals,
        },
    })
}

/// The first word of an address: `tasks`.
fn area(path: &str) -> &str {
    path.trim_start_matches(super::API).split('/').next().unwrap_or_default()
}

fn described(operation: &Operation, words: &Words, lang: Lang, refusals: &mut Map<String, Json>) -> Json {
    let parameters: Vec<Json> = operation
        .parameters
        .iter()
        .map(|parameter| {
            json!({
                "name": parameter.name, "in": parameter.place, "required": parameter.required,
                "schema": parameter.schema, "description": parameter.about,
            })
        })
        .collect();
    let mut answers: Map<String, Json> = Map::new();
    answers.insert(operation.status.as_str().to_owned(), success(operation, words, lang));
    let on_match = (operation.matching != Matching::No).then_some(&ON_MATCH);
    let must_match = (operation.matching == Matching::Must).then_some(&ON_MUST_MATCH);
    let on_write = ON_WRITE.iter().filter(|_| operation.body.is_some());
    for (status, name, header) in ALWAYS.iter().chain(on_write).chain(on_match).chain(must_match) {
        refusals
            .entry((*name).to_owned())
            .or_insert_with(|| refusal(&words.say(lang, &format!("api-answer-{name}"), &[]), *header));
        answers.insert((*status).to_owned(), json!({"$ref": format!("#/components/responses/{name}")}));
    }
    let mut codes: Vec<&str> = operation.codes.to_vec();
    if operation.paged {
        codes.push("api.cursor");
    }
    if !codes.is_empty() {
        let known: Vec<String> = codes.iter().map(|code| format!("`{code}`")).collect();
        let mut no = refusal(&words.say(lang, "api-answer-Refused", &[("codes", known.join(", ").into())]), None);
        no["x-codes"] = json!(codes);
        answers.insert("422".to_owned(), no);
    }
    let mut described = json!({
        "operationId": operation.id,
        "tags": [area(operation.path)],
        "summary": words.say(lang, &format!("api-{}", operation.id), &[]),
        "x-permission": operation.permission,
        "parameters": parameters,
        "responses": answers,
    });
    if let Some(body) = &operation.body {
        described["requestBody"] = json!({"required": true, "content": {"application/json": {"schema": body}}});
    }
    described
}

fn success(operation: &Operation, words: &Words, lang: Lang) -> Json {
    let created = operation.status == axum::http::StatusCode::CREATED;
    let mut success = json!({
        "description": words.say(lang, if created { "api-answer-Created" } else { "api-answer-Done" }, &[]),
        "content": {"application/json": {"schema": operation.answer}},
    });
    if operation.versioned {
        success["headers"] = json!({"ETag": {
            "required": true, "description": "Version of the record, for `If-Match`.", "schema": {"type": "string"},
        }});
    }
    if operation.paged {
        success["headers"] = json!({"Link": {
            "description": "Address of the next page, `rel=\"next\"`; absent on the last one.", "schema": {"type": "string"},
        }});
    }
    for (to, place, value) in &operation.links {
        success["links"][to] = json!({"operationId": to, "parameters": {(*place): format!("$response.body#{value}")}});
    }
    success
}

fn refusal(about: &str, header: Option<&str>) -> Json {
    let mut refusal = json!({
        "description": about,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    if let Some(name) = header {
        refusal["headers"][name] = json!({"required": true, "schema": {"type": "string"}});
    }
    refusal
}
