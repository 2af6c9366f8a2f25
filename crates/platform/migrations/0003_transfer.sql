-- How far a transfer into this database has got, table by table. Empty but while one is under way: a program that finds
-- rows here does not serve, since what it would show is not whole.
create table transfer_part (
    tenant TEXT not null,
    name TEXT not null,
    rows BIGINT not null,
    sum TEXT not null,
    last_key TEXT,
    is_done BOOLEAN not null,
    primary key (tenant, name)
);
