-- How long data of a class are kept, as it was set, from a day on. What was set before stays.
create table keeping_time (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    class TEXT not null,
    from_on DATE not null,
    days BIGINT not null,
    basis TEXT not null,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index keeping_time_class on keeping_time (tenant, class, from_on, id);
