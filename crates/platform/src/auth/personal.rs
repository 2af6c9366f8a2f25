//! Who read personal data about others (nhật ký truy cập dữ liệu cá nhân).
//!
//! A page that shows such data calls [`note_reading`] before it answers: reader, moment, whose, and what for, which is
//! what the page is for. Nothing of the data itself is kept.

use jiff::Timestamp;
use vx_kernel::{Id, Path, Problem, ids};

use super::Actor;
use crate::{
    store::{Db, Row, Uuid},
    text_enum,
};

text_enum! {
    /// What was read, and by that what for.
    pub enum What {
        /// The page of an account: name to sign in with, devices, history; to administer it.
        Account = "account",
        /// A file of accounts; to check or to hand over.
        AccountsFile = "accounts_file",
        /// Tries to sign in of others, with addresses; to look into what happened.
        Tries = "tries",
        /// A file of them.
        TriesFile = "tries_file",
        /// Personal fields in the journal: telephone numbers, names to sign in with.
        Journal = "journal",
        /// A file of the journal with such fields.
        JournalFile = "journal_file",
        /// What was sent to whom, with addresses in part; to see whether people are reached.
        Deliveries = "deliveries",
        /// A file of that.
        DeliveriesFile = "deliveries_file",
    }
}

/// One reading, as it is shown.
#[derive(Clone, Debug)]
pub struct Reading {
    /// Its place in the list.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub reader: Id<ids::Account>,
    /// The name they had then.
    pub reader_name: String,
    /// What.
    pub what: What,
    /// Whose, `None` for a list.
    pub subject: Option<Id<ids::Account>>,
    /// The person's name today.
    pub subject_name: Option<String>,
    /// About how many persons.
    pub persons: i64,
}

impl Reading {
    /// What a reading is read from: `personal_read r` with `account s` beside it.
    pub const SELECT: &'static str =
        "r.id, r.at, r.reader, r.reader_name, r.what, r.subject, s.name as subject_name, r.persons";

    /// From a row that selects [`Reading::SELECT`].
    ///
    /// # Errors
    /// When the row does not fit, which is our fault.
    pub fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.get("id")?,
            at: row.get("at")?,
            reader: row.get("reader")?,
            reader_name: row.get("reader_name")?,
            what: row.get("what")?,
            subject: row.find("subject")?,
            subject_name: row.find("subject_name")?,
            persons: row.get("persons")?,
        })
    }
}

/// Notes that somebody read data about one person, or about `persons` of a list; what is one's own is not noted.
/// `path` is the unit whose administrators may see it.
///
/// # Errors
/// When the database is away: what cannot be noted is not shown.
pub async fn note_reading(
    db: &Db,
    by: &Actor,
    what: What,
    path: &Path,
    subject: Option<Id<ids::Account>>,
    persons: usize,
) -> Result<(), Problem> {
    const COLUMNS: &[&str] = &["id", "path", "at", "reader", "reader_name", "what", "subject", "persons"];
    let Some(reader) = by.account.filter(|reader| Some(*reader) != subject && persons > 0) else { return Ok(()) };
    let (name, path) = (by.name.clone(), path.clone());
    let persons = i64::try_from(persons).unwrap_or(i64::MAX);
    db.write(move |tx| {
        let (name, path) = (name.clone(), path.clone());
        Box::pin(async move {
            let row = vec![
                vx_kernel::fresh().into(),
                (&path).into(),
                tx.now().into(),
                reader.into(),
                name.into(),
                what.as_str().into(),
                subject.into(),
                persons.into(),
            ];
            tx.append("personal_read", COLUMNS, row);
            Ok(())
        })
    })
    .await
}
