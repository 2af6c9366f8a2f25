//! GeoJSON (RFC 7946), feature by feature: a file of hundreds of megabytes needs no more memory than its largest
//! feature.

use std::io::{BufRead, ErrorKind};

use serde::{
    Deserialize,
    de::{Deserializer, IgnoredAny, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use crate::point::{Point, Ring};

/// One feature may have so many bytes; the most detailed commune that we saw had half a megabyte.
const FEATURE_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Keys of the outermost object are shorter.
const KEY_MAX: usize = 64;

/// Why a file cannot be read on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BrokenFile {
    /// It has no list of features.
    NotACollection,
    /// It ends in the middle.
    CutOff,
    /// The disk or the network failed.
    Unreadable,
}

/// A feature as it stands in the file.
#[derive(Clone, PartialEq, Debug)]
pub struct Raw {
    /// Its place in the file, from 1.
    pub number: usize,
    /// Its text; none when it is larger than any boundary.
    pub text: Option<String>,
}

/// Reads a collection feature by feature.
pub struct Features<R> {
    reader: R,
    number: usize,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Before,
    Within,
    Done,
}

impl<R: BufRead> Features<R> {
    /// From the beginning of a file.
    pub fn new(reader: R) -> Self {
        Self { reader, number: 0, stage: Stage::Before }
    }

    fn byte(&mut self) -> Result<Option<u8>, BrokenFile> {
        loop {
            match self.reader.fill_buf() {
                Ok([]) => return Ok(None),
                Ok([byte, ..]) => {
                    let byte = *byte;
                    self.reader.consume(1);
                    return Ok(Some(byte));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Err(BrokenFile::Unreadable),
            }
        }
    }

    fn needed(&mut self) -> Result<u8, BrokenFile> {
        self.byte()?.ok_or(BrokenFile::CutOff)
    }

    /// The rest of a text in quotation marks, as far as it may be a key.
    fn text(&mut self) -> Result<String, BrokenFile> {
        let mut bytes = Vec::new();
        loop {
            match self.needed()? {
                b'"' => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
                b'\\' => {
                    self.needed()?;
                    bytes.push(b'\\');
                }
                byte if bytes.len() < KEY_MAX => bytes.push(byte),
                _ => {}
            }
        }
    }

    /// The rest of a value that began with a bracket; kept in `kept` up to the limit, after which it is left empty.
    fn nested(&mut self, kept: &mut Option<Vec<u8>>) -> Result<(), BrokenFile> {
        let (mut depth, mut in_text, mut escaped) = (1_usize, false, false);
        while depth > 0 {
            let byte = self.needed()?;
            if let Some(bytes) = kept {
                bytes.push(byte);
                if bytes.len() > FEATURE_BYTES_MAX {
                    *kept = None;
                }
            }
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_text => escaped = true,
                b'"' => in_text = !in_text,
                b'{' | b'[' if !in_text => depth += 1,
                b'}' | b']' if !in_text => depth -= 1,
                _ => {}
            }
        }
        Ok(())
    }

    /// Goes to the first feature.
    fn enter(&mut self) -> Result<(), BrokenFile> {
        let mut key = String::new();
        let mut opened = false;
        loop {
            let Some(byte) = self.byte()? else {
                return Err(if opened { BrokenFile::CutOff } else { BrokenFile::NotACollection });
            };
            match byte {
                b'{' if !opened => opened = true,
                _ if !opened && !byte.is_ascii_whitespace() && !matches!(byte, 0xEF | 0xBB | 0xBF) => {
                    return Err(BrokenFile::NotACollection);
                }
                b'"' => key = self.text()?,
                b'[' if key == "features" => return Ok(()),
                b'{' | b'[' => self.nested(&mut None)?,
                b'}' => return Err(BrokenFile::NotACollection),
                _ => {}
            }
        }
    }

    fn step(&mut self) -> Result<Option<Raw>, BrokenFile> {
        if self.stage == Stage::Before {
            self.enter()?;
            self.stage = Stage::Within;
        }
        loop {
            match self.needed()? {
                b'{' => {
                    let mut kept = Some(vec![b'{']);
                    self.nested(&mut kept)?;
                    self.number += 1;
                    let text = kept.and_then(|bytes| String::from_utf8(bytes).ok());
                    return Ok(Some(Raw { number: self.number, text }));
                }
                b']' => {
                    // What follows the list must end as well, or the file was cut.
                    self.nested(&mut None)?;
                    return Ok(None);
                }
                b'"' => {
                    self.text()?;
                }
                b'[' => self.nested(&mut None)?,
                _ => {}
            }
        }
    }
}

impl<R: BufRead> Iterator for Features<R> {
    type Item = Result<Raw, BrokenFile>;
    fn next(&mut self) -> Option<Self::Item> {
        if self.stage == Stage::Done {
            return None;
        }
        let step = self.step();
        if !matches!(step, Ok(Some(_))) {
            self.stage = Stage::Done;
        }
        step.transpose()
    }
}

/// A feature, read.
#[derive(Clone, PartialEq, Debug)]
pub struct Feature {
    /// What it says of itself, `id` among it where the properties have none.
    pub properties: Map<String, Value>,
    /// Outer ring and holes of each part, on the grid.
    pub polygons: Vec<Vec<Ring>>,
    /// Latitude stood before longitude; it was turned round.
    pub swapped: bool,
    /// Rings that did not come back to where they began, and were closed.
    pub unclosed: usize,
}

/// Why a feature cannot be taken.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FeatureFault {
    /// It is no JSON, or no feature.
    NotAFeature,
    /// It is no area: a point, a line, nothing.
    NotAnArea,
    /// Its numbers are metres of a plane (VN-2000, UTM) and not degrees.
    Projected,
    /// It lies outside Việt Nam.
    Outside,
}

struct Position(f64, f64);

impl<'de> Deserialize<'de> for Position {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Pair;
        impl<'de> Visitor<'de> for Pair {
            type Value = Position;
            fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                to.write_str("two numbers")
            }
            fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Position, S::Error> {
                let short = || serde::de::Error::custom("two numbers");
                let x = list.next_element()?.ok_or_else(short)?;
                let y = list.next_element()?.ok_or_else(short)?;
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Position(x, y))
            }
        }
        from.deserialize_seq(Pair)
    }
}

type Lines = Vec<Vec<Position>>;

#[derive(Deserialize)]
struct About {
    id: Option<Value>,
    properties: Option<Map<String, Value>>,
    geometry: Option<Typed>,
}

#[derive(Deserialize)]
struct Typed {
    r#type: String,
}

#[derive(Deserialize)]
struct With<G> {
    geometry: Coordinates<G>,
}

#[derive(Deserialize)]
struct Coordinates<G> {
    coordinates: G,
}

/// How far the numbers of a feature lie, as they stand.
#[derive(Clone, Copy)]
struct Spread {
    x: (f64, f64),
    y: (f64, f64),
}

impl Spread {
    fn of(parts: &[Lines]) -> Self {
        let nothing = (f64::INFINITY, f64::NEG_INFINITY);
        parts.iter().flatten().flatten().fold(Self { x: nothing, y: nothing }, |Self { x, y }, at| Self {
            x: (x.0.min(at.0), x.1.max(at.0)),
            y: (y.0.min(at.1), y.1.max(at.1)),
        })
    }
    /// Land and islands, Hoàng Sa and Trường Sa among them.
    fn is_here(lon: (f64, f64), lat: (f64, f64)) -> bool {
        lon.0 >= 101.0 && lon.1 <= 119.0 && lat.0 >= 5.0 && lat.1 <= 24.5
    }
}

impl Feature {
    /// Reads one feature.
    ///
    /// # Errors
    /// Why it cannot be taken. What can be put right (axis order, open rings) is, and is said.
    pub fn read(text: &str) -> Result<Self, FeatureFault> {
        let about: About = serde_json::from_str(text).map_err(|_| FeatureFault::NotAFeature)?;
        let mut properties = about.properties.unwrap_or_default();
        if let Some(id) = about.id
            && !properties.contains_key("id")
        {
            properties.insert("id".to_owned(), id);
        }
        let not = |_| FeatureFault::NotAFeature;
        let parts: Vec<Lines> = match about.geometry.as_ref().map(|geometry| geometry.r#type.as_str()) {
            Some("Polygon") => {
                vec![serde_json::from_str::<With<Lines>>(text).map_err(not)?.geometry.coordinates]
            }
            Some("MultiPolygon") => serde_json::from_str::<With<Vec<Lines>>>(text).map_err(not)?.geometry.coordinates,
            _ => return Err(FeatureFault::NotAnArea),
        };
        let spread = Spread::of(&parts);
        if !spread.x.0.is_finite() {
            return Err(FeatureFault::NotAnArea);
        }
        let swapped = !Spread::is_here(spread.x, spread.y);
        if swapped && !Spread::is_here(spread.y, spread.x) {
            let far = spread.x.1.abs().max(spread.y.1.abs()).max(spread.x.0.abs()).max(spread.y.0.abs());
            return Err(if far > 360.0 { FeatureFault::Projected } else { FeatureFault::Outside });
        }
        let mut unclosed = 0;
        let mut ring = |line: Vec<Position>| -> Ring {
            let place = |at: &Position| if swapped { Point::at(at.1, at.0) } else { Point::at(at.0, at.1) };
            let mut ring: Ring = line.iter().map(place).collect();
            if ring.len() > 1 && ring.first() == ring.last() {
                ring.pop();
            } else {
                unclosed += 1;
            }
            ring
        };
        let polygons = parts.into_iter().map(|part| part.into_iter().map(&mut ring).collect()).collect();
        Ok(Self { properties, polygons, swapped, unclosed })
    }
}
