import { asFailure, type Execution } from '$lib/api';
import { push } from 'svelte-spa-router';
import { i18n } from '$lib/i18n/i18n.svelte';
import { executionHref, scriptHref } from '$lib/links';
import { launcher } from './launcher.svelte';
import { toasts } from './toasts.svelte';

/**
 * Runs an execution's script again with the same values. Where the form must
 * be seen first (secret values, a script that asks for it), it goes there.
 */
export async function runAgain(execution: Execution): Promise<void> {
  try {
    const { execution: started } = await launcher.again(execution);
    if (!started.has_page) await push(executionHref(started.id));
  } catch (thrown) {
    const failure = asFailure(thrown);
    const toForm = failure.code === 'parameters_required' || failure.code === 'invalid';
    toasts.show({
      tone: toForm ? 'warn' : 'bad',
      title: i18n.t('ui.run.again_failed', { script: i18n.text(execution.script_name) }),
      text: i18n.error(failure),
      // There it can be queued.
      link:
        failure.code === 'too_many_interfaces'
          ? { href: scriptHref(execution.script_id), label: i18n.t('ui.execution.to_script') }
          : undefined,
    });
    if (toForm) await push(scriptHref(execution.script_id));
  }
}
