//! The program with a few people and nothing else.

use jiff::civil::date;
use vungxanh::{demo, open};
use vx_foundation::accounts::{DemoAccount, open_demo_account};
use vx_kernel::{Path, Problem};
use vx_platform::{
    Clock,
    auth::{Actor, Role, hash_password},
    web::App,
};
use vx_testkit::Place;

/// People by login, name, role and unit, at eight in the morning of 13/9/2021.
pub(crate) async fn on(place: &Place, people: &'static [(&str, &str, Role, &str)]) -> App {
    let clock = Clock::standing_at("2021-09-13T01:00:00Z".parse().unwrap());
    let app = open(place.folder.path(), &place.options, clock, None, false).await.unwrap();
    let hash = hash_password(demo::PASSWORD.to_owned()).await.unwrap();
    let by = Actor::system("Thử", app.rights().clone());
    let opened = app.db().write(move |tx| {
        let (by, hash) = (by.clone(), hash.clone());
        Box::pin(async move {
            for &(login, name, role, home) in people {
                let home = Path::parse(home).map_err(Problem::internal)?;
                let grants = [(role, home.clone())];
                let from_on = date(2021, 8, 1);
                let person =
                    DemoAccount { login, name, title: "", path: &home, password_hash: &hash, grants: &grants, from_on };
                open_demo_account(tx, &by, &person).await?;
            }
            Ok(())
        })
    });
    opened.await.unwrap();
    app
}
