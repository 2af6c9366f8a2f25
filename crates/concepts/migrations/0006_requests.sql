-- Work that is done by sending a report.
alter table work_item add column request UUID;
alter table work_series add column request UUID;
create index work_item_request on work_item (tenant, request, path, due_sort) where request is not null;
