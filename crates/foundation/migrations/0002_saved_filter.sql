create table saved_filter (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    account UUID not null,
    page TEXT not null,
    name TEXT not null,
    query TEXT not null,
    shared BOOLEAN not null,
    opens_first BOOLEAN not null,
    state TEXT not null,
    name_key BYTEA not null,
    primary key (tenant, id)
);
create index saved_filter_account on saved_filter (tenant, account, page);
create index saved_filter_path on saved_filter (tenant, path, page);
