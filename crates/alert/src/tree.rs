//! A document as a tree of elements, with limits. No declaration is obeyed, no entity expanded, nothing fetched.

use quick_xml::{
    NsReader,
    events::{BytesRef, Event},
    name::ResolveResult,
};

use crate::fault::{Code, Fault};

/// Bytes of a document at the most: a feed of a nation's alerts of a day, many times over.
pub const BYTES_MAX: usize = 8 * 1024 * 1024;
const DEPTH_MAX: usize = 64;
const ELEMENTS_MAX: usize = 200_000;

/// An element.
#[derive(Debug, Default)]
pub(crate) struct Element {
    /// Namespace; empty for none.
    pub(crate) space: String,
    /// Name without prefix.
    pub(crate) name: String,
    /// Line in which it begins, from 1.
    pub(crate) line: usize,
    /// Its own text, of all pieces.
    pub(crate) text: String,
    pub(crate) children: Vec<Element>,
}

/// The document in words: UTF-8, or ISO 8859-1 when it says so.
fn decode(bytes: &[u8]) -> Option<String> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let head = bytes.get(..bytes.len().min(200))?;
    let declared = String::from_utf8_lossy(head.split(|byte| *byte == b'>').next()?).to_lowercase();
    if declared.starts_with("<?xml") && (declared.contains("iso-8859-1") || declared.contains("latin1")) {
        return Some(bytes.iter().map(|byte| char::from(*byte)).collect());
    }
    String::from_utf8(bytes.to_vec()).ok()
}

/// The character of a reference: one of the five of XML, or by its number.
fn referred(entity: &BytesRef<'_>) -> Option<String> {
    if let Ok(Some(character)) = entity.resolve_char_ref() {
        return Some(character.to_string());
    }
    quick_xml::escape::resolve_predefined_entity(entity).map(str::to_owned)
}

/// Reads a document; the root element.
pub(crate) fn read(bytes: &[u8]) -> Result<Element, Fault> {
    let whole = |code, detail: String| Fault::new(code, "", None, detail);
    if bytes.len() > BYTES_MAX {
        return Err(whole(Code::TooLarge, bytes.len().to_string()));
    }
    let text = decode(bytes).ok_or_else(|| whole(Code::Encoding, String::new()))?;
    let mut reader = NsReader::from_str(&text);
    let mut open: Vec<Element> = Vec::new();
    let (mut root, mut n_elements) = (None, 0);
    let (mut line, mut counted) = (1, 0);
    loop {
        let before = usize::try_from(reader.buffer_position()).unwrap_or(counted).clamp(counted, text.len());
        line += text.as_bytes()[counted..before].iter().filter(|byte| **byte == b'\n').count();
        counted = before;
        let at = |code, detail: String| Fault::new(code, "", Some(line), detail);
        let (space, event) = reader.read_resolved_event().map_err(|error| at(Code::NotXml, error.to_string()))?;
        let space = match space {
            ResolveResult::Bound(space) => space.as_ref().to_owned(),
            ResolveResult::Unbound => String::new(),
            ResolveResult::Unknown(prefix) => {
                return Err(at(Code::NotXml, prefix.clone()));
            }
        };
        let mut close = |element: Element, open: &mut Vec<Element>| match open.last_mut() {
            Some(above) => above.children.push(element),
            None => root = Some(element),
        };
        match event {
            Event::Start(ref start) | Event::Empty(ref start) => {
                n_elements += 1;
                if n_elements > ELEMENTS_MAX || open.len() >= DEPTH_MAX {
                    return Err(at(Code::TooLarge, n_elements.to_string()));
                }
                let name = start.local_name().as_ref().to_owned();
                let element = Element { space, name, line, ..Element::default() };
                if matches!(event, Event::Empty(_)) { close(element, &mut open) } else { open.push(element) }
            }
            Event::End(_) => {
                if let Some(element) = open.pop() {
                    close(element, &mut open);
                }
            }
            Event::Text(piece) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&piece);
                }
            }
            Event::CData(piece) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&piece);
                }
            }
            Event::GeneralRef(entity) => {
                let said = entity.to_string();
                let character = referred(&entity).ok_or_else(|| at(Code::Unsafe, said))?;
                if let Some(element) = open.last_mut() {
                    element.text.push_str(&character);
                }
            }
            Event::DocType(_) => return Err(at(Code::Unsafe, "DOCTYPE".to_owned())),
            Event::Eof => break,
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
        }
    }
    if !open.is_empty() {
        return Err(Fault::new(Code::NotXml, "", Some(line), "…"));
    }
    root.ok_or_else(|| whole(Code::NotXml, String::new()))
}
