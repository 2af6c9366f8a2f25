//! The words of notices. Each kind has a text in the words of its module; nothing else stands in it than a number, units,
//! a deadline and a count.

use vx_kernel::{
    Path,
    time::{self, Lang},
};
use vx_platform::{
    notify::{Channel, Line, Notice, NoticeKind, Parcel},
    store::Uuid,
    web::{App, unit_name},
};

/// Things named in one mail; beyond that the list in the program is named.
pub(super) const LINES_MAX: usize = 40;
/// Things named in one short message.
const SHORT_LINES_MAX: usize = 2;

/// The kind of a notice; none for one that this program does not know any more.
pub(super) fn kind_of(app: &App, name: &str) -> Option<&'static NoticeKind> {
    app.modules().iter().flat_map(|module| module.notices).find(|kind| kind.name == name)
}

/// The key of a kind's text.
pub(super) fn key_of(kind: &str) -> String {
    format!("notice-{}", kind.replace(['.', '_'], "-"))
}

/// A notice in a line.
#[must_use]
pub fn line_of(app: &App, lang: Lang, notice: &Notice) -> String {
    let words = app.words();
    let say = |key: &str| words.say(lang, key, &[]);
    let key = key_of(&notice.kind);
    let key = if notice.n > 1 { format!("{key}.many") } else { key };
    if !words.has(lang, &key) {
        return say("notice-unknown");
    }
    let source = if notice.source.is_empty() { say("notice-no-number") } else { notice.source.clone() };
    let unit = |path: &Path| unit_name(app, lang, path);
    let other = notice.unit.as_ref().map_or_else(|| unit(&notice.path), unit);
    let due = notice.due_at.map_or_else(|| say("notice-no-due"), |at| time::say_short(lang, at));
    let args = [
        ("source", source.into()),
        ("unit", other.into()),
        ("due", due.into()),
        ("n", time::say_count(lang, notice.n).into()),
    ];
    let text = words.say(lang, &key, &args);
    if notice.hoa_toc { words.say(lang, "notice-hoa-toc", &[("text", text.into())]) } else { text }
}

/// The address of something under the address of the program.
fn link(base: &str, href: &str) -> String {
    format!("{}{href}", base.trim_end_matches('/'))
}

/// What stands around a parcel's lines.
pub(super) struct Frame<'a> {
    pub(super) app: &'a App,
    pub(super) lang: Lang,
    pub(super) base: &'a str,
    pub(super) id: Uuid,
    pub(super) channel: Channel,
    pub(super) to: String,
    pub(super) at: jiff::Timestamp,
}

impl Frame<'_> {
    fn parcel(self, subject: String, lines: Vec<Line>, hoa_toc: bool) -> Parcel {
        Parcel {
            id: self.id,
            channel: self.channel,
            to: self.to,
            subject,
            lines,
            foot: self.app.words().say(self.lang, "notices-mail-foot", &[]),
            settings: link(self.base, "/notices/settings"),
            lang: self.lang,
            hoa_toc,
            at: self.at,
        }
    }

    /// The parcel that tells of notices, of which there are `n`.
    pub(super) fn of_notices(self, notices: &[Notice], n: usize) -> Parcel {
        let (app, lang, base) = (self.app, self.lang, self.base);
        let hoa_toc = notices.iter().any(|notice| notice.hoa_toc);
        let line = |notice: &Notice| Line {
            text: line_of(app, lang, notice),
            href: link(base, &format!("/notices/{}", notice.id)),
        };
        let counted = || app.words().say(lang, "notices-mail-many", &[("n", n.into())]);
        let subject = match notices {
            [only] if n == 1 => line_of(app, lang, only),
            _ if hoa_toc => app.words().say(lang, "notice-hoa-toc", &[("text", counted().into())]),
            _ => counted(),
        };
        let whole = || Line { text: subject.clone(), href: link(base, "/notices") };
        let lines = if self.channel != Channel::Email && n > SHORT_LINES_MAX {
            vec![whole()]
        } else {
            let mut lines: Vec<Line> = notices.iter().take(LINES_MAX).map(line).collect();
            if n > lines.len() {
                let text = app.words().say(lang, "notices-mail-more", &[("n", (n - lines.len()).into())]);
                lines.push(Line { text, href: link(base, "/notices") });
            }
            lines
        };
        self.parcel(subject.clone(), lines, hoa_toc)
    }

    /// The parcel that brings a code.
    pub(super) fn of_code(self, code: &str) -> Parcel {
        let text = self.app.words().say(self.lang, "notices-code-text", &[("code", code.to_owned().into())]);
        let subject = self.app.words().say(self.lang, "notices-code-subject", &[]);
        self.parcel(subject, vec![Line { text, href: String::new() }], false)
    }
}

/// A parcel with which an operator tries a way.
#[must_use]
pub fn trial(app: &App, lang: Lang, channel: Channel, to: &str) -> Parcel {
    let base = app.couriers().map_or("", |couriers| couriers.public_url.as_str());
    let (id, at) = (vx_kernel::fresh(), app.clock().outside());
    let frame = Frame { app, lang, base, id, channel, to: to.to_owned(), at };
    let text = app.words().say(lang, "notices-trial", &[]);
    frame.parcel(text.clone(), vec![Line { text, href: link(base, "/") }], false)
}
