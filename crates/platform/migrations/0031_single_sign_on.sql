-- Which person of the sign-on provider an account is; none when it was unlinked.
create table single_link (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    account UUID not null,
    issuer TEXT not null,
    subject TEXT,
    primary key (tenant, id)
);
create unique index single_link_account on single_link (tenant, account);
create unique index single_link_subject on single_link (tenant, issuer, subject);

-- Whoever was proved by the provider has no password here to change.
alter table session add column by_provider BOOLEAN not null default false;
