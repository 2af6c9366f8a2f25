//! `cargo xtask bench`: the figures of the README, measured again.

use anyhow::{Result, bail};

use crate::machine::{self, Tool};
use crate::postgres::{self, Postgres};
use crate::run;

/// One benchmark: its name, the arguments of cargo, whether it measures PostgreSQL too.
type Bench = (&'static str, &'static [&'static str], bool);

const BENCHES: &[Bench] = &[
    ("parse", &["bench", "-p", "vx-dispatch", "--bench", "parse"], false),
    ("epi", &["bench", "-p", "vx-epi", "--bench", "epi"], false),
    ("paper", &["bench", "-p", "vx-print", "--bench", "paper"], false),
    ("execute", &["bench", "-p", "vx-concepts", "--bench", "execute"], true),
    ("load", &["bench", "-p", "vungxanh", "--bench", "load"], true),
    ("export", &["bench", "-p", "vungxanh", "--bench", "export"], true),
    ("escalate", &["bench", "-p", "vx-tasks", "--bench", "escalate"], true),
    ("rollup", &["bench", "-p", "vungxanh", "--bench", "rollup"], true),
    ("import", &["bench", "-p", "vungxanh", "--bench", "import"], true),
    ("tiles", &["bench", "-p", "vungxanh", "--bench", "tiles"], false),
    ("board", &["bench", "-p", "vungxanh", "--bench", "board"], true),
    ("portal", &["bench", "-p", "vungxanh", "--bench", "portal"], false),
    ("zones", &["bench", "-p", "vx-zones", "--bench", "levels"], true),
    ("transfer", &["bench", "-p", "vungxanh", "--bench", "transfer"], true),
];

/// Runs the benchmarks named, or all.
pub(crate) fn bench(names: &[String]) -> Result<()> {
    let known: Vec<_> = BENCHES.iter().map(|(name, ..)| *name).collect();
    if let Some(name) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("no benchmark is called `{name}`; there are: {}", known.join(", "));
    }
    let wanted: Vec<_> =
        BENCHES.iter().filter(|(name, ..)| names.is_empty() || names.iter().any(|wanted| wanted == name)).collect();
    let server = if wanted.iter().any(|(_, _, postgres)| *postgres) {
        let machine = machine::prepare(&[Tool::Postgres])?;
        machine.postgres.map(|folder| Postgres::start(&folder)).transpose()?
    } else {
        None
    };
    let mut failed = Vec::new();
    for (name, arguments, postgres) in wanted {
        println!("\n== {name}");
        let mut command = run::cargo(*arguments);
        if let (true, Some(server)) = (*postgres, &server) {
            command.env(postgres::VARIABLE, &server.url);
        }
        if let Err(error) = run::run(&mut command) {
            println!("{error:#}");
            failed.push(*name);
        }
    }
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}
