//! The course of an epidemic through HTTP, on every engine: charts and their tables, doubtful days, layers of the map, the
//! flash briefing as page and as document.
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

#[path = "support/demo_province.rs"]
mod demo_province;

use vungxanh::demo;
use vx_kernel::time;
use vx_platform::web::App;
use vx_testkit::{Client, Page, Place, set_clock};

use demo_province::demo_on;

async fn client(app: &App, login: &str) -> Client {
    Client::sign_in(app, login, demo::PASSWORD).await
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
