//! Text together with the fonts in which it is printed, until its encoding is settled.

use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::encodings::{self, Encoding, Verdict};
use crate::findings;

/// Most fonts of a document; real ones have under thirty. Further names are not looked at.
pub(crate) const FONTS_MAX: usize = 400;

/// Text of a document of letters and fonts.
#[derive(Default)]
pub(crate) struct Printed {
    fonts: Vec<String>,
    pieces: Vec<Piece>,
    /// The next letters begin a piece of their own.
    apart: bool,
}

struct Piece {
    font: usize,
    caps: bool,
    text: String,
}

/// What was seen while the encoding was settled.
pub(crate) type Notes = Vec<(&'static findings::Code, String)>;

impl Printed {
    /// Letters in a font.
    pub(crate) fn run(&mut self, font: &str, caps: bool, text: &str) {
        if text.is_empty() {
            return;
        }
        let font = match self.fonts.iter().position(|known| known == font) {
            Some(at) => at,
            None if self.fonts.len() >= FONTS_MAX => 0,
            None => {
                self.fonts.push(font.to_owned());
                self.fonts.len() - 1
            }
        };
        match self.pieces.last_mut() {
            Some(last) if last.font == font && last.caps == caps && !self.apart => last.text.push_str(text),
            _ => self.pieces.push(Piece { font, caps, text: text.to_owned() }),
        }
        self.apart = false;
    }

    /// Line ends and numbers of lists, which are ASCII in any encoding.
    pub(crate) fn line(&mut self, text: &str) {
        match self.pieces.last_mut() {
            Some(last) if !self.apart => last.text.push_str(text),
            _ => self.run("", false, text),
        }
    }

    /// A place to which [`Printed::flatten`] goes back.
    pub(crate) fn mark(&mut self) -> usize {
        self.apart = true;
        self.pieces.len()
    }

    /// Puts everything since a mark on one line of a table.
    pub(crate) fn flatten(&mut self, from: usize) {
        for piece in self.pieces.iter_mut().skip(from) {
            let mut flat = String::with_capacity(piece.text.len());
            for c in piece.text.chars() {
                let c = match c {
                    '|' => '/',
                    c if c.is_whitespace() => ' ',
                    c => c,
                };
                if !(c == ' ' && flat.ends_with(' ')) {
                    flat.push(c);
                }
            }
            piece.text = flat;
        }
        // Edges of a cell are blank on both sides already.
        if let Some(first) = self.pieces.get_mut(from) {
            first.text = first.text.trim_start().to_owned();
        }
        if let Some(last) = self.pieces.last_mut().filter(|_| from < usize::MAX) {
            last.text.truncate(last.text.trim_end_matches(' ').len());
        }
    }

    /// Whether there is any letter or figure.
    pub(crate) fn is_blank(&self) -> bool {
        !self.pieces.iter().any(|piece| piece.text.chars().any(char::is_alphanumeric))
    }

    /// The text in Unicode, and what was done to get there.
    pub(crate) fn finish(self) -> (String, Notes) {
        let mut notes = Notes::new();
        let of_fonts: Vec<Option<(Encoding, bool)>> = self.fonts.iter().map(|font| Encoding::of_font(font)).collect();
        let all_of = |wanted: &dyn Fn(usize) -> bool| -> String {
            let own = self.pieces.iter().filter(|piece| wanted(piece.font));
            own.map(|piece| piece.text.as_str()).collect::<Vec<_>>().join(" ")
        };
        // Fonts of one encoding are judged together: a bold word alone says too little.
        let mut settled: Vec<Option<(Encoding, bool)>> = vec![None; self.fonts.len()];
        for encoding in [Encoding::Tcvn3, Encoding::Vni] {
            let own = |font: usize| of_fonts[font].is_some_and(|(e, _)| e == encoding);
            let text = all_of(&own);
            if text.is_ascii() && !of_fonts.iter().flatten().any(|(e, caps)| *e == encoding && *caps) {
                continue;
            }
            if encodings::is_unicode_after_all(&text, encoding) {
                continue;
            }
            for (font, found) in of_fonts.iter().enumerate().filter(|(font, _)| own(*font)) {
                settled[font] = *found;
            }
            if !text.is_ascii() {
                notes.push((findings::ENCODING_CONVERTED, encoding.name().to_owned()));
            }
        }
        let rest = all_of(&|font| of_fonts[font].is_none());
        match encodings::judge(&rest) {
            Verdict::Old(encoding) => {
                notes.push((findings::ENCODING_CONVERTED, encoding.name().to_owned()));
                for (font, found) in settled.iter_mut().enumerate() {
                    if of_fonts[font].is_none() {
                        *found = Some((encoding, false));
                    }
                }
            }
            Verdict::Mixed => notes.push((findings::ENCODING_MIXED, String::new())),
            Verdict::Unicode => {}
        }
        let mut out = String::new();
        let mut at = 0;
        while let Some(first) = self.pieces.get(at) {
            let (found, caps) = (settled[first.font], first.caps);
            // A letter and its mark may stand in two runs.
            let mut text = String::new();
            while let Some(piece) = self.pieces.get(at).filter(|p| settled[p.font] == found && p.caps == caps) {
                text.push_str(&piece.text);
                at += 1;
            }
            let capital_font = found.is_some_and(|(_, capital)| capital);
            let text = match found {
                Some((encoding, _)) => encoding.convert(&text),
                // Hyphens that show only at the end of a line.
                None => text.replace('\u{ad}', ""),
            };
            if caps || capital_font { out.push_str(&text.to_uppercase()) } else { out.push_str(&text) }
        }
        let out = if is_nfc(&out) { out } else { out.nfc().collect() };
        (out, notes)
    }
}
