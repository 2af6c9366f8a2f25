//! What is told to the public.

use jiff::Timestamp;
use vx_kernel::{Path, ids};
use vx_platform::{record, text_enum};

text_enum! {
    /// Whether something is shown to the public.
    pub enum PublicationState {
        /// Shown, within its hours (đang công khai).
        Published = "published",
        /// Taken back (đã rút).
        Withdrawn = "withdrawn",
    }
}

text_enum! {
    /// What answers a telephone number of the directory.
    pub enum ContactKind {
        /// A hot line (đường dây nóng).
        Hotline = "hotline",
        /// A command centre (sở chỉ huy).
        CommandCentre = "command_centre",
        /// A health facility, an ambulance (cơ sở y tế, cấp cứu).
        Health = "health",
    }
}

text_enum! {
    /// Where an announcement stands at a moment; computed from its hours.
    pub enum Said {
        /// Its hour has not come.
        Ahead = "ahead",
        /// It is shown.
        Now = "now",
        /// Its end is over.
        Over = "over",
        /// It was taken back.
        Withdrawn = "withdrawn",
    }
}

record! {
    /// Something an office tells the public (thông báo công khai). `path` is the unit that tells it.
    pub struct Announcement[ids::Announcement] in "public_announcement" {
        /// The place that it is about.
        pub place: Path,
        /// Title.
        pub title: String,
        /// Text; an empty line parts paragraphs.
        pub body: String,
        /// Title in English.
        pub title_en: Option<String>,
        /// Text in English.
        pub body_en: Option<String>,
        /// From which hour it is shown.
        pub from_at: Timestamp,
        /// Until which hour; as long as it stands where none is set.
        pub until_at: Option<Timestamp>,
        /// 1 for what was told first, then counted up by each change.
        pub edition: i64,
        /// Whether it is shown.
        pub state: PublicationState,
        /// Why it was changed or taken back the last time.
        pub reason: Option<String>,
        /// Who wrote it.
        pub by_name: String,
    }
}

impl Announcement {
    /// Where it stands at a moment.
    #[must_use]
    pub fn said(&self, now: Timestamp) -> Said {
        match self.until_at {
            _ if self.state == PublicationState::Withdrawn => Said::Withdrawn,
            _ if now < self.from_at => Said::Ahead,
            Some(until) if until <= now => Said::Over,
            _ => Said::Now,
        }
    }
}

record! {
    /// Whom the public may call (danh bạ công khai). `path` is the unit that tells it.
    pub struct PublicContact[ids::PublicContact] in "public_contact" {
        /// The place for which it is there.
        pub place: Path,
        /// What it is.
        pub kind: ContactKind,
        /// What it is called.
        pub name: String,
        /// The same in English.
        pub name_en: Option<String>,
        /// The number, as people write it.
        pub telephone: String,
        /// When somebody answers.
        pub hours: String,
        /// The same in English.
        pub hours_en: Option<String>,
        /// 1 for what was told first, then counted up by each change.
        pub edition: i64,
        /// Whether it is shown.
        pub state: PublicationState,
        /// Why it was changed or taken back the last time.
        pub reason: Option<String>,
        /// Who wrote it.
        pub by_name: String,
    }
}

/// The digits of a telephone number, with the plus of a country before them; what a telephone dials.
#[must_use]
pub fn digits(telephone: &str) -> String {
    telephone
        .chars()
        .enumerate()
        .filter(|(at, c)| c.is_ascii_digit() || (*at == 0 && *c == '+'))
        .map(|(_, c)| c)
        .collect()
}
