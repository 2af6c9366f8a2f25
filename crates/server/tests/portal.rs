//! The public portal through HTTP, on every engine: looked up, answered, kept in memory, without database, without
//! persons; and what offices write for it.

use std::{
    collections::HashMap,
    path::Path as FilePath,
    process::{Command, Stdio},
};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request},
};
use tower::ServiceExt as _;
use vungxanh::{demo, open};
use vx_boards::portal;
use vx_platform::{
    Clock,
    web::{App, router},
};
use vx_testkit::{Client, Place, process::Remote, set_clock};
use vx_zones::{activities::ACTIVITIES, rules::MEASURES};

use crate::support::{demo_on, work_off};

/// Every page and file of the portal, with a commune in the places.
const PAGES: [&str; 20] = [
    "/public",
    "/public?q=ke+sach",
    "/public/units/31675",
    "/public/units/94",
    "/public/activities",
    "/public/activities/eatery",
    "/public/activities/eatery?unit=31675",
    "/public/map",
    "/public/numbers",
    "/public/decisions",
    "/public/announcements",
    "/public/directory",
    "/public/data",
    "/public/widget/31675",
    "/public/embed?unit=31675",
    "/public/data/levels.csv",
    "/public/data/levels.json",
    "/public/data/boundaries.geojson",
    "/public/data/numbers.csv",
    "/public/data/decisions.csv",
];

async fn ask(app: &App, path: &str, headers: &[(&str, &str)]) -> (u16, HeaderMap, Vec<u8>) {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router(app.clone()).oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    (status, headers, to_bytes(response.into_body(), 64 << 20).await.unwrap().to_vec())
}

#[tokio::test]
async fn the_portal_answers_while_the_database_is_away() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        portal::publish(&app).await.unwrap();
        let signed_in = Client::sign_in(&app, "vanphong", demo::PASSWORD).await;
        app.db().close().await;
        // A router of its own has read nothing yet: it is as after a new start.
        let stranger = Client::stranger(&app);
        for path in PAGES {
            let _ = stranger.get(path).await.expect(200);
            // Who is signed in asks no session here.
            let _ = signed_in.get(path).await.expect(200);
        }
        assert!(signed_in.get("/zones").await.status.is_server_error(), "the database is away indeed");
        let answer = stranger.get("/public/units/31675").await.expect(200);
        assert!(answer.words().contains("Vùng cam"), "{}", answer.words());
        set_clock(&clock, "2021-09-20T08:00");
        let _ = stranger.get("/public/units/31675").await.expect(200);
        let gone = stranger.get("/public/units/there-is-none").await.expect(404);
        assert!(gone.words().contains("Không có trang này"), "{}", gone.words());
    }
}

#[tokio::test]
async fn a_decision_is_published_and_takes_effect_at_its_hour_by_itself() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T08:00");
        portal::publish(&app).await.unwrap();
        let stranger = Client::stranger(&app);
        let before = stranger.get("/public/units/31675").await.expect(200).words();
        assert!(before.contains("Vùng cam") && !before.contains("chuyển sang"), "{before}");
        assert!(before.contains("9023/QĐ-BCĐ") && before.contains("Chủ tịch UBND tỉnh"), "{before}");
        assert!(!before.contains("Phạm Hoàng Minh"), "of who signed only the post is told");
        let chair = Client::sign_in(&app, "chutich", demo::PASSWORD).await;
        let office = Client::sign_in(&app, "vanphong", demo::PASSWORD).await;
        let proposal = office.get("/zones/units/31675").await.expect(200).hidden("proposal").unwrap().to_owned();
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
        let _ = chair.post("/zones/units/31675/decide", &typed).await.expect(303);
        work_off(&app).await;
        let told = stranger.get("/public/units/31675").await.expect(200).words();
        assert!(told.contains("Từ 12:00 thứ Hai, 13/9/2021 chuyển sang Vùng đỏ"), "{told}");
        let map = stranger.get("/public/map").await.expect(200);
        assert!(
            map.body.contains("area orange") && map.body.contains("/public/units/31675"),
            "it is orange until noon"
        );
        let kept = async |path| ask(&app, path, &[]).await.1["cache-control"].to_str().unwrap().to_owned();
        assert!(kept("/public/map").await.contains("stale-while-revalidate"), "noon is far");
        set_clock(&clock, "2021-09-13T11:55");
        assert_eq!(kept("/public/map").await, "public, max-age=60");
        set_clock(&clock, "2021-09-13T11:59:40");
        assert_eq!(kept("/public/map").await, "public, max-age=20", "nobody keeps orange over noon");
        app.db().close().await;
        // A file that was damaged meanwhile does not hold up the hour.
        std::fs::write(portal::file(&app), b"{").unwrap();
        set_clock(&clock, "2021-09-13T12:00");
        let after = stranger.get("/public/units/31675").await.expect(200).words();
        assert!(after.contains("Vùng đỏ Từ 12:00"), "at its hour, without database: {after}");
        let may = stranger.get("/public/activities/eatery?unit=31675").await.expect(200).words();
        assert!(may.contains("Hỏi UBND xã"), "{may}");
    }
}

#[tokio::test]
async fn a_place_is_found_with_and_without_marks() {
    let place = Place::sqlite();
    let (app, _) = demo_on(&place).await;
    portal::publish(&app).await.unwrap();
    let published = portal::published_of(&app, app.clock().now()).unwrap();
    let found = |text: &str| {
        let hits = published.found(text, 40);
        hits.iter().map(|at| published.place(*at).name.clone()).collect::<Vec<_>>().join("; ")
    };
    for (text, expected) in [
        ("Xuân Hòa", "Xã Xuân Hòa"),
        ("xuan hoa", "Xã Xuân Hòa"),
        ("XUÂN HOÀ", "Xã Xuân Hòa"),
        ("xã xuân hòa, huyện kế sách", "Xã Xuân Hòa"),
        ("xuan hoa ke sach", "Xã Xuân Hòa"),
        ("xuan h", "Xã Xuân Hòa"),
        ("Hà Nội", ""),
        ("xuan hoa my xuyen", ""),
        ("  ", ""),
        ("%", ""),
    ] {
        assert_eq!(found(text), expected, "{text:?}");
    }
    assert!(found("ke sach").starts_with("Thị trấn Kế Sách; Huyện Kế Sách"), "{}", found("ke sach"));
    let stranger = Client::stranger(&app);
    let only = stranger.get("/public?q=xuan+hoa").await.expect(303);
    assert_eq!(only.address(), "/public/units/31534", "one answer is the answer");
    let several = stranger.get("/public?q=ke+sach").await.expect(200);
    assert!(several.links("/public/units/").len() > 1);
    let none = stranger.get("/public?q=%3Cscript%3E").await.expect(200);
    assert!(none.words().contains("Không tìm thấy nơi nào tên") && !none.body.contains("<script>"), "{}", none.words());
}

#[tokio::test]
async fn pages_are_small_packed_and_known_by_their_tags() {
    let place = Place::sqlite();
    let (app, _) = demo_on(&place).await;
    portal::publish(&app).await.unwrap();
    let style = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/../../assets/public.css")).unwrap().len();
    for path in PAGES.iter().filter(|path| !path.starts_with("/public/data/") && **path != "/public/map") {
        let (status, headers, body) = ask(&app, path, &[]).await;
        assert_eq!(status, 200, "{path}");
        assert!(body.len() + style <= 60 * 1024, "{path} has {} bytes with its style", body.len() + style);
        let policy = headers["content-security-policy"].to_str().unwrap();
        let framed = path.starts_with("/public/widget/");
        assert_eq!(policy.contains("frame-ancestors *"), framed, "{path}: {policy}");
        assert_eq!(policy.contains("frame-ancestors 'none'"), !framed, "{path}: {policy}");
        assert!(!headers.contains_key("set-cookie"), "{path}");
    }
    let (_, plain, whole) = ask(&app, "/public/units/31675", &[]).await;
    let (_, packed, small) = ask(&app, "/public/units/31675", &[("accept-encoding", "gzip")]).await;
    assert!(small.len() * 2 < whole.len(), "{} of {}", small.len(), whole.len());
    assert_eq!(packed["content-encoding"], "gzip");
    assert_ne!(plain["etag"], packed["etag"], "other bytes, another tag");
    assert!(plain["cache-control"].to_str().unwrap().starts_with("public, max-age="));
    let tag = packed["etag"].to_str().unwrap();
    let known = [("accept-encoding", "gzip"), ("if-none-match", tag)];
    let (status, again, nothing) = ask(&app, "/public/units/31675", &known).await;
    assert_eq!((status, nothing.len()), (304, 0));
    assert_eq!(again["etag"], packed["etag"]);
    // Nothing changed: the same file, the same tags.
    portal::publish(&app).await.unwrap();
    assert_eq!(ask(&app, "/public/units/31675", &known).await.0, 304);
    // In English by the address, and by the cookie of the rest of the program.
    for (path, cookie) in [("/public/units/31675?lang=en", ""), ("/public/units/31675", "vx_lang=en")] {
        let (_, _, body) = ask(&app, path, &[("cookie", cookie)]).await;
        let text = String::from_utf8(body).unwrap();
        assert!(text.contains("lang=\"en\"") && text.contains("What may be done here"), "{path} {cookie}");
    }
    let (_, _, embed) = ask(&app, "/public/embed?unit=31675", &[("host", "dich.soctrang.example")]).await;
    let embed = String::from_utf8(embed).unwrap();
    assert!(embed.contains("https://dich.soctrang.example/public/widget/31675"), "{embed}");
    let (_, _, forged) = ask(&app, "/public/embed?unit=31675", &[("host", "a\"><b")]).await;
    assert!(String::from_utf8(forged).unwrap().contains("http://localhost/public/widget/31675"));
}

#[tokio::test]
async fn who_does_not_take_gzip_gets_none() {
    let place = Place::sqlite();
    let (app, _) = demo_on(&place).await;
    portal::publish(&app).await.unwrap();
    for (takes, packed) in [("gzip;q=0", false), ("gzip;q=0, *", false), ("br, gzip;q=0.2", true), ("*", true)] {
        let (status, headers, _) = ask(&app, "/public/numbers", &[("accept-encoding", takes)]).await;
        assert_eq!((status, headers.contains_key("content-encoding")), (200, packed), "{takes}");
    }
}

/// Khmer letters in a text.
fn khmer(text: &str) -> usize {
    text.chars().filter(|c| ('\u{1780}'..='\u{17ff}').contains(c)).count()
}

#[tokio::test]
async fn every_public_page_is_there_in_khmer() {
    let place = Place::sqlite();
    let (app, _) = demo_on(&place).await;
    portal::publish(&app).await.unwrap();
    let packed = [("accept-encoding", "gzip")];
    let mut needs = 0;
    for file in ["public.css", "khmer.css"] {
        needs += ask(&app, &format!("/assets/{file}"), &packed).await.2.len();
    }
    for weight in [400, 700] {
        let file = format!("/assets/vendor/noto-sans-khmer-5.3.0/noto-sans-khmer-khmer-{weight}-normal.woff2");
        let (status, _, letters) = ask(&app, &file, &packed).await;
        assert_eq!(status, 200, "{file}");
        needs += letters.len();
    }
    let vietnamese = ACTIVITIES.iter().flat_map(|one| one.rule.iter().map(|rule| &rule.said).chain([&one.said]));
    let vietnamese: Vec<&str> =
        vietnamese.chain(MEASURES.iter().map(|one| &one.said)).map(|said| said.vi.as_str()).collect();
    for path in PAGES.iter().filter(|path| !path.starts_with("/public/data/")) {
        let mark = if path.contains('?') { '&' } else { '?' };
        let to = |lang: &str| format!("{path}{mark}lang={lang}");
        let (status, headers, body) = ask(&app, &to("km"), &[]).await;
        let text = String::from_utf8(body).unwrap();
        assert_eq!(status, 200, "{path}");
        assert!(!headers.contains_key("set-cookie"), "{path}");
        assert!(text.contains("<html lang=\"km\">") && khmer(&text) > 30, "{path} has {} letters", khmer(&text));
        for key in ["[portal-", "[zone-", "[activity-", "[measure-", "[publication-", "[menu", "[drill", "[skip"] {
            assert!(!text.contains(key), "{path} shows {key}");
        }
        for said in &vietnamese {
            assert!(!text.contains(said), "{path} says “{said}”");
        }
        let policy = headers["content-security-policy"].to_str().unwrap();
        assert!(text.contains("/assets/khmer.css") && policy.contains("font-src 'self'"), "{path}: {policy}");
        let small = ask(&app, &to("km"), &packed).await.2.len();
        assert!(small + needs <= 60 * 1024, "{path} is sent as {small} bytes and {needs}");
        if path.starts_with("/public/widget/") {
            continue;
        }
        assert!(text.contains("អនុវត្តតាមអត្ថបទភាសាវៀតណាម"), "{path} says which text is decisive");
        let page = ask(&app, &to("vi"), &[]).await.2;
        let page = String::from_utf8(page).unwrap();
        assert!(page.contains("<html lang=\"vi\">") && !page.contains("khmer.css"), "{path}");
        // The way to the others leads to the same place.
        for (text, others) in [(&text, ["vi", "en"]), (&page, ["en", "km"])] {
            for other in others {
                let link = format!("href=\"{}\" lang=\"{other}\"", to(other).replace('&', "&amp;").replace('+', "%20"));
                assert!(text.contains(&link), "{path} has no {link}");
            }
        }
        for name in ["Tiếng Việt", "English", "ភាសាខ្មែរ"] {
            assert!(text.contains(name) && page.contains(name), "{path}: {name}");
        }
    }
    let stranger = Client::stranger(&app);
    let (status, only, _) = ask(&app, "/public?q=xuan+hoa&lang=km", &[]).await;
    assert_eq!((status, &only["location"]), (303, &"/public/units/31534?lang=km".parse().unwrap()));
    let answer = stranger.get("/public/units/31675?lang=km").await.expect(200).words();
    for said in ["តំបន់ទឹកក្រូច", "ហាមឃាត់", "ការ៉ាអូខេ", "ចាប់ពីម៉ោង", "9023/QĐ-BCĐ"]
    {
        assert!(answer.contains(said), "{said}: {answer}");
    }
    let directory = stranger.get("/public/directory?lang=km").await.expect(200).words();
    assert!(directory.contains("លេខទូរស័ព្ទទាន់ហេតុការណ៍ · 24/24"), "what answers is said: {directory}");
    let gone = stranger.get("/public/units/there-is-none?lang=km").await.expect(404);
    assert!(gone.words().contains("គ្មានទំព័រនេះទេ"), "{}", gone.words());
}

#[tokio::test]
async fn khmer_is_spoken_to_whoever_wishes_it_first_and_by_the_portal_alone() {
    let place = Place::sqlite();
    let (app, _) = demo_on(&place).await;
    portal::publish(&app).await.unwrap();
    let path = "/public/units/31675";
    let mut tags = Vec::new();
    for (path, wish, cookie, expected) in [
        (path, "", "", "vi"),
        (path, "km-KH,km;q=0.9,en;q=0.8", "", "km"),
        (path, "vi, km;q=0.5", "", "vi"),
        // Many have their telephones in English and read Vietnamese.
        (path, "en-US,en;q=0.9", "", "vi"),
        (path, "km", "vx_lang=en", "en"),
        ("/public/units/31675?lang=vi", "km", "", "vi"),
        ("/public/units/31675?lang=KM", "", "vx_lang=en", "km"),
        (path, "", "vx_lang=km", "vi"),
    ] {
        let (_, headers, body) = ask(&app, path, &[("accept-language", wish), ("cookie", cookie)]).await;
        let text = String::from_utf8(body).unwrap();
        assert!(text.contains(&format!("<html lang=\"{expected}\">")), "{path} {wish} {cookie}: not {expected}");
        assert!(headers["vary"].to_str().unwrap().contains("accept-language"), "caches keep one for each wish");
        tags.push(headers["etag"].clone());
    }
    assert_eq!(tags[0], tags[3], "one page for all who see the same");
    assert_ne!(tags[0], tags[1], "each language has its page");
    // Officers have the two languages that every text exists in.
    for cookie in ["vx_lang=km", "vx_lang=vi"] {
        let (status, _, body) = ask(&app, "/login", &[("cookie", cookie), ("accept-language", "km")]).await;
        let text = String::from_utf8(body).unwrap();
        assert_eq!(status, 200);
        assert!(text.contains("<html lang=\"vi\"") && khmer(&text) == 0, "{cookie}");
    }
}

/// The program as it is started on a database and a folder of data.
fn serving(url: &str, data: &FilePath) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_vungxanh"));
    command.args(["serve", "--port", "0", "--database-url", url, "--data"]).arg(data);
    for name in ["VUNGXANH_DATA", "DATABASE_URL", "VUNGXANH_CONFIG"] {
        command.env_remove(name);
    }
    command
}

/// The program started while its database is away: the portal alone, until the database is there.
#[tokio::test]
async fn a_start_without_database_answers_the_public() {
    let place = Place::sqlite();
    let (app, _) = demo_on(&place).await;
    portal::publish(&app).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(portal::file(&app), folder.path().join("public-portal.json")).unwrap();
    // Nobody listens on the first port of all.
    let mut command = serving("postgres://nobody@127.0.0.1:1/none", folder.path());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let said = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap())).next().unwrap().unwrap();
    let address: std::net::SocketAddr = said.rsplit_once("http://").unwrap().1.parse().unwrap();
    let mut answers = Vec::new();
    for path in ["/public/units/31675", "/public/map", "/public/data/levels.json", "/readyz", "/zones"] {
        answers.push((path, Remote::stranger(address).get(path).await.unwrap()));
    }
    let _ = child.kill();
    let _ = child.wait();
    let of = |path: &str| answers.iter().find(|(asked, _)| *asked == path).unwrap().1.clone();
    assert_eq!(of("/public/units/31675").status, 200);
    assert!(of("/public/units/31675").body.contains("9023/QĐ-BCĐ"));
    assert!(of("/public/units/31675").header("content-security-policy").is_some());
    assert_eq!((of("/public/map").status, of("/public/data/levels.json").status), (200, 200));
    assert_eq!((of("/readyz").status, of("/zones").status), (503, 404));
}

/// A database that answers no waits for somebody: the start ends with the reason.
#[tokio::test]
async fn a_start_with_a_wrong_address_ends() {
    for place in Place::all().await {
        let clock = Clock::standing_at("2021-09-13T01:00:00Z".parse().unwrap());
        let app = open(place.folder.path(), &place.options, clock, None, false).await.unwrap();
        portal::publish(&app).await.unwrap();
        let url = match place.options.url.rsplit_once('/') {
            Some((server, _)) if server.starts_with("postgres") => format!("{server}/there_is_none"),
            _ => "postgres://there:is[none".to_owned(),
        };
        let ended = serving(&url, portal::file(&app).parent().unwrap()).output().unwrap();
        assert!(!ended.status.success() && ended.stdout.is_empty(), "{ended:?}");
    }
}

#[tokio::test]
async fn who_knows_less_does_not_write_over_who_knows_more() {
    let place = Place::sqlite();
    let (app, clock) = demo_on(&place).await;
    portal::publish(&app).await.unwrap();
    let file = portal::file(&app);
    // Another process has seen entries that this one has not.
    let mut newer: serde_json::Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    newer["knows"] = "ffffffff-ffff-7fff-bfff-ffffffffffff".into();
    newer["announcements"] = serde_json::json!([]);
    let newer = newer.to_string();
    std::fs::write(&file, &newer).unwrap();
    set_clock(&clock, "2021-09-20T08:00");
    portal::publish(&app).await.unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), newer);
}

#[tokio::test]
async fn before_anything_was_published_the_portal_says_so() {
    let place = Place::sqlite();
    let clock = Clock::standing_at("2021-09-13T01:00:00Z".parse().unwrap());
    let app = open(place.folder.path(), &place.options, clock, None, false).await.unwrap();
    let stranger = Client::stranger(&app);
    let page = stranger.get("/public/units/31675").await.expect(503);
    assert!(page.words().contains("Chưa có thông tin nào được công bố"), "{}", page.words());
    let page = stranger.get("/public?lang=km").await.expect(503);
    assert!(page.words().contains("មិនទាន់មានព័ត៌មានណាត្រូវបានផ្សព្វផ្សាយទេ"), "{}", page.words());
    // Data about no province yet: there is a page, and it is empty.
    portal::publish(&app).await.unwrap();
    for path in ["/public", "/public/map", "/public/numbers", "/public/decisions", "/public/directory"] {
        let _ = stranger.get(path).await.expect(200);
    }
    // A file that was damaged takes nothing away from what is held.
    std::fs::write(portal::file(&app), b"{").unwrap();
    let _ = stranger.get("/public").await.expect(200);
    let _ = Client::stranger(&app).get("/public").await.expect(503);
    portal::publish(&app).await.unwrap();
}

#[tokio::test]
async fn the_snapshot_holds_no_person_and_no_small_number() {
    let place = Place::sqlite();
    let (app, _) = demo_on(&place).await;
    portal::publish(&app).await.unwrap();
    let text = std::fs::read_to_string(portal::file(&app)).unwrap();
    for person in ["Phạm Hoàng Minh", "Trần Ngọc Lan", "Nguyễn Đức Thịnh", "Hồ Gia Bảo", "Thạch Sơn", "Lâm Văn Phúc"]
    {
        assert!(!text.contains(person), "{person}");
    }
    assert!(!text.contains("Cán bộ đánh giá"), "reasons of officers are not for the public");
    assert!(!text.contains("Lịch cắt điện"), "what was withdrawn is not in it");
    assert!(text.contains("9061/QĐ-UBND") && !text.contains("ấp Ca Lạc") && !text.contains("tổ tự quản số 7"));
    let locked = Client::stranger(&app).get("/public/units/31798").await.expect(200).words();
    assert!(
        locked.contains("Có khu vực phong tỏa") && locked.contains("9061/QĐ-UBND"),
        "that there is one, not where: {locked}"
    );
    let (_, _, numbers) = ask(&app, "/public/data/numbers.csv", &[]).await;
    let numbers = numbers.strip_prefix("\u{feff}".as_bytes()).unwrap();
    let mut rows = csv::Reader::from_reader(numbers);
    let (mut told, mut hidden) = (0, 0);
    let rows: Vec<csv::StringRecord> = rows.records().collect::<Result<_, _>>().unwrap();
    for row in &rows {
        let (kind, cases, note) = (&row[2], &row[4], &row[5]);
        assert_eq!(cases.is_empty(), !note.is_empty(), "{row:?}");
        if kind == "commune" {
            let n: i64 = if cases.is_empty() { 0 } else { cases.parse().unwrap() };
            let people = app.tree().get(&row[0]).and_then(|unit| unit.population);
            if people.is_none_or(|people| people <= portal::SMALL_PEOPLE) {
                assert!(!(1..portal::SMALL_COUNT).contains(&n), "{row:?}");
            }
            told += i64::from(n > 0);
            hidden += i64::from(note == "under_5");
        }
        assert!(row[6].is_empty() || kind == "province", "{row:?}");
    }
    assert!(told > 0 && hidden > 0, "{told} told, {hidden} hidden");
    let published = portal::published_of(&app, app.clock().now()).unwrap();
    let today = published.snapshot.last_day.to_string();
    assert!(rows.iter().all(|row| row[2] == *"province" || row[3] != today), "a day that is running has no parts");
    sums_tell_nothing(&published, &rows);
    let (_, _, levels) = ask(&app, "/public/data/levels.csv", &[]).await;
    let rows = csv::Reader::from_reader(levels.strip_prefix("\u{feff}".as_bytes()).unwrap()).into_records().count();
    assert_eq!(rows, 121, "a province, 11 districts, 109 communes");
    let (_, _, areas) = ask(&app, "/public/data/boundaries.geojson", &[]).await;
    let areas: serde_json::Value = serde_json::from_slice(&areas).unwrap();
    assert_eq!(areas["features"].as_array().unwrap().len(), 109);
    assert_eq!(areas["features"][0]["geometry"]["type"], "MultiPolygon");
    let (_, _, levels) = ask(&app, "/public/data/levels.json", &[]).await;
    let levels: serde_json::Value = serde_json::from_slice(&levels).unwrap();
    assert_eq!(levels["licence"], "CC-BY-4.0");
}

/// For each sum that is said: what is hidden in it is more than one, and not all of it is four.
fn sums_tell_nothing(published: &portal::Published, rows: &[csv::StringRecord]) {
    let mut days: HashMap<(usize, &str), Vec<&csv::StringRecord>> = HashMap::new();
    for row in rows {
        if let Some(above) = published.at(&row[0]).and_then(|at| published.place(at).above) {
            days.entry((above, &row[3])).or_default().push(row);
        }
    }
    let number = |row: &csv::StringRecord| row[4].parse::<i64>().ok();
    let mut looked_at = 0;
    for ((above, day), inside) in days {
        let place = published.place(above);
        let of_sum = rows.iter().find(|row| row[0] == place.key && row[3] == *day).unwrap();
        let hidden = inside.iter().filter(|row| matches!(&row[5], "under_5" | "withheld")).count();
        let told: i64 = inside.iter().filter_map(|row| number(row)).sum();
        match number(of_sum) {
            Some(sum) if hidden > 0 => {
                let few = inside.iter().filter(|row| row[5] == *"under_5").count();
                let all_four =
                    few == hidden && sum - told == i64::try_from(hidden).unwrap() * (portal::SMALL_COUNT - 1);
                assert!(hidden > 1 && !all_four, "{} of {day}: {sum} less {told} is {hidden} hidden", place.name);
                looked_at += 1;
            }
            Some(_) => {}
            None => assert!(hidden > 0 || told == 0, "{} of {day} is hidden and its parts are said", place.name),
        }
    }
    assert!(looked_at > 0, "nothing is hidden below a sum");
}

#[tokio::test]
async fn offices_tell_the_public_put_right_and_take_back() {
    for place in Place::all().await {
        let (app, clock) = demo_on(&place).await;
        set_clock(&clock, "2021-09-13T08:00");
        let press = Client::sign_in(&app, "tttt", demo::PASSWORD).await;
        let stranger = Client::stranger(&app);
        let list = press.get("/publications").await.expect(200);
        assert!(list.words().contains("Tổng đài 1022") && !list.words().contains("Lịch cắt điện"), "{}", list.words());
        assert!(press.get("/publications?show=all").await.expect(200).words().contains("Lịch cắt điện"));
        let _ = press.get("/publications/announcements/new").await.expect(200);
        let typed = vec![
            ("place", "94/943/"),
            ("title", "Tạm dừng bến phà Trần Đề"),
            ("body", "Bến phà tạm dừng.\nHàng hóa thiết yếu gọi 1022."),
            ("from_on", "2021-09-13"),
            ("from_at", "10:00"),
            ("until_on", "2021-09-14"),
            ("until_at", "00:00"),
        ];
        // An officer may not, a commune's chair not for the district, nobody without a title.
        let officer = Client::sign_in(&app, "xa.canbo", demo::PASSWORD).await;
        let _ = officer.post("/publications/announcements", &typed).await.expect(404);
        let commune = Client::sign_in(&app, "xa.chutich", demo::PASSWORD).await;
        let _ = commune.post("/publications/announcements", &typed).await.expect(404);
        let mut bare = typed.clone();
        bare[1].1 = " ";
        let refused = press.post("/publications/announcements", &bare).await.expect(422);
        assert!(refused.words().contains("chưa có tiêu đề"), "{}", refused.words());
        let _ = press.post("/publications/announcements", &typed).await.expect(303);
        work_off(&app).await;
        let page = "/public/announcements";
        assert!(!stranger.get(page).await.expect(200).words().contains("bến phà"), "its hour has not come");
        set_clock(&clock, "2021-09-13T10:00");
        let shown = stranger.get(page).await.expect(200).words();
        assert!(shown.contains("Tạm dừng bến phà Trần Đề") && shown.contains("Huyện Kế Sách"), "{shown}");
        let press = Client::sign_in(&app, "tttt", demo::PASSWORD).await;
        let list = press.get("/publications").await.expect(200);
        let at = list.body.find("Tạm dừng bến phà").unwrap();
        let address = list.body[..at].rsplit("href=\"").next().unwrap().split('"').next().unwrap().to_owned();
        let one = press.get(&address).await.expect(200);
        assert!(one.words().contains("Đính chính"), "{}", one.words());
        let mut better = typed.clone();
        better[1].1 = "Tạm dừng bến phà Kế Sách";
        let refused = press.post(&address, &better).await.expect(422);
        assert!(refused.words().contains("Chưa ghi lý do"), "{}", refused.words());
        better.push(("reason", "Ghi nhầm tên bến"));
        let _ = press.post(&address, &better).await.expect(303);
        work_off(&app).await;
        let shown = stranger.get(page).await.expect(200).words();
        assert!(shown.contains("bến phà Kế Sách") && !shown.contains("bến phà Trần Đề"), "{shown}");
        let _ = press.post(&format!("{address}/retract"), &[("reason", "Phà chạy lại")]).await.expect(303);
        work_off(&app).await;
        assert!(!stranger.get(page).await.expect(200).words().contains("bến phà"));
        // Whom to call.
        let line = [
            ("place", "94/943/31534/"),
            ("kind", "hotline"),
            ("name", "Đội Shipper 0 đồng xã Xuân Hòa"),
            ("telephone", "0299 000 0009"),
            ("hours", "8:00–17:00"),
        ];
        let commune = Client::sign_in(&app, "xa.chutich", demo::PASSWORD).await;
        let _ = commune.post("/publications/contacts", &line).await.expect(303);
        work_off(&app).await;
        let answer = stranger.get("/public/units/31534").await.expect(200);
        assert!(
            answer.body.contains("tel:02990000009") && answer.body.contains("tel:1022"),
            "its own, and the province's"
        );
        assert!(stranger.get("/public/directory").await.expect(200).words().contains("Đội Shipper 0 đồng"));
        // An agency is no place.
        let mut beside = line;
        beside[0].1 = "94/94.stttt/";
        let refused = press.post("/publications/contacts", &beside).await.expect(422);
        assert!(refused.words().contains("không phải là địa bàn"), "{}", refused.words());
        // The province takes off what should not stand there, and whoever wrote it learns of that. It does not rewrite it.
        let office = Client::sign_in(&app, "vanphong", demo::PASSWORD).await;
        let list = office.get("/publications").await.expect(200);
        let at = list.body.find("Đội Shipper 0 đồng").unwrap();
        let address = list.body[..at].rsplit("href=\"").next().unwrap().split('"').next().unwrap().to_owned();
        let one = office.get(&address).await.expect(200).words();
        assert!(one.contains("Rút khỏi danh bạ") && !one.contains("Đính chính"), "{one}");
        let _ = office.post(&format!("{address}/strike"), &[("reason", "Số không có người nghe")]).await.expect(303);
        work_off(&app).await;
        assert!(!stranger.get("/public/directory").await.expect(200).words().contains("Đội Shipper 0 đồng"));
        vx_foundation::notices::derive_all(&app).await.unwrap();
        let told = commune.get("/notices").await.expect(200).words();
        assert!(told.contains("đã bị rút khỏi danh bạ công khai"), "{told}");
        // Words that a spreadsheet would take for a formula.
        let line = [
            ("place", "94/943/31534/"),
            ("kind", "hotline"),
            ("name", "=1+1, trực đêm"),
            ("telephone", "+84 299 000 0010"),
            ("hours", "-"),
        ];
        let _ = commune.post("/publications/contacts", &line).await.expect(303);
        work_off(&app).await;
        let file = stranger.get("/public/data/directory.csv").await.expect(200).body;
        let row = file.lines().find(|row| row.contains("trực đêm")).unwrap();
        assert!(row.starts_with("\"'=1+1, trực đêm\",hotline,") && row.ends_with(",'+84 299 000 0010,'-"), "{row}");
    }
}
