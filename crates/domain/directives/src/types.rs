//! Records of dispatches.

use jiff::Timestamp;
use vx_kernel::{
    Date, ids,
    text::{fold, sort_key},
};
use vx_platform::{record, text_enum};

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
        /// Taken in by mistake; kept with the reason (đã loại).
        Discarded = "discarded",
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
    } keys {
        label_key: Vec<u8> = |directive| sort_key(&directive.label()),
        issuer_key: Vec<u8> = |directive| sort_key(directive.issuer.as_deref().unwrap_or_default()),
    }
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
