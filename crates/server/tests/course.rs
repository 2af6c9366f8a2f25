//! The course of an epidemic through HTTP, on every engine: charts and their tables, doubtful days, layers of the map, the
//! flash briefing as page and as document.

use jiff::{ToSpan as _, civil::date};
use serde_json::{Value, json};
use vungxanh::{demo, open};
use vx_epi::{
    farrington,
    nowcast::{self, Report},
};
use vx_kernel::time;
use vx_platform::{Clock, store::Uuid, web::App};
use vx_testkit::{Page, Place, Program, set_clock};

use crate::support::{client, demo_on, program};

/// The province with its people, and no figure yet.
async fn bare_on(place: &Place, now: &str) -> (App, Clock) {
    let clock = Clock::standing_at("2021-08-29T01:00:00Z".parse().unwrap());
    let app = open(place.folder.path(), &place.options, clock.clone(), None, false).await.unwrap();
    demo::people(&app).await.unwrap();
    set_clock(&clock, now);
    (app, clock)
}

/// Counts of the commune, as a program sends them.
async fn send(program: &Program, source: &str, reason: Option<&str>, counts: &[(jiff::civil::Date, i64)]) {
    let count = |(day, n): &(jiff::civil::Date, i64)| json!({"unit": "31534", "counted_on": day, "traced": n, "untraced": 0, "other": 0});
    let counts: Vec<Value> = counts.iter().map(count).collect();
    let sent = json!({"source": source, "reason": reason, "counts": counts});
    let taken = program.post("/api/v1/zones/counts", Uuid::now_v7(), None, sent).await.expect(200);
    assert_eq!(taken.body["taken"], json!(counts.len()), "{}", taken.body);
}

/// The cells of a column of a sheet, by its heading.
fn column(page: &Page, head: &str) -> Vec<String> {
    let mut lines = page.body.trim_start_matches('\u{feff}').lines();
    let at = lines.next().unwrap().split(';').position(|one| one.trim_matches('"') == head).unwrap();
    lines.map(|line| line.split(';').nth(at).unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn a_province_is_seen_with_its_curve_its_r_and_its_doubtful_days() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-12T20:00");
        let health = client(&app, "syt.canbo").await;
        let page = health.get("/zones/course?unit=94/").await.expect(200);
        for shown in ["course-curve", "course-r", "course-days", "course-alarms", "course-changes", "course-calendar"] {
            assert!(page.body.contains(&format!("id=\"{shown}\"")), "{shown}");
        }
        let words = page.words();
        assert!(words.contains("Khoảng nối tiếp (serial interval) 4,7 ngày, độ lệch chuẩn 2,9 ngày"), "{words}");
        assert!(words.contains("Nishiura"), "the source stands beside the numbers");
        // Every number of the curve stands in the table, and the sheet has the same ones.
        let sheet = health.get("/zones/course/export/csv?unit=94/&days=60").await.expect(200);
        let (days, traced) = (column(&sheet, "Ngày"), column(&sheet, "Ca cộng đồng rõ nguồn"));
        assert_eq!((days.len(), days[59].as_str()), (60, "2021-09-12"), "{days:?}");
        let untraced: i64 = column(&sheet, "Ca cộng đồng chưa rõ nguồn")[59].parse().unwrap();
        let community = traced[59].parse::<i64>().unwrap() + untraced;
        assert!(words.contains(&format!("12/9/2021 {community} ")), "{community} in {words}");
        assert!(column(&sheet, "Rt (trung vị, khoảng tin cậy 95 %)")[59].contains(','), "R is estimated");
        // The day that was booked together is left out, as somebody said and why.
        assert!(words.contains("Ngày 9/8/2021") && words.contains("CDC nhập bù"), "{words}");
        let at = days.iter().position(|day| day == "2021-08-09").unwrap();
        assert_eq!(column(&sheet, "Đã loại khỏi ước lượng")[at], "x");
        // Taken in again, it is doubted, and R is another one.
        let r = |sheet: &Page| column(sheet, "Rt (trung vị, khoảng tin cậy 95 %)")[at + 2].clone();
        let before = r(&sheet);
        let bare = [("unit", "94/"), ("day", "2021-08-09"), ("left_out", "no"), ("reason", " ")];
        let _ = health.post("/zones/course/exclude", &bare).await.expect(422);
        let twice = [("unit", "94/"), ("day", "2021-08-09"), ("left_out", "yes"), ("reason", "Số dồn")];
        assert!(health.post("/zones/course/exclude", &twice).await.expect(422).words().contains("đã được loại"));
        let taken = [("unit", "94/"), ("day", "2021-08-09"), ("left_out", "no"), ("reason", "CDC đã tách theo ngày")];
        let _ = health.post("/zones/course/exclude", &taken).await.expect(303);
        let words = health.get("/zones/course?unit=94/").await.expect(200).words();
        assert!(words.contains("Ngày 9/8/2021 có") && words.contains("Số này đang được tính"), "{words}");
        let sheet = health.get("/zones/course/export/csv?unit=94/&days=60").await.expect(200);
        assert_eq!(column(&sheet, "Đã loại khỏi ước lượng")[at], "");
        assert_ne!(r(&sheet), before);
        // Another interval is another R, and the page says that it is not the usual one.
        let other = health.get("/zones/course?unit=94/&si_mean=8,4&si_sd=3,8").await.expect(200).words();
        assert!(other.contains("8,4 ngày") && other.contains("do người xem nhập"), "{other}");
        let _ = health.get("/zones/course?unit=94/&si_mean=0").await.expect(422);
        let _ = health.get("/zones/course/export/xlsx?unit=94/").await.expect(200);
    }
}

#[tokio::test]
async fn a_commune_sees_its_own_course_alone() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-12T20:00");
        let commune = client(&app, "xa.canbo").await;
        let page = commune.get("/zones/course").await.expect(200);
        assert!(page.words().contains("Xuân Hòa"), "{}", page.words());
        assert!(
            page.body.contains("/zones/figures?unit=94/943/31534/&amp;day=2021-09-12"),
            "marks lead to its figures"
        );
        let _ = commune.get("/zones/course?unit=94/").await.expect(404);
        let leave =
            |unit: &'static str| [("unit", unit), ("day", "2021-09-10"), ("left_out", "yes"), ("reason", "Nhầm")];
        let _ = commune.post("/zones/course/exclude", &leave("94/")).await.expect(403);
        let _ = commune.post("/zones/course/exclude", &leave("94/943/31534/")).await.expect(303);
        // Who only watches reads, and leaves nothing out.
        let watcher = client(&app, "theodoi").await;
        assert!(!watcher.get("/zones/course?unit=94/").await.expect(200).body.contains("/zones/course/exclude"));
        let _ = watcher.post("/zones/course/exclude", &leave("94/943/31534/")).await.expect(404);
    }
}

#[tokio::test]
async fn the_map_has_layers_of_the_epidemic_for_each_day() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-12T20:00");
        let office = client(&app, "vanphong").await;
        for (layer, said) in [
            ("incidence", "ca/100.000 dân trong 7 ngày"),
            ("incidence14", "ca/100.000 dân trong 14 ngày"),
            ("rt", "Chưa đủ ca để ước lượng Rt"),
            ("alarms", "Cảnh báo:"),
            ("commitments", "Quá hạn"),
        ] {
            let page = office.get(&format!("/map?within=94&layer={layer}")).await.expect(200);
            assert_eq!(page.body.matches("data-unit=").count(), 109, "{layer}");
            assert!(page.words().contains(said), "{layer}: {}", page.words());
            assert!(!page.words().contains("[map-"), "{layer}");
            let earlier = office.get(&format!("/map?within=94&layer={layer}&on=2021-09-06")).await.expect(200);
            assert_ne!(earlier.words(), page.words(), "{layer} moves with the days");
        }
        // What a unit has on the map is what its course says of the same days.
        for (layer, days) in [("incidence", 7), ("incidence14", 14)] {
            let page = office.get(&format!("/map?within=94&layer={layer}")).await.expect(200);
            let row = page.body.split("data-unit=").nth(1).unwrap();
            let cell = row.split("href=\"").find(|cell| cell.starts_with("/zones/course?")).unwrap();
            let (link, said) = cell.split_once("\">").unwrap();
            let link = link.replace("&amp;", "&");
            let sheet = office.get(&link.replace("course?", "course/export/csv?")).await.expect(200);
            let community = ["Ca cộng đồng rõ nguồn", "Ca cộng đồng chưa rõ nguồn"].map(|head| column(&sheet, head));
            let counted = community.iter().flat_map(|days_of| days_of.iter().rev().take(days));
            let n: i64 = counted.filter_map(|count| count.parse::<i64>().ok()).sum();
            assert!(
                n > 0 && said.contains(&format!("({} ca cộng đồng)", time::say_count(time::Lang::Vi, n))),
                "{n}: {said}"
            );
            if days == 7 {
                let rate = said.split_once(" ca/100.000 dân").unwrap().0;
                let words = office.get(&link).await.expect(200).words();
                assert!(words.contains(&format!(" {rate} ca cộng đồng 7 ngày/100.000 dân")), "{rate}: {words}");
            }
        }
        let districts = office.get("/map?within=94&level=district&layer=rt").await.expect(200);
        assert!(districts.words().contains("Rt 1,") || districts.words().contains("Rt 0,"), "{}", districts.words());
    }
}

/// A part of a page, by its id.
fn part(page: &Page, id: &str) -> Page {
    let inside = page.body.split(&format!("id=\"{id}\"")).nth(1).unwrap_or_else(|| panic!("no {id}: {}", page.words()));
    let body = format!("<{}", inside.split("</section>").next().unwrap());
    Page { status: page.status, location: None, body }
}

#[tokio::test]
async fn the_command_post_sees_map_curve_r_alarms_and_what_may_change_on_one_page() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-12T20:00");
        let office = client(&app, "vanphong").await;
        let map = office.get("/map?within=94").await.expect(200);
        let panel = part(&map, "map-situation");
        let words = panel.words();
        assert!(!words.contains("[glance") && !words.contains("[course"), "{words}");
        // It says what the course says of the same day, and leads there.
        let program = program(&app, "vanphong").await;
        let course = program.get("/api/v1/zones/units/94/course?day=2021-09-12").await.expect(200);
        let n = |value: &Value| time::say_count(time::Lang::Vi, value.as_i64().unwrap());
        let len = |name: &str| course.body[name].as_array().unwrap().len();
        let alarmed = format!("Xã có cảnh báo: {}", len("alarms"));
        for said in [
            format!("{} ca mới trong 7 ngày", n(&course.body["cases_7_days"])),
            format!("{alarmed} "),
            format!("Xã có thể đổi màu: {} ", len("changes")),
            "Cam kết quá hạn: ".to_owned(),
            "khoảng tin cậy 95 % từ".to_owned(),
        ] {
            assert!(words.contains(&said), "{said}: {words}");
        }
        assert_eq!(panel.body.matches("<svg").count(), 2, "curve and ribbon");
        let r = course.body["days"].as_array().unwrap().last().unwrap()["r"]["median"].as_f64().unwrap();
        assert!(words.contains(&format!("Rt {}", format!("{r:.2}").replace('.', ","))), "{r}: {words}");
        for (begin, at_least) in
            [("/zones/course?unit=94/&day=2021-09-12#course-", 3), ("/zones/units/", 5), ("/zones?unit=94/&day=", 56)]
        {
            assert!(panel.links(begin).len() >= at_least, "{begin}: {:?}", panel.links(begin));
        }
        for link in panel.links("/").into_iter().filter(|link| !link.contains("&sort=-cases")) {
            let _ = office.get(link.split('#').next().unwrap()).await.expect(200);
        }
        let first = course.text("/changes/0/reasons/0");
        assert!(words.contains(first), "{first}: {words}");
        // It goes with the day, and with the place.
        let earlier = part(&office.get("/map?within=94&on=2021-09-06").await.expect(200), "map-situation");
        assert!(earlier.words().contains("ca mới ngày 6/9/2021"), "{}", earlier.words());
        let district = part(&office.get("/map?within=943").await.expect(200), "map-situation");
        assert!(district.words().contains("Kế Sách") && !district.words().contains(&alarmed), "{}", district.words());
        let country = part(&office.get("/map?within=vn").await.expect(200), "map-situation");
        assert!(country.words().contains("Chọn một tỉnh"), "{}", country.words());
        let nothing = part(&office.get("/map?within=94&on=2021-03-01").await.expect(200), "map-situation");
        assert!(nothing.words().contains("Chưa có số liệu nào") && nothing.body.contains("/zones/figures"));
        // The list leads from a unit to its course; out of reach nothing is said.
        assert!(map.body.contains("/zones/course?unit=94/943/31534/"), "the course of a commune");
        let commune = client(&app, "xa.canbo").await;
        let wide = commune.get("/map?within=94").await.expect(200);
        assert!(part(&wide, "map-situation").words().contains("ngoài phạm vi"), "{}", wide.words());
        assert_eq!(part(&wide, "map-list").links("/zones/course?").len(), 1, "its own");
    }
}

#[tokio::test]
async fn the_overview_says_how_the_epidemic_stands() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T07:00");
        let office = client(&app, "vanphong").await;
        let panel = part(&office.get("/").await.expect(200), "overview-epidemic");
        let words = panel.words();
        let program = program(&app, "vanphong").await;
        let course = program.get("/api/v1/zones/units/94/course").await.expect(200);
        assert_eq!(course.text("/on"), "2021-09-12", "in the morning nobody has reported yet");
        let week = time::say_count(time::Lang::Vi, course.body["cases_7_days"].as_i64().unwrap());
        assert!(words.contains(&format!("{week} ca mới trong 7 ngày")) && words.contains("12/9/2021"), "{words}");
        // The communes of each colour are those of the list.
        for colour in ["red", "orange"] {
            let found = program
                .get(&format!("/api/v1/zones/levels?kind=commune&colour={colour}&day=2021-09-12&count=true"))
                .await
                .expect(200);
            let link = format!("/zones?unit=94/&amp;day=2021-09-12&amp;colour={colour}");
            let cell = panel.body.split(&link).nth(1).unwrap_or_else(|| panic!("{words}"));
            let n = cell.split("<strong>").nth(1).unwrap().split('<').next().unwrap();
            assert_eq!(n, found.body["total"].to_string(), "{colour}");
        }
        for link in ["/map?within=94", "/zones/course?unit=94/", "/briefing?unit=94/"] {
            let link = panel.links(link)[0].clone();
            let _ = office.get(&link).await.expect(200);
        }
        // A commune sees itself.
        let own = part(&client(&app, "xa.canbo").await.get("/").await.expect(200), "overview-epidemic");
        assert!(own.words().contains("Xuân Hòa"), "{}", own.words());
        // Without a figure it says what to do.
        let empty = Place::sqlite();
        let (app, _) = bare_on(&empty, "2021-09-13T07:00").await;
        let bare = part(&client(&app, "xa.canbo").await.get("/").await.expect(200), "overview-epidemic");
        assert!(
            bare.words().contains("Chưa có số liệu nào") && bare.body.contains("/zones/figures"),
            "{}",
            bare.words()
        );
    }
}

#[tokio::test]
async fn the_last_days_are_said_as_they_will_be_once_late_reports_are_in() {
    for place in Place::all().await {
        let (app, clock) = bare_on(&place, "2021-09-01T17:00").await;
        let commune = program(&app, "xa.canbo").await;
        let address = "/api/v1/zones/units/31534/course";
        // Every evening the cases of the day, and two more of the day before.
        let first = date(2021, 9, 1);
        let n = |at: i64| 6 + at % 5;
        for at in 0..25 {
            let day = first.checked_add(at.days()).unwrap();
            set_clock(&clock, &format!("{day}T17:00"));
            send(&commune, "unit", None, &[(day, n(at))]).await;
            if at > 0 {
                let late = "Bổ sung ca có kết quả muộn";
                send(&commune, "unit", Some(late), &[(day.yesterday().unwrap(), n(at - 1) + 2)]).await;
            }
            if at == 9 {
                let young = commune.get(address).await.expect(200);
                assert_eq!(young.text("/nowcast_missing"), "short");
            }
        }
        set_clock(&clock, "2021-09-25T20:00");
        // By hand: the day of each case and the evening on which it came in.
        #[expect(clippy::cast_precision_loss, reason = "cases are few")]
        let report = |at: i64, late: i64, n: i64| Report { day: at, reported: at + late, cases: n as f64 };
        let mut triangle: Vec<Report> = (0..25).map(|at| report(at, 0, n(at))).collect();
        triangle.extend((0..24).map(|at| report(at, 1, 2)));
        let settings = nowcast::Settings { delay_max: 10, learned_from: 28, ..nowcast::Settings::default() };
        let wanted = nowcast::nowcast(&triangle, 24, &settings).unwrap();
        let told = commune.get(address).await.expect(200);
        assert_eq!(told.body["nowcast_missing"], json!(null));
        let today = told.body["days"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((today["on"].clone(), today["community"].clone()), (json!("2021-09-25"), json!(n(24))));
        let wanted = wanted.last().unwrap();
        for (name, value) in
            [("median", wanted.total.median()), ("q025", wanted.total.q025()), ("q975", wanted.total.q975())]
        {
            assert!((today["nowcast"][name].as_f64().unwrap() - value).abs() < 1e-9, "{name}: {today}");
        }
        assert!((today["nowcast_share"].as_f64().unwrap() - wanted.share).abs() < 1e-9, "{today}");
        // The page, its table and the sheet say the same.
        let officer = client(&app, "xa.canbo").await;
        let page = officer.get("/zones/course").await.expect(200);
        let said = [wanted.total.median(), wanted.total.q025(), wanted.total.q975()].map(|n| format!("{n:.0}"));
        let said = format!("{} ({} – {})", said[0], said[1], said[2]);
        assert!(part(&page, "course-late").words().contains(&said), "{said}: {}", page.words());
        assert!(page.body.contains("vx-expected") && page.body.contains("vx-whisker"), "it is drawn");
        assert!(page.words().contains(&format!("ước tính {said} khi báo cáo đủ")), "{}", page.words());
        let sheet = officer.get("/zones/course/export/csv").await.expect(200);
        assert!(!column(&sheet, "Ước tính khi báo cáo đủ").last().unwrap().is_empty(), "{}", sheet.body);
        // By what was known on an evening of before, it is as it was said then; long ago everything is in.
        let then = commune.get(&format!("{address}?day=2021-09-22&known=then")).await.expect(200);
        assert!(
            then.body["days"].as_array().unwrap().last().unwrap()["nowcast"]["median"].is_number(),
            "{}",
            then.body
        );
        let old = officer.get("/zones/course?day=2021-09-06").await.expect(200);
        assert!(old.words().contains("các ngày đang xem đã đủ báo cáo"), "{}", old.words());
    }
}

#[tokio::test]
async fn a_week_is_held_against_four_years_where_there_are_figures_of_them() {
    for place in Place::all().await {
        let (app, _) = bare_on(&place, "2021-09-12T20:00").await;
        let commune = program(&app, "xa.canbo").await;
        let officer = client(&app, "xa.canbo").await;
        let last = date(2021, 9, 12);
        let of_day = |back: i64| 2 + (back / 7) % 3 + i64::from(back < 7) * 9;
        let days: Vec<_> =
            (0..7 * 214).rev().map(|back| (last.checked_sub(back.days()).unwrap(), of_day(back))).collect();
        let (early, late) = days.split_at(days.len() - 70);
        send(&commune, "case_codes", None, late).await;
        let short = officer.get("/zones/course").await.expect(200).words();
        assert!(short.contains("địa bàn mới có 10 tuần, từ 5/7/2021"), "{short}");
        let address = "/api/v1/zones/units/31534/course";
        assert_eq!(commune.get(address).await.expect(200).body["week"], json!(null), "nothing that was not computed");
        for some in early.chunks(500) {
            send(&commune, "case_codes", None, some).await;
        }
        #[expect(clippy::cast_precision_loss, reason = "cases are few")]
        let weeks: Vec<Option<f64>> =
            days.chunks(7).skip(1).map(|week| Some(week.iter().map(|(_, n)| n).sum::<i64>() as f64)).collect();
        let begin = days[7].0;
        let epoch = i64::from(date(1970, 1, 1).until(begin).unwrap().get_days());
        let settings = farrington::Settings { first_day: Some(epoch), ..farrington::Settings::default() };
        let wanted = farrington::watch(&weeks, &settings).unwrap().pop().unwrap();
        let week = commune.get(address).await.expect(200).body["week"].clone();
        assert_eq!((week["from_on"].clone(), week["until_on"].clone()), (json!("2021-09-06"), json!("2021-09-12")));
        assert_eq!((week["cases"].as_f64(), week["alarm"].as_bool()), (wanted.observed, Some(true)));
        assert!(
            (week["upper_bound"].as_f64().unwrap() - wanted.upper_bound.unwrap()).abs() < 1e-9,
            "{week} {wanted:?}"
        );
        let words = officer.get("/zones/course").await.expect(200).words();
        assert!(words.contains("Vượt ngưỡng: có cảnh báo") && words.contains("Noufaily"), "{words}");
    }
}

#[tokio::test]
async fn programs_read_the_course() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-12T20:00");
        let (office, commune) = (program(&app, "vanphong").await, program(&app, "xa.canbo").await);
        let course = office.get("/api/v1/zones/units/94/course?days=60").await.expect(200);
        assert_eq!(course.text("/unit/path"), "94/");
        let days = course.body["days"].as_array().unwrap();
        // The sheet of the page has the same numbers.
        let sheet = client(&app, "vanphong").await.get("/zones/course/export/csv?unit=94/&days=60").await.expect(200);
        let (traced, untraced) =
            (column(&sheet, "Ca cộng đồng rõ nguồn"), column(&sheet, "Ca cộng đồng chưa rõ nguồn"));
        assert_eq!((days.len(), traced.len()), (60, 60));
        for ((day, traced), untraced) in days.iter().zip(&traced).zip(&untraced) {
            let sum = traced.parse::<i64>().ok().zip(untraced.parse::<i64>().ok()).map(|(one, two)| one + two);
            assert_eq!(day["community"].as_i64(), sum, "{day}");
        }
        let left_out: Vec<&str> =
            days.iter().filter(|day| day["left_out"] == json!(true)).map(|day| day["on"].as_str().unwrap()).collect();
        assert_eq!(left_out, ["2021-08-09"]);
        let r = |body: &Value| body["days"].as_array().unwrap().last().unwrap()["r"]["median"].as_f64().unwrap();
        assert!(course.body["growth"]["rate"].is_number() && r(&course.body) > 0.0, "{}", course.body);
        assert!(!course.text("/changes/0/reasons/0").is_empty() && course.text("/alarms/0/methods/0").starts_with('C'));
        assert_eq!(course.body["nowcast_missing"], json!(null), "late cases of the demo");
        // Another serial interval is another R, and is said.
        let other = office.get("/api/v1/zones/units/94/course?siMeanTenths=84&siSdTenths=38").await.expect(200);
        assert_eq!(other.body["serial_interval_mean"], json!(8.4));
        assert!((r(&other.body) - r(&course.body)).abs() > 1e-6);
        let _ = office.get("/api/v1/zones/units/94/course?siMeanTenths=3").await.expect(400);
        let _ = office.get("/api/v1/zones/units/94/course?days=91").await.expect(400);
        let _ = commune.get("/api/v1/zones/units/94/course").await.expect(404);
        let _ = commune.get("/api/v1/zones/units/31534/course").await.expect(200);
    }
}

#[tokio::test]
async fn a_briefing_is_read_and_becomes_a_document() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-12T20:00");
        let office = client(&app, "vanphong").await;
        let page = office.get("/briefing?unit=94/&day=2021-09-12").await.expect(200);
        let words = page.words();
        assert!(words.contains("Báo cáo nhanh: UBND tỉnh Sóc Trăng"), "{words}");
        assert!(!page.body.contains("[briefing") && !page.body.contains("[course"), "{words}");
        let sheet = office.get("/zones/course/export/csv?unit=94/").await.expect(200);
        let figure = |head: &str| column(&sheet, head).last().unwrap().parse::<i64>().unwrap();
        let (traced, untraced) = (figure("Ca cộng đồng rõ nguồn"), figure("Ca cộng đồng chưa rõ nguồn"));
        let cases = time::say_count(time::Lang::Vi, traced + untraced + figure("Ca khác (cách ly, nhập cảnh)"));
        assert!(words.contains(&format!("{cases} ca mới trong ngày")), "{cases}: {words}");
        // Who answers for another place writes nothing in this one's name.
        let district = client(&app, "huyen.canbo").await;
        let _ = district.get("/briefing?unit=94/").await.expect(404);
        let asked = [("unit", "94/"), ("day", "2021-09-12")];
        let _ = district.post("/briefing/write-up", &asked).await.expect(404);
        let made = office.post("/briefing/write-up", &asked).await.expect(303).address();
        let draft = office.get(&made).await.expect(200).words();
        assert!(draft.contains("Tình hình dịch bệnh trên địa bàn tỉnh Sóc Trăng ngày 12/9/2021"), "{draft}");
        let said = format!(
            "ghi nhận {cases} ca mắc mới (trong cộng đồng {}",
            time::say_count(time::Lang::Vi, traced + untraced)
        );
        assert!(draft.contains(&said), "{said}: {draft}");
        assert!(draft.contains("Hệ số lây nhiễm Rt 7 ngày"), "{draft}");
        let preview = office.get(&format!("{made}/preview")).await.expect(200);
        assert!(preview.body.contains("<img") || preview.body.contains("<svg"), "charts stand on its pages");
        // The page knows what was made of it.
        let again = office.get("/briefing?unit=94/&day=2021-09-12").await.expect(200);
        assert!(again.body.contains(made.split('?').next().unwrap()), "{}", again.words());
        // In the morning nobody has reported yet: it tells of the day before.
        set_clock(&clock, "2021-09-13T06:00");
        let early = client(&app, "vanphong").await.get("/briefing").await.expect(200);
        assert!(early.body.contains("name=\"day\" value=\"2021-09-12\""), "{}", early.words());
        // The district has a briefing of its own, to the province.
        let own = [("unit", "94/943/"), ("day", "2021-09-12")];
        let district = client(&app, "huyen.canbo").await;
        let made = district.post("/briefing/write-up", &own).await.expect(303).address();
        let draft = district.get(&made).await.expect(200).words();
        assert!(draft.contains("Kế Sách") && draft.contains("tỉnh Sóc Trăng"), "{draft}");
    }
}
