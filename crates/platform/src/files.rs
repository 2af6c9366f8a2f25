//! Originals and evidence, kept by content hash outside the web root.

use std::path::{Path as FilePath, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;
use vx_kernel::{Problem, ProblemKind};

use crate::store::migrate::{hex, unhex};

/// The folder of files. A file's name is the hash of its bytes, so nothing is ever overwritten and nothing kept twice.
#[derive(Clone, Debug)]
pub struct Files {
    folder: PathBuf,
}

/// SHA-256 of some bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> Vec<u8> {
    Sha256::digest(bytes).to_vec()
}

/// HMAC-SHA-256 of some bytes with a key: by it the same thing is known again without being kept.
#[must_use]
pub fn keyed_sha256(key: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut mac = Hmac::<sha2_for_hmac::Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(bytes);
    mac.finalize().into_bytes().to_vec()
}

impl Files {
    /// Files in a folder, made when the first is kept.
    #[must_use]
    pub fn in_folder(folder: &FilePath) -> Self {
        Self { folder: folder.to_owned() }
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &FilePath {
        &self.folder
    }

    fn place(&self, hash: &[u8]) -> PathBuf {
        let name = hex(hash);
        self.folder.join(name.get(..2).unwrap_or_default()).join(&name)
    }

    /// Keeps bytes and returns their hash. The file is complete and on disk before this returns; one that was damaged
    /// is whole again.
    ///
    /// # Errors
    /// `store.full` or `store.away` when the folder cannot be written.
    pub async fn keep(&self, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
        let hash = sha256(bytes);
        let place = self.place(&hash);
        if tokio::fs::read(&place).await.is_ok_and(|kept| kept == bytes) {
            return Ok(hash);
        }
        write_whole(&place, bytes).await.map_err(|error| {
            use std::io::ErrorKind::{QuotaExceeded, StorageFull};
            let code = if matches!(error.kind(), StorageFull | QuotaExceeded) { "store.full" } else { "store.away" };
            Problem::new(ProblemKind::Unavailable, code).because(error)
        })?;
        Ok(hash)
    }

    /// The bytes of a hash, checked against it.
    ///
    /// # Errors
    /// `files.missing` when the file is gone, `files.damaged` when its bytes are no longer what was kept.
    pub async fn read(&self, hash: &[u8]) -> Result<Vec<u8>, Problem> {
        let bytes = tokio::fs::read(self.place(hash)).await.map_err(|error| {
            Problem::new(ProblemKind::Unavailable, "files.missing").with("hash", hex(hash)).because(error)
        })?;
        if sha256(&bytes) == hash {
            Ok(bytes)
        } else {
            Err(Problem::new(ProblemKind::Unavailable, "files.damaged").with("hash", hex(hash)))
        }
    }

    /// The hashes of all files that are kept.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn kept(&self) -> std::io::Result<Vec<Vec<u8>>> {
        let mut hashes = Vec::new();
        let Some(folders) = there(std::fs::read_dir(&self.folder))? else { return Ok(hashes) };
        for folder in folders {
            let folder = folder?;
            if !folder.file_type()?.is_dir() {
                continue;
            }
            for file in std::fs::read_dir(folder.path())? {
                // A name that is no hash is an upload under way.
                hashes.extend(hash_of(&file?.file_name().to_string_lossy()));
            }
        }
        hashes.sort();
        Ok(hashes)
    }

    /// Brings the file of a hash from another folder, checked on the way; says how many bytes it has.
    ///
    /// # Errors
    /// `files.missing`, `files.damaged`, or as [`Files::keep`].
    pub async fn bring(&self, from: &Self, hash: &[u8]) -> Result<u64, Problem> {
        let bytes = from.read(hash).await?;
        self.keep(&bytes).await?;
        Ok(bytes.len() as u64)
    }

    /// Brings all files from another folder; says how many, and which are damaged there and were passed over.
    ///
    /// # Errors
    /// As [`Files::bring`], but for damage.
    pub async fn bring_all(&self, from: &Self) -> Result<(usize, Vec<Vec<u8>>), Problem> {
        let hashes =
            from.kept().map_err(|error| Problem::new(ProblemKind::Unavailable, "store.away").because(error))?;
        let (mut brought, mut damaged) = (0, Vec::new());
        for hash in hashes {
            match self.bring(from, &hash).await {
                Ok(_) => brought += 1,
                Err(problem) if problem.code == "files.damaged" => damaged.push(hash),
                Err(problem) => return Err(problem),
            }
        }
        Ok((brought, damaged))
    }
}

/// A folder that is not there holds nothing.
fn there<T>(outcome: std::io::Result<T>) -> std::io::Result<Option<T>> {
    match outcome {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        outcome => outcome.map(Some),
    }
}

/// The hash that a file's name is.
fn hash_of(name: &str) -> Option<Vec<u8>> {
    unhex(name).filter(|hash| hash.len() == 32)
}

/// Bytes free on the disk of a folder, or of the nearest folder above it that is there; `None` where the system does
/// not say.
#[must_use]
pub fn free_bytes(folder: &FilePath) -> Option<u64> {
    #[cfg(unix)]
    {
        let absolute = std::path::absolute(folder).ok()?;
        let there = absolute.ancestors().find(|folder| folder.exists())?;
        let disk = rustix::fs::statvfs(there).ok()?;
        Some(disk.f_bavail.saturating_mul(disk.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// Written beside and renamed, so that a cut upload or a lost plug leaves no half file under a good name.
///
/// # Errors
/// When the folder cannot be written.
pub async fn write_whole(place: &FilePath, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(folder) = place.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    let beside = place.with_extension(format!("{}.part", uuid::Uuid::now_v7()));
    if let Err(error) = write_beside(&beside, bytes).await {
        // On a full disk the half that was written takes the room that is missing.
        let _ = tokio::fs::remove_file(&beside).await;
        return Err(error);
    }
    tokio::fs::rename(&beside, place).await?;
    // The name is on disk only when its folder is.
    #[cfg(unix)]
    if let Some(folder) = place.parent() {
        tokio::fs::File::open(folder).await?.sync_all().await?;
    }
    Ok(())
}

async fn write_beside(beside: &FilePath, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = tokio::fs::File::create(beside).await?;
    file.write_all(bytes).await?;
    // Writes go on in the background, and only `flush` tells how they went: a full disk would pass unnoticed.
    file.flush().await?;
    file.sync_all().await
}
