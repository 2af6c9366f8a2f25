//! Open data: what the pages show, as files for programs, with a dictionary.

use serde_json::{Map, Value as Json, json};
use vx_platform::{sheet::guarded, web::html};
use vx_zones::Level;

use super::{
    pages::Sight,
    published::{Page, Published},
    snapshot::{Decided, PlaceKind},
    suppress::Count,
};

/// The licence under which the data are given.
pub(super) const LICENCE: &str = "CC-BY-4.0";
const LICENCE_AT: &str = "https://creativecommons.org/licenses/by/4.0/";

/// Columns of the levels, in each form.
const LEVELS: [&str; 12] =
    ["key", "code", "name", "kind", "above", "level", "colour", "number", "issuer", "post", "effective_at", "before"];

/// Files, their columns in order; the text of a column is `portal-data-column-…`.
pub(super) const FILES: &[(&str, &[&str])] = &[
    ("levels.csv", &LEVELS),
    ("levels.json", &LEVELS),
    ("boundaries.geojson", &["key", "code", "name", "above", "level", "colour", "schematic"]),
    ("numbers.csv", &["key", "name", "kind", "day", "cases", "cases_note", "deaths"]),
    ("decisions.csv", &["key", "name", "level", "before", "number", "signed_on", "issuer", "post", "effective_at"]),
    ("directory.csv", &["name", "contact", "place", "telephone", "hours"]),
];

/// A line of CSV (RFC 4180). Words that a spreadsheet would take for a formula begin with a mark; no count and no day
/// begins as they do, since none is below nought.
fn line(cells: &[&str]) -> String {
    let quoted = |cell: &&str| {
        let cell = guarded(cell);
        if cell.contains([',', '"', '\n', '\r']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.into_owned()
        }
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\r\n"
}

fn head(file: &str) -> String {
    let columns = FILES.iter().find(|(name, _)| *name == file).map_or(&[][..], |(_, columns)| *columns);
    // Programs for tables read the marks of Vietnamese only behind this sign.
    format!("\u{feff}{}", line(columns))
}

fn text(level: Option<Level>) -> String {
    level.map_or_else(String::new, Level::text)
}

fn colour(level: Option<Level>) -> &'static str {
    level.map_or("", |level| level.colour().as_str())
}

fn levels(of: &Published) -> impl Iterator<Item = [String; LEVELS.len()]> {
    of.snapshot.places.iter().enumerate().map(|(at, place)| {
        let decision = of.decision(at);
        let say = |read: fn(&Decided) -> String| decision.map_or_else(String::new, read);
        let level = decision.and_then(Decided::level);
        [
            place.key.clone(),
            place.code.clone().unwrap_or_default(),
            place.name.clone(),
            place.kind.word().to_owned(),
            place.above.map_or_else(String::new, |above| of.place(above).key.clone()),
            text(level),
            colour(level).to_owned(),
            say(|one| one.number.clone()),
            say(|one| one.issuer.clone()),
            say(|one| one.post.clone()),
            say(|one| one.effective_at.to_string()),
            text(decision.and_then(Decided::before)),
        ]
    })
}

fn levels_json(of: &Published) -> String {
    let row = |cells: [String; LEVELS.len()]| -> Json {
        let pairs = LEVELS.iter().zip(cells);
        let value = |cell: String| if cell.is_empty() { Json::Null } else { Json::String(cell) };
        pairs.map(|(name, cell)| ((*name).to_owned(), value(cell))).collect::<Map<_, _>>().into()
    };
    let all: Vec<Json> = levels(of).map(row).collect();
    json!({ "licence": LICENCE, "licence_at": LICENCE_AT, "changed_at": of.snapshot.changed_at.to_string(), "places": all }).to_string()
}

fn boundaries(of: &Published) -> String {
    let mut out = format!("{{\"type\":\"FeatureCollection\",\"licence\":\"{LICENCE}\",\"features\":[");
    let mut first = true;
    for (at, place) in of.snapshot.places.iter().enumerate().filter(|(_, place)| !place.outline.is_empty()) {
        let level = of.level(at);
        let properties = json!({
            "key": place.key, "code": place.code, "name": place.name,
            "above": place.above.map(|above| of.place(above).key.clone()),
            "level": level.map(Level::text), "colour": level.map(|level| level.colour().as_str()),
            "schematic": place.schematic,
        });
        out.push_str(if first { "\n" } else { ",\n" });
        first = false;
        out.push_str(&format!("{{\"type\":\"Feature\",\"properties\":{properties},\"geometry\":{}}}", place.outline));
    }
    out.push_str("\n]}\n");
    out
}

fn numbers(of: &Published) -> String {
    let mut out = head("numbers.csv");
    for place in &of.snapshot.places {
        for (at, (day, cases)) in of.snapshot.days().zip(&place.cases).enumerate() {
            let note = match cases {
                Count::Exact(_) => "",
                Count::UnderFive => "under_5",
                Count::Withheld => "withheld",
                Count::Missing => "not_reported",
            };
            let number =
                |count: Option<Count>| count.and_then(Count::exact).map_or_else(String::new, |n| n.to_string());
            let (day, cases, deaths) = (day.to_string(), number(Some(*cases)), number(place.deaths.get(at).copied()));
            out.push_str(&line(&[&place.key, &place.name, place.kind.word(), &day, &cases, note, &deaths]));
        }
    }
    out
}

fn decisions(sight: &Sight<'_>) -> String {
    let mut out = head("decisions.csv");
    for (at, one) in sight.all_decisions() {
        let place = sight.of.place(at);
        let (level, before) = (text(one.level()), text(one.before()));
        let (signed_on, effective_at) = (one.signed_on.to_string(), one.effective_at.to_string());
        let cells =
            [&place.key, &place.name, &level, &before, &one.number, &signed_on, &one.issuer, &one.post, &effective_at];
        out.push_str(&line(&cells.map(String::as_str)));
    }
    out
}

fn directory(sight: &Sight<'_>) -> String {
    let of = sight.of;
    let mut out = head("directory.csv");
    for call in &of.snapshot.contacts {
        let place = call.place.map_or_else(String::new, |at| sight.named(at));
        out.push_str(&line(&[&call.name, call.kind.as_str(), &place, &call.telephone, &call.hours]));
    }
    for (at, place) in of.snapshot.places.iter().enumerate() {
        if let Some(telephone) = &place.telephone {
            out.push_str(&line(&[&place.name, "committee", &sight.named(at), telephone, ""]));
        }
    }
    out
}

/// A file by its name.
pub(super) fn file(sight: &Sight<'_>, name: &str) -> Option<Page> {
    const CSV: &str = "text/csv; charset=utf-8";
    let of = sight.of;
    Some(match name {
        "levels.csv" => {
            let rows = levels(of).map(|cells| line(&cells.each_ref().map(String::as_str)));
            Page::new(CSV, head(name) + &rows.collect::<String>(), false)
        }
        "levels.json" => Page::new("application/json", levels_json(of), false),
        "boundaries.geojson" => Page::new("application/geo+json", boundaries(of), false),
        "numbers.csv" => Page::new(CSV, numbers(of), false),
        "decisions.csv" => Page::new(CSV, decisions(sight), false),
        "directory.csv" => Page::new(CSV, directory(sight), false),
        _ => return None,
    })
}

/// The page of open data: files, licence, dictionary.
pub(super) fn page(sight: &Sight<'_>) -> String {
    let communes = sight.of.snapshot.places.iter().filter(|place| place.kind == PlaceKind::Commune);
    let schematic = communes.clone().any(|place| place.schematic);
    let body = html! {
        h1 { (sight.t("portal-nav-data")) }
        p { (sight.t("portal-data-about")) }
        p { (sight.t("portal-data-licence")) " " a href=(LICENCE_AT) rel="license noopener" { "CC BY 4.0" } }
        @for (name, columns) in FILES {
            section { h2 { a href={ "/public/data/" (name) } { (name) } }
                p { (sight.t(&format!("portal-data-file-{}", name.replace('.', "-")))) }
                @if *name == "boundaries.geojson" && schematic { p.note { (sight.t("portal-schematic")) } }
                details { summary { (sight.t("portal-data-columns")) }
                    dl.columns { @for column in *columns { dt { code { (column) } } dd { (sight.t(&format!("portal-data-column-{column}"))) } } } }
            }
        }
        p { (sight.t("portal-data-guard")) }
        section { h2 { (sight.t("portal-data-small-title")) } p { (sight.t("portal-data-small")) } }
    };
    sight.framed(&sight.t("portal-nav-data"), "", "/public/data", &body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_never_a_formula_and_numbers_stay() {
        for (cells, expected) in [
            (vec!["=1+1", "+84 299", "-", "@x", "\tx"], "'=1+1,'+84 299,'-,'@x,'\tx\r\n"),
            (vec!["\rx", "=\"a\"", "12", "2021-09-10"], "\"'\rx\",\"'=\"\"a\"\"\",12,2021-09-10\r\n"),
            (vec!["Xã Xuân Hòa, Kế Sách", "", "a=b"], "\"Xã Xuân Hòa, Kế Sách\",,a=b\r\n"),
        ] {
            assert_eq!(line(&cells), expected);
        }
    }
}
