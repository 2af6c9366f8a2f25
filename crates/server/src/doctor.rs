//! `vungxanh doctor`: looks at an installation, says what is fine, doubtful or wrong and what to do. Changes nothing.

use std::{io::Write as _, path::Path};

use serde_json::json;
use vx_foundation::accounts;
use vx_kernel::{Problem, time::Lang};
use vx_platform::{
    Clock,
    files::{Files, free_bytes},
    jobs, journal,
    store::{Db, Engine, content_hashes, dialect, migrate::hex},
    web::{App, AppParts},
    words::Words,
};

use crate::{modules, settings::Settings};

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Level {
    /// As it should be.
    Fine,
    /// To be looked at.
    Doubtful,
    /// To be mended.
    Wrong,
}

impl Level {
    fn said(self) -> (&'static str, &'static str) {
        match self {
            Self::Fine => ("ổn", "fine"),
            Self::Doubtful => ("cần xem", "doubtful"),
            Self::Wrong => ("hỏng", "wrong"),
        }
    }
}

/// A text in Vietnamese and in English.
type Said = (String, String);

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Checked {
    /// What, as a stable word.
    pub name: &'static str,
    /// How it came out.
    pub level: Level,
    /// What was seen.
    pub seen: Said,
    /// What to do now.
    pub todo: Option<Said>,
}

/// All that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Report(Vec<Checked>);

fn said(vi: impl Into<String>, en: impl Into<String>) -> Said {
    (vi.into(), en.into())
}

impl Report {
    fn fine(&mut self, name: &'static str, seen: Said) {
        self.0.push(Checked { name, level: Level::Fine, seen, todo: None });
    }
    fn not_fine(&mut self, name: &'static str, level: Level, seen: Said, todo: Said) {
        self.0.push(Checked { name, level, seen, todo: Some(todo) });
    }
    /// A question to the database that it did not answer.
    fn unanswered(&mut self, name: &'static str, problem: &Problem) {
        let words = Words::new(modules().iter().map(|module| module.texts));
        let (seen, todo) = words.map_or_else(
            |_| (said(problem.chain(), problem.chain()), said("", "")),
            |words| {
                let ((vi, todo_vi), (en, todo_en)) =
                    (words.problem(Lang::Vi, problem), words.problem(Lang::En, problem));
                (said(format!("{vi} ({})", problem.chain()), en), said(todo_vi, todo_en))
            },
        );
        self.not_fine(name, Level::Wrong, seen, todo);
    }

    /// What was looked at.
    #[must_use]
    pub fn all(&self) -> &[Checked] {
        &self.0
    }

    /// The worst of it: 0 fine, 1 doubtful, 2 wrong.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.0.iter().map(|checked| checked.level).max() {
            None | Some(Level::Fine) => 0,
            Some(Level::Doubtful) => 1,
            Some(Level::Wrong) => 2,
        }
    }

    /// For people: a paragraph for each, the English below the Vietnamese.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for checked in &self.0 {
            let (vi, en) = checked.level.said();
            out.push_str(&format!("[{vi}] {}: {}\n", checked.name, checked.seen.0));
            if let Some((todo, _)) = &checked.todo {
                out.push_str(&format!("    → {todo}\n"));
            }
            out.push_str(&format!("    [{en}] {}\n", checked.seen.1));
            if let Some((_, todo)) = &checked.todo {
                out.push_str(&format!("    → {todo}\n"));
            }
        }
        let n = |level| self.0.iter().filter(|checked| checked.level == level).count();
        let (fine, doubtful, wrong) = (n(Level::Fine), n(Level::Doubtful), n(Level::Wrong));
        out.push_str(&format!(
            "\n{fine} ổn, {doubtful} cần xem, {wrong} hỏng. / {fine} fine, {doubtful} doubtful, {wrong} wrong.\n"
        ));
        out
    }

    /// For machines.
    #[must_use]
    pub fn json(&self) -> String {
        let checks = self.0.iter().map(|checked| {
            json!({
                "name": checked.name, "level": checked.level.said().1,
                "vi": checked.seen.0, "en": checked.seen.1,
                "todo_vi": checked.todo.as_ref().map(|todo| &todo.0), "todo_en": checked.todo.as_ref().map(|todo| &todo.1),
            })
        });
        json!({ "exit_code": self.exit_code(), "checks": checks.collect::<Vec<_>>() }).to_string()
    }
}

/// Looks at the installation that the settings name; reads every file when `all`, else the newest.
pub async fn examine(settings: &Settings, clock: &Clock, all: bool) -> Report {
    let mut report = Report::default();
    folder(&mut report, settings);
    front(&mut report, settings);
    zone(&mut report);
    let sqlite = settings.data.join("vungxanh.sqlite");
    if settings.database_url.is_none() && !sqlite.is_file() {
        let place = sqlite.display();
        report.not_fine(
            "database",
            Level::Wrong,
            said(format!("chưa có dữ liệu tại {place}"), format!("there are no data at {place}")),
            said(
                "Kiểm tra --data; nếu cài lần đầu, chạy: vungxanh admin create",
                "Check --data; on a first installation run: vungxanh admin create",
            ),
        );
        return report;
    }
    match Db::open(&settings.store(), clock.clone()).await {
        Ok(db) => {
            if let Err(problem) = database(&mut report, settings, db.clone(), clock, all).await {
                report.unanswered("database", &problem);
            }
            db.close().await;
        }
        Err(problem) => report.unanswered("database", &problem),
    }
    report
}

fn folder(report: &mut Report, settings: &Settings) {
    let place = settings.data.display();
    let probe = settings.data.join(".doctor");
    let written =
        std::fs::File::create(&probe).and_then(|mut file| file.write_all(b"ok").and_then(|()| file.sync_all()));
    let _ = std::fs::remove_file(&probe);
    match written {
        Ok(()) => report.fine("folder", said(format!("ghi được vào {place}"), format!("{place} can be written"))),
        Err(error) => report.not_fine(
            "folder",
            Level::Wrong,
            said(format!("không ghi được vào {place}: {error}"), format!("{place} cannot be written: {error}")),
            said(
                "Kiểm tra thư mục có tồn tại, quyền của tài khoản chạy phần mềm và dung lượng ổ đĩa.",
                "See that the folder is there, that the account of the program may write to it, and that there is room.",
            ),
        ),
    }
    let Some(free) = free_bytes(&settings.data) else { return };
    let (mb, min) = (free / 1024 / 1024, settings.front.free_min / 1024 / 1024);
    let seen = said(format!("còn trống {mb} MB"), format!("{mb} MB are free"));
    let todo = said(
        format!("Giải phóng hoặc mở rộng ổ đĩa; cần ít nhất {min} MB (free_min_mb), nên có gấp bốn."),
        format!("Make room; {min} MB are the least (free_min_mb), four times as much is better."),
    );
    match free {
        _ if free < settings.front.free_min => report.not_fine("disk", Level::Wrong, seen, todo),
        _ if free / 4 < settings.front.free_min => report.not_fine("disk", Level::Doubtful, seen, todo),
        _ => report.fine("disk", seen),
    }
}

fn front(report: &mut Report, settings: &Settings) {
    let has_proxy = *settings.origin("trusted_proxies") != crate::settings::Origin::Default;
    if !settings.https && !settings.listen.ip().is_loopback() {
        report.not_fine(
            "https",
            Level::Doubtful,
            said(
                format!("lắng nghe ở {} không có HTTPS: mật khẩu đi qua mạng không được mã hóa", settings.listen),
                format!("listens on {} without HTTPS: passwords cross the network in the clear", settings.listen),
            ),
            said(
                "Đặt một proxy có HTTPS đứng trước, đặt https = true và để host = 127.0.0.1.",
                "Put a proxy with HTTPS in front, set https = true and leave host = 127.0.0.1.",
            ),
        );
    } else if (settings.https || settings.listen.ip().is_loopback()) && settings.https != has_proxy {
        report.not_fine(
            "https",
            Level::Doubtful,
            said(
                "chỉ một trong hai mục https và trusted_proxies được đặt: giới hạn số lần gọi sẽ tính mọi người là một địa chỉ, hoặc cookie không được bảo vệ",
                "only one of https and trusted_proxies is set: rate limits take everybody for one caller, or cookies are not protected",
            ),
            said(
                "Sau proxy có HTTPS, đặt cả https = true và trusted_proxies là địa chỉ của proxy.",
                "Behind a proxy with HTTPS set both: https = true, and trusted_proxies to the proxy's address.",
            ),
        );
    } else {
        report.fine("https", said("cấu hình HTTPS và proxy nhất quán", "the settings of HTTPS and proxy fit together"));
    }
    match settings.observe {
        Some(address) if !address.ip().is_loopback() => report.not_fine(
            "observe",
            Level::Doubtful,
            said(
                format!("số liệu vận hành mở ở {address}, ai vào được mạng này đều đọc được"),
                format!("figures are open on {address} to whoever reaches that network"),
            ),
            said("Dùng 127.0.0.1, hoặc chặn bằng tường lửa.", "Use 127.0.0.1, or close it by a firewall."),
        ),
        Some(address) => report.fine("observe", said(format!("số liệu ở {address}"), format!("figures on {address}"))),
        None => {}
    }
}

fn zone(report: &mut Report) {
    match jiff::tz::TimeZone::get("Asia/Ho_Chi_Minh") {
        Ok(_) => report.fine("time_zone", said("giờ Việt Nam (UTC+7)", "Viet Nam's time (UTC+7)")),
        Err(error) => report.not_fine(
            "time_zone",
            Level::Wrong,
            said(format!("không có múi giờ Asia/Ho_Chi_Minh: {error}"), format!("no zone Asia/Ho_Chi_Minh: {error}")),
            said("Cài gói tzdata của hệ điều hành.", "Install the system's package tzdata."),
        ),
    }
}

async fn database(report: &mut Report, settings: &Settings, db: Db, clock: &Clock, all: bool) -> Result<(), Problem> {
    let mut conn = db.read().await?;
    let version = dialect::version(&mut conn).await?;
    let major: u32 = version.split([' ', '.']).nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    if db.engine() == Engine::Postgres && major < 13 {
        report.not_fine(
            "engine",
            Level::Doubtful,
            said(format!("{version}: bản này đã hết hạn bảo trì"), format!("{version}: no longer maintained")),
            said("Nâng cấp PostgreSQL lên bản 13 trở lên.", "Upgrade PostgreSQL to 13 or later."),
        );
    } else {
        report.fine("engine", said(version.clone(), version));
    }
    let modules = modules();
    let steps: Vec<_> = modules.iter().flat_map(|module| module.migrations).copied().collect();
    let missing = db.missing_steps(&steps).await?;
    if !missing.is_empty() {
        let n = missing.len();
        report.not_fine(
            "schema",
            Level::Doubtful,
            said(
                format!("{n} bước cập nhật cấu trúc dữ liệu chưa chạy; chưa kiểm tra được nội dung"),
                format!("{n} steps of the schema were not run; the content cannot be checked yet"),
            ),
            said("Sao lưu, rồi chạy: vungxanh migrate", "Make a backup, then run: vungxanh migrate"),
        );
        return Ok(());
    }
    report.fine("schema", said("cấu trúc dữ liệu đúng phiên bản", "the schema is up to date"));
    let files = Files::in_folder(&settings.data.join("files"));
    let parts = AppParts { db, clock: clock.clone(), files, modules, demo: None, secure_cookies: settings.https };
    let app = App::new(parts).map_err(Problem::internal)?;
    drop(conn);
    content(report, &app, all).await
}

async fn content(report: &mut Report, app: &App, all: bool) -> Result<(), Problem> {
    let now = app.clock().now();
    let mut conn = app.db().read().await?;
    match journal::newest(&mut conn).await? {
        Some((_, at)) if at.duration_since(now).as_mins() >= 5 => report.not_fine(
            "clock",
            Level::Wrong,
            said(
                format!("đồng hồ máy ({now}) chậm hơn dòng nhật ký mới nhất ({at})"),
                format!("the clock ({now}) is behind the newest journal row ({at})"),
            ),
            said("Bật đồng bộ giờ (NTP) rồi kiểm tra lại.", "Turn on time synchronisation (NTP) and look again."),
        ),
        _ => report.fine("clock", said("đồng hồ máy khớp với nhật ký", "the clock fits the journal")),
    }
    let counted = jobs::counts(&mut conn, now).await?;
    if counted.set_aside > 0 {
        let n = counted.set_aside;
        report.not_fine(
            "jobs",
            Level::Doubtful,
            said(format!("{n} việc nền bị lỗi, chờ xử lý"), format!("{n} jobs were set aside after failing")),
            said("Quản trị hệ thống mở trang Việc nền (/jobs).", "An administrator opens the page /jobs."),
        );
    } else if counted.oldest_secs > 900 {
        let mins = counted.oldest_secs / 60;
        report.not_fine(
            "jobs",
            Level::Doubtful,
            said(format!("có việc nền đã chờ {mins} phút"), format!("a job has waited for {mins} minutes")),
            said("Kiểm tra vungxanh serve có đang chạy.", "See whether vungxanh serve is running."),
        );
    } else {
        report.fine("jobs", said("không có việc nền nào bị lỗi hay ứ lại", "no job has failed or is stuck"));
    }
    drop(conn);
    if accounts::has_admin(app).await? {
        report.fine("administrator", said("có quản trị viên", "there is an administrator"));
    } else {
        report.not_fine(
            "administrator",
            Level::Wrong,
            said("chưa có quản trị viên nào", "there is no administrator"),
            said("Chạy: vungxanh admin create", "Run: vungxanh admin create"),
        );
    }
    let n = accounts::operator::temporary_passwords(app).await?;
    if n > 0 {
        report.not_fine(
            "passwords",
            Level::Doubtful,
            said(
                format!("{n} tài khoản chưa đổi mật khẩu tạm"),
                format!("{n} accounts still have a temporary password"),
            ),
            said(
                "Nhắc người dùng đăng nhập và đổi mật khẩu, hoặc đóng tài khoản không dùng.",
                "Have them sign in and change it, or close accounts that nobody uses.",
            ),
        );
    } else {
        report.fine("passwords", said("không còn mật khẩu tạm", "no temporary passwords are left"));
    }
    files(report, app, all).await
}

/// Records looked at in each table when not all are.
const SAMPLE: i64 = 200;

async fn files(report: &mut Report, app: &App, all: bool) -> Result<(), Problem> {
    let limit = if all { None } else { Some(SAMPLE) };
    let hashes = content_hashes(&mut app.db().read().await?, limit).await?;
    let (mut missing, mut damaged) = (Vec::new(), Vec::new());
    for (table, hash) in &hashes {
        match app.files().read(hash).await {
            Ok(_) => {}
            Err(problem) if problem.code == "files.damaged" => damaged.push(format!("{table}:{}", hex(hash))),
            Err(_) => missing.push(format!("{table}:{}", hex(hash))),
        }
    }
    let n = hashes.len();
    let how = if all { ("tất cả", "all") } else { ("mới nhất", "newest") };
    if missing.is_empty() && damaged.is_empty() {
        report
            .fine("files", said(format!("{n} tệp ({}) còn nguyên", how.0), format!("{n} files ({}) are whole", how.1)));
    } else {
        let some: Vec<&str> = missing.iter().chain(&damaged).take(5).map(String::as_str).collect();
        let (gone, bad, some) = (missing.len(), damaged.len(), some.join(", "));
        report.not_fine(
            "files",
            Level::Wrong,
            said(
                format!("trong {n} tệp, mất {gone}, hỏng {bad}: {some}"),
                format!("of {n} files {gone} are gone and {bad} damaged: {some}"),
            ),
            said(
                "Khôi phục thư mục files từ bản sao lưu; tên tệp là mã SHA-256 nên chép đè là an toàn.",
                "Restore the folder files from a backup; a file's name is its SHA-256, so copying over is safe.",
            ),
        );
    }
    let halves = half_files(app.files().folder());
    if halves > 0 {
        report.not_fine(
            "half_files",
            Level::Doubtful,
            said(format!("{halves} tệp ghi dở (.part) do máy dừng đột ngột"), format!("{halves} half files (.part)")),
            said("Có thể xóa khi phần mềm đã dừng.", "They may be deleted while the program is stopped."),
        );
    }
    Ok(())
}

/// Files that were being written when the process ended. One that is being written now looks the same.
fn half_files(folder: &Path) -> usize {
    let below = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let files = below.flat_map(|entry| std::fs::read_dir(entry.path()).into_iter().flatten().flatten());
    files.filter(|entry| entry.path().extension().is_some_and(|extension| extension == "part")).count()
}
