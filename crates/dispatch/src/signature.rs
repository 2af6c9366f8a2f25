//! The closing: recipients, authority, post and name of the signer, whatever stands between them.
//!
//! Basis: NĐ 30/2020/NĐ-CP, Article 13 and Annex I, part II, items 7 and 9.

use std::sync::LazyLock;

use crate::casing;
use crate::findings::{self, Findings};
use crate::header::{self, clean_item, is_bullet, trim};
use crate::lines::*;
use crate::text::Text;
use crate::types::*;
use crate::words::Phrases;

#[rustfmt::skip]
const POSTS: &[&str] = &[
    "chủ tịch", "phó chủ tịch", "quyền chủ tịch", "giám đốc", "phó giám đốc", "quyền giám đốc", "bí thư",
    "phó bí thư", "chánh văn phòng", "phó chánh văn phòng", "bộ trưởng", "thứ trưởng", "quyền bộ trưởng",
    "thủ tướng", "phó thủ tướng", "cục trưởng", "phó cục trưởng", "tổng cục trưởng", "phó tổng cục trưởng",
    "chi cục trưởng", "phó chi cục trưởng", "vụ trưởng", "phó vụ trưởng", "trưởng ban", "phó trưởng ban",
    "trưởng tiểu ban", "chủ nhiệm", "phó chủ nhiệm", "bộ trưởng, chủ nhiệm", "viện trưởng", "phó viện trưởng",
    "hiệu trưởng", "phó hiệu trưởng", "trưởng phòng", "phó trưởng phòng", "trưởng đoàn", "phó trưởng đoàn",
    "tổng giám đốc", "phó tổng giám đốc", "chỉ huy trưởng", "phó chỉ huy trưởng", "chính ủy", "tư lệnh",
    "phó tư lệnh", "thường trực", "ủy viên", "tổng bí thư", "chánh thanh tra", "phó chánh thanh tra",
    "trưởng công an", "phó trưởng công an", "thống đốc", "phó thống đốc", "tổng thư ký", "tổng biên tập",
    "trưởng trạm", "phó chỉ huy", "chủ tọa", "thư ký", "trưởng tổ", "tổ trưởng", "phó tổng thanh tra",
    "tổng thanh tra", "chánh án", "phó trưởng ban thường trực", "q. chủ tịch", "tổng kiểm toán",
];

static SIGNING: LazyLock<Phrases<'static>> = LazyLock::new(|| Phrases::new(POSTS.iter().copied()));

/// Authority to sign at the start of a folded line: the prefix as a length, and whether it is one of TM.
fn authority(fold: &str) -> Option<(usize, bool)> {
    const PREFIXES: &[(&str, bool)] = &[
        ("tm.", true),
        ("tm ", true),
        ("t/m.", true),
        ("t/m", true),
        ("t.m", true),
        ("kt.", false),
        ("kt ", false),
        ("k/t.", false),
        ("k/t", false),
        ("k.t", false),
        ("tl.", false),
        ("tl ", false),
        ("t/l.", false),
        ("t/l", false),
        ("t.l", false),
        ("tuq.", false),
        ("tuq ", false),
        ("t/uq", false),
        ("t.uq", false),
        ("q. ", false),
        ("q.", false),
    ];
    PREFIXES.iter().find(|(prefix, _)| fold.starts_with(prefix)).map(|(prefix, body)| {
        let extra = fold[prefix.len()..].starts_with('.') as usize;
        (prefix.trim_end().len() + extra, *body)
    })
}

/// Whether a folded line in capitals can belong to a signature block.
pub(crate) fn is_sign(fold: &str) -> bool {
    let fold = fold.trim_end_matches([' ', '|', '*']);
    if fold.len() > 140 {
        return false;
    }
    if let Some((len, _)) = authority(fold) {
        let rest = fold[len..].trim_start();
        return rest.len() > 2
            && (post(rest) || crate::header::names_body(rest) || rest.starts_with("ban ") || rest.starts_with("đoàn"));
    }
    post(fold)
        && fold.len() < 90
        && !fold.contains("yêu cầu")
        && !fold.contains("quyết định")
        && !fold.ends_with(':')
        && !fold.ends_with("điện")
}

fn post(fold: &str) -> bool {
    // The Prime Minister signs as "THỦ TƯỚNG"; with "CHÍNH PHỦ" it is an issuer.
    fold != "thủ tướng chính phủ" && SIGNING.at(fold).is_some()
}

/// What the closing gave.
#[derive(Default)]
pub(crate) struct Closing {
    pub(crate) recipients: Vec<(String, Span)>,
    pub(crate) recipients_seen: bool,
    pub(crate) signatory: Signatory,
    pub(crate) spans: Vec<(&'static str, Span)>,
    pub(crate) attached: Vec<Attached>,
    /// First line behind the closing.
    pub(crate) end: usize,
}

/// Reads the closing on `lines[from..to]`.
pub(crate) fn read(text: &Text<'_>, lines: &[Line], from: usize, to: usize, findings: &mut Findings) -> Closing {
    let mut closing = Closing { end: from, ..Closing::default() };
    let mut in_list = false;
    let mut list_done = false;
    let mut item_open = false;
    let mut caps: Vec<(usize, usize)> = Vec::new();
    let mut names: Vec<(String, Span)> = Vec::new();
    let mut stripped: Option<(Span, String)> = None;
    let mut stray: Option<(usize, usize)> = None;
    let mut mixed = None;
    let mut i = from;
    while i < to && i < from + 90 {
        let line = lines[i];
        if line.has(STAMP) {
            let (next, attached) = header::stamp(text, lines, i, to);
            findings.add(
                findings::STAMP_SEPARATED,
                Some(attached.span),
                &text.src[attached.span.start..attached.span.end],
            );
            closing.attached.push(attached);
            i = next;
            continue;
        }
        let parts = segments(text, line);
        if parts.len() > 1 && !line.has(TABLE) {
            mixed.get_or_insert(text.span(line.start, line.end));
        }
        let mut known = false;
        for (index, (start, end)) in parts.into_iter().enumerate() {
            let fold = &text.fold[start..end];
            let norm = &text.norm[start..end];
            let bare = fold.trim_matches(['*', ' ', '(', ')', '[', ']', '"', '|', '_']);
            if is_noi_nhan(bare) {
                closing.recipients_seen = true;
                in_list = true;
                known = true;
                let at = fold.find(':').map_or(fold.len(), |n| n + 1);
                let (s, e) = trim(text, start + at, end);
                if e > s {
                    item_open = push_items(text, &mut closing.recipients, s, e, false);
                }
                continue;
            }
            if (line.has(DIGITAL) || closing.attached.last().is_some_and(|a| a.kind == AttachedKind::DigitalSignature))
                && header::is_digital(bare)
            {
                header::digital(text, &mut closing.attached, text.span(start, end), findings);
                known = true;
                continue;
            }
            let bullet = is_bullet(norm);
            let signed = matches!(
                bare,
                "đã ký"
                    | "đã kí"
                    | "daky"
                    | "da ky"
                    | "đã ký và đóng dấu"
                    | "ký tên"
                    | "ký, đóng dấu"
                    | "ký thay"
                    | "chữ ký"
                    | "ký và ghi rõ họ tên"
                    | "ký tên, đóng dấu"
                    | "đã ký, đóng dấu"
            ) || bare.len() < 40 && bare.starts_with("chữ ký")
                || bare.starts_with("dấu") && bare.len() < 20
                || bare.is_empty();
            if signed {
                known = true;
                continue;
            }
            let is_caps_line = is_caps(norm);
            if is_caps_line && !bullet && (is_sign(bare) || continues_caps(&caps, text, line, bare, names.is_empty())) {
                // "CHỦ TỊCH Trần Văn A" on one line is split below, this is capitals only.
                caps.push((start, end));
                known = true;
                item_open = false;
                continue;
            }
            if !bullet
                && !item_open_blocks(in_list, item_open, line, index)
                && let Some((post_end, name_start)) = post_then_name(norm, fold)
            {
                caps.push((start, start + post_end));
                let (name, rank) = person(&norm[name_start..]).unwrap_or_default();
                names.push((name, text.span(start + name_start, end)));
                if !rank.is_empty() {
                    stripped = Some((text.span(start + name_start, end), norm[name_start..].to_owned()));
                }
                known = true;
                continue;
            }
            let list_first = in_list && !list_done && item_open;
            if !bullet
                && (!list_first || line.blank_before || !caps.is_empty())
                && let Some((name, rank)) = person(norm)
                && (!caps.is_empty() || line.blank_before || list_done)
            {
                if !rank.is_empty() {
                    stripped = Some((text.span(start, end), norm.to_owned()));
                }
                names.push((name, text.span(start, end)));
                known = true;
                continue;
            }
            if in_list
                && !list_done
                && (bullet
                    || item_open
                    || !line.blank_before
                    || closing.recipients.is_empty()
                    || fold.starts_with("lưu"))
                && end - start < 300
            {
                let glue = !bullet && item_open && index == 0;
                item_open = push_items(text, &mut closing.recipients, start, end, glue);
                let last = closing.recipients.last().map(|(item, _)| crate::text::fold(item)).unwrap_or_default();
                if last.starts_with("lưu") && !item_open {
                    list_done = true;
                }
                known = true;
                continue;
            }
            if bullet && list_done && end - start < 160 && caps.is_empty() {
                // A second column of recipients.
                push_items(text, &mut closing.recipients, start, end, false);
                known = true;
                continue;
            }
        }
        if known {
            closing.end = i + 1;
            stray = None;
        } else {
            stray.get_or_insert((i, line.start));
            // Two unknown lines in a row behind a name: the closing is over.
            if !names.is_empty() && (list_done || !in_list) || stray.is_some_and(|(at, _)| i >= at + 6) {
                break;
            }
        }
        i += 1;
    }
    if let Some(span) = mixed {
        findings.add(findings::HEADER_COLUMNS_MIXED, Some(span), "");
    }
    if let Some((span, raw)) = stripped {
        findings.add(findings::SIGNATORY_RANK_STRIPPED, Some(span), raw);
    }
    for (item, _) in &mut closing.recipients {
        *item = clean_item(item);
    }
    signatory(text, &caps, &names, &mut closing, findings);
    closing
}

fn item_open_blocks(in_list: bool, item_open: bool, line: Line, index: usize) -> bool {
    in_list && item_open && !line.blank_before && index == 0
}

/// A line in capitals that goes on with the post above: "TRƯỞNG BAN CHỈ ĐẠO / PHÒNG, CHỐNG DỊCH".
fn continues_caps(caps: &[(usize, usize)], text: &Text<'_>, line: Line, bare: &str, no_name: bool) -> bool {
    let Some((_, end)) = caps.last() else { return false };
    no_name
        && line.start.saturating_sub(*end) < 4
        && bare.len() < 120
        && !is_annex(bare, &text.norm[line.start..line.end])
        && person_caps(&text.norm[line.start..line.end]).is_none()
}

/// Names are at times set in capitals; three or four words of which the first is a family name.
fn person_caps(norm: &str) -> Option<String> {
    let words: Vec<&str> = norm.split(' ').filter(|w| !w.is_empty()).collect();
    if !(2..=5).contains(&words.len()) || !is_caps(norm) || norm.chars().any(|c| !crate::text::is_letter(c) && c != ' ')
    {
        return None;
    }
    let family = crate::text::fold(words[0]);
    FAMILIES.contains(&family.as_str()).then(|| casing::name(norm))
}

#[rustfmt::skip]
const FAMILIES: &[&str] = &[
    "nguyễn", "trần", "lê", "phạm", "hoàng", "huỳnh", "phan", "vũ", "võ", "đặng", "bùi", "đỗ", "hồ", "ngô",
    "dương", "lý", "đinh", "mai", "lâm", "trịnh", "đào", "đoàn", "vương", "trương", "lương", "hà", "tô", "tạ",
    "cao", "thái", "châu", "quách", "lưu", "kim", "thạch", "sơn", "danh", "tăng", "từ", "phùng", "nông", "hứa",
    "la", "chu", "tôn", "điểu", "y", "ksor", "rah", "siu", "giàng", "lò", "quàng", "triệu", "ma", "bế", "vi", "lữ",
    "diệp", "thân", "khổng", "nghiêm", "doãn", "âu", "ông", "tống", "cù", "đàm", "lã", "bạch", "hầu", "thào",
    "vàng", "sùng", "hoà", "viên", "văn", "khuất", "kiều", "giáp", "mạc", "mã", "ninh", "phí", "thẩm", "ung",
    "hàn", "đồng", "bá", "huỳnh",
];

/// The items of one printed line; tells whether the last goes on.
fn push_items(text: &Text<'_>, list: &mut Vec<(String, Span)>, start: usize, end: usize, glue: bool) -> bool {
    let norm = &text.norm[start..end];
    let mut cuts = vec![0];
    for semi in memchr::memchr_iter(b';', norm.as_bytes()) {
        let rest = norm[semi + 1..].trim_start();
        let plain =
            list.is_empty() && !is_bullet(norm) && !glue && rest.chars().next().is_some_and(crate::text::is_upper);
        if is_bullet(rest) || plain {
            cuts.push(semi + 1);
        }
    }
    let mut open = false;
    for (n, from) in cuts.iter().copied().enumerate() {
        let to = cuts.get(n + 1).copied().unwrap_or(norm.len());
        let piece = &norm[from..to];
        let lead = piece.len() - piece.trim_start_matches(header::is_bullet_char).len();
        let (s, e) = trim(text, start + from + lead, start + to);
        if e <= s {
            continue;
        }
        let raw = &text.norm[s..e];
        open = !raw.ends_with([';', '.', ','])
            || raw.ends_with("TP.")
            || raw.ends_with(',') && crate::text::fold(raw).starts_with("lưu");
        if clean_item(raw).is_empty() {
            continue;
        }
        let span = text.span(s, e);
        match list.last_mut() {
            Some((last, last_span)) if glue && n == 0 => {
                last.push(' ');
                last.push_str(raw);
                last_span.end = span.end;
            }
            _ => list.push((raw.to_owned(), span)),
        }
    }
    open
}

fn segments(text: &Text<'_>, line: Line) -> Vec<(usize, usize)> {
    let mut cuts = Vec::new();
    let mut from = line.start;
    for gap in text.gaps_in(line.start, line.end).iter().take(8) {
        cuts.push((from, *gap));
        from = gap + 1;
    }
    cuts.push((from, line.end));
    if text.norm[line.start..line.end].contains('|') {
        cuts = cuts
            .into_iter()
            .flat_map(|(start, end)| {
                let mut parts = Vec::new();
                let mut from = start;
                for bar in memchr::memchr_iter(b'|', &text.norm.as_bytes()[start..end]).take(12) {
                    parts.push((from, start + bar));
                    from = start + bar + 1;
                }
                parts.push((from, end));
                parts
            })
            .collect();
    }
    cuts.into_iter()
        .flat_map(|(start, end)| match glued(&text.norm[start..end], &text.fold[start..end]) {
            Some(at) => vec![(start, start + at), (start + at, end)],
            None => vec![(start, end)],
        })
        .map(|(s, e)| trim(text, s, e))
        .filter(|(s, e)| e > s)
        .collect()
}

/// Two columns with one space between them: "- Như trên; KT. CHỦ TỊCH".
fn glued(norm: &str, fold: &str) -> Option<usize> {
    if norm.len() > 200 {
        return None;
    }
    norm.char_indices().filter(|(_, c)| matches!(c, ';' | '.' | ':' | ',')).map(|(at, _)| at + 1).find(|at| {
        let rest = norm[*at..].trim_start();
        let from = norm.len() - rest.len();
        norm[*at..].starts_with(' ')
            && rest.len() > 6
            && is_caps(rest)
            && is_sign(&fold[from..])
            && !norm[..*at].ends_with("TM.")
            && !norm[..*at].ends_with("KT.")
            && !norm[..*at].ends_with("TL.")
            && !norm[..*at].ends_with("TUQ.")
            && !norm[..*at].ends_with("Q.")
    })
}

/// A person's name in usual casing, without ranks and degrees, and the rank that was taken off.
fn person(norm: &str) -> Option<(String, String)> {
    let mut rest = norm.trim().trim_matches(['*', '"', '.', ' ', '_']);
    if rest.len() > 90 {
        return None;
    }
    for prefix in
        ["(Đã ký)", "(đã ký)", "Đã ký:", "Đã ký", "(ĐÃ KÝ)", "[daky]", "[Đã ký]", "Đ/c", "Đồng chí", "Ông", "Bà"]
    {
        if let Some(after) = rest.strip_prefix(prefix)
            && after.starts_with([' ', ':', '.'])
        {
            rest = after.trim_start_matches([' ', ':', '.']);
        }
    }
    for suffix in ["(Đã ký)", "(đã ký)", "(ĐÃ KÝ)"] {
        rest = rest.strip_suffix(suffix).unwrap_or(rest).trim_end();
    }
    let full = rest;
    loop {
        let before = rest;
        for rank in RANKS {
            if let Some(after) = rest.strip_prefix(rank)
                && after.starts_with([' ', '.', ',', '-'])
            {
                rest = after.trim_start_matches([' ', '.', ',', '-']);
            }
        }
        if rest == before {
            break;
        }
    }
    let rank = full[..full.len() - rest.len()].trim().to_owned();
    let words: Vec<&str> = rest.split(' ').filter(|w| !w.is_empty()).collect();
    if !(2..=6).contains(&words.len()) || rest.chars().count() > 40 {
        return None;
    }
    if is_caps(rest) {
        return person_caps(rest).map(|name| (name, rank));
    }
    let ok = words.iter().all(|word| {
        let mut chars = word.chars();
        chars.next().is_some_and(crate::text::is_upper)
            && chars.all(|c| {
                crate::text::is_letter(c) && !crate::text::is_upper(c)
                    || matches!(c, '\'' | '-' | '’')
                    || crate::text::is_letter(c) && word.contains(['-', '\'', '’'])
            })
    });
    let fold = crate::text::fold(rest);
    // Names of bodies are also in capitals word by word at times.
    let body = crate::header::bodylike(rest, &fold) && !FAMILIES.contains(&fold.split(' ').next().unwrap_or(""))
        || ["như trên", "lưu", "nơi nhận", "kính"]
            .iter()
            .any(|w| fold.starts_with(w) && (*w != "lưu" || fold.contains("vt")));
    (ok && !body).then(|| (words.join(" "), rank))
}

#[rustfmt::skip]
const RANKS: &[&str] = &[
    "GS", "PGS", "TS", "TSKH", "ThS", "Ths", "ThS.BS", "BS", "BSCKI", "BSCKII", "BS.CKI", "BS.CKII", "CKI", "CKII",
    "CK1", "CK2", "DS", "KS", "CN", "LS", "TTUT", "TTND", "NGUT", "Thầy thuốc ưu tú", "Thầy thuốc nhân dân",
    "Đại tướng", "Thượng tướng", "Trung tướng", "Thiếu tướng", "Chuẩn tướng", "Đại tá", "Thượng tá", "Trung tá",
    "Thiếu tá", "Đại úy", "Đại uý", "Thượng úy", "Thượng uý", "Trung úy", "Trung uý", "Giáo sư", "Phó Giáo sư",
    "Tiến sĩ", "Thạc sĩ", "Bác sĩ", "Dược sĩ", "Kỹ sư",
];

/// "CHỦ TỊCH Trần Văn A": where the post ends and the name begins.
fn post_then_name(norm: &str, fold: &str) -> Option<(usize, usize)> {
    if norm.len() > 140 || !is_sign_start(fold) {
        return None;
    }
    let mut at = 0;
    let mut split = None;
    for word in norm.split(' ') {
        let letters = word.chars().filter(|c| crate::text::is_letter(*c)).count();
        let capital = word.chars().next().is_some_and(crate::text::is_upper);
        if letters > 1 && capital && !is_caps(word) || word.starts_with("(Đã") || word.starts_with("(đã") {
            split = Some(at);
            break;
        }
        if letters > 1 && !is_caps(word) && !matches!(word, "T/M" | "K/T") {
            return None;
        }
        at += word.len() + 1;
    }
    let split = split?;
    let post_part = norm[..split].trim_end();
    if split == 0 || !is_caps(post_part) {
        return None;
    }
    person(&norm[split..])?;
    Some((post_part.len(), split))
}

fn is_sign_start(fold: &str) -> bool {
    authority(fold).is_some() || post(fold)
}

fn signatory(
    text: &Text<'_>,
    caps: &[(usize, usize)],
    names: &[(String, Span)],
    closing: &mut Closing,
    findings: &mut Findings,
) {
    let mut titles: Vec<String> = Vec::new();
    let mut title_span: Option<Span> = None;
    let out = &mut closing.signatory;
    let mut open: Option<bool> = None;
    let parted: Vec<(usize, usize)> = caps.iter().flat_map(|(start, end)| part(text, *start, *end)).collect();
    for (start, end) in parted {
        // A second block (a copy form, a joint document) follows a full first one; the first counts.
        let norm = &text.norm[start..end];
        let fold = &text.fold[start..end];
        let (start, norm, fold) = {
            let lead = norm.len() - norm.trim_start_matches(['*', '|', ' ', '"']).len();
            (start + lead, &norm[lead..], &fold[lead..])
        };
        if let Some((len, _)) = authority(fold) {
            if !titles.is_empty() {
                break;
            }
            let quyen = fold.starts_with("q.");
            let prefix = norm[..len].trim();
            out.authority = Some(prefix.to_owned());
            closing.spans.push(("signatory.authority", text.span(start, start + len)));
            let rest = norm[len..].trim();
            if quyen {
                titles.push(casing::natural(rest));
                title_span = Some(text.span(start + len, end));
            } else {
                if out.on_behalf_of.is_none() {
                    out.on_behalf_of = Some(casing::natural(rest));
                }
                out.lines.push(format!("{prefix} {}", casing::natural(rest)));
                open = Some(true);
            }
            continue;
        }
        if post(fold) {
            if titles.is_empty() {
                titles.push(casing::natural(norm));
                title_span = Some(text.span(start, end));
            } else {
                let joined = casing::natural(norm);
                if titles.contains(&joined) {
                    continue;
                }
                titles.push(joined);
                if let Some(span) = &mut title_span {
                    span.end = text.span(start, end).end;
                }
            }
            open = Some(false);
            continue;
        }
        // A line that goes on with the one above.
        match open {
            Some(true) if titles.is_empty() => {
                let more = small_first(&casing::natural(norm), norm);
                for body in out.lines.last_mut().into_iter().chain(&mut out.on_behalf_of) {
                    body.push(' ');
                    body.push_str(&more);
                }
            }
            _ => {
                if let Some(last) = titles.last_mut() {
                    let more = casing::natural(norm);
                    last.push(' ');
                    last.push_str(&small_first(&more, norm));
                    if let Some(span) = &mut title_span {
                        span.end = text.span(start, end).end;
                    }
                }
            }
        }
    }
    if !titles.is_empty() {
        out.title = Some(titles.join(", "));
    }
    if let Some(span) = title_span {
        closing.spans.push(("signatory.title", span));
    }
    if let Some((name, span)) = names.first() {
        out.name = Some(name.clone());
        closing.spans.push(("signatory.name", *span));
        if let Some((_, again)) = names[1..].iter().find(|(other, _)| other == name) {
            findings.add(findings::SIGNATORY_REPEATED, Some(*again), name.clone());
        }
    }
}

/// Lines that a converter put on one: "TM. ỦY BAN NHÂN DÂN KT. CHỦ TỊCH PHÓ CHỦ TỊCH".
fn part(text: &Text<'_>, start: usize, end: usize) -> Vec<(usize, usize)> {
    let fold = &text.fold[start..end];
    let Some((len, body)) = authority(fold.trim_start_matches(['*', '|', ' ', '"'])) else { return vec![(start, end)] };
    let mut cuts: Vec<usize> = Vec::new();
    for word in [" kt.", " tl.", " tuq.", " k/t", " t/l", " phó ", " chánh văn phòng"] {
        if let Some(at) = fold[len..].find(word)
            && at > 1
        {
            cuts.push(len + at);
        }
    }
    if body && cuts.is_empty() {
        for word in [" chủ tịch", " giám đốc", " bí thư", " trưởng ban"] {
            if let Some(at) = fold[len..].find(word).filter(|at| *at > 4) {
                cuts.push(len + at);
                break;
            }
        }
    }
    cuts.sort_unstable();
    let mut out = Vec::new();
    let mut from = start;
    for cut in cuts {
        out.push((from, start + cut));
        from = start + cut + 1;
    }
    out.push((from, end));
    out
}

/// The second line of a post in capitals goes on in small letters: "THƯỜNG TRỰC" in "Phó Chủ tịch Thường trực" keeps
/// its capital, "PHÒNG, CHỐNG DỊCH" loses it.
fn small_first(natural: &str, _printed: &str) -> String {
    if ["Phòng, chống", "Phòng chống", "Tỉnh ", "Huyện ", "Thành phố", "Xã ", "Phường ", "Cấp "]
        .iter()
        .any(|w| natural.starts_with(w))
        || natural == "Tỉnh"
    {
        let mut chars = natural.chars();
        return chars.next().map(crate::text::lower).into_iter().chain(chars).collect();
    }
    natural.to_owned()
}
