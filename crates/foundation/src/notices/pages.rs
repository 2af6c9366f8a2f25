//! The list behind the bell.

use std::collections::BTreeSet;

use axum::{
    extract::{Path as Place, Query},
    response::{IntoResponse as _, Redirect},
};
use vx_concepts::engine::execute;
use vx_kernel::{Id, Problem, ids, time};
use vx_platform::{
    auth::Actor,
    notify::{Class, MarkState, Notice, NoticeKind, SHOWN_DAYS, for_actor, shown_since, unread_by},
    store::{Conn, Record as _, Sql, Uuid},
    web::{
        App, Form, Markup, PageResult, Visit, html, icon,
        list::{KeyKind, Listing, Order, Shown},
        see_other,
    },
};

use super::{MarkAllRead, MarkRead, SEE, TakeBackMark, line_of, text::kind_of};
use crate::accounts::in_own_name;

const ORDERS: &[Order] = &[Order { name: "at", key: "notices-at", by: "n.id", kind: KeyKind::Uuid, falling: true }];
/// Columns of a notice `n`.
pub(super) const COLUMNS: &str = "select n.id, n.path, n.version, n.kind, n.account, n.by_account, n.entry, n.block, n.about, \
                                  n.href, n.source, n.unit, n.due_at, n.hoa_toc, n.n, n.at, n.settled_at, n.settled_block";

/// What narrows the list.
#[derive(Default)]
struct Filter {
    unread: bool,
    class: Option<Class>,
}

impl Filter {
    fn of(asked: &[(String, String)]) -> Self {
        let value = |name: &str| asked.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim());
        Self { unread: value("state") == "unread", class: Class::parse(value("class")) }
    }

    fn rows(&self, sql: Sql, app: &App, conn: &Conn, actor: &Actor) -> Sql {
        let sql = sql.sql(" from notice n where n.tenant = ").bind(conn.tenant());
        let sql = sql.sql(" and n.at >= ").bind(shown_since(app.clock().now())).sql(" and ");
        let sql = for_actor(sql, app, actor);
        let sql = if self.unread { unread_by(sql, conn, actor.account) } else { sql };
        sql.when(self.class, |sql, class| {
            let of_class = |kind: &&NoticeKind| kind.class == class;
            let kinds = app.modules().iter().flat_map(|module| module.notices).filter(of_class).map(|kind| kind.name);
            sql.sql(" and n.kind in ").list(kinds)
        })
    }
}

async fn rows(
    app: &App,
    conn: &mut Conn,
    actor: &Actor,
    filter: &Filter,
    listing: &Listing,
) -> Result<Shown<Notice>, Problem> {
    let cut = listing.cut(conn, "from notice n where n.tenant = ", "n.id").await?;
    let total = conn.count(filter.rows(Sql::new("select count(*) as n"), app, conn, actor)).await?;
    let earlier = match &cut {
        Some(cut) => {
            let sql = filter.rows(Sql::new("select count(*) as n"), app, conn, actor);
            conn.count(listing.earlier(sql, "n.id", cut)).await?
        }
        None => 0,
    };
    let sql = filter.rows(Sql::new(COLUMNS), app, conn, actor);
    let found = conn.rows(listing.page(sql, "n.id", cut.as_ref())).await?;
    let found = found.iter().map(Notice::read).collect::<Result<_, _>>()?;
    Ok(listing.shown(found, |one: &Notice| one.id.to_string(), earlier, total, cut.is_some()))
}

/// Which of some notices somebody has read.
async fn read_ones(conn: &mut Conn, actor: &Actor, shown: &[Notice]) -> Result<BTreeSet<Id<ids::Notice>>, Problem> {
    let sql = Sql::new("select n.id from notice n where n.tenant = ").bind(conn.tenant()).sql(" and n.id in ");
    let sql = sql
        .list(shown.iter().map(|notice| notice.id))
        .sql(" and exists (select 1 from notice_mark m where m.tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and m.account = ").bind(actor.account).sql(" and m.state = ");
    let sql = sql.bind(MarkState::Read).sql(" and (m.notice = n.id or m.up_to >= n.id))");
    conn.rows(sql).await?.iter().map(|row| row.get("id")).collect()
}

fn account_of(visit: &Visit) -> Result<Id<ids::Account>, Problem> {
    visit.actor()?.account.ok_or_else(|| Problem::internal("somebody signed in has an account"))
}

/// `GET /notices`
pub(super) async fn list(visit: Visit, Query(asked): Query<Vec<(String, String)>>) -> PageResult {
    let (filter, listing) = (Filter::of(&asked), Listing::parse("/notices", ORDERS, &asked));
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let shown = rows(&visit.app, &mut conn, actor, &filter, &listing).await?;
    let read = read_ones(&mut conn, actor, &shown.rows).await?;
    let newest = vx_platform::notify::newest(&visit.app, &mut conn, actor).await?;
    drop(conn);
    let title = visit.t("notices-title");
    let body = html! {
        div.vx-head {
            h1 { (title) " " span.vx-quiet { (time::say_count(visit.lang, shown.total)) } }
            @if let Some(newest) = newest {
                (visit.form_of_class("/notices/read", "d-inline", html! {
                    input type="hidden" name="up_to" value=(newest);
                    button.btn type="submit" { (icon("checks")) " " (visit.t("notices-read-all")) }
                }))
            }
            a.btn href="/notices/settings" { (icon("settings")) " " (visit.t("own-notices")) }
            @if visit.may_anywhere(SEE) { a.btn href="/notices/deliveries" { (icon("send")) " " (visit.t("notices-deliveries")) } }
        }
        (filter_form(&visit, &filter))
        @if shown.rows.is_empty() { (none(&visit, &listing)) }
        @else { ul.vx-rows data-rows { @for notice in &shown.rows { (row(&visit, notice, read.contains(&notice.id))) } } }
        (listing.pages(&visit, &shown))
        p.vx-quiet.mt-3 { (visit.ta("notices-about", &[("days", SHOWN_DAYS.into())])) }
    };
    Ok(visit.page(&title, body))
}

fn filter_form(visit: &Visit, filter: &Filter) -> Markup {
    html! {
        form.vx-filters method="get" action="/notices" aria-label=(visit.t("list-filter")) {
            div { label.form-label for="state" { (visit.t("notices-state")) }
                select.form-select #state name="state" {
                    option value="" { (visit.t("notices-any")) }
                    option value="unread" selected[filter.unread] { (visit.t("notices-unread")) }
                } }
            div { label.form-label for="class" { (visit.t("notices-class")) }
                select.form-select #class name="class" {
                    option value="" { (visit.t("notices-any")) }
                    @for class in Class::ALL { option value=(class) selected[filter.class == Some(*class)] { (visit.t(&format!("notice-class-{class}"))) } }
                } }
            button.btn type="submit" { (icon("search")) " " (visit.t("notices-filter")) }
        }
    }
}

fn none(visit: &Visit, listing: &Listing) -> Markup {
    html! {
        div.vx-empty {
            (icon("bell"))
            @if listing.is_narrowed() {
                h2 { (visit.t("notices-none-narrowed")) }
                p { a href="/notices" { (visit.t("notices-show-all")) } }
            } @else {
                h2 { (visit.t("notices-none")) }
                p { (visit.t("notices-none-todo")) }
            }
        }
    }
}

fn row(visit: &Visit, notice: &Notice, is_read: bool) -> Markup {
    let is_new = !is_read && notice.settled_at.is_none();
    let state = match (is_new, notice.settled_at) {
        (true, _) => "notices-unread",
        (false, Some(_)) => "notices-settled",
        (false, None) => "notices-read",
    };
    let class = kind_of(&visit.app, &notice.kind).map_or(Class::Work, |kind| kind.class);
    let said = line_of(&visit.app, visit.lang, notice);
    html! {
        li {
            a.vx-row href={ "/notices/" (notice.id) } {
                span {
                    span.(if is_new { "vx-row-title" } else { "vx-quiet" }) { (said) }
                    span.vx-row-from { @if notice.account.is_none() { (visit.unit(&notice.path)) " · " } (visit.t(&format!("notice-class-{class}"))) }
                }
                span { (visit.at(notice.at)) }
                span { span.vx-state { @if is_new { (icon("bell")) " " } (visit.t(state)) } }
                span {}
            }
            @if is_new {
                (visit.form_of_class(&format!("/notices/{}/read", notice.id), "vx-pick", html! {
                    button.btn.btn-sm type="submit" title=(visit.t("notices-mark-read")) aria-label={ (visit.t("notices-mark-read")) ": " (said) } { (icon("check")) }
                }))
            }
        }
    }
}

/// A notice that is for the visitor.
async fn theirs(visit: &Visit, id: &str) -> Result<Notice, Problem> {
    let id: Id<ids::Notice> = id.parse().map_err(|_| Problem::not_found())?;
    let mut conn = visit.app.db().read().await?;
    let sql = Sql::new(COLUMNS).sql(" from notice n where n.tenant = ").bind(conn.tenant());
    let sql = for_actor(sql.sql(" and n.id = ").bind(id).sql(" and "), &visit.app, visit.actor()?);
    let row = conn.row(sql).await?.ok_or_else(Problem::not_found)?;
    Notice::read(&row)
}

/// `GET /notices/{id}`: leads to the thing itself, and counts as having read.
pub(super) async fn open(visit: Visit, Place(id): Place<String>) -> PageResult {
    let notice = theirs(&visit, &id).await?;
    let mut conn = visit.app.db().read().await?;
    let is_read = !read_ones(&mut conn, visit.actor()?, std::slice::from_ref(&notice)).await?.is_empty();
    drop(conn);
    if !is_read {
        let by = in_own_name(&visit.app, visit.actor()?);
        let mark = MarkRead { account: account_of(&visit)?, notice: notice.id };
        // Whoever wants to see the thing sees it, whether that can be noted or not.
        if let Err(problem) = execute(visit.app.db(), &by, Uuid::now_v7(), mark).await {
            tracing::warn!(problem = problem.chain(), "a notice was not marked as read");
        }
    }
    Ok(Redirect::to(&notice.href).into_response())
}

/// `POST /notices/{id}/read`
pub(super) async fn read(visit: Visit, Place(id): Place<String>, form: Form) -> PageResult {
    let notice = theirs(&visit, &id).await?;
    let by = in_own_name(&visit.app, visit.actor()?);
    let command = MarkRead { account: account_of(&visit)?, notice: notice.id };
    let mark = execute(visit.app.db(), &by, form.key()?, command).await?;
    Ok(visit.see_other_undo("/notices", "notices-said-read", &format!("/notices/marks/{mark}/take-back")))
}

/// `POST /notices/read`
pub(super) async fn read_all(visit: Visit, form: Form) -> PageResult {
    let up_to = theirs(&visit, form.text("up_to")).await?;
    let by = in_own_name(&visit.app, visit.actor()?);
    let command = MarkAllRead { account: account_of(&visit)?, up_to: up_to.id };
    let mark = execute(visit.app.db(), &by, form.key()?, command).await?;
    Ok(visit.see_other_undo("/notices", "notices-said-read-all", &format!("/notices/marks/{mark}/take-back")))
}

/// `POST /notices/marks/{id}/take-back`
pub(super) async fn take_back(visit: Visit, Place(mark): Place<Id<ids::NoticeMark>>, form: Form) -> PageResult {
    let by = in_own_name(&visit.app, visit.actor()?);
    execute(visit.app.db(), &by, form.key()?, TakeBackMark { account: account_of(&visit)?, mark }).await?;
    Ok(see_other("/notices", "notices-said-taken-back"))
}
