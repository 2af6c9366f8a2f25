//! The forms that ship with the program (danh mục biểu mẫu), each with how it is usually asked for.
//!
//! A form that changes gets a new version beside the old one: requests keep the version that they were made with.

use std::sync::LazyLock;

use jiff::civil::Time;
use vx_concepts::form::{
    CellKind::{Choice, Count, Decimal, Text},
    CellSpec, FormSpec, Known, PeriodKind, Said,
};

use crate::types::Level;

/// A form and how it is usually asked for.
#[derive(Clone, Debug)]
pub struct Shipped {
    /// The form.
    pub form: FormSpec,
    /// Kind of period.
    pub period: PeriodKind,
    /// Days after its last day on which it closes.
    pub lag_days: i64,
    /// At which hour.
    pub closes: Time,
    /// Days before its last day from which it may be sent.
    pub window_days: i64,
    /// Which units.
    pub level: Level,
}

/// What samples are called in targets of tasks, by which they are counted.
const SAMPLES: &str = "mẫu xét nghiệm";

fn count(code: &str, vi: &str, en: &str, unit: (&str, &str)) -> CellSpec {
    CellSpec::new(code, Count, vi, en).of(unit.0, unit.1)
}

const CASES: (&str, &str) = ("ca", "cases");
const PEOPLE: (&str, &str) = ("người", "people");
const TUBES: (&str, &str) = ("mẫu", "samples");
const PLACES: (&str, &str) = ("nơi", "places");
const POSTS: (&str, &str) = ("chốt", "checkpoints");
const HAMLETS: (&str, &str) = ("ấp, khóm", "hamlets");

/// The daily flash report of a commune. The cells follow what the dispatches of 2021 ask communes for (tracing,
/// quarantine, screening, checkpoints, welfare); no national form sets them.
fn flash() -> FormSpec {
    FormSpec::new("bao-cao-nhanh", 1, "Báo cáo nhanh hằng ngày của cấp xã", "Daily flash report of a commune")
        .basis("Yêu cầu báo cáo hằng ngày trong văn bản chỉ đạo của UBND tỉnh; mẫu do chương trình đề xuất")
        .cell(count("ca_moi", "Ca F0 mới phát hiện trong ngày", "New F0 cases found on the day", CASES))
        .cell(count("ca_cong_dong", "Trong đó: phát hiện ngoài cộng đồng", "Of these: found in the community", CASES))
        .cell(count("tu_vong", "Ca tử vong trong ngày", "Deaths on the day", CASES))
        .cell(count("f1_moi", "F1 mới truy vết được trong ngày", "New F1 contacts traced on the day", PEOPLE))
        .cell(count("cach_ly_tap_trung", "Đang cách ly tập trung", "In quarantine sites", PEOPLE).latest())
        .cell(count("cach_ly_nha", "Đang cách ly tại nhà", "Isolating at home", PEOPLE).latest())
        .cell(
            count("mau", "Mẫu xét nghiệm lấy trong ngày", "Samples taken on the day", TUBES)
                .known(Known::Counted(SAMPLES.to_owned())),
        )
        .cell(count("mau_duong", "Mẫu có kết quả dương tính trong ngày", "Samples found positive on the day", TUBES))
        .cell(count("phong_toa", "Điểm đang phong tỏa", "Places under lockdown", PLACES).latest())
        .cell(count("chot", "Chốt kiểm soát đang hoạt động", "Checkpoints in operation", POSTS).latest())
        .cell(count(
            "ho_tro",
            "Lượt hộ được hỗ trợ trong ngày",
            "Households helped on the day",
            ("lượt hộ", "households"),
        ))
        .cell(
            count(
                "viec_qua_han",
                "Nhiệm vụ được giao đang quá hạn",
                "Assigned tasks that are overdue",
                ("việc", "tasks"),
            )
            .latest()
            .known(Known::TasksOverdue),
        )
        .cell(CellSpec::new("kien_nghi", Text, "Khó khăn, kiến nghị", "Difficulties and requests"))
        .check("ca_cong_dong <= ca_moi")
}

/// Results of screening, every three days before 17:00: the order of Bình Phước 3069/UBND-KGVX and of the demo's
/// second dispatch.
fn screening() -> FormSpec {
    let sexes = [("Nam", "Male"), ("Nữ", "Female")];
    FormSpec::new("sang-loc", 1, "Kết quả xét nghiệm sàng lọc", "Results of screening")
        .basis("Nội dung giao “Định kỳ 03 ngày/lần (trước 17h00) báo cáo kết quả về Sở Y tế” của văn bản chỉ đạo; mẫu do chương trình đề xuất")
        .cell(count("ke_hoach", "Số người phải xét nghiệm theo kế hoạch trong kỳ", "People to be tested in the period, by the plan", PEOPLE))
        .cell(count("mau", "Tổng số mẫu đã lấy trong kỳ", "Samples taken in the period, in all", TUBES).known(Known::Counted(SAMPLES.to_owned())))
        .cell(count("mau_pcr_don", "Mẫu đơn RT-PCR", "Single RT-PCR samples", TUBES))
        .cell(count("mau_pcr_gop", "Mẫu gộp RT-PCR", "Pooled RT-PCR samples", TUBES))
        .cell(count("mau_khang_nguyen", "Mẫu test nhanh kháng nguyên", "Rapid antigen samples", TUBES))
        .cell(count("duong_tinh", "Số người dương tính", "People found positive", PEOPLE).by(Said::both("giới tính", "sex"), &sexes))
        .cell(count("cho_ket_qua", "Mẫu đang chờ kết quả", "Samples that wait for their result", TUBES).latest())
        .cell(CellSpec::new("vuong_mac", Text, "Khó khăn, vướng mắc", "Difficulties"))
        .check("mau = mau_pcr_don + mau_pcr_gop + mau_khang_nguyen")
        .check("cho_ket_qua <= mau")
}

fn checkpoint() -> FormSpec {
    const VEHICLES: (&str, &str) = ("lượt xe", "vehicles");
    FormSpec::new("ca-truc-chot", 1, "Tổng hợp ca trực chốt kiểm soát trong ngày", "Shifts at checkpoints on the day")
        .basis("Văn bản chỉ đạo về chốt kiểm soát người và phương tiện; mẫu do chương trình đề xuất")
        .cell(count("chot", "Chốt hoạt động trong ngày", "Checkpoints in operation on the day", POSTS).latest())
        .cell(count("can_bo", "Lượt cán bộ trực", "People on duty", PEOPLE))
        .cell(count("xe", "Lượt phương tiện qua chốt", "Vehicles that came by", VEHICLES))
        .cell(count("xe_quay_dau", "Lượt phương tiện buộc quay đầu", "Vehicles turned back", VEHICLES))
        .cell(count("nguoi", "Lượt người được kiểm tra", "People checked", PEOPLE))
        .cell(count("nguoi_vung_dich", "Trong đó: người về từ vùng dịch", "Of these: from affected areas", PEOPLE))
        .cell(count("test_nhanh", "Người được test nhanh tại chốt", "People tested at the checkpoint", PEOPLE))
        .cell(count("test_duong", "Người có kết quả dương tính", "People found positive", PEOPLE))
        .cell(count("vi_pham", "Trường hợp vi phạm đã lập biên bản", "Violations written up", ("vụ", "cases")))
        .cell(CellSpec::new("ghi_chu", Text, "Tình huống đáng chú ý", "What else happened"))
        .check("xe_quay_dau <= xe")
        .check("nguoi_vung_dich <= nguoi")
        .check("test_duong <= test_nhanh")
}

fn zones() -> FormSpec {
    const TASKS: (&str, &str) = ("việc", "tasks");
    FormSpec::new("vung-cam-ket", 1, "Tiến độ chuyển vùng và thực hiện cam kết", "Progress of zones and commitments")
        .basis("Văn bản chỉ đạo về phân vùng nguy cơ và cam kết chuyển vùng; mẫu do chương trình đề xuất")
        .cell(count("tong", "Tổng số ấp, khóm", "Hamlets in all", HAMLETS).latest())
        .cell(count("xanh", "Vùng xanh (bình thường mới)", "Green zone", HAMLETS).latest())
        .cell(count("vang", "Vùng vàng (nguy cơ)", "Yellow zone", HAMLETS).latest())
        .cell(count("cam", "Vùng cam (nguy cơ cao)", "Orange zone", HAMLETS).latest())
        .cell(count("do", "Vùng đỏ (nguy cơ rất cao)", "Red zone", HAMLETS).latest())
        .cell(count(
            "len_xanh",
            "Ấp, khóm chuyển thành vùng xanh trong kỳ",
            "Hamlets that became green in the period",
            HAMLETS,
        ))
        .cell(
            count(
                "viec_xong",
                "Nhiệm vụ đến hạn trong kỳ đã báo cáo hoàn thành",
                "Tasks due in the period and reported done",
                TASKS,
            )
            .known(Known::TasksDone),
        )
        .cell(count("viec_mo", "Nhiệm vụ đang thực hiện", "Open tasks", TASKS).latest().known(Known::TasksOpen))
        .cell(CellSpec::new(
            "danh_gia",
            Choice(vec![
                Said::both("Đúng cam kết", "As committed"),
                Said::both("Chậm so với cam kết", "Behind the commitment"),
            ]),
            "Tự đánh giá",
            "Own judgement",
        ))
        .cell(CellSpec::new("ly_do", Text, "Lý do chậm, biện pháp", "Why behind, and what is done"))
        .check("tong = xanh + vang + cam + do")
}

/// The weekly report of communicable diseases. Week, closing hour and that figures go by the day of onset are of TT
/// 54/2015/TT-BYT; the cells are not those of its annex, which was not read, and nobody has verified them.
fn weekly() -> FormSpec {
    const OUTBREAKS: (&str, &str) = ("ổ dịch", "outbreaks");
    FormSpec::new("tt54-tuan", 1, "Báo cáo tuần bệnh truyền nhiễm", "Weekly report of communicable diseases")
        .basis("Thông tư 54/2015/TT-BYT: tuần từ thứ Hai đến Chủ nhật, thống kê theo ngày khởi phát; các ô chưa đối chiếu với mẫu trong phụ lục, hiệu lực sau 01/7/2026 chưa kiểm tra")
        .cell(count("mac", "Ca mắc khởi phát trong tuần", "Cases with onset in the week", CASES))
        .cell(count("chet", "Ca tử vong trong tuần", "Deaths in the week", CASES))
        .cell(count("o_dich_moi", "Ổ dịch mới trong tuần", "New outbreaks in the week", OUTBREAKS))
        .cell(count("o_dich_het", "Ổ dịch kết thúc trong tuần", "Outbreaks that ended in the week", OUTBREAKS))
        .cell(count("o_dich_con", "Ổ dịch đang hoạt động", "Outbreaks that go on", OUTBREAKS).latest())
        .cell(CellSpec::new("ghi_chu", Text, "Ghi chú", "Notes"))
        .check("chet <= mac")
}

fn supplies() -> FormSpec {
    const BOTTLES: (&str, &str) = ("bình", "cylinders");
    const SETS: (&str, &str) = ("bộ", "sets");
    FormSpec::new("vat-tu-o-xy", 1, "Vật tư, ô-xy y tế hằng ngày", "Supplies and oxygen, daily")
        .basis("Văn bản chỉ đạo về bảo đảm ô-xy, sinh phẩm, trang phục phòng hộ; mẫu do chương trình đề xuất")
        .cell(count("binh_day", "Bình ô-xy đầy hiện có", "Full oxygen cylinders", BOTTLES).latest())
        .cell(count("binh_dung", "Bình ô-xy đã dùng trong ngày", "Oxygen cylinders used on the day", BOTTLES))
        .cell(CellSpec::new("o_xy_long", Decimal, "Ô-xy lỏng hiện có", "Liquid oxygen").of("tấn", "tonnes").latest())
        .cell(count("tho_o_xy", "Người bệnh đang thở ô-xy", "Patients on oxygen", PEOPLE).latest())
        .cell(
            count("tho_may", "Trong đó: thở máy, thở dòng cao", "Of these: ventilated or on high flow", PEOPLE)
                .latest(),
        )
        .cell(count("may_tao", "Máy tạo ô-xy dùng được", "Working oxygen concentrators", ("máy", "machines")).latest())
        .cell(count("kit_nhanh", "Kit test nhanh còn lại", "Rapid test kits left", ("kit", "kits")).latest())
        .cell(count(
            "kit_dung",
            "Kit test nhanh đã dùng trong ngày",
            "Rapid test kits used on the day",
            ("kit", "kits"),
        ))
        .cell(count("phong_ho", "Bộ phòng hộ còn lại", "Protective suits left", SETS).latest())
        .cell(CellSpec::new("thieu", Text, "Loại sắp hết, đề nghị cấp", "What runs out, and what is asked for"))
        .check("tho_may <= tho_o_xy")
}

/// Every form that ships, all versions, the newest of each code first.
pub static SHIPPED: LazyLock<Vec<Shipped>> = LazyLock::new(|| {
    let five = Time::constant(17, 0, 0, 0);
    let daily = |form: FormSpec, hour: i8, level: Level| Shipped {
        form,
        period: PeriodKind::Daily,
        lag_days: 0,
        closes: Time::constant(hour, 0, 0, 0),
        window_days: 0,
        level,
    };
    vec![
        daily(flash(), 17, Level::Commune),
        Shipped { window_days: 2, period: PeriodKind::Days(3), ..daily(screening(), 17, Level::District) },
        daily(checkpoint(), 18, Level::District),
        Shipped { period: PeriodKind::Weekly, closes: five, ..daily(zones(), 17, Level::Commune) },
        // Basis: TT 54/2015/TT-BYT, communes: Tuesday 14:00 of the next week.
        Shipped { period: PeriodKind::Weekly, lag_days: 2, ..daily(weekly(), 14, Level::Commune) },
        daily(supplies(), 16, Level::District),
    ]
});

/// The form of a code and version that ships.
#[must_use]
pub fn shipped(code: &str, version: i64) -> Option<&'static FormSpec> {
    SHIPPED.iter().map(|shipped| &shipped.form).find(|form| form.code == code && form.version == version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_that_ships_is_whole() {
        for Shipped { form, period, lag_days, .. } in SHIPPED.iter() {
            let codes: std::collections::BTreeSet<&str> = form.cells.iter().map(|cell| cell.code.as_str()).collect();
            assert_eq!(codes.len(), form.cells.len(), "{}: a code stands twice", form.code);
            assert!(form.basis.is_some() && form.name.en.is_some(), "{}", form.code);
            assert!(form.cells.iter().all(|cell| cell.label.en.is_some()), "{}", form.code);
            assert!(*lag_days <= period.lag_max(), "{}", form.code);
            // A form of our own that nobody has compared with a text of law does not look as if somebody had.
            assert_eq!(form.verified, None, "{}", form.code);
            assert_eq!(shipped(&form.code, form.version), Some(form));
        }
    }
}
