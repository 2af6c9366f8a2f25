//! Where a unit stands in the tree, as one text.

use std::fmt;
use std::sync::Arc;

use super::UnitId;

/// The materialised path of a unit (đường dẫn đơn vị): the keys from the root down, each followed by `/`, as `94/941/31732/`.
///
/// The empty path stands for the whole nation. "Everything below me" is one prefix, which serves as permission check ([`Path::contains`])
/// and as range scan ([`Path::range`]) alike.
///
/// **Invariant:** empty, or non-empty keys of `A-Z a-z 0-9 . -`, each followed by `/` (test `only_keys_make_a_path`).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Arc<str>);

/// The text is not a path.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a path of units: {0:?}")]
pub struct BadPath(pub String);

impl Path {
    /// The whole nation (cả nước).
    #[must_use]
    pub fn root() -> Self {
        Self(Arc::from(""))
    }

    /// Reads a stored path.
    ///
    /// # Errors
    /// If the text breaks the invariant of this type.
    pub fn parse(text: &str) -> Result<Self, BadPath> {
        let sound = text.is_empty() || text.strip_suffix('/').is_some_and(|keys| keys.split('/').all(UnitId::is_sound));
        if sound { Ok(Self(Arc::from(text))) } else { Err(BadPath(text.to_owned())) }
    }

    /// The path of the unit `id` directly below this one.
    #[must_use]
    pub fn child(&self, id: &UnitId) -> Self {
        Self(Arc::from(format!("{}{id}/", self.0)))
    }

    /// The path as stored.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the whole nation.
    #[must_use]
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The key of the unit itself; empty for the whole nation.
    #[must_use]
    pub fn unit(&self) -> &str {
        self.keys().next_back().unwrap_or_default()
    }

    /// The keys from the root down.
    pub fn keys(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split_terminator('/')
    }

    /// How many levels down from the nation: 1 for a province.
    #[must_use]
    pub fn depth(&self) -> usize {
        self.keys().count()
    }

    /// The path one level up; the nation for a province, none for the nation.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let keys = self.0.strip_suffix('/')?;
        let up_to = keys.rfind('/').map_or(0, |slash| slash + 1);
        Some(Self(Arc::from(&keys[..up_to])))
    }

    /// The unit above that stands `depth` levels down from the top; the unit itself when it stands no deeper.
    #[must_use]
    pub fn at_depth(&self, depth: usize) -> Self {
        let mut at = self.clone();
        while at.depth() > depth {
            match at.parent() {
                Some(above) => at = above,
                None => break,
            }
        }
        at
    }

    /// Whether `other` is this unit or stands below it.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        other.0.starts_with(&*self.0)
    }

    /// The bounds `lo` and `hi` for `path >= lo AND path < hi`, which selects this unit and everything below it.
    ///
    /// The bounds compare bytewise: on PostgreSQL the column needs `COLLATE "C"`. For the nation the bounds are `""` and `"~"`,
    /// which lies above every path because keys are made of letters, digits, dots and hyphens.
    #[must_use]
    pub fn range(&self) -> (String, String) {
        match self.0.strip_suffix('/') {
            Some(keys) => (self.0.to_string(), format!("{keys}0")),
            None => (String::new(), "~".to_owned()),
        }
    }
}

impl Default for Path {
    fn default() -> Self {
        Self::root()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Path({})", self.0)
    }
}

impl std::str::FromStr for Path {
    type Err = BadPath;
    fn from_str(text: &str) -> Result<Self, BadPath> {
        Self::parse(text)
    }
}

impl serde::Serialize for Path {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for Path {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&String::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Path {
        Path::parse(text).unwrap()
    }

    #[test]
    fn only_keys_make_a_path() {
        for good in ["", "94/", "94/941/31732/", "25-92/25-92.syt/", "94/941/31732/31732.khom-1/"] {
            assert!(Path::parse(good).is_ok(), "{good}");
        }
        for bad in ["/", "94", "94//", "/94/", "94/9 1/", "94/é/", "94/~/", "94/'/"] {
            assert!(Path::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_path_knows_its_unit_and_parent() {
        let commune = path("94/941/31732/");
        assert_eq!((commune.unit(), commune.depth()), ("31732", 3));
        assert_eq!(commune.parent(), Some(path("94/941/")));
        assert_eq!(path("94/").parent(), Some(Path::root()));
        assert_eq!(Path::root().parent(), None);
        assert_eq!(Path::root().unit(), "");
        assert_eq!(path("94/").child(&UnitId::from("94.syt")).as_str(), "94/94.syt/");
    }

    #[test]
    fn range_and_contains_agree() {
        let all = ["9/", "94/", "94/94.syt/", "94/941/", "94/941/31732/", "940/", "94-1/", "95/", "25-94/", "A/"];
        for scope in ["", "94/", "94/941/", "9/", "25-94/"] {
            let (scope, (lo, hi)) = (path(scope), path(scope).range());
            for other in all {
                assert_eq!(
                    scope.contains(&path(other)),
                    other >= lo.as_str() && other < hi.as_str(),
                    "{scope} {other}"
                );
            }
        }
    }
}
