//! `vungxanh dispatch parse`: files in, structure out.

use std::{io::Write, path::PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};
use vx_dispatch::{CODES, Dispatch, Severity, open};

/// Reads files and writes an array with an element for each dispatch in them (`json`), or a summary for people.
/// A file that cannot be read becomes an element with nothing known and a finding that says why; the others are read.
///
/// Returns whether every file was there.
///
/// # Errors
/// Only when the output cannot be written.
pub fn run(files: &[PathBuf], as_json: bool, out: &mut impl Write) -> anyhow::Result<bool> {
    let mut all: Vec<Value> = Vec::new();
    let mut sound = true;
    for path in files {
        let name = path.display().to_string();
        let read = std::fs::read(path).map_err(|error| ("unreadable.missing".to_owned(), error.to_string()));
        let opened =
            read.and_then(|bytes| open(&bytes).map_err(|trouble| (trouble.code().to_owned(), trouble.to_string())));
        match opened {
            Err((code, detail)) => {
                // A file that says nothing is an answer; one that is not there is not.
                sound &= code != "unreadable.missing";
                all.push(nothing(&name, &json!([{"code": code, "severity": "error", "span": null, "detail": detail}])));
            }
            Ok(opened) => {
                let outcome = opened.parse();
                if outcome.dispatches.is_empty() {
                    all.push(nothing(&name, &serde_json::to_value(&outcome.findings)?));
                }
                for mut dispatch in outcome.dispatches {
                    dispatch.file = Some(name.clone());
                    all.push(serde_json::to_value(&dispatch)?);
                }
            }
        }
    }
    if as_json {
        serde_json::to_writer_pretty(&mut *out, &all).context("writing the result")?;
        writeln!(out)?;
    } else {
        for value in &all {
            summary(value, out)?;
        }
    }
    Ok(sound)
}

/// What is said of a file without a dispatch: every key is there, nothing is known.
fn nothing(name: &str, findings: &Value) -> Value {
    let mut value = serde_json::to_value(Dispatch::default()).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.insert("file".to_owned(), json!(name));
        fields.insert("findings".to_owned(), findings.clone());
    }
    value
}

fn summary(value: &Value, out: &mut impl Write) -> anyhow::Result<()> {
    let text = |name: &str| value[name].as_str().unwrap_or("–").to_owned();
    writeln!(out, "{}", text("file"))?;
    writeln!(out, "  {} · {} · {} · {}", text("number"), text("kind"), text("issued_on"), text("issuer"))?;
    if let Some(urgency) = value["urgency"].as_str() {
        writeln!(out, "  {urgency}")?;
    }
    writeln!(out, "  {}", text("subject"))?;
    for clause in value["clauses"].as_array().into_iter().flatten() {
        let units = |role: &str| -> Vec<String> {
            let all = clause["assignments"].as_array().into_iter().flatten();
            all.filter(|unit| unit["role"] == role)
                .filter_map(|unit| unit["unit"].as_str())
                .map(str::to_owned)
                .collect()
        };
        let dues: Vec<&str> =
            clause["deadlines"].as_array().into_iter().flatten().filter_map(|due| due["quote"].as_str()).collect();
        let lead = units("lead").join(", ");
        let others = units("cooperating").join(", ");
        write!(out, "    {:<10} {}", clause["path"].as_str().unwrap_or(""), if lead.is_empty() { "–" } else { &lead })?;
        if !others.is_empty() {
            write!(out, " (+ {others})")?;
        }
        if !dues.is_empty() {
            write!(out, " [{}]", dues.join("; "))?;
        }
        writeln!(out)?;
    }
    for finding in value["findings"].as_array().into_iter().flatten() {
        let code = finding["code"].as_str().unwrap_or("");
        let said = CODES.iter().find(|known| known.code == code);
        let mark = match said.map(|code| code.severity) {
            Some(Severity::Info) => "i",
            Some(Severity::Warning) => "?",
            _ => "!",
        };
        let words = said.map_or("", |code| code.vi);
        writeln!(out, "    {mark} {code}: {words} {}", finding["detail"].as_str().unwrap_or(""))?;
    }
    Ok(())
}
