-- Vietnamese order of numbers and issuers; made for older rows when the program starts.
alter table directive add column label_key BYTEA;
alter table directive add column issuer_key BYTEA;
create index directive_label on directive (tenant, label_key, id);
