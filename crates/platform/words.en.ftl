# Frame of the page
menu = Menu
skip-to-content = Skip to content
search-placeholder = Search units, documents, tasks
drill-banner = Drill: { $at }
change-password = Change password
sign-out = Sign out
switch-to-vietnamese = Tiếng Việt
switch-to-english = English
switch-to-dark = Dark
switch-to-light = Light
whole-country = The whole country
go-back = Back
go-home = To the home page
problem-reference = Reference

# Roles
role-admin = Administrator
    .about = keeps accounts, units and the running of the program
role-chair = Chair
    .about = chairs a People's Committee, a command centre or a steering committee
role-office = Office
    .about = takes in documents, assigns work and follows up for the chair
role-head = Head of unit
    .about = heads a unit and answers for it
role-officer = Officer
    .about = does the work of a unit
role-observer = Observer
    .about = reads and checks, changes nothing
role-system = The program
    .about = what the program does by itself; never given to people

# Common problems: what happened, what to do now
problem-not_found = There is no such page or record
    .todo = Check the address, or use the search box. If the record belongs to another unit, ask that unit.
problem-forbidden = This account may not do that in this unit
    .todo = If it is your job, ask your unit's administrator for the permission “{ $permission }”.
problem-unauthenticated = You are no longer signed in
    .todo = Sign in again and go on.
problem-internal = The program failed; nothing was changed
    .todo = Try again. If it fails again, tell the administrator the reference below.
problem-engine-key_reused = This form was already used for something else
    .todo = Open the page again and send it once more.

# Forms and files
problem-web-field = The field “{ $field }” is empty or cannot be read: “{ $value }”
    .todo = Go back, fill it in again and send.
problem-web-forged = The form was not sent from an open page of this program
    .todo = Open the page again and send it once more. Do not follow unknown links from messages.
problem-web-unreadable = What was sent was cut off and cannot be read
    .todo = Check the connection and send again.
problem-web-too_large = What was sent is too large
    .todo = Send it in parts, or scan at a lower resolution.
problem-web-too_many_fields = The form has too many fields (at most { $max }) or one of them is too long
    .todo = Send it in parts.
problem-web-too_many_files = Too many files at once (at most { $max })
    .todo = Send them in parts.
problem-web-too_many = Too many requests from this address
    .todo = Wait a minute and try again.
problem-evidence-too_large = The file “{ $name }” is too large ({ $mb } MB)
    .todo = At most 20 MB per file. Split it or scan at a lower resolution.
problem-evidence-empty = The file “{ $name }” is empty
    .todo = Open it on your machine to check, then choose again.
problem-evidence-kind = Files of the type of “{ $name }” are not accepted
    .todo = Send PDF, JPG, PNG, DOCX, XLSX, CSV or TXT.
problem-evidence-not_what_it_says = The content of “{ $name }” does not match the extension of its name
    .todo = Save it again with the program that made it, then send it.
problem-files-missing = A stored file is no longer there ({ $hash })
    .todo = Ask the administrator to restore the files from the backup.
problem-files-damaged = A stored file is damaged; its content does not match its checksum ({ $hash })
    .todo = Ask the administrator to restore this file from the backup.

# The store
problem-store-changed_meanwhile = Somebody else has just changed this record
    .todo = Open the page again to see what it says now, then do it again if still needed.
problem-store-already_there = This is already there ({ $what })
    .todo = Open the page again to see what there is.
problem-store-busy = Too much is waiting to be saved; this was not saved
    .todo = Wait a few seconds and send it again.
problem-store-away = The database is not answering for the moment; this was not saved
    .todo = Try again in a minute. If it fails again, tell the administrator.
problem-store-full = The disk is full; this was not saved
    .todo = Tell the administrator at once to make room on the disk.
problem-store-open = The database { $url } cannot be opened
    .todo = Check the path, the access rights and the database server, then start again.
problem-store-migration_changed = Step { $step } of the schema differs from the one that was run
    .todo = Use a released version of the program; steps that were run must not change.
problem-store-newer = The data were made by a newer version of the program (step { $step })
    .todo = Install the newer version and start again.

# Signing in
problem-accounts-sign_in_wrong = Login or password is wrong
    .todo = Try again. After 5 wrong attempts the account is locked for 15 minutes. If you forgot the password, ask your unit's administrator for a new one.
problem-accounts-locked = The account is locked until { $until } after several wrong passwords
    .todo = Wait until then, or ask your unit's administrator to unlock it.
problem-accounts-password_too_short = The password is too short
    .todo = Use at least { $min } characters; a few words that you remember and nobody guesses are best.

## The sealed journal
journal-walked = Checked { $blocks } blocks with { $entries } journal entries.
journal-newest = Newest block: number { $block }, hash { $hash }.
journal-unsealed = { $n } entries written by an older program are not sealed yet; run: vungxanh journal seal.
journal-sound = The journal is intact: no entry was changed, removed, inserted or reordered.
journal-not-sound = THE JOURNAL WAS TAMPERED WITH. Leave the server as it is, restore nothing over it; put it on record, compare with the latest backup and report to whoever is in charge.
journal-more-faults = … and { $n } more places.
journal-head-said = Block { $block }, sealed at { $at }, hash to publish: { $hash }.
journal-no-head = The journal has no entry yet.
journal-sealed-said = Sealed { $n } journal entries written by an older program.
journal-fault-entry-changed = The entry at place { $place } of block { $block } was changed (entry { $id }).
journal-fault-entry-removed = The entry at place { $place } of block { $block } was removed.
journal-fault-entry-inserted = An entry was inserted into block { $block } (entry { $id }).
journal-fault-entry-outside = An entry did not come through the program and stands in no block (entry { $id }).
journal-fault-entry-moved = The entry at place { $place } of block { $block } was reordered (entry { $id }).
journal-fault-entries-exchanged = The entries of block { $block } are not those that were sealed: one was replaced, or exchanged with another block.
journal-fault-block-changed = Block { $block } was changed.
journal-fault-block-removed = Block { $block } was removed.
journal-fault-chain-broken = Block { $block } does not continue the block before it: one of the two was replaced.
journal-fault-end-differs = The last block is { $block }, but the journal noted blocks up to { $noted }: the end was cut off, or something was added.
journal-fault-end-missing = The note of the last block (block { $block }) is gone.
journal-fault-published-cut = Block { $block } was published and is not there any more: the journal was cut and now ends at block { $last }.
journal-fault-published-differs = Block { $block } has another hash than the one that was published: the journal was rewritten.
problem-journal-published = “{ $text }” is not a block and its published hash
    .todo = Write the block's number, a colon, then at least the first 16 digits of its hash, such as 1204:3f0c19aa5be27741.
