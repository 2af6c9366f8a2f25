#![doc = include_str!("../README.md")]

use std::sync::LazyLock;

use serde_json::{Value as Json, json};
use typst::{
    Library, LibraryExt as _, World, comemo,
    diag::{FileError, FileResult, SourceDiagnostic},
    foundations::{Bytes, Datetime, Duration, Smart},
    syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot},
    text::{Font, FontBook},
    utils::LazyHash,
};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;
use typst_svg::SvgOptions;
use vx_dispatch::{Block, FORM, Layout, MOTTO, Properties, STATE};

/// Why a document could not be set. It is a fault of ours: whatever somebody typed can be set.
#[derive(Debug, thiserror::Error)]
#[error("the document could not be set: {0}")]
pub struct Fault(String);

/// A document that was set.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The file.
    pub pdf: Vec<u8>,
    /// Its pages.
    pub n_pages: usize,
}

/// What is the same for every document.
struct Press {
    library: LazyHash<Library>,
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
    source: Source,
    data: FileId,
}

/// The four faces of the type of the State's documents, in a free font of the same measures.
const FACES: [&[u8]; 4] = [
    include_bytes!("../fonts/LiberationSerif-Regular.ttf"),
    include_bytes!("../fonts/LiberationSerif-Bold.ttf"),
    include_bytes!("../fonts/LiberationSerif-Italic.ttf"),
    include_bytes!("../fonts/LiberationSerif-BoldItalic.ttf"),
];

static PRESS: LazyLock<Press> = LazyLock::new(|| {
    let fonts: Vec<Font> = FACES.iter().flat_map(|face| Font::iter(Bytes::new(*face))).collect();
    let file = |name: &str| {
        let path = VirtualPath::new(name).expect("the names of our two files are sound paths");
        FileId::new(RootedPath::new(VirtualRoot::Project, path))
    };
    Press {
        library: LazyHash::new(Library::default()),
        book: LazyHash::new(FontBook::from_fonts(&fonts)),
        fonts,
        source: Source::new(file("paper.typ"), include_str!("paper.typ").to_owned()),
        data: file("paper.json"),
    }
});

/// One document on the press: our source, and its words as data.
struct Sheet {
    press: &'static Press,
    words: Bytes,
}

impl World for Sheet {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }
    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.book
    }
    fn main(&self) -> FileId {
        self.press.source.id()
    }
    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.press.source.id() { Ok(self.press.source.clone()) } else { Err(FileError::AccessDenied) }
    }
    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.press.data { Ok(self.words.clone()) } else { Err(FileError::AccessDenied) }
    }
    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.get(index).cloned()
    }
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        // The same document is the same file on every day.
        None
    }
}

/// What the source reads: the layout, with what it cannot work out itself.
fn words(layout: &Layout, properties: &Properties) -> Result<Vec<u8>, serde_json::Error> {
    let mut json = json!({
        "form": FORM, "state": STATE, "motto": MOTTO, "layout": layout,
        "title": properties.title, "author": properties.author,
    });
    if let Some(Json::Array(pieces)) = json.pointer_mut("/layout/body") {
        for (piece, block) in pieces.iter_mut().zip(&layout.body) {
            match block {
                Block::Paragraph { .. } => {}
                Block::Table { table, .. } => {
                    piece["numeric"] = json!(table.numeric());
                    piece["widths"] = json!(table.widths());
                }
                Block::Chart { chart, .. } => piece["svg"] = json!(chart.svg()),
            }
        }
    }
    serde_json::to_vec(&json)
}

fn told(faults: impl IntoIterator<Item = SourceDiagnostic>) -> Fault {
    Fault(faults.into_iter().map(|fault| fault.message.to_string()).collect::<Vec<_>>().join("; "))
}

/// How many documents what was worked out for one is kept: fonts and source stay warm, words of old ones go.
const KEPT_FOR: usize = 2;

fn set(layout: &Layout, properties: &Properties) -> Result<PagedDocument, Fault> {
    let words = words(layout, properties).map_err(|error| Fault(error.to_string()))?;
    let sheet = Sheet { press: &PRESS, words: Bytes::new(words) };
    typst::compile::<PagedDocument>(&sheet).output.map_err(told)
}

/// A page of a document as a drawing (SVG), with the same lines as the PDF, and how many pages there are. Pages count
/// from 1; a page that is not there is none.
///
/// # Errors
/// As [`pdf`].
pub fn page(layout: &Layout, properties: &Properties, number: usize) -> Result<(Option<String>, usize), Fault> {
    let set = set(layout, properties)?;
    let page = number.checked_sub(1).and_then(|at| set.pages().get(at));
    let drawn = page.map(|page| typst_svg::svg(page, &SvgOptions::default()));
    comemo::evict(KEPT_FOR);
    Ok((drawn, set.pages().len()))
}

/// Sets a document as PDF. It keeps the processor busy: not to be called where pages are served. The same layout and
/// properties are the same bytes.
///
/// # Errors
/// When the source of the form has a fault; never because of what stands in the document.
pub fn pdf(layout: &Layout, properties: &Properties) -> Result<Printed, Fault> {
    let set = set(layout, properties)?;
    let options = PdfOptions {
        ident: Smart::Custom(format!("{}\n{}", properties.author, properties.title)),
        creator: Smart::Custom(Some("Vùng Xanh".to_owned())),
        ..PdfOptions::default()
    };
    let pdf = typst_pdf::pdf(&set, &options).map_err(told)?;
    comemo::evict(KEPT_FOR);
    Ok(Printed { pdf, n_pages: set.pages().len() })
}
