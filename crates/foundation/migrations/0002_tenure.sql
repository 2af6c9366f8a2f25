-- Who answered for a unit from when to when: read from the journal of its posts, kept to be joined with.
create table unit_tenure (
    tenant TEXT not null,
    path TEXT not null,
    from_at TIMESTAMPTZ not null,
    until_at TIMESTAMPTZ not null,
    post UUID not null,
    title TEXT not null,
    holder TEXT not null,
    primary key (tenant, path, from_at)
);
