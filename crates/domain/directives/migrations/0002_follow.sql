-- What became of a dispatch after it went out, and a dispatch that is still being written.
alter table directive add column changes TEXT not null default '[]';
alter table directive add column draft TEXT;
create index directive_file on directive (tenant, file_sha256);

-- Which units have opened what their work is about.
create table receipt (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    about UUID not null,
    opened_at TIMESTAMPTZ not null,
    opened_by TEXT not null,
    primary key (tenant, id)
);
create unique index receipt_about on receipt (tenant, about, path);

-- Worked out from each dispatch: its own number, what it cites, what changed it.
create table directive_link (
    tenant TEXT not null,
    record UUID not null,
    n BIGINT not null,
    kind TEXT not null,
    folded TEXT not null,
    number TEXT,
    document TEXT,
    issuer TEXT,
    issued_on DATE,
    target UUID,
    primary key (tenant, record, n)
);
create index directive_link_number on directive_link (tenant, folded, kind);
create index directive_link_target on directive_link (tenant, target);

-- Files that are taken in together.
create table directive_import (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    label TEXT not null,
    account UUID,
    by_name TEXT not null,
    started_at TIMESTAMPTZ not null,
    finished_at TIMESTAMPTZ,
    files TEXT not null,
    n_files BIGINT not null,
    n_read BIGINT not null,
    primary key (tenant, id)
);
create index directive_import_path on directive_import (tenant, path, id);
