-- Who asks for reports need not be who receives them: a committee orders that they go to its health department.
alter table report_request add column asked_by TEXT;
