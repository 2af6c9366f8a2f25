//! The result of reading: plain types that serialise to the documented JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::findings::Finding;
use crate::kinds::Kind;

/// A stretch of the text given to [`crate::parse`] (đoạn văn bản), in bytes, end exclusive.
///
/// **Invariant:** `start <= end <= text.len()`, both on character boundaries (`tests/properties.rs`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// What was read from one text (kết quả đọc).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The dispatches in the order in which they stand in the text.
    pub dispatches: Vec<Dispatch>,
    /// Findings about the text as a whole, such as `not_a_dispatch`.
    pub findings: Vec<Finding>,
}

/// An official dispatch (văn bản hành chính, văn bản của Đảng).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dispatch {
    /// Name of the file, filled by the caller: the parser does no input or output.
    pub file: Option<String>,
    /// Number and symbol (số, ký hiệu) as printed, without mark-up and inner spaces.
    pub number: Option<String>,
    /// Type of document (loại văn bản).
    pub kind: Option<Kind>,
    /// Degree of urgency (độ khẩn).
    pub urgency: Option<Urgency>,
    /// Issuing body (cơ quan ban hành) in natural casing.
    pub issuer: Option<String>,
    /// Place of issue (địa danh).
    pub place: Option<String>,
    /// Date of issue (ngày ban hành), ISO 8601.
    pub issued_on: Option<String>,
    /// Subject (trích yếu).
    pub subject: Option<String>,
    /// Addressees (kính gửi; nơi nhận công điện), one string per printed item.
    pub addressees: Vec<String>,
    /// Documents cited (văn bản viện dẫn), each once, in order of first mention.
    pub citations: Vec<Citation>,
    /// Clauses (điểm, khoản, điều) in document order.
    pub clauses: Vec<Clause>,
    /// Recipients (nơi nhận), one string per printed item.
    pub recipients: Vec<String>,
    /// Who signed (người ký).
    pub signatory: Signatory,
    /// What should be looked at by a person.
    pub findings: Vec<Finding>,

    /// Where the dispatch stands in the text.
    #[serde(default)]
    pub span: Span,
    /// Body above the issuer in the header (cơ quan chủ quản), in natural casing.
    #[serde(default)]
    pub parent_issuer: Option<String>,
    /// Words after the bracket of Kính gửi that qualify every addressee, such as "tỉnh Sóc Trăng".
    #[serde(default)]
    pub addressee_scope: Option<String>,
    /// Grounds and command sentence (căn cứ, câu lệnh) between the header and the first clause.
    #[serde(default)]
    pub preamble: Option<Span>,
    /// Units that the command sentence itself commands ("yêu cầu Giám đốc các sở … thực hiện").
    #[serde(default)]
    pub commanded: Vec<Assignment>,
    /// Blocks that stand in the text but are not the dispatch: stamps, certified-copy forms, digital signatures.
    #[serde(default)]
    pub attached: Vec<Attached>,
    /// Spans of the header and closing values by field name, such as `number` or `signatory.name`.
    #[serde(default)]
    pub spans: BTreeMap<String, Vec<Span>>,
}

/// Degree of urgency (độ khẩn). Basis: NĐ 30/2020/NĐ-CP, Annex I, part II, item 10b.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// Khẩn.
    Khan,
    /// Thượng khẩn.
    ThuongKhan,
    /// Hỏa tốc.
    HoaToc,
}

/// A cited document (văn bản viện dẫn).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Citation {
    /// Number and symbol as printed; none for laws cited by name.
    pub number: Option<String>,
    /// Type of document.
    pub kind: Option<Kind>,
    /// Date of issue, ISO 8601.
    pub issued_on: Option<String>,
    /// Issuing body as printed after "của".
    pub issuer: Option<String>,
    /// Name of a law cited without number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// First mention.
    #[serde(default)]
    pub span: Span,
    /// Later mentions of the same document.
    #[serde(default)]
    pub mentions: Vec<Span>,
}

/// A clause (phần, chương, mục, điều, khoản, điểm, gạch đầu dòng, đoạn giao việc).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Clause {
    /// Path of numbers: `1`, `I.2.a`, `5.(3)`; bullets count as `1.-2`, unnumbered paragraphs as `1.¶1`.
    pub path: String,
    /// Lead-in that ends with a colon, or title.
    pub heading: Option<String>,
    /// The clause's own words, heading included, without its number and without its children.
    pub text: String,
    /// From the number or bullet to the end of its own words.
    pub span: Span,
    /// Who is to do it.
    pub assignments: Vec<Assignment>,
    /// By when.
    pub deadlines: Vec<Deadline>,
}

/// One unit's part in a clause (đơn vị được giao).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    /// The unit as printed.
    pub unit: String,
    /// Lead or cooperating.
    pub role: Role,
    /// Where the unit is named; for an inherited assignment, where the heading names it.
    pub span: Span,
    /// True if said by a heading above, not by the clause itself.
    #[serde(default)]
    pub inherited: bool,
}

/// Part of a unit in a task (vai trò). Basis: NĐ 30/2020/NĐ-CP, Article 23.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Chủ trì.
    Lead,
    /// Phối hợp.
    Cooperating,
}

/// A time limit (thời hạn).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deadline {
    /// Shape of the time limit.
    pub kind: DeadlineKind,
    /// Local date or date and time, ISO 8601.
    pub due_at: Option<String>,
    /// RFC 5545 recurrence rule.
    pub rule: Option<String>,
    /// Time of day until which a recurrent duty is to be done, HH:MM.
    pub cutoff: Option<String>,
    /// Exact source text.
    pub quote: String,
    /// Where it stands.
    pub span: Span,
}

/// Shape of a time limit (loại thời hạn).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeadlineKind {
    /// A date (thời hạn xác định).
    Absolute,
    /// Again and again (định kỳ).
    Recurrent,
    /// Without end (thường xuyên, 24/24).
    Standing,
    /// After something happens (ngay khi, kể từ khi).
    Event,
}

/// Signature block (thẩm quyền, chức vụ, họ tên người ký). Basis: NĐ 30/2020/NĐ-CP, Article 13.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Signatory {
    /// Authority to sign as printed: `TM.`, `KT.`, `TL.`, `TUQ.`, `Q.`, `T/M`; the one nearest to the signer.
    pub authority: Option<String>,
    /// Post of the signer in natural casing.
    pub title: Option<String>,
    /// Name of the signer.
    pub name: Option<String>,
    /// Body or post for which the signer signs, in natural casing.
    #[serde(default)]
    pub on_behalf_of: Option<String>,
    /// Lines of authority from the top, prefix as printed and the rest in natural casing: "TM. Ủy ban nhân dân",
    /// "KT. Chủ tịch".
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<String>,
}

/// A block kept apart from the dispatch (khối kèm theo).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Attached {
    /// What it is.
    pub kind: AttachedKind,
    /// Its own number, if it has one.
    pub number: Option<String>,
    /// Its own date, ISO 8601.
    pub issued_on: Option<String>,
    /// Its own issuer.
    pub issuer: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// Kind of attached block (loại khối kèm theo).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachedKind {
    /// Sao y, sao lục, trích sao. Basis: NĐ 30/2020/NĐ-CP, Articles 25-27.
    CertifiedCopy,
    /// Dấu "Đến".
    IncomingStamp,
    /// Thông tin chữ ký số.
    DigitalSignature,
}
