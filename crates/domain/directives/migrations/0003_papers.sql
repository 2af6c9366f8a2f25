-- Documents are written in their own register now; what was being written goes there under its id. The dispatch that a
-- document becomes when it is out says to whom it was sent.
alter table directive add column sent_to TEXT;
insert into paper (
    tenant, id, path, version, created_at, updated_at, state, kind, urgency, issuer, subject, symbol, series,
    drafted_by, content, sent_to, folded
)
select
    tenant, id, path, 1, created_at, updated_at, 'draft', coalesce(kind, 'cong_van'), urgency, coalesce(issuer, ''),
    coalesce(subject, ''), '', coalesce(kind, 'cong_van'), received_by, draft, '', folded
from directive
where state = 'draft' and draft is not null;
update directive set state = 'discarded' where state = 'draft';
