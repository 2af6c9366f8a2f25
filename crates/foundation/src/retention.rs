//! How long data of a class are kept (thời hạn lưu trữ), and what was removed because its time was over.
//!
//! **Invariant:** the journal, and whatever a person decided, is in no class: nothing here removes it (test
//! `what_is_past_its_time_goes_and_nothing_else`).

use jiff::{SignedDuration, Timestamp, civil::Date, civil::date};
use maud::{Markup, html};
use vx_kernel::{
    Problem,
    time::{self, day_of},
    timeline::{Dated, LegalBasis, Timeline},
};
use vx_platform::{
    Module,
    auth::{Breadth::Subtree, Permission, Role::Admin},
    jobs::JobState,
    params,
    store::{Conn, Sql, Tx},
    text_enum,
    web::{Access, App, PageResult, Route, Visit, icon},
    words::Texts,
};

/// The permission to see what is kept how long.
pub const READ: &str = "retention.read";
/// Days of removals that the page shows.
const DAYS_SHOWN: i64 = 200;

text_enum! {
    /// A class of data with a time.
    pub enum Class {
        /// Sign-ins on devices, once they are over.
        Sessions = "sessions",
        /// Tries to sign in, with device and address.
        Tries = "tries",
        /// Who read personal data about whom.
        Readings = "readings",
        /// Answers to requests that were sent twice.
        Answers = "answers",
        /// Jobs that somebody said need not be done.
        Jobs = "jobs",
        /// Notices of units and people.
        Notices = "notices",
        /// That people have read notices.
        NoticeMarks = "notice_marks",
        /// Which messages were sent to whom.
        Deliveries = "deliveries",
        /// The list of what was removed.
        Removals = "removals",
    }
}

/// The basis of a time that the program sets for its own running.
const CONVENTION: &str = "quy ước vận hành";
/// What asks for logs to be kept; its months by level of the system are still to be checked against the text.
const LOGS: &str = "quy ước vận hành; đối chiếu TCVN 11930:2017 theo cấp độ an toàn của hệ thống";
/// What asks for readings of personal data to be shown.
const PERSONAL: &str = "quy ước vận hành; đối chiếu Luật Bảo vệ dữ liệu cá nhân 91/2025/QH15";

/// Days for which a class is kept after its rows are over, by date.
fn kept(class: Class) -> Timeline<i64> {
    let (days, basis) = match class {
        Class::Sessions => (0, CONVENTION),
        Class::Answers => (7, CONVENTION),
        Class::Tries => (365, LOGS),
        Class::Readings => (730, PERSONAL),
        Class::Jobs => (365, CONVENTION),
        // Longer than lists show them, so that a mark never goes before what it marks is out of sight.
        Class::Notices | Class::NoticeMarks => (90, CONVENTION),
        Class::Deliveries => (365, LOGS),
        Class::Removals => (1_095, CONVENTION),
    };
    let basis = LegalBasis { number: basis.into(), verified: None };
    Timeline::new(vec![Dated { from: date(2020, 1, 1), value: days, basis }])
}

/// After how many days without a sign-in an account counts as dormant.
#[must_use]
pub fn dormant_days(on: Date) -> i64 {
    const USUAL: i64 = 90;
    let basis = LegalBasis { number: CONVENTION.into(), verified: None };
    let days = Timeline::new(vec![Dated { from: date(2020, 1, 1), value: USUAL, basis }]);
    days.on(on).map_or(USUAL, |dated| dated.value)
}

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    Module {
        name: "retention",
        migrations: &[],
        permissions: &[Permission { name: READ, roles: &[(Admin, Subtree)] }],
        routes: || vec![Route::get("/retention", Access::Needs(READ), show)],
        texts: Texts { vi: include_str!("../words/retention.vi.ftl"), en: include_str!("../words/retention.en.ftl") },
        nav: &[],
        // The job is `accounts.sweep`.
        notices: &[],
        jobs: &[],
    }
}

/// Before which moment rows of a class are past their time.
fn before(class: Class, now: Timestamp) -> Option<Timestamp> {
    let days = kept(class).on(day_of(now))?.value;
    now.checked_sub(SignedDuration::from_hours(24 * days)).ok()
}

async fn remove(tx: &mut Tx, class: Class, before: Timestamp) -> Result<u64, Problem> {
    let (tenant, at) = (tx.tenant(), before);
    let sql = match class {
        Class::Sessions => Sql::with("delete from session where tenant = $1 and expires_at < $2", params![tenant, at]),
        Class::Tries => Sql::with("delete from sign_in_try where tenant = $1 and at < $2", params![tenant, at]),
        Class::Readings => Sql::with("delete from personal_read where tenant = $1 and at < $2", params![tenant, at]),
        Class::Answers => Sql::with("delete from idempotency where tenant = $1 and at < $2", params![tenant, at]),
        Class::Jobs => Sql::with(
            "delete from job where tenant = $1 and updated_at < $2 and state = $3",
            params![tenant, at, JobState::Discarded.as_str()],
        ),
        Class::Notices => Sql::with("delete from notice where tenant = $1 and at < $2", params![tenant, at]),
        Class::NoticeMarks => {
            Sql::with("delete from notice_mark where tenant = $1 and updated_at < $2", params![tenant, at])
        }
        Class::Deliveries => {
            let over = "delete from notice_in_message where tenant = $1 and message in (select id from notice_message
                        where tenant = $2 and made_at < $3)";
            tx.change(Sql::with(over, params![tenant.clone(), tenant.clone(), at])).await?;
            Sql::with("delete from notice_message where tenant = $1 and made_at < $2", params![tenant, at])
        }
        Class::Removals => {
            Sql::with("delete from removal where tenant = $1 and removed_on < $2", params![tenant, day_of(at)])
        }
    };
    tx.change(sql).await
}

/// Removes what is past its time, and notes how much of what.
///
/// # Errors
/// When the database is away.
pub async fn sweep(app: &App) -> Result<(), Problem> {
    for class in Class::ALL {
        let class = *class;
        app.db()
            .write(move |tx| {
                Box::pin(async move {
                    let now = tx.now();
                    let Some(before) = before(class, now) else { return Ok(()) };
                    let rows = remove(tx, class, before).await?;
                    if rows == 0 {
                        return Ok(());
                    }
                    let rows = i64::try_from(rows).unwrap_or(i64::MAX);
                    let sql =
                        "insert into removal (tenant, class, removed_on, before, rows) values ($1, $2, $3, $4, $5)
                               on conflict (tenant, class, removed_on)
                               do update set rows = removal.rows + excluded.rows, before = excluded.before";
                    let args = params![tx.tenant(), class.as_str(), day_of(now), before, rows];
                    tx.change(Sql::with(sql, args)).await.map(drop)
                })
            })
            .await?;
    }
    Ok(())
}

/// What was removed of a class on a day.
struct Removal {
    class: Class,
    on: Date,
    before: Timestamp,
    rows: i64,
}

async fn removals(conn: &mut Conn) -> Result<Vec<Removal>, Problem> {
    let sql = Sql::with(
        "select class, removed_on, before, rows from removal where tenant = $1 order by removed_on desc, class limit $2",
        params![conn.tenant(), DAYS_SHOWN],
    );
    let rows = conn.rows(sql).await?;
    let removal = |row: &vx_platform::store::Row| {
        Ok(Removal {
            class: row.get("class")?,
            on: row.get("removed_on")?,
            before: row.get("before")?,
            rows: row.get("rows")?,
        })
    };
    rows.iter().map(removal).collect()
}

/// `GET /retention`
async fn show(visit: Visit) -> PageResult {
    let removals = removals(&mut visit.app.db().read().await?).await?;
    let body = html! {
        div.vx-head { h1 { (visit.t("retention-title")) } a.btn href="/jobs" { (icon("arrow-left")) " " (visit.t("jobs-nav")) } }
        p { (visit.t("retention-about")) }
        (classes(&visit))
        h2.vx-group { (visit.t("retention-removed")) }
        @if removals.is_empty() { div.vx-empty { (icon("trash")) p { (visit.t("retention-removed-none")) } } }
        @else { (removed(&visit, &removals)) }
    };
    Ok(visit.page(&visit.t("retention-title"), body))
}

fn classes(visit: &Visit) -> Markup {
    let heads = ["retention-class", "retention-kept", "retention-basis"].map(|key| visit.t(key));
    let today = visit.today();
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { @for head in &heads { th scope="col" { (head) } } } }
            tbody {
                @for class in Class::ALL { @if let Some(dated) = kept(*class).on(today) { tr {
                    th scope="row" { (visit.t(&format!("retention-{class}"))) div.vx-quiet.fw-normal { (visit.t(&format!("retention-{class}.about"))) } }
                    td data-label=(heads[1]) { @if dated.value == 0 { (visit.t("retention-at-once")) } @else { (visit.ta("retention-days", &[("n", dated.value.into())])) } }
                    td data-label=(heads[2]) { (dated.basis.number)
                        div.vx-quiet { (visit.ta("retention-from", &[("day", time::say_date(visit.lang, dated.from).into())]))
                            @if dated.basis.verified.is_none() { " · " (visit.t("retention-unverified")) } } }
                } } }
                tr {
                    th scope="row" { (visit.t("retention-journal")) div.vx-quiet.fw-normal { (visit.t("retention-journal.about")) } }
                    td data-label=(heads[1]) { (visit.t("retention-for-good")) }
                    td data-label=(heads[2]) { (visit.t("retention-journal-basis")) }
                }
            }
        } }
    }
}

fn removed(visit: &Visit, removals: &[Removal]) -> Markup {
    let heads = ["retention-on", "retention-class", "retention-before", "retention-rows"].map(|key| visit.t(key));
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { @for head in &heads { th scope="col" { (head) } } } }
            tbody { @for one in removals { tr {
                th scope="row" { (time::say_date(visit.lang, one.on)) }
                td data-label=(heads[1]) { (visit.t(&format!("retention-{}", one.class))) }
                td data-label=(heads[2]) { (visit.at(one.before)) }
                td data-label=(heads[3]) { (time::say_count(visit.lang, one.rows)) }
            } } }
        } }
    }
}
