//! The text as the grammar sees it: mark-up, loose marks and wrong glyphs taken out, with the way back to the source.
//!
//! Two strings of equal length are kept: `norm`, which is quoted in values, and `fold`, in lower case and with the tone
//! mark in one place ("hoả" and "hỏa"), which is matched. Every byte of either leads back to the source by `runs`.

use std::cell::Cell;

use unicode_normalization::char::compose;

use crate::types::Span;

/// A stretch of `norm` that stands in the source at `src`. A wide run is one character whose source has another
/// length, such as a letter with a loose mark.
#[derive(Clone, Copy, Debug)]
struct Run {
    norm: u32,
    src: u32,
    /// Length in the source if it differs from that in `norm`, else 0.
    wide: u32,
}

/// The text in the form that the grammar matches.
pub(crate) struct Text<'a> {
    pub(crate) src: &'a str,
    pub(crate) norm: String,
    pub(crate) fold: String,
    runs: Vec<Run>,
    /// Bold stretches of `norm`, in order.
    pub(crate) bold: Vec<(usize, usize)>,
    /// Places in `norm` where one space stands for a column gap of three or more.
    pub(crate) gaps: Vec<usize>,
    /// First glyph that was put right, and how many.
    pub(crate) glyphs: Option<(Span, usize)>,
    /// Lines that begin with white space: where in `norm`, and how much.
    indents: Vec<(usize, usize)>,
    /// Where the last searches ended.
    hints: [Cell<usize>; 6],
}

struct Builder<'a> {
    src: &'a str,
    norm: String,
    runs: Vec<Run>,
    bold: Vec<(usize, usize)>,
    bold_from: Option<usize>,
    /// Bold by a heading mark ends with the line.
    heading: bool,
    gaps: Vec<usize>,
    glyphs: Option<(Span, usize)>,
    indents: Vec<(usize, usize)>,
    /// Source place up to which the last run is known to be straight.
    expect: usize,
    /// Width of white space met since the last printed character of this line.
    space: usize,
    at_line_start: bool,
}

impl<'a> Text<'a> {
    pub(crate) fn new(src: &'a str) -> Text<'a> {
        let mut b = Builder {
            src,
            norm: String::with_capacity(src.len()),
            runs: Vec::new(),
            bold: Vec::new(),
            bold_from: None,
            heading: false,
            gaps: Vec::new(),
            glyphs: None,
            indents: Vec::new(),
            expect: usize::MAX,
            space: 0,
            at_line_start: true,
        };
        b.run();
        let fold = fold(&b.norm);
        Text {
            src,
            norm: b.norm,
            fold,
            runs: b.runs,
            bold: b.bold,
            gaps: b.gaps,
            glyphs: b.glyphs,
            indents: b.indents,
            hints: Default::default(),
        }
    }

    /// Place in the source of the character that starts at `at`.
    fn src_start(&self, at: usize) -> usize {
        let index = locate(self.runs.len(), &self.hints[0], |i| self.runs[i].norm as usize <= at);
        let Some(run) = index.checked_sub(1).and_then(|i| self.runs.get(i)) else { return 0 };
        if run.wide > 0 { run.src as usize } else { run.src as usize + (at - run.norm as usize) }
    }

    /// Place in the source just behind the character that ends at `at`.
    fn src_end(&self, at: usize) -> usize {
        if at == 0 {
            return 0;
        }
        let index = locate(self.runs.len(), &self.hints[1], |i| (self.runs[i].norm as usize) < at);
        let Some(run) = index.checked_sub(1).and_then(|i| self.runs.get(i)) else { return 0 };
        if run.wide > 0 { (run.src + run.wide) as usize } else { run.src as usize + (at - run.norm as usize) }
    }

    /// The span in the source of a stretch of `norm`.
    pub(crate) fn span(&self, start: usize, end: usize) -> Span {
        if end <= start {
            let at = self.src_start(start.min(self.norm.len()));
            let at = self.boundary(at);
            return Span { start: at, end: at };
        }
        let start = self.boundary(self.src_start(start));
        let mut end = self.src_end(end).clamp(start, self.src.len());
        while !self.src.is_char_boundary(end) {
            end += 1;
        }
        Span { start, end }
    }

    /// White space that stands for invisible characters may lead back into the middle of one.
    fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.src.len());
        while !self.src.is_char_boundary(at) {
            at -= 1;
        }
        at
    }

    /// Whether most of a stretch is bold.
    pub(crate) fn is_bold(&self, start: usize, end: usize) -> bool {
        let index = locate(self.bold.len(), &self.hints[2], |i| self.bold[i].1 <= start);
        self.bold.get(index).is_some_and(|(from, to)| {
            *from <= start + 1 && (*to).min(end).saturating_sub(start) * 10 >= (end - start) * 8
        })
    }

    /// White space at the start of a line.
    pub(crate) fn indent(&self, start: usize) -> usize {
        let index = locate(self.indents.len(), &self.hints[5], |i| self.indents[i].0 < start);
        self.indents.get(index).filter(|(at, _)| *at == start).map_or(0, |(_, space)| *space)
    }

    /// Gaps strictly inside a stretch.
    pub(crate) fn gaps_in(&self, start: usize, end: usize) -> &[usize] {
        let from = locate(self.gaps.len(), &self.hints[3], |i| self.gaps[i] <= start);
        let to = locate(self.gaps.len(), &self.hints[4], |i| self.gaps[i] < end);
        &self.gaps[from..to.max(from)]
    }
}

impl Builder<'_> {
    fn run(&mut self) {
        let bytes = self.src.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let byte = bytes[at];
            at = match byte {
                b'\n' => self.line_end(at, 1),
                b'\r' => {
                    if bytes.get(at + 1) == Some(&b'\n') {
                        at + 1
                    } else {
                        self.line_end(at, 1)
                    }
                }
                0x0C => {
                    self.line_end(at, 1);
                    self.emit(at, 1, '\u{c}');
                    self.line_end(at, 1)
                }
                b' ' => {
                    self.space += 1;
                    at + 1
                }
                b'\t' => {
                    self.space += 4;
                    at + 1
                }
                b'*' | b'#' | b'>' | b'_' | b'\\' | b'<' | b'&' => self.mark_up(at, byte),
                0..=31 | 127 => at + 1,
                33..=126 => self.straight(at),
                _ if plain(bytes, at) > 0 => self.straight(at),
                _ => self.wide(at),
            };
        }
        self.close_bold();
        if self.norm.ends_with('\u{c}') {
            self.norm.push('\n');
        }
    }

    /// Copies a run of plain letters, digits and marks with single spaces between them: nearly all of a text.
    fn straight(&mut self, at: usize) -> usize {
        let bytes = self.src.as_bytes();
        let mut end = at + plain(bytes, at).max(1);
        loop {
            let n = plain(bytes, end);
            if n > 0 {
                end += n;
            } else if bytes.get(end) == Some(&b' ') && plain(bytes, end + 1) > 0 {
                end += 1;
            } else {
                break;
            }
        }
        self.white();
        self.place(at);
        self.norm.push_str(&self.src[at..end]);
        self.expect = end;
        self.at_line_start = false;
        end
    }

    fn wide(&mut self, at: usize) -> usize {
        let Some(c) = self.src[at..].chars().next() else { return self.src.len() };
        let len = c.len_utf8();
        match c {
            '\u{a0}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => {
                self.space += 1;
                at + len
            }
            '\u{2028}' | '\u{2029}' | '\u{85}' => self.line_end(at, len),
            '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => at + len,
            'Ƣ' => self.glyph(at, len, 'Ư'),
            'ƣ' => self.glyph(at, len, 'ư'),
            '\u{d0}' | '\u{189}' => self.glyph(at, len, 'Đ'),
            '\u{f0}' | '\u{256}' => self.glyph(at, len, 'đ'),
            // Loose marks of Vietnamese: grave, acute, circumflex, tilde, breve, hook, horn, dot below.
            '\u{300}'..='\u{36f}' if self.space == 0 => self.combine(at, len, c),
            _ => {
                self.emit(at, len, c);
                at + len
            }
        }
    }

    /// Puts a loose mark on the letter before it.
    fn combine(&mut self, at: usize, len: usize, mark: char) -> usize {
        let letter = |c: &char| matches!(c, 'A'..='Z' | 'a'..='z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}');
        let joined = self.norm.chars().next_back().filter(letter).and_then(|last| Some((last, compose(last, mark)?)));
        let Some((last, joined)) = joined else {
            self.emit(at, len, mark);
            return at + len;
        };
        let start = self.norm.len() - last.len_utf8();
        let run = self.runs.last().copied();
        let src = match run {
            Some(run) if run.norm as usize == start => run.src as usize,
            Some(run) => run.src as usize + (start - run.norm as usize),
            None => 0,
        };
        if run.is_some_and(|run| run.norm as usize == start) {
            self.runs.pop();
        }
        self.norm.truncate(start);
        self.runs.push(Run { norm: start as u32, src: src as u32, wide: (at + len - src) as u32 });
        self.norm.push(joined);
        self.expect = usize::MAX;
        self.note_glyph(src, at + len);
        at + len
    }

    fn glyph(&mut self, at: usize, len: usize, right: char) -> usize {
        self.note_glyph(at, at + len);
        self.emit(at, len, right);
        at + len
    }

    fn note_glyph(&mut self, start: usize, end: usize) {
        match &mut self.glyphs {
            Some((_, count)) => *count += 1,
            None => self.glyphs = Some((Span { start, end }, 1)),
        }
    }

    fn emit(&mut self, at: usize, len: usize, c: char) {
        self.white();
        if c.len_utf8() == len {
            self.place(at);
            self.norm.push(c);
            self.expect = at + len;
        } else {
            self.runs.push(Run { norm: self.norm.len() as u32, src: at as u32, wide: len as u32 });
            self.norm.push(c);
            self.expect = usize::MAX;
        }
        self.at_line_start = false;
    }

    /// Starts a new run if the source does not go on where the last one stopped.
    fn place(&mut self, at: usize) {
        if self.expect != at {
            self.runs.push(Run { norm: self.norm.len() as u32, src: at as u32, wide: 0 });
        }
    }

    /// Writes the white space that was met as one space.
    fn white(&mut self) {
        if self.space == 0 {
            return;
        }
        if self.at_line_start {
            self.indents.push((self.norm.len(), self.space));
        } else {
            if self.space >= 3 {
                self.gaps.push(self.norm.len());
            }
            if self.space != 1 || self.expect == usize::MAX {
                self.expect = usize::MAX;
                // The space stands for several; its own place is that of the character before it.
                let src = self.runs.last().map_or(0, |run| {
                    if run.wide > 0 { run.src + run.wide } else { run.src + (self.norm.len() as u32 - run.norm) }
                });
                self.runs.push(Run { norm: self.norm.len() as u32, src, wide: 0 });
                self.norm.push(' ');
            } else {
                self.norm.push(' ');
                self.expect += 1;
            }
        }
        self.space = 0;
    }

    fn line_end(&mut self, at: usize, len: usize) -> usize {
        self.space = 0;
        if self.heading {
            self.close_bold();
        }
        self.place(at);
        self.norm.push('\n');
        self.expect = at + 1;
        self.at_line_start = true;
        at + len
    }

    fn close_bold(&mut self) {
        self.heading = false;
        if let Some(from) = self.bold_from.take()
            && self.norm.len() > from
        {
            self.bold.push((from, self.norm.len()));
        }
    }

    fn toggle_bold(&mut self) {
        if self.bold_from.is_some() {
            self.close_bold();
        } else {
            // The space before a bold word is not bold.
            self.bold_from = Some(self.norm.len() + usize::from(self.space > 0 && !self.at_line_start));
        }
    }

    fn mark_up(&mut self, at: usize, byte: u8) -> usize {
        match byte {
            b'<' => return self.tag(at),
            b'&' => return self.entity(at),
            _ => {}
        }
        let bytes = self.src.as_bytes();
        let count = bytes[at..].iter().take_while(|b| **b == byte).count();
        let after = bytes.get(at + count).copied();
        let blank = |b: Option<u8>| matches!(b, None | Some(b' ' | b'\n' | b'\r' | b'\t'));
        match byte {
            b'*' => {
                if count == 1 && blank(after) && (self.at_line_start || self.space > 0) {
                    // A bullet, or the asterisk under a Party issuer.
                    self.emit(at, 1, '*');
                } else if count >= 2 && count != 3 || count == 3 && !blank(after) {
                    self.toggle_bold();
                } else if count == 3 {
                    self.close_bold();
                }
                at + count
            }
            b'#' if self.at_line_start && count <= 6 && blank(after) => {
                self.toggle_bold();
                self.heading = true;
                at + count
            }
            b'>' if self.at_line_start && count == 1 && blank(after) => at + 1,
            b'_' if count == 2 && self.at_line_start != blank(after) => at + count,
            b'_' if count == 1
                && ((self.at_line_start || self.space > 0) && !blank(after)
                    || blank(after) && !self.at_line_start && self.space == 0) =>
            {
                at + 1
            }
            b'\\' if after.is_some_and(|b| b.is_ascii_punctuation()) => {
                // An escaped character is printed as it is, mark-up or not.
                let next = at + count;
                self.emit(next, 1, bytes[next] as char);
                next + 1
            }
            _ => {
                for i in 0..count {
                    self.emit(at + i, 1, byte as char);
                }
                at + count
            }
        }
    }

    fn tag(&mut self, at: usize) -> usize {
        const LEN_MAX: usize = 64;
        let bytes = self.src.as_bytes();
        let window = &bytes[at..bytes.len().min(at + LEN_MAX)];
        let Some(len) = memchr::memchr(b'>', window) else {
            self.emit(at, 1, '<');
            return at + 1;
        };
        let inner = &window[1..len];
        let name: Vec<u8> = inner
            .iter()
            .skip_while(|b| **b == b'/')
            .take_while(|b| b.is_ascii_alphanumeric())
            .take(10)
            .map(u8::to_ascii_lowercase)
            .collect();
        match name.as_slice() {
            b"br" | b"p" | b"div" | b"tr" | b"li" | b"table" | b"tbody" | b"thead" | b"h1" | b"h2" | b"h3" | b"h4"
            | b"ul" | b"ol" => {
                self.line_end(at, len + 1);
            }
            b"td" | b"th" => self.space += 3,
            b"b" | b"strong" => self.toggle_bold(),
            b"i" | b"em" | b"u" | b"span" | b"sup" | b"sub" | b"center" | b"font" | b"a" | b"img" => {}
            _ => {
                self.emit(at, 1, '<');
                return at + 1;
            }
        }
        at + len + 1
    }

    fn entity(&mut self, at: usize) -> usize {
        const ENTITIES: &[(&str, char)] =
            &[("&nbsp;", ' '), ("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&ndash;", '–')];
        for (name, c) in ENTITIES {
            if self.src[at..].starts_with(name) {
                if *c == ' ' {
                    self.space += 1;
                } else {
                    self.emit(at, name.len(), *c);
                }
                return at + name.len();
            }
        }
        self.emit(at, 1, '&');
        at + 1
    }
}

/// Length of a character that is copied as it is, else 0: ASCII without mark-up, and the letters of Vietnamese except
/// the look-alikes that are put right.
fn plain(bytes: &[u8], at: usize) -> usize {
    let next = || bytes.get(at + 1).copied().unwrap_or(0);
    match bytes.get(at) {
        Some(
            b'0'..=b'9'
            | b'A'..=b'Z'
            | b'a'..=b'z'
            | b'.'
            | b','
            | b';'
            | b':'
            | b'-'
            | b'/'
            | b'('
            | b')'
            | b'+'
            | b'"',
        ) => 1,
        Some(0xC3) if !matches!(next(), 0x90 | 0xB0) => 2,
        Some(0xC4 | 0xC5) => 2,
        Some(0xC6) if matches!(next(), 0xA0 | 0xA1 | 0xAF | 0xB0) => 2,
        Some(0xE1) if matches!(next(), 0xBA | 0xBB) => 3,
        _ => 0,
    }
}

/// The first index whose element fails a test that holds for a prefix, sought from where the last one was found: places
/// are asked for nearly in order, and a search through all of a long text would miss every cache.
fn locate(len: usize, hint: &Cell<usize>, holds: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, len);
    let from = hint.get().min(len);
    let mut step = 4;
    if from < len && holds(from) {
        low = from + 1;
        while low + step < len {
            if !holds(low + step) {
                high = low + step;
                break;
            }
            low += step + 1;
            step *= 2;
        }
    } else {
        high = from;
        while high > step {
            if holds(high - step) {
                low = high - step + 1;
                break;
            }
            high -= step;
            step *= 2;
        }
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    hint.set(low);
    low
}

/// Lower case without change of length; characters whose lower case is longer or shorter stay as they are.
pub(crate) fn lower(c: char) -> char {
    match c {
        'A'..='Z' => (c as u8 + 32) as char,
        '\u{c0}'..='\u{d6}' | '\u{d8}'..='\u{de}' => char::from_u32(c as u32 + 32).unwrap_or(c),
        'Ă' => 'ă',
        'Đ' => 'đ',
        'Ĩ' => 'ĩ',
        'Ũ' => 'ũ',
        'Ơ' => 'ơ',
        'Ư' => 'ư',
        '\u{1ea0}'..='\u{1ef8}' if (c as u32).is_multiple_of(2) => char::from_u32(c as u32 + 1).unwrap_or(c),
        _ => c,
    }
}

/// Lower case, with the tone mark of "oa", "oe", "uy" on the first vowel, in a string of the same length.
pub(crate) fn fold(norm: &str) -> String {
    let bytes = norm.as_bytes();
    let mut out: Vec<u8> = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        if byte.is_ascii() {
            out.push(byte.to_ascii_lowercase());
            at += 1;
            continue;
        }
        let Some(c) = norm[at..].chars().next() else { break };
        at += c.len_utf8();
        let c = lower(c);
        if let Some((first, second)) = tone_first(&out, c).filter(|_| !norm[at..].starts_with(is_letter)) {
            out.pop();
            out.extend_from_slice(first.as_bytes());
            out.push(second);
            continue;
        }
        out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
    }
    debug_assert_eq!(out.len(), norm.len());
    // Only whole characters were written.
    String::from_utf8(out).unwrap_or_else(|_| norm.to_owned())
}

/// The pair with the tone on its first vowel, if the last letter written and this one are such a pair. Only an open
/// syllable can carry its tone on either vowel; in "hoàn" and "quý" there is one way to write it.
fn tone_first(out: &[u8], c: char) -> Option<(&'static str, u8)> {
    let last = *out.last()?;
    let pair = match (last, c) {
        (b'o', 'à') => ("ò", b'a'),
        (b'o', 'á') => ("ó", b'a'),
        (b'o', 'ả') => ("ỏ", b'a'),
        (b'o', 'ã') => ("õ", b'a'),
        (b'o', 'ạ') => ("ọ", b'a'),
        (b'o', 'ẻ') => ("ỏ", b'e'),
        (b'o', 'ẹ') => ("ọ", b'e'),
        (b'u', 'ỷ') => ("ủ", b'y'),
        (b'u', 'ỵ') => ("ụ", b'y'),
        (b'u', 'ý') => ("ú", b'y'),
        _ => return None,
    };
    let q = out.len() >= 2 && out[out.len() - 2] == b'q';
    (!q).then_some(pair)
}

/// Whether a character is a letter or a digit; the letters of Vietnamese are found without the tables of Unicode.
pub(crate) fn is_word(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_alphanumeric(),
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => c != '\u{d7}' && c != '\u{f7}',
        _ => c.is_alphanumeric(),
    }
}

/// Whether a character is a letter.
pub(crate) fn is_letter(c: char) -> bool {
    is_word(c) && !c.is_ascii_digit()
}

/// Whether a character is a capital.
pub(crate) fn is_upper(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_uppercase(),
        _ => lower(c) != c || c > '\u{1eff}' && c.is_uppercase(),
    }
}

/// Whether a character is a small letter.
pub(crate) fn is_small(c: char) -> bool {
    match c {
        '\0'..='\u{7f}' => c.is_ascii_lowercase(),
        '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' => is_word(c) && lower(c) == c,
        _ => c.is_lowercase(),
    }
}
