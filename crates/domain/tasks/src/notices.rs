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

/// A row of the journal about work.
const WORK: &[&str] = &["work_item"];
/// Where several late ones lead: the groups of the desk.
const DESK: Option<&str> = Some("/inbox");

/// What a report answers is told by the reports.
fn no_report(item: &WorkItem) -> bool {
    item.request.is_none()
}

const TO_LEAD: WorkTelling = WorkTelling { whom: lead, other: assigner, of: no_report };
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
const GONE: [&str; 5] = [REASSIGN, CANCEL, RECALL, WITHDRAW, CONFIRM];

pub(crate) const NOTICES: &[NoticeKind] = &[
    NoticeKind {
        name: "tasks.given",
        class: Class::Work,
        verbs: &["work.open", REASSIGN],
        records: WORK,
        to: ACKNOWLEDGE,
        ended_by: &[ACKNOWLEDGE, REFUSE, SPLIT, REPORT, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, TO_LEAD),
    },
    NoticeKind {
        name: "tasks.help",
        class: Class::Work,
        verbs: &["work.open"],
        records: WORK,
        to: Note::NAME,
        ended_by: &[CANCEL, RECALL, WITHDRAW, CONFIRM],
        each: false,
        list: Some("/tasks?part=cooperating"),
        tell: tell_helpers,
    },
    NoticeKind {
        name: "tasks.changed",
        class: Class::Work,
        verbs: &[CORRECT, REPLACE],
        records: WORK,
        to: ACKNOWLEDGE,
        ended_by: &[REPORT, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: DESK,
        tell: |conn, entries| tell(conn, entries, WorkTelling { of: |_| true, ..TO_LEAD }),
    },
    NoticeKind {
        name: "tasks.called_off",
        class: Class::Work,
        verbs: &[CANCEL, RECALL, WITHDRAW, REPLACE],
        records: WORK,
        to: ACKNOWLEDGE,
        ended_by: &[],
        each: false,
        list: Some("/tasks?state=cancelled"),
        tell: tell_called_off,
    },
    NoticeKind {
        name: "tasks.handed",
        class: Class::Work,
        verbs: &[HandOver::NAME],
        records: WORK,
        to: Do::<TakeOver>::NAME,
        ended_by: &[Do::<TakeOver>::NAME, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: DESK,
        tell: |conn, entries| tell(conn, entries, WorkTelling { of: |_| true, ..TO_LEAD }),
    },
    NoticeKind {
        name: "tasks.urged",
        class: Class::Deadline,
        verbs: &[Urge::NAME],
        records: WORK,
        to: ACKNOWLEDGE,
        ended_by: &[Note::NAME, REPORT, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, WorkTelling { of: |_| true, ..TO_LEAD }),
    },
    NoticeKind {
        name: "tasks.reminded",
        class: Class::Deadline,
        verbs: &["tasks.remind"],
        records: WORK,
        to: ACKNOWLEDGE,
        ended_by: &[REPORT, GRANT, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, TO_LEAD),
    },
    NoticeKind {
        name: "tasks.late",
        class: Class::Deadline,
        verbs: &["tasks.tell_superior"],
        records: WORK,
        to: ACKNOWLEDGE,
        ended_by: &[REPORT, GRANT, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, TO_LEAD),
    },
    NoticeKind {
        name: "tasks.late_below",
        class: Class::Deadline,
        verbs: &["tasks.tell_superior"],
        records: WORK,
        to: Urge::NAME,
        ended_by: &[REPORT, GRANT, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: DESK,
        tell: |conn, entries| tell(conn, entries, WorkTelling { whom: above, other: lead, of: no_report }),
    },
    NoticeKind {
        name: "tasks.late_assigned",
        class: Class::Deadline,
        verbs: &["tasks.tell_assigner"],
        records: WORK,
        to: Urge::NAME,
        ended_by: &[REPORT, GRANT, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: DESK,
        tell: |conn, entries| tell(conn, entries, WorkTelling { of: no_report, ..TO_ASSIGNER }),
    },
    NoticeKind {
        name: "tasks.reported",
        class: Class::Decision,
        verbs: &[REPORT],
        records: WORK,
        to: CONFIRM,
        ended_by: &[RETURN, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: Some("/tasks?part=assigned&state=reported"),
        tell: |conn, entries| tell(conn, entries, TO_ASSIGNER),
    },
    NoticeKind {
        name: "tasks.refused",
        class: Class::Decision,
        verbs: &[REFUSE],
        records: WORK,
        to: RETURN,
        ended_by: &[RETURN, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: Some("/tasks?part=assigned&state=refused"),
        tell: |conn, entries| tell(conn, entries, TO_ASSIGNER),
    },
    NoticeKind {
        name: "tasks.returned",
        class: Class::Work,
        verbs: &[RETURN],
        records: WORK,
        to: ACKNOWLEDGE,
        ended_by: &[Note::NAME, REPORT, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, WorkTelling { of: |_| true, ..TO_LEAD }),
    },
    NoticeKind {
        name: "tasks.extension_asked",
        class: Class::Decision,
        verbs: &[ASK],
        records: WORK,
        to: GRANT,
        ended_by: &[GRANT, DECLINE, REPORT, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: DESK,
        tell: |conn, entries| tell(conn, entries, TO_ASSIGNER),
    },
    NoticeKind {
        name: "tasks.extension_granted",
        class: Class::Deadline,
        verbs: &[GRANT],
        records: WORK,
        to: ACKNOWLEDGE,
        ended_by: &[REPORT, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, WorkTelling { of: |_| true, ..TO_LEAD }),
    },
    NoticeKind {
        name: "tasks.extension_declined",
        class: Class::Deadline,
        verbs: &[DECLINE],
        records: WORK,
        to: ACKNOWLEDGE,
        ended_by: &[REPORT, ASK, GONE[0], GONE[1], GONE[2], GONE[3], GONE[4]],
        each: false,
        list: None,
        tell: |conn, entries| tell(conn, entries, WorkTelling { of: |_| true, ..TO_LEAD }),
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
