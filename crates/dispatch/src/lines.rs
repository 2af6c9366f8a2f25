//! Lines: which are noise, and what each of the others could be.

use std::sync::LazyLock;

use memchr::memmem;

use crate::kinds::Kind;
use crate::numbers;
use crate::text::Text;

/// A printed line, without blank lines, rules and page numbers.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Line {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// A blank line, a rule or a page number stands before it.
    pub(crate) blank_before: bool,
    /// A form feed or a page number stands before it.
    pub(crate) page_before: bool,
    /// White space before its first character.
    pub(crate) indent: usize,
    /// A rule stands before it.
    pub(crate) rule_before: bool,
    pub(crate) marks: u32,
}

pub(crate) const QUOC_HIEU: u32 = 1;
pub(crate) const TIEU_NGU: u32 = 1 << 1;
pub(crate) const DANG: u32 = 1 << 2;
pub(crate) const NUMBER: u32 = 1 << 3;
pub(crate) const KINH_GUI: u32 = 1 << 4;
pub(crate) const NOI_NHAN: u32 = 1 << 5;
pub(crate) const TITLE: u32 = 1 << 6;
pub(crate) const SIGN: u32 = 1 << 7;
pub(crate) const ANNEX: u32 = 1 << 8;
pub(crate) const COPY: u32 = 1 << 9;
pub(crate) const STAMP: u32 = 1 << 10;
pub(crate) const END: u32 = 1 << 11;
pub(crate) const PLACE_DATE: u32 = 1 << 12;
pub(crate) const CAPS: u32 = 1 << 13;
pub(crate) const TABLE: u32 = 1 << 14;
pub(crate) const SUBJECT: u32 = 1 << 15;
pub(crate) const DIGITAL: u32 = 1 << 16;
pub(crate) const URGENT: u32 = 1 << 17;

impl Line {
    pub(crate) fn has(&self, marks: u32) -> bool {
        self.marks & marks != 0
    }
}

/// Reads the lines of a text in one pass.
pub(crate) fn read(text: &Text<'_>) -> Vec<Line> {
    let mut lines = Vec::new();
    let (mut blank, mut page, mut rule) = (false, false, false);
    let mut at = 0;
    let bytes = text.norm.as_bytes();
    while at < bytes.len() {
        let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n);
        match noise(&text.fold[at..end]) {
            Noise::Blank => blank = true,
            Noise::Page => {
                blank = true;
                page = true;
            }
            Noise::Rule => {
                blank = true;
                rule = true;
            }
            Noise::None => {
                let marks = marks(text, at, end);
                lines.push(Line {
                    start: at,
                    end,
                    indent: text.indent(at),
                    blank_before: blank,
                    page_before: page,
                    rule_before: rule,
                    marks,
                });
                (blank, page, rule) = (false, false, false);
            }
        }
        at = end + 1;
    }
    lines
}

enum Noise {
    None,
    Blank,
    Page,
    Rule,
}

fn noise(fold: &str) -> Noise {
    let Some(first) = fold.bytes().next() else { return Noise::Blank };
    if first == 0x0C {
        return Noise::Page;
    }
    if fold.len() <= 16 {
        let core = fold.trim_matches(|c: char| matches!(c, '-' | '–' | '—' | ' ' | '[' | ']' | '|'));
        let core = core.strip_prefix("trang ").or_else(|| core.strip_prefix("page ")).unwrap_or(core);
        let (number, of) = core.split_once('/').unwrap_or((core, "1"));
        let small = |s: &str| !s.is_empty() && s.len() <= 3 && s.bytes().all(|b| b.is_ascii_digit());
        let (number, of) = (number.trim(), of.trim());
        // "24/24" and "24/7" cut off at the margin are words, not page numbers.
        let page = small(number) && small(of) && number != "24";
        if page || small(number) && core == number {
            return Noise::Page;
        }
    }
    let rule = |c: char| {
        matches!(
            c,
            '-' | '_'
                | '='
                | '.'
                | '·'
                | '…'
                | '~'
                | '*'
                | '─'
                | '—'
                | '–'
                | '|'
                | ' '
                | ':'
                | '+'
                | '•'
                | '"'
                | '`'
                | '\''
        )
    };
    if fold.chars().all(rule) {
        return Noise::Rule;
    }
    if first == b'!' && fold.starts_with("![") {
        return Noise::Blank;
    }
    Noise::None
}

/// Whether a stretch is set in capitals; a stray small letter of a bad scan is forgiven.
pub(crate) fn is_caps(norm: &str) -> bool {
    let (mut upper, mut small) = (0usize, 0usize);
    for c in norm.chars() {
        if c.is_ascii_lowercase() {
            small += 1;
        } else if c.is_ascii_uppercase() {
            upper += 1;
        } else if !c.is_ascii() && crate::text::is_letter(c) {
            if crate::text::lower(c) == c { small += 1 } else { upper += 1 }
        }
        if small > 3 && small * 8 > upper + 24 {
            return false;
        }
    }
    upper >= 2 && small * 8 <= upper
}

type Finder = memmem::Finder<'static>;

/// Words of the national motto and of the Party's header.
static MOTTO: LazyLock<(Finder, Finder, Finder, Finder)> = LazyLock::new(|| {
    (
        memmem::Finder::new("xã hội chủ nghĩa việt nam"),
        memmem::Finder::new("hạnh phúc"),
        memmem::Finder::new("đảng cộng sản"),
        memmem::Finder::new("ngày"),
    )
});

/// Lines longer than this are body text and carry no mark but that of an end.
const MARKED_LEN_MAX: usize = 400;

fn marks(text: &Text<'_>, start: usize, end: usize) -> u32 {
    let fold = &text.fold[start..end];
    let norm = &text.norm[start..end];
    let mut marks = 0;
    if end - start < 3 {
        return marks;
    }
    if ends(fold) {
        marks |= END;
    }
    let bare = fold.trim_start_matches(['-', '–', '+', '*', ' ', '|', '(', '"', '“']);
    if bare.starts_with("kính gửi") || bare.starts_with("kính gởi") {
        marks |= KINH_GUI;
    }
    if end - start > MARKED_LEN_MAX {
        return marks;
    }
    if first_is_table(fold) {
        marks |= TABLE;
    }
    let caps = is_caps(norm);
    if caps {
        marks |= CAPS;
    }
    let has = |finder: &memmem::Finder<'_>| finder.find(fold.as_bytes()).is_some();
    if has(&MOTTO.0) && (caps || norm.contains("CỘNG")) {
        marks |= QUOC_HIEU;
    }
    if has(&MOTTO.1) && fold.contains("độc lập") {
        marks |= TIEU_NGU;
    }
    if end - start < 100 && has(&MOTTO.2) && norm.contains("ĐẢNG CỘNG SẢN VIỆT NAM") {
        marks |= DANG;
    }
    if place_date(fold) {
        marks |= PLACE_DATE;
    }
    let mut from = start;
    for gap in text.gaps_in(start, end).iter().copied().chain([end]) {
        marks |= segment_marks(&text.fold[from..gap], &text.norm[from..gap]);
        from = (gap + 1).min(end);
    }
    if fold.contains('|') {
        for (cell_fold, cell_norm) in fold.split('|').zip(norm.split('|')) {
            marks |= segment_marks(cell_fold.trim(), cell_norm.trim());
        }
    }
    marks
}

fn first_is_table(fold: &str) -> bool {
    fold.starts_with('|') || memchr::memchr_iter(b'|', fold.as_bytes()).take(2).count() >= 2
}

fn segment_marks(fold: &str, norm: &str) -> u32 {
    let bare = fold.trim_start_matches(['-', '–', '+', '*', ' ', '|', '(', '"', '“', '[']);
    let Some(first) = bare.chars().next() else { return 0 };
    let mut marks = 0;
    if numbers::label(fold).is_some_and(|found| found.has_digits && found.has_symbol) {
        marks |= NUMBER;
    }
    match first {
        'k' => {
            if bare.starts_with("kính gửi") || bare.starts_with("kính gởi") {
                marks |= KINH_GUI;
            }
            if bare.starts_with("ký bởi") {
                marks |= DIGITAL;
            }
        }
        'n' => {
            if is_noi_nhan(bare) {
                marks |= NOI_NHAN;
            }
            if bare.starts_with("người ký:") || bare.starts_with("ngày ký:") {
                marks |= DIGITAL;
            }
        }
        't' if bare.starts_with("thời gian ký") => marks |= DIGITAL,
        's' if bare.starts_with("signature valid") || bare.starts_with("signature not verified") => marks |= DIGITAL,
        'd' if bare.starts_with("digitally signed") => marks |= DIGITAL,
        'v' if bare.starts_with("v/v") => marks |= SUBJECT,
        _ => {}
    }
    if is_copy(bare) {
        marks |= COPY;
    }
    let urgent = bare.trim_end_matches(['.', ':', '!', ')', ']', ' ', '|', '"', '”']);
    if matches!(urgent, "hỏa tốc" | "thượng khẩn" | "khẩn") || urgent.starts_with("hỏa tốc hẹn giờ")
    {
        marks |= URGENT;
    }
    let inline_stamp = norm.trim_start().starts_with("ĐẾN")
        && bare.contains("số")
        && (bare.contains("ngày") || bare.contains("giờ"))
        && bare.len() < 80;
    if inline_stamp || matches!(urgent, "đến" | "công văn đến" | "cv đến" | "văn bản đến") && is_caps(norm)
    {
        marks |= STAMP;
    }
    if is_annex(bare, norm) {
        marks |= ANNEX;
    }
    if is_caps(norm) {
        if title(bare).is_some() {
            marks |= TITLE;
        }
        if crate::signature::is_sign(bare) {
            marks |= SIGN;
        }
    }
    marks
}

pub(crate) fn is_noi_nhan(bare: &str) -> bool {
    ["nơi nhận", "nơi gửi", "nơi nhân", "noi nhận"].iter().any(|label| {
        bare.strip_prefix(label).is_some_and(|rest| {
            let rest = rest.trim_start();
            rest.is_empty() || rest.starts_with([':', '.', ';', '-']) || rest.starts_with('(')
        })
    })
}

pub(crate) fn is_copy(bare: &str) -> bool {
    let core = bare.trim_end_matches([':', '.', '-', ' ', '|']);
    matches!(core, "sao lục" | "sao y" | "sao y bản chính" | "sao y bản gốc" | "trích sao" | "bản sao y" | "sao y bản")
        || ["sao y", "sao lục", "trích sao"].iter().any(|word| {
            core.strip_prefix(word).is_some_and(|rest| {
                rest.len() < 60 && (rest.contains("số") && rest.contains('/') || rest.trim_start().starts_with(';'))
            })
        })
}

pub(crate) fn is_annex(bare: &str, norm: &str) -> bool {
    let heading = bare.strip_prefix("phụ lục").or_else(|| bare.strip_prefix("phụ biểu"));
    if let Some(rest) = heading {
        let rest = rest.trim();
        let numeral = rest
            .trim_start_matches("số ")
            .trim_start_matches(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'i', 'v', 'x', 'a', 'b', 'c', 'd']);
        return is_caps(norm) || rest.is_empty() || numeral.is_empty() || numeral.starts_with([':', '.', '-']);
    }
    bare.starts_with("mẫu số") && bare.len() < 60 || bare.starts_with("biểu số") && bare.len() < 60
}

/// The type named by a title line, and the rest of the line.
pub(crate) fn title(bare: &str) -> Option<(Kind, &str)> {
    if let Some((kind, len)) = Kind::at_start(bare) {
        let rest = bare[len..].trim_start();
        let ok = rest.is_empty()
            || rest.len() < 40
                && (rest.starts_with("khẩn")
                    || rest.starts_with("hỏa tốc")
                    || rest.starts_with("thượng khẩn")
                    || rest.starts_with("số")
                    || rest.starts_with('(')
                    || rest.starts_with(':')
                    || rest.starts_with("kết luận")
                    || rest.starts_with('-'));
        return ok.then_some((kind, rest));
    }
    // Letters set apart: "C Ô N G  Đ I Ệ N".
    let mut chars = bare.chars();
    chars.next()?;
    if chars.next() != Some(' ') || bare.len() > 60 {
        return None;
    }
    let parts: Vec<&str> = bare.split(' ').filter(|part| !part.is_empty()).collect();
    if parts.len() < 5 || parts.iter().any(|part| part.chars().count() != 1) {
        return None;
    }
    let joined: String = parts.concat();
    Kind::ALL.iter().copied().find(|kind| kind.title().replace(' ', "") == joined).map(|kind| (kind, ""))
}

/// Whether a folded text ends with the mark of the end: "./.", "/.", ". /.", "/.".
pub(crate) fn ends(fold: &str) -> bool {
    let core = fold.trim_end_matches([' ', '"', '”', '*', '_', '|']);
    core.ends_with("/.") && !core.ends_with("//.") || core.ends_with("/. .")
}

fn place_date(fold: &str) -> bool {
    let Some(at) = MOTTO.3.find(fold.as_bytes()) else { return false };
    let rest = &fold[at..];
    (rest.contains("tháng")
        && rest.contains("năm")
        && rest.len() < 60
        && fold[..at].trim_end().ends_with([',', '.', ';'])
        || at == 0 && rest.contains("tháng") && rest.contains("năm") && rest.len() < 45)
        && at < 90
}
