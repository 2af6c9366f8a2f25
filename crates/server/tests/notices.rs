//! Notices: what is made of what happens, once; the bell; mail and gateway with their faults; nothing personal outside.

use std::net::SocketAddr;

use jiff::SignedDuration;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use vungxanh::{demo, modules, open};
use vx_foundation::{
    notices::{self, line_of},
    retention,
};
use vx_kernel::{Id, Path, time::Lang};
use vx_platform::{
    auth::{self, Role},
    jobs,
    notify::{Channel, Couriers, Line, Notice, Outcome, Parcel, Trouble, mail::Secrecy},
    store::{Sql, Uuid},
    web::{App, router},
};
use vx_testkit::{Client, Page, Place, golden};

use crate::support::{
    client, count, later, people,
    post::{Answer, GatewayServer, MailServer, Manner, header, parts},
    work_off,
};

const HEAD: &str =
    "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\n";
const COMMUNE: &str = "94/943/31534/";

/// A dispatch to a district and a commune, a task for each.
fn dispatch(number: &str, stamp: &str) -> String {
    format!(
        "{HEAD}Số: {number}\nV/v rà soát ca bệnh Nguyễn Văn An\n\nSóc Trăng, ngày 13 tháng 9 năm 2021\n\n{stamp}\n\n\
         Kính gửi:\n\n- UBND huyện Kế Sách;\n- UBND xã Xuân Hòa, huyện Kế Sách.\n\nChủ tịch UBND tỉnh yêu cầu:\n\n\
         1. UBND xã Xuân Hòa, huyện Kế Sách lập danh sách người tiếp xúc với ca bệnh Nguyễn Văn An; hoàn thành trước 17h00 ngày 15/9/2021.\n\n\
         2. UBND huyện Kế Sách chuẩn bị khu cách ly tập trung, báo cáo UBND tỉnh trước ngày 16/9/2021./.\n\n\
         Nơi nhận:\n- Như trên;\n- Lưu: VT, VX.\n\nCHỦ TỊCH\n\nPhạm Hoàng Minh\n"
    )
}

const PEOPLE: [(&str, &str, Role, &str); 6] = [
    ("quantri", "Quản trị hệ thống", Role::Admin, ""),
    ("vanphong", "Trần Ngọc Lan", Role::Office, "94/"),
    ("huyen.canbo", "Lâm Văn Tài", Role::Office, "94/943/"),
    ("xa.chutich", "Lý Thanh Bình", Role::Chair, COMMUNE),
    ("xa.canbo", "Sơn Thị Mỹ", Role::Officer, COMMUNE),
    ("xa.theodoi", "Danh Út", Role::Observer, COMMUNE),
];

/// A few people of a province at eight in the morning, and the clock that the tests set.
async fn people_on(place: &Place) -> App {
    let app = people::on(place, &PEOPLE).await;
    notices::derive_all(&app).await.unwrap();
    app
}

/// Sends a dispatch out; its address.
async fn send_out(app: &App, number: &str, stamp: &str) -> String {
    let office = client(app, "vanphong").await;
    let text = dispatch(number, stamp);
    let file: (&str, &str, &[u8]) = ("file", "van-ban.txt", text.as_bytes());
    let directive = office.post_keyed("/directives/upload", Uuid::now_v7(), &[], &[file]).await.expect(303).address();
    let page = office.get(&directive).await.expect(200);
    let version = page.hidden("version").unwrap_or_else(|| panic!("{}", page.words())).to_owned();
    let _ = office.post(&format!("{directive}/issue"), &[("version", &version)]).await.expect(303);
    directive
}

/// What the watcher and the queue would do within a second.
async fn a_moment(app: &App) {
    notices::derive_all(app).await.unwrap();
    work_off(app).await;
}

fn bell(page: &Page) -> String {
    let bell = page.body.split("data-bell aria-label=\"").nth(1).unwrap_or_else(|| panic!("no bell: {}", page.words()));
    bell.split('"').next().unwrap().to_owned()
}

async fn texts(app: &App, sql: &'static str) -> Vec<String> {
    let rows = app.db().read().await.unwrap().rows(Sql::new(sql)).await.unwrap();
    rows.iter().map(|row| row.get("text").unwrap()).collect()
}

#[tokio::test]
async fn every_text_of_a_notice_is_known_and_names_nobody() {
    let place = Place::sqlite();
    let app = people_on(&place).await;
    let notice = |kind: &str, n| Notice {
        id: Id::fresh(),
        path: Path::parse(COMMUNE).unwrap(),
        version: 0,
        kind: kind.to_owned(),
        account: None,
        by_account: None,
        entry: Uuid::nil(),
        block: 0,
        about: None,
        href: String::new(),
        source: "26/CĐ-UBND".to_owned(),
        unit: Some(Path::parse("94/943/").unwrap()),
        due_at: Some("2021-09-15T10:00:00Z".parse().unwrap()),
        hoa_toc: false,
        n,
        at: app.clock().now(),
        settled_at: None,
        settled_block: None,
    };
    let mut out = String::new();
    for kind in modules().iter().flat_map(|module| module.notices) {
        out.push_str(&format!(
            "{} ({}) → {}\n",
            kind.name,
            kind.class,
            if kind.to.is_empty() { "the person" } else { kind.to }
        ));
        for n in if kind.list.is_some() { vec![1, 12] } else { vec![1] } {
            for lang in [Lang::Vi, Lang::En] {
                out.push_str(&format!("  {}\n", line_of(&app, lang, &notice(kind.name, n))));
            }
        }
    }
    let bare = Notice { source: String::new(), due_at: None, hoa_toc: true, ..notice("tasks.given", 1) };
    out.push_str(&format!("{}\n{}\n", line_of(&app, Lang::Vi, &bare), line_of(&app, Lang::En, &bare)));
    golden(env!("CARGO_MANIFEST_DIR"), "notices.txt", &out);
}

#[tokio::test]
async fn every_kind_of_notice_rests_on_verbs_and_permissions_that_exist() {
    let place = Place::sqlite();
    let app = people_on(&place).await;
    let kinds: Vec<_> = modules().iter().flat_map(|module| module.notices).collect();
    for kind in &kinds {
        assert!(kinds.iter().filter(|other| other.name == kind.name).count() == 1, "{} is there twice", kind.name);
        assert!(kind.to.is_empty() || app.rights().knows(kind.to), "{} is told by {}", kind.name, kind.to);
        for verb in kind.verbs.iter().copied().chain(kind.endings()) {
            let key = verb.replace('.', "-");
            let is_known = app.words().has(Lang::Vi, &format!("did-{key}")) || app.words().has(Lang::Vi, &key);
            assert!(is_known || verb == "accounts.sign_in", "{}: nobody does {verb}", kind.name);
        }
    }
}

#[tokio::test]
async fn a_notice_is_made_once_whoever_looks() {
    for place in Place::all().await {
        let app = people_on(&place).await;
        let other = open(place.folder.path(), &place.options, app.clock().clone(), None, false).await.unwrap();
        let _ = send_out(&app, "9100/UBND-VX", "").await;
        let (one, two) = tokio::join!(notices::derive(&app), notices::derive(&other));
        assert!(one.is_ok() || two.is_ok(), "at least one of them comes through");
        for app in [&app, &other, &app] {
            notices::derive_all(app).await.unwrap();
        }
        let made =
            texts(&app, "select path || ' ' || kind as text from notice where kind like 'tasks%' order by path").await;
        assert_eq!(made, ["94/943/ tasks.given", "94/943/31534/ tasks.given"]);
        other.db().close().await;
        app.db().close().await;
    }
}

#[tokio::test]
async fn the_bell_counts_what_is_unread_and_not_yet_done() {
    for place in Place::all().await {
        let app = people_on(&place).await;
        let (chair, officer) = (client(&app, "xa.chutich").await, client(&app, "xa.canbo").await);
        assert_eq!(bell(&officer.get("/notices").await.expect(200)), "Thông báo: không có thông báo chưa đọc");
        let _ = send_out(&app, "9100/UBND-VX", "HỎA TỐC").await;
        a_moment(&app).await;
        let page = officer.get("/notices").await.expect(200);
        assert_eq!(bell(&page), "Thông báo: 1 chưa đọc");
        let said = "HỎA TỐC: Nhiệm vụ mới theo 9100/UBND-VX, UBND tỉnh Sóc Trăng giao, hạn 17:00 15/9/2021";
        assert!(page.words().contains(said), "{}", page.words());
        assert!(!page.body.contains("Nguyễn Văn An"));

        // Who did it, who sits elsewhere, and who only looks on are not told.
        for login in ["vanphong", "xa.theodoi", "quantri"] {
            let page = client(&app, login).await.get("/notices").await.expect(200);
            assert_eq!(bell(&page), "Thông báo: không có thông báo chưa đọc", "{login}");
        }
        let notice = page.links("/notices/").into_iter().find(|link| link.len() == "/notices/".len() + 36).unwrap();
        let _ = client(&app, "huyen.canbo").await.get(&notice).await.expect(404);

        // Read, taken back, all read; another's marks are their own.
        let read = officer.post(&format!("{notice}/read"), &[]).await.expect(303);
        assert_eq!(bell(&officer.get("/notices").await), "Thông báo: không có thông báo chưa đọc");
        let undo =
            read.location.as_deref().unwrap().split("undo=").nth(1).unwrap().split('&').next().unwrap().to_owned();
        let _ = chair.post(&undo, &[]).await.expect(404);
        let _ = officer.post(&undo, &[]).await.expect(303);
        let page = officer.get("/notices?state=unread").await.expect(200);
        assert_eq!(bell(&page), "Thông báo: 1 chưa đọc");
        let up_to = page.hidden("up_to").unwrap().to_owned();
        let _ = officer.post("/notices/read", &[("up_to", &up_to)]).await.expect(303);
        assert!(officer.get("/notices?state=unread").await.expect(200).words().contains("Không có dòng nào khớp"));
        assert_eq!(bell(&chair.get("/").await.expect(200)), "Thông báo: 1 chưa đọc");

        // The link leads to the task; opening it is having read.
        let task = chair.get(&notice).await.expect(303).address();
        assert!(task.starts_with("/tasks/"), "{task}");
        assert_eq!(bell(&chair.get("/").await.expect(200)), "Thông báo: không có thông báo chưa đọc");

        // Whoever acknowledges settles it for everybody of the unit.
        let _ = send_out(&app, "9101/UBND-VX", "").await;
        a_moment(&app).await;
        assert_eq!(bell(&officer.get("/").await.expect(200)), "Thông báo: 1 chưa đọc");
        let second = officer.get("/notices?state=unread").await.expect(200);
        let second = second.links("/notices/").into_iter().find(|link| link.len() == "/notices/".len() + 36).unwrap();
        let task = officer.get(&second).await.expect(303).address();
        let _ = officer.post(&format!("{task}/acknowledge"), &[]).await.expect(303);
        a_moment(&app).await;
        assert_eq!(bell(&chair.get("/").await.expect(200)), "Thông báo: không có thông báo chưa đọc");
        assert!(chair.get("/notices").await.expect(200).words().contains("Đã xử lý"));

        // What waits for the office: a report of the commune; it is told once, to the office.
        let _ = officer.post(&format!("{task}/report"), &[("reason", "đã xong")]).await.expect(303);
        a_moment(&app).await;
        let office = client(&app, "vanphong").await.get("/notices?class=decision").await.expect(200);
        let said = "UBND xã Xuân Hòa, huyện Kế Sách báo cáo hoàn thành nhiệm vụ theo 9101/UBND-VX, chờ xác nhận";
        assert!(office.words().contains(said), "{}", office.words());
        app.db().close().await;
    }
}

#[tokio::test]
async fn what_climbs_is_told_to_whom_it_climbs_and_a_new_device_to_its_owner() {
    let place = Place::sqlite();
    let app = people_on(&place).await;
    let _ = send_out(&app, "9100/UBND-VX", "").await;
    app.clock().set("2021-09-15T10:00:00Z".parse().unwrap());
    jobs::schedule(&app).await.unwrap();
    later(&app, SignedDuration::from_mins(61));
    a_moment(&app).await;
    a_moment(&app).await;
    let words = client(&app, "xa.canbo").await.get("/notices?class=deadline").await.expect(200).words();
    assert!(
        words.contains("Nhiệm vụ theo 9100/UBND-VX đã quá hạn 17:00 15/9/2021 và được báo lên cấp trên"),
        "{words}"
    );
    let words = client(&app, "huyen.canbo").await.get("/notices?class=deadline").await.expect(200).words();
    assert!(words.contains("UBND xã Xuân Hòa, huyện Kế Sách quá hạn nhiệm vụ theo 9100/UBND-VX"), "{words}");

    for device in ["Firefox ở phòng trực", "Firefox ở phòng trực", "máy lạ"] {
        later(&app, SignedDuration::from_mins(1));
        auth::sign_in(app.db(), "xa.theodoi", demo::PASSWORD.to_owned(), device).await.unwrap();
    }
    a_moment(&app).await;
    let observer = client(&app, "xa.theodoi").await;
    let words = observer.get("/notices?class=account").await.expect(200).words();
    assert_eq!(words.matches("đăng nhập từ một thiết bị mới").count(), 1, "{words}");
}

/// The program with ways out.
async fn with_ways(place: &Place) -> (App, MailServer, GatewayServer) {
    let app = people_on(place).await;
    let (mail, gateway) = (MailServer::start(), GatewayServer::start().await);
    app.set_couriers(Couriers {
        mail: Some(mail.courier()),
        gateway: Some(gateway.courier()),
        public_url: "https://vungxanh.soctrang.example".to_owned(),
        per_minute: 60,
    });
    (app, mail, gateway)
}

/// Names an address and gives back the code that came there.
async fn reach(app: &App, person: &Client, channel: &str, address: &str, code: impl Fn() -> String) {
    let fields = [("channel", channel), ("address", address)];
    let _ = person.post("/notices/contacts", &fields).await.expect(303);
    a_moment(app).await;
    let page = person.get("/notices/settings").await.expect(200);
    let confirm = page.body.split("action=\"").filter_map(|rest| rest.split('"').next());
    let confirm = confirm.into_iter().find(|action| action.ends_with("/confirm")).unwrap().to_owned();
    let code = code();
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = person.post(&confirm, &[("code", wrong)]).await.expect(422);
    assert!(refused.words().contains("còn 4 lần thử"), "{}", refused.words());
    let _ = person.post(&confirm, &[("code", &code)]).await.expect(303);
    let _ = person.post(&confirm, &[("code", &code)]).await.expect(422);
}

fn code_in(text: &str) -> String {
    let after = text.split("Mã xác nhận của Vùng Xanh: ").nth(1).unwrap_or_else(|| panic!("no code: {text}"));
    after.chars().take(6).collect()
}

async fn reach_by_mail(app: &App, mail: &MailServer, login: &str) -> Client {
    let person = client(app, login).await;
    let code = || code_in(&parts(mail.mails().last().unwrap())[0].1);
    reach(app, &person, "email", &format!("{login}@soctrang.example"), code).await;
    person
}

async fn reach_by_sms(app: &App, gateway: &GatewayServer, login: &str, number: &str) -> Client {
    let person = client(app, login).await;
    let code = || code_in(gateway.asked().last().unwrap().1["text"].as_str().unwrap());
    reach(app, &person, "sms", number, code).await;
    person
}

#[tokio::test]
async fn a_mail_says_what_it_may_and_leads_back() {
    for place in Place::all().await {
        let (app, mail, _) = with_ways(&place).await;
        let officer = reach_by_mail(&app, &mail, "xa.canbo").await;
        let _ = send_out(&app, "9100/UBND-VX", "HỎA TỐC").await;
        a_moment(&app).await;
        let mails = mail.mails();
        assert_eq!(mails.len(), 2, "the code and the notice: {mails:#?}");
        let said = "HỎA TỐC: Nhiệm vụ mới theo 9100/UBND-VX, UBND tỉnh Sóc Trăng giao, hạn 17:00 15/9/2021";
        assert_eq!(header(&mails[1], "Subject"), said);
        assert_eq!(header(&mails[1], "To"), "xa.canbo@soctrang.example");
        assert_eq!(header(&mails[1], "From"), "Vùng Xanh <thong-bao@soctrang.example>");
        let settings = "https://vungxanh.soctrang.example/notices/settings";
        assert_eq!(header(&mails[1], "List-Unsubscribe"), format!("<{settings}>"));
        assert_eq!(header(&mails[1], "Auto-Submitted"), "auto-generated");
        let parts = parts(&mails[1]);
        assert!(parts[0].0.starts_with("text/plain; charset=utf-8"), "{parts:?}");
        assert!(parts[1].0.starts_with("text/html; charset=utf-8"), "{parts:?}");
        for (_, text) in &parts {
            assert!(text.contains(said) && text.contains(settings), "{text}");
            for personal in ["Nguyễn Văn An", "ca bệnh", "Sơn Thị Mỹ", "Trần Ngọc Lan", "danh sách"] {
                assert!(!text.contains(personal), "{personal} in {text}");
            }
        }
        let link = parts[0]
            .1
            .lines()
            .find_map(|line| line.strip_prefix("https://vungxanh.soctrang.example/notices/"))
            .unwrap();
        assert!(officer.get(&format!("/notices/{link}")).await.expect(303).address().starts_with("/tasks/"));

        // Neither the journal nor an administrator's page has the address; the person's own page has it.
        let admin = client(&app, "quantri").await;
        let journal = admin.get("/journal?record=notice_contact").await.expect(200).body;
        let listed = admin.get("/notices/deliveries?state=sent&channel=email&q=son+thi").await.expect(200);
        assert!(!journal.contains("xa.canbo@") && !listed.body.contains("xa.canbo@"));
        assert!(
            listed.words().contains("x…@soctrang.example") && listed.words().contains("1 thông báo"),
            "{}",
            listed.words()
        );
        let csv = admin.get("/notices/deliveries.csv").await.expect(200).body;
        assert!(csv.lines().count() == 3 && csv.contains("Đã gửi") && !csv.contains("xa.canbo@"), "{csv}");
        assert!(officer.get("/notices/settings").await.expect(200).body.contains("xa.canbo@soctrang.example"));
        let _ = officer.get("/notices/deliveries").await.expect(404);
        let read = admin.get("/accounts/readings").await.expect(200).words();
        assert!(read.contains("Theo dõi gửi thông báo"), "{read}");

        // What was taken away is written to no more.
        let page = officer.get("/notices/settings").await.expect(200);
        let remove = page.body.split("action=\"").filter_map(|rest| rest.split('"').next());
        let remove = remove.into_iter().find(|action| action.ends_with("/remove")).unwrap().to_owned();
        let _ = client(&app, "xa.chutich").await.post(&remove, &[]).await.expect(404);
        let _ = officer.post(&remove, &[]).await.expect(303);
        let _ = send_out(&app, "9101/UBND-VX", "HỎA TỐC").await;
        a_moment(&app).await;
        assert_eq!(mail.mails().len(), 2);
        app.db().close().await;
    }
}

#[tokio::test]
async fn a_mail_server_that_is_away_delays_and_loses_nothing() {
    for place in Place::all().await {
        let (app, mail, _) = with_ways(&place).await;
        let officer = reach_by_mail(&app, &mail, "xa.canbo").await;
        let _ = send_out(&app, "9100/UBND-VX", "HỎA TỐC").await;
        let state = "select state || ' ' || coalesce(trouble, '') as text from notice_message where purpose = 'notices' order by id";
        let codes = mail.mails().len();
        for (manner, expected) in [
            (Manner::Away, "waiting away"),
            (Manner::Closed, "waiting not_let_in"),
            (Manner::Busy, "waiting busy"),
            (Manner::CutAfterData, "waiting away"),
            (Manner::Takes, "sent "),
        ] {
            mail.behaves(manner);
            later(&app, SignedDuration::from_mins(10));
            a_moment(&app).await;
            notices::send_due(&app).await.unwrap();
            assert_eq!(texts(&app, state).await, [expected], "{manner:?}");
            notices::send_due(&app).await.unwrap();
            assert_eq!(texts(&app, state).await, [expected], "a second run finds nothing due");
        }
        // SMTP cannot say whether the one without an answer arrived. It came again, as the same mail.
        let mails: Vec<String> = mail.mails().split_off(codes);
        let ids: Vec<String> = mails.iter().map(|mail| header(mail, "Message-ID")).collect();
        assert!(ids.len() == 2 && ids[0] == ids[1] && ids[0].ends_with("@soctrang.example>"), "{ids:?}");

        // An address that is not there is given up at once; an administrator has it tried again.
        mail.behaves(Manner::Unknown);
        let _ = send_out(&app, "9101/UBND-VX", "HỎA TỐC").await;
        a_moment(&app).await;
        assert_eq!(texts(&app, state).await, ["sent ", "given_up refused"]);
        let admin = client(&app, "quantri").await;
        assert!(admin.get("/").await.expect(200).words().contains("1 tin thông báo không gửi được"));
        let page = admin.get("/notices/deliveries?state=given_up").await.expect(200);
        assert!(page.words().contains("máy chủ từ chối nơi nhận này"), "{}", page.words());
        let retry = page.body.split("action=\"").filter_map(|rest| rest.split('"').next());
        let retry =
            retry.into_iter().find(|action| action.ends_with("/retry") && action.len() > 40).unwrap().to_owned();
        let _ = officer.post(&retry, &[]).await.expect(404);
        mail.behaves(Manner::Takes);
        let _ = admin.post(&retry, &[]).await.expect(303);
        let _ = admin.post(&retry, &[]).await.expect(422);
        notices::send_due(&app).await.unwrap();
        assert_eq!(texts(&app, state).await, ["sent ", "sent "]);

        // Away for two days: given up with the reason, nothing lost.
        mail.behaves(Manner::Away);
        let _ = send_out(&app, "9102/UBND-VX", "HỎA TỐC").await;
        a_moment(&app).await;
        later(&app, SignedDuration::from_hours(49));
        notices::send_due(&app).await.unwrap();
        assert_eq!(texts(&app, state).await, ["sent ", "sent ", "given_up too_long"]);
        app.db().close().await;
    }
}

/// A mail goes only over a connection that is kept from others as the operator said, to a server that somebody trusted
/// vouches for.
#[tokio::test]
async fn mail_goes_out_covered_to_a_server_that_is_trusted_or_not_at_all() {
    let parcel = Parcel {
        id: Uuid::now_v7(),
        channel: Channel::Email,
        to: "xa.canbo@soctrang.example".to_owned(),
        subject: "Thử gửi thư".to_owned(),
        lines: vec![Line { text: "Việc mới".to_owned(), href: String::new() }],
        foot: "Vùng Xanh".to_owned(),
        settings: "http://vungxanh.example/notices/settings".to_owned(),
        lang: Lang::Vi,
        hoa_toc: false,
        at: "2021-09-13T01:00:00Z".parse().unwrap(),
    };
    for (server, ours, is_trusted, expected) in [
        (Secrecy::StartTls, Secrecy::StartTls, true, None),
        (Secrecy::Tls, Secrecy::Tls, true, None),
        // Nobody vouches for it.
        (Secrecy::StartTls, Secrecy::StartTls, false, Some(Trouble::NotLetIn)),
        (Secrecy::Tls, Secrecy::Tls, false, Some(Trouble::NotLetIn)),
        // It offers no cover: nothing is said in the clear.
        (Secrecy::None, Secrecy::StartTls, true, Some(Trouble::NotLetIn)),
    ] {
        let mail = MailServer::covered(server);
        let authority = is_trusted.then(|| mail.certificate.clone());
        let outcome = mail.courier_by(ours, authority).send(&parcel).await;
        let trouble = match outcome {
            Outcome::Sent => None,
            Outcome::Later { why, .. } | Outcome::Never { why, .. } => Some(why),
        };
        assert_eq!((trouble, mail.mails().len()), (expected, usize::from(expected.is_none())), "{server:?} {ours:?}");
    }
}

#[tokio::test]
async fn a_gateway_that_fails_delays_and_doubles_nothing() {
    for place in Place::all().await {
        let (app, _, gateway) = with_ways(&place).await;
        let officer = reach_by_sms(&app, &gateway, "xa.canbo", "0912 345 678").await;
        assert_eq!(gateway.asked()[0].1["to"], "+84912345678");
        let _ = send_out(&app, "9100/UBND-VX", "HỎA TỐC").await;
        let state = "select state || ' ' || coalesce(trouble, '') as text from notice_message where purpose = 'notices' order by id";
        let codes = gateway.asked().len();
        for (answer, wait, expected) in [
            (Answer::Down, 0, "waiting away"),
            (Answer::Later(3_600), 10, "waiting busy"),
            // It asked for an hour.
            (Answer::Cuts, 30, "waiting busy"),
            (Answer::Cuts, 31, "waiting away"),
            (Answer::Takes, 10, "sent "),
        ] {
            gateway.answers(answer);
            later(&app, SignedDuration::from_mins(wait));
            a_moment(&app).await;
            notices::send_due(&app).await.unwrap();
            assert_eq!(texts(&app, state).await, [expected], "{answer:?}");
        }
        let asked: Vec<_> = gateway.asked().split_off(codes);
        assert!(
            asked.len() == 4 && asked.iter().all(|(key, _)| *key == asked[0].0),
            "one key for all tries: {asked:?}"
        );
        assert_eq!(gateway.passed_on(), 2, "the code, and the notice once");
        let body = &asked[0].1;
        let text = body["text"].as_str().unwrap();
        assert!(text.starts_with("HỎA TỐC: Nhiệm vụ mới theo 9100/UBND-VX") && text.contains("/notices/"), "{text}");
        assert_eq!((&body["urgent"], &body["channel"], &body["lang"]), (&true.into(), &"sms".into(), &"vi".into()));

        // The process ended between sending and noting: its lease runs out, and the same key goes out again.
        gateway.answers(Answer::Takes);
        let _ = send_out(&app, "9101/UBND-VX", "HỎA TỐC").await;
        a_moment(&app).await;
        let passed_on = gateway.passed_on();
        let lost = app.db().write(|tx| {
            Box::pin(async move {
                let sql = Sql::new("update notice_message set state = 'sending', sent_at = null, lease_until = ")
                    .bind(tx.now());
                let sql = sql
                    .sql(" where tenant = ")
                    .bind(tx.tenant())
                    .sql(" and id in (select id from notice_message order by id desc limit 1)");
                tx.change(sql).await
            })
        });
        assert_eq!(lost.await.unwrap(), 1);
        notices::send_due(&app).await.unwrap();
        assert_eq!(texts(&app, state).await, ["sent ", "sending "], "while the lease runs, it is the other's");
        later(&app, SignedDuration::from_mins(5));
        notices::send_due(&app).await.unwrap();
        assert_eq!(texts(&app, state).await, ["sent ", "sent "]);
        let asked = gateway.asked();
        assert_eq!(asked[asked.len() - 1].0, asked[asked.len() - 2].0);
        assert_eq!(gateway.passed_on(), passed_on, "the gateway knows it by its key");

        // What it refuses is given up; the words of the other side are for who looks after the whole system.
        gateway.answers(Answer::Refuses);
        let _ = send_out(&app, "9102/UBND-VX", "HỎA TỐC").await;
        a_moment(&app).await;
        assert_eq!(texts(&app, state).await, ["sent ", "sent ", "given_up refused"]);
        let page = client(&app, "quantri").await.get("/notices/deliveries").await.expect(200);
        assert!(page.words().contains("400 unknown number") && page.words().contains("+84…678"), "{}", page.words());
        drop(officer);
        app.db().close().await;
    }
}

#[tokio::test]
async fn quiet_hours_hold_and_gather_and_hoa_toc_passes() {
    let place = Place::sqlite();
    let (app, mail, gateway) = with_ways(&place).await;
    let _ = reach_by_mail(&app, &mail, "xa.canbo").await;
    let _ = reach_by_sms(&app, &gateway, "xa.canbo", "0912345678").await;
    let (mails, messages) = (mail.mails().len(), gateway.asked().len());

    // Half past ten in the evening: two tasks wait for the morning in one mail, HỎA TỐC goes at once on both ways.
    app.clock().set("2021-09-13T15:30:00Z".parse().unwrap());
    for (number, stamp) in [("9100/UBND-VX", ""), ("9101/UBND-VX", ""), ("9102/UBND-VX", "HỎA TỐC")] {
        let _ = send_out(&app, number, stamp).await;
        later(&app, SignedDuration::from_mins(5));
        a_moment(&app).await;
    }
    assert_eq!(gateway.asked().len(), messages + 1);
    assert_eq!(mail.mails().len(), mails + 1);
    assert!(header(&mail.mails()[mails], "Subject").contains("9102/UBND-VX"));
    let page = client(&app, "quantri").await.get("/notices/deliveries?state=waiting").await.expect(200).words();
    assert!(
        page.contains("chờ hết giờ yên tĩnh") && page.contains("06:00 14/9/2021") && page.contains("2 thông báo"),
        "{page}"
    );
    app.clock().set("2021-09-13T22:59:59Z".parse().unwrap());
    assert_eq!(notices::send_due(&app).await.unwrap(), 0, "a second before six");
    app.clock().set("2021-09-13T23:00:00Z".parse().unwrap());
    assert_eq!(notices::send_due(&app).await.unwrap(), 1);
    let morning = &mail.mails()[mails + 1];
    assert_eq!(header(morning, "Subject"), "Vùng Xanh: 2 thông báo mới");
    let text = &parts(morning)[0].1;
    assert!(text.contains("9100/UBND-VX") && text.contains("9101/UBND-VX"), "{text}");

    // The session of yesterday is over.
    let officer = client(&app, "xa.canbo").await;
    // By day they are gathered for half an hour; what was read meanwhile is not told, and then nothing goes out.
    app.clock().set("2021-09-14T02:00:00Z".parse().unwrap());
    for number in ["9103/UBND-VX", "9104/UBND-VX"] {
        let _ = send_out(&app, number, "").await;
        a_moment(&app).await;
        later(&app, SignedDuration::from_mins(10));
    }
    assert_eq!(count(&app, "select count(*) as n from notice_message where state = 'waiting'").await, 1);
    let up_to = officer.get("/notices").await.expect(200).hidden("up_to").unwrap().to_owned();
    let _ = officer.post("/notices/read", &[("up_to", &up_to)]).await.expect(303);
    later(&app, SignedDuration::from_mins(10));
    assert_eq!(notices::send_due(&app).await.unwrap(), 0);
    assert_eq!(count(&app, "select count(*) as n from notice_message where state = 'dropped'").await, 1);

    // Who wants nothing of tasks by mail gets none; settings that cannot hold are refused.
    let settings =
        [("quiet", "1"), ("quiet_from", "22:00"), ("quiet_until", "22:00"), ("digest", "0"), ("pick", "account/email")];
    let _ = officer.post("/notices/settings", &settings).await.expect(422);
    let settings =
        [("quiet_from", "22:00"), ("quiet_until", "06:00"), ("digest", "0"), ("lang", "en"), ("pick", "account/email")];
    let _ = officer.post("/notices/settings", &settings).await.expect(303);
    let before = mail.mails().len();
    let _ = send_out(&app, "9105/UBND-VX", "").await;
    let fields = [("current", demo::PASSWORD), ("new", "một mật khẩu khác hẳn"), ("again", "một mật khẩu khác hẳn")];
    let _ = officer.post("/password", &fields).await.expect(303);
    a_moment(&app).await;
    let mails = mail.mails();
    assert_eq!(mails.len(), before + 1);
    assert_eq!(header(&mails[before], "Subject"), "The password of your account was just changed");

    // Notices go after three months, what was sent to whom after a year.
    let (all, sent) = ("select count(*) as n from notice", "select count(*) as n from notice_message");
    let n_sent = count(&app, sent).await;
    for (days, expected) in [(89, (true, n_sent)), (2, (false, n_sent)), (275, (false, 0))] {
        later(&app, SignedDuration::from_hours(24 * days));
        retention::sweep(&app).await.unwrap();
        assert_eq!((count(&app, all).await > 0, count(&app, sent).await), expected, "after {days} more days");
    }
    assert_eq!(count(&app, "select count(*) as n from notice_in_message").await, 0);
}

/// A stream of events as a browser follows it.
struct Follower {
    stream: TcpStream,
    text: String,
    seen: usize,
}

impl Follower {
    async fn open(site: SocketAddr, token: &str, last: Option<&str>) -> Self {
        let mut stream = TcpStream::connect(site).await.unwrap();
        let last = last.map_or(String::new(), |id| format!("Last-Event-ID: {id}\r\n"));
        let request = format!(
            "GET /notices/stream HTTP/1.1\r\nHost: {site}\r\nAccept: text/event-stream\r\nConnection: close\r\nCookie: vx_session={token}\r\n{last}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        Self { stream, text: String::new(), seen: 0 }
    }

    /// The next event: its data and its id.
    async fn event(&mut self) -> (serde_json::Value, Option<String>) {
        loop {
            if let Some((event, _)) = self.text.get(self.seen..).and_then(|rest| rest.split_once("\n\n")) {
                let line = |name: &str| event.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned);
                let found = line("data: ").map(|data| (serde_json::from_str(&data).unwrap(), line("id: ")));
                self.seen += event.len() + 2;
                if let Some(found) = found {
                    return found;
                }
                continue;
            }
            let mut piece = [0; 4_096];
            let n = self.stream.read(&mut piece).await.unwrap();
            assert!(n > 0, "the stream ended: {}", self.text);
            self.text.push_str(&String::from_utf8_lossy(&piece[..n]));
            assert!(self.text.starts_with("HTTP/1.1 200"), "no stream: {}", self.text);
        }
    }

    async fn ends(&mut self) {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).await.unwrap();
    }
}

async fn token(app: &App, login: &str) -> String {
    auth::sign_in(app.db(), login, demo::PASSWORD.to_owned(), "test").await.unwrap().token
}

#[tokio::test]
async fn the_bell_rings_in_the_other_browser_and_in_the_other_process() {
    for place in Place::all().await {
        let app = people_on(&place).await;
        // Two processes on one database: one serves the stream, the other does the work.
        let serving = open(place.folder.path(), &place.options, app.clock().clone(), None, false).await.unwrap();
        let watcher = tokio::spawn(notices::watch(serving.clone()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = listener.local_addr().unwrap();
        let service = router(serving.clone()).into_make_service_with_connect_info::<SocketAddr>();
        let server = tokio::spawn(async move { axum::serve(listener, service).await });

        let (officer, stranger) = (token(&app, "xa.canbo").await, token(&app, "huyen.canbo").await);
        let mut follower = Follower::open(site, &officer, None).await;
        let (first, id) = follower.event().await;
        assert!(first["unread"] == 0 && first["news"] == false && id.is_none(), "{first}");
        let _ = send_out(&app, "9100/UBND-VX", "").await;
        let (rung, id) = follower.event().await;
        assert_eq!(
            (&rung["unread"], &rung["news"], &rung["said"]),
            (&1.into(), &true.into(), &"Thông báo: 1 chưa đọc".into())
        );

        // Who comes back says what they know already: no news the second time.
        let mut back = Follower::open(site, &officer, id.as_deref()).await;
        let (again, _) = back.event().await;
        assert!(again["unread"] == 1 && again["news"] == false, "{again}");
        drop(back);
        let before = Uuid::nil().to_string();
        let (missed, _) = Follower::open(site, &officer, Some(&before)).await.event().await;
        assert_eq!(missed["news"], true, "what came while it was away is news");
        let (other, _) = Follower::open(site, &stranger, None).await.event().await;
        assert_eq!(other["unread"], 1, "the district has its own task");

        // Somebody else of the unit acknowledges, in the other process.
        let chair = client(&app, "xa.chutich").await;
        let page = chair.get("/notices").await.expect(200);
        let notice = page.links("/notices/").into_iter().find(|link| link.len() == "/notices/".len() + 36).unwrap();
        let task = chair.get(&notice).await.expect(303).address();
        let _ = chair.post(&format!("{task}/acknowledge"), &[]).await.expect(303);
        let (settled, _) = follower.event().await;
        assert!(settled["unread"] == 0 && settled["news"] == false, "{settled}");

        // A session that ended, and a program that stops, end the stream; nobody signed in has none.
        auth::sign_out(app.db(), &officer).await.unwrap();
        let _ = send_out(&app, "9101/UBND-VX", "").await;
        follower.ends().await;
        let mut stopped = Follower::open(site, &stranger, None).await;
        let _ = stopped.event().await;
        serving.bell().stop();
        stopped.ends().await;
        let _ = Client::stranger(&app).get("/notices/stream").await.expect(204);
        watcher.abort();
        server.abort();
        serving.db().close().await;
        app.db().close().await;
    }
}

#[tokio::test]
async fn one_person_holds_a_few_streams_and_no_more() {
    let place = Place::sqlite();
    let app = people_on(&place).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let site = listener.local_addr().unwrap();
    let service = router(app.clone()).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let token = token(&app, "xa.canbo").await;
    let mut held = Vec::new();
    for _ in 0..6 {
        let mut follower = Follower::open(site, &token, None).await;
        let _ = follower.event().await;
        held.push(follower);
    }
    let mut refused = Follower::open(site, &token, None).await;
    let mut piece = [0; 64];
    let n = refused.stream.read(&mut piece).await.unwrap();
    assert!(String::from_utf8_lossy(&piece[..n]).starts_with("HTTP/1.1 429"));
}
