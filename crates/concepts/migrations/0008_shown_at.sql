-- Where the record that work is about is shown, when that is neither a dispatch nor a request for reports.
alter table work_item add column shown_at TEXT;
