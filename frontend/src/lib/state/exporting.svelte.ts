import { asFailure, door, type Door, type DoorFailure, type Execution } from '$lib/api';
import { bytesOf } from '$lib/base64';
import { isLive } from './status';

export const exportFormats = ['txt', 'json', 'csv', 'pdf', 'raw'] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What a browser is given as one file: more than that would not fit into its memory. */
export const fileMost = 1024 ** 3;

/** Reads all that an export has written. */
export async function fetchExport(
  id: string,
  api: Door = door,
): Promise<{ name: string; parts: Uint8Array<ArrayBuffer>[] } | { name: string; size: number }> {
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let offset = 0; ;) {
    const part = await api.call('Logs.Exported', { execution_id: id, offset });
    if (part.size > fileMost) return { name: part.name, size: part.size };
    const bytes = bytesOf(part.data);
    parts.push(bytes);
    offset += bytes.length;
    if (offset >= part.size || bytes.length === 0) return { name: part.name, parts };
  }
}

/** One export at a time: it is begun, followed to its end, whether or not it is still shown, and can be stopped. */
export class ExportStore {
  /** The job, while and after it runs; null before. */
  job = $state.raw<Execution | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  /** Told once: of a job that ended, or of why there is none. */
  onend: (job: Execution | null, failure: DoorFailure | null) => void = () => undefined;
  #starting = $state(false);
  readonly busy = $derived(this.#starting || (this.job !== null && isLive(this.job)));
  readonly #door: Door;
  #leave: (() => void) | undefined;

  constructor(api: Door = door) {
    this.#door = api;
  }

  async start(ids: string[], format: ExportFormat): Promise<void> {
    this.close();
    const early: Execution[] = [];
    let missed = false;
    this.#starting = true;
    // It may end before the answer to its beginning is here.
    this.#leave = this.#door.listen((event) => {
      if (event.type === 'missed') {
        missed = true;
        void this.#look();
      } else if (event.type === 'execution.changed') {
        if (!this.job) early.push(event.data);
        else if (event.data.id === this.job.id) this.#take(event.data);
      }
    });
    try {
      const begun = await this.#door.call('Logs.Export', { execution_ids: ids, format });
      this.#starting = false;
      this.#take(early.filter((x) => x.id === begun.id).at(-1) ?? begun);
      if (missed) await this.#look();
    } catch (thrown) {
      this.#starting = false;
      this.#fail(asFailure(thrown));
    }
  }

  /** A failure is thrown: the export goes on. */
  async stop(): Promise<void> {
    if (!this.job) return;
    try {
      await this.#door.call('Executions.Stop', { execution_id: this.job.id });
    } catch (thrown) {
      throw asFailure(thrown);
    }
  }

  close(): void {
    this.#leave?.();
    this.#leave = undefined;
    this.job = null;
    this.failure = null;
  }

  #take(job: Execution): void {
    this.job = job;
    if (isLive(job)) return;
    this.#leave?.();
    this.#leave = undefined;
    this.onend(job, null);
  }

  #fail(failure: DoorFailure): void {
    this.#leave?.();
    this.#leave = undefined;
    this.job = null;
    this.failure = failure;
    this.onend(null, failure);
  }

  async #look(): Promise<void> {
    const id = this.job?.id;
    if (!id) return;
    try {
      const job = await this.#door.call('Executions.Get', { execution_id: id });
      if (this.job?.id === id && isLive(this.job)) this.#take(job);
    } catch (thrown) {
      const failure = asFailure(thrown);
      // Without a connection now, "missed" comes again with the next one.
      if (this.job?.id === id && failure.code !== 'unavailable') this.#fail(failure);
    }
  }
}
