//! Phrases found by their first word.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A hash for words of a few bytes; the keys are ours, so nobody can choose them to collide.
#[derive(Clone, Copy, Default)]
pub(crate) struct WordHasher(u64);

impl Hasher for WordHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.0 = (self.0.rotate_left(5) ^ u64::from_le_bytes(word)).wrapping_mul(0x517c_c1b7_2722_0a95);
        }
    }
}

pub(crate) type WordMap<K, V> = HashMap<K, V, BuildHasherDefault<WordHasher>>;

/// Phrases by their first word, longest first.
pub(crate) struct Phrases<'a>(WordMap<String, Vec<(String, &'a str)>>);

impl<'a> Phrases<'a> {
    pub(crate) fn new(list: impl IntoIterator<Item = &'a str>) -> Phrases<'a> {
        let mut map: WordMap<String, Vec<(String, &'a str)>> = WordMap::default();
        for phrase in list {
            let low = crate::text::fold(phrase);
            map.entry(first_word(&low).to_owned()).or_default().push((low, phrase));
        }
        for list in map.values_mut() {
            list.sort_by_key(|(low, _)| std::cmp::Reverse(low.len()));
            list.dedup();
        }
        Phrases(map)
    }

    /// The longest phrase at the start of a folded text, at a word boundary, as it was given.
    pub(crate) fn at(&self, rest: &str) -> Option<&'a str> {
        self.0.get(first_word(rest))?.iter().find(|(low, _)| starts(rest, low)).map(|(_, phrase)| *phrase)
    }

    /// Whether some phrase begins with this word.
    pub(crate) fn has_first(&self, word: &str) -> bool {
        self.0.contains_key(word)
    }
}

/// Whether a text starts with a phrase that ends at a word boundary.
pub(crate) fn starts(rest: &str, phrase: &str) -> bool {
    rest.starts_with(phrase) && !rest[phrase.len()..].chars().next().is_some_and(crate::text::is_word)
}

/// The first word, up to a character that is no letter or digit.
pub(crate) fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !crate::text::is_word(c)).unwrap_or(text.len());
    &text[..end]
}
