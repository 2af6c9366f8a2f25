//! A folder or an archive of dispatches, taken in together in the background (tiếp nhận hàng loạt).
//!
//! Files are kept first, so that nothing sent is lost; then a job reads a few at a time, as the person who sent them.
//! Every file has its own key, so that a job that was cut off reads none twice.

use std::{
    collections::BTreeMap,
    io::{Cursor, Read as _},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vx_concepts::engine::{Command, Decision, Effect, Fact, execute};
use vx_kernel::{Id, Path, Problem, ids, text::fold};
use vx_platform::{
    auth::{self, Actor, within},
    files::sha256,
    jobs, record,
    store::{
        Conn, Record as _, Sql, Tx, Uuid,
        migrate::{hex, unhex},
    },
    text_enum,
    web::{App, FILE_BYTES_MAX, off_thread},
};

use crate::{Directive, DirectiveState, Review, intake, store};

pub(crate) mod pages;

/// Files of one import: some years of one office.
pub const FILES_MAX: usize = 2_000;
/// Bytes of one import, archives unpacked: twice what one request may bring.
pub const TOGETHER_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Bytes that one archive may unpack to: what a body may have.
pub const ARCHIVE_BYTES_MAX: usize = 256 * 1024 * 1024;
/// Most unpacked bytes for each packed one. Word files hardly pack at all, plain text about 5 to 1, a bomb 1,000 to 1.
pub const ARCHIVE_RATIO_MAX: usize = 100;
/// Files read in one step of the job; between steps others have their turn.
const STEP_FILES: usize = 10;
/// The job that reads.
pub(crate) const JOB: &str = "directives.import";

text_enum! {
    /// What became of a file.
    pub enum Outcome {
        /// Not read yet (chờ đọc).
        Waiting = "waiting",
        /// Taken in (đã tiếp nhận).
        TakenIn = "taken_in",
        /// Kept, but nothing could be read in it (không đọc được).
        Unreadable = "unreadable",
        /// The same file, or the same number, issuer and year, is there already (trùng).
        Duplicate = "duplicate",
        /// Not taken in (lỗi).
        Failed = "failed",
    }
}

/// One file of an import.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct ImportFile {
    /// Its name.
    pub name: String,
    /// Hash of its bytes, in hexadecimal; empty when it was not kept.
    pub sha256: String,
    /// What became of it.
    pub outcome: Outcome,
    /// Dispatches found in it, or those that were there before.
    pub directives: Vec<Uuid>,
    /// What stood in the way: a code.
    pub problem: Option<String>,
}

record! {
    /// Files that are taken in together (đợt tiếp nhận). `path` is the unit that takes them in.
    pub struct Import[ids::Import] in "directive_import" {
        /// What it is called: the folder, the archive, or the first file.
        pub label: String,
        /// Whose account it is done in the name of, `None` for the program's own command line.
        pub account: Option<Id<ids::Account>>,
        /// Their name.
        pub by_name: String,
        /// When it began.
        pub started_at: Timestamp,
        /// When the last file was read.
        pub finished_at: Option<Timestamp>,
        /// The files, as JSON of [`ImportFile`]s.
        #[serde(skip)]
        pub files: String,
        /// How many.
        pub n_files: i64,
        /// How many are read.
        pub n_read: i64,
    }
}

impl Import {
    /// The files in the order in which they were sent.
    #[must_use]
    pub fn list(&self) -> Vec<ImportFile> {
        serde_json::from_str(&self.files).unwrap_or_default()
    }

    fn with_files(self, files: &[ImportFile], now: Timestamp) -> Self {
        let n_read = files.iter().filter(|file| file.outcome != Outcome::Waiting).count();
        Self {
            files: serde_json::to_string(files).unwrap_or_default(),
            n_files: i64::try_from(files.len()).unwrap_or(i64::MAX),
            n_read: i64::try_from(n_read).unwrap_or(i64::MAX),
            finished_at: (n_read == files.len()).then_some(now),
            ..self
        }
    }
}

/// Begins to take files in together. They are kept before; this makes them count.
#[derive(Clone, Debug)]
pub struct StartImport {
    /// The record, new.
    pub import: Import,
}

impl Command for StartImport {
    type Record = Import;
    type Facts = ();
    const NAME: &'static str = "directives.import";
    const READ: &'static str = store::READ;

    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        self.import.path.clone()
    }
    fn decide(&self, (): &(), _: &Actor, now: Timestamp) -> Result<Decision<Import>, Problem> {
        let files = self.import.list();
        if files.is_empty() {
            return Err(Problem::invalid("directives.no_file"));
        }
        if files.len() > FILES_MAX {
            return Err(Problem::invalid("directives.import.too_many").with("max", FILES_MAX));
        }
        let record = self.import.clone().with_files(&files, now);
        let record = Import { started_at: now, ..record };
        let effects = vec![Effect::Tell(Fact::FilesKept { about: record.id.uuid() })];
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a Import> {
        None
    }
}

/// Notes what became of some files. The program does this, nobody else.
#[derive(Clone, Debug)]
pub struct AdvanceImport {
    /// Which import.
    pub import: Id<ids::Import>,
    /// Files by their place, as they are now.
    pub read: BTreeMap<usize, ImportFile>,
}

impl Command for AdvanceImport {
    type Record = Import;
    type Facts = Import;
    const NAME: &'static str = "directives.import_read";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Import, Problem> {
        tx.load(self.import).await
    }
    fn scope(&self, import: &Import) -> Path {
        import.path.clone()
    }
    fn decide(&self, import: &Import, _: &Actor, now: Timestamp) -> Result<Decision<Import>, Problem> {
        let mut files = import.list();
        for (index, read) in &self.read {
            // Another process may have read it meanwhile; what was noted first stands.
            if let Some(file) = files.get_mut(*index).filter(|file| file.outcome == Outcome::Waiting) {
                file.clone_from(read);
            }
        }
        Ok(Decision::just(import.clone().with_files(&files, now)))
    }
    fn before<'a>(&self, import: &'a Import) -> Option<&'a Import> {
        Some(import)
    }
}

/// Has the files that failed read again (đọc lại các tệp lỗi).
#[derive(Clone, Debug)]
pub struct RetryImport {
    /// Which import.
    pub import: Id<ids::Import>,
}

impl Command for RetryImport {
    type Record = Import;
    type Facts = Import;
    const NAME: &'static str = "directives.import_retry";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Import, Problem> {
        tx.load(self.import).await
    }
    fn scope(&self, import: &Import) -> Path {
        import.path.clone()
    }
    fn decide(&self, import: &Import, _: &Actor, now: Timestamp) -> Result<Decision<Import>, Problem> {
        let mut files = import.list();
        let mut n_again = 0;
        // A file that was never kept cannot be read again; it has to be sent again.
        for file in files.iter_mut().filter(|file| file.outcome == Outcome::Failed && !file.sha256.is_empty()) {
            file.outcome = Outcome::Waiting;
            file.problem = None;
            n_again += 1;
        }
        if n_again == 0 {
            return Err(Problem::refused("directives.import.nothing_to_retry"));
        }
        let record = import.clone().with_files(&files, now);
        let effects = vec![Effect::Tell(Fact::FilesKept { about: record.id.uuid() })];
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, import: &'a Import) -> Option<&'a Import> {
        Some(import)
    }
}

/// A file as it was sent, or why it is none: a code.
pub type Sent = (String, Result<Vec<u8>, &'static str>);

/// Files that systems leave in folders and archives, and that nobody means to send.
fn is_clutter(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or_default();
    file.starts_with('.')
        || file.starts_with("~$")
        || name.contains("__MACOSX/")
        || matches!(file, "Thumbs.db" | "desktop.ini" | "")
}

/// The files in an archive. One that is made to exhaust whoever unpacks it is refused whole.
///
/// # Errors
/// A code: `directives.import.archive_unsafe`, `directives.import.archive_broken`.
pub fn unpack(content: &[u8]) -> Result<Vec<Sent>, &'static str> {
    let mut archive = zip::ZipArchive::new(Cursor::new(content)).map_err(|_| "directives.import.archive_broken")?;
    if archive.len() > FILES_MAX {
        return Err("directives.import.archive_unsafe");
    }
    let (mut files, mut total) = (Vec::new(), 0_usize);
    for index in 0..archive.len() {
        let mut entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(_) => {
                files.push((format!("#{}", index + 1), Err("directives.import.entry_unreadable")));
                continue;
            }
        };
        let name = entry.name().map_or_else(|_| format!("#{}", index + 1), std::borrow::Cow::into_owned);
        if entry.is_dir() || is_clutter(&name) {
            continue;
        }
        let file = name.rsplit(['/', '\\']).next().unwrap_or(&name).to_owned();
        let packed = usize::try_from(entry.compressed_size()).unwrap_or(usize::MAX);
        let mut bytes = Vec::new();
        // Sizes in the headers are only claims: what comes out is counted.
        let room = ARCHIVE_BYTES_MAX.saturating_sub(total).min(FILE_BYTES_MAX);
        let read = entry.by_ref().take(u64::try_from(room + 1).unwrap_or(u64::MAX)).read_to_end(&mut bytes);
        total += bytes.len();
        let swells = bytes.len() > 1024 * 1024 && bytes.len() / packed.max(1) > ARCHIVE_RATIO_MAX;
        if swells || total > ARCHIVE_BYTES_MAX {
            return Err("directives.import.archive_unsafe");
        }
        files.push(match read {
            Err(_) => (file, Err("directives.import.entry_unreadable")),
            Ok(_) if bytes.len() > FILE_BYTES_MAX => (file, Err("directives.file_too_large")),
            Ok(_) => (file, Ok(bytes)),
        });
    }
    Ok(files)
}

/// Keeps files and begins to take them in; archives are unpacked. The reading is done by [`step`], once and again.
///
/// # Errors
/// When there is nothing to take in, too much, or no room to keep it.
pub async fn start(
    app: &App,
    actor: &Actor,
    home: &Path,
    key: Uuid,
    label: &str,
    sent: Vec<Sent>,
) -> Result<Id<ids::Import>, Problem> {
    // Who may not do this must not fill the disk either.
    actor.authority(StartImport::NAME, home)?;
    let mut files: Vec<ImportFile> = Vec::new();
    let mut put = |name: &str, sha256: String, problem: Option<&str>| {
        let outcome = if problem.is_some() { Outcome::Failed } else { Outcome::Waiting };
        let name = name.chars().take(200).collect();
        files.push(ImportFile { name, sha256, outcome, directives: Vec::new(), problem: problem.map(str::to_owned) });
    };
    // All that was sent together, archives unpacked: beyond what an import may be, nothing more is kept.
    let (mut n_seen, mut n_bytes) = (0_usize, 0_u64);
    for (name, content) in sent {
        let is_archive = name.to_lowercase().ends_with(".zip");
        let inside: Vec<Sent> = match content {
            Ok(bytes) if is_archive => match off_thread(move || unpack(&bytes)).await? {
                Ok(inside) if inside.is_empty() => vec![(name, Err("directives.import.archive_empty"))],
                Ok(inside) => inside,
                Err(code) => vec![(name, Err(code))],
            },
            _ if is_clutter(&name) => Vec::new(),
            content => vec![(name, content)],
        };
        for (name, content) in inside {
            n_seen += 1;
            n_bytes += content.as_ref().map_or(0, |bytes| bytes.len() as u64);
            if n_seen > FILES_MAX {
                return Err(Problem::invalid("directives.import.too_many").with("max", FILES_MAX));
            }
            if n_bytes > TOGETHER_BYTES_MAX {
                return Err(Problem::refused("directives.import.too_large").with("mb", TOGETHER_BYTES_MAX / 1_048_576));
            }
            match content {
                Ok(bytes) if bytes.is_empty() => put(&name, String::new(), Some("directives.file_empty")),
                Ok(bytes) => {
                    app.files().keep(&bytes).await?;
                    put(&name, hex(&sha256(&bytes)), None);
                }
                Err(code) => put(&name, String::new(), Some(code)),
            }
        }
    }
    let now = app.clock().now();
    let import = Import {
        id: Id::fresh(),
        path: home.clone(),
        version: 0,
        label: label.chars().take(200).collect(),
        account: actor.account,
        by_name: actor.name.clone(),
        started_at: now,
        finished_at: None,
        files: serde_json::to_string(&files).unwrap_or_default(),
        n_files: 0,
        n_read: 0,
    };
    execute(app.db(), actor, key, StartImport { import }).await.map(Id::from)
}

/// Reads the next few files of an import and says which; none when all are read.
///
/// # Errors
/// When the database is away. What concerns one file is noted with the file.
pub async fn step(app: &App, id: Id<ids::Import>) -> Result<Vec<ImportFile>, Problem> {
    let import: Import = app.db().read().await?.load(id).await?;
    let files = import.list();
    let waiting: Vec<usize> = (0..files.len())
        .filter(|index| files.get(*index).is_some_and(|file| file.outcome == Outcome::Waiting))
        .take(STEP_FILES)
        .collect();
    if waiting.is_empty() {
        return Ok(Vec::new());
    }
    let program = Actor::system("Vùng Xanh", app.rights().clone());
    let actor = match import.account {
        None => Some(program.clone()),
        Some(account) => auth::actor_of(app.db(), app.rights(), Ok(account), app.clock().now()).await?,
    };
    let mut read: BTreeMap<usize, ImportFile> = BTreeMap::new();
    for index in waiting {
        let Some(file) = files.get(index) else { continue };
        // The same bytes twice in one import: the first counts.
        let earlier = files
            .iter()
            .enumerate()
            .take(index)
            .map(|(other, file)| read.get(&other).unwrap_or(file))
            .find(|other| other.sha256 == file.sha256 && other.outcome != Outcome::Failed);
        let outcome = match (&actor, earlier) {
            (None, _) => Err(Problem::refused("directives.import.nobody")),
            (_, Some(earlier)) => Ok((Outcome::Duplicate, earlier.directives.clone())),
            (Some(actor), None) => read_one(app, actor, &import, index, file).await,
        };
        let file = match outcome {
            Ok((outcome, directives)) => ImportFile { outcome, directives, problem: None, ..file.clone() },
            Err(problem) => {
                tracing::warn!(file = file.name, error = problem.chain(), "a file was not taken in");
                let problem = Some(problem.code.to_owned());
                ImportFile { outcome: Outcome::Failed, problem, ..file.clone() }
            }
        };
        read.insert(index, file);
    }
    let done: Vec<ImportFile> = read.values().cloned().collect();
    execute(app.db(), &program, Uuid::now_v7(), AdvanceImport { import: id, read }).await?;
    Ok(done)
}

/// Takes one file in, unless the same bytes were taken in before this import began.
async fn read_one(
    app: &App,
    actor: &Actor,
    import: &Import,
    index: usize,
    file: &ImportFile,
) -> Result<(Outcome, Vec<Uuid>), Problem> {
    let hash = unhex(&file.sha256).unwrap_or_default();
    let there = with_file(&mut app.db().read().await?, actor, &hash, import.started_at).await?;
    if !there.is_empty() {
        return Ok((Outcome::Duplicate, there));
    }
    let content = app.files().read(&hash).await?;
    // A key of its own for each file, the same whenever it is read: a dispatch is received once.
    let key = Uuid::from_u128(import.id.uuid().as_u128() ^ ((index as u128 + 1) << 16));
    let ids = intake::take_in_at(app, actor, &import.path, key, &file.name, content).await?;
    let mut conn = app.db().read().await?;
    let mut outcome = Outcome::Unreadable;
    for id in &ids {
        let directive: Directive = conn.load(*id).await?;
        if directive.state == DirectiveState::Unreadable {
            continue;
        }
        let twin = Review::of(&directive.review).is_some_and(|review| review.duplicate.is_some());
        if twin {
            outcome = Outcome::Duplicate;
        } else if outcome == Outcome::Unreadable {
            outcome = Outcome::TakenIn;
        }
    }
    Ok((outcome, ids.into_iter().map(Id::uuid).collect()))
}

/// Dispatches of one file that the reader may see, taken in before a moment.
async fn with_file(conn: &mut Conn, actor: &Actor, hash: &[u8], before: Timestamp) -> Result<Vec<Uuid>, Problem> {
    let sql = Sql::new("select d.id from directive d where d.tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and d.file_sha256 = ").bind(hash.to_vec()).sql(" and d.created_at < ").bind(before);
    let sql = sql.sql(" and d.state <> ").bind(DirectiveState::Discarded).sql(" and ");
    // A file of two dispatches has two records; more of the same file were taken in by mistake.
    let rows = conn.rows(store::seen(sql, conn, actor).sql(" order by d.id limit 20")).await?;
    rows.iter().map(|row| row.get("id")).collect()
}

/// The job: one step, then it queues behind the others for the next.
pub(crate) async fn run(app: &App, body: &str) -> Result<(), Problem> {
    let Fact::FilesKept { about } = serde_json::from_str(body).map_err(Problem::internal)? else { return Ok(()) };
    if step(app, Id::from(about)).await?.is_empty() {
        return Ok(());
    }
    let body = body.to_owned();
    app.db()
        .write(move |tx| {
            let body = body.clone();
            Box::pin(async move {
                let now = tx.now();
                jobs::enqueue(tx, JOB, &body, now).await.map(drop)
            })
        })
        .await
}

/// The files of an import as they stand.
///
/// # Errors
/// When the database is away.
pub async fn files(app: &App, id: Id<ids::Import>) -> Result<Vec<ImportFile>, Problem> {
    Ok(app.db().read().await?.load::<Import>(id).await?.list())
}

/// Imports shown in the list of them.
const LISTED_MAX: i64 = 50;

/// Imports of units within reach, newest first.
///
/// # Errors
/// When the database is away.
pub(crate) async fn list(conn: &mut Conn, actor: &Actor) -> Result<Vec<Import>, Problem> {
    let sql = Sql::new("select ").sql(Import::SELECT).sql(" from directive_import where tenant = ").bind(conn.tenant());
    let sql = within(sql.sql(" and "), "path", &actor.reach(StartImport::NAME));
    conn.rows(sql.sql(" order by id desc limit ").bind(LISTED_MAX)).await?.iter().map(Import::read).collect()
}

/// An import that the actor may see.
///
/// # Errors
/// `not_found` otherwise.
pub(crate) async fn visible(conn: &mut Conn, actor: &Actor, id: Id<ids::Import>) -> Result<Import, Problem> {
    let import: Import = conn.load(id).await?;
    if actor.may(StartImport::NAME, &import.path) { Ok(import) } else { Err(Problem::not_found()) }
}

/// How the dispatches of an import are called, those that the actor may see: id → label and trouble.
pub(crate) async fn labels(
    conn: &mut Conn,
    actor: &Actor,
    files: &[ImportFile],
) -> Result<BTreeMap<Uuid, (String, Option<String>)>, Problem> {
    let ids: Vec<Uuid> = files.iter().flat_map(|file| file.directives.iter().copied()).collect();
    let mut labels = BTreeMap::new();
    for chunk in ids.chunks(500) {
        let sql = Sql::new("select d.id, d.number, d.file_name, d.trouble from directive d where d.tenant = ");
        let sql = sql.bind(conn.tenant()).sql(" and d.id in ").list(chunk.to_vec()).sql(" and ");
        let sql = store::seen(sql, conn, actor).sql(" order by d.id limit 500");
        for row in conn.rows(sql).await? {
            let number: Option<String> = row.find("number")?;
            let label = match number {
                Some(number) => number,
                None => row.get("file_name")?,
            };
            labels.insert(row.get("id")?, (label, row.find("trouble")?));
        }
    }
    Ok(labels)
}

/// Words of a name for a search within a list of files.
pub(crate) fn fits(file: &ImportFile, words: &str) -> bool {
    let name = fold(&file.name);
    fold(words).split_whitespace().all(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn archive(files: &[(&str, Vec<u8>)]) -> Vec<u8> {
        let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, content) in files {
            writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            writer.write_all(content).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn archives_are_unpacked_and_bombs_refused() {
        let names = |content: &[u8]| {
            unpack(content).map(|files| {
                files
                    .into_iter()
                    .map(|(name, content)| {
                        format!("{name} {}", content.map_or_else(str::to_owned, |bytes| bytes.len().to_string()))
                    })
                    .collect::<Vec<_>>()
                    .join(", ")
            })
        };
        let some = archive(&[
            ("2021/09/9001.txt", b"mot".to_vec()),
            ("2021/09/", Vec::new()),
            ("__MACOSX/2021/._9001.txt", b"x".to_vec()),
            ("2021/~$9002.docx", b"x".to_vec()),
            ("9003.docx", b"hai ba".to_vec()),
        ]);
        assert_eq!(names(&some).unwrap(), "9001.txt 3, 9003.docx 6");
        assert_eq!(names(b"PK\x03\x04 not an archive").unwrap_err(), "directives.import.archive_broken");
        assert_eq!(names(&archive(&[])).unwrap(), "");
        assert_eq!(names(&archive(&[("a.txt", vec![0; 8 << 20])])).unwrap_err(), "directives.import.archive_unsafe");
        let cut = &some[..some.len() / 2];
        assert_eq!(names(cut).unwrap_err(), "directives.import.archive_broken");
    }
}
