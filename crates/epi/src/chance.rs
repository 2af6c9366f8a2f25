//! Chance with a seed: the same seed gives the same draws.

use rand::{SeedableRng as _, rngs::ChaCha12Rng};
use rand_distr::{Binomial, Distribution as _, Gamma, Poisson, StandardNormal, StandardUniform};

use crate::Fault;

/// A stream of draws.
pub(crate) struct Chance(ChaCha12Rng);

const TOO_LARGE: Fault = Fault::TooLarge { name: "simulation" };

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(ChaCha12Rng::seed_from_u64(seed))
    }

    /// Between 0 and 1, 1 excluded.
    pub(crate) fn uniform(&mut self) -> f64 {
        StandardUniform.sample(&mut self.0)
    }

    pub(crate) fn normal(&mut self, mean: f64, sd: f64) -> f64 {
        let z: f64 = StandardNormal.sample(&mut self.0);
        mean + sd * z
    }

    pub(crate) fn gamma(&mut self, shape: f64, scale: f64) -> Result<f64, Fault> {
        if shape <= 0.0 || scale <= 0.0 {
            return Ok(0.0);
        }
        let draw = Gamma::new(shape, scale).map_err(|_| TOO_LARGE)?.sample(&mut self.0);
        if draw.is_finite() { Ok(draw) } else { Err(TOO_LARGE) }
    }

    pub(crate) fn poisson(&mut self, mean: f64) -> Result<f64, Fault> {
        if mean <= 0.0 {
            return Ok(0.0);
        }
        // Nobody counts further, and whole numbers end soon after.
        if mean > 1e15 {
            return Err(TOO_LARGE);
        }
        Ok(Poisson::new(mean).map_err(|_| TOO_LARGE)?.sample(&mut self.0))
    }

    /// Poisson around a gamma distributed mean: negative binomial with this mean and size.
    pub(crate) fn negative_binomial(&mut self, mean: f64, size: f64) -> Result<f64, Fault> {
        let mean = self.gamma(size, mean / size)?;
        self.poisson(mean)
    }

    pub(crate) fn beta(&mut self, a: f64, b: f64) -> Result<f64, Fault> {
        let (x, y) = (self.gamma(a, 1.0)?, self.gamma(b, 1.0)?);
        // Both can come out as nought when a and b are tiny; then either end is as likely as its weight.
        Ok(if x + y > 0.0 { x / (x + y) } else { a / (a + b) })
    }

    pub(crate) fn binomial(&mut self, n: u64, p: f64) -> Result<u64, Fault> {
        if n == 0 || p <= 0.0 {
            return Ok(0);
        }
        if p >= 1.0 {
            return Ok(n);
        }
        Ok(Binomial::new(n, p).map_err(|_| TOO_LARGE)?.sample(&mut self.0))
    }

    /// How many of `n` fall on each of these weights, added to `into`.
    pub(crate) fn multinomial(&mut self, n: u64, weights: &[f64], into: &mut [f64]) -> Result<(), Fault> {
        let mut rest: f64 = weights.iter().sum();
        if rest <= 0.0 {
            return Ok(());
        }
        if n as usize <= weights.len() {
            for _ in 0..n {
                let mut at = self.uniform() * rest;
                let hit = weights.iter().position(|weight| {
                    at -= weight;
                    at < 0.0
                });
                // Rounding can leave a draw behind the last weight.
                let hit = hit.or_else(|| weights.iter().rposition(|weight| *weight > 0.0));
                if let Some(hit) = hit {
                    into[hit] += 1.0;
                }
            }
            return Ok(());
        }
        let mut left = n;
        let last = weights.iter().rposition(|weight| *weight > 0.0);
        for (at, weight) in weights.iter().enumerate() {
            let hits = if Some(at) == last { left } else { self.binomial(left, weight / rest)? };
            into[at] += hits as f64;
            left -= hits;
            rest -= weight;
            if left == 0 {
                break;
            }
        }
        Ok(())
    }
}
