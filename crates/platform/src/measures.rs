//! What the program counts about itself, as text for Prometheus.
//!
//! No label ever holds what a person typed or who a person is: routes stand with their places (`/tasks/{id}`),
//! commands with their names.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::SeqCst},
    },
    time::{Duration, Instant},
};

use prometheus_client::{
    encoding::{EncodeLabelSet, text::encode},
    metrics::{
        counter::Counter,
        family::Family,
        gauge::Gauge,
        histogram::{Histogram, exponential_buckets},
    },
    registry::{Registry, Unit},
};

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Answered {
    method: String,
    route: String,
    status: u16,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Asked {
    method: String,
    route: String,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Commanded {
    command: &'static str,
    outcome: &'static str,
}

#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
struct Ran {
    kind: String,
    outcome: &'static str,
}

/// A gauge with one label, filled in when it is asked for.
#[derive(Clone, PartialEq, Eq, Hash, Debug, EncodeLabelSet)]
pub struct Of {
    /// Which of the few things that the gauge tells apart.
    pub of: &'static str,
}

/// Counters of one running program; those of another in the same process are its own.
pub struct Measures {
    began: Instant,
    requests: Family<Answered, Counter>,
    durations: Family<Asked, Histogram>,
    commands: Family<Commanded, Counter>,
    jobs_run: Family<Ran, Counter>,
    groups: Histogram,
    journal_rows: Counter,
    /// Milliseconds after `began` at which the job queue was last seen at work; 0 before it began.
    queue_seen: AtomicU64,
    registry: Registry,
    gauges: Gauges,
}

/// Values that are read at the moment they are asked for.
#[derive(Clone, Default)]
pub struct Gauges {
    /// Commands that wait for the writer.
    pub writer_waiting: Gauge,
    /// Jobs by state.
    pub jobs: Family<Of, Gauge>,
    /// How long the oldest due job has waited, in seconds.
    pub job_oldest_secs: Gauge,
    /// Sessions that are not over.
    pub sessions: Gauge,
    /// Connections to the database.
    pub connections: Family<Of, Gauge>,
    /// Bytes of memory that the process holds.
    pub memory_bytes: Gauge,
    /// Bytes free where the data lie.
    pub free_bytes: Gauge,
    uptime_secs: Gauge,
}

/// From half a millisecond to half a minute.
fn durations() -> Histogram {
    Histogram::new(exponential_buckets(0.0005, 2.0, 16))
}

impl Measures {
    pub(crate) fn new() -> Arc<Self> {
        let mut measures = Self {
            began: Instant::now(),
            requests: Family::default(),
            durations: Family::new_with_constructor(durations as fn() -> Histogram),
            commands: Family::default(),
            jobs_run: Family::default(),
            groups: Histogram::new(exponential_buckets(1.0, 2.0, 9)),
            journal_rows: Counter::default(),
            queue_seen: AtomicU64::new(0),
            registry: Registry::with_prefix("vungxanh"),
            gauges: Gauges::default(),
        };
        measures.register();
        Arc::new(measures)
    }

    fn register(&mut self) {
        let (registry, gauges) = (&mut self.registry, &self.gauges);
        registry.register("http_requests", "Requests answered, by route and status", self.requests.clone());
        let text = "Time from a request to its answer";
        registry.register_with_unit("http_duration", text, Unit::Seconds, self.durations.clone());
        registry.register("commands", "Commands by name and outcome", self.commands.clone());
        registry.register("jobs_run", "Runs of jobs by kind and outcome", self.jobs_run.clone());
        registry.register("writer_group", "Commands in one commit", self.groups.clone());
        registry.register("journal_rows", "Journal rows written since the start", self.journal_rows.clone());
        registry.register("writer_waiting", "Commands that wait for the writer", gauges.writer_waiting.clone());
        registry.register("jobs", "Jobs in the queue by state", gauges.jobs.clone());
        let text = "How long the oldest due job has waited";
        registry.register_with_unit("job_oldest", text, Unit::Seconds, gauges.job_oldest_secs.clone());
        registry.register("sessions", "Sessions that are not over", gauges.sessions.clone());
        registry.register("connections", "Connections to the database", gauges.connections.clone());
        let text = "Memory that the process holds";
        registry.register_with_unit("memory", text, Unit::Bytes, gauges.memory_bytes.clone());
        let text = "Room left where the data lie";
        registry.register_with_unit("free", text, Unit::Bytes, gauges.free_bytes.clone());
        registry.register_with_unit("uptime", "Time since the start", Unit::Seconds, gauges.uptime_secs.clone());
        let build: Family<Vec<(&'static str, &'static str)>, Gauge> = Family::default();
        build.get_or_create(&vec![("version", env!("CARGO_PKG_VERSION"))]).set(1);
        registry.register("build", "The version that runs", build);
    }

    /// A request was answered.
    pub(crate) fn request(&self, method: &str, route: &str, status: u16, took: Duration) {
        let (method, route) = (method.to_owned(), route.to_owned());
        self.durations
            .get_or_create(&Asked { method: method.clone(), route: route.clone() })
            .observe(took.as_secs_f64());
        self.requests.get_or_create(&Answered { method, route, status }).inc();
    }

    pub(crate) fn command(&self, command: &'static str, outcome: &'static str) {
        self.commands.get_or_create(&Commanded { command, outcome }).inc();
    }

    pub(crate) fn group(&self, commands: usize, journal_rows: u64) {
        self.groups.observe(f64::from(u32::try_from(commands).unwrap_or(u32::MAX)));
        self.journal_rows.inc_by(journal_rows);
    }

    pub(crate) fn job(&self, kind: &str, went_well: bool) {
        let outcome = if went_well { "done" } else { "failed" };
        self.jobs_run.get_or_create(&Ran { kind: kind.to_owned(), outcome }).inc();
    }

    /// The job queue is at work.
    pub(crate) fn see_queue(&self) {
        let millis = u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.queue_seen.store(millis.max(1), SeqCst);
    }

    /// How long the job queue has not been seen at work; `None` when it was never started here.
    #[must_use]
    pub fn queue_unseen_for(&self) -> Option<Duration> {
        match self.queue_seen.load(SeqCst) {
            0 => None,
            millis => Some(self.began.elapsed().saturating_sub(Duration::from_millis(millis))),
        }
    }

    /// The values that are read when they are asked for, to be set before [`Measures::text`].
    #[must_use]
    pub fn gauges(&self) -> &Gauges {
        &self.gauges
    }

    /// Everything, in the text format of OpenMetrics.
    #[must_use]
    pub fn text(&self) -> String {
        self.gauges.uptime_secs.set(i64::try_from(self.began.elapsed().as_secs()).unwrap_or(i64::MAX));
        let mut out = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut out, &self.registry);
        out
    }
}

/// The media type of [`Measures::text`].
pub const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Bytes that this process holds in memory, where the system says so.
#[must_use]
pub fn memory_bytes() -> Option<i64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<i64>().ok().map(|kb| kb * 1024)
}
