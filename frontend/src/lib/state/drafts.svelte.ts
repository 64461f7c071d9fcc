import type { FilePlace, FileStore } from './datafile.svelte';

const keyOf = (place: FilePlace) => `${String(place.project_id)}\n${place.group_id}\n${place.path}`;

/** Files that were edited and not saved: they wait here while another one, or another page, is shown. */
export class Drafts {
  #kept = $state.raw<ReadonlyMap<string, FileStore>>(new Map());

  readonly #leave = (event: BeforeUnloadEvent) => {
    if (this.any) event.preventDefault();
  };

  /** Whether closing the tab would lose something. */
  get any(): boolean {
    return [...this.#kept.values()].some((store) => store.dirty);
  }

  has(place: FilePlace): boolean {
    return this.#kept.get(keyOf(place))?.dirty === true;
  }

  get(place: FilePlace): FileStore | undefined {
    return this.#kept.get(keyOf(place));
  }

  keep(store: FileStore): void {
    if (this.#kept.get(keyOf(store.place)) === store) return;
    this.#kept = new Map(this.#kept).set(keyOf(store.place), store);
    // Whatever page is shown then: closing the tab asks.
    window.addEventListener('beforeunload', this.#leave);
  }

  drop(store: FileStore): void {
    if (!this.#kept.has(keyOf(store.place))) return;
    const kept = new Map(this.#kept);
    kept.delete(keyOf(store.place));
    this.#kept = kept;
  }

  /** Somebody else signs in. */
  clear(): void {
    this.#kept = new Map();
  }
}

export const drafts = new Drafts();
