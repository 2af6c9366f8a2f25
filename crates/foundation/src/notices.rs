//! Notices (thông báo): what units and people are told of inside the program, and by mail, short message and chat.
//!
//! A notice is made of rows of the journal ([`derive`]), once, by whichever process comes first. What goes out to one
//! address at one time is a [`Message`]; it is the delivery record, and its id is the key by which the other side knows
//! a second try ([`send`]).
//!
//! **Invariant:** a notice is made once, and what it sends is one message for each address (test
//! `a_notice_is_made_once_whoever_looks`).
//! **Invariant:** a server that cannot be reached delays and loses nothing (tests
//! `a_mail_server_that_is_away_delays_and_loses_nothing`, `a_gateway_that_fails_delays_and_doubles_nothing`).

mod choice;
mod commands;
mod deliveries;
mod derive;
mod pages;
mod send;
mod settings;
#[cfg(test)]
mod tests;
mod text;

use jiff::Timestamp;
use vx_concepts::engine::Command as _;
use vx_kernel::{Id, ids};
use vx_platform::{
    Module,
    auth::{Breadth::Subtree, Permission, Role::Admin},
    jobs::{JobKind, Trigger},
    notify::{Channel, Trouble},
    record,
    store::Migration,
    text_enum,
    web::{Access, Route, bell},
    words::Texts,
};

pub use choice::{Choice, Quiet, goes_at};
pub use commands::{ConfirmContact, MarkAllRead, MarkRead, NameContact, RemoveContact, Retry, SetChoice, TakeBackMark};
pub use deliveries::given_up_line;
pub use derive::{Derived, derive, derive_all, look, watch};
pub use send::send_due;
pub use text::{line_of, trial};

text_enum! {
    /// Whether an address may be written to.
    pub enum ContactState {
        /// The code that was sent there was not given back yet.
        Unconfirmed = "unconfirmed",
        /// It is this person's.
        Confirmed = "confirmed",
        /// Taken away by the person.
        Removed = "removed",
    }
}

text_enum! {
    /// What a message is for.
    pub enum Purpose {
        /// It tells of notices.
        Notices = "notices",
        /// It brings the code that confirms an address.
        Code = "code",
    }
}

text_enum! {
    /// Where a message is.
    pub enum MessageState {
        /// To go out at its time.
        Waiting = "waiting",
        /// A process is sending it.
        Sending = "sending",
        /// The other side took it over.
        Sent = "sent",
        /// It cannot be delivered; a person may have it tried again.
        GivenUp = "given_up",
        /// There was nothing left to tell when its time came: done or read meanwhile, or the address is gone.
        Dropped = "dropped",
    }
}

text_enum! {
    /// Why a message does not go out at once.
    pub enum Held {
        /// Quiet hours of the person.
        Quiet = "quiet",
        /// It is gathered with others.
        Digest = "digest",
    }
}

record! {
    /// Where a person is reached outside the program (nơi nhận thông báo). `path` is the person's home.
    pub struct Contact[ids::Contact] in "notice_contact" {
        /// Whose.
        pub account: Id<ids::Account>,
        /// Which way.
        pub channel: Channel,
        /// The address; in no journal and on no other person's page.
        #[serde(skip)]
        pub address: String,
        /// The address with its middle left out, as others see it.
        pub shown: String,
        /// Whether it may be written to.
        pub state: ContactState,
        /// The code that was sent there; empty when none holds.
        #[serde(skip)]
        pub code: String,
        /// Until when the code holds.
        pub code_until: Option<Timestamp>,
        /// Wrong codes.
        pub tries: i64,
        /// When it was confirmed.
        pub confirmed_at: Option<Timestamp>,
    }
}

record! {
    /// What goes out to one address at one time (tin gửi đi). `path` is the person's home.
    pub struct Message[ids::Message] in "notice_message" {
        /// To whom.
        pub account: Id<ids::Account>,
        /// Where.
        pub contact: Id<ids::Contact>,
        /// Which way.
        pub channel: Channel,
        /// What for.
        pub purpose: Purpose,
        /// Where it is.
        pub state: MessageState,
        /// Whether it is about something stamped HỎA TỐC.
        pub hoa_toc: bool,
        /// Why it does not go out at once.
        pub held: Option<Held>,
        /// When it was made.
        pub made_at: Timestamp,
        /// From when on it is tried.
        pub due_from: Timestamp,
        /// When it is tried next.
        pub next_at: Timestamp,
        /// Tries so far.
        pub attempts: i64,
        /// Until when a process holds it.
        pub lease_until: Option<Timestamp>,
        /// When the other side took it over.
        pub sent_at: Option<Timestamp>,
        /// Why the last try failed.
        pub trouble: Option<Trouble>,
        /// What the other side said.
        pub said: String,
    }
}

/// The permission to see what was sent to whom.
pub const SEE: &str = "notices.see_deliveries";
/// The job that sends what is due now; another one looks every minute.
pub(crate) const SEND_NOW: &str = "notices.send_now";

/// The subsystem as the server lists it.
#[must_use]
pub fn module() -> Module {
    const ADMINS: &[(vx_platform::auth::Role, vx_platform::auth::Breadth)] = &[(Admin, Subtree)];
    Module {
        name: "notices",
        migrations: &[Migration { name: "notices/0001_notice", sql: include_str!("../migrations/0003_notice.sql") }],
        permissions: &[
            Permission { name: SEE, roles: ADMINS },
            Permission { name: Retry::NAME, roles: ADMINS },
            // What one reads and where one is reached is nobody's role; see `accounts::in_own_name`.
            Permission { name: MarkRead::NAME, roles: &[] },
            Permission { name: MarkAllRead::NAME, roles: &[] },
            Permission { name: TakeBackMark::NAME, roles: &[] },
            Permission { name: SetChoice::NAME, roles: &[] },
            Permission { name: NameContact::NAME, roles: &[] },
            Permission { name: ConfirmContact::NAME, roles: &[] },
            Permission { name: RemoveContact::NAME, roles: &[] },
        ],
        routes,
        texts: Texts { vi: include_str!("../words/notices.vi.ftl"), en: include_str!("../words/notices.en.ftl") },
        nav: &[],
        notices: &[],
        jobs: &[
            JobKind {
                name: "notices.send",
                starts: Trigger::Every { mins: 1 },
                run: |app, _| Box::pin(async move { send_due(&app).await.map(drop) }),
            },
            JobKind {
                name: SEND_NOW,
                starts: Trigger::Asked,
                run: |app, _| Box::pin(async move { send_due(&app).await.map(drop) }),
            },
        ],
    }
}

fn routes() -> Vec<Route> {
    vec![
        Route::get("/notices", Access::SignedIn, pages::list),
        Route::post("/notices/read", Access::SignedIn, pages::read_all),
        Route::get(bell::STREAM, Access::SignedIn, bell::stream),
        Route::get("/notices/settings", Access::SignedIn, settings::show),
        Route::post("/notices/settings", Access::SignedIn, settings::set),
        Route::post("/notices/contacts", Access::SignedIn, settings::name),
        Route::post("/notices/contacts/{id}/confirm", Access::SignedIn, settings::confirm),
        Route::post("/notices/contacts/{id}/remove", Access::SignedIn, settings::remove),
        Route::get("/notices/deliveries", Access::Needs(SEE), deliveries::list),
        Route::get("/notices/deliveries.csv", Access::Needs(SEE), deliveries::export),
        Route::post("/notices/deliveries/retry", Access::Needs(Retry::NAME), deliveries::retry_all),
        Route::post("/notices/deliveries/{id}/retry", Access::Needs(Retry::NAME), deliveries::retry),
        Route::get("/notices/{id}", Access::SignedIn, pages::open),
        Route::post("/notices/{id}/read", Access::SignedIn, pages::read),
        Route::post("/notices/marks/{id}/take-back", Access::SignedIn, pages::take_back),
    ]
}
