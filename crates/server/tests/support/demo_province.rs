//! What the stories share: the program with the demo province.

use vungxanh::{demo, open};
use vx_platform::{Clock, web::App};
use vx_testkit::Place;

/// The program with the demo's data, and the clock it goes by.
pub(crate) async fn demo_on(place: &Place) -> (App, Clock) {
    let clock = Clock::standing_at("2021-08-29T01:00:00Z".parse().unwrap());
    let app = open(place.folder.path(), &place.options, clock.clone(), None, false).await.unwrap();
    demo::seed(&app, &clock).await.unwrap();
    (app, clock)
}
