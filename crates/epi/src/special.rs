//! Distribution functions and quantiles that the methods rest on.
//!
//! Masses and densities are computed by saddle-point expansion (Loader, *Fast and accurate computation of binomial
//! probabilities*, 2000), incomplete gamma and beta functions by series and continued fraction (Press et al., *Numerical
//! Recipes*, 3rd ed., §6.2 and §6.4) upon those, the normal quantile by Wichura, *Algorithm AS 241*, Applied Statistics
//! 37 (1988) 477-484.

use libm::lgamma;

/// Steps of a series or fraction at the most: enough for parameters of 10^10, and an end for any.
const STEPS_MAX: f64 = 1e6;
const LN_SQRT_2PI: f64 = 0.918_938_533_204_672_8;

/// What Stirling's formula leaves: `ln Γ(n + 1) - ((n + 1/2) ln n - n + ln √(2π))`.
fn stirling_error(n: f64) -> f64 {
    if n <= 15.0 {
        return lgamma(n + 1.0) - (n + 0.5) * n.ln() + n - LN_SQRT_2PI;
    }
    let square = n * n;
    (1.0 / 12.0 - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / 1188.0 / square) / square) / square) / square)
        / n
}

/// Half the deviance `x ln(x / m) + m - x`, without cancellation where `x` is near `m`.
fn half_deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    for j in 1..1000 {
        term *= v * v;
        let next = sum + term / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// `mean^x e^-mean / Γ(x + 1)`: the Poisson probability, also between whole numbers.
pub(crate) fn poisson_mass(x: f64, mean: f64) -> f64 {
    if mean == 0.0 {
        return f64::from(u8::from(x == 0.0));
    }
    if x <= mean * f64::MIN_POSITIVE {
        return (-mean).exp();
    }
    if mean < x * f64::MIN_POSITIVE {
        return (-mean + x * mean.ln() - lgamma(x + 1.0)).exp();
    }
    (-stirling_error(x) - half_deviance(x, mean)).exp() / (std::f64::consts::TAU * x).sqrt()
}

/// `C(n, x) p^x q^(n - x)`, also between whole numbers; `q` is given because `1 - p` may not be exact.
fn binomial_mass(x: f64, n: f64, p: f64, q: f64) -> f64 {
    let y = n - x;
    if x <= 0.0 {
        return (n * (-p).ln_1p()).exp();
    }
    if y <= 0.0 {
        return (n * p.ln()).exp();
    }
    let exponent =
        stirling_error(n) - stirling_error(x) - stirling_error(y) - half_deviance(x, n * p) - half_deviance(y, n * q);
    exponent.exp() * (n / (std::f64::consts::TAU * x * y)).sqrt()
}

/// Whether to sum the lower part of the incomplete gamma function, and that part or the upper one.
fn gamma_part(shape: f64, x: f64) -> (bool, f64) {
    if x <= 0.0 {
        return (true, 0.0);
    }
    let mass = poisson_mass(shape, x);
    if x < shape + 1.0 {
        let (mut term, mut sum, mut n) = (1.0, 1.0, shape);
        while term > sum * 1e-17 && n < shape + STEPS_MAX {
            n += 1.0;
            term *= x / n;
            sum += term;
        }
        return (true, mass * sum);
    }
    // Lentz's evaluation of the continued fraction of Q.
    let mut b = x + 1.0 - shape;
    let mut c = 1.0 / f64::MIN_POSITIVE;
    let mut d = 1.0 / b;
    let mut h = d;
    let mut i = 0.0;
    loop {
        i += 1.0;
        let a = -i * (i - shape);
        b += 2.0;
        d = 1.0 / nonzero(a * d + b);
        c = nonzero(b + a / c);
        let step = c * d;
        h *= step;
        if (step - 1.0).abs() < 4e-16 || i > STEPS_MAX {
            break;
        }
    }
    (false, mass * shape * h)
}

fn nonzero(value: f64) -> f64 {
    if value.abs() < f64::MIN_POSITIVE { f64::MIN_POSITIVE } else { value }
}

/// Distribution function of the gamma distribution with scale 1.
pub(crate) fn gamma_below(shape: f64, x: f64) -> f64 {
    match gamma_part(shape, x) {
        (true, lower) => lower.min(1.0),
        (false, upper) => (1.0 - upper).max(0.0),
    }
}

/// What lies above.
pub(crate) fn gamma_above(shape: f64, x: f64) -> f64 {
    match gamma_part(shape, x) {
        (true, lower) => (1.0 - lower).max(0.0),
        (false, upper) => upper.min(1.0),
    }
}

/// Regularised incomplete beta function, for `y = 1 - x`.
pub(crate) fn beta_below(a: f64, b: f64, x: f64, y: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if y <= 0.0 {
        return 1.0;
    }
    let front = binomial_mass(a, a + b, x, y) * a * b / (a + b);
    if x < (a + 1.0) / (a + b + 2.0) {
        (front * beta_fraction(a, b, x) / a).min(1.0)
    } else {
        (1.0 - front * beta_fraction(b, a, y) / b).max(0.0)
    }
}

fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    let mut m = 0.0;
    loop {
        m += 1.0;
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / nonzero(1.0 + even * d);
        c = nonzero(1.0 + even / c);
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / nonzero(1.0 + odd * d);
        c = nonzero(1.0 + odd / c);
        let step = d * c;
        h *= step;
        if (step - 1.0).abs() < 4e-16 || m > STEPS_MAX {
            return h;
        }
    }
}

/// Probability that a value of Student's distribution lies further from nought than `t`, on either side.
pub(crate) fn student_beyond(t: f64, freedom: f64) -> f64 {
    let square = t * t;
    beta_below(freedom / 2.0, 0.5, freedom / (freedom + square), square / (freedom + square))
}

/// Quantile of the standard normal distribution (AS 241, `PPND16`), `p` strictly between 0 and 1.
pub(crate) fn normal_quantile(p: f64) -> f64 {
    const A: [f64; 8] = [
        2.509_080_928_730_122_7e3,
        3.343_057_558_358_813e4,
        6.726_577_092_700_87e4,
        4.592_195_393_154_987e4,
        1.373_169_376_550_946e4,
        1.971_590_950_306_551_3e3,
        1.331_416_678_917_843_8e2,
        3.387_132_872_796_366_5,
    ];
    const B: [f64; 8] = [
        5.226_495_278_852_854e3,
        2.872_908_573_572_194_3e4,
        3.930_789_580_009_271e4,
        2.121_379_430_158_659_7e4,
        5.394_196_021_424_751e3,
        6.871_870_074_920_579e2,
        4.231_333_070_160_091e1,
        1.0,
    ];
    const C: [f64; 8] = [
        7.745_450_142_783_414e-4,
        2.272_384_498_926_918_4e-2,
        2.417_807_251_774_506e-1,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ];
    const D: [f64; 8] = [
        1.050_750_071_644_416_9e-9,
        5.475_938_084_995_345e-4,
        1.519_866_656_361_645_7e-2,
        1.481_039_764_274_800_8e-1,
        6.897_673_349_851e-1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ];
    const E: [f64; 8] = [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        1.242_660_947_388_078_4e-3,
        2.653_218_952_657_612_4e-2,
        2.965_605_718_285_048_7e-1,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ];
    const F: [f64; 8] = [
        2.044_263_103_389_939_8e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        7.868_691_311_456_133e-4,
        1.487_536_129_085_061_5e-2,
        1.369_298_809_227_358e-1,
        5.998_322_065_558_88e-1,
        1.0,
    ];
    let horner = |terms: &[f64; 8], x: f64| terms.iter().fold(0.0, |sum, term| sum * x + term);
    let q = p - 0.5;
    if q.abs() <= 0.425 {
        let r = 0.180_625 - q * q;
        return q * horner(&A, r) / horner(&B, r);
    }
    let r = (-(if q < 0.0 { p } else { 1.0 - p }).ln()).sqrt();
    let tail =
        if r <= 5.0 { horner(&C, r - 1.6) / horner(&D, r - 1.6) } else { horner(&E, r - 5.0) / horner(&F, r - 5.0) };
    tail.copysign(q)
}

/// The smallest whole number up to which lies at least `p`, by a distribution function that rises, from a first guess.
fn discrete_quantile(p: f64, guess: f64, below: impl Fn(f64) -> f64) -> f64 {
    // R takes the same care of a distribution function that is rounded down at the very quantile.
    let p = p * (1.0 - 64.0 * f64::EPSILON);
    let (mut low, mut high) = (-1.0, guess.max(0.0).floor());
    let mut step = 1.0;
    while below(high) < p && high < 1e15 {
        low = high;
        high += step;
        step *= 2.0;
    }
    step = 1.0;
    while high - step > low && below(high - step) >= p {
        high -= step;
        step *= 2.0;
    }
    low = f64::max(low, high - step);
    while high - low > 1.0 {
        let middle = ((low + high) / 2.0).floor();
        if below(middle) >= p { high = middle } else { low = middle }
    }
    high
}

/// A first guess by Cornish and Fisher's expansion to the skewness.
fn cornish_fisher(p: f64, mean: f64, sd: f64, skewness: f64) -> f64 {
    let z = normal_quantile(p);
    (mean + sd * (z + skewness * (z * z - 1.0) / 6.0) + 0.5).max(0.0)
}

/// Quantile of the Poisson distribution.
pub(crate) fn poisson_quantile(p: f64, mean: f64) -> f64 {
    let guess = cornish_fisher(p, mean, mean.sqrt(), 1.0 / mean.sqrt());
    discrete_quantile(p, guess, |x| gamma_above(x + 1.0, mean))
}

/// Quantile of the negative binomial distribution with `size` and success probability `prob`.
pub(crate) fn negative_binomial_quantile(p: f64, size: f64, prob: f64) -> f64 {
    let (scale, odds) = (1.0 / prob, (1.0 - prob) / prob);
    let (mean, sd) = (size * odds, (size * odds * scale).sqrt());
    let guess = cornish_fisher(p, mean, sd, (scale + odds) / sd);
    discrete_quantile(p, guess, |x| beta_below(size, x + 1.0, prob, 1.0 - prob))
}

/// The probability `p` at which gamma quantiles are wanted again and again, for many shapes.
///
/// With `x = a e^(su)`, `s = 1/√a` and the normal quantile `z` of the same probability, equal probability means
/// `u' = exp(S(s) - z²/2 + (e^(su) - 1 - su)/s²)`, where `S` is Stirling's series. Its solution in powers of `s` has
/// polynomials in `z` as coefficients; [`TERMS`] are those, found by comparing coefficients in exact fractions. It is
/// Cornish and Fisher's expansion (1938) of the logarithm of the gamma distribution. Twelve terms give eleven digits
/// from shape 16 on; below, the distribution function is inverted.
pub(crate) struct GammaQuantile {
    p: f64,
    coefficients: [f64; TERMS.len()],
}

/// Row `m` holds the coefficients of `z^j s^m`, `j = (m + 1) mod 2, + 2, …, m + 1`.
const TERMS: [&[f64]; 13] = [
    &[1.0],
    &[-0.3333333333333333, -0.16666666666666666],
    &[0.1388888888888889, 0.027777777777777776],
    &[-0.03580246913580247, -0.03641975308641975, -0.003703703703703704],
    &[0.015406378600823046, 0.005967078189300412, 0.0002314814814814815],
    &[0.001450127376053302, -0.00200127376053302, -0.00011022927689594356, 5.878894767783657e-05],
    &[-0.0028481544080823915, -0.0010184844971367604, -0.00030519220719838006, -2.553644914756026e-05],
    &[0.001969720062998527, 0.002058874227941443, 0.0007011398523744203, 0.00011246107953926884, 4.899078973153047e-06],
    &[
        -0.0011359181323833958,
        -0.0008043372876763365,
        -0.0002084430522895029,
        -1.970178217606201e-05,
        -2.428276122977769e-07,
    ],
    &[
        -0.0005837213109817219,
        0.00010895790231437321,
        0.00013098952802472337,
        2.1443720451112618e-05,
        -6.157343167707441e-07,
        -1.85406221071516e-07,
    ],
    &[
        0.0008992533829293987,
        0.00024786434858945085,
        4.723400900138973e-05,
        1.0942958207590918e-05,
        1.626245547850815e-06,
        7.542464855411896e-08,
    ],
    &[
        -0.0007053223471172837,
        -0.0006467213556607442,
        -0.00019562487525266772,
        -4.247862523362028e-05,
        -6.728450505546646e-06,
        -5.636377169825178e-07,
        -1.47216272806884e-08,
    ],
    &[
        0.0003749871275077231,
        0.0002538393572734331,
        7.690477223243095e-05,
        1.5414351908280794e-05,
        1.8432966302945382e-06,
        9.35773383729994e-08,
        5.159887341078076e-10,
    ],
];

impl GammaQuantile {
    /// From this shape on the expansion is used.
    pub(crate) const EXPANDED_FROM: f64 = 16.0;

    /// For `p` strictly between 0 and 1.
    pub(crate) fn new(p: f64) -> Self {
        let z = normal_quantile(p);
        let coefficients = std::array::from_fn(|m| {
            let even = TERMS[m].iter().rev().fold(0.0, |sum, term| sum * z * z + term);
            if m % 2 == 0 { even * z } else { even }
        });
        Self { p, coefficients }
    }

    /// The quantile for this shape, scale 1.
    pub(crate) fn at(&self, shape: f64) -> f64 {
        // Far out in the tails the expansion would need larger shapes; nobody asks there.
        if shape < Self::EXPANDED_FROM || self.coefficients[0].abs() > 4.0 {
            return invert_gamma(self.p, shape);
        }
        let s = 1.0 / shape.sqrt();
        let u = self.coefficients.iter().rev().fold(0.0, |sum, coefficient| sum * s + coefficient);
        shape * (s * u).exp()
    }
}

/// Newton's method on the logarithm, kept between bounds that close in.
fn invert_gamma(p: f64, shape: f64) -> f64 {
    // Where x is tiny, P(a, x) = x^a / Γ(a + 1) to all digits.
    let low_end = (p.ln() + lgamma(shape + 1.0)) / shape;
    if low_end < -40.0 {
        return low_end.exp();
    }
    let root = 1.0 - 1.0 / (9.0 * shape) + normal_quantile(p) / (3.0 * shape.sqrt());
    let guess = if root > 0.2 { shape * root * root * root } else { low_end.exp() };
    let (mut low, mut high) = (-45.0, (shape + 40.0 * shape.sqrt() + 800.0).ln());
    let mut l = guess.ln().clamp(low, high);
    for _ in 0..200 {
        let x = l.exp();
        let error = gamma_below(shape, x) - p;
        if error > 0.0 {
            high = l
        } else {
            low = l
        }
        // The density of ln x is x^a e^-x / Γ(a).
        let slope = poisson_mass(shape, x) * shape;
        let step = error / slope;
        let newton = l - step;
        let next = if newton > low && newton < high { newton } else { f64::midpoint(low, high) };
        if (next - l).abs() < 1e-15 * (1.0 + l.abs()) || high - low < 1e-15 {
            return next.exp();
        }
        l = next;
    }
    l.exp()
}

#[cfg(test)]
mod tests;
