//! A chart as options of Apache ECharts, to be looked at closely in a page: zoomed, read mark by mark, kept as a picture.
//! What it draws is what the SVG beside it draws.
//!
//! Options are plain values. What needs a function or the tones of the page is named by keys that ECharts does not know
//! and `assets/chart.js` reads: `row` (the tone of a row of figures), `ink` (the colour of the page's text), `late` (that
//! of what is late), `hollow` (seen through), `whisker`, `signs` (what stands in the cell of a value). Beside the option
//! stand `marks` (what has a mark: each `label`, each `cell`, each `row`), `height` (pixels) and `label_min` (pixels that
//! a label needs at the least; the last ones are shown first).

use serde_json::{Map, Value, json};

use super::{Chart, LEVELS, Series, Shape, TONES, level};

/// Height of a chart with a scale, and of a row of one with cells, with what is below its rows.
const SCALED: u32 = 400;
const CELL: usize = 22;
const BELOW_CELLS: usize = 84;
/// Room for the names of rows.
const NAMES: u32 = 160;
/// The cross of a label without figures.
const CROSS: &str = "path://M0 0L8 8M8 0L0 8";

impl Chart {
    /// The chart as options of ECharts 6, as they may stand in a `script` element; none for columns and lines, which are
    /// read as they are.
    #[must_use]
    pub fn options(&self) -> Option<String> {
        let options = match self.shape {
            Shape::Bar | Shape::Line => return None,
            Shape::Curve | Shape::Nowcast => self.over_scale(self.curve_rows()),
            Shape::Ribbon => self.over_scale(self.ribbon_rows()),
            Shape::Calendar => self.calendar_options(),
            Shape::Gantt => self.limits_options(),
        };
        // Inside such an element only its end, and what begins a comment, are read as markup.
        Some(options.to_string().replace('<', "\\u003c"))
    }

    fn over_scale(&self, rows: Vec<Value>) -> Value {
        let (most, step) = self.scale();
        let legend: Vec<&Value> = rows.iter().filter(|row| row["silent"] != true).map(|row| &row["name"]).collect();
        let option = json!({
            "animation": false,
            "grid": {"left": 8, "right": 12, "top": 16, "bottom": 72, "containLabel": true},
            "legend": {"type": "scroll", "bottom": 36, "data": legend, "selectedMode": false},
            "tooltip": {"trigger": "axis", "showContent": false, "axisPointer": {"type": "shadow"}},
            "xAxis": {"type": "category", "data": self.labels, "axisTick": {"alignWithLabel": true}},
            "yAxis": {"type": "value", "min": 0, "max": most, "interval": step},
            "dataZoom": zooms(),
            "series": rows,
        });
        json!({"marks": "label", "height": SCALED, "label_min": 12, "option": option})
    }

    /// A value for each label; below nought is drawn as nought.
    fn values(&self, row: &Series) -> Vec<Option<f64>> {
        (0..self.labels.len()).map(|at| row.value(at).map(|value| value.max(0.0))).collect()
    }

    fn curve_rows(&self) -> Vec<Value> {
        let n = self.stacked().len();
        // What is hollow has an edge: of nothing, nothing is drawn.
        let some = |values: Vec<Option<f64>>| -> Vec<Option<f64>> {
            values.into_iter().map(|value| value.filter(|value| *value > 0.0)).collect()
        };
        let column = |(at, row): (usize, &Series)| {
            let values = self.values(row);
            let values = if at == 0 { values } else { some(values) };
            json!({
                "type": "bar", "stack": "columns", "barCategoryGap": "20%", "barMaxWidth": 46, "name": row.name,
                "row": at, "hollow": at > 0, "emphasis": {"disabled": true}, "data": values,
            })
        };
        let mut rows: Vec<Value> = self.stacked().iter().take(TONES.len()).enumerate().map(column).collect();
        let Some((mean, over)) = self.series[n..].split_first() else { return rows };
        rows.push(json!({
            "type": "line", "name": mean.name, "row": n.min(TONES.len() - 1), "symbol": "none",
            "lineStyle": {"width": 2.2}, "emphasis": {"disabled": true}, "data": self.values(mean),
        }));
        let reported = |at: usize| {
            let figures = self.stacked().iter().filter_map(|row| row.value(at)).map(|value| value.max(0.0));
            figures.reduce(|sum, value| sum + value)
        };
        let unknown = (0..self.labels.len()).filter(|at| reported(*at).is_none()).map(|at| json!([at, 0]));
        rows.push(json!({
            "type": "scatter", "silent": true, "ink": true, "symbol": CROSS, "symbolSize": 8, "symbolOffset": [0, -7],
            "data": unknown.collect::<Vec<_>>(),
        }));
        if let [middle, low, high] = over {
            let known = |at: usize| Some((reported(at)?, middle.value(at)?, low.value(at)?, high.value(at)?));
            let tops = (0..self.labels.len()).map(|at| known(at).map(|(reported, middle, ..)| middle - reported));
            rows.push(json!({
                "type": "bar", "stack": "columns", "name": middle.name, "ink": true, "hollow": true,
                "emphasis": {"disabled": true}, "data": some(tops.collect()),
            }));
            let whiskers =
                (0..self.labels.len()).filter_map(|at| known(at).map(|(.., low, high)| json!([at, low, high])));
            rows.push(json!({
                "type": "custom", "silent": true, "ink": true, "whisker": true, "data": whiskers.collect::<Vec<_>>(),
            }));
        }
        rows
    }

    fn ribbon_rows(&self) -> Vec<Value> {
        let [middle, low, high, ..] = self.series.as_slice() else { return Vec::new() };
        let (most, _) = self.scale();
        let ends = |at: usize| Some((low.value(at)?.clamp(0.0, most), high.value(at)?.clamp(0.0, most)));
        let of =
            |value: fn((f64, f64)) -> f64| (0..self.labels.len()).map(|at| ends(at).map(value)).collect::<Vec<_>>();
        // The band is stacked on an unseen one.
        let band = |data: Vec<Option<f64>>, opacity: f64| {
            json!({
                "type": "line", "silent": true, "row": 0, "stack": "band", "stackStrategy": "all", "symbol": "none",
                "lineStyle": {"width": 0}, "areaStyle": {"opacity": opacity}, "data": data,
            })
        };
        vec![
            json!({
                "type": "line", "name": middle.name, "row": 0, "z": 3, "symbol": "circle", "symbolSize": 5,
                "showAllSymbol": true, "lineStyle": {"width": 2}, "emphasis": {"disabled": true},
                "markLine": {"silent": true, "symbol": "none", "label": {"show": false}, "data": [{"yAxis": 1}]},
                "data": self.values(middle),
            }),
            band(of(|(low, _)| low), 0.0),
            band(of(|(low, high)| ((high - low) * 1e6).round() / 1e6), 0.22),
        ]
    }

    /// The letters and colours of levels; a day without one has a dash, as in the drawing.
    fn calendar_options(&self) -> Value {
        let mut kinds = vec![(json!({"value": 0, "color": "rgba(0,0,0,0)"}), "–")];
        kinds.extend(
            LEVELS.iter().zip(1..).map(|((colour, letter), n)| (json!({"value": n, "color": colour}), *letter)),
        );
        let mut option = self.cells(&kinds, |value| match value {
            Some(value) => level(value).map(|_| value.round()),
            None => Some(0.0),
        });
        option["series"][0]["label"]["color"] = json!("#000");
        json!({"marks": "cell", "height": self.cells_height(), "label_min": 12, "option": option})
    }

    /// Days to come, gone by, beyond the limit, and the one on which it was kept.
    fn limits_options(&self) -> Value {
        let kinds = [
            (json!({"value": 0, "row": 0, "hollow": true}), ""),
            (json!({"value": 1, "row": 0}), ""),
            (json!({"value": 2, "late": true}), "!"),
            (json!({"value": 3, "row": 0}), "✓"),
        ];
        let option = self.cells(&kinds, |value| value.filter(|code| (0.0..=3.0).contains(code)).map(f64::round));
        json!({"marks": "row", "height": self.cells_height(), "label_min": 6, "option": option})
    }

    fn cells_height(&self) -> usize {
        CELL * self.series.len() + BELOW_CELLS
    }

    /// A row for each name and a cell for each label.
    fn cells(&self, kinds: &[(Value, &str)], kind: impl Fn(Option<f64>) -> Option<f64>) -> Value {
        let cell = |row: usize, at: usize| Some(json!([at, row, kind(self.series[row].value(at))?]));
        let row = |row: usize| (0..self.labels.len()).filter_map(move |at| cell(row, at));
        let data: Vec<Value> = (0..self.series.len()).flat_map(row).collect();
        let signs: Map<String, Value> =
            kinds.iter().map(|(piece, sign)| (piece["value"].to_string(), json!(sign))).collect();
        json!({
            "animation": false,
            "grid": {"left": 8, "right": 12, "top": 8, "bottom": 56, "containLabel": true},
            "xAxis": {"type": "category", "data": self.labels},
            "yAxis": {
                "type": "category", "inverse": true,
                "data": self.series.iter().map(|row| &row.name).collect::<Vec<_>>(),
                "axisLabel": {"width": NAMES, "overflow": "truncate", "interval": 0},
            },
            "visualMap": {
                "type": "piecewise", "show": false, "dimension": 2,
                "pieces": kinds.iter().map(|(piece, _)| piece).collect::<Vec<_>>(),
            },
            "dataZoom": zooms(),
            "series": [{
                "type": "heatmap", "signs": signs, "label": {"show": true, "fontSize": 11},
                "labelLayout": {"hideOverlap": true}, "data": data,
            }],
        })
    }
}

/// Two fingers, the wheel with Ctrl, and a slider below.
fn zooms() -> Value {
    json!([
        {
            "type": "inside", "zoomOnMouseWheel": "ctrl", "moveOnMouseMove": false, "moveOnMouseWheel": false,
            "preventDefaultMouseMove": false, "cursorGrab": "default", "cursorGrabbing": "default",
        },
        {"type": "slider", "height": 20, "bottom": 8, "brushSelect": false},
    ])
}
