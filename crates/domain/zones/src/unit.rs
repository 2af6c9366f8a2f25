//! The page of a unit: computed and decided level side by side, why, and everything that follows.

use axum::extract::{Path as Address, Query};
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
};
use vx_concepts::{
    engine::{Command as _, execute},
    paper::{self, Paper, PaperState, READ as PAPERS},
};
use vx_foundation::{letterhead::in_sentence, units};
use vx_kernel::{Id, Path, Problem, ids, time, units::Unit};
use vx_platform::{
    auth::Actor,
    store::{Conn, Record as _, Sql, Uuid},
    web::{App, Form, Markup, PageResult, Visit, html, icon, see_other},
    words::Words,
};

use crate::{
    Acting, Commit, Computed, Decide, Judge, Level, Lock, Propose, Signed, Unlock, Withdraw,
    evaluate::{Outcome, Reason, levels},
    list::{days, kept},
    routes::{Pairs, moment, unit_of},
    rule_pages,
    rules::{REGIMES, UnitKind, measures_at},
    say,
    store::{self, Moment},
    types::{Commitment, Judgement, Lockdown, Planned, Proposal, ZoneDecision},
};

/// Days of which the computed level is shown.
const DAYS: i64 = 14;
/// Documents of the deciding unit that a decision may stand in: the last few weeks.
const PAPERS_MAX: i64 = 40;

/// A day with what was counted and computed.
struct Past {
    day: Date,
    cases: i64,
    reported: bool,
    level: Option<Level>,
}

struct Shown {
    unit: Unit,
    moment: Moment,
    outcome: Option<Outcome>,
    past: Vec<Past>,
    decisions: Vec<ZoneDecision>,
    proposal: Option<Proposal>,
    judgements: Vec<Judgement>,
    commitments: Vec<Commitment>,
    lockdowns: Vec<Lockdown>,
    papers: Vec<Paper>,
    /// Documents that are to decide on it and have not yet.
    drafts: Vec<(Planned, Paper)>,
    /// Documents in which its decisions stand, where the visitor may see them.
    documents: Vec<Paper>,
}

async fn read(visit: &Visit, key: &str, query: &[(String, String)]) -> Result<Shown, Problem> {
    let (unit, moment, tree) = (unit_of(visit, key)?, moment(visit, query), visit.app.tree());
    let first = moment.day.checked_sub((DAYS - 1).days()).map_err(Problem::internal)?;
    let world = store::world(visit.app.db(), &tree, &unit.path, first, moment.day, moment.known_at).await?;
    let mut conn = visit.app.db().read().await?;
    let book = store::rule_book(&mut conn, moment.known_at).await?;
    let mut past = Vec::new();
    let mut outcome = None;
    if let Some(at) = world.at(&unit.path) {
        for back in 0..DAYS {
            let day = moment.day.checked_sub(back.days()).map_err(Problem::internal)?;
            let found = levels(&world, &book, day).into_iter().nth(at).flatten();
            past.push(Past {
                day,
                cases: crate::Figure::ALL[..3].iter().map(|figure| world.total(at, *figure, day, 1)).sum(),
                reported: world.days_reported(at, day, 1) > 0,
                level: found.as_ref().and_then(|found| found.level),
            });
            if back == 0 {
                outcome = found;
            }
        }
    }
    let decisions = store::decisions(&mut conn, &unit.path, None, store::HISTORY_MAX).await?;
    let decisions: Vec<ZoneDecision> =
        decisions.into_iter().filter(|decision| decision.recorded_at <= moment.known_at).collect();
    let acting = units::acting(visit.actor()?, &tree, Decide::NAME, &unit.path).ok();
    let papers = match acting.filter(|acting| visit.actor().is_ok_and(|actor| actor.may(PAPERS, &acting.unit))) {
        Some(acting) => papers(&mut conn, &acting.unit).await?,
        None => Vec::new(),
    };
    let in_documents: Vec<Uuid> = decisions.iter().filter_map(|decision| decision.paper).collect();
    let documents = paper::visible_of(&mut conn, visit.actor()?, &in_documents).await?;
    let mut drafts = store::planned_for(&mut conn, &unit.path).await?;
    // Before it is out, a document is seen by those alone who may see it as a document.
    let ids: Vec<Uuid> = drafts.iter().map(|(_, paper)| paper.id.uuid()).collect();
    let seen = paper::visible_of(&mut conn, visit.actor()?, &ids).await?;
    drafts.retain(|(_, paper)| {
        let is_shown = paper.state.is_out() || seen.iter().any(|one| one.id == paper.id);
        is_shown && !in_documents.contains(&paper.id.uuid())
    });
    Ok(Shown {
        drafts,
        documents,
        outcome,
        past,
        decisions,
        proposal: store::open_proposal(&mut conn, &unit.path).await?,
        judgements: store::judgements_of(&mut conn, &unit.path).await?,
        commitments: {
            let all = store::commitments(&mut conn, &unit.path).await?;
            all.into_iter().filter(|commitment| commitment.path == unit.path).collect()
        },
        lockdowns: store::lockdowns(&mut conn, &unit.path).await?,
        papers,
        unit,
        moment,
    })
}

/// Numbered documents of a unit, the newest first.
async fn papers(conn: &mut Conn, unit: &Path) -> Result<Vec<Paper>, Problem> {
    let sql = Sql::new("select ").sql(Paper::SELECT).sql(" from paper where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(unit).sql(" and number is not null order by id desc limit ");
    conn.rows(sql.bind(PAPERS_MAX)).await?.iter().map(Paper::read).collect()
}

pub(crate) async fn show(visit: Visit, Address(key): Address<String>, Query(query): Pairs) -> PageResult {
    let shown = read(&visit, &key, &query).await?;
    Ok(visit.page(&shown.unit.full_name, page(&visit, &query, &shown)))
}

fn may(visit: &Visit, permission: &'static str, unit: &Path) -> Option<Acting> {
    acting(visit, permission, unit).ok()
}

fn page(visit: &Visit, query: &[(String, String)], shown: &Shown) -> Markup {
    let Shown { unit, moment, outcome, decisions, proposal, .. } = shown;
    let lang = visit.lang;
    let at = time::end_of(moment.day).unwrap_or(visit.now()).min(visit.now());
    let in_force = decisions.iter().find(|decision| decision.effective_at <= at);
    let coming = decisions.iter().filter(|decision| decision.effective_at > at).min_by_key(|one| one.effective_at);
    let computed = outcome.as_ref().and_then(|outcome| outcome.level);
    let above = unit.path.parent().filter(|above| !above.is_root());
    html! {
        div.vx-head {
            h1 { (crate::list::named(&visit.app.tree(), &unit.path)) }
            a.btn href={ "/zones?unit=" (above.as_ref().unwrap_or(&unit.path).as_str()) (kept(query).replace('?', "&")) } { (icon("arrow-left")) " " (visit.t("zone-back-to-list")) }
            a.btn href={ "/zones/course?unit=" (unit.path.as_str()) "&day=" (moment.day) } { (icon("eye")) " " (visit.t("course")) }
            @if may(visit, "zones.count", &unit.path).is_some() {
                a.btn href={ "/zones/figures?unit=" (unit.path.as_str()) "&day=" (moment.day) } { (icon("edit")) " " (visit.t("zone-figures")) }
            }
        }
        form.vx-filters method="get" { (days(visit, query, moment)) button.btn type="submit" { (icon("calendar")) " " (visit.t("zone-look-day")) } }
        div.vx-facts.mb-3 {
            div { div.vx-panel { h2 { (visit.t("zone-computed")) } p { (say::outcome(visit, outcome.as_ref())) }
                @match outcome { Some(outcome) => p.vx-quiet { (visit.t("zone-by")) " " a href={ "/zones/rules/" (outcome.rules.code) } { (outcome.rules.number) } ", " (time::say_date(lang, moment.day)) }, None => p.vx-quiet { (visit.t("zone-no-rules")) } } } }
            div { div.vx-panel { h2 { (visit.t("zone-decided")) }
                @match in_force {
                    Some(decision) => { p { (say::level(visit, Some(decision.level))) } p.vx-quiet { (decided_line(visit, decision)) } },
                    None => p.vx-quiet { (visit.t("zone-not-decided")) },
                }
                @if let Some(coming) = coming { p { (icon("clock")) " " (visit.t("zone-coming")) " " (say::level(visit, Some(coming.level))) } p.vx-quiet { (decided_line(visit, coming)) } }
                @if let (Some(decision), Some(computed)) = (in_force, computed) { @if decision.level.colour() != computed.colour() { p { span.vx-overdue { (visit.t("zone-differs")) } } } } } }
            @if let Some(proposal) = proposal { div.vx-wide { div.vx-panel { h2 { (visit.t("zone-proposal")) } (proposal_panel(visit, unit, proposal)) } } }
            @if !shown.drafts.is_empty() { div.vx-wide { div.vx-panel { h2 { (visit.t("zone-drafts")) } (drafts(visit, &shown.drafts)) } } }
        }
        div.vx-record {
            div {
                (why(visit, outcome.as_ref()))
                (judging(visit, shown))
                (deciding(visit, shown, computed))
                (commitments(visit, shown, in_force))
                (measures(visit, in_force.map(|decision| decision.level).or(computed), in_force.is_some()))
                (lockdowns(visit, shown))
            }
            aside {
                (past(visit, &shown.past))
                section.vx-panel #history { h2 { (visit.t("zone-history")) }
                    @if decisions.is_empty() { p.vx-quiet { (visit.t("zone-history-none")) } }
                    ol.vx-history { @for decision in decisions { li {
                        time datetime=(decision.effective_at.to_string()) { (time::say_instant(lang, decision.effective_at)) }
                        @if let Some(before) = decision.before { (say::level(visit, Some(before))) " → " } (say::level(visit, Some(decision.level)))
                        div { (decided_line(visit, decision)) }
                        @if let Some(computed) = decision.computed { div.vx-quiet { (visit.t("zone-computed-then")) ": " (visit.t(&computed.key())) } }
                        @if let Some(reason) = &decision.reason { div.vx-quiet { (reason) } }
                        @if let Some(paper) = shown.documents.iter().find(|paper| Some(paper.id.uuid()) == decision.paper) { (document(visit, paper)) }
                    } } }
                }
            }
        }
    }
}

/// The document in which a decision stands, and whether it was put right or replaced since.
fn document(visit: &Visit, paper: &Paper) -> Markup {
    html! {
        a href={ "/papers/" (paper.id) } { (visit.t("zone-paper")) }
        @if matches!(paper.state, PaperState::Corrected | PaperState::Superseded) {
            div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t(&format!("paper-state-{}", paper.state)))
                @if let Some(by) = &paper.followed_by { ": " a href={ "/papers/" (by) } { (visit.t("zone-paper-follow")) } } }
        }
    }
}

/// Documents that are to decide on the unit.
fn drafts(visit: &Visit, drafts: &[(Planned, Paper)]) -> Markup {
    html! { ul { @for (planned, paper) in drafts { li {
        (say::level(visit, Some(planned.level))) " " (visit.ta("zone-from-hour-of", &[("at", time::say_short(visit.lang, planned.effective_at).into())])) " · "
        a href={ "/zones/decisions/" (paper.id) } { (paper.label()) } " " span.vx-state { (visit.t(&format!("paper-state-{}", paper.state))) }
        @if paper.state.is_out() { div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t("zone-document-waits")) } }
    } } } }
}

fn decided_line(visit: &Visit, decision: &ZoneDecision) -> String {
    visit.ta(
        "zone-decided-line",
        &[
            ("number", decision.number.as_str().into()),
            ("signer", decision.signer.as_str().into()),
            ("post", decision.signer_post.as_str().into()),
            ("at", time::say_short(visit.lang, decision.effective_at).into()),
        ],
    )
}

fn why(visit: &Visit, outcome: Option<&Outcome>) -> Markup {
    let Some(outcome) = outcome else { return html! {} };
    let words = visit.app.words();
    let line = |reason: &Reason| {
        html! { li { (say::reason(words, visit.lang, &outcome.rules, reason))
        @if let Some(cell) = reason.cell.and_then(|at| outcome.rules.cells.get(at)) {
            div.vx-quiet { (say::cell(words, visit.lang, cell)) " " (say::mark(visit, cell))
                @if let Some(link) = rule_pages::link(&outcome.rules, reason) { " " a href=(link) { (visit.t("zone-see-cell")) } } }
        } } }
    };
    html! {
        section.vx-panel { h2 { (visit.t("zone-why")) }
            ul { @for reason in &outcome.reasons { (line(reason)) } }
            @if !outcome.doubts.is_empty() {
                div.vx-note.vx-note-doubt { p { strong { (visit.t("zone-doubts")) } } ul { @for doubt in &outcome.doubts { (line(doubt)) } } }
            }
        }
    }
}

fn past(visit: &Visit, past: &[Past]) -> Markup {
    html! {
        section.vx-panel { h2 { (visit.t("zone-past")) }
            table.vx-accounts { thead { tr { th scope="col" { (visit.t("zone-day")) } th scope="col" { (visit.t("zone-new-cases")) } th scope="col" { (visit.t("zone-computed")) } } }
                tbody { @for day in past { tr {
                    th scope="row" { a href={ "?day=" (day.day) } { (time::say_date(visit.lang, day.day)) } }
                    td { @if day.reported { (time::say_count(visit.lang, day.cases)) } @else { span.vx-quiet { (visit.t("zone-not-reported")) } } }
                    td { (say::level(visit, day.level)) }
                } } }
            } }
    }
}

fn proposal_panel(visit: &Visit, unit: &Unit, proposal: &Proposal) -> Markup {
    html! {
        p { (say::level(visit, Some(proposal.level))) @if proposal.unverified { " " span.vx-chip { (visit.t("zone-unverified")) } } }
        p.vx-quiet { (visit.unit(&proposal.proposed_by)) ", " (proposal.by_name) ", " (visit.at(proposal.proposed_at)) }
        @if !proposal.note.is_empty() { p { (proposal.note) } }
        @if visit.actor().is_ok_and(|actor| actor.may(Withdraw::NAME, &proposal.proposed_by)) {
            details { summary { (visit.t("zone-withdraw")) }
                (visit.form(&format!("/zones/units/{}/withdraw", unit.id), html! {
                    input type="hidden" name="proposal" value=(proposal.id);
                    label.vx-field.d-block { span.form-label { (visit.t("zone-reason")) } input.form-control name="reason" required; }
                    button.btn type="submit" { (icon("x")) " " (visit.t("zone-withdraw")) }
                })) }
        }
    }
}

fn judging(visit: &Visit, shown: &Shown) -> Markup {
    let unit = &shown.unit;
    let Some(outcome) = &shown.outcome else { return html! {} };
    let Some(kind) = UnitKind::of(unit.kind) else { return html! {} };
    let questions = outcome.rules.questions(kind);
    if questions.is_empty() {
        return html! {};
    }
    let may_judge = may(visit, Judge::NAME, &unit.path).is_some();
    let known: Vec<&Judgement> = shown
        .judgements
        .iter()
        .filter(|one| one.from_on <= shown.moment.day && one.recorded_at <= shown.moment.known_at)
        .collect();
    html! {
        section.vx-panel #judgements { h2 { (visit.t("zone-judgements")) }
            p.vx-quiet { (visit.t("zone-judgements-explained")) }
            table.vx-accounts { tbody { @for question in &questions { tr {
                @let answer = known.iter().find(|one| one.question == *question);
                th scope="row" { (visit.t(&format!("zone-question-{question}"))) }
                td { @match answer {
                    Some(answer) => { strong { (visit.t(if answer.yes { "zone-yes" } else { "zone-no" })) } div { (answer.reason) } div.vx-quiet { (answer.by_name) " · " (visit.ta("zone-from-day", &[("on", time::say_date(visit.lang, answer.from_on).into())])) } },
                    None => span.vx-quiet { (visit.t("zone-unanswered")) },
                } }
            } } } }
            @if may_judge {
                details { summary { (visit.t("zone-judge")) }
                    (visit.form(&format!("/zones/units/{}/judge", unit.id), html! {
                        label.vx-field.d-block { span.form-label { (visit.t("zone-question")) } select.form-select name="question" required {
                            @for question in &questions { option value=(question) { (visit.t(&format!("zone-question-{question}"))) } } } }
                        div.vx-bar {
                            label.vx-field { span.form-label { (visit.t("zone-answer")) } select.form-select name="answer" { option value="yes" { (visit.t("zone-yes")) } option value="no" { (visit.t("zone-no")) } } }
                            label.vx-field { span.form-label { (visit.t("zone-from")) } input.form-control type="date" name="from_on" value=(shown.moment.day) max=(visit.today()) required; }
                        }
                        label.vx-field.d-block { span.form-label { (visit.t("zone-reason")) } textarea.form-control name="reason" rows="2" required {} }
                        button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("zone-judge-save")) }
                    })) }
            }
        }
    }
}

fn level_field(visit: &Visit, name: &str, key: &str, levels: &[Level], chosen: Option<Level>) -> Markup {
    html! {
        label.vx-field { span.form-label { (visit.t(key)) } select.form-select name=(name) required {
            option value="" { (visit.t("zone-choose-level")) }
            @for level in levels { option value=(level.text()) selected[chosen == Some(*level)] { (visit.t(&level.key())) } }
        } }
    }
}

fn text_field(visit: &Visit, name: &str, key: &str, value: &str, required: bool) -> Markup {
    html! { label.vx-field.vx-grow { span.form-label { (visit.t(key)) } input.form-control name=(name) value=(value) maxlength="200" required[required]; } }
}

pub(crate) fn moment_fields(
    visit: &Visit,
    key: &str,
    on: &str,
    at: &str,
    value: Option<Timestamp>,
    required: bool,
) -> Markup {
    let local = value.map(time::local);
    html! {
        label.vx-field { span.form-label { (visit.t(key)) } input.form-control type="date" name=(on) value=[local.map(|at| at.date().to_string())] required[required]; }
        label.vx-field { span.form-label { (visit.t("zone-hour")) } input.form-control type="time" name=(at) value=[local.map(|at| at.strftime("%H:%M").to_string())] required[required]; }
    }
}

fn vocabulary(shown: &Shown) -> Vec<Level> {
    let of_rules = shown.outcome.as_ref().map(|outcome| outcome.rules.vocabulary);
    let of_decision = shown.decisions.first().map(|decision| decision.level.vocabulary());
    of_rules.or(of_decision).map(Level::all).unwrap_or_default()
}

fn deciding(visit: &Visit, shown: &Shown, computed: Option<Level>) -> Markup {
    let Shown { unit, proposal, .. } = shown;
    let levels = vocabulary(shown);
    let proposing = may(visit, Propose::NAME, &unit.path).is_some() && proposal.is_none() && !levels.is_empty();
    let deciding = may(visit, Decide::NAME, &unit.path).filter(|_| !levels.is_empty());
    let Some(regime) = REGIMES.on(visit.today()) else { return html! {} };
    let tree = visit.app.tree();
    let is_decider = deciding.as_ref().is_some_and(|acting| {
        let kind = tree.at_path(&acting.place).map(|place| place.kind);
        kind.is_some_and(|kind| regime.value.decider.is(&acting.place, &unit.path, kind))
    });
    let is_drafter = is_decider && crate::document::drafting(visit, &unit.path, visit.now()).is_ok();
    if !proposing && !is_decider {
        return html! {};
    }
    let wanted = proposal.as_ref().map(|proposal| proposal.level).or(computed);
    // The next full hour, and no earlier than the notice that the law asks for.
    let effective = visit.now() + jiff::SignedDuration::from_hours(regime.value.notice_hours + 1);
    html! {
        section.vx-panel #deciding { h2 { (visit.t("zone-propose-decide")) }
            p.vx-quiet { (regime.value.said.of(visit.lang)) " (" (regime.basis.number) ")" }
            @if proposing {
                details { summary { (visit.t("zone-propose")) }
                    (visit.form(&format!("/zones/units/{}/propose", unit.id), html! {
                        (level_field(visit, "level", "zone-level", &levels, computed))
                        label.vx-field.d-block { span.form-label { (visit.t("zone-note")) } textarea.form-control name="note" rows="2" {} }
                        button.btn.btn-primary type="submit" { (icon("send")) " " (visit.t("zone-propose")) }
                    })) }
            }
            @if is_decider {
                details open[proposal.is_some()] { summary { (visit.t("zone-decide")) }
                    (visit.form(&format!("/zones/units/{}/decide", unit.id), html! {
                        @if let Some(proposal) = proposal { input type="hidden" name="proposal" value=(proposal.id); }
                        div.vx-bar { (level_field(visit, "level", "zone-level", &levels, wanted)) (moment_fields(visit, "zone-effective", "effective_on", "effective_at", Some(effective), true)) }
                        @if !shown.papers.is_empty() {
                            label.vx-field.d-block { span.form-label { (visit.t("zone-paper-choose")) } select.form-select name="paper" {
                                option value="" { (visit.t("zone-paper-none")) }
                                @for paper in &shown.papers { option value=(paper.id) { (paper.number.as_deref().unwrap_or_default()) " – " (paper.subject) } }
                            } }
                        }
                        div.vx-bar { (text_field(visit, "number", "zone-number", "", shown.papers.is_empty())) label.vx-field { span.form-label { (visit.t("zone-signed-on")) } input.form-control type="date" name="signed_on" value=(visit.today()) max=(visit.today()); } }
                        div.vx-bar { (text_field(visit, "signer", "zone-signer", "", shown.papers.is_empty())) (text_field(visit, "post", "zone-post", "", shown.papers.is_empty())) }
                        label.vx-field.d-block { span.form-label { (visit.t("zone-reason-differs")) } textarea.form-control name="reason" rows="2" {} }
                        div.vx-actions.mt-0 {
                            button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("zone-decide-save")) }
                            @if is_drafter { button.btn type="submit" formaction="/zones/decisions" formnovalidate name="unit" value=(unit.id) { (icon("file-text")) " " (visit.t("zone-draft")) } }
                        }
                        @if is_drafter { p.vx-quiet { (visit.t("zone-draft-about")) } }
                    })) }
            }
        }
    }
}

fn commitments(visit: &Visit, shown: &Shown, in_force: Option<&ZoneDecision>) -> Markup {
    let unit = &shown.unit;
    let levels = vocabulary(shown);
    let may_commit = may(visit, Commit::NAME, &unit.path).is_some() && !levels.is_empty();
    if shown.commitments.is_empty() && !may_commit {
        return html! {};
    }
    html! {
        section.vx-panel #commitments { h2 { (visit.t("zone-commitments")) }
            @if shown.commitments.is_empty() { p.vx-quiet { (visit.t("zone-commitments-none")) } }
            @for commitment in &shown.commitments { (crate::board::card(visit, commitment, &shown.decisions)) }
            @if may_commit {
                details { summary { (visit.t("zone-commit")) }
                    (visit.form(&format!("/zones/units/{}/commit", unit.id), html! {
                        div.vx-bar {
                            (level_field(visit, "from_level", "zone-from-level", &levels, in_force.map(|decision| decision.level)))
                            (level_field(visit, "to_level", "zone-to-level", &levels, None))
                            label.vx-field { span.form-label { (visit.t("zone-by-day")) } input.form-control type="date" name="by_on" min=(visit.today()) required; }
                            label.vx-field { span.form-label { (visit.t("zone-signed-on")) } input.form-control type="date" name="signed_on" value=(visit.today()) max=(visit.today()) required; }
                        }
                        div.vx-bar { (text_field(visit, "signer", "zone-head", "", true)) (text_field(visit, "post", "zone-post", "", true)) }
                        button.btn.btn-primary type="submit" { (icon("flag")) " " (visit.t("zone-commit-save")) }
                    })) }
            }
        }
    }
}

fn measures(visit: &Visit, level: Option<Level>, decided: bool) -> Markup {
    let Some(level) = level else { return html! {} };
    html! {
        section.vx-panel #measures { h2 { (visit.t("zone-measures")) } p { (say::level(visit, Some(level))) " " span.vx-quiet { (visit.t(if decided { "zone-measures-decided" } else { "zone-measures-computed" })) } }
            @for (sector, of_sector) in measures_at(level) {
                h3.form-label { (visit.t(&format!("zone-sector-{sector}"))) }
                ul { @for measure in of_sector { li { (measure.said.of(visit.lang)) " " span.vx-quiet { "(" (measure.basis) ", " (visit.t(&format!("zone-mark-short-{}", measure.mark))) ")" } } } }
            }
        }
    }
}

fn lockdowns(visit: &Visit, shown: &Shown) -> Markup {
    let unit = &shown.unit;
    let tree = visit.app.tree();
    let may_lock = unit.kind == vx_kernel::units::Kind::Commune && may(visit, Lock::NAME, &unit.path).is_some();
    if shown.lockdowns.is_empty() && !may_lock {
        return html! {};
    }
    html! {
        section.vx-panel #lockdowns { h2 { (visit.t("zone-lockdowns")) }
            @if shown.lockdowns.is_empty() { p.vx-quiet { (visit.t("zone-lockdowns-none")) } }
            @for lockdown in &shown.lockdowns { div.vx-clause {
                h3 { (lockdown.name) @if lockdown.path != unit.path { " – " (crate::list::named(&tree, &lockdown.path)) } }
                p { (lockdown.extent) }
                p.vx-quiet {
                    (visit.ta("zone-lockdown-line", &[("number", lockdown.number.as_str().into()), ("signer", lockdown.signer.as_str().into()), ("at", time::say_short(visit.lang, lockdown.from_at).into())]))
                    @if let Some(n) = lockdown.households { "; " (visit.ta("zone-households", &[("n", time::say_count(visit.lang, n).into())])) }
                    @if let Some(n) = lockdown.people { "; " (visit.ta("zone-people", &[("n", time::say_count(visit.lang, n).into())])) }
                    @if let Some(at) = lockdown.planned_until_at { "; " (visit.ta("zone-planned-until", &[("at", time::say_short(visit.lang, at).into())])) }
                }
                @match (lockdown.ended_at, &lockdown.end_number) {
                    (Some(at), Some(number)) => p { span.vx-state { (visit.t("zone-ended")) } " " (time::say_short(visit.lang, at)) ", " (number) },
                    _ => @if may(visit, Unlock::NAME, &lockdown.path).is_some() {
                        details { summary { (visit.t("zone-unlock")) }
                            (visit.form(&format!("/zones/lockdowns/{}/end", lockdown.id), html! {
                                div.vx-bar { (text_field(visit, "number", "zone-number", "", true)) (moment_fields(visit, "zone-ended-at", "ended_on", "ended_at", Some(visit.now()), true)) }
                                button.btn type="submit" { (icon("check")) " " (visit.t("zone-unlock")) }
                            })) }
                    },
                }
            } }
            @if may_lock {
                details { summary { (visit.t("zone-lock")) }
                    (visit.form(&format!("/zones/units/{}/lock", unit.id), html! {
                        div.vx-bar { (text_field(visit, "name", "zone-area", "", true)) (text_field(visit, "number", "zone-number", "", true)) (text_field(visit, "signer", "zone-signer", "", true)) }
                        label.vx-field.d-block { span.form-label { (visit.t("zone-extent")) } textarea.form-control name="extent" rows="2" required placeholder=(visit.t("zone-extent-example")) {} }
                        div.vx-bar { (moment_fields(visit, "zone-from-hour", "from_on", "from_at", Some(visit.now() + jiff::SignedDuration::from_hours(1)), true)) (moment_fields(visit, "zone-until-hour", "until_on", "until_at", None, false)) }
                        div.vx-bar {
                            label.vx-field { span.form-label { (visit.t("zone-households-n")) } input.form-control name="households" inputmode="numeric"; }
                            label.vx-field { span.form-label { (visit.t("zone-people-n")) } input.form-control name="people" inputmode="numeric"; }
                        }
                        button.btn.btn-primary type="submit" { (icon("lock")) " " (visit.t("zone-lock")) }
                    })) }
            }
        }
    }
}

// Actions

pub(crate) fn acting(visit: &Visit, permission: &'static str, unit: &Path) -> Result<Acting, Problem> {
    units::acting(visit.actor()?, &visit.app.tree(), permission, unit)
}

fn level_of(form: &Form, name: &'static str) -> Result<Level, Problem> {
    Level::parse(form.text(name))
        .ok_or_else(|| Problem::invalid("web.field").with("field", "@field-zone_level").with("value", form.text(name)))
}

pub(crate) fn at(form: &Form, on: &'static str, at: &'static str) -> Result<Timestamp, Problem> {
    let (day, hour): (Date, Time) = (form.read(on)?, form.read(at)?);
    time::instant(day.to_datetime(hour)).map_err(Problem::internal)
}

/// What is computed for a unit now, as it stands in proposals and decisions.
pub(crate) async fn computed(app: &App, unit: &Path) -> Result<Computed, Problem> {
    let now = app.clock().now();
    let moment = Moment { day: time::day_of(now), known_at: now };
    let (world, mut outcomes) = store::outcomes(app.db(), &app.tree(), unit, &moment).await?;
    let found = world.at(unit).and_then(|at| outcomes.get_mut(at)?.take());
    Ok(computed_of(app.words(), found))
}

/// An outcome as it stands in proposals and decisions.
pub(crate) fn computed_of(words: &Words, outcome: Option<Outcome>) -> Computed {
    outcome.map_or_else(Computed::default, |outcome| Computed {
        level: outcome.level,
        rule_set: outcome.rules.code.clone(),
        reasons: say::reasons(words, time::Lang::Vi, &outcome),
        unverified: !outcome.unverified().is_empty(),
    })
}

fn back(unit: &Unit, place: &str, said: &str) -> PageResult {
    Ok(see_other(&format!("/zones/units/{}", unit.id), &format!("{said}{place}")))
}

pub(crate) async fn judge(visit: Visit, Address(key): Address<String>, form: Form) -> PageResult {
    let unit = unit_of(&visit, &key)?;
    let command = Judge {
        id: Id::fresh(),
        by: acting(&visit, Judge::NAME, &unit.path)?,
        kind: UnitKind::of(unit.kind),
        unit: unit.path.clone(),
        question: form.text("question").to_owned(),
        yes: form.text("answer") == "yes",
        reason: form.text("reason").to_owned(),
        from_on: form.read("from_on")?,
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    back(&unit, "#judgements", "zones-said-judged")
}

pub(crate) async fn propose(visit: Visit, Address(key): Address<String>, form: Form) -> PageResult {
    let unit = unit_of(&visit, &key)?;
    let command = Propose {
        id: Id::fresh(),
        by: acting(&visit, Propose::NAME, &unit.path)?,
        level: level_of(&form, "level")?,
        computed: computed(&visit.app, &unit.path).await?,
        computed_on: visit.today(),
        note: form.text("note").to_owned(),
        unit: unit.path.clone(),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    back(&unit, "", "zones-said-proposed")
}

pub(crate) async fn withdraw(visit: Visit, Address(key): Address<String>, form: Form) -> PageResult {
    let unit = unit_of(&visit, &key)?;
    let command = Withdraw { proposal: form.read("proposal")?, reason: form.text("reason").to_owned() };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    back(&unit, "", "zones-said-withdrawn")
}

/// A decision on a unit, with what the work that follows says. Proposal, document and reason are the caller's.
pub(crate) fn deciding_on(
    app: &App,
    unit: &Unit,
    by: Acting,
    level: Level,
    computed: Computed,
    signed: Signed,
    effective_at: Timestamp,
) -> Result<Decide, Problem> {
    let by_kind = app.tree().at_path(&by.place).map(|place| place.kind).ok_or_else(Problem::not_found)?;
    Ok(Decide {
        id: Id::fresh(),
        by,
        by_kind,
        unit: unit.path.clone(),
        unit_name: unit.authority(),
        key: unit.id.to_string(),
        level,
        level_name: in_sentence(&app.words().say(time::Lang::Vi, &level.key(), &[])),
        computed,
        signed,
        effective_at,
        proposal: None,
        paper: None,
        reason: None,
    })
}

/// The document of a decision: one of whoever decides, that is out. A draft may still be given up, and what another
/// office issues decides nothing in this name.
pub(crate) async fn document_of(
    conn: &mut Conn,
    actor: &Actor,
    by: &Acting,
    id: Id<ids::Paper>,
) -> Result<Paper, Problem> {
    let paper = paper::visible(conn, actor, id).await?;
    if !paper.state.is_out() || (paper.path != by.unit && paper.path != by.place) {
        return Err(Problem::refused("zones.decide.other_document").with("document", paper.label()));
    }
    Ok(paper)
}

pub(crate) async fn decide(visit: Visit, Address(key): Address<String>, form: Form) -> PageResult {
    let unit = unit_of(&visit, &key)?;
    let by = acting(&visit, Decide::NAME, &unit.path)?;
    let level = level_of(&form, "level")?;
    let chosen: Option<Id<ids::Paper>> = form.read_filled("paper")?;
    let paper = match chosen {
        Some(id) => Some(document_of(&mut visit.app.db().read().await?, visit.actor()?, &by, id).await?),
        None => None,
    };
    let on = match paper.as_ref().and_then(|paper| paper.issued_on) {
        Some(day) => day,
        None => form.read("signed_on")?,
    };
    let typed = ["number", "signer", "post"].map(|name| form.filled(name).map(str::to_owned));
    let signed = Signed::typed(paper.as_ref(), typed, on);
    let computed = computed(&visit.app, &unit.path).await?;
    let effective_at = at(&form, "effective_on", "effective_at")?;
    let command = Decide {
        proposal: form.read_filled("proposal")?,
        paper: chosen.map(Id::uuid),
        reason: form.filled("reason").map(str::to_owned),
        ..deciding_on(&visit.app, &unit, by, level, computed, signed, effective_at)?
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    back(&unit, "", "zones-said-decided")
}

pub(crate) async fn commit(visit: Visit, Address(key): Address<String>, form: Form) -> PageResult {
    let unit = unit_of(&visit, &key)?;
    let command = Commit {
        id: Id::fresh(),
        by: acting(&visit, Commit::NAME, &unit.path)?,
        from_level: level_of(&form, "from_level")?,
        to_level: level_of(&form, "to_level")?,
        signed_on: form.read("signed_on")?,
        by_on: form.read("by_on")?,
        signer: form.text("signer").to_owned(),
        signer_post: form.text("post").to_owned(),
        unit: unit.path.clone(),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    back(&unit, "#commitments", "zones-said-committed")
}

pub(crate) async fn lock(visit: Visit, Address(key): Address<String>, form: Form) -> PageResult {
    let unit = unit_of(&visit, &key)?;
    let by = acting(&visit, Lock::NAME, &unit.path)?;
    let by_kind = visit.app.tree().at_path(&by.place).map(|place| place.kind).ok_or_else(Problem::not_found)?;
    let n = |name: &'static str| if form.filled(name).is_some() { form.count(name).map(Some) } else { Ok(None) };
    let command = Lock {
        id: Id::fresh(),
        by,
        by_kind,
        is_commune: unit.kind == vx_kernel::units::Kind::Commune,
        name: form.text("name").to_owned(),
        extent: form.text("extent").to_owned(),
        households: n("households")?,
        people: n("people")?,
        number: form.text("number").to_owned(),
        signer: form.text("signer").to_owned(),
        from_at: at(&form, "from_on", "from_at")?,
        planned_until_at: if form.filled("until_on").is_some() {
            Some(at(&form, "until_on", "until_at")?)
        } else {
            None
        },
        unit: unit.path.clone(),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    back(&unit, "#lockdowns", "zones-said-locked")
}

pub(crate) async fn unlock(visit: Visit, Address(id): Address<Id<ids::Lockdown>>, form: Form) -> PageResult {
    let tree = visit.app.tree();
    let lockdown = store::lockdown(&mut visit.app.db().read().await?, visit.actor()?, &tree, id).await?;
    let command = Unlock {
        lockdown: id,
        by: acting(&visit, Unlock::NAME, &lockdown.path)?,
        number: form.text("number").to_owned(),
        ended_at: at(&form, "ended_on", "ended_at")?,
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    let unit = unit_of(&visit, lockdown.path.unit())?;
    back(&unit, "#lockdowns", "zones-said-unlocked")
}
