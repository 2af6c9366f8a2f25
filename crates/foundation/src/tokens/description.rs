//! The description of the JSON interface: for programs as OpenAPI, for people as a page made from the same value.

use axum::{
    http::{HeaderMap, header},
    response::IntoResponse as _,
};
use serde_json::Value as Json;
use vx_kernel::time::Lang;
use vx_platform::web::{self, Markup, PageResult, Visit, html, icon};

/// `GET /api/v1/openapi.json`: in English, the language that programmers of all countries share.
pub(super) async fn document(visit: Visit) -> PageResult {
    let document = web::document(visit.app.modules(), visit.app.words(), Lang::En);
    Ok(([(header::CONTENT_TYPE, "application/json")], document.to_string()).into_response())
}

/// `GET /api`
pub(super) async fn page(visit: Visit, headers: HeaderMap) -> PageResult {
    let document = web::document(visit.app.modules(), visit.app.words(), visit.lang);
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let base = format!("{}://{host}", if visit.app.secure_cookies() { "https" } else { "http" });
    let title = visit.t("tokens-description");
    let body = html! {
        div.vx-head {
            h1 { (title) }
            a.btn href="/tokens" { (icon("lock")) " " (visit.t("access-tokens")) }
            a.btn href="/api/v1/openapi.json" download="vungxanh-openapi.json" { (icon("download")) " OpenAPI 3.1" }
        }
        p { (text(&document["info"]["description"])) }
        p { (visit.t("tokens-examples")) }
        div.vx-panel.mb-3 { pre.vx-paper { code { "export VX=" (base) "\nexport VX_TOKEN=vx_…" } } }
        p { (visit.t("tokens-on-writing")) }
        @for tag in list(&document["tags"]) {
            @let area = text(&tag["name"]);
            h2.mt-4 #(area) { (text(&tag["description"])) }
            @for (path, methods) in document["paths"].as_object().into_iter().flatten() {
                @for (method, operation) in methods.as_object().into_iter().flatten() {
                    @if text(&operation["tags"][0]) == area { (described(&visit, &document, path, method, operation)) }
                }
            }
        }
    };
    Ok(visit.page(&title, body))
}

fn text(value: &Json) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Json) -> &[Json] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What a reference leads to, else the value itself.
fn resolved<'d>(document: &'d Json, value: &'d Json) -> &'d Json {
    value
        .get("$ref")
        .and_then(Json::as_str)
        .and_then(|at| document.pointer(at.trim_start_matches('#')))
        .unwrap_or(value)
}

fn described(visit: &Visit, document: &Json, path: &str, method: &str, operation: &Json) -> Markup {
    let body = operation.pointer("/requestBody/content/application~1json/schema").map(|body| resolved(document, body));
    let fields = body.and_then(|body| body["properties"].as_object());
    let required = |name: &str| body.is_some_and(|body| list(&body["required"]).iter().any(|one| one == name));
    let answers = operation["responses"].as_object();
    html! {
        details.vx-panel.mb-2 id=(text(&operation["operationId"])) {
            summary { code { (method.to_uppercase()) " " (path) } " " (text(&operation["summary"])) }
            p.vx-quiet { (visit.t("tokens-needs")) " " code { (text(&operation["x-permission"])) } }
            pre.vx-paper.mb-3 { code { (example(path, operation, body)) } }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("tokens-what")) } th scope="col" { (visit.t("tokens-form")) } th scope="col" { (visit.t("tokens-meaning")) } } }
                tbody {
                    @for parameter in list(&operation["parameters"]) {
                        (row(visit, &format!("{} ({})", text(&parameter["name"]), text(&parameter["in"])), &parameter["schema"],
                             parameter["required"] == true, text(&parameter["description"])))
                    }
                    @for (name, schema) in fields.into_iter().flatten() {
                        (row(visit, &format!("{name} (body)"), schema, required(name), text(&schema["description"])))
                    }
                    @for (status, answer) in answers.into_iter().flatten() {
                        @let answer = resolved(document, answer);
                        tr { th scope="row" { (status) } td { code { (answer_name(answer)) } } td { (text(&answer["description"])) } }
                    }
                }
            } }
        }
    }
}

fn row(visit: &Visit, name: &str, schema: &Json, required: bool, about: &str) -> Markup {
    html! { tr {
        th scope="row" { (name) @if required { div.vx-quiet.fw-normal { (visit.t("tokens-required")) } } }
        td { code { (form_of(schema)) } }
        td lang="en" { (about) }
    } }
}

/// The type of an answer in a word.
fn answer_name(answer: &Json) -> String {
    let content = answer["content"].as_object().and_then(|content| content.values().next());
    content.map_or_else(String::new, |content| form_of(&content["schema"]))
}

/// What a value looks like, in a line.
fn form_of(schema: &Json) -> String {
    if let Some(name) = schema.get("$ref").and_then(Json::as_str) {
        return name.rsplit('/').next().unwrap_or_default().to_owned();
    }
    if let Some(items) = schema.get("items") {
        return format!("[{}]", form_of(items));
    }
    if let Some(items) = schema.pointer("/properties/items") {
        return format!("{{items: {}, next}}", form_of(items));
    }
    let words: Vec<&str> = list(&schema["enum"]).iter().filter_map(Json::as_str).collect();
    if !words.is_empty() {
        return words.join(" | ");
    }
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or("object");
    schema["format"].as_str().unwrap_or(kind).to_owned()
}

/// A value that fits a schema, for the example.
fn sample(name: &str, schema: &Json) -> String {
    let kind = schema["type"].as_str().or_else(|| schema["type"][0].as_str()).unwrap_or_default();
    match (kind, name) {
        ("array", _) => "[\"31534\"]".to_owned(),
        (_, "to" | "unit") => "\"31534\"".to_owned(),
        (_, "file_name") => "\"cong-van.txt\"".to_owned(),
        _ => "\"…\"".to_owned(),
    }
}

/// A call of the operation from a shell.
fn example(path: &str, operation: &Json, body: Option<&Json>) -> String {
    let path = path.replace("{id}", "$ID").replace("{key}", "94");
    let mut lines = vec![format!("curl \"$VX{path}\""), "-H \"Authorization: Bearer $VX_TOKEN\"".to_owned()];
    for parameter in list(&operation["parameters"]) {
        match text(&parameter["name"]) {
            "Idempotency-Key" => lines.push("-H \"Idempotency-Key: $(uuidgen)\"".to_owned()),
            "If-Match" => lines.push("-H 'If-Match: \"1\"'".to_owned()),
            _ => {}
        }
    }
    if let Some(body) = body {
        let fields = body["properties"].as_object().into_iter().flatten();
        let required = list(&body["required"]);
        let shown: Vec<String> = fields
            .filter(|(name, _)| required.iter().any(|one| one == *name) || *name == "text")
            .map(|(name, schema)| format!("\"{name}\": {}", sample(name, schema)))
            .collect();
        lines.push("-H 'Content-Type: application/json'".to_owned());
        lines.push(format!("-d '{{{}}}'", shown.join(", ")));
    }
    lines.join(" \\\n  ")
}
