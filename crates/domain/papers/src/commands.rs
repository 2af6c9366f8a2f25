//! What people do with a document after it is written.

use jiff::Timestamp;
use vx_concepts::{
    engine::{Command, Decision, Effect, Fact},
    paper::{Paper, PaperState, READ, last_number, not_now, stands},
};
use vx_dispatch::{Draft, SigningFor, write};
use vx_foundation::units::{self, Post};
use vx_kernel::{Date, Id, Path, Problem, ids, time};
use vx_platform::{auth::Actor, files::sha256, store::Tx};

use crate::{
    authority,
    blanks::{Blank, open_blanks},
};

/// A verb that moves one document, where nothing beside the document decides.
pub trait Step: Send + Sync + 'static {
    /// Name of the command.
    const NAME: &'static str;
    /// At which desk the actor must hold the permission: the unit's own, unless the verb says otherwise.
    fn at<'a>(&'a self, paper: &'a Paper) -> &'a Path {
        &paper.path
    }
    /// The document after it.
    ///
    /// # Errors
    /// The refusal, in terms of what stands against it.
    fn step(&self, paper: &Paper, now: Timestamp) -> Result<Decision<Paper>, Problem>;
    /// What the person said.
    fn reason(&self) -> Option<&str> {
        None
    }
}

/// A step on a document.
#[derive(Clone, Debug)]
pub struct Do<S> {
    /// Which document.
    pub paper: Id<ids::Paper>,
    /// What to do.
    pub step: S,
}

impl<S: Step> Command for Do<S> {
    type Record = Paper;
    type Facts = Paper;
    const NAME: &'static str = S::NAME;
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Paper, Problem> {
        tx.load(self.paper).await
    }
    fn scope(&self, paper: &Paper) -> Path {
        self.step.at(paper).clone()
    }
    fn decide(&self, paper: &Paper, _: &Actor, now: Timestamp) -> Result<Decision<Paper>, Problem> {
        self.step.step(paper, now)
    }
    fn before<'a>(&self, paper: &'a Paper) -> Option<&'a Paper> {
        Some(paper)
    }
    fn reason(&self) -> Option<&str> {
        self.step.reason()
    }
}

/// Hands a draft to whoever is to sign (trình ký).
#[derive(Clone, Debug)]
pub struct Submit {
    /// Which document.
    pub paper: Id<ids::Paper>,
    /// The version that was looked at.
    pub version: i64,
    /// Units where the signer may hold their post: the issuer and the agencies below it.
    pub units: Vec<Path>,
}

impl Command for Submit {
    type Record = Paper;
    type Facts = (Paper, Vec<Post>);
    const NAME: &'static str = "papers.submit";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        let posts = units::posts_of(tx, &self.units).await?;
        Ok((tx.load(self.paper).await?, posts))
    }
    fn scope(&self, (paper, _): &Self::Facts) -> Path {
        paper.path.clone()
    }
    fn decide(&self, (paper, posts): &Self::Facts, _: &Actor, now: Timestamp) -> Result<Decision<Paper>, Problem> {
        stands(paper, self.version, &[PaperState::Draft])?;
        let draft = paper.draft().tidy();
        let open = open_blanks(&draft);
        if let Some(Blank { name, .. }) = open.first() {
            return Err(Problem::refused("papers.submit.blanks").with("n", open.len()).with("first", name));
        }
        if let Some(field) = missing(paper, &draft).first() {
            return Err(Problem::refused("papers.submit.incomplete").with("field", format!("@paper-field-{field}")));
        }
        // The signer's desk: where somebody holds a post of that name; the name, when one is written, decides.
        let on = time::day_of(now);
        let fits = |post: &&Post| authority::is_called(&post.title, &draft.title) && holds_on(post, on);
        let named = |post: &&Post| draft.name.is_empty() || post.holder.as_deref() == Some(draft.name.as_str());
        let desk = posts.iter().filter(fits).find(named).map_or_else(|| paper.path.clone(), |post| post.path.clone());
        Ok(Decision::just(Paper { state: PaperState::Review, signs_at: Some(desk), ..paper.clone() }))
    }
    fn before<'a>(&self, (paper, _): &'a Self::Facts) -> Option<&'a Paper> {
        Some(paper)
    }
}

/// What a document lacks before it can go to whoever is to sign, in the order of the form. Plain words without a clause
/// are a letter too, unless they announce what does not follow ("yêu cầu:").
pub(crate) fn missing(paper: &Paper, draft: &Draft) -> Vec<&'static str> {
    let announces = draft.preamble.last().is_none_or(|words| words.trim_end().ends_with(':'));
    let parts = [
        (draft.issuer.is_empty(), "issuer"),
        (draft.place.is_empty(), "place"),
        (draft.subject.is_empty(), "subject"),
        (paper.symbol.is_empty(), "symbol"),
        (draft.title.is_empty(), "title"),
        (draft.clauses.is_empty() && announces, "clauses"),
    ];
    parts.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, field)| field).collect()
}

pub(crate) fn holds_on(post: &Post, on: Date) -> bool {
    post.holder.is_some() && post.from_on.is_none_or(|from| from <= on) && post.until_on.is_none_or(|until| on <= until)
}

/// At whose desk a reviewer stands: the unit's own, or that of whoever is to sign.
fn desk(paper: &Paper, at: &Path) -> Result<(), Problem> {
    if paper.path == *at || paper.signs_at.as_ref() == Some(at) { Ok(()) } else { Err(Problem::not_found()) }
}

/// Gives a document back to be written anew, with what is wrong (trả lại).
#[derive(Clone, Debug)]
pub struct Return {
    /// At whose desk.
    pub at: Path,
    /// What is wrong.
    pub reason: String,
}

impl Step for Return {
    const NAME: &'static str = "papers.return";
    fn at<'a>(&'a self, _: &'a Paper) -> &'a Path {
        &self.at
    }
    fn step(&self, paper: &Paper, _: Timestamp) -> Result<Decision<Paper>, Problem> {
        desk(paper, &self.at)?;
        if !matches!(paper.state, PaperState::Review | PaperState::Signed) {
            return Err(not_now(paper));
        }
        if self.reason.trim().is_empty() {
            return Err(Problem::refused("papers.return.no_reason"));
        }
        // A signature holds for what was signed, not for what will be written.
        let draft = vx_dispatch::Draft { name: String::new(), ..paper.draft() };
        let unsigned =
            paper.clone().with_draft(&paper.symbol, &if paper.signer.is_some() { draft } else { paper.draft() });
        Ok(Decision::just(Paper {
            state: PaperState::Draft,
            signs_at: None,
            signer: None,
            signer_post: None,
            delegation: None,
            signed_at: None,
            ..unsigned
        }))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// Says something about a document that waits for its signature (góp ý).
#[derive(Clone, Debug)]
pub struct Comment {
    /// At whose desk.
    pub at: Path,
    /// What.
    pub text: String,
}

impl Step for Comment {
    const NAME: &'static str = "papers.comment";
    fn at<'a>(&'a self, _: &'a Paper) -> &'a Path {
        &self.at
    }
    fn step(&self, paper: &Paper, _: Timestamp) -> Result<Decision<Paper>, Problem> {
        desk(paper, &self.at)?;
        // While it is written, a saved draft must not become an old version by what somebody says about it.
        if paper.state != PaperState::Review {
            return Err(not_now(paper));
        }
        if self.text.trim().is_empty() {
            return Err(Problem::refused("papers.comment.empty"));
        }
        Ok(Decision::just(paper.clone()))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.text)
    }
}

/// Signs a document (ký ban hành), in the post and by the right that it names.
#[derive(Clone, Debug)]
pub struct Sign {
    /// Which document.
    pub paper: Id<ids::Paper>,
    /// The version that was read.
    pub version: i64,
    /// The written delegation, where it is signed by one: its number and day.
    pub delegation: Option<String>,
    /// The last day of the delegation.
    pub delegated_until: Option<Date>,
    /// Whether the issuer decides as a body (UBND).
    pub collegial: bool,
    /// Units where the signer may hold their post: the issuer and the agencies below it.
    pub units: Vec<Path>,
}

impl Command for Sign {
    type Record = Paper;
    type Facts = (Paper, Vec<Post>);
    const NAME: &'static str = "papers.sign";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        let posts = units::posts_of(tx, &self.units).await?;
        Ok((tx.load(self.paper).await?, posts))
    }
    fn scope(&self, (paper, _): &Self::Facts) -> Path {
        paper.signs_at.clone().unwrap_or_else(|| paper.path.clone())
    }
    fn decide(&self, (paper, posts): &Self::Facts, by: &Actor, now: Timestamp) -> Result<Decision<Paper>, Problem> {
        stands(paper, self.version, &[PaperState::Review])?;
        let (draft, on) = (paper.draft(), time::day_of(now));
        let held: Vec<Post> = posts.iter().filter(|post| holds_on(post, on)).cloned().collect();
        let post = authority::check(&draft, &paper.path, self.collegial, &held, &by.name)?;
        let delegated = draft.authority.iter().any(|line| line.by == SigningFor::Tuq);
        // Basis: NĐ 30/2020/NĐ-CP, Article 13.3: in writing, limited in time.
        let delegation = match (delegated, &self.delegation, self.delegated_until) {
            (false, ..) => None,
            (true, Some(text), Some(until)) if until >= on => Some(format!("{text} ({until})")),
            (true, Some(_), Some(until)) => {
                return Err(Problem::refused("papers.sign.delegation_over").with("day", until));
            }
            (true, ..) => return Err(Problem::refused("papers.sign.no_delegation")),
        };
        Ok(Decision::just(Paper { delegation, ..paper.clone().signed(&by.name, &post.title, now) }))
    }
    fn before<'a>(&self, (paper, _): &'a Self::Facts) -> Option<&'a Paper> {
        Some(paper)
    }
}

/// Gives a signed document its number and its day (cấp số).
#[derive(Clone, Debug)]
pub struct Number {
    /// Which document.
    pub paper: Id<ids::Paper>,
    /// The version that was looked at.
    pub version: i64,
    /// Where the series begins, when this is the first number in it: a unit that begins in the middle of a year goes
    /// on from its book.
    pub first: Option<i64>,
    /// The day by which the year was chosen.
    pub on: Date,
}

impl Command for Number {
    type Record = Paper;
    type Facts = (Paper, i64);
    const NAME: &'static str = "papers.number";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        let paper: Paper = tx.load(self.paper).await?;
        let last = last_number(tx, &paper.path, i64::from(self.on.year()), &paper.series).await?;
        Ok((paper, last))
    }
    fn scope(&self, (paper, _): &Self::Facts) -> Path {
        paper.path.clone()
    }
    fn decide(&self, (paper, last): &Self::Facts, _: &Actor, now: Timestamp) -> Result<Decision<Paper>, Problem> {
        stands(paper, self.version, &[PaperState::Signed])?;
        if self.on != time::day_of(now) {
            // Midnight came between the page and the book.
            return Err(Problem::refused("papers.number.day_over"));
        }
        let next = match self.first {
            Some(first) if *last == 0 => first,
            Some(first) if first != last + 1 => {
                return Err(Problem::refused("papers.number.begun").with("next", last + 1));
            }
            _ => last + 1,
        };
        if !(1..=999_999).contains(&next) {
            return Err(Problem::refused("papers.number.not_a_number"));
        }
        Ok(Decision::just(paper.clone().numbered(next, self.on)))
    }
    fn before<'a>(&self, (paper, _): &'a Self::Facts) -> Option<&'a Paper> {
        Some(paper)
    }
}

/// Sends a numbered document out (phát hành). From here on its edition never changes.
#[derive(Clone, Debug)]
pub struct Publish {
    /// The version of which the files were made.
    pub version: i64,
    /// SHA-256 of the PDF that is kept.
    pub pdf_sha256: Vec<u8>,
    /// SHA-256 of the Word file that is kept.
    pub word_sha256: Vec<u8>,
    /// Pages.
    pub n_pages: usize,
    /// Units to which it goes.
    pub to: Vec<Path>,
}

/// Units to which one document may be sent: every commune of the country once, with room.
const TO_MAX: usize = 20_000;

impl Step for Publish {
    const NAME: &'static str = "papers.publish";
    fn step(&self, paper: &Paper, now: Timestamp) -> Result<Decision<Paper>, Problem> {
        stands(paper, self.version, &[PaperState::Numbered])?;
        if self.to.len() > TO_MAX {
            return Err(Problem::refused("papers.publish.too_many").with("n", self.to.len()).with("max", TO_MAX));
        }
        let text = write(&paper.draft().tidy());
        let record = Paper {
            state: PaperState::Issued,
            issued_at: Some(now),
            n_pages: i64::try_from(self.n_pages).ok(),
            text_sha256: Some(sha256(text.as_bytes())),
            pdf_sha256: Some(self.pdf_sha256.clone()),
            word_sha256: Some(self.word_sha256.clone()),
            sent_to: self.to.iter().map(Path::as_str).collect::<Vec<_>>().join(" "),
            ..paper.clone()
        };
        let effects = vec![Effect::Tell(Fact::PaperIssued { paper: paper.id.uuid() })];
        Ok(Decision { record, effects })
    }
}

/// Notes in a document that another took its place or put it right. The program does this when the other goes out.
#[derive(Clone, Debug)]
pub struct Follow {
    /// The one that follows it.
    pub by: Id<ids::Paper>,
    /// Its number, for the history.
    pub number: String,
    /// Whether it takes the place, or only puts right.
    pub replaces: bool,
}

impl Step for Follow {
    const NAME: &'static str = "papers.follow";
    fn step(&self, paper: &Paper, _: Timestamp) -> Result<Decision<Paper>, Problem> {
        if !matches!(paper.state, PaperState::Issued | PaperState::Corrected)
            || paper.followed_by == Some(self.by.uuid())
        {
            return Err(not_now(paper));
        }
        let state = if self.replaces { PaperState::Superseded } else { PaperState::Corrected };
        Ok(Decision::just(Paper { state, followed_by: Some(self.by.uuid()), ..paper.clone() }))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.number)
    }
}

/// Gives a document up before it has a number (bỏ văn bản). The record stays.
#[derive(Clone, Debug)]
pub struct Discard {
    /// Why.
    pub reason: String,
}

impl Step for Discard {
    const NAME: &'static str = "papers.discard";
    fn step(&self, paper: &Paper, _: Timestamp) -> Result<Decision<Paper>, Problem> {
        // A number that was given stays given: what bears one is replaced or put right, never given up.
        if !matches!(paper.state, PaperState::Draft | PaperState::Review) {
            return Err(not_now(paper));
        }
        if self.reason.trim().is_empty() {
            return Err(Problem::refused("papers.discard.no_reason"));
        }
        Ok(Decision::just(Paper { state: PaperState::Discarded, signs_at: None, ..paper.clone() }))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}

/// Takes up again what was given up (khôi phục): a draft as it was.
#[derive(Clone, Debug)]
pub struct Restore {
    /// Why.
    pub reason: String,
}

impl Step for Restore {
    const NAME: &'static str = "papers.restore";
    fn step(&self, paper: &Paper, _: Timestamp) -> Result<Decision<Paper>, Problem> {
        if paper.state != PaperState::Discarded {
            return Err(not_now(paper));
        }
        Ok(Decision::just(Paper { state: PaperState::Draft, ..paper.clone() }))
    }
    fn reason(&self) -> Option<&str> {
        Some(&self.reason)
    }
}
