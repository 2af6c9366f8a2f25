//! Where things stand in the demo's province: invented, near the known points of the units on whose ground they stand.
//! Their numbers are of a row that nobody was given.

use std::sync::Arc;

use jiff::civil::date;
use vx_concepts::engine::{execute, run};
use vx_foundation::{
    sites::{
        Add, Close, Particulars, Position,
        SiteKind::{
            self, Checkpoint, CommandCentre, Enterprise, Hospital, Market, Quarantine, TestSite, Treatment,
            VaccinationSite,
        },
    },
    units::Acting,
};
use vx_kernel::{Date, Id, Path, Problem};
use vx_platform::{Clock, store::Uuid, web::App};

use super::{Actor, actor, at};

/// Kind, unit, name, address, steps of a thousandth of a degree to the east and to the north of the unit's point, capacity.
type Line = (SiteKind, &'static str, &'static str, &'static str, (i32, i32), Option<i64>);

/// What the province's office wrote down.
const LINES: &[Line] = &[
    // On the roads by which one comes into the province.
    (Checkpoint, "31570", "Chốt Quốc lộ 1 – Hồ Đắc Kiện", "Quốc lộ 1, giáp tỉnh Hậu Giang", (-9, 6), Some(16)),
    (Checkpoint, "31561", "Chốt Quốc lộ 1 – Đại Hải", "Quốc lộ 1, cầu Ba Rinh", (-6, 5), Some(12)),
    (
        Checkpoint,
        "31531",
        "Chốt Nam Sông Hậu – An Lạc Thôn",
        "Đường Nam Sông Hậu, giáp tỉnh Hậu Giang",
        (-4, 7),
        Some(12),
    ),
    (Checkpoint, "31546", "Chốt Đường tỉnh 932B – Ba Trinh", "Đường tỉnh 932B, cầu Ba Trinh", (-7, 3), Some(8)),
    (Checkpoint, "31645", "Chốt bến phà Đại Ngãi", "Quốc lộ 60, bến phà Đại Ngãi", (6, 5), Some(10)),
    (Checkpoint, "31618", "Chốt bến đò An Thạnh 1", "Đường huyện, bến đò sang Trà Vinh", (7, 4), Some(6)),
    (Checkpoint, "31757", "Chốt Quốc lộ 1 – Hưng Lợi", "Quốc lộ 1, giáp tỉnh Bạc Liêu", (-8, -6), Some(16)),
    (
        Checkpoint,
        "31735",
        "Chốt Quản lộ Phụng Hiệp – Ngã Năm",
        "Quản lộ Phụng Hiệp, giáp tỉnh Hậu Giang",
        (-5, 8),
        Some(10),
    ),
    (Checkpoint, "31753", "Chốt Mỹ Quới", "Đường tỉnh 937, giáp tỉnh Bạc Liêu", (-6, -4), Some(8)),
    (Checkpoint, "31810", "Chốt Nam Sông Hậu – Lai Hòa", "Đường Nam Sông Hậu, giáp tỉnh Bạc Liêu", (-9, -2), Some(12)),
    (Checkpoint, "31588", "Chốt Hưng Phú", "Đường tỉnh 940, giáp tỉnh Hậu Giang", (-8, 4), Some(6)),
    // Hospitals and where cases are treated.
    (Hospital, "31507", "Bệnh viện Đa khoa tỉnh (mẫu)", "Đường số 1, Phường 6", (2, 1), Some(800)),
    (Hospital, "31510", "Bệnh viện Sản Nhi (mẫu)", "Đường số 4, Phường 2", (3, -1), Some(300)),
    (Hospital, "31756", "Trung tâm Y tế Thạnh Trị (mẫu)", "Ấp 2, thị trấn Phú Lộc", (2, 2), Some(150)),
    (Hospital, "31528", "Trung tâm Y tế Kế Sách (mẫu)", "Ấp An Ninh 1, thị trấn Kế Sách", (-2, 2), Some(160)),
    (Hospital, "31783", "Trung tâm Y tế Vĩnh Châu (mẫu)", "Khóm 3, Phường 1", (1, 3), Some(170)),
    (Hospital, "31639", "Trung tâm Y tế Long Phú (mẫu)", "Ấp 4, thị trấn Long Phú", (-3, 1), Some(120)),
    (Treatment, "31504", "Bệnh viện dã chiến số 1", "Khu công nghiệp An Nghiệp, lô K", (4, 3), Some(500)),
    (Treatment, "31684", "Bệnh viện dã chiến số 2", "Trường dạy nghề, thị trấn Mỹ Xuyên", (-3, 2), Some(350)),
    (Treatment, "31567", "Cơ sở thu dung Mỹ Tú", "Trung tâm văn hóa, thị trấn Huỳnh Hữu Nghĩa", (2, -2), Some(120)),
    (Treatment, "31673", "Cơ sở thu dung Trần Đề", "Nhà thi đấu, thị trấn Trần Đề", (-4, 1), Some(140)),
    // Quarantine.
    (Quarantine, "31522", "Khu cách ly Trường Quân sự tỉnh", "Phường 9", (5, -2), Some(400)),
    (Quarantine, "31525", "Khu cách ly Ký túc xá sinh viên", "Phường 10", (-4, -3), Some(320)),
    (Quarantine, "31569", "Khu cách ly huyện Châu Thành", "Trường phổ thông, thị trấn Châu Thành", (3, -2), Some(180)),
    (Quarantine, "31549", "Khu cách ly huyện Kế Sách", "Trường phổ thông Thới An Hội", (-3, -1), Some(150)),
    (Quarantine, "31732", "Khu cách ly thị xã Ngã Năm", "Trường phổ thông, Phường 1", (2, 2), Some(160)),
    (
        Quarantine,
        "31615",
        "Khu cách ly huyện Cù Lao Dung",
        "Trường phổ thông, thị trấn Cù Lao Dung",
        (-2, 3),
        Some(110),
    ),
    // Markets.
    (Market, "31513", "Chợ trung tâm thành phố", "Phường 1", (1, -1), Some(650)),
    (Market, "31498", "Chợ Phường 5", "Phường 5", (-2, 2), Some(120)),
    (Market, "31684", "Chợ Mỹ Xuyên", "Thị trấn Mỹ Xuyên", (2, 3), Some(210)),
    (Market, "31756", "Chợ Phú Lộc", "Thị trấn Phú Lộc", (-2, -1), Some(240)),
    (Market, "31783", "Chợ Vĩnh Châu", "Phường 1", (-2, -2), Some(260)),
    (Market, "31645", "Chợ Đại Ngãi", "Thị trấn Đại Ngãi", (-3, -2), Some(180)),
    (Market, "31531", "Chợ An Lạc Thôn", "Thị trấn An Lạc Thôn", (3, -3), Some(150)),
    // Enterprises.
    (Enterprise, "31594", "Khu công nghiệp An Nghiệp (mẫu)", "Xã An Hiệp", (6, 4), Some(12_000)),
    (Enterprise, "31501", "Nhà máy chế biến thủy sản A (mẫu)", "Đường Lê Hồng Phong, Phường 7", (-3, 3), Some(1_800)),
    (Enterprise, "31673", "Cảng cá Trần Đề (mẫu)", "Thị trấn Trần Đề", (6, -3), Some(900)),
    // Where samples are taken and people vaccinated.
    (TestSite, "31519", "Điểm lấy mẫu Nhà văn hóa Phường 3", "Phường 3", (2, 0), Some(60)),
    (TestSite, "31528", "Điểm lấy mẫu thị trấn Kế Sách", "Thị trấn Kế Sách", (3, -2), Some(40)),
    (TestSite, "31690", "Điểm lấy mẫu xã Đại Tâm", "Xã Đại Tâm", (-2, 1), Some(40)),
    (VaccinationSite, "31516", "Điểm tiêm Nhà thi đấu tỉnh", "Phường 4", (-3, 1), Some(120)),
    (VaccinationSite, "31528", "Điểm tiêm Trường THPT Kế Sách", "Thị trấn Kế Sách", (-4, -3), Some(80)),
    (VaccinationSite, "31679", "Điểm tiêm Lịch Hội Thượng", "Thị trấn Lịch Hội Thượng", (2, 2), Some(60)),
    // Command centres.
    (CommandCentre, "31513", "Sở chỉ huy phòng, chống dịch tỉnh", "Phường 1", (-1, 2), None),
    (CommandCentre, "31528", "Sở chỉ huy huyện Kế Sách", "Thị trấn Kế Sách", (0, 4), None),
];

fn near(app: &App, unit: &str, (east, north): (i32, i32)) -> Result<(Path, Option<Position>), Problem> {
    let tree = app.tree();
    let unit = tree.get(unit).ok_or_else(|| Problem::internal(format!("the demo names {unit}")))?;
    let position = unit.lat.zip(unit.lon).map(|(latitude, longitude)| {
        let round = |degrees: f64| (degrees * 1e5).round() / 1e5;
        Position::at(round(latitude + f64::from(north) / 1e3), round(longitude + f64::from(east) / 1e3))
    });
    Ok((unit.path.clone(), position.transpose()?))
}

fn said(app: &App, number: usize, line: &Line, from_on: Date) -> Result<Particulars, Problem> {
    let (kind, unit, name, address, moved, capacity) = *line;
    let (unit, position) = near(app, unit, moved)?;
    Ok(Particulars {
        unit,
        kind,
        name: name.to_owned(),
        address: address.to_owned(),
        position,
        telephone: Some(format!("0299 300 {:04}", 1 + number)),
        capacity,
        from_on: Some(from_on),
        until_on: None,
        note: String::new(),
    })
}

fn acting(unit: &str) -> Result<Acting, Problem> {
    let path = Path::parse(unit).map_err(Problem::internal)?;
    Ok(Acting { unit: path.clone(), place: path })
}

fn writer(app: &App, login: &str) -> Result<Actor, Problem> {
    actor(app, login).ok_or_else(|| Problem::internal("the demo has this account"))
}

/// The register of the province, as its office wrote it down when the program began.
pub(super) async fn province(app: &App) -> Result<(), Problem> {
    let lines = LINES.iter().enumerate().map(|(number, line)| said(app, number, line, date(2021, 8, 29)));
    let lines: Vec<Particulars> = lines.collect::<Result<_, _>>()?;
    let shared = Arc::new((writer(app, "vanphong")?, acting("94/")?, lines));
    app.db()
        .write(move |tx| {
            let shared = shared.clone();
            Box::pin(async move {
                let (office, by, lines) = &*shared;
                for of in lines {
                    let command = Add { by: by.clone(), of: of.clone(), reason: None };
                    run(tx, office, Uuid::now_v7(), &command).await?;
                }
                Ok(())
            })
        })
        .await
}

/// What a commune and its district wrote down themselves: a checkpoint that is closed again, a market, and a place of
/// which the position is not known yet.
pub(super) async fn below(app: &App, clock: &Clock) -> anyhow::Result<()> {
    clock.set(at("2021-09-11T15:00")?);
    added(app).await.map_err(crate::said)
}

async fn added(app: &App) -> Result<(), Problem> {
    let (commune, district) = (writer(app, "xa.canbo")?, writer(app, "huyen.canbo")?);
    let own: [Line; 2] = [
        (Market, "31534", "Chợ Xuân Hòa", "Ấp Hòa Phú, xã Xuân Hòa", (2, -2), Some(60)),
        (Checkpoint, "31534", "Chốt tạm cầu Cái Côn", "Ấp Hòa An, xã Xuân Hòa", (-5, 3), Some(4)),
    ];
    let mut last: Option<Id<vx_kernel::ids::Site>> = None;
    for (number, line) in own.iter().enumerate() {
        let of = said(app, LINES.len() + number, line, date(2021, 9, 1))?;
        let command = Add { by: acting("94/943/31534/")?, of, reason: None };
        last = Some(execute(app.db(), &commune, Uuid::now_v7(), command).await?.into());
    }
    if let Some(site) = last {
        let reason = "Gộp vào chốt An Lạc Thôn theo chỉ đạo của huyện".to_owned();
        let command = Close { site, by: acting("94/943/31534/")?, reason };
        execute(app.db(), &commune, Uuid::now_v7(), command).await?;
    }
    let line: Line = (Enterprise, "31552", "Vựa trái cây Nhơn Mỹ (mẫu)", "Xã Nhơn Mỹ", (0, 0), Some(45));
    let of = Particulars { position: None, ..said(app, LINES.len() + 2, &line, date(2021, 9, 5))? };
    let command = Add { by: acting("94/943/")?, of, reason: None };
    execute(app.db(), &district, Uuid::now_v7(), command).await.map(drop)
}
