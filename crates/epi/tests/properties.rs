//! What holds for any series.

use proptest::prelude::*;
use vx_epi::{
    Fault, IntervalBelief, Missing, SerialInterval, Series, Values, clusters, cusum, demand, ears, farrington, growth,
    nowcast, pooling, projection,
    reproduction::{Cori, Incidence, Prior, Window, sliding_windows},
    wallinga_teunis,
};

fn counts(most: usize) -> impl Strategy<Value = Vec<f64>> {
    proptest::collection::vec((0u32..500).prop_map(f64::from), 10..most)
}

/// Any finite number: counts, nought, endless decimals, negative, tiny and huge ones.
fn any_finite() -> impl Strategy<Value = f64> {
    prop_oneof![
        4 => (0u32..1000).prop_map(f64::from),
        1 => Just(0.0),
        1 => -1e3..1e3f64,
        1 => any::<f64>().prop_filter("finite", |value| value.is_finite()),
        1 => prop_oneof![Just(f64::MAX), Just(f64::MIN_POSITIVE), Just(5e-324), Just(1e15)],
    ]
}

fn interval() -> SerialInterval {
    SerialInterval::gamma(4.2, 2.0, 200).expect("it is one")
}

fn estimates(cases: &[f64], width: usize) -> Vec<Option<vx_epi::Spread>> {
    let windows = sliding_windows(cases.len(), width).expect("long enough");
    let mut cori = Cori::new(Prior::default()).expect("the default");
    let estimates = cori.estimate(&Incidence::of(cases).expect("counts"), &interval(), &windows).expect("windows fit");
    estimates.into_iter().map(|estimate| estimate.r).collect()
}

fn close(one: f64, other: f64) -> bool {
    (one - other).abs() <= 1e-9 * one.abs().max(other.abs()).max(1e-9)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// With c times the cases, what the cases add to shape and rate of the prior is c times as much.
    #[test]
    fn scaling(cases in counts(80), factor in 2u32..50) {
        let factor = f64::from(factor);
        let scaled: Vec<f64> = cases.iter().map(|count| count * factor).collect();
        for (one, many) in estimates(&cases, 7).into_iter().zip(estimates(&scaled, 7)) {
            prop_assert_eq!(one.is_some(), many.is_some());
            if let (Some(one), Some(many)) = (one, many) {
                let evidence = |r: vx_epi::Spread| ((r.mean / r.sd).powi(2) - 1.0, r.mean / (r.sd * r.sd) - 0.2);
                let ((shape, rate), (shapes, rates)) = (evidence(one), evidence(many));
                prop_assert!((shapes - factor * shape).abs() < 1e-7 * (1.0 + shapes.abs()));
                prop_assert!((rates - factor * rate).abs() < 1e-7 * (1.0 + rates.abs()));
            }
        }
    }

    /// Days without cases before the first one change nothing but the numbers of the days.
    #[test]
    fn shift(cases in counts(80), days in 1usize..40) {
        let shifted: Vec<f64> = std::iter::repeat_n(0.0, days).chain(cases.iter().copied()).collect();
        let (here, there) = (estimates(&cases, 5), estimates(&shifted, 5));
        for (one, other) in here.iter().zip(&there[days..]) {
            if let (Some(one), Some(other)) = (one, other) {
                prop_assert!(close(one.mean, other.mean) && close(one.sd, other.sd));
                prop_assert!(one.quantiles.iter().zip(other.quantiles).all(|(one, other)| close(*one, other)));
            }
        }
    }

    #[test]
    fn without_cases_the_prior_is_left(days in 9usize..100) {
        for r in estimates(&vec![0.0; days], 7).into_iter().flatten() {
            prop_assert!(close(r.mean, 5.0) && close(r.sd, 5.0));
        }
    }

    #[test]
    fn quantiles_rise(cases in counts(60)) {
        for r in estimates(&cases, 3).into_iter().flatten() {
            prop_assert!(r.quantiles.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", r);
            prop_assert!(r.quantiles[0] > 0.0);
        }
    }

    #[test]
    fn a_serial_interval_is_a_distribution(mean in 1.5f64..20.0, sd in 0.1f64..6.0) {
        let interval = SerialInterval::gamma(mean, sd, 2_000).expect("allowed");
        let sum: f64 = interval.weights().iter().sum();
        prop_assert!(interval.weights().iter().all(|weight| *weight >= 0.0));
        prop_assert!((sum - 1.0).abs() < 1e-6, "{sum}");
        prop_assert!((interval.mean() - mean).abs() < 1e-4 * mean, "{} instead of {mean}", interval.mean());
        prop_assert_eq!(interval.weights()[0], 0.0);
    }

    /// Who asks for fewer false alarms gets higher bounds.
    #[test]
    fn upper_bounds_rise_as_alpha_falls(cases in counts(60)) {
        let known: Vec<Option<f64>> = cases.iter().copied().map(Some).collect();
        for method in [ears::Method::C1, ears::Method::C2, ears::Method::C3] {
            let bounds = |alpha| {
                let watch = ears::watch(&known, &ears::Settings { alpha, baseline: 4, ..ears::Settings::new(method) });
                watch.expect("long enough").into_iter().map(|watch| watch.upper_bound).collect::<Vec<_>>()
            };
            for (loose, strict) in bounds(0.05).into_iter().zip(bounds(0.001)) {
                prop_assert!(loose <= strict);
            }
        }
    }

    #[test]
    fn farrington_bounds_rise_as_alpha_falls(cases in proptest::collection::vec((0u32..60).prop_map(|n| Some(f64::from(n))), 215..225)) {
        let bounds = |alpha| {
            let watch = farrington::watch(&cases, &farrington::Settings { alpha, ..farrington::Settings::default() });
            watch.expect("long enough").into_iter().map(|watch| watch.upper_bound).collect::<Vec<_>>()
        };
        for (loose, strict) in bounds(0.05).into_iter().zip(bounds(0.001)) {
            prop_assert!(loose <= strict);
        }
    }

    #[test]
    fn a_nowcast_is_never_below_what_is_known(rows in proptest::collection::vec((0i64..40, 0i64..12, 0u32..30), 1..80)) {
        let reports: Vec<nowcast::Report> = rows
            .iter()
            .map(|(day, delay, cases)| nowcast::Report { day: *day, reported: day + delay, cases: f64::from(*cases) })
            .collect();
        let settings = nowcast::Settings { simulations: 100, ..nowcast::Settings::default() };
        if let Ok(nowcasts) = nowcast::nowcast(&reports, 40, &settings) {
            for nowcast in nowcasts {
                prop_assert!(nowcast.total.quantiles[0] >= nowcast.reported);
                prop_assert!(nowcast.share > 0.0 && nowcast.share <= 1.0);
            }
        }
    }

    #[test]
    fn clusters_add_up(r in 0.05f64..0.9, k in 0.05f64..50.0) {
        let (sizes, larger) = clusters::sizes(r, k, 5_000).expect("allowed");
        let mean: f64 = sizes.iter().enumerate().map(|(at, p)| (at + 1) as f64 * p).sum();
        prop_assert!((sizes.iter().sum::<f64>() + larger - 1.0).abs() < 1e-9);
        // Of clusters that end, the mean is 1 / (1 - R); the longest are beyond the list.
        prop_assert!(mean <= 1.0 / (1.0 - r) + 1e-6 && mean > 0.5 / (1.0 - r), "{mean}");
    }

    #[test]
    fn pooling_never_needs_more_tests_than_one_each(prevalence in 0.0f64..=1.0, sensitivity in 0.5f64..=1.0, dilution in 0.0f64..=1.0) {
        let assay = pooling::Assay { sensitivity, dilution, ..pooling::Assay::default() };
        let best = pooling::best(prevalence, 30, 0.0, &assay).expect("allowed");
        prop_assert!(best.tests <= 1.0 && best.sensitivity <= sensitivity + 1e-12);
    }

    #[test]
    fn the_same_seed_projects_the_same(cases in counts(30), seed in any::<u64>()) {
        let scenario = projection::Scenario { factors: vec![1.0; 5], imported: 0.5, dispersion: Some(0.3) };
        let belief = projection::Belief { mean: 1.1, sd: 0.2 };
        let run = || projection::project(&cases, &interval(), belief, &scenario, 50, seed);
        prop_assert_eq!(run(), run());
    }

    /// A fault or a result, whatever stands there.
    #[test]
    fn nothing_panics(
        cases in proptest::collection::vec(any_finite(), 0..60),
        weights in proptest::collection::vec(any_finite(), 0..6),
        one in any_finite(),
        other in any_finite(),
        width in prop_oneof![0usize..30, Just(usize::MAX)],
        gaps in proptest::collection::vec(any::<bool>(), 60),
    ) {
        let known: Vec<Option<f64>> = cases.iter().zip(&gaps).map(|(count, gap)| (!gap).then_some(*count)).collect();
        let _ = SerialInterval::gamma(one, other, width.min(400));
        let _ = SerialInterval::of(&weights);
        let belief = IntervalBelief { mean: one, mean_sd: other, mean_within: (1.0, one), sd: other, sd_sd: one, sd_within: (0.1, other) };
        let _ = belief.sample(2, 40, 1);
        if let Ok(mut series) = Series::of(&known) {
            let _ = series.suspects();
            let _ = series.exclude(width, Some(one));
            let _ = series.values(Missing::LeaveOut);
        }
        let _ = Series::by_day(&cases.iter().map(|count| (*count as i64, Some(one))).collect::<Vec<_>>());
        let windows = sliding_windows(cases.len(), width).unwrap_or_else(|_| vec![Window { start: width, end: 3 }]);
        if let (Ok(incidence), Ok(mut cori)) = (Incidence::of(&cases), Cori::new(Prior { mean: one, sd: other })) {
            let _ = cori.estimate(&incidence, &interval(), &windows);
            let _ = cori.estimate_over(&incidence, &[interval()], 2, &windows, 1);
        }
        let small: Vec<f64> = cases.iter().map(|count| count.abs().min(1e6).floor()).collect();
        let _ = wallinga_teunis::estimate(&cases, &interval(), &windows, 1, 1);
        let _ = wallinga_teunis::estimate(&small, &interval(), &windows, 1, 1);
        let _ = growth::growth(&Values { counted: vec![true; cases.len()], counts: cases.clone() }, width);
        let _ = growth::reproduction_of(one, &interval());
        for method in [ears::Method::C1, ears::Method::C3] {
            let _ = ears::watch(&known, &ears::Settings { method, baseline: width, alpha: one, sd_min: other });
            let _ = ears::watch(&known, &ears::Settings::new(method));
        }
        let _ = cusum::watch(&cases, &cusum::Settings { baseline: width, reference: one, threshold: other });
        let _ = cusum::watch(&small, &cusum::Settings { baseline: 5, ..cusum::Settings::default() });
        let tight = farrington::Settings { years: 1, half_window: 1, frequency: 7, periods: 3, recent_left_out: 1, ..farrington::Settings::default() };
        let _ = farrington::watch(&known, &tight);
        let _ = farrington::watch(&small.iter().copied().map(Some).collect::<Vec<_>>(), &tight);
        let _ = farrington::watch(&known, &farrington::Settings { first_day: Some(one as i64), ..farrington::Settings::default() });
        let _ = farrington::watch(&known, &farrington::Settings { alpha: one, periods: width, weights_threshold: other, ..tight });
        let scenario = projection::Scenario { factors: weights.clone(), imported: one, dispersion: Some(other) };
        let _ = projection::project(&cases, &interval(), projection::Belief { mean: one, sd: other }, &scenario, 1, 1);
        let _ = demand::demand(&cases, &demand::Parameters { severe: one, critical: other, delay: width, severe_stay: width, ..demand::Parameters::default() });
        let _ = pooling::best(one, width, other, &pooling::Assay::default());
        let _ = pooling::pool(one, width, &pooling::Assay { sensitivity: other, specificity: one, dilution: other });
        let _ = clusters::from_offspring(&small);
        let _ = clusters::from_clusters(&cases);
        let _ = clusters::sizes(one, other, 20);
        let _ = clusters::ending(one, other, one);
        let reports: Vec<nowcast::Report> = cases.iter().map(|count| nowcast::Report { day: (*count as i64) % 50, reported: width.min(100) as i64, cases: *count }).collect();
        let _ = nowcast::nowcast(&reports, 60, &nowcast::Settings { simulations: 2, delay_max: width, ..nowcast::Settings::default() });
    }
}

/// One line for each fault: what was wrong, and what it is called.
#[test]
fn what_cannot_be_computed_is_refused() {
    let incidence = |cases: &[f64]| Incidence::of(cases).map(|_| ());
    let windows = |days, width| sliding_windows(days, width).map(|_| ());
    let interval_of = |weights: &[f64]| SerialInterval::of(weights).map(|_| ());
    let gamma = |mean, sd| SerialInterval::gamma(mean, sd, 10).map(|_| ());
    assert_eq!(incidence(&[1.0, -2.0]), Err(Fault::Negative { at: 1, value: -2.0 }));
    assert_eq!(incidence(&[1.0, 2.0, f64::NAN]), Err(Fault::NotFinite { at: 2 }));
    assert_eq!(incidence(&[f64::INFINITY]), Err(Fault::NotFinite { at: 0 }));
    assert_eq!(windows(7, 7), Err(Fault::TooShort { have: 7, need: 8 }));
    assert_eq!(windows(8, 7), Ok(()));
    assert!(matches!(windows(8, 0), Err(Fault::Setting { name: "window", .. })));
    assert_eq!(interval_of(&[]), Err(Fault::TooShort { have: 0, need: 2 }));
    assert_eq!(interval_of(&[0.1, 0.9]), Err(Fault::IntervalStart { weight: 0.1 }));
    assert_eq!(interval_of(&[0.0, 0.5, 0.4]), Err(Fault::IntervalSum { sum: 0.9 }));
    assert_eq!(interval_of(&[0.0, 1.5, -0.5]), Err(Fault::Negative { at: 2, value: -0.5 }));
    assert_eq!(interval_of(&[0.0, 0.5, 0.495]), Ok(()));
    assert!(matches!(gamma(1.0, 1.0), Err(Fault::Setting { name: "si_mean", .. })));
    assert!(matches!(gamma(2.0, 0.0), Err(Fault::Setting { name: "si_sd", .. })));
    let estimate = |window| {
        let cases = Incidence::of(&[1.0; 10]).expect("counts");
        Cori::new(Prior::default()).expect("default").estimate(&cases, &interval(), &[window]).map(|_| ())
    };
    assert_eq!(estimate(Window { start: 1, end: 7 }), Err(Fault::Window { start: 1, end: 7, days: 10 }));
    assert_eq!(estimate(Window { start: 5, end: 11 }), Err(Fault::Window { start: 5, end: 11, days: 10 }));
    assert_eq!(estimate(Window { start: 5, end: 4 }), Err(Fault::Window { start: 5, end: 4, days: 10 }));
    assert!(Cori::new(Prior { mean: 0.0, sd: 5.0 }).is_err());
    let cohort = |cases: &[f64]| wallinga_teunis::estimate(cases, &interval(), &[], 1, 1).map(|_| ());
    assert_eq!(cohort(&[1.0, 0.5]), Err(Fault::NotWhole { at: 1, value: 0.5 }));
    assert_eq!(cohort(&[0.0, 0.0]), Err(Fault::NoCases));
    let c1 = ears::Settings::new(ears::Method::C1);
    assert_eq!(ears::watch(&[Some(1.0); 7], &c1), Err(Fault::TooShort { have: 7, need: 8 }));
    let flexible = farrington::Settings::default();
    assert_eq!(farrington::watch(&[Some(1.0); 211], &flexible), Err(Fault::TooShort { have: 211, need: 212 }));
    assert_eq!(Series::by_day(&[(3, Some(1.0)), (4, None), (3, None)]), Err(Fault::Twice { at: 2 }));
    assert_eq!(Series::of(&[Some(1.0), None]).expect("counts").values(Missing::Refuse), Err(Fault::Missing { at: 1 }));
}

#[test]
fn cases_before_the_interval_allows_an_estimate_have_none() {
    let r = estimates(&[3.0; 12], 2);
    // The mean serial interval is 4.2 days: the window of days 3 and 4 is too early, that of 4 and 5 is not.
    assert_eq!(r.iter().position(Option::is_some), Some(2));
}

#[test]
fn a_day_that_is_left_out_is_neither_counted_nor_taken_for_a_day_without_cases() {
    let mut counts = vec![Some(20.0); 40];
    counts[20] = Some(5_000.0);
    let mut series = Series::of(&counts).expect("counts");
    assert_eq!(
        series.suspects().iter().map(|suspect| (suspect.at, suspect.expected)).collect::<Vec<_>>(),
        [(20, 20.0)]
    );
    series.exclude(20, None).expect("it is there");
    let values = series.values(Missing::Refuse).expect("nothing is missing");
    assert_eq!((values.counts[20], values.counted[20]), (20.0, false));
    let windows = sliding_windows(40, 7).expect("long enough");
    let incidence = Incidence::from_values(&values).expect("counts");
    let all = Cori::new(Prior::default()).expect("default").estimate(&incidence, &interval(), &windows).expect("fits");
    for estimate in &all[15..] {
        let r = estimate.r.expect("late enough");
        assert!((r.mean - 1.0).abs() < 0.05, "{estimate:?}");
        // Six days of the week know less than seven.
        let expected = if (estimate.window.start..=estimate.window.end).contains(&21) { 6.0_f64 } else { 7.0 };
        assert!((r.sd - (1.0 / (20.0 * expected)).sqrt()).abs() < 0.003, "{estimate:?}");
    }
}

#[test]
fn published_figures_are_found_again() {
    // Dorfman 1943, table 1: the best pool and its cost in percent, by prevalence.
    for (prevalence, size, percent) in [(0.01, 11, 20), (0.02, 8, 27), (0.05, 5, 43), (0.1, 4, 59), (0.3, 3, 99)] {
        let best = pooling::best(prevalence, 100, 0.0, &pooling::Assay::default()).expect("allowed");
        assert_eq!((best.size, (best.tests * 100.0).round() as i32), (size, percent), "{prevalence}");
    }
    // 100 severe and 30 critical patients.
    let needed = demand::needed(100.0, 30.0, &demand::Parameters::default());
    assert_eq!((needed.oxygen, needed.oxygen_a_day, needed.cylinders.round()), (1_900.0, 2_736.0, 456.0));
    // SARS by Lloyd-Smith et al. 2005: R 1.63, k 0.16; 73 % infect nobody, and one introduction ends by itself in 76 %.
    let nobody = clusters::infecting_nobody(1.63, 0.16).expect("allowed");
    assert!((nobody - 0.68).abs() < 0.06, "{nobody}");
    // With k = 1 offspring is geometric, and extinction has probability 1 / R.
    assert!((clusters::ending(1.63, 1.0, 1.0).expect("allowed") - 1.0 / 1.63).abs() < 1e-9);
    // R from growth: with an interval of exactly 5 days, R = e^(5 r).
    let five = SerialInterval::of(&[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]).expect("an interval");
    assert!((growth::reproduction_of(0.1, &five).expect("small") - 0.5_f64.exp()).abs() < 1e-12);
}

#[test]
fn parameters_behind_simulated_values_are_found_again() {
    // Offspring that a negative binomial distribution with R = 0.8 and k = 0.5 would have, in their expected numbers.
    let (r, k) = (0.8, 0.5_f64);
    let mut offspring = Vec::new();
    let mut probability = (k / (k + r)).powf(k);
    for y in 0..40 {
        offspring.resize(offspring.len() + (probability * 20_000.0_f64).round() as usize, f64::from(y));
        probability *= (k + f64::from(y)) / (f64::from(y) + 1.0) * r / (k + r);
    }
    let found = clusters::from_offspring(&offspring).expect("cases");
    assert!((found.r - r).abs() < 0.01 && (found.k - k).abs() < 0.02, "{found:?}");
    assert!(found.k_low < k && k < found.k_high && found.k_low > 0.45 && found.k_high < 0.56, "{found:?}");
    let (sizes, _) = clusters::sizes(0.6, k, 200).expect("allowed");
    let mut clusters = Vec::new();
    for (at, probability) in sizes.iter().enumerate() {
        clusters.resize(clusters.len() + (probability * 50_000.0).round() as usize, (at + 1) as f64);
    }
    let found = clusters::from_clusters(&clusters).expect("cases");
    assert!((found.r - 0.6).abs() < 0.01 && (found.k - k).abs() < 0.05, "{found:?}");
    let even = clusters::from_offspring(&[1.0; 50]).expect("cases");
    assert!(even.k.is_infinite() && even.k_high.is_infinite(), "{even:?}");
}

#[test]
fn growth_is_that_of_the_series() {
    let counts: Vec<f64> = (0..30).map(|day| (100.0 * (0.1 * f64::from(day)).exp()).round()).collect();
    let values = Values { counted: vec![true; 30], counts };
    let growth = growth::growth(&values, 10).expect("long enough");
    assert_eq!(growth.len(), 21);
    for growth in growth {
        let rate = growth.rate.expect("cases");
        assert!((rate.value - 0.1).abs() < 1e-3 && rate.low < 0.1 && rate.high > 0.1 - 1e-3, "{rate:?}");
        assert!((rate.doubling().expect("growth") - 6.93).abs() < 0.1);
    }
}

#[test]
fn a_projection_follows_r() {
    let cases = vec![200.0; 40];
    let project = |factor: f64, sd| {
        let scenario = projection::Scenario { factors: vec![factor; 21], imported: 0.0, dispersion: None };
        let belief = projection::Belief { mean: 1.0, sd };
        projection::project(&cases, &interval(), belief, &scenario, 400, 3).expect("it does not run away")
    };
    let (steady, lower, none) = (project(1.0, 0.0), project(0.7, 0.0), project(0.0, 0.0));
    assert!((steady.cases[20].mean / 200.0 - 1.0).abs() < 0.05, "{:?}", steady.cases[20]);
    assert!(lower.cases[20].q975() < steady.cases[20].q025());
    assert!(none.cases.iter().all(|day| day.mean == 0.0));
    assert!(project(1.0, 0.3).cases[20].sd > steady.cases[20].sd, "what is not known widens the interval");
    assert!((steady.total[20].mean - steady.cases.iter().map(|day| day.mean).sum::<f64>()).abs() < 1e-6);
}

/// Numbers between 0 and 1 that look random and are always the same.
struct Stream(u64);

impl Stream {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

#[test]
fn a_nowcast_interval_covers_as_often_as_it_says() {
    // Cases of a day spread evenly around 30; delays fall off by a third each day.
    let mut stream = Stream(20_210_913);
    let mut reports = Vec::new();
    for day in 0..120 {
        for _ in 0..(20.0 + 20.0 * stream.next()) as usize {
            let delay = (stream.next().ln() / (2.0_f64 / 3.0).ln()).floor() as i64;
            reports.push(nowcast::Report { day, reported: day + delay.min(15), cases: 1.0 });
        }
    }
    let settings = nowcast::Settings { simulations: 500, ..nowcast::Settings::default() };
    let (mut inside, mut all) = (0.0, 0.0);
    for now in 40..100 {
        for nowcast in nowcast::nowcast(&reports, now, &settings).expect("cases").iter().rev().take(7) {
            let truth = reports.iter().filter(|report| report.day == nowcast.day).count() as f64;
            inside += f64::from(u8::from(nowcast.total.q025() <= truth && truth <= nowcast.total.q975()));
            all += 1.0;
        }
    }
    let coverage: f64 = inside / all;
    assert!((0.92..=0.99).contains(&coverage), "{coverage}");
}
