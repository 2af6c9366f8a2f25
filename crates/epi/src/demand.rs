//! Beds, ventilators and oxygen that new cases ask for (nhu cầu giường bệnh, máy thở, ô xy).
//!
//! Parameters of the WHO *COVID-19 Essential Supplies Forecasting Tool* (ESFT): how severe cases are, how long they stay,
//! how much oxygen they breathe. A plan, not a prescription: leaks and reserves are not in it.

use crate::{
    Fault,
    fault::{counts, setting},
};

/// What is assumed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parameters {
    /// Share of cases that is severe.
    pub severe: f64,
    /// Share of cases that is critical.
    pub critical: f64,
    /// Days that a severe patient stays.
    pub severe_stay: usize,
    /// Days that a critical patient stays.
    pub critical_stay: usize,
    /// Oxygen of a severe patient, in litres a minute.
    pub severe_flow: f64,
    /// Oxygen of a critical patient, in litres a minute.
    pub critical_flow: f64,
    /// Share of critical patients who are ventilated invasively.
    pub ventilated: f64,
    /// Days from the case to the bed.
    pub delay: usize,
    /// Gas in a cylinder, in cubic metres.
    pub cylinder: f64,
}

impl Default for Parameters {
    /// ESFT: 15 % severe for 7 days on 10 l/min, 5 % critical for 14 days on 30 l/min, two thirds of these ventilated.
    /// A cylinder of 40 l at 150 bar holds about 6 m³.
    fn default() -> Self {
        Self {
            severe: 0.15,
            critical: 0.05,
            severe_stay: 7,
            critical_stay: 14,
            severe_flow: 10.0,
            critical_flow: 30.0,
            ventilated: 2.0 / 3.0,
            delay: 0,
            cylinder: 6.0,
        }
    }
}

/// What is needed on a day; patients are expected numbers and so not whole.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Patients in beds with oxygen.
    pub severe: f64,
    /// Patients in intensive care.
    pub critical: f64,
    /// Ventilators for invasive ventilation.
    pub ventilators: f64,
    /// Oxygen, in litres a minute.
    pub oxygen: f64,
    /// Oxygen, in cubic metres a day.
    pub oxygen_a_day: f64,
    /// Cylinders a day.
    pub cylinders: f64,
}

/// Demand of each day, for new cases by day. Who was admitted before the first day is not in it.
///
/// # Errors
/// When a count is negative or not finite, or a parameter makes no sense.
pub fn demand(cases: &[f64], parameters: &Parameters) -> Result<Vec<Demand>, Fault> {
    counts(cases)?;
    let Parameters { severe, critical, ventilated, .. } = *parameters;
    let share = |name, value: f64| setting(name, value, (0.0..=1.0).contains(&value), ">= 0, <= 1");
    share("severe", severe)?;
    share("critical", critical)?;
    share("severe + critical", severe + critical)?;
    share("ventilated", ventilated)?;
    for (name, value) in [("severe_flow", parameters.severe_flow), ("critical_flow", parameters.critical_flow)] {
        setting(name, value, value.is_finite() && value >= 0.0, ">= 0")?;
    }
    setting("cylinder", parameters.cylinder, parameters.cylinder.is_finite() && parameters.cylinder > 0.0, "> 0")?;
    // Admitted on the days of a stay that ends on this day.
    let present = |day: usize, stay: usize| -> f64 {
        let until = (day + 1).saturating_sub(parameters.delay);
        cases[until.saturating_sub(stay)..until].iter().sum()
    };
    Ok((0..cases.len())
        .map(|day| {
            let severe = severe * present(day, parameters.severe_stay);
            let critical = critical * present(day, parameters.critical_stay);
            needed(severe, critical, parameters)
        })
        .collect())
}

/// What so many severe and critical patients need at a time.
#[must_use]
pub fn needed(severe: f64, critical: f64, parameters: &Parameters) -> Demand {
    let oxygen = severe * parameters.severe_flow + critical * parameters.critical_flow;
    let oxygen_a_day = oxygen * 60.0 * 24.0 / 1000.0;
    Demand {
        severe,
        critical,
        ventilators: critical * parameters.ventilated,
        oxygen,
        oxygen_a_day,
        cylinders: oxygen_a_day / parameters.cylinder,
    }
}
