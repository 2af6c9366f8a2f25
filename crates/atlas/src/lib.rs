#![doc = include_str!("../README.md")]

mod cells;
mod coverage;
mod draw;
mod geojson;
mod measure;
mod nodes;
mod overlaps;
mod point;
mod repair;
mod simplify;
mod tile;

pub use cells::{Site, cells};
pub use coverage::{Arc, Area, Coverage, NOBODY, Neighbour, Shape};
pub use draw::{Frame, write_feature, write_geometry};
pub use geojson::{BrokenFile, Feature, FeatureFault, Features, Raw};
pub use measure::{km2, metres};
pub use overlaps::{Overlap, Settled, settle};
pub use point::{GRID, Point, Ring};
pub use repair::{Mend, sound_shape};
pub use tile::{Named, TILE_ZOOM_MAX, TileLabel, bounds_of_tile, tile};
