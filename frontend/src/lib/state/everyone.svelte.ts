import {
  asFailure,
  door,
  type Door,
  type DoorFailure,
  type Execution,
  type PortView,
  type RunningItem,
} from '$lib/api';
import { isLive } from './status';

/** How often the figures are asked for while they are looked at, in milliseconds. */
export const pollEvery = 2000;

/** What runs now, everyone's, with what it uses, and the leased ports: for administrators. */
export class EveryoneStore {
  items = $state.raw<RunningItem[] | null>(null);
  ports = $state.raw<PortView[]>([]);
  failure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;
  #asking = false;

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    void this.load();
    const look = () => {
      if (!document.hidden) void this.load();
    };
    const timer = setInterval(look, pollEvery);
    document.addEventListener('visibilitychange', look);
    const stop = this.#door.listen((event) => {
      if (event.type === 'missed') void this.load();
      else if (event.type === 'execution.changed') this.#take(event.data);
    });
    return () => {
      stop();
      clearInterval(timer);
      document.removeEventListener('visibilitychange', look);
    };
  }

  async load(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    try {
      const list = await this.#door.call('Running.List');
      this.items = list.items ?? [];
      this.ports = list.ports ?? [];
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      this.#asking = false;
    }
  }

  /** Gives a port back whose execution does not run any more; a failure is thrown. */
  async release(port: number): Promise<void> {
    try {
      await this.#door.call('Ports.End', { port });
    } catch (thrown) {
      throw asFailure(thrown);
    }
    await this.load();
  }

  #take(execution: Execution): void {
    if (!this.items) return;
    if (!isLive(execution)) {
      this.items = this.items.filter((item) => item.execution.id !== execution.id);
      this.ports = this.ports.filter((port) => port.execution_id !== execution.id);
    } else if (this.items.some((item) => item.execution.id === execution.id)) {
      this.items = this.items.map((item) =>
        item.execution.id === execution.id ? { ...item, execution } : item,
      );
    } else {
      const unknown = { known: false, cpu_percent: 0, cpu_seconds: 0, memory_bytes: 0, processes: 0 };
      this.items = [...this.items, { execution, ...unknown }];
    }
  }
}
