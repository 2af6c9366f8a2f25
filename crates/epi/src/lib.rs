#![doc = include_str!("../README.md")]

pub mod clusters;
pub mod cusum;
pub mod demand;
pub mod ears;
pub mod farrington;
mod fault;
pub mod growth;
mod interval;
pub mod nowcast;
pub mod pooling;
pub mod projection;
pub mod reproduction;
mod series;
mod spread;
pub mod wallinga_teunis;

mod calendar;
mod chance;
mod special;
mod trend;

pub use fault::Fault;
pub use interval::{IntervalBelief, SerialInterval};
pub use series::{Count, Missing, Series, Suspect, Values};
pub use spread::{PROBABILITIES, Spread};

/// What an outbreak detector says of one point of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Watch {
    /// The point, from 1.
    pub t: usize,
    /// What was counted; none where nothing is known.
    pub observed: Option<f64>,
    /// Above this there is an alarm; none where the method has no answer.
    pub upper_bound: Option<f64>,
    /// Whether there is one.
    pub alarm: bool,
}
