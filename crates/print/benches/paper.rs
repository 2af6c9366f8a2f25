//! Speed of the files of a document: a report of ten pages with three charts, each time another one, so that nothing of
//! it is in any cache; fonts and form are warm, as in a program that runs.
//!
//! Exits with an error above 300 ms for the PDF, 100 ms for the Word file, or when the report has not ten pages.
//! Run it with `cargo bench -p vx-print`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use vx_dispatch::{Chart, Draft, DraftClause, Figure, Kind, Layout, Numbering, Properties, Series, Shape, word};

const PDF_MS_MAX: f64 = 300.0;
const WORD_MS_MAX: f64 = 100.0;
const ROUNDS: usize = 15;

fn report(round: usize) -> Draft {
    let chart = |shape| {
        let values = |salt: usize| (0..31).map(|day| Some(((day * salt + round) % 97) as f64)).collect();
        Figure::Chart(Chart {
            caption: format!("Số ca mắc mới theo ngày, kỳ {round}"),
            shape,
            labels: (1..=31).map(|day| format!("{day:02}/8")).collect(),
            series: vec![
                Series { name: "Cộng đồng".to_owned(), values: values(7) },
                Series { name: "Khu cách ly".to_owned(), values: values(13) },
            ],
        })
    };
    let rows: String = (1..=109)
        .map(|n| format!("{n} | Xã Tân Thạnh {n}, huyện Long Phú | {} | {} | {}\n", n * 13 + round, n % 7, n * 3))
        .collect();
    let table = Figure::read("Kết quả theo xã", None, &format!("STT | Đơn vị | Số mẫu | Dương tính | Khỏi\n{rows}"));
    let paragraph = "Công tác xét nghiệm, truy vết, cách ly và điều trị được thực hiện theo kế hoạch; lực lượng tuyến đầu trực 24/24 giờ, \
                     phối hợp với Tổ COVID cộng đồng rà soát từng hộ, lập danh sách người về từ vùng dịch và hướng dẫn khai báo y tế";
    let section = |n: usize| {
        let figures = match n {
            1 => vec![chart(Shape::Bar)],
            2 => vec![chart(Shape::Line)],
            3 => vec![chart(Shape::Bar)],
            4 => table.clone().into_iter().collect(),
            _ => Vec::new(),
        };
        let text = format!("Kết quả mảng công tác {n}, kỳ {round}\n{}", [paragraph; 5].join("\n"));
        DraftClause { text, figures, ..DraftClause::default() }
    };
    Draft {
        issuer: "Sở Y tế tỉnh Sóc Trăng".to_owned(),
        number: Some(format!("{round}/BC-SYT")),
        place: "Sóc Trăng".to_owned(),
        issued_on: Some("2021-09-13".to_owned()),
        subject: format!("Kết quả phòng, chống dịch kỳ {round}"),
        numbering: Numbering::Roman,
        clauses: (1..=14).map(section).collect(),
        recipients: vec!["UBND tỉnh".to_owned(), "Lưu: VT".to_owned()],
        title: "Giám đốc".to_owned(),
        name: "Nguyễn Đức Thịnh".to_owned(),
        ..Draft::new(Kind::BaoCao)
    }
}

/// The middle of some times, in milliseconds.
fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
}

fn main() -> ExitCode {
    let properties = Properties::default();
    let start = Instant::now();
    let first = vx_print::pdf(&Layout::of(&report(0)), &properties);
    let cold = start.elapsed().as_secs_f64() * 1e3;
    let (n_pages, kb) = first.map_or((0, 0), |printed| (printed.n_pages, printed.pdf.len() / 1024));
    let (mut pdf, mut docx) = (Vec::new(), Vec::new());
    for round in 1..=ROUNDS {
        let draft = report(round);
        let start = Instant::now();
        let _ = black_box(vx_print::pdf(&Layout::of(&draft), &properties));
        pdf.push(start.elapsed().as_secs_f64() * 1e3);
        let start = Instant::now();
        black_box(word(&Layout::of(&draft), &properties));
        docx.push(start.elapsed().as_secs_f64() * 1e3);
    }
    let (pdf, docx) = (middle(pdf), middle(docx));
    println!("report of {n_pages} pages, 3 charts, 109 rows, {kb} KB");
    println!("{:<22} {pdf:8.1} ms   (the first, with fonts to be read: {cold:.1} ms)", "PDF");
    println!("{:<22} {docx:8.1} ms", "Word");
    if pdf <= PDF_MS_MAX && docx <= WORD_MS_MAX && n_pages >= 10 {
        ExitCode::SUCCESS
    } else {
        eprintln!("above {PDF_MS_MAX} ms for the PDF or {WORD_MS_MAX} ms for the Word file, or fewer than ten pages");
        ExitCode::FAILURE
    }
}
