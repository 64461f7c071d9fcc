-- +goose Up
-- Why something ended says nearly how: among those of one state, what is sorted
-- by the reason would be looked for past all others of the list.
CREATE INDEX list_status_reason ON execution_logs
    (status, reason, created_at, id, user_id, script_ref, project_id, kind, duration_ms, project_name, user_name);
