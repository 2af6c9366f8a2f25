//! The cohort reproduction number (hệ số lây nhiễm theo nhóm ca): how many those infected who fell ill in a window.
//!
//! Wallinga and Teunis, *Different epidemic curves for severe acute respiratory syndrome reveal similar impacts of
//! control measures*, American Journal of Epidemiology 160 (2004) 509-516, as `wallinga_teunis` of `EpiEstim` 2.2 has it.
//! The last days are too low: whom their cases infected is not ill yet. Nothing is corrected for that, there as here.

use crate::{
    Fault, SerialInterval, Spread,
    chance::Chance,
    fault::{setting, whole_counts},
    reproduction::Window,
};

/// More than mankind.
const CASES_MAX: f64 = 1e11;

/// The reproduction number of those who fell ill in a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cohort {
    /// The window.
    pub window: Window,
    /// Expected number of those infected by a case of the window.
    pub mean: f64,
    /// What simulated trees of infection say; none when none was simulated.
    pub simulated: Option<Spread>,
}

/// The cohort reproduction number of each window that has cases, for whole counts by day. Who infected whom is drawn
/// `simulations` times for the intervals; a seed gives always the same.
///
/// Windows that begin before there can be an infector are left out, as `EpiEstim` does it.
///
/// # Errors
/// When a count is negative, not finite or not whole, there is no case, or a window does not lie in the days.
pub fn estimate(
    cases: &[f64],
    interval: &SerialInterval,
    windows: &[Window],
    simulations: usize,
    seed: u64,
) -> Result<Vec<Cohort>, Fault> {
    whole_counts(cases)?;
    let days = cases.len();
    let fits = |window: &&Window| window.start >= 2 && window.start <= window.end && window.end <= days;
    if let Some(window) = windows.iter().find(|window| !fits(window)) {
        return Err(Fault::Window { start: window.start, end: window.end, days });
    }
    setting("simulations", simulations as f64, simulations <= 1_000_000, "<= 1000000")?;
    if cases.iter().sum::<f64>() > CASES_MAX {
        return Err(Fault::TooLarge { name: "cases" });
    }
    if cases.iter().all(|count| *count == 0.0) {
        return Err(Fault::NoCases);
    }
    let windows = possible(cases, windows);
    let weights = interval.weights();
    // For each day: what those of earlier days weigh as infectors of its cases, nearest day first.
    let candidates = |day: usize| (1..weights.len().min(day + 1)).map(move |lag| (day - lag, lag));
    // How many the cases of each day infect, expected.
    let mut expected = vec![0.0; days];
    for day in 0..days {
        let weighed = |(earlier, lag): (usize, usize)| weights[lag] * cases[earlier];
        let total: f64 = candidates(day).map(weighed).sum();
        if total > 0.0 {
            candidates(day).for_each(|place| expected[place.0] += cases[day] * weighed(place) / total);
        }
    }
    let over = |window: &Window, values: &[f64]| values[window.start - 1..window.end].iter().sum::<f64>();
    let mut drawn = vec![Vec::with_capacity(simulations); windows.len()];
    let mut chance = Chance::new(seed);
    let mut infected = vec![0.0; days];
    let (mut places, mut hits) = (Vec::new(), Vec::new());
    for _ in 0..simulations {
        infected.fill(0.0);
        for day in (0..days).filter(|day| cases[*day] > 0.0) {
            places.clear();
            places.extend(candidates(day).map(|(earlier, lag)| weights[lag] * cases[earlier]));
            hits.clear();
            hits.resize(places.len(), 0.0);
            chance.multinomial(cases[day] as u64, &places, &mut hits)?;
            candidates(day).zip(&hits).for_each(|((earlier, _), hits)| infected[earlier] += hits);
        }
        for (window, drawn) in windows.iter().zip(&mut drawn) {
            drawn.push(over(window, &infected) / over(window, cases));
        }
    }
    let cohort = |(window, mut drawn): (&Window, Vec<f64>)| Cohort {
        window: *window,
        mean: over(window, &expected) / over(window, cases),
        simulated: Spread::of(&mut drawn),
    };
    Ok(windows.iter().zip(drawn).map(cohort).collect())
}

/// Windows with cases, and none before the first case can have infected anybody.
fn possible(cases: &[f64], windows: &[Window]) -> Vec<Window> {
    let has_cases_before = |window: &Window| cases[..window.start - 1].iter().any(|count| *count > 0.0);
    // `EpiEstim` compares the first day of a window with the number, from 1, of the first window after a case.
    let first = windows.iter().position(has_cases_before).map_or(windows.len() + 1, |at| at + 1);
    let has_cases = |window: &&Window| cases[window.start - 1..window.end].iter().any(|count| *count > 0.0);
    windows.iter().filter(|window| window.start >= first).filter(has_cases).copied().collect()
}
