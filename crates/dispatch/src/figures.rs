//! Tables and charts of a document (bảng, biểu đồ): what is typed for them and what is written of them.

use serde::{Deserialize, Serialize};

use crate::charts::{Chart, Series, Shape};

/// Columns of a table at the most: more cannot be read on an upright page.
pub const COLUMNS_MAX: usize = 14;
/// Rows of a table, or labels of a chart, at the most: every commune of a large province.
pub const ROWS_MAX: usize = 1_000;

/// Something in a document that is not words (bảng, biểu đồ). The reader of a text does not give it back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "figure", rename_all = "snake_case")]
pub enum Figure {
    /// A table (bảng).
    Table(Table),
    /// A chart (biểu đồ).
    Chart(Chart),
}

/// A table with a head.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// What it shows; the writer puts its number before it.
    pub caption: String,
    /// Heads of the columns.
    pub columns: Vec<String>,
    /// Rows, as long as the head.
    pub rows: Vec<Vec<String>>,
}

/// A figure as Vietnamese write it: `1.234,5`.
#[must_use]
pub fn figure_words(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    let text = format!("{:.2}", rounded.abs());
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    let part = part.trim_end_matches('0');
    let sign = if rounded < 0.0 { "-" } else { "" };
    if part.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped},{part}") }
}

/// A figure as people write it: `1.234,5`, `1 234`, `12,5 %`, `+3`. `None` for what is no figure.
#[must_use]
pub fn read_figure(text: &str) -> Option<f64> {
    let text: String = text.trim().trim_end_matches('%').chars().filter(|c| !c.is_whitespace()).collect();
    let text = text.strip_prefix('+').unwrap_or(&text).to_owned();
    let (whole, part) = match text.rsplit_once(',') {
        Some((whole, part)) => (whole, part),
        None => (text.as_str(), ""),
    };
    let groups: Vec<&str> = whole.split('.').collect();
    let thousands = groups.len() > 1 && groups.iter().skip(1).all(|group| group.len() == 3);
    let plain = match groups.as_slice() {
        [_] => whole.to_owned(),
        _ if thousands => groups.concat(),
        // 12.5, as machines write it.
        [_, _] if part.is_empty() => return whole.parse().ok().filter(|value: &f64| value.is_finite()),
        _ => return None,
    };
    if !plain.trim_start_matches('-').chars().all(|c| c.is_ascii_digit()) || plain.trim_start_matches('-').is_empty() {
        return None;
    }
    format!("{plain}.{part}0").parse().ok().filter(|value: &f64| value.is_finite())
}

impl Figure {
    /// What it shows.
    #[must_use]
    pub fn caption(&self) -> &str {
        match self {
            Figure::Table(table) => &table.caption,
            Figure::Chart(chart) => &chart.caption,
        }
    }

    /// Cells as they are pasted from a spreadsheet, one row a line, cells parted by tabs, bars or semicolons; the first
    /// row is the head. For a chart the first column holds the labels; cells that are no figures make it a table, so
    /// that nothing typed is lost. A row longer than the head makes the head longer, and what stands behind the last
    /// column goes into it.
    #[must_use]
    pub fn read(caption: &str, shape: Option<Shape>, cells: &str) -> Option<Figure> {
        let mark = ['\t', '|', ';'].into_iter().find(|mark| cells.contains(*mark)).unwrap_or('\t');
        let row = |line: &str| -> Vec<String> {
            let between = line.trim().strip_prefix('|').and_then(|line| line.strip_suffix('|'));
            let line = between.filter(|_| mark == '|').unwrap_or(line);
            let mut cells: Vec<String> =
                line.split(mark).map(|cell| cell.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
            if cells.len() > COLUMNS_MAX {
                let behind = cells.split_off(COLUMNS_MAX - 1);
                cells.push(behind.into_iter().filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join("; "));
            }
            cells
        };
        let mut lines = cells.lines().filter(|line| !line.trim().is_empty()).map(row);
        let mut columns = lines.next()?;
        let mut rows: Vec<Vec<String>> = lines.take(ROWS_MAX).collect();
        let width = rows.iter().map(Vec::len).fold(columns.len(), usize::max);
        columns.resize(width, String::new());
        rows.iter_mut().for_each(|row| row.resize(width, String::new()));
        let caption = caption.split_whitespace().collect::<Vec<_>>().join(" ");
        // Where a figure is not known yet people leave the cell empty or strike it through.
        let is_drawn = |cell: &String| matches!(cell.as_str(), "" | "-" | "–" | "…") || read_figure(cell).is_some();
        let fits = columns.len() > 1 && rows.iter().all(|row| row.iter().skip(1).all(is_drawn));
        let Some(shape) = shape.filter(|_| fits) else {
            return Some(Figure::Table(Table { caption, columns, rows }));
        };
        let labels = rows.iter().map(|row| row.first().cloned().unwrap_or_default()).collect();
        let series = columns.iter().enumerate().skip(1).map(|(at, name)| Series {
            name: name.clone(),
            values: rows.iter().map(|row| row.get(at).and_then(|cell| read_figure(cell))).collect(),
        });
        Some(Figure::Chart(Chart { caption, shape, labels, series: series.collect() }))
    }

    /// The cells as [`Figure::read`] takes them, parted by bars.
    #[must_use]
    pub fn cells(&self) -> String {
        let table = match self {
            Figure::Table(table) => table.clone(),
            Figure::Chart(chart) => chart.grid(),
        };
        std::iter::once(&table.columns)
            .chain(&table.rows)
            .map(|row| format!("| {} |", row.iter().map(|cell| cell.replace('|', "/")).collect::<Vec<_>>().join(" | ")))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// A table of the same figures.
    #[must_use]
    pub fn as_table(&self) -> Table {
        match self {
            Figure::Table(table) => table.clone(),
            Figure::Chart(chart) => chart.table(),
        }
    }
}

impl Table {
    /// Columns whose filled cells are all figures: they are set to the right.
    #[must_use]
    pub fn numeric(&self) -> Vec<bool> {
        (0..self.columns.len())
            .map(|at| {
                let mut cells =
                    self.rows.iter().filter_map(|row| row.get(at)).filter(|cell| !cell.is_empty()).peekable();
                cells.peek().is_some() && cells.all(|cell| read_figure(cell).is_some())
            })
            .collect()
    }

    /// Share of each column of the width, in hundredths that add up to 100: by the longest cell; of a head, which may
    /// break into lines, by its longest word and a third of its length.
    #[must_use]
    pub fn widths(&self) -> Vec<u32> {
        let weigh = |at: usize| {
            let length = |text: &str| text.chars().count();
            let head = self.columns.get(at).map_or("", String::as_str);
            let head = head.split_whitespace().map(length).max().unwrap_or(1).max(length(head) / 3);
            let longest =
                self.rows.iter().filter_map(|row| row.get(at)).map(|cell| length(cell)).fold(head, usize::max);
            (longest.clamp(4, 32) as f64).sqrt()
        };
        let weights: Vec<f64> = (0..self.columns.len()).map(weigh).collect();
        let sum: f64 = weights.iter().sum();
        let mut widths: Vec<u32> =
            weights.iter().map(|weight| (weight / sum * 100.0).floor().max(1.0) as u32).collect();
        let rest = 100u32.saturating_sub(widths.iter().sum());
        if let Some(widest) = widths.iter_mut().max_by_key(|width| **width) {
            *widest += rest;
        }
        widths
    }
}

/// A text within XML. Control letters, which XML cannot hold, are left out.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push(' '),
            c if u32::from(c) < 0x20 || matches!(u32::from(c), 0xFFFE | 0xFFFF) => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_and_read_as_people_write_them() {
        for (value, words) in [
            (0.0, "0"),
            (7.0, "7"),
            (1234.0, "1.234"),
            (1234567.5, "1.234.567,5"),
            (-12.25, "-12,25"),
            (999.999, "1.000"),
        ] {
            assert_eq!(figure_words(value), words);
        }
        for (text, value) in [
            ("1.234", Some(1234.0)),
            ("1 234", Some(1234.0)),
            ("12,5 %", Some(12.5)),
            ("12.5", Some(12.5)),
            ("1.234.567,25", Some(1_234_567.25)),
            ("-3", Some(-3.0)),
            ("", None),
            ("ba", None),
            ("1.2.3", None),
            ("-", None),
            ("inf", None),
            ("1e9", None),
        ] {
            assert_eq!(read_figure(text), value, "{text}");
        }
    }

    #[test]
    fn cells_are_pasted_from_a_spreadsheet() {
        let pasted = "Huyện\tCa mắc\tKhỏi\nKế Sách\t12\t3\nMỹ Xuyên\t1.045\n";
        let Some(Figure::Table(table)) = Figure::read(" Theo  huyện ", None, pasted) else { panic!("a table") };
        assert_eq!(table.caption, "Theo huyện");
        assert_eq!(table.rows, [["Kế Sách", "12", "3"], ["Mỹ Xuyên", "1.045", ""]]);
        assert_eq!(table.numeric(), [false, true, true]);
        assert_eq!(table.widths().iter().sum::<u32>(), 100);
        let chart = Figure::read("Theo huyện", Some(Shape::Bar), pasted).unwrap();
        let Figure::Chart(drawn) = &chart else { panic!("a chart") };
        assert_eq!(drawn.series[0].values, [Some(12.0), Some(1045.0)]);
        assert_eq!(drawn.series[1].values, [Some(3.0), None]);
        assert_eq!(Figure::read("Theo huyện", Some(Shape::Bar), &chart.cells()).unwrap(), chart);
        assert_eq!(Figure::read("", None, " \n"), None);
    }

    #[test]
    fn nothing_that_was_typed_for_a_chart_is_lost() {
        for (cells, is_chart) in [
            ("Huyện | Ca\nA | 12\nB | 3", true),
            ("Huyện | Ca\nA | 12\nB |", true),
            ("Huyện | Ca\nA | –\nB | 3", true),
            (" | Ca\nA | 12", true),
            ("Huyện | Ca\nA | mười\nB | 3", false),
            ("Huyện | Ca\nA | 12\nD | 3 | 4", true),
            ("Huyện\nA | 12", true),
            ("Huyện | Ca\nA | 12 | nghi ngờ", false),
            ("Không có số liệu", false),
        ] {
            let figure = Figure::read("Ca mắc", Some(Shape::Line), cells).unwrap();
            assert_eq!(matches!(figure, Figure::Chart(_)), is_chart, "{cells}");
            let kept = figure.cells();
            // The head of the labels is said nowhere in a chart.
            let words = cells.split(['|', '\n']).skip(usize::from(is_chart)).map(str::trim).filter(|word| *word != "–");
            for word in words.filter(|word| !word.is_empty()) {
                assert!(kept.contains(word), "{word} of {cells} in {kept}");
            }
            let again = Figure::read("Ca mắc", Some(Shape::Line).filter(|_| is_chart), &kept).unwrap();
            assert_eq!(again, figure, "{cells}");
        }
        let wide = (0..20).map(|n| n.to_string()).collect::<Vec<_>>().join(" | ");
        let Some(Figure::Table(table)) = Figure::read("", None, &format!("{wide}\n{wide}")) else { panic!("a table") };
        assert_eq!((table.columns.len(), table.rows[0][13].as_str()), (14, "13; 14; 15; 16; 17; 18; 19"));
    }
}
