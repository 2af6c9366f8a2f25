use std::sync::{Arc, LazyLock};

use jiff::{Timestamp, civil::date};
use vx_concepts::engine::Command as _;
use vx_kernel::{
    Id, Path, Problem,
    units::{Tree, read_places},
};
use vx_platform::{
    auth::{Actor, Held, Rights, Role},
    words::Words,
};

use crate::units::{Acting, acting, places};

use super::{commands::Known, import::plan, *};

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new([module().texts]).unwrap());

const UNITS: &str = "key,parent,kind,type,name,alt_names,from,until,lat,lon,area_km2,population
94,,province,tỉnh,Sóc Trăng,,,2025-06-30,,,,
94.syt,94,agency,sở,Sở Y tế,,,2025-06-30,,,,
943,94,district,huyện,Kế Sách,,,2025-06-30,,,,
31534,943,commune,xã,Xuân Hòa,,,2025-06-30,,,,
31540,943,commune,xã,Nhơn Mỹ,,,2025-06-30,,,,
944,94,district,huyện,Mỹ Tú,,,2025-06-30,,,,
31600,944,commune,xã,Nhơn Mỹ,,,2025-06-30,,,,
";

fn tree() -> Tree {
    Tree::new(read_places(UNITS, None).0, Vec::new()).0
}

fn path(text: &str) -> Path {
    Path::parse(text).unwrap()
}

fn now() -> Timestamp {
    "2021-09-13T01:00:00Z".parse().unwrap()
}

fn nobody() -> Actor {
    Actor::system("test", Arc::new(Rights::default()))
}

#[test]
fn positions_are_read_as_people_write_them() {
    let here = Ok(Some((9_603_700, 105_974_200)));
    for (latitude, longitude, wanted) in [
        ("9.6037", "105.9742", here),
        (" 9,6037 ", "105,9742", here),
        ("9.6037°", "105.9742°E", here),
        // Both in one field, whichever.
        ("9.6037, 105.9742", "", here),
        ("9.6037,105.9742", "", here),
        ("", "9.6037 105.9742", here),
        ("9,6037; 105,9742", "", here),
        ("9,6037 105,9742", "", here),
        ("9,6037, 105,9742", "", here),
        ("9,6037,105,9742", "", here),
        ("9.6037° N, 105.9742° E", "", here),
        ("9°36'13.32\"N 105°58'27.12\"E", "", here),
        ("9°36′13,32″", "105°58′27,12″", here),
        // Trường Sa is at home, too.
        ("8.6447", "111.9198", Ok(Some((8_644_700, 111_919_800)))),
        ("", "", Ok(None)),
        (" ", "  ", Ok(None)),
        ("105.9742", "9.6037", Err("sites.position.swapped")),
        ("105.9742, 9.6037", "", Err("sites.position.swapped")),
        ("48.85", "2.35", Err("sites.position.outside")),
        ("96037", "1059742", Err("sites.position.outside")),
        ("-9.6037", "105.9742", Err("sites.position.outside")),
        // Metres of VN-2000.
        ("1062345", "552345", Err("sites.position.outside")),
        ("9.6037", "", Err("sites.position.half")),
        ("9,6037", "", Err("sites.position.half")),
        ("", "105.9742", Err("sites.position.half")),
        ("chín", "105.9742", Err("sites.position.not_a_number")),
        ("9.6037", "1.059.742", Err("sites.position.not_a_number")),
        ("1e1", "105.9742", Err("sites.position.not_a_number")),
        ("NaN", "105.9742", Err("sites.position.not_a_number")),
        ("9°75'", "105°58'", Err("sites.position.not_a_number")),
        ("cầu An Hiệp", "", Err("sites.position.not_a_number")),
        ("https://maps.example/x", "", Err("sites.position.not_a_number")),
    ] {
        let got = Position::read(latitude, longitude);
        let got = got.map(|found| found.map(|at| (at.latitude_micro, at.longitude_micro)));
        assert_eq!(got.map_err(|problem| problem.code), wanted, "{latitude:?} {longitude:?}");
    }
    let position = Position::at(9.6037, 105.9742).unwrap();
    let back = Position::read(&position.to_string(), "").unwrap();
    assert_eq!(back, Some(position), "what is shown can be pasted back");
}

fn market() -> Particulars {
    Particulars {
        unit: path("94/943/31534/"),
        kind: SiteKind::Market,
        name: "Chợ Xuân Hòa".to_owned(),
        address: "Ấp Hòa Phú".to_owned(),
        position: Some(Position::at(9.88, 105.9).unwrap()),
        telephone: Some("0299 300 0001".to_owned()),
        capacity: Some(60),
        from_on: Some(date(2021, 9, 1)),
        until_on: None,
        note: String::new(),
    }
}

fn commune() -> Acting {
    Acting { unit: path("94/943/31534/"), place: path("94/943/31534/") }
}

fn written() -> Site {
    Add { by: commune(), of: market(), reason: None }.decide(&Known::default(), &nobody(), now()).unwrap().record
}

fn code<T>(decided: Result<T, Problem>) -> Result<(), &'static str> {
    decided.map(drop).map_err(|problem| problem.code)
}

#[test]
fn adding_and_changing_are_decided_by_rule() {
    let there = Known { site: None, others: vec![written()] };
    let base = market();
    for (of, known, wanted) in [
        (base.clone(), Known::default(), Ok(())),
        (Particulars { name: "  ".to_owned(), ..base.clone() }, Known::default(), Err("sites.no_name")),
        (Particulars { name: "=1+1".to_owned(), ..base.clone() }, Known::default(), Err("units.bad_name")),
        (Particulars { note: "x".repeat(501), ..base.clone() }, Known::default(), Err("sites.too_long")),
        (Particulars { capacity: Some(-1), ..base.clone() }, Known::default(), Err("sites.capacity")),
        (Particulars { capacity: Some(200_001), ..base.clone() }, Known::default(), Err("sites.capacity")),
        (
            Particulars { telephone: Some("gọi anh Ba".to_owned()), ..base.clone() },
            Known::default(),
            Err("units.bad_phone"),
        ),
        (
            Particulars { until_on: Some(date(2021, 8, 31)), ..base.clone() },
            Known::default(),
            Err("sites.ends_before_it_begins"),
        ),
        (Particulars { unit: path("94/943/31540/"), ..base.clone() }, Known::default(), Err("not_found")),
        // One name once in one place, whatever its marks and letters.
        (Particulars { name: "CHỢ XUÂN HOÀ".to_owned(), ..base.clone() }, there.clone(), Err("sites.there_already")),
        (Particulars { name: "Chợ chiều Xuân Hòa".to_owned(), ..base.clone() }, there.clone(), Ok(())),
    ] {
        let command = Add { by: commune(), of: of.clone(), reason: None };
        assert_eq!(code(command.decide(&known, &nobody(), now())), wanted, "{of:?}");
    }
    let site = written();
    let known = Known { site: Some(site.clone()), others: Vec::new() };
    for (of, wanted) in [
        (base.clone(), Err("sites.nothing_new")),
        (Particulars { capacity: Some(80), ..base.clone() }, Ok(())),
        (Particulars { unit: path("94/943/"), ..base.clone() }, Err("not_found")),
    ] {
        let command = Change { site: site.id, by: commune(), of };
        assert_eq!(code(command.decide(&known, &nobody(), now())), wanted);
    }
    let elsewhere = Acting { unit: path("94/944/"), place: path("94/944/") };
    let command = Change { site: site.id, by: elsewhere, of: Particulars { unit: path("94/944/"), ..base } };
    assert_eq!(code(command.decide(&known, &nobody(), now())), Err("not_found"), "nobody takes another's site away");
}

#[test]
fn closing_and_opening_again_are_decided_by_rule() {
    let open = written();
    let closed = Site { closed_on: Some(date(2021, 9, 10)), until_on: Some(date(2021, 9, 11)), ..open.clone() };
    let close = |site: &Site, reason: &str| {
        let command = Close { site: site.id, by: commune(), reason: reason.to_owned() };
        command.decide(site, &nobody(), now()).map(|decision| decision.record)
    };
    let reopen = |site: &Site, others: Vec<Site>, reason: &str| {
        let command = Reopen { site: site.id, by: commune(), reason: reason.to_owned() };
        let known = Known { site: Some(site.clone()), others };
        command.decide(&known, &nobody(), now()).map(|decision| decision.record)
    };
    assert_eq!(close(&open, "gộp chợ").unwrap().closed_on, Some(date(2021, 9, 13)));
    assert_eq!(code(close(&open, " ")), Err("sites.no_reason"));
    assert_eq!(code(close(&closed, "gộp chợ")), Err("sites.closed_already"));
    let again = reopen(&closed, Vec::new(), "mở lại").unwrap();
    assert_eq!((again.closed_on, again.until_on), (None, None), "a last day that is over would end it again");
    assert_eq!(code(reopen(&closed, Vec::new(), "")), Err("sites.no_reason"));
    assert_eq!(code(reopen(&open, Vec::new(), "mở lại")), Err("sites.not_closed"));
    let twin = Site { id: Id::fresh(), ..open };
    assert_eq!(code(reopen(&closed, vec![twin], "mở lại")), Err("sites.there_already"));
}

#[test]
fn a_site_is_in_use_by_its_days() {
    let site = |from: Option<i8>, until: Option<i8>, closed: Option<i8>| {
        let day = |day: Option<i8>| day.map(|day| date(2021, 9, day));
        Site { from_on: day(from), until_on: day(until), closed_on: day(closed), ..written() }
    };
    for (from, until, closed, wanted) in [
        (None, None, None, SiteState::Open),
        (Some(13), Some(13), None, SiteState::Open),
        (Some(14), None, None, SiteState::Ahead),
        (None, Some(12), None, SiteState::Over),
        (Some(1), None, Some(13), SiteState::Closed),
        (Some(1), None, Some(14), SiteState::Open),
        (None, Some(12), Some(10), SiteState::Closed),
        (Some(14), None, Some(12), SiteState::Closed),
    ] {
        assert_eq!(site(from, until, closed).state(date(2021, 9, 13)), wanted, "{from:?} {until:?} {closed:?}");
    }
}

#[test]
fn who_keeps_sites_keeps_those_of_the_place_they_answer_for() {
    let tree = tree();
    let rights = Arc::new(Rights::new(module().permissions.iter().copied()));
    let person = |role, unit: &str| {
        let mut actor = Actor::system("test", rights.clone());
        actor.held = vec![Held { role, path: path(unit), deputy_for: None }];
        actor
    };
    for (role, unit, site, may, sees) in [
        (Role::Officer, "94/943/31534/", "94/943/31534/", true, true),
        (Role::Officer, "94/943/31534/", "94/943/31540/", false, false),
        (Role::Office, "94/943/", "94/943/31534/", true, true),
        (Role::Office, "94/943/", "94/944/31600/", false, false),
        (Role::Office, "94/943/", "94/", false, false),
        (Role::Chair, "94/", "94/944/31600/", true, true),
        // An agency answers for the place beside which it stands.
        (Role::Head, "94/94.syt/", "94/944/31600/", true, true),
        (Role::Observer, "94/", "94/944/31600/", false, true),
        (Role::Admin, "", "94/944/31600/", true, true),
    ] {
        let actor = person(role, unit);
        assert_eq!(acting(&actor, &tree, Add::NAME, &path(site)).is_ok(), may, "{role} of {unit} at {site}");
        let seen = places(&actor, &tree, READ).iter().any(|place| place.contains(&path(site)));
        assert_eq!(seen, sees, "{role} of {unit} at {site}");
    }
}

#[test]
fn rows_of_a_file_are_taken_or_come_back() {
    let tree = tree();
    let judged = |within: &str, chosen: &[Option<String>], file: &str| match plan(
        &WORDS,
        &tree,
        &path(within),
        file.as_bytes(),
        chosen,
        date(2021, 9, 13),
    ) {
        Ok(plan) => plan.said(),
        Err(problem) => problem.code.to_owned(),
    };
    for (within, file, wanted) in [
        ("94/", "Loại;Tên địa điểm;Mã đơn vị\nChợ;Chợ A;31534\n", "31534 market"),
        ("94/", "Loại hình,Tên,Xã\nchot kiem soat,Chốt A,\"Xã Nhơn Mỹ, Huyện Mỹ Tú\"\n", "31600 checkpoint"),
        ("94/", "kind;name;unit\nBV;Bệnh viện A;31534\nhospital;Bệnh viện B;31534\n", "31534 hospital; 31534 hospital"),
        ("94/", "kind;name;unit\nchốt;Chốt A;31534\ncơ sở;Cơ sở A;31534\n", "31534 checkpoint; 3:sites.row.no_kind"),
        (
            "94/",
            "kind;name;unit_name\nChợ;Chợ A;Nhơn Mỹ\nChợ;Chợ B;Không Có\nChợ;Chợ C;\n",
            "2:sites.row.several; 3:sites.row.no_name; 4:sites.row.no_unit",
        ),
        ("94/943/", "kind;name;unit\nChợ;Chợ A;31600\n", "2:sites.row.no_code"),
        // A commune need not say where it is.
        ("94/943/31534/", "kind;name\nChợ;Chợ A\n", "31534 market"),
        (
            "94/943/31534/",
            "Loại;Tên;Tọa độ\nChợ;Chợ A;\"9.88, 105.9\"\nChợ;Chợ B;\"105.9, 9.88\"\nChợ;Chợ C;ở đầu xã\n",
            "31534 market; 3:sites.position.swapped; 4:sites.position.not_a_number",
        ),
        (
            "94/943/31534/",
            "Loại;Tên;Vĩ độ;Kinh độ;Sức chứa;Từ ngày\nChợ;Chợ A;9,88;105,9;1.200;1/9/2021\nChợ;Chợ B;9,88;105,9;nhiều;\nChợ;Chợ C;;;;hôm qua\n",
            "31534 market; 3:sites.row.no_count; 4:sites.row.no_day",
        ),
        (
            "94/943/31534/",
            "kind;name\nChợ;Chợ A\nChợ;CHỢ A\nChợ;\n\n;\n",
            "31534 market; 3:sites.there_already; 4:sites.no_name",
        ),
        ("94/", "", "sites.import.empty"),
    ] {
        assert_eq!(judged(within, &[], file), wanted, "{file}");
    }
    // Headings that nobody knows: a person says which column is which.
    let mut chosen = vec![None; 12];
    chosen[0] = Some("1".to_owned());
    chosen[1] = Some("0".to_owned());
    chosen[4] = Some("-".to_owned());
    assert_eq!(judged("94/943/31534/", &chosen, "Nơi;Nhóm;Địa chỉ\nChợ A;Chợ;x\n"), "31534 market");
}
