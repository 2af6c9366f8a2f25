//! Areas and lengths on the ellipsoid WGS 84.

use crate::point::{Point, Ring};

/// Half the long axis, in metres.
const A: f64 = 6_378_137.0;
/// Square of the eccentricity.
const E2: f64 = 0.006_694_379_990_14;

/// The integral of the area between equator and a latitude, per radian of longitude, in m² (Snyder 1987, 3-12: half
/// of `q` times the square of the long axis).
fn strip(lat: f64) -> f64 {
    let (e, sin) = (E2.sqrt(), lat.to_radians().sin());
    let q = (1.0 - E2) * (sin / (1.0 - E2 * sin * sin) - ((1.0 - e * sin) / (1.0 + e * sin)).ln() / (2.0 * e));
    A * A * q / 2.0
}

/// Area inside a ring, in m²; positive when it runs against the clock. Exact for borders that are straight in the
/// equal-area cylindrical projection; for borders of a few kilometres the difference is below a millionth.
fn square_metres(ring: &[Point]) -> f64 {
    let Some(last) = ring.last() else { return 0.0 };
    let mut before = (last.lon().to_radians(), strip(last.lat()));
    let (mut sum, origin) = (0.0, before.0);
    for point in ring {
        let here = (point.lon().to_radians(), strip(point.lat()));
        sum += ((before.0 - origin) * here.1 - (here.0 - origin) * before.1) / 2.0;
        before = here;
    }
    sum
}

/// The area of polygons, each an outer ring and its holes, in km².
#[must_use]
pub fn km2(polygons: &[Vec<Ring>]) -> f64 {
    let of = |polygon: &Vec<Ring>| {
        let mut rings = polygon.iter().map(|ring| square_metres(ring).abs());
        rings.next().unwrap_or(0.0) - rings.sum::<f64>()
    };
    polygons.iter().map(of).sum::<f64>() / 1e6
}

/// The length of a line in metres, by the radii of curvature at the middle of each piece; pieces are short.
#[must_use]
pub fn metres(line: &[Point]) -> f64 {
    line.windows(2)
        .map(|pair| {
            let sin = ((pair[0].lat() + pair[1].lat()) / 2.0).to_radians().sin();
            let bend = 1.0 - E2 * sin * sin;
            let east = A / bend.sqrt() * (1.0 - sin * sin).sqrt();
            let north = A * (1.0 - E2) / bend.powf(1.5);
            let dx = (pair[1].lon() - pair[0].lon()).to_radians() * east;
            let dy = (pair[1].lat() - pair[0].lat()).to_radians() * north;
            dx.hypot(dy)
        })
        .sum()
}
