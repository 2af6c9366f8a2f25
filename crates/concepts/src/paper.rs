//! Documents that a unit issues (văn bản đi): drafted, reviewed, signed, numbered, issued.
//!
//! Whatever a subsystem has to say in the official form (a dispatch, a report with tables and charts) it hands over as
//! a `vx_dispatch::Draft` by [`Write`]; from there every document takes the same way, which `vx-papers` decides.
//!
//! **Invariant:** what was signed is what is issued: the content changes in the state `draft` only, and by numbering in
//! number and day only.
//! **Invariant:** numbers of a unit, year and series have no gap and no double (unique index `paper_number`).

use jiff::Timestamp;
use vx_dispatch::{Draft, Kind};
use vx_kernel::{
    Date, Id, Path, Problem, ProblemKind, ids,
    text::{fold, sort_key},
};
use vx_platform::{
    auth::{Actor, within},
    record,
    store::{Conn, Record as _, Sql, Tx, Uuid},
    text_enum,
};

use crate::{
    engine::{Command, Decision},
    work::Urgency,
};

/// Its schema.
pub const MIGRATION: &str = include_str!("../migrations/0006_paper.sql");
/// What a document rests on was added to it later.
pub const MIGRATION_RESTS_ON: &str = include_str!("../migrations/0007_paper_rests_on.sql");
/// So was the page of what changed after it went out.
pub const MIGRATION_OVERTAKEN: &str = include_str!("../migrations/0009_paper_overtaken.sql");
/// The permission to see documents of a unit before they are out.
pub const READ: &str = "papers.read";
/// Clauses of one document; the longest we know have sixty.
pub const CLAUSES_MAX: usize = 200;

text_enum! {
    /// Where a document is.
    pub enum PaperState {
        /// Being written (bản thảo).
        Draft = "draft",
        /// Waits for whoever is to sign (chờ ký).
        Review = "review",
        /// Signed, waits for its number (đã ký).
        Signed = "signed",
        /// Numbered and dated, not yet out (đã cấp số).
        Numbered = "numbered",
        /// Out (đã phát hành).
        Issued = "issued",
        /// Another took its place (đã được thay thế).
        Superseded = "superseded",
        /// Out, and put right by another (đã được đính chính).
        Corrected = "corrected",
        /// Given up before it was numbered (đã bỏ).
        Discarded = "discarded",
    }
}

impl PaperState {
    /// Whether it is out, whatever became of it afterwards.
    #[must_use]
    pub fn is_out(self) -> bool {
        matches!(self, Self::Issued | Self::Superseded | Self::Corrected)
    }
}

record! {
    /// A document that a unit issues (văn bản đi). `path` is the unit.
    pub struct Paper[ids::Paper] in "paper" {
        /// Where it is.
        pub state: PaperState,
        /// Type of document.
        pub kind: String,
        /// Urgency stamp.
        pub urgency: Option<Urgency>,
        /// Issuing body as printed.
        pub issuer: String,
        /// What it is about.
        pub subject: String,
        /// What stands behind the number: `UBND-VX`, `BC-SYT`.
        pub symbol: String,
        /// By what its number counts: the type of document.
        pub series: String,
        /// The year in which its number counts.
        pub year: Option<i64>,
        /// Its place in the series.
        pub sequence: Option<i64>,
        /// Number and symbol as printed.
        pub number: Option<String>,
        /// Day of issue.
        pub issued_on: Option<Date>,
        /// Who drafted it.
        pub drafted_by: String,
        /// The unit where whoever is to sign holds the post.
        pub signs_at: Option<Path>,
        /// Who signed.
        pub signer: Option<String>,
        /// The post in which they signed.
        pub signer_post: Option<String>,
        /// The written delegation by which somebody signs (TUQ.).
        pub delegation: Option<String>,
        /// When it was signed.
        pub signed_at: Option<Timestamp>,
        /// When it went out.
        pub issued_at: Option<Timestamp>,
        /// The document whose place it is to take.
        pub replaces: Option<Uuid>,
        /// The document that it is to put right.
        pub corrects: Option<Uuid>,
        /// The document that took its place or put it right.
        pub followed_by: Option<Uuid>,
        /// The page of the program whose figures it reports: `/reports/…/sum?unit=94/&on=2021-09-03`.
        pub rests_on: Option<String>,
        /// The page of the program where what it says was changed by something later that is no document about it: a
        /// unit whose zone was decided anew. None while it holds.
        pub overtaken: Option<String>,
        /// Pages of the edition.
        pub n_pages: Option<i64>,
        /// What it says, as JSON of [`Draft`].
        #[serde(skip)]
        pub content: String,
        /// Paths of the units to which it was sent, parted by spaces.
        pub sent_to: String,
        /// SHA-256 of its text; the bytes lie in the files folder.
        pub text_sha256: Option<Vec<u8>>,
        /// SHA-256 of its PDF; the bytes lie in the files folder.
        pub pdf_sha256: Option<Vec<u8>>,
        /// SHA-256 of its Word file; the bytes lie in the files folder.
        pub word_sha256: Option<Vec<u8>>,
        /// Number, issuer and subject folded for search.
        #[serde(skip)]
        pub folded: String,
    } keys {
        subject_key: Vec<u8> = |paper| sort_key(&paper.subject),
    }
}

impl Paper {
    /// A draft of a unit.
    #[must_use]
    pub fn new(path: Path, symbol: &str, draft: &Draft, drafted_by: &str) -> Self {
        let blank = Self {
            id: Id::fresh(),
            path,
            version: 0,
            state: PaperState::Draft,
            kind: String::new(),
            urgency: None,
            issuer: String::new(),
            subject: String::new(),
            symbol: String::new(),
            series: String::new(),
            year: None,
            sequence: None,
            number: None,
            issued_on: None,
            drafted_by: drafted_by.to_owned(),
            signs_at: None,
            signer: None,
            signer_post: None,
            delegation: None,
            signed_at: None,
            issued_at: None,
            replaces: None,
            corrects: None,
            followed_by: None,
            rests_on: None,
            overtaken: None,
            n_pages: None,
            content: String::new(),
            sent_to: String::new(),
            text_sha256: None,
            pdf_sha256: None,
            word_sha256: None,
            folded: String::new(),
        };
        blank.with_draft(symbol, draft)
    }

    /// The record with what is written so far. A number and a day of issue are given later, never written.
    #[must_use]
    pub fn with_draft(self, symbol: &str, draft: &Draft) -> Self {
        let draft = Draft { number: None, issued_on: None, ..draft.clone() };
        let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let symbol: String = symbol.chars().filter(|c| !c.is_whitespace()).collect();
        self.said(Self { symbol: symbol.trim_matches('/').to_owned(), ..self.clone() }, &draft, plain)
    }

    fn said(&self, base: Self, draft: &Draft, plain: impl Fn(&str) -> String) -> Self {
        let word = |value: serde_json::Value| value.as_str().map(str::to_owned);
        let kind = word(serde_json::json!(draft.kind)).unwrap_or_default();
        let texts = [base.number.as_deref().unwrap_or_default(), &draft.issuer, &draft.subject].join(" ");
        Self {
            urgency: word(serde_json::json!(draft.urgency)).and_then(|word| Urgency::parse(&word)),
            issuer: plain(&draft.issuer),
            subject: plain(&draft.subject),
            folded: fold(&texts),
            content: serde_json::to_string(draft).unwrap_or_default(),
            series: kind.clone(),
            kind,
            ..base
        }
    }

    /// The record with its place in the series, and its number and day in what it says.
    #[must_use]
    pub fn numbered(self, sequence: i64, on: Date) -> Self {
        // Basis: NĐ 30/2020/NĐ-CP, Annex I: numbers below 10 have a nought before them.
        let number = format!("{sequence:02}/{}", self.symbol);
        let draft = Draft { number: Some(number.clone()), issued_on: Some(on.to_string()), ..self.draft() };
        let base = Self {
            state: PaperState::Numbered,
            year: Some(i64::from(on.year())),
            sequence: Some(sequence),
            number: Some(number),
            issued_on: Some(on),
            ..self.clone()
        };
        self.said(base, &draft, str::to_owned)
    }

    /// The record with who signed.
    #[must_use]
    pub fn signed(self, name: &str, post: &str, at: Timestamp) -> Self {
        let draft = Draft { name: name.to_owned(), ..self.draft() };
        let base = Self {
            state: PaperState::Signed,
            signer: Some(name.to_owned()),
            signer_post: Some(post.to_owned()),
            signed_at: Some(at),
            ..self.clone()
        };
        self.said(base, &draft, str::to_owned)
    }

    /// What it says.
    #[must_use]
    pub fn draft(&self) -> Draft {
        serde_json::from_str(&self.content).unwrap_or_else(|_| Draft::new(Kind::CongVan))
    }

    /// What it says as it will look: with room for a number that was not given yet.
    #[must_use]
    pub fn as_it_stands(&self) -> Draft {
        let draft = self.draft().tidy();
        let number = draft.number.clone().unwrap_or_else(|| format!("      /{}", self.symbol));
        Draft { number: Some(number), ..draft }
    }

    /// Type of document.
    #[must_use]
    pub fn kind(&self) -> Kind {
        serde_json::from_value(serde_json::json!(self.kind)).unwrap_or(Kind::CongVan)
    }

    /// How lists call it.
    #[must_use]
    pub fn label(&self) -> String {
        let named = || if self.subject.is_empty() { format!("…/{}", self.symbol) } else { self.subject.clone() };
        self.number.clone().unwrap_or_else(named)
    }

    /// The name of a file of it, without its ending.
    #[must_use]
    pub fn file_name(&self) -> String {
        let name = self.number.clone().unwrap_or_else(|| format!("du-thao-{}", self.symbol));
        fold(&name).replace(['/', '\\', ' '], "-").to_uppercase()
    }

    /// The units to which it was sent.
    #[must_use]
    pub fn recipients(&self) -> Vec<Path> {
        self.sent_to.split_whitespace().filter_map(|path| Path::parse(path).ok()).collect()
    }
}

/// What stands against a document in its state.
#[must_use]
pub fn not_now(paper: &Paper) -> Problem {
    Problem::refused("papers.not_in_this_state").with("state", format!("@paper-state-{}", paper.state))
}

/// Whether a document is the one that was looked at, in the state in which this may be done.
///
/// # Errors
/// `papers.not_in_this_state`, `store.changed_meanwhile`.
pub fn stands(paper: &Paper, version: i64, states: &[PaperState]) -> Result<(), Problem> {
    if !states.contains(&paper.state) {
        return Err(not_now(paper));
    }
    if paper.version != version {
        return Err(Problem::new(ProblemKind::Conflict, "store.changed_meanwhile"));
    }
    Ok(())
}

/// Saves a draft, new or again (lưu bản thảo).
#[derive(Clone, Debug)]
pub struct Write {
    /// The record as it is to be.
    pub paper: Paper,
}

impl Command for Write {
    type Record = Paper;
    type Facts = Option<Paper>;
    const NAME: &'static str = "papers.write";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Option<Paper>, Problem> {
        if self.paper.version == 0 { Ok(None) } else { tx.load(self.paper.id).await.map(Some) }
    }
    fn scope(&self, old: &Option<Paper>) -> Path {
        old.as_ref().unwrap_or(&self.paper).path.clone()
    }
    fn decide(&self, old: &Option<Paper>, by: &Actor, _: Timestamp) -> Result<Decision<Paper>, Problem> {
        if let Some(old) = old {
            stands(old, self.paper.version, &[PaperState::Draft])?;
        }
        let draft = self.paper.draft();
        if n_clauses(&draft) > CLAUSES_MAX {
            return Err(Problem::refused("papers.write.too_long").with("max", CLAUSES_MAX));
        }
        let base = old.clone().unwrap_or_else(|| Paper {
            drafted_by: by.name.clone(),
            replaces: self.paper.replaces,
            corrects: self.paper.corrects,
            rests_on: self.paper.rests_on.clone(),
            ..Paper::new(self.paper.path.clone(), &self.paper.symbol, &draft, &by.name)
        });
        let id = self.paper.id;
        Ok(Decision::just(Paper { id, ..base.with_draft(&self.paper.symbol, &draft) }))
    }
    fn before<'a>(&self, old: &'a Option<Paper>) -> Option<&'a Paper> {
        old.as_ref()
    }
}

/// Notes in a document that is out that something later changed what it says. The program does this alone; the document
/// itself stays as it was issued.
#[derive(Clone, Debug)]
pub struct Overtake {
    /// Which document.
    pub paper: Id<ids::Paper>,
    /// The page of the program where it is seen.
    pub page: String,
    /// What came later, for the history: the number of a decision.
    pub by: String,
}

impl Command for Overtake {
    type Record = Paper;
    type Facts = Paper;
    const NAME: &'static str = "papers.overtake";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Paper, Problem> {
        tx.load(self.paper).await
    }
    fn scope(&self, paper: &Paper) -> Path {
        paper.path.clone()
    }
    fn decide(&self, paper: &Paper, _: &Actor, _: Timestamp) -> Result<Decision<Paper>, Problem> {
        if !paper.state.is_out() || paper.overtaken.as_ref() == Some(&self.page) {
            return Err(not_now(paper));
        }
        Ok(Decision::just(Paper { overtaken: Some(self.page.clone()), ..paper.clone() }))
    }
    fn before<'a>(&self, paper: &'a Paper) -> Option<&'a Paper> {
        Some(paper)
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.by)
    }
}

/// Clauses of a draft at every level.
fn n_clauses(draft: &Draft) -> usize {
    fn count(clauses: &[vx_dispatch::DraftClause]) -> usize {
        clauses.iter().map(|clause| 1 + count(&clause.clauses)).sum()
    }
    count(&draft.clauses)
}

/// The last number of a series in a year; nought when there is none yet.
///
/// # Errors
/// When the database is away.
pub async fn last_number(conn: &mut Conn, path: &Path, year: i64, series: &str) -> Result<i64, Problem> {
    let sql = Sql::new("select coalesce(max(sequence), 0) as n from paper where tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and path = ").bind(path).sql(" and year = ").bind(year).sql(" and series = ").bind(series);
    conn.count(sql).await
}

/// Documents shown beside what they rest on: one that was given up, one that is in force, and what they were made after.
const RESTING_MAX: i64 = 20;

/// Documents that report the figures of a page, which the actor may see, the newest first; each with when it was begun.
///
/// # Errors
/// When the database is away.
pub async fn resting_on(conn: &mut Conn, actor: &Actor, page: &str) -> Result<Vec<(Paper, Timestamp)>, Problem> {
    let sql =
        Sql::new("select created_at, ").sql(Paper::SELECT).sql(" from paper p where p.tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and p.rests_on = ").bind(page).sql(" and p.state <> ").bind(PaperState::Discarded);
    let sql = seen(sql.sql(" and "), actor).sql(" order by p.id desc limit ").bind(RESTING_MAX);
    conn.rows(sql).await?.iter().map(|row| Ok((Paper::read(row)?, row.get("created_at")?))).collect()
}

/// Appends that the document `p` is of a unit within reach, or waits for a signature there.
#[must_use]
pub fn seen(sql: Sql, actor: &Actor) -> Sql {
    let reach = actor.reach(READ);
    let sql = within(sql.sql("("), "p.path", &reach);
    within(sql.sql(" or "), "p.signs_at", &reach).sql(")")
}

/// A document that the actor may see.
///
/// # Errors
/// `not_found` otherwise.
pub async fn visible(conn: &mut Conn, actor: &Actor, id: Id<ids::Paper>) -> Result<Paper, Problem> {
    let sql = Sql::new("select count(*) as n from paper p where p.tenant = ").bind(conn.tenant());
    if conn.count(seen(sql.sql(" and p.id = ").bind(id).sql(" and "), actor)).await? == 0 {
        return Err(Problem::not_found());
    }
    conn.load(id).await
}

/// Of some documents those that the actor may see.
///
/// # Errors
/// When the database is away.
pub async fn visible_of(conn: &mut Conn, actor: &Actor, papers: &[Uuid]) -> Result<Vec<Paper>, Problem> {
    if papers.is_empty() {
        return Ok(Vec::new());
    }
    let sql = Sql::new("select ").sql(Paper::SELECT).sql(" from paper p where p.tenant = ").bind(conn.tenant());
    let sql = seen(sql.sql(" and p.id in ").list(papers.iter().copied()).sql(" and "), actor);
    conn.rows(sql).await?.iter().map(Paper::read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_the_form_of_the_annex_and_stands_in_what_is_said() {
        let path = Path::parse("94/").unwrap();
        let mut draft = Draft::new(Kind::BaoCao);
        draft.number = Some("1/LA".to_owned());
        draft.subject = " Kết  quả ".to_owned();
        let paper = Paper::new(path, " BC - UBND/ ", &draft, "Trần Ngọc Lan");
        assert_eq!((paper.symbol.as_str(), paper.subject.as_str(), paper.number.clone()), ("BC-UBND", "Kết quả", None));
        assert_eq!(paper.draft().number, None, "nobody writes a number by hand");
        assert_eq!(paper.as_it_stands().number.as_deref(), Some("      /BC-UBND"));
        for (sequence, number) in [(7, "07/BC-UBND"), (12, "12/BC-UBND"), (1844, "1844/BC-UBND")] {
            let paper = paper.clone().numbered(sequence, jiff::civil::date(2021, 9, 3));
            assert_eq!(paper.number.as_deref(), Some(number));
            assert_eq!(paper.draft().number.as_deref(), Some(number));
            assert_eq!(paper.draft().issued_on.as_deref(), Some("2021-09-03"));
            assert_eq!((paper.year, paper.series.as_str()), (Some(2021), "bao_cao"));
            assert_eq!(paper.file_name(), number.replace('/', "-"));
        }
    }
}
