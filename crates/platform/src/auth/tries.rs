//! Tries to sign in (nhật ký đăng nhập): who, when, from where, and what came of it.
//!
//! The journal has those of known accounts too, sealed and for good; these rows are for looking at, with device and
//! address, and go when their time is over.

use jiff::Timestamp;
use vx_kernel::{Id, Path, Problem, ids};

use super::{Account, Device};
use crate::{
    store::{Db, Row, Tx, Uuid},
    text_enum,
};

text_enum! {
    /// What came of a try to sign in.
    pub enum Outcome {
        /// Signed in.
        SignedIn = "signed_in",
        /// The password was right, the code is still owed.
        CodeAsked = "code_asked",
        /// Signed in by a recovery code in the place of the telephone's.
        Recovery = "recovery",
        /// Signed in by the word of the sign-on provider.
        SingleSignOn = "single_sign_on",
        /// The password was wrong.
        WrongPassword = "wrong_password",
        /// The code was wrong, or was taken before.
        WrongCode = "wrong_code",
        /// Wrong once too often: locked from now on.
        LockedOut = "locked_out",
        /// Tried while it was locked.
        WhileLocked = "while_locked",
        /// Nobody has this name.
        UnknownName = "unknown_name",
        /// The sign-on provider's person is no account here.
        NotLinked = "not_linked",
        /// The account is closed.
        Closed = "closed",
        /// The last day of the account is over.
        Over = "over",
    }
}

/// One try, as it is shown.
#[derive(Clone, Debug)]
pub struct Try {
    /// Its place in the list.
    pub id: Uuid,
    /// When.
    pub at: Timestamp,
    /// The home unit of the account, everything for nobody's.
    pub path: Path,
    /// Whose, `None` when nobody has the name.
    pub account: Option<Id<ids::Account>>,
    /// The name to sign in with; empty when it is nobody's.
    pub login: String,
    /// The person's name then.
    pub name: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What the browser said it is.
    pub device: String,
    /// From which address.
    pub address: String,
}

impl Try {
    /// What a try is read from.
    pub const SELECT: &'static str = "t.id, t.at, t.path, t.account, t.login, t.name, t.outcome, t.device, t.address";

    /// From a row that selects [`Try::SELECT`].
    ///
    /// # Errors
    /// When the row does not fit, which is our fault.
    pub fn read(row: &Row) -> Result<Self, Problem> {
        Ok(Self {
            id: row.get("id")?,
            at: row.get("at")?,
            path: row.get("path")?,
            account: row.find("account")?,
            login: row.get("login")?,
            name: row.get("name")?,
            outcome: row.get("outcome")?,
            device: row.get("device")?,
            address: row.get("address")?,
        })
    }
}

/// Notes a try, in the transaction that decides about it.
pub(super) fn note(tx: &mut Tx, account: Option<&Account>, outcome: Outcome, device: &Device) {
    const COLUMNS: &[&str] = &["id", "path", "at", "account", "login", "name", "outcome", "device", "address"];
    let path = account.map_or_else(Path::root, |account| account.path.clone());
    let row = vec![
        vx_kernel::fresh().into(),
        (&path).into(),
        tx.now().into(),
        account.map(|account| account.id).into(),
        account.map_or("", |account| account.login.as_str()).into(),
        account.map_or("", |account| account.name.as_str()).into(),
        outcome.as_str().into(),
        device.agent.clone().into(),
        device.address.clone().into(),
    ];
    tx.append("sign_in_try", COLUMNS, row);
}

/// Notes that the sign-on provider proved somebody who is no account here. Whom it named is not kept.
///
/// # Errors
/// When the database is away.
pub async fn note_not_linked(db: &Db, device: Device) -> Result<(), Problem> {
    db.write(move |tx| {
        let device = device.clone();
        Box::pin(async move {
            note(tx, None, Outcome::NotLinked, &device);
            Ok(())
        })
    })
    .await
}
