//! How unevenly cases infect others, and how large clusters become (siêu lây nhiễm, quy mô chùm ca bệnh).
//!
//! The number that a case infects is negative binomial with mean R and dispersion k: Lloyd-Smith, Schreiber, Kopp and
//! Getz, *Superspreading and the effect of individual variation on disease emergence*, Nature 438 (2005) 355-359. Sizes
//! of clusters that end by themselves: Blumberg and Lloyd-Smith, *Inference of R0 and transmission heterogeneity from the
//! size distribution of stuttering chains*, PLoS Computational Biology 9 (2013) e1002993. Intervals are those of the
//! profile likelihood at 95 %.

use libm::lgamma;

use crate::{
    Fault,
    fault::{setting, whole_counts},
};

/// R and k, as estimated.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Offspring {
    /// Mean number that a case infects.
    pub r: f64,
    /// Dispersion: the smaller, the fewer infect the most. Infinite where cases infect as evenly as chance has it.
    pub k: f64,
    /// Lower end of the 95 % interval of k.
    pub k_low: f64,
    /// Upper end; infinite where evenness cannot be excluded.
    pub k_high: f64,
    /// Logarithm of the likelihood.
    pub likelihood: f64,
}

/// Between these k is looked for; beyond them its value makes no difference.
const K_MIN: f64 = 1e-4;
const K_MAX: f64 = 1e4;
/// Half of the 95 % quantile of the chi-squared distribution with one degree of freedom.
const PROFILE: f64 = 1.920_729_410_347_062_3;

/// R and k from the numbers that single cases infected.
///
/// # Errors
/// When a number is negative, not finite or not whole, or nobody infected anybody.
pub fn from_offspring(infected: &[f64]) -> Result<Offspring, Fault> {
    whole_counts(infected)?;
    let n = infected.len() as f64;
    let r = infected.iter().sum::<f64>() / n;
    if infected.is_empty() || r <= 0.0 {
        return Err(Fault::NoCases);
    }
    let counted = counted(infected);
    // The mean is the estimate of R whatever k is.
    profile(r, |k| {
        let term = |y: f64| lgamma(k + y) - lgamma(k) - lgamma(y + 1.0) - k * (r / k).ln_1p() + y * (r / (k + r)).ln();
        counted.iter().map(|(y, times)| times * term(*y)).sum()
    })
}

/// R and k from the sizes of clusters that are over, their first cases included.
///
/// # Errors
/// When a size is not a whole number above nought, or no cluster has more than one case.
pub fn from_clusters(sizes: &[f64]) -> Result<Offspring, Fault> {
    whole_counts(sizes)?;
    if let Some(at) = sizes.iter().position(|size| *size < 1.0) {
        return Err(Fault::Negative { at, value: sizes[at] });
    }
    let cases: f64 = sizes.iter().sum();
    let r = (cases - sizes.len() as f64) / cases;
    if sizes.is_empty() || r <= 0.0 {
        return Err(Fault::NoCases);
    }
    let counted = counted(sizes);
    // R maximises the likelihood at (cases - clusters) / cases whatever k is.
    profile(r, |k| counted.iter().map(|(size, times)| times * ln_size(*size, r, k)).sum())
}

fn counted(values: &[f64]) -> Vec<(f64, f64)> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.chunk_by(|one, other| one == other).map(|chunk| (chunk[0], chunk.len() as f64)).collect()
}

fn profile(r: f64, likelihood: impl Fn(f64) -> f64) -> Result<Offspring, Fault> {
    // One maximum: a golden section search on the logarithm finds it.
    const GOLDEN: f64 = 0.618_033_988_749_894_9;
    let at = |l: f64| likelihood(l.exp());
    let (mut low, mut high) = (K_MIN.ln(), K_MAX.ln());
    let (mut one, mut other) = (high - GOLDEN * (high - low), low + GOLDEN * (high - low));
    let (mut at_one, mut at_other) = (at(one), at(other));
    while high - low > 1e-9 {
        if at_one < at_other {
            (low, one, at_one) = (one, other, at_other);
            other = low + GOLDEN * (high - low);
            at_other = at(other);
        } else {
            (high, other, at_other) = (other, one, at_one);
            one = high - GOLDEN * (high - low);
            at_one = at(one);
        }
    }
    let peak = f64::midpoint(low, high);
    let most = at(peak);
    if !most.is_finite() {
        return Err(Fault::Undetermined { name: "k" });
    }
    let (k_low, k_high) = (end(peak, K_MIN.ln(), most, at), end(peak, K_MAX.ln(), most, at));
    let open = |l: Option<f64>, beyond: f64| l.map_or(beyond, f64::exp);
    let k = if peak > K_MAX.ln() - 0.01 { f64::INFINITY } else { peak.exp() };
    Ok(Offspring { r, k, k_low: open(k_low, 0.0), k_high: open(k_high, f64::INFINITY), likelihood: most })
}

/// Where the profile has fallen as far as the interval reaches, between the peak and a limit; none where it never does.
fn end(peak: f64, limit: f64, most: f64, at: impl Fn(f64) -> f64) -> Option<f64> {
    let inside = |l: f64| most - at(l) < PROFILE;
    if inside(limit) {
        return None;
    }
    let (mut within, mut beyond) = (peak, limit);
    for _ in 0..100 {
        let middle = f64::midpoint(within, beyond);
        if inside(middle) { within = middle } else { beyond = middle }
    }
    Some(within)
}

fn ln_size(size: f64, r: f64, k: f64) -> f64 {
    let all = k * size;
    lgamma(all + size - 1.0) - lgamma(all) - lgamma(size + 1.0) + (size - 1.0) * (r / k).ln()
        - (all + size - 1.0) * (r / k).ln_1p()
}

/// The probability of each cluster size from 1 to `size_max`, and of a larger one or one that does not end at all.
///
/// # Errors
/// When R is negative, k not above nought, or the largest size not between 1 and a million.
pub fn sizes(r: f64, k: f64, size_max: usize) -> Result<(Vec<f64>, f64), Fault> {
    setting("r", r, r.is_finite() && r >= 0.0, ">= 0")?;
    setting("k", k, k.is_finite() && k > 0.0, "> 0")?;
    setting("size_max", size_max as f64, (1..=1_000_000).contains(&size_max), ">= 1, <= 1000000")?;
    let probability = |size: usize| match (size, r > 0.0) {
        (1, false) => 1.0,
        (_, false) => 0.0,
        (size, true) => ln_size(size as f64, r, k).exp(),
    };
    let sizes: Vec<f64> = (1..=size_max).map(probability).collect();
    let larger = (1.0 - sizes.iter().sum::<f64>()).max(0.0);
    Ok((sizes, larger))
}

/// The share of cases that infect nobody.
///
/// # Errors
/// When R is negative or k not above nought.
pub fn infecting_nobody(r: f64, k: f64) -> Result<f64, Fault> {
    setting("r", r, r.is_finite() && r >= 0.0, ">= 0")?;
    setting("k", k, k.is_finite() && k > 0.0, "> 0")?;
    Ok((-k * (r / k).ln_1p()).exp())
}

/// The probability that an outbreak which began with so many cases ends by itself: 1 where R is at most 1 (Lloyd-Smith et
/// al. 2005, the smallest root of `s = (1 + R (1 - s) / k)^-k`).
///
/// # Errors
/// When R is negative or k not above nought.
pub fn ending(r: f64, k: f64, cases: f64) -> Result<f64, Fault> {
    setting("r", r, r.is_finite() && r >= 0.0, ">= 0")?;
    setting("k", k, k.is_finite() && k > 0.0, "> 0")?;
    setting("cases", cases, cases.is_finite() && cases >= 0.0, ">= 0")?;
    if r <= 1.0 {
        return Ok(1.0);
    }
    let excess = |s: f64| (-k * (r * (1.0 - s) / k).ln_1p()).exp() - s;
    let (mut low, mut high) = (0.0, 1.0 - 1e-12);
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if excess(middle) > 0.0 { low = middle } else { high = middle }
    }
    Ok(f64::midpoint(low, high).powf(cases))
}
