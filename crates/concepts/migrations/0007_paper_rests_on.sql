-- A document that reports figures of the program says of which page, so that the page can say which documents it is in.
alter table paper add column rests_on TEXT;
create index paper_rests_on on paper (tenant, rests_on);
