-- Vietnamese order of names, and words without marks; made for older rows when the program starts.
alter table account add column name_key BYTEA;
alter table account add column folded TEXT;
create index account_name on account (tenant, name_key, id);
