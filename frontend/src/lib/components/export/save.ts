import { asFailure } from '$lib/api';
import type { Execution } from '$lib/api/types';
import { i18n } from '$lib/i18n/i18n.svelte';
import { fetchExport } from '$lib/state/exporting.svelte';
import { toasts } from '$lib/state/toasts.svelte';
import { download } from '../log/download';

/** Saves what an export has written, or says why it cannot. */
export async function saveExport(execution: Execution): Promise<void> {
  try {
    const file = await fetchExport(execution.id);
    if ('parts' in file) download(file.name, file.parts, 'application/octet-stream');
    else
      toasts.show({
        tone: 'warn',
        title: i18n.t('ui.export.large'),
        text: execution.job?.target ?? '',
      });
    const incomplete = Number(execution.job?.result?.['incomplete'] ?? 0);
    if (incomplete > 0)
      toasts.show({
        tone: 'warn',
        title: i18n.t('ui.export.incomplete_title'),
        text: i18n.t('ui.export.incomplete', { count: incomplete }),
      });
  } catch (thrown) {
    toasts.show({
      tone: 'bad',
      title: i18n.t('ui.export.failed'),
      text: i18n.error(asFailure(thrown)),
    });
  }
}
