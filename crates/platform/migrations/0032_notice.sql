-- What units and people are told of: one row for each notice and unit, or for each person whom alone it concerns. Made
-- from rows of the journal up to the block of notice_cursor, each once.
create table notice (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    kind TEXT not null,
    account UUID,
    by_account UUID,
    entry UUID not null,
    block BIGINT not null,
    about UUID,
    href TEXT not null,
    source TEXT not null,
    unit TEXT,
    due_at TIMESTAMPTZ,
    hoa_toc BOOLEAN not null,
    n BIGINT not null,
    at TIMESTAMPTZ not null,
    settled_at TIMESTAMPTZ,
    settled_block BIGINT,
    primary key (tenant, id)
);
create unique index notice_entry on notice (tenant, entry, kind, path);
create index notice_path on notice (tenant, path, id);
create index notice_account on notice (tenant, account, id);
create index notice_about on notice (tenant, about);
create index notice_block on notice (tenant, block);
create index notice_settled on notice (tenant, settled_block);
create index notice_at on notice (tenant, at);

-- That a person has read one notice, or all up to one; taking it back changes the state, the row stays.
create table notice_mark (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    account UUID not null,
    notice UUID,
    up_to UUID,
    state TEXT not null,
    primary key (tenant, id)
);
create index notice_mark_notice on notice_mark (tenant, account, notice);
create index notice_mark_up_to on notice_mark (tenant, account, up_to);

-- The block of the journal up to which notices were made.
create table notice_cursor (
    tenant TEXT not null,
    block BIGINT not null,
    primary key (tenant)
);
