//! Khmer, in which the portal alone is said: `public.km.ftl`, one file for whoever reads it over, in which each text
//! stands below the Vietnamese one that it says.
//!
//! **Invariant:** there is a Khmer text for everything that a public page says, and it was looked at since the
//! Vietnamese one changed (test `everything_public_is_said_in_khmer_as_the_vietnamese_stands_today`).

use std::sync::LazyLock;

use vx_kernel::time::Lang;
use vx_platform::words::{Arg, Catalogue, Words};

const TEXT: &str = include_str!("../../public.km.ftl");

/// A test reads the file; were it none, Vietnamese would be said.
static KHMER: LazyLock<Option<Catalogue>> = LazyLock::new(|| Catalogue::new(Lang::Km, [TEXT]).ok());

/// A text of the portal.
pub(super) fn say(words: &Words, lang: Lang, key: &str, args: &[Arg<'_>]) -> String {
    match (lang, &*KHMER) {
        (Lang::Km, Some(khmer)) => khmer.say(key, args),
        _ => words.say(lang, key, args),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use vx_platform::words::{PLATFORM, keys};
    use vx_publications::ContactKind;
    use vx_zones::{Level, Vocabulary, activities::ACTIVITIES, rules::MEASURES, rules::Sector};

    use super::*;

    /// What pages put together from a word of theirs.
    const FAMILIES: [&str; 4] = ["portal-verdict-", "portal-mark-", "portal-data-file-", "portal-data-column-"];
    const SOURCES: [&str; 4] = [
        include_str!("pages.rs"),
        include_str!("files.rs"),
        include_str!("published.rs"),
        include_str!("../portal.rs"),
    ];

    /// Texts of one line each, by their keys.
    fn lines(source: &str) -> BTreeMap<&str, &str> {
        let begins = |line: &&str| line.starts_with(|first: char| first.is_ascii_lowercase());
        source.lines().filter(begins).filter_map(|line| line.split_once(" = ")).collect()
    }

    /// Everything that public pages say, in Vietnamese.
    fn public() -> BTreeMap<String, String> {
        let mut all: BTreeMap<&str, &str> = BTreeMap::new();
        for source in
            [PLATFORM.vi, vx_zones::module().texts.vi, vx_publications::module().texts.vi, crate::module().texts.vi]
        {
            all.extend(lines(source));
        }
        let mut wanted: BTreeSet<String> =
            all.keys().filter(|key| key.starts_with("portal-")).map(|key| (*key).to_owned()).collect();
        // What sources name in quotes and is a text.
        for literal in SOURCES.iter().flat_map(|source| source.split('"')) {
            if literal.contains(|c: char| c == '-' || c.is_ascii_lowercase()) && all.contains_key(literal) {
                wanted.insert(literal.to_owned());
            }
        }
        wanted.extend(Vocabulary::ALL.iter().flat_map(|one| Level::all(*one)).map(Level::key));
        wanted.extend(ContactKind::ALL.iter().map(|kind| format!("publication-kind-{kind}")));
        wanted.extend(Sector::ALL.iter().map(|sector| format!("zone-sector-{sector}")));
        let mut public: BTreeMap<String, String> =
            wanted.into_iter().map(|key| (key.clone(), all[key.as_str()].to_owned())).collect();
        for activity in ACTIVITIES.iter() {
            public.insert(activity.text_key(), activity.said.vi.clone());
            for rule in &activity.rule {
                assert!(public.insert(activity.rule_key(rule), rule.said.vi.clone()).is_none(), "{}", activity.key);
            }
        }
        for measure in MEASURES.iter() {
            assert!(public.insert(measure.text_key(), measure.said.vi.clone()).is_none(), "{}", measure.key);
        }
        public
    }

    #[test]
    fn everything_public_is_said_in_khmer_as_the_vietnamese_stands_today() {
        assert!(Catalogue::new(Lang::Km, [TEXT]).is_ok(), "{:?}", Catalogue::new(Lang::Km, [TEXT]).err());
        let public = public();
        let mut seen = BTreeSet::new();
        let mut wrong = Vec::new();
        let mut before = "";
        for line in TEXT.lines() {
            if let Some((key, khmer)) = line.split_once(" = ").filter(|_| !line.starts_with('#')) {
                seen.insert(key);
                let vietnamese = before.strip_prefix("# ").unwrap_or_default();
                match public.get(key) {
                    None => wrong.push(format!("{key}: no public page says this")),
                    Some(now) if now != vietnamese => {
                        wrong.push(format!("{key}: the Vietnamese is now “{now}”; look at the Khmer"));
                    }
                    Some(_) => {}
                }
                if !khmer.chars().any(|c| ('\u{1780}'..='\u{17ff}').contains(&c)) {
                    wrong.push(format!("{key}: no Khmer letter"));
                }
                if khmer.chars().any(|c| ('\u{17e0}'..='\u{17e9}').contains(&c)) {
                    wrong.push(format!("{key}: Khmer digits, while dates and counts beside it have Latin ones"));
                }
            }
            before = line;
        }
        wrong.extend(public.keys().filter(|key| !seen.contains(key.as_str())).map(|key| format!("{key}: not said")));
        assert!(wrong.is_empty(), "{wrong:#?}");
        let khmer: Vec<&str> = TEXT.lines().filter(|line| !line.starts_with('#')).collect();
        let (khmer, vietnamese) = (keys(&khmer.join("\n")), keys(crate::module().texts.vi));
        for (key, values) in khmer.iter().filter(|(key, _)| key.starts_with("portal-")) {
            assert_eq!(Some(values), vietnamese.get(key), "{key} names other values");
        }
    }

    #[test]
    fn no_text_of_the_portal_is_without_a_page() {
        let asked: BTreeSet<&str> = SOURCES.iter().flat_map(|source| source.split('"')).collect();
        let of_family = |key: &str| FAMILIES.iter().any(|family| key.starts_with(family));
        let unasked: Vec<&str> = lines(crate::module().texts.vi)
            .into_keys()
            .filter(|key| key.starts_with("portal-") && !asked.contains(key) && !of_family(key))
            .collect();
        assert!(unasked.is_empty(), "{unasked:?}");
    }

    #[test]
    fn other_languages_are_said_from_the_catalogues_of_the_program() {
        let words = Words::new([crate::module().texts]).unwrap();
        for (lang, expected) in [(Lang::Vi, "Bản đồ"), (Lang::En, "Map"), (Lang::Km, "ផែនទី")] {
            assert_eq!(say(&words, lang, "portal-nav-map", &[]), expected);
        }
        let n = [("n", 12.into())];
        assert_eq!(say(&words, Lang::Km, "portal-n-communes", &n), "12 ឃុំ");
    }
}
