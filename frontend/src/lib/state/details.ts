import type { Door, Execution } from '$lib/api';
import { i18n } from '$lib/i18n/i18n.svelte';

const most = 200;

/** What a person sends to whoever is to help: which execution, why it ended, and the end of its output. */
export async function executionDetails(door: Door, execution: Execution, name: string): Promise<string> {
  const said = [
    [name, execution.project, execution.user].join(' — '),
    `${execution.id}  ${execution.created_at}`,
    execution.error ? i18n.error(execution.error) : '',
    execution.reason ? i18n.t(`reason.${execution.reason}`, execution.reason_params) : '',
    `${i18n.t('viewer.environment')}: ${execution.environment} (${execution.environment_path})`,
    execution.exit_code === null ? '' : `${i18n.t('viewer.exit_code')}: ${execution.exit_code}`,
    (execution.command ?? []).join(' '),
  ].filter(Boolean);
  try {
    const streams = ['stdout', 'stderr'] as const;
    const log = await door.call('Executions.Log', {
      execution_id: execution.id,
      from: -most,
      limit: most,
      streams: [...streams],
    });
    said.push('', ...(log.lines ?? []).map((line) => line.text));
  } catch {
    // A log that cannot be read is not what the rest is kept back for.
  }
  return said.join('\n') + '\n';
}
