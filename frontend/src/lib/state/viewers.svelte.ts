import { SvelteMap } from 'svelte/reactivity';
import { door, type Door } from '$lib/api';

/** Tells the engine which logs are open here, and administrators how many have each of them open. */
export class Viewers {
  readonly #door: Door;
  // How often each is open here, and how many have it open in all.
  readonly #open = new Map<string, number>();
  readonly #counts = new SvelteMap<string, number>();
  #hears = false;
  #busy = false;
  #again = false;

  constructor(api: Door) {
    this.#door = api;
  }

  /** How many have a log open; 0 where that is not said. */
  of(id: string): number {
    return this.#counts.get(id) ?? 0;
  }

  /** Says that a log is open here, until what is given back is called. */
  open(id: string): () => void {
    this.#open.set(id, (this.#open.get(id) ?? 0) + 1);
    this.#hear();
    void this.#say();
    return () => {
      const left = (this.#open.get(id) ?? 1) - 1;
      if (left > 0) this.#open.set(id, left);
      else {
        this.#open.delete(id);
        this.#counts.delete(id);
      }
      void this.#say();
    };
  }

  #hear(): void {
    if (this.#hears) return;
    this.#hears = true;
    this.#door.listen((event) => {
      // A connection that was lost took along what was said.
      if (event.type === 'missed') void this.#say();
      else if (event.type === 'log.viewers' && this.#open.has(event.data.execution_id))
        this.#counts.set(event.data.execution_id, event.data.viewers);
    });
  }

  async #say(): Promise<void> {
    if (this.#busy) {
      this.#again = true;
      return;
    }
    this.#busy = true;
    do {
      this.#again = false;
      // What is opened and closed at once is said once.
      await Promise.resolve();
      try {
        const { viewers } = await this.#door.call('Executions.Viewing', {
          execution_ids: [...this.#open.keys()],
        });
        for (const { execution_id: id, viewers: count } of viewers ?? [])
          if (this.#open.has(id)) this.#counts.set(id, count);
      } catch {
        // Who looks on is no matter of reading the log; it is said again with the next change.
      }
    } while (this.#again);
    this.#busy = false;
  }
}

export const viewers = new Viewers(door);
