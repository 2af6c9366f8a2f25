//! What the demo's offices tell the public; numbers end in a row of noughts, as no real one does.

use jiff::Timestamp;
use vx_concepts::engine::execute;
use vx_foundation::units::Acting;
use vx_kernel::{Id, Path, Problem};
use vx_platform::{Clock, store::Uuid, web::App};
use vx_publications::{Announce, ContactKind, Enlist, Retract};

use super::{Actor, actor, at};

fn path(text: &str) -> Result<Path, Problem> {
    Path::parse(text).map_err(Problem::internal)
}

/// Who writes: login, the unit for which they do, the place for which it answers.
type By = (&'static str, &'static str, &'static str);
const OFFICE: By = ("vanphong", "94/", "94/");
const PRESS: By = ("tttt", "94/94.stttt/", "94/");
const HEALTH: By = ("syt.giamdoc", "94/94.syt/", "94/");
const DISTRICT: By = ("huyen.chutich", "94/943/", "94/943/");
const COMMUNE: By = ("xa.chutich", "94/943/31534/", "94/943/31534/");

/// Who, place, kind, name, name in English, telephone, hours, hours in English.
type Line = (By, &'static str, ContactKind, &'static str, &'static str, &'static str, &'static str, &'static str);
const LINES: [Line; 5] = [
    (
        PRESS,
        "94/",
        ContactKind::Hotline,
        "Tổng đài 1022 tỉnh Sóc Trăng",
        "Provincial switchboard 1022",
        "1022",
        "24/24 giờ",
        "day and night",
    ),
    (
        HEALTH,
        "94/",
        ContactKind::Health,
        "Đường dây nóng Sở Y tế",
        "Health department hot line",
        "0299 000 0001",
        "24/24 giờ",
        "day and night",
    ),
    (
        OFFICE,
        "94/",
        ContactKind::CommandCentre,
        "Sở chỉ huy phòng, chống dịch tỉnh",
        "Provincial command centre",
        "0299 000 0002",
        "24/24 giờ",
        "day and night",
    ),
    (
        DISTRICT,
        "94/943/",
        ContactKind::CommandCentre,
        "Sở chỉ huy huyện Kế Sách",
        "Kế Sách district command centre",
        "0299 000 0003",
        "6:00–22:00 hằng ngày",
        "6:00–22:00 daily",
    ),
    (
        COMMUNE,
        "94/943/31534/",
        ContactKind::Hotline,
        "Trực ban xã Xuân Hòa",
        "Xuân Hòa commune duty desk",
        "0299 000 0004",
        "6:00–20:00 hằng ngày",
        "6:00–20:00 daily",
    ),
];

fn publisher(by: By) -> Result<Acting, Problem> {
    Ok(Acting { unit: path(by.1)?, place: path(by.2)? })
}

fn writer(app: &App, by: By) -> Result<Actor, Problem> {
    actor(app, by.0).ok_or_else(|| Problem::internal("the demo has this account"))
}

async fn announce(
    app: &App,
    by: By,
    place: &str,
    (title, body): (&str, &str),
    english: Option<(&str, &str)>,
    (from_at, until_at): (Timestamp, Option<Timestamp>),
) -> Result<Id<vx_kernel::ids::Announcement>, Problem> {
    let id = Id::fresh();
    let command = Announce {
        id,
        again: false,
        by: publisher(by)?,
        place: path(place)?,
        title: title.to_owned(),
        body: body.to_owned(),
        title_en: english.map(|(title, _)| title.to_owned()),
        body_en: english.map(|(_, body)| body.to_owned()),
        from_at,
        until_at,
        reason: None,
    };
    execute(app.db(), &writer(app, by)?, Uuid::now_v7(), command).await.map(|_| id)
}

pub(super) async fn seed(app: &App, clock: &Clock) -> anyhow::Result<()> {
    clock.set(at("2021-09-12T09:00")?);
    lines(app).await.map_err(crate::said)?;
    let moments = (at("2021-09-12T09:30")?, at("2021-09-20T00:00")?, at("2021-09-13T00:00")?);
    told(app, moments).await.map_err(crate::said)
}

async fn lines(app: &App) -> Result<(), Problem> {
    for (by, place, kind, name, name_en, telephone, hours, hours_en) in LINES {
        let command = Enlist {
            id: Id::fresh(),
            again: false,
            by: publisher(by)?,
            place: path(place)?,
            kind,
            name: name.to_owned(),
            name_en: Some(name_en.to_owned()),
            telephone: telephone.to_owned(),
            hours: hours.to_owned(),
            hours_en: Some(hours_en.to_owned()),
            reason: None,
        };
        execute(app.db(), &writer(app, by)?, Uuid::now_v7(), command).await?;
    }
    Ok(())
}

async fn told(app: &App, (from, until, later): (Timestamp, Timestamp, Timestamp)) -> Result<(), Problem> {
    announce(
        app,
        HEALTH,
        "94/",
        (
            "Tiêm vắc xin lưu động tại 11 huyện, thị xã, thành phố",
            "Từ ngày 13/9/2021, các đội tiêm lưu động đến từng xã theo lịch do UBND xã thông báo.\n\
             Người dân mang theo giấy tờ tùy thân, đeo khẩu trang, đến đúng giờ ghi trong giấy mời.",
        ),
        Some((
            "Mobile vaccination in all 11 districts",
            "From 13 September 2021 mobile teams come to each commune at the times that its People's Committee announces.\n\
             Bring an identity paper, wear a mask, and come at the time on your invitation.",
        )),
        (from, Some(until)),
    )
    .await?;
    announce(
        app,
        PRESS,
        "94/",
        (
            "Phản ánh, hỏi đáp về phòng, chống dịch qua tổng đài 1022",
            "Người dân gọi 1022, bấm phím 2 để hỏi về đi lại, an sinh, xét nghiệm. Cuộc gọi miễn phí.",
        ),
        Some((
            "Questions about the epidemic: call 1022",
            "Call 1022 and press 2 to ask about travel, support and tests. The call is free.",
        )),
        (from, None),
    )
    .await?;
    announce(
        app,
        COMMUNE,
        "94/943/31534/",
        (
            "Chợ Xuân Hòa họp theo phiếu chẵn, lẻ",
            "Hộ có phiếu chẵn đi chợ ngày chẵn, phiếu lẻ đi ngày lẻ, từ 6 đến 9 giờ.",
        ),
        None,
        (later, Some(until)),
    )
    .await?;
    let mistaken = announce(
        app,
        PRESS,
        "94/",
        ("Lịch cắt điện ngày 12/9/2021", "Thông báo này gửi nhầm mục."),
        None,
        (from, None),
    )
    .await?;
    let command = Retract { id: mistaken, reason: "Không thuộc phòng, chống dịch".to_owned() };
    execute(app.db(), &writer(app, PRESS)?, Uuid::now_v7(), command).await.map(drop)
}
