//! How a document is written: its clauses as a list in a form, and what the buttons of the form do with it.

use vx_dispatch::{Authority, DraftClause, Due, SigningFor};

pub(crate) mod pages;

/// A clause of a draft in a list: how deep it stands, and the clause without those below it.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    /// 1 at the top.
    pub level: usize,
    /// The clause alone.
    pub clause: DraftClause,
}

/// The clauses of a draft one after the other, as a form shows them.
#[must_use]
pub fn flat(clauses: &[DraftClause]) -> Vec<Line> {
    fn put(clauses: &[DraftClause], level: usize, lines: &mut Vec<Line>) {
        for clause in clauses {
            lines.push(Line { level, clause: DraftClause { clauses: Vec::new(), ..clause.clone() } });
            put(&clause.clauses, level + 1, lines);
        }
    }
    let mut lines = Vec::new();
    put(clauses, 1, &mut lines);
    lines
}

/// The clauses of a list put under each other again. One that stands deeper than one step below the clause before it
/// comes up to that step.
#[must_use]
pub fn nested(lines: &[Line]) -> Vec<DraftClause> {
    fn take(lines: &[Line], at: &mut usize, level: usize) -> Vec<DraftClause> {
        let mut clauses = Vec::new();
        while let Some(line) = lines.get(*at).filter(|line| line.level >= level || level == 1) {
            *at += 1;
            let below = take(lines, at, level + 1);
            clauses.push(DraftClause { clauses: below, ..line.clause.clone() });
        }
        clauses
    }
    take(lines, &mut 0, 1)
}

/// What a button of the form does with the list of clauses.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Do {
    /// Nothing but saving.
    Save,
    /// Saves and shows the text.
    Preview,
    /// A new clause at the end.
    Add,
    /// A new clause after this one.
    AddAfter(usize),
    /// Away with this one; those below it stay.
    Remove(usize),
    /// One place up.
    Up(usize),
    /// One place down.
    Down(usize),
    /// One level deeper.
    Deeper(usize),
    /// One level higher.
    Higher(usize),
}

impl Do {
    /// Reads what a button says: `add`, `up-3`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let (verb, index) = text.split_once('-').unwrap_or((text, ""));
        match (verb, index.parse()) {
            ("preview", _) => Self::Preview,
            ("add", Err(_)) => Self::Add,
            ("add", Ok(index)) => Self::AddAfter(index),
            ("remove", Ok(index)) => Self::Remove(index),
            ("up", Ok(index)) => Self::Up(index),
            ("down", Ok(index)) => Self::Down(index),
            ("deeper", Ok(index)) => Self::Deeper(index),
            ("higher", Ok(index)) => Self::Higher(index),
            _ => Self::Save,
        }
    }

    /// The list afterwards, and which clause to show.
    #[must_use]
    pub fn on(self, mut lines: Vec<Line>) -> (Vec<Line>, Option<usize>) {
        let blank = |level: usize| Line { level, clause: DraftClause::default() };
        let n = lines.len();
        let shown = match self {
            Self::Save | Self::Preview => None,
            Self::Add => {
                lines.push(blank(lines.last().map_or(1, |line| line.level)));
                Some(n)
            }
            Self::AddAfter(index) if index < n => {
                lines.insert(index + 1, blank(lines.get(index).map_or(1, |line| line.level)));
                Some(index + 1)
            }
            Self::Remove(index) if index < n => {
                lines.remove(index);
                Some(index.saturating_sub(1))
            }
            Self::Up(index) if index > 0 && index < n => {
                lines.swap(index, index - 1);
                Some(index - 1)
            }
            Self::Down(index) if index + 1 < n => {
                lines.swap(index, index + 1);
                Some(index + 1)
            }
            Self::Deeper(index) => {
                let above = index.checked_sub(1).and_then(|above| lines.get(above)).map_or(0, |line| line.level);
                if let Some(line) = lines.get_mut(index) {
                    line.level = (line.level + 1).min(above + 1).clamp(1, vx_dispatch::DRAFT_DEPTH_MAX);
                }
                Some(index)
            }
            Self::Higher(index) => {
                if let Some(line) = lines.get_mut(index) {
                    line.level = line.level.saturating_sub(1).max(1);
                }
                Some(index)
            }
            _ => None,
        };
        (lines, shown)
    }
}

/// A deadline as the fields of the form say it.
#[must_use]
pub(crate) fn due(kind: &str, day: &str, time: &str, n: &str, weekday: &str) -> Option<Due> {
    let time = Some(time.get(..5).unwrap_or(time).to_owned()).filter(|time| time.len() == 5);
    match kind {
        "on" => Some(Due::On { day: day.to_owned(), time }).filter(|_| day.parse::<vx_kernel::Date>().is_ok()),
        "daily" => Some(Due::Daily { every: n.parse().unwrap_or(1).clamp(1, 365), time }),
        "weekly" if weekday.is_empty() => Some(Due::Weekly { weekday: None, time: None }),
        "weekly" => Some(Due::Weekly { weekday: Some(weekday.to_owned()), time }),
        "monthly" => match n.parse::<u16>() {
            Ok(day @ 1..=31) => Some(Due::Monthly { days: vec![day], time }),
            _ => Some(Due::Monthly { days: Vec::new(), time: None }),
        },
        "standing" => Some(Due::Standing),
        _ => None,
    }
}

/// Lines of authority as people write them: "TM. Ủy ban nhân dân".
#[must_use]
pub(crate) fn authorities(text: &str) -> Vec<Authority> {
    let line = |line: &str| {
        let by = SigningFor::ALL.iter().find(|by| line.starts_with(by.printed()))?;
        let of = line.strip_prefix(by.printed())?.trim();
        Some(Authority { by: *by, of: of.to_owned() }).filter(|authority| !authority.of.is_empty())
    };
    text.lines().filter_map(|text| line(text.trim())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(spec: &str) -> Vec<Line> {
        let line = |text: &str| {
            let (level, text) = text.split_once(' ').unwrap();
            Line {
                level: level.parse().unwrap(),
                clause: DraftClause { text: text.to_owned(), ..DraftClause::default() },
            }
        };
        spec.split(", ").filter(|text| !text.is_empty()).map(line).collect()
    }

    fn said(lines: &[Line]) -> String {
        lines.iter().map(|line| format!("{} {}", line.level, line.clause.text)).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn clauses_are_nested_and_laid_flat_again() {
        for (spec, expected) in [
            ("", ""),
            ("1 a, 2 b, 2 c, 1 d", "1 a, 2 b, 2 c, 1 d"),
            ("1 a, 3 b, 2 c", "1 a, 2 b, 2 c"),
            ("2 a, 2 b", "1 a, 2 b"),
            ("1 a, 2 b, 3 c, 2 d, 1 e", "1 a, 2 b, 3 c, 2 d, 1 e"),
        ] {
            assert_eq!(said(&flat(&nested(&lines(spec)))), expected, "{spec}");
        }
    }

    #[test]
    fn buttons_add_remove_and_move() {
        let spec = "1 a, 2 b, 1 c";
        for (button, expected, shown) in [
            ("save", "1 a, 2 b, 1 c", None),
            ("add", "1 a, 2 b, 1 c, 1 ", Some(3)),
            ("add-1", "1 a, 2 b, 2 , 1 c", Some(2)),
            ("remove-0", "2 b, 1 c", Some(0)),
            ("up-2", "1 a, 1 c, 2 b", Some(1)),
            ("up-0", "1 a, 2 b, 1 c", None),
            ("down-0", "2 b, 1 a, 1 c", Some(1)),
            ("deeper-2", "1 a, 2 b, 2 c", Some(2)),
            ("deeper-0", "1 a, 2 b, 1 c", Some(0)),
            ("higher-1", "1 a, 1 b, 1 c", Some(1)),
            ("remove-9", "1 a, 2 b, 1 c", None),
        ] {
            let (after, at) = Do::parse(button).on(lines(spec));
            assert_eq!((said(&after).as_str(), at), (expected, shown), "{button}");
        }
    }

    #[test]
    fn fields_become_deadlines_and_authorities() {
        let words = |due: Option<Due>| due.map_or_else(|| "-".to_owned(), |due| due.words());
        for (kind, day, time, n, weekday, expected) in [
            ("", "2021-09-15", "", "", "", "-"),
            ("on", "", "", "", "", "-"),
            ("on", "2021-09-15", "", "", "", "hoàn thành chậm nhất ngày 15/9/2021"),
            ("on", "2021-09-15", "17:00", "", "", "hoàn thành trước 17h00 ngày 15/9/2021"),
            ("daily", "", "16:00", "3", "", "thực hiện định kỳ 03 ngày/lần (trước 16h00)"),
            ("daily", "", "", "", "", "thực hiện hằng ngày"),
            ("weekly", "", "16:00", "", "", "thực hiện hằng tuần"),
            ("weekly", "", "", "", "FR", "thực hiện hằng tuần vào thứ Sáu"),
            ("monthly", "", "", "25", "", "thực hiện ngày 25 hằng tháng"),
            ("standing", "", "", "", "", "thực hiện thường xuyên"),
        ] {
            assert_eq!(words(due(kind, day, time, n, weekday)), expected, "{kind}");
        }
        let said: Vec<String> = authorities("TM. Ủy ban nhân dân\n KT. Chủ tịch\nlạ\nTL.")
            .iter()
            .map(|authority| format!("{} {}", authority.by.printed(), authority.of))
            .collect();
        assert_eq!(said, ["TM. Ủy ban nhân dân", "KT. Chủ tịch"]);
    }
}
