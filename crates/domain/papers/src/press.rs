//! The files of a document, made off the tasks that serve pages and few at a time.

use tokio::sync::Semaphore;
use vx_concepts::paper::Paper;
use vx_dispatch::{Draft, Layout, Properties, word};
use vx_kernel::Problem;
use vx_platform::web::off_thread;
use vx_print::Printed;

/// Documents that are set at the same time: each keeps a processor busy, and pages must be served beside it.
static PRESSES: Semaphore = Semaphore::const_new(2);

/// What the files of a document say about themselves.
fn properties(paper: &Paper) -> Properties {
    Properties { title: paper.label(), author: paper.issuer.clone(), at: paper.signed_at.map(|at| at.to_string()) }
}

async fn set<T: Send + 'static>(
    paper: &Paper,
    draft: Draft,
    work: impl FnOnce(&Layout, &Properties) -> T + Send + 'static,
) -> Result<T, Problem> {
    let properties = properties(paper);
    let _one = PRESSES.acquire().await.map_err(Problem::internal)?;
    off_thread(move || work(&Layout::of(&draft), &properties)).await
}

/// The PDF of a document as it stands.
///
/// # Errors
/// When the form itself is at fault.
pub async fn pdf(paper: &Paper) -> Result<Printed, Problem> {
    set(paper, paper.as_it_stands(), vx_print::pdf).await?.map_err(Problem::internal)
}

/// The Word file of a document as it stands.
///
/// # Errors
/// When the program is stopping.
pub async fn word_file(paper: &Paper) -> Result<Vec<u8>, Problem> {
    set(paper, paper.as_it_stands(), word).await
}

/// A page of a document as a drawing, and how many there are.
///
/// # Errors
/// As [`pdf`].
pub async fn page(paper: &Paper, number: usize) -> Result<(Option<String>, usize), Problem> {
    let page = move |layout: &Layout, properties: &Properties| vx_print::page(layout, properties, number);
    set(paper, paper.as_it_stands(), page).await?.map_err(Problem::internal)
}
