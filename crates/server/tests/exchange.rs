//! Figures in and out: reports of many units from one file, DHIS2 data value sets and the JSON interface, through HTTP,
//! on every engine.

use serde_json::json;
use vx_platform::{
    params,
    store::{Sql, Uuid},
    web::App,
};
use vx_testkit::{Client, Page, Place, set_clock};

use crate::support::{client, demo_on, program, work_off};

async fn request(app: &App, form: &str) -> Uuid {
    let mut conn = app.db().read().await.unwrap();
    let sql = "select id from report_request where tenant = $1 and form = $2";
    conn.row(Sql::with(sql, params![conn.tenant(), form])).await.unwrap().unwrap().get("id").unwrap()
}

/// Reports sent for the period of the test.
async fn sent(app: &App, request: Uuid) -> i64 {
    let mut conn = app.db().read().await.unwrap();
    let sql =
        "select count(*) as n from report_submission where tenant = $1 and request = $2 and period_on = '2021-09-13'";
    conn.count(Sql::with(sql, params![conn.tenant(), request])).await.unwrap()
}

async fn jobs_done(app: &App) {
    work_off(app).await;
    let mut conn = app.db().read().await.unwrap();
    let sql = "select count(*) as n from job where tenant = $1 and state = 'failed'";
    assert_eq!(conn.count(Sql::with(sql, params![conn.tenant()])).await.unwrap(), 0);
}

/// Sends a file to be looked at.
async fn look(client: &Client, address: &str, by: &str, on: &str, name: &str, file: &[u8]) -> Page {
    let fields = [("by", by), ("on", on)];
    client.post_keyed(&format!("{address}/import/review"), Uuid::now_v7(), &fields, &[("file", name, file)]).await
}

/// Has what was looked at written down, and gives the page of its outcome.
async fn write(app: &App, client: &Client, address: &str, page: &Page, more: &[(&str, &str)]) -> Page {
    let form = page.body.split(&format!("action=\"{address}/import\"")).nth(1).unwrap();
    let hidden = |name: &str| {
        let rest = form.split(&format!("name=\"{name}\" value=\"")).nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let fields = ["by", "on", "file", "name"].map(|name| (name, hidden(name)));
    let mut fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    fields.extend(more);
    let to = client.post(&format!("{address}/import"), &fields).await.expect(303).address();
    jobs_done(app).await;
    client.get(&to).await.expect(200)
}

/// A template with figures: every unit of it gets the same ones.
fn filled(template: &str, figures: &str) -> String {
    let rows =
        template.lines().enumerate().map(|(n, line)| if n < 2 { line.to_owned() } else { format!("{line};{figures}") });
    rows.collect::<Vec<_>>().join("\r\n")
}

const FIGURES: &str = "5;1;0;12;3;4;20;2;1;1;40;0";

#[tokio::test]
async fn reports_of_many_units_are_looked_at_and_written_down() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T16:00");
        let (office, district) = (client(&app, "vanphong").await, client(&app, "huyen.canbo").await);
        let id = request(&app, "bao-cao-nhanh").await;
        let address = format!("/reports/{id}");
        assert!(office.get(&address).await.expect(200).body.contains(&format!("{address}/import")));
        let page = office.get(&format!("{address}/import")).await.expect(200);
        assert!(page.words().contains("Nhập số liệu nhiều đơn vị"), "{}", page.words());
        let before = sent(&app, id).await;

        // The blank template has every unit of one's reach, and is no report as it is.
        let blank = format!("{address}/table/csv?unit=94/&on=2021-09-13&blank=1");
        let template = office.get(&blank).await.expect(200).body.trim_start_matches('\u{feff}').to_owned();
        assert_eq!(template.lines().count(), 2 + 109, "{template}");
        let page = look(&office, &address, "94/", "", "trống.csv", template.as_bytes()).await.expect(200);
        assert!(
            page.words().contains("109 Chưa điền") && page.words().contains("Không có dòng nào để ghi"),
            "{}",
            page.words()
        );

        // Faults are told row by row, and what is sound can be written all the same.
        let good = filled(&template, FIGURES);
        let mut lines: Vec<String> = good.lines().map(str::to_owned).collect();
        lines[2] = lines[2].replace(FIGURES, "ba ca;1;0;12;3;4;20;2;1;1;40;0");
        lines[3] = lines[3].replace(FIGURES, "5;-1;0;12;3;4;20;2;1;1;40;0");
        lines[4] = lines[4].replace("2021-09-13", "2021-08-01");
        lines[5] = lines[6].clone();
        lines[7] = format!("99999;xã lạ;2021-09-13;{FIGURES}");
        // A part above its whole is remarked, and written.
        lines[8] = lines[8].replace(FIGURES, "1;9;0;12;3;4;20;2;1;1;40;0");
        let page = look(&office, &address, "94/", "", "tỉnh.csv", lines.join("\n").as_bytes()).await.expect(200);
        let words = page.words();
        for said in [
            "104 Nhận mới",
            "5 Không nhận",
            "Ca F0 mới phát hiện trong ngày: \"ba ca\"",
            "Không có kỳ nào kết thúc ngày 1/8/2021",
            "đã có ở dòng 6",
            "Không tìm thấy đơn vị \"99999\"",
            "1 báo cáo có điểm cần xem",
        ] {
            assert!(words.replace("&quot;", "\"").contains(said), "{said}: {words}");
        }
        assert_eq!(sent(&app, id).await, before, "nothing is written before somebody says so");
        // What was not taken comes back in the same format with the reason, and is taken once it is mended.
        let rejected = page.links(&format!("{address}/import/rejected/csv")).first().unwrap().replace("&amp;", "&");
        let csv = office.get(&rejected).await.expect(200).body.trim_start_matches('\u{feff}').to_owned();
        assert_eq!(csv.lines().count(), 2 + 5, "{csv}");
        assert!(csv.lines().nth(1).unwrap().ends_with(";loi") && csv.contains("ba ca"), "{csv}");
        let done = write(&app, &office, &address, &page, &[]).await;
        assert!(
            done.words().contains("104 Báo cáo mới") && done.words().contains("Đã ghi xong lúc"),
            "{}",
            done.words()
        );
        assert_eq!(sent(&app, id).await, before + 104);
        let mended: Vec<String> = csv
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.starts_with("99999"))
            .map(|(_, line)| line.replace("ba ca", "5").replace(";-1;", ";1;").replace("2021-08-01", "2021-09-13"))
            .collect();
        let page = look(&office, &address, "94/", "", "sửa.csv", mended.join("\n").as_bytes()).await.expect(200);
        assert!(page.words().contains("3 Nhận mới"), "{}", page.words());
        let _ = write(&app, &office, &address, &page, &[]).await;

        // Each is a report like any other: its work is done, its journal says who brought it.
        let mut conn = app.db().read().await.unwrap();
        let sql = "select count(*) as n from journal where tenant = $1 and verb = 'reports.bring' and record = 'report_submission'";
        assert_eq!(conn.count(Sql::with(sql, params![conn.tenant()])).await.unwrap(), 107);
        let sql = "select count(*) as n from work_item where tenant = $1 and request = $2 and occurs_on = '2021-09-13' and closed_at is null";
        let open = conn.count(Sql::with(sql, params![conn.tenant(), id])).await.unwrap();
        assert_eq!(open, 109 - 107, "the work of each is done");
        drop(conn);

        // The same file again says nothing new; another figure is a correction, with a reason, beside what was sent.
        let page = look(&office, &address, "94/", "2021-09-13", "lại.csv", good.as_bytes()).await.expect(200);
        assert!(
            page.words().contains("106 Đã có, không đổi") && page.words().contains("1 Sẽ đính chính"),
            "{}",
            page.words()
        );
        let fields = page.body.split(&format!("action=\"{address}/import\"")).nth(1).unwrap().to_owned();
        assert!(fields.contains("name=\"corrects\""));
        let done =
            write(&app, &office, &address, &page, &[("corrects", "1"), ("reason", "Đối chiếu lại với CDC")]).await;
        assert!(
            done.words().contains("1 Đính chính") && done.words().contains("“Đối chiếu lại với CDC”"),
            "{}",
            done.words()
        );
        assert_eq!(sent(&app, id).await, before + 109 + 1);
        let hash = page.body.split("name=\"file\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let again =
            [("by", "94/"), ("on", "2021-09-13"), ("file", hash.as_str()), ("name", "lại.csv"), ("corrects", "1")];
        let refused = office.post(&format!("{address}/import"), &again).await.expect(422);
        assert!(refused.words().contains("Chưa ghi lý do đính chính"), "{}", refused.words());

        // What was sent goes out and comes in as it is, in both formats.
        for kind in ["csv", "xlsx"] {
            let file = office.get_bytes(&format!("{address}/table/{kind}?unit=94/&on=2021-09-13")).await;
            let page = look(&office, &address, "94/", "", &format!("a.{kind}"), &file).await.expect(200);
            assert!(page.words().contains("109 Đã có, không đổi"), "{kind}: {}", page.words());
        }
        // A district brings its own; a commune's officer does not, and nobody for others.
        let page = look(&district, &address, "94/943/", "", "huyện.csv", good.as_bytes()).await.expect(200);
        assert!(page.words().contains("không thuộc phạm vi được nhập thay"), "{}", page.words());
        let _ = look(&district, &address, "94/", "", "x.csv", good.as_bytes()).await.expect(404);
        let commune = client(&app, "xa.canbo").await;
        let _ = commune.get(&format!("{address}/import")).await.expect(404);
        // What is no table is refused with what to do.
        for (file, said) in [
            (&b"a;b\n1;2\n"[..], "không có dòng mã"),
            (b"\xd0\xcf\x11\xe0", ".xlsx"),
            (b"PK\x03\x04rest", "Không đọc được"),
        ] {
            let refused = look(&office, &address, "94/", "", "x", file).await;
            assert!(refused.words().contains(said), "{said}: {}", refused.words());
        }
        app.db().close().await;
    }
}

#[tokio::test]
async fn data_value_sets_go_out_and_come_into_an_empty_database() {
    for (from, to) in Place::all().await.into_iter().zip(Place::all().await) {
        let (app, _) = demo_on(&from).await;
        let office = program(&app, "vanphong").await;
        let there = "/api/v1/reports/data-value-sets?dataSet=bao-cao-nhanh&period=20210912&orgUnit=94&children=true";
        let out = office.get(there).await.expect(200);
        let values = out.body["dataValues"].as_array().unwrap().len();
        assert!(values > 1_000, "{values}");
        assert_eq!(out.text("/dataSet"), "bao-cao-nhanh");
        let one = office
            .get("/api/v1/reports/data-value-sets?dataSet=bao-cao-nhanh&period=20210912&orgUnit=31534")
            .await
            .expect(200);
        assert_eq!(
            (one.text("/orgUnit"), one.text("/period"), one.text("/completeDate")),
            ("31534", "20210912", "2021-09-12")
        );
        let mut files = Vec::new();
        for format in ["xml", "csv"] {
            let there = there.replace("data-value-sets?", &format!("data-value-sets/file?format={format}&"));
            files.push((format, office.get(&there).await.expect(200).text("/content").to_owned()));
        }
        // A dry run upon what is there would change nothing.
        let import = "/api/v1/reports/data-value-sets?dryRun=true";
        let summary = office.post(import, Uuid::now_v7(), None, out.body.clone()).await.expect(200);
        assert_eq!(
            (summary.text("/status"), summary.body["importCount"]["ignored"].clone()),
            ("SUCCESS", json!(values))
        );

        let (empty, _) = demo_on(&to).await;
        empty
            .db()
            .write(|tx| {
                Box::pin(async move {
                    tx.change(Sql::with("delete from report_submission where tenant = $1", params![tx.tenant()])).await
                })
            })
            .await
            .unwrap();
        let other = program(&empty, "vanphong").await;
        let none = other.get(there).await.expect(200);
        assert_eq!(none.body["dataValues"], json!([]));
        let dry = other.post(import, Uuid::now_v7(), None, out.body.clone()).await.expect(200);
        assert_eq!((dry.text("/status"), dry.body["importCount"]["imported"].clone()), ("SUCCESS", json!(values)));
        assert_eq!(other.get(there).await.expect(200).body["dataValues"], json!([]), "it only looked");
        let import = "/api/v1/reports/data-value-sets";
        let key = Uuid::now_v7();
        let done = other.post(import, key, None, out.body.clone()).await.expect(200);
        assert_eq!(
            (done.text("/status"), done.body["importCount"]["imported"].clone(), done.body["conflicts"].clone()),
            ("SUCCESS", json!(values), json!([]))
        );
        let figures = |body: &serde_json::Value| {
            let of = |value: &serde_json::Value| {
                ["orgUnit", "period", "dataElement", "categoryOptionCombo", "value"]
                    .map(|name| value[name].as_str().unwrap_or_default().to_owned())
            };
            body["dataValues"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
        };
        assert_eq!(figures(&other.get(there).await.expect(200).body), figures(&out.body));
        // The other formats say the same.
        for (format, content) in &files {
            let sent = json!({"format": format, "content": content});
            let same = other
                .post("/api/v1/reports/data-value-sets/file?dataSet=bao-cao-nhanh", Uuid::now_v7(), None, sent)
                .await
                .expect(200);
            assert_eq!(
                same.body["importCount"],
                json!({"imported": 0, "updated": 0, "ignored": values, "deleted": 0}),
                "{format}"
            );
        }

        // What does not fit is a conflict of its own; a change needs a reason and is a further edition.
        let value = |cell: &str, unit: &str, value: &str| json!({"dataElement": cell, "orgUnit": unit, "period": "20210912", "value": value});
        let mixed = json!({"dataSet": "bao-cao-nhanh", "dataValues": [
            value("ca_moi", "31534", "77"), value("khong_co", "31534", "1"), value("ca_moi", "99999", "1"),
            value("tu_vong", "31534", "ba"), {"dataElement": "ca_moi", "orgUnit": "31534", "period": "2021W36", "value": "1"},
        ]});
        let no = other.post(import, Uuid::now_v7(), None, mixed.clone()).await.expect(200);
        assert_eq!((no.text("/status"), no.body["importCount"]["updated"].clone()), ("ERROR", json!(0)));
        let done = other.post(&format!("{import}?reason=CDC"), Uuid::now_v7(), None, mixed).await.expect(200);
        assert_eq!(
            (done.text("/status"), done.body["importCount"].clone()),
            ("WARNING", json!({"imported": 0, "updated": 1, "ignored": 4, "deleted": 0}))
        );
        let mut codes: Vec<&str> =
            done.body["conflicts"].as_array().unwrap().iter().map(|c| c["errorCode"].as_str().unwrap()).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["E7610", "E7611", "E7612", "E7619"]);
        assert_eq!(done.body["rejectedIndexes"], json!([1, 2, 3, 4]));
        let id = request(&empty, "bao-cao-nhanh").await;
        let report = other.get(&format!("/api/v1/reports/requests/{id}/reports/31534/2021-09-12")).await.expect(200);
        assert_eq!(report.body["editions"].as_array().unwrap().len(), 2);
        // Only what is not there, or only what is; and what is taken out.
        for (strategy, cell, text, count) in [
            ("CREATE", "ca_moi", "78", json!({"imported": 0, "updated": 0, "ignored": 1, "deleted": 0})),
            ("UPDATE", "ca_moi", "78", json!({"imported": 0, "updated": 1, "ignored": 0, "deleted": 0})),
            ("DELETE", "ca_moi", "", json!({"imported": 0, "updated": 0, "ignored": 0, "deleted": 1})),
            ("UPDATE", "ca_moi", "79", json!({"imported": 0, "updated": 0, "ignored": 1, "deleted": 0})),
        ] {
            let body = json!({"dataSet": "bao-cao-nhanh", "dataValues": [value(cell, "31534", text)]});
            let done = other
                .post(&format!("{import}?reason=CDC&importStrategy={strategy}"), Uuid::now_v7(), None, body)
                .await
                .expect(200);
            assert_eq!(done.body["importCount"], count, "{strategy} {text}");
        }
        let registered = other
            .get("/api/v1/reports/complete-data-set-registrations?dataSet=bao-cao-nhanh&startDate=2021-09-10&endDate=2021-09-12&orgUnit=31534")
            .await
            .expect(200);
        assert!(!registered.body["completeDataSetRegistrations"].as_array().unwrap().is_empty(), "{}", registered.body);
        // The page offers the same files.
        let page = client(&empty, "vanphong").await;
        let xml = page.get(&format!("/reports/{id}/dhis2/xml?unit=94/&on=2021-09-12")).await.expect(200).body;
        assert!(xml.contains("<dataValueSet xmlns=") && xml.contains("orgUnit=\"31534\""));
        app.db().close().await;
        empty.db().close().await;
    }
}

#[tokio::test]
async fn a_program_reports_endorses_and_asks() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T16:00");
        let (commune, district, office) =
            (program(&app, "xa.canbo").await, program(&app, "huyen.canbo").await, program(&app, "vanphong").await);
        let id = request(&app, "bao-cao-nhanh").await;
        let form = commune.get("/api/v1/reports/forms/bao-cao-nhanh").await.expect(200);
        assert_eq!((form.text("/cells/0/code"), form.body["shipped"].clone()), ("ca_moi", json!(true)));
        assert!(commune.get("/api/v1/reports/forms?limit=3").await.expect(200).body["next"].is_string());
        let owed = commune.get("/api/v1/reports/owed?standing=open").await.expect(200);
        let mine = owed.body["items"].as_array().unwrap().iter().find(|own| own["request"] == json!(id)).unwrap();
        assert_eq!(
            (mine["unit"]["key"].clone(), mine["period"]["last_on"].clone()),
            (json!("31534"), json!("2021-09-13"))
        );

        let report = format!("/api/v1/reports/requests/{id}/reports/31534/2021-09-13");
        let none = commune.get(&report).await.expect(200);
        assert_eq!((none.text("/standing"), none.body["editions"].clone()), ("open", json!([])));
        let figures = json!([
            {"cell": "ca_moi", "value": "5"}, {"cell": "ca_cong_dong", "value": "9"},
            {"cell": "viec_qua_han", "value": "0", "note": "đã xong sáng nay"},
        ]);
        let (key, body) = (Uuid::now_v7(), json!({"edition": 0, "figures": figures}));
        let sent = commune.post(&report, key, None, body.clone()).await.expect(200);
        assert_eq!((sent.text("/standing"), sent.text("/editions/0/figures/0/value")), ("sent", "5"));
        assert_eq!(sent.text("/remarks/0/code"), "empty");
        assert_eq!(commune.post(&report, key, None, body.clone()).await.expect(200).body, sent.body);
        let no = commune.post(&report, Uuid::now_v7(), None, body).await.expect(409);
        assert_eq!(no.text("/code"), "reports.submit.sent_meanwhile");
        let again = json!({"edition": 1, "figures": figures});
        let no = commune.post(&report, Uuid::now_v7(), None, again).await.expect(422);
        assert_eq!(no.text("/code"), "reports.submit.no_reason");
        let again = json!({"edition": 1, "figures": figures, "reason": "CDC báo lại"});
        let corrected = commune.post(&report, Uuid::now_v7(), None, again).await.expect(200);
        assert_eq!(
            (corrected.text("/standing"), corrected.body["editions"].as_array().unwrap().len()),
            ("corrected", 2)
        );
        for (figures, code) in [
            (json!([{"cell": "khong_co", "value": "1"}]), "reports.dhis2.no_cell"),
            (json!([{"cell": "ca_moi", "value": "ba"}]), "reports.submit.unread"),
            (json!([{"cell": "ca_moi", "part": 1, "value": "3"}]), "reports.dhis2.no_cell"),
        ] {
            let wrong = json!({"edition": 2, "figures": figures, "reason": "thử"});
            let no = commune.post(&report, Uuid::now_v7(), None, wrong).await;
            assert_eq!(no.text("/code"), code);
        }
        let other = report.replace("31534", "31537");
        let _ = commune.get(&other).await.expect(404);
        let _ = commune.get(&report.replace("09-13", "02-30")).await.expect(400);

        let endorse = format!("{report}/endorse");
        let _ = commune.post(&endorse, Uuid::now_v7(), None, json!({"by": "943", "edition": 2})).await.expect(403);
        let no = district.post(&endorse, Uuid::now_v7(), None, json!({"by": "943", "edition": 1})).await.expect(409);
        assert_eq!(no.text("/code"), "reports.endorse.corrected_meanwhile");
        let stood = district.post(&endorse, Uuid::now_v7(), None, json!({"by": "943", "edition": 2})).await.expect(200);
        assert_eq!((stood.text("/standing"), stood.text("/endorsements/0/unit/key")), ("endorsed", "943"));

        let board = office.get(&format!("/api/v1/reports/requests/{id}/board?unit=943")).await.expect(200);
        assert_eq!(board.body["lines"].as_array().unwrap().len(), 13);
        let sum = office.get(&format!("/api/v1/reports/requests/{id}/sum?unit=943&on=2021-09-13")).await.expect(200);
        assert_eq!((sum.text("/totals/0/cell"), sum.text("/totals/0/value")), ("ca_moi", "5"));
        let asked = json!({
            "by": "94", "form": "sang-loc", "title": "Ô-xy tối nay", "period": "once", "from_on": "2021-09-13",
            "closes": "22:00", "level": "district", "source": "CĐ 99/CĐ-UBND",
        });
        let made = office.post("/api/v1/reports/requests", Uuid::now_v7(), None, asked).await.expect(201);
        let there = format!("/api/v1/reports/requests/{}", made.text("/id"));
        assert_eq!(district.get(&there).await.expect(200).text("/title"), "Ô-xy tối nay");
        let ended = json!({"until_on": "2021-09-13", "reason": "thôi"});
        let done = office.post(&format!("{there}/end"), Uuid::now_v7(), None, ended).await.expect(200);
        assert_eq!(done.text("/state"), "ended");
        app.db().close().await;
    }
}

#[tokio::test]
async fn a_program_signs_and_sends_out_a_document() {
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let (office, chair) = (program(&app, "vanphong").await, program(&app, "chutich").await);
        let list = chair.get("/api/v1/papers?sign=1&count=true").await.expect(200);
        assert!(list.body["total"].as_i64().unwrap() >= 1, "{}", list.body);
        // Of those that wait at this desk, the one that the chair signs in this post.
        let items = list.body["items"].as_array().unwrap().clone();
        let own = |item: &&serde_json::Value| item["text"].as_str().unwrap().contains("\nCHỦ TỊCH\n");
        let paper = items.iter().find(own).unwrap_or(&items[0])["id"].as_str().unwrap().to_owned();
        let paper = format!("/api/v1/papers/{paper}");
        let read = chair.get(&paper).await.expect(200);
        assert_eq!(read.text("/state"), "review");
        assert!(read.text("/text").contains("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"));
        let pdf = chair.get(&format!("{paper}/file")).await.expect(200);
        assert!(pdf.text("/content_base64").starts_with("JVBERi"), "a PDF file");
        let _ = chair.get(&format!("{paper}/file?kind=edxml")).await.expect(404);
        let said = json!({"text": "Bổ sung nơi nhận"});
        let _ = office.post(&format!("{paper}/comment"), Uuid::now_v7(), None, said).await.expect(200);
        // No program signs: the person does, on the page that shows it.
        let (person, page) = (client(&app, "chutich").await, paper.replace("/api/v1", ""));
        let version = person.get(&page).await.expect(200).hidden("version").unwrap().to_owned();
        let _ = person.post(&format!("{page}/sign"), &[("version", version.as_str())]).await.expect(303);
        let signed = office.get(&paper).await.expect(200);
        assert_eq!(signed.text("/state"), "signed");
        let _ = office.post(&format!("{paper}/publish"), Uuid::now_v7(), None, json!({})).await.expect(428);
        let (key, tag) = (Uuid::now_v7(), signed.header("etag").to_owned());
        let out = office.post(&format!("{paper}/publish"), key, Some(&tag), json!({})).await.expect(200);
        assert_eq!(out.text("/state"), "issued");
        assert!(out.text("/number").contains('/'), "{}", out.body);
        assert_eq!(
            office.post(&format!("{paper}/publish"), key, Some(&tag), json!({})).await.expect(200).body,
            out.body
        );
        let no = office.post(&format!("{paper}/publish"), Uuid::now_v7(), Some(&tag), json!({})).await;
        assert_eq!(no.text("/code"), "papers.not_in_this_state");
        let edxml = office.get(&format!("{paper}/file?kind=edxml")).await.expect(200);
        assert_eq!(edxml.text("/media_type"), "application/xml");
        let history = office.get(&format!("{paper}/history")).await.expect(200);
        assert_eq!(history.text("/items/0/verb"), "papers.publish");
        let stranger = program(&app, "xa.canbo").await;
        let _ = stranger.get(&paper).await.expect(404);

        // The list of the page goes out as a table, and its filters are kept.
        let page = client(&app, "vanphong").await;
        let csv = page.get("/papers/export/csv?state=issued").await.expect(200).body;
        assert!(csv.contains(out.text("/number")), "{csv}");
        let kept = page.get("/papers?state=issued").await.expect(200);
        assert!(kept.body.contains("/filters"), "the filter can be kept");
        app.db().close().await;
    }
}

/// Where the data lie is not asked of a program that is open.
#[derive(clap::Args, Debug)]
struct Here {}

#[tokio::test]
async fn figures_go_out_and_in_on_the_command_line() {
    use vungxanh::reports::{Reports, Written, run};
    let place = Place::sqlite();
    let (app, _) = demo_on(&place).await;
    let on = "2021-09-12".parse().unwrap();
    let export = |format, within: Option<&str>| Reports::Export {
        given: Here {},
        request: "bao-cao-nhanh".to_owned(),
        on,
        within: within.map(str::to_owned),
        format,
        out: None,
    };
    let mut xml = Vec::new();
    assert!(run(&app, &export(Written::Dhis2Xml, Some("943")), &mut xml).await.unwrap());
    assert!(String::from_utf8(xml.clone()).unwrap().contains("orgUnit=\"31534\""));
    let mut csv = Vec::new();
    assert!(run(&app, &export(Written::Csv, None), &mut csv).await.unwrap());
    let file = place.folder.path().join("số liệu.csv");
    let import = |format, file: &std::path::Path, login: Option<&str>, dry_run| Reports::Import {
        given: Here {},
        file: file.to_owned(),
        request: "bao-cao-nhanh".to_owned(),
        on: Some(on),
        format,
        login: login.map(str::to_owned),
        reason: None,
        strategy: "CREATE_AND_UPDATE".to_owned(),
        dry_run,
    };
    // What went out is there already; a row that is wrong goes to a file beside it.
    std::fs::write(&file, &csv).unwrap();
    let mut said = Vec::new();
    assert!(run(&app, &import(Written::Csv, &file, None, false), &mut said).await.unwrap());
    assert!(String::from_utf8(said).unwrap().contains("Không nhận: 0"));
    std::fs::write(&file, [csv.as_slice(), b"99999;x;2021-09-12;1\r\n"].concat()).unwrap();
    let mut said = Vec::new();
    assert!(!run(&app, &import(Written::Csv, &file, Some("vanphong"), true), &mut said).await.unwrap());
    let rejected = std::fs::read_to_string(file.with_extension("rejected.csv")).unwrap();
    assert!(rejected.contains("99999"), "{rejected}");
    let nobody = run(&app, &import(Written::Csv, &file, Some("xa.canbo"), true), &mut said).await;
    assert!(nobody.unwrap_err().to_string().contains("không được nhập số liệu"));
    std::fs::write(&file, &xml).unwrap();
    let mut said = Vec::new();
    assert!(run(&app, &import(Written::Dhis2Xml, &file, None, false), &mut said).await.unwrap());
    assert!(String::from_utf8(said).unwrap().contains("\"imported\": 0"));
    app.db().close().await;
}
