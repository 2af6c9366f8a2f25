//! A private PostgreSQL server for one run of tests or benchmarks.
//!
//! A small shell script guards the server and its folder: it waits on its standard input, which
//! only we hold open. When we end, in whatever way (an error, Ctrl-C, a kill), the pipe closes and
//! the guard stops the server and removes the folder. Nothing is left to a signal handler.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail};

use crate::{machine, run};

/// The variable through which tests and benchmarks learn of the server.
pub(crate) const VARIABLE: &str = "VX_TEST_POSTGRES";

/// The variable through which tests learn where the server's programs are.
pub(crate) const BINARIES: &str = "VX_TEST_POSTGRES_BIN";

const GUARD: &str = include_str!("postgres.sh");

/// A running server; dropping it stops it and removes its data.
pub(crate) struct Postgres {
    guard: Child,
    /// Address of a superuser connection.
    pub(crate) url: String,
}

impl Postgres {
    /// Starts a server from the binaries in `binaries` on a free port of the loopback address.
    pub(crate) fn start(binaries: &Path) -> Result<Self> {
        // Between our finding a free port and the server's taking it, another process may be faster.
        let mut tries = 3;
        loop {
            let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
            match Self::start_on(binaries, port) {
                Err(error) if tries > 1 => println!("PostgreSQL did not start ({error}); again"),
                outcome => return outcome,
            }
            tries -= 1;
        }
    }

    fn start_on(binaries: &Path, port: u16) -> Result<Self> {
        let mut command = as_ordinary_user()?;
        command.args(["sh", "-c", GUARD, "guard"]);
        command.arg(binaries).arg(port.to_string());
        // Its own process group: Ctrl-C in the terminal must not end the guard before its work.
        command.process_group(0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut guard = command.spawn().context("cannot start PostgreSQL")?;
        let mut line = String::new();
        let answer = guard.stdout.take().context("the guard has an output")?;
        BufReader::new(answer).read_line(&mut line)?;
        if line.trim() != "ready" {
            drop(guard.stdin.take());
            bail!("PostgreSQL did not start: {}", guard.wait()?);
        }
        println!("PostgreSQL: a private server listens on 127.0.0.1:{port} for this run");
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        Ok(Self { guard, url })
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        match self.guard.wait() {
            Ok(status) if status.success() => println!("PostgreSQL: stopped, its data removed"),
            outcome => println!("PostgreSQL: the guard ended with {outcome:?}"),
        }
    }
}

/// PostgreSQL refuses to run as root; then it runs as `postgres`, or `nobody` where there is none.
fn as_ordinary_user() -> Result<Command> {
    if !machine::is_root()? {
        return Ok(run::command("env"));
    }
    let has_postgres = run::output(run::command("id").args(["-u", "postgres"])).is_ok();
    let user = if has_postgres { "postgres" } else { "nobody" };
    let mut command = run::command("runuser");
    command.args(["-u", user, "--"]);
    Ok(command)
}
