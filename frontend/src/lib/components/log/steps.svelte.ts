import { asFailure } from '$lib/api';
import { problemQuery } from './classify';
import type { LogFinder } from './find.svelte';
import { placeOf } from './goto';
import type { LogStore } from './log.svelte';

/** What shows the rows. */
interface Shown {
  /** The first line in view; 0 where none is. */
  first: () => number;
  reveal: (row: number) => void;
}

/** The way through one log, from match to match, error to error, or to a line or a time. */
export class Steps {
  /** The line that was stepped to; 0 for none. */
  current = $state(0);
  readonly #store: LogStore;
  readonly #finder: LogFinder;
  readonly #shown: () => Shown | undefined;
  // A key that is held asks no faster than it is answered.
  #busy = false;

  constructor(store: LogStore, finder: LogFinder, shown: () => Shown | undefined) {
    this.#store = store;
    this.#finder = finder;
    this.#shown = shown;
  }

  /** To the next or the last match before. */
  match(by: 1 | -1): Promise<void> {
    return this.#step(() => this.#finder.step(this.#from(by), by));
  }

  /** To the next or the last error before. */
  problem(by: 1 | -1): Promise<void> {
    return this.#step(() => this.#finder.locate(problemQuery, this.#store.streams, this.#from(by), by));
  }

  /** To what someone typed; false where that is no place. */
  async go(text: string): Promise<boolean> {
    const store = this.#store;
    if (!/^\s*\d+\s*$/.test(text)) await store.loadBegun();
    const place = placeOf(text, store.begun);
    if (!place || store.count === 0) return false;
    await this.#guarded(async () => {
      const line = 'line' in place ? place.line : await store.lineAt(place.time);
      return Math.min(line, Math.max(1, store.total));
    });
    return true;
  }

  to(line: number): Promise<void> {
    return this.#guarded(() => Promise.resolve(line));
  }

  async #step(look: () => Promise<number | null>): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    await this.#guarded(look);
    this.#busy = false;
  }

  /** The line to look from: the one that was stepped to, else the first in view, itself included. */
  #from(by: 1 | -1): number {
    return this.current || Math.max(0, (this.#shown()?.first() ?? 0) - (by > 0 ? 1 : 0));
  }

  async #guarded(look: () => Promise<number | null>): Promise<void> {
    try {
      const line = await look();
      if (line === null) return;
      this.current = line;
      const row = await this.#store.rowOf(line);
      this.#shown()?.reveal(row);
    } catch (thrown) {
      this.#store.failure = asFailure(thrown);
    }
  }
}
