//! Records of dispatches.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vx_kernel::{
    Date, Id, Path, ids,
    text::{fold, sort_key},
};
use vx_platform::{record, store::Uuid, text_enum};

use crate::review::Review;

text_enum! {
    /// Where a dispatch is.
    pub enum DirectiveState {
        /// Read, waits for a person (chờ đối chiếu).
        Received = "received",
        /// The file could not be read as a dispatch; it is kept (không đọc được).
        Unreadable = "unreadable",
        /// Confirmed, its tasks are out (đã giao việc).
        Issued = "issued",
        /// All its tasks are closed (đã hoàn thành).
        Completed = "completed",
        /// Sent to whom it is addressed; it gives nobody work (đã gửi).
        Delivered = "delivered",
        /// Taken back by who issued it; its open tasks were called off (đã thu hồi).
        Recalled = "recalled",
        /// Another dispatch took its place (đã được thay thế).
        Replaced = "replaced",
        /// Taken in by mistake; kept with the reason (đã loại).
        Discarded = "discarded",
    }
}

impl DirectiveState {
    /// Whether it holds: it went out and nothing took it back.
    #[must_use]
    pub fn is_out(self) -> bool {
        matches!(self, Self::Issued | Self::Completed | Self::Delivered)
    }
}

record! {
    /// A dispatch (văn bản chỉ đạo). `path` is the unit that took it in.
    pub struct Directive[ids::Directive] in "directive" {
        /// Where it is.
        pub state: DirectiveState,
        /// Name of the file it came in.
        pub file_name: String,
        /// SHA-256 of the file; the bytes lie in the files folder.
        pub file_sha256: Vec<u8>,
        /// Length of the file.
        pub file_bytes: i64,
        /// The text of the whole file; spans count its bytes.
        #[serde(skip)]
        pub text: String,
        /// Number and symbol.
        pub number: Option<String>,
        /// Kind, as the parser names it.
        pub kind: Option<String>,
        /// Urgency stamp.
        pub urgency: Option<vx_concepts::work::Urgency>,
        /// Who issued it.
        pub issuer: Option<String>,
        /// Where it was issued.
        pub place: Option<String>,
        /// Day of issue.
        pub issued_on: Option<Date>,
        /// What it is about.
        pub subject: Option<String>,
        /// Issuer, number and year folded: two with the same are the same dispatch.
        pub identity: Option<String>,
        /// The structure, as JSON of [`Review`].
        #[serde(skip)]
        pub review: String,
        /// Required findings that nobody has settled.
        pub required: i64,
        /// Why it could not be read: a problem's code.
        pub trouble: Option<String>,
        /// Who took it in.
        pub received_by: String,
        /// When its tasks went out.
        pub issued_at: Option<Timestamp>,
        /// Number, issuer and subject folded for search.
        #[serde(skip)]
        pub folded: String,
        /// What became of it after it went out, as JSON of [`Change`]s; only ever longer.
        #[serde(skip)]
        pub changes: String,
        /// Paths of the units to which it was sent, parted by spaces, when it is a document of ours; it bears the id of
        /// that document.
        pub sent_to: Option<String>,
    } keys {
        label_key: Vec<u8> = |directive| sort_key(&directive.label()),
        issuer_key: Vec<u8> = |directive| sort_key(directive.issuer.as_deref().unwrap_or_default()),
    }
}

text_enum! {
    /// What became of a dispatch: three verbs, never "update".
    pub enum ChangeVerb {
        /// Words or deadlines were put right (đính chính).
        Corrected = "corrected",
        /// Taken back (thu hồi).
        Recalled = "recalled",
        /// Another took its place (thay thế).
        Replaced = "replaced",
    }
}

/// One change of a dispatch that is out, as its page shows it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Change {
    /// Which verb.
    pub verb: ChangeVerb,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Number of the document that says so.
    pub document: Option<String>,
    /// The dispatch that took its place.
    pub other: Option<Uuid>,
    /// What was put right.
    pub altered: Vec<Altered>,
    /// Open tasks that got the new words, or go on under the other dispatch.
    pub n_kept: i64,
    /// Open tasks that were called off.
    pub n_cancelled: i64,
}

/// A value before and after a correction.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Altered {
    /// Which: `number`, `subject`, `issued_on`, `title`, `due`.
    pub field: String,
    /// The clause of the order, for a title or a deadline.
    pub clause: Option<String>,
    /// Before.
    pub before: String,
    /// After.
    pub after: String,
}

record! {
    /// How words were resolved by a person (cách hiểu). `path` is the place of the issuer they hold for.
    pub struct Reading[ids::Reading] in "directive_reading" {
        /// The words, folded.
        pub mention: String,
        /// Keys of the units, separated by spaces.
        pub units: String,
    }
}

impl Directive {
    /// A record that holds a file and nothing read from it yet.
    #[must_use]
    pub fn blank(path: Path, file_name: &str, file_sha256: Vec<u8>, bytes: usize, received_by: &str) -> Self {
        Self {
            id: Id::fresh(),
            path,
            version: 0,
            state: DirectiveState::Received,
            file_name: file_name.chars().take(200).collect(),
            file_sha256,
            file_bytes: i64::try_from(bytes).unwrap_or(i64::MAX),
            text: String::new(),
            number: None,
            kind: None,
            urgency: None,
            issuer: None,
            place: None,
            issued_on: None,
            subject: None,
            identity: None,
            review: String::new(),
            required: 0,
            trouble: None,
            received_by: received_by.to_owned(),
            issued_at: None,
            folded: fold(file_name),
            changes: "[]".to_owned(),
            sent_to: None,
        }
    }

    /// What became of it after it went out, oldest first.
    #[must_use]
    pub fn changes(&self) -> Vec<Change> {
        serde_json::from_str(&self.changes).unwrap_or_default()
    }

    /// The record with one more change noted.
    #[must_use]
    pub(crate) fn with_change(self, change: Change) -> Self {
        let mut changes = self.changes();
        changes.push(change);
        Self { changes: serde_json::to_string(&changes).unwrap_or_default(), ..self }
    }

    /// How lists call it.
    #[must_use]
    pub fn label(&self) -> String {
        self.number.clone().unwrap_or_else(|| self.file_name.clone())
    }

    /// The name, number and year that make it this dispatch, folded. `None` without a number.
    #[must_use]
    pub fn identity_of(issuer: Option<&str>, number: Option<&str>, issued_on: Option<Date>) -> Option<String> {
        let year = issued_on.map_or(String::new(), |day| day.year().to_string());
        number.map(|number| format!("{}|{}|{year}", fold(issuer.unwrap_or_default()), fold(number).replace(' ', "")))
    }

    /// Carries the header values and the count of required findings over from a review.
    #[must_use]
    pub fn with_review(self, review: &Review) -> Self {
        let header = &review.dispatch;
        let word = |value: serde_json::Value| value.as_str().map(str::to_owned);
        let issued_on = header.issued_on.as_deref().and_then(|day| day.parse().ok());
        let urgency = word(serde_json::json!(header.urgency)).and_then(|word| vx_concepts::work::Urgency::parse(&word));
        let texts = [header.number.as_deref(), header.issuer.as_deref(), header.subject.as_deref()];
        Self {
            number: header.number.clone(),
            kind: word(serde_json::json!(header.kind)),
            urgency,
            issuer: header.issuer.clone(),
            place: header.place.clone(),
            issued_on,
            subject: header.subject.clone(),
            identity: Self::identity_of(header.issuer.as_deref(), header.number.as_deref(), issued_on),
            required: i64::try_from(review.required().len()).unwrap_or(i64::MAX),
            folded: fold(&texts.into_iter().flatten().collect::<Vec<_>>().join(" ")),
            review: review.json(),
            ..self
        }
    }
}
