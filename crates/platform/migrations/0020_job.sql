-- A job that was set aside is a record: a person decides about it by a command, over a version, with journal.
alter table job add column path TEXT not null default '';
alter table job add column version BIGINT not null default 1;
alter table job add column updated_at TIMESTAMPTZ;
