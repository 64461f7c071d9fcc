-- +goose Up
-- What people set for a script in the application, field by field: it goes
-- before what the files say. No reference to scripts: what vanished may come
-- back, with its edits.
CREATE TABLE metadata_edits (
    script_ref TEXT NOT NULL,
    field VARCHAR(40) NOT NULL,
    value JSON NOT NULL,
    edited_at TIMESTAMP NOT NULL,
    edited_by VARCHAR(100) NOT NULL,
    PRIMARY KEY (script_ref, field)
) WITHOUT ROWID;
-- Each change of them. changes is a list of fields with their values and where
-- those came from before and after. The id of a script's last one is the
-- version of its edits.
CREATE TABLE metadata_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    script_ref TEXT NOT NULL,
    at TIMESTAMP NOT NULL,
    actor_kind VARCHAR(20) NOT NULL,
    user_id INTEGER,
    actor VARCHAR(100) NOT NULL,
    takes_back INTEGER, -- the change that this one takes back
    changes JSON NOT NULL
);
CREATE INDEX metadata_changes_of_script ON metadata_changes (script_ref, id);
