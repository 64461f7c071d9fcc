-- +goose Up
-- The last content of config.json that was without mistakes: it stays in force
-- while the file has one, also over a restart.
CREATE TABLE configuration (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    content BLOB NOT NULL,
    taken_at TIMESTAMP NOT NULL
);
-- Each change of a key in it, as JSON; NULL: the key did not stand in the file.
CREATE TABLE configuration_changes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    batch INTEGER NOT NULL, -- the id of the first of those that were made in one go
    at TIMESTAMP NOT NULL,
    actor_kind VARCHAR(20) NOT NULL,
    user_id INTEGER,
    actor VARCHAR(100) NOT NULL,
    source VARCHAR(20) NOT NULL, -- form, file, back
    key VARCHAR(100) NOT NULL,
    before TEXT,
    after TEXT
);
CREATE INDEX configuration_changes_of_key ON configuration_changes (key, id);
