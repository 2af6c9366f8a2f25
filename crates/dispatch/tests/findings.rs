//! Findings: every code has its texts, and bad input is told.
#![allow(clippy::unwrap_used)]

use std::collections::HashSet;

use vx_dispatch::{CODES, FINDINGS_PER_CODE_MAX, Unreadable, decode, parse};

#[test]
fn every_code_has_both_texts() {
    let mut seen = HashSet::new();
    for code in CODES {
        assert!(seen.insert(code.code), "{} stands once", code.code);
        assert!(code.code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{}", code.code);
        // What was seen and what to do now: at least two sentences, or one with an order.
        assert!(code.vi.len() > 30 && code.vi.ends_with('.'), "{}", code.code);
        assert!(code.en.len() > 30 && code.en.ends_with('.'), "{}", code.code);
    }
}

#[test]
fn what_is_no_dispatch_is_told() {
    for text in [
        "",
        "   \n\n",
        "Trăm năm trong cõi người ta,\nChữ tài chữ mệnh khéo là ghét nhau.\nTrải qua một cuộc bể dâu,\nNhững điều trông thấy mà đau đớn lòng.\n",
        "Dear all,\n\nThe meeting is on 5/8/2021.\n",
        "1. Rửa tay\n2. Đeo khẩu trang\n",
    ] {
        let outcome = parse(text);
        assert!(outcome.dispatches.is_empty(), "{text}");
        assert_eq!(outcome.findings[0].code, "not_a_dispatch", "{text}");
    }
}

#[test]
fn bytes_are_read_or_refused() {
    let text = "Số: 1/UBND-VX\nKính gửi: Sở Y tế\n";
    let utf16 = |order: fn(u16) -> [u8; 2], mark: bool| -> Vec<u8> {
        mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16()).flat_map(order).collect()
    };
    assert_eq!(decode(text.as_bytes()).unwrap(), text);
    assert_eq!(decode(format!("\u{feff}{text}").as_bytes()).unwrap(), text);
    assert_eq!(decode(text.replace('\n', "\r\n").as_bytes()).unwrap(), text);
    assert_eq!(decode(&utf16(u16::to_le_bytes, true)).unwrap(), text);
    assert_eq!(decode(&utf16(u16::to_be_bytes, true)).unwrap(), text);
    assert_eq!(decode(&utf16(u16::to_le_bytes, false)).unwrap(), text);
    assert_eq!(decode(&utf16(u16::to_be_bytes, false)).unwrap(), text);
    let loose: String = "So\u{302}\u{301}: 1".to_owned();
    assert_eq!(decode(loose.as_bytes()).unwrap(), "Số: 1");
    assert_eq!(decode(b""), Err(Unreadable::Empty));
    assert_eq!(decode(b" \n"), Err(Unreadable::Empty));
    assert_eq!(decode(b"%PDF-1.7"), Err(Unreadable::Binary { looks_like: Some("pdf") }));
    assert!(matches!(decode(b"PK\x03\x04abc"), Err(Unreadable::Binary { .. })));
    assert!(matches!(decode(&[0, 1, 2, 3, 0, 0, 9, 200]), Err(Unreadable::Binary { .. })));
    assert!(matches!(decode(b"U\xfb ban nh\xa9n d\xa9n t\xd8nh"), Err(Unreadable::Encoding { .. })));
}

#[test]
fn one_fault_a_million_times_is_not_a_million_findings() {
    let text = format!("Số: 1/UBND-VX\nKính gửi: Sở Y tế.\n\n{}", "1. Báo cáo trước ngày 31/2/2021.\n\n".repeat(2000));
    let outcome = parse(&text);
    let of = |code: &str| outcome.dispatches[0].findings.iter().filter(|f| f.code == code).count();
    assert_eq!(of("deadline_date_invalid"), FINDINGS_PER_CODE_MAX);
    assert!(of("findings_truncated") >= 1);
}
