import { asFailure, door, type Door, type DoorFailure, type Environment } from '$lib/api';

/** The Python environments that were found on this machine. */
export class EnvironmentsStore {
  items = $state.raw<Environment[] | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  refreshing = $state(false);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    void this.#load('Environments.List');
    return this.#door.listen((event) => {
      if (event.type === 'missed' || event.type === 'environment.changed')
        void this.#load('Environments.List');
    });
  }

  async refresh(): Promise<void> {
    this.refreshing = true;
    await this.#load('Environments.Refresh');
    this.refreshing = false;
  }

  async #load(method: 'Environments.List' | 'Environments.Refresh'): Promise<void> {
    try {
      this.items = (await this.#door.call(method)) ?? [];
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }
}
