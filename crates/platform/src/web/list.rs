//! Lists: one way to sort them, to page through them, and to say what one sees.
//!
//! A list is an address: filter, order and place stand in it, so that it can be shared, kept and opened again. Pages are
//! cut at a row, not at a number of rows: what comes in meanwhile neither repeats nor hides a row.

use maud::{Markup, html};
use vx_kernel::{Problem, time::say_count};

use super::{Visit, encode, icon};
use crate::store::{Column, Conn, Row, Sql, Uuid, Value};

/// Rows on a page of a list: a few screens, and quickly drawn on a telephone.
pub const PAGE: usize = 50;
/// Rows that are read for a page: one more, to see whether there is another.
pub const LIMIT: i64 = 51;

/// What the database compares when it sorts by a column.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[expect(missing_docs, reason = "the other variants are the column types of their names")]
pub enum KeyKind {
    Bytes,
    Text,
    Int,
    Date,
    At,
    Uuid,
    /// How well a row fits the words looked for: an order of rows in memory only.
    Fit,
}

/// A column by which a list can be sorted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Order {
    /// Its word in the address.
    pub name: &'static str,
    /// Key of its head.
    pub key: &'static str,
    /// What the database sorts by, never null.
    pub by: &'static str,
    /// Of which type that is.
    pub kind: KeyKind,
    /// Whether the first click shows the largest first, as with days.
    pub falling: bool,
}

/// Where a page begins.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Place {
    Start,
    After(String),
    Before(String),
}

/// What an address asks of a list: its filter, its order, its place.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The address without query.
    pub address: &'static str,
    orders: &'static [Order],
    order: Order,
    falling: bool,
    place: Place,
    /// What narrows the list, as it stands in the address.
    filter: Vec<(String, String)>,
}

/// One page of a list.
#[derive(Clone, Debug)]
pub struct Shown<T> {
    /// The rows, in order.
    pub rows: Vec<T>,
    /// The first row when there is a page before.
    before: Option<String>,
    /// The last row when there is a page after.
    after: Option<String>,
    /// Place of the first row in the whole list, counted from 1.
    pub first: i64,
    /// Rows of the whole list.
    pub total: i64,
}

/// Names in an address that belong to the page, not to the filter.
const NOT_FILTER: [&str; 8] = ["sort", "after", "before", "said", "n", "undo", "mark", ALL];
/// The name by which an address asks for the whole list although a kept filter is to open first.
pub const ALL: &str = "all";

impl Listing {
    /// Reads an address. The first order is the usual one; names and values that are not understood are left out.
    ///
    /// # Panics
    /// When there is no order at all, which is a list that cannot be paged.
    #[must_use]
    pub fn parse(address: &'static str, orders: &'static [Order], query: &[(String, String)]) -> Self {
        let value = |name: &str| {
            query.iter().find(|(key, _)| key == name).map(|(_, value)| value.trim()).filter(|value| !value.is_empty())
        };
        let usual = *orders.first().expect("a list has an order");
        let asked = value("sort").map_or(("", false), |sort| match sort.strip_prefix('-') {
            Some(name) => (name, true),
            None => (sort, false),
        });
        let order = orders.iter().find(|order| order.name == asked.0).copied();
        let place = match (value("after"), value("before")) {
            (Some(row), _) => Place::After(row.to_owned()),
            (None, Some(row)) => Place::Before(row.to_owned()),
            (None, None) => Place::Start,
        };
        let filter = query
            .iter()
            .filter(|(name, value)| !NOT_FILTER.contains(&name.as_str()) && !value.trim().is_empty())
            .map(|(name, value)| (name.clone(), value.trim().to_owned()))
            .collect();
        Self {
            address,
            orders,
            order: order.unwrap_or(usual),
            falling: if order.is_some() { asked.1 } else { usual.falling },
            place,
            filter,
        }
    }

    /// Whether anything narrows the list.
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        !self.filter.is_empty()
    }

    fn sort_word(order: Order, falling: bool) -> String {
        format!("{}{}", if falling { "-" } else { "" }, order.name)
    }

    fn is_usual(&self) -> bool {
        self.orders.first() == Some(&self.order) && self.falling == self.order.falling
    }

    fn query_with(&self, sort: Option<String>, place: Option<(&str, &str)>) -> String {
        let mut pairs: Vec<String> =
            self.filter.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
        pairs.extend(sort.map(|sort| format!("sort={sort}")));
        pairs.extend(place.map(|(name, row)| format!("{name}={}", encode(row))));
        pairs.join("&")
    }

    /// Filter and order as they stand in an address, without the place; what is kept under a name.
    #[must_use]
    pub fn query(&self) -> String {
        let sort = (!self.is_usual()).then(|| Self::sort_word(self.order, self.falling));
        self.query_with(sort, None)
    }

    /// The address of another form of the same rows, such as a file to download.
    #[must_use]
    pub fn also_at(&self, address: &str) -> String {
        with_query(address, &self.query())
    }

    fn at(&self, name: &str, row: &str) -> String {
        let sort = (!self.is_usual()).then(|| Self::sort_word(self.order, self.falling));
        with_query(self.address, &self.query_with(sort, Some((name, row))))
    }

    /// The key of the row at which the page is cut, `None` on the first page or when there is no such row any more.
    /// `rows` is the start of a statement that reads rows by the names that orders use, up to `where tenant = `:
    /// `from account a where a.tenant = `.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn cut(
        &self,
        conn: &mut Conn,
        rows: &'static str,
        id: &'static str,
    ) -> Result<Option<(Value, Uuid)>, Problem> {
        let (Place::After(row) | Place::Before(row)) = &self.place else { return Ok(None) };
        let Ok(row) = Uuid::parse_str(row) else { return Ok(None) };
        let sql = Sql::new("select ").sql(self.order.by).sql(" as cut ").sql(rows).bind(conn.tenant());
        let found = conn.row(sql.sql(" and ").sql(id).sql(" = ").bind(row)).await?;
        Ok(match found {
            Some(found) => Some((self.key_of(&found)?, row)),
            None => None,
        })
    }

    fn key_of(&self, row: &Row) -> Result<Value, Problem> {
        Ok(match self.order.kind {
            KeyKind::Bytes => row.get::<Vec<u8>>("cut")?.value(),
            KeyKind::Text => row.get::<String>("cut")?.value(),
            KeyKind::Int => row.get::<i64>("cut")?.value(),
            KeyKind::Date => row.get::<vx_kernel::Date>("cut")?.value(),
            KeyKind::At => row.get::<jiff::Timestamp>("cut")?.value(),
            KeyKind::Uuid => row.get::<Uuid>("cut")?.value(),
            KeyKind::Fit => return Err(Problem::internal("no database sorts by fit")),
        })
    }

    fn backward(&self) -> bool {
        matches!(self.place, Place::Before(_))
    }

    /// Appends that a row lies beyond the cut, in the way in which the page is read.
    #[must_use]
    pub fn beyond(&self, sql: Sql, id: &'static str, cut: Option<&(Value, Uuid)>) -> Sql {
        let Some((key, row)) = cut else { return sql };
        let sql = sql.sql(" and (").sql(self.order.by).sql(", ").sql(id);
        let sql = sql.sql(if self.reads_falling() { ") < (" } else { ") > (" });
        sql.bind(key.clone()).sql(", ").bind(*row).sql(")")
    }

    /// Whether the page is read from large to small: backwards the rows before the cut are read from it, and turned
    /// round by [`Listing::shown`].
    #[must_use]
    pub fn reads_falling(&self) -> bool {
        self.falling != self.backward()
    }

    /// Appends the condition, the order and the limit of one page to a statement that has conditions already. One row
    /// more than a page is read, to see whether there is another.
    #[must_use]
    pub fn page(&self, sql: Sql, id: &'static str, cut: Option<&(Value, Uuid)>) -> Sql {
        let sql = self.ordered(self.beyond(sql, id, cut), id, self.reads_falling());
        sql.sql(" limit ").bind(LIMIT)
    }

    /// Appends the whole list's order, for a file of all its rows.
    #[must_use]
    pub fn all(&self, sql: Sql, id: &'static str) -> Sql {
        self.ordered(sql, id, self.falling)
    }

    fn ordered(&self, sql: Sql, id: &'static str, falling: bool) -> Sql {
        let way = if falling { " desc" } else { "" };
        sql.sql(" order by ").sql(self.order.by).sql(way).sql(", ").sql(id).sql(way)
    }

    /// Appends that a row comes before the first one shown; counting these says where the page stands in the list.
    #[must_use]
    pub fn earlier(&self, sql: Sql, id: &'static str, cut: &(Value, Uuid)) -> Sql {
        let (key, row) = cut;
        // After a row: that row and all before it. Before a row: all before it, and the page is the last of those.
        let way = match (self.falling, self.backward()) {
            (false, false) => ") <= (",
            (true, false) => ") >= (",
            (false, true) => ") < (",
            (true, true) => ") > (",
        };
        sql.sql(" and (").sql(self.order.by).sql(", ").sql(id).sql(way).bind(key.clone()).sql(", ").bind(*row).sql(")")
    }

    /// Puts a page together: `rows` as [`Listing::page`] read them, `earlier` as [`Listing::earlier`] counted them.
    #[must_use]
    pub fn shown<T>(
        &self,
        mut rows: Vec<T>,
        id: impl Fn(&T) -> String,
        earlier: i64,
        total: i64,
        cut: bool,
    ) -> Shown<T> {
        let more = rows.len() > PAGE;
        rows.truncate(PAGE);
        let n_rows = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        let (mut before, mut after) = (cut, more);
        let mut first = earlier + 1;
        if cut && self.backward() {
            rows.reverse();
            (before, after) = (more, true);
            first = earlier - n_rows + 1;
        }
        Shown {
            before: rows.first().filter(|_| before).map(&id),
            after: rows.last().filter(|_| after).map(&id),
            first,
            total,
            rows,
        }
    }

    /// Puts rows that are in memory into the order of the list.
    pub fn turn<T>(&self, rows: &mut [T], sort: impl Fn(&'static str, &mut [T])) {
        sort(self.order.name, rows);
        if self.falling {
            rows.reverse();
        }
    }

    /// A page of rows that are in memory, in the usual order; `turn` puts them into another.
    #[must_use]
    pub fn slice<T>(
        &self,
        mut rows: Vec<T>,
        id: impl Fn(&T) -> String,
        sort: impl Fn(&'static str, &mut [T]),
    ) -> Shown<T> {
        self.turn(&mut rows, sort);
        let total = rows.len();
        let at = |row: &str| rows.iter().position(|other| id(other) == row);
        let from = match &self.place {
            Place::Start => 0,
            Place::After(row) => at(row).map_or(0, |at| at + 1),
            Place::Before(row) => at(row).map_or(0, |at| at.saturating_sub(PAGE)),
        };
        let rows: Vec<T> = rows.into_iter().skip(from).take(PAGE).collect();
        let end = from + rows.len();
        Shown {
            before: rows.first().filter(|_| from > 0).map(&id),
            after: rows.last().filter(|_| end < total).map(&id),
            first: i64::try_from(from + 1).unwrap_or(i64::MAX),
            total: i64::try_from(total).unwrap_or(i64::MAX),
            rows,
        }
    }

    /// The head of a column, a link that sorts by it.
    #[must_use]
    pub fn head(&self, visit: &Visit, name: &str) -> Markup {
        let Some(order) = self.orders.iter().find(|order| order.name == name).copied() else { return html! {} };
        let here = order == self.order;
        let falling = if here { !self.falling } else { order.falling };
        let link = with_query(self.address, &self.query_with(Some(Self::sort_word(order, falling)), None));
        let state = here.then_some(if self.falling { "descending" } else { "ascending" });
        html! {
            th scope="col" aria-sort=[state] {
                a href=(link) { (visit.t(order.key)) @if here { " " span aria-hidden="true" { (if self.falling { "▼" } else { "▲" }) } } }
            }
        }
    }

    /// The order as a field of the filter's form: on a telephone there are no heads, and without it the form would
    /// forget the order.
    #[must_use]
    pub fn sort_field(&self, visit: &Visit) -> Markup {
        html! {
            label { span.form-label { (visit.t("list-sort")) } select.form-select name="sort" {
                @for order in self.orders { @for falling in [order.falling, !order.falling] {
                    option value=(Self::sort_word(*order, falling)) selected[*order == self.order && falling == self.falling] {
                        (visit.t(order.key)) ": " (visit.t(way_key(order.kind, falling)))
                    }
                } }
            } }
        }
    }

    /// The way to the pages before and after, and what one sees of how much.
    #[must_use]
    pub fn pages<T>(&self, visit: &Visit, shown: &Shown<T>) -> Markup {
        if shown.rows.is_empty() {
            return html! {};
        }
        let last = shown.first + i64::try_from(shown.rows.len()).unwrap_or(0) - 1;
        let said = |n: i64| say_count(visit.lang, n).into();
        html! {
            nav.vx-pages aria-label=(visit.t("list-pages")) {
                @if let Some(row) = &shown.before { a.btn rel="prev" href=(self.at("before", row)) { (icon("arrow-left")) " " (visit.t("list-before")) } }
                span { (visit.ta("list-seen", &[("first", said(shown.first)), ("last", said(last)), ("total", said(shown.total))])) }
                @if let Some(row) = &shown.after { a.btn rel="next" href=(self.at("after", row)) { (visit.t("list-after")) " " (icon("arrow-right")) } }
            }
        }
    }
}

fn way_key(kind: KeyKind, falling: bool) -> &'static str {
    match (kind, falling) {
        (KeyKind::Date | KeyKind::At | KeyKind::Uuid, true) => "list-newest-first",
        (KeyKind::Date | KeyKind::At | KeyKind::Uuid, false) => "list-oldest-first",
        (KeyKind::Int, true) => "list-largest-first",
        (KeyKind::Int, false) => "list-smallest-first",
        (KeyKind::Fit, false) => "list-best-first",
        (KeyKind::Fit, true) => "list-best-last",
        (_, false) => "list-from-a",
        (_, true) => "list-from-z",
    }
}

/// A filter that a form sent, as [`Listing::query`] would write it: pairs only, encoded, without the page's own names.
#[must_use]
pub fn tidy(query: &str) -> String {
    // Whoever typed an address by hand may have left in it what no address may hold.
    let sound = |byte: u8| {
        byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#')
    };
    let mut address = String::from("/?");
    for byte in query.bytes() {
        if sound(byte) { address.push(char::from(byte)) } else { address.push_str(&format!("%{byte:02X}")) }
    }
    let uri = address.parse::<axum::http::Uri>().ok();
    let pairs = uri.and_then(|uri| axum::extract::Query::<Vec<(String, String)>>::try_from_uri(&uri).ok());
    let pairs = pairs.map_or_else(Vec::new, |pairs| pairs.0).into_iter();
    let pairs = pairs
        .filter(|(name, value)| (name == "sort" || !NOT_FILTER.contains(&name.as_str())) && !value.trim().is_empty());
    pairs.map(|(name, value)| format!("{}={}", encode(&name), encode(value.trim()))).collect::<Vec<_>>().join("&")
}

fn with_query(address: &str, query: &str) -> String {
    if query.is_empty() { address.to_owned() } else { format!("{address}?{query}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDERS: &[Order] = &[
        Order { name: "name", key: "name", by: "name_key", kind: KeyKind::Bytes, falling: false },
        Order { name: "day", key: "day", by: "day", kind: KeyKind::Date, falling: true },
    ];

    fn listing(query: &[(&str, &str)]) -> Listing {
        let query: Vec<_> = query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Listing::parse("/list", ORDERS, &query)
    }

    #[test]
    fn an_address_is_read_and_written_back() {
        for (query, back) in [
            (&[][..], ""),
            (&[("q", " Sóc Trăng "), ("state", "")], "q=S%C3%B3c%20Tr%C4%83ng"),
            (&[("sort", "name")], ""),
            (&[("sort", "-name")], "sort=-name"),
            (&[("sort", "-day"), ("state", "open")], "state=open&sort=-day"),
            (&[("sort", "price"), ("after", "x"), ("said", "a-said-b"), ("all", "1")], ""),
            (&[("state", "a"), ("state", "b")], "state=a&state=b"),
        ] {
            assert_eq!(listing(query).query(), back, "{query:?}");
        }
    }

    #[test]
    fn a_kept_query_is_tidied() {
        for (sent, kept) in [
            ("", ""),
            ("state=open&sort=-day", "state=open&sort=-day"),
            ("q=S%C3%B3c%20Tr%C4%83ng&after=x&said=a-said-b&undo=%2Fx&all=1&n=", "q=S%C3%B3c%20Tr%C4%83ng"),
            ("q=a\"b<c>&unit=94/", "q=a%22b%3Cc%3E&unit=94%2F"),
            ("://evil.example/", ""),
        ] {
            assert_eq!(tidy(sent).trim_end_matches('='), kept.trim_end_matches('='), "{sent}");
        }
    }

    #[test]
    fn a_list_in_memory_is_cut_at_a_row() {
        let rows: Vec<u32> = (1..=120).collect();
        let page = |query: &[(&str, &str)]| {
            let shown = listing(query).slice(rows.clone(), ToString::to_string, |_, rows| rows.sort_unstable());
            (shown.first, shown.rows.first().copied(), shown.rows.len(), shown.before, shown.after, shown.total)
        };
        let row = |text: &str| Some(text.to_owned());
        for (query, expected) in [
            (&[][..], (1, Some(1), 50, None, row("50"), 120)),
            (&[("after", "50")], (51, Some(51), 50, row("51"), row("100"), 120)),
            (&[("after", "100")], (101, Some(101), 20, row("101"), None, 120)),
            (&[("before", "51")], (1, Some(1), 50, None, row("50"), 120)),
            (&[("before", "101")], (51, Some(51), 50, row("51"), row("100"), 120)),
            (&[("sort", "-name"), ("after", "71")], (51, Some(70), 50, row("70"), row("21"), 120)),
            (&[("after", "gone")], (1, Some(1), 50, None, row("50"), 120)),
        ] {
            assert_eq!(page(query), expected, "{query:?}");
        }
    }
}
