//! What stands against a computation, in Vietnamese and English.

use std::fmt;

/// Why there is no result. Places (`at`) count from 0 in the values that were given, so that who read them from a file
/// can name the line.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    /// There are fewer values than the method needs.
    TooShort {
        /// How many there are.
        have: usize,
        /// How many are needed.
        need: usize,
    },
    /// A count is below nought.
    Negative {
        /// Its place.
        at: usize,
        /// What stands there.
        value: f64,
    },
    /// A value is not a finite number.
    NotFinite {
        /// Its place.
        at: usize,
    },
    /// A count that must be whole is not.
    NotWhole {
        /// Its place.
        at: usize,
        /// What stands there.
        value: f64,
    },
    /// A day has no count, and the method needs one of each.
    Missing {
        /// Its place.
        at: usize,
    },
    /// The same day stands there twice.
    Twice {
        /// Place of the second one.
        at: usize,
    },
    /// Two rows of values that belong together are not equally long.
    Lengths {
        /// Length of one.
        one: usize,
        /// Length of the other.
        other: usize,
    },
    /// The serial interval gives weight to lag 0.
    IntervalStart {
        /// That weight.
        weight: f64,
    },
    /// The weights of the serial interval do not add up to 1.
    IntervalSum {
        /// What they add up to.
        sum: f64,
    },
    /// A window does not lie in the days that are known, from day 2 to the last.
    Window {
        /// Its first day, from 1.
        start: usize,
        /// Its last day.
        end: usize,
        /// How many days are known.
        days: usize,
    },
    /// There is no case at all, or none where the method needs one.
    NoCases,
    /// The values say nothing about what is asked for, however large they are.
    Undetermined {
        /// What is asked for.
        name: &'static str,
    },
    /// The mathematics runs out of the range of numbers.
    TooLarge {
        /// What became too large.
        name: &'static str,
    },
    /// A setting has a value that the method does not allow.
    Setting {
        /// Its name.
        name: &'static str,
        /// Its value.
        value: f64,
        /// What is allowed.
        allowed: &'static str,
    },
}

impl Fault {
    /// Place of the value that is at fault, if one is.
    #[must_use]
    pub fn at(&self) -> Option<usize> {
        match self {
            Fault::Negative { at, .. }
            | Fault::NotFinite { at }
            | Fault::NotWhole { at, .. }
            | Fault::Missing { at }
            | Fault::Twice { at } => Some(*at),
            _ => None,
        }
    }

    /// What is wrong and what to do, in Vietnamese.
    #[must_use]
    pub fn vi(&self) -> String {
        match self {
            Fault::TooShort { have, need } => {
                format!("Chuỗi số liệu quá ngắn: có {have}, cần ít nhất {need}. Bổ sung số liệu hoặc thu hẹp cửa sổ.")
            }
            Fault::Negative { value, .. } => {
                format!("Số ca âm ({value}). Sửa lại số đúng, hoặc để trống và loại ngày đó.")
            }
            Fault::NotFinite { .. } => "Giá trị không phải là số hữu hạn. Sửa lại hoặc để trống.".to_owned(),
            Fault::NotWhole { value, .. } => {
                format!("Số ca không phải số nguyên ({value}). Nhập số ca nguyên.")
            }
            Fault::Missing { .. } => "Ngày thiếu số liệu. Bổ sung, hoặc chọn cách xử lý ngày thiếu.".to_owned(),
            Fault::Twice { .. } => "Trùng ngày. Giữ lại một dòng cho mỗi ngày.".to_owned(),
            Fault::Lengths { one, other } => {
                format!("Hai dãy số không cùng độ dài ({one} và {other}). Cho mỗi ngày một giá trị ở cả hai dãy.")
            }
            Fault::IntervalStart { weight } => format!(
                "Khoảng nối tiếp có trọng số {weight} ở độ trễ 0. Giá trị đầu tiên phải bằng 0: thêm dòng độ trễ 0."
            ),
            Fault::IntervalSum { sum } => {
                format!("Tổng trọng số của khoảng nối tiếp là {sum}, phải bằng 1. Chia mỗi trọng số cho tổng này.")
            }
            Fault::Window { start, end, days } => format!(
                "Cửa sổ từ ngày {start} đến ngày {end} không hợp lệ: phải nằm trong các ngày từ 2 đến {days}, ngày đầu không sau ngày cuối."
            ),
            Fault::NoCases => "Không có ca bệnh nào để ước tính. Kiểm tra lại cột số ca.".to_owned(),
            Fault::Undetermined { name } => format!("Số liệu không đủ để xác định {name}. Bổ sung quan sát."),
            Fault::TooLarge { name } => {
                format!("{name} vượt quá khả năng tính toán. Giảm thời hạn hoặc giá trị đầu vào.")
            }
            Fault::Setting { name, value, allowed } => {
                format!("Tham số {name} = {value} không hợp lệ. Giá trị cho phép: {allowed}.")
            }
        }
    }

    /// What is wrong and what to do, in English.
    #[must_use]
    pub fn en(&self) -> String {
        match self {
            Fault::TooShort { have, need } => {
                format!("Too few values: {have}, and {need} are needed. Add days or use a narrower window.")
            }
            Fault::Negative { value, .. } => {
                format!("A negative count ({value}). Put the right one, or leave it empty and exclude the day.")
            }
            Fault::NotFinite { .. } => "A value is not a finite number. Correct it or leave it empty.".to_owned(),
            Fault::NotWhole { value, .. } => format!("A count is not whole ({value}). Give whole counts."),
            Fault::Missing { .. } => "A day without a count. Add it, or choose what missing days count as.".to_owned(),
            Fault::Twice { .. } => "The same day twice. Keep one line for each day.".to_owned(),
            Fault::Lengths { one, other } => {
                format!("Two rows of values differ in length ({one} and {other}). Give each day a value in both.")
            }
            Fault::IntervalStart { weight } => format!(
                "The serial interval has weight {weight} at lag 0. Its first value must be 0: add a line for lag 0."
            ),
            Fault::IntervalSum { sum } => {
                format!("The weights of the serial interval add up to {sum}, not to 1. Divide each weight by that sum.")
            }
            Fault::Window { start, end, days } => format!(
                "The window from day {start} to day {end} is not within days 2 to {days}, or ends before it begins."
            ),
            Fault::NoCases => "There is no case to estimate from. Check the column of counts.".to_owned(),
            Fault::Undetermined { name } => format!("The values do not determine {name}. Add observations."),
            Fault::TooLarge { name } => {
                format!("{name} becomes too large to compute. Shorten the time or lower the input.")
            }
            Fault::Setting { name, value, allowed } => {
                format!("{name} = {value} is not allowed. It must be {allowed}.")
            }
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en())
    }
}

impl std::error::Error for Fault {}

/// A setting that must hold, or the fault that names it.
pub(crate) fn setting(name: &'static str, value: f64, holds: bool, allowed: &'static str) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Setting { name, value, allowed }) }
}

/// Counts that are finite and not below nought, or the first that is not.
pub(crate) fn counts(values: &[f64]) -> Result<(), Fault> {
    for (at, value) in values.iter().enumerate() {
        if !value.is_finite() {
            return Err(Fault::NotFinite { at });
        }
        if *value < 0.0 {
            return Err(Fault::Negative { at, value: *value });
        }
    }
    Ok(())
}

/// Counts that are whole as well.
pub(crate) fn whole_counts(values: &[f64]) -> Result<(), Fault> {
    counts(values)?;
    match values.iter().position(|value| value.fract() != 0.0) {
        Some(at) => Err(Fault::NotWhole { at, value: values[at] }),
        None => Ok(()),
    }
}
