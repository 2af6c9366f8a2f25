//! What follows from a decision on a zone, through HTTP, on every engine: its document, notices and work, public alerts,
//! the JSON interface, and lists of cases.

use serde_json::json;
use vx_foundation::notices;
use vx_platform::{
    params,
    sheet::{Cell, Column, Sheet, SheetKind},
    store::{Sql, Uuid},
    web::App,
};
use vx_testkit::{Client, Page, Place, count, set_clock};

use crate::support::{client, demo_on, program, version, work_off};

async fn settle(app: &App) {
    work_off(app).await;
    notices::derive_all(app).await.unwrap();
}

async fn texts(app: &App, sql: &'static str) -> Vec<String> {
    let mut conn = app.db().read().await.unwrap();
    let rows = conn.rows(Sql::with(sql, params![conn.tenant()])).await.unwrap();
    rows.iter().map(|row| row.get("text").unwrap()).collect()
}

/// Hands a draft over, signs it, gives it its number and sends it out.
async fn issue(app: &App, address: &str) {
    let (office, chair) = (client(app, "vanphong").await, client(app, "chutich").await);
    let seen = version(&office, &format!("{address}/preview")).await;
    let _ = office.post(&format!("{address}/submit"), &[("version", &seen)]).await.expect(303);
    let seen = version(&chair, address).await;
    let _ = chair.post(&format!("{address}/sign"), &[("version", &seen)]).await.expect(303);
    let seen = version(&office, address).await;
    let _ = office.post(&format!("{address}/publish"), &[("version", &seen), ("first", "9201")]).await;
}

/// What the page of a unit sends for a draft: the proposal of the demo.
const RED: [(&str, &str); 4] =
    [("unit", "31675"), ("level", "zone:red"), ("effective_on", "2021-09-14"), ("effective_at", "06:00")];

fn told_to(page: &Page, word: &str) -> bool {
    page.words().contains(word)
}

/// Somebody writes other words into a document of decisions before it is signed.
async fn rewrite(app: &App, address: &str, was: &str, is: &str) -> vx_kernel::Id<vx_kernel::ids::Paper> {
    let sql = "select content as text from paper where tenant = $1 and rests_on like '/zones/%'";
    let content = texts(app, sql).await.remove(0);
    assert!(content.contains(was), "{content}");
    let draft: vx_dispatch::Draft = serde_json::from_str(&content.replace(was, is)).unwrap();
    let id: vx_kernel::Id<vx_kernel::ids::Paper> = address.rsplit('/').next().unwrap().parse().unwrap();
    let old: vx_concepts::paper::Paper = app.db().read().await.unwrap().load(id).await.unwrap();
    let symbol = old.symbol.clone();
    let by = vx_platform::auth::Actor::system("Trần Ngọc Lan", app.rights().clone());
    let paper = old.with_draft(&symbol, &draft);
    vx_concepts::engine::execute(app.db(), &by, Uuid::now_v7(), vx_concepts::paper::Write { paper }).await.unwrap();
    id
}

#[tokio::test]
async fn one_press_makes_the_document_and_its_issue_decides() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T08:00");
        settle(&app).await;
        let (office, health) = (client(&app, "vanphong").await, client(&app, "syt.canbo").await);
        // Who does not decide drafts nothing.
        let _ = health.post("/zones/decisions", &RED).await.expect(404);
        assert!(office.get("/zones/units/31675").await.expect(200).body.contains("formaction=\"/zones/decisions\""));
        let choose = office.get("/zones/decisions/new").await.expect(200);
        assert!(choose.body.contains("name=\"level-31675\""), "{}", choose.words());
        let mut past = RED;
        past[2].1 = "2021-09-13";
        let refused = office.post("/zones/decisions", &past).await.expect(422);
        assert!(refused.words().contains("Giờ hiệu lực đã qua"), "{}", refused.words());
        let (key, made) = (Uuid::now_v7(), "select count(*) as n from zone_planned where tenant = $1");
        let address = office.post_keyed("/zones/decisions", key, &RED, &[]).await.expect(303).address();
        let again = office.post_keyed("/zones/decisions", key, &RED, &[]).await.expect(303).address();
        assert_eq!((address.as_str(), count(&app, made).await), (again.as_str(), 1), "pressed twice, drafted once");
        let paper = office.get(&format!("{address}/preview")).await.expect(200);
        for words in [
            "QUYẾT ĐỊNH",
            "Căn cứ Quyết định số 2093/QĐ-UBND ngày 15/8/2021",
            "Căn cứ Quyết định số 89/QĐ-BCĐUBND ngày 15/8/2021",
            "Theo đề nghị của",
            "06 giờ 00 ngày 14/9/2021",
            "theo Quyết định số 9023/QĐ-BCĐ",
            "Vùng cam",
            "Vùng đỏ",
            "Như Điều 3",
        ] {
            assert!(paper.words().contains(words), "{words}: {}", paper.words());
        }
        let page = office.get("/zones/units/31675").await.expect(200);
        assert!(page.words().contains("Dự thảo quyết định"), "{}", page.words());
        let decisions = page.links("/zones/decisions/").remove(0);
        assert!(office.get(&decisions).await.expect(200).words().contains("Chờ phát hành"));
        assert!(paper.links("/zones/decisions/").contains(&decisions), "and back");
        assert_eq!(
            count(&app, "select count(*) as n from zone_decision where tenant = $1 and paper is not null").await,
            0
        );

        // A draft may still be given up: nothing is decided by it.
        let mut by_draft = RED.to_vec();
        by_draft.extend([("paper", address.rsplit('/').next().unwrap()), ("number", "9299/QĐ-UBND")]);
        by_draft.extend([("signer", "Phạm Hoàng Minh"), ("post", "Chủ tịch UBND tỉnh"), ("signed_on", "2021-09-13")]);
        let refused = office.post("/zones/units/31675/decide", &by_draft).await.expect(422);
        assert!(refused.words().contains("chưa phát hành hoặc là văn bản của cơ quan khác"), "{}", refused.words());

        issue(&app, &address).await;
        settle(&app).await;
        let number =
            texts(&app, "select number as text from zone_decision where tenant = $1 and paper is not null").await;
        assert_eq!(number.len(), 1, "{number:?}");
        assert!(number[0].contains("/QĐ-UBND"), "{number:?}");
        let page = office.get("/zones/units/31675").await.expect(200);
        assert!(
            page.words().contains(&number[0]) && page.words().contains("Sắp có hiệu lực: Vùng đỏ"),
            "{}",
            page.words()
        );
        assert!(page.hidden("proposal").is_none(), "the proposal was followed");
        assert!(office.get(&decisions).await.expect(200).words().contains(&format!("Đã quyết định {}", number[0])));

        // A later decision is told on the page of the unit and on that of the document.
        set_clock(&clock, "2021-09-15T08:00");
        let later = [
            ("level", "zone:orange"),
            ("effective_on", "2021-09-15"),
            ("effective_at", "12:00"),
            ("number", "9300/QĐ-BCĐ"),
            ("signer", "Phạm Hoàng Minh"),
            ("post", "Chủ tịch UBND tỉnh"),
            ("signed_on", "2021-09-15"),
            ("reason", "Đã khoanh vùng xong"),
        ];
        let chair = client(&app, "chutich").await;
        let _ = chair.post("/zones/units/31675/decide", &later).await.expect(303);
        settle(&app).await;
        let office = client(&app, "vanphong").await;
        let paper = office.get(&address).await.expect(200);
        assert!(
            paper.words().contains("đã được thay bằng quyết định ban hành sau")
                && paper.words().contains("9300/QĐ-BCĐ"),
            "{}",
            paper.words()
        );
        assert!(!paper.links("/zones/units/31675").is_empty());
        assert!(office.get(&decisions).await.expect(200).words().contains("Quyết định sau: 9300/QĐ-BCĐ, Vùng cam"));
    }
}

#[tokio::test]
async fn an_hour_that_was_changed_above_the_table_decides_nothing_by_itself() {
    let place = Place::sqlite();
    let (app, clock) = demo_on(&place).await;
    set_clock(&clock, "2021-09-13T08:00");
    settle(&app).await;
    let office = client(&app, "vanphong").await;
    let address = office.post("/zones/decisions", &RED).await.expect(303).address();
    rewrite(&app, &address, "có hiệu lực từ 06 giờ 00", "có hiệu lực từ 12 giờ 00").await;
    issue(&app, &address).await;
    settle(&app).await;
    let decided = "select count(*) as n from zone_decision where tenant = $1 and paper is not null";
    assert_eq!(count(&app, decided).await, 0);
    assert!(office.get("/zones/units/31675").await.expect(200).words().contains("chưa ghi được quyết định"));
}

#[tokio::test]
async fn a_table_that_was_changed_by_hand_decides_nothing_by_itself() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T08:00");
        settle(&app).await;
        let office = client(&app, "vanphong").await;
        let address = office.post("/zones/decisions", &RED).await.expect(303).address();
        // Somebody writes another level into the document before it is signed.
        let id = rewrite(&app, &address, "Vùng đỏ", "Vùng vàng").await;
        issue(&app, &address).await;
        settle(&app).await;
        let decided = "select count(*) as n from zone_decision where tenant = $1 and paper is not null";
        assert_eq!(count(&app, decided).await, 0);
        let page = format!("/zones/decisions/{id}");
        let shown = office.get(&page).await.expect(200);
        assert!(shown.words().contains("bảng đơn vị khác bản soạn ban đầu"), "{}", shown.words());
        assert!(office.get("/zones/units/31675").await.expect(200).words().contains("chưa ghi được quyết định"));
        // Nothing is chosen beforehand, and nothing is written down that was not chosen; a row has the level of the page.
        assert!(!shown.body.contains("checked"), "{}", shown.body);
        let none = office.post(&format!("{page}/take"), &[]).await.expect(422);
        assert!(none.words().contains("Chưa chọn dòng nào"), "{}", none.words());
        assert_eq!(count(&app, decided).await, 0);
        let row = shown.body.split("name=\"row\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let _ = office.post(&format!("{page}/take"), &[("row", row)]).await.expect(303);
        let level = "select level as text from zone_decision where tenant = $1 and paper is not null";
        assert_eq!(texts(&app, level).await, ["zone:red"], "a person has compared them");
    }
}

#[tokio::test]
async fn a_decision_is_told_to_those_concerned_and_settled_by_the_clock() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T08:00");
        settle(&app).await;
        let kinds = "select distinct path || ' ' || kind as text from notice where tenant = $1 and kind like 'zones.%' and settled_at is null and at >= '2021-09-13T01:00:00.000000Z' order by 1";
        let chair = client(&app, "chutich").await;
        let decide = |level: &'static str, on: &'static str, at: &'static str, number: &'static str| {
            vec![
                ("level", level),
                ("effective_on", on),
                ("effective_at", at),
                ("number", number),
                ("signer", "Phạm Hoàng Minh"),
                ("post", "Chủ tịch UBND tỉnh"),
                ("signed_on", "2021-09-13"),
                ("reason", "thử"),
            ]
        };
        // The commune of the tour, in the district of Kế Sách.
        let _ = chair
            .post("/zones/units/31534/decide", &decide("zone:orange", "2021-09-13", "20:00", "9401/QĐ-BCĐ"))
            .await
            .expect(303);
        settle(&app).await;
        settle(&app).await;
        let commune = client(&app, "xa.canbo").await.get("/notices").await.expect(200);
        assert!(told_to(&commune, "có mức độ mới theo 9401/QĐ-BCĐ"), "{}", commune.words());
        let district = client(&app, "huyen.canbo").await.get("/notices").await.expect(200);
        assert!(told_to(&district, "có mức độ mới theo 9401/QĐ-BCĐ"), "{}", district.words());
        let health = client(&app, "syt.canbo").await.get("/notices").await.expect(200);
        assert!(told_to(&health, "có mức độ mới theo 9401/QĐ-BCĐ"), "{}", health.words());
        let office = client(&app, "vanphong").await.get("/notices").await.expect(200);
        assert!(!told_to(&office, "9401/QĐ-BCĐ"), "who decided knows: {}", office.words());
        if app.db().engine() == vx_platform::store::Engine::Sqlite {
            let all = texts(&app, kinds).await;
            assert!(all.iter().any(|line| line == "94/943/31534/ zones.decided"), "{all:?}");
        }
        // Six hours before, once; when it is in force, that it is coming is no news any more.
        set_clock(&clock, "2021-09-13T14:30");
        for _ in 0..2 {
            vx_zones::follow(&app).await.unwrap();
            settle(&app).await;
        }
        let coming = "select count(*) as n from notice where tenant = $1 and kind = 'zones.takes_effect' and source = '9401/QĐ-BCĐ'";
        assert_eq!(count(&app, coming).await, 1);
        let open = "select count(*) as n from notice where tenant = $1 and kind = 'zones.takes_effect' and source = '9401/QĐ-BCĐ' and settled_at is null";
        assert_eq!(count(&app, open).await, 1);
        set_clock(&clock, "2021-09-13T20:00");
        vx_zones::follow(&app).await.unwrap();
        settle(&app).await;
        assert_eq!(count(&app, open).await, 0);
        // Another level takes the place: the work of the one before is called off when that happens, not earlier.
        let work =
            "select count(*) as n from work_item where tenant = $1 and source = '9401/QĐ-BCĐ' and closed_at is null";
        assert_eq!(count(&app, work).await, 1);
        let chair = client(&app, "chutich").await;
        // The same colour again brings no work of its own: that of the first one holds.
        let _ = chair
            .post("/zones/units/31534/decide", &decide("zone:orange", "2021-09-14", "05:00", "9403/QĐ-BCĐ"))
            .await
            .expect(303);
        settle(&app).await;
        set_clock(&clock, "2021-09-14T05:01");
        vx_zones::follow(&app).await.unwrap();
        assert_eq!(count(&app, work).await, 1, "the measures go on");
        let chair = client(&app, "chutich").await;
        let _ = chair
            .post("/zones/units/31534/decide", &decide("zone:green", "2021-09-14", "06:00", "9402/QĐ-BCĐ"))
            .await
            .expect(303);
        settle(&app).await;
        assert_eq!(count(&app, work).await, 1, "until then it holds");
        set_clock(&clock, "2021-09-14T06:01");
        for _ in 0..2 {
            vx_zones::follow(&app).await.unwrap();
        }
        assert_eq!(count(&app, work).await, 0);
        let steps =
            "select count(*) as n from zone_step where tenant = $1 and number = '9402/QĐ-BCĐ' and step = 'in_force'";
        assert_eq!(count(&app, steps).await, 1, "once");
        // A commitment that is due soon, and one that was missed.
        let soon = "select count(*) as n from notice where tenant = $1 and kind = 'zones.commitment_soon'";
        assert!(count(&app, soon).await >= 1);
        let missed = "select count(*) as n from notice where tenant = $1 and kind = 'zones.commitment_missed'";
        assert!(count(&app, missed).await >= 1);
    }
}

#[tokio::test]
async fn alerts_are_public_sound_and_always_the_same() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T08:00");
        let nobody = Client::stranger(&app);
        let feed = nobody.get("/public/alerts.atom").await.expect(200);
        assert!(feed.body.starts_with("<?xml") && feed.body.contains("<feed xmlns=\"http://www.w3.org/2005/Atom\""));
        let entries = feed.body.matches("<entry>").count();
        assert!(entries >= 8, "{entries}");
        let links: Vec<String> = feed
            .body
            .split("href=\"")
            .filter_map(|piece| piece.split('"').next())
            .filter(|link| link.ends_with(".xml"))
            .map(str::to_owned)
            .collect();
        assert_eq!(links.len(), entries);
        let mut kinds = Vec::new();
        for link in &links {
            let page = nobody.get(link).await.expect(200);
            let (alert, doubts) = vx_alert::read(page.body.as_bytes()).unwrap();
            assert!(doubts.is_empty() && alert.check().is_empty(), "{doubts:?} {:?}", alert.check());
            assert_eq!(alert.xml(), page.body, "what is read is what was written");
            assert_eq!(nobody.get(link).await.body, page.body, "asked twice it is the same");
            assert_eq!(alert.status, vx_alert::Status::Exercise, "a drill alarms nobody");
            assert_eq!(alert.infos.iter().map(|info| info.language.as_str()).collect::<Vec<_>>(), ["vi-VN", "en"]);
            let area = &alert.infos[0].areas[0];
            assert!(area.geocodes.iter().any(|code| code.name == "vungxanh.unit"), "{area:?}");
            for name in ["Phạm Hoàng Minh", "Trần Ngọc Lan"] {
                assert!(!page.body.contains(name), "nobody's name leaves: {}", page.body);
            }
            // What it refers to is there, under the name by which it is referred to.
            for reference in &alert.references {
                let identifier = reference.split(',').nth(1).unwrap();
                let before =
                    nobody.get(&format!("/public/alerts/{}.xml", identifier.trim_start_matches("vungxanh-"))).await;
                let (before, _) = vx_alert::read(before.expect(200).body.as_bytes()).unwrap();
                assert_eq!(before.reference(), *reference);
            }
            kinds.push(alert.kind);
        }
        assert!(kinds.contains(&vx_alert::MessageKind::Alert) && kinds.contains(&vx_alert::MessageKind::Update));
        // The file passes the command line's check.
        let page = nobody.get(&links[0]).await;
        let file = place.folder.path().join("alert.xml");
        std::fs::write(&file, &page.body).unwrap();
        assert!(vungxanh::alerts::check(&[file], true, &mut Vec::new()).unwrap());
        // Part of the country, and what is not there.
        let part = nobody.get("/public/alerts.atom?unit=31675").await.expect(200);
        assert_eq!(part.body.matches("<entry>").count(), 1);
        let _ = nobody.get("/public/alerts.atom?unit=nowhere").await.expect(404);
        let _ = nobody.get("/public/alerts/abc.xml").await.expect(404);
        let _ = nobody.get(&format!("/public/alerts/{}.xml", Uuid::now_v7())).await.expect(404);
    }
}

#[tokio::test]
async fn programs_read_levels_send_figures_propose_decide_and_commit() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T08:00");
        let (office, commune) = (program(&app, "vanphong").await, program(&app, "xa.canbo").await);
        let red = office.get("/api/v1/zones/levels?kind=commune&colour=red&count=true&limit=2").await.expect(200);
        assert!(red.body["total"].as_i64().unwrap() >= 1 && red.text("/items/0/rule_set") == "2093", "{}", red.body);
        let one = office.get("/api/v1/zones/units/31675").await.expect(200);
        assert_eq!((one.text("/computed"), one.text("/decided/level")), ("zone:red", "zone:orange"));
        assert!(one.text("/reasons/0").contains("chùm ca bệnh"), "{}", one.body);
        assert!(one.body["unverified"].as_bool().unwrap());
        let _ = commune.get("/api/v1/zones/units/31675").await.expect(404);
        let next = office.get("/api/v1/zones/levels?limit=1").await.expect(200);
        let page = format!("/api/v1/zones/levels?limit=1&cursor={}", next.text("/next"));
        assert_ne!(office.get(&page).await.expect(200).text("/items/0/unit/key"), next.text("/items/0/unit/key"));

        // Figures: a look, the taking, the same again, what does not fit.
        let sent = json!({"source": "unit", "counts": [
            {"unit": "31534", "counted_on": "2021-09-13", "traced": 0, "untraced": 1},
            {"unit": "31537", "counted_on": "2021-09-13", "traced": 1},
            {"unit": "25-92", "counted_on": "2021-09-13", "traced": 1},
            {"unit": "31534", "counted_on": "2021-09-14", "traced": 1},
        ]});
        let look =
            commune.post("/api/v1/zones/counts?dryRun=true", Uuid::now_v7(), None, sent.clone()).await.expect(200);
        let codes = |body: &serde_json::Value| -> Vec<String> {
            body["rejected"].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap().to_owned()).collect()
        };
        assert_eq!(
            (look.body["taken"].clone(), look.body["dry_run"].clone()),
            (json!(1), json!(true)),
            "{}",
            look.body
        );
        let counted = "select count(*) as n from zone_count where tenant = $1 and path = '94/943/31534/'";
        let before = count(&app, counted).await;
        let key = Uuid::now_v7();
        let done = commune.post("/api/v1/zones/counts", key, None, sent.clone()).await.expect(200);
        assert_eq!(codes(&done.body), codes(&look.body), "what is looked at is what happens");
        assert!(codes(&done.body).contains(&"zones.figures.no_unit".to_owned()), "{}", done.body);
        assert_eq!(
            commune.post("/api/v1/zones/counts", key, None, sent.clone()).await.expect(200).body["taken"],
            json!(1)
        );
        let same = commune.post("/api/v1/zones/counts", Uuid::now_v7(), None, sent).await.expect(200);
        assert_eq!((same.body["taken"].clone(), same.body["same"].clone()), (json!(0), json!(1)), "{}", same.body);
        assert_eq!(count(&app, counted).await, before + 1);
        let no = json!({"source": "unit", "counts": [{"unit": "31534", "counted_on": "2021-09-13", "traced": -1}]});
        let _ = commune.post("/api/v1/zones/counts", Uuid::now_v7(), None, no).await.expect(400);
        let listed = commune.get("/api/v1/zones/units/31534/counts?count=true").await.expect(200);
        assert!(listed.body["total"].as_i64().unwrap() >= 14, "{}", listed.body);

        // Propose, decide, commit: the same rules as on the pages.
        let no =
            commune.post("/api/v1/zones/units/31534/propose", Uuid::now_v7(), None, json!({"level": "zone:red"})).await;
        assert_eq!(no.expect(422).text("/code"), "zones.differs");
        let sent = json!({"level": "zone:orange", "note": "một ca chưa rõ nguồn"});
        let key = Uuid::now_v7();
        let made = commune.post("/api/v1/zones/units/31534/propose", key, None, sent.clone()).await.expect(201);
        assert_eq!(
            commune.post("/api/v1/zones/units/31534/propose", key, None, sent).await.expect(201).body,
            made.body
        );
        let open = office.get("/api/v1/zones/proposals?unit=31534").await.expect(200);
        assert_eq!(open.text("/items/0/id"), made.text("/id"));
        let decision = json!({"level": "zone:orange", "effective_at": "2021-09-13T10:00:00Z", "number": "9501/QĐ-BCĐ",
            "signer": "Phạm Hoàng Minh", "signer_post": "Chủ tịch UBND tỉnh", "proposal": made.text("/id")});
        let no = commune.post("/api/v1/zones/units/31534/decide", Uuid::now_v7(), None, decision.clone()).await;
        assert!(matches!(no.status.as_u16(), 403 | 404), "{}", no.body);
        let done = office.post("/api/v1/zones/units/31534/decide", Uuid::now_v7(), None, decision).await.expect(201);
        assert_eq!(done.text("/level"), "zone:orange");
        let _ = Client::stranger(&app).get(done.text("/alert")).await.expect(200);
        let listed = office.get("/api/v1/zones/decisions?unit=31534&count=true").await.expect(200);
        assert_eq!(listed.text("/items/0/number"), "9501/QĐ-BCĐ");
        let sent = json!({"from_level": "zone:orange", "to_level": "zone:yellow", "signed_on": "2021-09-13",
            "by_on": "2021-09-20", "signer": "Lâm Văn Phúc", "signer_post": "Chủ tịch UBND xã"});
        let done = office.post("/api/v1/zones/units/31534/commit", Uuid::now_v7(), None, sent).await.expect(201);
        assert_eq!(done.text("/keeping"), "running");
        let kept = office.get("/api/v1/zones/commitments?keeping=kept").await.expect(200);
        assert_eq!(kept.text("/items/0/keeping"), "kept");
        let all = office.get("/api/v1/zones/measures?vocabulary=zone&rank=1").await.expect(200);
        assert!(all.body["items"].as_array().unwrap().iter().all(|one| one["from_rank"] == json!(1)));
    }
}

const LIST: &str = "Mã ca;Họ và tên;Mã xã;Xã;Ngày công bố;Nơi phát hiện;Năm sinh\n\
BN1;Nguyễn Thị Một;31534;;12/9/2021;Cộng đồng, chưa rõ nguồn;1990\n\
BN2;Nguyễn Thị Hai;31534;;12/9/2021;Khu cách ly;1950\n\
BN3;Nguyễn Thị Ba;;Xã Phong Nẫm;12/9/2021;F1 của BN1;2015\n\
BN3;Nguyễn Thị Ba;;Xã Phong Nẫm;12/9/2021;F1 của BN1;2015\n\
;Nguyễn Thị Tư;31534;;12/9/2021;Cộng đồng;2000\n\
BN6;Nguyễn Thị Sáu;91;;12/9/2021;Cộng đồng;2000\n\
BN7;Nguyễn Thị Bảy;31534;;12/9/2021;sân bay;2000\n";

async fn look(client: &Client, name: &str, bytes: &[u8], more: &[(&str, &str)]) -> Page {
    client.post_keyed("/zones/cases", Uuid::now_v7(), more, &[("file", name, bytes)]).await.expect(200)
}

#[tokio::test]
async fn a_list_of_cases_is_counted_once_and_keeps_nobody() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T08:00");
        let health = client(&app, "syt.canbo").await;
        assert!(health.get("/zones/cases").await.expect(200).words().contains("Chưa nạp danh sách nào"));
        let page = look(&health, "ca-benh.csv", LIST.as_bytes(), &[]).await;
        let words = page.words();
        assert!(words.contains("Đọc được 3 ca: 3 ca mới, 0 ca thay đổi, 0 ca đã có"), "{words}");
        for said in ["mã ca đã có ở dòng 4", "thiếu mã ca bệnh", "không có đơn vị mã 91", "không hiểu nơi phát hiện"]
        {
            assert!(words.contains(said), "{said}: {words}");
        }
        assert!(!page.body.contains("Nguyễn Thị"), "names are not even shown");
        // What cannot be read goes back as it came, with the reasons, from the page and not from the disk.
        let rows: Vec<String> = page
            .body
            .split("name=\"rows\" value=\"")
            .skip(1)
            .filter_map(|piece| piece.split('"').next())
            .map(|text| text.replace("&quot;", "\"").replace("&amp;", "&"))
            .collect();
        assert_eq!(rows.len(), 1, "{}", page.body);
        let mut fields = vec![("kind", "csv")];
        fields.extend(rows.iter().map(|rows| ("rows", rows.as_str())));
        let file = health.post("/zones/cases/rejected", &fields).await.expect(200).body;
        assert!(file.lines().count() == 5 && file.contains("BN7") && file.contains("sân bay"), "{file}");

        let hash = page.hidden("file").unwrap().to_owned();
        let taken = health.post("/zones/cases/take", &[("file", &hash)]).await.expect(200);
        assert!(taken.words().contains("2 đơn vị, ngày được tính lại"), "{}", taken.words());
        let figures = health.get("/zones/figures?unit=94/943/31534/&day=2021-09-12").await.expect(200);
        assert!(
            figures.words().contains("Danh sách ca bệnh"),
            "one more source, beside the others: {}",
            figures.words()
        );
        let counted = "select path || ' ' || coalesce(traced, -1) || ' ' || coalesce(untraced, -1) || ' ' || coalesce(other, -1) || ' ' || edition as text from zone_count where tenant = $1 and source = 'case_list' order by path, edition";
        assert_eq!(texts(&app, counted).await, ["94/943/31534/ 0 1 1 1", "94/943/31537/ 1 0 0 1"]);
        let kept = texts(
            &app,
            "select case_hash || coalesce(age_group, '') || setting as text from zone_case where tenant = $1",
        )
        .await;
        assert_eq!(kept.len(), 3);
        assert!(kept.iter().all(|line| !line.contains("BN")), "{kept:?}");
        let named = "select name as text from zone_case_list where tenant = $1";
        assert_eq!(texts(&app, named).await, ["Danh sách ca bệnh 12/9/2021 – 12/9/2021"], "not as the file was called");
        let typed = [("source", "case_list"), ("day", "2021-09-12")];
        let refused = health.post_keyed("/zones/import", Uuid::now_v7(), &typed, &[("file", "x.csv", b"a;b\n1;2\n")]);
        assert!(refused.await.expect(422).words().contains("do phần mềm tự đếm"), "nobody types what is counted");

        // The same again counts nothing; a case that moved counts where it is now. The columns are remembered.
        let page = look(&health, "ca-benh.csv", LIST.as_bytes(), &[]).await;
        assert!(page.words().contains("0 ca mới, 0 ca thay đổi, 3 ca đã có"), "{}", page.words());
        let moved = LIST.replace("BN2;Nguyễn Thị Hai;31534", "BN2;Nguyễn Thị Hai;31537");
        let page = look(&health, "ca-benh-2.csv", moved.as_bytes(), &[]).await;
        assert!(page.words().contains("0 ca mới, 1 ca thay đổi, 2 ca đã có"), "{}", page.words());
        let hash = page.hidden("file").unwrap().to_owned();
        let _ = health.post("/zones/cases/take", &[("file", &hash)]).await.expect(200);
        assert_eq!(
            texts(&app, counted).await,
            ["94/943/31534/ 0 1 1 1", "94/943/31534/ 0 1 0 2", "94/943/31537/ 1 0 0 1", "94/943/31537/ 1 0 1 2"]
        );
        let again = health.post("/zones/cases/take", &[("file", &hash)]).await.expect(422);
        assert!(again.words().contains("đã có, giống hệt"), "{}", again.words());

        // The commune knows the same case from a list of its own: it is not counted twice.
        let commune = client(&app, "xa.canbo").await;
        let own = "Mã ca;Mã xã;Ngày;Phân loại\nBN1;31534;12/9/2021;Chưa rõ nguồn lây\n";
        let page = look(&commune, "xa.csv", own.as_bytes(), &[]).await;
        let hash = page.hidden("file").unwrap_or_else(|| panic!("{}", page.words())).to_owned();
        let _ = commune.post("/zones/cases/take", &[("file", &hash)]).await.expect(200);
        let last = "select cast(coalesce(traced, 0) + coalesce(untraced, 0) + coalesce(other, 0) as text) as text from zone_count where tenant = $1 and source = 'case_list' and path = '94/943/31534/' order by edition desc limit 1";
        assert_eq!(texts(&app, last).await, ["1"]);

        // A day into which many days were written is flagged.
        let mut dump = "Mã ca;Mã xã;Ngày;Phân loại\n".to_owned();
        for n in 0..120 {
            dump.push_str(&format!(
                "D{n};31534;{};Cách ly\n",
                if n < 100 { "8/9/2021".to_owned() } else { format!("{}/9/2021", 1 + n % 10) }
            ));
        }
        let page = look(&health, "don.csv", dump.as_bytes(), &[]).await;
        assert!(page.words().contains("có thể là số dồn của nhiều ngày"), "{}", page.words());

        // Headings that nobody knows are asked for; a commune brings its own cases and no others.
        let strange = "Cột A;Cột B;Cột C\nX1;31534;12/9/2021\n";
        let page = look(&health, "la.csv", strange.as_bytes(), &[]).await;
        assert!(page.words().contains("Chưa nhận ra đủ các cột"), "{}", page.words());
        let columns = [("column-case", "cot a"), ("column-code", "cot b"), ("column-day", "cot c")];
        let page = look(&health, "la.csv", strange.as_bytes(), &columns).await;
        assert!(page.words().contains("Đọc được 1 ca"), "{}", page.words());
        let commune = client(&app, "xa.canbo").await;
        let page = look(&commune, "ca-benh.csv", LIST.as_bytes(), &[]).await;
        assert!(page.words().contains("Đọc được 2 ca"), "{}", page.words());
        let _ = client(&app, "theodoi").await.get("/zones/cases").await.expect(404);
    }
}

#[tokio::test]
async fn workbooks_with_days_as_numbers_and_old_encodings_are_read() {
    let place = Place::sqlite();
    let (app, clock) = demo_on(&place).await;
    set_clock(&clock, "2021-09-13T08:00");
    let health = client(&app, "syt.canbo").await;
    let heads = ["Mã ca", "Mã xã", "Ngày", "Phân loại"].map(|title| Column { title: title.to_owned(), width: 12 });
    let mut sheet = Sheet::begin(SheetKind::Xlsx, "ca", &heads).unwrap();
    // 12 September 2021 as a spreadsheet counts days, with an hour.
    sheet
        .row(&[
            "X1".to_owned().into(),
            Cell::Count(31534),
            Cell::Thousandths(44_451_750),
            "Cộng đồng".to_owned().into(),
        ])
        .unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut sheet.finish().unwrap(), &mut bytes).unwrap();
    let page = look(&health, "ca.xlsx", &bytes, &[("community", "traced")]).await;
    assert!(page.words().contains("Đọc được 1 ca") && page.words().contains("12/9/2021"), "{}", page.words());
    // Code page 1258: "Mã bệnh nhân;Mã xã;Ngày xét nghiệm;Phân loại".
    let old: &[u8] = b"Ma\xde b\xea\xf2nh nh\xe2n;Ma\xde xa\xde;Nga\xccy x\xe9t nghi\xea\xf2m;Ph\xe2n loa\xf2i\nC1;31534;12/9/2021;C\xf4\xf2ng \xf0\xf4\xccng\n";
    let page = look(&health, "ca.csv", old, &[]).await;
    assert!(page.words().contains("Đọc được 1 ca"), "{}", page.words());
}
