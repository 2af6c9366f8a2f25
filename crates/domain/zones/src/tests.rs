//! The rules by cases that an official can read and add: `fixtures/rules/*.toml`.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::Deserialize;
use vx_kernel::{
    Path,
    time::Lang,
    units::{Tree, read_places},
};
use vx_platform::words::{Texts, Words};

use crate::{
    Figure, Level, Stand, Vocabulary,
    evaluate::levels,
    facts::{FIGURES, STANDS, World},
    rules::RuleBook,
    say,
};

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tinh_huong: Vec<Case>,
}

/// A case: what is known on a day, and what must come of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    ten: String,
    ngay: Date,
    don_vi: Vec<UnitOfCase>,
    /// Pairs of codes that adjoin.
    #[serde(default)]
    giap: Vec<(String, String)>,
    ket_qua: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitOfCase {
    ma: String,
    #[serde(default)]
    thuoc: String,
    loai: String,
    ten: String,
    #[serde(default)]
    dan_so: Option<i64>,
    /// Cases of the last days, the day itself last; days before are reported as nought.
    #[serde(default)]
    ca_ro_nguon: Vec<i64>,
    #[serde(default)]
    ca_chua_ro_nguon: Vec<i64>,
    #[serde(default)]
    ca_khac: Vec<i64>,
    #[serde(default)]
    f1: Vec<i64>,
    /// On how many of the last days it reported; all of them when nothing is said.
    #[serde(default)]
    so_ngay_bao_cao: Option<i64>,
    /// Standing figures by their words.
    #[serde(default)]
    nen: HashMap<String, i64>,
    /// Answers by the word of the question.
    #[serde(default)]
    danh_gia: HashMap<String, bool>,
    /// The rank that was decided.
    #[serde(default)]
    dang_o_muc: Option<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    don_vi: String,
    muc: String,
    /// The reasons in a line, when they are to be checked.
    #[serde(default)]
    ly_do: Option<String>,
    /// What is missing, in a line, when it is to be checked.
    #[serde(default)]
    con_thieu: Option<String>,
    /// Whether a cell that nobody verified had a part in it.
    #[serde(default)]
    chua_xac_minh: Option<bool>,
}

/// A row of the file of places.
fn place(unit: &UnitOfCase) -> String {
    let people = unit.dan_so.map_or_else(String::new, |n| n.to_string());
    format!("{},{},{},{},,,,,,,{people}\n", unit.ma, unit.thuoc, unit.loai, unit.ten)
}

fn world(case: &Case) -> World {
    let rows: String = case.don_vi.iter().map(place).collect();
    let file = format!("key,parent,type,name,alt_names,from,until,lat,lon,area_km2,population\n{rows}");
    let (units, faults) = read_places(&file, None);
    assert!(faults.is_empty(), "{}: {faults:?}", case.ten);
    let tree = Tree::new(units, Vec::new()).0;
    let first = case.ngay.checked_sub(13.days()).unwrap();
    let mut world = World::new(&tree, &Path::root(), case.ngay, first, case.ngay);
    for unit in &case.don_vi {
        let at = world.at_key(&unit.ma).unwrap();
        let is_counted = world.nodes[at].children.is_empty();
        for back in 0..unit.so_ngay_bao_cao.unwrap_or(14) {
            if !is_counted {
                break;
            }
            let day = case.ngay.checked_sub(back.days()).unwrap();
            let of = |days: &[i64]| {
                let back = usize::try_from(back).unwrap();
                days.len().checked_sub(back + 1).map_or(0, |at| days[at])
            };
            let mut figures = [Some(0); FIGURES];
            figures[Figure::Traced as usize] = Some(of(&unit.ca_ro_nguon));
            figures[Figure::Untraced as usize] = Some(of(&unit.ca_chua_ro_nguon));
            figures[Figure::Other as usize] = Some(of(&unit.ca_khac));
            figures[Figure::Contacts as usize] = Some(of(&unit.f1));
            world.count(at, day, &figures);
        }
        let mut stands = [None; STANDS];
        for (word, figure) in &unit.nen {
            let stand = Stand::parse(word).unwrap_or_else(|| panic!("{}: no figure {word}", case.ten));
            stands[stand as usize] = Some(*figure);
        }
        world.nodes[at].stands.push((first, stands));
        for (question, yes) in &unit.danh_gia {
            world.nodes[at].judged.push((first, question.clone(), *yes));
        }
        world.nodes[at].decided.extend(unit.dang_o_muc.map(|rank| (first, rank)));
    }
    world.add_up();
    let pairs: Vec<(usize, usize)> =
        case.giap.iter().map(|(one, two)| (world.at_key(one).unwrap(), world.at_key(two).unwrap())).collect();
    world.adjoin(pairs.into_iter());
    world
}

fn check(case: &Case, words: &Words) -> usize {
    let world = world(case);
    let book = RuleBook::new(&[], Timestamp::MAX);
    let outcomes = levels(&world, &book, case.ngay);
    for expected in &case.ket_qua {
        let at = world.at_key(&expected.don_vi).unwrap();
        let outcome = outcomes[at].as_ref();
        let name = |level: Level| words.say(Lang::Vi, &level.key(), &[]);
        let got = outcome.and_then(|one| one.level).map_or_else(|| "Chưa xác định".to_owned(), name);
        let about = format!("{} – {}", case.ten, expected.don_vi);
        let said = outcome.map_or_else(String::new, |one| say::reasons(words, Lang::Vi, one));
        assert_eq!(got, expected.muc, "{about}: {said}");
        if let Some(reasons) = &expected.ly_do {
            assert_eq!(&said, reasons, "{about}");
        }
        if let Some(missing) = &expected.con_thieu {
            let outcome = outcome.unwrap();
            let doubts = outcome.doubts.iter().map(|one| say::reason(words, Lang::Vi, &outcome.rules, one));
            assert_eq!(&doubts.collect::<Vec<_>>().join("; "), missing, "{about}");
        }
        if let Some(unverified) = expected.chua_xac_minh {
            assert_eq!(outcome.is_some_and(|one| !one.unverified().is_empty()), unverified, "{about}");
        }
    }
    case.ket_qua.len()
}

#[test]
fn every_case_of_the_fixtures_comes_out_as_it_says() {
    let texts = Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") };
    let words = Words::new([texts]).unwrap();
    let folder = format!("{}/../../../fixtures/rules", env!("CARGO_MANIFEST_DIR"));
    let mut n = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "toml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            n += file.tinh_huong.iter().map(|case| check(case, &words)).sum::<usize>();
        }
    }
    assert!(n >= 30, "{n} cases");
}

#[test]
fn levels_of_all_vocabularies_have_names() {
    let texts = Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") };
    let words = Words::new([texts]).unwrap();
    for level in Vocabulary::ALL.iter().flat_map(|vocabulary| Level::all(*vocabulary)) {
        for lang in [Lang::Vi, Lang::En] {
            assert!(words.has(lang, &level.key()), "{}", level.key());
        }
    }
}
