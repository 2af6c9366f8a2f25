//! The state table of the README, line by line.

use vx_concepts::work::{Due, NewWork, WorkItem, WorkState};
use vx_kernel::Path;
use vx_platform::store::Uuid;

use crate::commands::{Acknowledge, Cancel, Confirm, Reassign, Refuse, Report, Return, Split, Step};

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn task(state: WorkState) -> WorkItem {
    let mut task = WorkItem::new(NewWork {
        lead: path("94/941/"),
        assigner: path("94/"),
        about: Uuid::nil(),
        source: "1844/UBND-VX".to_owned(),
        title: "Duy trì các chốt".to_owned(),
        detail: String::new(),
        clause: None,
        urgency: None,
        due: Due::none(),
    });
    task.state = state;
    task
}

/// The states after the step from each state, in the order of `WorkState::ALL`; `-` where it is refused.
fn check<S: Step>(step: &S, expected: &str) {
    let now = "2021-09-10T10:00:00Z".parse().unwrap();
    let got: Vec<String> = WorkState::ALL
        .iter()
        .map(|state| step.step(&task(*state), &[], now).map_or("-".to_owned(), |(task, _)| task.state.to_string()))
        .collect();
    assert_eq!(got.join(" "), expected, "{}", S::NAME);
}

#[test]
fn every_verb_moves_as_the_readme_says() {
    let reason = || "vì".to_owned();
    check(&Acknowledge, "acknowledged - - - - - - -");
    check(&Refuse { reason: reason() }, "refused refused - - - - - -");
    check(&Report { result: reason() }, "- reported reported - reported - - -");
    check(&Confirm { note: None }, "- - - confirmed - - - -");
    check(&Return { reason: reason() }, "- - - returned - returned - -");
    check(&Split::among(vec![path("94/941/31732/")]), "in_progress in_progress in_progress - in_progress - - -");
    check(&Reassign { to: path("94/942/"), reason: reason() }, "assigned assigned assigned - assigned assigned - -");
    check(&Cancel { reason: reason() }, "cancelled cancelled cancelled cancelled cancelled cancelled - -");
}

fn refusal<S: Step>(step: &S, state: WorkState, parts: &[WorkItem], expected: &str) {
    let now = "2021-09-10T10:00:00Z".parse().unwrap();
    let got = step.step(&task(state), parts, now).map_or_else(|problem| problem.code, |_| "done");
    assert_eq!(got, expected, "{}", S::NAME);
}

#[test]
fn refusals_say_what_stands_against_it() {
    let part = task(WorkState::InProgress).part_for(path("94/941/31732/"));
    let to = |units: &[&str]| units.iter().map(|unit| path(unit)).collect();
    refusal(&Refuse { reason: "  ".to_owned() }, WorkState::Assigned, &[], "tasks.refuse.no_reason");
    refusal(&Report { result: String::new() }, WorkState::InProgress, &[], "tasks.report.no_result");
    refusal(&Split::among(Vec::new()), WorkState::InProgress, &[], "tasks.split.nobody");
    refusal(&Split::among(to(&["94/942/31801/"])), WorkState::InProgress, &[], "tasks.split.not_below");
    refusal(&Split::among(to(&["94/941/"])), WorkState::InProgress, &[], "tasks.split.not_below");
    refusal(
        &Split::among(to(&["94/941/31732/"])),
        WorkState::InProgress,
        std::slice::from_ref(&part),
        "tasks.split.have_it_already",
    );
    let other = |to: &str| Reassign { to: path(to), reason: "nhầm đơn vị".to_owned() };
    refusal(&other("94/941/"), WorkState::Refused, &[], "tasks.reassign.same_unit");
    refusal(&other("91/899/"), WorkState::Refused, &[], "tasks.reassign.not_below");
    refusal(&other("94/942/"), WorkState::InProgress, &[part], "tasks.reassign.parts_open");
}

#[test]
fn a_part_is_assigned_by_the_unit_that_split() {
    let whole = task(WorkState::InProgress);
    let part = whole.part_for(path("94/941/31732/"));
    assert_eq!((part.parent, part.assigner, part.state), (Some(whole.id), path("94/941/"), WorkState::Assigned));
}
