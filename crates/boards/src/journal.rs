//! The journal as pages (nhật ký): what was done within one's reach, the history of one record, the sealed chain.

mod fields;
mod store;
mod views;

use axum::extract::{Path as Address, Query};
use jiff::{Timestamp, ToSpan as _, civil::Date};
use vx_foundation::units::picked;
use vx_kernel::{Path, Problem, time};
use vx_platform::{
    auth::{
        Actor,
        Breadth::Subtree,
        Permission,
        Role::{Admin, Chair, Observer, Office},
        personal::{What, note_reading},
    },
    journal::{self, After, Entry, Wanted},
    sheet::{Cell, Column, Sheet, SheetKind},
    store::{Conn, Uuid},
    web::{Access, PageResult, Route, Visit, encode},
};

use super::asked;

/// The permission to read the journal of a unit and of all below it.
pub(crate) const READ: &str = "journal.read";
/// The permission to see personal fields there: telephone numbers, names to sign in with.
pub(crate) const PERSONAL: &str = "journal.personal";

/// Rows on a page.
const PAGE_MAX: i64 = 50;
/// Rows in an export: what a spreadsheet still opens at once; a longer span is exported in parts, by day.
const EXPORT_MAX: i64 = 20_000;
/// Blocks on the page of the chain.
const BLOCKS_MAX: i64 = 50;

pub(crate) const PERMISSIONS: [Permission; 2] = [
    Permission { name: READ, roles: &[(Admin, Subtree), (Chair, Subtree), (Office, Subtree), (Observer, Subtree)] },
    Permission { name: PERSONAL, roles: &[(Admin, Subtree), (Chair, Subtree), (Office, Subtree)] },
];

pub(crate) fn routes() -> Vec<Route> {
    vec![
        Route::get("/journal", Access::Needs(READ), list),
        Route::get("/journal.csv", Access::Needs(READ), export),
        Route::get("/journal/chain", Access::Needs(READ), chain),
        // Who may see a record may see its history, so these ask for the record and not for the journal.
        Route::get("/journal/entries/{id}", Access::Needs(super::READ), entry),
        Route::get("/journal/record/{id}", Access::Needs(super::READ), record),
    ]
}

type Pairs = Query<Vec<(String, String)>>;

/// What a visitor asks for, as it stands in the address.
pub(crate) struct Asked {
    pub(crate) wanted: Wanted,
    pub(crate) from: Option<Date>,
    pub(crate) until: Option<Date>,
}

fn day(query: &[(String, String)], name: &'static str) -> Result<Option<Date>, Problem> {
    let text = asked(query, name);
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Problem::invalid("web.field").with("field", name).with("value", text))
}

impl Asked {
    fn of(visit: &Visit, query: &[(String, String)]) -> Result<Self, Problem> {
        let filled = |name| Some(asked(query, name)).filter(|text| !text.is_empty()).map(str::to_owned);
        let (from, until) = (day(query, "from")?, day(query, "until")?);
        let begin = |day: Date| time::instant(day.at(0, 0, 0, 0)).map_err(Problem::internal);
        let after = |day: Date| -> Result<Timestamp, Problem> {
            begin(day)?.checked_add(24.hours()).map_err(|_| Problem::invalid("web.field").with("field", "until"))
        };
        let unit = filled("unit").map(|text| picked(&visit.app.tree(), &text, visit.today())).transpose()?;
        let wanted = Wanted {
            unit,
            person: filled("person"),
            verb: filled("verb"),
            record: filled("record"),
            from: from.map(begin).transpose()?,
            until: until.map(after).transpose()?,
            words: filled("q"),
            block: filled("block").and_then(|text| text.parse().ok()),
        };
        Ok(Self { wanted, from, until })
    }

    /// As the query of an address.
    pub(crate) fn query(&self) -> String {
        let wanted = &self.wanted;
        let pairs = [
            ("unit", wanted.unit.as_ref().map(|unit| unit.as_str().to_owned())),
            ("person", wanted.person.clone()),
            ("verb", wanted.verb.clone()),
            ("record", wanted.record.clone()),
            ("from", self.from.map(|day| day.to_string())),
            ("until", self.until.map(|day| day.to_string())),
            ("q", wanted.words.clone()),
            ("block", wanted.block.map(|block| block.to_string())),
        ];
        let pairs = pairs.iter().filter_map(|(name, value)| Some(format!("{name}={}", encode(value.as_deref()?))));
        pairs.collect::<Vec<_>>().join("&")
    }
}

async fn list(visit: Visit, Query(query): Pairs) -> PageResult {
    let asked_for = Asked::of(&visit, &query)?;
    let after = After::parse(asked(&query, "after"));
    let mut conn = visit.app.db().read().await?;
    let kept = vx_foundation::filters::kept(&visit, &mut conn, "/journal").await?;
    if let Some(first) = kept.first(&visit) {
        return Ok(first);
    }
    let reach = visit.actor()?.reach(READ);
    let mut entries = journal::list(&mut conn, &reach, &asked_for.wanted, after, PAGE_MAX + 1).await?;
    let next = cut(&mut entries).map(|last| After::of(&last).text());
    let names = store::names(&mut conn, &visit, &entries).await?;
    drop(conn);
    note_shown(&visit, What::Journal, &entries).await?;
    let body = views::list(&visit, &asked_for, &kept, &entries, &names, next.as_deref(), after.is_some());
    Ok(visit.page(&visit.t("journal"), body))
}

/// Notes that somebody saw personal fields of others in the journal, where there were any.
async fn note_shown(visit: &Visit, what: What, entries: &[Entry]) -> Result<(), Problem> {
    let actor = visit.actor()?;
    let from = actor.homes().first().map_or_else(Path::root, |path| (*path).clone());
    let persons = fields::persons_shown(visit, entries);
    note_reading(visit.app.db(), actor, what, &from, None, persons).await
}

/// Takes the row that only says that there is a next page off; returns the last one shown.
fn cut(entries: &mut Vec<Entry>) -> Option<Entry> {
    let most = usize::try_from(PAGE_MAX).unwrap_or(usize::MAX);
    if entries.len() <= most {
        return None;
    }
    entries.truncate(most);
    entries.last().cloned()
}

async fn export(visit: Visit, Query(query): Pairs) -> PageResult {
    let asked_for = Asked::of(&visit, &query)?;
    let mut conn = visit.app.db().read().await?;
    let reach = visit.actor()?.reach(READ);
    let entries = journal::list(&mut conn, &reach, &asked_for.wanted, None, EXPORT_MAX).await?;
    let names = store::names(&mut conn, &visit, &entries).await?;
    drop(conn);
    note_shown(&visit, What::JournalFile, &entries).await?;
    let heads = [
        ("at", 20),
        ("verb", 26),
        ("kind", 18),
        ("record", 40),
        ("unit", 36),
        ("person", 26),
        ("for", 26),
        ("reason", 40),
        ("changes", 60),
        ("block", 10),
        ("id", 38),
    ];
    let columns = heads.map(|(key, width)| Column { title: visit.t(&format!("journal-csv-{key}")), width });
    let mut sheet = Sheet::begin(SheetKind::Csv, &visit.t("journal"), &columns)?;
    for entry in &entries {
        let changes = fields::changes(&visit, entry, &names);
        let changes: Vec<String> = changes.iter().map(fields::Change::in_a_line).collect();
        sheet.row(&[
            Cell::At(entry.at),
            views::verb(&visit, &entry.verb).into(),
            views::kind(&visit, &entry.record).into(),
            names.title(&visit, entry).into(),
            visit.unit(&entry.path).into(),
            entry.actor_name.clone().into(),
            entry.on_behalf_of.clone().unwrap_or_default().into(),
            entry.reason.clone().unwrap_or_default().into(),
            changes.join("; ").into(),
            entry.block.map_or(Cell::Empty, Cell::Count),
            entry.id.to_string().into(),
        ])?;
    }
    Ok(sheet.download("nhat-ky").await?)
}

/// Whether a visitor may see what stands in the history of a record: by the record itself, or by the journal.
async fn sees(conn: &mut Conn, actor: &Actor, about: Uuid, path: &Path) -> Result<bool, Problem> {
    Ok(actor.may(READ, path) || store::sees_record(conn, actor, about).await?)
}

async fn entry(visit: Visit, Address(id): Address<String>) -> PageResult {
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
    let mut conn = visit.app.db().read().await?;
    let entry = journal::entry(&mut conn, id).await?;
    if !sees(&mut conn, visit.actor()?, entry.about_id, &entry.path).await? {
        return Err(Problem::not_found().into());
    }
    let sealed = journal::sealed(&mut conn, id).await?;
    let names = store::names(&mut conn, &visit, std::slice::from_ref(&entry)).await?;
    drop(conn);
    note_shown(&visit, What::Journal, std::slice::from_ref(&entry)).await?;
    let body = views::entry(&visit, &entry, &names, &sealed);
    Ok(visit.page(&views::verb(&visit, &entry.verb), body))
}

async fn record(visit: Visit, Address(id): Address<String>, Query(query): Pairs) -> PageResult {
    let id: Uuid = id.parse().map_err(|_| Problem::not_found())?;
    let before = asked(&query, "before").parse().ok();
    let actor = visit.actor()?;
    let mut conn = visit.app.db().read().await?;
    let mut entries = journal::history(&mut conn, id, before).await?;
    let most = usize::try_from(journal::HISTORY_MAX).unwrap_or(usize::MAX);
    let next = entries.last().filter(|_| entries.len() >= most).map(|entry| entry.id);
    if !store::sees_record(&mut conn, actor, id).await? {
        entries.retain(|entry| actor.may(READ, &entry.path));
        // Whether there is more must not be told to who sees none of it.
        if entries.is_empty() {
            return Err(Problem::not_found().into());
        }
    }
    let names = store::names(&mut conn, &visit, &entries).await?;
    drop(conn);
    note_shown(&visit, What::Journal, &entries).await?;
    let title = names.title_of(id).map_or_else(|| visit.t("journal-of-record"), str::to_owned);
    let body = views::record(&visit, id, &title, &entries, &names, next, before.is_some());
    Ok(visit.page(&title, body))
}

async fn chain(visit: Visit, Query(query): Pairs) -> PageResult {
    let before = asked(&query, "before").parse().ok();
    let mut conn = visit.app.db().read().await?;
    let head = journal::head(&mut conn).await?;
    let mut blocks = journal::blocks(&mut conn, before, BLOCKS_MAX + 1).await?;
    drop(conn);
    let most = usize::try_from(BLOCKS_MAX).unwrap_or(usize::MAX);
    let next = (blocks.len() > most).then(|| blocks.get(most - 1).map(|block| block.number)).flatten();
    blocks.truncate(most);
    Ok(visit.page(&visit.t("journal-chain"), views::chain(&visit, head.as_ref(), &blocks, next, before.is_some())))
}
