//! The state table of the README, line by line.

use vx_concepts::{
    engine::{Command as _, Effect},
    work::{
        Due, NewWork, WorkItem, WorkState,
        tally::{self, Counted, Progress},
    },
};
use vx_kernel::{Id, Path};
use vx_platform::{
    auth::{Actor, Held, Rights, Role},
    journal::Entry,
    store::Uuid,
};

use crate::{
    AskExtension, Count, CountFacts, DeclineExtension, GrantExtension, PartTarget,
    commands::{Acknowledge, Cancel, Confirm, Reassign, Refuse, Report, Return, Split, Step},
    desk::progress_rows,
};

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

#[test]
fn extensions_are_asked_for_and_decided_by_rule() {
    let reason = || "thiếu người".to_owned();
    // From each state; the task is due at 17:00 on the 15th, now is 17:00 on the 10th.
    let at = |day: i8| vx_kernel::time::instant(jiff::civil::date(2021, 9, day).at(17, 0, 0, 0)).unwrap();
    let due = |state| task(state).with_due(at(15));
    let asked = |state| WorkItem { asked_due_at: Some(at(20)), ..due(state) };
    let ask = |day| AskExtension { until: at(day), reason: reason() };
    let grant = |day: Option<i8>| GrantExtension { until: day.map(at), with_parts: true, note: None };
    fn outcome<S: Step>(step: &S, task: &WorkItem) -> &'static str {
        let now = "2021-09-10T10:00:00Z".parse().unwrap();
        step.step(task, &[], now).map_or_else(|problem| problem.code, |_| "done")
    }
    let not_now = "tasks.not_in_this_state";
    for state in WorkState::ALL.iter().copied() {
        let may_ask = if WorkState::TO_DO.contains(&state) { "done" } else { not_now };
        let may_decide = if state.is_closed() { not_now } else { "done" };
        assert_eq!(outcome(&ask(16), &due(state)), may_ask, "ask, {state}");
        assert_eq!(outcome(&grant(None), &asked(state)), may_decide, "grant, {state}");
        assert_eq!(outcome(&DeclineExtension { reason: reason() }, &asked(state)), may_decide, "decline, {state}");
    }
    let task = |make: &dyn Fn(WorkState) -> WorkItem| make(WorkState::InProgress);
    let late = WorkItem { ..task(&due).with_due(at(5)) };
    for (got, expected) in [
        (outcome(&ask(15), &task(&due)), "tasks.extension.not_later"),
        (outcome(&ask(14), &task(&due)), "tasks.extension.not_later"),
        (outcome(&ask(7), &late), "tasks.ask_extension.past"),
        (outcome(&ask(11), &late), "done"),
        (outcome(&ask(16), &self::task(WorkState::InProgress)), "tasks.ask_extension.no_deadline"),
        (
            outcome(&AskExtension { until: at(16), reason: " ".to_owned() }, &task(&due)),
            "tasks.ask_extension.no_reason",
        ),
        (outcome(&ask(20), &task(&asked)), "tasks.ask_extension.asked_already"),
        (outcome(&ask(21), &task(&asked)), "done"),
        (outcome(&grant(None), &task(&due)), "tasks.extension.not_asked"),
        (outcome(&grant(Some(15)), &task(&asked)), "tasks.extension.not_later"),
        (outcome(&grant(Some(17)), &task(&asked)), "done"),
        (outcome(&DeclineExtension { reason: String::new() }, &task(&asked)), "tasks.decline_extension.no_reason"),
        (outcome(&DeclineExtension { reason: reason() }, &task(&due)), "tasks.extension.not_asked"),
    ] {
        assert_eq!(got, expected);
    }
}

#[test]
fn granting_moves_the_deadline_and_the_parts_that_had_the_same() {
    let at = |day: i8| vx_kernel::time::instant(jiff::civil::date(2021, 9, day).at(17, 0, 0, 0)).unwrap();
    let whole = WorkItem { asked_due_at: Some(at(20)), ..task(WorkState::InProgress).with_due(at(15)) };
    let same = whole.part_for(path("94/941/31732/"));
    let other = whole.part_for(path("94/941/31735/")).with_due(at(13));
    let wants_more = WorkItem { asked_due_at: Some(at(25)), ..whole.part_for(path("94/941/31738/")) };
    let parts = [same.clone(), other, wants_more.clone()];
    let now = "2021-09-10T10:00:00Z".parse().unwrap();
    for (with_parts, expected) in [(false, Vec::new()), (true, vec![(same.id, None), (wants_more.id, Some(at(25)))])] {
        let step = GrantExtension { until: Some(at(18)), with_parts, note: None };
        let (granted, effects) = step.step(&whole, &parts, now).unwrap();
        assert_eq!((granted.due_at, granted.due_sort, granted.asked_due_at), (Some(at(18)), at(18), None));
        let moved: Vec<_> = effects
            .iter()
            .map(|effect| match effect {
                Effect::Move(part) => {
                    assert_eq!((part.due_at, part.due_sort), (Some(at(18)), at(18)));
                    (part.id, part.asked_due_at)
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(moved, expected, "what is asked beyond the new deadline stays to be decided");
    }
}

#[test]
fn a_decided_task_waits_for_no_extension() {
    let now = "2021-09-10T10:00:00Z".parse().unwrap();
    let asked = |state| WorkItem { asked_due_at: Some(now), ..task(state) };
    let reason = || "vì".to_owned();
    let left = [
        Confirm { note: None }.step(&asked(WorkState::Reported), &[], now),
        Cancel { reason: reason() }.step(&asked(WorkState::InProgress), &[], now),
        Refuse { reason: reason() }.step(&asked(WorkState::Acknowledged), &[], now),
        Reassign { to: path("94/942/"), reason: reason() }.step(&asked(WorkState::InProgress), &[], now),
    ];
    assert!(left.into_iter().all(|outcome| outcome.unwrap().0.asked_due_at.is_none()));
}

#[test]
fn parts_owe_their_own_number_or_that_of_each() {
    let now = "2021-09-10T10:00:00Z".parse().unwrap();
    let (first, second) = (path("94/941/31732/"), path("94/941/31735/"));
    let target = |of: &str, each, own: &[(&Path, i64)]| PartTarget {
        of: of.to_owned(),
        each,
        units: own.iter().map(|(unit, n)| ((*unit).clone(), *n)).collect(),
    };
    let split = |target| {
        let step = Split { to: vec![first.clone(), second.clone()], target: Some(target) };
        step.step(&task(WorkState::Acknowledged), &[], now).map_err(|problem| problem.code).map(|(whole, effects)| {
            let parts = effects.into_iter().map(|effect| match effect {
                Effect::Open { item, .. } => item.target,
                other => panic!("{other:?}"),
            });
            (whole.target_of, parts.collect::<Vec<_>>())
        })
    };
    let of = Some("mẫu".to_owned());
    assert_eq!(split(target("mẫu", Some(300), &[(&second, 400)])), Ok((of.clone(), vec![Some(300), Some(400)])));
    assert_eq!(split(target("mẫu", None, &[(&second, 400)])), Ok((of.clone(), vec![None, Some(400)])));
    assert_eq!(split(target("mẫu", None, &[])), Ok((of, vec![None, None])));
    assert_eq!(split(target(" ", Some(300), &[])), Err("tasks.target.no_name"));
    assert_eq!(split(target("mẫu", Some(0), &[])), Err("tasks.target.not_positive"));
    assert_eq!(split(target("mẫu", None, &[(&first, 2_000_000_000)])), Err("tasks.target.too_large"));
}

#[test]
fn only_what_can_be_counted_is_counted() {
    let now = "2021-09-10T10:00:00Z".parse().unwrap();
    let (today, tomorrow) = (jiff::civil::date(2021, 9, 10), jiff::civil::date(2021, 9, 11));
    let by = Actor::system("Ai đó", std::sync::Arc::default());
    let counting = |state| WorkItem { target_of: Some("mẫu".to_owned()), ..task(state) };
    let outcome = |task: WorkItem, on, n, wrong: Option<bool>| {
        let entry = tally::entry(&task, today, 5, None, "Ai đó");
        let command = Count { task: task.id, on, n, note: None, corrects: wrong.map(|_| entry.id) };
        let facts = CountFacts { task, wrong: wrong.map(|corrected| (entry, corrected)) };
        command.decide(&facts, &by, now).map_or_else(
            |problem| problem.code,
            |decision| if decision.effects.is_empty() { "counted" } else { "counted, begun" },
        )
    };
    use WorkState::{Acknowledged, Assigned, Cancelled, Confirmed, InProgress, Refused, Reported, Returned};
    for (state, expected) in [
        (Assigned, "tasks.acknowledge_first"),
        (Acknowledged, "counted, begun"),
        (InProgress, "counted"),
        (Reported, "counted"),
        (Returned, "counted, begun"),
        (Refused, "tasks.not_in_this_state"),
        (Confirmed, "tasks.not_in_this_state"),
        (Cancelled, "tasks.not_in_this_state"),
    ] {
        assert_eq!(outcome(counting(state), today, 5, None), expected, "{state}");
    }
    for (got, expected) in [
        (outcome(task(InProgress), today, 5, None), "tasks.tally.not_counted"),
        (outcome(counting(InProgress), tomorrow, 5, None), "tasks.tally.future"),
        (outcome(counting(InProgress), today, 0, None), "tasks.target.not_positive"),
        (outcome(counting(InProgress), today, -5, None), "tasks.target.not_positive"),
        (outcome(counting(InProgress), today, 1_000_000_001, None), "tasks.target.too_large"),
        (outcome(counting(InProgress), today, 0, Some(false)), "counted"),
        (outcome(counting(InProgress), today, -1, Some(false)), "tasks.target.not_positive"),
        (outcome(counting(InProgress), today, 3, Some(true)), "tasks.tally.corrected_already"),
    ] {
        assert_eq!(got, expected);
    }
}

#[test]
fn a_step_is_taken_back_by_its_author_for_a_while() {
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let then = at("2021-09-10T10:00:00Z");
    let permissions = crate::module().permissions.iter().copied();
    let rights = std::sync::Arc::new(Rights::new(permissions));
    let me = Id::fresh();
    let actor = |account, role| {
        let mut actor = Actor::system("Ai đó", rights.clone());
        actor.account = account;
        actor.held = vec![Held { role, path: path("94/941/"), deputy_for: None }];
        actor
    };
    let entry = |verb: &str, actor| {
        Some(Entry {
            id: Uuid::nil(),
            at: then,
            actor,
            actor_name: "Trần Thị Lan".to_owned(),
            on_behalf_of: None,
            verb: verb.to_owned(),
            path: path("94/941/"),
            record: "work_item".to_owned(),
            record_id: Uuid::nil(),
            about_id: Uuid::nil(),
            reason: None,
            changed: serde_json::Map::new(),
            block: None,
        })
    };
    let soon = at("2021-09-10T10:15:00Z");
    for (last, by, now, expected) in [
        (entry("tasks.acknowledge", Some(me)), actor(Some(me), Role::Officer), soon, "done"),
        (
            entry("tasks.acknowledge", Some(me)),
            actor(Some(me), Role::Officer),
            at("2021-09-10T10:15:01Z"),
            "tasks.undo.too_late",
        ),
        (entry("tasks.acknowledge", Some(me)), actor(Some(Id::fresh()), Role::Officer), soon, "tasks.undo.not_yours"),
        (entry("tasks.acknowledge", None), actor(None, Role::Officer), soon, "tasks.undo.not_yours"),
        (entry("tasks.note", Some(me)), actor(Some(me), Role::Officer), soon, "tasks.undo.nothing"),
        (entry("tasks.undo", Some(me)), actor(Some(me), Role::Officer), soon, "tasks.undo.nothing"),
        (entry("tasks.split", Some(me)), actor(Some(me), Role::Chair), soon, "tasks.undo.nothing"),
        (None, actor(Some(me), Role::Officer), soon, "tasks.undo.nothing"),
        // An officer may not refuse, so no longer take a refusal back; the assigner's steps are the assigner's.
        (entry("tasks.refuse", Some(me)), actor(Some(me), Role::Officer), soon, "forbidden"),
        (entry("tasks.refuse", Some(me)), actor(Some(me), Role::Chair), soon, "done"),
        (entry("tasks.confirm", Some(me)), actor(Some(me), Role::Chair), soon, "forbidden"),
    ] {
        let got = crate::undo::allowed(&task(WorkState::Acknowledged), last.as_ref(), &by, now);
        assert_eq!(got.map_or_else(|problem| problem.code, |_| "done"), expected, "{last:?} at {now}");
    }
}

#[test]
fn units_stand_worst_first_and_nothing_reported_is_not_zero() {
    let whole = WorkItem { target_of: Some("mẫu".to_owned()), ..task(WorkState::InProgress) };
    let part = |unit: &str, target, done, day: Option<i8>| {
        let part = WorkItem { target, ..whole.part_for(path(unit)) };
        (part, Counted { done, last_on: day.map(|day| jiff::civil::date(2021, 9, day)) })
    };
    let parts = vec![
        part("94/941/1/", Some(100), 99, Some(9)),
        part("94/941/2/", Some(100), 0, None),
        part("94/941/3/", None, 7, Some(10)),
        part("94/941/4/", Some(200), 100, Some(8)),
    ];
    let own = Counted { done: 4, last_on: Some(jiff::civil::date(2021, 9, 7)) };
    let (rows, sum) = progress_rows(&whole, &Progress { own, parts });
    let order: Vec<(&str, Option<i64>)> = rows.iter().map(|row| (row.unit.as_str(), row.share())).collect();
    let expected = [
        ("94/941/2/", Some(0)),
        ("94/941/4/", Some(50)),
        ("94/941/1/", Some(99)),
        ("94/941/3/", None),
        ("94/941/", None),
    ];
    assert_eq!(order, expected);
    assert_eq!((sum.target, sum.counted.done, sum.share()), (Some(400), 210, Some(52)));
}
