//! Atom feeds of alerts. Source: RFC 4287.

use jiff::Timestamp;
use quick_xml::escape::escape;

use crate::write::Writer;

/// A feed (nguồn tin).
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Feed {
    /// Its name in the world; never changes.
    pub id: String,
    /// What it is called.
    pub title: String,
    /// Language of its texts, as BCP 47 says it.
    pub language: String,
    /// Who speaks.
    pub author: String,
    /// Its own address.
    pub link: String,
    /// When anything in it changed last.
    pub updated: Timestamp,
    /// Entries, the newest first.
    pub entries: Vec<Entry>,
}

/// One entry: an alert, or whatever else there is to tell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its name in the world; never changes.
    pub id: String,
    /// In a line.
    pub title: String,
    /// When it changed last.
    pub updated: Timestamp,
    /// More of it.
    pub summary: String,
    /// Page for people.
    pub page: Option<String>,
    /// The alert as CAP.
    pub alert: Option<String>,
}

impl Feed {
    /// The feed as Atom 1.0.
    #[must_use]
    pub fn xml(&self) -> String {
        let mut to = Writer::new();
        let attributes =
            format!(" xmlns=\"http://www.w3.org/2005/Atom\" xml:lang=\"{}\"", escape(self.language.as_str()));
        to.within("feed", &attributes, |to| {
            to.text("id", &self.id);
            to.text("title", &self.title);
            to.text("updated", &self.updated.to_string());
            to.within("author", "", |to| to.text("name", &self.author));
            to.empty(&format!(
                "link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"",
                escape(self.link.as_str())
            ));
            for entry in &self.entries {
                to.within("entry", "", |to| {
                    to.text("id", &entry.id);
                    to.text("title", &entry.title);
                    to.text("updated", &entry.updated.to_string());
                    to.text("summary", &entry.summary);
                    for (kind, link) in [
                        ("alternate\" type=\"text/html", &entry.page),
                        ("related\" type=\"application/cap+xml", &entry.alert),
                    ] {
                        if let Some(link) = link {
                            to.empty(&format!("link rel=\"{kind}\" href=\"{}\"", escape(link.as_str())));
                        }
                    }
                });
            }
        });
        to.finish()
    }
}
