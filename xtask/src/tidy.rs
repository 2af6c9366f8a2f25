//! `cargo xtask tidy`: the rules that a reviewer should not have to say twice, and the size table.

mod assets;
mod graph;
mod readmes;
mod rust_text;
mod sizes;
mod stories;
mod texts;
mod words;

use anyhow::{Context, Result, bail};

use crate::run;
use rust_text::RustText;

/// Checks every rule, prints what is wrong, then the table.
pub(crate) fn tidy() -> Result<()> {
    let tree = Tree::read()?;
    let mut report = Report::default();
    let crates = graph::crates()?;
    graph::check(&crates, &tree, &mut report);
    readmes::check(&crates, &tree, &mut report);
    stories::check(&tree, &mut report);
    texts::check(&tree, &mut report);
    words::check(&tree, &mut report);
    assets::check(&tree, &mut report)?;
    sizes::print(&tree, &mut report);
    report.finish()
}

/// One file that git tracks, or would track.
struct File {
    /// Path from the workspace folder, with `/`.
    path: String,
    size: u64,
    /// The content, where it is text.
    text: Option<String>,
    /// The same, taken apart, for `.rs` files.
    rust: Option<RustText>,
}

impl File {
    fn new(path: &str, bytes: Vec<u8>) -> Self {
        let size = bytes.len() as u64;
        let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
        let rust = text.as_deref().filter(|_| path.ends_with(".rs")).map(RustText::new);
        Self { path: path.to_owned(), size, text, rust }
    }

    fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// A file that only tests read: in a folder `tests`, or a module `tests.rs`.
    fn is_test(&self) -> bool {
        self.path.contains("/tests/") || self.name() == "tests.rs"
    }
}

/// All files of the project.
struct Tree(Vec<File>);

impl Tree {
    fn read() -> Result<Self> {
        let arguments = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
        let list = run::output(run::command("git").args(arguments))?;
        let mut paths: Vec<_> = list.split('\0').filter(|path| !path.is_empty()).collect();
        paths.sort_unstable();
        paths.dedup();
        let mut files = Vec::new();
        for path in paths {
            let full = run::root().join(path);
            // Deleted but not yet committed, or a link to a folder.
            if full.is_file() {
                let bytes = std::fs::read(&full).with_context(|| format!("cannot read {path}"))?;
                files.push(File::new(path, bytes));
            }
        }
        Ok(Self(files))
    }

    fn get(&self, path: &str) -> Option<&File> {
        self.0.iter().find(|file| file.path == path)
    }

    /// The files below a folder, given with its closing `/`.
    fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a File> {
        self.0.iter().filter(move |file| file.path.starts_with(folder))
    }
}

/// What was found.
#[derive(Default)]
struct Report {
    errors: usize,
}

impl Report {
    /// A broken rule: where, what is wrong, what to do.
    fn error(&mut self, path: &str, line: usize, what: &str, fix: &str) {
        self.errors += 1;
        println!("{path}:{line}: {what}. To do: {fix}.");
    }

    /// Something to look at, which fails nothing.
    fn warn(&mut self, path: &str, what: &str, fix: &str) {
        println!("{path}:1: warning: {what}. To do: {fix}.");
    }

    fn finish(self) -> Result<()> {
        if self.errors > 0 {
            bail!("tidy found {} broken rules", self.errors);
        }
        println!("tidy: every rule holds");
        Ok(())
    }
}
