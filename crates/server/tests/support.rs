//! What the stories share.

pub(crate) mod demo_province;
pub(crate) mod people;
pub(crate) mod post;

use jiff::SignedDuration;
use vungxanh::demo;
use vx_platform::{jobs, store::Sql, web::App};
use vx_testkit::{Client, Program};

pub(crate) use demo_province::demo_on;

/// One of the demo's people, signed in.
pub(crate) async fn client(app: &App, login: &str) -> Client {
    Client::sign_in(app, login, demo::PASSWORD).await
}

/// The version that a page would send with its form.
pub(crate) async fn version(client: &Client, path: &str) -> String {
    let page = client.get(path).await.expect(200);
    page.hidden("version").unwrap_or_else(|| panic!("{path} has no version: {}", page.words())).to_owned()
}

/// Does what the program has to do by itself, until nothing is due.
pub(crate) async fn work_off(app: &App) {
    while jobs::run_due(app).await.unwrap() > 0 {}
}

/// Sets the clock on.
pub(crate) fn later(app: &App, by: SignedDuration) {
    app.clock().set(app.clock().now().checked_add(by).unwrap());
}

/// What a statement without a tenant counts.
pub(crate) async fn count(app: &App, sql: &'static str) -> i64 {
    app.db().read().await.unwrap().count(Sql::new(sql)).await.unwrap()
}

/// A program with a token that one of the demo's people made on the page, and that may write.
pub(crate) async fn program(app: &App, login: &str) -> Program {
    program_with(app, login, "máy", &[("scope", "write")]).await
}

/// The same with a name and a scope, as the form of the page sends it.
pub(crate) async fn program_with(app: &App, login: &str, name: &str, scope: &[(&str, &str)]) -> Program {
    Program::with_token(app, &secret(&client(app, login).await, name, scope).await)
}

/// The secret of a token that somebody makes on the page.
pub(crate) async fn secret(person: &Client, name: &str, scope: &[(&str, &str)]) -> String {
    let mut fields = vec![("name", name), ("until_on", "2021-12-01")];
    fields.extend_from_slice(scope);
    let page = person.post("/tokens", &fields).await.expect(200);
    page.words().split_whitespace().find(|word| word.starts_with("vx_") && word.len() == 67).unwrap().to_owned()
}
