-- +goose Up
ALTER TABLE user_projects ADD COLUMN archived_at TIMESTAMP;
ALTER TABLE user_projects ADD COLUMN version INTEGER NOT NULL DEFAULT 1; -- grows with each change: two who change are told

-- Folders of deleted projects that are still to be removed from the disk. The
-- name of a folder is not given to another project as long.
CREATE TABLE project_removals (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_folder VARCHAR(100) NOT NULL,
    folder VARCHAR(100) NOT NULL,
    removed_at TIMESTAMP NOT NULL
);

-- Zips of projects. That of a project which was deleted has its name still.
CREATE TABLE project_backups (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    project_id INTEGER REFERENCES user_projects (id) ON DELETE SET NULL,
    project_name VARCHAR(100) NOT NULL,
    file VARCHAR(255) UNIQUE NOT NULL, -- in data/backups
    created_at TIMESTAMP NOT NULL,
    made_by VARCHAR(100) NOT NULL,
    reason VARCHAR(20) NOT NULL, -- asked, automatic, before_restore, uploaded
    size INTEGER NOT NULL,       -- of the zip
    files INTEGER NOT NULL,
    bytes INTEGER NOT NULL,      -- of the files in it
    left_out INTEGER NOT NULL,   -- links and the like
    unsteady INTEGER NOT NULL,   -- files that were written to while they were read
    sha256 VARCHAR(64) NOT NULL, -- of the zip
    content VARCHAR(64) NOT NULL,-- of names, sizes and sums of what is in it
    verified_at TIMESTAMP NOT NULL
);
CREATE INDEX project_backups_user ON project_backups (user_id, created_at);
CREATE INDEX project_backups_project ON project_backups (project_id, created_at);
