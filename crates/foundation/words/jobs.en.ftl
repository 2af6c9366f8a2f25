jobs-nav = Background work
jobs-title = The program's own work
jobs-about = What the program does by itself, by the clock or after an action: reminders, sums, tidying.
jobs-read = See background work
did-jobs-retry = Tried background work again
did-jobs-discard = Discarded background work

jobs-figure-aside = failed, to be dealt with
jobs-figure-running = running
jobs-figure-due = due, not yet begun
jobs-figure-later = for a later time

jobs-aside = Failed, to be dealt with
jobs-aside-none = Nothing has failed. What fails time and again will be shown here.
jobs-aside-todo = The program tried these many times in vain and has set them aside. Mend the cause, then press “Try again”; discard only what need no longer be done.
jobs-whole-system-only = Only an administrator of the whole system may try these again or discard them.
jobs-last-error = Last error
jobs-tries = Tried { $n } times
jobs-retry-one = Try again
jobs-retry-all = Try all { $n } again
jobs-discard-one = Discard this one
jobs-discard-reason = Why it is discarded
jobs-more = Showing { $n } of { $all } that failed.
jobs-said-retried = It is back in the queue.
jobs-said-retried_all = { $n } are back in the queue.
jobs-said-discarded = Discarded; the reason stands in the journal.

jobs-queue = Queue
jobs-queue-none = Nothing is waiting.
jobs-state-running = Running
jobs-state-due = Due
jobs-state-later = Later

jobs-error-process_ended = The program was ended each time it ran this
jobs-error-panicked = The program met a fault of its own when it ran this
jobs-error-unknown_kind = This version of the program has no such kind of work
jobs-error-without_words = A technical fault; an administrator of the whole system sees the details

jobs-overview-line = Background work that failed and waits to be dealt with: { $n }.
jobs-overview-look = See and deal with it

job-accounts-sweep = Removes data whose time is over
job-directives-complete = Closes a dispatch when all its tasks are done

problem-jobs-not_set_aside = This is no longer waiting to be dealt with
    .todo = Open the page of background work again to see how it stands.
problem-jobs-reason_missing = There is no reason for discarding it, or it is too long
    .todo = Write why it need not be done, { $max } characters at most.
job-tasks-recur = Open the next occurrence of recurring tasks
job-tasks-escalate = Remind, tell the superior and the assigner of what is late
job-tasks-replan = Plan reminders anew by a new policy
job-tasks-withdraw = End the series of dispatches recalled or replaced
job-tasks-hand_over = Hand tasks over when a head changes
job-directives-reopen = Reopen a dispatch when work about it is open again
job-directives-index = Index the citations of dispatches
job-directives-import = Read the files of an import
job-units-note_tenure = Note the tenure of a head
job-units-note_tenures = Note tenures from the journal
job-tasks-tidy = Clear figures that became nought, refresh the database statistics
