//! Mentions of units as dispatches write them, one line a case.

use std::collections::BTreeMap;
use std::fs;
use std::sync::LazyLock;

use jiff::civil::{Date, date};
use vx_kernel::units::agencies::{agencies_for, read_templates};
use vx_kernel::units::mentions::{MentionContext, Resolution, Unresolved, issuer_place, resolve};
use vx_kernel::units::*;

fn file(name: &str) -> String {
    let path = format!("{}/../../data/units/{name}", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

static TREE: LazyLock<Tree> = LazyLock::new(|| {
    let mut units = read_places(&file("places_2021.csv"), None).0;
    units.extend(read_places(&file("places_2025.csv"), None).0);
    let (tree, _) = Tree::new(units, read_lineage(&file("lineage_2021_2025.csv")).0);
    let (templates, _) = read_templates(&file("agencies.csv"));
    let all = [Kind::Province, Kind::District, Kind::Commune];
    let mut agencies: Vec<Unit> =
        ["94", "25-92"].iter().flat_map(|id| agencies_for(&tree, &templates, &UnitId::from(*id), &all)).collect();
    for id in ["91", "70", "79", "92", "93", "25-91", "25-75"] {
        agencies.extend(agencies_for(&tree, &templates, &UnitId::from(id), &all[..1]));
    }
    let (tree, faults) = tree.with(agencies);
    assert_eq!(faults, []);
    tree
});

const AUG_2021: Date = date(2021, 8, 28);
const AUG_2025: Date = date(2025, 8, 1);

fn read(place: &str, on: Date, text: &str) -> Resolution {
    resolve(&TREE, &MentionContext { place: TREE.get(place).expect(place).path.clone(), on }, text)
}

/// Units up to four by key, more by kind and number; then what is left over, with the reason; then what was not named.
fn told(resolution: &Resolution) -> String {
    let mut parts: Vec<String> = Vec::new();
    if resolution.units.len() <= 4 {
        parts.extend(resolution.units.iter().map(UnitId::to_string));
    } else {
        let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
        for unit in &resolution.units {
            *counts.entry(TREE.get(unit.as_str()).expect("a known unit").kind).or_default() += 1;
        }
        parts.extend(counts.iter().map(|(kind, count)| format!("{count} {}", kind.as_str())));
    }
    if resolution.parts.iter().any(|part| part.units.is_empty()) {
        parts.push("central".to_owned());
    }
    for leftover in &resolution.leftovers {
        let why = match &leftover.why {
            Unresolved::Ambiguous(units) | Unresolved::Outside(units) if units.len() <= 4 => {
                format!(
                    "{} {}",
                    leftover.why.as_str(),
                    units.iter().map(UnitId::to_string).collect::<Vec<_>>().join(" ")
                )
            }
            Unresolved::NotOnDate { unit: Some(unit), heirs, .. } => {
                format!("not_on_date {unit} -> {}", heirs.iter().map(UnitId::to_string).collect::<Vec<_>>().join(" "))
            }
            why => why.as_str().to_owned(),
        };
        parts.push(format!("[{}: {why}]", leftover.text));
    }
    for part in &resolution.parts {
        for (mark, types) in [("", &part.omitted), ("no ", &part.missing)] {
            if !types.is_empty() {
                parts.push(format!("<{mark}{}>", types.join(" ")));
            }
        }
    }
    parts.join(", ")
}

fn check(place: &str, on: Date, text: &str, meaning: &str, wrong: &mut Vec<String>) {
    let found = told(&read(place, on, text));
    if found != meaning {
        wrong.push(format!("{text:?} in {place}\n    found  {found}\n    wanted {meaning}"));
    }
}

fn all_right(wrong: &[String]) {
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn soc_trang_2021() {
    let mut wrong = Vec::new();
    let mut check = |text: &str, meaning: &str| check("94", AUG_2021, text, meaning, &mut wrong);
    // All districts, all communes.
    check("UBND các huyện, thị xã, thành phố", "11 district");
    check("- UBND các huyện, thị xã, thành phố;", "11 district");
    check("UBND các huyện, thị xã, thành phố tỉnh Sóc Trăng.", "11 district");
    check("Uỷ ban nhân dân các huyện, thị xã và thành phố", "11 district");
    check("Chủ tịch UBND các huyện, thị xã, thành phố", "11 district");
    check("Chủ tịch, Phó Chủ tịch UBND các huyện, thị xã, thành phố", "11 district");
    check("ủy ban nhân dân các huyện, thị xã, thành phố", "11 district");
    check("UBND CÁC HUYỆN, THỊ XÃ, THÀNH PHỐ", "11 district");
    check("UBND cac huyen, thi xa, thanh pho", "11 district");
    check("UBND cấp huyện", "11 district");
    check("các huyện, thị xã, thành phố trên địa bàn tỉnh", "11 district");
    check("UBND các huyện, TX, TP", "11 district");
    check("UBND các huyện, thành phố", "9 district, <thị xã>");
    check("UBND các huyện", "8 district, <thị xã thành phố>");
    check("UBND các xã, phường, thị trấn", "109 commune");
    check("UBND xã, phường, thị trấn", "109 commune");
    check("Bí thư, Chủ tịch UBND các xã, phường, thị trấn", "109 commune");
    check("UBND cấp xã", "109 commune");
    check("UBND các xã, phường, thị trấn thuộc huyện Mỹ Xuyên", "11 commune");
    check("UBND các huyện, thị xã, thành phố, UBND xã, phường, thị trấn", "11 district, 109 commune");
    check("UBND các huyện, thị xã, thành phố; UBND các xã, phường, thị trấn", "11 district, 109 commune");
    check("UBND cấp huyện, cấp xã", "11 district, 109 commune");
    check(
        "Thủ trưởng các sở, ban ngành, UBND các huyện, thị xã, thành phố, UBND xã, phường, thị trấn",
        "11 district, 109 commune, 23 agency",
    );
    // Single places.
    check("UBND huyện Mỹ Xuyên", "947");
    check("Chủ tịch UBND huyện Mỹ Xuyên", "947");
    check("UBND TP. Sóc Trăng", "941");
    check("UBND thành phố Sóc Trăng", "941");
    check("thị xã Ngã Năm", "948");
    check("UBND TX Vĩnh Châu", "950");
    check("UBND H. Kế Sách", "943");
    check("UBND huyện My Xuyen", "947");
    check("UBND huyện Mỹ Xuyên, thị xã Ngã Năm và thành phố Sóc Trăng", "947, 948, 941");
    check("UBND các huyện Mỹ Xuyên, Long Phú và Trần Đề", "947, 946, 951");
    check("UBND các huyện: Mỹ Xuyên, Long Phú, Trần Đề", "947, 946, 951");
    check("UBND các huyện Mỹ Xuyên, Long Phú, thị xã Vĩnh Châu", "947, 946, 950");
    check("xã Phú Tâm huyện Châu Thành", "31573");
    check("UBND xã Phú Tâm, huyện Châu Thành, tỉnh Sóc Trăng", "31573");
    check("UBND thị trấn Mỹ Xuyên", "31684");
    check("phường 5, thành phố Sóc Trăng", "31498");
    check("UBND Phường 05", "31498");
    check("UBND huyện Châu Thành", "942");
    check("UBND tỉnh", "94");
    check("Chủ tịch UBND tỉnh", "94");
    check("UBND tỉnh Sóc Trăng", "94");
    check("CT, các PCT UBND tỉnh", "94");
    check("Mỹ Xuyên", "[Mỹ Xuyên: ambiguous 947 31684]");
    // Agencies.
    check("Sở Y tế", "94.syt");
    check("Giám đốc Sở Y tế", "94.syt");
    check("Sở Y tế tỉnh Sóc Trăng", "94.syt");
    check("Sở LĐ-TB&XH", "94.sldtbxh");
    check("Sở LĐTBXH", "94.sldtbxh");
    check("Sở Lao động - Thương binh và Xã hội", "94.sldtbxh");
    check("Sở Lao động, Thương binh và Xã hội", "94.sldtbxh");
    check("Sở NN&PTNT", "94.snnptnt");
    check("Sở Văn hoá, Thể thao và Du lịch", "94.svhttdl");
    check("Sở Giao thông vận tải", "94.sgtvt");
    check("Sở GTVT, Sở TT&TT và Sở GDĐT", "94.sgtvt, 94.stttt, 94.sgddt");
    check("Công an tỉnh", "94.ca");
    check("CA tỉnh", "94.ca");
    check("Giám đốc Công an tỉnh", "94.ca");
    check("Bộ Chỉ huy Quân sự tỉnh", "94.qs");
    check("Bộ CHQS tỉnh", "94.qs");
    check("Bộ Chỉ huy Bộ đội Biên phòng tỉnh", "94.bp");
    check("BCH BĐBP tỉnh", "94.bp");
    check("Văn phòng UBND tỉnh", "94.vp");
    check("Chánh Văn phòng UBND tỉnh", "94.vp");
    check("Thanh tra tỉnh", "94.ttr");
    check("Chánh Thanh tra tỉnh", "94.ttr");
    check("UBMTTQVN tỉnh", "94.mttq");
    check("Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh", "94.mttq");
    check("Đề nghị Ủy ban MTTQ Việt Nam tỉnh", "94.mttq");
    check("Liên đoàn Lao động tỉnh", "94.ldld");
    check("Hội LHPN tỉnh", "94.pn");
    check("Tỉnh Đoàn", "94.dtn");
    check("Liên minh Hợp tác xã tỉnh", "94.lmhtx");
    check("Ban Chỉ đạo phòng, chống dịch Covid-19 tỉnh", "94.bcd");
    check("Ban Chỉ đạo phòng, chống dịch bệnh Covid-19 tỉnh", "94.bcd");
    check("BCĐ Covid-19 tỉnh", "94.bcd");
    check("Ban Chỉ đạo tỉnh", "94.bcd");
    check("Trung tâm Chỉ huy tỉnh", "94.ttch");
    check("các thành viên Trung tâm Chỉ huy tỉnh", "94.ttch");
    check("Trung tâm Chỉ huy phòng, chống dịch tỉnh", "94.ttch");
    check("Giám đốc Sở Y tế - Phó Chỉ huy trưởng Trung tâm Chỉ huy tỉnh", "94.syt");
    check("Giao Giám đốc Sở Y tế - Phó Chỉ huy trưởng Trung tâm Chỉ huy tỉnh:", "94.syt");
    check("Tiểu ban Tuyên truyền", "94.tbtt");
    check("Giao Tiểu ban Tuyên truyền", "94.tbtt");
    check("Văn phòng Tỉnh ủy", "94.vptu");
    check("Tỉnh uỷ", "94.tu");
    check("Ban Thường vụ Tỉnh ủy", "94.tu");
    check("TT.TU", "94.tu");
    check("TT.TU, TT. HĐND tỉnh", "94.tu, 94.hdnd");
    check("Ban cán sự đảng Ủy ban nhân dân tỉnh", "94.bcsd");
    check("Báo Sóc Trăng; Đài PTTH", "94.bao, 94.ptth");
    check("Báo ST", "94.bao");
    check("Cổng thông tin điện tử tỉnh", "94.cttdt");
    check("Trung tâm Kiểm soát bệnh tật tỉnh", "94.cdc");
    check("CDC Sóc Trăng", "94.cdc");
    check("Bảo hiểm xã hội tỉnh", "94.bhxh");
    check("Kho bạc Nhà nước Sóc Trăng", "94.kbnn");
    check("Cục Thuế tỉnh", "94.thue");
    check("Công an huyện Mỹ Xuyên", "947.ca");
    check("Trung tâm Y tế thị xã Ngã Năm", "948.ttyt");
    check("Công an các huyện, thị xã, thành phố", "11 agency");
    check("Trung tâm Y tế các huyện, thị xã, thành phố", "11 agency");
    check("Trưởng Công an các huyện, thị xã, thành phố", "11 agency");
    check("Trạm Y tế các xã, phường, thị trấn", "109 agency");
    check("Trung tâm Chỉ huy phòng, chống dịch cấp huyện, cấp xã", "120 agency");
    check("Trung tâm Chỉ huy phòng, chống dịch cấp tỉnh/huyện/xã", "121 agency");
    check("Huyện ủy Mỹ Xuyên", "947.hu");
    check("Các huyện ủy, thị ủy, thành ủy", "11 agency");
    check("Các huyện, thị, thành ủy, đảng ủy trực thuộc", "14 agency");
    // Groups.
    check("Các sở, ban, ngành", "23 agency");
    check("Các sở, ban, ngành tỉnh", "23 agency");
    check("Các sở, ban ngành; đơn vị sự nghiệp tỉnh", "28 agency");
    check("Các sở, ban, ngành, đoàn thể tỉnh", "28 agency");
    check("Các sở, ban, ngành, đoàn thể cấp tỉnh", "28 agency");
    check("Các Sở, ban, ngành, đoàn thể tỉnh Sóc Trăng", "28 agency");
    check("Giám đốc các sở, Thủ trưởng các ban, ngành, đoàn thể cấp tỉnh", "28 agency");
    check(
        "Giám đốc các sở, Thủ trưởng các ban, ngành cấp tỉnh, Chủ tịch UBND các huyện, thị xã, thành phố",
        "11 district, 23 agency",
    );
    check("các sở, ngành", "23 agency");
    check("Các sở, ban, ngành cấp tỉnh (Đảng, chính quyền, đoàn thể)", "23 agency");
    check("Các đoàn thể và ĐVSN tỉnh", "10 agency");
    check("Ủy ban Mặt trận Tổ quốc Việt Nam và Đoàn thể tỉnh", "6 agency");
    check("Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh, các đoàn thể chính trị - xã hội", "6 agency");
    check("Cơ quan trung ương đóng trên địa bàn tỉnh", "7 agency");
    check("Cơ quan TW trên địa bàn tỉnh", "7 agency");
    check("Các Ban đảng trực thuộc Tỉnh ủy", "5 agency");
    check(
        "Sở Y tế, Công an tỉnh, Sở Giao thông vận tải, UBND các huyện, thị xã, thành phố, đơn vị liên quan",
        "11 district, 3 agency, [đơn vị liên quan: vague]",
    );
    check("Giám đốc các Sở: Y tế, Tài chính, Công Thương", "94.syt, 94.stc, 94.sct");
    check("các Sở: Y tế, Thông tin và Truyền thông; Công an tỉnh", "94.syt, 94.stttt, 94.ca");
    check("Sở Tài chính, Kế hoạch và Đầu tư", "94.stc, 94.skhdt");
    check("các Sở Y tế, Nội vụ, Tư pháp và UBND huyện Mỹ Xuyên", "94.syt, 94.snv, 94.stp, 947");
    check("Thủ trưởng các Sở, ban, ngành tỉnh, huyện", "23 agency, [huyện: vague]");
    check("UBND các huyện (thị xã, thành phố)", "11 district");
    check("Sở Y tế (cơ quan thường trực)", "94.syt");
    check("Người đứng đầu xã, phường, thị trấn, khóm, ấp", "109 commune, <no khóm ấp>");
    check("UBND thành phố Sóc Trăng và các huyện, thị xã", "11 district");
    check("UBND xã Hòa Tú 2", "31729");
    // To be asked.
    check("các cơ quan, đơn vị có liên quan", "[các cơ quan, đơn vị có liên quan: vague]");
    check("địa phương", "[địa phương: vague]");
    check("các cấp, các ngành, địa phương", "[các cấp, các ngành, địa phương: vague]");
    check("các sở, ngành liên quan", "[các sở, ngành liên quan: vague]");
    check("Thủ trưởng các cơ quan, đơn vị, địa phương", "[Thủ trưởng các cơ quan, đơn vị, địa phương: vague]");
    check("UBND các cấp", "[UBND các cấp: vague]");
    check("Ban Chỉ đạo phòng, chống dịch các cấp", "[Ban Chỉ đạo phòng, chống dịch các cấp: vague]");
    check("Như trên", "[Như trên: vague]");
    check("UBND huyện", "[UBND huyện: vague]");
    check("Các đồng chí Tỉnh ủy viên", "[Các đồng chí Tỉnh ủy viên: unknown]");
    check("Hội Sinh vật cảnh Phương Bắc", "[Hội Sinh vật cảnh Phương Bắc: unknown]");
    check("UBND huyện Không Có", "[UBND huyện Không Có: unknown]");
    check("UBND huyện Thanh Trì", "[UBND huyện Thanh Trì: outside 020]");
    check("UBND tỉnh An Giang", "[UBND tỉnh An Giang: outside 89]");
    check("Sở Y tế tỉnh Kiên Giang", "[Sở Y tế tỉnh Kiên Giang: outside 91.syt]");
    check("UBND xã Thạnh Phú", "31708");
    check("UBND xã Đại Ân 2, xã Đại Ân 1", "31672, 31627");
    check(
        "UBND đặc khu Phú Quốc",
        "[UBND đặc khu Phú Quốc: not_on_date 25-31078 -> 31081 31102 31084 31090 31078 31096 31087 31093]",
    );
    // Outside every province.
    check("Bộ Y tế", "central");
    check("Thủ tướng Chính phủ", "central");
    check("Bộ trưởng Bộ Y tế", "central");
    check("Văn phòng Chính phủ", "central");
    check("Bộ Y tế, Sở Y tế", "94.syt, central");
    // Hostile.
    check("", "");
    check(" ,;/-()…", "");
    check("các", "");
    check("42", "[42: unknown]");
    all_right(&wrong);
}

#[test]
fn other_provinces_2021() {
    let mut wrong = Vec::new();
    let mut check = |place: &str, text: &str, meaning: &str| check(place, date(2021, 9, 10), text, meaning, &mut wrong);
    check("91", "Chủ tịch UBND các huyện, thành phố", "15 district");
    check("91", "Chủ tịch UBND các xã, phường, thị trấn.", "144 commune");
    check("91", "Sở Du lịch", "91.sdl");
    check("91", "UBND thành phố Phú Quốc", "911");
    check("91", "Công an", "91.ca");
    check("91", "Báo Sóc Trăng", "[Báo Sóc Trăng: unknown]");
    check("70", "UBND các huyện, thị xã, thành phố.", "11 district");
    check("70", "Ban Quản lý Khu Kinh tế", "70.kkt");
    check("70", "BQL Khu kinh tế", "70.kkt");
    check("70", "Bộ Chỉ huy Quân sự tỉnh", "70.qs");
    check("79", "UBND các quận, huyện, thành phố Thủ Đức", "22 district");
    check("79", "UBND các quận, huyện và TP. Thủ Đức", "22 district");
    check("79", "UBND các quận, huyện", "21 district, <thành phố>");
    check("79", "UBND Quận 1", "760");
    check("79", "UBND Q.1, Q.3", "760, 770");
    check("79", "Bộ Tư lệnh thành phố", "79.qs");
    check("79", "Công an thành phố", "79.ca");
    check("79", "Thành ủy", "79.tu");
    check("79", "UBND TP.HCM", "79");
    check("79", "UBND thành phố", "79");
    check("947", "UBND các xã, thị trấn", "11 commune");
    check("947", "UBND huyện", "947");
    check("947", "Công an huyện", "947.ca");
    check("947", "Trung tâm Y tế huyện", "947.ttyt");
    check("947", "Sở Y tế", "94.syt");
    check("31708", "UBND xã", "31708");
    check("31708", "Trạm Y tế", "31708.tyt");
    check("31708", "Công an xã", "31708.ca");
    check("31708", "UBND huyện", "947");
    all_right(&wrong);
}

#[test]
fn on_other_days() {
    let mut wrong = Vec::new();
    let mut check = |place: &str, on: Date, text: &str, meaning: &str| check(place, on, text, meaning, &mut wrong);
    check("79", date(2019, 5, 1), "UBND thành phố Thủ Đức", "[UBND thành phố Thủ Đức: not_on_date 769 -> ]");
    check("25-92", AUG_2025, "UBND các xã, phường", "103 commune");
    check("25-92", AUG_2025, "UBND các xã, phường, đặc khu", "103 commune");
    check("25-92", AUG_2025, "UBND các phường, xã", "103 commune");
    check("25-92", AUG_2025, "UBND các xã, phường, thị trấn", "103 commune");
    check("25-91", AUG_2025, "UBND các xã, phường, đặc khu", "102 commune");
    check("25-91", AUG_2025, "UBND các xã, phường", "99 commune, <đặc khu>");
    check("25-91", AUG_2025, "UBND đặc khu Phú Quốc", "25-31078");
    check("25-92", AUG_2025, "UBND các huyện, thị xã, thành phố", "[UBND các huyện, thị xã, thành phố: not_on_date]");
    check("94", AUG_2025, "UBND các huyện, thị xã, thành phố", "[UBND các huyện, thị xã, thành phố: not_on_date]");
    check("25-92", AUG_2025, "UBND phường Sóc Trăng", "25-31507");
    check("25-92", AUG_2025, "UBND xã Phú Tâm", "25-31569");
    check("25-92", AUG_2025, "UBND thành phố", "25-92");
    check("25-92", AUG_2025, "Sở Y tế", "25-92.syt");
    check("25-92", AUG_2025, "Sở NN&MT", "25-92.snnmt");
    check("25-92", AUG_2025, "Trạm Y tế các xã, phường", "103 agency");
    check("25-92", AUG_2025, "Đảng ủy các xã, phường", "103 agency");
    check("25-92", AUG_2025, "Thành ủy", "25-92.tu");
    check("94", date(2025, 4, 1), "Sở Xây dựng", "94.sxd");
    check("94", date(2025, 4, 1), "Sở Giao thông vận tải", "[Sở Giao thông vận tải: not_on_date 94.sgtvt -> ]");
    check("94", AUG_2021, "Sở Nông nghiệp và Môi trường", "[Sở Nông nghiệp và Môi trường: not_on_date 94.snnmt -> ]");
    check("25-75", date(2026, 6, 1), "UBND phường Lộc Ninh", "25-25270");
    check("25-75", date(2025, 9, 1), "UBND xã Lộc Ninh", "25-25270");
    check("25-75", date(2026, 6, 1), "UBND thành phố", "25-75");
    all_right(&wrong);
    let gone = read("25-92", AUG_2025, "UBND huyện Mỹ Xuyên");
    let Some(Unresolved::NotOnDate { name, unit, until, heirs, .. }) = gone.problem() else { panic!("{gone:?}") };
    assert_eq!(
        (name.as_str(), unit.as_ref().map(UnitId::as_str), *until),
        ("Huyện Mỹ Xuyên", Some("947"), Some(date(2025, 6, 30)))
    );
    assert!(
        heirs.len() >= 4
            && heirs.iter().all(|heir| TREE.get(heir.as_str()).unwrap().path.as_str().starts_with("25-92/"))
    );
    let gone = read("25-92", AUG_2025, "Sở Giao thông vận tải");
    assert!(matches!(gone.problem(), Some(Unresolved::NotOnDate { .. })), "{gone:?}");
}

#[test]
fn namesakes_are_candidates() {
    let tree = &*TREE;
    let both = tree.descendants("94", Kind::Commune, Some(AUG_2021)).filter(|unit| unit.bare_name() == "1").count();
    let found = read("94", AUG_2021, "UBND phường 1");
    match found.problem() {
        Some(Unresolved::Ambiguous(units)) => assert_eq!(units.len(), both),
        other => panic!("{other:?}"),
    }
    assert_eq!(
        told(&read("941", AUG_2021, "UBND phường 1")),
        told(&read("94", AUG_2021, "UBND phường 1, thành phố Sóc Trăng"))
    );
    // Châu Thành is the name of many districts: without a province all of them are candidates.
    let found = resolve(tree, &MentionContext { place: Path::root(), on: AUG_2021 }, "UBND huyện Châu Thành");
    assert!(matches!(found.problem(), Some(Unresolved::Ambiguous(units)) if units.len() >= 10), "{found:?}");
}

#[test]
fn spans_lie_in_the_text_and_nothing_panics() {
    let bits = [
        "UBND",
        "các",
        "huyện",
        ",",
        "thị xã",
        "(",
        ")",
        "-",
        "/",
        "Sở",
        "Y tế",
        "Mỹ Xuyên",
        "cấp",
        "tỉnh",
        "và",
        "ủy",
        "́",
        "🙂",
        "1",
        "Công an",
        "ban",
        ";",
        "\n",
        "của",
    ];
    let mut seed = 7u64;
    for _ in 0..2_000 {
        let mut text = String::new();
        for _ in 0..12 {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(bits[(seed >> 33) as usize % bits.len()]);
            if seed & 1 == 0 {
                text.push(' ');
            }
        }
        let found = read("94", AUG_2021, &text);
        for span in
            found.parts.iter().map(|part| &part.span).chain(found.leftovers.iter().map(|leftover| &leftover.span))
        {
            assert!(text.get(span.clone()).is_some_and(|words| !words.is_empty()), "{text:?} {span:?}");
        }
    }
    let long = "UBND huyện Mỹ Xuyên, ".repeat(50_000);
    let found = read("94", AUG_2021, &long);
    assert_eq!(found.units.len(), 1);
    assert!(found.problem().is_some());
}

#[test]
fn issuers_have_a_place() {
    let mut wrong = Vec::new();
    let mut check = |issuer: &str, place: &str, on: Date, id: &str| {
        let found = issuer_place(&TREE, issuer, place, on).map(|id| id.to_string()).unwrap_or_default();
        if found != id {
            wrong.push(format!("{issuer:?} {place:?} {on}: found {found}, wanted {id}"));
        }
    };
    check("Ủy ban nhân dân tỉnh Sóc Trăng", "Sóc Trăng", AUG_2021, "94");
    check("ỦY BAN NHÂN DÂN\nTỈNH SÓC TRĂNG", "Sóc Trăng", AUG_2021, "94");
    check("ỦY BAN NHÂN DÂN TỈNH KIÊN GIANG", "", AUG_2021, "91");
    check("", "Bình Phước", AUG_2021, "70");
    check("Sở Y tế", "Kiên Giang", AUG_2021, "91");
    check("Sở Y tế Kiên Giang", "", AUG_2021, "91");
    check("Tỉnh ủy Kiên Giang", "", AUG_2021, "91");
    check("Tỉnh ủy", "Kiên Giang", AUG_2021, "91");
    check("UBND huyện Mỹ Xuyên", "Mỹ Xuyên", AUG_2021, "947");
    check("UBND huyện Mỹ Xuyên, tỉnh Sóc Trăng", "", AUG_2021, "947");
    check("UBND huyện Châu Thành, tỉnh Sóc Trăng", "Châu Thành", AUG_2021, "942");
    check("UBND huyện Châu Thành", "Sóc Trăng", AUG_2021, "942");
    check("UBND huyện Châu Thành", "Châu Thành", AUG_2021, "");
    check("Công an huyện Mỹ Xuyên", "", AUG_2021, "947");
    check("UBND thành phố Sóc Trăng", "Sóc Trăng", AUG_2021, "941");
    check("Ủy ban nhân dân Thành phố Hồ Chí Minh", "Thành phố Hồ Chí Minh", AUG_2021, "79");
    check("UBND thành phố Cần Thơ", "Cần Thơ", AUG_2021, "92");
    check("UBND thành phố Cần Thơ", "Cần Thơ", AUG_2025, "25-92");
    check("Sở Y tế", "Cần Thơ", AUG_2025, "25-92");
    check("UBND tỉnh An Giang", "An Giang", AUG_2025, "25-91");
    check("UBND tỉnh An Giang", "An Giang", AUG_2021, "89");
    check("UBND tỉnh Sóc Trăng", "Sóc Trăng", AUG_2025, "");
    check("Bộ Y tế", "Hà Nội", AUG_2021, "");
    check("Thủ tướng Chính phủ", "Hà Nội", AUG_2021, "");
    check("Huyện ủy Mỹ Xuyên", "Mỹ Xuyên", AUG_2021, "947");
    check("UBND xã Phú Tâm", "Phú Tâm", AUG_2021, "31573");
    check("", "", AUG_2021, "");
    all_right(&wrong);
}
