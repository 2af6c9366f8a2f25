//! Notices (thông báo): what units and people are told of, how many of them somebody has not read, and the ways out of
//! the program: mail by SMTP, everything else by an HTTP gateway.
//!
//! A notice is derived from rows of the journal, after the commit and block by block, so that making it costs no command
//! anything. Which rows make which notice stands in the [`NoticeKind`]s of the modules.
//!
//! **Invariant:** nothing personal leaves the program: a notice has no room for words of a record. It holds its kind, the
//! number of a document, units, a deadline and an address of ours (test `no_notice_has_room_for_words_of_a_record`).

pub mod gateway;
pub mod mail;

use std::{future::Future, pin::Pin, time::Duration};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use vx_kernel::{Id, Path, Problem, ids};

use crate::{
    auth::Actor,
    journal::Entry,
    record,
    store::{Conn, Sql},
    text_enum,
    web::App,
};

text_enum! {
    /// What a notice is about, by which people choose where it reaches them.
    pub enum Class {
        /// Work that was given, changed or called off (nhiệm vụ).
        Work = "work",
        /// Deadlines that come near or have passed (thời hạn).
        Deadline = "deadline",
        /// Something waits for a decision of the unit (chờ quyết định).
        Decision = "decision",
        /// Reports by the clock (báo cáo).
        Report = "report",
        /// Documents (văn bản).
        Paper = "paper",
        /// Zones: levels, decisions (phân vùng).
        Zone = "zone",
        /// The person's own account (tài khoản).
        Account = "account",
    }
}

text_enum! {
    /// A way out of the program.
    pub enum Channel {
        /// By SMTP.
        Email = "email",
        /// By the gateway, to a telephone number.
        Sms = "sms",
        /// By the gateway, to a name in a chat such as Zalo.
        Chat = "chat",
    }
}

text_enum! {
    /// Whether a mark counts.
    pub enum MarkState {
        /// Read.
        Read = "read",
        /// Taken back: not read after all.
        TakenBack = "taken_back",
    }
}

record! {
    /// Word of something that happened (thông báo). `path` is the unit that is told, or the home of the person.
    pub struct Notice[ids::Notice] in "notice" {
        /// Which [`NoticeKind`].
        pub kind: String,
        /// Whom alone it concerns; `None` for a unit.
        pub account: Option<Id<ids::Account>>,
        /// Who did what it tells of; they are not told.
        pub by_account: Option<Id<ids::Account>>,
        /// The row of the journal that it was made of, the first of several.
        pub entry: Uuid,
        /// The block of that row.
        pub block: i64,
        /// The record that it is about, when it is one.
        pub about: Option<Uuid>,
        /// Where in the program the thing itself is.
        pub href: String,
        /// Number and symbol of the document that it goes back to; empty without one.
        pub source: String,
        /// The other unit: who asks, who is late.
        pub unit: Option<Path>,
        /// A deadline.
        pub due_at: Option<Timestamp>,
        /// Whether it is about something stamped HỎA TỐC.
        pub hoa_toc: bool,
        /// How many things at once.
        pub n: i64,
        /// When it happened.
        pub at: Timestamp,
        /// When what it asks for was done, by whomever.
        pub settled_at: Option<Timestamp>,
        /// The block of the journal in which it was done.
        pub settled_block: Option<i64>,
    }
}

record! {
    /// That a person has read notices (đã đọc). `path` is the person's home.
    pub struct NoticeMark[ids::NoticeMark] in "notice_mark" {
        /// Who.
        pub account: Id<ids::Account>,
        /// Which one.
        pub notice: Option<Id<ids::Notice>>,
        /// Or all up to this one.
        pub up_to: Option<Id<ids::Notice>>,
        /// Whether it counts.
        pub state: MarkState,
    }
}

/// What a kind reads from rows of the journal.
pub type Telling<'a> = Pin<Box<dyn Future<Output = Result<Vec<Told>, Problem>> + Send + 'a>>;

/// Who is told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Whom {
    /// Those of a unit who hold the permission of the kind there.
    Unit(Path),
    /// One person; the path is their home.
    Person(Id<ids::Account>, Path),
}

/// One thing to tell of.
#[derive(Clone, PartialEq, Debug)]
pub struct Told {
    /// The row of the journal.
    pub entry: Uuid,
    /// Whom.
    pub whom: Whom,
    /// The record that it is about.
    pub about: Uuid,
    /// Where in the program the thing is.
    pub href: String,
    /// What the record calls the document that it goes back to; only a number and symbol is taken over.
    pub source: String,
    /// The other unit.
    pub unit: Option<Path>,
    /// A deadline.
    pub due_at: Option<Timestamp>,
    /// Whether it is stamped HỎA TỐC.
    pub hoa_toc: bool,
}

/// A kind of notice that a module brings: of which rows of the journal it is made, for whom, and what ends it.
///
/// Its text is `notice-` and its name with hyphens, in the words of the module; with an attribute `.many` where several
/// at once become one notice.
#[derive(Clone, Copy)]
pub struct NoticeKind {
    /// `module.what`; never reused.
    pub name: &'static str,
    /// What it is about.
    pub class: Class,
    /// Verbs of the rows that it is made of.
    pub verbs: &'static [&'static str],
    /// The kinds of record in those rows.
    pub records: &'static [&'static str],
    /// The permission by which people of the unit are told; empty for what concerns one person.
    pub to: &'static str,
    /// Verbs that do what it asks for, on the same record or on one that names it in `about`: its own, and sets that
    /// several kinds share.
    pub ended_by: &'static [&'static [&'static str]],
    /// Whether each unit ends it for itself only.
    pub each: bool,
    /// Where several at once lead; `None` when each is a notice of its own.
    pub list: Option<&'static str>,
    /// Reads what to tell from such rows.
    pub tell: for<'a> fn(&'a mut Conn, &'a [Entry]) -> Telling<'a>,
}

impl NoticeKind {
    /// Every verb that does what it asks for.
    pub fn endings(&self) -> impl Iterator<Item = &'static str> {
        self.ended_by.iter().copied().flatten().copied()
    }
}

/// How long notices are counted and listed.
pub const SHOWN_DAYS: i64 = 30;
/// More unread notices than this are "and more".
pub const COUNTED_MAX: i64 = 100;
/// Units of one person whose notices are looked up; nobody sits at more desks.
const HOMES_MAX: usize = 20;

/// Whether a text is number and symbol of a document (`26/CĐ-UBND`), and so may leave the program.
#[must_use]
pub fn number_of(source: &str) -> String {
    const LEN_MAX: usize = 40;
    let text: String = source.split_whitespace().collect();
    let fits = text.chars().count() <= LEN_MAX
        && text.split_once('/').is_some_and(|(number, symbol)| {
            let number = number.trim_end_matches(char::is_alphabetic);
            let is_number = !number.is_empty() && number.len() <= 6 && number.bytes().all(|byte| byte.is_ascii_digit());
            let is_symbol = symbol.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '.' | '&'));
            is_number && !symbol.is_empty() && is_symbol
        });
    if fits { text } else { String::new() }
}

/// From when on notices count.
#[must_use]
pub fn shown_since(now: Timestamp) -> Timestamp {
    now.checked_sub(SignedDuration::from_hours(24 * SHOWN_DAYS)).unwrap_or(Timestamp::MIN)
}

/// Appends the condition that a notice `n` is for somebody: for a unit in which they hold the permission of its kind, or
/// for them alone; never of what they did themselves.
#[must_use]
pub fn for_actor(mut sql: Sql, app: &App, actor: &Actor) -> Sql {
    let kinds: Vec<&NoticeKind> = app.modules().iter().flat_map(|module| module.notices).collect();
    sql = sql.sql("(n.account = ").bind(actor.account);
    for home in actor.homes().into_iter().take(HOMES_MAX) {
        let theirs = kinds.iter().filter(|kind| !kind.to.is_empty() && actor.may(kind.to, home)).map(|kind| kind.name);
        let theirs: Vec<&'static str> = theirs.collect();
        if !theirs.is_empty() {
            sql =
                sql.sql(" or (n.path = ").bind(home).sql(" and n.account is null and n.kind in ").list(theirs).sql(")");
        }
    }
    sql.sql(") and (n.by_account is null or n.by_account <> ").bind(actor.account).sql(")")
}

/// Appends that somebody has not read a notice `n`, and that nobody has done yet what it asks for.
#[must_use]
pub fn unread_by(sql: Sql, conn: &Conn, account: Option<Id<ids::Account>>) -> Sql {
    let mark = |sql: Sql| {
        let sql = sql.sql(" and not exists (select 1 from notice_mark m where m.tenant = ").bind(conn.tenant());
        sql.sql(" and m.account = ").bind(account).sql(" and m.state = ").bind(MarkState::Read)
    };
    let sql = mark(sql.sql(" and n.settled_at is null")).sql(" and m.notice = n.id)");
    mark(sql).sql(" and m.up_to >= n.id)")
}

/// How many notices somebody has not read, [`COUNTED_MAX`] at the most.
///
/// # Errors
/// When the database is away.
pub async fn unread(app: &App, conn: &mut Conn, actor: &Actor) -> Result<i64, Problem> {
    let sql = Sql::new("select count(*) as n from (select n.id from notice n where n.tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and n.at >= ").bind(shown_since(app.clock().now())).sql(" and ");
    let sql = unread_by(for_actor(sql, app, actor), conn, actor.account);
    conn.count(sql.sql(" limit ").bind(COUNTED_MAX).sql(") counted")).await
}

/// The newest unread notice for somebody.
///
/// # Errors
/// When the database is away.
pub async fn newest(app: &App, conn: &mut Conn, actor: &Actor) -> Result<Option<Id<ids::Notice>>, Problem> {
    let sql = Sql::new("select n.id from notice n where n.tenant = ").bind(conn.tenant());
    let sql = sql.sql(" and n.at >= ").bind(shown_since(app.clock().now())).sql(" and ");
    let sql = unread_by(for_actor(sql, app, actor), conn, actor.account).sql(" order by n.id desc limit 1");
    conn.row(sql).await?.map(|row| row.get("id")).transpose()
}

/// How sending went.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It was taken over by the other side.
    Sent,
    /// Not now.
    Later {
        /// Why: a word of [`Trouble`].
        why: Trouble,
        /// What the other side said, for operators.
        said: String,
        /// Not before this long, when the other side said so.
        after: Option<Duration>,
    },
    /// Never: trying again would end the same way.
    Never {
        /// Why.
        why: Trouble,
        /// What the other side said, for operators.
        said: String,
    },
}

text_enum! {
    /// Why a message did not go out.
    pub enum Trouble {
        /// The server does not answer, or broke off.
        Away = "away",
        /// The server does not let this program in: name, password, certificate, signature.
        NotLetIn = "not_let_in",
        /// The server asks to come back later.
        Busy = "busy",
        /// The server does not take the address or the message.
        Refused = "refused",
        /// No server is set for this way.
        NotSet = "not_set",
        /// The address cannot be one.
        Address = "address",
        /// It was tried for too long.
        TooLong = "too_long",
    }
}

impl Trouble {
    /// Whether it stands against everything on this way, not against one message: the others need not be tried now.
    #[must_use]
    pub fn is_of_channel(self) -> bool {
        matches!(self, Self::Away | Self::NotLetIn | Self::NotSet)
    }
}

/// What goes out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Parcel {
    /// The same for each try: by it the other side knows what it has already.
    pub id: Uuid,
    /// The way.
    pub channel: Channel,
    /// To which address.
    pub to: String,
    /// A line.
    pub subject: String,
    /// Lines with the address of each thing.
    pub lines: Vec<Line>,
    /// What stands below, in words.
    pub foot: String,
    /// Where the reader chooses what reaches them.
    pub settings: String,
    /// Language of the text.
    pub lang: vx_kernel::time::Lang,
    /// Whether it is urgent.
    pub hoa_toc: bool,
    /// When it was made.
    pub at: Timestamp,
}

/// One thing in a parcel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Line {
    /// The words.
    pub text: String,
    /// Where it leads; empty for nowhere.
    pub href: String,
}

impl Parcel {
    /// The text without marks of its own: mail beside the HTML, short messages.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(&line.text);
            if !line.href.is_empty() {
                text.push('\n');
                text.push_str(&line.href);
            }
            text.push_str("\n\n");
        }
        text.truncate(text.trim_end().len());
        text
    }
}

/// The ways out that an operator has set up.
#[derive(Default)]
pub struct Couriers {
    /// Mail.
    pub mail: Option<mail::Mail>,
    /// Everything else.
    pub gateway: Option<gateway::Gateway>,
    /// The address under which people find the program, for links.
    pub public_url: String,
    /// How many messages may go out in a minute on each way.
    pub per_minute: i64,
}

impl Couriers {
    /// Whether there is a way.
    #[must_use]
    pub fn has(&self, channel: Channel) -> bool {
        match channel {
            Channel::Email => self.mail.is_some(),
            other => self.gateway.as_ref().is_some_and(|gateway| gateway.takes(other)),
        }
    }

    /// Sends.
    pub async fn send(&self, parcel: &Parcel) -> Outcome {
        let not_set = || Outcome::Later { why: Trouble::NotSet, said: String::new(), after: None };
        match parcel.channel {
            Channel::Email => match &self.mail {
                Some(mail) => mail.send(parcel).await,
                None => not_set(),
            },
            channel => match self.gateway.as_ref().filter(|gateway| gateway.takes(channel)) {
                Some(gateway) => gateway.send(parcel).await,
                None => not_set(),
            },
        }
    }
}

/// The words of another side, short enough to keep and without control characters.
pub(crate) fn said_of(text: &str) -> String {
    const SAID_MAX: usize = 300;
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(SAID_MAX).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::number_of;

    #[test]
    fn no_notice_has_room_for_words_of_a_record() {
        for (source, kept) in [
            ("26/CĐ-UBND", "26/CĐ-UBND"),
            ("1420 / UBND-VX", "1420/UBND-VX"),
            ("16/CT-TTg", "16/CT-TTg"),
            ("02a/2021/TT-BYT", "02a/2021/TT-BYT"),
            ("benh-nhan-Nguyen-Van-A.docx", ""),
            ("Quyết định về ca bệnh Nguyễn Văn A", ""),
            ("12/ca bệnh của ông A, ấp 3, sốt", ""),
            ("12/công văn rất dài không phải ký hiệu của một văn bản nào cả", ""),
            ("/UBND", ""),
            ("1234567/UBND", ""),
            ("", ""),
        ] {
            assert_eq!(number_of(source), kept, "{source}");
        }
    }
}
