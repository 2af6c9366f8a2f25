//! The page that says which roles must have a second factor.

use jiff::civil::Date;
use maud::{Markup, html};
use vx_concepts::engine::{Command as _, execute};
use vx_kernel::{Path, Problem, time};
use vx_platform::{
    auth::{Role, SecondFactorRule, factor_rules},
    web::{Form, PageResult, Visit, icon, see_other},
};

use super::{
    factor::SetFactorRule,
    pages::{grantable, role_name, unit_in_full},
    sign_in::{is_about_input, note_of},
};

/// `GET /accounts/factor-rule`
pub(super) async fn show(visit: Visit) -> PageResult {
    page(&visit, None).await
}

/// The units for which a visitor sets the rule, the widest first.
fn mine(visit: &Visit) -> Result<Vec<Path>, Problem> {
    let mut paths: Vec<Path> = visit.actor()?.reach(SetFactorRule::NAME).into_iter().map(|reach| reach.path).collect();
    paths.sort_by_key(|path| path.as_str().len());
    paths.dedup();
    Ok(paths)
}

async fn page(visit: &Visit, problem: Option<&Problem>) -> PageResult {
    let mine = mine(visit)?;
    let rules = factor_rules(&mut visit.app.db().read().await?).await?;
    let today = visit.today();
    // What holds for one's units, or is said below them.
    let seen = |rule: &&SecondFactorRule| mine.iter().any(|path| path.contains(&rule.path) || rule.path.contains(path));
    let rules: Vec<&SecondFactorRule> = rules.iter().filter(seen).collect();
    let body = html! {
        div.vx-head { h1 { (visit.t("accounts-rule")) } a.btn href="/accounts" { (icon("arrow-left")) " " (visit.t("accounts-nav")) } }
        p { (visit.t("accounts-rule-about")) }
        @if let Some(problem) = problem { (note_of(visit, problem)) }
        @if rules.is_empty() { div.vx-empty { (icon("lock")) p { (visit.t("accounts-rule-none")) } } }
        @else { (table(visit, &rules, today)) }
        section.vx-panel.mt-3 {
            h2 { (visit.t("accounts-set_factor_rule")) }
            (form(visit, &mine, &rules, today))
        }
    };
    let mut page = visit.page(&visit.t("accounts-rule"), body);
    if problem.is_some() {
        *page.status_mut() = axum::http::StatusCode::UNPROCESSABLE_ENTITY;
    }
    Ok(page)
}

/// The newest rule of a unit that holds on a day; `rules` are the newest first.
fn holding<'a>(rules: &[&'a SecondFactorRule], path: &Path, on: Date) -> Option<&'a SecondFactorRule> {
    rules.iter().copied().find(|rule| rule.path == *path && rule.from_on <= on)
}

fn roles_words(visit: &Visit, rule: &SecondFactorRule) -> String {
    let names: Vec<String> = rule.roles.split(' ').filter_map(Role::parse).map(|role| role_name(visit, role)).collect();
    if names.is_empty() { visit.t("accounts-rule-nobody") } else { names.join(", ") }
}

fn table(visit: &Visit, rules: &[&SecondFactorRule], today: Date) -> Markup {
    let heads = ["accounts-rule-from", "accounts-unit", "accounts-rule-roles", "accounts-rule-basis", "accounts-state"]
        .map(|key| visit.t(key));
    let state = |rule: &SecondFactorRule| {
        if rule.from_on > today {
            "accounts-rule-comes"
        } else if holding(rules, &rule.path, today).is_some_and(|holds| holds.id == rule.id) {
            "accounts-rule-holds"
        } else {
            "accounts-rule-gone"
        }
    };
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { @for head in &heads { th scope="col" { (head) } } } }
            tbody { @for rule in rules { tr {
                th scope="row" { (time::say_date(visit.lang, rule.from_on)) }
                td data-label=(heads[1]) { (unit_in_full(visit, &rule.path)) }
                td data-label=(heads[2]) { (roles_words(visit, rule)) }
                td data-label=(heads[3]) { (rule.basis) }
                td data-label=(heads[4]) { span.vx-state { (visit.t(state(rule))) } }
            } } }
        } }
    }
}

fn form(visit: &Visit, mine: &[Path], rules: &[&SecondFactorRule], today: Date) -> Markup {
    let now = mine.first().and_then(|path| holding(rules, path, today));
    let asked = |role: Role| now.is_some_and(|rule| rule.roles.split(' ').any(|name| name == role.as_str()));
    visit.form_of_class("/accounts/factor-rule", "vx-form", html! {
        p.vx-quiet { (visit.t("accounts-rule-what")) }
        @if let [only] = mine { input type="hidden" name="unit" value=(only.as_str()); }
        @else { label.vx-field.d-block { span.form-label { (visit.t("accounts-unit")) }
            select.form-select name="unit" { @for path in mine { option value=(path.as_str()) { (unit_in_full(visit, path)) } } } } }
        fieldset.vx-field { legend.form-label { (visit.t("accounts-rule-roles")) }
            @for role in grantable() { label.form-check {
                input.form-check-input type="checkbox" name="role" value=(role) checked[asked(role)];
                span.form-check-label { (role_name(visit, role)) }
            } } }
        label.vx-field.d-block { span.form-label { (visit.t("accounts-rule-from")) }
            input.form-control type="date" name="from_on" value=(today) min=(today) required; }
        label.vx-field.d-block { span.form-label { (visit.t("accounts-rule-basis")) }
            input.form-control name="basis" required maxlength="200" placeholder=(visit.t("accounts-rule-basis-example")); }
        button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("accounts-set_factor_rule")) }
    })
}

/// `POST /accounts/factor-rule`
pub(super) async fn set(visit: Visit, form: Form) -> PageResult {
    let command = || {
        let unit = Path::parse(form.text("unit"))
            .map_err(|_| Problem::invalid("web.field").with("field", "@field-unit").with("value", form.text("unit")))?;
        Ok(SetFactorRule {
            path: unit,
            roles: form.all("role").filter_map(Role::parse).collect(),
            from_on: form.read("from_on")?,
            basis: form.text("basis").to_owned(),
        })
    };
    let done = match command() {
        Ok(command) => execute(visit.app.db(), visit.actor()?, form.key()?, command).await,
        Err(problem) => Err(problem),
    };
    match done {
        Ok(_) => Ok(see_other("/accounts/factor-rule", "accounts-said-rule-set")),
        Err(problem) if is_about_input(&problem) => page(&visit, Some(&problem)).await,
        Err(problem) => Err(problem.into()),
    }
}
