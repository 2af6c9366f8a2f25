//! The rules of reports as tables.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{Timestamp, civil::Time};
use vx_concepts::{
    engine::{Command as _, Effect},
    form::{Figures, PeriodKind, Periods, Words},
    work::{Due, DueKind, NewWork, WorkItem, WorkState},
};
use vx_kernel::{
    Date, Id, Path, Problem, time,
    units::{Tree, read_lineage, read_places},
};
use vx_platform::{
    auth::{Actor, Rights},
    store::Uuid,
};

use crate::{
    Ask, Choose, End, Endorse, EndorseFacts, Level, Link, Request, RequestState, Source, Submit, SubmitFacts,
    catalogue, sums::on_units_of_today, unexplained,
};

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn at(text: &str) -> Timestamp {
    time::instant(text.parse().unwrap()).unwrap()
}

fn by() -> Actor {
    Actor::system("Sơn Thị Mỹ", Arc::new(Rights::default()))
}

/// The places of the country, as they ship, and what became of them.
pub(crate) fn tree() -> Tree {
    let file = |name: &str| {
        std::fs::read_to_string(format!("{}/../../../data/units/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
    };
    let mut units = read_places(&file("places_2021.csv"), None).0;
    units.extend(read_places(&file("places_2025.csv"), None).0);
    Tree::new(units, read_lineage(&file("lineage_2021_2025.csv")).0).0
}

fn periods() -> Periods {
    Periods::from(PeriodKind::Daily, day("2021-09-10"), 0, Time::constant(17, 0, 0, 0), 0).unwrap()
}

fn ask() -> Ask {
    Ask {
        id: Id::fresh(),
        by: path("94/94.syt/"),
        unit: path("94/94.syt/"),
        place: path("94/"),
        form: "bao-cao-nhanh".to_owned(),
        form_version: 1,
        title: "Báo cáo nhanh".to_owned(),
        periods: periods(),
        within: path("94/"),
        level: Level::Commune,
        listed: Vec::new(),
        units: vec![path("94/941/31510/"), path("94/942/31570/")],
        about: None,
        source: "1/UBND-VX".to_owned(),
        detail: String::new(),
        until_on: None,
    }
}

fn request() -> Request {
    ask().decide(&(), &by(), at("2021-09-10T08:00")).unwrap().record
}

fn said<T>(outcome: Result<T, Problem>, done: impl FnOnce(T) -> String) -> String {
    match outcome {
        Ok(value) => done(value),
        Err(problem) => format!("refused: {}", problem.code),
    }
}

fn effects(effects: &[Effect]) -> String {
    let name = |effect: &Effect| match effect {
        Effect::Open { item, .. } => format!("open {} {:?}", item.path, item.due_kind),
        Effect::Move(item) => format!("move {} {}", item.path, item.state),
        Effect::Tell(fact) => format!("{fact:?}").split(' ').next().unwrap_or_default().to_owned(),
        Effect::Plan(series) => format!("series {}", series.state),
        Effect::Cooperate { .. } => "cooperate".to_owned(),
        Effect::Index { .. } => "index".to_owned(),
    };
    effects.iter().map(name).collect::<Vec<_>>().join("; ")
}

#[test]
fn asking_opens_work_for_each_unit_or_ties_what_is_there() {
    let now = at("2021-09-10T08:00");
    let lag = |lag_days| Periods { lag_days, ..periods() };
    let once = Periods { kind: PeriodKind::Once, ..periods() };
    let both = "open 94/941/31510/ Recurrent; open 94/942/31570/ Recurrent";
    for (command, expected) in [
        (ask(), both),
        (Ask { periods: once, ..ask() }, "open 94/941/31510/ Absolute; open 94/942/31570/ Absolute"),
        (Ask { about: Some((Uuid::nil(), None)), ..ask() }, "ReportAsked"),
        (Ask { title: " ".to_owned(), ..ask() }, "refused: reports.ask.no_title"),
        (Ask { title: "a".repeat(201), ..ask() }, "refused: reports.ask.long_title"),
        (Ask { periods: lag(6), ..ask() }, both),
        (Ask { periods: lag(7), ..ask() }, "refused: reports.ask.lag"),
        (Ask { periods: Periods { window_days: -1, ..periods() }, ..ask() }, "refused: reports.ask.window"),
        (Ask { within: path("95/"), ..ask() }, "refused: reports.ask.beyond"),
        (Ask { place: path("94/941/"), within: path("94/"), ..ask() }, "refused: reports.ask.beyond"),
        (Ask { listed: vec![path("95/1/")], ..ask() }, "refused: reports.ask.beyond"),
        (Ask { units: Vec::new(), ..ask() }, "refused: reports.ask.nobody"),
        (Ask { periods: Periods { anchor_on: day("2021-09-09"), ..periods() }, ..ask() }, "refused: reports.ask.past"),
        (Ask { until_on: Some(day("2021-09-09")), ..ask() }, "refused: reports.ask.until"),
    ] {
        let got = said(command.decide(&(), &by(), now), |decision| effects(&decision.effects));
        assert_eq!(got, expected, "{command:?}");
    }
}

fn work(request: &Request, due: &str, state: WorkState) -> WorkItem {
    let item = WorkItem::new(NewWork {
        lead: path("94/941/31510/"),
        assigner: request.path.clone(),
        about: request.id.uuid(),
        source: String::new(),
        title: String::new(),
        detail: String::new(),
        clause: None,
        urgency: None,
        due: Due { kind: DueKind::Recurrent, at: Some(at(due)), quote: None, rule: None },
    });
    WorkItem { state, request: Some(request.id), occurs_on: Some(time::day_of(at(due))), ..item }
}

fn submit(request: &Request) -> Submit {
    Submit {
        id: Id::fresh(),
        request: request.id,
        unit: path("94/941/31510/"),
        owes: true,
        period_on: day("2021-09-10"),
        seen: 0,
        figures: Figures(vec![Some(0), None]),
        words: Words::new(),
        known: Figures(vec![None, None]),
        unexplained: Vec::new(),
        notes: BTreeMap::new(),
        reason: None,
    }
}

#[test]
fn sending_is_a_new_edition_and_ends_the_work() {
    let request = request();
    let ended = Request { state: RequestState::Ended, until_on: Some(day("2021-09-09")), ..request.clone() };
    let item = Some(work(&request, "2021-09-10T17:00", WorkState::Assigned));
    let done = "edition 1; move 94/941/31510/ confirmed; WorkClosed";
    let of = |last, item: &Option<WorkItem>| SubmitFacts { request: request.clone(), last, item: item.clone() };
    let with = |change: fn(&mut Submit)| {
        let mut command = submit(&request);
        change(&mut command);
        command
    };
    for (command, facts, now, expected) in [
        (submit(&request), of(0, &item), "2021-09-10T16:59", done),
        // Late is late, and sent all the same.
        (submit(&request), of(0, &item), "2021-09-11T09:00", done),
        (submit(&request), of(0, &None), "2021-09-10T16:59", "edition 1"),
        (with(|it| it.owes = false), of(0, &item), "2021-09-10T16:59", "refused: reports.submit.not_asked"),
        (
            with(|it| it.period_on = day("2021-09-09")),
            of(0, &item),
            "2021-09-10T16:59",
            "refused: reports.submit.wrong_period",
        ),
        (
            with(|it| it.period_on = day("2021-09-11")),
            of(0, &item),
            "2021-09-10T16:59",
            "refused: reports.submit.not_open",
        ),
        (
            submit(&request),
            SubmitFacts { request: ended, last: 0, item: None },
            "2021-09-10T16:59",
            "refused: reports.submit.ended",
        ),
        (submit(&request), of(1, &None), "2021-09-10T16:59", "refused: reports.submit.sent_meanwhile"),
        (with(|it| it.seen = 1), of(1, &None), "2021-09-10T16:59", "refused: reports.submit.no_reason"),
        (
            with(|it| (it.seen, it.reason) = (1, Some(" đếm sót ".to_owned()))),
            of(1, &None),
            "2021-09-10T16:59",
            "edition 2 đếm sót",
        ),
        // A reason is of a correction only.
        (with(|it| it.reason = Some("đếm sót".to_owned())), of(0, &None), "2021-09-10T16:59", "edition 1"),
        (
            with(|it| it.figures = Figures(vec![None, None])),
            of(0, &item),
            "2021-09-10T16:59",
            "refused: reports.submit.empty",
        ),
        (
            with(|it| {
                (it.figures, it.words) =
                    (Figures(vec![None, None]), Words::from([("a".to_owned(), "không phát sinh".to_owned())]))
            }),
            of(0, &None),
            "2021-09-10T16:59",
            "edition 1",
        ),
        (
            with(|it| it.unexplained = vec!["Số mẫu".to_owned()]),
            of(0, &item),
            "2021-09-10T16:59",
            "refused: reports.submit.no_note",
        ),
    ] {
        let got = said(command.decide(&facts, &by(), at(now)), |decision| {
            let reason = decision.record.reason.map_or(String::new(), |reason| format!(" {reason}"));
            let rest = effects(&decision.effects);
            let rest = if rest.is_empty() { rest } else { format!("; {rest}") };
            format!("edition {}{reason}{rest}", decision.record.edition)
        });
        assert_eq!(got, expected, "{command:?} at {now}");
    }
}

#[test]
fn the_unit_above_or_the_one_that_receives_endorses_what_stands() {
    let request = request();
    let endorse = |above: &str, edition| Endorse {
        id: Id::fresh(),
        request: request.id,
        by: path(above),
        unit: path("94/941/31510/"),
        period_on: day("2021-09-10"),
        edition,
        note: None,
    };
    for (command, last, endorsed, expected) in [
        (endorse("94/941/", 1), 1, false, "endorsed 1"),
        (endorse("94/94.syt/", 2), 2, false, "endorsed 2"),
        (endorse("94/", 1), 1, false, "refused: reports.endorse.not_above"),
        (endorse("94/941/31510/", 1), 1, false, "refused: reports.endorse.not_above"),
        (endorse("94/942/", 1), 1, false, "refused: reports.endorse.not_above"),
        (endorse("94/941/", 0), 0, false, "refused: reports.endorse.nothing"),
        (endorse("94/941/", 1), 2, false, "refused: reports.endorse.corrected_meanwhile"),
        (endorse("94/941/", 1), 1, true, "refused: reports.endorse.endorsed"),
    ] {
        let facts = EndorseFacts { request: request.clone(), last, endorsed };
        let got = said(command.decide(&facts, &by(), at("2021-09-10T18:00")), |decision| {
            format!("endorsed {}", decision.record.edition)
        });
        assert_eq!(got, expected, "{command:?}");
    }
}

#[test]
fn ending_calls_off_what_is_open_beyond_the_last_day() {
    let request = request();
    let open = vec![
        work(&request, "2021-09-10T17:00", WorkState::Assigned),
        work(&request, "2021-09-11T17:00", WorkState::Acknowledged),
    ];
    let begun = WorkItem { occurs_on: None, series: None, due_rule: Some("FREQ=DAILY".to_owned()), ..open[0].clone() };
    let again = vec![vx_concepts::work::WorkSeries::begun_by(&begun, &[]).unwrap()];
    let end = |reason: &str| End { request: request.id, until_on: day("2021-09-10"), reason: reason.to_owned() };
    let ended = Request { state: RequestState::Ended, ..request.clone() };
    let ordered = Request { about: Some(Uuid::nil()), ..request.clone() };
    for (command, facts, expected) in [
        (end("hết dịch"), (request.clone(), open.clone(), again.clone()), "move 94/941/31510/ cancelled; series ended"),
        (end(""), (request.clone(), open.clone(), again.clone()), "refused: reports.end.no_reason"),
        (end("hết dịch"), (ended, open.clone(), again.clone()), "refused: reports.end.ended"),
        // The work is the dispatch's; it goes on without the form.
        (end("hết dịch"), (ordered, open.clone(), again.clone()), "ReportAsked"),
    ] {
        let got = said(command.decide(&facts, &by(), at("2021-09-10T18:00")), |decision| effects(&decision.effects));
        assert_eq!(got, expected);
    }
}

#[test]
fn work_of_a_dispatch_is_tied_from_the_first_period_on() {
    let request = Request { about: Some(Uuid::nil()), ..request() };
    let item = |due: &str| WorkItem { request: None, ..work(&request, due, WorkState::Assigned) };
    let series = vx_concepts::work::WorkSeries::begun_by(
        &WorkItem { occurs_on: None, due_rule: Some("FREQ=DAILY".to_owned()), ..item("2021-09-08T17:00") },
        &[],
    );
    let series = series.unwrap();
    let link = Link { series: series.id, request: request.id };
    let open = vec![item("2021-09-09T17:00"), item("2021-09-10T17:00")];
    let decided = link.decide(&(series.clone(), request.clone(), open.clone()), &by(), at("2021-09-10T08:00")).unwrap();
    assert_eq!(decided.record.request, Some(request.id));
    let tied = |effect: &Effect| matches!(effect, Effect::Move(item) if item.request == Some(request.id) && item.occurs_on == Some(day("2021-09-10")));
    assert!(decided.effects.len() == 1 && tied(&decided.effects[0]), "{}", effects(&decided.effects));
    let again = link.decide(&(decided.record.clone(), request.clone(), Vec::new()), &by(), at("2021-09-10T08:00"));
    assert_eq!(again.unwrap_err().code, "reports.link.linked", "twice is once");
    let ended = Request { state: RequestState::Ended, ..request.clone() };
    let freed = link.decide(&(decided.record, ended, Vec::new()), &by(), at("2021-09-12T08:00")).unwrap();
    assert_eq!(freed.record.request, None);
}

#[test]
fn a_changed_figure_needs_a_note() {
    let form = catalogue::shipped("sang-loc", 1).unwrap();
    let at = form.places()[1].start;
    let with = |figure: Option<i64>| {
        let mut figures = Figures::none(form);
        figures.0[at] = figure;
        figures
    };
    for (said, knew, offered, note, expected) in [
        (Some(120), Some(120), Some(120), "", 0),
        (Some(130), Some(120), Some(120), "", 1),
        (Some(130), Some(120), Some(120), "mẫu của trạm chưa ghi", 0),
        (Some(130), Some(120), Some(120), "  ", 1),
        (None, Some(120), Some(120), "", 1),
        // The registers went on while the officer typed: what was proposed was taken over.
        (Some(120), Some(140), Some(120), "", 0),
        // They know nothing: there is nothing to differ from.
        (Some(130), None, None, "", 0),
    ] {
        let notes = BTreeMap::from([("mau".to_owned(), note.to_owned())]);
        let got = unexplained(form, &with(said), &with(knew), &with(offered), &notes);
        assert_eq!(got.len(), expected, "{said:?} {knew:?} {offered:?} {note:?}");
    }
}

#[test]
fn a_source_is_chosen_with_a_reason_where_there_are_two() {
    let request = request();
    let choose = |has_two, reason: &str, on: &str| Choose {
        id: Id::fresh(),
        request: request.id,
        period_on: day(on),
        within: path("94/"),
        cell: "mau".to_owned(),
        has_two,
        source: Source::Registers,
        reason: reason.to_owned(),
    };
    for (command, expected) in [
        (choose(true, "CDC đã đối chiếu", "2021-09-10"), "chosen"),
        (choose(true, " ", "2021-09-10"), "refused: reports.choose.no_reason"),
        (choose(false, "CDC đã đối chiếu", "2021-09-10"), "refused: reports.choose.one_source"),
        (choose(true, "CDC đã đối chiếu", "2021-09-09"), "refused: reports.submit.wrong_period"),
    ] {
        let got = said(command.decide(&request, &by(), at("2021-09-10T18:00")), |_| "chosen".to_owned());
        assert_eq!(got, expected);
    }
}

#[test]
fn who_owes_a_report_follows_the_tree_and_the_day() {
    let tree = tree();
    let listed = [path("94/941/31510/"), path("94/943/"), path("94/943/31534/")];
    for (level, within, on, part, expected) in [
        (Level::Commune, "94/", "2021-09-10", "94/", 109),
        (Level::Commune, "94/", "2021-09-10", "94/943/", 13),
        (Level::Commune, "94/943/", "2021-09-10", "94/", 13),
        (Level::Commune, "94/", "2021-09-10", "95/", 0),
        (Level::Commune, "94/943/", "2021-09-10", "94/941/", 0),
        (Level::Commune, "", "2021-09-10", "", 10_599),
        (Level::District, "94/", "2021-09-10", "94/", 11),
        (Level::Province, "", "2021-09-10", "", 63),
        // The day on which the districts ended.
        (Level::Commune, "94/", "2025-06-30", "94/", 109),
        (Level::Commune, "94/", "2025-07-01", "94/", 0),
        (Level::District, "94/", "2025-07-01", "94/", 0),
        (Level::Commune, "", "2025-07-01", "", 3_321),
        (Level::Listed, "94/", "2021-09-10", "94/", 3),
        (Level::Listed, "94/", "2021-09-10", "94/943/", 2),
        (Level::Listed, "94/", "2025-07-01", "94/", 0),
    ] {
        let units = level.units(&tree, &path(within), &listed, day(on), &path(part));
        assert_eq!(units.len(), expected, "{level} within {within} on {on}, seen from {part}");
        let request = Request {
            level,
            within: path(within),
            listed: listed.each_ref().map(|unit| unit.as_str()).join(" "),
            ..request()
        };
        assert!(units.iter().all(|unit| request.owed_by(&tree, day(on), unit)), "{level} {within} {on}");
    }
}

#[test]
fn on_the_units_of_today_the_sum_stays_what_was_reported() {
    let (tree, form) = (tree(), catalogue::shipped("bao-cao-nhanh", 1).unwrap());
    let units = Level::Commune.units(&tree, &path("94/"), &[], day("2021-09-10"), &path("94/"));
    let figures = |n: i64| {
        let mut figures = Figures::none(form);
        (figures.0[0], figures.0[1]) = (Some(n), Some(n % 7));
        figures
    };
    let reports: Vec<_> = units.iter().zip(1..).map(|(unit, n)| (unit.clone(), figures(n))).collect();
    let (rolled, _) = on_units_of_today(&tree, form, &reports);
    let parts = |index| rolled.parts.values().filter_map(|added| added.of(index)).sum::<i64>();
    assert_eq!(rolled.all.of(0), Some((1..=109).sum()));
    assert_eq!((Some(parts(0)), Some(parts(1)), None), (rolled.all.of(0), rolled.all.of(1), rolled.all.of(2)));
    assert!(rolled.parts.keys().all(|unit| path("25-92/").contains(unit)), "all of it is Cần Thơ now");
    assert!(rolled.parts.len() < 60 && rolled.parts.len() > 30, "{}", rolled.parts.len());
}
