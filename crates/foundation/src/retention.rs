//! How long data of a class are kept (thời hạn lưu trữ), and what was removed because its time was over.
//!
//! **Invariant:** the journal, and whatever a person decided, is in no class: nothing here removes it (test
//! `what_is_past_its_time_goes_and_nothing_else`).

use jiff::{SignedDuration, Timestamp, civil::Date, civil::date};
use maud::{Markup, html};
use vx_concepts::engine::{Command, Decision, execute};
use vx_kernel::{
    Path, Problem, ids,
    time::{self, day_of},
    timeline::{Dated, LegalBasis, Timeline},
};
use vx_platform::{
    Module,
    auth::{Actor, Breadth::Subtree, Permission, Role::Admin},
    jobs::JobState,
    params, record,
    store::{Conn, Migration, Record as _, Sql, Tx},
    text_enum,
    web::{Access, App, Form, PageResult, Route, Visit, icon, see_other},
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

/// Longest time that can be set, in days: thirty years.
const DAYS_MAX: i64 = 10_957;
/// Times set by hand that are read; each class some times a year.
const TIMES_MAX: i64 = 2_000;

impl Class {
    /// The shortest time that can be set, in days. What shows who did what outlives the moment in which somebody wants it
    /// gone; an answer to what was sent twice is needed as long as a telephone without signal may send it again.
    #[must_use]
    pub fn days_min(self) -> i64 {
        match self {
            Self::Sessions => 0,
            Self::Answers => 3,
            Self::Jobs | Self::Notices | Self::NoticeMarks => 30,
            Self::Tries | Self::Readings | Self::Deliveries => 90,
            Self::Removals => 365,
        }
    }
}

record! {
    /// How long data of a class are kept from a day on, as an administrator set it (thời hạn lưu trữ). `path` is the whole
    /// installation.
    pub struct KeepingTime[ids::KeepingTime] in "keeping_time" {
        /// Which data.
        pub class: Class,
        /// First day.
        pub from_on: Date,
        /// Days after the rows are over.
        pub days: i64,
        /// What it rests on.
        pub basis: String,
        /// Who set it.
        pub by_name: String,
    }
}

/// Sets how long data of a class are kept, from a day on. What was set before stays and is superseded.
#[derive(Clone, Debug)]
pub struct SetKeepingTime {
    /// Which data.
    pub class: Class,
    /// First day.
    pub from_on: Date,
    /// Days.
    pub days: i64,
    /// What it rests on.
    pub basis: String,
}

impl Command for SetKeepingTime {
    type Record = KeepingTime;
    type Facts = ();
    const NAME: &'static str = "retention.set";
    const READ: &'static str = READ;

    async fn gather(&self, _: &mut Tx) -> Result<(), Problem> {
        Ok(())
    }
    fn scope(&self, (): &()) -> Path {
        Path::root()
    }
    fn decide(&self, (): &(), by: &Actor, now: Timestamp) -> Result<Decision<KeepingTime>, Problem> {
        let basis = self.basis.trim();
        if basis.is_empty() {
            return Err(Problem::refused("retention.set.no_basis"));
        }
        // What was removed yesterday was removed by yesterday's time.
        if self.from_on < day_of(now) {
            return Err(Problem::refused("retention.set.past").with("day", self.from_on));
        }
        let least = self.class.days_min();
        if !(least..=DAYS_MAX).contains(&self.days) {
            return Err(Problem::refused("retention.set.days").with("least", least).with("most", DAYS_MAX));
        }
        Ok(Decision::just(KeepingTime {
            id: vx_kernel::Id::fresh(),
            path: Path::root(),
            version: 0,
            class: self.class,
            from_on: self.from_on,
            days: self.days,
            basis: basis.to_owned(),
            by_name: by.name.clone(),
        }))
    }
    fn before<'a>(&self, (): &'a ()) -> Option<&'a KeepingTime> {
        None
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.basis)
    }
}

/// What was set, in the order in which it was set.
async fn set(conn: &mut Conn) -> Result<Vec<KeepingTime>, Problem> {
    let sql =
        Sql::new("select ").sql(KeepingTime::SELECT).sql(" from keeping_time where tenant = ").bind(conn.tenant());
    let rows = conn.rows(sql.sql(" order by class, from_on, id limit ").bind(TIMES_MAX)).await?;
    rows.iter().map(KeepingTime::read).collect()
}

/// Days for which a class is kept after its rows are over, by date: what the program ships with, and what was set since.
fn kept(class: Class, set: &[KeepingTime]) -> Timeline<i64> {
    let mut times: Vec<Dated<i64>> = shipped(class).all().cloned().collect();
    for time in set.iter().filter(|time| time.class == class) {
        // Of two of one day the later word holds.
        times.retain(|dated| dated.from != time.from_on);
        let basis = LegalBasis { number: time.basis.clone().into(), verified: Some(time.by_name.clone().into()) };
        times.push(Dated { from: time.from_on, value: time.days, basis });
    }
    times.sort_by_key(|dated| dated.from);
    Timeline::new(times)
}

/// What holds where nothing was set.
fn shipped(class: Class) -> Timeline<i64> {
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
        migrations: &[Migration {
            name: "retention/0001_keeping_time",
            sql: include_str!("../migrations/0003_keeping_time.sql"),
        }],
        permissions: &[
            Permission { name: READ, roles: &[(Admin, Subtree)] },
            Permission { name: SetKeepingTime::NAME, roles: &[(Admin, Subtree)] },
        ],
        routes: || {
            vec![
                Route::get("/retention", Access::Needs(READ), show),
                Route::post("/retention", Access::Needs(SetKeepingTime::NAME), save),
            ]
        },
        texts: Texts { vi: include_str!("../words/retention.vi.ftl"), en: include_str!("../words/retention.en.ftl") },
        nav: &[],
        // The job is `accounts.sweep`.
        notices: &[],
        jobs: &[],
    }
}

/// Before which moment rows of a class are past their time.
fn before(class: Class, set: &[KeepingTime], now: Timestamp) -> Option<Timestamp> {
    let days = kept(class, set).on(day_of(now))?.value;
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
    let set = set(&mut app.db().read().await?).await?;
    for class in Class::ALL {
        let class = *class;
        let Some(before) = before(class, &set, app.clock().now()) else { continue };
        app.db()
            .write(move |tx| {
                Box::pin(async move {
                    let now = tx.now();
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
    let mut conn = visit.app.db().read().await?;
    let (removals, set) = (removals(&mut conn).await?, set(&mut conn).await?);
    drop(conn);
    let body = html! {
        div.vx-head { h1 { (visit.t("retention-title")) } a.btn href="/jobs" { (icon("arrow-left")) " " (visit.t("jobs-nav")) } }
        p { (visit.t("retention-about")) }
        (classes(&visit, &set))
        h2.vx-group { (visit.t("retention-removed")) }
        @if removals.is_empty() { div.vx-empty { (icon("trash")) p { (visit.t("retention-removed-none")) } } }
        @else { (removed(&visit, &removals)) }
    };
    Ok(visit.page(&visit.t("retention-title"), body))
}

/// `POST /retention`
async fn save(visit: Visit, form: Form) -> PageResult {
    let command = SetKeepingTime {
        class: Class::parse(form.text("class")).ok_or_else(Problem::not_found)?,
        from_on: form.read("from_on")?,
        days: form.read("days")?,
        basis: form.text("basis").to_owned(),
    };
    execute(visit.app.db(), visit.actor()?, form.key()?, command).await?;
    Ok(see_other("/retention", "retention-said-set"))
}

fn say_days(visit: &Visit, days: i64) -> String {
    if days == 0 { visit.t("retention-at-once") } else { visit.ta("retention-days", &[("n", days.into())]) }
}

fn basis(visit: &Visit, dated: &Dated<i64>) -> Markup {
    html! {
        (dated.basis.number)
        div.vx-quiet { (visit.ta("retention-from", &[("day", time::say_date(visit.lang, dated.from).into())])) " · "
            @match &dated.basis.verified { Some(by) => (visit.ta("retention-set-by", &[("name", by.to_string().into())])), None => (visit.t("retention-unverified")) } }
    }
}

fn set_form(visit: &Visit, class: Class, days: i64) -> Markup {
    let today = visit.today();
    html! {
        details { summary { (visit.t("retention-set")) }
            (visit.form("/retention", html! {
                input type="hidden" name="class" value=(class);
                div.vx-bar {
                    label.vx-field { span.form-label { (visit.t("retention-days-n")) } input.form-control type="number" name="days" min=(class.days_min()) max=(DAYS_MAX) value=(days) required; }
                    label.vx-field { span.form-label { (visit.t("retention-from-on")) } input.form-control type="date" name="from_on" min=(today) value=(today) required; }
                    label.vx-field.vx-grow { span.form-label { (visit.t("retention-basis")) } input.form-control name="basis" maxlength="200" required placeholder=(visit.t("retention-basis-example")); }
                }
                @if class.days_min() > 0 { p.vx-quiet { (visit.ta("retention-least", &[("n", class.days_min().into())])) } }
                button.btn type="submit" { (icon("check")) " " (visit.t("retention-set-do")) }
            }))
        }
    }
}

fn classes(visit: &Visit, set: &[KeepingTime]) -> Markup {
    let heads = ["retention-class", "retention-kept", "retention-basis"].map(|key| visit.t(key));
    let today = visit.today();
    let sets = visit.actor().is_ok_and(|actor| actor.may(SetKeepingTime::NAME, &Path::root()));
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { @for head in &heads { th scope="col" { (head) } } } }
            tbody {
                @for class in Class::ALL { @let times = kept(*class, set); @if let Some(dated) = times.on(today) { tr {
                    th scope="row" { (visit.t(&format!("retention-{class}"))) div.vx-quiet.fw-normal { (visit.t(&format!("retention-{class}.about"))) } }
                    td data-label=(heads[1]) { (say_days(visit, dated.value))
                        @for coming in times.all().filter(|other| other.from > today) { div.vx-quiet { (visit.ta("retention-coming", &[("day", time::say_date(visit.lang, coming.from).into()), ("days", say_days(visit, coming.value).into())])) } } }
                    td data-label=(heads[2]) { (basis(visit, dated)) @if sets { (set_form(visit, *class, dated.value)) } }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn say(days: i64, from_on: &str, basis: &str) -> String {
        let command =
            SetKeepingTime { class: Class::Tries, from_on: from_on.parse().unwrap(), days, basis: basis.to_owned() };
        let now = time::instant("2021-09-13T08:00".parse().unwrap()).unwrap();
        match command.decide(&(), &Actor::system("kiểm thử", std::sync::Arc::default()), now) {
            Ok(decision) => format!("{} from {}", decision.record.days, decision.record.from_on),
            Err(problem) => problem.code.to_string(),
        }
    }

    #[test]
    fn a_time_is_set_by_rule() {
        for (days, from_on, basis, expected) in [
            (400, "2021-09-13", "QĐ 12/QĐ-UBND", "400 from 2021-09-13"),
            (90, "2021-10-01", "QĐ 12/QĐ-UBND", "90 from 2021-10-01"),
            (400, "2021-09-12", "QĐ 12/QĐ-UBND", "retention.set.past"),
            (400, "2021-09-13", " ", "retention.set.no_basis"),
            (89, "2021-09-13", "QĐ 12/QĐ-UBND", "retention.set.days"),
            (10_958, "2021-09-13", "QĐ 12/QĐ-UBND", "retention.set.days"),
        ] {
            assert_eq!(say(days, from_on, basis), expected, "{days} {from_on} {basis}");
        }
    }

    #[test]
    fn the_later_word_of_a_day_holds_and_the_past_stays() {
        let set = |class, from_on: &str, days| KeepingTime {
            id: vx_kernel::Id::fresh(),
            path: Path::root(),
            version: 1,
            class,
            from_on: from_on.parse().unwrap(),
            days,
            basis: "QĐ 12".to_owned(),
            by_name: "Quản trị".to_owned(),
        };
        let set = [
            set(Class::Tries, "2021-09-13", 400),
            set(Class::Tries, "2021-09-13", 500),
            set(Class::Tries, "2021-10-01", 90),
            set(Class::Readings, "2021-09-13", 1_000),
        ];
        for (on, expected) in [("2021-09-12", 365), ("2021-09-13", 500), ("2021-09-30", 500), ("2021-10-01", 90)] {
            let day: Date = on.parse().unwrap();
            assert_eq!(kept(Class::Tries, &set).on(day).unwrap().value, expected, "{on}");
        }
    }
}
