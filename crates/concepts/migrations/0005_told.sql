-- Late work of which the assigner was told: a figure of every overview and a group of every inbox.
create index work_item_told on work_item (tenant, path, due_sort, id) where closed_at is null and step = 'assigner';
create index work_item_told_assigner on work_item (tenant, assigner, due_sort, id) where closed_at is null and step = 'assigner';
