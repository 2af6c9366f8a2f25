//! What must hold when things go wrong: the plug is pulled, the disk is full, the database server goes away, the clock
//! jumps, a line is cut, two people do the same thing at once. Where it needs a process, the built program is one.
#![expect(clippy::print_stdout, reason = "says which test was left out, and why")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
};
use vungxanh::{demo, doctor, open, settings::Settings};
use vx_platform::{
    Clock, jobs, params,
    store::{Db, Sql, StoreOptions, Uuid, dialect},
    web::App,
};
use vx_testkit::{
    Client, Place,
    process::{Remote, Served, read_answer},
};

use crate::support::work_off;

const BINARY: &str = env!("CARGO_BIN_EXE_vungxanh");
/// Whoever waits for something in here gives up after this long.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the province's office sends to one agency.
const DISPATCH: &str = "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n\
Số: 9100/UBND-VX\nV/v chuẩn bị thu dung, điều trị\n\nSóc Trăng, ngày 13 tháng 9 năm 2021\n\nKính gửi: Sở Y tế.\n\n\
Chủ tịch UBND tỉnh yêu cầu:\n\n\
1. Sở Y tế lập danh sách cơ sở thu dung; hoàn thành trước 17h00 ngày 15/9/2021.\n\n\
2. Sở Y tế rà soát số giường hồi sức, báo cáo UBND tỉnh trước ngày 16/9/2021.\n\n\
3. Sở Y tế dự trù oxy y tế cho 14 ngày; hoàn thành trước ngày 17/9/2021.\n\n\
4. Sở Y tế phân công kíp trực cấp cứu; hoàn thành trước ngày 18/9/2021./.\n\n\
Nơi nhận:\n- Như trên;\n- Lưu: VT, VX.\n\nCHỦ TỊCH\n\nPhạm Hoàng Minh\n";

/// A province with its people, and four tasks that one agency has acknowledged.
async fn seeded(place: &Place) -> (App, Clock) {
    let clock = Clock::standing_at("2021-09-10T02:00:00Z".parse().unwrap());
    let app = open(place.folder.path(), &place.options, clock.clone(), None, false).await.unwrap();
    demo::people(&app).await.unwrap();
    // What follows from naming the heads is done before the story begins.
    work_off(&app).await;
    clock.set("2021-09-13T02:00:00Z".parse().unwrap());
    let office = Client::sign_in(&app, "vanphong", demo::PASSWORD).await;
    let file = [("file", "9100.txt", DISPATCH.as_bytes())];
    let page = office.post_keyed("/directives/upload", Uuid::now_v7(), &[], &file).await.expect(303);
    let directive = page.address();
    let page = office.get(&directive).await.expect(200);
    let version = page.hidden("version").unwrap().to_owned();
    let _ = office.post(&format!("{directive}/issue"), &[("version", &version)]).await.expect(303);
    let officer = Client::sign_in(&app, OFFICER, demo::PASSWORD).await;
    let assigned = tasks(app.db(), UNIT, &["assigned"]).await;
    assert_eq!(assigned.len(), 4);
    for task in assigned {
        let _ = officer.post(&format!("{task}/acknowledge"), &[]).await.expect(303);
    }
    (app, clock)
}

/// A province's data, with no process on them.
async fn prepared(place: &Place) {
    seeded(place).await.0.db().close().await;
}

async fn looking(place: &Place) -> Db {
    Db::open(&place.options, Clock::Real).await.unwrap()
}

/// Tasks of a unit in some states, as their addresses.
async fn tasks(db: &Db, unit: &str, states: &[&'static str]) -> Vec<String> {
    let mut conn = db.read().await.unwrap();
    let sql = Sql::new("select id from work_item where tenant = ").bind(conn.tenant()).sql(" and path = ").bind(unit);
    let rows = conn.rows(sql.sql(" and state in ").list(states.iter().copied()).sql(" order by id")).await.unwrap();
    rows.iter().map(|row| format!("/tasks/{}", row.get::<Uuid>("id").unwrap())).collect()
}

async fn count(db: &Db, sql: &'static str) -> i64 {
    let mut conn = db.read().await.unwrap();
    conn.count(Sql::with(sql, params![conn.tenant()])).await.unwrap()
}

/// How often each note stands in the journal, by its words.
async fn notes(db: &Db) -> BTreeMap<String, i64> {
    let mut conn = db.read().await.unwrap();
    let sql = "select reason, count(*) as n from journal where tenant = $1 and verb = 'tasks.note' and reason like 'ghi %' group by reason";
    let rows = conn.rows(Sql::with(sql, params![conn.tenant()])).await.unwrap();
    rows.iter().map(|row| (row.get("reason").unwrap(), row.get("n").unwrap())).collect()
}

/// What one written note leaves behind in each of three tables; half of it would show as a difference.
async fn traces(db: &Db) -> [i64; 3] {
    [
        count(db, "select count(*) as n from journal where tenant = $1 and verb = 'tasks.note'").await,
        count(db, "select cast(coalesce(sum(version), 0) as bigint) as n from work_item where tenant = $1").await,
        count(db, "select count(*) as n from idempotency where tenant = $1 and verb = 'tasks.note'").await,
    ]
}

const OPEN: &[&str] = &["acknowledged", "in_progress", "reported", "returned", "refused"];
const UNIT: &str = "94/94.syt/";
const OFFICER: &str = "syt.canbo";

/// Notes that many people write at once, each with its own words and key.
struct Work {
    keys: Vec<Uuid>,
    tasks: Vec<String>,
    next: AtomicUsize,
    /// The words of those that were answered with success.
    answered: Mutex<BTreeSet<String>>,
    /// How often it was said that the program cannot serve now.
    told_later: AtomicUsize,
    some: Notify,
}

impl Work {
    fn new(n: usize, tasks: Vec<String>) -> Arc<Self> {
        assert!(!tasks.is_empty(), "the unit has open tasks");
        Arc::new(Self {
            keys: (0..n).map(|_| Uuid::now_v7()).collect(),
            tasks,
            next: AtomicUsize::new(0),
            answered: Mutex::default(),
            told_later: AtomicUsize::new(0),
            some: Notify::new(),
        })
    }

    fn begin_again(&self) {
        self.next.store(0, SeqCst);
    }

    fn n_answered(&self) -> usize {
        self.answered.lock().unwrap().len()
    }

    /// Writes the next notes until none is left, or until the line breaks.
    async fn write(self: Arc<Self>, by: Remote) {
        while let Some(index) = Some(self.next.fetch_add(1, SeqCst)).filter(|index| *index < self.keys.len()) {
            loop {
                let words = format!("ghi {index}");
                let task = &self.tasks[index % self.tasks.len()];
                let fields = [("unit", UNIT), ("reason", words.as_str())];
                match by.post(&format!("{task}/note"), self.keys[index], &fields).await {
                    Ok(answer) if answer.status == 303 => {
                        self.answered.lock().unwrap().insert(words);
                        self.some.notify_one();
                        break;
                    }
                    // Later, then: the same form again, as a person would.
                    Ok(answer) if answer.status == 503 => {
                        assert!(answer.body.contains("store.away"), "{answer:?}");
                        self.told_later.fetch_add(1, SeqCst);
                        self.some.notify_one();
                        later().await;
                    }
                    Ok(answer) => panic!("neither done nor told to come later: {answer:?}"),
                    Err(_) => return,
                }
            }
        }
    }

    /// Waits until somebody more is told that the program cannot serve now.
    async fn until_told_later(&self) {
        let before = self.told_later.load(SeqCst);
        let some = async {
            while self.told_later.load(SeqCst) == before {
                self.some.notified().await;
            }
        };
        tokio::time::timeout(PATIENCE, some).await.expect("somebody is told");
    }

    /// So many people write at the same time.
    fn by_many(self: &Arc<Self>, people: usize, by: &Remote) -> Vec<tokio::task::JoinHandle<()>> {
        (0..people).map(|_| tokio::spawn(self.clone().write(by.clone()))).collect()
    }

    async fn until_answered(&self, n: usize) {
        let some = async {
            while self.n_answered() < n {
                self.some.notified().await;
            }
        };
        tokio::time::timeout(PATIENCE, some).await.expect("work goes on");
    }
}

/// A moment between two tries.
async fn later() {
    let mut tick = tokio::time::interval(Duration::from_millis(50));
    tick.tick().await;
    tick.tick().await;
}

async fn all(tasks: Vec<tokio::task::JoinHandle<()>>) {
    for task in tasks {
        tokio::time::timeout(PATIENCE, task).await.expect("it ends").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plug_pulled_in_the_middle_of_1000_commands_loses_none_that_was_answered_and_leaves_none_half_done() {
    for place in Place::all().await {
        prepared(&place).await;
        let db = looking(&place).await;
        let work = Work::new(1_000, tasks(&db, UNIT, OPEN).await);
        let before = traces(&db).await;
        let mut served = Served::start(BINARY, &place, &[]);
        let officer = Remote::sign_in(served.address, OFFICER, demo::PASSWORD).await;
        let people = work.by_many(16, &officer);
        work.until_answered(300).await;
        served.kill();
        all(people).await;
        let answered = work.answered.lock().unwrap().clone();
        assert!((300..1_000).contains(&answered.len()), "in the middle: {}", answered.len());

        let again = Served::start(BINARY, &place, &[]);
        let written = notes(&db).await;
        let lost: Vec<_> = answered.iter().filter(|words| !written.contains_key(*words)).collect();
        assert!(lost.is_empty(), "answered and not there: {lost:?}");
        assert!(written.values().all(|n| *n == 1), "none twice");
        let after = traces(&db).await;
        let more: Vec<i64> = after.iter().zip(before).map(|(after, before)| after - before).collect();
        let n = i64::try_from(written.len()).unwrap();
        assert_eq!(more, [n, n, n], "journal, records and keys agree");

        // Everybody sends everything again, with the same keys: what was done is done once.
        work.begin_again();
        all(work.by_many(16, &officer.at(again.address))).await;
        let written = notes(&db).await;
        assert_eq!((written.len(), work.n_answered()), (1_000, 1_000));
        assert!(written.values().all(|n| *n == 1), "each once");
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_asked_to_stop_finishes_what_it_began_and_begins_nothing_new() {
    for place in Place::all().await {
        prepared(&place).await;
        let db = looking(&place).await;
        let work = Work::new(10_000, tasks(&db, UNIT, OPEN).await);
        let mut served = Served::start(BINARY, &place, &[]);
        let officer = Remote::sign_in(served.address, OFFICER, demo::PASSWORD).await;

        // An upload whose body has not come yet: the program has said that it waits for it.
        let content = [b"%PDF-1.4 ".as_slice(), &[b'x'; 300_000]].concat();
        let (kind, body) = officer.upload(Uuid::now_v7(), &[("unit", UNIT)], "bien-ban.pdf", &content);
        let head = officer.head(
            "POST",
            &format!("{}/attach", work.tasks[0]),
            &format!("expect: 100-continue\r\n{kind}"),
            body.len(),
        );
        let mut upload = TcpStream::connect(served.address).await.unwrap();
        upload.write_all(head.as_bytes()).await.unwrap();
        let mut go_on = [0; 25];
        tokio::time::timeout(PATIENCE, upload.read_exact(&mut go_on)).await.expect("it answers").unwrap();
        assert_eq!(&go_on, b"HTTP/1.1 100 Continue\r\n\r\n");

        let people = work.by_many(16, &officer);
        work.until_answered(200).await;
        served.ask_to_stop();
        all(people).await;
        // Nobody is let in any more, and still the upload is finished.
        assert!(officer.get("/healthz").await.is_err());
        upload.write_all(&body).await.unwrap();
        let answer = tokio::time::timeout(PATIENCE, read_answer(&mut upload)).await.expect("it answers").unwrap();
        assert_eq!(answer.status, 303, "{answer:?}");
        assert_eq!(served.exit_code(), 0);
        let written: BTreeSet<String> = notes(&db).await.into_keys().collect();
        assert_eq!(written, *work.answered.lock().unwrap(), "what was done was answered, what was answered was done");
        assert!(written.len() < 10_000);
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_that_never_ends_does_not_keep_the_process_from_stopping() {
    let place = Place::sqlite();
    prepared(&place).await;
    let mut served = Served::start(BINARY, &place, &["--stop-secs", "1"]);
    let officer = Remote::sign_in(served.address, OFFICER, demo::PASSWORD).await;
    let (kind, body) = officer.upload(Uuid::now_v7(), &[("unit", UNIT)], "a.pdf", b"%PDF-1.4");
    let head = officer.head("POST", "/tasks/x/attach", &format!("expect: 100-continue\r\n{kind}"), body.len());
    let mut upload = TcpStream::connect(served.address).await.unwrap();
    upload.write_all(head.as_bytes()).await.unwrap();
    let stopped = tokio::task::spawn_blocking(move || {
        served.ask_to_stop();
        served.exit_code()
    });
    assert_eq!(tokio::time::timeout(PATIENCE, stopped).await.expect("it ends").unwrap(), 0);
}

/// A small disk of its own, where the machine lets us make one.
struct SmallDisk(PathBuf);

impl SmallDisk {
    fn mount(mb: u32) -> Option<(Self, Place)> {
        let place = Place::sqlite();
        let path = place.folder.path().to_owned();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &format!("size={mb}m"), "vungxanh-test"])
            .arg(&path)
            .output();
        match mounted {
            Ok(output) if output.status.success() => Some((Self(path), place)),
            Ok(output) => {
                let why = String::from_utf8_lossy(&output.stderr);
                println!("skipped: no small disk can be mounted here ({})", why.trim());
                None
            }
            Err(error) => {
                println!("skipped: no small disk can be mounted here ({error})");
                None
            }
        }
    }

    /// Takes all the room that is left but so many bytes.
    fn fill(&self, but: u64) {
        use std::io::Write as _;
        // The program writes at the same time, so how much is free is found by writing until nothing fits.
        let kept = self.0.join("kept");
        std::fs::write(&kept, vec![0_u8; usize::try_from(but).unwrap()]).unwrap();
        let mut filler = std::fs::File::create(self.0.join("filler")).unwrap();
        while filler.write_all(&[0_u8; 4_096]).is_ok() {}
        std::fs::remove_file(&kept).unwrap();
    }

    fn make_room(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { found.extend(files_below(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_said_and_work_goes_on_when_there_is_room() {
    let Some((disk, place)) = SmallDisk::mount(64) else { return };
    prepared(&place).await;
    let served = Served::start(BINARY, &place, &["--free-min-mb", "1"]);
    let officer = Remote::sign_in(served.address, OFFICER, demo::PASSWORD).await;
    let db = looking(&place).await;
    let task = tasks(&db, UNIT, OPEN).await.remove(0);
    let long = "x".repeat(1_000);
    let note = |n: usize| {
        let (officer, task, words) = (officer.clone(), task.clone(), format!("ghi {n} {long}"));
        async move {
            officer.post(&format!("{task}/note"), Uuid::now_v7(), &[("unit", UNIT), ("reason", &words)]).await.unwrap()
        }
    };
    assert_eq!(note(0).await.status, 303);
    disk.fill(0);
    // The log of SQLite has room of its own until it must grow.
    let mut n = 1;
    let full = loop {
        let answer = note(n).await;
        if answer.status != 303 {
            break answer;
        }
        n += 1;
        assert!(n < 5_000, "the disk is full and everything is still written");
    };
    assert_eq!(full.status, 503, "{full:?}");
    assert!(full.body.contains("store.full") && full.body.contains("Ổ đĩa đã đầy"), "{full:?}");
    let content = [b"%PDF-1.4 ".as_slice(), &[b'x'; 100_000]].concat();
    let before = files_below(&place.folder.path().join("files"));
    let (kind, body) = officer.upload(Uuid::now_v7(), &[("unit", UNIT)], "bien-ban.pdf", &content);
    let upload = officer.send("POST", &format!("{task}/attach"), kind, &body).await.unwrap();
    assert!(upload.status == 503 && upload.body.contains("store.full"), "{upload:?}");
    assert_eq!(files_below(&place.folder.path().join("files")), before, "no half file is left");
    // Reading goes on, and the operator's tools are told why.
    assert_eq!(officer.get(&task).await.unwrap().status, 200);
    let operator = Remote::stranger(served.observed);
    let ready = operator.get("/readyz").await.unwrap();
    assert!(ready.status == 503 && ready.body.contains("disk_full"), "{ready:?}");

    disk.make_room();
    assert_eq!(note(n).await.status, 303);
    let upload = officer.send("POST", &format!("{task}/attach"), kind, &body).await.unwrap();
    assert_eq!(upload.status, 303, "{upload:?}");
    let written = notes(&db).await;
    assert_eq!(written.len(), n + 1, "each that was answered, and none of the others");
    assert!(written.values().all(|n| *n == 1));
    db.close().await;
}

#[tokio::test]
async fn a_database_that_may_not_grow_says_that_it_is_full_and_recovers() {
    let place = Place::sqlite();
    let (app, _) = seeded(&place).await;
    let officer = Client::sign_in(&app, OFFICER, demo::PASSWORD).await;
    let task = tasks(app.db(), UNIT, OPEN).await.remove(0);
    let limit = |pages: &'static str| {
        app.db().write(move |tx| Box::pin(async move { tx.changed_rows(Sql::new(pages)).await.map(drop) }))
    };
    // SQLite makes of it the pages that there are.
    limit("pragma max_page_count = 1").await.unwrap();
    let long = "x".repeat(2_000);
    let mut done = 0;
    let full = loop {
        let page =
            officer.post(&format!("{task}/note"), &[("unit", UNIT), ("reason", &format!("ghi {done} {long}"))]).await;
        if page.status != 303 {
            break page;
        }
        done += 1;
        assert!(done < 2_000, "it may not grow and everything is still written");
    };
    assert!(full.status == 503 && full.words().contains("Ổ đĩa đã đầy"), "{}", full.words());
    assert_eq!(notes(app.db()).await.len(), done);
    limit("pragma max_page_count = 4294967294").await.unwrap();
    let page =
        officer.post(&format!("{task}/note"), &[("unit", UNIT), ("reason", &format!("ghi {done} {long}"))]).await;
    let _ = page.expect(303);
    assert_eq!(notes(app.db()).await.len(), done + 1);
}

/// A free port below those that the system gives to connections (RFC 6335: from 49152, Linux: from 32768). One of them
/// could be taken while the server is away, even by somebody who is trying to reach it.
fn quiet_port() -> u16 {
    let is_free = |port: &u16| std::net::TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let first = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    (first..first + 2_000).find(is_free).unwrap()
}

/// A PostgreSQL server of one's own, to be ended while people work.
struct Postgres {
    binaries: PathBuf,
    folder: tempfile::TempDir,
    url: String,
}

impl Postgres {
    fn start() -> Option<Self> {
        let Some(binaries) = std::env::var_os("VX_TEST_POSTGRES_BIN") else {
            println!("skipped: VX_TEST_POSTGRES_BIN names no folder; `cargo xtask test` does");
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let port = quiet_port();
        let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
        let server = Self { binaries: binaries.into(), folder, url };
        if is_root() {
            let who = if Command::new("id").args(["-u", "postgres"]).output().unwrap().status.success() {
                "postgres"
            } else {
                "nobody"
            };
            assert!(Command::new("chown").arg(who).arg(server.folder.path()).status().unwrap().success());
        }
        server.run("initdb", &["-U", "postgres", "-E", "UTF8", "--locale=C", "-A", "trust", "--no-sync"]);
        let sockets = server.folder.path().display();
        let options =
            format!("-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={sockets} -c fsync=on");
        server.run("pg_ctl", &["-w", "-t", "60", "-l", "/dev/null", "-o", &options, "start"]);
        Some(server)
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = if is_root() {
            let user = if Command::new("id").args(["-u", "postgres"]).output().unwrap().status.success() {
                "postgres"
            } else {
                "nobody"
            };
            let mut command = Command::new("runuser");
            command.args(["-u", user, "--"]).arg(self.binaries.join(program));
            command
        } else {
            Command::new(self.binaries.join(program))
        };
        command.arg("-D").arg(self.folder.path().join("data")).args(arguments).current_dir("/");
        let status = command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).status().unwrap();
        assert!(status.success(), "{program} {arguments:?}");
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        self.run("pg_ctl", &["-w", "-m", "immediate", "stop"]);
    }
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgres_restarted_under_load_is_a_pause_and_nothing_more() {
    let Some(server) = tokio::task::spawn_blocking(Postgres::start).await.unwrap() else { return };
    let url = dialect::create_database(&server.url, "vx").await.unwrap();
    let place = Place { options: StoreOptions { url, tenant: "soc-trang".to_owned() }, ..Place::sqlite() };
    prepared(&place).await;
    let db = looking(&place).await;
    let work = Work::new(1_500, tasks(&db, UNIT, OPEN).await);
    db.close().await;
    let served = Served::start(BINARY, &place, &[]);
    let officer = Remote::sign_in(served.address, OFFICER, demo::PASSWORD).await;
    let people = work.by_many(8, &officer);
    let server = Arc::new(server);
    // As a crash, as an orderly restart, and as connections that an administrator ends. The server stays away until
    // somebody was told so.
    let control = async |arguments: &'static [&'static str]| {
        let server = server.clone();
        tokio::task::spawn_blocking(move || server.run("pg_ctl", arguments)).await.unwrap();
    };
    for (n, stop) in
        [(150, &["-w", "-t", "60", "-m", "immediate", "stop"]), (500, &["-w", "-t", "60", "-m", "fast", "stop"])]
    {
        work.until_answered(n).await;
        control(stop).await;
        work.until_told_later().await;
        // Starts it with the options that it had.
        control(&["-w", "-t", "60", "-l", "/dev/null", "restart"]).await;
    }
    for n in [800, 900, 1_000] {
        work.until_answered(n).await;
        let other = Db::open(&place.options, Clock::Real).await.unwrap();
        let ended = "select count(pg_terminate_backend(pid)) as n from pg_stat_activity
                     where application_name = 'vungxanh' and pid <> pg_backend_pid() and $1 <> ''";
        assert!(count(&other, ended).await > 0);
        other.close().await;
    }
    all(people).await;
    assert!(work.told_later.load(SeqCst) > 0, "people were told to come later");
    let db = looking(&place).await;
    let written = notes(&db).await;
    assert_eq!((written.len(), work.n_answered()), (1_500, 1_500));
    assert!(written.values().all(|n| *n == 1), "none lost, none twice");
    assert_eq!(Remote::stranger(served.observed).get("/readyz").await.unwrap().status, 200);
    db.close().await;
}

#[tokio::test]
async fn a_clock_set_back_an_hour_loses_and_doubles_nothing() {
    for place in Place::all().await {
        let (app, clock) = seeded(&place).await;
        let officer = Client::sign_in(&app, OFFICER, demo::PASSWORD).await;
        let task = tasks(app.db(), UNIT, OPEN).await.remove(0);
        let (note, key) = (format!("{task}/note"), Uuid::now_v7());
        let fields = [("unit", UNIT), ("reason", "ghi trước")];
        let _ = officer.post_keyed(&note, key, &fields, &[]).await.expect(303);
        clock.set(clock.now() - SignedDuration::from_hours(1));
        // The session holds, the same form does nothing twice, and what is new stands on top.
        let _ = officer.post_keyed(&note, key, &fields, &[]).await.expect(303);
        let _ = officer.post(&note, &[("unit", UNIT), ("reason", "ghi sau")]).await.expect(303);
        let words = officer.get(&task).await.expect(200).words();
        let (newer, older) = (words.find("ghi sau").unwrap(), words.find("ghi trước").unwrap());
        assert!(newer < older, "the history keeps the order in which things were done");
        assert!(notes(app.db()).await.values().all(|n| *n == 1));
        // Somebody who signs in now stays signed in when the clock is right again.
        let another = Client::sign_in(&app, OFFICER, demo::PASSWORD).await;
        clock.set(clock.now() + SignedDuration::from_hours(1));
        let _ = another.get(&task).await.expect(200);
        let _ = officer.get(&task).await.expect(200);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_cut_in_the_middle_leaves_no_file_and_no_record() {
    for place in Place::all().await {
        prepared(&place).await;
        let db = looking(&place).await;
        let task = tasks(&db, UNIT, OPEN).await.remove(0);
        let served = Served::start(BINARY, &place, &[]);
        let officer = Remote::sign_in(served.address, OFFICER, demo::PASSWORD).await;
        let content = [b"%PDF-1.4 ".as_slice(), &[b'x'; 4_000_000]].concat();
        let (kind, body) = officer.upload(Uuid::now_v7(), &[("unit", UNIT)], "bien-ban.pdf", &content);
        let attachments = "select count(*) as n from attachment where tenant = $1";
        let before = (count(&db, attachments).await, files_below(&place.folder.path().join("files")));
        for part in [body.len() / 2, body.len() - 100] {
            let mut stream = TcpStream::connect(served.address).await.unwrap();
            let head = officer.head("POST", &format!("{task}/attach"), kind, body.len());
            stream.write_all(head.as_bytes()).await.unwrap();
            stream.write_all(&body[..part]).await.unwrap();
            // Our side says no more; the program answers that it could not read it, or hangs up.
            stream.shutdown().await.unwrap();
            if let Ok(answer) = tokio::time::timeout(PATIENCE, read_answer(&mut stream)).await.expect("it ends") {
                assert_eq!(answer.status, 422, "{answer:?}");
            }
        }
        assert_eq!((count(&db, attachments).await, files_below(&place.folder.path().join("files"))), before);
        let whole = officer.send("POST", &format!("{task}/attach"), kind, &body).await.unwrap();
        assert_eq!(whole.status, 303, "{whole:?}");
        assert_eq!(count(&db, attachments).await, before.0 + 1);
        db.close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_people_who_confirm_one_task_at_once_one_goes_through_and_the_other_is_told() {
    for place in Place::all().await {
        let (app, _) = seeded(&place).await;
        // On PostgreSQL each is served by a process of their own.
        let other = if place.options.url.starts_with("postgres:") {
            open(place.folder.path(), &place.options, app.clock().clone(), None, false).await.unwrap()
        } else {
            app.clone()
        };
        let office = Client::sign_in(&app, "vanphong", demo::PASSWORD).await;
        let chair = Client::sign_in(&other, "chutich", demo::PASSWORD).await;
        let officer = Client::sign_in(&app, OFFICER, demo::PASSWORD).await;
        for task in tasks(app.db(), UNIT, OPEN).await {
            let _ = officer.post(&format!("{task}/report"), &[("reason", "Đã làm xong")]).await.expect(303);
            let confirm = format!("{task}/confirm");
            let (one, two) = tokio::join!(office.post(&confirm, &[]), chair.post(&confirm, &[]));
            let mut both = [one, two];
            both.sort_by_key(|page| page.status);
            let [through, told] = both;
            let _ = through.expect(303);
            let told = told.expect(422);
            assert!(told.words().contains("Hoàn thành"), "{}", told.words());
        }
        let confirmed = count(
            app.db(),
            "select count(*) as n from (select record_id from journal where tenant = $1 and verb = 'tasks.confirm' group by record_id having count(*) > 1) twice",
        );
        assert_eq!(confirmed.await, 0, "none was confirmed twice");
    }
}

#[tokio::test]
async fn a_job_that_always_fails_is_set_aside_shown_and_decided_about() {
    for place in Place::all().await {
        let (app, clock) = seeded(&place).await;
        let enqueue = |body: &'static str| {
            app.db().write(move |tx| {
                Box::pin(async move { jobs::enqueue(tx, "reports.never_written", body, tx.now()).await })
            })
        };
        let (job, other) = (enqueue("một").await.unwrap(), enqueue("hai").await.unwrap());
        for _ in 0..jobs::ATTEMPTS_MAX {
            assert_eq!(jobs::run_due(&app).await.unwrap(), 2);
            clock.set(clock.now() + SignedDuration::from_hours(1));
        }
        assert_eq!(jobs::run_due(&app).await.unwrap(), 0, "set aside");
        let admin = Client::sign_in(&app, "quantri", demo::PASSWORD).await;
        let office = Client::sign_in(&app, "vanphong", demo::PASSWORD).await;
        let page = admin.get("/jobs").await.expect(200);
        assert!(page.words().contains("không có loại việc đó"), "{}", page.words());
        let overview = admin.get("/").await.expect(200);
        assert!(overview.words().contains("Có 2 việc nền của phần mềm bị lỗi"), "{}", overview.words());
        assert!(!office.get("/").await.expect(200).words().contains("việc nền"));
        let _ = office.get("/jobs").await.expect(404);
        let (retry, discard) = (format!("/jobs/{job}/retry"), format!("/jobs/{other}/discard"));
        let _ = office.post(&retry, &[]).await.expect(404);
        let settings = settings(&place);
        let report = doctor::examine(&settings, &clock, false).await;
        let of_jobs = report.all().iter().find(|checked| checked.name == "jobs").unwrap();
        assert_eq!(of_jobs.level, doctor::Level::Doubtful, "{}", report.text());

        let _ = admin.post(&discard, &[("reason", "")]).await.expect(422);
        let _ = admin.post(&discard, &[("reason", "Báo cáo này đã bỏ")]).await.expect(303);
        let _ = admin.post(&discard, &[("reason", "Lần nữa")]).await.expect(422);
        let key = Uuid::now_v7();
        let _ = admin.post_keyed(&retry, key, &[], &[]).await.expect(303);
        let _ = admin.post_keyed(&retry, key, &[], &[]).await.expect(303);
        assert!(admin.get("/jobs").await.expect(200).words().contains("Không có việc nào bị lỗi"));
        assert_eq!(jobs::run_due(&app).await.unwrap(), 1, "tried again, once");
        let verbs = "select count(*) as n from journal where tenant = $1 and record = 'job'";
        assert_eq!(count(app.db(), verbs).await, 2, "both decisions stand in the journal");
    }
}

fn settings(place: &Place) -> Settings {
    let (data, url) = (place.folder.path().display().to_string(), place.options.url.clone());
    let env = move |name: &str| match name {
        "VUNGXANH_DATA" => Some(data.clone()),
        "DATABASE_URL" if url.starts_with("postgres:") => Some(url.clone()),
        "VUNGXANH_TENANT" => Some("soc-trang".to_owned()),
        _ => None,
    };
    Settings::new(&vungxanh::settings::Given::default(), env).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_that_begin_at_once_on_one_database_both_come_up() {
    let Some(place) = Place::postgres().await else { return };
    let options = place.options.clone();
    let both = (0..4).map(|_| {
        let (options, folder) = (options.clone(), place.folder.path().to_owned());
        tokio::spawn(async move { open(&folder, &options, Clock::Real, None, false).await.map(drop) })
    });
    for opened in both.collect::<Vec<_>>() {
        opened.await.unwrap().unwrap();
    }
}

#[tokio::test]
async fn ids_of_a_new_process_sort_after_those_of_one_whose_clock_was_ahead() {
    for place in Place::all().await {
        let (app, _) = seeded(&place).await;
        let ahead = Timestamp::now() + SignedDuration::from_hours(2);
        let bytes = u64::try_from(ahead.as_millisecond()).unwrap();
        let id = Uuid::from_u128((u128::from(bytes) << 80) | (7 << 76) | (2 << 62));
        let moved = app.db().write(move |tx| {
            Box::pin(async move {
                let sql = "update journal set id = $1 where tenant = $2 and id = (select j.id from journal j where j.tenant = $3 order by j.id desc limit 1)";
                tx.change(Sql::with(sql, params![id, tx.tenant(), tx.tenant()])).await
            })
        });
        assert_eq!(moved.await.unwrap(), 1);
        app.db().close().await;
        let again = open(place.folder.path(), &place.options, Clock::Real, None, false).await.unwrap();
        assert!(vx_kernel::fresh() > id);
        again.db().close().await;
    }
}
