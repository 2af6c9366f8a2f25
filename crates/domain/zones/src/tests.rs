//! The rules by cases that an official can read and add: `fixtures/rules/*.toml`.

use std::collections::HashMap;

use jiff::{Timestamp, ToSpan as _, civil::Date};
use serde::Deserialize;
use vx_kernel::{
    Path,
    time::Lang,
    units::{Tree, read_places},
};
use vx_platform::words::{Texts, Words};

use crate::{
    Figure, Level, Stand, Vocabulary,
    evaluate::levels,
    facts::{FIGURES, STANDS, World},
    rules::RuleBook,
    say,
};

/// A file of cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tinh_huong: Vec<Case>,
}

/// A case: what is known on a day, and what must come of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    ten: String,
    ngay: Date,
    don_vi: Vec<UnitOfCase>,
    /// Pairs of codes that adjoin.
    #[serde(default)]
    giap: Vec<(String, String)>,
    ket_qua: Vec<Expected>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct UnitOfCase {
    ma: String,
    #[serde(default)]
    thuoc: String,
    loai: String,
    ten: String,
    #[serde(default)]
    dan_so: Option<i64>,
    /// Cases of the last days, the day itself last; days before are reported as nought.
    #[serde(default)]
    ca_ro_nguon: Vec<i64>,
    #[serde(default)]
    ca_chua_ro_nguon: Vec<i64>,
    #[serde(default)]
    ca_khac: Vec<i64>,
    #[serde(default)]
    f1: Vec<i64>,
    /// On how many of the last days it reported; all of them when nothing is said.
    #[serde(default)]
    so_ngay_bao_cao: Option<i64>,
    /// Standing figures by their words.
    #[serde(default)]
    nen: HashMap<String, i64>,
    /// Answers by the word of the question.
    #[serde(default)]
    danh_gia: HashMap<String, bool>,
    /// The rank that was decided.
    #[serde(default)]
    dang_o_muc: Option<u8>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    don_vi: String,
    muc: String,
    /// The reasons in a line, when they are to be checked.
    #[serde(default)]
    ly_do: Option<String>,
    /// What is missing, in a line, when it is to be checked.
    #[serde(default)]
    con_thieu: Option<String>,
    /// Whether a cell that nobody verified had a part in it.
    #[serde(default)]
    chua_xac_minh: Option<bool>,
}

/// A row of the file of places.
fn place(unit: &UnitOfCase) -> String {
    let people = unit.dan_so.map_or_else(String::new, |n| n.to_string());
    format!("{},{},{},{},,,,,,,{people}\n", unit.ma, unit.thuoc, unit.loai, unit.ten)
}

fn world(case: &Case) -> World {
    let rows: String = case.don_vi.iter().map(place).collect();
    let file = format!("key,parent,type,name,alt_names,from,until,lat,lon,area_km2,population\n{rows}");
    let (units, faults) = read_places(&file, None);
    assert!(faults.is_empty(), "{}: {faults:?}", case.ten);
    let tree = Tree::new(units, Vec::new()).0;
    let first = case.ngay.checked_sub(13.days()).unwrap();
    let mut world = World::new(&tree, &Path::root(), case.ngay, first, case.ngay);
    for unit in &case.don_vi {
        let at = world.at_key(&unit.ma).unwrap();
        let is_counted = world.nodes[at].children.is_empty();
        for back in 0..unit.so_ngay_bao_cao.unwrap_or(14) {
            if !is_counted {
                break;
            }
            let day = case.ngay.checked_sub(back.days()).unwrap();
            let of = |days: &[i64]| {
                let back = usize::try_from(back).unwrap();
                days.len().checked_sub(back + 1).map_or(0, |at| days[at])
            };
            let mut figures = [Some(0); FIGURES];
            figures[Figure::Traced as usize] = Some(of(&unit.ca_ro_nguon));
            figures[Figure::Untraced as usize] = Some(of(&unit.ca_chua_ro_nguon));
            figures[Figure::Other as usize] = Some(of(&unit.ca_khac));
            figures[Figure::Contacts as usize] = Some(of(&unit.f1));
            world.count(at, day, &figures);
        }
        let mut stands = [None; STANDS];
        for (word, figure) in &unit.nen {
            let stand = Stand::parse(word).unwrap_or_else(|| panic!("{}: no figure {word}", case.ten));
            stands[stand as usize] = Some(*figure);
        }
        world.nodes[at].stands.push((first, stands));
        for (question, yes) in &unit.danh_gia {
            world.nodes[at].judged.push((first, question.clone(), *yes));
        }
        world.nodes[at].decided.extend(unit.dang_o_muc.map(|rank| (first, rank)));
    }
    world.add_up();
    let pairs: Vec<(usize, usize)> =
        case.giap.iter().map(|(one, two)| (world.at_key(one).unwrap(), world.at_key(two).unwrap())).collect();
    world.adjoin(pairs.into_iter());
    world
}

fn check(case: &Case, words: &Words) -> usize {
    let world = world(case);
    let book = RuleBook::new(&[], Timestamp::MAX);
    let outcomes = levels(&world, &book, case.ngay);
    for expected in &case.ket_qua {
        let at = world.at_key(&expected.don_vi).unwrap();
        let outcome = outcomes[at].as_ref();
        let name = |level: Level| words.say(Lang::Vi, &level.key(), &[]);
        let got = outcome.and_then(|one| one.level).map_or_else(|| "Chưa xác định".to_owned(), name);
        let about = format!("{} – {}", case.ten, expected.don_vi);
        let said = outcome.map_or_else(String::new, |one| say::reasons(words, Lang::Vi, one));
        assert_eq!(got, expected.muc, "{about}: {said}");
        if let Some(reasons) = &expected.ly_do {
            assert_eq!(&said, reasons, "{about}");
        }
        if let Some(missing) = &expected.con_thieu {
            let outcome = outcome.unwrap();
            let doubts = outcome.doubts.iter().map(|one| say::reason(words, Lang::Vi, &outcome.rules, one));
            assert_eq!(&doubts.collect::<Vec<_>>().join("; "), missing, "{about}");
        }
        if let Some(unverified) = expected.chua_xac_minh {
            assert_eq!(outcome.is_some_and(|one| !one.unverified().is_empty()), unverified, "{about}");
        }
    }
    case.ket_qua.len()
}

#[test]
fn every_case_of_the_fixtures_comes_out_as_it_says() {
    let texts = Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") };
    let words = Words::new([texts]).unwrap();
    let folder = format!("{}/../../../fixtures/rules", env!("CARGO_MANIFEST_DIR"));
    let mut n = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "toml") {
            let text = std::fs::read_to_string(&path).unwrap();
            let file: File = toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            n += file.tinh_huong.iter().map(|case| check(case, &words)).sum::<usize>();
        }
    }
    assert!(n >= 30, "{n} cases");
}

#[test]
fn levels_of_all_vocabularies_have_names() {
    let texts = Texts { vi: include_str!("../words.vi.ftl"), en: include_str!("../words.en.ftl") };
    let words = Words::new([texts]).unwrap();
    for level in Vocabulary::ALL.iter().flat_map(|vocabulary| Level::all(*vocabulary)) {
        for lang in [Lang::Vi, Lang::En] {
            assert!(words.has(lang, &level.key()), "{}", level.key());
        }
    }
}

mod decided {
    use std::sync::Arc;

    use jiff::civil::Date;
    use vx_concepts::engine::{Command, Effect};
    use vx_kernel::{Id, Path, Problem, time, units::Kind};
    use vx_platform::auth::{Actor, Rights};

    use crate::{
        Acting, Commit, Computed, Decide, DecideFacts, Follow, Judge, Level, Plan, Propose, RecordCount, Signed,
        Verify, Zone,
        commands::{About, FollowFacts},
        rules::UnitKind,
        types::{Commitment, Keeping, Source, StepKind, ZoneDecision},
    };

    fn path(text: &str) -> Path {
        Path::parse(text).unwrap()
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn at(text: &str) -> jiff::Timestamp {
        time::instant(text.parse().unwrap()).unwrap()
    }

    fn by() -> Actor {
        Actor::system("Trần Ngọc Lan", Arc::new(Rights::default()))
    }

    fn acting(place: &str) -> Acting {
        Acting { unit: path(place), place: path(place) }
    }

    fn said<T>(outcome: Result<T, Problem>, done: impl FnOnce(T) -> String) -> String {
        outcome.map_or_else(|problem| problem.code.to_owned(), done)
    }

    fn decide() -> Decide {
        Decide {
            id: Id::fresh(),
            by: acting("94/"),
            by_kind: Kind::Province,
            unit: path("94/943/31534/"),
            unit_name: "UBND xã Xuân Hòa".to_owned(),
            key: "31534".to_owned(),
            level: Level::Zone(Zone::Orange),
            level_name: "vùng cam".to_owned(),
            computed: Computed { level: Some(Level::Zone(Zone::Orange)), ..Computed::default() },
            signed: Signed {
                number: "9089/QĐ-BCĐ".to_owned(),
                signer: "Phạm Hoàng Minh".to_owned(),
                post: "Chủ tịch UBND tỉnh".to_owned(),
                on: day("2021-09-12"),
            },
            effective_at: at("2021-09-13T12:00"),
            proposal: None,
            paper: None,
            reason: None,
        }
    }

    /// Today's law: the commune's chair, six hours before.
    fn today() -> Decide {
        let signed = Signed { on: day("2026-11-26"), ..decide().signed };
        let effective_at = at("2026-11-26T14:00");
        let unit = path("25-92/25-31534/");
        let by = Acting { unit: unit.clone(), place: unit.clone() };
        Decide { by, by_kind: Kind::Commune, unit, signed, effective_at, ..decide() }
    }

    fn earlier(level: Zone, effective_at: &str) -> ZoneDecision {
        let facts = DecideFacts { last: None, open: None };
        let command = Decide { level: Level::Zone(level), reason: Some("cũ".to_owned()), ..decide() };
        let record = command.decide(&facts, &by(), at("2021-09-13T08:00")).unwrap().record;
        ZoneDecision { effective_at: at(effective_at), ..record }
    }

    #[test]
    fn a_decision_is_made_by_whom_when_and_with_what_the_law_asks() {
        let none = || DecideFacts { last: None, open: None };
        let after = |level, hour: &str| DecideFacts { last: Some(earlier(level, hour)), open: None };
        let signed = |number: &str, signer: &str| Signed {
            number: number.to_owned(),
            signer: signer.to_owned(),
            ..decide().signed
        };
        let now = "2021-09-13T08:00";
        let now_2026 = "2026-11-26T08:00";
        for (command, facts, now, expected) in [
            (decide(), none(), now, "tell, open"),
            (
                Decide { level: Level::Zone(Zone::Green), reason: Some("ổn".to_owned()), ..decide() },
                none(),
                now,
                "tell",
            ),
            (decide(), after(Zone::Orange, "2021-09-01T00:00"), now, "tell"),
            (decide(), after(Zone::Red, "2021-09-01T00:00"), now, "tell, open"),
            (decide(), after(Zone::Red, "2021-09-13T12:00"), now, "zones.decide.earlier"),
            (
                Decide { by: acting("94/943/"), by_kind: Kind::District, ..decide() },
                none(),
                now,
                "zones.decide.not_the_decider",
            ),
            (Decide { by: acting("91/"), ..decide() }, none(), now, "not_found"),
            (Decide { signed: signed(" ", "A"), ..decide() }, none(), now, "zones.decide.no_number"),
            (Decide { signed: signed("1/QĐ", ""), ..decide() }, none(), now, "zones.decide.no_signer"),
            (Decide { level: Level::Zone(Zone::Red), ..decide() }, none(), now, "zones.differs"),
            (Decide { computed: Computed::default(), ..decide() }, none(), now, "zones.differs"),
            (Decide { effective_at: at("2021-05-30T12:00"), ..decide() }, none(), now, "zones.decide.no_regime"),
            (Decide { effective_at: at("2021-07-01T12:00"), ..decide() }, none(), now, "zones.decide.day"),
            (Decide { proposal: Some(Id::fresh()), ..decide() }, none(), now, "zones.decide.other_proposal"),
            (today(), none(), now_2026, "tell, open"),
            (Decide { effective_at: at("2026-11-26T13:59:59"), ..today() }, none(), now_2026, "zones.decide.notice"),
            (
                Decide { by: acting("25-92/"), by_kind: Kind::Province, ..today() },
                none(),
                now_2026,
                "zones.decide.not_the_decider",
            ),
        ] {
            let got = said(command.decide(&facts, &by(), at(now)), |decision| {
                let name = |effect: &Effect| match effect {
                    Effect::Tell(_) => "tell",
                    Effect::Open { .. } => "open",
                    _ => "?",
                };
                decision.effects.iter().map(name).collect::<Vec<_>>().join(", ")
            });
            assert_eq!(got, expected, "{command:?}");
        }
    }

    #[test]
    fn a_level_is_planned_in_a_document_by_whom_and_from_when_the_law_asks() {
        let now = "2021-09-13T08:00";
        let plan = || {
            let Decide { by, by_kind, unit, level, computed, .. } = decide();
            Plan {
                id: Id::fresh(),
                by,
                by_kind,
                paper: Id::fresh(),
                unit,
                level,
                computed,
                effective_at: at("2021-09-14T06:00"),
                proposal: None,
                reason: None,
            }
        };
        let of_today = || {
            let Decide { by, by_kind, unit, .. } = today();
            Plan { by, by_kind, unit, effective_at: at("2026-11-26T14:00"), ..plan() }
        };
        for (command, last, now, expected) in [
            (plan(), None, now, "planned"),
            (Plan { effective_at: at("2021-09-13T08:00"), ..plan() }, None, now, "zones.plan.past"),
            (
                Plan { by: acting("94/943/"), by_kind: Kind::District, ..plan() },
                None,
                now,
                "zones.decide.not_the_decider",
            ),
            (Plan { level: Level::Zone(Zone::Red), ..plan() }, None, now, "zones.differs"),
            (Plan { level: Level::Zone(Zone::Red), reason: Some("ổ dịch".to_owned()), ..plan() }, None, now, "planned"),
            (plan(), Some(earlier(Zone::Red, "2021-09-14T07:00")), now, "zones.decide.earlier"),
            (Plan { proposal: Some(Id::fresh()), ..plan() }, None, now, "zones.decide.other_proposal"),
            (of_today(), None, "2026-11-26T08:00", "planned"),
            (of_today(), None, "2026-11-26T08:01", "zones.decide.notice"),
        ] {
            let facts = DecideFacts { last, open: None };
            let got = said(command.decide(&facts, &by(), at(now)), |_| "planned".to_owned());
            assert_eq!(got, expected, "{command:?}");
        }
    }

    #[test]
    fn each_step_of_the_clock_is_taken_at_its_hour_and_once() {
        let decision =
            |recorded: &str| ZoneDecision { recorded_at: at(recorded), ..earlier(Zone::Orange, "2021-09-13T20:00") };
        let early = || About::Decision(Box::new(decision("2021-09-13T08:00")));
        let late = || About::Decision(Box::new(decision("2021-09-13T15:00")));
        let commitment = || {
            let command = Commit {
                id: Id::fresh(),
                by: acting("94/"),
                unit: path("94/943/31534/"),
                from_level: Level::Zone(Zone::Orange),
                to_level: Level::Zone(Zone::Yellow),
                signed_on: day("2021-09-10"),
                by_on: day("2021-09-20"),
                signer: "Lâm Văn Phúc".to_owned(),
                signer_post: "Chủ tịch UBND xã".to_owned(),
            };
            About::Commitment(Box::new(command.decide(&(), &by(), at("2021-09-10T08:00")).unwrap().record))
        };
        let reached = || vec![earlier(Zone::Yellow, "2021-09-18T00:00")];
        use StepKind::{Coming, DueSoon, InForce, Kept};
        for (about, step, decisions, now, is_done, expected) in [
            (early(), Coming, vec![], "2021-09-13T13:59", false, "zones.follow.not_due"),
            (early(), Coming, vec![], "2021-09-13T14:00", false, "9089/QĐ-BCĐ"),
            (early(), Coming, vec![], "2021-09-13T14:00", true, "zones.follow.not_due"),
            (early(), Coming, vec![], "2021-09-13T20:00", false, "zones.follow.not_due"),
            // Who was told five hours before is not told twice.
            (late(), Coming, vec![], "2021-09-13T15:10", false, "zones.follow.not_due"),
            (early(), InForce, vec![], "2021-09-13T19:59", false, "zones.follow.not_due"),
            (early(), InForce, vec![], "2021-09-13T20:00", false, "9089/QĐ-BCĐ"),
            (early(), DueSoon, vec![], "2021-09-13T20:00", false, "zones.follow.not_due"),
            (commitment(), DueSoon, vec![], "2021-09-16T08:00", false, "zones.follow.not_due"),
            (commitment(), DueSoon, vec![], "2021-09-17T08:00", false, ""),
            (commitment(), DueSoon, reached(), "2021-09-18T08:00", false, "zones.follow.not_due"),
            (commitment(), Kept, vec![], "2021-09-18T08:00", false, "zones.follow.not_due"),
            (commitment(), Kept, reached(), "2021-09-18T08:00", false, ""),
            (commitment(), InForce, vec![], "2021-09-18T08:00", false, "zones.follow.not_due"),
        ] {
            let facts = FollowFacts { is_done, decisions, open: Vec::new() };
            let command = Follow { about, step };
            let got = said(command.decide(&facts, &by(), at(now)), |decision| decision.record.number);
            assert_eq!(got, expected, "{step} {now}");
        }
    }

    #[test]
    fn figures_are_refused_where_they_cannot_be_meant() {
        let good = || RecordCount {
            id: Id::fresh(),
            by: acting("94/943/"),
            unit: path("94/943/31534/"),
            counted_on: day("2021-09-12"),
            source: Source::Unit,
            figures: [Some(1), None, None, None, None, None],
            reported_on: day("2021-09-12"),
            reason: None,
        };
        let now = at("2021-09-13T08:00");
        let first = good().decide(&None, &by(), now).unwrap().record;
        let other = [Some(2), None, None, None, None, None];
        let why = Some("ghi nhầm".to_owned());
        for (command, last, expected) in [
            (good(), None, "edition 1"),
            (RecordCount { figures: [None; 6], ..good() }, None, "zones.figures.empty"),
            (RecordCount { figures: [Some(-1); 6], ..good() }, None, "zones.figures.out_of_range"),
            (RecordCount { figures: [Some(100_000_001); 6], ..good() }, None, "zones.figures.out_of_range"),
            (RecordCount { counted_on: day("2021-09-14"), ..good() }, None, "zones.figures.ahead"),
            (RecordCount { reported_on: day("2021-09-11"), ..good() }, None, "zones.figures.reported_before"),
            (RecordCount { unit: path("94/944/31600/"), ..good() }, None, "not_found"),
            (good(), Some(first.clone()), "zones.figures.same"),
            (RecordCount { figures: other, ..good() }, Some(first.clone()), "zones.figures.no_reason"),
            (RecordCount { figures: other, reason: why, ..good() }, Some(first), "edition 2"),
        ] {
            let got =
                said(command.decide(&last, &by(), now), |decision| format!("edition {}", decision.record.edition));
            assert_eq!(got, expected, "{command:?}");
        }
    }

    #[test]
    fn answers_verifications_and_proposals_say_what_they_rest_on() {
        let now = at("2021-09-13T08:00");
        let judge = |question: &str, reason: &str, kind| Judge {
            id: Id::fresh(),
            by: acting("94/"),
            unit: path("94/943/31534/"),
            kind: Some(kind),
            question: question.to_owned(),
            yes: true,
            reason: reason.to_owned(),
            from_on: day("2021-09-13"),
        };
        for (command, expected) in [
            (judge("cluster", "ba chùm ca", UnitKind::Commune), "done"),
            (judge("capacity", "đủ giường", UnitKind::District), "done"),
            (judge("cluster", "ba chùm ca", UnitKind::District), "zones.judge.no_question"),
            (judge("protected", "khu công nghiệp", UnitKind::District), "done"),
            (judge("?", "a", UnitKind::Commune), "zones.judge.no_question"),
            (judge("cluster", " ", UnitKind::Commune), "zones.judge.no_reason"),
        ] {
            let got = said(command.decide(&(), &by(), now), |_| "done".to_owned());
            assert_eq!(got, expected, "{command:?}");
        }
        let verify = |place: &str, cell: &str, value, text: &str| Verify {
            id: Id::fresh(),
            by: acting(place),
            rule_set: "4800".to_owned(),
            cell: cell.to_owned(),
            value,
            law_text: text.to_owned(),
            note: "phụ lục".to_owned(),
        };
        for (command, expected) in [
            (verify("94/", "muc-3", None, "từ 50"), "done"),
            (verify("94/", "muc-3", Some(60), "từ 60"), "done"),
            (verify("94/943/", "muc-3", None, "từ 50"), "zones.verify.not_a_province"),
            (verify("94/", "muc-9", None, "từ 50"), "not_found"),
            (verify("94/", "muc-3", None, " "), "zones.verify.no_text"),
            (verify("94/", "bao-phu", Some(101), "a"), "zones.verify.value"),
            (verify("94/", "m1-du", Some(5), "a"), "zones.verify.value"),
            (Verify { rule_set: "218".to_owned(), ..verify("94/", "o-xy-2", None, "a") }, "zones.verify.no_value"),
            (Verify { rule_set: "218".to_owned(), ..verify("94/", "o-xy-2", Some(5), "a") }, "done"),
        ] {
            let got = said(command.decide(&(), &by(), now), |_| "done".to_owned());
            assert_eq!(got, expected, "{command:?}");
        }
        let propose = |level, note: &str| Propose {
            id: Id::fresh(),
            by: acting("94/"),
            unit: path("94/943/31534/"),
            level: Level::Zone(level),
            computed: Computed { level: Some(Level::Zone(Zone::Red)), ..Computed::default() },
            computed_on: day("2021-09-13"),
            note: note.to_owned(),
        };
        for (command, open, expected) in [
            (propose(Zone::Red, ""), 0, "done"),
            (propose(Zone::Orange, ""), 0, "zones.differs"),
            (propose(Zone::Orange, "đã khống chế"), 0, "done"),
            (propose(Zone::Red, ""), 1, "zones.propose.open"),
        ] {
            let got = said(command.decide(&open, &by(), now), |_| "done".to_owned());
            assert_eq!(got, expected, "{command:?}");
        }
    }

    #[test]
    fn where_a_commitment_stands_is_computed_from_day_and_decisions() {
        let commit = |from, to, by_on: &str| Commit {
            id: Id::fresh(),
            by: acting("94/943/31534/"),
            unit: path("94/943/31534/"),
            from_level: Level::Zone(from),
            to_level: Level::Zone(to),
            signed_on: day("2021-08-16"),
            by_on: day(by_on),
            signer: "Sơn Văn Lợi".to_owned(),
            signer_post: "Chủ tịch UBND xã".to_owned(),
        };
        let now = at("2021-08-16T08:00");
        for (command, expected) in [
            (commit(Zone::Orange, Zone::Yellow, "2021-08-20"), "done"),
            (commit(Zone::Yellow, Zone::Orange, "2021-08-20"), "zones.commit.not_better"),
            (commit(Zone::Orange, Zone::Orange, "2021-08-20"), "zones.commit.not_better"),
            (commit(Zone::Orange, Zone::Yellow, "2021-08-16"), "zones.commit.days"),
            (commit(Zone::Orange, Zone::Yellow, "2022-08-16"), "zones.commit.days"),
            (
                Commit { signer: " ".to_owned(), ..commit(Zone::Orange, Zone::Yellow, "2021-08-20") },
                "zones.commit.no_signer",
            ),
            (
                Commit { signed_on: day("2021-08-17"), ..commit(Zone::Orange, Zone::Yellow, "2021-08-20") },
                "zones.figures.ahead",
            ),
        ] {
            let got = said(command.decide(&(), &by(), now), |_| "done".to_owned());
            assert_eq!(got, expected, "{command:?}");
        }
        let commitment: Commitment =
            commit(Zone::Orange, Zone::Yellow, "2021-08-20").decide(&(), &by(), now).unwrap().record;
        let decided = |level, hour: &str| vec![earlier(level, hour)];
        for (decisions, today, expected) in [
            (Vec::new(), "2021-08-16", Keeping::Running),
            (Vec::new(), "2021-08-17", Keeping::Soon),
            (Vec::new(), "2021-08-20", Keeping::Soon),
            (Vec::new(), "2021-08-21", Keeping::Missed),
            (decided(Zone::Yellow, "2021-08-20T23:00"), "2021-08-25", Keeping::Kept),
            (decided(Zone::Green, "2021-08-19T00:00"), "2021-08-25", Keeping::Kept),
            (decided(Zone::Yellow, "2021-08-21T00:00"), "2021-08-25", Keeping::KeptLate),
            (decided(Zone::Orange, "2021-08-19T00:00"), "2021-08-25", Keeping::Missed),
            // A decision of before it was signed is none of its doing; one that has not come yet does not count.
            (decided(Zone::Yellow, "2021-08-10T00:00"), "2021-08-25", Keeping::Missed),
            (decided(Zone::Yellow, "2021-08-30T00:00"), "2021-08-25", Keeping::Missed),
        ] {
            let reached = commitment.reached_on(&decisions);
            assert_eq!(commitment.keeping(reached, day(today)), expected, "{today} {decisions:?}");
        }
        assert_eq!((commitment.elapsed(day("2021-08-18")), commitment.elapsed(day("2021-09-30"))), (50, 100));
    }
}
