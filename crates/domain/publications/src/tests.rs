//! The rules of what the public is told, as tables.

use vx_concepts::engine::{Command as _, Fact};
use vx_foundation::units::Acting;
use vx_kernel::{Id, Path, Problem};
use vx_platform::auth::Actor;

use crate::{
    Announce, Announcement, ContactKind, Enlist, PublicationState, Retract, Said, commands::TITLE_MAX, types::digits,
};

fn at(text: &str) -> jiff::Timestamp {
    text.parse().unwrap()
}

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn somebody() -> Actor {
    Actor::system("Trần Ngọc Lan", std::sync::Arc::default())
}

fn telling() -> Announce {
    Announce {
        id: Id::fresh(),
        again: false,
        by: Acting { unit: path("94/94.syt/"), place: path("94/") },
        place: path("94/943/"),
        title: " Điểm tiêm lưu động ".to_owned(),
        body: "Từ 7 giờ.".to_owned(),
        title_en: None,
        body_en: None,
        from_at: at("2021-09-13T00:00:00Z"),
        until_at: None,
        reason: None,
    }
}

fn decided(command: &Announce, before: Option<Announcement>) -> Result<Announcement, Problem> {
    let decision = command.decide(&before, &somebody(), at("2021-09-13T01:00:00Z"))?;
    assert!(matches!(
        decision.effects.as_slice(),
        [vx_concepts::engine::Effect::Tell(Fact::PublicationChanged { .. })]
    ));
    Ok(decision.record)
}

/// What is changed, how, and the refusal.
type Case = (&'static str, fn(&mut Announce), &'static str);

#[test]
fn an_announcement_is_made_by_rule() {
    let cases: [Case; 9] = [
        ("as it is", |_| {}, ""),
        ("no title", |one| one.title = " ".to_owned(), "publications.no_title"),
        ("no text", |one| one.body.clear(), "publications.no_text"),
        ("a long title", |one| one.title = "đ".repeat(TITLE_MAX + 1), "publications.too_long"),
        ("half an English version", |one| one.title_en = Some("Vaccines".to_owned()), "publications.half_english"),
        ("another's place", |one| one.place = path("95/"), "not_found"),
        ("the country", |one| one.place = Path::root(), "not_found"),
        ("an end at its beginning", |one| one.until_at = Some(one.from_at), "publications.ends_before"),
        ("a blank English version", |one| (one.title_en, one.body_en) = (Some(" ".to_owned()), None), ""),
    ];
    for (name, change, expected) in cases {
        let mut command = telling();
        change(&mut command);
        let code = decided(&command, None).err().map_or_else(String::new, |problem| problem.code.to_string());
        assert_eq!(code, expected, "{name}");
    }
    let first = decided(&telling(), None).unwrap();
    assert_eq!((first.title.as_str(), first.edition, first.path.as_str()), ("Điểm tiêm lưu động", 1, "94/94.syt/"));
}

#[test]
fn what_was_told_is_put_right_or_taken_back_with_a_reason() {
    let first = decided(&telling(), None).unwrap();
    let again = Announce { id: first.id, again: true, ..telling() };
    assert_eq!(decided(&again, Some(first.clone())).unwrap_err().code, "publications.no_reason");
    let again = Announce { reason: Some(" Sai giờ ".to_owned()), ..again };
    let second = decided(&again, Some(first.clone())).unwrap();
    assert_eq!((second.edition, second.reason.as_deref()), (2, Some("Sai giờ")));
    let back = |reason: &str, before: &Announcement| {
        let command = Retract { id: before.id, reason: reason.to_owned() };
        command.decide(before, &somebody(), at("2021-09-13T01:00:00Z")).map(|decision| decision.record)
    };
    assert_eq!(back(" ", &second).unwrap_err().code, "publications.no_reason");
    let gone = back("Đã xong", &second).unwrap();
    assert_eq!(gone.state, PublicationState::Withdrawn);
    assert_eq!(back("Lần nữa", &gone).unwrap_err().code, "publications.withdrawn_already");
    assert_eq!(decided(&again, Some(gone)).unwrap_err().code, "publications.withdrawn_already");
}

#[test]
fn where_an_announcement_stands_is_computed_from_its_hours() {
    let mut one = decided(&telling(), None).unwrap();
    one.until_at = Some(at("2021-09-14T00:00:00Z"));
    for (now, expected) in [
        ("2021-09-12T23:59:59Z", Said::Ahead),
        ("2021-09-13T00:00:00Z", Said::Now),
        ("2021-09-13T23:59:59Z", Said::Now),
        ("2021-09-14T00:00:00Z", Said::Over),
    ] {
        assert_eq!(one.said(at(now)), expected, "{now}");
    }
    one.state = PublicationState::Withdrawn;
    assert_eq!(one.said(at("2021-09-13T00:00:00Z")), Said::Withdrawn);
}

#[test]
fn a_telephone_number_is_one() {
    for (telephone, expected, dialled) in [
        ("1022", "", "1022"),
        ("115", "", "115"),
        ("0299 3821 234", "", "02993821234"),
        ("+84 299 3821-234", "", "+842993821234"),
        ("", "publications.no_number", ""),
        ("12", "publications.no_number", "12"),
        ("gọi xã", "publications.no_number", ""),
        ("1234567890123456", "publications.no_number", "1234567890123456"),
    ] {
        let command = Enlist {
            id: Id::fresh(),
            again: false,
            by: Acting { unit: path("94/"), place: path("94/") },
            place: path("94/"),
            kind: ContactKind::Hotline,
            name: "Tổng đài".to_owned(),
            name_en: None,
            telephone: telephone.to_owned(),
            hours: "24/24 giờ".to_owned(),
            hours_en: None,
            reason: None,
        };
        let decision = command.decide(&None, &somebody(), at("2021-09-13T01:00:00Z"));
        let code = decision.err().map_or_else(String::new, |problem| problem.code.to_string());
        assert_eq!((code.as_str(), digits(telephone).as_str()), (expected, dialled), "{telephone}");
    }
}
