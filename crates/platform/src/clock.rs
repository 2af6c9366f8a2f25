//! The clock that the whole program reads.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use jiff::{SignedDuration, Timestamp, Unit};

/// Where "now" comes from: the real time, a drill's time that runs beside it, or a time that is set by hand.
#[derive(Clone, Debug)]
pub enum Clock {
    /// The machine's time.
    Real,
    /// The machine's time shifted, for drills and the demo.
    Shifted(SignedDuration),
    /// A moment that moves only when it is set, in microseconds since 1970: tests, and the making of demo data.
    Set(Arc<AtomicI64>),
}

impl Clock {
    /// A drill's clock that shows `at` right now and runs on from there.
    #[must_use]
    pub fn starting_at(at: Timestamp) -> Self {
        Self::Shifted(at.duration_since(Timestamp::now()))
    }

    /// A clock that stands at `at` until [`Clock::set`].
    #[must_use]
    pub fn standing_at(at: Timestamp) -> Self {
        Self::Set(Arc::new(AtomicI64::new(at.as_microsecond())))
    }

    /// Moves a clock that is set by hand; others go on as they are.
    pub fn set(&self, at: Timestamp) {
        if let Self::Set(micros) = self {
            micros.store(at.as_microsecond(), Ordering::SeqCst);
        }
    }

    /// The present moment, in whole microseconds (what both databases keep).
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let at = match self {
            Self::Real => Timestamp::now(),
            Self::Shifted(by) => Timestamp::now().checked_add(*by).unwrap_or(Timestamp::MAX),
            Self::Set(micros) => Timestamp::from_microsecond(micros.load(Ordering::SeqCst)).unwrap_or(Timestamp::MIN),
        };
        at.round(Unit::Microsecond).unwrap_or(at)
    }

    /// The present moment as machines outside a drill have it, a telephone that makes codes for instance.
    #[must_use]
    pub fn outside(&self) -> Timestamp {
        if let Self::Shifted(_) = self { Self::Real.now() } else { self.now() }
    }

    /// Whether the shown time is not the real one; pages say so.
    #[must_use]
    pub fn is_drill(&self) -> bool {
        !matches!(self, Self::Real)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_does_not_move_the_clocks_outside() {
        let at: Timestamp = "2021-09-13T01:00:00Z".parse().unwrap();
        let drill = Clock::starting_at(at);
        assert!(drill.now().duration_since(at).abs() < SignedDuration::from_secs(60));
        assert!(drill.outside().duration_since(Timestamp::now()).abs() < SignedDuration::from_secs(60));
        assert_eq!(Clock::standing_at(at).outside(), at, "a clock that is set by hand is all there is");
    }
}
