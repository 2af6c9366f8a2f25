//! The demo's outgoing documents: a report with figures that is out, a notice that is out, one that waits for its
//! signature, a draft with blanks. Persons and figures are invented.

use anyhow::Context as _;
use vx_concepts::{
    engine::execute,
    paper::{Paper, Write},
};
use vx_dispatch::{Authority, Draft, DraftClause, Figure, Kind, Numbering, Shape, SigningFor};
use vx_kernel::{Id, Path, Problem, ids};
use vx_papers::{Sign, Submit, blanks, number_and_publish};
use vx_platform::{Clock, auth::Actor, store::Uuid, web::App};

use super::{actor, at};

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

fn section(text: &str, figures: Vec<Figure>) -> DraftClause {
    DraftClause { text: text.to_owned(), figures, ..DraftClause::default() }
}

fn report() -> Draft {
    let figure =
        |caption: &str, shape, cells: &str| Figure::read(caption, shape, cells).into_iter().collect::<Vec<_>>();
    let districts = "Đơn vị | Số mẫu | Ca mắc mới | Lũy kế\nThành phố Sóc Trăng | 4.120 | 14 | 312\nHuyện Kế Sách | 2.310 | 9 | 187\n\
                     Huyện Mỹ Xuyên | 1.845 | 6 | 141\nThị xã Vĩnh Châu | 2.076 | 11 | 203\nThị xã Ngã Năm | 980 | 2 | 58\nHuyện Trần Đề | 1.119 | 3 | 96";
    let days = "Ngày | Cộng đồng | Khu cách ly\n06/9 | 3 | 9\n07/9 | 5 | 8\n08/9 | 2 | 11\n09/9 | 4 | 7\n10/9 | 1 | 6\n11/9 | 2 | 5\n12/9 | 1 | 4";
    Draft {
        parent_issuer: Some("Ủy ban nhân dân tỉnh Sóc Trăng".to_owned()),
        issuer: "Sở Y tế tỉnh Sóc Trăng".to_owned(),
        place: "Sóc Trăng".to_owned(),
        subject: "Kết quả phòng, chống dịch COVID-19 từ 06/9/2021 đến 12/9/2021".to_owned(),
        addressees: strings(&["UBND tỉnh Sóc Trăng"]),
        preamble: strings(&["Sở Y tế báo cáo kết quả phòng, chống dịch trong tuần như sau:"]),
        numbering: Numbering::Roman,
        clauses: vec![
            section(
                "Tình hình dịch bệnh\nTrong tuần toàn tỉnh ghi nhận 68 ca mắc mới, trong đó 18 ca trong cộng đồng; số ca giảm dần từ ngày 09/9",
                figure("Ca mắc mới theo ngày", Some(Shape::Line), days),
            ),
            section(
                "Kết quả xét nghiệm\nĐã lấy 12.450 mẫu, đạt 98,5 % kế hoạch tuần; kết quả theo địa bàn như sau",
                figure("Kết quả theo đơn vị cấp huyện", None, districts),
            ),
            section(
                "Khó khăn, vướng mắc\nNhân lực lấy mẫu tại tuyến xã còn thiếu do nhiều cán bộ đang cách ly",
                Vec::new(),
            ),
            section("Kiến nghị\nUBND tỉnh xem xét bổ sung sinh phẩm xét nghiệm cho tuần tới", Vec::new()),
        ],
        recipients: strings(&["Như trên", "Lưu: VT"]),
        title: "Giám đốc".to_owned(),
        ..Draft::new(Kind::BaoCao)
    }
}

fn province(kind: Kind, subject: &str) -> Draft {
    Draft {
        issuer: "Ủy ban nhân dân tỉnh Sóc Trăng".to_owned(),
        place: "Sóc Trăng".to_owned(),
        subject: subject.to_owned(),
        authority: vec![Authority { by: SigningFor::Tm, of: "Ủy ban nhân dân".to_owned() }],
        title: "Chủ tịch".to_owned(),
        ..Draft::new(kind)
    }
}

fn notice() -> Draft {
    Draft {
        preamble: strings(&["Ủy ban nhân dân tỉnh thông báo lịch trực phòng, chống dịch tháng 9 năm 2021 như sau:"]),
        clauses: vec![
            section("Trung tâm Chỉ huy trực 24/24 giờ, kể cả ngày nghỉ", Vec::new()),
            section("Đường dây nóng tiếp nhận phản ánh của người dân: 1022", Vec::new()),
        ],
        recipients: strings(&["UBND các huyện, thị xã, thành phố", "Sở Y tế", "Lưu: VT"]),
        ..province(Kind::ThongBao, "Lịch trực phòng, chống dịch tháng 9 năm 2021")
    }
}

fn decision() -> Draft {
    Draft {
        preamble: strings(&[
            "Căn cứ Luật Tổ chức chính quyền địa phương ngày 19 tháng 6 năm 2015;",
            "Theo đề nghị của Giám đốc Sở Y tế.",
        ]),
        clauses: vec![
            section("Thành lập Tổ công tác điều phối ô xy y tế trên địa bàn tỉnh", Vec::new()),
            section("Tổ công tác do Giám đốc Sở Y tế làm Tổ trưởng, tự giải thể khi hoàn thành nhiệm vụ", Vec::new()),
            section("Quyết định này có hiệu lực kể từ ngày ký", Vec::new()),
        ],
        recipients: strings(&["Như Điều 2", "Lưu: VT"]),
        ..province(Kind::QuyetDinh, "Về việc thành lập Tổ công tác điều phối ô xy y tế")
    }
}

async fn written(app: &App, by: &Actor, path: &str, symbol: &str, draft: &Draft) -> Result<Id<ids::Paper>, Problem> {
    let path = Path::parse(path).map_err(Problem::internal)?;
    let paper = Paper::new(path, symbol, draft, &by.name);
    execute(app.db(), by, Uuid::now_v7(), Write { paper }).await.map(Id::from)
}

async fn submitted(app: &App, by: &Actor, path: &str, id: Id<ids::Paper>) -> Result<(), Problem> {
    let units = vec![Path::parse(path).map_err(Problem::internal)?];
    execute(app.db(), by, Uuid::now_v7(), Submit { paper: id, version: 1, units }).await.map(drop)
}

async fn signed(app: &App, by: &Actor, path: &str, id: Id<ids::Paper>) -> Result<(), Problem> {
    let units = vec![Path::parse(path).map_err(Problem::internal)?];
    let collegial =
        app.tree().at_path(units.first().unwrap_or(&Path::root())).is_some_and(|unit| unit.kind.has_committee());
    let sign = Sign { paper: id, version: 2, delegation: None, delegated_until: None, collegial, units };
    execute(app.db(), by, Uuid::now_v7(), sign).await.map(drop)
}

/// Writes them, at the hours at which people would have.
pub(super) async fn seed(app: &App, clock: &Clock) -> anyhow::Result<()> {
    let who = |login: &str| actor(app, login).context("an account of the demo");
    let (office, chair, head, officer) = (who("vanphong")?, who("chutich")?, who("syt.giamdoc")?, who("syt.canbo")?);
    clock.set(at("2021-09-10T09:00")?);
    let id = written(app, &office, "94/", "TB-UBND", &notice()).await.map_err(crate::said)?;
    submitted(app, &office, "94/", id).await.map_err(crate::said)?;
    clock.set(at("2021-09-10T15:30")?);
    signed(app, &chair, "94/", id).await.map_err(crate::said)?;
    number_and_publish(app, &office, Uuid::now_v7(), id, 3, Some(145)).await.map_err(crate::said)?;
    clock.set(at("2021-09-12T16:00")?);
    let id = written(app, &officer, "94/94.syt/", "BC-SYT", &report()).await.map_err(crate::said)?;
    submitted(app, &officer, "94/94.syt/", id).await.map_err(crate::said)?;
    clock.set(at("2021-09-12T17:20")?);
    signed(app, &head, "94/94.syt/", id).await.map_err(crate::said)?;
    number_and_publish(app, &head, Uuid::now_v7(), id, 3, Some(267)).await.map_err(crate::said)?;
    clock.set(at("2021-09-12T20:40")?);
    let id = written(app, &office, "94/", "QĐ-UBND", &decision()).await.map_err(crate::said)?;
    submitted(app, &office, "94/", id).await.map_err(crate::said)?;
    clock.set(at("2021-09-13T07:15")?);
    let template = blanks::templates().iter().find(|template| template.key == "ke-hoach").context("a template")?;
    let own = |name: &str| {
        let value = match name {
            "cơ quan ban hành" => "Ủy ban nhân dân tỉnh Sóc Trăng",
            "cơ quan chủ quản" => "",
            "địa danh" => "Sóc Trăng",
            "người đứng đầu" => "Chủ tịch",
            "tên kế hoạch" => "Xét nghiệm tầm soát COVID-19 đợt 4",
            _ => return None,
        };
        Some(value.to_owned())
    };
    written(app, &office, "94/", "KH-UBND", &blanks::fill(&template.draft, own)).await.map_err(crate::said)?;
    Ok(())
}
