//! What is written is read back unchanged.
#![allow(clippy::unwrap_used)]

use vx_dispatch::{Authority, Draft, DraftClause, Due, Kind, SigningFor, Urgency, parse, write};

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
