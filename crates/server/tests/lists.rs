//! Lists in Vietnamese order, page by page and back; filters kept under a name; what was done taken back: through HTTP,
//! on every engine.

use jiff::civil::date;
use vungxanh::open;
use vx_foundation::accounts::{DemoAccount, open_demo_account};
use vx_kernel::{Path, Problem};
use vx_platform::{
    Clock,
    auth::{Account, Actor, Role, hash_password},
    params,
    store::{Sql, Uuid, put_setting, remake_keys},
    web::App,
};
use vx_testkit::{Client, Page, Place};

const PASSWORD: &str = "giữ vững vùng xanh";

/// Names in the order of the Vietnamese alphabet. Tones (ngang, huyền, hỏi, ngã, sắc, nặng) decide only between texts that
/// are the same without them, so names that differ in tone alone stand together.
const NAMES: [&[&str]; 20] = [
    &["An"],
    &["Ảnh", "Ánh", "Ạnh"],
    &["Ăn"],
    &["Ân"],
    &["Bảo"],
    &["Cúc"],
    &["Dũng"],
    &["Đào"],
    &["Đạt"],
    &["Em"],
    &["Êm"],
    &["Hoa", "Hòa", "Họa"],
    &["Khang"],
    &["Oanh"],
    &["Ông"],
    &["Ơn"],
    &["Thạch"],
    &["Uyên"],
    &["Ưng"],
    &["Xuân"],
];

fn plain_names() -> Vec<&'static str> {
    NAMES.iter().copied().flatten().copied().collect()
}

async fn app_with_people(place: &Place) -> App {
    let clock = Clock::standing_at("2021-09-13T01:00:00Z".parse().unwrap());
    let app = open(place.folder.path(), &place.options, clock, None, false).await.unwrap();
    let hash = hash_password(PASSWORD.to_owned()).await.unwrap();
    let by = Actor::system("Thử", app.rights().clone());
    app.db()
        .write(move |tx| {
            let (by, hash) = (by.clone(), hash.clone());
            Box::pin(async move {
                let home = Path::parse("94/").map_err(Problem::internal)?;
                let mut open = async |login: &str, name: &str, role: Role| {
                    let grants = [(role, home.clone())];
                    let demo = DemoAccount {
                        login,
                        name,
                        title: "",
                        path: &home,
                        password_hash: &hash,
                        grants: &grants,
                        from_on: date(2021, 8, 1),
                    };
                    open_demo_account(tx, &by, &demo).await
                };
                open("admin", "Zzz Quản trị", Role::Admin).await?;
                open("office", "Zzz Văn phòng", Role::Office).await?;
                let names = plain_names();
                // Made in an order of their own, five of each name: 120 people.
                for n in 0..120_usize {
                    let name = names[(n * 7) % names.len()];
                    open(&format!("nguoi-{n:03}"), &format!("{name} {}", 5 - n / 24), Role::Officer).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    app
}

/// The names in the rows of a list.
fn names(page: &Page) -> Vec<String> {
    let rows = page.body.split("<th scope=\"row\">").skip(1);
    let link =
        |row: &str| row.split_once("<a href=\"")?.1.split_once('>')?.1.split_once('<').map(|(name, _)| name.to_owned());
    rows.filter_map(link).collect()
}

/// The link to the page before or after.
fn turn(page: &Page, way: &str) -> Option<String> {
    let (_, rest) = page.body.split_once(&format!("rel=\"{way}\" href=\""))?;
    rest.split('"').next().map(|link| link.replace("&amp;", "&"))
}

/// All rows, by turning pages to the end; then all again, by turning back to the beginning.
async fn walk(client: &Client, first: &str) -> (Vec<String>, Vec<String>) {
    let mut page = client.get(first).await.expect(200);
    let mut forward = names(&page);
    while let Some(next) = turn(&page, "next") {
        page = client.get(&next).await.expect(200);
        forward.extend(names(&page));
    }
    let mut back = vec![names(&page)];
    while let Some(before) = turn(&page, "prev") {
        page = client.get(&before).await.expect(200);
        back.push(names(&page));
    }
    (forward, back.into_iter().rev().flatten().collect())
}

#[tokio::test]
async fn accounts_are_listed_in_vietnamese_order_and_paged_both_ways() {
    for place in Place::all().await {
        let app = app_with_people(&place).await;
        let admin = Client::sign_in(&app, "admin", PASSWORD).await;
        let page = admin.get("/accounts").await.expect(200);
        assert!(page.words().contains("1–50 trong tổng số 122"), "{}", page.words());
        assert!(turn(&page, "prev").is_none());
        let second = admin.get(&turn(&page, "next").unwrap()).await.expect(200);
        assert!(second.words().contains("51–100 trong tổng số 122"), "{}", second.words());

        let mut expected: Vec<String> = NAMES
            .iter()
            .flat_map(|group| (1..=5).flat_map(move |n| group.iter().map(move |name| format!("{name} {n}"))))
            .collect();
        expected.extend(["Zzz Quản trị".to_owned(), "Zzz Văn phòng".to_owned()]);
        let (forward, back) = walk(&admin, "/accounts").await;
        assert_eq!(forward, expected);
        assert_eq!(back, expected);
        let (falling, back) = walk(&admin, "/accounts?sort=-name").await;
        assert_eq!(back, falling);
        expected.reverse();
        assert_eq!(falling, expected);

        // By login and filtered by words without marks, in the file as well.
        let (found, _) = walk(&admin, "/accounts?q=dao&sort=login").await;
        assert_eq!(found, ["Đào 5", "Đào 4", "Đào 3", "Đào 2", "Đào 1"]);
        let file = admin.get("/accounts.csv?q=dao&sort=login").await.expect(200).body;
        let lines: Vec<&str> =
            file.lines().skip(1).map(|line| line.split(';').next().unwrap().trim_matches('"')).collect();
        assert_eq!(lines, found);
        assert!(page.body.contains("aria-sort=\"ascending\""));
        let empty = admin.get("/accounts?q=khong-co-ai").await.expect(200);
        assert!(empty.body.contains("vx-empty"), "{}", empty.words());
    }
}

#[tokio::test]
async fn keys_are_made_for_rows_of_before() {
    for place in Place::all().await {
        let app = app_with_people(&place).await;
        let admin = Client::sign_in(&app, "admin", PASSWORD).await;
        let (expected, _) = walk(&admin, "/accounts").await;
        // As a database is that was filled before there were keys.
        let forget = app.db().write(|tx| {
            Box::pin(async move {
                let sql = "update account set name_key = null, folded = null where tenant = $1";
                tx.change(Sql::with(sql, params![tx.tenant()])).await
            })
        });
        assert_eq!(forget.await.unwrap(), 122);
        let without = async || {
            let mut conn = app.db().read().await.unwrap();
            let sql = "select count(*) as n from account where tenant = $1 and (name_key is null or folded is null)";
            let sql = Sql::with(sql, params![conn.tenant()]);
            conn.count(sql).await.unwrap()
        };
        remake_keys::<Account>(app.db()).await.unwrap();
        assert_eq!(without().await, 122, "keys that are known to be there are not made again");
        put_setting(app.db(), "sort_keys.account", "older").await.unwrap();
        remake_keys::<Account>(app.db()).await.unwrap();
        assert_eq!(without().await, 0);
        assert_eq!(walk(&admin, "/accounts").await.0, expected);
    }
}

fn dispatch(number: usize, issuer: &str, day: usize) -> String {
    format!(
        "{issuer}\n\nSố: {number}/UBND-VX\nV/v rà soát\n\nSóc Trăng, ngày {day} tháng 9 năm 2021\n\nKính gửi:\n\n- Sở Y tế.\n\n\
         1. Sở Y tế rà soát.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\nCHỦ TỊCH\n\nPhạm Hoàng Minh\n"
    )
}

async fn take_in(office: &Client, texts: &[String]) {
    for (part, some) in texts.chunks(30).enumerate() {
        let names: Vec<String> = (0..some.len()).map(|n| format!("{part}-{n}.txt")).collect();
        let files: Vec<_> =
            some.iter().zip(&names).map(|(text, name)| ("file", name.as_str(), text.as_bytes())).collect();
        let _ = office.post_keyed("/directives/upload", Uuid::now_v7(), &[], &files).await.expect(200);
    }
}

#[tokio::test]
async fn dispatches_are_sorted_by_number_issuer_and_day() {
    for place in Place::all().await {
        let app = app_with_people(&place).await;
        let office = Client::sign_in(&app, "office", PASSWORD).await;
        let issuers =
            ["ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG", "ỦY BAN NHÂN DÂN\nTỈNH ĐẮK LẮK", "ỦY BAN NHÂN DÂN\nTỈNH AN GIANG"];
        let texts: Vec<String> = (1..=60).map(|n| dispatch((n * 11) % 61, issuers[n % 3], 1 + n % 12)).collect();
        take_in(&office, &texts).await;

        let number = |label: &String| label.split('/').next().unwrap().trim().parse::<usize>().unwrap();
        let (forward, back) = walk(&office, "/directives?sort=number").await;
        assert_eq!(back, forward);
        assert_eq!(forward.iter().map(number).collect::<Vec<_>>(), (1..=60).collect::<Vec<_>>(), "2 before 10");

        let column = async |query: &str, index: usize| {
            let file = office.get(&format!("/directives/export/csv?{query}")).await.expect(200).body;
            file.lines()
                .skip(1)
                .map(|line| line.split(';').nth(index).unwrap().trim_matches('"').to_owned())
                .collect::<Vec<_>>()
        };
        let mut by_issuer = column("sort=issuer", 4).await;
        assert_eq!(by_issuer.len(), 60);
        by_issuer.dedup();
        let places: Vec<&str> =
            by_issuer.iter().map(|name| name.rsplit_once("ỉnh ").map_or(name.as_str(), |(_, place)| place)).collect();
        assert_eq!(places, ["An Giang", "Đắk Lắk", "Sóc Trăng"], "{by_issuer:?}");
        let mut by_day = column("sort=-issued", 5).await;
        by_day.dedup();
        let days: Vec<usize> = by_day
            .iter()
            .map(|day| day.rsplit('-').next().unwrap().split('/').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(days, (1..=12).rev().collect::<Vec<_>>());
        // Newest first unless asked otherwise: the one taken in last stands first.
        let page = office.get("/directives").await.expect(200);
        assert_eq!(names(&page).first().map(number), Some((60 * 11) % 61));
        assert!(page.words().contains("1–50 trong tổng số 60"), "{}", page.words());
    }
}

#[tokio::test]
async fn units_are_listed_by_level_in_vietnamese_order() {
    for place in Place::all().await.into_iter().take(1) {
        let app = app_with_people(&place).await;
        let office = Client::sign_in(&app, "office", PASSWORD).await;
        let (districts, back) = walk(&office, "/units?kind=district&within=94").await;
        assert_eq!(back, districts);
        let bare = |name: &String| {
            ["huyện ", "thị xã ", "thành phố ", "Huyện ", "Thị xã ", "Thành phố "]
                .iter()
                .fold(name.clone(), |name, kind| name.strip_prefix(kind).map_or(name.clone(), str::to_owned))
        };
        assert_eq!(
            districts.iter().map(bare).collect::<Vec<_>>(),
            [
                "Châu Thành",
                "Cù Lao Dung",
                "Kế Sách",
                "Long Phú",
                "Mỹ Tú",
                "Mỹ Xuyên",
                "Ngã Năm",
                "Sóc Trăng",
                "Thạnh Trị",
                "Trần Đề",
                "Vĩnh Châu"
            ]
        );
        let (communes, back) = walk(&office, "/units?kind=commune&within=94&sort=-name").await;
        assert_eq!((communes.len(), &back), (109, &communes));
        let file = office.get("/units.csv?kind=commune&within=94").await.expect(200).body;
        assert_eq!(file.lines().count(), 110, "the file has what the list shows, and its head");
    }
}

#[tokio::test]
async fn a_filter_is_kept_opened_first_shared_and_taken_back() {
    for place in Place::all().await {
        let app = app_with_people(&place).await;
        let office = Client::sign_in(&app, "office", PASSWORD).await;
        let officer = Client::sign_in(&app, "nguoi-000", PASSWORD).await;
        let admin = Client::sign_in(&app, "admin", PASSWORD).await;
        let filtered = "/tasks?seen=overdue&unit=94/943/";
        let page = office.get(filtered).await.expect(200);
        let query = page.hidden("query").unwrap().replace("&amp;", "&");
        let save = |name: &'static str, more: &[(&'static str, &'static str)]| {
            let mut fields = vec![("page", "/tasks"), ("query", query.as_str()), ("name", name)];
            fields.extend_from_slice(more);
            fields
        };
        let page =
            office.post("/filters", &save("Quá hạn ở Kế Sách", &[("first", "1"), ("shared", "1")])).await.expect(303);
        let kept = page.location.unwrap();
        assert!(kept.starts_with("/tasks?seen=overdue&unit=94%2F943%2F"), "{kept}");
        assert!(office.get(&kept).await.expect(200).words().contains("Quá hạn ở Kế Sách · mặc định · của đơn vị"));

        // The list opens with it for its owner; who asks for everything gets everything.
        let first = office.get("/tasks").await.expect(303).location.unwrap();
        assert_eq!(first, "/tasks?seen=overdue&unit=94%2F943%2F");
        let _ = office.get("/tasks?all=1").await.expect(200);
        // Another of the unit is offered it and not led to it, and may not change it.
        let seen = officer.get("/tasks").await.expect(200);
        assert!(seen.words().contains("Quá hạn ở Kế Sách"), "{}", seen.words());
        let id = office.get(&kept).await.body.split("/filters/").nth(1).unwrap().split('/').next().unwrap().to_owned();
        let _ = officer.post(&format!("/filters/{id}/remove"), &[]).await.expect(404);
        let _ = officer.post(&format!("/filters/{id}/rename"), &[("name", "Khác")]).await.expect(404);
        let _ = officer.post("/filters", &save("Chung", &[("shared", "1")])).await.expect(422);
        // No page of ours, or none that one may open: nothing to keep a filter for.
        for page in ["/there-is-none", "https://example.org", "/tasks/{id}", "/logout"] {
            let _ = office.post("/filters", &[("page", page), ("query", "a=b"), ("name", "X")]).await.expect(422);
        }
        let _ = admin.post("/filters", &save("Của quản trị", &[])).await.expect(422);

        // A second one takes the first place over.
        let second = [("page", "/tasks"), ("query", "state=reported"), ("name", "Chờ xác nhận"), ("first", "1")];
        let _ = office.post("/filters", &second).await.expect(303);
        assert_eq!(office.get("/tasks").await.expect(303).location.unwrap(), "/tasks?state=reported");

        // Removed, and taken back by the button beside the word.
        let removed = office.post(&format!("/filters/{id}/remove"), &[]).await.expect(303).location.unwrap();
        let page = office.get(&removed).await.expect(200);
        assert!(page.words().contains("Đã xóa bộ lọc"), "{}", page.words());
        assert!(!officer.get("/tasks").await.expect(200).words().contains("Quá hạn ở Kế Sách"));
        let undo = format!("/filters/{id}/take-back");
        assert!(page.body.contains(&format!("action=\"{undo}\"")), "{}", page.body);
        let mark = page.hidden("_undo").unwrap().to_owned();
        let _ = office.post(&undo, &[("_undo", &mark)]).await.expect(303);
        assert!(officer.get("/tasks").await.expect(200).words().contains("Quá hạn ở Kế Sách"));
    }
}

#[tokio::test]
async fn what_was_just_done_is_taken_back_by_one_button() {
    for place in Place::all().await {
        let app = app_with_people(&place).await;
        let admin = Client::sign_in(&app, "admin", PASSWORD).await;
        let office = Client::sign_in(&app, "office", PASSWORD).await;

        // A dispatch that was discarded by mistake.
        take_in(
            &office,
            &[dispatch(7, "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG", 10), dispatch(8, "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG", 10)],
        )
        .await;
        let directive = office
            .get("/directives")
            .await
            .expect(200)
            .links("/directives/")
            .into_iter()
            .find(|link| link.len() > 40)
            .unwrap();
        let done =
            office.post(&format!("{directive}/discard"), &[("reason", "nhầm tệp")]).await.expect(303).location.unwrap();
        let page = office.get(&done).await.expect(200);
        let undo = format!("{directive}/restore");
        assert!(
            page.body.contains(&format!("action=\"{undo}\"")) && page.words().contains("Hoàn tác"),
            "{}",
            page.words()
        );
        assert!(!page.body.contains(&format!("href=\"{directive}\"")));
        let mark = page.hidden("_undo").unwrap().to_owned();
        // A mark that this session was not offered is none.
        let _ = office.post(&undo, &[("_undo", "1")]).await.expect(422);
        let _ = office.post(&undo, &[("_undo", &mark)]).await.expect(303);
        assert!(office.get("/directives").await.expect(200).body.contains(&directive));
        assert!(office.get(&directive).await.expect(200).words().contains("Hoàn tác ngay sau khi thực hiện"));
        // Done once; and by the form of the record only with a reason.
        let _ = office.post(&undo, &[("_undo", &mark)]).await.expect(422);
        let _ = office.post(&format!("{directive}/discard"), &[("reason", "nhầm tệp")]).await.expect(303);
        let _ = office.post(&undo, &[("reason", " ")]).await.expect(422);

        // Nobody can put such a button under somebody's eyes by a link: neither another path nor another session's mark.
        for (from, to) in [(undo.as_str(), "/accounts/x/close"), ("mark=", "mark=0")] {
            let forged = done.replace(from, to);
            assert!(!office.get(&forged).await.expect(200).words().contains("Hoàn tác"), "{forged}");
        }
        let other = Client::sign_in(&app, "office", PASSWORD).await;
        assert!(!other.get(&done).await.expect(200).words().contains("Hoàn tác"));

        // An account that was closed, a role that was given.
        let account = admin
            .get("/accounts?q=nguoi-001")
            .await
            .expect(200)
            .links("/accounts/")
            .into_iter()
            .find(|link| link.len() > 40)
            .unwrap();
        let done =
            admin.post(&format!("{account}/close"), &[("reason", "nhầm người")]).await.expect(303).location.unwrap();
        let page = admin.get(&done).await.expect(200);
        assert!(page.body.contains(&format!("action=\"{account}/reopen\"")));
        let mark = page.hidden("_undo").unwrap();
        let _ = admin.post(&format!("{account}/reopen"), &[("_undo", mark)]).await.expect(303);
        let grant = [("role", "observer"), ("unit", "94")];
        let done = admin.post(&format!("{account}/grant"), &grant).await.expect(303).location.unwrap();
        let page = admin.get(&done).await.expect(200);
        let end = page
            .body
            .split("action=\"")
            .map(|rest| rest.split('"').next().unwrap())
            .find(|action| action.contains("/grants/"))
            .unwrap();
        let _ = admin.post(end, &[("_undo", page.hidden("_undo").unwrap())]).await.expect(303);
        let history = admin.get(&account).await.expect(200).words();
        assert!(history.matches("Hoàn tác ngay sau khi thực hiện").count() >= 2, "{history}");
    }
}

#[tokio::test]
async fn tasks_are_paged_both_ways_although_all_are_due_at_once() {
    for place in Place::all().await {
        let app = app_with_people(&place).await;
        let office = Client::sign_in(&app, "office", PASSWORD).await;
        let text = dispatch(7, "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG", 10)
            .replace("1. Sở Y tế rà soát.", "1. UBND các xã, phường, thị trấn lập danh sách từng hộ.");
        let files = [("file", "7.txt", text.as_bytes())];
        let page = office.post_keyed("/directives/upload", Uuid::now_v7(), &[], &files).await.expect(303);
        let directive = page.address();
        let version = office.get(&directive).await.expect(200).hidden("version").unwrap().to_owned();
        let _ = office.post(&format!("{directive}/issue"), &[("version", &version)]).await.expect(303);

        let tasks = |page: &Page| -> Vec<String> {
            page.links("/tasks/").into_iter().filter(|link| link.len() == "/tasks/".len() + 36).collect()
        };
        let mut page = office.get("/tasks?state=assigned").await.expect(200);
        let mut forward = vec![tasks(&page)];
        for said in ["51–100 trong tổng số 109", "101–109 trong tổng số 109"] {
            page = office.get(&turn(&page, "next").unwrap()).await.expect(200);
            assert!(page.words().contains(said), "{}", page.words());
            forward.push(tasks(&page));
        }
        assert!(turn(&page, "next").is_none());
        let mut back = vec![tasks(&page)];
        for said in ["51–100 trong tổng số 109", "1–50 trong tổng số 109"] {
            page = office.get(&turn(&page, "prev").unwrap()).await.expect(200);
            assert!(page.words().contains(said), "{}", page.words());
            back.push(tasks(&page));
        }
        assert!(turn(&page, "prev").is_none());
        back.reverse();
        assert_eq!(back, forward);
        let mut all: Vec<String> = forward.into_iter().flatten().collect();
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 109, "each once");
    }
}
