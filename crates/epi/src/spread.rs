//! Mean, deviation and quantiles of an estimate.

/// The probabilities of the quantiles of a [`Spread`].
pub const PROBABILITIES: [f64; 7] = [0.025, 0.05, 0.25, 0.5, 0.75, 0.95, 0.975];

/// How sure an estimate is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub sd: f64,
    /// Quantiles at [`PROBABILITIES`].
    pub quantiles: [f64; 7],
}

impl Spread {
    /// Lower end of the 95 % interval.
    #[must_use]
    pub fn q025(&self) -> f64 {
        self.quantiles[0]
    }

    /// The middle.
    #[must_use]
    pub fn median(&self) -> f64 {
        self.quantiles[3]
    }

    /// Upper end of the 95 % interval.
    #[must_use]
    pub fn q975(&self) -> f64 {
        self.quantiles[6]
    }

    /// Of draws, which it sorts; none without draws. Quantiles between draws are linear (type 7 of Hyndman and Fan,
    /// *Sample quantiles in statistical packages*, The American Statistician 50 (1996) 361-365), as R has them.
    pub(crate) fn of(draws: &mut [f64]) -> Option<Spread> {
        let n = draws.len() as f64;
        if draws.is_empty() {
            return None;
        }
        let mean = draws.iter().sum::<f64>() / n;
        let sd = (draws.iter().map(|draw| (draw - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0)).sqrt();
        draws.sort_unstable_by(f64::total_cmp);
        let quantiles = PROBABILITIES.map(|p| {
            let place = (n - 1.0) * p;
            let low = place.floor() as usize;
            let high = (low + 1).min(draws.len() - 1);
            draws[low] + (place - place.floor()) * (draws[high] - draws[low])
        });
        Some(Spread { mean, sd, quantiles })
    }
}
