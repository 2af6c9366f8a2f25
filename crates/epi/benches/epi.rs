//! Speed of reproduction numbers and of detection, beside EpiEstim and surveillance in the same run where R is installed.
//!
//! Exits with an error when a weekly Rt of 705 districts over 365 days takes more than 150 ms on one core, when a series
//! is less than 300 times as fast as EpiEstim or 50 times as fast as farringtonFlexible, or when results differ.
//! Run it with `cargo bench -p vx-epi`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

#[path = "../tests/support/reading.rs"]
mod support;

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use support::{Record, records};
use vx_epi::{
    Fault, SerialInterval, farrington,
    reproduction::{Cori, Incidence, Prior, Reproduction, sliding_windows},
};

const DISTRICTS: usize = 705;
const DAYS: usize = 365;
const NATION_MS_MAX: f64 = 150.0;
const RT_TIMES_MIN: f64 = 300.0;
const FARRINGTON_TIMES_MIN: f64 = 50.0;
const ROUNDS: usize = 15;

/// The best of some rounds, in seconds: on a shared machine the others are the work of neighbours.
fn best<T>(rounds: usize, mut run: impl FnMut() -> T) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..rounds {
        let start = Instant::now();
        black_box(run());
        best = best.min(start.elapsed().as_secs_f64());
    }
    best
}

/// Daily cases of a district: waves of its own size, season and noise, with quiet weeks.
fn district(number: usize) -> Vec<f64> {
    let mut noise = number as u64 * 0x9E37_79B9_7F4A_7C15 + 1;
    (0..DAYS)
        .map(|day| {
            noise ^= noise << 13;
            noise ^= noise >> 7;
            noise ^= noise << 17;
            let chance = (noise >> 11) as f64 / (1_u64 << 53) as f64;
            let wave = ((day + number * 7) as f64 / (20.0 + (number % 30) as f64)).sin();
            ((number % 97) as f64 * wave.exp() * (0.3 + 1.4 * chance)).floor()
        })
        .collect()
}

/// All of one series: interval, quantiles, windows and estimates.
fn weekly(cases: &[f64], mean: f64, sd: f64) -> Result<Vec<Reproduction>, Fault> {
    let interval = SerialInterval::gamma(mean, sd, cases.len())?;
    let windows = sliding_windows(cases.len(), 7)?;
    Cori::new(Prior::default())?.estimate(&Incidence::of(cases)?, &interval, &windows)
}

fn nation(districts: &[Vec<f64>]) -> Result<usize, Fault> {
    let interval = SerialInterval::gamma(4.7, 2.9, DAYS)?;
    let windows = sliding_windows(DAYS, 7)?;
    let mut cori = Cori::new(Prior::default())?;
    let mut known = 0;
    for cases in districts {
        let estimates = cori.estimate(&Incidence::of(cases)?, &interval, &windows)?;
        known += estimates.iter().filter(|estimate| estimate.r.is_some()).count();
    }
    Ok(known)
}

fn r() -> Option<Vec<Record>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
    let run = Command::new("Rscript").args(["--vanilla", "time.R"]).current_dir(folder).output().ok()?;
    run.status.success().then(|| records(&String::from_utf8_lossy(&run.stdout)))
}

fn same(ours: f64, theirs: f64) -> bool {
    (ours - theirs).abs() <= 1e-6 * theirs.abs()
}

fn rt(record: &Record) -> Result<bool, Fault> {
    let [seconds, mean, sd] = record.settings[..] else { return Ok(false) };
    let cases = &record.lines["cases"];
    let estimates = weekly(cases, mean, sd)?;
    let equal = estimates.len() == record.rows.len()
        && estimates.iter().zip(&record.rows).all(|(estimate, row)| match estimate.r {
            None => row[2].is_nan(),
            Some(r) => {
                let ours = [r.mean, r.sd].into_iter().chain(r.quantiles);
                ours.zip(&row[2..]).all(|(ours, theirs)| same(ours, *theirs))
            }
        });
    let ours = best(200, || weekly(cases, mean, sd));
    Ok(report("Rt of 365 days", seconds, ours, RT_TIMES_MIN, equal))
}

fn flexible(record: &Record) -> Result<bool, Fault> {
    let [seconds, alpha] = record.settings[..] else { return Ok(false) };
    let known: Vec<Option<f64>> = record.lines["cases"].iter().copied().map(Some).collect();
    let settings = farrington::Settings { alpha, ..farrington::Settings::default() };
    let watched = farrington::watch(&known, &settings)?;
    let equal = watched.len() == record.rows.len()
        && watched.iter().zip(&record.rows).all(|(watch, row)| {
            watch.alarm == (row[2] == 1.0) && watch.upper_bound.map_or(row[1].is_nan(), |bound| same(bound, row[1]))
        });
    let ours = best(20, || farrington::watch(&known, &settings));
    Ok(report("Farrington flexible, 119 weeks", seconds, ours, FARRINGTON_TIMES_MIN, equal))
}

fn report(what: &str, theirs: f64, ours: f64, times_min: f64, equal: bool) -> bool {
    let times = theirs / ours;
    let said = if equal { "same results" } else { "OTHER RESULTS" };
    println!("{what:<34} R {:8.2} ms, here {:7.3} ms, {times:5.0} times as fast, {said}", theirs * 1e3, ours * 1e3);
    equal && times >= times_min
}

fn main() -> ExitCode {
    let districts: Vec<Vec<f64>> = (0..DISTRICTS).map(district).collect();
    let ms = best(ROUNDS, || nation(&districts)) * 1e3;
    println!("{:<34} {ms:8.1} ms", "Rt of 705 districts, 365 days");
    let mut ok = ms <= NATION_MS_MAX && nation(&districts).is_ok_and(|known| known > 0);
    match r() {
        None => println!(
            "not beside R: there is no Rscript with EpiEstim and surveillance (r-cran-epiestim, r-cran-surveillance)"
        ),
        Some(records) => {
            for record in &records {
                let outcome = if record.kind == "rt" { rt(record) } else { flexible(record) };
                ok &= outcome.unwrap_or_else(|fault| {
                    eprintln!("{fault}");
                    false
                });
            }
        }
    }
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
