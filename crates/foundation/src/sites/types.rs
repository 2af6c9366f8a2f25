//! What is known of a site.

use vx_kernel::{
    Date, ids,
    text::{fold, sort_key},
};
use vx_platform::{record, text_enum};

use super::Position;

text_enum! {
    /// What stands there.
    pub enum SiteKind {
        /// A checkpoint (chốt kiểm soát).
        Checkpoint = "checkpoint",
        /// Concentrated quarantine (khu cách ly tập trung).
        Quarantine = "quarantine",
        /// A facility that takes in and treats cases (cơ sở thu dung, điều trị).
        Treatment = "treatment",
        /// A hospital (bệnh viện).
        Hospital = "hospital",
        /// Where samples are taken (điểm lấy mẫu xét nghiệm).
        TestSite = "test_site",
        /// Where people are vaccinated (điểm tiêm chủng).
        VaccinationSite = "vaccination_site",
        /// A market (chợ).
        Market = "market",
        /// A place of production or business (cơ sở sản xuất, kinh doanh).
        Enterprise = "enterprise",
        /// A command centre (trung tâm chỉ huy).
        CommandCentre = "command_centre",
    }
}

impl SiteKind {
    /// What stands in its mark on a map: two letters of its Vietnamese name, none of which is the letter of a zone alone.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Checkpoint => "CK",
            Self::Quarantine => "CL",
            Self::Treatment => "ĐT",
            Self::Hospital => "BV",
            Self::TestSite => "XN",
            Self::VaccinationSite => "TC",
            Self::Market => "CH",
            Self::Enterprise => "SX",
            Self::CommandCentre => "TT",
        }
    }
}

text_enum! {
    /// Where a site stands on a day; computed from its days.
    pub enum SiteState {
        /// In use.
        Open = "open",
        /// Its first day has not come.
        Ahead = "ahead",
        /// Its last day is over.
        Over = "over",
        /// Somebody closed it.
        Closed = "closed",
    }
}

record! {
    /// Where something stands that others name (địa điểm). `path` is the place on whose ground it stands.
    pub struct Site[ids::Site] in "site" {
        /// What it is called.
        pub name: String,
        /// What stands there.
        pub kind: SiteKind,
        /// Street, hamlet, road; empty where nobody said.
        pub address: String,
        /// Latitude in millionths of a degree (WGS 84).
        pub latitude_micro: Option<i64>,
        /// Longitude in millionths of a degree (WGS 84).
        pub longitude_micro: Option<i64>,
        /// Public telephone number of the site, of no person.
        pub telephone: Option<String>,
        /// How many people or beds it has room for.
        pub capacity: Option<i64>,
        /// First day.
        pub from_on: Option<Date>,
        /// Last day, as planned.
        pub until_on: Option<Date>,
        /// The day on which somebody closed it; it is not in use from that day on.
        pub closed_on: Option<Date>,
        /// Anything else; empty where nobody said.
        pub note: String,
    } keys {
        name_key: Vec<u8> = |site| sort_key(&site.name),
        folded: String = |site| fold(&format!("{} {} {}", site.name, site.address, site.note)),
    }
}

impl Site {
    /// Where it stands on a day.
    #[must_use]
    pub fn state(&self, on: Date) -> SiteState {
        if self.closed_on.is_some_and(|closed| closed <= on) {
            SiteState::Closed
        } else if self.until_on.is_some_and(|until| until < on) {
            SiteState::Over
        } else if self.from_on.is_some_and(|from| from > on) {
            SiteState::Ahead
        } else {
            SiteState::Open
        }
    }

    /// Where it lies.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        let (latitude, longitude) = self.latitude_micro.zip(self.longitude_micro)?;
        Some(Position { latitude_micro: latitude, longitude_micro: longitude })
    }
}
