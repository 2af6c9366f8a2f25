//! What becomes of dispatches after they came in: who opened them, what rests on what, corrected, recalled, replaced,
//! typed, imported. Through HTTP, on every engine.

use std::io::{Cursor, Write as _};

use vungxanh::open;
use vx_platform::{
    Clock, jobs,
    store::{Sql, Uuid},
};
use vx_testkit::{Client, Place};

use crate::support::{client, demo_on, version, work_off};

const HEAD: &str =
    "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n";

/// A dispatch of the province to a district and a commune.
fn dispatch(number: &str, day: &str, preamble: &str, clauses: &str) -> String {
    format!(
        "{HEAD}Số: {number}\nV/v rà soát người về từ vùng dịch\n\nSóc Trăng, ngày {day} tháng 9 năm 2021\n\nHỎA TỐC\n\nKính gửi:\n\n\
         - UBND huyện Kế Sách;\n- UBND xã Xuân Hòa, huyện Kế Sách.\n\n{preamble}Chủ tịch UBND tỉnh yêu cầu:\n\n{clauses}\n\n\
         Nơi nhận:\n- Như trên;\n- Lưu: VT, VX.\n\nCHỦ TỊCH\n\nPhạm Hoàng Minh\n"
    )
}

const TWO: &str = "1. UBND xã Xuân Hòa, huyện Kế Sách lập danh sách người về từ vùng dịch theo từng ấp; hoàn thành trước 17h00 ngày 15/9/2021.\n\n\
2. UBND huyện Kế Sách chuẩn bị khu cách ly tập trung, báo cáo UBND tỉnh trước ngày 16/9/2021./.";

async fn take_in(client: &Client, name: &str, text: &str) -> String {
    let file: (&str, &str, &[u8]) = ("file", name, text.as_bytes());
    client.post_keyed("/directives/upload", Uuid::now_v7(), &[], &[file]).await.expect(303).address()
}

async fn issue(client: &Client, directive: &str) {
    let version = version(client, directive).await;
    let _ = client.post(&format!("{directive}/issue"), &[("version", &version)]).await.expect(303);
}

/// The task of a dispatch that this client's own unit leads.
async fn task_of(client: &Client, directive: &str, unit: &str) -> String {
    let id = directive.rsplit('/').next().unwrap();
    let page = client.get(&format!("/tasks?about={id}&state=all&unit={unit}&desk=yes")).await.expect(200);
    let links = page.links("/tasks/").into_iter().filter(|link| link.len() == "/tasks/".len() + 36);
    let links: Vec<String> = links.collect();
    assert_eq!(links.len(), 1, "{}", page.words());
    links[0].clone()
}

#[tokio::test]
async fn who_has_opened_it_stands_on_the_board() {
    for place in Place::all().await {
        let app = demo_on(&place).await.0;
        let (office, commune, chair) =
            (client(&app, "vanphong").await, client(&app, "xa.canbo").await, client(&app, "chutich").await);
        let directive = take_in(&office, "9100.txt", &dispatch("9100/UBND-VX", "13", "", TWO)).await;
        issue(&office, &directive).await;
        let board = format!("{directive}/receipts");
        let words = chair.get(&board).await.expect(200).words();
        assert!(words.contains("2 đơn vị chưa mở / 2"), "{words}");
        assert!(chair.get(&directive).await.expect(200).words().contains("2/2 đơn vị chưa mở"));
        assert!(chair.get("/directives").await.expect(200).words().contains("2/2 chưa mở"));
        // The commune opens one of its tasks; looking again, or from above, changes nothing.
        let task = task_of(&commune, &directive, "94/943/31534/").await;
        for _ in 0..2 {
            let _ = commune.get(&task).await.expect(200);
            let _ = client(&app, "theodoi").await.get(&directive).await.expect(200);
        }
        let words = chair.get(&board).await.expect(200).words();
        assert!(words.contains("1 đơn vị chưa mở / 2") && words.contains("Sơn Thị Mỹ"), "{words}");
        let words = chair.get(&format!("{board}?show=unopened")).await.expect(200).words();
        assert!(words.contains("UBND huyện Kế Sách") && !words.contains("xã Xuân Hòa, huyện"), "{words}");
        let _ = commune.post(&format!("{task}/acknowledge"), &[]).await.expect(303);
        let page = chair.get(&board).await.expect(200);
        assert!(page.words().contains("1 nhiệm vụ chưa tiếp nhận / 2"), "{}", page.words());
        // The figures lead to the lists that they count.
        for link in page.links("/tasks?").into_iter().filter(|link| link.contains("state=assigned")) {
            assert!(chair.get(&link).await.expect(200).body.contains("/tasks/"), "{link}");
        }
        let csv = chair.get(&format!("{directive}/receipts.csv")).await.expect(200).body;
        assert!(csv.contains("Chưa mở"), "{csv}");
        // One press urges a picked unit on, for every task of this dispatch that it has not acknowledged.
        let press = page.links("/tasks?").into_iter().find(|link| link.contains("state=assigned")).unwrap();
        assert!(page.body.contains("name=\"unit\" value=\"94/943/\"") && page.body.contains("Đôn đốc các đơn vị"));
        let urge = [("do", "urge"), ("unit", "94/943/"), ("reason", "Mở văn bản ngay trong đêm")];
        let _ = chair.post(&press, &urge[..2]).await.expect(422);
        let words = chair.post(&press, &urge).await.expect(200).words();
        assert!(words.contains("Đã đôn đốc 1 nhiệm vụ"), "{words}");
        let district = client(&app, "huyen.canbo").await;
        let whole = task_of(&district, &directive, "94/943/").await;
        assert!(district.get(&whole).await.expect(200).words().contains("Mở văn bản ngay trong đêm"));
        assert!(!commune.get(&board).await.expect(200).body.contains("Đôn đốc các đơn vị"));
        let words = chair.get(&board).await.expect(200).words();
        assert!(words.contains("0 đơn vị chưa mở / 2"), "the district has looked now: {words}");
        let csv = chair.get(&format!("{directive}/receipts.csv")).await.expect(200).body;
        assert!(csv.contains("Sơn Thị Mỹ"), "{csv}");
        // A commune sees its own row, a stranger nothing.
        assert!(commune.get(&board).await.expect(200).words().contains("0 đơn vị chưa mở / 1"));
        let _ = client(&app, "benhvien").await.get(&board).await.expect(404);
        app.db().close().await;
    }
}

#[tokio::test]
async fn correction_reaches_open_tasks_and_recall_ends_them() {
    for place in Place::all().await {
        let app = demo_on(&place).await.0;
        let (office, commune) = (client(&app, "vanphong").await, client(&app, "xa.canbo").await);
        let directive = take_in(&office, "9101.txt", &dispatch("9101/UBND-VX", "13", "", TWO)).await;
        let _ = office.get(&format!("{directive}/correct")).await.expect(422);
        issue(&office, &directive).await;
        let task = task_of(&commune, &directive, "94/943/31534/").await;
        // Corrected by a named document: the deadline of the first order.
        let form = format!("{directive}/correct");
        let page = office.get(&form).await.expect(200);
        let mut fields: Vec<(String, String)> = vec![
            ("version".into(), page.hidden("version").unwrap().into()),
            ("document".into(), "9110/UBND-VX".into()),
        ];
        for (name, value) in [
            ("number", "9101/UBND-VX"),
            ("issued_on", "2021-09-13"),
            ("urgency", "hoa_toc"),
            ("subject", "rà soát người về từ vùng dịch"),
            ("title-0", "lập danh sách theo từng ấp, khóm"),
            ("due-0", "2021-09-18T17:00"),
            ("due-1", "2021-09-16T23:59"),
        ] {
            fields.push((name.into(), value.into()));
        }
        let send = |reason: &'static str| {
            let mut fields = fields.clone();
            fields.push(("reason".into(), reason.into()));
            fields
        };
        let refs = |fields: &[(String, String)]| -> Vec<(String, String)> { fields.to_vec() };
        let silent = refs(&send(" "));
        let silent: Vec<(&str, &str)> = silent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let _ = office.post(&form, &silent).await.expect(422);
        let said = send("Ghi nhầm thời hạn");
        let said: Vec<(&str, &str)> = said.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let _ = office.post(&form, &said).await.expect(303);
        let words = commune.get(&task).await.expect(200).words();
        for expected in
            ["lập danh sách theo từng ấp, khóm", "18/9", "Đính chính văn bản", "9110/UBND-VX: Ghi nhầm thời hạn"]
        {
            assert!(words.contains(expected), "{expected} is not in: {words}");
        }
        let words = office.get(&directive).await.expect(200).words();
        assert!(words.contains("Đã đính chính") && words.contains("1 nhiệm vụ nhận nội dung mới"), "{words}");
        // The same version twice is a conflict, and the commune may do none of this.
        let _ = office.post(&form, &said).await.expect(409);
        let recall = format!("{directive}/recall");
        let _ = commune.get(&recall).await.expect(404);
        // The district has handed a part down; the recall ends that as well.
        let district = client(&app, "huyen.chutich").await;
        let whole = task_of(&district, &directive, "94/943/").await;
        let _ = district.post(&format!("{whole}/split"), &[("to", "94/943/31537/")]).await.expect(303);
        let page = office.get(&recall).await.expect(200);
        assert!(page.words().contains("3 nhiệm vụ chưa kết thúc"), "{}", page.words());
        let version = page.hidden("version").unwrap().to_owned();
        // A task called off by mistake just before: the recall leaves it as it is.
        let _ = office.post(&format!("{task}/cancel"), &[("reason", "bấm nhầm")]).await.expect(303);
        let fields = [("version", version.as_str()), ("reason", "Ban hành nhầm"), ("document", "")];
        let _ = office.post(&recall, &fields).await.expect(303);
        // Taken back now, it is open for a moment under a dispatch that no longer holds.
        let _ = office.post(&format!("{task}/undo"), &[]).await.expect(303);
        work_off(&app).await;
        let words = commune.get(&task).await.expect(200).words();
        assert!(words.contains("Đã hủy") && words.contains("văn bản không còn hiệu lực"), "{words}");
        let words = district.get(&whole).await.expect(200).words();
        assert!(words.contains("Đã hủy") && words.contains("Ban hành nhầm"), "{words}");
        let words = office.get(&directive).await.expect(200).words();
        assert!(words.contains("Đã thu hồi") && words.contains("2 nhiệm vụ bị hủy"), "{words}");
        let _ = office.post(&recall, &fields).await.expect(422);
        let id = directive.rsplit('/').next().unwrap();
        assert!(!office.get(&format!("/tasks?about={id}")).await.expect(200).body.contains("vx-row-title"));
        app.db().close().await;
    }
}

#[tokio::test]
async fn another_dispatch_takes_the_place_and_the_graph_shows_it() {
    for place in Place::all().await {
        let app = demo_on(&place).await.0;
        let (office, commune) = (client(&app, "vanphong").await, client(&app, "xa.canbo").await);
        let old = take_in(&office, "9102.txt", &dispatch("9102/UBND-VX", "12", "", TWO)).await;
        issue(&office, &old).await;
        let task = task_of(&commune, &old, "94/943/31534/").await;
        let _ = commune.post(&format!("{task}/acknowledge"), &[]).await.expect(303);
        let one = "1. UBND xã Xuân Hòa, huyện Kế Sách lập danh sách người về từ vùng dịch theo từng ấp; hoàn thành trước 17h00 ngày 19/9/2021./.";
        let says = "Căn cứ Quyết định số 2093/QĐ-UBND ngày 15/8/2021 của Chủ tịch UBND tỉnh; thay thế Công văn số 9102/UBND-VX ngày 12/9/2021; ";
        let new = take_in(&office, "9103.txt", &dispatch("9103/UBND-VX", "13", says, one)).await;
        // The review proposes it, and the graph shows it before anything is done.
        let page = office.get(&new).await.expect(200);
        assert!(page.words().contains("văn bản này thay thế văn bản"), "{}", page.words());
        let replace = format!("{old}/replace");
        let by = new.rsplit('/').next().unwrap().to_owned();
        let version = version(&office, &format!("{replace}?by={by}")).await;
        let early = [("version", version.as_str()), ("by", by.as_str()), ("reason", "Thay thế")];
        let page = office.post(&replace, &early).await.expect(422);
        assert!(page.words().contains("Chưa giao việc theo văn bản thay thế"), "{}", page.words());
        issue(&office, &new).await;
        assert!(office.get(&new).await.expect(200).body.contains(&format!("{old}/replace?by={by}")));
        let page = office.get(&format!("{replace}?by={by}")).await.expect(200);
        assert!(page.words().contains("1 nhiệm vụ tiếp tục theo văn bản mới"), "{}", page.words());
        let carry = task.rsplit('/').next().unwrap();
        let fields = [("version", version.as_str()), ("by", &by), ("reason", "Thay thế"), ("carry", carry)];
        let page = office.post(&format!("{replace}/preview"), &fields).await.expect(200);
        assert!(
            page.words().contains("1 nhiệm vụ tiếp tục") && page.words().contains("1 nhiệm vụ bị hủy"),
            "{}",
            page.words()
        );
        assert!(office.get(&old).await.expect(200).words().contains("Đã giao việc"), "a preview changes nothing");
        let _ = office.post(&replace, &fields).await.expect(303);
        // The commune goes on with what it had acknowledged, under the new number and deadline, and has it once.
        let words = commune.get(&task).await.expect(200).words();
        assert!(words.contains("9103/UBND-VX") && words.contains("19/9"), "{words}");
        let page = commune.get(&format!("/tasks?about={by}")).await.expect(200);
        assert_eq!(page.links("/tasks/").iter().filter(|link| link.len() == task.len()).count(), 1);
        let words = office.get(&old).await.expect(200).words();
        assert!(words.contains("Đã được thay thế") && words.contains("9103/UBND-VX"), "{words}");
        assert!(office.get(&new).await.expect(200).words().contains("Văn bản này thay thế: 9102/UBND-VX"));
        let graph = office.get(&format!("{new}/graph")).await.expect(200);
        for expected in ["thay thế", "viện dẫn", "9102/UBND-VX", "2093/QĐ-UBND", "chưa có trong hệ thống"]
        {
            assert!(graph.words().contains(expected), "{expected} is not in: {}", graph.words());
        }
        assert_eq!(graph.links(&format!("{old}/graph")).len(), 1);
        // Dispatches from before there was an index are found once the job has run, and it has nothing to do again.
        let emptied = app.db().write(|tx| {
            Box::pin(async move {
                let tenant = tx.tenant();
                tx.change(Sql::new("delete from directive_link where tenant = ").bind(tenant)).await
            })
        });
        assert!(emptied.await.unwrap() > 0);
        assert!(!office.get(&format!("{new}/graph")).await.expect(200).words().contains("9102/UBND-VX"));
        for _ in 0..2 {
            vx_directives::links::backfill(&app).await.unwrap();
        }
        let again = office.get(&format!("{new}/graph")).await.expect(200);
        assert_eq!(again.words(), graph.words());
        // The commune has no part in the old one any more, but led a task of it: it still sees both.
        let _ = client(&app, "benhvien").await.get(&format!("{new}/graph")).await.expect(404);
        app.db().close().await;
    }
}

#[tokio::test]
async fn a_scan_is_typed_and_goes_on_as_if_it_had_been_read() {
    let place = Place::sqlite();
    let app = demo_on(&place).await.0;
    let (office, chair) = (client(&app, "vanphong").await, client(&app, "chutich").await);
    let scan = include_bytes!("../../../fixtures/files/khong_co_lop_chu.pdf");
    let file: (&str, &str, &[u8]) = ("file", "quet.pdf", scan);
    let page = office.post_keyed("/directives/upload", Uuid::now_v7(), &[], &[file]).await.expect(303);
    let directive = page.address();
    let version = version(&office, &directive).await;
    let words = client(&app, "theodoi").await.get(&directive).await.expect(200).words();
    assert!(words.contains("bản quét") && !words.contains("Gõ hoặc dán nội dung văn bản"), "{words}");
    let transcribe = format!("{directive}/transcribe");
    let poem = "Chiều buông trên bến vắng\nCon nước ròng về xuôi";
    let page = office.post(&transcribe, &[("version", &version), ("text", poem)]).await.expect(422);
    assert!(page.body.contains("Con nước ròng") && page.words().contains("Không nhận ra"), "what was typed stays");
    let text = dispatch("9105/UBND-VX", "13", "", TWO).replace('\n', "\r\n");
    let _ = office.post(&transcribe, &[("version", &version), ("text", &text)]).await.expect(303);
    let page = chair.get(&directive).await.expect(200);
    assert!(page.words().contains("9105/UBND-VX") && page.words().contains("Gõ nội dung văn bản"), "{}", page.words());
    assert!(office.get(&format!("{directive}/file")).await.expect(200).body.starts_with("%PDF-"));
    issue(&office, &directive).await;
    let _ = office.post(&transcribe, &[("version", &version), ("text", &text)]).await.expect(422);
}

fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_folder_is_taken_in_and_every_file_has_its_result() {
    for place in Place::all().await {
        let app = demo_on(&place).await.0;
        let office = client(&app, "vanphong").await;
        let texts: Vec<String> = (0..23).map(|n| dispatch(&format!("{}/UBND-VX", 9200 + n), "13", "", TWO)).collect();
        let names: Vec<String> = (0..23).map(|n| format!("{}.txt", 9200 + n)).collect();
        let mut files: Vec<(&str, &str, &[u8])> =
            names.iter().zip(&texts).map(|(name, text)| ("file", name.as_str(), text.as_bytes())).collect();
        let twin = texts[1].replace("Phạm Hoàng Minh", "Lê Thu Hà");
        let inside =
            archive(&[("2021/9300.txt", dispatch("9300/UBND-VX", "13", "", TWO).as_bytes()), ("2021/.DS_Store", b"x")]);
        let bomb = archive(&[("bom.txt", &vec![b'0'; 4 << 20])]);
        let word = include_bytes!("../../../fixtures/files/cong_van.docx");
        files.push(("file", "cong_van.docx", word));
        files.push(("file", "lai.txt", texts[0].as_bytes()));
        files.push(("file", "trung-so.txt", twin.as_bytes()));
        files.push(("file", "tho.txt", "Chiều buông trên bến vắng\n".as_bytes()));
        files.push(("file", "rong.txt", b""));
        files.push(("file", "nen.zip", &inside));
        files.push(("file", "bom.zip", &bomb));
        let page = office.post_keyed("/directives/import", Uuid::now_v7(), &[], &files).await.expect(303);
        let import = page.address();
        let words = office.get(&import).await.expect(200).words();
        assert!(words.contains("Đã đọc 2 trong 30 tệp"), "the bad ones are known at once: {words}");
        // One step of the job, then the program is stopped and started again.
        let _ = jobs::run_due(&app).await.unwrap();
        let words = office.get(&import).await.expect(200).words();
        assert!(words.contains("Đã đọc 12 trong 30 tệp"), "{words}");
        app.db().close().await;
        let clock = Clock::standing_at("2021-09-13T01:00:00Z".parse().unwrap());
        let app = open(place.folder.path(), &place.options, clock.clone(), None, false).await.unwrap();
        let office = client(&app, "vanphong").await;
        work_off(&app).await;
        let words = office.get(&import).await.expect(200).words();
        for expected in
            ["Đã đọc 30 trong 30", "Đã tiếp nhận: 25", "Trùng: 2", "Không đọc được: 1", "Lỗi: 2", "giải nén quá lớn"]
        {
            assert!(words.contains(expected), "{expected} is not in: {words}");
        }
        let page = office.get(&format!("{import}?outcome=duplicate")).await.expect(200);
        assert!(
            page.words().contains("lai.txt")
                && page.words().contains("trung-so.txt")
                && !page.words().contains("9205.txt")
        );
        assert!(page.links("/directives/").len() > 2, "{}", page.words());
        let csv = office.get(&format!("{import}/files.csv")).await.expect(200).body;
        assert_eq!(csv.lines().count(), 31, "{csv}");
        // None was received twice, and sending the same folder again receives nothing.
        let page = office.get("/directives?q=9200").await.expect(200);
        assert!(page.words().contains("Văn bản 1 "), "{}", page.words());
        clock.set("2021-09-13T02:00:00Z".parse().unwrap());
        let again = office.post_keyed("/directives/import", Uuid::now_v7(), &[], &files[..5]).await.expect(303);
        work_off(&app).await;
        let words = office.get(&again.address()).await.expect(200).words();
        assert!(words.contains("Trùng: 5"), "{words}");
        assert!(office.get("/directives?q=9200").await.expect(200).words().contains("Văn bản 1 "));
        let _ = office.post(&format!("{import}/retry"), &[]).await.expect(422);
        let _ = client(&app, "xa.canbo").await.get(&import).await.expect(404);
        app.db().close().await;
    }
}

#[tokio::test]
async fn the_command_line_takes_a_folder_in() {
    let place = Place::sqlite();
    let (app, clock) = demo_on(&place).await;
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("thang-9")).unwrap();
    std::fs::write(folder.path().join("thang-9/9400.txt"), dispatch("9400/UBND-VX", "13", "", TWO)).unwrap();
    std::fs::write(folder.path().join("tho.txt"), "Chiều buông trên bến vắng\n").unwrap();
    let mut out = Vec::new();
    assert!(vungxanh::import::run(&app, folder.path(), Some("vanphong"), &mut out).await.unwrap());
    let said = String::from_utf8(out).unwrap();
    assert!(said.contains("thang-9/9400.txt") && said.contains("Đã tiếp nhận / Taken in: 1"), "{said}");
    std::fs::write(folder.path().join("rong.txt"), "").unwrap();
    clock.set("2021-09-13T02:00:00Z".parse().unwrap());
    let mut out = Vec::new();
    assert!(!vungxanh::import::run(&app, folder.path(), None, &mut out).await.unwrap(), "an empty file failed");
    let said = String::from_utf8(out).unwrap();
    assert!(said.contains("Trùng / Duplicate: 2"), "{said}");
    assert!(vungxanh::import::run(&app, folder.path(), Some("khong-co"), &mut Vec::new()).await.is_err());
    let words = client(&app, "vanphong").await.get("/directives?q=9400").await.expect(200).words();
    assert!(words.contains("9400/UBND-VX"), "{words}");
}
