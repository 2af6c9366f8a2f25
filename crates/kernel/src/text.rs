//! Vietnamese text (văn bản tiếng Việt): keys for finding, comparing and sorting.
//!
//! Three questions, three keys. *Is this the same name for a person who types without marks?* [`fold`].
//! *Is this the same word, whichever way the tone mark is placed?* [`tone_normal`].
//! *Which comes first in a list?* [`sort_key`]. None of them is meant to be shown.

use std::sync::LazyLock;

use icu_collator::options::CollatorOptions;
use icu_collator::preferences::CollationNumericOrdering;
use icu_collator::{Collator, CollatorBorrowed, CollatorPreferences};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The key for finding without marks (khóa tìm kiếm không dấu).
///
/// Marks are stripped, `đ` becomes `d`, letters become lower case, every run of other characters becomes one space.
/// Composed and decomposed input give the same key.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut key = String::with_capacity(text.len());
    let mut gap = false;
    for char in text.nfd() {
        if is_combining_mark(char) {
            continue;
        }
        if !char.is_alphanumeric() {
            gap = true;
            continue;
        }
        if gap && !key.is_empty() {
            key.push(' ');
        }
        gap = false;
        match char {
            'đ' | 'Đ' | 'ð' | 'Ð' => key.push('d'),
            _ if char.is_ascii() => key.push(char.to_ascii_lowercase()),
            _ => key.extend(char.to_lowercase()),
        }
    }
    key
}

/// The text with tone marks where the older convention puts them (kiểu đặt dấu thanh cũ): `hoả` → `hỏa`, `uỷ` → `ủy`.
///
/// Both conventions are in official use, often in one document, so names are compared through this key.
/// Only `oa`, `oe` and `uy` at the end of a syllable are affected; `quý` and `hoàn` stay. The result is composed (NFC).
#[must_use]
pub fn tone_normal(text: &str) -> String {
    let mut chars: Vec<char> = text.nfc().collect();
    for at in 1..chars.len() {
        if chars.get(at + 1).is_some_and(|next| next.is_alphabetic()) {
            continue;
        }
        let after_q = at > 1 && matches!(chars[at - 2], 'q' | 'Q');
        let Some((vowel, tone)) = split_tone(chars[at]) else { continue };
        let moved = match (chars[at - 1], vowel.to_ascii_lowercase()) {
            (glide @ ('o' | 'O'), 'a' | 'e') => with_tone(glide, tone),
            (glide @ ('u' | 'U'), 'y') if !after_q => with_tone(glide, tone),
            _ => None,
        };
        if let Some(glide) = moved {
            chars[at - 1] = glide;
            chars[at] = vowel;
        }
    }
    chars.into_iter().collect()
}

fn split_tone(char: char) -> Option<(char, char)> {
    let mut parts = std::iter::once(char).nfd();
    let (base, tone) = (parts.next()?, parts.next()?);
    let is_tone = matches!(tone, '\u{300}' | '\u{301}' | '\u{303}' | '\u{309}' | '\u{323}');
    (base.is_ascii() && is_tone && parts.next().is_none()).then_some((base, tone))
}

fn with_tone(base: char, tone: char) -> Option<char> {
    [base, tone].into_iter().nfc().next()
}

/// Names the collation behind [`sort_key`]. Stored keys are remade when it differs from the one they were made with.
pub const SORT_KEY_VERSION: &str = "icu4x-2.4-vi-kn";

static COLLATOR: LazyLock<CollatorBorrowed<'static>> = LazyLock::new(|| {
    let mut preferences = CollatorPreferences::from(icu_locale_core::locale!("vi"));
    preferences.numeric_ordering = Some(CollationNumericOrdering::True);
    Collator::try_new(preferences, CollatorOptions::default())
        .expect("the Vietnamese collation is compiled into the library")
});

/// Bytes whose order is the Vietnamese order of the texts (thứ tự từ điển tiếng Việt), digits by value: Quận 2 before Quận 10.
///
/// Stored beside a name so that every database sorts alike. Keys of different [`SORT_KEY_VERSION`] must not be mixed.
#[must_use]
pub fn sort_key(text: &str) -> Vec<u8> {
    let mut key = Vec::with_capacity(text.len() * 2);
    let Ok(()) = COLLATOR.write_sort_key_to(text, &mut key);
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fold_makes_keys_without_marks() {
        let check = |text: &str, key: &str| assert_eq!(fold(text), key, "{text}");
        check("Nguyễn Thị Đào", "nguyen thi dao");
        check("  Bà Rịa -  Vũng Tàu. ", "ba ria vung tau");
        check("ĐẮK LẮK", "dak lak");
        check("Cu\u{031b}\u{0300}a \u{0110}a\u{0323}i", "cua dai");
        check("M’Đrắk / Ea H'leo", "m drak ea h leo");
        check("Sở LĐ-TB&XH", "so ld tb xh");
        check("Phường 05", "phuong 05");
        check("", "");
        check("…!?", "");
        assert_eq!(fold("Mỹ Xuyên"), fold(&"Mỹ Xuyên".nfd().collect::<String>()));
    }

    #[test]
    fn tone_normal_unites_both_conventions() {
        let check = |text: &str, normal: &str| assert_eq!(tone_normal(text), normal, "{text}");
        check("Hoả tốc", "Hỏa tốc");
        check("Hỏa tốc", "Hỏa tốc");
        check("Uỷ ban", "Ủy ban");
        check("HOÀ BÌNH", "HÒA BÌNH");
        check("thuỷ, khoẻ", "thủy, khỏe");
        check("quý, quỳ, Quỹ", "quý, quỳ, Quỹ");
        check("hoàn toàn, thuỳnh, khoẻn", "hoàn toàn, thuỳnh, khoẻn");
        check("loá", "lóa");
        check("Khánh Hoà", "Khánh Hòa");
        check("hoă\u{301}c", "hoắc");
        check("a", "a");
        check("", "");
    }

    #[test]
    fn sort_keys_follow_the_vietnamese_alphabet() {
        let order = [
            "An",
            "Ăn",
            "Ấp",
            "Âu",
            "Cao Bằng",
            "Cần Thơ",
            "Dak",
            "Đà Nẵng",
            "Lạng Sơn",
            "Lào Cai",
            "Lâm Đồng",
            "Quận 2",
            "Quận 10",
            "Sóc Trăng",
            "Tam",
            "Tám",
            "Tạm",
            "Ưng",
        ];
        for pair in order.windows(2) {
            assert!(sort_key(pair[0]) < sort_key(pair[1]), "{} before {}", pair[0], pair[1]);
        }
        assert_eq!(sort_key("Đà Nẵng"), sort_key(&"Đà Nẵng".nfd().collect::<String>()));
    }
}
