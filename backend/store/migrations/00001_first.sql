-- Times are text, UTC, RFC 3339 with nine digits of a second, so that they sort.
-- Columns that a comment calls ours stand beside those of the agreed schema.

-- +goose Up
CREATE TABLE users (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    username VARCHAR(50) UNIQUE NOT NULL,
    email VARCHAR(100) UNIQUE NOT NULL,
    password_hash VARCHAR(255) NOT NULL,
    user_level VARCHAR(20) NOT NULL,
    preferred_language VARCHAR(5) DEFAULT 'en',
    preferred_theme VARCHAR(10) DEFAULT 'light',
    created_at TIMESTAMP DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now')),
    last_login TIMESTAMP,
    is_active BOOLEAN DEFAULT TRUE,
    -- ours
    name_key VARCHAR(50) UNIQUE NOT NULL, -- username in lower case: names that differ in case only are one name
    display_name VARCHAR(100) NOT NULL,
    folder VARCHAR(100) NOT NULL
);
CREATE UNIQUE INDEX users_folder ON users (lower(folder)); -- some file systems do not tell case apart

CREATE TABLE script_groups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name VARCHAR(100) NOT NULL,
    directory_path VARCHAR(255) NOT NULL,
    description TEXT,
    required_level VARCHAR(20) NOT NULL,
    conda_environment VARCHAR(100),
    is_active BOOLEAN DEFAULT TRUE,
    discovered_at TIMESTAMP DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now')),
    -- ours
    ref TEXT UNIQUE NOT NULL, -- the folder's name
    digest INTEGER NOT NULL,  -- of data: tells what changed without reading it
    data JSON NOT NULL
);

CREATE TABLE scripts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    group_id INTEGER REFERENCES script_groups (id),
    filename VARCHAR(100) NOT NULL,
    display_name VARCHAR(100),
    description TEXT,
    description_long_path VARCHAR(255),
    tags TEXT, -- separated by commas
    required_level VARCHAR(20) NOT NULL,
    parameters JSON,
    is_active BOOLEAN DEFAULT TRUE,
    last_modified TIMESTAMP,
    -- ours
    ref TEXT UNIQUE NOT NULL, -- group/file stem
    digest INTEGER NOT NULL,
    data JSON NOT NULL
);
CREATE INDEX scripts_group ON scripts (group_id);

CREATE TABLE user_script_tags (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER REFERENCES users (id),
    script_id INTEGER REFERENCES scripts (id),
    tags TEXT, -- separated by commas
    created_at TIMESTAMP DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now')),
    UNIQUE (user_id, script_id)
);
CREATE INDEX user_script_tags_script ON user_script_tags (script_id);

-- Names of environments may repeat (two conda installations, many ".venv"):
-- the path is what is unique.
CREATE TABLE conda_environments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name VARCHAR(100) NOT NULL,
    path VARCHAR(255) UNIQUE NOT NULL,
    python_version VARCHAR(20),
    is_available BOOLEAN DEFAULT TRUE,
    detected_at TIMESTAMP DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now')),
    last_verified TIMESTAMP,
    -- ours
    kind VARCHAR(20) NOT NULL,
    state VARCHAR(20) NOT NULL,
    is_present BOOLEAN NOT NULL, -- found the last time
    data JSON NOT NULL
);

CREATE TABLE user_projects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER REFERENCES users (id),
    project_name VARCHAR(100) NOT NULL,
    group_id INTEGER REFERENCES script_groups (id), -- NULL: spans all groups
    description TEXT,
    is_default BOOLEAN DEFAULT FALSE,
    created_at TIMESTAMP DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now')),
    last_accessed TIMESTAMP,
    -- ours
    name_key VARCHAR(100) NOT NULL,
    folder VARCHAR(100) NOT NULL,
    UNIQUE (user_id, project_name, group_id)
);
-- In a UNIQUE constraint two NULLs differ, so projects that span groups need their own.
CREATE UNIQUE INDEX user_projects_name ON user_projects (user_id, name_key) WHERE group_id IS NULL;
CREATE UNIQUE INDEX user_projects_folder ON user_projects (user_id, lower(folder));
CREATE UNIQUE INDEX user_projects_default ON user_projects (user_id) WHERE is_default;

CREATE TABLE port_allocations (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    port_number INTEGER NOT NULL,
    script_id INTEGER REFERENCES scripts (id),
    user_id INTEGER REFERENCES users (id),
    project_id INTEGER REFERENCES user_projects (id),
    process_id INTEGER,
    status VARCHAR(20) NOT NULL, -- allocated, active, released
    allocated_at TIMESTAMP DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now')),
    released_at TIMESTAMP,
    -- ours
    execution_uuid VARCHAR(36) NOT NULL,
    script_ref TEXT NOT NULL
);
-- A port is unique among the live leases; the released ones are history.
CREATE UNIQUE INDEX port_allocations_live ON port_allocations (port_number) WHERE status <> 'released';
CREATE INDEX port_allocations_execution ON port_allocations (execution_uuid);
CREATE INDEX port_allocations_last ON port_allocations (user_id, script_ref, project_id, id);

CREATE TABLE script_processes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    script_id INTEGER REFERENCES scripts (id),
    user_id INTEGER REFERENCES users (id),
    process_id INTEGER NOT NULL,
    flask_port INTEGER,
    tab_session_id VARCHAR(100), -- the interface's session: the execution's UUID
    status VARCHAR(20) NOT NULL,
    started_at TIMESTAMP DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now')),
    last_ping TIMESTAMP,
    ended_at TIMESTAMP,
    -- ours
    execution_uuid VARCHAR(36) UNIQUE NOT NULL
);

CREATE TABLE execution_logs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    script_id INTEGER REFERENCES scripts (id),
    user_id INTEGER REFERENCES users (id),
    project_id INTEGER REFERENCES user_projects (id),
    session_id VARCHAR(100), -- the interface's session, as in script_processes.tab_session_id
    execution_uuid VARCHAR(36) UNIQUE NOT NULL,
    status VARCHAR(20) NOT NULL, -- queued, running, completed, failed, terminated
    start_time TIMESTAMP,
    end_time TIMESTAMP,
    duration_seconds INTEGER,
    output TEXT,       -- the last 4 KiB; the log files hold all
    error_output TEXT, -- the last 4 KiB
    debug_output TEXT, -- the last 4 KiB
    exit_code INTEGER,
    parameters JSON,
    conda_environment VARCHAR(100),
    flask_port INTEGER,
    log_level VARCHAR(10) DEFAULT 'INFO',
    tags TEXT,
    created_at TIMESTAMP NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now')),
    last_updated TIMESTAMP DEFAULT (strftime('%Y-%m-%dT%H:%M:%f000000Z', 'now')),
    -- ours
    kind VARCHAR(20) NOT NULL,
    script_ref TEXT NOT NULL,
    group_ref TEXT NOT NULL,
    data JSON NOT NULL
);
-- Each list is paged by key (created_at, id); status at the end lets counts by
-- day be answered from the index.
CREATE INDEX execution_logs_created ON execution_logs (created_at DESC, id DESC, status);
CREATE INDEX execution_logs_user ON execution_logs (user_id, created_at DESC, id DESC, status);
CREATE INDEX execution_logs_script ON execution_logs (script_ref, created_at DESC, id DESC);
CREATE INDEX execution_logs_group ON execution_logs (group_ref, created_at DESC, id DESC);
CREATE INDEX execution_logs_status ON execution_logs (status, created_at DESC, id DESC);
CREATE INDEX execution_logs_user_script ON execution_logs (user_id, script_ref, created_at DESC, id DESC);
CREATE INDEX execution_logs_project ON execution_logs (project_id, created_at DESC, id DESC);

-- Counters: to count a million rows takes tens of milliseconds.
CREATE TABLE execution_totals (
    user_id INTEGER NOT NULL, -- 0: nobody's
    status VARCHAR(20) NOT NULL,
    number INTEGER NOT NULL,
    PRIMARY KEY (user_id, status)
) WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER execution_logs_counted_in AFTER INSERT ON execution_logs BEGIN
    INSERT INTO execution_totals (user_id, status, number) VALUES (coalesce(NEW.user_id, 0), NEW.status, 1)
        ON CONFLICT (user_id, status) DO UPDATE SET number = number + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER execution_logs_counted_out AFTER DELETE ON execution_logs BEGIN
    UPDATE execution_totals SET number = number - 1 WHERE user_id = coalesce(OLD.user_id, 0) AND status = OLD.status;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER execution_logs_counted_over AFTER UPDATE OF status, user_id ON execution_logs
    WHEN OLD.status IS NOT NEW.status OR OLD.user_id IS NOT NEW.user_id BEGIN
    UPDATE execution_totals SET number = number - 1 WHERE user_id = coalesce(OLD.user_id, 0) AND status = OLD.status;
    INSERT INTO execution_totals (user_id, status, number) VALUES (coalesce(NEW.user_id, 0), NEW.status, 1)
        ON CONFLICT (user_id, status) DO UPDATE SET number = number + 1;
END;
-- +goose StatementEnd

CREATE TABLE settings (
    key TEXT PRIMARY KEY NOT NULL,
    value JSON NOT NULL,
    updated_at TIMESTAMP NOT NULL
) WITHOUT ROWID;

CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at TIMESTAMP NOT NULL,
    actor_kind VARCHAR(20) NOT NULL, -- user, system, schedule
    user_id INTEGER,                 -- no reference: the record outlives the account
    actor VARCHAR(100) NOT NULL,
    action VARCHAR(50) NOT NULL,
    object TEXT NOT NULL,
    before JSON,
    after JSON
);
