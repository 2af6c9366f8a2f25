//! Documents that units issue: written from a template, reviewed, signed, numbered, sent, received, checked, replaced.
//! Through HTTP, on every engine.

use std::collections::BTreeSet;

use vungxanh::{demo, open};
use vx_concepts::{
    engine::execute,
    paper::{Paper, PaperState, Write},
};
use vx_dispatch::{Authority, Draft, DraftClause, Kind, SigningFor};
use vx_kernel::{Id, Path, ids, time};
use vx_papers::{Number, Sign, Submit};
use vx_platform::{
    Clock,
    auth::{Actor, Held, Role},
    store::{Db, Sql, Uuid},
    web::App,
};
use vx_testkit::{Client, Place};

use crate::support::{client, version, work_off};

/// The province with its people and heads, and nothing else, on the morning of 13 September 2021.
async fn province_on(place: &Place) -> App {
    let clock = Clock::standing_at("2021-08-29T01:00:00Z".parse().unwrap());
    let app = open(place.folder.path(), &place.options, clock.clone(), None, false).await.unwrap();
    demo::people(&app).await.unwrap();
    clock.set("2021-09-13T00:30:00Z".parse().unwrap());
    app
}

async fn paper(app: &App, address: &str) -> Paper {
    let id: Id<ids::Paper> = address.rsplit('/').next().unwrap().parse().unwrap();
    app.db().read().await.unwrap().load(id).await.unwrap()
}

/// What the form of the letter sends; the blanks of the template are filled beside it.
const HEAD: [(&str, &str); 10] = [
    ("kind", "cong_van"),
    ("kind_was", "cong_van"),
    ("issuer", "Ủy ban nhân dân tỉnh Sóc Trăng"),
    ("place", "Sóc Trăng"),
    ("subject", "tăng cường các biện pháp phòng, chống dịch {{tên dịch bệnh}}"),
    ("addressees", "UBND huyện Kế Sách\nUBND xã Xuân Hòa, huyện Kế Sách"),
    ("preamble", "Chủ tịch Ủy ban nhân dân tỉnh yêu cầu:"),
    ("recipients", "Như trên\nSở Y tế\nLưu: VT"),
    ("title", "Chủ tịch"),
    ("symbol", "UBND-VX"),
];

const CLAUSES: [(&str, &str); 12] = [
    ("n_clauses", "2"),
    ("clause-0-level", "1"),
    ("clause-0-text", "lập danh sách người về từ vùng dịch theo từng ấp"),
    ("clause-0-lead", "UBND xã Xuân Hòa, huyện Kế Sách"),
    ("clause-0-due", "on"),
    ("clause-0-day", "2021-09-15"),
    ("clause-0-time", "17:00"),
    ("clause-1-level", "1"),
    ("clause-1-text", "chuẩn bị khu cách ly tập trung"),
    ("clause-1-lead", "UBND huyện Kế Sách"),
    ("clause-1-cooperating", "Sở Y tế"),
    ("authority", ""),
];

fn letter(more: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    // What is given more closely takes the place of the usual.
    let is_given = |name: &str| more.iter().any(|(given, _)| *given == name);
    let usual = HEAD.iter().chain(&CLAUSES).copied().filter(|(name, _)| !is_given(name));
    usual.chain(more.iter().copied()).collect()
}

/// Writes, submits and signs; the address of the document.
async fn signed(office: &Client, chair: &Client, more: &[(&'static str, &'static str)]) -> String {
    let fields = letter(&[more, &[("subject", "rà soát người về từ vùng dịch"), ("do", "save")]].concat());
    let address = office.post("/papers/new", &fields).await.expect(303).address();
    let seen = version(office, &format!("{address}/preview")).await;
    let _ = office.post(&format!("{address}/submit"), &[("version", &seen)]).await.expect(303);
    let seen = version(chair, &address).await;
    let _ = chair.post(&format!("{address}/sign"), &[("version", &seen)]).await.expect(303);
    address
}

#[tokio::test]
async fn a_letter_goes_from_the_template_to_the_desks_of_the_units() {
    for place in Place::all().await {
        let app = province_on(&place).await;
        let (office, chair) = (client(&app, "vanphong").await, client(&app, "chutich").await);
        let (commune, district) = (client(&app, "xa.canbo").await, client(&app, "huyen.canbo").await);
        assert!(office.get("/papers/new").await.expect(200).words().contains("Báo cáo kết quả phòng, chống dịch"));
        let page = office.get("/papers/new?template=cong-van&unit=94/").await.expect(200);
        assert!(
            page.body.contains("Ủy ban nhân dân tỉnh Sóc Trăng") && page.body.contains("UBND-VX"),
            "{}",
            page.words()
        );
        assert!(page.body.contains("{{tên dịch bệnh}}") && page.words().contains("chỗ trống chưa điền"));

        // A draft with a blank is saved and shown, and not submitted.
        let draft = office.post("/papers/new", &letter(&[("do", "save")])).await.expect(303).address();
        let page = office.get(&format!("{draft}/preview")).await.expect(200);
        assert!(
            page.words().contains("1 chỗ trống chưa điền") && !page.words().contains("Trình ký"),
            "{}",
            page.words()
        );
        let first = version(&office, &draft).await;
        let _ = office.post(&format!("{draft}/submit"), &[("version", &first)]).await.expect(422);
        for stranger in [&commune, &district, &client(&app, "benhvien").await] {
            let _ = stranger.get(&draft).await.expect(404);
            let _ = stranger.get(&format!("{draft}/file/pdf")).await.expect(404);
        }
        let blank = [("blank-name-0", "tên dịch bệnh"), ("blank-0", "COVID-19"), ("do", "up-1")];
        let mut fields = letter(&blank);
        fields.push(("version", first.as_str()));
        let _ = office.post(&format!("{draft}/draft"), &fields).await.expect(303);
        // Somebody else saved in between: what was typed stands in the form again, over what they saved.
        let mut typed = letter(&[("preamble", "Đoạn văn rất dài vừa gõ xong"), ("do", "save")]);
        typed.push(("version", first.as_str()));
        let page = office.post(&format!("{draft}/draft"), &typed).await.expect(422);
        assert!(page.body.contains("Đoạn văn rất dài vừa gõ xong"), "{}", page.words());
        assert!(
            page.words().contains("Trần Ngọc Lan đã lưu bản thảo này lúc") && page.body.contains("target=\"_blank\"")
        );
        assert_ne!(page.hidden("version"), Some(first.as_str()), "saving from here is saving over theirs");
        let saved = paper(&app, &draft).await.draft();
        assert!(!saved.preamble.iter().any(|words| words.contains("Đoạn văn rất dài")), "not before they say so");
        let page = office.get(&format!("{draft}/preview")).await.expect(200);
        let words = page.words();
        assert!(words.contains("đọc lại khớp") && words.contains("phòng, chống dịch COVID-19"), "{words}");
        assert!(words.find("chuẩn bị khu cách ly") < words.find("lập danh sách"), "moved up: {words}");
        assert!(office.get(&format!("{draft}/page/1")).await.expect(200).body.starts_with("<svg"));
        let _ = office.get(&format!("{draft}/page/9")).await.expect(404);

        // Reviewed, returned, submitted again, signed by who holds the post.
        let second = page.hidden("version").unwrap().to_owned();
        let _ = office.post(&format!("{draft}/submit"), &[("version", &second)]).await.expect(303);
        assert!(chair.get("/papers").await.expect(200).words().contains("1 văn bản chờ ký"));
        assert!(chair.get("/papers?sign=1").await.expect(200).body.contains(&draft));
        let third = version(&chair, &draft).await;
        let _ = office.post(&format!("{draft}/sign"), &[("version", &third)]).await.expect(404);
        let _ = office.post(&format!("{draft}/draft"), &fields).await.expect(422);
        let _ = chair.post(&format!("{draft}/return"), &[("reason", " ")]).await.expect(422);
        let _ = chair.post(&format!("{draft}/comment"), &[("text", "Đã xem, cần rõ thời hạn.")]).await.expect(303);
        let _ = chair.post(&format!("{draft}/return"), &[("reason", "Bổ sung thời hạn cho huyện.")]).await.expect(303);
        let page = office.get(&draft).await.expect(200);
        assert!(
            page.words().contains("Bổ sung thời hạn cho huyện.") && page.words().contains("Đã xem, cần rõ thời hạn.")
        );
        let fourth = version(&office, &format!("{draft}/preview")).await;
        let _ = office.post(&format!("{draft}/submit"), &[("version", &fourth)]).await.expect(303);
        let fifth = version(&chair, &draft).await;
        let _ = chair.post(&format!("{draft}/sign"), &[("version", &fifth)]).await.expect(303);
        let _ = chair.post(&format!("{draft}/sign"), &[("version", &fifth)]).await.expect(422);
        assert_eq!(paper(&app, &draft).await.signer.as_deref(), Some("Phạm Hoàng Minh"));

        // Numbered where the paper register left off, and sent; the button pressed twice does it once.
        let page = office.get(&draft).await.expect(200);
        assert!(
            page.words().contains("Số bắt đầu của năm nay") && page.words().contains("Sẽ gửi trong hệ thống 3"),
            "{}",
            page.words()
        );
        let (seen, key) = (page.hidden("version").unwrap().to_owned(), Uuid::now_v7());
        let publish = format!("{draft}/publish");
        for _ in 0..2 {
            let _ = office.post_keyed(&publish, key, &[("version", &seen), ("first", "1844")], &[]).await.expect(303);
        }
        let _ = office.post(&publish, &[("version", &seen), ("first", "1844")]).await.expect(422);
        let out = paper(&app, &draft).await;
        assert_eq!(
            (out.state, out.number.as_deref(), out.n_pages),
            (PaperState::Issued, Some("1844/UBND-VX"), Some(1))
        );
        assert!(office.get("/papers?q=ra%20soat").await.expect(200).words().contains("Không có văn bản nào khớp"));
        assert!(office.get("/papers?state=issued&q=covid").await.expect(200).body.contains("1844/UBND-VX"));

        // For the units it is a dispatch like any other, and it gives them work.
        work_off(&app).await;
        let dispatch = format!("/directives/{}", out.id);
        let words = district.get(&dispatch).await.expect(200).words();
        assert!(words.contains("1844/UBND-VX") && words.contains("Đã giao việc"), "{words}");
        assert!(commune.get("/directives").await.expect(200).body.contains("1844/UBND-VX"));
        let health = client(&app, "syt.giamdoc").await;
        assert!(health.get(&dispatch).await.expect(200).words().contains("1844/UBND-VX"), "sent to, also without work");
        let _ = client(&app, "benhvien").await.get(&dispatch).await.expect(404);
        let words = chair.get(&format!("{dispatch}/receipts")).await.expect(200).words();
        assert!(words.contains("1 đơn vị chưa mở / 3"), "the commune only saw the list: {words}");
        let id = out.id;
        let tasks = commune.get(&format!("/tasks?about={id}&state=all&unit=94/943/31534/&desk=yes")).await.expect(200);
        assert!(tasks.body.contains("1844/UBND-VX"), "{}", tasks.words());
        let _ = office.post(&format!("{dispatch}/discard"), &[("reason", "nhầm")]).await.expect(422);

        // Its files are what it says, and known by their hashes.
        for hash in [out.pdf_sha256.clone().unwrap(), out.word_sha256.clone().unwrap()] {
            let file = app.files().read(&hash).await.unwrap();
            let opened = vx_dispatch::open(&file).unwrap();
            assert_eq!(Draft::of(&opened.parse().dispatches[0], &opened.text), out.draft().tidy(), "{}", opened.text);
            let mut other = file.clone();
            *other.last_mut().unwrap() ^= 1;
            for (content, said) in [(&file, "Đúng bản phát hành"), (&other, "Không phải bản phát hành nào")]
            {
                let sent = [("file", "vb.pdf", content.as_slice())];
                let page = commune.post_keyed("/papers/check", Uuid::now_v7(), &[], &sent).await.expect(200);
                assert!(page.words().contains(said), "{}", page.words());
            }
        }
        let _ = commune.post("/papers/check", &[]).await.expect(422);
        let message = office.get(&format!("{draft}/file/edxml")).await.expect(200).body;
        assert!(message.contains("<edXML:CodeNumber>1844<") && message.contains("<edXML:Place>Sở Y tế<"), "{message}");
        assert!(!message.contains("Như trên") && !message.contains("Lưu: VT"), "{message}");
        let sent = [("file", "vb.edxml", message.as_bytes())];
        let page = commune.post_keyed("/papers/check", Uuid::now_v7(), &[], &sent).await.expect(422);
        assert!(page.words().contains("edXML không kiểm tra được theo cách này"), "{}", page.words());
        let _ = office.get(&format!("{draft}/file/exe")).await.expect(404);
        for verb in ["draft", "submit", "sign", "return", "comment", "publish", "discard", "restore"] {
            let fields = [("version", "9"), ("reason", "x"), ("text", "x"), ("n_clauses", "0")];
            let page = chair.post(&format!("{draft}/{verb}"), &fields).await;
            assert_eq!(page.status.as_u16(), 422, "{verb} of what is out: {}", page.words());
        }
        app.db().close().await;
    }
}

#[tokio::test]
async fn who_signs_must_hold_the_post_and_say_by_what_right() {
    let place = Place::sqlite();
    let app = province_on(&place).await;
    let (office, chair) = (client(&app, "vanphong").await, client(&app, "chutich").await);
    for (title, authority, code) in [
        ("Phó Chủ tịch", "KT. Chủ tịch", "không giữ chức vụ"),
        ("Chủ tịch", "TL. Chủ tịch", "không ký thừa lệnh"),
        ("Chủ tịch", "KT. Giám đốc", "không phải là"),
    ] {
        let more = [("title", title), ("authority", authority), ("subject", "rà soát"), ("do", "save")];
        let address = office.post("/papers/new", &letter(&more)).await.expect(303).address();
        let preview = office.get(&format!("{address}/preview")).await.expect(200);
        let seen = preview.hidden("version").unwrap().to_owned();
        assert_eq!(preview.words().contains("Người ký sẽ không ký được"), title == "Chủ tịch", "{}", preview.words());
        let _ = office.post(&format!("{address}/submit"), &[("version", &seen)]).await.expect(303);
        let seen = version(&chair, &address).await;
        let page = chair.post(&format!("{address}/sign"), &[("version", &seen)]).await.expect(422);
        assert!(page.words().contains(code), "{title} {authority}: {}", page.words());
    }
    // By delegation: it goes to the desk of the department's head, who must name the delegation and its end.
    let more = [("title", "Giám đốc"), ("authority", "TUQ. Chủ tịch"), ("subject", "rà soát"), ("do", "save")];
    let address = office.post("/papers/new", &letter(&more)).await.expect(303).address();
    let seen = version(&office, &format!("{address}/preview")).await;
    let _ = office.post(&format!("{address}/submit"), &[("version", &seen)]).await.expect(303);
    let head = client(&app, "syt.giamdoc").await;
    assert!(head.get("/papers?sign=1").await.expect(200).body.contains(&address));
    let seen = version(&head, &address).await;
    for (delegation, until, status) in
        [("", "", 422), ("15/GUQ-UBND", "2021-09-12", 422), ("15/GUQ-UBND", "2021-09-30", 303)]
    {
        let fields = [("version", seen.as_str()), ("delegation", delegation), ("delegated_until", until)];
        let _ = head.post(&format!("{address}/sign"), &fields).await.expect(status);
    }
    let signed = paper(&app, &address).await;
    assert_eq!(signed.delegation.as_deref(), Some("15/GUQ-UBND (2021-09-30)"));
    assert_eq!(
        (signed.signer.as_deref(), signed.draft().name.as_str()),
        (Some("Nguyễn Đức Thịnh"), "Nguyễn Đức Thịnh")
    );
    // Returned after it was signed: the signature is gone.
    let _ = head.post(&format!("{address}/return"), &[("reason", "Sai trích yếu")]).await.expect(303);
    let back = paper(&app, &address).await;
    assert_eq!((back.state, back.signer.as_deref(), back.draft().name.as_str()), (PaperState::Draft, None, ""));
    app.db().close().await;
}

#[tokio::test]
async fn a_replacement_and_a_correction_are_noted_in_what_they_follow() {
    for place in Place::all().await {
        let app = province_on(&place).await;
        let (office, chair) = (client(&app, "vanphong").await, client(&app, "chutich").await);
        let district = client(&app, "huyen.canbo").await;
        let mut numbers = Vec::new();
        let mut last: Option<String> = None;
        for field in ["", "replaces", "corrects"] {
            let id: &'static str =
                last.as_deref().map_or("", |last| last.rsplit('/').next().unwrap_or_default().to_owned().leak());
            let more: Vec<(&str, &str)> = if field.is_empty() { Vec::new() } else { vec![(field, id)] };
            if !field.is_empty() {
                let page = office.get(&format!("/papers/new?{field}={id}")).await.expect(200);
                let named = format!("Công văn số {} ngày 13/9/2021", numbers.last().unwrap());
                assert!(page.body.contains(&named), "{}", page.words());
            }
            let address = signed(&office, &chair, &more).await;
            let seen = version(&office, &address).await;
            let first = if numbers.is_empty() { "7" } else { "" };
            let _ =
                office.post(&format!("{address}/publish"), &[("version", &seen), ("first", first)]).await.expect(303);
            work_off(&app).await;
            numbers.push(paper(&app, &address).await.number.unwrap());
            let followed = match (&last, field) {
                (Some(old), "replaces") => Some((old, PaperState::Superseded, "đã được thay thế")),
                (Some(old), _) => Some((old, PaperState::Corrected, "đã được đính chính")),
                (None, _) => None,
            };
            if let Some((old, state, said)) = followed {
                assert_eq!(paper(&app, old).await.state, state);
                let page = office.get(old).await.expect(200);
                assert!(page.words().contains(said) && page.body.contains(&address), "{}", page.words());
            }
            if let (Some(old), "replaces" | "corrects") = (&last, field) {
                let (old, new) = (paper(&app, old).await, paper(&app, &address).await);
                let (old_id, new_id) = (old.id, new.id);
                let number = new.number.unwrap();
                let verb = if field == "replaces" { "thay thế" } else { "đính chính" };
                // Both papers and both dispatches say what is to be done next to whoever may do it.
                for page in [
                    format!("/papers/{old_id}"),
                    format!("/papers/{new_id}"),
                    format!("/directives/{old_id}"),
                    format!("/directives/{new_id}"),
                ] {
                    let page = office.get(&page).await.expect(200);
                    let way = format!("/directives/{old_id}/{}?", field.trim_end_matches('s'));
                    assert!(page.body.contains(&way), "{way} in {}", page.words());
                    assert!(page.words().contains(&format!("Thực hiện {verb}")), "{}", page.words());
                }
                // Whoever got the old one hears of the new one, and has nothing to press.
                let page = district.get(&format!("/directives/{old_id}")).await.expect(200);
                let said = format!("{number} (13/9/2021) {verb} văn bản này.");
                assert!(page.words().contains(&said) && !page.body.contains("/replace?by="), "{}", page.words());
            }
            if let (Some(old), "replaces") = (&last, field) {
                // Once it is carried out nobody is told to do it again.
                let id = paper(&app, old).await.id;
                let by = paper(&app, &address).await.id.to_string();
                let replace = format!("/directives/{id}/replace");
                let seen = version(&office, &format!("{replace}?by={by}")).await;
                let fields = [("version", seen.as_str()), ("by", by.as_str()), ("reason", "Văn bản mới thay thế")];
                let _ = office.post(&replace, &fields).await.expect(303);
                for page in [format!("/papers/{id}"), format!("/papers/{by}"), format!("/directives/{id}")] {
                    let page = office.get(&page).await.expect(200);
                    assert!(!page.body.contains("/replace?by="), "{}", page.words());
                }
                // Another one cannot take the same place.
                let _ = office.get(&format!("/papers/new?replaces={id}")).await.expect(422);
                let again = letter(&[("replaces", id.to_string().leak()), ("do", "save")]);
                let _ = office.post("/papers/new", &again).await.expect(422);
            }
            last = Some(address);
        }
        assert_eq!(numbers, ["07/UBND-VX", "08/UBND-VX", "09/UBND-VX"]);
        app.db().close().await;
    }
}

#[tokio::test]
async fn a_report_with_figures_is_sent_and_gives_nobody_work() {
    let place = Place::sqlite();
    let app = province_on(&place).await;
    let head = client(&app, "syt.giamdoc").await;
    let page = head.get("/papers/new?template=bao-cao").await.expect(200);
    assert!(page.body.contains("BC-SYT") && page.body.contains("Giám đốc"), "{}", page.words());
    let fields = [
        ("kind", "bao_cao"),
        ("kind_was", "bao_cao"),
        ("numbering", "roman"),
        ("symbol", ""),
        ("parent_issuer", "Ủy ban nhân dân tỉnh Sóc Trăng"),
        ("issuer", "Sở Y tế tỉnh Sóc Trăng"),
        ("place", "Sóc Trăng"),
        ("subject", "Kết quả phòng, chống dịch COVID-19"),
        ("addressees", "UBND tỉnh Sóc Trăng"),
        ("preamble", "Sở Y tế báo cáo kết quả như sau:"),
        ("n_clauses", "1"),
        ("clause-0-level", "1"),
        ("clause-0-text", "Tình hình dịch bệnh\r\nTrong tuần ghi nhận 57 ca mắc mới"),
        ("clause-0-figure-0-shape", "table"),
        ("clause-0-figure-0-caption", "Ca mắc theo huyện"),
        ("clause-0-figure-0-cells", "Huyện\tCa mắc\nKế Sách\t12\nMỹ Xuyên\t45"),
        ("clause-0-figure-1-shape", "line"),
        ("clause-0-figure-1-caption", "Ca mắc theo ngày"),
        ("clause-0-figure-1-cells", "Ngày | Ca mắc\n06/9 | 5\n07/9 | 7,5"),
        ("recipients", "Như trên\nLưu: VT"),
        ("title", "Giám đốc"),
        ("do", "save"),
    ];
    let address = head.post("/papers/new", &fields).await.expect(303).address();
    assert!(head.get(&address).await.expect(200).body.contains("<svg xmlns"), "the chart is shown where it is typed");
    let draft = paper(&app, &address).await;
    assert_eq!((draft.symbol.as_str(), draft.draft().clauses[0].figures.len()), ("BC-SYT", 2));
    let seen = version(&head, &format!("{address}/preview")).await;
    let _ = head.post(&format!("{address}/submit"), &[("version", &seen)]).await.expect(303);
    let seen = version(&head, &address).await;
    let _ = head.post(&format!("{address}/sign"), &[("version", &seen)]).await.expect(303);
    let seen = version(&head, &address).await;
    let _ = head.post(&format!("{address}/publish"), &[("version", &seen)]).await.expect(303);
    work_off(&app).await;
    let out = paper(&app, &address).await;
    assert_eq!(out.number.as_deref(), Some("01/BC-SYT"));
    let file = app.files().read(out.pdf_sha256.as_deref().unwrap()).await.unwrap();
    let text = vx_dispatch::open(&file).unwrap().text;
    assert!(text.contains("Bảng 1. Ca mắc theo huyện") && text.contains("Biểu đồ 1. Ca mắc theo ngày"), "{text}");
    let words = client(&app, "vanphong").await.get(&format!("/directives/{}", out.id)).await.expect(200).words();
    assert!(words.contains("01/BC-SYT") && words.contains("Đã gửi"), "{words}");
    assert!(head.get(&address).await.expect(200).words().contains("UBND tỉnh Sóc Trăng"));
    app.db().close().await;
}

fn chair_of(app: &App) -> Actor {
    let mut actor = Actor::system("Phạm Hoàng Minh", app.rights().clone());
    let held = |role| Held { role, path: Path::parse("94/").unwrap(), deputy_for: None };
    actor.held = vec![held(Role::Chair), held(Role::Office)];
    actor
}

/// A signed document of the province by commands.
async fn signed_by_commands(app: &App, by: &Actor, n: usize) -> Id<ids::Paper> {
    let mut draft = Draft::new(Kind::QuyetDinh);
    draft.issuer = "Ủy ban nhân dân tỉnh Sóc Trăng".to_owned();
    draft.place = "Sóc Trăng".to_owned();
    draft.subject = format!("Về việc thành lập tổ công tác số {n}");
    draft.clauses = vec![DraftClause { text: "Thành lập tổ công tác".to_owned(), ..DraftClause::default() }];
    draft.authority = vec![Authority { by: SigningFor::Tm, of: "Ủy ban nhân dân".to_owned() }];
    draft.title = "Chủ tịch".to_owned();
    let path = Path::parse("94/").unwrap();
    let paper = Paper::new(path.clone(), "QĐ-UBND", &draft, &by.name);
    let id = Id::from(execute(app.db(), by, Uuid::now_v7(), Write { paper }).await.unwrap());
    let units = vec![path];
    execute(app.db(), by, Uuid::now_v7(), Submit { paper: id, version: 1, units: units.clone() }).await.unwrap();
    let sign = Sign { paper: id, version: 2, delegation: None, delegated_until: None, collegial: true, units };
    execute(app.db(), by, Uuid::now_v7(), sign).await.unwrap();
    id
}

#[tokio::test]
async fn fifty_at_once_get_fifty_numbers_without_gap_or_double() {
    const N: usize = 50;
    for place in Place::all().await {
        let app = province_on(&place).await;
        // On PostgreSQL a second process works on the same data.
        let clock = Clock::standing_at("2021-09-13T00:30:00Z".parse().unwrap());
        let is_postgres = place.options.url.starts_with("postgres");
        let other = if is_postgres {
            open(place.folder.path(), &place.options, clock, None, false).await.unwrap()
        } else {
            app.clone()
        };
        let by = chair_of(&app);
        let mut ids = Vec::new();
        for n in 0..N {
            ids.push(signed_by_commands(&app, &by, n).await);
        }
        let on = time::day_of(app.clock().now());
        let calls = ids.iter().enumerate().map(|(n, id)| {
            let app = if n % 2 == 0 { app.clone() } else { other.clone() };
            let (by, paper) = (by.clone(), *id);
            tokio::spawn(async move {
                let command = Number { paper, version: 3, first: None, on };
                execute(app.db(), &by, Uuid::now_v7(), command).await.map(drop)
            })
        });
        let calls: Vec<_> = calls.collect();
        for call in calls {
            call.await.unwrap().unwrap_or_else(|problem| panic!("{}", problem.chain()));
        }
        let mut numbers = BTreeSet::new();
        let mut conn = app.db().read().await.unwrap();
        for id in &ids {
            let paper: Paper = conn.load(*id).await.unwrap();
            assert!(numbers.insert(paper.sequence.unwrap()), "{:?} twice", paper.number);
        }
        drop(conn);
        assert_eq!(numbers, (1..=N as i64).collect::<BTreeSet<i64>>());
        if is_postgres {
            other.db().close().await;
        }
        app.db().close().await;
    }
}

#[tokio::test]
async fn what_an_older_program_had_begun_is_a_draft_of_the_unit() {
    for place in Place::all().await {
        let clock = Clock::standing_at("2021-08-29T01:00:00Z".parse().unwrap());
        // The database as the program left it that wrote dispatches in the register of what came in.
        let db = Db::open(&place.options, clock.clone()).await.unwrap();
        let modules = vungxanh::modules();
        let all = modules.iter().flat_map(|module| module.migrations).copied();
        let older: Vec<_> = all.filter(|step| step.name != "directives/0003_papers").collect();
        assert!(db.migrate(&older).await.unwrap() > 0);
        let id: Id<ids::Paper> = Id::fresh();
        let begun = Draft {
            subject: "rà soát nguồn ô xy".to_owned(),
            issuer: "Ủy ban nhân dân tỉnh Sóc Trăng".to_owned(),
            clauses: vec![DraftClause { text: "báo cáo số bình hiện có".to_owned(), ..DraftClause::default() }],
            ..Draft::new(Kind::CongVan)
        };
        let content = serde_json::to_string(&begun).unwrap();
        let write = |id: Uuid, state: &'static str, draft: Option<String>| {
            db.write(move |tx| {
                let sql = Sql::new("insert into directive (tenant, id, path, version, created_at, updated_at, state, file_name, file_sha256, file_bytes, text, kind, issuer, subject, review, required, received_by, folded, draft) values (");
                let sql = sql.bind(tx.tenant()).sql(", ").bind(id).sql(", '94/', 3, ").bind(tx.now()).sql(", ").bind(tx.now());
                let sql = sql.sql(", ").bind(state).sql(", '', ").bind(vec![0_u8; 32]).sql(", 0, '', 'cong_van', ").bind("Ủy ban nhân dân tỉnh Sóc Trăng");
                let sql = sql.sql(", ").bind("rà soát nguồn ô xy").sql(", '{}', 0, ").bind("Trần Ngọc Lan").sql(", 'ra soat nguon o xy', ").bind(draft.clone()).sql(")");
                Box::pin(async move { tx.changed_rows(sql).await.map(drop) })
            })
        };
        write(id.uuid(), "draft", Some(content)).await.unwrap();
        let received = Uuid::now_v7();
        write(received, "received", None).await.unwrap();
        db.close().await;

        let app = open(place.folder.path(), &place.options, clock.clone(), None, false).await.unwrap();
        demo::people(&app).await.unwrap();
        let office = client(&app, "vanphong").await;
        let address = format!("/papers/{id}");
        let record = paper(&app, &address).await;
        assert_eq!((record.state, record.drafted_by.as_str()), (PaperState::Draft, "Trần Ngọc Lan"));
        assert_eq!(record.draft(), begun);
        assert!(office.get("/papers?q=o+xy").await.expect(200).links("/papers/").contains(&address));
        // It is written on like any other, and no longer lies among what came in; what came in still does.
        let seen = version(&office, &address).await;
        let mut fields = letter(&[("do", "save"), ("subject", "rà soát ô xy")]);
        fields.push(("version", seen.as_str()));
        let _ = office.post(&format!("{address}/draft"), &fields).await.expect(303);
        assert_eq!(paper(&app, &address).await.subject, "rà soát ô xy");
        let came = office.get("/directives").await.expect(200).links("/directives/");
        assert!(came.contains(&format!("/directives/{received}")) && !came.contains(&format!("/directives/{id}")));
        app.db().close().await;
    }
}

#[tokio::test]
async fn what_is_missing_or_goes_elsewhere_is_told_before_it_is_too_late() {
    let place = Place::sqlite();
    let app = province_on(&place).await;
    let (office, chair) = (client(&app, "vanphong").await, client(&app, "chutich").await);
    // A committee's letter is signed in its name; the samples are those of the template in hand.
    let in_its_name = ">TM. Ủy ban nhân dân</textarea>";
    let page = office.get("/papers/new?blank=1").await.expect(200);
    assert!(page.body.contains(in_its_name), "{}", page.words());
    let page = office.get("/papers/new?template=bao-cao").await.expect(200);
    assert!(page.body.contains("placeholder=\"Ban Chỉ đạo phòng, chống dịch tỉnh\""), "{}", page.words());
    assert!(page.body.contains(in_its_name), "the committee reports: {}", page.words());
    let page = office.get("/papers/new?template=cong-van").await.expect(200);
    assert!(!page.body.contains(in_its_name), "its chair demands: {}", page.words());
    // Nothing is ordered: it is not read back, and cannot be submitted.
    let empty = [("n_clauses", "0"), ("subject", "rà soát"), ("do", "save")];
    let address = office.post("/papers/new", &letter(&empty)).await.expect(303).address();
    let page = office.get(&format!("{address}/preview")).await.expect(200);
    let words = page.words();
    assert!(words.contains("chưa có điều, khoản nào") && !words.contains("Trình ký"), "{words}");
    assert!(!words.contains("đọc lại khớp"), "{words}");
    let _ = office.post(&format!("{address}/submit"), &[("version", "1")]).await.expect(422);
    // Cells of a chart that are no figures are kept, and it is said what became of it.
    let cells = "Huyện | Ca mắc\nKế Sách | mười";
    let figure = [
        ("subject", "rà soát"),
        ("clause-0-figure-0-shape", "bar"),
        ("clause-0-figure-0-cells", cells),
        ("name", "Huỳnh Thị Diễm Ngọc"),
        ("do", "preview"),
    ];
    let told = office.post("/papers/new", &letter(&figure)).await.expect(303).address();
    assert!(!told.ends_with("/preview"), "back to where it can be mended: {told}");
    let page = office.get(&format!("{told}?said=papers-said-table")).await.expect(200);
    assert!(page.body.contains("mười") && page.words().contains("giữ nguyên dưới dạng bảng"), "{}", page.words());
    // A unit that only cooperates is sent it too, and another's name is said to give way.
    let more = [("subject", "rà soát"), ("recipients", "Như trên\nLưu: VT"), ("name", "Phạm Văn Khác"), ("do", "save")];
    let address = office.post("/papers/new", &letter(&more)).await.expect(303).address();
    let seen = version(&office, &format!("{address}/preview")).await;
    let _ = office.post(&format!("{address}/submit"), &[("version", &seen)]).await.expect(303);
    let page = chair.get(&address).await.expect(200);
    assert!(
        page.words().contains("Sẽ gửi trong hệ thống 3") && page.words().contains("“Phạm Văn Khác”"),
        "{}",
        page.words()
    );
    let _ = chair.post(&format!("{address}/sign"), &[("version", page.hidden("version").unwrap())]).await.expect(303);
    let seen = version(&office, &address).await;
    let _ = office.post(&format!("{address}/publish"), &[("version", &seen)]).await.expect(303);
    work_off(&app).await;
    let id = paper(&app, &address).await.id;
    let words = office.get(&format!("/directives/{id}/receipts")).await.expect(200).words();
    assert!(words.contains("3 đơn vị chưa mở / 3"), "{words}");
    app.db().close().await;
}
