//! The frame of every page, and what a handler knows about the visit.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse as _, Redirect, Response},
};
use jiff::Timestamp;
use maud::{DOCTYPE, Markup, html};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;
use vx_kernel::time::Lang;
use vx_kernel::{Path, Problem, ProblemKind, time, units::Kind};

use super::{App, Failure, asset, form::UNDO};
use crate::{
    auth::{Actor, Signed},
    sheet::{Column, Sheet},
    store::migrate::hex,
    text_enum,
    words::Arg,
};

text_enum! {
    /// How bright the page is.
    pub enum Theme {
        /// Dark on light.
        Light = "light",
        /// Light on dark, for night duty.
        Dark = "dark",
    }
}

/// An entry of the main menu.
#[derive(Clone, Copy, Debug)]
pub struct Nav {
    /// Where it leads.
    pub href: &'static str,
    /// Key of its text.
    pub key: &'static str,
    /// Icon of the sprite.
    pub icon: &'static str,
    /// Who sees it.
    pub permission: &'static str,
    /// Place in the menu, small first.
    pub order: u8,
}

/// One request: who, in which language, where.
#[derive(Clone)]
pub struct Visit {
    /// The program.
    pub app: App,
    /// Language of the page.
    pub lang: Lang,
    /// Brightness of the page.
    pub theme: Theme,
    /// Who is signed in.
    pub signed: Option<Signed>,
    /// The caller's address; empty where it is not known.
    pub from: String,
    /// Path and query asked for.
    pub url: String,
    /// Where language and brightness lead back to: the page itself, or the one from which something was sent.
    pub back: String,
    /// Notices that the visitor has not read, where a page is asked for.
    pub unread: i64,
}

impl FromRequestParts<App> for Visit {
    type Rejection = Failure;
    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Failure> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Failure(Problem::internal("route without guard")))
    }
}

impl Visit {
    pub(super) fn nobody(app: &App) -> Self {
        Self {
            app: app.clone(),
            lang: Lang::Vi,
            theme: Theme::Light,
            signed: None,
            from: String::new(),
            url: "/".to_owned(),
            back: "/".to_owned(),
            unread: 0,
        }
    }

    /// The text of a key.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.app.words().say(self.lang, key, &[])
    }
    /// The text of a key that names values.
    #[must_use]
    pub fn ta(&self, key: &str, args: &[Arg<'_>]) -> String {
        self.app.words().say(self.lang, key, args)
    }
    /// Columns of a table for a file, by the keys of their headings and their widths in characters.
    #[must_use]
    pub fn columns(&self, columns: &[(&str, u16)]) -> Vec<Column> {
        columns.iter().map(|(key, width)| Column { title: self.t(key), width: *width }).collect()
    }
    /// Says in the last row of a file that it holds `n` rows of `all`, where that is fewer: whoever counts with it must
    /// know that it is not the whole.
    ///
    /// # Errors
    /// When the temporary file cannot be written.
    pub fn say_cut(&self, sheet: &mut Sheet, n: i64, all: i64) -> Result<(), Problem> {
        if n >= all {
            return Ok(());
        }
        sheet.row(&[self.ta("export-cut", &[("n", n.into()), ("all", all.into())]).into()])
    }
    /// Who acts.
    ///
    /// # Errors
    /// `unauthenticated` on a public page without anybody signed in.
    pub fn actor(&self) -> Result<&Actor, Problem> {
        self.signed
            .as_ref()
            .map(|signed| &signed.actor)
            .ok_or_else(|| Problem::new(ProblemKind::Unauthenticated, "unauthenticated"))
    }
    /// Whether the visitor has a permission anywhere; what buttons and menus ask.
    #[must_use]
    pub fn may_anywhere(&self, permission: &str) -> bool {
        self.signed.as_ref().is_some_and(|signed| signed.actor.may_anywhere(permission))
    }
    /// Now, by the program's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.app.clock().now()
    }
    /// Today in Việt Nam.
    #[must_use]
    pub fn today(&self) -> jiff::civil::Date {
        time::day_of(self.now())
    }
    /// A unit by the name of the body that acts for it: `UBND huyện Mỹ Xuyên`, `UBND xã Xuân Hòa, huyện Kế Sách`.
    #[must_use]
    pub fn unit(&self, path: &Path) -> String {
        unit_name(&self.app, self.lang, path)
    }
    /// An instant with its absolute form as machine-readable attribute.
    #[must_use]
    pub fn at(&self, at: Timestamp) -> Markup {
        html! { time.text-nowrap datetime=(at.to_string()) { (time::say_short(self.lang, at)) } }
    }

    /// A line in a form by which what is typed stays on the device until it was sent. `edition` names what is written and
    /// changes when it was saved; `is_fresh` says that the page shows nothing yet that somebody typed.
    #[must_use]
    pub fn kept(&self, edition: &str, is_fresh: bool) -> Markup {
        let account = self.signed.as_ref().and_then(|signed| signed.actor.account);
        let account = account.map_or_else(String::new, |account| account.to_string());
        let said = |key: &str| self.ta(key, &[("at", "@".into())]);
        html! {
            p.vx-quiet {
                span role="status" data-kept={ (account) " " (edition) } data-kept-said=(said("kept-said")) data-kept-filled=(said("kept-filled")) data-kept-shown[!is_fresh] {}
                " " button.btn.btn-sm type="button" data-kept-drop hidden { (icon("x")) " " (self.t("kept-drop")) }
            }
        }
    }

    /// A form that posts, with its CSRF token and idempotency key.
    #[must_use]
    pub fn form(&self, action: &str, content: Markup) -> Markup {
        self.form_of_class(action, "", content)
    }
    /// As [`Visit::form`], with a class.
    #[must_use]
    pub fn form_of_class(&self, action: &str, class: &str, content: Markup) -> Markup {
        html! {
            form method="post" action=(action) enctype="multipart/form-data" class=(class) data-once {
                @if let Some(signed) = &self.signed { input type="hidden" name="_csrf" value=(signed.csrf); }
                input type="hidden" name="_key" value=(Uuid::now_v7());
                (content)
            }
        }
    }
    /// A form that is one button.
    #[must_use]
    pub fn button(&self, action: &str, class: &str, icon_name: &str, key: &str) -> Markup {
        self.form_of_class(
            action,
            "d-inline",
            html! { button type="submit" class=(class) { (icon(icon_name)) " " (self.t(key)) } },
        )
    }

    /// A whole page in the frame.
    #[must_use]
    pub fn page(&self, title: &str, body: Markup) -> Response {
        self.frame(title, true, body).into_response()
    }
    /// A page without menu: sign-in and the like.
    #[must_use]
    pub fn bare_page(&self, title: &str, body: Markup) -> Response {
        self.frame(title, false, body).into_response()
    }

    fn frame(&self, title: &str, with_menu: bool, body: Markup) -> Markup {
        let signed = self.signed.as_ref().filter(|_| with_menu);
        html! {
            (DOCTYPE)
            html lang=(self.lang.tag()) data-bs-theme=(self.theme) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="htmx-config" content=r#"{"includeIndicatorCSS":false}"#;
                    title { (title) " · Vùng Xanh" }
                    link rel="icon" type="image/svg+xml" href=(asset("logo.svg"));
                    link rel="stylesheet" href=(asset("fonts.css"));
                    link rel="stylesheet" href=(asset("vendor/tabler-core-1.6.1/tabler.min.css"));
                    link rel="stylesheet" href=(asset("app.css"));
                    script type="module" src=(asset("app.js")) {}
                    @if signed.is_some() { script type="module" src=(asset("bell.js")) {} }
                    script defer src=(asset("vendor/htmx-4.0.1/htmx.min.js")) {}
                }
                body {
                    a.vx-skip href="#main" { (self.t("skip-to-content")) }
                    @if self.app.clock().is_drill() {
                        div.vx-drill role="region" aria-label=(self.t("drill")) { (icon("clock")) " " (self.ta("drill-banner", &[("at", time::say_instant(self.lang, self.now()).into())])) }
                    }
                    @if let Some(signed) = signed { (self.header(signed)) } @else { header.vx-top { a.vx-brand href="/" { "Vùng Xanh" } } }
                    main.vx-main #main tabindex="-1" { (self.printed()) (self.said()) (body) }
                    (self.footer())
                    @if signed.is_some() { (self.keys()) }
                }
            }
        }
    }

    /// The keys that a script adds, told when one presses `?`. Without the script there are none, and it stays shut.
    fn keys(&self) -> Markup {
        let keys: [(&[&str], &str); 7] = [
            (&["/"], "keys-search"),
            (&["j", "k"], "keys-move"),
            (&["Enter"], "keys-open"),
            (&["x"], "keys-pick"),
            (&["n", "Enter"], "keys-finding"),
            (&["Esc"], "keys-close"),
            (&["?"], "keys-help"),
        ];
        html! {
            dialog.vx-panel #keys aria-labelledby="keys-title" {
                h2 #keys-title { (self.t("keys")) }
                table.vx-accounts { tbody {
                    @for (names, key) in keys { tr {
                        th scope="row" { @for (index, name) in names.iter().enumerate() { @if index > 0 { ", " } kbd { (name) } } }
                        td { (self.t(key)) }
                    } }
                } }
                p.vx-quiet.mt-2 { (self.t("keys-typing")) }
                form method="dialog" { button.btn { (icon("x")) " " (self.t("keys-shut")) } }
            }
        }
    }

    /// The bell in words.
    #[must_use]
    pub fn unread_words(&self, unread: i64) -> String {
        if unread == 0 { self.t("bell-none") } else { self.ta("bell-unread", &[("n", shown_count(unread).into())]) }
    }

    fn header(&self, signed: &Signed) -> Markup {
        let mut entries: Vec<Nav> = self
            .app
            .modules()
            .iter()
            .flat_map(|module| module.nav)
            .copied()
            .filter(|nav| signed.actor.may_anywhere(nav.permission))
            .collect();
        entries.sort_by_key(|nav| nav.order);
        let path = self.url.split('?').next().unwrap_or("/");
        let here = entries
            .iter()
            .filter(|nav| nav.href == path || nav.href != "/" && path.starts_with(nav.href))
            .max_by_key(|nav| nav.href.len())
            .map(|nav| nav.href);
        html! {
            header.vx-top {
                a.vx-brand href="/" { "Vùng Xanh" }
                nav.vx-nav aria-label=(self.t("menu")) {
                    @for nav in &entries {
                        a href=(nav.href) aria-current=[(here == Some(nav.href)).then_some("page")] { (icon(nav.icon)) (self.t(nav.key)) }
                    }
                }
                form.vx-search role="search" method="get" action="/search" {
                    input.form-control type="search" name="q" placeholder=(self.t("search-placeholder")) aria-label=(self.t("search-placeholder"));
                }
                a.vx-bell href="/notices" data-bell aria-label=(self.unread_words(self.unread)) title=(self.unread_words(self.unread)) {
                    (icon("bell")) b data-bell-count hidden[self.unread == 0] { (shown_count(self.unread)) }
                }
                span.visually-hidden role="status" data-bell-said {}
                details.vx-menu {
                    summary { (icon("user")) " " (signed.actor.name) " " (icon("chevron-down")) }
                    div {
                        div.p-2 { strong { (signed.actor.name) } div.vx-quiet { (signed.actor.title) } }
                        (self.switches())
                        button.vx-scripted type="button" data-keys { (icon("list-details")) (self.t("keys")) }
                        a href="/password" { (icon("lock")) (self.t("change-password")) }
                        a href="/security" { (icon("eye")) (self.t("own-security")) }
                        a href="/notices/settings" { (icon("bell")) (self.t("own-notices")) }
                        a href="/tokens" { (icon("settings")) (self.t("access-tokens")) }
                        (self.form("/logout", html! { button type="submit" { (icon("logout")) (self.t("sign-out")) } }))
                    }
                }
            }
        }
    }

    /// Language and brightness; plain links, so that they work without script.
    fn switches(&self) -> Markup {
        let back = self.back.replace('&', "%26").replace('#', "%23");
        let (lang, lang_key) = match self.lang {
            Lang::Vi | Lang::Km => ("en", "switch-to-english"),
            Lang::En => ("vi", "switch-to-vietnamese"),
        };
        let (theme, theme_key, theme_icon) = match self.theme {
            Theme::Light => ("dark", "switch-to-dark", "moon"),
            Theme::Dark => ("light", "switch-to-light", "sun"),
        };
        html! {
            a href={ "/prefer?lang=" (lang) "&next=" (back) } lang=(lang) { (icon("language")) (self.t(lang_key)) }
            a href={ "/prefer?theme=" (theme) "&next=" (back) } { (icon(theme_icon)) (self.t(theme_key)) }
        }
    }

    fn footer(&self) -> Markup {
        html! {
            footer.vx-foot {
                "Vùng Xanh " (env!("CARGO_PKG_VERSION"))
                @if self.signed.is_none() { " · " span.vx-foot-switches { (self.switches()) } }
            }
        }
    }

    /// The head of what is printed: on paper nobody sees the menu that says who looked at this, and when.
    fn printed(&self) -> Markup {
        let at = time::say_instant(self.lang, self.now()).into();
        html! {
            @if let Some(signed) = &self.signed {
                p.vx-printed { "Vùng Xanh · " (self.ta("printed", &[("at", at), ("name", signed.actor.name.as_str().into())])) }
            }
        }
    }

    /// What the last action did, told once on the page it led to, with the way back where there is one.
    fn said(&self) -> Markup {
        let query = self.url.split_once('?').map_or("", |(_, query)| query);
        let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let key = value("said").filter(|key| key.contains("-said-") && self.app.words().has(self.lang, key));
        let count: i64 = value("n").and_then(|n| n.parse().ok()).unwrap_or(0);
        let undo =
            value("undo").filter(|undo| value("mark").is_some() && value("mark") == self.undo_mark(undo).as_deref());
        html! {
            @if let Some(key) = key {
                div.vx-note.vx-bar {
                    span role="status" { (icon("check")) " " (self.ta(key, &[("n", count.into())])) }
                    @if let Some(undo) = undo {
                        (self.form(undo, html! {
                            input type="hidden" name=(UNDO) value=[self.undo_mark(undo)];
                            button.btn type="submit" { (icon("corner-up-left")) " " (self.t("undo")) }
                        }))
                    }
                }
            }
        }
    }

    /// What shows that an undo in an address is one that this session was offered: nobody else can put a button that
    /// acts under somebody's eyes by sending them a link.
    pub(super) fn undo_mark(&self, action: &str) -> Option<String> {
        let signed = self.signed.as_ref()?;
        let digest = Sha256::digest(format!("undo|{}|{action}", signed.csrf));
        Some(hex(digest.get(..12)?))
    }

    /// As [`see_other`], offering to take the action back: the page it leads to shows a button that sends an empty form
    /// to `undo`, the path of an action of ours without a query. Its handler sees that by [`super::Form::undoes`].
    #[must_use]
    pub fn see_other_undo(&self, to: &str, said: &str, undo: &str) -> Response {
        let mark = if to.contains('?') { '&' } else { '?' };
        match self.undo_mark(undo) {
            Some(proof) => Redirect::to(&format!("{to}{mark}said={said}&undo={undo}&mark={proof}")).into_response(),
            None => see_other(to, said),
        }
    }
}

/// A unit by the name of the body that acts for it.
#[must_use]
pub fn unit_name(app: &App, lang: Lang, path: &Path) -> String {
    let tree = app.tree();
    match tree.at_path(path) {
        // Dozens of communes share a name; the district tells them apart.
        Some(unit) => match tree.parent(unit.id.as_str()) {
            Some(above) if above.kind == Kind::District && unit.kind.is_place() => {
                format!("{}, {} {}", unit.authority(), above.type_name, above.bare_name())
            }
            _ => unit.authority(),
        },
        None if path.is_root() => app.words().say(lang, "whole-country", &[]),
        None => path.unit().to_owned(),
    }
}

/// A count of notices as the bell shows it.
pub(super) fn shown_count(unread: i64) -> String {
    if unread >= crate::notify::COUNTED_MAX {
        format!("{}+", crate::notify::COUNTED_MAX - 1)
    } else {
        unread.to_string()
    }
}

/// Leads on after an action, saying what it did.
#[must_use]
pub fn see_other(to: &str, said: &str) -> Response {
    let mark = if to.contains('?') { '&' } else { '?' };
    Redirect::to(&format!("{to}{mark}said={said}")).into_response()
}

/// Percent-encoding (RFC 3986) of a value in an address or a header.
#[must_use]
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// A file to keep. Whatever it holds, the browser saves it and runs nothing in it.
#[must_use]
pub fn download(name: &str, media_type: &str, content: Vec<u8>) -> Response {
    let plain: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }).collect();
    let encoded = encode(name);
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'".to_owned()),
    ];
    (headers, content).into_response()
}

/// An icon of the sprite; decoration only, words stand beside it.
#[must_use]
pub fn icon(name: &str) -> Markup {
    html! { svg.vx-icon aria-hidden="true" { use href={ (asset("icons.svg")) "#" (name) } {} } }
}

/// The language that was chosen in this browser, where one was.
#[must_use]
pub fn lang_chosen(headers: &HeaderMap) -> Option<Lang> {
    cookie(headers, "vx_lang").map(|tag| Lang::of(&tag))
}

/// The value of a cookie.
pub(super) fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .find_map(|pair| {
            let (key, value) = pair.trim().split_once('=')?;
            (key == name).then(|| value.to_owned())
        })
}
