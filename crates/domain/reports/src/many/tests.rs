//! What is wrong with a table of many units, as a table.

use std::sync::Arc;

use jiff::civil::Time;
use vx_concepts::form::{CellKind, CellSpec, FormSpec, PeriodKind, Periods, Said};
use vx_kernel::{Id, Path, time};
use vx_platform::sheet::{Limits, Read, read_table};

use super::*;
use crate::{
    tests::tree,
    types::{Level, Request, RequestState},
};

fn form() -> FormSpec {
    let sexes = [("Nam", "Male"), ("Nữ", "Female")];
    FormSpec::new("cho", 2, "Chợ", "Markets")
        .cell(CellSpec::new("tong", CellKind::Count, "Tổng số", "All").latest())
        .cell(CellSpec::new("dong", CellKind::Count, "Đang đóng", "Closed").by(Said::both("giới", "sex"), &sexes))
        .cell(CellSpec::new("oxy", CellKind::Decimal, "Ô-xy", "Oxygen"))
        .cell(CellSpec::new("ngay", CellKind::Date, "Từ ngày", "Since"))
        .cell(CellSpec::new("ghi", CellKind::Text, "Ghi chú", "Note"))
        .check("dong <= tong")
}

/// Asked by Sóc Trăng of its communes, daily from 10 September 2021 on; now is 12 September, noon.
fn ground(within: &str, from: &str, now: &str) -> Ground {
    let path = |text: &str| Path::parse(text).unwrap();
    let periods = Periods::from(PeriodKind::Daily, from.parse().unwrap(), 0, Time::constant(17, 0, 0, 0), 0).unwrap();
    let request = Request {
        id: Id::fresh(),
        path: path(within),
        version: 1,
        form: "cho".to_owned(),
        form_version: 2,
        title: "Chợ".to_owned(),
        period: periods.kind.to_string(),
        anchor_on: periods.anchor_on,
        lag_days: 0,
        closes: "17:00".to_owned(),
        window_days: 0,
        within: path(within),
        level: Level::Commune,
        listed: String::new(),
        about: None,
        clause: None,
        source: String::new(),
        state: RequestState::Running,
        until_on: None,
        by_name: String::new(),
        asked_by: None,
    };
    Ground {
        request,
        form: form(),
        tree: Arc::new(tree()),
        by: path(within),
        chosen: None,
        now: time::instant(now.parse().unwrap()).unwrap(),
    }
}

const HEAD: &str = "Mã;Đơn vị;Kỳ;Tổng;Nam;Nữ;Ô-xy;Ngày;Ghi chú\n#;cho 2;;tong;dong.1;dong.2;oxy;ngay;ghi\n";

/// Rows as they are judged: "line unit faults".
fn judged(ground: &Ground, csv: &str) -> String {
    let review = match read_table(csv.as_bytes(), Limits::MANY).and_then(|table| parse(ground, table)) {
        Ok(review) => review,
        Err(problem) => return problem.code.to_owned(),
    };
    let fault = |fault: &Fault| match &fault.cell {
        Some((cell, value)) => format!("{cell}={value}:{}", fault.code),
        None => fault.code.replace("reports.", ""),
    };
    let row = |row: &Row| {
        let unit = row.unit.as_ref().map_or("?", |unit| unit.unit()).to_owned();
        let faults: Vec<String> = row.faults.iter().map(fault).collect();
        if faults.is_empty() { unit } else { format!("{}:{}", row.line, faults.join(",")) }
    };
    review.rows.iter().map(row).collect::<Vec<_>>().join(" ")
}

#[test]
fn each_fault_is_found_with_its_place_and_the_good_rows_are_kept() {
    let sound = ground("94/", "2021-09-10", "2021-09-12T12:00");
    for (rows, expected) in [
        ("31534;;2021-09-12;5;1;2;2,5;2021-09-01;ổn\n", "31534"),
        ("31534;;12/09/2021;1.250;0;0;;;\n", "31534"),
        // Nobody filled it in: no fault, and nothing to write.
        ("31534;UBND xã Xuân Hòa;2021-09-12;;;;;;\n", "?"),
        // By its name, when there is no code.
        (";UBND xã Xuân Hòa, huyện Kế Sách;2021-09-12;5;;;;;\n", "31534"),
        // Text in a count, a negative, a fraction, a day where a number belongs, each with its column.
        (
            "31534;;2021-09-12;ba;-1;2,5;nhiều;hôm qua;\n",
            "3:Tổng số=ba:not-a-count,Đang đóng – Nam=-1:negative,Đang đóng – Nữ=2,5:not-whole,Ô-xy=nhiều:not-a-decimal,Từ ngày=hôm qua:not-a-day",
        ),
        ("31534;;2021-09-12;15/9/2021;;;;;\n", "3:Tổng số=15/9/2021:not-a-count"),
        // Whose, and of when.
        ("99999;;2021-09-12;5;;;;;\n", "3:import.no_unit"),
        (";xã Không Có;2021-09-12;5;;;;;\n", "3:import.no_unit"),
        ("943;;2021-09-12;5;;;;;\n", "3:import.not_asked"),
        ("26734;;2021-09-12;5;;;;;\n", "3:import.not_asked"),
        ("31534;;2021-09-09;5;;;;;\n", "3:import.wrong_period"),
        ("31534;;2021-09-13;5;;;;;\n", "3:submit.not_open"),
        ("31534;;chủ nhật;5;;;;;\n", "3:import.no_day"),
        ("31534;;;5;;;;;\n", "3:import.no_period"),
        // The same report twice: the first one counts.
        (
            "31534;;2021-09-12;5;;;;;\n31534;;2021-09-12;6;;;;;\n31534;;2021-09-11;6;;;;;\n",
            "31534 4:import.twice 31534",
        ),
        ("31534;;2021-09-12;x;;;;;\n31537;;2021-09-12;6;;;;;\n", "3:Tổng số=x:not-a-count 31537"),
    ] {
        assert_eq!(judged(&sound, &format!("{HEAD}{rows}")), expected, "{rows}");
    }
    // A period that was chosen is that of every row.
    let chosen = Ground { chosen: sound.request.periods().ending("2021-09-12".parse().unwrap()), ..sound.clone() };
    assert_eq!(
        judged(&chosen, &format!("{HEAD}31534;;;5;;;;;\n31537;;2021-09-11;5;;;;;\n")),
        "31534 4:import.another_period"
    );
    // A district brings its own communes and no others'.
    let district = Ground { by: Path::parse("94/943/").unwrap(), ..sound };
    assert_eq!(
        judged(&district, &format!("{HEAD}31534;;2021-09-12;5;;;;;\n31510;;2021-09-12;5;;;;;\n")),
        "31534 4:import.not_yours"
    );
}

#[test]
fn a_unit_that_no_longer_exists_is_named_with_its_successors() {
    let after = ground("94/", "2025-07-01", "2025-07-10T12:00");
    let table = read_table(format!("{HEAD}31534;;2025-07-05;5;;;;;\n").as_bytes(), Limits::MANY).unwrap();
    let review = parse(&after, table).unwrap();
    let fault = &review.rows[0].faults[0];
    assert_eq!(fault.code, "reports.import.not_then");
    let heirs = &fault.args.iter().find(|(name, _)| *name == "heirs").unwrap().1;
    assert!(heirs.contains('(') && heirs != "–", "{heirs}");
}

#[test]
fn what_is_wrong_with_the_whole_table_is_said() {
    let ground = ground("94/", "2021-09-10", "2021-09-12T12:00");
    let notes =
        |csv: &[u8]| read_table(csv, Limits::MANY).and_then(|table| parse(&ground, table)).map(|review| review.notes);
    let row = "31534;;2021-09-12;5;1;2;2,5;2021-09-01;ổn\n";
    assert_eq!(notes(format!("{HEAD}{row}").as_bytes()).unwrap(), []);
    // A template of last year: its columns are taken by their codes.
    let old = HEAD.replace("cho 2", "cho 1").replace(";oxy;", ";binh;");
    let expected = [
        Note::Version { is: "1".to_owned(), wanted: 2 },
        Note::Unknown(vec!["binh".to_owned()]),
        Note::Missing(vec!["Ô-xy".to_owned()]),
    ];
    assert_eq!(notes(format!("{old}{row}").as_bytes()).unwrap(), expected);
    assert_eq!(judged(&ground, &format!("{old}{row}")), "31534");
    for (file, expected) in [
        (HEAD.replace("cho 2", "sang-loc 1"), "reports.fill.another_form"),
        ("a;b\n1;2\n".to_owned(), "reports.import.no_mark"),
        (String::new(), "reports.import.no_mark"),
    ] {
        assert_eq!(notes(file.as_bytes()).unwrap_err().code, expected, "{file}");
    }
    // Five hundred columns: those of the form are taken, the others named.
    let more = (0..491).map(|n| format!(";x{n}")).collect::<String>();
    let wide = HEAD.trim_end().to_owned() + &more + "\n" + row.trim_end() + &";9".repeat(491) + "\n";
    let Note::Unknown(codes) = &notes(wide.as_bytes()).unwrap()[0] else { panic!("named") };
    assert_eq!((codes.len(), judged(&ground, &wide).as_str()), (491, "31534"));
    let wider = wide.replace(";x490", &(0..300).map(|n| format!(";y{n}")).collect::<String>());
    assert!(notes(wider.as_bytes()).unwrap().contains(&Note::Wide));
}

#[test]
fn merged_cells_keep_their_rows_back() {
    let ground = ground("94/", "2021-09-10", "2021-09-12T12:00");
    let mut table = read_table(
        format!("{HEAD}31534;;2021-09-12;5;;;;;\n31537;;2021-09-12;;;;;;\n31540;;2021-09-12;5;;;;;\n").as_bytes(),
        Limits::MANY,
    )
    .unwrap();
    table.merged = vec![
        Merged { rows: (3, 4), columns: (3, 3) },
        Merged { rows: (1, 1), columns: (3, 8) },
        Merged { rows: (5, 5), columns: (700, 702) },
    ];
    let review = parse(&ground, table).unwrap();
    let faults: Vec<(usize, Vec<String>)> = review
        .rows
        .iter()
        .map(|row| (row.line, row.faults.iter().map(|fault| format!("{} {}", fault.code, fault.args[0].1)).collect()))
        .collect();
    let merged = vec!["reports.import.merged D3–D4".to_owned()];
    assert_eq!(faults, [(3, merged.clone()), (4, merged), (5, vec![])], "the heading may be merged");
}

#[test]
fn what_a_spreadsheet_made_of_codes_and_days_is_read_as_meant() {
    let ground = ground("94/", "2021-09-10", "2021-09-12T12:00");
    let mut table = read_table(HEAD.as_bytes(), Limits::MANY).unwrap();
    let blank = || Read::Text(String::new());
    // A code as a number; days as days, as floats and as text.
    for (line, day) in
        [Read::Day("2021-09-12".parse().unwrap()), Read::Number(44_450.0), Read::Text("10/9/2021".to_owned())]
            .into_iter()
            .enumerate()
    {
        table.rows.push((
            line + 3,
            vec![
                Read::Number(31_534.0),
                blank(),
                day,
                Read::Number(5.0),
                blank(),
                blank(),
                Read::Number(2.5),
                Read::Number(44_440.0),
            ],
        ));
    }
    let review = parse(&ground, table).unwrap();
    assert_eq!(review.rows.iter().filter(|row| row.faults.is_empty()).count(), 3, "{:?}", review.rows);
    let first = &review.rows[0];
    assert_eq!(first.figures.text(), format!("[5,,,2500,{},]", form::days_of("2021-09-01".parse().unwrap())));
    // Keys that lost their noughts.
    let tree = tree();
    for (typed, meant) in [("31534", "31534"), ("94/943/31534/", "31534"), ("7", "00007")] {
        assert_eq!(by_code(&tree, typed).map(|unit| unit.id.to_string()).ok().as_deref(), Some(meant), "{typed}");
    }
}
