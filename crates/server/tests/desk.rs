//! The desk through HTTP, on every engine: more time, targets, undo, many tasks at once, calendar, files.

use axum::http::Method;
use jiff::SignedDuration;
use vungxanh::{demo, open};
use vx_platform::{
    Clock,
    auth::Role,
    store::Uuid,
    web::{Access, App},
};
use vx_testkit::{Client, Page, Place};

use crate::support::work_off;

/// Two orders: one for a district with its communes, one for a commune; a third only to be cancelled.
const DISPATCH: &str = "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n\
Số: 9200/UBND-VX\nV/v xét nghiệm\n\nSóc Trăng, ngày 13 tháng 9 năm 2021\n\nKính gửi:\n\n\
- UBND huyện Kế Sách;\n- UBND xã Xuân Hòa, huyện Kế Sách.\n\nChủ tịch UBND tỉnh yêu cầu:\n\n\
1. UBND huyện Kế Sách tổ chức lấy mẫu xét nghiệm; hoàn thành trước 17h00 ngày 15/9/2021.\n\n\
2. UBND xã Xuân Hòa, huyện Kế Sách lập danh sách người về từ vùng dịch trước 17h00 ngày 20/9/2021./.\n\n\
Nơi nhận:\n- Như trên;\n- Lưu: VT, VX.\n\nCHỦ TỊCH\n\nPhạm Hoàng Minh\n";

const DISTRICT: &str = "94/943/";
const COMMUNE: &str = "94/943/31534/";

struct Story {
    app: App,
    clock: Clock,
    office: Client,
    district: Client,
    commune: Client,
    directive: String,
    /// The district's task and the commune's.
    tasks: [String; 2],
    _place: Place,
}

fn id(address: &str) -> &str {
    address.rsplit('/').next().unwrap()
}

/// The tasks that a page links to.
fn tasks_on(page: &Page) -> Vec<String> {
    page.links("/tasks/").into_iter().filter(|link| link.len() == "/tasks/".len() + 36).collect()
}

async fn tell(place: Place, with_demo: bool) -> Story {
    let clock = Clock::standing_at("2021-08-29T01:00:00Z".parse().unwrap());
    let app = open(place.folder.path(), &place.options, clock.clone(), None, false).await.unwrap();
    if with_demo {
        demo::seed(&app, &clock).await.unwrap();
    } else {
        demo::people(&app).await.unwrap();
        clock.set("2021-09-13T00:30:00Z".parse().unwrap());
    }
    let office = Client::sign_in(&app, "vanphong", demo::PASSWORD).await;
    let district = Client::sign_in(&app, "huyen.canbo", demo::PASSWORD).await;
    let commune = Client::sign_in(&app, "xa.chutich", demo::PASSWORD).await;
    let file: (&str, &str, &[u8]) = ("file", "9200.txt", DISPATCH.as_bytes());
    let page = office.post_keyed("/directives/upload", Uuid::now_v7(), &[], &[file]).await.expect(303);
    let directive = page.address();
    let version = office.get(&directive).await.expect(200).hidden("version").unwrap().to_owned();
    let _ = office.post(&format!("{directive}/issue"), &[("version", &version)]).await.expect(303);
    let of = |unit: &str| format!("/tasks?about={}&unit={unit}&desk=yes&state=all", id(&directive));
    let mut tasks = Vec::new();
    for unit in [DISTRICT, COMMUNE] {
        let found = tasks_on(&office.get(&of(unit)).await.expect(200));
        assert_eq!(found.len(), 1, "{unit}: {found:?}");
        tasks.extend(found);
    }
    let tasks = [tasks[0].clone(), tasks[1].clone()];
    Story { app, clock, office, district, commune, directive, tasks, _place: place }
}

impl Story {
    fn later(&self, minutes: i64) {
        let now = self.clock.now();
        self.clock.set(now.checked_add(SignedDuration::from_mins(minutes)).unwrap());
    }
    async fn state_of_the_dispatch(&self) -> String {
        work_off(&self.app).await;
        self.office.get(&self.directive).await.expect(200).words()
    }
}

#[tokio::test]
async fn more_time_is_asked_for_and_decided() {
    for place in Place::all().await {
        let story = tell(place, false).await;
        let [task, _] = &story.tasks;
        let (lead, office) = (&story.district, &story.office);
        let ask = format!("{task}/ask-extension");
        // Who does not lead it cannot ask for it; a stranger learns nothing.
        let _ = office.post(&ask, &[("until", "2021-09-17T17:00"), ("reason", "x")]).await.expect(403);
        let _ = story.commune.post(&ask, &[("until", "2021-09-17T17:00"), ("reason", "x")]).await.expect(404);
        let page = lead.post(&ask, &[("until", "2021-09-14"), ("reason", "thiếu sinh phẩm")]).await.expect(422);
        assert!(page.words().contains("phải sau thời hạn hiện tại"), "{}", page.words());
        let _ = lead.post(&ask, &[("until", "2021-09-17T17:00"), ("reason", "thiếu sinh phẩm")]).await.expect(303);
        // The assigner finds it among what is to be decided, and the list can show it.
        let inbox = office.get("/inbox").await.expect(200);
        assert!(inbox.body.contains(task), "{}", inbox.words());
        assert!(inbox.words().contains("xin gia hạn đến 17:00 17/9/2021"), "{}", inbox.words());
        let list = office.get("/tasks?part=assigned&seen=extension_asked").await.expect(200);
        assert_eq!(tasks_on(&list), std::slice::from_ref(task), "{}", list.words());
        // Granted, with the parts that had the same deadline; a part with another one stays.
        let to = [("to", COMMUNE), ("to", "94/943/31528/")];
        let _ = lead.post(&format!("{task}/split"), &to).await.expect(303);
        let page = office.get(task).await.expect(200).words();
        assert!(page.contains("thiếu sinh phẩm") && page.contains("Gia hạn cả 2 phần"), "{page}");
        let grant = format!("{task}/grant-extension");
        let fields = [("until", "2021-09-16T17:00"), ("with_parts", "yes"), ("reason", "chỉ thêm một ngày")];
        let _ = lead.post(&grant, &fields).await.expect(403);
        let _ = office.post(&grant, &fields).await.expect(303);
        let page = office.get(task).await.expect(200).words();
        assert!(page.contains("17:00 thứ Năm, 16/9/2021") && !page.contains("xin gia hạn đến"), "{page}");
        let parts = format!("/tasks?parent={}&part=assigned&due_from=2021-09-16&due_to=2021-09-16", id(task));
        assert_eq!(tasks_on(&lead.get(&parts).await.expect(200)).len(), 2);
        // A slip: taken back with the parts, and granted again.
        let undo = format!("{task}/undo");
        let _ = lead.post(&undo, &[]).await.expect(403);
        let _ = office.post(&undo, &[]).await.expect(303);
        assert!(tasks_on(&lead.get(&parts).await.expect(200)).is_empty());
        let page = office.get(task).await.expect(200).words();
        assert!(page.contains("Gia hạn cả 2 phần"), "it is to be decided again: {page}");
        let _ = office.post(&grant, &fields).await.expect(303);
        assert_eq!(tasks_on(&lead.get(&parts).await.expect(200)).len(), 2);
        // Declined with a reason, without one not at all.
        let _ = lead.post(&ask, &[("until", "2021-09-18"), ("reason", "mưa bão")]).await.expect(303);
        let decline = format!("{task}/decline-extension");
        let _ = office.post(&decline, &[("reason", " ")]).await.expect(422);
        let _ = office.post(&decline, &[("reason", "dịch đang lan nhanh")]).await.expect(303);
        let page = lead.get(task).await.expect(200).words();
        for said in ["mưa bão", "dịch đang lan nhanh", "Không đồng ý gia hạn", "chỉ thêm một ngày"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let _ = office.post(&grant, &[]).await.expect(422);
    }
}

#[tokio::test]
async fn a_calendar_feed_shows_what_its_token_may_read() {
    for place in Place::all().await {
        let story = tell(place, false).await;
        let [district, commune] = &story.tasks;
        let (lead, stranger) = (&story.commune, Client::stranger(&story.app));
        let page = lead.post("/tasks/calendar/feed", &[("unit", COMMUNE), ("part", "lead")]).await.expect(200);
        let address =
            page.body.split("<code class=\"text-break\" id=\"feed\">").nth(1).unwrap().split("</code>").next().unwrap();
        let address = address.replace("&amp;", "&");
        let feed = address[address.find("/tasks/").unwrap()..].to_owned();
        let said = stranger.get(&feed).await.expect(200).body.replace("\r\n ", "");
        for expected in
            ["BEGIN:VCALENDAR", "END:VCALENDAR", &format!("UID:{}@vungxanh", id(commune)), "DTSTART:2021", "/tasks/"]
        {
            assert!(said.contains(expected), "{expected} is not in: {said}");
        }
        assert!(!said.contains(id(district)), "the district's task is not the commune's");
        // Of the whole province the token reads what its owner may read, and no more.
        let wider = feed.replace(&format!("unit={}", COMMUNE.replace('/', "%2F")), "unit=94%2F");
        assert!(wider != feed && !stranger.get(&wider).await.expect(200).body.contains(id(district)));
        // Nobody's secret, and one that was revoked.
        let wrong = feed.replace("key=vx_", "key=vx_0");
        let _ = stranger.get(&wrong).await.expect(404);
        let _ = stranger.get("/tasks/calendar.ics").await.expect(404);
        let tokens = lead.get("/tokens").await.expect(200);
        assert!(tokens.words().contains("Vùng Xanh: UBND xã Xuân Hòa"), "{}", tokens.words());
        let revoke = tokens.body.split("action=\"/tokens/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let _ = lead.post(&format!("/tokens/{revoke}"), &[]).await.expect(303);
        let _ = stranger.get(&feed).await.expect(404);
    }
}

#[tokio::test]
async fn a_slip_is_taken_back_by_who_made_it() {
    for place in Place::all().await {
        let story = tell(place, false).await;
        let [district, commune] = &story.tasks;
        let (office, lead) = (&story.office, &story.commune);
        let undo = format!("{commune}/undo");
        // Nothing was done yet.
        let _ = lead.post(&undo, &[]).await.expect(422);
        let _ = lead.post(&format!("{commune}/acknowledge"), &[]).await.expect(303);
        let page = lead.get(commune).await.expect(200);
        assert!(page.body.contains(&undo) && page.words().contains("Có thể hoàn tác"), "{}", page.words());
        // Nobody else may, not even of the same unit.
        let colleague = Client::sign_in(&story.app, "xa.canbo", demo::PASSWORD).await;
        assert!(!colleague.get(commune).await.expect(200).body.contains(&undo));
        let page = colleague.post(&undo, &[]).await.expect(422);
        assert!(page.words().contains("Lâm Văn Phúc"), "{}", page.words());
        let _ = lead.post(&undo, &[]).await.expect(303);
        let page = lead.get(commune).await.expect(200).words();
        assert!(page.contains("Chưa tiếp nhận") && page.contains("Hoàn tác bước vừa rồi"), "{page}");
        // An undo is not undone, and too late is too late.
        let _ = lead.post(&undo, &[]).await.expect(422);
        let _ = lead.post(&format!("{commune}/acknowledge"), &[]).await.expect(303);
        story.later(16);
        let page = lead.post(&undo, &[]).await.expect(422);
        assert!(page.words().contains("quá 15 phút"), "{}", page.words());
        assert!(!lead.get(commune).await.expect(200).body.contains(&undo));

        // Reassigned to the wrong unit: it comes back as it was.
        let wrong = [("to", "94/942/"), ("reason", "nhầm")];
        let _ = office.post(&format!("{district}/reassign"), &wrong).await.expect(303);
        let _ = story.district.get(district).await.expect(404);
        let _ = office.post(&format!("{district}/undo"), &[]).await.expect(303);
        let _ = story.district.get(district).await.expect(200);

        // Cancelled with its parts: those that were open come back, the one that was confirmed stays as it is.
        let to = [("to", COMMUNE), ("to", "94/943/31528/")];
        let _ = story.district.post(&format!("{district}/split"), &to).await.expect(303);
        let mine = format!("/tasks?parent={}", id(district));
        let part = tasks_on(&lead.get(&mine).await.expect(200)).remove(0);
        let _ = lead.post(&format!("{part}/acknowledge"), &[]).await.expect(303);
        let _ = lead.post(&format!("{part}/report"), &[("reason", "xong")]).await.expect(303);
        let _ = story.district.post(&format!("{part}/confirm"), &[]).await.expect(303);
        story.later(1);
        let _ = office.post(&format!("{district}/cancel"), &[("reason", "nhầm")]).await.expect(303);
        let parts = |state: &str| format!("/tasks?parent={}&part=assigned&state={state}", id(district));
        let n = async |state: &str| tasks_on(&story.district.get(&parts(state)).await.expect(200)).len();
        assert_eq!((n("cancelled").await, n("confirmed").await), (1, 1));
        let _ = office.post(&format!("{district}/undo"), &[]).await.expect(303);
        assert_eq!((n("cancelled").await, n("confirmed").await, n("assigned").await), (0, 1, 1));
        assert!(office.get(district).await.expect(200).words().contains("Đang thực hiện"));
    }
}

#[tokio::test]
async fn a_dispatch_is_open_again_when_its_last_task_is() {
    for place in Place::all().await {
        let story = tell(place, false).await;
        let [district, commune] = &story.tasks;
        let office = &story.office;
        let _ = office.post(&format!("{district}/cancel"), &[("reason", "thôi")]).await.expect(303);
        for round in 0..2 {
            let _ = office.post(&format!("{commune}/cancel"), &[("reason", "thôi")]).await.expect(303);
            let page = story.state_of_the_dispatch().await;
            assert!(page.contains("Hoàn thành toàn bộ nhiệm vụ"), "{round}: {page}");
            let _ = office.post(&format!("{commune}/undo"), &[]).await.expect(303);
            let page = story.state_of_the_dispatch().await;
            assert!(page.contains("Mở lại vì có nhiệm vụ chưa kết thúc"), "{round}: {page}");
        }
        // Completed twice, opened twice: the history says each.
        let page = story.state_of_the_dispatch().await;
        assert_eq!(page.matches("Hoàn thành toàn bộ nhiệm vụ").count(), 2, "{page}");
    }
}

#[tokio::test]
async fn targets_are_counted_by_unit_and_put_right_without_erasing() {
    for place in Place::all().await {
        let story = tell(place, false).await;
        let [task, _] = &story.tasks;
        let (office, district, commune) = (&story.office, &story.district, &story.commune);
        let tally = |task: &str| format!("{task}/tally");
        let entry = |n: &'static str| [("on", "2021-09-13"), ("n", n), ("reason", "sáng")];
        let _ = district.post(&format!("{task}/acknowledge"), &[]).await.expect(303);
        let _ = district.post(&tally(task), &entry("5")).await.expect(422);
        let _ = district.post(&format!("{task}/target"), &[("of", "mẫu"), ("n", "900")]).await.expect(403);
        let _ = office.post(&format!("{task}/target"), &[("of", "mẫu"), ("n", "0")]).await.expect(422);
        let _ = office.post(&format!("{task}/target"), &[("of", "mẫu"), ("n", "900")]).await.expect(303);
        let _ = district.post(&tally(task), &entry("100")).await.expect(303);
        let _ = district.post(&tally(task), &[("on", "2021-09-14"), ("n", "1")]).await.expect(422);
        // One number for each, another for one of them.
        let split = [
            ("to", COMMUNE),
            ("to", "94/943/31528/"),
            ("target_of", "mẫu"),
            ("target_each", "300"),
            ("target:94/943/31528/", "400"),
        ];
        let _ = district.post(&format!("{task}/split"), &split).await.expect(303);
        let part = tasks_on(&commune.get(&format!("/tasks?parent={}", id(task))).await.expect(200)).remove(0);
        let _ = commune.post(&tally(&part), &entry("90")).await.expect(422);
        let _ = commune.post(&format!("{part}/acknowledge"), &[]).await.expect(303);
        let _ = commune.post(&tally(&part), &entry("900")).await.expect(303);
        // Nobody counts for another unit.
        let _ = district.post(&tally(&part), &entry("1")).await.expect(403);
        let page = commune.get(&format!("{part}/tallies")).await.expect(200);
        let wrong = page.hidden("corrects").unwrap().to_owned();
        let right = [("on", "2021-09-13"), ("n", "90"), ("corrects", wrong.as_str())];
        let _ = commune.post(&tally(&part), &right).await.expect(303);
        let _ = commune.post(&tally(&part), &right).await.expect(422);
        // Only one's own entries can be put right.
        let _ = district.post(&tally(task), &right).await.expect(404);
        let page = commune.get(&format!("{part}/tallies")).await.expect(200).words();
        assert!(
            page.contains("90 / 300 mẫu (30 %)") && page.contains("900") && page.contains("đã đính chính"),
            "{page}"
        );
        let page = office.get(task).await.expect(200).words();
        assert!(page.contains("190 / 900 mẫu (21 %)"), "own 100 and the part's 90: {page}");
        // Worst first: the unit that reported nothing, then the other, then the district itself.
        let csv = office.get(&format!("{task}/progress/csv")).await.expect(200).body;
        let rows: Vec<Vec<&str>> = csv.lines().skip(1).map(|line| line.split(';').collect()).collect();
        let figures: Vec<(&str, &str, &str)> = rows.iter().map(|row| (row[2], row[3], row[4])).collect();
        assert_eq!(
            figures,
            [("400", "", "0 %"), ("300", "90", "30 %"), ("", "100", ""), ("900", "190", "21 %")],
            "{csv}"
        );
        let sheet = office.get(&format!("{task}/progress/xlsx")).await.expect(200);
        assert!(sheet.body.starts_with("PK"));
        let _ = office.get(&format!("{task}/progress/pdf")).await.expect(404);
    }
}

#[tokio::test]
async fn many_tasks_at_once_lose_none() {
    for place in Place::all().await {
        let story = tell(place, false).await;
        let [district, commune] = &story.tasks;
        let office = &story.office;
        let both = |action: &'static str| [("do", action), ("task", id(district)), ("task", id(commune))];
        // Not one's own to acknowledge: each is said, nothing is done.
        let page = office.post("/inbox", &both("acknowledge")).await.expect(200);
        assert!(page.words().contains("2 nhiệm vụ không thực hiện được"), "{}", page.words());
        let page = story.commune.post("/inbox", &both("acknowledge")).await.expect(200);
        assert!(page.words().contains("Đã tiếp nhận 1 nhiệm vụ"), "{}", page.words());
        assert!(page.words().contains("1 nhiệm vụ không thực hiện được"), "{}", page.words());
        let title = "tổ chức lấy mẫu xét nghiệm";
        assert!(!page.words().contains(title), "a stranger's task is not named: {}", page.words());
        let _ = story.commune.post(&format!("{commune}/report"), &[("reason", "xong")]).await.expect(303);
        // One that can be confirmed, one that cannot: the first is, the second is linked with the reason.
        let key = Uuid::now_v7();
        let page = office.post_keyed("/inbox", key, &both("confirm"), &[]).await.expect(200);
        assert!(page.words().contains("Đã xác nhận hoàn thành 1 nhiệm vụ"), "{}", page.words());
        assert!(page.body.contains(&format!("href=\"{district}\"")), "{}", page.words());
        // The same form again does the same once.
        let page = office.post_keyed("/inbox", key, &both("confirm"), &[]).await.expect(200);
        assert!(page.words().contains("Đã xác nhận hoàn thành 1 nhiệm vụ"), "{}", page.words());
        let _ = office.post("/inbox", &both("cancel")).await.expect(422);
        let list = format!("/tasks?about={}&state=all", id(&story.directive));
        let page = office.post(&list, &[("do", "undo"), ("task", id(commune))]).await.expect(200);
        assert!(page.words().contains("Đã hoàn tác 1 nhiệm vụ") && tasks_on(&page).len() == 2, "{}", page.words());
        let mut cancel = both("cancel").to_vec();
        cancel.push(("reason", "gộp vào văn bản khác"));
        let page = office.post("/inbox", &cancel).await.expect(200);
        assert!(page.words().contains("Đã hủy 2 nhiệm vụ"), "{}", page.words());
        // Too many is refused as a whole.
        let ids: Vec<String> = (0..501).map(|_| Uuid::now_v7().to_string()).collect();
        let mut fields: Vec<(&str, &str)> = ids.iter().map(|id| ("task", id.as_str())).collect();
        fields.push(("do", "acknowledge"));
        let _ = office.post("/inbox", &fields).await.expect(422);
        let _ = office.post("/inbox", &[("do", "acknowledge")]).await.expect(422);
    }
}

/// The number that stands in a heading's link to its list.
fn heading_totals(page: &Page) -> Vec<(String, String)> {
    page.body
        .split("<h2 class=\"vx-group\">")
        .skip(1)
        .map(|piece| {
            let (href, rest) = piece.split("href=\"").nth(1).unwrap().split_once("\">").unwrap();
            (href.replace("&amp;", "&"), rest.split('<').next().unwrap().replace('.', ""))
        })
        .collect()
}

#[tokio::test]
async fn each_number_is_the_count_of_the_list_behind_it() {
    for place in Place::all().await {
        let story = tell(place, true).await;
        for client in [&story.office, &story.district, &story.commune] {
            let inbox = client.get("/inbox").await.expect(200);
            let totals = heading_totals(&inbox);
            assert!(!totals.is_empty(), "{}", inbox.words());
            for (href, total) in totals {
                let list = client.get(&href).await.expect(200);
                let shown = format!("<h1>Nhiệm vụ <span class=\"vx-quiet\">{total}</span>");
                assert!(list.body.replace('.', "").contains(&shown), "{href} {total}: {}", list.words());
            }
            let calendar = client.get("/tasks/calendar?month=2021-09").await.expect(200);
            let days = calendar.links("/tasks?");
            assert!(!days.is_empty(), "{}", calendar.words());
            for href in days.iter().take(6) {
                let total = calendar.body.split(&format!("href=\"{}\"", href.replace('&', "&amp;"))).nth(1).unwrap();
                let total: String = total
                    .split_once('>')
                    .unwrap()
                    .1
                    .chars()
                    .skip_while(|c| !c.is_ascii_digit())
                    .take_while(char::is_ascii_digit)
                    .collect();
                let list = client.get(href).await.expect(200);
                assert!(list.body.contains(&format!("<span class=\"vx-quiet\">{total}</span>")), "{href} {total}");
            }
        }
        // HỎA TỐC first in each group, whatever its deadline.
        let inbox = story.district.get("/inbox").await.expect(200);
        for group in inbox.body.split("<h2 class=\"vx-group\">").skip(1) {
            let rows: Vec<bool> = group.split("<li>").skip(1).map(|row| row.contains("HỎA TỐC")).collect();
            assert!(rows.is_sorted_by(|a, b| a >= b), "{rows:?}");
        }
    }
}

#[tokio::test]
async fn what_one_sees_can_be_taken_along() {
    for place in Place::all().await {
        let story = tell(place, false).await;
        let client = &story.district;
        let list = client.get("/tasks?state=all").await.expect(200);
        let total: usize = list
            .body
            .split("<h1>Nhiệm vụ <span class=\"vx-quiet\">")
            .nth(1)
            .unwrap()
            .split('<')
            .next()
            .unwrap()
            .replace('.', "")
            .parse()
            .unwrap();
        let csv = client.get("/tasks/export/csv?state=all").await.expect(200).body;
        assert_eq!(csv.lines().count(), total + 1, "a heading and each row of the list");
        assert!(csv.starts_with("\u{feff}Nhiệm vụ;Văn bản;"), "{}", csv.lines().next().unwrap());
        assert!(csv.contains("2021-09-15 17:00"), "moments are written so that a spreadsheet reads them as such");
        for address in ["/tasks/board/export/csv", "/directives/export/csv"] {
            assert!(client.get(address).await.expect(200).body.lines().count() >= 2, "{address}");
        }
        for address in ["/tasks/export/xlsx", "/tasks/board/export/xlsx", "/directives/export/xlsx"] {
            assert!(client.get(address).await.expect(200).body.starts_with("PK"), "{address}");
        }
    }
}

/// Whoever loads the answer to a form anew, or types its address, is told so instead of seeing a blank page.
#[tokio::test]
async fn an_address_to_which_forms_are_sent_says_so_when_it_is_opened() {
    let place = Place::sqlite();
    let clock = Clock::standing_at("2021-08-29T01:00:00Z".parse().unwrap());
    let app = open(place.folder.path(), &place.options, clock, None, false).await.unwrap();
    demo::people(&app).await.unwrap();
    let office = Client::sign_in(&app, "vanphong", demo::PASSWORD).await;
    let (mut looked, routes) = (0, vungxanh::modules().into_iter().flat_map(|module| (module.routes)()));
    let (posts, gets): (Vec<_>, Vec<_>) =
        routes.filter(|route| route.operation.is_none()).partition(|route| route.method == Method::POST);
    for route in posts.iter().filter(|route| gets.iter().all(|get| get.path != route.path)) {
        let Access::Needs(permission) = route.access else { continue };
        if app.rights().breadth(Role::Office, permission).is_some() {
            let page = office.get(&route.path.replace("{id}", &Uuid::nil().to_string())).await.expect(405);
            assert!(page.words().contains("chỉ nhận nội dung gửi lên từ biểu mẫu"), "{}: {}", route.path, page.words());
            looked += 1;
        }
    }
    assert!(looked > 20, "{looked}");
    app.db().close().await;
}
