//! What people do with boundaries.

use std::sync::Arc;

use jiff::Timestamp;
use vx_concepts::engine::{Command, Decision, Effect};
use vx_kernel::{Id, Path, Problem, ids, units::Tree};
use vx_platform::{
    auth::Actor,
    store::{Tx, Value},
};

use super::{
    Brought, READ,
    read::Read,
    store::{Edition, EditionState, editions},
};

/// Longest name and longest statement of origin, in characters.
const NAME_MAX: usize = 120;
const BASIS_MAX: usize = 1_000;
/// Findings that are kept with an edition; of more, the count says enough.
const FINDINGS_MAX: usize = 2_000;

/// Takes the boundaries of a file into use from a day on (đưa bản địa giới vào sử dụng).
#[derive(Clone, Debug)]
pub struct Adopt {
    /// What was said of the file.
    pub brought: Brought,
    /// Hash under which the lines are kept.
    pub shape: String,
    /// What was read.
    pub(crate) read: Read,
    /// Hash under which the features that were not taken are kept.
    pub rejected: Option<String>,
    /// The tree in which the codes were looked for.
    pub tree: Arc<Tree>,
}

impl Command for Adopt {
    type Record = Edition;
    /// The editions in use.
    type Facts = Vec<Edition>;
    const NAME: &'static str = "boundaries.adopt";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Vec<Edition>, Problem> {
        editions(tx, Some(EditionState::InUse)).await
    }
    /// The province, or the country when there are several: nobody draws another province's boundaries.
    fn scope(&self, _: &Vec<Edition>) -> Path {
        match self.read.provinces.iter().collect::<Vec<_>>().as_slice() {
            [only] => self.tree.get(only.as_str()).map_or_else(Path::root, |unit| unit.path.clone()),
            _ => Path::root(),
        }
    }
    fn decide(&self, in_use: &Vec<Edition>, _: &Actor, _: Timestamp) -> Result<Decision<Edition>, Problem> {
        let (name, basis) = (self.brought.name.trim(), self.brought.basis.trim());
        if name.is_empty() {
            return Err(Problem::refused("boundaries.no_name"));
        }
        if name.chars().count() > NAME_MAX || basis.chars().count() > BASIS_MAX {
            return Err(Problem::refused("boundaries.too_long").with("name", NAME_MAX).with("basis", BASIS_MAX));
        }
        if basis.is_empty() {
            return Err(Problem::refused("boundaries.no_basis"));
        }
        let twin = |other: &&Edition| other.shape == self.shape && other.from_on == self.brought.from;
        if let Some(twin) = in_use.iter().find(twin) {
            return Err(Problem::refused("boundaries.there_already").with("name", &twin.name));
        }
        let coverage = &self.read.coverage;
        let mut findings = self.read.findings.clone();
        findings.truncate(FINDINGS_MAX);
        let record = Edition {
            id: Id::fresh(),
            path: self.scope(in_use),
            version: 0,
            name: name.to_owned(),
            from_on: self.brought.from,
            provinces: self.read.provinces.iter().map(|key| key.as_str()).collect::<Vec<_>>().join(" "),
            basis: basis.to_owned(),
            file_name: self.brought.file_name.chars().take(200).collect(),
            n_areas: i64::try_from(coverage.areas.len()).unwrap_or(i64::MAX),
            n_rejected: i64::try_from(self.read.n_rejected).unwrap_or(i64::MAX),
            shape: self.shape.clone(),
            findings: serde_json::to_string(&findings).map_err(Problem::internal)?,
            rejected: self.rejected.clone(),
            state: EditionState::InUse,
        };
        let areas = coverage.areas.iter().map(|area| vec![area.key.as_str().into(), whole(area.km2 * 1e6)]);
        let pairs = coverage.neighbours().into_iter().flat_map(|pair| {
            let metres = whole(pair.metres);
            let there = vec![pair.a.as_str().into(), pair.b.as_str().into(), metres.clone()];
            [there, vec![pair.b.into(), pair.a.into(), metres]]
        });
        let effects = vec![
            Effect::Index {
                table: "boundary_area",
                columns: &["record", "unit", "square_metres"],
                rows: areas.collect(),
            },
            Effect::Index {
                table: "boundary_neighbour",
                columns: &["record", "unit", "other", "metres"],
                rows: pairs.collect(),
            },
        ];
        Ok(Decision { record, effects })
    }
    fn before<'a>(&self, _: &'a Vec<Edition>) -> Option<&'a Edition> {
        None
    }
}

#[expect(clippy::cast_possible_truncation, reason = "areas and lengths on earth fit")]
fn whole(value: f64) -> Value {
    (value.round() as i64).into()
}

/// Says that an edition counts for no day (thôi sử dụng bản địa giới); the one before it counts again.
#[derive(Clone, Debug)]
pub struct Withdraw {
    /// Which edition.
    pub edition: Id<ids::BoundaryEdition>,
    /// Why.
    pub reason: String,
}

impl Command for Withdraw {
    type Record = Edition;
    type Facts = Edition;
    const NAME: &'static str = "boundaries.withdraw";
    const READ: &'static str = READ;

    async fn gather(&self, tx: &mut Tx) -> Result<Edition, Problem> {
        tx.load(self.edition).await
    }
    fn scope(&self, edition: &Edition) -> Path {
        edition.path.clone()
    }
    fn decide(&self, edition: &Edition, _: &Actor, _: Timestamp) -> Result<Decision<Edition>, Problem> {
        if self.reason.trim().is_empty() {
            return Err(Problem::refused("boundaries.no_reason"));
        }
        if edition.state == EditionState::Withdrawn {
            return Err(Problem::refused("boundaries.withdrawn_already"));
        }
        Ok(Decision::just(Edition { state: EditionState::Withdrawn, ..edition.clone() }))
    }
    fn before<'a>(&self, edition: &'a Edition) -> Option<&'a Edition> {
        Some(edition)
    }
    fn reason(&self) -> Option<&str> {
        Some(self.reason.trim())
    }
}
