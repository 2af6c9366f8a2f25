//! The serial interval: days from the onset of a case to the onset of those whom it infected (khoảng nối tiếp).

use crate::{Fault, chance::Chance, fault::setting, special::gamma_above};

/// How far the weights may add up to something else than 1; the tolerance of `EpiEstim`.
const SUM_TOLERANCE: f64 = 0.01;
/// Lags at the most: more than a hundred years.
const LAGS_MAX: usize = 40_000;
/// Below this share of the gamma distribution the rest of the lags is left out: it is below the rounding of the others.
const NEGLIGIBLE: f64 = 1e-18;

/// A distribution of the serial interval over whole days.
#[derive(Clone, Debug, PartialEq)]
pub struct SerialInterval {
    /// By lag in days from 0; trailing noughts are left out.
    weights: Vec<f64>,
    mean: f64,
}

impl SerialInterval {
    /// A gamma distribution shifted by one day, discretised: mean and standard deviation in days, of lags 0 to
    /// `lags - 1`. Weights are not scaled to add up to 1 where the lags cut the tail.
    ///
    /// Cori et al., *A new framework and software to estimate time-varying reproduction numbers during epidemics*,
    /// American Journal of Epidemiology 178 (2013) 1505-1512, web appendix 11; `discr_si` of `EpiEstim`.
    ///
    /// # Errors
    /// When the mean is not above 1 day, the standard deviation not above 0, or there is no lag.
    pub fn gamma(mean: f64, sd: f64, lags: usize) -> Result<Self, Fault> {
        setting("si_mean", mean, mean.is_finite() && mean > 1.0, "> 1")?;
        setting("si_sd", sd, sd.is_finite() && sd > 0.0, "> 0")?;
        setting("lags", lags as f64, (1..=LAGS_MAX).contains(&lags), ">= 1, <= 40000")?;
        let shape = ((mean - 1.0) / sd).powi(2);
        let scale = sd * sd / (mean - 1.0);
        // Beyond that an interval is a single day, or none at all.
        let makes_sense = (1e-10..1e10).contains(&shape) && scale.is_normal();
        setting("si_sd", sd, makes_sense, "> (si_mean - 1) / 10^5, < (si_mean - 1) 10^5")?;
        // With the parts that lie above instead of below, far lags do not drown in rounding.
        let above = |k: f64| {
            let x = k / scale;
            if x <= 0.0 { (1.0, 1.0) } else { (gamma_above(shape, x), gamma_above(shape + 1.0, x)) }
        };
        let mut weights = vec![0.0; 1];
        let (mut before, mut at) = (above(-1.0), above(0.0));
        for lag in 1..lags {
            let k = lag as f64;
            let next = above(k);
            let weight = shape * scale * (next.1 + before.1 - 2.0 * at.1)
                - (k * next.0 + (k - 2.0) * before.0 - 2.0 * (k - 1.0) * at.0);
            weights.push(weight.max(0.0));
            if before.1 < NEGLIGIBLE {
                break;
            }
            (before, at) = (at, next);
        }
        Ok(Self::trimmed(weights))
    }

    /// Weights by lag in days from 0. The first must be nought, all must be finite and not below nought, and they must
    /// add up to 1 within a hundredth, as `EpiEstim` (`check_si_distr`) asks.
    ///
    /// # Errors
    /// When one of that does not hold.
    pub fn of(weights: &[f64]) -> Result<Self, Fault> {
        crate::fault::counts(weights)?;
        match weights.first() {
            None => return Err(Fault::TooShort { have: 0, need: 2 }),
            Some(weight) if *weight != 0.0 => return Err(Fault::IntervalStart { weight: *weight }),
            Some(_) => {}
        }
        let sum: f64 = weights.iter().sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(Fault::IntervalSum { sum });
        }
        Ok(Self::trimmed(weights.to_vec()))
    }

    fn trimmed(mut weights: Vec<f64>) -> Self {
        weights.truncate(weights.iter().rposition(|weight| *weight > 0.0).map_or(1, |last| last + 1));
        let mean = weights.iter().enumerate().map(|(lag, weight)| lag as f64 * weight).sum();
        Self { weights, mean }
    }

    /// Weights by lag in days from 0.
    #[must_use]
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// Mean, in days.
    #[must_use]
    pub fn mean(&self) -> f64 {
        self.mean
    }

    /// Standard deviation, in days.
    #[must_use]
    pub fn sd(&self) -> f64 {
        let square: f64 = self.weights.iter().enumerate().map(|(lag, weight)| (lag as f64).powi(2) * weight).sum();
        (square - self.mean * self.mean).max(0.0).sqrt()
    }

    /// What earlier cases weigh on each day: `Σ weight(s) · cases(t - s)`, in cases (overall infectivity, Cori et al.
    /// 2013). The first day has none.
    #[must_use]
    pub fn infectivity(&self, cases: &[f64]) -> Vec<f64> {
        let reversed: Vec<f64> = self.weights.iter().skip(1).rev().copied().collect();
        (0..cases.len())
            .map(|t| {
                let n = t.min(reversed.len());
                dot(&reversed[reversed.len() - n..], &cases[t - n..t])
            })
            .collect()
    }
}

/// In four sums at once, which a processor adds side by side.
fn dot(one: &[f64], other: &[f64]) -> f64 {
    let (heads, others) = (one.chunks_exact(4), other.chunks_exact(4));
    let rest: f64 = heads.remainder().iter().zip(others.remainder()).map(|(a, b)| a * b).sum();
    let mut sums = [0.0; 4];
    for (a, b) in heads.zip(others) {
        for lane in 0..4 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// What is believed about a serial interval that is not known well: its mean and its standard deviation, each normally
/// distributed between two limits; all in days. (`uncertain_si` of `EpiEstim`; Cori et al. 2013, web appendix 4.)
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct IntervalBelief {
    /// Mean of the mean.
    pub mean: f64,
    /// Standard deviation of the mean.
    pub mean_sd: f64,
    /// Least and largest mean.
    pub mean_within: (f64, f64),
    /// Mean of the standard deviation.
    pub sd: f64,
    /// Standard deviation of the standard deviation.
    pub sd_sd: f64,
    /// Least and largest standard deviation.
    pub sd_within: (f64, f64),
}

impl IntervalBelief {
    /// This many intervals that are believed possible, each of lags 0 to `lags - 1`. A seed gives always the same.
    ///
    /// # Errors
    /// When a limit excludes its own mean, or lets a mean of 1 day or a deviation of 0 through.
    pub fn sample(&self, n: usize, lags: usize, seed: u64) -> Result<Vec<SerialInterval>, Fault> {
        let limits = |name, (low, high): (f64, f64), mean: f64, least: f64, allowed| {
            let holds = low >= least && low <= mean && mean <= high && high.is_finite();
            setting(name, mean, holds, allowed)
        };
        limits("si_mean", self.mean_within, self.mean, 1.0, "1 <= si_mean_min <= si_mean <= si_mean_max")?;
        limits("si_sd", self.sd_within, self.sd, 0.0, "0 < si_sd_min <= si_sd <= si_sd_max")?;
        setting("si_sd_min", self.sd_within.0, self.sd_within.0 > 0.0, "> 0")?;
        setting("si_mean_sd", self.mean_sd, self.mean_sd.is_finite() && self.mean_sd > 0.0, "> 0")?;
        setting("si_sd_sd", self.sd_sd, self.sd_sd.is_finite() && self.sd_sd > 0.0, "> 0")?;
        let mut chance = Chance::new(seed);
        let mut sample = Vec::with_capacity(n);
        for _ in 0..n {
            let mean = within(&mut chance, self.mean, self.mean_sd, self.mean_within)?;
            let sd = within(&mut chance, self.sd, self.sd_sd, self.sd_within)?;
            sample.push(SerialInterval::gamma(mean, sd, lags)?);
        }
        Ok(sample)
    }
}

/// A normal draw between limits, drawn again until it lies there.
fn within(chance: &mut Chance, mean: f64, sd: f64, (low, high): (f64, f64)) -> Result<f64, Fault> {
    // The mean lies between the limits, so a try fails for ever only where these are nearly one point.
    const TRIES: usize = 100_000;
    for _ in 0..TRIES {
        let draw = chance.normal(mean, sd);
        // A mean of exactly one day has no gamma distribution.
        if draw >= low && draw <= high && draw > 0.0 {
            return Ok(draw);
        }
    }
    Err(Fault::Setting { name: "si limits", value: high - low, allowed: "wide enough to draw between them" })
}
