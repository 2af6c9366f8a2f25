use std::{collections::BTreeMap, io::Cursor, sync::Arc, sync::LazyLock};

use jiff::{Timestamp, civil::date};
use vx_concepts::engine::Command as _;
use vx_kernel::{
    Date,
    time::Lang,
    units::{Tree, UnitId},
};
use vx_platform::{
    auth::{Actor, Rights},
    words::Words,
};

use super::{
    read::{Read, read},
    sheet::in_force,
    store::Edition,
    *,
};

const IN_2021: Date = date(2021, 8, 28);
const IN_2025: Date = date(2025, 8, 1);

static TREE: LazyLock<Arc<Tree>> = LazyLock::new(|| {
    let (units, lineage) = crate::units::shipped(&[]);
    Arc::new(Tree::new(units, lineage).0)
});

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new([module().texts]).unwrap());

fn brought(from: Date) -> Brought {
    Brought {
        name: "Thử".to_owned(),
        from,
        basis: "vẽ để thử".to_owned(),
        file_name: "thu.geojson".to_owned(),
        code_property: None,
    }
}

/// A square around the known point of a unit, moved by some steps of 0.001 degree.
fn around(key: &str, moved: f64) -> String {
    let unit = TREE.get(key).unwrap();
    let (x, y) = (unit.lon.unwrap() + moved * 0.001, unit.lat.unwrap());
    let corners = [(-0.002, -0.002), (0.002, -0.002), (0.002, 0.002), (-0.002, 0.002), (-0.002, -0.002)];
    let corners = corners.map(|(dx, dy)| format!("[{:.5},{:.5}]", x + dx, y + dy));
    format!(r#"{{"type":"Polygon","coordinates":[[{}]]}}"#, corners.join(","))
}

fn feature(properties: &str, geometry: &str) -> String {
    format!(r#"{{"type":"Feature","properties":{{{properties}}},"geometry":{geometry}}}"#)
}

fn take(from: Date, features: &[String]) -> (Result<Read, Problem>, serde_json::Value) {
    let text = format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(","));
    let mut rejected = Vec::new();
    let read = read(&TREE, &WORDS, &brought(from), Cursor::new(text), &mut rejected);
    let rejected =
        if rejected.is_empty() { serde_json::Value::Null } else { serde_json::from_slice(&rejected).unwrap() };
    (read, rejected)
}

/// A commune of Sóc Trăng that is sound, so that a file is never wholly without one.
fn sound() -> String {
    feature(r#""code":"31498","name":"Phường 5""#, &around("31498", 0.0))
}

#[test]
fn every_feature_is_taken_or_comes_back() {
    let commune = around("31732", 0.0);
    let table = [
        (IN_2021, r#""code":"31732""#, commune.clone(), None),
        (IN_2021, r#""MaXa":31732,"Ten":"xa hoa dong""#, around("31732", 0.0), Some("other-name")),
        // Codes as numbers have lost their zeros.
        (IN_2021, r#""ma_xa":1"#, around("00001", 0.0), None),
        (IN_2021, r#""name":"Phường 5""#, commune.clone(), Some("no-code!")),
        (IN_2021, r#""code":"99999""#, commune.clone(), Some("unknown-code!")),
        (IN_2021, r#""code":"94""#, commune.clone(), Some("not-a-commune!")),
        (IN_2021, r#""code":"941""#, commune.clone(), Some("not-a-commune!")),
        // The code of a province that means another one since 2025.
        (IN_2025, r#""code":"94""#, commune.clone(), Some("other-day!")),
        // In 2021 this code is phường An Hòa; the name is that of the ward that has it since 2025.
        (IN_2021, r#""code":"31120","name":"Phường Cái Khế""#, around("31120", 0.0), Some("other-day!")),
        // The other way round: in 2025 it is Ngã Năm.
        (IN_2025, r#""code":"31732","name":"Phường 1""#, commune.clone(), Some("other-day!")),
        (IN_2021, r#""code":"00001""#, commune.clone(), Some("elsewhere!")),
        (IN_2021, r#""code":"31732""#, around("31732", 90.0), Some("aside")),
        (IN_2021, r#""code":"31498""#, around("31498", 0.0), Some("doubled!")),
        (IN_2021, r#""code":"31732""#, r#"{"type":"Point","coordinates":[106,9.6]}"#.to_owned(), Some("not-an-area!")),
        (IN_2021, r#""code":"31732""#, r#"{"type":"Polygon","coordinates":[[[580000,1060000],[580010,1060000],[580010,1060010],[580000,1060000]]]}"#.to_owned(), Some("projected!")),
        (IN_2021, r#""code":"31732""#, r#"{"type":"Polygon","coordinates":[[[2,48],[3,48],[3,49],[2,48]]]}"#.to_owned(), Some("outside!")),
    ];
    for (from, properties, geometry, wanted) in table {
        let text = feature(properties, &geometry);
        let first = if from == IN_2021 { sound() } else { feature(r#""code":"31120""#, &around("25-31120", 0.0)) };
        let (read, rejected) = take(from, &[first, text]);
        let read = read.unwrap_or_else(|problem| panic!("{properties}: {problem:?}"));
        let found: Vec<String> = read
            .findings
            .iter()
            .filter(|finding| finding.number == Some(2))
            .map(|finding| format!("{}{}", finding.code, if finding.rejected { "!" } else { "" }))
            .collect();
        assert_eq!(found.first().map(String::as_str), wanted, "{properties}");
        // Nothing is lost: it is on the map, or in the file with its reason.
        let n_back = rejected["features"].as_array().map_or(0, Vec::len);
        assert_eq!((read.coverage.areas.len(), read.n_rejected), (2 - n_back, n_back), "{properties}");
        if n_back > 0 {
            let back = &rejected["features"][0];
            assert!(back["loi"].as_str().is_some_and(|reason| reason.contains(" / ")), "{back}");
            assert_eq!(back["geometry"], serde_json::from_str::<serde_json::Value>(&geometry).unwrap());
        }
        for finding in &read.findings {
            let said = [Lang::Vi, Lang::En].map(|lang| finding.say(&WORDS, lang));
            assert!(said.iter().all(|said| !said.contains('{') && !said.contains("boundaries-")), "{said:?}");
        }
    }
}

#[test]
fn what_is_wrong_with_a_whole_file_is_told() {
    let swapped = r#"{"type":"Polygon","coordinates":[[[9.60,105.97],[9.61,105.97],[9.61,105.98],[9.60,105.97]]]}"#;
    let (read, _) = take(IN_2021, &[feature(r#""code":"31498""#, swapped)]);
    let read = read.unwrap();
    assert_eq!(read.findings[0].code, "swapped");
    let missing = read.findings.iter().filter(|finding| finding.code == "missing").count();
    assert_eq!(missing, 108, "all other communes of the province are named");
    assert_eq!(read.provinces.iter().map(UnitId::as_str).collect::<Vec<_>>(), ["94"]);

    let (none, rejected) = take(IN_2021, &[feature(r#""code":"x""#, &around("31498", 0.0))]);
    assert_eq!(none.unwrap_err().code, "boundaries.nothing_taken");
    drop(rejected);
    let cut = read_text(r#"{"features":[{"type":"Feature""#);
    assert_eq!(cut.unwrap_err().code, "boundaries.cut_off");
    assert_eq!(read_text("<html>").unwrap_err().code, "boundaries.not_a_collection");
}

fn read_text(text: &str) -> Result<Read, Problem> {
    read(&TREE, &WORDS, &brought(IN_2021), Cursor::new(text.to_owned()), &mut Vec::new())
}

#[test]
fn two_communes_over_each_other_are_told() {
    let (read, rejected) = take(IN_2021, &[sound(), feature(r#""code":"31501""#, &around("31498", 2.0))]);
    // The second square covers half of the first one; where it belongs nobody knows.
    let read = read.unwrap();
    assert!(read.findings.iter().any(|finding| finding.code == "overlap" && finding.rejected), "{:?}", read.findings);
    assert_eq!(rejected["features"][0]["properties"]["code"], "31501");
    assert_eq!((read.coverage.areas.len(), read.n_rejected), (1, 1));
}

fn now() -> Timestamp {
    "2021-08-28T03:00:00Z".parse().unwrap()
}

fn edition(from: Date) -> Edition {
    let by = Actor::system("test", Arc::new(Rights::default()));
    adoption(brought(from)).decide(&vec![], &by, now()).unwrap().record
}

fn adoption(brought: Brought) -> Adopt {
    let read = take(brought.from, &[sound()]).0.unwrap();
    Adopt { brought, shape: "00".to_owned(), read, rejected: None, tree: TREE.clone() }
}

#[test]
fn adopting_and_withdrawing_are_decided_by_rule() {
    let by = Actor::system("test", Arc::new(Rights::default()));
    let base = brought(IN_2021);
    let table = [
        (base.clone(), vec![], Ok(())),
        (Brought { name: " ".to_owned(), ..base.clone() }, vec![], Err("boundaries.no_name")),
        (Brought { basis: String::new(), ..base.clone() }, vec![], Err("boundaries.no_basis")),
        (Brought { basis: "x".repeat(1_001), ..base.clone() }, vec![], Err("boundaries.too_long")),
        (base.clone(), vec![edition(IN_2021)], Err("boundaries.there_already")),
        (Brought { from: date(2021, 9, 1), ..base.clone() }, vec![edition(IN_2021)], Ok(())),
    ];
    for (brought, in_use, wanted) in table {
        // Names are judged before a file is read, too.
        let mut command = adoption(base.clone());
        command.brought = brought;
        let got = command.decide(&in_use, &by, now()).map(|_| ()).map_err(|problem| problem.code);
        assert_eq!(got, wanted);
    }
    assert_eq!(edition(IN_2021).path.as_str(), TREE.get("94").unwrap().path.as_str());
    let in_use = edition(IN_2021);
    let withdrawn = Edition { state: EditionState::Withdrawn, ..in_use.clone() };
    for (edition, reason, wanted) in [
        (&in_use, "nhầm năm", Ok(EditionState::Withdrawn)),
        (&in_use, " ", Err("boundaries.no_reason")),
        (&withdrawn, "nhầm năm", Err("boundaries.withdrawn_already")),
    ] {
        let command = Withdraw { edition: edition.id, reason: reason.to_owned() };
        let got = command.decide(edition, &by, now()).map(|decision| decision.record.state);
        assert_eq!(got.map_err(|problem| problem.code), wanted);
    }
}

#[test]
fn the_edition_of_the_day_counts() {
    let (old, new) = (edition(IN_2021), edition(date(2022, 1, 1)));
    // As they come from the store: the newest day first.
    let all = vec![new.clone(), old.clone()];
    for (day, wanted) in [
        (date(2021, 8, 27), None),
        (IN_2021, Some(old.id)),
        (date(2021, 12, 31), Some(old.id)),
        (date(2022, 1, 1), Some(new.id)),
        (IN_2025, Some(new.id)),
    ] {
        let found: BTreeMap<String, _> =
            in_force(all.clone(), day).into_iter().map(|(key, edition)| (key, edition.id)).collect();
        assert_eq!(found.get("94").copied(), wanted, "{day}");
    }
}
