-- How much open work there is below a unit, kept with every change so that a board does not read it all.
create table work_count (
    tenant TEXT not null,
    side TEXT not null,
    depth TEXT not null,
    scope TEXT not null,
    what TEXT not null,
    minute TEXT not null,
    n BIGINT not null,
    primary key (tenant, side, depth, scope, what, minute)
);

-- Open work by deadline, for the whole and for what lies below a unit; closed work is most of it after a month.
create index work_item_open_due on work_item (tenant, due_sort, id) where closed_at is null;
create index work_item_open_desk on work_item (tenant, path, due_sort, id, state, urgency) where closed_at is null;
-- Whether a unit has work from a dispatch.
create index work_item_about_path on work_item (tenant, about, path);
