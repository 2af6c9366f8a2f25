//! Reports by the clock, through HTTP, on every engine: asked for by hand and by a dispatch, filled in, sent, put right,
//! endorsed, missing at the closing minute, added up.

use vx_kernel::time;
use vx_platform::{
    params,
    store::{Sql, Uuid},
    web::App,
};
use vx_tasks::clock as ticks;
use vx_testkit::{Client, Page, Place, count, set_clock};

use crate::support::{client, demo_on, work_off};

/// The program's own work up to now.
async fn tick(app: &App) {
    ticks::recur(app).await.unwrap();
    ticks::escalate(app).await.unwrap();
    work_off(app).await;
}

/// The address of the demo's request of this form.
async fn request(app: &App, form: &str) -> String {
    let mut conn = app.db().read().await.unwrap();
    let sql = "select id from report_request where tenant = $1 and form = $2";
    let row = conn.row(Sql::with(sql, params![conn.tenant(), form])).await.unwrap().unwrap();
    format!("/reports/{}", row.get::<Uuid>("id").unwrap())
}

/// What a browser would send back of a form's fields, as the page shows them: hidden ones, figures, notes.
fn fields(page: &Page) -> Vec<(String, String)> {
    let form = page.body.split("/send\"").nth(1).unwrap().split("</form>").next().unwrap();
    let mut fields = Vec::new();
    for piece in form.split("<input").skip(1) {
        let tag = piece.split('>').next().unwrap();
        let value = |name: &str| Some(tag.split(&format!(" {name}=\"")).nth(1)?.split('"').next()?.to_owned());
        let name = value("name").unwrap_or_default();
        if !name.is_empty() && !name.starts_with('_') {
            fields.push((name, value("value").unwrap_or_default()));
        }
    }
    fields
}

/// Sends what the page shows, with some of it typed over.
async fn send(client: &Client, address: &str, page: &Page, key: Uuid, typed: &[(&str, &str)]) -> Page {
    let mut all = fields(page);
    for (name, value) in typed {
        match all.iter_mut().find(|(field, _)| field == name) {
            Some(field) => (*value).clone_into(&mut field.1),
            None => all.push(((*name).to_owned(), (*value).to_owned())),
        }
    }
    let all: Vec<(&str, &str)> = all.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.post_keyed(&format!("{address}/send"), key, &all, &[]).await
}

const COMMUNE: &str = "94/943/31534/";

#[tokio::test]
async fn a_report_is_filled_in_sent_put_right_and_endorsed() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        let (commune, district) = (client(&app, "xa.canbo").await, client(&app, "huyen.canbo").await);
        let daily = request(&app, "bao-cao-nhanh").await;
        // It lies on the desk of the commune, and leads to its form.
        let home = commune.get("/reports").await.expect(200);
        assert!(home.words().contains("Kỳ 13/9/2021") && home.words().contains("Chờ gửi"), "{}", home.words());
        let inbox = commune.get("/inbox").await.expect(200).words();
        assert!(inbox.contains("Báo cáo nhanh hằng ngày của cấp xã"), "{inbox}");
        let tasks = commune.get("/tasks?q=bao+cao+nhanh").await.expect(200);
        let task = tasks.links("/tasks/").into_iter().find(|link| link.len() == "/tasks/".len() + 36).unwrap();
        let page = commune.get(&task).await.expect(200);
        let of = page.links(&daily).into_iter().find(|link| link.contains("/of?")).unwrap();
        let enter = commune.get(&of).await.expect(303).location.unwrap();
        assert!(enter.contains("/enter?"), "{enter}");
        let page = commune.get(&enter).await.expect(200);
        assert!(page.words().contains("Hệ thống ghi nhận: 1 (nhiệm vụ đang quá hạn)"), "{}", page.words());
        // In words such work is not reported.
        let _ = commune.post(&format!("{task}/acknowledge"), &[]).await.expect(303);
        let refused = commune.post(&format!("{task}/report"), &[("reason", "Đã làm")]).await.expect(422);
        assert!(refused.words().contains("bằng biểu mẫu"), "{}", refused.words());

        // The form can be filled in as a file: what was read stands in the cells to be looked at, nothing is sent.
        let template = enter.replace("/enter?", "/template/csv?");
        let template = commune.get(&template).await.expect(200).body;
        let kept = template.replace("F0 mới phát hiện trong ngày;;ca;;", "F0 mới phát hiện trong ngày;;ca;1.250;");
        assert_ne!(kept, template, "{template}");
        let kept = kept.replace("tử vong trong ngày;;ca;;", "tử vong trong ngày;;ca;không;");
        let of = [("unit", COMMUNE), ("on", "2021-09-13")];
        let fill = format!("{daily}/fill");
        let taken =
            commune.post_keyed(&fill, Uuid::now_v7(), &of, &[("file", "mau.csv", kept.as_bytes())]).await.expect(422);
        assert!(
            taken.words().contains("từ tệp mau.csv") && taken.words().contains("1 ô chưa đọc được"),
            "{}",
            taken.words()
        );
        assert!(taken.body.contains("value=\"1250\"") && taken.body.contains("value=\"không\""));
        let other = kept.replace(COMMUNE, "94/943/31537/");
        let refused =
            commune.post_keyed(&fill, Uuid::now_v7(), &of, &[("file", "mau.csv", other.as_bytes())]).await.expect(422);
        assert!(refused.words().contains("Tệp là của đơn vị"), "{}", refused.words());
        let _ = commune.get(&enter.replace("/enter?", "/template/xlsx?")).await.expect(200);
        let old =
            commune.post_keyed(&fill, Uuid::now_v7(), &of, &[("file", "a.xls", b"\xd0\xcf\x11\xe0")]).await.expect(422);
        assert!(old.words().contains(".xlsx"), "{}", old.words());

        // What cannot be read is told cell by cell, and what was typed is still there.
        let bad = [("f0", "ba ca"), ("f1", "-2"), ("f2", "2,5"), ("f3", "1.250")];
        let words = send(&commune, &daily, &page, Uuid::now_v7(), &bad).await.expect(422);
        for said in ["3 ô chưa đọc được", "Chỉ nhập chữ số", "không được âm", "Bỏ phần lẻ"]
        {
            assert!(words.words().contains(said), "{said}: {}", words.words());
        }
        assert!(words.body.contains("value=\"ba ca\"") && words.body.contains("value=\"1.250\""));
        // Nothing said is no report; nought is.
        let nothing =
            send(&commune, &daily, &page, Uuid::now_v7(), &[("f11", ""), ("n_viec_qua_han", "không rõ")]).await;
        assert!(nothing.expect(422).words().contains("chưa có số liệu nào"));
        // Another number than the registers know needs a word; what looks wrong is only said.
        let figures: Vec<(String, &str)> = (0..11).map(|n| (format!("f{n}"), if n == 1 { "5" } else { "0" })).collect();
        let mut typed: Vec<(&str, &str)> = figures.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        typed.push(("f11", "0"));
        let unexplained = send(&commune, &daily, &page, Uuid::now_v7(), &typed).await.expect(422);
        assert!(
            unexplained.words().contains("chưa ghi lý do: Nhiệm vụ được giao đang quá hạn"),
            "{}",
            unexplained.words()
        );
        typed.push(("n_viec_qua_han", "đã xong sáng nay"));
        let mut checked = typed.clone();
        checked.push(("check", "1"));
        let checked = send(&commune, &daily, &page, Uuid::now_v7(), &checked).await.expect(200);
        assert!(checked.words().contains("≤ Ca F0 mới phát hiện trong ngày: 5 so với 0"), "{}", checked.words());
        assert_eq!(
            count(&app, "select count(*) as n from report_submission where tenant = $1 and period_on = '2021-09-13'")
                .await,
            0
        );

        // Sent twice with one key it is there once, and the work is done.
        let key = Uuid::now_v7();
        let report = send(&commune, &daily, &page, key, &typed).await.expect(303).location.unwrap();
        let again = send(&commune, &daily, &page, key, &typed).await.expect(303).location.unwrap();
        assert_eq!(report, again);
        let report = report.split("&said=").next().unwrap().to_owned();
        let shown = commune.get(&report).await.expect(200).words();
        for said in ["Đã gửi", "1 điểm cần xem", "“đã xong sáng nay”", "Khác", "Bản 1"] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        assert!(commune.get(&task).await.expect(200).words().contains("Hoàn thành"));
        // Somebody else of the unit who had the page open does not send a second first edition.
        let late = send(&commune, &daily, &page, Uuid::now_v7(), &typed).await.expect(409);
        assert!(late.words().contains("vừa gửi báo cáo kỳ này"), "{}", late.words());

        // The district endorses; a correction needs a reason, keeps both, and has to be endorsed anew.
        let endorse = |page: Page, unit: &'static str| {
            let edition = page.hidden("edition").unwrap().to_owned();
            vec![
                ("unit", COMMUNE.to_owned()),
                ("on", "2021-09-13".to_owned()),
                ("by", unit.to_owned()),
                ("edition", edition),
            ]
        };
        let sent = endorse(district.get(&report).await.expect(200), "94/943/");
        let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let _ = district.post(&format!("{daily}/endorse"), &sent).await.expect(303);
        assert!(commune.get(&report).await.expect(200).words().contains("Cấp trên đã xác nhận"));
        assert!(
            district
                .post(&format!("{daily}/endorse"), &sent)
                .await
                .expect(422)
                .words()
                .contains("đã được đơn vị xác nhận")
        );
        set_clock(&clock, "2021-09-13T19:00");
        let enter = commune.get(&report).await.expect(200).links(&format!("{daily}/enter")).first().unwrap().clone();
        let page = commune.get(&enter).await.expect(200);
        assert!(page.words().contains("Đang đính chính bản 1"), "{}", page.words());
        let over = send(&commune, &daily, &page, Uuid::now_v7(), &[("f0", "7")]).await.expect(422);
        assert!(over.words().contains("Chưa ghi lý do đính chính"), "{}", over.words());
        let over = [("f0", "7"), ("reason", "Bệnh viện huyện báo thêm 7 ca")];
        let _ = send(&commune, &daily, &page, Uuid::now_v7(), &over).await.expect(303);
        let shown = commune.get(&report).await.expect(200).words();
        for said in ["Đã đính chính", "Bản 2 Bản 1", "“Bệnh viện huyện báo thêm 7 ca”"] {
            assert!(shown.contains(said), "{said}: {shown}");
        }
        // Put right after the closing hour it is no late report.
        assert!(!shown.contains("Gửi trễ"), "{shown}");
        assert!(
            district
                .post(&format!("{daily}/endorse"), &sent)
                .await
                .expect(409)
                .words()
                .contains("vừa gửi bản đính chính")
        );

        // Nobody reports for another unit, and a stranger to both knows nothing of it.
        let other = format!("{daily}/enter?unit=94/943/31537/&on=2021-09-13");
        let _ = commune.get(&other).await.expect(404);
        let _ = commune.get(&format!("{daily}/report?unit=94/941/31510/&on=2021-09-12")).await.expect(404);
        let police = client(&app, "congan").await;
        let _ = police.get(&report).await.expect(404);
        // No such period, no such unit.
        let _ = commune.get(&format!("{daily}/enter?unit={COMMUNE}&on=2021-09-09")).await.expect(404);
        let _ = commune.get(&format!("{daily}/report?unit=nowhere&on=x")).await.expect(404);
        app.db().close().await;
    }
}

#[tokio::test]
async fn at_the_closing_minute_the_board_shows_who_is_missing() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        let (office, commune) = (client(&app, "vanphong").await, client(&app, "xa.canbo").await);
        let daily = request(&app, "bao-cao-nhanh").await;
        set_clock(&clock, "2021-09-13T17:00:00");
        let words = office.get(&daily).await.expect(200).words();
        assert!(words.contains("Kỳ 12/9/2021 đã chốt lúc 17:00 12/9/2021: còn 7 đơn vị chưa gửi"), "{words}");
        let enter = format!("{daily}/enter?unit={COMMUNE}&on=2021-09-13");
        let page = commune.get(&enter).await.expect(200);
        // A second later nobody needs to have done anything for it to be seen.
        set_clock(&clock, "2021-09-13T17:00:01");
        let words = office.get(&daily).await.expect(200).words();
        assert!(words.contains("Kỳ 13/9/2021 đã chốt lúc 17:00 13/9/2021: còn 109 đơn vị chưa gửi"), "{words}");
        assert!(commune.get("/reports").await.expect(200).words().contains("Chưa gửi, quá hạn"));
        // They are told of it by their work, like of any other, and urged from the board.
        tick(&app).await;
        let late = "select count(*) as n from work_item where tenant = $1 and request is not null and step = 'superior'
                    and due_at = '2021-09-13T10:00:00.000000Z'";
        if place.options.url.starts_with("sqlite") {
            assert_eq!(count(&app, late).await, 109, "their districts were told");
        }
        let board = office.get(&daily).await.expect(200);
        let form = board.body.split("action=\"/inbox\"").nth(1).unwrap().split("</form>").next().unwrap();
        let tasks: Vec<&str> = form.split("name=\"task\" value=\"").skip(1).map(|piece| &piece[..36]).collect();
        assert_eq!(tasks.len(), 109);
        let urge: Vec<(&str, &str)> =
            tasks.iter().take(3).map(|task| ("task", *task)).chain([("do", "urge"), ("reason", "Gửi ngay")]).collect();
        let urged = office.post("/inbox", &urge).await.expect(200);
        assert!(urged.words().contains("Đã đôn đốc 3 nhiệm vụ"), "{}", urged.words());
        // Late is taken, marked, and stays marked.
        let _ = send(&commune, &daily, &page, Uuid::now_v7(), &[("f0", "2"), ("n_viec_qua_han", "đã xong")])
            .await
            .expect(303);
        let report = format!("{daily}/report?unit={COMMUNE}&on=2021-09-13");
        assert!(commune.get(&report).await.expect(200).words().contains("Gửi trễ"));
        let words = office.get(&format!("{daily}?unit=94/943/")).await.expect(200).words();
        assert!(words.contains("còn 12 đơn vị chưa gửi"), "{words}");
        // Whoever headed the commune has it in the record; numbers of the board agree with what is there.
        assert!(words.contains("Lâm Văn Phúc"), "{words}");
        let csv = office.get(&format!("{daily}/board/csv?unit=94/")).await.expect(200).body;
        let sum = csv.lines().last().unwrap();
        let sent = count(&app, "select count(distinct path) as n from report_submission where tenant = $1 and period_on = '2021-09-12' and exists (select 1 from report_request r where r.tenant = report_submission.tenant and r.id = report_submission.request and r.form = 'bao-cao-nhanh')").await;
        assert!(sum.contains(&format!(";1/109;{sent}/109;")), "{sum}");
        app.db().close().await;
    }
}

/// The number in the column "Tổng" of a row of a sum taken along as CSV.
fn total(csv: &str, label: &str) -> i64 {
    let line = csv.lines().find(|line| line.starts_with(label)).unwrap_or_else(|| panic!("no {label}: {csv}"));
    line.split(';').nth(2).unwrap().parse().unwrap()
}

#[tokio::test]
async fn figures_are_added_up_the_tree_and_anew_on_the_units_of_2025() {
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let office = client(&app, "vanphong").await;
        let daily = request(&app, "bao-cao-nhanh").await;
        let sum = |query: &str| format!("{daily}/sum/csv?{query}");
        let label = "Mẫu có kết quả dương tính trong ngày";
        let whole = office.get(&sum("unit=94/&on=2021-09-12")).await.expect(200).body;
        // A province is the sum of its districts, and a district that of its communes.
        let row = whole.lines().find(|line| line.starts_with(label)).unwrap();
        let parts: Vec<i64> = row.split(';').skip(3).map(|cell| cell.parse().unwrap()).collect();
        assert_eq!((parts.len(), parts.iter().sum::<i64>()), (11, total(&whole, label)));
        let district = office.get(&sum("unit=94/943/&on=2021-09-12")).await.expect(200).body;
        assert!(parts.contains(&total(&district, label)), "{row}");
        // On the units of 2025 the total is what was reported.
        let anew = office.get(&sum("unit=94/&on=2021-09-12&tree=2025")).await.expect(200).body;
        assert_eq!(total(&anew, label), total(&whole, label));
        let row = anew.lines().find(|line| line.starts_with(label)).unwrap();
        assert_eq!(
            row.split(';').skip(3).filter_map(|cell| cell.parse::<i64>().ok()).sum::<i64>(),
            total(&whole, label)
        );
        // Over several periods what happened is summed, of what there is the last counts.
        let days = ["2021-09-10", "2021-09-11", "2021-09-12"];
        let mut each = Vec::new();
        for day in days {
            each.push(office.get(&sum(&format!("unit=94/943/&on={day}"))).await.expect(200).body);
        }
        let three = office.get(&sum("unit=94/943/&on=2021-09-12&since=2021-09-10")).await.expect(200).body;
        assert_eq!(total(&three, label), each.iter().map(|csv| total(csv, label)).sum::<i64>());
        let held = "Đang cách ly tập trung";
        assert_eq!(total(&three, held), total(&each[2], held));

        // Two sources of one figure: both stay, the one that counts is named with the reason.
        let samples = "Mẫu xét nghiệm lấy trong ngày";
        let page = office.get(&format!("{daily}/sum?unit=94/&on=2021-09-12")).await.expect(200);
        assert!(page.words().contains("Các nguồn của cùng một số"), "{}", page.words());
        let before = total(&whole, samples);
        let choice = [("unit", "94/"), ("on", "2021-09-12"), ("cell", "mau"), ("source", "registers")];
        let refused = office.post(&format!("{daily}/choose"), &choice).await.expect(422);
        assert!(refused.words().contains("lý do"), "{}", refused.words());
        let reason = [&choice[..], &[("reason", "CDC đã đối chiếu với phiếu gửi mẫu")]].concat();
        let _ = office.post(&format!("{daily}/choose"), &reason).await.expect(303);
        let chosen = office.get(&sum("unit=94/&on=2021-09-12")).await.expect(200).body;
        // Of units of which the registers know something theirs counts, of the others the report: in the demo both agree.
        assert_eq!(total(&chosen, samples), before);
        let row = chosen.lines().find(|line| line.starts_with(samples)).unwrap();
        let parts: i64 = row.split(';').skip(3).filter_map(|cell| cell.parse::<i64>().ok()).sum();
        assert_eq!(parts, before, "the parts are of the same source as the total");
        let words = office.get(&format!("{daily}/sum?unit=94/&on=2021-09-12")).await.expect(200).words();
        assert!(words.contains("còn lại theo báo cáo"), "{words}");
        assert!(
            words.contains("“CDC đã đối chiếu với phiếu gửi mẫu”")
                && words.contains(&time::say_count(time::Lang::Vi, before)),
            "{words}"
        );
        // A district stands by all that came in from below with one press; what was endorsed is not offered again.
        let district = client(&app, "huyen.canbo").await;
        let page = district.get(&format!("{daily}/sum?unit=94/943/&on=2021-09-12")).await.expect(200);
        assert!(page.words().contains("Xác nhận số liệu 13 báo cáo cấp dưới"), "{}", page.words());
        let below = page.body.split("/endorse-below\"").nth(1).unwrap().split("</form>").next().unwrap();
        let mut reports: Vec<(&str, &str)> = below
            .split("name=\"report\" value=\"")
            .skip(1)
            .map(|piece| ("report", piece.split('"').next().unwrap()))
            .collect();
        reports.extend([("by", "94/943/"), ("on", "2021-09-12")]);
        let _ = office.post(&format!("{daily}/endorse-below"), &reports).await.expect(403);
        let _ = district.post(&format!("{daily}/endorse-below"), &reports).await.expect(303);
        let page = district.get(&format!("{daily}/sum?unit=94/943/&on=2021-09-12")).await.expect(200);
        assert!(!page.words().contains("báo cáo cấp dưới"), "{}", page.words());
        // Others see sums of what is theirs.
        let commune = client(&app, "xa.canbo").await;
        let own = commune.get(&sum("on=2021-09-12")).await.expect(200).body;
        assert_eq!(own.lines().next().unwrap().split(';').count(), 4, "{own}");
        // What nothing adds up is read together: on the page, in the file, in the document.
        let need = "Thiếu 20 bộ đồ phòng hộ cho tổ lấy mẫu";
        let enter = commune.get(&format!("{daily}/enter?unit={COMMUNE}&on=2021-09-12")).await.expect(200);
        let typed = [("w_kien_nghi", need), ("reason", "Bổ sung kiến nghị")];
        let _ = send(&commune, &daily, &enter, Uuid::now_v7(), &typed).await.expect(303);
        let page = district.get(&format!("{daily}/sum?unit=94/943/&on=2021-09-12")).await.expect(200).words();
        assert!(page.contains("Nội dung ghi bằng lời") && page.contains(need), "{page}");
        let line = |csv: &str| csv.split("Khó khăn, kiến nghị").nth(1).unwrap().to_owned();
        let csv = line(&district.get(&sum("unit=94/943/&on=2021-09-12")).await.expect(200).body);
        assert!(csv.contains(need) && !csv.contains("Xuân Hòa"), "it stands under its unit: {csv}");
        let csv = line(&office.get(&sum("unit=94/&on=2021-09-12&since=2021-09-11")).await.expect(200).body);
        assert!(csv.contains(&format!("12/9/2021: {need}")) && csv.contains("Xuân Hòa"), "under its district: {csv}");
        let document = format!("{daily}/sum/document?unit=94/943/&on=2021-09-12");
        let draft = district.post(&document, &[]).await.expect(303).address();
        let text = district.get(&format!("{draft}/preview")).await.expect(200);
        assert!(text.words().contains("đọc lại khớp"), "{}", text.words());
        assert!(text.body.contains(&format!("| Xã Xuân Hòa | {need} |")), "{}", text.words());
        app.db().close().await;
    }
}

/// The text of a document on its page, held against a golden file.
fn golden_text(name: &str, page: &Page) {
    let text = page.body.split("<pre class=\"vx-paper\">").nth(1).unwrap().split("</pre>").next().unwrap();
    vx_testkit::golden(env!("CARGO_MANIFEST_DIR"), name, text);
}

#[tokio::test]
async fn a_sum_becomes_a_numbered_document() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        let (health, office) = (client(&app, "syt.giamdoc").await, client(&app, "vanphong").await);
        let stock = request(&app, "vat-tu-o-xy").await;
        let sum = format!("{stock}/sum?unit=94/&on=2021-09-12");
        let page = health.get(&sum).await.expect(200);
        assert!(page.words().contains("nhân danh Sở Y tế"), "{}", page.words());
        let key = Uuid::now_v7();
        let document = format!("{stock}/sum/document?unit=94/&on=2021-09-12");
        let draft = health.post_keyed(&document, key, &[], &[]).await.expect(303).address();
        assert_eq!(health.post_keyed(&document, key, &[], &[]).await.expect(303).address(), draft, "pressed twice");
        // The office writes in its own name; who only follows, in nobody's.
        let words = office.get(&sum).await.expect(200).words();
        assert!(words.contains("nhân danh UBND tỉnh Sóc Trăng"), "{words}");
        let _ = client(&app, "theodoi").await.post(&document, &[]).await.expect(404);

        // What it says reads back, without anything left to fill in.
        let page = health.get(&format!("{draft}/preview")).await.expect(200);
        assert!(page.words().contains("đọc lại khớp"), "{}", page.words());
        golden_text("sum_as_document.txt", &page);
        // Where reports are missing, late, put right or contradicted by the registers, it says so.
        let daily = request(&app, "bao-cao-nhanh").await.replace("/reports/", "");
        let document_of_day = format!("/reports/{daily}/sum/document?unit=94/943/&on=2021-09-11");
        let of_district = client(&app, "huyen.canbo").await;
        let of_district_draft = of_district.post(&document_of_day, &[]).await.expect(303).address();
        golden_text(
            "sum_as_document_with_gaps.txt",
            &of_district.get(&format!("{of_district_draft}/preview")).await.expect(200),
        );
        // The figures of its tables are those of the page.
        let csv = health.get(&sum.replace("/sum?", "/sum/csv?")).await.expect(200).body;
        let written = health.get(&draft).await.expect(200).body;
        let row = csv.lines().nth(1).unwrap().split(';').collect::<Vec<_>>();
        let whole: i64 = row[2].parse().unwrap();
        let (label, whole) = (row[0], time::say_count(time::Lang::Vi, whole));
        assert!(written.contains(&format!("| {label} | {} | {whole} |", row[1])), "{label} {whole}: {written}");

        // A district puts its report right: the page says that the document is behind.
        assert!(!health.get(&sum).await.expect(200).words().contains("đính chính sau khi lập văn bản"));
        set_clock(&clock, "2021-09-13T08:00");
        let (district, unit) = (client(&app, "huyen.canbo").await, "94/943/");
        let enter = district.get(&format!("{stock}/enter?unit={unit}&on=2021-09-12")).await.expect(200);
        let first = fields(&enter).into_iter().find(|(name, _)| name.starts_with('f')).unwrap().0;
        let typed = [(first.as_str(), "3"), ("reason", "Đếm lại kho")];
        let _ = send(&district, &stock, &enter, Uuid::now_v7(), &typed).await.expect(303);
        let page = health.get(&sum).await.expect(200);
        assert!(page.words().contains("đính chính sau khi lập văn bản"), "{}", page.words());

        // Signed by the head, it goes out with number and day, to the committee that it names.
        let version = |page: Page| page.hidden("version").unwrap().to_owned();
        let seen = version(health.get(&format!("{draft}/preview")).await.expect(200));
        let _ = health.post(&format!("{draft}/submit"), &[("version", &seen)]).await.expect(303);
        let seen = version(health.get(&draft).await.expect(200));
        let _ = health.post(&format!("{draft}/sign"), &[("version", &seen)]).await.expect(303);
        let seen = version(health.get(&draft).await.expect(200));
        let _ = health.post(&format!("{draft}/publish"), &[("version", &seen)]).await.expect(303);
        let words = health.get(&draft).await.expect(200).words();
        assert!(words.contains("268/BC-SYT") && words.contains("Số liệu của văn bản này"), "{words}");
        let words = health.get(&sum).await.expect(200).words();
        assert!(words.contains("268/BC-SYT") && words.contains("Đã phát hành"), "{words}");
        work_off(&app).await;
        let issued = draft.replace("/papers/", "/directives/");
        assert!(office.get(&issued).await.expect(200).words().contains("268/BC-SYT"));
        app.db().close().await;
    }
}

const MARKETS: &str = "form = \"cho\"\nname = \"Tình hình chợ\"\ncheck = [\"dong <= tong\"]\n\n[[cell]]\ncode = \"tong\"\nlabel = \"Tổng số chợ\"\nkind = \"count\"\nroll_up = \"latest\"\n\n[[cell]]\ncode = \"dong\"\nlabel = \"Chợ tạm đóng\"\nkind = \"count\"\n";

#[tokio::test]
async fn a_template_of_the_evening_is_asked_for_and_answered() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T22:00");
        let (office, commune) = (client(&app, "vanphong").await, client(&app, "xa.canbo").await);
        // Faults come back with their lines, all at once, beside what was sent.
        let wrong = MARKETS
            .replace("kind = \"count\"\nroll_up", "kind = \"số\"\nroll_up")
            .replace("\"dong\"\nlabel", "\"Đóng\"\nlabel");
        let page = office.post("/reports/forms", &[("unit", "94/"), ("source", &wrong)]).await.expect(422);
        for said in ["Dòng 8:", "kiểu \"số\" không có", "Dòng 12:", "mã \"Đóng\" không dùng được", "Dòng 3:"]
        {
            assert!(page.words().replace("&quot;", "\"").contains(said), "{said}: {}", page.words());
        }
        assert!(page.body.contains("kind = &quot;số&quot;"), "what was sent is still there");
        let _ = commune.post("/reports/forms", &[("unit", COMMUNE), ("source", MARKETS)]).await.expect(404);
        let form = office.post("/reports/forms", &[("unit", "94/"), ("source", MARKETS)]).await.expect(303).address();
        let taken = MARKETS.replace("\"cho\"", "\"bao-cao-nhanh\"");
        let _ = office.post("/reports/forms", &[("unit", "94/"), ("source", &taken)]).await.expect(422);
        assert!(office.get(&form).await.expect(200).words().contains("Chợ tạm đóng ≤ Tổng số chợ"));

        // Due at six in the morning, by the communes of one district.
        let ask = [
            ("by", "94/"),
            ("form", "cho"),
            ("title", "Báo cáo chợ"),
            ("source", "CĐ 99/CĐ-UBND"),
            ("period", "once"),
            ("from", "2021-09-13"),
            ("closes", "06:00"),
            ("lag", "1"),
            ("window", "0"),
            ("level", "commune"),
            ("within", "94/943/"),
        ];
        let past: Vec<(&str, &str)> =
            ask.iter().map(|(name, value)| (*name, if *name == "lag" { "0" } else { *value })).collect();
        let refused = office.post("/reports/ask", &past).await.expect(422);
        assert!(refused.words().contains("đã quá giờ chốt"), "{}", refused.words());
        // It says first to how many it goes.
        let counted = office.post("/reports/ask", &ask).await.expect(200).words();
        assert!(counted.contains("gửi đến 13 đơn vị"), "{counted}");
        let sure = [&ask[..], &[("sure", "13")]].concat();
        let request = office.post("/reports/ask", &sure).await.expect(303).address();
        let words = commune.get("/inbox").await.expect(200).words();
        assert!(words.contains("Báo cáo chợ") && words.contains("CĐ 99/CĐ-UBND"), "{words}");
        let page = commune.get(&format!("{request}/enter?unit={COMMUNE}&on=2021-09-13")).await.expect(200);
        // The form changes meanwhile; what was asked for does not.
        let _ = office
            .post("/reports/forms", &[("unit", "94/"), ("source", &MARKETS.replace("Tổng số", "Số"))])
            .await
            .expect(303);
        let _ = send(&commune, &request, &page, Uuid::now_v7(), &[("f0", "4"), ("f1", "1")]).await.expect(303);
        let words = office.get(&format!("{request}/report?unit={COMMUNE}&on=2021-09-13")).await.expect(200).words();
        assert!(words.contains("Tổng số chợ 4"), "{words}");
        // Ending it stops what would come; what was sent stays, and nobody sends beyond it.
        let daily = self::request(&app, "bao-cao-nhanh").await;
        tick(&app).await;
        let _ = office.post(&format!("{daily}/end"), &[("until", "2021-09-13")]).await.expect(422);
        let end = [("until", "2021-09-13"), ("reason", "Chuyển sang báo cáo tuần")];
        let _ = office.post(&format!("{daily}/end"), &end).await.expect(303);
        work_off(&app).await;
        set_clock(&clock, "2021-09-14T18:00");
        tick(&app).await;
        let sql = "select count(*) as n from work_item where tenant = $1 and closed_at is null and occurs_on > '2021-09-13'
                   and exists (select 1 from report_request r where r.tenant = work_item.tenant and r.id = work_item.request and r.form = 'bao-cao-nhanh')";
        assert_eq!(count(&app, sql).await, 0, "nothing of it came back");
        let office = client(&app, "vanphong").await;
        assert!(office.get(&daily).await.expect(200).words().contains("Đã kết thúc"));
        assert_eq!(count(&app, "select count(*) as n from job where tenant = $1 and state = 'failed'").await, 0);
        app.db().close().await;
    }
}

#[tokio::test]
async fn the_dispatch_that_orders_reports_every_three_days_is_answered_by_the_form() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        let office = client(&app, "vanphong").await;
        let screening = request(&app, "sang-loc").await;
        let words = office.get(&screening).await.expect(200).words();
        assert!(words.contains("3 ngày một lần, trước 17:00") && words.contains("9002/UBND-VX"), "{words}");
        assert!(words.contains("0/11"), "{words}");
        // The district's task of the dispatch leads to the form, filled with what its communes counted in these days.
        set_clock(&clock, "2021-09-15T10:00");
        let (office, district) = (client(&app, "vanphong").await, client(&app, "huyen.canbo").await);
        let page = district.get("/reports").await.expect(200);
        let enter = page.links(&format!("{screening}/enter")).first().unwrap().clone();
        assert!(enter.contains("on=2021-09-15"), "{enter}");
        let page = district.get(&enter).await.expect(200);
        assert!(page.words().contains("Kỳ 13/9/2021 – 15/9/2021"), "{}", page.words());
        let typed = [
            ("f0", "3.000"),
            ("f1", "2.950"),
            ("f2", "50"),
            ("f3", "400"),
            ("f4", "2500"),
            ("f5", "3"),
            ("f6", "4"),
            ("f7", "0"),
        ];
        let report = send(&district, &screening, &page, Uuid::now_v7(), &typed).await.expect(303).location.unwrap();
        let words = district.get(report.split("&said=").next().unwrap()).await.expect(200).words();
        // Told apart by sex, the total is computed.
        assert!(
            words.contains("Số người dương tính (người) 7") && words.contains("— Nam 3 ") && words.contains("— Nữ 4 "),
            "{words}"
        );
        work_off(&app).await;
        let sql =
            "select count(*) as n from work_item where tenant = $1 and path = '94/943/' and source = '9002/UBND-VX'
                   and occurs_on = '2021-09-15' and state = 'confirmed'";
        assert_eq!(count(&app, sql).await, 1);
        // The next one comes on its day, tied to the form as well.
        set_clock(&clock, "2021-09-15T17:00:01");
        tick(&app).await;
        let sql = "select count(*) as n from work_item where tenant = $1 and source = '9002/UBND-VX' and occurs_on = '2021-09-18'
                   and request is not null";
        assert_eq!(count(&app, sql).await, 11);
        let words = office.get(&screening).await.expect(200).words();
        assert!(words.contains("còn 10 đơn vị chưa gửi"), "{words}");
        assert_eq!(count(&app, "select count(*) as n from job where tenant = $1 and state = 'failed'").await, 0);
        app.db().close().await;
    }
}
