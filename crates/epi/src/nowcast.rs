//! How many cases of the last days there will be once late reports are in (ước tính số ca chưa báo cáo).
//!
//! Delays are described by reverse-time hazards: of the cases of a day that were reported within `d` days, the share that
//! was reported after exactly `d` (Lawless, *Adjustments for reporting delays and the prediction of occurred but not
//! reported events*, Canadian Journal of Statistics 22 (1994) 15-31; Höhle and an der Heiden, *Bayesian nowcasting during
//! the STEC O104:H4 outbreak in Germany, 2011*, Biometrics 70 (2014) 993-1002). Intervals come from draws: of each hazard
//! from its beta posterior (Jeffreys' prior), and of the cases still to come from the negative binomial distribution that
//! a Poisson number of cases with Jeffreys' prior gives; both are widened by the dispersion that the reports show.

use crate::{Fault, Spread, chance::Chance, fault::setting};

/// A case, or several of the same two days.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Report {
    /// The day that counts: of onset, of the sample (days since 1970-01-01, or any other numbering).
    pub day: i64,
    /// The day on which it was reported.
    pub reported: i64,
    /// How many cases.
    pub cases: f64,
}

/// How it is set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Days after which nothing is expected any more; later reports count as of that delay.
    pub delay_max: usize,
    /// Delays are learned from what was reported on so many days up to the present, because ways of reporting change.
    pub learned_from: usize,
    /// Draws for the intervals.
    pub simulations: usize,
    /// The same seed gives the same draws.
    pub seed: u64,
}

impl Default for Settings {
    /// Three weeks at the most, learned from the reports of four weeks, 2,000 draws.
    fn default() -> Self {
        Self { delay_max: 21, learned_from: 28, simulations: 2_000, seed: 1 }
    }
}

/// What is known of a day, and what there will be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nowcast {
    /// The day.
    pub day: i64,
    /// Cases reported so far.
    pub reported: f64,
    /// Share of the day's cases that is reported by now, as estimated.
    pub share: f64,
    /// Cases once all are reported.
    pub total: Spread,
}

/// The triangle: cases by day and delay, as known on the evening of `now`.
struct Triangle {
    first: i64,
    /// By day, then by delay.
    cases: Vec<Vec<f64>>,
    now: i64,
}

impl Triangle {
    fn new(reports: &[Report], now: i64, settings: &Settings) -> Result<Self, Fault> {
        let first = reports.iter().map(|report| report.day).min().ok_or(Fault::NoCases)?;
        let days = now.saturating_sub(first);
        setting("now", now as f64, (0..36_525).contains(&days), ">= the first day, < 100 years later")?;
        let mut cases = vec![vec![0.0; settings.delay_max + 1]; days as usize + 1];
        for (at, report) in reports.iter().enumerate() {
            if !report.cases.is_finite() {
                return Err(Fault::NotFinite { at });
            }
            let delay = report.reported.saturating_sub(report.day);
            if report.cases < 0.0 || delay < 0 {
                return Err(Fault::Negative { at, value: if delay < 0 { delay as f64 } else { report.cases } });
            }
            // What was reported after `now` is not known yet.
            if report.reported <= now {
                let delay = (delay as usize).min(settings.delay_max);
                cases[(report.day - first) as usize][delay] += report.cases;
            }
        }
        Ok(Self { first, cases, now })
    }

    /// What was reported on the last days: delay, cases with it, cases of the same day with it or a shorter one.
    fn reports(&self, last_days: usize, mut each: impl FnMut(usize, f64, f64)) {
        for at in 0..self.cases.len() {
            let mut within = 0.0;
            for (delay, cases) in self.cases[at].iter().enumerate().take(self.seen(at) + 1) {
                within += cases;
                if self.cases.len() - at - delay <= last_days {
                    each(delay, *cases, within);
                }
            }
        }
    }

    /// The longest delay that can have been seen for a day.
    fn seen(&self, at: usize) -> usize {
        ((self.now - self.first) as usize - at).min(self.cases[at].len() - 1)
    }
}

/// What there will be of each day from the first to `now`, both included.
///
/// # Errors
/// When there is no case before `now`, a report precedes its case or has a negative or endless count, or a setting is not
/// allowed.
pub fn nowcast(reports: &[Report], now: i64, settings: &Settings) -> Result<Vec<Nowcast>, Fault> {
    let range =
        |name, value: usize, most: usize, allowed| setting(name, value as f64, value >= 1 && value <= most, allowed);
    range("delay_max", settings.delay_max, 366, ">= 1, <= 366")?;
    range("learned_from", settings.learned_from, 100_000, ">= 1, <= 100000")?;
    range("simulations", settings.simulations, 1_000_000, ">= 1, <= 1000000")?;
    let triangle = Triangle::new(reports, now, settings)?;
    let delays = Delays::learn(&triangle, settings)?;
    let mut chance = Chance::new(settings.seed);
    let shares: Vec<Vec<f64>> =
        (0..settings.simulations).map(|_| delays.draw(&mut chance)).collect::<Result<_, _>>()?;
    let mut draws = Vec::with_capacity(settings.simulations);
    let mut nowcasts = Vec::with_capacity(triangle.cases.len());
    for (at, cases) in triangle.cases.iter().enumerate() {
        let seen = triangle.seen(at);
        let reported: f64 = cases[..=seen].iter().sum();
        draws.clear();
        for shares in &shares {
            let odds = (1.0 - shares[seen]) / shares[seen];
            let shape = (reported + 0.5) / delays.dispersion;
            let mean = if odds > 0.0 { chance.gamma(shape, delays.dispersion * odds)? } else { 0.0 };
            draws.push(reported + chance.poisson(mean)?);
        }
        let share = delays.shares(|delay| delays.hazard(delay))[seen];
        let total = Spread::of(&mut draws).ok_or(Fault::NoCases)?;
        nowcasts.push(Nowcast { day: triangle.first + at as i64, reported, share, total });
    }
    Ok(nowcasts)
}

/// What was learned about delays.
struct Delays {
    /// By delay: cases with it, and cases with it or a shorter one, of the days on which it can have been seen.
    counts: Vec<(f64, f64)>,
    dispersion: f64,
}

impl Delays {
    fn learn(triangle: &Triangle, settings: &Settings) -> Result<Self, Fault> {
        let mut counts = vec![(0.0, 0.0); settings.delay_max + 1];
        let mut all = 0.0;
        triangle.reports(settings.learned_from, |delay, cases, within| {
            counts[delay].0 += cases;
            counts[delay].1 += within;
            all += cases;
        });
        if all <= 0.0 {
            return Err(Fault::NoCases);
        }
        let mut delays = Self { counts, dispersion: 1.0 };
        delays.dispersion = delays.dispersion_of(triangle, settings.learned_from);
        Ok(delays)
    }

    fn hazard(&self, delay: usize) -> f64 {
        let (with, within) = self.counts[delay];
        if within > 0.0 { with / within } else { 0.0 }
    }

    /// Pearson's: how much more the reports of single days vary around the hazards than a binomial distribution.
    fn dispersion_of(&self, triangle: &Triangle, learned_from: usize) -> f64 {
        let (mut squares, mut freedom) = (0.0, 0.0);
        triangle.reports(learned_from, |delay, cases, within| {
            let hazard = self.hazard(delay);
            let variance = within * hazard * (1.0 - hazard);
            if delay > 0 && variance > 0.0 {
                squares += (cases - within * hazard).powi(2) / variance;
                freedom += 1.0;
            }
        });
        let hazards = (1..self.counts.len()).filter(|delay| self.hazard(*delay) > 0.0).count() as f64;
        if freedom > hazards { (squares / (freedom - hazards)).max(1.0) } else { 1.0 }
    }

    /// The share reported within each delay, from hazards: `Π (1 - hazard)` over the longer delays.
    fn shares(&self, hazard: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut shares = vec![1.0; self.counts.len()];
        for delay in (1..self.counts.len()).rev() {
            // A share of exactly nought would say that nothing can be known.
            shares[delay - 1] = (shares[delay] * (1.0 - hazard(delay))).max(1e-9);
        }
        shares
    }

    fn draw(&self, chance: &mut Chance) -> Result<Vec<f64>, Fault> {
        let mut hazards = vec![0.0; self.counts.len()];
        for (hazard, (with, within)) in hazards.iter_mut().zip(&self.counts).skip(1) {
            // No report after such a delay was ever possible: nothing is expected of it.
            if *within > 0.0 {
                let shorter = within - with;
                *hazard = chance.beta(with / self.dispersion + 0.5, shorter / self.dispersion + 0.5)?;
            }
        }
        Ok(self.shares(|delay| hazards[delay]))
    }
}
