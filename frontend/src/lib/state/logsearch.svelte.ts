import { asFailure, door, type Door, type DoorFailure, type LogHit, type LogSearch } from '$lib/api';

/** How many lines are looked for until the person asks for more. */
const pageSize = 100;

/** Lines found in logs, the newest first; an answer that has not all is gone on from by itself. */
export class LogSearchStore {
  hits = $state.raw<LogHit[] | null>(null);
  /** Where to go on; '' when everything was looked at. */
  next = $state('');
  searching = $state(false);
  /** Lines that were looked at. */
  lines = $state(0);
  /** Executions whose logs are gone or damaged, or were cut. */
  unread = $state.raw<ReadonlySet<string>>(new Set());
  failure = $state.raw<DoorFailure | null>(null);
  /** Whether there is more to look at, and nothing looks. */
  left = $state(false);
  readonly #door: Door;
  #query: LogSearch | null = null;

  constructor(api: Door = door) {
    this.#door = api;
  }

  /** Looks for something else; what was being looked for is left. */
  search(query: LogSearch): void {
    this.clear();
    this.#query = query;
    void this.more();
  }

  /** Leaves what is looked for. */
  clear(): void {
    this.#query = null;
    this.hits = null;
    this.next = '';
    this.lines = 0;
    this.unread = new Set();
    this.failure = null;
    this.searching = false;
    this.left = false;
  }

  /** Goes on until there are as many lines more as a page has. */
  async more(): Promise<void> {
    const query = this.#query;
    if (!query || this.searching) return;
    this.searching = true;
    this.left = false;
    this.failure = null;
    const wanted = (this.hits?.length ?? 0) + pageSize;
    try {
      do {
        const limit = wanted - (this.hits?.length ?? 0);
        const page = await this.#door.call('Logs.Search', {
          ...query,
          limit,
          before: this.next || undefined,
        });
        if (query !== this.#query) return;
        this.hits = [...(this.hits ?? []), ...(page.hits ?? [])];
        this.next = page.next;
        this.lines += page.lines;
        if (page.unread) this.unread = new Set([...this.unread, ...page.unread]);
      } while (this.next && (this.hits?.length ?? 0) < wanted);
      this.searching = false;
      this.left = this.next !== '';
    } catch (thrown) {
      if (query !== this.#query) return;
      this.failure = asFailure(thrown);
      this.searching = false;
      this.left = this.next !== '';
    }
  }

  /** Stops looking; what was found stays, and it can be gone on from. */
  stop(): void {
    if (!this.#query || !this.searching) return;
    this.#query = { ...this.#query };
    this.searching = false;
    this.left = true;
    this.hits ??= [];
  }
}
