-- Lists of cases that were brought.
create table zone_case_list (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    name TEXT not null,
    file_sha256 BYTEA not null,
    mapping TEXT not null,
    cases BIGINT not null,
    fresh BIGINT not null,
    changed BIGINT not null,
    rejected BIGINT not null,
    first_on DATE not null,
    last_on DATE not null,
    brought_by TEXT not null,
    recorded_at TIMESTAMPTZ not null,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index zone_case_list_path on zone_case_list (tenant, path, id);
create index zone_case_list_brought on zone_case_list (tenant, brought_by, id);

-- Their cases that were new or changed, worked out from the rows that are kept: what counting needs, and a keyed hash
-- by which a case is known again. Nobody's name, number or birthday.
create table zone_case (
    tenant TEXT not null,
    record UUID not null,
    case_hash TEXT not null,
    path TEXT not null,
    counted_on DATE not null,
    setting TEXT not null,
    age_group TEXT,
    primary key (tenant, record, case_hash)
);
create index zone_case_hash on zone_case (tenant, case_hash, record);
create index zone_case_day on zone_case (tenant, counted_on, path, setting);
