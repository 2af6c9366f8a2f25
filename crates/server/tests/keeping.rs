//! Moving and keeping the data, and the journal's pages: on the demo province, on every engine.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path as FilePath, PathBuf},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use vungxanh::{backup, demo, open, transfer};
use vx_concepts::{engine::execute, work::Filter};
use vx_platform::{
    Clock,
    auth::Actor,
    journal::{self, Wanted},
    params,
    store::{Db, Sql, StoreOptions, Uuid, bulk, put_setting},
    web::App,
};
use vx_tasks::{Note, store as tasks};
use vx_testkit::{Client, Place};

use crate::support::demo_on;

/// Opens what was moved or restored as the system would.
async fn start(folder: &FilePath, options: &StoreOptions) -> App {
    let clock = Clock::standing_at("2021-09-13T00:30:00Z".parse().unwrap());
    open(folder, options, clock, None, false).await.unwrap()
}

async fn sums(app: &App) -> BTreeMap<String, bulk::Sum> {
    bulk::sums(app.db()).await.unwrap()
}

async fn is_sound(app: &App) -> bool {
    journal::verify(&mut app.db().read().await.unwrap(), 1, &[]).await.unwrap().is_sound()
}

fn to(to: &str, files: Option<PathBuf>) -> transfer::Target {
    transfer::Target { to: to.to_owned(), files }
}

/// The error of a step that must not go through, in words.
fn refused<T>(outcome: anyhow::Result<T>) -> String {
    outcome.err().map(|error| format!("{error:#}")).unwrap_or_default()
}

#[tokio::test]
async fn a_province_moves_to_postgres_and_back_and_is_the_same() {
    let (place, Some(server)) = (Place::sqlite(), Place::postgres().await) else { return };
    let app = demo_on(&place).await.0;
    let before = sums(&app).await;
    assert!(before["journal"].rows > 1_000 && before["work_item"].rows > 100, "{before:?}");
    app.db().close().await;
    let mut said = Vec::new();
    transfer::run(
        place.folder.path(),
        &place.options,
        &to(&server.options.url, Some(server.folder.path().join("files"))),
        &mut said,
    )
    .await
    .unwrap();
    assert!(String::from_utf8_lossy(&said).contains("Đã chuyển xong"));
    let moved = start(server.folder.path(), &server.options).await;
    assert_eq!(sums(&moved).await, before);
    assert!(is_sound(&moved).await);
    // The moved province works: somebody signs in, opens a dispatch and reads its original.
    let office = Client::sign_in(&moved, "vanphong", demo::PASSWORD).await;
    let list = office.get("/directives?state=all").await.expect(200);
    let directive =
        list.links("/directives/").into_iter().find(|link| link.len() == "/directives/".len() + 36).unwrap();
    let _ = office.get(&format!("{directive}/file")).await.expect(200);
    let again = sums(&moved).await;
    moved.db().close().await;

    let back = tempfile::tempdir().unwrap();
    let folder = back.path().join("back");
    transfer::run(server.folder.path(), &server.options, &to(&folder.display().to_string(), None), &mut Vec::new())
        .await
        .unwrap();
    let home = start(&folder, &StoreOptions::in_folder(&folder, "soc-trang")).await;
    assert_eq!(sums(&home).await, again);
    let named = bulk::named_files(home.db()).await.unwrap();
    assert!(!named.is_empty());
    for hash in named {
        home.files().read(&hash).await.unwrap();
    }
}

#[tokio::test]
async fn a_target_with_other_data_is_refused() {
    for server in Place::all().await {
        let (place, other) = (Place::sqlite(), server);
        start(place.folder.path(), &place.options).await.db().close().await;
        let app = start(other.folder.path(), &other.options).await;
        put_setting(app.db(), "units.whole", "94").await.unwrap();
        app.db().close().await;
        let target = other.options.url.clone();
        let there = to(&folder_of(&target), None);
        let said = refused(transfer::run(place.folder.path(), &place.options, &there, &mut Vec::new()).await);
        assert!(said.contains("đã có dữ liệu khác"), "{said}");
        let here = folder_of(&place.options.url);
        let said = refused(transfer::run(place.folder.path(), &place.options, &to(&here, None), &mut Vec::new()).await);
        assert!(said.contains("chính là kho nguồn"), "{said}");
        let nowhere = StoreOptions::in_folder(&place.folder.path().join("nowhere"), "soc-trang");
        let said = refused(transfer::run(place.folder.path(), &nowhere, &to(&target, None), &mut Vec::new()).await);
        assert!(said.contains("Không có gì tại"), "{said}");
    }
}

/// A target as it is typed: the folder of an SQLite file, or the address of a server.
fn folder_of(url: &str) -> String {
    match url.strip_prefix("sqlite:") {
        Some(file) => FilePath::new(file).parent().unwrap().display().to_string(),
        None => url.to_owned(),
    }
}

/// Notes on a task, one after another, until told to stop; what was answered is kept.
fn load(app: &App, stop: Arc<AtomicBool>, answered: Arc<Mutex<Vec<String>>>) -> tokio::task::JoinHandle<()> {
    let app = app.clone();
    tokio::spawn(async move {
        let by = Actor::system("Tải", app.rights().clone());
        let all = Filter::default();
        let found = tasks::list(&mut app.db().read().await.unwrap(), &by, &all, app.clock().now(), None, 500).await;
        let task = found.unwrap().into_iter().find(|task| task.state.as_str() == "acknowledged").unwrap();
        let mut turn = 0;
        while !stop.load(Ordering::SeqCst) {
            turn += 1;
            let text = format!("Tiến độ lần {turn}");
            let note = Note { task: task.id, unit: task.path.clone(), text: text.clone() };
            execute(app.db(), &by, Uuid::now_v7(), note).await.unwrap();
            answered.lock().unwrap().push(text);
        }
    })
}

async fn noted(app: &App) -> Vec<String> {
    let system = Actor::system("Tải", app.rights().clone());
    let wanted = Wanted { person: Some("Tải".to_owned()), verb: Some("tasks.note".to_owned()), ..Wanted::default() };
    let mut conn = app.db().read().await.unwrap();
    let entries = journal::list(&mut conn, &system.reach("journal.read"), &wanted, None, 100_000).await.unwrap();
    entries.into_iter().filter_map(|entry| entry.reason).collect()
}

#[tokio::test]
async fn a_backup_under_load_has_everything_that_was_answered_before_it() {
    for place in Place::all().await {
        let app = demo_on(&place).await.0;
        let (stop, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(Mutex::new(Vec::new())));
        let work = load(&app, stop.clone(), answered.clone());
        while answered.lock().unwrap().len() < 20 {
            tokio::task::yield_now().await;
        }
        let before = answered.lock().unwrap().clone();
        let kept = tempfile::tempdir().unwrap();
        let (folder, tar) = (kept.path().join("ban-sao"), kept.path().join("ban-sao.tar"));
        for out in [&folder, &tar] {
            assert!(backup::backup(place.folder.path(), &place.options, out, &mut Vec::new()).await.unwrap());
        }
        let during = answered.lock().unwrap().len();
        stop.store(true, Ordering::SeqCst);
        work.await.unwrap();
        assert!(during > before.len(), "the work went on while the backup was made");
        let left: Vec<_> = fs::read_dir(kept.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(left.len(), 2, "nothing half done is left: {left:?}");

        for (from, targets) in [(&folder, Place::all().await), (&tar, vec![Place::sqlite()])] {
            for target in targets {
                let said = refused(
                    backup::restore(from, target.folder.path(), &other_tenant(&target.options), &mut Vec::new()).await,
                );
                assert!(said.contains("--tenant soc-trang"), "{said}");
                backup::restore(from, target.folder.path(), &target.options, &mut Vec::new()).await.unwrap();
                let restored = start(target.folder.path(), &target.options).await;
                let there = noted(&restored).await;
                assert!(before.iter().all(|text| there.contains(text)), "{} of {}", there.len(), before.len());
                assert!(is_sound(&restored).await);
                for hash in bulk::named_files(restored.db()).await.unwrap() {
                    restored.files().read(&hash).await.unwrap();
                }
                let _ = Client::sign_in(&restored, "xa.canbo", demo::PASSWORD).await.get("/inbox").await.expect(200);
                restored.db().close().await;
                let said = refused(backup::restore(from, target.folder.path(), &target.options, &mut Vec::new()).await);
                assert!(said.contains("không trống"), "{said}");
            }
        }
    }
}

fn other_tenant(options: &StoreOptions) -> StoreOptions {
    StoreOptions { tenant: "hau-giang".to_owned(), ..options.clone() }
}

fn flip(file: &FilePath, at: usize) {
    let mut bytes = fs::read(file).unwrap();
    let at = at.min(bytes.len() - 1);
    bytes[at] ^= 0x40;
    fs::write(file, bytes).unwrap();
}

fn first_file(folder: &FilePath) -> PathBuf {
    let below = fs::read_dir(folder.join("files")).unwrap().next().unwrap().unwrap().path();
    fs::read_dir(below).unwrap().next().unwrap().unwrap().path()
}

#[tokio::test]
async fn a_damaged_backup_is_found_out_and_nothing_is_restored() {
    let place = Place::sqlite();
    demo_on(&place).await.0.db().close().await;
    type Damage = fn(&FilePath);
    let cases: [(&str, Damage); 6] = [
        ("a bit of the database", |folder| flip(&folder.join("vungxanh.sqlite"), 40_000)),
        ("a bit of a file", |folder| flip(&first_file(folder), 100)),
        ("a lost file", |folder| fs::remove_file(first_file(folder)).unwrap()),
        ("a lost manifest", |folder| fs::remove_file(folder.join("manifest.json")).unwrap()),
        ("a cut manifest", |folder| {
            let text = fs::read(folder.join("manifest.json")).unwrap();
            fs::write(folder.join("manifest.json"), &text[..text.len() / 2]).unwrap();
        }),
        ("a lost database", |folder| fs::remove_file(folder.join("vungxanh.sqlite")).unwrap()),
    ];
    for (what, damage) in cases {
        let (kept, target) = (tempfile::tempdir().unwrap(), Place::sqlite());
        let folder = kept.path().join("ban-sao");
        assert!(backup::backup(place.folder.path(), &place.options, &folder, &mut Vec::new()).await.unwrap());
        damage(&folder);
        let said = refused(backup::restore(&folder, target.folder.path(), &target.options, &mut Vec::new()).await);
        assert!(said.contains("bị hỏng hoặc không đầy đủ"), "{what}: {said}");
        assert!(!target.folder.path().join("vungxanh.sqlite").exists(), "{what}");
    }
    let (kept, target) = (tempfile::tempdir().unwrap(), Place::sqlite());
    let tar = kept.path().join("ban-sao.tar");
    assert!(backup::backup(place.folder.path(), &place.options, &tar, &mut Vec::new()).await.unwrap());
    let said = refused(backup::backup(place.folder.path(), &place.options, &tar, &mut Vec::new()).await);
    assert!(said.contains("không bao giờ bị ghi đè"), "{said}");
    let bytes = fs::read(&tar).unwrap();
    fs::write(&tar, &bytes[..bytes.len() * 2 / 3]).unwrap();
    let said = refused(backup::restore(&tar, target.folder.path(), &target.options, &mut Vec::new()).await);
    assert!(said.contains("bị hỏng hoặc không đầy đủ"), "a cut archive: {said}");
    // The place is as good as empty: a whole backup still goes in.
    fs::write(&tar, &bytes).unwrap();
    backup::restore(&tar, target.folder.path(), &target.options, &mut Vec::new()).await.unwrap();
    assert!(is_sound(&start(target.folder.path(), &target.options).await).await);
}

#[tokio::test]
async fn a_restore_that_was_killed_is_run_again_and_writes_over_nothing() {
    let place = Place::sqlite();
    demo_on(&place).await.0.db().close().await;
    let kept = tempfile::tempdir().unwrap();
    let from = kept.path().join("ban-sao");
    assert!(backup::backup(place.folder.path(), &place.options, &from, &mut Vec::new()).await.unwrap());
    for target in Place::all().await {
        let folder = target.folder.path();
        fs::write(folder.join("vungxanh.toml"), "port = 8080\n").unwrap();
        // Files without the mark of a restore are somebody's data.
        let file = first_file(&from);
        let placed = folder.join("files").join(file.strip_prefix(from.join("files")).unwrap());
        fs::create_dir_all(placed.parent().unwrap()).unwrap();
        fs::copy(&file, &placed).unwrap();
        let said = refused(backup::restore(&from, folder, &target.options, &mut Vec::new()).await);
        assert!(said.contains("không trống"), "{said}");
        // As it was left by one that was killed while it put the files in their place, with part of a transfer.
        fs::create_dir_all(folder.join("restore.part").join("files")).unwrap();
        if target.options.url.starts_with("postgres:") {
            let db = Db::open(&target.options, Clock::Real).await.unwrap();
            let steps: Vec<_> = vungxanh::modules().iter().flat_map(|module| module.migrations).copied().collect();
            db.migrate(&steps).await.unwrap();
            let source = Db::open(&place.options, Clock::Real).await.unwrap();
            bulk::transfer(&source, &db, false, |_| {}).await.unwrap();
            source.close().await;
            db.close().await;
        }
        backup::restore(&from, folder, &target.options, &mut Vec::new()).await.unwrap();
        assert!(folder.join("vungxanh.toml").exists() && !folder.join("restore.part").exists());
        let restored = start(folder, &target.options).await;
        for hash in bulk::named_files(restored.db()).await.unwrap() {
            restored.files().read(&hash).await.unwrap();
        }
        restored.db().close().await;
    }
    // One that was killed when all stood in its place but the mark: it is told as done. What was written since is kept.
    for target in Place::all().await {
        let (folder, part) = (target.folder.path(), target.folder.path().join("restore.part"));
        backup::restore(&from, folder, &target.options, &mut Vec::new()).await.unwrap();
        fs::create_dir_all(&part).unwrap();
        let mut said = Vec::new();
        backup::restore(&from, folder, &target.options, &mut said).await.unwrap();
        assert!(String::from_utf8_lossy(&said).contains("khôi phục") && !part.exists());
        let restored = start(folder, &target.options).await;
        vx_platform::store::put_setting(restored.db(), "check", "1").await.unwrap();
        restored.db().close().await;
        fs::create_dir_all(&part).unwrap();
        let said = refused(backup::restore(&from, folder, &target.options, &mut Vec::new()).await);
        assert!(said.contains("không trống") || said.contains("đã có dữ liệu"), "{said}");
    }
    // A database that lies elsewhere than the folder is not written over either.
    let (target, elsewhere) = (Place::sqlite(), tempfile::tempdir().unwrap());
    let options = StoreOptions::in_folder(elsewhere.path(), "soc-trang");
    fs::write(elsewhere.path().join("vungxanh.sqlite"), "").unwrap();
    let said = refused(backup::restore(&from, target.folder.path(), &options, &mut Vec::new()).await);
    assert!(said.contains("không trống"), "{said}");
}

#[tokio::test]
async fn an_original_that_is_gone_is_told_by_the_backup() {
    let place = Place::sqlite();
    demo_on(&place).await.0.db().close().await;
    fs::remove_file(first_file(place.folder.path())).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let mut said = Vec::new();
    let out = kept.path().join("ban-sao");
    assert!(!backup::backup(place.folder.path(), &place.options, &out, &mut said).await.unwrap());
    assert!(String::from_utf8_lossy(&said).contains("không còn trong kho"));
}

#[tokio::test]
async fn a_damaged_original_is_told_by_the_transfer_and_the_others_are_brought() {
    let place = Place::sqlite();
    let app = demo_on(&place).await.0;
    let named = bulk::named_files(app.db()).await.unwrap();
    app.db().close().await;
    flip(&first_file(place.folder.path()), 100);
    let target = tempfile::tempdir().unwrap();
    let there = to(&target.path().display().to_string(), None);
    let mut said = Vec::new();
    assert!(!transfer::run(place.folder.path(), &place.options, &there, &mut said).await.unwrap());
    assert!(String::from_utf8_lossy(&said).contains("không được chuyển"));
    let moved = start(target.path(), &StoreOptions::in_folder(target.path(), "soc-trang")).await;
    let mut missing = 0;
    for hash in named {
        missing += usize::from(moved.files().read(&hash).await.is_err());
    }
    assert_eq!(missing, 1);
}

#[tokio::test]
async fn a_half_transferred_database_is_not_served() {
    for place in Place::all().await {
        let app = start(place.folder.path(), &place.options).await;
        app.db()
            .write(|tx| {
                Box::pin(async move {
                    let sql =
                        "insert into transfer_part (tenant, name, rows, sum, is_done) values ($1, 'unit', 0, '0', $2)";
                    tx.change(Sql::with(sql, params![tx.tenant(), false])).await.map(drop)
                })
            })
            .await
            .unwrap();
        app.db().close().await;
        let said = refused(open(place.folder.path(), &place.options, Clock::Real, None, false).await.map(drop));
        assert!(said.contains("dở dang"), "{said}");
    }
}

/// The address of a row of the journal's list that holds these words.
fn row_of(page: &vx_testkit::Page, words: &str) -> String {
    let row = page
        .body
        .split("<li>")
        .skip(1)
        .find(|row| row.contains(words))
        .unwrap_or_else(|| panic!("{words}: {}", page.words()));
    let link = row.split("href=\"").nth(1).unwrap();
    link.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_journal_shows_each_reader_what_lies_within_their_reach() {
    for place in Place::all().await {
        let app = demo_on(&place).await.0;
        let office = Client::sign_in(&app, "vanphong", demo::PASSWORD).await;
        let page = office.get("/journal").await.expect(200);
        assert!(page.words().contains("Trần Ngọc Lan") && page.words().contains("Xem phần cũ hơn"), "{}", page.words());
        let entry = row_of(&office.get("/journal?verb=directives.issue").await.expect(200), "Xác nhận và giao việc");
        let page = office.get(&entry).await.expect(200);
        assert!(page.words().contains("vừa kiểm tra: khớp"), "{}", page.words());
        assert!(page.words().contains("Chờ đối chiếu") && page.words().contains("Đã giao việc"), "{}", page.words());
        let record = page.links("/journal/record/").first().cloned().unwrap();
        assert!(office.get(&record).await.expect(200).words().contains("Tiếp nhận văn bản"));

        // A filter that nothing fits says so; a day that is none is refused with its field.
        assert!(office.get("/journal?q=khong-co").await.expect(200).words().contains("Không có dòng nhật ký nào khớp"));
        let _ = office.get("/journal?from=hom-nay").await.expect(422);
        let day = office.get("/journal?from=2021-09-01&until=2021-09-01").await.expect(200);
        assert!(!day.body.contains("2021-09-02T"), "only that day");
        let csv = office.get("/journal.csv?record=account").await.expect(200);
        assert!(csv.body.contains("Thời điểm;Việc đã làm") && !csv.body.contains("argon2"), "{}", csv.body);
        assert!(office.get("/journal/chain").await.expect(200).words().contains("vungxanh journal verify --expect"));

        // A district reads its own part; what is above or beside does not exist for it.
        let district = Client::sign_in(&app, "huyen.chutich", demo::PASSWORD).await;
        let page = district.get("/journal").await.expect(200);
        assert!(page.words().contains("Kế Sách") && !page.words().contains("Mỹ Xuyên"), "{}", page.words());
        let elsewhere = row_of(&office.get("/journal?verb=units.name_holder").await.expect(200), "Sở Y tế");
        let _ = district.get(&elsewhere).await.expect(404);
        // An officer has no journal, but the history of a task that is theirs.
        let officer = Client::sign_in(&app, "xa.canbo", demo::PASSWORD).await;
        let _ = officer.get("/journal").await.expect(404);
        let office_only = office.get(&elsewhere).await.expect(200).links("/journal/record/").first().cloned().unwrap();
        let _ = officer.get(&elsewhere).await.expect(404);
        let inbox = officer.get("/inbox").await.expect(200);
        let task = inbox.links("/tasks/").into_iter().find(|link| link.len() == "/tasks/".len() + 36).unwrap();
        let history = officer.get(&task).await.expect(200).links("/journal/record/").first().cloned().unwrap();
        let page = officer.get(&history).await.expect(200);
        assert!(page.words().contains("Giao việc"), "{}", page.words());
        let _ = officer.get(&format!("/journal/record/{}", Uuid::now_v7())).await.expect(404);
        let older = format!("{}?before={}", office_only, Uuid::now_v7());
        let _ = office.get(&older).await.expect(200);
        let _ = officer.get(&older).await.expect(404);

        // Personal fields are for those who may see them; who only observes learns that they changed.
        let phone = row_of(&office.get("/journal?verb=units.name_holder").await.expect(200), "Chủ tịch UBND tỉnh");
        assert!(office.get(&phone).await.expect(200).words().contains("0299 000 1001"));
        let observer = Client::sign_in(&app, "theodoi", demo::PASSWORD).await;
        let seen = observer.get(&phone).await.expect(200).words();
        assert!(seen.contains("(thông tin cá nhân)") && !seen.contains("0299 000 1001"), "{seen}");
    }
}

#[tokio::test]
async fn a_tampered_row_is_told_on_its_page_and_by_the_command() {
    for place in Place::all().await {
        let app = demo_on(&place).await.0;
        let office = Client::sign_in(&app, "vanphong", demo::PASSWORD).await;
        let entry = row_of(&office.get("/journal?verb=directives.issue").await.expect(200), "Xác nhận và giao việc");
        let id: Uuid = entry.rsplit('/').next().unwrap().parse().unwrap();
        app.db()
            .write(move |tx| {
                Box::pin(async move {
                    let sql = "update journal set actor_name = 'Người khác' where tenant = $1 and id = $2";
                    tx.change(Sql::with(sql, params![tx.tenant(), id])).await.map(drop)
                })
            })
            .await
            .unwrap();
        assert!(office.get(&entry).await.expect(200).words().contains("KHÔNG còn khớp niêm phong"));
        let verdict = journal::verify(&mut app.db().read().await.unwrap(), 1, &[]).await.unwrap();
        let said = vungxanh::journal::report(&app, vx_kernel::time::Lang::Vi, &verdict);
        assert!(said.contains(&id.to_string()) && said.contains("đã bị sửa") && said.contains("CAN THIỆP"), "{said}");
        let said = vungxanh::journal::report(&app, vx_kernel::time::Lang::En, &verdict);
        assert!(said.contains("was changed"), "{said}");
    }
}

#[tokio::test]
async fn every_register_and_every_field_of_it_has_a_name_in_the_journal() {
    let place = Place::sqlite();
    let app = open(place.folder.path(), &place.options, Clock::Real, None, false).await.unwrap();
    let lines = vx_platform::store::dialect::schema_lines(&mut app.db().read().await.unwrap()).await.unwrap();
    let columns: Vec<(&str, &str)> = lines.iter().filter_map(|line| line.split(' ').next()?.split_once('.')).collect();
    let is_register =
        |table: &str| ["path", "version", "created_at", "updated_at"].iter().all(|own| columns.contains(&(table, own)));
    let hidden = [
        "tenant",
        "id",
        "version",
        "created_at",
        "updated_at",
        "password",
        "folded",
        "due_sort",
        "identity",
        "required",
        "sha256",
        "file_sha256",
        "facts",
        "label_key",
        "issuer_key",
        "name_key",
        "subject_key",
        "hash",
        "changes",
        "draft",
        "files",
        "body",
        "step_at",
        "secret",
        "last_step",
        "recovery",
    ];
    let mut missing: Vec<String> = Vec::new();
    for (table, column) in columns.iter().filter(|(table, column)| is_register(table) && !hidden.contains(column)) {
        if !app.words().has(vx_kernel::time::Lang::Vi, &format!("journal-field-{}", column.replace('_', "-"))) {
            missing.push(format!("{table}.{column}"));
        }
    }
    assert!(missing.is_empty(), "fields without a name in crates/boards/words.*.ftl: {missing:?}");
    let tables: BTreeSet<&str> = columns.iter().map(|(table, _)| *table).filter(|table| is_register(table)).collect();
    let is_named = |table: &&&str| {
        app.words().has(vx_kernel::time::Lang::Vi, &format!("journal-kind-{}", table.replace('_', "-")))
    };
    let nameless: Vec<&&str> = tables.iter().filter(|table| !is_named(table)).collect();
    assert!(nameless.is_empty(), "records without a name in crates/boards/words.*.ftl: {nameless:?}");
}
