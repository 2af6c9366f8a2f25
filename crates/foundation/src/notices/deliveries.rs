//! What was sent to whom, what waits and what was given up: for administrators.

use axum::{
    extract::{Path as Place, Query},
    http::header,
    response::IntoResponse as _,
};
use vx_concepts::engine::{Command as _, execute};
use vx_kernel::{Id, Path, Problem, ProblemKind, ids, text::fold, time};
use vx_platform::{
    auth::{
        Actor,
        personal::{What, note_reading},
        within,
    },
    notify::Channel,
    store::{Conn, Record as _, Row, Sql, Uuid},
    web::{
        Form, Markup, PageResult, Visit, html, icon,
        list::{KeyKind, Listing, Order, Shown},
        see_other,
    },
};

use super::{Message, MessageState, Purpose, Retry, SEE};
use crate::accounts::csv_line;

const ORDERS: &[Order] =
    &[Order { name: "at", key: "notices-made-at", by: "m.made_at", kind: KeyKind::At, falling: true }];
/// Rows in one file.
const EXPORT_MAX: usize = 20_000;
/// Messages that one press tries again: those of a page.
const RETRIED_MAX: usize = 50;
const COLUMNS: &str = "select m.id, m.path, m.version, m.account, m.contact, m.channel, m.purpose, m.state, m.hoa_toc, m.held, \
                       m.made_at, m.due_from, m.next_at, m.attempts, m.lease_until, m.sent_at, m.trouble, m.said, \
                       a.name as person, c.shown as shown, \
                       (select count(*) from notice_in_message i where i.tenant = m.tenant and i.message = m.id) as n_notices";

/// A message with what stands beside it in the list.
struct Listed {
    message: Message,
    person: String,
    shown: String,
    n: i64,
}

impl Listed {
    fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            message: Message::read(row)?,
            person: row.get("person")?,
            shown: row.get("shown")?,
            n: row.get("n_notices")?,
        })
    }
}

#[derive(Default)]
struct Filter {
    words: String,
    state: Option<MessageState>,
    channel: Option<Channel>,
}

impl Filter {
    fn of(asked: &[(String, String)]) -> Self {
        let value = |name: &str| asked.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim());
        Self {
            words: value("q").to_owned(),
            state: MessageState::parse(value("state")),
            channel: Channel::parse(value("channel")),
        }
    }

    fn rows(&self, sql: Sql, conn: &Conn, actor: &Actor) -> Sql {
        let sql = sql.sql(" from notice_message m join account a on a.tenant = m.tenant and a.id = m.account");
        let sql = sql.sql(" join notice_contact c on c.tenant = m.tenant and c.id = m.contact where m.tenant = ");
        let mut sql = within(sql.bind(conn.tenant()).sql(" and "), "m.path", &actor.reach(SEE));
        for word in fold(&self.words).split_whitespace() {
            let like = format!("%{}%", word.replace(['%', '_'], ""));
            sql = sql.sql(" and a.folded like ").bind(like);
        }
        sql.when(self.state, |sql, state| sql.sql(" and m.state = ").bind(state))
            .when(self.channel, |sql, channel| sql.sql(" and m.channel = ").bind(channel))
    }
}

async fn rows(conn: &mut Conn, actor: &Actor, filter: &Filter, listing: &Listing) -> Result<Shown<Listed>, Problem> {
    let cut = listing.cut(conn, "from notice_message m where m.tenant = ", "m.id").await?;
    let total = conn.count(filter.rows(Sql::new("select count(*) as n"), conn, actor)).await?;
    let earlier = match &cut {
        Some(cut) => {
            let sql = filter.rows(Sql::new("select count(*) as n"), conn, actor);
            conn.count(listing.earlier(sql, "m.id", cut)).await?
        }
        None => 0,
    };
    let sql = filter.rows(Sql::new(COLUMNS), conn, actor);
    let found = conn.rows(listing.page(sql, "m.id", cut.as_ref())).await?;
    let found = found.iter().map(Listed::read).collect::<Result<_, _>>()?;
    Ok(listing.shown(found, |one: &Listed| one.message.id.to_string(), earlier, total, cut.is_some()))
}

fn persons_of(rows: &[Listed]) -> usize {
    let mut persons: Vec<_> = rows.iter().map(|one| one.message.account).collect();
    persons.sort();
    persons.dedup();
    persons.len()
}

/// The widest unit from which a reader reads, where the reading is noted.
fn read_from(reader: &Actor) -> Path {
    let reach = reader.reach(SEE).into_iter().min_by_key(|reach| reach.path.as_str().len());
    reach.map_or_else(Path::root, |reach| reach.path)
}

/// `GET /notices/deliveries`
pub(super) async fn list(visit: Visit, Query(asked): Query<Vec<(String, String)>>) -> PageResult {
    let (filter, listing) = (Filter::of(&asked), Listing::parse("/notices/deliveries", ORDERS, &asked));
    let actor = visit.actor()?;
    let shown = rows(&mut visit.app.db().read().await?, actor, &filter, &listing).await?;
    note_reading(visit.app.db(), actor, What::Deliveries, &read_from(actor), None, persons_of(&shown.rows)).await?;
    let given_up: Vec<&Listed> = shown.rows.iter().filter(|one| one.message.state == MessageState::GivenUp).collect();
    let title = visit.t("notices-deliveries");
    let body = html! {
        div.vx-head {
            h1 { (title) " " span.vx-quiet { (time::say_count(visit.lang, shown.total)) } }
            a.btn href="/notices" { (icon("arrow-left")) " " (visit.t("notices-title")) }
            a.btn href=(listing.also_at("/notices/deliveries.csv")) download { (icon("download")) " " (visit.t("notices-export")) }
        }
        p.vx-quiet { (visit.t("notices-deliveries-about")) }
        (ways(&visit))
        (filter_form(&visit, &filter, &listing))
        @if given_up.len() > 1 && visit.may_anywhere(Retry::NAME) {
            div.vx-bar.mb-3 { (visit.form_of_class("/notices/deliveries/retry", "d-inline", html! {
                @for one in &given_up { input type="hidden" name="message" value=(one.message.id); }
                button.btn type="submit" { (icon("refresh")) " " (visit.ta("notices-retry-all", &[("n", given_up.len().into())])) }
            })) }
        }
        @if shown.rows.is_empty() {
            div.vx-empty { (icon("send"))
                @if listing.is_narrowed() { h2 { (visit.t("notices-none-narrowed")) } p { a href="/notices/deliveries" { (visit.t("notices-show-all")) } } }
                @else { h2 { (visit.t("notices-deliveries-none")) } p { (visit.t("notices-deliveries-none-todo")) } }
            }
        } @else { (table(&visit, &listing, &shown.rows)) }
        (listing.pages(&visit, &shown))
    };
    Ok(visit.page(&title, body))
}

/// Which ways out are set up, in a line.
fn ways(visit: &Visit) -> Markup {
    html! {
        p.vx-line { @for channel in Channel::ALL {
            span.vx-state {
                @let is_there = visit.app.has_way(*channel);
                (icon(if is_there { "circle-check" } else { "ban" })) " " (visit.t(&format!("notices-way-{channel}"))) ": "
                (visit.t(if is_there { "notices-way-set" } else { "notices-way-unset" }))
            }
        } }
    }
}

fn filter_form(visit: &Visit, filter: &Filter, listing: &Listing) -> Markup {
    html! {
        form.vx-filters method="get" action="/notices/deliveries" aria-label=(visit.t("list-filter")) {
            div { label.form-label for="q" { (visit.t("notices-person")) } input.form-control #q type="search" name="q" value=(filter.words); }
            div { label.form-label for="state" { (visit.t("notices-state")) }
                select.form-select #state name="state" {
                    option value="" { (visit.t("notices-any")) }
                    @for state in MessageState::ALL { option value=(state) selected[filter.state == Some(*state)] { (visit.t(&format!("notices-message-{state}"))) } }
                } }
            div { label.form-label for="channel" { (visit.t("notices-channel")) }
                select.form-select #channel name="channel" {
                    option value="" { (visit.t("notices-any")) }
                    @for channel in Channel::ALL { option value=(channel) selected[filter.channel == Some(*channel)] { (visit.t(&format!("notices-way-{channel}"))) } }
                } }
            (listing.sort_field(visit))
            button.btn type="submit" { (icon("search")) " " (visit.t("notices-filter")) }
        }
    }
}

fn what_of(visit: &Visit, one: &Listed) -> String {
    match one.message.purpose {
        Purpose::Code => visit.t("notices-purpose-code"),
        Purpose::Notices => visit.ta("notices-purpose-notices", &[("n", one.n.into())]),
    }
}

/// What the other side said may name an address; only who looks after the whole system reads it.
fn reads_all(visit: &Visit) -> bool {
    visit.actor().is_ok_and(|actor| actor.may(SEE, &Path::root()))
}

fn table(visit: &Visit, listing: &Listing, rows: &[Listed]) -> Markup {
    let heads = [
        "notices-made-at",
        "notices-person",
        "notices-channel",
        "notices-what",
        "notices-state",
        "notices-next",
        "notices-retry",
    ]
    .map(|key| visit.t(key));
    html! {
        div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
            thead { tr { (listing.head(visit, "at")) @for head in heads.iter().skip(1) { th scope="col" { (head) } } } }
            tbody data-rows { @for one in rows { @let message = &one.message; tr {
                th scope="row" { (visit.at(message.made_at)) }
                td data-label=(heads[1]) { a href={ "/accounts/" (message.account) } { (one.person) } }
                td data-label=(heads[2]) { (visit.t(&format!("notices-way-{}", message.channel))) div.vx-quiet { (one.shown) } }
                td data-label=(heads[3]) { (what_of(visit, one)) @if message.hoa_toc { " · " strong { (visit.t("notice-class-hoa_toc")) } } }
                td data-label=(heads[4]) { span.vx-state { (visit.t(&format!("notices-message-{}", message.state))) }
                    @if let Some(trouble) = message.trouble { div.vx-quiet { (visit.t(&format!("notices-trouble-{trouble}"))) } }
                    @if !message.said.is_empty() && reads_all(visit) { div { code.text-break { (message.said) } } }
                }
                td data-label=(heads[5]) { (moment(visit, message)) }
                td data-label=(heads[6]) { @if message.state == MessageState::GivenUp && visit.may_anywhere(Retry::NAME) {
                    (visit.button(&format!("/notices/deliveries/{}/retry", message.id), "btn", "refresh", "notices-retry"))
                } }
            } } }
        } }
    }
}

fn moment(visit: &Visit, message: &Message) -> Markup {
    html! {
        @match (message.state, message.sent_at) {
            (MessageState::Sent, Some(at)) => { (visit.t("notices-sent-at")) " " (visit.at(at)) }
            (MessageState::Waiting, _) => { (visit.t("notices-next-at")) " " (visit.at(message.next_at))
                @if let Some(held) = message.held { @if message.attempts == 0 { div.vx-quiet { (visit.t(&format!("notices-held-{held}"))) } } } }
            _ => {}
        }
        @if message.attempts > 0 { div.vx-quiet { (visit.ta("notices-attempts", &[("n", message.attempts.into())])) } }
    }
}

/// `GET /notices/deliveries.csv`: the same rows as the list, all of them.
pub(super) async fn export(visit: Visit, Query(asked): Query<Vec<(String, String)>>) -> PageResult {
    let (filter, listing) = (Filter::of(&asked), Listing::parse("/notices/deliveries", ORDERS, &asked));
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let sql = listing.all(filter.rows(Sql::new(COLUMNS), &conn, actor), "m.id").sql(" limit ");
    let found = conn.rows(sql.bind(i64::try_from(EXPORT_MAX + 1).unwrap_or(i64::MAX))).await?;
    drop(conn);
    let found: Vec<Listed> = found.iter().map(Listed::read).collect::<Result<_, _>>()?;
    if found.len() > EXPORT_MAX {
        return Err(Problem::new(ProblemKind::TooLarge, "notices.export_too_large").with("max", EXPORT_MAX).into());
    }
    note_reading(visit.app.db(), actor, What::DeliveriesFile, &read_from(actor), None, persons_of(&found)).await?;
    let heads = [
        "notices-made-at",
        "notices-person",
        "notices-channel",
        "notices-address",
        "notices-what",
        "notices-state",
        "notices-trouble",
        "notices-sent-at",
        "notices-tries",
    ];
    let mut csv = String::from("\u{feff}");
    csv_line(&mut csv, &heads.map(|key| visit.t(key)));
    for one in &found {
        let message = &one.message;
        let cells = [
            time::say_instant(visit.lang, message.made_at),
            one.person.clone(),
            visit.t(&format!("notices-way-{}", message.channel)),
            one.shown.clone(),
            what_of(&visit, one),
            visit.t(&format!("notices-message-{}", message.state)),
            message.trouble.map_or_else(String::new, |trouble| visit.t(&format!("notices-trouble-{trouble}"))),
            message.sent_at.map_or_else(String::new, |at| time::say_instant(visit.lang, at)),
            message.attempts.to_string(),
        ];
        csv_line(&mut csv, &cells);
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (
            header::CONTENT_DISPOSITION,
            format!("attachment; filename=\"{}-{}.csv\"", visit.t("notices-file"), visit.today()),
        ),
    ];
    Ok((headers, csv).into_response())
}

/// `POST /notices/deliveries/{id}/retry`
pub(super) async fn retry(visit: Visit, Place(message): Place<Id<ids::Message>>, form: Form) -> PageResult {
    execute(visit.app.db(), visit.actor()?, form.key()?, Retry { message }).await?;
    Ok(see_other("/notices/deliveries", "notices-said-retried"))
}

/// `POST /notices/deliveries/retry`
pub(super) async fn retry_all(visit: Visit, form: Form) -> PageResult {
    let (actor, key) = (visit.actor()?, form.key()?);
    let mut done: usize = 0;
    for message in form.all("message").filter_map(|id| id.parse::<Id<ids::Message>>().ok()).take(RETRIED_MAX) {
        // One key for each, made from the form's, so that the form sent twice asks for each once.
        let key = Uuid::from_u128(key.as_u128() ^ message.uuid().as_u128());
        match execute(visit.app.db(), actor, key, Retry { message }).await {
            Ok(_) => done += 1,
            // Somebody else pressed first.
            Err(problem) if problem.code == "notices.not_given_up" => {}
            Err(problem) => return Err(problem.into()),
        }
    }
    Ok(see_other(&format!("/notices/deliveries?n={done}"), "notices-said-retried_all"))
}

/// A line for the overview of who looks after the program: so many messages were given up in the last two days.
///
/// # Errors
/// When the database is away.
pub async fn given_up_line(visit: &Visit, conn: &mut Conn) -> Result<Markup, Problem> {
    if !visit.may_anywhere(SEE) {
        return Ok(html! {});
    }
    let since = visit.now().checked_sub(jiff::SignedDuration::from_hours(48)).map_err(Problem::internal)?;
    let sql = Sql::new("select count(*) as n from notice_message m where m.tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and m.state = ").bind(MessageState::GivenUp).sql(" and m.made_at >= ").bind(since).sql(" and ");
    let n = conn.count(within(sql, "m.path", &visit.actor()?.reach(SEE))).await?;
    Ok(html! {
        @if n > 0 {
            div.vx-note.vx-note-error role="status" {
                (icon("alert-triangle")) " " (visit.ta("notices-overview-line", &[("n", n.into())])) " "
                a href="/notices/deliveries?state=given_up" { (visit.t("notices-overview-look")) }
            }
        }
    })
}
