import { asFailure, door, type AlwaysOnView, type Door, type DoorFailure } from '$lib/api';

/** What is wanted to run all the time, of one script or of all, and how it stands. */
export class AlwaysOnStore {
  items = $state.raw<AlwaysOnView[]>([]);
  failure = $state.raw<DoorFailure | null>(null);
  busy = $state(false);
  readonly #door: Door;
  #scriptId = '';

  constructor(api: Door = door) {
    this.#door = api;
  }

  /** Follows what is wanted of a script, '' is of all, until the function that it gives back is called. */
  open(scriptId = ''): () => void {
    this.#scriptId = scriptId;
    this.items = [];
    this.failure = null;
    void this.load();
    return this.#door.listen((event) => {
      if (event.type === 'always_on.changed' || event.type === 'missed') void this.load();
    });
  }

  async load(): Promise<void> {
    const scriptId = this.#scriptId;
    try {
      const items = await this.#door.call('AlwaysOn.List', scriptId ? { script_id: scriptId } : {});
      if (scriptId === this.#scriptId) this.items = items ?? [];
    } catch (thrown) {
      if (scriptId === this.#scriptId) this.failure = asFailure(thrown);
    }
  }

  /** Keeps the script running in the active project, with these values, or with what a template has then. */
  set(parameters: Record<string, unknown>, templateId = 0): Promise<void> {
    const values = templateId ? { template_id: templateId } : { parameters };
    return this.#do(() => this.#door.call('AlwaysOn.Set', { script_id: this.#scriptId, ...values }));
  }

  /** Keeps it running no longer, and stops it. */
  clear(id: number): Promise<void> {
    return this.#do(() => this.#door.call('AlwaysOn.Clear', { id }));
  }

  async #do(change: () => Promise<unknown>): Promise<void> {
    this.busy = true;
    this.failure = null;
    try {
      await change();
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      this.busy = false;
    }
    if (!this.failure) await this.load();
  }
}
