//! A decision as a document (quyết định): drafted by one press in the name of whoever decides, with the grounds of the
//! rules, a table of units, the measures and who answers for them; once it is out, the levels in it are decided.
//!
//! The text belongs to whoever signs it. When the table was changed by hand after it was drafted, nothing is decided by
//! itself: a person compares both and presses.

use axum::extract::{Path as Address, Query};
use jiff::{SignedDuration, Timestamp};
use vx_concepts::{
    engine::{Command as _, execute, run},
    paper::{self, Paper, Write},
};
use vx_dispatch::{Draft, DraftClause, Figure, Kind, Table, day_words};
use vx_foundation::letterhead::{self, Letterhead, in_sentence};
use vx_kernel::{
    Id, Path, Problem, ProblemKind, ids,
    time::{self, Lang},
    units::{self, Tree},
};
use vx_platform::{
    store::Uuid,
    web::{App, Form, PageResult, Visit, html, icon, see_other, unit_name},
    words::Words,
};

use crate::{
    Acting, Decide, Plan, Signed,
    commands::decider,
    level::{Level, Vocabulary},
    list::{Row, rows},
    routes::{Pairs, place},
    rules::{Decider, Measures, REGIMES, Regime, RuleSet, Sector, measures_at},
    say,
    store::{self, Moment},
    types::{Planned, ZoneDecision},
    unit::{acting, computed_of, deciding_on, moment_fields},
};

/// Units named one by one in the article on who answers for it, and among those to whom it goes.
const NAMED_MAX: usize = 60;

/// A unit of the document's table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Given {
    /// The unit.
    pub(crate) unit: Path,
    /// The level that was decided so far.
    pub(crate) before: Option<Level>,
    /// The new one.
    pub(crate) level: Level,
}

/// Everything that the document says.
pub(crate) struct Told<'a> {
    pub(crate) words: &'a Words,
    pub(crate) tree: &'a Tree,
    pub(crate) head: &'a Letterhead,
    /// The place in whose name it is.
    pub(crate) place: &'a Path,
    pub(crate) regime: &'a Regime,
    /// The rule sets by which the levels were computed.
    pub(crate) rules: &'a [&'a RuleSet],
    /// Who proposed, as they are called.
    pub(crate) proposers: &'a [String],
    /// Numbers of the decisions whose place it takes.
    pub(crate) earlier: &'a [String],
    pub(crate) units: &'a [Given],
    pub(crate) effective_at: Timestamp,
    /// How the units are addressed.
    pub(crate) addressed: &'a [String],
}

/// A place as it stands in a sentence or a table: with what it lies in, where it is no province.
fn named(tree: &Tree, path: &Path) -> String {
    let Some(unit) = tree.at_path(path) else { return path.unit().to_owned() };
    match tree.parent(unit.id.as_str()) {
        Some(above) if unit.path.depth() > 2 => format!("{}, {}", unit.full_name, in_sentence(&above.full_name)),
        _ => unit.full_name.clone(),
    }
}

/// `12 giờ 00 ngày 13/9/2021`.
fn hour_words(at: Timestamp) -> String {
    let local = time::local(at);
    format!("{:02} giờ {:02} ngày {}", local.hour(), local.minute(), day_words(&local.date().to_string()))
}

fn level_words(words: &Words, level: Option<Level>) -> String {
    level.map_or_else(|| "Chưa quyết định".to_owned(), |level| words.say(Lang::Vi, &level.key(), &[]))
}

/// The table of units: the same for what was drafted and for what is compared with it.
fn table(words: &Words, tree: &Tree, units: &[Given], effective_at: Timestamp) -> Table {
    let row = |given: &Given| {
        vec![
            named(tree, &given.unit),
            level_words(words, given.before),
            level_words(words, Some(given.level)),
            hour_words(effective_at),
        ]
    };
    Table {
        caption: "Mức độ áp dụng đối với từng đơn vị".to_owned(),
        columns: ["Đơn vị", "Mức đang áp dụng", "Mức quyết định", "Hiệu lực từ"].map(str::to_owned).to_vec(),
        rows: units.iter().map(row).collect(),
    }
}

/// The grounds that a regime names, each as a line: of texts of one province only those of that province.
fn grounds(basis: &str, province: &str) -> Vec<String> {
    let own = |part: &&str| match part.split_once(" (") {
        Some((_, of)) => of.trim_end_matches(')') == province,
        None => true,
    };
    let said = |part: &str| {
        let part = part.split(" (").next().unwrap_or(part).trim();
        match (part.strip_prefix("NĐ "), part.split_once(", ")) {
            (Some(_), Some((number, article))) => {
                format!("{article} Nghị định số {}", number.trim_start_matches("NĐ "))
            }
            (Some(number), None) => format!("Nghị định số {number}"),
            (None, _) => format!("Quyết định số {part}"),
        }
    };
    basis.split(';').map(str::trim).filter(|part| !part.is_empty()).filter(own).map(said).collect()
}

/// The document. It is Vietnamese whatever the language of the pages is.
pub(crate) fn draft(told: &Told<'_>) -> Draft {
    let Told { tree, head, units, .. } = told;
    let vocabulary = units.first().map_or(Vocabulary::Zone, |given| given.level.vocabulary());
    let what = match vocabulary {
        Vocabulary::Risk => "xác định mức độ nguy cơ dịch bệnh",
        Vocabulary::Cap => "phân loại cấp độ dịch",
        Vocabulary::Zone => "phân vùng nguy cơ dịch bệnh",
    };
    let whose = match units {
        [only] => format!("đối với {}", in_sentence(&named(tree, &only.unit))),
        _ => format!("trên địa bàn {}", in_sentence(&named(tree, told.place))),
    };
    let province = told.place.at_depth(1);
    let province = tree.at_path(&province).map_or("", |unit| unit.bare_name());
    let mut preamble: Vec<String> = Vec::new();
    for set in told.rules {
        let issued = day_words(&set.issued_on.to_string());
        preamble.push(format!(
            "Căn cứ Quyết định số {} ngày {issued} về việc {}",
            set.number,
            in_sentence(&set.title.vi)
        ));
    }
    for ground in grounds(&told.regime.basis, province) {
        let number = ground.rsplit(' ').next().unwrap_or_default();
        if !told.rules.iter().any(|set| ground.contains(&set.number)) && !number.is_empty() {
            preamble.push(format!("Căn cứ {ground}"));
        }
    }
    if !told.proposers.is_empty() {
        preamble.push(format!("Theo đề nghị của {}", told.proposers.join(", ")));
    }
    let last = preamble.len().saturating_sub(1);
    for (at, line) in preamble.iter_mut().enumerate() {
        line.push(if at == last { '.' } else { ';' });
    }
    Draft {
        subject: format!("Về việc {what} {whose}"),
        preamble,
        clauses: vec![levels(told), measures(told), answering(told)],
        recipients: std::iter::once("Như Điều 3".to_owned())
            .chain(reported_to(told))
            .chain(told.addressed.iter().take(NAMED_MAX).cloned())
            .chain(std::iter::once("Lưu: VT".to_owned()))
            .collect(),
        // Whoever decides is the chair, not the committee as a body.
        authority: Vec::new(),
        ..head.draft(Kind::QuyetDinh)
    }
}

/// The sentence that decides, above the table: the same for what was drafted and for what is compared with it.
fn deciding(words: &Words, tree: &Tree, units: &[Given], effective_at: Timestamp) -> String {
    let at = hour_words(effective_at);
    match units {
        [only] => format!(
            "Quyết định mức độ áp dụng đối với {1} là {0}, có hiệu lực từ {at}",
            in_sentence(&level_words(words, Some(only.level))),
            in_sentence(&named(tree, &only.unit))
        ),
        units => format!("Quyết định mức độ áp dụng đối với {} đơn vị sau đây, có hiệu lực từ {at}", units.len()),
    }
}

fn levels(told: &Told<'_>) -> DraftClause {
    let mut text = deciding(told.words, told.tree, told.units, told.effective_at);
    if !told.earlier.is_empty() {
        text.push_str(&format!(
            "\nTừ thời điểm này, mức độ áp dụng đối với các đơn vị nêu trên theo {} hết hiệu lực",
            told.earlier.iter().map(|number| format!("Quyết định số {number}")).collect::<Vec<_>>().join(", ")
        ));
    }
    let table = table(told.words, told.tree, told.units, told.effective_at);
    DraftClause { text, figures: vec![Figure::Table(table)], ..DraftClause::default() }
}

/// The measures of each level in the table, by part of life, in the words of the catalogue.
fn measures(told: &Told<'_>) -> DraftClause {
    let mut levels: Vec<Level> = Vec::new();
    for given in told.units {
        if !levels.contains(&given.level) {
            levels.push(given.level);
        }
    }
    levels.sort_by_key(|level| std::cmp::Reverse(level.rank()));
    let of_level = |level: &Level| {
        let sector = |(sector, of_sector): (Sector, Vec<&Measures>)| {
            let said: Vec<&str> = of_sector.iter().map(|measure| measure.said.vi.trim_end_matches('.')).collect();
            let name = told.words.say(Lang::Vi, &format!("zone-sector-{sector}"), &[]);
            DraftClause { text: format!("{name}: {}", said.join("; ")), ..DraftClause::default() }
        };
        DraftClause {
            text: format!("Đối với địa bàn {}", in_sentence(&level_words(told.words, Some(*level)))),
            clauses: measures_at(*level).into_iter().map(sector).collect(),
            ..DraftClause::default()
        }
    };
    DraftClause {
        text: "Biện pháp áp dụng kể từ thời điểm có hiệu lực".to_owned(),
        clauses: levels.iter().map(of_level).collect(),
        ..DraftClause::default()
    }
}

/// Who carries it out.
fn answering(told: &Told<'_>) -> DraftClause {
    let chair = |path: &Path| {
        let unit = told.tree.at_path(path)?;
        Some(format!("Chủ tịch Ủy ban nhân dân {}", in_sentence(&named(told.tree, &unit.path))))
    };
    let mut lead: Vec<String> = match told.regime.decider {
        Decider::Province => ["Chánh Văn phòng Ủy ban nhân dân tỉnh", "Giám đốc Sở Y tế"].map(str::to_owned).to_vec(),
        Decider::Commune => {
            ["Văn phòng Hội đồng nhân dân và Ủy ban nhân dân", "Trạm Y tế", "Công an"].map(str::to_owned).to_vec()
        }
    };
    if told.regime.decider == Decider::Province {
        for given in told.units.iter().take(NAMED_MAX) {
            lead.extend(chair(&given.unit).filter(|chair| !lead.contains(chair)));
        }
    }
    DraftClause {
        text: "các tổ chức, cá nhân có liên quan chịu trách nhiệm thi hành Quyết định này".to_owned(),
        lead,
        ..DraftClause::default()
    }
}

/// To whom a commune reports its decision.
fn reported_to(told: &Told<'_>) -> Vec<String> {
    if told.regime.decider == Decider::Province {
        return Vec::new();
    }
    let province = told.tree.at_path(&told.place.at_depth(1));
    let chair = province.map(|unit| format!("Chủ tịch Ủy ban nhân dân {} (để báo cáo)", in_sentence(&unit.full_name)));
    chair.into_iter().chain(["Sở Y tế", "Trung tâm Kiểm soát bệnh tật"].map(str::to_owned)).collect()
}

/// Whether a document still decides as it was drafted: by the same sentence, with the same table below it.
fn says(words: &Words, tree: &Tree, draft: &Draft, planned: &[Planned]) -> bool {
    let Some(first) = planned.first() else { return false };
    let given = |one: &Planned| Given { unit: one.path.clone(), before: one.before, level: one.level };
    let given: Vec<Given> = planned.iter().map(given).collect();
    let mut wanted = table(words, tree, &given, first.effective_at).rows;
    wanted.sort();
    let sentence = deciding(words, tree, &given, first.effective_at);
    let trimmed = |rows: &[Vec<String>]| {
        let mut rows: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| cell.trim().to_owned()).collect()).collect();
        rows.sort();
        rows
    };
    let end = ['.', ';', ':', ',', ' '];
    draft.clauses.iter().any(|clause| {
        let is_table = |figure: &Figure| matches!(figure, Figure::Table(table) if trimmed(&table.rows) == wanted);
        let first = clause.text.lines().next().unwrap_or_default();
        first.trim().trim_end_matches(end) == sentence && clause.figures.iter().any(is_table)
    })
}

/// In whose name somebody drafts decisions on a unit: the place that decides, where they may write its documents.
pub(crate) fn drafting(visit: &Visit, unit: &Path, at: Timestamp) -> Result<(Acting, units::Kind), Problem> {
    let by = acting(visit, Plan::NAME, unit)?;
    visit.actor()?.authority(Write::NAME, &by.place)?;
    let kind = visit.app.tree().at_path(&by.place).map(|place| place.kind).ok_or_else(Problem::not_found)?;
    decider(&by, kind, unit, at)?;
    Ok((by, kind))
}

/// The units that are asked about, with what is known of them.
struct Candidates {
    place: Path,
    rows: Vec<Row>,
}

async fn candidates(visit: &Visit, query: &[(String, String)]) -> Result<Candidates, Problem> {
    let place = place(visit, query)?;
    let moment = Moment { day: visit.today(), known_at: visit.now() };
    let mut rows = rows(&visit.app, &place, &moment).await?;
    rows.retain(|row| row.kind == units::Kind::Commune && drafting(visit, &row.path, visit.now()).is_ok());
    rows.sort_by_key(|row| {
        (row.proposal.is_none(), !row.differs(), std::cmp::Reverse(row.computed().map_or(0, Level::rank)))
    });
    rows.truncate(usize::try_from(store::PLANNED_MAX).unwrap_or(usize::MAX));
    Ok(Candidates { place, rows })
}

/// The page on which units are chosen for one document.
pub(crate) async fn choose(visit: Visit, Query(query): Pairs) -> PageResult {
    let Candidates { place, rows } = candidates(&visit, &query).await?;
    let regime = REGIMES.on(visit.today()).ok_or_else(Problem::not_found)?;
    let effective = visit.now() + SignedDuration::from_hours(regime.value.notice_hours + 2);
    let (urgent, rest): (Vec<&Row>, Vec<&Row>) = rows.iter().partition(|row| row.proposal.is_some() || row.differs());
    let row = |row: &Row, checked: bool| {
        let wanted = row.proposal.as_ref().map(|proposal| proposal.level).or(row.computed());
        let levels = wanted.map(|level| Level::all(level.vocabulary())).unwrap_or_default();
        let decided = row.decision.as_ref().map(|decision| decision.level);
        html! { tr {
            td { label.form-check { input.form-check-input type="checkbox" name="unit" value=(row.key) checked[checked]; span { (row.name) } } }
            td data-label=(visit.t("zone-decided")) { (say::level(&visit, decided)) }
            td data-label=(visit.t("zone-computed")) { (say::outcome(&visit, row.outcome.as_ref())) }
            td data-label=(visit.t("zone-proposal")) { @if let Some(proposal) = &row.proposal { (say::level(&visit, Some(proposal.level))) div.vx-quiet { (visit.unit(&proposal.proposed_by)) } } }
            td data-label=(visit.t("zone-level")) { select.form-select name={ "level-" (row.key) } aria-label={ (visit.t("zone-level")) ": " (row.name) } {
                option value="" { (visit.t("zone-choose-level")) }
                @for level in &levels { option value=(level.text()) selected[wanted == Some(*level)] { (visit.t(&level.key())) } }
            } }
        } }
    };
    let head = || {
        html! { thead { tr { th scope="col" { (visit.t("unit")) } th scope="col" { (visit.t("zone-decided")) } th scope="col" { (visit.t("zone-computed")) } th scope="col" { (visit.t("zone-proposal")) } th scope="col" { (visit.t("zone-level")) } } } }
    };
    let body = html! {
        div.vx-head { h1 { (visit.t("zone-draft-title")) } a.btn href={ "/zones?unit=" (place.as_str()) } { (icon("arrow-left")) " " (visit.t("zone-back-to-list")) } }
        p.vx-quiet { (visit.t("zone-draft-explained")) }
        p.vx-quiet { (regime.value.said.of(visit.lang)) " (" (regime.basis.number) ")" }
        @if rows.is_empty() {
            div.vx-empty { (icon("file-text")) h2 { (visit.t("zone-draft-none")) } p { (visit.t("zone-draft-none-todo")) } }
        } @else {
            (visit.form("/zones/decisions", html! {
                div.vx-bar { (moment_fields(&visit, "zone-effective", "effective_on", "effective_at", Some(effective), true)) }
                label.vx-field.d-block { span.form-label { (visit.t("zone-reason-differs")) } textarea.form-control name="reason" rows="2" maxlength="1000" {} }
                @if !urgent.is_empty() { div.vx-scroll tabindex="0" { table.vx-table.vx-cards { (head()) tbody { @for one in &urgent { (row(one, one.proposal.is_some())) } } } } }
                @if !rest.is_empty() {
                    details.mt-3 open[urgent.is_empty()] { summary { (visit.ta("zone-draft-rest", &[("n", rest.len().into())])) }
                        div.vx-scroll tabindex="0" { table.vx-table.vx-cards { (head()) tbody { @for one in &rest { (row(one, false)) } } } } }
                }
                div.vx-actions { button.btn.btn-primary type="submit" { (icon("file-text")) " " (visit.t("zone-draft")) } }
            }))
        }
    };
    Ok(visit.page(&visit.t("zone-draft-title"), body))
}

/// What somebody chose for the document.
struct Chosen {
    unit: units::Unit,
    level: Level,
    by: Acting,
    kind: units::Kind,
}

fn chosen(visit: &Visit, form: &Form, effective_at: Timestamp) -> Result<Vec<Chosen>, Problem> {
    let mut all: Vec<Chosen> = Vec::new();
    for key in form.all("unit") {
        let unit = crate::routes::unit_of(visit, key.trim())?;
        let typed = form.filled(&format!("level-{}", unit.id)).or_else(|| form.filled("level")).unwrap_or_default();
        let level = Level::parse(typed).ok_or_else(|| {
            Problem::invalid("web.field").with("field", "@field-zone_level").with("value", unit.full_name.clone())
        })?;
        let (by, kind) = drafting(visit, &unit.path, effective_at)?;
        if all.iter().any(|other: &Chosen| other.by.place != by.place) {
            return Err(Problem::refused("zones.plan.places"));
        }
        if all.iter().any(|other| other.level.vocabulary() != level.vocabulary()) {
            return Err(Problem::refused("zones.plan.vocabularies"));
        }
        if !all.iter().any(|other| other.unit.path == unit.path) {
            all.push(Chosen { unit, level, by, kind });
        }
    }
    if all.is_empty() {
        return Err(Problem::refused("zones.plan.nothing"));
    }
    if all.len() > usize::try_from(store::PLANNED_MAX).unwrap_or(usize::MAX) {
        return Err(Problem::refused("zones.plan.too_many").with("max", store::PLANNED_MAX));
    }
    Ok(all)
}

/// Makes the draft of the document and notes what it is to decide, all or nothing.
pub(crate) async fn create(visit: Visit, form: Form) -> PageResult {
    let effective_at = crate::unit::at(&form, "effective_on", "effective_at")?;
    let mut chosen = chosen(&visit, &form, effective_at)?;
    chosen.sort_by(|one, two| one.unit.path.cmp(&two.unit.path));
    let (actor, tree) = (visit.actor()?, visit.app.tree());
    let place = chosen[0].by.place.clone();
    let regime = REGIMES.on(time::day_of(effective_at)).ok_or_else(Problem::not_found)?;
    let moment = Moment { day: visit.today(), known_at: visit.now() };
    let (world, mut outcomes) = store::outcomes(visit.app.db(), &tree, &place, &moment).await?;
    let mut conn = visit.app.db().read().await?;
    let (mut commands, mut given, mut earlier, mut proposers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut sets: Vec<std::sync::Arc<RuleSet>> = Vec::new();
    for one in &chosen {
        let outcome = world.at(&one.unit.path).and_then(|at| outcomes.get_mut(at)?.take());
        if let Some(outcome) = &outcome
            && !sets.iter().any(|set| set.code == outcome.rules.code)
        {
            sets.push(outcome.rules.clone());
        }
        let last = store::decisions(&mut conn, &one.unit.path, None, 1).await?.into_iter().next();
        let proposal = store::open_proposal(&mut conn, &one.unit.path).await?;
        if let Some(proposal) = &proposal {
            let name = unit_name(&visit.app, Lang::Vi, &proposal.proposed_by);
            if !proposers.contains(&name) {
                proposers.push(name);
            }
        }
        if let Some(last) = &last
            && !earlier.contains(&last.number)
        {
            earlier.push(last.number.clone());
        }
        given.push(Given {
            unit: one.unit.path.clone(),
            before: last.as_ref().map(|last| last.level),
            level: one.level,
        });
        commands.push(Plan {
            id: Id::fresh(),
            by: one.by.clone(),
            by_kind: one.kind,
            paper: Id::fresh(),
            unit: one.unit.path.clone(),
            level: one.level,
            computed: computed_of(visit.app.words(), outcome),
            effective_at,
            proposal: proposal.map(|proposal| proposal.id),
            // One line for all; a unit that gets the computed level needs none.
            reason: form.filled("reason").map(str::to_owned),
        });
    }
    let head = Letterhead::of(&mut conn, &tree, &place).await?;
    drop(conn);
    let rules: Vec<&RuleSet> = sets.iter().map(AsRef::as_ref).collect();
    let addressed: Vec<String> = match regime.value.decider {
        Decider::Province => given.iter().map(|given| unit_name(&visit.app, Lang::Vi, &given.unit)).collect(),
        Decider::Commune => Vec::new(),
    };
    let draft = draft(&Told {
        words: visit.app.words(),
        tree: &tree,
        head: &head,
        place: &place,
        regime: &regime.value,
        rules: &rules,
        proposers: &proposers,
        earlier: &earlier,
        units: &given,
        effective_at,
        addressed: &addressed,
    });
    let mut paper = letterhead::written(&head, place, &draft, String::new(), actor);
    paper.rests_on = Some(page_of(paper.id));
    for command in &mut commands {
        command.paper = paper.id;
    }
    let shared = std::sync::Arc::new((actor.clone(), form.key()?, Write { paper }, commands));
    let id = visit
        .app
        .db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (actor, key, write, plans) = &*shared;
                let id = run(tx, actor, *key, write).await?;
                // The same press once more answers with the document that it made, whose rows are there.
                if id == write.paper.id.uuid() {
                    for plan in plans {
                        run(tx, actor, Uuid::now_v7(), plan).await?;
                    }
                }
                Ok(id)
            })
        })
        .await?;
    Ok(see_other(&format!("/papers/{id}"), "zones-said-drafted"))
}

fn page_of(paper: Id<ids::Paper>) -> String {
    format!("/zones/decisions/{paper}")
}

/// A level of a document, and what became of it.
struct Line {
    planned: Planned,
    decision: Option<ZoneDecision>,
    /// Whether a later decision has an hour that has come.
    overtaken: Option<ZoneDecision>,
}

struct Shown {
    paper: Paper,
    /// Whether the visitor may see it as a document.
    sees_paper: bool,
    lines: Vec<Line>,
    says: bool,
}

async fn shown(visit: &Visit, id: Id<ids::Paper>) -> Result<Shown, Problem> {
    let (actor, tree) = (visit.actor()?, visit.app.tree());
    let mut conn = visit.app.db().read().await?;
    let all = store::planned_in(&mut conn, id).await?;
    let paper: Paper = conn.load(id).await?;
    let sees_paper = !paper::visible_of(&mut conn, actor, &[id.uuid()]).await?.is_empty();
    if !paper.state.is_out() && !sees_paper {
        // Before it is out, it is seen by those alone who may see it as a document.
        return Err(Problem::not_found());
    }
    let says = says(visit.app.words(), &tree, &paper.draft(), &all);
    let decided = store::decided_in(&mut conn, id).await?;
    let mut lines = Vec::new();
    for planned in all.into_iter().filter(|planned| store::sees(actor, &tree, &planned.path)) {
        let decision = decided.iter().find(|decision| decision.path == planned.path).cloned();
        let overtaken = match &decision {
            Some(decision) => {
                let last = store::decisions(&mut conn, &planned.path, None, 1).await?.into_iter().next();
                last.filter(|last| last.id != decision.id)
            }
            None => None,
        };
        lines.push(Line { planned, decision, overtaken });
    }
    if lines.is_empty() {
        return Err(Problem::not_found());
    }
    Ok(Shown { paper, sees_paper, lines, says })
}

/// The page of what a document decides.
pub(crate) async fn show(visit: Visit, Address(id): Address<Id<ids::Paper>>) -> PageResult {
    let Shown { paper, sees_paper, lines, says } = shown(&visit, id).await?;
    let lang = visit.lang;
    let tree = visit.app.tree();
    let waits = is_in_force(&paper) && lines.iter().any(|line| line.decision.is_none());
    let may = waits && lines.iter().any(|line| acting(&visit, Decide::NAME, &line.planned.path).is_ok());
    let behind = lines.iter().any(|line| line.overtaken.is_some());
    let table = html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { @if may { th scope="col" { (visit.t("zone-document-choose")) } } th scope="col" { (visit.t("unit")) } th scope="col" { (visit.t("zone-was")) } th scope="col" { (visit.t("zone-level")) } th scope="col" { (visit.t("zone-effective")) } th scope="col" { (visit.t("zone-document-state")) } } }
            tbody { @for Line { planned, decision, overtaken } in &lines { tr {
                @let name = crate::list::named(&tree, &planned.path);
                // Where the table is not the one that was drafted, a person looks at each row.
                @if may { td data-label=(visit.t("zone-document-choose")) { @if decision.is_none() { input.form-check-input type="checkbox" name="row" value=(planned.id) checked[says] aria-label=(name); } } }
                th scope="row" { a href={ "/zones/units/" (planned.path.unit()) } { (name) } }
                td data-label=(visit.t("zone-was")) { (say::level(&visit, planned.before)) }
                td data-label=(visit.t("zone-level")) { (say::level(&visit, Some(planned.level))) @if let Some(reason) = &planned.reason { div.vx-quiet { (reason) } } }
                td data-label=(visit.t("zone-effective")) { (time::say_instant(lang, planned.effective_at)) }
                td data-label=(visit.t("zone-document-state")) {
                    @match decision {
                        Some(decision) => { span.vx-state { (visit.t("zone-document-decided")) } " " (decision.number) },
                        None if paper.state.is_out() => span.vx-overdue { (visit.t("zone-document-not-decided")) },
                        None => span.vx-state { (visit.t("zone-document-drafted")) },
                    }
                    @if let Some(later) = overtaken { div { (visit.ta("zone-document-later", &[("number", later.number.as_str().into()), ("level", visit.t(&later.level.key()).into()), ("at", time::say_short(lang, later.effective_at).into())])) } }
                }
            } } }
        } }
    };
    let body = html! {
        div.vx-head { h1 { (visit.t("zone-document")) } a.btn href="/zones" { (icon("arrow-left")) " " (visit.t("zone-back-to-list")) } }
        section.vx-panel.mb-3 { h2 { (visit.t("zone-paper")) }
            @if sees_paper { (letterhead::resting(&visit, &[(paper.clone(), behind)], "zone-document-behind")) }
            @else { p { (paper.label()) " · " (paper.issuer) } }
            @if matches!(paper.state, paper::PaperState::Corrected | paper::PaperState::Superseded) {
                div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t(&format!("paper-state-{}", paper.state))) @if let (Some(by), true) = (paper.followed_by, sees_paper) { ": " a href={ "/papers/" (by) } { (visit.t("zone-paper-follow")) } } }
            }
            @if waits && !says { div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t("zone-document-changed")) } }
            @else if waits { div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t("zone-document-waits")) } }
        }
        @if may {
            (visit.form(&format!("{}/take", page_of(id)), html! {
                (table)
                div.vx-actions { button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("zone-document-take")) } }
            }))
        } @else { (table) }
    };
    Ok(visit.page(&visit.t("zone-document"), body))
}

/// The decision of one row of a document that is out.
async fn decision(app: &App, paper: &Paper, planned: &Planned) -> Result<Decide, Problem> {
    let tree = app.tree();
    let unit = tree.at_path(&planned.path).ok_or_else(Problem::not_found)?;
    let place = tree.place_of(planned.planned_by.unit()).ok_or_else(Problem::not_found)?;
    let open = store::open_proposal(&mut app.db().read().await?, &planned.path).await?;
    let by = Acting { unit: planned.planned_by.clone(), place: place.path.clone() };
    let on = paper.issued_on.unwrap_or_else(|| time::day_of(app.clock().now()));
    let signed = Signed::typed(Some(paper), [None, None, None], on);
    let computed =
        crate::Computed { level: planned.computed, rule_set: planned.rule_set.clone(), ..crate::Computed::default() };
    Ok(Decide {
        // A proposal that was withdrawn, or decided on otherwise, is no longer followed.
        proposal: planned.proposal.filter(|proposal| open.is_some_and(|open| open.id == *proposal)),
        paper: Some(paper.id.uuid()),
        reason: planned.reason.clone(),
        ..deciding_on(app, unit, by, planned.level, computed, signed, planned.effective_at)?
    })
}

/// Whether a document is out and still the one that counts.
fn is_in_force(paper: &Paper) -> bool {
    matches!(paper.state, paper::PaperState::Issued | paper::PaperState::Corrected)
}

/// A person writes down the chosen rows of a document that is out, where they were not decided by themselves. A row that
/// is refused does not keep the others from being written down.
pub(crate) async fn take(visit: Visit, Address(id): Address<Id<ids::Paper>>, form: Form) -> PageResult {
    let Shown { paper, lines, .. } = shown(&visit, id).await?;
    if !is_in_force(&paper) {
        return Err(paper::not_now(&paper).into());
    }
    let chosen: Vec<&str> = form.all("row").collect();
    let is_chosen = |line: &&Line| chosen.contains(&line.planned.id.to_string().as_str()) && line.decision.is_none();
    let rows: Vec<&Line> = lines.iter().filter(is_chosen).collect();
    if rows.is_empty() {
        return Err(Problem::refused("zones.document.none_chosen").into());
    }
    let (key, mut refused) = (form.key()?, None);
    for Line { planned, .. } in rows {
        let by = acting(&visit, Decide::NAME, &planned.path)?;
        let command = Decide { by, ..decision(&visit.app, &paper, planned).await? };
        // The key is of the press and of the row, so that the same press again does each row once.
        let key = Uuid::from_u128(key.as_u128() ^ planned.id.uuid().as_u128());
        match execute(visit.app.db(), visit.actor()?, key, command).await {
            Ok(_) => {}
            Err(problem) if problem.kind == ProblemKind::Refused => refused = refused.or(Some(problem)),
            Err(problem) => return Err(problem.into()),
        }
    }
    match refused {
        Some(problem) => Err(problem.into()),
        None => Ok(see_other(&page_of(id), "zones-said-decided")),
    }
}

/// Reacts to a document that is out: the levels in it are decided, where its table is the one that was drafted. What is
/// refused waits on the page of the document for a person.
pub(crate) async fn issued(app: &App, paper: Id<ids::Paper>) -> Result<(), Problem> {
    let mut conn = app.db().read().await?;
    let planned = store::planned_in(&mut conn, paper).await?;
    if planned.is_empty() {
        return Ok(());
    }
    let paper: Paper = conn.load(paper).await?;
    let decided = store::decided_in(&mut conn, paper.id).await?;
    drop(conn);
    if !says(app.words(), &app.tree(), &paper.draft(), &planned) {
        return Ok(());
    }
    let by = crate::follow::program(app);
    for one in planned.iter().filter(|one| !decided.iter().any(|decision| decision.path == one.path)) {
        // A unit that is no more is not decided on, and does not keep the rows after it from being so.
        let command = match decision(app, &paper, one).await {
            Err(problem) if problem.kind == ProblemKind::NotFound => continue,
            outcome => outcome?,
        };
        // The key is that of the row: it is decided once, whoever runs this. A race that was lost is run again.
        match execute(app.db(), &by, one.id.uuid(), command).await {
            Err(problem) if problem.kind != ProblemKind::Refused => return Err(problem),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grounds_are_those_of_the_regime_and_the_province() {
        let basis = "2686/QĐ-BCĐQG; 89/QĐ-BCĐUBND ngày 15/8/2021 (Sóc Trăng)";
        for (basis, province, expected) in [
            (basis, "Sóc Trăng", "Quyết định số 2686/QĐ-BCĐQG | Quyết định số 89/QĐ-BCĐUBND ngày 15/8/2021"),
            (basis, "Kiên Giang", "Quyết định số 2686/QĐ-BCĐQG"),
            ("NĐ 165/2026/NĐ-CP, Điều 13", "Cần Thơ", "Điều 13 Nghị định số 165/2026/NĐ-CP"),
            ("", "Cần Thơ", ""),
        ] {
            assert_eq!(grounds(basis, province).join(" | "), expected, "{basis} {province}");
        }
    }
}
