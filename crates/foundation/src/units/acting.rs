//! For whom somebody acts: the unit in which they hold a right, and the place that it answers for.
//!
//! A committee answers for its place and all below it, an agency for the place beside which it stands.

use vx_kernel::{Path, Problem, units::Tree};
use vx_platform::auth::{Actor, Reach};

/// For whom somebody acts.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Acting {
    /// The unit in which they hold the right.
    pub unit: Path,
    /// The place that it answers for.
    pub place: Path,
}

impl Acting {
    /// Whether a unit lies within the place.
    ///
    /// # Errors
    /// `not_found` where it does not.
    pub fn over(&self, unit: &Path) -> Result<(), Problem> {
        if self.place.contains(unit) && !unit.is_root() { Ok(()) } else { Err(Problem::not_found()) }
    }
}

/// The places in which a permission holds: those of one's own reach, and of an agency the place beside which it stands.
#[must_use]
pub fn places(actor: &Actor, tree: &Tree, permission: &str) -> Vec<Path> {
    let place = |reach: Reach| tree.place_of(reach.path.unit()).map_or(reach.path, |place| place.path.clone());
    let mut places: Vec<Path> = Vec::new();
    for path in actor.reach(permission).into_iter().map(place) {
        if !places.iter().any(|other| other.contains(&path)) {
            places.retain(|other| !path.contains(other));
            places.push(path);
        }
    }
    places
}

/// For whom somebody does something about a unit: the narrowest of their units that answers for it.
///
/// # Errors
/// The refusal that the engine would give at the unit itself.
pub fn acting(actor: &Actor, tree: &Tree, permission: &'static str, unit: &Path) -> Result<Acting, Problem> {
    let homes = actor.homes().into_iter().filter(|home| actor.may(permission, home));
    let acting = homes.map(|home| {
        let place = tree.place_of(home.unit()).map_or_else(|| home.clone(), |place| place.path.clone());
        Acting { unit: home.clone(), place }
    });
    match acting.filter(|acting| acting.place.contains(unit)).max_by_key(|acting| acting.place.depth()) {
        Some(acting) => Ok(acting),
        None => Err(actor.authority(permission, unit).err().unwrap_or_else(Problem::not_found)),
    }
}

/// For whom somebody acts before it is said about which unit: the widest place for which they answer.
///
/// # Errors
/// `not_found` where there is none.
pub fn widest(actor: &Actor, tree: &Tree, permission: &'static str) -> Result<Acting, Problem> {
    let widest = places(actor, tree, permission).into_iter().min_by_key(Path::depth).ok_or_else(Problem::not_found)?;
    acting(actor, tree, permission, &widest)
}
