import { asFailure, door, type Door } from '$lib/api';
import { i18n } from '$lib/i18n/i18n.svelte';
import { toasts, type Toasts } from './toasts.svelte';

/** Reads headers again on demand, and tells what that came to. */
export class Rereading {
  busy = $state(false);
  readonly #door: Door;
  readonly #toasts: Toasts;

  constructor(api: Door = door, told: Toasts = toasts) {
    this.#door = api;
    this.#toasts = told;
  }

  async read(what: { group_id: string } | { script_id: string }): Promise<void> {
    this.busy = true;
    const about = 'reread';
    try {
      const found = (await this.#door.call('Metadata.Reread', what)) ?? [];
      const changed = found.filter((one) => one.changed.length > 0).length;
      this.#toasts.show({
        tone: 'ok',
        about,
        title: i18n.t('ui.metadata.reread_done', { count: found.length }),
        text: i18n.t(changed ? 'ui.metadata.reread_changed' : 'ui.metadata.reread_same', { count: changed }),
      });
    } catch (thrown) {
      this.#toasts.show({ tone: 'bad', about, title: i18n.error(asFailure(thrown)) });
    } finally {
      this.busy = false;
    }
  }
}
