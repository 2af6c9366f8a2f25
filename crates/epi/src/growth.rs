//! Growth rate and doubling time (tốc độ tăng, thời gian tăng gấp đôi).
//!
//! The logarithm of cases by day is fitted by a line with quasi-Poisson errors in sliding windows; the interval uses
//! Student's distribution with the freedom of the fit (McCullagh and Nelder, *Generalized Linear Models*, 2nd ed. 1989,
//! ch. 6 and 9). R from a growth rate: Wallinga and Lipsitch, *How generation intervals shape the relationship between
//! growth rates and reproductive numbers*, Proceedings of the Royal Society B 274 (2007) 599-604.

use crate::{
    Fault, SerialInterval, Values,
    fault::{counts, setting},
    reproduction::Window,
    special::student_beyond,
    trend::{Fit, Point},
};

/// How fast cases grow in a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Growth {
    /// The window; here day 1 may belong to it.
    pub window: Window,
    /// Rate, its standard error and its 95 % interval, a day; none without cases on at least two days.
    pub rate: Option<Rate>,
}

/// A growth rate, a day.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// The rate: 0.1 is 10.5 % more each day.
    pub value: f64,
    /// Its standard error.
    pub sd: f64,
    /// Lower end of the 95 % interval.
    pub low: f64,
    /// Upper end of the 95 % interval.
    pub high: f64,
}

impl Rate {
    /// Days in which cases double; negative where they halve. None where the rate is nought.
    #[must_use]
    pub fn doubling(&self) -> Option<f64> {
        doubling(self.value)
    }

    /// The 95 % interval of the doubling time, in days; none where growth and decline are both possible, because then
    /// every long time is.
    #[must_use]
    pub fn doubling_interval(&self) -> Option<(f64, f64)> {
        if self.low * self.high <= 0.0 {
            return None;
        }
        Some((doubling(self.high)?, doubling(self.low)?))
    }
}

fn doubling(rate: f64) -> Option<f64> {
    (rate != 0.0).then(|| std::f64::consts::LN_2 / rate)
}

/// Growth in every window of so many days (three at the least), from day 1 on. Days that are left out do not count.
///
/// # Errors
/// When a count is negative or not finite, or there are not so many days.
pub fn growth(values: &Values, width: usize) -> Result<Vec<Growth>, Fault> {
    counts(&values.counts)?;
    let days = values.counts.len();
    if values.counted.len() != days {
        return Err(Fault::Lengths { one: days, other: values.counted.len() });
    }
    setting("window", width as f64, width >= 3, ">= 3")?;
    if days < width {
        return Err(Fault::TooShort { have: days, need: width });
    }
    let mut limits: Vec<Option<f64>> = vec![None; width + 1];
    let windows = (1..=days + 1 - width).map(|start| Window { start, end: start + width - 1 });
    Ok(windows
        .map(|window| {
            let points: Vec<Point> = (window.start - 1..window.end)
                .filter(|day| values.counted[*day])
                .map(|day| Point { count: values.counts[day], time: day as f64, group: 0, weight: 1.0 })
                .collect();
            let limit = points
                .len()
                .checked_sub(2)
                .filter(|freedom| *freedom > 0)
                .map(|freedom| *limits[freedom].get_or_insert_with(|| student_limit(freedom as f64)));
            Growth { window, rate: limit.and_then(|limit| rate(&points, limit)) }
        })
        .collect())
}

fn rate(points: &[Point], limit: f64) -> Option<Rate> {
    if points.iter().filter(|point| point.count > 0.0).count() < 2 {
        return None;
    }
    let fit = Fit::new(points, 1, true);
    let value = fit.slope;
    let sd = fit.slope_error(fit.dispersion(points));
    let sound = fit.converged && value.is_finite() && sd.is_finite();
    sound.then_some(Rate { value, sd, low: value - limit * sd, high: value + limit * sd })
}

/// Beyond this, on either side, lie 5 % of Student's distribution.
fn student_limit(freedom: f64) -> f64 {
    let (mut low, mut high) = (1.9, 13.0);
    while high - low > 1e-12 {
        let middle = f64::midpoint(low, high);
        if student_beyond(middle, freedom) > 0.05 { low = middle } else { high = middle }
    }
    high
}

/// The reproduction number that a growth rate a day means for a serial interval: `1 / Σ weight(s) e^(-rate s)`.
///
/// # Errors
/// When the rate is so far from nought that the sum leaves the range of numbers.
pub fn reproduction_of(rate: f64, interval: &SerialInterval) -> Result<f64, Fault> {
    let sum: f64 = interval.weights().iter().enumerate().map(|(lag, weight)| weight * (-rate * lag as f64).exp()).sum();
    if sum.is_normal() { Ok(1.0 / sum) } else { Err(Fault::TooLarge { name: "R" }) }
}
