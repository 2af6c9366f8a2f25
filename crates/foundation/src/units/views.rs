//! How units look.

use vx_kernel::{
    Date,
    time::{Lang, say_count, say_date, say_instant},
    units::{Heir, Kind, TWO_LEVELS_FROM, Tag, Tree, Unit, UnitId, agencies},
};
use vx_platform::{
    journal::Entry,
    web::{
        Markup, Visit, html, icon,
        list::{Listing, Shown},
    },
    words::Words,
};

use crate::filters::Kept;

use super::{Post, pages::Wanted, store::several};

/// The day that a page is about.
pub(super) struct When {
    pub(super) day: Date,
    pub(super) today: Date,
    /// What was asked for and is no day.
    pub(super) unread: Option<String>,
}

impl When {
    /// A link that stays on the day.
    fn link(&self, path: &str) -> String {
        if self.day == self.today {
            return path.to_owned();
        }
        format!("{path}{}on={}", if path.contains('?') { '&' } else { '?' }, self.day)
    }
    fn to(&self, unit: &Unit) -> String {
        self.link(&format!("/units/{}", unit.id))
    }
}

/// Everything on the page of all units.
pub(super) struct Index<'a> {
    pub(super) tree: &'a Tree,
    pub(super) when: &'a When,
    pub(super) wanted: &'a Wanted<'a>,
    pub(super) listing: &'a Listing,
    pub(super) kept: &'a Kept,
    /// What was asked for, where anything was.
    pub(super) found: Option<&'a Shown<&'a Unit>>,
    /// The province whose tree stands open.
    pub(super) open: Option<UnitId>,
}

/// What the visitor may do with a unit.
pub(super) struct Desk {
    pub(super) add: bool,
    pub(super) amend: bool,
    pub(super) name_holder: bool,
}

/// Everything on the page of a unit.
pub(super) struct Page<'a> {
    pub(super) tree: &'a Tree,
    pub(super) unit: &'a Unit,
    pub(super) when: &'a When,
    pub(super) posts: &'a [Post],
    /// Posts that such units have and nobody has filled in here.
    pub(super) untaken: Vec<agencies::Post>,
    pub(super) history: &'a [Entry],
    pub(super) desk: Desk,
}

/// From when until when a unit exists, in words.
pub(super) fn span_of(words: &Words, lang: Lang, unit: &Unit) -> String {
    let day = |day: Date| say_date(lang, day).into();
    match (unit.from, unit.until) {
        (Some(from), Some(until)) => {
            words.say(lang, "units-span-from-until", &[("from", day(from)), ("until", day(until))])
        }
        (Some(from), None) => words.say(lang, "units-span-from", &[("from", day(from))]),
        (None, Some(until)) => words.say(lang, "units-span-until", &[("until", day(until))]),
        (None, None) => words.say(lang, "units-span-open", &[]),
    }
}

/// Which part of the older unit went over.
pub(super) fn percent(words: &Words, lang: Lang, heir: &Heir) -> String {
    if heir.share > 0.9995 {
        return words.say(lang, "units-share-whole", &[]);
    }
    let percent = decimal(lang, heir.share * 100.0, usize::from(heir.share < 0.1));
    words.say(lang, "units-share-part", &[("percent", percent.into())])
}

/// A number with decimals as its readers write it: `3.359,8`.
fn decimal(lang: Lang, number: f64, places: usize) -> String {
    let text = format!("{number:.places$}");
    let (whole, rest) = text.split_once('.').unwrap_or((&text, ""));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), |whole| say_count(lang, whole));
    let point = if lang == Lang::Vi { ',' } else { '.' };
    if rest.is_empty() { whole } else { format!("{whole}{point}{rest}") }
}

fn count(visit: &Visit, n: usize) -> String {
    say_count(visit.lang, i64::try_from(n).unwrap_or(i64::MAX))
}

/// `11 đơn vị cấp huyện`, for each kind of which there is one.
fn counts(visit: &Visit, tree: &Tree, unit: &Unit, day: Date, kinds: &[Kind]) -> String {
    let words = kinds.iter().filter_map(|kind| {
        let n = tree.descendants(unit.id.as_str(), *kind, Some(day)).filter(|below| below.id != unit.id).count();
        (n > 0).then(|| n_of(visit, *kind, n))
    });
    words.collect::<Vec<_>>().join(" · ")
}

fn n_of(visit: &Visit, kind: Kind, n: usize) -> String {
    visit.ta(&format!("units-n-{}", kind.as_str()), &[("n", count(visit, n).into())])
}

fn day_form(visit: &Visit, when: &When, action: &str, more: Markup) -> Markup {
    let quick = |day: Date| format!("{action}?on={day}");
    let before = TWO_LEVELS_FROM.yesterday().unwrap_or(TWO_LEVELS_FROM);
    html! {
        form.vx-filters method="get" action=(action) aria-label=(visit.t("list-filter")) {
            (more)
            label { span.form-label { (visit.t("units-on-day")) } input.form-control type="date" name="on" value=(when.day) required; }
            button.btn.btn-primary type="submit" { (icon("search")) " " (visit.t("units-look")) }
            a.btn href=(quick(before)) aria-current=[(when.day == before).then_some("true")] { (icon("calendar")) " " (visit.t("units-before-2025")) }
            a.btn href=(action) aria-current=[(when.day == when.today).then_some("true")] { (icon("calendar")) " " (visit.t("units-today")) }
        }
        @if let Some(text) = &when.unread { div.vx-note.vx-note-doubt { (visit.ta("units-day-unread", &[("text", text.as_str().into())])) } }
    }
}

/// The tree of the country on a day, or the list that was asked for.
pub(super) fn index(visit: &Visit, index: &Index<'_>) -> Markup {
    let (tree, when, wanted) = (index.tree, index.when, index.wanted);
    let day = when.day;
    let of = |kind: Kind| tree.on(day).filter(|unit| unit.kind == kind).count();
    let kinds = [Kind::Province, Kind::District, Kind::Commune].map(|kind| (kind, of(kind)));
    let sums: Vec<String> = kinds.into_iter().filter(|(_, n)| *n > 0).map(|(kind, n)| n_of(visit, kind, n)).collect();
    html! {
        div.vx-head {
            h1 { (visit.t("units-title")) }
            @if visit.may_anywhere(crate::sites::READ) { a.btn href="/sites" { (icon("map-pin")) " " (visit.t("sites")) } }
            a.btn href=(index.listing.also_at("/units.csv")) download { (icon("download")) " CSV" }
        }
        (day_form(visit, when, "/units", html! {
            label { span.form-label { (visit.t("units-search")) } input.form-control type="search" name="q" value=(wanted.text) placeholder=(visit.t("units-search-hint")); }
            label { span.form-label { (visit.t("units-kind")) } select.form-select name="kind" {
                option value="" { (visit.t("units-kind-any")) }
                @for kind in Kind::ALL { option value=(kind.as_str()) selected[wanted.kind == Some(kind)] { (visit.t(&format!("units-kind-{}", kind.as_str()))) } }
            } }
            @if let Some(key) = &wanted.within { input type="hidden" name="within" value=(key); }
            @if index.found.is_some() { (index.listing.sort_field(visit)) }
        }))
        @if index.found.is_some() { (index.kept.bar(visit, &index.listing.query())) } @else { (index.kept.bar(visit, "")) }
        @if let Some(within) = wanted.within.as_ref().and_then(|key| tree.get(key.as_str())) {
            p.vx-quiet { (visit.ta("units-listed-within", &[("unit", within.full_name_on(day).into())])) }
        }
        @if let Some(found) = index.found { (found_units(visit, index, found)) }
        @else {
            p.vx-quiet { (visit.ta("units-sums", &[("day", say_date(visit.lang, day).into()), ("sums", sums.join(" · ").into())])) }
            @if sums.is_empty() { div.vx-empty { (icon("building")) h2 { (visit.t("units-none")) } p { (visit.t("units-none-todo")) } } }
            @else {
                @let (opened, closed): (Vec<&Unit>, Vec<&Unit>) = tree.roots().filter(|unit| unit.exists_on(day)).partition(|unit| index.open.as_ref() == Some(&unit.id));
                @for province in opened {
                    section.vx-panel id={ "u-" (province.id) } {
                        h2 { a href=(when.to(province)) { (province.full_name_on(day)) } }
                        div.vx-tree { (branch(visit, tree, when, province, true)) }
                    }
                }
                div.vx-panel { ul.vx-tree { @for province in closed { li {
                    a href=(when.to(province)) { (province.full_name_on(day)) } " "
                    a.vx-quiet href={ (when.link(&format!("/units?open={}", province.id))) "#u-" (province.id) } {
                        (counts(visit, tree, province, day, &[Kind::District, Kind::Commune]))
                    }
                } } } }
            }
        }
    }
}

/// What stands below a unit, folded into one line that says how much it is.
fn branch(visit: &Visit, tree: &Tree, when: &When, unit: &Unit, open: bool) -> Markup {
    let below: Vec<&Unit> = tree.children(unit.id.as_str()).filter(|unit| unit.exists_on(when.day)).collect();
    let (places, agencies): (Vec<&Unit>, Vec<&Unit>) = below.into_iter().partition(|unit| unit.kind.is_place());
    html! {
        @if !places.is_empty() {
            details open[open] {
                summary.vx-quiet { (icon("chevron-right")) (counts(visit, tree, unit, when.day, &[Kind::District, Kind::Commune, Kind::Hamlet, Kind::Cluster])) }
                ul { @for place in places { li { a href=(when.to(place)) { (place.full_name_on(when.day)) } (branch(visit, tree, when, place, false)) } } }
            }
        }
        @if !agencies.is_empty() && unit.kind != Kind::Commune {
            details {
                summary.vx-quiet { (icon("chevron-right")) (n_of(visit, Kind::Agency, agencies.len())) }
                ul { @for agency in agencies { li { a href=(when.to(agency)) { (agency.full_name_on(when.day)) } } } }
            }
        }
    }
}

fn found_units(visit: &Visit, index: &Index<'_>, found: &Shown<&Unit>) -> Markup {
    let (tree, when, text) = (index.tree, index.when, index.wanted.text);
    html! {
        @if found.rows.is_empty() {
            div.vx-empty {
                (icon("search"))
                h2 { @if text.is_empty() { (visit.t("units-listed-none")) } @else { (visit.ta("units-found-none", &[("text", text.into())])) } }
                p { (visit.t(if text.is_empty() { "units-none-todo" } else { "units-found-none-todo" })) }
                a.btn href=(when.link("/units?all=1")) { (visit.t("units-whole-tree")) }
            }
        } @else {
            p.vx-quiet {
                @if text.is_empty() { (visit.ta("units-listed", &[("n", say_count(visit.lang, found.total).into())])) }
                @else { (visit.ta("units-found", &[("n", say_count(visit.lang, found.total).into())])) }
                " " a href=(when.link("/units?all=1")) { (visit.t("units-whole-tree")) }
            }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { (index.listing.head(visit, "name")) (index.listing.head(visit, "level")) th scope="col" { (visit.t("units-above")) } th scope="col" { (visit.t("units-existed")) } } }
                tbody data-rows { @for unit in &found.rows { tr {
                    // A unit of other days is opened on a day on which it exists.
                    @let link = if unit.exists_on(when.day) { when.to(unit) } else { on_its_day(unit, when) };
                    th scope="row" { a href=(link) { (unit.full_name_on(when.day)) } }
                    td data-label=(visit.t("units-kind")) { (visit.t(&format!("units-kind-{}", unit.kind.as_str()))) }
                    td data-label=(visit.t("units-above")) { (above(tree, unit, when.day)) }
                    td data-label=(visit.t("units-existed")) { (span_of(visit.app.words(), visit.lang, unit)) }
                } } }
            } }
            (index.listing.pages(visit, found))
        }
    }
}

fn above(tree: &Tree, unit: &Unit, day: Date) -> String {
    tree.ancestors(unit.id.as_str()).iter().map(|unit| unit.full_name_on(day)).collect::<Vec<_>>().join(", ")
}

/// The day nearest to the one asked for on which a unit exists.
fn nearest(unit: &Unit, day: Date) -> Date {
    match (unit.from, unit.until) {
        (_, Some(until)) if until < day => until,
        (Some(from), _) if day < from => from,
        _ => day,
    }
}

fn on_its_day(unit: &Unit, when: &When) -> String {
    let day = nearest(unit, when.day);
    if day == when.today { format!("/units/{}", unit.id) } else { format!("/units/{}?on={day}", unit.id) }
}

/// The page of a unit.
pub(super) fn unit(visit: &Visit, page: &Page<'_>) -> Markup {
    let (tree, unit, when) = (page.tree, page.unit, page.when);
    let address = format!("/units/{}", unit.id);
    let shown = nearest(unit, when.day);
    let may_act = page.desk.add || page.desk.amend || page.desk.name_holder;
    html! {
        nav aria-label=(visit.t("units-above")) { p.vx-line {
            a href=(when.link("/units")) { (visit.t("whole-country")) }
            @for above in tree.ancestors(unit.id.as_str()).iter().rev() { span.vx-quiet { "›" } a href=(when.to(above)) { (above.full_name_on(shown)) } }
        } }
        div.vx-head {
            h1 { (unit.full_name_on(shown)) }
            @if visit.may_anywhere(crate::sites::READ) && unit.kind.is_place() { a.btn href={ "/sites?unit=" (unit.id) } { (icon("map-pin")) " " (visit.t("sites")) } }
            a.btn href=(when.link(&format!("/units.csv?within={}", unit.id))) { (icon("download")) " CSV" }
        }
        div.vx-line {
            span.vx-chip { (visit.t(&format!("units-kind-{}", unit.kind.as_str()))) }
            @if let Some(code) = &unit.code { span.vx-chip { (visit.t("units-code")) ": " (code) } }
            span { (span_of(visit.app.words(), visit.lang, unit)) }
        }
        (day_form(visit, when, &address, html! {}))
        @if !unit.exists_on(when.day) { (not_on_day(visit, page)) }
        div.vx-record {
            div {
                (facts(visit, unit, shown))
                (lineage(visit, page))
                (posts(visit, page))
                (below(visit, page, shown))
            }
            aside {
                @if may_act { (forms(visit, page, &address)) }
                section.vx-panel { h2 { (visit.t("units-history")) } (history(visit, page.history)) }
            }
        }
    }
}

/// The unit is not there on the day: since when, and what to open instead.
fn not_on_day(visit: &Visit, page: &Page<'_>) -> Markup {
    let (unit, when) = (page.unit, page.when);
    let key = unit.id.as_str();
    let ended = unit.until.is_some_and(|until| until < when.day);
    let kin = if ended { page.tree.successors(key) } else { page.tree.predecessors(key) };
    let there: Vec<&Unit> = kin
        .iter()
        .filter_map(|heir| page.tree.get(heir.unit.as_str()))
        .filter(|unit| unit.exists_on(when.day))
        .collect();
    let day = |day: Date| say_date(visit.lang, day).into();
    html! {
        div.vx-note.vx-note-doubt role="status" {
            strong { (visit.ta("units-not-on-day", &[("day", day(when.day))])) } " "
            (visit.ta(if ended { "units-shown-last" } else { "units-shown-first" }, &[("day", day(nearest(unit, when.day)))]))
            @if !there.is_empty() {
                p { (visit.t(if ended { "units-open-heirs" } else { "units-open-forebears" })) " "
                    @for (n, other) in there.iter().take(12).enumerate() { @if n > 0 { ", " } a href=(when.to(other)) { (other.full_name_on(when.day)) } }
                    @if there.len() > 12 { " … " a href="#lineage" { (visit.t("units-see-all")) } }
                }
            }
            a.btn href=(on_its_day(unit, when)) { (icon("calendar")) " " (visit.ta("units-go-to-day", &[("day", day(nearest(unit, when.day)))])) }
        }
    }
}

fn facts(visit: &Visit, unit: &Unit, shown: Date) -> Markup {
    let fact = |key: &str, value: Markup| html! { div { dt { (visit.t(key)) } dd { (value) } } };
    let newer = unit.from.is_some_and(|from| from >= TWO_LEVELS_FROM);
    html! {
        section.vx-panel {
            h2 { (visit.t("units-facts")) }
            dl.vx-facts {
                @if unit.kind.has_committee() { (fact("units-authority", html! { (unit.authority()) })) }
                @if unit.kind == Kind::Agency { (fact("units-tags", tags(visit, unit))) }
                (fact("units-key", html! { code { (unit.id) } }))
                @if let Some(people) = unit.population {
                    (fact("units-population", html! { (say_count(visit.lang, people)) div.vx-quiet { (visit.t(if newer { "units-estimate" } else { "units-census" })) } }))
                }
                @if let Some(area) = unit.area_km2 { (fact("units-area", html! { (decimal(visit.lang, area, 2)) " km²" })) }
                @if let (Some(lat), Some(lon)) = (unit.lat, unit.lon) {
                    (fact("units-point", html! { a href={ "geo:" (lat) "," (lon) } { (icon("map-pin")) " " (format!("{lat:.4}, {lon:.4}")) } }))
                }
                @if let Some(phone) = &unit.phone { (fact("units-phone", phone_link(phone))) }
                @if !unit.alt_names.is_empty() { div.vx-wide { dt { (visit.t("units-alt-names")) } dd { @for name in &unit.alt_names { span.vx-chip { (name) } " " } } } }
                @for renaming in &unit.renamed {
                    @let before = renaming.on.yesterday().unwrap_or(renaming.on);
                    div.vx-wide { dt { (visit.ta("units-renamed", &[("day", say_date(visit.lang, renaming.on).into())])) }
                        dd { (unit.full_name_on(before)) " " (icon("arrow-right")) " " (unit.full_name_on(renaming.on)) @if renaming.on > shown { " " span.vx-quiet { (visit.t("units-renamed-later")) } } } }
                }
            }
        }
    }
}

fn phone_link(phone: &str) -> Markup {
    let digits: String = phone
        .split(['/', ','])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '+')
        .collect();
    html! { a href={ "tel:" (digits) } { (icon("phone")) " " (phone) } }
}

fn tags(visit: &Visit, unit: &Unit) -> Markup {
    html! { @if unit.tags.is_empty() { "–" } @for tag in unit.tags.iter() { span.vx-chip { (tag_words(visit, tag)) } " " } }
}

fn tag_words(visit: &Visit, tag: Tag) -> String {
    visit.t(&format!("units-tag-{}", tag.words().0))
}

/// What became of the unit, what it was made of; for wider units commune by commune.
fn lineage(visit: &Visit, page: &Page<'_>) -> Markup {
    let (tree, unit) = (page.tree, page.unit);
    let key = unit.id.as_str();
    let (heirs, forebears) = (tree.successors(key), tree.predecessors(key));
    let list = |heading: &str, kin: &[Heir]| {
        html! {
            h3 { (visit.t(heading)) }
            ul { @for heir in kin { (heir_item(visit, page, heir)) } }
        }
    };
    let parts: Vec<&Unit> =
        if unit.kind == Kind::Commune { Vec::new() } else { tree.descendants(key, Kind::Commune, None).collect() };
    html! {
        @if !heirs.is_empty() || !forebears.is_empty() {
            section.vx-panel #lineage {
                h2 { (visit.t("units-lineage")) }
                @if !heirs.is_empty() { (list("units-became", &heirs)) }
                @if !forebears.is_empty() { (list("units-was", &forebears)) }
                @if heirs.iter().chain(&forebears).any(|heir| !heir.official) { p.vx-quiet { "* " (visit.t("units-not-official")) } }
                @if !parts.is_empty() { (by_commune(visit, page, &parts, !heirs.is_empty())) }
            }
        }
    }
}

fn heir_item(visit: &Visit, page: &Page<'_>, heir: &Heir) -> Markup {
    let Some(other) = page.tree.get(heir.unit.as_str()) else { return html! {} };
    let shown = nearest(other, page.when.day);
    html! {
        li {
            a href=(on_its_day(other, page.when)) { (other.full_name_on(shown)) }
            @if let Some(above) = page.tree.parent(heir.unit.as_str()) { ", " (above.full_name_on(shown)) }
            " – " (percent(visit.app.words(), visit.lang, heir)) @if !heir.official { "*" }
        }
    }
}

fn by_commune(visit: &Visit, page: &Page<'_>, parts: &[&Unit], onward: bool) -> Markup {
    let tree = page.tree;
    let head =
        if onward { ["units-commune-old", "units-commune-now"] } else { ["units-commune-now", "units-commune-old"] };
    html! {
        details {
            summary { (visit.ta("units-by-commune", &[("n", count(visit, parts.len()).into())])) }
            div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                thead { tr { @for key in head { th scope="col" { (visit.t(key)) } } } }
                tbody { @for part in parts {
                    @let kin = if onward { tree.successors(part.id.as_str()) } else { tree.predecessors(part.id.as_str()) };
                    tr {
                        th scope="row" { a href=(on_its_day(part, page.when)) { (part.full_name) }
                            @if let Some(above) = tree.parent(part.id.as_str()).filter(|above| above.id != page.unit.id) { div.vx-quiet { (above.full_name) } } }
                        td data-label=(visit.t(head[1])) { ul.list-unstyled.mb-0 { @for heir in &kin { (heir_item(visit, page, heir)) } } }
                    }
                } }
            } }
        }
    }
}

fn posts(visit: &Visit, page: &Page<'_>) -> Markup {
    html! {
        @if !page.posts.is_empty() || !page.untaken.is_empty() {
            section.vx-panel #posts {
                h2 { (visit.t("units-posts")) }
                div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                    thead { tr { th scope="col" { (visit.t("units-post")) } th scope="col" { (visit.t("units-holder")) } th scope="col" { (visit.t("units-phone")) } th scope="col" { (visit.t("units-since")) } } }
                    tbody {
                        @for post in page.posts { tr {
                            th scope="row" { (post.title) @if post.accountable { " " (accountable(visit)) } }
                            td data-label=(visit.t("units-holder")) { @if let Some(holder) = &post.holder { (holder) } @else { span.vx-quiet { (visit.t("units-vacant")) } } }
                            td data-label=(visit.t("units-phone")) { @if let Some(phone) = &post.phone { (phone_link(phone)) } }
                            td data-label=(visit.t("units-since")) { @if let Some(since) = post.from_on { (say_date(visit.lang, since)) } }
                        } }
                        @for post in &page.untaken { tr {
                            th scope="row" { (title_of(visit, post)) @if post.is_head { " " (accountable(visit)) } }
                            td data-label=(visit.t("units-holder")) { span.vx-quiet { (visit.t("units-not-noted")) } } td {} td {}
                        } }
                    }
                } }
            }
        }
    }
}

fn accountable(visit: &Visit) -> Markup {
    html! { span.vx-chip { (icon("flag")) (visit.t("units-accountable")) } }
}

fn title_of(visit: &Visit, post: &agencies::Post) -> String {
    if visit.lang == Lang::En && !post.title_en.is_empty() {
        format!("{} ({})", post.title, post.title_en)
    } else {
        post.title.clone()
    }
}

/// What stands directly below, a table for each kind.
fn below(visit: &Visit, page: &Page<'_>, shown: Date) -> Markup {
    let (tree, unit, when) = (page.tree, page.unit, page.when);
    let children: Vec<&Unit> = tree.children(unit.id.as_str()).filter(|child| child.exists_on(shown)).collect();
    let of = |kind: Kind| children.iter().copied().filter(move |child| child.kind == kind).collect::<Vec<_>>();
    let link = |child: &Unit| if child.exists_on(when.day) { when.to(child) } else { on_its_day(child, when) };
    html! {
        @for kind in [Kind::District, Kind::Commune, Kind::Hamlet, Kind::Cluster] {
            @let places = of(kind);
            @if !places.is_empty() {
                section.vx-panel id=(kind.as_str()) {
                    h2 { (n_of(visit, kind, places.len())) }
                    div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                        @let wide = kind.has_committee();
                        thead { tr { th scope="col" { (visit.t("units-name")) }
                            @if wide { th.vx-num scope="col" { (visit.t("units-population")) } th.vx-num scope="col" { (visit.t("units-area")) } }
                            th scope="col" { (visit.t("units-below")) } th scope="col" { (visit.t("units-phone")) } } }
                        tbody { @for place in &places { tr {
                            th scope="row" { a href=(link(place)) { (place.full_name_on(shown)) } }
                            @if wide {
                                td.vx-num data-label=(visit.t("units-population")) { @if let Some(people) = place.population { (say_count(visit.lang, people)) } }
                                td.vx-num data-label=(visit.t("units-area")) { @if let Some(area) = place.area_km2 { (decimal(visit.lang, area, 1)) " km²" } }
                            }
                            td data-label=(visit.t("units-below")) { (counts(visit, tree, place, shown, &[Kind::Commune, Kind::Hamlet, Kind::Cluster])) }
                            td data-label=(visit.t("units-phone")) { @if let Some(phone) = &place.phone { (phone_link(phone)) } }
                        } } }
                        @let people: Vec<i64> = places.iter().filter_map(|place| place.population).collect();
                        @if wide && people.len() == places.len() { tfoot { tr { th scope="row" { (visit.t("units-sum")) } td.vx-num data-label=(visit.t("units-population")) { (say_count(visit.lang, people.iter().sum())) } td {} td {} td {} } } }
                    } }
                }
            }
        }
        @let agencies = of(Kind::Agency);
        @if !agencies.is_empty() {
            section.vx-panel #agency {
                h2 { (n_of(visit, Kind::Agency, agencies.len())) }
                div.vx-scroll tabindex="0" { table.vx-table.vx-cards {
                    thead { tr { th scope="col" { (visit.t("units-name")) } th scope="col" { (visit.t("units-tags")) } th scope="col" { (visit.t("units-phone")) } } }
                    tbody { @for agency in &agencies { tr {
                        th scope="row" { a href=(link(agency)) { (agency.full_name_on(shown)) } }
                        td data-label=(visit.t("units-tags")) { (tags(visit, agency)) }
                        td data-label=(visit.t("units-phone")) { @if let Some(phone) = &agency.phone { (phone_link(phone)) } }
                    } } }
                } }
            }
        }
        @if children.is_empty() && unit.kind == Kind::Commune { p.vx-quiet.mt-3 { (visit.t("units-no-hamlets")) } }
    }
}

fn field(visit: &Visit, key: &str, input: Markup) -> Markup {
    html! { label.vx-field.d-block { span.form-label { (visit.t(key)) } (input) } }
}

/// A form in a fold; it leads back to the page on the day it was opened.
fn fold(visit: &Visit, page: &Page<'_>, action: String, icon_name: &str, key: &str, fields: Markup) -> Markup {
    html! {
        details.vx-panel {
            summary { (icon(icon_name)) " " (visit.t(key)) }
            (visit.form_of_class(&action, "mt-3", html! {
                @if page.when.day != page.when.today { input type="hidden" name="on" value=(page.when.day); }
                (fields)
                button.btn.btn-primary type="submit" { (icon(icon_name)) " " (visit.t(key)) }
            }))
        }
    }
}

fn forms(visit: &Visit, page: &Page<'_>, address: &str) -> Markup {
    let unit = page.unit;
    let add = |kind: Kind| {
        let word = kind.as_str();
        let types = format!("types-{word}");
        fold(
            visit,
            page,
            format!("{address}/add"),
            "plus",
            &format!("units-add-{word}"),
            html! {
                input type="hidden" name="kind" value=(word);
                (field(visit, "units-type", html! { input.form-control name="type" list=(types) required maxlength="60"; }))
                datalist id=(types) { @for name in types_of(kind) { option value=(name) {} } }
                (field(visit, "units-name", html! { input.form-control name="name" required maxlength="200"; }))
                @if kind == Kind::Agency {
                    (field(visit, "units-tag", html! { select.form-select name="tag" {
                        option value="" { (visit.t("units-tag-none")) }
                        @for tag in Tag::ALL { option value=(tag.words().0) { (tag_words(visit, tag)) } }
                    } }))
                }
                (field(visit, "units-phone-optional", html! { input.form-control type="tel" name="phone" maxlength="40"; }))
                (field(visit, "units-from-optional", html! { input.form-control type="date" name="from"; }))
            },
        )
    };
    html! {
        @if page.desk.add {
            @if unit.kind == Kind::Commune { (add(Kind::Hamlet)) }
            @if unit.kind == Kind::Hamlet { (add(Kind::Cluster)) }
            @if unit.kind.has_committee() { (add(Kind::Agency)) }
        }
        @if page.desk.name_holder { (holder_form(visit, page, address)) }
        @if page.desk.amend {
            (fold(visit, page, format!("{address}/amend"), "edit", "units-amend", html! {
                (field(visit, "units-alt-names-lines", html! { textarea.form-control name="alt_names" rows="4" { (unit.alt_names.join("\n")) } }))
                (field(visit, "units-phone-optional", html! { input.form-control type="tel" name="phone" maxlength="40" value=(unit.phone.as_deref().unwrap_or_default()); }))
                (field(visit, "units-until-optional", html! { input.form-control type="date" name="until" value=(unit.until.map(|day| day.to_string()).unwrap_or_default()); }))
                (field(visit, "units-amend-reason", html! { textarea.form-control name="reason" rows="2" required {} }))
            }))
        }
    }
}

fn holder_form(visit: &Visit, page: &Page<'_>, address: &str) -> Markup {
    fold(
        visit,
        page,
        format!("{address}/holder"),
        "user",
        "units-name-holder",
        html! {
            @if !page.posts.is_empty() || !page.untaken.is_empty() {
                (field(visit, "units-post", html! { select.form-select name="post" {
                    @for post in page.posts { option value=(post.id) { (post.title) @if let Some(holder) = &post.holder { " – " (holder) } } }
                    @for post in &page.untaken { option value=(post.title) { (title_of(visit, post)) } }
                    option value="" { (visit.t("units-post-other")) }
                } }))
            }
            (field(visit, "units-post-title", html! { input.form-control name="title" maxlength="200" aria-describedby="post-title-help"; }))
            p.vx-quiet #post-title-help { (visit.t("units-post-title-help")) }
            (field(visit, "units-holder-optional", html! { input.form-control name="holder" maxlength="200"; }))
            label.form-check { input.form-check-input type="checkbox" name="accountable" value="1"; span { (visit.t("units-is-accountable")) } }
            (field(visit, "units-phone-optional", html! { input.form-control type="tel" name="phone" maxlength="40"; }))
            (field(visit, "units-since", html! { input.form-control type="date" name="from" required value=(page.when.today); }))
        },
    )
}

/// Types that a form suggests; the reader of files knows them too.
fn types_of(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Hamlet => &["ấp", "khóm", "thôn", "bản", "buôn", "làng", "sóc", "tổ dân phố", "khu phố", "xóm"],
        Kind::Cluster => &["cụm dân cư", "tổ tự quản", "tổ nhân dân tự quản", "khu dân cư"],
        _ => &[
            "bệnh viện",
            "trung tâm",
            "trạm",
            "ban chỉ đạo",
            "trung tâm chỉ huy",
            "chốt kiểm soát",
            "khu cách ly",
            "phòng",
            "đội",
            "hội",
            "ban",
        ],
    }
}

/// What people of the province changed here, newest first.
fn history(visit: &Visit, entries: &[Entry]) -> Markup {
    html! {
        @if entries.is_empty() { p.vx-quiet { (visit.t("units-history-none")) } }
        ol.vx-history { @for entry in entries { li {
            time datetime=(entry.at.to_string()) { (say_instant(visit.lang, entry.at)) }
            strong { (visit.t(&format!("did-{}", entry.verb.replace('.', "-")))) } " · " (entry.actor_name)
            @if let Some(principal) = &entry.on_behalf_of { " " span.vx-quiet { (visit.ta("units-on-behalf-of", &[("name", principal.as_str().into())])) } }
            @for (name, key) in CHANGES { @if let Some((old, new)) = change(visit, entry, name) {
                div { span.vx-quiet { (visit.t(key)) ": " } @if !old.is_empty() { del { (old) } " " (icon("arrow-right")) " " } @if new.is_empty() { "–" } @else { (new) } }
            } }
            @if let Some(reason) = &entry.reason { div.vx-prose { "“" (reason) "”" } }
        } } }
    }
}

/// Fields whose changes are told, with the key of their name.
const CHANGES: [(&str, &str); 7] = [
    ("name", "units-name"),
    ("title", "units-post"),
    ("holder", "units-holder"),
    ("alt_names", "units-alt-names"),
    ("phone", "units-phone"),
    ("from_on", "units-since"),
    ("until_on", "units-until"),
];

fn change(visit: &Visit, entry: &Entry, name: &str) -> Option<(String, String)> {
    let pair = entry.changed.get(name)?.as_array()?;
    let say = |at: usize| {
        let text = pair.get(at).and_then(|value| value.as_str()).unwrap_or_default();
        match text.parse::<Date>() {
            Ok(day) if name.ends_with("_on") => say_date(visit.lang, day),
            _ => several(text).collect::<Vec<_>>().join(", "),
        }
    };
    let (old, new) = (say(0), say(1));
    (old != new).then_some((old, new))
}
