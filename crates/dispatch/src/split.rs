//! Where one dispatch ends and the next begins, and which blocks are copy forms.

use crate::lines::*;

/// A stretch of lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) from: usize,
    pub(crate) to: usize,
    /// A form of certified copy (sao y, sao lục, trích sao).
    pub(crate) copy: bool,
}

const WINDOW: usize = 24;

/// Splits the lines of a text into dispatches and copy forms.
pub(crate) fn parts(lines: &[Line]) -> Vec<Part> {
    let mut starts: Vec<(usize, bool)> = Vec::new();
    let mut begin = 0;
    let mut closed = false;
    let mut anchored: Option<usize> = None;
    let mut bodied = 0usize;
    let mut annexed = false;
    let mut i = 0;
    while i < lines.len() {
        let line = lines[i];
        let anchor = line.has(QUOC_HIEU | DANG | NUMBER)
            || line.has(KINH_GUI)
            || line.has(COPY)
            || line.has(TITLE) && line.has(CAPS);
        let full = anchored.is_some_and(|at| i > at + 8) && bodied >= 3 && line.has(QUOC_HIEU | DANG);
        if anchor && (closed || full || line.has(COPY)) && i > begin {
            let window = &lines[i..lines.len().min(i + WINDOW)];
            let until = window.iter().skip(1).position(|l| l.has(NOI_NHAN | STAMP)).map_or(window.len(), |n| n + 1);
            let window = &window[..until];
            let has = |mark: u32| window.iter().any(|l| l.has(mark));
            let score = 2 * usize::from(has(QUOC_HIEU | DANG))
                + 2 * usize::from(has(NUMBER))
                + usize::from(has(PLACE_DATE))
                + 2 * usize::from(has(KINH_GUI))
                + usize::from(has(TITLE))
                + usize::from(has(SUBJECT));
            let copy = has_copy(window) && !has(KINH_GUI) && (closed || line.has(COPY));
            let back = back_up(lines, i, begin);
            let form =
                lines[back.saturating_sub(5).max(begin)..=i].iter().any(|l| l.has(ANNEX)) || annexed && !has(NUMBER);
            if copy && closed {
                starts.push((back, true));
                begin = back;
                closed = false;
                anchored = None;
                bodied = 0;
                // The copy form has its own closing; skip its header so that it is not taken for a dispatch.
                let last = window.iter().rposition(|l| l.has(NUMBER | COPY | PLACE_DATE)).unwrap_or(0);
                i += last + 1;
                continue;
            }
            let second = closed && line.has(KINH_GUI) && anchored.is_some() && !annexed && window_closes(lines, i);
            if second && !form
                || score >= if full && !closed { 5 } else { 4 } && (has(NUMBER) || has(KINH_GUI)) && !form
            {
                starts.push((back, false));
                begin = back;
                closed = false;
                annexed = false;
                anchored = Some(i);
                bodied = 0;
                i += 1;
                continue;
            }
        }
        if line.has(NOI_NHAN) || line.has(SIGN) && (bodied >= 1 || line.has(END)) {
            closed = true;
        }
        if line.has(END) && line.end - line.start > 3 {
            closed = true;
        }
        if line.has(ANNEX) && closed {
            annexed = true;
        }
        if anchored.is_none() && line.has(QUOC_HIEU | DANG | NUMBER | KINH_GUI) {
            anchored = Some(i);
        }
        if line.end - line.start > 60 && !line.has(CAPS) {
            bodied += 1;
        }
        i += 1;
    }
    let mut out = Vec::new();
    let mut from = 0;
    let mut copy = leading_copy(lines, starts.first().map_or(lines.len(), |s| s.0));
    for (start, next_copy) in starts {
        if start > from {
            out.push(Part { from, to: start, copy });
        }
        from = start;
        copy = next_copy;
    }
    if lines.len() > from {
        out.push(Part { from, to: lines.len(), copy });
    }
    out
}

/// Whether recipients or a signature follow, so that a second "Kính gửi" is no form to be filled in.
fn window_closes(lines: &[Line], from: usize) -> bool {
    lines[from + 1..lines.len().min(from + 200)].iter().take_while(|l| !l.has(QUOC_HIEU)).any(|l| l.has(NOI_NHAN))
}

fn has_copy(window: &[Line]) -> bool {
    window.iter().take(14).any(|l| l.has(COPY))
}

/// A copy form may also stand before the original, as a cover sheet.
fn leading_copy(lines: &[Line], to: usize) -> bool {
    let head = &lines[..to.min(WINDOW)];
    has_copy(head)
        && to <= WINDOW
        && to < lines.len()
        && !head.iter().any(|l| l.has(KINH_GUI))
        && !head.iter().any(|l| l.has(SUBJECT))
}

/// The issuer's lines in capitals stand above the first anchor.
fn back_up(lines: &[Line], at: usize, begin: usize) -> usize {
    let mut back = at;
    while back > begin + 1 && at - back < 5 {
        let line = lines[back - 1];
        let header = line.has(CAPS) && !line.has(SIGN | NOI_NHAN | END)
            || line.has(PLACE_DATE | SUBJECT | URGENT | QUOC_HIEU | TIEU_NGU);
        if !header {
            break;
        }
        back -= 1;
    }
    back
}
