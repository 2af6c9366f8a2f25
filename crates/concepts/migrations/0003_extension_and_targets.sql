alter table work_item add column asked_due_at TIMESTAMPTZ;
alter table work_item add column target_of TEXT;
alter table work_item add column target BIGINT;
create index work_item_asked on work_item (tenant, assigner, asked_due_at);

create table work_tally (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    work UUID not null,
    counted_on DATE not null,
    n BIGINT not null,
    note TEXT,
    corrects UUID,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index work_tally_work on work_tally (tenant, work, counted_on);
create unique index work_tally_corrects on work_tally (tenant, corrects);
