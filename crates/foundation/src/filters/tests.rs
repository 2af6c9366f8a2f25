//! The rules as tables.

use std::sync::Arc;

use vx_concepts::engine::Command;
use vx_kernel::Path;
use vx_platform::auth::{Account, AccountState, Held, Rights};

use super::*;

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn person(role: Role, on: &str) -> Actor {
    let account = Account {
        id: Id::fresh(),
        path: path(on),
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
    };
    let rights = Arc::new(Rights::new(module().permissions.iter().copied()));
    Actor::person(&account, vec![Held { role, path: path(on), deputy_for: None }], rights)
}

fn kept(by: &Actor, name: &str, shared: bool) -> SavedFilter {
    SavedFilter {
        id: Id::fresh(),
        path: by.homes()[0].clone(),
        version: 1,
        account: by.account.unwrap(),
        page: "/tasks".to_owned(),
        name: name.to_owned(),
        query: "seen=overdue".to_owned(),
        shared,
        opens_first: false,
        state: FilterState::Kept,
    }
}

fn outcome<C: Command>(command: &C, facts: &C::Facts, by: &Actor) -> String {
    let now = "2021-09-13T01:00:00Z".parse().unwrap();
    command.decide(facts, by, now).map_or_else(|problem| problem.code.to_owned(), |_| "done".to_owned())
}

#[test]
fn filters_are_saved_by_rule() {
    let (officer, office) = (person(Role::Officer, "94/943/"), person(Role::Office, "94/943/"));
    let save = |by: &Actor| Save {
        account: by.account.unwrap(),
        at: by.homes()[0].clone(),
        page: "/tasks".to_owned(),
        query: "seen=overdue".to_owned(),
        name: "Quá hạn".to_owned(),
        shared: false,
    };
    let one = || save(&officer);
    let twin = vec![kept(&officer, "Quá hạn", false)];
    let elsewhere = vec![SavedFilter { page: "/directives".to_owned(), ..kept(&officer, "Quá hạn", false) }];
    let many: Vec<_> = (0..OWN_MAX).map(|n| kept(&officer, &n.to_string(), false)).collect();
    for (case, by, command, facts, expected) in [
        ("plain", &officer, one(), Vec::new(), "done"),
        ("for somebody else", &office, one(), Vec::new(), "not_found"),
        ("without a name", &officer, Save { name: " ".to_owned(), ..one() }, Vec::new(), "filters.name_missing"),
        ("a long name", &officer, Save { name: "x".repeat(61), ..one() }, Vec::new(), "filters.name_too_long"),
        ("nothing narrowed", &officer, Save { query: String::new(), ..one() }, Vec::new(), "filters.nothing_to_save"),
        (
            "an endless query",
            &officer,
            Save { query: "x".repeat(2_001), ..one() },
            Vec::new(),
            "filters.query_too_long",
        ),
        ("a name twice", &officer, one(), twin, "filters.name_taken"),
        ("the name on another list", &officer, one(), elsewhere, "done"),
        ("too many", &officer, one(), many, "filters.too_many"),
        ("shared by an officer", &officer, Save { shared: true, ..one() }, Vec::new(), "filters.not_yours_to_share"),
        ("shared by the office", &office, Save { shared: true, ..save(&office) }, Vec::new(), "done"),
    ] {
        assert_eq!(outcome(&command, &facts, by), expected, "{case}");
    }
}

#[test]
fn filters_are_changed_by_their_owner() {
    let (officer, office) = (person(Role::Officer, "94/943/"), person(Role::Office, "94/943/"));
    let elsewhere = person(Role::Office, "94/941/");
    let own = kept(&officer, "Quá hạn", false);
    let shared = kept(&person(Role::Head, "94/943/"), "Của đơn vị", true);
    let gone = SavedFilter { state: FilterState::Removed, ..own.clone() };
    let at = path("94/943/");
    let rename = |name: &str, shared| Rename { filter: own.id, at: at.clone(), name: name.to_owned(), shared };
    for (case, by, command, filter, expected) in [
        ("the owner", &officer, rename("Trễ", false), &own, "done"),
        ("somebody else", &office, rename("Trễ", false), &own, "not_found"),
        ("without a name", &officer, rename("", false), &own, "filters.name_missing"),
        ("shared without the right", &officer, rename("Trễ", true), &own, "filters.not_yours_to_share"),
        ("a removed one", &officer, rename("Trễ", false), &gone, "not_found"),
        ("another's shared one", &office, rename("Trễ", true), &shared, "not_found"),
    ] {
        assert_eq!(outcome(&command, filter, by), expected, "{case}");
    }
    for (case, by, filter, removed, taken_back) in [
        ("the owner", &officer, &own, "done", "not_found"),
        ("somebody else", &office, &own, "not_found", "not_found"),
        ("a shared one, by who may share there", &office, &shared, "done", "not_found"),
        ("a shared one, by an officer", &officer, &shared, "not_found", "not_found"),
        ("a shared one, from elsewhere", &elsewhere, &shared, "not_found", "not_found"),
        ("a removed one", &officer, &gone, "not_found", "done"),
    ] {
        assert_eq!(outcome(&Remove { filter: filter.id, at: at.clone() }, filter, by), removed, "{case}");
        assert_eq!(outcome(&TakeBack { filter: filter.id, at: at.clone() }, filter, by), taken_back, "{case}");
        let first = OpenFirst { filter: filter.id, at: at.clone(), first: true };
        let expected = if std::ptr::eq(filter, &own) && by.account == officer.account { "done" } else { "not_found" };
        assert_eq!(outcome(&first, filter, by), expected, "{case}");
    }
}
