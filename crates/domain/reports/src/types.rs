//! Records and states of reports.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use vx_concepts::form::{PeriodKind, Periods};
use vx_kernel::{
    Id, Path, ids,
    units::{Kind, Tree},
};
use vx_platform::{record, store::Uuid, text_enum};

text_enum! {
    /// Which units owe a report (đơn vị phải báo cáo).
    pub enum Level {
        /// Every commune within.
        Commune = "commune",
        /// Every district within.
        District = "district",
        /// Every province within.
        Province = "province",
        /// Units that are named one by one.
        Listed = "listed",
    }
}

impl Level {
    fn kind(self) -> Option<Kind> {
        match self {
            Self::Commune => Some(Kind::Commune),
            Self::District => Some(Kind::District),
            Self::Province => Some(Kind::Province),
            Self::Listed => None,
        }
    }

    /// The units of this level within a place, or those that are named, as they are on a day; of them those in `part`.
    #[must_use]
    pub fn units(self, tree: &Tree, within: &Path, listed: &[Path], on: Date, part: &Path) -> Vec<Path> {
        match self.kind() {
            Some(kind) => {
                // The narrower of both; where neither lies in the other there is nobody.
                let narrower = if within.contains(part) { part } else { within };
                if !part.contains(narrower) {
                    return Vec::new();
                }
                let owes = |unit: &&vx_kernel::units::Unit| unit.kind == kind && unit.exists_on(on);
                tree.below(narrower).iter().filter(owes).map(|unit| unit.path.clone()).collect()
            }
            None => {
                let exists = |path: &Path| tree.at_path(path).is_some_and(|unit| unit.exists_on(on));
                listed.iter().filter(|path| part.contains(path) && exists(path)).cloned().collect()
            }
        }
    }
}

text_enum! {
    /// Whether reports are still asked for.
    pub enum RequestState {
        /// Period after period.
        Running = "running",
        /// No longer; what was sent stays.
        Ended = "ended",
    }
}

text_enum! {
    /// Where a figure of a sum comes from (nguồn số liệu).
    pub enum Source {
        /// The units' reports.
        Reports = "reports",
        /// What the registers of the program know.
        Registers = "registers",
    }
}

record! {
    /// A form that was read from a file (biểu mẫu). `path` is the unit that brought it.
    pub struct Form[ids::Form] in "report_form" {
        /// Its code.
        pub code: String,
        /// Counted up with each change.
        pub number: i64,
        /// Its name, for lists.
        pub name: String,
        /// The file.
        pub source: String,
        /// Who brought it.
        pub by_name: String,
    }
}

record! {
    /// Reports asked of units by a form and a clock (yêu cầu báo cáo). `path` is the unit that receives them.
    pub struct Request[ids::Request] in "report_request" {
        /// Code of the form.
        pub form: String,
        /// Its version; a later one does not change what was asked for.
        pub form_version: i64,
        /// What is asked for, in a line.
        pub title: String,
        /// Kind of period.
        pub period: String,
        /// Last day of the first period.
        pub anchor_on: Date,
        /// Days after the last day of a period on which it closes.
        pub lag_days: i64,
        /// At which hour.
        pub closes: String,
        /// Days before the last day from which it may be sent.
        pub window_days: i64,
        /// Where the units lie that owe it.
        pub within: Path,
        /// Which units there.
        pub level: Level,
        /// Units named one by one, separated by spaces.
        pub listed: String,
        /// The dispatch that ordered it.
        pub about: Option<Uuid>,
        /// Which clause of it.
        pub clause: Option<String>,
        /// Number of the dispatch, or what else it rests on.
        pub source: String,
        /// Whether it goes on.
        pub state: RequestState,
        /// Last day on which a period may end.
        pub until_on: Option<Date>,
        /// Who asked.
        pub by_name: String,
        /// The unit that asked; none when it is the one that receives, of requests from before they were told apart.
        pub asked_by: Option<Path>,
    }
}

impl Request {
    /// The unit that asked, and may end it.
    #[must_use]
    pub fn asker(&self) -> &Path {
        self.asked_by.as_ref().unwrap_or(&self.path)
    }

    /// Its periods.
    #[must_use]
    pub fn periods(&self) -> Periods {
        Periods {
            kind: PeriodKind::parse(&self.period).unwrap_or(PeriodKind::Once),
            anchor_on: self.anchor_on,
            lag_days: self.lag_days,
            closes: self.closes.parse().unwrap_or(Time::constant(17, 0, 0, 0)),
            window_days: self.window_days,
        }
    }

    /// Whether a period still belongs to it.
    #[must_use]
    pub fn covers(&self, last: Date) -> bool {
        self.until_on.is_none_or(|until| last <= until)
    }

    /// The units that owe a report for a period, as they are on its last day; those within `part` only.
    #[must_use]
    pub fn units(&self, tree: &Tree, on: Date, part: &Path) -> Vec<Path> {
        self.level.units(tree, &self.within, &self.listed(), on, part)
    }

    /// Whether a unit owes a report for a period.
    #[must_use]
    pub fn owed_by(&self, tree: &Tree, on: Date, unit: &Path) -> bool {
        match self.level.kind() {
            Some(kind) => {
                self.within.contains(unit)
                    && tree.at_path(unit).is_some_and(|unit| unit.kind == kind && unit.exists_on(on))
            }
            None => {
                self.listed.split_whitespace().any(|path| path == unit.as_str())
                    && tree.at_path(unit).is_some_and(|unit| unit.exists_on(on))
            }
        }
    }

    /// Units named one by one.
    #[must_use]
    pub fn listed(&self) -> Vec<Path> {
        self.listed.split_whitespace().filter_map(|path| Path::parse(path).ok()).collect()
    }
}

record! {
    /// A report as it was sent (bản báo cáo): one edition, never changed. `path` is the unit that reports.
    pub struct Submission[ids::Submission] in "report_submission" {
        /// The request that it answers.
        pub request: Id<ids::Request>,
        /// Last day of the period that it is about.
        pub period_on: Date,
        /// 1 for what was sent first, then counted up by each correction.
        pub edition: i64,
        /// When it was sent.
        pub sent_at: Timestamp,
        /// The figures, as `form::Figures` keeps them.
        pub figures: String,
        /// Words of text cells, as JSON by code.
        pub words: String,
        /// What the registers knew when it was sent, kept like the figures.
        pub known: String,
        /// Why a figure is another than the registers know, as JSON by code.
        pub notes: String,
        /// Why it was put right; none for the first edition.
        pub reason: Option<String>,
        /// Who sent it.
        pub by_name: String,
    }
}

record! {
    /// That a unit stands by what a unit below has reported (xác nhận số liệu). `path` is the unit that endorses.
    pub struct Endorsement[ids::Endorsement] in "report_endorsement" {
        /// The request.
        pub request: Id<ids::Request>,
        /// Last day of the period.
        pub period_on: Date,
        /// The unit that reported.
        pub unit: Path,
        /// Which edition; a correction has to be endorsed anew.
        pub edition: i64,
        /// A word to it.
        pub note: Option<String>,
        /// Who endorsed it.
        pub by_name: String,
    }
}

record! {
    /// Which of several sources a sum takes for a figure (chọn nguồn số liệu). `path` is the unit that decided; both
    /// figures stay.
    pub struct SourceChoice[ids::SourceChoice] in "report_source" {
        /// The request.
        pub request: Id<ids::Request>,
        /// Last day of the period.
        pub period_on: Date,
        /// The sum of which place.
        pub within: Path,
        /// Which cell.
        pub cell: String,
        /// From where.
        pub source: Source,
        /// Why.
        pub reason: String,
        /// Who decided.
        pub by_name: String,
    }
}
