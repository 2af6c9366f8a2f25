//! Time limits: a date, a rhythm, a standing duty, or something that must happen first.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::dates::{self, Cursor, Date};
use crate::findings::{self, Findings};
use crate::types::*;

/// A time limit by bytes of the stretch that was read.
#[derive(Clone, Debug)]
pub(crate) struct Due {
    pub(crate) start: usize,
    pub(crate) end: usize,
    kind: DeadlineKind,
    due_at: Option<String>,
    rule: Option<String>,
    cutoff: Option<String>,
    doubt: Vec<&'static findings::Code>,
}

/// At most this many per stretch.
const DEADLINES_MAX: usize = 60;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Word {
    /// trước, chậm nhất, đến hết …
    Limit,
    /// hàng ngày, hằng tuần …
    Every(&'static str, u16),
    /// ngày/lần, tuần/lần …
    PerTime(&'static str, u16),
    /// lần/ngày …
    TimesPer(&'static str),
    Standing,
    Event,
    /// trong vòng …, trong thời hạn …, sau …
    Within,
    /// thời gian hoàn thành:
    Label,
    /// trong tháng, trong quý, trong ngày
    InPeriod,
}

const WORDS: &[(&str, Word)] = &[
    ("trước", Word::Limit),
    ("xong trước", Word::Limit),
    ("chậm nhất", Word::Limit),
    ("muộn nhất", Word::Limit),
    ("trễ nhất", Word::Limit),
    ("đến hết", Word::Limit),
    ("hết ngày", Word::Limit),
    ("không quá", Word::Limit),
    ("hạn cuối", Word::Limit),
    ("hạn chót", Word::Limit),
    ("thời hạn cuối", Word::Limit),
    ("trong ngày", Word::InPeriod),
    ("trong sáng", Word::InPeriod),
    ("trong chiều", Word::InPeriod),
    ("trong buổi sáng", Word::InPeriod),
    ("trong buổi chiều", Word::InPeriod),
    ("trong tháng", Word::InPeriod),
    ("trong quý", Word::InPeriod),
    ("trong hôm nay", Word::InPeriod),
    ("thời gian hoàn thành", Word::Label),
    ("thời hạn hoàn thành", Word::Label),
    ("thời gian thực hiện", Word::Label),
    ("thời hạn thực hiện", Word::Label),
    ("thời hạn báo cáo", Word::Label),
    ("thời gian báo cáo", Word::Label),
    ("thời gian gửi báo cáo", Word::Label),
    ("thời gian gửi", Word::Label),
    ("thời hạn gửi", Word::Label),
    ("thời hạn:", Word::Label),
    ("thời gian:", Word::Label),
    ("hoàn thành:", Word::Label),
    ("hạn hoàn thành", Word::Label),
    ("hoàn thành vào", Word::Label),
    ("hàng ngày", Word::Every("DAILY", 1)),
    ("hằng ngày", Word::Every("DAILY", 1)),
    ("mỗi ngày", Word::Every("DAILY", 1)),
    ("hàng đêm", Word::Every("DAILY", 1)),
    ("hàng giờ", Word::Every("HOURLY", 1)),
    ("hằng giờ", Word::Every("HOURLY", 1)),
    ("hàng tuần", Word::Every("WEEKLY", 1)),
    ("hằng tuần", Word::Every("WEEKLY", 1)),
    ("mỗi tuần", Word::Every("WEEKLY", 1)),
    ("hàng tháng", Word::Every("MONTHLY", 1)),
    ("hằng tháng", Word::Every("MONTHLY", 1)),
    ("mỗi tháng", Word::Every("MONTHLY", 1)),
    ("hàng quý", Word::Every("MONTHLY", 3)),
    ("hằng quý", Word::Every("MONTHLY", 3)),
    ("mỗi quý", Word::Every("MONTHLY", 3)),
    ("hàng năm", Word::Every("YEARLY", 1)),
    ("hằng năm", Word::Every("YEARLY", 1)),
    ("giờ/lần", Word::PerTime("HOURLY", 1)),
    ("h/lần", Word::PerTime("HOURLY", 1)),
    ("ngày/lần", Word::PerTime("DAILY", 1)),
    ("ngày/ lần", Word::PerTime("DAILY", 1)),
    ("tuần/lần", Word::PerTime("WEEKLY", 1)),
    ("tháng/lần", Word::PerTime("MONTHLY", 1)),
    ("quý/lần", Word::PerTime("MONTHLY", 3)),
    ("năm/lần", Word::PerTime("YEARLY", 1)),
    ("giờ một lần", Word::PerTime("HOURLY", 1)),
    ("ngày một lần", Word::PerTime("DAILY", 1)),
    ("tuần một lần", Word::PerTime("WEEKLY", 1)),
    ("tháng một lần", Word::PerTime("MONTHLY", 1)),
    ("giờ 1 lần", Word::PerTime("HOURLY", 1)),
    ("ngày 1 lần", Word::PerTime("DAILY", 1)),
    ("tuần 1 lần", Word::PerTime("WEEKLY", 1)),
    ("tháng 1 lần", Word::PerTime("MONTHLY", 1)),
    ("giờ 01 lần", Word::PerTime("HOURLY", 1)),
    ("ngày 01 lần", Word::PerTime("DAILY", 1)),
    ("tuần 01 lần", Word::PerTime("WEEKLY", 1)),
    ("tháng 01 lần", Word::PerTime("MONTHLY", 1)),
    ("lần/ngày", Word::TimesPer("DAILY")),
    ("lần/ ngày", Word::TimesPer("DAILY")),
    ("lần / ngày", Word::TimesPer("DAILY")),
    ("lần mỗi ngày", Word::TimesPer("DAILY")),
    ("lần trong ngày", Word::TimesPer("DAILY")),
    ("lần một ngày", Word::TimesPer("DAILY")),
    ("lần/tuần", Word::TimesPer("WEEKLY")),
    ("lần mỗi tuần", Word::TimesPer("WEEKLY")),
    ("lần một tuần", Word::TimesPer("WEEKLY")),
    ("lần/tháng", Word::TimesPer("MONTHLY")),
    ("lần/năm", Word::TimesPer("YEARLY")),
    ("lần/quý", Word::TimesPer("QUARTERLY")),
    ("thường xuyên", Word::Standing),
    ("24/24", Word::Standing),
    ("24/7", Word::Standing),
    ("24h/24h", Word::Standing),
    ("24h/24", Word::Standing),
    ("24 giờ/24 giờ", Word::Standing),
    ("24 giờ/ngày", Word::Standing),
    ("24 giờ/7 ngày", Word::Standing),
    ("24h/7 ngày", Word::Standing),
    ("ngay khi", Word::Event),
    ("ngay sau khi", Word::Event),
    ("ngay sau", Word::Event),
    ("khi có", Word::Event),
    ("khi phát hiện", Word::Event),
    ("khi xảy ra", Word::Event),
    ("khi xuất hiện", Word::Event),
    ("khi phát sinh", Word::Event),
    ("khi ghi nhận", Word::Event),
    ("khi tiếp nhận", Word::Event),
    ("khi nhận được", Word::Event),
    ("khi được yêu cầu", Word::Event),
    ("trong vòng", Word::Within),
    ("trong thời hạn", Word::Within),
    ("trong thời gian", Word::Within),
    ("trong", Word::Within),
    ("sau", Word::Within),
];

static MATCHER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(WORDS.iter().map(|(word, _)| word))
        .ok()
});

impl Due {
    /// Adds the doubts about this time limit to the findings.
    pub(crate) fn note(&self, span: Span, norm: &str, findings: &mut Findings) {
        for code in &self.doubt {
            findings.add(code, Some(span), &norm[self.start..self.end]);
        }
    }

    pub(crate) fn finish(self, span: Span, src: &str) -> Deadline {
        Deadline {
            kind: self.kind,
            due_at: self.due_at,
            rule: self.rule,
            cutoff: self.cutoff,
            quote: src[span.start..span.end].to_owned(),
            span,
        }
    }
}

/// Reads the time limits of a folded stretch, in order of place, none inside another.
pub(crate) fn read(fold: &str, issued: Option<Date>) -> Vec<Due> {
    let mut found: Vec<Due> = Vec::new();
    let Some(matcher) = MATCHER.as_ref() else { return found };
    let mut taken = 0;
    for hit in matcher.find_iter(fold) {
        let (start, end) = (hit.start(), hit.end());
        if start < taken || !bounded(fold, start, end) {
            continue;
        }
        let from = found.last().map_or(0, |d: &Due| d.end);
        let due = match WORDS[hit.pattern().as_usize()].1 {
            Word::Limit => limit(fold, start, end, issued),
            Word::Label => label(fold, start, end, issued),
            Word::InPeriod => in_period(fold, start, end, issued),
            Word::Every(freq, interval) => every(fold, from, start, end, freq, interval),
            Word::PerTime(freq, unit) => per_time(fold, from, start, end, freq, unit),
            Word::TimesPer(freq) => times_per(fold, from, start, end, freq),
            Word::Standing => standing(fold, start, end),
            Word::Event => event(fold, start, end),
            Word::Within => within(fold, start, end),
        };
        if let Some(due) = due {
            taken = due.end;
            // A rhythm may reach back over a limit that was read as a date of its own.
            while found.last().is_some_and(|last| last.end > due.start) {
                found.pop();
            }
            found.push(due);
            if found.len() >= DEADLINES_MAX {
                break;
            }
        }
    }
    found
}

/// Reads a cell of a column "Thời gian hoàn thành", where a date needs no "trước".
pub(crate) fn cell(fold: &str, issued: Option<Date>) -> Vec<Due> {
    let found = read(fold, issued);
    if !found.is_empty() {
        return found;
    }
    moment(fold, 0)
        .filter(|m| m.date.is_some() || m.month.is_some() || m.quarter.is_some())
        .and_then(|m| absolute(0, &m, issued, false))
        .into_iter()
        .collect()
}

fn bounded(fold: &str, start: usize, end: usize) -> bool {
    let before = fold[..start].chars().next_back();
    let digit_word = fold[start..].starts_with(|c: char| c.is_ascii_digit());
    let before_ok =
        !before.is_some_and(crate::text::is_word) || !digit_word && before.is_some_and(|c| c.is_ascii_digit());
    before_ok && !fold[end..].chars().next().is_some_and(|c| crate::text::is_word(c) && !(c == 'h' && digit_word))
}

fn due(kind: DeadlineKind, start: usize, end: usize) -> Due {
    Due { start, end, kind, due_at: None, rule: None, cutoff: None, doubt: Vec::new() }
}

/// Fillers between the word of a limit and its date.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "là", "vào", "đến", "trước", "hết", "nhất", "cuối", "lúc", "hồi", "thời điểm", "khoảng", "phải", "xong",
    "trong", "sáng", "chiều", "tối", "trưa", "buổi sáng", "buổi chiều", "cuối giờ chiều", "cuối ngày", "ngay",
    "mỗi", "các",
];

/// A time and a date behind a trigger; what was read and where it ends.
#[derive(Default)]
struct Moment {
    time: Option<dates::Time>,
    date: Option<dates::Printed>,
    /// Month without day: (month, year).
    month: Option<(u16, Option<u16>)>,
    quarter: Option<(u16, Option<u16>)>,
    weekday: Option<&'static str>,
    day_only: Vec<u16>,
    today: bool,
    end: usize,
}

fn moment(fold: &str, at: usize) -> Option<Moment> {
    let mut c = Cursor::new(fold, at);
    let mut m = Moment::default();
    let mut any = false;
    for _ in 0..10 {
        let rest = c.rest();
        let trimmed = rest.trim_start_matches([' ', ':']);
        c.at += rest.len() - trimmed.len();
        if any && c.byte() == Some(b',') {
            let _save = c.at;
            c.at += 1;
            c.spaces();
            if !(c.rest().starts_with("ngày") || c.rest().starts_with("thứ")) {
                break;
            }
        }
        let _before = c.at;
        if c.byte() == Some(b'(') && any {
            // "(thứ Sáu)" between time and date.
            let window = crate::units::floor(fold, c.at + 30);
            let close = fold[c.at..window].find(')');
            let inside = close.map(|n| &fold[c.at + 1..c.at + n]);
            match inside {
                Some(day) if weekday(day.trim()).is_some() => {
                    m.weekday = weekday(day.trim()).map(|(d, _)| d);
                    c.at += close.unwrap_or(0) + 1;
                    continue;
                }
                _ => break,
            }
        }
        if m.time.is_none()
            && m.date.is_none()
            && let Some(time) = dates::time(fold, c.at)
        {
            let duration = fold[c.at + time.len..].trim_start().starts_with("kể từ");
            let after = &fold[c.at + time.len..];
            if !duration && !after.starts_with('/') {
                c.at += time.len;
                m.time = Some(time);
                m.end = c.at;
                any = true;
                continue;
            }
        }
        if c.word("ngày") || c.eat("ngày") {
            c.spaces();
            if c.word("hôm nay") {
                m.today = true;
                m.end = trimmed_end(fold, c.at);
                any = true;
                continue;
            }
            if c.word("làm việc") {
                return None;
            }
            if let Some(date) = dates::date(fold, c.at) {
                c.at += date.len;
                m.date = Some(date);
                m.end = c.at;
                // "ngày 15 tháng 9 hàng năm" is left to the rhythm.
                break;
            }
            let days = day_list(&mut c);
            if !days.is_empty() {
                m.day_only = days;
                m.end = trimmed_end(fold, c.at);
                any = true;
                continue;
            }
            break;
        }
        if c.word("hôm nay") {
            m.today = true;
            m.end = trimmed_end(fold, c.at);
            any = true;
            continue;
        }
        if let Some((day, len)) = weekday(c.rest()) {
            c.at += len;
            m.weekday = Some(day);
            m.end = c.at;
            any = true;
            continue;
        }
        if c.word("tháng") {
            let mut garbled = false;
            if let Some(month) = c.digits(false, &mut garbled).filter(|month| (1..=12).contains(month)) {
                let mut end = c.at;
                let mut year = None;
                let mut y = c;
                if y.eat("/")
                    || {
                        y.spaces();
                        y.word("năm")
                    }
                    || y.eat("-")
                {
                    let from = y.at;
                    if let Some(value) =
                        y.digits(false, &mut garbled).filter(|v| (1900..2200).contains(v) && y.at - from == 4)
                    {
                        year = Some(value);
                        end = y.at;
                    }
                }
                m.month = Some((month, year));
                m.end = end;
                return Some(m);
            }
            break;
        }
        if c.word("quý") || c.word("qúy") {
            let quarter = ["iii", "iv", "ii", "i", "1", "2", "3", "4"].into_iter().find(|q| {
                c.rest().starts_with(*q) && !c.rest()[q.len()..].starts_with(|n: char| crate::text::is_word(n))
            });
            if let Some(word) = quarter {
                c.at += word.len();
                let value = match word {
                    "i" | "1" => 1,
                    "ii" | "2" => 2,
                    "iii" | "3" => 3,
                    _ => 4,
                };
                let mut end = c.at;
                let mut garbled = false;
                let mut y = c;
                let mut year = None;
                if (y.eat("/") || y.eat("-") || {
                    y.spaces();
                    y.word("năm")
                }) && let Some(value) = y.digits(false, &mut garbled).filter(|v| (1900..2200).contains(v))
                {
                    year = Some(value);
                    end = y.at;
                }
                m.quarter = Some((value, year));
                m.end = end;
                return Some(m);
            }
            break;
        }
        if m.date.is_none() && c.byte().is_some_and(|b| b.is_ascii_digit()) {
            if let Some(date) = dates::date(fold, c.at) {
                let goes_on = fold[c.at + date.len..].starts_with("/lần");
                if !goes_on {
                    c.at += date.len;
                    m.date = Some(date);
                    m.end = c.at;
                    break;
                }
            }
            // "trước 9/2021".
            let mut garbled = false;
            let mut y = c;
            if let Some(month) = y.digits(false, &mut garbled).filter(|n| (1..=12).contains(n))
                && y.eat("/")
            {
                let from = y.at;
                if let Some(year) = y.digits(false, &mut garbled).filter(|v| (1900..2200).contains(v))
                    && y.at - from == 4
                {
                    m.month = Some((month, Some(year)));
                    m.end = y.at;
                    return Some(m);
                }
            }
            break;
        }
        if FILLERS.iter().any(|filler| c.word(filler)) {
            continue;
        }
        break;
    }
    (m.time.is_some() || m.date.is_some() || m.weekday.is_some() || !m.day_only.is_empty() || m.today).then_some(m)
}

fn trimmed_end(fold: &str, at: usize) -> usize {
    fold[..at].trim_end().len()
}

/// "10", "15 và 30", "05, 15, 25" as days of a month.
fn day_list(c: &mut Cursor<'_>) -> Vec<u16> {
    let mut days = Vec::new();
    let mut garbled = false;
    loop {
        let before = *c;
        match c.digits(false, &mut garbled) {
            Some(day) if (1..=31).contains(&day) && !c.rest().starts_with(['/', '%']) => days.push(day),
            _ => {
                *c = before;
                break;
            }
        }
        let end = *c;
        c.spaces();
        if !(c.eat(",") || c.word("và") || c.eat(";")) || days.len() >= 6 {
            *c = end;
            break;
        }
        c.spaces();
        c.word("và");
        c.word("ngày");
        if !c.byte().is_some_and(|b| b.is_ascii_digit()) {
            *c = end;
            break;
        }
    }
    days
}

fn weekday(rest: &str) -> Option<(&'static str, usize)> {
    const DAYS: &[(&str, &str)] = &[
        ("thứ hai", "MO"),
        ("thứ ba", "TU"),
        ("thứ tư", "WE"),
        ("thứ năm", "TH"),
        ("thứ sáu", "FR"),
        ("thứ bảy", "SA"),
        ("thứ 2", "MO"),
        ("thứ 3", "TU"),
        ("thứ 4", "WE"),
        ("thứ 5", "TH"),
        ("thứ 6", "FR"),
        ("thứ 7", "SA"),
        ("chủ nhật", "SU"),
        ("chúa nhật", "SU"),
    ];
    DAYS.iter()
        .find(|(name, _)| {
            rest.starts_with(name) && !rest[name.len()..].chars().next().is_some_and(crate::text::is_word)
        })
        .map(|(name, day)| (*day, name.len()))
}

/// The rhythm word at the start of what follows a moment: "hàng tháng", "hằng tuần", "của tháng".
fn rhythm_after(fold: &str, at: usize) -> Option<(&'static str, u16, usize)> {
    let lead = fold[at..].len() - fold[at..].trim_start_matches([' ', ',']).len();
    let rest = &fold[at + lead..];
    const MORE: &[(&str, &str, u16)] = &[
        ("của tháng", "MONTHLY", 1),
        ("của quý", "MONTHLY", 3),
        ("các tháng", "MONTHLY", 1),
        ("của tuần", "WEEKLY", 1),
        ("tháng sau", "MONTHLY", 1),
        ("trong tuần", "WEEKLY", 1),
        ("cùng ngày", "", 0),
        ("của ngày", "DAILY", 1),
    ];
    for (word, kind) in WORDS {
        if let Word::Every(freq, interval) = kind
            && rest.starts_with(word)
            && bounded(rest, 0, word.len())
        {
            return Some((freq, *interval, at + lead + word.len()));
        }
    }
    MORE.iter()
        .find(|(word, freq, _)| !freq.is_empty() && rest.starts_with(word) && bounded(rest, 0, word.len()))
        .map(|(word, freq, n)| (*freq, *n, at + lead + word.len()))
}

/// "trước 17h00 ngày 21/6/2022", "chậm nhất ngày 03/9/2021", "đến hết tháng 9/2021".
fn limit(fold: &str, start: usize, end: usize, issued: Option<Date>) -> Option<Due> {
    let m = moment(fold, if fold[start..end].ends_with("ngày") { end - "ngày".len() } else { end })?;
    // "trước 16h00 hàng ngày", "trước 15h00 thứ Sáu hàng tuần", "trước ngày 10 hàng tháng".
    if m.date.is_none() && m.month.is_none() && m.quarter.is_none() {
        if let Some((freq, interval, stop)) = rhythm_after(fold, m.end) {
            return Some(rhythm(start, stop, freq, interval, &m));
        }
        if m.day_only.is_empty() && m.weekday.is_none() && !m.today {
            return None;
        }
        if m.today {
            return absolute(start, &m, issued, false);
        }
        return None;
    }
    let before = fold[start..end].starts_with("trước");
    absolute(start, &m, issued, before)
}

fn rhythm(start: usize, end: usize, freq: &'static str, interval: u16, m: &Moment) -> Due {
    let mut d = due(DeadlineKind::Recurrent, start, end);
    let mut rule = rrule(freq, interval);
    if let (Some(day), "WEEKLY") = (m.weekday, freq) {
        rule.push_str(&format!(";BYDAY={day}"));
    }
    if !m.day_only.is_empty() && freq == "MONTHLY" {
        let days: Vec<String> = m.day_only.iter().map(u16::to_string).collect();
        rule.push_str(&format!(";BYMONTHDAY={}", days.join(",")));
    }
    d.rule = Some(rule);
    d.set_cutoff(m.time);
    d
}

fn rrule(freq: &str, interval: u16) -> String {
    if interval > 1 { format!("FREQ={freq};INTERVAL={interval}") } else { format!("FREQ={freq}") }
}

impl Due {
    fn set_cutoff(&mut self, time: Option<dates::Time>) {
        match time {
            Some(time) if time.is_valid() => self.cutoff = Some(time.iso()),
            Some(_) => self.doubt.push(findings::DEADLINE_TIME_INVALID),
            None => {}
        }
    }
}

/// `before` tells that the word was "trước", which for a month means the end of the month before it.
fn absolute(start: usize, m: &Moment, issued: Option<Date>, before: bool) -> Option<Due> {
    let mut d = due(DeadlineKind::Absolute, start, m.end);
    let year_of = |printed: Option<u16>, d: &mut Due| match (printed, issued) {
        (Some(year), _) => Some(year),
        (None, Some(issued)) => {
            d.doubt.push(findings::DEADLINE_YEAR_INFERRED);
            Some(issued.year)
        }
        (None, None) => {
            d.doubt.push(findings::DEADLINE_YEAR_UNKNOWN);
            None
        }
    };
    let date = if m.today {
        issued
    } else if let Some(printed) = m.date {
        let year = year_of(printed.year, &mut d);
        match year {
            Some(year) => {
                let date = printed.in_year(year);
                if date.is_none() {
                    d.doubt.push(findings::DEADLINE_DATE_INVALID);
                }
                date
            }
            None => None,
        }
    } else if let Some((month, year)) = m.month {
        year_of(year, &mut d).and_then(|year| month_end(year, month, before))
    } else if let Some((quarter, year)) = m.quarter {
        year_of(year, &mut d).and_then(|year| {
            if before { month_end(year, quarter * 3 - 2, true) } else { month_end(year, quarter * 3, false) }
        })
    } else {
        return None;
    };
    if let Some(date) = date {
        let mut iso = date.iso();
        match m.time {
            Some(time) if time.is_valid() => {
                iso.push('T');
                iso.push_str(&time.iso());
            }
            Some(_) => d.doubt.push(findings::DEADLINE_TIME_INVALID),
            None => {}
        }
        d.due_at = Some(iso);
        if issued.is_some_and(|issued| date < issued) {
            d.doubt.push(findings::DEADLINE_BEFORE_ISSUE);
        }
    }
    Some(d)
}

fn month_end(year: u16, month: u16, before: bool) -> Option<Date> {
    let (year, month) = match (before, month) {
        (true, 1) => (year - 1, 12),
        (true, m) => (year, m - 1),
        (false, m) => (year, m),
    };
    let month = u8::try_from(month).ok()?;
    Date::new(year, month, dates::days_in(year, month))
}

/// "trong ngày 05/9", "trong tháng 9/2021", "trong quý III/2021", "trong ngày hôm nay".
fn in_period(fold: &str, start: usize, end: usize, issued: Option<Date>) -> Option<Due> {
    let word = &fold[start..end];
    let at = if word.ends_with("ngày") {
        end - "ngày".len()
    } else if word.ends_with("tháng") {
        end - "tháng".len()
    } else if word.ends_with("quý") {
        end - "quý".len()
    } else if word.ends_with("hôm nay") {
        end - "hôm nay".len()
    } else {
        end
    };
    let m = moment(fold, at)?;
    if m.date.is_none() && m.month.is_none() && m.quarter.is_none() && !m.today {
        return None;
    }
    // "từ ngày …", counts and events of the past are no limits.
    let before = fold[..start].trim_end();
    if ["diễn ra", "xảy ra", "ghi nhận", "phát hiện", "tổ chức họp", "ca mắc"].iter().any(|w| before.ends_with(w))
    {
        return None;
    }
    if let Some((freq, interval, stop)) = m.date.is_none().then(|| rhythm_after(fold, m.end)).flatten() {
        return Some(rhythm(start, stop, freq, interval, &m));
    }
    absolute(start, &m, issued, false)
}

/// "Thời gian hoàn thành: trước ngày 20/9/2021", "Thời hạn: 30/9".
fn label(fold: &str, start: usize, end: usize, issued: Option<Date>) -> Option<Due> {
    let mut at = end;
    let gap = fold[at..].len() - fold[at..].trim_start_matches([' ', ':', '-']).len();
    at += gap;
    // A trigger of its own follows and is read there.
    let rest = &fold[at..];
    if WORDS
        .iter()
        .any(|(word, kind)| *kind != Word::Label && *word != "trong" && *word != "sau" && rest.starts_with(word))
    {
        return None;
    }
    let colon = fold[start..at].contains(':') || fold[start..end].ends_with("vào");
    if !colon {
        return None;
    }
    if rest.starts_with("từ") || rest.starts_with("bắt đầu") {
        return None;
    }
    let m = moment(fold, at)?;
    if m.date.is_none() && m.month.is_none() && m.quarter.is_none() {
        return None;
    }
    absolute(start, &m, issued, false)
}

/// Stretches a rhythm to the left over its own words: "trước 15h00 thứ Sáu | hàng tuần".
fn reach_back(fold: &str, from: usize, start: usize) -> usize {
    let mut at = start;
    for _ in 0..14 {
        let mut before = fold[from..at].trim_end_matches([' ', '(']);
        // "ngày 05, 15 và 25 hằng tháng": the comma of a list of days.
        let figure = |text: &str| text.ends_with(|c: char| c.is_ascii_digit());
        if let Some(list) = before.strip_suffix(',')
            && figure(list)
            && fold[at..].starts_with(|c: char| c.is_ascii_digit())
        {
            before = list;
        }
        let end = from + before.len();
        let word_start = before.rfind([' ', '(', ',', ';', '.', ':']).map_or(from, |n| from + n + 1);
        let word = &fold[word_start..end];
        if word.is_empty() {
            // "(trước 17h00), hằng ngày" stops at the comma.
            break;
        }
        let time = word.bytes().next().is_some_and(|b| b.is_ascii_digit())
            && word.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'h' | b'g' | b':' | b'\''));
        let known = time
            || matches!(
                word,
                "trước"
                    | "ngày"
                    | "định"
                    | "kỳ"
                    | "vào"
                    | "lúc"
                    | "giờ"
                    | "phút"
                    | "sáng"
                    | "chiều"
                    | "tối"
                    | "và"
                    | "đầu"
                    | "cuối"
                    | "hồi"
                    | "cứ"
                    | "chậm"
                    | "muộn"
                    | "nhất"
                    | "thứ"
                    | "hai"
                    | "ba"
                    | "tư"
                    | "năm"
                    | "sáu"
                    | "bảy"
                    | "chủ"
                    | "nhật"
                    | "mỗi"
                    | "cuối giờ"
                    | "tối thiểu"
                    | "ít"
                    | "thiểu"
            );
        if !known {
            break;
        }
        at = word_start;
    }
    // Words that do not begin a rhythm.
    loop {
        let rest = fold[at..start].trim_start();
        let lead = start - rest.len();
        let drop = [
            "và ",
            "cuối ",
            "năm ",
            "hai ",
            "ba ",
            "nhất ",
            "tư ",
            "sáu ",
            "bảy ",
            "giờ ",
            "phút ",
            "kỳ ",
            "đầu ",
            "thiểu ",
            "tối thiểu ",
            "ít nhất ",
            "nhật ",
        ]
        .iter()
        .find(|w| rest.starts_with(**w));
        match drop {
            Some(word) => at = lead + word.len(),
            None => {
                at = lead;
                break;
            }
        }
    }
    at
}

/// Stretches a rhythm to the right: "hằng ngày | (trước 17h00)", "hàng tuần | vào thứ Sáu".
fn reach_on(fold: &str, end: usize) -> (usize, Option<Moment>) {
    let mut at = end;
    let rest = fold[at..].trim_start_matches([' ', ',']);
    let lead = fold[at..].len() - rest.len();
    at += lead;
    let bracket = rest.starts_with('(');
    if bracket {
        at += 1;
    }
    let opening = ["trước", "vào", "lúc", "chậm nhất", "muộn nhất", "thứ", "chủ nhật", "ngày", "hồi", "cuối ngày"];
    let digits = bracket && fold[at..].starts_with(|c: char| c.is_ascii_digit());
    if !(digits || opening.iter().any(|w| fold[at..].starts_with(w))) {
        return (end, None);
    }
    let skip = ["trước", "chậm nhất", "muộn nhất"].iter().find(|w| fold[at..].starts_with(**w)).map_or(0, |w| w.len());
    let Some(m) = moment(fold, at + skip) else { return (end, None) };
    if m.date.is_some_and(|d| d.year.is_some()) || m.month.is_some() {
        return (end, None);
    }
    let mut stop = m.end;
    if let Some((_, _, more)) = rhythm_after(fold, stop) {
        stop = more;
    }
    if bracket {
        let rest = fold[stop..].trim_start();
        if rest.starts_with(')') {
            stop = fold.len() - rest.len() + 1;
        }
    }
    (stop, Some(m))
}

/// Times, weekdays and days of the month inside a rhythm.
fn details(fold: &str, start: usize, core: usize) -> Moment {
    let mut m = Moment { end: core, ..Moment::default() };
    let mut at = start;
    while at < core {
        let rest = &fold[at..core];
        if m.time.is_none()
            && let Some(time) = dates::time(fold, at).filter(|t| at + t.len <= core)
        {
            let unit =
                fold[at + time.len..].starts_with('/') || fold[at + time.len..].trim_start().starts_with("một lần");
            if !unit {
                m.time = Some(time);
                at += time.len;
                continue;
            }
        }
        if let Some((day, len)) = weekday(rest) {
            m.weekday.get_or_insert(day);
            at += len;
            continue;
        }
        if rest.starts_with("ngày ") {
            let mut c = Cursor::new(fold, at + "ngày ".len());
            let days = day_list(&mut c);
            if !days.is_empty() && c.at <= core {
                m.day_only = days;
                at = c.at;
                continue;
            }
        }
        at += rest.find(' ').map_or(rest.len(), |n| n + 1);
    }
    m
}

fn weekdays(fold: &str, start: usize, end: usize) -> Vec<&'static str> {
    let mut days = Vec::new();
    let mut at = start;
    while at < end {
        if let Some((day, len)) = weekday(&fold[at..end]) {
            if !days.contains(&day) {
                days.push(day);
            }
            at += len;
        } else {
            at += fold[at..end].chars().next().map_or(1, char::len_utf8);
        }
    }
    days
}

fn assemble(fold: &str, start: usize, core: (usize, usize), freq: &str, interval: u16) -> Due {
    let (stop, after) = reach_on(fold, core.1);
    let before = details(fold, start, core.0);
    let mut d = due(DeadlineKind::Recurrent, start, stop);
    let mut rule = rrule(freq, interval);
    let days = weekdays(fold, start, stop);
    // "07 ngày/lần vào thứ Năm" is once a week.
    if freq == "DAILY" && interval == 7 && !days.is_empty() {
        rule = format!("FREQ=WEEKLY;BYDAY={}", days.join(","));
    }
    let monthdays: Vec<u16> = if before.day_only.is_empty() {
        after.as_ref().map(|m| m.day_only.clone()).unwrap_or_default()
    } else {
        before.day_only.clone()
    };
    if freq == "WEEKLY" && !days.is_empty() {
        rule.push_str(&format!(";BYDAY={}", days.join(",")));
    }
    if freq == "MONTHLY" && !monthdays.is_empty() {
        let list: Vec<String> = monthdays.iter().map(u16::to_string).collect();
        rule.push_str(&format!(";BYMONTHDAY={}", list.join(",")));
    } else if freq == "MONTHLY" && fold[start..stop].contains("cuối tháng") {
        rule.push_str(";BYMONTHDAY=-1");
    }
    d.rule = Some(rule);
    d.set_cutoff(before.time.or(after.and_then(|m| m.time)));
    d
}

/// "hàng ngày", "hằng tuần vào thứ Sáu", "ngày 10 hàng tháng".
fn every(fold: &str, from: usize, start: usize, end: usize, freq: &'static str, interval: u16) -> Option<Due> {
    let left = fold[..start].trim_end();
    // Daily life and daily counts are no duties.
    let life = [
        "sinh hoạt",
        "cuộc sống",
        "đời sống",
        "nhu cầu",
        "thiết yếu",
        "nhu yếu phẩm",
        "số ca",
        "ca mắc",
        "công việc",
        "tiêu dùng",
        "đi lại",
        "ăn uống",
        "lương thực",
        "thu nhập",
        "số mắc",
        "chi tiêu",
        "lao động",
        "mua sắm",
    ];
    if life.iter().any(|w| left.ends_with(w)) {
        return None;
    }
    let begin = reach_back(fold, from, start);
    Some(assemble(fold, begin, (start, end), freq, interval))
}

/// "03 ngày/lần (trước 17h00)", "định kỳ 2 tuần/lần", "07 ngày một lần".
fn per_time(fold: &str, from: usize, start: usize, end: usize, freq: &'static str, unit: u16) -> Option<Due> {
    let (n, number_at) = number_before(fold, from, start)?;
    let begin = reach_back(fold, from, number_at);
    let interval = n.checked_mul(unit)?;
    if interval == 0 {
        return None;
    }
    Some(assemble(fold, begin, (number_at, end), freq, interval))
}

/// "02 lần/ngày".
fn times_per(fold: &str, from: usize, start: usize, end: usize, freq: &'static str) -> Option<Due> {
    let (n, number_at) = number_before(fold, from, start)?;
    let begin = reach_back(fold, from, number_at);
    if n == 0 {
        return None;
    }
    // RFC 5545 has no "times per day"; an even spread says the same.
    let (freq, interval) = match freq {
        "DAILY" if n > 1 && 24 % n == 0 => ("HOURLY", 24 / n),
        "MONTHLY" if n == 2 => ("WEEKLY", 2),
        "YEARLY" if n > 1 && 12 % n == 0 => ("MONTHLY", 12 / n),
        "QUARTERLY" if n == 3 => ("MONTHLY", 1),
        "QUARTERLY" => ("MONTHLY", 3),
        other => (other, 1),
    };
    let mut d = assemble(fold, begin, (number_at, end), freq, interval);
    // "02 lần/ngày (trước 10h00 và 16h00)": the hours are said.
    if freq == "HOURLY" {
        let hours = hours(fold, end);
        if hours.0.len() == usize::from(n) {
            let list: Vec<String> = hours.0.iter().map(u16::to_string).collect();
            d.rule = Some(format!("FREQ=DAILY;BYHOUR={}", list.join(",")));
            d.cutoff = None;
            d.end = d.end.max(hours.1);
        }
    }
    Some(d)
}

/// Hours listed behind a rhythm, and where the list ends.
fn hours(fold: &str, end: usize) -> (Vec<u16>, usize) {
    let window = &fold[..crate::units::floor(fold, end + 80)];
    let mut list = Vec::new();
    let mut at = end;
    let mut stop = end;
    while at < window.len() {
        let rest = &window[at..];
        if rest.starts_with([';', '.', ':']) {
            break;
        }
        if rest.starts_with(|c: char| c.is_ascii_digit()) {
            match dates::time(window, at).filter(|t| t.is_valid()) {
                Some(time) => {
                    list.push(time.hour);
                    at += time.len;
                    stop = at;
                    continue;
                }
                None => break,
            }
        }
        at += rest.chars().next().map_or(1, char::len_utf8);
    }
    if window[stop..].starts_with(')') {
        stop += 1;
    }
    (list, stop)
}

/// A number, in digits or words, right before `at`.
fn number_before(fold: &str, from: usize, at: usize) -> Option<(u16, usize)> {
    let before = fold[from..at].trim_end();
    let end = from + before.len();
    let digits = before.bytes().rev().take(4).take_while(u8::is_ascii_digit).count();
    if digits > 0 && digits < 4 {
        let start = end - digits;
        return fold[start..end].parse().ok().map(|n| (n, start));
    }
    const NAMES: &[(&str, u16)] =
        &[("một", 1), ("hai", 2), ("ba", 3), ("bốn", 4), ("năm", 5), ("bảy", 7), ("mười", 10), ("mỗi", 1)];
    if let Some((name, n)) = NAMES.iter().find(|(name, _)| before.ends_with(name)) {
        return Some((*n, end - name.len()));
    }
    // "(03) ngày/lần".
    if let Some(inner) = before.strip_suffix(')') {
        let digits = inner.bytes().rev().take(2).take_while(u8::is_ascii_digit).count();
        if digits > 0 && inner[..inner.len() - digits].ends_with('(') {
            let start = from + inner.len() - digits;
            return fold[start..start + digits].parse().ok().map(|n| (n, start - 1));
        }
    }
    None
}

fn standing(fold: &str, start: usize, end: usize) -> Option<Due> {
    if fold[start..end].starts_with("thường") {
        let left = fold[..start].trim_end();
        let money = ["chi", "chi phí", "kinh phí", "ngân sách", "dự toán", "nhiệm vụ", "không", "nguồn"];
        if money.iter().any(|w| {
            left.ends_with(w) && !left[..left.len() - w.len()].chars().next_back().is_some_and(crate::text::is_word)
        }) {
            return None;
        }
    }
    let mut stop = end;
    for tail in [" giờ và 7/7 ngày", " giờ/ngày", "h", " giờ", " và 7/7 ngày", ", 7/7", ", liên tục"] {
        if fold[stop..].starts_with(tail) && !fold[stop + tail.len()..].chars().next().is_some_and(crate::text::is_word)
        {
            stop += tail.len();
            break;
        }
    }
    Some(due(DeadlineKind::Standing, start, stop))
}

/// "ngay khi phát hiện …", "khi có yêu cầu": up to the end of the phrase.
fn event(fold: &str, start: usize, end: usize) -> Option<Due> {
    let left = fold[..start].trim_end();
    if left.ends_with("đến") || left.ends_with("cho đến") || left.ends_with("trừ") || left.ends_with("chỉ") {
        return None;
    }
    let rest = fold[end..].trim_start();
    let word = &fold[start..end];
    if word == "ngay sau" && (rest.starts_with("đó") || rest.starts_with("đây") || rest.starts_with("lưng")) {
        return None;
    }
    let stop = phrase_end(fold, end);
    (stop > end).then(|| due(DeadlineKind::Event, start, stop))
}

/// The end of a phrase: a comma or stop, or a length that no event needs.
fn phrase_end(fold: &str, from: usize) -> usize {
    const LEN_MAX: usize = 160;
    let window = &fold[from..crate::units::floor(fold, from + LEN_MAX)];
    let mut end = window.len();
    for (at, c) in window.char_indices() {
        let inside_number = window[at + c.len_utf8()..].starts_with(|n: char| n.is_ascii_digit());
        let chong = c == ',' && (window[at + 1..].starts_with(" chống") || window[at + 1..].starts_with("chống"));
        if matches!(c, ';' | ')' | ':') || c == '(' || matches!(c, '.' | ',') && !inside_number && !chong {
            end = at;
            break;
        }
    }
    if end == window.len() && from + end < fold.len() {
        end = window.rfind(' ').unwrap_or(end);
    }
    from + window[..end].trim_end().len()
}

/// "trong vòng 24 giờ kể từ khi …", "trong 03 ngày kể từ ngày nhận …", "sau 05 ngày làm việc".
fn within(fold: &str, start: usize, end: usize) -> Option<Due> {
    let word = &fold[start..end];
    let mut c = Cursor::new(fold, end);
    c.spaces();
    for filler in ["không quá", "tối đa", "chậm nhất", "vòng", "thời hạn", "thời gian", "khoảng"] {
        c.word(filler);
    }
    let mut garbled = false;
    let n = c.digits(false, &mut garbled)?;
    if n == 0 {
        return None;
    }
    if c.byte() == Some(b'h') {
        c.at += 1;
    } else {
        c.spaces();
        // "(ba)" or "-" between.
        if c.byte() == Some(b'(') {
            let window = crate::units::floor(fold, c.at + 24);
            let close = fold[c.at..window].find(')')?;
            c.at += close + 1;
            c.spaces();
        }
        if !c.any_word(&["ngày làm việc", "giờ", "ngày", "phút", "tuần", "tháng", "h"]) {
            return None;
        }
    }
    let duration_end = trimmed_end(fold, c.at);
    c.spaces();
    if c.byte() == Some(b',') {
        let save = c;
        c.at += 1;
        c.spaces();
        if !c.rest().starts_with("kể từ") {
            c = save;
        }
    }
    let since = [
        "kể từ",
        "tính từ",
        "sau khi",
        "từ khi",
        "từ lúc",
        "từ thời điểm",
        "từ ngày nhận",
        "từ ngày ký",
        "từ ngày ban hành",
        "khi",
    ]
    .iter()
    .any(|w| c.rest().starts_with(w));
    if since {
        let stop = phrase_end(fold, c.at);
        return Some(due(DeadlineKind::Event, start, stop));
    }
    // A span of time alone is a limit only with "trong vòng" and its like.
    (word == "trong vòng" || word == "trong thời hạn").then(|| due(DeadlineKind::Event, start, duration_end))
}
