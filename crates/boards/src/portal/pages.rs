//! Pages for the public. They know the snapshot and nothing else: no session, no database.

use std::borrow::Cow;

use jiff::Timestamp;
use vx_foundation::letterhead::in_sentence;
use vx_kernel::time::{self, Lang, say_count, say_date, say_instant};
use vx_platform::{
    web::{DOCTYPE, Markup, asset, encode, html, icon},
    words::{Arg, Words},
};
use vx_publications::types::digits;
use vx_zones::{
    Level,
    activities::{ACTIVITIES, Activity, ActivityRule, Verdict},
    rules::{MEASURES, Said, Sector},
};

use super::{
    khmer,
    published::Published,
    snapshot::{Call, Decided, PlaceKind, Told},
    suppress::Count,
};

/// Hits of a look-up that are shown.
pub(super) const HITS_MAX: usize = 40;
/// Decisions on the page of decisions: those of some months.
const DECISIONS_MAX: usize = 150;
/// Days of counts on the page of a place.
const DAYS_SHOWN: usize = 14;
/// Announcements at the head of the first page.
const TOLD_FIRST: usize = 3;

/// In which language somebody looks at what is published.
pub(super) struct Sight<'a> {
    pub(super) words: &'a Words,
    pub(super) lang: Lang,
    /// Whether the address says the language, so that links must say it too.
    pub(super) carried: bool,
    /// Whether this is a drill or a demo.
    pub(super) is_drill: bool,
    pub(super) of: &'a Published,
}

impl Sight<'_> {
    pub(super) fn t(&self, key: &str) -> String {
        khmer::say(self.words, self.lang, key, &[])
    }
    fn ta(&self, key: &str, args: &[Arg<'_>]) -> String {
        khmer::say(self.words, self.lang, key, args)
    }
    /// A text of the catalogues of zones, which stands beside its rule in Vietnamese and English.
    fn said<'s>(&self, said: &'s Said, key: impl FnOnce() -> String) -> Cow<'s, str> {
        if self.lang == Lang::Km { self.t(&key()).into() } else { said.of(self.lang).into() }
    }
    fn name(&self, activity: &'static Activity) -> Cow<'static, str> {
        self.said(&activity.said, || activity.text_key())
    }
    /// An address of the portal, with the language where the visitor's address says it.
    fn link(&self, path: &str) -> String {
        if !self.carried {
            return path.to_owned();
        }
        let (path, part) =
            path.split_once('#').map_or((path, String::new()), |(path, part)| (path, format!("#{part}")));
        let mark = if path.contains('?') { '&' } else { '?' };
        format!("{path}{mark}lang={}{part}", self.lang.tag())
    }
    fn to(&self, at: usize) -> String {
        self.link(&format!("/public/units/{}", self.of.place(at).key))
    }
    /// A name with those above it, up to the district.
    pub(super) fn named(&self, at: usize) -> String {
        let above = self.of.above(at).find(|above| self.of.place(*above).kind == PlaceKind::District);
        let name = &self.of.place(at).name;
        above.map_or_else(|| name.clone(), |above| format!("{name}, {}", self.of.place(above).name))
    }
    /// The name of a place in the middle of a sentence.
    fn in_sentence(&self, at: usize) -> String {
        let name = &self.of.place(at).name;
        if self.lang == Lang::Vi { in_sentence(name) } else { name.clone() }
    }
    fn level_word(&self, level: Option<Level>) -> String {
        level.map_or_else(|| self.t("portal-no-level"), |level| self.t(&level.key()))
    }
    fn count(&self, count: Count) -> String {
        match count {
            Count::Exact(n) => say_count(self.lang, n),
            Count::UnderFive => self.t("portal-under-five"),
            Count::Withheld => self.t("portal-withheld"),
            Count::Missing => self.t("portal-missing"),
        }
    }

    /// A page in the frame of the portal. It needs no script and, but in Khmer, no font.
    pub(super) fn framed(&self, title: &str, here: &str, path: &str, body: &Markup) -> String {
        let province = self.of.snapshot.places.iter().find(|place| place.kind == PlaceKind::Province);
        let brand = province.map_or_else(String::new, |place| place.name.clone());
        let nav = [
            ("/public", "portal-nav-search"),
            ("/public/map", "portal-nav-map"),
            ("/public/activities", "portal-nav-activities"),
            ("/public/numbers", "portal-nav-numbers"),
            ("/public/announcements", "portal-nav-announcements"),
            ("/public/decisions", "portal-nav-decisions"),
            ("/public/directory", "portal-nav-directory"),
        ];
        let mark = if path.contains('?') { '&' } else { '?' };
        let page = html! {
            (DOCTYPE)
            html lang=(self.lang.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (title) " · " (self.t("portal-name")) }
                    link rel="icon" type="image/svg+xml" href=(asset("logo.svg"));
                    (style(self.lang))
                    link rel="alternate" type="application/atom+xml" title=(self.t("portal-alerts")) href="/public/alerts.atom";
                }
                body {
                    a.skip href="#main" { (self.t("skip-to-content")) }
                    @if self.is_drill { div.drill role="region" aria-label=(self.t("drill")) { (self.t("portal-drill")) } }
                    header {
                        div.langs role="group" aria-label=(self.t("portal-languages")) { @for lang in Lang::PUBLIC {
                            @if lang == self.lang { span lang=(lang.tag()) aria-current="true" { (lang.own_name()) } }
                            @else { a href={ (path) (mark) "lang=" (lang.tag()) } lang=(lang.tag()) hreflang=(lang.tag()) { (name_of(lang)) } }
                        } }
                        a.brand href=(self.link("/public")) { (self.t("portal-name")) " " (brand) }
                        nav aria-label=(self.t("menu")) { @for (href, key) in nav { a href=(self.link(href)) aria-current=[(here == href).then_some("page")] { (self.t(key)) } } }
                    }
                    main #main tabindex="-1" { (body) }
                    footer {
                        p { (self.ta("portal-changed", &[("at", say_instant(self.lang, self.of.snapshot.changed_at).into())])) }
                        p.links {
                            a href=(self.link("/public/data")) { (self.t("portal-nav-data")) }
                            a href="/public/alerts.atom" { (self.t("portal-alerts")) }
                        }
                        @if self.lang != Lang::Vi { p { (self.t("portal-translated")) } }
                        p { (self.t("portal-privacy")) }
                    }
                }
            }
        };
        page.into_string()
    }

    fn zone(&self, level: Option<Level>) -> Markup {
        html! { @match level {
            Some(level) => span class={ "zone " (level.colour()) } { (self.t(&level.key())) },
            None => span.zone.none { (self.t("portal-no-level")) },
        } }
    }

    /// A telephone number as a button.
    fn call(&self, name: &str, telephone: &str, hours: Option<&str>) -> Markup {
        html! { a.call href={ "tel:" (digits(telephone)) } { (icon("phone")) span { b { (telephone) } " " span { (name) } @if let Some(hours) = hours { small { (hours) } } } } }
    }

    fn call_of(&self, call: &Call) -> Markup {
        let english = self.lang == Lang::En;
        let name = call.name_en.as_deref().filter(|_| english).unwrap_or(&call.name);
        let hours = call.hours_en.as_ref().filter(|_| english).unwrap_or(&call.hours);
        // Names and hours are written by offices, in Vietnamese; what answers is a word of ours.
        let kind = format!("publication-kind-{}", call.kind);
        let hours = if self.lang == Lang::Km { format!("{} · {hours}", self.t(&kind)) } else { hours.clone() };
        self.call(name, &call.telephone, Some(&hours))
    }

    /// Whom to call for a place: its own numbers, then those of the places above it.
    fn calls(&self, at: usize) -> Markup {
        let chain: Vec<usize> = std::iter::once(at).chain(self.of.above(at)).collect();
        let listed: Vec<&Call> = chain
            .iter()
            .flat_map(|at| self.of.snapshot.contacts.iter().filter(move |call| call.place == Some(*at)))
            .collect();
        html! {
            section #calls { h2 { (self.t("portal-call")) }
                @if let Some(telephone) = &self.of.place(at).telephone { (self.call(&self.ta("portal-committee", &[("name", self.in_sentence(at).into())]), telephone, None)) }
                @for call in &listed { (self.call_of(call)) }
                @if listed.is_empty() && self.of.place(at).telephone.is_none() { p { (self.t("portal-call-none")) } }
            }
        }
    }

    fn told_now(&self) -> impl Iterator<Item = &Told> {
        let now = self.of.now;
        self.of
            .snapshot
            .announcements
            .iter()
            .filter(move |one| one.from_at <= now && one.until_at.is_none_or(|until| until > now))
    }

    fn told(&self, one: &Told, heading: bool) -> Markup {
        let english = one.english.as_ref().filter(|_| self.lang == Lang::En);
        let (title, body) = english.map_or((&one.title, &one.body), |(title, body)| (title, body));
        let lang = (self.lang != Lang::Vi && english.is_none()).then_some("vi");
        html! {
            article.told {
                @if heading { h2 lang=[lang] { (title) } } @else { h3 lang=[lang] { (title) } }
                @for part in body.split('\n').map(str::trim).filter(|part| !part.is_empty()) { p lang=[lang] { (part) } }
                @if lang.is_some() { p.quiet { (self.t("portal-only-vietnamese")) } }
                p.quiet { (one.issuer) " · " @if let Some(at) = one.place { (self.named(at)) " · " }
                    (self.ta("portal-from", &[("at", say_instant(self.lang, one.from_at).into())]))
                    @if let Some(until) = one.until_at { " " (self.ta("portal-until", &[("at", say_instant(self.lang, until).into())])) } }
            }
        }
    }

    /// The form that looks up a place.
    fn search(&self, text: &str) -> Markup {
        html! {
            script type="module" src=(asset("portal.js")) {}
            form.look role="search" method="get" action="/public" {
                label for="q" { (self.t("portal-search-label")) }
                div { input #q type="search" name="q" value=(text) required autocomplete="street-address" placeholder=(self.t("portal-search-example"));
                    @if self.carried { input type="hidden" name="lang" value=(self.lang.tag()); }
                    button type="submit" { (icon("search")) " " (self.t("portal-search-do")) } }
                p.quiet { (self.t("portal-search-hint")) }
                p.position hidden data-position data-areas="/public/data/boundaries.geojson" data-to="/public/units/" data-query=(if self.carried { format!("?lang={}", self.lang.tag()) } else { String::new() })
                    data-looking=(self.t("portal-position-looking")) data-denied=(self.t("portal-position-denied")) data-away=(self.t("portal-position-away")) data-failed=(self.t("portal-position-failed")) {
                    button type="button" { (icon("map-pin")) " " (self.t("portal-position-do")) } " "
                    span.quiet { (self.t("portal-position-private")) } " " strong role="status" {}
                }
            }
        }
    }

    fn hits(&self, hits: &[usize]) -> Markup {
        html! { ul.hits { @for at in hits { li {
            span { a href=(self.to(*at)) { (self.of.place(*at).name) }
                @if let Some(above) = self.of.place(*at).above { " " span.quiet { (self.of.place(above).name) } } }
            (self.zone(self.of.level(*at)))
        } } } }
    }

    /// The first page: what is looked for, else what everybody should know.
    pub(super) fn first(&self, text: &str, hits: &[usize]) -> String {
        let provinces: Vec<usize> = self.all(PlaceKind::Province);
        let told: Vec<&Told> = self.told_now().take(TOLD_FIRST).collect();
        let body = html! {
            h1 { (self.t("portal-title")) }
            (self.search(text))
            @if !text.is_empty() {
                section aria-live="polite" {
                    @if hits.is_empty() { h2 { (self.ta("portal-nothing-found", &[("text", text.into())])) } p { (self.t("portal-nothing-found-todo")) } }
                    @else { h2 { (self.ta("portal-found", &[("n", hits.len().into())])) } (self.hits(hits)) @if hits.len() == HITS_MAX { p.quiet { (self.t("portal-found-more")) } } }
                }
            } @else {
                @for province in &provinces {
                    section { h2 { (self.ta("portal-now", &[("name", self.in_sentence(*province).into())])) }
                        (self.tally(*province))
                        p { a href=(self.link("/public/map")) { (self.t("portal-see-map")) } " · " a href=(self.to(*province)) { (self.t("portal-see-place")) } } }
                    (self.calls(*province))
                }
                @if !told.is_empty() { section { h2 { (self.t("portal-nav-announcements")) } @for one in &told { (self.told(one, false)) }
                    p { a href=(self.link("/public/announcements")) { (self.t("portal-all-announcements")) } } } }
                section { h2 { (self.t("portal-may-i")) } (self.activity_links(None)) }
            }
        };
        let path = if text.is_empty() { "/public".to_owned() } else { format!("/public?q={}", encode(text)) };
        self.framed(&self.t("portal-title"), "/public", &path, &body)
    }

    fn all(&self, kind: PlaceKind) -> Vec<usize> {
        (0..self.of.snapshot.places.len()).filter(|at| self.of.place(*at).kind == kind).collect()
    }

    /// How many communes are at which level.
    fn tally(&self, at: usize) -> Markup {
        let communes: Vec<usize> = self.of.below(at, PlaceKind::Commune).collect();
        let levels = Level::all(self.of.vocabulary());
        let of_rank = |level: &Level| {
            communes.iter().filter(|at| self.of.level(**at).is_some_and(|one| one.colour() == level.colour())).count()
        };
        let none = communes.iter().filter(|at| self.of.level(**at).is_none()).count();
        html! { ul.tally {
            @for level in levels.iter().rev() { li { (self.zone(Some(*level))) " " (self.ta("portal-n-communes", &[("n", of_rank(level).into())])) } }
            @if none > 0 { li { (self.zone(None)) " " (self.ta("portal-n-communes", &[("n", none.into())])) } }
        } }
    }

    /// The answer: what a place is at, since when, what may be done, whom to call.
    pub(super) fn answer(&self, at: usize) -> String {
        let place = self.of.place(at);
        let (decision, next) = (self.of.decision(at), self.of.next(at));
        let level = decision.and_then(Decided::level);
        let colour = level.map_or("none", |level| level.colour().as_str());
        let about: Vec<&Told> = self
            .told_now()
            .filter(|one| one.place.is_some_and(|told| told == at || self.of.above(at).any(|above| above == told)))
            .collect();
        let body = html! {
            nav.crumbs aria-label=(self.t("portal-lies-in")) { @for above in self.of.above(at).collect::<Vec<_>>().into_iter().rev() { a href=(self.to(above)) { (self.of.place(above).name) } " › " } }
            section class={ "banner " (colour) } {
                h1 { (place.name) }
                p.level { @if let Some(level) = level { span.sign aria-hidden="true" { (level.colour().sign()) } " " } (self.level_word(level)) }
                @if let Some(decision) = decision {
                    p { (self.ta("portal-since", &[("at", say_instant(self.lang, decision.effective_at).into())]))
                        @if let Some(next) = next { " " (self.ta("portal-until", &[("at", say_instant(self.lang, next.effective_at).into())])) } @else { ", " (self.t("portal-until-next")) } }
                } @else { p { (self.t("portal-no-level-todo")) } }
            }
            @if let Some(next) = next { p.note { strong { (self.ta("portal-turns", &[("at", say_instant(self.lang, next.effective_at).into())])) } " " (self.zone(next.level())) " (" (next.number) ", " (next.issuer) ")" } }
            @for lockdown in place.lockdowns.iter().filter(|lockdown| lockdown.ended_at.is_none_or(|ended| ended > self.of.now)) { p.note { strong { (self.t("portal-lockdown")) } ". " (lockdown.number) ". "
                (self.ta("portal-from", &[("at", say_instant(self.lang, lockdown.from_at).into())])) @if let Some(until) = lockdown.until_at { " " (self.ta("portal-until-planned", &[("at", say_instant(self.lang, until).into())])) } } }
            (self.calls(at))
            @if let Some(level) = level { (self.may(at, level)) }
            @if place.kind != PlaceKind::Commune { section { h2 { (self.t("portal-communes")) } (self.tally(at)) (self.inside(at)) } }
            @if !about.is_empty() { section { h2 { (self.t("portal-nav-announcements")) } @for one in about { (self.told(one, false)) } } }
            (self.numbers_of(at))
            @if let Some(neighbours) = &place.neighbours { section { h2 { (self.t("portal-neighbours")) } (self.hits(neighbours)) } }
            @if !place.decisions.is_empty() { section #decisions { h2 { (self.t("portal-nav-decisions")) } (self.decisions(place.decisions.iter().map(|one| (at, one)), false)) } }
            p { a href=(self.link(&format!("/public/embed?unit={}", place.key))) { (self.t("portal-embed")) } }
        };
        let path = format!("/public/units/{}", place.key);
        self.framed(&format!("{}: {}", place.name, self.level_word(level)), "", &path, &body)
    }

    /// Places directly below, with their levels.
    fn inside(&self, at: usize) -> Markup {
        let below: Vec<usize> =
            (0..self.of.snapshot.places.len()).filter(|one| self.of.place(*one).above == Some(at)).collect();
        self.hits(&below)
    }

    fn verdict(&self, verdict: Verdict) -> Markup {
        let sign = match verdict {
            Verdict::Allowed => "✓",
            Verdict::Limited => "!",
            Verdict::Banned => "✕",
            Verdict::Ask => "?",
        };
        html! { span class={ "verdict " (verdict) } { span aria-hidden="true" { (sign) } " " (self.t(&format!("portal-verdict-{verdict}"))) } }
    }

    fn rule(&self, activity: &'static Activity, rule: &'static ActivityRule) -> Markup {
        html! { (self.verdict(rule.verdict)) " " (self.said(&rule.said, || activity.rule_key(rule))) " " small.quiet { (rule.basis) ", " (self.t(&format!("portal-mark-{}", rule.mark))) } }
    }

    /// What may be done at the level of a place, activity by activity, then every measure.
    fn may(&self, at: usize, level: Level) -> Markup {
        let measures: Vec<_> = MEASURES
            .iter()
            .filter(|one| one.vocabulary.contains(&level.vocabulary()) && one.from <= level.rank())
            .collect();
        html! {
            section #may { h2 { (self.t("portal-what-may")) }
                dl.may { @for activity in ACTIVITIES.iter() { @if let Some(rule) = activity.at(level) {
                    div id=(activity.key) { dt { a href=(self.link(&format!("/public/activities/{}?unit={}", activity.key, self.of.place(at).key))) { (self.name(activity)) } } dd { (self.rule(activity, rule)) } }
                } } }
                details { summary { (self.t("portal-all-measures")) }
                    @for sector in Sector::ALL {
                        @let of_sector: Vec<_> = measures.iter().filter(|one| one.sector == *sector).collect();
                        @if !of_sector.is_empty() { h3 { (self.t(&format!("zone-sector-{sector}"))) } ul { @for one in of_sector { li { (self.said(&one.said, || one.text_key())) " " small.quiet { (one.basis) } } } } }
                    }
                }
                p.quiet { (self.t("portal-measures-about")) }
            }
        }
    }

    fn activity_links(&self, unit: Option<usize>) -> Markup {
        let of_unit = unit.map_or_else(String::new, |at| format!("?unit={}", self.of.place(at).key));
        html! { ul.links { @for activity in ACTIVITIES.iter() { li { a href=(self.link(&format!("/public/activities/{}{of_unit}", activity.key))) { (self.name(activity)) } } } } }
    }

    pub(super) fn activities(&self) -> String {
        let levels = Level::all(self.of.vocabulary());
        let body = html! {
            h1 { (self.t("portal-may-i")) }
            p { (self.t("portal-activities-about")) }
            div.wide tabindex="0" { table {
                thead { tr { th scope="col" { (self.t("portal-activity")) } @for level in &levels { th scope="col" { (self.zone(Some(*level))) } } } }
                tbody { @for activity in ACTIVITIES.iter() { tr {
                    th scope="row" { a href=(self.link(&format!("/public/activities/{}", activity.key))) { (self.name(activity)) } }
                    @for level in &levels { td { @if let Some(rule) = activity.at(*level) { (self.verdict(rule.verdict)) } } }
                } } }
            } }
            p.quiet { (self.t("portal-measures-about")) }
        };
        self.framed(&self.t("portal-may-i"), "/public/activities", "/public/activities", &body)
    }

    /// One activity: for a commune, and at every level.
    pub(super) fn activity(&self, activity: &'static Activity, unit: Option<usize>) -> String {
        let level = unit.and_then(|at| self.of.level(at));
        let vocabulary = level.map_or_else(|| self.of.vocabulary(), Level::vocabulary);
        let path = format!("/public/activities/{}", activity.key);
        let here = unit.map_or_else(|| path.clone(), |at| format!("{path}?unit={}", self.of.place(at).key));
        let title = self.name(activity);
        let body = html! {
            p.crumbs { a href=(self.link("/public/activities")) { (self.t("portal-may-i")) } " ›" }
            h1 { (title) }
            @if let Some(at) = unit {
                section class={ "banner " (level.map_or("none", |level| level.colour().as_str())) } {
                    h2 { (self.named(at)) ": " (self.level_word(level)) }
                    @match level.and_then(|level| activity.at(level)) {
                        Some(rule) => { p.level { (self.verdict(rule.verdict)) } p { (self.said(&rule.said, || activity.rule_key(rule))) } },
                        None => { p { (self.t("portal-no-level-todo")) } },
                    }
                    p { a href=(self.to(at)) { (self.t("portal-see-place")) } }
                }
                (self.calls(at))
            }
            form.look method="get" action=(path) {
                label for="unit" { (self.t(if unit.is_some() { "portal-other-commune" } else { "portal-your-commune" })) }
                div { select #unit name="unit" required {
                    option value="" { (self.t("portal-choose-commune")) }
                    @for district in self.groups() { optgroup label=(self.of.place(district).name) {
                        @for at in self.of.below(district, PlaceKind::Commune) { option value=(self.of.place(at).key) selected[unit == Some(at)] { (self.of.place(at).name) } }
                    } }
                }
                @if self.carried { input type="hidden" name="lang" value=(self.lang.tag()); }
                button type="submit" { (icon("search")) " " (self.t("portal-search-do")) } }
            }
            h2 { (self.t("portal-by-level")) }
            dl.may { @for level in Level::all(vocabulary) { @if let Some(rule) = activity.at(level) { div { dt { (self.zone(Some(level))) } dd { (self.rule(activity, rule)) } } } } }
            p.quiet { (self.t("portal-measures-about")) }
        };
        self.framed(&title, "/public/activities", &here, &body)
    }

    /// Places under which communes are listed: districts, or provinces where there are none.
    fn groups(&self) -> Vec<usize> {
        let districts = self.all(PlaceKind::District);
        if districts.is_empty() { self.all(PlaceKind::Province) } else { districts }
    }

    pub(super) fn map(&self) -> String {
        let body = html! {
            h1 { (self.t("portal-map-title")) }
            @for picture in &self.of.snapshot.pictures {
                @let schematic = self.of.below(picture.province, PlaceKind::Commune).any(|at| self.of.place(at).schematic);
                section { h2 { (self.of.place(picture.province).name) }
                    (self.tally(picture.province))
                    @if schematic { p.note { (self.t("portal-schematic")) } }
                    svg.map viewBox={ "0 0 " (picture.width) " " (picture.height) } role="group" aria-label=(self.t("portal-map-title")) {
                        defs { @for (tone, line) in [("yellow", "M0 10L10 0"), ("orange", "M0 5h10M5 0v10"), ("red", "M0 10L10 0M0 0l10 10")] {
                            pattern id={ "hatch-" (tone) } width="10" height="10" patternUnits="userSpaceOnUse" { path.hatch d=(line) {} }
                        } }
                        @for (at, path, _, _) in &picture.outlines {
                            @let colour = self.of.level(*at).map_or("none", |level| level.colour().as_str());
                            a href=(self.to(*at)) aria-label={ (self.named(*at)) ": " (self.level_word(self.of.level(*at))) } {
                                title { (self.named(*at)) ": " (self.level_word(self.of.level(*at))) }
                                path class={ "area " (colour) } d=(path) {}
                                @if matches!(colour, "yellow" | "orange" | "red") { path fill={ "url(#hatch-" (colour) ")" } d=(path) {} }
                            }
                        }
                        g aria-hidden="true" { @for (at, _, x, y) in &picture.outlines { @if let Some(level) = self.of.level(*at) { text.sign x=(x) y=(y) { (level.colour().sign()) } } } }
                    }
                    h2 { (self.t("portal-map-list")) }
                    @for group in self.groups() {
                        @let communes: Vec<usize> = self.of.below(group, PlaceKind::Commune).collect();
                        @if self.of.above(group).any(|above| above == picture.province) || group == picture.province { h3 { (self.of.place(group).name) } (self.hits(&communes)) }
                    }
                }
            }
            @if self.of.snapshot.pictures.is_empty() { p { (self.t("portal-empty")) } }
        };
        self.framed(&self.t("portal-map-title"), "/public/map", "/public/map", &body)
    }

    /// Counts of a place over the last days, as a table.
    fn numbers_of(&self, at: usize) -> Markup {
        let place = self.of.place(at);
        let rows: Vec<_> = self.of.snapshot.days().zip(&place.cases).collect();
        let shown: Vec<_> = rows.iter().rev().take(DAYS_SHOWN).collect();
        if !shown.iter().any(|(_, count)| **count != Count::Missing) {
            return html! { section #numbers { h2 { (self.t("portal-numbers-title")) } p { (self.t("portal-numbers-none")) } } };
        }
        let hidden = shown.iter().any(|(_, count)| count.is_hidden());
        html! {
            section #numbers { h2 { (self.t("portal-numbers-title")) }
                div.wide tabindex="0" { table {
                    thead { tr { th scope="col" { (self.t("portal-day")) } th.num scope="col" { (self.t("portal-new-cases")) } } }
                    tbody { @for (day, count) in shown { tr { th scope="row" { (say_date(self.lang, *day)) } td.num { (self.count(**count)) } } } }
                } }
                @if hidden { p.quiet { (self.t("portal-suppressed")) } }
            }
        }
    }

    /// Counts of a place from the first day that somebody reported.
    fn reported(&self, at: usize) -> Vec<(vx_kernel::Date, Count, Option<Count>)> {
        let place = self.of.place(at);
        let deaths = place.deaths.iter().map(|count| Some(*count)).chain(std::iter::repeat(None));
        let rows = self.of.snapshot.days().zip(&place.cases).zip(deaths);
        rows.map(|((day, cases), deaths)| (day, *cases, deaths))
            .skip_while(|(_, cases, _)| *cases == Count::Missing)
            .collect()
    }

    /// Bars of new cases by day; the table beside it says the same.
    fn chart(&self, at: usize) -> Markup {
        let rows = self.reported(at);
        let most = rows.iter().filter_map(|(_, count, _)| count.exact()).max().unwrap_or(0).max(1);
        let (width, height) = (420_i64, 170_i64);
        let step = width / i64::try_from(rows.len()).unwrap_or(1).max(1);
        let bar = |n: i64| n * (height - 50) / most;
        let label = self
            .ta("portal-chart", &[("name", self.in_sentence(at).into()), ("most", say_count(self.lang, most).into())]);
        let day = |row: Option<&(vx_kernel::Date, Count, Option<Count>)>| {
            row.map(|(day, ..)| say_date(self.lang, *day)).unwrap_or_default()
        };
        html! {
            svg.chart viewBox={ "0 0 " (width) " " (height) } role="img" aria-label=(label) {
                line x1="0" y1=(height - 24) x2=(width) y2=(height - 24) {}
                @for (index, (on, count, _)) in rows.iter().enumerate() {
                    @let x = i64::try_from(index).unwrap_or(0) * step;
                    @if let Some(n) = count.exact() { rect x=(x + 1) y=(height - 24 - bar(n)) width=((step - 2).max(1)) height=(bar(n)) { title { (say_date(self.lang, *on)) ": " (say_count(self.lang, n)) } } }
                    @else { text.gap x=(x + step / 2) y=(height - 28) text-anchor="middle" { "?" } }
                }
                text x="0" y="16" { (say_count(self.lang, most)) }
                text x="0" y=(height - 6) { (day(rows.first())) }
                text x=(width) y=(height - 6) text-anchor="end" { (day(rows.last())) }
            }
        }
    }

    pub(super) fn numbers(&self) -> String {
        let week = |at: usize| {
            let last: Vec<Option<i64>> =
                self.of.place(at).cases.iter().rev().take(7).map(|count| count.exact()).collect();
            let known = last.iter().flatten().count();
            (last.iter().flatten().sum::<i64>(), known)
        };
        let body = html! {
            h1 { (self.t("portal-numbers-title")) }
            @for at in self.all(PlaceKind::Province) {
                @let rows = self.reported(at);
                section { h2 { (self.of.place(at).name) }
                    @if rows.is_empty() { p { (self.t("portal-numbers-none")) } }
                    @else {
                        (self.chart(at))
                        div.wide tabindex="0" { table {
                            thead { tr { th scope="col" { (self.t("portal-day")) } th.num scope="col" { (self.t("portal-new-cases")) } th.num scope="col" { (self.t("portal-deaths")) } } }
                            tbody { @for (day, cases, deaths) in rows.iter().rev() { tr {
                                th scope="row" { (say_date(self.lang, *day)) } td.num { (self.count(*cases)) } td.num { @if let Some(deaths) = deaths { (self.count(*deaths)) } }
                            } } }
                        } }
                    }
                    @if !self.all(PlaceKind::District).is_empty() { h2 { (self.t("portal-by-district")) }
                        div.wide tabindex="0" { table {
                            thead { tr { th scope="col" { (self.t("portal-district")) } th.num scope="col" { (self.t("portal-last-week")) } } }
                            tbody { @for district in self.of.below(at, PlaceKind::District) { tr {
                                @let (sum, known) = week(district);
                                th scope="row" { a href={ (self.to(district)) "#numbers" } { (self.of.place(district).name) } }
                                td.num { @if known == 0 { (self.t("portal-missing")) } @else { (say_count(self.lang, sum)) @if known < 7 { " " small.quiet { (self.ta("portal-of-days", &[("n", known.into())])) } } } }
                            } } }
                        } }
                    }
                }
            }
            p.quiet { (self.t("portal-suppressed")) }
            p { a href=(self.link("/public/data")) { (self.t("portal-nav-data")) } }
        };
        self.framed(&self.t("portal-numbers-title"), "/public/numbers", "/public/numbers", &body)
    }

    fn decisions<'d>(&self, rows: impl Iterator<Item = (usize, &'d Decided)>, with_place: bool) -> Markup {
        html! {
            div.wide tabindex="0" { table.cards {
                thead { tr { @if with_place { th scope="col" { (self.t("portal-place")) } } th scope="col" { (self.t("portal-level")) } th scope="col" { (self.t("portal-effect")) } th scope="col" { (self.t("portal-number")) } th scope="col" { (self.t("portal-issuer")) } } }
                tbody { @for (at, one) in rows { tr {
                    @if with_place { th scope="row" { a href=(self.to(at)) { (self.named(at)) } } }
                    td data-label=(self.t("portal-level")) { @if let Some(before) = one.before() { (self.zone(Some(before))) " → " } (self.zone(one.level())) }
                    td data-label=(self.t("portal-effect")) { (time::say_short(self.lang, one.effective_at)) @if one.effective_at > self.of.now { " " small.quiet { (self.t("portal-ahead")) } } }
                    td data-label=(self.t("portal-number")) { (one.number) " " small.quiet { (say_date(self.lang, one.signed_on)) } }
                    td data-label=(self.t("portal-issuer")) { (one.issuer) ", " small.quiet { (one.post) } }
                } } }
            } }
        }
    }

    /// Every decision, the latest hour first.
    pub(super) fn all_decisions(&self) -> Vec<(usize, &Decided)> {
        let places = self.of.snapshot.places.iter().enumerate();
        let mut all: Vec<(usize, &Decided)> =
            places.flat_map(|(at, place)| place.decisions.iter().map(move |one| (at, one))).collect();
        all.sort_by_key(|(at, one)| (std::cmp::Reverse(one.effective_at), *at));
        all
    }

    pub(super) fn decisions_page(&self) -> String {
        let all = self.all_decisions();
        let body = html! {
            h1 { (self.t("portal-decisions-title")) }
            @if all.is_empty() { p { (self.t("portal-decisions-none")) } }
            @else { (self.decisions(all.iter().copied().take(DECISIONS_MAX), true))
                @if all.len() > DECISIONS_MAX { p.quiet { (self.ta("portal-decisions-more", &[("n", DECISIONS_MAX.into()), ("all", all.len().into())])) } } }
            p { a href="/public/data/decisions.csv" { (self.t("portal-take-csv")) } }
        };
        self.framed(&self.t("portal-decisions-title"), "/public/decisions", "/public/decisions", &body)
    }

    pub(super) fn announcements(&self) -> String {
        let all: Vec<&Told> = self.told_now().collect();
        let body = html! {
            h1 { (self.t("portal-nav-announcements")) }
            @if all.is_empty() { p { (self.t("portal-announcements-none")) } }
            @for one in all { (self.told(one, true)) }
        };
        self.framed(&self.t("portal-nav-announcements"), "/public/announcements", "/public/announcements", &body)
    }

    pub(super) fn directory(&self) -> String {
        let contacts = &self.of.snapshot.contacts;
        let mut places: Vec<usize> = contacts.iter().filter_map(|call| call.place).collect();
        places.sort_unstable();
        places.dedup();
        let committees: Vec<usize> =
            (0..self.of.snapshot.places.len()).filter(|at| self.of.place(*at).telephone.is_some()).collect();
        let body = html! {
            h1 { (self.t("portal-directory-title")) }
            @if places.is_empty() && committees.is_empty() { p { (self.t("portal-call-none")) } }
            @for at in places { section { h2 { (self.named(at)) } @for call in contacts.iter().filter(|call| call.place == Some(at)) { (self.call_of(call)) } } }
            @if !committees.is_empty() { section { h2 { (self.t("portal-committees")) } @for at in committees { @if let Some(telephone) = &self.of.place(at).telephone { (self.call(&self.named(at), telephone, None)) } } } }
            p { a href="/public/data/directory.csv" { (self.t("portal-take-csv")) } }
        };
        self.framed(&self.t("portal-directory-title"), "/public/directory", "/public/directory", &body)
    }

    /// A place for the page of somebody else: what it is at, since when, and the way here.
    pub(super) fn widget(&self, at: usize) -> String {
        let place = self.of.place(at);
        let decision = self.of.decision(at);
        let level = decision.and_then(Decided::level);
        let page = html! {
            (DOCTYPE)
            html lang=(self.lang.tag()) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    title { (place.name) ": " (self.level_word(level)) }
                    link rel="icon" type="image/svg+xml" href=(asset("logo.svg"));
                    (style(self.lang))
                }
                body.widget { @if self.is_drill { div.drill role="region" aria-label=(self.t("drill")) { (self.t("portal-drill")) } } main {
                    section class={ "banner " (level.map_or("none", |level| level.colour().as_str())) } {
                        h1 { (self.named(at)) }
                        p.level { @if let Some(level) = level { span.sign aria-hidden="true" { (level.colour().sign()) } " " } (self.level_word(level)) }
                        @if let Some(decision) = decision { p { (self.ta("portal-since", &[("at", say_instant(self.lang, decision.effective_at).into())])) } }
                        p { a href=(self.to(at)) target="_blank" rel="noopener" { (self.t("portal-widget-more")) } }
                    }
                } }
            }
        };
        page.into_string()
    }

    /// How a page takes in the widget of a place. `site` is where this page was asked for.
    pub(super) fn embed(&self, at: usize, site: &str) -> String {
        let place = self.of.place(at);
        let to = self.link(&format!("/public/widget/{}", place.key));
        let title = format!("{} – {}", self.t("portal-name"), place.name);
        let snippet =
            html! { iframe src={ (site) (to) } title=(title) width="320" height="260" loading="lazy" {} }.into_string();
        let body = html! {
            h1 { (self.t("portal-embed")) ": " (place.name) }
            p { (self.t("portal-embed-about")) }
            label for="snippet" { (self.t("portal-embed-snippet")) }
            textarea #snippet rows="4" readonly { (snippet) }
            p { a href=(to) { (self.t("portal-embed-look")) } " · " a href=(self.to(at)) { (self.t("portal-see-place")) } }
        };
        self.framed(&self.t("portal-embed"), "", &format!("/public/embed?unit={}", place.key), &body)
    }

    pub(super) fn not_found(&self, path: &str) -> String {
        let body =
            html! { h1 { (self.t("portal-not-found")) } p { (self.t("portal-not-found-todo")) } (self.search("")) };
        self.framed(&self.t("portal-not-found"), "", path, &body)
    }
}

/// The style, and the letters where few devices have them: Vietnamese and English pages load no font.
fn style(lang: Lang) -> Markup {
    html! {
        @if lang == Lang::Km { link rel="stylesheet" href=(asset("khmer.css")); }
        link rel="stylesheet" href=(asset("public.css"));
    }
}

/// The way to a language, in its own name; that of Khmer is a picture, since pages in other languages load no letters for it.
fn name_of(lang: Lang) -> Markup {
    html! { @if lang == Lang::Km { svg role="img" aria-label=(lang.own_name()) { use href={ (asset("khmer-name.svg")) "#name" } {} } } @else { (lang.own_name()) } }
}

/// The page before anything was published.
pub(super) fn nothing_yet(words: &Words, lang: Lang, now: Timestamp) -> String {
    let t = |key: &str| khmer::say(words, lang, key, &[]);
    let page = html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (t("portal-name")) }
                link rel="icon" type="image/svg+xml" href=(asset("logo.svg"));
                (style(lang))
            }
            body { header { span.brand { (t("portal-name")) } } main { h1 { (t("portal-empty")) } p { (t("portal-empty-todo")) } p.quiet { (say_instant(lang, now)) } } }
        }
    };
    page.into_string()
}
