//! Word documents (.docx): paragraphs, tables, printed numbers of lists, text boxes; what was deleted, hidden or stands
//! in the margins is left out.
//!
//! Basis: ECMA-376, Part 1 (WordprocessingML).

use std::collections::HashMap;
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::decode::Unreadable;
use crate::printed::Printed;
use crate::text::fold;

/// Most entries of an archive. A dispatch with a picture for each stamp has under a hundred.
const ENTRIES_MAX: usize = 4_000;
/// Most bytes of a part after inflation. The longest plan with its annexes stays below ten million.
const PART_MAX: u64 = 64 * 1024 * 1024;
/// From here the ratio is looked at; small parts of repeated mark-up reach high ratios honestly.
const RATIO_FROM: u64 = 4 * 1024 * 1024;
/// Most inflated bytes for each packed one. Word's mark-up packs about 20 to 1, a bomb 1,000 to 1.
const RATIO_MAX: u64 = 200;
/// Deepest nesting of elements. A table in a text box in a table has about forty.
const DEPTH_MAX: usize = 256;
/// Most characters of the text. Beyond it the file is no dispatch.
pub(crate) const CHARS_MAX: usize = 8 * 1024 * 1024;
/// Most paragraphs, runs and cells. A book of five hundred pages has a tenth of it.
const NODES_MAX: usize = 500_000;
/// Most styles, and most levels of lists. Word itself stops at about four thousand styles.
const STYLES_MAX: usize = 20_000;
/// Longest chain of styles that rest on each other.
const STYLES_DEEP: usize = 20;

type Parts<'a> = ZipArchive<Cursor<&'a [u8]>>;

/// Reads the text of a Word document.
pub(crate) fn read(bytes: &[u8]) -> Result<Printed, Unreadable> {
    let mut parts = ZipArchive::new(Cursor::new(bytes)).map_err(|_| Unreadable::Broken)?;
    if parts.len() > ENTRIES_MAX {
        return Err(Unreadable::Unsafe);
    }
    let Some(main) = main_part(&mut parts)? else {
        let other = parts.file_names().flatten().find_map(|name| match name.split('/').next() {
            Some("xl") => Some("xlsx"),
            Some("ppt") => Some("pptx"),
            Some("content.xml") => Some("odt"),
            _ => None,
        });
        return Err(match other {
            Some(_) => Unreadable::Binary { looks_like: other },
            None => Unreadable::NotWord,
        });
    };
    let folder = main.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
    let document = part(&mut parts, &main)?.ok_or(Unreadable::NotWord)?;
    let styles = part(&mut parts, &format!("{folder}styles.xml"))?.unwrap_or_default();
    let numbering = part(&mut parts, &format!("{folder}numbering.xml"))?.unwrap_or_default();
    let styles = Styles::read(&styles)?;
    let blocks = Body::read(&document)?;
    let mut out = Out {
        printed: Printed::default(),
        chars: 0,
        numbers: Numbers { lists: Lists::read(&numbering)?, ..Numbers::default() },
        styles,
    };
    out.blocks(&blocks, true)?;
    Ok(out.printed)
}

/// The main part, by its usual name or by the relations of the package.
fn main_part(parts: &mut Parts<'_>) -> Result<Option<String>, Unreadable> {
    const USUAL: &str = "word/document.xml";
    if parts.index_for_name(USUAL).is_some() {
        return Ok(Some(USUAL.to_owned()));
    }
    let Some(relations) = part(parts, "_rels/.rels")? else { return Ok(None) };
    let mut found = None;
    walk(&relations, |event, _| {
        if let Seen::Start(start) = event
            && attribute(start, "Type").is_some_and(|kind| kind.ends_with("/officeDocument"))
        {
            found = attribute(start, "Target").map(|target| target.trim_start_matches('/').to_owned());
        }
        Ok(())
    })?;
    // A workbook is an office document too.
    Ok(found.filter(|name| name.starts_with("word/") && parts.index_for_name(name).is_some()))
}

/// A part as text. What comes out is counted while it is inflated: sizes in headers are only claims.
fn part(parts: &mut Parts<'_>, name: &str) -> Result<Option<String>, Unreadable> {
    let Some(index) = parts.index_for_name(name) else { return Ok(None) };
    if parts.by_index_raw(index).map_err(|_| Unreadable::Broken)?.encrypted() {
        return Err(Unreadable::Encrypted);
    }
    let file = parts.by_index(index).map_err(|_| Unreadable::Broken)?;
    let packed = file.compressed_size().max(1);
    let limit = PART_MAX.min(RATIO_FROM.max(packed.saturating_mul(RATIO_MAX)));
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|_| Unreadable::Broken)?;
    if bytes.len() as u64 > limit {
        return Err(Unreadable::Unsafe);
    }
    let text = match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xEF, 0xBB, 0xBF, rest @ ..] => std::str::from_utf8(rest).map_err(|_| Unreadable::Broken)?.to_owned(),
        _ => String::from_utf8(bytes).map_err(|_| Unreadable::Broken)?,
    };
    Ok(Some(text))
}

fn wide(bytes: &[u8], order: fn([u8; 2]) -> u16) -> String {
    let units = bytes.chunks_exact(2).map(|pair| order([pair[0], pair[1]]));
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

enum Seen<'e> {
    Start(&'e BytesStart<'e>),
    End,
    Text(String),
}

/// Goes through a part, element by element. Document types and entities of their own have no place in Word's parts
/// and are how a small file asks for endless work: such a part is refused.
fn walk(xml: &str, mut see: impl FnMut(&Seen<'_>, &str) -> Result<(), Unreadable>) -> Result<(), Unreadable> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut depth = 0usize;
    loop {
        match reader.read_event().map_err(|_| Unreadable::Broken)? {
            Event::Start(start) => {
                depth += 1;
                if depth > DEPTH_MAX {
                    return Err(Unreadable::Unsafe);
                }
                let name = start.local_name();
                let name: &str = name.as_ref();
                see(&Seen::Start(&start), name)?;
            }
            Event::End(end) => {
                depth = depth.saturating_sub(1);
                let name = end.local_name();
                let name: &str = name.as_ref();
                see(&Seen::End, name)?;
            }
            Event::Text(text) => see(&Seen::Text(text.to_string()), "")?,
            Event::CData(text) => see(&Seen::Text(text.to_string()), "")?,
            Event::GeneralRef(entity) => {
                let c = match &*entity {
                    "amp" => '&',
                    "lt" => '<',
                    "gt" => '>',
                    "quot" => '"',
                    "apos" => '\'',
                    other => reference(other).ok_or(Unreadable::Unsafe)?,
                };
                see(&Seen::Text(c.to_string()), "")?;
            }
            Event::DocType(_) => return Err(Unreadable::Unsafe),
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// "#225" or "#xE1".
fn reference(name: &str) -> Option<char> {
    let number = name.strip_prefix('#')?;
    let value = match number.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(value)
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    start.attributes().flatten().find(|a| a.key.local_name().as_ref() == name).map(|a| {
        let raw: &str = a.value.as_ref();
        if raw.contains('&') {
            raw.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
        } else {
            raw.to_owned()
        }
    })
}

fn value(start: &BytesStart<'_>) -> Option<String> {
    attribute(start, "val")
}

/// A switch such as `w:caps`: on unless it says otherwise.
fn is_on(start: &BytesStart<'_>) -> bool {
    !matches!(value(start).as_deref(), Some("0" | "false" | "off" | "none"))
}

fn number(start: &BytesStart<'_>) -> Option<u32> {
    value(start)?.parse().ok()
}

/// Letters of a run as a style or the run itself sets them.
#[derive(Clone, Default)]
struct Face {
    font: Option<String>,
    caps: Option<bool>,
    hidden: Option<bool>,
}

impl Face {
    fn see(&mut self, start: &BytesStart<'_>, name: &str) {
        match name {
            // Letters above ASCII, of which old encodings are made, take the font of `hAnsi`.
            "rFonts" => {
                if let Some(font) = attribute(start, "hAnsi").or_else(|| attribute(start, "ascii")) {
                    self.font = Some(font);
                }
            }
            "caps" => self.caps = Some(is_on(start)),
            "vanish" => self.hidden = Some(is_on(start)),
            _ => {}
        }
    }

    fn or(self, below: &Face) -> Face {
        Face {
            font: self.font.or_else(|| below.font.clone()),
            caps: self.caps.or(below.caps),
            hidden: self.hidden.or(below.hidden),
        }
    }
}

#[derive(Clone, Copy, Default)]
struct InList {
    list: Option<u32>,
    level: Option<u32>,
}

#[derive(Default)]
struct Style {
    based_on: Option<String>,
    face: Face,
    in_list: InList,
}

#[derive(Default)]
struct Styles {
    by_id: HashMap<String, Style>,
    all: Face,
    /// The style of paragraphs that name none.
    usual: Option<String>,
}

impl Styles {
    fn read(xml: &str) -> Result<Styles, Unreadable> {
        let mut styles = Styles::default();
        let mut open: Option<(String, Style)> = None;
        let mut defaults = false;
        walk(xml, |seen, name| {
            match (seen, name) {
                (Seen::Start(start), "style") => {
                    let id = attribute(start, "styleId").unwrap_or_default();
                    if attribute(start, "type").as_deref() == Some("paragraph")
                        && matches!(attribute(start, "default").as_deref(), Some("1" | "true"))
                    {
                        styles.usual = Some(id.clone());
                    }
                    open = Some((id, Style::default()));
                }
                (Seen::End, "style") => {
                    if styles.by_id.len() >= STYLES_MAX {
                        return Err(Unreadable::Unsafe);
                    }
                    if let Some((id, style)) = open.take() {
                        styles.by_id.insert(id, style);
                    }
                }
                (Seen::Start(_), "rPrDefault") => defaults = true,
                (Seen::End, "rPrDefault") => defaults = false,
                (Seen::Start(start), name) => match &mut open {
                    Some((_, style)) => match name {
                        "basedOn" => style.based_on = value(start),
                        "numId" => style.in_list.list = number(start),
                        "ilvl" => style.in_list.level = number(start),
                        _ => style.face.see(start, name),
                    },
                    None if defaults => styles.all.see(start, name),
                    None => {}
                },
                _ => {}
            }
            Ok(())
        })?;
        Ok(styles)
    }

    /// A style and those on which it rests, nearest first.
    fn chain<'s>(&'s self, id: Option<&'s str>) -> impl Iterator<Item = &'s Style> {
        let first = id.and_then(|id| self.by_id.get(id));
        std::iter::successors(first, |style| self.by_id.get(style.based_on.as_deref()?)).take(STYLES_DEEP)
    }

    fn face(&self, own: &Face, run_style: Option<&str>, paragraph_style: Option<&str>) -> Face {
        let mut face = own.clone();
        for style in self.chain(run_style).chain(self.chain(paragraph_style)) {
            face = face.or(&style.face);
        }
        face.or(&self.all)
    }

    fn in_list(&self, own: InList, style: Option<&str>) -> Option<(u32, u32)> {
        let mut all = own;
        for style in self.chain(style) {
            all.list = all.list.or(style.in_list.list);
            all.level = all.level.or(style.in_list.level);
        }
        // Number 0 takes a paragraph out of the list of its style.
        all.list.filter(|list| *list > 0).map(|list| (list, all.level.unwrap_or(0)))
    }
}

#[derive(Clone)]
struct Level {
    start: u32,
    format: String,
    text: String,
    arabic: bool,
}

#[derive(Default)]
struct Lists {
    abstracts: HashMap<u32, HashMap<u32, Level>>,
    /// For each list: its abstract list, and levels that start anew.
    lists: HashMap<u32, (u32, HashMap<u32, u32>)>,
}

impl Lists {
    fn read(xml: &str) -> Result<Lists, Unreadable> {
        let mut lists = Lists::default();
        let (mut id, mut list, mut level): (Option<u32>, Option<u32>, Option<u32>) = (None, None, None);
        let mut levels = 0;
        walk(xml, |seen, name| {
            levels += usize::from(matches!((seen, name), (Seen::Start(_), "lvl" | "num" | "lvlOverride")));
            if levels > STYLES_MAX * 10 {
                return Err(Unreadable::Unsafe);
            }
            match (seen, name) {
                (Seen::Start(start), "abstractNum") => {
                    id = attribute(start, "abstractNumId").and_then(|id| id.parse().ok());
                }
                (Seen::End, "abstractNum") => id = None,
                (Seen::Start(start), "num") => list = attribute(start, "numId").and_then(|id| id.parse().ok()),
                (Seen::End, "num") => list = None,
                (Seen::Start(start), "abstractNumId") => {
                    if let (Some(list), Some(of)) = (list, number(start)) {
                        lists.lists.entry(list).or_default().0 = of;
                    }
                }
                (Seen::Start(start), "lvl" | "lvlOverride") => {
                    level = attribute(start, "ilvl").and_then(|level| level.parse().ok());
                }
                (Seen::Start(start), "startOverride") => {
                    if let (Some(list), Some(level), Some(from)) = (list, level, number(start)) {
                        lists.lists.entry(list).or_default().1.insert(level, from);
                    }
                }
                (Seen::Start(start), name) => {
                    if let (Some(id), Some(level)) = (id, level) {
                        let level = lists.abstracts.entry(id).or_default().entry(level).or_insert(Level {
                            start: 1,
                            format: "decimal".to_owned(),
                            text: String::new(),
                            arabic: false,
                        });
                        match name {
                            "start" => level.start = number(start).unwrap_or(1),
                            "numFmt" => level.format = value(start).unwrap_or_default(),
                            "lvlText" => level.text = value(start).unwrap_or_default(),
                            "isLgl" => level.arabic = is_on(start),
                            _ => {}
                        }
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(lists)
    }
}

/// The numbers of lists as Word counts them.
#[derive(Default)]
struct Numbers {
    lists: Lists,
    /// Last number of each level of an abstract list.
    counters: HashMap<(u32, u32), u32>,
    seen: std::collections::HashSet<u32>,
}

impl Numbers {
    /// What Word prints before the next paragraph of a list.
    fn next(&mut self, list: u32, level: u32) -> Option<String> {
        /// Word has nine levels.
        const LEVELS: u32 = 9;
        let (of, anew) = self.lists.lists.get(&list)?;
        let (of, level) = (*of, level.min(LEVELS - 1));
        if self.seen.insert(list) {
            for (level, from) in anew {
                self.counters.insert((of, *level), from.saturating_sub(1));
            }
        }
        let levels = self.lists.abstracts.get(&of)?;
        let this = levels.get(&level)?;
        let counter = self.counters.entry((of, level)).or_insert(this.start.saturating_sub(1));
        *counter = counter.saturating_add(1);
        for deeper in level + 1..LEVELS {
            self.counters.remove(&(of, deeper));
        }
        if this.format == "bullet" {
            let sign = this.text.trim();
            return Some(if sign == "+" { "+" } else { "-" }.to_owned());
        }
        if this.format == "none" {
            return None;
        }
        let mut out = String::new();
        let mut chars = this.text.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                out.push(c);
                continue;
            }
            let Some(wanted) = chars.next().and_then(|c| c.to_digit(10)).and_then(|n| n.checked_sub(1)) else {
                continue;
            };
            let Some(shown) = levels.get(&wanted) else { continue };
            let n = self.counters.get(&(of, wanted)).copied().unwrap_or(shown.start);
            out.push_str(&printed_number(n, if this.arabic { "decimal" } else { &shown.format }));
        }
        Some(out.trim().to_owned()).filter(|label| !label.is_empty())
    }
}

/// A number in one of Word's formats. Letters go through the English alphabet, as Word prints them.
fn printed_number(n: u32, format: &str) -> String {
    let letters = |first: u8| {
        let n = n.saturating_sub(1);
        let letter = char::from(first + u8::try_from(n % 26).unwrap_or(0));
        // Behind z Word repeats the letter; nobody counts to the hundredth z.
        std::iter::repeat_n(letter, (n / 26 + 1).min(4) as usize).collect::<String>()
    };
    match format {
        "lowerLetter" => letters(b'a'),
        "upperLetter" => letters(b'A'),
        "lowerRoman" => roman(n).to_lowercase(),
        "upperRoman" => roman(n),
        "decimalZero" => format!("{n:02}"),
        _ => n.to_string(),
    }
}

pub(crate) fn roman(mut n: u32) -> String {
    const SIGNS: &[(u32, &str)] = &[
        (1000, "M"),
        (900, "CM"),
        (500, "D"),
        (400, "CD"),
        (100, "C"),
        (90, "XC"),
        (50, "L"),
        (40, "XL"),
        (10, "X"),
        (9, "IX"),
        (5, "V"),
        (4, "IV"),
        (1, "I"),
    ];
    /// Larger ones are no numbers of clauses.
    const LARGEST: u32 = 3_999;
    if n > LARGEST {
        return n.to_string();
    }
    let mut out = String::new();
    for (value, sign) in SIGNS {
        while n >= *value {
            out.push_str(sign);
            n -= value;
        }
    }
    out
}

enum Block {
    Paragraph(Paragraph),
    Table(Vec<Vec<Vec<Block>>>),
}

#[derive(Default)]
struct Paragraph {
    style: Option<String>,
    in_list: InList,
    centred: bool,
    /// Its mark was deleted: the next paragraph goes on with it.
    joined: bool,
    runs: Vec<Run>,
    boxes: Vec<Block>,
}

#[derive(Default)]
struct Run {
    face: Face,
    style: Option<String>,
    text: String,
}

struct Table {
    rows: Vec<Vec<Vec<Block>>>,
    deleted: bool,
}

/// The tree of the document as it is read.
#[derive(Default)]
struct Body {
    /// Stories that are open: the body, cells, text boxes.
    stories: Vec<Vec<Block>>,
    paragraphs: Vec<Paragraph>,
    tables: Vec<Table>,
    /// Elements that are open, by name.
    open: Vec<&'static str>,
    /// How many elements deep in something that is not printed.
    skip: usize,
    /// Whether text here is printed text.
    in_text: bool,
    /// Paragraphs, runs and cells so far.
    nodes: usize,
}

/// Elements whose place matters to those inside them.
const NAMES: &[&str] = &["pPr", "rPr", "trPr", "r", "p", "tbl", "tr", "tc", "txbxContent", "del", "moveFrom"];

impl Body {
    fn read(xml: &str) -> Result<Vec<Block>, Unreadable> {
        let mut body = Body { stories: vec![Vec::new()], ..Body::default() };
        walk(xml, |seen, name| {
            match seen {
                Seen::Start(start) => {
                    body.nodes += usize::from(matches!(name, "p" | "r" | "tc" | "tr" | "tbl"));
                    if body.nodes > NODES_MAX {
                        return Err(Unreadable::TooLong);
                    }
                    body.start(start, name);
                }
                Seen::End => body.end(name),
                Seen::Text(text) => {
                    if body.in_text && body.skip == 0 {
                        body.push(text);
                    }
                }
            }
            Ok(())
        })?;
        // What a cut file left open is kept.
        while let Some(paragraph) = body.paragraphs.pop() {
            body.stories[0].push(Block::Paragraph(paragraph));
        }
        Ok(std::mem::take(&mut body.stories[0]))
    }

    fn within(&self, name: &str) -> bool {
        self.open.last() == Some(&name)
    }

    fn push(&mut self, text: &str) {
        if let Some(run) = self.paragraphs.last_mut().and_then(|p| p.runs.last_mut()) {
            run.text.push_str(text);
        }
    }

    fn start(&mut self, start: &BytesStart<'_>, name: &str) {
        if self.skip > 0 {
            self.skip += 1;
            return;
        }
        let in_pr = self.within("rPr") || self.within("pPr") || self.within("trPr");
        // A second rendering of the same content, and what was deleted or moved away.
        if name == "Fallback" || matches!(name, "del" | "moveFrom") && !in_pr {
            self.skip = 1;
            return;
        }
        let paragraph_mark = self.open.ends_with(&["pPr", "rPr"]);
        match name {
            "p" => self.paragraphs.push(Paragraph::default()),
            "r" => {
                if let Some(p) = self.paragraphs.last_mut() {
                    p.runs.push(Run::default());
                }
            }
            "t" => self.in_text = true,
            "tab" if self.within("r") => self.push("\t"),
            "br" | "cr" if self.within("r") => self.push("\n"),
            "noBreakHyphen" if self.within("r") => self.push("-"),
            // In TCVN3 its place is that of "ư"; elsewhere it is taken out with the encoding settled.
            "softHyphen" if self.within("r") => self.push("\u{ad}"),
            "sym" if self.within("r") => {
                let sign = attribute(start, "char").and_then(|hex| u32::from_str_radix(&hex, 16).ok());
                if let Some(c) = sign.and_then(char::from_u32) {
                    self.push(c.encode_utf8(&mut [0; 4]));
                }
            }
            "tbl" => self.tables.push(Table { rows: Vec::new(), deleted: false }),
            "tr" => {
                if let Some(table) = self.tables.last_mut() {
                    table.rows.push(Vec::new());
                    table.deleted = false;
                }
            }
            "tc" | "txbxContent" => self.stories.push(Vec::new()),
            "del" if paragraph_mark => {
                if let Some(p) = self.paragraphs.last_mut() {
                    p.joined = true;
                }
            }
            "del" if self.within("trPr") => {
                if let Some(table) = self.tables.last_mut() {
                    table.deleted = true;
                }
            }
            "pStyle" => self.with_paragraph(|p| p.style = value(start)),
            "jc" if self.within("pPr") => {
                self.with_paragraph(|p| p.centred = value(start).as_deref() == Some("center"));
            }
            "numId" => self.with_paragraph(|p| p.in_list.list = number(start)),
            "ilvl" => self.with_paragraph(|p| p.in_list.level = number(start)),
            "rStyle" if !paragraph_mark => self.with_run(|run| run.style = value(start)),
            _ if self.within("rPr") && !paragraph_mark => self.with_run(|run| run.face.see(start, name)),
            _ => {}
        }
        if let Some(name) = NAMES.iter().find(|known| **known == name) {
            self.open.push(name);
        }
    }

    fn with_paragraph(&mut self, set: impl FnOnce(&mut Paragraph)) {
        if let Some(p) = self.paragraphs.last_mut() {
            set(p);
        }
    }

    fn with_run(&mut self, set: impl FnOnce(&mut Run)) {
        if let Some(run) = self.paragraphs.last_mut().and_then(|p| p.runs.last_mut()) {
            set(run);
        }
    }

    fn end(&mut self, name: &str) {
        if self.skip > 0 {
            self.skip -= 1;
            return;
        }
        match name {
            "t" => self.in_text = false,
            "p" => {
                if let (Some(p), Some(story)) = (self.paragraphs.pop(), self.stories.last_mut()) {
                    story.push(Block::Paragraph(p));
                }
            }
            "tc" => {
                if let Some(cell) = self.close_story()
                    && let Some(row) = self.tables.last_mut().and_then(|table| table.rows.last_mut())
                {
                    row.push(cell);
                }
            }
            "tr" => {
                if let Some(table) = self.tables.last_mut().filter(|table| table.deleted) {
                    table.rows.pop();
                    table.deleted = false;
                }
            }
            "tbl" => {
                if let (Some(table), Some(story)) = (self.tables.pop(), self.stories.last_mut()) {
                    story.push(Block::Table(table.rows));
                }
            }
            "txbxContent" => {
                if let Some(content) = self.close_story() {
                    self.with_paragraph(|p| p.boxes.extend(content));
                }
            }
            _ => {}
        }
        if self.open.last() == Some(&name) {
            self.open.pop();
        }
    }

    fn close_story(&mut self) -> Option<Vec<Block>> {
        if self.stories.len() > 1 { self.stories.pop() } else { None }
    }
}

/// Words by which a table is known to be a frame for the head or the closing, not a table of figures or tasks.
const FRAMES: &[&str] = &["xã hội chủ nghĩa", "độc lập - tự do", "nơi nhận", "đảng cộng sản việt nam"];

struct Out {
    printed: Printed,
    chars: usize,
    numbers: Numbers,
    styles: Styles,
}

impl Out {
    fn blocks(&mut self, blocks: &[Block], top: bool) -> Result<(), Unreadable> {
        let mut last_centred = false;
        let mut joined = false;
        for block in blocks {
            match block {
                Block::Paragraph(p) => {
                    // Lines of a title stand together, other paragraphs of the body apart.
                    if top && !joined && !(p.centred && last_centred) {
                        self.printed.line("\n");
                    }
                    self.paragraph(p)?;
                    joined = p.joined;
                    if !joined {
                        self.printed.line("\n");
                    }
                    last_centred = p.centred;
                    if !p.boxes.is_empty() {
                        self.printed.line("\n");
                        self.blocks(&p.boxes, false)?;
                        self.printed.line("\n");
                    }
                }
                Block::Table(rows) => {
                    self.printed.line("\n");
                    self.table(rows)?;
                    self.printed.line("\n");
                    last_centred = false;
                }
            }
        }
        Ok(())
    }

    fn paragraph(&mut self, p: &Paragraph) -> Result<(), Unreadable> {
        let style = p.style.as_deref().or(self.styles.usual.as_deref());
        let blank = p.runs.iter().all(|run| run.text.trim().is_empty());
        if !blank
            && let Some((list, level)) = self.styles.in_list(p.in_list, style)
            && let Some(label) = self.numbers.next(list, level)
        {
            count(&mut self.chars, &label)?;
            self.printed.line(&label);
            self.printed.line(" ");
        }
        for run in &p.runs {
            let face = self.styles.face(&run.face, run.style.as_deref(), style);
            if face.hidden == Some(true) {
                continue;
            }
            count(&mut self.chars, &run.text)?;
            self.printed.run(face.font.as_deref().unwrap_or_default(), face.caps == Some(true), &run.text);
        }
        Ok(())
    }

    fn table(&mut self, rows: &[Vec<Vec<Block>>]) -> Result<(), Unreadable> {
        let words = fold(&plain_rows(rows));
        let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
        let head_row = rows.first().map(|row| fold(&plain_rows(std::slice::from_ref(row)))).unwrap_or_default();
        let tasks = head_row.trim_start().starts_with("tt") || head_row.trim_start().starts_with("stt");
        let frame = FRAMES.iter().any(|mark| words.contains(mark));
        if frame || columns < 2 || columns == 2 && rows.len() < 3 && !tasks {
            for cell in rows.iter().flatten() {
                self.blocks(cell, false)?;
                self.printed.line("\n");
            }
            return Ok(());
        }
        for row in rows {
            self.printed.line("|");
            for cell in row {
                self.printed.line(" ");
                self.cell(cell)?;
                self.printed.line(" |");
            }
            self.printed.line("\n");
        }
        Ok(())
    }

    /// A cell of a table of tasks or figures, on one line.
    fn cell(&mut self, blocks: &[Block]) -> Result<(), Unreadable> {
        let from = self.printed.mark();
        self.blocks(blocks, false)?;
        self.printed.flatten(from);
        Ok(())
    }
}

fn count(chars: &mut usize, text: &str) -> Result<(), Unreadable> {
    *chars += text.len();
    if *chars > CHARS_MAX { Err(Unreadable::TooLong) } else { Ok(()) }
}

/// The words of a table, to tell what it is for.
fn plain_rows(rows: &[Vec<Vec<Block>>]) -> String {
    /// Enough to tell.
    const LEN_MAX: usize = 4_000;
    fn add(blocks: &[Block], out: &mut String) {
        for block in blocks {
            if out.len() > LEN_MAX {
                return;
            }
            match block {
                Block::Paragraph(p) => {
                    for run in &p.runs {
                        out.push_str(&run.text);
                    }
                    out.push(' ');
                }
                Block::Table(rows) => rows.iter().flatten().for_each(|cell| add(cell, out)),
            }
        }
    }
    let mut out = String::new();
    rows.iter().flatten().for_each(|cell| add(cell, &mut out));
    out
}
