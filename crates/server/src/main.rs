//! The command line of Vùng Xanh.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to whoever typed it")]

use std::{
    io::{IsTerminal as _, Write as _},
    net::SocketAddr,
    path::{Path as FilePath, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use tracing_subscriber::EnvFilter;
use vungxanh::{
    alerts, backup, demo, doctor, epi, import, journal, modules, open, parse, refuse_older, reports, said,
    serve::{serve, stand_in},
    settings::{Given, GivenToDemo, Settings},
    transfer,
};
use vx_foundation::{accounts, boundaries, units};
use vx_kernel::{Date, Path, time};
use vx_platform::{
    Clock,
    auth::{self, Role},
    notify::{Channel, Outcome},
    store::{Db, Uuid},
    web::{self, App},
};

/// Vùng Xanh: chỉ huy phòng, chống dịch cấp tỉnh. / A province's command of the fight against an epidemic.
#[derive(Parser)]
#[command(name = "vungxanh", version, propagate_version = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Chạy thử với dữ liệu mẫu tỉnh Sóc Trăng. / Runs a demo province with an account per role.
    Demo {
        /// Folder of the demo's data; made when it is not there.
        #[arg(long, default_value = "data-demo")]
        data: PathBuf,
        #[command(flatten)]
        given: GivenToDemo,
    },
    /// Chạy hệ thống. / Runs the system.
    Serve {
        #[command(flatten)]
        given: Given,
    },
    /// Cập nhật cấu trúc dữ liệu. / Brings the schema of the data up to date: all steps or none.
    Migrate {
        /// Chỉ cho biết các bước sẽ chạy. / Only says which steps would run; exit code 1 when there are any.
        #[arg(long)]
        check: bool,
        #[command(flatten)]
        given: Given,
    },
    /// Kiểm tra hệ thống. / Looks for what is wrong; exit code 0 fine, 1 doubtful, 2 wrong.
    Doctor {
        /// Đọc mọi tệp đã lưu. / Reads every kept file, not only the newest.
        #[arg(long)]
        all: bool,
        /// Kết quả dạng JSON. / Writes JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        given: Given,
    },
    /// In các mục cấu hình. / Prints every setting, its value and where it came from.
    Settings {
        #[command(flatten)]
        given: Given,
    },
    /// Quản trị. / Administration.
    Admin {
        #[command(subcommand)]
        command: Admin,
    },
    /// Văn bản chỉ đạo. / Dispatches.
    Dispatch {
        #[command(subcommand)]
        command: Dispatches,
    },
    /// Bản tin cảnh báo CAP. / Alerts in the Common Alerting Protocol.
    Alert {
        #[command(subcommand)]
        command: Alerts,
    },
    /// Toán dịch tễ: vào CSV, ra CSV. / Epidemic mathematics: CSV in, CSV out; needs neither data nor network.
    Epi {
        #[command(subcommand)]
        command: Box<epi::Epi>,
    },
    /// Danh mục đơn vị. / Units.
    Units {
        #[command(subcommand)]
        command: Units,
    },
    /// Số liệu báo cáo. / Figures of reports.
    Reports {
        #[command(subcommand)]
        command: reports::Reports<Given>,
    },
    /// Every page and action as a line of JSON each: what tests visit.
    #[command(hide = true)]
    Routes,
    /// Chuyển toàn bộ dữ liệu sang kho khác. / Moves all data to another database; run again, it goes on where it stopped.
    Transfer {
        #[command(flatten)]
        given: Given,
        #[command(flatten)]
        target: transfer::Target,
    },
    /// Sao lưu trong khi hệ thống đang chạy. / Makes a backup while the system runs.
    Backup {
        #[command(flatten)]
        given: Given,
        #[command(flatten)]
        out: backup::Out,
    },
    /// Khôi phục bản sao lưu vào nơi còn trống. / Brings a backup back into an empty place.
    Restore {
        /// Thư mục hoặc tệp .tar của bản sao lưu. / The backup: a folder or a .tar file.
        from: PathBuf,
        #[command(flatten)]
        given: Given,
    },
    /// Nhật ký và chuỗi niêm phong. / The journal and its sealed chain.
    Journal {
        #[command(subcommand)]
        command: journal::Journal<Given>,
    },
}

#[derive(Subcommand)]
enum Admin {
    /// Tạo quản trị viên đầu tiên. / Makes the first administrator.
    Create {
        #[command(flatten)]
        given: Given,
        /// Name to sign in with.
        #[arg(long)]
        login: String,
        /// The person's name.
        #[arg(long)]
        name: String,
        /// Province or provinces the data are about, by key: 94, or 25-92.
        #[arg(long, required = true)]
        province: Vec<String>,
        /// Makes one although there is an administrator.
        #[arg(long)]
        force: bool,
    },
    /// Danh sách tài khoản. / Lists accounts and their roles.
    List {
        #[command(flatten)]
        given: Given,
    },
    /// Cấp mật khẩu tạm và in ra. / Sets a temporary password and prints it.
    ResetPassword {
        #[command(flatten)]
        given: Given,
        /// Whose.
        #[arg(long)]
        login: String,
    },
    /// Mở khóa đăng nhập. / Unlocks an account after wrong passwords.
    Unlock {
        #[command(flatten)]
        given: Given,
        /// Whose.
        #[arg(long)]
        login: String,
    },
    /// Gửi thử một tin thông báo. / Sends a test message and says how it went; exit code 1 when it did not go out.
    NotifyTest {
        #[command(flatten)]
        given: Given,
        /// email, sms, chat.
        #[arg(long, value_parser = channel)]
        channel: Channel,
        /// Address, telephone number or user id.
        #[arg(long)]
        to: String,
    },
    /// Tính lại số liệu nhiệm vụ đang mở. / Counts open work anew, should the kept figures ever be wrong.
    Recount {
        #[command(flatten)]
        given: Given,
    },
    /// Đặt lại xác thực hai lớp. / Takes a second factor away whose telephone and recovery codes are lost.
    ResetSecondFactor {
        #[command(flatten)]
        given: Given,
        /// Whose.
        #[arg(long)]
        login: String,
        /// Why.
        #[arg(long)]
        reason: String,
    },
    /// Đóng tài khoản. / Closes an account.
    Close {
        #[command(flatten)]
        given: Given,
        /// Whose.
        #[arg(long)]
        login: String,
        /// Why.
        #[arg(long)]
        reason: String,
        /// Who takes over its roles, by login.
        #[arg(long)]
        successor: Option<String>,
    },
    /// Giao vai trò. / Grants a role from today on.
    Grant {
        #[command(flatten)]
        given: Given,
        /// To whom.
        #[arg(long)]
        login: String,
        /// admin, chair, office, head, officer, observer.
        #[arg(long, value_parser = role)]
        role: Role,
        /// Unit by key, such as 94 or 94.syt; the whole system when left out.
        #[arg(long)]
        unit: Option<String>,
        /// Last day; open when left out.
        #[arg(long)]
        until: Option<Date>,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).filter(|role| *role != Role::System).ok_or_else(|| {
        let known = Role::ALL.iter().filter(|role| **role != Role::System).map(|role| role.as_str());
        known.collect::<Vec<_>>().join(", ")
    })
}

fn channel(text: &str) -> Result<Channel, String> {
    Channel::parse(text).ok_or_else(|| Channel::ALL.iter().map(|way| way.as_str()).collect::<Vec<_>>().join(", "))
}

#[derive(Subcommand)]
enum Alerts {
    /// Đọc và kiểm tra bản tin CAP 1.0–1.2, hoặc nguồn tin chứa bản tin. / Reads and checks alerts of CAP 1.0 to 1.2, or feeds
    /// of them; ends with 1 when one cannot be used.
    Check {
        /// Writes a JSON array instead of lines.
        #[arg(long)]
        json: bool,
        /// Files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Subcommand)]
enum Dispatches {
    /// Đọc văn bản thành cấu trúc. / Reads dispatches into their structure.
    Parse {
        /// Writes a JSON array instead of a summary.
        #[arg(long)]
        json: bool,
        /// Text files.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Tiếp nhận mọi văn bản trong một thư mục. / Takes in every dispatch of a folder.
    Import {
        #[command(flatten)]
        given: Given,
        /// The folder.
        folder: PathBuf,
        /// In whose name, by their name to sign in with; the program's own without it.
        #[arg(long = "as")]
        login: Option<String>,
    },
}

#[derive(Subcommand)]
enum Units {
    /// Xem một đơn vị. / Shows a unit.
    Show {
        #[command(flatten)]
        given: Given,
        /// Key or name.
        unit: String,
        /// Day, today unless given.
        #[arg(long)]
        on: Option<Date>,
    },
    /// Xuất danh mục. / Writes units as CSV.
    Export {
        #[command(flatten)]
        given: Given,
        /// Only this unit and what is below it, by key.
        #[arg(long)]
        within: Option<String>,
        /// Only units that exist on this day.
        #[arg(long)]
        on: Option<Date>,
    },
    /// Nhập đơn vị từ tệp CSV. / Reads units from CSV; rejected rows go to a file beside it.
    Import {
        #[command(flatten)]
        given: Given,
        /// The file.
        file: PathBuf,
    },
    /// Địa giới. / Boundaries of communes.
    Boundaries {
        #[command(subcommand)]
        command: Boundaries,
    },
}

#[derive(Subcommand)]
enum Boundaries {
    /// Nhập địa giới từ tệp GeoJSON. / Reads boundaries from GeoJSON; rejected features go to a file beside it.
    Import {
        #[command(flatten)]
        given: Given,
        /// The file.
        file: PathBuf,
        /// Name of the edition.
        #[arg(long)]
        edition: String,
        /// First day.
        #[arg(long)]
        from: Date,
        /// Where the lines come from, and what allows their use.
        #[arg(long, default_value = "chưa ghi nguồn / origin not stated")]
        basis: String,
        /// Property with the code of the unit; looked for when not given.
        #[arg(long)]
        code_property: Option<String>,
    },
}

fn main() -> anyhow::Result<ExitCode> {
    let cli = Cli::parse();
    // Reading dispatches needs neither data nor network.
    if let Command::Dispatch { command: Dispatches::Parse { json, files } } = &cli.command {
        let mut out = std::io::stdout().lock();
        let sound = parse::run(files, *json, &mut out)?;
        out.flush()?;
        return Ok(ExitCode::from(u8::from(!sound)));
    }
    if let Command::Alert { command: Alerts::Check { json, files } } = &cli.command {
        let mut out = std::io::stdout().lock();
        let sound = alerts::check(files, *json, &mut out)?;
        out.flush()?;
        return Ok(ExitCode::from(u8::from(!sound)));
    }
    if let Command::Epi { command } = &cli.command {
        let mut out = std::io::stdout().lock();
        // Who made the table reads this, not who made the program: no more than what is wrong and what to do.
        return Ok(match epi::run(command, &mut out, &mut std::io::stderr()) {
            Ok(()) => ExitCode::SUCCESS,
            // Whoever reads the first lines only has what they wanted.
            Err(error) if epi::is_cut_off(&error) => ExitCode::SUCCESS,
            Err(error) => {
                eprintln!("{error:#}");
                ExitCode::FAILURE
            }
        });
    }
    if let Command::Routes = &cli.command {
        for route in vungxanh::modules().iter().flat_map(|module| (module.routes)()) {
            let access = match route.access {
                web::Access::Needs(permission) => permission.to_owned(),
                open => format!("{open:?}"),
            };
            let line = serde_json::json!({ "method": route.method.as_str(), "path": route.path, "access": access });
            println!("{line}");
        }
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(run(cli.command));
    // Work away from the pages may still be reading a large dispatch for somebody who is gone.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn settings_of(given: &Given) -> anyhow::Result<Settings> {
    let settings = Settings::new(given, environment)?;
    begin_log(&settings);
    Ok(settings)
}

fn begin_log(settings: &Settings) {
    let level = &settings.log_level;
    // The driver tells of every slow statement; a plain level is meant for the program.
    let level = if level.contains([',', '=']) { level.clone() } else { format!("{level},sqlx=warn") };
    let log = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new(level))
        .with_writer(std::io::stderr)
        .with_ansi(std::io::stderr().is_terminal());
    // A log that already began goes on as it is.
    let _ = if settings.log_json { log.json().flatten_event(true).try_init() } else { log.try_init() };
}

async fn open_data(settings: &Settings) -> anyhow::Result<App> {
    open(&settings.data, &settings.store(), Clock::Real, None, settings.https).await
}

/// For commands that only read.
async fn open_to_read(settings: &Settings) -> anyhow::Result<App> {
    refuse_older(&settings.store()).await?;
    open_data(settings).await
}

fn say(what: &str, address: SocketAddr) {
    println!("{what}: http://{address}");
}

async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Demo { data, given } => {
            let settings = Settings::of_demo(&given, &data, environment)?;
            begin_log(&settings);
            let app = demo::open(&data).await?;
            if let Some(demo) = app.demo() {
                println!("Tài khoản mẫu / demo accounts (mật khẩu / password: {}):", demo.password);
                for (login, title) in &demo.accounts {
                    println!("  {login:<14} {title}");
                }
            }
            serve(app, &settings, say).await?;
        }
        Command::Serve { given } => {
            let settings = settings_of(&given)?;
            if !stand_in(&settings, say).await? {
                return Ok(ExitCode::SUCCESS);
            }
            let app = open_data(&settings).await?;
            if !accounts::has_admin(&app).await.map_err(said)? {
                eprintln!(
                    "Chưa có quản trị viên. Chạy: vungxanh admin create --login … --name … --province …\n\
                     There is no administrator yet. Run: vungxanh admin create --login … --name … --province …"
                );
            }
            serve(app, &settings, say).await?;
        }
        Command::Migrate { check, given } => return migrate(&settings_of(&given)?, check).await,
        Command::Doctor { all, json, given } => {
            let report = doctor::examine(&settings_of(&given)?, &Clock::Real, all).await;
            print!("{}", if json { report.json() + "\n" } else { report.text() });
            return Ok(ExitCode::from(report.exit_code()));
        }
        Command::Settings { given } => print!("{}", settings_of(&given)?.table()),
        Command::Admin { command } => administer(command).await?,
        Command::Units { command } => return on_units(command).await,
        Command::Dispatch { command: Dispatches::Import { given, folder, login } } => {
            let app = open_data(&settings_of(&given)?).await?;
            let sound = import::run(&app, &folder, login.as_deref(), &mut std::io::stdout()).await?;
            app.db().close().await;
            return Ok(ExitCode::from(u8::from(!sound)));
        }
        Command::Reports { command } => {
            let settings = settings_of(command.data())?;
            let app = if command.only_reads() { open_to_read(&settings).await? } else { open_data(&settings).await? };
            let sound = reports::run(&app, &command, &mut std::io::stdout()).await?;
            app.db().close().await;
            return Ok(ExitCode::from(u8::from(!sound)));
        }
        Command::Transfer { given, target } => {
            let settings = settings_of(&given)?;
            let sound = transfer::run(&settings.data, &settings.store(), &target, &mut std::io::stdout()).await?;
            return Ok(ExitCode::from(u8::from(!sound)));
        }
        Command::Backup { given, out } => {
            let settings = settings_of(&given)?;
            let sound = backup::backup(&settings.data, &settings.store(), &out.out, &mut std::io::stdout()).await?;
            return Ok(ExitCode::from(u8::from(!sound)));
        }
        Command::Restore { from, given } => {
            let settings = settings_of(&given)?;
            backup::restore(&from, &settings.data, &settings.store(), &mut std::io::stdout()).await?;
        }
        Command::Journal { command } => {
            let settings = settings_of(command.data())?;
            let app = match &command {
                journal::Journal::Seal { .. } => open_data(&settings).await?,
                journal::Journal::Verify { .. } | journal::Journal::Head { .. } => open_to_read(&settings).await?,
            };
            let sound = journal::run(&app, command, &mut std::io::stdout()).await?;
            app.db().close().await;
            return Ok(ExitCode::from(u8::from(!sound)));
        }
        Command::Dispatch { .. } | Command::Alert { .. } | Command::Epi { .. } | Command::Routes => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn migrate(settings: &Settings, check: bool) -> anyhow::Result<ExitCode> {
    let modules = modules();
    let steps: Vec<_> = modules.iter().flat_map(|module| module.migrations).copied().collect();
    let is_new = settings.database_url.is_none() && !settings.data.join("vungxanh.sqlite").exists();
    // Looking must not make an empty database.
    let missing = if check && is_new {
        vx_platform::store::migrate::PLATFORM.iter().chain(&steps).map(|step| step.name).collect()
    } else {
        let db = Db::open(&settings.store(), Clock::Real).await.map_err(said)?;
        let missing = db.missing_steps(&steps).await.map_err(said)?;
        if !check {
            db.migrate(&steps).await.map_err(said)?;
        }
        db.close().await;
        missing
    };
    let n = missing.len();
    match (check, n) {
        (_, 0) => println!("Cấu trúc dữ liệu đã đúng phiên bản. / The schema is up to date."),
        (true, _) => println!("{n} bước sẽ chạy: / {n} steps would run:"),
        (false, _) => println!("Đã chạy {n} bước: / {n} steps were run:"),
    }
    missing.iter().for_each(|step| println!("  {step}"));
    Ok(ExitCode::from(u8::from(check && n > 0)))
}

async fn administer(command: Admin) -> anyhow::Result<()> {
    use accounts::operator;
    let (Admin::Create { given, .. }
    | Admin::List { given }
    | Admin::ResetPassword { given, .. }
    | Admin::Unlock { given, .. }
    | Admin::Recount { given }
    | Admin::NotifyTest { given, .. }
    | Admin::ResetSecondFactor { given, .. }
    | Admin::Close { given, .. }
    | Admin::Grant { given, .. }) = &command;
    let settings = settings_of(given)?;
    let only_reads = matches!(&command, Admin::List { .. } | Admin::NotifyTest { .. });
    let app = if only_reads { open_to_read(&settings).await? } else { open_data(&settings).await? };
    match command {
        Admin::Create { login, name, province, force, .. } => {
            let provinces: Vec<&str> = province.iter().map(String::as_str).collect();
            for key in &provinces {
                if app.tree().get(key).is_none() {
                    bail!("Không có tỉnh mã {key}. / There is no province with key {key}.");
                }
            }
            let password = password().context("the password")?;
            units::set_provinces(&app, &provinces).await.map_err(said)?;
            accounts::create_first_admin(&app, &login, &name, password, force).await.map_err(said)?;
            println!("Đã tạo quản trị viên {login}. / Administrator {login} is made.");
        }
        Admin::List { .. } => {
            for (account, grants) in operator::all(&app).await.map_err(said)? {
                let roles = grants.iter().map(|grant| format!("{} {}", grant.role, grant.path.as_str()));
                let roles = roles.collect::<Vec<_>>().join(", ");
                let is_locked = account.locked_until.is_some_and(|until| until > app.clock().now());
                let is_over = account.is_over(time::day_of(app.clock().now()));
                let state = match (is_locked, is_over) {
                    (true, _) => "locked",
                    (false, true) => "over",
                    (false, false) => account.state.as_str(),
                };
                let temporary = if account.must_change { " (mật khẩu tạm / temporary password)" } else { "" };
                println!("{}\t{state}{temporary}\t{}\t{}\t{roles}", account.login, account.name, account.title);
            }
        }
        Admin::ResetPassword { login, .. } => {
            let password = operator::reset_password(&app, &login).await.map_err(said)?;
            println!("Mật khẩu tạm của {login} / temporary password of {login}: {password}");
        }
        Admin::Unlock { login, .. } => {
            operator::unlock(&app, &login).await.map_err(said)?;
            println!("Đã mở khóa {login}. / {login} is unlocked.");
        }
        Admin::Recount { .. } => {
            vx_concepts::work::count::recount(app.db()).await.map_err(said)?;
            println!("Đã tính lại số liệu nhiệm vụ đang mở. / Open work was counted anew.");
        }
        Admin::NotifyTest { channel, to, .. } => {
            app.set_couriers(settings.post.couriers()?);
            let couriers = app.couriers().context("the couriers were just set")?;
            let parcel = vx_foundation::notices::trial(&app, time::Lang::Vi, channel, &to);
            match couriers.send(&parcel).await {
                Outcome::Sent => {
                    println!("Máy chủ đã nhận tin gửi thử. / The server took the test message over. [{}]", parcel.id);
                }
                Outcome::Later { why, said, .. } | Outcome::Never { why, said } => {
                    let key = format!("notices-trouble-{why}");
                    let [vi, en] = [time::Lang::Vi, time::Lang::En].map(|lang| app.words().say(lang, &key, &[]));
                    bail!("Chưa gửi được: {vi}. / Not sent: {en}.\n({said})");
                }
            }
        }
        Admin::ResetSecondFactor { login, reason, .. } => {
            operator::reset_second_factor(&app, &login, &reason).await.map_err(said)?;
            println!("Đã đặt lại xác thực hai lớp của {login}. / The second factor of {login} is taken away.");
        }
        Admin::Close { login, reason, successor, .. } => {
            operator::close(&app, &login, &reason, successor.as_deref()).await.map_err(said)?;
            println!("Đã đóng tài khoản {login}. / The account {login} is closed.");
        }
        Admin::Grant { login, role, unit, until, .. } => {
            let path = match &unit {
                None => Path::root(),
                Some(key) => match app.tree().get(key) {
                    Some(unit) => unit.path.clone(),
                    None => bail!("Không có đơn vị mã {key}. / There is no unit with key {key}."),
                },
            };
            operator::grant(&app, &login, role, path, until).await.map_err(said)?;
            println!("Đã giao vai trò {role} cho {login}. / {login} now holds the role {role}.");
        }
    }
    app.db().close().await;
    Ok(())
}

/// The first administrator's password: typed unseen is not worth a dependency; it is read from standard input, so that
/// it stands in no history of commands.
fn password() -> anyhow::Result<String> {
    if std::io::stdin().is_terminal() {
        eprint!("Mật khẩu (ít nhất 10 ký tự) / password (10 characters at least): ");
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim().to_owned())
}

async fn on_units(command: Units) -> anyhow::Result<ExitCode> {
    let (Units::Show { given, .. }
    | Units::Export { given, .. }
    | Units::Import { given, .. }
    | Units::Boundaries { command: Boundaries::Import { given, .. } }) = &command;
    let settings = settings_of(given)?;
    let only_reads = matches!(&command, Units::Show { .. } | Units::Export { .. });
    let app = if only_reads { open_to_read(&settings).await? } else { open_data(&settings).await? };
    match command {
        Units::Show { unit, on, .. } => {
            let on = on.unwrap_or_else(|| time::day_of(app.clock().now()));
            print!("{}", units::show(&app.tree(), &unit, on, time::Lang::Vi, app.words()).map_err(said)?);
        }
        Units::Export { within, on, .. } => {
            print!("{}", units::export(&app.tree(), within.as_deref(), on));
        }
        Units::Import { file, .. } => {
            let text = std::fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
            let outcome = units::import(&app, &text, &file.display().to_string()).await.map_err(said)?;
            println!("Đã nhập / accepted: {}", outcome.accepted);
            if let Some(rejected) = outcome.rejected_csv {
                let beside = file.with_extension("rejected.csv");
                std::fs::write(&beside, rejected).with_context(|| format!("{}", beside.display()))?;
                println!("Bị loại / rejected: {} → {}", outcome.faults.len(), beside.display());
                return Ok(ExitCode::FAILURE);
            }
        }
        Units::Boundaries { command: Boundaries::Import { file, edition: name, from, basis, code_property, .. } } => {
            let brought = boundaries::Brought {
                name,
                from,
                basis,
                file_name: file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
                code_property,
            };
            return bring_boundaries(&app, brought, &file).await;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Findings that are printed; those of rejected features stand in their file as well.
const FINDINGS_PRINTED: usize = 40;

async fn bring_boundaries(app: &App, brought: boundaries::Brought, file: &FilePath) -> anyhow::Result<ExitCode> {
    let beside = file.with_extension("rejected.geojson");
    let from = std::fs::File::open(file).with_context(|| format!("{}", file.display()))?;
    let to = std::fs::File::create(&beside).with_context(|| format!("{}", beside.display()))?;
    let by = auth::Actor::system("units boundaries import", app.rights().clone());
    let (from, to) = (std::io::BufReader::with_capacity(1 << 20, from), std::io::BufWriter::new(to));
    let read = boundaries::read(app, &by, brought, from, to).await.map_err(said);
    if !matches!(&read, Ok((reading, _)) if reading.n_rejected() > 0) && std::fs::metadata(&beside)?.len() == 0 {
        std::fs::remove_file(&beside)?;
    }
    let (reading, _) = read?;
    for finding in reading.findings().iter().take(FINDINGS_PRINTED) {
        let number = finding.number.map_or_else(String::new, |number| format!("{number}: "));
        println!("  {number}{}", finding.say(app.words(), time::Lang::Vi));
    }
    let (n_areas, n_rejected, n_findings) = (reading.n_areas(), reading.n_rejected(), reading.findings().len());
    if n_findings > FINDINGS_PRINTED {
        println!("  … {n_findings}");
    }
    boundaries::adopt(app, &by, Uuid::now_v7(), reading, None).await.map_err(said)?;
    println!("Đã nhập / accepted: {n_areas}");
    if n_rejected > 0 {
        println!("Bị loại / rejected: {n_rejected} → {}", beside.display());
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of a line, with what stands in quotation marks as one.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut quoted) = (vec![String::new()], false);
        for letter in line.chars() {
            match letter {
                '"' => quoted = !quoted,
                ' ' if !quoted => words.push(String::new()),
                _ => words.last_mut().expect("there is a word").push(letter),
            }
        }
        words
    }

    /// Every command of the guides and of what is deployed: from the name of the program, or of its image, on.
    fn commands() -> Vec<(String, Vec<String>)> {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut found = Vec::new();
        for folder in ["docs/guides", "deploy"] {
            for entry in std::fs::read_dir(root.join(folder)).expect("a folder").flatten() {
                let text = std::fs::read_to_string(entry.path()).expect("text");
                let name = entry.file_name().to_string_lossy().into_owned();
                let mut in_code = folder == "deploy";
                for line in text.lines() {
                    if line.starts_with("```") {
                        in_code = line == "```sh";
                    }
                    let line = line.trim_end_matches('\'').replace("$(date +%%F)", "2026-11-25");
                    let begins = ["-u vungxanh vungxanh ", "bin/vungxanh ", "/data vungxanh "];
                    let rest = begins.iter().find_map(|begin| Some(line.split_once(begin)?.1.to_owned()));
                    if let (true, false, Some(rest)) = (in_code, line.starts_with('#'), rest) {
                        found.push((name.clone(), words(&format!("vungxanh {rest}"))));
                    }
                }
            }
        }
        found
    }

    #[test]
    fn every_command_of_the_guides_is_one() {
        let commands = commands();
        for (file, words) in commands.iter().filter(|(_, words)| words[1] != "/usr/local/bin/vungxanh") {
            if let Err(error) = Cli::try_parse_from(words) {
                panic!("{file}: {}\n{error}", words.join(" "));
            }
        }
        for verb in ["serve", "backup", "restore", "transfer", "doctor", "admin", "journal"] {
            assert!(commands.iter().any(|(_, words)| words[1] == verb), "no guide shows {verb}");
        }
    }
}
