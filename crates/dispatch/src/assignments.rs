//! Who leads and who cooperates, read from the words of one clause.
//!
//! Basis: NĐ 30/2020/NĐ-CP, Article 23.2: a task names the unit in charge, the units that cooperate and the time limit.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use crate::types::Role;
use crate::units::{self, Unit};
use crate::words::Phrases;

/// A unit with its part, by bytes of the stretch that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) unit: Unit,
    pub(crate) role: Role,
}

/// At most this many per clause; real clauses name under thirty.
const ASSIGNMENTS_MAX: usize = 120;

#[derive(Clone, Copy, PartialEq)]
enum Trigger {
    /// giao, đề nghị, yêu cầu, phân công
    Order,
    /// chủ trì
    Lead,
    /// phối hợp
    With,
    /// "Cơ quan chủ trì:"
    LeadLabel,
    /// "Cơ quan phối hợp:"
    WithLabel,
}

const TRIGGERS: &[(&str, Trigger)] = &[
    ("giao nhiệm vụ cho", Trigger::Order),
    ("giao trách nhiệm cho", Trigger::Order),
    ("giao", Trigger::Order),
    ("đề nghị", Trigger::Order),
    ("yêu cầu", Trigger::Order),
    ("phân công", Trigger::Order),
    ("ủy quyền cho", Trigger::Order),
    ("kiến nghị", Trigger::Order),
    ("chủ trì", Trigger::Lead),
    ("phối hợp", Trigger::With),
    ("cơ quan chủ trì:", Trigger::LeadLabel),
    ("đơn vị chủ trì:", Trigger::LeadLabel),
    ("chủ trì:", Trigger::LeadLabel),
    ("chủ trì thực hiện:", Trigger::LeadLabel),
    ("cơ quan thực hiện:", Trigger::LeadLabel),
    ("đơn vị thực hiện:", Trigger::LeadLabel),
    ("đơn vị chịu trách nhiệm:", Trigger::LeadLabel),
    ("trách nhiệm thực hiện:", Trigger::LeadLabel),
    ("cơ quan chủ trì thực hiện:", Trigger::LeadLabel),
    ("đơn vị chủ trì thực hiện:", Trigger::LeadLabel),
    ("đơn vị đầu mối:", Trigger::LeadLabel),
    ("cơ quan phối hợp:", Trigger::WithLabel),
    ("đơn vị phối hợp:", Trigger::WithLabel),
    ("phối hợp:", Trigger::WithLabel),
    ("phối hợp thực hiện:", Trigger::WithLabel),
    ("đơn vị phối hợp thực hiện:", Trigger::WithLabel),
    ("cơ quan phối hợp thực hiện:", Trigger::WithLabel),
];

static MATCHER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostLongest)
        .kind(Some(AhoCorasickKind::DFA))
        .build(TRIGGERS.iter().map(|(word, _)| word))
        .ok()
});

/// Words that may stand before the subject of a sentence.
#[rustfmt::skip]
const LEADS_IN: &[&str] = &[
    "đồng thời,", "đồng thời", "riêng đối với", "riêng", "bên cạnh đó,", "ngoài ra,", "trước mắt,", "trong đó,",
    "đối với", "trách nhiệm của", "nhiệm vụ của", "về phía", "trên cơ sở đó,", "mặt khác,", "do đó,", "vì vậy,",
    "theo đó,", "hàng ngày,", "hằng ngày,", "định kỳ,", "tại", "với", "các đồng chí", "đồng chí", "phần việc của",
];

static OPENINGS: LazyLock<Phrases<'static>> = LazyLock::new(|| Phrases::new(LEADS_IN.iter().copied()));

/// Reads the assignments of a stretch. `first` tells that the stretch begins the clause.
pub(crate) fn read(norm: &str, fold: &str, first: bool) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    let mut taken = 0;
    if first && let Some(end) = subject(norm, fold, 0, true, &mut found) {
        taken = end;
    }
    let Some(matcher) = MATCHER.as_ref() else { return found };
    // Sentence starts and triggers, in order of place.
    let mut starts = sentence_starts(fold).peekable();
    let mut last_hit = 0;
    for hit in matcher.find_iter(fold) {
        while let Some(start) = starts.next_if(|s| *s <= hit.start()) {
            if start >= taken
                && let Some(end) = subject(norm, fold, start, false, &mut found)
            {
                taken = end;
            }
        }
        if found.len() > ASSIGNMENTS_MAX {
            break;
        }
        let (start, end) = (hit.start(), hit.end());
        if !bounded(fold, start, end) {
            continue;
        }
        match TRIGGERS[hit.pattern().as_usize()].1 {
            Trigger::Order if start >= taken => {
                if let Some(end) = order(norm, fold, start, end, &mut found) {
                    taken = end;
                }
            }
            Trigger::Lead if start >= taken => {
                if let Some(end) = lead_before(norm, fold, last_hit.max(taken), start, &mut found) {
                    taken = end;
                }
            }
            Trigger::With => {
                if let Some(end) = with(norm, fold, start, end, &mut found) {
                    taken = taken.max(end);
                }
            }
            Trigger::LeadLabel | Trigger::WithLabel => {
                let role = if TRIGGERS[hit.pattern().as_usize()].1 == Trigger::LeadLabel {
                    Role::Lead
                } else {
                    Role::Cooperating
                };
                let (units, stop) = units::list(norm, fold, end, true);
                if !units.is_empty() {
                    push(&mut found, units, role);
                    taken = taken.max(stop);
                }
            }
            _ => {}
        }
        last_hit = end;
    }
    for start in starts {
        if found.len() > ASSIGNMENTS_MAX {
            break;
        }
        if start >= taken
            && let Some(end) = subject(norm, fold, start, false, &mut found)
        {
            taken = end;
        }
    }
    found.truncate(ASSIGNMENTS_MAX);
    found
}

/// The units that a command sentence commands: "Chủ tịch UBND tỉnh yêu cầu Giám đốc các sở … thực hiện".
pub(crate) fn commanded(norm: &str, fold: &str) -> Vec<Found> {
    let mut found = Vec::new();
    let Some(matcher) = MATCHER.as_ref() else { return found };
    let mut taken = 0;
    for hit in matcher.find_iter(fold) {
        let order_word = TRIGGERS[hit.pattern().as_usize()].1 == Trigger::Order;
        if order_word && hit.start() >= taken && bounded(fold, hit.start(), hit.end()) && found.len() < ASSIGNMENTS_MAX
        {
            taken = order(norm, fold, hit.start(), hit.end(), &mut found).unwrap_or(taken);
        }
    }
    found
}

/// Whether a paragraph begins like an order to somebody.
pub(crate) fn is_order(norm: &str, fold: &str) -> bool {
    let mut found = Vec::new();
    if subject(norm, fold, 0, true, &mut found).is_some() {
        return !found.is_empty();
    }
    for word in ["giao", "đề nghị", "yêu cầu", "phân công", "ủy quyền"] {
        if fold.starts_with(word) && bounded(fold, 0, word.len()) {
            return order(norm, fold, 0, word.len(), &mut found).is_some();
        }
    }
    // "Chủ tịch UBND tỉnh giao Sở Y tế …", "UBND tỉnh yêu cầu các sở …".
    let (units, end) = units::list(norm, fold, 0, false);
    if !units.is_empty() {
        let rest = fold[end..].trim_start();
        let at = fold.len() - rest.len();
        for word in ["giao", "đề nghị", "yêu cầu", "phân công", "ủy quyền cho"] {
            if rest.starts_with(word) {
                return order(norm, fold, at, at + word.len(), &mut found).is_some();
            }
        }
    }
    false
}

fn bounded(fold: &str, start: usize, end: usize) -> bool {
    !fold[..start].chars().next_back().is_some_and(crate::text::is_word)
        && !fold[end..].chars().next().is_some_and(crate::text::is_word)
}

fn push(found: &mut Vec<Found>, units: Vec<Unit>, role: Role) {
    for unit in units {
        if !found.iter().rev().take(16).any(|old| old.unit.start == unit.start) {
            found.push(Found { unit, role });
        }
    }
}

/// Starts of sentences and of parts behind a semicolon or a colon, but not the start of the stretch.
fn sentence_starts(fold: &str) -> impl Iterator<Item = usize> + '_ {
    let bytes = fold.as_bytes();
    memchr::memchr3_iter(b'.', b';', b':', bytes)
        .filter(move |at| matches!(bytes.get(at + 1), Some(b' ')))
        .map(move |at| {
            let mut i = at + 1;
            while bytes.get(i) == Some(&b' ') {
                i += 1;
            }
            // "(1) Sở Y tế …; (2) …" and "- Sở Y tế" inside one paragraph.
            if bytes.get(i) == Some(&b'(') {
                let n = bytes[i + 1..].iter().take(2).take_while(|b| b.is_ascii_digit()).count();
                if n > 0 && bytes.get(i + 1 + n) == Some(&b')') {
                    i += n + 2;
                    while bytes.get(i) == Some(&b' ') {
                        i += 1;
                    }
                }
            }
            i
        })
        .filter(move |i| bytes.get(*i).is_some_and(|b| b.is_ascii_lowercase() || *b >= 0x80))
}

/// A list of units as the subject of a sentence at `at`; gives the end of the list.
fn subject(norm: &str, fold: &str, at: usize, clause_start: bool, found: &mut Vec<Found>) -> Option<usize> {
    let mut start = at;
    let mut regards = false;
    let mut of = false;
    for _ in 0..2 {
        let rest = &fold[start..];
        let Some(word) = OPENINGS.at(rest) else { break };
        regards |= word.contains("đối với") || word == "với" || word == "tại" || word == "về phía";
        of |= word.ends_with("của");
        start += word.len();
        start += fold[start..].len() - fold[start..].trim_start_matches([' ', ':']).len();
    }
    let colon_ahead = clause_start;
    let (units, end) = units::list(norm, fold, start, colon_ahead && heading_list(fold, start));
    if units.is_empty() {
        return None;
    }
    let after = fold[end..].trim_start();
    let after_at = fold.len() - after.len();
    // "Sở Y tế (cơ quan thường trực): …" was skipped by the list only if another unit follows.
    let (after, after_at) = match after.strip_prefix('(') {
        Some(inside) => match inside[..units::floor(inside, 160)].find(')') {
            Some(close) if !inside[..close].contains("chủ trì") => {
                let rest = inside[close + 1..].trim_start();
                (rest, fold.len() - rest.len())
            }
            _ => (after, after_at),
        },
        None => (after, after_at),
    };
    let lead = if after.starts_with(':') || after.is_empty() && clause_start && (of || regards || named(&units)) {
        true
    } else if regards || of {
        false
    } else if after.starts_with([',', ';', '.', ')', '/']) {
        // "Sở Y tế, khẩn trương …": a comma may stand before the predicate.
        after.starts_with(',') && predicate(after[1..].trim_start())
    } else if after.starts_with("- ") || after.starts_with("– ") {
        false
    } else {
        let small = norm[after_at..].chars().next().is_some_and(crate::text::is_small);
        let ordering = ["yêu cầu", "đề nghị", "giao ", "có ý kiến", "chỉ đạo như sau", "kết luận"]
            .iter()
            .any(|w| after.starts_with(w));
        !ordering && (predicate(after) || clause_start && small && named(&units) && !narrates(after))
    };
    if !lead {
        return None;
    }
    push(found, units, Role::Lead);
    Some(end)
}

/// Whether a colon ends the list, so that semicolons may stand inside it.
fn heading_list(fold: &str, start: usize) -> bool {
    let window = &fold[start..units::floor(fold, start + 600)];
    window.find(':').is_some_and(|colon| !window[..colon].contains(". "))
}

fn named(units: &[Unit]) -> bool {
    units.iter().any(|u| !u.vague)
}

fn predicate(after: &str) -> bool {
    #[rustfmt::skip]
    const NOT: &[&str] = &[
        "cấp", "chi ", "đi ", "ứng", "ngay sau", "hàng đầu", "hàng hóa", "ra ", "thông báo để", "thông báo đến",
        "thông báo ý kiến", "thông báo kết luận", "kính", "làm chưa", "làm tốt", "làm ",
    ];
    units::verb_at(after) && !NOT.iter().any(|w| after.starts_with(w))
        || [
            "chỉ ",
            "không để",
            "không được",
            "sẽ ",
            "có trách",
            "có kế hoạch",
            "có phương án",
            "có biện pháp",
            "nêu cao",
            "tùy ",
            "trên cơ sở",
            "căn cứ",
            "theo chức năng",
            "theo thẩm quyền",
            "theo nhiệm vụ",
            "trong phạm vi",
        ]
        .iter()
        .any(|w| after.starts_with(w))
}

/// Predicates that tell what is, not what is to be done.
fn narrates(after: &str) -> bool {
    #[rustfmt::skip]
    const WORDS: &[&str] = &[
        "là", "đã", "đang", "cũng", "chưa", "có", "tại", "về", "và", "trên", "ngày", "số", "trong", "của", "được",
        "bị", "vừa", "từ", "đến", "để", "mới", "nhận được", "ghi nhận", "thuộc", "còn", "nêu", "hoặc",
    ];
    WORDS.iter().any(|w| after.strip_prefix(w).is_some_and(|r| !r.chars().next().is_some_and(crate::text::is_word)))
}

/// "Giao X", "đề nghị X", "yêu cầu X".
fn order(norm: &str, fold: &str, start: usize, end: usize, found: &mut Vec<Found>) -> Option<usize> {
    let before = fold[..start].trim_end();
    let refused = [
        "được",
        "đã",
        "theo",
        "xét",
        "bàn",
        "của",
        "các",
        "những",
        "cơ quan",
        "văn bản",
        "tờ trình",
        "khi có",
        "nhiệm vụ",
        "thời gian",
        "một số",
        "khi",
        "đáp ứng",
        "có",
        "kinh phí",
        "nội dung",
        "tiến độ",
        "đúng",
        "nếu có",
        "ý kiến",
        "công văn",
        "biên bản",
        "bản",
    ];
    if refused.iter().any(|w| {
        before.ends_with(w) && !before[..before.len() - w.len()].chars().next_back().is_some_and(crate::text::is_word)
    }) {
        return None;
    }
    let mut at = end;
    at += fold[at..].len() - fold[at..].trim_start_matches([' ', ':']).len();
    for filler in ["cho ", "đến ", "tới ", "nhiệm vụ cho ", "thêm "] {
        if fold[at..].starts_with(filler) {
            at += filler.len();
        }
    }
    let (units, stop) = units::list(norm, fold, at, heading_list(fold, at) && heading_ends(fold, at));
    if units.is_empty() {
        return None;
    }
    push(found, units, Role::Lead);
    Some(stop)
}

/// Whether the colon that ends a list of units comes right behind it.
fn heading_ends(fold: &str, at: usize) -> bool {
    let window = &fold[at..units::floor(fold, at + 400)];
    window.find(':').is_some_and(|colon| !window[..colon].contains("phối hợp"))
}

/// "… do Sở Y tế chủ trì", "(Sở Y tế chủ trì)".
fn lead_before(norm: &str, fold: &str, from: usize, at: usize, found: &mut Vec<Found>) -> Option<usize> {
    let window_start = units::floor(fold, at.saturating_sub(220)).max(from.min(at));
    let window = &fold[window_start..at];
    let boundary = window.rfind(['.', ';', ':', '(']).map_or(0, |n| n + 1);
    let mut start = window_start + boundary;
    while start < at {
        let word_start =
            start + (fold[start..at].len() - fold[start..at].trim_start_matches([' ', ',', '-', '–']).len());
        if word_start >= at {
            return None;
        }
        let (units, end) = units::list(norm, fold, word_start, false);
        let gap = fold.get(end..at).map(str::trim);
        if !units.is_empty()
            && matches!(
                gap,
                Some(
                    "" | "," | "là cơ quan" | "là đơn vị" | "làm" | "là" | "(" | "sẽ" | "tiếp tục" | "chịu trách nhiệm"
                )
            )
        {
            push(found, units, Role::Lead);
            return Some(at);
        }
        // On to the next word.
        let step = fold[word_start..at].find(' ').map_or(at, |n| word_start + n + 1);
        start = step;
    }
    None
}

/// "phối hợp chặt chẽ với X, Y và các đơn vị liên quan".
fn with(norm: &str, fold: &str, start: usize, end: usize, found: &mut Vec<Found>) -> Option<usize> {
    let before = fold[..start].trim_end();
    if ["quy chế", "sự", "công tác", "cơ chế", "quy trình"].iter().any(|w| before.ends_with(w)) {
        return None;
    }
    let mut at = end;
    let fillers = [
        "chặt chẽ",
        "thường xuyên",
        "đồng bộ",
        "hiệu quả",
        "tốt",
        "kịp thời",
        "thống nhất",
        "cùng với",
        "cùng",
        "với",
        "tham gia",
        "hướng dẫn",
        "hỗ trợ",
        "chỉ đạo",
        "triển khai",
        "trực tiếp",
        "đôn đốc",
        "có hiệu quả",
        "và",
        "theo dõi",
        "kiểm tra",
        "nhịp nhàng",
        "yêu cầu",
    ];
    for _ in 0..6 {
        at += fold[at..].len() - fold[at..].trim_start_matches([' ', ',']).len();
        let Some(word) = fillers.iter().find(|w| {
            fold[at..].starts_with(**w) && !fold[at + w.len()..].chars().next().is_some_and(crate::text::is_word)
        }) else {
            break;
        };
        at += word.len();
    }
    at += fold[at..].len() - fold[at..].trim_start_matches(' ').len();
    let (units, stop) = units::list(norm, fold, at, false);
    if units.is_empty() {
        return None;
    }
    push(found, units, Role::Cooperating);
    Some(stop)
}
