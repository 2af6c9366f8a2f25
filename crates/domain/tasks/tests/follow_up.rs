//! Work that follows the clock, through the jobs and the pages, on every engine, with a clock that stands.
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

use jiff::{Timestamp, civil::Date};
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact, execute},
    work::{Due, DueKind, Escalation, Filter, NewWork, SeriesState, Urgency, WorkItem, WorkSeries, WorkState},
};
use vx_foundation::{
    accounts::{self, DemoAccount},
    filters, units,
};
use vx_kernel::{Id, Path, Problem, ids, time};
use vx_platform::{
    Clock, Module,
    auth::{
        Actor, Breadth, Permission,
        Role::{self, Admin, Chair, Head, Observer, Office},
        hash_password,
    },
    files::Files,
    jobs, journal, params, record,
    store::{Db, Migration, Record as _, Sql, Tx, Uuid},
    web::{App, AppParts},
    words::Texts,
};
use vx_tasks::{Acknowledge, Do, Report, clock, store};
use vx_testkit::{Client, Place};

record! {
    /// Whatever orders work in these tests.
    pub struct Order[ids::Directive] in "check_order" {
        /// Its number.
        pub number: String,
    }
}

/// Orders work, or tells that it no longer holds.
#[derive(Clone)]
struct Give(Order, Vec<Effect>);

impl Command for Give {
    type Record = Order;
    type Facts = ();
    const NAME: &'static str = "check.give";
    const READ: &'static str = "check.give";
    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        self.0.path.clone()
    }
    fn decide(&self, (): &(), _: &Actor, _: Timestamp) -> Result<Decision<Order>, Problem> {
        Ok(Decision { record: self.0.clone(), effects: self.1.clone() })
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a Order> {
        None
    }
}

fn orders() -> Module {
    Module {
        name: "check",
        migrations: &[Migration {
            name: "check/0001_order",
            sql: "create table check_order (
                tenant TEXT not null,
                id UUID not null,
                path TEXT not null,
                version BIGINT not null,
                created_at TIMESTAMPTZ not null,
                updated_at TIMESTAMPTZ not null,
                number TEXT not null,
                primary key (tenant, id)
            );",
        }],
        permissions: &[Permission { name: "check.give", roles: &[(Office, Breadth::Subtree)] }],
        routes: Vec::new,
        texts: Texts { vi: "", en: "" },
        nav: &[],
        notices: &[],
        jobs: &[],
    }
}

const PROVINCE: &str = "94/";
const DISTRICT: &str = "94/943/";
const COMMUNE: &str = "94/943/31534/";
const PASSWORD: &str = "mat-khau-thu-nghiem";
const ACCOUNTS: [(&str, &str, Role); 6] = [
    ("vanphong", PROVINCE, Office),
    ("huyen", DISTRICT, Chair),
    ("xaxuanhoa", COMMUNE, Chair),
    ("soyte", "94/94.syt/", Head),
    ("theodoi", PROVINCE, Observer),
    ("quantri", "", Admin),
];

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

/// A local time in Việt Nam.
fn at(text: &str) -> Timestamp {
    time::instant(text.parse().unwrap()).unwrap()
}

async fn open(place: &Place, now: &str) -> (App, Clock) {
    let clock = Clock::standing_at(at(now));
    let db = Db::open(&place.options, clock.clone()).await.unwrap();
    let modules = vec![accounts::module(), filters::module(), units::module(), vx_tasks::module(), orders()];
    let steps: Vec<_> = modules.iter().flat_map(|module| module.migrations).copied().collect();
    db.migrate(&steps).await.unwrap();
    let files = Files::in_folder(&place.folder.path().join("files"));
    let parts = AppParts { db, clock: clock.clone(), files, modules, demo: None, secure_cookies: false };
    let app = App::new(parts).unwrap();
    units::set_provinces(&app, &["94"]).await.unwrap();
    units::load(&app).await.unwrap();
    let (hash, by) = (hash_password(PASSWORD.to_owned()).await.unwrap(), program(&app));
    let from_on = time::day_of(clock.now());
    app.db()
        .write(move |tx| {
            let (hash, by) = (hash.clone(), by.clone());
            Box::pin(async move {
                for (login, home, role) in ACCOUNTS {
                    let (home, name) = (path(home), format!("Người {login}"));
                    let grants = [(role, home.clone())];
                    let account = DemoAccount {
                        login,
                        name: &name,
                        title: "",
                        path: &home,
                        password_hash: &hash,
                        grants: &grants,
                        from_on,
                    };
                    accounts::open_demo_account(tx, &by, &account).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();
    (app, clock)
}

async fn client(app: &App, login: &str) -> Client {
    Client::sign_in(app, login, PASSWORD).await
}

fn program(app: &App) -> Actor {
    Actor::system("Vùng Xanh", app.rights().clone())
}

fn work(lead: &str, due: Option<&str>, kind: DueKind, rule: Option<&str>) -> WorkItem {
    WorkItem::new(NewWork {
        lead: path(lead),
        assigner: path(PROVINCE),
        about: Uuid::from_u128(1),
        source: "1844/UBND-VX".to_owned(),
        title: "Báo cáo kết quả xét nghiệm".to_owned(),
        detail: String::new(),
        clause: None,
        urgency: None,
        due: Due { kind, at: due.map(at), quote: None, rule: rule.map(str::to_owned) },
    })
}

fn due_on(lead: &str, due: &str) -> WorkItem {
    work(lead, Some(due), DueKind::Absolute, None)
}

async fn give(app: &App, effects: Vec<Effect>) {
    let order = Order { id: Id::fresh(), path: path(PROVINCE), version: 0, number: "1844".to_owned() };
    execute(app.db(), &program(app), Uuid::now_v7(), Give(order, effects)).await.unwrap();
}

async fn give_work(app: &App, item: &WorkItem) {
    give(app, vec![Effect::Open { item: Box::new(item.clone()), cooperating: vec![path("94/94.syt/")] }]).await;
}

async fn task(app: &App, id: Id<ids::WorkItem>) -> WorkItem {
    app.db().read().await.unwrap().load(id).await.unwrap()
}

async fn series(app: &App) -> WorkSeries {
    let mut conn = app.db().read().await.unwrap();
    let sql = Sql::new("select ").sql(WorkSeries::SELECT).sql(" from work_series order by id");
    WorkSeries::read(&conn.row(sql).await.unwrap().unwrap()).unwrap()
}

/// The days of the occurrences there are.
async fn days(app: &App) -> String {
    let mut conn = app.db().read().await.unwrap();
    let sql = "select occurs_on from work_item where tenant = $1 and occurs_on is not null order by occurs_on";
    let rows = conn.rows(Sql::with(sql, params![conn.tenant()])).await.unwrap();
    let say = |row: &vx_platform::store::Row| row.get::<Date>("occurs_on").unwrap().strftime("%d/%m").to_string();
    rows.iter().map(say).collect::<Vec<_>>().join(" ")
}

/// The verbs in the history of a task, the first one first.
async fn verbs(app: &App, id: Id<ids::WorkItem>) -> String {
    let mut conn = app.db().read().await.unwrap();
    let mut entries = journal::history(&mut conn, id.uuid(), None).await.unwrap();
    entries.reverse();
    entries.iter().map(|entry| entry.verb.trim_start_matches("tasks.")).collect::<Vec<_>>().join(" ")
}

async fn settle(app: &App) {
    while jobs::run_due(app).await.unwrap() > 0 {}
}

#[track_caller]
fn says(words: &str, expected: &[&str]) {
    for said in expected {
        assert!(words.contains(said), "{said} is not in: {words}");
    }
}

#[tokio::test]
async fn each_occurrence_is_opened_once_and_a_gap_leaves_the_latest() {
    for place in Place::all().await {
        let (app, clock) = open(&place, "2022-01-29T08:00").await;
        let first = work(COMMUNE, Some("2022-01-29T17:00"), DueKind::Recurrent, Some("FREQ=DAILY"));
        give_work(&app, &first).await;
        assert_eq!((days(&app).await.as_str(), series(&app).await.state), ("29/01", SeriesState::Running));
        for (now, opened, expected) in [
            ("2022-01-29T16:59:59", 0, "29/01"),
            ("2022-01-29T17:00:00", 1, "29/01 30/01"),
            // The same tick again, and a clock set back an hour.
            ("2022-01-29T17:00:00", 0, "29/01 30/01"),
            ("2022-01-29T16:00:00", 0, "29/01 30/01"),
            ("2022-01-30T17:00:30", 1, "29/01 30/01 31/01"),
            // Over Tết: mùng 1 is 1 February.
            ("2022-01-31T17:00:00", 1, "29/01 30/01 31/01 01/02"),
            // Off for a week: today's only, and the others are counted.
            ("2022-02-08T09:00:00", 1, "29/01 30/01 31/01 01/02 08/02"),
        ] {
            clock.set(at(now));
            assert_eq!(clock::recur(&app).await.unwrap(), opened, "{now}");
            assert_eq!(days(&app).await, expected, "{now}");
        }
        assert_eq!(series(&app).await.missed, 6);

        // Two processes at one tick.
        clock.set(at("2022-02-08T17:00:00"));
        let (one, other) = tokio::join!(clock::recur(&app), clock::recur(&app));
        assert_eq!(one.unwrap() + other.unwrap(), 1);
        // Even without the program's own care there is one a day.
        let double = series(&app).await.occurrence("2022-02-09".parse().unwrap());
        let refused = app
            .db()
            .write(move |tx| {
                let double = double.clone();
                Box::pin(async move {
                    tx.append_record(&double);
                    Ok(())
                })
            })
            .await;
        assert_eq!(refused.unwrap_err().code, "store.already_there");

        // The page of an occurrence shows the others, the gap, and the next one.
        let commune = client(&app, "xaxuanhoa").await;
        let address = format!("/tasks/{}", first.id);
        let words = commune.get(&address).await.expect(200).words();
        says(&words, &["hằng ngày", "6 kỳ không được mở", "17:00 thứ Năm, 10/2/2022", "8/2/2022", "Sở Y tế"]);
        assert!(!words.contains("Kết thúc định kỳ"), "not for the leading unit: {words}");
        // It ends by whoever assigned it, with a reason, and then nothing comes any more.
        let end = format!("{address}/end-series");
        let _ = commune.post(&end, &[("reason", "Thôi")]).await.expect(403);
        let (helper, office) = (client(&app, "soyte").await, client(&app, "vanphong").await);
        let _ = office.post(&end, &[("reason", " ")]).await.expect(422);
        let _ = office.post(&end, &[("reason", "Hết dịch"), ("last_on", "2022-02-01")]).await.expect(422);
        let _ = office.post(&end, &[("reason", "Hết dịch")]).await.expect(303);
        let _ = office.post(&end, &[("reason", "Hết dịch")]).await.expect(422);
        says(&helper.get(&address).await.expect(200).words(), &["Đã kết thúc, không mở kỳ nào nữa"]);
        clock.set(at("2022-03-01T00:00:00"));
        assert_eq!(clock::recur(&app).await.unwrap(), 0);
        app.db().close().await;
    }
}

#[tokio::test]
async fn a_standing_duty_may_get_a_rhythm_and_withdrawn_orders_end_it() {
    for place in Place::all().await {
        let (app, clock) = open(&place, "2021-09-13T08:00").await;
        let duty = work(COMMUNE, None, DueKind::Standing, None);
        give_work(&app, &duty).await;
        let nothing = (clock::recur(&app).await.unwrap(), clock::escalate(&app).await.unwrap().looked);
        assert_eq!(nothing, (0, 0), "a standing duty has no deadline to be late for");
        let (office, commune) = (client(&app, "vanphong").await, client(&app, "xaxuanhoa").await);
        let set = format!("/tasks/{}/rhythm", duty.id);
        let form =
            [("every", "1"), ("unit", "weeks"), ("weekday", "FR"), ("cutoff", "16:30"), ("until_on", "2021-09-24")];
        let _ = commune.post(&set, &form).await.expect(403);
        let _ = office.post(&set, &[("every", "0"), ("unit", "days")]).await.expect(422);
        let _ = office.post(&set, &form).await.expect(303);
        let _ = office.post(&set, &form).await.expect(422);
        for (now, expected) in [
            ("2021-09-14T16:29:59", ""),
            ("2021-09-14T16:30:00", "17/09"),
            ("2021-09-21T16:30:00", "17/09 24/09"),
            ("2021-10-30T08:00:00", "17/09 24/09"),
        ] {
            clock.set(at(now));
            clock::recur(&app).await.unwrap();
            assert_eq!(days(&app).await, expected, "{now}");
        }
        assert_eq!(series(&app).await.state, SeriesState::Ended, "its last day has passed");
        assert_eq!(task(&app, duty.id).await.state, WorkState::Assigned, "the duty itself stands");

        // Another rhythm without an end, until a decision ends it.
        let (office, form) = (client(&app, "vanphong").await, [("every", "1"), ("unit", "days")]);
        let _ = office.post(&set, &form).await.expect(303);
        let _ = clock::recur(&app).await.unwrap();
        assert_eq!(days(&app).await, "17/09 24/09 31/10");
        let mut conn = app.db().read().await.unwrap();
        let running: WorkSeries = conn.load(task(&app, duty.id).await.series.unwrap()).await.unwrap();
        drop(conn);
        give(&app, vec![Effect::Plan(Box::new(running.ended()))]).await;
        clock.set(at("2021-12-31T08:00"));
        assert_eq!(clock::recur(&app).await.unwrap(), 0);
        app.db().close().await;
    }
}

#[tokio::test]
async fn what_is_late_climbs_to_the_superior_and_to_the_assigner() {
    for place in Place::all().await {
        let (app, clock) = open(&place, "2021-09-08T08:00").await;
        let due = "2021-09-10T17:00";
        let usual = due_on(COMMUNE, due);
        let urgent = WorkItem { urgency: Some(Urgency::HoaToc), ..due_on("94/94.syt/", due) };
        let done = due_on(COMMUNE, due);
        for item in [&usual, &urgent, &done] {
            give_work(&app, item).await;
        }
        let by = program(&app);
        execute(app.db(), &by, Uuid::now_v7(), Do { task: done.id, step: Acknowledge }).await.unwrap();
        let report = Report { result: "Đã xong".to_owned() };
        execute(app.db(), &by, Uuid::now_v7(), Do { task: done.id, step: report }).await.unwrap();
        let all = "work.open remind tell_superior tell_assigner";
        for (now, usual_says, urgent_says) in [
            ("2021-09-08T08:01", "work.open", "work.open"),
            ("2021-09-09T16:59:59", "work.open", "work.open"),
            ("2021-09-09T17:00", "work.open remind", "work.open"),
            ("2021-09-10T11:00", "work.open remind", "work.open remind"),
            ("2021-09-10T17:00", "work.open remind tell_superior", "work.open remind tell_superior"),
            // Set back an hour, and forward again: nothing twice, nothing lost.
            ("2021-09-10T16:00", "work.open remind tell_superior", "work.open remind tell_superior"),
            ("2021-09-10T23:00", "work.open remind tell_superior", all),
            ("2021-09-11T17:00", all, all),
            ("2021-09-30T17:00", all, all),
        ] {
            clock.set(at(now));
            clock::escalate(&app).await.unwrap();
            assert_eq!(verbs(&app, usual.id).await, usual_says, "{now}");
            assert_eq!(verbs(&app, urgent.id).await, urgent_says, "{now}");
        }
        let told = task(&app, usual.id).await;
        assert_eq!((told.step, told.superior), (Some(Escalation::Assigner), Some(path(DISTRICT))));
        assert_eq!(verbs(&app, done.id).await, "work.open acknowledge report", "what was reported is left alone");

        let mut conn = app.db().read().await.unwrap();
        let escalated = Filter { escalated: Some(Escalation::Superior), ..Filter::default() };
        assert_eq!(store::count(&mut conn, &by, &escalated, clock.now()).await.unwrap(), 2);
        drop(conn);

        // The superior and the assigner find it in their inboxes, a commune does not.
        let (province, district) = (client(&app, "vanphong").await, client(&app, "huyen").await);
        let commune = client(&app, "xaxuanhoa").await;
        for (client, group) in [(&province, "Đã giao, quá hạn 2"), (&district, "Cấp dưới quá hạn 1")] {
            says(&client.get("/inbox").await.expect(200).words(), &[group]);
        }
        assert!(!commune.get("/inbox").await.expect(200).words().contains("Cấp dưới quá hạn"));

        // Urging: by those above, with a word that the unit reads until it has answered.
        let (address, id) = (format!("/tasks/{}", usual.id), usual.id.to_string());
        let word = ("reason", "Làm ngay trong hôm nay");
        let _ = district.post("/inbox", &[("do", "urge"), word]).await.expect(422);
        let _ = district.post("/inbox", &[("do", "urge"), ("task", &id), ("reason", "")]).await.expect(422);
        let _ = district.post("/inbox", &[("do", "urge"), ("task", &id), word]).await.expect(200);
        let _ = commune.post(&format!("{address}/urge"), &[word]).await.expect(403);
        let observer = client(&app, "theodoi").await;
        let _ = observer.post(&format!("{address}/urge"), &[word]).await.expect(404);
        let told = ["Đã báo cấp trên · UBND huyện Kế Sách", "Đã báo đơn vị giao việc · UBND tỉnh Sóc Trăng"];
        let words = commune.get(&address).await.expect(200).words();
        says(&words, &["Đôn đốc · Người huyen", "Làm ngay trong hôm nay", told[0], told[1]]);
        let _ = commune.post(&format!("{address}/acknowledge"), &[]).await.expect(303);
        let _ = commune.post(&format!("{address}/report"), &[("reason", "Đã làm")]).await.expect(303);
        assert!(!district.get("/inbox").await.expect(200).words().contains("Cấp dưới quá hạn"));
        let _ = district.post(&format!("{address}/urge"), &[word]).await.expect(422);
        app.db().close().await;
    }
}

#[tokio::test]
async fn a_province_sets_its_hours_and_a_new_deadline_is_followed() {
    for place in Place::all().await {
        let (app, clock) = open(&place, "2021-09-13T08:00").await;
        let item = due_on(COMMUNE, "2021-09-20T17:00");
        give_work(&app, &item).await;
        clock.set(at("2021-09-13T17:00"));
        clock::escalate(&app).await.unwrap();
        let looks = Some(at("2021-09-19T17:00"));
        assert_eq!(task(&app, item.id).await.step_at, looks, "looked at next when the built-in hours say");
        fn form<'a>(unit: &'a str, day: &'a str, basis: &'a str) -> [(&'a str, &'a str); 9] {
            [
                ("unit", unit),
                ("from_on", day),
                ("basis", basis),
                ("remind", "48"),
                ("superior", "1"),
                ("assigner", "2"),
                ("remind_hoa_toc", "3"),
                ("superior_hoa_toc", "0"),
                ("assigner_hoa_toc", "1"),
            ]
        }
        let (office, district) = (client(&app, "vanphong").await, client(&app, "huyen").await);
        let commune = client(&app, "xaxuanhoa").await;
        let (set, basis) = ("/tasks/policy", "12/QĐ-UBND");
        let _ = commune.get(set).await.expect(200);
        for (unit, day, basis, status) in [
            ("91/", "2021-09-14", basis, 404),
            ("94/943/", "2021-09-14", basis, 403),
            ("94/", "2021-09-12", basis, 422),
            ("94/", "2021-09-14", "", 422),
            ("94/", "2021-09-14", basis, 303),
        ] {
            let page = office.post(set, &form(unit, day, basis)).await;
            assert_eq!(page.status.as_u16(), status, "{unit} {day} {basis}: {}", page.words());
        }
        let page = district.post(set, &form("94/", "2021-09-14", basis)).await;
        assert!(matches!(page.status.as_u16(), 403 | 404), "{}", page.words());
        settle(&app).await;
        assert_eq!(task(&app, item.id).await.step_at, Some(at("2021-09-18T17:00")), "at once by the new hours");
        let words = commune.get(set).await.expect(200).words();
        says(&words, &[basis, "Sẽ áp dụng", "quy ước vận hành", "Đang áp dụng", "trước hạn 48 giờ"]);
        assert!(!words.contains("Ban hành quy định mới"), "a commune only reads it");
        let admin = client(&app, "quantri").await;
        let _ = admin.post(set, &form("94/", "2021-09-15", "13/QĐ-UBND")).await.expect(303);
        let words = admin.get("/tasks/policy?unit=94/").await.expect(200).words();
        says(&words, &["13/QĐ-UBND", "12/QĐ-UBND"]);
        settle(&app).await;

        clock.set(at("2021-09-18T17:00"));
        clock::escalate(&app).await.unwrap();
        assert_eq!(verbs(&app, item.id).await, "work.open remind");
        // The deadline moves: what was told about the old one does not count.
        let moved = task(&app, item.id).await.with_due(at("2021-09-25T17:00"));
        give(&app, vec![Effect::Move(Box::new(moved))]).await;
        for (now, taken) in [
            ("2021-09-20T19:00", 0),
            ("2021-09-23T16:59", 0),
            ("2021-09-23T17:00", 1),
            ("2021-09-25T18:00", 1),
            ("2021-09-25T19:00", 1),
        ] {
            clock.set(at(now));
            assert_eq!(clock::escalate(&app).await.unwrap().taken, taken, "{now}");
        }
        app.db().close().await;
    }
}

#[tokio::test]
async fn a_new_head_takes_over_and_the_record_names_who_answered() {
    for place in Place::all().await {
        let (app, clock) = open(&place, "2021-09-01T08:00").await;
        let name = |post: Option<Uuid>, holder: &str, from: &str| units::Holder {
            post: post.map(Id::from),
            unit: path(COMMUNE),
            title: "Chủ tịch UBND xã".to_owned(),
            holder: Some(holder.to_owned()),
            accountable: true,
            phone: None,
            from: from.parse().unwrap(),
        };
        let by = program(&app);
        let post = execute(app.db(), &by, Uuid::now_v7(), name(None, "Lâm Văn An", "2021-01-01")).await.unwrap();
        let (early, later) = (due_on(COMMUNE, "2021-09-07T17:00"), due_on(COMMUNE, "2021-09-12T17:00"));
        let other = due_on("94/943/31537/", "2021-09-12T17:00");
        for item in [&early, &later, &other] {
            give_work(&app, item).await;
        }
        settle(&app).await;
        assert_eq!(task(&app, early.id).await.handed_at, None, "the first head takes nothing over from anybody");

        // Named ahead of the day: handed over on the day, once.
        execute(app.db(), &by, Uuid::now_v7(), name(Some(post), "Sơn Thị Bình", "2021-09-10")).await.unwrap();
        settle(&app).await;
        assert_eq!(task(&app, early.id).await.handed_at, None);
        clock.set(at("2021-09-10T00:00"));
        settle(&app).await;
        assert_eq!(verbs(&app, early.id).await, "work.open hand_over");
        assert_eq!(verbs(&app, other.id).await, "work.open", "another unit's work stays where it is");
        app.db()
            .write(move |tx| {
                Box::pin(async move {
                    let now = tx.now();
                    let body = serde_json::to_string(&Fact::HolderNamed { post }).map_err(Problem::internal)?;
                    jobs::enqueue(tx, "tasks.hand_over", &body, now).await.map(drop)
                })
            })
            .await
            .unwrap();
        settle(&app).await;
        assert_eq!(verbs(&app, early.id).await, "work.open hand_over", "the job may run twice");

        clock.set(at("2021-09-13T08:00"));
        let (commune, district) = (client(&app, "xaxuanhoa").await, client(&app, "huyen").await);
        says(&commune.get("/inbox").await.expect(200).words(), &["Chờ nhận bàn giao", "Nhận bàn giao tất cả"]);
        let address = format!("/tasks/{}", early.id);
        says(&commune.get(&address).await.expect(200).words(), &["Lâm Văn An → Sơn Thị Bình"]);
        let _ = district.post(&format!("{address}/take-over"), &[]).await.expect(403);
        let _ = commune.post(&format!("{address}/take-over"), &[]).await.expect(303);
        let _ = commune.post(&format!("{address}/take-over"), &[]).await.expect(422);
        let _ = commune.post("/tasks/take-over", &[("unit", DISTRICT)]).await.expect(404);
        let page = commune.post("/tasks/take-over", &[("unit", COMMUNE)]).await.expect(303);
        assert!(page.location.unwrap().contains("n=1"));
        assert!(!commune.get("/inbox").await.expect(200).words().contains("Chờ nhận bàn giao"));
        assert_eq!(verbs(&app, later.id).await, "work.open hand_over take_over");

        // The record: the deadline of the 7th was An's, that of the 12th is Bình's.
        let _ = commune.post(&format!("{address}/acknowledge"), &[]).await.expect(303);
        let _ = commune.post(&format!("{address}/report"), &[("reason", "Đã làm, trễ")]).await.expect(303);
        let office = client(&app, "vanphong").await;
        let page = office.get("/tasks/record?unit=94/943/").await.expect(200);
        says(
            &page.words(),
            &[
                "Lâm Văn An UBND xã Xuân Hòa, huyện Kế Sách 0 1 0 0 1",
                "Sơn Thị Bình UBND xã Xuân Hòa, huyện Kế Sách 1 0 0 0 1",
                "6/9/2021 – 12/9/2021 2 1 0 0 3",
            ],
        );
        // Each figure leads to a list of as many.
        let links = page.links("/tasks?");
        assert!(links.len() > 8, "{links:?}");
        for link in links {
            let list = office.get(&link).await.expect(200);
            let rows = list.body.matches("class=\"vx-row\"").count();
            let shown = page.body.split(&format!("href=\"{}\">", link.replace('&', "&amp;"))).nth(1).unwrap();
            assert_eq!(shown.split('<').next().unwrap(), rows.to_string(), "{link}");
        }
        let csv = office.get("/tasks/record/export/csv?unit=94/943/&by=month").await.expect(200).body;
        says(&csv, &["Sơn Thị Bình"]);
        let stranger = client(&app, "soyte").await;
        let words = stranger.get("/tasks/record?unit=94/943/").await.expect(200).words();
        assert!(!words.contains("Bình"), "within reach: {words}");
        app.db().close().await;
    }
}
