-- Where something stands that others name. `path` is the place on whose ground it stands; degrees are kept in millionths.
create table site (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    name TEXT not null,
    kind TEXT not null,
    address TEXT not null,
    latitude_micro BIGINT,
    longitude_micro BIGINT,
    telephone TEXT,
    capacity BIGINT,
    from_on DATE,
    until_on DATE,
    closed_on DATE,
    note TEXT not null,
    name_key BYTEA not null,
    folded TEXT not null,
    primary key (tenant, id)
);
create index site_path on site (tenant, path, kind);
create index site_name on site (tenant, name_key, id);
