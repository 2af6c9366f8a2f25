//! Whom the program tells of deadlines, and when, as a province sets it (quy định nhắc việc và báo cáo cấp trên).

use axum::extract::Query;
use jiff::{Timestamp, civil::Date};
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact, execute},
    work::escalation::{
        EscalationPolicy, Hours, Policies, Policy, REMIND_MAX, TELL_MAX, built_in, policy_record, set_policies,
    },
};
use vx_kernel::{Path, Problem, time, units::Kind};
use vx_platform::{
    auth::Actor,
    store::Tx,
    web::{Form, Markup, PageResult, Visit, html, icon, see_other},
};

/// The permission to see the policies.
pub(crate) const SEE: &str = "tasks.see_policy";

/// A province sets whom the program tells when, from a day on. What was set before stays and is superseded.
#[derive(Clone, Debug)]
pub struct SetPolicy {
    /// The province.
    pub province: Path,
    /// First day.
    pub from_on: Date,
    /// What it rests on.
    pub basis: String,
    /// Whom to tell when.
    pub policy: Policy,
}

impl Command for SetPolicy {
    type Record = EscalationPolicy;
    type Facts = ();
    const NAME: &'static str = "tasks.set_policy";
    const READ: &'static str = SEE;

    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        self.province.clone()
    }
    fn decide(&self, (): &(), _: &Actor, now: Timestamp) -> Result<Decision<EscalationPolicy>, Problem> {
        if self.province.depth() != 1 {
            return Err(Problem::refused("tasks.set_policy.not_a_province"));
        }
        if self.basis.trim().is_empty() {
            return Err(Problem::refused("tasks.set_policy.no_basis"));
        }
        // What was told yesterday was told by yesterday's hours.
        if self.from_on < time::day_of(now) {
            return Err(Problem::refused("tasks.set_policy.past").with("day", self.from_on));
        }
        let sound = |hours: Hours| {
            (0..=REMIND_MAX).contains(&hours.remind)
                && (0..=hours.assigner).contains(&hours.superior)
                && hours.assigner <= TELL_MAX
        };
        if !sound(self.policy.usual) || !sound(self.policy.hoa_toc) {
            return Err(Problem::refused("tasks.set_policy.hours").with("remind", REMIND_MAX).with("tell", TELL_MAX));
        }
        let basis = self.basis.trim().to_owned();
        let record = policy_record(self.province.clone(), self.from_on, basis, self.policy);
        let told = Effect::Tell(Fact::PolicySet { policy: record.id.uuid() });
        Ok(Decision { record, effects: vec![told] })
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a EscalationPolicy> {
        None
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.basis)
    }
}

type Pairs = Query<Vec<(String, String)>>;

/// The province whose policies are shown: the one asked for, or that of one's own unit.
fn province_of(visit: &Visit, query: &[(String, String)]) -> Result<Option<Path>, Problem> {
    let asked = query.iter().find(|(name, _)| name == "unit").and_then(|(_, text)| Path::parse(text).ok());
    let home = || visit.actor().ok().and_then(|actor| actor.homes().first().map(|path| path.at_depth(1)));
    let Some(province) = asked.or_else(home).filter(|path| !path.is_root()) else { return Ok(None) };
    let known = province.depth() == 1 && visit.app.tree().at_path(&province).is_some();
    if known
        && visit
            .actor()?
            .reach(SEE)
            .iter()
            .any(|reach| reach.path.contains(&province) || province.contains(&reach.path))
    {
        Ok(Some(province))
    } else {
        Err(Problem::not_found())
    }
}

pub(crate) async fn show(visit: Visit, Query(query): Pairs) -> PageResult {
    let province = province_of(&visit, &query)?;
    let mut conn = visit.app.db().read().await?;
    let set = match &province {
        Some(province) => set_policies(&mut conn, Some(province)).await?,
        None => Vec::new(),
    };
    drop(conn);
    Ok(visit.page(&visit.t("tasks-see_policy"), page(&visit, province.as_ref(), &set)))
}

pub(crate) async fn set(visit: Visit, form: Form) -> PageResult {
    let province = Path::parse(form.text("unit"))
        .map_err(|_| Problem::invalid("web.field").with("field", "unit").with("value", form.text("unit")))?;
    let hours = |of: [&'static str; 3]| {
        Ok::<_, Problem>(Hours { remind: form.read(of[0])?, superior: form.read(of[1])?, assigner: form.read(of[2])? })
    };
    let policy = Policy {
        usual: hours(["remind", "superior", "assigner"])?,
        hoa_toc: hours(["remind_hoa_toc", "superior_hoa_toc", "assigner_hoa_toc"])?,
    };
    let command = SetPolicy {
        province: province.clone(),
        from_on: form.read("from_on")?,
        basis: form.text("basis").to_owned(),
        policy,
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other(&format!("/tasks/policy?unit={}", province.as_str()), "tasks-said-policy-set"))
}

/// One line of the timeline of policies.
struct Line {
    from: Date,
    policy: Policy,
    basis: String,
    /// Key of the word that says whether it holds.
    holds: &'static str,
}

/// The built-in policy and what the province set, the newest first, each with whether it holds.
fn lines(set: &[EscalationPolicy], province: &Path, today: Date) -> Vec<Line> {
    let policies = Policies::new(set);
    let basis_of =
        |day| policies.on(province, day).map(|dated| (dated.from, dated.basis.number.to_string(), dated.value));
    let current = basis_of(today);
    let built_in = built_in();
    let mut lines: Vec<Line> = built_in
        .all()
        .map(|dated| (dated.from, dated.value, dated.basis.number.to_string()))
        .chain(set.iter().map(|policy| (policy.from_on, policy.policy(), policy.basis.clone())))
        .map(|(from, policy, basis)| {
            let that = Some((from, basis.clone(), policy));
            let holds = if that == current {
                "policy-holds"
            } else if from > today && basis_of(from) == that {
                "policy-comes"
            } else {
                "policy-gone"
            };
            Line { from, policy, basis, holds }
        })
        .collect();
    // The order in which they were set decides between two of one day, hence a stable sort.
    lines.sort_by_key(|line| line.from);
    lines.reverse();
    lines
}

fn page(visit: &Visit, province: Option<&Path>, set: &[EscalationPolicy]) -> Markup {
    let tree = visit.app.tree();
    let today = visit.today();
    html! {
        div.vx-head { h1 { (visit.t("tasks-see_policy")) @if let Some(province) = province { ": " (visit.unit(province)) } }
            a.btn href="/tasks/board" { (icon("building")) " " (visit.t("tasks-board")) } }
        @if province.is_none() || visit.actor().is_ok_and(|actor| actor.homes().iter().any(|home| home.is_root())) {
            form.vx-filters method="get" action="/tasks/policy" {
                label { span.form-label { (visit.t("policy-province")) } select.form-select name="unit" {
                    @for unit in tree.roots().filter(|unit| unit.kind == Kind::Province && unit.exists_on(today)) {
                        option value=(unit.path.as_str()) selected[province == Some(&unit.path)] { (unit.authority()) } } } }
                button.btn.btn-primary type="submit" { (visit.t("policy-choose")) }
            }
        }
        @if let Some(province) = province {
            p { (visit.t("policy-explained")) }
            @let lines = lines(set, province, today);
            div.vx-scroll tabindex="0" { table.vx-table {
                thead { tr { th scope="col" { (visit.t("policy-from")) } th scope="col" { (visit.t("policy-basis")) }
                    th scope="col" { (visit.t("step-reminded")) } th scope="col" { (visit.t("step-superior")) } th scope="col" { (visit.t("step-assigner")) } th scope="col" { (visit.t("policy-state")) } } }
                tbody { @for line in &lines { tr {
                    th scope="row" { (time::say_date(visit.lang, line.from)) }
                    td { (line.basis) @if line.from == built_in().all().next().map_or(line.from, |first| first.from) { div.vx-quiet { (visit.t("policy-unverified")) } } }
                    td { (both(visit, "policy-before", line.policy.usual.remind, line.policy.hoa_toc.remind)) }
                    td { (both(visit, "policy-after", line.policy.usual.superior, line.policy.hoa_toc.superior)) }
                    td { (both(visit, "policy-after", line.policy.usual.assigner, line.policy.hoa_toc.assigner)) }
                    td { span.vx-state { (visit.t(line.holds)) } }
                } } }
            } }
            @if visit.actor().is_ok_and(|actor| actor.may(SetPolicy::NAME, province)) {
                @let now = lines.iter().find(|line| line.holds == "policy-holds").map(|line| line.policy);
                (form(visit, province, now, today))
            }
        }
    }
}

/// Hours for most work, and for HỎA TỐC below.
fn both(visit: &Visit, key: &str, usual: i64, hoa_toc: i64) -> Markup {
    let say = |n: i64| visit.ta(key, &[("n", n.into())]);
    html! { (say(usual)) div.vx-quiet { (visit.t("urgency-hoa_toc")) ": " (say(hoa_toc)) } }
}

fn form(visit: &Visit, province: &Path, now: Option<Policy>, today: Date) -> Markup {
    let none = Hours { remind: 24, superior: 0, assigner: 24 };
    let now = now.unwrap_or(Policy { usual: none, hoa_toc: none });
    let number = |name: &str, key: &str, value: i64, max: i64| {
        html! {
            label.vx-field { span.form-label { (visit.t(key)) } input.form-control type="number" name=(name) min="0" max=(max) value=(value) required; }
        }
    };
    html! {
        section.vx-panel.mt-3 {
            h2 { (visit.t("policy-set")) }
            p.vx-quiet { (visit.t("policy-set-explained")) }
            (visit.form("/tasks/policy", html! {
                input type="hidden" name="unit" value=(province.as_str());
                div.vx-bar {
                    label.vx-field { span.form-label { (visit.t("policy-from")) } input.form-control type="date" name="from_on" value=(today) min=(today) required; }
                    label.vx-field.vx-grow { span.form-label { (visit.t("policy-basis")) } input.form-control name="basis" required maxlength="200" placeholder=(visit.t("policy-basis-example")); }
                }
                fieldset { legend.form-label { (visit.t("policy-usual")) }
                    div.vx-bar { (number("remind", "policy-remind", now.usual.remind, REMIND_MAX)) (number("superior", "policy-superior", now.usual.superior, TELL_MAX)) (number("assigner", "policy-assigner", now.usual.assigner, TELL_MAX)) } }
                fieldset { legend.form-label { (visit.t("urgency-hoa_toc")) }
                    div.vx-bar { (number("remind_hoa_toc", "policy-remind", now.hoa_toc.remind, REMIND_MAX)) (number("superior_hoa_toc", "policy-superior", now.hoa_toc.superior, TELL_MAX)) (number("assigner_hoa_toc", "policy-assigner", now.hoa_toc.assigner, TELL_MAX)) } }
                button.btn.btn-primary type="submit" { (icon("check")) " " (visit.t("policy-set")) }
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(remind: i64) -> Policy {
        let hours = Hours { remind, superior: 0, assigner: 24 };
        Policy { usual: hours, hoa_toc: hours }
    }

    #[test]
    fn what_a_policy_must_say() {
        let by = Actor::system("Ai đó", std::sync::Arc::default());
        let now = "2021-09-13T00:00:00Z".parse().unwrap();
        let good = SetPolicy {
            province: Path::parse("94/").unwrap(),
            from_on: "2021-09-13".parse().unwrap(),
            basis: "12/QĐ-UBND".to_owned(),
            policy: policy(24),
        };
        let hours = |remind, superior, assigner| SetPolicy {
            policy: Policy { usual: Hours { remind, superior, assigner }, ..good.policy },
            ..good.clone()
        };
        for (command, expected) in [
            (good.clone(), "done"),
            (
                SetPolicy { province: Path::parse("94/943/").unwrap(), ..good.clone() },
                "tasks.set_policy.not_a_province",
            ),
            (SetPolicy { province: Path::root(), ..good.clone() }, "tasks.set_policy.not_a_province"),
            (SetPolicy { basis: " ".to_owned(), ..good.clone() }, "tasks.set_policy.no_basis"),
            (SetPolicy { from_on: "2021-09-12".parse().unwrap(), ..good.clone() }, "tasks.set_policy.past"),
            (hours(168, 0, 0), "done"),
            (hours(169, 0, 0), "tasks.set_policy.hours"),
            (hours(-1, 0, 0), "tasks.set_policy.hours"),
            (hours(24, 25, 24), "tasks.set_policy.hours"),
            (hours(24, 0, 721), "tasks.set_policy.hours"),
        ] {
            let got = command.decide(&(), &by, now).map_or_else(|problem| problem.code, |_| "done");
            assert_eq!(got, expected, "{command:?}");
        }
    }

    #[test]
    fn the_page_says_which_holds_today() {
        let province = Path::parse("94/").unwrap();
        let set = |from: &str, basis: &str, remind| {
            policy_record(province.clone(), from.parse().unwrap(), basis.to_owned(), policy(remind))
        };
        let set = [set("2021-09-01", "1", 10), set("2021-09-01", "2", 12), set("2021-10-01", "3", 48)];
        let said: Vec<String> = lines(&set, &province, "2021-09-13".parse().unwrap())
            .iter()
            .map(|line| format!("{} {}", line.basis, line.holds))
            .collect();
        assert_eq!(said, ["3 policy-comes", "2 policy-holds", "1 policy-gone", "quy ước vận hành policy-gone"]);
    }
}
