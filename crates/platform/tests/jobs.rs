//! The queue of the program's own work on both engines, with a clock that is set by hand.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::{collections::BTreeSet, pin::Pin};

use jiff::{SignedDuration, Timestamp};
use vx_kernel::Problem;
use vx_platform::{
    Clock, Module,
    files::Files,
    jobs::{
        ATTEMPTS_MAX, Claimed, Counts, JobKind, Stop, Trigger, claim, counts, enqueue, release, renew, run, run_due,
        schedule, settle,
    },
    params,
    store::{Db, Sql, Uuid, setting},
    web::{App, AppParts},
    words::Texts,
};
use vx_testkit::Place;

type Running = Pin<Box<dyn Future<Output = Result<(), Problem>> + Send>>;

const KINDS: &[JobKind] = &[
    JobKind { name: "check.count", starts: Trigger::Asked, run: count },
    JobKind { name: "check.fail", starts: Trigger::Asked, run: fail },
    JobKind { name: "check.panic", starts: Trigger::Asked, run: panic },
    JobKind { name: "check.hourly", starts: Trigger::Every { mins: 60 }, run: count },
    JobKind { name: "check.react", starts: Trigger::Fact("it_rained"), run: count },
    JobKind { name: "check.react_too", starts: Trigger::Fact("it_rained"), run: count },
];

/// Counts up the setting that the body names.
fn count(app: App, name: String) -> Running {
    Box::pin(async move {
        let counted = app.db().write(move |tx| {
            let name = name.clone();
            Box::pin(async move {
                // Counted by the database: two processes at once may not lose one.
                let sql = "insert into setting (tenant, name, value) values ($1, $2, '1') on conflict (tenant, name)
                           do update set value = cast(cast(setting.value as bigint) + 1 as text)";
                let tenant = tx.tenant();
                tx.change(Sql::with(sql, params![tenant, name])).await.map(drop)
            })
        });
        counted.await
    })
}

fn fail(app: App, body: String) -> Running {
    Box::pin(async move {
        count(app, "failed".to_owned()).await?;
        Err(Problem::refused("check.no").because(body))
    })
}

fn panic(_: App, _: String) -> Running {
    Box::pin(async { panic!("on purpose") })
}

fn module() -> Module {
    Module {
        name: "check",
        migrations: &[],
        permissions: &[],
        routes: Vec::new,
        texts: Texts { vi: "", en: "" },
        nav: &[],
        notices: &[],
        jobs: KINDS,
    }
}

fn start() -> Timestamp {
    "2021-09-10T03:00:00Z".parse().unwrap()
}

/// A process on the database of a place.
async fn app(place: &Place, clock: &Clock) -> App {
    let db = Db::open(&place.options, clock.clone()).await.unwrap();
    db.migrate(&[]).await.unwrap();
    let files = Files::in_folder(place.folder.path());
    let parts =
        AppParts { db, clock: clock.clone(), files, modules: vec![module()], demo: None, secure_cookies: false };
    App::new(parts).unwrap()
}

fn later(clock: &Clock, by: SignedDuration) {
    clock.set(clock.now().checked_add(by).unwrap());
}

async fn ask(app: &App, kind: &'static str, body: &'static str, run_at: Timestamp) -> Uuid {
    app.db().write(move |tx| Box::pin(async move { enqueue(tx, kind, body, run_at).await })).await.unwrap()
}

async fn tell(app: &App, kind: &'static str, body: &'static str) {
    let told = app.db().write(move |tx| {
        Box::pin(async move {
            let row = vec![Uuid::now_v7().into(), tx.now().into(), kind.into(), body.into()];
            tx.append("outbox", &["id", "at", "kind", "body"], row);
            Ok(())
        })
    });
    told.await.unwrap();
}

async fn counted(app: &App, name: &str) -> i64 {
    let found = setting(&mut app.db().read().await.unwrap(), name).await.unwrap();
    found.map_or(0, |text| text.parse().unwrap())
}

/// State, tries, time and last error of every job.
async fn jobs(app: &App) -> Vec<(String, i64, Timestamp, Option<String>)> {
    let mut conn = app.db().read().await.unwrap();
    let sql = Sql::new("select state, attempts, run_at, last_error from job order by id");
    let rows = conn.rows(sql).await.unwrap();
    rows.iter()
        .map(|row| {
            let (state, tries) = (row.get("state").unwrap(), row.get("attempts").unwrap());
            (state, tries, row.get("run_at").unwrap(), row.find("last_error").unwrap())
        })
        .collect()
}

/// Runs what is due until nothing is left, and says how many jobs ran.
async fn run_all(app: App) -> usize {
    let mut ran = 0;
    loop {
        match run_due(&app).await.unwrap() {
            0 => return ran,
            some => ran += some,
        }
    }
}

fn ids(claimed: &[Claimed]) -> Vec<Uuid> {
    claimed.iter().map(|job| job.id).collect()
}

#[tokio::test]
async fn a_job_is_run_once_at_its_time() {
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let app = app(&place, &clock).await;
        ask(&app, "check.count", "mưa", start() + SignedDuration::from_secs(1)).await;
        assert_eq!(run_due(&app).await.unwrap(), 0, "not yet");
        later(&clock, SignedDuration::from_secs(1));
        assert_eq!(run_due(&app).await.unwrap(), 1);
        assert_eq!(run_due(&app).await.unwrap(), 0, "done");
        assert_eq!((counted(&app, "mưa").await, jobs(&app).await), (1, Vec::new()));
    }
}

#[tokio::test]
async fn a_job_of_a_transaction_that_fails_is_not_there() {
    for place in Place::all().await {
        let app = app(&place, &Clock::standing_at(start())).await;
        let asked = app.db().write(|tx| {
            Box::pin(async move {
                enqueue(tx, "check.count", "mưa", tx.now()).await?;
                Err::<(), _>(Problem::refused("check.no"))
            })
        });
        asked.await.unwrap_err();
        assert_eq!(jobs(&app).await, Vec::new());
    }
}

#[tokio::test]
async fn a_failing_job_waits_longer_each_time_and_is_set_aside_at_last() {
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let app = app(&place, &clock).await;
        ask(&app, "check.fail", "hết mực", start()).await;
        for attempt in 1..ATTEMPTS_MAX {
            assert_eq!(run_due(&app).await.unwrap(), 1, "try {attempt}");
            let wait = SignedDuration::from_secs(10 * 2_i64.pow(u32::try_from(attempt).unwrap() - 1));
            let error = Some("check.no: hết mực".to_owned());
            assert_eq!(jobs(&app).await, [("waiting".to_owned(), attempt, clock.now() + wait, error)]);
            later(&clock, wait - SignedDuration::from_secs(1));
            assert_eq!(run_due(&app).await.unwrap(), 0, "still waits after try {attempt}");
            later(&clock, SignedDuration::from_secs(1));
        }
        assert_eq!(run_due(&app).await.unwrap(), 1, "the last try");
        let [(state, attempts, _, error)] = jobs(&app).await.try_into().unwrap();
        let expected = ("failed", ATTEMPTS_MAX, Some("check.no: hết mực"));
        assert_eq!((state.as_str(), attempts, error.as_deref()), expected);
        later(&clock, SignedDuration::from_hours(24 * 365));
        assert_eq!(run_due(&app).await.unwrap(), 0, "set aside");
        assert_eq!(counted(&app, "failed").await, ATTEMPTS_MAX);
    }
}

#[tokio::test]
async fn a_job_that_panics_fails_and_the_others_run() {
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let app = app(&place, &clock).await;
        ask(&app, "check.panic", "", start()).await;
        ask(&app, "check.count", "mưa", start() + SignedDuration::from_secs(1)).await;
        later(&clock, SignedDuration::from_secs(1));
        assert_eq!(run_due(&app).await.unwrap(), 2);
        assert_eq!(counted(&app, "mưa").await, 1);
        let [(state, attempts, _, error)] = jobs(&app).await.try_into().unwrap();
        assert_eq!((state.as_str(), attempts, error.as_deref()), ("waiting", 1, Some("the job panicked")));
    }
}

#[tokio::test]
async fn a_job_of_an_unknown_kind_fails_and_says_so() {
    for place in Place::all().await {
        let app = app(&place, &Clock::standing_at(start())).await;
        ask(&app, "check.unheard_of", "", start()).await;
        run_due(&app).await.unwrap();
        assert_eq!(jobs(&app).await[0].3.as_deref(), Some("no such kind of job"));
    }
}

#[tokio::test]
async fn a_claimed_job_is_taken_over_when_its_lease_has_run_out() {
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let (here, there) = (app(&place, &clock).await, app(&place, &clock).await);
        let job = ask(&here, "check.count", "mưa", start()).await;
        assert_eq!(ids(&claim(here.db()).await.unwrap()), [job]);
        later(&clock, SignedDuration::from_mins(5));
        assert_eq!(claim(there.db()).await.unwrap().len(), 0, "the lease runs");
        later(&clock, SignedDuration::from_secs(1));
        let taken = claim(there.db()).await.unwrap();
        assert_eq!((ids(&taken), taken[0].attempts), (vec![job], 2));
    }
}

#[tokio::test]
async fn who_lost_a_job_to_another_cannot_give_it_away_a_third_time() {
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let (here, there) = (app(&place, &clock).await, app(&place, &clock).await);
        ask(&here, "check.count", "mưa", start()).await;
        let slow = claim(here.db()).await.unwrap().remove(0);
        later(&clock, SignedDuration::from_mins(6));
        assert_eq!(claim(there.db()).await.unwrap().len(), 1);
        settle(here.db(), &slow, Err("too slow".to_owned()), Trigger::Asked).await.unwrap();
        later(&clock, SignedDuration::from_mins(4));
        assert_eq!(claim(here.db()).await.unwrap().len(), 0, "the other still holds it");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_never_claim_the_same_job() {
    const JOBS: usize = 200;
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let (here, there) = (app(&place, &clock).await, app(&place, &clock).await);
        let mut asked = BTreeSet::new();
        for _ in 0..JOBS {
            asked.insert(ask(&here, "check.count", "mưa", start()).await);
        }
        let start = std::sync::Arc::new(tokio::sync::Barrier::new(8));
        let claimers: Vec<_> = (0..8)
            .map(|n| {
                let (db, start) = (if n % 2 == 0 { here.db().clone() } else { there.db().clone() }, start.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    let mut mine = Vec::new();
                    loop {
                        let claimed = claim(&db).await.unwrap();
                        assert!(claimed.len() <= 16, "{} at a time", claimed.len());
                        if claimed.is_empty() {
                            return mine;
                        }
                        mine.extend(ids(&claimed));
                    }
                })
            })
            .collect();
        let mut all = Vec::new();
        for claimer in claimers {
            all.extend(claimer.await.unwrap());
        }
        assert_eq!(all.len(), JOBS, "none twice");
        assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), asked, "each once");
    }
}

#[tokio::test]
async fn a_fact_becomes_one_job_of_each_kind_that_reacts() {
    for place in Place::all().await {
        let app = app(&place, &Clock::standing_at(start())).await;
        tell(&app, "it_rained", "mưa").await;
        tell(&app, "nobody_minds", "nắng").await;
        assert_eq!(run_due(&app).await.unwrap(), 2);
        assert_eq!(run_due(&app).await.unwrap(), 0);
        assert_eq!((counted(&app, "mưa").await, counted(&app, "nắng").await), (2, 0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn facts_delivered_by_two_processes_at_once_become_jobs_exactly_once() {
    const FACTS: i64 = 40;
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let (here, there) = (app(&place, &clock).await, app(&place, &clock).await);
        for _ in 0..FACTS {
            tell(&here, "it_rained", "mưa").await;
        }
        let (one, two) = (tokio::spawn(run_all(here.clone())), tokio::spawn(run_all(there)));
        let ran = one.await.unwrap() + two.await.unwrap() + run_all(here.clone()).await;
        assert_eq!((ran, counted(&here, "mưa").await), (2 * 40, 2 * FACTS));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_of_the_clock_is_there_once_however_many_processes_schedule_it() {
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let (here, there) = (app(&place, &clock).await, app(&place, &clock).await);
        let both = (0..8).map(|n| {
            let app = if n % 2 == 0 { here.clone() } else { there.clone() };
            tokio::spawn(async move { schedule(&app).await.unwrap() })
        });
        for done in both.collect::<Vec<_>>() {
            done.await.unwrap();
        }
        let mut due = start();
        for _ in 0..3 {
            due += SignedDuration::from_mins(60);
            assert_eq!(jobs(&here).await, [("waiting".to_owned(), 0, due, None)]);
            clock.set(due);
            let (one, two) = (tokio::spawn(run_all(here.clone())), tokio::spawn(run_all(there.clone())));
            assert_eq!(one.await.unwrap() + two.await.unwrap(), 1);
            schedule(&there).await.unwrap();
        }
        assert_eq!(counted(&here, "").await, 3);
    }
}

#[tokio::test]
async fn a_job_of_the_clock_that_always_fails_is_one_line_set_aside_and_the_clock_goes_on() {
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let app = app(&place, &clock).await;
        schedule(&app).await.unwrap();
        // The row of the clock, made to be of a kind that fails.
        for _ in 0..2 {
            for _ in 0..ATTEMPTS_MAX {
                later(&clock, SignedDuration::from_mins(61));
                for job in claim(app.db()).await.unwrap() {
                    settle(app.db(), &job, Err("no paper".to_owned()), Trigger::Every { mins: 60 }).await.unwrap();
                }
            }
            let all = jobs(&app).await;
            let of = |wanted: &str| all.iter().filter(|(state, ..)| state == wanted).count();
            assert_eq!((of("failed"), of("waiting")), (1, 1), "{all:?}");
        }
    }
}

#[tokio::test]
async fn a_job_that_ends_the_process_is_set_aside_after_its_tries_and_hurts_no_other() {
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let app = app(&place, &clock).await;
        let killer = ask(&app, "check.count", "sét đánh", start()).await;
        ask(&app, "check.count", "mưa", start()).await;
        assert_eq!(claim(app.db()).await.unwrap().len(), 2, "both are held when the process ends the first time");
        for attempt in 2..=ATTEMPTS_MAX {
            later(&clock, SignedDuration::from_mins(6));
            let claimed = claim(app.db()).await.unwrap();
            assert_eq!((ids(&claimed), claimed[0].attempts), (vec![killer], attempt), "alone");
            // The other one, claimed once the killer is held, runs and is done.
            if attempt == 2 {
                assert_eq!(run_due(&app).await.unwrap(), 1);
                assert_eq!(counted(&app, "mưa").await, 1);
            }
        }
        later(&clock, SignedDuration::from_mins(6));
        assert_eq!(run_due(&app).await.unwrap(), 0);
        let [(state, attempts, _, error)] = jobs(&app).await.try_into().unwrap();
        let expected = ("failed", ATTEMPTS_MAX, Some("the process ended while it ran this job"));
        assert_eq!((state.as_str(), attempts, error.as_deref()), expected);
        assert_eq!(counted(&app, "sét đánh").await, 0);
    }
}

#[tokio::test]
async fn a_lease_that_is_renewed_does_not_run_out_and_one_that_was_lost_is_not_renewed() {
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let (here, there) = (app(&place, &clock).await, app(&place, &clock).await);
        let job = ask(&here, "check.count", "mưa", start()).await;
        let held = claim(here.db()).await.unwrap();
        for _ in 0..5 {
            later(&clock, SignedDuration::from_mins(4));
            assert_eq!(renew(here.db(), &held).await.unwrap(), [job]);
            assert_eq!(claim(there.db()).await.unwrap().len(), 0, "still held");
        }
        later(&clock, SignedDuration::from_mins(6));
        assert_eq!(ids(&claim(there.db()).await.unwrap()), [job]);
        assert_eq!(renew(here.db(), &held).await.unwrap(), Vec::<Uuid>::new(), "lost");
    }
}

#[tokio::test]
async fn what_is_given_back_is_taken_at_once_and_counts_no_try() {
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let (here, there) = (app(&place, &clock).await, app(&place, &clock).await);
        let job = ask(&here, "check.count", "mưa", start()).await;
        release(here.db(), &claim(here.db()).await.unwrap()).await.unwrap();
        let taken = claim(there.db()).await.unwrap();
        assert_eq!((ids(&taken), taken[0].attempts), (vec![job], 1));
    }
}

#[tokio::test]
async fn a_clock_set_back_an_hour_keeps_no_job_waiting_for_it() {
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let app = app(&place, &clock).await;
        ask(&app, "check.count", "ngay", start()).await;
        ask(&app, "check.count", "chưa", start() + SignedDuration::from_mins(1)).await;
        ask(&app, "check.count", "dở", start()).await;
        let held = claim(app.db()).await.unwrap();
        assert_eq!(held.len(), 2);
        release(app.db(), &held[..1]).await.unwrap();
        clock.set(start() - SignedDuration::from_mins(60));
        assert_eq!(run_all(app.clone()).await, 2, "what was never meant to wait, and what a dead process held");
        assert_eq!((counted(&app, "ngay").await, counted(&app, "dở").await, counted(&app, "chưa").await), (1, 1, 0));
        clock.set(start() + SignedDuration::from_mins(1));
        assert_eq!((run_all(app.clone()).await, counted(&app, "chưa").await), (1, 1), "each once");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_run_thousands_of_jobs_each_once() {
    const JOBS: usize = 3_000;
    for place in Place::all().await {
        let clock = Clock::standing_at(start());
        let (here, there) = (app(&place, &clock).await, app(&place, &clock).await);
        let asked = here.db().write(|tx| {
            Box::pin(async move {
                for n in 0..JOBS {
                    enqueue(tx, "check.count", &format!("job {n}"), tx.now()).await?;
                }
                Ok(())
            })
        });
        asked.await.unwrap();
        let (one, two) = (tokio::spawn(run_all(here.clone())), tokio::spawn(run_all(there)));
        let (one, two) = (one.await.unwrap(), two.await.unwrap());
        assert_eq!(one + two, JOBS);
        assert!(one > 0 && two > 0, "both took part: {one} and {two}");
        let mut conn = here.db().read().await.unwrap();
        let n = |sql| Sql::with(sql, params![conn.tenant()]);
        let (once, all) = (
            n("select count(*) as n from setting where tenant = $1 and name like 'job %' and value = '1'"),
            n("select count(*) as n from setting where tenant = $1 and name like 'job %'"),
        );
        let (once, all) = (conn.count(once).await.unwrap(), conn.count(all).await.unwrap());
        assert_eq!((once, all), (3_000, 3_000), "each was counted exactly once");
        assert_eq!(counts(&mut conn, clock.now()).await.unwrap(), Counts::default(), "none is left");
    }
}

#[tokio::test]
async fn the_queue_that_is_told_to_stop_gives_back_what_it_holds() {
    for place in Place::all().await {
        let app = app(&place, &Clock::standing_at(start())).await;
        ask(&app, "check.count", "mưa", start()).await;
        let (_tell, stop) = tokio::sync::watch::channel(Stop::Soon);
        run(app.clone(), stop).await;
        assert_eq!(counted(&app, "mưa").await, 0, "nothing new is begun");
        assert_eq!(run_due(&app).await.unwrap(), 1);
    }
}
