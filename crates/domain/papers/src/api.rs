//! Outgoing documents for other programs: the same list, the same files and the same commands as the pages, but for
//! writing and signing: what is signed was read by the person who signs, on the page that shows it.

use serde::de::DeserializeOwned;
use serde_json::json;
use vx_concepts::{
    api::act,
    engine::{Command, execute},
    paper::{self, Paper, PaperState, READ},
    work::Urgency,
};
use vx_dispatch::write;
use vx_kernel::{Date, Id, Problem, ProblemKind, ids};
use vx_platform::{
    store::Uuid,
    view,
    web::{Answer, Call, Deed, Matching, Nothing, Operation, Route, Shape, TEXT, UnitName, to_base64, words},
};

use crate::{
    Comment, Discard, Do, Publish, Restore, Return, Submit,
    routes::{desk_of, file_of, number_and_publish, signing_units},
    store::{self, Wanted},
};

view! {
    /// A document that a unit issues.
    answer PaperView as "Paper" {
        /// Id.
        id: Id<ids::Paper>,
        /// Counts up with each change; the ETag.
        version: i64,
        /// Where it is.
        state: PaperState,
        /// Type of document, by its code.
        kind: String,
        /// Urgency.
        urgency: Option<Urgency>,
        /// Number and symbol, once it has one.
        number: Option<String>,
        /// What stands behind the number.
        symbol: String,
        /// Day of issue.
        issued_on: Option<Date>,
        /// The unit whose document it is.
        unit: UnitName,
        /// The issuer as it is printed.
        issuer: String,
        /// What it is about.
        subject: String,
        /// Who drafted it.
        drafted_by: String,
        /// Who signed it.
        signer: Option<String>,
        /// In which post.
        signer_post: Option<String>,
        /// When it was signed.
        signed_at: Option<jiff::Timestamp>,
        /// When it went out.
        issued_at: Option<jiff::Timestamp>,
        /// The document whose place it takes.
        replaces: Option<Uuid>,
        /// The document that it puts right.
        corrects: Option<Uuid>,
        /// The document that took its place or put it right.
        followed_by: Option<Uuid>,
        /// Pages of the edition.
        pages: Option<i64>,
        /// Units that it was sent to.
        sent_to: Vec<UnitName>,
        /// Its text.
        text: String,
    }
}

view! {
    /// A file of a document.
    answer PaperFile as "PaperFile" {
        /// Its name.
        name: String,
        /// Its media type.
        media_type: String,
        /// The bytes in base64 (RFC 4648).
        content_base64: String,
    }
}

view! {
    /// Why.
    body Why as "PaperReason" {
        /// Why, for those who wrote it and for the history.
        reason: String => {"minLength": 1, "maxLength": 10_000},
    }
}

view! {
    /// A word to a document.
    body Said as "PaperComment" {
        /// The word.
        text: String => {"minLength": 1, "maxLength": 10_000},
    }
}

view! {
    /// The number that it gets.
    body Numbered as "PaperNumbering" {
        /// The first number of a series that was begun on paper this year; the next one unless given.
        first: Option<i64> => {"minimum": 1, "maximum": 1_000_000},
    }
}

const NOT_NOW: &str = "papers.not_in_this_state";

fn view(call: &Call, paper: &Paper) -> PaperView {
    PaperView {
        id: paper.id,
        version: paper.version,
        state: paper.state,
        kind: paper.kind.clone(),
        urgency: paper.urgency,
        number: paper.number.clone(),
        symbol: paper.symbol.clone(),
        issued_on: paper.issued_on,
        unit: call.unit(&paper.path),
        issuer: paper.issuer.clone(),
        subject: paper.subject.clone(),
        drafted_by: paper.drafted_by.clone(),
        signer: paper.signer.clone(),
        signer_post: paper.signer_post.clone(),
        signed_at: paper.signed_at,
        issued_at: paper.issued_at,
        replaces: paper.replaces,
        corrects: paper.corrects,
        followed_by: paper.followed_by,
        pages: paper.n_pages,
        sent_to: paper.recipients().iter().map(|unit| call.unit(unit)).collect(),
        text: write(&paper.draft().tidy()),
    }
}

/// What the interface brings.
pub(crate) fn routes() -> Vec<Route> {
    let states = || words(PaperState::ALL.iter().map(|state| state.as_str()));
    vec![
        Route::api(
            Operation::get("/api/v1/papers", "list_papers", READ)
                .asks("state", states(), "Where it is; everything but what was discarded unless given.")
                .asks(
                    "kind",
                    json!({"type": "string", "pattern": TEXT, "maxLength": 64}),
                    "Type of document, by its code.",
                )
                .asks("sign", words(["1"]), "Only what waits for a signature at one's own desks.")
                .asks(
                    "q",
                    json!({"type": "string", "pattern": TEXT, "maxLength": 200}),
                    "Words, with or without marks.",
                )
                .answers_page::<PaperView>(true)
                .leads_to("get_paper", "id", "/items/0/id")
                .leads_to("paper_history", "id", "/items/0/id"),
            list,
        ),
        Route::api(
            Operation::get("/api/v1/papers/{id}", "get_paper", READ)
                .answers::<PaperView>()
                .versioned()
                .leads_to("get_paper_file", "id", "/id")
                .leads_to("comment_on_paper", "id", "/id"),
            get,
        ),
        Route::api(
            Operation::get("/api/v1/papers/{id}/history", "paper_history", READ).answers_page::<Deed>(false),
            history,
        ),
        Route::api(
            Operation::get("/api/v1/papers/{id}/file", "get_paper_file", READ)
                .asks(
                    "kind",
                    words(["pdf", "docx", "edxml", "txt"]),
                    "Which file; PDF unless given. edXML is there once the document is out.",
                )
                .answers::<PaperFile>(),
            file,
        ),
        verb(
            "/api/v1/papers/{id}/submit",
            "submit_paper",
            Matching::Must,
            &[NOT_NOW, "papers.submit.blanks", "papers.submit.incomplete"],
            |call, paper, Nothing {}| {
                let units = signing_units(&call.app.tree(), &paper.path);
                Ok(Submit { paper: paper.id, version: call.version().unwrap_or(paper.version), units })
            },
        ),
        verb(
            "/api/v1/papers/{id}/return",
            "return_paper",
            Matching::May,
            &[NOT_NOW, "papers.return.no_reason"],
            |call, paper, sent: Why| {
                let step = Return { at: desk_of(&call.actor, "papers.return", paper), reason: sent.reason };
                Ok(Do { paper: paper.id, step })
            },
        ),
        verb(
            "/api/v1/papers/{id}/comment",
            "comment_on_paper",
            Matching::May,
            &[NOT_NOW, "papers.comment.empty"],
            |call, paper, sent: Said| {
                let step = Comment { at: desk_of(&call.actor, "papers.comment", paper), text: sent.text };
                Ok(Do { paper: paper.id, step })
            },
        ),
        Route::api(
            Operation::post::<Numbered>("/api/v1/papers/{id}/publish", "publish_paper", <Do<Publish> as Command>::NAME)
                .answers::<PaperView>()
                .versioned()
                .matches(Matching::Must)
                .refuses(&[
                    NOT_NOW,
                    "papers.number.day_over",
                    "papers.number.begun",
                    "papers.number.not_a_number",
                    "papers.publish.too_many",
                ]),
            publish,
        ),
        verb(
            "/api/v1/papers/{id}/discard",
            "discard_paper",
            Matching::May,
            &[NOT_NOW, "papers.discard.no_reason"],
            |_, paper, sent: Why| Ok(Do { paper: paper.id, step: Discard { reason: sent.reason } }),
        ),
        verb("/api/v1/papers/{id}/restore", "restore_paper", Matching::May, &[NOT_NOW], |_, paper, sent: Why| {
            Ok(Do { paper: paper.id, step: Restore { reason: sent.reason } })
        }),
    ]
}

/// A verb on one document: any command that saves it.
fn verb<B, C>(
    path: &'static str,
    id: &'static str,
    matching: Matching,
    codes: &'static [&'static str],
    read: impl Fn(&Call, &Paper, B) -> Result<C, Problem> + Copy + Send + Sync + 'static,
) -> Route
where
    B: Shape + DeserializeOwned + Send + 'static,
    C: Command<Record = Paper>,
{
    let operation = Operation::post::<B>(path, id, C::NAME).matches(matching).refuses(codes);
    Route::api(operation.answers::<PaperView>().versioned(), move |call| async move {
        let paper = paper::visible(&mut call.app.db().read().await?, &call.actor, call.id()?).await?;
        let command = read(&call, &paper, call.body()?)?;
        act(&call, paper.id.uuid(), command).await?;
        get(call).await
    })
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let wanted = Wanted {
        text: call.asked("q").unwrap_or_default().to_owned(),
        state: call.asked("state").and_then(PaperState::parse),
        kind: call.asked("kind").map(str::to_owned),
        to_sign: call.asked("sign").is_some(),
    };
    let before = call.after(|text| text.parse::<Uuid>().ok())?;
    let mut conn = call.app.db().read().await?;
    let total = if call.counts() { Some(store::count(&mut conn, &call.actor, &wanted).await?) } else { None };
    let papers = store::page(&mut conn, &call.actor, &wanted, before, call.limit() + 1).await?;
    drop(conn);
    Answer::page(&call, papers, total, |paper| paper.id.to_string(), |paper| view(&call, paper))
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let paper = paper::visible(&mut call.app.db().read().await?, &call.actor, call.id()?).await?;
    Ok(Answer::of(&view(&call, &paper))?.at_version(paper.version))
}

async fn history(call: Call) -> Result<Answer, Problem> {
    let id: Id<ids::Paper> = call.id()?;
    let mut conn = call.app.db().read().await?;
    paper::visible(&mut conn, &call.actor, id).await?;
    call.history(&mut conn, id.uuid()).await
}

async fn file(call: Call) -> Result<Answer, Problem> {
    let paper = paper::visible(&mut call.app.db().read().await?, &call.actor, call.id()?).await?;
    let kind = call.asked("kind").unwrap_or("pdf");
    let (name, media_type, content) = file_of(&call.app, call.lang, &paper, kind).await?;
    Answer::of(&PaperFile { name, media_type: media_type.to_owned(), content_base64: to_base64(&content) })
}

async fn publish(call: Call) -> Result<Answer, Problem> {
    let sent: Numbered = call.body()?;
    let (id, key): (Id<ids::Paper>, Uuid) = (call.id()?, call.key()?);
    let paper = paper::visible(&mut call.app.db().read().await?, &call.actor, id).await?;
    let version = call.version().unwrap_or(paper.version);
    if paper.state.is_out() {
        // The same key once more answers what it answered; another one is refused, whatever it would send.
        let (pdf_sha256, word_sha256) = (Vec::new(), Vec::new());
        let step = Publish { version, pdf_sha256, word_sha256, n_pages: 0, to: Vec::new() };
        let again = execute(call.app.db(), &call.actor, Uuid::from_u128(key.as_u128() ^ 1), Do { paper: id, step });
        if again.await? != id.uuid() {
            return Err(Problem::new(ProblemKind::Conflict, "api.key_of_another"));
        }
    } else {
        number_and_publish(&call.app, &call.actor, key, id, version, sent.first).await?;
    }
    get(call).await
}
