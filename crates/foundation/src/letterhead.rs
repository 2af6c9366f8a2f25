//! What the program knows of a unit when it writes in its name (tên cơ quan ban hành, cơ quan chủ quản, địa danh).
//!
//! Basis: NĐ 30/2020/NĐ-CP, Annex I.

use vx_concepts::paper::Paper;
use vx_dispatch::{Authority, Draft, Kind, SigningFor};
use vx_kernel::{
    Path, Problem,
    units::{Tree, Unit},
};
use vx_platform::{
    auth::Actor,
    store::Conn,
    web::{Markup, Visit, html, icon},
};

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

    /// To whom the unit reports: the body above it, of a committee the next higher one; empty for whoever stands alone.
    ///
    /// # Errors
    /// When the database is away.
    pub async fn superior(&self, conn: &mut Conn, tree: &Tree, home: &Path) -> Result<String, Problem> {
        match (self.parent.is_empty(), home.parent()) {
            (false, _) => Ok(self.parent.clone()),
            (true, Some(above)) => Ok(Self::of(conn, tree, &above).await?.issuer),
            (true, None) => Ok(String::new()),
        }
    }

    /// In whose name the head of a committee signs (TM. Ủy ban nhân dân): it decides as a body. An agency has no such line.
    ///
    /// Basis: NĐ 30/2020/NĐ-CP, Article 13.1.
    #[must_use]
    pub fn authority(&self) -> Vec<Authority> {
        if self.code != COMMITTEE {
            return Vec::new();
        }
        vec![Authority { by: SigningFor::Tm, of: "Ủy ban nhân dân".to_owned() }]
    }

    /// A document of a kind with nothing in it yet.
    #[must_use]
    pub fn draft(&self, kind: Kind) -> Draft {
        Draft {
            parent_issuer: Some(self.parent.clone()).filter(|parent| !parent.is_empty()),
            issuer: self.issuer.clone(),
            place: self.place.clone(),
            recipients: vec!["Như trên".to_owned(), "Lưu: VT".to_owned()],
            authority: self.authority(),
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

/// What a page of the program says, as a document of a unit: a draft to be saved with `paper::Write`, that names the page
/// on which it rests.
#[must_use]
pub fn written(head: &Letterhead, home: Path, draft: &Draft, page: String, by: &Actor) -> Paper {
    Paper { rests_on: Some(page), ..Paper::new(home, &head.symbol(draft.kind), draft, &by.name) }
}

/// The documents that rest on a page, on that page; `behind` is the text for those that it has left behind.
#[must_use]
pub fn resting(visit: &Visit, papers: &[(Paper, bool)], behind: &str) -> Markup {
    html! {
        @if !papers.is_empty() { ul { @for (paper, is_behind) in papers { li {
            a href={ "/papers/" (paper.id) } { (paper.label()) } " · " (paper.issuer) " " span.vx-state { (visit.t(&format!("paper-state-{}", paper.state))) }
            @if *is_behind { div.vx-note.vx-note-doubt { (icon("alert-triangle")) " " (visit.t(behind)) } }
        } } } }
    }
}

/// A name or title as it stands in the middle of a sentence: small at the beginning, but for names and abbreviations.
#[must_use]
pub fn in_sentence(text: &str) -> String {
    let mut chars = text.chars();
    match (chars.next(), chars.clone().next()) {
        (Some(first), next) if next.is_none_or(|next| !next.is_uppercase()) => {
            first.to_lowercase().collect::<String>() + chars.as_str()
        }
        _ => text.to_owned(),
    }
}

/// The code of every People's Committee.
const COMMITTEE: &str = "UBND";

fn code_of(unit: &Unit) -> String {
    if unit.kind.has_committee() {
        return COMMITTEE.to_owned();
    }
    unit.id.as_str().rsplit('.').next().unwrap_or_default().to_uppercase()
}

/// A letter has the field behind the unit, any other kind its own code before it.
fn symbol(code: &str, kind: Kind) -> String {
    match kind {
        Kind::CongVan if code == COMMITTEE => "UBND-VX".to_owned(),
        Kind::CongVan => format!("{code}-VP"),
        kind => format!("{}-{code}", kind.code()),
    }
}

/// The symbol that documents of a kind usually bear at a unit.
#[must_use]
pub fn symbol_of(tree: &Tree, home: &Path, kind: Kind) -> String {
    symbol(&tree.at_path(home).map_or_else(String::new, code_of), kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_committee_signs_in_its_own_name() {
        for (code, issuer, expected) in [
            ("UBND", "Ủy ban nhân dân tỉnh Sóc Trăng", vec!["TM. Ủy ban nhân dân"]),
            ("SYT", "Sở Y tế tỉnh Sóc Trăng", vec![]),
            ("", "", vec![]),
        ] {
            let head = Letterhead { issuer: issuer.to_owned(), code: code.to_owned(), ..Letterhead::default() };
            let draft = head.draft(Kind::BaoCao);
            let lines: Vec<String> =
                draft.authority.iter().map(|line| format!("{} {}", line.by.printed(), line.of)).collect();
            assert_eq!(lines, expected, "{code}");
            // As above is whom it is addressed to; addressed to nobody, it says nothing.
            assert_eq!(draft.tidy().recipients, ["Lưu: VT"], "{code}");
            let sent = Draft { addressees: vec!["UBND tỉnh".to_owned()], ..draft };
            assert_eq!(sent.tidy().recipients, ["Như trên", "Lưu: VT"], "{code}");
        }
    }
}
