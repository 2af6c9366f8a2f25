//! One dispatch from the drop zone to the confirmed result, through HTTP, on every engine.

use jiff::Timestamp;
use vx_platform::store::Uuid;
use vx_testkit::{Client, Page, Place, real_dispatches};

use crate::support::{client, demo_on, work_off};

const DISPATCH: &str = "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n\
Số: 9100/UBND-VX\nV/v rà soát người về từ vùng dịch\n\nSóc Trăng, ngày 13 tháng 9 năm 2021\n\nHỎA TỐC\n\nKính gửi:\n\n\
- UBND huyện Kế Sách;\n- UBND xã Xuân Hòa, huyện Kế Sách.\n\nChủ tịch UBND tỉnh yêu cầu:\n\n\
1. UBND xã Xuân Hòa, huyện Kế Sách lập danh sách người về từ vùng dịch theo từng ấp; hoàn thành trước 17h00 ngày 15/9/2021.\n\n\
2. UBND huyện Kế Sách chuẩn bị khu cách ly tập trung, báo cáo UBND tỉnh trước ngày 16/9/2021./.\n\n\
Nơi nhận:\n- Như trên;\n- Lưu: VT, VX.\n\nCHỦ TỊCH\n\nPhạm Hoàng Minh\n";

async fn upload(client: &Client, name: &str, content: &[u8]) -> Page {
    client.post_keyed("/directives/upload", Uuid::now_v7(), &[], &[("file", name, content)]).await
}

/// The task of a dispatch that this client leads, by its link on the list of the dispatch's tasks.
async fn task_of(client: &Client, directive: &str) -> String {
    let id = directive.rsplit('/').next().unwrap();
    let page = client.get(&format!("/tasks?about={id}&state=all")).await.expect(200);
    let links: Vec<String> =
        page.links("/tasks/").into_iter().filter(|link| link.len() == "/tasks/".len() + 36).collect();
    assert_eq!(links.len(), 1, "{}", page.words());
    links[0].clone()
}

#[tokio::test]
async fn a_dispatch_becomes_work_and_the_work_is_confirmed() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        let office = client(&app, "vanphong").await;
        let commune = client(&app, "xa.canbo").await;

        let page = upload(&office, "9100.txt", DISPATCH.as_bytes()).await.expect(303);
        let directive = page.address();
        let page = office.get(&directive).await.expect(200);
        assert!(page.words().contains("9100/UBND-VX"), "{}", page.words());
        let version = page.hidden("version").unwrap().to_owned();

        // Before it is issued the commune knows nothing of it.
        let _ = commune.get(&directive).await.expect(404);
        let key = Uuid::now_v7();
        let issue = format!("{directive}/issue");
        let page = office.post_keyed(&issue, key, &[("version", &version)], &[]).await.expect(303);
        assert_eq!(page.location.as_deref(), Some(format!("{directive}?n=2&said=directives-said-issued").as_str()));
        // The same form sent again does nothing again.
        let _ = office.post_keyed(&issue, key, &[("version", &version)], &[]).await.expect(303);
        let _ = office.post(&issue, &[("version", &version)]).await.expect(422);

        let _ = commune.get(&directive).await.expect(200);
        let task = task_of(&commune, &directive).await;
        assert!(commune.get("/inbox").await.expect(200).body.contains(&task));
        let overview = office.get("/").await.expect(200).words();
        assert!(overview.contains("hỏa tốc chưa tiếp nhận"), "{overview}");

        // Progress before acknowledging is refused with the way out; then everything in its order.
        let unit = ("unit", "94/943/31534/");
        let note = format!("{task}/note");
        let page = commune.post(&note, &[unit, ("reason", "Đang lập danh sách")]).await.expect(422);
        assert!(page.words().contains("chưa được tiếp nhận"), "{}", page.words());
        let _ = commune.post(&format!("{task}/acknowledge"), &[]).await.expect(303);
        let _ = commune.post(&note, &[unit, ("reason", "Đang lập danh sách")]).await.expect(303);
        let file: (&str, &str, &[u8]) = ("file", "danh-sach.pdf", b"%PDF-1.4 synthetic");
        let attach = format!("{task}/attach");
        let _ = commune.post_keyed(&attach, Uuid::now_v7(), &[unit], &[file]).await.expect(303);
        let lie: (&str, &str, &[u8]) = ("file", "danh-sach.pdf", b"MZ\x90\x00");
        let page = commune.post_keyed(&attach, Uuid::now_v7(), &[unit], &[lie]).await.expect(422);
        assert!(page.words().contains("danh-sach.pdf"), "{}", page.words());
        let _ = commune.post(&format!("{task}/report"), &[("reason", "")]).await.expect(422);
        let _ = commune.post(&format!("{task}/report"), &[("reason", "Đã lập danh sách 5 ấp")]).await.expect(303);

        // Those who may see it but not do it are told so; those who may not see it are told nothing.
        let chair = client(&app, "chutich").await;
        let _ = chair.post(&format!("{task}/acknowledge"), &[]).await.expect(403);
        let elsewhere = client(&app, "syt.canbo").await;
        let _ = elsewhere.get(&task).await.expect(404);
        let _ = elsewhere.post(&format!("{task}/acknowledge"), &[]).await.expect(404);
        let observer = client(&app, "theodoi").await;
        let _ = observer.get(&task).await.expect(200);
        let _ = observer.post(&format!("{task}/confirm"), &[]).await.expect(404);

        let page = office.get(&task).await.expect(200);
        let files = page.links(&format!("{task}/files/"));
        assert_eq!(files.len(), 1, "{}", page.words());
        assert_eq!(office.get(&files[0]).await.expect(200).body, "%PDF-1.4 synthetic");
        let _ = elsewhere.get(&files[0]).await.expect(404);
        let _ = office.post(&format!("{task}/return"), &[("reason", "Thiếu ấp Hòa Lộc")]).await.expect(303);
        let _ = commune.post(&format!("{task}/report"), &[("reason", "Đã bổ sung")]).await.expect(303);
        let _ = office.post(&format!("{task}/confirm"), &[]).await.expect(303);
        let words = office.get(&task).await.expect(200).words();
        for said in ["Hoàn thành", "Thiếu ấp Hòa Lộc", "Đã bổ sung", "Sơn Thị Mỹ", "Trần Ngọc Lan"]
        {
            assert!(words.contains(said), "{said} is not in: {words}");
        }

        // The district hands its part down; when all is closed the dispatch is carried out.
        let district = client(&app, "huyen.chutich").await;
        let id = directive.rsplit('/').next().unwrap();
        let page = district.get(&format!("/tasks?about={id}&unit=94/943/")).await.expect(200);
        let whole = page.links("/tasks/").into_iter().find(|link| link.len() == task.len() && *link != task).unwrap();
        let split = [("to", "94/943/31534/"), ("to", "94/943/31537/")];
        let _ = district.post(&format!("{whole}/split"), &split).await.expect(303);
        let _ = district.post(&format!("{whole}/split"), &split).await.expect(422);
        let _ = district.post(&format!("{whole}/split"), &[("to", "94/942/31570/")]).await.expect(422);
        let _ = office.post(&format!("{whole}/cancel"), &[("reason", "Đã có chỉ đạo khác")]).await.expect(303);
        work_off(&app).await;
        assert!(office.get(&directive).await.expect(200).words().contains("Đã hoàn thành"));
        clock.set(Timestamp::MAX.min("2021-09-14T00:00:00Z".parse().unwrap()));
        app.db().close().await;
    }
}

#[tokio::test]
async fn the_five_dispatches_reach_the_desks_down_to_communes() {
    let Some(files) = real_dispatches(env!("CARGO_MANIFEST_DIR")) else { return };
    for place in Place::all().await {
        let (app, _) = demo_on(&place).await;
        let office = client(&app, "vanphong").await;
        for (name, content) in &files {
            let page = upload(&office, name, content).await.expect(303);
            let directive = page.address();
            let mut page = office.get(&directive).await.expect(200);
            // What is not understood is asked for: here nobody is chosen, as an officer in a hurry would.
            for _ in 0..60 {
                let version = page.hidden("version").unwrap_or_default().to_owned();
                let open = page.links("#mention-").first().map(|link| link.replace("#mention-", ""));
                let finding = page.body.split("vx-finding vx-finding-required").nth(1).and_then(|rest| {
                    let action = rest.split("action=\"").nth(1)?.split('"').next()?;
                    action.contains("/settle/").then(|| action.to_owned())
                });
                match (open, finding) {
                    (Some(mention), _) => {
                        let path = format!("{directive}/mention/{mention}");
                        let _ = office.post(&path, &[("version", &version), ("nobody", "1")]).await.expect(303);
                    }
                    (None, Some(action)) => drop(office.post(&action, &[("version", &version)]).await.expect(303)),
                    (None, None) => break,
                }
                page = office.get(&directive).await.expect(200);
            }
            let version = page.hidden("version").unwrap().to_owned();
            let page = office.post(&format!("{directive}/issue"), &[("version", &version)]).await;
            assert_eq!(page.status.as_u16(), 303, "{name}: {}", page.words());
        }
        // A commune of Sóc Trăng has work from both dispatches of its province.
        let commune = client(&app, "xa.canbo").await;
        let words = commune.get("/tasks").await.expect(200).words();
        assert!(words.contains("1844/UBND-VX"), "{words}");
        app.db().close().await;
    }
}

#[tokio::test]
async fn bad_files_are_kept_and_explained() {
    let (place, poem) = (
        Place::sqlite(),
        "Chiều buông trên bến vắng\nCon nước ròng về xuôi\nGió đưa mùi lúa mới\nNghe như tiếng ai cười\n",
    );
    let (app, _) = demo_on(&place).await;
    let office = client(&app, "vanphong").await;
    let long = vec![b'a'; 50 * 1024 * 1024];
    for (name, content, expected) in [
        ("tho.txt", poem.as_bytes(), "Không nhận ra văn bản hành chính"),
        ("anh.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0".as_slice(), "Tệp không phải văn bản"),
        ("dai.txt", long.as_slice(), "quá 8 MB"),
    ] {
        let page = upload(&office, name, content).await.expect(303);
        let directive = page.address();
        let page = office.get(&directive).await.expect(200);
        assert!(page.words().contains(expected), "{name}: {}", page.words());
        let kept = office.get(&format!("{directive}/file")).await.expect(200);
        assert_eq!(kept.body.len(), String::from_utf8_lossy(content).len(), "{name} is kept");
    }
    let page = upload(&office, "rong.txt", b"").await.expect(200);
    assert!(page.words().contains("rỗng"), "{}", page.words());

    // A date that does not exist stops the dispatch until somebody says what it is.
    let wrong = DISPATCH.replace("ngày 13 tháng 9 năm 2021", "ngày 31 tháng 02 năm 2021");
    let directive = upload(&office, "31-2.txt", wrong.as_bytes()).await.expect(303).address();
    let page = office.get(&directive).await.expect(200);
    let version = page.hidden("version").unwrap().to_owned();
    let _ = office.post(&format!("{directive}/issue"), &[("version", &version)]).await.expect(422);
    // So does a deadline before the day of issue.
    let early = DISPATCH.replace("15/9/2021", "15/8/2021");
    let directive = upload(&office, "som.txt", early.as_bytes()).await.expect(303).address();
    let page = office.get(&directive).await.expect(200);
    assert!(page.words().contains("Thời hạn trước ngày ban hành"), "{}", page.words());
    let version = page.hidden("version").unwrap().to_owned();
    let page = office.post(&format!("{directive}/issue"), &[("version", &version)]).await.expect(422);
    assert!(page.words().contains("Chưa có nhiệm vụ nào được giao"), "{}", page.words());
    // And a unit that did not exist on that day.
    let late = DISPATCH.replace("năm 2021", "năm 2025").replace("/9/2021", "/9/2025");
    let directive = upload(&office, "2025.txt", late.as_bytes()).await.expect(303).address();
    let page = office.get(&directive).await.expect(200);
    assert!(page.words().contains("không tồn tại vào ngày ban hành"), "{}", page.words());
    // The same dispatch again is warned of.
    let first = upload(&office, "a.txt", DISPATCH.as_bytes()).await.expect(303);
    let again = upload(&office, "b.txt", DISPATCH.as_bytes()).await.expect(303);
    assert_ne!(first.address(), again.address());
    let page = office.get(&again.address()).await.expect(200);
    assert!(page.words().contains("cùng cơ quan ban hành, số và năm"), "{}", page.words());
}

#[tokio::test]
async fn no_action_goes_through_without_the_session_and_its_token() {
    let place = Place::sqlite();
    let (app, _) = demo_on(&place).await;
    let (stranger, office) = (Client::stranger(&app), client(&app, "vanphong").await);
    let id = Uuid::now_v7().to_string();
    for route in vungxanh::modules().iter().flat_map(|module| (module.routes)()) {
        let path = route
            .path
            .replace("{id}", &id)
            .replace("{n}", "0")
            .replace("{file}", &id)
            .replace("{grant}", &id)
            .replace("{key}", "94");
        if matches!(route.access, vx_platform::web::Access::Token(_)) {
            // A session counts for nothing before the JSON interface.
            let answer = match route.method.as_str() {
                "GET" => office.get(&path).await,
                _ => office.post(&path, &[]).await,
            };
            let _ = answer.expect(401);
            continue;
        }
        use vx_platform::web::Access::{Guarded, Open, Public};
        let open = matches!(route.access, Open | Public | Guarded);
        if route.method == "GET" {
            if path == "/notices/stream" {
                let _ = stranger.get(&path).await.expect(204);
            } else if !open {
                let page = stranger.get(&path).await.expect(303);
                assert!(page.location.unwrap_or_default().starts_with("/login?next="), "{path}");
            }
            continue;
        }
        if !open {
            let _ = stranger.post(&path, &[]).await.expect(401);
        }
        if office.get("/").await.status == 200 && path != "/login" {
            let page = office.post_bare(&path, &[("_key", &id)], &[]).await;
            assert!(matches!(page.status.as_u16(), 403 | 404), "{path} answered {} without a token", page.status);
        }
    }
}
