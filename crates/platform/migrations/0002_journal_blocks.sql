-- Every commit's journal rows are a block, and each block holds the hash of the one before it.
alter table journal add column block BIGINT;
alter table journal add column place BIGINT;
create unique index journal_place on journal (tenant, block, place);
create index journal_path on journal (tenant, path, at);

create table journal_block (
    tenant TEXT not null,
    number BIGINT not null,
    sealed_at TIMESTAMPTZ not null,
    entries BIGINT not null,
    entries_hash BYTEA not null,
    previous_hash BYTEA not null,
    hash BYTEA not null,
    primary key (tenant, number)
);

-- The newest block. Processes that commit at the same time take turns at this row.
create table journal_head (
    tenant TEXT not null,
    number BIGINT not null,
    hash BYTEA not null,
    primary key (tenant)
);
