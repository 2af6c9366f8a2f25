//! The program at work: the site, the job queue, the address for operators; and how it stops.

use std::{error::Error as _, net::SocketAddr, time::Duration};

use anyhow::Context as _;
use tokio::{net::TcpListener, sync::watch, time::timeout};
use vx_boards::portal;
use vx_foundation::{notices, units};
use vx_kernel::Problem;
use vx_platform::{
    Clock,
    auth::single::Provider,
    jobs::{self, Stop},
    store::Db,
    web::{App, observation, router_behind},
    words::Words,
};

use crate::{modules, settings::Settings};

/// How often a process looks whether another one changed the units.
const LOOKS_EVERY: Duration = Duration::from_secs(5);
/// How long the queue and the writer may take to let go once requests are finished or given up.
const LET_GO: Duration = Duration::from_secs(5);

async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("Không lắng nghe được ở {address}; cổng có thể đang được dùng. / Cannot listen on {address}; the port may be in use.")
    })
}

/// Serves until the service manager or the keyboard says stop; `say` is told the addresses.
///
/// Then: no more connections, requests under way are finished, what waits for the writer is written, jobs are given
/// back; all of it within the time of the settings.
///
/// # Errors
/// When an address cannot be listened on.
pub async fn serve(app: App, settings: &Settings, say: impl Fn(&str, SocketAddr)) -> anyhow::Result<()> {
    if let Some(named) = &settings.provider {
        let provider = Provider::new(named.clone()).map_err(|name| anyhow::anyhow!("{name}"))?;
        app.set_provider(provider);
    }
    app.set_couriers(settings.post.couriers()?);
    let listener = listen(settings.listen).await?;
    let observer = match settings.observe {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    let (tell, stop) = watch::channel(Stop::No);
    let mut queue = tokio::spawn(jobs::run(app.clone(), stop.clone()));
    let units = tokio::spawn(keep_up(app.clone()));
    let notices = tokio::spawn(notices::watch(app.clone()));
    tokio::spawn(publish(app.clone()));
    say("Vùng Xanh", listener.local_addr()?);
    if let Some(observer) = observer {
        say("Theo dõi / observation", observer.local_addr()?);
        let figures = observation(app.clone(), settings.front.free_min);
        tokio::spawn(async move { axum::serve(observer, figures).await });
    }
    let site = router_behind(app.clone(), settings.front.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut serving =
        tokio::spawn(axum::serve(listener, site).with_graceful_shutdown(soon(stop.clone())).into_future());
    tokio::select! {
        () = asked_to_stop() => {}
        // It ends by itself only when it cannot go on.
        ended = &mut serving => { ended??; }
    }
    tracing::info!("stopping");
    units.abort();
    notices.abort();
    app.bell().stop();
    tell.send_replace(Stop::Soon);
    let both = async {
        let _ = tokio::join!(&mut serving, &mut queue);
    };
    if timeout(settings.stop_after, both).await.is_err() {
        tracing::warn!("requests or jobs under way were given up");
        serving.abort();
        tell.send_replace(Stop::Now);
        if !queue.is_finished() {
            let _ = timeout(LET_GO, &mut queue).await;
        }
    }
    let _ = timeout(LET_GO, app.db().close()).await;
    tracing::info!("stopped");
    Ok(())
}

/// Answers the public portal from its file for as long as the database cannot be opened, on the site's address: after a
/// power cut the machine of the database may be the last that is back, and who asks what holds in their commune is
/// answered meanwhile. Ends when the database is there; where nothing was published it does nothing. Says whether to go
/// on: not when the program was told to stop meanwhile.
///
/// # Errors
/// When the address cannot be listened on.
pub async fn stand_in(settings: &Settings, say: impl Fn(&str, SocketAddr)) -> anyhow::Result<bool> {
    let away = async || match Db::open(&settings.store(), Clock::Real).await {
        Ok(db) => {
            db.close().await;
            None
        }
        Err(problem) => Some(problem),
    };
    if !portal::is_published(&settings.data) {
        return Ok(true);
    }
    let Some(mut problem) = away().await.filter(is_away) else { return Ok(true) };
    let words = Words::new(modules().iter().map(|module| module.texts)).map_err(|error| anyhow::anyhow!(error))?;
    let site = portal::alone(&settings.data, words, Clock::Real);
    let listener = listen(settings.listen).await?;
    say("Cổng công khai, chưa có cơ sở dữ liệu / public portal alone, no database yet", listener.local_addr()?);
    let (tell, mut stop) = watch::channel(false);
    let gone = async move {
        let _ = stop.wait_for(|stop| *stop).await;
    };
    let serving = tokio::spawn(axum::serve(listener, site).with_graceful_shutdown(gone).into_future());
    let back = async {
        loop {
            tracing::error!(problem = problem.chain(), "the database is away; the public portal is answered alone");
            tokio::time::sleep(LOOKS_EVERY).await;
            match away().await.filter(is_away) {
                Some(still) => problem = still,
                None => break,
            }
        }
    };
    let goes_on = tokio::select! {
        () = back => true,
        () = asked_to_stop() => false,
    };
    tell.send_replace(true);
    // Somebody's open connection must not keep the whole site away.
    let aborted = serving.abort_handle();
    if timeout(LET_GO, serving).await.is_err() {
        aborted.abort();
    }
    Ok(goes_on)
}

/// Whether a database that cannot be opened may be there later. One that answers no, or whose address is not understood,
/// waits for somebody: the start goes on and ends with the reason.
fn is_away(problem: &Problem) -> bool {
    let driver = problem.source();
    let mut causes = std::iter::successors(driver, |error| (**error).source());
    // The driver tries again while nobody listens or the server starts up, and then says without cause that time is up.
    causes.any(|cause| cause.is::<std::io::Error>()) || driver.is_some_and(|error| error.source().is_none())
}

/// Publishes once at the start: after an upgrade the snapshot of before may be of another form, and the queue looks only
/// after minutes.
async fn publish(app: App) {
    if let Err(problem) = portal::publish(&app).await {
        tracing::warn!(problem = problem.chain(), "the public portal shows what was published before");
    }
}

/// Keeps the tree of units as others make it, for as long as the program serves.
async fn keep_up(app: App) {
    let mut seen = units::Seen::default();
    loop {
        if let Err(problem) = units::look(&app, &mut seen).await {
            tracing::warn!(problem = problem.chain(), "whether the units were changed is not known");
        }
        tokio::time::sleep(LOOKS_EVERY).await;
    }
}

async fn soon(mut stop: watch::Receiver<Stop>) {
    let _ = stop.wait_for(|stop| *stop >= Stop::Soon).await;
}

/// Waits for Ctrl-C or the service manager's word.
async fn asked_to_stop() {
    let interrupt = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut terminate) => {
                tokio::select! { _ = interrupt => {}, _ = terminate.recv() => {} }
            }
            Err(_) => drop(interrupt.await),
        }
    }
    #[cfg(not(unix))]
    drop(interrupt.await);
}
