-- Days that officers left out of estimates, or took in again. The last one on a unit and day holds.
create table zone_exclusion (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    counted_on DATE not null,
    left_out BOOLEAN not null,
    reason TEXT not null,
    recorded_at TIMESTAMPTZ not null,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index zone_exclusion_path on zone_exclusion (tenant, path, counted_on, id);
