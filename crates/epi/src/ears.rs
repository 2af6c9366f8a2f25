//! Early Aberration Reporting System, C1, C2 and C3: outbreak detection from a week or two of history.
//!
//! Hutwagner, Thompson, Seeman and Treadwell, *The bioterrorism preparedness and response Early Aberration Reporting
//! System (EARS)*, Journal of Urban Health 80 (2003) i89-i96; Fricker, Hegler and Dunfee, *Comparing syndromic
//! surveillance detection methods: EARS' versus a CUSUM-based methodology*, Statistics in Medicine 27 (2008) 3407-3429;
//! as `earsC` of the R package `surveillance` 1.20 has it.

use crate::{Fault, Watch, fault::setting, special::normal_quantile};

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// The points just before are the history.
    C1,
    /// Two points lie between history and present, so that a beginning outbreak does not hide itself.
    C2,
    /// As C2, and the excess of the two points before counts too.
    C3,
}

/// How it is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Which method.
    pub method: Method,
    /// Points of history, 3 at the least.
    pub baseline: usize,
    /// Probability of a false alarm at each point, were counts normally distributed.
    pub alpha: f64,
    /// The least standard deviation that is believed, in cases.
    pub sd_min: f64,
}

impl Settings {
    /// The settings of `earsC`: seven points, 0.001 (0.025 for C3), no least deviation.
    #[must_use]
    pub fn new(method: Method) -> Self {
        let alpha = if method == Method::C3 { 0.025 } else { 0.001 };
        Self { method, baseline: 7, alpha, sd_min: 0.0 }
    }
}

/// Watches every point that has enough history. A missing count is unknown wherever it is needed.
///
/// # Errors
/// When a setting is not allowed, a count is negative or not finite, or there are too few points.
pub fn watch(counts: &[Option<f64>], settings: &Settings) -> Result<Vec<Watch>, Fault> {
    let Settings { method, baseline, alpha, sd_min } = *settings;
    setting("baseline", baseline as f64, (3..1 << 32).contains(&baseline), ">= 3")?;
    setting("alpha", alpha, alpha > 0.0 && alpha < 1.0, "> 0, < 1")?;
    setting("sd_min", sd_min, sd_min >= 0.0 && sd_min.is_finite(), ">= 0")?;
    known(counts)?;
    let (gap, lag) = match method {
        Method::C1 => (0, baseline),
        Method::C2 => (2, baseline + 2),
        Method::C3 => (2, baseline + 4),
    };
    if counts.len() <= lag {
        return Err(Fault::TooShort { have: counts.len(), need: lag + 1 });
    }
    let z = normal_quantile(1.0 - alpha);
    let history = |at: usize| moments(&counts[at - gap - baseline..at - gap]).map(|(mean, sd)| (mean, sd.max(sd_min)));
    // What a point exceeds its history by, in deviations, less one; what R leaves unknown stays so.
    let excess = |at: usize| {
        let (mean, sd) = history(at)?;
        let excess = (counts[at]? - mean) / sd - 1.0;
        (!excess.is_nan()).then(|| excess.max(0.0))
    };
    let upper_bound = |at: usize| {
        let (mean, sd) = history(at)?;
        let bound = match method {
            Method::C1 | Method::C2 => mean + z * sd,
            Method::C3 => {
                let bound = counts[at]? + sd * (z - (excess(at - 2)? + excess(at - 1)?));
                if bound.is_nan() { bound } else { bound.max(0.0) }
            }
        };
        (!bound.is_nan()).then_some(bound)
    };
    let watch = |at: usize| {
        let bound = upper_bound(at);
        let alarm = matches!((counts[at], bound), (Some(count), Some(bound)) if count > bound);
        Watch { t: at + 1, observed: counts[at], upper_bound: bound, alarm }
    };
    Ok((lag..counts.len()).map(watch).collect())
}

/// Mean and standard deviation; none where a count is missing.
fn moments(counts: &[Option<f64>]) -> Option<(f64, f64)> {
    let n = counts.len() as f64;
    let sum = counts.iter().try_fold(0.0, |sum, count| Some(sum + (*count)?))?;
    let mean = sum / n;
    let squares: f64 = counts.iter().flatten().map(|count| (count - mean).powi(2)).sum();
    Some((mean, (squares / (n - 1.0)).sqrt()))
}

/// Every count that is known is one.
pub(crate) fn known(counts: &[Option<f64>]) -> Result<(), Fault> {
    for (at, count) in counts.iter().enumerate() {
        match count {
            Some(value) if !value.is_finite() => return Err(Fault::NotFinite { at }),
            Some(value) if *value < 0.0 => return Err(Fault::Negative { at, value: *value }),
            _ => {}
        }
    }
    Ok(())
}
