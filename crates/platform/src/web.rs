//! Pages and actions over HTTP.
//!
//! **Invariant:** every route names its [`Access`]; the list of those without a permission is a golden file.
//! **Invariant:** every action that changes something takes a [`Form`], and a [`Form`] exists only after its CSRF token
//! was checked.

mod api;
mod app;
mod assets;
pub mod bell;
mod form;
pub mod list;
mod observe;
mod openapi;
mod page;
mod problem;
mod route;
mod shape;
mod wish;

pub use api::{
    API, Answer, Call, Deed, LIMIT_MAX, Matching, Nothing, Operation, Parameter, ProblemView, UnitName, from_base64,
    several, to_base64,
};
pub use app::{App, AppParts, Demo};
pub use assets::asset;
pub use form::{FILE_BYTES_MAX, FILES_MAX, Form, Upload};
pub use observe::{Proxies, observation};
pub use openapi::{document, operations};
pub use page::{Nav, Theme, Visit, download, encode, icon, lang_chosen, see_other, unit_name};
pub use problem::Failure;
pub use route::{Access, Front, Route, router, router_behind, stand_in};
pub use shape::{ObjectShape, Parts, Shape, TEXT, UNIT_KEY, UNIT_PLACE, fits, words};
pub use wish::{preferred, takes_gzip};

pub use maud::{DOCTYPE, Markup, PreEscaped, Render, html};

/// Runs work for the processor away from the tasks that serve pages.
///
/// # Errors
/// `internal` when the work panicked.
pub async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, vx_kernel::Problem> {
    tokio::task::spawn_blocking(work).await.map_err(vx_kernel::Problem::internal)
}

/// What a page handler returns.
pub type PageResult = Result<axum::response::Response, Failure>;
