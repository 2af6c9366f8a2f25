-- Secrets with which a person's own programs speak for them; only the hash is kept.
create table api_token (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    account UUID not null,
    name TEXT not null,
    hash BYTEA not null,
    ending TEXT not null,
    writes BOOLEAN not null,
    permissions TEXT not null,
    until_on DATE not null,
    revoked_at TIMESTAMPTZ,
    primary key (tenant, id)
);
create unique index api_token_hash on api_token (tenant, hash);
create index api_token_account on api_token (tenant, account);
create index api_token_path on api_token (tenant, path);

-- The day on which a token was last used; not part of the record, because nobody decides it.
create table api_token_use (
    tenant TEXT not null,
    token UUID not null,
    used_on DATE not null,
    primary key (tenant, token)
);
