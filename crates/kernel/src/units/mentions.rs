//! Mentions of units in dispatches (nơi nhận, đơn vị được giao): from words to units.
//!
//! "UBND các huyện, thị xã, thành phố" means the districts of the issuer's province on the day of issue, "Các sở, ban, ngành" its departments,
//! "Giám đốc Sở Y tế" one of them. Nothing is guessed: what is vague, unknown, ambiguous or did not exist on that day is left over with the reason,
//! to be asked of a person and remembered under [`memory_key`].

use std::ops::Range;

use jiff::civil::Date;

use super::tree::{core, squeeze};
use super::{Kind, Path, Tag, Tags, Tree, Unit, UnitId};
use crate::text::{fold, tone_normal};

/// Who speaks, and when (bối cảnh): the issuer's place and the day of issue.
#[derive(Debug, Clone)]
pub struct MentionContext {
    /// The place of the issuer: its province, or a district or commune.
    pub place: Path,
    /// The day of issue.
    pub on: Date,
}

/// How a mention was understood (cách hiểu).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// All districts, or those of the types named.
    Districts,
    /// All communes, or those of the types named.
    Communes,
    /// Places of several levels.
    Places,
    /// The agencies of groups: sở, ban, ngành, đoàn thể.
    Group,
    /// The same agency beside each of several places.
    EachAgency,
    /// One agency, by name, abbreviation or its head's post.
    Agency,
    /// One place, for its People's Committee.
    Place,
    /// Government, ministries and the like: known, but outside every province, so that there is no unit.
    Central,
}

impl Rule {
    /// The word for interfaces and files.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Districts => "districts",
            Self::Communes => "communes",
            Self::Places => "places",
            Self::Group => "group",
            Self::EachAgency => "each_agency",
            Self::Agency => "agency",
            Self::Place => "place",
            Self::Central => "central",
        }
    }
}

/// Why words did not become units.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unresolved {
    /// No unit of that name is known.
    Unknown,
    /// The words name no definite unit: "các cơ quan, đơn vị có liên quan", "địa phương".
    Vague,
    /// Several units fit.
    Ambiguous(Vec<UnitId>),
    /// The unit or the level did not exist on the day of issue.
    NotOnDate {
        /// What was named.
        name: String,
        /// The unit that existed before or after; none if a whole level is meant.
        unit: Option<UnitId>,
        /// Its first day.
        from: Option<Date>,
        /// Its last day.
        until: Option<Date>,
        /// What it became, or what it was made of.
        heirs: Vec<UnitId>,
    },
    /// Only units outside the issuer's province fit.
    Outside(Vec<UnitId>),
}

impl Unresolved {
    /// The word for interfaces and files.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Vague => "vague",
            Self::Ambiguous(_) => "ambiguous",
            Self::NotOnDate { .. } => "not_on_date",
            Self::Outside(_) => "outside",
        }
    }
}

/// A part of a mention that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    /// How it was understood.
    pub rule: Rule,
    /// The units meant.
    pub units: Vec<UnitId>,
    /// Types of place that exist there but were not named: "các huyện, thành phố" where there is a thị xã as well. To be asked.
    pub omitted: Vec<String>,
    /// Types named of which there is none yet: "khóm, ấp" before the hamlets are entered. To be asked.
    pub missing: Vec<String>,
}

/// A part of a mention that was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    /// Its words.
    pub text: String,
    /// Why.
    pub why: Unresolved,
}

/// What a mention means.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolution {
    /// All units meant, each once, in the order of the text.
    pub units: Vec<UnitId>,
    /// The parts understood.
    pub parts: Vec<Part>,
    /// The parts not understood.
    pub leftovers: Vec<Leftover>,
}

impl Resolution {
    /// How the first part was understood.
    #[must_use]
    pub fn rule(&self) -> Option<Rule> {
        self.parts.first().map(|part| part.rule)
    }

    /// The first reason why something is left over.
    #[must_use]
    pub fn problem(&self) -> Option<&Unresolved> {
        self.leftovers.first().map(|leftover| &leftover.why)
    }

    /// The unit meant, when it is one and nothing has to be asked.
    #[must_use]
    pub fn only(&self) -> Option<&UnitId> {
        match self.units.as_slice() {
            [one] if self.is_complete() => Some(one),
            _ => None,
        }
    }

    /// Whether nothing has to be asked.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.leftovers.is_empty()
            && self.parts.iter().all(|part| part.omitted.is_empty() && part.missing.is_empty())
            && !self.parts.is_empty()
    }
}

/// The key under which an answer to an unresolved mention is remembered.
#[must_use]
pub fn memory_key(text: &str) -> String {
    fold(text)
}

/// The longest mention looked at, in words; anything beyond is left over.
pub const WORDS_MAX: usize = 400;

/// Finds the units that a mention means.
#[must_use]
pub fn resolve(tree: &Tree, context: &MentionContext, text: &str) -> Resolution {
    let place = tree.get(context.place.unit());
    let province = place.and_then(|unit| tree.up_to(unit.id.as_str(), Kind::Province));
    let reader = Reader { tree, on: context.on, text, words: words(text), place, province };
    reader.read()
}

/// The place of the body that issued a document (địa phương của cơ quan ban hành).
///
/// From the issuer's name ("Ủy ban nhân dân tỉnh Sóc Trăng", "UBND huyện X, tỉnh Y"), else from the place before the date ("Sóc Trăng, ngày …").
/// None for central bodies and where no single place fits on that day.
#[must_use]
pub fn issuer_place(tree: &Tree, issuer: &str, place: &str, on: Date) -> Option<UnitId> {
    let reader = |text| Reader { tree, on, text, words: words(text), place: None, province: None };
    let (name, dated_at) = (reader(issuer), reader(place));
    if (0..name.words.len().min(3)).any(|at| name.central(at).is_some() && name.agency_core(at).is_none()) {
        return None;
    }
    let stated = dated_at.place_names();
    let mut found = name.place_names();
    if !found.is_empty() && !found.iter().any(|unit| unit.exists_on(on)) {
        return None;
    }
    found.retain(|unit| unit.exists_on(on));
    // The lowest level named decides; higher levels and the place before the date tell namesakes apart.
    if let Some(level) = found.iter().map(|unit| unit.kind).max() {
        let (own, above): (Vec<&Unit>, Vec<&Unit>) = found.iter().partition(|unit| unit.kind == level);
        let under = |unit: &&&Unit| above.iter().any(|up| up.path.contains(&unit.path));
        let mut own: Vec<&Unit> =
            if own.iter().any(|unit| under(&unit)) { own.iter().filter(under).copied().collect() } else { own };
        if own.len() > 1 {
            let near: Vec<&Unit> =
                own.iter().filter(|unit| stated.iter().any(|up| up.path.contains(&unit.path))).copied().collect();
            if !near.is_empty() {
                own = near;
            }
        }
        return if let [only] = own[..] { Some(only.id.clone()) } else { None };
    }
    let on_day: Vec<&&Unit> = stated.iter().filter(|unit| unit.exists_on(on)).collect();
    let top: Vec<&&&Unit> = on_day.iter().filter(|unit| unit.kind == Kind::Province).collect();
    match (&top[..], &on_day[..]) {
        ([only], _) => Some(only.id.clone()),
        ([], [only]) => Some(only.id.clone()),
        _ => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Space,
    Comma,
    Slash,
    Dash,
    Stop,
}

#[derive(Debug)]
struct Word {
    span: Range<usize>,
    // Lower case with marks, tones where they belong.
    low: String,
    // Without marks.
    plain: String,
    capital: bool,
    shouted: bool,
    before: Gap,
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut before = Gap::Space;
    let mut depth = 0usize;
    let mut chars = text.char_indices().peekable();
    while let Some((start, char)) = chars.next() {
        if !char.is_alphanumeric() {
            match char {
                '(' if depth > 0 || !lists_types(&text[start + 1..]) => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            before = match char {
                '(' if depth == 0 => Gap::Comma,
                ',' | ';' => Gap::Comma,
                ':' | '(' | ')' => Gap::Stop,
                '/' if before == Gap::Space => Gap::Slash,
                '-' | '–' | '—' if before == Gap::Space && !words.is_empty() => Gap::Dash,
                _ => before,
            };
            continue;
        }
        let mut end = start + char.len_utf8();
        while let Some((at, next)) =
            chars.next_if(|(_, next)| next.is_alphanumeric() || unicode_normalization::char::is_combining_mark(*next))
        {
            end = at + next.len_utf8();
        }
        // What stands in parentheses explains: "(để thực hiện)", "(Đảng, chính quyền, đoàn thể)".
        if depth == 0 {
            let raw = &text[start..end];
            words.push(Word {
                span: start..end,
                low: tone_normal(&raw.to_lowercase()),
                plain: fold(raw),
                capital: char.is_uppercase() || char.is_ascii_digit(),
                shouted: !raw.chars().any(char::is_lowercase),
                before,
            });
            before = Gap::Space;
            if words.len() == WORDS_MAX {
                break;
            }
        }
    }
    words
}

// "UBND các huyện (thị xã, thành phố)": here the parentheses do not explain but go on.
fn lists_types(rest: &str) -> bool {
    let inside = rest.split(')').next().unwrap_or_default();
    inside.len() <= 80 && !inside.is_empty() && {
        let words = fold(inside);
        let of_types = |word| {
            matches!(
                word,
                "huyen"
                    | "quan"
                    | "thi"
                    | "xa"
                    | "thanh"
                    | "pho"
                    | "tx"
                    | "tp"
                    | "phuong"
                    | "tran"
                    | "va"
                    | "dac"
                    | "khu"
            )
        };
        !words.is_empty() && words.split(' ').all(of_types)
    }
}

const HEADS: [&str; 37] = [
    "phó chủ tịch",
    "chủ tịch",
    "pct",
    "ct",
    "phó giám đốc",
    "giám đốc",
    "thủ trưởng",
    "người đứng đầu",
    "lãnh đạo",
    "phó chỉ huy trưởng",
    "chỉ huy trưởng",
    "phó trưởng",
    "trưởng",
    "phó bí thư",
    "bí thư",
    "phó chánh",
    "chánh",
    "cục trưởng",
    "trạm trưởng",
    "viện trưởng",
    "tổng biên tập",
    "chính ủy",
    "chính trị viên",
    "đại diện",
    "tập thể",
    "thành viên",
    "đồng chí",
    "đ c",
    "giao",
    "đề nghị",
    "yêu cầu",
    "riêng",
    "chủ nhiệm",
    "kính gửi",
    "bộ trưởng",
    "phó",
    "thường trực",
];
const MANY: [&str; 6] = ["tất cả các", "toàn thể các", "các", "từng", "mỗi", "những"];

/// A word for a type of place, its type and level.
const TYPES: [(&str, &str, Kind); 24] = [
    ("thành phố", "thành phố", Kind::District),
    ("thị trấn", "thị trấn", Kind::Commune),
    ("thị xã", "thị xã", Kind::District),
    ("đặc khu", "đặc khu", Kind::Commune),
    ("tổ dân phố", "tổ dân phố", Kind::Hamlet),
    ("khu phố", "khu phố", Kind::Hamlet),
    ("huyện", "huyện", Kind::District),
    ("quận", "quận", Kind::District),
    ("phường", "phường", Kind::Commune),
    ("xã", "xã", Kind::Commune),
    ("tỉnh", "tỉnh", Kind::Province),
    ("khóm", "khóm", Kind::Hamlet),
    ("ấp", "ấp", Kind::Hamlet),
    ("thôn", "thôn", Kind::Hamlet),
    ("buôn", "buôn", Kind::Hamlet),
    ("tp", "thành phố", Kind::District),
    ("tx", "thị xã", Kind::District),
    ("tt", "thị trấn", Kind::Commune),
    ("h", "huyện", Kind::District),
    ("q", "quận", Kind::District),
    ("p", "phường", Kind::Commune),
    ("x", "xã", Kind::Commune),
    ("t", "tỉnh", Kind::Province),
    ("đk", "đặc khu", Kind::Commune),
];

const GROUPS: [(&str, &[Tag]); 30] = [
    ("sở", &[Tag::So]),
    ("ban ngành", &[Tag::BanNganh]),
    ("ban đảng", &[Tag::BanDang]),
    ("ban của đảng", &[Tag::BanDang]),
    ("ban xây dựng đảng", &[Tag::BanDang]),
    ("cơ quan tham mưu giúp việc tỉnh ủy", &[Tag::BanDang]),
    ("ban", &[Tag::BanNganh]),
    ("ngành", &[Tag::BanNganh]),
    ("đoàn thể chính trị xã hội", &[Tag::DoanThe]),
    ("tổ chức chính trị xã hội", &[Tag::DoanThe]),
    ("đoàn thể", &[Tag::DoanThe]),
    ("hội đoàn thể", &[Tag::Hoi, Tag::DoanThe]),
    ("hội", &[Tag::Hoi]),
    ("mặt trận", &[Tag::MatTran]),
    ("đơn vị sự nghiệp", &[Tag::SuNghiep]),
    ("đvsn", &[Tag::SuNghiep]),
    ("cơ quan trung ương", &[Tag::TrungUong]),
    ("cơ quan tw", &[Tag::TrungUong]),
    ("đơn vị trung ương", &[Tag::TrungUong]),
    ("cơ quan đơn vị trung ương", &[Tag::TrungUong]),
    ("cơ quan ngành dọc", &[Tag::TrungUong]),
    ("đảng ủy trực thuộc tỉnh ủy", &[Tag::DangUy]),
    ("đảng ủy trực thuộc", &[Tag::DangUy]),
    ("lực lượng vũ trang", &[Tag::QuanSu, Tag::CongAn]),
    ("cơ quan báo chí", &[Tag::BaoChi]),
    ("cơ quan thông tấn báo chí", &[Tag::BaoChi]),
    ("báo đài", &[Tag::BaoChi]),
    ("tiểu ban", &[Tag::TieuBan]),
    ("sở ngành", &[Tag::So, Tag::BanNganh]),
    ("sở ban ngành", &[Tag::So, Tag::BanNganh]),
];

/// Bodies outside every province, squeezed; a ministry's name may follow `bo`.
const CENTRAL: [&str; 62] = [
    "chinhphu",
    "thutuong",
    "thutuongchinhphu",
    "phothutuong",
    "phothutuongchinhphu",
    "vanphongchinhphu",
    "vpcp",
    "quochoi",
    "uybanthuongvuquochoi",
    "vanphongquochoi",
    "vanphongtrunguongdang",
    "banbithu",
    "bochinhtri",
    "banchaphanhtrunguong",
    "banchaphanhtrunguongdang",
    "trunguongdang",
    "chutichnuoc",
    "banchidaoquocgia",
    "banchidaoquocgiaphongchongdich",
    "banchidaoquocgiaphongchongdichcovid19",
    "cacbo",
    "cacbonganh",
    "cacbonganhtrunguong",
    "bongangtrunguong",
    "bonganhtrunguong",
    "bonganh",
    "boyte",
    "byt",
    "boquocphong",
    "bqp",
    "bocongan",
    "bca",
    "bongoaigiao",
    "bonoivu",
    "botuphap",
    "bokehoachvadautu",
    "botaichinh",
    "bocongthuong",
    "bct",
    "bonongnghiepvaphattriennongthon",
    "bonongnghiepvamoitruong",
    "bogiaothongvantai",
    "boxaydung",
    "botainguyenvamoitruong",
    "bothongtinvatruyenthong",
    "bolaodongthuongbinhvaxahoi",
    "bovanhoathethaovadulich",
    "bokhoahocvacongnghe",
    "bogiaoducvadaotao",
    "bodantocvatongiao",
    "uybandantoc",
    "nganhangnhanuocvietnam",
    "thanhtrachinhphu",
    "thongtanxavietnam",
    "daitruyenhinhvietnam",
    "daitiengnoivietnam",
    "uybantrunguongmattranttoquocvietnam",
    "uybantrunguongmattrantoquocvietnam",
    "botulenhquankhu7",
    "botulenhquankhu9",
    "botulenhquankhu",
    "viensotretrunguong",
];

const VAGUE: [&str; 22] = [
    "liên quan",
    "địa phương",
    "các cấp",
    "các ngành",
    "cơ quan",
    "đơn vị",
    "chức năng",
    "tổ chức",
    "cá nhân",
    "doanh nghiệp",
    "như trên",
    "lực lượng",
    "chính quyền",
    "cấp ủy",
    "người dân",
    "bộ phận",
    "hiệp hội",
    "tôn giáo",
    "cán bộ",
    "nêu trên",
    "hệ thống chính trị",
    "các phòng",
];

/// The Party's committees and the type of their place.
const PARTY: [(&str, Type); 5] = [
    ("tỉnh ủy", ("tỉnh", Kind::Province)),
    ("thành ủy", ("thành phố", Kind::District)),
    ("huyện ủy", ("huyện", Kind::District)),
    ("thị ủy", ("thị xã", Kind::District)),
    ("quận ủy", ("quận", Kind::District)),
];

/// Words between and after mentions that name nothing.
const FILLERS: [&str; 22] = [
    "chủ trì phối hợp với",
    "chủ trì",
    "phối hợp với",
    "phối hợp",
    "chịu trách nhiệm",
    "đóng trên địa bàn tỉnh",
    "đóng trên địa bàn thành phố",
    "đóng trên địa bàn",
    "trên địa bàn tỉnh",
    "trên địa bàn thành phố",
    "trên địa bàn",
    "trực thuộc tỉnh",
    "trực thuộc tỉnh ủy",
    "trực thuộc",
    "cấp tỉnh",
    "cấp thành phố",
    "thuộc tỉnh",
    "trong tỉnh",
    "tỉnh",
    "và",
    "cùng",
    "với",
];

struct Reader<'r> {
    tree: &'r Tree,
    on: Date,
    text: &'r str,
    words: Vec<Word>,
    place: Option<&'r Unit>,
    province: Option<&'r Unit>,
}

type Type = (&'static str, Kind);

enum Meaning<'r> {
    Units { rule: Rule, units: Vec<&'r Unit>, omitted: Vec<String> },
    Not(Unresolved),
}

enum Scope<'r> {
    Nearest,
    Places(Vec<&'r Unit>, Vec<String>, bool),
    Not(Unresolved),
}

impl<'r> Reader<'r> {
    fn read(&self) -> Resolution {
        let mut resolution = Resolution::default();
        let mut loose: Option<Range<usize>> = None;
        let mut carried: Option<Type> = None;
        let mut at = 0;
        while at < self.words.len() {
            let understood = resolution.parts.len() + resolution.leftovers.len() > 0 && loose.is_none();
            if understood
                && self.words[at].before == Gap::Dash
                && self.heads(at) > at
                && let Some((_, end)) = self.meaning(at)
            {
                // "Giám đốc Sở Y tế - Phó Chỉ huy trưởng Trung tâm Chỉ huy tỉnh" is one person; the first post is the unit's.
                at = end;
                continue;
            }
            if understood && let Some(end) = self.filler(at) {
                at = end;
                continue;
            }
            let department = |id: &UnitId| self.tree.get(id.as_str()).is_some_and(|unit| unit.tags.has(Tag::So));
            let after_so = understood
                && resolution
                    .parts
                    .last()
                    .is_some_and(|part| part.rule == Rule::Agency && part.units.iter().all(department));
            let reading = self.carried(at, carried).or_else(|| self.meaning(at));
            if let Some((meaning, end)) = reading.or_else(|| if after_so { self.department(at) } else { None }) {
                if let Some(words) = loose.take() {
                    self.leave(&mut resolution, words, None);
                }
                carried = self.type_before_name(at, end).or(carried.filter(|_| self.type_at(at).is_none()));
                let span = self.words[at].span.start..self.words[end - 1].span.end;
                match meaning {
                    Meaning::Units { rule, units, omitted } => {
                        let units: Vec<UnitId> = units.into_iter().map(|unit| unit.id.clone()).collect();
                        for unit in &units {
                            if !resolution.units.contains(unit) {
                                resolution.units.push(unit.clone());
                            }
                        }
                        let hamlets = (at..end)
                            .filter_map(|word| self.type_at(word))
                            .filter(|((_, kind), _)| *kind == Kind::Hamlet);
                        let absent = |type_name: &&str| {
                            !units
                                .iter()
                                .filter_map(|id| self.tree.get(id.as_str()))
                                .any(|unit| &*unit.type_name == *type_name)
                        };
                        let missing =
                            hamlets.map(|((type_name, _), _)| type_name).filter(absent).map(str::to_owned).collect();
                        resolution.parts.push(Part { span, rule, units, omitted, missing });
                    }
                    Meaning::Not(why) => self.leave(&mut resolution, at..end, Some(why)),
                }
                at = end;
                continue;
            }
            loose = Some(loose.map_or(at, |words| words.start)..at + 1);
            at += 1;
        }
        if let Some(words) = loose {
            self.leave(&mut resolution, words, None);
        }
        // "các quận, huyện và thành phố Thủ Đức": what one part omits another may name.
        let tree = self.tree;
        let named: Vec<&str> =
            resolution.units.iter().filter_map(|id| tree.get(id.as_str())).map(|unit| unit.type_on(self.on)).collect();
        for part in &mut resolution.parts {
            part.omitted.retain(|type_name| !named.contains(&type_name.as_str()));
        }
        if let Some(last) = self.words.last().filter(|_| self.words.len() == WORDS_MAX) {
            let span = last.span.end..self.text.len();
            let text = self.text[span.clone()].trim().to_owned();
            if !text.is_empty() {
                resolution.leftovers.push(Leftover { span, text, why: Unresolved::Unknown });
            }
        }
        resolution
    }

    fn leave(&self, resolution: &mut Resolution, words: Range<usize>, why: Option<Unresolved>) {
        let span = self.words[words.start].span.start..self.words[words.end - 1].span.end;
        let text = self.text[span.clone()].to_owned();
        let why = why.unwrap_or_else(|| {
            let vague = self.type_at(words.start).is_some_and(|(_, end)| end == words.end)
                || words.clone().any(|at| VAGUE.iter().any(|phrase| self.says(at, phrase).is_some()));
            if vague { Unresolved::Vague } else { Unresolved::Unknown }
        });
        // "và" and "các" alone say nothing.
        if words.clone().all(|at| matches!(self.words[at].low.as_str(), "và" | "các" | "cùng" | "với" | "gồm" | "là"))
        {
            return;
        }
        resolution.leftovers.push(Leftover { span, text, why });
    }

    // Whether the words at `at` are this phrase; then the index after it. Text typed without marks matches too.
    fn says(&self, at: usize, phrase: &str) -> Option<usize> {
        let mut end = at;
        for wanted in phrase.split(' ') {
            let word = self.words.get(end)?;
            let same = word.low == wanted || word.low.is_ascii() && word.low.len() > 1 && word.low == fold(wanted);
            if !same || end > at && matches!(word.before, Gap::Stop) {
                return None;
            }
            end += 1;
        }
        Some(end)
    }

    fn says_any(&self, at: usize, phrases: &[&str]) -> Option<usize> {
        phrases.iter().filter_map(|phrase| self.says(at, phrase)).max()
    }

    // The same, where commas inside would change the meaning.
    fn unbroken(&self, from: usize, end: usize) -> bool {
        self.words[from + 1..end].iter().all(|word| matches!(word.before, Gap::Space | Gap::Dash))
    }

    fn heads(&self, mut at: usize) -> usize {
        while let Some(end) = self.says_any(at, &HEADS).filter(|end| *end < self.words.len()) {
            at = end;
            // "Bí thư, Chủ tịch UBND", "các PCT".
            let next = self.says(at, "và").unwrap_or(at);
            let next = self.many(next);
            if self.says_any(next, &HEADS).is_some() {
                at = next;
            }
        }
        at
    }

    fn many(&self, at: usize) -> usize {
        self.says_any(at, &MANY).unwrap_or(at)
    }

    // What the words at `at` mean, and the index after them; the longest reading wins.
    fn meaning(&self, at: usize) -> Option<(Meaning<'r>, usize)> {
        let body = self.many(self.heads(self.many(at)));
        let readings = [
            self.central(at)
                .or_else(|| self.central(body))
                .map(|end| (Meaning::Units { rule: Rule::Central, units: Vec::new(), omitted: Vec::new() }, end)),
            self.groups(at),
            self.says(body, "sở")
                .filter(|next| self.words.get(*next).is_some_and(|word| word.before == Gap::Stop))
                .and_then(|next| self.department(next)),
            self.committees(body, body > at && self.says_any(body - 1, &MANY).is_some()),
            self.places(body, self.plural(at, body)),
            self.agency(at),
            if body > at { self.agency(body) } else { None },
        ];
        let mut best: Option<(Meaning<'r>, usize)> = None;
        for reading in readings.into_iter().flatten() {
            let order = |(meaning, end): &(Meaning<'_>, usize)| (*end, matches!(meaning, Meaning::Units { .. }));
            if best.as_ref().is_none_or(|known| order(&reading) > order(known)) {
                best = Some(reading);
            }
        }
        best
    }

    // "các Sở: Y tế, Tài chính": the word "sở" holds for the names that follow.
    fn department(&self, at: usize) -> Option<(Meaning<'r>, usize)> {
        let at = self.says(at, "và").unwrap_or(at);
        self.words.get(at).filter(|word| word.capital)?;
        let (_, end, key) = self.agency_core_after("so", at)?;
        self.agency_called(&key, end, false)
    }

    fn plural(&self, at: usize, body: usize) -> bool {
        (at..body).any(|word| self.says_any(word, &MANY).is_some())
            || (at..body).any(|word| {
                self.says(word, "người đứng đầu").is_some()
                    || self.says(word, "chủ tịch").is_some()
                    || self.says(word, "bí thư").is_some()
            })
    }

    fn central(&self, at: usize) -> Option<usize> {
        let mut squeezed = String::new();
        let mut found = None;
        for end in at..self.words.len().min(at + 12) {
            squeezed.push_str(&self.words[end].plain);
            if CENTRAL.contains(&squeezed.as_str()) {
                let all_capitals = end > at || squeezed.len() > 4 || self.words[at].shouted;
                if all_capitals {
                    found = Some(end + 1);
                }
            }
        }
        // "Quân khu 9" may follow.
        found.map(|end| {
            if self.words.get(end).is_some_and(|word| word.plain.bytes().all(|byte| byte.is_ascii_digit())) {
                end + 1
            } else {
                end
            }
        })
    }

    // "Các sở, ban, ngành, đoàn thể cấp tỉnh", "Giám đốc các sở, Thủ trưởng các ban, ngành".
    fn groups(&self, start: usize) -> Option<(Meaning<'r>, usize)> {
        let mut tags: Vec<Tag> = Vec::new();
        let (mut items, mut many) = (0, false);
        let mut at = start;
        let mut end = start;
        loop {
            let body = self.many(self.heads(self.many(at)));
            many |= self.plural(at, body) || start == 0 && items == 0 && self.words[start].capital;
            let Some((group, next)) = self.group_at(body) else { break };
            // "đảng ủy trực thuộc", "đoàn thể tỉnh" mean all of them even without "các".
            many |= next - body > 1;
            if self.words.get(next).is_some_and(|word| word.before == Gap::Stop) && self.department(next).is_some() {
                break;
            }
            tags.extend(group);
            items += 1;
            end = next;
            let mut further = self.says(next, "và").unwrap_or(next);
            if further == next
                && !self.words.get(next).is_some_and(|word| matches!(word.before, Gap::Comma | Gap::Slash))
            {
                // "ban ngành" without a comma.
                if self.group_at(next).is_none() {
                    break;
                }
                further = next;
            }
            at = further;
        }
        if items == 0 || items == 1 && !many {
            return None;
        }
        // "các cấp, các ngành" is a manner of speaking.
        if items == 1
            && (self.says(end - 1, "ngành").is_some() || self.says(end - 1, "ban").is_some())
            && tags == [Tag::BanNganh]
            && end - start <= 2
        {
            return None;
        }
        if let Some(end) = self.says_any(end, &["có liên quan", "liên quan", "chức năng", "khác"]) {
            return Some((Meaning::Not(Unresolved::Vague), end));
        }
        let mut places: Vec<&Unit> = self.province.into_iter().collect();
        if let Some(next) = self.says_any(end, &["đóng trên địa bàn", "trên địa bàn", "trực thuộc", "thuộc"])
        {
            end = next;
        }
        let (scope, next) = self.scope(end, true);
        if let Scope::Places(named, _, _) = scope {
            places = named;
            end = next;
        } else if let Some(next) = self.says_any(end, &["tỉnh ủy", "thành ủy"]) {
            end = next;
        }
        let wanted = tags.iter().fold(Tags::default(), |set, tag| set.with(*tag));
        let units: Vec<&Unit> = places
            .iter()
            .flat_map(|place| self.tree.children(place.id.as_str()))
            .filter(|unit| unit.kind == Kind::Agency && unit.tags.meets(wanted) && unit.exists_on(self.on))
            .collect();
        if units.is_empty() {
            return Some((Meaning::Not(Unresolved::Unknown), end));
        }
        Some((Meaning::Units { rule: Rule::Group, units, omitted: Vec::new() }, end))
    }

    fn group_at(&self, at: usize) -> Option<(&'static [Tag], usize)> {
        let fits = |(phrase, tags): &(&str, &'static [Tag])| {
            let end = self.says(at, phrase)?;
            let sound = end - at == 1 || self.unbroken(at, end);
            (sound && self.ends_group(end)).then_some((*tags, end))
        };
        GROUPS.iter().filter_map(fits).max_by_key(|(_, end)| *end)
    }

    // A word like "sở" names the group only if no name follows.
    fn ends_group(&self, at: usize) -> bool {
        let Some(word) = self.words.get(at) else { return true };
        matches!(word.before, Gap::Comma | Gap::Slash | Gap::Stop)
            || [
                "và", "cấp", "tỉnh", "thành", "tp", "trực", "thuộc", "trên", "đóng", "có", "liên", "của", "huyện",
                "các", "chức", "khác", "ngành",
            ]
            .contains(&word.low.as_str())
            || GROUPS.iter().any(|(phrase, _)| {
                !phrase.contains(' ')
                    && self.says(at, phrase).is_some_and(|end| end == at + 1 && !self.words[at].capital)
            })
    }

    // "các huyện, thành ủy".
    fn committees(&self, start: usize, many: bool) -> Option<(Meaning<'r>, usize)> {
        let (mut types, mut at, mut closed) = (Vec::new(), start, start);
        let mut items = 0;
        loop {
            let at_next = self.many(self.says(at, "và").unwrap_or(at));
            let type_name = match self.words.get(at_next)?.low.as_str() {
                "huyện" => "huyện",
                "thị" => "thị xã",
                "thành" => "thành phố",
                "quận" => "quận",
                _ => break,
            };
            types.push(type_name);
            items += 1;
            at = at_next + 1;
            if self.words.get(at).is_some_and(|word| word.low == "ủy" || word.low == "uy") {
                at += 1;
                closed = at;
            }
            if self.words.get(at).is_none_or(|word| !matches!(word.before, Gap::Comma | Gap::Slash) && word.low != "và")
            {
                break;
            }
        }
        if closed == start || items == 0 || items == 1 && !many {
            return None;
        }
        let province = self.province?;
        let districts = self
            .tree
            .descendants(province.id.as_str(), Kind::District, Some(self.on))
            .filter(|unit| types.contains(&unit.type_on(self.on)));
        let units: Vec<&Unit> = districts
            .filter_map(|unit| self.tree.agency(unit.id.as_str(), "hu"))
            .filter(|unit| unit.exists_on(self.on))
            .collect();
        if units.is_empty() {
            return Some((Meaning::Not(self.no_level(Kind::District, start..closed)), closed));
        }
        Some((
            Meaning::Units {
                rule: Rule::EachAgency,
                units,
                omitted: self.omitted(&[province], &types, &[Kind::District]),
            },
            closed,
        ))
    }

    fn type_at(&self, at: usize) -> Option<(Type, usize)> {
        let word = self.words.get(at)?;
        let found = TYPES.iter().find_map(|(phrase, type_name, kind)| {
            let end = self.says(at, phrase)?;
            let whole = end == at + 1 || self.unbroken(at, end);
            // One letter stands for a type only before a name: "H. Mỹ Xuyên", "P.1".
            let sound = phrase.len() > 2
                || phrase == &"tp"
                || phrase == &"tx"
                || word.capital && self.words.get(end).is_some_and(|next| next.capital);
            (whole && sound).then_some(((*type_name, *kind), end))
        })?;
        // "xã hội", "thành ủy", "huyện ủy", "tỉnh đoàn" are other words.
        let next = self.words.get(found.1).filter(|next| next.before == Gap::Space).map(|next| next.low.as_str());
        if matches!((found.0.0, next), ("xã", Some("hội")) | (_, Some("ủy" | "đoàn" | "đội"))) {
            None
        } else {
            Some(found)
        }
    }

    // "huyện, thị xã, thành phố", as far as no name follows.
    fn types(&self, start: usize) -> (Vec<Type>, usize) {
        let (mut types, mut at, mut end) = (Vec::new(), start, start);
        while let Some((found, next)) = self.type_at(at) {
            if !types.is_empty() && self.name_at(next, Some(found)).is_some() {
                break;
            }
            types.push(found);
            end = next;
            let separated = self.words.get(next).is_some_and(|word| matches!(word.before, Gap::Comma | Gap::Slash));
            let after = self.says_any(next, &["và", "hoặc"]);
            if after.is_none() && !separated {
                break;
            }
            at = after.unwrap_or(next);
            at = self.says_any(at, &["các", "cấp"]).unwrap_or(at);
        }
        (types, end)
    }

    // A name of a place at `at`, of that type if given: the units so called on whatever day, and the index after it.
    fn name_at(&self, at: usize, wanted: Option<Type>) -> Option<(Vec<&'r Unit>, usize)> {
        let first = self.words.get(at)?;
        let lower = !self.text.chars().any(char::is_uppercase);
        if !(first.capital || lower) || !matches!(first.before, Gap::Space | Gap::Stop | Gap::Comma) {
            return None;
        }
        let longest = self.words.len().min(at + 7);
        for end in (at + 1..=longest).rev() {
            if !self.unbroken(at, end) {
                continue;
            }
            let plain: Vec<&str> = self.words[at..end].iter().map(|word| word.plain.as_str()).collect();
            let fits = |unit: &&Unit| match wanted {
                None => true,
                Some((type_name, _)) => {
                    &*unit.type_name == type_name
                        || unit.renamed.iter().any(|renaming| &*renaming.type_name == type_name)
                }
            };
            let mut units: Vec<&Unit> = self.tree.named(&squeeze(&plain.join(" "))).filter(fits).collect();
            if units.is_empty() {
                continue;
            }
            // With marks in the text the marks must agree, if any unit's do: Thanh Trì is not Thạnh Trị.
            let marked = words_key(&self.text[self.words[at].span.start..self.words[end - 1].span.end]);
            if !marked.is_ascii() {
                let same: Vec<&Unit> =
                    units.iter().copied().filter(|unit| spelled(unit).any(|name| words_key(name) == marked)).collect();
                if !same.is_empty() {
                    units = same;
                } else if units.iter().all(|unit| !unit.bare_name().is_ascii()) && !self.slip_allowed(&units) {
                    continue;
                }
            }
            return Some((units, end));
        }
        None
    }

    // A slip of the marks is forgiven only inside the issuer's province.
    fn slip_allowed(&self, units: &[&Unit]) -> bool {
        self.province.is_some_and(|province| units.iter().any(|unit| province.path.contains(&unit.path)))
    }

    // "xã Phú Tâm, huyện Châu Thành, tỉnh Sóc Trăng": the units meant and the index after.
    fn named_place(&self, at: usize) -> Option<(Vec<&'r Unit>, usize)> {
        let (wanted, next) = self.type_at(at)?;
        let (mut units, mut end) = self.name_at(next, Some(wanted))?;
        let mut lowest = units.iter().map(|unit| unit.kind).min()?;
        loop {
            let next = self.says_any(end, &["thuộc", "của", "trên địa bàn"]).unwrap_or(end);
            let Some((above, after)) = self.type_at(next).and_then(|(above, name)| self.name_at(name, Some(above)))
            else {
                break;
            };
            let higher = above.iter().map(|unit| unit.kind).min()?;
            let under: Vec<&Unit> = units
                .iter()
                .copied()
                .filter(|unit| above.iter().any(|up| up.id != unit.id && up.path.contains(&unit.path)))
                .collect();
            if higher >= lowest || under.is_empty() {
                break;
            }
            (units, end, lowest) = (under, after, higher);
        }
        Some((units, end))
    }

    // Which of several namesakes is meant.
    fn choose(&self, units: &[&'r Unit]) -> Result<&'r Unit, Unresolved> {
        let ids = |units: &[&Unit]| units.iter().map(|unit| unit.id.clone()).collect::<Vec<_>>();
        let inside = |unit: &&&Unit| self.province.is_none_or(|province| province.path.contains(&unit.path));
        let (today, other): (Vec<&Unit>, Vec<&Unit>) = units.iter().partition(|unit| unit.exists_on(self.on));
        let here: Vec<&Unit> = today.iter().filter(inside).copied().collect();
        match here[..] {
            [only] => return Ok(only),
            [] => {}
            _ => {
                let near: Vec<&Unit> = here
                    .iter()
                    .copied()
                    .filter(|unit| self.place.is_some_and(|place| place.path.contains(&unit.path)))
                    .collect();
                return if let [only] = near[..] { Ok(only) } else { Err(Unresolved::Ambiguous(ids(&here))) };
            }
        }
        let kin = self.kin();
        let related: Vec<&Unit> = other
            .iter()
            .copied()
            .filter(|unit| unit.path.keys().next().is_some_and(|top| kin.iter().any(|id| id == top)))
            .collect();
        let former = if !related.is_empty() {
            related
        } else if today.is_empty() {
            other
        } else {
            return Err(Unresolved::Outside(ids(&today)));
        };
        if let [only] = former[..] { Err(self.not_on_date(only)) } else { Err(Unresolved::Ambiguous(ids(&former))) }
    }

    // The issuer's province, what it was made of and what it became.
    fn kin(&self) -> Vec<UnitId> {
        let Some(province) = self.province else { return Vec::new() };
        let id = province.id.as_str();
        let around = self.tree.predecessors(id).into_iter().chain(self.tree.successors(id)).map(|heir| heir.unit);
        std::iter::once(province.id.clone()).chain(around).collect()
    }

    fn not_on_date(&self, unit: &Unit) -> Unresolved {
        let id = unit.id.as_str();
        let heirs = if unit.until.is_some_and(|until| until < self.on) {
            self.tree.successors(id)
        } else {
            self.tree.predecessors(id)
        };
        Unresolved::NotOnDate {
            name: unit.full_name.clone(),
            unit: Some(unit.id.clone()),
            from: unit.from,
            until: unit.until,
            heirs: heirs.into_iter().map(|heir| heir.unit).collect(),
        }
    }

    fn no_level(&self, kind: Kind, words: Range<usize>) -> Unresolved {
        let name = self.text[self.words[words.start].span.start..self.words[words.end - 1].span.end].to_owned();
        let of_kind = || self.tree.units().iter().filter(|unit| unit.kind == kind);
        if of_kind().next().is_none() || of_kind().any(|unit| unit.exists_on(self.on)) {
            return Unresolved::Unknown;
        }
        Unresolved::NotOnDate {
            name,
            unit: None,
            from: of_kind().filter_map(|unit| unit.from).min(),
            until: of_kind().filter_map(|unit| unit.until).max(),
            heirs: Vec::new(),
        }
    }

    fn omitted(&self, bases: &[&Unit], named: &[&str], kinds: &[Kind]) -> Vec<String> {
        let mut omitted: Vec<String> = Vec::new();
        for base in bases {
            for unit in self
                .tree
                .subtree(base.id.as_str())
                .iter()
                .filter(|unit| kinds.contains(&unit.kind) && unit.exists_on(self.on))
            {
                let type_name = unit.type_on(self.on);
                if !named.contains(&type_name) && !omitted.iter().any(|known| known == type_name) {
                    omitted.push(type_name.to_owned());
                }
            }
        }
        omitted
    }

    // All places of the types named, below the issuer's place or the place that follows.
    fn all_of(&self, types: &[Type], start: usize, end: usize) -> (Meaning<'r>, usize) {
        let mut end = end;
        let mut base = self.place.or(self.province);
        let next = self.says_any(end, &["thuộc", "của", "trên địa bàn", "trực thuộc"]).unwrap_or(end);
        let joined = self.words.get(next).is_some_and(|word| next > end || word.before == Gap::Space);
        if joined && let Some((units, after)) = self.named_place(next) {
            match self.choose(&units) {
                Ok(unit) => base = Some(unit),
                Err(why) => return (Meaning::Not(why), after),
            }
            end = after;
        } else if joined && let Some(after) = self.says(next, "tỉnh") {
            end = after;
        }
        // A commune speaks to its own hamlets, a district to its communes; whoever names a higher level means the province's.
        let lowest = types.iter().map(|(_, kind)| *kind).min().unwrap_or(Kind::Commune);
        if base.is_some_and(|base| base.kind >= lowest) {
            base = self.province;
        }
        let Some(base) = base else { return (Meaning::Not(Unresolved::Vague), end) };
        if types.iter().any(|(_, kind)| *kind == Kind::Province) {
            let provinces =
                self.tree.roots().filter(|unit| unit.exists_on(self.on)).map(|unit| unit.id.clone()).collect();
            return (Meaning::Not(Unresolved::Outside(provinces)), end);
        }
        let names: Vec<&str> = types.iter().map(|(name, _)| *name).collect();
        let mut kinds: Vec<Kind> = types.iter().map(|(_, kind)| *kind).collect();
        kinds.dedup();
        let below =
            self.tree.subtree(base.id.as_str()).iter().filter(|unit| unit.kind.is_place() && unit.exists_on(self.on));
        let units: Vec<&Unit> =
            below.filter(|unit| kinds.contains(&unit.kind) && names.contains(&unit.type_on(self.on))).collect();
        if units.is_empty() {
            return (Meaning::Not(self.no_level(lowest, start..end)), end);
        }
        let rule = match kinds[..] {
            [Kind::District] => Rule::Districts,
            [Kind::Commune] => Rule::Communes,
            _ => Rule::Places,
        };
        kinds.retain(|kind| kind.has_committee());
        let omitted = self.omitted(&[base], &names, &kinds);
        (Meaning::Units { rule, units, omitted }, end)
    }

    // Levels after "cấp": "cấp huyện, cấp xã", "cấp tỉnh/huyện/xã".
    fn levels(&self, at: usize) -> Option<(Vec<Kind>, usize)> {
        let start = self.says(at, "cấp")?;
        let (types, end) = self.types(start);
        let mut kinds: Vec<Kind> = types
            .iter()
            .map(|(name, kind)| {
                if *name == "thành phố" && self.province.is_some_and(|province| &*province.type_name == "thành phố")
                {
                    Kind::Province
                } else {
                    *kind
                }
            })
            .collect();
        kinds.dedup();
        (!kinds.is_empty()).then_some((kinds, end))
    }

    // Places with or without "UBND" before them.
    fn places(&self, start: usize, many: bool) -> Option<(Meaning<'r>, usize)> {
        let committee = self.says_any(
            start,
            &[
                "ủy ban nhân dân",
                "ubnd",
                "chính quyền",
                "ub nd",
                "hđnd và ubnd",
                "hđnd ubnd",
                "hội đồng nhân dân và ủy ban nhân dân",
            ],
        );
        let at = committee.unwrap_or(start);
        let body = self.many(at);
        let many = many && committee.is_none() || body > at;
        let place = |unit: Result<&'r Unit, Unresolved>| match unit {
            Ok(unit) => Meaning::Units { rule: Rule::Place, units: vec![unit], omitted: Vec::new() },
            Err(why) => Meaning::Not(why),
        };
        if committee.is_some()
            && let Some(end) = self.says_any(at, &["các cấp", "các địa phương", "cùng cấp"])
        {
            return Some((Meaning::Not(Unresolved::Vague), end));
        }
        if let Some((kinds, end)) = self.levels(body).filter(|_| committee.is_some() || many) {
            let province = self.province?;
            let below = self.tree.subtree(province.id.as_str()).iter();
            let units: Vec<&Unit> =
                below.filter(|unit| kinds.contains(&unit.kind) && unit.exists_on(self.on)).collect();
            if units.is_empty() {
                return Some((Meaning::Not(self.no_level(kinds[0], start..end)), end));
            }
            let rule = match kinds[..] {
                [Kind::District] => Rule::Districts,
                [Kind::Commune] => Rule::Communes,
                [Kind::Province] => Rule::Place,
                _ => Rule::Places,
            };
            return Some((Meaning::Units { rule, units, omitted: Vec::new() }, end));
        }
        if let Some((units, end)) = self.named_place(body) {
            return Some((place(self.choose(&units)), end));
        }
        let (types, end) = self.types(body);
        match types[..] {
            [] if committee.is_some()
                && let Some((units, end)) = self.name_at(at, None) =>
            {
                Some((place(self.choose(&units)), end))
            }
            [] if start == 0
                && let Some((units, end)) = self.name_at(start, None)
                && end == self.words.len() =>
            {
                Some((place(self.choose(&units)), end))
            }
            [] => None,
            // A type and a name that no unit has.
            [only]
                if self.words.get(end).is_some_and(|word| word.capital && word.before == Gap::Space)
                    && !many
                    && only.1 != Kind::Province =>
            {
                let more =
                    self.words[end..].iter().take_while(|word| word.capital && word.before == Gap::Space).count();
                Some((Meaning::Not(Unresolved::Unknown), end + more))
            }
            [only] if !many => {
                committee?;
                if let Some(unit) = self.own(only) {
                    Some((place(Ok(unit)), end))
                } else {
                    Some((Meaning::Not(Unresolved::Vague), end))
                }
            }
            _ => Some(self.all_of(&types, start, end)),
        }
    }

    // "UBND tỉnh", "UBND huyện" in a document of that district.
    fn own(&self, wanted: Type) -> Option<&'r Unit> {
        let place = self.place?;
        let above = std::iter::once(place).chain(self.tree.ancestors(place.id.as_str()));
        above.into_iter().find(|unit| unit.type_on(self.on) == wanted.0 && unit.exists_on(self.on))
    }

    fn agency_core(&self, at: usize) -> Option<(Vec<&'r str>, usize, String)> {
        self.agency_core_after("", at)
    }

    // The longest agency's name that begins with `before` and goes on with the words at `at`.
    fn agency_core_after(&self, before: &str, at: usize) -> Option<(Vec<&'r str>, usize, String)> {
        let mut squeezed = Vec::new();
        let mut key = before.to_owned();
        let mut ends = Vec::new();
        for end in at..self.words.len().min(at + 18) {
            if end > at && self.words[end].before == Gap::Stop {
                break;
            }
            key.push_str(&squeeze(&self.words[end].plain));
            squeezed.push(key.clone());
            ends.push(end + 1);
        }
        for (key, end) in squeezed.into_iter().zip(ends).rev() {
            if key.len() <= 4
                && !self.words[at..end]
                    .iter()
                    .all(|word| word.shouted || word.before == Gap::Space && word.capital && end > at + 1)
            {
                continue;
            }
            // "Tỉnh ủy viên" are persons.
            if self.words.get(end).is_some_and(|word| word.low == "viên" && word.before == Gap::Space) {
                continue;
            }
            let slugs = self.tree.slugs(&key);
            if !slugs.is_empty() {
                return Some((slugs, end, key));
            }
        }
        None
    }

    // An agency's name, then whose it is.
    fn agency(&self, start: usize) -> Option<(Meaning<'r>, usize)> {
        let at = self.many(start);
        let many = at > start;
        let (_, after, key) = self.agency_core(at)?;
        self.agency_called(&key, after, many)
    }

    // The agency whose squeezed name is `key`; whose it is stands at `after`.
    fn agency_called(&self, key: &str, after: usize, many: bool) -> Option<(Meaning<'r>, usize)> {
        let slugs = self.tree.slugs(key);
        let (scope, end) = self.scope(after, many);
        let find = |place: &Unit, today: bool| {
            let called = |unit: &&Unit| {
                std::iter::once(&unit.name)
                    .chain(&unit.alt_names)
                    .any(|name| squeeze(core(&fold(name), &fold(&place.type_name))) == key)
            };
            slugs
                .iter()
                .filter_map(|slug| self.tree.agency(place.id.as_str(), slug))
                .filter(called)
                .find(|unit| unit.exists_on(self.on) == today)
        };
        let not = |why| Some((Meaning::Not(why), end));
        match scope {
            Scope::Not(why) => not(why),
            Scope::Places(places, omitted, each) => {
                let units: Vec<&Unit> = places.iter().filter_map(|place| find(place, true)).collect();
                if units.is_empty() {
                    let former = places.iter().find_map(|place| find(place, false));
                    return not(former.map_or(Unresolved::Unknown, |unit| self.not_on_date(unit)));
                }
                let inside = |unit: &&Unit| self.province.is_none_or(|province| province.path.contains(&unit.path));
                if !units.iter().all(inside) {
                    return not(Unresolved::Outside(units.iter().map(|unit| unit.id.clone()).collect()));
                }
                Some((Meaning::Units { rule: if each { Rule::EachAgency } else { Rule::Agency }, units, omitted }, end))
            }
            Scope::Nearest => {
                let place = self.place?;
                let above: Vec<&Unit> = std::iter::once(place).chain(self.tree.ancestors(place.id.as_str())).collect();
                if let Some(unit) = above.iter().find_map(|place| find(place, true)) {
                    return Some((Meaning::Units { rule: Rule::Agency, units: vec![unit], omitted: Vec::new() }, end));
                }
                let kin = self.kin();
                let former = kin
                    .iter()
                    .filter_map(|id| self.tree.get(id.as_str()))
                    .find_map(|place| find(place, false).or_else(|| find(place, true)));
                if let Some(unit) = former.filter(|unit| !unit.exists_on(self.on)) {
                    return not(self.not_on_date(unit));
                }
                let lower = above.iter().any(|place| {
                    self.tree
                        .subtree(place.id.as_str())
                        .iter()
                        .any(|unit| unit.kind.is_place() && find(unit, true).is_some())
                });
                not(if lower { Unresolved::Vague } else { Unresolved::Unknown })
            }
        }
    }

    // Whose agency: "tỉnh", "cấp huyện", "các huyện, thị xã, thành phố", "huyện Mỹ Xuyên", "Kiên Giang"; and the index after.
    fn scope(&self, start: usize, many: bool) -> (Scope<'r>, usize) {
        if let Some(end) = self.says(start, "các cấp") {
            return (Scope::Not(Unresolved::Vague), end);
        }
        let next = self.says_any(start, &["thuộc", "của", "trực thuộc", "ở", "tại"]).unwrap_or(start);
        let joined = self.words.get(next).is_some_and(|word| matches!(word.before, Gap::Space | Gap::Stop));
        let own_dash = self.words.get(next).is_some_and(|word| word.before == Gap::Dash) && self.heads(next) == next;
        if !joined && !own_dash {
            return (Scope::Nearest, start);
        }
        if let Some((kinds, end)) = self.levels(next) {
            let below = self.province.map_or(&[][..], |province| self.tree.subtree(province.id.as_str()));
            let places: Vec<&Unit> =
                below.iter().filter(|unit| kinds.contains(&unit.kind) && unit.exists_on(self.on)).collect();
            if places.is_empty() {
                return (Scope::Not(self.no_level(kinds[0], next..end)), end);
            }
            let each = kinds != [Kind::Province];
            return (Scope::Places(places, Vec::new(), each), end);
        }
        let body = self.many(next);
        let many = many || body > next;
        if let Some((units, end)) = self.named_place(body) {
            return match self.choose(&units) {
                Ok(unit) => (Scope::Places(vec![unit], Vec::new(), false), end),
                // Another province's agency: the caller says that it is outside.
                Err(Unresolved::Outside(ids)) if ids.len() == 1 => (
                    Scope::Places(ids.iter().filter_map(|id| self.tree.get(id.as_str())).collect(), Vec::new(), false),
                    end,
                ),
                Err(why) => (Scope::Not(why), end),
            };
        }
        let (types, end) = self.types(body);
        match types[..] {
            [] => {
                let Some((units, end)) = self.name_at(next, None) else { return (Scope::Nearest, start) };
                let top = units.iter().filter(|unit| unit.exists_on(self.on)).map(|unit| unit.kind).min();
                let same: Vec<&Unit> =
                    units.into_iter().filter(|unit| Some(unit.kind) == top && unit.exists_on(self.on)).collect();
                match self.choose(&same) {
                    Ok(unit) => (Scope::Places(vec![unit], Vec::new(), false), end),
                    Err(_) => (Scope::Nearest, start),
                }
            }
            [only] if !many || only.1 == Kind::Province => {
                let city =
                    only.0 == "thành phố" && self.province.is_some_and(|province| &*province.type_name == "thành phố");
                let own = if city { self.province } else { self.own(only) };
                match own {
                    Some(unit) => (Scope::Places(vec![unit], Vec::new(), false), end),
                    None => (Scope::Not(Unresolved::Vague), end),
                }
            }
            // "sở, ban, ngành tỉnh, huyện": the first level alone.
            [first, ..] if first.1 == Kind::Province => match self.province {
                Some(province) => (
                    Scope::Places(vec![province], Vec::new(), false),
                    self.type_at(body).map_or(end, |(_, after)| after),
                ),
                None => (Scope::Not(Unresolved::Vague), end),
            },
            _ => match self.all_of(&types, body, end) {
                (Meaning::Units { units, omitted, .. }, end) => (Scope::Places(units, omitted, true), end),
                (Meaning::Not(why), end) => (Scope::Not(why), end),
            },
        }
    }

    fn filler(&self, at: usize) -> Option<usize> {
        if let Some(end) = self.says_any(at, &FILLERS) {
            // "tỉnh Sóc Trăng" after the list names the issuer's own province.
            let name = if self.words[end - 1].low == "tỉnh" { self.name_at(end, None) } else { None };
            return Some(match name {
                Some((units, after)) if units.iter().any(|unit| self.is_above(unit)) => after,
                _ => end,
            });
        }
        let (units, end) = self.named_place(at)?;
        (self.words[at].before != Gap::Comma && units.iter().any(|unit| self.is_above(unit))).then_some(end)
    }

    fn is_above(&self, unit: &Unit) -> bool {
        self.place.is_some_and(|place| unit.path.contains(&place.path))
    }

    // "các huyện Mỹ Xuyên, Long Phú và Trần Đề": the type holds for the names that follow.
    fn carried(&self, at: usize, carried: Option<Type>) -> Option<(Meaning<'r>, usize)> {
        let wanted = carried?;
        let at = self.says(at, "và").unwrap_or(at);
        if self.type_at(at).is_some() || self.agency_core(at).is_some() {
            return None;
        }
        let (units, end) = self.name_at(at, Some(wanted))?;
        let unit = self.choose(&units).ok()?;
        Some((Meaning::Units { rule: Rule::Place, units: vec![unit], omitted: Vec::new() }, end))
    }

    fn type_before_name(&self, at: usize, end: usize) -> Option<Type> {
        (at..end)
            .rev()
            .find_map(|word| {
                self.type_at(word).filter(|(found, next)| *next < end && self.name_at(*next, Some(*found)).is_some())
            })
            .map(|(found, _)| found)
    }

    // Every place named in a heading, by type and name, else by name alone.
    fn place_names(&self) -> Vec<&'r Unit> {
        let mut found: Vec<&Unit> = Vec::new();
        for at in 0..self.words.len() {
            let party = |(phrase, wanted): &(&str, Type)| self.name_at(self.says(at, phrase)?, Some(*wanted));
            let named = self.named_place(at).or_else(|| PARTY.iter().find_map(party));
            let Some((units, _)) = named else { continue };
            found.extend(units);
        }
        if found.is_empty() {
            for at in 0..self.words.len() {
                if let Some((units, end)) = self.name_at(at, None)
                    && (at == 0 || end == self.words.len())
                {
                    let top = units.iter().map(|unit| unit.kind).min();
                    let whole = at == 0 && end == self.words.len();
                    found.extend(
                        units.into_iter().filter(|unit| whole || Some(unit.kind) == top && unit.kind == Kind::Province),
                    );
                    break;
                }
            }
        }
        found
    }
}

fn spelled(unit: &Unit) -> impl Iterator<Item = &str> {
    std::iter::once(unit.bare_name())
        .chain(unit.alt_names.iter().map(String::as_str))
        .chain(unit.renamed.iter().map(|renaming| renaming.name.as_str()))
}

// Letters and digits with their marks, lower case, for exact comparison of names.
fn words_key(text: &str) -> String {
    tone_normal(&text.to_lowercase()).chars().filter(|char| char.is_alphanumeric()).collect()
}
