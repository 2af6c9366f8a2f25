//! Names of Vietnamese bodies and posts in running text: where a name ends, and where a list of names ends.
//!
//! Names are written with a capital at the start only ("Sở Giao thông vận tải"), so their end must be known, not seen.
//! Fields of departments and ministries are a closed list; the rest ends before a verb or a preposition.

use std::collections::HashSet;
use std::hash::BuildHasherDefault;
use std::sync::LazyLock;

use crate::words::{Phrases, WordHasher, WordMap, first_word};

/// A unit in a folded text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) start: usize,
    pub(crate) end: usize,
    /// Name if it is not what is printed between start and end ("các Sở: Y tế, Tài chính").
    pub(crate) name: Option<String>,
    /// "các cơ quan", "các cấp": nobody by name.
    pub(crate) vague: bool,
}

/// Names longer than this are sentences.
const WORDS_MAX: usize = 16;
/// Lists longer than this are hostile or broken.
const LIST_MAX: usize = 60;

#[rustfmt::skip]
const FIELDS: &[&str] = &[
    "Y tế", "Giáo dục và Đào tạo", "Giáo dục - Đào tạo", "GD&ĐT", "GDĐT", "GD và ĐT",
    "Lao động - Thương binh và Xã hội", "Lao động, Thương binh và Xã hội", "Lao động Thương binh và Xã hội",
    "Lao động - Thương binh & Xã hội", "LĐTBXH", "LĐ-TB&XH", "LĐTB&XH", "LĐ - TB&XH", "LĐ-TBXH",
    "Thông tin và Truyền thông", "Thông tin - Truyền thông", "TT&TT", "TTTT", "Tài chính", "Kế hoạch và Đầu tư",
    "Kế hoạch - Đầu tư", "KH&ĐT", "KHĐT", "Công Thương", "Nông nghiệp và Phát triển nông thôn",
    "Nông nghiệp & Phát triển nông thôn", "Nông nghiệp và PTNT", "NN&PTNT", "NNPTNT", "NN và PTNT",
    "Nông nghiệp và Môi trường", "Nông nghiệp", "Giao thông vận tải", "Giao thông Vận tải", "Giao thông - Vận tải",
    "GTVT", "Xây dựng", "Tài nguyên và Môi trường", "TN&MT", "TNMT", "Khoa học và Công nghệ", "KH&CN", "KHCN",
    "Văn hóa, Thể thao và Du lịch", "Văn hóa - Thể thao và Du lịch", "Văn hóa Thể thao và Du lịch",
    "Văn hóa, Thể thao & Du lịch", "VHTTDL", "VHTT&DL", "VH,TT&DL", "VH-TT&DL", "VHTT và DL",
    "Văn hóa và Thể thao", "Văn hóa, Thể thao", "Văn hóa - Thể thao", "VH&TT", "VHTT", "Du lịch", "Nội vụ",
    "Tư pháp", "Ngoại vụ", "Ngoại giao", "Quốc phòng", "Công an", "Dân tộc và Tôn giáo", "Dân tộc và Phát triển",
    "Quy hoạch - Kiến trúc", "Quy hoạch Kiến trúc", "An toàn thực phẩm", "Xây dựng - Giao thông công chánh",
];

#[rustfmt::skip]
const AREAS: &[&str] = &[
    "tỉnh", "thành phố", "tp.", "tp", "huyện", "quận", "thị xã", "xã", "phường", "thị trấn", "đặc khu", "khóm",
    "ấp", "thôn", "bản", "tổ dân phố", "khu phố", "làng", "thành", "thị",
];

/// Nouns of collective units; also "các huyện, thị xã, thành phố" without UBND.
#[rustfmt::skip]
const COLLECTIVE: &[&str] = &[
    "sở", "ban", "ngành", "ban ngành", "ban, ngành", "đoàn thể", "hội đoàn thể", "hội, đoàn thể", "hội đặc thù",
    "hội quần chúng", "cơ quan", "đơn vị", "địa phương", "tổ chức", "doanh nghiệp", "cấp", "cấp chính quyền",
    "cấp ủy đảng", "cấp ủy", "tổ chức đảng", "chính quyền", "huyện ủy", "thị ủy", "thành ủy", "quận ủy", "đảng ủy",
    "đảng bộ", "chi bộ", "huyện", "thị xã", "thành phố", "quận", "xã", "phường", "thị trấn", "đặc khu", "tỉnh",
    "khu phố", "thôn", "ấp", "khóm", "cơ sở", "trường", "trường học", "nhà trường", "bệnh viện", "trung tâm",
    "phòng", "phòng, ban", "khu công nghiệp", "khu kinh tế", "chủ đầu tư", "nhà máy", "xí nghiệp", "công ty",
    "thành viên", "cá nhân", "hợp tác xã", "hiệp hội", "hội đồng hương", "hội", "lực lượng",
    "tổ chức chính trị - xã hội", "tổ chức chính trị xã hội", "tổ chức xã hội", "bộ", "tiểu ban", "tổ", "chốt",
    "đội", "lực lượng vũ trang", "cục", "viện", "vụ", "cơ sở y tế", "cơ sở khám bệnh, chữa bệnh",
    "cơ sở khám, chữa bệnh", "cơ sở sản xuất, kinh doanh", "cơ sở sản xuất", "cơ sở giáo dục", "cơ quan báo chí",
    "cơ quan truyền thông", "cơ quan thông tấn, báo chí", "cơ quan thông tin đại chúng", "báo, đài", "báo", "đài",
    "hội đồng", "thành", "thị", "đoàn", "liên đoàn", "ban chỉ đạo", "trạm y tế", "trung tâm y tế",
    "ủy ban nhân dân", "ubnd", "chủ cơ sở", "ban quản lý", "tổ covid cộng đồng", "tổ covid-19 cộng đồng",
    "ngân hàng", "trường đại học", "trường cao đẳng", "trường đại học, cao đẳng", "nhà thầu",
];

/// Heads of single bodies, with an open end.
#[rustfmt::skip]
const OPEN: &[&str] = &[
    "ban chỉ đạo", "bcđ", "ban quản lý", "bql", "ban tuyên giáo", "ban dân vận", "ban tổ chức", "ban nội chính",
    "ban kinh tế", "ban chấp hành", "ban thường vụ", "ban thường trực", "ban bí thư", "ban chỉ huy", "ban dân tộc",
    "ban cán sự", "ban tôn giáo", "ban an toàn giao thông", "ban giám đốc", "ban giám hiệu", "ban lãnh đạo",
    "ban pháp chế", "ban văn hóa", "ban công tác", "ban bảo vệ", "ban giám sát", "ban đại diện", "ban thi đua",
    "ban xây dựng", "ban ban", "ban điều hành", "ban tiếp công dân", "bộ chỉ huy", "bch", "bchqs", "bộ chqs",
    "bộ tư lệnh", "bộ đội biên phòng", "bđbp", "bộ chính trị", "văn phòng", "vp", "vpcp", "trung tâm", "ttyt",
    "cdc", "trạm", "tiểu ban", "tổ", "đội", "đoàn", "tỉnh đoàn", "huyện đoàn", "thành đoàn", "thị đoàn",
    "mặt trận tổ quốc", "ủy ban mặt trận tổ quốc", "ubmttqvn", "ubmttq", "mttq", "mặt trận", "ủy ban kiểm tra",
    "ủy ban dân tộc", "ủy ban thường vụ quốc hội", "ủy ban quốc gia", "ủy ban", "liên đoàn lao động", "liên đoàn",
    "liên minh hợp tác xã", "liên minh htx", "liên minh", "hội", "hiệp hội", "đài", "báo", "cổng thông tin",
    "cổng", "cục", "tổng cục", "chi cục", "vụ", "viện", "kho bạc", "bảo hiểm xã hội", "bhxh", "ngân hàng",
    "bệnh viện", "trường", "học viện", "công ty", "tổng công ty", "tập đoàn", "điện lực", "hải quan", "thuế",
    "quản lý thị trường", "đội quản lý thị trường", "bộ đội biên phòng", "thanh tra", "tòa án", "viện kiểm sát", "quân khu", "đồn biên phòng", "cảng",
    "chính phủ", "thủ tướng chính phủ", "thủ tướng", "phó thủ tướng", "quốc hội", "tỉnh ủy", "huyện ủy",
    "thành ủy", "thị ủy", "quận ủy", "đảng ủy", "đảng đoàn", "đảng bộ", "chi bộ", "trung ương đảng", "thường trực",
    "sở chỉ huy", "phòng", "quỹ", "thông tấn xã", "cơ quan thường trực", "cơ quan công an", "cơ quan", "đơn vị",
    "doanh nghiệp", "chính quyền địa phương", "chính quyền", "cấp ủy", "hạt kiểm lâm", "ga", "bưu điện",
    "viễn thông", "mạng lưới", "lực lượng", "tòa soạn", "trạm y tế", "khối", "chủ tịch nước", "kiểm toán nhà nước",
    "đại học", "cơ sở",
];

/// Heads that name nobody without a name behind them.
#[rustfmt::skip]
const GENERIC: &[&str] = &[
    "cơ quan", "đơn vị", "cấp", "tổ", "đội", "đoàn", "hội", "báo", "đài", "trường", "phòng", "trạm", "viện", "vụ",
    "cục", "khối", "cơ sở", "doanh nghiệp", "lực lượng", "trung tâm", "quỹ", "ga", "cảng", "hiệp hội", "thuế",
    "ban", "bộ", "sở", "ngành", "xã", "huyện", "tỉnh", "thôn", "ấp", "khóm", "cá nhân", "tổ chức", "công ty",
    "thành", "thị", "cổng", "chợ", "chốt", "hạt kiểm lâm", "trường học", "nhà trường", "bệnh viện", "đại học",
    "viễn thông", "bưu điện", "mạng lưới",
];

/// Heads that are common nouns or verbs unless a name in capitals follows.
const PROPER: &[&str] =
    &["báo", "đài", "tổ", "hội", "đoàn", "đội", "vụ", "ga", "thuế", "cổng", "khối", "quỹ", "cục", "viện"];

/// Heads that are complete by themselves.
const EXACT: &[&str] = &[
    "thủ tướng chính phủ",
    "thủ tướng",
    "chính phủ",
    "quốc hội",
    "chủ tịch nước",
    "kiểm toán nhà nước",
    "bộ chính trị",
    "vpcp",
];

/// Bodies of an area.
#[rustfmt::skip]
const OF_AREA: &[&str] = &[
    "ủy ban nhân dân", "ubnd", "hội đồng nhân dân", "hđnd", "công an", "thường trực hội đồng nhân dân",
    "thường trực hđnd", "văn phòng ubnd", "văn phòng ủy ban nhân dân", "văn phòng hđnd và ubnd", "văn phòng hđnd",
    "hđnd và ubnd", "hội đồng nhân dân và ủy ban nhân dân", "văn phòng đoàn đbqh và hđnd", "ủy ban mttq",
    "ủy ban mttqvn", "ủy ban mttq việt nam", "quân sự",
];

#[rustfmt::skip]
const POSTS: &[&str] = &[
    "giám đốc", "phó giám đốc", "tổng giám đốc", "thủ trưởng", "chủ tịch", "phó chủ tịch", "các phó chủ tịch",
    "trưởng ban", "phó trưởng ban", "trưởng tiểu ban", "người đứng đầu", "chánh văn phòng", "chánh thanh tra",
    "bí thư", "phó bí thư", "chỉ huy trưởng", "phó chỉ huy trưởng", "chính ủy", "tư lệnh", "cục trưởng",
    "chi cục trưởng", "tổng cục trưởng", "hiệu trưởng", "viện trưởng", "bộ trưởng", "thứ trưởng", "trưởng phòng",
    "trưởng các", "trưởng", "tổ trưởng", "lãnh đạo", "thành viên", "các thành viên", "chủ nhiệm", "tổng biên tập",
    "thống đốc", "thường trực ban chỉ đạo", "các phó trưởng ban", "các ủy viên", "ủy viên", "đồng chí",
    "các đồng chí", "ông", "chủ", "cán bộ", "tổng kiểm toán",
];

/// Words before which a name ends, and with which a predicate may begin.
#[rustfmt::skip]
const VERBS: &[&str] = &[
    "chủ trì", "phối hợp", "tiếp tục", "tăng cường", "khẩn trương", "tổ chức", "thực hiện", "triển khai",
    "chủ động", "chỉ đạo", "rà soát", "hướng dẫn", "tham mưu", "kiểm tra", "xây dựng", "nghiên cứu", "báo cáo",
    "có trách nhiệm", "chịu trách nhiệm", "căn cứ", "tập trung", "quán triệt", "theo dõi", "đôn đốc", "phải",
    "cần", "thường xuyên", "kịp thời", "bố trí", "đảm bảo", "bảo đảm", "tuyên truyền", "vận động", "huy động",
    "tiếp nhận", "tổng hợp", "cung cấp", "quản lý", "giám sát", "duy trì", "đề xuất", "thông báo", "cử",
    "trực tiếp", "nghiêm túc", "xem xét", "giải quyết", "xử lý", "áp dụng", "ban hành", "công bố", "đẩy mạnh",
    "phát huy", "nâng cao", "quan tâm", "kiện toàn", "thành lập", "lập", "tham gia", "hỗ trợ", "hoàn thành",
    "hoàn thiện", "thống nhất", "sử dụng", "nắm", "xác định", "xét nghiệm", "cách ly", "truy vết", "điều tra",
    "điều phối", "điều động", "cập nhật", "gửi", "trình", "tạo", "lấy", "phân công", "phân loại", "khoanh vùng",
    "siết chặt", "kiểm soát", "ngăn chặn", "củng cố", "chuẩn bị", "đề nghị", "yêu cầu", "giao", "kêu gọi",
    "chấp hành", "tạm dừng", "tạm ngừng", "dừng", "tháo gỡ", "đánh giá", "thẩm định", "phê duyệt", "chăm lo",
    "thông tin", "phổ biến", "đăng tải", "phát động", "làm việc", "bám sát", "tích cực", "trao đổi", "tham vấn",
    "tận dụng", "tính toán", "lựa chọn", "mua sắm", "tiêm", "phân bổ", "đấu thầu", "quyết định", "quy định",
    "công khai", "khuyến cáo", "khuyến khích", "nhận", "thu hồi", "thu dung", "điều trị", "chăm sóc", "vận hành",
    "vận chuyển", "bàn giao", "đưa", "đón", "sàng lọc", "giữ", "bảo vệ", "tuần tra", "canh gác", "phân luồng",
    "lên", "ưu tiên", "đầu tư", "cấp", "chi", "ứng", "quyết liệt", "sẵn sàng", "linh hoạt", "tuyệt đối", "xử phạt",
    "lắp đặt", "kích hoạt", "thiết lập", "mở", "phát hiện", "tự", "chấn chỉnh", "khắc phục", "nhắc nhở",
    "tổng kết", "sơ kết", "khen thưởng", "biểu dương", "ký", "cho phép", "cho", "thẩm tra", "tư vấn", "trực",
    "lưu ý", "chú trọng", "nêu cao", "dự trữ", "cân đối", "dự báo", "nhận định", "phân tích", "thực hành",
    "dự phòng", "kết hợp", "thúc đẩy", "đăng ký", "niêm yết", "thay thế", "vào cuộc", "làm", "đề cao", "thay",
    "hằng", "hàng", "định kỳ", "tăng", "giảm", "ra soát", "chia sẻ", "kết nối", "phân cấp", "ủy quyền",
    "lồng ghép", "nghiệm thu", "chấm dứt", "khai thác", "đổi mới", "xúc tiến", "nhân rộng", "tiến hành", "đi",
    "phân chia", "phân tuyến", "khẩn cấp", "chuyển", "nhanh chóng", "ngay", "thi hành", "dành", "rút", "sớm",
    "từng bước", "cương quyết", "kiên quyết", "đồng loạt", "đồng bộ", "đồng thời", "thông tri", "định hướng",
    "nghiêm cấm", "phát triển", "tập huấn", "lồng", "đối chiếu", "điều chỉnh", "bổ sung", "chi trả", "thanh toán",
    "thu thập", "cảnh báo", "giới thiệu", "trang bị", "mời", "đăng", "ghi nhận", "quyết toán", "kiến nghị",
    "phản ánh", "phản hồi", "tiêu hủy", "xác minh", "sắp xếp", "phục vụ", "đáp ứng", "thu gom", "khử khuẩn",
    "phun", "giải trình", "ứng dụng", "cài đặt", "vận dụng", "lãnh đạo", "dự kiến", "xem", "rút kinh nghiệm",
    "khẳng định", "cụ thể hóa", "hành động", "thu", "cắt giảm", "kêu", "gặp", "đề ra", "chọn", "hạn chế", "tránh",
    "trao", "mua", "dạy", "cho học sinh", "nghỉ", "tính", "lưu", "theo chức năng",
];

/// Function words before which a name ends.
#[rustfmt::skip]
const STOPS: &[&str] = &[
    "để", "theo", "tại", "trên", "trong", "về", "với", "từ", "khi", "nếu", "sẽ", "đã", "đang", "không", "là",
    "được", "bị", "có", "của", "do", "nhằm", "như", "trước", "sau", "vào", "đến", "tới", "bằng", "mà", "thì",
    "nhưng", "hoặc", "và", "gồm", "bao", "qua", "ngoài", "giữa", "việc", "này", "nêu", "nói", "hết", "vẫn", "cũng",
    "rất", "đối", "cùng", "còn", "nơi", "ngày", "số", "năm", "tháng", "chưa", "nhất", "hiện", "vừa", "luôn", "chỉ",
    "ban hành", "lần", "gắn", "vì", "ở", "xuống", "đó", "nào", "đều", "hãy", "dưới", "nên", "mới", "thuộc", "tiếp",
];

#[rustfmt::skip]
const QUALIFIERS: &[&str] = &[
    "có liên quan", "trong khu công nghiệp", "trong các khu công nghiệp", "trong khu kinh tế",
    "trong và ngoài tỉnh", "trong và ngoài khu công nghiệp", "liên quan khác", "liên quan", "trên địa bàn",
    "đóng trên địa bàn", "đóng chân trên địa bàn", "đứng chân trên địa bàn", "trực thuộc", "thuộc", "các cấp",
    "cấp tỉnh", "cấp huyện", "cấp xã", "cấp cơ sở", "cấp thành phố", "cấp trung ương", "chính trị - xã hội",
    "chính trị xã hội", "chính trị", "xã hội - nghề nghiệp", "xã hội", "tôn giáo", "trung ương", "tw", "chức năng",
    "chuyên môn", "chuyên trách", "sự nghiệp", "công lập", "đảng", "nhà nước", "hành chính", "của", "trong",
    "nói trên", "nêu trên", "tương đương", "khác", "chủ quản", "quản lý nhà nước", "cùng cấp", "ngoài công lập",
    "tư nhân", "biên giới", "ven biển", "vùng biên", "cộng đồng", "phía nam", "phía bắc", "miền núi", "sản xuất",
    "kinh doanh", "dịch vụ", "truyền thông", "báo chí", "thông tấn", "doanh nghiệp", "được giao", "được phân công",
    "trọng điểm", "có dịch", "đặc thù", "quần chúng", "đoàn thể", "khám bệnh, chữa bệnh", "khám, chữa bệnh",
    "khám chữa bệnh", "y tế", "cách ly y tế", "cách ly", "giáo dục", "đào tạo", "vũ trang", "công an", "quân đội",
    "quân sự", "tuyến đầu", "kiểm soát", "đại học", "cao đẳng", "mầm non", "phổ thông", "tuyến tỉnh",
    "tuyến huyện", "tuyến trên", "giáp ranh", "lân cận", "xã", "huyện", "tỉnh", "thành phố", "quận", "phường",
];

/// Pairs joined by "và", a comma or a dash inside a name.
#[rustfmt::skip]
const INNER: &[&str] = &[
    "phòng, chống", "phòng,chống", "giáo dục và đào tạo", "thông tin và truyền thông", "phát thanh và truyền hình",
    "phát thanh - truyền hình", "văn hóa, thể thao và du lịch", "văn hóa và thông tin",
    "văn hóa, thông tin và thể thao", "văn hóa, thông tin, thể thao và du lịch", "văn hóa - thông tin",
    "văn hóa và thể thao", "khoa học và công nghệ", "tài nguyên và môi trường", "kinh tế và hạ tầng",
    "kinh tế - hạ tầng", "lao động - thương binh và xã hội", "lao động, thương binh và xã hội",
    "nông nghiệp và phát triển nông thôn", "nông nghiệp và môi trường", "tài chính - kế hoạch",
    "tài chính và kế hoạch", "cơ quan và doanh nghiệp", "khám, chữa bệnh", "khám bệnh, chữa bệnh",
    "tìm kiếm cứu nạn", "thiên tai và tìm kiếm", "khu kinh tế và khu công nghiệp",
    "khu công nghiệp và khu kinh tế", "khu kinh tế, khu công nghiệp", "khu công nghiệp, khu kinh tế",
    "khu chế xuất và công nghiệp", "khu công nghiệp và chế xuất", "khoa học và kỹ thuật", "khoa học - kỹ thuật",
    "điều hành, thông tin", "hđnd và ubnd", "đbqh và hđnd", "hội đồng nhân dân và ủy ban nhân dân", "dịch vụ và",
    "giám sát, xử lý", "kế hoạch và đầu tư", "thanh niên cộng sản", "chăm sóc, bảo vệ",
    "thuốc, mỹ phẩm, thực phẩm", "kiểm nghiệm thuốc, mỹ phẩm", "xuất, nhập cảnh", "quản lý xuất nhập cảnh",
    "phòng cháy, chữa cháy", "phòng cháy, chữa cháy và cứu nạn, cứu hộ", "dân tộc và tôn giáo",
    "huy động, tiếp nhận", "hậu cần - kỹ thuật", "an ninh - trật tự", "an ninh, trật tự", "an sinh xã hội",
    "kinh tế - xã hội", "chính trị - xã hội", "xã hội - nghề nghiệp", "văn hóa - xã hội", "giám định",
    "bảo vệ và chăm sóc", "chăn nuôi và thú y", "trồng trọt và bảo vệ thực vật", "nhà nước chi nhánh",
    "nhà nước việt nam chi nhánh",
];

struct Lexicon {
    first: WordMap<&'static str, u16>,
    fields: Phrases<'static>,
    areas: Phrases<'static>,
    collective: Phrases<'static>,
    open: Phrases<'static>,
    of_area: Phrases<'static>,
    posts: Phrases<'static>,
    verbs: Phrases<'static>,
    stops: HashSet<&'static str, BuildHasherDefault<WordHasher>>,
    qualifiers: Phrases<'static>,
    inner: Phrases<'static>,
    not_nouns: Phrases<'static>,
}

impl Lexicon {
    /// The longest field of a department at the start of a folded text.
    fn field(&self, rest: &str) -> Option<&str> {
        self.fields.at(rest)
    }
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let mut first = WordMap::default();
    for list in [COLLECTIVE, OPEN, OF_AREA, POSTS, &["sở", "bộ", "các", "những", "toàn", "tất", "mọi", "từng", "mỗi"]]
    {
        for phrase in list {
            first.insert(first_word(phrase), 1);
        }
    }
    Lexicon {
        first,
        fields: Phrases::new(FIELDS.iter().copied()),
        areas: Phrases::new(AREAS.iter().copied()),
        collective: Phrases::new(COLLECTIVE.iter().copied()),
        open: Phrases::new(OPEN.iter().copied()),
        of_area: Phrases::new(OF_AREA.iter().copied()),
        posts: Phrases::new(POSTS.iter().copied()),
        verbs: Phrases::new(VERBS.iter().copied()),
        stops: STOPS.iter().copied().collect(),
        qualifiers: Phrases::new(QUALIFIERS.iter().copied()),
        inner: Phrases::new(INNER.iter().copied()),
        not_nouns: Phrases::new(NOT_NOUNS.iter().copied()),
    }
});

/// Whether a predicate begins here.
pub(crate) fn verb_at(rest: &str) -> bool {
    LEXICON.verbs.at(rest).is_some()
}

fn skip_spaces(fold: &str, at: usize) -> usize {
    at + (fold.len() - at - fold[at..].trim_start_matches(' ').len())
}

fn upper_at(norm: &str, at: usize) -> bool {
    norm[at..].chars().next().is_some_and(crate::text::is_upper)
}

/// Reads one unit that begins at `at`.
pub(crate) fn unit(norm: &str, fold: &str, at: usize) -> Option<Unit> {
    let lex = &*LEXICON;
    let rest = &fold[at..];
    lex.first.get(first_word(rest))?;
    if let Some(article) = ["tất cả các ", "toàn thể các ", "các ", "những ", "mọi ", "từng ", "mỗi ", "toàn bộ các "]
        .iter()
        .find(|a| rest.starts_with(**a))
    {
        let from = at + article.len();
        // "các Sở: Y tế, Tài chính" is read by `list`, which knows how to share the head.
        if let Some(end) = posts(norm, fold, at) {
            return Some(Unit { start: at, end, name: None, vague: false });
        }
        let end = collective(norm, fold, from)?;
        return Some(Unit { start: at, end, name: None, vague: vague(&fold[from..end]) });
    }
    if let Some(end) = posts(norm, fold, at) {
        return Some(Unit { start: at, end, name: None, vague: false });
    }
    if let Some(end) = single(norm, fold, at) {
        return Some(Unit { start: at, end, name: None, vague: false });
    }
    let end = collective(norm, fold, at)?;
    // Bare nouns in small letters ("đơn vị", "lực lượng") are mentions unless a list or a qualifier makes them units;
    // "Tổ chức" at the start of a sentence is a verb.
    let noun = lex.collective.at(rest).map_or(0, str::len);
    let verb =
        rest.starts_with("tổ chức") && !rest.starts_with("tổ chức đảng") && !rest.starts_with("tổ chức chính trị");
    let word = &rest[..noun];
    let ok = !verb && (end > at + noun || upper_at(norm, at) && !GENERIC.contains(&word));
    ok.then(|| Unit { start: at, end, name: None, vague: vague(&fold[at..end]) })
}

fn vague(fold: &str) -> bool {
    fold.starts_with("cơ quan")
        || fold.starts_with("đơn vị")
        || fold.starts_with("cấp")
        || fold.starts_with("địa phương")
        || fold.starts_with("tổ chức")
}

/// A post and the body it heads.
fn posts(norm: &str, fold: &str, at: usize) -> Option<usize> {
    let lex = &*LEXICON;
    let post = lex.posts.at(&fold[at..])?;
    let mut end = at + post.len();
    // "Chủ tịch, các Phó Chủ tịch UBND tỉnh", "Bí thư, Chủ tịch UBND các xã".
    let next = skip_spaces(fold, end);
    if fold[next..].starts_with(',') && !matches!(post, "đồng chí" | "ông") {
        let after = skip_spaces(fold, next + 1);
        if lex.posts.at(&fold[after..]).is_some()
            && !ends_like_body(post)
            && let Some(stop) = posts(norm, fold, after)
        {
            return Some(stop);
        }
    }
    let mut from = next;
    if fold[from..].starts_with("của ") {
        from += "của ".len();
    }
    if let Some(stop) = posts(norm, fold, from).or_else(|| single(norm, fold, from)) {
        end = stop;
    } else if let Some(article) = ["các ", "những ", "từng "].iter().find(|a| fold[from..].starts_with(**a)) {
        let inner = from + article.len();
        end = single_shared(norm, fold, inner).or_else(|| collective(norm, fold, inner))?;
    } else if let Some(stop) = area(norm, fold, from).or_else(|| collective(norm, fold, from)) {
        end = stop;
    } else if upper_at(norm, from)
        && upper_at(norm, at)
        && (post.ends_with("trưởng")
            || post.ends_with("phòng")
            || post.ends_with("tra")
            || post.ends_with("tập")
            || post.ends_with("nhiệm")
            || post.ends_with("ban")
            || post.ends_with("các"))
    {
        // "Trưởng phòng Y tế", "Tổng Biên tập Báo …".
        end = open_end(norm, fold, at, end)?;
    } else {
        // A bare post counts only with a capital and a body of its own in its name.
        let upper = upper_at(norm, at);
        let own = matches!(
            post,
            "thủ trưởng"
                | "chỉ huy trưởng"
                | "chánh văn phòng"
                | "chánh thanh tra"
                | "trưởng ban"
                | "thống đốc"
                | "bí thư"
                | "chủ tịch"
                | "giám đốc"
        );
        if !upper || !own {
            return None;
        }
    }
    // An office held at the same time: "Giám đốc Sở Y tế - Phó Chỉ huy trưởng Trung tâm Chỉ huy tỉnh".
    let dash = skip_spaces(fold, end);
    for mark in ["- ", "– ", "— ", ", "] {
        if fold[dash..].starts_with(mark) && dash > end.saturating_sub(usize::from(mark == ", ")) {
            let after = skip_spaces(fold, dash + mark.len());
            let second = lex.posts.at(&fold[after..]);
            let held = second.is_some_and(|p| {
                p.starts_with("phó")
                    || p.contains("trưởng ban")
                    || p.contains("chỉ huy trưởng")
                    || p == "trưởng tiểu ban"
            });
            if held
                && (mark != ", "
                    || second.is_some_and(|p| p.starts_with("phó trưởng ban") || p.starts_with("phó chỉ huy")))
                && let Some(stop) = posts(norm, fold, after)
            {
                end = stop;
            }
            break;
        }
    }
    Some(end)
}

fn ends_like_body(post: &str) -> bool {
    matches!(post, "người đứng đầu" | "thành viên" | "các thành viên" | "lãnh đạo")
}

/// One body by its own name.
fn single(norm: &str, fold: &str, at: usize) -> Option<usize> {
    let lex = &*LEXICON;
    let rest = &fold[at..];
    if let Some(head) = lex.of_area.at(rest) {
        let end = at + head.len();
        let next = skip_spaces(fold, end);
        let abbreviated = head.contains("ubnd") || head.contains("hđnd");
        if let Some(stop) = area(norm, fold, next) {
            return Some(stop);
        }
        return (upper_at(norm, at)
            && (abbreviated || head.starts_with("ủy ban") || head.starts_with("hội đồng") || head == "công an"))
            .then_some(end);
    }
    for head in ["sở ", "bộ "] {
        if let Some(after) = rest.strip_prefix(head)
            && let Some(low) = lex.field(after)
        {
            let end = at + head.len() + low.len();
            // "Sở Y tế các tỉnh, thành phố".
            let next = skip_spaces(fold, end);
            if fold[next..].starts_with("các tỉnh") || fold[next..].starts_with("các địa phương") {
                return area(norm, fold, next).or(Some(end));
            }
            return Some(place_tail(norm, fold, end));
        }
    }
    // "Bộ đội" is no body, "Bộ đội Biên phòng tỉnh" is one: the longer word counts.
    let is_noun = |head: &&str| lex.not_nouns.at(rest).is_none_or(|other| head.len() > other.len());
    if let Some(head) = lex.open.at(rest).filter(is_noun).filter(|_| !rest.starts_with("tổ chức")) {
        // A head in small letters is a common noun.
        if !upper_at(norm, at) {
            return None;
        }
        if EXACT.contains(&head) {
            return Some(at + head.len());
        }
        // "Báo ngay cho …" begins with a verb; "Báo Sóc Trăng" is a newspaper.
        let next = skip_spaces(fold, at + head.len());
        let named = upper_at(norm, next) || lex.inner.at(&fold[next..]).is_some();
        if PROPER.contains(&head) && !named {
            return None;
        }
        let end = open_end(norm, fold, at, at + head.len())?;
        return (end > at + head.len() || !GENERIC.contains(&head)).then_some(numbered(fold, end));
    }
    // "Sở" or "Bộ" with a field that is not in the list.
    if (rest.starts_with("sở ") || rest.starts_with("bộ ")) && upper_at(norm, at) {
        let next = at + first_word(rest).len() + 1;
        if upper_at(norm, next) {
            return open_end(norm, fold, at, at + first_word(rest).len());
        }
    }
    None
}

/// "Sở Y tế" inside "Giám đốc các Sở Y tế, Tài chính": only the first is taken here.
fn single_shared(norm: &str, fold: &str, at: usize) -> Option<usize> {
    let rest = &fold[at..];
    let lex = &*LEXICON;
    for head in ["sở ", "bộ "] {
        if let Some(after) = rest.strip_prefix(head)
            && let Some(low) = lex.field(after)
        {
            return Some(place_tail(norm, fold, at + head.len() + low.len()));
        }
    }
    let head = lex.open.at(rest)?;
    (upper_at(norm, at) && head.contains(' ')).then(|| open_end(norm, fold, at, at + head.len())).flatten()
}

fn field_at(rest: &str, low: &str) -> bool {
    rest.starts_with(low) && !rest[low.len()..].chars().next().is_some_and(crate::text::is_word)
}

/// "tỉnh", "tỉnh Sóc Trăng", "thành phố", "Sóc Trăng" behind a complete name.
fn place_tail(norm: &str, fold: &str, end: usize) -> usize {
    let next = skip_spaces(fold, end);
    if next == end {
        return end;
    }
    for word in ["tỉnh", "thành phố", "tp."] {
        if fold[next..].starts_with(word) && !fold[next + word.len()..].chars().next().is_some_and(crate::text::is_word)
        {
            return proper(norm, fold, next + word.len());
        }
    }
    if upper_at(norm, next) {
        let stop = proper(norm, fold, end);
        if crate::casing::PROVINCES.iter().any(|p| norm[next..stop] == **p) {
            return stop;
        }
    }
    end
}

/// Words that all begin with a capital, as the names of places do.
fn proper(norm: &str, fold: &str, mut end: usize) -> usize {
    let mut words = 0;
    loop {
        let next = skip_spaces(fold, end);
        if next == end || words >= 5 || !upper_at(norm, next) {
            return end;
        }
        let word = first_word(&fold[next..]);
        // A body that begins here ends the name of the place.
        if word.is_empty() || LEXICON.open.at(&fold[next..]).is_some() && !LEXICON.areas.has_first(word) && words > 0 {
            return end;
        }
        end = next + word.len();
        words += 1;
    }
}

/// The name behind the word of an area: "huyện Châu Thành", "phường 1", "quận 12".
fn named_place(norm: &str, fold: &str, word: &str, end: usize) -> usize {
    const NUMBERED: &[&str] = &["phường", "quận", "khóm", "ấp", "thôn", "khu phố", "tổ dân phố"];
    let next = skip_spaces(fold, end);
    if next > end
        && NUMBERED.contains(&word)
        && let Some(stop) = figure(fold, next)
    {
        return stop;
    }
    proper(norm, fold, end)
}

/// The end of a number of one or two figures that stands alone.
fn figure(fold: &str, at: usize) -> Option<usize> {
    let digits = fold[at..].bytes().take(3).take_while(u8::is_ascii_digit).count();
    let after = &fold[at + digits..];
    let alone = !after.starts_with(|c: char| crate::text::is_word(c) || matches!(c, '/' | '%' | '-'))
        && !after.strip_prefix(['.', ',']).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    ((1..=2).contains(&digits) && alone).then_some(at + digits)
}

/// "Đội Quản lý thị trường số 1", "Bệnh viện dã chiến số 2".
fn numbered(fold: &str, end: usize) -> usize {
    fold[end..].strip_prefix(" số ").and_then(|rest| figure(fold, fold.len() - rest.len())).unwrap_or(end)
}

/// "tỉnh", "các huyện, thị xã, thành phố", "cấp xã", "các cấp", "huyện Châu Thành".
fn area(norm: &str, fold: &str, at: usize) -> Option<usize> {
    let lex = &*LEXICON;
    let mut next = at;
    if fold[next..].starts_with("của ") {
        next += "của ".len();
    }
    let item = |from: usize| -> Option<usize> {
        let mut i = from;
        for article in ["các ", "cấp ", "từng ", "tuyến "] {
            if fold[i..].starts_with(article) {
                i += article.len();
                if article == "các " && fold[i..].starts_with("cấp") {
                    return Some(i + "cấp".len());
                }
                if article == "các " && fold[i..].starts_with("địa phương") {
                    return Some(i + "địa phương".len());
                }
                break;
            }
        }
        let word = lex.areas.at(&fold[i..])?;
        // "thành", "thị" alone only as "các huyện, thành, thị".
        Some(named_place(norm, fold, word, i + word.len()))
    };
    let mut end = item(next)?;
    for _ in 0..8 {
        let mut i = skip_spaces(fold, end);
        let slash = fold[i..].starts_with('/');
        if fold[i..].starts_with([',', '/']) {
            i += 1;
        } else if !fold[i..].starts_with("và ") && !fold[i..].starts_with("hoặc ") {
            break;
        }
        i = skip_spaces(fold, i);
        for joint in ["và ", "hoặc "] {
            if fold[i..].starts_with(joint) {
                i += joint.len();
            }
        }
        // An article opens a new unit: "UBND tỉnh, các huyện" is read as one only with "cấp".
        if fold[i..].starts_with("các ") && !slash {
            break;
        }
        if upper_at(norm, i) {
            break;
        }
        match item(i) {
            Some(stop) => end = stop,
            None => break,
        }
    }
    Some(qualified(
        norm,
        fold,
        end,
        &[
            "trong tỉnh",
            "trực thuộc trung ương",
            "trực thuộc tỉnh",
            "trên địa bàn",
            "thuộc tỉnh",
            "trực thuộc",
            "có liên quan",
            "liên quan",
            "biên giới",
            "ven biển",
            "có dịch",
            "nêu trên",
            "nói trên",
            "giáp ranh",
            "miền núi",
            "có biên giới",
        ],
    ))
}

/// Qualifiers from a short list, "trên địa bàn" with its area.
fn qualified(norm: &str, fold: &str, mut end: usize, list: &[&str]) -> usize {
    let next = skip_spaces(fold, end);
    if next == end {
        return end;
    }
    let Some(found) = list.iter().find(|q| {
        fold[next..].starts_with(**q) && !fold[next + q.len()..].chars().next().is_some_and(crate::text::is_word)
    }) else {
        return end;
    };
    end = next + found.len();
    let after = skip_spaces(fold, end);
    if found.ends_with("địa bàn") || found.ends_with("thuộc") {
        if let Some(stop) = area_plain(norm, fold, after) {
            end = stop;
        } else if found.ends_with("địa bàn") {
            end = proper(norm, fold, end);
        }
    }
    end
}

fn area_plain(norm: &str, fold: &str, at: usize) -> Option<usize> {
    let word = LEXICON.areas.at(&fold[at..])?;
    Some(named_place(norm, fold, word, at + word.len()))
}

/// "sở, ban, ngành, đoàn thể tỉnh" behind its article.
fn collective(norm: &str, fold: &str, at: usize) -> Option<usize> {
    let lex = &*LEXICON;
    let noun = noun_at(fold, at)?;
    let mut end = at + noun.len();
    let mut plain = true;
    for _ in 0..14 {
        // Qualifiers, then perhaps another noun.
        loop {
            let next = skip_spaces(fold, end);
            if next == end {
                break;
            }
            let Some(q) = lex.qualifiers.at(&fold[next..]) else { break };
            // A verb that looks like a qualifier: "các đơn vị giáo dục" against "các đơn vị quản lý".
            if lex.verbs.at(&fold[next..]).is_some_and(|v| v.len() > q.len()) {
                break;
            }
            let after = skip_spaces(fold, next + q.len());
            match q {
                "của"
                | "thuộc"
                | "trực thuộc"
                | "trong"
                | "trên địa bàn"
                | "đóng trên địa bàn"
                | "đóng chân trên địa bàn"
                | "đứng chân trên địa bàn" => {
                    let stop = area_plain(norm, fold, after)
                        .or_else(|| if q == "trong" { None } else { unit_tail(norm, fold, after) });
                    match stop {
                        Some(stop) => end = stop,
                        None if q.ends_with("địa bàn") || q == "trực thuộc" => end = next + q.len(),
                        None => break,
                    }
                }
                "tỉnh" | "huyện" | "xã" | "thành phố" | "quận" | "phường" => {
                    end = proper(norm, fold, next + q.len());
                    // "tỉnh, huyện, xã".
                    let mut i = skip_spaces(fold, end);
                    while fold[i..].starts_with([',', '/']) {
                        let j = skip_spaces(fold, i + 1);
                        let Some(word) = lex.areas.at(&fold[j..]) else { break };
                        if upper_at(norm, j) {
                            break;
                        }
                        end = j + word.len();
                        i = skip_spaces(fold, end);
                    }
                }
                _ => end = next + q.len(),
            }
            plain = false;
        }
        if plain
            && upper_at(norm, skip_spaces(fold, end))
            && matches!(noun, "huyện" | "thành phố" | "quận" | "xã" | "phường" | "tỉnh" | "thị xã" | "thị trấn")
        {
            end = proper(norm, fold, end);
            plain = false;
        }
        let mut i = skip_spaces(fold, end);
        let comma = fold[i..].starts_with([',', '/']);
        if comma {
            i = skip_spaces(fold, i + 1);
        }
        let joint = fold[i..].starts_with("và ");
        if joint {
            i += "và ".len();
        }
        if !comma && !joint && !fold[i..].starts_with("- ") || !plain && (comma || joint) {
            break;
        }
        if fold[i..].starts_with("- ") {
            i += 2;
        }
        let Some(noun) = noun_at(fold, i) else { break };
        // A name of its own ("Sở Y tế", "Đài Phát thanh") is another unit.
        if upper_at(norm, i)
            && (single(norm, fold, i).is_some_and(|stop| stop > i + noun.len()) || lex.of_area.at(&fold[i..]).is_some())
        {
            break;
        }
        if lex.of_area.at(&fold[i..]).is_some_and(|h| h.len() >= noun.len())
            && matches!(noun, "ubnd" | "ủy ban nhân dân")
        {
            break;
        }
        // "tổ chức" and "đoàn" are also verbs and common nouns.
        if noun == "tổ chức" && lex.verbs.at(fold[i + noun.len()..].trim_start()).is_some() {
            break;
        }
        end = i + noun.len();
    }
    (end > at).then_some(end)
}

/// Phrases that begin like a collective noun and are none.
#[rustfmt::skip]
const NOT_NOUNS: &[&str] = &[
    "trường hợp", "cơ sở vật chất", "cơ sở dữ liệu", "cơ sở hạ tầng", "cơ sở pháp lý", "hội nghị", "hội họp",
    "hội thảo", "hội thi", "bộ phận", "bộ kit", "bộ xét nghiệm", "bộ tiêu chí", "đội ngũ", "đội hình",
    "phòng chống", "phòng, chống", "phòng dịch", "phòng bệnh", "phòng ngừa", "ngành nghề", "cấp độ", "cấp giấy",
    "cấp cứu", "cấp phép", "cấp phát", "ban đêm", "ban ngày", "ban đầu", "xã hội", "thành phần", "thành công",
    "thành tích", "thành quả", "thị trường", "đoàn kết", "đoàn viên", "đoàn kiểm tra", "viện phí", "vụ việc",
    "vụ mùa", "tổ chức thực hiện", "tổ chức triển khai", "bản thân", "hội viên", "tỉnh thành khác", "báo cáo",
    "báo chí", "đài thọ", "tổ chức tốt", "đơn vị hành chính", "đơn vị tính", "bộ đội", "thôn bản", "cục bộ",
    "trung tâm thương mại",
];

/// A collective noun that is not the start of a verb or of another phrase.
fn noun_at(fold: &str, at: usize) -> Option<&'static str> {
    let rest = &fold[at..];
    let noun = LEXICON.collective.at(rest)?;
    let other = LEXICON.not_nouns.at(rest).is_some_and(|p| p.len() > noun.len())
        || LEXICON.verbs.at(rest).is_some_and(|v| v.len() > noun.len());
    (!other).then_some(noun)
}

fn unit_tail(norm: &str, fold: &str, at: usize) -> Option<usize> {
    single(norm, fold, at).or_else(|| area(norm, fold, at))
}

/// The end of a name whose words are not known beforehand.
fn open_end(norm: &str, fold: &str, start: usize, head_end: usize) -> Option<usize> {
    let lex = &*LEXICON;
    let mut end = head_end;
    let mut words = 0;
    loop {
        let next = skip_spaces(fold, end);
        if next == end && end < fold.len() || next >= fold.len() || words >= WORDS_MAX {
            break;
        }
        let rest = &fold[next..];
        // A known phrase with a comma, dash or "và" inside.
        if let Some(phrase) = lex.inner.at(rest) {
            end = next + phrase.len();
            words += phrase.split(' ').count();
            continue;
        }
        let upper = upper_at(norm, next);
        if rest.starts_with("- ") || rest.starts_with("– ") {
            let after = skip_spaces(fold, next + first_dash(rest));
            if upper_at(norm, after)
                && lex.posts.at(&fold[after..]).is_none()
                && LEXICON.open.at(&fold[after..]).is_none()
            {
                end = after + first_word(&fold[after..]).len();
                words += 1;
                continue;
            }
            break;
        }
        let word = first_word(rest);
        if word.is_empty() {
            break;
        }
        if let Some(place) = ["tỉnh", "thành phố", "huyện", "quận", "thị xã", "xã", "phường"]
            .iter()
            .find(|a| field_at(rest, a) && !committee(&rest[a.len()..]))
        {
            let stop = area(norm, fold, next).unwrap_or_else(|| proper(norm, fold, next + place.len()));
            end = stop;
            // "tỉnh/huyện/xã".
            let mut i = stop;
            while fold[i..].starts_with('/') {
                let Some(word) = lex.areas.at(&fold[i + 1..]) else { break };
                i += 1 + word.len();
                end = i;
            }
            let more = skip_spaces(fold, end);
            if fold[more..].starts_with("về ") && fold[start..].starts_with("ban chỉ đạo") {
                words += 1;
                continue;
            }
            break;
        }
        if field_at(rest, "các cấp") {
            end = next + "các cấp".len();
            break;
        }
        if field_at(rest, "cấp tỉnh") || field_at(rest, "cấp huyện") || field_at(rest, "cấp xã") {
            let len = if rest.starts_with("cấp tỉnh") {
                "cấp tỉnh"
            } else if rest.starts_with("cấp huyện") {
                "cấp huyện"
            } else {
                "cấp xã"
            }
            .len();
            end = next + len;
            let mut i = skip_spaces(fold, end);
            while fold[i..].starts_with([',', '/']) {
                let j = skip_spaces(fold, i + 1);
                let j = if fold[j..].starts_with("cấp ") { j + "cấp ".len() } else { j };
                let Some(word) = lex.areas.at(&fold[j..]) else { break };
                end = j + word.len();
                i = skip_spaces(fold, end);
            }
            break;
        }
        if field_at(rest, "các") {
            // "Trung tâm Y tế các huyện, thành phố".
            let places = [
                "các huyện",
                "các xã",
                "các quận",
                "các tỉnh",
                "các địa phương",
                "các phường",
                "các thị",
                "các thành phố",
            ];
            if places.iter().any(|p| field_at(rest, p) || rest.starts_with("các thị ")) {
                return area(norm, fold, next).or(Some(end));
            }
            // "Ban Quản lý các Khu công nghiệp", "Đảng ủy Khối các cơ quan".
            let after = skip_spaces(fold, next + "các".len());
            let khu = fold[after..].starts_with("khu ")
                || fold[after..].starts_with("cơ quan")
                || fold[after..].starts_with("kcn")
                || fold[after..].starts_with("dự án");
            if khu {
                end = next + "các".len();
                words += 1;
                continue;
            }
            break;
        }
        if !upper {
            if (words > 0 || predicate_only(rest)) && lex.verbs.at(rest).is_some() {
                break;
            }
            if lex.stops.contains(word) || lex.stops.contains(two_words(rest)) {
                // "Ban Chỉ đạo Quốc gia về phòng, chống dịch".
                if word == "về" && fold[start..].starts_with("ban chỉ đạo") {
                    end = next + word.len();
                    words += 1;
                    continue;
                }
                break;
            }
        } else if words > 0
            && lex.open.at(rest).is_some_and(|h| h.contains(' '))
            && !matches!(first_word(rest), "phòng" | "trung" | "y")
        {
            // Another body begins inside: "Phó Trưởng ban Ban Chỉ đạo" is cut by the post, this is "Văn phòng Tỉnh ủy".
            let stop = open_end(norm, fold, next, next + lex.open.at(rest).map_or(0, str::len));
            return stop.or(Some(end));
        } else if lex.of_area.at(rest).is_some() && !field_at(rest, "công an") {
            return single(norm, fold, next).or(Some(end));
        }
        end = next + word.len();
        // "Covid-19", "SARS-CoV-2" are one word.
        while fold[end..].starts_with('-') && fold[end + 1..].starts_with(|c: char| crate::text::is_word(c)) {
            end += 1 + first_word(&fold[end + 1..]).len();
        }
        if fold[end..].starts_with('&') {
            end += 1 + first_word(&fold[end + 1..]).len();
        }
        words += 1;
    }
    Some(end)
}

/// "Tỉnh ủy", "Tỉnh đoàn", "xã hội" are no areas.
fn committee(rest: &str) -> bool {
    [" ủy", " đoàn", " đội", " hội"].iter().any(|w| field_at(rest, w))
}

fn first_dash(rest: &str) -> usize {
    rest.chars().next().map_or(0, char::len_utf8)
}

/// Words that cannot be part of a name even right behind its head.
fn predicate_only(rest: &str) -> bool {
    [
        "chủ trì",
        "phối hợp",
        "tiếp tục",
        "tăng cường",
        "khẩn trương",
        "phải",
        "cần",
        "có trách nhiệm",
        "chịu trách nhiệm",
        "chủ động",
        "thường xuyên",
        "kịp thời",
        "tham mưu",
        "rà soát",
        "báo cáo",
        "triển khai",
        "thực hiện",
        "hướng dẫn",
        "xây dựng",
        "tổ chức",
        "theo dõi",
        "yêu cầu",
        "đề nghị",
        "giao",
        "ban hành",
        "cho",
        "cung cấp",
        "đẩy mạnh",
        "kiểm tra",
        "là",
        "nghiên cứu",
        "cử",
        "bố trí",
        "tập trung",
        "cập nhật",
        "thông báo",
        "tổng hợp",
        "hoàn thành",
        "duy trì",
        "quán triệt",
        "xem xét",
    ]
    .iter()
    .any(|v| rest.starts_with(v))
}

fn two_words(rest: &str) -> &str {
    let first = first_word(rest).len();
    if !rest[first..].starts_with(' ') {
        return "";
    }
    let second = first_word(&rest[first + 1..]).len();
    &rest[..first + 1 + second]
}

/// A list of units from `at`, and where it ends; `hard` allows semicolons between them.
pub(crate) fn list(norm: &str, fold: &str, at: usize, hard: bool) -> (Vec<Unit>, usize) {
    let mut units: Vec<Unit> = Vec::new();
    let mut end = at;
    let mut next = skip_spaces(fold, at);
    while units.len() < LIST_MAX {
        if !LEXICON.first.contains_key(first_word(&fold[next..])) {
            break;
        }
        if let Some(stop) = shared(norm, fold, next, &mut units) {
            end = stop;
        } else {
            let Some(unit) = unit(norm, fold, next).or_else(|| bare(norm, fold, next, !units.is_empty())) else {
                break;
            };
            end = unit.end;
            units.push(unit);
        }
        // "(qua Sở Y tế)", "(cơ quan thường trực Ban Chỉ đạo)".
        let mut i = skip_spaces(fold, end);
        if fold[i..].starts_with('(') {
            let window = floor(fold, i + 160);
            match fold[i..window].find(')') {
                Some(close) if !fold[i..i + close].contains("chủ trì") => i = skip_spaces(fold, i + close + 1),
                _ => break,
            }
        }
        let mut separated = false;
        if fold[i..].starts_with(',') || hard && fold[i..].starts_with(';') {
            i = skip_spaces(fold, i + 1);
            separated = true;
        }
        for joint in ["và ", "cùng với ", "cùng ", "với ", "hoặc "] {
            if fold[i..].starts_with(joint) && (joint != "với " || separated) {
                i = skip_spaces(fold, i + joint.len());
                separated = true;
                break;
            }
        }
        if !separated {
            break;
        }
        next = i;
    }
    (units, end)
}

/// "Mặt trận Tổ quốc, đoàn thể tham gia …": a bare noun at the end of a list, right before the predicate.
fn bare(norm: &str, fold: &str, at: usize, listed: bool) -> Option<Unit> {
    if !listed || fold[at..].starts_with("tổ chức") {
        return None;
    }
    let end = collective(norm, fold, at)?;
    let rest = fold[end..].trim_start();
    (rest.starts_with(':') || verb_at(rest)).then_some(Unit { start: at, end, name: None, vague: true })
}

/// "các Sở: Y tế, Tài chính và Nội vụ", "các Bộ: Công an, Y tế", "Giám đốc các Sở: …", "Sở Y tế, Tài chính".
fn shared(norm: &str, fold: &str, at: usize, units: &mut Vec<Unit>) -> Option<usize> {
    let lex = &*LEXICON;
    let mut i = at;
    let mut post = "";
    if let Some(found) = lex.posts.at(&fold[i..]) {
        post = &norm[i..i + found.len()];
        i = skip_spaces(fold, i + found.len());
    }
    let article = fold[i..].starts_with("các ");
    if article {
        i += "các ".len();
    }
    let head = ["sở", "bộ"].into_iter().find(|h| field_at(&fold[i..], h))?;
    let head_at = i;
    i = skip_spaces(fold, i + head.len());
    if fold[i..].starts_with(':') {
        i = skip_spaces(fold, i + 1);
    }
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut end = i;
    while let Some(low) = lex.field(&fold[i..]) {
        if !upper_at(norm, i) || found.len() >= LIST_MAX {
            break;
        }
        // "Công an tỉnh" behind "Sở Y tế," is no department.
        let stop = i + low.len();
        let tail = place_tail(norm, fold, stop);
        if !found.is_empty() && low == "Công an" && head == "sở" {
            break;
        }
        found.push((i, stop));
        end = if tail > stop { tail } else { stop };
        let mut j = skip_spaces(fold, end);
        let comma = fold[j..].starts_with([',', ';']);
        if comma {
            j = skip_spaces(fold, j + 1);
        }
        if fold[j..].starts_with("và ") {
            j += "và ".len();
        } else if !comma {
            break;
        }
        i = j;
    }
    if found.len() < 2 {
        return None;
    }
    let word = &norm[head_at..head_at + head.len()];
    let mut chars = word.chars();
    let word: String = chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect();
    for (n, (start, stop)) in found.iter().enumerate() {
        let name = if post.is_empty() {
            format!("{word} {}", &norm[*start..*stop])
        } else {
            format!("{post} {word} {}", &norm[*start..*stop])
        };
        let first_printed = n == 0 && !article && post.is_empty();
        let start = if first_printed { head_at } else { *start };
        let name = (!first_printed).then_some(name);
        units.push(Unit { start, end: *stop, name, vague: false });
    }
    Some(end)
}

pub(crate) fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
