-- Documents that a unit issues: from the draft to the numbered edition.
create table paper (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    state TEXT not null,
    kind TEXT not null,
    urgency TEXT,
    issuer TEXT not null,
    subject TEXT not null,
    symbol TEXT not null,
    series TEXT not null,
    year BIGINT,
    sequence BIGINT,
    number TEXT,
    issued_on DATE,
    drafted_by TEXT not null,
    signs_at TEXT,
    signer TEXT,
    signer_post TEXT,
    delegation TEXT,
    signed_at TIMESTAMPTZ,
    issued_at TIMESTAMPTZ,
    replaces UUID,
    corrects UUID,
    followed_by UUID,
    n_pages BIGINT,
    content TEXT not null,
    sent_to TEXT not null,
    text_sha256 BYTEA,
    pdf_sha256 BYTEA,
    word_sha256 BYTEA,
    folded TEXT not null,
    subject_key BYTEA,
    primary key (tenant, id)
);
create index paper_path on paper (tenant, path, id);
create index paper_signs_at on paper (tenant, signs_at, state);
create index paper_pdf on paper (tenant, pdf_sha256);
create index paper_word on paper (tenant, word_sha256);
-- No number is given twice; the next one is the last one and one more, so none is left out.
create unique index paper_number on paper (tenant, path, year, series, sequence);

-- Units to which a record was sent, whether it gives them work or not: they are awaited to open it.
create table delivery (
    tenant TEXT not null,
    record UUID not null,
    path TEXT not null,
    primary key (tenant, record, path)
);
create index delivery_path on delivery (tenant, path, record);
