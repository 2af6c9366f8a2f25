-- Levels that documents of ours are to decide: the rows of their tables.
create table zone_planned (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    paper UUID not null,
    level TEXT not null,
    before TEXT,
    computed TEXT,
    rule_set TEXT not null,
    effective_at TIMESTAMPTZ not null,
    proposal UUID,
    reason TEXT,
    planned_by TEXT not null,
    planned_at TIMESTAMPTZ not null,
    by_name TEXT not null,
    primary key (tenant, id)
);
create unique index zone_planned_paper on zone_planned (tenant, paper, path);
create index zone_planned_path on zone_planned (tenant, path, id);

-- What the program did about decisions and commitments at their hour, each once.
create table zone_step (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    about UUID not null,
    step TEXT not null,
    number TEXT not null,
    due_at TIMESTAMPTZ not null,
    recorded_at TIMESTAMPTZ not null,
    primary key (tenant, id)
);
create unique index zone_step_about on zone_step (tenant, about, step);

-- Decisions by their hours, whatever the unit: looked at every few minutes, and by the feed of alerts.
create index zone_decision_hour on zone_decision (tenant, effective_at, id);
create index zone_decision_document on zone_decision (tenant, paper);
