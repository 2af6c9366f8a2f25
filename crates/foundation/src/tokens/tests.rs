//! The rules of tokens as tables.

use std::sync::Arc;

use jiff::{Timestamp, civil::date};
use vx_kernel::Path;
use vx_platform::auth::{Account, AccountState, Held, Rights, Role, Token};

use super::*;

fn now() -> Timestamp {
    "2021-09-10T03:00:00Z".parse().unwrap()
}

fn actor(id: Option<Id<ids::Account>>) -> Actor {
    let held = vec![Held { role: Role::Officer, path: Path::parse("94/").unwrap(), deputy_for: None }];
    let rights = Arc::new(Rights::new(module().permissions.iter().copied()));
    let person = Account { id: id.unwrap_or_else(Id::fresh), ..account() };
    Actor::person(&person, held, rights)
}

fn account() -> Account {
    Account {
        id: Id::fresh(),
        path: Path::parse("94/").unwrap(),
        version: 1,
        login: "lan".to_owned(),
        name: "Trần Thị Lan".to_owned(),
        title: String::new(),
        password: String::new(),
        must_change: false,
        state: AccountState::Active,
        failures: 0,
        locked_until: None,
        until_on: None,
    }
}

fn token(account: &Account, name: &str) -> Token {
    Token {
        id: Id::fresh(),
        path: account.path.clone(),
        version: 1,
        account: account.id,
        name: name.to_owned(),
        hash: vec![1],
        ending: "0000".to_owned(),
        writes: true,
        permissions: String::new(),
        until_on: date(2021, 12, 1),
        revoked_at: None,
    }
}

#[test]
fn tokens_are_made_by_rule() {
    let lan = account();
    let make = || Make {
        id: Id::fresh(),
        account: lan.id,
        name: " Đồng bộ ".to_owned(),
        hash: vec![1],
        ending: "abcd".to_owned(),
        writes: false,
        permissions: Vec::new(),
        until_on: date(2021, 12, 31),
    };
    let many: Vec<Token> = (0..TOKENS_MAX).map(|n| token(&lan, &format!("{n}"))).collect();
    let one = vec![token(&lan, "Đồng bộ")];
    for (case, command, held, by, expected) in [
        ("in order", make(), &Vec::new(), Some(lan.id), "made"),
        ("the last day of a year", Make { until_on: date(2022, 9, 10), ..make() }, &Vec::new(), Some(lan.id), "made"),
        ("today", Make { until_on: date(2021, 9, 10), ..make() }, &Vec::new(), Some(lan.id), "made"),
        ("limited", Make { permissions: vec!["tasks.*".to_owned()], ..make() }, &Vec::new(), Some(lan.id), "made"),
        ("for somebody else", make(), &Vec::new(), Some(Id::fresh()), "not_found"),
        ("no name", Make { name: "  ".to_owned(), ..make() }, &Vec::new(), Some(lan.id), "tokens.make.no_name"),
        ("long name", Make { name: "a".repeat(81), ..make() }, &Vec::new(), Some(lan.id), "tokens.make.name_too_long"),
        ("same name", make(), &one, Some(lan.id), "tokens.make.name_taken"),
        ("too many", make(), &many, Some(lan.id), "tokens.make.too_many"),
        ("over", Make { until_on: date(2021, 9, 9), ..make() }, &Vec::new(), Some(lan.id), "tokens.make.over_already"),
        ("too long", Make { until_on: date(2022, 9, 11), ..make() }, &Vec::new(), Some(lan.id), "tokens.make.too_long"),
        (
            "two permissions in one",
            Make { permissions: vec!["tasks.read tasks.report".to_owned()], ..make() },
            &Vec::new(),
            Some(lan.id),
            "tokens.make.permission",
        ),
    ] {
        let decided = command.decide(&(lan.clone(), held.clone()), &actor(by), now());
        let got = decided.map_or_else(
            |problem| problem.code,
            |decision| if decision.record.name == "Đồng bộ" { "made" } else { "?" },
        );
        assert_eq!(got, expected, "{case}");
    }
}

#[test]
fn an_account_that_is_closed_or_has_a_temporary_password_makes_no_token() {
    for person in [Account { state: AccountState::Closed, ..account() }, Account { must_change: true, ..account() }] {
        let make = Make {
            id: Id::fresh(),
            account: person.id,
            name: "Đồng bộ".to_owned(),
            hash: vec![1],
            ending: "abcd".to_owned(),
            writes: false,
            permissions: Vec::new(),
            until_on: date(2021, 12, 31),
        };
        let by = actor(Some(person.id));
        let code = make.decide(&(person, Vec::new()), &by, now()).err().map(|problem| problem.code);
        assert_eq!(code, Some("tokens.make.account"));
    }
}

#[test]
fn tokens_are_revoked_by_rule() {
    let lan = account();
    let held = token(&lan, "Đồng bộ");
    let over = Token { until_on: date(2021, 9, 9), ..held.clone() };
    let revoked = Token { revoked_at: Some(now()), ..held.clone() };
    for (case, token, own, by, expected) in [
        ("one's own", &held, true, lan.id, "revoked"),
        ("somebody else's as one's own", &held, true, Id::fresh(), "not_found"),
        ("somebody else's", &held, false, Id::fresh(), "revoked"),
        ("over", &over, true, lan.id, "tokens.revoke.over"),
        ("twice", &revoked, true, lan.id, "tokens.revoke.over"),
    ] {
        let command = Revoke { token: token.id, own, reason: None };
        let decided = command.decide(token, &actor(Some(by)), now());
        let got = decided.map_or_else(
            |problem| problem.code,
            |decision| if decision.record.revoked_at == Some(now()) { "revoked" } else { "?" },
        );
        assert_eq!(got, expected, "{case}");
    }
}
