//! Old Vietnamese encodings: TCVN3 (ABC), VNI and windows-1258, told apart by how many words they make syllables of.
//!
//! Basis: TCVN 5712:1993 (VN3), the tables of VNI for Windows, and code page 1258.

use unicode_normalization::UnicodeNormalization;

use crate::text::is_letter;

/// An encoding from before Unicode (bảng mã cũ).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Tcvn3,
    Vni,
    Windows1258,
}

impl Encoding {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Encoding::Tcvn3 => "TCVN3 (ABC)",
            Encoding::Vni => "VNI",
            Encoding::Windows1258 => "windows-1258",
        }
    }

    /// The encoding that the name of a font tells, and whether the font sets everything in capitals.
    pub(crate) fn of_font(font: &str) -> Option<(Encoding, bool)> {
        let name = font.trim();
        // Fonts in PDF files carry six letters before their name.
        let name = match name.split_once('+') {
            Some((tag, rest)) if tag.len() == 6 && tag.bytes().all(|b| b.is_ascii_uppercase()) => rest,
            _ => name,
        };
        let low = name.to_ascii_lowercase();
        if low.starts_with(".vn") {
            let family = name.split([',', '-', ' ']).next().unwrap_or(name);
            return Some((Encoding::Tcvn3, family.ends_with('H')));
        }
        low.starts_with("vni-").then_some((Encoding::Vni, false))
    }

    /// Text whose letters stand at the places of this encoding, as Unicode.
    pub(crate) fn convert(self, text: &str) -> String {
        match self {
            Encoding::Tcvn3 => text.chars().map(tcvn3).collect(),
            Encoding::Vni => vni(text),
            Encoding::Windows1258 => text.nfc().collect(),
        }
    }
}

/// The upper half of TCVN3 from A1 on; a dot stands for an unused place.
const TCVN3: &str = "ĂÂÊÔƠƯĐăâêôơưđ......àảãáạ.ằẳẵắ.......ặầẩẫấậè.ẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ";

fn tcvn3(c: char) -> char {
    match place(c) {
        Some(byte @ 0xA1..) => TCVN3.chars().nth(usize::from(byte - 0xA1)).filter(|letter| *letter != '.').unwrap_or(c),
        _ => c,
    }
}

/// The byte for which a character stands in a font of 256 letters.
fn place(c: char) -> Option<u8> {
    match c {
        // The micro sign and the letter mu look alike, and converters swap them.
        '\u{3bc}' => Some(0xB5),
        '\u{f0a0}'..='\u{f0ff}' => u8::try_from(u32::from(c) - 0xF000).ok(),
        '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(c)).ok(),
        _ => None,
    }
}

/// Marks of VNI behind a letter: the mark as a character of Latin-1, what it makes of a, and what it means elsewhere.
const VNI_MARKS: &[(char, &str)] = &[
    ('ù', "\u{301}"),
    ('ø', "\u{300}"),
    ('û', "\u{309}"),
    ('õ', "\u{303}"),
    ('ï', "\u{323}"),
    ('â', "\u{302}"),
    ('á', "\u{302}\u{301}"),
    ('à', "\u{302}\u{300}"),
    ('å', "\u{302}\u{309}"),
    ('ã', "\u{302}\u{303}"),
    ('ä', "\u{302}\u{323}"),
    ('ê', "\u{306}"),
    ('é', "\u{306}\u{301}"),
    ('è', "\u{306}\u{300}"),
    ('ú', "\u{306}\u{309}"),
    ('ü', "\u{306}\u{303}"),
    ('ë', "\u{306}\u{323}"),
];

/// Letters of VNI that stand alone.
const VNI_LETTERS: &[(char, char)] =
    &[('ñ', 'đ'), ('ô', 'ơ'), ('ö', 'ư'), ('æ', 'ỉ'), ('ó', 'ĩ'), ('ò', 'ị'), ('î', 'ỵ'), ('ì', 'ì'), ('í', 'í')];

fn vni(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().map(|c| place(c).map_or(c, char::from)).peekable();
    while let Some(c) = chars.next() {
        let low = small(c);
        let big = low != c;
        let sized = |letter: char| if big { letter.to_uppercase().next().unwrap_or(letter) } else { letter };
        let letter = VNI_LETTERS.iter().find(|(sign, _)| *sign == low).map_or(c, |(_, letter)| sized(*letter));
        let base = small(letter);
        let mark = chars.peek().and_then(|next| VNI_MARKS.iter().find(|(mark, _)| *mark == small(*next)));
        let Some((_, mark)) = mark.filter(|(_, mark)| {
            let (hat, breve) = (mark.starts_with('\u{302}'), mark.starts_with('\u{306}'));
            match base {
                'a' => true,
                'e' | 'o' => !breve,
                'u' | 'y' | 'ơ' | 'ư' => !hat && !breve,
                _ => false,
            }
        }) else {
            out.push(letter);
            continue;
        };
        chars.next();
        out.extend(std::iter::once(letter).chain(mark.chars()).nfc());
    }
    out
}

fn small(c: char) -> char {
    c.to_lowercase().next().unwrap_or(c)
}

/// Code page 1252 from 80 on, as far as it differs from Latin-1; old texts take their quotes from there.
const WINDOWS: &str = "€.‚ƒ„…†‡ˆ‰Š‹Œ.Ž..‘’“”•–—˜™š›œ.žŸ";

/// Bytes as characters of code page 1252.
pub(crate) fn windows(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match byte {
            0x80..0xA0 => {
                WINDOWS.chars().nth(usize::from(byte - 0x80)).filter(|c| *c != '.').unwrap_or(char::from(*byte))
            }
            _ => char::from(*byte),
        })
        .collect()
}

/// Bytes as characters of code page 1258, whose tone marks are loose.
fn windows_1258(bytes: &[u8]) -> String {
    windows(bytes)
        .chars()
        .map(|c| match c {
            'Ã' => 'Ă',
            'Ì' => '\u{300}',
            'Ð' => 'Đ',
            'Ò' => '\u{309}',
            'Õ' => 'Ơ',
            'Ý' => 'Ư',
            'Þ' => '\u{303}',
            'ã' => 'ă',
            'ì' => '\u{301}',
            'ð' => 'đ',
            'ò' => '\u{323}',
            'õ' => 'ơ',
            'ý' => 'ư',
            'þ' => '₫',
            c => c,
        })
        .nfc()
        .collect()
}

/// Beyond this much of a text its encoding is known.
const SAMPLE_MAX: usize = 64 * 1024;
/// So many words with letters above ASCII say something.
const WORDS_MIN: usize = 3;
/// For text that is valid Unicode already more must speak against it.
const WORDS_MIN_UNICODE: usize = 12;

/// How many of the words with letters above ASCII are Vietnamese syllables.
#[derive(Clone, Copy, Default)]
struct Score {
    words: usize,
    syllables: usize,
}

impl Score {
    fn of(text: &str) -> Score {
        let mut score = Score::default();
        for word in text.split(|c: char| c.is_whitespace() || c.is_ascii() && !c.is_ascii_alphabetic()) {
            let word = word.trim_matches(|c: char| matches!(c, '\u{2010}'..='\u{2026}' | '«' | '»'));
            if word.is_ascii() {
                continue;
            }
            score.words += 1;
            score.syllables += usize::from(is_syllable(word));
        }
        score
    }

    /// In hundredths.
    fn share(self) -> usize {
        (self.syllables * 100).checked_div(self.words).unwrap_or(0)
    }
}

/// Reads bytes that are not Unicode; none if no encoding fits clearly better than the others.
pub(crate) fn decode(bytes: &[u8]) -> Option<(String, Encoding)> {
    const CLEAR: usize = 80;
    const AHEAD: usize = 12;
    let sample = &bytes[..bytes.len().min(SAMPLE_MAX)];
    let read = |bytes: &[u8], encoding: Encoding| match encoding {
        Encoding::Windows1258 => windows_1258(bytes),
        other => other.convert(&windows(bytes)),
    };
    let mut scores = [Encoding::Tcvn3, Encoding::Vni, Encoding::Windows1258]
        .map(|encoding| (Score::of(&read(sample, encoding)), encoding));
    scores.sort_by_key(|(score, _)| std::cmp::Reverse(score.share()));
    let [(best, encoding), (second, _), _] = scores;
    (best.words >= WORDS_MIN && best.share() >= CLEAR && best.share() >= second.share() + AHEAD)
        .then(|| (capital_lines(&read(bytes, encoding), encoding), encoding))
}

/// TCVN3 has no capital letters with tones: they are typed small and shown by a font of capitals. A line whose plain
/// letters are all capitals was meant so.
fn capital_lines(text: &str, encoding: Encoding) -> String {
    const LETTERS_MIN: usize = 3;
    if encoding != Encoding::Tcvn3 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let upper = line.bytes().filter(u8::is_ascii_uppercase).count();
        if upper >= LETTERS_MIN && !line.bytes().any(|b| b.is_ascii_lowercase()) {
            out.push_str(&line.to_uppercase());
        } else {
            out.push_str(line);
        }
    }
    out
}

/// What text that is Unicode in form is in truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Unicode,
    Old(Encoding),
    /// Unicode and something older side by side; which is which cannot be told.
    Mixed,
}

/// Judges text by its words. Anything with Vietnamese letters of Unicode is left alone.
pub(crate) fn judge(text: &str) -> Verdict {
    const CLEAR: usize = 90;
    const AHEAD: usize = 20;
    /// Vietnamese of Unicode that happens to use Latin-1 only reads as syllables far more often than this.
    const SELF_MAX: usize = 40;
    if text.is_ascii() {
        return Verdict::Unicode;
    }
    let sample = &text[..crate::units::floor(text, SAMPLE_MAX)];
    let own = Score::of(sample);
    let [tcvn3, vni] = [Encoding::Tcvn3, Encoding::Vni].map(|e| Score::of(&e.convert(sample)));
    if sample.chars().any(is_vietnamese) {
        let strange = sample
            .split(|c: char| c.is_whitespace() || c.is_ascii_punctuation())
            .filter(|word| word.chars().count() > 1 && !word.is_ascii() && !word.chars().any(is_vietnamese))
            .filter(|word| !is_syllable(word))
            .filter(|word| [Encoding::Tcvn3, Encoding::Vni].iter().any(|e| is_syllable(&e.convert(word))))
            .take(WORDS_MIN_UNICODE)
            .count();
        return if strange >= WORDS_MIN_UNICODE { Verdict::Mixed } else { Verdict::Unicode };
    }
    let (best, second, encoding) =
        if tcvn3.share() >= vni.share() { (tcvn3, vni, Encoding::Tcvn3) } else { (vni, tcvn3, Encoding::Vni) };
    let old = own.words >= WORDS_MIN_UNICODE
        && own.share() <= SELF_MAX
        && best.share() >= CLEAR
        && best.share() >= second.share() + AHEAD;
    if old { Verdict::Old(encoding) } else { Verdict::Unicode }
}

/// Whether text set in a font of an old encoding is in truth Unicode: people change the keyboard and not the font.
pub(crate) fn is_unicode_after_all(text: &str, encoding: Encoding) -> bool {
    text.chars().any(is_vietnamese) || {
        let sample = &text[..crate::units::floor(text, SAMPLE_MAX)];
        Score::of(sample).share() > Score::of(&encoding.convert(sample)).share()
    }
}

/// Letters that only Unicode has, and only Vietnamese uses.
fn is_vietnamese(c: char) -> bool {
    matches!(c, '\u{1ea0}'..='\u{1ef9}' | 'ă' | 'Ă' | 'đ' | 'Đ' | 'ĩ' | 'Ĩ' | 'ũ' | 'Ũ' | 'ơ' | 'Ơ' | 'ư' | 'Ư')
}

/// Whether a word is built like a Vietnamese syllable: initial, vowels with at most one tone, final.
fn is_syllable(word: &str) -> bool {
    #[rustfmt::skip]
    const INITIALS: &[&str] = &[
        "ngh", "ng", "nh", "gh", "gi", "kh", "ph", "th", "tr", "ch", "qu", "b", "c", "d", "đ", "g", "h", "k", "l",
        "m", "n", "p", "r", "s", "t", "v", "x", "",
    ];
    #[rustfmt::skip]
    const VOWELS: &[&str] = &[
        "a", "ă", "â", "e", "ê", "i", "o", "ô", "ơ", "u", "ư", "y", "ai", "ao", "au", "ay", "âu", "ây", "eo", "êu",
        "ia", "iê", "iêu", "iu", "oa", "oai", "oao", "oay", "oă", "oe", "oeo", "oi", "oo", "ôi", "ơi", "ua", "uâ",
        "uây", "uă", "ue", "uê", "ui", "uô", "uôi", "uơ", "uy", "uya", "uyê", "uyu", "ưa", "ưi", "ươ", "ươi", "ươu",
        "ưu", "yê", "yêu",
    ];
    const FINALS: &[&str] = &["", "c", "ch", "m", "n", "ng", "nh", "p", "t"];
    const LETTERS_MAX: usize = 7;
    let mut plain = String::new();
    let mut tones = 0;
    let mut letters = 0;
    for c in word.chars().flat_map(char::to_lowercase) {
        letters += 1;
        if letters > LETTERS_MAX || !is_letter(c) {
            return false;
        }
        for part in std::iter::once(c).nfd() {
            match part {
                '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}' => tones += 1,
                part => plain.push(part),
            }
        }
    }
    let plain: String = plain.nfc().collect();
    tones <= 1
        && INITIALS
            .iter()
            .filter_map(|initial| plain.strip_prefix(initial))
            .any(|rest| FINALS.iter().filter_map(|end| rest.strip_suffix(end)).any(|vowels| VOWELS.contains(&vowels)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_told_from_other_words() {
        for word in ["Ủy", "nhân", "tỉnh", "Trăng", "nghiêm", "quyết", "gì", "giặt", "khuya", "ĐƯỜNG", "ý"]
        {
            assert!(is_syllable(word), "{word}");
        }
        for word in ["déjà", "Uû", "nh©n", "tØnh", "straße", "áá", "ngô!"] {
            assert!(!is_syllable(word), "{word}");
        }
    }

    #[test]
    fn fonts_tell_their_encoding() {
        assert_eq!(Encoding::of_font(".VnTime"), Some((Encoding::Tcvn3, false)));
        assert_eq!(Encoding::of_font("ABCDEF+.VnTimeH,Bold"), Some((Encoding::Tcvn3, true)));
        assert_eq!(Encoding::of_font("VNI-Times"), Some((Encoding::Vni, false)));
        assert_eq!(Encoding::of_font("Times New Roman"), None);
        assert_eq!(Encoding::of_font("Vni"), None);
    }
}
