//! The header: independent detectors, in no fixed order, because scans and converters shuffle its two columns.

use std::sync::LazyLock;

use crate::casing;
use crate::dates::{self, Cursor};
use crate::findings::{self, Findings};
use crate::kinds::Kind;
use crate::lines::{self, *};
use crate::numbering;
use crate::numbers::{self, Token};
use crate::text::Text;
use crate::types::*;
use crate::words::Phrases;

/// A header may not run on for ever; real ones have under forty lines.
const LINES_MAX: usize = 120;

/// What the header gave.
#[derive(Default)]
pub(crate) struct Header {
    pub(crate) number: Option<Token>,
    pub(crate) number_seen: bool,
    pub(crate) date: Option<dates::Date>,
    pub(crate) date_seen: bool,
    pub(crate) place: Option<(String, Span)>,
    pub(crate) kind: Option<(Kind, Span)>,
    pub(crate) urgency: Option<(Urgency, Span)>,
    pub(crate) issuer: Vec<(usize, usize)>,
    pub(crate) subject: Vec<(usize, usize)>,
    pub(crate) addressees: Vec<(String, Span)>,
    pub(crate) addressees_seen: bool,
    pub(crate) scope: Option<String>,
    pub(crate) party: bool,
    pub(crate) quoc_hieu: bool,
    pub(crate) attached: Vec<Attached>,
    pub(crate) date_span: Option<Span>,
    /// First line of the body, and where on it the body begins.
    pub(crate) body: usize,
    pub(crate) body_at: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum State {
    Head,
    /// Inside a V/v block.
    Subject,
    /// Below the title of a named type.
    Title,
    /// Below Kính gửi or "điện:".
    Addressees,
}

struct Reader<'t, 'a> {
    text: &'t Text<'a>,
    lines: &'t [Line],
    header: Header,
    findings: &'t mut Findings,
    state: State,
    /// The list of addressees ended with a full stop.
    list_closed: bool,
    /// Bullets were seen in the list of addressees.
    bulleted: bool,
    titled: bool,
    /// Style of the first line of the subject below a title.
    style: Style,
    mixed: bool,
    /// A line that was read together with the one before it.
    skip: Option<usize>,
    /// The last addressee ended with a mark, so the next line is another one.
    item_done: bool,
}

#[derive(Clone, Copy, PartialEq)]
enum Style {
    None,
    Caps,
    Bold,
    Plain,
}

/// What became of a segment.
enum Taken {
    Yes,
    No,
    Body,
}

/// Reads the header of the dispatch on `lines[from..to]`.
pub(crate) fn read(text: &Text<'_>, lines: &[Line], from: usize, to: usize, findings: &mut Findings) -> Header {
    let mut reader = Reader {
        text,
        lines,
        header: Header { body: to, body_at: lines.get(to).map_or(text.norm.len(), |l| l.start), ..Header::default() },
        findings,
        state: State::Head,
        list_closed: false,
        bulleted: false,
        titled: false,
        style: Style::None,
        mixed: false,
        item_done: false,
        skip: None,
    };
    reader.run(from, to);
    if reader.mixed {
        let line = lines.get(from).copied();
        let span = line.map(|l| text.span(l.start, l.end));
        reader.findings.add(findings::HEADER_COLUMNS_MIXED, span, "");
    }
    reader.header
}

impl<'a> Reader<'_, 'a> {
    fn run(&mut self, from: usize, to: usize) {
        let window = to.min(from + LINES_MAX);
        // Until where a later anchor still makes unknown lines part of the header.
        let anchors = KINH_GUI | TITLE;
        // A title deep in the body, such as "QUYẾT ĐỊNH:" or that of an attached plan, is no anchor.
        let mut anchor: Option<usize> = None;
        let mut titled = false;
        let mut prose = 0;
        for i in from..to.min(from + 60) {
            let line = self.lines[i];
            if line.has(NOI_NHAN) && i > from {
                break;
            }
            let title = line.has(TITLE);
            if line.has(anchors) && !(title && titled) || self.is_dien(line) {
                anchor = Some(i);
                titled |= title;
            } else if line.end - line.start > 160 || self.grounds(line) {
                prose += 1;
                if prose > 2 || anchor.is_some() {
                    break;
                }
            }
        }
        let mut i = from;
        while i < window {
            let line = self.lines[i];
            if self.skip == Some(i) {
                i += 1;
                continue;
            }
            if line.has(NOI_NHAN) && !line.has(NUMBER) {
                self.body_from(i, line.start);
                return;
            }
            if line.has(STAMP) {
                i = self.stamp(i, to);
                continue;
            }
            // The name of the receiving office stands above its stamp.
            let later = || {
                self.lines[i + 1..to.min(i + 12)].iter().any(|l| {
                    l.has(CAPS) && !l.has(STAMP | QUOC_HIEU | TIEU_NGU | TITLE | URGENT | NUMBER | PLACE_DATE | SIGN)
                })
            };
            let receiver = i + 1 < to
                && self.lines[i + 1].has(STAMP)
                && line.has(CAPS)
                && (!self.header.issuer.is_empty() || later());
            if receiver && !line.has(NUMBER | QUOC_HIEU | TIEU_NGU | PLACE_DATE | TITLE) {
                i += 1;
                continue;
            }
            let segments = self.segments(line, i);
            for (index, (start, end)) in segments.iter().copied().enumerate() {
                let before_anchor = anchor.is_some_and(|a| i < a);
                match self.segment(line, i, start, end, index, before_anchor) {
                    Taken::Yes => {}
                    Taken::No => {}
                    Taken::Body => {
                        self.body_from(i, start);
                        return;
                    }
                }
            }
            i += 1;
        }
        self.body_from(i, self.lines.get(i).map_or(self.text.norm.len(), |l| l.start));
    }

    /// Grounds end the header: "Căn cứ Luật …".
    fn grounds(&self, line: Line) -> bool {
        self.text.fold[line.start..line.end].starts_with("căn cứ ")
    }

    fn body_from(&mut self, line: usize, at: usize) {
        self.header.body = line;
        self.header.body_at = at;
    }

    fn is_dien(&self, line: Line) -> bool {
        let fold = self.text.fold[line.start..line.end].trim_end();
        line.end - line.start < 200
            && (fold.ends_with("điện:") || fold.ends_with("điện :") || fold.contains(" điện: -"))
            && !fold.starts_with("công điện")
    }

    /// Cuts a line at column gaps, table bars, the national motto and the date.
    fn segments(&mut self, line: Line, index: usize) -> Vec<(usize, usize)> {
        let long = line.end - line.start > 400;
        let mut cuts: Vec<(usize, usize)> = Vec::new();
        let mut from = line.start;
        if !long {
            let gaps = self.text.gaps_in(line.start, line.end);
            for gap in gaps {
                if blank_field(&self.text.fold[from..*gap], &self.text.fold[gap + 1..line.end]) {
                    continue;
                }
                cuts.push((from, *gap));
                from = gap + 1;
            }
        }
        cuts.push((from, line.end));
        if self.text.norm[line.start..line.end].contains('|') {
            cuts = cuts
                .into_iter()
                .flat_map(|(start, end)| {
                    let mut parts = Vec::new();
                    let mut from = start;
                    for bar in memchr::memchr_iter(b'|', &self.text.norm.as_bytes()[start..end]) {
                        parts.push((from, start + bar));
                        from = start + bar + 1;
                    }
                    parts.push((from, end));
                    parts
                })
                .collect();
        }
        if line.has(QUOC_HIEU | TIEU_NGU | PLACE_DATE | DANG) {
            cuts = cuts.into_iter().flat_map(|(start, end)| self.cut_columns(start, end)).collect();
        }
        let out: Vec<(usize, usize)> = cuts
            .into_iter()
            .map(|(start, end)| trim(self.text, start, end))
            .filter(|(start, end)| end > start)
            .collect();
        if out.len() > 1 && index < 400 && !self.text.norm[line.start..line.end].contains('|') {
            self.mixed = true;
        }
        out
    }

    /// Cuts "TỈNH SÓC TRĂNG Độc lập - Tự do - Hạnh phúc" and "Số: 12/UBND-VX Sóc Trăng, ngày …" apart.
    fn cut_columns(&self, start: usize, end: usize) -> Vec<(usize, usize)> {
        let fold = &self.text.fold[start..end];
        let norm = &self.text.norm[start..end];
        let mut parts = Vec::new();
        let mut from = 0;
        for (head, tail) in [("cộng hòa xã hội", "việt nam"), ("độc lập", "hạnh phúc"), ("đảng cộng sản", "việt nam")]
        {
            let Some(at) = fold[from..].find(head).map(|n| n + from) else { continue };
            let Some(stop) = fold[at..].find(tail).map(|n| at + n + tail.len()) else { continue };
            if at > from {
                parts.push((start + from, start + at));
            }
            parts.push((start + at, start + stop));
            from = stop;
        }
        // The place begins behind the number or behind the last word in capitals.
        if let Some(day) = fold[from..].find("ngày").map(|n| n + from) {
            let before = fold[from..day].trim_end();
            if let Some(found) = numbers::label(&fold[from..])
                && let Some(token) = numbers::token_at(norm, &norm_fold(self.text, start, end), from + found.at, true)
                && token.end < day
                && token.end > from
            {
                parts.push((start + from, start + token.end));
                parts.push((start + token.end, end));
                return parts;
            }
            if before.ends_with(',') {
                let words = &norm[from..from + before.len()];
                let mut split = words.len();
                for (at, word) in word_indices(words).into_iter().rev() {
                    let caps = word.chars().filter(|c| crate::text::is_letter(*c)).count() > 1
                        && lines::is_caps(word)
                        && !word.starts_with("TP");
                    let small = word.chars().next().is_some_and(crate::text::is_small);
                    if caps || small && split < words.len() && !matches!(word, "phố") {
                        break;
                    }
                    split = at;
                }
                if split > 0 && split < words.len() {
                    parts.push((start + from, start + from + split));
                    parts.push((start + from + split, end));
                    return parts;
                }
            }
        }
        if from < end - start {
            parts.push((start + from, end));
        }
        parts
    }

    fn segment(&mut self, line: Line, i: usize, start: usize, end: usize, index: usize, before_anchor: bool) -> Taken {
        let fold = &self.text.fold[start..end];
        let norm = &self.text.norm[start..end];
        let caps = lines::is_caps(norm);
        let blank_before = line.blank_before && index == 0;
        // Pieces of the national motto that a margin cut.
        let pieces = [
            "cộng",
            "cộng hòa",
            "cộng hòa xã hội chủ nghĩa",
            "cộng hòa xã hội chủ nghĩa việt",
            "việt nam",
            "nam",
            "độc lập",
            "độc lập -",
            "độc lập - tự do",
            "độc lập - tự do -",
            "hạnh phúc",
            "- hạnh phúc",
            "tự do - hạnh phúc",
        ];
        if pieces.contains(&fold) && self.state != State::Addressees {
            return Taken::Yes;
        }
        // Fields with a face of their own, wherever they stand.
        if fold.contains("xã hội chủ nghĩa việt nam") && fold.len() < 80 && (caps || norm.starts_with("CỘNG"))
        {
            self.header.quoc_hieu = true;
            return Taken::Yes;
        }
        if fold.contains("hạnh phúc") && fold.starts_with("độc lập") && fold.len() < 60 {
            return Taken::Yes;
        }
        if fold.starts_with("đảng cộng sản việt nam") && fold.len() < 60 && (caps || blank_before) {
            self.header.party = true;
            return Taken::Yes;
        }
        if let Some(urgency) = urgency_of(fold) {
            self.urgency(urgency, start, end);
            return Taken::Yes;
        }
        let bare = fold.trim_matches(['*', ' ', '(', ')', '[', ']', '.', ':', '"', '“', '”']);
        if matches!(
            bare,
            "mật"
                | "tối mật"
                | "tuyệt mật"
                | "lưu hành nội bộ"
                | "xem xong trả lại"
                | "bản sao"
                | "dự thảo"
                | "bản gốc"
                | "hỏa"
        ) && caps
            || bare.is_empty()
            || matches!(bare, "ký bởi" | "kính biếu")
            || lines::is_copy(bare)
        {
            return Taken::Yes;
        }
        let signed = self.header.attached.last().is_some_and(|a| a.kind == AttachedKind::DigitalSignature);
        if (line.has(DIGITAL) || signed) && self.digital(start, end, bare) {
            return Taken::Yes;
        }
        if !(self.state == State::Head && self.titled && self.header.number.is_some())
            && let Some(found) = numbers::label(fold)
            && let Some(rest) = self.take_number(start, end, found)
        {
            // "Số: 12/UBND-VX V/v …" on one line.
            let (from, to) = trim(self.text, rest, end);
            if to > from && self.text.fold[from..to].starts_with("v/v") {
                return self.segment(line, i, from, to, 1, before_anchor);
            }
            return Taken::Yes;
        }
        if self.header.number.is_none()
            && self.state != State::Addressees
            && !before_title_only(self)
            && let Some(token) = numbers::token_at(norm, fold, 0, false)
            && token.has_digits
            && token.has_symbol
            && token.end == fold.len()
            && token.text.contains('/')
        {
            let span = self.text.span(start, end);
            self.findings.add(findings::NUMBER_LABEL_MISSING, Some(span), norm);
            self.header.number = Some(shift(token, start));
            self.header.number_seen = true;
            return Taken::Yes;
        }
        // A date that breaks off behind "năm" would be read as one without a year.
        let breaks_off = ["năm", "tháng", "ngày"].iter().any(|word| fold.ends_with(word));
        if breaks_off && self.cut_place_date(i, start, end)
            || self.take_place_date(start, end)
            || self.cut_place_date(i, start, end)
        {
            return Taken::Yes;
        }
        // "(V/v …)".
        if fold.starts_with("(v/v") || fold.starts_with("(về việc") && self.header.subject.is_empty() && !self.titled
        {
            let close = fold.ends_with(')') as usize;
            return self.segment(line, i, start + 1, end - close, 1, before_anchor);
        }
        if fold.starts_with("v/v")
            || fold.starts_with("v/ v")
            || fold.starts_with("vv:")
            || fold.starts_with("v.v ") && !self.titled
        {
            let skip = fold.len() - fold.trim_start_matches(['v', '/', ' ', ':', '.']).len();
            // "v/v" eats no letter of a subject that begins with a v.
            let skip = skip.min(fold.find("v ").or(fold.find("v:")).map_or(skip, |n| n + 2));
            let after = fold[skip..].len() - fold[skip..].trim_start_matches([':', ' ']).len();
            if self.header.subject.is_empty() {
                if end > start + skip + after {
                    self.header.subject.push((start + skip + after, end));
                }
                self.state = State::Subject;
                return Taken::Yes;
            }
        }
        if let Some(at) = addressee_label(fold) {
            self.state = State::Addressees;
            self.header.addressees_seen = true;
            let (from, to) = trim(self.text, start + at, end);
            if to > from {
                self.addressee(from, to, line, true);
            }
            return Taken::Yes;
        }
        if self.state != State::Addressees
            && end - start < 240
            && let Some(at) = fold.find("điện:").or_else(|| fold.find("điện :"))
        {
            let caller = fold[..at].trim_end();
            if !caller.ends_with("công") && at > 0 && at < 160 {
                self.state = State::Addressees;
                self.header.addressees_seen = true;
                let (from, to) = trim(self.text, start + at + fold[at..].find(':').map_or(0, |n| n + 1), end);
                if to > from {
                    self.addressee(from, to, line, true);
                }
                return Taken::Yes;
            }
        }
        if caps
            && !self.titled
            && self.state != State::Addressees
            && let Some((kind, rest)) = lines::title(bare)
        {
            self.header.kind = Some((kind, self.text.span(start, end)));
            self.titled = true;
            self.state = State::Title;
            self.style = Style::None;
            if rest.contains("hỏa tốc") {
                self.urgency(Urgency::HoaToc, start, end);
            } else if rest.contains("thượng khẩn") {
                self.urgency(Urgency::ThuongKhan, start, end);
            } else if rest.contains("khẩn") {
                self.urgency(Urgency::Khan, start, end);
            } else if let Some(at) = fold.find("số")
                && let Some(found) = numbers::label(&fold[at..])
            {
                let found = numbers::Label { at: found.at + at, ..found };
                self.take_number(start, end, found);
            }
            return Taken::Yes;
        }
        match self.state {
            State::Subject => {
                if !is_bullet(norm) && self.more_subject(start, end, blank_before, caps) {
                    self.header.subject.push((start, end));
                    return Taken::Yes;
                }
                // The V/v block may stand between Kính gửi and its list.
                self.state = State::Head;
                if self.header.addressees_seen && (self.header.addressees.is_empty() || is_bullet(norm)) {
                    self.state = State::Addressees;
                    return self.more_addressees(line, start, end, caps);
                }
            }
            State::Title => {
                if self.more_title(line, start, end, blank_before, caps) {
                    let fold = &self.text.fold[start..end];
                    let skip = if fold.starts_with("v/v") { fold.find("v ").map_or(3, |n| n + 2) } else { 0 };
                    self.header.subject.push((start + skip, end));
                    return Taken::Yes;
                }
                // The author of a decision stands in capitals below its title.
                if caps && self.author(fold) {
                    return Taken::Yes;
                }
                if fold.starts_with('(') && fold.len() < 240 && (fold.contains("kèm theo") || fold.contains("thay thế"))
                {
                    return Taken::Yes;
                }
                if self.header.kind.is_some_and(|(kind, _)| kind == Kind::CongDien) && before_anchor && fold.len() < 160
                {
                    return Taken::Yes;
                }
                self.state = State::Head;
            }
            State::Addressees => return self.more_addressees(line, start, end, caps),
            State::Head => {}
        }
        if self.titled && caps && self.author(fold) {
            return Taken::Yes;
        }
        let before_number = !self.titled && !self.header.addressees_seen;
        if before_number && (caps || bodylike(norm, fold) && end - start < 90) && end - start < 200 && !line.has(SIGN) {
            self.header.issuer.push((start, end));
            return Taken::Yes;
        }
        if before_anchor {
            return Taken::No;
        }
        Taken::Body
    }

    fn author(&self, fold: &str) -> bool {
        let head = [
            "ủy ban",
            "chủ tịch",
            "hội đồng",
            "bộ trưởng",
            "giám đốc",
            "thủ tướng",
            "chính phủ",
            "trưởng ban",
            "ban ",
            "cục trưởng",
            "tổng cục",
            "quyết định",
            "quyết nghị",
            "thống đốc",
            "chánh",
            "tổng giám đốc",
            "căn cứ",
        ];
        let named = fold.len() < 160 && head.iter().any(|h| fold.starts_with(h)) && !fold.starts_with("căn cứ");
        // A department or an office names itself again as it did in the head.
        named || self.header.issuer.iter().any(|(start, end)| &self.text.fold[*start..*end] == fold)
    }

    fn more_subject(&self, start: usize, end: usize, blank_before: bool, caps: bool) -> bool {
        let fold = &self.text.fold[start..end];
        let norm = &self.text.norm[start..end];
        let total: usize = self.header.subject.iter().map(|(s, e)| e - s).sum();
        if total > 900 || end - start > 300 {
            return false;
        }
        if self.header.subject.is_empty() {
            return true;
        }
        let done = self.header.subject.last().is_some_and(|(s, e)| self.text.norm[*s..*e].trim_end().ends_with('.'));
        let begins_small = norm.chars().next().is_some_and(|c| crate::text::is_small(c) || c.is_ascii_digit());
        if caps && bodylike(norm, fold) && end - start > 12 {
            return false;
        }
        if done {
            return false;
        }
        if numbering::marker(norm, fold).is_some() && !begins_small {
            return false;
        }
        !blank_before || begins_small && end - start < 80
    }

    fn more_title(&mut self, line: Line, start: usize, end: usize, blank_before: bool, caps: bool) -> bool {
        let norm = &self.text.norm[start..end];
        let fold = &self.text.fold[start..end];
        let first = self.header.subject.is_empty();
        let total: usize = self.header.subject.iter().map(|(s, e)| e - s).sum();
        if total > 900 || fold.starts_with('(') || !first && line.rule_before {
            return false;
        }
        if first && caps && self.author(fold) {
            return false;
        }
        let bold = self.text.is_bold(start, end);
        let style = if caps {
            Style::Caps
        } else if bold {
            Style::Bold
        } else {
            Style::Plain
        };
        let about = fold.starts_with("về ") || fold.starts_with("v/v");
        let opening = body_opening(fold) && !begins_small(norm);
        let open_end = !norm.ends_with(['.', ';', ':', ',']) && end - start < 200;
        let grounds = [
            "căn cứ",
            "xét ",
            "theo đề nghị",
            "ngày ",
            "trong thời gian",
            "thời gian qua",
            "sau khi",
            "để ",
            "hiện nay",
            "trước tình hình",
            "tại cuộc họp",
            "từ ngày",
        ]
        .iter()
        .any(|w| fold.starts_with(w));
        let refused = opening && !(first && open_end && !grounds);
        if !about && !caps && (refused || numbering::marker(norm, fold).is_some() || is_bullet(norm)) {
            return false;
        }
        if first {
            if style == Style::Plain && !about && (end - start > 260 || fold.ends_with('.') && end - start > 160) {
                return false;
            }
            self.style = style;
            return true;
        }
        if caps && self.style != Style::Caps {
            return false;
        }
        match self.style {
            Style::Caps => {
                caps && !self.author(fold)
                    || !caps && !blank_before && end - start < 60 && !line.has(SIGN) && begins_small(norm)
            }
            Style::Bold => bold && (!blank_before || begins_small(norm)),
            Style::Plain | Style::None => {
                (!blank_before || begins_small(norm)) && end - start < 160 && !self.subject_done()
            }
        }
    }

    fn subject_done(&self) -> bool {
        self.header.subject.last().is_some_and(|(s, e)| self.text.norm[*s..*e].trim_end().ends_with(['.', ':']))
    }

    fn urgency(&mut self, urgency: Urgency, start: usize, end: usize) {
        let span = self.text.span(start, end);
        match self.header.urgency {
            Some((old, _)) if old != urgency => {
                self.findings.add(findings::URGENCY_CONFLICT, Some(span), &self.text.norm[start..end]);
                if urgency > old {
                    self.header.urgency = Some((urgency, span));
                }
            }
            Some(_) => {}
            None => self.header.urgency = Some((urgency, span)),
        }
    }

    /// A date that a margin cut: "An Giang, ngày / 28 tháng 8 năm 2021".
    fn cut_place_date(&mut self, i: usize, start: usize, end: usize) -> bool {
        let fold = &self.text.fold[start..end];
        let Some(next) = self.lines.get(i + 1).copied() else { return false };
        let open = end - start < 70
            && next.end - next.start < 40
            && !next.blank_before
            && fold.find("ngày").is_some_and(|at| at == 0 || fold[..at].trim_end().ends_with(','))
            && !fold.contains("năm 20");
        let more = &self.text.fold[next.start..next.end];
        let goes_on =
            more.starts_with(|c: char| c.is_ascii_digit()) || more.starts_with("tháng") || more.starts_with("năm");
        if open && goes_on && self.take_place_date(start, next.end) {
            self.skip = Some(i + 1);
            return true;
        }
        false
    }

    /// Takes the number behind a label; gives where the rest of the segment begins.
    fn take_number(&mut self, start: usize, end: usize, found: numbers::Label) -> Option<usize> {
        let norm = &self.text.norm[start..end];
        let fold = norm_fold(self.text, start, end);
        let Some(token) = numbers::token_at(norm, &fold, found.at, true) else {
            // "Số:" with nothing behind it.
            if found.at >= fold.len() && !self.header.number_seen {
                self.header.number_seen = true;
                return Some(end);
            }
            return None;
        };
        let rest = fold[token.end..].trim_start();
        // A sentence that begins with "Số" is no field.
        if !token.has_symbol && rest.len() > 60 || rest.len() > 160 {
            return None;
        }
        let after = start + token.end;
        let span = self.text.span(start, start + token.end);
        let raw = &norm[..token.end];
        if self.header.number.is_some() {
            if self.header.number.as_ref().is_some_and(|old| old.text != token.text) {
                self.findings.add(findings::NUMBER_SEVERAL, Some(span), raw);
            }
            return Some(after);
        }
        self.header.number_seen = true;
        if found.garbled {
            self.findings.add(findings::NUMBER_LABEL_GARBLED, Some(span), raw);
        }
        if token.spaced {
            self.findings.add(findings::NUMBER_SPACED_DIGITS, Some(span), raw);
        }
        if token.garbled || !token.has_symbol && token.has_digits {
            self.findings.add(findings::NUMBER_GARBLED, Some(span), raw);
        }
        if token.has_digits {
            let token_end = token.end;
            self.header.number = Some(shift(token, start));
            let (rest_start, rest_end) = trim(self.text, start + token_end, end);
            if rest_end > rest_start {
                self.take_place_date(rest_start, rest_end);
            }
        } else {
            self.findings.add(findings::NUMBER_BLANK, Some(span), raw);
        }
        Some(after)
    }

    /// "Sóc Trăng, ngày 28 tháng 8 năm 2021", also with blanks, slashes or no place.
    fn take_place_date(&mut self, start: usize, end: usize) -> bool {
        let fold = &self.text.fold[start..end];
        if end - start > 140 {
            return false;
        }
        let Some(at) = fold.find("ngày") else { return false };
        let before = fold[..at].trim_end();
        let hour = before
            .rfind("hồi")
            .or_else(|| before.rfind("lúc"))
            .filter(|_| before.contains("giờ") || before.contains('h'));
        let place_end = hour.unwrap_or(before.len());
        let place = self.text.norm[start..start + place_end].trim_end_matches([',', '.', ' ', ';']).trim();
        let (place_at, _) = trim(self.text, start, start + place_end);
        let comma = self.text.fold[start..start + place_end].trim_end().ends_with([',', '.', ';']);
        if !place.is_empty() && !comma && hour.is_none() {
            return false;
        }
        if place.chars().count() > 40
            || place.contains(':')
            || !place.is_empty() && !place.chars().next().is_some_and(crate::text::is_upper)
        {
            return false;
        }
        if place.is_empty() && self.header.place.is_some() {
            return false;
        }
        let mut c = Cursor::new(fold, at + "ngày".len());
        c.spaces();
        let span = self.text.span(start + at, end);
        if let Some(printed) = dates::date(fold, c.at) {
            let tail = fold[c.at + printed.len..].trim_matches([' ', '.', ',', '*', '|']);
            if tail.len() > 40 || printed.year.is_none() && printed.month.is_none() {
                return false;
            }
            if place.is_empty() && printed.year.is_none() {
                return false;
            }
            let raw = &self.text.norm[start + at..start + c.at + printed.len];
            let date_span = self.text.span(start + at, start + c.at + printed.len);
            self.set_place(place, place_at, place_at + place.len());
            if self.header.date_seen {
                return true;
            }
            self.header.date_seen = true;
            self.header.date_span = Some(date_span);
            if printed.garbled {
                self.findings.add(findings::DATE_GARBLED, Some(date_span), raw);
            }
            match printed.date() {
                Some(date) => self.header.date = Some(date),
                None if printed.year.is_none() => self.findings.add(findings::DATE_BLANK, Some(date_span), raw),
                None => self.findings.add(findings::DATE_INVALID, Some(date_span), raw),
            }
            return true;
        }
        // "ngày     tháng 9 năm 2021".
        if fold[at..].contains("tháng") && fold[at..].len() < 70 {
            self.set_place(place, place_at, place_at + place.len());
            if !self.header.date_seen {
                self.header.date_seen = true;
                self.header.date_span = Some(span);
                self.findings.add(findings::DATE_BLANK, Some(span), &self.text.norm[start + at..end]);
            }
            return true;
        }
        false
    }

    fn set_place(&mut self, place: &str, start: usize, end: usize) {
        if self.header.place.is_none() && !place.is_empty() {
            self.header.place = Some((casing::name(place), self.text.span(start, end.max(start))));
        }
    }

    /// A stretch of the list of addressees: one or more items.
    fn addressee(&mut self, start: usize, end: usize, line: Line, inline: bool) {
        // "- A; - B." on one line.
        let norm = &self.text.norm[start..end];
        let mut from = 0;
        let mut parts: Vec<(usize, usize)> = Vec::new();
        let bytes = norm.as_bytes();
        for semi in memchr::memchr_iter(b';', bytes) {
            let rest = norm[semi + 1..].trim_start();
            let bullet = rest.starts_with(['-', '–', '+', '•']);
            let plain_list = !is_bullet(norm) && inline && rest.chars().next().is_some_and(crate::text::is_upper);
            if bullet || plain_list {
                parts.push((from, semi));
                from = semi + 1;
            }
        }
        parts.push((from, norm.len()));
        for (index, (part_start, part_end)) in parts.into_iter().enumerate() {
            let piece = &norm[part_start..part_end];
            let lead = piece.len() - piece.trim_start_matches(is_bullet_char).len();
            let item_start = start + part_start + lead;
            let (item_start, item_end) = trim(self.text, item_start, start + part_end);
            if item_end <= item_start {
                continue;
            }
            let bulleted = is_bullet(piece.trim_start());
            self.bulleted |= bulleted;
            let raw = &self.text.norm[item_start..item_end];
            let closed = raw.trim_end().ends_with('.') && !raw.ends_with("TP.");
            let clean = clean_item(raw);
            if clean.is_empty() {
                continue;
            }
            let open = !self.header.addressees.is_empty() && !self.item_done;
            let glue = index == 0 && !inline && !bulleted && open && !line.blank_before;
            let span = self.text.span(item_start, item_start + raw.trim_end().len());
            if glue {
                if let Some((last, last_span)) = self.header.addressees.last_mut() {
                    last.push(' ');
                    last.push_str(&clean);
                    last_span.end = span.end;
                }
            } else {
                self.header.addressees.push((clean, span));
            }
            self.item_done = raw.trim_end().ends_with([';', '.', ',']);
            self.list_closed = closed;
        }
    }

    fn more_addressees(&mut self, line: Line, start: usize, end: usize, caps: bool) -> Taken {
        let fold = &self.text.fold[start..end];
        let norm = &self.text.norm[start..end];
        let small = begins_small(norm);
        if is_bullet(norm) {
            // A list that ended with a full stop is over; the next bullet is body text.
            if self.list_closed && self.bulleted && !self.header.addressees.is_empty() {
                return Taken::Body;
            }
            if end - start > 420 {
                return Taken::Body;
            }
            self.addressee(start, end, line, false);
            return Taken::Yes;
        }
        if caps && !self.header.addressees.is_empty() && bodylike(norm, fold) && self.header.issuer.is_empty() {
            self.header.issuer.push((start, end));
            return Taken::Yes;
        }
        if self.header.addressees.is_empty() {
            if body_opening(fold) && end - start > 120 || end - start > 420 {
                return Taken::Body;
            }
            self.addressee(start, end, line, true);
            return Taken::Yes;
        }
        if small && end - start < 90 && (self.item_done || line.blank_before) && self.header.scope.is_none() {
            let scope = clean_item(norm);
            self.findings.add(findings::ADDRESSEE_SCOPE_SHARED, Some(self.text.span(start, end)), scope.clone());
            self.header.scope = Some(scope);
            self.list_closed = true;
            return Taken::Yes;
        }
        if self.list_closed || body_opening(fold) && !small || numbering::marker(norm, fold).is_some() {
            return Taken::Body;
        }
        if !self.item_done && !line.blank_before && end - start < 200 {
            let item = bodylike(norm, fold);
            if item {
                self.item_done = true;
            }
            self.addressee(start, end, line, false);
            return Taken::Yes;
        }
        if self.item_done && end - start < 200 && (bodylike(norm, fold) || !line.blank_before) {
            self.addressee(start, end, line, false);
            return Taken::Yes;
        }
        Taken::Body
    }

    /// Sets a stamp "ĐẾN" apart: the lines below it that hold its number, date and routing.
    fn stamp(&mut self, from: usize, to: usize) -> usize {
        let (end, attached) = stamp(self.text, self.lines, from, to);
        self.findings.add(
            findings::STAMP_SEPARATED,
            Some(attached.span),
            &self.text.src[attached.span.start..attached.span.end],
        );
        self.header.attached.push(attached);
        end
    }

    fn digital(&mut self, start: usize, end: usize, bare: &str) -> bool {
        if !is_digital(bare) {
            return false;
        }
        let span = self.text.span(start, end);
        digital(self.text, &mut self.header.attached, span, self.findings);
        true
    }
}

/// Lines of a digital signature, joined into one block while they follow each other.
pub(crate) fn digital(text: &Text<'_>, attached: &mut Vec<Attached>, span: Span, findings: &mut Findings) {
    if let Some(last) = attached.last_mut()
        && last.kind == AttachedKind::DigitalSignature
        && span.start.saturating_sub(last.span.end) < 80
    {
        last.span.end = span.end;
        return;
    }
    findings.add(findings::DIGITAL_SIGNATURE_SEPARATED, Some(span), &text.src[span.start..span.end]);
    attached.push(Attached { kind: AttachedKind::DigitalSignature, number: None, issued_on: None, issuer: None, span });
}

pub(crate) fn is_digital(bare: &str) -> bool {
    #[rustfmt::skip]
    const STARTS: &[&str] = &[
        "ký bởi", "người ký:", "ngày ký:", "thời gian ký", "signature valid", "signature not verified",
        "digitally signed", "email:", "cơ quan:", "date:", "reason:", "location:", "đơn vị:", "chức vụ:",
        "tổ chức:", "ký ngày",
    ];
    STARTS.iter().any(|s| bare.starts_with(s))
}

/// Reads a stamp "ĐẾN" at `from`; gives the line behind it.
pub(crate) fn stamp(text: &Text<'_>, lines: &[Line], from: usize, to: usize) -> (usize, Attached) {
    let mut attached = Attached {
        kind: AttachedKind::IncomingStamp,
        number: None,
        issued_on: None,
        issuer: None,
        span: text.span(lines[from].start, lines[from].end),
    };
    let mut i = from;
    while i < to.min(from + 8) {
        let line = lines[i];
        let fold = text.fold[line.start..line.end].trim_matches(['-', '*', ' ', '|', '(', ')']);
        let core = fold.strip_prefix("đến").map_or(fold, str::trim_start);
        let core = core.strip_prefix("công văn đến").map_or(core, str::trim_start).trim_start_matches([':', ' ']);
        let own = i == from
            || ["số:", "số :", "số đến", "ngày", "giờ", "chuyển", "lưu hồ sơ", "số và ký hiệu", "kính chuyển"]
                .iter()
                .any(|s| core.starts_with(s));
        if !own || line.end - line.start > 90 || i > from && line.has(NUMBER | PLACE_DATE) {
            break;
        }
        if let Some(found) = numbers::label(core) {
            let digits: String = core[found.at..].chars().take_while(char::is_ascii_digit).collect();
            if !digits.is_empty() && attached.number.is_none() {
                attached.number = Some(digits);
            }
        }
        if let Some(at) = core.find("ngày") {
            let mut c = Cursor::new(core, at + "ngày".len());
            while matches!(c.byte(), Some(b' ' | b':')) {
                c.at += 1;
            }
            if let Some(date) = dates::date(core, c.at).and_then(|printed| printed.date()) {
                attached.issued_on.get_or_insert(date.iso());
            }
        }
        attached.span.end = text.span(line.start, line.end).end;
        i += 1;
    }
    (i.max(from + 1), attached)
}

/// A gap that stands for a blank to be filled in by hand: "Số:      /UBND", "ngày      tháng 9".
fn blank_field(left: &str, right: &str) -> bool {
    let left = left.trim_end();
    left.ends_with("số:")
        || left.ends_with("ngày")
        || left.ends_with("tháng")
        || right.starts_with('/')
        || right.starts_with("tháng")
}

fn before_title_only(reader: &Reader<'_, '_>) -> bool {
    reader.titled && reader.state == State::Title
}

fn shift(mut token: Token, by: usize) -> Token {
    token.start += by;
    token.end += by;
    token
}

/// A copy is made because [`numbers::token_at`] tells blind reading by the identity of its two arguments.
fn norm_fold(text: &Text<'_>, start: usize, end: usize) -> String {
    text.fold[start..end].to_owned()
}

pub(crate) fn trim(text: &Text<'_>, start: usize, end: usize) -> (usize, usize) {
    let part = &text.norm[start..end.max(start)];
    let lead = part.len() - part.trim_start().len();
    (start + lead, (start + part.trim_end().len()).max(start + lead))
}

fn word_indices(text: &str) -> Vec<(usize, &str)> {
    let mut out = Vec::new();
    let mut at = 0;
    for word in text.split(' ') {
        if !word.is_empty() {
            out.push((at, word));
        }
        at += word.len() + 1;
    }
    out
}

fn urgency_of(fold: &str) -> Option<Urgency> {
    if fold.len() > 60 {
        return None;
    }
    let core = fold.trim_matches(|c: char| !crate::text::is_word(c));
    let core = core.strip_prefix("độ khẩn:").map_or(core, str::trim_start);
    let core = core.strip_prefix("độ khẩn").map_or(core, str::trim_start);
    match core {
        "hỏa tốc" | "hoả tốc" | "hỏa tôc" | "hoa tốc" | "hỏa  tốc" | "hỏa tóc" => {
            Some(Urgency::HoaToc)
        }
        "thượng khẩn" => Some(Urgency::ThuongKhan),
        "khẩn" | "khẩn cấp" => Some(Urgency::Khan),
        _ if core.starts_with("hỏa tốc hẹn giờ") || core.starts_with("hỏa tốc, hẹn giờ") => {
            Some(Urgency::HoaToc)
        }
        _ => None,
    }
}

/// Where the list begins behind "Kính gửi" or, below a công điện, "Gửi:".
fn addressee_label(fold: &str) -> Option<usize> {
    let lead = fold.len() - fold.trim_start_matches(['-', '–', '*', ' ', '+', '(']).len();
    let rest = &fold[lead..];
    for label in ["kính gửi", "kính gởi", "kinh gửi", "kính gưi", "kính giri", "đồng kính gửi"] {
        if let Some(after) = rest.strip_prefix(label) {
            let skip = after.len() - after.trim_start_matches([' ', ':', '.', ';']).len();
            return Some(lead + label.len() + skip);
        }
    }
    None
}

pub(crate) fn clean_item(raw: &str) -> String {
    let mut text = raw.trim();
    loop {
        let before = text;
        text = text.strip_suffix("./.").unwrap_or(text);
        text = text.trim_end_matches([';', ',', ' ', ':']);
        if !text.ends_with("...") {
            text = text.trim_end_matches('.');
        }
        text = text.trim_end_matches(['/', '|']);
        if text == before {
            return text.to_owned();
        }
    }
}

fn begins_small(norm: &str) -> bool {
    norm.chars().next().is_some_and(crate::text::is_small)
}

pub(crate) fn is_bullet(norm: &str) -> bool {
    let mut chars = norm.chars();
    match chars.next() {
        Some('-' | '–' | '—' | '+') => chars.next().is_some_and(|c| c == ' ' || crate::text::is_letter(c)),
        Some('•' | '·' | '●' | '▪' | '\u{f000}'..='\u{f0ff}' | '➢' | '✓' | '■' | '◦' | '○') => true,
        Some('*') => chars.next() == Some(' '),
        _ => false,
    }
}

/// Words with which body text begins.
pub(crate) fn body_opening(fold: &str) -> bool {
    OPENINGS.at(fold).is_some()
}

static OPENINGS: LazyLock<Phrases<'static>> = LazyLock::new(|| Phrases::new(OPENING_WORDS.iter().copied()));

#[rustfmt::skip]
const OPENING_WORDS: &[&str] = &[
    "căn cứ", "thực hiện", "thi hành", "xét đề", "theo đề nghị", "theo báo cáo", "theo thông tin", "ngày", "để",
    "sau khi", "trước", "nhằm", "hiện nay", "trong thời gian", "thời gian qua", "thời gian gần", "tiếp theo",
    "triển khai", "ngay sau", "qua", "tình hình", "trong những", "vừa qua", "nhận được", "trong tuần",
    "ủy ban nhân dân tỉnh nhận", "ubnd tỉnh nhận", "phúc đáp", "tiếp nhận", "trong ngày", "hồi", "vào", "từ ngày",
    "đến nay", "phần", "chương", "điều", "mục", "thừa", "được sự", "trên cơ sở", "những", "hưởng ứng", "với",
    "quán triệt", "chiều", "sáng", "từ đầu", "do", "theo", "nhân", "trên địa bàn", "qua theo dõi", "dịch",
    "đại dịch",
];

/// Whether a line begins like the name of a body.
pub(crate) fn bodylike(norm: &str, fold: &str) -> bool {
    norm.chars().next().is_some_and(crate::text::is_upper) && names_body(fold)
}

/// Whether a folded line begins like the name of a body, whatever its case.
pub(crate) fn names_body(fold: &str) -> bool {
    BODIES.at(fold).is_some()
}

static BODIES: LazyLock<Phrases<'static>> = LazyLock::new(|| Phrases::new(BODY_WORDS.iter().copied()));

#[rustfmt::skip]
const BODY_WORDS: &[&str] = &[
    "ủy ban", "ubnd", "hội đồng", "hđnd", "sở", "bộ", "ban", "cục", "chi cục", "tổng cục", "vụ", "văn phòng",
    "thủ tướng", "chính phủ", "công an", "tỉnh ủy", "huyện ủy", "thành ủy", "thị ủy", "quận ủy", "đảng ủy",
    "đảng bộ", "tỉnh đoàn", "trung tâm", "bệnh viện", "viện", "trường", "hội", "liên đoàn", "liên minh",
    "mặt trận", "đoàn", "phòng", "quốc hội", "thanh tra", "ngân hàng", "bảo hiểm", "kho bạc", "tòa án", "đài",
    "báo", "tổ", "tiểu ban", "sở chỉ huy", "quân khu", "các", "chủ tịch", "giám đốc", "thủ trưởng", "bí thư",
    "trưởng ban", "đồng chí", "chi bộ", "công ty", "tổng công ty", "tập đoàn", "học viện", "quân chủng", "cảng",
    "hiệp hội", "ông", "bà", "thường trực", "lãnh đạo", "trạm", "thành viên", "hạt", "đội", "đơn vị", "cơ quan",
    "doanh nghiệp", "bệnh xá", "cấp ủy", "ủy viên", "tổng giám đốc", "hiệu trưởng", "thống đốc", "bộ trưởng",
    "chánh", "trưởng", "viện trưởng", "cổng", "thành phố", "quận", "huyện", "xã", "phường", "tp",
];

/// Bullets and the spaces around them; office programs print bullets from the private use area.
pub(crate) fn is_bullet_char(c: char) -> bool {
    matches!(c, ' ' | '-' | '–' | '—' | '+' | '•' | '*' | '·' | '●' | '▪' | '\u{f000}'..='\u{f0ff}')
}
