//! Boundaries from a file to the map, through HTTP, on every engine.

use vx_platform::{store::Uuid, web::App};
use vx_testkit::{Client, Place};

use crate::support::{client, demo_on};

/// A strip of squares: so many communes of Kế Sách side by side, and one feature that nobody can place.
fn strip(app: &App) -> (Vec<String>, String) {
    let tree = app.tree();
    let district = tree.get("943").unwrap();
    let communes: Vec<_> =
        tree.children(district.id.as_str()).filter(|unit| unit.kind.has_committee()).take(3).collect();
    let (x, y) = (communes[0].lon.unwrap(), communes[0].lat.unwrap());
    let mut features: Vec<String> = communes
        .iter()
        .zip(0_u8..)
        .map(|(unit, at)| {
            let west = x + f64::from(at) * 0.01;
            let corners = [(west, y), (west + 0.01, y), (west + 0.01, y + 0.01), (west, y + 0.01), (west, y)];
            let corners = corners.map(|(x, y)| format!("[{x:.5},{y:.5}]")).join(",");
            let code = unit.code.as_deref().unwrap();
            format!(r#"{{"type":"Feature","properties":{{"maxa":"{code}"}},"geometry":{{"type":"Polygon","coordinates":[[{corners}]]}}}}"#)
        })
        .collect();
    features.push(r#"{"type":"Feature","properties":{"maxa":"94"},"geometry":{"type":"Polygon","coordinates":[[[106,9.6],[106.1,9.6],[106.1,9.7],[106,9.6]]]}}"#.to_owned());
    let keys = communes.iter().map(|unit| unit.id.to_string()).collect();
    (keys, format!(r#"{{"type":"FeatureCollection","features":[{}]}}"#, features.join(",\n")))
}

#[tokio::test]
async fn boundaries_are_brought_drawn_and_withdrawn() {
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let (admin, officer) = (client(&app, "quantri").await, client(&app, "xa.canbo").await);
        let (keys, file) = strip(&app);

        // A fresh system has a map: a schematic one, and says so.
        let page = admin.get("/map?within=94").await.expect(200);
        assert!(page.words().contains("Sơ đồ, không phải ranh giới"), "{}", page.words());
        assert_eq!(page.body.matches("data-unit=").count(), 109);
        assert_eq!(page.body.matches("class=\"vx-area").count(), 109);

        let fields =
            [("name", "Kế Sách thử"), ("from", "2021-01-01"), ("basis", "vẽ để thử"), ("code_property", "maxa")];
        let send = |client: Client, key| {
            let file = file.clone();
            async move { client.post_keyed("/boundaries", key, &fields, &[("file", "thu.geojson", file.as_bytes())]).await }
        };
        // Who may not bring boundaries is not told of the form either.
        assert!(!officer.get("/boundaries").await.expect(200).body.contains("name=\"basis\""));
        let _ = send(officer, Uuid::now_v7()).await.expect(404);
        let key = Uuid::now_v7();
        let brought = send(client(&app, "quantri").await, key).await.expect(303).address();
        // Sent twice, it is there once.
        assert_eq!(send(client(&app, "quantri").await, key).await.expect(303).address(), brought);

        let page = admin.get(&brought).await.expect(200);
        assert!(page.words().contains("Chỉ nhận địa giới cấp xã"), "{}", page.words());
        let rejected = admin.get(&format!("{brought}/file")).await.expect(200);
        let rejected: serde_json::Value = serde_json::from_str(&rejected.body).unwrap();
        assert_eq!(rejected["features"][0]["properties"]["maxa"], "94");

        // Areas and neighbours are kept, in both directions.
        let id = brought.rsplit('/').next().unwrap().parse().unwrap();
        let mut conn = app.db().read().await.unwrap();
        let middle = vx_foundation::boundaries::neighbours(&mut conn, id, &keys[1]).await.unwrap();
        drop(conn);
        let mut beside: Vec<&str> = middle.iter().map(|(key, _)| key.as_str()).collect();
        beside.sort_unstable();
        assert_eq!(beside, [keys[0].as_str(), keys[2].as_str()]);
        assert!(middle.iter().all(|(_, metres)| (1_100..1_110).contains(metres)), "{middle:?}");

        let page = admin.get("/map?within=94").await.expect(200);
        assert!(
            page.words().contains("Địa giới: Kế Sách thử") && !page.words().contains("Sơ đồ, không"),
            "{}",
            page.words()
        );
        assert_eq!(page.body.matches("class=\"vx-area").count(), 3, "what the file has not is empty");
        let areas = admin.get("/map/areas.geojson?within=94").await.expect(200);
        let areas: serde_json::Value = serde_json::from_str(&areas.body).unwrap();
        assert_eq!(areas["features"].as_array().map(Vec::len), Some(3));
        assert_eq!(areas["features"][0]["properties"]["schematic"], false);

        let _ = admin.post(&format!("{brought}/withdraw"), &[("reason", "chỉ để thử")]).await.expect(303);
        let page = admin.get("/map?within=94").await.expect(200);
        assert!(page.words().contains("Sơ đồ, không phải ranh giới"));
    }
}

#[tokio::test]
async fn a_map_shows_figures_of_ones_reach_only() {
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let (office, district) = (client(&app, "vanphong").await, client(&app, "huyen.canbo").await);
        let figures = |body: &str| {
            let rows = body.split("data-unit=").skip(1);
            rows.filter(|row| !row.contains("data-tone=\"none\"")).count()
        };
        let whole = office.get("/map?within=94&layer=overdue").await.expect(200);
        assert_eq!(figures(&whole.body), 109);
        // The map itself is public; figures of other districts are not.
        let part = district.get("/map?within=94&layer=overdue").await.expect(200);
        let own = app.tree().descendants("943", vx_kernel::units::Kind::Commune, None).count();
        assert_eq!((part.body.matches("data-unit=").count(), figures(&part.body)), (109, own));
        assert!(district.get("/map").await.expect(200).words().contains("huyện Kế Sách"), "one begins at home");

        // Each figure is the count of the rows that it leads to.
        let link = whole.links("/tasks?").into_iter().find(|link| link.contains("unit=")).unwrap();
        let _ = office.get(&link).await.expect(200);
        for page in [
            "/map?within=vn&layer=density",
            "/map?within=94&level=district&layer=reports&on=2021-09-10",
            "/map?within=25-92&on=2025-08-01&layer=density",
        ] {
            let page = office.get(page).await.expect(200);
            assert!(page.body.contains("data-unit="), "{}", page.words());
        }
        // What was decided stands on the map as on the unit's own page; elsewhere what the rules compute, with a mark.
        let levels = office.get("/map?within=94&layer=level").await.expect(200);
        assert!(figures(&levels.body) > 0 && levels.words().contains("Đã quyết định: "), "{}", levels.words());
        let unit = levels.links("/zones/units/").into_iter().next().unwrap();
        let _ = office.get(&unit).await.expect(200);
        let part = district.get("/map?within=94&layer=level").await.expect(200);
        assert!(figures(&part.body) <= own, "{} of {own}", figures(&part.body));
        let page = office.get("/map?within=94&on=2025-08-01").await.expect(200);
        assert!(page.words().contains("Cần Thơ"), "what became of it: {}", page.words());
        let _ = office.get("/map?within=nowhere").await.expect(404);
        let _ = office.get("/map/tile/13/0/0").await.expect(404);
        let _ = office.get("/map/areas.geojson?within=vn").await.expect(422);
        let _ = Client::stranger(&app).get("/map/tile/5/25/15").await.expect(303);
    }
}
