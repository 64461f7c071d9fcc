-- +goose Up
ALTER TABLE audit ADD COLUMN actor_level VARCHAR(20) NOT NULL DEFAULT ''; -- of a user, as it was then
ALTER TABLE audit ADD COLUMN hash BLOB;                                   -- of the record before and this one
CREATE INDEX audit_actor ON audit (actor, id);
CREATE INDEX audit_action ON audit (action, id);
-- What is written stays. It keeps mistakes away; who owns the file can take it
-- off, and the chain of hashes tells of that.
-- +goose StatementBegin
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit WHEN old.hash IS NOT NULL
BEGIN
    SELECT RAISE(ABORT, 'a record of the audit is not changed');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_kept BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'a record of the audit is not removed');
END;
-- +goose StatementEnd
