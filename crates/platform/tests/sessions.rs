//! Signing in and what ends a session, with a clock that is set by hand.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::sync::{Arc, LazyLock};

use jiff::{SignedDuration, Timestamp, civil::Date, civil::date};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids};
use vx_platform::{
    Clock,
    auth::{
        Account, AccountState, Device, FactorState, Grant, Held, Rights, Role, SecondFactor, SecondFactorRule, Signed,
        code_at, end_session, end_sessions, enter_code, factor_of, hash_password, lookup, open_sessions,
        recovery_codes, sign_in, sign_out,
    },
    store::{Db, Record, Sql},
};
use vx_testkit::Place;

const PASSWORD: &str = "giữ vững vùng xanh";

static START: LazyLock<Timestamp> = LazyLock::new(|| "2021-09-10T03:00:00Z".parse().unwrap());

struct Stage {
    db: Db,
    clock: Clock,
    lan: Account,
    _place: Place,
}

fn account(login: &str, name: &str, password: &str) -> Account {
    Account {
        id: Id::fresh(),
        path: Path::parse("94/").unwrap(),
        version: 0,
        login: login.to_owned(),
        name: name.to_owned(),
        title: String::new(),
        password: password.to_owned(),
        must_change: false,
        state: AccountState::Active,
        failures: 0,
        locked_until: None,
        until_on: None,
    }
}

fn grant(account: &Account, from_on: Date, until_on: Option<Date>) -> Grant {
    Grant {
        id: Id::fresh(),
        path: Path::parse("94/941/").unwrap(),
        version: 0,
        account: account.id,
        role: Role::Office,
        from_on,
        until_on,
        deputy_for: None,
    }
}

impl Stage {
    /// A fresh database on each engine, with one account.
    async fn all() -> Vec<Self> {
        let password = hash_password(PASSWORD.to_owned()).await.unwrap();
        let mut stages = Vec::new();
        for place in Place::all().await {
            let clock = Clock::standing_at(*START);
            let db = Db::open(&place.options, clock.clone()).await.unwrap();
            db.migrate(&[]).await.unwrap();
            let lan = account("lan", "Trần Thị Lan", &password);
            let stage = Self { db, clock, lan, _place: place };
            stage.save(&stage.lan).await;
            stages.push(stage);
        }
        stages
    }
    async fn save<R: Record>(&self, record: &R) {
        let record = record.clone();
        let saved = self.db.write(move |tx| {
            let record = record.clone();
            Box::pin(async move { tx.save(&record).await })
        });
        saved.await.unwrap();
    }
    async fn now(&self) -> Account {
        self.db.read().await.unwrap().load(self.lan.id).await.unwrap()
    }
    fn later(&self, by: SignedDuration) {
        self.clock.set(self.clock.now().checked_add(by).unwrap());
    }
    async fn try_in(&self, password: &str) -> Result<String, Problem> {
        sign_in(&self.db, "lan", password.to_owned(), "test").await.map(|done| done.token)
    }
    async fn try_wrong(&self, times: usize) {
        for _ in 0..times {
            assert_eq!(self.try_in("sai mật khẩu rồi").await.unwrap_err().code, "accounts.sign_in_wrong");
        }
    }
    async fn signed(&self, token: &str) -> Option<Signed> {
        lookup(&self.db, &Arc::new(Rights::default()), token, self.clock.now()).await.unwrap()
    }
}

#[tokio::test]
async fn the_right_password_opens_a_session() {
    for stage in Stage::all().await {
        let token = stage.try_in(PASSWORD).await.unwrap();
        let signed = stage.signed(&token).await.unwrap();
        assert_eq!((signed.account, signed.actor.name.as_str()), (stage.lan.id, "Trần Thị Lan"));
    }
}

#[tokio::test]
async fn the_name_may_be_written_large_and_with_spaces_around() {
    for stage in Stage::all().await {
        sign_in(&stage.db, " LAN ", PASSWORD.to_owned(), "test").await.unwrap();
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    for stage in Stage::all().await {
        for (login, password) in [("lan", "sai mật khẩu rồi"), ("nobody", PASSWORD), ("", "")] {
            let problem = sign_in(&stage.db, login, password.to_owned(), "test").await.unwrap_err();
            let got = (problem.kind, problem.code, problem.args.len());
            assert_eq!(got, (ProblemKind::Unauthenticated, "accounts.sign_in_wrong", 0), "{login}");
        }
    }
}

#[tokio::test]
async fn neither_password_nor_token_is_kept_as_it_is() {
    for stage in Stage::all().await {
        let token = stage.try_in(PASSWORD).await.unwrap();
        let mut conn = stage.db.read().await.unwrap();
        let row = conn.row(Sql::new("select token_hash from session")).await.unwrap().unwrap();
        assert_ne!(row.get::<Vec<u8>>("token_hash").unwrap(), token.as_bytes());
        let journal = conn.rows(Sql::new("select changed from journal")).await.unwrap();
        assert!(journal.iter().all(|row| !row.get::<String>("changed").unwrap().contains("argon2")));
        assert!(stage.now().await.password.starts_with("$argon2id$"));
    }
}

#[tokio::test]
async fn five_wrong_passwords_lock_for_a_quarter_of_an_hour() {
    for stage in Stage::all().await {
        stage.try_wrong(5).await;
        let locked = stage.try_in(PASSWORD).await.unwrap_err();
        let until = vec![("until", "2021-09-10T03:15:00Z".to_owned())];
        assert_eq!((locked.kind, locked.code, locked.args), (ProblemKind::TooMany, "accounts.locked", until));
        stage.later(SignedDuration::from_secs(15 * 60 - 1));
        assert_eq!(stage.try_in(PASSWORD).await.unwrap_err().code, "accounts.locked");
        stage.later(SignedDuration::from_secs(1));
        stage.try_in(PASSWORD).await.unwrap();
    }
}

#[tokio::test]
async fn four_wrong_ones_do_not_lock_and_a_right_one_begins_the_count_anew() {
    for stage in Stage::all().await {
        for _ in 0..2 {
            stage.try_wrong(4).await;
            stage.try_in(PASSWORD).await.unwrap();
        }
        assert_eq!(stage.now().await.failures, 0);
    }
}

#[tokio::test]
async fn tries_at_the_same_time_are_all_counted() {
    for stage in Stage::all().await {
        let tries: Vec<_> = (0..5)
            .map(|_| {
                let db = stage.db.clone();
                tokio::spawn(async move { sign_in(&db, "lan", "sai mật khẩu rồi".to_owned(), "test").await.map(drop) })
            })
            .collect();
        for one in tries {
            one.await.unwrap().unwrap_err();
        }
        assert_eq!(stage.try_in(PASSWORD).await.unwrap_err().code, "accounts.locked");
    }
}

#[tokio::test]
async fn every_try_is_journalled() {
    for stage in Stage::all().await {
        stage.try_wrong(1).await;
        stage.try_in(PASSWORD).await.unwrap();
        let sql = Sql::new("select verb from journal order by id");
        let rows = stage.db.read().await.unwrap().rows(sql).await.unwrap();
        let verbs: Vec<String> = rows.iter().map(|row| row.get("verb").unwrap()).collect();
        assert_eq!(verbs, ["accounts.sign_in_failed", "accounts.sign_in"]);
    }
}

#[tokio::test]
async fn twelve_idle_hours_end_a_session() {
    for stage in Stage::all().await {
        let token = stage.try_in(PASSWORD).await.unwrap();
        stage.later(SignedDuration::from_hours(12));
        assert!(stage.signed(&token).await.is_some(), "just twelve hours");
        stage.later(SignedDuration::from_hours(12));
        assert!(stage.signed(&token).await.is_some(), "it was used in between");
        stage.later(SignedDuration::from_hours(12) + SignedDuration::from_secs(1));
        assert!(stage.signed(&token).await.is_none());
    }
}

#[tokio::test]
async fn seven_days_end_a_session_however_much_it_is_used() {
    for stage in Stage::all().await {
        let token = stage.try_in(PASSWORD).await.unwrap();
        for hours in (10..=160).step_by(10) {
            stage.later(SignedDuration::from_hours(10));
            assert!(stage.signed(&token).await.is_some(), "after {hours} h");
        }
        stage.later(SignedDuration::from_hours(8));
        assert!(stage.signed(&token).await.is_some(), "just seven days");
        stage.later(SignedDuration::from_secs(1));
        assert!(stage.signed(&token).await.is_none());
    }
}

#[tokio::test]
async fn an_unknown_token_is_nobody() {
    for stage in Stage::all().await {
        stage.try_in(PASSWORD).await.unwrap();
        for token in ["", "0", "'; --"] {
            assert!(stage.signed(token).await.is_none(), "{token:?}");
        }
    }
}

#[tokio::test]
async fn signing_out_ends_this_session_and_no_other() {
    for stage in Stage::all().await {
        let (one, two) = (stage.try_in(PASSWORD).await.unwrap(), stage.try_in(PASSWORD).await.unwrap());
        sign_out(&stage.db, &one).await.unwrap();
        assert!(stage.signed(&one).await.is_none());
        assert!(stage.signed(&two).await.is_some());
    }
}

#[tokio::test]
async fn ending_all_sessions_can_spare_ones_own() {
    for stage in Stage::all().await {
        let (one, two) = (stage.try_in(PASSWORD).await.unwrap(), stage.try_in(PASSWORD).await.unwrap());
        for (keep, left) in [(Some(two.clone()), true), (None, false)] {
            let (id, kept): (Id<ids::Account>, _) = (stage.lan.id, keep);
            let ended = stage.db.write(move |tx| {
                let kept = kept.clone();
                Box::pin(async move { end_sessions(tx, id, kept.as_deref()).await })
            });
            ended.await.unwrap();
            assert!(stage.signed(&one).await.is_none());
            assert_eq!(stage.signed(&two).await.is_some(), left);
        }
    }
}

#[tokio::test]
async fn a_closed_account_has_no_session_and_cannot_sign_in() {
    for stage in Stage::all().await {
        let token = stage.try_in(PASSWORD).await.unwrap();
        let account = stage.now().await;
        stage.save(&Account { state: AccountState::Closed, ..account }).await;
        assert!(stage.signed(&token).await.is_none());
        assert_eq!(stage.try_in(PASSWORD).await.unwrap_err().code, "accounts.sign_in_wrong");
    }
}

#[tokio::test]
async fn a_grant_holds_from_its_first_to_its_last_local_day() {
    for stage in Stage::all().await {
        stage.save(&grant(&stage.lan, date(2021, 9, 10), Some(date(2021, 9, 12)))).await;
        // Midnight in Việt Nam is 17:00 UTC of the day before.
        for (now, holds) in [
            ("2021-09-09T16:59:59Z", false),
            ("2021-09-09T17:00:00Z", true),
            ("2021-09-12T16:59:59Z", true),
            ("2021-09-12T17:00:00Z", false),
        ] {
            stage.clock.set(now.parse().unwrap());
            let token = stage.try_in(PASSWORD).await.unwrap();
            let held = stage.signed(&token).await.unwrap().actor.held;
            assert_eq!(!held.is_empty(), holds, "{now}");
        }
    }
}

#[tokio::test]
async fn a_grant_without_last_day_holds_on() {
    for stage in Stage::all().await {
        stage.save(&grant(&stage.lan, date(2020, 1, 1), None)).await;
        let token = stage.try_in(PASSWORD).await.unwrap();
        let expected = Held { role: Role::Office, path: Path::parse("94/941/").unwrap(), deputy_for: None };
        assert_eq!(stage.signed(&token).await.unwrap().actor.held, [expected]);
    }
}

#[tokio::test]
async fn a_role_held_as_deputy_names_the_principal() {
    for stage in Stage::all().await {
        let hung = account("hung", "Lê Văn Hùng", "x");
        stage.save(&hung).await;
        stage.save(&Grant { deputy_for: Some(hung.id), ..grant(&stage.lan, date(2021, 9, 1), None) }).await;
        let token = stage.try_in(PASSWORD).await.unwrap();
        let held = stage.signed(&token).await.unwrap().actor.held;
        assert_eq!(held[0].deputy_for.as_deref(), Some("Lê Văn Hùng"));
    }
}

#[tokio::test]
async fn the_programs_own_role_is_never_held_by_a_person() {
    for stage in Stage::all().await {
        stage.save(&Grant { role: Role::System, ..grant(&stage.lan, date(2021, 9, 1), None) }).await;
        let token = stage.try_in(PASSWORD).await.unwrap();
        assert_eq!(stage.signed(&token).await.unwrap().actor.held, []);
    }
}

const SECRET: &[u8] = b"12345678901234567890";

impl Stage {
    /// Gives Lan a second factor; her recovery codes.
    async fn with_factor(&self) -> Vec<String> {
        let (codes, recovery) = recovery_codes();
        let factor = SecondFactor {
            id: Id::fresh(),
            path: self.lan.path.clone(),
            version: 0,
            account: self.lan.id,
            secret: SECRET.to_vec(),
            state: FactorState::Confirmed,
            confirmed_at: Some(self.clock.now()),
            last_step: 0,
            recovery,
            recovery_left: 10,
        };
        self.save(&factor).await;
        codes
    }
    /// Name and password; the token of a session that owes the code.
    async fn half_in(&self) -> String {
        let half = sign_in(&self.db, "lan", PASSWORD.to_owned(), "test").await.unwrap();
        assert!(half.owes_code);
        half.token
    }
    async fn enter(&self, token: &str, code: &str) -> Result<(), Problem> {
        enter_code(&self.db, token, code, Device::default()).await
    }
    fn code(&self) -> String {
        code_at(SECRET, self.clock.now())
    }
    async fn outcomes(&self) -> Vec<String> {
        let sql = Sql::new("select outcome from sign_in_try order by id");
        let rows = self.db.read().await.unwrap().rows(sql).await.unwrap();
        rows.iter().map(|row| row.get("outcome").unwrap()).collect()
    }
}

#[tokio::test]
async fn a_password_alone_opens_nothing_where_a_code_is_owed() {
    for stage in Stage::all().await {
        stage.with_factor().await;
        stage.save(&grant(&stage.lan, date(2020, 1, 1), None)).await;
        let token = stage.half_in().await;
        let half = stage.signed(&token).await.unwrap();
        assert!(half.owes_code && half.actor.held.is_empty(), "no grant before the code");
        stage.enter(&token, &stage.code()).await.unwrap();
        let whole = stage.signed(&token).await.unwrap();
        assert!(!whole.owes_code && whole.actor.held.len() == 1);
        assert_eq!(stage.outcomes().await, ["code_asked", "signed_in"]);
    }
}

#[tokio::test]
async fn a_code_that_was_taken_is_refused_in_another_session() {
    for stage in Stage::all().await {
        stage.with_factor().await;
        let (one, two) = (stage.half_in().await, stage.half_in().await);
        let code = stage.code();
        stage.enter(&one, &code).await.unwrap();
        assert_eq!(stage.enter(&two, &code).await.unwrap_err().code, "accounts.code_wrong");
        stage.later(SignedDuration::from_secs(30));
        stage.enter(&two, &stage.code()).await.unwrap();
    }
}

#[tokio::test]
async fn wrong_codes_count_with_wrong_passwords_and_a_right_password_does_not_begin_anew() {
    for stage in Stage::all().await {
        stage.with_factor().await;
        stage.try_wrong(2).await;
        for _ in 0..2 {
            let token = stage.half_in().await;
            assert_eq!(stage.enter(&token, "000000").await.unwrap_err().code, "accounts.code_wrong");
        }
        let token = stage.half_in().await;
        assert_eq!(stage.enter(&token, "000000").await.unwrap_err().code, "accounts.locked");
        assert!(stage.signed(&token).await.is_none(), "the session that owed the code is over");
        assert_eq!(stage.enter(&token, &stage.code()).await.unwrap_err().code, "unauthenticated");
        assert_eq!(stage.try_in(PASSWORD).await.unwrap_err().code, "accounts.locked");
        let last: Vec<String> = stage.outcomes().await.into_iter().rev().take(3).collect();
        assert_eq!(last, ["while_locked", "locked_out", "wrong_code"]);
        stage.later(SignedDuration::from_mins(15));
        let token = stage.half_in().await;
        stage.enter(&token, &stage.code()).await.unwrap();
        assert_eq!(stage.now().await.failures, 0);
    }
}

#[tokio::test]
async fn ten_minutes_are_given_for_the_code() {
    for stage in Stage::all().await {
        stage.with_factor().await;
        let token = stage.half_in().await;
        stage.later(SignedDuration::from_secs(10 * 60 + 1));
        assert!(stage.signed(&token).await.is_none());
        assert_eq!(stage.enter(&token, &stage.code()).await.unwrap_err().code, "unauthenticated");
    }
}

#[tokio::test]
async fn a_recovery_code_signs_in_once() {
    for stage in Stage::all().await {
        let codes = stage.with_factor().await;
        let token = stage.half_in().await;
        stage.enter(&token, &codes[0]).await.unwrap();
        let left = factor_of(&mut stage.db.read().await.unwrap(), stage.lan.id).await.unwrap().unwrap();
        assert_eq!(left.recovery_left, 9);
        let token = stage.half_in().await;
        assert_eq!(stage.enter(&token, &codes[0]).await.unwrap_err().code, "accounts.code_wrong");
    }
}

#[tokio::test]
async fn neither_secret_nor_recovery_codes_reach_the_journal() {
    for stage in Stage::all().await {
        let codes = stage.with_factor().await;
        let token = stage.half_in().await;
        stage.enter(&token, &codes[0]).await.unwrap();
        let mut conn = stage.db.read().await.unwrap();
        let rows =
            conn.rows(Sql::new("select verb, changed from journal where record = 'second_factor'")).await.unwrap();
        let changed: Vec<String> = rows.iter().map(|row| row.get("changed").unwrap()).collect();
        assert_eq!(changed, [r#"{"recovery_left":[10,9]}"#]);
    }
}

#[tokio::test]
async fn a_role_that_must_have_a_second_factor_owes_one_from_its_day() {
    for stage in Stage::all().await {
        stage.save(&grant(&stage.lan, date(2020, 1, 1), None)).await;
        let rule = SecondFactorRule {
            id: Id::fresh(),
            path: Path::parse("94/").unwrap(),
            version: 0,
            roles: "admin office".to_owned(),
            from_on: date(2021, 9, 11),
            basis: "45/QĐ-UBND".to_owned(),
        };
        stage.save(&rule).await;
        let token = stage.try_in(PASSWORD).await.unwrap();
        assert!(!stage.signed(&token).await.unwrap().owes_factor, "the day before");
        // Midnight in Việt Nam.
        stage.clock.set("2021-09-10T17:00:00Z".parse().unwrap());
        let token = stage.try_in(PASSWORD).await.unwrap();
        assert!(stage.signed(&token).await.unwrap().owes_factor);
        stage.with_factor().await;
        assert!(!stage.signed(&token).await.unwrap().owes_factor, "once it has one");
    }
}

#[tokio::test]
async fn an_account_holds_to_the_end_of_its_last_day() {
    for stage in Stage::all().await {
        let account = stage.now().await;
        stage.save(&Account { until_on: Some(date(2021, 9, 10)), ..account }).await;
        stage.clock.set("2021-09-10T16:59:59Z".parse().unwrap());
        let token = stage.try_in(PASSWORD).await.unwrap();
        assert!(stage.signed(&token).await.is_some());
        stage.later(SignedDuration::from_secs(1));
        assert!(stage.signed(&token).await.is_none(), "its sessions end with the day");
        assert_eq!(stage.try_in(PASSWORD).await.unwrap_err().code, "accounts.over");
        assert_eq!(stage.try_in("sai mật khẩu rồi").await.unwrap_err().code, "accounts.sign_in_wrong");
    }
}

#[tokio::test]
async fn devices_are_listed_and_one_is_ended() {
    for stage in Stage::all().await {
        let device = Device::new("Mozilla/5.0 (Linux; Android 11)", "10.1.2.3");
        let one = sign_in(&stage.db, "lan", PASSWORD.to_owned(), device).await.unwrap().token;
        stage.later(SignedDuration::from_secs(1));
        let two = stage.try_in(PASSWORD).await.unwrap();
        let listed = |stage: &Stage| (stage.db.clone(), stage.lan.id, two.clone(), stage.clock.now());
        let (db, id, token, now) = listed(&stage);
        let open = open_sessions(&mut db.read().await.unwrap(), id, Some(&token), now).await.unwrap();
        let seen: Vec<_> = open.iter().map(|one| (one.device.address.as_str(), one.is_this)).collect();
        assert_eq!(seen, [("", true), ("10.1.2.3", false)]);
        let handle = open[1].handle.clone();
        assert!(!handle.contains(&one), "the handle is not the token");
        let stranger = account("hung", "Lê Văn Hùng", "x");
        for (whose, ended) in [(stranger.id, false), (id, true)] {
            let handle = handle.clone();
            let done = stage.db.write(move |tx| {
                let handle = handle.clone();
                Box::pin(async move { end_session(tx, whose, &handle).await })
            });
            assert_eq!(done.await.is_ok(), ended);
            assert_eq!(stage.signed(&one).await.is_none(), ended);
        }
        assert!(stage.signed(&two).await.is_some());
    }
}

#[tokio::test]
async fn tries_are_noted_but_not_what_was_typed_as_a_name() {
    for stage in Stage::all().await {
        stage.try_wrong(5).await;
        stage.try_in(PASSWORD).await.unwrap_err();
        sign_in(&stage.db, "my-secret-word", "x".to_owned(), "test").await.unwrap_err();
        let expected = [vec!["wrong_password"; 5], vec!["locked_out", "while_locked", "unknown_name"]].concat();
        assert_eq!(stage.outcomes().await, expected);
        let sql = Sql::new("select login from sign_in_try where outcome = 'unknown_name'");
        let row = stage.db.read().await.unwrap().row(sql).await.unwrap().unwrap();
        assert_eq!(row.get::<String>("login").unwrap(), "");
    }
}
