//! Properties of every parse: it never panics, spans lie inside the text on character boundaries, quotes are exact,
//! codes are listed.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use vx_dispatch::{CODES, Dispatch, Outcome, Span, decode, parse};

fn texts(dir: PathBuf) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    names.sort();
    names
        .iter()
        .filter(|name| name.extension().is_some_and(|ext| ext == "txt"))
        .map(|name| decode(&fs::read(name).unwrap()).unwrap())
        .collect()
}

fn corpus() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all = texts(root.join("../../fixtures/dispatches"));
    all.extend(texts(root.join("../../../shared/seeds")));
    all
}

fn inside(text: &str, span: Span) {
    assert!(span.start <= span.end && span.end <= text.len(), "{span:?} of {}", text.len());
    assert!(text.is_char_boundary(span.start) && text.is_char_boundary(span.end), "{span:?}");
}

fn check_dispatch(text: &str, d: &Dispatch) {
    inside(text, d.span);
    d.preamble.iter().for_each(|s| inside(text, *s));
    d.spans.values().flatten().for_each(|s| inside(text, *s));
    d.attached.iter().for_each(|a| inside(text, a.span));
    d.commanded.iter().for_each(|a| inside(text, a.span));
    for c in &d.citations {
        inside(text, c.span);
        c.mentions.iter().for_each(|s| inside(text, *s));
    }
    for c in &d.clauses {
        inside(text, c.span);
        c.assignments.iter().for_each(|a| inside(text, a.span));
        for due in &c.deadlines {
            inside(text, due.span);
            assert_eq!(due.quote, text[due.span.start..due.span.end], "a quote is the exact source text");
        }
    }
    for f in &d.findings {
        f.span.iter().for_each(|s| inside(text, *s));
        assert!(CODES.iter().any(|c| c.code == f.code), "{} is listed", f.code);
    }
}

fn check(text: &str) -> Outcome {
    let outcome = parse(text);
    outcome.dispatches.iter().for_each(|d| check_dispatch(text, d));
    outcome.findings.iter().filter_map(|f| f.span).for_each(|s| inside(text, s));
    outcome
}

#[test]
fn every_fixture_keeps_its_spans() {
    for text in corpus() {
        let outcome = check(&text);
        assert!(!outcome.dispatches.is_empty());
    }
}

#[test]
fn a_result_survives_json() {
    for text in corpus() {
        let outcome = parse(&text);
        let json = serde_json::to_string(&outcome).unwrap();
        assert_eq!(serde_json::from_str::<Outcome>(&json).unwrap(), outcome);
    }
}

#[test]
fn every_prefix_and_every_suffix_is_read() {
    for text in corpus() {
        let cuts: Vec<usize> = text.char_indices().map(|(at, _)| at).step_by(37).collect();
        for at in cuts {
            check(&text[..at]);
            check(&text[at..]);
        }
    }
}

/// Words that steer the grammar, so that random texts reach deep into it.
const WORDS: &[&str] = &[
    "Số:",
    "86: 1 0 9/UBND-VX",
    "/UBND-VX",
    "1844/UBND-VX",
    "V/v",
    "Kính gửi:",
    "Nơi nhận:",
    "- Như trên;",
    "KT. CHỦ TỊCH",
    "PHÓ CHỦ TỊCH",
    "Trần Văn A",
    "TM. ỦY BAN NHÂN DÂN",
    "CÔNG ĐIỆN",
    "KẾ HOẠCH",
    "QUYẾT ĐỊNH",
    "ĐẾN",
    "SAO LỤC",
    "PHỤ LỤC I",
    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
    "Độc lập - Tự do - Hạnh phúc",
    "ĐẢNG CỘNG SẢN VIỆT NAM",
    "ngày 31 tháng 2 năm 2021",
    "Sóc Trăng, ngày",
    "hằng ngày",
    "trước 17h00",
    "ngày",
    "thứ Sáu",
    "hàng tuần",
    "03 ngày/lần",
    "02 lần/ngày (trước 10h và 16h)",
    "trong vòng 24 giờ kể từ khi",
    "quý III/2021",
    "tháng",
    "Giao",
    "chủ trì",
    "phối hợp với",
    "Sở Y tế",
    "các Sở: Y tế, Tài chính",
    "UBND các huyện, thị xã, thành phố",
    "Giám đốc các",
    "Quyết định số 12/QĐ-UBND ngày 1/2/2021 của UBND tỉnh",
    "Luật Đất đai",
    "1.",
    "a)",
    "1.1.",
    "II.",
    "(1)",
    "(2)",
    "-",
    "+",
    "*",
    "**",
    "#",
    "|",
    "\n",
    "\n\n",
    ":",
    ";",
    "./.",
    ".",
    ",",
    "\u{301}",
    "\u{c}",
    "ư\u{323}",
    "<br>",
    "HỎA TỐC",
    "Điều 1.",
    "Phần thứ nhất",
    "24/24",
    "Ƣ",
    "Ð",
    "   ",
    "\t",
    "\u{a0}",
    "(",
    ")",
    "và",
    "của",
    "Ban Chỉ đạo",
    "Thủ trưởng",
    "Trưởng phòng Y tế",
    "TT",
    "Nội dung",
    "Cơ quan chủ trì",
    "Thời gian hoàn thành",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_text_is_read(text in "\\PC{0,400}") {
        check(&text);
    }

    #[test]
    fn arbitrary_lines_are_read(text in "[ -~À-ỹ\n\u{300}-\u{323}]{0,600}") {
        check(&text);
    }

    #[test]
    fn random_grammar_is_read(words in prop::collection::vec((0..WORDS.len(), 0..3usize), 0..120)) {
        let mut text = String::new();
        for (word, gap) in words {
            text.push_str(WORDS[word]);
            text.push_str(["", " ", "\n"][gap]);
        }
        check(&text);
    }

    #[test]
    fn mutated_dispatches_are_read(pick in any::<prop::sample::Index>(), edits in prop::collection::vec((any::<prop::sample::Index>(), 0..WORDS.len(), 0..12usize), 1..12)) {
        let corpus = corpus();
        let mut text = corpus[pick.index(corpus.len())].clone();
        for (place, word, cut) in edits {
            let mut at = place.index(text.len().max(1));
            while !text.is_char_boundary(at) { at -= 1; }
            let mut end = (at + cut).min(text.len());
            while !text.is_char_boundary(end) { end += 1; }
            text.replace_range(at..end, WORDS[word]);
        }
        check(&text);
    }

    #[test]
    fn arbitrary_bytes_are_decoded_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(text) = decode(&bytes) {
            check(&text);
        }
    }
}
