use std::sync::{Arc, LazyLock};

use axum::extract::{FromRequest as _, Path as Address, Query};
use jiff::{Timestamp, civil::date};
use vx_concepts::engine::Command as _;
use vx_kernel::{
    Date, Id, Path, Problem,
    time::Lang,
    units::{FAULTS, Kind, Tree, UnitId, read_lineage, read_places},
};
use vx_platform::{
    Clock,
    auth::{Actor, Held, Rights, Signed},
    files::Files,
    store::{Db, StoreOptions},
    web::{AppParts, Form, PageResult, Theme, Visit},
    words::{Words, keys, problem_key},
};

use super::{import::plan, store::overlay, *};

const IN_2021: Date = date(2021, 8, 28);
const IN_2025: Date = date(2025, 8, 1);

static SHIPPED: LazyLock<Arc<Tree>> = LazyLock::new(|| {
    let (units, lineage) = shipped(&[UnitId::from("94")]);
    Arc::new(Tree::new(units, lineage).0)
});

fn tree() -> Arc<Tree> {
    SHIPPED.clone()
}

fn path(key: &str) -> Path {
    tree().get(key).unwrap().path.clone()
}

fn actor() -> Actor {
    Actor::system("test", Arc::new(Rights::default()))
}

fn now() -> Timestamp {
    "2021-08-28T03:00:00Z".parse().unwrap()
}

fn words() -> Words {
    Words::new([TEXTS]).unwrap()
}

#[test]
fn shipped_data_have_no_faults() {
    assert_eq!(read_places(PLACES_2021, None).1, []);
    assert_eq!(read_places(PLACES_2025, None).1, []);
    assert_eq!(read_lineage(LINEAGE).1, []);
    assert_eq!(agencies::read_templates(AGENCIES).1, []);
    assert_eq!(agencies::read_posts(POSTS).1, []);
    let (units, lineage) = shipped(&[UnitId::from("94")]);
    let (tree, faults) = Tree::new(units, lineage);
    assert_eq!(faults, []);
    let count = |kind, day| tree.on(day).filter(|unit| unit.kind == kind).count();
    assert_eq!([Kind::Province, Kind::District, Kind::Commune].map(|kind| count(kind, IN_2021)), [63, 705, 10_599]);
    assert_eq!([Kind::Province, Kind::District, Kind::Commune].map(|kind| count(kind, IN_2025)), [34, 0, 3_321]);
}

#[test]
fn soc_trang_has_agencies_at_three_levels() {
    let tree = tree();
    for (place, slug) in [("94", "syt"), ("94", "ca"), ("947", "ca"), ("31732", "mttq")] {
        assert!(tree.agency(place, slug).is_some_and(|unit| unit.exists_on(IN_2021)), "{place}.{slug}");
    }
    // Of other provinces only those beside the province are known.
    assert!(tree.agency("92", "syt").is_some());
    let below = tree.descendants("92", Kind::Agency, None).filter(|unit| unit.path.depth() > 2).count();
    assert_eq!(below, 0);
    let posts = agencies::posts_of(&tree, templates(), tree.get("94.syt").unwrap());
    assert!(posts.first().is_some_and(|post| post.is_head), "{posts:?}");
}

#[test]
fn adding_is_decided_by_rule() {
    let add = |parent: &str, kind, type_name: &str, name: &str| Add::new(&path(parent), kind, type_name, name, tree());
    let keyed = |key: &str| Add { key: Some(UnitId::from(key)), ..add("31732", Kind::Hamlet, "khóm", "9") };
    let table = [
        (add("31732", Kind::Hamlet, "Ấp", " Phú  Thành "), Ok(("31732.ap-phu-thanh", "Phú Thành"))),
        (add("31732", Kind::Hamlet, "ấp", "Ấp Phú Thành"), Ok(("31732.ap-phu-thanh", "Phú Thành"))),
        (add("31732", Kind::Hamlet, "khóm", "1"), Ok(("31732.khom-1", "1"))),
        (
            add("94", Kind::Agency, "bệnh viện", "Dã chiến số 1"),
            Ok(("94.benh-vien-da-chien-so-1", "Bệnh viện Dã chiến số 1")),
        ),
        (
            add("94", Kind::Agency, "bệnh viện", "Bệnh viện Dã chiến số 1"),
            Ok(("94.benh-vien-da-chien-so-1", "Bệnh viện Dã chiến số 1")),
        ),
        (add("94", Kind::Hamlet, "ấp", "Một"), Err("units.add.wrong_place")),
        (add("31732", Kind::Cluster, "cụm dân cư", "1"), Err("units.add.wrong_place")),
        (add("94.syt", Kind::Agency, "phòng", "Nghiệp vụ Y"), Err("units.add.wrong_place")),
        (add("94", Kind::District, "huyện", "Mới"), Err("units.add.wrong_place")),
        (add("94", Kind::Agency, "sở", "Sở Y tế"), Err("units.add.there_already")),
        (add("31732", Kind::Hamlet, "ấp", "  "), Err("units.add.no_name")),
        (add("31732", Kind::Hamlet, "", "Một"), Err("units.add.no_name")),
        (add("31732", Kind::Hamlet, "ấp", "=1+1"), Err("units.bad_name")),
        (add("31732", Kind::Hamlet, "ấp", &"a".repeat(201)), Err("units.too_long")),
        (add("25-92", Kind::Agency, "trạm", "Một"), Err("units.add.parent_ended")),
        (Add { from: Some(IN_2025), ..add("25-92", Kind::Agency, "trạm", "Một") }, Ok(("25-92.tram-mot", "Trạm Một"))),
        (Add { from: Some(IN_2025), ..add("31732", Kind::Hamlet, "ấp", "Một") }, Err("units.add.parent_ended")),
        (Add { phone: Some("gọi Hai".to_owned()), ..add("31732", Kind::Hamlet, "ấp", "Một") }, Err("units.bad_phone")),
        (
            Add { from: Some(IN_2021), until: Some(date(2021, 1, 1)), ..add("31732", Kind::Hamlet, "ấp", "Một") },
            Err("units.ends_before_it_begins"),
        ),
        (
            Add { facts: [("tags", "no_such".to_owned())].into(), ..add("94", Kind::Agency, "trạm", "Một") },
            Err("units.import.unknown_tag"),
        ),
        (keyed("31732.k9"), Ok(("31732.k9", "9"))),
        (keyed("k9"), Err("units.add.bad_key")),
        (keyed("31732."), Err("units.add.bad_key")),
        (keyed("31732.khóm"), Err("units.add.bad_key")),
        (keyed("31732.mttq"), Err("units.import.duplicate_key")),
    ];
    for (add, wanted) in table {
        let got = add.decide(&(), &actor(), now()).map(|decision| decision.record);
        let got = got.as_ref().map(|unit| (unit.key.as_str(), unit.name.as_str())).map_err(|problem| problem.code);
        assert_eq!(got, wanted, "{} {}", add.type_name, add.name);
    }
}

#[test]
fn amending_is_decided_by_rule() {
    let unit = |key: &str| path(key);
    let amend = |phone: Option<&str>, reason: &str| Amend {
        unit: unit("947"),
        alt_names: tree().get("947").unwrap().alt_names.clone(),
        phone: phone.map(str::to_owned),
        until: tree().get("947").unwrap().until,
        reason: reason.to_owned(),
        tree: tree(),
    };
    let table: Vec<(Amend, Result<(), &str>)> = vec![
        (amend(Some("0299 3851 115"), "CV 12/UBND"), Ok(())),
        (amend(Some("0299 3851 115"), " "), Err("units.amend.no_reason")),
        (amend(None, "xem lại"), Err("units.amend.nothing_new")),
        (amend(Some("x"), "CV 12/UBND"), Err("units.bad_phone")),
        (Amend { alt_names: vec!["=A1".to_owned()], ..amend(None, "CV 12/UBND") }, Err("units.bad_name")),
        (
            Amend { unit: unit("25-92"), until: Some(IN_2021), ..amend(None, "CV 12/UBND") },
            Err("units.ends_before_it_begins"),
        ),
        (Amend { unit: Path::parse("94/xx/").unwrap(), ..amend(None, "CV 12/UBND") }, Err("not_found")),
    ];
    for (amend, wanted) in table {
        let got = amend.shipped().and_then(|was| amend.decide(&was, &actor(), now()));
        assert_eq!(got.map(|_| ()).map_err(|problem| problem.code), wanted, "{amend:?}");
    }
}

#[test]
fn naming_a_holder_is_decided_by_rule() {
    let named = |title: &str, holder: &str, from: Date| Holder {
        post: None,
        unit: path("94"),
        title: title.to_owned(),
        holder: Some(holder.to_owned()),
        accountable: true,
        phone: None,
        from,
    };
    let decide = |post: Option<Post>, holder: Holder| {
        holder.decide(&post, &actor(), now()).map(|decision| decision.record).map_err(|problem: Problem| problem.code)
    };
    let chair = decide(None, named("Chủ tịch UBND tỉnh", "Nguyễn Văn Mẫu", IN_2021)).unwrap();
    assert_eq!(
        (chair.holder.as_deref(), chair.accountable, chair.from_on),
        (Some("Nguyễn Văn Mẫu"), true, Some(IN_2021))
    );
    assert_eq!(decide(None, named(" ", "Nguyễn Văn Mẫu", IN_2021)).unwrap_err(), "units.post.no_title");
    let earlier = date(2021, 1, 1);
    assert_eq!(
        decide(Some(chair.clone()), named("Chủ tịch", "Trần Thị Mẫu", earlier)).unwrap_err(),
        "units.post.before_the_last"
    );
    assert!(decide(Some(chair.clone()), named("Chủ tịch", "Nguyễn Văn Mẫu", earlier)).is_ok(), "a day is corrected");
    assert_eq!(decide(Some(chair), named("Chủ tịch", " ", IN_2025)).unwrap().holder, None);
}

#[test]
fn the_overlay_keeps_what_the_province_has() {
    let save = |add: Add| add.judge(IN_2021).unwrap();
    let hamlet = save(Add::new(&path("31732"), Kind::Hamlet, "khóm", "1", tree()));
    let facts = [("population", "1200".to_owned()), ("tags", "y_te".to_owned())].into();
    let hospital = save(Add { facts, ..Add::new(&path("94"), Kind::Agency, "bệnh viện", "Dã chiến", tree()) });
    let own = |cluster: LocalUnit, amended: LocalUnit| vec![cluster, hamlet.clone(), hospital.clone(), amended];
    let cluster = LocalUnit {
        id: Id::fresh(),
        path: hamlet.path.child(&UnitId::from("31732.khom-1.to-1")),
        key: UnitId::from("31732.khom-1.to-1"),
        kind: "cluster".to_owned(),
        type_name: "tổ tự quản".to_owned(),
        name: "1".to_owned(),
        ..hamlet.clone()
    };
    let amend = Amend {
        unit: path("947"),
        alt_names: vec!["Mỹ Xuyên cũ".to_owned()],
        phone: Some("0299 3851 115".to_owned()),
        until: None,
        reason: "CV".to_owned(),
        tree: tree(),
    };
    let amended = amend.decide(&amend.shipped().unwrap(), &actor(), now()).unwrap().record;
    let orphan = LocalUnit {
        id: Id::fresh(),
        path: Path::parse("94/xx/xx.1/").unwrap(),
        key: UnitId::from("xx.1"),
        ..hamlet.clone()
    };
    let (units, lineage) = shipped(&[UnitId::from("94")]);
    let before = units.len();
    let mut own = own(cluster, amended);
    own.push(orphan);
    let tree = overlay(units, lineage, &own);
    assert_eq!(tree.len(), before + 3, "the orphan is left out");
    assert_eq!(tree.get("31732.khom-1.to-1").unwrap().full_name, "Tổ tự quản 1");
    let until = tree.get("31732").unwrap().until;
    assert_eq!(tree.get("31732.khom-1.to-1").unwrap().until, until, "what is below ends with it");
    let hospital = tree.get("94.benh-vien-da-chien").unwrap();
    assert_eq!((hospital.population, hospital.tags.to_string().as_str()), (Some(1200), "y_te"));
    let district = tree.get("947").unwrap();
    assert_eq!(
        (district.phone.as_deref(), district.alt_names.join("|").as_str()),
        (Some("0299 3851 115"), "Mỹ Xuyên cũ")
    );
    assert_eq!(district.until, Some(date(2025, 6, 30)), "the shipped last day holds");
}

const FILE: &str = "\
key,parent,kind,type,name,population,from
31732.khom-1,31732,,khóm,1,1200,
31732.khom-1.to-1,31732.khom-1,cluster,tổ tự quản,1,,
31732.khom-2,31732,,khóm,2,nhiều,
31732.khom-2.to-1,31732.khom-2,cluster,tổ tự quản,1,,
khom-3,31732,,khóm,3,,
khom-3.1,khom-3,cluster,tổ tự quản,\"1, trên\",,
31732.khom-4,99999999,,khóm,4,,
31732.k1,31732,,khóm,1,,
31732.khom-5,31732,,khóm,5,,31/2/2021
";

#[test]
fn a_file_is_judged_row_by_row() {
    let plan_of = |text: &str, tree| plan(text, tree, "khom.csv", IN_2021).map_err(|problem| problem.code);
    let first = plan_of(FILE, tree()).unwrap();
    let keys: Vec<String> = first.adds.iter().map(|(_, add)| add.key.as_ref().unwrap().to_string()).collect();
    assert_eq!(keys, ["31732.khom-1", "31732.khom-1.to-1"]);
    assert_eq!(first.adds[0].1.facts.get("population").map(String::as_str), Some("1200"));
    let faults: Vec<(u64, &str)> = first.faults.iter().map(|fault| (fault.line, fault.code)).collect();
    assert_eq!(
        faults,
        [
            (4, "units.import.bad_number"),
            (5, "units.import.unknown_parent"),
            (6, "units.add.bad_key"),
            (7, "units.import.parent_left_out"),
            (8, "units.import.unknown_parent"),
            (9, "units.add.there_already"),
            (10, "units.import.bad_date"),
        ]
    );
    let words = words();
    let rejected = first.rejected(&words).unwrap();
    assert!(rejected.starts_with("key,parent,kind,type,name,population,from,loi\n"), "{rejected}");
    assert_eq!(rejected.lines().count(), 8);
    assert!(rejected.contains("khom-3.1,khom-3,cluster,tổ tự quản,\"1, trên\",,,"), "{rejected}");
    assert!(
        rejected.contains("population: nhiều không phải số hợp lệ / population: nhiều is not a valid number"),
        "{rejected}"
    );
    // The rejected rows may be read again as they are, and after mending.
    let again = plan_of(&rejected, tree()).unwrap();
    assert_eq!((again.adds.len(), again.faults.len()), (1, 6), "only 31732.k1 has no namesake now");
    let again = again.rejected(&words).unwrap();
    assert_eq!(again.lines().next(), rejected.lines().next(), "one column of reasons");
    // What is there already is a fault of its row, not of the file.
    let own: Vec<LocalUnit> = first.adds.iter().map(|(_, add)| add.judge(IN_2021).unwrap()).collect();
    let (units, lineage) = shipped(&[]);
    let twice = plan_of(FILE, Arc::new(overlay(units, lineage, &own))).unwrap();
    assert_eq!(twice.adds.len(), 0);
    assert_eq!(twice.faults.iter().filter(|fault| fault.code == "units.import.duplicate_key").count(), 2);
    assert_eq!(plan_of("a,b\n1,2\n", tree()).err(), Some("units.import.missing_column"));
    assert_eq!(plan_of("", tree()).err(), Some("units.import.missing_column"));
    let excel = FILE.replace(',', ";").replace("\"1; trên\"", "trên");
    assert_eq!(plan_of(&format!("\u{feff}{excel}"), tree()).unwrap().adds.len(), 2, "semicolons are read too");
}

#[test]
fn the_command_line_shows_and_exports() {
    let (tree, words) = (tree(), words());
    let text = show(&tree, "94", IN_2021, Lang::Vi, &words).unwrap();
    for piece in ["Tỉnh Sóc Trăng", "Cần Thơ (25-92), toàn bộ", "109", "đến hết 30/6/2025"] {
        assert!(text.contains(piece), "{piece} in {text}");
    }
    assert!(show(&tree, "huyen my xuyen", IN_2021, Lang::En, &words).unwrap().starts_with("Huyện Mỹ Xuyên\n"));
    assert_eq!(show(&tree, "zzzz", IN_2021, Lang::Vi, &words).unwrap_err().code, "units.unknown");
    let file = export(&tree, Some("947"), Some(IN_2021));
    assert!(file.lines().count() > 12);
    let (units, faults) = read_places(&export(&tree, None, None), None);
    assert_eq!((units.len(), faults.len()), (tree.len(), 0), "what is exported can be read");
}

#[test]
fn a_choice_is_read_by_path_key_and_name() {
    let tree = tree();
    let read =
        |text: &str| picked(&tree, text, IN_2021).map(|path| path.unit().to_owned()).map_err(|problem| problem.code);
    for (text, wanted) in [
        ("94/947/", Ok("947")),
        ("947", Ok("947")),
        ("947 — Huyện Mỹ Xuyên, Tỉnh Sóc Trăng", Ok("947")),
        ("huyện Mỹ Xuyên", Ok("947")),
        ("Châu Thành", Err("units.pick.several")),
        ("zzzz", Err("units.pick.none")),
        ("", Err("units.pick.none")),
    ] {
        assert_eq!(read(text), wanted.map(str::to_owned), "{text}");
    }
}

#[test]
fn both_languages_say_everything() {
    assert_eq!(keys(TEXTS.vi), keys(TEXTS.en));
    let words = words();
    let sources = [
        include_str!("cli.rs"),
        include_str!("commands.rs"),
        include_str!("import.rs"),
        include_str!("pages.rs"),
        include_str!("picker.rs"),
        include_str!("views.rs"),
    ];
    for source in sources {
        for text in source.split('"').skip(1).step_by(2) {
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
            if text.starts_with("units-") && !text.ends_with('-') && text.chars().all(plain) {
                assert!(words.has(Lang::Vi, text), "no text for {text}");
            } else if text.starts_with("units.") && text.matches('.').count() >= 1 && text.chars().all(plain) {
                let known = [READ, WHOLE, Add::NAME, Amend::NAME, Holder::NAME].contains(&text);
                assert!(known || words.has(Lang::En, &format!("{}.todo", problem_key(text))), "no text for {text}");
            }
        }
    }
    for (code, _, _) in FAULTS {
        assert!(words.has(Lang::Vi, &format!("{}.todo", problem_key(code))), "no text for {code}");
    }
    for tag in vx_kernel::units::Tag::ALL {
        assert_eq!(words.say(Lang::Vi, &format!("units-tag-{}", tag.words().0), &[]), tag.words().1);
    }
    for kind in Kind::ALL {
        for head in ["units-n", "units-kind"] {
            assert!(words.has(Lang::En, &format!("{head}-{}", kind.as_str())));
        }
    }
}

async fn app(folder: &std::path::Path) -> App {
    let clock = Clock::standing_at(now());
    let db = Db::open(&StoreOptions::in_folder(folder, "soc-trang"), clock.clone()).await.unwrap();
    let modules = vec![module(), crate::filters::module()];
    let steps: Vec<_> = modules.iter().flat_map(|module| module.migrations).copied().collect();
    db.migrate(&steps).await.unwrap();
    let files = Files::in_folder(&folder.join("files"));
    let parts = AppParts { db, clock, files, modules, demo: None, secure_cookies: false };
    let app = App::new(parts).unwrap();
    set_provinces(&app, &["94"]).await.unwrap();
    load(&app).await.unwrap();
    app
}

fn visit(app: &App, role: Role, on: &str) -> Visit {
    let account = vx_platform::auth::Account {
        id: Id::fresh(),
        path: Path::root(),
        version: 1,
        login: "mau".to_owned(),
        name: "Lý Thị Mẫu".to_owned(),
        title: String::new(),
        password: String::new(),
        must_change: false,
        state: vx_platform::auth::AccountState::Active,
        failures: 0,
        locked_until: None,
        until_on: None,
    };
    let held = vec![Held { role, path: app.tree().get(on).unwrap().path.clone(), deputy_for: None }];
    let actor = Actor::person(&account, held, app.rights().clone());
    let signed = Signed {
        actor,
        account: account.id,
        csrf: "c".to_owned(),
        must_change: false,
        owes_code: false,
        owes_factor: false,
    };
    Visit {
        app: app.clone(),
        lang: Lang::Vi,
        theme: Theme::Light,
        signed: Some(signed),
        from: String::new(),
        url: "/units".to_owned(),
        back: "/".to_owned(),
        unread: 0,
    }
}

async fn text(answer: PageResult) -> String {
    let body = answer.map_err(|failure| failure.0.code).unwrap().into_body();
    String::from_utf8(axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap()
}

async fn form(visit: &Visit, fields: &str) -> Form {
    let body = format!("_csrf=c&_key={}&{fields}", vx_platform::store::Uuid::now_v7());
    let mut request = axum::extract::Request::post("/").body(axum::body::Body::from(body)).unwrap();
    request.headers_mut().insert("content-type", "application/x-www-form-urlencoded".parse().unwrap());
    request.extensions_mut().insert(visit.clone());
    Form::from_request(request, &visit.app).await.map_err(|failure| failure.0.code).unwrap()
}

fn asked(pairs: &[(&str, &str)]) -> Query<Vec<(String, String)>> {
    Query(pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
}

fn code(answer: PageResult) -> &'static str {
    answer.map_or_else(|failure| failure.0.code, |_| "done")
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_show_the_tree_and_change_it() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path()).await;
    let (admin, officer) = (visit(&app, Admin, "94"), visit(&app, Officer, "31732"));
    let key = |key: &str| Address(key.to_owned());
    let has = |page: &str, wanted: &[&str]| {
        for piece in wanted {
            assert!(page.contains(piece), "{piece} is not in {page}");
        }
        assert!(!page.contains("[units-") && !page.contains("[did-"), "a text is missing");
    };

    let page = text(pages::index(officer.clone(), asked(&[])).await).await;
    has(&page, &["63 tỉnh, thành phố", "10.599 đơn vị cấp xã", "Huyện Mỹ Xuyên", "/units?open=92#u-92"]);
    let page = text(pages::index(officer.clone(), asked(&[("on", "2025-08-01")])).await).await;
    has(&page, &["34 tỉnh, thành phố", "3.321 đơn vị cấp xã", "Phường Sóc Trăng"]);
    let page = text(pages::index(officer.clone(), asked(&[("q", "my xuyen"), ("on", "tomorrow")])).await).await;
    has(&page, &["Huyện Mỹ Xuyên", "Thị trấn Mỹ Xuyên", "Không đọc được ngày", "/units/25-"]);
    let page = text(pages::index(officer.clone(), asked(&[("q", "a")])).await).await;
    has(&page, &["1–50 trong tổng số"]);

    let page = text(pages::show(officer.clone(), key("94"), asked(&[("on", "2025-08-01")])).await).await;
    has(
        &page,
        &[
            "Không tồn tại vào ngày 1/8/2025",
            "Nay là:",
            "/units/25-92?on=2025-08-01",
            "Từng xã, phường, thị trấn (109)",
        ],
    );
    assert!(!page.contains("/units/94/add"), "an officer adds nothing");
    let page = text(pages::show(admin.clone(), key("947"), asked(&[])).await).await;
    has(&page, &["UBND huyện Mỹ Xuyên", "/units/947/add", "/units/947/amend", "Tổng điều tra", "Tỉnh Sóc Trăng"]);
    assert_eq!(code(pages::show(officer.clone(), key("nowhere"), asked(&[])).await), "units.unknown");

    let fields = "kind=hamlet&type=kh%C3%B3m&name=1&phone=0299+3822+333";
    assert_eq!(code(pages::add(officer.clone(), key("31732"), form(&officer, fields).await).await), "forbidden");
    assert_eq!(code(pages::add(admin.clone(), key("31732"), form(&admin, fields).await).await), "done");
    assert_eq!(
        code(pages::add(admin.clone(), key("31732"), form(&admin, fields).await).await),
        "units.add.there_already"
    );
    let fields = "phone=0299+3851+115&alt_names=TTMX%0AThi+tran+cu&reason=CV+12&until=2025-06-30";
    assert_eq!(code(pages::amend(admin.clone(), key("31732"), form(&admin, fields).await).await), "done");
    assert_eq!(
        code(pages::amend(admin.clone(), key("31732"), form(&admin, fields).await).await),
        "units.amend.nothing_new"
    );
    let fields = "post=Ch%E1%BB%A7+t%E1%BB%8Bch&holder=L%C3%BD+V%C4%83n+M%E1%BA%ABu&accountable=1&from=2021-08-01";
    assert_eq!(code(pages::name_holder(admin.clone(), key("31732"), form(&admin, fields).await).await), "done");
    let page = text(pages::show(admin.clone(), key("31732"), asked(&[])).await).await;
    has(&page, &["Khóm 1", "0299 3851 115", "TTMX", "Lý Văn Mẫu", "CV 12", "Sửa thông tin", "Ghi người giữ chức"]);
    let mut conn = app.db().read().await.unwrap();
    let post = posts(&mut conn, &path("31732")).await.unwrap().remove(0);
    drop(conn);
    let fields = format!("post={}&holder=Kim+S%C6%A1n&from=2021-08-20", post.id);
    assert_eq!(code(pages::name_holder(admin.clone(), key("31732"), form(&admin, &fields).await).await), "done");
    let page = text(pages::show(admin.clone(), key("31732"), asked(&[])).await).await;
    has(&page, &["Kim Sơn", "<del>Lý Văn Mẫu</del>"]);
    let file = text(pages::export(officer.clone(), asked(&[("within", "31732")])).await).await;
    has(&file, &["31732.khom-1,31732,hamlet"]);

    let choice = picker(&officer, "unit", &path("31732"), Some(&path("31732"))).into_string();
    has(&choice, &["<optgroup", "selected"]);
    let choice = picker(&officer, "unit", &Path::root(), Some(&path("947"))).into_string();
    has(&choice, &["<datalist", "value=\"947 — Huyện Mỹ Xuyên, Tỉnh Sóc Trăng\""]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_once() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(folder.path()).await;
    let first = import(&app, FILE, "khom.csv").await.unwrap();
    assert_eq!((first.accepted, first.faults.len()), (2, 7));
    assert_eq!(app.tree().get("31732.khom-1").unwrap().population, Some(1200));
    let again = import(&app, FILE, "khom.csv").await.unwrap();
    assert_eq!((again.accepted, again.faults.len()), (0, 9));
    assert_eq!(again.rejected_csv.unwrap().lines().count(), 10);
    assert!(app.tree().get("31732.khom-1.to-1").is_some());
    let many: String = (0..1200).map(|n| format!("31732.t{n},31732,tổ dân phố,{}\n", n + 100)).collect();
    let many = import(&app, &format!("key,parent,type,name\n{many}"), "to.csv").await.unwrap();
    assert_eq!((many.accepted, many.rejected_csv), (1200, None));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_process_sees_the_units_that_one_adds() {
    let folder = tempfile::tempdir().unwrap();
    let (one, other) = (app(folder.path()).await, app(folder.path()).await);
    let mut seen = Seen::default();
    look(&other, &mut seen).await.unwrap();
    import(&one, FILE, "khom.csv").await.unwrap();
    assert!(other.tree().get("31732.khom-1").is_none());
    look(&other, &mut seen).await.unwrap();
    assert!(other.tree().get("31732.khom-1").is_some());
}
