//! The grammar as tables: one check function per part, one line per case.
#![allow(clippy::unwrap_used)]

use vx_dispatch::{Clause, Dispatch, Role, parse};

fn only(text: &str) -> Dispatch {
    let mut outcome = parse(text);
    assert_eq!(outcome.dispatches.len(), 1, "{text}");
    outcome.dispatches.remove(0)
}

/// A dispatch of 10 August 2021 with this header line for its number and this one clause.
fn with_clause(clause: &str) -> Dispatch {
    only(&format!(
        "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\nSố: 1/UBND-VX\nSóc Trăng, ngày 10 tháng 8 năm 2021\n\nKính gửi: Sở Y tế.\n\nChủ tịch UBND tỉnh yêu cầu:\n\n1. {clause}\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\nCHỦ TỊCH\n\nTrần Văn An\n"
    ))
}

fn first_clause(clause: &str) -> Clause {
    with_clause(clause).clauses.into_iter().next().expect("the clause is read")
}

fn with_header(header: &str) -> Dispatch {
    only(&format!(
        "{header}\n\nKính gửi: Sở Y tế.\n\nChủ tịch UBND tỉnh yêu cầu:\n\n1. Sở Y tế khẩn trương triển khai thực hiện.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\nCHỦ TỊCH\n\nTrần Văn An\n"
    ))
}

fn codes(d: &Dispatch) -> Vec<&str> {
    d.findings.iter().map(|f| f.code.as_str()).collect()
}

fn snake<T: serde::Serialize>(value: T) -> String {
    serde_json::to_value(value).unwrap().as_str().unwrap_or("null").to_owned()
}

#[test]
fn numbers() {
    fn check(line: &str, number: &str, kind: &str, code: &str) {
        let d = with_header(&format!("ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\n{line}\nSóc Trăng, ngày 10 tháng 8 năm 2021"));
        assert_eq!(d.number.as_deref().unwrap_or(""), number, "{line}");
        assert_eq!(snake(d.kind), kind, "{line}");
        let seen = codes(&d);
        let number_codes: Vec<&&str> = seen.iter().filter(|c| c.starts_with("number_")).collect();
        assert_eq!(number_codes.first().map_or("", |c| **c), code, "{line}");
    }
    check("Số: 1844/UBND-VX", "1844/UBND-VX", "cong_van", "");
    check("Số: **1844** /UBND-VX", "1844/UBND-VX", "cong_van", "");
    check("Số:1844/UBND-VX", "1844/UBND-VX", "cong_van", "");
    check("Số : 1844 / UBND - VX", "1844/UBND-VX", "cong_van", "");
    check("Số 1844/UBND-VX", "1844/UBND-VX", "cong_van", "");
    check("SỐ: 08/CT-CTUBND", "08/CT-CTUBND", "chi_thi", "");
    check("Số: 374-TB/TU", "374-TB/TU", "thong_bao", "");
    check("Số 312 - TB/HU", "312-TB/HU", "thong_bao", "");
    check("Số: 2458-CV/ĐUK", "2458-CV/ĐUK", "cong_van", "");
    check("Số: 07-CĐ/TU", "07-CĐ/TU", "cong_dien", "");
    check("Số: 122-KL/TU", "122-KL/TU", "ket_luan", "");
    check("Số: 05-NQ/TU", "05-NQ/TU", "nghi_quyet", "");
    check("Số: 117/2020/NĐ-CP", "117/2020/NĐ-CP", "nghi_dinh", "");
    check("Số: 30/2021/TT-BYT", "30/2021/TT-BYT", "thong_tu", "");
    check("Số: 2686/QĐ-BCĐQG", "2686/QĐ-BCĐQG", "quyet_dinh", "");
    check("Số: 1906/SGDĐT-CTrTT", "1906/SGDĐT-CTrTT", "cong_van", "");
    check("Số: 450/VPCP-QHQT", "450/VPCP-QHQT", "cong_van", "");
    check("Số: 25/CV-BCĐ", "25/CV-BCĐ", "cong_van", "");
    check("Số: 188/KH-UBND", "188/KH-UBND", "ke_hoach", "");
    check("Số: 41/TTr-SYT", "41/TTr-SYT", "to_trinh", "");
    check("Số: 12/CTr-UBND", "12/CTr-UBND", "chuong_trinh", "");
    check("Số: 12/PA-UBND", "12/PA-UBND", "phuong_an", "");
    check("Số: 12/ĐA-UBND", "12/ĐA-UBND", "de_an", "");
    check("Số: 12/GM-UBND", "12/GM-UBND", "giay_moi", "");
    check("Số: 12/HD-SYT", "12/HD-SYT", "huong_dan", "");
    check("Số: 12/BB-BCĐ", "12/BB-BCĐ", "bien_ban", "");
    check("Số: 12/QC-BCĐ", "12/QC-BCĐ", "quy_che", "");
    check("Số: 12/TC-UBND", "12/TC-UBND", "thong_cao", "");
    check("Số: 15a/KH-UBND", "15a/KH-UBND", "ke_hoach", "");
    check("Số: 1 0 9 4 3/BYT-MT", "10943/BYT-MT", "cong_van", "number_spaced_digits");
    check("86: 1844/UBND-VX", "1844/UBND-VX", "cong_van", "number_label_garbled");
    check("sốl 0688/UBND-VX", "0688/UBND-VX", "cong_van", "number_label_garbled");
    check("Sô: 1844/UBND-VX", "1844/UBND-VX", "cong_van", "number_label_garbled");
    check("Số: 1O94/BYT-MT", "1094/BYT-MT", "cong_van", "number_garbled");
    check("Số:      /UBND-VX", "", "cong_van", "number_blank");
    check("Số: ……/KH-UBND", "", "cong_van", "number_blank");
    check("1844/UBND-VX", "1844/UBND-VX", "cong_van", "number_label_missing");
}

#[test]
fn dates_of_issue() {
    fn check(line: &str, place: &str, date: &str, code: &str) {
        let d = with_header(&format!("ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\nSố: 1/UBND-VX\n{line}"));
        assert_eq!(d.place.as_deref().unwrap_or(""), place, "{line}");
        assert_eq!(d.issued_on.as_deref().unwrap_or(""), date, "{line}");
        let seen = codes(&d);
        assert_eq!(seen.iter().find(|c| c.starts_with("date_")).copied().unwrap_or(""), code, "{line}");
    }
    check("Sóc Trăng, ngày 28 tháng 8 năm 2021", "Sóc Trăng", "2021-08-28", "");
    check("*Sóc Trăng, ngày 06 tháng 06 năm 2021*", "Sóc Trăng", "2021-06-06", "");
    check("Bà Rịa - Vũng Tàu, ngày 1 tháng 12 năm 2022", "Bà Rịa - Vũng Tàu", "2022-12-01", "");
    check("TP. Hồ Chí Minh, ngày 23 tháng 8 năm 2021", "TP. Hồ Chí Minh", "2021-08-23", "");
    check("Sóc Trăng, ngày 28/8/2021", "Sóc Trăng", "2021-08-28", "");
    check("Sóc Trăng, ngày 30 tháng 8 năm\n2021", "Sóc Trăng", "2021-08-30", "");
    check("Sóc Trăng, ngày 13-8-2021", "Sóc Trăng", "2021-08-13", "");
    check("Sóc Trăng , ngày28 tháng8 năm2021", "Sóc Trăng", "2021-08-28", "");
    check("Sóc Trăng, ngày 28 tháng 8 năm 20 21", "Sóc Trăng", "2021-08-28", "date_garbled");
    check("Sóc Trăng, ngày 2l tháng 9 năm 2O21", "Sóc Trăng", "2021-09-21", "date_garbled");
    check("Sóc Trăng, ngày 31 tháng 2 năm 2021", "Sóc Trăng", "", "date_invalid");
    check("Sóc Trăng, ngày     tháng 9 năm 2021", "Sóc Trăng", "", "date_blank");
    check("Sóc Trăng, ngày ... tháng ... năm 2021", "Sóc Trăng", "", "date_blank");
    check("", "", "", "date_missing");
}

#[test]
fn issuers() {
    fn check(lines: &str, parent: &str, issuer: &str) {
        let d = with_header(&format!(
            "{lines}\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nSố: 1/A-B\nHà Nội, ngày 10 tháng 8 năm 2021"
        ));
        assert_eq!(d.parent_issuer.as_deref().unwrap_or(""), parent, "{lines}");
        assert_eq!(d.issuer.as_deref().unwrap_or(""), issuer, "{lines}");
    }
    check("ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG", "", "Ủy ban nhân dân tỉnh Sóc Trăng");
    check("UỶ BAN NHÂN DÂN TỈNH HOÀ BÌNH", "", "Ủy ban nhân dân tỉnh Hòa Bình");
    check("**ỦY BAN NHÂN DÂN**\n**THÀNH PHỐ HỒ CHÍ MINH**", "", "Ủy ban nhân dân thành phố Hồ Chí Minh");
    check("UBND TỈNH SÓC TRĂNG\nSỞ Y TẾ", "Ủy ban nhân dân tỉnh Sóc Trăng", "Sở Y tế");
    check("ỦY BAN NHÂN DÂN TỈNH X\nSỞ GIÁO DỤC VÀ ĐÀO TẠO", "Ủy ban nhân dân tỉnh X", "Sở Giáo dục và Đào tạo");
    check("SỞ GIÁO DỤC\nVÀ ĐÀO TẠO", "", "Sở Giáo dục và Đào tạo");
    check("BỘ Y TẾ", "", "Bộ Y tế");
    check("BỘ Y TẾ\nCỤC Y TẾ DỰ PHÒNG", "Bộ Y tế", "Cục Y tế dự phòng");
    check("BỘ LAO ĐỘNG - THƯƠNG BINH\nVÀ XÃ HỘI", "", "Bộ Lao động - Thương binh và Xã hội");
    check("THỦ TƯỚNG CHÍNH PHỦ", "", "Thủ tướng Chính phủ");
    check("VĂN PHÒNG CHÍNH PHỦ", "", "Văn phòng Chính phủ");
    check("VĂN PHÒNG\nCHÍNH PHỦ", "", "Văn phòng Chính phủ");
    check("CHÍNH PHỦ", "", "Chính phủ");
    check("BAN CHỈ ĐẠO QUỐC GIA\nPHÒNG, CHỐNG DỊCH COVID-19", "", "Ban Chỉ đạo Quốc gia phòng, chống dịch COVID-19");
    check(
        "BAN CHỈ ĐẠO PHÒNG, CHỐNG DỊCH\nCOVID-19 TỈNH KIÊN GIANG",
        "",
        "Ban Chỉ đạo phòng, chống dịch COVID-19 tỉnh Kiên Giang",
    );
    check("TỈNH ỦY SÓC TRĂNG", "", "Tỉnh ủy Sóc Trăng");
    check("ĐẢNG BỘ TỈNH KIÊN GIANG\nHUYỆN ỦY GIỒNG RIỀNG", "Đảng bộ tỉnh Kiên Giang", "Huyện ủy Giồng Riềng");
    check("BAN CHẤP HÀNH ĐẢNG BỘ TỈNH", "", "Ban Chấp hành Đảng bộ tỉnh");
    check("HỘI ĐỒNG NHÂN DÂN\nTỈNH SÓC TRĂNG", "", "Hội đồng nhân dân tỉnh Sóc Trăng");
    check("BỘ CÔNG AN\nCÔNG AN TỈNH SÓC TRĂNG", "Bộ Công an", "Công an tỉnh Sóc Trăng");
    check("QUÂN KHU 9\nBỘ CHỈ HUY QUÂN SỰ\nTỈNH SÓC TRĂNG", "Quân khu 9", "Bộ Chỉ huy Quân sự tỉnh Sóc Trăng");
    check(
        "UBND HUYỆN KẾ SÁCH\nỦY BAN NHÂN DÂN\nXÃ AN LẠC THÔN",
        "Ủy ban nhân dân huyện Kế Sách",
        "Ủy ban nhân dân xã An Lạc Thôn",
    );
    check("SỞ Y TẾ\nTRUNG TÂM KIỂM SOÁT BỆNH TẬT", "Sở Y tế", "Trung tâm Kiểm soát bệnh tật");
    check(
        "UBND TỈNH SÓC TRĂNG\nBAN QUẢN LÝ CÁC KHU CÔNG NGHIỆP",
        "Ủy ban nhân dân tỉnh Sóc Trăng",
        "Ban Quản lý các Khu công nghiệp",
    );
}

#[test]
fn urgencies() {
    fn check(line: &str, urgency: &str) {
        let d = with_header(&format!(
            "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\nSố: 1/UBND-VX\nSóc Trăng, ngày 1 tháng 8 năm 2021\n{line}"
        ));
        assert_eq!(snake(d.urgency), urgency, "{line}");
    }
    check("HỎA TỐC", "hoa_toc");
    check("HOẢ TỐC", "hoa_toc");
    check("**HỎA TỐC**", "hoa_toc");
    check("Hỏa tốc", "hoa_toc");
    check("[HỎA TỐC]", "hoa_toc");
    check("HỎA TỐC HẸN GIỜ", "hoa_toc");
    check("THƯỢNG KHẨN", "thuong_khan");
    check("KHẨN", "khan");
    check("MẬT", "null");
    check("", "null");
}

#[test]
fn deadlines() {
    /// `want` is kind, due_at, rule, cutoff and quote, joined by bars; several deadlines by " & ".
    fn check(clause: &str, want: &str) {
        let d = first_clause(clause);
        let got: Vec<String> = d
            .deadlines
            .iter()
            .map(|x| {
                format!(
                    "{}|{}|{}|{}|{}",
                    snake(x.kind),
                    x.due_at.as_deref().unwrap_or(""),
                    x.rule.as_deref().unwrap_or(""),
                    x.cutoff.as_deref().unwrap_or(""),
                    x.quote
                )
            })
            .collect();
        assert_eq!(got.join(" & "), want, "{clause}");
    }
    check(
        "Báo cáo ngày 05, 15 và 25 hằng tháng.",
        "recurrent||FREQ=MONTHLY;BYMONTHDAY=5,15,25||ngày 05, 15 và 25 hằng tháng",
    );
    check("Báo cáo trước 17h00 ngày 21/6/2022.", "absolute|2022-06-21T17:00|||trước 17h00 ngày 21/6/2022");
    check("Hoàn thành chậm nhất ngày 03/9/2021.", "absolute|2021-09-03|||chậm nhất ngày 03/9/2021");
    check("Hoàn thành chậm nhất là ngày 03/9/2021.", "absolute|2021-09-03|||chậm nhất là ngày 03/9/2021");
    check("Hoàn thành chậm nhất trước ngày 03/9/2021.", "absolute|2021-09-03|||chậm nhất trước ngày 03/9/2021");
    check("Gửi trước ngày 20/8.", "absolute|2021-08-20|||trước ngày 20/8");
    check("Gửi trước ngày 20-8-2021.", "absolute|2021-08-20|||trước ngày 20-8-2021");
    check("Gửi trước ngày 20 tháng 8 năm 2021.", "absolute|2021-08-20|||trước ngày 20 tháng 8 năm 2021");
    check(
        "Gửi trước 14 giờ 00 phút ngày 20/8/2021.",
        "absolute|2021-08-20T14:00|||trước 14 giờ 00 phút ngày 20/8/2021",
    );
    check("Gửi trước 14 giờ 00 ngày 20/8/2021.", "absolute|2021-08-20T14:00|||trước 14 giờ 00 ngày 20/8/2021");
    check("Gửi trước 14 giờ ngày 20/8/2021.", "absolute|2021-08-20T14:00|||trước 14 giờ ngày 20/8/2021");
    check("Gửi trước 14h, ngày 20/8/2021.", "absolute|2021-08-20T14:00|||trước 14h, ngày 20/8/2021");
    check("Gửi trước 9:30 ngày 20/8/2021.", "absolute|2021-08-20T09:30|||trước 9:30 ngày 20/8/2021");
    check("Gửi trước 30/9/2021.", "absolute|2021-09-30|||trước 30/9/2021");
    check("Giãn cách đến hết ngày 05/9/2021.", "absolute|2021-09-05|||đến hết ngày 05/9/2021");
    check("Xong trong ngày 15/8.", "absolute|2021-08-15|||trong ngày 15/8");
    check("Hoàn thành trong tháng 9/2021.", "absolute|2021-09-30|||trong tháng 9/2021");
    check("Hoàn thành trong tháng 9 năm 2021.", "absolute|2021-09-30|||trong tháng 9 năm 2021");
    check("Hoàn thành trong quý III/2021.", "absolute|2021-09-30|||trong quý III/2021");
    check("Hoàn thành trước tháng 10/2021.", "absolute|2021-09-30|||trước tháng 10/2021");
    check("Thời gian hoàn thành: 20/9/2021.", "absolute|2021-09-20|||Thời gian hoàn thành: 20/9/2021");
    check("Thời hạn hoàn thành: trước ngày 20/9/2021.", "absolute|2021-09-20|||trước ngày 20/9/2021");
    check(
        "Nộp chậm nhất vào lúc 16h30 ngày 12/8/2021.",
        "absolute|2021-08-12T16:30|||chậm nhất vào lúc 16h30 ngày 12/8/2021",
    );
    check("Gửi trước 24h00 ngày 12/8/2021.", "absolute|2021-08-12T23:59|||trước 24h00 ngày 12/8/2021");
    check("Hoàn thành trước ngày 31/9/2021.", "absolute||||trước ngày 31/9/2021");
    check(
        "Định kỳ 03 ngày/lần (trước 17h00), báo cáo kết quả.",
        "recurrent||FREQ=DAILY;INTERVAL=3|17:00|Định kỳ 03 ngày/lần (trước 17h00)",
    );
    check("Báo cáo hàng ngày trước 16h.", "recurrent||FREQ=DAILY|16:00|hàng ngày trước 16h");
    check("Báo cáo trước 16h00 hằng ngày.", "recurrent||FREQ=DAILY|16:00|trước 16h00 hằng ngày");
    check("Báo cáo hằng ngày (trước 16 giờ 30 phút).", "recurrent||FREQ=DAILY|16:30|hằng ngày (trước 16 giờ 30 phút)");
    check("Báo cáo vào thứ Sáu hàng tuần.", "recurrent||FREQ=WEEKLY;BYDAY=FR||vào thứ Sáu hàng tuần");
    check(
        "Báo cáo trước 15h00 thứ Sáu hàng tuần.",
        "recurrent||FREQ=WEEKLY;BYDAY=FR|15:00|trước 15h00 thứ Sáu hàng tuần",
    );
    check(
        "Báo cáo hằng tuần (trước 10h00 thứ Hai).",
        "recurrent||FREQ=WEEKLY;BYDAY=MO|10:00|hằng tuần (trước 10h00 thứ Hai)",
    );
    check("Họp vào thứ 2 và thứ 5 hàng tuần.", "recurrent||FREQ=WEEKLY;BYDAY=MO,TH||vào thứ 2 và thứ 5 hàng tuần");
    check("Báo cáo ngày 10 hàng tháng.", "recurrent||FREQ=MONTHLY;BYMONTHDAY=10||ngày 10 hàng tháng");
    check("Báo cáo trước ngày 05 hằng tháng.", "recurrent||FREQ=MONTHLY;BYMONTHDAY=5||trước ngày 05 hằng tháng");
    check("Báo cáo ngày 15 và 30 hàng tháng.", "recurrent||FREQ=MONTHLY;BYMONTHDAY=15,30||ngày 15 và 30 hàng tháng");
    check("Sơ kết hàng quý.", "recurrent||FREQ=MONTHLY;INTERVAL=3||hàng quý");
    check("Tổng kết hằng năm.", "recurrent||FREQ=YEARLY||hằng năm");
    check("Đo thân nhiệt 02 lần/ngày.", "recurrent||FREQ=HOURLY;INTERVAL=12||02 lần/ngày");
    check(
        "Báo cáo 02 lần/ngày (trước 10h00 và 16h00).",
        "recurrent||FREQ=DAILY;BYHOUR=10,16||02 lần/ngày (trước 10h00 và 16h00)",
    );
    check("Giao ban 2 tuần/lần.", "recurrent||FREQ=WEEKLY;INTERVAL=2||2 tuần/lần");
    check("Xét nghiệm 7 ngày một lần.", "recurrent||FREQ=DAILY;INTERVAL=7||7 ngày một lần");
    check("Kiểm tra thường xuyên.", "standing||||thường xuyên");
    check("Trực 24/24 giờ.", "standing||||24/24 giờ");
    check("Trực 24/7.", "standing||||24/7");
    check("Trực 24/24h.", "standing||||24/24h");
    check("Báo cáo ngay khi phát hiện ca mắc.", "event||||ngay khi phát hiện ca mắc");
    check("Khử khuẩn ngay sau khi kết thúc, ghi sổ.", "event||||ngay sau khi kết thúc");
    check(
        "Báo cáo trong vòng 24 giờ kể từ khi phát hiện ca mắc.",
        "event||||trong vòng 24 giờ kể từ khi phát hiện ca mắc",
    );
    check("Trả lời trong 03 ngày kể từ ngày nhận được văn bản.", "event||||trong 03 ngày kể từ ngày nhận được văn bản");
    check(
        "Trả lời trong thời hạn 05 ngày làm việc, kể từ ngày nhận.",
        "event||||trong thời hạn 05 ngày làm việc, kể từ ngày nhận",
    );
    check("Theo Công văn số 12/UBND-VX ngày 1/7/2021 của UBND tỉnh.", "");
    check("Trong kỳ nghỉ lễ Quốc khánh 02/9 không tụ tập.", "");
    check("Chịu trách nhiệm trước pháp luật.", "");
    check("Đáp ứng nhu cầu hàng ngày của người dân.", "");
    check("Cắt giảm chi phí thường xuyên.", "");
    check("Trước mắt tập trung xét nghiệm.", "");
    check("Ngày 05/8/2021 ghi nhận 12 ca.", "");
    check(
        "Gửi trước ngày 12/8/2021; định kỳ hằng tuần báo cáo.",
        "absolute|2021-08-12|||trước ngày 12/8/2021 & recurrent||FREQ=WEEKLY||định kỳ hằng tuần",
    );
}

#[test]
fn assignments() {
    /// `lead` and `with` are units joined by bars.
    fn check(clause: &str, lead: &str, with: &str) {
        let c = first_clause(clause);
        let of = |role: Role| -> String {
            c.assignments.iter().filter(|a| a.role == role).map(|a| a.unit.as_str()).collect::<Vec<_>>().join("|")
        };
        assert_eq!(of(Role::Lead), lead, "{clause}");
        assert_eq!(of(Role::Cooperating), with, "{clause}");
    }
    check("Sở Y tế chủ trì, phối hợp với Sở Tài chính triển khai.", "Sở Y tế", "Sở Tài chính");
    check("UBND phường 1 chủ trì, phối hợp với UBND quận 12 lập chốt.", "UBND phường 1", "UBND quận 12");
    check("Đội Quản lý thị trường số 1 kiểm tra chợ.", "Đội Quản lý thị trường số 1", "");
    check("Chi cục Chăn nuôi và Thú y lấy mẫu.", "Chi cục Chăn nuôi và Thú y", "");
    check("Ngân hàng Nhà nước chi nhánh tỉnh hướng dẫn giãn nợ.", "Ngân hàng Nhà nước chi nhánh tỉnh", "");
    check("Bộ đội Biên phòng tỉnh tuần tra.", "Bộ đội Biên phòng tỉnh", "");
    check("Giao Sở Y tế chủ trì, phối hợp với các sở, ngành liên quan tham mưu.", "Sở Y tế", "các sở, ngành liên quan");
    check("Công an tỉnh phối hợp với cơ quan liên quan tuần tra.", "Công an tỉnh", "cơ quan liên quan");
    check(
        "Công an tỉnh chủ trì, phối hợp với Sở Giao thông vận tải, Sở Y tế, Bộ Chỉ huy Quân sự tỉnh, UBND các huyện, thị xã, thành phố kiểm soát chặt chẽ.",
        "Công an tỉnh",
        "Sở Giao thông vận tải|Sở Y tế|Bộ Chỉ huy Quân sự tỉnh|UBND các huyện, thị xã, thành phố",
    );
    check(
        "Sở Y tế, Công an tỉnh, Sở Giao thông vận tải, UBND các huyện, thị xã, thành phố tiếp tục thực hiện.",
        "Sở Y tế|Công an tỉnh|Sở Giao thông vận tải|UBND các huyện, thị xã, thành phố",
        "",
    );
    check("Các sở, ban, ngành, đoàn thể tỉnh tăng cường tuyên truyền.", "Các sở, ban, ngành, đoàn thể tỉnh", "");
    check("UBND các huyện, thị xã, thành phố:", "UBND các huyện, thị xã, thành phố", "");
    check("Đối với UBND các xã, phường, thị trấn:", "UBND các xã, phường, thị trấn", "");
    check("Trách nhiệm của Sở Y tế:", "Sở Y tế", "");
    check("Sở Y tế có trách nhiệm:", "Sở Y tế", "");
    check(
        "Về công tác điều trị: Sở Y tế chủ trì, phối hợp với Bệnh viện Đa khoa tỉnh thực hiện.",
        "Sở Y tế",
        "Bệnh viện Đa khoa tỉnh",
    );
    check(
        "Đề nghị Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh vận động Nhân dân.",
        "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh",
        "",
    );
    check(
        "Yêu cầu Giám đốc các sở, Thủ trưởng các ban, ngành, Chủ tịch UBND các huyện, thành phố thực hiện.",
        "Giám đốc các sở|Thủ trưởng các ban, ngành|Chủ tịch UBND các huyện, thành phố",
        "",
    );
    check(
        "Giám đốc các Sở: Y tế, Tài chính, Nội vụ chịu trách nhiệm thi hành.",
        "Giám đốc Sở Y tế|Giám đốc Sở Tài chính|Giám đốc Sở Nội vụ",
        "",
    );
    check("Giao các Sở: Y tế, Tài chính và Công Thương rà soát.", "Sở Y tế|Sở Tài chính|Sở Công Thương", "");
    check(
        "Giao Sở Văn hóa, Thể thao và Du lịch, Sở Nông nghiệp và Phát triển nông thôn kiểm tra.",
        "Sở Văn hóa, Thể thao và Du lịch|Sở Nông nghiệp và Phát triển nông thôn",
        "",
    );
    check("Sở Lao động - Thương binh và Xã hội tham mưu.", "Sở Lao động - Thương binh và Xã hội", "");
    check("Sở LĐ-TB&XH, Sở GD&ĐT hướng dẫn.", "Sở LĐ-TB&XH|Sở GD&ĐT", "");
    check("Văn phòng UBND tỉnh theo dõi, đôn đốc.", "Văn phòng UBND tỉnh", "");
    check(
        "Giao Văn phòng Tỉnh ủy chủ trì phối hợp với các cơ quan có liên quan theo dõi.",
        "Văn phòng Tỉnh ủy",
        "các cơ quan có liên quan",
    );
    check(
        "Ban Quản lý Khu Kinh tế rà soát; phối hợp với Liên đoàn Lao động tỉnh tuyên truyền.",
        "Ban Quản lý Khu Kinh tế",
        "Liên đoàn Lao động tỉnh",
    );
    check("Bộ Chỉ huy Bộ đội Biên phòng tỉnh tăng cường tuần tra.", "Bộ Chỉ huy Bộ đội Biên phòng tỉnh", "");
    check(
        "Đài Phát thanh và Truyền hình tỉnh, Báo Sóc Trăng, Cổng Thông tin điện tử tỉnh tuyên truyền.",
        "Đài Phát thanh và Truyền hình tỉnh|Báo Sóc Trăng|Cổng Thông tin điện tử tỉnh",
        "",
    );
    check(
        "Bảo hiểm xã hội tỉnh, Kho bạc Nhà nước tỉnh phối hợp với Sở Tài chính thanh toán.",
        "Bảo hiểm xã hội tỉnh|Kho bạc Nhà nước tỉnh",
        "Sở Tài chính",
    );
    check("Cục Quản lý thị trường tỉnh kiểm tra giá.", "Cục Quản lý thị trường tỉnh", "");
    check(
        "Ban Chỉ đạo phòng, chống dịch Covid-19 các cấp nâng cao trách nhiệm.",
        "Ban Chỉ đạo phòng, chống dịch Covid-19 các cấp",
        "",
    );
    check(
        "Trung tâm Chỉ huy phòng, chống dịch cấp huyện tổ chức trực.",
        "Trung tâm Chỉ huy phòng, chống dịch cấp huyện",
        "",
    );
    check("Trung tâm Y tế các huyện, thị xã, thành phố lấy mẫu.", "Trung tâm Y tế các huyện, thị xã, thành phố", "");
    check("Trạm Y tế xã, phường, thị trấn quản lý F0.", "Trạm Y tế xã, phường, thị trấn", "");
    check("Các doanh nghiệp trong khu công nghiệp thực hiện phương án.", "Các doanh nghiệp trong khu công nghiệp", "");
    check("Giao nhiệm vụ cho Sở Y tế tham mưu.", "Sở Y tế", "");
    check("Việc tiêm chủng do Sở Y tế chủ trì, phối hợp với Công an tỉnh.", "Sở Y tế", "Công an tỉnh");
    check("Rà soát danh sách (Sở Nội vụ chủ trì).", "Sở Nội vụ", "");
    check(
        "Cơ quan chủ trì: Sở Y tế. Cơ quan phối hợp: Sở Tài chính, UBND các huyện, thành phố.",
        "Sở Y tế",
        "Sở Tài chính|UBND các huyện, thành phố",
    );
    check(
        "Bí thư, Chủ tịch UBND các xã, phường, thị trấn chịu trách nhiệm trước cấp trên.",
        "Bí thư, Chủ tịch UBND các xã, phường, thị trấn",
        "",
    );
    check(
        "Giám đốc Sở Y tế - Phó Chỉ huy trưởng Trung tâm Chỉ huy tỉnh tham mưu.",
        "Giám đốc Sở Y tế - Phó Chỉ huy trưởng Trung tâm Chỉ huy tỉnh",
        "",
    );
    check("Ủy ban nhân dân huyện Kế Sách khẩn trương khoanh vùng.", "Ủy ban nhân dân huyện Kế Sách", "");
    check("UBND cấp huyện, UBND cấp xã duy trì chốt.", "UBND cấp huyện|UBND cấp xã", "");
    check(
        "Bộ trưởng các Bộ: Y tế, Quốc phòng, Công an chỉ đạo.",
        "Bộ trưởng Bộ Y tế|Bộ trưởng Bộ Quốc phòng|Bộ trưởng Bộ Công an",
        "",
    );
    check("Tỉnh đoàn, Hội Liên hiệp Phụ nữ tỉnh vận động hội viên.", "Tỉnh đoàn|Hội Liên hiệp Phụ nữ tỉnh", "");
    check("Các huyện ủy, thị ủy, thành ủy lãnh đạo, chỉ đạo.", "Các huyện ủy, thị ủy, thành ủy", "");
    check("Ban Tuyên giáo Tỉnh ủy định hướng tuyên truyền.", "Ban Tuyên giáo Tỉnh ủy", "");
    check("Tổng hợp, báo cáo kết quả, gửi Sở Y tế để tổng hợp, báo cáo UBND tỉnh.", "", "");
    check("Thực hiện theo hướng dẫn của Bộ Y tế và UBND tỉnh.", "", "");
    check("Tổ chức tốt việc tiêm chủng.", "", "");
    check("Duy trì cơ chế giao ban, báo cáo cấp trên.", "", "");
    check("Ưu tiên nguồn ngân sách nhà nước được giao.", "", "");
    check("Theo đề nghị của Sở Y tế về bổ sung kinh phí.", "", "");
}

#[test]
fn citations() {
    fn check(clause: &str, want: &str) {
        let d = with_clause(clause);
        let got: Vec<String> = d
            .citations
            .iter()
            .map(|c| {
                format!(
                    "{}|{}|{}|{}",
                    c.number.as_deref().or(c.title.as_deref()).unwrap_or(""),
                    snake(c.kind),
                    c.issued_on.as_deref().unwrap_or(""),
                    c.issuer.as_deref().unwrap_or("")
                )
            })
            .collect();
        assert_eq!(got.join(" & "), want, "{clause}");
    }
    check(
        "Theo Quyết định số 2093/QĐ-UBND ngày 15/8/2021 của Chủ tịch UBND tỉnh.",
        "2093/QĐ-UBND|quyet_dinh|2021-08-15|Chủ tịch UBND tỉnh",
    );
    check(
        "Theo Thông báo số 368-TB/TU, ngày 13-8-2021 của Ban Thường vụ Tỉnh ủy về dịch.",
        "368-TB/TU|thong_bao|2021-08-13|Ban Thường vụ Tỉnh ủy",
    );
    check("Theo Nghị quyết số 68/NQ-CP, ngày 01-7-2021 của Chính phủ.", "68/NQ-CP|nghi_quyet|2021-07-01|Chính phủ");
    check(
        "Theo Công điện số 90ĐK ngày 25/8/2021 của Thủ tướng Chính phủ.",
        "90ĐK|cong_dien|2021-08-25|Thủ tướng Chính phủ",
    );
    check(
        "Theo Nghị định số 117/2020/NĐ-CP ngày 28 tháng 9 năm 2020 của Chính phủ.",
        "117/2020/NĐ-CP|nghi_dinh|2020-09-28|Chính phủ",
    );
    check("Theo Chỉ thị 16/CT-TTg ngày 31/3/2020.", "16/CT-TTg|chi_thi|2020-03-31|");
    check("Theo Chỉ thị số 16/CT-TTg ngày 31/3/2020; thực hiện nghiêm Chỉ thị 16.", "16/CT-TTg|chi_thi|2020-03-31|");
    check("Theo Chỉ thị 16 của Thủ tướng Chính phủ.", "16|chi_thi||Thủ tướng Chính phủ");
    check(
        "Theo Kết luận số 122-KL/TU và số 123-KL/TU ngày 07/9/2021 của Tỉnh ủy.",
        "122-KL/TU|ket_luan|| & 123-KL/TU|ket_luan|2021-09-07|Tỉnh ủy",
    );
    check("Theo các Quyết định số 1/QĐ-UBND, 2/QĐ-UBND.", "1/QĐ-UBND|quyet_dinh|| & 2/QĐ-UBND|quyet_dinh||");
    check("Theo Văn bản số 12/SYT-NVY ngày 2/8/2021 của Sở Y tế.", "12/SYT-NVY|cong_van|2021-08-02|Sở Y tế");
    check(
        "Theo Luật Phòng, chống bệnh truyền nhiễm ngày 21 tháng 11 năm 2007.",
        "Luật Phòng, chống bệnh truyền nhiễm|luat|2007-11-21|",
    );
    check("Theo Luật số 03/2007/QH12.", "03/2007/QH12|luat||");
    check("Theo Công văn này và Công văn số 1/UBND-VX.", "");
    check("Xét 24/24 và 5K; bố trí 12/15 chốt.", "");
}

#[test]
fn signatories() {
    fn check(block: &str, authority: &str, title: &str, name: &str, behalf: &str) {
        let d = only(&format!(
            "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\nSố: 1/UBND-VX\nSóc Trăng, ngày 10 tháng 8 năm 2021\n\nKính gửi: Sở Y tế.\n\n1. Sở Y tế triển khai thực hiện./.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\n{block}\n"
        ));
        let s = d.signatory;
        assert_eq!(s.authority.as_deref().unwrap_or(""), authority, "{block}");
        assert_eq!(s.title.as_deref().unwrap_or(""), title, "{block}");
        assert_eq!(s.name.as_deref().unwrap_or(""), name, "{block}");
        assert_eq!(s.on_behalf_of.as_deref().unwrap_or(""), behalf, "{block}");
        assert_eq!(d.recipients, ["Như trên", "Lưu: VT"], "{block}");
    }
    check("CHỦ TỊCH\n\nTrần Văn Lâu", "", "Chủ tịch", "Trần Văn Lâu", "");
    check("**CHỦ TỊCH**  \n  \n**Trần Văn Lâu**", "", "Chủ tịch", "Trần Văn Lâu", "");
    check("KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n\nTrần Tuyết Minh", "KT.", "Phó Chủ tịch", "Trần Tuyết Minh", "Chủ tịch");
    check(
        "KT.CHỦ TỊCH\nPHÓ CHỦ TỊCH THƯỜNG TRỰC\n(Đã ký)\nTrần Tuyết Minh",
        "KT.",
        "Phó Chủ tịch Thường trực",
        "Trần Tuyết Minh",
        "Chủ tịch",
    );
    check("TM. ỦY BAN NHÂN DÂN\nCHỦ TỊCH\nTrần Văn Lâu", "TM.", "Chủ tịch", "Trần Văn Lâu", "Ủy ban nhân dân");
    check(
        "TM. ỦY BAN NHÂN DÂN\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\nTrần Văn Lâu",
        "KT.",
        "Phó Chủ tịch",
        "Trần Văn Lâu",
        "Ủy ban nhân dân",
    );
    check(
        "T/M BAN THƯỜNG VỤ\nPHÓ BÍ THƯ THƯỜNG TRỰC\nMai Văn Huỳnh",
        "T/M",
        "Phó Bí thư Thường trực",
        "Mai Văn Huỳnh",
        "Ban Thường vụ",
    );
    check("TL. CHỦ TỊCH\nCHÁNH VĂN PHÒNG\nTrần Văn Lâu", "TL.", "Chánh Văn phòng", "Trần Văn Lâu", "Chủ tịch");
    check("TUQ. CHỦ TỊCH\nGIÁM ĐỐC SỞ Y TẾ\nTrần Văn Lâu", "TUQ.", "Giám đốc Sở Y tế", "Trần Văn Lâu", "Chủ tịch");
    check("Q. GIÁM ĐỐC\nTrần Văn Lâu", "Q.", "Giám đốc", "Trần Văn Lâu", "");
    check("KT. BỘ TRƯỞNG\nTHỨ TRƯỞNG\nGS.TS. Trần Văn Lâu", "KT.", "Thứ trưởng", "Trần Văn Lâu", "Bộ trưởng");
    check("CHỦ TỊCH Trần Văn Lâu", "", "Chủ tịch", "Trần Văn Lâu", "");
    check("CHỦ TỊCH\n(Đã ký): Trần Văn Lâu", "", "Chủ tịch", "Trần Văn Lâu", "");
    check("KT. TRƯỞNG BAN\nPHÓ TRƯỞNG BAN\nTRẦN VĂN LÂU", "KT.", "Phó Trưởng Ban", "Trần Văn Lâu", "Trưởng Ban");
    check("CHỦ TỊCH\nY Vinh Tơr", "", "Chủ tịch", "Y Vinh Tơr", "");
}

#[test]
fn addressees() {
    fn check(block: &str, want: &[&str], scope: &str) {
        let d = only(&format!(
            "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\nSố: 1/UBND-VX\nSóc Trăng, ngày 10 tháng 8 năm 2021\n\n{block}\n\nThực hiện chỉ đạo của cấp trên, Chủ tịch UBND tỉnh yêu cầu:\n\n1. Sở Y tế triển khai thực hiện./.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\nCHỦ TỊCH\nTrần Văn An\n"
        ));
        assert_eq!(d.addressees, want, "{block}");
        assert_eq!(d.addressee_scope.as_deref().unwrap_or(""), scope, "{block}");
        assert_eq!(d.clauses.len(), 1, "{block}");
    }
    check("Kính gửi: Sở Y tế.", &["Sở Y tế"], "");
    check("Kính gửi:\n- Các sở, ban, ngành;\n- UBND các huyện.", &["Các sở, ban, ngành", "UBND các huyện"], "");
    check(
        "Kính gửi:\n\n- Các sở, ban, ngành;\n\n- UBND các huyện;\n\ntỉnh Sóc Trăng.",
        &["Các sở, ban, ngành", "UBND các huyện"],
        "tỉnh Sóc Trăng",
    );
    check("Kính gửi: - Các sở, ban, ngành; - UBND các huyện.", &["Các sở, ban, ngành", "UBND các huyện"], "");
    check("*Kính gửi:* - Các sở, ban, ngành,  \n- UBND các huyện", &["Các sở, ban, ngành", "UBND các huyện"], "");
    check("Kính gửi: Các sở, ban, ngành; UBND các huyện.", &["Các sở, ban, ngành", "UBND các huyện"], "");
    check("Kính gửi:\nCác sở, ban, ngành;\nUBND các huyện.", &["Các sở, ban, ngành", "UBND các huyện"], "");
    check(
        "Kính gửi:\n- Các Bộ: Công an, Quốc phòng;\n- Ủy ban Mặt trận Tổ quốc Việt Nam và các đoàn thể\nchính trị - xã hội tỉnh.",
        &["Các Bộ: Công an, Quốc phòng", "Ủy ban Mặt trận Tổ quốc Việt Nam và các đoàn thể chính trị - xã hội tỉnh"],
        "",
    );
    check(
        "Kính gửi:\n\n**HỎA TỐC**\n\n- Các sở, ban, ngành;\n- UBND các huyện.",
        &["Các sở, ban, ngành", "UBND các huyện"],
        "",
    );
}

#[test]
fn paths() {
    fn check(body: &str, want: &str) {
        let d = only(&format!(
            "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\nSố: 1/UBND-VX\nSóc Trăng, ngày 10 tháng 8 năm 2021\n\nKính gửi: Sở Y tế.\n\nChủ tịch UBND tỉnh yêu cầu:\n\n{body}./.\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.\n\nCHỦ TỊCH\nTrần Văn An\n"
        ));
        let got: Vec<&str> = d.clauses.iter().map(|c| c.path.as_str()).collect();
        assert_eq!(got.join(" "), want, "{body}");
    }
    check("1. Một.\n\n2. Hai.", "1 2");
    check("1. Một:\n\na) A.\n\nb) B.\n\nc) C.\n\nd) D.\n\ne) E.\n\nf) F.\n\ng) G.", "1 1.a 1.b 1.c 1.d 1.e 1.f 1.g");
    check("1) Một.\n\n2) Hai.", "1 2");
    check("1/ Một.\n\n2/ Hai.", "1 2");
    check("1- Một.\n\n2- Hai.", "1 2");
    check("1.Một.\n2.Hai.", "1 2");
    check("I. PHẦN\n1. Một.\na) A.\nb) B.\n2. Hai.\nII. PHẦN\n1. Ba.", "I I.1 I.1.a I.1.b I.2 II II.1");
    check("1. Một\n1.1. A.\n1.2. B.\n1.2.1. C.\n2. Hai\n2.1 D.", "1 1.1 1.2 1.2.1 2 2.1");
    check("1. Một:\n- A:\n+ B;\n+ C.\n- D.\n2. Hai.", "1 1.-1 1.-1.+1 1.-1.+2 1.-2 2");
    check("1. Một:\n* A:\n- B.\n- C.\n* D:\n- E.", "1 1.*1 1.*1.-1 1.*1.-2 1.*2 1.*2.-1");
    check("1. Nhiệm vụ: (1) Một; (2) Hai; (3) Ba.", "1 1.(1) 1.(2) 1.(3)");
    check("- Một.\n- Hai.", "-1 -2");
    check("1. Một.\n\nGiao Sở Y tế:\n\n- A.\n\n- B.\n\n2. Hai.", "1 1.¶1 1.¶1.-1 1.¶1.-2 2");
    check(
        "Phần thứ nhất\nCHUNG\nI. A\n1. Một.\nPhần thứ hai\nRIÊNG\nI. B",
        "Phần 1 Phần 1.I Phần 1.I.1 Phần 2 Phần 2.I",
    );
    check("Điều 1. Một.\nĐiều 2. Hai\n1. A.\na) B.\nĐiều 3. Ba.", "Điều 1 Điều 2 Điều 2.1 Điều 2.1.a Điều 3");
    check("a) Một.\nb) Hai.\nđ) Ba.", "a b đ");
    check("1. Trong tháng có 10.000 liều.\n\n2. Hai.", "1 2");
}

#[test]
fn layouts() {
    // The two columns of a header as converters leave them: side by side, one below the other, as tables, shuffled.
    let headers = [
        "ỦY BAN NHÂN DÂN CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nTỈNH AN GIANG Độc lập - Tự do - Hạnh phúc\nSố: 12/UBND-VX An Giang, ngày 28 tháng 8 năm 2021\nV/v tăng cường phòng dịch",
        "ỦY BAN NHÂN DÂN        CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n TỈNH AN GIANG           Độc lập - Tự do - Hạnh phúc\n   ______                   ______________\nSố: 12/UBND-VX           An Giang, ngày 28 tháng 8 năm 2021\nV/v tăng cường\nphòng dịch",
        "| ỦY BAN NHÂN DÂN TỈNH AN GIANG | CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM Độc lập - Tự do - Hạnh phúc |\n| --- | --- |\n| Số: 12/UBND-VX V/v tăng cường phòng dịch | An Giang, ngày 28 tháng 8 năm 2021 |",
        "<table><tr><td>ỦY BAN NHÂN DÂN<br>TỈNH AN GIANG<br>-------</td><td><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM</b><br>Độc lập - Tự do - Hạnh phúc<br>-----</td></tr><tr><td>Số: 12/UBND-VX<br>V/v tăng cường phòng dịch</td><td>An Giang, ngày 28 tháng 8 năm 2021</td></tr></table>",
        "ỦY BAN NHÂN DÂN\nTỈNH AN GIANG\n-------\n|\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n---------------\n|\nSố: 12/UBND-VX\nV/v tăng cường\nphòng dịch\n|\nAn Giang, ngày\n28 tháng 8 năm 2021\n|",
        "ỦY BAN NHÂN DÂN\nTỈNH AN GIANG\nCỘNG\nHÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nSố: 12/UBND-VX\nV/v: Tăng cường phòng dịch\nAn Giang, ngày 28 tháng 8 năm 2021",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\nAn Giang, ngày 28 tháng 8 năm 2021\n\nỦY BAN NHÂN DÂN\nTỈNH AN GIANG\n\nSố: 12/UBND-VX\n\nV/v tăng cường phòng dịch",
        "CỔNG THÔNG TIN ĐIỆN TỬ TỈNH\nĐẾN Số: 443 Ngày: 29/8/2021\n\nỦY BAN NHÂN DÂN\nTỈNH AN GIANG\nSố: 12/UBND-VX\nV/v tăng cường phòng dịch\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nAn Giang, ngày 28 tháng 8 năm 2021",
        "ỦY BAN NHÂN DÂN\nTỈNH AN GIANG\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\n**Độc lập - Tự do - Hạnh phúc**\n\nSố: 12/UBND-VX\n\n*An Giang, ngày 28 tháng 8 năm 2021*\n\n**V/v tăng cường\n\nphòng dịch**",
        "Ký bởi: Ủy ban Nhân dân\nEmail: a@b.gov.vn\nCơ quan: Tỉnh An Giang\nThời gian ký: 28.08.2021 10:11:12 +07:00\n\nỦY BAN NHÂN DÂN\nTỈNH AN GIANG\nSố: 12/UBND-VX\nV/v tăng cường phòng dịch\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\nAn Giang, ngày 28 tháng 8 năm 2021",
        "Ủy ban nhân dân tỉnh An Giang\nSố: 12/UBND-VX\nV/v tăng cường phòng dịch\nAn Giang, ngày 28 tháng 8 năm 2021",
        "ỦY BAN NHÂN DÂN\n**TỈNH AN GIANG**\n\n**CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM**\n**Độc lập – Tự do – Hạnh phúc**\n\nSố: 12 /UBND - VX\n(V/v tăng cường phòng dịch)\nAn Giang, ngày 28 tháng 8 năm 2021",
        "ỦY BAN NHÂN DÂN\nTỈNH AN GIANG\n\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc\n\nSố: 12/UBND-VX\nv/v tăng cường\nphòng dịch.\n\nAn Giang, ngày 28 tháng 8 năm 2021",
    ];
    for header in headers {
        let d = with_header(header);
        assert_eq!(d.number.as_deref(), Some("12/UBND-VX"), "{header}");
        assert_eq!(d.issuer.as_deref(), Some("Ủy ban nhân dân tỉnh An Giang"), "{header}");
        assert_eq!(d.parent_issuer, None, "{header}");
        assert_eq!(d.place.as_deref(), Some("An Giang"), "{header}");
        assert_eq!(d.issued_on.as_deref(), Some("2021-08-28"), "{header}");
        assert_eq!(d.subject.map(|s| s.to_lowercase()).as_deref(), Some("tăng cường phòng dịch"), "{header}");
        assert_eq!(d.clauses.len(), 1, "{header}");
    }
}

#[test]
fn closings() {
    let closings = [
        "Nơi nhận:\n- Như trên;\n- Lưu: VT.\n\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n\nTrần Văn An",
        "KT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\n\nTrần Văn An\n\nNơi nhận:\n- Như trên;\n- Lưu: VT.",
        "Nơi nhận:                KT. CHỦ TỊCH\n- Như trên;              PHÓ CHỦ TỊCH\n- Lưu: VT.\n                       Trần Văn An",
        "Nơi nhận: KT. CHỦ TỊCH\n- Như trên; PHÓ CHỦ TỊCH\n- Lưu: VT.\n\nTrần Văn An",
        "| **Nơi nhận:** - Như trên; - Lưu: VT. | **KT. CHỦ TỊCH** **PHÓ CHỦ TỊCH** |\n|---|---|\n| | **Trần Văn An** |",
        "***Nơi nhận:***  \n*- Như trên;*  \n*- Lưu: VT.*\n\n**KT. CHỦ TỊCH  \nPHÓ CHỦ TỊCH**\n\n*(Đã ký)*\n\n**Trần Văn An**",
        "Nơi nhận: Như trên; Lưu: VT.\nKT. CHỦ TỊCH\nPHÓ CHỦ TỊCH\nTrần Văn An",
    ];
    for closing in closings {
        let d = only(&format!(
            "ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG\nSố: 1/UBND-VX\nSóc Trăng, ngày 10 tháng 8 năm 2021\n\nKính gửi: Sở Y tế.\n\n1. Sở Y tế triển khai thực hiện./.\n\n{closing}\n"
        ));
        assert_eq!(d.recipients, ["Như trên", "Lưu: VT"], "{closing}");
        assert_eq!(d.signatory.authority.as_deref(), Some("KT."), "{closing}");
        assert_eq!(d.signatory.title.as_deref(), Some("Phó Chủ tịch"), "{closing}");
        assert_eq!(d.signatory.name.as_deref(), Some("Trần Văn An"), "{closing}");
        assert_eq!(d.clauses.len(), 1, "{closing}");
    }
}
