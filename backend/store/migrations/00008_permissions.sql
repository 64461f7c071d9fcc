-- +goose Up
-- On top of levels: a script, or a whole group, is allowed or denied to a
-- person or to a level. No reference to scripts and groups: what vanished may
-- come back, with its permissions.
CREATE TABLE permissions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    group_ref TEXT NOT NULL,
    script_ref TEXT NOT NULL, -- '': the whole group
    user_id INTEGER REFERENCES users (id) ON DELETE CASCADE,
    user_level VARCHAR(20),
    allowed BOOLEAN NOT NULL,
    set_by VARCHAR(100) NOT NULL,
    set_at TIMESTAMP NOT NULL,
    CHECK ((user_id IS NULL) <> (user_level IS NULL))
);
CREATE UNIQUE INDEX permissions_user ON permissions (group_ref, script_ref, user_id) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX permissions_level ON permissions (group_ref, script_ref, user_level) WHERE user_level IS NOT NULL;
CREATE INDEX permissions_of_user ON permissions (user_id);
