-- What sources counted of units and days. Never changed: what is put right is a further edition.
create table zone_count (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    counted_on DATE not null,
    source TEXT not null,
    edition BIGINT not null,
    traced BIGINT,
    untraced BIGINT,
    other BIGINT,
    contacts BIGINT,
    oxygen BIGINT,
    deaths BIGINT,
    reported_on DATE not null,
    recorded_at TIMESTAMPTZ not null,
    reason TEXT,
    by_name TEXT not null,
    -- Unit, source, edition and figures in one text: a nation's days are put together from it.
    line TEXT not null,
    primary key (tenant, id)
);
create unique index zone_count_edition on zone_count (tenant, path, counted_on, source, edition);
-- Levels are computed from this index alone, day by day.
create index zone_count_day on zone_count
    (tenant, counted_on, path, recorded_at, line);

create table zone_standing (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    holds_on DATE not null,
    source TEXT not null,
    population BIGINT,
    adults BIGINT,
    adults_one_dose BIGINT,
    elders BIGINT,
    elders_full BIGINT,
    fully_dosed BIGINT,
    high_risk BIGINT,
    high_risk_full BIGINT,
    home_care BIGINT,
    beds BIGINT,
    icu_beds BIGINT,
    reported_on DATE not null,
    recorded_at TIMESTAMPTZ not null,
    by_name TEXT not null,
    -- Unit, moment and figures in one text, as of counts.
    line TEXT not null,
    primary key (tenant, id)
);
create index zone_standing_day on zone_standing (tenant, holds_on, path, recorded_at, line);
create index zone_standing_path on zone_standing (tenant, path, holds_on, recorded_at);

create table zone_count_choice (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    counted_on DATE not null,
    source TEXT not null,
    reason TEXT not null,
    recorded_at TIMESTAMPTZ not null,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index zone_count_choice_path on zone_count_choice (tenant, path, counted_on, id);

create table zone_judgement (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    question TEXT not null,
    yes BOOLEAN not null,
    reason TEXT not null,
    from_on DATE not null,
    recorded_at TIMESTAMPTZ not null,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index zone_judgement_path on zone_judgement (tenant, path, from_on, id);

create table zone_verification (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    rule_set TEXT not null,
    cell TEXT not null,
    value BIGINT,
    law_text TEXT not null,
    note TEXT not null,
    verified_on DATE not null,
    recorded_at TIMESTAMPTZ not null,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index zone_verification_cell on zone_verification (tenant, rule_set, cell, id);

create table zone_proposal (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    level TEXT not null,
    computed TEXT,
    computed_on DATE not null,
    rule_set TEXT not null,
    reasons TEXT not null,
    unverified BOOLEAN not null,
    note TEXT not null,
    state TEXT not null,
    proposed_by TEXT not null,
    proposed_at TIMESTAMPTZ not null,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index zone_proposal_path on zone_proposal (tenant, path, id);
create index zone_proposal_state on zone_proposal (tenant, state, path, id);

-- Decided levels. The level of an hour is that of the last decision that was in force by then.
create table zone_decision (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    level TEXT not null,
    before TEXT,
    computed TEXT,
    rule_set TEXT not null,
    number TEXT not null,
    signer TEXT not null,
    signer_post TEXT not null,
    signed_on DATE not null,
    effective_at TIMESTAMPTZ not null,
    decided_by TEXT not null,
    recorded_at TIMESTAMPTZ not null,
    proposal UUID,
    paper UUID,
    reason TEXT,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index zone_decision_path on zone_decision (tenant, path, effective_at, id);

create table zone_lockdown (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    name TEXT not null,
    extent TEXT not null,
    households BIGINT,
    people BIGINT,
    number TEXT not null,
    signer TEXT not null,
    from_at TIMESTAMPTZ not null,
    planned_until_at TIMESTAMPTZ,
    end_number TEXT,
    ended_at TIMESTAMPTZ,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index zone_lockdown_path on zone_lockdown (tenant, path, id);

create table zone_commitment (
    tenant TEXT not null,
    id UUID not null,
    path TEXT not null,
    version BIGINT not null,
    created_at TIMESTAMPTZ not null,
    updated_at TIMESTAMPTZ not null,
    from_level TEXT not null,
    to_level TEXT not null,
    signed_on DATE not null,
    by_on DATE not null,
    signer TEXT not null,
    signer_post TEXT not null,
    asked_at TIMESTAMPTZ,
    causes TEXT,
    explained_at TIMESTAMPTZ,
    by_name TEXT not null,
    primary key (tenant, id)
);
create index zone_commitment_path on zone_commitment (tenant, path, id);
-- What is still to be reached, by day: looked at every hour.
create index zone_commitment_due on zone_commitment (tenant, by_on, id);
