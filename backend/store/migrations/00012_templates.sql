-- +goose Up
-- Sets of parameters that people keep for a script. No reference to scripts:
-- what vanished may come back, with its templates.
CREATE TABLE templates (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    script_ref TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL, -- name in lower case
    shared BOOLEAN NOT NULL, -- offered to all who see the script
    parameters JSON NOT NULL,
    version INTEGER NOT NULL, -- grows with each change
    created_at TIMESTAMP NOT NULL,
    updated_at TIMESTAMP NOT NULL,
    updated_by VARCHAR(100) NOT NULL
);
CREATE UNIQUE INDEX templates_name ON templates (user_id, script_ref, name_key);
CREATE INDEX templates_script ON templates (script_ref);
-- What is always on reads its template at each start; where that has gone, the
-- parameters beside it are those that it had when it was chosen.
ALTER TABLE always_on ADD COLUMN template_id INTEGER REFERENCES templates (id) ON DELETE SET NULL;
CREATE INDEX always_on_template ON always_on (template_id);
