//! `vungxanh reports`: the figures of a period out, and figures in, as tables and as DHIS2 exchanges them.

use std::{io::Write, path::PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args, Subcommand, ValueEnum};
use vx_kernel::{Date, Path, time::Lang};
use vx_platform::{
    auth::{Actor, actor_of},
    sheet::SheetKind,
    store::Uuid,
    web::App,
};
use vx_reports::{
    Request,
    dhis2::{self, Format, Options, Strategy},
    import,
    many::{self, Verdict},
};

use crate::said;

/// What figures are written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum Written {
    /// A table: a row for each unit, with semicolons.
    Csv,
    /// The same as an Excel workbook.
    Xlsx,
    /// A data value set of DHIS2 as JSON.
    Dhis2Json,
    /// The same as XML.
    Dhis2Xml,
    /// The same as CSV.
    Dhis2Csv,
}

impl Written {
    fn sheet(self) -> Option<SheetKind> {
        match self {
            Self::Csv => Some(SheetKind::Csv),
            Self::Xlsx => Some(SheetKind::Xlsx),
            _ => None,
        }
    }
    fn set(self) -> Option<Format> {
        match self {
            Self::Dhis2Json => Some(Format::Json),
            Self::Dhis2Xml => Some(Format::Xml),
            Self::Dhis2Csv => Some(Format::Csv),
            _ => None,
        }
    }
}

/// `reports …`, with whatever says where the data lie.
#[derive(Subcommand)]
pub enum Reports<G: Args> {
    /// Xuất số liệu của một kỳ. / Writes the figures of a period.
    Export {
        #[command(flatten)]
        #[expect(missing_docs, reason = "its own texts stand in the help")]
        given: G,
        /// Code of the form, or id of the request.
        #[arg(long)]
        request: String,
        /// Last day of the period.
        #[arg(long)]
        on: Date,
        /// Only this unit and what is below it, by key.
        #[arg(long)]
        within: Option<String>,
        /// What it is written in.
        #[arg(long, value_enum, default_value = "csv")]
        format: Written,
        /// Where to; standard output unless given.
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// Nhập số liệu; các dòng không nhận ghi vào tệp bên cạnh. / Reads figures in; rejected rows go to a file beside it.
    Import {
        #[command(flatten)]
        #[expect(missing_docs, reason = "its own texts stand in the help")]
        given: G,
        /// The file.
        file: PathBuf,
        /// Code of the form, or id of the request.
        #[arg(long)]
        request: String,
        /// Last day of the period that all rows are about; each row says its own unless given.
        #[arg(long)]
        on: Option<Date>,
        /// What it is written in.
        #[arg(long, value_enum, default_value = "csv")]
        format: Written,
        /// In whose name, by their name to sign in with; the program's own without it.
        #[arg(long = "as")]
        login: Option<String>,
        /// Why what was sent before is put right; it is not without a reason.
        #[arg(long)]
        reason: Option<String>,
        /// CREATE, UPDATE, CREATE_AND_UPDATE or DELETE; for DHIS2.
        #[arg(long, default_value = "CREATE_AND_UPDATE")]
        strategy: String,
        /// Only says what would be done.
        #[arg(long)]
        dry_run: bool,
    },
}

impl<G: Args> Reports<G> {
    /// Where the data lie.
    pub fn data(&self) -> &G {
        match self {
            Self::Export { given, .. } | Self::Import { given, .. } => given,
        }
    }
    /// Whether it changes nothing.
    pub fn only_reads(&self) -> bool {
        matches!(self, Self::Export { .. })
    }
}

/// Does it, and says whether all went well.
///
/// # Errors
/// When the file cannot be read or written, or there is no such request.
pub async fn run<G: Args>(app: &App, command: &Reports<G>, out: &mut impl Write) -> anyhow::Result<bool> {
    match command {
        Reports::Export { request, on, within, format, out: to, .. } => {
            let actor = Actor::system("Vùng Xanh", app.rights().clone());
            let request = request_of(app, &actor, request, *on).await?;
            let part = match within {
                Some(key) => app
                    .tree()
                    .get(key)
                    .map(|unit| unit.path.clone())
                    .with_context(|| format!("Không có đơn vị {key}. / There is no unit {key}."))?,
                None => request.within.clone(),
            };
            let bytes = match (format.sheet(), format.set()) {
                (Some(kind), _) => import::table(app, &actor, Lang::Vi, kind, &request, &part, *on).await,
                (None, Some(format)) => import::data_value_set(app, &actor, &request, &part, *on)
                    .await
                    .and_then(|set| dhis2::write(format, &set)),
                (None, None) => bail!("no format"),
            };
            let bytes = bytes.map_err(said)?;
            match to {
                Some(file) => std::fs::write(file, bytes).with_context(|| file.display().to_string())?,
                None => out.write_all(&bytes)?,
            }
            Ok(true)
        }
        Reports::Import { file, request, on, format, login, reason, strategy, dry_run, .. } => {
            let actor = match login {
                None => Actor::system("Vùng Xanh", app.rights().clone()),
                Some(login) => {
                    actor_of(app.db(), app.rights(), Err(login), app.clock().now()).await.map_err(said)?.with_context(
                        || format!("Không có tài khoản {login} đang hoạt động. / There is no active account {login}."),
                    )?
                }
            };
            let bytes = std::fs::read(file).with_context(|| file.display().to_string())?;
            let reason = reason.as_deref().map(str::trim).filter(|reason| !reason.is_empty());
            if let Some(format) = format.set() {
                let strategy = Strategy::parse(strategy).with_context(|| Strategy::WORDS.join(", "))?;
                let options = Options {
                    data_set: Some(request.clone()),
                    dry_run: *dry_run,
                    strategy,
                    reason: reason.map(str::to_owned),
                    ..Options::default()
                };
                let set = dhis2::read(format, &bytes).map_err(said)?;
                let summary = dhis2::take_in(app, &actor, Uuid::now_v7(), &set, &options).await.map_err(said)?;
                writeln!(out, "{}", serde_json::to_string_pretty(&summary)?)?;
                return Ok(summary.status == "SUCCESS");
            }
            let day = on.unwrap_or_else(|| vx_kernel::time::day_of(app.clock().now()));
            let request = request_of(app, &actor, request, day).await?;
            let by = by(&actor, &request).context(
                "Tài khoản này không được nhập số liệu cho yêu cầu này. / This account may not enter figures for the request.",
            )?;
            let mut conn = app.db().read().await.map_err(said)?;
            let ground = import::ground(app, &mut conn, request, by, *on).await.map_err(said)?;
            drop(conn);
            let review = import::review(app, &ground, bytes).await.map_err(said)?;
            let words = |key: &str| app.words().say(Lang::Vi, key, &[]);
            for verdict in Verdict::ALL {
                writeln!(out, "{}: {}", words(&format!("report-verdict-{verdict}")), review.n(*verdict))?;
            }
            let left = review.rows.iter().filter(|row| row.verdict == Verdict::Rejected).count();
            let left = left + if reason.is_none() { review.n(Verdict::Corrects) } else { 0 };
            if left > 0 {
                let beside = file.with_extension("rejected.csv");
                let bytes = import::rejected(app, Lang::Vi, SheetKind::Csv, &ground, &review, reason.is_some());
                std::fs::write(&beside, bytes.map_err(said)?).with_context(|| beside.display().to_string())?;
                writeln!(out, "{}: {left} → {}", words("report-import-rejected"), beside.display())?;
            }
            if *dry_run {
                return Ok(left == 0);
            }
            let written =
                many::write_down(app, &actor, &ground, &review.rows, Uuid::now_v7(), reason).await.map_err(said)?;
            writeln!(out, "{}: {}", words("report-import-new"), written.n_new)?;
            writeln!(out, "{}: {}", words("report-import-corrects"), written.n_corrected)?;
            for (line, code) in &written.failed {
                writeln!(
                    out,
                    "{} {line}: {}",
                    words("report-import-line"),
                    words(&vx_platform::words::problem_key(code))
                )?;
            }
            Ok(left == 0 && written.failed.is_empty())
        }
    }
}

/// The unit for which the actor enters figures of a request.
fn by(actor: &Actor, request: &Request) -> Option<Path> {
    use vx_concepts::engine::Command as _;
    if actor.account.is_none() {
        return Some(request.path.clone());
    }
    let fits = |home: &&Path| {
        actor.may(vx_reports::Bring::NAME, home)
            && (**home == request.path || request.within.contains(home) || home.contains(&request.within))
    };
    actor.homes().into_iter().find(fits).cloned()
}

/// The request of this id, or the one with this form that has a period ending on a day.
async fn request_of(app: &App, actor: &Actor, named: &str, on: Date) -> anyhow::Result<Request> {
    let mut conn = app.db().read().await.map_err(said)?;
    let all = dhis2::requests_of(&mut conn, actor, named).await.map_err(said)?;
    let first = all.first().cloned();
    let fits = |request: &Request| request.periods().ending(on).is_some();
    all.into_iter().find(fits).or(first).with_context(|| {
        format!("Không có yêu cầu báo cáo {named} cho kỳ này. / There is no request {named} for this period.")
    })
}
