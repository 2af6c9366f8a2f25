//! Typed identifiers, made by the application and ordered by time (UUIDv7, RFC 9562).

use std::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    marker::PhantomData,
    str::FromStr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, SystemTime},
};

use serde::{Deserialize, Serialize};
use uuid::{ContextV7, Timestamp, Uuid};

/// The newest id that is known to have been made before this process began, in milliseconds since 1970.
static FLOOR: AtomicU64 = AtomicU64::new(0);
/// Counts ids of one millisecond up, and goes on counting from the newest one when the clock goes back.
static COUNTER: Mutex<ContextV7> = Mutex::new(ContextV7::new());

/// A fresh id of no kind: for rows that are no records. Later ones sort after earlier ones, also when the machine's
/// clock was set back meanwhile.
#[must_use]
pub fn fresh() -> Uuid {
    let real = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let at = real.max(Duration::from_millis(FLOOR.load(SeqCst)));
    let counter = COUNTER.lock().unwrap_or_else(PoisonError::into_inner);
    Uuid::new_v7(Timestamp::from_unix(&*counter, at.as_secs(), at.subsec_nanos()))
}

/// Makes all ids of this process sort after this one, which an earlier process made, perhaps on a clock that was ahead.
pub fn sort_after(id: Uuid) {
    if let Some((secs, nanos)) = id.get_timestamp().map(|at| at.to_unix()) {
        let at = Duration::new(secs, nanos).saturating_add(Duration::from_millis(1));
        FLOOR.fetch_max(u64::try_from(at.as_millis()).unwrap_or(0), SeqCst);
    }
}

/// The kinds of record that have an id. Append-only: a kind is never renamed or reused.
pub mod ids {
    /// An official document taken in (văn bản chỉ đạo).
    pub enum Directive {}
    /// A piece of work somebody owes by a time (việc).
    pub enum WorkItem {}
    /// A person who may sign in (tài khoản).
    pub enum Account {}
    /// A role on a unit for a span of days (phân quyền).
    pub enum Grant {}
    /// One sign-in of one account on one device (phiên đăng nhập).
    pub enum Session {}
    /// A file kept as evidence (minh chứng).
    pub enum Attachment {}
    /// How a mention in a dispatch was resolved by a person (cách hiểu tên đơn vị).
    pub enum Reading {}
    /// A post in a unit (chức vụ).
    pub enum Post {}
    /// A place or agency added or changed by its users (đơn vị).
    pub enum Unit {}
    /// The filter of a list, kept under a name (bộ lọc đã lưu).
    pub enum SavedFilter {}
    /// Progress counted towards a target (số đã thực hiện).
    pub enum Tally {}
    /// Work that comes back by a rule (việc định kỳ).
    pub enum Series {}
    /// Whom the program tells of a deadline, by when (quy định nhắc việc, báo cáo cấp trên).
    pub enum Policy {}
    /// How long data of a class are kept (thời hạn lưu trữ).
    pub enum KeepingTime {}
    /// That a unit has opened what its work is about (đã mở).
    pub enum Receipt {}
    /// Files that are taken in together (đợt tiếp nhận).
    pub enum Import {}
    /// A piece of the program's own work that was set aside (việc nền).
    pub enum Job {}
    /// A secret with which a person's programs speak for them (mã truy cập).
    pub enum Token {}
    /// What proves a person besides the password (xác thực hai lớp).
    pub enum SecondFactor {}
    /// Which roles must have a second factor (quy định xác thực hai lớp).
    pub enum SecondFactorRule {}
    /// Which person of the sign-on provider an account is (liên kết đăng nhập một lần).
    pub enum SingleLink {}
    /// A form that was read from a file (biểu mẫu).
    pub enum Form {}
    /// Reports asked of units, by a form and a clock (yêu cầu báo cáo).
    pub enum Request {}
    /// A report as it was sent, one edition of it (bản báo cáo).
    pub enum Submission {}
    /// Reports of many units, brought as one file (đợt nhập số liệu).
    pub enum ReportImport {}
    /// That the unit above has looked at a report and stands by it (xác nhận số liệu).
    pub enum Endorsement {}
    /// Which of several sources a sum takes for a figure (nguồn số liệu).
    pub enum SourceChoice {}
    /// A document that a unit issues.
    pub enum Paper {}
    /// Boundaries of communes as they hold from a day on (bản địa giới).
    pub enum BoundaryEdition {}
    /// Word of something that happened (thông báo).
    pub enum Notice {}
    /// That a person has read notices (đã đọc).
    pub enum NoticeMark {}
    /// Where a person is reached outside the program (nơi nhận thông báo).
    pub enum Contact {}
    /// What a person wants to be told, where and when (cài đặt nhận thông báo).
    pub enum NoticeChoice {}
    /// What goes out to one address at one time (tin gửi đi).
    pub enum Message {}
    /// A count of a day.
    pub enum DayCount {}
    /// What a unit has and is: people, vaccine coverage, capacity.
    pub enum Standing {}
    /// Which source counts for a unit and day.
    pub enum CountChoice {}
    /// A day that an officer left out of estimates.
    pub enum Exclusion {}
    /// What a person answered to a question of a rule.
    pub enum Judgement {}
    /// A person compared a cell of a rule with the text of the law.
    pub enum Verification {}
    /// A proposal to give a unit a level.
    pub enum Proposal {}
    /// A decision that gives a unit a level.
    pub enum ZoneDecision {}
    /// An area that is locked down.
    pub enum Lockdown {}
    /// What the head of a unit committed to reach by a day.
    pub enum Commitment {}
    /// Something an office tells the public.
    pub enum Announcement {}
    /// Whom the public may call.
    pub enum PublicContact {}
    /// A level that a document of ours is to decide.
    pub enum PlannedLevel {}
    /// What the program did about a decision or a commitment when its hour came.
    pub enum ZoneStep {}
    /// A list of cases that was brought.
    pub enum CaseList {}
    /// Where something stands that others name: a checkpoint, a hospital, a market (địa điểm).
    pub enum Site {}
}

/// Identifier of a record of kind `K`.
pub struct Id<K> {
    raw: Uuid,
    kind: PhantomData<fn() -> K>,
}

impl<K> Id<K> {
    /// A fresh id. Later ids sort after earlier ones.
    #[must_use]
    pub fn fresh() -> Self {
        Self::from(fresh())
    }

    /// The plain UUID, for storage.
    #[must_use]
    pub fn uuid(self) -> Uuid {
        self.raw
    }
}

impl<K> From<Uuid> for Id<K> {
    fn from(raw: Uuid) -> Self {
        Self { raw, kind: PhantomData }
    }
}
impl<K> Clone for Id<K> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<K> Copy for Id<K> {}
impl<K> PartialEq for Id<K> {
    fn eq(&self, other: &Self) -> bool {
        self.raw == other.raw
    }
}
impl<K> Eq for Id<K> {}
impl<K> PartialOrd for Id<K> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<K> Ord for Id<K> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.raw.cmp(&other.raw)
    }
}
impl<K> Hash for Id<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.raw.hash(state);
    }
}
impl<K> fmt::Display for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
impl<K> fmt::Debug for Id<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.raw.fmt(f)
    }
}
impl<K> FromStr for Id<K> {
    type Err = uuid::Error;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Uuid::parse_str(text).map(Self::from)
    }
}
impl<K> Serialize for Id<K> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.raw.serialize(serializer)
    }
}
impl<'de, K> Deserialize<'de> for Id<K> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Uuid::deserialize(deserializer).map(Self::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_after_those_of_a_process_whose_clock_was_ahead() {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let ahead = now + Duration::from_secs(3_600);
        let before = Uuid::new_v7(Timestamp::from_unix(ContextV7::new(), ahead.as_secs(), ahead.subsec_nanos()));
        sort_after(before);
        let mut last = before;
        for _ in 0..10_000 {
            let next = fresh();
            assert!(next > last, "{next} does not sort after {last}");
            last = next;
        }
        sort_after(Uuid::nil());
        assert!(fresh() > last, "an older id changes nothing");
    }
}
