//! `vungxanh dispatch import`: every dispatch of a folder is taken in.

use std::{
    io::Write,
    path::{Path as FilePath, PathBuf},
};

use anyhow::{Context as _, bail};
use vx_concepts::engine::Command as _;
use vx_directives::import::{self, FILES_MAX, Outcome, StartImport};
use vx_foundation::units;
use vx_kernel::time::Lang;
use vx_platform::{
    auth::{Actor, actor_of},
    store::Uuid,
    web::{App, FILE_BYTES_MAX},
};

/// Bytes read into memory at a time; a larger folder becomes several imports.
const BATCH_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// Folders within folders that are looked into.
const DEPTH_MAX: usize = 32;

/// Takes in every file of a folder, in the name of an account or of the program, with a line for each file and a
/// summary. Says whether all went well.
///
/// # Errors
/// When the folder cannot be read, or nothing can be taken in at all.
pub async fn run(app: &App, folder: &FilePath, login: Option<&str>, out: &mut impl Write) -> anyhow::Result<bool> {
    let now = app.clock().now();
    let actor = match login {
        None => Actor::system("Vùng Xanh", app.rights().clone()),
        Some(login) => {
            actor_of(app.db(), app.rights(), Err(login), now).await.map_err(crate::said)?.with_context(|| {
                format!("Không có tài khoản {login} đang hoạt động. / There is no active account {login}.")
            })?
        }
    };
    let home = match login {
        None => units::provinces(app).await.map_err(crate::said)?.into_iter().next(),
        Some(_) => actor.reach(StartImport::NAME).into_iter().map(|reach| reach.path).next(),
    };
    let Some(home) = home else {
        bail!("Không có đơn vị nào để tiếp nhận văn bản. / There is no unit to take dispatches in for.");
    };
    let mut files = Vec::new();
    collect(folder, 0, &mut files)?;
    files.sort();
    let words =
        |key: &str| format!("{} / {}", app.words().say(Lang::Vi, key, &[]), app.words().say(Lang::En, key, &[]));
    let mut sums = [0_usize; Outcome::ALL.len()];
    let mut rest = files.as_slice();
    while !rest.is_empty() {
        let (mut bytes, mut sent) = (0, Vec::new());
        while let Some((path, size)) = rest.first() {
            if !sent.is_empty() && (bytes + size > BATCH_BYTES_MAX || sent.len() >= FILES_MAX) {
                break;
            }
            let name = path.strip_prefix(folder).unwrap_or(path).display().to_string();
            let content = if *size > FILE_BYTES_MAX as u64 {
                Err("directives.file_too_large")
            } else {
                Ok(std::fs::read(path).with_context(|| path.display().to_string())?)
            };
            bytes += size;
            sent.push((name, content));
            rest = rest.get(1..).unwrap_or_default();
        }
        let label = folder.display().to_string();
        let id = import::start(app, &actor, &home, Uuid::now_v7(), &label, sent).await.map_err(crate::said)?;
        while !import::step(app, id).await.map_err(crate::said)?.is_empty() {}
        for file in import::files(app, id).await.map_err(crate::said)? {
            if let Some(place) = Outcome::ALL.iter().position(|outcome| *outcome == file.outcome)
                && let Some(sum) = sums.get_mut(place)
            {
                *sum += 1;
            }
            let ids: Vec<String> = file.directives.iter().map(ToString::to_string).collect();
            let outcome = words(&format!("import-outcome-{}", file.outcome));
            let why = file.problem.unwrap_or_default();
            writeln!(out, "{outcome}\t{}\t{}", file.name, if why.is_empty() { ids.join(" ") } else { why })?;
        }
    }
    let said: Vec<String> = Outcome::ALL
        .iter()
        .zip(sums)
        .filter(|(_, n)| *n > 0)
        .map(|(outcome, n)| format!("{}: {n}", words(&format!("import-outcome-{outcome}"))))
        .collect();
    writeln!(out, "{}", if said.is_empty() { words("import-nothing") } else { said.join(" · ") })?;
    let failed = Outcome::ALL.iter().zip(sums).any(|(outcome, n)| *outcome == Outcome::Failed && n > 0);
    Ok(!failed)
}

/// The files below a folder with their sizes.
fn collect(folder: &FilePath, depth: usize, files: &mut Vec<(PathBuf, u64)>) -> anyhow::Result<()> {
    if depth > DEPTH_MAX {
        return Ok(());
    }
    let entries = std::fs::read_dir(folder).with_context(|| folder.display().to_string())?;
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        // Links are not followed: they may lead round in a circle.
        if kind.is_dir() {
            collect(&entry.path(), depth + 1, files)?;
        } else if kind.is_file() {
            files.push((entry.path(), entry.metadata()?.len()));
        }
    }
    Ok(())
}
