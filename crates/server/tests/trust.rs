//! What people trust: second factor, devices, the life of an account, the trail, and what is removed when.

use jiff::SignedDuration;
use vungxanh::demo;
use vx_foundation::{accounts::operator, retention};
use vx_kernel::{Id, ids};
use vx_platform::{
    auth::{Role, SecondFactor, code_at, factor_of},
    web::App,
};
use vx_testkit::{Client, Page, Place};

use crate::support::{client, count, later, people};

/// A few people of a province, and the clock that the tests set.
async fn people_on(place: &Place) -> App {
    const PEOPLE: [(&str, &str, Role, &str); 5] = [
        ("quantri", "Quản trị hệ thống", Role::Admin, ""),
        ("chutich", "Phạm Hoàng Minh", Role::Chair, "94/"),
        ("vanphong", "Trần Ngọc Lan", Role::Office, "94/"),
        ("huyen.chutich", "Thạch Sơn", Role::Chair, "94/943/"),
        ("xa.canbo", "Sơn Thị Mỹ", Role::Officer, "94/943/31534/"),
    ];
    people::on(place, &PEOPLE).await
}

async fn id_of(app: &App, login: &str) -> Id<ids::Account> {
    let all = operator::all(app).await.unwrap();
    all.into_iter().find(|(account, _)| account.login == login).unwrap().0.id
}

async fn factor(app: &App, login: &str) -> SecondFactor {
    factor_of(&mut app.db().read().await.unwrap(), id_of(app, login).await).await.unwrap().unwrap()
}

/// The code that the telephone of an account shows now.
async fn code(app: &App, login: &str) -> String {
    code_at(&factor(app, login).await.secret, app.clock().now())
}

/// Turns the second factor on as a person does; the page with the recovery codes.
async fn enrol(app: &App, person: &Client, login: &str) -> Page {
    let begun = person.post("/security/factor/begin", &[("current", demo::PASSWORD)]).await.expect(303);
    assert_eq!(begun.address(), "/security/factor");
    let page = person.get("/security/factor").await.expect(200);
    assert!(page.body.contains("<svg width=\"232\""), "the picture for the telephone");
    let code = code(app, login).await;
    person.post("/security/factor/confirm", &[("code", &code)]).await.expect(200)
}

#[tokio::test]
async fn a_second_factor_is_turned_on_asked_for_and_reset() {
    for place in Place::all().await {
        let app = people_on(&place).await;
        let (person, elsewhere) = (client(&app, "xa.canbo").await, client(&app, "xa.canbo").await);

        // Only with the password, only with a right code, and then elsewhere one signs in again.
        let wrong = person.post("/security/factor/begin", &[("current", "sai mật khẩu rồi")]).await.expect(422);
        assert!(wrong.words().contains("Mật khẩu hiện tại không đúng"), "{}", wrong.words());
        let codes = enrol(&app, &person, "xa.canbo").await;
        assert_eq!(codes.body.matches("<li><code>").count(), 10);
        let recovery = codes.body.split("<li><code>").nth(1).unwrap().split('<').next().unwrap().to_owned();
        assert!(person.get("/security").await.expect(200).words().contains("Mã dự phòng còn lại: 10"));
        assert_eq!(elsewhere.get("/security").await.expect(303).address(), "/login");

        // The password alone leads to the code and opens nothing, not even one's own password.
        later(&app, SignedDuration::from_secs(60));
        let half = client(&app, "xa.canbo").await;
        assert_eq!(half.get("/inbox").await.expect(303).address(), "/login/code");
        let fields = [("current", demo::PASSWORD), ("new", "một mật khẩu khác"), ("again", "một mật khẩu khác")];
        assert_eq!(half.post("/password", &fields).await.expect(303).address(), "/login/code");
        assert_eq!(half.post("/security/factor/remove", &fields).await.expect(303).address(), "/login/code");
        let refused = half.post("/login/code", &[("code", "000000")]).await.expect(422);
        assert!(refused.words().contains("Mã xác thực không đúng"), "{}", refused.words());
        let now = code(&app, "xa.canbo").await;
        let entered = half.post("/login/code", &[("code", &now), ("next", "/inbox")]).await.expect(303);
        assert_eq!(entered.address(), "/inbox");
        let _ = half.get("/inbox").await.expect(200);

        // A recovery code once.
        for (expected, left) in [(303, 9), (422, 9)] {
            let lost = client(&app, "xa.canbo").await;
            let _ = lost.post("/login/code", &[("code", &recovery)]).await.expect(expected);
            assert_eq!(factor(&app, "xa.canbo").await.recovery_left, left);
        }

        // An administrator resets with a reason, and sees neither secret nor codes.
        let admin = client(&app, "quantri").await;
        let account = format!("/accounts/{}", id_of(&app, "xa.canbo").await);
        let secret = vx_platform::auth::base32(&factor(&app, "xa.canbo").await.secret);
        let page = admin.get(&account).await.expect(200);
        assert!(page.words().contains("Đặt lại xác thực hai lớp") && !page.body.contains(&secret));
        let journal = admin.get("/journal?record=second_factor").await.expect(200);
        assert!(!journal.body.contains(&secret) && !journal.body.contains("recovery\":"), "not in the journal");
        let _ = admin.post(&format!("{account}/reset-factor"), &[("reason", "")]).await.expect(422);
        let _ = admin.post(&format!("{account}/reset-factor"), &[("reason", "mất điện thoại")]).await.expect(303);
        assert!(half.get("/inbox").await.expect(303).address() == "/login", "all devices are signed out");
        let again = client(&app, "xa.canbo").await;
        let _ = again.get("/inbox").await.expect(200);
        assert!(factor(&app, "xa.canbo").await.secret.is_empty());

        // From the command line too.
        let _ = enrol(&app, &again, "xa.canbo").await;
        operator::reset_second_factor(&app, "xa.canbo", "mất điện thoại, đã gọi xác minh").await.unwrap();
        let _ = client(&app, "xa.canbo").await.get("/inbox").await.expect(200);
    }
}

#[tokio::test]
async fn a_rule_leads_its_roles_to_the_second_factor() {
    for place in Place::all().await {
        let app = people_on(&place).await;
        let admin = client(&app, "quantri").await;
        let rule = [("unit", ""), ("role", "officer"), ("from_on", "2021-09-13"), ("basis", "45/QĐ-UBND")];
        let _ = admin.post("/accounts/factor-rule", &[&rule[..3], &[("basis", "")]].concat()).await.expect(422);
        let _ = admin.post("/accounts/factor-rule", &rule).await.expect(303);
        let page = admin.get("/accounts/factor-rule").await.expect(200).words();
        assert!(page.contains("45/QĐ-UBND") && page.contains("Đang áp dụng"), "{page}");

        let officer = client(&app, "xa.canbo").await;
        assert_eq!(officer.get("/inbox").await.expect(303).address(), "/security/factor");
        assert!(officer.get("/security/factor").await.expect(200).words().contains("phải bật xác thực hai lớp"));
        let _ = enrol(&app, &officer, "xa.canbo").await;
        let _ = officer.get("/inbox").await.expect(200);
        let _ = client(&app, "chutich").await.get("/").await.expect(200);

        // Who is not an administrator knows nothing of it.
        let _ = officer.get("/accounts/factor-rule").await.expect(404);
        let _ = officer.post("/accounts/factor-rule", &rule).await.expect(404);
    }
}

#[tokio::test]
async fn devices_are_seen_and_ended_by_their_owner_and_by_an_administrator() {
    for place in Place::all().await {
        let app = people_on(&place).await;
        let (here, there, third) =
            (client(&app, "xa.canbo").await, client(&app, "xa.canbo").await, client(&app, "xa.canbo").await);
        let page = here.get("/security").await.expect(200);
        let end = page.body.split("action=\"/security/devices/").nth(1).unwrap().split('"').next().unwrap().to_owned();
        let stranger = client(&app, "vanphong").await;
        let _ = stranger.post(&format!("/security/devices/{end}"), &[]).await.expect(404);
        let _ = here.post(&format!("/security/devices/{end}"), &[]).await.expect(303);
        let open = [there.get("/inbox").await.status.as_u16(), third.get("/inbox").await.status.as_u16()];
        assert!(open == [200, 303] || open == [303, 200], "one of them: {open:?}");
        let _ = here.post("/security/devices/others", &[]).await.expect(303);
        let open = [there.get("/inbox").await.status.as_u16(), third.get("/inbox").await.status.as_u16()];
        assert_eq!(open, [303, 303]);
        let _ = here.get("/inbox").await.expect(200);

        let admin = client(&app, "quantri").await;
        let account = format!("/accounts/{}", id_of(&app, "xa.canbo").await);
        let _ = stranger.post(&format!("{account}/end-sessions"), &[("reason", "x")]).await.expect(404);
        let _ = admin.post(&format!("{account}/end-sessions"), &[("reason", "máy bị mất")]).await.expect(303);
        assert_eq!(here.get("/inbox").await.expect(303).address(), "/login");
        assert!(admin.get(&account).await.expect(200).words().contains("máy bị mất"), "the history says why");
    }
}

#[tokio::test]
async fn who_leaves_hands_the_roles_over() {
    for place in Place::all().await {
        let app = people_on(&place).await;
        let admin = client(&app, "quantri").await;
        let account = format!("/accounts/{}", id_of(&app, "huyen.chutich").await);
        let close = |successor: &'static str| [("reason", "điều động theo QĐ 12"), ("successor", successor)];
        let _ = admin.post(&format!("{account}/close"), &close("khong-co-ai")).await.expect(422);
        let _ = admin.post(&format!("{account}/close"), &close("huyen.chutich")).await.expect(422);
        let _ = admin.post(&format!("{account}/close"), &close("xa.canbo")).await.expect(303);
        let all = operator::all(&app).await.unwrap();
        let grants = |login: &str| {
            let (account, grants) = all.iter().find(|(account, _)| account.login == login).unwrap();
            let roles = grants.iter().map(|grant| (grant.role, grant.path.clone())).collect::<Vec<_>>();
            (account.state.as_str(), roles)
        };
        let (left, came) = (grants("huyen.chutich"), grants("xa.canbo"));
        assert_eq!(left.0, "closed");
        assert!(!left.1.is_empty() && left.1.iter().all(|role| came.1.contains(role)), "{left:?} {came:?}");
    }
}

#[tokio::test]
async fn accounts_end_with_their_day_and_unused_ones_are_found() {
    for place in Place::all().await {
        let app = people_on(&place).await;
        let admin = client(&app, "quantri").await;
        let person = client(&app, "xa.canbo").await;
        let account = format!("/accounts/{}", id_of(&app, "xa.canbo").await);
        let amend = [("name", "Cán bộ tăng cường"), ("title", "Chuyên viên"), ("last_day", "2021-09-14")];
        let _ = admin.post(&format!("{account}/amend"), &amend).await.expect(303);
        let _ = person.get("/inbox").await.expect(200);
        later(&app, SignedDuration::from_hours(48));
        assert_eq!(person.get("/inbox").await.expect(303).address(), "/login");
        let admin = client(&app, "quantri").await;
        assert!(admin.get("/accounts?state=over").await.expect(200).words().contains("Cán bộ tăng cường"));

        later(&app, SignedDuration::from_hours(24 * 120));
        let admin = client(&app, "quantri").await;
        let dormant = admin.get("/accounts?state=dormant").await.expect(200);
        assert!(dormant.body.contains(">vanphong<") && !dormant.body.contains(">quantri<"), "{}", dormant.words());
    }
}

#[tokio::test]
async fn tries_and_readings_are_listed_within_reach() {
    for place in Place::all().await {
        let app = people_on(&place).await;
        let stranger = Client::stranger(&app);
        let _ = stranger.post("/login", &[("login", "xa.canbo"), ("password", "sai mật khẩu rồi")]).await.expect(422);
        let person = client(&app, "xa.canbo").await;
        let own = person.get("/security/tries").await.expect(200).words();
        assert!(own.contains("Sai mật khẩu"), "{own}");
        assert!(person.get("/security").await.expect(200).words().contains("Chưa có ai xem thông tin"));
        let _ = person.get("/accounts/tries").await.expect(404);
        let _ = person.get("/accounts/tries.csv").await.expect(404);
        let _ = person.get("/accounts/readings").await.expect(404);

        let admin = client(&app, "quantri").await;
        let found = admin.get("/accounts/tries?outcome=wrong_password&q=xa.canbo").await.expect(200);
        assert_eq!(found.body.matches("Sai mật khẩu</span>").count(), 1, "{}", found.words());
        let none = admin.get("/accounts/tries?outcome=wrong_password&from=2021-12-01").await.expect(200);
        assert!(none.words().contains("Không có dòng nào khớp"));
        let csv = admin.get("/accounts/tries.csv?outcome=wrong_password").await.expect(200).body;
        assert_eq!(csv.lines().count(), 2, "{csv}");

        // Looking at somebody is noted, and they see by whom; one's own page is not.
        let _ = admin.get(&format!("/accounts/{}", id_of(&app, "xa.canbo").await)).await.expect(200);
        let _ = admin.get(&format!("/accounts/{}", id_of(&app, "quantri").await)).await.expect(200);
        let seen = person.get("/security/readings").await.expect(200).words();
        assert!(seen.contains("Trang tài khoản, để quản lý tài khoản"), "{seen}");
        let readings = admin.get("/accounts/readings").await.expect(200).words();
        assert!(readings.contains("Tải nhật ký đăng nhập"), "{readings}");
        // Names to sign in with stand in the journal too, for whoever may see them there.
        let _ = admin.get("/journal?record=account&verb=accounts.open").await.expect(200);
        let readings = admin.get("/accounts/readings").await.expect(200).words();
        assert!(readings.contains("Dữ liệu cá nhân trong nhật ký hệ thống"), "{readings}");
        let own = "select count(*) as n from personal_read where reader = subject";
        assert_eq!(count(&app, own).await, 0);
    }
}

#[tokio::test]
async fn what_is_past_its_time_goes_and_nothing_else() {
    for place in Place::all().await {
        let app = people_on(&place).await;
        let admin = client(&app, "quantri").await;
        let _ = admin.get(&format!("/accounts/{}", id_of(&app, "xa.canbo").await)).await.expect(200);
        let journal = count(&app, "select count(*) as n from journal").await;
        let of = async |app: &App| {
            let tries = count(app, "select count(*) as n from sign_in_try").await;
            let readings = count(app, "select count(*) as n from personal_read").await;
            (count(app, "select count(*) as n from session").await, tries, readings)
        };
        let at_first = of(&app).await;
        retention::sweep(&app).await.unwrap();
        assert_eq!(of(&app).await, at_first, "nothing is past its time");
        // Sessions after a week, tries after a year, readings after two.
        for (days, expected) in [(8, (0, at_first.1, at_first.2)), (358, (0, 0, at_first.2)), (365, (0, 0, 0))] {
            later(&app, SignedDuration::from_hours(24 * days));
            retention::sweep(&app).await.unwrap();
            retention::sweep(&app).await.unwrap();
            assert_eq!(of(&app).await, expected, "after {days} more days");
        }
        assert_eq!(count(&app, "select count(*) as n from journal").await, journal, "the journal stays");
        let admin = client(&app, "quantri").await;
        let page = admin.get("/retention").await.expect(200).words();
        for said in ["Nhật ký đăng nhập", "365 ngày", "chưa được đối chiếu", "Không xóa"] {
            assert!(page.contains(said), "{said}: {page}");
        }
        let sum = "select rows as n from removal where class = 'tries'";
        assert_eq!(count(&app, sum).await, at_first.1, "each is counted once");
    }
}

#[tokio::test]
async fn a_province_sets_how_long_data_are_kept() {
    for place in Place::all().await {
        let app = people_on(&place).await;
        let (admin, chair) = (client(&app, "quantri").await, client(&app, "chutich").await);
        let _ = admin.get(&format!("/accounts/{}", id_of(&app, "xa.canbo").await)).await.expect(200);
        let today = vx_kernel::time::day_of(app.clock().now()).to_string();
        let days = |n: &'static str| {
            vec![("class", "tries"), ("days", n), ("from_on", today.as_str()), ("basis", "QĐ 12/QĐ-UBND")]
        };
        let _ = chair.post("/retention", &days("100")).await.expect(404);
        let refused = admin.post("/retention", &days("89")).await.expect(422).words();
        assert!(refused.contains("từ 90 đến"), "{refused}");
        let _ = admin.post("/retention", &days("100")).await.expect(303);
        let page = admin.get("/retention").await.expect(200).words();
        assert!(
            page.contains("100 ngày") && page.contains("QĐ 12/QĐ-UBND") && page.contains("Quản trị hệ thống đặt"),
            "{page}"
        );
        let tries = "select count(*) as n from sign_in_try";
        let at_first = count(&app, tries).await;
        for (after, expected) in [(99, at_first), (2, 0)] {
            later(&app, SignedDuration::from_hours(24 * after));
            retention::sweep(&app).await.unwrap();
            assert_eq!(count(&app, tries).await, expected, "after {after} more days");
        }
        app.db().close().await;
    }
}
