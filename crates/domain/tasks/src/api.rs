//! Tasks for other programs: the same lists and the same commands as the pages.

use serde::de::DeserializeOwned;
use serde_json::json;
use vx_concepts::{
    api::act,
    engine::{Command, execute},
    evidence::{self, Attachment, EVIDENCE_BYTES_MAX},
    work::{
        Escalation, Filter, Part, Seen, Timeliness, Urgency, WorkItem, WorkState,
        tally::{self, Tally},
    },
};
use vx_kernel::{Date, Id, Problem, ProblemKind, ids, time};
use vx_platform::{
    store::Uuid,
    view,
    web::{
        Answer, Call, Deed, Matching, Nothing, Operation, Route, Shape, UNIT_KEY, UNIT_PLACE, UnitName, Upload,
        from_base64, several, to_base64, words,
    },
};

use crate::{
    Acknowledge, AskExtension, Attach, Cancel, Confirm, Count, DeclineExtension, Do, GrantExtension, Note, Reassign,
    Refuse, Report, Return, SetTarget, Split, TakeOver, Undo, Urge,
    store::{self, After, READ},
};

view! {
    /// A deadline.
    answer DueView as "Due" {
        /// Kind.
        kind: vx_concepts::work::DueKind,
        /// The moment, for kinds that have one.
        at: Option<jiff::Timestamp>,
        /// The day of that moment in Việt Nam.
        on: Option<Date>,
        /// The words of the dispatch that set it.
        quote: Option<String>,
        /// Rule of a recurrent one (RFC 5545).
        rule: Option<String>,
    }
}

view! {
    /// A task: something that one unit must do.
    answer TaskView as "Task" {
        /// Id.
        id: Id<ids::WorkItem>,
        /// Counts up with each change; the ETag.
        version: i64,
        /// What is to be done, in a line.
        title: String,
        /// What is to be done, in the words of the order.
        detail: String,
        /// The dispatch it came from.
        about: Uuid,
        /// Number of that dispatch.
        source: String,
        /// Which clause of it.
        clause: Option<String>,
        /// The task it was split from.
        parent: Option<Id<ids::WorkItem>>,
        /// What was done.
        state: WorkState,
        /// Urgency of the dispatch.
        urgency: Option<Urgency>,
        /// Deadline.
        due: DueView,
        /// Whether it is in time, computed: no_deadline, in_time, soon, overdue, done_in_time, done_late.
        timeliness: String => {"enum": ["no_deadline", "in_time", "soon", "overdue", "done_in_time", "done_late"]},
        /// The unit that leads.
        lead: UnitName,
        /// The unit that assigned it.
        assigner: UnitName,
        /// When the leading unit acknowledged it.
        acknowledged_at: Option<jiff::Timestamp>,
        /// When it was last reported done.
        reported_at: Option<jiff::Timestamp>,
        /// When it was confirmed or called off.
        closed_at: Option<jiff::Timestamp>,
        /// The later deadline that was asked for and not decided.
        asked_due_at: Option<jiff::Timestamp>,
        /// What is counted towards its target.
        target_of: Option<String>,
        /// How many there must be.
        target: Option<i64>,
        /// The day of its series, for an occurrence of recurring work.
        occurs_on: Option<Date>,
    }
}

view! {
    /// A file kept as evidence.
    answer AttachmentView as "Attachment" {
        /// Id.
        id: Id<ids::Attachment>,
        /// Name it was sent under.
        name: String,
        /// Media type, found from the content.
        media_type: String,
        /// Length.
        bytes: i64,
        /// SHA-256 of the content, in hexadecimal.
        sha256: String,
        /// Who sent it.
        sent_by: String,
    }
}

view! {
    /// A file of evidence with its content.
    answer FileView as "AttachmentFile" {
        /// Name it was sent under.
        name: String,
        /// Media type, found from the content.
        media_type: String,
        /// The bytes in base64 (RFC 4648).
        content_base64: String,
    }
}

view! {
    /// A file that is sent as evidence.
    body Attached as "SentAttachment" {
        /// Key of the unit for which it is sent: one that takes part in the task.
        unit: String => {"pattern": UNIT_KEY},
        /// Name of the file; its ending says what it is.
        file_name: String => {"minLength": 1, "maxLength": 200},
        /// The bytes of the file in base64 (RFC 4648).
        content_base64: String => {"minLength": 1},
    }
}

view! {
    /// What was done on a day towards the target of a task.
    answer TallyView as "Tally" {
        /// Id.
        id: Id<ids::Tally>,
        /// The task: the one that was asked for, or a part of it.
        task: Id<ids::WorkItem>,
        /// The unit that counted.
        unit: UnitName,
        /// On which day they were done.
        counted_on: Date,
        /// How many.
        n: i64,
        /// What there is to say about it.
        note: Option<String>,
        /// The wrong entry that this one stands for.
        corrects: Option<Id<ids::Tally>>,
        /// Whether it counts: no other entry stands for it.
        counts: bool,
        /// Who wrote it down.
        written_by: String,
    }
}

view! {
    /// How many more were done.
    body Counted as "Counted" {
        /// On which day they were done.
        counted_on: Date,
        /// How many; nought only to take back a wrong entry.
        n: i64 => {"minimum": -1_000_000_000, "maximum": 1_000_000_000},
        /// What there is to say about it.
        note: Option<String> => {"maxLength": 500},
        /// The wrong entry that this one stands for.
        corrects: Option<Id<ids::Tally>>,
    }
}

view! {
    /// Why.
    body Reasoned as "Reasoned" {
        /// Why, for the unit and for the history.
        reason: String => {"minLength": 1, "maxLength": 10_000},
    }
}

view! {
    /// What came of it.
    body Reported as "Reported" {
        /// The result in words.
        result: String => {"minLength": 1, "maxLength": 10_000},
    }
}

view! {
    /// A word to the unit.
    body Accepted as "Accepted" {
        /// A word to the unit, if any.
        note: Option<String> => {"maxLength": 10_000},
    }
}

view! {
    /// How it goes.
    body Noted as "Noted" {
        /// Key of the unit for which this is written down.
        unit: String => {"pattern": UNIT_KEY},
        /// How it goes.
        text: String => {"minLength": 1, "maxLength": 10_000},
    }
}

view! {
    /// Another unit.
    body Reassigned as "Reassigned" {
        /// Key of the unit that leads from now on.
        to: String => {"pattern": UNIT_KEY},
        /// Why.
        reason: String => {"minLength": 1, "maxLength": 10_000},
    }
}

view! {
    /// Units below.
    body Parts as "Parts" {
        /// Keys of the units that lead a part each.
        to: Vec<String> => {"minItems": 1, "maxItems": 500, "uniqueItems": true, "items": {"type": "string", "pattern": UNIT_KEY}},
    }
}

view! {
    /// More time, asked for.
    body Asked as "ExtensionAsked" {
        /// The new deadline.
        until: jiff::Timestamp,
        /// Why.
        reason: String => {"minLength": 1, "maxLength": 10_000},
    }
}

view! {
    /// More time, granted.
    body Granted as "ExtensionGranted" {
        /// The new deadline, when not the one that was asked for.
        until: Option<jiff::Timestamp>,
        /// Whether open parts with the same deadline move along.
        with_parts: bool,
        /// A word to the unit, if any.
        note: Option<String> => {"maxLength": 10_000},
    }
}

view! {
    /// A word to a unit that is late.
    body Urged as "Urged" {
        /// Key of the unit that urges: the superior or the assigner.
        unit: String => {"pattern": UNIT_KEY},
        /// The word.
        text: String => {"minLength": 1, "maxLength": 10_000},
    }
}

view! {
    /// What is counted, and how many there must be.
    body Targeted as "Targeted" {
        /// What is counted.
        of: String => {"minLength": 1, "maxLength": 100},
        /// How many, if it is known.
        n: Option<i64> => {"minimum": 1, "maximum": 1_000_000_000},
    }
}

fn view(call: &Call, task: &WorkItem) -> TaskView {
    let timeliness = match task.timeliness(call.app.clock().now()) {
        Timeliness::NoDeadline => "no_deadline",
        Timeliness::InTime => "in_time",
        Timeliness::DueSoon { .. } => "soon",
        Timeliness::Overdue { .. } => "overdue",
        Timeliness::DoneInTime => "done_in_time",
        Timeliness::DoneLate { .. } => "done_late",
    };
    TaskView {
        id: task.id,
        version: task.version,
        title: task.title.clone(),
        detail: task.detail.clone(),
        about: task.about,
        source: task.source.clone(),
        clause: task.clause.clone(),
        parent: task.parent,
        state: task.state,
        urgency: task.urgency,
        due: DueView {
            kind: task.due_kind,
            at: task.due_at,
            on: task.due_at.map(time::day_of),
            quote: task.due_quote.clone(),
            rule: task.due_rule.clone(),
        },
        timeliness: timeliness.to_owned(),
        lead: call.unit(&task.path),
        assigner: call.unit(&task.assigner),
        acknowledged_at: task.acknowledged_at,
        reported_at: task.reported_at,
        closed_at: task.closed_at,
        asked_due_at: task.asked_due_at,
        target_of: task.target_of.clone(),
        target: task.target,
        occurs_on: task.occurs_on,
    }
}

/// What the interface brings. A verb that moves one task is one entry here: its address, its name, what is sent, the
/// command, and the refusals that it knows.
pub(crate) fn routes() -> Vec<Route> {
    let mut routes = reads();
    routes.extend([
        Route::api(
            Operation::post::<Attached>("/api/v1/tasks/{id}/attachments", "attach_to_task", Attach::NAME)
                .answers::<AttachmentView>()
                .creates()
                .bytes_max(EVIDENCE_BYTES_MAX * 4 / 3 + SENT_AROUND)
                .refuses(&[
                    NOT_NOW,
                    UNKNOWN_UNIT,
                    "api.base64",
                    "evidence.kind",
                    "evidence.not_what_it_says",
                    "evidence.empty",
                    "evidence.too_large",
                    "tasks.acknowledge_first",
                    "tasks.attach.too_many",
                ])
                .leads_to("get_task_attachment", "attachment", "/id"),
            attach,
        ),
        Route::api(
            Operation::post::<Counted>("/api/v1/tasks/{id}/tallies", "count_towards_task", Count::NAME)
                .answers::<TallyView>()
                .creates()
                .refuses(&[
                    NOT_NOW,
                    "tasks.acknowledge_first",
                    "tasks.tally.not_counted",
                    "tasks.tally.future",
                    "tasks.tally.corrected_already",
                    "tasks.target.not_positive",
                    "tasks.target.too_large",
                ]),
            count,
        ),
        verb(
            "/api/v1/tasks/{id}/undo",
            "undo_on_task",
            &["tasks.undo.nothing", "tasks.undo.not_yours", "tasks.undo.too_late"],
            |_, task, Nothing {}| Ok(Undo { task }),
        ),
        verb("/api/v1/tasks/{id}/acknowledge", "acknowledge_task", STATE, |_, task, Nothing {}| {
            Ok(Do { task, step: Acknowledge })
        }),
        verb(
            "/api/v1/tasks/{id}/refuse",
            "refuse_task",
            &[NOT_NOW, "tasks.refuse.no_reason"],
            |_, task, sent: Reasoned| Ok(Do { task, step: Refuse { reason: sent.reason } }),
        ),
        verb(
            "/api/v1/tasks/{id}/note",
            "note_on_task",
            &[NOT_NOW, UNKNOWN_UNIT, "tasks.acknowledge_first", "tasks.note.empty"],
            |call, task, sent: Noted| Ok(Note { task, unit: call.path_of(&sent.unit)?, text: sent.text }),
        ),
        verb(
            "/api/v1/tasks/{id}/report",
            "report_task",
            &[NOT_NOW, "tasks.report.no_result"],
            |_, task, sent: Reported| Ok(Do { task, step: Report { result: sent.result } }),
        ),
        verb("/api/v1/tasks/{id}/confirm", "confirm_task", STATE, |_, task, sent: Accepted| {
            let note = sent.note.filter(|note| !note.trim().is_empty());
            Ok(Do { task, step: Confirm { note } })
        }),
        verb(
            "/api/v1/tasks/{id}/return",
            "return_task",
            &[NOT_NOW, "tasks.return.no_reason"],
            |_, task, sent: Reasoned| Ok(Do { task, step: Return { reason: sent.reason } }),
        ),
        verb(
            "/api/v1/tasks/{id}/reassign",
            "reassign_task",
            &[
                NOT_NOW,
                UNKNOWN_UNIT,
                "tasks.reassign.no_reason",
                "tasks.reassign.same_unit",
                "tasks.reassign.not_below",
                "tasks.reassign.parts_open",
            ],
            |call, task, sent: Reassigned| {
                Ok(Do { task, step: Reassign { to: call.path_of(&sent.to)?, reason: sent.reason } })
            },
        ),
        verb(
            "/api/v1/tasks/{id}/cancel",
            "cancel_task",
            &[NOT_NOW, "tasks.cancel.no_reason"],
            |_, task, sent: Reasoned| Ok(Do { task, step: Cancel { reason: sent.reason } }),
        ),
        verb(
            "/api/v1/tasks/{id}/split",
            "split_task",
            &[NOT_NOW, UNKNOWN_UNIT, "tasks.split.not_below", "tasks.split.have_it_already"],
            |call, task, sent: Parts| {
                let to = sent.to.iter().map(|key| call.path_of(key)).collect::<Result<_, _>>()?;
                Ok(Do { task, step: Split { to, target: None } })
            },
        ),
        verb(
            "/api/v1/tasks/{id}/ask-extension",
            "ask_extension",
            &[
                NOT_NOW,
                "tasks.ask_extension.no_deadline",
                "tasks.ask_extension.no_reason",
                "tasks.ask_extension.past",
                "tasks.ask_extension.asked_already",
                "tasks.extension.not_later",
            ],
            |_, task, sent: Asked| Ok(Do { task, step: AskExtension { until: sent.until, reason: sent.reason } }),
        ),
        verb(
            "/api/v1/tasks/{id}/grant-extension",
            "grant_extension",
            &[NOT_NOW, "tasks.extension.not_asked", "tasks.extension.not_later"],
            |_, task, sent: Granted| {
                let note = sent.note.filter(|note| !note.trim().is_empty());
                Ok(Do { task, step: GrantExtension { until: sent.until, with_parts: sent.with_parts, note } })
            },
        ),
        verb(
            "/api/v1/tasks/{id}/decline-extension",
            "decline_extension",
            &[NOT_NOW, "tasks.extension.not_asked", "tasks.decline_extension.no_reason"],
            |_, task, sent: Reasoned| Ok(Do { task, step: DeclineExtension { reason: sent.reason } }),
        ),
        verb(
            "/api/v1/tasks/{id}/urge",
            "urge_task",
            &[NOT_NOW, UNKNOWN_UNIT, "tasks.urge.empty"],
            |call, task, sent: Urged| Ok(Urge { task, unit: call.path_of(&sent.unit)?, text: sent.text }),
        ),
        verb(
            "/api/v1/tasks/{id}/take-over",
            "take_over_task",
            &[NOT_NOW, "tasks.take_over.nothing"],
            |_, task, Nothing {}| Ok(Do { task, step: TakeOver }),
        ),
        verb(
            "/api/v1/tasks/{id}/target",
            "set_task_target",
            &[NOT_NOW, "tasks.target.no_name", "tasks.target.not_positive", "tasks.target.too_large"],
            |_, task, sent: Targeted| Ok(Do { task, step: SetTarget { of: sent.of, n: sent.n } }),
        ),
    ]);
    routes
}

/// Room in a body around the file that it carries.
const SENT_AROUND: usize = 4 * 1024;
const NOT_NOW: &str = "tasks.not_in_this_state";
const UNKNOWN_UNIT: &str = "api.unit_unknown";
const STATE: &[&str] = &[NOT_NOW];

/// A verb on one task: any command that saves a task.
fn verb<B, C>(
    path: &'static str,
    id: &'static str,
    codes: &'static [&'static str],
    read: impl Fn(&Call, Id<ids::WorkItem>, B) -> Result<C, Problem> + Copy + Send + Sync + 'static,
) -> Route
where
    B: Shape + DeserializeOwned + Send + 'static,
    C: Command<Record = WorkItem>,
{
    let operation = Operation::post::<B>(path, id, C::NAME).matches(Matching::May).refuses(codes);
    Route::api(operation.answers::<TaskView>().versioned(), move |call| async move {
        let task = call.id()?;
        let command = read(&call, task, call.body()?)?;
        act(&call, task.uuid(), command).await?;
        get(call).await
    })
}

fn reads() -> Vec<Route> {
    let seen = words(Seen::ALL.iter().map(|seen| seen.as_str()));
    let states = WorkState::ALL.iter().map(|state| state.as_str()).chain(["all"]);
    let list_operation = Operation::get("/api/v1/tasks", "list_tasks", READ)
        .asks(
            "part",
            words(Part::ALL.iter().map(|part| part.as_str())),
            "How units within reach stand to it; lead unless given.",
        )
        .asks("state", several(states), "States; every open one unless given, `all` for closed ones too.")
        .asks("seen", seen, "By the clock.")
        .asks("urgency", words(Urgency::ALL.iter().map(|urgency| urgency.as_str())), "By urgency of the dispatch.")
        .asks("about", json!({"type": "string", "format": "uuid"}), "Of one dispatch.")
        .asks("parent", json!({"type": "string", "format": "uuid"}), "Split from one task.")
        .asks(
            "unit",
            json!({"type": "string", "pattern": UNIT_PLACE}),
            "Key or path of a unit: its work and that of all below.",
        )
        .asks("desk", json!({"type": "string", "enum": ["yes"]}), "The units themselves, without those below.")
        .asks("due_from", json!({"type": "string", "format": "date"}), "Due on this day or later.")
        .asks("due_to", json!({"type": "string", "format": "date"}), "Due on this day or earlier.")
        .asks(
            "escalated",
            words(Escalation::ALL.iter().map(|step| step.as_str())),
            "Waiting, and whom the program told of its deadline: at least this step.",
        )
        .asks("series", json!({"type": "string", "format": "uuid"}), "Occurrences of one series.")
        .asks("report", json!({"type": "string", "enum": ["1"]}), "Reports that are owed by a form, and nothing else.")
        .asks(
            "q",
            json!({"type": "string", "pattern": vx_platform::web::TEXT, "maxLength": 200}),
            "Words, with or without marks.",
        )
        .answers_page::<TaskView>(true)
        .leads_to("get_task", "id", "/items/0/id")
        .leads_to("acknowledge_task", "id", "/items/0/id")
        .leads_to("task_history", "id", "/items/0/id");
    vec![
        Route::api(list_operation, list),
        Route::api(
            Operation::get("/api/v1/tasks/{id}", "get_task", READ)
                .answers::<TaskView>()
                .versioned()
                .leads_to("report_task", "id", "/id")
                .leads_to("note_on_task", "id", "/id")
                .leads_to("list_task_attachments", "id", "/id")
                .leads_to("list_task_cooperators", "id", "/id")
                .leads_to("get_directive", "id", "/about"),
            get,
        ),
        Route::api(
            Operation::get("/api/v1/tasks/{id}/history", "task_history", READ).answers_page::<Deed>(false),
            history,
        ),
        Route::api(
            Operation::get("/api/v1/tasks/{id}/cooperators", "list_task_cooperators", READ)
                .answers_page::<UnitName>(false),
            cooperators,
        ),
        Route::api(
            Operation::get("/api/v1/tasks/{id}/attachments", "list_task_attachments", READ)
                .answers_page::<AttachmentView>(false)
                .leads_to("get_task_attachment", "attachment", "/items/0/id"),
            attachments,
        ),
        Route::api(
            Operation::get("/api/v1/tasks/{id}/attachments/{attachment}", "get_task_attachment", READ)
                .answers::<FileView>(),
            file,
        ),
        Route::api(
            Operation::get("/api/v1/tasks/{id}/tallies", "list_task_tallies", READ).answers_page::<TallyView>(false),
            tallies,
        ),
    ]
}

/// The filter of the page, from the same names. A unit may be named by its key too.
fn filter_of(call: &Call) -> Filter {
    let names = [
        "part",
        "state",
        "seen",
        "urgency",
        "about",
        "parent",
        "desk",
        "due_from",
        "due_to",
        "escalated",
        "series",
        "q",
    ];
    let pairs = names.iter().flat_map(|name| call.all(name).map(move |value| (*name, value)));
    let mut filter = Filter::parse(pairs);
    if let Some(place) = call.asked("unit") {
        let tree = call.app.tree();
        filter.unit = match tree.get(place) {
            Some(unit) => Some(unit.path.clone()),
            // A place that does not exist has no work; the path of nowhere says so.
            None => vx_kernel::Path::parse(place).ok().or_else(|| vx_kernel::Path::parse("-/").ok()),
        };
    }
    filter
}

async fn list(call: Call) -> Result<Answer, Problem> {
    let (filter, now) = (filter_of(&call), call.app.clock().now());
    // Deadlines are not older than the program's clock can be; a cursor that says so was made up.
    let after = call.after(|text| After::parse(text).filter(|after| after.due > jiff::Timestamp::UNIX_EPOCH))?;
    let mut conn = call.app.db().read().await?;
    let total = if call.counts() { Some(store::count(&mut conn, &call.actor, &filter, now).await?) } else { None };
    let tasks = store::list(&mut conn, &call.actor, &filter, now, after, call.limit() + 1).await?;
    drop(conn);
    let place = |task: &WorkItem| After { due: task.due_sort, id: task.id.uuid() }.text();
    Answer::page(&call, tasks, total, place, |task| view(&call, task))
}

async fn get(call: Call) -> Result<Answer, Problem> {
    let (task, _) = store::visible(&mut call.app.db().read().await?, &call.actor, call.id()?).await?;
    Ok(Answer::of(&view(&call, &task))?.at_version(task.version))
}

async fn history(call: Call) -> Result<Answer, Problem> {
    let id = call.id()?;
    let mut conn = call.app.db().read().await?;
    store::visible(&mut conn, &call.actor, id).await?;
    call.history(&mut conn, id.uuid()).await
}

async fn cooperators(call: Call) -> Result<Answer, Problem> {
    let after = call.after(|text| vx_kernel::Path::parse(text).ok())?;
    let (_, mut units) = store::visible(&mut call.app.db().read().await?, &call.actor, call.id()?).await?;
    units.retain(|unit| after.as_ref().is_none_or(|after| unit > after));
    Answer::page(&call, units, None, |unit| unit.to_string(), |unit| call.unit(unit))
}

async fn attachments(call: Call) -> Result<Answer, Problem> {
    let id = call.id()?;
    let after = call.after(|text| text.parse::<Uuid>().ok())?;
    let mut conn = call.app.db().read().await?;
    store::visible(&mut conn, &call.actor, id).await?;
    let mut files = evidence::of(&mut conn, id.uuid()).await?;
    files.retain(|file| after.is_none_or(|after| file.id.uuid() > after));
    Answer::page(&call, files, None, |file| file.id.to_string(), attachment_view)
}

fn attachment_view(file: &Attachment) -> AttachmentView {
    AttachmentView {
        id: file.id,
        name: file.name.clone(),
        media_type: file.media_type.clone(),
        bytes: file.bytes,
        sha256: vx_platform::store::migrate::hex(&file.sha256),
        sent_by: file.by_name.clone(),
    }
}

async fn file(call: Call) -> Result<Answer, Problem> {
    let id: Id<ids::Attachment> = call.read("attachment").ok_or_else(Problem::not_found)?;
    let mut conn = call.app.db().read().await?;
    let file = store::file(&mut conn, &call.actor, call.id()?, id).await?;
    drop(conn);
    let content_base64 = to_base64(&call.app.files().read(&file.sha256).await?);
    Answer::of(&FileView { name: file.name, media_type: file.media_type, content_base64 })
}

async fn attach(call: Call) -> Result<Answer, Problem> {
    let (task, sent) = (call.id()?, call.body::<Attached>()?);
    // Who cannot see the task must not fill the disk either.
    store::visible(&mut call.app.db().read().await?, &call.actor, task).await?;
    let unit = call.path_of(&sent.unit)?;
    let file = Upload { name: sent.file_name, content: Ok(from_base64(&sent.content_base64)?) };
    let kind = evidence::media_type(&file)?;
    let content = file.content.as_deref().unwrap_or_default();
    let hash = call.app.files().keep(content).await?;
    let attachment = evidence::attachment(&file, kind, hash, unit.clone(), task.uuid(), &call.actor.name);
    let id = execute(call.app.db(), &call.actor, call.key()?, Attach { task, unit, file: attachment }).await?;
    let kept = call.app.db().read().await?.load::<Attachment>(Id::<ids::Attachment>::from(id)).await?;
    if kept.about != task.uuid() {
        return Err(Problem::new(ProblemKind::Conflict, "api.key_of_another"));
    }
    Answer::of(&attachment_view(&kept))
}

fn tally_view(call: &Call, entry: &Tally, counts: bool) -> TallyView {
    TallyView {
        id: entry.id,
        task: entry.work,
        unit: call.unit(&entry.path),
        counted_on: entry.counted_on,
        n: entry.n,
        note: entry.note.clone(),
        corrects: entry.corrects,
        counts,
        written_by: entry.by_name.clone(),
    }
}

async fn tallies(call: Call) -> Result<Answer, Problem> {
    let after = call.after(|text| text.parse::<Uuid>().ok())?;
    let mut conn = call.app.db().read().await?;
    let (task, _) = store::visible(&mut conn, &call.actor, call.id()?).await?;
    let mut entries = tally::entries(&mut conn, &task).await?;
    drop(conn);
    entries.sort_by_key(|(entry, _)| entry.id.uuid());
    entries.retain(|(entry, _)| after.is_none_or(|after| entry.id.uuid() > after));
    let place = |(entry, _): &(Tally, bool)| entry.id.to_string();
    Answer::page(&call, entries, None, place, |(entry, counts)| tally_view(&call, entry, *counts))
}

async fn count(call: Call) -> Result<Answer, Problem> {
    let (task, sent) = (call.id()?, call.body::<Counted>()?);
    let note = sent.note.filter(|note| !note.trim().is_empty());
    let command = Count { task, on: sent.counted_on, n: sent.n, note, corrects: sent.corrects };
    let id = execute(call.app.db(), &call.actor, call.key()?, command).await?;
    let mut conn = call.app.db().read().await?;
    let entry = conn.load::<Tally>(Id::<ids::Tally>::from(id)).await?;
    if entry.work != task {
        return Err(Problem::new(ProblemKind::Conflict, "api.key_of_another"));
    }
    let counts = !tally::is_corrected(&mut conn, entry.id).await?;
    Answer::of(&tally_view(&call, &entry, counts))
}
