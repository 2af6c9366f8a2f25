-- What a document says may be changed later by something that is no document about it; then it says where.
alter table paper add column overtaken TEXT;
