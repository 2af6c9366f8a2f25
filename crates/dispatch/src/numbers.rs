//! Numbers and symbols of documents (số, ký hiệu), of the State and of the Party.
//!
//! Basis: NĐ 30/2020/NĐ-CP, Annex I, part II, item 3; HD 36-HD/VPTW for "374-TB/TU".

use crate::kinds::Kind;

/// A number as found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Token {
    /// As printed, without spaces.
    pub(crate) text: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) has_digits: bool,
    pub(crate) has_symbol: bool,
    /// Digits stood apart.
    pub(crate) spaced: bool,
    /// Letters stood in place of digits.
    pub(crate) garbled: bool,
}

/// A label "Số:" and what follows, by bytes of the segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Label {
    /// Where the number begins.
    pub(crate) at: usize,
    /// The label itself is misread.
    pub(crate) garbled: bool,
    pub(crate) has_digits: bool,
    pub(crate) has_symbol: bool,
}

const LABELS: &[(&str, bool)] = &[
    ("số, ký hiệu", true),
    ("số ký hiệu", true),
    ("số/ký hiệu", true),
    ("số hiệu", true),
    ("số", true),
    ("sốl", false),
    ("sô", false),
    ("sồ", false),
    ("sổ", false),
    ("sỗ", false),
    ("sộ", false),
    ("só", false),
    ("sò", false),
    ("sỏ", false),
    ("sõ", false),
    ("so", false),
    ("s6", false),
    ("s0", false),
    ("86", false),
    ("56", false),
    ("5ố", false),
    ("8ố", false),
];

/// Reads a label at the start of a folded segment. A wrong label counts only if a number with a symbol follows.
pub(crate) fn label(fold: &str) -> Option<Label> {
    let lead = fold.len() - fold.trim_start_matches(['-', '–', '*', ' ', '|', '(', '"', '[']).len();
    let rest = &fold[lead..];
    if !matches!(rest.bytes().next(), Some(b's' | b'8' | b'5')) {
        return None;
    }
    let mut found: Option<Label> = None;
    for (word, right) in LABELS {
        let Some(after) = rest.strip_prefix(word) else { continue };
        let trimmed = after.trim_start_matches(' ');
        let (core, colon) = match trimmed.strip_prefix([':', ';', '.', '|', '!']) {
            Some(core) if !(trimmed.starts_with('.') && core.starts_with('.')) => (core, true),
            _ => (trimmed, false),
        };
        // "sốl 0688": the colon was read as a letter.
        if !colon && !trimmed.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '/' | '.' | '…' | 'l' | 'o')) {
            continue;
        }
        if !right && !colon && *word != "sốl" {
            continue;
        }
        let at = fold.len() - core.trim_start_matches([' ', ':']).len();
        let token = token_at(fold, fold, at, true);
        let has_digits = token.as_ref().is_some_and(|t| t.has_digits);
        let has_symbol = token.as_ref().is_some_and(|t| t.has_symbol);
        let label = Label { at, garbled: !right, has_digits, has_symbol };
        if *right && (has_symbol || colon) || has_digits && has_symbol {
            let better = found.is_none_or(|old| !old.has_symbol && has_symbol);
            if better {
                found = Some(label);
            }
        }
    }
    found
}

/// Reads a number at `at`. If `loose`, digits may stand apart, letters may stand for digits and the digits may be
/// blank, as in a header; a citation in running text allows none of this.
///
/// `norm` may be the folded text itself if only the shape matters; then the case of letters is not asked.
pub(crate) fn token_at(norm: &str, fold: &str, at: usize, loose: bool) -> Option<Token> {
    let bytes = fold.as_bytes();
    let blind = std::ptr::eq(norm, fold);
    let mut token = Token { start: at, ..Token::default() };
    let mut end = at;
    let mut i = at;
    // Blank digits: "Số:      /UBND-VX", "Số: ……/KH-UBND".
    if loose {
        let rest = &fold[at..];
        let dots = rest.len() - rest.trim_start_matches([' ', '.', '…', '_']).len();
        if dots > 0 && bytes.get(at + dots) == Some(&b'/') {
            i = at + dots;
        }
    }
    let mut last_digit = None;
    while i < bytes.len() && token.text.len() < 8 {
        match bytes[i] {
            b @ b'0'..=b'9' => {
                if last_digit.is_some_and(|last| i > last + 1) {
                    token.spaced = true;
                }
                token.text.push(b as char);
                token.has_digits = true;
                last_digit = Some(i);
                i += 1;
                end = i;
            }
            b @ (b'o' | b'l' | b'i')
                if loose && (token.has_digits || matches!(bytes.get(i + 1), Some(b'0'..=b'9'))) =>
            {
                token.text.push(if b == b'o' { '0' } else { '1' });
                token.garbled = true;
                token.has_digits = true;
                last_digit = Some(i);
                i += 1;
                end = i;
            }
            b' ' if loose
                && token.has_digits
                && matches!(bytes.get(i + 1), Some(b'0'..=b'9'))
                && digits_then_slash(bytes, i + 1) =>
            {
                i += 1;
            }
            _ => break,
        }
    }
    if token.has_digits && matches!(bytes.get(i), Some(b'0'..=b'9')) {
        return None;
    }
    // "90ĐK", "15a/KH-UBND".
    let suffix: String = norm[i..].chars().take_while(|c| crate::text::is_letter(*c)).take(5).collect();
    if token.has_digits && !suffix.is_empty() && suffix.len() <= 4 {
        let after = &fold[i + suffix.len()..];
        let kind_suffix = matches!(crate::text::fold(&suffix).as_str(), "đk" | "cđ" | "cđk");
        let letter = suffix.chars().count() == 1 && after.starts_with(['/', '-']);
        if kind_suffix || letter {
            token.text.push_str(&suffix);
            i += suffix.len();
            end = i;
            token.has_symbol |= kind_suffix;
        }
    }
    if !(token.has_digits || loose && bytes.get(i) == Some(&b'/')) {
        return None;
    }
    // Groups of the symbol.
    for _ in 0..6 {
        let mut j = i;
        while j < bytes.len() && bytes[j] == b' ' && j < i + 2 {
            j += 1;
        }
        let dash = ['–', '—', '−'].iter().find(|d| fold[j..].starts_with(**d));
        let separator = match bytes.get(j) {
            Some(b'/') => '/',
            Some(b'-') => '-',
            _ if dash.is_some() => '-',
            _ => break,
        };
        j += dash.map_or(1, |d| d.len_utf8());
        let tight = j;
        while j < bytes.len() && bytes[j] == b' ' && j < tight + 2 {
            j += 1;
        }
        let spaced = j > tight || bytes[i] == b' ';
        let group_end = group(norm, j);
        if group_end == j {
            break;
        }
        let group = &norm[j..group_end];
        let upper = group.chars().filter(|c| crate::text::is_upper(*c)).count();
        let letters = group.chars().filter(|c| crate::text::is_letter(*c)).count();
        let year = group.len() == 4 && group.bytes().all(|b| b.is_ascii_digit()) && separator == '/';
        let ok = if year {
            !token.has_symbol && !spaced && group.starts_with(['1', '2'])
        } else if blind {
            letters > 0
                && (token.has_symbol || letters == group.chars().count() || letters * 2 > group.len() || !spaced)
        } else if letters == 0 {
            // A later group may be a bare number: "T-225"; the first may not, or "24/24" would be a number.
            token.has_symbol && separator == '-' && !spaced
        } else if token.has_symbol && separator == '-' {
            upper > 0 && (!spaced || upper * 2 > letters)
        } else {
            upper * 2 > letters || upper >= 2 && !spaced || !spaced && upper == 1 && letters <= 3
        };
        if !ok {
            break;
        }
        token.text.push(separator);
        token.text.push_str(group);
        token.has_symbol |= letters > 0;
        i = group_end;
        end = group_end;
    }
    // A full stop or bracket read as part of the symbol.
    while token.text.ends_with(['.', '&', '(', ',']) {
        token.text.pop();
        end -= 1;
    }
    token.end = end;
    (end > at && (token.has_symbol || token.has_digits)).then_some(token)
}

fn digits_then_slash(bytes: &[u8], from: usize) -> bool {
    let rest = &bytes[from..bytes.len().min(from + 14)];
    let n = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b' ').count();
    matches!(rest.get(n), Some(b'/' | b'-'))
}

fn group(norm: &str, at: usize) -> usize {
    let mut end = at;
    for c in norm[at..].chars() {
        let ok = crate::text::is_word(c) || matches!(c, '&' | '.') && end > at;
        if !ok || end - at > 24 {
            break;
        }
        if c == '.' && !norm[end + 1..].starts_with(|n: char| n.is_ascii_uppercase() || n.is_ascii_digit() || n == 'Đ')
        {
            break;
        }
        end += c.len_utf8();
    }
    end
}

/// The type that a number names. A State number without a type code is that of a công văn.
pub(crate) fn kind_of(number: &str) -> Option<Kind> {
    let fold = crate::text::fold(number);
    let digits = fold.bytes().take_while(u8::is_ascii_digit).count();
    let rest = &fold[digits..];
    let party = rest.starts_with('-');
    let mut groups =
        rest.split(['/', '-']).filter(|g| !(g.is_empty() || g.len() == 4 && g.bytes().all(|b| b.is_ascii_digit())));
    let first = groups.next()?;
    if rest.starts_with(|c: char| crate::text::is_letter(c)) {
        if let Some(kind @ Kind::CongDien) = Kind::of_code(first) {
            return Some(kind);
        }
        let second = groups.next()?;
        return Kind::of_code(second).or((!party).then_some(Kind::CongVan));
    }
    let bare = first.trim_end_matches(|c: char| c.is_ascii_digit());
    if let Some(kind) = Kind::of_code(first).or_else(|| Kind::of_code(bare)) {
        return Some(kind);
    }
    (!party).then_some(Kind::CongVan)
}

/// The symbol of the issuer in a number: "UBND" in "1844/UBND-VX", "SYT" in "3957/KH-SYT", "TU" in "374-TB/TU".
pub(crate) fn issuer_code(number: &str) -> Option<String> {
    let fold = crate::text::fold(number);
    let groups: Vec<&str> =
        fold.split(['/', '-']).skip(1).filter(|g| !g.is_empty() && !g.bytes().all(|b| b.is_ascii_digit())).collect();
    let first = groups.first()?;
    let code = if Kind::of_code(first).is_some() { groups.get(1)? } else { first };
    Some((*code).to_owned())
}
