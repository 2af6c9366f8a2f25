//! `cargo xtask new-subsystem NAME`: the skeleton of a slice.

use anyhow::{Context, Result, bail, ensure};

use crate::run;

/// Where each template goes; `{{name}}` stands for the subsystem in paths and texts.
const TEMPLATES: &[(&str, &str)] = &[
    ("Cargo.toml", include_str!("../templates/subsystem/Cargo.toml.txt")),
    ("README.md", include_str!("../templates/subsystem/README.md.txt")),
    ("src/lib.rs", include_str!("../templates/subsystem/src/lib.rs.txt")),
    ("src/types.rs", include_str!("../templates/subsystem/src/types.rs.txt")),
    ("src/rules.rs", include_str!("../templates/subsystem/src/rules.rs.txt")),
    ("src/commands.rs", include_str!("../templates/subsystem/src/commands.rs.txt")),
    ("src/store.rs", include_str!("../templates/subsystem/src/store.rs.txt")),
    ("src/routes.rs", include_str!("../templates/subsystem/src/routes.rs.txt")),
    ("src/views.rs", include_str!("../templates/subsystem/src/views.rs.txt")),
    ("words.vi.ftl", include_str!("../templates/subsystem/words.vi.ftl.txt")),
    ("words.en.ftl", include_str!("../templates/subsystem/words.en.ftl.txt")),
    ("migrations/0001_{{name}}.sql", include_str!("../templates/subsystem/migrations/0001.sql.txt")),
    ("tests/rules.rs", include_str!("../templates/subsystem/tests/rules.rs.txt")),
];

/// Writes the crate and names it in the workspace manifest.
pub(crate) fn write(name: &str) -> Result<()> {
    check_name(name)?;
    let folder = run::root().join("crates/domain").join(name);
    if folder.exists() {
        bail!("crates/domain/{name} exists; nothing was written");
    }
    let fill = |text: &str| text.replace("{{name}}", name);
    for (path, template) in TEMPLATES {
        let path = folder.join(fill(path));
        std::fs::create_dir_all(path.parent().context("a file lies in a folder")?)?;
        std::fs::write(&path, fill(template))?;
    }
    name_in_workspace(name)?;
    println!(
        "crates/domain/{name} is there. Next:\n\
         1. README.md first: purpose, terms, states, legal basis; new nouns go to GLOSSARY.md.\n\
         2. Name the crate in crates/server (Cargo.toml and `modules()` in lib.rs).\n\
         3. types.rs and the migration, then rules.rs and the commands that decide something.\n\
         4. cargo test -p vx-{name}; cargo xtask bless; read the rights table."
    );
    Ok(())
}

/// A name is a Rust module, a folder, a table prefix and a permission prefix at once.
fn check_name(name: &str) -> Result<()> {
    let starts = name.starts_with(|letter: char| letter.is_ascii_lowercase());
    let fits = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    ensure!(
        starts && fits && (3..=24).contains(&name.len()),
        "`{name}` is no name: 3 to 24 lower case letters and digits, a letter first"
    );
    let taken = [
        "dispatch",
        "epi",
        "seal",
        "kernel",
        "derive",
        "platform",
        "concepts",
        "foundation",
        "flows",
        "boards",
        "testkit",
        "server",
        "domain",
    ];
    ensure!(!taken.contains(&name), "`{name}` is the name of another crate");
    Ok(())
}

/// Adds the line `vx-NAME = …` after the last subsystem.
fn name_in_workspace(name: &str) -> Result<()> {
    let path = run::root().join("Cargo.toml");
    let text = std::fs::read_to_string(&path)?;
    let mut lines: Vec<&str> = text.lines().collect();
    let last = lines
        .iter()
        .rposition(|line| line.contains("path = \"crates/domain/"))
        .context("Cargo.toml names no subsystem to put the new one after")?;
    let line = format!("vx-{name} = {{ path = \"crates/domain/{name}\" }}");
    lines.insert(last + 1, &line);
    std::fs::write(&path, lines.join("\n") + "\n")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        assert!(check_name("checkpoints").is_ok());
        for bad in ["", "ab", "Oxygen", "1022", "a-b", "../x", "kernel", "cách"] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
