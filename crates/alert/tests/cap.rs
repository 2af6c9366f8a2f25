//! Alerts read, refused, checked and written; against the files of others where they are at hand.
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]
#![expect(clippy::print_stdout, reason = "a test that is skipped says why")]

use std::path::PathBuf;

use proptest::prelude::*;
use vx_alert::{
    Alert, Area, Category, Certainty, Circle, Code, Entry, Fault, Feed, MessageKind, Moment, Named, Point, Resource,
    Response, Scope, Severity, Statement, Status, Urgency, read, read_all,
};

/// What is said of faults, a line each.
fn said(faults: &[Fault]) -> Vec<String> {
    faults.iter().map(|fault| format!("{:?} {}", fault.code, fault.path)).collect()
}

const WHOLE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>vx.1</identifier>
  <sender>tinh@example.vn</sender>
  <sent>2021-08-29T12:00:00+07:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <info>
    <language>vi</language>
    <category>Health</category>
    <event>Vùng nguy cơ rất cao</event>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Observed</certainty>
    <area><areaDesc>Xã Xuân Hòa &amp; lân cận</areaDesc><polygon>9.8,105.9 9.9,105.9 9.9,106 9.8,105.9</polygon></area>
  </info>
</alert>"#;

/// The sample with one piece of it changed.
fn with(from: &str, to: &str) -> String {
    assert!(WHOLE.contains(from), "{from}");
    WHOLE.replace(from, to)
}

#[test]
fn faults_are_told_with_their_place() {
    for (from, to, expected) in [
        ("<scope>Public</scope>", "", &["Missing alert/scope"][..]),
        ("<scope>Public</scope>", "<scope/>", &["Missing alert/scope"]),
        ("<scope>Public</scope>", "<scope>Private</scope>", &["Addresses alert/addresses"]),
        (
            "<scope>Public</scope>",
            "<scope>Restricted</scope><restriction/>",
            &["Empty alert/restriction", "Restriction alert/restriction"],
        ),
        ("<status>Actual</status>", "<status>actual</status>", &["Word alert/status"]),
        ("<status>Actual</status>", "<status>Actual</status><status>Test</status>", &["Twice alert/status"]),
        ("<identifier>vx.1</identifier>", "<identifier>vx 1</identifier>", &["Name alert/identifier"]),
        ("12:00:00+07:00", "12:00:00", &["Moment alert/sent"]),
        ("2021-08-29T12", "2021-08-32T12", &["Moment alert/sent"]),
        (
            "<msgType>Alert</msgType>",
            "<msgType>Update</msgType><references/>",
            &["Empty alert/references", "References alert/references"],
        ),
        ("<urgency>Immediate</urgency>", "<urgency></urgency>", &["Missing alert/info[1]/urgency"]),
        ("<event>Vùng nguy cơ rất cao</event>", "", &["Missing alert/info[1]/event"]),
        ("<category>Health</category>", "<category>Y tế</category>", &["Word alert/info[1]/category"]),
        ("<category>Health</category>", "", &["Missing alert/info[1]/category"]),
        (
            "<certainty>Observed</certainty>",
            "<certainty>Observed</certainty><expires>2021-08-28T00:00:00+07:00</expires>",
            &["Order alert/info[1]/expires"],
        ),
        ("9.8,105.9 9.9,105.9", "105.9,9.8 9.9,105.9", &["Point alert/info[1]/area[1]/polygon"]),
        (
            "9.8,105.9 9.9,105.9 9.9,106 9.8,105.9",
            "9.8,105.9 9.9,105.9 9.8,105.9",
            &["Short alert/info[1]/area[1]/polygon"],
        ),
        ("9.9,106 9.8,105.9<", "9.9,106 9.8,105.8<", &["Open alert/info[1]/area[1]/polygon"]),
        ("<area>", "<area><circle>9.8,105.9</circle>", &["Point alert/info[1]/area[1]/circle"]),
        ("Xã Xuân Hòa &amp; lân cận", " ", &["Missing alert/info[1]/area[1]/areaDesc"]),
    ] {
        let text = with(from, to);
        let faults = match read(text.as_bytes()) {
            Ok((_, faults)) => faults,
            Err(faults) => faults,
        };
        assert_eq!(said(&faults), expected, "{to}");
    }
}

#[test]
fn a_fault_says_its_line() {
    let faults = read(with("<urgency>Immediate</urgency>", "<urgency>Sofort</urgency>").as_bytes()).unwrap_err();
    assert_eq!((faults[0].line, faults[0].detail.as_str()), (Some(13), "Sofort"));
}

#[test]
fn what_is_no_alert_or_not_safe_is_refused() {
    let doctype = WHOLE.replace("<alert xmlns", "<!DOCTYPE alert [<!ENTITY x \"y\">]>\n<alert xmlns");
    let entity = WHOLE.replace("&amp;", "&x;");
    let deep = format!("{}{}", "<a>".repeat(70), "</a>".repeat(70));
    for (text, code) in [
        ("", Code::NotXml),
        ("chữ", Code::NotXml),
        ("<alert>", Code::NotXml),
        ("<alert></b>", Code::NotXml),
        ("<x:alert/>", Code::NotXml),
        ("<alert/>", Code::NoAlert),
        ("<feed xmlns='http://www.w3.org/2005/Atom'/>", Code::NoAlert),
        (doctype.as_str(), Code::Unsafe),
        (entity.as_str(), Code::Unsafe),
        (deep.as_str(), Code::TooLarge),
    ] {
        assert_eq!(read(text.as_bytes()).unwrap_err()[0].code, code, "{text}");
    }
    assert_eq!(read(&[b'<', 0xff]).unwrap_err()[0].code, Code::Encoding);
    assert_eq!(read(&vec![b' '; vx_alert::BYTES_MAX + 1]).unwrap_err()[0].code, Code::TooLarge);
}

#[test]
fn a_moment_keeps_its_offset_and_has_one() {
    for (text, expected) in [
        ("2021-08-29T12:00:00+07:00", Some("2021-08-29T12:00:00+07:00")),
        ("2021-08-29T05:00:00-00:00", Some("2021-08-29T05:00:00-00:00")),
        ("2021-08-29T05:00:00Z", Some("2021-08-29T05:00:00-00:00")),
        ("2012-10-14T22:53:04.360+05:30", Some("2012-10-14T22:53:04+05:30")),
        ("2021-08-29T12:00:00-03:30", Some("2021-08-29T12:00:00-03:30")),
        ("2021-08-29T12:00:00", None),
        ("2021-08-29", None),
        ("ngày 29/8/2021", None),
        ("2021-08-29T12:00:00+7", None),
        ("2021-08-29T12:00:00+99:00", None),
    ] {
        let moment: Option<Moment> = text.parse().ok();
        assert_eq!(moment.map(|moment| moment.to_string()).as_deref(), expected, "{text}");
    }
}

/// An alert with every element.
fn full() -> Alert {
    let at = |text: &str| -> Moment { text.parse().unwrap() };
    let ring = [(9.8, 105.9), (9.9, 105.9), (9.9, 106.0), (9.8, 105.9)];
    let named = |name: &str, value: &str| vec![Named { name: name.into(), value: value.into() }];
    let first = Alert::new("vx.0", "tinh@example.vn", at("2021-08-28T12:00:00+07:00"));
    Alert {
        status: Status::Exercise,
        kind: MessageKind::Update,
        source: Some("Vùng Xanh".into()),
        scope: Scope::Restricted,
        restriction: Some("cơ quan y tế".into()),
        addresses: vec!["so.y.te".into(), "Ban Chỉ đạo".into()],
        codes: vec!["profile:VN:0.1".into()],
        note: Some("Diễn tập < không phải thật > & chỉ để thử".into()),
        references: vec![first.reference()],
        incidents: vec!["ổ dịch 7".into()],
        infos: vec![Statement {
            responses: vec![Response::Avoid, Response::Monitor],
            urgency: Urgency::Immediate,
            severity: Severity::Severe,
            certainty: Certainty::Observed,
            audience: Some("người dân".into()),
            event_codes: named("vx:level", "do"),
            effective: Some(at("2021-08-29T12:00:00+07:00")),
            onset: Some(at("2021-08-29T18:00:00+07:00")),
            expires: Some(at("2021-09-12T12:00:00+07:00")),
            sender_name: Some("UBND tỉnh".into()),
            headline: Some("Chuyển sang màu đỏ".into()),
            description: Some("Dòng một\nDòng hai".into()),
            instruction: Some("Ở nhà".into()),
            web: Some("https://example.vn/?a=1&b=2".into()),
            contact: Some("1022".into()),
            parameters: named("vx:decision", "2093/QĐ-UBND"),
            resources: vec![Resource {
                name: "Quyết định".into(),
                mime_type: "application/pdf".into(),
                size: Some(1200),
                uri: Some("https://example.vn/qd.pdf".into()),
                digest: Some("00ff".into()),
            }],
            areas: vec![Area {
                name: "Xã Xuân Hòa".into(),
                polygons: vec![ring.map(|(lat, lon)| Point { lat, lon }).to_vec()],
                circles: vec![Circle { middle: Point { lat: 9.85, lon: 105.95 }, radius_km: 2.5 }],
                geocodes: named("vx:unit", "31534"),
                altitude: Some(0.0),
                ceiling: Some(10.0),
            }],
            ..Statement::new("vi", Category::Health, "Thay đổi cấp độ dịch")
        }],
        ..Alert::new("vx.1", "tinh@example.vn", at("2021-08-29T12:00:00+07:00"))
    }
}

#[test]
fn what_is_written_is_read_again() {
    let alert = full();
    assert_eq!(alert.check(), []);
    let (again, faults) = read(alert.xml().as_bytes()).unwrap();
    assert_eq!((again, faults), (alert.clone(), Vec::new()));
    assert_eq!(alert.xml(), alert.xml());
}

#[test]
fn an_alert_that_was_put_together_is_checked() {
    let mut alert = full();
    alert.identifier = "vx 1".into();
    alert.references.clear();
    alert.restriction = None;
    alert.infos[0].event = " ".into();
    alert.infos[0].areas[0].polygons[0].pop();
    alert.infos[0].areas[0].circles[0].middle.lat = 105.9;
    let expected = [
        "Name alert/identifier",
        "Missing alert/info[1]/event",
        "Short alert/info[1]/area[1]/polygon",
        "Point alert/info[1]/area[1]/circle",
        "Restriction alert/restriction",
        "References alert/references",
    ];
    assert_eq!(said(&alert.check()), expected);
}

#[test]
fn a_feed_leads_to_its_alerts() {
    let at = "2021-08-29T05:00:00Z".parse().unwrap();
    let feed = Feed {
        id: "tag:example.vn,2021:canh-bao".into(),
        title: "Cấp độ dịch".into(),
        language: "vi".into(),
        author: "UBND tỉnh".into(),
        link: "https://example.vn/public/alerts.atom".into(),
        updated: at,
        entries: vec![Entry {
            id: "tag:example.vn,2021:vx.1".into(),
            title: "Xã A & B".into(),
            updated: at,
            summary: "Từ cam sang đỏ".into(),
            page: Some("https://example.vn/x?a=1&b=2".into()),
            alert: Some("https://example.vn/vx.1.cap".into()),
        }],
    };
    let text = feed.xml();
    for said in [
        "<title>Xã A &amp; B</title>",
        "<link rel=\"related\" type=\"application/cap+xml\" href=\"https://example.vn/vx.1.cap\"/>",
        "href=\"https://example.vn/x?a=1&amp;b=2\"",
        "<updated>2021-08-29T05:00:00Z</updated>",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    assert_eq!(read_all(text.as_bytes()).unwrap().len(), 0, "an entry that only links holds no alert");
}

#[test]
fn alerts_in_a_feed_are_each_read_for_themselves() {
    let inner = |text: &str| text.split_once("?>").map(|(_, rest)| rest.to_owned()).unwrap();
    let bad = with("<scope>Public</scope>", "");
    let feed = format!(
        "<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry><content>{}</content></entry><entry><content>{}</content></entry></feed>",
        inner(WHOLE),
        inner(&bad)
    );
    let found = read_all(feed.as_bytes()).unwrap();
    let found: Vec<&str> = found.iter().map(|one| if one.is_ok() { "good" } else { "bad" }).collect();
    assert_eq!(found, ["good", "bad"]);
}

/// The test files of another project, where they are at hand.
fn others() -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/external/cap/google-cap-library");
    if folder.is_dir() {
        Some(folder)
    } else {
        println!("skipped: no shared material beside this checkout");
        None
    }
}

const FILES: [&str; 17] = [
    "australia.cap",
    "canada.cap",
    "canada_errors.cap",
    "canada_signed.cap",
    "earthquake.cap",
    "earthquake-iso8859-1.cap",
    "earthquake_signed.cap",
    "invalid.cap",
    "no_optional_fields.cap",
    "noaa_errors.cap",
    "wcatwc-warning.cap",
    "weather.cap",
    "amber.atom",
    "weather.atom",
    "no_entries.atom",
    "canada_signed.atom",
    "bushfire_valid.edxlde",
];

/// Alerts read, and everything found against them.
const EXPECTED: &str = "\
australia.cap: 1 Empty alert/info[1]/parameter[6]/value, Empty alert/info[2]/parameter[6]/value
canada.cap: 1 Empty alert/restriction, Empty alert/addresses, Empty alert/note, Empty alert/incidents, Empty alert/info[1]/contact, Empty alert/info[2]/contact
canada_errors.cap: 1 Empty alert/restriction, Empty alert/addresses, Empty alert/references, References alert/references
canada_signed.cap: 1 Empty alert/restriction, Empty alert/addresses, Empty alert/note, Empty alert/incidents, Empty alert/info[1]/contact, Empty alert/info[2]/instruction, Empty alert/info[2]/contact
earthquake.cap: 1
earthquake-iso8859-1.cap: 1
earthquake_signed.cap: 1
invalid.cap: 0 Missing alert/scope
no_optional_fields.cap: 1
noaa_errors.cap: 0 Empty alert/references, Missing alert/info[1]/urgency, Missing alert/info[1]/severity, Missing alert/info[1]/certainty, Empty alert/info[1]/eventCode[1]/value, Empty alert/info[1]/parameter[1]/value, Empty alert/info[1]/parameter[4]/value, Empty alert/info[1]/area[1]/polygon
wcatwc-warning.cap: 1
weather.cap: 1 Empty alert/info[1]/parameter[1]/value, Empty alert/info[1]/parameter[4]/value
amber.atom: 1
weather.atom: 1 Empty alert/info[1]/parameter[1]/value, Empty alert/info[1]/parameter[4]/value
no_entries.atom: 1
canada_signed.atom: 1 Empty alert/restriction, Empty alert/addresses, Empty alert/note, Empty alert/incidents, Empty alert/info[1]/contact, Empty alert/info[2]/instruction, Empty alert/info[2]/contact
bushfire_valid.edxlde: 7 Empty alert/info[1]/parameter[6]/value, Empty alert/info[1]/parameter[6]/value, Empty alert/info[1]/parameter[6]/value, Empty alert/info[1]/parameter[6]/value, Empty alert/info[1]/parameter[6]/value, Empty alert/info[1]/parameter[6]/value, Empty alert/info[1]/parameter[6]/value";

#[test]
fn alerts_of_others_are_read_as_they_are_meant() {
    let Some(folder) = others() else { return };
    let mut got = Vec::new();
    for name in FILES {
        let bytes = std::fs::read(folder.join(name)).unwrap();
        let found = read_all(&bytes).unwrap_or_else(|fault| panic!("{name}: {fault:?}"));
        let n_good = found.iter().filter(|one| one.is_ok()).count();
        let faults: Vec<String> = found
            .iter()
            .flat_map(|one| match one {
                Ok((_, faults)) | Err(faults) => said(faults),
            })
            .collect();
        got.push(format!("{name}: {n_good} {}", faults.join(", ")).trim_end().to_owned());
        // What was read is written so that it is read again.
        for (alert, _) in found.into_iter().flatten() {
            let (again, _) = read(alert.xml().as_bytes()).unwrap_or_else(|faults| panic!("{name}: {faults:?}"));
            assert_eq!(again, alert, "{name}");
        }
    }
    let expected: Vec<&str> = EXPECTED.lines().collect();
    assert_eq!(got, expected, "{}", got.join("\n"));
}

#[test]
fn attacks_by_entities_are_refused_before_anything_is_read() {
    let Some(folder) = others() else { return };
    for name in ["xee.cap", "xee.atom"] {
        let fault = read_all(&std::fs::read(folder.join(name)).unwrap()).unwrap_err();
        assert_eq!(fault.code, Code::Unsafe, "{name}");
    }
}

proptest! {
    #[test]
    fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn whatever_is_cut_from_an_alert_is_read_or_refused(from in 0..WHOLE.len(), to in 0..WHOLE.len()) {
        let mut bytes = WHOLE.as_bytes().to_vec();
        bytes.drain(from.min(to)..from.max(to));
        let _ = read(&bytes);
    }

    #[test]
    fn any_words_come_back(text in "[^\u{0}-\u{8}\u{b}\u{c}\u{d}\u{e}-\u{1f}\u{fffe}\u{ffff}]{1,40}") {
        let mut alert = full();
        alert.infos[0].headline = Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let (again, _) = read(alert.xml().as_bytes()).unwrap();
        prop_assert_eq!(again, alert);
    }
}
