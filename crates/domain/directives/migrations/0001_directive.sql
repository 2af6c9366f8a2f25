create table directive (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    state TEXT not null,
    file_name TEXT not null,
    file_sha256 BYTEA not null,
    file_bytes BIGINT not null,
    text TEXT not null,
    number TEXT,
    kind TEXT,
    urgency TEXT,
    issuer TEXT,
    place TEXT,
    issued_on DATE,
    subject TEXT,
    identity TEXT,
    review TEXT not null,
    required BIGINT not null,
    trouble TEXT,
    received_by TEXT not null,
    issued_at TIMESTAMPTZ,
    folded TEXT not null,
    primary key (tenant, id)
);
create index directive_path on directive (tenant, path, id);
create index directive_identity on directive (tenant, identity);


create table directive_reading (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    mention TEXT not null,
    units TEXT not null,
    primary key (tenant, id)
);
create unique index directive_reading_mention on directive_reading (tenant, path, mention);
