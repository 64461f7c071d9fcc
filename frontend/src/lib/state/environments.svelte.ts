import {
  asFailure,
  door,
  type Door,
  type DoorFailure,
  type Environment,
  type EnvironmentUse,
} from '$lib/api';

/** The Python environments that were found on this machine, and what runs in each. */
export class EnvironmentsStore {
  items = $state.raw<Environment[] | null>(null);
  uses = $state.raw<EnvironmentUse[]>([]);
  failure = $state.raw<DoorFailure | null>(null);
  refreshing = $state(false);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    void this.#load('Environments.List');
    return this.#door.listen((event) => {
      if (
        event.type === 'missed' ||
        event.type === 'environment.changed' ||
        event.type === 'discovery.changed'
      )
        void this.#load('Environments.List');
    });
  }

  async refresh(): Promise<void> {
    this.refreshing = true;
    await this.#load('Environments.Refresh');
    this.refreshing = false;
  }

  use(path: string): EnvironmentUse | undefined {
    return this.uses.find((use) => use.path === path);
  }

  async #load(method: 'Environments.List' | 'Environments.Refresh'): Promise<void> {
    try {
      const items = (await this.#door.call(method)) ?? [];
      this.uses = (await this.#door.call('Environments.Uses')) ?? [];
      this.items = items;
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }
}
