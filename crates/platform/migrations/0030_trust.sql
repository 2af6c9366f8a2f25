-- What proves a person besides the password: the secret of a telephone's codes, the last code that was taken, and the
-- hashes of the recovery codes that are left. One row for each account; removing empties it.
create table second_factor (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    account UUID not null,
    secret BYTEA not null,
    state TEXT not null,
    confirmed_at TIMESTAMPTZ,
    last_step BIGINT not null,
    recovery TEXT not null,
    recovery_left BIGINT not null,
    primary key (tenant, id)
);
create unique index second_factor_account on second_factor (tenant, account);

-- Which roles must have a second factor, from a day on; a later row of the same unit takes the place of an earlier one.
create table second_factor_rule (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    roles TEXT not null,
    from_on DATE not null,
    basis TEXT not null,
    primary key (tenant, id)
);
create index second_factor_rule_path on second_factor_rule (tenant, path, from_on);

-- A session of somebody who gave the password and owes the code opens nothing.
alter table session add column owes_code BOOLEAN not null default false;
alter table session add column address TEXT not null default '';

-- The last day on which an account may sign in.
alter table account add column until_on DATE;

-- When an account signed in last; not part of the record, because nobody decides it.
create table account_use (
    tenant TEXT not null,
    account UUID not null,
    at TIMESTAMPTZ not null,
    primary key (tenant, account)
);

-- Every try to sign in. What was typed as the name of nobody is not kept: it may have been a password.
create table sign_in_try (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    at TIMESTAMPTZ not null,
    account UUID,
    login TEXT not null,
    name TEXT not null,
    outcome TEXT not null,
    device TEXT not null,
    address TEXT not null,
    primary key (tenant, id)
);
create index sign_in_try_at on sign_in_try (tenant, at, id);
create index sign_in_try_account on sign_in_try (tenant, account, at);

-- Who read personal data about others: `subject` is the person, none for a list of `persons`.
create table personal_read (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    at TIMESTAMPTZ not null,
    reader UUID not null,
    reader_name TEXT not null,
    what TEXT not null,
    subject UUID,
    persons BIGINT not null,
    primary key (tenant, id)
);
create index personal_read_at on personal_read (tenant, at, id);
create index personal_read_subject on personal_read (tenant, subject, at);

-- What was removed because its time was over, by class and day.
create table removal (
    tenant TEXT not null,
    class TEXT not null,
    removed_on DATE not null,
    before TIMESTAMPTZ not null,
    rows BIGINT not null,
    primary key (tenant, class, removed_on)
);
