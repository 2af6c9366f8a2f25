create table work_item (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    about UUID not null,
    source TEXT not null,
    parent UUID,
    state TEXT not null,
    title TEXT not null,
    detail TEXT not null,
    clause TEXT,
    urgency TEXT,
    due_kind TEXT not null,
    due_at TIMESTAMPTZ,
    due_quote TEXT,
    due_rule TEXT,
    due_sort TIMESTAMPTZ not null,
    assigner TEXT not null,
    acknowledged_at TIMESTAMPTZ,
    reported_at TIMESTAMPTZ,
    closed_at TIMESTAMPTZ,
    folded TEXT not null,
    primary key (tenant, id)
);
create index work_item_desk on work_item (tenant, path, state, due_sort);
create index work_item_assigned on work_item (tenant, assigner, state, due_sort);
create index work_item_about on work_item (tenant, about);
create index work_item_parent on work_item (tenant, parent);

create table work_cooperator (
    tenant TEXT not null,
    work UUID not null,
    path TEXT not null,
    primary key (tenant, work, path)
);
create index work_cooperator_path on work_cooperator (tenant, path);
