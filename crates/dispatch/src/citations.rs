//! Documents cited in the text: number, type, date in any shape, issuer behind "của".
//!
//! Basis: NĐ 30/2020/NĐ-CP, Annex I, part II, item 6: the first mention is full, later ones give type and number only.

use std::collections::HashMap;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::dates::{self, Cursor, Date};
use crate::findings::{self, Findings};
use crate::kinds::Kind;
use crate::numbers;
use crate::types::*;
use crate::units;

/// A citation by bytes of the stretch that was read.
struct Found {
    number: Option<String>,
    kind: Option<Kind>,
    date: Option<dates::Printed>,
    issuer: Option<String>,
    title: Option<String>,
    start: usize,
    end: usize,
    /// Digits without a symbol: "Chỉ thị 16".
    short: bool,
}

const NOUNS: &[(&str, Option<Kind>)] = &[
    ("công văn", Some(Kind::CongVan)),
    ("công điện", Some(Kind::CongDien)),
    ("quyết định", Some(Kind::QuyetDinh)),
    ("chỉ thị", Some(Kind::ChiThi)),
    ("kế hoạch", Some(Kind::KeHoach)),
    ("thông báo", Some(Kind::ThongBao)),
    ("thông báo kết luận", Some(Kind::ThongBao)),
    ("báo cáo", Some(Kind::BaoCao)),
    ("kết luận", Some(Kind::KetLuan)),
    ("nghị quyết", Some(Kind::NghiQuyet)),
    ("nghị định", Some(Kind::NghiDinh)),
    ("thông tư", Some(Kind::ThongTu)),
    ("thông tư liên tịch", Some(Kind::ThongTuLienTich)),
    ("tờ trình", Some(Kind::ToTrinh)),
    ("hướng dẫn", Some(Kind::HuongDan)),
    ("chương trình", Some(Kind::ChuongTrinh)),
    ("phương án", Some(Kind::PhuongAn)),
    ("đề án", Some(Kind::DeAn)),
    ("quy chế", Some(Kind::QuyChe)),
    ("quy định", Some(Kind::QuyDinh)),
    ("thông tri", Some(Kind::ThongTri)),
    ("biên bản", Some(Kind::BienBan)),
    ("giấy mời", Some(Kind::GiayMoi)),
    ("pháp lệnh", Some(Kind::PhapLenh)),
    ("bộ luật", Some(Kind::Luat)),
    ("luật", Some(Kind::Luat)),
    ("văn bản", None),
    ("điện", Some(Kind::CongDien)),
    ("phiếu chuyển", Some(Kind::PhieuChuyen)),
    ("số", None),
];

static MATCHER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(NOUNS.iter().map(|(word, _)| word))
        .ok()
});

/// Collects citations of one dispatch, each document once.
pub(crate) struct Citations {
    list: Vec<Citation>,
    by_number: HashMap<String, Vec<usize>>,
    own: Option<String>,
    issued: Option<Date>,
    shorts: Vec<(usize, Span)>,
}

/// At most this many documents per dispatch.
const CITATIONS_MAX: usize = 2000;

impl Citations {
    pub(crate) fn new(own: Option<&str>, issued: Option<Date>) -> Citations {
        Citations {
            list: Vec::new(),
            by_number: HashMap::new(),
            own: own.map(crate::text::fold),
            issued,
            shorts: Vec::new(),
        }
    }

    /// Reads the citations of a stretch; `span` leads its bytes back to the source.
    pub(crate) fn read(
        &mut self,
        norm: &str,
        fold: &str,
        findings: &mut Findings,
        span: impl Fn(usize, usize) -> Span,
    ) {
        let Some(matcher) = MATCHER.as_ref() else { return };
        let mut taken = 0;
        for hit in matcher.find_iter(fold) {
            if hit.start() < taken || self.list.len() >= CITATIONS_MAX {
                continue;
            }
            let (noun, kind) = NOUNS[hit.pattern().as_usize()];
            let before = fold[..hit.start()].chars().next_back();
            if before.is_some_and(crate::text::is_word)
                || fold[hit.end()..].chars().next().is_some_and(crate::text::is_letter)
            {
                continue;
            }
            let mut at = hit.end();
            let mut start = hit.start();
            let mut last_kind = kind;
            // "Kết luận số 1-KL/TU và số 2-KL/TU", "các Quyết định số 1/QĐ-UBND, 2/QĐ-UBND".
            for n in 0..40 {
                let Some(found) = one(norm, fold, start, at, if n == 0 { noun } else { "" }, last_kind) else { break };
                taken = found.end;
                at = found.end;
                last_kind = kind;
                self.add(found, norm, findings, &span);
                let mut c = Cursor::new(fold, at);
                if matches!(kind, Some(Kind::Luat | Kind::PhapLenh)) {
                    break;
                }
                c.spaces();
                let mut joined = false;
                if matches!(c.byte(), Some(b',' | b';')) {
                    c.at += 1;
                    c.spaces();
                    joined = true;
                }
                if c.word("và") {
                    joined = true;
                }
                if !joined {
                    break;
                }
                start = c.at;
                c.word("số");
                at = c.at;
            }
        }
    }

    fn add(&mut self, found: Found, norm: &str, findings: &mut Findings, span: &impl Fn(usize, usize) -> Span) {
        let place = span(found.start, found.end);
        let raw = &norm[found.start..found.end];
        let date = match found.date {
            Some(printed) => {
                let date = printed.date().or_else(|| {
                    self.issued.filter(|_| printed.year.is_none()).and_then(|issued| printed.in_year(issued.year))
                });
                if date.is_none() && printed.year.is_some() {
                    findings.add(findings::CITATION_DATE_INVALID, Some(place), raw);
                }
                date
            }
            None => None,
        };
        if let (Some(number), Some(own)) = (&found.number, &self.own)
            && crate::text::fold(number) == *own
            && (date.is_none() || self.issued.is_none() || date == self.issued)
        {
            return;
        }
        if found.short {
            // "Chỉ thị 16" after "Chỉ thị số 16/CT-TTg" is the same document.
            let digits = found.number.as_deref().unwrap_or("");
            let same = self.list.iter_mut().find(|c| {
                c.kind == found.kind
                    && c.number
                        .as_deref()
                        .is_some_and(|n| n.strip_prefix(digits).is_some_and(|rest| rest.starts_with(['/', '-'])))
            });
            if let Some(same) = same {
                same.mentions.push(place);
                return;
            }
        }
        let key = match (&found.number, &found.title) {
            (Some(number), _) => crate::text::fold(number),
            (None, Some(title)) => crate::text::fold(title),
            (None, None) => return,
        };
        let iso = date.map(Date::iso);
        let known = self.by_number.entry(key).or_default();
        for index in known.iter().copied() {
            let old = &mut self.list[index];
            let same = match (&old.issued_on, &iso) {
                (Some(a), Some(b)) => a == b,
                _ => true,
            };
            if same {
                if old.issued_on.is_none() {
                    old.issued_on = iso;
                }
                if old.issuer.is_none() {
                    old.issuer = found.issuer;
                }
                if old.kind.is_none() {
                    old.kind = found.kind;
                }
                old.mentions.push(place);
                return;
            }
        }
        if !known.is_empty() {
            let others: Vec<&str> = known.iter().filter_map(|i| self.list[*i].issued_on.as_deref()).collect();
            findings.add(findings::CITATION_DATE_CONFLICT, Some(place), format!("{raw} | {}", others.join(", ")));
        }
        if let (Some(date), Some(issued)) = (date, self.issued)
            && date > issued
        {
            findings.add(findings::CITATION_AFTER_ISSUE, Some(place), raw);
        }
        known.push(self.list.len());
        if found.short {
            self.shorts.push((self.list.len(), place));
        }
        self.list.push(Citation {
            number: found.number,
            kind: found.kind,
            issued_on: iso,
            issuer: found.issuer,
            title: found.title,
            span: place,
            mentions: Vec::new(),
        });
    }

    /// The citations, with short mentions resolved and doubtful ones noted.
    pub(crate) fn finish(mut self, findings: &mut Findings) -> Vec<Citation> {
        // A short mention may stand before the full one, as in the subject.
        let mut gone = Vec::new();
        for (index, span) in &self.shorts {
            let (kind, digits) = (self.list[*index].kind, self.list[*index].number.clone().unwrap_or_default());
            let full = self.list.iter().position(|c| {
                c.kind == kind
                    && c.number
                        .as_deref()
                        .is_some_and(|n| n.strip_prefix(digits.as_str()).is_some_and(|r| r.starts_with(['/', '-'])))
            });
            match full {
                Some(full) => {
                    self.list[full].mentions.push(*span);
                    gone.push(*index);
                }
                None => findings.add(findings::CITATION_SHORT, Some(*span), digits),
            }
        }
        let mut index = 0;
        self.list.retain(|_| {
            index += 1;
            !gone.contains(&(index - 1))
        });
        for c in &self.list {
            // A law's number carries its year.
            let yeared = c.number.as_deref().is_some_and(has_year);
            if c.issued_on.is_none() && !yeared && c.number.is_some() {
                findings.add(findings::CITATION_UNDATED, Some(c.span), c.number.clone().unwrap_or_default());
            }
        }
        self.list
    }
}

/// "117/2020/NĐ-CP", "1654/NQ-UBTVQH15": no other document bears this number in another year.
fn has_year(number: &str) -> bool {
    number.split('/').skip(1).any(|g| g.len() == 4 && g.bytes().all(|b| b.is_ascii_digit()))
}

/// One citation behind a noun.
fn one(norm: &str, fold: &str, start: usize, at: usize, noun: &str, kind: Option<Kind>) -> Option<Found> {
    let mut c = Cursor::new(fold, at);
    c.spaces();
    for word in [
        "kết luận",
        "liên tịch",
        "khẩn",
        "hỏa tốc",
        "liên ngành",
        "chung",
        "cá biệt",
        "hợp nhất",
        "phối hợp",
        "nội bộ",
        "mật",
    ] {
        c.word(word);
    }
    let labelled = noun == "số" || c.word("số") || c.word("sô");
    if c.byte() == Some(b':') {
        c.at += 1;
        c.spaces();
    }
    let token = numbers::token_at(norm, fold, c.at, false);
    let mut found = Found { number: None, kind, date: None, issuer: None, title: None, start, end: at, short: false };
    match token {
        Some(token) if token.has_digits && token.has_symbol => {
            if fold[token.end..].chars().next().is_some_and(crate::text::is_word) {
                return None;
            }
            let by_code = numbers::kind_of(&token.text);
            // The printed noun wins over the code, except for "văn bản" and "số".
            if found.kind.is_none() {
                found.kind = by_code;
            }
            if kind == Some(Kind::CongDien) && noun == "điện" && !labelled {
                return None;
            }
            c.at = token.end;
            found.end = token.end;
            found.number = Some(token.text);
        }
        Some(token) if token.has_digits && !noun.is_empty() && noun != "số" && noun != "văn bản" && noun != "điện" =>
        {
            // "Chỉ thị 16", "Nghị quyết 128": few digits and a capital, or the word "số".
            let capital = norm[start..].chars().next().is_some_and(crate::text::is_upper);
            let few = token.text.len() <= 4;
            let next = fold[token.end..].trim_start();
            let unit = next.starts_with(['/', '%', '-'])
                || next.starts_with("ngày/")
                || next.starts_with("người")
                || next.starts_with("điểm")
                || next.starts_with("nội dung")
                || next.starts_with("nhiệm vụ")
                || next.starts_with("giờ")
                || next.starts_with("ca ");
            let known = matches!(
                kind,
                Some(
                    Kind::ChiThi
                        | Kind::NghiQuyet
                        | Kind::QuyetDinh
                        | Kind::CongDien
                        | Kind::NghiDinh
                        | Kind::KetLuan
                        | Kind::ThongTu
                        | Kind::KeHoach
                        | Kind::CongVan
                        | Kind::ThongBao
                )
            );
            if !capital
                || !few
                || unit
                || !known
                || !labelled
                    && fold[token.end..].starts_with('.')
                    && fold[token.end + 1..].starts_with(|c: char| c.is_ascii_digit())
            {
                return None;
            }
            c.at = token.end;
            found.end = token.end;
            found.number = Some(token.text);
            found.short = true;
        }
        _ if matches!(kind, Some(Kind::Luat | Kind::PhapLenh)) => return law(norm, fold, start, at, kind),
        _ => return None,
    }
    tail(norm, fold, c, &mut found);
    Some(found)
}

/// Date and issuer behind the number.
fn tail(norm: &str, fold: &str, mut c: Cursor<'_>, found: &mut Found) {
    let save = c;
    c.spaces();
    let comma = c.byte() == Some(b',');
    if comma {
        c.at += 1;
        c.spaces();
    }
    let bracket = c.byte() == Some(b'(');
    if bracket {
        c.at += 1;
    }
    for word in ["ban hành", "ký"] {
        c.word(word);
    }
    if c.word("ngày") || c.eat("ngày") {
        c.spaces();
        if let Some(date) = dates::date(fold, c.at) {
            c.at += date.len;
            found.end = c.at;
            found.date = Some(date);
            if bracket && c.byte() == Some(b')') {
                c.at += 1;
                found.end = c.at;
            }
        } else {
            c = save;
        }
    } else {
        c = save;
    }
    c.spaces();
    if c.byte() == Some(b',') {
        c.at += 1;
        c.spaces();
    }
    if c.word("của")
        && let Some(end) = issuer_end(norm, fold, c.at)
    {
        found.issuer = Some(norm[c.at..end].to_owned());
        found.end = end;
    }
}

fn issuer_end(norm: &str, fold: &str, at: usize) -> Option<usize> {
    let rest = &fold[at..];
    for body in [
        "thủ tướng chính phủ",
        "chính phủ",
        "quốc hội",
        "bộ chính trị",
        "ban bí thư trung ương đảng",
        "ban bí thư",
        "ban chấp hành trung ương đảng",
        "ban chấp hành trung ương",
        "ủy ban thường vụ quốc hội",
        "chủ tịch nước",
    ] {
        if rest.starts_with(body) && !rest[body.len()..].chars().next().is_some_and(crate::text::is_word) {
            let mut end = at + body.len();
            // "Ban Chấp hành Trung ương Đảng khóa XIII" keeps its body only.
            if fold[end..].starts_with(" trung ương đảng") {
                end += " trung ương đảng".len();
            }
            return Some(end);
        }
    }
    let unit = units::unit(norm, fold, at)?;
    let upper = norm[at..].chars().next().is_some_and(crate::text::is_upper);
    (upper || rest.starts_with("liên")).then_some(unit.end)
}

/// "Luật Phòng, chống bệnh truyền nhiễm ngày 21 tháng 11 năm 2007", "Luật Đầu tư công năm 2019".
fn law(norm: &str, fold: &str, start: usize, at: usize, kind: Option<Kind>) -> Option<Found> {
    const LEN_MAX: usize = 160;
    let upper = |at: usize| norm[at..].chars().next().is_some_and(crate::text::is_upper);
    let name_at = at + (fold[at..].len() - fold[at..].trim_start().len());
    if !upper(start) || name_at >= fold.len() {
        return None;
    }
    // "Luật sửa đổi, bổ sung một số điều của Luật A và Luật B ngày …" is one law up to its date.
    let amends = fold[name_at..].starts_with("sửa đổi");
    if !amends && !upper(name_at) {
        return None;
    }
    let window = units::floor(fold, name_at + if amends { 2 * LEN_MAX } else { LEN_MAX });
    let mut end = window;
    let stops: &[&str] = if amends {
        &[" ngày ", " số ", ";", ".", " năm "]
    } else {
        &[
            " ngày ",
            " số ",
            " năm ",
            ";",
            ".",
            " và ",
            " (",
            " quy định",
            " của ",
            " được ",
            ", các ",
            ", luật ",
            " để ",
            " theo ",
            " đã ",
            " cho ",
            " có ",
            ", nghị ",
            " trong ",
            " sửa đổi",
            ", pháp lệnh",
        ]
    };
    for stop in stops.iter().copied() {
        if let Some(n) = fold[name_at..window].find(stop) {
            // "và" inside a name: "Luật Sửa đổi, bổ sung một số điều của Luật …", "Luật An toàn và vệ sinh".
            if stop == " và "
                && fold[name_at + n + " và ".len()..].starts_with(|c: char| crate::text::is_small(c))
                && !fold[name_at + n + 5..].starts_with("luật")
                && !fold[name_at + n + " và ".len()..].starts_with("các ")
                && norm[name_at + n + " và ".len()..].chars().next().is_some_and(crate::text::is_small)
            {
                continue;
            }
            end = end.min(name_at + n);
        }
    }
    let end = name_at + norm[name_at..end].trim_end_matches([' ', ',']).len();
    if end == window && window < fold.len() {
        return None;
    }
    let mut found = Found {
        number: None,
        kind,
        date: None,
        issuer: None,
        title: Some(norm[start..end].to_owned()),
        start,
        end,
        short: false,
    };
    let mut c = Cursor::new(fold, end);
    c.spaces();
    let bracket = c.byte() == Some(b'(');
    if bracket {
        c.at += 1;
    }
    if c.word("số") {
        if let Some(token) = numbers::token_at(norm, fold, c.at, false).filter(|t| t.has_symbol) {
            c.at = token.end;
            found.end = token.end;
            found.number = Some(token.text);
        }
    } else {
        c = Cursor::new(fold, end);
    }
    tail(norm, fold, c, &mut found);
    Some(found)
}
