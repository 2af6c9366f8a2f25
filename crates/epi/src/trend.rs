//! A quasi-Poisson regression with logarithmic link: a level for each group of points, and one common trend.
//!
//! Iteratively reweighted least squares (McCullagh and Nelder, *Generalized Linear Models*, 2nd ed. 1989, §2.5) with the
//! start, the floor of means and the rule of convergence of R's `glm`, because detectors are held against its results.
//! Centred within groups the normal equations are diagonal, so a step costs one pass over the points.

/// R's `.Machine$double.eps`, below which `glm` lets no mean fall.
const MEAN_MIN: f64 = f64::EPSILON;
const TOLERANCE: f64 = 1e-8;
const STEPS_MAX: usize = 25;

/// One point.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    pub(crate) count: f64,
    pub(crate) time: f64,
    pub(crate) group: usize,
    /// How much it counts, beside what its mean gives it.
    pub(crate) weight: f64,
}

/// What was fitted.
pub(crate) struct Fit {
    /// Level of each group at the time of its centre.
    levels: Vec<f64>,
    centres: Vec<f64>,
    /// Weight of each group in the last step.
    masses: Vec<f64>,
    /// Change of the logarithm a unit of time.
    pub(crate) slope: f64,
    /// Squares of time around the centres in the last step; nought without trend.
    squares: f64,
    pub(crate) has_trend: bool,
    /// Means, and weights of the last step: those by which R judges a fit.
    pub(crate) means: Vec<f64>,
    working: Vec<f64>,
    pub(crate) converged: bool,
}

impl Fit {
    /// Fits points of groups 0 to `groups - 1`; without points a group has no level.
    pub(crate) fn new(points: &[Point], groups: usize, with_trend: bool) -> Self {
        let mut predictors: Vec<f64> = points.iter().map(|point| (point.count + 0.1).ln()).collect();
        let mut fit = Fit {
            levels: vec![f64::NAN; groups],
            centres: vec![0.0; groups],
            masses: vec![0.0; groups],
            slope: 0.0,
            squares: 0.0,
            has_trend: with_trend,
            means: predictors.iter().map(|predictor| predictor.exp().max(MEAN_MIN)).collect(),
            working: vec![0.0; points.len()],
            converged: false,
        };
        let logarithms: Vec<f64> =
            points.iter().map(|point| if point.count > 0.0 { point.count.ln() } else { 0.0 }).collect();
        let mut before = fit.deviance(points, &logarithms, &predictors);
        for _ in 0..STEPS_MAX {
            fit.step(points, &predictors);
            for (at, point) in points.iter().enumerate() {
                predictors[at] = fit.predictor(point.group, point.time);
                fit.means[at] = predictors[at].exp().max(MEAN_MIN);
            }
            let deviance = fit.deviance(points, &logarithms, &predictors);
            if !deviance.is_finite() {
                break;
            }
            if (deviance - before).abs() / (0.1 + deviance.abs()) < TOLERANCE {
                fit.converged = true;
                break;
            }
            before = deviance;
        }
        fit
    }

    fn step(&mut self, points: &[Point], predictors: &[f64]) {
        self.masses.fill(0.0);
        self.centres.fill(0.0);
        self.levels.fill(0.0);
        for (at, point) in points.iter().enumerate() {
            let weight = point.weight * self.means[at];
            let target = predictors[at] + (point.count - self.means[at]) / self.means[at];
            self.working[at] = weight;
            self.masses[point.group] += weight;
            self.centres[point.group] += weight * point.time;
            self.levels[point.group] += weight * target;
        }
        for (group, mass) in self.masses.iter().enumerate() {
            self.centres[group] /= mass;
            self.levels[group] /= mass;
        }
        if !self.has_trend {
            return;
        }
        let (mut squares, mut products) = (0.0, 0.0);
        for (at, point) in points.iter().enumerate() {
            let target = predictors[at] + (point.count - self.means[at]) / self.means[at];
            let distance = point.time - self.centres[point.group];
            squares += self.working[at] * distance * distance;
            products += self.working[at] * distance * (target - self.levels[point.group]);
        }
        self.squares = squares;
        self.slope = if squares > 0.0 { products / squares } else { 0.0 };
    }

    fn deviance(&self, points: &[Point], logarithms: &[f64], predictors: &[f64]) -> f64 {
        let parts = points.iter().enumerate().map(|(at, point)| {
            let mean = self.means[at];
            // Where the floor of means holds, the predictor is not their logarithm.
            let logarithm = if mean > MEAN_MIN { predictors[at] } else { mean.ln() };
            point.weight * (point.count * (logarithms[at] - logarithm) - (point.count - mean))
        });
        2.0 * parts.sum::<f64>()
    }

    /// Logarithm of the mean of a group at a time; not a number for a group without points.
    pub(crate) fn predictor(&self, group: usize, time: f64) -> f64 {
        self.levels[group] + self.slope * (time - self.centres[group])
    }

    /// Points less what was fitted to them.
    pub(crate) fn freedom(&self) -> f64 {
        let groups = self.masses.iter().filter(|mass| **mass > 0.0).count();
        self.means.len() as f64 - groups as f64 - f64::from(u8::from(self.has_trend))
    }

    /// How much more the points vary than a Poisson distribution: squares of the working residuals over the freedom.
    pub(crate) fn dispersion(&self, points: &[Point]) -> f64 {
        self.dispersion_by(points, |at| self.working[at])
    }

    fn dispersion_by(&self, points: &[Point], weight: impl Fn(usize) -> f64) -> f64 {
        let squares = points.iter().enumerate().map(|(at, point)| {
            let residual = (point.count - self.means[at]) / self.means[at];
            weight(at) * residual * residual
        });
        squares.sum::<f64>() / self.freedom()
    }

    /// Standard error of the slope for a dispersion.
    pub(crate) fn slope_error(&self, dispersion: f64) -> f64 {
        (dispersion / self.squares).sqrt()
    }

    /// The dispersion with the points' own weights in the place of those of the last step. R's `farringtonFlexible`
    /// writes these over each other before it asks whether the trend is significant.
    pub(crate) fn dispersion_by_own_weights(&self, points: &[Point]) -> f64 {
        self.dispersion_by(points, |at| points[at].weight)
    }

    /// How much a point pulls the fit to itself, between 0 and 1.
    pub(crate) fn leverage(&self, at: usize, point: &Point) -> f64 {
        let distance = point.time - self.centres[point.group];
        let trend = if self.squares > 0.0 { distance * distance / self.squares } else { 0.0 };
        self.working[at] * (1.0 / self.masses[point.group] + trend)
    }
}
