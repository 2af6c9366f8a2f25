//! Findings: what a person should look at, with a stable code each.

use serde::{Deserialize, Serialize};

use crate::types::Span;

/// Something seen in imperfect input (điều cần xem lại).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code, one of [`CODES`].
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// Where, if it has a place.
    pub span: Option<Span>,
    /// Raw text, and what was made of it.
    pub detail: String,
}

/// How much a finding matters (mức độ).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Good to know.
    Info,
    /// Check before issuing tasks.
    Warning,
    /// Cannot be used as it is.
    Error,
}

/// A row of the table of finding codes (mã phát hiện).
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// Stable code; codes are never reused.
    pub code: &'static str,
    /// Severity of every finding with this code.
    pub severity: Severity,
    /// What was seen and what to do now, in Vietnamese.
    pub vi: &'static str,
    /// What was seen and what to do now, in English.
    pub en: &'static str,
}

/// At most this many findings per code and dispatch: text that repeats one fault a million times must not make a
/// million findings. The last one is followed by `findings_truncated`.
pub const FINDINGS_PER_CODE_MAX: usize = 50;

macro_rules! codes {
    ($($name:ident $severity:ident $vi:literal $en:literal;)*) => {
        $(pub(crate) const $name: &Code = &Code {
            code: lower(stringify!($name)), severity: Severity::$severity, vi: $vi, en: $en,
        };)*

        /// All finding codes with their texts.
        pub const CODES: &[Code] = &[$(*$name,)*];
    };
}

/// Codes are written once, as constants in upper case; the string is looked up here so that they cannot drift apart.
const fn lower(name: &'static str) -> &'static str {
    let mut i = 0;
    while i < NAMES.len() {
        if same(NAMES[i].0, name) {
            return NAMES[i].1;
        }
        i += 1;
    }
    panic!("every code is listed in NAMES")
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut i = 0;
    while i < a.len() {
        if a[i] != b[i] {
            return false;
        }
        i += 1;
    }
    true
}

const NAMES: &[(&str, &str)] = &[
    ("NOT_A_DISPATCH", "not_a_dispatch"),
    ("ENCODING_CONVERTED", "encoding_converted"),
    ("ENCODING_MIXED", "encoding_mixed"),
    ("SEVERAL_DISPATCHES", "several_dispatches"),
    ("NUMBER_MISSING", "number_missing"),
    ("NUMBER_BLANK", "number_blank"),
    ("NUMBER_LABEL_GARBLED", "number_label_garbled"),
    ("NUMBER_LABEL_MISSING", "number_label_missing"),
    ("NUMBER_SPACED_DIGITS", "number_spaced_digits"),
    ("NUMBER_GARBLED", "number_garbled"),
    ("NUMBER_SEVERAL", "number_several"),
    ("DATE_MISSING", "date_missing"),
    ("DATE_BLANK", "date_blank"),
    ("DATE_INVALID", "date_invalid"),
    ("DATE_GARBLED", "date_garbled"),
    ("KIND_UNCLEAR", "kind_unclear"),
    ("KIND_INFERRED", "kind_inferred"),
    ("KIND_CONFLICT", "kind_conflict"),
    ("HEADER_MISSING", "header_missing"),
    ("ISSUER_GARBLED", "issuer_garbled"),
    ("ISSUER_MISSING", "issuer_missing"),
    ("ISSUER_INFERRED", "issuer_inferred"),
    ("ISSUER_PLACE_MISMATCH", "issuer_place_mismatch"),
    ("PLACE_MISSING", "place_missing"),
    ("URGENCY_CONFLICT", "urgency_conflict"),
    ("SUBJECT_MISSING", "subject_missing"),
    ("ADDRESSEES_MISSING", "addressees_missing"),
    ("ADDRESSEE_SCOPE_SHARED", "addressee_scope_shared"),
    ("RECIPIENTS_MISSING", "recipients_missing"),
    ("SIGNATORY_MISSING", "signatory_missing"),
    ("SIGNATORY_NAME_MISSING", "signatory_name_missing"),
    ("SIGNATORY_REPEATED", "signatory_repeated"),
    ("SIGNATORY_RANK_STRIPPED", "signatory_rank_stripped"),
    ("CITATION_UNDATED", "citation_undated"),
    ("CITATION_DATE_INVALID", "citation_date_invalid"),
    ("CITATION_DATE_CONFLICT", "citation_date_conflict"),
    ("CITATION_AFTER_ISSUE", "citation_after_issue"),
    ("CITATION_SHORT", "citation_short"),
    ("DEADLINE_YEAR_INFERRED", "deadline_year_inferred"),
    ("DEADLINE_YEAR_UNKNOWN", "deadline_year_unknown"),
    ("DEADLINE_DATE_INVALID", "deadline_date_invalid"),
    ("DEADLINE_TIME_INVALID", "deadline_time_invalid"),
    ("DEADLINE_BEFORE_ISSUE", "deadline_before_issue"),
    ("PAGE_CUT_JOINED", "page_cut_joined"),
    ("NUMBERING_GAP", "numbering_gap"),
    ("NUMBERING_REPEATED", "numbering_repeated"),
    ("NESTING_TOO_DEEP", "nesting_too_deep"),
    ("CLAUSES_TRUNCATED", "clauses_truncated"),
    ("NO_CLAUSES", "no_clauses"),
    ("SEVERAL_LEADS", "several_leads"),
    ("SHARED_HEAD_EXPANDED", "shared_head_expanded"),
    ("GLYPHS_NORMALISED", "glyphs_normalised"),
    ("HEADER_COLUMNS_MIXED", "header_columns_mixed"),
    ("STAMP_SEPARATED", "stamp_separated"),
    ("CERTIFIED_COPY_SEPARATED", "certified_copy_separated"),
    ("DIGITAL_SIGNATURE_SEPARATED", "digital_signature_separated"),
    ("TEXT_AFTER_END", "text_after_end"),
    ("FINDINGS_TRUNCATED", "findings_truncated"),
];

codes! {
    NOT_A_DISPATCH Error
        "Không thấy dấu hiệu của văn bản hành chính (số, nơi gửi, nơi nhận, người ký). Hãy kiểm tra lại tệp, hoặc nhập văn bản bằng tay."
        "No sign of an official dispatch (number, addressees, recipients, signer). Check the file, or enter the dispatch by hand.";
    ENCODING_CONVERTED Info
        "Tệp dùng bảng mã cũ (TCVN3, VNI hoặc windows-1258); chữ đã được chuyển sang Unicode. Hãy đối chiếu tên riêng và chữ hoa với bản gốc."
        "The file uses an old encoding (TCVN3, VNI or windows-1258); the text was converted to Unicode. Compare names and capitals with the original.";
    ENCODING_MIXED Warning
        "Trong tệp có cả chữ Unicode và chữ theo bảng mã cũ, không phân định được nên để nguyên. Hãy mở bản gốc, chuyển mã phần chữ lỗi rồi nạp lại."
        "The file mixes Unicode with an old encoding that cannot be told apart, so the text was left as it is. Open the original, convert the broken part and load it again.";
    SEVERAL_DISPATCHES Info
        "Trong tệp có nhiều văn bản. Hãy kiểm tra chỗ tách giữa các văn bản."
        "The file holds several dispatches. Check where they were parted.";
    NUMBER_MISSING Warning
        "Không tìm thấy số, ký hiệu. Hãy xem bản gốc và nhập số."
        "No number was found. Look at the original and enter it.";
    NUMBER_BLANK Warning
        "Phần số để trống, chỉ có ký hiệu. Có thể là dự thảo; hãy xem bản gốc và nhập số."
        "The number is blank and only the symbol is printed. It may be a draft; look at the original and enter it.";
    NUMBER_LABEL_GARBLED Warning
        "Chữ \"Số:\" bị nhận dạng sai, nên số có thể cũng sai. Hãy đối chiếu với bản gốc."
        "The label \"Số:\" was misread, so the number may be wrong too. Compare it with the original.";
    NUMBER_LABEL_MISSING Info
        "Số, ký hiệu không có chữ \"Số:\" đứng trước. Hãy đối chiếu với bản gốc."
        "The number stands without the label \"Số:\". Compare it with the original.";
    NUMBER_SPACED_DIGITS Warning
        "Các chữ số bị rời nhau, đã ghép lại. Hãy đối chiếu với bản gốc."
        "The digits stood apart and were joined. Compare the number with the original.";
    NUMBER_GARBLED Warning
        "Trong số có ký tự lạ. Hãy đối chiếu với bản gốc và sửa số."
        "The number holds strange characters. Compare it with the original and correct it.";
    NUMBER_SEVERAL Warning
        "Phần đầu có nhiều hơn một số; đã lấy số đầu tiên. Hãy chọn số đúng."
        "The header holds more than one number; the first was taken. Choose the right one.";
    DATE_MISSING Warning
        "Không tìm thấy ngày ban hành. Hãy xem bản gốc và nhập ngày."
        "No date of issue was found. Look at the original and enter it.";
    DATE_BLANK Warning
        "Ngày hoặc tháng ban hành để trống. Hãy xem bản gốc và nhập ngày."
        "The day or month of issue is blank. Look at the original and enter the date.";
    DATE_INVALID Error
        "Ngày ban hành không có trong lịch. Hãy xem bản gốc và sửa ngày."
        "The date of issue does not exist. Look at the original and correct it.";
    DATE_GARBLED Warning
        "Ngày ban hành có ký tự lạ, đã đọc theo hình dạng. Hãy đối chiếu với bản gốc."
        "The date of issue holds strange characters and was read by their shapes. Compare it with the original.";
    KIND_UNCLEAR Warning
        "Không xác định được loại văn bản. Hãy chọn loại."
        "The type of document is unclear. Choose it.";
    KIND_INFERRED Info
        "Loại văn bản được suy ra từ nội dung. Hãy kiểm tra."
        "The type of document was inferred from the text. Check it.";
    KIND_CONFLICT Warning
        "Tên loại và ký hiệu không khớp nhau; đã lấy theo tên loại. Hãy kiểm tra."
        "The title and the number name different types; the title was followed. Check it.";
    HEADER_MISSING Warning
        "Phần đầu văn bản bị mất. Hãy xem bản gốc và nhập số, ngày, cơ quan ban hành."
        "The header is lost. Look at the original and enter number, date and issuer.";
    ISSUER_GARBLED Warning
        "Tên cơ quan ban hành bị nhận dạng sai, đã đọc theo tên quen thuộc. Hãy đối chiếu với bản gốc."
        "The name of the issuer was misread and was taken for the common name. Compare it with the original.";
    ISSUER_MISSING Warning
        "Không xác định được cơ quan ban hành. Hãy chọn cơ quan."
        "The issuer is unknown. Choose it.";
    ISSUER_INFERRED Warning
        "Cơ quan ban hành được suy ra từ nội dung, chữ ký hoặc địa danh. Hãy kiểm tra."
        "The issuer was inferred from the text, the signature or the place. Check it.";
    ISSUER_PLACE_MISMATCH Warning
        "Địa danh không khớp với cơ quan ban hành. Hãy kiểm tra cả hai."
        "Place and issuer name different provinces. Check both.";
    PLACE_MISSING Info
        "Không thấy địa danh. Có thể bỏ qua nếu đã rõ cơ quan ban hành."
        "No place was found. It may be left out if the issuer is known.";
    URGENCY_CONFLICT Warning
        "Có nhiều dấu độ khẩn khác nhau; đã lấy mức cao nhất. Hãy kiểm tra."
        "There are stamps of different urgency; the highest was taken. Check it.";
    SUBJECT_MISSING Warning
        "Không thấy trích yếu. Hãy nhập trích yếu."
        "No subject was found. Enter it.";
    ADDRESSEES_MISSING Warning
        "Không thấy phần \"Kính gửi\". Hãy chọn nơi nhận xử lý."
        "No addressees were found. Choose them.";
    ADDRESSEE_SCOPE_SHARED Info
        "Sau danh sách \"Kính gửi\" có cụm từ chung cho mọi nơi nhận. Hãy kiểm tra khi gán đơn vị."
        "Words after the list of addressees qualify all of them. Mind them when resolving units.";
    RECIPIENTS_MISSING Info
        "Không thấy phần \"Nơi nhận\". Hãy kiểm tra xem văn bản có đủ trang không."
        "No recipients were found. Check that no page is missing.";
    SIGNATORY_MISSING Warning
        "Không thấy phần chữ ký. Hãy kiểm tra xem văn bản có đủ trang không."
        "No signature block was found. Check that no page is missing.";
    SIGNATORY_NAME_MISSING Warning
        "Không thấy họ tên người ký. Hãy xem bản gốc và nhập."
        "The name of the signer was not found. Look at the original and enter it.";
    SIGNATORY_REPEATED Info
        "Họ tên người ký lặp lại (thường do chữ ký số). Không cần làm gì."
        "The name of the signer is repeated (often by a digital signature). Nothing to do.";
    SIGNATORY_RANK_STRIPPED Info
        "Đã bỏ học hàm, học vị trước họ tên người ký. Hãy kiểm tra họ tên."
        "A rank or degree before the name of the signer was left out. Check the name.";
    CITATION_UNDATED Warning
        "Văn bản viện dẫn không ghi ngày, số có thể trùng giữa các năm. Hãy xác định văn bản."
        "A cited document has no date, and numbers restart every year. Say which one is meant.";
    CITATION_DATE_INVALID Warning
        "Ngày của văn bản viện dẫn không có trong lịch. Hãy kiểm tra."
        "The date of a cited document does not exist. Check it.";
    CITATION_DATE_CONFLICT Warning
        "Cùng một số nhưng ghi các ngày khác nhau. Hãy kiểm tra văn bản viện dẫn."
        "The same number is cited with different dates. Check which one is meant.";
    CITATION_AFTER_ISSUE Warning
        "Văn bản viện dẫn có ngày sau ngày ban hành. Hãy kiểm tra cả hai ngày."
        "A cited document is dated after the date of issue. Check both dates.";
    CITATION_SHORT Info
        "Văn bản được viện dẫn chỉ bằng số tắt, không rõ cơ quan. Hãy xác định văn bản."
        "A document is cited by a short number without its symbol. Say which one is meant.";
    DEADLINE_YEAR_INFERRED Warning
        "Thời hạn không ghi năm; đã lấy theo năm ban hành. Hãy kiểm tra."
        "A deadline has no year; the year of issue was taken. Check it.";
    DEADLINE_YEAR_UNKNOWN Warning
        "Thời hạn không ghi năm và không rõ năm ban hành. Hãy nhập ngày đến hạn."
        "A deadline has no year and the year of issue is unknown. Enter the date.";
    DEADLINE_DATE_INVALID Error
        "Ngày đến hạn không có trong lịch. Hãy hỏi lại cơ quan ban hành hoặc sửa ngày."
        "The date of a deadline does not exist. Ask the issuer, or correct it.";
    DEADLINE_TIME_INVALID Warning
        "Giờ đến hạn không hợp lệ, đã bỏ qua giờ. Hãy kiểm tra."
        "The time of a deadline is not valid and was left out. Check it.";
    DEADLINE_BEFORE_ISSUE Warning
        "Thời hạn trước ngày ban hành. Hãy kiểm tra cả hai ngày."
        "A deadline is before the date of issue. Check both dates.";
    PAGE_CUT_JOINED Info
        "Câu bị cắt giữa hai trang đã được nối lại. Hãy kiểm tra chỗ nối, có thể mất chữ."
        "A sentence cut between pages was joined. Check the seam: letters may be lost.";
    NUMBERING_GAP Warning
        "Số thứ tự bị nhảy. Hãy kiểm tra xem có mất mục nào không."
        "A number is skipped. Check that no clause is lost.";
    NUMBERING_REPEATED Info
        "Số thứ tự lặp lại. Hãy kiểm tra các mục trùng số."
        "A number is repeated. Check the clauses that share it.";
    NESTING_TOO_DEEP Warning
        "Các mục lồng nhau quá sâu, phần sâu hơn được giữ ở mức cuối. Hãy kiểm tra."
        "Clauses are nested too deep; deeper ones were kept at the last level. Check them.";
    CLAUSES_TRUNCATED Warning
        "Văn bản có quá nhiều mục; phần sau được giữ nguyên trong mục cuối. Hãy tách tệp."
        "The dispatch has too many clauses; the rest was kept as text of the last one. Split the file.";
    NO_CLAUSES Warning
        "Không tách được nội dung chỉ đạo. Hãy nhập nhiệm vụ bằng tay."
        "No clause was found. Enter the tasks by hand.";
    SEVERAL_LEADS Info
        "Một mục có nhiều đơn vị cùng được giao. Hãy chọn một đơn vị chủ trì hoặc tách việc."
        "Several units are given one clause. Choose one lead, or split the task.";
    SHARED_HEAD_EXPANDED Info
        "Tên đơn vị viết gộp (\"các Sở: A, B\") đã được tách. Hãy kiểm tra tên từng đơn vị."
        "Units named together (\"các Sở: A, B\") were taken apart. Check each name.";
    GLYPHS_NORMALISED Info
        "Có ký tự viết sai mã (Ƣ, Ð, dấu rời), đã đọc theo chữ đúng. Hãy xem lại số và tên."
        "Letters in wrong code points (Ƣ, Ð, loose marks) were read as the right ones. Look at numbers and names again.";
    HEADER_COLUMNS_MIXED Info
        "Hai cột của phần đầu hoặc phần ký bị trộn trên một dòng, đã tách ra. Hãy kiểm tra các trường ở phần đầu."
        "The two columns of header or closing stood on one line and were parted. Check the header fields.";
    STAMP_SEPARATED Info
        "Dấu \"Đến\" được tách khỏi văn bản. Không cần làm gì."
        "The incoming stamp was kept apart. Nothing to do.";
    CERTIFIED_COPY_SEPARATED Info
        "Phần sao y, sao lục được tách khỏi văn bản gốc. Hãy kiểm tra số và ngày của bản gốc."
        "The certified-copy form was kept apart. Check number and date of the original.";
    DIGITAL_SIGNATURE_SEPARATED Info
        "Thông tin chữ ký số được tách khỏi văn bản. Không cần làm gì."
        "The lines of a digital signature were kept apart. Nothing to do.";
    TEXT_AFTER_END Info
        "Sau phần kết thúc còn chữ không thuộc văn bản. Hãy kiểm tra xem có mất phụ lục không."
        "Text stands after the end of the dispatch. Check that no annex is lost.";
    FINDINGS_TRUNCATED Info
        "Cùng một phát hiện lặp lại quá nhiều, phần sau không liệt kê. Hãy xem lại chất lượng bản quét."
        "One finding came too often and the rest is not listed. Look at the quality of the scan.";
}

/// Collects findings and keeps the limit per code.
#[derive(Default)]
pub(crate) struct Findings {
    list: Vec<Finding>,
    counts: Vec<(&'static str, usize)>,
}

impl Findings {
    pub(crate) fn add(&mut self, code: &'static Code, span: Option<Span>, detail: impl Into<String>) {
        let index = match self.counts.iter().position(|(name, _)| *name == code.code) {
            Some(index) => index,
            None => {
                self.counts.push((code.code, 0));
                self.counts.len() - 1
            }
        };
        self.counts[index].1 += 1;
        let count = self.counts[index].1;
        if count <= FINDINGS_PER_CODE_MAX {
            let detail = short(&detail.into());
            self.list.push(Finding { code: code.code.to_owned(), severity: code.severity, span, detail });
        } else if count == FINDINGS_PER_CODE_MAX + 1 {
            self.list.push(Finding {
                code: FINDINGS_TRUNCATED.code.to_owned(),
                severity: FINDINGS_TRUNCATED.severity,
                span,
                detail: code.code.to_owned(),
            });
        }
    }

    pub(crate) fn has(&self, code: &Code) -> bool {
        self.counts.iter().any(|(name, _)| *name == code.code)
    }

    /// The findings, worst first, then in order of place.
    pub(crate) fn finish(mut self) -> Vec<Finding> {
        self.list.sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.span.map_or(0, |s| s.start)));
        self.list
    }
}

/// Details quote the text; a line without end must not be copied into every finding.
fn short(detail: &str) -> String {
    const CHARS_MAX: usize = 160;
    match detail.char_indices().nth(CHARS_MAX) {
        Some((at, _)) => format!("{}…", &detail[..at]),
        None => detail.to_owned(),
    }
}
