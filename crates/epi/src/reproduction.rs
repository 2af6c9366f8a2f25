//! The instantaneous reproduction number (hệ số lây nhiễm tức thời, Rt).
//!
//! Cori, Ferguson, Fraser and Cauchemez, *A new framework and software to estimate time-varying reproduction numbers
//! during epidemics*, American Journal of Epidemiology 178 (2013) 1505-1512; imported cases after Thompson et al.,
//! *Improved inference of time-varying reproduction numbers during infectious disease outbreaks*, Epidemics 29 (2019)
//! 100356. Priors, the first window and what is not estimated follow the package `EpiEstim` 2.2, so that its results are
//! found again digit for digit.

use crate::{
    Fault, PROBABILITIES, SerialInterval, Spread, Values,
    chance::Chance,
    fault::{counts, setting},
    special::GammaQuantile,
};

/// What is believed about R before a case is seen: a gamma distribution, without unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Prior {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation.
    pub sd: f64,
}

impl Default for Prior {
    /// Mean 5 and standard deviation 5, as in `EpiEstim`.
    fn default() -> Self {
        Self { mean: 5.0, sd: 5.0 }
    }
}

impl Prior {
    fn shape(self) -> f64 {
        (self.mean / self.sd).powi(2)
    }

    fn scale(self) -> f64 {
        self.sd * self.sd / self.mean
    }

    /// Cases that a window needs before the posterior coefficient of variation is as small as this (0.3 in `EpiEstim`;
    /// Cori et al. 2013, web appendix 4).
    #[must_use]
    pub fn cases_needed(self, variation: f64) -> f64 {
        (1.0 / (variation * variation) - self.shape()).ceil().max(0.0)
    }
}

/// Days that are taken together, numbered from 1; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First day, 2 at the least: nobody infected the cases of day 1.
    pub start: usize,
    /// Last day.
    pub end: usize,
}

/// Every window of so many days, from day 2 on, as `EpiEstim` has them (with 7 days by default).
///
/// # Errors
/// When there are not so many days.
pub fn sliding_windows(days: usize, width: usize) -> Result<Vec<Window>, Fault> {
    setting("window", width as f64, width > 0, ">= 1")?;
    if days < width.saturating_add(1) {
        return Err(Fault::TooShort { have: days, need: width.saturating_add(1) });
    }
    Ok((2..=days + 1 - width).map(|start| Window { start, end: start + width - 1 }).collect())
}

/// Cases by day.
#[derive(Clone, Debug, PartialEq)]
pub struct Incidence {
    local: Vec<f64>,
    total: Vec<f64>,
    counted: Option<Vec<bool>>,
}

impl Incidence {
    /// Cases by day, infected here except those of the first day.
    ///
    /// # Errors
    /// When a count is negative or not finite.
    pub fn of(cases: &[f64]) -> Result<Self, Fault> {
        Self::parted(cases, &vec![0.0; cases.len()])
    }

    /// Cases infected here and cases that came from elsewhere: these infect, but nobody here infected them. All of the
    /// first day count as imported.
    ///
    /// # Errors
    /// When a count is negative or not finite, or the two differ in length.
    pub fn parted(local: &[f64], imported: &[f64]) -> Result<Self, Fault> {
        counts(local)?;
        counts(imported)?;
        if local.len() != imported.len() {
            return Err(Fault::Lengths { one: local.len(), other: imported.len() });
        }
        let total = local.iter().zip(imported).map(|(one, other)| one + other).collect();
        let mut local = local.to_vec();
        if let Some(first) = local.first_mut() {
            *first = 0.0;
        }
        Ok(Self { local, total, counted: None })
    }

    /// Leaves days out: these enter no sum of a window, but infect as what stands for them does.
    ///
    /// # Errors
    /// When the marks are not one for each day.
    pub fn counting(self, counted: &[bool]) -> Result<Self, Fault> {
        if counted.len() != self.days() {
            return Err(Fault::Lengths { one: self.days(), other: counted.len() });
        }
        Ok(Self { counted: counted.contains(&false).then(|| counted.to_vec()), ..self })
    }

    /// Cases by day of a series of which some days may be left out.
    ///
    /// # Errors
    /// When a count is negative or not finite.
    pub fn from_values(values: &Values) -> Result<Self, Fault> {
        Self::of(&values.counts)?.counting(&values.counted)
    }

    /// How many days there are.
    #[must_use]
    pub fn days(&self) -> usize {
        self.total.len()
    }

    /// Cases of a window, imported ones included.
    #[must_use]
    pub fn cases(&self, window: Window) -> f64 {
        self.total.iter().take(window.end).skip(window.start - 1).sum()
    }

    /// Sum of a row of values over the days of a window that count.
    fn sum(&self, values: &[f64], window: Window) -> f64 {
        let days = window.start - 1..window.end;
        match &self.counted {
            None => values[days].iter().sum(),
            Some(counted) => days.filter(|day| counted[*day]).map(|day| values[day]).sum(),
        }
    }

    fn has_counted_day(&self, window: Window) -> bool {
        self.counted.as_ref().is_none_or(|counted| counted[window.start - 1..window.end].iter().any(|day| *day))
    }
}

/// The reproduction number of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reproduction {
    /// The window.
    pub window: Window,
    /// Posterior of R; none where the window ends before the mean serial interval has passed, or has no day that counts.
    pub r: Option<Spread>,
}

/// Estimates reproduction numbers, for one prior. It remembers quantiles, so keep it for many series.
pub struct Cori {
    prior: Prior,
    quantiles: [GammaQuantile; 7],
    /// Quantiles of small posterior shapes, by the number of cases of the window.
    few: Vec<Option<[f64; 7]>>,
}

/// Up to this many cases, quantiles are remembered.
const FEW: usize = GammaQuantile::EXPANDED_FROM as usize;

impl Cori {
    /// For a prior.
    ///
    /// # Errors
    /// When its mean or standard deviation is not above nought.
    pub fn new(prior: Prior) -> Result<Self, Fault> {
        setting("prior_mean", prior.mean, prior.mean.is_finite() && prior.mean > 0.0, "> 0")?;
        setting("prior_sd", prior.sd, prior.sd.is_finite() && prior.sd > 0.0, "> 0")?;
        setting("prior_sd", prior.sd, prior.shape().is_normal() && prior.scale().is_normal(), "nearer to prior_mean")?;
        Ok(Self { prior, quantiles: PROBABILITIES.map(GammaQuantile::new), few: vec![None; FEW] })
    }

    /// R of each window, for a serial interval that is known (`parametric_si` and `non_parametric_si` of `EpiEstim`).
    ///
    /// The posterior is a gamma distribution: shape of the prior plus local cases of the window; rate of the prior plus
    /// what earlier cases weigh on its days.
    ///
    /// # Errors
    /// When a window does not lie in the days of the series.
    pub fn estimate(
        &mut self,
        incidence: &Incidence,
        interval: &SerialInterval,
        windows: &[Window],
    ) -> Result<Vec<Reproduction>, Fault> {
        check(windows, incidence.days())?;
        let infectivity = interval.infectivity(&incidence.total);
        let mut estimates = Vec::with_capacity(windows.len());
        for window in windows {
            let known = window.end as f64 > interval.mean() && incidence.has_counted_day(*window);
            let r = known.then(|| {
                let cases = incidence.sum(&incidence.local, *window);
                let (shape, scale) = self.posterior(cases, incidence.sum(&infectivity, *window));
                let quantiles = self.quantiles(cases, shape).map(|quantile| quantile * scale);
                Spread { mean: shape * scale, sd: shape.sqrt() * scale, quantiles }
            });
            if r.is_some_and(|r| !r.mean.is_finite()) {
                return Err(Fault::TooLarge { name: "R" });
            }
            estimates.push(Reproduction { window: *window, r });
        }
        Ok(estimates)
    }

    /// R of each window, for a serial interval of which a sample is believed possible: `draws` from the posterior for
    /// each of the sample, taken together (`uncertain_si` and `si_from_sample` of `EpiEstim`).
    ///
    /// # Errors
    /// When a window does not lie in the days of the series, or there is nothing to draw from.
    pub fn estimate_over(
        &mut self,
        incidence: &Incidence,
        sample: &[SerialInterval],
        draws: usize,
        windows: &[Window],
        seed: u64,
    ) -> Result<Vec<Reproduction>, Fault> {
        check(windows, incidence.days())?;
        setting("n1", sample.len() as f64, !sample.is_empty(), ">= 1")?;
        setting("n2", draws as f64, draws > 0, ">= 1")?;
        let infectivities: Vec<Vec<f64>> = sample.iter().map(|one| one.infectivity(&incidence.total)).collect();
        let mut chance = Chance::new(seed);
        let mut drawn = Vec::with_capacity(sample.len().saturating_mul(draws));
        let mut estimates = Vec::with_capacity(windows.len());
        for window in windows {
            drawn.clear();
            let cases = incidence.sum(&incidence.local, *window);
            for (interval, infectivity) in sample.iter().zip(&infectivities) {
                if window.end as f64 > interval.mean() && incidence.has_counted_day(*window) {
                    let (shape, scale) = self.posterior(cases, incidence.sum(infectivity, *window));
                    for _ in 0..draws {
                        drawn.push(chance.gamma(shape, scale)?);
                    }
                }
            }
            estimates.push(Reproduction { window: *window, r: Spread::of(&mut drawn) });
        }
        Ok(estimates)
    }

    fn posterior(&self, cases: f64, infectivity: f64) -> (f64, f64) {
        (self.prior.shape() + cases, 1.0 / (1.0 / self.prior.scale() + infectivity))
    }

    fn quantiles(&mut self, cases: f64, shape: f64) -> [f64; 7] {
        let compute = || std::array::from_fn(|at| self.quantiles[at].at(shape));
        if cases < FEW as f64 && cases.fract() == 0.0 {
            *self.few[cases as usize].get_or_insert_with(compute)
        } else {
            compute()
        }
    }
}

fn check(windows: &[Window], days: usize) -> Result<(), Fault> {
    let fits = |window: &&Window| window.start >= 2 && window.start <= window.end && window.end <= days;
    match windows.iter().find(|window| !fits(window)) {
        Some(window) => Err(Fault::Window { start: window.start, end: window.end, days }),
        None => Ok(()),
    }
}
