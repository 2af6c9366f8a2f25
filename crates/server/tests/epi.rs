//! `vungxanh epi` as a process: tables in, tables out, and what it says of tables that are wrong.

use std::{
    io::Write as _,
    process::{Command, Output, Stdio},
};

const BINARY: &str = env!("CARGO_BIN_EXE_vungxanh");

fn run(arguments: &str, input: &str) -> Output {
    let mut child = Command::new(BINARY)
        .arg("epi")
        .args(arguments.split_whitespace())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("it reads");
    // A command that refuses its settings does not wait for the table.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}

/// Head and rows of what is written.
fn table(arguments: &str, input: &str) -> (String, Vec<Vec<f64>>) {
    let output = run(arguments, input);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments}: {said}");
    let text = String::from_utf8(output.stdout).expect("text");
    let mut lines = text.lines();
    let head = lines.next().expect("a head").to_owned();
    let number = |cell: &str| cell.parse().unwrap_or(f64::NAN);
    (head, lines.map(|line| line.split(',').map(number).collect()).collect())
}

/// What a command says when it refuses.
fn refused(arguments: &str, input: &str) -> String {
    let output = run(arguments, input);
    assert!(!output.status.success(), "{arguments}: {}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stdout.is_empty(), "nothing half done");
    String::from_utf8(output.stderr).expect("text")
}

const FLU: [u32; 14] = [1, 1, 0, 2, 5, 3, 3, 3, 6, 2, 5, 9, 13, 12];

fn flu(head: &str, row: impl Fn(usize, u32) -> String, end: &str) -> String {
    let rows = FLU.iter().enumerate().map(|(at, cases)| row(at, *cases) + end);
    format!("{head}{end}{}", rows.collect::<String>())
}

#[test]
fn a_table_is_read_however_it_was_written() {
    let si = "rt --si-mean 2.6 --si-sd 1.5";
    let (head, rows) = table(si, &flu("t,I", |at, cases| format!("{},{cases}", at + 1), "\n"));
    assert_eq!(head, "t_start,t_end,mean,sd,q025,median,q975,q05,q25,q75,q95");
    assert_eq!(rows.len(), 7);
    assert_eq!((rows[0][0], rows[0][1], rows[6][1]), (2.0, 8.0, 14.0));
    let same = |text: &str| {
        let (head, others) = table(si, text);
        let others: Vec<Vec<f64>> = others.into_iter().map(|row| row[..11].to_vec()).collect();
        assert_eq!(others, rows, "{text}");
        head
    };
    let date = |at: usize| format!("2009-04-{:02}", at + 10);
    // As R writes it, on Windows, with a byte order mark and a name for every row.
    let quoted = flu("\"\",\"dates\",\"I\"", |at, cases| format!("\"{at}\",\"{}\",{cases}", date(at)), "\r\n");
    assert!(same(&format!("\u{feff}{quoted}")).ends_with(",date_start,date_end"));
    same(&flu("Date;Cases;Ghi chú", |at, cases| format!("{}/4/2009;{cases};", at + 10), "\n"));
    same(&flu("observed", |_, cases| cases.to_string(), "\n\n"));
    same(&flu("local,imported", |at, cases| if at == 0 { format!("0,{cases}") } else { format!("{cases},0") }, "\n"));
    // In any order of days.
    let (first, rest) = quoted.split_once("\r\n").expect("lines");
    let mut lines: Vec<&str> = rest.trim_end().split("\r\n").collect();
    lines.reverse();
    same(&format!("{first}\n{}\n", lines.join("\n")));
}

#[test]
fn detection_writes_what_its_help_promises() {
    let counts: Vec<String> =
        (0..40).map(|day| if day == 30 { "60" } else { ["4", "6", "5"][day % 3] }.to_owned()).collect();
    for (method, first) in [("ears-c1", 8), ("ears-c2", 10), ("ears-c3", 12), ("cusum", 29)] {
        for head in ["cases", "I", "observed"] {
            let (columns, rows) =
                table(&format!("detect --method {method}"), &format!("{head}\n{}\n", counts.join("\n")));
            assert_eq!(columns, "t,observed,upper_bound,alarm");
            assert_eq!((rows[0][0], rows[rows.len() - 1][0]), (f64::from(first), 40.0), "{method}");
            assert_eq!(rows.iter().find(|row| row[0] == 31.0).map(|row| row[1]), Some(60.0));
            // C3 looks at the excess of the two days before.
            let alarm = rows.iter().find(|row| row[3] == 1.0).map(|row| row[0]);
            assert_eq!(alarm, Some(if method == "ears-c3" { 32.0 } else { 31.0 }), "{method}");
            assert!(rows.iter().all(|row| row[3] == 0.0 || row[3] == 1.0));
        }
    }
    let weeks: Vec<String> =
        (0..230).map(|week| (20 + (week * 7) % 11 + if week == 225 { 80 } else { 0 }).to_string()).collect();
    let (_, rows) =
        table("detect --method farrington-flexible --alpha 0.01", &format!("observed\n{}\n", weeks.join("\n")));
    assert_eq!((rows[0][0], rows.len()), (212.0, 19));
    let alarms: Vec<f64> = rows.iter().filter(|row| row[3] == 1.0).map(|row| row[0]).collect();
    assert_eq!(alarms, [226.0]);
}

#[test]
fn what_looks_wrong_is_said_and_left_out_only_when_told() {
    let rows: String = (1..=28)
        .filter(|day| *day != 20)
        .map(|day| {
            format!(
                "2021-09-{day:02},{}\n",
                match day {
                    25 => 49_170,
                    5 => -3,
                    _ => 80,
                }
            )
        })
        .collect();
    let text = format!("date,cases\n{rows}");
    let si = "rt --si-mean 4 --si-sd 2";
    let said = refused(si, &text);
    assert!(said.contains("dòng 6: Số ca âm (-3)") && said.contains("line 6: A negative count (-3)"), "{said}");
    let output = run(&format!("{si} --exclude 2021-09-05"), &text);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("--exclude 2021-09-25"), "{said}");
    assert!(said.contains("đã loại theo yêu cầu: 2021-09-05, dòng/line 6"), "{said}");
    assert!(said.contains("1 ngày thiếu số liệu (2021-09-20)"), "{said}");
    let last = |arguments: &str| table(arguments, &text).1.last().expect("rows")[2];
    let counted = last(&format!("{si} --exclude 2021-09-05"));
    let left_out = last(&format!("{si} --exclude 2021-09-05 --exclude 25/9/2021 --missing leave-out"));
    assert!(counted > 1.5 && (left_out - 1.0).abs() < 0.1, "{counted} {left_out}");
    let said = refused(&format!("{si} --exclude 2021-09-05 --missing refuse"), &text);
    assert!(said.contains("A day without a count"), "{said}");
}

#[test]
fn what_cannot_be_computed_is_refused_with_its_line_in_both_languages() {
    let cases = |arguments: &str, input: &str, vi: &str, en: &str| {
        let said = refused(arguments, input);
        assert!(said.contains(vi) && said.contains(en), "{arguments} of {input:?}: {said}");
        assert!(!said.contains("backtrace"), "{said}");
    };
    let si = "rt --si-mean 4 --si-sd 2";
    cases(si, "", "tệp rỗng", "nothing in it");
    cases(si, "date,cases\n", "không có số liệu", "no values");
    cases(si, "a,b\n1,2\n", "không có cột cases", "there is no column cases");
    cases(si, "date,cases\n2021-08-01,1\n2021-08-02,x\n", "dòng 3: \"x\"", "line 3: \"x\"");
    cases(si, "date,cases\n2021-08-01,1\n2021-08-32,1\n", "dòng 3", "is not a day");
    cases(si, "date,cases\n2021-08-01,1\n2021-08-01,1\n", "dòng 3: Trùng ngày", "line 3: The same day twice");
    cases(si, "I\n1\n2\n3\n", "quá ngắn: có 3, cần ít nhất 8", "Too few values: 3, and 8 are needed");
    cases("rt", "I\n1\n1\n1\n1\n1\n1\n1\n1\n", "Thiếu khoảng nối tiếp", "No serial interval");
    cases("rt --si-mean 1 --si-sd 2", "I\n1\n1\n1\n1\n1\n1\n1\n1\n", "si_mean = 1", "It must be > 1");
    cases("rt --si-mean 4 --si-sd 2 --window 0", "I\n1\n1\n", "window = 0", "It must be >= 1");
    cases("rt --si-mean 4 --si-sd 2 --exclude 9", "I\n1\n1\n", "--exclude 9", "there is no such day");
    cases("detect --method ears-c1 --baseline 2", "I\n1\n1\n", "baseline = 2", ">= 3");
    cases("pool --prevalence 1.5", "", "prevalence = 1.5", ">= 0, <= 1");
    cases(
        "nowcast",
        "date,reported\n2021-08-02,2021-08-01\n",
        "dòng 2: ngày báo cáo trước",
        "line 2: it was reported before",
    );
    cases("project --si-mean 4 --si-sd 2 --r 1 --scenario x", "I\n5\n5\n", "TÊN=HỆ SỐ", "NAME=FACTOR");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("si.csv");
    let with_file = format!("rt --si-file {}", path.display());
    for (weights, vi, en) in [
        ("lag,w\n0,0.2\n1,0.8\n", "độ trễ 0", "at lag 0"),
        ("lag,w\n0,0\n1,0.5\n2,0.3\n", "phải bằng 1", "not to 1"),
        ("lag,w\n0,0\n1,1.5\n2,-0.5\n", "dòng 4", "line 4"),
    ] {
        std::fs::write(&path, weights).expect("it is written");
        cases(&with_file, "I\n1\n1\n1\n1\n1\n1\n1\n1\n1\n", vi, en);
    }
}

#[test]
fn every_command_writes_the_columns_of_its_help() {
    let flu = flu("date,cases", |at, cases| format!("2009-04-{:02},{cases}", at + 10), "\n");
    let reports =
        "onset,report_date,count\n2021-08-01,2021-08-03,4\n2021-08-02,2021-08-03,5\n2021-08-03,2021-08-03,1\n";
    for (arguments, input, head, rows) in [
        ("si --si-mean 2.6 --si-sd 1.5", "", "lag,w", 41),
        ("wt --si-mean 2.6 --si-sd 1.5", &flu, "t_start,t_end,mean,sd,q025,q975,median,date_start,date_end", 7),
        (
            "growth --window 10 --si-mean 2.6 --si-sd 1.5",
            &flu,
            "t_start,t_end,rate,sd,q025,q975,doubling,doubling_q025,doubling_q975,r,date_start,date_end",
            5,
        ),
        ("nowcast", reports, "date,reported,share,mean,sd,q025,q25,median,q75,q975", 3),
        (
            "project --si-mean 2.6 --si-sd 1.5 --days 5 --scenario hiện_tại=1 --scenario giãn_cách=0.6@3",
            &flu,
            "scenario,t,date,mean,sd,q025,q25,median,q75,q975,total_mean,total_q025,total_median,total_q975",
            10,
        ),
        ("demand", &flu, "t,date,severe,critical,ventilators,oxygen_l_min,oxygen_m3_day,cylinders_day", 14),
        (
            "pool --people 1000",
            "prevalence\n0.01\n0.1\n",
            "prevalence,pool_size,tests_per_person,sensitivity,specificity,people,tests,missed",
            2,
        ),
        ("cluster --r 0.8 --k 0.2 --size-max 9", "", "size,probability,at_least", 9),
        ("cluster", "size,count\n1,80\n2,10\n9,1\n", "r,k,k_q025,k_q975,log_likelihood,infecting_nobody", 1),
    ] {
        let (columns, found) = table(arguments, input);
        assert_eq!((columns.as_str(), found.len()), (head, rows), "{arguments}");
        // Every column stands in the help of its command.
        let verb = arguments.split(' ').next().expect("a verb");
        let help = String::from_utf8(run(&format!("{verb} --help"), "").stdout).expect("text");
        for column in columns.split(',') {
            assert!(help.contains(column), "{verb} --help does not name {column}");
        }
    }
}

#[test]
fn the_same_seed_draws_the_same_and_another_does_not() {
    let flu = flu("t,I", |at, cases| format!("{},{cases}", at + 1), "\n");
    let uncertain = "rt --si-mean 2.6 --si-sd 1.5 --si-mean-sd 0.5 --si-sd-sd 0.3 --n1 50 --n2 20";
    let draw = |seed: u32| run(&format!("{uncertain} --seed {seed}"), &flu).stdout;
    assert_eq!(draw(7), draw(7));
    assert_ne!(draw(7), draw(8));
}
