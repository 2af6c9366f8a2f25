//! Names of bodies set in capitals, brought back to official casing.

use std::sync::LazyLock;

use crate::text::fold;
use crate::words::{Phrases, first_word};

/// Provinces and cities of 2021 and of 2025, which also stand without "tỉnh" before them.
#[rustfmt::skip]
pub(crate) const PROVINCES: &[&str] = &[
    "An Giang", "Bà Rịa - Vũng Tàu", "Bạc Liêu", "Bắc Giang", "Bắc Kạn", "Bắc Ninh", "Bến Tre", "Bình Dương",
    "Bình Định", "Bình Phước", "Bình Thuận", "Cà Mau", "Cao Bằng", "Cần Thơ", "Đà Nẵng", "Đắk Lắk", "Đắk Nông",
    "Điện Biên", "Đồng Nai", "Đồng Tháp", "Gia Lai", "Hà Giang", "Hà Nam", "Hà Nội", "Hà Tĩnh", "Hải Dương",
    "Hải Phòng", "Hậu Giang", "Hòa Bình", "Hưng Yên", "Khánh Hòa", "Kiên Giang", "Kon Tum", "Lai Châu", "Lạng Sơn",
    "Lào Cai", "Lâm Đồng", "Long An", "Nam Định", "Nghệ An", "Ninh Bình", "Ninh Thuận", "Phú Thọ", "Phú Yên",
    "Quảng Bình", "Quảng Nam", "Quảng Ngãi", "Quảng Ninh", "Quảng Trị", "Sóc Trăng", "Sơn La", "Tây Ninh",
    "Thái Bình", "Thái Nguyên", "Thanh Hóa", "Thừa Thiên Huế", "Huế", "Tiền Giang", "Hồ Chí Minh", "Trà Vinh",
    "Tuyên Quang", "Vĩnh Long", "Vĩnh Phúc", "Yên Bái", "Đắc Lắc", "Thừa Thiên - Huế",
];

/// Phrases whose casing follows no rule.
#[rustfmt::skip]
const PHRASES: &[&str] = &[
    "Ủy ban nhân dân", "Hội đồng nhân dân", "Ủy ban Mặt trận Tổ quốc Việt Nam", "Ủy ban Mặt trận Tổ quốc",
    "Đoàn đại biểu Quốc hội", "Ủy ban Thường vụ Quốc hội", "Quốc hội", "Chính phủ", "Thủ tướng Chính phủ",
    "Văn phòng Chính phủ", "Ban Chỉ đạo Quốc gia", "Ban Chỉ đạo", "Ban Chấp hành Trung ương Đảng",
    "Ban Chấp hành Trung ương", "Ban Chấp hành", "Ban Thường vụ", "Ban Thường trực", "Ban Bí thư", "Bộ Chính trị",
    "Ban cán sự đảng", "Ban Cán sự Đảng", "Đảng đoàn", "Đảng bộ", "Đảng ủy", "Tỉnh ủy", "Huyện ủy", "Thành ủy",
    "Thị ủy", "Quận ủy", "Chi bộ", "Đảng ủy Khối các cơ quan và doanh nghiệp",
    "Đảng ủy Khối Cơ quan và Doanh nghiệp", "Ban Quản lý Khu kinh tế", "Ban Quản lý các Khu công nghiệp",
    "Ban Quản lý Khu công nghiệp", "Bộ Chỉ huy Quân sự", "Ban Chỉ huy Quân sự", "Bộ Chỉ huy Bộ đội Biên phòng",
    "Bộ Tư lệnh", "Bộ đội Biên phòng", "Trung tâm Chỉ huy", "Sở Chỉ huy", "Trung tâm Kiểm soát bệnh tật",
    "Trung tâm Y tế", "Trạm Y tế", "Y tế", "Giáo dục và Đào tạo", "Lao động - Thương binh và Xã hội",
    "Thông tin và Truyền thông", "Kế hoạch và Đầu tư", "Nông nghiệp và Phát triển nông thôn",
    "Nông nghiệp và Môi trường", "Tài nguyên và Môi trường", "Khoa học và Công nghệ", "Công Thương",
    "Văn hóa, Thể thao và Du lịch", "Văn hóa và Thể thao", "Văn hóa - Thể thao và Du lịch", "Giao thông vận tải",
    "Dân tộc và Tôn giáo", "Tài chính", "Xây dựng", "Tư pháp", "Nội vụ", "Ngoại vụ", "Ngoại giao", "Du lịch",
    "Quốc phòng", "Công an", "Ngân hàng Nhà nước Việt Nam", "Ngân hàng Nhà nước", "Kho bạc Nhà nước",
    "Bảo hiểm xã hội Việt Nam", "Bảo hiểm xã hội", "Liên đoàn Lao động", "Tổng Liên đoàn Lao động Việt Nam",
    "Hội Liên hiệp Phụ nữ", "Hội Nông dân", "Hội Cựu chiến binh", "Hội Chữ thập đỏ",
    "Đoàn Thanh niên Cộng sản Hồ Chí Minh", "Đoàn TNCS Hồ Chí Minh", "Đài Phát thanh và Truyền hình",
    "Đài Phát thanh - Truyền hình", "Cổng Thông tin điện tử", "Thanh tra", "Tòa án nhân dân",
    "Viện kiểm sát nhân dân", "Tổng cục", "Cục Quản lý Khám, chữa bệnh", "Cục Y tế dự phòng", "Cục Hải quan",
    "Cục Thuế", "Cục Quản lý thị trường", "Phòng Y tế", "Tiểu ban", "Tổ công tác", "Việt Nam", "Trung ương",
    "COVID-19", "SARS-CoV-2", "TW", "QH", "TP.", "TP", "Quốc gia", "Bí thư", "Phó Bí thư Thường trực",
    "Phó Bí thư", "Chánh Văn phòng", "Phó Chánh Văn phòng", "Phó Chủ tịch Thường trực", "Chủ tịch", "Phó Chủ tịch",
    "Giám đốc", "Phó Giám đốc", "Trưởng Ban", "Phó Trưởng Ban", "Bộ trưởng", "Thứ trưởng", "Thủ tướng",
    "Phó Thủ tướng", "Tổng cục trưởng", "Cục trưởng", "Phó Cục trưởng", "Vụ trưởng", "Viện trưởng", "Hiệu trưởng",
    "Chủ nhiệm", "Phó Chủ nhiệm", "Bộ trưởng, Chủ nhiệm", "Thường trực", "Chỉ huy trưởng", "Phó Chỉ huy trưởng",
    "Chính ủy", "Tư lệnh", "Tổng Bí thư", "Chủ tịch nước", "Chủ tịch Quốc hội", "Tổng Giám đốc", "Trưởng phòng",
    "Phó Trưởng phòng", "Ủy viên Thường vụ", "Ban Dân vận", "Ban Tuyên giáo", "Ban Tổ chức", "Ban Nội chính",
    "Ủy ban Kiểm tra", "Thường trực Tỉnh ủy", "Nhà nước",
];

/// Heads after which one more word is capital: "Cục Y tế", "Chi cục Thuế", "Ban Dân tộc".
#[rustfmt::skip]
const HEADS: &[&str] = &[
    "bộ", "sở", "ban", "cục", "chi cục", "tổng cục", "vụ", "viện", "trung tâm", "trường", "bệnh viện", "văn phòng",
    "phòng", "hội", "liên đoàn", "hiệp hội", "đài", "báo", "công ty", "đội", "tổ", "trạm", "học viện", "quỹ",
];

/// Places after which every word is a proper name.
const AREAS: &[&str] =
    &["tỉnh", "thành phố", "huyện", "quận", "thị xã", "phường", "xã", "thị trấn", "đặc khu", "tp.", "tp"];

/// Phrases and provinces with their casing.
static CASED: LazyLock<Phrases<'static>> = LazyLock::new(|| Phrases::new(PHRASES.iter().chain(PROVINCES).copied()));

static PLACES: LazyLock<Phrases<'static>> = LazyLock::new(|| Phrases::new(PROVINCES.iter().copied()));

/// Brings a name in capitals to natural casing; a name that is not in capitals stays as printed.
pub(crate) fn natural(printed: &str) -> String {
    if !crate::lines::is_caps(printed) {
        return printed.trim().to_owned();
    }
    let low = fold(printed.trim());
    let mut out = String::with_capacity(low.len() + 8);
    let mut at = 0;
    let (mut proper, mut head) = (false, false);
    while at < low.len() {
        let rest = &low[at..];
        if let Some(c) = rest.chars().next().filter(|c| !crate::text::is_word(*c)) {
            if matches!(c, ',' | '(' | ';') {
                proper = false;
            }
            out.push(c);
            at += c.len_utf8();
            continue;
        }
        let boundary = |len: usize| !rest[len..].chars().next().is_some_and(crate::text::is_word);
        let abbreviated = [
            ("ubnd", "Ủy ban nhân dân"),
            ("hđnd", "Hội đồng nhân dân"),
            ("bcđ", "Ban Chỉ đạo"),
            ("kkt", "KKT"),
            ("kcn", "KCN"),
        ]
        .iter()
        .find(|(short, _)| rest.starts_with(short) && boundary(short.len()));
        if let Some((short, full)) = abbreviated {
            out.push_str(full);
            at += short.len();
            (proper, head) = (false, false);
            continue;
        }
        let phrase = CASED.at(rest);
        if let Some(phrase) = phrase {
            out.push_str(phrase);
            at += phrase.len();
            // "Tỉnh ủy Sóc Trăng": what follows a committee is the name of a place.
            proper = phrase.ends_with(" ủy") || out.starts_with("Sở ") && phrase.len() > 5;
            head = false;
            continue;
        }
        let area = AREAS.iter().filter(|area| rest.starts_with(**area) && boundary(area.len())).max_by_key(|a| a.len());
        if let Some(area) = area {
            let start = out.is_empty() && !matches!(*area, "tp" | "tp.");
            if start {
                push_capital(&mut out, area)
            } else if area.starts_with("tp") {
                out.push_str(&area.to_uppercase())
            } else {
                out.push_str(area)
            }
            at += area.len();
            (proper, head) = (true, false);
            continue;
        }
        let found = HEADS.iter().filter(|h| rest.starts_with(**h) && boundary(h.len())).max_by_key(|h| h.len());
        // Behind a post a body begins: "Giám đốc Sở Y tế".
        let capital_head = |out: &String| {
            out.is_empty() || ["- ", "đốc ", "rưởng ", "tịch ", "thư ", "nhiệm "].iter().any(|w| out.ends_with(w))
        };
        if let Some(found) = found.filter(|_| !proper && !head) {
            let capital = capital_head(&out);
            if capital {
                push_capital(&mut out, found)
            } else {
                out.push_str(found)
            }
            at += found.len();
            head = capital;
            continue;
        }
        let len = rest.find(|c: char| !crate::text::is_word(c)).unwrap_or(rest.len());
        let word = &rest[..len];
        if proper || head || out.is_empty() {
            push_capital(&mut out, word);
        } else {
            out.push_str(word);
        }
        head = false;
        at += len;
    }
    out
}

/// Title case of a personal name or a place in capitals.
pub(crate) fn name(printed: &str) -> String {
    if !crate::lines::is_caps(printed) {
        return printed.trim().to_owned();
    }
    let low = fold(printed.trim());
    let mut out = String::new();
    for (i, word) in low.split(' ').filter(|w| !w.is_empty()).enumerate() {
        if i > 0 {
            out.push(' ');
        }
        push_capital(&mut out, word);
    }
    out
}

fn push_capital(out: &mut String, word: &str) {
    let mut chars = word.chars();
    if let Some(first) = chars.next() {
        out.extend(first.to_uppercase());
        out.push_str(chars.as_str());
    }
}

/// The province named in a text, if any; the longest name wins ("Bà Rịa - Vũng Tàu").
pub(crate) fn province_in(text: &str) -> Option<&'static str> {
    let low = fold(text);
    let mut best: Option<&'static str> = None;
    let mut at = 0;
    while at < low.len() {
        let word = first_word(&low[at..]);
        if word.is_empty() {
            at += low[at..].chars().next().map_or(1, char::len_utf8);
            continue;
        }
        if let Some(name) = PLACES.at(&low[at..])
            && best.is_none_or(|old| name.len() > old.len())
        {
            best = Some(name);
        }
        at += word.len();
    }
    best
}
