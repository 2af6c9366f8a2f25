//! What may be done at which level, activity by activity (hoạt động): the catalogue of measures as a citizen asks it.

use std::sync::LazyLock;

use serde::Deserialize;
use vx_platform::text_enum;

use crate::{
    level::{Level, Vocabulary},
    rules::{Mark, Said},
};

text_enum! {
    /// Whether something may be done.
    pub enum Verdict {
        /// Được phép.
        Allowed = "allowed",
        /// Hạn chế: within what the words say.
        Limited = "limited",
        /// Không được.
        Banned = "banned",
        /// No source says it: the commune is to be asked.
        Ask = "ask",
    }
}

/// A rule of an activity, from a rank of some vocabularies on.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct ActivityRule {
    /// In which vocabularies it holds.
    pub vocabulary: Vec<Vocabulary>,
    /// From which rank on.
    pub from: u8,
    /// Whether it may be done.
    pub verdict: Verdict,
    /// Within what.
    #[serde(flatten)]
    pub said: Said,
    /// What it rests on.
    pub basis: String,
    /// How well it is known.
    pub mark: Mark,
}

/// Something that people ask whether they may do.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Activity {
    /// Its name in addresses.
    pub key: String,
    /// What it is called.
    #[serde(flatten)]
    pub said: Said,
    /// Its rules.
    pub rule: Vec<ActivityRule>,
}

impl Activity {
    /// The rule that holds at a level: of those it reaches the one from the highest rank.
    #[must_use]
    pub fn at(&self, level: Level) -> Option<&ActivityRule> {
        let reached = |rule: &&ActivityRule| rule.vocabulary.contains(&level.vocabulary()) && rule.from <= level.rank();
        self.rule.iter().filter(reached).max_by_key(|rule| rule.from)
    }

    /// The key of its name in catalogues of further languages.
    #[must_use]
    pub fn text_key(&self) -> String {
        format!("activity-{}", self.key)
    }

    /// The key of a rule of it, by the first of its vocabularies and its rank, which no two rules share.
    #[must_use]
    pub fn rule_key(&self, rule: &ActivityRule) -> String {
        let vocabulary = rule.vocabulary.first().map_or("", |vocabulary| vocabulary.as_str());
        format!("activity-{}-{vocabulary}-{}", self.key, rule.from)
    }
}

/// The catalogue of activities, in the order in which people ask for them.
pub static ACTIVITIES: LazyLock<Vec<Activity>> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File {
        activity: Vec<Activity>,
    }
    toml::from_str::<File>(include_str!("../rules/activities.toml")).map(|file| file.activity).unwrap_or_default()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_activity_has_a_rule_at_every_level() {
        assert_eq!(ACTIVITIES.len(), 10);
        for activity in ACTIVITIES.iter() {
            for level in Vocabulary::ALL.iter().flat_map(|vocabulary| Level::all(*vocabulary)) {
                assert!(activity.at(level).is_some(), "{} at {}", activity.key, level.text());
            }
            // Two rules from one rank in one vocabulary would leave it to chance.
            for vocabulary in Vocabulary::ALL {
                let mut from: Vec<u8> = activity
                    .rule
                    .iter()
                    .filter(|rule| rule.vocabulary.contains(vocabulary))
                    .map(|rule| rule.from)
                    .collect();
                let n = from.len();
                from.sort_unstable();
                from.dedup();
                assert_eq!(from.len(), n, "{} {vocabulary}", activity.key);
            }
        }
    }

    #[test]
    fn a_restaurant_is_answered_by_level() {
        let eatery = &ACTIVITIES[0];
        for (level, verdict) in [
            ("zone:green", Verdict::Limited),
            ("zone:yellow", Verdict::Limited),
            ("zone:red", Verdict::Ask),
            ("risk:new_normal", Verdict::Allowed),
            ("risk:high", Verdict::Limited),
            ("cap:2", Verdict::Allowed),
            ("cap:4", Verdict::Limited),
        ] {
            let level = Level::parse(level).expect("a level");
            assert_eq!(eatery.at(level).map(|rule| rule.verdict), Some(verdict), "{}", level.text());
        }
    }
}
