//! Agencies beside places, made from templates (khuôn mẫu cơ quan).
//!
//! Every province has nearly the same agencies, so the list is kept once, and each province confirms its own.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::civil::Date;

use super::read::{Fault, Table, several, word};
use super::{Kind, TWO_LEVELS_FROM, Tag, Tags, Tree, Unit, UnitId};

/// An agency that places of one level have (khuôn mẫu cơ quan).
#[derive(Debug, Clone, PartialEq)]
pub struct Template {
    /// Whether it belongs to the tree of two levels, since July 2025.
    pub two_levels: bool,
    /// The level of the place it stands beside.
    pub level: Kind,
    /// Its short name, the same in every province.
    pub slug: Arc<str>,
    /// Its type: `sở`.
    pub type_name: Arc<str>,
    /// Its name; `{cap}` stands for the type of the place, `{name}` for its name, `{init}` for the initials, `{uy}` for "Tỉnh ủy" and its like.
    pub name: String,
    /// Its name in English.
    pub name_en: String,
    /// Other names, with the same blanks.
    pub alt_names: Vec<String>,
    /// The groups it belongs to.
    pub tags: Tags,
    /// If not empty, the codes of the only provinces that have it.
    pub only: Vec<String>,
    /// The codes of the provinces that lack it.
    pub except: Vec<String>,
    /// Its first day, if later than that of the place.
    pub from: Option<Date>,
    /// Its last day, if earlier than that of the place.
    pub until: Option<Date>,
}

/// A post at a place's People's Committee or at an agency (chức danh).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// The level of the place.
    pub level: Kind,
    /// The agency's short name; none for the People's Committee.
    pub slug: Option<String>,
    /// The title: `Giám đốc Sở`, `Chủ tịch UBND {cap}`.
    pub title: String,
    /// The title in English.
    pub title_en: String,
    /// Whether the holder answers for the unit (người đứng đầu).
    pub is_head: bool,
}

/// Reads the templates of agencies from CSV (columns `tree, level, slug, type, name, name_en, alt_names, tags, only, except, from, until`).
#[must_use]
pub fn read_templates(text: &str) -> (Vec<Template>, Vec<Fault>) {
    let (mut templates, mut faults) = (Vec::new(), Vec::new());
    let mut words = HashMap::new();
    let optional = ["name_en", "alt_names", "tags", "only", "except", "from", "until"];
    let Some(table) = Table::open(text, &["tree", "level", "slug", "type", "name"], &optional, &mut faults) else {
        return (templates, faults);
    };
    table.each(&mut faults, |row| {
        let (tree, level, slug) = (row.needed("tree"), row.needed("level"), row.needed("slug"));
        let (type_name, name) = (row.needed("type"), row.needed("name"));
        let kind = Kind::parse(&level).filter(|kind| kind.has_committee());
        if kind.is_none() {
            row.fault("level", "units.import.unknown_kind", &level);
        }
        if !matches!(tree.as_str(), "2021" | "2025") {
            row.fault("tree", "units.import.unknown_kind", &tree);
        }
        if !UnitId::is_sound(&slug) {
            row.fault("slug", "units.import.bad_key", &slug);
        }
        let tags = Tags::parse(row.text("tags")).unwrap_or_else(|word| {
            row.fault("tags", "units.import.unknown_tag", &word);
            Tags::default()
        });
        let (from, until) = (row.date("from"), row.date("until"));
        let (Some(level), true) = (kind, row.sound) else { return };
        templates.push(Template {
            two_levels: tree == "2025",
            level,
            slug: word(&mut words, &slug),
            type_name: word(&mut words, &type_name),
            name,
            name_en: row.text("name_en").to_owned(),
            alt_names: several(row.text("alt_names")),
            tags,
            only: several(row.text("only")),
            except: several(row.text("except")),
            from,
            until,
        });
    });
    (templates, faults)
}

/// Reads the posts from CSV (columns `level, slug, title, title_en, is_head`).
#[must_use]
pub fn read_posts(text: &str) -> (Vec<Post>, Vec<Fault>) {
    let (mut posts, mut faults) = (Vec::new(), Vec::new());
    let Some(table) = Table::open(text, &["level", "slug", "title"], &["title_en", "is_head"], &mut faults) else {
        return (posts, faults);
    };
    table.each(&mut faults, |row| {
        let (level, title) = (row.needed("level"), row.needed("title"));
        let Some(level) = Kind::parse(&level) else {
            row.fault("level", "units.import.unknown_kind", &level);
            return;
        };
        if row.sound {
            let slug = Some(row.text("slug").to_owned()).filter(|slug| !slug.is_empty());
            posts.push(Post {
                level,
                slug,
                title,
                title_en: row.text("title_en").to_owned(),
                is_head: row.text("is_head") == "1",
            });
        }
    });
    (posts, faults)
}

/// The posts at `unit`, heads first, with the blanks of their titles filled (chức danh tại đơn vị).
#[must_use]
pub fn posts_of(tree: &Tree, posts: &[Post], unit: &Unit) -> Vec<Post> {
    let place = match unit.kind {
        Kind::Agency => unit.parent.as_ref().and_then(|parent| tree.get(parent.as_str())),
        _ => Some(unit),
    };
    let Some(place) = place else { return Vec::new() };
    let mut found: Vec<Post> = posts
        .iter()
        .filter(|post| post.level == place.kind && post.slug.as_deref() == unit.agency.as_deref())
        .map(|post| Post { title: fill(&post.title, place), ..post.clone() })
        .collect();
    found.sort_by_key(|post| !post.is_head);
    found
}

/// The agencies of a province from its templates: beside the province itself and beside its districts and communes, as far as `levels` says.
///
/// They are not in `tree` yet; [`Tree::with`] puts them there. A place of the older tree gets the agencies of three levels.
#[must_use]
pub fn agencies_for(tree: &Tree, templates: &[Template], province: &UnitId, levels: &[Kind]) -> Vec<Unit> {
    let Some(root) = tree.get(province.as_str()).filter(|unit| unit.kind == Kind::Province) else { return Vec::new() };
    let two_levels = root.until.is_none_or(|until| until >= TWO_LEVELS_FROM);
    let code = root.code.as_deref().unwrap_or_default();
    let here: Vec<&Template> = templates
        .iter()
        .filter(|template| template.two_levels == two_levels && levels.contains(&template.level))
        .filter(|template| template.only.is_empty() || template.only.iter().any(|only| only == code))
        .filter(|template| !template.except.iter().any(|except| except == code))
        .collect();
    let places = tree.subtree(province.as_str()).iter().filter(|place| place.kind.has_committee());
    places
        .flat_map(|place| {
            here.iter().filter(|template| template.level == place.kind).map(|template| agency(template, place))
        })
        .collect()
}

fn agency(template: &Template, place: &Unit) -> Unit {
    let id = place.id.beside(&template.slug);
    let name = fill(&template.name, place);
    let bare = place.bare_name();
    let full_name = if template.name.ends_with("{name}") {
        name.clone()
    } else if template.name.ends_with("{cap}") || template.name.ends_with("{uy}") {
        format!("{name} {bare}")
    } else {
        format!("{name} {} {bare}", place.type_name)
    };
    let latest = |a: Option<Date>, b: Option<Date>| if a.is_some() && b.is_some() { a.max(b) } else { a.or(b) };
    let earliest = |a: Option<Date>, b: Option<Date>| if a.is_some() && b.is_some() { a.min(b) } else { a.or(b) };
    Unit {
        path: place.path.child(&id),
        id,
        parent: Some(place.id.clone()),
        kind: Kind::Agency,
        type_name: template.type_name.clone(),
        code: None,
        name_en: if template.name_en.is_empty() {
            super::read::unmarked(&full_name)
        } else {
            format!("{}, {}", template.name_en, place.name_en)
        },
        name,
        full_name,
        alt_names: template.alt_names.iter().map(|alt| fill(alt, place)).collect(),
        renamed: Vec::new(),
        from: latest(template.from, place.from),
        until: earliest(template.until, place.until),
        lat: None,
        lon: None,
        population: None,
        area_km2: None,
        agency: Some(template.slug.clone()),
        tags: template.tags,
        phone: None,
    }
}

fn fill(pattern: &str, place: &Unit) -> String {
    if !pattern.contains('{') {
        return pattern.to_owned();
    }
    let initials = || place.bare_name().split([' ', '-']).filter_map(|word| word.chars().next()).collect::<String>();
    let committee = match (place.kind, &*place.type_name) {
        (Kind::Province, "tỉnh") => "Tỉnh ủy".to_owned(),
        (Kind::Commune, type_name) => format!("Đảng ủy {type_name}"),
        (_, "huyện") => "Huyện ủy".to_owned(),
        (_, "thị xã") => "Thị ủy".to_owned(),
        (_, "quận") => "Quận ủy".to_owned(),
        _ => "Thành ủy".to_owned(),
    };
    pattern
        .replace("{cap}", &place.type_name)
        .replace("{name}", place.bare_name())
        .replace("{uy}", &committee)
        .replace("{init}", &initials())
}

/// The agencies of `place` on a day that belong to one of `tags` (các cơ quan thuộc nhóm).
#[must_use]
pub fn tagged<'t>(tree: &'t Tree, place: &str, tags: &[Tag], on: Date) -> Vec<&'t Unit> {
    let wanted = tags.iter().fold(Tags::default(), |set, tag| set.with(*tag));
    tree.children(place)
        .filter(|unit| unit.kind == Kind::Agency && unit.tags.meets(wanted) && unit.exists_on(on))
        .collect()
}
