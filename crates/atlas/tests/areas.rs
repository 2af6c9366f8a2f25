//! What becomes of areas from a file: read, put right, shared, simplified.
#![expect(clippy::print_stdout, reason = "a test that is left out says so")]

use std::{io::BufReader, path::PathBuf};

use vx_atlas::{
    BrokenFile, Coverage, Feature, FeatureFault, Features, Mend, NOBODY, Point, Ring, Settled, Shape, km2, settle,
    sound_shape,
};

fn ring(points: &[(i32, i32)]) -> Ring {
    // Tenths of a degree, near Sóc Trăng.
    points.iter().map(|(x, y)| Point { x: 10_580_000 + x * 100, y: 950_000 + y * 100 }).collect()
}

fn square(west: i32, south: i32, side: i32) -> Ring {
    ring(&[(west, south), (west + side, south), (west + side, south + side), (west, south + side)])
}

fn shape(key: &str, rings: &[Ring]) -> Shape {
    Shape { key: key.to_owned(), polygons: vec![rings.to_vec()] }
}

fn raw(text: &str) -> (Vec<(usize, bool)>, Option<BrokenFile>) {
    let (mut found, mut fault) = (Vec::new(), None);
    for step in Features::new(BufReader::with_capacity(7, text.as_bytes())) {
        match step {
            Ok(raw) => found.push((
                raw.number,
                raw.text.is_some_and(|text| serde_json::from_str::<serde_json::Value>(&text).is_ok()),
            )),
            Err(broken) => fault = Some(broken),
        }
    }
    (found, fault)
}

#[test]
fn a_collection_is_read_feature_by_feature() {
    let whole = r#"{"type":"FeatureCollection","name":"{[","crs":{"a":["}"]},"features":[{"a":"}\"]"},{"b":[1,{"c":2}]}],"more":{}}"#;
    assert_eq!(raw(whole), (vec![(1, true), (2, true)], None));
    assert_eq!(raw("\u{feff} {\"features\" : [ ] }"), (vec![], None));
    for (text, fault) in [
        ("", BrokenFile::NotACollection),
        ("[1]", BrokenFile::NotACollection),
        (r#"{"type":"Feature","geometry":{}}"#, BrokenFile::NotACollection),
        (r#"{"features":[{"a":1}"#, BrokenFile::CutOff),
        (r#"{"features":[{"a":1}]"#, BrokenFile::CutOff),
        (r#"{"features":[{"a":"#, BrokenFile::CutOff),
        (r#"{"type":"Feat"#, BrokenFile::CutOff),
    ] {
        assert_eq!(raw(text).1, Some(fault), "{text}");
    }
}

#[test]
fn a_feature_is_taken_or_refused_with_its_reason() {
    let polygon = |coordinates: &str| {
        Feature::read(&format!(
            r#"{{"type":"Feature","id":"31498","properties":{{"a":1}},"geometry":{{"type":"Polygon","coordinates":{coordinates}}}}}"#
        ))
    };
    let good = polygon("[[[105.9,9.6],[106.0,9.6,3],[106.0,9.7],[105.9,9.6]]]").expect("sound");
    assert_eq!((good.polygons[0][0].len(), good.swapped, good.unclosed), (3, false, 0));
    assert_eq!(good.properties["id"], "31498");
    assert_eq!(good.polygons[0][0][1], Point { x: 10_600_000, y: 960_000 });
    let swapped = polygon("[[[9.6,105.9],[9.6,106.0],[9.7,106.0],[9.6,105.9]]]").expect("turned round");
    assert!(swapped.swapped && swapped.polygons == good.polygons);
    assert_eq!(polygon("[[[105.9,9.6],[106.0,9.6],[106.0,9.7]]]").expect("closed").unclosed, 1);
    for (coordinates, fault) in [
        ("[[[581000.5,1062000.1],[581100,1062000],[581100,1062100]]]", FeatureFault::Projected),
        ("[[[2.1,48.6],[2.2,48.6],[2.2,48.7]]]", FeatureFault::Outside),
        ("[[[105.9,\"x\"],[106.0,9.6],[106.0,9.7]]]", FeatureFault::NotAFeature),
        ("[[[105.9],[106.0,9.6],[106.0,9.7]]]", FeatureFault::NotAFeature),
        ("[]", FeatureFault::NotAnArea),
    ] {
        assert_eq!(polygon(coordinates), Err(fault), "{coordinates}");
    }
    assert_eq!(
        Feature::read(r#"{"geometry":{"type":"Point","coordinates":[105.9,9.6]}}"#),
        Err(FeatureFault::NotAnArea)
    );
    assert_eq!(Feature::read(r#"{"geometry":null}"#), Err(FeatureFault::NotAnArea));
    assert_eq!(Feature::read("{"), Err(FeatureFault::NotAFeature));
}

#[test]
fn rings_are_put_right_or_refused() {
    let whole = |rings: &[Ring]| sound_shape(&[rings.to_vec()]);
    let plain = square(0, 0, 100);
    assert_eq!(whole(std::slice::from_ref(&plain)), Some((vec![vec![plain.clone()]], Mend::None)));
    let mut turned = plain.clone();
    turned.reverse();
    let (shape, mend) = whole(&[turned, square(20, 20, 10)]).expect("sound");
    assert!(mend == Mend::None && shape[0].len() == 2 && km2(&shape) < km2(&[vec![plain.clone()]]));
    // A spike and a repeated point go without a word.
    let spiked = ring(&[(0, 0), (100, 0), (100, 0), (150, 0), (100, 0), (100, 100), (0, 100)]);
    assert_eq!(whole(&[spiked]).expect("sound").1, Mend::None);
    // A small loop at a corner is untied and told.
    let looped = ring(&[(0, 0), (100, 0), (100, 100), (4, 100), (-2, 96), (-2, 104), (0, 100)]);
    let (_, mend) = whole(&[looped]).expect("untied");
    assert!(matches!(mend, Mend::Crossing { .. }), "{mend:?}");
    // Of a bow tie nobody knows what was meant.
    assert_eq!(whole(&[ring(&[(0, 0), (100, 100), (100, 0), (0, 100)])]), None);
    assert_eq!(whole(&[ring(&[(0, 0), (10, 0)])]), None);
    assert_eq!(whole(&[]), None);
}

#[test]
fn overlaps_are_settled() {
    let settled = |shapes: &[Shape]| {
        let mut shapes = shapes.to_vec();
        let found = settle(&mut shapes);
        (found.first().map(|overlap| (overlap.of.clone(), overlap.settled)), shapes.len())
    };
    let base = shape("a", &[square(0, 0, 100)]);
    assert_eq!(settled(&[base.clone(), shape("b", &[square(100, 0, 100)])]), (None, 2));
    let strip = ring(&[(99, 0), (200, 0), (200, 100), (99, 100)]);
    assert_eq!(settled(&[base.clone(), shape("b", &[strip])]), (Some(("b".into(), Settled::Trimmed)), 2));
    assert_eq!(settled(&[base.clone(), shape("b", &[square(40, 40, 20)])]), (Some(("a".into(), Settled::CutOut)), 2));
    assert_eq!(settled(&[base.clone(), shape("b", &[square(50, 0, 100)])]), (Some(("b".into(), Settled::Refused)), 1));
    assert_eq!(settled(&[base.clone(), shape("b", &[square(0, 0, 100)])]), (Some(("b".into(), Settled::Refused)), 1));
}

#[test]
fn borders_are_shared_whatever_the_points_on_them() {
    // `b` has a point in the middle of the border, `c` is one step off, `d` lies in a hole of `a`.
    let a = shape("a", &[square(0, 0, 100), square(40, 40, 20)]);
    let b = shape("b", &[ring(&[(100, 0), (200, 0), (200, 100), (100, 100), (100, 50)])]);
    let mut c = square(0, 100, 100);
    c.iter_mut().for_each(|point| point.y += 1);
    let coverage = Coverage::new(vec![a, b, shape("c", &[c]), shape("d", &[square(40, 40, 20)])]);
    let pairs: Vec<(String, String)> = coverage.neighbours().into_iter().map(|pair| (pair.a, pair.b)).collect();
    let expected = [("a", "b"), ("a", "c"), ("a", "d")];
    assert_eq!(pairs, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    let length = coverage.neighbours()[0].metres;
    // A tenth of a degree of latitude at 9.55° N is 11,060.6 m on the ellipsoid.
    assert!((length - 11_060.6).abs() < 2.0, "{length}");
    let outer = coverage.arcs.iter().filter(|arc| arc.sides.contains(&NOBODY)).count();
    assert_eq!((coverage.arcs.len(), outer), (6, 3));
    let kept = Coverage::from_bytes(&coverage.to_bytes().expect("written")).expect("read");
    let lines = |coverage: &Coverage| {
        coverage.arcs.iter().map(|arc| (arc.points.clone(), arc.zooms.clone(), arc.sides)).collect::<Vec<_>>()
    };
    assert_eq!(lines(&kept), lines(&coverage));
    for (kept, area) in kept.areas.iter().zip(&coverage.areas) {
        assert_eq!((&kept.key, &kept.polygons, kept.label), (&area.key, &area.polygons, area.label));
        assert!((kept.km2 - area.km2).abs() < 1e-9);
    }
    let part = coverage.only(|key| key != "b");
    assert_eq!(part.neighbours().len(), 2);
    assert!(part.arcs.len() < coverage.arcs.len() && part.area("b").is_none());
    assert!(
        Coverage::from_bytes(
            br#"{"areas":[{"key":"a","km2":1,"polygons":[[[7]]],"bounds":[0,0,0,0],"label":{"x":0,"y":0}}],"arcs":[]}"#
        )
        .is_err()
    );
}

fn shared(name: &str) -> Option<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/geo").join(name);
    if path.is_file() {
        return Some(path);
    }
    println!("left out: {} is not there", path.display());
    None
}

fn shapes_of(path: &PathBuf) -> Vec<Shape> {
    let file = std::fs::File::open(path).expect("opens");
    Features::new(BufReader::new(file))
        .map(|raw| {
            let feature = Feature::read(&raw.expect("whole").text.expect("small")).expect("an area");
            let key = feature.properties["code"].as_str().expect("a code").to_owned();
            Shape { key, polygons: sound_shape(&feature.polygons).expect("sound").0 }
        })
        .collect()
}

#[test]
fn communes_of_a_province_have_the_known_areas_and_neighbours() {
    for (code, file, n, area) in [
        ("94", "communes_2021_94_soc_trang.geojson", 109, 3_304.9),
        ("91", "communes_2021_91_kien_giang.geojson", 144, 6_297.9),
        ("70", "communes_2021_70_binh_phuoc.geojson", 111, 6_864.0),
    ] {
        let (Some(path), Some(pairs)) = (shared(file), shared("adjacency.csv")) else { continue };
        let mut shapes = shapes_of(&path);
        let overlaps = settle(&mut shapes);
        assert!(overlaps.iter().all(|overlap| overlap.settled != Settled::Refused), "{overlaps:?}");
        let coverage = Coverage::new(shapes);
        assert_eq!(coverage.areas.len(), n);
        let sum: f64 = coverage.areas.iter().map(|area| area.km2).sum();
        assert!((sum - area).abs() < area * 0.002, "{code}: {sum} km²");
        let found: std::collections::BTreeMap<(String, String), f64> =
            coverage.neighbours().into_iter().map(|pair| ((pair.a, pair.b), pair.metres)).collect();
        let known = std::fs::read_to_string(pairs).expect("reads");
        let mut n = 0;
        for line in known.lines().filter(|line| line.starts_with(code) && line.contains(",edge,")) {
            let cells: Vec<&str> = line.split(',').collect();
            let metres: f64 = cells[4].parse().expect("metres");
            let pair = (cells[1].min(cells[2]).to_owned(), cells[1].max(cells[2]).to_owned());
            let length = found.get(&pair).copied().unwrap_or_default();
            assert!((length - metres).abs() <= 30.0 + metres * 0.02, "{pair:?}: {length} m, known {metres} m");
            n += 1;
        }
        let extra: Vec<_> = found.iter().filter(|(_, metres)| **metres > 60.0).collect();
        assert!(extra.len() <= n, "{code}: {} pairs, known {n}", extra.len());
    }
}

#[test]
fn simplified_borders_stay_shared_and_no_area_becomes_a_line() {
    let Some(path) = shared("communes_2021_94_soc_trang.geojson") else { return };
    let mut shapes = shapes_of(&path);
    settle(&mut shapes);
    let coverage = Coverage::new(shapes);
    for zoom in 0..=12 {
        // The sum of the parts stays the whole, since what one area loses its neighbour wins: no gap, no overlap.
        let mut both = std::collections::BTreeMap::new();
        for area in &coverage.areas {
            let mut out = String::new();
            vx_atlas::write_feature(&mut out, &coverage, area, zoom, &serde_json::json!({}));
            let feature = Feature::read(&out).expect("reads back");
            assert!(
                !feature.polygons.is_empty() && feature.polygons.iter().flatten().all(|ring| ring.len() >= 3),
                "{zoom}"
            );
            for ring in feature.polygons.iter().flatten() {
                for (index, to) in ring.iter().enumerate() {
                    let from = ring[(index + ring.len() - 1) % ring.len()];
                    *both.entry((from.min(*to), from.max(*to))).or_insert(0) += 1;
                }
            }
        }
        let shared = coverage.arcs.iter().filter(|arc| !arc.sides.contains(&NOBODY)).count();
        let twice = both.values().filter(|n| **n == 2).count();
        assert!(twice >= shared, "zoom {zoom}: {twice} pieces on both sides, {shared} shared borders");
    }
}
