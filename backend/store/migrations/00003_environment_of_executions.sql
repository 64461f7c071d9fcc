-- +goose Up
CREATE INDEX execution_logs_environment ON execution_logs
    (json_extract(data, '$.environment_path'), created_at DESC, id DESC);
