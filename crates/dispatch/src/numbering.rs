//! Numbers and bullets at the start of a paragraph.
//!
//! Basis: NĐ 30/2020/NĐ-CP, Annex I, part II, item 6 (phần, chương, mục, điều, khoản, điểm).

/// Style of a number; the order is that of rank, from the highest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Style {
    Phan,
    Chuong,
    Muc,
    Dieu,
    /// A. B. C.
    Capital,
    /// I. II. III.
    Roman,
    /// 1.
    Arabic,
    /// 1)
    ArabicBracket,
    /// 1/
    ArabicSlash,
    /// 1.1, 1.1.1; the depth is in the value.
    Dotted(u8),
    /// (1) at the start of a paragraph.
    Inline,
    /// a)
    Letter,
    Star,
    Dash,
    Plus,
    Dot,
}

/// A number or bullet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Marker {
    pub(crate) style: Style,
    /// Ordinal, if the style has one; for dotted numbers the last group.
    pub(crate) value: u32,
    /// As it stands in a path.
    pub(crate) label: String,
    /// Bytes up to the first character of the text.
    pub(crate) len: usize,
}

impl Marker {
    pub(crate) fn is_bullet(&self) -> bool {
        matches!(self.style, Style::Star | Style::Dash | Style::Plus | Style::Dot)
    }
}

/// Letters of points in Vietnamese order.
pub(crate) const LETTERS: &str = "abcdđeghiklmnopqrstuvxy";
/// Letters that are printed: the lists of Word go through the English alphabet too.
const PRINTED: &str = "abcdđefghijklmnopqrstuvwxyz";

/// Reads a number or bullet at the start of a paragraph.
pub(crate) fn marker(norm: &str, fold: &str) -> Option<Marker> {
    let first = fold.chars().next()?;
    match first {
        '0'..='9' => arabic(norm, fold),
        '(' => inline(fold),
        '-' | '–' | '—' | '+' | '*' | '•' | '·' | '●' | '▪' | '\u{f000}'..='\u{f0ff}' | '➢' | '✓' | '■' | '◦' | '○' => {
            bullet(norm)
        }
        _ => named(norm, fold).or_else(|| roman(norm)).or_else(|| letter(norm, fold)),
    }
}

fn bullet(norm: &str) -> Option<Marker> {
    if !crate::header::is_bullet(norm) {
        return None;
    }
    let c = norm.chars().next()?;
    let (style, label) = match c {
        '-' | '–' | '—' => (Style::Dash, "-"),
        '+' => (Style::Plus, "+"),
        '*' => (Style::Star, "*"),
        _ => (Style::Dot, "•"),
    };
    let rest = &norm[c.len_utf8()..];
    let len = norm.len() - rest.trim_start().len();
    Some(Marker { style, value: 0, label: label.to_owned(), len })
}

fn arabic(norm: &str, fold: &str) -> Option<Marker> {
    let bytes = fold.as_bytes();
    let mut groups = Vec::new();
    let mut at = 0;
    loop {
        let n = bytes[at..].iter().take(4).take_while(|b| b.is_ascii_digit()).count();
        if n == 0 || n > 3 || !groups.is_empty() && (n > 2 || bytes[at] == b'0') {
            break;
        }
        let value: u32 = fold[at..at + n].parse().ok()?;
        groups.push(value);
        at += n;
        if bytes.get(at) == Some(&b'.') && bytes.get(at + 1).is_some_and(u8::is_ascii_digit) && groups.len() < 5 {
            at += 1;
        } else {
            break;
        }
    }
    if groups.is_empty() || groups[0] > 199 {
        return None;
    }
    // "10.000 liều" left its last group unread.
    if bytes.get(at).is_some_and(|b| b.is_ascii_digit()) || bytes.get(at.wrapping_sub(1)) == Some(&b'.') {
        return None;
    }
    let label = || groups.iter().map(u32::to_string).collect::<Vec<_>>().join(".");
    let rest = &norm[at..];
    let (separator, tail) = match bytes.get(at) {
        Some(b'.') => (b'.', &rest[1..]),
        Some(b')') => (b')', &rest[1..]),
        Some(b'/') => (b'/', &rest[1..]),
        Some(b':') if groups.len() == 1 => return None,
        Some(b' ') if rest.starts_with(" - ") => (b'.', &rest[2..]),
        Some(b'-') if rest.starts_with("- ") => (b'.', &rest[1..]),
        Some(b' ' | b':') if groups.len() > 1 => (b' ', &rest[1..]),
        _ => return None,
    };
    let tail = if separator == b'.' { tail.strip_prefix(['-', ')', '/']).unwrap_or(tail) } else { tail };
    let text = tail.trim_start();
    let next = text.chars().next();
    let spaced = text.len() < tail.len();
    let upper = next.is_some_and(|c| crate::text::is_upper(c) || matches!(c, '"' | '“' | '(' | '['));
    if text.is_empty() {
        // A number alone on its line belongs to the next one.
        if separator == b' ' {
            return None;
        }
    } else {
        let word = next.is_some_and(crate::text::is_word);
        let ok = match separator {
            b'/' => spaced && (upper || word),
            b' ' => upper,
            _ => upper || spaced && word,
        };
        if !ok {
            return None;
        }
    }
    let style = match (groups.len(), separator) {
        (1, b')') => Style::ArabicBracket,
        (1, b'/') => Style::ArabicSlash,
        (1, _) => Style::Arabic,
        (n, _) => Style::Dotted(n as u8),
    };
    let value = *groups.last()?;
    Some(Marker { style, value, label: label(), len: norm.len() - text.len() })
}

fn inline(fold: &str) -> Option<Marker> {
    let n = fold[1..].bytes().take(3).take_while(u8::is_ascii_digit).count();
    if n == 0 || n > 2 || fold.as_bytes().get(1 + n) != Some(&b')') {
        return None;
    }
    let value: u32 = fold[1..1 + n].parse().ok()?;
    let rest = &fold[2 + n..];
    Some(Marker { style: Style::Inline, value, label: format!("({value})"), len: fold.len() - rest.trim_start().len() })
}

fn roman_value(text: &str) -> Option<u32> {
    let mut total = 0;
    let mut last = 0;
    for b in text.bytes().rev() {
        let value = match b {
            b'I' => 1,
            b'V' => 5,
            b'X' => 10,
            b'L' => 50,
            _ => return None,
        };
        if value < last {
            total -= value
        } else {
            total += value
        }
        last = last.max(value);
    }
    (1..=60).contains(&total).then_some(total as u32)
}

fn roman(norm: &str) -> Option<Marker> {
    let n = norm.bytes().take(7).take_while(|b| matches!(b, b'I' | b'V' | b'X' | b'L')).count();
    if n == 0 || n > 6 {
        return None;
    }
    let value = roman_value(&norm[..n])?;
    let rest = &norm[n..];
    let tail = match rest.bytes().next() {
        Some(b'.' | b')' | b'/') => &rest[1..],
        Some(b' ') if rest.starts_with(" - ") => &rest[2..],
        Some(b'-') if rest.starts_with("- ") => &rest[1..],
        _ => return None,
    };
    let tail = tail.strip_prefix(['-', '.']).unwrap_or(tail);
    let text = tail.trim_start();
    if !text.is_empty() && text.len() == tail.len() && !text.chars().next().is_some_and(crate::text::is_upper) {
        return None;
    }
    // "V.I.P" and "L.V.A" are no numbers.
    if text.len() == tail.len() && text.chars().nth(1) == Some('.') {
        return None;
    }
    Some(Marker { style: Style::Roman, value, label: norm[..n].to_owned(), len: norm.len() - text.len() })
}

fn letter(norm: &str, fold: &str) -> Option<Marker> {
    let c = norm.chars().next()?;
    let low = fold.chars().next()?;
    let value = PRINTED.chars().position(|l| l == low)? as u32 + 1;
    let rest = &norm[c.len_utf8()..];
    let separator = rest.bytes().next()?;
    if !matches!(separator, b')' | b'.' | b'/') {
        return None;
    }
    let tail = &rest[1..];
    let text = tail.trim_start();
    if text.len() == tail.len()
        && !(separator == b')' && text.chars().next().is_some_and(crate::text::is_upper))
        && !text.is_empty()
    {
        return None;
    }
    let upper = crate::text::is_upper(c);
    if upper && separator == b'/' && text.len() == tail.len() {
        return None;
    }
    let style = if upper { Style::Capital } else { Style::Letter };
    Some(Marker { style, value, label: c.to_string(), len: norm.len() - text.len() })
}

/// "Phần thứ nhất", "Phần I", "Chương II", "Mục 1", "Điều 3."
fn named(norm: &str, fold: &str) -> Option<Marker> {
    let (style, word) =
        [(Style::Phan, "phần "), (Style::Chuong, "chương "), (Style::Muc, "mục "), (Style::Dieu, "điều ")]
            .into_iter()
            .find(|(_, word)| fold.starts_with(word))?;
    if !norm.chars().next().is_some_and(crate::text::is_upper) {
        return None;
    }
    const ORDINALS: &[(&str, u32)] = &[
        ("thứ nhất", 1),
        ("thứ hai", 2),
        ("thứ ba", 3),
        ("thứ tư", 4),
        ("thứ năm", 5),
        ("thứ sáu", 6),
        ("thứ bảy", 7),
        ("thứ tám", 8),
        ("thứ chín", 9),
        ("thứ mười", 10),
    ];
    let rest = &fold[word.len()..];
    let at = word.len();
    let (value, label, end) = if let Some((name, value)) = ORDINALS.iter().find(|(name, _)| rest.starts_with(name)) {
        (*value, value.to_string(), at + name.len())
    } else {
        let digits = rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            (rest[..digits].parse().ok()?, rest[..digits].trim_start_matches('0').to_owned(), at + digits)
        } else {
            let upper = norm[at..].bytes().take(6).take_while(|b| matches!(b, b'I' | b'V' | b'X' | b'L')).count();
            if upper == 0 {
                return None;
            }
            (roman_value(&norm[at..at + upper])?, norm[at..at + upper].to_owned(), at + upper)
        }
    };
    let tail = &norm[end..];
    let separated =
        tail.is_empty() || tail.starts_with(['.', ':', '\n', '-']) || tail.starts_with(" -") || tail.starts_with(" –");
    // "Điều 3 Quyết định này" cites; "Điều 3. Tổ chức" begins a clause. Titles in capitals may lack the stop.
    let caps = crate::lines::is_caps(norm) || crate::lines::is_caps(tail) && style != Style::Dieu;
    if !separated && !caps {
        return None;
    }
    let text = tail.trim_start_matches(['.', ':', ' ', '-', '–']);
    let prefix = match style {
        Style::Phan => "Phần ",
        Style::Chuong => "Chương ",
        Style::Muc => "Mục ",
        _ => "Điều ",
    };
    Some(Marker { style, value, label: format!("{prefix}{label}"), len: norm.len() - text.len() })
}

/// Ordinal of a letter, for the check of gaps.
pub(crate) fn follows(style: Style, last: u32, next: u32) -> bool {
    match style {
        // Lists leave out đ, or e; both habits are met.
        Style::Letter | Style::Capital => next > last && next - last <= 2,
        _ => next == last + 1,
    }
}
