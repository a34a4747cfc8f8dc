-- Web servers inside a resource location to which requests may be relayed.
CREATE TABLE web_servers (
    tenant TEXT NOT NULL,
    location TEXT NOT NULL,
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL,
    -- http://host:port or https://host:port.
    address TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, location, name_key),
    FOREIGN KEY (tenant, location) REFERENCES locations (tenant, id) ON DELETE CASCADE
);
