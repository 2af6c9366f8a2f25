create table unit (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    key TEXT not null,
    origin TEXT not null,
    kind TEXT not null,
    type_name TEXT not null,
    name TEXT not null,
    alt_names TEXT not null,
    phone TEXT,
    from_on DATE,
    until_on DATE,
    facts TEXT not null,
    primary key (tenant, id)
);
create unique index unit_key on unit (tenant, key);
create index unit_path on unit (tenant, path);

create table unit_post (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    title TEXT not null,
    holder TEXT,
    accountable BOOLEAN not null,
    phone TEXT,
    from_on DATE,
    until_on DATE,
    primary key (tenant, id)
);
create index unit_post_path on unit_post (tenant, path);
