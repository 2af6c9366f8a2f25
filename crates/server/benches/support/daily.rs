//! A report of 50 counts that every commune of the country owes daily.

use jiff::civil::Time;
use vx_concepts::{
    engine::execute,
    form::{PeriodKind, Periods},
};
use vx_kernel::{Date, Id, Path, ids};
use vx_platform::{auth::Actor, store::Uuid, web::App};
use vx_reports::{Ask, DefineForm, Level};

/// Cells of the form.
pub(crate) const FIGURES: usize = 50;

/// Makes the form.
pub(crate) async fn define(app: &App, by: &Actor) {
    let cell = |n: usize| format!("[[cell]]\ncode = \"c{n}\"\nlabel = \"Chỉ tiêu {n}\"\nkind = \"count\"\n\n");
    let cells: String = (0..FIGURES).map(cell).collect();
    let source = format!("form = \"nam-muoi\"\nname = \"Năm mươi chỉ tiêu\"\n\n{cells}");
    let command = DefineForm { id: Id::fresh(), unit: Path::root(), source };
    execute(app.db(), by, Uuid::now_v7(), command).await.unwrap();
}

/// What a unit counted in a cell.
pub(crate) fn figure(unit: usize, cell: usize) -> i64 {
    i64::try_from((unit * 31 + cell * 17) % 1_000).unwrap()
}

/// Asks every commune for it, from a day on.
pub(crate) async fn ask(app: &App, by: &Actor, from: Date) -> Id<ids::Request> {
    let id = Id::fresh();
    let periods = Periods::from(PeriodKind::Daily, from, 0, Time::constant(17, 0, 0, 0), 0).unwrap();
    let units = Level::Commune.units(&app.tree(), &Path::root(), &[], from, &Path::root());
    let command = Ask {
        id,
        by: Path::root(),
        unit: Path::root(),
        place: Path::root(),
        form: "nam-muoi".to_owned(),
        form_version: 1,
        title: "Báo cáo hằng ngày".to_owned(),
        periods,
        within: Path::root(),
        level: Level::Commune,
        listed: Vec::new(),
        units,
        about: None,
        source: "đo".to_owned(),
        detail: String::new(),
        until_on: None,
    };
    execute(app.db(), by, Uuid::now_v7(), command).await.unwrap();
    id
}
