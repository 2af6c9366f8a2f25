//! What values of the JSON interface look like: one declaration makes the type, its JSON Schema (OpenAPI 3.1), and the
//! check of what was sent against that schema.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};
use vx_kernel::{Finding, Id, Severity};

/// Schemas that have a name, by it.
pub type Parts = BTreeMap<&'static str, Json>;

/// Any text that both databases can keep: PostgreSQL has no place for the character NUL.
pub const TEXT: &str = r"^[^\u0000]*$";
/// The key of a unit.
pub const UNIT_KEY: &str = r"^[A-Za-z0-9.\-]{1,64}$";
/// The key or the path of a unit.
pub const UNIT_PLACE: &str = r"^[A-Za-z0-9.\-/]*$";
/// Where a page of a list begins.
pub(super) const CURSOR: &str = r"^[A-Za-z0-9_\-]+$";
/// A version as `If-Match` and `ETag` carry it; an empty one says as much as none.
pub(super) const VERSION: &str = r#"^("[0-9]{1,15}")?$"#;

/// Whether a text fits one of the patterns above; `None` for another pattern, which no schema may use.
#[must_use]
pub fn fits(pattern: &str, text: &str) -> Option<bool> {
    let all = |allowed: &[u8]| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || allowed.contains(&byte));
    Some(match pattern {
        TEXT => !text.contains('\0'),
        UNIT_KEY => (1..=64).contains(&text.len()) && all(b".-"),
        UNIT_PLACE => all(b".-/"),
        CURSOR => !text.is_empty() && all(b"_-"),
        VERSION => {
            text.is_empty()
                || text.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).is_some_and(|digits| {
                    (1..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
                })
        }
        _ => return None,
    })
}

/// A type that stands in the JSON interface.
pub trait Shape {
    /// Whether the value may be null in an answer and absent in a body.
    const OPTIONAL: bool = false;
    /// Its schema; one with a name goes into `parts` and is referred to.
    fn shape(parts: &mut Parts) -> Json;
}

macro_rules! shapes {
    ($($type:ty => $schema:tt),* $(,)?) => {
        $(impl Shape for $type { fn shape(_: &mut Parts) -> Json { json!($schema) } })*
    };
}

shapes! {
    String => {"type": "string"},
    bool => {"type": "boolean"},
    i64 => {"type": "integer", "format": "int64"},
    f64 => {"type": "number", "format": "double"},
    uuid::Uuid => {"type": "string", "format": "uuid"},
    jiff::Timestamp => {"type": "string", "format": "date-time"},
    jiff::civil::Date => {"type": "string", "format": "date"},
}

impl<K> Shape for Id<K> {
    fn shape(parts: &mut Parts) -> Json {
        uuid::Uuid::shape(parts)
    }
}

impl<T: Shape> Shape for Option<T> {
    const OPTIONAL: bool = true;
    fn shape(parts: &mut Parts) -> Json {
        let mut schema = T::shape(parts);
        if let Some(kind) = schema.get("type").cloned() {
            schema["type"] = json!([kind, "null"]);
            if let Some(words) = schema.get_mut("enum").and_then(Json::as_array_mut) {
                words.push(Json::Null);
            }
            return schema;
        }
        json!({"anyOf": [schema, {"type": "null"}]})
    }
}

impl<T: Shape> Shape for Vec<T> {
    fn shape(parts: &mut Parts) -> Json {
        json!({"type": "array", "items": T::shape(parts)})
    }
}

/// A closed list of words.
#[must_use]
pub fn words(all: impl IntoIterator<Item = &'static str>) -> Json {
    json!({"type": "string", "enum": all.into_iter().collect::<Vec<_>>()})
}

/// Declares a value of the JSON interface with its schema. An `answer` is what we send: every field is there, optional
/// ones may be null. A `body` is what is sent to us: optional fields may be absent, others may not be added. What
/// follows `=>` narrows a field further.
#[macro_export]
macro_rules! view {
    ($(#[doc = $doc:literal])+ $vis:vis answer $name:ident as $word:literal { $($(#[doc = $about:literal])+ $field:ident: $type:ty $(=> $limits:tt)?),* $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, serde::Serialize)]
        $vis struct $name { $($(#[doc = $about])+ $vis $field: $type),* }
        $crate::view!(@shape $name, $word, true, [$($doc)+], $(($field, $type, [$($about)+], [$($limits)?]))*);
    };
    ($(#[doc = $doc:literal])+ $vis:vis body $name:ident as $word:literal { $($(#[doc = $about:literal])+ $field:ident: $type:ty $(=> $limits:tt)?),* $(,)? }) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug, serde::Deserialize)]
        $vis struct $name { $($(#[doc = $about])+ $vis $field: $type),* }
        $crate::view!(@shape $name, $word, false, [$($doc)+], $(($field, $type, [$($about)+], [$($limits)?]))*);
    };
    (@shape $name:ident, $word:literal, $answer:literal, [$($doc:literal)+], $(($field:ident, $type:ty, [$($about:literal)+], [$($limits:tt)?]))*) => {
        impl $crate::web::Shape for $name {
            fn shape(parts: &mut $crate::web::Parts) -> serde_json::Value {
                if !parts.contains_key($word) {
                    #[allow(unused_mut, reason = "a view without fields adds none")]
                    let mut object = $crate::web::ObjectShape::new($answer, concat!($($doc),+));
                    $({
                        #[allow(unused_mut, unused_assignments, reason = "most fields are not narrowed")]
                        let mut limits = serde_json::Value::Null;
                        $(limits = serde_json::json!($limits);)?
                        object.field(stringify!($field), <$type as $crate::web::Shape>::OPTIONAL, <$type as $crate::web::Shape>::shape(parts), concat!($($about),+), limits);
                    })*
                    parts.insert($word, object.schema());
                }
                serde_json::json!({"$ref": concat!("#/components/schemas/", $word)})
            }
        }
    };
}

/// An object while [`view!`](crate::view) puts it together.
#[derive(Debug)]
pub struct ObjectShape {
    answer: bool,
    about: &'static str,
    fields: Map<String, Json>,
    required: Vec<&'static str>,
}

impl ObjectShape {
    /// An object without fields.
    #[must_use]
    pub fn new(answer: bool, about: &'static str) -> Self {
        Self { answer, about: about.trim(), fields: Map::new(), required: Vec::new() }
    }
    /// Adds a field.
    pub fn field(&mut self, name: &'static str, optional: bool, mut schema: Json, about: &str, limits: Json) {
        // A word of the language is no name of a field, but may be one of the interface: `r#type`.
        let name = name.trim_start_matches("r#");
        if let Json::Object(limits) = limits {
            for (key, value) in limits {
                schema[key] = value;
            }
        }
        let kind = schema.get("type");
        let is_text = kind.is_some_and(|kind| kind == "string" || *kind == json!(["string", "null"]));
        let is_free = ["format", "enum", "pattern"].iter().all(|key| schema.get(key).is_none());
        if !self.answer && is_text && is_free {
            schema["pattern"] = json!(TEXT);
        }
        schema["description"] = json!(about.trim());
        self.fields.insert(name.to_owned(), schema);
        if self.answer || !optional {
            self.required.push(name);
        }
    }
    /// The whole.
    #[must_use]
    pub fn schema(self) -> Json {
        let mut schema = json!({"type": "object", "description": self.about, "properties": self.fields});
        if !self.required.is_empty() {
            schema["required"] = json!(self.required);
        }
        if !self.answer {
            schema["additionalProperties"] = json!(false);
        }
        schema
    }
}

fn fault(code: &str, place: &str, detail: impl std::fmt::Display) -> Finding {
    Finding { code: code.to_owned(), severity: Severity::Error, place: place.to_owned(), detail: detail.to_string() }
}

fn is_kind(value: &Json, kind: &str) -> bool {
    match kind {
        "string" => value.is_string(),
        "integer" => value.as_i64().is_some() || value.as_f64().is_some_and(|number| number.fract() == 0.0),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        "null" => value.is_null(),
        _ => false,
    }
}

fn has_format(format: &str, text: &str) -> bool {
    match format {
        // The form with hyphens only; the parser would take others too.
        "uuid" => text.len() == 36 && uuid::Uuid::try_parse(text).is_ok(),
        "date" => text.len() == 10 && text.parse::<jiff::civil::Date>().is_ok(),
        "date-time" => text.parse::<jiff::Timestamp>().is_ok(),
        _ => true,
    }
}

/// Adds what is wrong with a value beside its schema. `place` is where the value stands, as a JSON pointer.
pub(super) fn check(schema: &Json, parts: &Parts, value: &Json, place: &str, faults: &mut Vec<Finding>) {
    if let Some(name) = schema.get("$ref").and_then(Json::as_str) {
        let part = parts.get(name.rsplit('/').next().unwrap_or_default());
        if let Some(part) = part {
            check(part, parts, value, place, faults);
        }
        return;
    }
    let kinds: Vec<&str> = match schema.get("type") {
        Some(Json::String(kind)) => vec![kind],
        Some(Json::Array(kinds)) => kinds.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    };
    if !kinds.is_empty() && !kinds.iter().any(|kind| is_kind(value, kind)) {
        faults.push(fault("type", place, kinds.join(", ")));
        return;
    }
    if let Some(words) = schema.get("enum").and_then(Json::as_array)
        && !words.contains(value)
    {
        let known: Vec<&str> = words.iter().filter_map(Json::as_str).collect();
        faults.push(fault("enum", place, known.join(", ")));
        return;
    }
    let limit = |name: &str| schema.get(name).and_then(Json::as_u64).and_then(|limit| usize::try_from(limit).ok());
    match value {
        Json::String(text) => {
            let length = text.chars().count();
            if let Some(min) = limit("minLength").filter(|min| length < *min) {
                faults.push(fault("short", place, min));
            }
            if let Some(max) = limit("maxLength").filter(|max| length > *max) {
                faults.push(fault("long", place, max));
            }
            let format = schema.get("format").and_then(Json::as_str).filter(|format| !has_format(format, text));
            if let Some(format) = format {
                faults.push(fault("format", place, format));
            }
            let pattern = schema.get("pattern").and_then(Json::as_str);
            if let Some(pattern) = pattern.filter(|pattern| fits(pattern, text) != Some(true)) {
                faults.push(fault("pattern", place, pattern));
            }
        }
        Json::Number(number) => {
            let bound = |name: &str| schema.get(name).and_then(Json::as_f64);
            let (low, high) = (bound("minimum"), bound("maximum"));
            let number = number.as_f64().unwrap_or(f64::MAX);
            if low.is_some_and(|low| number < low) || high.is_some_and(|high| number > high) {
                let said = |bound: Option<f64>| bound.map_or_else(|| "…".to_owned(), |bound| bound.to_string());
                faults.push(fault("range", place, format!("{}–{}", said(low), said(high))));
            }
        }
        Json::Array(items) => {
            if let Some(min) = limit("minItems").filter(|min| items.len() < *min) {
                faults.push(fault("few", place, min));
            }
            if let Some(max) = limit("maxItems").filter(|max| items.len() > *max) {
                faults.push(fault("many", place, max));
                return;
            }
            let unique = schema.get("uniqueItems") == Some(&Json::Bool(true));
            for (index, item) in items.iter().enumerate() {
                if unique && items[..index].contains(item) {
                    faults.push(fault("twice", &format!("{place}/{index}"), ""));
                }
                if let Some(of) = schema.get("items") {
                    check(of, parts, item, &format!("{place}/{index}"), faults);
                }
            }
        }
        Json::Object(fields) => {
            let known = schema.get("properties").and_then(Json::as_object);
            for name in schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str) {
                if !fields.contains_key(name) {
                    faults.push(fault("missing", &format!("{place}/{name}"), ""));
                }
            }
            for (name, value) in fields {
                let at = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
                match known.and_then(|known| known.get(name)) {
                    Some(schema) => check(schema, parts, value, &at, faults),
                    None if schema.get("additionalProperties") == Some(&Json::Bool(false)) => {
                        faults.push(fault("unknown", &at, ""));
                    }
                    None => {}
                }
            }
        }
        Json::Null | Json::Bool(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    view! {
        /// A body for the test.
        body Sample as "Sample" {
            /// Why.
            reason: String => {"minLength": 1, "maxLength": 5},
            /// Units.
            to: Vec<String> => {"minItems": 1, "maxItems": 2, "uniqueItems": true},
            /// From when.
            from_on: Option<jiff::civil::Date>,
        }
    }

    #[test]
    fn what_does_not_fit_its_schema_is_named_with_its_place() {
        let mut parts = Parts::new();
        let schema = Sample::shape(&mut parts);
        for (value, expected) in [
            (json!({"reason": "vì", "to": ["941"]}), ""),
            (json!({"reason": "vì", "to": ["941"], "from_on": null}), ""),
            (json!({"reason": "vì", "to": ["941"], "from_on": "2021-09-31"}), "format /from_on"),
            (json!({"reason": "", "to": ["941"]}), "short /reason"),
            (json!({"reason": "lý do dài", "to": ["941"]}), "long /reason"),
            (json!({"reason": "a\u{0}", "to": ["941"]}), "pattern /reason"),
            (json!({"reason": 1, "to": []}), "type /reason, few /to"),
            (json!({"to": ["a", "a"]}), "missing /reason, twice /to/1"),
            (json!({"reason": "vì", "to": ["a", "b", "c"]}), "many /to"),
            (json!({"reason": "vì", "to": [1], "a/b": 1}), "unknown /a~1b, type /to/0"),
            (json!([]), "type "),
        ] {
            let mut faults = Vec::new();
            check(&schema, &parts, &value, "", &mut faults);
            let said: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.code, fault.place)).collect();
            assert_eq!(said.join(", "), expected, "{value}");
        }
        let read: Sample = serde_json::from_value(json!({"reason": "vì", "to": ["941"]})).unwrap();
        assert_eq!((read.reason.as_str(), read.to.len(), read.from_on), ("vì", 1, None));
    }

    #[test]
    fn patterns_mean_what_they_say() {
        for (pattern, text, expected) in [
            (TEXT, "a\nb", Some(true)),
            (TEXT, "a\0", Some(false)),
            (UNIT_KEY, "94.syt", Some(true)),
            (UNIT_KEY, "94/941", Some(false)),
            (UNIT_PLACE, "94/941/", Some(true)),
            (CURSOR, "", Some(false)),
            (VERSION, "\"12\"", Some(true)),
            (VERSION, "W/\"12\"", Some(false)),
            (VERSION, "", Some(true)),
            ("^other$", "other", None),
        ] {
            assert_eq!(fits(pattern, text), expected, "{pattern} {text:?}");
        }
    }
}
