//! Notices are made of rows of the journal, behind the commits: a cursor says up to which block.
//!
//! **Invariant:** whichever process moves the cursor makes the notices of those blocks, in the same transaction; another
//! one that read the same rows finds the cursor elsewhere and does nothing.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use vx_concepts::engine::Command as _;
use vx_kernel::{Id, Path, Problem, ids, time::day_of};
use vx_platform::{
    auth::{AccountState, Rights, Role},
    jobs,
    journal::{self, Entry},
    notify::{Notice, NoticeKind, Told, Whom, number_of},
    params,
    store::{Conn, Record as _, Sql, Tx, Uuid},
    web::{App, bell::Ring},
};

use super::{
    Choice, Contact, ContactState, Held, MarkAllRead, MarkRead, Message, MessageState, NameContact, Purpose, SEND_NOW,
    TakeBackMark, goes_at,
};

/// Days of the journal that are looked back upon when notices are made for the first time.
const FIRST_DAYS: i64 = 14;
/// Blocks read at a time.
const BLOCKS_MAX: i64 = 500;
/// Rows in those blocks: some ten megabytes. One block is always taken whole.
const ROWS_MAX: i64 = 5_000;
/// From how many at once on things of one kind are one notice.
const MANY: usize = 3;
/// Values in one condition.
const CHUNK: usize = 400;
/// How often the watcher looks.
const LOOKS_EVERY: Duration = Duration::from_secs(1);

/// How far a look came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Derived {
    /// The block up to which notices are made now.
    pub up_to: i64,
    /// Whether there are more blocks.
    pub more: bool,
}

/// What one look makes.
#[derive(Clone, Default)]
struct Batch {
    from: i64,
    up_to: i64,
    notices: Vec<(Notice, &'static NoticeKind)>,
    endings: Vec<Ending>,
    codes: Vec<Uuid>,
}

/// What was done about some records, and which notices that settles.
#[derive(Clone)]
struct Ending {
    kinds: Vec<&'static str>,
    about: Vec<Uuid>,
    unit: Option<Path>,
    at: Timestamp,
}

/// The records that a row of the journal is about.
fn touched(entry: &Entry) -> Vec<Uuid> {
    let about: Option<Uuid> =
        entry.changed.get("about").and_then(|pair| pair.get(1)).and_then(|id| id.as_str()?.parse().ok());
    let mut all = vec![entry.record_id, entry.about_id];
    all.extend(about);
    all.dedup();
    all
}

/// The block up to which notices are made, where it is kept already.
async fn cursor(conn: &mut Conn) -> Result<Option<i64>, Problem> {
    let sql = Sql::with("select block from notice_cursor where tenant = $1", params![conn.tenant()]);
    conn.row(sql).await?.map(|row| row.get("block")).transpose()
}

/// Puts the cursor where notices begin: what is older than two weeks is no news.
async fn begin(app: &App) -> Result<i64, Problem> {
    let since = app.clock().now().checked_sub(SignedDuration::from_hours(24 * FIRST_DAYS)).unwrap_or(Timestamp::MIN);
    app.db()
        .write(move |tx| {
            Box::pin(async move {
                let sql = "insert into notice_cursor (tenant, block)
                           select $1, coalesce(max(number), 0) from journal_block where tenant = $2 and sealed_at < $3
                           on conflict (tenant) do nothing";
                tx.change(Sql::with(sql, params![tx.tenant(), tx.tenant(), since])).await.map(drop)
            })
        })
        .await?;
    Ok(cursor(&mut app.db().read().await?).await?.unwrap_or(0))
}

/// The last block of the next look, and whether more come after it.
async fn next_blocks(conn: &mut Conn, from: i64) -> Result<(i64, bool), Problem> {
    let sql = "select number, entries from journal_block where tenant = $1 and number > $2 order by number limit $3";
    let rows = conn.rows(Sql::with(sql, params![conn.tenant(), from, BLOCKS_MAX + 1])).await?;
    let (mut up_to, mut n_rows) = (from, 0);
    for (index, row) in rows.iter().enumerate() {
        let (number, entries): (i64, i64) = (row.get("number")?, row.get("entries")?);
        if index > 0 && (n_rows + entries > ROWS_MAX || index as i64 >= BLOCKS_MAX) {
            return Ok((up_to, true));
        }
        (up_to, n_rows) = (number, n_rows + entries);
    }
    Ok((up_to, false))
}

/// Makes the notices of the next blocks. Cheap when there are none: two small reads.
///
/// # Errors
/// When the database is away; nothing is made then.
pub async fn derive(app: &App) -> Result<Derived, Problem> {
    let mut conn = app.db().read().await?;
    let from = match cursor(&mut conn).await? {
        Some(from) => from,
        None => {
            drop(conn);
            let from = begin(app).await?;
            conn = app.db().read().await?;
            from
        }
    };
    let (up_to, more) = next_blocks(&mut conn, from).await?;
    if up_to == from {
        return Ok(Derived { up_to, more: false });
    }
    let kinds: Vec<&'static NoticeKind> = app.modules().iter().flat_map(|module| module.notices).collect();
    let mut verbs: BTreeSet<&'static str> = BTreeSet::from([NameContact::NAME]);
    for kind in &kinds {
        verbs.extend(kind.verbs);
        verbs.extend(kind.endings());
    }
    let verbs: Vec<&'static str> = verbs.into_iter().collect();
    let entries = journal::between(&mut conn, from, up_to, &verbs).await?;
    let batch = batch_of(&mut conn, &kinds, &entries, from, up_to).await?;
    drop(conn);
    let (batch, rights) = (Arc::new(batch), app.rights().clone());
    app.db()
        .write(move |tx| {
            let (batch, rights) = (batch.clone(), rights.clone());
            Box::pin(async move { make(tx, &batch, &rights).await })
        })
        .await?;
    Ok(Derived { up_to, more })
}

/// Makes the notices of all blocks there are.
///
/// # Errors
/// As [`derive`].
pub async fn derive_all(app: &App) -> Result<(), Problem> {
    while derive(app).await?.more {}
    Ok(())
}

/// Reads what the rows tell, and what they settle.
async fn batch_of(
    conn: &mut Conn,
    kinds: &[&'static NoticeKind],
    entries: &[Entry],
    from: i64,
    up_to: i64,
) -> Result<Batch, Problem> {
    let mut batch = Batch { from, up_to, ..Batch::default() };
    let place: HashMap<Uuid, usize> = entries.iter().enumerate().map(|(index, entry)| (entry.id, index)).collect();
    // Where each record was last touched by a verb: what is told and done in one look is no news.
    let mut done: HashMap<(&str, Uuid), usize> = HashMap::new();
    for (index, entry) in entries.iter().enumerate() {
        for about in touched(entry) {
            done.insert((entry.verb.as_str(), about), index);
        }
        let ended: Vec<&'static NoticeKind> =
            kinds.iter().copied().filter(|kind| kind.endings().any(|verb| verb == entry.verb)).collect();
        for each in [false, true] {
            let kinds: Vec<&'static str> =
                ended.iter().filter(|kind| kind.each == each).map(|kind| kind.name).collect();
            if !kinds.is_empty() {
                let unit = each.then(|| entry.path.clone());
                batch.endings.push(Ending { kinds, about: touched(entry), unit, at: entry.at });
            }
        }
        if entry.verb == NameContact::NAME {
            batch.codes.push(entry.record_id);
        }
    }
    for kind in kinds {
        let of: Vec<Entry> = entries
            .iter()
            .filter(|entry| kind.records.contains(&entry.record.as_str()) && kind.verbs.contains(&entry.verb.as_str()))
            .cloned()
            .collect();
        if of.is_empty() {
            continue;
        }
        let told = (kind.tell)(conn, &of).await?.into_iter().filter(|told| {
            let at = place.get(&told.entry).copied().unwrap_or(0);
            let is_done = |verb: &'static str| done.get(&(verb, told.about)).is_some_and(|later| *later > at);
            kind.each || !kind.endings().any(is_done)
        });
        batch.notices.extend(notices_of(kind, told.collect(), &of));
    }
    // Lists go by ids: they follow the order in which things happened, not that of the kinds.
    batch.notices.sort_by_key(|(notice, _)| notice.entry);
    for (notice, _) in &mut batch.notices {
        notice.id = Id::fresh();
    }
    Ok(batch)
}

/// Notices of one kind; several at once for one reader are one, where the kind says so.
fn notices_of(kind: &'static NoticeKind, told: Vec<Told>, entries: &[Entry]) -> Vec<(Notice, &'static NoticeKind)> {
    let entry: HashMap<Uuid, &Entry> = entries.iter().map(|entry| (entry.id, entry)).collect();
    let mut groups: BTreeMap<(Path, Option<Id<ids::Account>>), Vec<Told>> = BTreeMap::new();
    for one in told {
        let whom = match &one.whom {
            Whom::Unit(path) => (path.clone(), None),
            Whom::Person(account, home) => (home.clone(), Some(*account)),
        };
        groups.entry(whom).or_default().push(one);
    }
    let mut notices = Vec::new();
    for ((path, account), group) in groups {
        let parts: Vec<&[Told]> = match kind.list {
            Some(_) if group.len() >= MANY => vec![group.as_slice()],
            _ => group.chunks(1).collect(),
        };
        for part in parts {
            let Some((first, row)) = part.first().and_then(|first| Some((first, entry.get(&first.entry)?))) else {
                continue;
            };
            let is_one = part.len() == 1;
            let same = |of: fn(&Told) -> String| part.iter().all(|one| of(one) == of(first));
            let number = number_of(&first.source);
            notices.push((
                Notice {
                    id: Id::fresh(),
                    path: path.clone(),
                    version: 0,
                    kind: kind.name.to_owned(),
                    account,
                    // What concerns one's account is told whoever did it: it may not have been oneself.
                    by_account: row.actor.filter(|_| account.is_none()),
                    entry: first.entry,
                    block: row.block.unwrap_or(0),
                    about: is_one.then_some(first.about),
                    href: kind.list.filter(|_| !is_one).map_or_else(|| first.href.clone(), str::to_owned),
                    source: if same(|one| number_of(&one.source)) { number } else { String::new() },
                    unit: first.unit.clone().filter(|_| is_one),
                    due_at: part.iter().filter_map(|one| one.due_at).min(),
                    hoa_toc: part.iter().any(|one| one.hoa_toc),
                    n: i64::try_from(part.len()).unwrap_or(i64::MAX),
                    at: row.at,
                    settled_at: None,
                    settled_block: None,
                },
                kind,
            ));
        }
    }
    notices
}

/// Writes what one look made, if nobody else has.
async fn make(tx: &mut Tx, batch: &Batch, rights: &Rights) -> Result<(), Problem> {
    let moved = "update notice_cursor set block = $1 where tenant = $2 and block = $3";
    if tx.change(Sql::with(moved, params![batch.up_to, tx.tenant(), batch.from])).await? == 0 {
        return Ok(());
    }
    settle(tx, batch).await?;
    for (notice, _) in &batch.notices {
        tx.append_record(notice);
    }
    let now = tx.now();
    let mut messages = Vec::new();
    for code in &batch.codes {
        if let Some(contact) = tx.load_many::<Contact>(&[*code]).await?.remove(code)
            && contact.state == ContactState::Unconfirmed
        {
            messages.push(message_to(&contact, Purpose::Code, false, (now, None), now));
        }
    }
    let reached = reached(tx, batch, rights).await?;
    if !reached.is_empty() {
        messages.extend(gather(tx, batch, reached, now).await?);
    }
    if messages.iter().any(|message| message.next_at <= now) {
        jobs::enqueue(tx, SEND_NOW, "", now).await?;
    }
    for message in &messages {
        tx.append_record(message);
    }
    Ok(())
}

/// Marks what earlier notices asked for as done.
async fn settle(tx: &mut Tx, batch: &Batch) -> Result<(), Problem> {
    type Same = (Vec<&'static str>, Option<Path>);
    let mut groups: BTreeMap<Same, (Vec<Uuid>, Timestamp)> = BTreeMap::new();
    for ending in &batch.endings {
        let group =
            groups.entry((ending.kinds.clone(), ending.unit.clone())).or_insert_with(|| (Vec::new(), ending.at));
        group.0.extend(&ending.about);
        group.1 = ending.at;
    }
    for ((kinds, unit), (about, at)) in groups {
        for about in about.chunks(CHUNK) {
            let sql = Sql::new("update notice set settled_at = ").bind(at).sql(", settled_block = ").bind(batch.up_to);
            let sql = sql.sql(", updated_at = ").bind(tx.now()).sql(" where tenant = ").bind(tx.tenant());
            let sql = sql.sql(" and about in ").list(about.iter().copied()).sql(" and settled_at is null");
            let sql = sql.sql(" and kind in ").list(kinds.iter().copied());
            tx.change(sql.when(unit.as_ref(), |sql, unit| sql.sql(" and path = ").bind(unit))).await?;
        }
    }
    Ok(())
}

/// Somebody whom messages may reach, with the notices that are for them, by their place in the batch.
struct Reached {
    contact: Contact,
    notices: BTreeSet<usize>,
}

/// The confirmed addresses of those whom the batch tells something.
async fn reached(tx: &mut Tx, batch: &Batch, rights: &Rights) -> Result<Vec<Reached>, Problem> {
    let any =
        "select count(*) as n from (select 1 as one from notice_contact where tenant = $1 and state = $2 limit 1) c";
    if batch.notices.is_empty()
        || tx.count(Sql::with(any, params![tx.tenant(), ContactState::Confirmed.as_str()])).await? == 0
    {
        return Ok(Vec::new());
    }
    let today = day_of(tx.now());
    let mut of_unit: BTreeMap<&Path, Vec<usize>> = BTreeMap::new();
    let mut of_person: BTreeMap<Id<ids::Account>, Vec<usize>> = BTreeMap::new();
    for (index, (notice, _)) in batch.notices.iter().enumerate() {
        match notice.account {
            Some(account) => of_person.entry(account).or_default().push(index),
            None => of_unit.entry(&notice.path).or_default().push(index),
        }
    }
    let mut found: BTreeMap<Id<ids::Contact>, Reached> = BTreeMap::new();
    let mut add = |contact: Contact, indexes: Vec<usize>| {
        let fresh = indexes.into_iter().filter(|index| {
            let Some((notice, _)) = batch.notices.get(*index) else { return false };
            // What happened before the address was confirmed is no news for it.
            notice.by_account != Some(contact.account) && contact.confirmed_at.is_some_and(|since| since <= notice.at)
        });
        let fresh: Vec<usize> = fresh.collect();
        if !fresh.is_empty() {
            found
                .entry(contact.id)
                .or_insert_with(|| Reached { contact, notices: BTreeSet::new() })
                .notices
                .extend(fresh);
        }
    };
    let confirmed = |sql: Sql, tenant| {
        let sql = sql.sql(" join account a on a.tenant = c.tenant and a.id = c.account and a.state = ");
        let sql = sql.bind(AccountState::Active).sql(" and (a.until_on is null or a.until_on >= ").bind(today);
        sql.sql(") where c.tenant = ").bind(tenant).sql(" and c.state = ").bind(ContactState::Confirmed)
    };
    const COLUMNS: &str = "select c.id, c.path, c.version, c.account, c.channel, c.address, c.shown, c.state, c.code, \
                           c.code_until, c.tries, c.confirmed_at";
    let units: Vec<&Path> = of_unit.keys().copied().collect();
    for units in units.chunks(CHUNK) {
        let sql =
            Sql::new(COLUMNS).sql(", g.role as held_role, g.path as held_path from notice_contact c join role_grant g");
        let sql = sql.sql(" on g.tenant = c.tenant and g.account = c.account");
        let sql = confirmed(sql, tx.tenant()).sql(" and g.from_on <= ").bind(today);
        let sql = sql.sql(" and (g.until_on is null or g.until_on >= ").bind(today).sql(") and g.path in ");
        for row in tx.rows(sql.list(units.iter().copied())).await? {
            let (role, at): (Role, Path) = (row.get("held_role")?, row.get("held_path")?);
            let told = of_unit.get(&at).into_iter().flatten().copied().filter(|index| {
                batch.notices.get(*index).is_some_and(|(_, kind)| rights.breadth(role, kind.to).is_some())
            });
            add(Contact::read(&row)?, told.collect());
        }
    }
    let persons: Vec<Id<ids::Account>> = of_person.keys().copied().collect();
    for persons in persons.chunks(CHUNK) {
        let sql = confirmed(Sql::new(COLUMNS).sql(" from notice_contact c"), tx.tenant());
        for row in tx.rows(sql.sql(" and c.account in ").list(persons.iter().copied())).await? {
            let contact = Contact::read(&row)?;
            let told = of_person.get(&contact.account).cloned().unwrap_or_default();
            add(contact, told);
        }
    }
    Ok(found.into_values().collect())
}

fn message_to(
    contact: &Contact,
    purpose: Purpose,
    hoa_toc: bool,
    (next_at, held): (Timestamp, Option<Held>),
    now: Timestamp,
) -> Message {
    Message {
        id: Id::fresh(),
        path: contact.path.clone(),
        version: 0,
        account: contact.account,
        contact: contact.id,
        channel: contact.channel,
        purpose,
        state: MessageState::Waiting,
        hoa_toc,
        held,
        made_at: now,
        due_from: next_at,
        next_at,
        attempts: 0,
        lease_until: None,
        sent_at: None,
        trouble: None,
        said: String::new(),
    }
}

/// Whether a message still waits; it is held for this transaction, so that no process sends it without what is added.
async fn still_waits(tx: &mut Tx, message: Id<ids::Message>) -> Result<bool, Problem> {
    let sql = "update notice_message set updated_at = $1 where tenant = $2 and id = $3 and state = $4 and attempts = 0";
    let held = params![tx.now(), tx.tenant(), message, MessageState::Waiting.as_str()];
    Ok(tx.change(Sql::with(sql, held)).await? > 0)
}

/// Puts notices into messages: those that wait already, where they go out no later, and new ones. Returns the new ones.
async fn gather(tx: &mut Tx, batch: &Batch, reached: Vec<Reached>, now: Timestamp) -> Result<Vec<Message>, Problem> {
    let mut choices: HashMap<Id<ids::Account>, Choice> = HashMap::new();
    let mut waiting: HashMap<Id<ids::Contact>, Vec<(Id<ids::Message>, Timestamp)>> = HashMap::new();
    for part in reached.chunks(CHUNK) {
        let sql = Sql::new("select ").sql(Choice::SELECT).sql(" from notice_choice where tenant = ").bind(tx.tenant());
        for row in tx.rows(sql.sql(" and account in ").list(part.iter().map(|one| one.contact.account))).await? {
            let choice = Choice::read(&row)?;
            choices.insert(choice.account, choice);
        }
        let sql = Sql::new("select id, contact, next_at from notice_message where tenant = ").bind(tx.tenant());
        let sql = sql.sql(" and contact in ").list(part.iter().map(|one| one.contact.id)).sql(" and state = ");
        let sql = sql.bind(MessageState::Waiting).sql(" and purpose = ").bind(Purpose::Notices);
        let sql = sql.sql(" and attempts = 0 and hoa_toc = ").bind(false).sql(" and next_at > ").bind(now);
        for row in tx.rows(sql).await? {
            waiting.entry(row.get("contact")?).or_default().push((row.get("id")?, row.get("next_at")?));
        }
    }
    let mut messages: Vec<Message> = Vec::new();
    for Reached { contact, notices } in reached {
        let choice = choices
            .entry(contact.account)
            .or_insert_with(|| Choice::usual(contact.account, contact.path.clone()))
            .clone();
        let mut new: Vec<(Timestamp, bool, Id<ids::Message>)> = Vec::new();
        for (notice, kind) in notices.iter().filter_map(|index| batch.notices.get(*index)) {
            let class = kind.class;
            if !choice.wants(class, notice.hoa_toc, contact.channel) {
                continue;
            }
            let (at, held) = goes_at(now, class, notice.hoa_toc, choice.quiet_hours(), choice.digest_mins);
            let there = waiting.get(&contact.id).into_iter().flatten();
            let there = there.filter(|(_, next)| !notice.hoa_toc && *next <= at).map(|(id, _)| *id).next();
            let message = match there {
                Some(id) if still_waits(tx, id).await? => id,
                _ => match new.iter().find(|(next, hoa_toc, _)| *next == at && *hoa_toc == notice.hoa_toc) {
                    Some((_, _, id)) => *id,
                    None => {
                        let message = message_to(&contact, Purpose::Notices, notice.hoa_toc, (at, held), now);
                        let id = message.id;
                        new.push((at, notice.hoa_toc, id));
                        messages.push(message);
                        id
                    }
                },
            };
            tx.append("notice_in_message", &["message", "notice"], vec![message.into(), notice.id.into()]);
        }
    }
    Ok(messages)
}

/// The watcher of a process: makes notices within a second of what they tell of, and rings for whoever looks at a page,
/// also for what another process made. It ends with the program.
pub async fn watch(app: App) {
    let mut seen = None;
    loop {
        if let Err(problem) = look(&app, &mut seen).await {
            tracing::warn!(problem = problem.chain(), "notices were not looked at");
        }
        tokio::time::sleep(LOOKS_EVERY).await;
    }
}

/// One look of the watcher; `seen` is the block up to which it has rung.
///
/// # Errors
/// When the database is away.
pub async fn look(app: &App, seen: &mut Option<i64>) -> Result<(), Problem> {
    loop {
        let derived = derive(app).await?;
        if let Some(from) = seen.replace(derived.up_to).filter(|from| *from < derived.up_to) {
            app.bell().ring(ring_of(app, from, derived.up_to).await?);
        }
        if !derived.more {
            return Ok(());
        }
    }
}

/// For whom something changed in some blocks.
async fn ring_of(app: &App, from: i64, up_to: i64) -> Result<Ring, Problem> {
    let mut conn = app.db().read().await?;
    let mut ring = Ring::default();
    let sql = "select path, account from notice where tenant = $1 and block > $2 and block <= $3
               union select path, account from notice where tenant = $4 and settled_block > $5 and settled_block <= $6";
    let blocks = params![conn.tenant(), from, up_to, conn.tenant(), from, up_to];
    for row in conn.rows(Sql::with(sql, blocks)).await? {
        match row.find("account")? {
            Some(account) => ring.persons.push(account),
            None => drop(ring.units.insert(row.get("path")?)),
        }
    }
    let marks = [MarkRead::NAME, MarkAllRead::NAME, TakeBackMark::NAME];
    let entries = journal::between(&mut conn, from, up_to, &marks).await?;
    ring.persons.extend(entries.iter().filter_map(|entry| entry.actor));
    Ok(ring)
}
