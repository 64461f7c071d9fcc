import { asFailure, door, type Door, type DoorFailure, type SavedFilter } from '$lib/api';

/** The sets of filters that the person gave a name, sorted by it. */
export class SavedFiltersStore {
  items = $state.raw<SavedFilter[]>([]);
  failure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  async load(): Promise<void> {
    await this.#do(async () => {
      this.items = (await this.#door.call('Executions.Filters')) ?? [];
    });
  }

  /** Keeps a new one, or changes the name of one; true when it is kept. */
  async save(filter: SavedFilter): Promise<boolean> {
    return this.#do(async () => {
      await this.#door.call('Executions.SaveFilter', filter);
      this.items = (await this.#door.call('Executions.Filters')) ?? [];
    });
  }

  async remove(id: number): Promise<boolean> {
    return this.#do(async () => {
      await this.#door.call('Executions.DeleteFilter', { id });
      this.items = this.items.filter((item) => item.id !== id);
    });
  }

  async #do(work: () => Promise<void>): Promise<boolean> {
    try {
      await work();
      this.failure = null;
      return true;
    } catch (thrown) {
      this.failure = asFailure(thrown);
      return false;
    }
  }
}
