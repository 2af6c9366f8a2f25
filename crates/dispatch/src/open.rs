//! From the bytes of a file to text: plain text, Word, PDF, whatever the encoding.

use crate::decode::{self, Unreadable};
use crate::findings::{Finding, Findings};
use crate::printed::{Notes, Printed};
use crate::types::Outcome;
use crate::{docx, encodings, findings, pdf};

/// In what form a dispatch came (dạng tệp).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Plain text.
    Text,
    /// Word document (.docx).
    Docx,
    /// PDF with a text layer.
    Pdf,
}

/// The text of a file, and what had to be done to get it (tệp đã mở).
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// In what form the text came.
    pub format: Format,
    /// The text: composed (NFC), lines ending in a line feed.
    pub text: String,
    /// Findings about the file as a whole, such as `encoding_converted`.
    pub findings: Vec<Finding>,
}

impl Opened {
    /// Reads the dispatches in the text; each carries the findings about the file, which hold for all of it.
    #[must_use]
    pub fn parse(&self) -> Outcome {
        let mut outcome = crate::parse(&self.text);
        for dispatch in &mut outcome.dispatches {
            dispatch.findings.splice(0..0, self.findings.iter().cloned());
        }
        if outcome.dispatches.is_empty() {
            outcome.findings.splice(0..0, self.findings.iter().cloned());
        }
        outcome
    }
}

/// Opens a file: PDF and Word by their first bytes, anything else as text.
///
/// # Errors
/// [`Unreadable`] if the file holds no text that could be read, with what to do about it.
pub fn open(bytes: &[u8]) -> Result<Opened, Unreadable> {
    const ZIP: &[u8] = b"PK\x03\x04";
    const COMPOUND: &[u8] = b"\xD0\xCF\x11\xE0";
    /// Readers allow some bytes before the header of a PDF file.
    const PDF_WITHIN: usize = 1024;
    if bytes.starts_with(ZIP) {
        return printed(Format::Docx, docx::read(bytes)?, Unreadable::Empty);
    }
    if bytes.starts_with(COMPOUND) {
        // A protected .docx is wrapped in the format of old Word files.
        let wide: Vec<u8> = "EncryptedPackage".bytes().flat_map(|b| [b, 0]).collect();
        let locked = memchr::memmem::find(bytes, &wide).is_some();
        return Err(if locked { Unreadable::Encrypted } else { Unreadable::OldWord });
    }
    let head = &bytes[..bytes.len().min(PDF_WITHIN)];
    if memchr::memmem::find(head, b"%PDF-").is_some_and(|at| at == 0 || !head[..at].is_ascii() || at < 64) {
        return printed(Format::Pdf, pdf::read(bytes)?, Unreadable::Scan);
    }
    let Plain { text, encoding, mixed } = plain(bytes)?;
    let notes = match encoding {
        Some(encoding) => vec![(findings::ENCODING_CONVERTED, encoding.to_owned())],
        None if mixed => vec![(findings::ENCODING_MIXED, String::new())],
        None => Vec::new(),
    };
    Ok(opened(Format::Text, text, notes))
}

/// Text as it was typed, whatever it was typed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plain {
    /// The text, as Unicode.
    pub text: String,
    /// The old encoding that it was converted from: "TCVN3 (ABC)", "VNI", "windows-1258".
    pub encoding: Option<&'static str>,
    /// Whether it mixes Unicode and something older, and was left alone.
    pub mixed: bool,
}

/// Reads bytes as text: Unicode, or an encoding from before it that fits clearly better than the others.
///
/// # Errors
/// [`Unreadable`] if the bytes are empty, no text, or in an encoding that cannot be told.
pub fn plain(bytes: &[u8]) -> Result<Plain, Unreadable> {
    match decode::decode(bytes) {
        Ok(text) => Ok(match encodings::judge(&text) {
            encodings::Verdict::Old(encoding) => {
                Plain { text: encoding.convert(&text), encoding: Some(encoding.name()), mixed: false }
            }
            verdict => Plain { text, encoding: None, mixed: verdict == encodings::Verdict::Mixed },
        }),
        Err(Unreadable::Encoding { at }) => {
            let (text, encoding) = encodings::decode(bytes).ok_or(Unreadable::Encoding { at })?;
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            Ok(Plain { text, encoding: Some(encoding.name()), mixed: false })
        }
        Err(other) => Err(other),
    }
}

fn printed(format: Format, printed: Printed, blank: Unreadable) -> Result<Opened, Unreadable> {
    if printed.is_blank() {
        return Err(blank);
    }
    let (text, notes) = printed.finish();
    Ok(opened(format, spaced(&text), notes))
}

/// At most one blank line at a time, none at the start, and a line end at the end: tables, boxes and empty paragraphs
/// bring more.
fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut blank = 0;
    for line in text.lines() {
        let line = line.trim_end_matches([' ', '\t']);
        if line.is_empty() {
            blank += 1;
            continue;
        }
        if blank > 0 && !out.is_empty() {
            out.push('\n');
        }
        blank = 0;
        out.push_str(line);
        out.push('\n');
    }
    out
}

fn opened(format: Format, text: String, notes: Notes) -> Opened {
    let mut findings = Findings::default();
    for (code, detail) in notes {
        findings.add(code, None, detail);
    }
    Opened { format, text, findings: findings.finish() }
}
