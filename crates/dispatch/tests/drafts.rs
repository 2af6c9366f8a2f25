//! What is written is read back unchanged.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;
use vx_dispatch::{
    Authority, Draft, DraftClause, Due, Figure, Kind, Layout, Numbering, Properties, Shape, SigningFor, Urgency, open,
    parse, word, write,
};

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|item| (*item).to_owned()).collect()
}

fn sample() -> Draft {
    Draft {
        urgency: Some(Urgency::HoaToc),
        issuer: "Ủy ban nhân dân tỉnh Sóc Trăng".to_owned(),
        number: Some("1844/UBND-VX".to_owned()),
        place: "Sóc Trăng".to_owned(),
        issued_on: Some("2021-08-28".to_owned()),
        subject: "siết chặt kiểm soát dịch tại các địa bàn giáp ranh".to_owned(),
        addressees: strings(&["Các sở, ban, ngành tỉnh", "UBND các huyện, thị xã, thành phố"]),
        preamble: strings(&[
            "Căn cứ Quyết định số 2093/QĐ-UBND ngày 15/8/2021 của Chủ tịch UBND tỉnh, Chủ tịch UBND tỉnh yêu cầu:",
        ]),
        clauses: vec![
            DraftClause {
                text: "rà soát nguồn ô xy, giường bệnh".to_owned(),
                lead: strings(&["Sở Y tế"]),
                cooperating: strings(&["Sở Tài chính", "Công an tỉnh"]),
                dues: vec![Due::On { day: "2021-09-02".to_owned(), time: Some("17:00".to_owned()) }],
                ..DraftClause::default()
            },
            DraftClause {
                lead: strings(&["UBND các huyện, thị xã, thành phố"]),
                clauses: vec![
                    DraftClause {
                        text: "Kiện toàn Tổ COVID-19 cộng đồng".to_owned(),
                        dues: vec![Due::On { day: "2021-09-04".to_owned(), time: None }],
                        ..DraftClause::default()
                    },
                    DraftClause {
                        text: "Báo cáo kết quả".to_owned(),
                        dues: vec![Due::Daily { every: 3, time: Some("16:00".to_owned()) }],
                        ..DraftClause::default()
                    },
                ],
                ..DraftClause::default()
            },
        ],
        closing: Some("Yêu cầu thủ trưởng các cơ quan, đơn vị nghiêm túc thực hiện Công văn này".to_owned()),
        recipients: strings(&["Như trên", "CT, các PCT UBND tỉnh", "Lưu: VT, VX"]),
        authority: vec![
            Authority { by: SigningFor::Tm, of: "Ủy ban nhân dân".to_owned() },
            Authority { by: SigningFor::Kt, of: "Chủ tịch".to_owned() },
        ],
        title: "Phó Chủ tịch".to_owned(),
        name: "Trần Văn An".to_owned(),
        ..Draft::new(Kind::CongVan)
    }
}

#[test]
fn a_draft_is_read_back() {
    let draft = sample();
    assert_eq!(draft.tidy(), draft);
    let text = write(&draft);
    let outcome = parse(&text);
    assert_eq!(outcome.dispatches.len(), 1, "{text}");
    assert_eq!(Draft::of(&outcome.dispatches[0], &text), draft, "{text}");
    assert_eq!(draft.unread(), vec![]);
}

const ISSUERS: &[(&str, Option<&str>, &str)] = &[
    ("Ủy ban nhân dân tỉnh Sóc Trăng", None, "UBND-VX"),
    ("Ủy ban nhân dân huyện Kế Sách", None, "UBND"),
    ("Sở Y tế", Some("Ủy ban nhân dân tỉnh Sóc Trăng"), "SYT-NVY"),
    ("Văn phòng", Some("Ủy ban nhân dân tỉnh Sóc Trăng"), "VP-KGVX"),
    ("Ban Chỉ đạo phòng, chống dịch COVID-19", Some("Ủy ban nhân dân tỉnh Sóc Trăng"), "BCĐ"),
    ("Trung tâm Y tế", Some("Ủy ban nhân dân thị xã Vĩnh Châu"), "TTYT"),
    ("Ủy ban nhân dân thành phố Cần Thơ", None, "UBND-KGVX"),
    ("Ủy ban nhân dân xã An Mỹ", None, "UBND"),
];

const UNITS: &[&str] = &[
    "Sở Y tế",
    "Sở Tài chính",
    "Sở Giao thông vận tải",
    "Sở Lao động - Thương binh và Xã hội",
    "Sở Thông tin và Truyền thông",
    "Sở Nông nghiệp và Phát triển nông thôn",
    "Công an tỉnh",
    "Bộ Chỉ huy Quân sự tỉnh",
    "UBND các huyện, thị xã, thành phố",
    "UBND các xã, phường, thị trấn",
    "Ủy ban nhân dân huyện Kế Sách",
    "Ban Quản lý các khu công nghiệp tỉnh",
    "Trung tâm Kiểm soát bệnh tật tỉnh",
    "Văn phòng UBND tỉnh",
    "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh",
    "Đài Phát thanh và Truyền hình tỉnh",
    "Cục Quản lý thị trường tỉnh",
    "Giám đốc Sở Y tế",
    "Trung tâm Y tế các huyện, thị xã, thành phố",
];

const TASKS: &[&str] = &[
    "rà soát nguồn ô xy, giường bệnh và sinh phẩm xét nghiệm",
    "bố trí đủ lực lượng tại các chốt kiểm soát cửa ngõ",
    "hướng dẫn người dân khai báo y tế qua ứng dụng",
    "tổ chức lấy mẫu xét nghiệm cho người có nguy cơ cao",
    "lập danh sách từng hộ theo khóm, ấp",
    "tham mưu phương án mở lại chợ đầu mối",
    "kiểm tra việc thực hiện giãn cách tại doanh nghiệp",
    "kiện toàn Tổ COVID-19 cộng đồng",
    "tuyên truyền, vận động Nhân dân tiêm vắc xin đầy đủ",
    "bảo đảm lương thực, thuốc men cho khu vực phong tỏa",
    "báo cáo kết quả về Ban Chỉ đạo cấp tỉnh",
    "đề xuất kinh phí mua sắm máy thở",
    "chi trả hỗ trợ cho người lao động tự do",
    "công khai số điện thoại đường dây nóng",
    "siết chặt quản lý người từ vùng có dịch về",
    "tổ chức trực 24/24 tại các chốt kiểm soát, không để người dân tự ý ra vào vùng phong tỏa",
    "xử lý nghiêm các trường hợp vi phạm theo Nghị định số 117/2020/NĐ-CP của Chính phủ",
    "thực hiện 5K (khẩu trang, khử khuẩn, khoảng cách, không tập trung, khai báo y tế)",
    "chuẩn bị 1.500 giường bệnh và 20.000 kit xét nghiệm nhanh",
    "thông báo ngay khi phát hiện ca mắc để khoanh vùng, dập dịch",
];

const SUBJECTS: &[&str] = &[
    "tăng cường các biện pháp phòng, chống dịch COVID-19",
    "siết chặt kiểm soát dịch tại các địa bàn giáp ranh",
    "tổ chức tiêm vắc xin đợt 3 năm 2021 trên địa bàn tỉnh",
    "chuẩn bị khu cách ly tập trung",
];

const HEADINGS: &[&str] =
    &["Công tác y tế", "Bảo đảm an sinh xã hội", "Nhiệm vụ chung", "Tổ chức thực hiện", "Thông tin, tuyên truyền"];

fn picked(list: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(list).prop_map(str::to_owned)
}

fn time() -> impl Strategy<Value = Option<String>> {
    prop::option::of((0..24u8, prop::sample::select(&[0u8, 15, 30][..])).prop_map(|(h, m)| format!("{h:02}:{m:02}")))
}

fn due() -> impl Strategy<Value = Due> {
    prop_oneof![
        ((2021..2023u16, 1..13u8, 1..29u8), time())
            .prop_map(|((y, m, d), time)| Due::On { day: format!("{y}-{m:02}-{d:02}"), time }),
        (1..30u16, time()).prop_map(|(every, time)| Due::Daily { every, time }),
        (prop::option::of(prop::sample::select(&["MO", "TU", "WE", "TH", "FR", "SA", "SU"][..])), time()).prop_map(
            |(weekday, time)| {
                let time = weekday.and(time);
                Due::Weekly { weekday: weekday.map(str::to_owned), time }
            }
        ),
        (prop::collection::btree_set(1..29u16, 0..4), time()).prop_map(|(days, time)| {
            let time = if days.is_empty() { None } else { time };
            Due::Monthly { days: days.into_iter().collect(), time }
        }),
        Just(Due::Standing),
    ]
}

fn units(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(picked(UNITS), 0..=most)
}

/// What reports say below their titles.
const PARAGRAPHS: &[&str] = &[
    "Tính đến 17h00, toàn tỉnh ghi nhận 45 ca mắc mới, trong đó 12 ca trong cộng đồng",
    "Lũy kế từ đầu đợt dịch có 1.234 ca; 987 ca đã khỏi",
    "Công tác xét nghiệm được thực hiện đúng tiến độ (đạt 98,5 %)",
];

fn figures() -> impl Strategy<Value = Vec<Figure>> {
    let cells = "Huyện\tCa mắc\tKhỏi\nKế Sách\t12\t3\nMỹ Xuyên\t1.045\t7";
    let shape = prop_oneof![Just(None), Just(Some(Shape::Bar)), Just(Some(Shape::Line))];
    prop::collection::vec(shape.prop_map(move |shape| Figure::read("Theo huyện", shape, cells).unwrap()), 0..2)
}

fn without_figures(draft: &Draft) -> Draft {
    fn plain(clauses: &[DraftClause]) -> Vec<DraftClause> {
        let one = |clause: &DraftClause| DraftClause {
            figures: Vec::new(),
            clauses: plain(&clause.clauses),
            ..clause.clone()
        };
        clauses.iter().map(one).collect()
    }
    Draft { clauses: plain(&draft.clauses), ..draft.clone() }
}

/// A clause that gives work, or a heading over such clauses.
fn clause(depth: usize) -> BoxedStrategy<DraftClause> {
    let task = (picked(TASKS), units(2), units(3), prop::collection::vec(due(), 0..3)).prop_map(
        |(text, lead, cooperating, dues)| DraftClause { text, lead, cooperating, dues, ..DraftClause::default() },
    );
    if depth == 0 {
        return task.boxed();
    }
    let below = move || prop::collection::vec(clause(depth - 1), 1..4);
    prop_oneof![
        3 => task,
        1 => (picked(UNITS), below()).prop_map(|(unit, clauses)| DraftClause { lead: vec![unit], clauses, ..DraftClause::default() }),
        1 => (picked(HEADINGS), below()).prop_map(|(text, clauses)| DraftClause { text, clauses, ..DraftClause::default() }),
        1 => (picked(HEADINGS), prop::collection::vec(picked(PARAGRAPHS), 1..3), figures())
            .prop_map(|(text, more, figures)| DraftClause { text: format!("{text}\n{}", more.join("\n")), figures, ..DraftClause::default() }),
    ]
    .boxed()
}

fn signature() -> impl Strategy<Value = (Vec<Authority>, bool, String)> {
    let line = |by, of: &str| Authority { by, of: of.to_owned() };
    prop_oneof![
        Just((vec![], false, "Chủ tịch".to_owned())),
        Just((vec![], true, "Chủ tịch".to_owned())),
        Just((vec![], false, "Giám đốc".to_owned())),
        Just((vec![line(SigningFor::Kt, "Chủ tịch")], false, "Phó Chủ tịch".to_owned())),
        Just((vec![line(SigningFor::Tm, "Ủy ban nhân dân")], false, "Chủ tịch".to_owned())),
        Just((
            vec![line(SigningFor::Tm, "Ủy ban nhân dân"), line(SigningFor::Kt, "Chủ tịch")],
            false,
            "Phó Chủ tịch".to_owned()
        )),
        Just((vec![line(SigningFor::Tl, "Chủ tịch")], false, "Chánh Văn phòng".to_owned())),
        Just((
            vec![line(SigningFor::Tl, "Chủ tịch"), line(SigningFor::Kt, "Chánh Văn phòng")],
            false,
            "Phó Chánh Văn phòng".to_owned()
        )),
        Just((vec![line(SigningFor::Tuq, "Chủ tịch")], false, "Giám đốc Sở Y tế".to_owned())),
        Just((vec![line(SigningFor::Kt, "Giám đốc")], false, "Phó Giám đốc".to_owned())),
    ]
}

fn draft() -> impl Strategy<Value = Draft> {
    const KINDS: &[Kind] =
        &[Kind::CongVan, Kind::CongDien, Kind::ChiThi, Kind::KeHoach, Kind::ThongBao, Kind::QuyetDinh];
    let head = (
        prop::sample::select(KINDS),
        prop::option::of(prop::sample::select(vec![Urgency::Khan, Urgency::ThuongKhan, Urgency::HoaToc])),
        prop::sample::select(ISSUERS),
        1..4000u16,
        (1..13u8, 1..29u8),
        picked(SUBJECTS),
    );
    let grounds = prop::collection::vec(
        prop::sample::select(
            &[
                "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;",
                "Căn cứ Quyết định số 2093/QĐ-UBND ngày 15/8/2021 của Chủ tịch UBND tỉnh;",
                "Thực hiện Công điện số 1102/CĐ-TTg ngày 23/8/2021 của Thủ tướng Chính phủ;",
            ][..],
        )
        .prop_map(str::to_owned),
        0..3,
    );
    let roman = any::<bool>();
    let addressees = prop::collection::vec(picked(UNITS), 1..5);
    let body = prop::collection::vec(clause(2), 1..5);
    let closing =
        prop::option::of(Just("Yêu cầu thủ trưởng các cơ quan, đơn vị, địa phương nghiêm túc thực hiện".to_owned()));
    let name = picked(&["Trần Văn An", "Huỳnh Thị Diễm Ngọc", "Lâm Hoàng Mẫu", "Y Thông"]);
    (head, grounds, roman, addressees, body, closing, signature(), name).prop_map(
        |(
            (kind, urgency, (issuer, parent, symbol), number, (month, day), subject),
            grounds,
            roman,
            addressees,
            clauses,
            closing,
            (authority, acting, title),
            name,
        )| {
            let code = match kind {
                Kind::CongVan => String::new(),
                Kind::CongDien => "CĐ-".to_owned(),
                Kind::ChiThi => "CT-".to_owned(),
                Kind::KeHoach => "KH-".to_owned(),
                Kind::ThongBao => "TB-".to_owned(),
                _ => "QĐ-".to_owned(),
            };
            let addressed = matches!(kind, Kind::CongVan | Kind::CongDien);
            let mut preamble = grounds;
            preamble.push(match kind {
                Kind::QuyetDinh => "Theo đề nghị của Giám đốc Sở Y tế.".to_owned(),
                Kind::ThongBao => "Chủ tịch Ủy ban nhân dân tỉnh kết luận như sau:".to_owned(),
                Kind::KeHoach => "Ủy ban nhân dân tỉnh ban hành Kế hoạch như sau:".to_owned(),
                _ => "Chủ tịch Ủy ban nhân dân tỉnh yêu cầu:".to_owned(),
            });
            let base = Draft::new(kind);
            let this = match kind {
                Kind::CongVan => "Công văn",
                Kind::CongDien => "Công điện",
                Kind::ChiThi => "Chỉ thị",
                Kind::KeHoach => "Kế hoạch",
                Kind::ThongBao => "Thông báo",
                _ => "Quyết định",
            };
            Draft {
                urgency,
                parent_issuer: parent.map(str::to_owned),
                issuer: issuer.to_owned(),
                number: Some(format!("{number:02}/{code}{symbol}")),
                place: "Sóc Trăng".to_owned(),
                issued_on: Some(format!("2021-{month:02}-{day:02}")),
                subject: if addressed && kind == Kind::CongVan { subject } else { format!("Về việc {subject}") },
                addressees: if addressed { addressees } else { Vec::new() },
                preamble,
                numbering: if roman && kind != Kind::QuyetDinh { Numbering::Roman } else { base.numbering },
                clauses,
                closing: closing.map(|closing| format!("{closing} {this} này")),
                recipients: strings(&["Như trên", "TT. Tỉnh ủy, TT. HĐND tỉnh", "Lưu: VT, VX"]),
                authority,
                acting,
                title,
                name,
                ..base
            }
            .tidy()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn every_draft_is_read_back_unchanged(draft in draft()) {
        let text = write(&draft);
        prop_assert_eq!(draft.unread(), vec![], "\n{}", &text);
        let outcome = parse(&text);
        prop_assert_eq!(Draft::of(&outcome.dispatches[0], &text), without_figures(&draft), "\n{}", &text);
    }

    #[test]
    fn every_draft_is_read_back_from_its_word_file(draft in draft()) {
        let file = word(&Layout::of(&draft), &Properties::default());
        let opened = open(&file).unwrap();
        let outcome = opened.parse();
        prop_assert_eq!(outcome.dispatches.len(), 1, "\n{}", &opened.text);
        prop_assert_eq!(Draft::of(&outcome.dispatches[0], &opened.text), without_figures(&draft), "\n{}", &opened.text);
    }
}
