//! The trail of accounts: tries to sign in, and who read data about whom; for oneself and for administrators.

use axum::{
    extract::Query,
    http::header,
    response::{IntoResponse as _, Response},
};
use maud::{Markup, html};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids, text::fold, time};
use vx_platform::{
    auth::{
        Actor, Outcome, Try,
        personal::{Reading, What, note_reading},
        within,
    },
    store::{Conn, Sql},
    web::{
        PageResult, Visit, icon,
        list::{KeyKind, Listing, Order, Shown},
    },
};

use super::{pages::csv_line, security::device_words};

/// The permission to see tries to sign in of others, and who read whose data.
pub const SEE: &str = "accounts.trail.read";

/// Rows in one file.
const EXPORT_MAX: usize = 20_000;

type Asked = Query<Vec<(String, String)>>;

const TRY_ORDERS: &[Order] =
    &[Order { name: "at", key: "accounts-try-at", by: "t.at", kind: KeyKind::At, falling: true }];
const READING_ORDERS: &[Order] =
    &[Order { name: "at", key: "accounts-try-at", by: "r.at", kind: KeyKind::At, falling: true }];

/// Whose rows a list shows.
enum Whose<'a> {
    Own(Id<ids::Account>),
    Within(&'a Actor),
}

/// What narrows the list of tries.
#[derive(Default)]
struct Filter {
    words: String,
    outcome: Option<Outcome>,
    account: Option<Id<ids::Account>>,
    from: Option<jiff::civil::Date>,
    until: Option<jiff::civil::Date>,
}

fn value<'a>(asked: &'a [(String, String)], name: &str) -> &'a str {
    asked.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
}

impl Filter {
    fn of(asked: &[(String, String)]) -> Self {
        Self {
            words: value(asked, "q").to_owned(),
            outcome: Outcome::parse(value(asked, "outcome")),
            account: value(asked, "account").parse().ok(),
            from: value(asked, "from").parse().ok(),
            until: value(asked, "until").parse().ok(),
        }
    }
}

fn tries_sql(sql: Sql, conn: &Conn, whose: &Whose<'_>, filter: &Filter) -> Result<Sql, Problem> {
    let sql = sql
        .sql(" from sign_in_try t left join account a on a.tenant = t.tenant and a.id = t.account where t.tenant = ");
    let sql = sql.bind(conn.tenant());
    let mut sql = match whose {
        Whose::Own(account) => sql.sql(" and t.account = ").bind(*account),
        Whose::Within(actor) => within(sql.sql(" and "), "t.path", &actor.reach(SEE)),
    };
    for word in fold(&filter.words).split_whitespace() {
        // Names are found as in the list of accounts, addresses as they are written.
        let like = format!("%{}%", word.replace(['%', '_'], ""));
        sql = sql.sql(" and (a.folded like ").bind(like.clone()).sql(" or t.address like ").bind(like).sql(")");
    }
    let start = |day: jiff::civil::Date| time::instant(day.at(0, 0, 0, 0)).map_err(Problem::internal);
    let from = filter.from.map(start).transpose()?;
    let until = filter.until.and_then(|day| day.tomorrow().ok()).map(start).transpose()?;
    Ok(sql
        .when(filter.outcome, |sql, outcome| sql.sql(" and t.outcome = ").bind(outcome))
        .when(filter.account, |sql, account| sql.sql(" and t.account = ").bind(account))
        .when(from, |sql, at| sql.sql(" and t.at >= ").bind(at))
        .when(until, |sql, at| sql.sql(" and t.at < ").bind(at)))
}

async fn tries(conn: &mut Conn, whose: &Whose<'_>, filter: &Filter, listing: &Listing) -> Result<Shown<Try>, Problem> {
    let cut = listing.cut(conn, "from sign_in_try t where t.tenant = ", "t.id").await?;
    let counted = tries_sql(Sql::new("select count(*) as n"), conn, whose, filter)?;
    let total = conn.count(counted).await?;
    let earlier = match &cut {
        Some(cut) => {
            let sql = tries_sql(Sql::new("select count(*) as n"), conn, whose, filter)?;
            conn.count(listing.earlier(sql, "t.id", cut)).await?
        }
        None => 0,
    };
    let sql = tries_sql(Sql::new("select ").sql(Try::SELECT), conn, whose, filter)?;
    let rows = conn.rows(listing.page(sql, "t.id", cut.as_ref())).await?;
    let rows = rows.iter().map(Try::read).collect::<Result<_, _>>()?;
    Ok(listing.shown(rows, |one: &Try| one.id.to_string(), earlier, total, cut.is_some()))
}

/// The latest tries of an account.
pub(super) async fn latest_tries(conn: &mut Conn, account: Id<ids::Account>, n: usize) -> Result<Vec<Try>, Problem> {
    let sql = tries_sql(Sql::new("select ").sql(Try::SELECT), conn, &Whose::Own(account), &Filter::default())?;
    let sql = sql.sql(" order by t.at desc, t.id desc limit ").bind(i64::try_from(n).unwrap_or(i64::MAX));
    conn.rows(sql).await?.iter().map(Try::read).collect()
}

/// An address of the network, or that it is not known.
pub(super) fn address_words(address: &str) -> &str {
    if address.is_empty() { "–" } else { address }
}

/// Tries as rows; `persons` says whose each is.
pub(super) fn tries_table(visit: &Visit, listing: Option<&Listing>, rows: &[Try], persons: bool) -> Markup {
    let heads = ["accounts-try-at", "accounts-name", "accounts-try-outcome", "accounts-device", "accounts-address"]
        .map(|key| visit.t(key));
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr {
                @if let Some(listing) = listing { (listing.head(visit, "at")) } @else { th scope="col" { (heads[0]) } }
                @if persons { th scope="col" { (heads[1]) } }
                @for head in heads.iter().skip(2) { th scope="col" { (head) } }
            } }
            tbody data-rows[listing.is_some()] { @for one in rows { tr {
                th scope="row" { (visit.at(one.at)) }
                @if persons { td data-label=(heads[1]) {
                    @if let Some(account) = one.account { a href={ "/accounts/" (account) } { (one.name) } div.vx-quiet { (one.login) } }
                    @else { span.vx-quiet { (visit.t("accounts-try-nobody")) } }
                } }
                td data-label=(heads[2]) { span.vx-state { (icon(outcome_icon(one.outcome))) " " (visit.t(&format!("accounts-outcome-{}", one.outcome))) } }
                td data-label=(heads[3]) { (device_words(visit, &one.device)) }
                td data-label=(heads[4]) { (address_words(&one.address)) }
            } } }
        } }
    }
}

fn outcome_icon(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::SignedIn | Outcome::Recovery | Outcome::SingleSignOn => "circle-check",
        Outcome::CodeAsked => "clock",
        Outcome::WrongPassword | Outcome::WrongCode | Outcome::UnknownName => "alert-triangle",
        Outcome::LockedOut | Outcome::WhileLocked | Outcome::NotLinked | Outcome::Closed | Outcome::Over => "ban",
    }
}

fn filter_form(visit: &Visit, address: &str, filter: &Filter, listing: &Listing, persons: bool) -> Markup {
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    html! {
        form.vx-filters method="get" action=(address) aria-label=(visit.t("list-filter")) {
            @if let Some(account) = filter.account { input type="hidden" name="account" value=(account); }
            @if persons { div { label.form-label for="q" { (visit.t("accounts-try-words")) }
                input.form-control #q type="search" name="q" value=(filter.words); } }
            div { label.form-label for="outcome" { (visit.t("accounts-try-outcome")) }
                select.form-select #outcome name="outcome" {
                    option value="" { (visit.t("accounts-any")) }
                    @for outcome in Outcome::ALL { option value=(outcome) selected[filter.outcome == Some(*outcome)] { (visit.t(&format!("accounts-outcome-{outcome}"))) } }
                } }
            div { label.form-label for="from" { (visit.t("accounts-from")) } input.form-control #from type="date" name="from" value=(day(filter.from)); }
            div { label.form-label for="until" { (visit.t("accounts-until")) } input.form-control #until type="date" name="until" value=(day(filter.until)); }
            (listing.sort_field(visit))
            button.btn type="submit" { (icon("search")) " " (visit.t("accounts-filter")) }
        }
    }
}

fn none(visit: &Visit, listing: &Listing, key: &str) -> Markup {
    html! {
        div.vx-empty { (icon("eye"))
            p { (visit.t(if listing.is_narrowed() { "accounts-trail-none-found" } else { key })) }
            @if listing.is_narrowed() { a.btn href=(listing.address) { (icon("x")) " " (visit.t("accounts-show-all")) } }
        }
    }
}

/// `GET /security/tries`: one's own.
pub(super) async fn own_tries(visit: Visit, Query(asked): Asked) -> PageResult {
    let account = visit.actor()?.account.ok_or_else(Problem::not_found)?;
    let (filter, listing) = (Filter::of(&asked), Listing::parse("/security/tries", TRY_ORDERS, &asked));
    let shown = tries(&mut visit.app.db().read().await?, &Whose::Own(account), &filter, &listing).await?;
    let body = html! {
        div.vx-head { h1 { (visit.t("accounts-tries")) } a.btn href="/security" { (icon("arrow-left")) " " (visit.t("own-security")) } }
        (filter_form(&visit, listing.address, &filter, &listing, false))
        @if shown.rows.is_empty() { (none(&visit, &listing, "accounts-tries-none")) }
        @else { (tries_table(&visit, Some(&listing), &shown.rows, false)) }
        (listing.pages(&visit, &shown))
    };
    Ok(visit.page(&visit.t("accounts-tries"), body))
}

/// The widest unit from which a reader reads a list, where the reading is noted.
fn read_from(reader: &Actor) -> Path {
    let reach = reader.reach(SEE).into_iter().min_by_key(|reach| reach.path.as_str().len());
    reach.map_or_else(Path::root, |reach| reach.path)
}

/// `GET /accounts/tries`: those of others.
pub(super) async fn within_tries(visit: Visit, Query(asked): Asked) -> PageResult {
    let (filter, listing) = (Filter::of(&asked), Listing::parse("/accounts/tries", TRY_ORDERS, &asked));
    let actor = visit.actor()?;
    let shown = tries(&mut visit.app.db().read().await?, &Whose::Within(actor), &filter, &listing).await?;
    note_reading(visit.app.db(), actor, What::Tries, &read_from(actor), None, persons_of(&shown.rows)).await?;
    let body = html! {
        div.vx-head {
            h1 { (visit.t("accounts-tries")) " " span.vx-quiet { (time::say_count(visit.lang, shown.total)) } }
            a.btn href="/accounts" { (icon("arrow-left")) " " (visit.t("accounts-nav")) }
            a.btn href=(listing.also_at("/accounts/tries.csv")) download { (icon("download")) " " (visit.t("accounts-export")) }
        }
        p.vx-quiet { (visit.t("accounts-tries-about")) }
        (filter_form(&visit, listing.address, &filter, &listing, true))
        @if shown.rows.is_empty() { (none(&visit, &listing, "accounts-tries-none-within")) }
        @else { (tries_table(&visit, Some(&listing), &shown.rows, true)) }
        (listing.pages(&visit, &shown))
    };
    Ok(visit.page(&visit.t("accounts-tries"), body))
}

/// How many persons rows are about.
fn persons_of(rows: &[Try]) -> usize {
    let mut persons: Vec<_> = rows.iter().filter_map(|one| one.account).collect();
    persons.sort();
    persons.dedup();
    persons.len()
}

/// `GET /accounts/tries.csv`: the same rows as the list, all of them.
pub(super) async fn export_tries(visit: Visit, Query(asked): Asked) -> PageResult {
    let (filter, listing) = (Filter::of(&asked), Listing::parse("/accounts/tries", TRY_ORDERS, &asked));
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let sql = tries_sql(Sql::new("select ").sql(Try::SELECT), &conn, &Whose::Within(actor), &filter)?;
    let sql = listing.all(sql, "t.id").sql(" limit ").bind(i64::try_from(EXPORT_MAX + 1).unwrap_or(i64::MAX));
    let rows: Vec<Try> = conn.rows(sql).await?.iter().map(Try::read).collect::<Result<_, _>>()?;
    drop(conn);
    if rows.len() > EXPORT_MAX {
        return Err(Problem::new(ProblemKind::TooLarge, "accounts.trail_too_large").with("max", EXPORT_MAX).into());
    }
    note_reading(visit.app.db(), actor, What::TriesFile, &read_from(actor), None, persons_of(&rows)).await?;
    let heads = [
        "accounts-try-at",
        "accounts-name",
        "accounts-login",
        "accounts-try-outcome",
        "accounts-device",
        "accounts-address",
    ];
    let mut csv = String::from("\u{feff}");
    csv_line(&mut csv, &heads.map(|key| visit.t(key)));
    for one in &rows {
        let cells = [
            time::say_instant(visit.lang, one.at),
            one.name.clone(),
            one.login.clone(),
            visit.t(&format!("accounts-outcome-{}", one.outcome)),
            device_words(&visit, &one.device),
            one.address.clone(),
        ];
        csv_line(&mut csv, &cells);
    }
    Ok(file(&visit, "accounts-tries-file", csv))
}

fn file(visit: &Visit, name: &str, csv: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}-{}.csv\"", visit.t(name), visit.today())),
    ];
    (headers, csv).into_response()
}

fn readings_sql(sql: Sql, conn: &Conn, whose: &Whose<'_>, subject: Option<Id<ids::Account>>) -> Sql {
    let sql = sql
        .sql(" from personal_read r left join account s on s.tenant = r.tenant and s.id = r.subject where r.tenant = ");
    let sql = sql.bind(conn.tenant());
    let sql = match whose {
        Whose::Own(account) => sql.sql(" and r.subject = ").bind(*account),
        Whose::Within(actor) => within(sql.sql(" and "), "r.path", &actor.reach(SEE)),
    };
    sql.when(subject, |sql, subject| sql.sql(" and r.subject = ").bind(subject))
}

async fn readings(
    conn: &mut Conn,
    whose: &Whose<'_>,
    subject: Option<Id<ids::Account>>,
    listing: &Listing,
) -> Result<Shown<Reading>, Problem> {
    let cut = listing.cut(conn, "from personal_read r where r.tenant = ", "r.id").await?;
    let total = conn.count(readings_sql(Sql::new("select count(*) as n"), conn, whose, subject)).await?;
    let earlier = match &cut {
        Some(cut) => {
            let sql = readings_sql(Sql::new("select count(*) as n"), conn, whose, subject);
            conn.count(listing.earlier(sql, "r.id", cut)).await?
        }
        None => 0,
    };
    let sql = readings_sql(Sql::new("select ").sql(Reading::SELECT), conn, whose, subject);
    let rows = conn.rows(listing.page(sql, "r.id", cut.as_ref())).await?;
    let rows = rows.iter().map(Reading::read).collect::<Result<_, _>>()?;
    Ok(listing.shown(rows, |one: &Reading| one.id.to_string(), earlier, total, cut.is_some()))
}

/// The latest readings of data about an account.
pub(super) async fn latest_readings(
    conn: &mut Conn,
    account: Id<ids::Account>,
    n: usize,
) -> Result<Vec<Reading>, Problem> {
    let sql = readings_sql(Sql::new("select ").sql(Reading::SELECT), conn, &Whose::Own(account), None);
    let sql = sql.sql(" order by r.at desc, r.id desc limit ").bind(i64::try_from(n).unwrap_or(i64::MAX));
    conn.rows(sql).await?.iter().map(Reading::read).collect()
}

/// Readings as rows; `subjects` says whose data each was about.
pub(super) fn readings_table(visit: &Visit, listing: Option<&Listing>, rows: &[Reading], subjects: bool) -> Markup {
    let heads = ["accounts-try-at", "accounts-reader", "accounts-reading-what", "accounts-reading-subject"]
        .map(|key| visit.t(key));
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr {
                @if let Some(listing) = listing { (listing.head(visit, "at")) } @else { th scope="col" { (heads[0]) } }
                @for head in heads.iter().take(if subjects { 4 } else { 3 }).skip(1) { th scope="col" { (head) } }
            } }
            tbody data-rows[listing.is_some()] { @for one in rows { tr {
                th scope="row" { (visit.at(one.at)) }
                td data-label=(heads[1]) { @if subjects { a href={ "/accounts/" (one.reader) } { (one.reader_name) } } @else { (one.reader_name) } }
                td data-label=(heads[2]) { (visit.t(&format!("accounts-read-{}", one.what))) }
                @if subjects { td data-label=(heads[3]) {
                    @if let Some(subject) = one.subject { a href={ "/accounts/" (subject) } { (one.subject_name.as_deref().unwrap_or("–")) } }
                    @else { (visit.ta("accounts-reading-persons", &[("n", one.persons.into())])) }
                } }
            } } }
        } }
    }
}

/// `GET /security/readings`: of data about oneself.
pub(super) async fn own_readings(visit: Visit, Query(asked): Asked) -> PageResult {
    let account = visit.actor()?.account.ok_or_else(Problem::not_found)?;
    let listing = Listing::parse("/security/readings", READING_ORDERS, &asked);
    let shown = readings(&mut visit.app.db().read().await?, &Whose::Own(account), None, &listing).await?;
    let body = html! {
        div.vx-head { h1 { (visit.t("accounts-readings-own")) } a.btn href="/security" { (icon("arrow-left")) " " (visit.t("own-security")) } }
        p.vx-quiet { (visit.t("accounts-readings-about")) }
        @if shown.rows.is_empty() { (none(&visit, &listing, "accounts-readings-none")) }
        @else { (readings_table(&visit, Some(&listing), &shown.rows, false)) }
        (listing.pages(&visit, &shown))
    };
    Ok(visit.page(&visit.t("accounts-readings-own"), body))
}

/// `GET /accounts/readings`: within reach.
pub(super) async fn within_readings(visit: Visit, Query(asked): Asked) -> PageResult {
    let listing = Listing::parse("/accounts/readings", READING_ORDERS, &asked);
    let subject = value(&asked, "account").parse().ok();
    let whose = Whose::Within(visit.actor()?);
    let shown = readings(&mut visit.app.db().read().await?, &whose, subject, &listing).await?;
    let body = html! {
        div.vx-head {
            h1 { (visit.t("accounts-readings")) " " span.vx-quiet { (time::say_count(visit.lang, shown.total)) } }
            a.btn href="/accounts" { (icon("arrow-left")) " " (visit.t("accounts-nav")) }
            @if listing.is_narrowed() { a.btn href="/accounts/readings" { (icon("x")) " " (visit.t("accounts-show-all")) } }
        }
        p.vx-quiet { (visit.t("accounts-readings-within-about")) }
        @if shown.rows.is_empty() { (none(&visit, &listing, "accounts-readings-none-within")) }
        @else { (readings_table(&visit, Some(&listing), &shown.rows, true)) }
        (listing.pages(&visit, &shown))
    };
    Ok(visit.page(&visit.t("accounts-readings"), body))
}
