-- +goose Up
ALTER TABLE users ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;        -- counts the changes: two who change one account are told
ALTER TABLE users ADD COLUMN wrong_passwords INTEGER NOT NULL DEFAULT 0; -- in a row
ALTER TABLE users ADD COLUMN locked_at TIMESTAMP;                        -- by wrong passwords, until an administrator releases it
-- What was deleted stays as a row, without password and address: executions and
-- records tell of it. Its name is free again; the one that it had is kept here.
ALTER TABLE users ADD COLUMN deleted_at TIMESTAMP;
ALTER TABLE users ADD COLUMN deleted_name VARCHAR(50);
ALTER TABLE users ADD COLUMN removal JSON; -- what is still to be done with its files

-- Who may sign in as the account of the operating system that he has.
CREATE TABLE system_accounts (
    account TEXT PRIMARY KEY NOT NULL, -- by its number, which a new name does not change
    name TEXT NOT NULL,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    set_by VARCHAR(100) NOT NULL,
    set_at TIMESTAMP NOT NULL
) WITHOUT ROWID;
CREATE INDEX system_accounts_user ON system_accounts (user_id);
