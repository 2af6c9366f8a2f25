//! A form as TOML (biểu mẫu bằng tệp): read strictly, every fault with its line.

use serde::Deserialize;
use toml::Spanned;

use super::{Breakdown, CELLS_MAX, CellKind, CellSpec, Check, FormSpec, Known, RollUp, SLOTS_MAX, Said};

/// What is wrong with a form, and on which line. `code` is a key below `form-fault-`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FormFault {
    /// Line, counted from 1.
    pub line: usize,
    /// What.
    pub code: &'static str,
    /// The words that are meant.
    pub detail: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Form {
    form: Spanned<String>,
    name: Spanned<String>,
    name_en: Option<String>,
    basis: Option<String>,
    verified: Option<String>,
    #[serde(default)]
    cell: Vec<Spanned<Cell>>,
    #[serde(default)]
    check: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cell {
    code: Spanned<String>,
    label: Spanned<String>,
    label_en: Option<String>,
    kind: Spanned<String>,
    unit: Option<String>,
    unit_en: Option<String>,
    roll_up: Option<Spanned<String>>,
    choices: Option<Spanned<Vec<String>>>,
    by: Option<Spanned<Vec<String>>>,
    by_name: Option<String>,
    known: Option<Spanned<String>>,
}

/// Choices of a cell, and parts that it is told apart by.
const LIST_MAX: usize = 40;

/// Reads a form. `version` is the one that it will have.
///
/// # Errors
/// Every fault, in the order of lines.
pub fn read_toml(text: &str, version: i64) -> Result<FormSpec, Vec<FormFault>> {
    let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    let read: Form = toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        vec![FormFault { line: line(at), code: "unread", detail: error.message().to_owned() }]
    })?;
    let mut faults: Vec<FormFault> = Vec::new();
    let mut fault = |at: usize, code: &'static str, detail: &str| {
        faults.push(FormFault { line: line(at), code, detail: detail.to_owned() });
    };
    if !is_code(read.form.get_ref()) {
        fault(read.form.span().start, "code", read.form.get_ref());
    }
    if read.name.get_ref().trim().is_empty() {
        fault(read.name.span().start, "no-name", "");
    }
    if read.cell.is_empty() {
        fault(0, "no-cells", "");
    }
    if read.cell.len() > CELLS_MAX {
        fault(0, "too-many-cells", &CELLS_MAX.to_string());
    }
    let said = |vi: &str, en: Option<String>| Said { vi: vi.trim().to_owned(), en };
    let mut cells: Vec<CellSpec> = Vec::new();
    for cell in &read.cell {
        let (begin, cell) = (cell.span().start, cell.get_ref());
        if !is_code(cell.code.get_ref()) {
            fault(cell.code.span().start, "code", cell.code.get_ref());
        }
        if cells.iter().any(|known| known.code == *cell.code.get_ref()) {
            fault(cell.code.span().start, "twice", cell.code.get_ref());
        }
        if cell.label.get_ref().trim().is_empty() {
            fault(cell.label.span().start, "no-label", cell.code.get_ref());
        }
        let kind = match (cell.kind.get_ref().as_str(), &cell.choices) {
            ("count", None) => CellKind::Count,
            ("decimal", None) => CellKind::Decimal,
            ("text", None) => CellKind::Text,
            ("date", None) => CellKind::Date,
            ("choice", Some(choices)) if (2..=LIST_MAX).contains(&choices.get_ref().len()) => {
                CellKind::Choice(choices.get_ref().iter().map(|choice| said(choice, None)).collect())
            }
            ("choice", choices) => {
                fault(choices.as_ref().map_or(begin, |list| list.span().start), "choices", cell.code.get_ref());
                CellKind::Choice(Vec::new())
            }
            ("count" | "decimal" | "text" | "date", Some(choices)) => {
                fault(choices.span().start, "choices-of-another", cell.code.get_ref());
                CellKind::Text
            }
            (other, _) => {
                fault(cell.kind.span().start, "kind", other);
                CellKind::Text
            }
        };
        let mut spec = CellSpec::new(cell.code.get_ref(), kind, "", "");
        spec.label = said(cell.label.get_ref(), cell.label_en.clone());
        spec.unit = said(cell.unit.as_deref().unwrap_or_default(), cell.unit_en.clone());
        if let Some(roll_up) = &cell.roll_up {
            match RollUp::parse(roll_up.get_ref()) {
                Some(how) if how == RollUp::None || spec.is_figure() => spec.roll_up = how,
                Some(_) => fault(roll_up.span().start, "roll-up-of-words", cell.code.get_ref()),
                None => fault(roll_up.span().start, "roll-up", roll_up.get_ref()),
            }
        }
        if let Some(parts) = &cell.by {
            if !spec.is_figure() {
                fault(parts.span().start, "by-of-words", cell.code.get_ref());
            }
            if !(2..=LIST_MAX).contains(&parts.get_ref().len()) {
                fault(parts.span().start, "parts", cell.code.get_ref());
            }
            let name = said(cell.by_name.as_deref().unwrap_or_default(), None);
            spec.by = Some(Breakdown { name, parts: parts.get_ref().iter().map(|part| said(part, None)).collect() });
        }
        if let Some(known) = &cell.known {
            spec.known = Known::parse(known.get_ref().trim());
            if spec.known.is_none() || spec.kind != CellKind::Count || spec.by.is_some() {
                fault(known.span().start, "known", known.get_ref());
            }
        }
        cells.push(spec);
    }
    if cells.iter().map(CellSpec::width).sum::<usize>() > SLOTS_MAX {
        fault(0, "too-many-figures", &SLOTS_MAX.to_string());
    }
    let mut checks = Vec::new();
    for rule in &read.check {
        match Check::parse(rule.get_ref(), &cells) {
            Some(check) => checks.push(check),
            None => fault(rule.span().start, "check", rule.get_ref()),
        }
    }
    faults.sort_by_key(|fault| fault.line);
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(FormSpec {
        code: read.form.into_inner(),
        version,
        name: said(read.name.get_ref(), read.name_en),
        basis: read.basis,
        verified: read.verified,
        cells,
        checks,
    })
}

/// A name in addresses, files and checks.
fn is_code(text: &str) -> bool {
    let starts = text.starts_with(|letter: char| letter.is_ascii_lowercase());
    let fits =
        text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'-'));
    starts && fits && text.len() <= 40
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOUND: &str = r#"form = "tieu-thuong"
name = "Tình hình chợ"
name_en = "Markets"
basis = "Công văn số 1/UBND-VX"
check = ["dong <= cho", "cho = dong + mo"]

[[cell]]
code = "cho"
label = "Số chợ"
kind = "count"
unit = "chợ"

[[cell]]
code = "dong"
label = "Đang đóng"
kind = "count"
roll_up = "latest"
known = "counted: chợ đóng"

[[cell]]
code = "mo"
label = "Đang mở"
kind = "count"
by = ["Chợ đầu mối", "Chợ dân sinh"]
by_name = "loại chợ"

[[cell]]
code = "tot"
label = "Đánh giá"
kind = "choice"
choices = ["Đạt", "Không đạt"]
"#;

    #[test]
    fn a_form_is_read() {
        let form = read_toml(SOUND, 3).unwrap();
        assert_eq!((form.code.as_str(), form.version, form.width(), form.checks.len()), ("tieu-thuong", 3, 5, 2));
        assert_eq!(form.cells[1].roll_up, RollUp::Latest);
        assert_eq!(form.cells[1].known, Some(Known::Counted("chợ đóng".to_owned())));
        assert_eq!(form.places(), [0..1, 1..2, 2..4, 4..5]);
        assert_eq!(form.name.of(vx_kernel::time::Lang::En), "Markets");
    }

    #[test]
    fn every_fault_is_named_with_its_line() {
        for (from, to, expected) in [
            ("form = \"tieu-thuong\"", "form = \"Tiểu thương\"", "1 code Tiểu thương"),
            ("name = \"Tình hình chợ\"", "name = \"\"", "2 no-name "),
            ("code = \"dong\"", "code = \"cho\"", "5 check dong <= cho, 5 check cho = dong + mo, 14 twice cho"),
            ("check = [\"dong <= cho\"", "check = [\"dong < cho\"", "5 check dong < cho"),
            (
                "kind = \"count\"\nunit",
                "kind = \"số\"\nunit",
                "5 check dong <= cho, 5 check cho = dong + mo, 10 kind số",
            ),
            ("roll_up = \"latest\"", "roll_up = \"max\"", "17 roll-up max"),
            ("known = \"counted: chợ đóng\"", "known = \"counted:\"", "18 known counted:"),
            ("by = [\"Chợ đầu mối\", \"Chợ dân sinh\"]", "by = [\"Chợ\"]", "24 parts mo"),
            (
                "choices = [\"Đạt\", \"Không đạt\"]",
                "roll_up = \"sum\"\nchoices = [\"Đạt\", \"Không đạt\"]",
                "31 roll-up-of-words tot",
            ),
            ("choices = [\"Đạt\", \"Không đạt\"]\n", "", "27 choices tot"),
            ("label = \"Đánh giá\"", "label = \"  \"", "29 no-label tot"),
        ] {
            let text = SOUND.replacen(from, to, 1);
            assert_ne!(text, SOUND, "{from}");
            let faults = read_toml(&text, 1).unwrap_err();
            let said: Vec<String> =
                faults.iter().map(|fault| format!("{} {} {}", fault.line, fault.code, fault.detail)).collect();
            assert_eq!(said.join(", "), expected);
        }
        for (text, line) in
            [("form = ", 1), ("form = \"a\"\nname = 5\n", 2), (&SOUND.replace("unit = ", "unti = "), 11)]
        {
            let faults = read_toml(text, 1).unwrap_err();
            assert_eq!((faults.len(), faults[0].line, faults[0].code), (1, line, "unread"), "{faults:?}");
        }
        assert_eq!(read_toml("form = \"a\"\nname = \"A\"\n", 1).unwrap_err()[0].code, "no-cells");
    }
}
