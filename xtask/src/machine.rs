//! What the tests need of a machine: found, or installed on Debian when we may.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::run;

/// A program the tests need, and the Debian package that brings it.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Tool {
    Postgres,
    Chromium,
    Node,
    Npm,
    Python,
}

/// Where the tools are.
pub(crate) struct Machine {
    /// Folder with `initdb` and `pg_ctl`.
    pub(crate) postgres: Option<PathBuf>,
    pub(crate) chromium: Option<PathBuf>,
    pub(crate) node: Option<PathBuf>,
    pub(crate) npm: Option<PathBuf>,
    pub(crate) python: Option<PathBuf>,
}

/// Playwright's oldest Node.js; Debian 12 has this one.
const NODE_MAJOR_MIN: u32 = 18;

impl Tool {
    fn find(self) -> Option<PathBuf> {
        match self {
            Tool::Postgres => postgres_folder(),
            Tool::Chromium => ["chromium", "chromium-browser", "google-chrome"].into_iter().find_map(run::find),
            Tool::Node => run::find("node").or_else(|| run::find("nodejs")),
            Tool::Npm => run::find("npm"),
            Tool::Python => run::find("python3").filter(|python| makes_environments(python)),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Tool::Postgres => "PostgreSQL server",
            Tool::Chromium => "Chromium",
            Tool::Node => "Node.js",
            Tool::Npm => "npm",
            Tool::Python => "Python with venv",
        }
    }

    fn package(self) -> &'static str {
        match self {
            Tool::Postgres => "postgresql",
            Tool::Chromium => "chromium",
            Tool::Node => "nodejs",
            Tool::Npm => "npm",
            Tool::Python => "python3-venv",
        }
    }
}

/// Finds the tools, installs the missing ones, and says each thing it does.
pub(crate) fn prepare(tools: &[Tool]) -> Result<Machine> {
    let missing: Vec<Tool> = tools.iter().copied().filter(|tool| tool.find().is_none()).collect();
    if !missing.is_empty() {
        install(&missing)?;
    }
    for tool in tools {
        match tool.find() {
            Some(path) => println!("{}: {}", tool.name(), path.display()),
            None => bail!("{} is still not found after installing the package `{}`", tool.name(), tool.package()),
        }
    }
    let found = |tool: Tool| tools.contains(&tool).then(|| tool.find()).flatten();
    let machine = Machine {
        postgres: found(Tool::Postgres),
        chromium: found(Tool::Chromium),
        node: found(Tool::Node),
        npm: found(Tool::Npm),
        python: found(Tool::Python),
    };
    if let Some(node) = &machine.node {
        check_node(node)?;
    }
    Ok(machine)
}

pub(crate) fn is_root() -> Result<bool> {
    Ok(run::output(run::command("id").arg("-u"))?.trim() == "0")
}

fn install(missing: &[Tool]) -> Result<()> {
    let names: Vec<_> = missing.iter().map(|tool| tool.name()).collect();
    let packages: Vec<_> = missing.iter().map(|tool| tool.package()).collect();
    println!("Not found: {}", names.join(", "));
    if run::find("apt-get").is_none() {
        bail!("install {} by hand; apt-get is not on this machine", names.join(", "));
    }
    let wanted = packages.join(" ");
    if !is_root()? {
        bail!(
            "run this as root, then start the tests again:\n\
             apt-get update && apt-get install -y --no-install-recommends {wanted}"
        );
    }
    println!("Installing from Debian: {wanted}");
    let apt = |arguments: &[&str]| {
        let mut command = run::command("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        run::run(&mut command)
    };
    apt(&["update", "-q"])?;
    let mut arguments = vec!["install", "-q", "-y", "--no-install-recommends"];
    arguments.extend(packages);
    apt(&arguments)
}

/// The newest server: Debian keeps each major version in a folder of its own, off PATH.
fn postgres_folder() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let version = entry.file_name().to_str()?.parse().ok()?;
            Some((version, entry.path().join("bin")))
        })
        .filter(|(_, folder)| is_server(folder))
        .collect();
    versions.sort();
    let on_path = || run::find("initdb").and_then(|file| Some(file.parent()?.to_path_buf()));
    versions.pop().map(|(_, folder)| folder).or_else(|| on_path().filter(|folder| is_server(folder)))
}

fn is_server(folder: &Path) -> bool {
    ["initdb", "pg_ctl", "postgres"].iter().all(|program| folder.join(program).is_file())
}

/// Debian leaves out of `python3` what an environment with pip needs.
fn makes_environments(python: &Path) -> bool {
    run::command(python).args(["-c", "import ensurepip, venv"]).output().is_ok_and(|output| output.status.success())
}

fn check_node(node: &Path) -> Result<()> {
    let version = run::output(run::command(node).arg("--version"))?;
    let major: u32 = version
        .trim()
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|major| major.parse().ok())
        .with_context(|| format!("cannot read the version of Node.js: {version}"))?;
    if major < NODE_MAJOR_MIN {
        bail!("Node.js {} is too old; the browser tests need {NODE_MAJOR_MIN} or newer", version.trim());
    }
    Ok(())
}
