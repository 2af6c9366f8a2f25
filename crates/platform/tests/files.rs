//! Originals and evidence in their folder.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::path::{Path, PathBuf};

use vx_kernel::ProblemKind;
use vx_platform::files::{Files, sha256};

/// Every file below a folder.
fn all_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(all_below(&path)) } else { found.push(path) }
    }
    found
}

fn folder() -> (tempfile::TempDir, Files) {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::in_folder(&folder.path().join("files"));
    (folder, files)
}

#[tokio::test]
async fn what_was_kept_comes_back_under_its_hash() {
    let (_folder, files) = folder();
    for bytes in [b"".as_slice(), "Công điện hỏa tốc số 26".as_bytes(), &[0, 255, 10, 13]] {
        let hash = files.keep(bytes).await.unwrap();
        assert_eq!(hash, sha256(bytes));
        assert_eq!(files.read(&hash).await.unwrap(), bytes);
    }
}

#[tokio::test]
async fn the_same_content_is_kept_once_and_leaves_nothing_beside() {
    let (folder, files) = folder();
    for _ in 0..3 {
        files.keep(b"the same").await.unwrap();
    }
    assert_eq!(all_below(folder.path()).len(), 1);
}

#[tokio::test]
async fn the_same_content_sent_at_once_is_kept_once() {
    let (folder, files) = folder();
    let senders: Vec<_> = (0..16)
        .map(|_| {
            let files = files.clone();
            tokio::spawn(async move { files.keep(b"the same").await.unwrap() })
        })
        .collect();
    for sender in senders {
        assert_eq!(sender.await.unwrap(), sha256(b"the same"));
    }
    assert_eq!(all_below(folder.path()).len(), 1);
}

#[tokio::test]
async fn a_damaged_file_is_detected() {
    let (folder, files) = folder();
    let hash = files.keep(b"evidence").await.unwrap();
    let [file] = all_below(folder.path()).try_into().unwrap();
    std::fs::write(&file, b"Evidence").unwrap();
    let problem = files.read(&hash).await.unwrap_err();
    assert_eq!((problem.kind, problem.code), (ProblemKind::Unavailable, "files.damaged"));
}

#[tokio::test]
async fn a_damaged_file_is_mended_when_its_content_is_sent_again() {
    let (folder, files) = folder();
    let hash = files.keep(b"evidence").await.unwrap();
    let [file] = all_below(folder.path()).try_into().unwrap();
    std::fs::write(&file, b"Evidence").unwrap();
    assert_eq!(files.keep(b"evidence").await.unwrap(), hash);
    assert_eq!(files.read(&hash).await.unwrap(), b"evidence");
}

#[tokio::test]
async fn a_missing_file_is_said() {
    let (folder, files) = folder();
    let hash = files.keep(b"evidence").await.unwrap();
    let [file] = all_below(folder.path()).try_into().unwrap();
    std::fs::remove_file(&file).unwrap();
    assert_eq!(files.read(&hash).await.unwrap_err().code, "files.missing");
    assert_eq!(files.read(&[]).await.unwrap_err().code, "files.missing");
}

#[tokio::test]
async fn a_folder_that_cannot_be_written_is_said() {
    let (folder, files) = folder();
    std::fs::write(folder.path().join("files"), b"in the way").unwrap();
    let problem = files.keep(b"evidence").await.unwrap_err();
    assert_eq!((problem.kind, problem.code), (ProblemKind::Unavailable, "store.away"));
}
