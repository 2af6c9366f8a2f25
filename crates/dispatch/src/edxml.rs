//! A document as edXML, the message in which document systems of the State hand documents on.
//!
//! **Not confirmed.** Names of fields and lists of codes come from a second-hand list (how another program names them),
//! not from QCVN 102:2016/BTTTT and its amendment 1:2022. Every file says so in a comment; check one with the receiving
//! system before relying on it. It is not signed and not enveloped for the exchange axis.

use std::fmt::Write as _;

use crate::draft::Draft;
use crate::figures::escape;
use crate::kinds::Kind;
use crate::text::fold;
use crate::types::Urgency;

/// What a message says besides the document itself.
#[derive(Clone, Debug, Default)]
pub struct Sent {
    /// Our key of the document.
    pub document: String,
    /// Our key of the issuing unit; the national code of organisations is not known to the program.
    pub organ: String,
    /// Names of units to whom it goes.
    pub to: Vec<String>,
    /// Pages.
    pub pages: Option<usize>,
    /// The file that goes with it: name, media type, bytes.
    pub attachment: Option<(String, &'static str, usize)>,
    /// A document that it takes the place of, by number.
    pub replaces: Option<String>,
}

/// A document as edXML, of which field names are not confirmed.
#[must_use]
pub fn edxml(draft: &Draft, sent: &Sent) -> String {
    let number = draft.number.as_deref().unwrap_or_default();
    let (code, notation) = number.split_once('/').unwrap_or((number, ""));
    // 0 ordinary, 1 urgent, 2 very urgent, 3 at once.
    let priority = match draft.urgency {
        None => 0,
        Some(Urgency::Khan) => 1,
        Some(Urgency::ThuongKhan) => 2,
        Some(Urgency::HoaToc) => 3,
    };
    // 1 gives no orders, 2 orders, 3 reports on orders.
    let steering = match draft.kind {
        Kind::BaoCao => 3,
        Kind::CongDien | Kind::ChiThi | Kind::QuyetDinh => 2,
        _ if draft.clauses.iter().any(|clause| !clause.lead.is_empty()) => 2,
        _ => 1,
    };
    let mut out = String::from(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!-- Chưa đối chiếu với QCVN 102:2016/BTTTT: tên trường lấy từ nguồn thứ cấp. / Field names not confirmed against QCVN 102:2016/BTTTT. -->\n\
         <edXML:edXML xmlns:edXML=\"http://www.e-doc.vn/Schema/\">\n<edXML:Header>\n<edXML:MessageHeader>\n",
    );
    let mut group = |name: &str, fields: &[(&str, &str)]| {
        let _ = write!(out, "<edXML:{name}>");
        for (field, value) in fields {
            let _ = write!(out, "<edXML:{field}>{}</edXML:{field}>", escape(value));
        }
        let _ = writeln!(out, "</edXML:{name}>");
    };
    group("DocumentId", &[("Value", &sent.document)]);
    let above = draft.parent_issuer.as_deref().unwrap_or_default();
    group("From", &[("OrganId", &sent.organ), ("OrganizationInCharge", above), ("OrganName", &draft.issuer)]);
    sent.to.iter().for_each(|unit| group("To", &[("OrganName", unit)]));
    group("Code", &[("CodeNumber", code), ("CodeNotation", notation)]);
    let day = draft.issued_on.as_deref().unwrap_or_default();
    group("PromulgationInfo", &[("Place", &draft.place), ("PromulgationDate", day)]);
    group("DocumentType", &[("TypeName", draft.kind.title())]);
    // Basis: Annex VI holds 500 letters for it.
    group("Subject", &[("Value", &draft.subject.chars().take(500).collect::<String>())]);
    let competence = draft.authority.iter().map(|a| a.by.printed()).collect::<Vec<_>>().join(" ");
    let signer = [("Competence", competence.as_str()), ("Position", &draft.title), ("FullName", &draft.name)];
    group("SignerInfo", &signer);
    // "Như trên", "Như Điều 3" and "Lưu: VT" are no places.
    let is_place = |name: &&String| !["như ", "lưu"].iter().any(|word| fold(name).starts_with(word));
    let places = draft.addressees.iter().chain(&draft.recipients).filter(is_place);
    let places: Vec<(&str, &str)> = places.map(|place| ("Place", place.as_str())).collect();
    group("ToPlaces", &places);
    let (priority, pages) = (priority.to_string(), sent.pages.map(|n| n.to_string()).unwrap_or_default());
    group("OtherInfo", &[("Priority", &priority), ("PageAmount", &pages)]);
    group("SteeringType", &[("Value", &steering.to_string())]);
    // 0 new, 3 in the place of another.
    group("BussinessDocType", &[("Value", if sent.replaces.is_some() { "3" } else { "0" })]);
    if let Some(replaces) = &sent.replaces {
        group("ResponseFor", &[("Code", replaces)]);
    }
    let _ = write!(out, "</edXML:MessageHeader>\n</edXML:Header>\n<edXML:Body>\n<edXML:Manifest>");
    if let Some((name, media_type, bytes)) = &sent.attachment {
        let _ = write!(
            out,
            "<edXML:Reference><edXML:AttachmentName>{}</edXML:AttachmentName><edXML:ContentType>{media_type}</edXML:ContentType><edXML:Size>{bytes}</edXML:Size></edXML:Reference>",
            escape(name)
        );
    }
    out.push_str("</edXML:Manifest>\n</edXML:Body>\n</edXML:edXML>\n");
    out
}
