//! Types of documents, their codes and their titles.
//!
//! Basis: NĐ 30/2020/NĐ-CP, Annex III (codes); HD 36-HD/VPTW for the Party's types; Law on the promulgation of legal
//! documents for laws, decrees and circulars.

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($name:ident $title:literal [$($code:literal),*];)*) => {
        /// Type of document (loại văn bản).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Kind { $(#[doc = $title] $name,)* }

        impl Kind {
            /// All types, in the order of the table.
            pub const ALL: &'static [Kind] = &[$(Kind::$name,)*];

            /// The Vietnamese name in lower case.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Kind::$name => $title,)* }
            }

            /// Codes that stand for this type in a number, folded to lower case.
            pub(crate) fn codes(self) -> &'static [&'static str] {
                match self { $(Kind::$name => &[$($code),*],)* }
            }
        }
    };
}

kinds! {
    CongVan "công văn" ["cv"];
    CongDien "công điện" ["cđ", "cđk", "đk"];
    QuyetDinh "quyết định" ["qđ", "qđlt"];
    ChiThi "chỉ thị" ["ct", "ctlt"];
    KeHoach "kế hoạch" ["kh", "khph", "khlt", "khln"];
    ThongBao "thông báo" ["tb", "tbkl"];
    BaoCao "báo cáo" ["bc"];
    KetLuan "kết luận" ["kl"];
    NghiQuyet "nghị quyết" ["nq", "nqlt"];
    NghiDinh "nghị định" ["nđ"];
    ThongTu "thông tư" ["tt"];
    ThongTuLienTich "thông tư liên tịch" ["ttlt"];
    ToTrinh "tờ trình" ["ttr"];
    HuongDan "hướng dẫn" ["hd", "hdlt", "hdln"];
    ChuongTrinh "chương trình" ["ctr", "ctrph"];
    PhuongAn "phương án" ["pa"];
    DeAn "đề án" ["đa"];
    DuAn "dự án" ["da"];
    QuyChe "quy chế" ["qc", "qcph"];
    QuyDinh "quy định" ["qyđ", "qđi"];
    ThongCao "thông cáo" ["tc"];
    ThongTri "thông tri" ["ttri"];
    BienBan "biên bản" ["bb"];
    HopDong "hợp đồng" ["hđ"];
    BanGhiNho "bản ghi nhớ" ["bgn"];
    BanThoaThuan "bản thỏa thuận" ["btt"];
    GiayUyQuyen "giấy ủy quyền" ["guq"];
    GiayMoi "giấy mời" ["gm"];
    GiayGioiThieu "giấy giới thiệu" ["ggt"];
    GiayNghiPhep "giấy nghỉ phép" ["gnp"];
    PhieuGui "phiếu gửi" ["pg"];
    PhieuChuyen "phiếu chuyển" ["pc"];
    PhieuBao "phiếu báo" ["pb"];
    LoiKeuGoi "lời kêu gọi" ["lkg"];
    Luat "luật" ["qh", "l"];
    PhapLenh "pháp lệnh" ["pl"];
    HienPhap "hiến pháp" ["hp"];
}

impl Kind {
    /// The code of the type as it stands in a number: "QĐ", "BC". A letter has none in its number.
    #[must_use]
    pub fn code(self) -> String {
        let code = self.codes().first().copied().unwrap_or_default();
        // "TTr" and "CTr" keep their small letter, "QyĐ" its middle one; the others are capitals.
        match code {
            "ttr" => "TTr".to_owned(),
            "ctr" => "CTr".to_owned(),
            "qyđ" => "QyĐ".to_owned(),
            code => code.to_uppercase(),
        }
    }

    /// The type that a code names, if any; the code is folded.
    pub(crate) fn of_code(code: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.codes().contains(&code))
    }

    /// The longest type name with which a folded text begins, and its length.
    pub(crate) fn at_start(fold: &str) -> Option<(Kind, usize)> {
        let first = fold.chars().next()?;
        if !matches!(first, 'b' | 'c' | 'q' | 'k' | 't' | 'n' | 'h' | 'p' | 'đ' | 'd' | 'g' | 'l') {
            return None;
        }
        let mut best: Option<(Kind, usize)> = None;
        for kind in Kind::ALL.iter().copied() {
            let title = kind.title();
            if fold.starts_with(title)
                && !fold[title.len()..].chars().next().is_some_and(crate::text::is_word)
                && best.is_none_or(|(_, len)| title.len() > len)
            {
                best = Some((kind, title.len()));
            }
        }
        best
    }
}
