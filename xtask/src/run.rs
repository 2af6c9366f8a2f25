//! Child processes: each is printed before it runs.

use std::collections::VecDeque;
use std::error::Error;
use std::ffi::OsStr;
use std::fmt::{self, Display, Formatter};
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

/// The folder that holds the workspace.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace")
}

/// A command that starts in the workspace folder.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    // `cargo run` tells us about the package xtask; a cargo below us would take these for changes
    // and build some dependencies again.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_"].iter().any(|prefix| text.starts_with(prefix))
        {
            command.env_remove(&name);
        }
    }
    command
}

/// Cargo with these arguments, the same cargo that runs us.
pub(crate) fn cargo<I: IntoIterator<Item = S>, S: AsRef<OsStr>>(arguments: I) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = command(cargo);
    command.args(arguments);
    command
}

/// Prints the command, runs it to its end, and fails if it failed.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("failed ({status}): {}", shown(command));
    }
    Ok(())
}

/// How much of what a failed command said last is said again in the summary: whoever sees only the end of a log should
/// see why.
const LAST_LINES: usize = 80;

/// How nextest and the tests in Chromium begin the line that names a test that failed.
const FAILURE: &str = "FAIL ";

/// What is said again of a command that failed.
#[derive(Debug, Default)]
pub(crate) struct Said {
    outcome: String,
    /// The lines that name a test that failed, each once.
    pub(crate) failures: Vec<String>,
    last: VecDeque<String>,
}

impl Display for Said {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.outcome)?;
        self.last.iter().try_for_each(|line| write!(f, "\n  {line}"))
    }
}

impl Error for Said {}

/// Like [`run`], and the error is [`Said`].
pub(crate) fn told(command: &mut Command) -> Result<()> {
    println!("$ {}", shown(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    let said = Mutex::new(Said::default());
    let (out, err) = (child.stdout.take(), child.stderr.take());
    std::thread::scope(|threads| {
        if let Some(err) = err {
            threads.spawn(|| pass_on(err, &said));
        }
        if let Some(out) = out {
            pass_on(out, &said);
        }
    });
    let status = child.wait()?;
    if !status.success() {
        let outcome = format!("failed ({status}): {}", shown(command));
        bail!(Said { outcome, ..said.into_inner().unwrap_or_default() });
    }
    Ok(())
}

/// Prints what comes, line by line, and keeps what is said again.
fn pass_on(stream: impl Read, said: &Mutex<Said>) {
    for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        println!("{line}");
        if let Ok(mut said) = said.lock() {
            let named = line.trim();
            if named.starts_with(FAILURE) && !said.failures.iter().any(|known| known == named) {
                said.failures.push(named.to_owned());
            }
            if said.last.len() == LAST_LINES {
                said.last.pop_front();
            }
            said.last.push_back(line);
        }
    }
}

/// Runs the command silently and gives back its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        bail!("failed ({}): {}", output.status, shown(command));
    }
    String::from_utf8(output.stdout).with_context(|| format!("output of {}", shown(command)))
}

/// Where a program lies on PATH.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// The command as one would type it.
fn shown(command: &Command) -> String {
    let settings = command
        .get_envs()
        .filter_map(|(name, value)| Some(format!("{}={}", name.to_string_lossy(), value?.to_string_lossy())));
    let program = Path::new(command.get_program());
    let program = program.file_name().unwrap_or(command.get_program());
    let words = std::iter::once(program).chain(command.get_args()).map(|word| word.to_string_lossy().into_owned());
    settings.chain(words).collect::<Vec<_>>().join(" ")
}
