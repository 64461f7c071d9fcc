-- +goose Up
-- Who may read a project of another (security.enable_project_sharing).
CREATE TABLE project_shares (
    project_id INTEGER NOT NULL REFERENCES user_projects (id) ON DELETE CASCADE,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE, -- who may read it
    shared_at TIMESTAMP NOT NULL,
    PRIMARY KEY (project_id, user_id)
) WITHOUT ROWID;
CREATE INDEX project_shares_user ON project_shares (user_id);
