//! Who answered for a unit from when to when (nhiệm kỳ của người đứng đầu).
//!
//! The journal of the unit's posts says it; the table `unit_tenure` repeats it so that work can be counted by head in
//! one statement (ADR 14). It is written from the journal alone, whole units at a time, and can be thrown away.

use jiff::Timestamp;
use serde_json::Value as Json;
use vx_concepts::engine::Fact;
use vx_kernel::{Date, Path, Problem, time};
use vx_platform::{
    journal, params,
    store::{Conn, Sql, Tx, Uuid},
    web::App,
};

use super::store::{self, Post};

/// One person's time at the head of a unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tenure {
    /// The post.
    pub post: Uuid,
    /// Its title then.
    pub title: String,
    /// Who held it.
    pub holder: String,
    /// First day.
    pub from: Date,
    /// First day of whoever came after, or of nobody; open if `None`.
    pub before: Option<Date>,
}

/// What one row of the journal made of a post.
#[derive(Clone, Debug)]
struct Named {
    post: Uuid,
    title: String,
    holder: Option<String>,
    accountable: bool,
    from: Date,
}

/// A unit has one head at a time: whoever is named ends the one before. A row that names the same person again (a new
/// telephone number) does not begin anything.
fn tenures_of(named: impl IntoIterator<Item = Named>) -> Vec<Tenure> {
    let mut tenures: Vec<Tenure> = Vec::new();
    for row in named {
        let begins = row.holder.clone().filter(|_| row.accountable);
        let open = tenures.last_mut().filter(|last| last.before.is_none());
        match (open, begins) {
            (Some(last), Some(holder)) if last.post == row.post && last.holder == holder => {
                last.from = last.from.min(row.from);
                last.title = row.title;
                continue;
            }
            (Some(last), begins) if begins.is_some() || last.post == row.post => {
                // Somebody who was named for a day and replaced from that day on was never there.
                if last.from >= row.from {
                    tenures.pop();
                } else {
                    last.before = Some(row.from);
                }
            }
            _ => {}
        }
        if let Some(holder) = row.holder.filter(|_| row.accountable) {
            tenures.push(Tenure { post: row.post, title: row.title, holder, from: row.from, before: None });
        }
    }
    tenures
}

/// Who answered for a unit, the first one first.
///
/// # Errors
/// When the database is away.
pub async fn tenures(conn: &mut Conn, unit: &Path) -> Result<Vec<Tenure>, Problem> {
    let mut rows: Vec<(Uuid, Named)> = Vec::new();
    for post in store::posts(conn, unit).await? {
        let mut entries = journal::history(conn, post.id.uuid(), None).await?;
        entries.reverse();
        let (mut title, mut holder, mut accountable, mut from) = (post.title.clone(), None, false, post.from_on);
        for entry in entries {
            let new = |field: &str| entry.changed.get(field).and_then(|pair| pair.get(1));
            if let Some(text) = new("title").and_then(Json::as_str) {
                text.clone_into(&mut title);
            }
            if let Some(value) = new("holder") {
                holder = value.as_str().map(str::to_owned);
            }
            if let Some(value) = new("accountable").and_then(Json::as_bool) {
                accountable = value;
            }
            if let Some(day) = new("from_on").and_then(Json::as_str) {
                from = day.parse().ok();
            }
            let Some(from) = from else { continue };
            let named = Named { post: post.id.uuid(), title: title.clone(), holder: holder.clone(), accountable, from };
            rows.push((entry.id, named));
        }
    }
    rows.sort_by_key(|(id, _)| *id);
    Ok(tenures_of(rows.into_iter().map(|(_, named)| named)))
}

/// Writes the tenures of a unit as its journal tells them.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn note_tenures(tx: &mut Tx, unit: &Path) -> Result<(), Problem> {
    let tenures = tenures(tx, unit).await?;
    let gone = "delete from unit_tenure where tenant = $1 and path = $2";
    tx.change(Sql::with(gone, params![tx.tenant(), unit])).await?;
    let midnight = |day: Date| time::instant(day.at(0, 0, 0, 0)).map_err(Problem::internal);
    for tenure in tenures {
        let until: Timestamp = match tenure.before {
            Some(day) => midnight(day)?,
            None => vx_concepts::work::without_deadline(),
        };
        let row = vec![
            unit.into(),
            midnight(tenure.from)?.into(),
            until.into(),
            tenure.post.into(),
            tenure.title.into(),
            tenure.holder.into(),
        ];
        tx.append("unit_tenure", &["path", "from_at", "until_at", "post", "title", "holder"], row);
    }
    Ok(())
}

/// Units noted in one go, of those that had heads before there was a table of them.
const UNITS_MAX: i64 = 1_000;

/// Reacts to a holder who was named.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn holder_named(app: &App, body: &str) -> Result<(), Problem> {
    let Fact::HolderNamed { post } = serde_json::from_str(body).map_err(Problem::internal)? else { return Ok(()) };
    let post: Post = app.db().read().await?.load(post).await?;
    note(app, vec![post.path]).await
}

/// Notes the tenures of units that have a head and no tenure.
///
/// # Errors
/// When the database refuses.
pub(crate) async fn note_missing(app: &App) -> Result<(), Problem> {
    let mut conn = app.db().read().await?;
    let sql =
        "select distinct p.path as path from unit_post p where p.tenant = $1 and p.accountable and p.holder is not null
               and not exists (select 1 from unit_tenure t where t.tenant = p.tenant and t.path = p.path)
               order by p.path limit $2";
    let rows = conn.rows(Sql::with(sql, params![conn.tenant(), UNITS_MAX])).await?;
    let units: Vec<Path> = rows.iter().map(|row| row.get("path")).collect::<Result<_, _>>()?;
    drop(conn);
    note(app, units).await
}

async fn note(app: &App, units: Vec<Path>) -> Result<(), Problem> {
    if units.is_empty() {
        return Ok(());
    }
    app.db()
        .write(move |tx| {
            let units = units.clone();
            Box::pin(async move {
                for unit in &units {
                    note_tenures(tx, unit).await?;
                }
                Ok(())
            })
        })
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows `post holder from`, with `-` for a vacant post and `*` after the post of somebody who does not answer.
    fn told(rows: &str) -> String {
        let named = rows.split(", ").map(|row| {
            let words: Vec<&str> = row.split(' ').collect();
            Named {
                post: Uuid::from_u128(u128::from(words[0].as_bytes()[0])),
                title: "Chủ tịch".to_owned(),
                holder: Some(words[1].to_owned()).filter(|name| name != "-"),
                accountable: !words[0].ends_with('*'),
                from: words[2].parse().unwrap(),
            }
        });
        let say = |tenure: &Tenure| {
            format!("{} {}..{}", tenure.holder, tenure.from, tenure.before.map_or(String::new(), |day| day.to_string()))
        };
        tenures_of(named).iter().map(say).collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn a_unit_has_one_head_at_a_time() {
        for (rows, expected) in [
            ("a An 2021-01-01", "An 2021-01-01.."),
            ("a An 2021-01-01, a Bình 2021-06-01", "An 2021-01-01..2021-06-01, Bình 2021-06-01.."),
            ("a An 2021-01-01, a An 2021-06-01", "An 2021-01-01.."),
            ("a An 2021-01-01, a - 2021-06-01, a Bình 2021-07-01", "An 2021-01-01..2021-06-01, Bình 2021-07-01.."),
            ("a An 2021-01-01, b* Bình 2021-06-01", "An 2021-01-01.."),
            ("a An 2021-01-01, b Bình 2021-06-01", "An 2021-01-01..2021-06-01, Bình 2021-06-01.."),
            ("a An 2021-06-01, a Bình 2021-06-01", "Bình 2021-06-01.."),
            ("a An 2021-01-01, a* An 2021-06-01", "An 2021-01-01..2021-06-01"),
            ("a - 2021-01-01", ""),
        ] {
            assert_eq!(told(rows), expected, "{rows}");
        }
    }
}
