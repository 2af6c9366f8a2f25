-- Reports of many units that were brought as one file. The file is kept under its hash.
create table report_import (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    request UUID not null,
    period_on DATE,
    name TEXT not null,
    sha256 BYTEA not null,
    account UUID,
    by_name TEXT not null,
    reason TEXT,
    began_at TIMESTAMPTZ not null,
    finished_at TIMESTAMPTZ,
    n_rows BIGINT not null,
    n_done BIGINT not null,
    n_new BIGINT not null,
    n_corrected BIGINT not null,
    n_unchanged BIGINT not null,
    n_rejected BIGINT not null,
    n_failed BIGINT not null,
    failures TEXT not null,
    primary key (tenant, id)
);
create index report_import_request on report_import (tenant, request, id);
