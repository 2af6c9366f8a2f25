//! The rules as tables, and one walk through the store.

use std::sync::Arc;

use jiff::civil::date;
use vx_kernel::{time::Lang, units::Tree};
use vx_platform::{
    Clock,
    auth::{self, AccountState, Grant, Held, Rights, hash_password, lookup},
    files::Files,
    store::{Db, StoreOptions},
    web::{AppParts, list::Listing},
    words::{self, Words},
};

use super::{store::Filter, *};

const NOW: &str = "2021-09-10T03:00:00Z";

/// What a case changes in the facts.
type Change<'a, F> = &'a dyn Fn(&mut F);
/// What a case changes in what is asked and in the facts.
type Ask<'a> = &'a dyn Fn(&mut GrantRole, &mut GrantFacts);

fn now() -> jiff::Timestamp {
    NOW.parse().unwrap()
}

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn rights() -> Arc<Rights> {
    Arc::new(Rights::new(module().permissions.iter().copied()))
}

fn account(home: &str) -> Account {
    Account {
        id: Id::fresh(),
        path: path(home),
        version: 1,
        login: "lan".to_owned(),
        name: "Trần Thị Lan".to_owned(),
        title: "Chuyên viên".to_owned(),
        password: "old".to_owned(),
        must_change: false,
        state: AccountState::Active,
        failures: 0,
        locked_until: None,
        until_on: None,
    }
}

fn granted(account: &Account, role: Role, on: &str) -> Grant {
    Grant {
        id: Id::fresh(),
        path: path(on),
        version: 1,
        account: account.id,
        role,
        from_on: date(2021, 1, 1),
        until_on: None,
        deputy_for: None,
    }
}

fn actor(account: &Account, role: Role, on: &str) -> Actor {
    Actor::person(account, vec![Held { role, path: path(on), deputy_for: None }], rights())
}

/// `ok` or the code of the refusal.
fn outcome<R>(decision: Result<R, Problem>) -> &'static str {
    decision.map_or_else(|problem| problem.code, |_| "ok")
}

#[test]
fn logins_are_short_and_plain() {
    for (login, fits) in [
        ("lan", true),
        ("ubnd.my-xuyen_2", true),
        ("la", false),
        ("Lan", false),
        ("trần", false),
        ("a b c", false),
        (&"a".repeat(40), true),
        (&"a".repeat(41), false),
    ] {
        assert_eq!(is_login(login), fits, "{login:?}");
    }
}

#[test]
fn accounts_are_opened_by_rule() {
    let admin = account("94/");
    let open = |login: &str, name: &str, taken: bool| {
        let command = Open {
            id: Id::fresh(),
            login: login.to_owned(),
            name: name.to_owned(),
            title: String::new(),
            path: path("94/941/"),
            password: "hash".to_owned(),
            must_change: true,
            until_on: None,
        };
        outcome(command.decide(&taken, &actor(&admin, Admin, "94/"), now()))
    };
    let long = "a".repeat(201);
    for (login, name, taken, expected) in [
        ("lan.mx", "Trần Thị Lan", false, "ok"),
        ("lan.mx", "Trần Thị Lan", true, "accounts.login_taken"),
        ("Lan", "Trần Thị Lan", false, "accounts.login_unfit"),
        ("lan.mx", "  ", false, "accounts.name_missing"),
        ("lan.mx", &long, false, "accounts.text_too_long"),
    ] {
        assert_eq!(open(login, name, taken), expected, "{login} {name} {taken}");
    }
}

#[test]
fn closing_keeps_an_administrator() {
    let (me, her) = (account("94/"), account("94/941/"));
    let by = actor(&me, Admin, "94/");
    let district = || granted(&her, Admin, "94/941/");
    let close = |reason: &str, change: &dyn Fn(&mut Standing)| {
        let mut facts = Standing { account: her.clone(), grants: vec![district()], admins: vec![district()] };
        change(&mut facts);
        outcome(Close { account: facts.account.id, reason: reason.to_owned() }.decide(&facts, &by, now()))
    };
    let cases: [(&str, &str, Change<Standing>, &str); 9] = [
        ("an administrator above is left", "nghỉ hưu", &|f| f.admins.push(granted(&me, Admin, "94/")), "ok"),
        ("one of the same unit is left", "nghỉ hưu", &|f| f.admins.push(granted(&me, Admin, "94/941/")), "ok"),
        (
            "one elsewhere does not count",
            "nghỉ hưu",
            &|f| f.admins.push(granted(&me, Admin, "94/942/")),
            "accounts.last_admin",
        ),
        ("nobody is left", "nghỉ hưu", &|_| {}, "accounts.last_admin"),
        ("an officer is no administrator", "nghỉ hưu", &|f| f.grants[0].role = Role::Officer, "ok"),
        ("no reason", " ", &|_| {}, "accounts.reason_missing"),
        ("closed already", "nghỉ hưu", &|f| f.account.state = AccountState::Closed, "accounts.closed"),
        ("one's own", "nghỉ hưu", &|f| f.account = me.clone(), "accounts.own"),
        ("roles beyond reach", "nghỉ hưu", &|f| f.grants[0].path = Path::root(), "accounts.beyond_reach"),
    ];
    for (case, reason, change, expected) in cases {
        assert_eq!(close(reason, change), expected, "{case}");
    }
}

#[test]
fn ending_keeps_an_administrator() {
    let (me, her) = (account("94/"), account("94/941/"));
    let by = actor(&me, Admin, "94/");
    let end = |change: &dyn Fn(&mut EndFacts), at_once: bool| {
        let grant = granted(&her, Admin, "94/941/");
        let mut facts = EndFacts { admins: vec![grant.clone()], grant, home: path("94/941/"), deputies: Vec::new() };
        change(&mut facts);
        let command = EndGrant { grant: facts.grant.id, at_once, reason: "điều động".to_owned() };
        match command.decide(&facts, &by, now()) {
            Ok(decision) => decision.record.until_on.unwrap().to_string(),
            Err(problem) => problem.code.to_owned(),
        }
    };
    let officer = |facts: &mut EndFacts| facts.grant.role = Role::Officer;
    let deputy = |until| {
        move |facts: &mut EndFacts| {
            facts.grant.role = Role::Chair;
            let deputy = account("94/941/");
            facts.deputies = vec![Grant { until_on: until, ..granted(&deputy, Role::Chair, "94/941/") }];
        }
    };
    let cases: [(&str, Change<EndFacts>, bool, &str); 9] = [
        ("nobody is left", &|_| {}, false, "accounts.last_admin"),
        ("somebody is left", &|f| f.admins.push(granted(&me, Admin, "94/")), false, "2021-09-10"),
        ("a deputy's role is nobody's last", &|f| f.grant.deputy_for = Some(me.id), false, "2021-09-10"),
        ("at the end of today", &officer, false, "2021-09-10"),
        ("at once", &officer, true, "2021-09-09"),
        ("over already", &|f| f.grant.until_on = Some(date(2021, 9, 1)), true, "accounts.grant_over"),
        (
            "its last day is today",
            &|f| {
                officer(f);
                f.grant.until_on = Some(date(2021, 9, 10))
            },
            true,
            "2021-09-09",
        ),
        ("a deputy stays longer", &deputy(None), false, "accounts.deputies_first"),
        ("a deputy ends as well", &deputy(Some(date(2021, 9, 10))), false, "2021-09-10"),
    ];
    for (case, change, at_once, expected) in cases {
        assert_eq!(end(change, at_once), expected, "{case}");
    }
}

#[test]
fn passwords_are_reset_within_reach() {
    let (me, her) = (account("94/941/"), account("94/941/"));
    let by = actor(&me, Admin, "94/941/");
    let facts = |who: &Account, on: &str| Standing {
        account: who.clone(),
        grants: vec![granted(who, Role::Officer, on)],
        admins: Vec::new(),
    };
    let closed = Account { state: AccountState::Closed, ..her.clone() };
    for (case, facts, expected) in [
        ("own unit", facts(&her, "94/941/"), "ok"),
        ("below", facts(&her, "94/941/31732/"), "ok"),
        ("a role above", facts(&her, "94/"), "accounts.beyond_reach"),
        ("a role beside", facts(&her, "94/942/"), "accounts.beyond_reach"),
        ("oneself", facts(&me, "94/941/"), "accounts.own"),
        ("closed", facts(&closed, "94/941/"), "accounts.closed"),
    ] {
        let command = ResetPassword { account: facts.account.id, password: "new".to_owned() };
        let decision = command.decide(&facts, &by, now());
        if let Ok(decision) = &decision {
            assert!(decision.record.must_change && decision.record.password == "new", "{case}");
        }
        assert_eq!(outcome(decision), expected, "{case}");
    }
}

#[test]
fn a_password_is_changed_by_its_owner_only() {
    let (me, her) = (account("94/"), account("94/941/"));
    for (case, by, checked, expected) in [
        ("the owner", &her, "old", "ok"),
        ("somebody else", &me, "old", "not_found"),
        ("reset meanwhile", &her, "older", "accounts.password_wrong"),
    ] {
        let facts = Standing { account: her.clone(), grants: Vec::new(), admins: Vec::new() };
        let command = ChangePassword { account: her.id, checked: checked.to_owned(), password: "new".to_owned() };
        assert_eq!(outcome(command.decide(&facts, &actor(by, Role::Officer, "94/"), now())), expected, "{case}");
    }
}

#[test]
fn reopening_and_unlocking_need_something_to_undo() {
    let me = account("94/");
    let by = actor(&me, Admin, "94/");
    let facts = |state, locked: Option<&str>| {
        let locked_until = locked.map(|text| text.parse().unwrap());
        Standing {
            account: Account { state, locked_until, ..account("94/941/") },
            grants: Vec::new(),
            admins: Vec::new(),
        }
    };
    let reopen = |state| {
        let facts = facts(state, None);
        outcome(Reopen { account: facts.account.id, reason: "trở lại".to_owned() }.decide(&facts, &by, now()))
    };
    assert_eq!(reopen(AccountState::Closed), "ok");
    assert_eq!(reopen(AccountState::Active), "accounts.not_closed");
    for (locked, expected) in [
        (Some("2021-09-10T03:10:00Z"), "ok"),
        (Some("2021-09-10T02:50:00Z"), "accounts.not_locked"),
        (None, "accounts.not_locked"),
    ] {
        let facts = facts(AccountState::Active, locked);
        assert_eq!(outcome(Unlock { account: facts.account.id }.decide(&facts, &by, now())), expected, "{locked:?}");
    }
}

#[test]
fn roles_are_granted_by_rule() {
    let (me, her, chair) = (account("94/"), account("94/941/"), account("94/941/"));
    let by = actor(&me, Admin, "94/941/");
    let grant = |change: &dyn Fn(&mut GrantRole, &mut GrantFacts)| {
        let mut command = GrantRole {
            id: Id::fresh(),
            account: her.id,
            role: Role::Officer,
            path: path("94/941/"),
            from_on: date(2021, 9, 10),
            until_on: None,
            deputy_for: None,
        };
        let standing = Standing { account: her.clone(), grants: Vec::new(), admins: Vec::new() };
        let mut facts = GrantFacts { standing, principal: None };
        change(&mut command, &mut facts);
        outcome(command.decide(&facts, &by, now()))
    };
    let deputy = |role, until, theirs: Grant| {
        let chair = chair.clone();
        move |command: &mut GrantRole, facts: &mut GrantFacts| {
            (command.role, command.until_on, command.deputy_for) = (role, until, Some(chair.id));
            facts.principal = Some((chair.clone(), vec![theirs.clone()]));
        }
    };
    let chairs = |until| Grant { until_on: until, ..granted(&chair, Role::Chair, "94/941/") };
    let until = |day| Some(date(2021, 9, day));
    let held = |role, until| Grant { until_on: until, ..granted(&her, role, "94/941/") };
    let cases: [(&str, Ask, &str); 18] = [
        ("open-ended", &|_, _| {}, "ok"),
        ("for a day", &|c, _| c.until_on = until(10), "ok"),
        ("backward", &|c, _| c.until_on = until(9), "accounts.span_backward"),
        ("over", &|c, _| (c.from_on, c.until_on) = (date(2021, 9, 1), until(9)), "accounts.span_over"),
        ("the program's role", &|c, _| c.role = Role::System, "accounts.role_not_for_people"),
        ("closed account", &|_, f| f.standing.account.state = AccountState::Closed, "accounts.closed"),
        ("an account out of sight", &|_, f| f.standing.account.path = path("94/942/"), "not_found"),
        (
            "seen by a role here",
            &|_, f| {
                f.standing.account.path = path("94/942/");
                f.standing.grants = vec![held(Role::Head, None)];
            },
            "ok",
        ),
        ("held already", &|_, f| f.standing.grants = vec![held(Role::Officer, None)], "accounts.already_granted"),
        ("held until before", &|_, f| f.standing.grants = vec![held(Role::Officer, until(9))], "ok"),
        (
            "held until the first day",
            &|_, f| f.standing.grants = vec![held(Role::Officer, until(10))],
            "accounts.already_granted",
        ),
        ("deputy", &deputy(Role::Chair, until(20), chairs(None)), "ok"),
        ("deputy as long as the chair", &deputy(Role::Chair, until(20), chairs(until(20))), "ok"),
        (
            "deputy longer than the chair",
            &deputy(Role::Chair, until(21), chairs(until(20))),
            "accounts.deputy_without_role",
        ),
        ("deputy without end", &deputy(Role::Chair, None, chairs(until(20))), "accounts.deputy_without_role"),
        ("deputy in another role", &deputy(Role::Head, until(20), chairs(None)), "accounts.deputy_without_role"),
        (
            "deputy of a deputy",
            &deputy(Role::Chair, until(20), Grant { deputy_for: Some(me.id), ..chairs(None) }),
            "accounts.deputy_without_role",
        ),
        (
            "deputy of oneself",
            &|c, f| {
                c.deputy_for = Some(her.id);
                f.principal = Some((her.clone(), vec![held(Role::Officer, None)]));
            },
            "accounts.deputy_of_oneself",
        ),
    ];
    for (case, change, expected) in cases {
        assert_eq!(grant(change), expected, "{case}");
    }
}

#[test]
fn cells_cannot_become_formulas() {
    let mut csv = String::new();
    let cells = ["Lan", "=1+1", "+84", "@x", "-2", " =1", "nói \"a\"; b"].map(str::to_owned);
    pages::csv_line(&mut csv, &cells);
    assert_eq!(csv, "\"Lan\";\"'=1+1\";\"'+84\";\"'@x\";\"'-2\";\"' =1\";\"nói \"\"a\"\"; b\"\r\n");
}

#[test]
fn every_text_is_there_in_both_languages() {
    for texts in [words::PLATFORM, module().texts] {
        assert_eq!(words::keys(texts.vi), words::keys(texts.en));
    }
    let all = Words::new([module().texts]).unwrap();
    let sources = [
        include_str!("../accounts.rs"),
        include_str!("commands.rs"),
        include_str!("pages.rs"),
        include_str!("sign_in.rs"),
        include_str!("store.rs"),
    ];
    let has = |key: &str| assert!(all.has(Lang::Vi, key) && all.has(Lang::En, key), "{key}");
    for text in sources.iter().flat_map(|source| source.split('"').skip(1).step_by(2)) {
        if text.starts_with("accounts-") && !text.contains("{") {
            has(text);
        }
        let is_permission = module().permissions.iter().any(|permission| permission.name == text);
        if is_permission {
            has(&text.replace('.', "-"));
        } else if text.starts_with("accounts.") && text != "accounts.sweep" {
            has(&words::problem_key(text));
            has(&format!("{}.todo", words::problem_key(text)));
        }
    }
    for role in Role::ALL {
        has(&format!("role-{role}"));
        has(&format!("role-{role}.about"));
    }
    for shown in store::InState::ALL {
        has(&format!("accounts-state-{shown}"));
    }
}

async fn app(folder: &std::path::Path) -> App {
    let clock = Clock::standing_at(now());
    let db = Db::open(&StoreOptions::in_folder(folder, "soc-trang"), clock.clone()).await.unwrap();
    let steps = [crate::retention::module().migrations, crate::notices::module().migrations].concat();
    db.migrate(&steps).await.unwrap();
    let files = Files::in_folder(&folder.join("files"));
    let app =
        App::new(AppParts { db, clock, files, modules: vec![module()], demo: None, secure_cookies: false }).unwrap();
    app.put_tree(Tree::default());
    app
}

async fn logins(app: &App, reader: &Actor, filter: Filter, sort: &str) -> String {
    let mut conn = app.db().read().await.unwrap();
    let listing = Listing::parse("/accounts", store::ORDERS, &[("sort".to_owned(), sort.to_owned())]);
    let shown = store::list(&mut conn, reader, &filter, now(), &listing).await.unwrap();
    let all = store::all(&mut conn, reader, &filter, now(), &listing, 100).await.unwrap();
    let logins = |listed: Vec<store::Listed>| listed.into_iter().map(|one| one.account.login).collect::<Vec<_>>();
    assert_eq!(usize::try_from(shown.total), Ok(shown.rows.len()));
    let (shown, all) = (logins(shown.rows), logins(all));
    assert_eq!(shown, all, "the file has what the list shows");
    shown.join(" ")
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_live_in_the_store() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path()).await;
    let secret = "giữ vững vùng xanh";
    let first = |forced| create_first_admin(&app, "Root", "Quản trị", secret.to_owned(), forced);
    first(false).await.unwrap();
    assert_eq!(first(false).await.unwrap_err().code, "accounts.admin_exists");
    assert_eq!(first(true).await.unwrap_err().code, "accounts.login_taken");

    let password_hash = hash_password(secret.to_owned()).await.unwrap();
    let system = Actor::system("Bản dùng thử", app.rights().clone());
    let people = [
        ("chu-tich", "Nguyễn Văn Đạt", "94/", Role::Chair, "94/"),
        ("lan.mx", "Trần Thị Lan", "94/941/", Role::Officer, "94/941/"),
        ("mai.mx", "Lý Thị Mai", "94/", Role::Observer, "94/941/31732/"),
        ("quan-tri.mx", "Kim Sơn", "94/941/", Admin, "94/941/"),
    ];
    app.db()
        .write(move |tx| {
            let (system, password_hash) = (system.clone(), password_hash.clone());
            Box::pin(async move {
                for (login, name, home, role, on) in people {
                    let (home, grants) = (path(home), [(role, path(on))]);
                    let demo = DemoAccount {
                        login,
                        name,
                        title: "",
                        path: &home,
                        password_hash: &password_hash,
                        grants: &grants,
                        from_on: date(2021, 8, 1),
                    };
                    open_demo_account(tx, &system, &demo).await?;
                }
                Ok(())
            })
        })
        .await
        .unwrap();

    let signed = auth::sign_in(app.db(), "root", secret.to_owned(), "").await.unwrap();
    assert!(!signed.must_change);
    let at = now();
    let who = async |token: &str| lookup(app.db(), app.rights(), token, at).await.unwrap();
    let root = who(&signed.token).await.unwrap().actor;
    let local = auth::sign_in(app.db(), "quan-tri.mx", secret.to_owned(), "").await.unwrap();
    let local = who(&local.token).await.unwrap().actor;

    let all = Filter::default;
    let below = Filter { unit: Some(path("94/941/")), ..all() };
    let words = |words: &str| Filter { words: words.to_owned(), ..all() };
    let shown = |shown| Filter { shown: Some(shown), ..all() };
    for (case, reader, filter, sort, expected) in [
        // Kim, Lý, Nguyễn, Quản trị, Trần.
        ("all, by name", &root, all(), "", "quan-tri.mx mai.mx chu-tich root lan.mx"),
        ("the other way", &root, all(), "-name", "lan.mx root chu-tich mai.mx quan-tri.mx"),
        ("by login", &root, all(), "login", "chu-tich lan.mx mai.mx quan-tri.mx root"),
        ("own reach, by home or role", &local, all(), "", "quan-tri.mx mai.mx lan.mx"),
        ("without marks", &root, words("nguyen dat"), "", "chu-tich"),
        ("nobody of that name", &root, words("xyz"), "", ""),
        ("by role", &root, Filter { role: Some(Role::Officer), ..all() }, "", "lan.mx"),
        ("by unit", &root, below, "", "quan-tri.mx mai.mx lan.mx"),
        ("none locked", &root, shown(store::InState::Locked), "", ""),
        ("none temporary", &root, shown(store::InState::Temporary), "", ""),
        ("none closed", &root, shown(store::InState::Closed), "", ""),
    ] {
        assert_eq!(logins(&app, reader, filter, sort).await, expected, "{case}");
    }

    // Closing signs the person out, and only where the roles lie within reach.
    let mut conn = app.db().read().await.unwrap();
    let lan = store::by_login(&mut conn, "lan.mx").await.unwrap().unwrap();
    let mai = store::by_login(&mut conn, "mai.mx").await.unwrap().unwrap();
    drop(conn);
    let open = auth::sign_in(app.db(), "lan.mx", secret.to_owned(), "").await.unwrap();
    assert!(who(&open.token).await.is_some());
    let close = |account| Close { account, reason: "chuyển công tác".to_owned() };
    let outside = run_and_end(&app, &local, Uuid::now_v7(), close(mai.id), mai.id, Ends::All).await;
    assert_eq!(outside.unwrap_err().code, "forbidden");
    run_and_end(&app, &local, Uuid::now_v7(), close(lan.id), lan.id, Ends::All).await.unwrap();
    assert!(who(&open.token).await.is_none());

    // A password of one's own needs no role, and the journal names the person.
    let again = auth::sign_in(app.db(), "mai.mx", secret.to_owned(), "").await.unwrap();
    let other = auth::sign_in(app.db(), "mai.mx", secret.to_owned(), "").await.unwrap();
    let person = who(&again.token).await.unwrap().actor;
    let command = ChangePassword { account: mai.id, checked: mai.password, password: "new".to_owned() };
    let by = in_own_name(&app, &person);
    run_and_end(&app, &by, Uuid::now_v7(), command, mai.id, Ends::Others(Some(again.token.clone()))).await.unwrap();
    assert!(who(&again.token).await.is_some());
    assert!(who(&other.token).await.is_none());
    let mut conn = app.db().read().await.unwrap();
    let journal = vx_platform::journal::history(&mut conn, mai.id.uuid(), None).await.unwrap();
    assert_eq!(
        (journal[0].verb.as_str(), journal[0].actor, journal[0].actor_name.as_str()),
        ("accounts.change_password", Some(mai.id), "Lý Thị Mai")
    );
    assert!(!journal[0].changed.contains_key("password"));
    drop(conn);

    crate::retention::sweep(&app).await.unwrap();
}

fn factor_facts(state: Option<auth::FactorState>, now: jiff::Timestamp) -> FactorFacts {
    let account = account("94/941/");
    let factor = state.map(|state| auth::SecondFactor {
        id: Id::fresh(),
        path: account.path.clone(),
        version: 1,
        account: account.id,
        secret: b"12345678901234567890".to_vec(),
        state,
        confirmed_at: Some(now),
        last_step: 0,
        recovery: String::new(),
        recovery_left: 0,
    });
    let grants = vec![granted(&account, Role::Officer, "94/941/")];
    FactorFacts { standing: Standing { account, grants, admins: Vec::new() }, factor, outside: now }
}

#[test]
fn a_second_factor_changes_by_rule() {
    use auth::FactorState::{Confirmed, Proposed, Removed};
    let (now, right) = (now(), auth::code_at(b"12345678901234567890", now()));
    let admin = account("94/");
    for (state, who, verb, code, expected) in [
        (None, "self", "propose", "", "ok"),
        (None, "other", "propose", "", "not_found"),
        (Some(Removed), "self", "propose", "", "ok"),
        (Some(Proposed), "self", "propose", "", "ok"),
        (Some(Confirmed), "self", "propose", "", "accounts.factor_holds"),
        (None, "self", "confirm", right.as_str(), "accounts.factor_not_begun"),
        (Some(Proposed), "self", "confirm", right.as_str(), "ok"),
        (Some(Proposed), "self", "confirm", "000000", "accounts.code_wrong"),
        (Some(Proposed), "other", "confirm", right.as_str(), "not_found"),
        (Some(Confirmed), "self", "confirm", right.as_str(), "accounts.factor_not_begun"),
        (Some(Confirmed), "self", "renew", right.as_str(), "ok"),
        (Some(Confirmed), "self", "renew", "000000", "accounts.code_wrong"),
        (Some(Proposed), "self", "renew", right.as_str(), "accounts.factor_none"),
        (Some(Confirmed), "self", "remove", right.as_str(), "ok"),
        (Some(Confirmed), "self", "remove", "", "accounts.code_wrong"),
        (Some(Confirmed), "other", "remove", right.as_str(), "not_found"),
        (Some(Confirmed), "admin", "reset", "mất điện thoại", "ok"),
        (Some(Confirmed), "admin", "reset", " ", "accounts.reason_missing"),
        (Some(Removed), "admin", "reset", "mất điện thoại", "accounts.factor_none"),
        (Some(Confirmed), "self", "reset", "mất điện thoại", "accounts.own"),
        (Some(Confirmed), "neighbour", "reset", "mất điện thoại", "accounts.beyond_reach"),
    ] {
        let facts = factor_facts(state, now);
        let own = &facts.standing.account;
        let by = match who {
            "self" => actor(own, Admin, "94/941/"),
            "neighbour" => actor(&admin, Admin, "94/942/"),
            _ => actor(&admin, Admin, "94/"),
        };
        let (account, text, recovery) = (own.id, code.to_owned(), "new".to_owned());
        let done = match verb {
            "propose" => ProposeFactor { account, secret: vec![1; 20] }.decide(&facts, &by, now),
            "confirm" => ConfirmFactor { account, code: text, recovery }.decide(&facts, &by, now),
            "renew" => RenewRecovery { account, code: text, recovery }.decide(&facts, &by, now),
            "remove" => RemoveFactor { account, code: text }.decide(&facts, &by, now),
            _ => ResetFactor { account, reason: text }.decide(&facts, &by, now),
        };
        if let (Ok(decision), "remove" | "reset") = (&done, verb) {
            assert!(decision.record.secret.is_empty() && decision.record.recovery.is_empty(), "nothing is left");
        }
        assert_eq!(outcome(done), expected, "{state:?} {who} {verb} {code:?}");
    }
}

#[test]
fn a_rule_for_second_factors_has_a_basis_and_a_day_to_come() {
    let by = actor(&account("94/"), Admin, "94/");
    for (from, basis, expected) in [
        (date(2021, 9, 10), "45/QĐ-UBND", "ok"),
        (date(2021, 9, 9), "45/QĐ-UBND", "accounts.rule_past"),
        (date(2021, 9, 10), " ", "accounts.rule_basis"),
        (date(2021, 9, 10), &"a".repeat(201), "accounts.rule_basis"),
    ] {
        let roles = vec![Role::System, Role::Chair, Admin];
        let rule = SetFactorRule { path: path("94/"), roles, from_on: from, basis: basis.to_owned() };
        let decision = rule.decide(&(), &by, now());
        if let Ok(decision) = &decision {
            assert_eq!(decision.record.roles, "admin chair", "the program's own role is never asked");
        }
        assert_eq!(outcome(decision), expected, "{from} {basis}");
    }
}

#[test]
fn a_last_day_lies_ahead_and_leaves_an_administrator() {
    let admin = account("94/");
    for (until, others, was, expected) in [
        (None, false, None, "ok"),
        (Some(date(2021, 9, 10)), true, None, "ok"),
        (Some(date(2021, 9, 9)), true, None, "accounts.span_over"),
        (Some(date(2021, 9, 9)), true, Some(date(2021, 9, 9)), "ok"),
        (Some(date(2021, 12, 31)), false, None, "accounts.last_admin"),
    ] {
        let her = Account { until_on: was, ..account("94/941/") };
        let grants = vec![granted(&her, Admin, "94/941/")];
        let mut admins = grants.clone();
        if others {
            admins.push(granted(&admin, Admin, "94/"));
        }
        let facts = Standing { account: her.clone(), grants, admins };
        let amend = Amend { account: her.id, name: "Lan".to_owned(), title: String::new(), until_on: until };
        assert_eq!(outcome(amend.decide(&facts, &actor(&admin, Admin, "94/"), now())), expected, "{until:?} {others}");
    }
}

#[test]
fn a_link_to_the_provider_is_made_by_rule() {
    use vx_platform::auth::single::SingleLink;
    let admin = account("94/");
    let long = "a".repeat(256);
    for (subject, linked, taken, closed, at, expected) in [
        (Some("cb-17"), false, false, false, "94/", "ok"),
        (Some("cb-17"), true, false, false, "94/", "ok"),
        (Some("cb-17"), false, true, false, "94/", "accounts.single_taken"),
        (Some("cb-17"), false, false, true, "94/", "accounts.closed"),
        (Some("cb-17"), false, false, false, "94/942/", "accounts.beyond_reach"),
        (Some(long.as_str()), false, false, false, "94/", "accounts.text_too_long"),
        (None, true, false, false, "94/", "ok"),
        (None, false, false, false, "94/", "accounts.single_not_linked"),
        (Some(" "), false, false, false, "94/", "accounts.single_not_linked"),
    ] {
        let state = if closed { AccountState::Closed } else { AccountState::Active };
        let her = Account { state, ..account("94/941/") };
        let link = linked.then(|| SingleLink {
            id: Id::fresh(),
            path: her.path.clone(),
            version: 1,
            account: her.id,
            issuer: "https://a.vn".to_owned(),
            subject: Some("cb-1".to_owned()),
        });
        let grants = vec![granted(&her, Role::Officer, "94/941/")];
        let facts = LinkFacts { standing: Standing { account: her.clone(), grants, admins: Vec::new() }, link, taken };
        let command =
            LinkSingle { account: her.id, issuer: "https://a.vn".to_owned(), subject: subject.map(str::to_owned) };
        assert_eq!(outcome(command.decide(&facts, &actor(&admin, Admin, at), now())), expected, "{subject:?} {at}");
    }
}
