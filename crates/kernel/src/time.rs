//! Days, hours and how they are said.
//!
//! The system keeps instants in UTC and thinks in the local time of Việt Nam, which has had one zone without
//! summer time since 1975 (IANA `Asia/Ho_Chi_Minh`, UTC+7).

use jiff::{Timestamp, civil::Date, civil::DateTime, tz::Offset, tz::TimeZone};

/// Local time zone of Việt Nam.
#[must_use]
pub fn zone() -> TimeZone {
    TimeZone::fixed(Offset::constant(7))
}

/// The local day of an instant.
#[must_use]
pub fn day_of(at: Timestamp) -> Date {
    local(at).date()
}

/// The local civil time of an instant.
#[must_use]
pub fn local(at: Timestamp) -> DateTime {
    Offset::constant(7).to_datetime(at)
}

/// The instant of a local civil time.
///
/// # Errors
/// When the time lies outside the years that can be represented (-9999 to 9999).
pub fn instant(at: DateTime) -> Result<Timestamp, jiff::Error> {
    Offset::constant(7).to_timestamp(at)
}

/// The last second of a local day, which is when something due "on the 20th" becomes late.
///
/// # Errors
/// As [`instant`].
pub fn end_of(day: Date) -> Result<Timestamp, jiff::Error> {
    instant(day.at(23, 59, 59, 0))
}

/// Languages: two that every text exists in, and Khmer, in which the public is told.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Lang {
    /// Vietnamese (tiếng Việt), the first language.
    #[default]
    Vi,
    /// English.
    En,
    /// Khmer (tiếng Khmer), of public pages alone.
    Km,
}

impl Lang {
    /// The languages of the pages of officers.
    pub const OFFICE: [Self; 2] = [Self::Vi, Self::En];
    /// The languages of public pages.
    pub const PUBLIC: [Self; 3] = [Self::Vi, Self::En, Self::Km];

    /// BCP 47 tag.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Vi => "vi",
            Self::En => "en",
            Self::Km => "km",
        }
    }
    /// Its name in itself.
    #[must_use]
    pub fn own_name(self) -> &'static str {
        match self {
            Self::Vi => "Tiếng Việt",
            Self::En => "English",
            Self::Km => "ភាសាខ្មែរ",
        }
    }
    /// The language of officers with a tag, Vietnamese when unknown.
    #[must_use]
    pub fn of(tag: &str) -> Self {
        Self::among(&Self::OFFICE, tag)
    }
    /// The language of public pages with a tag, Vietnamese when unknown.
    #[must_use]
    pub fn of_public(tag: &str) -> Self {
        Self::among(&Self::PUBLIC, tag)
    }
    fn among(all: &[Self], tag: &str) -> Self {
        all.iter().copied().find(|lang| tag.eq_ignore_ascii_case(lang.tag())).unwrap_or_default()
    }
}

/// A day as its readers write it: `10/9/2021`, in English `2021-09-10`. In Khmer days, hours and counts have the digits and
/// marks of the Vietnamese papers beside which they are read.
#[must_use]
pub fn say_date(lang: Lang, day: Date) -> String {
    match lang {
        Lang::Vi | Lang::Km => format!("{}/{}/{}", day.day(), day.month(), day.year()),
        Lang::En => day.to_string(),
    }
}

/// An instant as its readers write it: `17:00 thứ Sáu, 10/9/2021`, in English `Fri 2021-09-10 17:00`.
#[must_use]
pub fn say_instant(lang: Lang, at: Timestamp) -> String {
    let at = local(at);
    let weekday = usize::from(at.date().weekday().to_monday_zero_offset().unsigned_abs());
    match lang {
        Lang::Vi => {
            const DAYS: [&str; 7] = ["thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"];
            format!("{:02}:{:02} {}, {}", at.hour(), at.minute(), DAYS[weekday], say_date(lang, at.date()))
        }
        Lang::Km => {
            const DAYS: [&str; 7] = ["ចន្ទ", "អង្គារ", "ពុធ", "ព្រហស្បតិ៍", "សុក្រ", "សៅរ៍", "អាទិត្យ"];
            format!("{:02}:{:02} ថ្ងៃ{} {}", at.hour(), at.minute(), DAYS[weekday], say_date(lang, at.date()))
        }
        Lang::En => {
            const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
            format!("{} {} {:02}:{:02}", DAYS[weekday], at.date(), at.hour(), at.minute())
        }
    }
}

/// An instant in a table cell, where the weekday would be noise: `17:00 10/9/2021`.
#[must_use]
pub fn say_short(lang: Lang, at: Timestamp) -> String {
    let at = local(at);
    match lang {
        Lang::Vi | Lang::Km => format!("{:02}:{:02} {}", at.hour(), at.minute(), say_date(lang, at.date())),
        Lang::En => format!("{} {:02}:{:02}", at.date(), at.hour(), at.minute()),
    }
}

/// A whole number as its readers write it: `1.199.653`, in English `1,199,653`.
#[must_use]
pub fn say_count(lang: Lang, count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mark = if lang == Lang::En { ',' } else { '.' };
    let mut out = String::new();
    if count < 0 {
        out.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(mark);
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_said_as_officers_write_them() {
        let at: Timestamp = "2021-09-10T10:00:00Z".parse().unwrap();
        assert_eq!(say_instant(Lang::Vi, at), "17:00 thứ Sáu, 10/9/2021");
        assert_eq!(say_instant(Lang::En, at), "Fri 2021-09-10 17:00");
        assert_eq!(say_instant(Lang::Km, at), "17:00 ថ្ងៃសុក្រ 10/9/2021");
        assert_eq!(say_short(Lang::Km, at), "17:00 10/9/2021");
        assert_eq!(day_of("2021-09-10T17:30:00Z".parse().unwrap()), jiff::civil::date(2021, 9, 11));
    }

    #[test]
    fn counts_are_grouped_by_three() {
        for (count, vi, en) in
            [(0, "0", "0"), (999, "999", "999"), (1000, "1.000", "1,000"), (-1_199_653, "-1.199.653", "-1,199,653")]
        {
            assert_eq!(say_count(Lang::Vi, count), vi);
            assert_eq!(say_count(Lang::En, count), en);
            assert_eq!(say_count(Lang::Km, count), vi);
        }
    }

    #[test]
    fn khmer_is_a_language_of_public_pages_alone() {
        for (tag, office, public) in [
            ("vi", Lang::Vi, Lang::Vi),
            ("EN", Lang::En, Lang::En),
            ("km", Lang::Vi, Lang::Km),
            ("fr", Lang::Vi, Lang::Vi),
            ("", Lang::Vi, Lang::Vi),
        ] {
            assert_eq!((Lang::of(tag), Lang::of_public(tag)), (office, public), "{tag}");
        }
    }
}
