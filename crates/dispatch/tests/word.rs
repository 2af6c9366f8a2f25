//! A Word file measures what the form says, and opens where it will be edited.
#![allow(clippy::unwrap_used)]

use std::io::{Cursor, Read as _};

use vx_dispatch::{Draft, DraftClause, FORM, Figure, Kind, Layout, Properties, Shape, Urgency, edxml, open, word};

fn report() -> Draft {
    let cells = "Huyện\tCa mắc\tKhỏi\nKế Sách\t12\t3\nMỹ Xuyên\t1.045\t7";
    let figure = |shape| Figure::read("Theo huyện <&>", shape, cells).unwrap();
    let clause = |text: &str, figures| DraftClause { text: text.to_owned(), figures, ..DraftClause::default() };
    Draft {
        urgency: Some(Urgency::ThuongKhan),
        issuer: "Sở Y tế tỉnh Sóc Trăng".to_owned(),
        parent_issuer: Some("Ủy ban nhân dân tỉnh Sóc Trăng".to_owned()),
        number: Some("267/BC-SYT".to_owned()),
        place: "Sóc Trăng".to_owned(),
        issued_on: Some("2021-09-13".to_owned()),
        subject: "Kết quả phòng, chống dịch COVID-19 & kiểm soát <vùng đỏ>".to_owned(),
        clauses: vec![
            clause("Tình hình\nToàn tỉnh ghi nhận 45 ca", vec![figure(None), figure(Some(Shape::Bar))]),
            clause("Kiến nghị\nCấp bổ sung sinh phẩm", vec![figure(Some(Shape::Line))]),
        ],
        recipients: vec!["UBND tỉnh".to_owned(), "Lưu: VT".to_owned()],
        title: "Giám đốc".to_owned(),
        name: "Nguyễn Đức Thịnh".to_owned(),
        ..Draft::new(Kind::BaoCao)
    }
    .tidy()
}

fn file() -> Vec<u8> {
    let properties = Properties {
        title: "267/BC-SYT".to_owned(),
        author: "Sở Y tế".to_owned(),
        at: Some("2021-09-13T00:30:00Z".to_owned()),
    };
    word(&Layout::of(&report()), &properties)
}

fn part(file: &[u8], name: &str) -> String {
    let mut zip = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut text = String::new();
    zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The value of an attribute behind a piece of mark-up.
fn value(xml: &str, behind: &str, name: &str) -> f64 {
    let tag = xml.split(behind).nth(1).and_then(|rest| rest.split('>').next()).unwrap_or_else(|| panic!("no {behind}"));
    tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()?.parse().ok()).unwrap()
}

#[test]
fn page_and_type_are_those_of_the_annex() {
    let file = file();
    let (document, styles) = (part(&file, "word/document.xml"), part(&file, "word/styles.xml"));
    let mm = |behind: &str, name: &str| (value(&document, behind, name) / 56.692_913).round();
    assert_eq!((mm("<w:pgSz", "w:w"), mm("<w:pgSz", "w:h")), (210.0, 297.0));
    for (name, least, most) in
        [("w:top", 20.0, 25.0), ("w:bottom", 20.0, 25.0), ("w:left", 30.0, 35.0), ("w:right", 15.0, 20.0)]
    {
        assert!((least..=most).contains(&mm("<w:pgMar", name)), "{name}: {}", mm("<w:pgMar", name));
    }
    assert!(styles.contains("w:ascii=\"Times New Roman\""));
    // Each style in points, as Annex I allows it.
    for (style, least, most) in [
        ("QuocHieu", 12.0, 13.0),
        ("TieuNgu", 13.0, 14.0),
        ("CoQuanChuQuan", 12.0, 13.0),
        ("CoQuanBanHanh", 12.0, 13.0),
        ("SoKyHieu", 13.0, 13.0),
        ("TrichYeuCongVan", 12.0, 13.0),
        ("DiaDanh", 13.0, 14.0),
        ("DauKhan", 13.0, 14.0),
        ("TenLoai", 13.0, 14.0),
        ("TrichYeu", 13.0, 14.0),
        ("ThanVanBan", 13.0, 14.0),
        ("NoiNhanNhan", 12.0, 12.0),
        ("NoiNhan", 11.0, 11.0),
        ("ChucVu", 13.0, 14.0),
        ("HoTen", 13.0, 14.0),
        ("Header", 13.0, 14.0),
    ] {
        let piece = styles.split(&format!("w:styleId=\"{style}\"")).nth(1).unwrap().split("</w:style>").next().unwrap();
        let points = value(piece, "<w:sz", "w:val") / 2.0;
        assert!((least..=most).contains(&points), "{style}: {points}");
    }
    let body = styles.split("w:styleId=\"ThanVanBan\"").nth(1).unwrap().split("</w:style>").next().unwrap();
    assert!(
        value(body, "<w:spacing", "w:before") >= f64::from(FORM.gap_pt) * 20.0
            && body.contains("<w:jc w:val=\"both\"/>")
    );
    assert_eq!(value(body, "<w:ind", "w:firstLine"), 720.0, "1.27 cm");
    // The number of the page in the header, none on the first page; the stamp in a red box.
    assert!(document.contains("<w:titlePg/>") && part(&file, "word/header1.xml").contains(" PAGE "));
    assert!(document.contains("<w:color w:val=\"FF0000\"/></w:rPr><w:t>THƯỢNG KHẨN</w:t>"));
    assert!(document.contains("<w:pStyle w:val=\"Heading1\"/>") && document.contains("<w:tblHeader/>"));
}

#[test]
fn every_part_is_sound_xml_and_the_same_document_is_the_same_file() {
    let file = file();
    assert_eq!(file, self::file());
    let zip = zip::ZipArchive::new(Cursor::new(file.as_slice())).unwrap();
    let names: Vec<String> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names.iter().filter(|name| name.starts_with("word/charts/")).count(), 2, "{names:?}");
    for name in names {
        let text = part(&file, &name);
        let mut reader = quick_xml::Reader::from_str(&text);
        reader.config_mut().check_end_names = true;
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{name}: {error}")) {
                quick_xml::events::Event::Eof => break,
                _ => continue,
            }
        }
    }
}

#[test]
fn the_scale_of_a_chart_begins_at_nought_unless_a_figure_is_below_it() {
    for (cells, begins) in [("Ngày | Ca\n1/9 | 340\n2/9 | 365", true), ("Ngày | Tăng\n1/9 | -3\n2/9 | 5", false)] {
        let mut draft = report();
        draft.clauses[0].figures = Figure::read("Ca", Some(Shape::Line), cells).into_iter().collect();
        let file = word(&Layout::of(&draft.tidy()), &Properties::default());
        let chart = part(&file, "word/charts/chart1.xml");
        assert_eq!(chart.contains("<c:min val=\"0\"/>"), begins, "{cells}: {chart}");
    }
}

#[test]
fn a_message_for_other_systems_says_what_the_document_says() {
    let sent = vx_dispatch::Sent {
        document: "1".to_owned(),
        organ: "94.syt".to_owned(),
        to: vec!["UBND tỉnh".to_owned()],
        pages: Some(2),
        ..Default::default()
    };
    let message = edxml(&report(), &sent);
    for piece in [
        "Chưa đối chiếu",
        "<edXML:CodeNumber>267</edXML:CodeNumber><edXML:CodeNotation>BC-SYT</edXML:CodeNotation>",
        "<edXML:PromulgationDate>2021-09-13</edXML:PromulgationDate>",
        "&lt;vùng đỏ&gt;",
        "<edXML:Priority>2</edXML:Priority><edXML:PageAmount>2</edXML:PageAmount>",
        "<edXML:FullName>Nguyễn Đức Thịnh</edXML:FullName>",
    ] {
        assert!(message.contains(piece), "{piece} in\n{message}");
    }
}

#[test]
fn libreoffice_opens_it_and_prints_what_it_says() {
    let folder = std::env::temp_dir().join(format!("vx-word-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("report.docx"), file()).unwrap();
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.display());
    let run = std::process::Command::new("soffice")
        .args([&profile, "--headless", "--convert-to", "pdf", "--outdir"])
        .arg(&folder)
        .arg(folder.join("report.docx"))
        .output();
    match run {
        Ok(output) if output.status.success() => {
            let text = open(&std::fs::read(folder.join("report.pdf")).unwrap()).unwrap().text;
            for words in
                ["BÁO CÁO", "THƯỢNG KHẨN", "Bảng 1. Theo huyện", "Biểu đồ 2. Theo huyện", "1.045", "Nguyễn Đức Thịnh"]
            {
                assert!(text.contains(words), "{words} in\n{text}");
            }
        }
        _ => println!("skipped: no LibreOffice here (Debian: libreoffice-writer-nogui)"),
    }
    std::fs::remove_dir_all(&folder).unwrap();
}
