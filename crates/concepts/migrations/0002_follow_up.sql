-- Work that comes back: what is opened again, for whom, in which rhythm.
create table work_series (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    about UUID not null,
    source TEXT not null,
    assigner TEXT not null,
    cooperating TEXT not null,
    title TEXT not null,
    detail TEXT not null,
    clause TEXT,
    urgency TEXT,
    quote TEXT,
    rule TEXT not null,
    cutoff TEXT,
    anchor_on DATE not null,
    until_on DATE,
    state TEXT not null,
    last_on DATE,
    next_on DATE,
    next_at TIMESTAMPTZ,
    missed BIGINT not null,
    primary key (tenant, id)
);
create index work_series_next on work_series (tenant, next_at);
create index work_series_about on work_series (tenant, about);

-- By which hours before and after a deadline whom the program tells; never changed, a later one is put over it.
create table escalation_policy (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    from_on DATE not null,
    basis TEXT not null,
    remind_hours BIGINT not null,
    superior_hours BIGINT not null,
    assigner_hours BIGINT not null,
    remind_hours_hoa_toc BIGINT not null,
    superior_hours_hoa_toc BIGINT not null,
    assigner_hours_hoa_toc BIGINT not null,
    primary key (tenant, id)
);
create index escalation_policy_path on escalation_policy (tenant, path, from_on);

alter table work_item add column series UUID;
alter table work_item add column occurs_on DATE;
alter table work_item add column step TEXT;
alter table work_item add column step_at TIMESTAMPTZ;
alter table work_item add column superior TEXT;
alter table work_item add column handed_at TIMESTAMPTZ;

-- One occurrence of a series a day, whoever opens it.
create unique index work_item_occurrence on work_item (tenant, series, occurs_on);
create index work_item_step on work_item (tenant, step_at);
create index work_item_superior on work_item (tenant, superior, state, due_sort);
