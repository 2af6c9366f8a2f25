//! What units are told of tasks (thông báo): rows of the journal, and what ends the need to know.

use vx_concepts::{
    engine::Command as _,
    work::{
        WorkItem,
        tell::{WorkTelling, above, assigner, lead, tell, tell_called_off, tell_helpers},
    },
};
use vx_platform::notify::{Class, NoticeKind};

use crate::{
    commands::{Acknowledge, Cancel, Confirm, Do, Note, Reassign, Refuse, Report, Return, Split},
    extension::{AskExtension, DeclineExtension, GrantExtension},
    hand_over::{HandOver, TakeOver},
    late::Urge,
};

/// Where several late ones lead: the groups of the desk.
const DESK: Option<&str> = Some("/inbox");

/// What a report answers is told by the reports.
fn no_report(item: &WorkItem) -> bool {
    item.request.is_none()
}

const TO_LEAD: WorkTelling = WorkTelling { whom: lead, other: assigner, of: no_report };
const TO_LEAD_ALWAYS: WorkTelling = WorkTelling { of: |_| true, ..TO_LEAD };
const TO_ASSIGNER: WorkTelling = WorkTelling { whom: assigner, other: lead, of: |_| true };

const ACKNOWLEDGE: &str = Do::<Acknowledge>::NAME;
const REFUSE: &str = Do::<Refuse>::NAME;
const REPORT: &str = Do::<Report>::NAME;
const CONFIRM: &str = Do::<Confirm>::NAME;
const RETURN: &str = Do::<Return>::NAME;
const REASSIGN: &str = Do::<Reassign>::NAME;
const CANCEL: &str = Do::<Cancel>::NAME;
const SPLIT: &str = Do::<Split>::NAME;
const ASK: &str = Do::<AskExtension>::NAME;
const GRANT: &str = Do::<GrantExtension>::NAME;
const DECLINE: &str = Do::<DeclineExtension>::NAME;
const RECALL: &str = "directives.recall";
const WITHDRAW: &str = "directives.withdraw";
const REPLACE: &str = "directives.replace";
const CORRECT: &str = "directives.correct";
/// What takes work off the desk of the unit that leads it.
const GONE: &[&str] = &[REASSIGN, CANCEL, RECALL, WITHDRAW, CONFIRM];

/// What most of these kinds are: told to the unit that leads, each for itself.
const KIND: NoticeKind = NoticeKind {
    name: "",
    class: Class::Work,
    verbs: &[],
    records: &["work_item"],
    to: ACKNOWLEDGE,
    ended_by: &[],
    each: false,
    list: None,
    tell: |conn, entries| tell(conn, entries, TO_LEAD_ALWAYS),
};

pub(crate) const NOTICES: &[NoticeKind] = &[
    NoticeKind {
        name: "tasks.given",
        verbs: &["work.open", REASSIGN],
        ended_by: &[&[ACKNOWLEDGE, REFUSE, SPLIT, REPORT], GONE],
        tell: |conn, entries| tell(conn, entries, TO_LEAD),
        ..KIND
    },
    NoticeKind {
        name: "tasks.help",
        verbs: &["work.open"],
        to: Note::NAME,
        ended_by: &[&[CANCEL, RECALL, WITHDRAW, CONFIRM]],
        list: Some("/tasks?part=cooperating"),
        tell: tell_helpers,
        ..KIND
    },
    NoticeKind { name: "tasks.changed", verbs: &[CORRECT, REPLACE], ended_by: &[&[REPORT], GONE], list: DESK, ..KIND },
    NoticeKind {
        name: "tasks.called_off",
        verbs: &[CANCEL, RECALL, WITHDRAW, REPLACE],
        list: Some("/tasks?state=cancelled"),
        tell: tell_called_off,
        ..KIND
    },
    NoticeKind {
        name: "tasks.handed",
        verbs: &[HandOver::NAME],
        to: Do::<TakeOver>::NAME,
        ended_by: &[&[Do::<TakeOver>::NAME], GONE],
        list: DESK,
        ..KIND
    },
    NoticeKind {
        name: "tasks.urged",
        class: Class::Deadline,
        verbs: &[Urge::NAME],
        ended_by: &[&[Note::NAME, REPORT], GONE],
        ..KIND
    },
    NoticeKind {
        name: "tasks.reminded",
        class: Class::Deadline,
        verbs: &["tasks.remind"],
        ended_by: &[&[REPORT, GRANT], GONE],
        tell: |conn, entries| tell(conn, entries, TO_LEAD),
        ..KIND
    },
    NoticeKind {
        name: "tasks.late",
        class: Class::Deadline,
        verbs: &["tasks.tell_superior"],
        ended_by: &[&[REPORT, GRANT], GONE],
        tell: |conn, entries| tell(conn, entries, TO_LEAD),
        ..KIND
    },
    NoticeKind {
        name: "tasks.late_below",
        class: Class::Deadline,
        verbs: &["tasks.tell_superior"],
        to: Urge::NAME,
        ended_by: &[&[REPORT, GRANT], GONE],
        list: DESK,
        tell: |conn, entries| tell(conn, entries, WorkTelling { whom: above, other: lead, of: no_report }),
        ..KIND
    },
    NoticeKind {
        name: "tasks.late_assigned",
        class: Class::Deadline,
        verbs: &["tasks.tell_assigner"],
        to: Urge::NAME,
        ended_by: &[&[REPORT, GRANT], GONE],
        list: DESK,
        tell: |conn, entries| tell(conn, entries, WorkTelling { of: no_report, ..TO_ASSIGNER }),
        ..KIND
    },
    NoticeKind {
        name: "tasks.reported",
        class: Class::Decision,
        verbs: &[REPORT],
        to: CONFIRM,
        ended_by: &[&[RETURN], GONE],
        list: Some("/tasks?part=assigned&state=reported"),
        tell: |conn, entries| tell(conn, entries, TO_ASSIGNER),
        ..KIND
    },
    NoticeKind {
        name: "tasks.refused",
        class: Class::Decision,
        verbs: &[REFUSE],
        to: RETURN,
        ended_by: &[&[RETURN], GONE],
        list: Some("/tasks?part=assigned&state=refused"),
        tell: |conn, entries| tell(conn, entries, TO_ASSIGNER),
        ..KIND
    },
    NoticeKind { name: "tasks.returned", verbs: &[RETURN], ended_by: &[&[Note::NAME, REPORT], GONE], ..KIND },
    NoticeKind {
        name: "tasks.extension_asked",
        class: Class::Decision,
        verbs: &[ASK],
        to: GRANT,
        ended_by: &[&[GRANT, DECLINE, REPORT], GONE],
        list: DESK,
        tell: |conn, entries| tell(conn, entries, TO_ASSIGNER),
        ..KIND
    },
    NoticeKind {
        name: "tasks.extension_granted",
        class: Class::Deadline,
        verbs: &[GRANT],
        ended_by: &[&[REPORT], GONE],
        ..KIND
    },
    NoticeKind {
        name: "tasks.extension_declined",
        class: Class::Deadline,
        verbs: &[DECLINE],
        ended_by: &[&[REPORT, ASK], GONE],
        ..KIND
    },
];

#[cfg(test)]
mod tests {
    use vx_concepts::work::Escalation;

    use super::*;

    #[test]
    fn every_step_of_escalation_is_told_to_whom_it_names() {
        for (step, kinds) in [
            (Escalation::Reminded, vec!["tasks.reminded"]),
            (Escalation::Superior, vec!["tasks.late", "tasks.late_below"]),
            (Escalation::Assigner, vec!["tasks.late_assigned"]),
        ] {
            let made: Vec<&str> =
                NOTICES.iter().filter(|kind| kind.verbs.contains(&step.verb())).map(|kind| kind.name).collect();
            assert_eq!(made, kinds, "{step}");
        }
    }
}
