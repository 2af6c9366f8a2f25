//! What is to be expected in the next days under scenarios (dự báo theo kịch bản).
//!
//! The renewal equation: cases of a day are R times what earlier cases weigh on it (Fraser, *Estimating individual and
//! household reproduction numbers in an emerging epidemic*, PLoS ONE 2 (2007) e758; Nouvellet et al., *A simple approach
//! to measure transmissibility and forecast incidence*, Epidemics 22 (2018) 29-35), with Poisson numbers or, where few
//! infect many, negative binomial ones (Lloyd-Smith et al., *Superspreading and the effect of individual variation on
//! disease emergence*, Nature 438 (2005) 355-359).

use crate::{
    Fault, SerialInterval, Spread,
    chance::Chance,
    fault::{counts, setting},
};

/// What is known about R at the end of the series: a gamma distribution, without unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Belief {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation; nought where R is given.
    pub sd: f64,
}

/// What is done about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// By what R is multiplied, on each of the coming days; as many days are projected.
    pub factors: Vec<f64>,
    /// Cases expected from elsewhere each day.
    pub imported: f64,
    /// Dispersion of offspring (k); none for Poisson numbers.
    pub dispersion: Option<f64>,
}

/// The coming days, and their sum up to each.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    /// New cases of each day.
    pub cases: Vec<Spread>,
    /// Cases since the end of the series.
    pub total: Vec<Spread>,
}

/// Projects so many possible courses of a scenario and says how they spread. R is drawn once for each course; a seed
/// gives always the same.
///
/// # Errors
/// When a count or a setting is not allowed, or cases grow beyond what can be counted.
pub fn project(
    cases: &[f64],
    interval: &SerialInterval,
    belief: Belief,
    scenario: &Scenario,
    simulations: usize,
    seed: u64,
) -> Result<Projection, Fault> {
    counts(cases)?;
    counts(&scenario.factors)?;
    let days = scenario.factors.len();
    setting("days", days as f64, (1..=3_660).contains(&days), ">= 1, <= 3660")?;
    setting("r_mean", belief.mean, belief.mean.is_finite() && belief.mean >= 0.0, ">= 0")?;
    setting("r_sd", belief.sd, belief.sd.is_finite() && belief.sd >= 0.0, ">= 0")?;
    setting("imported", scenario.imported, scenario.imported.is_finite() && scenario.imported >= 0.0, ">= 0")?;
    if let Some(k) = scenario.dispersion {
        setting("k", k, k.is_finite() && k > 0.0, "> 0")?;
    }
    setting("simulations", simulations as f64, (1..=1_000_000).contains(&simulations), ">= 1, <= 1000000")?;
    if cases.iter().sum::<f64>() + scenario.imported <= 0.0 {
        return Err(Fault::NoCases);
    }
    let weights = interval.weights();
    let mut chance = Chance::new(seed);
    let mut drawn = vec![Vec::with_capacity(simulations); days];
    let mut totals = vec![Vec::with_capacity(simulations); days];
    let history = &cases[cases.len().saturating_sub(weights.len())..];
    for _ in 0..simulations {
        let r = if belief.sd > 0.0 && belief.mean > 0.0 {
            chance.gamma((belief.mean / belief.sd).powi(2), belief.sd * belief.sd / belief.mean)?
        } else {
            belief.mean
        };
        let mut course = history.to_vec();
        let mut total = 0.0;
        for (day, factor) in scenario.factors.iter().enumerate() {
            let infectivity: f64 =
                weights.iter().skip(1).zip(course.iter().rev()).map(|(weight, cases)| weight * cases).sum();
            let mean = r * factor * infectivity;
            let infected = match scenario.dispersion {
                Some(k) if infectivity > 0.0 => chance.negative_binomial(mean, k * infectivity)?,
                _ => chance.poisson(mean)?,
            };
            let new = infected + chance.poisson(scenario.imported)?;
            course.push(new);
            total += new;
            drawn[day].push(new);
            totals[day].push(total);
        }
    }
    let spread = |mut draws: Vec<f64>| Spread::of(&mut draws).ok_or(Fault::NoCases);
    Ok(Projection {
        cases: drawn.into_iter().map(spread).collect::<Result<_, _>>()?,
        total: totals.into_iter().map(spread).collect::<Result<_, _>>()?,
    })
}
