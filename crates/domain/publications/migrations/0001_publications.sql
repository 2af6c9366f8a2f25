-- What offices tell the public. `path` is the unit that tells it, `place` the place that it is about.
create table public_announcement (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    place TEXT not null,
    title TEXT not null,
    body TEXT not null,
    title_en TEXT,
    body_en TEXT,
    from_at TIMESTAMPTZ not null,
    until_at TIMESTAMPTZ,
    edition BIGINT not null,
    state TEXT not null,
    reason TEXT,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index public_announcement_path on public_announcement (tenant, path, state, from_at);

create table public_contact (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    place TEXT not null,
    kind TEXT not null,
    name TEXT not null,
    name_en TEXT,
    telephone TEXT not null,
    hours TEXT not null,
    hours_en TEXT,
    edition BIGINT not null,
    state TEXT not null,
    reason TEXT,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index public_contact_path on public_contact (tenant, path, state);
