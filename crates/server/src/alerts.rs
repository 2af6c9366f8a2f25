//! `vungxanh alert check`: files in the Common Alerting Protocol in, what they say and what stands against them out.

use std::{io::Write, path::PathBuf};

use anyhow::Context as _;
use serde_json::{Value, json};
use vx_alert::{Alert, Code, Fault, read_all};

/// Reads files, each with one alert or a feed of them, and writes an array with an element for each alert (`json`), or
/// lines for people.
///
/// Returns whether every file was there and every alert in it can be used.
///
/// # Errors
/// Only when the output cannot be written.
pub fn check(files: &[PathBuf], as_json: bool, out: &mut impl Write) -> anyhow::Result<bool> {
    let mut sound = true;
    let mut all: Vec<Value> = Vec::new();
    for path in files {
        let name = path.display().to_string();
        let bytes = match std::fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                sound = false;
                all.push(
                    json!({"file": name, "alert": null, "faults": [{"code": "file", "detail": error.to_string()}]}),
                );
                if !as_json {
                    writeln!(out, "{name}\n  Không đọc được tệp. / The file cannot be read. {error}")?;
                }
                continue;
            }
        };
        let found = match read_all(&bytes) {
            Ok(found) if found.is_empty() => {
                let none = Fault { code: Code::NoAlert, path: String::new(), line: None, detail: String::new() };
                vec![Err(vec![none])]
            }
            Ok(found) => found,
            Err(fault) => vec![Err(vec![fault])],
        };
        for one in found {
            let (alert, faults) = match one {
                Ok((alert, faults)) => (Some(alert), faults),
                Err(faults) => (None, faults),
            };
            sound &= alert.is_some();
            if as_json {
                all.push(json!({"file": name, "alert": alert, "faults": faults}));
            } else {
                say(&name, alert.as_ref(), &faults, out)?;
            }
        }
    }
    if as_json {
        serde_json::to_writer_pretty(&mut *out, &all).context("writing the result")?;
        writeln!(out)?;
    }
    Ok(sound)
}

fn say(name: &str, alert: Option<&Alert>, faults: &[Fault], out: &mut impl Write) -> anyhow::Result<()> {
    writeln!(out, "{name}")?;
    if let Some(alert) = alert {
        writeln!(
            out,
            "  {} · {} · {} · {} · {}",
            alert.identifier, alert.sender, alert.sent, alert.status, alert.kind
        )?;
        for info in &alert.infos {
            let headline = info.headline.as_deref().unwrap_or(&info.event);
            writeln!(out, "  [{}] {headline}: {}, {}, {}", info.language, info.urgency, info.severity, info.certainty)?;
            for area in &info.areas {
                writeln!(out, "    {}", area.name)?;
            }
        }
    }
    for fault in faults {
        let mark = if fault.is_error() { "✗" } else { "?" };
        let line = fault.line.map_or_else(String::new, |line| format!("dòng / line {line}: "));
        let (vi, en) = words(fault.code);
        let detail = if fault.detail.is_empty() { String::new() } else { format!(" ({})", fault.detail) };
        writeln!(out, "  {mark} {line}{} {vi} / {en}{detail}", fault.path)?;
    }
    Ok(())
}

/// What a fault means and what to do about it.
fn words(code: Code) -> (&'static str, &'static str) {
    match code {
        Code::TooLarge => (
            "Tệp quá lớn hoặc quá nhiều phần tử; chia nhỏ tệp.",
            "The file or its number of elements is too large; part it.",
        ),
        Code::Encoding => {
            ("Bảng mã không đọc được; lưu lại dạng UTF-8.", "The encoding cannot be read; save it as UTF-8.")
        }
        Code::NotXml => ("Không phải XML đúng cú pháp.", "It is no well-formed XML."),
        Code::Unsafe => (
            "Có khai báo DOCTYPE hoặc thực thể riêng, không an toàn; bỏ khai báo đó.",
            "It declares a DOCTYPE or entities of its own, which is not safe; remove them.",
        ),
        Code::NoAlert => ("Không có bản tin CAP nào.", "There is no CAP alert in it."),
        Code::Missing => ("Thiếu phần tử bắt buộc.", "A required element is missing."),
        Code::Twice => ("Phần tử lặp lại; chỉ được có một.", "The element stands twice; once is allowed."),
        Code::Word => ("Giá trị không có trong tiêu chuẩn.", "The standard does not know this word."),
        Code::Moment => (
            "Thời điểm sai dạng hoặc thiếu múi giờ, ví dụ 2021-08-29T12:00:00+07:00.",
            "The moment is malformed or has no offset; write it like 2021-08-29T12:00:00+07:00.",
        ),
        Code::Number => ("Không phải số.", "It is no number."),
        Code::Name => {
            ("Định danh không được có dấu cách, dấu phẩy, < hoặc &.", "A name must not have spaces, commas, < or &.")
        }
        Code::Empty => ("Phần tử để trống, được bỏ qua.", "The element is empty and was passed over."),
        Code::Point => (
            "Tọa độ sai (vĩ độ trước, kinh độ sau), được bỏ qua.",
            "A point is malformed (latitude first) and was passed over.",
        ),
        Code::Short => {
            ("Đa giác dưới bốn điểm, được bỏ qua.", "A polygon has fewer than four points and was passed over.")
        }
        Code::Open => ("Đa giác chưa khép kín.", "The polygon is not closed."),
        Code::References => (
            "Bản tin cập nhật, hủy mà không dẫn bản tin trước.",
            "An update or cancellation refers to no earlier alert.",
        ),
        Code::Restriction => {
            ("Phạm vi hạn chế nhưng không ghi hạn chế gì.", "It is restricted but does not say to what.")
        }
        Code::Addresses => ("Bản tin riêng nhưng không ghi người nhận.", "It is private but names no addressee."),
        Code::Order => ("Hết hiệu lực trước khi có hiệu lực.", "It ends before it begins."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_said_and_a_missing_one_is_told() {
        let folder = std::env::temp_dir().join(format!("vungxanh-alert-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let good = folder.join("a.cap");
        let alert = Alert {
            infos: vec![vx_alert::Statement::new("vi", vx_alert::Category::Health, "Đổi màu vùng")],
            ..Alert::new("vx.1", "tinh@example.vn", "2021-08-29T12:00:00+07:00".parse().unwrap())
        };
        std::fs::write(&good, alert.xml()).unwrap();
        let bad = folder.join("b.cap");
        std::fs::write(&bad, alert.xml().replace("<scope>Public</scope>", "")).unwrap();
        let mut out = Vec::new();
        assert!(check(std::slice::from_ref(&good), false, &mut out).unwrap());
        let said = String::from_utf8(out).unwrap();
        assert!(
            said.contains("vx.1 · tinh@example.vn · 2021-08-29T12:00:00+07:00") && said.contains("Đổi màu vùng"),
            "{said}"
        );
        let mut out = Vec::new();
        assert!(!check(&[good, bad, folder.join("none.cap")], true, &mut out).unwrap());
        let said: Vec<Value> = serde_json::from_slice(&out).unwrap();
        assert_eq!(said[0]["alert"]["infos"][0]["event"], "Đổi màu vùng");
        assert_eq!((&said[1]["alert"], &said[1]["faults"][0]["code"]), (&Value::Null, &json!("missing")));
        assert_eq!(said[2]["faults"][0]["code"], "file");
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
