//! Samples tested together (xét nghiệm gộp mẫu): how many in a pool, how many tests, how many cases missed.
//!
//! Dorfman, *The detection of defective members of large populations*, Annals of Mathematical Statistics 14 (1943)
//! 436-440: a pool is tested, and when it is positive each of its samples. Dilution after Hwang, *Group testing with a
//! dilution effect*, Biometrika 63 (1976) 671-673; imperfect tests after Graff and Roeloffs, *Group testing in the
//! presence of test error*, Technometrics 14 (1972) 113-122.

use crate::{Fault, fault::setting};

/// The test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Assay {
    /// Probability that a positive sample tested alone is found.
    pub sensitivity: f64,
    /// Probability that a negative one is not.
    pub specificity: f64,
    /// Hwang's exponent: 0 when a pool is as sensitive as a single test, 1 when every negative sample in it hides the
    /// positive ones.
    pub dilution: f64,
}

impl Default for Assay {
    /// A perfect test.
    fn default() -> Self {
        Self { sensitivity: 1.0, specificity: 1.0, dilution: 0.0 }
    }
}

/// What a pool size means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pool {
    /// Samples in a pool; 1 is testing each alone.
    pub size: usize,
    /// Expected tests for each person.
    pub tests: f64,
    /// Probability that a positive person is found in the end.
    pub sensitivity: f64,
    /// Probability that a negative person is cleared in the end.
    pub specificity: f64,
}

/// The most samples in a pool that are considered.
pub const SIZE_MAX: usize = 1_000;

fn check(prevalence: f64, assay: &Assay) -> Result<(), Fault> {
    let share = |name, value: f64| setting(name, value, (0.0..=1.0).contains(&value), ">= 0, <= 1");
    share("prevalence", prevalence)?;
    share("sensitivity", assay.sensitivity)?;
    share("specificity", assay.specificity)?;
    share("dilution", assay.dilution)
}

/// What pools of this size mean, for the share of people that is positive.
///
/// # Errors
/// When a share does not lie between 0 and 1, or the size between 1 and [`SIZE_MAX`].
pub fn pool(prevalence: f64, size: usize, assay: &Assay) -> Result<Pool, Fault> {
    check(prevalence, assay)?;
    setting("size", size as f64, (1..=SIZE_MAX).contains(&size), ">= 1, <= 1000")?;
    let Assay { sensitivity, specificity, dilution } = *assay;
    if size == 1 {
        return Ok(Pool { size, tests: 1.0, sensitivity, specificity });
    }
    let k = size as f64;
    let clean = (1.0 - prevalence).powf(k);
    let clean_others = (1.0 - prevalence).powf(k - 1.0);
    // Hwang: p / (1 - (1 - p)^(k^d)), which is 1 without dilution; for p = 0 its limit.
    let found = if prevalence > 0.0 {
        prevalence / -(k.powf(dilution) * (-prevalence).ln_1p()).exp_m1()
    } else {
        k.powf(-dilution)
    };
    let pool_sensitivity = sensitivity * found;
    let positive = pool_sensitivity * (1.0 - clean) + (1.0 - specificity) * clean;
    let positive_of_clean = pool_sensitivity * (1.0 - clean_others) + (1.0 - specificity) * clean_others;
    Ok(Pool {
        size,
        tests: 1.0 / k + positive,
        sensitivity: pool_sensitivity * sensitivity,
        specificity: 1.0 - (1.0 - specificity) * positive_of_clean,
    })
}

/// The pool size, up to `size_max`, with the fewest tests among those that find at least `sensitivity_min` of the
/// positive; the smaller one of equals. Testing each alone always counts, whatever the test finds.
///
/// # Errors
/// As [`pool`].
pub fn best(prevalence: f64, size_max: usize, sensitivity_min: f64, assay: &Assay) -> Result<Pool, Fault> {
    setting("size_max", size_max as f64, (1..=SIZE_MAX).contains(&size_max), ">= 1, <= 1000")?;
    setting("sensitivity_min", sensitivity_min, (0.0..=1.0).contains(&sensitivity_min), ">= 0, <= 1")?;
    let mut best = pool(prevalence, 1, assay)?;
    for size in 2..=size_max {
        let other = pool(prevalence, size, assay)?;
        if other.sensitivity >= sensitivity_min && other.tests < best.tests {
            best = other;
        }
    }
    Ok(best)
}
