//! The briefing as a document (báo cáo). It is Vietnamese whatever the language of the pages is.

use vx_dispatch::{Draft, DraftClause, Figure as Shown, Kind, Table, day_words};
use vx_foundation::letterhead::{Letterhead, in_sentence};
use vx_kernel::{
    Path,
    time::{self, Lang, say_count, say_date},
    units::Tree,
};
use vx_platform::words::Words;
use vx_zones::{
    Figure, Level,
    charts::{self, Kept},
    say,
};

use super::Briefing;

/// Units named one by one before they are only counted.
const NAMED_MAX: usize = 30;
/// Rows and days of the calendar of levels: a table that an officer changes has no more columns.
const CALENDAR: usize = 13;

fn n(count: usize) -> String {
    say_count(Lang::Vi, i64::try_from(count).unwrap_or(i64::MAX))
}

fn number(count: i64) -> String {
    say_count(Lang::Vi, count)
}

/// `tăng 3 ca`, `giảm 2 ca`, `không đổi`.
fn beside(now: i64, before: i64) -> String {
    match now - before {
        0 => "không đổi".to_owned(),
        more if more > 0 => format!("tăng {} ca", number(more)),
        fewer => format!("giảm {} ca", number(-fewer)),
    }
}

fn clause(lines: Vec<String>, figures: Vec<Shown>) -> DraftClause {
    DraftClause { text: lines.join("\n"), figures, ..DraftClause::default() }
}

/// What a writer of a briefing needs to know besides its figures.
struct Writer<'a> {
    words: &'a Words,
    tree: &'a Tree,
    told: &'a Briefing,
}

/// The document.
pub(super) fn draft(words: &Words, tree: &Tree, told: &Briefing, head: &Letterhead, to: &str) -> Draft {
    let writer = Writer { words, tree, told };
    let place = tree.at_path(&told.place).map_or_else(String::new, |unit| in_sentence(&unit.full_name));
    let day = format!("ngày {}", day_words(&told.day.to_string()));
    let closing = if to.is_empty() {
        format!("Trên đây là tình hình dịch bệnh {day}")
    } else {
        format!("Trên đây là tình hình dịch bệnh {day}, {} kính báo cáo {to}", head.issuer)
    };
    let clauses =
        [Some(writer.cases()), Some(writer.trend()), Some(writer.levels()), writer.commitments(), writer.work()];
    Draft {
        subject: format!("Tình hình dịch bệnh trên địa bàn {place} {day}"),
        addressees: Some(to.to_owned()).filter(|to| !to.is_empty()).into_iter().collect(),
        preamble: vec![format!(
            "{} báo cáo nhanh tình hình dịch bệnh trên địa bàn {place} {day} (số liệu trên hệ thống đến {}) như sau:",
            head.issuer,
            time::say_short(Lang::Vi, told.at)
        )],
        clauses: clauses.into_iter().flatten().collect(),
        closing: Some(closing),
        ..head.draft(Kind::BaoCao)
    }
}

impl Writer<'_> {
    fn name(&self, path: &Path) -> String {
        charts::short(self.tree, &self.told.place, path)
    }
    fn names<'p>(&self, paths: impl Iterator<Item = &'p Path>) -> String {
        paths.map(|path| self.name(path)).collect::<Vec<_>>().join("; ")
    }
    fn level(&self, level: Option<Level>) -> String {
        level.map_or_else(
            || "chưa có quyết định".to_owned(),
            |level| in_sentence(&self.words.say(Lang::Vi, &level.key(), &[])),
        )
    }

    fn cases(&self) -> DraftClause {
        let told = self.told;
        let course = &told.now.course;
        let mut lines = vec!["Số ca mắc".to_owned()];
        match course.days.last().filter(|day| day.reported) {
            None => lines.push("Trong ngày chưa có báo cáo số liệu".to_owned()),
            Some(day) => {
                let (cases, before) = told.beside();
                let compared =
                    before.map_or_else(String::new, |before| format!(", {} so với ngày trước", beside(cases, before)));
                lines.push(format!(
                    "Trong ngày ghi nhận {} ca mắc mới (trong cộng đồng {}, trong đó chưa rõ nguồn lây {}; trong khu cách ly và nhập cảnh {}){compared}",
                    number(cases),
                    number(day.community()),
                    number(day.figures[Figure::Untraced as usize]),
                    number(day.quarantined()),
                ));
                lines.push(format!(
                    "Ca bệnh mới phải thở ô-xy: {}; tử vong: {}; F1 mới trong cộng đồng: {}",
                    number(day.figures[Figure::Oxygen as usize]),
                    number(day.figures[Figure::Deaths as usize]),
                    number(day.figures[Figure::Contacts as usize]),
                ));
            }
        }
        let (week, before) = told.week();
        let rate = course.rate(7).map_or_else(String::new, |rate| {
            format!("; tỷ lệ ca cộng đồng trong 7 ngày là {} ca/100.000 dân", say::tenths(Lang::Vi, rate))
        });
        lines.push(format!(
            "Cộng dồn 7 ngày gần nhất: {} ca, {} so với 7 ngày trước đó{rate}",
            number(week),
            beside(week, before)
        ));
        let days = told.days();
        let left_out: Vec<String> =
            days.iter().filter(|day| day.left_out).map(|day| say_date(Lang::Vi, day.day)).collect();
        if !left_out.is_empty() {
            lines.push(format!("Ngày đã loại khỏi ước lượng: {}", left_out.join(", ")));
        }
        let names = ["Ca cộng đồng", "Ca trong khu cách ly, nhập cảnh", "Trung bình 7 ngày"];
        let mut figures = vec![Shown::Chart(charts::curve(
            format!("Ca mắc mới theo ngày, {} ngày gần nhất", days.len()),
            days,
            names,
        ))];
        if !told.lines.is_empty() {
            let row = |line: &super::Line| {
                let of_day = |figure: i64| if line.reported { number(figure) } else { "–".to_owned() };
                vec![
                    self.name(&line.path),
                    of_day(line.cases()),
                    of_day(line.cases() - line.day[Figure::Other as usize]),
                    of_day(line.day[Figure::Deaths as usize]),
                    number(line.week),
                    number(line.week_before),
                    line.rate.map_or_else(|| "–".to_owned(), |rate| say::tenths(Lang::Vi, rate)),
                ]
            };
            figures.push(Shown::Table(Table {
                caption: "Số ca mắc theo đơn vị".to_owned(),
                columns: [
                    "Đơn vị",
                    "Ca mới",
                    "Ca cộng đồng",
                    "Tử vong",
                    "7 ngày",
                    "7 ngày trước",
                    "Ca cộng đồng 7 ngày/100.000 dân",
                ]
                .map(str::to_owned)
                .to_vec(),
                rows: told.lines.iter().map(row).collect(),
            }));
        }
        clause(lines, figures)
    }

    fn trend(&self) -> DraftClause {
        let told = self.told;
        let course = &told.now.course;
        let mut lines = vec!["Đánh giá xu hướng".to_owned()];
        let days = told.days();
        match days.last().and_then(|day| day.r) {
            Some(r) => {
                let means = if r.q025() > 1.0 {
                    "dịch đang tăng"
                } else if r.q975() < 1.0 {
                    "dịch đang giảm"
                } else {
                    "chưa kết luận được tăng hay giảm"
                };
                lines.push(format!(
                    "Hệ số lây nhiễm Rt 7 ngày (khoảng tin cậy 95 %): {}, {means}",
                    say::r(self.words, Lang::Vi, &r)
                ));
            }
            None => lines.push("Chưa đủ số ca để ước lượng hệ số lây nhiễm Rt".to_owned()),
        }
        lines.push(format!("Tốc độ thay đổi 14 ngày: {}", say::growth(self.words, Lang::Vi, course)));
        let alarms = &told.now.alarms;
        lines.push(match alarms.len() {
            0 => "Không có xã, phường, thị trấn nào có cảnh báo số ca vượt mức bình thường".to_owned(),
            all if all <= NAMED_MAX => {
                let each = alarms.iter().map(|(path, course)| {
                    let day = course.days.last();
                    format!(
                        "{} ({} ca, {})",
                        self.name(path),
                        number(course.cases(1)),
                        day.map_or_else(String::new, say::alarms)
                    )
                });
                format!(
                    "Có {} xã, phường, thị trấn có cảnh báo số ca vượt mức bình thường (EARS): {}",
                    n(all),
                    each.collect::<Vec<_>>().join("; ")
                )
            }
            all => format!("Có {} xã, phường, thị trấn có cảnh báo số ca vượt mức bình thường (EARS)", n(all)),
        });
        let names = ["Rt (trung vị, khoảng tin cậy 95 %)", "Cận dưới 95 %", "Cận trên 95 %"];
        let has_r = days.iter().any(|day| day.r.is_some());
        let chart = charts::ribbon("Hệ số lây nhiễm Rt và khoảng tin cậy 95 %".to_owned(), days, names);
        clause(lines, has_r.then_some(Shown::Chart(chart)).into_iter().collect())
    }

    fn levels(&self) -> DraftClause {
        let told = self.told;
        let [green, yellow, orange, red, unknown] = told.colours;
        let mut lines = vec!["Cấp độ dịch".to_owned()];
        let unknown = if unknown > 0 { format!(", chưa xác định {}", n(unknown)) } else { String::new() };
        lines.push(format!(
            "Số đơn vị cấp xã theo màu: đỏ {}, cam {}, vàng {}, xanh {}{unknown}",
            n(red),
            n(orange),
            n(yellow),
            n(green)
        ));
        if told.changed.is_empty() {
            lines.push("Trong 24 giờ không có quyết định chuyển mức nào bắt đầu có hiệu lực".to_owned());
        }
        for decision in &told.changed {
            let before = decision.before.map_or_else(String::new, |before| format!("từ {} ", self.level(Some(before))));
            lines.push(format!(
                "{}: chuyển {before}sang {} theo Quyết định số {}, có hiệu lực từ {}",
                self.name(&decision.path),
                self.level(Some(decision.level)),
                decision.number,
                time::say_short(Lang::Vi, decision.effective_at)
            ));
        }
        let changes = &told.now.changes;
        if !changes.is_empty() {
            let each = changes.iter().take(NAMED_MAX).map(|change| {
                format!(
                    "{} ({}, tính toán {})",
                    self.name(&change.path),
                    self.level(change.decided),
                    self.level(change.outcome.level)
                )
            });
            let all = each.collect::<Vec<_>>().join("; ");
            let more = if changes.len() > NAMED_MAX { "; và các đơn vị khác" } else { "" };
            lines.push(format!(
                "Có {} đơn vị có mức tính toán khác màu với mức đang áp dụng: {all}{more}",
                n(changes.len())
            ));
            if changes.iter().any(|change| !change.outcome.unverified().is_empty()) {
                lines.push("Mức tính toán có dùng tiêu chí chưa đối chiếu với nguyên văn quy định".to_owned());
            }
        }
        let from = told.now.calendar_days.len().saturating_sub(CALENDAR);
        let mut lively = charts::lively(&told.now.levels, CALENDAR);
        for one in &mut lively {
            one.ranks.drain(..from.min(one.ranks.len()));
        }
        let days = &told.now.calendar_days[from..];
        let caption = format!("Cấp độ dịch {} ngày gần nhất (X: xanh, V: vàng, C: cam, Đ: đỏ)", days.len());
        let chart = charts::calendar(caption, days, &lively, |path| self.name(path));
        clause(lines, (!lively.is_empty()).then_some(Shown::Chart(chart)).into_iter().collect())
    }

    fn commitments(&self) -> Option<DraftClause> {
        let told = self.told;
        if told.soon.is_empty() && told.missed.is_empty() {
            return None;
        }
        let lines = vec![
            "Cam kết chuyển vùng".to_owned(),
            format!(
                "Cam kết quá hạn chưa đạt: {}; cam kết còn thời hạn không quá 3 ngày: {}",
                n(told.missed.len()),
                n(told.soon.len())
            ),
        ];
        let row = |one: &Kept| {
            let commitment = &one.commitment;
            let state = self.words.say(Lang::Vi, &format!("zone-keeping-{}", one.keeping), &[]);
            vec![
                self.name(&commitment.path),
                format!("{} → {}", self.level(Some(commitment.from_level)), self.level(Some(commitment.to_level))),
                say_date(Lang::Vi, commitment.by_on),
                commitment.signer.clone(),
                state,
                commitment.causes.clone().unwrap_or_default(),
            ]
        };
        let table = Table {
            caption: "Cam kết quá hạn và sắp đến hạn".to_owned(),
            columns: ["Đơn vị", "Chuyển vùng", "Hạn", "Người cam kết", "Tình trạng", "Nguyên nhân, giải pháp"]
                .map(str::to_owned)
                .to_vec(),
            rows: told.missed.iter().chain(&told.soon).map(row).collect(),
        };
        Some(clause(lines, vec![Shown::Table(table)]))
    }

    fn work(&self) -> Option<DraftClause> {
        let told = self.told;
        let mut lines = vec!["Thực hiện nhiệm vụ và chế độ báo cáo".to_owned()];
        if let Some(overdue) = &told.overdue {
            let all: i64 = overdue.iter().map(|(_, n)| n).sum();
            lines.push(if overdue.is_empty() {
                "Không có nhiệm vụ quá hạn".to_owned()
            } else {
                let each =
                    overdue.iter().take(NAMED_MAX).map(|(path, n)| format!("{} {}", self.name(path), number(*n)));
                format!("Nhiệm vụ quá hạn: {} ({})", number(all), each.collect::<Vec<_>>().join("; "))
            });
        }
        if let Some(reports) = &told.reports {
            lines.push(match (reports.owed, reports.missing.len()) {
                (0, _) => "Không có báo cáo nào đến hạn".to_owned(),
                (_, 0) => "Các đơn vị đã gửi đủ báo cáo đến hạn".to_owned(),
                (_, missing) if missing <= NAMED_MAX => {
                    format!("Chưa gửi báo cáo đến hạn ({} đơn vị): {}", n(missing), self.names(reports.missing.iter()))
                }
                (_, missing) => format!("Chưa gửi báo cáo đến hạn: {} đơn vị", n(missing)),
            });
        }
        (lines.len() > 1).then(|| clause(lines, Vec::new()))
    }
}
