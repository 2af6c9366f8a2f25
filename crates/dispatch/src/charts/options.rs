//! A chart as options of Apache ECharts, to be looked at closely in a page: zoomed, read label by label, kept as a
//! picture. What it draws is what the SVG beside it draws.
//!
//! Options are plain values. What needs a function or the tones of the page is named by keys that ECharts does not know
//! and `assets/chart.js` reads: `row` (the tone of a row of figures), `ink` (the colour of the page's text), `whisker`,
//! `signs` (what stands in the cell of a value), `newest` (where not all labels have room, the last ones are shown first).

use serde_json::{Value, json};

use super::{Chart, LEVELS, Series, Shape, TONES, level};

/// What stands in the cells of time limits, and their colours: to come, gone by, after the limit, kept.
const TIMES: [(&str, &str); 4] = [("#c9d3df", ""), ("#1f4e79", ""), ("#b4122f", "!"), ("#1f4e79", "✓")];
/// The cross of a label without figures.
const CROSS: &str = "path://M0 0L8 8M8 0L0 8";

impl Chart {
    /// The chart as options of ECharts 6.
    #[must_use]
    pub fn options(&self) -> Value {
        match self.shape {
            Shape::Calendar => self.cells(&LEVELS, 1, "#000"),
            Shape::Gantt => self.cells(&TIMES, 0, "#fff"),
            _ => self.scaled_options(),
        }
    }

    fn scaled_options(&self) -> Value {
        let (most, step) = self.scale();
        let mut rows = match self.shape {
            Shape::Bar => self.each(&self.series, |_, _| json!({"type": "bar", "barMaxWidth": 46})),
            Shape::Curve | Shape::Nowcast => self.curve_options(),
            Shape::Ribbon => self.ribbon_options(),
            _ => self.each(&self.series, |_, dash| {
                json!({"type": "line", "symbol": "circle", "symbolSize": 6, "lineStyle": {"width": 2, "type": dash}})
            }),
        };
        for row in &mut rows {
            row["emphasis"] = json!({"disabled": true});
        }
        let named = rows.iter().filter(|row| row["silent"] != true).filter_map(|row| row["name"].as_str());
        let mut legend: Vec<&str> = Vec::new();
        for name in named {
            if !legend.contains(&name) {
                legend.push(name);
            }
        }
        json!({
            "animation": false,
            "newest": true,
            "grid": {"left": 8, "right": 12, "top": 16, "bottom": 72, "containLabel": true},
            "legend": {"type": "scroll", "bottom": 36, "data": legend},
            "tooltip": {"trigger": "axis", "showContent": false, "axisPointer": {"type": "shadow"}},
            "xAxis": {"type": "category", "data": self.labels, "axisTick": {"alignWithLabel": true}},
            "yAxis": {"type": "value", "min": 0, "max": most, "interval": step},
            "dataZoom": zooms(),
            "series": rows,
        })
    }

    /// Rows of figures with their names and tones.
    fn each(&self, rows: &[Series], drawn: impl Fn(usize, Value) -> Value) -> Vec<Value> {
        let one = |(at, row): (usize, &Series)| {
            let dash = TONES[at].1;
            let dash = if dash.is_empty() { json!("solid") } else { json!(lengths(dash)) };
            let mut value = drawn(at, dash);
            value["name"] = json!(row.name);
            value["row"] = json!(at);
            value["data"] = self.values(row);
            value
        };
        rows.iter().take(TONES.len()).enumerate().map(one).collect()
    }

    /// A value for each label; below nought is drawn as nought.
    fn values(&self, row: &Series) -> Value {
        (0..self.labels.len()).map(|at| row.value(at).map(|value| value.max(0.0))).collect()
    }

    fn curve_options(&self) -> Vec<Value> {
        let mut rows = self.each(self.stacked(), |row, _| {
            // The first row is solid, those above are hollow, as in the drawing.
            json!({"type": "bar", "stack": "columns", "barCategoryGap": "20%", "barMaxWidth": 46, "hollow": row > 0})
        });
        let n = self.stacked().len();
        let reported =
            |at: usize| self.stacked().iter().filter_map(|row| row.value(at)).reduce(|sum, value| sum + value.max(0.0));
        if let Some(mean) = self.series.get(n) {
            rows.push(json!({
                "type": "line", "name": mean.name, "row": n.min(TONES.len() - 1), "symbol": "none",
                "lineStyle": {"width": 2.2}, "data": self.values(mean),
            }));
        }
        let silent: Vec<Value> =
            (0..self.labels.len()).filter(|at| reported(*at).is_none()).map(|at| json!([at, 0])).collect();
        rows.push(json!({
            "type": "scatter", "silent": true, "ink": true, "symbol": CROSS, "symbolSize": 8, "symbolOffset": [0, -7],
            "data": silent,
        }));
        if let [_, middle, low, high] = &self.series[n..] {
            let known = |at: usize| Some((reported(at)?, middle.value(at)?, low.value(at)?, high.value(at)?));
            let top = |at: usize| known(at).map(|(reported, middle, ..)| (middle - reported).max(0.0));
            let tops: Vec<Option<f64>> = (0..self.labels.len()).map(top).collect();
            rows.push(json!({
                "type": "bar", "stack": "columns", "name": middle.name, "ink": true, "hollow": true, "data": tops,
            }));
            let whiskers =
                (0..self.labels.len()).filter_map(|at| known(at).map(|(.., low, high)| json!([at, low, high])));
            rows.push(json!({
                "type": "custom", "silent": true, "name": middle.name, "ink": true, "whisker": true,
                "data": whiskers.collect::<Vec<_>>(),
            }));
        }
        rows
    }

    fn ribbon_options(&self) -> Vec<Value> {
        let [middle, low, high, ..] = self.series.as_slice() else { return Vec::new() };
        let known = |at: usize| Some((low.value(at)?, high.value(at)?));
        let of =
            |value: fn((f64, f64)) -> f64| (0..self.labels.len()).map(|at| known(at).map(value)).collect::<Vec<_>>();
        let band = |data: Vec<Option<f64>>, opacity: f64| {
            json!({
                "type": "line", "silent": true, "name": middle.name, "row": 0, "stack": "band", "stackStrategy": "all",
                "symbol": "none", "lineStyle": {"width": 0}, "areaStyle": {"opacity": opacity}, "data": data,
            })
        };
        vec![
            json!({
                "type": "line", "name": middle.name, "row": 0, "z": 3, "symbol": "circle", "symbolSize": 5,
                "lineStyle": {"width": 2},
                "markLine": {"silent": true, "symbol": "none", "label": {"show": false}, "data": [{"yAxis": 1}]},
                "data": self.values(middle),
            }),
            band(of(|(low, _)| low), 0.0),
            band(of(|(low, high)| ((high - low) * 1e6).round() / 1e6), 0.22),
        ]
    }

    /// A row for each name and a cell for each label. The sign of a value stands at its place from `first` on.
    fn cells(&self, kinds: &[(&str, &str)], first: u8, ink: &str) -> Value {
        let rank = |value: f64| match self.shape {
            Shape::Calendar => level(value).map(|_| value.round()),
            _ => (0.0..=3.0).contains(&value).then(|| value.round()),
        };
        let mut data = Vec::new();
        for (row, series) in self.series.iter().enumerate() {
            let cells =
                (0..self.labels.len()).filter_map(|at| Some(json!([at, row, series.value(at).and_then(rank)?])));
            data.extend(cells);
        }
        let pieces: Vec<Value> =
            kinds.iter().zip(first..).map(|((colour, _), value)| json!({"value": value, "color": colour})).collect();
        let signs: serde_json::Map<String, Value> =
            kinds.iter().zip(first..).map(|((_, sign), value)| (value.to_string(), json!(sign))).collect();
        json!({
            "animation": false,
            "newest": self.shape == Shape::Calendar,
            "grid": {"left": 8, "right": 12, "top": 8, "bottom": 56, "containLabel": true},
            "tooltip": {"trigger": "item", "showContent": false},
            "xAxis": {"type": "category", "data": self.labels, "splitArea": {"show": false}},
            "yAxis": {
                "type": "category", "inverse": true,
                "data": self.series.iter().map(|row| &row.name).collect::<Vec<_>>(),
                "axisLabel": {"width": 160, "overflow": "truncate", "interval": 0},
            },
            "visualMap": {"type": "piecewise", "show": false, "dimension": 2, "pieces": pieces},
            "dataZoom": zooms(),
            "series": [{
                "type": "heatmap", "signs": signs, "label": {"show": true, "color": ink, "fontSize": 11},
                "labelLayout": {"hideOverlap": true},
                "itemStyle": {"borderWidth": 1, "borderColor": "transparent"}, "data": data,
            }],
        })
    }
}

/// Two fingers, the wheel with Ctrl, and a slider below; a wheel alone moves the page.
fn zooms() -> Value {
    json!([
        {
            "type": "inside", "zoomOnMouseWheel": "ctrl", "moveOnMouseMove": false, "moveOnMouseWheel": false,
            "preventDefaultMouseMove": false,
        },
        {"type": "slider", "height": 20, "bottom": 8, "brushSelect": false},
    ])
}

/// The lengths of a dash: `7 3`.
fn lengths(dash: &str) -> Vec<u8> {
    dash.split(' ').filter_map(|length| length.parse().ok()).collect()
}
