//! Messages go out: claimed with a lease, tried again later and later, given up after two days.
//!
//! Its attempts are the message's own and not the job's, so that a mail server that is away for a night sets no job
//! aside. A message bears the same key at each try. A gateway that keeps the contract knows it by that; with SMTP a
//! message whose answer was lost may arrive twice, with one `Message-ID`.

use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use vx_kernel::{Id, Problem, ids, time::Lang};
use vx_platform::{
    auth::actor_of,
    notify::{Channel, Notice, Outcome, Parcel, Trouble, for_actor, unread_by},
    params,
    store::{Conn, Record as _, Sql, Tx, dialect},
    web::App,
};

use super::{
    Contact, ContactState, Message, MessageState, Purpose, settings,
    text::{Frame, LINES_MAX},
};

/// How long a process may hold a message before another takes it over: longer than any server may take.
const LEASE: SignedDuration = SignedDuration::from_mins(3);
/// Messages sent at the same time: a mail server that is away holds this many for its patience, not more.
const AT_ONCE: usize = 8;
/// How long one run goes on; the next minute goes on from there.
const RUN_MAX: Duration = Duration::from_secs(10);
/// How long a message is tried.
const TRIED_FOR: SignedDuration = SignedDuration::from_hours(48);

/// How long to wait after so many tries: a minute, doubling up to half an hour (five minutes for HỎA TỐC), by a quarter
/// more or less, so that what failed together does not come back together.
fn back_off(attempts: i64, hoa_toc: bool, id: Id<ids::Message>) -> SignedDuration {
    let doublings = u32::try_from(attempts.clamp(1, 12) - 1).unwrap_or(0);
    let secs = (60 * 2_i64.pow(doublings)).min(if hoa_toc { 300 } else { 1_800 });
    let spread = i64::from(id.uuid().as_bytes()[15]) + 37 * attempts;
    SignedDuration::from_secs(secs * (768 + spread % 512) / 1_024)
}

/// Takes messages that are due, the urgent ones first.
async fn claim(app: &App, channels: &[Channel], most: i64) -> Result<Vec<Message>, Problem> {
    let (engine, channels) = (app.db().engine(), channels.to_vec());
    app.db()
        .write(move |tx| {
            let channels = channels.clone();
            Box::pin(async move {
                let now = tx.now();
                let until = now.checked_add(LEASE).map_err(Problem::internal)?;
                // A lease further ahead than any can be was written before the clock was set back.
                let ahead = until.checked_add(LEASE).map_err(Problem::internal)?;
                let sql = Sql::new("with due as materialized (select id from notice_message where tenant = ")
                    .bind(tx.tenant());
                let sql = sql.sql(" and channel in ").list(channels.iter().copied()).sql(" and ((state = ");
                let sql = sql.bind(MessageState::Waiting).sql(" and next_at <= ").bind(now).sql(") or (state = ");
                let sql =
                    sql.bind(MessageState::Sending).sql(" and (lease_until < ").bind(now).sql(" or lease_until > ");
                let sql = sql.bind(ahead).sql("))) order by hoa_toc desc, next_at, id limit ").bind(most);
                let sql =
                    sql.sql(dialect::skip_locked(engine)).sql(") update notice_message set attempts = attempts + 1");
                let sql =
                    sql.sql(", version = version + 1, state = ").bind(MessageState::Sending).sql(", lease_until = ");
                let sql =
                    sql.bind(until).sql(" where tenant = ").bind(tx.tenant()).sql(" and id in (select id from due)");
                let rows = tx.changed_rows(sql.sql(" returning ").sql(Message::SELECT)).await?;
                rows.iter().map(Message::read).collect()
            })
        })
        .await
}

/// How many more may go out on a way in this minute.
async fn pace_left(conn: &mut Conn, channel: Channel, per_minute: i64, now: Timestamp) -> Result<i64, Problem> {
    let since = now.checked_sub(SignedDuration::from_mins(1)).map_err(Problem::internal)?;
    let sql = "select count(*) as n from notice_message where tenant = $1 and channel = $2 and sent_at > $3";
    Ok(per_minute - conn.count(Sql::with(sql, params![conn.tenant(), channel.as_str(), since])).await?)
}

/// What goes out for a message now; `None` when there is nothing left to tell.
async fn parcel(app: &App, message: &Message) -> Result<Option<Parcel>, Problem> {
    let now = app.clock().now();
    let Some(actor) = actor_of(app.db(), app.rights(), Ok(message.account), now).await? else { return Ok(None) };
    let mut conn = app.db().read().await?;
    let contact: Contact = conn.load(message.contact).await?;
    let choice = settings::choice_of(&mut conn, message.account).await?;
    let lang = choice.map_or(Lang::Vi, |choice| Lang::of(&choice.lang));
    let base = app.couriers().map_or("", |couriers| couriers.public_url.as_str());
    let (id, channel, at) = (message.id.uuid(), message.channel, message.made_at);
    let frame = Frame { app, lang, base, id, channel, to: contact.address.clone(), at };
    match message.purpose {
        Purpose::Code => {
            let holds = contact.state == ContactState::Unconfirmed
                && !contact.code.is_empty()
                && contact.code_until.is_some_and(|until| until > now);
            Ok(holds.then(|| frame.of_code(&contact.code)))
        }
        Purpose::Notices if contact.state != ContactState::Confirmed => Ok(None),
        Purpose::Notices => {
            // What they no longer may know, have read or somebody has done meanwhile is not told any more.
            let theirs = |start: Sql| {
                let sql =
                    start.sql(" from notice n join notice_in_message i on i.tenant = n.tenant and i.notice = n.id");
                let sql = sql.sql(" where n.tenant = ").bind(conn.tenant()).sql(" and i.message = ").bind(message.id);
                unread_by(for_actor(sql.sql(" and "), app, &actor), &conn, actor.account)
            };
            let counted = theirs(Sql::new("select count(*) as n"));
            let shown = theirs(Sql::new(super::pages::COLUMNS));
            let shown =
                shown.sql(" order by n.hoa_toc desc, n.id limit ").bind(i64::try_from(LINES_MAX).unwrap_or(i64::MAX));
            let n = usize::try_from(conn.count(counted).await?).unwrap_or(0);
            let notices: Vec<Notice> = conn.rows(shown).await?.iter().map(Notice::read).collect::<Result<_, _>>()?;
            Ok((!notices.is_empty()).then(|| frame.of_notices(&notices, n)))
        }
    }
}

/// Tries one message.
async fn try_one(app: &App, message: Message) -> (Message, Option<Outcome>) {
    let outcome = match parcel(app, &message).await {
        Ok(Some(parcel)) => match app.couriers() {
            Some(couriers) => Some(couriers.send(&parcel).await),
            None => Some(Outcome::Later { why: Trouble::NotSet, said: String::new(), after: None }),
        },
        Ok(None) => None,
        // Our own fault or the database's: the next try may go better.
        Err(problem) => {
            tracing::warn!(problem = problem.chain(), "a message was not put together");
            Some(Outcome::Later { why: Trouble::Busy, said: String::new(), after: None })
        }
    };
    (message, outcome)
}

/// Notes how a try went, if this process still holds the message.
async fn settle(tx: &mut Tx, message: &Message, outcome: Option<&Outcome>) -> Result<(), Problem> {
    let now = tx.now();
    let later = |wait: SignedDuration| now.checked_add(wait).map_err(Problem::internal);
    let (state, next_at, sent_at, trouble, said) = match outcome {
        None => (MessageState::Dropped, message.next_at, None, message.trouble, message.said.as_str()),
        Some(Outcome::Sent) => (MessageState::Sent, message.next_at, Some(now), None, ""),
        Some(Outcome::Never { why, said }) => (MessageState::GivenUp, message.next_at, None, Some(*why), said.as_str()),
        Some(Outcome::Later { why, said, .. }) if now.duration_since(message.due_from) >= TRIED_FOR => {
            let said = if said.is_empty() { why.as_str() } else { said.as_str() };
            (MessageState::GivenUp, message.next_at, None, Some(Trouble::TooLong), said)
        }
        Some(Outcome::Later { why, said, after }) => {
            let wait = back_off(message.attempts, message.hoa_toc, message.id);
            let asked = after.and_then(|after| SignedDuration::try_from(after).ok()).unwrap_or_default();
            (MessageState::Waiting, later(wait.max(asked))?, None, Some(*why), said.as_str())
        }
    };
    let sql = Sql::new("update notice_message set lease_until = null, version = version + 1, state = ").bind(state);
    let sql = sql.sql(", next_at = ").bind(next_at).sql(", sent_at = ").bind(sent_at).sql(", trouble = ").bind(trouble);
    let sql =
        sql.sql(", said = ").bind(said).sql(", updated_at = ").bind(now).sql(" where tenant = ").bind(tx.tenant());
    let sql =
        sql.sql(" and id = ").bind(message.id).sql(" and attempts = ").bind(message.attempts).sql(" and state = ");
    tx.change(sql.bind(MessageState::Sending)).await.map(drop)
}

/// Sends what is due, for a while, and says how many messages were taken over by the other sides.
///
/// # Errors
/// When the database is away; what was sent and could not be noted is sent again with the same key.
pub async fn send_due(app: &App) -> Result<usize, Problem> {
    let (began, mut sent) = (Instant::now(), 0);
    let mut broken: Vec<Channel> = Vec::new();
    let per_minute = app.couriers().map_or(i64::MAX, |couriers| couriers.per_minute);
    while began.elapsed() < RUN_MAX {
        let mut open = Vec::new();
        let mut most = i64::try_from(AT_ONCE).unwrap_or(i64::MAX);
        for channel in Channel::ALL.iter().copied().filter(|channel| !broken.contains(channel)) {
            let left = pace_left(&mut app.db().read().await?, channel, per_minute, app.clock().now()).await?;
            if left > 0 {
                open.push(channel);
                most = most.min(left);
            }
        }
        let claimed = if open.is_empty() { Vec::new() } else { claim(app, &open, most).await? };
        if claimed.is_empty() {
            break;
        }
        let tried = stream::iter(claimed).map(|message| try_one(app, message)).buffer_unordered(AT_ONCE);
        let tried: Vec<(Message, Option<Outcome>)> = tried.collect().await;
        for (message, outcome) in &tried {
            match outcome {
                Some(Outcome::Sent) => sent += 1,
                // What stands against everything on this way is not tried on every message.
                Some(Outcome::Later { why, .. }) if why.is_of_channel() => broken.push(message.channel),
                _ => {}
            }
        }
        let tried = std::sync::Arc::new(tried);
        app.db()
            .write(move |tx| {
                let tried = tried.clone();
                Box::pin(async move {
                    for (message, outcome) in tried.iter() {
                        settle(tx, message, outcome.as_ref()).await?;
                    }
                    Ok(())
                })
            })
            .await?;
    }
    Ok(sent)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_come_later_and_later_and_not_all_at_once() {
        let id: Id<ids::Message> = "0197c1d2-0000-7000-8000-000000000080".parse().unwrap();
        let waits = |hoa_toc| [1, 2, 3, 6, 12, 40].map(|attempts| back_off(attempts, hoa_toc, id).as_secs());
        for (got, usual) in waits(false).into_iter().zip([60, 120, 240, 1_800, 1_800, 1_800]) {
            assert!((usual * 3 / 4..=usual * 5 / 4).contains(&got), "{got} for {usual}");
        }
        for (got, usual) in waits(true).into_iter().zip([60, 120, 240, 300, 300, 300]) {
            assert!((usual * 3 / 4..=usual * 5 / 4).contains(&got), "{got} for {usual}");
        }
        let other: Id<ids::Message> = "0197c1d2-0000-7000-8000-0000000000ff".parse().unwrap();
        assert_ne!(back_off(3, false, id), back_off(3, false, other));
    }
}
