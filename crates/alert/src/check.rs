//! What the standard says against an alert that was put together.

use crate::{
    fault::{Code, Fault},
    types::*,
};

impl Point {
    /// Whether it lies in the world.
    #[must_use]
    pub fn is_on_earth(self) -> bool {
        self.lat.abs() <= 90.0 && self.lon.abs() <= 180.0
    }
}

impl Alert {
    /// Everything that stands against it, doubtful things among them. An alert without errors that is
    /// [written](Alert::xml) and [read](crate::read) again is the same.
    #[must_use]
    pub fn check(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut found = |code, path: String, detail: &str| faults.push(Fault::new(code, &path, None, detail));
        for (name, text) in [("identifier", &self.identifier), ("sender", &self.sender)] {
            if text.is_empty() {
                found(Code::Missing, format!("alert/{name}"), "");
            } else if text.contains(|c: char| c.is_whitespace() || matches!(c, ',' | '<' | '&')) {
                found(Code::Name, format!("alert/{name}"), text);
            }
        }
        for (n, info) in self.infos.iter().enumerate() {
            let path = |rest: &str| format!("alert/info[{}]/{rest}", n + 1);
            if info.event.trim().is_empty() {
                found(Code::Missing, path("event"), "");
            }
            if info.categories.is_empty() {
                found(Code::Missing, path("category"), "");
            }
            for (m, area) in info.areas.iter().enumerate() {
                let path = |rest: &str| path(&format!("area[{}]/{rest}", m + 1));
                if area.name.trim().is_empty() {
                    found(Code::Missing, path("areaDesc"), "");
                }
                for polygon in &area.polygons {
                    if polygon.len() < 4 {
                        found(Code::Short, path("polygon"), "");
                    } else if polygon.first() != polygon.last() {
                        found(Code::Open, path("polygon"), "");
                    }
                    if !polygon.iter().all(|point| point.is_on_earth()) {
                        found(Code::Point, path("polygon"), "");
                    }
                }
                if !area.circles.iter().all(|circle| circle.middle.is_on_earth() && circle.radius_km >= 0.0) {
                    found(Code::Point, path("circle"), "");
                }
            }
        }
        faults.extend(self.together());
        faults
    }

    /// What its elements say together.
    pub(crate) fn together(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut found = |code, path: String, detail: &str| faults.push(Fault::new(code, &path, None, detail));
        if self.scope == Scope::Restricted && self.restriction.is_none() {
            found(Code::Restriction, "alert/restriction".to_owned(), "");
        }
        if self.scope == Scope::Private && self.addresses.is_empty() {
            found(Code::Addresses, "alert/addresses".to_owned(), "");
        }
        if self.kind != MessageKind::Alert && self.references.is_empty() {
            found(Code::References, "alert/references".to_owned(), self.kind.as_str());
        }
        for (n, info) in self.infos.iter().enumerate() {
            let begins = info.effective.unwrap_or(self.sent);
            if let Some(expires) = info.expires.filter(|expires| expires.at < begins.at) {
                found(Code::Order, format!("alert/info[{}]/expires", n + 1), &expires.to_string());
            }
        }
        faults
    }
}
