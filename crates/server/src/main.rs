//! The command line of Vùng Xanh.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to whoever typed it")]

use std::{
    io::{IsTerminal as _, Write as _},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use anyhow::{Context as _, bail};
use clap::{Args, Parser, Subcommand};
use vungxanh::{demo, import, open, parse, said};
use vx_foundation::{accounts, units};
use vx_kernel::{Date, time};
use vx_platform::{Clock, jobs, store::StoreOptions, web};

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
        listen: Listen,
    },
    /// Chạy hệ thống. / Runs the system.
    Serve {
        #[command(flatten)]
        data: Storage,
        #[command(flatten)]
        listen: Listen,
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
    /// Danh mục đơn vị. / Units.
    Units {
        #[command(subcommand)]
        command: Units,
    },
    /// Every page and action as a line of JSON each: what tests visit.
    #[command(hide = true)]
    Routes,
}

#[derive(Args)]
struct Listen {
    /// Port to listen on.
    #[arg(long, default_value_t = 8080, env = "VUNGXANH_PORT")]
    port: u16,
    /// Address to listen on.
    #[arg(long, default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), env = "VUNGXANH_HOST")]
    host: IpAddr,
    /// Browsers come over HTTPS, which a proxy in front ends; cookies are then for HTTPS only.
    #[arg(long, env = "VUNGXANH_HTTPS")]
    https: bool,
}

#[derive(Args)]
struct Storage {
    /// Folder of the data.
    #[arg(long, default_value = "vungxanh-data", env = "VUNGXANH_DATA")]
    data: PathBuf,
    /// PostgreSQL to keep the records in, instead of a file in the folder.
    #[arg(long, env = "DATABASE_URL")]
    database_url: Option<String>,
    /// The command that owns the data: a stable short name such as soc-trang.
    #[arg(long, default_value = "tinh", env = "VUNGXANH_TENANT")]
    tenant: String,
}

impl Storage {
    fn options(&self) -> StoreOptions {
        match &self.database_url {
            Some(url) => StoreOptions { url: url.clone(), tenant: self.tenant.clone() },
            None => StoreOptions::in_folder(&self.data, &self.tenant),
        }
    }
}

#[derive(Subcommand)]
enum Admin {
    /// Tạo quản trị viên đầu tiên. / Makes the first administrator.
    Create {
        #[command(flatten)]
        data: Storage,
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
        data: Storage,
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
        data: Storage,
        /// Key or name.
        unit: String,
        /// Day, today unless given.
        #[arg(long)]
        on: Option<Date>,
    },
    /// Xuất danh mục. / Writes units as CSV.
    Export {
        #[command(flatten)]
        data: Storage,
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
        data: Storage,
        /// The file.
        file: PathBuf,
    },
}

fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(
            tracing_subscriber::EnvFilter::try_from_default_env()
                .unwrap_or_else(|_| "info,tower_http=warn,sqlx=warn".into()),
        )
        .with_writer(std::io::stderr)
        .init();
    let cli = Cli::parse();
    // Reading dispatches needs neither data nor network.
    if let Command::Dispatch { command: Dispatches::Parse { json, files } } = &cli.command {
        let mut out = std::io::stdout().lock();
        let sound = parse::run(files, *json, &mut out)?;
        out.flush()?;
        std::process::exit(i32::from(!sound));
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
        return Ok(());
    }
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(cli))
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        Command::Demo { data, listen } => {
            let app = demo::open(&data).await?;
            if let Some(demo) = app.demo() {
                println!("Tài khoản mẫu / demo accounts (mật khẩu / password: {}):", demo.password);
                for (login, title) in &demo.accounts {
                    println!("  {login:<14} {title}");
                }
            }
            serve(app, &listen).await
        }
        Command::Serve { data, listen } => {
            let app = open(&data.data, &data.options(), Clock::Real, None, listen.https).await?;
            if !accounts::has_admin(&app).await.map_err(said)? {
                eprintln!(
                    "Chưa có quản trị viên. Chạy: vungxanh admin create --login … --name … --province …\n\
                     There is no administrator yet. Run: vungxanh admin create --login … --name … --province …"
                );
            }
            serve(app, &listen).await
        }
        Command::Admin { command: Admin::Create { data, login, name, province, force } } => {
            let app = open(&data.data, &data.options(), Clock::Real, None, false).await?;
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
            Ok(())
        }
        Command::Units { command } => on_units(command).await,
        Command::Dispatch { command: Dispatches::Import { data, folder, login } } => {
            let app = open(&data.data, &data.options(), Clock::Real, None, false).await?;
            let sound = import::run(&app, &folder, login.as_deref(), &mut std::io::stdout()).await?;
            app.db().close().await;
            std::process::exit(i32::from(!sound));
        }
        Command::Dispatch { .. } | Command::Routes => Ok(()),
    }
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

async fn on_units(command: Units) -> anyhow::Result<()> {
    match command {
        Units::Show { data, unit, on } => {
            let app = open(&data.data, &data.options(), Clock::Real, None, false).await?;
            let on = on.unwrap_or_else(|| time::day_of(app.clock().now()));
            print!("{}", units::show(&app.tree(), &unit, on, time::Lang::Vi, app.words()).map_err(said)?);
        }
        Units::Export { data, within, on } => {
            let app = open(&data.data, &data.options(), Clock::Real, None, false).await?;
            print!("{}", units::export(&app.tree(), within.as_deref(), on));
        }
        Units::Import { data, file } => {
            let app = open(&data.data, &data.options(), Clock::Real, None, false).await?;
            let text = std::fs::read_to_string(&file).with_context(|| format!("{}", file.display()))?;
            let outcome = units::import(&app, &text, &file.display().to_string()).await.map_err(said)?;
            println!("Đã nhập / accepted: {}", outcome.accepted);
            if let Some(rejected) = outcome.rejected_csv {
                let beside = file.with_extension("rejected.csv");
                std::fs::write(&beside, rejected).with_context(|| format!("{}", beside.display()))?;
                println!("Bị loại / rejected: {} → {}", outcome.faults.len(), beside.display());
                std::process::exit(1);
            }
        }
    }
    Ok(())
}

async fn serve(app: web::App, listen: &Listen) -> anyhow::Result<()> {
    let address = SocketAddr::new(listen.host, listen.port);
    let listener = tokio::net::TcpListener::bind(address).await.with_context(|| format!("{address}"))?;
    println!("Vùng Xanh: http://{}", listener.local_addr()?);
    let queue = tokio::spawn(jobs::run(app.clone()));
    let site = web::router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, site).with_graceful_shutdown(stop()).await?;
    queue.abort();
    app.db().close().await;
    Ok(())
}

/// Waits for Ctrl-C or the service manager's word; requests under way are finished.
async fn stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
