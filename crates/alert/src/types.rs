//! An alert and its parts. Names and words are those of CAP 1.2, section 3.2.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, tz::Offset};
use serde::{Deserialize, Serialize};

/// A closed list of words, as the standard writes them.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $word:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        pub enum $name { $($(#[$about])* #[serde(rename = $text)] $word,)* }

        impl $name {
            /// Every word, in the order of the standard.
            pub const ALL: &'static [Self] = &[$(Self::$word,)*];
            /// As it is written.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$word => $text,)* }
            }
            /// The word of a text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// How an alert is meant.
    Status {
        /// To be acted on by everybody to whom it goes.
        Actual = "Actual",
        /// To be acted on by those who take part in an exercise.
        Exercise = "Exercise",
        /// For the network itself.
        System = "System",
        /// A technical test, to be passed over.
        Test = "Test",
        /// A draft, not to be acted on.
        Draft = "Draft",
    }
}
words! {
    /// What an alert does (`msgType`).
    MessageKind {
        /// Something that asks for attention for the first time.
        Alert = "Alert",
        /// Takes the place of what it refers to.
        Update = "Update",
        /// Calls off what it refers to.
        Cancel = "Cancel",
        /// Says that what it refers to was received.
        Ack = "Ack",
        /// Refuses what it refers to.
        Error = "Error",
    }
}
words! {
    /// To whom an alert may go.
    Scope {
        /// To everybody.
        Public = "Public",
        /// To those whom `restriction` names.
        Restricted = "Restricted",
        /// To the `addresses`.
        Private = "Private",
    }
}
words! {
    /// What sort of event it is.
    Category {
        /// Geophysical.
        Geo = "Geo",
        /// Meteorological.
        Met = "Met",
        /// General emergency and public safety.
        Safety = "Safety",
        /// Law enforcement, military, homeland and local security.
        Security = "Security",
        /// Rescue and recovery.
        Rescue = "Rescue",
        /// Fire suppression and rescue.
        Fire = "Fire",
        /// Medical and public health.
        Health = "Health",
        /// Pollution and other environmental.
        Env = "Env",
        /// Public and private transportation.
        Transport = "Transport",
        /// Utility, telecommunication, other infrastructure.
        Infra = "Infra",
        /// Chemical, biological, radiological, nuclear, explosive.
        Cbrne = "CBRNE",
        /// Anything else.
        Other = "Other",
    }
}
words! {
    /// What people are to do.
    Response {
        /// Take shelter.
        Shelter = "Shelter",
        /// Leave.
        Evacuate = "Evacuate",
        /// Make preparations.
        Prepare = "Prepare",
        /// Do what was planned.
        Execute = "Execute",
        /// Avoid the event.
        Avoid = "Avoid",
        /// Look to information sources.
        Monitor = "Monitor",
        /// Evaluate the information (not for the public).
        Assess = "Assess",
        /// The event no longer poses a threat.
        AllClear = "AllClear",
        /// Nothing is recommended.
        None = "None",
    }
}
words! {
    /// By when people are to act.
    Urgency {
        /// Now.
        Immediate = "Immediate",
        /// Within the next hour.
        Expected = "Expected",
        /// In the near future.
        Future = "Future",
        /// No longer.
        Past = "Past",
        /// Not known.
        Unknown = "Unknown",
    }
}
words! {
    /// How bad it is for life or property.
    Severity {
        /// Extraordinary threat.
        Extreme = "Extreme",
        /// Significant threat.
        Severe = "Severe",
        /// Possible threat.
        Moderate = "Moderate",
        /// Minimal or no known threat.
        Minor = "Minor",
        /// Not known.
        Unknown = "Unknown",
    }
}
words! {
    /// How sure it is.
    Certainty {
        /// It happened, or goes on.
        Observed = "Observed",
        /// More than even chances.
        Likely = "Likely",
        /// Less than even chances.
        Possible = "Possible",
        /// Not expected.
        Unlikely = "Unlikely",
        /// Not known.
        Unknown = "Unknown",
    }
}

/// A moment with the offset in which it was said: `2021-08-29T12:00:00+07:00`. Section 3.3.2: the offset is mandatory,
/// and UTC is written `-00:00`, never `Z`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// Hours ahead of UTC where it was said.
    pub offset: Offset,
}

impl Moment {
    /// A moment in Việt Nam.
    #[must_use]
    pub fn in_vietnam(at: Timestamp) -> Self {
        Self { at, offset: jiff::tz::offset(7) }
    }
}

impl FromStr for Moment {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (_, zone) = text.split_at_checked(19).ok_or(())?;
        // Fractions of a second are of earlier drafts; readers of today leave them out.
        let zone = zone.trim_start_matches(|c: char| c == '.' || c.is_ascii_digit());
        let at: Timestamp = text.parse().map_err(drop)?;
        let (hours, minutes) = match zone {
            "Z" | "z" => (0, 0),
            _ => {
                let (sign, rest) = if let Some(rest) = zone.strip_prefix('-') {
                    (-1, rest)
                } else {
                    (1, zone.strip_prefix('+').ok_or(())?)
                };
                let (hours, minutes) = rest.split_once(':').ok_or(())?;
                (sign * hours.parse::<i32>().map_err(drop)?, sign * minutes.parse::<i32>().map_err(drop)?)
            }
        };
        let offset = Offset::from_seconds(hours * 3600 + minutes * 60).map_err(drop)?;
        Ok(Self { at, offset })
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        let local = self.offset.to_datetime(self.at);
        let seconds = self.offset.seconds();
        let sign = if seconds <= 0 { '-' } else { '+' };
        let (hours, minutes) = (seconds.abs() / 3600, seconds.abs() / 60 % 60);
        write!(to, "{}{sign}{hours:02}:{minutes:02}", local.strftime("%Y-%m-%dT%H:%M:%S"))
    }
}

impl Serialize for Moment {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A value under a name that a system gives it (`eventCode`, `parameter`, `geocode`).
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Named {
    /// The name of the list (`valueName`).
    pub name: String,
    /// The value.
    pub value: String,
}

/// A place on the earth, in degrees (WGS 84).
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Point {
    /// North, -90 to 90.
    pub lat: f64,
    /// East, -180 to 180.
    pub lon: f64,
}

/// A circle around a point.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Circle {
    /// Its middle.
    pub middle: Point,
    /// Kilometres.
    pub radius_km: f64,
}

/// Where it holds.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct Area {
    /// In words (`areaDesc`).
    pub name: String,
    /// Closed rings of points.
    pub polygons: Vec<Vec<Point>>,
    /// Circles.
    pub circles: Vec<Circle>,
    /// Codes of lists of places.
    pub geocodes: Vec<Named>,
    /// Feet above mean sea level; the lower bound when there is a ceiling.
    pub altitude: Option<f64>,
    /// Feet above mean sea level.
    pub ceiling: Option<f64>,
}

/// A file beside it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Resource {
    /// In words.
    pub name: String,
    /// Its kind, as MIME says it.
    pub mime_type: String,
    /// Bytes.
    pub size: Option<u64>,
    /// Where it lies.
    pub uri: Option<String>,
    /// Its SHA-1, as hexadecimal digits.
    pub digest: Option<String>,
}

/// What is said, in one language.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Statement {
    /// RFC 3066; `en-US` where nothing is said.
    pub language: String,
    /// Sorts of event, at least one.
    pub categories: Vec<Category>,
    /// The event, in words.
    pub event: String,
    /// What people are to do.
    pub responses: Vec<Response>,
    /// By when.
    pub urgency: Urgency,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub certainty: Certainty,
    /// For whom, in words.
    pub audience: Option<String>,
    /// Codes of the event.
    pub event_codes: Vec<Named>,
    /// From when the information holds; when it was sent, unless said.
    pub effective: Option<Moment>,
    /// When the event begins.
    pub onset: Option<Moment>,
    /// Until when the information holds.
    pub expires: Option<Moment>,
    /// Who says it, in words.
    pub sender_name: Option<String>,
    /// In a line.
    pub headline: Option<String>,
    /// More of it.
    pub description: Option<String>,
    /// What to do.
    pub instruction: Option<String>,
    /// Where there is more.
    pub web: Option<String>,
    /// Whom to ask.
    pub contact: Option<String>,
    /// Values that a system adds.
    pub parameters: Vec<Named>,
    /// Files.
    pub resources: Vec<Resource>,
    /// Where it holds.
    pub areas: Vec<Area>,
}

impl Statement {
    /// What must be said, and nothing else.
    #[must_use]
    pub fn new(language: &str, category: Category, event: &str) -> Self {
        Self {
            language: language.to_owned(),
            categories: vec![category],
            event: event.to_owned(),
            responses: Vec::new(),
            urgency: Urgency::Unknown,
            severity: Severity::Unknown,
            certainty: Certainty::Unknown,
            audience: None,
            event_codes: Vec::new(),
            effective: None,
            onset: None,
            expires: None,
            sender_name: None,
            headline: None,
            description: None,
            instruction: None,
            web: None,
            contact: None,
            parameters: Vec::new(),
            resources: Vec::new(),
            areas: Vec::new(),
        }
    }
}

/// An alert (bản tin cảnh báo).
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Alert {
    /// Its name, which its sender gives once.
    pub identifier: String,
    /// Who sent it; a name that is one in the world.
    pub sender: String,
    /// When.
    pub sent: Moment,
    /// How it is meant.
    pub status: Status,
    /// What it does.
    pub kind: MessageKind,
    /// The network or agency from which it came.
    pub source: Option<String>,
    /// To whom it may go.
    pub scope: Scope,
    /// To what it is restricted.
    pub restriction: Option<String>,
    /// To whom it goes.
    pub addresses: Vec<String>,
    /// Marks of profiles.
    pub codes: Vec<String>,
    /// What it is for, of an exercise or an error.
    pub note: Option<String>,
    /// Earlier alerts: `sender,identifier,sent`.
    pub references: Vec<String>,
    /// Incidents that it belongs to.
    pub incidents: Vec<String>,
    /// What is said.
    pub infos: Vec<Statement>,
}

impl Alert {
    /// A public alert for the first time.
    #[must_use]
    pub fn new(identifier: &str, sender: &str, sent: Moment) -> Self {
        Self {
            identifier: identifier.to_owned(),
            sender: sender.to_owned(),
            sent,
            status: Status::Actual,
            kind: MessageKind::Alert,
            source: None,
            scope: Scope::Public,
            restriction: None,
            addresses: Vec::new(),
            codes: Vec::new(),
            note: None,
            references: Vec::new(),
            incidents: Vec::new(),
            infos: Vec::new(),
        }
    }

    /// How a later alert refers to it.
    #[must_use]
    pub fn reference(&self) -> String {
        format!("{},{},{}", self.sender, self.identifier, self.sent)
    }
}
