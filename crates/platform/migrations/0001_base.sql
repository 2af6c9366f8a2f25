-- What every command leaves behind: who did what to which record, when, why, and what it changed.
create table journal (
    tenant TEXT not null,
    id UUID not null,
    at TIMESTAMPTZ not null,
    actor UUID,
    actor_name TEXT not null,
    on_behalf_of TEXT,
    verb TEXT not null,
    path TEXT not null,
    record TEXT not null,
    record_id UUID not null,
    about_id UUID not null,
    reason TEXT,
    changed TEXT not null,
    hash BYTEA not null,
    primary key (tenant, id)
);
create index journal_about on journal (tenant, about_id, id);
create index journal_at on journal (tenant, at);

-- The answer already given to a key, so that a repeated request changes nothing.
create table idempotency (
    tenant TEXT not null,
    actor UUID not null,
    key UUID not null,
    verb TEXT not null,
    answer UUID not null,
    at TIMESTAMPTZ not null,
    primary key (tenant, key, actor)
);
create index idempotency_at on idempotency (tenant, at);

-- Facts on their way to whoever reacts to them.
create table outbox (
    tenant TEXT not null,
    id UUID not null,
    at TIMESTAMPTZ not null,
    kind TEXT not null,
    body TEXT not null,
    primary key (tenant, id)
);

-- Work for the program itself.
create table job (
    tenant TEXT not null,
    id UUID not null,
    kind TEXT not null,
    body TEXT not null,
    state TEXT not null,
    run_at TIMESTAMPTZ not null,
    attempts BIGINT not null,
    lease_until TIMESTAMPTZ,
    last_error TEXT,
    created_at TIMESTAMPTZ not null,
    primary key (tenant, id)
);
create index job_due on job (tenant, state, run_at);

create table account (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    login TEXT not null,
    name TEXT not null,
    title TEXT not null,
    password TEXT not null,
    must_change BOOLEAN not null,
    state TEXT not null,
    failures BIGINT not null,
    locked_until TIMESTAMPTZ,
    primary key (tenant, id)
);
create unique index account_login on account (tenant, login);

create table role_grant (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    account UUID not null,
    role TEXT not null,
    from_on DATE not null,
    until_on DATE,
    deputy_for UUID,
    primary key (tenant, id)
);
create index role_grant_account on role_grant (tenant, account);
create index role_grant_path on role_grant (tenant, path);

create table session (
    tenant TEXT not null,
    token_hash BYTEA not null,
    account UUID not null,
    csrf TEXT not null,
    device TEXT not null,
    started_at TIMESTAMPTZ not null,
    seen_at TIMESTAMPTZ not null,
    expires_at TIMESTAMPTZ not null,
    primary key (tenant, token_hash)
);
create index session_account on session (tenant, account);

create table setting (
    tenant TEXT not null,
    name TEXT not null,
    value TEXT not null,
    primary key (tenant, name)
);

-- Files by content; the bytes lie in the files folder under their hash.
create table attachment (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    about UUID not null,
    name TEXT not null,
    media_type TEXT not null,
    bytes BIGINT not null,
    sha256 BYTEA not null,
    note TEXT,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index attachment_about on attachment (tenant, about, id);
