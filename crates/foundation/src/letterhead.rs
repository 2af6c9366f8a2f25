//! What the program knows of a unit when it writes in its name (tên cơ quan ban hành, cơ quan chủ quản, địa danh).
//!
//! Basis: NĐ 30/2020/NĐ-CP, Annex I.

use vx_dispatch::{Draft, Kind};
use vx_kernel::{
    Path, Problem,
    units::{Tree, Unit},
};
use vx_platform::store::Conn;

use crate::units;

/// The head of a unit's documents.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Letterhead {
    /// The issuing body.
    pub issuer: String,
    /// The body above it; empty for a committee, which stands alone.
    pub parent: String,
    /// Where it sits.
    pub place: String,
    /// The post of its head.
    pub head: String,
    /// What stands behind a number: `UBND`, `SYT`.
    pub code: String,
}

impl Letterhead {
    /// That of a unit; empty for one that the tree does not have.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn of(conn: &mut Conn, tree: &Tree, home: &Path) -> Result<Self, Problem> {
        let committee = |unit: &Unit| format!("Ủy ban nhân dân {} {}", unit.type_name, unit.bare_name());
        let Some(unit) = tree.at_path(home) else { return Ok(Self::default()) };
        let above = tree.place_of(unit.id.as_str());
        let place = above.map_or_else(String::new, |place| place.bare_name().to_owned());
        let code = code_of(unit);
        if unit.kind.has_committee() {
            return Ok(Self {
                issuer: committee(unit),
                parent: String::new(),
                place,
                head: "Chủ tịch".to_owned(),
                code,
            });
        }
        let head = units::posts(conn, home).await?.into_iter().find(|post| post.accountable).map(|post| post.title);
        let head = head.map_or_else(|| "Thủ trưởng".to_owned(), |title| title.trim_end_matches(" Sở").to_owned());
        Ok(Self {
            issuer: unit.full_name.clone(),
            parent: above.map_or_else(String::new, committee),
            place,
            head,
            code,
        })
    }

    /// A document of a kind with nothing in it yet.
    #[must_use]
    pub fn draft(&self, kind: Kind) -> Draft {
        Draft {
            parent_issuer: Some(self.parent.clone()).filter(|parent| !parent.is_empty()),
            issuer: self.issuer.clone(),
            place: self.place.clone(),
            recipients: vec!["Như trên".to_owned(), "Lưu: VT".to_owned()],
            title: self.head.clone(),
            ..Draft::new(kind)
        }
    }

    /// The symbol that documents of a kind usually bear.
    #[must_use]
    pub fn symbol(&self, kind: Kind) -> String {
        symbol(&self.code, kind)
    }
}

fn code_of(unit: &Unit) -> String {
    if unit.kind.has_committee() {
        return "UBND".to_owned();
    }
    unit.id.as_str().rsplit('.').next().unwrap_or_default().to_uppercase()
}

/// A letter has the field behind the unit, any other kind its own code before it.
fn symbol(code: &str, kind: Kind) -> String {
    match kind {
        Kind::CongVan if code == "UBND" => "UBND-VX".to_owned(),
        Kind::CongVan => format!("{code}-VP"),
        kind => format!("{}-{code}", kind.code()),
    }
}

/// The symbol that documents of a kind usually bear at a unit.
#[must_use]
pub fn symbol_of(tree: &Tree, home: &Path, kind: Kind) -> String {
    symbol(&tree.at_path(home).map_or_else(String::new, code_of), kind)
}
