//! `cargo xtask check`: formatting, lints, tidy.

use anyhow::Result;

use crate::{run, tidy};

/// Runs the three; the first that fails ends it.
pub(crate) fn check() -> Result<()> {
    formatting()?;
    lints()?;
    tidy::tidy()
}

pub(crate) fn formatting() -> Result<()> {
    run::run(&mut run::cargo(["fmt", "--all", "--check"]))
}

pub(crate) fn lints() -> Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    run::run(&mut run::cargo(arguments))
}
