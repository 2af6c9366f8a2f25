//! The program's own work as people see it (việc nền): what waits, what runs, what was set aside and why; an
//! administrator of the whole system has it tried again, or says that it need not be done.
//!
//! **Invariant:** nothing that was set aside goes without a person's word: it is tried again or discarded by a command,
//! with a journal row (test `a_job_that_always_fails_is_set_aside_shown_and_decided_about`).

use axum::extract::Path as Address;
use jiff::Timestamp;
use maud::{Markup, html};
use vx_concepts::engine::{Command, Decision, execute};
use vx_kernel::{Id, Path, Problem, ids, time};
use vx_platform::{
    Module,
    auth::{Actor, Breadth::Subtree, Permission, Role::Admin},
    jobs::{self, Counts, Job, JobState, counts},
    params,
    store::{Conn, Record as _, Sql, Tx, Uuid},
    web::{Access, Form, Nav, PageResult, Route, Visit, icon, see_other},
    words::{Texts, problem_key},
};

/// The permission to see the program's own work.
pub const READ: &str = "jobs.read";
/// Jobs that are shown of each kind of state: more than anybody reads, and few enough for a page.
const SHOWN_MAX: i64 = 100;
/// What stands where no error was noted.
const NO_ERROR: &str = "–";
/// Longest reason, in characters.
const REASON_MAX: usize = 1_000;

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    Module {
        name: "jobs",
        migrations: &[],
        permissions: &[
            Permission { name: READ, roles: &[(Admin, Subtree)] },
            Permission { name: Retry::NAME, roles: &[(Admin, Subtree)] },
            Permission { name: Discard::NAME, roles: &[(Admin, Subtree)] },
        ],
        routes: || {
            vec![
                Route::get("/jobs", Access::Needs(READ), list),
                Route::post("/jobs/retry", Access::Needs(Retry::NAME), retry_all),
                Route::post("/jobs/{id}/retry", Access::Needs(Retry::NAME), retry),
                Route::post("/jobs/{id}/discard", Access::Needs(Discard::NAME), discard),
            ]
        },
        texts: Texts { vi: include_str!("../words/jobs.vi.ftl"), en: include_str!("../words/jobs.en.ftl") },
        nav: &[Nav { href: "/jobs", key: "jobs-nav", icon: "settings", permission: READ, order: 90 }],
        notices: &[],
        jobs: &[],
    }
}

/// What both decisions about one job share. Jobs belong to the whole system, not to a unit.
macro_rules! on_set_aside {
    ($name:literal) => {
        type Record = Job;
        type Facts = Job;
        const NAME: &'static str = $name;
        const READ: &'static str = READ;
        async fn gather(&self, tx: &mut Tx) -> Result<Job, Problem> {
            tx.load(self.job).await
        }
        fn scope(&self, _: &Job) -> Path {
            Path::root()
        }
        fn before<'a>(&self, job: &'a Job) -> Option<&'a Job> {
            Some(job)
        }
    };
}

fn must_be_set_aside(job: &Job) -> Result<(), Problem> {
    if job.state == JobState::Failed { Ok(()) } else { Err(Problem::refused("jobs.not_set_aside")) }
}

/// Has a job that was set aside tried again, with all its tries before it (chạy lại).
#[derive(Clone, Debug)]
pub struct Retry {
    /// Which job.
    pub job: Id<ids::Job>,
}

impl Command for Retry {
    on_set_aside!("jobs.retry");
    fn decide(&self, job: &Job, _: &Actor, now: Timestamp) -> Result<Decision<Job>, Problem> {
        must_be_set_aside(job)?;
        Ok(Decision::just(Job { state: JobState::Waiting, attempts: 0, run_at: now, ..job.clone() }))
    }
}

/// Says that a job that was set aside need not be done (bỏ qua). Its row stays.
#[derive(Clone, Debug)]
pub struct Discard {
    /// Which job.
    pub job: Id<ids::Job>,
    /// Why.
    pub reason: String,
}

impl Command for Discard {
    on_set_aside!("jobs.discard");
    fn decide(&self, job: &Job, _: &Actor, _: Timestamp) -> Result<Decision<Job>, Problem> {
        must_be_set_aside(job)?;
        let reason = self.reason.trim();
        if reason.is_empty() || reason.chars().count() > REASON_MAX {
            return Err(Problem::refused("jobs.reason_missing").with("max", REASON_MAX));
        }
        Ok(Decision::just(Job { state: JobState::Discarded, ..job.clone() }))
    }
    fn reason(&self) -> Option<&str> {
        Some(self.reason.trim())
    }
}

/// Jobs that were set aside, the latest first.
///
/// # Errors
/// When the database is away.
pub async fn set_aside(conn: &mut Conn) -> Result<Vec<Job>, Problem> {
    let sql = Sql::new("select ").sql(Job::SELECT).sql(" from job where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and state = ").bind(JobState::Failed).sql(" order by updated_at desc, id limit ");
    conn.rows(sql.bind(SHOWN_MAX)).await?.iter().map(Job::read).collect()
}

async fn in_queue(conn: &mut Conn) -> Result<Vec<Job>, Problem> {
    let sql = Sql::new("select ").sql(Job::SELECT).sql(" from job where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and state = ").bind(JobState::Waiting).sql(" order by run_at, id limit ").bind(SHOWN_MAX);
    conn.rows(sql).await?.iter().map(Job::read).collect()
}

async fn list(visit: Visit) -> PageResult {
    let now = visit.now();
    let mut conn = visit.app.db().read().await?;
    let counted = counts(&mut conn, now).await?;
    let (aside, queue) = (set_aside(&mut conn).await?, in_queue(&mut conn).await?);
    drop(conn);
    let body = html! {
        div.vx-head { h1 { (visit.t("jobs-title")) } span.vx-quiet { (time::say_instant(visit.lang, now)) }
            @if visit.may_anywhere(crate::retention::READ) { a.btn href="/retention" { (icon("trash")) " " (visit.t("retention-title")) } } }
        p.vx-quiet { (visit.t("jobs-about")) }
        (figures(&visit, &counted))
        h2.vx-group #aside { (visit.t("jobs-aside")) }
        @if aside.is_empty() { div.vx-empty { (icon("circle-check")) p { (visit.t("jobs-aside-none")) } } }
        @else { (aside_list(&visit, &aside, counted.set_aside)) }
        h2.vx-group #queue { (visit.t("jobs-queue")) }
        @if queue.is_empty() { div.vx-empty { (icon("checks")) p { (visit.t("jobs-queue-none")) } } }
        @else { (queue_rows(&visit, &queue, now)) }
    };
    Ok(visit.page(&visit.t("jobs-title"), body))
}

fn figures(visit: &Visit, counted: &Counts) -> Markup {
    let figure = |key: &str, to: &str, n: i64, late: bool| {
        html! { a class={ "vx-figure" @if late { " vx-figure-late" } } href=(to) { b { (time::say_count(visit.lang, n)) } (visit.t(key)) } }
    };
    html! {
        div.vx-figures {
            (figure("jobs-figure-aside", "#aside", counted.set_aside, counted.set_aside > 0))
            (figure("jobs-figure-running", "#queue", counted.running, false))
            (figure("jobs-figure-due", "#queue", counted.due, false))
            (figure("jobs-figure-later", "#queue", counted.later, false))
        }
    }
}

/// Whether a visitor may read the program's own notes about a job: its body and raw errors tell of every unit.
fn reads_all(visit: &Visit) -> bool {
    visit.signed.as_ref().is_some_and(|signed| signed.actor.may(READ, &Path::root()))
}

/// The name of a kind for people; a kind without one, of an older version perhaps, shows its code.
fn kind_name(visit: &Visit, kind: &str) -> String {
    let key = format!("job-{}", kind.replace('.', "-"));
    if visit.app.words().has(visit.lang, &key) { visit.t(&key) } else { kind.to_owned() }
}

fn aside_list(visit: &Visit, aside: &[Job], all: i64) -> Markup {
    let may = |permission| visit.signed.as_ref().is_some_and(|signed| signed.actor.may(permission, &Path::root()));
    html! {
        p { (visit.t("jobs-aside-todo")) }
        @if !may(Retry::NAME) { div.vx-note { (icon("info-circle")) " " (visit.t("jobs-whole-system-only")) } }
        @else if aside.len() > 1 {
            div.vx-bar.mb-3 { (visit.form_of_class("/jobs/retry", "d-inline", html! {
                @for job in aside { input type="hidden" name="job" value=(job.id); }
                button.btn type="submit" { (icon("refresh")) " " (visit.ta("jobs-retry-all", &[("n", aside.len().into())])) }
            })) }
        }
        @for job in aside {
            section.vx-panel {
                h2 { (kind_name(visit, &job.kind)) }
                @let error = job.last_error.as_deref().unwrap_or(NO_ERROR);
                p { strong { (visit.t("jobs-last-error")) ": " } (error_said(visit, error)) }
                @if reads_all(visit) && error_said(visit, error) != error { p { code { (error) } } }
                p.vx-quiet {
                    (visit.ta("jobs-tries", &[("n", job.attempts.into())])) " · " (visit.at(job.run_at)) " · " code { (job.kind) }
                    @if reads_all(visit) && !job.body.is_empty() { " · " code { (job.body.chars().take(200).collect::<String>()) } }
                }
                @if may(Retry::NAME) { div.vx-bar {
                    (visit.button(&format!("/jobs/{}/retry", job.id), "btn btn-primary", "refresh", "jobs-retry-one"))
                } }
                @if may(Discard::NAME) { details.mt-3 {
                    summary { (icon("ban")) " " (visit.t("jobs-discard-one")) }
                    (visit.form(&format!("/jobs/{}/discard", job.id), html! {
                        label.vx-field.d-block { span.form-label { (visit.t("jobs-discard-reason")) } textarea.form-control name="reason" rows="2" required maxlength=(REASON_MAX) {} }
                        button.btn type="submit" { (icon("ban")) " " (visit.t("jobs-discard-one")) }
                    }))
                } }
            }
        }
        @if all > i64::try_from(aside.len()).unwrap_or(all) { p.vx-quiet { (visit.ta("jobs-more", &[("n", aside.len().into()), ("all", all.into())])) } }
    }
}

fn queue_rows(visit: &Visit, queue: &[Job], now: Timestamp) -> Markup {
    let state = |job: &Job| {
        if job.lease_until.is_some_and(|until| until > now) {
            "jobs-state-running"
        } else if job.run_at <= now {
            "jobs-state-due"
        } else {
            "jobs-state-later"
        }
    };
    html! {
        ul.vx-rows { @for job in queue { li { div.vx-row {
            span {
                span.vx-row-title { (kind_name(visit, &job.kind)) }
                @if let Some(error) = &job.last_error { span.vx-row-from { (visit.t("jobs-last-error")) ": " (error_said(visit, error)) } }
            }
            span { @if job.attempts > 0 { (visit.ta("jobs-tries", &[("n", job.attempts.into())])) } }
            span { (visit.at(job.run_at)) }
            span { span.vx-state { (visit.t(state(job))) } }
        } } } }
    }
}

/// An error in words, where it is one that has words; else as it was noted, for whoever may read all of it.
fn error_said(visit: &Visit, error: &str) -> String {
    match error {
        jobs::PROCESS_ENDED => visit.t("jobs-error-process_ended"),
        jobs::PANICKED => visit.t("jobs-error-panicked"),
        jobs::UNKNOWN_KIND => visit.t("jobs-error-unknown_kind"),
        _ => {
            let key = problem_key(error.split([':', ' ']).next().unwrap_or_default());
            // Words that name values would stand there with gaps; the values are not kept.
            let said = visit.t(&key);
            if visit.app.words().has(visit.lang, &key) && !said.contains("{$") {
                said
            } else if reads_all(visit) || error == NO_ERROR {
                error.to_owned()
            } else {
                visit.t("jobs-error-without_words")
            }
        }
    }
}

async fn retry(visit: Visit, Address(job): Address<Id<ids::Job>>, form: Form) -> PageResult {
    execute(visit.app.db(), visit.actor()?, form.key()?, Retry { job }).await?;
    Ok(see_other("/jobs", "jobs-said-retried"))
}

async fn retry_all(visit: Visit, form: Form) -> PageResult {
    let (actor, key) = (visit.actor()?, form.key()?);
    let mut done: usize = 0;
    let limit = usize::try_from(SHOWN_MAX).unwrap_or(0);
    for job in form.all("job").filter_map(|id| id.parse::<Id<ids::Job>>().ok()).take(limit) {
        // One key per job, made from the form's, so that the form sent twice asks for each once.
        let key = Uuid::from_u128(key.as_u128() ^ job.uuid().as_u128());
        match execute(visit.app.db(), actor, key, Retry { job }).await {
            Ok(_) => done += 1,
            // Somebody else decided about this one since the page was made.
            Err(problem) if problem.code == "jobs.not_set_aside" => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    Ok(see_other(&format!("/jobs?n={done}"), "jobs-said-retried_all"))
}

async fn discard(visit: Visit, Address(job): Address<Id<ids::Job>>, form: Form) -> PageResult {
    let reason = form.text("reason").to_owned();
    execute(visit.app.db(), visit.actor()?, form.key()?, Discard { job, reason }).await?;
    Ok(see_other("/jobs", "jobs-said-discarded"))
}

/// A line for the overview of who looks after the program: so much was set aside. Nothing when nothing was, or for
/// anybody else.
///
/// # Errors
/// When the database is away.
pub async fn set_aside_line(visit: &Visit, conn: &mut Conn) -> Result<Markup, Problem> {
    if !visit.may_anywhere(READ) {
        return Ok(html! {});
    }
    let sql = "select count(*) as n from job where tenant = $1 and state = $2";
    let n = conn.count(Sql::with(sql, params![conn.tenant(), JobState::Failed])).await?;
    Ok(html! {
        @if n > 0 {
            div.vx-note.vx-note-error role="status" {
                (icon("alert-triangle")) " " (visit.ta("jobs-overview-line", &[("n", n.into())])) " "
                a href="/jobs#aside" { (visit.t("jobs-overview-look")) }
            }
        }
    })
}
