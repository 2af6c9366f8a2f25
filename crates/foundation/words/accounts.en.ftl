accounts-nav = Accounts

# Verbs: names of permissions, buttons and lines of the journal
accounts-open = Open an account
accounts-amend = Correct the details
accounts-close = Close the account
accounts-reopen = Reopen the account
accounts-reset_password = Issue a new password
accounts-unlock = Unlock sign-in
accounts-change_password = Change the password
accounts-grant = Grant a role
accounts-end_grant = Withdraw the role
accounts-read = See accounts
accounts-sign_in = Signed in
accounts-sign_in_failed = Tried to sign in with a wrong password

# Signing in and passwords
accounts-sign-in = Sign in
accounts-login = Login
accounts-password = Password
accounts-sign-in-help = No account yet, or password forgotten: ask your unit's administrator.
accounts-demo = Demo accounts
accounts-demo-help = Press a name to look around in that role. Persons and figures in the demo are made up.
accounts-first-password = Set your own password
accounts-first-password-why = The password you just typed is a temporary one, issued by somebody else. Set one of your own before you start.
accounts-password-temporary = Temporary password
accounts-password-current = Current password
accounts-password-new = New password
accounts-password-again = New password again
accounts-password-hint = At least 10 characters. Afterwards other devices must sign in again.

# List
accounts-name = Name
accounts-title = Post
accounts-unit = Unit
accounts-role = Role
accounts-roles = Roles
accounts-state = State
accounts-state-active = In use
accounts-state-locked = Temporarily locked
accounts-state-temporary = Temporary password not yet changed
accounts-state-closed = Closed
accounts-whole-system = Whole system
accounts-any = All
accounts-filter = Filter
accounts-filter-words = Find a person
accounts-filter-words-hint = Name, post; diacritics not needed
accounts-within = Accounts that belong to, or have a role in, { $unit } and the units below.
accounts-none = The accounts of your unit will appear here. Press “Open an account” to create the first one.
accounts-none-found = No account matches the filter.
accounts-show-all = Clear the filter
accounts-export = Download the list (CSV)
accounts-no-role = No role yet
accounts-more-roles = and { $n } more

# Opening an account
accounts-title-hint = For example: Vice Chair of the District People's Committee
accounts-login-hint = 3 to 40 characters: lower-case letters without diacritics, digits, dot, hyphen, underscore.
accounts-unit-hint = Type the name of the unit, with or without diacritics.
accounts-unit-which = Choose the right unit
accounts-unit-whole = The whole system, not tied to one unit
accounts-choose-role = Choose a role
accounts-no-role-yet = Grant a role later
accounts-open-what = A temporary password will be shown once, to be handed over in person; it must be changed at the first sign-in. The role holds from today in the unit above.
accounts-back = To the list
accounts-opened = Account opened for { $name }
accounts-reset-done = New password issued for { $name }
accounts-secret-once = This password is shown only once. Hand it over in person or by telephone, not by message; it must be changed at sign-in.
accounts-to-account = See the account
accounts-open-another = Open another account

# The page of an account
accounts-facts = Details
accounts-locked-until = Locked until
accounts-reset-what = The old password stops working at once and all devices are signed out. The temporary password will be shown once.
accounts-close-what = This person can no longer sign in and is signed out at once. Records and journal stay; the account can be reopened.
accounts-reason = Reason
accounts-no-role-what = No role yet: this person can sign in but see and do nothing.
accounts-roles-over = Roles that are over: { $n }
accounts-when = When
accounts-span = { $from } – { $until }
accounts-span-open = From { $from }
accounts-span-never = Withdrawn before its first day, { $from }
accounts-not-yet = Not yet
accounts-deputy-of = as deputy of { $name }
accounts-deputy-for = As deputy of (login)
accounts-deputy-principal = Person stood in for
accounts-deputy-hint = Only if this person holds the role in somebody's stead. The journal names both.
accounts-from = From
accounts-until = Until the end of
accounts-until-hint = Leave empty for no end.
accounts-end-when = When it ends
accounts-end-today = At the end of today
accounts-end-now = Now
accounts-history = Journal
accounts-history-none = Every change of this account will be noted here.
accounts-history-older = Older entries
accounts-nothing = none

# What was just done
accounts-said-signed-out = Signed out.
accounts-said-password-changed = Password changed. Other devices must sign in again.
accounts-said-amended = Details corrected.
accounts-said-closed = Account closed and signed out everywhere.
accounts-said-reopened = Account reopened.
accounts-said-unlocked = Unlocked; this person can sign in now.
accounts-said-granted = Role granted.
accounts-said-ended = Role withdrawn.

# What cannot be done: why, and what to do now
problem-accounts-login_taken = The login “{ $login }” is taken
    .todo = Choose another one, for example with the name of the unit added.
problem-accounts-login_unfit = “{ $login }” cannot be used as a login
    .todo = Use 3 to 40 characters: lower-case letters without diacritics, digits, dot, hyphen, underscore.
problem-accounts-name_missing = The name is missing
    .todo = Fill in the full name as in the personnel file.
problem-accounts-text_too_long = The text is longer than { $max } characters
    .todo = Shorten it and send again.
problem-accounts-reason_missing = The reason is missing
    .todo = Give a reason for the journal, for example the number of the decision on the transfer.
problem-accounts-closed = The account of { $name } is closed
    .todo = Reopen it first if the person still works here.
problem-accounts-not_closed = The account of { $name } is in use and need not be reopened
    .todo = Load the page again to see its present state.
problem-accounts-not_locked = The account of { $name } is not locked
    .todo = If signing in still fails, issue a new password.
problem-accounts-own = Nobody can close their own account or issue themselves a new password
    .todo = Use “Change password”; closing is done by another administrator.
problem-accounts-beyond_reach = { $name } holds roles in units outside the reach of this account
    .todo = Ask an administrator of the level above.
problem-accounts-last_admin = This is the unit's last administrator; nobody is left to take over
    .todo = Grant the administrator's role to somebody else first.
problem-accounts-password_wrong = The current password is wrong
    .todo = Type it again. If it is forgotten, ask your unit's administrator for a new one.
problem-accounts-password_mismatch = The new password was not typed the same way twice
    .todo = Type the new password again in both fields.
problem-accounts-password_same = The new password is the same as the current one
    .todo = Choose another one.
problem-accounts-role_missing = No role was chosen
    .todo = Choose a role from the list.
problem-accounts-role_not_for_people = This role is for the program only
    .todo = Choose another role.
problem-accounts-span_backward = The last day is before the first
    .todo = Correct one of the two days.
problem-accounts-span_over = This time is already over
    .todo = Choose today or later as the last day.
problem-accounts-already_granted = { $name } already holds this role in this unit during that time
    .todo = Nothing more is needed. To change its days, withdraw the role and grant it again.
problem-accounts-deputy_of_oneself = Nobody is their own deputy
    .todo = Fill in the login of the person stood in for, or leave it empty.
problem-accounts-deputy_without_role = { $name } does not hold this role in this unit during the whole time
    .todo = Check the person, the role, the unit and the days; the deputy's days must lie within those of the person stood in for.
problem-accounts-deputy_unknown = There is no account “{ $login }” within the reach of this account
    .todo = Look up the login of the person stood in for in the list of accounts.
problem-accounts-deputies_first = { $n } deputies still hold this role in the person's stead
    .todo = Withdraw the deputies' roles first.
problem-accounts-grant_over = This role is already over
    .todo = Load the page again to see its present state.
problem-accounts-unit_missing = No unit was chosen
    .todo = Type the name of a unit, for example “Huyện Mỹ Xuyên” or “so y te”.
problem-accounts-unit_unknown = There is no unit “{ $text }” within the reach of this account
    .todo = Check the name, or type fewer letters.
problem-accounts-unit_unclear = Several units match “{ $text }”
    .todo = Choose the right one from the list below.
problem-accounts-export_too_large = The list has more than { $max } accounts, too many for one file
    .todo = Filter by unit and download it in parts.
problem-accounts-admin_exists = There is already an administrator who can sign in
    .todo = Sign in with that account to open others; use --force only when nobody can sign in any more.

## Lists
accounts-opened-at = Opened on
## Command line
problem-accounts-no_such_login = There is no account “{ $login }”
    .todo = Check the name; “vungxanh admin list” shows them all.
