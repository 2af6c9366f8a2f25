//! Evidence (minh chứng): files attached to records.

use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    params, record,
    store::{Conn, Record as _, Sql, Uuid},
    web::Upload,
};

record! {
    /// A file kept as evidence. The bytes lie in the files folder under their hash.
    pub struct Attachment[ids::Attachment] in "attachment" {
        /// The record it belongs to.
        pub about: Uuid,
        /// Name it was sent under.
        pub name: String,
        /// Media type, found from the content.
        pub media_type: String,
        /// Length.
        pub bytes: i64,
        /// SHA-256 of the content.
        pub sha256: Vec<u8>,
        /// What it shows.
        pub note: Option<String>,
        /// Who sent it.
        pub by_name: String,
    }
}

/// Largest file of evidence, in bytes: 20 MiB, a hundred scanned pages.
pub const EVIDENCE_BYTES_MAX: usize = 20 * 1024 * 1024;

/// Kinds of file that are taken, by the first bytes they must have. What a name promises is not believed.
const KINDS: &[(&str, &[&str], &[u8])] = &[
    ("application/pdf", &["pdf"], b"%PDF-"),
    ("image/png", &["png"], b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", &["jpg", "jpeg"], b"\xff\xd8\xff"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", &["docx"], b"PK\x03\x04"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", &["xlsx"], b"PK\x03\x04"),
    ("text/csv", &["csv"], b""),
    ("text/plain", &["txt"], b""),
];

/// The media type of a file that may be kept as evidence.
///
/// # Errors
/// `evidence.kind` when its ending is not taken, `evidence.not_what_it_says` when its content does not fit the ending,
/// `evidence.empty`, `evidence.too_large`.
pub fn media_type(file: &Upload) -> Result<&'static str, Problem> {
    let said = |problem: Problem| problem.with("name", &file.name);
    let too_large = |bytes: usize| {
        said(Problem::new(vx_kernel::ProblemKind::TooLarge, "evidence.too_large")).with("mb", bytes / 1_048_576)
    };
    let content = file.content.as_ref().map_err(|bytes| too_large(*bytes))?;
    if content.len() > EVIDENCE_BYTES_MAX {
        return Err(too_large(content.len()));
    }
    if content.is_empty() {
        return Err(said(Problem::invalid("evidence.empty")));
    }
    let ending = file.name.rsplit('.').next().unwrap_or_default().to_lowercase();
    let (kind, _, start) = KINDS
        .iter()
        .find(|(_, endings, _)| endings.contains(&ending.as_str()))
        .ok_or_else(|| said(Problem::invalid("evidence.kind")))?;
    let is_text = start.is_empty();
    if !content.starts_with(start) || is_text && content.contains(&0) {
        return Err(said(Problem::invalid("evidence.not_what_it_says")));
    }
    Ok(kind)
}

/// Evidence shown with one record at the most.
const SHOWN_MAX: i64 = 200;

/// The evidence of a record, oldest first. The caller has checked that the reader may see the record.
///
/// # Errors
/// When the database is away.
pub async fn of(conn: &mut Conn, about: Uuid) -> Result<Vec<Attachment>, Problem> {
    let sql = Sql::new("select ").sql(Attachment::SELECT).sql(" from attachment where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and about = ").bind(about).sql(" order by id limit ").bind(SHOWN_MAX);
    conn.rows(sql).await?.iter().map(Attachment::read).collect()
}

/// How many files belong to a record.
///
/// # Errors
/// When the database is away.
pub async fn count(conn: &mut Conn, about: Uuid) -> Result<i64, Problem> {
    let sql = "select count(*) as n from attachment where tenant = $1 and about = $2";
    conn.count(Sql::with(sql, params![conn.tenant(), about])).await
}

/// A new attachment of a record in a unit.
#[must_use]
pub fn attachment(
    file: &Upload,
    media_type: &str,
    sha256: Vec<u8>,
    path: Path,
    about: Uuid,
    by_name: &str,
) -> Attachment {
    let bytes = file.content.as_ref().map_or(0, Vec::len);
    Attachment {
        id: Id::fresh(),
        path,
        version: 0,
        about,
        name: file.name.clone(),
        media_type: media_type.to_owned(),
        bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
        sha256,
        note: None,
        by_name: by_name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_judged_by_their_content() {
        for (name, content, expected) in [
            ("anh-xet-nghiem.jpg", &b"\xff\xd8\xff\xe0rest"[..], "image/jpeg"),
            ("BIEN BAN.PDF", b"%PDF-1.7 rest", "application/pdf"),
            ("virus.jpg", b"MZ\x90", "evidence.not_what_it_says"),
            ("so-lieu.csv", b"xa;ca\nA;1", "text/csv"),
            ("so-lieu.csv", b"xa\0ca", "evidence.not_what_it_says"),
            ("chay.exe", b"MZ\x90", "evidence.kind"),
            ("rong.pdf", b"", "evidence.empty"),
        ] {
            let got = media_type(&Upload { name: name.to_owned(), content: Ok(content.to_vec()) });
            assert_eq!(got.unwrap_or_else(|problem| problem.code), expected, "{name}");
        }
        let large = Upload { name: "phim.pdf".to_owned(), content: Err(50_000_000) };
        assert_eq!(media_type(&large).unwrap_err().code, "evidence.too_large");
    }
}
