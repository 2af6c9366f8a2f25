//! The review and the commands, as pure decisions.

use std::{collections::BTreeMap, sync::Arc, sync::LazyLock};

use vx_concepts::{
    engine::{Command, Effect},
    work::Urgency,
};
use vx_kernel::{
    Path,
    units::{Tree, UnitId},
};
use vx_platform::auth::{Actor, Rights};

use crate::{Amend, Directive, DirectiveState, Discard, Issue, Readings, Resolved, Restore, Review, review::Required};

pub(crate) static TREE: LazyLock<Tree> = LazyLock::new(|| {
    let (units, lineage) = vx_foundation::units::shipped(&[UnitId::from("94")]);
    Tree::new(units, lineage).0
});

pub(crate) fn dispatch(clauses: &str) -> String {
    format!(
        "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\n\nSố: 77/UBND-VX\nV/v rà soát\n\nSóc Trăng, ngày 10 tháng 9 năm 2021\n\nHỎA TỐC\n\n\
         Kính gửi:\n\n- Các sở, ban, ngành tỉnh;\n- UBND các huyện, thị xã, thành phố.\n\nChủ tịch UBND tỉnh yêu cầu:\n\n{clauses}\n\n\
         Nơi nhận:\n- Như trên;\n- Lưu: VT.\n\nCHỦ TỊCH\n\nPhạm Hoàng Minh\n"
    )
}

fn propose(text: &str, readings: &Readings) -> Review {
    let outcome = vx_dispatch::parse(text);
    let dispatch = outcome.dispatches.into_iter().next().expect("the text holds a dispatch");
    let home = Path::parse("94/").unwrap();
    Review::propose(dispatch, &TREE, &home, jiff::civil::date(2021, 9, 13), readings)
}

pub(crate) fn review(clauses: &str) -> Review {
    propose(&dispatch(clauses), &Readings::new())
}

/// Each order on a line: clause, included or not, how many units lead and cooperate, deadline in UTC.
fn check(clauses: &str, expected: &[&str]) {
    let review = review(clauses);
    let got: Vec<String> = review
        .orders
        .iter()
        .map(|order| {
            let due = review.due(order).at.map_or("-".to_owned(), |at| at.to_string());
            let (leads, others) = (review.units(&order.leads).len(), review.units(&order.cooperating).len());
            format!("{} {} {leads}+{others} {due}", order.clause, if order.include { "yes" } else { "no" })
        })
        .collect();
    assert_eq!(got, expected, "{clauses}");
}

#[test]
fn clauses_become_orders_for_the_units_they_name() {
    check(
        "1. Sở Y tế chủ trì, phối hợp với Công an tỉnh rà soát; xong trước ngày 15/9/2021.",
        &["1 yes 1+1 2021-09-15T16:59:59Z"],
    );
    check(
        "1. UBND các huyện, thị xã, thành phố lập danh sách trước 17h00 ngày 12/9/2021.",
        &["1 yes 11+0 2021-09-12T10:00:00Z"],
    );
    check("1. UBND các xã, phường, thị trấn lập danh sách từng hộ.", &["1 yes 109+0 -"]);
    check(
        "1. UBND các huyện, thị xã, thành phố:\n\na) Rà soát danh sách.\n\nb) Định kỳ 03 ngày/lần (trước 17h00) báo cáo Sở Y tế.",
        &["1.a yes 11+0 -", "1.b yes 11+0 2021-09-13T10:00:00Z"],
    );
    // Nobody in particular is nobody's task until a person says whose.
    check(
        "1. Sở Y tế rà soát.\n\n2. Các cơ quan, đơn vị có liên quan nghiêm túc thực hiện.",
        &["1 yes 1+0 -", "2 no 0+0 -"],
    );
    // Ministries have no desk here.
    check("1. Đề nghị Bộ Y tế hỗ trợ sinh phẩm.\n\n2. Sở Y tế tiếp nhận.", &["1 no 0+0 -", "2 yes 1+0 -"]);
}

#[test]
fn what_must_be_settled_first() {
    for (clauses, expected) in [
        ("1. Sở Y tế rà soát trước ngày 15/9/2021.", ""),
        ("1. Sở Y tế rà soát trước ngày 15/8/2021.", "DueBeforeIssue(0)"),
        ("1. UBND huyện Mường Nhé rà soát.", "Mention(0)"),
        ("Kính chuyển để biết.", "NoOrders"),
    ] {
        let open: Vec<String> = review(clauses)
            .required()
            .iter()
            .filter(|open| !matches!(open, Required::Finding(_)))
            .map(|open| format!("{open:?}"))
            .collect();
        assert_eq!(open.join(" "), expected, "{clauses}");
    }
}

#[test]
fn what_a_person_resolved_is_remembered_for_the_place() {
    let clause = "1. UBND huyện Mường Nhé rà soát.";
    let words = vx_kernel::units::mentions::memory_key("UBND huyện Mường Nhé");
    let told = BTreeMap::from([(words, vec!["943".to_owned()])]);
    let there = propose(&dispatch(clause), &Readings::from([(Path::parse("94/").unwrap(), told.clone())]));
    assert_eq!(
        (&there.mentions[0].how, there.mentions[0].units.as_slice()),
        (&Resolved::Remembered, ["943".to_owned()].as_slice())
    );
    let elsewhere = propose(&dispatch(clause), &Readings::from([(Path::parse("91/").unwrap(), told)]));
    assert!(elsewhere.mentions[0].is_open(), "what one province meant says nothing of another");
}

#[test]
fn the_title_is_the_first_sentence_cut_at_a_word() {
    let long = format!("1. Sở Y tế {}kết thúc.", "tiếp tục rà soát ".repeat(20));
    let title = &review(&long).orders[0].title;
    assert!(title.ends_with('…') && title.chars().count() <= 161, "{title}");
    assert_eq!(review("1. Sở Y tế rà soát. Báo cáo sau.").orders[0].title, "Sở Y tế rà soát");
}

#[test]
fn marks_do_not_overlap_and_lie_in_the_text() {
    let text = dispatch(
        "1. Sở Y tế chủ trì, phối hợp với Công an tỉnh thực hiện Quyết định số 2093/QĐ-UBND ngày 15/8/2021; xong trước ngày 15/9/2021.",
    );
    let mut end = 0;
    for (span, kind) in propose(&text, &Readings::new()).marks() {
        assert!(span.start >= end && text.get(span.start..span.end).is_some(), "{kind} {span:?}");
        end = span.end;
    }
}

pub(crate) fn directive(clauses: &str) -> Directive {
    let blank = Directive::blank(Path::parse("94/").unwrap(), "77.txt", Vec::new(), 0, "");
    let blank = Directive { version: 1, ..blank };
    blank.with_review(&review(clauses))
}

pub(crate) fn actor() -> Actor {
    Actor::system("test", Arc::new(Rights::default()))
}

pub(crate) fn paths(tree: &Tree) -> BTreeMap<UnitId, Path> {
    tree.units().iter().map(|unit| (unit.id.clone(), unit.path.clone())).collect()
}

#[test]
fn the_header_is_carried_over_for_lists_and_twins() {
    let directive = directive("1. Sở Y tế rà soát.");
    assert_eq!(directive.number.as_deref(), Some("77/UBND-VX"));
    assert_eq!(directive.urgency, Some(Urgency::HoaToc));
    assert_eq!(directive.identity.as_deref(), Some("uy ban nhan dan tinh soc trang|77ubndvx|2021"));
    assert_eq!(directive.required, 0);
}

#[test]
fn issuing_makes_one_task_for_each_leading_unit_or_none() {
    let now = "2021-09-10T03:00:00Z".parse().unwrap();
    let given =
        directive("1. UBND các huyện, thị xã, thành phố phối hợp với Sở Y tế lập danh sách trước ngày 12/9/2021.");
    let issue = |version: i64, paths: BTreeMap<UnitId, Path>| Issue { directive: given.id, version, paths };
    let decision = issue(1, paths(&TREE)).decide(&given, &actor(), now).unwrap();
    assert_eq!(decision.record.state, DirectiveState::Issued);
    let leads: Vec<String> = decision
        .effects
        .iter()
        .map(|effect| match effect {
            Effect::Open { item, cooperating } => {
                assert_eq!(cooperating.iter().map(Path::as_str).collect::<Vec<_>>(), ["94/94.syt/"]);
                assert_eq!((item.assigner.as_str(), item.source.as_str()), ("94/", "77/UBND-VX"));
                item.path.as_str().to_owned()
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(leads.len(), 11, "{leads:?}");
    for (version, known, state, expected) in [
        (2, paths(&TREE), DirectiveState::Received, "store.changed_meanwhile"),
        (1, BTreeMap::new(), DirectiveState::Received, "directives.issue.unit_gone"),
        (1, paths(&TREE), DirectiveState::Issued, "directives.not_in_this_state"),
        (1, paths(&TREE), DirectiveState::Unreadable, "directives.not_in_this_state"),
    ] {
        let given = Directive { state, ..given.clone() };
        assert_eq!(issue(version, known).decide(&given, &actor(), now).unwrap_err().code, expected);
    }
    let unsettled = directive("1. UBND huyện Mường Nhé rà soát.");
    let problem = Issue { directive: unsettled.id, version: 1, paths: paths(&TREE) }
        .decide(&unsettled, &actor(), now)
        .unwrap_err();
    assert_eq!(problem.code, "directives.issue.not_settled");
}

#[test]
fn only_what_waits_is_amended_or_discarded() {
    let now = "2021-09-10T03:00:00Z".parse().unwrap();
    let given = directive("1. Sở Y tế rà soát.");
    let review = Review::of(&given.review).unwrap();
    for (state, amended, discarded) in [
        (DirectiveState::Received, true, true),
        (DirectiveState::Unreadable, false, true),
        (DirectiveState::Issued, false, false),
        (DirectiveState::Completed, false, false),
        (DirectiveState::Discarded, false, false),
    ] {
        let given = Directive { state, ..given.clone() };
        let amend = Amend { directive: given.id, version: 1, review: review.clone(), what: "header".to_owned() };
        assert_eq!(amend.decide(&(given.clone(), None), &actor(), now).is_ok(), amended, "{state}");
        let discard = Discard { directive: given.id, reason: "nhầm tệp".to_owned() };
        assert_eq!(discard.decide(&given, &actor(), now).is_ok(), discarded, "{state}");
    }
    let silent = Discard { directive: given.id, reason: " ".to_owned() };
    assert_eq!(silent.decide(&given, &actor(), now).unwrap_err().code, "directives.discard.no_reason");
}

#[test]
fn only_what_was_discarded_is_restored_to_where_it_was() {
    let now = "2021-09-10T03:00:00Z".parse().unwrap();
    let read = Directive { state: DirectiveState::Discarded, ..directive("1. Sở Y tế rà soát.") };
    let unread = Directive { review: String::new(), trouble: Some("binary".to_owned()), ..read.clone() };
    let restore = |given: &Directive, reason: &str, twin: Option<&str>| {
        let command = Restore { directive: given.id, reason: reason.to_owned() };
        command.decide(&(given.clone(), twin.map(str::to_owned)), &actor(), now).map(|decision| decision.record)
    };
    assert_eq!(restore(&read, "loại nhầm", None).unwrap().state, DirectiveState::Received);
    assert_eq!(restore(&unread, "loại nhầm", None).unwrap().state, DirectiveState::Unreadable);
    let twin = restore(&read, "loại nhầm", Some("khác")).unwrap();
    assert_eq!(Review::of(&twin.review).unwrap().duplicate.as_deref(), Some("khác"), "another one came in meanwhile");
    assert_eq!(restore(&read, " ", None).unwrap_err().code, "directives.restore.no_reason");
    for state in
        [DirectiveState::Received, DirectiveState::Unreadable, DirectiveState::Issued, DirectiveState::Completed]
    {
        let given = Directive { state, ..read.clone() };
        assert_eq!(restore(&given, "loại nhầm", None).unwrap_err().code, "directives.not_in_this_state", "{state}");
    }
}
