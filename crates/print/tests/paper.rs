//! What is set is what the form asks for: measures, pages, and the words as they were written.
#![allow(clippy::unwrap_used)]

use vx_dispatch::{
    Authority, Chart, Draft, DraftClause, Due, FORM, Figure, Kind, Layout, Numbering, Properties, Series, Shape,
    SigningFor, Table, Urgency, open,
};
use vx_print::pdf;

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn letter() -> Draft {
    Draft {
        urgency: Some(Urgency::HoaToc),
        issuer: "Ủy ban nhân dân tỉnh Sóc Trăng".to_owned(),
        number: Some("1844/UBND-VX".to_owned()),
        place: "Sóc Trăng".to_owned(),
        issued_on: Some("2021-08-28".to_owned()),
        subject: "tiếp tục kiểm soát người và phương tiện ra, vào tỉnh".to_owned(),
        addressees: strings(&["Các sở, ban, ngành tỉnh", "UBND các huyện, thị xã, thành phố"]),
        preamble: strings(&["Chủ tịch Ủy ban nhân dân tỉnh yêu cầu:"]),
        clauses: vec![
            DraftClause {
                text: "rà soát nguồn ô xy, giường bệnh".to_owned(),
                lead: strings(&["Sở Y tế"]),
                cooperating: strings(&["Sở Tài chính"]),
                dues: vec![Due::On { day: "2021-09-02".to_owned(), time: Some("17:00".to_owned()) }],
                ..DraftClause::default()
            },
            DraftClause {
                text: "kiểm soát chặt 04 chốt cửa ngõ".to_owned(),
                lead: strings(&["Công an tỉnh"]),
                dues: vec![Due::Daily { every: 3, time: Some("17:00".to_owned()) }],
                ..DraftClause::default()
            },
        ],
        recipients: strings(&["Như trên", "TT. Tỉnh ủy, TT. HĐND tỉnh", "Lưu: VT, VX"]),
        authority: vec![Authority { by: SigningFor::Kt, of: "Chủ tịch".to_owned() }],
        title: "Phó Chủ tịch".to_owned(),
        name: "Huỳnh Thị Diễm Ngọc".to_owned(),
        ..Draft::new(Kind::CongVan)
    }
}

fn report(n_sections: usize) -> Draft {
    let chart = |shape| {
        Figure::Chart(Chart {
            caption: "Số ca mắc mới theo ngày".to_owned(),
            shape,
            labels: (1..=14).map(|day| format!("{day:02}/9")).collect(),
            series: vec![
                Series {
                    name: "Cộng đồng".to_owned(), values: (0..14).map(|n| Some(f64::from(n * n % 17))).collect()
                },
                Series { name: "Khu cách ly".to_owned(), values: (0..14).map(|n| Some(f64::from(n % 5))).collect() },
            ],
        })
    };
    let table = Figure::Table(Table {
        caption: "Kết quả theo huyện".to_owned(),
        columns: strings(&["STT", "Đơn vị", "Số mẫu", "Dương tính"]),
        rows: (1..=60).map(|n| strings(&[&n.to_string(), "Huyện Mỹ Xuyên", "1.234", "5"])).collect(),
    });
    let section = |n: usize| DraftClause {
        text: format!(
            "Tình hình dịch bệnh khu vực {n}\nTính đến 17h00 ngày 12/9/2021, toàn tỉnh ghi nhận {n} ca mắc mới"
        ),
        figures: match n {
            1 => vec![chart(Shape::Bar), table.clone()],
            2 => vec![chart(Shape::Line)],
            3 => vec![chart(Shape::Bar)],
            _ => Vec::new(),
        },
        ..DraftClause::default()
    };
    Draft {
        issuer: "Sở Y tế tỉnh Sóc Trăng".to_owned(),
        parent_issuer: Some("Ủy ban nhân dân tỉnh Sóc Trăng".to_owned()),
        number: Some("267/BC-SYT".to_owned()),
        place: "Sóc Trăng".to_owned(),
        issued_on: Some("2021-09-13".to_owned()),
        subject: "Kết quả phòng, chống dịch COVID-19".to_owned(),
        numbering: Numbering::Roman,
        clauses: (1..=n_sections).map(section).collect(),
        recipients: strings(&["UBND tỉnh", "Lưu: VT"]),
        title: "Giám đốc".to_owned(),
        name: "Nguyễn Đức Thịnh".to_owned(),
        ..Draft::new(Kind::BaoCao)
    }
}

fn of(draft: &Draft) -> vx_print::Printed {
    pdf(&Layout::of(&draft.tidy()), &Properties::default()).unwrap()
}

#[test]
fn a_letter_read_back_from_its_pdf_is_the_letter() {
    let printed = of(&letter());
    if let Ok(folder) = std::env::var("VX_SHOW") {
        std::fs::write(format!("{folder}/letter.pdf"), &printed.pdf).unwrap();
        std::fs::write(format!("{folder}/report.pdf"), of(&report(6)).pdf).unwrap();
        std::fs::write(
            format!("{folder}/letter.docx"),
            vx_dispatch::word(&Layout::of(&letter().tidy()), &Properties::default()),
        )
        .unwrap();
        std::fs::write(
            format!("{folder}/report.docx"),
            vx_dispatch::word(&Layout::of(&report(6).tidy()), &Properties::default()),
        )
        .unwrap();
    }
    let opened = open(&printed.pdf).unwrap();
    let outcome = opened.parse();
    assert_eq!(Draft::of(&outcome.dispatches[0], &opened.text), letter().tidy(), "\n{}", opened.text);
}

#[test]
fn the_same_document_is_the_same_file() {
    assert_eq!(of(&letter()).pdf, of(&letter()).pdf);
    assert_ne!(of(&letter()).pdf, of(&report(1)).pdf);
}

#[test]
fn a_report_goes_over_pages_that_are_numbered_from_the_second() {
    let printed = of(&report(12));
    assert!(printed.n_pages >= 3, "{}", printed.n_pages);
    let text = open(&printed.pdf).unwrap().text;
    assert!(text.contains("BÁO CÁO") && text.contains("Bảng 1. Kết quả theo huyện"), "{text}");
    assert!(text.contains("Biểu đồ 3. Số ca mắc mới theo ngày"), "{text}");
}

#[test]
fn the_close_does_not_stand_on_a_page_without_words() {
    // However long the body is, the last paragraph is on the page of the signature.
    let mut n_two = 0;
    for n in 10..26 {
        let mut draft = letter();
        let clause = |n: usize| DraftClause { text: format!("Việc thứ {n}"), ..DraftClause::default() };
        draft.clauses = (1..=n).map(clause).collect();
        draft.clauses[n - 1].text.push_str(&" được ghi rõ".repeat(14));
        let printed = of(&draft);
        let text = open(&printed.pdf).unwrap().text;
        assert!(text.contains(&format!("Việc thứ {n} được")) && printed.n_pages <= 2, "{text}");
        if printed.n_pages == 2 {
            // A letter is drawn once and used often; the close alone has about a hundred.
            let (drawn, _) = vx_print::page(&Layout::of(&draft.tidy()), &Properties::default(), 2).unwrap();
            let n_letters = drawn.unwrap().matches("<use").count();
            assert!(n_letters > 200, "{n}: {n_letters} letters on the second page");
            n_two += 1;
        }
    }
    assert!((4..16).contains(&n_two), "some have one page and some two: {n_two}");
}

#[test]
fn whatever_is_typed_is_words() {
    let hostile = "#panic() $x$ *đậm* _nghiêng_ `mã` <nhãn> @nhãn [x] \\ #read(\"/etc/passwd\") 😀 \u{200b}";
    let mut draft = letter();
    draft.subject = hostile.to_owned();
    draft.clauses[0].text = hostile.to_owned();
    draft.name = String::new();
    draft.recipients = Vec::new();
    draft.clauses[1].figures = vec![
        Figure::Table(Table::default()),
        Figure::Chart(Chart {
            caption: hostile.to_owned(),
            shape: Shape::Line,
            labels: strings(&[hostile]),
            series: Vec::new(),
        }),
        Figure::Table(Table {
            caption: hostile.to_owned(),
            columns: strings(&["#a", "b"]),
            rows: vec![strings(&["*x*", "[y]"])],
        }),
    ];
    let text = open(&of(&draft).pdf).unwrap().text;
    assert!(text.contains("*đậm* _nghiêng_") && text.contains("[y]"), "{text}");
    // Nothing in it at all.
    assert_eq!(of(&Draft::new(Kind::QuyetDinh)).n_pages, 1);
}

#[test]
fn every_vietnamese_letter_has_a_face() {
    let letters = "aàảãáạăằẳẵắặâầẩẫấậbcdđeèẻẽéẹêềểễếệghiìỉĩíịklmnoòỏõóọôồổỗốộơờởỡớợpqrstuùủũúụưừửữứựvxyỳỷỹýỵ";
    let all = format!("{letters} {} 0123456789 ₫ … – “ ” % ½ °C", letters.to_uppercase());
    let mut draft = Draft::new(Kind::ThongBao);
    // Regular, bold and italic, and bold italic below a third level.
    draft.preamble = vec![all.clone(), format!("Căn cứ {all}")];
    draft.subject = all.clone();
    let text = open(&of(&draft).pdf).unwrap().text;
    for letter in letters.chars().chain(letters.to_uppercase().chars()) {
        assert!(text.matches(letter).count() >= 3, "{letter} in\n{text}");
    }
}

/// The first match of `key a b c d` in the uncompressed parts of a file.
fn media_box(pdf: &[u8]) -> Vec<f64> {
    let text = String::from_utf8_lossy(pdf);
    let after = text.split("/MediaBox").nth(1).and_then(|rest| rest.split(['[', ']']).nth(1)).unwrap_or_default();
    after.split_whitespace().filter_map(|number| number.parse().ok()).collect()
}

/// Words with their boxes (left, top), as poppler reads them; none where it is not installed.
fn boxes(pdf: &[u8], name: &str) -> Option<Vec<(f64, f64, String)>> {
    let folder = std::env::temp_dir().join(format!("vx-print-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("paper.pdf");
    std::fs::write(&file, pdf).unwrap();
    let output = std::process::Command::new("pdftotext").arg("-bbox").arg(&file).arg("-").output();
    std::fs::remove_dir_all(&folder).unwrap();
    let text = String::from_utf8(output.ok()?.stdout).unwrap();
    let value = |piece: &str, name: &str| -> f64 {
        piece.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()?.parse().ok()).unwrap()
    };
    let word = |piece: &str| {
        let said = piece.split('>').nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default();
        (value(piece, "xMin"), value(piece, "yMin"), said.to_owned())
    };
    Some(text.split("<word ").skip(1).map(word).collect())
}

/// Basis: NĐ 30/2020/NĐ-CP, Annex I: lines are spaced singly at the least and by one and a half at the most. Singly is
/// 1.15 of the size in the type of the State's documents.
#[test]
fn lines_stand_as_far_apart_as_the_annex_asks() {
    let mut draft = letter();
    draft.clauses[0].text = "rà soát nguồn ô xy, giường bệnh, nhân lực và phương tiện ".repeat(8);
    let Some(words) = boxes(&of(&draft).pdf, "pitch") else {
        println!("skipped: no pdftotext here (Debian: poppler-utils)");
        return;
    };
    let top = |word: &str| words.iter().find(|(.., said)| said == word).map(|(_, top, _)| *top).unwrap();
    // Lines that go on begin at the left margin.
    let margin = f64::from(FORM.left_mm) * 72.0 / 25.4;
    let begins = |(left, at, _): &&(f64, f64, String)| (left - margin).abs() < 0.5 && *at < top("Nơi");
    let mut tops: Vec<f64> = words.iter().filter(begins).map(|(_, top, _)| *top).collect();
    tops.sort_by(f64::total_cmp);
    let pitch = tops.windows(2).map(|pair| pair[1] - pair[0]).filter(|by| *by > 1.0).fold(f64::MAX, f64::min);
    let times = pitch / f64::from(FORM.body_pt);
    assert!((1.15..=1.5 * 1.15).contains(&times) && (times - 1.24).abs() < 0.02, "body: {pitch} pt, {times} times");
    // The issuer on two lines; the name of the State above its motto.
    let issuer = (top("TỈNH") - top("BAN")) / f64::from(FORM.head_pt);
    assert!((1.13..1.25).contains(&issuer), "issuer: {issuer} times");
    let motto = (top("Độc") - top("CỘNG")) / f64::from(FORM.head_pt);
    assert!((1.1..1.3).contains(&motto), "motto: {motto} times");
}

#[test]
fn the_page_measures_what_the_form_says() {
    let printed = of(&report(12));
    let folder = std::env::temp_dir().join(format!("vx-print-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("report.pdf");
    std::fs::write(&file, &printed.pdf).unwrap();
    let boxed = media_box(&printed.pdf);
    if boxed.len() == 4 {
        assert!((boxed[2] - 595.3).abs() < 1.0 && (boxed[3] - 841.9).abs() < 1.0, "{boxed:?}");
    }
    let output = std::process::Command::new("pdftotext").arg("-bbox-layout").arg(&file).arg("-").output();
    let Ok(output) = output else {
        println!("skipped: no pdftotext here (Debian: poppler-utils); the words were read by our own reader");
        std::fs::remove_dir_all(&folder).unwrap();
        return;
    };
    let layout = String::from_utf8(output.stdout).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let value = |piece: &str, name: &str| -> f64 {
        piece.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next()?.parse().ok()).unwrap()
    };
    let (mm, mut n_pages) = (72.0 / 25.4, 0);
    for page in layout.split("<page ").skip(1) {
        n_pages += 1;
        assert!((value(page, "width") / mm - 210.0).abs() < 0.5 && (value(page, "height") / mm - 297.0).abs() < 0.5);
        let words: Vec<&str> = page.split("<word ").skip(1).collect();
        let left = words.iter().map(|word| value(word, "xMin")).fold(f64::MAX, f64::min) / mm;
        let right = 210.0 - words.iter().map(|word| value(word, "xMax")).fold(0.0, f64::max) / mm;
        let bottom = 297.0 - words.iter().map(|word| value(word, "yMax")).fold(0.0, f64::max) / mm;
        assert!(left > f64::from(FORM.left_mm) - 0.5, "left {left}");
        assert!(right > f64::from(FORM.right_mm) - 0.5, "right {right}");
        assert!(bottom > f64::from(FORM.bottom_mm) - 0.5, "bottom {bottom}");
        // The number stands alone in the middle of the top margin, from the second page on.
        let above: Vec<&&str> = words.iter().filter(|word| value(word, "yMax") / mm < f64::from(FORM.top_mm)).collect();
        if n_pages == 1 {
            assert!(above.is_empty(), "{above:?}");
        } else {
            let [number] = above.as_slice() else { panic!("{above:?}") };
            assert!(number.contains(&format!(">{n_pages}<")), "{number}");
            let middle = (value(number, "xMin") + value(number, "xMax")) / 2.0 / mm;
            assert!((middle - (30.0 + 165.0 / 2.0)).abs() < 1.0, "{middle}");
        }
    }
    assert_eq!(n_pages, printed.n_pages);
}
