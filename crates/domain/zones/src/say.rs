//! Levels, cells and reasons in words.

use vx_kernel::time::{Lang, say_count};
use vx_platform::{
    web::{Markup, Visit, html},
    words::{Arg, Words},
};

use vx_epi::Spread;

use crate::{
    course::{Course, CourseDay},
    evaluate::{Outcome, Reason},
    level::Level,
    rules::{Cell, Mark, Measure, RuleSet},
};

/// Tenths as people write them: `61`, `61,5`, in English `61.5`.
#[must_use]
pub fn tenths(lang: Lang, n: i64) -> String {
    let (whole, rest) = (say_count(lang, n / 10), (n % 10).abs());
    let point = if lang == Lang::Vi { ',' } else { '.' };
    if rest == 0 { whole } else { format!("{whole}{point}{rest}") }
}

/// A figure with so many decimals at the most, as people write it.
#[must_use]
pub fn decimal(lang: Lang, value: f64, places: usize) -> String {
    let text = format!("{value:.places$}");
    if lang == Lang::Vi { text.replace('.', ",") } else { text }
}

/// R with its 95 % interval in words.
#[must_use]
pub fn r(words: &Words, lang: Lang, r: &Spread) -> String {
    let [median, low, high] = [r.median(), r.q025(), r.q975()].map(|value| decimal(lang, value, 2));
    words.say(lang, "course-r-said", &[("r", median.into()), ("low", low.into()), ("high", high.into())])
}

/// Cases once all is reported, with their 95 % interval.
#[must_use]
pub fn total(words: &Words, lang: Lang, total: &Spread) -> String {
    let [n, low, high] = [total.median(), total.q025(), total.q975()].map(|value| decimal(lang, value, 0));
    words.say(lang, "course-late-said", &[("n", n.into()), ("low", low.into()), ("high", high.into())])
}

/// R as it is now, in a sentence: its interval, and whether the epidemic grows.
#[must_use]
pub fn trend(words: &Words, lang: Lang, r: &Spread) -> String {
    let key = if r.q025() > 1.0 {
        "course-r-rising"
    } else if r.q975() < 1.0 {
        "course-r-falling"
    } else {
        "course-r-unclear"
    };
    let [median, low, high] = [r.median(), r.q025(), r.q975()].map(|value| decimal(lang, value, 2));
    words.say(lang, key, &[("r", median.into()), ("low", low.into()), ("high", high.into())])
}

/// Growth in words: in how many days cases double or halve.
#[must_use]
pub fn growth(words: &Words, lang: Lang, course: &Course) -> String {
    let Some(rate) = course.growth else { return words.say(lang, "course-growth-none", &[]) };
    let percent = decimal(lang, (rate.value.exp() - 1.0) * 100.0, 1);
    let (Some((one, other)), Some(doubling)) = (rate.doubling_interval(), rate.doubling()) else {
        return words.say(lang, "course-steady", &[("percent", percent.into())]);
    };
    // The times in which cases halve come as negative ones.
    let (low, high) = (one.abs().min(other.abs()), one.abs().max(other.abs()));
    let [days, low, high] = [doubling.abs(), low, high].map(|days| decimal(lang, days, 1));
    let key = if doubling > 0.0 { "course-doubles" } else { "course-halves" };
    let args = [("days", days.into()), ("low", low.into()), ("high", high.into()), ("percent", percent.into())];
    words.say(lang, key, &args)
}

/// Which methods give an alarm on a day: `C1, C3`; nought where none does.
#[must_use]
pub fn alarms(day: &CourseDay) -> String {
    if day.alarms.iter().all(Option::is_none) {
        return "–".to_owned();
    }
    let named = ["C1", "C2", "C3"].into_iter().zip(day.alarms);
    let alarms: Vec<&str> = named.filter(|(_, alarm)| *alarm == Some(true)).map(|(name, _)| name).collect();
    if alarms.is_empty() { "0".to_owned() } else { alarms.join(", ") }
}

/// What a cell says, with its number.
#[must_use]
pub fn cell(words: &Words, lang: Lang, cell: &Cell) -> String {
    let number = match (cell.value, cell.measure) {
        (None, _) => words.say(lang, "zone-value-unknown", &[]),
        (Some(value), _) => say_count(lang, value),
    };
    cell.said.of(lang).replace('…', &number)
}

/// The number of a cell alone, for tables and forms.
#[must_use]
pub fn value(words: &Words, lang: Lang, cell: &Cell) -> String {
    match (cell.value, cell.measure) {
        (None, _) => words.say(lang, "zone-value-unknown", &[]),
        (Some(1), Measure::Yes) => words.say(lang, "zone-yes", &[]),
        (Some(_), Measure::Yes) => words.say(lang, "zone-no", &[]),
        (Some(value), _) => say_count(lang, value),
    }
}

/// A reason as a sentence.
#[must_use]
pub fn reason(words: &Words, lang: Lang, set: &RuleSet, reason: &Reason) -> String {
    let mut args: Vec<(&'static str, String)> = reason
        .values
        .iter()
        .map(|(name, n)| {
            (*name, if matches!(*name, "rate" | "percent") { tenths(lang, *n) } else { say_count(lang, *n) })
        })
        .collect();
    if let Some(rank) = reason.value("rank") {
        let level = u8::try_from(rank).ok().and_then(|rank| Level::of_rank(set.vocabulary, rank));
        args.push(("level", level.map_or_else(String::new, |level| words.say(lang, &level.key(), &[]))));
    }
    if let Some(indicator) = reason.indicator.and_then(|at| set.indicators.get(at)) {
        args.push(("counted", indicator.numerator.of(lang).to_owned()));
        args.push(("per", say_count(lang, indicator.per)));
    }
    if let Some(question) = &reason.question {
        args.push(("question", words.say(lang, &format!("zone-question-{question}"), &[])));
    }
    if let Some(of) = reason.cell.and_then(|at| set.cells.get(at)) {
        args.push(("cell", cell(words, lang, of)));
    }
    let args: Vec<Arg<'_>> = args.iter().map(|(name, value)| (*name, value.as_str().into())).collect();
    words.say(lang, &format!("zone-why-{}", reason.code), &args)
}

/// All reasons of an outcome in one line.
#[must_use]
pub fn reasons(words: &Words, lang: Lang, outcome: &Outcome) -> String {
    let all: Vec<String> = outcome.reasons.iter().map(|one| reason(words, lang, &outcome.rules, one)).collect();
    all.join("; ")
}

/// A level as its colour, its letter and its name.
#[must_use]
pub(crate) fn level(visit: &Visit, level: Option<Level>) -> Markup {
    html! {
        @match level {
            Some(level) => span class={ "vx-zone vx-zone-" (level.colour()) } { (visit.t(&level.key())) },
            None => span.vx-state { (visit.t("zone-level-none")) },
        }
    }
}

/// A level that was decided, or that none was.
#[must_use]
pub fn decided(visit: &Visit, decided: Option<Level>) -> Markup {
    match decided {
        Some(_) => level(visit, decided),
        None => html! { span.vx-quiet { (visit.t("zone-not-decided")) } },
    }
}

/// The level of an outcome, and whether it rests on what nobody has verified.
#[must_use]
pub fn outcome(visit: &Visit, outcome: Option<&Outcome>) -> Markup {
    html! {
        (level(visit, outcome.and_then(|outcome| outcome.level)))
        @if outcome.is_some_and(|outcome| outcome.level.is_some() && !outcome.unverified().is_empty()) {
            " " span.vx-chip title=(visit.t("zone-unverified-explained")) { (visit.t("zone-unverified")) }
        }
    }
}

/// How well a cell is known, as a chip.
#[must_use]
pub(crate) fn mark(visit: &Visit, cell: &Cell) -> Markup {
    html! {
        @if let Some(verified) = &cell.verified {
            span.vx-state { (visit.ta("zone-verified-by", &[
                ("name", verified.by.as_str().into()),
                ("on", vx_kernel::time::say_date(visit.lang, verified.on).into()),
            ])) }
        } @else {
            span.vx-chip { (visit.t(&format!("zone-mark-{}", cell.mark)))
                @if cell.mark == Mark::Recalled { @if let Some(sure) = cell.sure { " " (sure) " %" } } }
        }
    }
}
