//! What a person wants to be told where, and when it goes out. Rules only; nothing here reads or writes.

use jiff::{
    SignedDuration, Timestamp,
    civil::{Time, time},
};
use vx_kernel::{
    Id, Path, ids,
    time::{Lang, instant, local},
};
use vx_platform::{
    notify::{Channel, Class},
    record,
};

use super::Held;

record! {
    /// What a person wants to be told, where and when (cài đặt nhận thông báo). `path` is the person's home.
    pub struct Choice[ids::NoticeChoice] in "notice_choice" {
        /// Whose.
        pub account: Id<ids::Account>,
        /// Class and way, `work/email`, parted by spaces; `hoa_toc/sms` for what is stamped HỎA TỐC, of whatever class.
        pub channels: String,
        /// Whether there are quiet hours.
        pub quiet: bool,
        /// From which hour.
        pub quiet_from: String,
        /// Until which hour.
        pub quiet_until: String,
        /// Minutes for which notices are gathered into one message; 0 for not at all.
        pub digest_mins: i64,
        /// Language of messages.
        pub lang: String,
    }
}

/// The word beside classes for what is stamped HỎA TỐC.
pub(super) const HOA_TOC: &str = "hoa_toc";
/// Choices of how long notices are gathered, in minutes.
pub(super) const DIGESTS: [i64; 4] = [0, 30, 60, 240];
/// Quiet hours where a person has set none. A convention of this program; no text of law sets it.
pub(super) const USUAL_QUIET: Quiet = Quiet { from: time(22, 0, 0, 0), until: time(6, 0, 0, 0) };

/// Hours in which nothing goes out but what is stamped HỎA TỐC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Quiet {
    /// First minute.
    pub from: Time,
    /// First minute after.
    pub until: Time,
}

impl Quiet {
    /// Whether an hour of the day is quiet. Hours that begin and end at once are none.
    #[must_use]
    pub fn holds(self, at: Time) -> bool {
        if self.from <= self.until { self.from <= at && at < self.until } else { at >= self.from || at < self.until }
    }

    /// When the quiet that holds at a moment ends.
    fn ends(self, at: Timestamp) -> Option<Timestamp> {
        let here = local(at);
        if !self.holds(here.time()) {
            return None;
        }
        let day = if here.time() < self.until { here.date() } else { here.date().tomorrow().ok()? };
        instant(day.to_datetime(self.until)).ok()
    }
}

impl Choice {
    /// What holds for who has chosen nothing: everything by mail, HỎA TỐC on every way, quiet nights, half an hour
    /// gathered.
    #[must_use]
    pub fn usual(account: Id<ids::Account>, path: Path) -> Self {
        let mut channels: Vec<String> = Class::ALL.iter().map(|class| format!("{class}/{}", Channel::Email)).collect();
        channels.extend(Channel::ALL.iter().map(|channel| format!("{HOA_TOC}/{channel}")));
        Self {
            id: Id::fresh(),
            path,
            version: 0,
            account,
            channels: channels.join(" "),
            quiet: true,
            quiet_from: clock(USUAL_QUIET.from),
            quiet_until: clock(USUAL_QUIET.until),
            digest_mins: 30,
            lang: Lang::Vi.tag().to_owned(),
        }
    }

    /// Whether a pair of class (or [`HOA_TOC`]) and way is chosen.
    pub(super) fn has(&self, of: &str, channel: Channel) -> bool {
        let wanted = format!("{of}/{channel}");
        self.channels.split_whitespace().any(|pair| pair == wanted)
    }

    /// Whether a notice is wanted on a way.
    #[must_use]
    pub fn wants(&self, class: Class, hoa_toc: bool, channel: Channel) -> bool {
        self.has(class.as_str(), channel) || hoa_toc && self.has(HOA_TOC, channel)
    }

    /// The quiet hours, if any.
    #[must_use]
    pub fn quiet_hours(&self) -> Option<Quiet> {
        let quiet = Quiet { from: self.quiet_from.parse().ok()?, until: self.quiet_until.parse().ok()? };
        Some(quiet).filter(|_| self.quiet)
    }
}

/// An hour of the day as it is kept and as fields of forms have it.
pub(super) fn clock(at: Time) -> String {
    at.strftime("%H:%M").to_string()
}

/// When a notice of `now` goes out, and what holds it until then.
///
/// HỎA TỐC goes at once. What concerns one's own account is not gathered. What falls into quiet hours waits for their
/// end, whatever else it waited for.
#[must_use]
pub fn goes_at(
    now: Timestamp,
    class: Class,
    hoa_toc: bool,
    quiet: Option<Quiet>,
    digest_mins: i64,
) -> (Timestamp, Option<Held>) {
    if hoa_toc {
        return (now, None);
    }
    let gathered = if class == Class::Account { 0 } else { digest_mins };
    let at = now.checked_add(SignedDuration::from_mins(gathered)).unwrap_or(now);
    match quiet.and_then(|quiet| quiet.ends(at)) {
        Some(end) => (end, Some(Held::Quiet)),
        None => (at, (gathered > 0).then_some(Held::Digest)),
    }
}
