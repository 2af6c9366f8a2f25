//! Cells of units and tiles.

use vx_atlas::{Coverage, Frame, Named, Point, Site, TileLabel, cells, settle, tile};

fn sites() -> Vec<Site> {
    let site = |key: &str, lon, lat| Site { key: key.to_owned(), lon, lat };
    vec![
        site("a", 105.90, 9.60),
        site("b", 106.00, 9.60),
        site("c", 105.95, 9.70),
        // Two units with one point between them.
        site("d", 106.05, 9.70),
        site("e", 106.05, 9.70),
        // An island far from all others.
        site("f", 103.50, 9.30),
    ]
}

#[test]
fn every_unit_has_a_cell_that_touches_its_neighbours_and_overlaps_nobody() {
    let mut shapes = cells(&sites());
    assert_eq!(shapes.iter().map(|shape| shape.key.as_str()).collect::<Vec<_>>(), ["a", "b", "c", "d", "e", "f"]);
    assert_eq!(settle(&mut shapes), []);
    let coverage = Coverage::new(shapes);
    let pairs: Vec<(String, String)> = coverage.neighbours().into_iter().map(|pair| (pair.a, pair.b)).collect();
    for pair in [("a", "b"), ("a", "c"), ("b", "c"), ("d", "e")] {
        assert!(pairs.contains(&(pair.0.to_owned(), pair.1.to_owned())), "{pair:?} in {pairs:?}");
    }
    assert!(!pairs.iter().any(|(a, b)| a == "f" || b == "f"));
    let island = coverage.area("f").expect("there");
    assert!(island.km2 > 5.0 && island.km2 < 1_300.0, "{}", island.km2);
    assert_eq!(cells(&[]), []);
    assert_eq!(cells(&sites()[..1]).len(), 1);
}

#[test]
fn a_tile_holds_areas_borders_and_names_of_its_place() {
    let coverage = Coverage::new(cells(&sites()));
    let named = |place: usize| {
        let name = coverage.areas[place].key.to_uppercase();
        Some(Named { above: vec![("p", "94".to_owned())], name })
    };
    let labels: Vec<TileLabel> = coverage
        .areas
        .iter()
        .map(|area| TileLabel { key: area.key.clone(), name: area.key.to_uppercase(), level: 3, at: area.label })
        .collect();
    let make = |at| tile(&coverage, at, named, |_, _| 3, &labels);
    // The whole country, and the tile of zoom 7 around Sóc Trăng.
    let (world, near, nowhere) = (make((0, 0, 0)), make((7, 101, 60)), make((7, 0, 0)));
    assert!(world.len() > 200 && near.len() > 400, "{} {}", world.len(), near.len());
    assert!(nowhere.is_empty());
    let has = |tile: &[u8], text: &str| tile.windows(text.len()).any(|piece| piece == text.as_bytes());
    for layer in ["area", "border", "name"] {
        assert!(has(&near, layer), "{layer}");
    }
    // Field 15, version 2, comes first in each layer.
    assert_eq!((near[0], near.iter().position(|byte| *byte == 0x78).map(|at| near[at + 1])), (0x1A, Some(2)));
}

#[test]
fn an_outline_around_several_areas_has_no_border_inside() {
    let coverage = Coverage::new(cells(&sites()));
    let areas: Vec<_> = coverage.areas.iter().take(3).collect();
    let frame = Frame::around([10_570_000, 940_000, 10_630_000, 990_000], 1_000.0, 800.0);
    let (one, all) = (frame.outline(&coverage, &areas[..1]), frame.outline(&coverage, &areas));
    assert_eq!((one.matches('M').count(), all.matches('M').count()), (1, 1));
    let (x, y) = frame.place(Point { x: 10_600_000, y: 965_000 });
    assert!(x > 0.0 && x < frame.width && y > 0.0 && y < frame.height);
}
