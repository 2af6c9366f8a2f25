//! The tree of clauses: nesting of numbers, headings, unnumbered orders, inline lists, annexes.

use crate::assignments;
use crate::body::Para;
use crate::deadlines;
use crate::findings::{self, Findings};
use crate::lines;
use crate::numbering::{self, Marker, Style};
use crate::text::Text;
use crate::types::*;

/// Deepest nesting; real dispatches stop at six.
pub const DEPTH_MAX: usize = 12;
/// Most clauses of one dispatch; what follows is kept as text of the last one.
pub const CLAUSES_MAX: usize = 5000;
/// Inline items of one paragraph.
const INLINE_MAX: usize = 99;
/// Assignments that a heading hands down; a longer list is kept at the heading alone.
const INHERITED_MAX: usize = 64;

/// What the body gave.
#[derive(Default)]
pub(crate) struct Body {
    pub(crate) clauses: Vec<Clause>,
    pub(crate) preamble: Option<Span>,
    pub(crate) commanded: Vec<Assignment>,
}

struct Node {
    parent: Option<usize>,
    path: String,
    depth: usize,
    /// Stretches of paragraphs that are the clause's own words.
    own: Vec<(usize, usize, usize)>,
    span: Span,
    heading: Option<String>,
    bullets: [u32; 4],
    paras: u32,
    /// Style and value of the last numbered child.
    last: Vec<(Style, u32)>,
    has_children: bool,
    /// Cells of a task table that name units or a time limit.
    cells: Vec<(Column, usize, usize, usize)>,
}

/// What a column of a task table holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Column {
    Ordinal,
    Content,
    Lead,
    Cooperating,
    Due,
    Other,
}

/// Cells of a row, by bytes of its paragraph.
fn cells(norm: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut from = usize::from(norm.starts_with('|'));
    let bars = memchr::memchr_iter(b'|', norm.as_bytes()).filter(|at| *at > 0).chain([norm.len()]);
    for bar in bars.take(24) {
        if bar < from {
            continue;
        }
        let cell = &norm[from..bar];
        let start = from + (cell.len() - cell.trim_start().len());
        out.push((start, (from + cell.trim_end().len()).max(start)));
        from = bar + 1;
    }
    out
}

/// The columns of a task table, if a row is the head of one.
fn columns(para: &Para) -> Option<Vec<Column>> {
    let columns: Vec<Column> = cells(&para.norm)
        .into_iter()
        .map(|(start, end)| {
            let cell = &para.fold[start..end];
            let has = |words: &[&str]| words.iter().any(|w| cell.contains(w));
            if matches!(cell, "tt" | "stt" | "số tt" | "số thứ tự") {
                Column::Ordinal
            } else if has(&["thời gian", "thời hạn", "hoàn thành", "tiến độ"]) {
                Column::Due
            } else if has(&["phối hợp"]) && !has(&["chủ trì"]) {
                Column::Cooperating
            } else if has(&[
                "chủ trì",
                "đơn vị thực hiện",
                "cơ quan thực hiện",
                "trách nhiệm",
                "đơn vị chịu",
                "đầu mối",
            ]) {
                Column::Lead
            } else if has(&["nội dung", "nhiệm vụ", "công việc", "hoạt động", "giải pháp"]) {
                Column::Content
            } else {
                Column::Other
            }
        })
        .collect();
    (columns.contains(&Column::Content) && (columns.contains(&Column::Lead) || columns.contains(&Column::Due)))
        .then_some(columns)
}

struct Frame {
    style: Style,
    value: u32,
    label: String,
    node: usize,
    /// An unnumbered paragraph.
    plain: bool,
}

struct Builder<'t, 'a> {
    text: &'t Text<'a>,
    paras: &'t [Para],
    nodes: Vec<Node>,
    stack: Vec<Frame>,
    /// Where unnumbered text goes on: the last clause made.
    current: Option<usize>,
    /// Root of the tree or of an annex.
    root: usize,
    findings: &'t mut Findings,
}

/// Reads the clauses of a body, and those of its annexes.
pub(crate) fn read(
    text: &Text<'_>,
    paras: &[Para],
    annexes: &[Para],
    year: Option<crate::dates::Date>,
    findings: &mut Findings,
) -> Body {
    let mut body = Body::default();
    let mut clauses = tree(text, paras, false, &mut body, findings);
    finish(text, paras, &mut clauses, year, findings, &mut body);
    if !annexes.is_empty() {
        let mut more = tree(text, annexes, true, &mut body, findings);
        finish(text, annexes, &mut more, year, findings, &mut body);
    }
    body
}

fn tree(text: &Text<'_>, paras: &[Para], annex: bool, body: &mut Body, findings: &mut Findings) -> Vec<Node> {
    let mut b = Builder { text, paras, nodes: Vec::new(), stack: Vec::new(), current: None, root: 0, findings };
    b.nodes.push(Node::new(None, String::new(), 0, Span::default()));
    let first_marked = paras.iter().position(|p| p.marker.is_some()).unwrap_or(paras.len());
    let mut annex_count = 0;
    let mut preamble: Option<Span> = None;
    let mut preamble_paras = Vec::new();
    let last = paras.len().saturating_sub(1);
    let mut table: Option<Vec<Column>> = None;
    for (i, para) in paras.iter().enumerate() {
        if !para.table {
            table = None;
        } else if let Some(columns) = columns(para) {
            table = Some(columns);
            continue;
        } else if let Some(columns) = &table
            && b.row(i, columns)
        {
            continue;
        }
        if annex && (para.annex || i == 0) {
            annex_count += 1;
            b.open_annex(i, annex_count);
            continue;
        }
        if let Some(marker) = &para.marker {
            b.marked(i, marker.clone());
            continue;
        }
        let ends = para.norm.trim_end().ends_with(':');
        if annex {
            b.append(i);
            continue;
        }
        if i < first_marked {
            let order = assignments::is_order(&para.norm, &para.fold) && !crate::header::body_opening(&para.fold);
            let command = ends && {
                let numbered = paras.get(first_marked).and_then(|p| p.marker.as_ref()).is_some_and(|m| !m.is_bullet());
                let next = i + 1 == first_marked;
                !order || next && (numbered || para.fold.contains("sau:") || para.fold.contains("nội dung"))
            };
            if order && !command && (!para.caps || para.norm.len() > 60) {
                b.plain(i, false);
                continue;
            }
            if b.nodes.len() > 1 && !ends && b.current.is_some() {
                b.append(i);
                continue;
            }
            let span = para.span(text, 0, para.norm.len());
            preamble = Some(preamble.map_or(span, |old| Span { start: old.start, end: span.end }));
            preamble_paras.push(i);
            continue;
        }
        if courtesy(&para.fold) {
            continue;
        }
        let closing = closes(&para.fold) || i == last && starts_closing(&para.fold);
        let order = assignments::is_order(&para.norm, &para.fold);
        if closing {
            b.plain(i, true);
        } else if order {
            b.plain(i, false);
        } else {
            b.append(i);
        }
    }
    // A dispatch of running text: its orders stand in what looked like the preamble.
    if b.nodes.len() == 1 && !annex && !preamble_paras.is_empty() {
        let orders: Vec<usize> = preamble_paras
            .iter()
            .copied()
            .filter(|i| {
                let p = &paras[*i];
                !p.caps && (!assignments::read(&p.norm, &p.fold, true).is_empty() || closes(&p.fold))
            })
            .collect();
        let chosen = if orders.is_empty() {
            preamble_paras
                .iter()
                .copied()
                .filter(|i| paras[*i].norm.len() > 40 && !paras[*i].fold.starts_with("căn cứ"))
                .collect()
        } else {
            orders
        };
        for i in &chosen {
            b.plain(*i, true);
        }
        preamble = None;
        for i in preamble_paras.iter().filter(|i| !chosen.contains(i)) {
            let span = paras[*i].span(text, 0, paras[*i].norm.len());
            preamble = Some(
                preamble
                    .map_or(span, |old: Span| Span { start: old.start.min(span.start), end: old.end.max(span.end) }),
            );
        }
        preamble_paras.retain(|i| !chosen.contains(i));
    }
    if !annex {
        body.preamble = preamble;
        if let Some(i) = preamble_paras.iter().rev().find(|i| !paras[**i].caps) {
            let para = &paras[*i];
            for found in assignments::commanded(&para.norm, &para.fold) {
                body.commanded.push(assignment(text, para, 0, &found));
            }
        }
    }
    b.nodes
}

/// Sentences that speak of the dispatch itself end it.
fn closes(fold: &str) -> bool {
    #[rustfmt::skip]
    const NOUNS: &[&str] = &[
        "công văn này", "chỉ thị này", "kế hoạch này", "công điện này", "thông báo này", "kết luận này",
        "nghị quyết này", "văn bản này", "hướng dẫn này", "phương án này", "chương trình này",
        "nội dung công điện", "tinh thần công văn",
    ];
    #[rustfmt::skip]
    const STARTS: &[&str] = &[
        "đề nghị", "yêu cầu", "giao", "nhận được", "trên đây", "trong quá trình", "quá trình", "các ",
        "thủ trưởng", "giám đốc", "căn cứ", "văn phòng", "chánh văn phòng", "ubnd", "ủy ban nhân dân", "sở ",
        "công điện này", "chỉ thị này", "chủ tịch", "ban ", "kế hoạch này", "công văn này", "thông báo này",
        "chỉ đạo này",
    ];
    STARTS.iter().any(|w| fold.starts_with(w)) && NOUNS.iter().any(|w| fold.contains(w))
}

/// Words of courtesy are no clause.
fn courtesy(fold: &str) -> bool {
    let core = fold.trim_end_matches(['.', '/', ' ', '!']);
    core.len() < 90
        && (["trân trọng", "xin trân trọng", "trân trọng cảm ơn", "xin cảm ơn"].iter().any(|w| core.starts_with(w))
            || core.ends_with("kính báo cáo")
            || core.ends_with("trân trọng báo cáo"))
}

fn starts_closing(fold: &str) -> bool {
    #[rustfmt::skip]
    const STARTS: &[&str] = &[
        "trong quá trình", "quá trình", "nhận được", "trên đây", "đề nghị", "yêu cầu", "giao ", "thông báo để",
        "văn phòng ", "thừa lệnh", "ubnd tỉnh", "ủy ban nhân dân", "chủ tịch", "ban chỉ đạo", "căn cứ nội dung",
    ];
    STARTS.iter().any(|w| fold.starts_with(w))
}

impl Node {
    fn new(parent: Option<usize>, path: String, depth: usize, span: Span) -> Node {
        Node {
            parent,
            path,
            depth,
            own: Vec::new(),
            span,
            heading: None,
            bullets: [0; 4],
            paras: 0,
            last: Vec::new(),
            has_children: false,
            cells: Vec::new(),
        }
    }
}

impl Builder<'_, '_> {
    fn add(&mut self, parent: usize, label: &str, span: Span) -> usize {
        let node = &mut self.nodes[parent];
        node.has_children = true;
        let path = if node.path.is_empty() { label.to_owned() } else { format!("{}.{label}", node.path) };
        let depth = node.depth + 1;
        self.nodes.push(Node::new(Some(parent), path, depth, span));
        self.nodes.len() - 1
    }

    fn open_annex(&mut self, i: usize, count: usize) {
        self.stack.clear();
        let para = &self.paras[i];
        let span = para.span(self.text, 0, para.norm.len());
        let node = self.add(0, &format!("PL{count}"), span);
        self.nodes[node].heading = Some(para.norm.clone());
        self.nodes[node].own.push((i, 0, para.norm.len()));
        self.root = node;
        self.current = Some(node);
        // The title of the annex stands below its number.
        if let Some(title) = self.paras.get(i + 1).filter(|p| p.caps && p.marker.is_none() && !p.table && !p.annex) {
            self.nodes[node].heading = Some(format!("{} {}", para.norm.trim(), title.norm.trim()));
        }
    }

    /// A row of a task table as a clause.
    fn row(&mut self, i: usize, columns: &[Column]) -> bool {
        let para = &self.paras[i];
        let found = cells(&para.norm);
        let cell = |wanted: Column| {
            columns.iter().zip(&found).find(|(c, (s, e))| **c == wanted && e > s).map(|(_, range)| *range)
        };
        let Some((start, end)) = cell(Column::Content) else { return false };
        // The unit of a block of rows stands alone in its row; it is no task.
        let parent = self.top();
        self.nodes[parent].paras += 1;
        let ordinal = cell(Column::Ordinal).map(|(s, e)| para.norm[s..e].trim_end_matches(['.', ')']).to_owned());
        let label = ordinal.filter(|o| o.len() <= 8).unwrap_or_else(|| format!("¶{}", self.nodes[parent].paras));
        let span =
            para.span(self.text, found.first().map_or(start, |c| c.0), found.last().map_or(end, |c| c.1.max(end)));
        let node = self.add(parent, &label, span);
        self.nodes[node].own.push((i, start, end));
        for (column, (s, e)) in columns.iter().zip(&found) {
            if matches!(column, Column::Lead | Column::Cooperating | Column::Due) && e > s {
                self.nodes[node].cells.push((*column, i, *s, *e));
            }
        }
        true
    }

    /// The clause under which a number of this style stands.
    fn place(&mut self, marker: &Marker) -> usize {
        // Depth of a dotted number is said by itself.
        if let Style::Dotted(n) = marker.style {
            let prefix = marker.label.rsplit_once('.').map_or("", |(p, _)| p).to_owned();
            let parent = self.stack.iter().rposition(|f| {
                matches!(f.style, Style::Arabic | Style::ArabicBracket | Style::ArabicSlash)
                    && n == 2
                    && f.label == prefix
                    || f.style == Style::Dotted(n - 1) && f.label == prefix
                    || f.style == Style::Dieu && n == 2 && f.value.to_string() == prefix
            });
            if let Some(at) = parent {
                self.stack.truncate(at + 1);
                return self.top();
            }
        }
        if let Some(at) = self.stack.iter().rposition(|f| !f.plain && f.style == marker.style) {
            // A list that starts again below a heading of its own is a list below that heading.
            let last = self.stack.last();
            let below = at + 1 < self.stack.len()
                && marker.value == 1
                && !marker.is_bullet()
                && last.is_some_and(|f| !f.plain && f.node == self.current.unwrap_or(usize::MAX))
                && self.ends_with_colon(self.stack.len() - 1);
            if !below {
                // An unnumbered order with a colon takes the bullets behind it.
                if let Some(plain) = self.stack[at + 1..].iter().position(|f| f.plain) {
                    let plain = at + 1 + plain;
                    if marker.is_bullet() && self.ends_with_colon(plain) {
                        self.stack.truncate(plain + 1);
                        return self.top();
                    }
                }
                self.stack.truncate(at);
                return self.top();
            }
        }
        if marker.style <= Style::Roman {
            while self.stack.last().is_some_and(|f| f.plain || f.style > marker.style) {
                self.stack.pop();
            }
        } else if marker.is_bullet() {
            while let Some(f) = self.stack.last() {
                let colon = self.ends_with_colon(self.stack.len() - 1);
                let leave = !colon && (f.plain || is_bullet(f.style) && f.style > marker.style);
                if !leave {
                    break;
                }
                self.stack.pop();
            }
        } else {
            while let Some(f) = self.stack.last() {
                let colon = self.ends_with_colon(self.stack.len() - 1);
                if !((f.plain || is_bullet(f.style)) && !colon) {
                    break;
                }
                self.stack.pop();
            }
        }
        self.top()
    }

    fn top(&self) -> usize {
        self.stack.last().map_or(self.root, |f| f.node)
    }

    /// Whether the words of a frame's clause end with a colon, so that what follows is part of it.
    fn ends_with_colon(&self, frame: usize) -> bool {
        let node = &self.nodes[self.stack[frame].node];
        node.own.last().is_some_and(|(para, start, end)| {
            self.paras[*para].norm[*start..*end].trim_end_matches([' ', '*']).ends_with(':')
        })
    }

    fn marked(&mut self, i: usize, marker: Marker) {
        let para = &self.paras[i];
        if self.nodes.len() >= CLAUSES_MAX {
            self.findings.add(findings::CLAUSES_TRUNCATED, Some(para.span(self.text, 0, marker.len)), marker.label);
            self.append(i);
            return;
        }
        let mut parent = self.place(&marker);
        if self.nodes[parent].depth >= DEPTH_MAX {
            self.findings.add(
                findings::NESTING_TOO_DEEP,
                Some(para.span(self.text, 0, marker.len)),
                marker.label.clone(),
            );
            while self.nodes[parent].depth >= DEPTH_MAX {
                match self.nodes[parent].parent {
                    Some(up) => parent = up,
                    None => break,
                }
                self.stack.pop();
            }
        }
        let span = para.span(self.text, 0, para.norm.len());
        let label = self.label(parent, &marker, span);
        let node = self.add(parent, &label, span);
        self.stack.push(Frame {
            style: marker.style,
            value: marker.value,
            label: marker.label.clone(),
            node,
            plain: false,
        });
        self.fill(i, marker.len, node);
    }

    fn label(&mut self, parent: usize, marker: &Marker, span: Span) -> String {
        let bullet = match marker.style {
            Style::Star => 0,
            Style::Dash => 1,
            Style::Plus => 2,
            Style::Dot => 3,
            _ => {
                self.check_order(parent, marker, span);
                // "2.1" below "2" is ".1" in a path.
                if let (Style::Dotted(_), Some(frame)) = (marker.style, self.stack.last())
                    && let Some((prefix, last)) = marker.label.rsplit_once('.')
                    && (frame.label == prefix || frame.style == Style::Dieu && frame.value.to_string() == prefix)
                {
                    return last.to_owned();
                }
                return marker.label.clone();
            }
        };
        let node = &mut self.nodes[parent];
        node.bullets[bullet] += 1;
        format!("{}{}", marker.label, node.bullets[bullet])
    }

    fn check_order(&mut self, parent: usize, marker: &Marker, span: Span) {
        let node = &mut self.nodes[parent];
        match node.last.iter_mut().find(|(style, _)| *style == marker.style) {
            Some((_, last)) => {
                let old = *last;
                *last = marker.value;
                if marker.value == old {
                    self.findings.add(findings::NUMBERING_REPEATED, Some(span), marker.label.clone());
                } else if marker.value > old && !numbering::follows(marker.style, old, marker.value) {
                    self.findings.add(findings::NUMBERING_GAP, Some(span), format!("{old} → {}", marker.label));
                } else if marker.value < old {
                    self.findings.add(findings::NUMBERING_REPEATED, Some(span), format!("{old} → {}", marker.label));
                }
            }
            None => {
                node.last.push((marker.style, marker.value));
                let listed = !matches!(marker.style, Style::Inline | Style::Muc | Style::Dieu | Style::Phan);
                if marker.value > 1 && listed {
                    self.findings.add(findings::NUMBERING_GAP, Some(span), format!("→ {}", marker.label));
                }
            }
        }
    }

    /// An unnumbered paragraph as a clause of its own.
    fn plain(&mut self, i: usize, closing: bool) {
        if self.nodes.len() >= CLAUSES_MAX && self.current.is_some() {
            self.append(i);
            return;
        }
        let para = &self.paras[i];
        if closing {
            // A part that holds nothing yet, such as "III. TỔ CHỨC THỰC HIỆN", keeps its only paragraph.
            while self.stack.last().is_some_and(|f| {
                f.plain
                    || f.style > Style::Roman
                    || self.nodes[f.node].has_children
                    || self.nodes[f.node].heading.is_none()
            }) {
                self.stack.pop();
            }
        } else {
            while self.stack.last().is_some_and(|f| f.plain || is_bullet(f.style) || f.style == Style::Inline) {
                self.stack.pop();
            }
        }
        // Running text under a table or a list of Điều keeps its place.
        let parent = self.top();
        let span = para.span(self.text, 0, para.norm.len());
        self.nodes[parent].paras += 1;
        let label = format!("¶{}", self.nodes[parent].paras);
        let node = self.add(parent, &label, span);
        self.stack.push(Frame { style: Style::Dot, value: 0, label, node, plain: true });
        self.fill(i, 0, node);
    }

    /// Unnumbered text that goes on with the clause before it.
    fn append(&mut self, i: usize) {
        let para = &self.paras[i];
        let Some(mut node) = self.current else {
            if para.norm.len() > 3 {
                self.plain(i, false);
            }
            return;
        };
        // Behind an inline list the text goes on with the clause that holds the list.
        if self.nodes[node].path.ends_with(')') && self.nodes[node].path.contains("(") {
            node = self.nodes[node].parent.unwrap_or(node);
            self.current = Some(node);
        }
        self.fill(i, 0, node);
    }

    /// Puts the words of a paragraph into a clause, with its inline items as children.
    fn fill(&mut self, i: usize, from: usize, node: usize) {
        let para = &self.paras[i];
        let len = para.norm.len();
        let items = if self.nodes.len() < CLAUSES_MAX { inline_items(&para.fold, from) } else { Vec::new() };
        let own_end = items.first().map_or(len, |first| first.0);
        let first_own = self.nodes[node].own.is_empty();
        if own_end > from || first_own {
            self.nodes[node].own.push((i, from.min(own_end), own_end));
        }
        if first_own {
            self.nodes[node].heading = heading(para, from, own_end);
            self.nodes[node].span = para.span(self.text, 0, own_end.max(from));
        } else {
            let end = para.span(self.text, 0, own_end.max(1).min(len)).end;
            let span = &mut self.nodes[node].span;
            span.end = span.end.max(end);
        }
        self.current = Some(node);
        if self.nodes[node].depth >= DEPTH_MAX {
            if let Some(last) = self.nodes[node].own.last_mut() {
                last.2 = len;
            }
            return;
        }
        for (n, (start, text_start)) in items.iter().copied().enumerate() {
            let end = items.get(n + 1).map_or(len, |next| next.0);
            let span = para.span(self.text, start, trim_end(&para.norm, start, end));
            let label = &para.norm[start..text_start];
            let label = label.trim().to_owned();
            let child = self.add(node, &label, span);
            let end = trim_end(&para.norm, text_start, end);
            self.nodes[child].own.push((i, text_start, end));
            self.nodes[child].heading = heading(para, text_start, end);
            self.current = Some(child);
        }
    }
}

fn is_bullet(style: Style) -> bool {
    matches!(style, Style::Star | Style::Dash | Style::Plus | Style::Dot)
}

fn trim_end(norm: &str, start: usize, end: usize) -> usize {
    start + norm[start..end.max(start)].trim_end().len()
}

/// "(1) …; (2) …" inside a paragraph: where each item and its text begin. One number alone is a reference.
fn inline_items(fold: &str, from: usize) -> Vec<(usize, usize)> {
    let bytes = fold.as_bytes();
    let mut items: Vec<(usize, usize)> = Vec::new();
    for at in memchr::memchr_iter(b'(', &bytes[from..]).map(|n| n + from) {
        let digits = bytes[at + 1..].iter().take(3).take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 || digits > 2 || bytes.get(at + 1 + digits) != Some(&b')') {
            continue;
        }
        let value = fold[at + 1..at + 1 + digits].bytes().fold(0usize, |v, b| v * 10 + usize::from(b - b'0'));
        let before = fold[from..at].trim_end();
        let fits = before.is_empty() || before.ends_with([':', ';', ',', '.']) || fold[from..at].ends_with(' ');
        let close = at + 2 + digits;
        let after = close + (fold[close..].len() - fold[close..].trim_start().len());
        if value == items.len() + 1
            && fits
            && after < fold.len()
            && after > close.saturating_sub(1)
            && !fold[after..].starts_with([',', ';', '.', ')', '('])
        {
            items.push((at, after));
            if items.len() >= INLINE_MAX {
                break;
            }
        }
    }
    if items.len() < 2 { Vec::new() } else { items }
}

/// A lead-in that ends with a colon, or a title.
fn heading(para: &Para, from: usize, end: usize) -> Option<String> {
    const LEAD_IN_MAX: usize = 160;
    const WHOLE_MAX: usize = 420;
    let norm = para.norm[from..end].trim();
    if norm.is_empty() {
        return None;
    }
    let whole = norm.trim_end_matches([' ', '*']);
    if let Some(head) = whole.strip_suffix(':')
        && head.len() <= WHOLE_MAX
        && !head.contains(". ")
    {
        return Some(head.trim_end().to_owned());
    }
    if let Some(colon) = whole.find(": ") {
        let after = whole[colon + 2..].trim_start();
        let starts = after.chars().next().is_some_and(|c| crate::text::is_upper(c) || c == '(');
        let lead = &whole[..colon];
        if colon <= LEAD_IN_MAX && starts && !lead.contains(['.', ';']) {
            return Some(lead.trim_end().to_owned());
        }
    }
    let high = para.marker.as_ref().is_some_and(|m| !m.is_bullet());
    let title = lines::is_caps(whole)
        || para.bold
        || high && whole.chars().count() <= 110 && !whole.ends_with(['.', ';', ',', '…']) && from > 0;
    (title && whole.chars().count() <= 300).then(|| whole.trim_end_matches(['.', ' ']).to_owned())
}

fn assignment(text: &Text<'_>, para: &Para, base: usize, found: &assignments::Found) -> Assignment {
    let (start, end) = (base + found.unit.start, base + found.unit.end);
    let unit = found.unit.name.clone().unwrap_or_else(|| para.norm[start..end].to_owned());
    Assignment { unit, role: found.role, span: para.span(text, start, end), inherited: false }
}

/// Reads assignments and deadlines of every clause and hands down those of headings.
fn finish(
    text: &Text<'_>,
    paras: &[Para],
    nodes: &mut [Node],
    issued: Option<crate::dates::Date>,
    findings: &mut Findings,
    body: &mut Body,
) {
    let mut own: Vec<Vec<Assignment>> = Vec::with_capacity(nodes.len());
    // What each clause hands down to its children.
    let mut handed: Vec<Vec<Assignment>> = Vec::with_capacity(nodes.len());
    for (index, node) in nodes.iter().enumerate() {
        let mut mine: Vec<Assignment> = Vec::new();
        let mut due = Vec::new();
        let mut words = String::new();
        let mut colon = false;
        for (n, (para, start, end)) in node.own.iter().copied().enumerate() {
            let p = &paras[para];
            let (norm, fold) = (&p.norm[start..end], &p.fold[start..end]);
            if p.table {
                if !words.is_empty() {
                    words.push('\n');
                }
                words.push_str(norm);
                continue;
            }
            let found = assignments::read(norm, fold, true);
            if found.iter().any(|f| f.unit.name.is_some()) {
                findings.add(
                    findings::SHARED_HEAD_EXPANDED,
                    Some(p.span(text, start, end.min(start + 1))),
                    words_of(norm),
                );
            }
            mine.extend(found.iter().map(|f| assignment(text, p, start, f)));
            // "Chỉ đạo UBND các xã, phường, thị trấn:" makes them lead what stands below.
            if n == 0
                && mine.is_empty()
                && node.has_children
                && norm.trim_end().ends_with(':')
                && let Some(rest) = fold.strip_prefix("chỉ đạo ")
            {
                let at = fold.len() - rest.len();
                let (units, stop) = crate::units::list(norm, fold, at, true);
                if fold[stop..].trim_start().starts_with(':') {
                    for unit in units {
                        let found = assignments::Found { unit, role: Role::Lead };
                        mine.push(assignment(text, p, start, &found));
                    }
                }
            }
            for deadline in deadlines::read(fold, issued) {
                let span = p.span(text, start + deadline.start, start + deadline.end);
                deadline.note(span, norm, findings);
                due.push(deadline.finish(span, text.src));
            }
            if !words.is_empty() {
                words.push('\n');
            }
            words.push_str(norm);
            colon = norm.trim_end_matches([' ', '*']).ends_with(':');
        }
        for (column, para, start, end) in node.cells.iter().copied() {
            let p = &paras[para];
            let (norm, fold) = (&p.norm[start..end], &p.fold[start..end]);
            if column == Column::Due {
                for deadline in deadlines::cell(fold, issued) {
                    let span = p.span(text, start + deadline.start, start + deadline.end);
                    deadline.note(span, norm, findings);
                    due.push(deadline.finish(span, text.src));
                }
                continue;
            }
            let role = if column == Column::Lead { Role::Lead } else { Role::Cooperating };
            let (units, _) = crate::units::list(norm, fold, 0, true);
            mine.extend(units.into_iter().map(|unit| assignment(text, p, start, &assignments::Found { unit, role })));
        }
        dedupe(&mut mine);
        let leads = mine.iter().filter(|a| a.role == Role::Lead).count();
        let mut all = mine.clone();
        if let Some(parent) = node.parent
            && leads == 0
        {
            for a in &handed[parent] {
                if !all.iter().any(|own| own.unit == a.unit && own.role == a.role) {
                    all.push(a.clone());
                }
            }
        }
        let heading_only = node.heading.as_deref().is_some_and(|h| h.len() + 2 >= words.trim().len());
        let hands = node.has_children && (colon || heading_only || node.own.is_empty());
        let mut down = Vec::new();
        if hands {
            let source = if leads > 0 { &mine } else { &all };
            if source.len() <= INHERITED_MAX {
                down = source
                    .iter()
                    .cloned()
                    .map(|mut a| {
                        a.inherited = true;
                        a
                    })
                    .collect();
            }
        } else if leads == 0
            && node.has_children
            && let Some(parent) = node.parent
        {
            down = handed[parent].clone();
        }
        if index > 0 {
            if leads > 1 && !node.own.is_empty() {
                let names: Vec<&str> = mine.iter().filter(|a| a.role == Role::Lead).map(|a| a.unit.as_str()).collect();
                findings.add(findings::SEVERAL_LEADS, Some(node.span), names.join(" | "));
            }
            let cleaned = clean(&words);
            body.clauses.push(Clause {
                path: node.path.clone(),
                heading: node.heading.clone(),
                text: cleaned,
                span: node.span,
                assignments: all,
                deadlines: due,
            });
        }
        own.push(mine);
        handed.push(down);
    }
}

fn words_of(norm: &str) -> String {
    norm.chars().take(120).collect()
}

/// A unit named twice in one role counts once; one that leads does not also cooperate.
fn dedupe(list: &mut Vec<Assignment>) {
    let mut out: Vec<Assignment> = Vec::with_capacity(list.len());
    for a in list.drain(..) {
        if !out.iter().any(|o| o.unit == a.unit && (o.role == a.role || o.role == Role::Lead)) {
            out.push(a);
        }
    }
    *list = out;
}

/// The end mark of the dispatch is no part of its last clause.
fn clean(words: &str) -> String {
    let mut text = words.trim();
    for mark in ["./.", "/.", "/. ."] {
        if let Some(rest) = text.strip_suffix(mark) {
            text = rest.trim_end();
            break;
        }
    }
    text.to_owned()
}
