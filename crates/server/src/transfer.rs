//! `vungxanh transfer`: everything of a tenant from one database to another, of either engine.

use std::{
    io::Write,
    path::{Path as FilePath, PathBuf},
};

use clap::Args;
use vx_kernel::{
    Problem,
    time::{Lang, say_count},
};
use vx_platform::{
    Clock,
    files::Files,
    journal,
    store::{Db, Migration, StoreOptions, bulk, migrate::hex},
    words::Words,
};

use crate::{modules, said};

/// Where to.
#[derive(Args)]
pub struct Target {
    /// Nơi chuyển đến: postgres://… hoặc một thư mục dữ liệu. / Where to: postgres://…, or a folder for SQLite.
    #[arg(long)]
    pub to: String,
    /// Thư mục tệp của nơi chuyển đến. / Folder of the files there; a target folder takes FOLDER/files without it.
    #[arg(long)]
    pub files: Option<PathBuf>,
}

/// The schema of the whole program.
pub(crate) fn steps() -> Vec<Migration> {
    modules().iter().flat_map(|module| module.migrations).copied().collect()
}

/// Sentences in both languages, one below the other.
pub(crate) struct Speech<'o> {
    words: Words,
    out: &'o mut dyn Write,
}

impl<'o> Speech<'o> {
    pub(crate) fn new(out: &'o mut dyn Write) -> anyhow::Result<Self> {
        let words = Words::new(modules().iter().map(|module| module.texts));
        Ok(Self { words: words.map_err(|error| anyhow::anyhow!(error))?, out })
    }
    pub(crate) fn say(&mut self, key: &str, args: &[(&str, String)]) -> anyhow::Result<()> {
        for lang in [Lang::Vi, Lang::En] {
            let args: Vec<_> = args.iter().map(|(name, value)| (*name, value.clone().into())).collect();
            writeln!(self.out, "{}", self.words.say(lang, key, &args))?;
        }
        Ok(())
    }
    /// A line of a table; its numbers are the same in both languages.
    pub(crate) fn line(&mut self, name: &str, sum: &bulk::Sum) -> anyhow::Result<()> {
        writeln!(self.out, "  {name:<28} {:>12}  {}", say_count(Lang::Vi, sum.rows), sum.text())?;
        Ok(())
    }
}

/// How a target that was written by hand is opened.
fn options_of(to: &str, tenant: &str) -> (StoreOptions, Option<PathBuf>) {
    if to.starts_with("postgres://") || to.starts_with("postgresql://") {
        return (StoreOptions { url: to.to_owned(), tenant: tenant.to_owned() }, None);
    }
    let folder = PathBuf::from(to.strip_prefix("sqlite:").unwrap_or(to));
    (StoreOptions::in_folder(&folder, tenant), Some(folder))
}

/// Whether there is a database where the options point; opening SQLite would make one.
pub(crate) fn is_there(options: &StoreOptions) -> Result<(), Problem> {
    match options.url.strip_prefix("sqlite:") {
        Some(file) if !FilePath::new(file).exists() => Err(Problem::refused("transfer.no_source").with("where", file)),
        _ => Ok(()),
    }
}

/// Does it, and says how each table came out; returns whether all that was brought is sound. Files come before the end
/// is noted, so that one that was killed among them goes on when it is run again.
///
/// # Errors
/// When one side is away or not fit for it, or the two do not agree at the end.
pub async fn run(
    folder: &FilePath,
    options: &StoreOptions,
    target: &Target,
    out: &mut dyn Write,
) -> anyhow::Result<bool> {
    let mut speech = Speech::new(out)?;
    let (to_options, to_folder) = options_of(&target.to, &options.tenant);
    if to_options.url == options.url {
        return Err(said(Problem::refused("transfer.same_place")));
    }
    is_there(options).map_err(said)?;
    let from = Db::open(options, Clock::Real).await.map_err(said)?;
    from.migrate(&steps()).await.map_err(said)?;
    journal::seal_old(&from).await.map_err(said)?;
    let to = Db::open(&to_options, Clock::Real).await.map_err(said)?;
    to.migrate(&steps()).await.map_err(said)?;
    speech.say("transfer-begun", &[])?;
    let mut told = Ok(());
    let moved = bulk::transfer(&from, &to, true, |moved| {
        if told.is_ok() && (moved.sum.rows > 0 || moved.again) {
            told = speech.line(&moved.table, &moved.sum);
        }
    })
    .await;
    told?;
    let moved = moved.map_err(said)?;
    let (kept, files_to) = (Files::in_folder(&folder.join("files")), target.files.clone());
    let mut damaged = Vec::new();
    match files_to.or_else(|| to_folder.map(|folder| folder.join("files"))) {
        Some(place) => {
            let (brought, missed) = Files::in_folder(&place).bring_all(&kept).await.map_err(said)?;
            damaged = missed;
            let args = [("n", brought.to_string()), ("where", place.display().to_string())];
            speech.say("transfer-files", &args)?;
        }
        None => speech.say("transfer-files-stay", &[("where", folder.join("files").display().to_string())])?,
    }
    bulk::finish(&to).await.map_err(said)?;
    let rows: i64 = moved.iter().map(|moved| moved.sum.rows).sum();
    let args = [("tables", moved.len().to_string()), ("rows", rows.to_string())];
    speech.say("transfer-done", &args)?;
    let verdict = journal::verify(&mut to.read().await.map_err(said)?, 1, &[]).await.map_err(said)?;
    if !verdict.is_sound() {
        speech.say("journal-not-sound", &[])?;
    }
    for hash in &damaged {
        speech.say("transfer-file-damaged", &[("hash", hex(hash))])?;
    }
    from.close().await;
    to.close().await;
    Ok(verdict.is_sound() && damaged.is_empty())
}
