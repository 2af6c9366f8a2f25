//! Sites from the form to the list and the map, through HTTP, on every engine.

use serde_json::json;
use vx_platform::store::Uuid;
use vx_testkit::{Client, Place, Program};

use crate::support::{client, demo_on};

fn names(geojson: &str) -> Vec<String> {
    let value: serde_json::Value = serde_json::from_str(geojson).unwrap();
    let features = value["features"].as_array().unwrap();
    features.iter().map(|one| one["properties"]["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_site_is_added_found_closed_and_opened_again() {
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let (commune, district) = (client(&app, "xa.canbo").await, client(&app, "huyen.canbo").await);
        // A commune sees what stands on its ground, and nothing of the province's.
        let page = commune.get("/sites").await.expect(200);
        assert!(page.words().contains("Chợ Xuân Hòa") && !page.words().contains("Chợ Phú Lộc"), "{}", page.words());
        assert!(!page.words().contains("Chốt tạm cầu Cái Côn"), "closed ones are asked for");
        let page = commune.get("/sites?state=closed").await.expect(200);
        assert!(page.words().contains("Chốt tạm cầu Cái Côn"), "{}", page.words());

        let fields = |unit: &'static str, position: &'static str| {
            vec![
                ("kind", "checkpoint"),
                ("name", "Chốt cầu Xuân Hòa"),
                ("unit", unit),
                ("address", "Đường Nam Sông Hậu"),
                ("latitude", position),
                ("telephone", "0299 300 0999"),
                ("capacity", "1.200"),
            ]
        };
        let no = commune.post("/sites", &fields("31534", "105.9, 9.88")).await.expect(422);
        assert!(no.words().contains("bị đảo chỗ"), "{}", no.words());
        let _ = commune.post("/sites", &fields("31540", "9.88, 105.9")).await.expect(403);
        let _ = client(&app, "theodoi").await.post("/sites", &fields("31534", "9.88, 105.9")).await.expect(404);
        let address = commune.post("/sites", &fields("31534", "9.88, 105.9")).await.expect(303).address();
        let again = commune.post("/sites", &fields("31534", "9.88, 105.9")).await.expect(422);
        assert!(again.words().contains("Đã có “Chốt cầu Xuân Hòa”"), "{}", again.words());
        let page = commune.get(&address).await.expect(200);
        assert!(page.words().contains("9.88, 105.9") && page.words().contains("1.200"), "{}", page.words());

        // In the lists and on the maps of those above; for who works elsewhere it does not exist.
        let list = "/sites?kind=checkpoint&q=cau+xuan+hoa";
        assert!(district.get(list).await.expect(200).words().contains("Chốt cầu Xuân Hòa"));
        let points = "/map/points.geojson?within=943&sites=checkpoint";
        let found = names(&district.get(points).await.expect(200).body);
        assert!(found.contains(&"Chốt cầu Xuân Hòa".to_owned()), "{found:?}");
        assert_eq!(names(&commune.get(points).await.expect(200).body), ["Chốt cầu Xuân Hòa"]);
        assert_eq!(names(&commune.get("/map/points.geojson?within=943").await.expect(200).body), [""; 0]);
        let map = district.get("/map?within=943&sites=checkpoint").await.expect(200);
        assert!(
            map.body.contains("class=\"vx-point\"") && map.words().contains("Đường Nam Sông Hậu"),
            "{}",
            map.words()
        );
        let _ = Client::stranger(&app).get(&address).await.expect(303);
        let hospital = client(&app, "vanphong").await.get("/sites?unit=949&kind=hospital").await.expect(200);
        let other =
            hospital.links("/sites/").into_iter().find(|link| link.len() > 40 && !link.contains("export")).unwrap();
        let _ = commune.get(&other).await.expect(404);
        let _ = commune.post(&format!("{other}/close"), &[("reason", "thử")]).await.expect(404);

        // Closed with a reason; the map and the list are without it, and a button takes it back.
        let close = format!("{address}/close");
        let _ = commune.post(&close, &[("reason", " ")]).await.expect(422);
        let closed = commune.post(&close, &[("reason", "Hết nhiệm vụ")]).await.expect(303);
        assert!(!names(&district.get(points).await.expect(200).body).contains(&"Chốt cầu Xuân Hòa".to_owned()));
        assert!(!district.get(list).await.expect(200).words().contains("Chốt cầu Xuân Hòa"));
        let page = commune.get(&closed.location.unwrap()).await.expect(200);
        assert!(page.words().contains("Hết nhiệm vụ") && page.words().contains("đã đóng"), "{}", page.words());
        let undo = page.hidden("_undo").unwrap().to_owned();
        let _ = commune.post(&format!("{address}/reopen"), &[("_undo", &undo)]).await.expect(303);
        assert!(names(&district.get(points).await.expect(200).body).contains(&"Chốt cầu Xuân Hòa".to_owned()));
        let mut changed = fields("31534", "9.88, 105.9");
        changed[1].1 = "Chốt cầu Xuân Hòa (mới)";
        let _ = district.post(&address, &changed).await.expect(303);
        let csv = String::from_utf8(district.get_bytes("/sites/export/csv?kind=checkpoint&unit=31534").await).unwrap();
        assert!(csv.contains("Chốt kiểm soát;Chốt cầu Xuân Hòa (mới);31534;"), "{csv}");
    }
}

#[tokio::test]
async fn a_file_of_sites_is_looked_at_taken_and_its_bad_rows_come_back() {
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let district = client(&app, "huyen.canbo").await;
        let file = "Nhóm;Tên;Xã;Tọa độ;Sức chứa\n\
                    Chợ;Chợ thử một;Xã Xuân Hòa;\"9.88, 105.9\";50\n\
                    Chợ;Chợ thử hai;Xã Xuân Hòa;\"105.9, 9.88\";50\n\
                    Chợ;Chợ thử ba;Xã Đại Hải;;20\n";
        let sent: [(&str, &str, &[u8]); 1] = [("file", "cho.csv", file.as_bytes())];
        let look = district.post_keyed("/sites/import", Uuid::now_v7(), &[], &sent).await.expect(200);
        // Nobody knows that "Nhóm" is the kind until a person says so.
        assert!(look.words().contains("3 dòng không nhận được"), "{}", look.words());
        let hash = look.hidden("file-hash").unwrap().to_owned();
        let chosen = [("file-hash", hash.as_str()), ("file-name", "cho.csv"), ("column-kind", "0")];
        let look = district.post("/sites/import", &chosen).await.expect(200);
        assert!(look.words().contains("2 dòng nhận được") && look.words().contains("bị đảo chỗ"), "{}", look.words());
        assert!(
            !district.get("/sites?q=cho+thu").await.expect(200).words().contains("Chợ thử một"),
            "nothing is written"
        );
        let taken = district.post("/sites/import/take", &chosen).await.expect(200);
        assert!(taken.words().contains("Đã thêm 2 địa điểm"), "{}", taken.words());
        let again = district.post("/sites/import/take", &chosen).await.expect(200);
        assert!(again.words().contains("2 địa điểm đã có từ trước"), "{}", again.words());

        // The bad row comes back in a file of the same columns, with the reason; put right it is taken.
        let link = taken.links("/sites/import/rejected/csv").pop().unwrap();
        let back = String::from_utf8(district.get_bytes(&link).await).unwrap();
        assert!(
            back.contains("Chợ;Chợ thử hai;") && back.contains("bị đảo chỗ") && !back.contains("Chợ thử một"),
            "{back}"
        );
        let right = back.replace("105.9, 9.88", "9.88, 105.9");
        let sent: [(&str, &str, &[u8]); 1] = [("file", "sua.csv", right.as_bytes())];
        let look = district.post_keyed("/sites/import", Uuid::now_v7(), &[], &sent).await.expect(200);
        assert!(look.words().contains("1 dòng nhận được"), "{}", look.words());

        // What the list gives out comes in again as it is.
        let out = district.get_bytes("/sites/export/xlsx?q=cho+thu").await;
        let sent: [(&str, &str, &[u8]); 1] = [("file", "dia-diem.xlsx", &out)];
        let look = district.post_keyed("/sites/import", Uuid::now_v7(), &[], &sent).await.expect(200);
        assert!(
            look.words().contains("2 dòng nhận được") && !look.words().contains("không nhận được"),
            "{}",
            look.words()
        );
        let _ = client(&app, "theodoi").await.get("/sites/import").await.expect(404);
    }
}

#[tokio::test]
async fn programs_keep_sites() {
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let person = client(&app, "huyen.canbo").await;
        let fields = [("name", "địa điểm"), ("until_on", "2021-12-01"), ("scope", "write")];
        let page = person.post("/tokens", &fields).await.expect(200);
        let words = page.words();
        let secret = words.split_whitespace().find(|word| word.starts_with("vx_") && word.len() == 67).unwrap();
        let program = Program::with_token(&app, secret);

        let site =
            json!({"kind": "hospital", "name": "Bệnh viện thử", "unit": "31534", "latitude": 9.88, "longitude": 105.9});
        let key = Uuid::now_v7();
        let added = program.post("/api/v1/sites", key, None, site.clone()).await.expect(201);
        assert_eq!(program.post("/api/v1/sites", key, None, site.clone()).await.expect(201).body, added.body);
        assert_eq!((added.text("/state"), added.body["latitude"].clone()), ("open", json!(9.88)));
        let address = format!("/api/v1/sites/{}", added.text("/id"));
        let swapped = json!({"kind": "hospital", "name": "B", "unit": "31534", "latitude": 90, "longitude": 9.88});
        let no = program.post("/api/v1/sites", Uuid::now_v7(), None, swapped).await.expect(422);
        assert_eq!(no.text("/code"), "sites.position.outside");
        let mut elsewhere = site.clone();
        elsewhere["unit"] = json!("31756");
        let _ = program.post("/api/v1/sites", Uuid::now_v7(), None, elsewhere).await.expect(403);
        let mut changed = site;
        changed["capacity"] = json!(40);
        let change = format!("{address}/change");
        let tag = added.header("etag").to_owned();
        let now = program.post(&change, Uuid::now_v7(), Some(&tag), changed.clone()).await.expect(200);
        assert_eq!(now.body["capacity"], 40);
        let _ = program.post(&change, Uuid::now_v7(), Some(&tag), changed).await.expect(412);
        let closed =
            program.post(&format!("{address}/close"), Uuid::now_v7(), None, json!({"reason": "thử"})).await.expect(200);
        assert_eq!(closed.text("/state"), "closed");
        let list = program.get("/api/v1/sites?unit=31534&state=any&count=true").await.expect(200);
        assert_eq!(list.body["total"], 3);
        let list = program.get("/api/v1/sites?unit=31534&state=closed&limit=1").await.expect(200);
        assert!(list.body["next"].is_string(), "the checkpoint of the demo and this one");
    }
}
