//! Which documents a dispatch rests on, and which rest on it (viện dẫn, thay thế, đính chính, thu hồi).
//!
//! Every dispatch leaves rows in `directive_link`, worked out from its record: its own number, what it cites, and the
//! documents that changed it. Which held dispatch a cited number means is decided when it is looked at, so that a
//! document taken in later is found as well.

use std::collections::{BTreeMap, BTreeSet};

use vx_concepts::engine::{self, Effect};
use vx_kernel::{Date, Id, Path, Problem, ids, text::fold};
use vx_platform::{
    auth::Actor,
    store::{Conn, Row, Sql, Uuid, Value},
    text_enum,
    web::App,
};

use crate::{Directive, DirectiveState, Review, store::seen, types::ChangeVerb};

pub(crate) mod pages;

text_enum! {
    /// How a dispatch is tied to a document. The row belongs to the dispatch whose record says it.
    pub enum LinkKind {
        /// Its own number: what others mean when they cite it.
        Itself = "itself",
        /// It cites the document (căn cứ, viện dẫn).
        Cites = "cites",
        /// The document took its place (được thay thế).
        ReplacedBy = "replaced_by",
        /// The document put it right (được đính chính).
        CorrectedBy = "corrected_by",
        /// The document took it back (bị thu hồi).
        RecalledBy = "recalled_by",
    }
}

const TABLE: &str = "directive_link";
const COLUMNS: &[&str] = &["record", "n", "kind", "folded", "number", "document", "issuer", "issued_on", "target"];

/// A number as it is compared: without marks, spaces and punctuation. `1844/UBND-VX` is `1844ubndvx`.
#[must_use]
pub fn number_key(number: &str) -> String {
    fold(number).replace(' ', "")
}

fn word(value: serde_json::Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// The rows of a dispatch, without tenant and record.
fn rows_of(directive: &Directive) -> Vec<Vec<Value>> {
    let mut rows: Vec<Vec<Value>> = Vec::new();
    let mut put = |kind: LinkKind,
                   number: Option<&str>,
                   document: Option<String>,
                   issuer: Option<String>,
                   issued_on: Option<Date>,
                   target: Option<Uuid>| {
        let n = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let folded = number.map(number_key).unwrap_or_default();
        let number = number.map(str::to_owned);
        rows.push(vec![
            n.into(),
            kind.as_str().into(),
            folded.into(),
            number.into(),
            document.into(),
            issuer.into(),
            issued_on.into(),
            target.into(),
        ]);
    };
    let own = directive.number.as_deref();
    put(LinkKind::Itself, own, directive.kind.clone(), directive.issuer.clone(), directive.issued_on, None);
    if let Some(review) = Review::of(&directive.review) {
        for citation in &review.dispatch.citations {
            let named = named(citation);
            let called = Some(named.number.as_str()).filter(|number| !number.is_empty());
            put(LinkKind::Cites, called, named.document, named.issuer, named.issued_on, None);
        }
    }
    for change in directive.changes() {
        let kind = match change.verb {
            ChangeVerb::Corrected => LinkKind::CorrectedBy,
            ChangeVerb::Recalled => LinkKind::RecalledBy,
            ChangeVerb::Replaced => LinkKind::ReplacedBy,
        };
        if change.document.is_some() || change.other.is_some() {
            put(kind, change.document.as_deref(), None, None, None, change.other);
        }
    }
    rows
}

/// What a command that saves a dispatch adds to its decision, so that its links are those of the record.
#[must_use]
pub(crate) fn index_of(directive: &Directive) -> Effect {
    Effect::Index { table: TABLE, columns: COLUMNS, rows: rows_of(directive) }
}

/// Dispatches that are indexed in one transaction.
const STEP_MAX: i64 = 100;

/// Indexes dispatches that were taken in before there was an index; does nothing when there are none.
///
/// # Errors
/// When the database is away.
pub async fn backfill(app: &App) -> Result<(), Problem> {
    loop {
        let n = app
            .db()
            .write(|tx| {
                Box::pin(async move {
                    let sql = Sql::new("select id from directive d where d.tenant = ").bind(tx.tenant());
                    let sql = sql.sql(" and not exists (select 1 from directive_link l where l.tenant = ");
                    let sql = sql.bind(tx.tenant()).sql(" and l.record = d.id) order by d.id limit ").bind(STEP_MAX);
                    let ids: Vec<Uuid> =
                        tx.rows(sql).await?.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
                    for id in &ids {
                        let directive: Directive = tx.load(*id).await?;
                        engine::index(tx, TABLE, COLUMNS, *id, rows_of(&directive), false).await?;
                    }
                    Ok(ids.len())
                })
            })
            .await?;
        if n == 0 {
            return Ok(());
        }
    }
}

/// A dispatch that we hold and the reader may see.
#[derive(Clone, PartialEq, Debug)]
pub struct Held {
    /// Which.
    pub id: Id<ids::Directive>,
    /// The unit that took it in.
    pub path: Path,
    /// Where it is.
    pub state: DirectiveState,
    /// Number, or the file's name.
    pub label: String,
    /// Its number as it is compared.
    pub folded: String,
    /// Day of issue.
    pub issued_on: Option<Date>,
    /// What it is about.
    pub subject: Option<String>,
}

/// A document as a dispatch names it.
#[derive(Clone, PartialEq, Debug)]
pub struct Named {
    /// Number, or the name of a law.
    pub number: String,
    /// Its number as it is compared.
    pub folded: String,
    /// Kind of document.
    pub document: Option<String>,
    /// Who issued it.
    pub issuer: Option<String>,
    /// When.
    pub issued_on: Option<Date>,
}

/// The held dispatch that a named document means: the same number, and the same day where both have one. Without a
/// day it is the last one issued before the dispatch that names it. Numbers begin anew each year and in each province,
/// so one of the same province comes before others.
#[must_use]
pub fn meant<'h>(named: &Named, by: &Held, held: &'h [Held]) -> Option<&'h Held> {
    let province = by.path.at_depth(1);
    held.iter()
        .filter(|other| other.id != by.id && !named.folded.is_empty() && other.folded == named.folded)
        .filter(|other| match (named.issued_on, other.issued_on, by.issued_on) {
            (Some(said), Some(day), _) => said == day,
            (None, Some(day), Some(cited)) => day <= cited,
            _ => true,
        })
        .max_by_key(|other| (other.path.at_depth(1) == province, other.issued_on))
}

/// Links looked at around one dispatch at the most; a dispatch cites a few dozen documents.
const LINKS_MAX: i64 = 2_000;

const HELD: &str =
    "select d.id, d.path, d.state, d.number, d.file_name, d.issued_on, d.subject from directive d where d.tenant = ";

fn held(row: &Row) -> Result<Held, Problem> {
    let number: Option<String> = row.find("number")?;
    Ok(Held {
        id: row.get("id")?,
        path: row.get("path")?,
        state: row.get("state")?,
        folded: number.as_deref().map(number_key).unwrap_or_default(),
        label: match number {
            Some(number) => number,
            None => row.get("file_name")?,
        },
        issued_on: row.find("issued_on")?,
        subject: row.find("subject")?,
    })
}

/// Held dispatches with these ids that the reader may see.
async fn by_id(conn: &mut Conn, actor: &Actor, ids: Vec<Uuid>) -> Result<Vec<Held>, Problem> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let sql = Sql::new(HELD).bind(conn.tenant()).sql(" and d.id in ").list(ids).sql(" and ");
    let sql = seen(sql, conn, actor).sql(" order by d.id limit ").bind(LINKS_MAX);
    conn.rows(sql).await?.iter().map(held).collect()
}

/// Held dispatches with these numbers that the reader may see.
pub(crate) async fn by_number(conn: &mut Conn, actor: &Actor, numbers: Vec<String>) -> Result<Vec<Held>, Problem> {
    if numbers.is_empty() {
        return Ok(Vec::new());
    }
    let sql =
        Sql::new(HELD).bind(conn.tenant()).sql(" and d.id in (select l.record from directive_link l where l.tenant = ");
    let sql =
        sql.bind(conn.tenant()).sql(" and l.kind = ").bind(LinkKind::Itself).sql(" and l.folded in ").list(numbers);
    let sql = sql.sql(") and d.state <> ").bind(DirectiveState::Discarded).sql(" and ");
    let sql = seen(sql, conn, actor).sql(" order by d.id limit ").bind(LINKS_MAX);
    conn.rows(sql).await?.iter().map(held).collect()
}

/// Dispatches whose place one took, that the reader may see.
///
/// # Errors
/// When the database is away.
pub(crate) async fn replaced_by(conn: &mut Conn, actor: &Actor, id: Id<ids::Directive>) -> Result<Vec<Held>, Problem> {
    let sql = Sql::new("select l.record as id from directive_link l where l.tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and l.target = ").bind(id).sql(" and l.kind = ").bind(LinkKind::ReplacedBy);
    let rows = conn.rows(sql.sql(" order by l.record limit ").bind(LINKS_MAX)).await?;
    let ids = rows.iter().map(|row| row.get("id")).collect::<Result<_, _>>()?;
    by_id(conn, actor, ids).await
}

/// A citation as the index names it.
pub(crate) fn named(citation: &vx_dispatch::Citation) -> Named {
    // A law cited by name has no number; its name finds it again in another dispatch.
    let called = citation.number.clone().or_else(|| citation.title.clone()).unwrap_or_default();
    Named {
        folded: number_key(&called),
        number: called,
        document: word(serde_json::json!(citation.kind)),
        issuer: citation.issuer.clone(),
        issued_on: citation.issued_on.as_deref().and_then(|day| day.parse().ok()),
    }
}

/// What a tie says, from the document that acts to the one it acts on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Tie {
    /// Rests on it (căn cứ).
    Cites,
    /// Takes its place (thay thế).
    Replaces,
    /// Puts it right (đính chính).
    Corrects,
    /// Takes it back (thu hồi).
    Recalls,
}

impl Tie {
    /// The key of its word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cites => "cites",
            Self::Replaces => "replaces",
            Self::Corrects => "corrects",
            Self::Recalls => "recalls",
        }
    }
}

/// A document in the graph.
#[derive(Clone, PartialEq, Debug)]
pub enum Document {
    /// We hold it.
    Held(Held),
    /// We know only its name.
    Named(Named),
}

impl Document {
    fn key(&self) -> String {
        match self {
            Self::Held(held) => held.id.to_string(),
            // The same number of two years is two documents.
            Self::Named(named) => {
                format!("{}|{}", named.folded, named.issued_on.map_or(String::new(), |day| day.to_string()))
            }
        }
    }
    /// Day of issue.
    #[must_use]
    pub fn issued_on(&self) -> Option<Date> {
        match self {
            Self::Held(held) => held.issued_on,
            Self::Named(named) => named.issued_on,
        }
    }
    /// How it is called.
    #[must_use]
    pub fn label(&self) -> &str {
        match self {
            Self::Held(held) => &held.label,
            Self::Named(named) => &named.number,
        }
    }
}

/// Documents around one dispatch. Levels below nought are what it rests on, above nought what rests on it.
#[derive(Clone, PartialEq, Debug)]
pub struct Graph {
    /// Documents with their level, the dispatch itself first.
    pub documents: Vec<(i8, Document)>,
    /// From which document to which, by index, and what it says.
    pub ties: Vec<(usize, usize, Tie)>,
    /// Documents left out because there are too many.
    pub n_left_out: usize,
}

/// Documents shown in one graph: as many as a screen shows legibly.
pub const DOCUMENTS_MAX: usize = 60;
/// Levels each way.
const LEVELS: i8 = 2;

struct LinkRow {
    record: Uuid,
    kind: LinkKind,
    named: Named,
    target: Option<Uuid>,
}

fn link_row(row: &Row) -> Result<LinkRow, Problem> {
    let number: Option<String> = row.find("number")?;
    Ok(LinkRow {
        record: row.get("record")?,
        kind: row.get("kind")?,
        named: Named {
            number: number.unwrap_or_default(),
            folded: row.get("folded")?,
            document: row.find("document")?,
            issuer: row.find("issuer")?,
            issued_on: row.find("issued_on")?,
        },
        target: row.find("target")?,
    })
}

const LINKS: &str = "select l.record, l.kind, l.folded, l.number, l.document, l.issuer, l.issued_on, l.target from directive_link l where l.tenant = ";

/// Every tie that touches one of some held dispatches: who acts, on whom, how.
async fn ties_of(conn: &mut Conn, actor: &Actor, around: &[Held]) -> Result<Vec<(Document, Document, Tie)>, Problem> {
    let ids: Vec<Uuid> = around.iter().map(|held| held.id.uuid()).collect();
    let numbers: Vec<String> =
        around.iter().map(|held| held.folded.clone()).filter(|folded| !folded.is_empty()).collect();
    let own = Sql::new(LINKS).bind(conn.tenant()).sql(" and l.record in ").list(ids.clone());
    let own = own.sql(" and l.kind <> ").bind(LinkKind::Itself).sql(" order by l.record, l.n limit ").bind(LINKS_MAX);
    let mut rows: Vec<LinkRow> = conn.rows(own).await?.iter().map(link_row).collect::<Result<_, _>>()?;
    let theirs = Sql::new(LINKS).bind(conn.tenant()).sql(" and (l.target in ").list(ids.clone());
    let theirs = theirs.sql(" or l.folded in ").list(numbers).sql(") and l.kind <> ").bind(LinkKind::Itself);
    let theirs = theirs.sql(" order by l.record, l.n limit ").bind(LINKS_MAX);
    for row in conn.rows(theirs).await? {
        let row = link_row(&row)?;
        if !ids.contains(&row.record) {
            rows.push(row);
        }
    }
    // Who is meant by what the rows name: by id where it is known, by number else.
    let mut wanted: BTreeSet<Uuid> = rows.iter().map(|row| row.record).collect();
    wanted.extend(rows.iter().filter_map(|row| row.target));
    let by_ids = by_id(conn, actor, wanted.into_iter().collect()).await?;
    let named: BTreeSet<String> =
        rows.iter().map(|row| row.named.folded.clone()).filter(|folded| !folded.is_empty()).collect();
    let candidates = by_number(conn, actor, named.into_iter().collect()).await?;
    let of_id: BTreeMap<Uuid, &Held> = by_ids.iter().map(|held| (held.id.uuid(), held)).collect();
    let mut ties = Vec::new();
    for row in rows {
        // A dispatch that the reader may not see does not exist for them, and what it says neither.
        let Some(by) = of_id.get(&row.record).copied() else { continue };
        let other =
            match row.target.and_then(|id| of_id.get(&id).copied()).or_else(|| meant(&row.named, by, &candidates)) {
                Some(held) => Document::Held(held.clone()),
                None if row.named.number.is_empty() => continue,
                None => Document::Named(row.named),
            };
        let this = Document::Held(by.clone());
        ties.push(match row.kind {
            LinkKind::Itself => continue,
            LinkKind::Cites => (this, other, Tie::Cites),
            LinkKind::ReplacedBy => (other, this, Tie::Replaces),
            LinkKind::CorrectedBy => (other, this, Tie::Corrects),
            LinkKind::RecalledBy => (other, this, Tie::Recalls),
        });
    }
    Ok(ties)
}

/// The documents around a dispatch, two levels each way.
///
/// # Errors
/// When the database is away.
pub async fn graph(conn: &mut Conn, actor: &Actor, of: Held) -> Result<Graph, Problem> {
    let mut graph = Graph { documents: vec![(0, Document::Held(of.clone()))], ties: Vec::new(), n_left_out: 0 };
    let mut at: BTreeMap<String, usize> = BTreeMap::from([(of.id.to_string(), 0)]);
    let mut left_out: BTreeSet<String> = BTreeSet::new();
    for direction in [-1, 1] {
        let mut around = vec![of.clone()];
        for step in 1..=LEVELS {
            if around.is_empty() {
                break;
            }
            let here: BTreeSet<String> = around.iter().map(|held| held.id.to_string()).collect();
            let mut ties = ties_of(conn, actor, &around).await?;
            // The newest are kept when there are too many.
            ties.sort_by_key(|(from, to, tie)| {
                let far = if direction < 0 { to } else { from };
                (*tie == Tie::Cites, std::cmp::Reverse(far.issued_on()), far.key())
            });
            let mut next = Vec::new();
            for (from, to, tie) in ties {
                let (near, far) = if direction < 0 { (&from, &to) } else { (&to, &from) };
                if !here.contains(&near.key()) {
                    continue;
                }
                let Some(near) = at.get(&near.key()).copied() else { continue };
                let far = match at.get(&far.key()).copied() {
                    Some(index) => index,
                    None if graph.documents.len() >= DOCUMENTS_MAX => {
                        left_out.insert(far.key());
                        continue;
                    }
                    None => {
                        let index = graph.documents.len();
                        at.insert(far.key(), index);
                        if let Document::Held(held) = far {
                            next.push(held.clone());
                        }
                        graph.documents.push((direction * step, far.clone()));
                        index
                    }
                };
                let tie = if direction < 0 { (near, far, tie) } else { (far, near, tie) };
                // Who replaces a document also names it: the stronger word says both. Ties come with it first.
                let told = graph
                    .ties
                    .iter()
                    .any(|(from, to, of)| (*from, *to) == (tie.0, tie.1) && (*of == tie.2 || tie.2 == Tie::Cites));
                if !told {
                    graph.ties.push(tie);
                }
            }
            around = next;
        }
    }
    graph.n_left_out = left_out.len();
    Ok(graph)
}

/// What a dispatch says it does to another: "thay thế Công văn số …", "bãi bỏ …".
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    /// Which verb.
    pub verb: ChangeVerb,
    /// Index of the citation.
    pub citation: usize,
}

/// Words before a number that act on the document, folded; the last before the number counts.
const ACTS: &[(&str, ChangeVerb)] = &[
    ("thay the", ChangeVerb::Replaced),
    ("thu hoi", ChangeVerb::Recalled),
    ("bai bo", ChangeVerb::Recalled),
    ("huy bo", ChangeVerb::Recalled),
    ("dinh chinh", ChangeVerb::Corrected),
];
/// Words between such a word and the number that say it is about something else.
const OTHERS: &[&str] = &["can cu", "theo", "thuc hien", "tai", "quy dinh"];
/// Characters before a number in which such a word stands: "thay thế Công văn số … và Công văn số".
const ACT_REACH: usize = 120;

/// What the text says it does to documents it cites, in the order of the citations.
#[must_use]
pub fn said(text: &str, dispatch: &vx_dispatch::Dispatch) -> Vec<Said> {
    let mut found = Vec::new();
    for (index, citation) in dispatch.citations.iter().enumerate() {
        let places = std::iter::once(&citation.span).chain(&citation.mentions);
        let verb = places.filter_map(|span| act_before(text.get(..span.start)?)).next();
        found.extend(verb.map(|verb| Said { verb, citation: index }));
    }
    found
}

/// The verb that acts on a document named after this text: the last one, in the same sentence.
fn act_before(text: &str) -> Option<ChangeVerb> {
    let near: String = text.chars().rev().take(ACT_REACH).collect::<Vec<_>>().into_iter().rev().collect();
    let near = near.rsplit(". ").next()?.rsplit(';').next()?.rsplit("\n\n").next()?;
    let folded = format!(" {} ", fold(near));
    let (at, words, verb) = ACTS
        .iter()
        .filter_map(|(words, verb)| Some((folded.rfind(&format!(" {words} "))?, *words, *verb)))
        .max_by_key(|(at, ..)| *at)?;
    let (before, after) = (folded.get(..at)?, folded.get(at + words.len() + 1..)?);
    let denied = before.ends_with(" khong") || before.ends_with(" bo sung");
    let elsewhere = OTHERS.iter().any(|other| after.contains(&format!(" {other} ")));
    (!denied && !elsewhere).then_some(verb)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_dispatch_says_it_does_to_others() {
        for (sentence, expected) in [
            ("Văn bản này thay thế Công văn số 9002/UBND-VX ngày 03/9/2021.", "9002/UBND-VX replaced"),
            ("Bãi bỏ Quyết định số 12/QĐ-UBND ngày 01/8/2021 của Chủ tịch UBND tỉnh.", "12/QĐ-UBND recalled"),
            ("Thu hồi Công điện số 05/CĐ-UBND ngày 02/9/2021.", "05/CĐ-UBND recalled"),
            ("Đính chính Công văn số 9003/UBND-VX ngày 08/9/2021.", "9003/UBND-VX corrected"),
            (
                "Văn bản này thay thế Công văn số 9001/UBND-VX ngày 30/8/2021 và Công văn số 9002/UBND-VX ngày 03/9/2021.",
                "9001/UBND-VX replaced, 9002/UBND-VX replaced",
            ),
            ("Căn cứ Quyết định số 2093/QĐ-UBND ngày 15/8/2021.", ""),
            ("Không thay thế Công văn số 9002/UBND-VX ngày 03/9/2021.", ""),
            ("Thực hiện sửa đổi, bổ sung, thay thế theo Nghị quyết số 30/2021/QH15.", ""),
            ("Công tác thay thế cán bộ thực hiện theo Quyết định số 2093/QĐ-UBND ngày 15/8/2021.", ""),
        ] {
            let text = crate::tests::dispatch(&format!("1. Sở Y tế rà soát. {sentence}"));
            let outcome = vx_dispatch::parse(&text);
            let dispatch = &outcome.dispatches[0];
            let got: Vec<String> = said(&text, dispatch)
                .iter()
                .map(|said| {
                    let number = dispatch.citations[said.citation].number.as_deref().unwrap_or_default();
                    format!("{number} {}", said.verb)
                })
                .collect();
            assert_eq!(got.join(", "), expected, "{sentence}");
        }
    }

    fn held(path: &str, number: &str, day: Option<&str>) -> Held {
        Held {
            id: Id::fresh(),
            path: Path::parse(path).unwrap(),
            state: DirectiveState::Issued,
            label: format!("{number} {path} {}", day.unwrap_or("-")),
            folded: number_key(number),
            issued_on: day.map(|day| day.parse().unwrap()),
            subject: None,
        }
    }

    #[test]
    fn a_cited_number_means_the_dispatch_of_that_day_or_the_last_before() {
        let library = [
            held("94/", "1844/UBND-VX", Some("2020-05-02")),
            held("94/", "1844/UBND-VX", Some("2021-08-30")),
            held("91/", "1844/UBND-VX", Some("2021-08-30")),
            held("94/", "9/UBND-VX", None),
        ];
        let by = held("94/", "77/UBND-VX", Some("2021-09-10"));
        for (number, day, expected) in [
            ("1844/UBND-VX", Some("2021-08-30"), "1844/UBND-VX 94/ 2021-08-30"),
            ("1844 / UBND – VX", Some("2020-05-02"), "1844/UBND-VX 94/ 2020-05-02"),
            ("1844/UBND-VX", None, "1844/UBND-VX 94/ 2021-08-30"),
            ("1844/UBND-VX", Some("2021-08-31"), ""),
            ("9/UBND-VX", Some("2021-01-01"), "9/UBND-VX 94/ -"),
            ("2/UBND-VX", None, ""),
        ] {
            let named = Named {
                number: number.to_owned(),
                folded: number_key(number),
                document: None,
                issuer: None,
                issued_on: day.map(|day| day.parse().unwrap()),
            };
            let got = meant(&named, &by, &library).map_or("", |held| held.label.as_str());
            assert_eq!(got, expected, "{number} {day:?}");
        }
    }
}
