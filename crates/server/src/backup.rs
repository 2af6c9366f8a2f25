//! `vungxanh backup` and `vungxanh restore`: one moment of the data, kept apart and brought back.
//!
//! A backup holds an SQLite file whatever the engine, so that a backup of either restores into either: of SQLite it is a
//! copy, of PostgreSQL a transfer. It is made beside its name and renamed when it is whole; what ends in `.part` is none.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::{self, File},
    io::{self, Read as _, Write},
    path::{Component, Path as FilePath, PathBuf},
};

use anyhow::Context as _;
use clap::Args;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use vx_kernel::Problem;
use vx_platform::{
    Clock,
    files::Files,
    journal,
    store::{
        Db, Engine, StoreOptions, bulk,
        migrate::{hex, unhex},
    },
};

use crate::{
    said,
    settings::FILE,
    transfer::{Speech, is_there, steps},
};

/// The form of a backup that this program writes; it reads this one and none newer.
const FORMAT: u32 = 1;
const DATABASE: &str = "vungxanh.sqlite";
const FILES: &str = "files";
const MANIFEST: &str = "manifest.json";
/// Where a restore stands while it is not whole.
const UNFINISHED: &str = "restore.part";

/// Where to.
#[derive(Args)]
pub struct Out {
    /// Thư mục mới, hoặc tệp .tar. / A new folder, or a file that ends in .tar.
    #[arg(long)]
    pub out: PathBuf,
}

/// What a backup says of itself.
#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    program: String,
    made_at: Timestamp,
    tenant: String,
    engine: String,
    steps: Vec<(String, String)>,
    database: Kept,
    tables: BTreeMap<String, Rows>,
    journal: Option<Head>,
    files: Vec<Kept>,
}

#[derive(Serialize, Deserialize)]
struct Kept {
    sha256: String,
    bytes: u64,
}

#[derive(Serialize, Deserialize)]
struct Rows {
    rows: i64,
    sum: String,
}

#[derive(Serialize, Deserialize)]
struct Head {
    block: i64,
    hash: String,
}

/// Hash and length of a file, read in pieces.
fn kept(file: &FilePath) -> io::Result<Kept> {
    let mut digest = Sha256::new();
    let mut file = File::open(file)?;
    let (mut piece, mut bytes) = (vec![0_u8; 1 << 20], 0_u64);
    loop {
        let n = file.read(&mut piece)?;
        if n == 0 {
            return Ok(Kept { sha256: hex(&digest.finalize()), bytes });
        }
        digest.update(piece.get(..n).unwrap_or_default());
        bytes += n as u64;
    }
}

/// Makes a file and the names that lead to it durable.
fn sync(file: &FilePath) -> io::Result<()> {
    File::open(file)?.sync_all()?;
    #[cfg(unix)]
    if let Some(folder) = file.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn beside(out: &FilePath, end: &str) -> PathBuf {
    let mut name = out.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

fn away(folder: &FilePath) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        outcome => outcome,
    }
}

/// Makes a backup while others read and write; returns whether everything in it is sound.
///
/// # Errors
/// When it cannot be made whole; nothing under the wanted name is there then.
pub async fn backup(
    folder: &FilePath,
    options: &StoreOptions,
    out: &FilePath,
    speaker: &mut dyn Write,
) -> anyhow::Result<bool> {
    let mut speech = Speech::new(speaker)?;
    if out.exists() {
        return Err(said(Problem::refused("backup.already_there").with("where", out.display())));
    }
    is_there(options).map_err(said)?;
    let db = Db::open(options, Clock::Real).await.map_err(said)?;
    // The running program is not changed under its feet: a newer program migrates first, then backs up.
    if !db.is_at(&steps()).await.map_err(said)? {
        return Err(said(Problem::refused("backup.other_schema")));
    }
    let part = beside(out, ".part");
    let name = |problem: io::Error| anyhow::Error::new(problem).context(part.display().to_string());
    away(&part).map_err(name)?;
    fs::create_dir_all(&part).map_err(name)?;
    let file = part.join(DATABASE);
    let copy_options = StoreOptions { url: format!("sqlite:{}", file.display()), tenant: options.tenant.clone() };
    if db.engine() == Engine::Sqlite {
        db.copy_file(&file).await.map_err(said)?;
    }
    let copy = Db::open(&copy_options, Clock::Real).await.map_err(said)?;
    if db.engine() == Engine::Postgres {
        copy.migrate(&steps()).await.map_err(said)?;
        bulk::transfer(&db, &copy, false, |_| {}).await.map_err(said)?;
        bulk::finish(&copy).await.map_err(said)?;
    }
    // What is told of the copy is read from the copy.
    let tables = bulk::sums(&copy).await.map_err(said)?;
    let named = bulk::named_files(&copy).await.map_err(said)?;
    let verdict = journal::verify(&mut copy.read().await.map_err(said)?, 1, &[]).await.map_err(said)?;
    let engine = if db.engine() == Engine::Sqlite { "sqlite" } else { "postgres" };
    let at_steps = copy.steps().await.map_err(said)?;
    copy.close().await;
    db.close().await;
    // Files come after the records that name them were read: none that is named can be missing then.
    let files = Files::in_folder(&part.join("files"));
    let source = Files::in_folder(&folder.join("files"));
    let mut is_sound = verdict.is_sound();
    if !is_sound {
        speech.say("journal-not-sound", &[])?;
    }
    let mut listed = Vec::new();
    let held: BTreeSet<Vec<u8>> = source.kept().map_err(name)?.into_iter().collect();
    for hash in held.iter() {
        match files.bring(&source, hash).await {
            Ok(bytes) => listed.push(Kept { sha256: hex(hash), bytes }),
            Err(problem) if problem.code == "files.damaged" => {
                is_sound = false;
                speech.say("backup-file-damaged", &[("hash", hex(hash))])?;
            }
            Err(problem) => return Err(said(problem)),
        }
    }
    for hash in named.iter().filter(|hash| !held.contains(*hash)) {
        is_sound = false;
        speech.say("backup-file-missing", &[("hash", hex(hash))])?;
    }
    let manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        made_at: Timestamp::now(),
        tenant: options.tenant.clone(),
        engine: engine.to_owned(),
        steps: at_steps,
        database: kept(&file).map_err(name)?,
        tables: tables.iter().map(|(name, sum)| (name.clone(), Rows { rows: sum.rows, sum: sum.text() })).collect(),
        journal: verdict.head.as_ref().map(|head| Head { block: head.number, hash: hex(&head.hash) }),
        files: listed,
    };
    fs::write(part.join(MANIFEST), serde_json::to_vec_pretty(&manifest)?).map_err(name)?;
    sync(&file).map_err(name)?;
    sync(&part.join(MANIFEST)).map_err(name)?;
    if is_tar(out) {
        let whole = beside(out, ".tar.part");
        pack(&part, &whole, &manifest).with_context(|| whole.display().to_string())?;
        fs::rename(&whole, out).with_context(|| out.display().to_string())?;
        away(&part).map_err(name)?;
    } else {
        fs::rename(&part, out).with_context(|| out.display().to_string())?;
    }
    sync(out).with_context(|| out.display().to_string())?;
    let rows: i64 = tables.values().map(|sum| sum.rows).sum();
    speech.say(
        "backup-done",
        &[
            ("where", out.display().to_string()),
            ("rows", rows.to_string()),
            ("files", manifest.files.len().to_string()),
        ],
    )?;
    if let Some(head) = &verdict.head {
        speech.say("journal-newest", &[("block", head.number.to_string()), ("hash", head.short())])?;
    }
    Ok(is_sound)
}

fn is_tar(path: &FilePath) -> bool {
    path.extension().is_some_and(|end| end.eq_ignore_ascii_case("tar"))
}

/// The path of a kept file below the folder of files.
fn file_path(sha256: &str) -> PathBuf {
    PathBuf::from("files").join(sha256.get(..2).unwrap_or_default()).join(sha256)
}

/// The manifest goes last, so that a cut archive has none.
fn pack(part: &FilePath, tar: &FilePath, manifest: &Manifest) -> io::Result<()> {
    let mut archive = tar::Builder::new(io::BufWriter::new(File::create(tar)?));
    archive.append_path_with_name(part.join(DATABASE), DATABASE)?;
    for file in &manifest.files {
        let path = file_path(&file.sha256);
        archive.append_path_with_name(part.join(&path), &path)?;
    }
    archive.append_path_with_name(part.join(MANIFEST), MANIFEST)?;
    archive.into_inner()?.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()
}

/// Takes an archive apart. Only names that a backup has are taken.
fn unpack(tar: &FilePath, to: &FilePath) -> io::Result<()> {
    let mut archive = tar::Archive::new(io::BufReader::new(File::open(tar)?));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let is_plain = entry.header().entry_type().is_file()
            && path.components().all(|part| matches!(part, Component::Normal(_)))
            && (path == FilePath::new(DATABASE) || path == FilePath::new(MANIFEST) || path.starts_with("files"));
        if is_plain {
            let place = to.join(&path);
            if let Some(folder) = place.parent() {
                fs::create_dir_all(folder)?;
            }
            io::copy(&mut entry, &mut File::create(place)?)?;
        }
    }
    Ok(())
}

fn damaged(what: impl std::fmt::Display) -> anyhow::Error {
    said(Problem::refused("backup.damaged").with("what", what))
}

/// Brings a backup back into an empty place, and proves that it is what was kept. A folder with nothing but a file of
/// settings is empty. One that was killed begins anew when it is run again.
///
/// # Errors
/// When the place is not empty, the backup is damaged or of a newer program.
pub async fn restore(
    from: &FilePath,
    folder: &FilePath,
    options: &StoreOptions,
    speaker: &mut dyn Write,
) -> anyhow::Result<()> {
    let mut speech = Speech::new(speaker)?;
    if !from.exists() {
        return Err(said(Problem::refused("transfer.no_source").with("where", from.display())));
    }
    // An SQLite file that lies elsewhere than the folder is data too.
    let place = options.url.strip_prefix("sqlite:").map(FilePath::new);
    let part = folder.join(UNFINISHED);
    // What an interrupted restore left is no data yet: its own folder, files that it had put in their place, and at its
    // very end the database, which is then compared with the backup.
    let interrupted = part.exists();
    let not_empty = |place: &FilePath| said(Problem::refused("backup.not_empty").with("where", place.display()));
    if let Some(place) = place.filter(|place| place.exists() && !interrupted) {
        return Err(not_empty(if place.starts_with(folder) { folder } else { place }));
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let mut may_be_there = vec![FILE.to_owned()];
    if interrupted {
        may_be_there.extend([UNFINISHED, FILES].map(str::to_owned));
        let database = place.and_then(FilePath::file_name).map(|name| name.to_string_lossy().into_owned());
        may_be_there.extend(database.iter().flat_map(|name| ["", "-wal", "-shm"].map(|end| format!("{name}{end}"))));
    }
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let name = entry?.file_name();
        if !may_be_there.iter().any(|known| name == known.as_str()) {
            return Err(not_empty(folder));
        }
    }
    away(&part)?;
    fs::create_dir_all(&part)?;
    let source = if from.is_dir() {
        from.to_owned()
    } else {
        let unpacked = part.join("unpacked");
        fs::create_dir_all(&unpacked)?;
        unpack(from, &unpacked).map_err(damaged)?;
        unpacked
    };
    let manifest = fs::read(source.join(MANIFEST)).map_err(|_| damaged(MANIFEST))?;
    let manifest: Manifest = serde_json::from_slice(&manifest).map_err(damaged)?;
    if manifest.format > FORMAT {
        return Err(said(Problem::refused("backup.newer").with("program", &manifest.program)));
    }
    if manifest.tenant != options.tenant {
        return Err(said(Problem::refused("backup.other_tenant").with("tenant", &manifest.tenant)));
    }
    let database = kept(&source.join(DATABASE)).map_err(|_| damaged(DATABASE))?;
    if database.sha256 != manifest.database.sha256 {
        return Err(damaged(DATABASE));
    }
    let file = part.join(DATABASE);
    fs::copy(source.join(DATABASE), &file)?;
    let copy_options = StoreOptions { url: format!("sqlite:{}", file.display()), tenant: options.tenant.clone() };
    let copy = Db::open(&copy_options, Clock::Real).await.map_err(said)?;
    let sums = bulk::sums(&copy).await.map_err(said)?;
    let said_sums: BTreeMap<&String, (i64, &str)> =
        manifest.tables.iter().map(|(name, rows)| (name, (rows.rows, rows.sum.as_str()))).collect();
    for (name, sum) in &sums {
        if said_sums.get(name) != Some(&(sum.rows, sum.text().as_str())) {
            return Err(damaged(name));
        }
    }
    if said_sums.len() != sums.len() {
        return Err(damaged(MANIFEST));
    }
    copy.migrate(&steps()).await.map_err(said)?;
    journal::seal_old(&copy).await.map_err(said)?;
    let (held, files) = (Files::in_folder(&source.join(FILES)), Files::in_folder(&part.join(FILES)));
    for kept in &manifest.files {
        let hash = unhex(&kept.sha256).filter(|hash| hash.len() == 32).ok_or_else(|| damaged(&kept.sha256))?;
        files.bring(&held, &hash).await.map_err(|_| damaged(file_path(&kept.sha256).display()))?;
    }
    let published: Vec<journal::Published> = match &manifest.journal {
        Some(head) => vec![format!("{}:{}", head.block, head.hash).parse().map_err(said)?],
        None => Vec::new(),
    };
    // Files first: once the database stands in its place, everything it names is there.
    let placed = Files::in_folder(&folder.join(FILES));
    if placed.folder().exists() {
        // An interrupted restore had come this far. Files bear their hashes, so none can be in the way of another.
        placed.bring_all(&files).await.map_err(said)?;
    } else if files.folder().exists() {
        fs::rename(files.folder(), placed.folder())?;
        sync(placed.folder())?;
    }
    // An interrupted restore may have come to its end but for the tidying up.
    let is_whole = async |target: &Db| -> anyhow::Result<bool> {
        Ok(interrupted && bulk::sums(target).await.map_err(said)? == bulk::sums(&copy).await.map_err(said)?)
    };
    let verdict = if let Some(place) = place {
        let verdict = journal::verify(&mut copy.read().await.map_err(said)?, 1, &published).await.map_err(said)?;
        let there = if place.exists() {
            let target = Db::open(options, Clock::Real).await.map_err(said)?;
            let same = is_whole(&target).await;
            target.close().await;
            if !same? {
                return Err(not_empty(place));
            }
            true
        } else {
            false
        };
        copy.close().await;
        if !there {
            if let Some(above) = place.parent() {
                fs::create_dir_all(above)?;
            }
            // Elsewhere may be another file system, into which nothing can be renamed.
            let staged = if place.starts_with(folder) { file } else { beside(place, ".part") };
            if !staged.starts_with(folder) {
                fs::copy(part.join(DATABASE), &staged).with_context(|| staged.display().to_string())?;
            }
            // The name must not be on disk before what it names.
            sync(&staged)?;
            fs::rename(&staged, place).with_context(|| place.display().to_string())?;
            sync(place)?;
        }
        verdict
    } else {
        let target = Db::open(options, Clock::Real).await.map_err(said)?;
        target.migrate(&steps()).await.map_err(said)?;
        if let Err(problem) = bulk::transfer(&copy, &target, false, |_| {}).await
            && !(problem.code == "transfer.not_empty" && is_whole(&target).await?)
        {
            return Err(said(problem));
        }
        copy.close().await;
        let verdict = journal::verify(&mut target.read().await.map_err(said)?, 1, &published).await.map_err(said)?;
        bulk::finish(&target).await.map_err(said)?;
        target.close().await;
        verdict
    };
    away(&part)?;
    sync(folder)?;
    for (name, sum) in sums.iter().filter(|(_, sum)| sum.rows > 0) {
        speech.line(name, sum)?;
    }
    let rows: i64 = sums.values().map(|sum| sum.rows).sum();
    let args = [("rows", rows.to_string()), ("files", manifest.files.len().to_string())];
    speech.say("restore-done", &args)?;
    if verdict.is_sound() {
        speech.say("journal-sound", &[])?;
        Ok(())
    } else {
        for fault in &verdict.faults {
            speech.say(fault.key(), &fault.args())?;
        }
        speech.say("journal-not-sound", &[])?;
        Err(damaged("journal"))
    }
}
