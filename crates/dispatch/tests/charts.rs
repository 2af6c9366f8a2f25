//! The drawing of every shape of chart, as golden files to be looked at in a browser.
//!
//! `VX_BLESS=1 cargo test -p vx-dispatch --test charts` rewrites them; look at each one that changed.
#![expect(clippy::unwrap_used, reason = "a test stops where something is not as it must be")]

use std::{fs, path::Path};

use vx_dispatch::{Chart, InPage, Mark, Series, Shape};

fn series(name: &str, values: &[Option<f64>]) -> Series {
    Series { name: name.to_owned(), values: values.to_vec() }
}

fn of(shape: Shape) -> Chart {
    let days = |n: i32| (1..=n).map(|day| format!("{day}/9")).collect::<Vec<_>>();
    let known = |values: &[f64]| values.iter().map(|value| Some(*value)).collect::<Vec<_>>();
    let (labels, rows) = match shape {
        Shape::Bar | Shape::Line => (
            vec!["Kế Sách".to_owned(), "Mỹ Xuyên".to_owned(), "Vĩnh Châu".to_owned()],
            vec![series("Ca mắc", &known(&[12.0, 1_045.0, 230.5])), series("Khỏi", &[Some(3.0), None, Some(180.0)])],
        ),
        Shape::Curve => (
            days(7),
            vec![
                series("Ca cộng đồng", &[Some(3.0), Some(5.0), None, Some(9.0), Some(0.0), Some(12.0), Some(7.0)]),
                series("Cách ly, nhập cảnh", &[Some(1.0), Some(0.0), None, Some(2.0), Some(4.0), Some(1.0), Some(0.0)]),
                series("Trung bình 7 ngày", &known(&[4.0, 4.5, 4.5, 6.7, 6.0, 7.4, 7.3])),
            ],
        ),
        Shape::Nowcast => (
            days(5),
            vec![
                series("Ca cộng đồng", &[Some(3.0), Some(5.0), None, Some(9.0), Some(4.0)]),
                series("Cách ly, nhập cảnh", &[Some(1.0), Some(0.0), None, Some(2.0), Some(0.0)]),
                series("Trung bình 7 ngày", &known(&[4.0, 4.5, 4.5, 6.7, 6.0])),
                series("Dự kiến khi báo cáo đủ", &[None, None, None, Some(12.0), Some(11.0)]),
                series("Cận dưới", &[None, None, None, Some(11.0), Some(6.0)]),
                series("Cận trên", &[None, None, None, Some(14.0), Some(21.0)]),
            ],
        ),
        Shape::Ribbon => (
            days(6),
            vec![
                series("Rt", &[None, Some(2.1), Some(1.6), None, Some(1.02), Some(0.84)]),
                series("Cận dưới", &[None, Some(1.2), Some(1.1), None, Some(0.8), Some(0.7)]),
                series("Cận trên", &[None, Some(9.4), Some(2.4), None, Some(1.3), Some(0.99)]),
            ],
        ),
        Shape::Calendar => (
            days(5),
            vec![
                series("Xã Xuân Hòa", &known(&[1.0, 1.0, 2.0, 3.0, 4.0])),
                series(
                    "Phường Khánh Hòa, Thị xã Vĩnh Châu, tỉnh Sóc Trăng",
                    &[None, Some(1.0), Some(1.0), None, Some(2.0)],
                ),
            ],
        ),
        Shape::Gantt => (
            days(8),
            vec![
                series("Xã A (đang thực hiện)", &known(&[1.0, 1.0, 1.0, 1.0, 0.0, 0.0, 0.0])),
                series("Xã B (quá hạn)", &known(&[1.0, 1.0, 2.0, 2.0])),
                series("Xã C (đạt trước hạn)", &[None, Some(1.0), Some(1.0), Some(3.0), Some(0.0)]),
                series("Xã D (đạt chậm)", &known(&[1.0, 2.0, 2.0, 3.0])),
            ],
        ),
    };
    Chart { caption: format!("Thử & <{}>", shape.as_str()), shape, labels, series: rows }
}

fn compare(name: &str, got: &str) {
    // One mark a line, so that a difference can be read.
    let got = got.replace("><", ">\n<") + "\n";
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("VX_BLESS").is_some() {
        fs::write(&file, got).unwrap();
        return;
    }
    let want = fs::read_to_string(&file).unwrap_or_default();
    let differs = want.lines().zip(got.lines()).find(|(want, got)| want != got);
    assert!(want == got, "{name} differs: {differs:?}");
}

#[test]
fn each_shape_is_drawn_for_a_document() {
    for shape in Shape::ALL {
        compare(&format!("chart_{}.svg", shape.as_str()), &of(shape).svg());
    }
}

#[test]
fn each_mark_of_a_page_leads_to_its_rows() {
    for shape in [Shape::Curve, Shape::Nowcast, Shape::Ribbon, Shape::Calendar, Shape::Gantt] {
        let chart = of(shape);
        let mark = |row: usize, at: usize| {
            Some(Mark { href: format!("/rows?of={row}&on={at}"), words: format!("hàng {row}, ngày {at}") })
        };
        let drawn = chart.svg_in(&InPage { english: true, small: false, mark: &mark });
        let marks = match shape {
            Shape::Calendar => chart.labels.len() * chart.series.len(),
            Shape::Gantt => chart.series.len(),
            _ => chart.labels.len(),
        };
        assert_eq!(drawn.matches("<a href=\"/rows?of=").count(), marks, "{shape:?}");
        assert!(drawn.contains("role=\"group\"") && !drawn.contains("font-family"), "a page has its own type");
        compare(&format!("chart_page_{}.svg", shape.as_str()), &drawn);
    }
}

#[test]
fn a_small_chart_has_every_mark_and_no_legend() {
    let chart = of(Shape::Curve);
    let mark = |_: usize, at: usize| Some(Mark { href: format!("/rows?on={at}"), words: format!("ngày {at}") });
    let drawn = chart.svg_in(&InPage { english: false, small: true, mark: &mark });
    assert_eq!(drawn.matches("<a href=\"/rows?on=").count(), chart.labels.len());
    assert!(!drawn.contains("Ca cộng đồng"), "the page names the rows beside it");
    compare("chart_small_curve.svg", &drawn);
}

#[test]
fn each_shape_has_the_options_of_a_closer_look() {
    for shape in [Shape::Curve, Shape::Nowcast, Shape::Ribbon, Shape::Calendar, Shape::Gantt] {
        let options: serde_json::Value = serde_json::from_str(&of(shape).options().unwrap()).unwrap();
        compare(&format!("chart_{}.json", shape.as_str()), &serde_json::to_string_pretty(&options).unwrap());
    }
}

#[test]
fn options_end_no_element_of_the_page() {
    let mut chart = of(Shape::Calendar);
    chart.series[0].name = "</script><!--".to_owned();
    let options = chart.options().unwrap();
    assert!(!options.contains('<'), "{options}");
    let read: serde_json::Value = serde_json::from_str(&options).unwrap();
    assert_eq!(read["option"]["yAxis"]["data"][0], "</script><!--");
}
