import { asFailure, door, type Dashboard, type Door, type DoorFailure } from '$lib/api';

/** What the dashboard shows; read again, at most twice a second, when something changes. */
export class DashboardStore {
  data = $state.raw<Dashboard | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    void this.load();
    const stop = this.#door.listen((event) => {
      if (event.type === 'execution.output' || event.type === 'log.viewers') return;
      timer ??= setTimeout(() => {
        timer = undefined;
        void this.load();
      }, 500);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }

  async load(): Promise<void> {
    try {
      this.data = await this.#door.call('Dashboard.Get');
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }
}
