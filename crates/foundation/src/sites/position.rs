//! Where a site lies: latitude and longitude as people type and paste them.

use std::fmt;

use vx_kernel::Problem;

/// South and north of land and islands, Hoàng Sa and Trường Sa among them.
const LATITUDES: (f64, f64) = (5.0, 24.5);
/// West and east of them.
const LONGITUDES: (f64, f64) = (101.0, 119.0);
/// Parts of a degree that are kept: a millionth is a tenth of a metre.
const MICRO: f64 = 1_000_000.0;

/// A position within Việt Nam (WGS 84), in millionths of a degree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Position {
    /// Latitude.
    pub latitude_micro: i64,
    /// Longitude.
    pub longitude_micro: i64,
}

impl Position {
    /// From degrees.
    ///
    /// # Errors
    /// `sites.position.swapped` for longitude before latitude, `sites.position.outside` for another country.
    pub fn at(latitude: f64, longitude: f64) -> Result<Self, Problem> {
        let is_here = |latitude: f64, longitude: f64| {
            (LATITUDES.0..=LATITUDES.1).contains(&latitude) && (LONGITUDES.0..=LONGITUDES.1).contains(&longitude)
        };
        let told = |code| Problem::refused(code).with("latitude", latitude).with("longitude", longitude);
        if is_here(latitude, longitude) {
            Ok(Self { latitude_micro: micro(latitude), longitude_micro: micro(longitude) })
        } else if is_here(longitude, latitude) {
            Err(told("sites.position.swapped"))
        } else {
            Err(told("sites.position.outside"))
        }
    }

    /// From two fields. Both in one of them, as maps on the web give them to be pasted, are understood; both empty are no
    /// position.
    ///
    /// # Errors
    /// `sites.position.half` when one is missing, `sites.position.not_a_number`; as [`Position::at`].
    pub fn read(latitude: &str, longitude: &str) -> Result<Option<Self>, Problem> {
        let (latitude, longitude) = (latitude.trim(), longitude.trim());
        let (first, second) = match (latitude.is_empty(), longitude.is_empty()) {
            (true, true) => return Ok(None),
            (false, false) => (latitude.to_owned(), longitude.to_owned()),
            (_, lonely) => {
                let text = if lonely { latitude } else { longitude };
                pair(text).ok_or_else(|| match degrees(text) {
                    Some(_) => Problem::refused("sites.position.half").with("text", text),
                    None => Problem::refused("sites.position.not_a_number").with("text", text),
                })?
            }
        };
        let read = |text: &str| {
            degrees(text).ok_or_else(|| Problem::refused("sites.position.not_a_number").with("text", text))
        };
        Self::at(read(&first)?, read(&second)?).map(Some)
    }

    /// Latitude in degrees.
    #[must_use]
    pub fn latitude(self) -> f64 {
        whole(self.latitude_micro) / MICRO
    }
    /// Longitude in degrees.
    #[must_use]
    pub fn longitude(self) -> f64 {
        whole(self.longitude_micro) / MICRO
    }
}

/// As it can be pasted into a map, and back into a form.
impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.latitude(), self.longitude())
    }
}

#[expect(clippy::cast_possible_truncation, reason = "degrees of this country in millionths are small")]
fn micro(degrees: f64) -> i64 {
    (degrees * MICRO).round() as i64
}

#[expect(clippy::cast_precision_loss, reason = "millionths of a degree are exact")]
fn whole(micro: i64) -> f64 {
    micro as f64
}

/// Two numbers in one text. A comma stands between them, or in each of them; a blank or a semicolon stands between.
fn pair(text: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = text.split([';', '/']).map(str::trim).filter(|part| !part.is_empty()).collect();
    let words: Vec<&str> =
        text.split_whitespace().map(|word| word.trim_end_matches(',')).filter(|word| !word.is_empty()).collect();
    let commas: Vec<&str> = text.split(',').map(str::trim).collect();
    let two = |parts: &[&str]| match parts {
        [first, second] => Some(((*first).to_owned(), (*second).to_owned())),
        _ => None,
    };
    match commas.as_slice() {
        _ if parts.len() == 2 => two(&parts),
        [first, second] if text.contains('.') || first.contains('°') => {
            Some(((*first).to_owned(), (*second).to_owned()))
        }
        _ if words.len() == 2 => two(&words),
        [a, b, c, d] => Some((format!("{a},{b}"), format!("{c},{d}"))),
        _ => None,
    }
}

/// A number of degrees: `9.6037`, `9,6037`, `9.6037°`, `9°36'13.3"N`. Letters name the side of the globe, on which all of
/// the country lies: north and east, in English or Vietnamese.
fn degrees(text: &str) -> Option<f64> {
    let text = text.trim().trim_end_matches(['N', 'n', 'E', 'e', 'B', 'b', 'Đ', 'đ']).trim_end().replace(',', ".");
    let mut rest = text.as_str();
    let (mut sum, mut part, mut found) = (0.0, 1.0, false);
    for marks in [&['°', 'º'][..], &['\'', '′', '’'], &['"', '″', '”']] {
        let (number, after) = match rest.split_once(marks) {
            Some((number, after)) => (number.trim(), after.trim()),
            None if marks.contains(&'°') => return plain(rest),
            None => break,
        };
        let number = plain(number).filter(|number| !found || (0.0..60.0).contains(number))?;
        sum += number / part;
        (part, found, rest) = (part * 60.0, true, after);
    }
    rest.is_empty().then_some(sum)
}

/// A finite number without exponent: `1e2` is a slip of a spreadsheet and no place.
fn plain(text: &str) -> Option<f64> {
    let is_number = text.trim().bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    text.trim().parse::<f64>().ok().filter(|number| is_number && number.is_finite())
}
