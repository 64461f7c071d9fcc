-- +goose Up
CREATE TABLE always_on (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    script_ref TEXT NOT NULL, -- no reference: a script that vanished may come back
    user_id INTEGER NOT NULL REFERENCES users (id),
    project_id INTEGER NOT NULL REFERENCES user_projects (id),
    parameters JSON NOT NULL,
    created_at TIMESTAMP NOT NULL,
    created_by VARCHAR(100) NOT NULL,
    UNIQUE (script_ref, user_id, project_id)
);
CREATE INDEX always_on_user ON always_on (user_id);
CREATE INDEX always_on_project ON always_on (project_id);
