//! The clock that the whole program reads.

use jiff::{SignedDuration, Timestamp, Unit};

/// Where "now" comes from: the real time, a drill's time that runs beside it, or a test's time that stands still.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The machine's time.
    Real,
    /// The machine's time shifted, for drills and the demo.
    Shifted(SignedDuration),
    /// A moment that does not move, for tests.
    Frozen(Timestamp),
}

impl Clock {
    /// A drill's clock that shows `at` right now and runs on from there.
    #[must_use]
    pub fn starting_at(at: Timestamp) -> Self {
        Self::Shifted(at.duration_since(Timestamp::now()))
    }

    /// The present moment, in whole microseconds (what both databases keep).
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let at = match self {
            Self::Real => Timestamp::now(),
            Self::Shifted(by) => Timestamp::now().checked_add(*by).unwrap_or(Timestamp::MAX),
            Self::Frozen(at) => *at,
        };
        at.round(Unit::Microsecond).unwrap_or(at)
    }

    /// Whether the shown time is not the real one; pages say so.
    #[must_use]
    pub fn is_drill(&self) -> bool {
        !matches!(self, Self::Real)
    }
}
