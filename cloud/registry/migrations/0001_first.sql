-- One text for SQLite and PostgreSQL. Texts and 64-bit integers only: the driver that speaks to both
-- reads no other type from SQLite. Times are seconds since 1970, flags 0 or 1.
--
-- Every table that belongs to a tenant has the tenant in its key and in its foreign keys, so that the
-- database itself refuses a row of one tenant that names something of another.

-- Facts on the database itself, such as the proof that the key fits.
CREATE TABLE facts (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE tenants (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    org_id TEXT NOT NULL UNIQUE,
    -- Seconds after which an idle console session ends; NULL = only its full length ends it.
    inactivity_seconds BIGINT,
    created_at BIGINT NOT NULL,
    -- Raised by every change: locks the tenant for the rest of a transaction and numbers the log.
    revision BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE locations (
    tenant TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    -- The name in lower case: names differ in more than case.
    name_key TEXT NOT NULL,
    time_zone TEXT NOT NULL,
    internal_only BIGINT NOT NULL,
    read_only BIGINT NOT NULL,
    is_default BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, name_key)
);
CREATE UNIQUE INDEX locations_default ON locations (tenant) WHERE is_default = 1;
CREATE UNIQUE INDEX locations_id ON locations (id);

CREATE TABLE connectors (
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    location TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    kind TEXT NOT NULL,
    public_key TEXT NOT NULL,
    key_fingerprint TEXT NOT NULL UNIQUE,
    certificate TEXT NOT NULL,
    certificate_serial TEXT NOT NULL,
    certificate_expires_at BIGINT NOT NULL,
    registered_at BIGINT NOT NULL,
    revoked_at BIGINT,
    last_contact_at BIGINT,
    current_version TEXT,
    expected_version TEXT,
    version_state TEXT NOT NULL,
    in_maintenance BIGINT NOT NULL,
    upgrade_disabled BIGINT NOT NULL,
    upgrading_version TEXT,
    upgrading_status TEXT,
    last_upgrade_at BIGINT,
    last_upgrade_completed_at BIGINT,
    failed_upgrade_reason TEXT,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, location, name_key),
    FOREIGN KEY (tenant, location) REFERENCES locations (tenant, id)
);

-- What a connector did in five minutes, for the plot of a day.
CREATE TABLE connector_loads (
    tenant TEXT NOT NULL,
    connector TEXT NOT NULL,
    starts_at BIGINT NOT NULL,
    requests BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    total_milliseconds BIGINT NOT NULL,
    longest_milliseconds BIGINT NOT NULL,
    PRIMARY KEY (tenant, connector, starts_at),
    FOREIGN KEY (tenant, connector) REFERENCES connectors (tenant, id) ON DELETE CASCADE
);
CREATE INDEX connector_loads_starts_at ON connector_loads (starts_at);

-- An appliance that shows a code. It belongs to no tenant until an administrator types the code.
CREATE TABLE registrations (
    id TEXT NOT NULL PRIMARY KEY,
    tenant TEXT REFERENCES tenants (id) ON DELETE CASCADE,
    code_digest TEXT NOT NULL UNIQUE,
    -- What the appliance takes the registration up again with.
    ticket_digest TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL,
    appliance_name TEXT NOT NULL,
    public_key TEXT NOT NULL,
    key_fingerprint TEXT NOT NULL,
    -- What the appliance says of itself, in JSON.
    about TEXT NOT NULL,
    wanted_location TEXT,
    connector TEXT NOT NULL,
    source TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    decided_at BIGINT,
    decided_by TEXT
);
CREATE INDEX registrations_tenant ON registrations (tenant, created_at);
CREATE INDEX registrations_expires_at ON registrations (state, expires_at);

-- People sign in; what they may do in a tenant stands in administrators.
CREATE TABLE people (
    id TEXT NOT NULL PRIMARY KEY,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL UNIQUE,
    display_name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    password_changed_at BIGINT NOT NULL,
    -- The secret of the one-time passwords, sealed.
    totp TEXT,
    -- The last time step that was used: a one-time password works once.
    totp_step BIGINT NOT NULL,
    last_sign_in_at BIGINT,
    created_at BIGINT NOT NULL
);

CREATE TABLE former_passwords (
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    replaced_at BIGINT NOT NULL,
    position BIGINT NOT NULL,
    password_hash TEXT NOT NULL,
    PRIMARY KEY (person, position)
);

CREATE TABLE backup_codes (
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    code_digest TEXT NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (person, code_digest)
);

CREATE TABLE administrators (
    tenant TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    email TEXT NOT NULL,
    email_key TEXT NOT NULL,
    display_name TEXT NOT NULL,
    access TEXT NOT NULL,
    rights TEXT NOT NULL,
    -- Set once the invitation has been accepted.
    person TEXT REFERENCES people (id),
    invitation_digest TEXT UNIQUE,
    invited_at BIGINT NOT NULL,
    invitation_expires_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, email_key),
    UNIQUE (tenant, person)
);
CREATE INDEX administrators_person ON administrators (person);

-- Sign-ins under way: what has been proven so far.
CREATE TABLE sign_ins (
    digest TEXT NOT NULL PRIMARY KEY,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    started_at BIGINT NOT NULL,
    has_second_factor BIGINT NOT NULL,
    must_change_password BIGINT NOT NULL,
    -- The secret of one-time passwords that is being set up, sealed.
    enrolment TEXT,
    failures BIGINT NOT NULL
);
CREATE INDEX sign_ins_started_at ON sign_ins (started_at);

CREATE TABLE sessions (
    digest TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    administrator TEXT NOT NULL,
    person TEXT NOT NULL REFERENCES people (id) ON DELETE CASCADE,
    started_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    source TEXT NOT NULL,
    agent TEXT NOT NULL,
    FOREIGN KEY (tenant, administrator) REFERENCES administrators (tenant, id) ON DELETE CASCADE
);
CREATE INDEX sessions_administrator ON sessions (tenant, administrator);

CREATE TABLE clients (
    tenant TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    secret_digest TEXT NOT NULL,
    -- The administrator whose permissions the client has; nobody's client is revoked.
    maker TEXT NOT NULL,
    maker_name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    revoked_at BIGINT,
    PRIMARY KEY (tenant, id)
);

CREATE TABLE tokens (
    digest TEXT NOT NULL PRIMARY KEY,
    tenant TEXT NOT NULL,
    client TEXT NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    FOREIGN KEY (tenant, client) REFERENCES clients (tenant, id) ON DELETE CASCADE
);
CREATE INDEX tokens_expires_at ON tokens (expires_at);
CREATE INDEX tokens_client ON tokens (tenant, client);

CREATE TABLE domains (
    tenant TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    forest TEXT NOT NULL,
    -- Whether new identities of this domain may be used.
    is_enabled BIGINT NOT NULL,
    -- Which kind of connector serves it.
    served_by TEXT NOT NULL,
    first_seen_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, name)
);

CREATE TABLE domain_reports (
    tenant TEXT NOT NULL,
    domain TEXT NOT NULL,
    connector TEXT NOT NULL,
    is_healthy BIGINT NOT NULL,
    reported_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, domain, connector),
    FOREIGN KEY (tenant, domain) REFERENCES domains (tenant, name) ON DELETE CASCADE,
    FOREIGN KEY (tenant, connector) REFERENCES connectors (tenant, id) ON DELETE CASCADE
);

CREATE TABLE maintenance_windows (
    tenant TEXT NOT NULL,
    location TEXT NOT NULL,
    day_of_week TEXT NOT NULL,
    start_second BIGINT NOT NULL,
    update_order TEXT NOT NULL,
    PRIMARY KEY (tenant, location),
    FOREIGN KEY (tenant, location) REFERENCES locations (tenant, id) ON DELETE CASCADE
);

CREATE TABLE log_records (
    tenant TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    number BIGINT NOT NULL,
    id TEXT NOT NULL,
    recorded_at BIGINT NOT NULL,
    event TEXT NOT NULL,
    actor_kind TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    actor_name TEXT NOT NULL,
    target_kind TEXT NOT NULL,
    target_id TEXT NOT NULL,
    target_name TEXT NOT NULL,
    target_email TEXT,
    before_change TEXT,
    after_change TEXT,
    transaction_id TEXT,
    -- What a search looks at, in lower case.
    words TEXT NOT NULL,
    PRIMARY KEY (tenant, number)
);
CREATE INDEX log_records_recorded_at ON log_records (recorded_at);

CREATE TABLE notifications (
    tenant TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    number BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    component TEXT NOT NULL,
    event_id TEXT NOT NULL,
    severity TEXT NOT NULL,
    priority TEXT NOT NULL,
    destination TEXT NOT NULL,
    content TEXT NOT NULL,
    dismissed_at BIGINT,
    dismissed_by TEXT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX notifications_number ON notifications (tenant, number);

-- Requests that must run once at most.
CREATE TABLE once_requests (
    tenant TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id TEXT NOT NULL,
    location TEXT NOT NULL,
    operation TEXT NOT NULL,
    -- The connector that it was handed to; it is never handed to another.
    connector TEXT,
    state TEXT NOT NULL,
    answer TEXT,
    created_at BIGINT NOT NULL,
    deadline BIGINT NOT NULL,
    finished_at BIGINT,
    PRIMARY KEY (tenant, id)
);
CREATE INDEX once_requests_deadline ON once_requests (state, deadline);
