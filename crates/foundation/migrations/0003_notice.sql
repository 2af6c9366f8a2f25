-- Where a person is reached outside the program: one address on each way, confirmed by a code that was sent there.
create table notice_contact (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    account UUID not null,
    channel TEXT not null,
    address TEXT not null,
    shown TEXT not null,
    state TEXT not null,
    code TEXT not null,
    code_until TIMESTAMPTZ,
    tries BIGINT not null,
    confirmed_at TIMESTAMPTZ,
    primary key (tenant, id)
);
create unique index notice_contact_account on notice_contact (tenant, account, channel);
create index notice_contact_state on notice_contact (tenant, state);

-- What a person wants to be told where, and when not.
create table notice_choice (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    account UUID not null,
    channels TEXT not null,
    quiet BOOLEAN not null,
    quiet_from TEXT not null,
    quiet_until TEXT not null,
    digest_mins BIGINT not null,
    lang TEXT not null,
    primary key (tenant, id)
);
create unique index notice_choice_account on notice_choice (tenant, account);

-- What goes out to one address at one time. Its id is the key by which the other side knows a second try.
create table notice_message (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    account UUID not null,
    contact UUID not null,
    channel TEXT not null,
    purpose TEXT not null,
    state TEXT not null,
    hoa_toc BOOLEAN not null,
    held TEXT,
    made_at TIMESTAMPTZ not null,
    due_from TIMESTAMPTZ not null,
    next_at TIMESTAMPTZ not null,
    attempts BIGINT not null,
    lease_until TIMESTAMPTZ,
    sent_at TIMESTAMPTZ,
    trouble TEXT,
    said TEXT not null,
    primary key (tenant, id)
);
create index notice_message_due on notice_message (tenant, state, next_at);
create index notice_message_contact on notice_message (tenant, contact, state);
create index notice_message_made on notice_message (tenant, made_at, id);
create index notice_message_sent on notice_message (tenant, channel, sent_at);

create table notice_in_message (
    tenant TEXT not null,
    message UUID not null,
    notice UUID not null,
    primary key (tenant, message, notice)
);
