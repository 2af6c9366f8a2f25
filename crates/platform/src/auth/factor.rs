//! The second factor (xác thực hai lớp): six digits that a telephone works out from a shared secret and the time
//! (TOTP, RFC 6238), and recovery codes for when the telephone is lost.
//!
//! **Invariant:** a code is taken once: its step of time is above the last one that was taken (test `a_code_is_taken_once`).
//! **Invariant:** the secret and the recovery codes are shown while they are made and never again: not in the journal,
//! not by the JSON interface, not in a list.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{Timestamp, civil::Date};
use sha1::Sha1;
use vx_kernel::{Id, Problem, ids};

use super::{Role, password::random_bytes, session::hash_of, temporary_password};
use crate::{
    record,
    store::{Conn, Record as _, Sql, migrate::hex},
    text_enum,
};

text_enum! {
    /// How far a second factor has come.
    pub enum FactorState {
        /// The secret was made and shown; no code of it was seen yet.
        Proposed = "proposed",
        /// A first code showed that the telephone has it.
        Confirmed = "confirmed",
        /// Taken away; its secret is gone.
        Removed = "removed",
    }
}

record! {
    /// The second factor of an account. `path` is the home unit of the account.
    pub struct SecondFactor[ids::SecondFactor] in "second_factor" {
        /// Whose it is.
        pub account: Id<ids::Account>,
        /// The shared secret; empty when removed.
        #[serde(skip)]
        pub secret: Vec<u8>,
        /// How far it has come.
        pub state: FactorState,
        /// Since when it is asked for.
        pub confirmed_at: Option<Timestamp>,
        /// The step of time of the last code that was taken.
        #[serde(skip)]
        pub last_step: i64,
        /// SHA-256 of the recovery codes that are left, in hexadecimal, with spaces between.
        #[serde(skip)]
        pub recovery: String,
        /// How many recovery codes are left.
        pub recovery_left: i64,
    }
}

record! {
    /// Which roles must have a second factor, from a day on (quy định xác thực hai lớp). `path` is the unit for which,
    /// and below which, it holds.
    pub struct SecondFactorRule[ids::SecondFactorRule] in "second_factor_rule" {
        /// The roles, by their names, with spaces between; empty for none.
        pub roles: String,
        /// First day.
        pub from_on: Date,
        /// What it rests on.
        pub basis: String,
    }
}

/// Seconds for which a code holds; what every authenticator assumes.
const STEP_S: i64 = 30;
/// Steps by which the clock of a telephone may be off, each way.
const DRIFT_STEPS: i64 = 1;
/// Bytes of a secret: those of the hash, as RFC 4226 asks for.
const SECRET_LEN: usize = 20;
/// Recovery codes made at a time.
pub const RECOVERY_CODES: usize = 10;
/// Rules that are read at the most: a province sets a few in a year.
const RULES_MAX: i64 = 500;

/// A fresh secret.
#[must_use]
pub fn factor_secret() -> Vec<u8> {
    random_bytes::<SECRET_LEN>().to_vec()
}

/// The six digits of a step of time (RFC 4226, section 5.3).
fn code_of(secret: &[u8], step: i64) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret).expect("HMAC takes a key of any length");
    mac.update(&step.to_be_bytes());
    let digest = mac.finalize().into_bytes();
    let at = usize::from(digest[19] & 0x0f);
    let number = u32::from_be_bytes([digest[at] & 0x7f, digest[at + 1], digest[at + 2], digest[at + 3]]);
    format!("{:06}", number % 1_000_000)
}

/// The code that a telephone shows at a moment; for tests, which have no telephone.
#[must_use]
pub fn code_at(secret: &[u8], at: Timestamp) -> String {
    code_of(secret, at.as_second().div_euclid(STEP_S))
}

/// Compares without telling by its time how much was alike.
fn alike(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// What people type without what they type around it: `123 456` is a code, and `ABCD-efgh` a recovery code.
fn bare(text: &str) -> String {
    text.chars().filter(|letter| letter.is_ascii_alphanumeric()).collect::<String>().to_ascii_lowercase()
}

/// Base32 (RFC 4648) without padding, as authenticators take a secret that is typed.
#[must_use]
pub fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let mut out = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0_u32);
    for byte in bytes {
        held = (held << 8) | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            out.push(char::from(LETTERS[((held >> bits) & 31) as usize]));
        }
    }
    if bits > 0 {
        out.push(char::from(LETTERS[((held << (5 - bits)) & 31) as usize]));
    }
    out
}

/// Fresh recovery codes to be shown once, and what is kept of them.
#[must_use]
pub fn recovery_codes() -> (Vec<String>, String) {
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| temporary_password()).collect();
    let kept = codes.iter().map(|code| kept_of(code)).collect::<Vec<_>>().join(" ");
    (codes, kept)
}

/// 80 random bits need no slow hash: nobody guesses them, whatever leaks.
fn kept_of(code: &str) -> String {
    hex(&hash_of(&bare(code)))
}

/// What a code was.
#[derive(Clone, PartialEq, Debug)]
pub enum Proof {
    /// The telephone's: the factor with its step taken.
    Code(Box<SecondFactor>),
    /// A recovery code: the factor without it.
    Recovery(Box<SecondFactor>),
}

impl SecondFactor {
    /// Whether it is asked for.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.state == FactorState::Confirmed
    }

    /// The step of a code that holds at a moment and was not taken yet.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Timestamp) -> Option<i64> {
        let code = bare(code);
        let here = now.as_second().div_euclid(STEP_S);
        let mut steps = (here - DRIFT_STEPS)..=(here + DRIFT_STEPS);
        steps.find(|step| *step > self.last_step && alike(code_of(&self.secret, *step).as_bytes(), code.as_bytes()))
    }

    /// What is left of the factor when this is a code that holds now.
    #[must_use]
    pub fn take(&self, code: &str, now: Timestamp) -> Option<Proof> {
        if !self.holds() {
            return None;
        }
        if let Some(last_step) = self.step_of(code, now) {
            return Some(Proof::Code(Box::new(Self { last_step, ..self.clone() })));
        }
        let kept = kept_of(code);
        let left: Vec<&str> = self.recovery.split(' ').filter(|one| !one.is_empty() && *one != kept).collect();
        let n_left = i64::try_from(left.len()).unwrap_or(0);
        (n_left < self.recovery_left).then(|| {
            let recovery = left.join(" ");
            Proof::Recovery(Box::new(Self { recovery, recovery_left: n_left, ..self.clone() }))
        })
    }

    /// The address that an authenticator reads from the picture.
    #[must_use]
    pub fn address(&self, login: &str) -> String {
        let secret = base32(&self.secret);
        format!(
            "otpauth://totp/Vung%20Xanh:{login}?secret={secret}&issuer=Vung%20Xanh&algorithm=SHA1&digits=6&period=30"
        )
    }
}

/// The second factor of an account, also one that was not confirmed or was removed.
///
/// # Errors
/// When the database is away.
pub async fn factor_of(conn: &mut Conn, account: Id<ids::Account>) -> Result<Option<SecondFactor>, Problem> {
    let sql = Sql::new("select ").sql(SecondFactor::SELECT).sql(" from second_factor where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" and account = ").bind(account);
    conn.row(sql).await?.map(|row| SecondFactor::read(&row)).transpose()
}

/// Every rule, the one that was set last first.
///
/// # Errors
/// When the database is away.
pub async fn factor_rules(conn: &mut Conn) -> Result<Vec<SecondFactorRule>, Problem> {
    let sql = Sql::new("select ").sql(SecondFactorRule::SELECT).sql(" from second_factor_rule where tenant = ");
    let sql = sql.bind(conn.tenant()).sql(" order by from_on desc, id desc limit ").bind(RULES_MAX);
    conn.rows(sql).await?.iter().map(SecondFactorRule::read).collect()
}

/// Whether a rule that holds on a day asks somebody who holds this role there for a second factor. `rules` as
/// [`factor_rules`] reads them. What a unit above asks for, a unit below cannot take away.
#[must_use]
pub fn must_have_factor(rules: &[SecondFactorRule], role: Role, path: &vx_kernel::Path, on: Date) -> bool {
    let holds = |rule: &&SecondFactorRule| rule.from_on <= on && rule.path.contains(path);
    rules.iter().filter(holds).any(|rule| {
        let newest = rules.iter().find(|other| other.path == rule.path && other.from_on <= on);
        newest.is_some_and(|newest| newest.id == rule.id) && rule.roles.split(' ').any(|name| name == role.as_str())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use vx_kernel::Path;

    fn factor(secret: &[u8]) -> SecondFactor {
        SecondFactor {
            id: Id::fresh(),
            path: Path::root(),
            version: 1,
            account: Id::fresh(),
            secret: secret.to_vec(),
            state: FactorState::Confirmed,
            confirmed_at: None,
            last_step: 0,
            recovery: String::new(),
            recovery_left: 0,
        }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the last six of its eight digits.
        for (second, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_111_111_111, "050471"),
            (1_234_567_890, "005924"),
            (2_000_000_000, "279037"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(code_at(b"12345678901234567890", at(second)), code, "{second}");
        }
    }

    #[test]
    fn secrets_are_written_as_in_the_standard() {
        // RFC 4648, section 10, without padding.
        for (text, expected) in
            [("", ""), ("f", "MY"), ("fo", "MZXQ"), ("foo", "MZXW6"), ("foob", "MZXW6YQ"), ("foobar", "MZXW6YTBOI")]
        {
            assert_eq!(base32(text.as_bytes()), expected, "{text}");
        }
        assert_eq!(base32(&factor_secret()).len(), 32);
    }

    #[test]
    fn a_clock_may_be_off_by_one_step() {
        let factor = factor(b"12345678901234567890");
        let code = code_at(&factor.secret, at(1_000_000_020));
        for (second, fits) in [
            (1_000_000_020 - 31, false),
            (1_000_000_020 - 30, true),
            (1_000_000_020, true),
            (1_000_000_020 + 59, true),
            (1_000_000_020 + 60, false),
        ] {
            assert_eq!(factor.take(&code, at(second)).is_some(), fits, "{second}");
        }
    }

    #[test]
    fn a_code_is_taken_once() {
        let factor = factor(b"12345678901234567890");
        let now = at(1_000_000_020);
        let code = code_at(&factor.secret, now);
        let spaced = format!(" {} {}", &code[..3], &code[3..]);
        let Some(Proof::Code(after)) = factor.take(&spaced, now) else { panic!("a code with a space is a code") };
        assert_eq!(after.take(&code, now), None, "the same code");
        let earlier = code_at(&factor.secret, at(1_000_000_020 - 30));
        assert_eq!(after.take(&earlier, now), None, "one from before it");
        let later = code_at(&factor.secret, at(1_000_000_020 + 30));
        assert!(after.take(&later, now).is_some(), "the next one");
    }

    #[test]
    fn a_recovery_code_is_used_once() {
        let (codes, recovery) = recovery_codes();
        assert!(codes.iter().all(|code| !recovery.contains(&bare(code))), "only hashes are kept");
        let factor = SecondFactor { recovery, recovery_left: 10, ..factor(b"12345678901234567890") };
        let typed = codes[3].to_uppercase().replace('-', " ");
        let Some(Proof::Recovery(after)) = factor.take(&typed, at(0)) else { panic!("it is one of the codes") };
        assert_eq!((after.recovery_left, after.take(&codes[3], at(0))), (9, None));
        assert!(matches!(after.take(&codes[4], at(0)), Some(Proof::Recovery(left)) if left.recovery_left == 8));
        assert_eq!(factor.take("", at(0)), None);
        assert_eq!(SecondFactor { state: FactorState::Proposed, ..factor }.take(&codes[3], at(0)), None);
    }

    #[test]
    fn roles_are_asked_by_the_rule_of_the_day() {
        let rule = |path: &str, roles: &str, from: &str| SecondFactorRule {
            id: Id::fresh(),
            path: Path::parse(path).unwrap(),
            version: 1,
            roles: roles.to_owned(),
            from_on: from.parse().unwrap(),
            basis: "1".to_owned(),
        };
        // As they are read: the newest first.
        let rules = [
            rule("94/", "officer", "2021-10-01"),
            rule("94/", "", "2021-09-15"),
            rule("94/", "admin chair", "2021-09-01"),
            rule("", "admin", "2021-09-01"),
        ];
        for (role, path, on, expected) in [
            (Role::Admin, "94/", "2021-08-31", false),
            (Role::Admin, "", "2021-09-01", true),
            (Role::Chair, "94/943/", "2021-09-01", true),
            (Role::Chair, "", "2021-09-01", false),
            (Role::Chair, "92/", "2021-09-01", false),
            (Role::Chair, "94/943/", "2021-09-15", false),
            (Role::Admin, "94/943/", "2021-09-15", true),
            (Role::Officer, "94/943/", "2021-09-30", false),
            (Role::Officer, "94/943/", "2021-10-01", true),
        ] {
            let got = must_have_factor(&rules, role, &Path::parse(path).unwrap(), on.parse().unwrap());
            assert_eq!(got, expected, "{role} {path} {on}");
        }
    }
}
