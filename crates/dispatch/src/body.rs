//! Paragraphs of the body: lines joined where a page or a margin cut them.

use crate::findings::{self, Findings};
use crate::lines::*;
use crate::numbering::{self, Marker};
use crate::text::Text;
use crate::types::Span;

/// A paragraph with one space between its words, and the way back to the text.
pub(crate) struct Para {
    pub(crate) norm: String,
    pub(crate) fold: String,
    /// Where in `norm` each printed line begins, and where that is in the text.
    pieces: Vec<(usize, usize)>,
    /// First byte in the text.
    pub(crate) start: usize,
    pub(crate) marker: Option<Marker>,
    pub(crate) caps: bool,
    pub(crate) bold: bool,
    pub(crate) table: bool,
    pub(crate) annex: bool,
}

impl Para {
    fn place(&self, at: usize) -> usize {
        let index = self.pieces.partition_point(|(para, _)| *para <= at);
        match index.checked_sub(1).and_then(|i| self.pieces.get(i)) {
            Some((para, text)) => text + (at - para),
            None => self.start,
        }
    }

    /// The span in the source of a stretch of the paragraph.
    pub(crate) fn span(&self, text: &Text<'_>, start: usize, end: usize) -> Span {
        if end <= start {
            let at = self.place(start.min(self.norm.len().saturating_sub(1)));
            return text.span(at, at);
        }
        text.span(self.place(start), self.place(end - 1) + 1)
    }
}

/// Beyond this many paragraphs lines are joined to the last one: no dispatch has so many, and a million bullets of one
/// letter must not cost a million clauses.
const PARAGRAPHS_MAX: usize = 20_000;

/// Widths from which a text counts as cut at the margin.
const WRAPPED_WIDTH_MAX: usize = 190;

/// Joins lines to paragraphs. The first line may begin in the middle, behind "Kính gửi".
pub(crate) fn paragraphs(
    text: &Text<'_>,
    lines: &[Line],
    from: usize,
    to: usize,
    first_at: usize,
    findings: &mut Findings,
) -> Vec<Para> {
    let width = width(lines, from, to);
    let mut paras: Vec<Para> = Vec::new();
    let mut last_line_len = 0;
    let mut last_indent = 0;
    for (i, line) in lines.iter().copied().enumerate().take(to).skip(from) {
        let start = if i == from { first_at.max(line.start) } else { line.start };
        if start >= line.end {
            continue;
        }
        let norm = &text.norm[start..line.end];
        let fold = &text.fold[start..line.end];
        let marker = if paras.len() < PARAGRAPHS_MAX { numbering::marker(norm, fold) } else { None };
        let joins = match paras.last() {
            Some(_) if paras.len() >= PARAGRAPHS_MAX => Join::Yes,
            Some(last) => joins(text, last, line, norm, &marker, width, (last_line_len, last_indent)),
            None => Join::No,
        };
        match (joins, paras.last_mut()) {
            (Join::Yes | Join::Page, Some(last)) => {
                if joins == Join::Page {
                    let seam: String = last.norm.chars().rev().take(24).collect::<Vec<_>>().into_iter().rev().collect();
                    let next: String = norm.chars().take(24).collect();
                    findings.add(
                        findings::PAGE_CUT_JOINED,
                        Some(text.span(start, line.end.min(crate::units::floor(&text.norm, start + 40)).max(start))),
                        format!("…{seam} | {next}…"),
                    );
                }
                last.norm.push(' ');
                last.fold.push(' ');
                last.pieces.push((last.norm.len(), start));
                last.norm.push_str(norm);
                last.fold.push_str(fold);
                // The marker alone on its line takes its text from the next.
                if last
                    .marker
                    .as_ref()
                    .is_some_and(|m| m.len >= last.pieces.get(1).map_or(0, |p| p.0).saturating_sub(1))
                {
                    last.marker = numbering::marker(&last.norm, &last.fold);
                }
            }
            _ => {
                let bold = text.is_bold(start, line.end);
                paras.push(Para {
                    norm: norm.to_owned(),
                    fold: fold.to_owned(),
                    pieces: vec![(0, start)],
                    start,
                    marker,
                    caps: is_caps(norm),
                    bold,
                    table: line.has(TABLE),
                    annex: line.has(ANNEX),
                });
            }
        }
        last_line_len = norm.len();
        last_indent = line.indent;
    }
    paras
}

#[derive(Clone, Copy, PartialEq)]
enum Join {
    No,
    Yes,
    /// Over a blank line, a page number or a page break.
    Page,
}

/// The usual width of a line that was cut at the margin, in bytes; none if paragraphs stand on one line each.
fn width(lines: &[Line], from: usize, to: usize) -> Option<usize> {
    let mut widths: Vec<usize> = lines[from..to].iter().map(|l| l.end - l.start).filter(|w| *w > 30).collect();
    if widths.len() < 8 {
        return None;
    }
    let at = widths.len() * 9 / 10;
    let (_, width, _) = widths.select_nth_unstable(at);
    (*width <= WRAPPED_WIDTH_MAX).then_some(*width)
}

fn joins(
    text: &Text<'_>,
    last: &Para,
    line: Line,
    norm: &str,
    marker: &Option<Marker>,
    width: Option<usize>,
    (last_line_len, last_indent): (usize, usize),
) -> Join {
    if last.table || line.has(TABLE) || last.annex || line.has(ANNEX) {
        return Join::No;
    }
    let end = last.norm.trim_end_matches([' ', '"', '”', ')', '*']);
    let terminal = end.ends_with(['.', ';', ':', '!', '?']) && !end.ends_with("TP.") || end.ends_with("/.");
    let ellipsis = end.ends_with("...") || end.ends_with('…');
    let small = norm.chars().next().is_some_and(crate::text::is_small);
    // Nothing but a number so far: its text is on this line.
    if let Some(m) = &last.marker
        && m.len >= last.norm.len()
        && marker.is_none()
    {
        return Join::Yes;
    }
    if let Some(m) = marker {
        // "(5)" of an inline list that happens to begin a printed line.
        if m.style == numbering::Style::Inline
            && !line.blank_before
            && m.value > 1
            && last.marker.as_ref().is_none_or(|l| l.style != numbering::Style::Inline)
        {
            let before = format!("({})", m.value - 1);
            if last.fold.contains(&before) {
                return Join::Yes;
            }
        }
        // "kinh tế / - xã hội" cut at the margin.
        let dash = m.is_bullet() && norm[m.len..].chars().next().is_some_and(crate::text::is_small);
        let cut = dash && !line.blank_before && !terminal && width.is_some_and(|w| last_line_len * 10 >= w * 8);
        return if cut { Join::Yes } else { Join::No };
    }
    let caps = is_caps(norm) && norm.chars().next().is_some_and(crate::text::is_letter) && norm.chars().count() > 6;
    let bold = text.is_bold(line.start, line.end);
    let comma = end.ends_with(',');
    if line.blank_before {
        if terminal && !ellipsis {
            return Join::No;
        }
        if last.caps != caps && !small {
            return Join::No;
        }
        let joint = JOINTS.iter().any(|word| {
            last.fold.strip_suffix(word).is_some_and(|rest| !rest.chars().next_back().is_some_and(crate::text::is_word))
        });
        let full = width.is_none_or(|w| last_line_len * 10 >= w * 7);
        if comma && !small && !caps && !line.page_before {
            return Join::Yes;
        }
        if small || comma && !caps || joint && !last.caps {
            return Join::Page;
        }
        if line.page_before && last.norm.len() > 80 && full && !caps && !last.bold {
            return Join::Page;
        }
        return Join::No;
    }
    if terminal && !ellipsis {
        // A first line that is set in begins a paragraph.
        let set_in = line.indent >= last_indent + 2;
        let full = width.is_some_and(|w| last_line_len * 100 >= w * 82) && end.ends_with(['.', ';']) && !set_in;
        return if small && !end.ends_with([';', ':']) || full || small && width.is_some() {
            Join::Yes
        } else {
            Join::No
        };
    }
    if small || comma {
        return Join::Yes;
    }
    if last.caps != caps || last.bold != bold && (last.bold || bold) {
        return Join::No;
    }
    if last.caps && caps {
        return Join::Yes;
    }
    match width {
        Some(w) => {
            if last_line_len * 10 >= w * 6 {
                Join::Yes
            } else {
                Join::No
            }
        }
        None => {
            if last_line_len > 60 && last_line_len < WRAPPED_WIDTH_MAX && last.marker.is_none()
                || norm.starts_with(|c: char| c.is_ascii_digit())
            {
                Join::Yes
            } else {
                Join::No
            }
        }
    }
}

/// Words with which no paragraph ends.
#[rustfmt::skip]
const JOINTS: &[&str] = &[
    "và", "của", "các", "theo", "với", "cho", "tại", "về", "trong", "để", "là", "số", "ngày", "hoặc", "từ", "đến",
    "trên", "những", "được", "có", "do", "cùng", "bằng", "khi", "tháng", "năm", "nhất là", "không", "nhằm",
    "thuộc", "một",
];
