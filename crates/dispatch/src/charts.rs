//! Charts (biểu đồ): one value, drawn as SVG for documents, for print and for pages, and as options of ECharts for a
//! closer look.
//!
//! In a page each mark may lead to the rows behind it ([`InPage`]); in a document there is nothing to press.

mod options;

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::figures::{Table, escape, figure_words};

/// Rows of figures over the same labels, and how they are drawn.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// What it shows; the writer of a document puts its number before it.
    pub caption: String,
    /// How it is drawn.
    pub shape: Shape,
    /// Labels below, in order.
    pub labels: Vec<String>,
    /// Rows of figures; what they mean, the shape says.
    pub series: Vec<Series>,
}

/// How a chart is drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shape {
    /// Columns side by side (biểu đồ cột).
    #[default]
    Bar,
    /// Lines with marks (biểu đồ đường).
    Line,
    /// An epidemic curve (đường cong dịch): every row but the last is stacked in columns, the last one is a line over
    /// them. A day without figures has a cross at its foot.
    Curve,
    /// An epidemic curve with what is still to come in (đường cong dịch kèm ước tính báo cáo muộn): as a curve, then three
    /// rows more: what is expected once all is reported, and the ends of its interval. The expected is a hollow top on
    /// the column, the interval a whisker.
    Nowcast,
    /// A figure with its uncertainty (dải ước lượng): middle, lower and upper end, with a line at 1.
    Ribbon,
    /// Levels by day (lịch cấp độ): a row for each unit, ranks from 1 (green) to 4 (red), with their letters.
    Calendar,
    /// Time limits (tiến độ): a row for each promise; 0 is time to come, 1 time that went by, 2 time after the limit, 3 the
    /// day on which it was kept.
    Gantt,
}

impl Shape {
    /// Every shape.
    pub const ALL: [Self; 7] =
        [Self::Bar, Self::Line, Self::Curve, Self::Nowcast, Self::Ribbon, Self::Calendar, Self::Gantt];

    /// Its name in forms.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Bar => "bar",
            Self::Line => "line",
            Self::Curve => "curve",
            Self::Nowcast => "nowcast",
            Self::Ribbon => "ribbon",
            Self::Calendar => "calendar",
            Self::Gantt => "gantt",
        }
    }

    /// Rows after those that are stacked in columns: the line over them, and what is expected.
    pub(crate) fn over_columns(self) -> usize {
        match self {
            Self::Curve => 1,
            Self::Nowcast => 4,
            _ => 0,
        }
    }

    /// The shape of a name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|shape| shape.as_str() == text)
    }
}

/// One row of figures of a chart.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// A figure for each label; none where nothing is known.
    pub values: Vec<Option<f64>>,
}

/// Where a mark of a chart leads, and what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The address of its rows.
    pub href: String,
    /// Label, name and figure in words.
    pub words: String,
}

/// How a chart is drawn in a page.
pub struct InPage<'a> {
    /// Whether figures are written as in English: `1,234.5`.
    pub english: bool,
    /// Whether it is drawn small, to stand beside something else: fewer labels, no legend.
    pub small: bool,
    /// What the mark of a row and a label leads to. Of a curve, a ribbon, columns and lines the row is always 0: a mark is
    /// a label's whole height, which a finger finds. Of time limits the label is always 0.
    pub mark: &'a dyn Fn(usize, usize) -> Option<Mark>,
}

/// Tones and, so that a copy in black and white still tells them apart, dashes of the rows of a chart.
const TONES: [(&str, &str); 6] = [
    ("#1f4e79", ""),
    ("#c55a11", "7 3"),
    ("#548235", "2 3"),
    ("#7f7f7f", "9 3 2 3"),
    ("#8064a2", "4 4"),
    ("#bf9000", "1 4"),
];
/// Colour and letter of the ranks of a calendar.
const LEVELS: [(&str, &str); 4] = [("#0fa57f", "X"), ("#f1ba15", "V"), ("#f28e12", "C"), ("#da4711", "Đ")];

/// Width of a drawn chart, and height of one with a scale.
const SIZE: (f64, f64) = (640.0, 300.0);
/// The same of a small one with a scale.
const SMALL: (f64, f64) = (340.0, 150.0);
/// Height of a row of a calendar or of time limits.
const ROW: f64 = 20.0;
/// Letters of the name of such a row.
const NAME_MAX: usize = 34;
/// Labels that stand below a chart at the most.
const LABELS_MAX: usize = 16;
/// The same below a small one.
const LABELS_SMALL: usize = 7;
/// A ribbon is cut off above this many times the highest middle, and above [`RIBBON_LEAST`]: wide ends of the first days
/// must not press the rest to the ground.
const RIBBON_TIMES: f64 = 1.6;
const RIBBON_LEAST: f64 = 3.0;

/// The place of everything in a drawn chart.
struct Frame {
    left: f64,
    top: f64,
    floor: f64,
    slot: f64,
    most: f64,
}

impl Frame {
    fn y(&self, value: f64) -> f64 {
        self.floor - (value.clamp(0.0, self.most) / self.most) * (self.floor - self.top)
    }
    fn x(&self, at: usize) -> f64 {
        self.left + self.slot * (at as f64 + 0.5)
    }
}

impl Chart {
    /// The figures as they are typed: a line for each label, a column for each row.
    #[must_use]
    pub fn grid(&self) -> Table {
        let line = |(at, label): (usize, &String)| {
            let cell = |row: &Series| row.value(at).map_or(String::new(), figure_words);
            std::iter::once(label.clone()).chain(self.series.iter().map(cell)).collect()
        };
        Table {
            caption: self.caption.clone(),
            columns: std::iter::once(String::new()).chain(self.series.iter().map(|row| row.name.clone())).collect(),
            rows: self.labels.iter().enumerate().map(line).collect(),
        }
    }

    /// The same as a table that people read: letters of levels, days of time limits.
    #[must_use]
    pub fn table(&self) -> Table {
        let caption = self.caption.clone();
        match self.shape {
            Shape::Calendar => {
                let letter = |value: f64| level(value).map_or_else(String::new, |(_, letter)| letter.to_owned());
                let cells = |row: &Series| {
                    let letters = (0..self.labels.len()).map(|at| row.value(at).map_or_else(|| "–".to_owned(), letter));
                    std::iter::once(row.name.clone()).chain(letters).collect()
                };
                Table {
                    caption,
                    columns: std::iter::once(String::new()).chain(self.labels.iter().cloned()).collect(),
                    rows: self.series.iter().map(cells).collect(),
                }
            }
            Shape::Gantt => {
                let label = |at: Option<usize>| at.and_then(|at| self.labels.get(at)).cloned().unwrap_or_default();
                let cells = |row: &Series| {
                    let Limits { first, due, kept, late } = row.limits(self.labels.len());
                    let state = match (kept, late) {
                        (Some(_), false) => "Đã đạt",
                        (Some(_), true) => "Đạt chậm",
                        (None, true) => "Quá hạn",
                        (None, false) => "Trong hạn",
                    };
                    vec![row.name.clone(), label(first), label(due), state.to_owned()]
                };
                let columns = ["", "Từ ngày", "Đến hạn", "Tình trạng"].map(str::to_owned).to_vec();
                Table { caption, columns, rows: self.series.iter().map(cells).collect() }
            }
            _ => self.grid(),
        }
    }

    /// The chart as SVG, in the type of the document. Figures below nought are drawn as nought.
    #[must_use]
    pub fn svg(&self) -> String {
        self.draw(None)
    }

    /// The chart as SVG in a page: its marks lead to their rows. They are out of the order of the Tab key, since a table
    /// beside the chart has the same links.
    #[must_use]
    pub fn svg_in(&self, page: &InPage<'_>) -> String {
        self.draw(Some(page))
    }

    fn draw(&self, page: Option<&InPage<'_>>) -> String {
        match self.shape {
            Shape::Calendar | Shape::Gantt => self.rows(page),
            _ => self.scaled(page),
        }
    }

    /// Rows that are stacked in columns, of a curve.
    fn stacked(&self) -> &[Series] {
        &self.series[..self.series.len().saturating_sub(self.shape.over_columns())]
    }

    /// The largest figure of the scale and its step: 0, 20, 40 … 120.
    fn scale(&self) -> (f64, f64) {
        let all = || self.series.iter().flat_map(|series| &series.values).filter_map(|value| *value);
        let largest = all().fold(0.0_f64, f64::max);
        let top = match self.shape {
            Shape::Curve | Shape::Nowcast => {
                let column = |at: usize| self.stacked().iter().filter_map(|row| row.value(at)).sum::<f64>();
                (0..self.labels.len()).map(column).fold(largest, f64::max)
            }
            Shape::Ribbon => {
                let middle = self.series.first().into_iter().flat_map(|row| &row.values).flatten();
                largest
                    .min((middle.fold(0.0_f64, |most, value| most.max(*value)) * RIBBON_TIMES).max(RIBBON_LEAST))
                    .max(1.0)
            }
            _ => largest,
        };
        if top <= 0.0 {
            return (1.0, 1.0);
        }
        let rough = top / 5.0;
        let power = 10_f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].into_iter().map(|n| n * power).find(|step| *step >= rough).unwrap_or(power);
        // Counts of people have no halves.
        let whole = self.shape.over_columns() > 0 || all().all(|value| value.fract() == 0.0);
        let step = if whole { step.max(1.0) } else { step };
        ((top / step).ceil() * step, step)
    }

    /// A chart with a scale at its left.
    fn scaled(&self, page: Option<&InPage<'_>>) -> String {
        let small = page.is_some_and(|page| page.small);
        let (width, height) = if small { SMALL } else { SIZE };
        let (narrow, right, top) = if small { (36.0, 4.0, 8.0) } else { (52.0, 8.0, 12.0) };
        let n = self.labels.len().max(1) as f64;
        // Long rows of labels are thinned out; those that stand are set upright.
        let labels_max = if small { LABELS_SMALL } else { LABELS_MAX };
        let every = (self.labels.len().div_ceil(labels_max)).max(1);
        let longest = self.labels.iter().map(|label| label.chars().count()).max().unwrap_or(0) as f64;
        let slanted = longest * 5.6 > (width - narrow - right) / n * every as f64;
        // A slanted label ends below its place; the first one needs room to begin in.
        let first = self.labels.first().map_or(0.0, |label| label.chars().count() as f64 * 4.8);
        let left = if slanted { first.clamp(narrow, 120.0) } else { narrow };
        let below = if slanted { (longest * 3.6).clamp(22.0, 74.0) } else { 20.0 };
        let legend = if self.series.len() > 1 && !small { 22.0 } else { 4.0 };
        let (most, step) = self.scale();
        let frame = Frame { left, top, floor: height - below - legend, slot: (width - left - right) / n, most };
        let mut out = self.open((width, height), page);
        let mut tick = 0.0;
        while tick <= most + step / 2.0 {
            let at = frame.y(tick);
            let _ = write!(
                out,
                "<line x1=\"{left}\" x2=\"{}\" y1=\"{at:.1}\" y2=\"{at:.1}\" stroke=\"currentColor\" stroke-opacity=\"0.25\" stroke-width=\"0.6\"/>\
                 <text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"currentColor\">{}</text>",
                width - right,
                left - 6.0,
                at + 4.0,
                figure(tick, page)
            );
            tick += step;
        }
        for (at, label) in self.labels.iter().enumerate().filter(|(at, _)| at % every == 0) {
            let x = frame.x(at);
            let place = if slanted {
                let y = frame.floor + 13.0;
                format!("x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"end\" transform=\"rotate(-35 {x:.1} {y:.1})\"")
            } else {
                format!("x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\"", frame.floor + 15.0)
            };
            let _ = write!(out, "<text {place} fill=\"currentColor\">{}</text>", escape(label));
        }
        match self.shape {
            Shape::Bar => self.columns(&frame, page, &mut out),
            Shape::Curve | Shape::Nowcast => self.curve(&frame, &mut out),
            Shape::Ribbon => self.ribbon(&frame, width - right, &mut out),
            _ => {
                let told = self.labels.len() * self.series.len() <= 24;
                for (row, series) in self.series.iter().enumerate().take(TONES.len()) {
                    self.line(&frame, row, &series.values, if told { Some(page) } else { None }, &mut out);
                }
            }
        }
        let _ = write!(
            out,
            "<line x1=\"{left}\" x2=\"{}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"currentColor\" stroke-width=\"1\"/>",
            width - right,
            frame.floor,
            frame.floor
        );
        if !small {
            self.legend(left, height - 8.0, &mut out);
        }
        if let Some(page) = page {
            for at in 0..self.labels.len() {
                let area = format!(
                    "<rect class=\"vx-hit\" x=\"{:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"currentColor\" fill-opacity=\"0\"/>",
                    left + frame.slot * at as f64,
                    frame.slot,
                    frame.floor - top
                );
                linked((page.mark)(0, at), (0, at), &area, &mut out);
            }
        }
        out.push_str("</svg>");
        out
    }

    fn open(&self, (width, height): (f64, f64), page: Option<&InPage<'_>>) -> String {
        let caption = escape(&self.caption);
        match page {
            // In a page the type is the page's, and a group may hold links.
            Some(_) => format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"group\" aria-label=\"{caption}\" font-size=\"12\">"
            ),
            None => format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
                 font-family=\"Liberation Serif, Times New Roman, serif\" font-size=\"12\"><title>{caption}</title>"
            ),
        }
    }

    fn columns(&self, frame: &Frame, page: Option<&InPage<'_>>, out: &mut String) {
        let k = self.series.len().clamp(1, TONES.len()) as f64;
        let thick = (frame.slot * 0.72 / k).min(46.0);
        let told = self.labels.len() * self.series.len() <= 24;
        for (row, (series, (tone, dash))) in self.series.iter().zip(TONES).enumerate() {
            for at in 0..self.labels.len() {
                let Some(value) = series.value(at) else { continue };
                let x = frame.x(at) - thick * k / 2.0 + thick * row as f64;
                let y = frame.y(value);
                let _ = write!(
                    out,
                    "<rect class=\"vx-row-{row}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{tone}\" stroke=\"currentColor\" stroke-width=\"0.5\" stroke-dasharray=\"{}\"/>",
                    thick * 0.94,
                    frame.floor - y,
                    dashes(dash),
                );
                if told {
                    let _ = write!(
                        out,
                        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"10\" fill=\"currentColor\">{}</text>",
                        x + thick * 0.47,
                        y - 3.0,
                        figure(value, page)
                    );
                }
            }
        }
    }

    /// A line with marks; its figures stand beside them where a way to write them is given.
    fn line(
        &self,
        frame: &Frame,
        row: usize,
        values: &[Option<f64>],
        told: Option<Option<&InPage<'_>>>,
        out: &mut String,
    ) {
        let (tone, dash) = TONES[row % TONES.len()];
        let mut last: Option<(f64, f64)> = None;
        for (at, value) in values.iter().enumerate().take(self.labels.len()) {
            let Some(value) = value.filter(|value| value.is_finite()) else {
                last = None;
                continue;
            };
            let (x, y) = (frame.x(at), frame.y(value));
            if let Some((from_x, from_y)) = last {
                let _ = write!(
                    out,
                    "<line class=\"vx-row-{row}\" x1=\"{from_x:.1}\" y1=\"{from_y:.1}\" x2=\"{x:.1}\" y2=\"{y:.1}\" stroke=\"{tone}\" stroke-width=\"2\" stroke-dasharray=\"{}\"/>",
                    dashes(dash),
                );
            }
            let _ =
                write!(out, "<circle class=\"vx-row-{row}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"2.6\" fill=\"{tone}\"/>");
            if let Some(page) = told {
                let _ = write!(
                    out,
                    "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"10\" fill=\"currentColor\">{}</text>",
                    y - 6.0,
                    figure(value, page)
                );
            }
            last = Some((x, y));
        }
    }

    fn curve(&self, frame: &Frame, out: &mut String) {
        let thick = (frame.slot * 0.8).min(46.0);
        for at in 0..self.labels.len() {
            let mut below = 0.0;
            let mut is_known = false;
            for (row, series) in self.stacked().iter().enumerate().take(TONES.len()) {
                let Some(value) = series.value(at) else { continue };
                is_known = true;
                let value = value.max(0.0);
                let (from, to) = (frame.y(below), frame.y(below + value));
                below += value;
                if value > 0.0 {
                    // The first row is solid, those above are hollow: colour is not the only difference.
                    let _ = write!(
                        out,
                        "<rect class=\"vx-row-{row}\" x=\"{:.1}\" y=\"{to:.1}\" width=\"{thick:.1}\" height=\"{:.1}\" fill=\"{tone}\" fill-opacity=\"{}\" stroke=\"{tone}\" stroke-width=\"0.8\"/>",
                        frame.x(at) - thick / 2.0,
                        from - to,
                        if row == 0 { "1" } else { "0.2" },
                        tone = TONES[row].0,
                    );
                }
            }
            if is_known && self.shape == Shape::Nowcast {
                self.expected(frame, at, (below, thick), out);
            }
            if !is_known {
                let _ = write!(
                    out,
                    "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-weight=\"700\" fill=\"currentColor\">×</text>",
                    frame.x(at),
                    frame.floor - 3.0
                );
            }
        }
        let Some(mean) = self.series.get(self.stacked().len()) else { return };
        let row = self.stacked().len().min(TONES.len() - 1);
        let mut path = String::new();
        let mut pen = 'M';
        for at in 0..self.labels.len() {
            match mean.value(at) {
                Some(value) => {
                    let _ = write!(path, "{pen}{:.1} {:.1}", frame.x(at), frame.y(value));
                    pen = 'L';
                }
                None => pen = 'M',
            }
        }
        let _ = write!(
            out,
            "<path class=\"vx-row-{row}\" d=\"{path}\" fill=\"none\" stroke=\"{}\" stroke-width=\"2.2\"/>",
            TONES[row].0
        );
    }

    /// What is still expected of a day: a hollow top on its column, and a whisker over the interval.
    fn expected(&self, frame: &Frame, at: usize, (reported, thick): (f64, f64), out: &mut String) {
        let rows = &self.series[self.stacked().len()..];
        let [_, middle, low, high] = rows else { return };
        let (Some(middle), Some(low), Some(high)) = (middle.value(at), low.value(at), high.value(at)) else { return };
        let x = frame.x(at);
        if middle > reported {
            let (from, to) = (frame.y(reported), frame.y(middle));
            let _ = write!(
                out,
                "<rect class=\"vx-expected\" x=\"{:.1}\" y=\"{to:.1}\" width=\"{thick:.1}\" height=\"{:.1}\" fill=\"currentColor\" fill-opacity=\"0.08\" stroke=\"currentColor\" stroke-width=\"0.8\" stroke-dasharray=\"2 2\"/>",
                x - thick / 2.0,
                from - to,
            );
        }
        let (top, foot, arm) = (frame.y(high), frame.y(low), (thick * 0.3).min(5.0));
        let _ = write!(
            out,
            "<path class=\"vx-whisker\" d=\"M{:.1} {top:.1}H{:.1}M{x:.1} {top:.1}V{foot:.1}M{:.1} {foot:.1}H{:.1}\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.2\"/>",
            x - arm,
            x + arm,
            x - arm,
            x + arm,
        );
    }

    fn ribbon(&self, frame: &Frame, right: f64, out: &mut String) {
        let [middle, low, high, ..] = self.series.as_slice() else { return };
        let known = |at: usize| Some((low.value(at)?, high.value(at)?));
        let mut at = 0;
        while at < self.labels.len() {
            let run = (at..self.labels.len()).take_while(|at| known(*at).is_some()).count();
            if run == 0 {
                at += 1;
                continue;
            }
            let upper = (at..at + run).map(|at| (at, high.value(at).unwrap_or_default()));
            let lower = (at..at + run).rev().map(|at| (at, low.value(at).unwrap_or_default()));
            let points: Vec<String> =
                upper.chain(lower).map(|(at, value)| format!("{:.1},{:.1}", frame.x(at), frame.y(value))).collect();
            let _ = write!(
                out,
                "<polygon class=\"vx-row-0\" points=\"{}\" fill=\"{tone}\" fill-opacity=\"0.22\" stroke=\"{tone}\" stroke-opacity=\"0.5\" stroke-width=\"0.8\"/>",
                points.join(" "),
                tone = TONES[0].0
            );
            at += run;
        }
        let one = frame.y(1.0);
        let _ = write!(
            out,
            "<line x1=\"{}\" x2=\"{right}\" y1=\"{one:.1}\" y2=\"{one:.1}\" stroke=\"currentColor\" stroke-width=\"1.4\" stroke-dasharray=\"6 3\"/>",
            frame.left
        );
        self.line(frame, 0, &middle.values, None, out);
    }

    fn legend(&self, left: f64, at: f64, out: &mut String) {
        if self.series.len() < 2 {
            return;
        }
        let mut x = left;
        let rows: Vec<(usize, &str)> = match self.shape {
            // Both ends of a ribbon are said by its middle's name.
            Shape::Ribbon => self.series.iter().take(1).map(|row| (0, row.name.as_str())).collect(),
            // So are those of what is expected.
            Shape::Nowcast => {
                let n = self.series.len().saturating_sub(2);
                self.series.iter().take(n.min(TONES.len())).map(|row| row.name.as_str()).enumerate().collect()
            }
            _ => self.series.iter().take(TONES.len()).map(|row| row.name.as_str()).enumerate().collect(),
        };
        for (row, name) in rows {
            let (tone, dash) = TONES[row];
            let of_curve = self.shape.over_columns() > 0;
            let is_column = if of_curve { row < self.stacked().len() } else { self.shape == Shape::Bar };
            let is_expected = self.shape == Shape::Nowcast && row > self.stacked().len();
            let _ = match (of_curve, is_column) {
                _ if is_expected => write!(
                    out,
                    "<rect class=\"vx-expected\" x=\"{x:.1}\" y=\"{:.1}\" width=\"14\" height=\"10\" fill=\"currentColor\" fill-opacity=\"0.08\" stroke=\"currentColor\" stroke-dasharray=\"2 2\"/>",
                    at - 9.0
                ),
                (true, true) => write!(
                    out,
                    "<rect class=\"vx-row-{row}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"14\" height=\"10\" fill=\"{tone}\" fill-opacity=\"{}\" stroke=\"{tone}\"/>",
                    at - 9.0,
                    if row == 0 { "1" } else { "0.2" }
                ),
                _ => write!(
                    out,
                    "<line class=\"vx-row-{row}\" x1=\"{x:.1}\" x2=\"{:.1}\" y1=\"{:.1}\" y2=\"{:.1}\" stroke=\"{tone}\" stroke-width=\"{}\" stroke-dasharray=\"{}\"/>",
                    x + 22.0,
                    at - 4.0,
                    at - 4.0,
                    if is_column { 8 } else { 2 },
                    if of_curve { "none" } else { dashes(dash) },
                ),
            };
            let _ =
                write!(out, "<text x=\"{:.1}\" y=\"{at:.1}\" fill=\"currentColor\">{}</text>", x + 27.0, escape(name));
            x += 44.0 + name.chars().count() as f64 * 6.2;
        }
    }

    /// A chart with a row for each name and a place for each label.
    fn rows(&self, page: Option<&InPage<'_>>) -> String {
        let (width, right, top) = (SIZE.0, 8.0, 6.0);
        let longest = self.series.iter().map(|row| row.name.chars().count().min(NAME_MAX)).max().unwrap_or(0) as f64;
        let left = (longest * 7.0 + 10.0).clamp(60.0, 250.0);
        let slot = (width - left - right) / self.labels.len().max(1) as f64;
        let floor = top + ROW * self.series.len() as f64;
        let mut out = self.open((width, floor + 22.0), page);
        let longest = self.labels.iter().map(|label| label.chars().count()).max().unwrap_or(0) as f64;
        let fitting = ((width - left - right) / (longest * 6.4 + 8.0)).floor().max(1.0);
        let every = (self.labels.len() as f64 / fitting).ceil().max(1.0) as usize;
        for (at, label) in self.labels.iter().enumerate().filter(|(at, _)| at % every == 0) {
            let _ = write!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"currentColor\">{}</text>",
                left + slot * (at as f64 + 0.5),
                floor + 15.0,
                escape(label)
            );
        }
        for (row, series) in self.series.iter().enumerate() {
            let y = top + ROW * row as f64;
            let name: String = match series.name.char_indices().nth(NAME_MAX) {
                Some((at, _)) => format!("{}…", series.name[..at].trim_end()),
                None => series.name.clone(),
            };
            let _ = write!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\" fill=\"currentColor\">{}</text>",
                left - 6.0,
                y + 14.0,
                escape(&name)
            );
            if self.shape == Shape::Calendar {
                self.days(series, row, (left, y, slot), page, &mut out);
            } else {
                self.limits(series, (left, y, slot), &mut out);
                if let Some(page) = page {
                    let area = format!(
                        "<rect class=\"vx-hit\" x=\"0\" y=\"{y:.1}\" width=\"{width}\" height=\"{ROW}\" fill=\"currentColor\" fill-opacity=\"0\"/>"
                    );
                    linked((page.mark)(row, 0), (row, 0), &area, &mut out);
                }
            }
        }
        out.push_str("</svg>");
        out
    }

    /// The days of a unit in a calendar.
    fn days(
        &self,
        series: &Series,
        row: usize,
        (left, y, slot): (f64, f64, f64),
        page: Option<&InPage<'_>>,
        out: &mut String,
    ) {
        for at in 0..self.labels.len() {
            let x = left + slot * at as f64;
            let (fill, letter) = series.value(at).and_then(level).unwrap_or(("none", "–"));
            let ink = if fill == "none" { "currentColor" } else { "#000" };
            let area = format!(
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{fill}\"/>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"{:.1}\" fill=\"{ink}\">{letter}</text>",
                x + 0.5,
                y + 1.0,
                slot - 1.0,
                ROW - 2.0,
                x + slot / 2.0,
                y + 14.0,
                slot.clamp(5.0, 11.0)
            );
            linked(page.and_then(|page| (page.mark)(row, at)), (row, at), &area, out);
        }
    }

    /// The time of a promise.
    fn limits(&self, series: &Series, (left, y, slot): (f64, f64, f64), out: &mut String) {
        let n = self.labels.len();
        let Limits { first, due, kept, .. } = series.limits(n);
        let place = |at: usize| left + slot * at as f64;
        if let (Some(first), Some(due)) = (first, due) {
            let _ = write!(
                out,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"10\" fill=\"none\" stroke=\"currentColor\"/>",
                place(first),
                y + 5.0,
                place(due + 1) - place(first)
            );
            let _ = write!(
                out,
                "<line x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{1:.1}\" y2=\"{2:.1}\" stroke=\"currentColor\" stroke-width=\"2\"/>",
                place(due + 1),
                y + 1.0,
                y + ROW - 1.0
            );
        }
        for (code, fill) in [(1.0, TONES[0].0), (2.0, "#b4122f")] {
            let is_code = |at: &usize| series.value(*at) == Some(code);
            let Some(from) = (0..n).find(is_code) else { continue };
            let to = (0..n).rev().find(is_code).unwrap_or(from);
            let (from, to) = (place(from), place(to + 1));
            if code < 2.0 {
                let _ = write!(
                    out,
                    "<rect class=\"vx-row-0\" x=\"{from:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"10\" fill=\"{fill}\"/>",
                    y + 5.0,
                    to - from
                );
            } else {
                // Thin and striped, so that what is late is no longer bar of the same kind.
                let _ = write!(
                    out,
                    "<line class=\"vx-beyond\" x1=\"{from:.1}\" x2=\"{to:.1}\" y1=\"{0:.1}\" y2=\"{0:.1}\" stroke=\"{fill}\" stroke-width=\"5\" stroke-dasharray=\"4 2\"/>",
                    y + 10.0
                );
            }
        }
        if let Some(kept) = kept {
            let _ = write!(
                out,
                "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" font-size=\"15\" font-weight=\"700\" fill=\"currentColor\">✓</text>",
                place(kept) + slot / 2.0,
                y + 15.0
            );
        }
    }
}

/// Where a row of time limits begins and ends, by places of labels.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Limits {
    first: Option<usize>,
    due: Option<usize>,
    kept: Option<usize>,
    /// Whether time after the limit went by.
    late: bool,
}

impl Series {
    fn value(&self, at: usize) -> Option<f64> {
        self.values.get(at).copied().flatten().filter(|value| value.is_finite())
    }

    fn limits(&self, labels: usize) -> Limits {
        let is = |at: &usize, codes: &[f64]| self.value(*at).is_some_and(|value| codes.contains(&value));
        let kept = (0..labels).find(|at| is(at, &[3.0]));
        let beyond = (0..labels).find(|at| is(at, &[2.0]));
        let first = (0..labels).find(|at| is(at, &[0.0, 1.0, 3.0]));
        // What was kept after the limit lies behind time beyond it.
        let due =
            (0..labels).rev().filter(|at| beyond.is_none_or(|beyond| *at < beyond)).find(|at| is(at, &[0.0, 1.0, 3.0]));
        Limits { first, due, kept, late: beyond.is_some() }
    }
}

fn level(value: f64) -> Option<(&'static str, &'static str)> {
    let rank = [1.0, 2.0, 3.0, 4.0].iter().position(|rank| (value - rank).abs() < 0.5)?;
    LEVELS.get(rank).copied()
}

fn dashes(dash: &'static str) -> &'static str {
    if dash.is_empty() { "none" } else { dash }
}

fn figure(value: f64, page: Option<&InPage<'_>>) -> String {
    let words = figure_words(value);
    if !page.is_some_and(|page| page.english) {
        return words;
    }
    let turned = |c| match c {
        '.' => ',',
        ',' => '.',
        c => c,
    };
    words.chars().map(turned).collect()
}

/// The area of a mark, with the place of its row and label for whoever looks it up.
fn linked(mark: Option<Mark>, (row, at): (usize, usize), area: &str, out: &mut String) {
    let Some(mark) = mark else {
        out.push_str(area);
        return;
    };
    let (href, words) = (escape(&mark.href), escape(&mark.words));
    let _ = write!(
        out,
        "<a href=\"{href}\" tabindex=\"-1\" data-mark=\"{row} {at}\" aria-label=\"{words}\"><title>{words}</title>{area}</a>"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(shape: Shape, labels: &[&str], series: &[(&str, &[Option<f64>])]) -> Chart {
        Chart {
            caption: "<&".to_owned(),
            shape,
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            series: series
                .iter()
                .map(|(name, values)| Series { name: (*name).to_owned(), values: values.to_vec() })
                .collect(),
        }
    }

    #[test]
    fn a_chart_is_drawn_whatever_is_in_it() {
        for (labels, values) in [
            (vec![], vec![]),
            (vec!["a"], vec![None]),
            (vec!["a"], vec![Some(f64::NAN)]),
            (vec!["<b>&", "c"], vec![Some(-4.0), Some(0.0)]),
            (vec!["x"; 400], vec![Some(1e12); 400]),
        ] {
            for (shape, rows) in Shape::ALL.into_iter().flat_map(|shape| (0..7).map(move |rows| (shape, rows))) {
                let chart = chart(shape, &labels, &vec![("<b>", values.as_slice()); rows]);
                let mark = |row, at| Some(Mark { href: format!("/?a={row}&b={at}"), words: "<b>\"".to_owned() });
                let in_page = |small| chart.svg_in(&InPage { english: true, small, mark: &mark });
                for svg in [chart.svg(), in_page(false), in_page(true)] {
                    assert!(
                        svg.starts_with("<svg")
                            && svg.ends_with("</svg>")
                            && !svg.contains("NaN")
                            && !svg.contains("<b>"),
                        "{shape:?} {svg}"
                    );
                }
                let _ = (chart.table(), chart.grid(), chart.options());
            }
        }
    }

    #[test]
    fn a_promise_has_its_limit_and_its_end() {
        let row = |values: &[f64]| Series { name: String::new(), values: values.iter().copied().map(Some).collect() };
        for (values, first, due, kept, late) in [
            (vec![1.0, 1.0, 0.0, 0.0], Some(0), Some(3), None, false),
            (vec![1.0, 3.0, 0.0], Some(0), Some(2), Some(1), false),
            (vec![1.0, 1.0, 2.0, 2.0], Some(0), Some(1), None, true),
            (vec![1.0, 1.0, 2.0, 3.0], Some(0), Some(1), Some(3), true),
            (vec![2.0, 2.0], None, None, None, true),
        ] {
            assert_eq!(row(&values).limits(values.len()), Limits { first, due, kept, late }, "{values:?}");
        }
    }

    #[test]
    fn what_people_read_of_levels_and_limits_are_letters_and_days() {
        let days = ["1/9", "2/9", "3/9"];
        let levels = chart(Shape::Calendar, &days, &[("Xã A", &[Some(1.0), Some(4.0), None])]);
        assert_eq!(levels.table().rows, [["Xã A", "X", "Đ", "–"]]);
        assert_eq!(levels.grid().rows, [["1/9", "1"], ["2/9", "4"], ["3/9", ""]]);
        let limits = chart(Shape::Gantt, &days, &[("Xã A", &[Some(1.0), Some(2.0), Some(3.0)])]);
        assert_eq!(limits.table().rows, [["Xã A", "1/9", "1/9", "Đạt chậm"]]);
    }
}
