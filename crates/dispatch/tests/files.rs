//! Files of Word and PDF: what is printed is read, what is not printed is not, and what is hostile is refused.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use vx_dispatch::{Format, Outcome, Unreadable, open};
use zip::write::SimpleFileOptions;

const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
    xmlns:mc=\"http://schemas.openxmlformats.org/markup-compatibility/2006\"";

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn docx_with(body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let document =
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document {W}><w:body>{body}</w:body></w:document>");
    let mut parts = vec![("word/document.xml", document.into_bytes())];
    parts.extend(more.iter().map(|(name, content)| (*name, content.as_bytes().to_vec())));
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, content)| (*name, content.as_slice())).collect();
    archive(&parts)
}

fn text_of(body: &str, more: &[(&str, &str)]) -> String {
    let opened = open(&docx_with(body, more)).unwrap();
    assert_eq!(opened.format, Format::Docx);
    opened.text
}

fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r></w:p>")
}

fn listed(list: u32, level: u32, text: &str) -> String {
    format!(
        "<w:p><w:pPr><w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"{list}\"/></w:numPr></w:pPr>\
         <w:r><w:t>{text}</w:t></w:r></w:p>"
    )
}

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/files").join(name)).unwrap()
}

/// What a result says, without the places at which it stands.
fn said(outcome: &Outcome) -> serde_json::Value {
    fn strip(value: &mut serde_json::Value) {
        match value {
            serde_json::Value::Object(fields) => {
                for place in ["span", "spans", "preamble", "mentions", "findings"] {
                    fields.remove(place);
                }
                fields.values_mut().for_each(strip);
            }
            serde_json::Value::Array(items) => items.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let mut value = serde_json::to_value(outcome).unwrap();
    strip(&mut value);
    value
}

#[test]
fn word_and_pdf_say_the_same() {
    let docx = open(&fixture("cong_van.docx")).unwrap();
    let pdf = open(&fixture("cong_van.pdf")).unwrap();
    // Printed by another program, with hanging numbers, wide gaps between the lines and a head that wraps.
    let other = open(&fixture("cong_van_2.pdf")).unwrap();
    assert_eq!((docx.format, pdf.format), (Format::Docx, Format::Pdf));
    assert_eq!(said(&docx.parse()), said(&pdf.parse()));
    assert_eq!(said(&docx.parse()), said(&other.parse()));
    let outcome = pdf.parse();
    let d = &outcome.dispatches[0];
    assert_eq!(d.number.as_deref(), Some("9101/UBND-VX"));
    assert_eq!(d.issuer.as_deref(), Some("Ủy ban nhân dân tỉnh Sóc Trăng"));
    assert_eq!(d.addressees.len(), 2);
    assert_eq!(d.recipients.len(), 4);
    assert_eq!(d.signatory.name.as_deref(), Some("Huỳnh Thị Diễm Ngọc"));
    let paths: Vec<&str> = d.clauses.iter().map(|c| c.path.as_str()).collect();
    assert_eq!(paths, ["1", "2", "3", "3.a", "3.b", "4", "5", "¶1"]);
    assert_eq!(d.clauses[0].deadlines[1].due_at.as_deref(), Some("2021-09-02T17:00"));
}

#[test]
fn a_plan_of_two_pages_is_one_text() {
    let opened = open(&fixture("ke_hoach.pdf")).unwrap();
    let outcome = opened.parse();
    let d = &outcome.dispatches[0];
    assert_eq!(d.number.as_deref(), Some("118/KH-UBND"));
    let subject = "Xét nghiệm diện rộng và tiêm vắc xin phòng COVID-19 cho các nhóm nguy cơ trên địa bàn tỉnh năm 2021 (văn bản mẫu)";
    assert_eq!(d.subject.as_deref(), Some(subject));
    let paths: Vec<&str> = d.clauses.iter().map(|c| c.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "I", "I.1", "I.2", "II", "II.1", "II.2", "III", "III.1", "III.2", "III.3", "III.4", "III.4.a", "III.4.b",
            "¶1"
        ]
    );
    // The number of the second page is none of the text, and no sentence is cut by the page.
    assert!(!opened.text.lines().any(|line| line.trim() == "2"), "{}", opened.text);
    assert!(d.clauses[12].text.ends_with("so với dự kiến ban đầu."), "{}", d.clauses[12].text);
    assert_eq!(d.signatory.name.as_deref(), Some("Phạm Hoàng Minh"));
    let docx = open(&fixture("ke_hoach.docx")).unwrap();
    assert_eq!(said(&docx.parse()), said(&outcome));
}

#[test]
fn a_protected_pdf_says_so() {
    assert_eq!(open(&fixture("co_mat_khau.pdf")), Err(Unreadable::Encrypted));
}

#[test]
fn a_scan_says_that_it_has_no_text() {
    assert_eq!(open(&fixture("khong_co_lop_chu.pdf")), Err(Unreadable::Scan));
    assert_eq!(Unreadable::Scan.code(), "unreadable.scan");
}

#[test]
fn head_and_closing_in_tables_come_column_by_column() {
    let cell = |lines: &[&str]| format!("<w:tc>{}</w:tc>", lines.iter().map(|line| p(line)).collect::<String>());
    let row = |cells: &[String]| format!("<w:tr>{}</w:tr>", cells.concat());
    let head = format!(
        "<w:tbl>{}{}</w:tbl>",
        row(&[
            cell(&["ỦY BAN NHÂN DÂN", "TỈNH SÓC TRĂNG"]),
            cell(&["CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Độc lập - Tự do - Hạnh phúc"])
        ]),
        row(&[cell(&["Số: 1/UBND-VX", "V/v kiểm tra"]), cell(&["Sóc Trăng, ngày 05 tháng 8 năm 2021"])]),
    );
    let tasks = format!(
        "<w:tbl>{}{}</w:tbl>",
        row(&[cell(&["TT"]), cell(&["Nội dung"]), cell(&["Cơ quan chủ trì"])]),
        row(&[cell(&["1"]), cell(&["Mua", "sinh phẩm"]), cell(&["Sở Y tế | Sở Tài chính"])]),
    );
    assert_eq!(
        text_of(&format!("{head}{}{tasks}", p("Kính gửi: Sở Y tế.")), &[]),
        "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n\
         Số: 1/UBND-VX\nV/v kiểm tra\n\nSóc Trăng, ngày 05 tháng 8 năm 2021\n\nKính gửi: Sở Y tế.\n\n\
         | TT | Nội dung | Cơ quan chủ trì |\n| 1 | Mua sinh phẩm | Sở Y tế / Sở Tài chính |\n"
    );
}

#[test]
fn numbers_of_lists_are_those_that_word_prints() {
    let level = |n: u32, format: &str, text: &str| {
        format!(
            "<w:lvl w:ilvl=\"{n}\"><w:start w:val=\"1\"/><w:numFmt w:val=\"{format}\"/><w:lvlText w:val=\"{text}\"/></w:lvl>"
        )
    };
    let numbering = format!(
        "<w:numbering {W}><w:abstractNum w:abstractNumId=\"7\">{}{}{}{}</w:abstractNum>\
         <w:abstractNum w:abstractNumId=\"8\">{}{}</w:abstractNum>\
         <w:num w:numId=\"1\"><w:abstractNumId w:val=\"7\"/></w:num>\
         <w:num w:numId=\"2\"><w:abstractNumId w:val=\"7\"/><w:lvlOverride w:ilvl=\"1\"><w:startOverride w:val=\"1\"/>\
         </w:lvlOverride></w:num><w:num w:numId=\"3\"><w:abstractNumId w:val=\"8\"/></w:num></w:numbering>",
        level(0, "upperRoman", "%1."),
        level(1, "decimal", "%2."),
        level(2, "lowerLetter", "%3)"),
        level(3, "bullet", "\u{f0b7}"),
        level(0, "decimal", "Điều %1."),
        level(1, "decimal", "%1.%2."),
    );
    let body = [
        listed(1, 0, "Chung"),
        listed(1, 1, "Một"),
        listed(1, 2, "A"),
        listed(1, 2, "Bê"),
        listed(1, 3, "Gạch"),
        listed(1, 1, "Hai"),
        listed(1, 0, "Riêng"),
        listed(1, 1, "Lại một"),
        listed(2, 1, "Bắt đầu lại"),
        listed(3, 0, "Phạm vi"),
        listed(3, 1, "Khoản"),
        listed(3, 1, "Khoản nữa"),
    ];
    let text = text_of(&body.concat(), &[("word/numbering.xml", &numbering)]);
    let lines: Vec<&str> = text.lines().filter(|line| !line.is_empty()).collect();
    assert_eq!(
        lines,
        [
            "I. Chung",
            "1. Một",
            "a) A",
            "b) Bê",
            "- Gạch",
            "2. Hai",
            "II. Riêng",
            "1. Lại một",
            "1. Bắt đầu lại",
            "Điều 1. Phạm vi",
            "1.1. Khoản",
            "1.2. Khoản nữa"
        ]
    );
}

#[test]
fn a_list_of_a_style_is_numbered_too() {
    let styles = format!(
        "<w:styles {W}><w:style w:type=\"paragraph\" w:styleId=\"Khoan\"><w:basedOn w:val=\"Goc\"/></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"Goc\"><w:pPr><w:numPr><w:numId w:val=\"1\"/></w:numPr></w:pPr></w:style>\
         <w:style w:type=\"character\" w:styleId=\"Hoa\"><w:rPr><w:caps/></w:rPr></w:style></w:styles>"
    );
    let numbering = format!(
        "<w:numbering {W}><w:abstractNum w:abstractNumId=\"0\"><w:lvl w:ilvl=\"0\"><w:numFmt w:val=\"decimal\"/>\
         <w:lvlText w:val=\"%1.\"/></w:lvl></w:abstractNum><w:num w:numId=\"1\"><w:abstractNumId w:val=\"0\"/></w:num></w:numbering>"
    );
    let body = "<w:p><w:pPr><w:pStyle w:val=\"Khoan\"/></w:pPr><w:r><w:t>Sở Y tế</w:t></w:r></w:p>\
                <w:p><w:pPr><w:pStyle w:val=\"Khoan\"/><w:numPr><w:numId w:val=\"0\"/></w:numPr></w:pPr>\
                <w:r><w:rPr><w:rStyle w:val=\"Hoa\"/></w:rPr><w:t>hỏa tốc</w:t></w:r></w:p>";
    let text = text_of(body, &[("word/styles.xml", &styles), ("word/numbering.xml", &numbering)]);
    assert_eq!(text, "1. Sở Y tế\n\nHỎA TỐC\n");
}

/// One case a line: what stands in the body, and what is printed of it.
#[test]
fn what_is_printed_and_what_is_not() {
    let r = |text: &str| format!("<w:r><w:t xml:space=\"preserve\">{text}</w:t></w:r>");
    let case =
        |body: &str, printed: &str| assert_eq!(text_of(&format!("<w:p>{body}</w:p>"), &[]), format!("{printed}\n"));
    case("<w:r><w:t>a</w:t><w:tab/><w:t>b</w:t><w:br/><w:t>c</w:t><w:noBreakHyphen/><w:t>d</w:t></w:r>", "a\tb\nc-d");
    case(&format!("<w:ins>{}</w:ins>{}", r("mới "), r("còn")), "mới còn");
    case(&format!("<w:del><w:r><w:delText>cũ</w:delText></w:r></w:del>{}", r("còn")), "còn");
    case(&format!("<w:moveFrom>{}</w:moveFrom>{}", r("đi"), r("ở")), "ở");
    case(&format!("<w:moveTo>{}</w:moveTo>", r("đến")), "đến");
    case(&format!("<w:r><w:rPr><w:vanish/></w:rPr><w:t>ẩn</w:t></w:r>{}", r("hiện")), "hiện");
    case(&format!("<w:r><w:rPr><w:vanish w:val=\"0\"/></w:rPr><w:t>hiện</w:t></w:r>{}", r(" rõ")), "hiện rõ");
    case(&format!("{}<w:r><w:footnoteReference w:id=\"1\"/></w:r>", r("chính")), "chính");
    case(&format!("<w:r><w:instrText>PAGE</w:instrText></w:r>{}", r("trang")), "trang");
    case("<w:r><w:t>kiểm</w:t><w:softHyphen/><w:t>soát</w:t></w:r>", "kiểmsoát");
    case(&r("A &amp; B &lt;C&gt; &#225;&#xE0;"), "A & B <C> áà");
    case("<w:r><w:rPr><w:caps/></w:rPr><w:t>ủy ban</w:t></w:r>", "ỦY BAN");
    let text_box = "<w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>HỎA TỐC</w:t></w:r></w:p></w:txbxContent>\
                    </mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>HỎA TỐC</w:t></w:r></w:p></w:txbxContent></mc:Fallback>\
                    </mc:AlternateContent></w:r>";
    case(&format!("{}{text_box}", r("Số: 1/UBND-VX")), "Số: 1/UBND-VX\n\nHỎA TỐC");
    let joined = "<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr><w:r><w:t xml:space=\"preserve\">một </w:t></w:r></w:p><w:p><w:r><w:t>hai</w:t></w:r></w:p>";
    assert_eq!(text_of(joined, &[]), "một hai\n");
}

#[test]
fn fonts_tell_the_encoding_of_each_run() {
    let run = |font: &str, text: &str| {
        format!("<w:r><w:rPr><w:rFonts w:ascii=\"{font}\" w:hAnsi=\"{font}\"/></w:rPr><w:t>{text}</w:t></w:r>")
    };
    let case = |runs: &[String], printed: &str, encodings: &[&str]| {
        let opened = open(&docx_with(&format!("<w:p>{}</w:p>", runs.concat()), &[])).unwrap();
        assert_eq!(opened.text, format!("{printed}\n"));
        let details: Vec<&str> = opened.findings.iter().map(|f| f.detail.as_str()).collect();
        assert_eq!(details, encodings, "{printed}");
    };
    case(&[run(".VnTime", "\u{f1}y ban nh\u{a9}n d\u{a9}n")], "ủy ban nhân dân", &["TCVN3 (ABC)"]);
    case(&[run(".VnTimeH", "\u{f1}y ban nh\u{a9}n d\u{a9}n")], "ỦY BAN NHÂN DÂN", &["TCVN3 (ABC)"]);
    case(&[run(".VnTime", "Tr</w:t><w:softHyphen/><w:t>\u{eb}ng ban Y t\u{d5}")], "Trưởng ban Y tế", &["TCVN3 (ABC)"]);
    // A letter and its mark in two runs, one of them bold.
    case(&[run("VNI-Times", "Uy\u{fb} ban nha"), run("VNI-Times", "\u{e2}n da\u{e2}n")], "Uỷ ban nhân dân", &["VNI"]);
    case(
        &[
            run(".VnTime", "S\u{eb} Y t\u{d5}"),
            run("VNI-Times", " ba\u{f9}o ca\u{f9}o"),
            run("Times New Roman", " hằng ngày"),
        ],
        "Sở Y tế báo cáo hằng ngày",
        &["TCVN3 (ABC)", "VNI"],
    );
    // The font was kept and the keyboard changed.
    case(&[run(".VnTime", "Sở Y tế báo cáo hằng ngày")], "Sở Y tế báo cáo hằng ngày", &[]);
}

#[test]
fn files_that_are_no_documents_say_what_they_are() {
    let case = |bytes: &[u8], why: Unreadable| assert_eq!(open(bytes), Err(why));
    case(b"", Unreadable::Empty);
    case(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 W\0o\0r\0d\0D\0o\0c\0", Unreadable::OldWord);
    let mut locked = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1".to_vec();
    locked.extend("EncryptedPackage".bytes().flat_map(|b| [b, 0]));
    case(&locked, Unreadable::Encrypted);
    case(&archive(&[("a.txt", b"a")]), Unreadable::NotWord);
    case(&archive(&[("xl/workbook.xml", b"<a/>")]), Unreadable::Binary { looks_like: Some("xlsx") });
    case(&archive(&[("word/document.xml", b"<a><b></a>")]), Unreadable::Broken);
    case(&docx_with("", &[]), Unreadable::Empty);
    let whole = docx_with(&p("x"), &[]);
    case(&whole[..whole.len() / 2], Unreadable::Broken);
    case(b"%PDF-1.7\nnothing", Unreadable::Broken);
    case(b"\x89PNG\r\n\x1a\n", Unreadable::Binary { looks_like: Some("png") });
}

#[test]
fn hostile_word_files_are_refused() {
    let refused = |bytes: &[u8], why: Unreadable| {
        let start = Instant::now();
        assert_eq!(open(bytes).map(|o| o.text.len()), Err(why));
        assert!(start.elapsed() < Duration::from_secs(20));
    };
    // A bomb: 9 MB of blanks in 9 kB.
    let mut bomb = format!("<w:document {W}><w:body>").into_bytes();
    bomb.resize(9 * 1024 * 1024, b' ');
    refused(&archive(&[("word/document.xml", &bomb)]), Unreadable::Unsafe);
    let laughs = "<!DOCTYPE w [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]><w:document/>";
    refused(&archive(&[("word/document.xml", laughs.as_bytes())]), Unreadable::Unsafe);
    refused(&docx_with("<w:p><w:r><w:t>&ha;</w:t></w:r></w:p>", &[]), Unreadable::Unsafe);
    let deep = format!("{}{}", "<w:tbl><w:tr><w:tc>".repeat(200), "</w:tc></w:tr></w:tbl>".repeat(200));
    refused(&docx_with(&deep, &[]), Unreadable::Unsafe);
    let names: Vec<String> = (0..4_001).map(|n| format!("{n}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b""[..])).collect();
    refused(&archive(&many), Unreadable::Unsafe);
    let endless = format!(
        "<w:styles {W}><w:style w:styleId=\"a\"><w:basedOn w:val=\"b\"/></w:style><w:style w:styleId=\"b\"><w:basedOn w:val=\"a\"/></w:style></w:styles>"
    );
    let body = "<w:p><w:pPr><w:pStyle w:val=\"a\"/></w:pPr><w:r><w:t>x</w:t></w:r></w:p>";
    assert_eq!(text_of(body, &[("word/styles.xml", &endless)]), "x\n");
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    out.write_all(bytes).unwrap();
    out.finish().unwrap()
}

/// A PDF file of one page with these instructions, packed.
fn pdf(content: &[u8], packed_twice: bool) -> Vec<u8> {
    let mut packed = zlib(content);
    let mut filter = "/FlateDecode".to_owned();
    if packed_twice {
        packed = zlib(&packed);
        filter = "[/FlateDecode /FlateDecode]".to_owned();
    }
    let mut out = b"%PDF-1.4\n1 0 obj <</Type/Catalog/Pages 2 0 R>> endobj\n2 0 obj <</Type/Pages/Kids[3 0 R]/Count 1>> endobj\n\
        3 0 obj <</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F 5 0 R>>>>>> endobj\n\
        5 0 obj <</Type/Font/Subtype/Type1/BaseFont/.VnTime/Encoding/WinAnsiEncoding>> endobj\n".to_vec();
    out.extend(format!("4 0 obj <</Filter {filter}/Length {}>>\nstream\n", packed.len()).bytes());
    out.extend(packed);
    out.extend(b"\nendstream endobj\ntrailer <</Root 1 0 R>>\n");
    out
}

#[test]
fn a_pdf_in_an_old_font_is_converted() {
    let text = b"BT /F 13 Tf 80 700 Td (S\xeb Y t\xd5 ch\xf1 tr\xd7, b\xb8o c\xb8o h\xbbng ng\xb5y.) Tj ET";
    let opened = open(&pdf(text, false)).unwrap();
    assert_eq!(opened.text, "Sở Y tế chủ trì, báo cáo hằng ngày.\n");
    assert_eq!(opened.findings[0].code, "encoding_converted");
}

#[test]
fn hostile_pdf_files_are_refused() {
    let bomb = vec![b' '; 70 * 1024 * 1024];
    let mut hidden = pdf(&bomb, false);
    assert_eq!(open(&hidden), Err(Unreadable::Unsafe));
    assert_eq!(open(&pdf(&[b' '; 5_000_000], true)), Err(Unreadable::Unsafe));
    // A bomb behind a false end, in a stream whose length is a lie.
    let at = hidden.windows(6).position(|w| w == b"stream").unwrap();
    hidden.splice(at..at, *b"stream\nx\nendstream\n");
    assert_eq!(open(&hidden), Err(Unreadable::Unsafe));
    let many = b"BT /F 13 Tf (aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) Tj ET ".repeat(5_000);
    assert_eq!(open(&pdf(&many, false)), Err(Unreadable::Unsafe));
}

#[test]
fn pdf_files_that_lead_in_circles_come_to_an_end() {
    let text = b"BT /F 13 Tf 80 700 Td (So: 12/UBND) Tj ET";
    let case = |from: &str, to: &str| {
        let file = pdf(text, false);
        let at = file.windows(from.len()).position(|w| w == from.as_bytes()).unwrap();
        let mut file = file;
        file.splice(at..at + from.len(), to.bytes());
        let start = Instant::now();
        if let Ok(opened) = open(&file) {
            assert!(opened.text.len() < 10_000_000);
        }
        assert!(start.elapsed() < Duration::from_secs(20), "{from}");
    };
    case("/Kids[3 0 R]", "/Kids[2 0 R 3 0 R 2 0 R]");
    case("/Parent 2 0 R", "/Parent 3 0 R");
    case("/Contents 4 0 R", &format!("/Contents[{}]", "4 0 R ".repeat(20_000)));
    case("/Contents 4 0 R", &format!("/Contents {}{}", "[".repeat(50_000), "]".repeat(50_000)));
    case("trailer <<", "trailer <</Prev 0 ");
    case("/Type1/", "/Type1/FirstChar 4294967295/Widths[1 2 3]/");
    let deep = format!("BT {} /F 13 Tf (x) Tj ET", "[".repeat(100_000));
    assert!(open(&pdf(deep.as_bytes(), false)).is_err());
    let saved = format!("{} BT /F 13 Tf (xyz) Tj ET", "q ".repeat(100_000));
    assert_eq!(open(&pdf(saved.as_bytes(), false)).unwrap().text, "xyz\n");
}

#[test]
fn word_files_of_nothing_but_mark_up_are_too_long() {
    assert_eq!(open(&docx_with(&"<w:p/>".repeat(500_001), &[])), Err(Unreadable::TooLong));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn damaged_files_are_read_or_refused(
        pick in 0..4usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..40),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let mut bytes = fixture(["cong_van.docx", "cong_van.pdf", "ke_hoach.pdf", "khong_co_lop_chu.pdf"][pick]);
        for (place, value) in edits {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()) + 1);
        }
        let start = Instant::now();
        if let Ok(opened) = open(&bytes) {
            let _ = opened.parse();
        }
        prop_assert!(start.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn damaged_parts_of_a_word_file_are_read_or_refused(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        runs in prop::collection::vec("<w:(p|r|t|tbl|tr|tc|del|ins|pPr|rPr|br/|tab/)>|</w:(p|r|t|tbl|tr|tc|del|ins)>|[a-zà-ỹ ]{1,9}", 0..60),
    ) {
        let mut document = format!("<w:document {W}><w:body>{}", runs.concat()).into_bytes();
        for (place, value) in edits {
            let at = place.index(document.len());
            document[at] = value;
        }
        if let Ok(opened) = open(&archive(&[("word/document.xml", &document)])) {
            let _ = opened.parse();
        }
    }

    #[test]
    fn random_instructions_set_no_trap(words in prop::collection::vec("BT|ET|q|Q|cm|re|W|n|/F|-?[0-9]{1,4}|Tf|Td|TD|Tm|T\\*|Tj|TJ|'|\\([a-z ]{0,9}\\)|\\[|\\]|Do|<[0-9a-f]{0,6}>", 0..80)) {
        if let Ok(opened) = open(&pdf(words.join(" ").as_bytes(), false)) {
            let _ = opened.parse();
        }
    }

    #[test]
    fn random_bytes_behind_any_magic_are_read_or_refused(head in 0..5usize, bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut file = [&b"PK\x03\x04"[..], b"%PDF-1.5\n", b"\xD0\xCF\x11\xE0", b"\xFF\xFE", b""][head].to_vec();
        file.extend(bytes);
        if let Ok(opened) = open(&file) {
            let _ = opened.parse();
        }
    }
}
