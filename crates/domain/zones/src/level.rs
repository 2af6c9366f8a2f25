//! Levels (mức độ, cấp độ, vùng): three vocabularies of law, never one.
//!
//! 2686 names four degrees of risk, 4800 and 218 count cấp 1 to 4, a province's own decision speaks of zones. All three
//! are shown in the same four colours, which is all that they share; the colours of patients are another matter.

use vx_kernel::Problem;
use vx_platform::{
    store::{Column, Row, Value},
    text_enum,
    web::{Parts, Shape},
};

text_enum! {
    /// In whose words a level is said.
    pub enum Vocabulary {
        /// 2686/QĐ-BCĐQG: bình thường mới, nguy cơ, nguy cơ cao, nguy cơ rất cao.
        Risk = "risk",
        /// 4800/QĐ-BYT and 218/QĐ-BYT: cấp 1 to cấp 4.
        Cap = "cap",
        /// A province's own decision: vùng xanh, vàng, cam, đỏ.
        Zone = "zone",
    }
}

text_enum! {
    /// Degrees of risk (mức độ nguy cơ) of 2686/QĐ-BCĐQG.
    pub enum Risk {
        /// Bình thường mới.
        NewNormal = "new_normal",
        /// Nguy cơ.
        AtRisk = "at_risk",
        /// Nguy cơ cao.
        High = "high",
        /// Nguy cơ rất cao.
        VeryHigh = "very_high",
    }
}

text_enum! {
    /// Levels of the epidemic (cấp độ dịch) of 128/NQ-CP.
    pub enum Cap {
        /// Cấp 1, nguy cơ thấp.
        Cap1 = "1",
        /// Cấp 2, nguy cơ trung bình.
        Cap2 = "2",
        /// Cấp 3, nguy cơ cao.
        Cap3 = "3",
        /// Cấp 4, nguy cơ rất cao.
        Cap4 = "4",
    }
}

text_enum! {
    /// Zones (vùng) of a province's own decision.
    pub enum Zone {
        /// Vùng xanh.
        Green = "green",
        /// Vùng vàng.
        Yellow = "yellow",
        /// Vùng cam.
        Orange = "orange",
        /// Vùng đỏ.
        Red = "red",
    }
}

text_enum! {
    /// In which colour a level is shown.
    pub enum Colour {
        /// Xanh.
        Green = "green",
        /// Vàng.
        Yellow = "yellow",
        /// Cam.
        Orange = "orange",
        /// Đỏ.
        Red = "red",
    }
}

impl Colour {
    /// The letter that stands for it where colours are not seen.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Green => "X",
            Self::Yellow => "V",
            Self::Orange => "C",
            Self::Red => "Đ",
        }
    }
}

/// A level in the words of the rule that gives it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Level {
    /// By 2686.
    Risk(Risk),
    /// By 4800 or 218.
    Cap(Cap),
    /// By a province.
    Zone(Zone),
}

impl Level {
    /// The level of a vocabulary by its rank, from 1 (best) to 4; another number has none.
    #[must_use]
    pub fn of_rank(vocabulary: Vocabulary, rank: u8) -> Option<Self> {
        let at = usize::from(rank).checked_sub(1)?;
        match vocabulary {
            Vocabulary::Risk => Risk::ALL.get(at).copied().map(Self::Risk),
            Vocabulary::Cap => Cap::ALL.get(at).copied().map(Self::Cap),
            Vocabulary::Zone => Zone::ALL.get(at).copied().map(Self::Zone),
        }
    }

    /// Every level of a vocabulary, the best first.
    #[must_use]
    pub fn all(vocabulary: Vocabulary) -> Vec<Self> {
        (1..=4).filter_map(|rank| Self::of_rank(vocabulary, rank)).collect()
    }

    /// In whose words it is said.
    #[must_use]
    pub fn vocabulary(self) -> Vocabulary {
        match self {
            Self::Risk(_) => Vocabulary::Risk,
            Self::Cap(_) => Vocabulary::Cap,
            Self::Zone(_) => Vocabulary::Zone,
        }
    }

    /// From 1, the best, to 4. Ranks of two vocabularies are not compared, except by their colours.
    #[must_use]
    pub fn rank(self) -> u8 {
        match self {
            Self::Risk(risk) => risk as u8 + 1,
            Self::Cap(cap) => cap as u8 + 1,
            Self::Zone(zone) => zone as u8 + 1,
        }
    }

    /// In which colour it is shown.
    #[must_use]
    pub fn colour(self) -> Colour {
        match self.rank() {
            1 => Colour::Green,
            2 => Colour::Yellow,
            3 => Colour::Orange,
            _ => Colour::Red,
        }
    }

    /// The stored text: `risk:high`, `cap:2`, `zone:orange`.
    #[must_use]
    pub fn text(self) -> String {
        let word = match self {
            Self::Risk(risk) => risk.as_str(),
            Self::Cap(cap) => cap.as_str(),
            Self::Zone(zone) => zone.as_str(),
        };
        format!("{}:{word}", self.vocabulary())
    }

    /// Reads [`Level::text`] back.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (vocabulary, word) = text.split_once(':')?;
        match Vocabulary::parse(vocabulary)? {
            Vocabulary::Risk => Risk::parse(word).map(Self::Risk),
            Vocabulary::Cap => Cap::parse(word).map(Self::Cap),
            Vocabulary::Zone => Zone::parse(word).map(Self::Zone),
        }
    }

    /// The key of its name.
    #[must_use]
    pub fn key(self) -> String {
        format!("zone-level-{}", self.text().replace(':', "-"))
    }
}

impl serde::Serialize for Level {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text())
    }
}

impl<'de> serde::Deserialize<'de> for Level {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("no level: {text}")))
    }
}

impl Shape for Level {
    fn shape(_: &mut Parts) -> serde_json::Value {
        let all = Vocabulary::ALL.iter().flat_map(|vocabulary| Self::all(*vocabulary)).map(Self::text);
        serde_json::json!({"type": "string", "enum": all.collect::<Vec<_>>()})
    }
}

impl Column for Level {
    fn value(&self) -> Value {
        Value::Text(Some(self.text()))
    }
    fn null() -> Value {
        Value::Text(None)
    }
    fn read(row: &Row, name: &str) -> Result<Option<Self>, Problem> {
        String::read(row, name)?
            .map(|text| Self::parse(&text).ok_or_else(|| Problem::internal(format!("no level: {text}"))))
            .transpose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_level_has_its_words_its_rank_and_its_colour() {
        let mut seen = Vec::new();
        for vocabulary in Vocabulary::ALL {
            for level in Level::all(*vocabulary) {
                assert_eq!(Level::parse(&level.text()), Some(level));
                assert_eq!(Level::of_rank(*vocabulary, level.rank()), Some(level));
                seen.push(format!("{} {} {}", level.text(), level.rank(), level.colour()));
            }
        }
        assert_eq!(
            seen.join("; "),
            "risk:new_normal 1 green; risk:at_risk 2 yellow; risk:high 3 orange; risk:very_high 4 red; \
             cap:1 1 green; cap:2 2 yellow; cap:3 3 orange; cap:4 4 red; \
             zone:green 1 green; zone:yellow 2 yellow; zone:orange 3 orange; zone:red 4 red"
        );
        for nothing in ["", "risk", "risk:5", "cap:red", "zone:", "cap:0"] {
            assert_eq!(Level::parse(nothing), None, "{nothing}");
        }
        assert_eq!(Level::of_rank(Vocabulary::Cap, 0), None);
        assert_eq!(Level::of_rank(Vocabulary::Cap, 5), None);
    }
}
