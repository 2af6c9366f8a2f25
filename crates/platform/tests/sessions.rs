//! Signing in and what ends a session, with a clock that is set by hand.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::sync::{Arc, LazyLock};

use jiff::{SignedDuration, Timestamp, civil::Date, civil::date};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids};
use vx_platform::{
    Clock,
    auth::{
        Account, AccountState, Grant, Held, Rights, Role, Signed, end_sessions, hash_password, lookup, sign_in,
        sign_out,
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
