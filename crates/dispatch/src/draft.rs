//! A dispatch as it is composed, written so that [`crate::parse`] reads it back unchanged.
//!
//! Basis: NĐ 30/2020/NĐ-CP, Annex I (form), Articles 13 (authority to sign) and 23.2 (lead, cooperation, time limit).

use serde::{Deserialize, Serialize};

use crate::assignments;
use crate::deadlines;
use crate::figures::Figure;
use crate::kinds::Kind;
use crate::layout::is_of_figure;
use crate::numbering::LETTERS;
use crate::text::{fold, is_letter, is_small, is_upper, lower};
use crate::types::*;

/// A dispatch that is being composed (dự thảo văn bản).
///
/// **Invariant:** for a draft that is [tidy](Draft::tidy) and of which nothing is [unread](Draft::unread), reading
/// what [`write`](crate::write) wrote gives the same draft (`tests/drafts.rs`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Type of document; the title, the place of the subject and the numbering follow from it.
    pub kind: Kind,
    /// Degree of urgency.
    #[serde(default)]
    pub urgency: Option<Urgency>,
    /// Body above the issuer, in natural casing ("Ủy ban nhân dân tỉnh Sóc Trăng" above "Sở Y tế").
    #[serde(default)]
    pub parent_issuer: Option<String>,
    /// Issuing body in natural casing; the writer sets it in capitals.
    pub issuer: String,
    /// Number and symbol ("1844/UBND-VX"); none as long as it has not been given.
    #[serde(default)]
    pub number: Option<String>,
    /// Place of issue.
    pub place: String,
    /// Date of issue, ISO 8601; none leaves it to be filled in.
    #[serde(default)]
    pub issued_on: Option<String>,
    /// Subject, without "V/v".
    pub subject: String,
    /// Addressees, one string per printed item.
    #[serde(default)]
    pub addressees: Vec<String>,
    /// Grounds and command sentence, one string per paragraph, with their marks
    /// ("Căn cứ …;", "Chủ tịch Ủy ban nhân dân tỉnh yêu cầu:").
    #[serde(default)]
    pub preamble: Vec<String>,
    /// With what the clauses at the top are numbered.
    #[serde(default)]
    pub numbering: Numbering,
    /// Clauses at the top.
    #[serde(default)]
    pub clauses: Vec<DraftClause>,
    /// Closing sentence, without the end mark.
    #[serde(default)]
    pub closing: Option<String>,
    /// Recipients, one string per printed item; the last is by custom "Lưu: VT, …".
    #[serde(default)]
    pub recipients: Vec<String>,
    /// Lines of authority above the post, from the top: "TM. Ủy ban nhân dân", "KT. Chủ tịch".
    #[serde(default)]
    pub authority: Vec<Authority>,
    /// Whether the signer holds the post for the time being ("Q.").
    #[serde(default)]
    pub acting: bool,
    /// Post of the signer in natural casing.
    pub title: String,
    /// Name of the signer; empty as long as nobody has signed.
    #[serde(default)]
    pub name: String,
}

/// A clause that is being composed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct DraftClause {
    /// What is to be done, without units, time limits and the mark at the end ("rà soát nguồn ô xy, giường bệnh").
    /// May be empty for a heading that is nothing but units. Further lines are paragraphs of their own below it.
    #[serde(default)]
    pub text: String,
    /// Units in charge, as printed.
    #[serde(default)]
    pub lead: Vec<String>,
    /// Units that cooperate, as printed.
    #[serde(default)]
    pub cooperating: Vec<String>,
    /// Time limits.
    #[serde(default)]
    pub dues: Vec<Due>,
    /// Tables and charts behind its paragraphs. What is read back from a text has none.
    #[serde(default)]
    pub figures: Vec<Figure>,
    /// Clauses below.
    #[serde(default)]
    pub clauses: Vec<DraftClause>,
}

/// With what the clauses at the top of a draft are numbered; those below follow (1., a), -, +).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    /// 1., a), -, +
    #[default]
    Arabic,
    /// I., 1., a), -, +
    Roman,
    /// Điều 1., 1., a), -, +
    Article,
}

/// A time limit that the writer can put into words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Due {
    /// At the latest on a day, or before an hour of it.
    On {
        /// Date, ISO 8601.
        day: String,
        /// Hour, HH:MM.
        #[serde(default)]
        time: Option<String>,
    },
    /// Every day, or every so many days.
    Daily {
        /// 1 for each day.
        every: u16,
        /// Hour, HH:MM.
        #[serde(default)]
        time: Option<String>,
    },
    /// Every week.
    Weekly {
        /// MO, TU, WE, TH, FR, SA, SU.
        #[serde(default)]
        weekday: Option<String>,
        /// Hour, HH:MM; only with a weekday.
        #[serde(default)]
        time: Option<String>,
    },
    /// Every month, on days of it.
    Monthly {
        /// Days of the month, ascending; none leaves the day open.
        #[serde(default)]
        days: Vec<u16>,
        /// Hour, HH:MM; only with days.
        #[serde(default)]
        time: Option<String>,
    },
    /// Without end.
    Standing,
}

/// A line of authority to sign. Basis: NĐ 30/2020/NĐ-CP, Article 13.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authority {
    /// By what right.
    pub by: SigningFor,
    /// Body or post signed for, in natural casing.
    pub of: String,
}

/// The right by which somebody signs for a body or a post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SigningFor {
    /// Thay mặt: for a collective body.
    Tm,
    /// Ký thay: a deputy for the head.
    Kt,
    /// Thừa lệnh: by order.
    Tl,
    /// Thừa ủy quyền: by delegation.
    Tuq,
}

impl SigningFor {
    /// All, in the order of Article 13.
    pub const ALL: &'static [SigningFor] = &[SigningFor::Tm, SigningFor::Kt, SigningFor::Tl, SigningFor::Tuq];

    /// As printed.
    #[must_use]
    pub fn printed(self) -> &'static str {
        match self {
            SigningFor::Tm => "TM.",
            SigningFor::Kt => "KT.",
            SigningFor::Tl => "TL.",
            SigningFor::Tuq => "TUQ.",
        }
    }
}

/// Something of a draft that its own text does not say again (chỗ đọc lại không khớp).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unread {
    /// Field of [`Draft`] or [`DraftClause`].
    pub field: &'static str,
    /// Path of the clause, if it is one of a clause.
    pub path: Option<String>,
}

/// Deepest level of clauses that a draft can have; the writer has no mark for a deeper one.
pub const DRAFT_DEPTH_MAX: usize = 4;

/// Longest list that can be numbered by letters: the alphabet of points ends there.
const LETTERED_MAX: usize = 23;

impl Due {
    /// The time limit in words, as it stands behind a task.
    #[must_use]
    pub fn words(&self) -> String {
        match self {
            Due::On { day, time } => match time {
                Some(time) => format!("hoàn thành trước {} ngày {}", hour(time), day_words(day)),
                None => format!("hoàn thành chậm nhất ngày {}", day_words(day)),
            },
            Due::Daily { every, time } => {
                let rhythm =
                    if *every > 1 { format!("định kỳ {every:02} ngày/lần") } else { "hằng ngày".to_owned() };
                match time {
                    Some(time) => format!("thực hiện {rhythm} (trước {})", hour(time)),
                    None => format!("thực hiện {rhythm}"),
                }
            }
            Due::Weekly { weekday, time } => match (weekday.as_deref().and_then(weekday_words), time) {
                (Some(day), Some(time)) => format!("thực hiện hằng tuần (trước {} {day})", hour(time)),
                (Some(day), None) => format!("thực hiện hằng tuần vào {day}"),
                (None, _) => "thực hiện hằng tuần".to_owned(),
            },
            Due::Monthly { days, time } => {
                if days.is_empty() {
                    return "thực hiện hằng tháng".to_owned();
                }
                let days: Vec<String> = days.iter().map(|day| format!("{day:02}")).collect();
                let days = listed(&days, " và ");
                match time {
                    Some(time) => format!("thực hiện trước {} ngày {days} hằng tháng", hour(time)),
                    None => format!("thực hiện ngày {days} hằng tháng"),
                }
            }
            Due::Standing => "thực hiện thường xuyên".to_owned(),
        }
    }

    /// The time limit that a deadline says, if the writer can say it.
    #[must_use]
    pub fn of(deadline: &Deadline) -> Option<Due> {
        match deadline.kind {
            DeadlineKind::Absolute => {
                let due = deadline.due_at.as_deref()?;
                let (day, time) = due.split_once('T').map_or((due, None), |(day, time)| (day, Some(time)));
                Some(Due::On { day: day.to_owned(), time: time.map(str::to_owned) })
            }
            DeadlineKind::Recurrent => {
                let rule = deadline.rule.as_deref()?;
                let part = |name: &str| {
                    rule.split(';').filter_map(|p| p.split_once('=')).find(|(n, _)| *n == name).map(|(_, v)| v)
                };
                if part("BYHOUR").is_some() {
                    return None;
                }
                let every: u16 = part("INTERVAL").map_or(Some(1), |n| n.parse().ok())?;
                let time = deadline.cutoff.clone();
                match part("FREQ")? {
                    "DAILY" => Some(Due::Daily { every, time }),
                    "WEEKLY" if every == 1 => Some(Due::Weekly { weekday: part("BYDAY").map(str::to_owned), time }),
                    "MONTHLY" if every == 1 => {
                        let days = part("BYMONTHDAY").unwrap_or_default();
                        let days: Result<Vec<u16>, _> =
                            days.split(',').filter(|d| !d.is_empty()).map(str::parse).collect();
                        Some(Due::Monthly { days: days.ok()?, time })
                    }
                    _ => None,
                }
            }
            DeadlineKind::Standing => Some(Due::Standing),
            DeadlineKind::Event => None,
        }
    }
}

fn hour(time: &str) -> String {
    time.replace(':', "h")
}

/// A day, ISO 8601, as documents write it: `03/9/2021`. Days below 10 and the months 1 and 2 have two figures, by Annex I.
#[must_use]
pub fn day_words(day: &str) -> String {
    match parts(day) {
        Some((year, month, day)) if month < 3 => format!("{day:02}/{month:02}/{year}"),
        Some((year, month, day)) => format!("{day:02}/{month}/{year}"),
        None => day.to_owned(),
    }
}

fn parts(iso: &str) -> Option<(u16, u16, u16)> {
    let mut parts = iso.splitn(3, '-').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

fn weekday_words(day: &str) -> Option<&'static str> {
    Some(match day {
        "MO" => "thứ Hai",
        "TU" => "thứ Ba",
        "WE" => "thứ Tư",
        "TH" => "thứ Năm",
        "FR" => "thứ Sáu",
        "SA" => "thứ Bảy",
        "SU" => "Chủ nhật",
        _ => return None,
    })
}

/// A day as the head says it; without one it is left to be filled in.
pub(crate) fn date_words(iso: Option<&str>) -> String {
    match iso.and_then(parts) {
        Some((year, month, day)) if month < 3 => format!("ngày {day:02} tháng {month:02} năm {year}"),
        Some((year, month, day)) => format!("ngày {day:02} tháng {month} năm {year}"),
        None => "ngày … tháng … năm …".to_owned(),
    }
}

/// "A, B và C".
fn listed(items: &[String], last: &str) -> String {
    match items {
        [] => String::new(),
        [only] => only.clone(),
        [head @ .., tail] => format!("{}{last}{tail}", head.join(", ")),
    }
}

/// Ways to say who does a task, the plainest first. The first one that reads back is used: names of units are many,
/// and some end only where the right word follows.
const FORMS: usize = 5;

fn sentence(form: usize, clause: &DraftClause, text: &str) -> Option<String> {
    let (lead, with) = (clause.lead.join(", "), clause.cooperating.join(", "));
    let alone = clause.cooperating.is_empty();
    Some(match (form, clause.lead.is_empty(), alone) {
        (0, true, true) => text.to_owned(),
        (0, false, true) if text.is_empty() => lead,
        (0, false, true) => format!("{lead} {text}"),
        (1, false, true) if !text.is_empty() => format!("{lead} chủ trì {text}"),
        (2, false, true) if !text.is_empty() => format!("Giao {lead} {text}"),
        (0, false, false) => format!("{lead} chủ trì, phối hợp với {with} {text}").trim_end().to_owned(),
        (1, false, false) if !text.is_empty() => format!("{lead} chủ trì, phối hợp với {with} để {text}"),
        (0, true, false) => format!("Phối hợp với {with} {text}").trim_end().to_owned(),
        (3, _, _) if !text.is_empty() => {
            let mut said = capital(text);
            if !clause.lead.is_empty() {
                said.push_str(&format!("; đơn vị chủ trì: {lead}"));
            }
            if !alone {
                said.push_str(&format!("; đơn vị phối hợp: {with}"));
            }
            said
        }
        (4, false, _) if text.is_empty() => {
            let mut said = format!("Đơn vị chủ trì: {lead}");
            if !alone {
                said.push_str(&format!("; đơn vị phối hợp: {with}"));
            }
            said
        }
        _ => return None,
    })
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().collect::<String>()).unwrap_or_default() + chars.as_str()
}

/// Units of a stretch by their part.
fn units(norm: &str) -> (Vec<String>, Vec<String>) {
    let folded = fold(norm);
    let (mut lead, mut with) = (Vec::new(), Vec::new());
    for found in assignments::read(norm, &folded, true) {
        let unit = found.unit.name.clone().unwrap_or_else(|| norm[found.unit.start..found.unit.end].to_owned());
        let list = if found.role == Role::Lead { &mut lead } else { &mut with };
        if !list.contains(&unit) {
            list.push(unit);
        }
    }
    with.retain(|unit| !lead.contains(unit));
    (lead, with)
}

/// The first paragraph of a clause with its units and time limits, without the mark at the end.
pub(crate) fn said(clause: &DraftClause, text: &str) -> String {
    let mark = if clause.clauses.is_empty() { "." } else { ":" };
    let forms = || (0..FORMS).filter_map(|form| sentence(form, clause, text));
    let with_dues = |words: String| {
        let mut words = words;
        for due in &clause.dues {
            words.push_str("; ");
            words.push_str(&due.words());
        }
        words
    };
    let whole = forms().map(with_dues).find(|words| {
        let (lead, cooperating) = units(&format!("{words}{mark}"));
        lead == clause.lead && cooperating == clause.cooperating && {
            let again = taken_apart(words, &lead, &cooperating, &read_dues(words));
            again.text == text && again.dues == clause.dues
        }
    });
    whole.or_else(|| forms().next().map(with_dues)).unwrap_or_default()
}

fn read_dues(words: &str) -> Vec<Option<Due>> {
    let folded = fold(words);
    let spans = deadlines::read(&folded, None);
    spans.into_iter().map(|due| Due::of(&due.finish(Span::default(), ""))).collect()
}

/// The parts of a clause's words: what [`sentence`] and [`said`] put together, and the paragraphs behind.
fn taken_apart(words: &str, lead: &[String], cooperating: &[String], dues: &[Option<Due>]) -> DraftClause {
    let mut lines = words.lines().map(str::trim).filter(|line| !line.is_empty() && !is_of_figure(line));
    let mut clause = first_taken_apart(lines.next().unwrap_or_default(), lead, cooperating, dues);
    for line in lines.map(bare).filter(|line| !line.is_empty()) {
        clause.text.push('\n');
        clause.text.push_str(&line);
    }
    clause
}

fn first_taken_apart(words: &str, lead: &[String], cooperating: &[String], dues: &[Option<Due>]) -> DraftClause {
    let mut rest = words.trim_end_matches(['.', ';', ':', ' ', '/']);
    let mut clause = DraftClause { lead: lead.to_vec(), cooperating: cooperating.to_vec(), ..DraftClause::default() };
    for due in dues.iter().rev() {
        let Some(due) = due else { break };
        let Some(before) = rest.strip_suffix(due.words().as_str()).and_then(|r| r.strip_suffix("; ")) else { break };
        rest = before;
        clause.dues.insert(0, due.clone());
    }
    // The form that gives these words from a text and these units.
    for form in 0..FORMS {
        const HOLE: &str = "\u{1}";
        if sentence(form, &clause, "").is_some_and(|whole| whole == rest && !rest.is_empty()) {
            return clause;
        }
        let Some(frame) = sentence(form, &clause, HOLE) else { continue };
        let Some((before, after)) = frame.split_once(HOLE) else { continue };
        if let Some(text) = rest.strip_prefix(before).and_then(|rest| rest.strip_suffix(after))
            && !text.trim().is_empty()
        {
            clause.text = if form == 3 { begun(text, false) } else { text.to_owned() };
            return clause;
        }
    }
    // Said in another way: the words stay together.
    clause.text = rest.to_owned();
    clause.lead.clear();
    clause.cooperating.clear();
    clause
}

/// The text with a capital or a small first letter. Abbreviations stay as they are.
fn begun(text: &str, capital_first: bool) -> String {
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return String::new() };
    if capital_first && is_small(first) {
        return capital(text);
    }
    if !capital_first && is_upper(first) && chars.clone().next().is_none_or(|c| !is_letter(c) || is_small(c)) {
        return std::iter::once(lower(first)).chain(chars).collect();
    }
    text.to_owned()
}

fn bare(text: &str) -> String {
    let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let trimmed = one_line.trim_end_matches(['.', ';', ':', ',', ' ', '/']);
    trimmed.trim_start_matches(['-', '–', '+', ' ']).to_owned()
}

impl DraftClause {
    fn tidy(&self) -> DraftClause {
        let list = |list: &[String]| {
            let mut out: Vec<String> = Vec::new();
            for unit in list.iter().map(|unit| bare(unit)).filter(|unit| !unit.is_empty()) {
                if !out.contains(&unit) {
                    out.push(unit);
                }
            }
            out
        };
        let lead = list(&self.lead);
        let mut cooperating = list(&self.cooperating);
        cooperating.retain(|unit| !lead.contains(unit));
        let nobody = lead.is_empty() && cooperating.is_empty();
        let paragraphs: Vec<String> = self.text.lines().map(bare).filter(|line| !line.is_empty()).collect();
        DraftClause {
            text: begun(&paragraphs.join("\n"), nobody),
            lead,
            cooperating,
            dues: self.dues.clone(),
            figures: self.figures.clone(),
            clauses: self.clauses.iter().map(DraftClause::tidy).filter(|clause| !clause.is_blank()).collect(),
        }
    }

    fn is_blank(&self) -> bool {
        self.text.is_empty()
            && self.lead.is_empty()
            && self.cooperating.is_empty()
            && self.dues.is_empty()
            && self.figures.is_empty()
            && self.clauses.is_empty()
    }
}

impl Draft {
    /// An empty draft of a type, numbered as that type usually is: a decision has articles, reports and plans sections.
    #[must_use]
    pub fn new(kind: Kind) -> Draft {
        Draft {
            kind,
            urgency: None,
            parent_issuer: None,
            issuer: String::new(),
            number: None,
            place: String::new(),
            issued_on: None,
            subject: String::new(),
            addressees: Vec::new(),
            preamble: Vec::new(),
            numbering: match kind {
                Kind::QuyetDinh => Numbering::Article,
                Kind::BaoCao | Kind::KeHoach => Numbering::Roman,
                _ => Numbering::Arabic,
            },
            clauses: Vec::new(),
            closing: None,
            recipients: Vec::new(),
            authority: Vec::new(),
            acting: false,
            title: String::new(),
            name: String::new(),
        }
    }

    /// The draft in the form in which it is compared and read back: one space between words, no marks at the ends of
    /// items, no empty items, units once each, small first letters behind units and capitals without them.
    #[must_use]
    pub fn tidy(&self) -> Draft {
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let some = |text: &Option<String>| text.as_deref().map(plain).filter(|text| !text.is_empty());
        let items =
            |list: &[String]| list.iter().map(|item| bare(item)).filter(|item| !item.is_empty()).collect::<Vec<_>>();
        let addressees = items(&self.addressees);
        // "Như trên" is whom it is addressed to; with nobody there it would mean nobody.
        let mut recipients = items(&self.recipients);
        recipients.retain(|item| !addressees.is_empty() || !fold(item).starts_with("như trên"));
        Draft {
            parent_issuer: some(&self.parent_issuer),
            issuer: plain(&self.issuer),
            number: some(&self.number),
            place: plain(&self.place),
            issued_on: some(&self.issued_on),
            subject: bare(&self.subject),
            addressees,
            preamble: self.preamble.iter().map(|text| plain(text)).filter(|text| !text.is_empty()).collect(),
            clauses: self.clauses.iter().map(DraftClause::tidy).filter(|clause| !clause.is_blank()).collect(),
            closing: self.closing.as_deref().map(bare).filter(|text| !text.is_empty()),
            recipients,
            authority: self.authority.iter().map(|a| Authority { by: a.by, of: plain(&a.of) }).collect(),
            title: plain(&self.title),
            name: plain(&self.name),
            ..*self
        }
    }

    /// The draft that a dispatch says; `text` is the text from which it was parsed. Numbers are given anew, and what
    /// the writer cannot say apart stays in the words.
    #[must_use]
    pub fn of(dispatch: &Dispatch, text: &str) -> Draft {
        let kind = dispatch.kind.unwrap_or(Kind::CongVan);
        let mut draft = Draft {
            urgency: dispatch.urgency,
            parent_issuer: dispatch.parent_issuer.clone(),
            issuer: dispatch.issuer.clone().unwrap_or_default(),
            number: dispatch.number.clone(),
            place: dispatch.place.clone().unwrap_or_default(),
            issued_on: dispatch.issued_on.clone(),
            subject: dispatch.subject.clone().unwrap_or_default(),
            addressees: dispatch.addressees.clone(),
            recipients: dispatch.recipients.clone(),
            acting: dispatch.signatory.authority.as_deref() == Some("Q."),
            title: dispatch.signatory.title.clone().unwrap_or_default(),
            name: dispatch.signatory.name.clone().unwrap_or_default(),
            ..Draft::new(kind)
        };
        draft.preamble = dispatch
            .preamble
            .and_then(|span| text.get(span.start..span.end))
            .unwrap_or_default()
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
            .filter(|line| !line.is_empty() && fold(line) != format!("{}:", kind.title()))
            .collect();
        for line in &dispatch.signatory.lines {
            let by = SigningFor::ALL.iter().copied().find(|by| line.starts_with(by.printed()));
            if let Some(by) = by {
                let of = line[by.printed().len()..].trim().to_owned();
                draft.authority.push(Authority { by, of });
            }
        }
        let mut listed: Vec<&Clause> =
            dispatch.clauses.iter().filter(|clause| !clause.path.starts_with("PL")).collect();
        if let Some(last) = listed.last().filter(|c| label(&c.path).starts_with('¶') && listed.len() > 1) {
            draft.closing = Some(bare(&last.text));
            listed.pop();
        }
        draft.numbering = match listed.first().map(|c| c.path.as_str()) {
            Some(path) if path.starts_with("Điều") => Numbering::Article,
            Some(path) if path.starts_with(['I', 'V', 'X']) => Numbering::Roman,
            _ => Numbering::Arabic,
        };
        let mut at = 0;
        draft.clauses = tree(&listed, &mut at, None);
        draft
    }

    /// What of the draft its own text does not say again; empty when a reader of the text knows all of it.
    #[must_use]
    pub fn unread(&self) -> Vec<Unread> {
        let wanted = self.tidy();
        let text = crate::write(&wanted);
        let outcome = crate::parse(&text);
        let mut unread = Vec::new();
        let mut note = |same: bool, field: &'static str| {
            if !same {
                unread.push(Unread { field, path: None });
            }
        };
        let Some(read) = outcome.dispatches.first().map(|dispatch| Draft::of(dispatch, &text)) else {
            note(false, "kind");
            return unread;
        };
        note(outcome.dispatches.len() == 1 && read.kind == wanted.kind, "kind");
        note(read.urgency == wanted.urgency, "urgency");
        note(read.parent_issuer == wanted.parent_issuer, "parent_issuer");
        note(read.issuer == wanted.issuer, "issuer");
        note(read.number == wanted.number, "number");
        note(read.place == wanted.place, "place");
        note(read.issued_on == wanted.issued_on, "issued_on");
        note(read.subject == wanted.subject, "subject");
        note(read.addressees == wanted.addressees, "addressees");
        note(read.preamble == wanted.preamble, "preamble");
        note(read.closing == wanted.closing, "closing");
        note(read.recipients == wanted.recipients, "recipients");
        note(read.authority == wanted.authority && read.acting == wanted.acting, "authority");
        note(read.title == wanted.title, "title");
        note(read.name == wanted.name, "name");
        note(read.numbering == wanted.numbering || wanted.clauses.is_empty(), "numbering");
        differ(&wanted.clauses, &read.clauses, wanted.numbering, "", 0, &mut unread);
        unread
    }
}

fn differ(
    wanted: &[DraftClause],
    read: &[DraftClause],
    numbering: Numbering,
    above: &str,
    depth: usize,
    unread: &mut Vec<Unread>,
) {
    let labels = labels(numbering, depth, wanted.len());
    for (i, clause) in wanted.iter().enumerate() {
        let label = &labels[i].0;
        let path = if above.is_empty() { label.clone() } else { format!("{above}.{label}") };
        let mut note = |field: &'static str| unread.push(Unread { field, path: Some(path.clone()) });
        let Some(again) = read.get(i) else {
            note("clauses");
            continue;
        };
        if again.text != clause.text {
            note("text");
        }
        if again.lead != clause.lead {
            note("lead");
        }
        if again.cooperating != clause.cooperating {
            note("cooperating");
        }
        if again.dues != clause.dues {
            note("dues");
        }
        if again.clauses.len() > clause.clauses.len() {
            note("clauses");
        }
        differ(&clause.clauses, &again.clauses, numbering, &path, depth + 1, unread);
    }
    if read.len() > wanted.len() {
        unread.push(Unread { field: "clauses", path: (!above.is_empty()).then(|| above.to_owned()) });
    }
}

fn label(path: &str) -> &str {
    path.rsplit_once('.').map_or(path, |(_, label)| label)
}

/// Clauses below `above`, from a list in the order of the document.
fn tree(list: &[&Clause], at: &mut usize, above: Option<&str>) -> Vec<DraftClause> {
    let mut out = Vec::new();
    while let Some(clause) = list.get(*at) {
        let below = above.is_none_or(|above| clause.path.strip_prefix(above).is_some_and(|rest| rest.starts_with('.')));
        if !below {
            break;
        }
        *at += 1;
        let own = |role: Role| -> Vec<String> {
            let mut units: Vec<String> = Vec::new();
            for a in clause.assignments.iter().filter(|a| a.role == role && !a.inherited) {
                if !units.contains(&a.unit) {
                    units.push(a.unit.clone());
                }
            }
            units
        };
        let dues: Vec<Option<Due>> = clause.deadlines.iter().map(Due::of).collect();
        let mut draft = taken_apart(&clause.text, &own(Role::Lead), &own(Role::Cooperating), &dues);
        draft.clauses = tree(list, at, Some(&clause.path));
        out.push(draft);
    }
    out
}

/// Labels in the path and as printed of a list of clauses.
pub(crate) fn labels(numbering: Numbering, depth: usize, count: usize) -> Vec<(String, String)> {
    let level = if numbering == Numbering::Arabic { depth + 1 } else { depth };
    let letters: Vec<char> = LETTERS.chars().collect();
    (1..=count)
        .map(|n| match level {
            0 if numbering == Numbering::Article => (format!("Điều {n}"), format!("Điều {n}.")),
            0 => (roman(n), format!("{}.", roman(n))),
            1 => (n.to_string(), format!("{n}.")),
            2 if count <= LETTERED_MAX => (letters[n - 1].to_string(), format!("{})", letters[n - 1])),
            2 | 3 => (format!("-{n}"), "-".to_owned()),
            _ => (format!("+{n}"), "+".to_owned()),
        })
        .collect()
}

fn roman(mut n: usize) -> String {
    let mut out = String::new();
    for (value, sign) in [(50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")] {
        while n >= value {
            out.push_str(sign);
            n -= value;
        }
    }
    out
}
