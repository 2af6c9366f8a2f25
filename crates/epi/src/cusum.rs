//! Cumulative sums: small but lasting excess is added up until it is enough for an alarm.
//!
//! Rossi, Lampugnani and Marchi, *An approximate CUSUM procedure for surveillance of health events*, Statistics in
//! Medicine 18 (1999) 2111-2122, for counts standardised by the Poisson deviation, as `algo.cusum` (`trans =
//! "standard"`) of the R package `surveillance` has it. The sum is not set back after an alarm.

use crate::{
    Fault, Watch,
    fault::{counts, setting},
};

/// How it is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Points at the beginning whose mean is what to expect.
    pub baseline: usize,
    /// Excess that is ignored at each point, in deviations.
    pub reference: f64,
    /// Sum at which there is an alarm, in deviations.
    pub threshold: f64,
}

impl Default for Settings {
    /// 1.04 and 2.26, with which an alarm is false after 500 points on average, and true after 7; a baseline of 28 points.
    fn default() -> Self {
        Self { baseline: 28, reference: 1.04, threshold: 2.26 }
    }
}

/// Watches every point after the baseline. Its upper bound is the count from which on there is an alarm, rounded up.
///
/// # Errors
/// When a setting is not allowed, a count is negative or not finite, there are too few points, or the baseline has no
/// case.
pub fn watch(cases: &[f64], settings: &Settings) -> Result<Vec<Watch>, Fault> {
    let Settings { baseline, reference, threshold } = *settings;
    counts(cases)?;
    setting("baseline", baseline as f64, baseline >= 1, ">= 1")?;
    setting("reference", reference, reference.is_finite() && reference >= 0.0, ">= 0")?;
    setting("threshold", threshold, threshold.is_finite() && threshold > 0.0, "> 0")?;
    if cases.len() <= baseline {
        return Err(Fault::TooShort { have: cases.len(), need: baseline.saturating_add(1) });
    }
    let expected = cases[..baseline].iter().sum::<f64>() / baseline as f64;
    if expected <= 0.0 {
        return Err(Fault::NoCases);
    }
    let deviation = expected.sqrt();
    let mut sum = 0.0_f64;
    let watch = |(at, count): (usize, &f64)| {
        let bound = (deviation * (threshold + reference - sum) + expected).ceil().max(0.0);
        sum = (sum + (count - expected) / deviation - reference).max(0.0);
        Watch { t: at + 1, observed: Some(*count), upper_bound: Some(bound), alarm: sum >= threshold }
    };
    Ok(cases.iter().enumerate().skip(baseline).map(watch).collect())
}
