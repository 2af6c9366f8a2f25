//! Templates of documents and their named blanks (mẫu văn bản, chỗ trống).
//!
//! A blank stands in a text as `{{tên dịch bệnh}}`, by its Vietnamese name. What the program knows of the unit it fills
//! in itself; the rest is asked for, and as long as a blank is open it is a finding.

use std::{collections::BTreeMap, sync::LazyLock};

use serde::Deserialize;
use serde_json::Value as Json;
use vx_dispatch::Draft;

/// A text in both languages.
#[derive(Clone, Debug, Deserialize)]
pub struct Both {
    /// Vietnamese.
    pub vi: String,
    /// English.
    pub en: String,
}

/// What is known of a blank.
#[derive(Clone, Debug, Deserialize)]
pub struct BlankKind {
    /// Its name in English.
    pub en: String,
    /// What may stand in it.
    pub sample: String,
}

/// A document with blanks.
#[derive(Clone, Debug, Deserialize)]
pub struct Template {
    /// Its name in addresses.
    #[serde(skip)]
    pub key: &'static str,
    /// Its name.
    pub name: Both,
    /// What it is for.
    pub about: Both,
    /// The document.
    pub draft: Draft,
    /// Its blanks by name, besides those that the program fills in.
    pub blanks: BTreeMap<String, BlankKind>,
}

/// Blanks that the program fills in from what it knows of the unit, with their names in English.
pub const OWN: [(&str, &str); 4] = [
    ("cơ quan ban hành", "issuing body"),
    ("cơ quan chủ quản", "body above it"),
    ("địa danh", "place"),
    ("người đứng đầu", "post of the head"),
];

static TEMPLATES: LazyLock<Vec<Template>> = LazyLock::new(|| {
    let read = |key: &'static str, file: &str| {
        let template: Template = toml::from_str(file).unwrap_or_else(|error| panic!("template {key}: {error}"));
        Template { key, ..template }
    };
    vec![
        read("cong-van", include_str!("../templates/cong_van.toml")),
        read("cong-dien", include_str!("../templates/cong_dien.toml")),
        read("bao-cao", include_str!("../templates/bao_cao.toml")),
        read("thong-bao", include_str!("../templates/thong_bao.toml")),
        read("ke-hoach", include_str!("../templates/ke_hoach.toml")),
        read("quyet-dinh", include_str!("../templates/quyet_dinh.toml")),
    ]
});

/// Every template that ships with the program.
#[must_use]
pub fn templates() -> &'static [Template] {
    &TEMPLATES
}

/// A blank that stands in a text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Blank {
    /// Its name.
    pub name: String,
    /// Whether a template has it; another one is a slip of the pen, or was made by hand.
    pub is_known: bool,
}

/// What is known of a blank by its name: its English name, and what may stand in it.
#[must_use]
pub fn known(name: &str) -> Option<(&'static str, &'static str)> {
    let own = OWN.iter().find(|(own, _)| *own == name).map(|(_, en)| (*en, ""));
    let of =
        |template: &'static Template| template.blanks.get(name).map(|kind| (kind.en.as_str(), kind.sample.as_str()));
    own.or_else(|| templates().iter().find_map(of))
}

/// What may stand in a blank of a document of this kind: what is addressed to in a report is not what is in an order.
#[must_use]
pub fn sample_in(kind: vx_dispatch::Kind, name: &str) -> Option<&'static str> {
    let of_kind = templates().iter().filter(|template| template.draft.kind == kind);
    let sample = of_kind.filter_map(|template| template.blanks.get(name)).map(|kind| kind.sample.as_str()).next();
    sample.or_else(|| known(name).map(|(_, sample)| sample)).filter(|sample| !sample.is_empty())
}

/// The texts of a draft, each handed to `change`.
fn with_texts(draft: &Draft, change: &mut impl FnMut(&str) -> Option<String>) -> Draft {
    fn walk(json: &mut Json, change: &mut impl FnMut(&str) -> Option<String>) {
        match json {
            Json::String(text) => {
                if let Some(changed) = change(text) {
                    *text = changed;
                }
            }
            Json::Array(items) => items.iter_mut().for_each(|item| walk(item, change)),
            Json::Object(fields) => fields.values_mut().for_each(|value| walk(value, change)),
            _ => {}
        }
    }
    let mut json = serde_json::json!(draft);
    walk(&mut json, change);
    serde_json::from_value(json).unwrap_or_else(|_| draft.clone())
}

/// The pieces of a text: words, and names of blanks between them.
fn pieces(text: &str) -> Vec<(&str, Option<String>)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, behind)) = after.split_once("}}") else { break };
        pieces.push((before, Some(name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase())));
        rest = behind;
    }
    pieces.push((rest, None));
    pieces
}

/// The blanks that are still open in a draft, each once, in the order of the document.
#[must_use]
pub fn open_blanks(draft: &Draft) -> Vec<Blank> {
    let mut open: Vec<Blank> = Vec::new();
    with_texts(draft, &mut |text| {
        for name in pieces(text).into_iter().filter_map(|(_, name)| name) {
            if !open.iter().any(|blank| blank.name == name) {
                open.push(Blank { is_known: known(&name).is_some(), name });
            }
        }
        None
    });
    let text = vx_dispatch::write(&draft.tidy()).to_lowercase();
    open.sort_by_key(|blank| text.find(&format!("{{{{{}}}}}", blank.name)).unwrap_or(usize::MAX));
    open
}

/// A draft with some of its blanks filled in.
#[must_use]
pub fn fill(draft: &Draft, value: impl Fn(&str) -> Option<String>) -> Draft {
    with_texts(draft, &mut |text| {
        if !text.contains("{{") {
            return None;
        }
        let fill = |(before, name): (&str, Option<String>)| match name {
            None => before.to_owned(),
            Some(name) => format!("{before}{}", value(&name).unwrap_or_else(|| format!("{{{{{name}}}}}"))),
        };
        Some(pieces(text).into_iter().map(fill).collect())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the program would fill in for a province.
    fn own(name: &str) -> Option<String> {
        let value = match name {
            "cơ quan ban hành" => "Ủy ban nhân dân tỉnh Sóc Trăng",
            "cơ quan chủ quản" => "",
            "địa danh" => "Sóc Trăng",
            "người đứng đầu" => "Chủ tịch",
            _ => return None,
        };
        Some(value.to_owned())
    }

    #[test]
    fn every_template_filled_with_its_samples_is_a_document_that_reads_back() {
        assert_eq!(templates().len(), 6);
        let mut differ: Vec<String> = Vec::new();
        for template in templates() {
            let begun = fill(&template.draft, own);
            let open = open_blanks(&begun);
            assert!(open.iter().all(|blank| blank.is_known), "{}: {open:?}", template.key);
            let names: Vec<&str> = template.blanks.keys().map(String::as_str).collect();
            let mut asked: Vec<&str> = open.iter().map(|blank| blank.name.as_str()).collect();
            asked.sort_unstable();
            assert_eq!(asked, names, "{}: blanks that are told, and blanks that stand in it", template.key);
            let mut whole = fill(&begun, |name| known(name).map(|(_, sample)| sample.to_owned())).tidy();
            assert_eq!(open_blanks(&whole), [], "{}", template.key);
            whole.number = Some("12/UBND-VX".to_owned()).filter(|_| whole.kind == vx_dispatch::Kind::CongVan);
            let code = whole.kind.code();
            whole.number = whole.number.or_else(|| Some(format!("12/{code}-UBND")));
            whole.issued_on = Some("2021-09-13".to_owned());
            whole.name = "Phạm Hoàng Minh".to_owned();
            let unread = whole.unread();
            if !unread.is_empty() {
                differ.push(format!("{}: {unread:?}\n{}", template.key, vx_dispatch::write(&whole)));
            }
        }
        assert!(differ.is_empty(), "{}", differ.join("\n"));
    }

    #[test]
    fn a_sample_is_that_of_the_kind_in_hand() {
        use vx_dispatch::Kind;
        for (kind, name, expected) in [
            (Kind::CongVan, "kính gửi", Some("UBND các huyện, thị xã, thành phố")),
            (Kind::BaoCao, "kính gửi", Some("Ban Chỉ đạo phòng, chống dịch tỉnh")),
            // No template of this kind has it: any other's is better than none.
            (Kind::ToTrinh, "kính gửi", Some("UBND các huyện, thị xã, thành phố")),
            (Kind::BaoCao, "cơ quan ban hành", None),
            (Kind::BaoCao, "lạ", None),
        ] {
            assert_eq!(sample_in(kind, name), expected, "{kind:?} {name}");
        }
    }

    #[test]
    fn blanks_are_found_filled_and_left() {
        let mut draft = Draft::new(vx_dispatch::Kind::CongVan);
        for (text, filled, expected) in [
            ("không có", "không có", ""),
            ("dịch {{tên dịch bệnh}}", "dịch COVID-19", ""),
            ("{{ Tên  dịch bệnh }} và {{lạ}}", "COVID-19 và {{lạ}}", "lạ?"),
            ("{{chưa đóng", "{{chưa đóng", ""),
            ("{{}}", "{{}}", "?"),
            ("}}{{kính gửi}}", "}}{{kính gửi}}", "kính gửi"),
        ] {
            draft.subject = text.to_owned();
            let after = fill(&draft, |name| (name == "tên dịch bệnh").then(|| "COVID-19".to_owned()));
            let open = open_blanks(&after);
            let open: Vec<String> =
                open.iter().map(|blank| format!("{}{}", blank.name, if blank.is_known { "" } else { "?" })).collect();
            assert_eq!((after.subject.as_str(), open.join(",").as_str()), (filled, expected), "{text}");
        }
    }
}
