-- Boundaries of communes as they hold from a day on. The lines themselves lie among the files, by their hash.
create table boundary_edition (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    name TEXT not null,
    from_on DATE not null,
    provinces TEXT not null,
    basis TEXT not null,
    file_name TEXT not null,
    n_areas BIGINT not null,
    n_rejected BIGINT not null,
    shape TEXT not null,
    findings TEXT not null,
    rejected TEXT,
    state TEXT not null,
    primary key (tenant, id)
);
create index boundary_edition_from on boundary_edition (tenant, state, from_on);

-- How large each unit of an edition is; worked out from its lines.
create table boundary_area (
    tenant TEXT not null,
    record UUID not null,
    unit TEXT not null,
    square_metres BIGINT not null,
    primary key (tenant, record, unit)
);

-- Who borders whom in an edition, each pair in both directions, and for how many metres.
create table boundary_neighbour (
    tenant TEXT not null,
    record UUID not null,
    unit TEXT not null,
    other TEXT not null,
    metres BIGINT not null,
    primary key (tenant, record, unit, other)
);
