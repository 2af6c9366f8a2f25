//! PDF files with a text layer: letters with their places, put together to lines, columns and paragraphs.
//!
//! Basis: ISO 32000-1, sections 8.3 (coordinates) and 9 (text).

use std::collections::HashMap;
use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};

use flate2::read::{DeflateDecoder, ZlibDecoder};
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Name, Object, ObjectIdentifier, Stream};
use hayro_syntax::page::{Page, Resources, Rotation};
use hayro_syntax::{DecryptionError, Filter, LoadPdfError, Pdf};
use unicode_normalization::UnicodeNormalization;

use crate::decode::Unreadable;
use crate::docx::CHARS_MAX;
use crate::numbering;
use crate::printed::{FONTS_MAX, Printed};
use crate::text::fold;

/// Most pages; the longest plan with all annexes has under two hundred.
const PAGES_MAX: usize = 600;
/// Most bytes of one stream after inflation. A page scanned in colour at 300 dots has 26 million.
const STREAM_MAX: u64 = 64 * 1024 * 1024;
/// Most bytes of all streams after inflation: a hundred scanned pages stay below, and it is a few seconds of work.
const STREAMS_MAX: u64 = 2 * 1024 * 1024 * 1024;
/// Most bytes of instructions that are carried out. A page of text has about twenty thousand.
const CONTENT_MAX: usize = 64 * 1024 * 1024;
/// Most letters of one page; a page set in the smallest print has about ten thousand.
const GLYPHS_MAX: usize = 200_000;
/// Deepest nesting of forms, and most forms drawn: a stamp is a form in a form.
const FORMS_DEEP: usize = 8;
const FORMS_MAX: usize = 2_000;
/// What an entry of a font's tables costs, in bytes of instructions.
const ENTRY_COST: usize = 16;
/// Longest raw stream in a coding other than plain Flate that is unpacked: the others of old have no count to watch.
const ODD_CODING_MAX: usize = 64 * 1024;
/// Share of letters without a known character, in hundredths, from which a text layer is none.
const UNKNOWN_MAX: usize = 30;

/// Reads the text layer of a PDF file; blank if there is none.
pub(crate) fn read(bytes: &[u8]) -> Result<Printed, Unreadable> {
    weigh(bytes)?;
    // The library is written for broken files, but a panic in it must not take the program along.
    catch_unwind(AssertUnwindSafe(|| pages(bytes))).unwrap_or(Err(Unreadable::Broken))
}

/// Inflates every stream once without keeping it, so that no stream the library opens can be a bomb.
fn weigh(bytes: &[u8]) -> Result<(), Unreadable> {
    // Two codings that nobody has written for twenty years, and that unpack a thousandfold.
    let odd = [&b"LZWDecode"[..], b"/LZW", b"RunLengthDecode"];
    if bytes.len() > ODD_CODING_MAX && odd.iter().any(|word| memchr::memmem::find(bytes, word).is_some()) {
        let plain = memchr::memmem::find(bytes, b"/Font").is_none();
        return Err(if plain { Unreadable::Scan } else { Unreadable::Unsafe });
    }
    let mut total = 0u64;
    let mut sink = vec![0u8; 64 * 1024];
    for found in memchr::memmem::find_iter(bytes, b"stream") {
        let body = &bytes[found + b"stream".len()..];
        let body = body.strip_prefix(b"\r\n").or_else(|| body.strip_prefix(b"\n")).or_else(|| body.strip_prefix(b"\r"));
        // Neither the length that the file claims nor the next "endstream" is believed: what is packed ends by itself.
        let Some(body) = body.filter(|_| !bytes[..found].ends_with(b"end")) else { continue };
        total += weigh_one(body, &mut sink)?;
        if total > STREAMS_MAX {
            return Err(Unreadable::Unsafe);
        }
    }
    Ok(())
}

/// The size of one stream after inflation, also where what comes out is packed again.
fn weigh_one(body: &[u8], sink: &mut [u8]) -> Result<u64, Unreadable> {
    let packed = |bytes: &[u8]| {
        bytes.len() > 2 && bytes[0] & 0x0F == 8 && (u16::from(bytes[0]) << 8 | u16::from(bytes[1])).is_multiple_of(31)
    };
    let mut reader: Box<dyn Read + '_> =
        if packed(body) { Box::new(ZlibDecoder::new(body)) } else { Box::new(DeflateDecoder::new(body)) };
    let mut size = 0u64;
    let mut first = true;
    loop {
        let n = match reader.read(sink) {
            Ok(0) | Err(_) => return Ok(size),
            Ok(n) => n,
        };
        if first && packed(&sink[..n]) {
            // Packed twice: nobody does so in good faith.
            let mut twice = ZlibDecoder::new(&sink[..n]);
            let mut probe = [0u8; 16];
            if twice.read(&mut probe).is_ok_and(|n| n > 0) {
                return Err(Unreadable::Unsafe);
            }
        }
        first = false;
        size += n as u64;
        if size > STREAM_MAX {
            return Err(Unreadable::Unsafe);
        }
    }
}

fn pages(bytes: &[u8]) -> Result<Printed, Unreadable> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(|error| match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => Unreadable::Encrypted,
        LoadPdfError::Decryption(_) => Unreadable::Encrypted,
        LoadPdfError::Invalid => Unreadable::Broken,
    })?;
    let pages = pdf.pages();
    if pages.len() > PAGES_MAX {
        return Err(Unreadable::TooLong);
    }
    let mut work = Work::default();
    let mut out = Setting::default();
    let (mut glyphs, mut letters, mut unknown) = (0usize, 0usize, 0usize);
    for page in pages.iter() {
        let found = page_glyphs(page, &mut work)?;
        glyphs += found.len();
        letters += found.iter().map(|g| g.text.len()).sum::<usize>();
        unknown += found.iter().filter(|g| g.text == "\u{fffd}").count();
        if letters > CHARS_MAX {
            return Err(Unreadable::TooLong);
        }
        out.page(lines(found), &work.fonts);
    }
    if unknown * 100 > glyphs * UNKNOWN_MAX {
        return Ok(Printed::default());
    }
    Ok(out.printed)
}

/// What one file may still cost.
#[derive(Default)]
struct Work {
    content: usize,
    forms: usize,
    /// Fonts by name, in the order in which they were met.
    fonts: Vec<String>,
    known: HashMap<ObjectIdentifier, std::rc::Rc<Font>>,
}

impl Work {
    fn spend(&mut self, bytes: usize) -> Result<(), Unreadable> {
        self.content += bytes;
        if self.content > CONTENT_MAX { Err(Unreadable::Unsafe) } else { Ok(()) }
    }
}

/// The bytes of a stream, unpacked within its limit.
fn unpack(stream: &Stream<'_>) -> Vec<u8> {
    let raw = stream.raw_data();
    let filters = stream.filters();
    let parameters = stream.dict().contains_key("DecodeParms") || stream.dict().contains_key("DP");
    match filters.as_slice() {
        [] => raw.into_owned(),
        [Filter::FlateDecode] if !parameters => {
            let mut out = Vec::new();
            // A stream that breaks off gives what came before.
            let _ = ZlibDecoder::new(&raw[..]).take(STREAM_MAX).read_to_end(&mut out);
            out
        }
        _ if raw.len() <= ODD_CODING_MAX => stream.decoded_data().map(|d| d.into_owned()).unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// A letter at its place on the page, in points from the lower left corner.
struct Glyph {
    x: f64,
    y: f64,
    width: f64,
    size: f64,
    font: usize,
    text: String,
}

type Matrix = [f64; 6];

const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// `first`, then `then`.
fn times(first: Matrix, then: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = first;
    let [p, q, r, s, t, u] = then;
    [a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u]
}

/// The upright rectangle around four corners.
fn around(corners: [(f64, f64); 4], ctm: Matrix) -> [f64; 4] {
    let mut out = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    for (x, y) in corners {
        let [.., x, y] = times([1.0, 0.0, 0.0, 1.0, x, y], ctm);
        out = [out[0].min(x), out[1].min(y), out[2].max(x), out[3].max(y)];
    }
    out
}

#[derive(Clone)]
struct State {
    ctm: Matrix,
    font: Option<Named>,
    size: f64,
    spacing: f64,
    word_spacing: f64,
    stretch: f64,
    leading: f64,
    rise: f64,
    /// What is outside is not printed: left, bottom, right, top.
    clip: [f64; 4],
}

struct Font {
    name: String,
    wide: bool,
    to_unicode: HashMap<u32, String>,
    widths: HashMap<u32, f64>,
    missing: f64,
    encoding: Vec<Option<String>>,
    /// Points of the font for one unit of text space.
    scale: f64,
}

fn page_glyphs(page: &Page<'_>, work: &mut Work) -> Result<Vec<Glyph>, Unreadable> {
    let mut content = Vec::new();
    if let Some(stream) = page.raw().get::<Stream<'_>>("Contents") {
        content = unpack(&stream);
    } else if let Some(streams) = page.raw().get::<Array<'_>>("Contents") {
        for stream in streams.iter::<Stream<'_>>() {
            let part = unpack(&stream);
            work.spend(part.len())?;
            content.extend(part);
            content.push(b' ');
        }
    }
    // Turned so that lines run from left to right for the reader.
    let turn: Matrix = match page.rotation() {
        Rotation::None => IDENTITY,
        Rotation::Horizontal => [0.0, -1.0, 1.0, 0.0, 0.0, 0.0],
        Rotation::Flipped => [-1.0, 0.0, 0.0, -1.0, 0.0, 0.0],
        Rotation::FlippedHorizontal => [0.0, 1.0, -1.0, 0.0, 0.0, 0.0],
    };
    let mut glyphs = Vec::new();
    let everything = [f64::NEG_INFINITY, f64::NEG_INFINITY, f64::INFINITY, f64::INFINITY];
    draw(&content, page.resources(), turn, everything, 0, work, &mut glyphs)?;
    Ok(glyphs)
}

fn number(object: Option<&Object<'_>>) -> f64 {
    match object {
        Some(Object::Number(n)) => n.as_f64(),
        _ => 0.0,
    }
}

fn matrix(operands: &[f64]) -> Matrix {
    match operands {
        [a, b, c, d, e, f, ..] => [*a, *b, *c, *d, *e, *f],
        _ => IDENTITY,
    }
}

/// Carries out the instructions that set text.
fn draw(
    content: &[u8],
    resources: &Resources<'_>,
    ctm: Matrix,
    clip: [f64; 4],
    deep: usize,
    work: &mut Work,
    glyphs: &mut Vec<Glyph>,
) -> Result<(), Unreadable> {
    /// Deeper stacks of states are a fault of the file.
    const STATES_MAX: usize = 256;
    work.spend(content.len())?;
    let mut state = State {
        ctm,
        font: None,
        size: 0.0,
        spacing: 0.0,
        word_spacing: 0.0,
        stretch: 1.0,
        leading: 0.0,
        rise: 0.0,
        clip,
    };
    // Rectangles of the path, as far as it is nothing else.
    let mut path: Vec<[f64; 4]> = Vec::new();
    let (mut plain, mut clips) = (true, false);
    let mut saved: Vec<State> = Vec::new();
    let (mut text, mut line) = (IDENTITY, IDENTITY);
    let mut instructions = UntypedIter::new(content);
    while let Some(instruction) = instructions.next() {
        let operands: Vec<&Object<'_>> = instruction.operands().collect();
        let n = |i: usize| number(operands.get(i).copied());
        let next_line = |line: &mut Matrix, x: f64, y: f64| {
            *line = times([1.0, 0.0, 0.0, 1.0, x, y], *line);
            *line
        };
        match &**instruction.operator {
            b"q" if saved.len() < STATES_MAX => saved.push(state.clone()),
            b"Q" => state = saved.pop().unwrap_or(state),
            b"cm" => {
                let values: Vec<f64> = operands.iter().map(|o| number(Some(o))).collect();
                state.ctm = times(matrix(&values), state.ctm);
            }
            b"re" => {
                let corners = [(n(0), n(1)), (n(0) + n(2), n(1)), (n(0), n(1) + n(3)), (n(0) + n(2), n(1) + n(3))];
                path.push(around(corners, state.ctm));
            }
            b"m" | b"l" | b"c" | b"v" | b"y" => plain = false,
            b"W" | b"W*" => clips = true,
            b"n" | b"f" | b"F" | b"f*" | b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*" => {
                if let (true, true, [rect]) = (clips, plain, path.as_slice()) {
                    let [left, bottom, right, top] = state.clip;
                    state.clip = [left.max(rect[0]), bottom.max(rect[1]), right.min(rect[2]), top.min(rect[3])];
                }
                path.clear();
                (plain, clips) = (true, false);
            }
            b"BT" => (text, line) = (IDENTITY, IDENTITY),
            b"Tf" => {
                state.size = n(1);
                state.font = match operands.first() {
                    Some(Object::Name(name)) => font(resources, name, work)?,
                    _ => None,
                };
            }
            b"Tc" => state.spacing = n(0),
            b"Tw" => state.word_spacing = n(0),
            b"Tz" => state.stretch = n(0) / 100.0,
            b"TL" => state.leading = n(0),
            b"Ts" => state.rise = n(0),
            b"Td" => text = next_line(&mut line, n(0), n(1)),
            b"TD" => {
                state.leading = -n(1);
                text = next_line(&mut line, n(0), n(1));
            }
            b"Tm" => {
                let values: Vec<f64> = operands.iter().map(|o| number(Some(o))).collect();
                line = matrix(&values);
                text = line;
            }
            b"T*" => text = next_line(&mut line, 0.0, -state.leading),
            b"Tj" => show(operands.first().copied(), &state, &mut text, glyphs),
            b"'" => {
                text = next_line(&mut line, 0.0, -state.leading);
                show(operands.first().copied(), &state, &mut text, glyphs);
            }
            b"\"" => {
                state.word_spacing = n(0);
                state.spacing = n(1);
                text = next_line(&mut line, 0.0, -state.leading);
                show(operands.get(2).copied(), &state, &mut text, glyphs);
            }
            b"TJ" => {
                if let Some(Object::Array(parts)) = operands.first() {
                    for part in parts.iter::<Object<'_>>() {
                        match &part {
                            Object::Number(back) => {
                                let by = -back.as_f64() / 1000.0 * state.size * state.stretch;
                                text = times([1.0, 0.0, 0.0, 1.0, by, 0.0], text);
                            }
                            other => show(Some(other), &state, &mut text, glyphs),
                        }
                    }
                }
            }
            b"Do" => {
                if let Some(Object::Name(name)) = operands.first()
                    && deep < FORMS_DEEP
                    && work.forms < FORMS_MAX
                    && let Some(form) = resources.get_x_object(name)
                    && form.dict().get::<Name<'_>>("Subtype").is_some_and(|kind| &*kind == b"Form")
                {
                    work.forms += 1;
                    let own = form.dict().get::<Array<'_>>("Matrix").map(|values| {
                        let values: Vec<f64> = values.iter::<f64>().collect();
                        matrix(&values)
                    });
                    let placed = times(own.unwrap_or(IDENTITY), state.ctm);
                    let inside = unpack(&form);
                    match form.dict().get::<Dict<'_>>("Resources") {
                        Some(own) => draw(&inside, &Resources::new(own), placed, state.clip, deep + 1, work, glyphs)?,
                        None => draw(&inside, resources, placed, state.clip, deep + 1, work, glyphs)?,
                    }
                }
            }
            _ => {}
        }
        if glyphs.len() > GLYPHS_MAX {
            return Err(Unreadable::Unsafe);
        }
    }
    Ok(())
}

/// Sets the letters of a string, and moves on behind them.
fn show(object: Option<&Object<'_>>, state: &State, text: &mut Matrix, glyphs: &mut Vec<Glyph>) {
    let (Some(Object::String(string)), Some((font, index))) = (object, &state.font) else { return };
    let bytes = string.as_bytes();
    let step = if font.wide { 2 } else { 1 };
    for code in bytes.chunks(step) {
        let code = code.iter().fold(0u32, |value, byte| value << 8 | u32::from(*byte));
        let wide = font.widths.get(&code).copied().unwrap_or(font.missing) * font.scale;
        let space = if !font.wide && code == 32 { state.word_spacing } else { 0.0 };
        let advance = (wide * state.size + state.spacing + space) * state.stretch;
        let place = times([state.size * state.stretch, 0.0, 0.0, state.size, 0.0, state.rise], times(*text, state.ctm));
        let [a, b, c, d, x, y] = place;
        *text = times([1.0, 0.0, 0.0, 1.0, advance, 0.0], *text);
        let [.., end_x, _] = times([1.0, 0.0, 0.0, 1.0, 0.0, state.rise], times(*text, state.ctm));
        let size = c.hypot(d);
        // Text that does not run along the line is a watermark or the edge of a stamp.
        let level = a > 0.0 && b.abs() < a * 0.2;
        if !level || !(0.5..400.0).contains(&size) || !x.is_finite() || !y.is_finite() {
            continue;
        }
        // A letter that hangs over the end of a page is drawn on both, and cut off on one.
        let (middle_x, middle_y) = ((x + end_x) / 2.0, y + size * 0.25);
        let [left, bottom, right, top] = state.clip;
        if middle_x < left - 1.0 || middle_x > right + 1.0 || middle_y < bottom - 1.0 || middle_y > top + 1.0 {
            continue;
        }
        if glyphs.len() <= GLYPHS_MAX {
            glyphs.push(Glyph { x, y, width: (end_x - x).max(0.0), size, font: *index, text: font.letter(code) });
        }
    }
}

impl Font {
    fn letter(&self, code: u32) -> String {
        if let Some(text) = self.to_unicode.get(&code) {
            return text.clone();
        }
        let known = usize::try_from(code).ok().and_then(|code| self.encoding.get(code)).cloned().flatten();
        known.unwrap_or_else(|| "\u{fffd}".to_owned())
    }
}

/// A font by its name on the page, and its place among the names of fonts.
type Named = (std::rc::Rc<Font>, usize);

fn font(resources: &Resources<'_>, name: &Name<'_>, work: &mut Work) -> Result<Option<Named>, Unreadable> {
    let Some(dict) = resources.get_font(name) else { return Ok(None) };
    let id = dict.obj_id();
    let font = match id.and_then(|id| work.known.get(&id).cloned()) {
        Some(font) => font,
        None => {
            let font = std::rc::Rc::new(read_font(&dict, work)?);
            if let Some(id) = id {
                work.known.insert(id, font.clone());
            }
            font
        }
    };
    let index = match work.fonts.iter().position(|known| *known == font.name) {
        Some(index) => index,
        // Behind so many their names tell nothing more.
        None if work.fonts.len() >= FONTS_MAX => 0,
        None => {
            work.fonts.push(font.name.clone());
            work.fonts.len() - 1
        }
    };
    Ok(Some((font, index)))
}

fn read_font(dict: &Dict<'_>, work: &mut Work) -> Result<Font, Unreadable> {
    let text = |name: Option<Name<'_>>| name.map(|n| String::from_utf8_lossy(&n).into_owned()).unwrap_or_default();
    let wide = dict.get::<Name<'_>>("Subtype").is_some_and(|kind| &*kind == b"Type0");
    let mut font = Font {
        name: text(dict.get::<Name<'_>>("BaseFont")),
        wide,
        to_unicode: HashMap::new(),
        widths: HashMap::new(),
        missing: 500.0,
        encoding: Vec::new(),
        scale: 0.001,
    };
    if let Some(map) = dict.get::<Stream<'_>>("ToUnicode") {
        let map = unpack(&map);
        work.spend(map.len())?;
        font.to_unicode = to_unicode(&map);
        // Ranges make many letters of few bytes.
        work.spend(font.to_unicode.len() * ENTRY_COST)?;
    }
    if wide {
        let below = dict.get::<Array<'_>>("DescendantFonts").and_then(|list| list.iter::<Dict<'_>>().next());
        if let Some(below) = below {
            font.missing = below.get::<f64>("DW").unwrap_or(1000.0);
            if let Some(widths) = below.get::<Array<'_>>("W") {
                wide_widths(&widths, &mut font.widths);
                work.spend(font.widths.len() * ENTRY_COST)?;
            }
        }
        return Ok(font);
    }
    if let Some(descriptor) = dict.get::<Dict<'_>>("FontDescriptor") {
        font.missing = descriptor.get::<f64>("MissingWidth").unwrap_or(font.missing);
    }
    let first = dict.get::<u32>("FirstChar").unwrap_or(0);
    if let Some(widths) = dict.get::<Array<'_>>("Widths") {
        font.widths = (first..).zip(widths.iter::<f64>().take(256)).collect();
    }
    if let Some(own) = dict.get::<Array<'_>>("FontMatrix") {
        font.scale = own.iter::<f64>().next().filter(|scale| scale.abs() > 0.0).unwrap_or(font.scale);
    }
    font.encoding =
        (0u8..=255).map(|byte| if byte < 32 { None } else { Some(crate::encodings::windows(&[byte])) }).collect();
    if let Some(encoding) = dict.get::<Dict<'_>>("Encoding")
        && let Some(differences) = encoding.get::<Array<'_>>("Differences")
    {
        let mut code = 0usize;
        for object in differences.iter::<Object<'_>>() {
            match object {
                Object::Number(n) => code = usize::try_from(n.as_i64()).unwrap_or(256),
                Object::Name(name) => {
                    if let Some(place) = font.encoding.get_mut(code) {
                        *place = glyph_letter(&String::from_utf8_lossy(&name));
                    }
                    code += 1;
                }
                _ => {}
            }
        }
    }
    Ok(font)
}

/// "/W": `first [w w w]` or `first last w`.
fn wide_widths(list: &Array<'_>, widths: &mut HashMap<u32, f64>) {
    /// Codes have two bytes.
    const CODES: usize = 65_536;
    let mut pending: Vec<f64> = Vec::new();
    for object in list.iter::<Object<'_>>().take(CODES * 3) {
        match object {
            Object::Number(n) => pending.push(n.as_f64()),
            Object::Array(row) => {
                let first = pending.pop().unwrap_or(0.0).clamp(0.0, 65_535.0) as u32;
                widths.extend((first..).zip(row.iter::<f64>().take(CODES)));
                pending.clear();
            }
            _ => {}
        }
        if let [first, last, width] = pending.as_slice() {
            let (first, last) = (first.clamp(0.0, 65_535.0) as u32, last.clamp(0.0, 65_535.0) as u32);
            widths.extend((first..=last).map(|code| (code, *width)));
            pending.clear();
        }
    }
}

/// The letter that a glyph name stands for: "uni1EA1", "a", "acircumflexacute", "dcroat".
fn glyph_letter(name: &str) -> Option<String> {
    const SIGNS: &[(&str, &str)] = &[
        ("space", " "),
        ("nbspace", " "),
        ("exclam", "!"),
        ("quotedbl", "\""),
        ("numbersign", "#"),
        ("dollar", "$"),
        ("percent", "%"),
        ("ampersand", "&"),
        ("quotesingle", "'"),
        ("quoteright", "’"),
        ("quoteleft", "‘"),
        ("quotedblleft", "“"),
        ("quotedblright", "”"),
        ("parenleft", "("),
        ("parenright", ")"),
        ("asterisk", "*"),
        ("plus", "+"),
        ("comma", ","),
        ("hyphen", "-"),
        ("minus", "-"),
        ("period", "."),
        ("slash", "/"),
        ("colon", ":"),
        ("semicolon", ";"),
        ("less", "<"),
        ("equal", "="),
        ("greater", ">"),
        ("question", "?"),
        ("at", "@"),
        ("bracketleft", "["),
        ("backslash", "\\"),
        ("bracketright", "]"),
        ("underscore", "_"),
        ("bar", "|"),
        ("endash", "–"),
        ("emdash", "—"),
        ("bullet", "•"),
        ("ellipsis", "…"),
        ("degree", "°"),
        ("dcroat", "đ"),
        ("Dcroat", "Đ"),
        ("dmacron", "đ"),
        ("Dmacron", "Đ"),
        ("eth", "ð"),
        ("Eth", "Ð"),
        ("zero", "0"),
        ("one", "1"),
        ("two", "2"),
        ("three", "3"),
        ("four", "4"),
        ("five", "5"),
        ("six", "6"),
        ("seven", "7"),
        ("eight", "8"),
        ("nine", "9"),
    ];
    const MARKS: &[(&str, char)] = &[
        ("circumflex", '\u{302}'),
        ("breve", '\u{306}'),
        ("horn", '\u{31b}'),
        ("acute", '\u{301}'),
        ("grave", '\u{300}'),
        ("hookabove", '\u{309}'),
        ("hook", '\u{309}'),
        ("tilde", '\u{303}'),
        ("dotbelow", '\u{323}'),
        ("dieresis", '\u{308}'),
    ];
    let name = name.split('.').next().unwrap_or(name);
    if let Some((_, sign)) = SIGNS.iter().find(|(known, _)| *known == name) {
        return Some((*sign).to_owned());
    }
    for prefix in ["uni", "u"] {
        if let Some(hex) = name.strip_prefix(prefix)
            && (4..=6).contains(&hex.len())
            && let Some(c) = u32::from_str_radix(hex, 16).ok().and_then(char::from_u32)
        {
            return Some(c.to_string());
        }
    }
    let mut chars = name.chars();
    let mut letter = chars.next().filter(char::is_ascii_alphabetic)?.to_string();
    let mut rest = chars.as_str();
    while !rest.is_empty() {
        let (word, mark) = MARKS.iter().find(|(word, _)| rest.starts_with(word))?;
        letter.push(*mark);
        rest = &rest[word.len()..];
    }
    Some(letter.nfc().collect())
}

/// Reads a map from codes to characters: `bfchar` and `bfrange`.
fn to_unicode(map: &[u8]) -> HashMap<u32, String> {
    /// Codes have two bytes; a map cannot say more.
    const ENTRIES_MAX: usize = 65_536;
    let mut out = HashMap::new();
    let mut strings: Vec<Token<'_>> = Vec::new();
    let mut inside = None;
    for token in tokens(map) {
        match token {
            Token::Word(b"beginbfchar") => inside = Some(2),
            Token::Word(b"beginbfrange") => inside = Some(3),
            Token::Word(b"endbfchar" | b"endbfrange") => inside = None,
            Token::Hex(_) | Token::List(_) if inside.is_some() => strings.push(token),
            _ => continue,
        }
        if inside.is_none() {
            strings.clear();
            continue;
        }
        if out.len() >= ENTRIES_MAX {
            break;
        }
        match (inside, strings.as_slice()) {
            (Some(2), [Token::Hex(code), Token::Hex(text)]) => {
                out.insert(value(code), utf16(text));
                strings.clear();
            }
            (Some(3), [Token::Hex(first), Token::Hex(last), Token::Hex(text)]) => {
                let (first, last) = (value(first), value(last));
                for (n, code) in (first..=last).take(ENTRIES_MAX).enumerate() {
                    let mut bytes = text.clone();
                    // The last byte counts on.
                    let carry = bytes.len().checked_sub(2);
                    if let Some(at) = carry {
                        let unit = u16::from_be_bytes([bytes[at], bytes[at + 1]]).wrapping_add(n as u16);
                        bytes[at..].copy_from_slice(&unit.to_be_bytes());
                    }
                    out.insert(code, utf16(&bytes));
                }
                strings.clear();
            }
            (Some(3), [Token::Hex(first), Token::Hex(_), Token::List(list)]) => {
                for (code, text) in (value(first)..).zip(list) {
                    out.insert(code, utf16(text));
                }
                strings.clear();
            }
            (_, more) if more.len() > 3 => strings.clear(),
            _ => {}
        }
    }
    out
}

enum Token<'m> {
    Word(&'m [u8]),
    Hex(Vec<u8>),
    List(Vec<Vec<u8>>),
}

fn value(code: &[u8]) -> u32 {
    code.iter().take(4).fold(0, |value, byte| value << 8 | u32::from(*byte))
}

fn utf16(bytes: &[u8]) -> String {
    if bytes.len() == 1 {
        return char::from(bytes[0]).to_string();
    }
    let units = bytes.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
    let text: String = char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    text.replace('\0', "")
}

fn tokens(map: &[u8]) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        loop {
            let byte = *map.get(at)?;
            match byte {
                b'<' if map.get(at + 1) != Some(&b'<') => return Some(Token::Hex(hex(map, &mut at))),
                b'[' => {
                    let mut list = Vec::new();
                    at += 1;
                    while let Some(byte) = map.get(at) {
                        match byte {
                            b'<' => list.push(hex(map, &mut at)),
                            b']' => {
                                at += 1;
                                break;
                            }
                            _ => at += 1,
                        }
                    }
                    return Some(Token::List(list));
                }
                b'%' => at += map[at..].iter().position(|b| matches!(b, b'\n' | b'\r')).unwrap_or(map.len() - at),
                b if b.is_ascii_alphabetic() => {
                    let start = at;
                    while map.get(at).is_some_and(u8::is_ascii_alphanumeric) {
                        at += 1;
                    }
                    return Some(Token::Word(&map[start..at]));
                }
                _ => at += 1,
            }
        }
    })
}

/// The bytes of "<0041 1EA1>", and on behind it.
fn hex(map: &[u8], at: &mut usize) -> Vec<u8> {
    /// Longer ones are no characters.
    const BYTES_MAX: usize = 64;
    let mut out = Vec::new();
    let mut half: Option<u8> = None;
    *at += 1;
    while let Some(byte) = map.get(*at) {
        *at += 1;
        if *byte == b'>' {
            break;
        }
        let Some(digit) = char::from(*byte).to_digit(16).and_then(|d| u8::try_from(d).ok()) else { continue };
        match half.take() {
            Some(high) if out.len() < BYTES_MAX => out.push(high << 4 | digit),
            Some(_) => {}
            None => half = Some(digit),
        }
    }
    if let Some(high) = half {
        out.push(high << 4);
    }
    out
}

/// Letters on one line without a column gap between them.
struct Segment {
    from: f64,
    to: f64,
    /// Width of its first word.
    first: f64,
    pieces: Vec<(usize, String)>,
}

impl Segment {
    /// Whether it is nothing but a number or bullet, behind which a paragraph hangs.
    fn is_number(&self) -> bool {
        /// "12.10.3." is the longest.
        const BYTES_MAX: usize = 9;
        let mut text = String::new();
        for (_, piece) in &self.pieces {
            text.push_str(piece);
            if text.len() > BYTES_MAX {
                return false;
            }
        }
        matches!(text.as_str(), "-" | "+" | "•" | "–") || text.ends_with(['.', ')'])
    }

    fn text(&self) -> String {
        self.pieces.iter().map(|(_, text)| text.as_str()).collect()
    }
}

struct Line {
    y: f64,
    size: f64,
    segments: Vec<Segment>,
}

impl Line {
    fn from(&self) -> f64 {
        self.segments.first().map_or(0.0, |s| s.from)
    }

    fn to(&self) -> f64 {
        self.segments.last().map_or(0.0, |s| s.to)
    }

    fn text(&self) -> String {
        self.segments.iter().map(Segment::text).collect::<Vec<_>>().join("    ")
    }
}

/// A gap of this many letter sizes parts columns, or one of so many with three spaces in it.
const COLUMN_GAP: f64 = 2.4;
const SPACED_GAP: f64 = 1.2;
/// A gap of this share of the letter size parts words where no space is set.
const WORD_GAP: f64 = 0.16;

/// Letters as lines from the top, and from the left in each.
fn lines(mut glyphs: Vec<Glyph>) -> Vec<Line> {
    glyphs.sort_by(|a, b| b.y.total_cmp(&a.y).then(a.x.total_cmp(&b.x)));
    let mut rows: Vec<(f64, f64, Vec<Glyph>)> = Vec::new();
    for glyph in glyphs {
        match rows.last_mut() {
            Some((y, size, row)) if (*y - glyph.y).abs() <= size.max(glyph.size) * 0.4 => {
                // The line of the larger letters is that of the row, not that of a raised number.
                if glyph.size > *size * 1.1 {
                    (*y, *size) = (glyph.y, glyph.size);
                }
                row.push(glyph);
            }
            _ => rows.push((glyph.y, glyph.size, vec![glyph])),
        }
    }
    rows.into_iter()
        .filter_map(|(y, size, mut row)| {
            row.sort_by(|a, b| a.x.total_cmp(&b.x));
            let segments = segments(&row);
            (!segments.is_empty()).then_some(Line { y, size, segments })
        })
        .collect()
}

fn segments(row: &[Glyph]) -> Vec<Segment> {
    let mut out: Vec<Segment> = Vec::new();
    let mut last: Option<&Glyph> = None;
    let mut spaces = 0;
    for glyph in row {
        if glyph.text.trim().is_empty() {
            spaces += glyph.text.chars().count().max(1);
            continue;
        }
        let end = last.map_or(glyph.x, |l| l.x + l.width);
        let gap = (glyph.x - end) / glyph.size;
        // Bold by drawing twice.
        if last.is_some_and(|l| l.text == glyph.text && (glyph.x - l.x).abs() < glyph.size * 0.12) {
            continue;
        }
        let number_only = gap > SPACED_GAP && out.last().is_some_and(Segment::is_number);
        let parted = last.is_none()
            || (gap > COLUMN_GAP || gap > SPACED_GAP && spaces >= 3) && !(number_only && gap < COLUMN_GAP * 2.0);
        if parted {
            out.push(Segment { from: glyph.x, to: glyph.x, first: 0.0, pieces: Vec::new() });
        }
        if let Some(segment) = out.last_mut() {
            let spaced = !parted && (spaces > 0 || gap > WORD_GAP);
            if spaced {
                if segment.first == 0.0 {
                    segment.first = segment.to - segment.from;
                }
                if let Some((_, text)) = segment.pieces.last_mut() {
                    text.push(' ');
                }
            }
            match segment.pieces.last_mut() {
                Some((font, text)) if *font == glyph.font => text.push_str(&glyph.text),
                _ => segment.pieces.push((glyph.font, glyph.text.clone())),
            }
            segment.to = segment.to.max(glyph.x + glyph.width);
        }
        spaces = 0;
        last = Some(glyph);
    }
    for segment in &mut out {
        if segment.first == 0.0 {
            segment.first = segment.to - segment.from;
        }
    }
    out
}

/// The last line that was set, for joining the next to it.
struct Before {
    y: f64,
    size: f64,
    from: f64,
    to: f64,
    /// It begins with a number or bullet, behind which its paragraph may hang.
    numbered: bool,
    /// On the page before this one.
    turned: bool,
    text: String,
}

/// Puts lines together to the text.
#[derive(Default)]
struct Setting {
    printed: Printed,
    before: Option<Before>,
}

impl Setting {
    fn page(&mut self, mut lines: Vec<Line>, fonts: &[String]) {
        for edge in [0, usize::MAX] {
            let at = edge.min(lines.len().saturating_sub(1));
            if lines.get(at).is_some_and(|line| is_page_number(&line.text())) {
                lines.remove(at);
            }
        }
        let margin = margin(&lines);
        let usual = usual_gap(&lines);
        let middle = middle(&lines);
        if let Some(before) = &mut self.before {
            before.turned = true;
        }
        let mut at = 0;
        while at < lines.len() {
            if let Some(zone) = Zone::at(&lines, at, middle) {
                // Lines above the first pair that already belong to a column were set when they were met.
                self.columns(&lines[at..zone.end], zone.gutter, fonts);
                at = zone.end;
                continue;
            }
            self.line(&lines[at], margin, usual, fonts);
            at += 1;
        }
    }

    fn line(&mut self, line: &Line, margin: f64, usual: f64, fonts: &[String]) {
        let text = line.text();
        let numbered = numbering::marker(&text, &fold(&text)).is_some();
        if let Some(before) = &self.before {
            let gap = before.y - line.y;
            let near = before.turned || gap > 0.0 && gap <= usual * 1.22;
            let first = line.segments.first().map_or(0.0, |s| s.first);
            // The next word would not have fitted on the line before.
            let full = before.to + before.size * 0.2 + first > margin - 1.0;
            let ended = before.turned && before.text.ends_with(['.', ';', ':', '/']);
            let alike = (before.size - line.size).abs() < line.size * 0.12;
            let hang = if before.numbered { 3.6 } else { 0.6 };
            let set_in = line.from() > before.from + line.size * hang;
            if near && full && alike && !ended && !numbered && !set_in && line.segments.len() == 1 {
                self.printed.line(" ");
            } else if !before.turned && gap > usual * 1.3 {
                self.printed.line("\n\n");
            } else {
                self.printed.line("\n");
            }
        }
        self.segments(&line.segments, fonts);
        // A line of columns ends nowhere: nothing goes on with it.
        let to = if line.segments.len() == 1 { line.to() } else { f64::NEG_INFINITY };
        self.before = Some(Before { y: line.y, size: line.size, from: line.from(), to, numbered, turned: false, text });
    }

    fn segments(&mut self, segments: &[Segment], fonts: &[String]) {
        for (i, segment) in segments.iter().enumerate() {
            if i > 0 {
                self.printed.line("    ");
            }
            for (font, text) in &segment.pieces {
                self.printed.run(fonts.get(*font).map_or("", String::as_str), false, text);
            }
        }
    }

    /// Two columns, the left one before the right one.
    fn columns(&mut self, lines: &[Line], gutter: f64, fonts: &[String]) {
        if self.before.is_some() {
            self.printed.line("\n");
        }
        for left in [true, false] {
            self.printed.line("\n");
            let own: Vec<(&Line, Vec<&Segment>)> = lines
                .iter()
                .map(|line| (line, line.segments.iter().filter(|s| (s.from < gutter) == left).collect::<Vec<_>>()))
                .filter(|(_, segments)| !segments.is_empty())
                .collect();
            let gaps = own.windows(2).map(|pair| pair[0].0.y - pair[1].0.y);
            let usual = gaps.fold(f64::INFINITY, f64::min);
            let mut last: Option<f64> = None;
            for (line, segments) in own {
                if let Some(y) = last {
                    let wide = y - line.y > (line.size * 2.0).max(usual * 1.6);
                    self.printed.line(if wide { "\n\n" } else { "\n" });
                }
                for (i, segment) in segments.into_iter().enumerate() {
                    if i > 0 {
                        self.printed.line(" ");
                    }
                    self.segments(std::slice::from_ref(segment), fonts);
                }
                last = Some(line.y);
            }
            self.printed.line("\n");
        }
        self.printed.line("\n");
        self.before = None;
    }
}

fn is_page_number(text: &str) -> bool {
    let core = text.trim_matches(|c: char| matches!(c, '-' | '–' | ' '));
    (1..=3).contains(&core.len()) && core.bytes().all(|b| b.is_ascii_digit())
}

/// Where lines of the body end at the right.
fn margin(lines: &[Line]) -> f64 {
    let mut ends: Vec<f64> = lines.iter().filter(|l| l.segments.len() == 1).map(Line::to).collect();
    ends.sort_by(|a, b| b.total_cmp(a));
    // One line may stick out.
    ends.get(usize::from(ends.len() > 4)).copied().unwrap_or(f64::MAX)
}

/// The middle between the outermost letters of a page.
fn middle(lines: &[Line]) -> f64 {
    let left = lines.iter().map(Line::from).fold(f64::INFINITY, f64::min);
    let right = lines.iter().map(Line::to).fold(f64::NEG_INFINITY, f64::max);
    (left + right) / 2.0
}

/// The usual way from one line to the next inside a paragraph.
fn usual_gap(lines: &[Line]) -> f64 {
    let mut gaps: Vec<f64> = lines
        .windows(2)
        .filter(|pair| pair.iter().all(|l| l.segments.len() == 1))
        .map(|pair| (pair[0].y - pair[1].y, pair[1].size))
        .filter(|(gap, size)| (size * 0.9..size * 2.4).contains(gap))
        .map(|(gap, _)| gap)
        .collect();
    gaps.sort_by(f64::total_cmp);
    // Gaps between paragraphs are larger; those inside are the smaller half.
    gaps.get(gaps.len() / 3).copied().unwrap_or(18.0)
}

/// Lines that stand in two columns: the head of a dispatch, or recipients and signature.
struct Zone {
    end: usize,
    gutter: f64,
}

impl Zone {
    /// A zone that begins at a line. Its first lines may stand on one side only.
    fn at(lines: &[Line], start: usize, middle: f64) -> Option<Zone> {
        /// Lines before the first pair that a zone may begin with.
        const AHEAD: usize = 3;
        let pair = (start..lines.len().min(start + AHEAD)).find(|i| lines[*i].segments.len() == 2)?;
        let (mut low, mut high) = (lines[pair].segments[0].to, lines[pair].segments[1].from);
        for i in (start..pair).rev() {
            let (line, below) = (&lines[i], &lines[i + 1]);
            if line.y - below.y > line.size * 2.0 || !narrow(line, &mut low, &mut high) {
                return None;
            }
            // A line of the body that ends early is not the head of a left column, unless the page begins with it.
            if line.from() < low && start > 0 {
                return None;
            }
        }
        let mut end = pair + 1;
        let mut right = 1;
        let mut stop = end;
        for (i, line) in lines.iter().enumerate().skip(pair + 1) {
            // Room for the signature is left between post and name.
            let room = if line.from() >= low && line.segments.len() == 1 { 9.0 } else { 3.2 };
            // "Kính gửi" stands in the middle of the page and in no column.
            let centred = line.segments.len() == 1 && ((line.from() + line.to()) / 2.0 - middle).abs() < line.size;
            if centred || lines[i - 1].y - line.y > line.size * room || !narrow(line, &mut low, &mut high) {
                break;
            }
            stop = i + 1;
            if line.to() > high {
                right += 1;
                end = i + 1;
            }
        }
        // The left column goes on as long as its lines follow closely.
        while end < stop && lines[end - 1].y - lines[end].y <= lines[end].size * 2.0 {
            end += 1;
        }
        (right >= 2).then_some(Zone { end, gutter: (low + high) / 2.0 })
    }
}

/// Whether a line keeps clear of a gutter, which it may make narrower.
fn narrow(line: &Line, low: &mut f64, high: &mut f64) -> bool {
    /// Narrower gutters are spaces.
    const GUTTER_MIN: f64 = 6.0;
    let (mut l, mut h) = (*low, *high);
    let middle = (l + h) / 2.0;
    for segment in &line.segments {
        if segment.to <= h && segment.from < middle {
            l = l.max(segment.to);
        } else if segment.from >= l {
            h = h.min(segment.from);
        } else {
            return false;
        }
    }
    if line.segments.len() > 2 || h - l < GUTTER_MIN {
        return false;
    }
    (*low, *high) = (l, h);
    true
}
