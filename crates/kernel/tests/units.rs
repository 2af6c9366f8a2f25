//! The shipped data: counts, names, descent, search, agencies, round trips and hostile files.

use std::fs;

use jiff::civil::{Date, date};
use vx_kernel::units::agencies::{agencies_for, posts_of, read_posts, read_templates, tagged};
use vx_kernel::units::*;

fn file(name: &str) -> String {
    let path = format!("{}/../../data/units/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn places() -> (Vec<Unit>, Vec<Lineage>) {
    let (mut units, faults) = read_places(&file("places_2021.csv"), None);
    assert_eq!(faults, []);
    let (newer, faults) = read_places(&file("places_2025.csv"), None);
    assert_eq!(faults, []);
    units.extend(newer);
    let (lineage, faults) = read_lineage(&file("lineage_2021_2025.csv"));
    assert_eq!(faults, []);
    (units, lineage)
}

fn tree() -> Tree {
    let (units, lineage) = places();
    let (tree, faults) = Tree::new(units, lineage);
    assert_eq!(faults, []);
    tree
}

const IN_2021: Date = date(2021, 8, 28);
const IN_2025: Date = date(2025, 8, 1);

#[test]
fn both_trees_have_the_official_counts() {
    let tree = tree();
    let count = |kind, on| tree.on(on).filter(|unit| unit.kind == kind).count();
    assert_eq!(
        (count(Kind::Province, IN_2021), count(Kind::District, IN_2021), count(Kind::Commune, IN_2021)),
        (63, 705, 10_599)
    );
    assert_eq!(
        (count(Kind::Province, IN_2025), count(Kind::District, IN_2025), count(Kind::Commune, IN_2025)),
        (34, 0, 3_321)
    );
    assert_eq!(tree.lineage().count(), 11_136);
    let types = |type_name: &str| {
        tree.on(IN_2025).filter(|unit| unit.kind == Kind::Commune && unit.type_on(IN_2025) == type_name).count()
    };
    assert_eq!((types("phường"), types("xã"), types("đặc khu")), (687, 2_621, 13));
    let soc_trang = |kind| tree.descendants("94", kind, Some(IN_2021)).count();
    assert_eq!((soc_trang(Kind::District), soc_trang(Kind::Commune)), (11, 109));
}

#[test]
fn names_follow_the_day() {
    let tree = tree();
    let name = |id: &str, on| tree.get(id).unwrap().full_name_on(on);
    assert_eq!(name("94", IN_2021), "Tỉnh Sóc Trăng");
    assert_eq!(name("25-75", IN_2025), "Tỉnh Đồng Nai");
    assert_eq!(name("25-75", date(2026, 4, 30)), "Thành phố Đồng Nai");
    assert_eq!(name("25-25270", date(2026, 4, 29)), "Xã Lộc Ninh");
    assert_eq!(name("25-25270", date(2026, 5, 1)), "Phường Lộc Ninh");
    assert_eq!(tree.get("947").unwrap().authority(), "UBND huyện Mỹ Xuyên");
    assert_eq!(tree.get("760").unwrap().full_name, "Quận 1");
    assert_eq!(tree.get("760").unwrap().authority(), "UBND quận 1");
    assert_eq!(tree.get("91").unwrap().name, "Kiên Giang");
    assert_eq!(tree.get("25-91").unwrap().name, "An Giang");
    assert_eq!(tree.get("25-91").unwrap().code.as_deref(), Some("91"));
    assert!(!tree.get("769").unwrap().exists_on(date(2019, 1, 1)));
    assert!(tree.get("769").unwrap().exists_on(IN_2021));
}

#[test]
fn subtree_is_path_prefix() {
    let tree = tree();
    for id in ["94", "947", "25-92", "79", "31504"] {
        let unit = tree.get(id).unwrap();
        let slow: Vec<&UnitId> =
            tree.units().iter().filter(|other| unit.path.contains(&other.path)).map(|unit| &unit.id).collect();
        let fast: Vec<&UnitId> = tree.subtree(id).iter().map(|unit| &unit.id).collect();
        assert_eq!(slow, fast, "{id}");
    }
    assert_eq!(tree.ancestors("31504").iter().map(|unit| unit.id.as_str()).collect::<Vec<_>>(), ["941", "94"]);
    assert_eq!(tree.roots().count(), 97);
    assert_eq!(tree.below(&Path::root()).len(), tree.len());
}

#[test]
fn siblings_stand_in_vietnamese_order() {
    let tree = tree();
    let names: Vec<&str> = tree.children("94").map(|unit| unit.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Châu Thành",
            "Cù Lao Dung",
            "Kế Sách",
            "Long Phú",
            "Mỹ Tú",
            "Mỹ Xuyên",
            "Ngã Năm",
            "Sóc Trăng",
            "Thạnh Trị",
            "Trần Đề",
            "Vĩnh Châu"
        ]
    );
    let wards: Vec<&str> = tree.children("941").map(|unit| unit.bare_name()).collect();
    assert_eq!(wards, ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"]);
    let provinces: Vec<&str> =
        tree.roots().filter(|unit| unit.exists_on(IN_2021)).map(|unit| unit.name.as_str()).collect();
    let at = |name: &str| provinces.iter().position(|other| *other == name).unwrap();
    for pair in ["An Giang", "Bà Rịa - Vũng Tàu", "Cao Bằng", "Cần Thơ", "Đà Nẵng", "Lạng Sơn", "Lào Cai", "Lâm Đồng"]
        .windows(2)
    {
        assert!(at(pair[0]) < at(pair[1]), "{pair:?}");
    }
}

#[test]
fn descent_adds_up() {
    let tree = tree();
    let heirs = |id: &str| {
        tree.successors(id)
            .into_iter()
            .map(|heir| (heir.unit.to_string(), (heir.share * 1000.0).round()))
            .collect::<Vec<_>>()
    };
    assert_eq!(heirs("94"), [("25-92".to_owned(), 1000.0)]);
    assert_eq!(heirs("91"), [("25-91".to_owned(), 1000.0)]);
    assert_eq!(heirs("70"), [("25-75".to_owned(), 1000.0)]);
    let mut old: Vec<String> = tree.predecessors("25-92").into_iter().map(|heir| heir.unit.to_string()).collect();
    old.sort();
    assert_eq!(old, ["92", "93", "94"]);
    for id in ["941", "947", "94", "911", "31504"] {
        let sum: f64 = tree.successors(id).iter().map(|heir| heir.share).sum();
        assert!((sum - 1.0).abs() < 0.01, "{id}: {sum}");
        for heir in tree.successors(id) {
            let back = tree.predecessors(heir.unit.as_str());
            assert!(!back.is_empty());
        }
    }
    for commune in tree.descendants("94", Kind::Commune, None) {
        let heirs = tree.successors(commune.id.as_str());
        assert!(!heirs.is_empty(), "{}", commune.full_name);
        for heir in heirs {
            assert!(tree.predecessors(heir.unit.as_str()).iter().any(|old| old.unit == commune.id));
        }
    }
}

#[test]
fn search_finds_without_marks() {
    let tree = tree();
    let soc_trang = tree.get("94").unwrap().path.clone();
    let first = |text: &str, on: Option<Date>, within: Option<&Path>| {
        tree.search(&Query { text, on, within, kinds: &[], limit: 10 })
            .first()
            .map(|hit| (hit.unit.id.to_string(), hit.rank))
    };
    let check = |text: &str, id: &str, rank: Rank| {
        assert_eq!(first(text, Some(IN_2021), Some(&soc_trang)), Some((id.to_owned(), rank)), "{text}")
    };
    check("my xuyen", "947", Rank::Exact);
    check("Mỹ Xuyên", "947", Rank::Exact);
    check("huyện Mỹ Xuyên", "947", Rank::Exact);
    check("h. my xuyen", "947", Rank::Exact);
    check("tt my xuyen", "31684", Rank::Exact);
    check("UBND huyện Mỹ Xuyên", "947", Rank::Exact);
    check("tp soc trang", "941", Rank::Exact);
    check("soc trang", "94", Rank::Exact);
    check("vinh ch", "950", Rank::Prefix);
    check("xuyen", "947", Rank::Word);
    check("hau thanh", "31648", Rank::Exact);
    let all = |text: &str| first(text, None, None).map(|(id, _)| id);
    assert_eq!(all("tphcm"), Some("79".to_owned()));
    assert_eq!(all("dak lak").map(|id| id.len() <= 5), Some(true));
    assert_eq!(first("phu tam soc trang", Some(IN_2021), None).map(|(_, rank)| rank), Some(Rank::Scattered));
    assert_eq!(all("zzzz"), None);
    assert_eq!(all(""), None);
    assert!(
        tree.search(&Query {
            text: "chau thanh",
            on: Some(IN_2021),
            kinds: &[Kind::District],
            limit: 50,
            ..Query::default()
        })
        .len()
            >= 10
    );
    assert_eq!(first("my xuyen", Some(IN_2025), None).map(|(id, _)| id.starts_with("25-")), Some(true));
}

#[test]
fn agencies_stand_beside_their_places() {
    let tree = tree();
    let (templates, faults) = read_templates(&file("agencies.csv"));
    assert_eq!(faults, []);
    let (posts, faults) = read_posts(&file("posts.csv"));
    assert_eq!(faults, []);
    let mut agencies = Vec::new();
    for root in tree.roots() {
        let levels: &[Kind] = if matches!(root.id.as_str(), "94" | "25-92") {
            &[Kind::Province, Kind::District, Kind::Commune]
        } else {
            &[Kind::Province]
        };
        agencies.extend(agencies_for(&tree, &templates, &root.id, levels));
    }
    println!("{} agencies", agencies.len());
    let (tree, faults) = tree.with(agencies);
    assert_eq!(faults, []);
    let full = |id: &str| tree.get(id).map(|unit| unit.full_name.clone()).unwrap_or_default();
    assert_eq!(full("94.syt"), "Sở Y tế tỉnh Sóc Trăng");
    assert_eq!(full("94.ca"), "Công an tỉnh Sóc Trăng");
    assert_eq!(full("94.tu"), "Tỉnh ủy Sóc Trăng");
    assert_eq!(full("94.bao"), "Báo Sóc Trăng");
    assert_eq!(full("947.ttyt"), "Trung tâm Y tế huyện Mỹ Xuyên");
    assert_eq!(full("31507.tyt"), "Trạm Y tế phường 6");
    assert_eq!(full("79.qs"), "Bộ Tư lệnh thành phố Hồ Chí Minh");
    assert_eq!(full("25-92.snnmt"), "Sở Nông nghiệp và Môi trường thành phố Cần Thơ");
    assert!(tree.agency("25-92", "sgtvt").is_none());
    assert!(tree.agency("94", "bp").is_some() && tree.agency("93", "bp").is_none());
    assert_eq!(tagged(&tree, "94", &[Tag::So], IN_2021).len(), 15);
    assert_eq!(tagged(&tree, "94", &[Tag::So], date(2025, 4, 1)).len(), 11);
    // Every agency in force has exactly one head.
    for unit in tree
        .subtree("94")
        .iter()
        .chain(tree.subtree("25-92"))
        .filter(|unit| unit.kind == Kind::Agency || unit.kind.has_committee())
    {
        let heads = posts_of(&tree, &posts, unit).into_iter().filter(|post| post.is_head).count();
        assert_eq!(heads, 1, "{}", unit.full_name);
    }
    let head = posts_of(&tree, &posts, tree.get("947").unwrap());
    assert_eq!(head[0].title, "Chủ tịch UBND huyện");
}

#[test]
fn what_is_written_reads_back() {
    let (units, lineage) = places();
    let (again, faults) = read_places(&write_places(&units), None);
    assert_eq!(faults, []);
    assert!(units == again);
    let (again, faults) = read_lineage(&write_lineage(&lineage));
    assert_eq!(faults, []);
    assert!(lineage == again);
}

#[test]
fn faults_name_line_column_and_reason() {
    let tree = tree();
    let check = |rows: &str, line: u64, column: &str, code: &str| {
        let text = format!("key,parent,type,name,from,until,population,lat,tags,renamed\n{rows}");
        let (units, faults) = read_places(&text, Some(&tree));
        let found: Vec<_> = faults.iter().map(|fault| (fault.line, fault.column, fault.code)).collect();
        assert_eq!(found, [(line, column, format!("units.import.{code}").as_str())], "{rows}");
        assert!(FAULTS.iter().any(|(known, _, _)| known.ends_with(code)));
        assert!(units.iter().all(|unit| unit.id != *"x1"), "{rows}");
    };
    check("x1,31507,khóm,,,,,,,", 2, "name", "missing");
    check("x 1,31507,khóm,Một,,,,,,", 2, "key", "bad_key");
    check("94,,tỉnh,Sóc Trăng,,,,,,", 2, "key", "duplicate_key");
    check("x1,nope,khóm,Một,,,,,,", 2, "parent", "unknown_parent");
    check("x1,31507,đảo,Một,,,,,,", 2, "type", "unknown_kind");
    check("x1,31507,khóm,Một,2021-02-31,,,,,", 2, "from", "bad_date");
    check("x1,31507,khóm,Một,31/2/2021,,,,,", 2, "from", "bad_date");
    check("x1,31507,khóm,Một,2021-03-01,2021-02-01,,,,", 2, "until", "ends_before_it_begins");
    check("x1,31507,khóm,Một,,,nhiều,,,", 2, "population", "bad_number");
    check("x1,31507,khóm,Một,,,12.5,,,", 2, "population", "bad_number");
    check("x1,31507,khóm,Một,,,-3,,,", 2, "population", "out_of_range");
    check("x1,31507,khóm,Một,,,,NaN,,", 2, "lat", "bad_number");
    check("x1,31507,khóm,Một,,,,123,,", 2, "lat", "out_of_range");
    check("x1,31507,khóm,Một,,,,,lạ,", 2, "tags", "unknown_tag");
    check("x1,31507,khóm,Một,,,,,,hôm qua", 2, "renamed", "bad_renaming");
    check("x1,31507,huyện,Một,,,,,,", 2, "parent", "misplaced");
    check("a,b,khóm,Một,,,,,,\nb,a,khóm,Hai,,,,,,", 2, "parent", "cycle");
    check("31507.k1,31507,khóm,Một,,,,,,\n31507.k1,31507,khóm,Hai,,,,,,", 3, "key", "duplicate_key");
    let (units, faults) = read_places(
        "key,parent,type,name\n31507.k2.c,31507.k2,cụm dân cư,Cụm 1\n31507.k2,31507,khóm,Khóm 2\n",
        Some(&tree),
    );
    assert_eq!(faults, []);
    assert_eq!(units[0].path.as_str(), "94/941/31507/31507.k2/31507.k2.c/");
    let (units, faults) = read_places("tên,mã\nx,y\n", None);
    assert!(units.is_empty() && faults.len() == 4);
    let (units, faults) = read_places("", None);
    assert!(units.is_empty() && !faults.is_empty());
    let (units, _) = read_places("\u{0}\u{1}PK\u{3}\u{4}\"\"\",,,\n\"", None);
    assert!(units.is_empty());
    let (_, faults) = read_places("\u{feff}key,parent,type,name\n1,,tỉnh,\"A, B\"\n", None);
    assert_eq!(faults, []);
}

#[test]
fn trees_report_what_does_not_fit() {
    let (units, _) = read_places("key,parent,type,name\na,,tỉnh,A\nb,a,huyện,B\n", None);
    let mut broken = units.clone();
    broken.push(units[0].clone());
    broken.remove(0);
    broken.push(units[0].clone());
    let (tree, faults) = Tree::new(broken, vec![]);
    assert_eq!((tree.len(), faults), (2, vec![TreeFault::Duplicate(UnitId::from("a"))]));
    let (tree, faults) = Tree::new(vec![units[1].clone()], vec![]);
    assert_eq!((tree.len(), faults), (0, vec![TreeFault::Orphan(UnitId::from("b"))]));
    let line = Lineage {
        from: "a".into(),
        to: "zz".into(),
        share: 1.0,
        kind: LineageKind::Whole,
        source: LineageSource::Official,
    };
    let (_, faults) = Tree::new(units, vec![line]);
    assert_eq!(faults, [TreeFault::UnknownInLineage(UnitId::from("zz"))]);
}

#[test]
fn shipped_files_are_small() {
    let sum: usize = ["places_2021.csv", "places_2025.csv", "lineage_2021_2025.csv", "agencies.csv", "posts.csv"]
        .iter()
        .map(|name| file(name).len())
        .sum();
    assert!(sum <= 1_600_000, "{sum}");
}

#[test]
fn the_source_lists_agree() {
    let path = format!("{}/../../../shared/data/geo/units_2021.csv", env!("CARGO_MANIFEST_DIR"));
    let Ok(source) = fs::read_to_string(&path) else {
        println!("skipped: the source list of 2021 is not on this machine");
        return;
    };
    let tree = tree();
    let mut reader = csv::Reader::from_reader(source.as_bytes());
    for row in reader.records() {
        let row = row.unwrap();
        let unit = tree.get(&row[0]).unwrap();
        assert_eq!(unit.parent.as_ref().map_or("", UnitId::as_str), &row[1]);
        assert_eq!(vx_kernel::text::fold(&unit.full_name), vx_kernel::text::fold(&row[10]), "{}", unit.id);
        assert_eq!(unit.population.map(|count| count.to_string()).unwrap_or_default(), row[9], "{}", unit.id);
    }
}
