//! Speed of the parser: ordinary dispatches (the fixtures, one after the other), and hostile repetition in one text.
//!
//! Exits with an error below 20 MB/s of ordinary text, or if a hostile byte costs more than twice an ordinary one.
//! Run it with `cargo bench -p vx-dispatch`.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

const ORDINARY_MB_S_MIN: f64 = 20.0;
const HOSTILE_RATIO_MAX: f64 = 2.0;

/// Ten million bytes, or what `VX_BENCH_KB` says, for a quick look at new shapes.
fn size() -> usize {
    std::env::var("VX_BENCH_KB").ok().and_then(|kb| kb.parse::<usize>().ok()).map_or(10 << 20, |kb| kb << 10)
}

fn ordinary() -> Vec<String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/dispatches");
    let mut names: Vec<_> = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    names.sort();
    let texts: Vec<String> = names
        .iter()
        .filter(|name| name.extension().is_some_and(|ext| ext == "txt"))
        .filter_map(|name| vx_dispatch::decode(&fs::read(name).ok()?).ok())
        .collect();
    assert!(!texts.is_empty(), "fixtures/dispatches holds the ordinary text");
    texts
}

fn repeat(unit: &str) -> String {
    let size = size();
    let mut text = String::with_capacity(size + unit.len());
    while text.len() < size {
        text.push_str(unit);
    }
    text
}

/// Seconds per million bytes. Every text is read again and again until the size is reached, at least three times, and
/// its best time counts: on a shared machine the others are the work of neighbours.
fn cost<T: AsRef<str>>(texts: &[T]) -> f64 {
    let bytes: usize = texts.iter().map(|text| text.as_ref().len()).sum();
    let rounds = size().div_ceil(bytes.max(1)).max(3);
    let best: f64 = texts
        .iter()
        .map(|text| {
            (0..rounds)
                .map(|_| {
                    let start = Instant::now();
                    black_box(vx_dispatch::parse(black_box(text.as_ref())));
                    start.elapsed().as_secs_f64()
                })
                .fold(f64::INFINITY, f64::min)
        })
        .sum();
    best / (bytes as f64 / 1e6)
}

/// How many times as much a byte of one text costs as a byte of another, read in turns so that both meet the same
/// neighbours.
fn ratio(text: &str, base: &str) -> f64 {
    let (mut one, mut other) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..3 {
        for (text, best) in [(text, &mut one), (base, &mut other)] {
            let start = Instant::now();
            black_box(vx_dispatch::parse(black_box(text)));
            *best = best.min(start.elapsed().as_secs_f64() / text.len() as f64);
        }
    }
    one / other
}

fn main() -> ExitCode {
    let texts = ordinary();
    let speed = 1.0 / cost(&texts);
    println!("{:<34} {speed:8.1} MB/s", "ordinary, dispatch by dispatch");
    let joined = repeat(&texts.join("\n\n"));
    println!("{:<34} {:8.1} MB/s", "ordinary, all in one text", 1.0 / cost(&[joined.as_str()]));
    let header = "Số: 1/UBND-VX\nKính gửi: Sở Y tế.\n\n";
    let shapes: &[(&str, String)] = &[
        ("digits", repeat("0123456789")),
        ("spaced digits", format!("Số: {}", repeat("1 "))),
        ("brackets", repeat("(")),
        ("bracket pairs", repeat("()[]{}")),
        ("(1)(1)(1)", repeat("(1)")),
        ("(1) (2) in a dispatch", format!("{header}1. {}", repeat("(1) a; (2) b; "))),
        ("combining marks", repeat("\u{301}")),
        ("letters with loose marks", repeat("a\u{323}\u{302}")),
        ("ngày ngày ngày", repeat("ngày ")),
        ("Số: Số:", repeat("Số: ")),
        ("Số: lines", repeat("Số: 1/UBND\n")),
        ("asterisks", repeat("*")),
        ("asterisks and spaces", repeat("** ")),
        ("new lines", repeat("\n")),
        ("short lines", repeat("a\n")),
        ("bullets", format!("{header}{}", repeat("- a\n"))),
        ("nested numbers", format!("{header}{}", repeat("1. a:\na) b:\n- c:\n+ d:\n"))),
        ("units in one list", format!("{header}1. Giao {}", repeat("Sở Y tế, "))),
        ("chủ trì", format!("{header}1. {}", repeat("chủ trì "))),
        ("phối hợp với các", format!("{header}1. {}", repeat("phối hợp với các cơ quan, "))),
        ("trước ngày", format!("{header}1. {}", repeat("trước ngày "))),
        ("hàng ngày", format!("{header}1. {}", repeat("17h00 hàng ngày "))),
        ("citations", format!("{header}1. {}", repeat("Quyết định số 12/QĐ-UBND ngày 1/2/2021 của UBND tỉnh, "))),
        ("headers", repeat("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n")),
        ("closings", repeat("Nơi nhận:\n- Như trên;\nCHỦ TỊCH\n")),
        ("table rows", format!("{header}{}", repeat("| 1 | a | b |\n"))),
        ("capitals", repeat("ỦY BAN NHÂN DÂN ")),
        ("colons", repeat("a: ")),
        ("full stops", format!("{header}1. {}", repeat(". "))),
        ("slashes", repeat("1/")),
        ("angle brackets", repeat("<")),
        ("zero width", repeat("\u{200b}")),
    ];
    let mut ok = speed >= ORDINARY_MB_S_MIN;
    for (name, text) in shapes {
        let ratio = ratio(text, &joined);
        let mark = if ratio > HOSTILE_RATIO_MAX { "  too slow" } else { "" };
        ok &= ratio <= HOSTILE_RATIO_MAX;
        println!("{name:<34} costs {ratio:5.2} of the ordinary text{mark}");
    }
    if ok {
        ExitCode::SUCCESS
    } else {
        eprintln!(
            "below {ORDINARY_MB_S_MIN} MB/s, or a hostile byte costs more than {HOSTILE_RATIO_MAX} times an ordinary one"
        );
        ExitCode::FAILURE
    }
}
