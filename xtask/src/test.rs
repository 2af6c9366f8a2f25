//! `cargo xtask test`: the one command that runs every test.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};

use crate::machine::{self, Machine, Tool};
use crate::postgres::{self, Postgres};
use crate::{check, run, tidy};

/// What to run; without any option, everything.
#[derive(Args, Default)]
pub(crate) struct Options {
    /// Only one part of the tests.
    #[arg(long)]
    only: Option<Part>,
    /// Only the Rust tests of this crate; may be repeated.
    #[arg(short, long = "package", value_name = "CRATE", conflicts_with = "only")]
    packages: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, ValueEnum)]
enum Part {
    /// Formatting, lints, tidy and the Rust tests on both database engines.
    Rust,
    /// The tests in Chromium.
    Browser,
    /// The contract of the JSON interface, tried by schemathesis.
    Api,
    /// The rules of this code base.
    Tidy,
}

/// Runs every step even when one has failed, and fails at the end if any did.
pub(crate) fn test(options: &Options) -> Result<()> {
    let wants = |part: Part| options.only.is_none_or(|only| only == part);
    let whole = options.packages.is_empty();
    let mut tools = Vec::new();
    if wants(Part::Rust) {
        tools.push(Tool::Postgres);
    }
    if wants(Part::Browser) && whole {
        tools.extend([Tool::Chromium, Tool::Node, Tool::Npm]);
    }
    if wants(Part::Api) && whole {
        tools.push(Tool::Python);
    }
    let machine = machine::prepare(&tools)?;

    let mut steps = Steps::default();
    if wants(Part::Rust) && whole {
        steps.step("formatting", check::formatting);
        steps.step("lints", check::lints);
    }
    if (wants(Part::Rust) || wants(Part::Tidy)) && whole {
        steps.step("tidy", tidy::tidy);
    }
    if wants(Part::Rust) {
        steps.step("Rust tests", || rust(&machine, &options.packages, &[("INSTA_UPDATE", "no")]));
    }
    if wants(Part::Browser) && whole {
        steps.step("browser tests", || browser(&machine));
    }
    if wants(Part::Api) && whole {
        steps.step("API contract", || contract(&machine));
    }
    steps.summary()
}

/// Unit, page, story and documentation tests, with a private PostgreSQL beside SQLite.
pub(crate) fn rust(machine: &Machine, packages: &[String], settings: &[(&str, &str)]) -> Result<()> {
    let binaries = machine.postgres.as_deref().context("PostgreSQL is there")?;
    let server = Postgres::start(binaries)?;
    let mut selection = Vec::new();
    for package in packages {
        selection.extend(["-p", package.as_str()]);
    }
    if packages.is_empty() {
        selection.push("--workspace");
    }
    let cargo = |arguments: &[&str]| {
        let mut command = run::cargo(arguments.iter().chain(&selection));
        command.env(postgres::VARIABLE, &server.url);
        // Tests of faults start a server of their own, to end it while people work.
        command.env(postgres::BINARIES, binaries);
        // What a failed test says stands above its backtrace, which would push it out of what is said again.
        command.env("RUST_BACKTRACE", "0");
        command.envs(settings.iter().copied());
        run::told(&mut command)
    };
    if run::find("cargo-nextest").is_some() {
        let outcome =
            cargo(&["nextest", "run", "--no-fail-fast", "--no-tests=warn", "--failure-output=immediate-final"]);
        // nextest leaves out documentation tests. Cargo refuses to look for them in a crate
        // without a library, so they run for the whole workspace only.
        if packages.is_empty() { outcome.and(cargo(&["test", "--doc", "--no-fail-fast"])) } else { outcome }
    } else {
        cargo(&["test", "--no-fail-fast"])
    }
}

/// Builds the server and drives it with Chromium.
fn browser(machine: &Machine) -> Result<()> {
    let folder = run::root().join("tests-browser");
    let npm = machine.npm.as_ref().context("npm is there")?;
    let node = machine.node.as_ref().context("Node.js is there")?;
    let chromium = machine.chromium.as_ref().context("Chromium is there")?;
    run::run(&mut run::cargo(["build", "-p", "vungxanh"]))?;
    let server = built("vungxanh")?;
    run::run(run::command(npm).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder))?;
    run::told(run::command(node).arg("run.mjs").current_dir(&folder).env("VX_BIN", server).env("CHROMIUM", chromium))
}

/// Builds the server and lets schemathesis try the interface that it describes. What Python needs lies below the
/// target folder.
fn contract(machine: &Machine) -> Result<()> {
    let folder = run::root().join("tests-api");
    let python = machine.python.as_ref().context("Python is there")?;
    run::run(&mut run::cargo(["build", "-p", "vungxanh"]))?;
    let environment = target()?.join("api-contract");
    // One that was broken off has no pip yet, and is made anew.
    if !environment.join("bin/pip").is_file() {
        run::run(run::command(python).args(["-m", "venv", "--clear"]).arg(&environment))?;
    }
    let inside = environment.join("bin/python");
    let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r"];
    run::run(run::command(&inside).args(pip).arg(folder.join("requirements.txt")))?;
    run::told(run::command(&inside).arg(folder.join("run.py")).env("VX_BIN", built("vungxanh")?))
}

/// The folder of what was built.
fn target() -> Result<PathBuf> {
    let arguments = ["metadata", "--no-deps", "--format-version=1"];
    let text = run::output(&mut run::cargo(arguments))?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    metadata["target_directory"].as_str().map(PathBuf::from).context("cargo metadata names the target folder")
}

/// The path of a binary of the dev profile.
fn built(name: &str) -> Result<PathBuf> {
    let path = target()?.join("debug").join(name);
    if !path.is_file() {
        bail!("{} was not built", path.display());
    }
    Ok(path)
}

/// The steps of a run, for the closing summary.
#[derive(Default)]
struct Steps(Vec<(&'static str, Duration, Result<()>)>);

impl Steps {
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<()>) {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work();
        self.0.push((name, start.elapsed(), outcome));
    }

    fn summary(self) -> Result<()> {
        for (name, _, outcome) in &self.0 {
            if let Err(error) = outcome {
                println!("\n== why {name} failed\n{error:#}");
            }
        }
        println!("\n== summary");
        for (name, time, outcome) in &self.0 {
            let word = if outcome.is_ok() { "ok" } else { "FAILED" };
            println!("{name:<16} {word:<8} {:>6.1} s", time.as_secs_f64());
            // Whoever sees only the last lines of a log should know which tests to look for.
            if let Some(said) = outcome.as_ref().err().and_then(|error| error.downcast_ref::<run::Said>()) {
                said.failures.iter().for_each(|line| println!("  {line}"));
            }
        }
        let failed: Vec<_> = self.0.iter().filter(|(_, _, outcome)| outcome.is_err()).map(|(name, ..)| *name).collect();
        if !failed.is_empty() {
            bail!("failed: {}", failed.join(", "));
        }
        Ok(())
    }
}
