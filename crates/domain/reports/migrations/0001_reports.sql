-- Forms that were read from a file; those that ship with the program are not here.
create table report_form (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    code TEXT not null,
    number BIGINT not null,
    name TEXT not null,
    source TEXT not null,
    by_name TEXT not null,
    primary key (tenant, id)
);
create unique index report_form_code on report_form (tenant, code, number);

create table report_request (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    form TEXT not null,
    form_version BIGINT not null,
    title TEXT not null,
    period TEXT not null,
    anchor_on DATE not null,
    lag_days BIGINT not null,
    closes TEXT not null,
    window_days BIGINT not null,
    within TEXT not null,
    level TEXT not null,
    listed TEXT not null,
    about UUID,
    clause TEXT,
    source TEXT not null,
    state TEXT not null,
    until_on DATE,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index report_request_path on report_request (tenant, path, id);
create index report_request_about on report_request (tenant, about);

-- A report as it was sent. Never changed: what is put right is a further edition.
create table report_submission (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    request UUID not null,
    period_on DATE not null,
    edition BIGINT not null,
    sent_at TIMESTAMPTZ not null,
    figures TEXT not null,
    words TEXT not null,
    known TEXT not null,
    notes TEXT not null,
    reason TEXT,
    by_name TEXT not null,
    primary key (tenant, id)
);
-- One edition of its number, whoever sends it.
create unique index report_submission_edition on report_submission (tenant, request, path, period_on, edition);
-- A board is read from this index alone, period by period.
create index report_submission_board on report_submission (tenant, request, period_on, path, edition, sent_at);

create table report_endorsement (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    request UUID not null,
    period_on DATE not null,
    unit TEXT not null,
    edition BIGINT not null,
    note TEXT,
    by_name TEXT not null,
    primary key (tenant, id)
);
create unique index report_endorsement_of on report_endorsement (tenant, request, period_on, unit, edition, path);

-- Which of several sources a sum takes for a figure; a later one stands for an earlier one.
create table report_source (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    request UUID not null,
    period_on DATE not null,
    within TEXT not null,
    cell TEXT not null,
    source TEXT not null,
    reason TEXT not null,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index report_source_of on report_source (tenant, request, period_on, within, id);
