-- +goose Up
-- What documents of scripts were, so that people can compare and take back. No
-- reference to scripts: what vanished may come back, with its history.
CREATE TABLE document_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    script_ref TEXT NOT NULL,
    language TEXT NOT NULL,
    path TEXT NOT NULL, -- relative to the group's folder
    created_at TIMESTAMP NOT NULL,
    author VARCHAR(100) NOT NULL, -- '': it was found so, changed outside of the application
    origin INTEGER, -- the version that was taken back
    hash TEXT NOT NULL, -- SHA-256 of the file
    size INTEGER NOT NULL, -- of the file
    content BLOB NOT NULL -- the file, zstd
);
CREATE INDEX document_versions_of ON document_versions (script_ref, language, id);
