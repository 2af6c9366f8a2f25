//! A layout as a Word file (.docx) that is edited like one that was typed there: named styles, tables for the head and
//! the close, page numbers as a field, charts as charts.
//!
//! Basis: NĐ 30/2020/NĐ-CP, Annex I; ECMA-376 (WordprocessingML, DrawingML charts).

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::charts::{Chart, Shape};
use crate::figures::{Table, escape};
use crate::layout::{Block, FORM, Layout, MOTTO, STATE};

/// What a file says about itself.
#[derive(Clone, Debug, Default)]
pub struct Properties {
    /// Title.
    pub title: String,
    /// Who issued it.
    pub author: String,
    /// When it was made, `2021-09-13T07:30:00Z`; none leaves it out, so that the same document is the same file.
    pub at: Option<String>,
}

const FONT: &str = "Times New Roman";
/// Twentieths of a point in a millimetre.
const TWIPS_PER_MM: f64 = 56.692_913;
/// English metric units in a millimetre, in which drawings are measured.
const EMU_PER_MM: u32 = 36_000;
/// Width of the left column of the head; the right one holds the name of the State on one line.
const LEFT_MM: f64 = 70.0;
/// Height of a drawn chart.
const CHART_MM: u32 = 75;

fn twips(mm: f64) -> i64 {
    (mm * TWIPS_PER_MM).round() as i64
}

fn text_width_mm() -> f64 {
    f64::from(FORM.width_mm - FORM.left_mm - FORM.right_mm)
}

/// A style of a paragraph: key, name as Word shows it, points, bold, italic, and the properties of its paragraph.
struct Style(&'static str, &'static str, u16, bool, bool, &'static str);

const CENTRED: &str = "<w:jc w:val=\"center\"/>";

/// Word sorts what stands in a paragraph's properties: keepNext, pBdr, spacing, ind, jc, outlineLvl.
#[rustfmt::skip]
const STYLES: &[Style] = &[
    Style("QuocHieu", "VB Quốc hiệu", FORM.head_pt, true, false, CENTRED),
    Style("TieuNgu", "VB Tiêu ngữ", FORM.motto_pt, true, false, CENTRED),
    Style("CoQuanChuQuan", "VB Cơ quan chủ quản", FORM.head_pt, false, false, CENTRED),
    Style("CoQuanBanHanh", "VB Cơ quan ban hành", FORM.head_pt, true, false, CENTRED),
    Style("SoKyHieu", "VB Số, ký hiệu", FORM.number_pt, false, false, CENTRED),
    Style("TrichYeuCongVan", "VB Trích yếu công văn", FORM.letter_pt, false, false, "<w:spacing w:before=\"120\"/><w:jc w:val=\"center\"/>"),
    Style("DiaDanh", "VB Địa danh, thời gian", FORM.motto_pt, false, true, CENTRED),
    Style("DauKhan", "VB Dấu chỉ mức độ khẩn", FORM.motto_pt, true, false, CENTRED),
    Style("TenLoai", "VB Tên loại", FORM.body_pt, true, false, "<w:keepNext/><w:spacing w:before=\"240\"/><w:jc w:val=\"center\"/>"),
    Style("TrichYeu", "VB Trích yếu", FORM.body_pt, true, false, CENTRED),
    Style("ThamQuyen", "VB Thẩm quyền ban hành", FORM.body_pt, true, false, "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"120\"/><w:jc w:val=\"center\"/>"),
    Style("KinhGui", "VB Kính gửi", FORM.body_pt, false, false, "<w:spacing w:before=\"120\"/><w:ind w:left=\"1134\"/>"),
    Style("CanCu", "VB Căn cứ", FORM.body_pt, false, true, BODY),
    Style("ThanVanBan", "VB Thân văn bản", FORM.body_pt, false, false, BODY),
    Style("NoiNhanNhan", "VB Nơi nhận (nhãn)", FORM.recipients_pt, true, true, ""),
    Style("NoiNhan", "VB Nơi nhận", FORM.recipient_pt, false, false, ""),
    Style("ChucVu", "VB Quyền hạn, chức vụ", FORM.body_pt, true, false, "<w:keepNext/><w:jc w:val=\"center\"/>"),
    Style("HoTen", "VB Họ tên người ký", FORM.body_pt, true, false, CENTRED),
    Style("OBang", "VB Ô bảng", 12, false, false, ""),
];

/// Justified, first line in by 1.27 cm, 6 points before.
const BODY: &str = "<w:spacing w:before=\"120\" w:line=\"259\" w:lineRule=\"auto\"/><w:ind w:firstLine=\"720\"/><w:jc w:val=\"both\"/>";

fn styles() -> String {
    let fonts = format!("<w:rFonts w:ascii=\"{FONT}\" w:hAnsi=\"{FONT}\" w:cs=\"{FONT}\" w:eastAsia=\"{FONT}\"/>");
    let mut out = format!(
        "{XML}<w:styles {W}><w:docDefaults><w:rPrDefault><w:rPr>{fonts}<w:color w:val=\"000000\"/><w:sz w:val=\"{0}\"/><w:szCs w:val=\"{0}\"/>\
         <w:lang w:val=\"vi-VN\" w:eastAsia=\"vi-VN\"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:before=\"0\" w:after=\"0\"/></w:pPr></w:pPrDefault></w:docDefaults>\
         <w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style>\
         <w:style w:type=\"table\" w:default=\"1\" w:styleId=\"TableNormal\"><w:name w:val=\"Normal Table\"/><w:uiPriority w:val=\"99\"/><w:tblPr><w:tblInd w:w=\"0\" w:type=\"dxa\"/>\
         <w:tblCellMar><w:top w:w=\"0\" w:type=\"dxa\"/><w:left w:w=\"108\" w:type=\"dxa\"/><w:bottom w:w=\"0\" w:type=\"dxa\"/><w:right w:w=\"108\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr></w:style>\
         <w:style w:type=\"table\" w:styleId=\"LuoiBang\"><w:name w:val=\"Table Grid\"/><w:basedOn w:val=\"TableNormal\"/><w:tblPr><w:tblBorders>{1}</w:tblBorders></w:tblPr></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"Header\"><w:name w:val=\"header\"/><w:basedOn w:val=\"Normal\"/><w:pPr><w:jc w:val=\"center\"/></w:pPr><w:rPr>{2}</w:rPr></w:style>\
         <w:style w:type=\"paragraph\" w:styleId=\"Caption\"><w:name w:val=\"caption\"/><w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr><w:keepNext/><w:spacing w:before=\"120\" w:after=\"60\"/><w:jc w:val=\"center\"/></w:pPr><w:rPr><w:b/>{3}</w:rPr></w:style>",
        FORM.body_pt * 2,
        ["top", "left", "bottom", "right", "insideH", "insideV"]
            .map(|side| format!("<w:{side} w:val=\"single\" w:sz=\"4\" w:space=\"0\" w:color=\"000000\"/>"))
            .concat(),
        size(FORM.motto_pt),
        size(13),
    );
    for level in 1..=4 {
        let italic = if level > 2 { "<w:i/>" } else { "" };
        let _ = write!(
            out,
            "<w:style w:type=\"paragraph\" w:styleId=\"Heading{level}\"><w:name w:val=\"heading {level}\"/><w:basedOn w:val=\"Normal\"/><w:next w:val=\"ThanVanBan\"/><w:qFormat/>\
             <w:pPr><w:keepNext/><w:spacing w:before=\"120\"/><w:ind w:firstLine=\"720\"/><w:jc w:val=\"both\"/><w:outlineLvl w:val=\"{}\"/></w:pPr><w:rPr><w:b/>{italic}</w:rPr></w:style>",
            level - 1
        );
    }
    for Style(key, name, points, bold, italic, paragraph) in STYLES {
        let _ = write!(
            out,
            "<w:style w:type=\"paragraph\" w:customStyle=\"1\" w:styleId=\"{key}\"><w:name w:val=\"{name}\"/><w:basedOn w:val=\"Normal\"/><w:qFormat/><w:pPr>{paragraph}</w:pPr><w:rPr>{}{}{}</w:rPr></w:style>",
            if *bold { "<w:b/>" } else { "" },
            if *italic { "<w:i/>" } else { "" },
            size(*points)
        );
    }
    out.push_str("</w:styles>");
    out
}

fn size(points: u16) -> String {
    format!("<w:sz w:val=\"{0}\"/><w:szCs w:val=\"{0}\"/>", points * 2)
}

const XML: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
const W: &str = "xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
                 xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"";
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn run(text: &str) -> String {
    format!("<w:r><w:t xml:space=\"preserve\">{}</w:t></w:r>", escape(text))
}

fn bold(text: &str) -> String {
    format!("<w:r><w:rPr><w:b/></w:rPr><w:t xml:space=\"preserve\">{}</w:t></w:r>", escape(text))
}

/// A paragraph of a style; `more` are properties of this one alone.
fn paragraph(style: &str, more: &str, runs: &str) -> String {
    format!("<w:p><w:pPr><w:pStyle w:val=\"{style}\"/>{more}</w:pPr>{runs}</w:p>")
}

fn plain(style: &str, text: &str) -> String {
    paragraph(style, "", &run(text))
}

/// A rule below what stands above: the border of an empty line, in from both sides.
fn rule(column_mm: f64, length_mm: f64) -> String {
    let inset = twips((column_mm - length_mm) / 2.0);
    format!(
        "<w:p><w:pPr><w:pBdr><w:top w:val=\"single\" w:sz=\"6\" w:space=\"1\" w:color=\"000000\"/></w:pBdr><w:spacing w:before=\"40\" w:line=\"120\" w:lineRule=\"exact\"/>\
         <w:ind w:left=\"{inset}\" w:right=\"{inset}\"/><w:jc w:val=\"center\"/></w:pPr></w:p>"
    )
}

fn cell(width: i64, content: &str) -> String {
    format!("<w:tc><w:tcPr><w:tcW w:w=\"{width}\" w:type=\"dxa\"/></w:tcPr>{content}</w:tc>")
}

/// Two columns without lines.
fn columns(left_mm: f64, left: &str, right: &str) -> String {
    let (left_width, right_width) = (twips(left_mm), twips(text_width_mm() - left_mm));
    format!(
        "<w:tbl><w:tblPr><w:tblW w:w=\"{}\" w:type=\"dxa\"/><w:tblLayout w:type=\"fixed\"/><w:tblCellMar><w:left w:w=\"0\" w:type=\"dxa\"/><w:right w:w=\"0\" w:type=\"dxa\"/></w:tblCellMar></w:tblPr>\
         <w:tblGrid><w:gridCol w:w=\"{left_width}\"/><w:gridCol w:w=\"{right_width}\"/></w:tblGrid><w:tr><w:trPr><w:cantSplit/></w:trPr>{}{}</w:tr></w:tbl>",
        left_width + right_width,
        cell(left_width, left),
        cell(right_width, right)
    )
}

fn head(layout: &Layout) -> String {
    let right_mm = text_width_mm() - LEFT_MM;
    let mut left = String::new();
    for line in &layout.parent_lines {
        left.push_str(&plain("CoQuanChuQuan", line));
    }
    for line in &layout.issuer_lines {
        left.push_str(&plain("CoQuanBanHanh", line));
    }
    left.push_str(&rule(LEFT_MM, 22.0));
    left.push_str(&plain("SoKyHieu", &layout.number));
    if let Some(letter) = &layout.letter {
        left.push_str(&plain("TrichYeuCongVan", letter));
    }
    if let Some(stamp) = &layout.urgency {
        // A box of its size: four borders, in from both sides.
        let inset = twips((LEFT_MM - f64::from(stamp.width_mm)) / 2.0);
        let side = |side: &str| format!("<w:{side} w:val=\"single\" w:sz=\"12\" w:space=\"1\" w:color=\"FF0000\"/>");
        let more = format!(
            "<w:pBdr>{}{}{}{}</w:pBdr><w:spacing w:before=\"120\" w:line=\"{}\" w:lineRule=\"exact\"/><w:ind w:left=\"{inset}\" w:right=\"{inset}\"/>",
            side("top"),
            side("left"),
            side("bottom"),
            side("right"),
            twips(f64::from(stamp.height_mm) - 1.5)
        );
        let words = format!("<w:r><w:rPr><w:color w:val=\"FF0000\"/></w:rPr><w:t>{}</w:t></w:r>", stamp.words);
        left.push_str(&paragraph("DauKhan", &more, &words));
    }
    let right =
        plain("QuocHieu", STATE) + &plain("TieuNgu", MOTTO) + &rule(right_mm, 56.0) + &plain("DiaDanh", &layout.date);
    columns(LEFT_MM, &left, &right)
}

fn close(layout: &Layout) -> String {
    let mut left = plain("NoiNhanNhan", "Nơi nhận:");
    for recipient in &layout.recipients {
        left.push_str(&plain("NoiNhan", recipient));
    }
    let mut right: String = layout.post.iter().map(|post| plain("ChucVu", post)).collect();
    // Room for the signature and the seal.
    right.push_str(&paragraph("ChucVu", "<w:spacing w:before=\"1400\"/>", ""));
    right.push_str(&plain("HoTen", &layout.name));
    columns(text_width_mm() / 2.0, &left, &right)
}

fn grid(table: &Table) -> String {
    let width = twips(text_width_mm());
    let widths: Vec<i64> = table.widths().iter().map(|share| width * i64::from(*share) / 100).collect();
    let numeric = table.numeric();
    let mut out = format!(
        "<w:tbl><w:tblPr><w:tblStyle w:val=\"LuoiBang\"/><w:tblW w:w=\"{}\" w:type=\"dxa\"/><w:jc w:val=\"center\"/><w:tblLayout w:type=\"fixed\"/></w:tblPr><w:tblGrid>{}</w:tblGrid>",
        widths.iter().sum::<i64>(),
        widths.iter().map(|width| format!("<w:gridCol w:w=\"{width}\"/>")).collect::<String>()
    );
    let row = |cells: &[String], is_head: bool| {
        let mut out = String::from("<w:tr><w:trPr><w:cantSplit/>");
        if is_head {
            out.push_str("<w:tblHeader/>");
        }
        out.push_str("</w:trPr>");
        for (at, width) in widths.iter().enumerate() {
            let text = cells.get(at).map_or("", String::as_str);
            let (more, runs) = match (is_head, numeric.get(at)) {
                (true, _) => (CENTRED, bold(text)),
                (false, Some(true)) => ("<w:jc w:val=\"right\"/>", run(text)),
                _ => ("", run(text)),
            };
            out.push_str(&cell(*width, &paragraph("OBang", more, &runs)));
        }
        out + "</w:tr>"
    };
    out.push_str(&row(&table.columns, true));
    for cells in &table.rows {
        out.push_str(&row(cells, false));
    }
    out + "</w:tbl>"
}

fn body(layout: &Layout, charts: &mut Vec<String>) -> String {
    let mut out = String::new();
    for (at, block) in layout.body.iter().enumerate() {
        // The close never stands on a page without words: the last paragraph goes with it.
        let keep = if at + 1 == layout.body.len() { "<w:keepNext/><w:keepLines/>" } else { "" };
        match block {
            Block::Paragraph { label, text, heading, level } => {
                let words = if label.is_empty() { text.clone() } else { format!("{label} {text}") };
                let style = if *heading { format!("Heading{}", (*level).min(4)) } else { "ThanVanBan".to_owned() };
                // Articles of a decision are told by their bold label.
                if label.starts_with("Điều") {
                    out.push_str(&paragraph(&style, keep, &(bold(&format!("{label} ")) + &run(text))));
                } else {
                    out.push_str(&paragraph(&style, keep, &run(&words)));
                }
            }
            Block::Table { caption, table } => {
                out.push_str(&plain("Caption", caption));
                out.push_str(&grid(table));
            }
            // Word has no chart of levels or of time limits: their table says the same.
            Block::Chart { caption, chart } if matches!(chart.shape, Shape::Calendar | Shape::Gantt) => {
                out.push_str(&grid(&chart.table()));
                out.push_str(&plain("Caption", caption));
            }
            Block::Chart { caption, chart } => {
                charts.push(chart_part(chart));
                out.push_str(&drawing(charts.len(), caption));
                // Below a chart, above a table: as both are read.
                out.push_str(&plain("Caption", caption));
            }
        }
    }
    out
}

fn drawing(number: usize, caption: &str) -> String {
    let (width, height) = (text_width_mm() as u32 * EMU_PER_MM, CHART_MM * EMU_PER_MM);
    let caption = escape(caption);
    paragraph(
        "Normal",
        "<w:keepNext/><w:spacing w:before=\"120\"/><w:jc w:val=\"center\"/>",
        &format!(
            "<w:r><w:drawing><wp:inline xmlns:wp=\"http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing\" distT=\"0\" distB=\"0\" distL=\"0\" distR=\"0\">\
             <wp:extent cx=\"{width}\" cy=\"{height}\"/><wp:docPr id=\"{number}\" name=\"Biểu đồ {number}\" descr=\"{caption}\"/><wp:cNvGraphicFramePr/>\
             <a:graphic xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\"><a:graphicData uri=\"http://schemas.openxmlformats.org/drawingml/2006/chart\">\
             <c:chart xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" r:id=\"chart{number}\"/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
        ),
    )
}

/// A chart that Word and LibreOffice draw themselves, with its figures in it.
fn chart_part(chart: &Chart) -> String {
    const TONES: [&str; 6] = ["1F4E79", "C55A11", "548235", "7F7F7F", "8064A2", "BF9000"];
    const DASHES: [&str; 6] = ["solid", "dash", "sysDot", "lgDashDot", "sysDash", "dot"];
    let (mut columns, mut lines) = (String::new(), String::new());
    for (at, row) in chart.series.iter().enumerate() {
        let tone = TONES[at % TONES.len()];
        // The last rows of a curve are lines over the columns.
        let is_line = match (chart.shape, chart.shape.over_columns()) {
            (Shape::Bar, _) => false,
            (_, 0) => true,
            (_, over) => at + over >= chart.series.len(),
        };
        let look = match is_line {
            false => format!(
                "<c:spPr><a:solidFill><a:srgbClr val=\"{tone}\"/></a:solidFill><a:ln w=\"6350\"><a:solidFill><a:srgbClr val=\"000000\"/></a:solidFill></a:ln></c:spPr><c:invertIfNegative val=\"0\"/>"
            ),
            true => format!(
                "<c:spPr><a:ln w=\"25400\"><a:solidFill><a:srgbClr val=\"{tone}\"/></a:solidFill><a:prstDash val=\"{}\"/></a:ln></c:spPr><c:marker><c:symbol val=\"circle\"/><c:size val=\"5\"/></c:marker>",
                DASHES[at % DASHES.len()]
            ),
        };
        let labels: String = chart
            .labels
            .iter()
            .enumerate()
            .map(|(i, label)| format!("<c:pt idx=\"{i}\"><c:v>{}</c:v></c:pt>", escape(label)))
            .collect();
        let values: String = row
            .values
            .iter()
            .take(chart.labels.len())
            .enumerate()
            .filter_map(|(i, value)| value.map(|value| format!("<c:pt idx=\"{i}\"><c:v>{value}</c:v></c:pt>")))
            .collect();
        let n = chart.labels.len();
        let _ = write!(
            if is_line { &mut lines } else { &mut columns },
            "<c:ser><c:idx val=\"{at}\"/><c:order val=\"{at}\"/><c:tx><c:v>{}</c:v></c:tx>{look}\
             <c:cat><c:strLit><c:ptCount val=\"{n}\"/>{labels}</c:strLit></c:cat>\
             <c:val><c:numLit><c:formatCode>General</c:formatCode><c:ptCount val=\"{n}\"/>{values}</c:numLit></c:val>{}</c:ser>",
            escape(&row.name),
            if is_line { "<c:smooth val=\"0\"/>" } else { "" }
        );
    }
    // As in the PDF the scale begins at nought; left alone, Word begins that of a line where its figures do.
    let falls = chart.series.iter().flat_map(|row| &row.values).flatten().any(|value| *value < 0.0);
    let floor = if falls { "" } else { "<c:min val=\"0\"/>" };
    let axes = "<c:axId val=\"1\"/><c:axId val=\"2\"/>";
    let (grouping, overlap) = match chart.shape {
        Shape::Curve | Shape::Nowcast => ("stacked", "<c:overlap val=\"100\"/>"),
        _ => ("clustered", ""),
    };
    let mut plot = String::new();
    if !columns.is_empty() {
        let _ = write!(
            plot,
            "<c:barChart><c:barDir val=\"col\"/><c:grouping val=\"{grouping}\"/><c:varyColors val=\"0\"/>{columns}<c:gapWidth val=\"60\"/>{overlap}{axes}</c:barChart>"
        );
    }
    if !lines.is_empty() || columns.is_empty() {
        let _ = write!(
            plot,
            "<c:lineChart><c:grouping val=\"standard\"/><c:varyColors val=\"0\"/>{lines}<c:marker val=\"1\"/>{axes}</c:lineChart>"
        );
    }
    let legend =
        if chart.series.len() > 1 { "<c:legend><c:legendPos val=\"b\"/><c:overlay val=\"0\"/></c:legend>" } else { "" };
    format!(
        "{XML}<c:chartSpace xmlns:c=\"http://schemas.openxmlformats.org/drawingml/2006/chart\" xmlns:a=\"http://schemas.openxmlformats.org/drawingml/2006/main\">\
         <c:roundedCorners val=\"0\"/><c:chart><c:autoTitleDeleted val=\"1\"/><c:plotArea><c:layout/>{plot}\
         <c:catAx><c:axId val=\"1\"/><c:scaling><c:orientation val=\"minMax\"/></c:scaling><c:delete val=\"0\"/><c:axPos val=\"b\"/><c:numFmt formatCode=\"General\" sourceLinked=\"0\"/><c:majorTickMark val=\"none\"/><c:minorTickMark val=\"none\"/><c:tickLblPos val=\"low\"/><c:crossAx val=\"2\"/><c:crosses val=\"autoZero\"/></c:catAx>\
         <c:valAx><c:axId val=\"2\"/><c:scaling><c:orientation val=\"minMax\"/>{floor}</c:scaling><c:delete val=\"0\"/><c:axPos val=\"l\"/><c:majorGridlines><c:spPr><a:ln w=\"6350\"><a:solidFill><a:srgbClr val=\"BFBFBF\"/></a:solidFill></a:ln></c:spPr></c:majorGridlines><c:numFmt formatCode=\"#,##0.##\" sourceLinked=\"0\"/><c:majorTickMark val=\"none\"/><c:minorTickMark val=\"none\"/><c:tickLblPos val=\"nextTo\"/><c:crossAx val=\"1\"/><c:crosses val=\"autoZero\"/></c:valAx>\
         </c:plotArea>{legend}<c:plotVisOnly val=\"1\"/><c:dispBlanksAs val=\"gap\"/></c:chart>\
         <c:txPr><a:bodyPr/><a:p><a:pPr><a:defRPr sz=\"1100\"><a:latin typeface=\"{FONT}\"/></a:defRPr></a:pPr><a:endParaRPr lang=\"vi-VN\"/></a:p></c:txPr></c:chartSpace>"
    )
}

fn document(layout: &Layout, charts: &mut Vec<String>) -> String {
    let mut out = format!("{XML}<w:document {W}><w:body>{}", head(layout));
    if let Some(title) = &layout.title {
        out.push_str(&plain("TenLoai", title));
        out.push_str(&plain("TrichYeu", layout.subject.as_deref().unwrap_or_default()));
        out.push_str(&rule(text_width_mm(), 40.0));
    }
    if let Some(author) = &layout.author {
        out.push_str(&plain("ThamQuyen", author));
    }
    if let Some(to) = &layout.addressees {
        let gap = "<w:spacing w:before=\"240\" w:after=\"120\"/>";
        if to.inline {
            out.push_str(&paragraph("KinhGui", gap, &run(&format!("{} {}", to.label, to.items.join(" ")))));
        } else {
            out.push_str(&paragraph("KinhGui", "<w:keepNext/><w:spacing w:before=\"240\"/>", &run(&to.label)));
            for item in &to.items {
                out.push_str(&paragraph("KinhGui", "<w:spacing w:before=\"0\"/><w:ind w:left=\"1985\"/>", &run(item)));
            }
        }
    }
    for ground in &layout.grounds {
        out.push_str(&plain(if ground.italic { "CanCu" } else { "ThanVanBan" }, &ground.text));
    }
    if let Some(decides) = layout.decides {
        out.push_str(&plain("ThamQuyen", decides));
    }
    out.push_str(&body(layout, charts));
    // Tables that follow each other would be one; the line between parts them.
    out.push_str(&paragraph("Normal", "<w:keepNext/><w:spacing w:line=\"240\" w:lineRule=\"exact\"/>", ""));
    out.push_str(&close(layout));
    let _ = write!(
        out,
        "<w:p><w:pPr><w:spacing w:line=\"20\" w:lineRule=\"exact\"/></w:pPr></w:p>\
         <w:sectPr><w:headerReference w:type=\"default\" r:id=\"header\"/><w:pgSz w:w=\"{}\" w:h=\"{}\"/>\
         <w:pgMar w:top=\"{}\" w:right=\"{}\" w:bottom=\"{}\" w:left=\"{}\" w:header=\"{}\" w:footer=\"{}\" w:gutter=\"0\"/><w:pgNumType w:start=\"1\"/><w:titlePg/></w:sectPr></w:body></w:document>",
        twips(f64::from(FORM.width_mm)),
        twips(f64::from(FORM.height_mm)),
        twips(f64::from(FORM.top_mm)),
        twips(f64::from(FORM.right_mm)),
        twips(f64::from(FORM.bottom_mm)),
        twips(f64::from(FORM.left_mm)),
        twips(f64::from(FORM.top_mm) / 2.0),
        twips(f64::from(FORM.bottom_mm) / 2.0),
    );
    out
}

/// The page number in the top margin; the first page has none.
fn header() -> String {
    format!(
        "{XML}<w:hdr {W}><w:p><w:pPr><w:pStyle w:val=\"Header\"/></w:pPr><w:r><w:fldChar w:fldCharType=\"begin\"/></w:r>\
         <w:r><w:instrText xml:space=\"preserve\"> PAGE </w:instrText></w:r><w:r><w:fldChar w:fldCharType=\"separate\"/></w:r>\
         <w:r><w:t>2</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r></w:p></w:hdr>"
    )
}

fn core(properties: &Properties) -> String {
    let at = properties.at.as_ref().map_or_else(String::new, |at| {
        let at = escape(at);
        format!("<dcterms:created xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:created><dcterms:modified xsi:type=\"dcterms:W3CDTF\">{at}</dcterms:modified>")
    });
    format!(
        "{XML}<cp:coreProperties xmlns:cp=\"http://schemas.openxmlformats.org/package/2006/metadata/core-properties\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" \
         xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><dc:title>{}</dc:title><dc:creator>{}</dc:creator><dc:language>vi-VN</dc:language>{at}</cp:coreProperties>",
        escape(&properties.title),
        escape(&properties.author)
    )
}

/// A layout as the bytes of a Word file. The same layout and properties are the same bytes.
#[must_use]
pub fn word(layout: &Layout, properties: &Properties) -> Vec<u8> {
    let mut charts = Vec::new();
    let document = document(layout, &mut charts);
    let base = "application/vnd.openxmlformats-officedocument.wordprocessingml";
    let mut kinds = format!(
        "{XML}<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"><Default Extension=\"rels\" ContentType=\"application/vnd.openxmlformats-package.relationships+xml\"/>\
         <Default Extension=\"xml\" ContentType=\"application/xml\"/><Override PartName=\"/word/document.xml\" ContentType=\"{base}.document.main+xml\"/>\
         <Override PartName=\"/word/styles.xml\" ContentType=\"{base}.styles+xml\"/><Override PartName=\"/word/header1.xml\" ContentType=\"{base}.header+xml\"/>\
         <Override PartName=\"/docProps/core.xml\" ContentType=\"application/vnd.openxmlformats-package.core-properties+xml\"/>"
    );
    let packed = "xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\"";
    let mut ties = format!(
        "{XML}<Relationships {packed}><Relationship Id=\"styles\" Type=\"{RELATIONSHIPS}/styles\" Target=\"styles.xml\"/>\
         <Relationship Id=\"header\" Type=\"{RELATIONSHIPS}/header\" Target=\"header1.xml\"/>"
    );
    for number in 1..=charts.len() {
        let _ = write!(
            kinds,
            "<Override PartName=\"/word/charts/chart{number}.xml\" ContentType=\"application/vnd.openxmlformats-officedocument.drawingml.chart+xml\"/>"
        );
        let _ = write!(
            ties,
            "<Relationship Id=\"chart{number}\" Type=\"{RELATIONSHIPS}/chart\" Target=\"charts/chart{number}.xml\"/>"
        );
    }
    kinds.push_str("</Types>");
    ties.push_str("</Relationships>");
    let root = format!(
        "{XML}<Relationships {packed}><Relationship Id=\"document\" Type=\"{RELATIONSHIPS}/officeDocument\" Target=\"word/document.xml\"/>\
         <Relationship Id=\"core\" Type=\"http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties\" Target=\"docProps/core.xml\"/></Relationships>"
    );
    let mut parts = vec![
        ("[Content_Types].xml".to_owned(), kinds),
        ("_rels/.rels".to_owned(), root),
        ("word/document.xml".to_owned(), document),
        ("word/_rels/document.xml.rels".to_owned(), ties),
        ("word/styles.xml".to_owned(), styles()),
        ("word/header1.xml".to_owned(), header()),
        ("docProps/core.xml".to_owned(), core(properties)),
    ];
    parts.extend(charts.into_iter().enumerate().map(|(at, chart)| (format!("word/charts/chart{}.xml", at + 1), chart)));
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default());
    for (name, content) in parts {
        // Writing into memory does not fail.
        let written = zip.start_file(name, options).map(|()| zip.write_all(content.as_bytes()));
        debug_assert!(matches!(written, Ok(Ok(()))));
    }
    zip.finish().map(Cursor::into_inner).unwrap_or_default()
}
