//! Units (đơn vị): places of the administrative tree and the agencies beside them, each with the days on which it exists.
//!
//! Two trees live side by side. Until 30 June 2025 provinces, districts and communes; since 1 July 2025 provinces and communes
//! (basis: Resolution 202/2025/QH15 on provinces, Law 72/2025/QH15 on two levels of local government). [`Lineage`] says what became of what.
//! Codes of the General Statistics Office are reused (91 was Kiên Giang, now it is An Giang), so a unit is known by its own key, [`UnitId`].
//!
//! Everything here is pure: values in, values out. The data come as texts; who holds them is the caller's business.

pub mod agencies;
pub mod mentions;
mod path;
mod read;
mod tree;

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use jiff::civil::{Date, date};

pub use path::{BadPath, Path};
pub use read::{FAULTS, Fault, ROWS_MAX, read_lineage, read_places, write_lineage, write_places};
pub use tree::{Heir, Hit, Query, Rank, Tree, TreeFault};

/// The first day of government on two levels.
///
/// Basis: Resolution 202/2025/QH15 and Law 72/2025/QH15.
pub const TWO_LEVELS_FROM: Date = date(2025, 7, 1);

/// The key of a unit (mã định danh đơn vị), never reused.
///
/// Units of the tree until June 2025 keep the code of the General Statistics Office (`94`, `941`, `31732`), later ones put `25-` before it
/// (`25-92`). Agencies, hamlets and clusters are the key of their parent, a dot and a short name: `94.syt`, `31732.khom-1`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(Arc<str>);

impl UnitId {
    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key of something named `slug` directly beside or below this unit.
    #[must_use]
    pub fn beside(&self, slug: &str) -> Self {
        Self(Arc::from(format!("{}.{slug}", self.0)))
    }

    /// Whether a text may serve as a key: 1 to 64 of `A-Z a-z 0-9 . -`.
    #[must_use]
    pub fn is_sound(text: &str) -> bool {
        (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.' || byte == b'-')
    }
}

impl From<&str> for UnitId {
    fn from(text: &str) -> Self {
        Self(Arc::from(text))
    }
}

impl From<String> for UnitId {
    fn from(text: String) -> Self {
        Self(Arc::from(text))
    }
}

impl Borrow<str> for UnitId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialEq<str> for UnitId {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for UnitId {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UnitId({})", self.0)
    }
}

impl serde::Serialize for UnitId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> serde::Deserialize<'de> for UnitId {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?))
    }
}

/// What a unit is (loại đơn vị).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A province or centrally-run city (tỉnh, thành phố trực thuộc trung ương).
    Province,
    /// A district (huyện, quận, thị xã, thành phố thuộc tỉnh); none since 1 July 2025.
    District,
    /// A commune (xã, phường, thị trấn, đặc khu).
    Commune,
    /// A hamlet or neighbourhood (ấp, khóm, thôn, bản, tổ dân phố, khu phố).
    Hamlet,
    /// A residential cluster below a hamlet (cụm dân cư, tổ tự quản).
    Cluster,
    /// An agency beside a place (cơ quan): department, police, military, Front, hospital, command centre.
    Agency,
}

impl Kind {
    /// Every kind, from the top.
    pub const ALL: [Self; 6] =
        [Self::Province, Self::District, Self::Commune, Self::Hamlet, Self::Cluster, Self::Agency];

    /// The word used in files and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::District => "district",
            Self::Commune => "commune",
            Self::Hamlet => "hamlet",
            Self::Cluster => "cluster",
            Self::Agency => "agency",
        }
    }

    /// Reads [`Kind::as_str`] back.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether the unit is a place rather than an agency.
    #[must_use]
    pub const fn is_place(self) -> bool {
        !matches!(self, Self::Agency)
    }

    /// Whether the unit has a People's Committee (UBND).
    #[must_use]
    pub const fn has_committee(self) -> bool {
        matches!(self, Self::Province | Self::District | Self::Commune)
    }
}

/// A group of agencies that dispatches address together (nhóm cơ quan): "các sở, ban, ngành, đoàn thể".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the Vietnamese words are in `Tag::words`")]
pub enum Tag {
    So,
    BanNganh,
    DoanThe,
    Hoi,
    MatTran,
    TrungUong,
    Dang,
    BanDang,
    DangUy,
    CapUy,
    QuanSu,
    CongAn,
    SuNghiep,
    YTe,
    BaoChi,
    TuPhap,
    HoiDong,
    ChiHuy,
    TieuBan,
    Phong,
}

impl Tag {
    /// Every tag.
    pub const ALL: [Self; 20] = [
        Self::So,
        Self::BanNganh,
        Self::DoanThe,
        Self::Hoi,
        Self::MatTran,
        Self::TrungUong,
        Self::Dang,
        Self::BanDang,
        Self::DangUy,
        Self::CapUy,
        Self::QuanSu,
        Self::CongAn,
        Self::SuNghiep,
        Self::YTe,
        Self::BaoChi,
        Self::TuPhap,
        Self::HoiDong,
        Self::ChiHuy,
        Self::TieuBan,
        Self::Phong,
    ];

    /// The word used in files, and the Vietnamese term.
    #[must_use]
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::So => ("so", "sở"),
            Self::BanNganh => ("ban_nganh", "ban, ngành"),
            Self::DoanThe => ("doan_the", "đoàn thể"),
            Self::Hoi => ("hoi", "hội"),
            Self::MatTran => ("mat_tran", "Mặt trận Tổ quốc"),
            Self::TrungUong => ("trung_uong", "cơ quan trung ương trên địa bàn"),
            Self::Dang => ("dang", "cơ quan đảng"),
            Self::BanDang => ("ban_dang", "ban đảng"),
            Self::DangUy => ("dang_uy", "đảng ủy trực thuộc"),
            Self::CapUy => ("cap_uy", "cấp ủy"),
            Self::QuanSu => ("quan_su", "quân sự"),
            Self::CongAn => ("cong_an", "công an"),
            Self::SuNghiep => ("su_nghiep", "đơn vị sự nghiệp"),
            Self::YTe => ("y_te", "y tế"),
            Self::BaoChi => ("bao_chi", "báo, đài"),
            Self::TuPhap => ("tu_phap", "tòa án, viện kiểm sát"),
            Self::HoiDong => ("hoi_dong", "hội đồng nhân dân"),
            Self::ChiHuy => ("chi_huy", "chỉ đạo, chỉ huy chống dịch"),
            Self::TieuBan => ("tieu_ban", "tiểu ban"),
            Self::Phong => ("phong", "phòng chuyên môn"),
        }
    }
}

/// A set of [`Tag`]s.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tags(u32);

impl Tags {
    /// The set with `tag` added.
    #[must_use]
    pub const fn with(self, tag: Tag) -> Self {
        Self(self.0 | 1 << tag as u32)
    }

    /// Whether `tag` is in the set.
    #[must_use]
    pub const fn has(self, tag: Tag) -> bool {
        self.0 & (1 << tag as u32) != 0
    }

    /// Whether the sets share a tag.
    #[must_use]
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The tags in the set.
    pub fn iter(self) -> impl Iterator<Item = Tag> {
        Tag::ALL.into_iter().filter(move |tag| self.has(*tag))
    }

    /// Reads words separated by `|`; gives back the first unknown word.
    ///
    /// # Errors
    /// If a word is no tag.
    pub fn parse(words: &str) -> Result<Self, String> {
        words.split('|').filter(|word| !word.is_empty()).try_fold(Self::default(), |tags, word| {
            Tag::ALL
                .into_iter()
                .find(|tag| tag.words().0 == word)
                .map(|tag| tags.with(tag))
                .ok_or_else(|| word.to_owned())
        })
    }
}

impl fmt::Display for Tags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, tag) in self.iter().enumerate() {
            if n > 0 {
                f.write_str("|")?;
            }
            f.write_str(tag.words().0)?;
        }
        Ok(())
    }
}

/// A change of name or type that left the unit itself as it was (đổi tên, đổi loại hình).
#[derive(Debug, Clone, PartialEq)]
pub struct Renaming {
    /// The first day of the new name.
    pub on: Date,
    /// The new type, as `phường`.
    pub type_name: Arc<str>,
    /// The new name without its type.
    pub name: String,
}

/// A unit (đơn vị): a place with its People's Committee, or an agency.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// Its key.
    pub id: UnitId,
    /// Where it stands.
    pub path: Path,
    /// The unit directly above; none for a province.
    pub parent: Option<UnitId>,
    /// What it is.
    pub kind: Kind,
    /// Its type in Vietnamese, lower case: `huyện`, `thị xã`, `sở`.
    pub type_name: Arc<str>,
    /// The code of the General Statistics Office at the time.
    pub code: Option<Arc<str>>,
    /// The name without its type: `Mỹ Xuyên`. For an agency the name as its province says it: `Sở Y tế`, `Công an tỉnh`.
    pub name: String,
    /// The name with its type: `Huyện Mỹ Xuyên`, `Sở Y tế tỉnh Sóc Trăng`.
    pub full_name: String,
    /// The name in English or without marks.
    pub name_en: String,
    /// Other spellings and abbreviations.
    pub alt_names: Vec<String>,
    /// Names taken later, oldest first.
    pub renamed: Vec<Renaming>,
    /// The first day; none if it existed before the records begin.
    pub from: Option<Date>,
    /// The last day; none while it exists.
    pub until: Option<Date>,
    /// Latitude of a point inside, degrees.
    pub lat: Option<f64>,
    /// Longitude of a point inside, degrees.
    pub lon: Option<f64>,
    /// Inhabitants at the census of 1 April 2019; for units since July 2025 an estimate from it.
    pub population: Option<i64>,
    /// Area in square kilometres.
    pub area_km2: Option<f64>,
    /// For an agency its kind, the same in every province: `syt`.
    pub agency: Option<Arc<str>>,
    /// For an agency the groups it belongs to.
    pub tags: Tags,
    /// The public telephone number.
    pub phone: Option<String>,
}

impl Unit {
    /// Whether the unit exists on that day.
    #[must_use]
    pub fn exists_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }

    /// The type on that day: a `xã` may have become a `phường`.
    #[must_use]
    pub fn type_on(&self, day: Date) -> &str {
        self.renaming_on(day).map_or(&self.type_name, |renaming| &renaming.type_name)
    }

    /// The name on that day.
    #[must_use]
    pub fn name_on(&self, day: Date) -> &str {
        self.renaming_on(day).map_or(&self.name, |renaming| &renaming.name)
    }

    /// The name with its type on that day.
    #[must_use]
    pub fn full_name_on(&self, day: Date) -> String {
        self.renaming_on(day)
            .map_or_else(|| self.full_name.clone(), |renaming| full_name(&renaming.type_name, &renaming.name))
    }

    fn renaming_on(&self, day: Date) -> Option<&Renaming> {
        self.renamed.iter().rev().find(|renaming| renaming.on <= day)
    }

    /// The body that acts for the unit: `UBND huyện Mỹ Xuyên`; an agency acts itself.
    #[must_use]
    pub fn authority(&self) -> String {
        if self.kind.has_committee() {
            format!("UBND {} {}", self.type_name, self.bare_name())
        } else {
            self.full_name.clone()
        }
    }

    /// Every name it has or had: the name, other spellings, later names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let later = self.renamed.iter().map(|renaming| renaming.name.as_str());
        std::iter::once(self.name.as_str()).chain(self.alt_names.iter().map(String::as_str)).chain(later)
    }

    /// The name without a repeated type: `1` for `Phường 1`.
    #[must_use]
    pub fn bare_name(&self) -> &str {
        bare_name(&self.type_name, &self.name)
    }
}

/// What became of a place (nguồn gốc, kế thừa): `share` of `from` went to `to`.
#[derive(Debug, Clone, PartialEq)]
pub struct Lineage {
    /// The older unit.
    pub from: UnitId,
    /// The newer unit.
    pub to: UnitId,
    /// Which part of the older unit, from 0 to 1.
    pub share: f64,
    /// Whole or split.
    pub kind: LineageKind,
    /// How well it is known.
    pub source: LineageSource,
}

/// Whether a place went over whole or in parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineageKind {
    /// All of it (toàn bộ).
    Whole,
    /// A part of it (một phần); the share is an estimate by area.
    Split,
}

/// How a line of descent is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineageSource {
    /// The official table of conversion.
    Official,
    /// Merged between 2021 and 2024 first, from there the official table.
    MergedThenOfficial,
    /// By the position of the older unit inside the newer one: a guess, right in 99.5 % of the known cases.
    Spatial,
}

pub(crate) fn bare_name<'n>(type_name: &str, name: &'n str) -> &'n str {
    let mut rest = name.chars();
    for wanted in type_name.chars() {
        let Some(char) = rest.next() else { return name };
        if char != wanted && !char.to_lowercase().eq(std::iter::once(wanted)) {
            return name;
        }
    }
    match rest.as_str().strip_prefix(' ') {
        Some(bare) if !bare.is_empty() && bare.bytes().all(|byte| byte.is_ascii_digit()) => bare,
        _ => name,
    }
}

pub(crate) fn full_name(type_name: &str, name: &str) -> String {
    let mut chars = type_name.chars();
    let head: String = chars.next().map(|char| char.to_uppercase().collect()).unwrap_or_default();
    format!("{head}{} {}", chars.as_str(), bare_name(type_name, name))
}
