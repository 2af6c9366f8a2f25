//! What people do with notices, and what they decide about where these reach them. Each acts for themself; only trying
//! a message again is an administrator's.

use jiff::{SignedDuration, Timestamp, civil::Time};
use vx_concepts::engine::{Command, Decision};
use vx_kernel::{Id, Path, Problem, ids};
use vx_platform::{
    auth::{Account, Actor},
    notify::{Channel, MarkState, Notice, NoticeMark},
    params,
    store::{Record as _, Sql, Tx, Uuid},
};

use super::{
    Choice, Contact, ContactState, Message, MessageState, SEE,
    choice::{DIGESTS, clock},
};

/// How long a code holds.
pub(super) const CODE_FOR: SignedDuration = SignedDuration::from_mins(15);
/// Wrong codes after which a code holds no longer.
pub(super) const CODE_TRIES_MAX: i64 = 5;
/// Codes that one person may have sent in an hour: enough for a slip, too few to trouble a stranger's telephone.
const CODES_MAX: i64 = 5;
/// Longest address, in characters.
const ADDRESS_MAX: usize = 120;

fn own(by: &Actor, account: Id<ids::Account>) -> Result<(), Problem> {
    if by.account == Some(account) { Ok(()) } else { Err(Problem::not_found()) }
}

/// What every command about one's own notices has in common.
macro_rules! own_account {
    () => {
        fn scope(&self, facts: &Self::Facts) -> Path {
            facts.0.path.clone()
        }
    };
}

/// Marks one notice as read (đánh dấu đã đọc).
#[derive(Clone, Debug)]
pub struct MarkRead {
    /// Who.
    pub account: Id<ids::Account>,
    /// Which; the caller has seen that it is for them.
    pub notice: Id<ids::Notice>,
}

impl Command for MarkRead {
    type Record = NoticeMark;
    /// The account, and the mark that it has set on the notice before.
    type Facts = (Account, Option<NoticeMark>);
    const NAME: &'static str = "notices.mark_read";
    const READ: &'static str = Self::NAME;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        tx.load::<Notice>(self.notice).await?;
        let sql =
            Sql::new("select ").sql(NoticeMark::SELECT).sql(" from notice_mark where tenant = ").bind(tx.tenant());
        let sql = sql.sql(" and account = ").bind(self.account).sql(" and notice = ").bind(self.notice);
        let mark = tx.row(sql.sql(" order by id limit 1")).await?.map(|row| NoticeMark::read(&row)).transpose()?;
        Ok((tx.load(self.account).await?, mark))
    }
    own_account!();
    fn decide(&self, (account, mark): &Self::Facts, by: &Actor, _: Timestamp) -> Result<Decision<NoticeMark>, Problem> {
        own(by, self.account)?;
        let new = || NoticeMark {
            id: Id::fresh(),
            path: account.path.clone(),
            version: 0,
            account: self.account,
            notice: Some(self.notice),
            up_to: None,
            state: MarkState::Read,
        };
        Ok(Decision::just(mark.clone().map_or_else(new, |mark| NoticeMark { state: MarkState::Read, ..mark })))
    }
    fn before<'a>(&self, (_, mark): &'a Self::Facts) -> Option<&'a NoticeMark> {
        mark.as_ref()
    }
}

/// Marks all notices up to the newest that was shown as read (đánh dấu tất cả đã đọc).
#[derive(Clone, Debug)]
pub struct MarkAllRead {
    /// Who.
    pub account: Id<ids::Account>,
    /// Up to which.
    pub up_to: Id<ids::Notice>,
}

impl Command for MarkAllRead {
    type Record = NoticeMark;
    type Facts = (Account,);
    const NAME: &'static str = "notices.mark_all_read";
    const READ: &'static str = Self::NAME;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        tx.load::<Notice>(self.up_to).await?;
        Ok((tx.load(self.account).await?,))
    }
    own_account!();
    fn decide(&self, (account,): &Self::Facts, by: &Actor, _: Timestamp) -> Result<Decision<NoticeMark>, Problem> {
        own(by, self.account)?;
        Ok(Decision::just(NoticeMark {
            id: Id::fresh(),
            path: account.path.clone(),
            version: 0,
            account: self.account,
            notice: None,
            up_to: Some(self.up_to),
            state: MarkState::Read,
        }))
    }
    fn before<'a>(&self, _: &'a Self::Facts) -> Option<&'a NoticeMark> {
        None
    }
}

/// Takes a mark back: what it marked is unread again (bỏ đánh dấu đã đọc).
#[derive(Clone, Debug)]
pub struct TakeBackMark {
    /// Who.
    pub account: Id<ids::Account>,
    /// Which mark.
    pub mark: Id<ids::NoticeMark>,
}

impl Command for TakeBackMark {
    type Record = NoticeMark;
    type Facts = (NoticeMark,);
    const NAME: &'static str = "notices.take_back_mark";
    const READ: &'static str = Self::NAME;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        Ok((tx.load(self.mark).await?,))
    }
    own_account!();
    fn decide(&self, (mark,): &Self::Facts, by: &Actor, _: Timestamp) -> Result<Decision<NoticeMark>, Problem> {
        own(by, self.account)?;
        own(by, mark.account)?;
        Ok(Decision::just(NoticeMark { state: MarkState::TakenBack, ..mark.clone() }))
    }
    fn before<'a>(&self, (mark,): &'a Self::Facts) -> Option<&'a NoticeMark> {
        Some(mark)
    }
}

/// Sets what one wants to be told where, and when (lưu cài đặt nhận thông báo).
#[derive(Clone, Debug)]
pub struct SetChoice {
    /// Who.
    pub account: Id<ids::Account>,
    /// Pairs of class and way.
    pub channels: Vec<String>,
    /// Whether there are quiet hours.
    pub quiet: bool,
    /// From which hour.
    pub quiet_from: Time,
    /// Until which hour.
    pub quiet_until: Time,
    /// Minutes for which notices are gathered.
    pub digest_mins: i64,
    /// Language of messages.
    pub lang: String,
}

impl Command for SetChoice {
    type Record = Choice;
    type Facts = (Account, Option<Choice>);
    const NAME: &'static str = "notices.set_choice";
    const READ: &'static str = Self::NAME;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        Ok((tx.load(self.account).await?, super::settings::choice_of(tx, self.account).await?))
    }
    own_account!();
    fn decide(&self, (account, before): &Self::Facts, by: &Actor, _: Timestamp) -> Result<Decision<Choice>, Problem> {
        own(by, self.account)?;
        if !DIGESTS.contains(&self.digest_mins) {
            return Err(Problem::refused("notices.digest"));
        }
        if self.quiet && self.quiet_from == self.quiet_until {
            return Err(Problem::refused("notices.quiet_empty"));
        }
        let base = before.clone().unwrap_or_else(|| Choice::usual(self.account, account.path.clone()));
        Ok(Decision::just(Choice {
            path: account.path.clone(),
            channels: self.channels.join(" "),
            quiet: self.quiet,
            quiet_from: clock(self.quiet_from),
            quiet_until: clock(self.quiet_until),
            digest_mins: self.digest_mins,
            lang: self.lang.clone(),
            ..base
        }))
    }
    fn before<'a>(&self, (_, before): &'a Self::Facts) -> Option<&'a Choice> {
        before.as_ref()
    }
}

/// Names an address at which one wants to be reached (đăng ký nơi nhận); a code is sent there, and nothing else before it
/// was given back.
#[derive(Clone, Debug)]
pub struct NameContact {
    /// Who.
    pub account: Id<ids::Account>,
    /// Which way.
    pub channel: Channel,
    /// The address as it was typed.
    pub address: String,
    /// The code that is sent there; made by the caller.
    pub code: String,
}

/// An address as it is kept, and as others see it; `None` when it cannot be one.
pub(super) fn address_of(channel: Channel, typed: &str) -> Option<(String, String)> {
    let typed = typed.trim();
    if typed.chars().count() > ADDRESS_MAX || typed.chars().any(char::is_control) {
        return None;
    }
    match channel {
        Channel::Email => {
            let (name, domain) = typed.rsplit_once('@')?;
            let sound =
                |part: &str| !part.is_empty() && !part.contains([' ', '<', '>', ',', ';', '"', '@', '(', ')', ':']);
            let is_domain = domain.contains('.') && !domain.starts_with('.') && !domain.ends_with('.');
            if !sound(name) || !sound(domain) || !is_domain || domain.contains("..") {
                return None;
            }
            let first: String = name.chars().take(1).collect();
            Some((format!("{name}@{}", domain.to_lowercase()), format!("{first}…@{}", domain.to_lowercase())))
        }
        Channel::Sms => {
            let plain: String = typed.chars().filter(|c| !matches!(c, ' ' | '.' | '-' | '(' | ')')).collect();
            let national =
                plain.strip_prefix("+84").or_else(|| plain.strip_prefix("84")).or_else(|| plain.strip_prefix('0'))?;
            let is_number =
                national.len() == 9 && national.bytes().all(|byte| byte.is_ascii_digit()) && !national.starts_with('0');
            is_number.then(|| (format!("+84{national}"), format!("+84…{}", national.get(6..).unwrap_or_default())))
        }
        Channel::Chat => {
            let sound =
                typed.chars().count() >= 3 && typed.chars().all(|c| c.is_ascii_alphanumeric() || "._-+@".contains(c));
            let last: String = typed.chars().rev().take(3).collect::<Vec<_>>().into_iter().rev().collect();
            sound.then(|| (typed.to_owned(), format!("…{last}")))
        }
    }
}

impl Command for NameContact {
    type Record = Contact;
    /// The account, the address of before, and the codes of the last hour.
    type Facts = (Account, Option<Contact>, i64);
    const NAME: &'static str = "notices.name_contact";
    const READ: &'static str = Self::NAME;

    async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
        let sql =
            Sql::new("select ").sql(Contact::SELECT).sql(" from notice_contact where tenant = ").bind(tx.tenant());
        let sql = sql.sql(" and account = ").bind(self.account).sql(" and channel = ").bind(self.channel);
        let before = tx.row(sql).await?.map(|row| Contact::read(&row)).transpose()?;
        let since = tx.now().checked_sub(SignedDuration::from_hours(1)).map_err(Problem::internal)?;
        let sql = "select count(*) as n from journal where tenant = $1 and actor = $2 and verb = $3 and at >= $4";
        let sent = tx.count(Sql::with(sql, params![tx.tenant(), self.account, Self::NAME, since])).await?;
        Ok((tx.load(self.account).await?, before, sent))
    }
    own_account!();
    fn decide(&self, facts: &Self::Facts, by: &Actor, now: Timestamp) -> Result<Decision<Contact>, Problem> {
        let (account, before, sent) = facts;
        own(by, self.account)?;
        let Some((address, shown)) = address_of(self.channel, &self.address) else {
            return Err(Problem::refused(match self.channel {
                Channel::Email => "notices.address_email",
                Channel::Sms => "notices.address_sms",
                Channel::Chat => "notices.address_chat",
            }));
        };
        if *sent >= CODES_MAX {
            return Err(Problem::refused("notices.too_many_codes").with("max", CODES_MAX));
        }
        let new = Contact {
            id: before.as_ref().map_or_else(Id::fresh, |before| before.id),
            path: account.path.clone(),
            version: before.as_ref().map_or(0, |before| before.version),
            account: self.account,
            channel: self.channel,
            address,
            shown,
            state: ContactState::Unconfirmed,
            code: self.code.clone(),
            code_until: now.checked_add(CODE_FOR).ok(),
            tries: 0,
            confirmed_at: None,
        };
        Ok(Decision::just(new))
    }
    fn before<'a>(&self, (_, before, _): &'a Self::Facts) -> Option<&'a Contact> {
        before.as_ref()
    }
}

/// What the commands on an address that is there have in common.
macro_rules! on_contact {
    ($name:literal) => {
        type Record = Contact;
        type Facts = (Contact,);
        const NAME: &'static str = $name;
        const READ: &'static str = $name;
        async fn gather(&self, tx: &mut Tx) -> Result<Self::Facts, Problem> {
            Ok((tx.load(self.contact).await?,))
        }
        own_account!();
        fn before<'a>(&self, (contact,): &'a Self::Facts) -> Option<&'a Contact> {
            Some(contact)
        }
    };
}

/// Gives back the code that was sent to an address (xác nhận nơi nhận). A wrong one is counted, not refused: a refusal
/// leaves nothing behind, and codes could be tried without end. Whoever executes this looks at the state it leaves.
#[derive(Clone, Debug)]
pub struct ConfirmContact {
    /// Who.
    pub account: Id<ids::Account>,
    /// Which address.
    pub contact: Id<ids::Contact>,
    /// The code.
    pub code: String,
}

impl Command for ConfirmContact {
    on_contact!("notices.confirm_contact");
    fn decide(&self, (contact,): &Self::Facts, by: &Actor, now: Timestamp) -> Result<Decision<Contact>, Problem> {
        own(by, self.account)?;
        own(by, contact.account)?;
        if contact.state != ContactState::Unconfirmed
            || contact.code.is_empty()
            || contact.code_until.is_none_or(|until| until < now)
        {
            return Err(Problem::refused("notices.code_over"));
        }
        let typed: String = self.code.chars().filter(char::is_ascii_digit).collect();
        let after = if typed == contact.code {
            Contact {
                state: ContactState::Confirmed,
                code: String::new(),
                code_until: None,
                confirmed_at: Some(now),
                ..contact.clone()
            }
        } else {
            let tries = contact.tries + 1;
            let code = if tries >= CODE_TRIES_MAX { String::new() } else { contact.code.clone() };
            Contact { tries, code, ..contact.clone() }
        };
        Ok(Decision::just(after))
    }
}

/// Takes an address away (gỡ nơi nhận): nothing is sent there from now on.
#[derive(Clone, Debug)]
pub struct RemoveContact {
    /// Who.
    pub account: Id<ids::Account>,
    /// Which address.
    pub contact: Id<ids::Contact>,
}

impl Command for RemoveContact {
    on_contact!("notices.remove_contact");
    fn decide(&self, (contact,): &Self::Facts, by: &Actor, _: Timestamp) -> Result<Decision<Contact>, Problem> {
        own(by, self.account)?;
        own(by, contact.account)?;
        if contact.state == ContactState::Removed {
            return Err(Problem::not_found());
        }
        Ok(Decision::just(Contact {
            state: ContactState::Removed,
            address: String::new(),
            code: String::new(),
            code_until: None,
            confirmed_at: None,
            ..contact.clone()
        }))
    }
}

/// Has a message that was given up tried again (gửi lại).
#[derive(Clone, Debug)]
pub struct Retry {
    /// Which.
    pub message: Id<ids::Message>,
}

impl Command for Retry {
    type Record = Message;
    type Facts = Message;
    const NAME: &'static str = "notices.retry";
    const READ: &'static str = SEE;

    async fn gather(&self, tx: &mut Tx) -> Result<Message, Problem> {
        tx.load(self.message).await
    }
    fn scope(&self, message: &Message) -> Path {
        message.path.clone()
    }
    fn decide(&self, message: &Message, _: &Actor, now: Timestamp) -> Result<Decision<Message>, Problem> {
        if message.state != MessageState::GivenUp {
            return Err(Problem::refused("notices.not_given_up"));
        }
        Ok(Decision::just(Message {
            state: MessageState::Waiting,
            attempts: 0,
            due_from: now,
            next_at: now,
            held: None,
            ..message.clone()
        }))
    }
    fn before<'a>(&self, message: &'a Message) -> Option<&'a Message> {
        Some(message)
    }
    fn about(&self, message: &Message) -> Option<Uuid> {
        Some(message.account.uuid())
    }
}
