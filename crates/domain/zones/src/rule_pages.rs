//! The rule sets as people read them: indicators, cells with where they come from, and the button that verifies one.

use axum::extract::{Path as Address, Query};
use vx_concepts::engine::{Command as _, execute};
use vx_foundation::units;
use vx_kernel::{Id, Path, Problem, time};
use vx_platform::web::{Form, Markup, PageResult, Visit, html, icon, see_other};

use crate::{
    Verify,
    evaluate::Reason,
    level::Level,
    routes::{Pairs, place, word},
    rules::{Cell, Measure, REGIMES, RuleSet, SHIPPED, Table},
    say, store,
    types::Verification,
    unit::acting,
};

/// The province by whose verified cells the rules are shown.
fn province(visit: &Visit, query: &[(String, String)]) -> Result<Path, Problem> {
    Ok(place(visit, query)?.at_depth(1))
}

pub(crate) async fn list(visit: Visit, Query(query): Pairs) -> PageResult {
    let province = province(&visit, &query)?;
    let book = store::rule_book(&mut visit.app.db().read().await?, visit.now()).await?;
    let lang = visit.lang;
    let timeline: Vec<_> = book.of(province.unit()).all().collect();
    let current = book.on(province.unit(), visit.today());
    let body = html! {
        div.vx-head { h1 { (visit.t("zone-rules")) ": " (visit.unit(&province)) } a.btn href="/zones" { (icon("map")) " " (visit.t("zones")) } }
        p.vx-quiet { (visit.t("zone-rules-explained")) }
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { th scope="col" { (visit.t("zone-rule-number")) } th scope="col" { (visit.t("zone-rule-from")) } th scope="col" { (visit.t("zone-rule-levels")) } th scope="col" { (visit.t("zone-rule-verified")) } th scope="col" { (visit.t("zone-rule-state")) } } }
            tbody { @for dated in timeline.iter().rev() {
                @let set = &dated.value;
                @let (verified, empty) = (set.cells.iter().filter(|cell| cell.verified.is_some()).count(), set.cells.iter().filter(|cell| cell.value.is_none()).count());
                tr {
                    th scope="row" { a href={ "/zones/rules/" (set.code) "?unit=" (province.as_str()) } { (set.number) } div.vx-quiet { (set.title.of(lang)) } }
                    td data-label=(visit.t("zone-rule-from")) { (time::say_date(lang, dated.from)) }
                    td data-label=(visit.t("zone-rule-levels")) { @for level in Level::all(set.vocabulary) { (say::level(&visit, Some(level))) " " } }
                    td data-label=(visit.t("zone-rule-verified")) { (visit.ta("zone-verified-of", &[("n", verified.into()), ("of", set.cells.len().into())])) @if empty > 0 { div.vx-quiet { (visit.ta("zone-empty-of", &[("n", empty.into())])) } } }
                    td data-label=(visit.t("zone-rule-state")) { @if current.is_some_and(|current| current.code == set.code) { span.vx-state { (visit.t("zone-rule-holds")) } } @else if dated.from > visit.today() { span.vx-chip { (visit.t("zone-rule-comes")) } } @else { span.vx-quiet { (visit.t("zone-rule-gone")) } } }
                }
            } }
        } }
        section.vx-panel.mt-3 { h2 { (visit.t("zone-deciders")) }
            table.vx-accounts { tbody { @for dated in REGIMES.all() { tr {
                th scope="row" { (visit.ta("zone-from-day", &[("on", time::say_date(lang, dated.from).into())])) }
                td { strong { (visit.t(&format!("zone-decider-{}", dated.value.decider))) } div { (dated.value.said.of(lang)) } div.vx-quiet { (dated.basis.number) } }
            } } } }
        }
    };
    Ok(visit.page(&visit.t("zone-rules"), body))
}

pub(crate) async fn show(visit: Visit, Address(code): Address<String>, Query(query): Pairs) -> PageResult {
    let province = province(&visit, &query)?;
    let mut conn = visit.app.db().read().await?;
    let book = store::rule_book(&mut conn, visit.now()).await?;
    let set = book.of(province.unit()).all().find(|dated| dated.value.code == code).map(|dated| dated.value.clone());
    // A province's own rule is read by others too, as it ships.
    let shipped = || SHIPPED.iter().find(|set| set.code == code).cloned().map(std::sync::Arc::new);
    let set = set.or_else(shipped).ok_or_else(Problem::not_found)?;
    let history: Vec<Verification> = store::verifications(&mut conn)
        .await?
        .into_iter()
        .filter(|one| one.rule_set == code && one.path.contains(&province))
        .collect();
    drop(conn);
    let title = set.number.clone();
    Ok(visit.page(&title, page(&visit, &query, &province, &set, &history)))
}

fn page(visit: &Visit, query: &[(String, String)], province: &Path, set: &RuleSet, history: &[Verification]) -> Markup {
    let lang = visit.lang;
    let may_verify = visit
        .actor()
        .ok()
        .and_then(|actor| units::acting(actor, &visit.app.tree(), Verify::NAME, province).ok())
        .is_some_and(|acting| acting.place.depth() <= 1);
    let open = word(query, "cell");
    html! {
        div.vx-head { h1 { (set.number) } a.btn href={ "/zones/rules?unit=" (province.as_str()) } { (icon("arrow-left")) " " (visit.t("zone-rules")) } a.btn href={ "/zones/what-if?rules=" (set.code) "&unit=" (province.as_str()) } { (icon("refresh")) " " (visit.t("zone-what-if")) } }
        p { (set.title.of(lang)) }
        p.vx-line { @for level in Level::all(set.vocabulary) { (say::level(visit, Some(level))) } }
        dl.vx-facts {
            div { dt { (visit.t("zone-rule-issued")) } dd { (time::say_date(lang, set.issued_on)) } }
            div { dt { (visit.t("zone-rule-from")) } dd { (time::say_date(lang, set.from)) } }
            div.vx-wide { dt { (visit.t("zone-provenance")) } dd { (set.provenance.of(lang)) } }
        }
        @if set.cells.iter().any(|cell| cell.verified.is_none()) { div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t("zone-rule-unverified")) } }
        @if matches!(set.table, Table::Parts(_)) { div.vx-note.vx-note-error { strong { (visit.t("zone-rule-cannot")) } } }
        section.vx-panel { h2 { (visit.t("zone-indicators")) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards { thead { tr { th scope="col" { (visit.t("zone-indicator")) } th scope="col" { (visit.t("zone-formula")) } th scope="col" { (visit.t("zone-window")) } th scope="col" { (visit.t("zone-closes")) } } }
                tbody { @for indicator in &set.indicators { tr {
                    th scope="row" { (indicator.name.of(lang)) }
                    td data-label=(visit.t("zone-formula")) { (indicator.numerator.of(lang)) @if indicator.per > 0 { " ÷ " (indicator.denominator.of(lang)) " × " (time::say_count(lang, indicator.per)) } }
                    td data-label=(visit.t("zone-window")) { (visit.ta("zone-days", &[("n", i64::from(indicator.days).into())])) }
                    td data-label=(visit.t("zone-closes")) { (indicator.closes.of(lang)) }
                } } } } }
        }
        section.vx-panel { h2 { (visit.t("zone-cells")) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { th scope="col" { (visit.t("zone-cell")) } th scope="col" { (visit.t("zone-value")) } th scope="col" { (visit.t("zone-source")) } th scope="col" { (visit.t("zone-checked")) } } }
                tbody { @for (at, cell) in set.cells.iter().enumerate() { tr id={ "cell-" (cell.code) } {
                    th scope="row" { (head(visit, set, at)) (say::cell(visit.app.words(), lang, cell)) div.vx-quiet { (cell.code) } }
                    td data-label=(visit.t("zone-value")) { (say::value(visit.app.words(), lang, cell)) }
                    td data-label=(visit.t("zone-source")) { (cell.source) }
                    td data-label=(visit.t("zone-checked")) {
                        (say::mark(visit, cell))
                        @if let Some(verified) = &cell.verified { div.vx-quiet { "“" (verified.text) "”" } }
                        @if may_verify { (verify_form(visit, province, set, cell, open == Some(cell.code.as_str()))) }
                    }
                } } }
            } }
        }
        @if !history.is_empty() {
            section.vx-panel { h2 { (visit.t("zone-verifications")) }
                ol.vx-history { @for one in history.iter().rev() { li {
                    time { (time::say_instant(lang, one.recorded_at)) }
                    (one.by_name) ": " (one.cell) @if let Some(value) = one.value { " = " (value) }
                    div { "“" (one.law_text) "”" } div.vx-quiet { (one.note) }
                } } } }
        }
    }
}

/// For which units a cell is and what it gives, where it is a criterion.
pub(crate) fn head(visit: &Visit, set: &RuleSet, cell: usize) -> Markup {
    let Table::AnyOf(criteria) = &set.table else { return html! {} };
    let Some(criterion) = criteria.iter().find(|criterion| criterion.cell == cell) else { return html! {} };
    html! {
        div { span.vx-quiet { (visit.t(&format!("units-kind-{}", criterion.unit))) } " → " (say::level(visit, Level::of_rank(set.vocabulary, criterion.gives))) }
    }
}

fn verify_form(visit: &Visit, province: &Path, set: &RuleSet, cell: &Cell, open: bool) -> Markup {
    let most = match cell.measure {
        Measure::Percent | Measure::PercentOver => 100,
        Measure::Level => 4,
        Measure::Yes => 1,
        _ => 100_000,
    };
    html! {
        details open[open] { summary { (visit.t(if cell.verified.is_some() { "zone-verify-again" } else { "zone-verify" })) }
            (visit.form(&format!("/zones/rules/{}/verify", set.code), html! {
                input type="hidden" name="unit" value=(province.as_str());
                input type="hidden" name="cell" value=(cell.code);
                label.vx-field.d-block { span.form-label { (visit.t("zone-verify-text")) } textarea.form-control name="law_text" rows="2" required maxlength="2000" {} }
                label.vx-field.d-block { span.form-label { (visit.t("zone-verify-source")) } input.form-control name="note" required maxlength="300" placeholder=(visit.t("zone-verify-source-example")); }
                label.vx-field.d-block { span.form-label { (visit.t("zone-verify-value")) } input.form-control type="number" name="value" min="0" max=(most) value=[cell.value] required; }
                button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("zone-verify-save")) }
            })) }
    }
}

pub(crate) async fn verify(visit: Visit, Address(code): Address<String>, form: Form) -> PageResult {
    let province = Path::parse(form.text("unit")).map_err(|_| Problem::not_found())?;
    let cell = form.text("cell").to_owned();
    let typed: i64 = form.read("value")?;
    let command = Verify {
        id: Id::fresh(),
        by: acting(&visit, Verify::NAME, &province)?,
        rule_set: code.clone(),
        value: Some(typed),
        law_text: form.text("law_text").to_owned(),
        note: form.text("note").to_owned(),
        cell: cell.clone(),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(
        &format!("/zones/rules/{code}?unit={}", province.as_str()),
        &format!("zones-said-verified#cell-{cell}"),
    ))
}

/// Where the cell that a reason names is shown and can be verified.
#[must_use]
pub(crate) fn link(set: &RuleSet, reason: &Reason) -> Option<String> {
    let cell = set.cells.get(reason.cell?)?;
    Some(format!("/zones/rules/{}?cell={}#cell-{}", set.code, cell.code, cell.code))
}
