//! From a file, or from a typed text, to records of dispatches (tiếp nhận văn bản).

use vx_concepts::{
    engine::{Command, Decision, execute},
    paper::Paper,
};
use vx_dispatch::Outcome;
use vx_kernel::{Id, Path, Problem, ProblemKind, ids, time};
use vx_platform::{
    auth::Actor,
    files::sha256,
    store::{Tx, Uuid},
    web::App,
};

use crate::{Directive, DirectiveState, Receive, Review, commands::not_now, links, review::Readings, store};
use jiff::Timestamp;

/// Largest text that is read for its structure, in bytes. Longer ones are kept and shown as unreadable.
const TEXT_MAX: usize = 8 * 1024 * 1024;

/// Takes in one file: keeps the original, reads it, makes a record of each dispatch in it.
///
/// # Errors
/// `directives.file_empty`, `directives.file_too_large`, or when it could not be kept.
pub async fn take_in(
    app: &App,
    actor: &Actor,
    key: Uuid,
    name: &str,
    content: Vec<u8>,
) -> Result<Vec<Id<ids::Directive>>, Problem> {
    let home = actor.reach(Receive::NAME).into_iter().map(|reach| reach.path).next().ok_or_else(|| {
        Problem::new(ProblemKind::Forbidden, "forbidden").with("permission", "@did-directives-receive")
    })?;
    take_in_at(app, actor, &home, key, name, content).await
}

/// As [`take_in`], for a unit: that is where what says no other place belongs.
///
/// # Errors
/// As [`take_in`].
pub(crate) async fn take_in_at(
    app: &App,
    actor: &Actor,
    home: &Path,
    key: Uuid,
    name: &str,
    content: Vec<u8>,
) -> Result<Vec<Id<ids::Directive>>, Problem> {
    if content.is_empty() {
        return Err(Problem::invalid("directives.file_empty").with("name", name));
    }
    let bytes = content.len();
    app.files().keep(&content).await?;
    let blank = Directive::blank(home.clone(), name, sha256(&content), bytes, &actor.name);
    let (text, outcome) = read_file(content).await?;
    let blank = Directive { text, ..blank };
    let read = match outcome {
        Ok(outcome) => records(app, actor, home, &blank, outcome).await?.ok_or("not_a_dispatch"),
        Err(trouble) => Err(trouble),
    };
    let records = read.unwrap_or_else(|trouble| {
        vec![Directive { state: DirectiveState::Unreadable, trouble: Some(trouble.to_owned()), ..blank }]
    });
    let mut taken = Vec::new();
    for (index, directive) in records.into_iter().enumerate() {
        let key = Uuid::from_u128(key.as_u128() ^ (index as u128));
        taken.push(Id::from(execute(app.db(), actor, key, Receive { directive }).await?));
    }
    Ok(taken)
}

/// A record for each dispatch that was read, each with a proposal of what it orders; `None` when there is none. The
/// first keeps the id of `blank`.
///
/// # Errors
/// When the database is away.
pub(crate) async fn records(
    app: &App,
    actor: &Actor,
    home: &Path,
    blank: &Directive,
    outcome: Outcome,
) -> Result<Option<Vec<Directive>>, Problem> {
    if outcome.dispatches.is_empty() {
        return Ok(None);
    }
    let mut readings = Readings::new();
    let mut conn = app.db().read().await?;
    let mut homes: Vec<Path> = actor.reach(Receive::NAME).into_iter().map(|reach| reach.path).collect();
    homes.push(home.clone());
    for path in homes {
        let remembered = store::readings(&mut conn, &path).await?;
        readings.insert(path, remembered);
    }
    drop(conn);
    let (tree, today) = (app.tree(), time::day_of(app.clock().now()));
    let records = outcome.dispatches.into_iter().enumerate().map(|(index, mut dispatch)| {
        dispatch.file = Some(blank.file_name.clone());
        let review = Review::propose(dispatch, &tree, home, today, &readings);
        // A dispatch belongs to the place of its issuer, where the actor takes dispatches in for that place too.
        let place = Path::parse(&review.place).ok().filter(|place| actor.may(Receive::NAME, place));
        let id = if index == 0 { blank.id } else { Id::fresh() };
        Directive { id, path: place.unwrap_or_else(|| home.clone()), ..blank.clone() }.with_review(&review)
    });
    Ok(Some(records.collect()))
}

/// Reading is work for the processor, not for the tasks that serve pages.
async fn read_file(content: Vec<u8>) -> Result<(String, Result<Outcome, &'static str>), Problem> {
    vx_platform::web::off_thread(move || {
        // Word and PDF files have limits of their own: their bytes say little about the length of their text.
        let head = content.get(..content.len().min(1024)).unwrap_or_default();
        let is_plain = !head.starts_with(b"PK") && !head.windows(5).any(|window| window == b"%PDF-");
        if is_plain && content.len() > TEXT_MAX {
            return (String::new(), Err("too_large"));
        }
        match vx_dispatch::open(&content) {
            Err(unreadable) => {
                let code = unreadable.code();
                (String::new(), Err(code.strip_prefix("unreadable.").unwrap_or(code)))
            }
            Ok(opened) => {
                let outcome = opened.parse();
                let outcome = if outcome.dispatches.is_empty() { Err("not_a_dispatch") } else { Ok(outcome) };
                (opened.text, outcome)
            }
        }
    })
    .await
}

/// A document of ours as the dispatch that it is for whoever receives it; its original is the issued PDF.
///
/// # Errors
/// When the database is away.
pub(crate) async fn of_paper(app: &App, actor: &Actor, paper: &Paper) -> Result<Directive, Problem> {
    let text = vx_dispatch::write(&paper.draft().tidy());
    let hash = paper.pdf_sha256.clone().unwrap_or_default();
    let bytes = app.files().read(&hash).await?.len();
    let by = paper.signer.as_deref().unwrap_or(&paper.drafted_by);
    let blank = Directive::blank(paper.path.clone(), &format!("{}.pdf", paper.file_name()), hash, bytes, by);
    let blank =
        Directive { id: Id::from(paper.id.uuid()), text: text.clone(), sent_to: Some(paper.sent_to.clone()), ..blank };
    let outcome = read_text(text).await?;
    let read = records(app, actor, &paper.path, &blank, outcome).await?.and_then(|records| records.into_iter().next());
    let review = read.as_ref().and_then(|read| Review::of(&read.review));
    Ok(match (read, review) {
        (Some(read), Some(mut review)) => {
            // Reports and proposals go up: what they ask for is nobody's order.
            if matches!(paper.kind(), vx_dispatch::Kind::BaoCao | vx_dispatch::Kind::ToTrinh) {
                review.orders.iter_mut().for_each(|order| order.include = false);
            }
            let gives_work = review.orders.iter().any(|order| order.include);
            let state = if gives_work { DirectiveState::Received } else { DirectiveState::Delivered };
            // It belongs to who issued it, also where an agency speaks for its place.
            let record = Directive { state, path: paper.path.clone(), issued_at: paper.issued_at, ..read };
            record.with_review(&review)
        }
        _ => Directive { state: DirectiveState::Unreadable, trouble: Some("not_a_dispatch".to_owned()), ..blank },
    })
}

/// Reads a text that is already one.
pub(crate) async fn read_text(text: String) -> Result<Outcome, Problem> {
    vx_platform::web::off_thread(move || vx_dispatch::parse(&text)).await
}

/// Types the text of a dispatch whose file could not be read (gõ lại nội dung). The original stays as it came.
#[derive(Clone, Debug)]
pub struct Transcribe {
    /// Which dispatch.
    pub directive: Id<ids::Directive>,
    /// The version that was looked at.
    pub version: i64,
    /// What was read in the typed text.
    pub read: Box<Directive>,
}

/// A dispatch and its twin.
type Facts = (Directive, Option<String>);

/// like any other.
pub(crate) fn read_as(
    (directive, twin): &Facts,
    version: i64,
    read: &Directive,
    from: DirectiveState,
) -> Result<Directive, Problem> {
    if directive.state != from {
        return Err(not_now(directive));
    }
    if directive.version != version {
        return Err(Problem::new(ProblemKind::Conflict, "store.changed_meanwhile"));
    }
    let mut review = Review::of(&read.review).ok_or_else(|| Problem::internal("a text that was read has a review"))?;
    review.duplicate.clone_from(twin);
    let record = Directive {
        id: directive.id,
        path: directive.path.clone(),
        version: directive.version,
        state: DirectiveState::Received,
        trouble: None,
        sent_to: directive.sent_to.clone(),
        ..read.clone()
    };
    Ok(record.with_review(&review))
}

impl Command for Transcribe {
    type Record = Directive;
    type Facts = Facts;
    const NAME: &'static str = "directives.transcribe";
    const READ: &'static str = store::READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Facts, Problem> {
        let twin = store::twin(tx, self.read.identity.as_deref(), Some(self.directive)).await?;
        Ok((tx.load(self.directive).await?, twin))
    }
    fn scope(&self, (directive, _): &Facts) -> Path {
        directive.path.clone()
    }
    fn decide(&self, facts: &Facts, _: &Actor, _: Timestamp) -> Result<Decision<Directive>, Problem> {
        let record = read_as(facts, self.version, &self.read, DirectiveState::Unreadable)?;
        // The file is evidence of what came; only its text was typed.
        let (old, _) = facts;
        let record = Directive {
            file_name: old.file_name.clone(),
            file_sha256: old.file_sha256.clone(),
            file_bytes: old.file_bytes,
            received_by: old.received_by.clone(),
            ..record
        };
        let effects = vec![links::index_of(&record)];
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, (directive, _): &'a Facts) -> Option<&'a Directive> {
        Some(directive)
    }
}
