//! `cargo xtask`: everything a developer or the test machine runs, in one place.
#![expect(clippy::print_stdout, reason = "a command line tool speaks on standard output")]

mod bench;
mod bless;
mod check;
mod machine;
mod postgres;
mod run;
mod subsystem;
mod test;
mod tidy;
mod vendor;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Check the rules of this code base and print the size of each subsystem.
    Tidy,
    /// Formatting, lints and tidy; no tests.
    Check,
    /// Run every test, after finding or installing what the tests need.
    Test(test::Options),
    /// Run the benchmarks, all or those named.
    Bench {
        /// Names of benchmarks; without any, all of them.
        names: Vec<String>,
    },
    /// Rewrite the golden files from what the code does now, then show what changed.
    Bless {
        /// Only this crate; may be repeated.
        #[arg(short, long = "package", value_name = "CRATE")]
        packages: Vec<String>,
    },
    /// Write the skeleton of a new subsystem to crates/domain/NAME.
    NewSubsystem {
        /// Lower case letters and digits, plural for registers: `checkpoints`.
        name: String,
    },
    /// Copy the front-end files named in the lock file to assets/vendor.
    Vendor,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Tidy => tidy::tidy(),
        Command::Check => check::check(),
        Command::Test(options) => test::test(&options),
        Command::Bench { names } => bench::bench(&names),
        Command::Bless { packages } => bless::bless(&packages),
        Command::NewSubsystem { name } => subsystem::write(&name),
        Command::Vendor => vendor::vendor(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("\nxtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}
