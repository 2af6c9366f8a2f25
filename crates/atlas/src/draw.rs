//! Areas as paths of an SVG and as GeoJSON.

use std::fmt::Write as _;

use i_overlay::core::{fill_rule::FillRule, overlay::Overlay, overlay_rule::OverlayRule};

use crate::{
    coverage::{Area, Coverage},
    point::{Point, Ring, contours, polygons, twice_area},
    simplify::pixel,
};

/// A piece of the map as it lies on paper.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Frame {
    /// Width in units of the picture.
    pub width: f64,
    /// Height.
    pub height: f64,
    west: f64,
    north: f64,
    scale: f64,
    squeeze: f64,
}

impl Frame {
    /// Puts everything within some bounds (as of [`Area`]) on a picture not wider and not higher than asked for.
    #[must_use]
    pub fn around([west, south, east, north]: [i32; 4], width_max: f64, height_max: f64) -> Self {
        let middle = Point { x: 0, y: south.midpoint(north) };
        let squeeze = middle.lat().to_radians().cos();
        let wide = (f64::from(east) - f64::from(west)).max(1.0) * squeeze;
        let high = (f64::from(north) - f64::from(south)).max(1.0);
        let scale = (width_max / wide).min(height_max / high);
        Self {
            width: (wide * scale).ceil(),
            height: (high * scale).ceil(),
            west: f64::from(west),
            north: f64::from(north),
            scale,
            squeeze,
        }
    }

    /// Where a point lies on the picture.
    #[must_use]
    pub fn place(&self, point: Point) -> (f64, f64) {
        let x = (f64::from(point.x) - self.west) * self.squeeze * self.scale;
        let y = (self.north - f64::from(point.y)) * self.scale;
        (x, y)
    }

    /// The zoom whose pixels are not coarser than those of the picture.
    fn zoom(&self) -> u8 {
        (0..=14).find(|zoom| pixel(*zoom) * self.scale <= 1.0).unwrap_or(14)
    }

    /// One outline around some areas, as the `d` of a path. Borders between them are gone.
    #[must_use]
    pub fn outline(&self, coverage: &Coverage, areas: &[&Area]) -> String {
        let zoom = self.zoom();
        let least = 4.0 / (self.scale * self.scale);
        let mut parts: Vec<Vec<Ring>> = areas.iter().flat_map(|area| coverage.polygons(area, zoom, least)).collect();
        if areas.len() > 1 {
            for ring in parts.iter_mut().flat_map(|polygon| polygon.iter_mut().take(1)) {
                if twice_area(ring) < 0 {
                    ring.reverse();
                }
            }
            let mut overlay = Overlay::from_subj(&contours(&parts));
            parts = polygons(overlay.overlay(OverlayRule::Subject, FillRule::NonZero));
        }
        let mut path = String::new();
        for ring in parts.iter().flatten() {
            for (index, point) in ring.iter().enumerate() {
                let (x, y) = self.place(*point);
                let _ = write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' });
            }
            path.push('Z');
        }
        path
    }
}

/// One area as a feature of GeoJSON, with what is said of it.
pub fn write_feature(out: &mut String, coverage: &Coverage, area: &Area, zoom: u8, properties: &serde_json::Value) {
    let key = serde_json::json!(area.key);
    let _ = write!(out, r#"{{"type":"Feature","id":{key},"properties":{properties},"geometry":"#);
    write_geometry(out, coverage, area, zoom);
    out.push('}');
}

/// The outline of one area as a geometry of GeoJSON.
pub fn write_geometry(out: &mut String, coverage: &Coverage, area: &Area, zoom: u8) {
    out.push_str(r#"{"type":"MultiPolygon","coordinates":["#);
    for (part, polygon) in coverage.polygons(area, zoom, 0.0).iter().enumerate() {
        out.push_str(if part > 0 { ",[" } else { "[" });
        for (index, ring) in polygon.iter().enumerate() {
            out.push_str(if index > 0 { ",[" } else { "[" });
            for (place, point) in ring.iter().chain(ring.first()).enumerate() {
                let comma = if place > 0 { "," } else { "" };
                let _ = write!(out, "{comma}[{},{}]", point.lon(), point.lat());
            }
            out.push(']');
        }
        out.push(']');
    }
    out.push_str("]}");
}
