//! A draft laid out as an official document: which text stands in which box of the form, and how the form measures.
//!
//! Every way to show a document goes through here (text, Word, PDF, page on the screen), so all of them say the same.
//! Basis: NĐ 30/2020/NĐ-CP, Annex I.

use serde::Serialize;

use crate::casing;
use crate::charts::Chart;
use crate::draft::{self, Draft, DraftClause, Numbering, SigningFor};
use crate::figures::{Figure, Table};
use crate::kinds::Kind;
use crate::types::Urgency;

/// Measures of the form: millimetres for the page, points for type. Each lies within what Annex I allows.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Form {
    /// Width of the paper: A4 upright.
    pub width_mm: u16,
    /// Height of the paper.
    pub height_mm: u16,
    /// Margin above (20 to 25).
    pub top_mm: u16,
    /// Margin below (20 to 25).
    pub bottom_mm: u16,
    /// Margin on the left, where it is bound (30 to 35).
    pub left_mm: u16,
    /// Margin on the right (15 to 20).
    pub right_mm: u16,
    /// Type of the body (13 to 14).
    pub body_pt: u16,
    /// Type of the name of the State and of the bodies (12 to 13).
    pub head_pt: u16,
    /// Type of the motto, of place and date, of the page number (13 to 14).
    pub motto_pt: u16,
    /// Type of the number (13).
    pub number_pt: u16,
    /// Type of the subject of a letter (12 to 13).
    pub letter_pt: u16,
    /// Type of the label of the recipients (12).
    pub recipients_pt: u16,
    /// Type of the recipients (11).
    pub recipient_pt: u16,
    /// Indent of the first line of a paragraph, in hundredths of a centimetre (1 or 1.27 cm).
    pub indent_cm100: u16,
    /// Space before a paragraph (at least 6).
    pub gap_pt: u16,
}

/// The measures used.
pub const FORM: Form = Form {
    width_mm: 210,
    height_mm: 297,
    top_mm: 20,
    bottom_mm: 20,
    left_mm: 30,
    right_mm: 15,
    body_pt: 14,
    head_pt: 12,
    motto_pt: 13,
    number_pt: 13,
    letter_pt: 12,
    recipients_pt: 12,
    recipient_pt: 11,
    indent_cm100: 127,
    gap_pt: 6,
};

/// The name of the State (Quốc hiệu).
pub const STATE: &str = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM";
/// The motto (Tiêu ngữ).
pub const MOTTO: &str = "Độc lập - Tự do - Hạnh phúc";

/// A document with every text in its box; numbers of boxes are those of Annex I.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Layout {
    /// Body above the issuer (2), in capitals.
    pub parent: Option<String>,
    /// The same as it stands in its box.
    pub parent_lines: Vec<String>,
    /// Issuer (2), in capitals.
    pub issuer: String,
    /// The issuer as it stands in its box: the place below the body.
    pub issuer_lines: Vec<String>,
    /// Number and symbol with its label (3).
    pub number: String,
    /// Place and date (4).
    pub date: String,
    /// Subject of a letter with its label (5b).
    pub letter: Option<String>,
    /// Type in capitals (5a); none for a letter.
    pub title: Option<String>,
    /// Subject below the type (5a).
    pub subject: Option<String>,
    /// Who decides, in capitals, above the grounds of a decision.
    pub author: Option<String>,
    /// Stamp of urgency (10b).
    pub urgency: Option<Stamp>,
    /// To whom (9a).
    pub addressees: Option<Addressees>,
    /// Grounds and command sentence.
    pub grounds: Vec<Ground>,
    /// "QUYẾT ĐỊNH:" between the grounds and the articles of a decision.
    pub decides: Option<&'static str>,
    /// The body (6).
    pub body: Vec<Block>,
    /// Recipients (9b), one string a line, with dash and mark.
    pub recipients: Vec<String>,
    /// Authority and post, in capitals, a string a line (7a).
    pub post: Vec<String>,
    /// Name of the signer (7b); empty as long as nobody has signed.
    pub name: String,
}

/// A stamp of urgency in its box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Stamp {
    /// Its words.
    pub words: &'static str,
    /// Width of the box.
    pub width_mm: u16,
    /// Height of the box.
    pub height_mm: u16,
}

/// To whom a document is addressed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Addressees {
    /// "Kính gửi:", or who telegraphs.
    pub label: String,
    /// With their marks; with a dash when each has its line.
    pub items: Vec<String>,
    /// A single one stands on the line of the label.
    pub inline: bool,
}

/// A paragraph before the clauses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Ground {
    /// Its words.
    pub text: String,
    /// Grounds are set in italics.
    pub italic: bool,
}

/// A piece of the body.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// Words.
    Paragraph {
        /// Number or bullet; empty for a paragraph without one.
        label: String,
        /// Words with their mark.
        text: String,
        /// Whether it is the title of what follows.
        heading: bool,
        /// 1 at the top.
        level: usize,
    },
    /// A table with its numbered caption.
    Table {
        /// "Bảng 1. …"
        caption: String,
        /// The cells.
        table: Table,
    },
    /// A chart with its numbered caption.
    Chart {
        /// "Biểu đồ 1. …"
        caption: String,
        /// The figures.
        chart: Chart,
    },
}

impl Stamp {
    fn of(urgency: Urgency) -> Self {
        let (words, width_mm) = match urgency {
            Urgency::Khan => ("KHẨN", 20),
            Urgency::ThuongKhan => ("THƯỢNG KHẨN", 40),
            Urgency::HoaToc => ("HỎA TỐC", 30),
        };
        Self { words, width_mm, height_mm: 8 }
    }
}

/// A name in capitals, unless its casing could not be told from them.
fn capitals(name: &str) -> String {
    let upper = name.to_uppercase();
    if casing::natural(&upper) == name { upper } else { name.to_owned() }
}

/// "ỦY BAN NHÂN DÂN" and below it "TỈNH SÓC TRĂNG", where one line would not hold both.
fn parted(issuer: &str) -> Vec<String> {
    const LINE_MAX: usize = 26;
    let bodies = ["ỦY BAN NHÂN DÂN ", "HỘI ĐỒNG NHÂN DÂN "];
    let place = bodies.iter().find_map(|body| issuer.strip_prefix(body)).filter(|_| issuer.chars().count() > LINE_MAX);
    match place {
        Some(place) => vec![issuer[..issuer.len() - place.len()].trim_end().to_owned(), place.to_owned()],
        None => vec![issuer.to_owned()],
    }
}

/// Who speaks in a decision or a công điện: the body for which is signed, or the post with its body.
fn author(draft: &Draft) -> String {
    match draft.authority.iter().find(|a| a.by != SigningFor::Tl) {
        Some(a) if a.by == SigningFor::Tm => draft.issuer.clone(),
        Some(a) => format!("{} {}", a.of, draft.issuer),
        None if draft.authority.is_empty() && !draft.title.is_empty() => format!("{} {}", draft.title, draft.issuer),
        None => draft.issuer.clone(),
    }
}

fn addressees(draft: &Draft, author: &str) -> Option<Addressees> {
    let telegram = draft.kind == Kind::CongDien;
    let label = if telegram { format!("{} ĐIỆN:", author.to_uppercase()) } else { "Kính gửi:".to_owned() };
    match draft.addressees.as_slice() {
        [] => None,
        [only] if !telegram => Some(Addressees { label, items: vec![format!("{only}.")], inline: true }),
        list => {
            let mark = |at: usize| if at + 1 == list.len() { "." } else { ";" };
            let items = list.iter().enumerate().map(|(at, one)| format!("- {one}{}", mark(at))).collect();
            Some(Addressees { label, items, inline: false })
        }
    }
}

/// What is told while the body is laid out: how many tables and charts there have been.
#[derive(Default)]
struct Count {
    tables: usize,
    charts: usize,
}

fn figures(list: &[Figure], count: &mut Count, out: &mut Vec<Block>) {
    for figure in list {
        out.push(match figure {
            Figure::Table(table) => {
                count.tables += 1;
                Block::Table { caption: format!("Bảng {}. {}", count.tables, table.caption), table: table.clone() }
            }
            Figure::Chart(chart) => {
                count.charts += 1;
                Block::Chart {
                    caption: format!("Biểu đồ {}. {}", count.charts, chart.caption), chart: chart.clone()
                }
            }
        });
    }
}

/// Longest title of a section, in letters: what is longer is a paragraph.
const HEADING_MAX: usize = 160;

fn clauses(draft: &Draft, list: &[DraftClause], depth: usize, count: &mut Count, out: &mut Vec<Block>) {
    // Sections have titles where there are sections; elsewhere a clause above others is the beginning of a sentence.
    let sections = draft.numbering == Numbering::Roman || matches!(draft.kind, Kind::BaoCao | Kind::KeHoach);
    let labels = draft::labels(draft.numbering, depth, list.len());
    for (clause, (_, label)) in list.iter().zip(labels) {
        let mut further = clause.text.lines();
        let first = further.next().unwrap_or_default();
        let below = !clause.clauses.is_empty();
        let heading = sections
            && clause.lead.is_empty()
            && clause.cooperating.is_empty()
            && clause.dues.is_empty()
            && (below || clause.text.contains('\n') || !clause.figures.is_empty())
            && first.chars().count() <= HEADING_MAX;
        let further: Vec<&str> = further.collect();
        let mark = |last: bool| if last && below { ":" } else { "." };
        let said = draft::said(clause, first);
        let said = if heading { said } else { format!("{said}{}", mark(further.is_empty())) };
        out.push(Block::Paragraph { label, text: said, heading, level: depth + 1 });
        for (at, text) in further.iter().enumerate() {
            let text = format!("{text}{}", mark(at + 1 == further.len() && !heading));
            out.push(Block::Paragraph { label: String::new(), text, heading: false, level: depth + 1 });
        }
        figures(&clause.figures, count, out);
        clauses(draft, &clause.clauses, depth + 1, count, out);
    }
}

impl Layout {
    /// Lays a draft out.
    #[must_use]
    pub fn of(draft: &Draft) -> Self {
        let is_letter = draft.kind == Kind::CongVan;
        let author = author(draft);
        let mut body = Vec::new();
        clauses(draft, &draft.clauses, 0, &mut Count::default(), &mut body);
        if let Some(closing) = &draft.closing {
            let text = format!("{closing}.");
            body.push(Block::Paragraph { label: String::new(), text, heading: false, level: 1 });
        }
        let last = body.iter_mut().rev().find_map(|block| match block {
            Block::Paragraph { text, .. } => Some(text),
            _ => None,
        });
        if let Some(last) = last {
            while last.ends_with(['.', ':']) {
                last.pop();
            }
            last.push_str("./.");
        }
        let mark = |at: usize| if at + 1 == draft.recipients.len() { "." } else { ";" };
        let acting = if draft.acting { "Q. " } else { "" };
        let posts = draft.authority.iter().map(|a| format!("{} {}", a.by.printed(), a.of.to_uppercase()));
        let ground = |text: &String| {
            let is_ground =
                text.starts_with("Căn cứ") || draft.kind == Kind::QuyetDinh && text.starts_with("Theo đề nghị");
            Ground { text: text.clone(), italic: is_ground }
        };
        Self {
            parent: draft.parent_issuer.as_deref().map(capitals),
            parent_lines: draft.parent_issuer.as_deref().map_or_else(Vec::new, |parent| parted(&capitals(parent))),
            issuer_lines: parted(&capitals(&draft.issuer)),
            issuer: capitals(&draft.issuer),
            number: format!("Số: {}", draft.number.as_deref().unwrap_or_default()).trim_end().to_owned(),
            date: format!("{}, {}", draft.place, draft::date_words(draft.issued_on.as_deref())),
            letter: (is_letter && !draft.subject.is_empty()).then(|| format!("V/v {}", draft.subject)),
            title: (!is_letter).then(|| draft.kind.title().to_uppercase()),
            subject: (!is_letter).then(|| draft.subject.clone()),
            author: (draft.kind == Kind::QuyetDinh).then(|| author.to_uppercase()),
            urgency: draft.urgency.map(Stamp::of),
            addressees: addressees(draft, &author),
            grounds: draft.preamble.iter().map(ground).collect(),
            decides: (draft.kind == Kind::QuyetDinh).then_some("QUYẾT ĐỊNH:"),
            body,
            recipients: draft.recipients.iter().enumerate().map(|(at, one)| format!("- {one}{}", mark(at))).collect(),
            post: posts.chain(std::iter::once(format!("{acting}{}", draft.title.to_uppercase()))).collect(),
            name: draft.name.clone(),
        }
    }

    /// The document as text: the left column of the head above the right one, then the body, the recipients and the
    /// signature. Cells of tables stand between bars.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut line = |text: &str| {
            out.push_str(text.trim_end());
            out.push('\n');
        };
        if let Some(parent) = &self.parent {
            line(parent);
        }
        line(&self.issuer);
        line("");
        line(STATE);
        line(MOTTO);
        line("");
        line(&self.number);
        if let Some(letter) = &self.letter {
            line(letter);
        }
        line("");
        line(&self.date);
        if let Some(stamp) = &self.urgency {
            line("");
            line(stamp.words);
        }
        if let Some(title) = &self.title {
            line("");
            line(title);
            line(self.subject.as_deref().unwrap_or_default());
        }
        if let Some(author) = &self.author {
            line("");
            line(author);
        }
        if let Some(to) = &self.addressees {
            line("");
            if to.inline {
                line(&format!("{} {}", to.label, to.items.join(" ")));
            } else {
                line(&to.label);
                line("");
                to.items.iter().for_each(|item| line(item));
            }
        }
        for ground in &self.grounds {
            line("");
            line(&ground.text);
        }
        if let Some(decides) = self.decides {
            line("");
            line(decides);
        }
        for block in &self.body {
            line("");
            match block {
                Block::Paragraph { label, text, .. } if label.is_empty() => line(text),
                Block::Paragraph { label, text, .. } => line(&format!("{label} {text}")),
                Block::Table { caption, table } => rows(caption, table, &mut line),
                Block::Chart { caption, chart } => rows(caption, &Figure::Chart(chart.clone()).as_table(), &mut line),
            }
        }
        line("");
        line("Nơi nhận:");
        self.recipients.iter().for_each(|recipient| line(recipient));
        line("");
        self.post.iter().for_each(|post| line(post));
        if !self.name.is_empty() {
            line("");
            line(&self.name);
        }
        out
    }
}

fn rows(caption: &str, table: &Table, line: &mut impl FnMut(&str)) {
    line(caption);
    for row in std::iter::once(&table.columns).chain(&table.rows) {
        line(&format!("| {} |", row.join(" | ")));
    }
}

/// Whether a line of a text is a caption or a row of a figure, as [`Layout::text`] writes them.
pub(crate) fn is_of_figure(line: &str) -> bool {
    let numbered = |word: &str| {
        let rest = line.strip_prefix(word).and_then(|rest| rest.strip_prefix(' '));
        let after = rest.map(|rest| (rest, rest.trim_start_matches(|c: char| c.is_ascii_digit())));
        after.is_some_and(|(rest, after)| after.len() < rest.len() && after.starts_with('.'))
    };
    line.starts_with('|') || numbered("Bảng") || numbered("Biểu đồ")
}

/// Writes a draft as text; see [`Layout::text`].
#[must_use]
pub fn write(draft: &Draft) -> String {
    Layout::of(draft).text()
}
