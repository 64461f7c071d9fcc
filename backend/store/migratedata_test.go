package store

import "strings"

// What the tables hold, in statements that were right from some version on.
const (
	peopleAndScripts = `INSERT INTO users (username, email, password_hash, user_level, name_key, display_name, folder)
			VALUES ('Ann', 'ann@localhost', 'h', 'admin', 'ann', 'Ann', 'Ann');
		INSERT INTO user_projects (user_id, project_name, is_default, name_key, folder) VALUES (1, 'project_default', TRUE, 'project_default', 'project_default');
		INSERT INTO script_groups (name, directory_path, required_level, ref, digest, data) VALUES ('G', '/g', 'viewer', 'g', 1, '{"id":"g"}');
		INSERT INTO scripts (group_id, filename, required_level, ref, digest, data, parameters) VALUES (1, 's.py', 'viewer', 'g/s', 1, '{"id":"g/s"}', 'null');`
	wantedAlways = `INSERT INTO always_on (script_ref, user_id, project_id, parameters, created_at, created_by)
			VALUES ('g/s', 1, 1, '{"n":1}', '2026-01-02T03:04:05.000000000Z', 'Ann');`
	marksAndFilters = `INSERT INTO execution_marks (user_id, execution, bookmarked, note, updated_at) VALUES (1, 1, TRUE, 'n', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO execution_shares (execution, shared_by, shared_at) VALUES (1, 'Ann', '2026-01-02T03:04:05.000000000Z');
		INSERT INTO saved_filters (user_id, name, name_key, filter, created_at) VALUES (1, 'F', 'f', 'state=failed', '2026-01-02T03:04:05.000000000Z');`
	auditWithoutChain = `INSERT INTO audit (at, actor_kind, user_id, actor, action, object, after) VALUES
			('2026-01-02T03:04:05.000000000Z', 'user', 1, 'Ann', 'sign in', 'user:Ann', NULL),
			('2026-01-02T03:04:06.000000000Z', 'system', NULL, 'setup', 'setting.set', 'x', '1');`
	auditInChain = `INSERT INTO audit (at, actor_kind, user_id, actor, actor_level, action, object, after, hash) VALUES
			('2026-01-02T03:04:05.000000000Z', 'user', 1, 'Ann', 'admin', 'sign in', 'user:Ann', NULL, zeroblob(32)),
			('2026-01-02T03:04:06.000000000Z', 'system', NULL, 'setup', '', 'setting.set', 'x', '1', zeroblob(32));`
	permissionOfAGroup = `INSERT INTO permissions (group_ref, script_ref, user_id, allowed, set_by, set_at)
			VALUES ('g', '', 1, FALSE, 'Ann', '2026-01-02T03:04:05.000000000Z');`
	backupOfAProject = `UPDATE user_projects SET version = 3, archived_at = NULL;
		INSERT INTO project_backups (user_id, project_id, project_name, file, created_at, made_by, reason, size, files, bytes, left_out, unsteady, sha256, content, verified_at)
			VALUES (1, 1, 'project_default', 'user_Ann_project_default_20260102_030405.zip', '2026-01-02T03:04:05.000000000Z', 'Ann', 'asked', 9, 1, 2, 0, 0, 'a', 'b', '2026-01-02T03:04:05.000000000Z');`

	changedSetting = `INSERT INTO configuration (id, content, taken_at) VALUES (1, CAST('{}' AS BLOB), '2026-01-02T03:04:05.000000000Z');
		INSERT INTO configuration_changes (batch, at, actor_kind, actor, source, key, before, after)
			VALUES (1, '2026-01-02T03:04:05.000000000Z', 'user', 'Ann', 'form', 'debug', 'true', NULL);`
	lockedAndDeleted = `UPDATE users SET revision = 3, wrong_passwords = 4, locked_at = '2026-01-02T03:04:05.000000000Z';
		INSERT INTO system_accounts (account, name, user_id, set_by, set_at) VALUES ('uid:1000', 'ann', 1, 'Ann', '2026-01-02T03:04:05.000000000Z');`

	editedMetadata = `INSERT INTO metadata_edits (script_ref, field, value, edited_at, edited_by) VALUES ('g/s', 'tags', '["mine"]', '2026-01-02T03:04:05.000000000Z', 'Ann');
		INSERT INTO metadata_changes (script_ref, at, actor_kind, user_id, actor, changes) VALUES ('g/s', '2026-01-02T03:04:05.000000000Z', 'user', 1, 'Ann', '[]');`
	templateInUse = `INSERT INTO templates (script_ref, user_id, name, name_key, shared, parameters, version, created_at, updated_at, updated_by)
			VALUES ('g/s', 1, 'T', 't', TRUE, '{"n":2}', 1, '2026-01-02T03:04:05.000000000Z', '2026-01-02T03:04:05.000000000Z', 'Ann');
		UPDATE always_on SET template_id = 1;`

	sharedProject = `INSERT INTO users (username, email, password_hash, user_level, name_key, display_name, folder)
			VALUES ('Ben', 'ben@localhost', 'h', 'operator', 'ben', 'Ben', 'Ben');
		INSERT INTO project_shares (project_id, user_id, shared_at) VALUES (1, 2, '2026-01-02T03:04:05.000000000Z');`

	marksAreThere = `SELECT count(*) FROM execution_logs e JOIN execution_marks m ON m.execution = e.id JOIN execution_shares s ON s.execution = e.id
			JOIN saved_filters f ON f.user_id = e.user_id WHERE e.duration_ms = 1500 AND m.note = 'n' AND f.name = 'F'`
)

// executed is an execution with columns that it did not have at first.
func executed(data, columns, values string) string {
	return `INSERT INTO execution_logs (script_id, user_id, project_id, execution_uuid, status, kind, script_ref, group_ref, data` + columns + `)
		VALUES (1, 1, 1, 'e', 'completed', 'script', 'g/s', 'g', '` + data + `'` + values + `);`
}

func all(statements ...string) string { return strings.Join(statements, "\n") }

const writtenDocument = `INSERT INTO document_versions (script_ref, language, path, created_at, author, hash, size, content)
	VALUES ('g/s', 'en', 'docs/s.md', '2026-01-02T03:04:05.000000000Z', 'Ann', 'x', 1, x'00');`

// olderData is what a database of each earlier version holds before it is
// upgraded, as statements that were right then, and a query that must give 1
// afterwards. A new migration adds the entry of the version before it.
var olderData = map[int64]struct{ insert, check string }{
	1: {
		all(peopleAndScripts, executed(`{"id":"e"}`, "", "")),
		`SELECT count(*) FROM execution_logs e JOIN users u ON u.id = e.user_id JOIN scripts s ON s.id = e.script_id
			WHERE u.username = 'Ann' AND s.ref = 'g/s' AND e.created_at GLOB '????-??-??T??:??:??.?????????Z'`,
	},
	2: {
		all(peopleAndScripts, executed(`{"id":"e"}`, "", ""), wantedAlways),
		`SELECT count(*) FROM always_on a JOIN users u ON u.id = a.user_id JOIN execution_logs e ON e.script_ref = a.script_ref
			WHERE u.username = 'Ann' AND a.parameters = '{"n":1}'`,
	},
	3: {
		all(peopleAndScripts, executed(`{"id":"e","environment_path":"/opt/conda"}`, "", ""), wantedAlways),
		`SELECT count(*) FROM execution_logs INDEXED BY execution_logs_environment
			WHERE json_extract(data, '$.environment_path') = '/opt/conda'`,
	},
	4: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms", ", 1500"), marksAndFilters, wantedAlways),
		marksAreThere,
	},
	5: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms, compressed", ", 1500, TRUE"), marksAndFilters, wantedAlways, auditWithoutChain),
		marksAreThere + ` AND e.compressed AND (SELECT count(*) FROM audit) = 2`,
	},
	6: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms, compressed", ", 1500, TRUE"), marksAndFilters, wantedAlways, auditInChain),
		marksAreThere + ` AND e.compressed AND (SELECT count(*) FROM audit) = 2`,
	},
	7: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms, compressed", ", 1500, TRUE"), marksAndFilters, wantedAlways, auditInChain),
		marksAreThere + ` AND e.compressed AND (SELECT count(*) FROM audit) = 2`,
	},
	8: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms, compressed", ", 1500, TRUE"), marksAndFilters, wantedAlways, auditInChain, permissionOfAGroup),
		marksAreThere + ` AND e.compressed AND (SELECT count(*) FROM audit) = 2 AND (SELECT count(*) FROM permissions) = 1`,
	},
	9: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms, compressed", ", 1500, TRUE"), marksAndFilters, wantedAlways, auditInChain, permissionOfAGroup,
			lockedAndDeleted),
		`SELECT count(*) FROM users u JOIN system_accounts a ON a.user_id = u.id WHERE u.revision = 3 AND u.wrong_passwords = 4 AND u.locked_at IS NOT NULL`,
	},
	10: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms, compressed", ", 1500, TRUE"), marksAndFilters, wantedAlways, auditInChain, permissionOfAGroup,
			lockedAndDeleted, backupOfAProject),
		marksAreThere + ` AND e.compressed AND (SELECT count(*) FROM audit) = 2 AND (SELECT count(*) FROM project_backups b JOIN user_projects p ON p.id = b.project_id WHERE p.version = 3) = 1`,
	},
	11: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms, compressed", ", 1500, TRUE"), marksAndFilters, wantedAlways, auditInChain, permissionOfAGroup,
			lockedAndDeleted, changedSetting),
		`SELECT count(*) FROM configuration c JOIN configuration_changes g ON g.batch = c.id WHERE c.content = CAST('{}' AS BLOB) AND g.key = 'debug'`,
	},
	12: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms, compressed", ", 1500, TRUE"), marksAndFilters, wantedAlways, auditInChain, permissionOfAGroup,
			lockedAndDeleted, changedSetting, templateInUse),
		marksAreThere + ` AND e.compressed AND (SELECT count(*) FROM permissions) = 1
			AND (SELECT count(*) FROM templates t JOIN always_on a ON a.template_id = t.id) = 1`,
	},
	13: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms, compressed", ", 1500, TRUE"), marksAndFilters, wantedAlways, auditInChain, permissionOfAGroup,
			lockedAndDeleted, changedSetting, templateInUse, editedMetadata),
		`SELECT count(*) FROM metadata_edits e JOIN metadata_changes c ON c.script_ref = e.script_ref WHERE e.value = '["mine"]' AND c.actor = 'Ann'`,
	},
	14: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms, compressed", ", 1500, TRUE"), marksAndFilters, wantedAlways, auditInChain, permissionOfAGroup,
			lockedAndDeleted, changedSetting, templateInUse, editedMetadata, sharedProject),
		`SELECT count(*) FROM project_shares s JOIN user_projects p ON p.id = s.project_id JOIN users u ON u.id = s.user_id
			WHERE p.user_id = 1 AND u.username = 'Ben' AND s.shared_at = '2026-01-02T03:04:05.000000000Z'`,
	},
	15: {
		all(peopleAndScripts, executed(`{"id":"e"}`, ", duration_ms, compressed", ", 1500, TRUE"), marksAndFilters, wantedAlways, auditInChain, permissionOfAGroup,
			lockedAndDeleted, changedSetting, templateInUse, editedMetadata, sharedProject, writtenDocument),
		marksAreThere + ` AND e.compressed AND (SELECT count(*) FROM document_versions WHERE script_ref = 'g/s' AND author = 'Ann') = 1`,
	},
}
