//! Zones through HTTP, on every engine: figures, levels and why, verified rules, proposal and decision, commitments,
//! import, what would be if, and what was known then.

use vx_platform::{
    params,
    store::{Sql, Uuid},
};
use vx_testkit::{Page, Place, count, set_clock};

use crate::support::{client, demo_on};

/// The computed and the decided level as the page of a unit shows them.
fn levels(page: &Page) -> (String, String) {
    let words = page.words();
    let after = |from: &str, to: &str| {
        let rest = words.split(from).nth(1).unwrap_or_default();
        rest.split(to).next().unwrap_or_default().trim().to_owned()
    };
    (after("Mức tính toán ", " Theo "), after("Mức đã quyết định ", ","))
}

#[tokio::test]
async fn a_level_is_computed_proposed_decided_and_carried_out() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T08:00");
        let (office, chair) = (client(&app, "vanphong").await, client(&app, "chutich").await);
        let list = office.get("/zones").await.expect(200);
        assert!(list.body.contains("2093/QĐ-UBND"), "the province's own rule holds");
        assert!(list.body.contains("chưa ai đối chiếu"), "what was not verified says so");
        // Each number is the count of the list behind it.
        for link in list.links("/zones?").iter().filter(|link| link.contains("colour=") || link.contains("show=")) {
            assert!(office.get(link).await.expect(200).body.contains("vx-figures"), "{link}");
        }
        let unit = office.get("/zones/units/31675").await.expect(200);
        assert_eq!(levels(&unit).0, "Vùng đỏ chưa xác minh");
        assert!(levels(&unit).1.starts_with("Vùng cam 9023/QĐ-BCĐ"), "{:?}", levels(&unit));
        assert!(unit.body.contains("Cán bộ đánh giá có: Có chùm ca bệnh"), "{}", unit.words());
        let proposal = unit.hidden("proposal").unwrap().to_owned();
        // The commune cannot decide, and a stranger does not know of it.
        let commune = client(&app, "xa.canbo").await;
        let typed = [
            ("proposal", proposal.as_str()),
            ("level", "zone:red"),
            ("effective_on", "2021-09-13"),
            ("effective_at", "12:00"),
            ("number", "9071/QĐ-BCĐ"),
            ("signer", "Phạm Hoàng Minh"),
            ("post", "Chủ tịch UBND tỉnh"),
            ("signed_on", "2021-09-13"),
        ];
        let _ = commune.post("/zones/units/31675/decide", &typed).await.expect(404);
        let _ = commune.get("/zones/units/31675").await.expect(404);
        let district = client(&app, "huyen.chutich").await;
        let refused = district.post("/zones/units/31534/decide", &typed[1..]).await.expect(422);
        assert!(refused.words().contains("Thẩm quyền quyết định thuộc"), "{}", refused.words());
        // Another level than the computed one needs a reason.
        let mut other = typed.to_vec();
        other[1].1 = "zone:yellow";
        let refused = chair.post("/zones/units/31675/decide", &other).await.expect(422);
        assert!(refused.words().contains("khác mức tính toán"), "{}", refused.words());
        let done = chair.post("/zones/units/31675/decide", &typed).await.expect(303);
        assert_eq!(done.address(), "/zones/units/31675");
        let unit = office.get("/zones/units/31675").await.expect(200);
        assert!(levels(&unit).1.starts_with("Vùng cam"), "until noon the old level holds");
        assert!(unit.words().contains("Sắp có hiệu lực: Vùng đỏ"), "{}", unit.words());
        assert!(unit.hidden("proposal").is_none(), "no proposal waits any more");
        set_clock(&clock, "2021-09-13T12:00");
        let unit = office.get("/zones/units/31675").await.expect(200);
        assert!(levels(&unit).1.starts_with("Vùng đỏ 9071/QĐ-BCĐ"), "{:?}", levels(&unit));
        let opened =
            "select count(*) as n from work_item where tenant = $1 and source = '9071/QĐ-BCĐ' and closed_at is null";
        assert_eq!(count(&app, opened).await, 1, "the commune carries it out");
        let told = "select count(*) as n from outbox where tenant = $1 and kind = 'zone_decided'";
        assert!(count(&app, told).await <= 12);
        // An earlier hour than the last decision's is refused.
        let mut earlier = typed.to_vec();
        earlier.remove(0);
        earlier[2].1 = "11:00";
        let refused = chair.post("/zones/units/31675/decide", &earlier).await.expect(422);
        assert!(refused.words().contains("9071/QĐ-BCĐ"), "{}", refused.words());
    }
}

#[tokio::test]
async fn figures_are_entered_put_right_and_told_apart_by_source() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T09:00");
        let commune = client(&app, "xa.canbo").await;
        let figures = "/zones/figures?unit=94/943/31534/";
        assert!(commune.get(figures).await.expect(200).words().contains("Số liệu trong ngày"));
        let enter = |untraced: &'static str, source: &'static str, reason: &'static str| {
            vec![
                ("unit", "94/943/31534/"),
                ("day", "2021-09-13"),
                ("traced", "0"),
                ("untraced", untraced),
                ("contacts", "0"),
                ("source", source),
                ("reported_on", "2021-09-13"),
                ("reason", reason),
            ]
        };
        let before = commune.get("/zones/units/31534").await.expect(200);
        assert_eq!(levels(&before).0.split(' ').take(2).collect::<Vec<_>>().join(" "), "Vùng xanh");
        let _ = commune.post("/zones/figures/count", &enter("1", "unit", "")).await.expect(303);
        let after = commune.get("/zones/units/31534").await.expect(200);
        assert!(levels(&after).0.starts_with("Vùng cam"), "{:?}", levels(&after));
        assert!(after.words().contains("1 ca cộng đồng chưa rõ nguồn lây trong 14 ngày (từ 1)"), "{}", after.words());
        // The same again is nothing; another figure is a correction, which needs a reason.
        let same = commune.post("/zones/figures/count", &enter("1", "unit", "")).await.expect(422);
        assert!(same.words().contains("giống hệt"));
        let bare = commune.post("/zones/figures/count", &enter("0", "unit", "")).await.expect(422);
        assert!(bare.words().contains("lý do đính chính"), "{}", bare.words());
        set_clock(&clock, "2021-09-14T09:00");
        let (commune, office) = (client(&app, "xa.canbo").await, client(&app, "vanphong").await);
        let _ = commune
            .post("/zones/figures/count", &enter("0", "unit", "Ca đã xác định được nguồn lây"))
            .await
            .expect(303);
        let now = commune.get("/zones/units/31534?day=2021-09-13").await.expect(200);
        assert!(levels(&now).0.starts_with("Vùng xanh"), "{:?}", levels(&now));
        let then = commune.get("/zones/units/31534?day=2021-09-13&known=then").await.expect(200);
        assert!(levels(&then).0.starts_with("Vùng cam"), "what was known then is not rewritten: {:?}", levels(&then));
        // Another source says otherwise: both stay, the larger counts until somebody chooses.
        let _ = office.post("/zones/figures/count", &enter("2", "cdc", "")).await.expect(303);
        let page = office.get("/zones/figures?unit=94/943/31534/&day=2021-09-13").await.expect(200);
        assert!(page.words().contains("số lớn hơn trong các nguồn"), "{}", page.words());
        let cam = office.get("/zones/units/31534?day=2021-09-13").await.expect(200);
        assert!(levels(&cam).0.starts_with("Vùng cam"));
        let chosen =
            [("unit", "94/943/31534/"), ("day", "2021-09-13"), ("source", "unit"), ("reason", "CDC ghi nhầm xã")];
        let _ = office.post("/zones/figures/choose", &chosen).await.expect(303);
        let xanh = office.get("/zones/units/31534?day=2021-09-13").await.expect(200);
        assert!(levels(&xanh).0.starts_with("Vùng xanh"), "{:?}", levels(&xanh));
        let editions = "select count(*) as n from zone_count where tenant = $1 and path = '94/943/31534/' and counted_on = '2021-09-13'";
        if app.db().engine() == vx_platform::store::Engine::Sqlite {
            assert_eq!(count(&app, editions).await, 3, "nothing was overwritten");
        }
        // Nobody counts for another commune.
        let mut beyond = enter("1", "unit", "");
        beyond[0].1 = "94/943/31537/";
        let refused = commune.post("/zones/figures/count", &beyond).await;
        assert!(matches!(refused.status.as_u16(), 403 | 404), "{}", refused.words());
    }
}

#[tokio::test]
async fn a_cell_is_verified_with_the_words_of_the_law() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T09:00");
        let (office, observer) = (client(&app, "vanphong").await, client(&app, "theodoi").await);
        let rules = office.get("/zones/rules").await.expect(200);
        assert!(rules.body.contains("2686/QĐ-BCĐQG") && rules.body.contains("NĐ 165/2026"), "{}", rules.words());
        let page = office.get("/zones/rules/2093?cell=xa-3-chua-ro-nguon").await.expect(200);
        assert!(page.words().contains("Vận dụng từ quy tắc khác, chưa xác minh"), "{}", page.words());
        let mut typed = vec![
            ("unit", "94/"),
            ("cell", "xa-3-chua-ro-nguon"),
            ("law_text", ""),
            ("note", "Bản ký số, trang 2"),
            ("value", "1"),
        ];
        let refused = office.post("/zones/rules/2093/verify", &typed).await.expect(422);
        assert!(refused.words().contains("nguyên văn"), "{}", refused.words());
        typed[2].1 = "Có ít nhất 01 ca bệnh chưa rõ nguồn lây trong cộng đồng";
        let _ = observer.post("/zones/rules/2093/verify", &typed).await.expect(404);
        let _ = office.post("/zones/rules/2093/verify", &typed).await.expect(303);
        let page = office.get("/zones/rules/2093").await.expect(200);
        assert!(page.words().contains("Đã xác minh: Trần Ngọc Lan"), "{}", page.words());
        // 218 names what it does not know.
        let page = office.get("/zones/rules/218").await.expect(200);
        assert!(page.words().contains("Chưa có, để trống") && page.words().contains("không xác định cấp"));
        let _ = office.get("/zones/rules/999").await.expect(404);
        // What if one case more were needed: nothing is kept.
        let what_if = "/zones/what-if?unit=94/&day=2021-09-12&cell-xa-3-chua-ro-nguon=1000&cell-xa-4-chum-ca=0";
        let page = office.get(what_if).await.expect(200);
        assert!(page.words().contains("đơn vị đổi mức"), "{}", page.words());
        let page = office.get("/zones/what-if?unit=94/&day=2021-09-12").await.expect(200);
        assert!(page.words().contains("Chưa thay giá trị nào"));
    }
}

#[tokio::test]
async fn a_missed_commitment_asks_for_causes_and_an_answer_ends_the_asking() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T09:00");
        let office = client(&app, "vanphong").await;
        let board = office.get("/zones/commitments").await.expect(200);
        for word in
            ["Chưa đạt, quá hạn", "Đạt đúng hạn", "Đạt sau hạn", "Sắp đến hạn", "Đang thực hiện", "lùi hạn 10 ngày"]
        {
            assert!(board.words().contains(word), "{word}: {}", board.words());
        }
        let asked = "select count(*) as n from zone_commitment where tenant = $1 and asked_at is not null";
        assert_eq!(count(&app, asked).await, 4);
        vx_zones::ask_causes(&app).await.unwrap();
        assert_eq!(count(&app, asked).await, 4, "once each");
        // The commune of the tour commits, misses it, and answers.
        let chair = client(&app, "xa.chutich").await;
        let typed = [
            ("from_level", "zone:yellow"),
            ("to_level", "zone:green"),
            ("signed_on", "2021-09-13"),
            ("by_on", "2021-09-14"),
            ("signer", "Lâm Văn Phúc"),
            ("post", "Chủ tịch UBND xã"),
        ];
        let mut worse = typed;
        worse[1].1 = "zone:red";
        let _ = chair.post("/zones/units/31534/commit", &worse).await.expect(422);
        let _ = chair.post("/zones/units/31534/commit", &typed).await.expect(303);
        set_clock(&clock, "2021-09-15T01:00");
        vx_zones::ask_causes(&app).await.unwrap();
        assert_eq!(count(&app, asked).await, 5);
        let (chair, office) = (client(&app, "xa.chutich").await, client(&app, "vanphong").await);
        let page = chair.get("/zones/units/31534").await.expect(200);
        let explain = page.body.split("action=\"").find(|piece| piece.starts_with("/zones/commitments/")).unwrap();
        let explain = explain.split('"').next().unwrap().to_owned();
        let _ = chair.post(&explain, &[("causes", " ")]).await.expect(422);
        let _ = chair.post(&explain, &[("causes", "Có ca mới ngày 14/9; xét nghiệm lại toàn ấp.")]).await.expect(303);
        let mut conn = app.db().read().await.unwrap();
        let sql = "select id, state, shown_at from work_item where tenant = $1 and path = '94/943/31534/' and title like 'Báo cáo nguyên nhân%'";
        let row = conn.row(Sql::with(sql, params![conn.tenant()])).await.unwrap().unwrap();
        assert_eq!(row.get::<String>("state").unwrap(), "reported", "it waits for the district to confirm");
        let task = chair.get(&format!("/tasks/{}", row.get::<Uuid>("id").unwrap())).await.expect(200);
        assert!(!task.links("/zones/units/31534").is_empty(), "the work leads to what it is about");
        drop(conn);
        let export = office.get("/zones/commitments/export/csv").await.expect(200);
        assert!(export.body.contains("lùi hạn 10 ngày"));
    }
}

#[tokio::test]
async fn figures_of_many_units_come_from_a_file_and_what_does_not_fit_comes_back() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T17:00");
        let office = client(&app, "vanphong").await;
        let template = office.get("/zones/import/template/csv").await.expect(200);
        assert_eq!(template.body.lines().count(), 110, "every commune of the province, and the head");
        let file = "Mã đơn vị;Tên đơn vị;Ngày;Ca cộng đồng chưa rõ nguồn;Dân số\n31537;Xã Phong Nẫm;13/9/2021;2;4000\n31540;;13/9/2021;0;\n99999;;13/9/2021;1;\n31543;;13/9/2021;ba;\n";
        let fields = [("source", "cdc"), ("day", "2021-09-13")];
        let page = office
            .post_keyed("/zones/import", Uuid::now_v7(), &fields, &[("file", "so-lieu.csv", file.as_bytes())])
            .await
            .expect(200);
        assert!(page.words().contains("2 dòng nhận được"), "{}", page.words());
        assert!(page.words().contains("không có đơn vị mã 99999"), "{}", page.words());
        assert_eq!(count(&app, "select count(*) as n from zone_count where tenant = $1 and source = 'cdc' and counted_on > '2021-09-01'").await, 1);
        let hash = page.hidden("file").unwrap().to_owned();
        let take = [("file", hash.as_str()), ("name", "so-lieu.csv"), ("source", "cdc"), ("day", "2021-09-13")];
        let taken = office.post("/zones/import/take", &take).await.expect(200);
        assert!(taken.words().contains("Đã nhận 2 dòng"), "{}", taken.words());
        assert_eq!(count(&app, "select count(*) as n from zone_count where tenant = $1 and source = 'cdc' and counted_on > '2021-09-01'").await, 3);
        let again = office.post("/zones/import/take", &take).await.expect(200);
        assert!(again.words().contains("Đã nhận 1 dòng") || again.words().contains("giữ nguyên"), "{}", again.words());
        let links = taken.links("/zones/import/rejected/csv");
        let rejected = office.get(&links[0]).await.expect(200).body;
        assert_eq!(rejected.lines().count(), 3, "{rejected}");
        assert!(rejected.contains("99999") && rejected.contains("không phải số đếm"), "{rejected}");
        let level = office.get("/zones/units/31537").await.expect(200);
        assert!(levels(&level).0.starts_with("Vùng cam"), "{:?}", levels(&level));
        let export = office.get("/zones/export/csv?kind=commune").await.expect(200);
        assert_eq!(export.body.lines().count(), 110);
        let _ = office.get("/zones/export/xlsx").await.expect(200);
        // A commune imports its own row and no other.
        let commune = client(&app, "xa.canbo").await;
        let page = commune
            .post_keyed("/zones/import", Uuid::now_v7(), &fields, &[("file", "so-lieu.csv", file.as_bytes())])
            .await
            .expect(200);
        assert!(page.words().contains("0 dòng nhận được"), "{}", page.words());
    }
}
