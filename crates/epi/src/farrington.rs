//! The flexible Farrington algorithm: is this week's count more than the same season of earlier years lets expect?
//!
//! Farrington, Andrews, Beale and Catchpole, *A statistical algorithm for the early detection of outbreaks of infectious
//! disease*, Journal of the Royal Statistical Society A 159 (1996) 547-563; Noufaily, Enki, Farrington, Garthwaite,
//! Andrews and Charlett, *An improved algorithm for outbreak detection in multiple surveillance systems*, Statistics in
//! Medicine 32 (2013) 1206-1222; as `farringtonFlexible` of the R package `surveillance` 1.20 has it, with its threshold
//! `nbPlugin`.

use crate::{
    Fault, Watch,
    calendar::years_before,
    ears::known,
    fault::setting,
    special::{negative_binomial_quantile, poisson_quantile, student_beyond},
    trend::{Fit, Point},
};

/// Nothing is said of more cases than that; R gives no bound either where a fit runs away.
const EXPECTED_MAX: f64 = 1e9;

/// How it is set; the names of `surveillance` in brackets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// Years of history (`b`).
    pub years: usize,
    /// Points on either side of the same point of an earlier year that count as its season (`w`).
    pub half_window: usize,
    /// Points of a year (`freq`).
    pub frequency: usize,
    /// Periods of a year, each with a level of its own (`noPeriods`).
    pub periods: usize,
    /// Points before the present that are left out, lest an outbreak hide itself (`pastWeeksNotIncluded`).
    pub recent_left_out: usize,
    /// Standardised residuals above this count less (`weightsThreshold`).
    pub weights_threshold: f64,
    /// Whether a trend is tried (`trend`).
    pub trend: bool,
    /// The trend is kept where its p-value lies below this (`pThresholdTrend`): 1 keeps it always. It goes in any case
    /// where it leads above every count that was seen, or with fewer than three years.
    pub trend_p_max: f64,
    /// Probability of an alarm without outbreak at each point (`alpha`).
    pub alpha: f64,
    /// No alarm with fewer than so many cases, in so many points (`limit54`).
    pub at_least: (f64, usize),
    /// The day of the first point (days since 1970-01-01), when points are weeks and the same week of earlier years is to
    /// be found by the calendar (`epochAsDate`); otherwise it lies so many points before as a year has.
    pub first_day: Option<i64>,
}

impl Default for Settings {
    /// Those of Noufaily et al.: four years, three weeks on either side, ten periods, 26 weeks left out, the trend kept.
    fn default() -> Self {
        Self {
            years: 4,
            half_window: 3,
            frequency: 52,
            periods: 10,
            recent_left_out: 26,
            weights_threshold: 2.58,
            trend: true,
            trend_p_max: 1.0,
            alpha: 0.05,
            at_least: (5.0, 4),
            first_day: None,
        }
    }
}

impl Settings {
    fn check(&self) -> Result<(), Fault> {
        let small = |value: usize| (1..100_000).contains(&value);
        setting("years", self.years as f64, small(self.years), ">= 1")?;
        setting("frequency", self.frequency as f64, small(self.frequency), ">= 1")?;
        setting("half_window", self.half_window as f64, self.half_window < 100_000, ">= 0")?;
        let window = 2 * self.half_window + 1;
        setting("half_window", self.half_window as f64, window <= self.frequency, "2 w + 1 <= frequency")?;
        // Between two windows each of the other periods has a point at the least.
        let fits = self.periods == 1 || small(self.periods) && self.frequency - window >= self.periods - 1;
        setting("periods", self.periods as f64, fits, ">= 1, <= frequency - 2 w")?;
        setting("recent_left_out", self.recent_left_out as f64, self.recent_left_out < 100_000, ">= 0")?;
        setting("weights_threshold", self.weights_threshold, self.weights_threshold > 0.0, "> 0")?;
        setting("trend_p_max", self.trend_p_max, (0.0..=1.0).contains(&self.trend_p_max), ">= 0, <= 1")?;
        setting("alpha", self.alpha, self.alpha > 0.0 && self.alpha < 1.0, "> 0, < 1")?;
        setting("at_least", self.at_least.0, self.at_least.0 >= 0.0, ">= 0")?;
        setting("at_least", self.at_least.1 as f64, small(self.at_least.1), ">= 1")?;
        // The calendar speaks of weeks, and of years that people count.
        let by_day = self.first_day.is_none_or(|day| (-1_000_000..1_000_000).contains(&day));
        setting("first_day", self.first_day.unwrap_or(0) as f64, by_day, "within 2700 years of 1970")?;
        let weeks = self.first_day.is_none() || self.frequency == 52;
        setting("frequency", self.frequency as f64, weeks, "52")
    }
}

/// Watches every point that has the history which the settings ask for. Missing counts are left out of it.
///
/// # Errors
/// When a setting is not allowed, a count is negative or not finite, or there are too few points.
pub fn watch(counts: &[Option<f64>], settings: &Settings) -> Result<Vec<Watch>, Fault> {
    settings.check()?;
    known(counts)?;
    let first = settings.frequency * settings.years + settings.half_window;
    if counts.len() <= first {
        return Err(Fault::TooShort { have: counts.len(), need: first + 1 });
    }
    let mut points = Vec::new();
    Ok((first..counts.len())
        .map(|at| {
            let known = history(counts, at, settings, &mut points);
            let (bound, alarm) = known.and_then(|()| judge(counts, at, settings, &points)).unzip();
            Watch { t: at + 1, observed: counts[at], upper_bound: bound, alarm: alarm.unwrap_or(false) }
        })
        .collect())
}

/// The points of history with their periods: the season around the same point of each earlier year is the last of them,
/// and the time between two seasons is divided among the others, longer ones first. None where it begins before the first
/// point.
fn history(counts: &[Option<f64>], at: usize, settings: &Settings, points: &mut Vec<Point>) -> Option<()> {
    let Settings { half_window, periods, recent_left_out, .. } = *settings;
    points.clear();
    let until = at.saturating_sub(recent_left_out);
    let seasons = seasons(at, settings)?;
    for pair in seasons.windows(2) {
        let [season, next] = pair else { continue };
        let between = (next - season).checked_sub(2 * half_window + 1)?;
        let (length, longer) = if periods > 1 { (between / (periods - 1), between % (periods - 1)) } else { (1, 0) };
        for offset in 0..next - season {
            // The last year ends where the present season begins, which belongs to it as well.
            let group = match offset.checked_sub(2 * half_window + 1) {
                None => periods - 1,
                Some(_) if periods == 1 => continue,
                Some(after) if after < longer * (length + 1) => after / (length + 1),
                Some(after) => longer + (after - longer * (length + 1)) / length,
            };
            push(counts, season + offset, group, until, points);
        }
    }
    for place in at - half_window..=at {
        push(counts, place, periods - 1, until, points);
    }
    Some(())
}

/// Where the season of each year begins, from the earliest to the present one.
fn seasons(at: usize, settings: &Settings) -> Option<Vec<usize>> {
    let season = |year: usize| {
        let middle = match settings.first_day {
            None => at.checked_sub(settings.frequency * year),
            Some(first) => {
                let day = years_before(first + 7 * at as i64, year as i64);
                usize::try_from((day - first).div_euclid(7)).ok()
            }
        };
        middle?.checked_sub(settings.half_window)
    };
    (0..=settings.years).rev().map(season).collect()
}

fn push(counts: &[Option<f64>], place: usize, group: usize, until: usize, points: &mut Vec<Point>) {
    if let (true, Some(count)) = (place < until, counts[place]) {
        points.push(Point { count, time: (place + 1) as f64, group, weight: 1.0 });
    }
}

/// The upper bound and whether there is an alarm; none where nothing can be fitted or too few cases were seen.
fn judge(counts: &[Option<f64>], at: usize, settings: &Settings, points: &[Point]) -> Option<(f64, bool)> {
    let (cases_min, span) = settings.at_least;
    let recent = counts.get((at + 1).checked_sub(span)?..=at)?;
    let seen = recent.iter().try_fold(0.0, |sum, count| Some(sum + (*count)?))?;
    if seen < cases_min {
        return None;
    }
    let observed = counts[at]?;
    let (predictor, dispersion) = expect(points, (at + 1) as f64, settings)?;
    let expected = predictor.exp();
    if !(0.0..EXPECTED_MAX).contains(&expected) {
        return None;
    }
    let p = 1.0 - settings.alpha;
    let bound = if dispersion > 1.0 {
        negative_binomial_quantile(p, expected / (dispersion - 1.0), 1.0 / dispersion)
    } else {
        poisson_quantile(p, expected)
    };
    // R sets the excess in relation to the logarithm of the mean; the sign is right wherever the bound is above it.
    let score = (observed - predictor) / (bound - predictor);
    Some((bound, score > 1.0 && observed != 0.0))
}

/// Logarithm of what to expect at a time, and the dispersion (1 at the least).
fn expect(points: &[Point], time: f64, settings: &Settings) -> Option<(f64, f64)> {
    let season = settings.periods - 1;
    let largest = points.iter().map(|point| point.count).fold(f64::NEG_INFINITY, f64::max);
    let mut fitted = reweighted(points, settings, settings.trend)?;
    if fitted.fit.has_trend {
        let fit = &fitted.fit;
        let t = fit.slope / fit.slope_error(fit.dispersion_by_own_weights(&fitted.points));
        let is_significant = student_beyond(t, fit.freedom()) < settings.trend_p_max;
        let is_seen = fit.predictor(season, time).exp() <= largest;
        if !(is_significant && is_seen && settings.years >= 3) {
            fitted = reweighted(points, settings, false)?;
        }
    }
    let predictor = fitted.fit.predictor(season, time);
    (predictor.is_finite() && fitted.dispersion.is_finite()).then_some((predictor, fitted.dispersion))
}

struct Reweighted {
    fit: Fit,
    points: Vec<Point>,
    dispersion: f64,
}

/// A fit in which points far above it (past outbreaks) count less, by their Anscombe residuals.
fn reweighted(points: &[Point], settings: &Settings, with_trend: bool) -> Option<Reweighted> {
    let mut fit = Fit::new(points, settings.periods, with_trend);
    if !fit.converged && with_trend {
        fit = Fit::new(points, settings.periods, false);
    }
    if !fit.converged || fit.freedom() <= 0.0 {
        return None;
    }
    let dispersion = fit.dispersion(points).max(1.0);
    let residuals: Vec<f64> = points
        .iter()
        .enumerate()
        .map(|(at, point)| {
            let mean = fit.means[at];
            let distance = 1.5 * (point.count.cbrt().powi(2) / mean.sqrt().cbrt() - mean.sqrt());
            distance / (dispersion * (1.0 - fit.leverage(at, point))).sqrt()
        })
        .collect();
    let weigh = |residual: f64| if residual > settings.weights_threshold { residual.powi(-2) } else { 1.0 };
    let scale = points.len() as f64 / residuals.iter().map(|residual| weigh(*residual)).sum::<f64>();
    if !scale.is_finite() || residuals.iter().any(|residual| residual.is_nan()) {
        return None;
    }
    let mut points = points.to_vec();
    for (point, residual) in points.iter_mut().zip(&residuals) {
        point.weight = scale * weigh(*residual);
    }
    let fit = Fit::new(&points, settings.periods, fit.has_trend);
    let dispersion = fit.dispersion(&points).max(1.0);
    Some(Reweighted { fit, points, dispersion })
}
