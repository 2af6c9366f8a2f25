//! Held against EpiEstim 2.2 and surveillance 1.20: what they said of random series once (`references/`), what they say
//! of fresh ones where R is installed (`references.R`), and the reference results of the shared material where it is.
#![allow(clippy::unwrap_used, reason = "a fault ends the test")]

#[path = "support/reading.rs"]
mod support;

use std::{path::PathBuf, process::Command};

use support::{Record, equal, near, records, table};
use vx_epi::{
    IntervalBelief, SerialInterval, Spread, Values, Watch, cusum, ears, farrington, growth,
    reproduction::{Cori, Incidence, Prior, Reproduction, sliding_windows},
    wallinga_teunis,
};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn what_r_said_of_random_series_is_found_again() {
    let text = std::fs::read_to_string(root().join("tests/references/20210913.txt")).expect("it is in the repository");
    let kinds = check_all(&text);
    assert_eq!(
        kinds,
        ["rt", "parted", "wt", "si", "growth", "uncertain", "ears", "cusum", "farrington", "farrington_by_day"]
    );
}

/// `VX_EPI_SEED` chooses other series. Without it they are the same every day: what passed yesterday passes today. With
/// one seed in fifty or so (20817) R's rounding of the weights of hardly possible infectors reaches the eighth digit.
#[test]
fn what_r_says_of_fresh_series_is_found_again() {
    let seed = std::env::var("VX_EPI_SEED").unwrap_or_else(|_| "20210914".to_owned());
    let run = Command::new("Rscript")
        .args(["--vanilla", "references.R", &seed, "3"])
        .current_dir(root().join("tests"))
        .output();
    match run {
        Ok(run) if run.status.success() => {
            println!("seed {seed}");
            check_all(&String::from_utf8(run.stdout).expect("R writes text"));
        }
        Ok(run) => {
            let said = String::from_utf8_lossy(&run.stderr);
            assert!(said.contains("there is no package called"), "{said}");
            println!("skipped: R has no EpiEstim or surveillance (Debian: r-cran-epiestim, r-cran-surveillance)");
        }
        Err(error) => println!("skipped: there is no Rscript ({error})"),
    }
}

fn check_all(text: &str) -> Vec<String> {
    let records = records(text);
    let mut kinds: Vec<String> = Vec::new();
    for record in &records {
        if !kinds.contains(&record.kind) {
            kinds.push(record.kind.clone());
        }
        match record.kind.as_str() {
            "rt" => rt(record),
            "parted" => parted(record),
            "wt" => wt(record),
            "si" => si(record),
            "growth" => slopes(record),
            "uncertain" => uncertain(record),
            "ears" => ears(record),
            "cusum" => cusum(record),
            "farrington" => farrington(record),
            "farrington_by_day" => farrington_by_day(record),
            other => panic!("{other} is not checked"),
        }
    }
    kinds
}

/// Rows of EpiEstim: window, mean, standard deviation, seven quantiles.
fn compare(estimates: &[Reproduction], rows: &[Vec<f64>], label: &str) {
    assert_eq!(estimates.len(), rows.len(), "{label}");
    for (estimate, row) in estimates.iter().zip(rows) {
        assert_eq!([estimate.window.start as f64, estimate.window.end as f64], row[..2], "{label}");
        match estimate.r {
            None => assert!(row[2].is_nan(), "{label}: {row:?}"),
            Some(Spread { mean, sd, quantiles }) => {
                let ours = [mean, sd].into_iter().chain(quantiles);
                ours.zip(&row[2..]).for_each(|(ours, theirs)| near(ours, *theirs, 1e-6, label));
            }
        }
    }
}

fn rt(record: &Record) {
    let [mean, sd, width, prior_mean, prior_sd] = record.settings[..] else { panic!("five settings") };
    let cases = &record.lines["cases"];
    let mut cori = Cori::new(Prior { mean: prior_mean, sd: prior_sd }).unwrap();
    let interval = SerialInterval::gamma(mean, sd, cases.len()).unwrap();
    let windows = sliding_windows(cases.len(), width as usize).unwrap();
    let estimates = cori.estimate(&Incidence::of(cases).unwrap(), &interval, &windows).unwrap();
    compare(&estimates, &record.rows, &record.label());
}

fn parted(record: &Record) {
    let incidence = Incidence::parted(&record.lines["cases"], &record.lines["imported"]).unwrap();
    let interval = SerialInterval::of(&record.lines["weights"]).unwrap();
    let windows = sliding_windows(incidence.days(), record.settings[0] as usize).unwrap();
    let estimates = Cori::new(Prior::default()).unwrap().estimate(&incidence, &interval, &windows).unwrap();
    compare(&estimates, &record.rows, &record.label());
}

/// Both draw at random, so they agree as well as two runs of either.
fn uncertain(record: &Record) {
    let [mean, mean_sd, mean_min, mean_max, sd, sd_sd, sd_min, sd_max] = record.settings[..] else {
        panic!("eight settings")
    };
    let cases = &record.lines["cases"];
    let belief =
        IntervalBelief { mean, mean_sd, mean_within: (mean_min, mean_max), sd, sd_sd, sd_within: (sd_min, sd_max) };
    let sample = belief.sample(500, cases.len(), 7).unwrap();
    let windows = sliding_windows(cases.len(), 7).unwrap();
    let mut cori = Cori::new(Prior::default()).unwrap();
    let incidence = Incidence::of(cases).unwrap();
    let estimates = cori.estimate_over(&incidence, &sample, 50, &windows, 7).unwrap();
    assert_eq!(estimates, cori.estimate_over(&incidence, &sample, 50, &windows, 7).unwrap());
    // The first windows have long tails, in which few draws decide.
    for (estimate, row) in estimates.iter().zip(&record.rows).skip(6) {
        let r = estimate.r.expect("late enough");
        for (ours, theirs) in
            [r.mean, r.q025(), r.median(), r.q975()].into_iter().zip([row[2], row[4], row[7], row[10]])
        {
            near(ours, theirs, 0.05, "uncertain");
        }
        near(r.sd, row[3], 0.12, "uncertain, deviation");
    }
}

fn wt(record: &Record) {
    let [mean, sd, width] = record.settings[..] else { panic!("three settings") };
    let cases = &record.lines["cases"];
    let interval = SerialInterval::gamma(mean, sd, cases.len()).unwrap();
    let windows = sliding_windows(cases.len(), width as usize).unwrap();
    // Where only hardly possible infectors are left, R's rounding of their weights decides who it was.
    let first = cases.iter().position(|count| *count > 0.0).unwrap_or(0);
    let infectivity = interval.infectivity(cases);
    if (first + 1..cases.len()).any(|day| cases[day] > 0.0 && infectivity[day] < 1e-8) {
        return;
    }
    let cohorts = wallinga_teunis::estimate(cases, &interval, &windows, 300, 1).unwrap();
    assert_eq!(cohorts.len(), record.rows.len(), "{}", record.label());
    for (cohort, row) in cohorts.iter().zip(&record.rows) {
        assert_eq!([cohort.window.start as f64, cohort.window.end as f64], row[..2]);
        equal(cohort.mean, row[2], 1e-9, "wt mean");
        let simulated = cohort.simulated.expect("300 trees");
        // Of 300 draws on either side, ends lie within four standard errors, and a case more or less.
        let cases: f64 = cases[cohort.window.start - 1..cohort.window.end].iter().sum();
        equal(simulated.sd, row[3], 0.2 * row[3] + 0.1, "wt deviation");
        equal(simulated.q025(), row[4], 1.01 / cases + 0.9 * row[3], "wt low");
        equal(simulated.q975(), row[5], 1.01 / cases + 0.9 * row[3], "wt high");
    }
}

fn si(record: &Record) {
    let interval = SerialInterval::gamma(record.settings[0], record.settings[1], 41).unwrap();
    for (lag, row) in record.rows.iter().enumerate() {
        // R subtracts numbers near the lag, which leaves some rounding.
        equal(interval.weights().get(lag).copied().unwrap_or(0.0), row[1], 1e-11, "si");
    }
}

fn slopes(record: &Record) {
    let counts = record.lines["cases"].clone();
    let values = Values { counted: vec![true; counts.len()], counts };
    let growth = growth::growth(&values, record.settings[0] as usize).unwrap();
    assert_eq!(growth.len(), record.rows.len());
    for (growth, row) in growth.iter().zip(&record.rows) {
        let rate = growth.rate.expect("every day has cases");
        equal(rate.value, row[1], 1e-6, "growth");
        near(rate.sd, row[2], 1e-5, "growth, error");
    }
}

fn known(record: &Record) -> Vec<Option<f64>> {
    record.lines["cases"].iter().map(|count| (!count.is_nan()).then_some(*count)).collect()
}

/// Rows of surveillance: point, upper bound, alarm.
fn watched(watch: &[Watch], rows: &[Vec<f64>], tolerance: f64, label: &str) {
    assert_eq!(watch.len(), rows.len(), "{label}");
    for (watch, row) in watch.iter().zip(rows) {
        assert_eq!(watch.t as f64, row[0], "{label}");
        assert_eq!(watch.upper_bound.is_none(), row[1].is_nan(), "{label}: {row:?}");
        assert_eq!(watch.alarm, row[2] == 1.0, "{label}: {watch:?}");
        if let Some(bound) = watch.upper_bound {
            equal(bound, row[1], tolerance * row[1].abs().max(1.0), label);
        }
    }
}

fn ears(record: &Record) {
    let [method, baseline, alpha] = record.settings[..] else { panic!("three settings") };
    let method = [ears::Method::C1, ears::Method::C2, ears::Method::C3][method as usize - 1];
    let settings = ears::Settings { method, baseline: baseline as usize, alpha, sd_min: 0.0 };
    watched(&ears::watch(&known(record), &settings).unwrap(), &record.rows, 1e-9, &record.label());
}

fn cusum(record: &Record) {
    let [baseline, reference, threshold] = record.settings[..] else { panic!("three settings") };
    let settings = cusum::Settings { baseline: baseline as usize, reference, threshold };
    watched(&cusum::watch(&record.lines["cases"], &settings).unwrap(), &record.rows, 1e-9, &record.label());
}

fn farrington(record: &Record) {
    let [alpha, trend_p_max, periods, half_window] = record.settings[..] else { panic!("four settings") };
    let settings = farrington::Settings {
        alpha,
        trend_p_max,
        periods: periods as usize,
        half_window: half_window as usize,
        ..farrington::Settings::default()
    };
    watched(&farrington::watch(&known(record), &settings).unwrap(), &record.rows, 1e-9, &record.label());
}

/// Four points later than by default, because four years have up to 209 weeks.
fn farrington_by_day(record: &Record) {
    let [alpha, first] = record.settings[..] else { panic!("two settings") };
    let settings = farrington::Settings { alpha, first_day: Some(first as i64), ..farrington::Settings::default() };
    let watch = farrington::watch(&known(record), &settings).unwrap();
    watched(&watch[4..], &record.rows, 1e-9, &record.label());
}

#[test]
fn the_reference_results_of_the_shared_material_are_found_again() {
    let folder = root().join("../../../shared/data/epi");
    if !folder.is_dir() {
        println!("skipped: the reference results are not here ({})", folder.display());
        return;
    }
    let read = |name: &str| table(&std::fs::read_to_string(folder.join(name)).expect(name));
    let cases: Vec<f64> = read("epiestim_Flu2009_incidence.csv").iter().map(|row| row[1]).collect();
    let weights = |name: &str| SerialInterval::of(&read(name).iter().map(|row| row[1]).collect::<Vec<_>>()).unwrap();
    let gamma = || SerialInterval::gamma(2.6, 1.5, cases.len()).unwrap();
    let windows = sliding_windows(cases.len(), 7).unwrap();
    let incidence = Incidence::of(&cases).unwrap();
    let weekly = [
        ("R_nonparam_weekly", weights("epiestim_Flu2009_si_distr.csv"), (5.0, 5.0)),
        ("R_parametric_weekly", weights("epiestim_Flu2009_SIused_parametric_weekly.csv"), (5.0, 5.0)),
        ("R_vignette_2.6_1.5", gamma(), (5.0, 5.0)),
        ("R_prior_5_5", gamma(), (5.0, 5.0)),
        ("R_prior_1_5", gamma(), (1.0, 5.0)),
        ("R_prior_2.6_2", gamma(), (2.6, 2.0)),
    ];
    for (name, interval, (mean, sd)) in weekly {
        let estimates = Cori::new(Prior { mean, sd }).unwrap().estimate(&incidence, &interval, &windows).unwrap();
        compare(&estimates, &read(&format!("epiestim_Flu2009_{name}.csv")), name);
    }
    let cohorts = wallinga_teunis::estimate(&cases, &gamma(), &windows, 1_000, 1).unwrap();
    let rows = read("epiestim_Flu2009_wallinga_teunis_2.6_1.5.csv");
    assert_eq!(cohorts.len(), rows.len());
    for (cohort, row) in cohorts.iter().zip(&rows) {
        equal(cohort.mean, row[2], 1e-9, "Wallinga-Teunis");
    }
    for (mean, sd) in [(2.6, 1.5), (8.4, 3.8)] {
        let interval = SerialInterval::gamma(mean, sd, 41).unwrap();
        let rows = read(&format!("epiestim_discr_si_{mean}_{sd}.csv"));
        assert_eq!(rows.len(), 41);
        for (lag, row) in rows.iter().enumerate() {
            equal(interval.weights().get(lag).copied().unwrap_or(0.0), row[1], 1e-12, "discretised interval");
        }
    }
}

#[test]
fn corrections_booked_on_one_day_are_found_in_the_provinces_of_2021() {
    let path = root().join("../../../shared/data/epi/vn_covid_2021_three_provinces_daily.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: the daily counts of 2021 are not here ({})", path.display());
        return;
    };
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|line| line.split(',').collect()).collect();
    for province in ["70", "91", "94"] {
        let rows: Vec<&Vec<&str>> = rows.iter().filter(|row| row[2] == province).collect();
        let counts: Vec<Option<f64>> = rows.iter().map(|row| row[4].parse().ok()).collect();
        let series = vx_epi::Series::of(&counts).unwrap();
        let suspects: Vec<usize> = series.suspects().iter().map(|suspect| suspect.at).collect();
        for (at, row) in rows.iter().enumerate().filter(|(_, row)| row[6].trim() == "1") {
            assert!(suspects.contains(&at), "{province} {}: {}", row[0], row[4]);
        }
        // Flags that nobody needs are read past; a handful in a year is few enough.
        assert!(suspects.len() <= 4, "{province}: {suspects:?}");
        assert_eq!(series.known(), counts, "nothing is left out by itself");
    }
}

#[test]
fn a_nowcast_covers_what_came_in_later() {
    let path = root().join("../../../shared/data/epi/surveillance_husO104Hosp_linelist.csv");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: the line list is not here ({})", path.display());
        return;
    };
    let reports: Vec<vx_epi::nowcast::Report> = text
        .lines()
        .skip(1)
        .filter_map(|line| {
            let (day, reported) = line.split_once(',')?;
            Some(vx_epi::nowcast::Report { day: support::day(day)?, reported: support::day(reported)?, cases: 1.0 })
        })
        .filter(|report| report.reported >= report.day)
        .collect();
    assert!(reports.len() > 500);
    let settings = vx_epi::nowcast::Settings::default();
    let (mut inside, mut all) = (0.0, 0.0);
    // The outbreak of 2011, as it looked on each evening from 4 June on. Before, most of what came in was from weeks in
    // which nobody reported yet, and every method takes these delays for the usual ones.
    for now in support::day("2011-06-04").unwrap()..=support::day("2011-06-20").unwrap() {
        let nowcasts = vx_epi::nowcast::nowcast(&reports, now, &settings).unwrap();
        // Of today nobody can know yet; of what is older than two weeks, everybody.
        for nowcast in nowcasts.iter().filter(|nowcast| (2..14).contains(&(now - nowcast.day))) {
            let truth = reports.iter().filter(|report| report.day == nowcast.day).count() as f64;
            inside += f64::from(u8::from(nowcast.total.q025() <= truth && truth <= nowcast.total.q975()));
            all += 1.0;
        }
    }
    let coverage: f64 = inside / all;
    println!("{inside} of {all} days lie in their 95 % interval: {coverage:.3}");
    assert!(coverage > 0.9, "{coverage}");
}
