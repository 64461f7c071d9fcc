import { door, type Door, type Execution } from '$lib/api';
import type { Draft } from '$lib/components/environment/draft';
import { isLive } from './status';

/**
 * The person's changes of environments: those that run, and those that have
 * ended since, until they are put away. They outlive the page that began them.
 */
export class Jobs {
  items = $state.raw<Execution[]>([]);
  /** What was begun last, which is shown first and takes the focus. */
  begun = $state('');
  readonly #door: Door;
  readonly #drafts = new Map<string, Draft>();
  readonly #shown = new Map<string, number>();

  constructor(api: Door) {
    this.#door = api;
  }

  /** Takes in what is new of an execution. */
  arrived(execution: Execution): void {
    if (!execution.job || execution.kind === 'project') return; // those have a page of their own
    if (this.items.some((item) => item.id === execution.id))
      this.items = this.items.map((item) => (item.id === execution.id ? execution : item));
    else if (isLive(execution)) this.items = [execution, ...this.items];
  }

  /** Hears which ones live: of those that ended unheard, the end is asked for. */
  async living(live: Execution[]): Promise<void> {
    live.forEach((item) => this.arrived(item));
    for (const item of this.items.filter(isLive)) {
      if (live.some((one) => one.id === item.id)) continue;
      try {
        this.arrived(await this.#door.call('Executions.Get', { execution_id: item.id }));
      } catch {
        this.putAway(item.id);
      }
    }
  }

  /** Notes what was begun here, and with what, so that it can be changed and tried again. */
  begin(execution: Execution, draft?: Draft): void {
    if (draft) this.#drafts.set(execution.id, draft);
    this.begun = execution.id;
    // What failed before at the same place is tried again.
    this.items
      .filter(
        (item) => item.job?.target === execution.job?.target && !isLive(item) && item.state !== 'completed',
      )
      .forEach((item) => this.putAway(item.id));
    this.arrived(execution);
  }

  draft(id: string): Draft | undefined {
    return this.#drafts.get(id);
  }

  /** Those that change an environment or read it. */
  of(path: string): Execution[] {
    return this.items.filter(({ job }) => job?.target === path || job?.source === path);
  }

  /** Those that make an environment for a group. */
  for(groupId: string): Execution[] {
    return this.items.filter(({ parameters }) => parameters?.['group'] === groupId);
  }

  putAway(id: string): void {
    this.items = this.items.filter((item) => item.id !== id);
    this.#drafts.delete(id);
  }

  clear(): void {
    this.items = [];
    this.#drafts.clear();
  }

  /** Notes that it is on screen, where its end need not be told a second time. */
  show(id: string): () => void {
    this.#shown.set(id, (this.#shown.get(id) ?? 0) + 1);
    return () => {
      this.#shown.set(id, (this.#shown.get(id) ?? 1) - 1);
    };
  }

  shown(id: string): boolean {
    return (this.#shown.get(id) ?? 0) > 0;
  }
}

export const jobs = new Jobs(door);

/** The last line that an execution printed. */
export class LastLine {
  text = $state('');
  readonly #door: Door;
  #id = '';
  #asking = false;
  #again = false;

  constructor(api: Door = door) {
    this.#door = api;
  }

  open(id: string): () => void {
    this.#id = id;
    this.text = '';
    void this.#ask();
    return this.#door.listen((event) => {
      if (event.type === 'execution.output' && event.data.execution_id === id) void this.#ask();
    });
  }

  async #ask(): Promise<void> {
    this.#again = this.#asking;
    if (this.#asking) return;
    this.#asking = true;
    const id = this.#id;
    try {
      const page = await this.#door.call('Executions.Log', {
        execution_id: id,
        from: -1,
        limit: 1,
        streams: ['stdout', 'stderr'],
      });
      if (id === this.#id) this.text = page.lines?.at(-1)?.text ?? this.text;
    } catch {
      // The log itself, one click away, says what is wrong with it.
    } finally {
      this.#asking = false;
    }
    if (this.#again) await this.#ask();
  }
}
