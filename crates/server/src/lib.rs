#![doc = include_str!("../README.md")]

pub mod alerts;
pub mod backup;
pub mod demo;
pub mod doctor;
pub mod epi;
pub mod import;
pub mod journal;
pub mod parse;
pub mod reports;
pub mod serve;
pub mod settings;
pub mod transfer;

use std::path::Path as FilePath;

use anyhow::{Context as _, anyhow};
use vx_foundation::{accounts, boundaries, filters, jobs, notices, retention, sites, tokens, units};
use vx_kernel::Problem;
use vx_platform::{
    Clock, Module,
    files::Files,
    store::{Db, StoreOptions, bulk, migrate::PLATFORM, remake_keys},
    web::{App, AppParts, Demo},
};

/// Every subsystem of the program, in the order in which their tables are made.
#[must_use]
pub fn modules() -> Vec<Module> {
    vec![
        accounts::module(),
        jobs::module(),
        retention::module(),
        tokens::module(),
        units::module(),
        boundaries::module(),
        sites::module(),
        filters::module(),
        notices::module(),
        vx_tasks::module(),
        vx_papers::module(),
        vx_directives::module(),
        vx_reports::module(),
        vx_zones::module(),
        vx_publications::module(),
        vx_boards::module(),
    ]
}

/// Opens the data in a folder: migrated, with the tree of units in place. `https` says that browsers come over HTTPS
/// (a proxy in front ends it), so that cookies are for it only.
///
/// # Errors
/// When the folder or the database cannot be used.
pub async fn open(
    folder: &FilePath,
    options: &StoreOptions,
    clock: Clock,
    demo: Option<Demo>,
    https: bool,
) -> anyhow::Result<App> {
    let db = Db::open(options, clock.clone()).await.map_err(said)?;
    let modules = modules();
    let steps: Vec<_> = modules.iter().flat_map(|module| module.migrations).copied().collect();
    let run = db.migrate(&steps).await.map_err(said)?;
    if run > 0 {
        tracing::info!(steps = run, "schema brought up to date");
    }
    if bulk::is_unfinished(&mut db.read().await.map_err(said)?).await.map_err(said)? {
        return Err(said(Problem::refused("transfer.unfinished")));
    }
    vx_concepts::work::count::keep(&db).await.map_err(said)?;
    db.tidy_up().await.map_err(said)?;
    remake_keys::<vx_platform::auth::Account>(&db).await.map_err(said)?;
    remake_keys::<vx_directives::Directive>(&db).await.map_err(said)?;
    remake_keys::<vx_papers::Paper>(&db).await.map_err(said)?;
    remake_keys::<filters::SavedFilter>(&db).await.map_err(said)?;
    remake_keys::<sites::Site>(&db).await.map_err(said)?;
    let sealed = vx_platform::journal::seal_old(&db).await.map_err(said)?;
    if sealed > 0 {
        tracing::info!(entries = sealed, "sealed what an older program wrote into the journal");
    }
    // An earlier process may have written on a clock that was ahead; its history stays before ours.
    let newest = vx_platform::journal::newest(&mut db.read().await.map_err(said)?).await.map_err(said)?;
    if let Some((id, _)) = newest {
        vx_kernel::sort_after(id);
    }
    let files = Files::in_folder(&folder.join("files"));
    let parts = AppParts { db, clock, files, modules, demo, secure_cookies: https };
    let app = App::new(parts).map_err(|error| anyhow!(error)).context("the texts of the program")?;
    units::load(&app).await.map_err(said)?;
    Ok(app)
}

/// Refuses data of an older program. A command that only reads must not bring the schema up to date, or seal what the
/// older program is still writing, under a system that runs. A database that is not there yet is not older.
///
/// # Errors
/// `store.older`; as [`Db::missing_steps`] for data of a newer program.
pub async fn refuse_older(options: &StoreOptions) -> anyhow::Result<()> {
    if transfer::is_there(options).is_err() {
        return Ok(());
    }
    let steps = transfer::steps();
    let db = Db::open(options, Clock::Real).await.map_err(said)?;
    let missing = db.missing_steps(&steps).await.map_err(said)?;
    db.close().await;
    match missing.first() {
        Some(step) if missing.len() < PLATFORM.len() + steps.len() => {
            Err(said(Problem::refused("store.older").with("step", *step)))
        }
        _ => Ok(()),
    }
}

/// A problem on the command line: its sentence and what to do, in Vietnamese and English, and the cause for whoever
/// looks into it.
#[must_use]
pub fn said(problem: Problem) -> anyhow::Error {
    use vx_kernel::time::Lang;
    let words = vx_platform::words::Words::new(modules().iter().map(|module| module.texts));
    let text = words.map_or_else(
        |_| problem.to_string(),
        |words| {
            let line = |lang| {
                let (what, todo) = words.problem(lang, &problem);
                format!("{} {todo}", what.trim_end_matches('.').to_owned() + ".")
            };
            format!("{}\n{}", line(Lang::Vi), line(Lang::En))
        },
    );
    anyhow!("{text}\n({})", problem.chain())
}
