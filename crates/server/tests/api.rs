//! The JSON interface as a program meets it, on every engine.

use serde_json::json;
use vungxanh::{demo, open};
use vx_foundation::accounts;
use vx_platform::{Clock, store::Uuid, web::App};
use vx_testkit::{Client, Place, Program};

use crate::support::{client, demo_on, program_with, secret};

const DISPATCH: &str = "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n\
Số: 9200/UBND-VX\nV/v chuẩn bị điểm tiêm\n\nSóc Trăng, ngày 13 tháng 9 năm 2021\n\nKHẨN\n\nKính gửi:\n\n\
- UBND xã Xuân Hòa, huyện Kế Sách.\n\nChủ tịch UBND tỉnh yêu cầu:\n\n\
1. UBND xã Xuân Hòa, huyện Kế Sách chuẩn bị điểm tiêm tại trường học; hoàn thành trước 17h00 ngày 15/9/2021./.\n\n\
Nơi nhận:\n- Như trên;\n- Lưu: VT, VX.\n\nCHỦ TỊCH\n\nPhạm Hoàng Minh\n";

/// The program without the demo's data: one administrator, who reads units.
async fn bare_on(place: &Place) -> App {
    let clock = Clock::standing_at("2021-09-13T01:00:00Z".parse().unwrap());
    let app = open(place.folder.path(), &place.options, clock, None, false).await.unwrap();
    accounts::create_first_admin(&app, "quantri", "Quản trị", demo::PASSWORD.to_owned(), false).await.unwrap();
    app
}

const WRITES: &[(&str, &str)] = &[("scope", "write")];

#[tokio::test]
async fn a_script_does_the_whole_story() {
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let office = program_with(&app, "vanphong", "tiếp nhận", WRITES).await;
        let commune = program_with(&app, "xa.canbo", "báo cáo", WRITES).await;

        // Received once, however often the script tries.
        let (key, file) = (Uuid::now_v7(), json!({"file_name": "9200.txt", "text": DISPATCH}));
        let first = office.post("/api/v1/directives", key, None, file.clone()).await.expect(201);
        let again = office.post("/api/v1/directives", key, None, file).await.expect(201);
        assert_eq!(first.body, again.body);
        let directive = format!("/api/v1/directives/{}", first.text("/items/0/id"));
        let read = office.get(&directive).await.expect(200);
        assert_eq!((read.text("/number"), read.text("/state")), ("9200/UBND-VX", "received"));
        assert_eq!(read.body["orders"][0]["leads"][0]["key"], "31534");
        assert_eq!(read.body["open_points"], json!([]));
        let _ = commune.get(&directive).await.expect(404);

        // Issued at the version that was read, or not at all.
        let issue = format!("{directive}/issue");
        let tag = read.header("etag").to_owned();
        assert_eq!(tag, "\"1\"");
        let no = office.post(&issue, Uuid::now_v7(), None, json!({})).await.expect(428);
        assert_eq!(no.text("/code"), "api.version_missing");
        let no = office.post(&issue, Uuid::now_v7(), Some("\"7\""), json!({})).await.expect(412);
        assert_eq!(no.text("/code"), "api.version");
        let key = Uuid::now_v7();
        let done = office.post(&issue, key, Some(&tag), json!({})).await.expect(200);
        assert_eq!((done.text("/state"), done.body["tasks"][0]["count"].clone()), ("issued", json!(1)));
        assert_eq!(office.post(&issue, key, Some(&tag), json!({})).await.expect(200).body, done.body);
        let _ = office.post(&issue, Uuid::now_v7(), Some(done.header("etag")), json!({})).await.expect(422);
        // The same key for another command is a mistake of the script.
        let no = office.post(&format!("{directive}/discard"), key, None, json!({"reason": "nhầm"})).await.expect(409);
        assert_eq!(no.text("/code"), "engine.key_reused");

        let about = first.text("/items/0/id");
        let list = commune.get(&format!("/api/v1/tasks?about={about}&state=all&count=true")).await.expect(200);
        assert_eq!((list.body["total"].clone(), list.body["next"].clone()), (json!(1), json!(null)));
        assert_eq!(list.text("/items/0/due/at"), "2021-09-15T10:00:00Z");
        assert_eq!(list.text("/items/0/due/on"), "2021-09-15");
        assert_eq!(list.text("/items/0/lead/path"), "94/943/31534/");
        let task = format!("/api/v1/tasks/{}", list.text("/items/0/id"));

        let (acknowledge, key) = (format!("{task}/acknowledge"), Uuid::now_v7());
        let done = commune.post(&acknowledge, key, None, json!({})).await.expect(200);
        assert_eq!(done.text("/state"), "acknowledged");
        assert_eq!(commune.post(&acknowledge, key, None, json!({})).await.expect(200).body, done.body);
        let no = commune.post(&acknowledge, Uuid::now_v7(), None, json!({})).await.expect(422);
        assert_eq!(no.text("/code"), "tasks.not_in_this_state");
        // A key that has done one task does not do another.
        let others = commune.get("/api/v1/tasks?state=all&limit=2").await.expect(200);
        let ids = ["/items/0/id", "/items/1/id"].map(|place| others.text(place).to_owned());
        let other = ids.into_iter().find(|id| !task.ends_with(id.as_str())).unwrap();
        let other = format!("/api/v1/tasks/{other}/acknowledge");
        let no = commune.post(&other, key, None, json!({})).await.expect(409);
        assert_eq!(no.text("/code"), "api.key_of_another");

        // Somebody else was faster: the version that the script read is no longer the one there is.
        let seen = done.header("etag").to_owned();
        let note = json!({"unit": "31534", "text": "Đang kê bàn ghế"});
        let done = commune.post(&format!("{task}/note"), Uuid::now_v7(), Some(&seen), note.clone()).await.expect(200);
        assert_eq!(done.text("/state"), "in_progress");
        let _ = commune.post(&format!("{task}/note"), Uuid::now_v7(), Some(&seen), note).await.expect(412);

        let report = json!({"result": "Đã chuẩn bị 2 điểm tiêm"});
        let done = commune.post(&format!("{task}/report"), Uuid::now_v7(), None, report).await.expect(200);
        assert_eq!((done.text("/state"), done.text("/timeliness")), ("reported", "done_in_time"));
        // Who sees it and may not do it is told so; who may not see it is told nothing.
        let confirm = format!("{task}/confirm");
        let _ = commune.post(&confirm, Uuid::now_v7(), None, json!({})).await.expect(403);
        let stranger = program_with(&app, "syt.giamdoc", "sở y tế", WRITES).await;
        let _ = stranger.post(&confirm, Uuid::now_v7(), None, json!({})).await.expect(404);
        let _ = stranger.get(&task).await.expect(404);
        let done = office.post(&confirm, Uuid::now_v7(), None, json!({"note": "Tốt"})).await.expect(200);
        assert_eq!(done.text("/state"), "confirmed");

        // The history names the person and the token.
        let history = office.get(&format!("{task}/history?limit=2")).await.expect(200);
        assert_eq!(history.text("/items/0/verb"), "tasks.confirm");
        assert_eq!(history.text("/items/0/actor"), "Trần Ngọc Lan (API: tiếp nhận)");
        assert_eq!(history.text("/items/1/reason"), "Đã chuẩn bị 2 điểm tiêm");
        let rest = history.header("link").trim_start_matches('<').split('>').next().unwrap().to_owned();
        let rest = office.get(&rest).await.expect(200);
        assert_eq!(rest.text("/items/0/actor"), "Sơn Thị Mỹ (API: báo cáo)");
        let _ = office.get(&format!("{task}/attachments")).await.expect(200);
        let _ = office.get(&format!("{task}/cooperators")).await.expect(200);
        app.db().close().await;
    }
}

/// The dispatch of these tests, taken in and issued: its address, its tag, and the task that it gave the commune.
async fn issued(office: &Program, commune: &Program) -> (String, String, String) {
    let file = json!({"file_name": "9200.txt", "text": DISPATCH});
    let taken = office.post("/api/v1/directives", Uuid::now_v7(), None, file).await.expect(201);
    let id = taken.text("/items/0/id").to_owned();
    let directive = format!("/api/v1/directives/{id}");
    let tag = office.get(&directive).await.expect(200).header("etag").to_owned();
    let done = office.post(&format!("{directive}/issue"), Uuid::now_v7(), Some(&tag), json!({})).await.expect(200);
    let list = commune.get(&format!("/api/v1/tasks?about={id}&state=all")).await.expect(200);
    (directive, done.header("etag").to_owned(), format!("/api/v1/tasks/{}", list.text("/items/0/id")))
}

#[tokio::test]
async fn a_script_sends_evidence_counts_and_takes_back() {
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let office = program_with(&app, "vanphong", "tiếp nhận", WRITES).await;
        let commune = program_with(&app, "xa.canbo", "báo cáo", WRITES).await;
        let (_, _, task) = issued(&office, &commune).await;
        let fresh = Uuid::now_v7;
        let _ = commune.post(&format!("{task}/acknowledge"), fresh(), None, json!({})).await.expect(200);

        let (attach, key) = (format!("{task}/attachments"), fresh());
        let sent = |content: &str| json!({"unit": "31534", "file_name": "diem-tiem.csv", "content_base64": content});
        let no = commune.post(&attach, fresh(), None, sent("không phải")).await.expect(422);
        assert_eq!(no.text("/code"), "api.base64");
        let no = commune.post(&attach, fresh(), None, sent("AAAA")).await.expect(422);
        assert_eq!(no.text("/code"), "evidence.not_what_it_says");
        // "xa;ca\nA;1", sent twice with one key.
        let kept = commune.post(&attach, key, None, sent("eGE7Y2EKQTsx")).await.expect(201);
        assert_eq!((kept.text("/media_type"), kept.body["bytes"].clone()), ("text/csv", json!(9)));
        assert_eq!(commune.post(&attach, key, None, sent("eGE7Y2EKQTsx")).await.expect(201).body, kept.body);
        let file = office.get(&format!("{attach}/{}", kept.text("/id"))).await.expect(200);
        assert_eq!(file.text("/content_base64"), "eGE7Y2EKQTsx");
        let stranger = program_with(&app, "syt.giamdoc", "sở y tế", WRITES).await;
        let _ = stranger.get(&format!("{attach}/{}", kept.text("/id"))).await.expect(404);

        let tally = format!("{task}/tallies");
        let count = |n: i64| json!({"counted_on": "2021-09-13", "n": n});
        let no = commune.post(&tally, fresh(), None, count(40)).await.expect(422);
        assert_eq!(no.text("/code"), "tasks.tally.not_counted");
        let target = json!({"of": "liều vắc-xin", "n": 500});
        let _ = office.post(&format!("{task}/target"), fresh(), None, target).await.expect(200);
        let wrong = commune.post(&tally, fresh(), None, count(40)).await.expect(201);
        let right = json!({"counted_on": "2021-09-13", "n": 45, "corrects": wrong.text("/id"), "note": "đếm lại"});
        let right = commune.post(&tally, fresh(), None, right).await.expect(201);
        let all = office.get(&tally).await.expect(200);
        let counts = |place: &str| all.body.pointer(place).unwrap().clone();
        assert_eq!((counts("/items/0/counts"), counts("/items/1/counts")), (json!(false), json!(true)));
        assert_eq!(all.text("/items/1/id"), right.text("/id"));

        let report = json!({"result": "Xong"});
        let _ = commune.post(&format!("{task}/report"), fresh(), None, report).await.expect(200);
        let undo = format!("{task}/undo");
        let no = office.post(&undo, fresh(), None, json!({})).await.expect(403);
        assert_eq!(no.text("/code"), "forbidden");
        let back = commune.post(&undo, fresh(), None, json!({})).await.expect(200);
        assert_eq!(back.text("/state"), "in_progress");
        let no = commune.post(&undo, fresh(), None, json!({})).await.expect(422);
        assert_eq!(no.text("/code"), "tasks.undo.nothing");
        app.db().close().await;
    }
}

#[tokio::test]
async fn a_script_corrects_replaces_and_recalls() {
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let office = program_with(&app, "vanphong", "tiếp nhận", WRITES).await;
        let commune = program_with(&app, "xa.canbo", "báo cáo", WRITES).await;
        let fresh = Uuid::now_v7;
        let (old, tag, task) = issued(&office, &commune).await;
        let correct = format!("{old}/correct");
        let order = |clause: &str| json!({"reason": "Ghi nhầm giờ", "orders": [{"clause": clause, "due_at": "2021-09-16T10:00:00Z"}]});
        let no = office.post(&correct, fresh(), None, order("1")).await.expect(428);
        assert_eq!(no.text("/code"), "api.version_missing");
        let no = office.post(&correct, fresh(), Some(&tag), order("9")).await.expect(422);
        assert_eq!(no.text("/code"), "directives.correct.no_order");
        let _ = commune.post(&correct, fresh(), Some(&tag), order("1")).await.expect(403);
        let done = office.post(&correct, fresh(), Some(&tag), order("1")).await.expect(200);
        assert_eq!(done.text("/orders/0/due_at"), "2021-09-16T10:00:00Z");
        assert_eq!(commune.get(&task).await.expect(200).text("/due/at"), "2021-09-16T10:00:00Z");

        // A second of the same words takes its place: the task that is under way goes on under it.
        let _ = commune.post(&format!("{task}/acknowledge"), fresh(), None, json!({})).await.expect(200);
        let tag = office.get(&old).await.expect(200).header("etag").to_owned();
        let (new, _, _) = issued(&office, &commune).await;
        let by = json!({"by": new.rsplit('/').next(), "reason": "Thay thế"});
        let done = office.post(&format!("{old}/replace"), fresh(), Some(&tag), by).await.expect(200);
        assert_eq!(done.text("/state"), "replaced");
        let moved = commune.get(&task).await.expect(200);
        assert_eq!((moved.text("/state"), moved.text("/about")), ("acknowledged", new.rsplit('/').next().unwrap()));

        let tag = office.get(&new).await.expect(200).header("etag").to_owned();
        let recall = json!({"reason": "Ban hành nhầm"});
        let done = office.post(&format!("{new}/recall"), fresh(), Some(&tag), recall).await.expect(200);
        assert_eq!(done.text("/state"), "recalled");
        assert_eq!(commune.get(&task).await.expect(200).text("/state"), "cancelled");
        app.db().close().await;
    }
}

#[tokio::test]
async fn a_secret_is_shown_once() {
    let place = Place::sqlite();
    let app = bare_on(&place).await;
    let person = client(&app, "quantri").await;
    let secret = secret(&person, "một lần", &[]).await;
    let page = person.get("/tokens").await.expect(200);
    assert!(page.body.contains("một lần") && !page.body.contains(&secret));
}

#[tokio::test]
async fn a_token_does_what_its_scope_names_and_no_more() {
    let place = Place::sqlite();
    let (app, _) = demo_on(&place).await;
    let reads = program_with(&app, "vanphong", "chỉ đọc", &[]).await;
    let of_tasks = program_with(&app, "vanphong", "nhiệm vụ", &[("scope", "write"), ("permission", "tasks.*")]).await;
    let one = program_with(&app, "vanphong", "xác nhận", &[("scope", "write"), ("permission", "tasks.confirm")]).await;
    let observer = program_with(&app, "theodoi", "theo dõi", WRITES).await;
    let task = reads.get("/api/v1/tasks?state=reported&part=assigned&desk=yes&limit=1").await.expect(200);
    let task = format!("/api/v1/tasks/{}", task.text("/items/0/id"));
    for (program, path, expected, code) in [
        (&reads, "confirm", 403, "api.scope"),
        (&one, "cancel", 403, "api.scope"),
        (&observer, "confirm", 403, "forbidden"),
        (&of_tasks, "confirm", 200, ""),
    ] {
        let body = if path == "cancel" { json!({"reason": "thôi"}) } else { json!({}) };
        let got = program.post(&format!("{task}/{path}"), Uuid::now_v7(), None, body).await.expect(expected);
        assert_eq!(got.body["code"].as_str().unwrap_or_default(), code, "{path}");
    }
    let _ = of_tasks.get("/api/v1/directives").await.expect(403);
    let _ = of_tasks.get("/api/v1/units").await.expect(403);
    let _ = one.get("/api/v1/tasks").await.expect(200);
    let _ = observer.get("/api/v1/directives").await.expect(200);
}

#[tokio::test]
async fn tokens_end_with_the_account() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        let admin = client(&app, "quantri").await;
        let refused = async |program: &Program, why: &str| {
            let no = program.get("/api/v1/tasks").await;
            assert_eq!(no.status.as_u16(), 401, "{why}");
            assert_eq!(no.header("www-authenticate"), "Bearer realm=\"vungxanh\", error=\"invalid_token\"", "{why}");
        };
        refused(&Program::with_token(&app, &format!("vx_{}", "0".repeat(64))), "nobody's").await;
        refused(&Program::with_token(&app, "0123"), "no token at all").await;

        let mine = program_with(&app, "huyen.canbo", "của tôi", &[]).await;
        let _ = mine.get("/api/v1/tasks").await.expect(200);
        let person = client(&app, "huyen.canbo").await;
        let page = person.get("/tokens").await.expect(200);
        assert!(page.words().contains("của tôi"), "{}", page.words());
        let revoke = page.body.split("action=\"/tokens/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let revoke = format!("/tokens/{revoke}");
        // A stranger learns nothing of it; an administrator says why.
        let _ = client(&app, "xa.canbo").await.post(&revoke, &[("reason", "x")]).await.expect(404);
        let _ = admin.post(&revoke, &[]).await.expect(422);
        let _ = person.post(&revoke, &[]).await.expect(303);
        refused(&mine, "revoked by its owner").await;
        let _ = person.post(&revoke, &[]).await.expect(422);

        let theirs = program_with(&app, "xa.chutich", "cổng một cửa", &[]).await;
        let _ = theirs.get("/api/v1/tasks").await.expect(200);
        let page = admin.get("/tokens/within").await.expect(200);
        assert!(page.words().contains("cổng một cửa") && page.words().contains("Lâm Văn Phúc"), "{}", page.words());
        assert!(!page.words().contains("của tôi"), "{}", page.words());
        let account = page.links("/accounts/")[0].clone();
        let revoke = page.body.split("action=\"/tokens/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let _ = admin.post(&format!("/tokens/{revoke}"), &[("reason", "lộ mã")]).await.expect(303);
        refused(&theirs, "revoked by an administrator").await;
        let words = admin.get(&account).await.expect(200).words();
        assert!(words.contains("Thu hồi mã") && words.contains("lộ mã"), "{words}");

        let theirs = program_with(&app, "xa.chutich", "hệ khác", &[]).await;
        let _ = admin.post(&format!("{account}/reset"), &[]).await.expect(200);
        refused(&theirs, "its person has a temporary password").await;

        let theirs = program_with(&app, "congan", "công an", &[]).await;
        let account = admin.get("/tokens/within").await.expect(200).links("/accounts/")[0].clone();
        let _ = admin.post(&format!("{account}/close"), &[("reason", "chuyển công tác")]).await.expect(303);
        refused(&theirs, "its account is closed").await;
        let _ = admin.post(&format!("{account}/reopen"), &[("reason", "nhầm")]).await.expect(303);
        refused(&theirs, "an account that is opened again has no old tokens").await;

        let short = program_with(&app, "quansu", "ngắn hạn", &[]).await;
        clock.set("2021-12-01T16:59:00Z".parse().unwrap());
        let _ = short.get("/api/v1/tasks").await.expect(200);
        clock.set("2021-12-01T17:00:00Z".parse().unwrap());
        refused(&short, "its last day is over").await;
        app.db().close().await;
    }
}

#[tokio::test]
async fn what_does_not_fit_is_named_with_its_place() {
    let place = Place::sqlite();
    let (app, _) = demo_on(&place).await;
    let office = program_with(&app, "vanphong", "thử", WRITES).await;
    let (nowhere, key) = (Uuid::nil().to_string(), Uuid::now_v7().to_string());
    let refuse = format!("/api/v1/tasks/{nowhere}/refuse");
    let json_kind = ("content-type", "application/json");
    let keyed = ("idempotency-key", key.as_str());
    let long = format!("{{\"reason\": \"{}\"}}", "a".repeat(300_000));
    for (method, path, headers, body, status, code, pointers) in [
        ("GET", "/api/v1/tasks?limit=0", vec![], "", 400, "api.invalid", "/query/limit"),
        ("GET", "/api/v1/tasks?limit=201", vec![], "", 400, "api.invalid", "/query/limit"),
        ("GET", "/api/v1/tasks?limit=07", vec![], "", 400, "api.invalid", "/query/limit"),
        ("GET", "/api/v1/tasks?state=lost&wat=1", vec![], "", 400, "api.invalid", "/query/state/0 /query/wat"),
        ("GET", "/api/v1/tasks?q=a&q=b", vec![], "", 400, "api.invalid", "/query/q"),
        ("GET", "/api/v1/tasks?q=%00", vec![], "", 400, "api.invalid", "/query/q"),
        ("GET", "/api/v1/tasks?cursor=abc", vec![], "", 422, "api.cursor", ""),
        ("GET", "/api/v1/units?cursor=00", vec![], "", 422, "api.cursor", ""),
        ("GET", "/api/v1/tasks/12", vec![], "", 400, "api.invalid", "/path/id"),
        ("GET", "/api/v1/units/xyz", vec![], "", 404, "units.unknown", ""),
        ("GET", "/api/v1/nothing", vec![], "", 404, "not_found", ""),
        ("GET", "/api/v1/tasks", vec![("accept", "text/html")], "", 406, "api.not_acceptable", ""),
        ("PUT", "/api/v1/tasks", vec![], "", 405, "api.method", ""),
        ("POST", &refuse, vec![json_kind], "{\"reason\":\"x\"}", 400, "api.invalid", "/header/Idempotency-Key"),
        ("POST", &refuse, vec![keyed], "{\"reason\":\"x\"}", 415, "api.media_type", ""),
        ("POST", &refuse, vec![json_kind, keyed], "{\"reason\":", 400, "api.invalid", "/body"),
        (
            "POST",
            &refuse,
            vec![json_kind, keyed],
            "{\"reason\":\"\",\"x\":1}",
            400,
            "api.invalid",
            "/body/reason /body/x",
        ),
        ("POST", &refuse, vec![json_kind, keyed], "[]", 400, "api.invalid", "/body"),
        ("POST", &refuse, vec![json_kind, keyed], &long, 413, "api.too_large", ""),
        ("POST", &refuse, vec![json_kind, keyed], "{\"reason\":\"x\"}", 404, "not_found", ""),
        ("POST", &refuse, vec![json_kind, keyed], "{\"reason\":\"  \"}", 404, "not_found", ""),
    ] {
        let got = office.send(method, path, &headers, body).await.expect(status);
        let errors = got.body["errors"].as_array().unwrap();
        let places: Vec<&str> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
        assert_eq!((got.text("/code"), places.join(" ").as_str()), (code, pointers), "{method} {path}");
        assert!(errors.iter().all(|error| !error["detail"].as_str().unwrap().starts_with('[')), "{errors:?}");
    }
    let no = office.send("GET", "/api/v1/tasks?limit=0", &[("accept-language", "en")], "").await.expect(400);
    assert_eq!(no.text("/errors/0/detail"), "Must lie within 1–200");
    let no = office.send("PUT", "/api/v1/tasks", &[], "").await.expect(405);
    assert!(no.header("allow").contains("GET"), "{:?}", no.headers);
    // Neither text nor bytes, and bytes that are none.
    for (body, code) in [
        (json!({"file_name": "a.txt"}), "api.one_content"),
        (json!({"file_name": "a.txt", "content_base64": "%"}), "api.base64"),
        (json!({"file_name": "a.txt", "content_base64": ""}), "directives.file_empty"),
    ] {
        let no = office.post("/api/v1/directives", Uuid::now_v7(), None, body).await.expect(422);
        assert_eq!(no.text("/code"), code);
    }
}

#[tokio::test]
async fn lists_go_on_where_they_stopped() {
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let office = program_with(&app, "vanphong", "đọc", &[]).await;
        for (path, id) in [
            ("/api/v1/tasks?part=assigned&state=all", "id"),
            ("/api/v1/directives?limit=2", "id"),
            ("/api/v1/units?within=943&on=2021-09-13", "key"),
            ("/api/v1/units/94/children?limit=3&on=2021-09-13", "key"),
        ] {
            let mark = if path.contains('?') { '&' } else { '?' };
            let (mut seen, mut next) = (Vec::new(), Some(path.to_owned()));
            while let Some(at) = next {
                let page = office.get(&at).await.expect(200);
                let items = page.body["items"].as_array().unwrap();
                seen.extend(items.iter().map(|item| item[id].as_str().unwrap().to_owned()));
                let link = page.header("link").trim_start_matches('<').split('>').next().unwrap_or_default().to_owned();
                assert_eq!(link.is_empty(), page.body["next"].is_null(), "{at}");
                next = Some(link).filter(|link| !link.is_empty());
            }
            let whole =
                office.get(&format!("{}{mark}limit=200", path.replace("limit=2", "q=").replace("limit=3&", ""))).await;
            let whole = whole.expect(200);
            let first: Vec<&str> =
                whole.body["items"].as_array().unwrap().iter().map(|item| item[id].as_str().unwrap()).collect();
            let n = first.len().min(seen.len());
            assert!(n > 2, "{path}");
            assert_eq!(first[..n], seen[..n], "{path}");
            let mut once = seen.clone();
            once.sort();
            once.dedup();
            assert_eq!(once.len(), seen.len(), "{path}: nothing twice");
        }
        let unit = office.get("/api/v1/units/94?on=2025-07-01").await.expect(200);
        assert_eq!((unit.text("/full_name"), unit.body["exists"].clone()), ("Tỉnh Sóc Trăng", json!(false)));
        let heirs = office.get("/api/v1/units/94/lineage").await.expect(200);
        assert_eq!(heirs.text("/successors/0/key"), "25-92");
        let found = office.get("/api/v1/units?q=ke%20sach&kind=district&on=2021-09-13").await.expect(200);
        assert_eq!(found.text("/items/0/key"), "943");
        app.db().close().await;
    }
}

#[tokio::test]
async fn one_token_asks_at_its_pace() {
    let place = Place::sqlite();
    let app = bare_on(&place).await;
    let (busy, other) =
        (program_with(&app, "quantri", "nhanh", &[]).await, program_with(&app, "quantri", "khác", &[]).await);
    let mut refused = None;
    // More than the burst of 200 and what comes back while they are asked.
    for _ in 0..2_000 {
        let got = busy.get("/api/v1/units/94").await;
        if got.status.as_u16() == 429 {
            refused = Some(got.expect(429));
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!((refused.text("/code"), refused.header("retry-after")), ("api.too_many", "1"));
    let _ = other.get("/api/v1/units/94").await.expect(200);
}

#[tokio::test]
async fn the_description_is_for_everybody_and_the_page_for_who_is_signed_in() {
    let place = Place::sqlite();
    let app = bare_on(&place).await;
    let document = Client::stranger(&app).get("/api/v1/openapi.json").await.expect(200);
    assert!(document.body.contains("\"openapi\":\"3.1.0\""));
    let _ = Client::stranger(&app).get("/api").await.expect(303);
    let page = client(&app, "quantri").await.get("/api").await.expect(200);
    for said in ["/api/v1/tasks/{id}/acknowledge", "Tiếp nhận nhiệm vụ", "Idempotency-Key: $(uuidgen)"] {
        assert!(page.words().contains(said), "{said}");
    }
}
