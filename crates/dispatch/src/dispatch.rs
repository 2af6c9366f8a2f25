//! From text to dispatches: the parts are found, then header, body and closing of each are put together.

use crate::body;
use crate::casing;
use crate::citations::Citations;
use crate::clauses;
use crate::dates::Date;
use crate::findings::{self, Findings};
use crate::header::{self, Header};
use crate::kinds::Kind;
use crate::lines::{self, *};
use crate::numbers;
use crate::signature::{self, Closing};
use crate::split;
use crate::text::Text;
use crate::types::*;

/// Reads a text. A text without a dispatch gives none, and the finding `not_a_dispatch`.
#[must_use]
pub fn parse(text: &str) -> Outcome {
    let text = Text::new(text);
    let lines = lines::read(&text);
    let parts = split::parts(&lines);
    let mut findings = Findings::default();
    let mut dispatches: Vec<Dispatch> = Vec::new();
    let mut pending: Vec<Attached> = Vec::new();
    for part in parts {
        if part.copy {
            let attached = copy_form(&text, &lines, part.from, part.to);
            match dispatches.last_mut() {
                Some(last) => {
                    note_copy(last, &text, &attached);
                    last.attached.push(attached);
                }
                None => pending.push(attached),
            }
            continue;
        }
        if let Some(mut dispatch) = read(&text, &lines, part.from, part.to) {
            for attached in pending.drain(..) {
                note_copy(&mut dispatch, &text, &attached);
                dispatch.attached.push(attached);
            }
            dispatches.push(dispatch);
        }
    }
    if dispatches.is_empty() {
        let start = lines.first().map_or(0, |l| l.start);
        let end = lines.first().map_or(0, |l| l.end);
        findings.add(findings::NOT_A_DISPATCH, Some(text.span(start, end)), &text.norm[start..end]);
    }
    if dispatches.len() > 1 {
        let numbers: Vec<&str> = dispatches.iter().map(|d| d.number.as_deref().unwrap_or("?")).collect();
        findings.add(findings::SEVERAL_DISPATCHES, None, numbers.join(", "));
    }
    Outcome { dispatches, findings: findings.finish() }
}

fn note_copy(dispatch: &mut Dispatch, text: &Text<'_>, attached: &Attached) {
    let mut findings = Findings::default();
    let raw = &text.src[attached.span.start..attached.span.end];
    findings.add(
        findings::CERTIFIED_COPY_SEPARATED,
        Some(attached.span),
        raw.split_whitespace().collect::<Vec<_>>().join(" "),
    );
    dispatch.findings.extend(findings.finish());
}

/// Reads what a form of certified copy says about itself.
fn copy_form(text: &Text<'_>, lines: &[Line], from: usize, to: usize) -> Attached {
    let mut quiet = Findings::default();
    let header = header::read(text, lines, from, to, &mut quiet);
    let (_, issuer) = issuer(text, &header);
    Attached {
        kind: AttachedKind::CertifiedCopy,
        number: header.number.as_ref().map(|n| n.text.clone()),
        issued_on: header.date.map(Date::iso),
        issuer,
        span: text.span(lines[from].start, lines[to - 1].end),
    }
}

/// Parent and issuer in natural casing.
fn issuer(text: &Text<'_>, header: &Header) -> (Option<String>, Option<String>) {
    let mut bodies: Vec<String> = Vec::new();
    for (start, end) in &header.issuer {
        let norm = text.norm[*start..*end].trim_matches(['*', ' ', '|', '-', '_', '"']);
        let fold = crate::text::fold(norm);
        let mended = mend(norm, &fold);
        let norm = mended.as_deref().unwrap_or(norm);
        let fold = if mended.is_some() { crate::text::fold(norm) } else { fold };
        if norm.chars().filter(|c| crate::text::is_letter(*c)).count() < 2 {
            continue;
        }
        let opens = header::names_body(&fold)
            && ![
                "tỉnh",
                "huyện",
                "thành phố",
                "quận",
                "thị xã",
                "xã ",
                "phường",
                "và ",
                "chính phủ",
                "bộ đội",
                "quốc gia",
                "phòng, chống",
                "phòng chống",
                "tp",
                "đoàn thể",
                "hội chữ",
                "viện kiểm",
                "ban nhân dân",
                "ban thường trực",
            ]
            .iter()
            .any(|w| {
                fold.starts_with(w)
                    && !fold.starts_with("tỉnh ủy")
                    && !fold.starts_with("tỉnh đoàn")
                    && !fold.starts_with("huyện ủy")
                    && !fold.starts_with("huyện đoàn")
                    && !fold.starts_with("thành ủy")
                    && !(bodies.is_empty())
            });
        match bodies.last_mut() {
            Some(last) if !opens || unfinished(last) => {
                last.push(' ');
                last.push_str(norm);
            }
            _ => bodies.push(norm.to_owned()),
        }
    }
    let mut natural: Vec<String> = bodies.iter().take(4).map(|b| casing::natural(b)).collect();
    let issuer = natural.pop();
    let parent = natural.pop();
    (parent, issuer)
}

/// The commonest name of all, with the marks that scans lose put back; the caller notes it as garbled.
fn mend(norm: &str, fold: &str) -> Option<String> {
    for wrong in [
        "uy ban nhân dân",
        "ủy ban nhân dan",
        "ủy ban nhan dân",
        "uỷ ban nhân dàn",
        "ủy ban nhân dàn",
        "ỳ ban nhân dân",
        "ủy bản nhân dân",
        "úy ban nhân dân",
        "ùy ban nhân dân",
        "ủy ban nhản dân",
    ] {
        if let Some(rest) = fold.strip_prefix(wrong) {
            return Some(format!("ỦY BAN NHÂN DÂN{}", &norm[fold.len() - rest.len()..]));
        }
    }
    None
}

/// A head in capitals that cannot stand alone: its name is on the next line.
fn unfinished(body: &str) -> bool {
    let fold = crate::text::fold(body);
    let words = [
        "bộ chỉ huy",
        "ban chỉ huy",
        "bộ tư lệnh",
        "văn phòng",
        "trung tâm",
        "ban quản lý",
        "sở",
        "bộ",
        "cục",
        "chi cục",
        "ban chấp hành",
        "và",
        "của",
        "các",
        "ban",
        "tổng cục",
        "hội đồng",
        "ủy ban",
        "hội liên hiệp",
        "liên đoàn",
        "trường",
        "bệnh viện",
    ];
    words.iter().any(|w| fold == *w)
        || [" và", " của", " các", ",", " -"].iter().any(|w| fold.ends_with(w))
        || matches!(fold.as_str(), "ban quản lý" | "đảng ủy khối")
}

fn read(text: &Text<'_>, lines: &[Line], from: usize, to: usize) -> Option<Dispatch> {
    let mut findings = Findings::default();
    let mut header = header::read(text, lines, from, to, &mut findings);
    let close_at = closing_start(text, lines, header.body, to);
    let Closing { recipients, recipients_seen, signatory, spans, attached, end: close_end } =
        signature::read(text, lines, close_at, to, &mut findings);
    let annex_at = annex_start(text, lines, close_end.max(close_at), to);
    let body_line = header.body.min(close_at);
    let paras = body::paragraphs(text, lines, body_line, close_at, header.body_at, &mut findings);
    let annexes = match annex_at {
        Some(at) => body::paragraphs(text, lines, at, to, lines[at].start, &mut findings),
        None => Vec::new(),
    };

    if !is_dispatch(&header, recipients_seen, &signatory, lines, from, to) {
        return None;
    }
    let mut d = Dispatch { span: text.span(lines[from].start, lines[to - 1].end), ..Dispatch::default() };
    let mut put = |name: &str, list: Vec<Span>| {
        if !list.is_empty() {
            d.spans.insert(name.to_owned(), list);
        }
    };
    let span_of = |(start, end): &(usize, usize)| text.span(*start, *end);
    if let Some(number) = &header.number {
        put("number", vec![text.span(number.start, number.end)]);
    }
    put("issued_on", header.date_span.into_iter().collect());
    put("place", header.place.iter().map(|(_, s)| *s).collect());
    put("urgency", header.urgency.iter().map(|(_, s)| *s).collect());
    put("kind", header.kind.iter().map(|(_, s)| *s).collect());
    put("issuer", header.issuer.iter().map(span_of).collect());
    put("subject", header.subject.iter().map(span_of).collect());
    put("addressees", header.addressees.iter().map(|(_, s)| *s).collect());
    put("recipients", recipients.iter().map(|(_, s)| *s).collect());
    for (name, span) in spans {
        put(name, vec![span]);
    }

    if let Some((span, count)) = text.glyphs.filter(|(span, _)| span.start >= d.span.start && span.start < d.span.end) {
        findings.add(findings::GLYPHS_NORMALISED, Some(span), format!("{} × {count}", &text.src[span.start..span.end]));
    }
    let lost = !header.quoc_hieu && !header.party && header.issuer.is_empty();
    let head_span = Some(text.span(lines[from].start, lines[from].end));
    if lost {
        findings.add(findings::HEADER_MISSING, head_span, "");
    }

    d.number = header.number.as_ref().map(|n| n.text.clone());
    if d.number.is_none() && !(header.number_seen && findings.has(findings::NUMBER_BLANK)) {
        findings.add(findings::NUMBER_MISSING, head_span, "");
    }
    d.issued_on = header.date.map(Date::iso);
    if !header.date_seen {
        findings.add(findings::DATE_MISSING, head_span, "");
    }
    d.place = header.place.as_ref().map(|(p, _)| p.clone());
    if d.place.is_none() {
        findings.add(findings::PLACE_MISSING, head_span, "");
    }
    d.urgency = header.urgency.map(|(u, _)| u);
    let body_fold: &dyn Fn(&str) -> bool = &|word: &str| paras.iter().any(|p| p.fold.contains(word));
    d.kind = kind(&header, d.number.as_deref(), body_fold, head_span, &mut findings);

    let (parent, named) = issuer(text, &header);
    d.parent_issuer = parent;
    d.issuer = named;
    if let Some((start, end)) =
        header.issuer.iter().find(|(s, e)| mend(&text.norm[*s..*e], &text.fold[*s..*e]).is_some())
    {
        findings.add(findings::ISSUER_GARBLED, Some(text.span(*start, *end)), &text.norm[*start..*end]);
    }
    if d.issuer.is_none() {
        infer_issuer(&mut d, &signatory, &paras, head_span, &mut findings);
    }
    if let (Some(issuer), Some(place)) = (&d.issuer, &d.place) {
        let both = format!("{} {}", d.parent_issuer.as_deref().unwrap_or(""), issuer);
        if let (Some(a), Some(b)) = (casing::province_in(&both), casing::province_in(place))
            && a != b
            && crate::text::fold(place) == crate::text::fold(b)
        {
            let span = header.place.as_ref().map(|(_, s)| *s);
            findings.add(findings::ISSUER_PLACE_MISMATCH, span, format!("{issuer} | {place}"));
        }
    }

    let subject: Vec<&str> = header.subject.iter().map(|(s, e)| text.norm[*s..*e].trim()).collect();
    let subject = subject.join(" ");
    let subject = subject.trim_end_matches(['.', ';', ' ', ',']).trim();
    if subject.is_empty() {
        findings.add(findings::SUBJECT_MISSING, head_span, "");
    } else {
        d.subject = Some(subject.to_owned());
    }

    d.addressee_scope = header.scope.take();
    d.addressees = header.addressees.iter().map(|(a, _)| a.clone()).collect();
    if d.addressees.is_empty() && matches!(d.kind, Some(Kind::CongVan | Kind::CongDien | Kind::ToTrinh)) {
        findings.add(findings::ADDRESSEES_MISSING, head_span, "");
    }
    d.recipients = recipients.iter().map(|(r, _)| r.clone()).collect();
    let tail_span = Some(text.span(lines[to - 1].start, lines[to - 1].end));
    if d.recipients.is_empty() {
        findings.add(findings::RECIPIENTS_MISSING, tail_span, "");
    }
    if signatory.name.is_none() {
        let code = if signatory.title.is_none() && signatory.authority.is_none() {
            findings::SIGNATORY_MISSING
        } else {
            findings::SIGNATORY_NAME_MISSING
        };
        findings.add(code, tail_span, "");
    }
    d.signatory = signatory;
    d.attached.append(&mut header.attached);
    d.attached.extend(attached);

    let mut citations = Citations::new(d.number.as_deref(), header.date);
    if !subject.is_empty() {
        let spans = header.subject.clone();
        let joined: String = spans.iter().map(|(s, e)| &text.norm[*s..*e]).collect::<Vec<_>>().join(" ");
        let fold = crate::text::fold(&joined);
        // Offsets of the joined subject lead back piece by piece.
        let place = |at: usize| {
            let mut rest = at;
            for (s, e) in &spans {
                if rest < e - s {
                    return s + rest;
                }
                rest = rest.saturating_sub(e - s + 1);
            }
            spans.last().map_or(0, |(_, e)| *e)
        };
        if joined.len() == fold.len() {
            citations.read(&joined, &fold, &mut findings, |s, e| text.span(place(s), place(e - 1) + 1));
        }
    }
    for para in paras.iter().chain(&annexes) {
        citations.read(&para.norm, &para.fold, &mut findings, |s, e| para.span(text, s, e));
    }
    d.citations = citations.finish(&mut findings);

    let body = clauses::read(text, &paras, &annexes, header.date, &mut findings);
    d.clauses = body.clauses;
    d.preamble = body.preamble;
    d.commanded = body.commanded;
    if d.clauses.is_empty() {
        findings.add(findings::NO_CLAUSES, head_span, "");
    }
    if annex_at.is_none() {
        trailing(text, lines, close_end, to, &mut d, &mut findings);
    }
    d.findings = findings.finish();
    Some(d)
}

/// Text behind the closing that is neither annex nor digital signature.
fn trailing(text: &Text<'_>, lines: &[Line], from: usize, to: usize, d: &mut Dispatch, findings: &mut Findings) {
    let mut stray: Option<Span> = None;
    for line in &lines[from.min(to)..to] {
        let fold = &text.fold[line.start..line.end];
        let span = text.span(line.start, line.end);
        if line.has(DIGITAL)
            || d.attached.last().is_some_and(|a| a.kind == AttachedKind::DigitalSignature)
                && header::is_digital(fold.trim())
        {
            header::digital(text, &mut d.attached, span, findings);
            continue;
        }
        stray = Some(stray.map_or(span, |old| Span { start: old.start, end: span.end }));
    }
    if let Some(span) = stray {
        findings.add(
            findings::TEXT_AFTER_END,
            Some(span),
            text.src[span.start..span.end].split_whitespace().take(20).collect::<Vec<_>>().join(" "),
        );
    }
}

/// Enough signs of a dispatch; a poem has none, a letter one.
fn is_dispatch(
    header: &Header,
    recipients: bool,
    signatory: &Signatory,
    lines: &[Line],
    from: usize,
    to: usize,
) -> bool {
    let mut score = 0;
    score += 3 * usize::from(header.number.as_ref().is_some_and(|n| n.has_symbol));
    score += 2 * usize::from(header.addressees_seen);
    score += 2 * usize::from(header.quoc_hieu || header.party);
    score += 2 * usize::from(recipients);
    score += usize::from(header.date_seen);
    score += 2 * usize::from(header.kind.is_some());
    score += usize::from(!header.subject.is_empty() && header.kind.is_none());
    score += usize::from(signatory.title.is_some() || signatory.authority.is_some());
    score += usize::from(signatory.authority.is_some());
    score += usize::from(!header.issuer.is_empty() && header.issuer.len() < 5);
    score += usize::from(lines[from..to].iter().any(|l| l.has(END)));
    score >= 4
}

/// The first line of the closing.
fn closing_start(text: &Text<'_>, lines: &[Line], from: usize, to: usize) -> usize {
    let nn = (from..to).find(|i| lines[*i].has(NOI_NHAN));
    let end = (from..to).find(|i| lines[*i].has(END));
    let limit = nn.unwrap_or(to);
    // A signature may stand before the recipients.
    let sign =
        (from..limit).rev().take(12).rfind(|i| lines[*i].has(SIGN) && !lines[*i].has(TABLE) && alone(lines, *i, to));
    let mut start = match (nn, sign) {
        (Some(nn), Some(sign)) if lines[sign..nn].iter().all(|l| l.end - l.start < 120) => sign,
        (Some(nn), _) => nn,
        (None, _) => {
            // Without recipients: the first signature line behind the end mark, or the last ones of the text.
            let after = end.map_or(from, |e| e + 1);
            (after..to).find(|i| lines[*i].has(SIGN) && !lines[*i].has(TABLE) && alone(lines, *i, to)).unwrap_or(to)
        }
    };
    if let Some(end) = end {
        // Lines between the end mark and the closing belong to neither.
        if end + 1 < start && start - end <= 14 && !lines[end + 1..start].iter().any(|l| l.end - l.start > 200) {
            let between = &lines[end + 1..start];
            let listed = between
                .iter()
                .filter(|l| crate::numbering::marker(&text.norm[l.start..l.end], &text.fold[l.start..l.end]).is_some())
                .count();
            if listed == 0 {
                start = end + 1;
            }
        }
        if nn.is_none() && start == to && end + 1 < to {
            start = end + 1;
        }
    }
    // Recipients on the same line as the last words.
    start.max(from)
}

/// A post in capitals counts as a signature only near the end or near a name, not as the heading of a part.
fn alone(lines: &[Line], i: usize, to: usize) -> bool {
    lines[i + 1..to.min(i + 6)].iter().all(|l| l.end - l.start < 160)
}

/// The first line of an annex behind the closing.
fn annex_start(text: &Text<'_>, lines: &[Line], from: usize, to: usize) -> Option<usize> {
    (from..to).find(|i| {
        let line = lines[*i];
        let fold = &text.fold[line.start..line.end];
        line.has(ANNEX)
            || line.has(TITLE)
            || fold.contains("kèm theo") && fold.starts_with('(')
            || line.has(CAPS)
                && lines.get(i + 1).is_some_and(|next| text.fold[next.start..next.end].contains("kèm theo"))
    })
}

fn kind(
    header: &Header,
    number: Option<&str>,
    body: &dyn Fn(&str) -> bool,
    span: Option<Span>,
    findings: &mut Findings,
) -> Option<Kind> {
    let by_code = number.and_then(numbers::kind_of);
    if let Some((kind, kind_span)) = header.kind {
        if let Some(code) = by_code {
            let joint = kind == Kind::KetLuan && code == Kind::ThongBao
                || kind == Kind::ThongBao && code == Kind::KetLuan
                || code == Kind::CongVan && kind == Kind::CongDien
                || kind == Kind::ThongTu
                || kind == Kind::QuyDinh
                || kind == Kind::QuyChe;
            if code != kind && !joint {
                findings.add(
                    findings::KIND_CONFLICT,
                    Some(kind_span),
                    format!("{} | {}", kind.title(), number.unwrap_or("")),
                );
            }
        }
        return Some(kind);
    }
    if let Some(code) = by_code {
        if code != Kind::CongVan || header.addressees_seen || !header.subject.is_empty() {
            return Some(code);
        }
        findings.add(findings::KIND_INFERRED, span, number.unwrap_or(""));
        return Some(code);
    }
    for kind in [
        Kind::CongVan,
        Kind::CongDien,
        Kind::ChiThi,
        Kind::KeHoach,
        Kind::ThongBao,
        Kind::KetLuan,
        Kind::QuyetDinh,
        Kind::NghiQuyet,
        Kind::HuongDan,
    ] {
        let words = format!("{} này", kind.title());
        if body(&words) {
            findings.add(findings::KIND_INFERRED, span, words);
            return Some(kind);
        }
    }
    if header.addressees_seen {
        findings.add(findings::KIND_INFERRED, span, "Kính gửi");
        return Some(Kind::CongVan);
    }
    findings.add(findings::KIND_UNCLEAR, span, "");
    None
}

/// Levels of the State's bodies as they are named inside a text.
const LEVELS: &[&str] = &["tỉnh", "thành phố", "huyện", "quận", "thị xã", "phường", "xã", "thị trấn", "đặc khu"];

/// The level of the commanding committee: "Chủ tịch UBND tỉnh yêu cầu".
fn level(paras: &[body::Para]) -> Option<(&'static str, Option<String>)> {
    const VERBS: &[&str] = &[
        "giao",
        "yêu cầu",
        "đề nghị",
        "chỉ đạo",
        "có ý kiến",
        "thông báo",
        "ban hành",
        "nhận được",
        "kính",
        "báo cáo",
        "kết luận",
    ];
    const PARAS_MAX: usize = 30;
    const LEN_MAX: usize = 4000;
    for p in paras.iter().take(PARAS_MAX) {
        let fold = &p.fold[..crate::units::floor(&p.fold, LEN_MAX)];
        for body in ["ubnd ", "ủy ban nhân dân "] {
            for at in memchr::memmem::find_iter(fold.as_bytes(), body.as_bytes()) {
                let rest = &fold[at + body.len()..];
                let Some(level) = LEVELS.iter().copied().find(|level| crate::words::starts(rest, level)) else {
                    continue;
                };
                // A name may stand between: "UBND tỉnh Sóc Trăng yêu cầu".
                let from = at + body.len() + level.len();
                let end = name_end(&p.norm, from);
                let after = fold.get(end..).unwrap_or("").trim_start();
                if VERBS.iter().any(|verb| after.starts_with(verb)) {
                    let name = p.norm[from..end].trim();
                    return Some((level, (!name.is_empty()).then(|| name.to_owned())));
                }
            }
        }
    }
    None
}

/// The end of a run of words that begin with a capital.
fn name_end(norm: &str, from: usize) -> usize {
    let mut end = from;
    for _ in 0..5 {
        let rest = &norm[end..];
        let word = rest.trim_start();
        if !word.starts_with(crate::text::is_upper) || word.len() == rest.len() {
            break;
        }
        end = norm.len() - word.len() + crate::words::first_word(word).len();
    }
    end
}

fn infer_issuer(
    d: &mut Dispatch,
    signatory: &Signatory,
    paras: &[body::Para],
    span: Option<Span>,
    findings: &mut Findings,
) {
    let code = d.number.as_deref().and_then(numbers::issuer_code).unwrap_or_default();
    let behalf = signatory.on_behalf_of.clone().unwrap_or_default();
    let behalf_fold = crate::text::fold(&behalf);
    let place = d.place.clone();
    let mentions = |word: &str| {
        paras.iter().take(60).any(|p| p.fold[..crate::units::floor(&p.fold, 4000)].contains(word))
            || d.recipients.iter().any(|r| crate::text::fold(r).contains(word))
    };
    let committee =
        ["tỉnh ủy", "huyện ủy", "thành ủy", "thị ủy", "quận ủy", "đảng ủy"].into_iter().find(|w| mentions(w));
    let capital = |w: &str| {
        let mut chars = w.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<String>()
    };
    let with_place = |body: &str, level: &str, name: Option<String>| {
        let name = name.or_else(|| {
            place.clone().filter(|p| level == "tỉnh" || level == "thành phố" && casing::province_in(p).is_some())
        });
        match name {
            Some(name) => format!("{body} {level} {name}"),
            None => format!("{body} {level}"),
        }
    };
    let inferred = if behalf_fold.starts_with("ban thường vụ")
        || behalf_fold.starts_with("ban chấp hành")
        || behalf_fold.starts_with("thường trực")
    {
        committee.map(|c| if behalf_fold.contains(" ủy") { behalf.clone() } else { format!("{behalf} {}", capital(c)) })
    } else if code == "ubnd"
        || code == "ctubnd"
        || behalf_fold.starts_with("ủy ban nhân dân")
        || code.is_empty() && level(paras).is_some()
    {
        level(paras).map(|(level, name)| with_place("Ủy ban nhân dân", level, name)).or_else(|| {
            place.as_ref().and_then(|p| casing::province_in(p)).map(|p| format!("Ủy ban nhân dân tỉnh {p}"))
        })
    } else if code == "tu" {
        Some("Tỉnh ủy".to_owned())
    } else {
        const CODES: &[(&str, &str)] = &[
            ("ttg", "Thủ tướng Chính phủ"),
            ("cp", "Chính phủ"),
            ("vpcp", "Văn phòng Chính phủ"),
            ("byt", "Bộ Y tế"),
            ("bca", "Bộ Công an"),
            ("bqp", "Bộ Quốc phòng"),
            ("btc", "Bộ Tài chính"),
            ("bgdđt", "Bộ Giáo dục và Đào tạo"),
            ("bgtvt", "Bộ Giao thông vận tải"),
            ("bct", "Bộ Công Thương"),
            ("bnv", "Bộ Nội vụ"),
            ("blđtbxh", "Bộ Lao động - Thương binh và Xã hội"),
            ("btttt", "Bộ Thông tin và Truyền thông"),
            ("syt", "Sở Y tế"),
            ("sgdđt", "Sở Giáo dục và Đào tạo"),
            ("sgtvt", "Sở Giao thông vận tải"),
            ("sct", "Sở Công Thương"),
            ("stc", "Sở Tài chính"),
            ("snv", "Sở Nội vụ"),
            ("slđtbxh", "Sở Lao động - Thương binh và Xã hội"),
            ("stttt", "Sở Thông tin và Truyền thông"),
            ("hu", "Huyện ủy"),
            ("bcđqg", "Ban Chỉ đạo Quốc gia"),
            ("bcđ", "Ban Chỉ đạo"),
            ("hđnd", "Hội đồng nhân dân"),
        ];
        CODES.iter().find(|(c, _)| *c == code).map(|(_, name)| (*name).to_owned()).or_else(|| {
            (!behalf.is_empty()
                && signatory
                    .authority
                    .as_deref()
                    .is_some_and(|a| a.to_uppercase().starts_with('T') && a.to_uppercase().contains('M')))
            .then(|| behalf.clone())
        })
    };
    match inferred {
        Some(issuer) => {
            findings.add(findings::ISSUER_INFERRED, span, issuer.clone());
            d.issuer = Some(issuer);
        }
        None => findings.add(findings::ISSUER_MISSING, span, ""),
    }
}
