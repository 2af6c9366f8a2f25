//! What whoever runs the program sees: its command line, its settings, what it says about itself.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use jiff::SignedDuration;
use serde_json::Value as Json;
use vungxanh::{
    demo, doctor, open,
    settings::{Given, Settings, page},
};
use vx_platform::{
    Clock,
    store::{Sql, content_hashes},
};
use vx_testkit::{
    Client, Place,
    process::{Remote, Served},
};

const BINARY: &str = env!("CARGO_BIN_EXE_vungxanh");

#[test]
fn the_page_of_settings_is_made_from_the_list() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    if std::env::var_os("VX_BLESS").is_some() {
        std::fs::write(&file, page()).unwrap();
    }
    let there = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(there == page(), "docs/settings.md differs; `cargo xtask bless -p vungxanh` rewrites it");
}

fn call(folder: &Path, arguments: &[&str], input: &str) -> (i32, String, String) {
    let mut command = Command::new(BINARY);
    command.args(arguments).arg("--data").arg(folder).current_dir(folder.parent().unwrap());
    for name in ["VUNGXANH_DATA", "DATABASE_URL", "VUNGXANH_CONFIG", "VUNGXANH_TENANT"] {
        command.env_remove(name);
    }
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that reads nothing may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

#[test]
fn the_command_line_from_an_empty_folder_to_an_administrator() {
    let place = Place::sqlite();
    let folder = place.folder.path().join("data");
    let run = |arguments: &[&str]| call(&folder, arguments, "");
    let (code, out, _) = run(&["migrate", "--check"]);
    assert!(code == 1 && out.contains("platform/0001_base") && out.contains("tasks/0001_work"), "{out}");
    assert!(!folder.exists(), "looking makes nothing");
    let (code, out, _) = run(&["doctor"]);
    assert!(code == 2 && out.contains("vungxanh admin create"), "{out}");
    let (code, out, _) = run(&["migrate"]);
    assert!(code == 0 && out.contains("platform/0001_base"), "{out}");
    let (code, out, _) = run(&["migrate", "--check"]);
    assert!(code == 0 && out.contains("đúng phiên bản"), "{out}");

    let create = ["admin", "create", "--login", "quantri", "--name", "Phạm Văn Quản", "--province", "94"];
    let (code, _, error) = call(&folder, &create, "ngắn\n");
    assert!(code != 0 && error.contains("Mật khẩu quá ngắn"), "{error}");
    let (code, out, error) = call(&folder, &create, "một câu đủ dài\n");
    assert!(code == 0 && out.contains("quantri"), "{out}{error}");
    let (code, out, error) = run(&["admin", "grant", "--login", "quantri", "--role", "observer", "--unit", "94.syt"]);
    assert!(code == 0, "{out}{error}");
    let (_, out, _) = run(&["admin", "list"]);
    assert!(out.contains("Phạm Văn Quản") && out.contains("observer 94/94.syt/") && out.contains("admin "), "{out}");
    assert_eq!(run(&["doctor", "--free-min-mb", "0"]).0, 0);

    let (code, out, _) = run(&["admin", "reset-password", "--login", "quantri"]);
    let password = out.trim().rsplit(' ').next().unwrap();
    assert!(code == 0 && password.len() == 19, "{out}");
    let (code, out, _) = run(&["doctor", "--json", "--free-min-mb", "0"]);
    let report: Json = serde_json::from_str(&out).unwrap();
    let passwords = report["checks"].as_array().unwrap().iter().find(|check| check["name"] == "passwords").unwrap();
    assert_eq!((code, passwords["level"].as_str()), (1, Some("doubtful")), "{out}");
    for (arguments, said) in [
        (["admin", "unlock", "--login", "quantri"].as_slice(), "không bị khóa"),
        (&["admin", "close", "--login", "quantri", "--reason", "nghỉ"], "quản trị"),
        (&["admin", "reset-password", "--login", "khong-co"], "vungxanh admin list"),
        (&["admin", "grant", "--login", "quantri", "--role", "admin", "--unit", "khong-co"], "Không có đơn vị"),
    ] {
        let (code, _, error) = run(arguments);
        assert!(code != 0 && error.contains(said), "{arguments:?}: {error}");
    }
}

#[tokio::test]
async fn a_command_that_only_reads_leaves_data_of_an_older_version_alone() {
    let place = Place::sqlite();
    let app = open(place.folder.path(), &place.options, Clock::Real, None, false).await.unwrap();
    app.db()
        .write(|tx| {
            Box::pin(async move {
                let sql = "delete from schema_step where tenant = '*' and name = 'platform/0003_api_token'";
                tx.change(Sql::new(sql)).await.map(drop)
            })
        })
        .await
        .unwrap();
    app.db().close().await;
    let run = |arguments: &[&str]| call(place.folder.path(), &[arguments, &["--tenant", "soc-trang"]].concat(), "");
    for arguments in [
        ["units", "show", "94"].as_slice(),
        &["units", "export"],
        &["admin", "list"],
        &["journal", "verify"],
        &["journal", "head"],
    ] {
        let (code, _, error) = run(arguments);
        assert!(code != 0 && error.contains("phiên bản phần mềm cũ hơn"), "{arguments:?}: {error}");
    }
    let (code, out, _) = run(&["migrate", "--check"]);
    assert!(code == 1 && out.contains("platform/0003_api_token"), "nothing was migrated: {out}");
}

#[test]
fn settings_say_where_they_come_from_and_a_misspelt_one_is_found() {
    let place = Place::sqlite();
    std::fs::write(place.folder.path().join("vungxanh.toml"), "stop_secs = 7\n").unwrap();
    let (code, out, _) = call(place.folder.path(), &["settings", "--port", "99"], "");
    let line = |name: &str| out.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert_eq!(code, 0);
    assert!(line("port").contains("99") && line("port").ends_with("command line"), "{out}");
    assert!(line("stop_secs").contains(" 7 ") && line("stop_secs").ends_with("vungxanh.toml:1"), "{out}");
    assert!(line("host").ends_with("default"), "{out}");
    std::fs::write(place.folder.path().join("vungxanh.toml"), "# giờ\nstop_sec = 7\n").unwrap();
    let (code, _, error) = call(place.folder.path(), &["serve"], "");
    assert!(code != 0 && error.contains("vungxanh.toml:2:") && error.contains("“stop_secs”"), "{error}");
}

fn settings(place: &Place) -> Settings {
    let (data, url) = (place.folder.path().display().to_string(), place.options.url.clone());
    let env = move |name: &str| match name {
        "VUNGXANH_DATA" => Some(data.clone()),
        "DATABASE_URL" if url.starts_with("postgres:") => Some(url.clone()),
        "VUNGXANH_TENANT" => Some("soc-trang".to_owned()),
        "VUNGXANH_FREE_MIN_MB" => Some("0".to_owned()),
        _ => None,
    };
    Settings::new(&Given::default(), env).unwrap()
}

#[tokio::test]
async fn doctor_finds_what_is_wrong_and_changes_nothing() {
    for place in Place::all().await {
        let settings = settings(&place);
        let clock = Clock::standing_at("2021-09-10T02:00:00Z".parse().unwrap());
        let app = open(place.folder.path(), &place.options, clock.clone(), None, false).await.unwrap();
        demo::people(&app).await.unwrap();
        let level = |report: &doctor::Report, name: &str| {
            report.all().iter().find(|checked| checked.name == name).map(|checked| checked.level)
        };
        let office = Client::sign_in(&app, "vanphong", demo::PASSWORD).await;
        let file = [("file", "a.txt", "Không phải văn bản chỉ đạo".as_bytes())];
        let _ =
            office.post_keyed("/directives/upload", vx_platform::store::Uuid::now_v7(), &[], &file).await.expect(303);
        let report = doctor::examine(&settings, &clock, true).await;
        assert_eq!(report.exit_code(), 0, "{}", report.text());
        for name in ["folder", "engine", "schema", "clock", "jobs", "administrator", "passwords", "files", "time_zone"]
        {
            assert_eq!(level(&report, name), Some(doctor::Level::Fine), "{name}: {}", report.text());
        }

        let hashes = content_hashes(&mut app.db().read().await.unwrap(), None).await.unwrap();
        let [(table, hash)] = hashes.try_into().unwrap();
        assert_eq!(table, "directive");
        let name = vx_platform::store::migrate::hex(&hash);
        let kept = place.folder.path().join("files").join(&name[..2]).join(&name);
        let whole = std::fs::read(&kept).unwrap();
        std::fs::write(&kept, b"something else").unwrap();
        let report = doctor::examine(&settings, &clock, false).await;
        assert!(report.exit_code() == 2 && report.text().contains(&name), "{}", report.text());
        std::fs::remove_file(&kept).unwrap();
        assert_eq!(level(&doctor::examine(&settings, &clock, false).await, "files"), Some(doctor::Level::Wrong));
        std::fs::write(&kept, whole).unwrap();

        clock.set(clock.now() - SignedDuration::from_hours(1));
        let report = doctor::examine(&settings, &clock, false).await;
        assert_eq!(level(&report, "clock"), Some(doctor::Level::Wrong), "{}", report.text());
        app.db().close().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_request_is_a_line_and_a_figure_without_what_was_typed() {
    for place in Place::all().await {
        let clock = Clock::standing_at("2021-09-10T02:00:00Z".parse().unwrap());
        let app = open(place.folder.path(), &place.options, clock, None, false).await.unwrap();
        demo::people(&app).await.unwrap();
        app.db().close().await;
        let mut served = Served::start(BINARY, &place, &[]);
        let office = Remote::sign_in(served.address, "vanphong", demo::PASSWORD).await;
        let operator = Remote::stranger(served.observed);
        let secret = "nguoi-benh-tran-van-a";
        let found = office.get(&format!("/search?q={secret}")).await.unwrap();
        let id = "01a213f9-965b-7583-9add-0a2cc984ae35";
        let missing = office.get(&format!("/tasks/{id}?q={secret}")).await.unwrap();
        let nowhere = office.get("/khong-co").await.unwrap();
        assert_eq!((found.status, missing.status, nowhere.status), (200, 404, 404));
        // The number on the page of an error is the one in the header and in the log.
        let problem: Json = serde_json::from_str(&missing.body).unwrap();
        assert_eq!(problem["reference"].as_str(), missing.header("x-request-id"), "{problem}");

        // Figures and reasons are not on the site's own address.
        assert_eq!(office.get("/metrics").await.unwrap().status, 404);
        assert_eq!(office.get("/healthz").await.unwrap().body, "ok");
        assert_eq!(office.get("/readyz").await.unwrap().body, "ready");
        let ready: Json = serde_json::from_str(&operator.get("/readyz").await.unwrap().body).unwrap();
        assert_eq!(ready, serde_json::json!({ "ready": true, "reasons": [] }));
        let figures = operator.get("/metrics").await.unwrap().body;
        for line in [
            "vungxanh_http_requests_total{method=\"GET\",route=\"/search\",status=\"200\"} 1",
            "vungxanh_http_requests_total{method=\"GET\",route=\"/tasks/{id}\",status=\"404\"} 1",
            "vungxanh_http_duration_seconds_count{method=\"GET\",route=\"/search\"} 1",
            "vungxanh_sessions 1",
            "vungxanh_jobs{of=\"set_aside\"} 0",
            "vungxanh_writer_waiting 0",
            "vungxanh_build{version=",
            "vungxanh_memory_bytes ",
            "vungxanh_free_bytes ",
            "vungxanh_connections{of=\"read\"}",
            "vungxanh_journal_rows_total 1",
            "vungxanh_writer_group_bucket",
        ] {
            assert!(figures.contains(line), "{line} is not in:\n{figures}");
        }

        served.ask_to_stop();
        assert_eq!(served.exit_code(), 0);
        let log = served.log_text();
        assert!(!log.contains(secret) && !log.contains(id) && !figures.contains(secret), "{log}");
        let lines: Vec<Json> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        for (answer, route) in [(&found, "/search"), (&missing, "/tasks/{id}"), (&nowhere, "none")] {
            let number = answer.header("x-request-id").unwrap();
            let of: Vec<_> =
                lines.iter().filter(|line| line["request"] == number && line["route"].is_string()).collect();
            let [line] = of[..] else { panic!("{route} has {} lines", of.len()) };
            assert_eq!((line["route"].as_str(), line["method"].as_str()), (Some(route), Some("GET")), "{line}");
            assert!(line["status"] == answer.status && line["ms"].is_number(), "{line}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn callers_are_told_apart_behind_a_trusted_proxy_only() {
    let place = Place::sqlite();
    for (trusted, told_apart) in [("127.0.0.1", true), ("10.0.0.1", false)] {
        let served = Served::start(BINARY, &place, &["--trusted-proxies", trusted]);
        let stranger = Remote::stranger(served.address);
        let from = |caller: &'static str| {
            let stranger = stranger.clone();
            async move {
                stranger.send("GET", "/login", &format!("x-forwarded-for: {caller}\r\n"), b"").await.unwrap().status
            }
        };
        let mut tries = 0;
        while from("198.51.100.1").await != 429 {
            tries += 1;
            assert!(tries < 2_000, "no limit");
        }
        // Fewer than one caller may ask at once; a single one might fall into the moment when one is let through again.
        let mut let_in = 0;
        for _ in 0..50 {
            let_in += usize::from(from("198.51.100.2").await == 200);
        }
        assert_eq!(let_in == 50, told_apart, "trusted: {trusted}: {let_in}");
    }
}
