//! `cargo xtask bless`: golden files become what the code does now.

use anyhow::Result;

use crate::machine::{self, Tool};
use crate::{run, test};

/// Tests see `VX_BLESS=1` and write their golden files instead of comparing; insta likewise.
pub(crate) fn bless(packages: &[String]) -> Result<()> {
    let machine = machine::prepare(&[Tool::Postgres])?;
    let settings = [("VX_BLESS", "1"), ("INSTA_UPDATE", "always"), ("INSTA_FORCE_PASS", "1")];
    let outcome = test::rust(&machine, packages, &settings);
    run::run(run::command("git").args(["--no-pager", "diff", "--stat"]))?;
    run::run(run::command("git").args(["status", "--short", "--untracked-files=all"]))?;
    println!("Read every line of the difference before committing it, the rights table first.");
    outcome
}
