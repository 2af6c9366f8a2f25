//! Commitments of heads of units: what was promised by when, where it stands, and why it was missed.

use axum::extract::{Path as Address, Query};
use vx_concepts::engine::{Command as _, execute};
use vx_kernel::{Id, Path, Problem, ids, time};
use vx_platform::{
    sheet::{Cell, Sheet, SheetKind},
    web::{Form, Markup, PageResult, Visit, html, icon, see_other},
};

use crate::{
    Explain, Level,
    list::{Row, named, rows},
    routes::{Pairs, place, word},
    say,
    store::{self, Moment},
    types::{Commitment, Keeping, ZoneDecision, days},
};

/// A commitment with what it takes to know where it stands.
struct Line {
    commitment: Commitment,
    keeping: Keeping,
    reached_on: Option<vx_kernel::Date>,
    decided: Option<Level>,
    computed: Option<Level>,
    cases: i64,
}

async fn lines(visit: &Visit, place: &Path) -> Result<Vec<Line>, Problem> {
    let moment = Moment { day: visit.today(), known_at: visit.now() };
    let units: Vec<Row> = rows(&visit.app, place, &moment).await?;
    let mut conn = visit.app.db().read().await?;
    let commitments = store::commitments(&mut conn, place).await?;
    let decisions = store::in_force_by(&mut conn, place, visit.now(), visit.now()).await?;
    drop(conn);
    let of = |path: &Path| units.iter().find(|row| row.path == *path);
    Ok(commitments
        .into_iter()
        .map(|commitment| {
            let reached_on = commitment.reached_on(&decisions);
            let row = of(&commitment.path);
            Line {
                keeping: commitment.keeping(reached_on, visit.today()),
                reached_on,
                decided: row.and_then(|row| row.decision.as_ref()).map(|decision| decision.level),
                computed: row.and_then(|row| row.outcome.as_ref()).and_then(|outcome| outcome.level),
                cases: row.map_or(0, |row| row.cases),
                commitment,
            }
        })
        .collect())
}

/// What is late or soon comes first.
fn urgency(line: &Line) -> (u8, vx_kernel::Date) {
    let rank = match line.keeping {
        Keeping::Missed if line.commitment.causes.is_none() => 0,
        Keeping::Soon => 1,
        Keeping::Running => 2,
        Keeping::Missed => 3,
        Keeping::KeptLate => 4,
        Keeping::Kept => 5,
    };
    (rank, line.commitment.by_on)
}

fn wanted(query: &[(String, String)], mut lines: Vec<Line>) -> Vec<Line> {
    let keeping = word(query, "keeping").and_then(Keeping::parse);
    lines.retain(|line| keeping.is_none_or(|keeping| keeping == line.keeping));
    lines.sort_by_key(urgency);
    lines
}

pub(crate) async fn show(visit: Visit, Query(query): Pairs) -> PageResult {
    let place = place(&visit, &query)?;
    let all = lines(&visit, &place).await?;
    let counts: Vec<(Keeping, usize)> = Keeping::ALL
        .iter()
        .map(|keeping| (*keeping, all.iter().filter(|line| line.keeping == *keeping).count()))
        .collect();
    let shown = wanted(&query, all);
    let (lang, tree) = (visit.lang, visit.app.tree());
    let body = html! {
        div.vx-head { h1 { (visit.t("zone-commitments")) ": " (visit.unit(&place)) }
            a.btn href={ "/zones?unit=" (place.as_str()) } { (icon("map")) " " (visit.t("zones")) } }
        div.vx-figures { @for (keeping, n) in &counts {
            a.vx-figure.vx-figure-late[*keeping == Keeping::Missed && *n > 0] href={ "/zones/commitments?unit=" (place.as_str()) "&keeping=" (keeping) } { b { (n) } (visit.t(&format!("zone-keeping-{keeping}"))) }
        } }
        @if word(&query, "keeping").is_some() { p { a href={ "/zones/commitments?unit=" (place.as_str()) } { (visit.t("zone-show-all")) } } }
        @if shown.is_empty() {
            div.vx-empty { (icon("flag")) p { (visit.t("zone-commitments-empty")) } }
        } @else {
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("unit")) } th scope="col" { (visit.t("zone-commitment")) } th scope="col" { (visit.t("zone-by-day")) } th scope="col" { (visit.t("zone-progress")) } th scope="col" { (visit.t("zone-decided")) } th scope="col" { (visit.t("zone-computed")) } th scope="col" { (visit.t("zone-head")) } } }
                tbody { @for line in &shown { tr {
                    @let commitment = &line.commitment;
                    th scope="row" { a href={ "/zones/units/" (commitment.path.unit()) "#commitments" } { (named(&tree, &commitment.path)) } }
                    td data-label=(visit.t("zone-commitment")) { (say::level(&visit, Some(commitment.from_level))) " → " (say::level(&visit, Some(commitment.to_level))) }
                    td data-label=(visit.t("zone-by-day")) { (time::say_date(lang, commitment.by_on)) }
                    td data-label=(visit.t("zone-progress")) { (progress(&visit, commitment, line.keeping, line.reached_on)) @if let Some(causes) = &commitment.causes { div.vx-quiet { (causes) } } }
                    td data-label=(visit.t("zone-decided")) { (say::level(&visit, line.decided)) }
                    td data-label=(visit.t("zone-computed")) { (say::level(&visit, line.computed)) div.vx-quiet { (visit.ta("zone-cases-week", &[("n", time::say_count(lang, line.cases).into())])) } }
                    td data-label=(visit.t("zone-head")) { (commitment.signer) div.vx-quiet { (commitment.signer_post) } }
                } } }
            } }
        }
        div.vx-actions { @for kind in SheetKind::ALL { a.btn href={ "/zones/commitments/export/" (kind.as_str()) "?unit=" (place.as_str()) @if let Some(keeping) = word(&query, "keeping") { "&keeping=" (keeping) } } { (icon("download")) " " (visit.t(&format!("export-{}", kind.as_str()))) } } }
    };
    Ok(visit.page(&visit.t("zone-commitments"), body))
}

/// Where a commitment stands: its word, the days, how much of its time is over.
fn progress(visit: &Visit, commitment: &Commitment, keeping: Keeping, reached_on: Option<vx_kernel::Date>) -> Markup {
    let today = visit.today();
    let word = visit.t(&format!("zone-keeping-{keeping}"));
    let left = days(today, commitment.by_on);
    html! {
        @match keeping {
            Keeping::Missed => { span.vx-overdue { (word) } " " (visit.ta("zone-days-late", &[("n", (-left).into())])) },
            Keeping::Kept | Keeping::KeptLate => { span.vx-state { (icon("check")) " " (word) } @if let Some(on) = reached_on { " " (time::say_date(visit.lang, on)) } },
            Keeping::Soon | Keeping::Running => {
                span.vx-state { (word) } " " (visit.ta("zone-days-left", &[("n", left.into())])) " "
                progress.vx-progress value=(commitment.elapsed(today)) max="100" aria-label=(visit.ta("zone-elapsed", &[("n", commitment.elapsed(today).into())])) {}
            },
        }
    }
}

/// A commitment on the page of its unit.
pub(crate) fn card(visit: &Visit, commitment: &Commitment, decisions: &[ZoneDecision]) -> Markup {
    let reached_on = commitment.reached_on(decisions);
    let keeping = commitment.keeping(reached_on, visit.today());
    let may = visit.actor().is_ok_and(|actor| actor.may(Explain::NAME, &commitment.path));
    html! {
        div.vx-clause {
            p { (say::level(visit, Some(commitment.from_level))) " → " (say::level(visit, Some(commitment.to_level))) " " (visit.ta("zone-until-day", &[("on", time::say_date(visit.lang, commitment.by_on).into())])) }
            p { (progress(visit, commitment, keeping, reached_on)) }
            p.vx-quiet { (visit.ta("zone-committed-by", &[("name", commitment.signer.as_str().into()), ("post", commitment.signer_post.as_str().into()), ("on", time::say_date(visit.lang, commitment.signed_on).into())])) }
            @if let Some(causes) = &commitment.causes { p { strong { (visit.t("zone-causes")) ": " } (causes) } }
            @if commitment.asked_at.is_some() && may {
                details open[commitment.causes.is_none()] { summary { (visit.t("zone-explain")) }
                    (visit.form(&format!("/zones/commitments/{}/explain", commitment.id), html! {
                        label.vx-field.d-block { span.form-label { (visit.t("zone-causes")) } textarea.form-control name="causes" rows="3" required { (commitment.causes.as_deref().unwrap_or_default()) } }
                        button.btn.btn-primary type="submit" { (icon("send")) " " (visit.t("zone-explain")) }
                    })) }
            }
        }
    }
}

pub(crate) async fn explain(visit: Visit, Address(id): Address<Id<ids::Commitment>>, form: Form) -> PageResult {
    let tree = visit.app.tree();
    let commitment = store::commitment(&mut visit.app.db().read().await?, visit.actor()?, &tree, id).await?;
    let command = Explain { commitment: id, causes: form.text("causes").to_owned() };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/zones/units/{}", commitment.path.unit()), "zones-said-explained"))
}

pub(crate) async fn export(visit: Visit, Address(kind): Address<String>, Query(query): Pairs) -> PageResult {
    let kind: SheetKind = kind.parse()?;
    let place = place(&visit, &query)?;
    let shown = wanted(&query, lines(&visit, &place).await?);
    let heads = [
        ("zone-code", 12),
        ("unit", 40),
        ("zone-from-level", 18),
        ("zone-to-level", 18),
        ("zone-signed-on", 12),
        ("zone-by-day", 12),
        ("zone-progress", 18),
        ("zone-decided", 18),
        ("zone-computed", 18),
        ("zone-head", 26),
        ("zone-causes", 60),
    ];
    let mut sheet = Sheet::begin(kind, &visit.t("zone-commitments"), &visit.columns(&heads))?;
    let tree = visit.app.tree();
    let name = |level: Option<Level>| level.map_or_else(|| visit.t("zone-level-none"), |level| visit.t(&level.key()));
    for line in &shown {
        let commitment = &line.commitment;
        sheet.row(&[
            Cell::Text(commitment.path.unit().to_owned()),
            named(&tree, &commitment.path).into(),
            name(Some(commitment.from_level)).into(),
            name(Some(commitment.to_level)).into(),
            Cell::Day(commitment.signed_on),
            Cell::Day(commitment.by_on),
            visit.t(&format!("zone-keeping-{}", line.keeping)).into(),
            name(line.decided).into(),
            name(line.computed).into(),
            commitment.signer.clone().into(),
            commitment.causes.clone().unwrap_or_default().into(),
        ])?;
    }
    Ok(sheet.download("cam-ket").await?)
}
