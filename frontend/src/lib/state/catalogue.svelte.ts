import { asFailure, door, type Door, type DoorFailure, type GroupView, type ScriptView } from '$lib/api';
import { StatusChanges } from './status';

/** All groups and scripts that the person may see, kept fresh. Navigation, palette and group pages read it. */
export class Catalogue {
  groups = $state.raw<GroupView[]>([]);
  scripts = $state.raw<ScriptView[]>([]);
  loaded = $state(false);
  refreshing = $state(false);
  failure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(api: Door) {
    this.#door = api;
  }

  start(): () => void {
    void this.load();
    const changes = new StatusChanges();
    const stop = this.#door.listen((event) => {
      if (
        event.type === 'discovery.changed' ||
        event.type === 'environment.changed' ||
        event.type === 'missed' ||
        (event.type === 'execution.changed' && event.data.state !== 'queued' && changes.is(event.data))
      ) {
        this.#soon();
      }
    });
    return () => {
      stop();
      clearTimeout(this.#timer);
      this.#timer = undefined;
      this.groups = [];
      this.scripts = [];
      this.loaded = false;
    };
  }

  async load(): Promise<void> {
    try {
      const [groups, scripts] = await Promise.all([
        this.#door.call('Scripts.Groups'),
        this.#door.call('Scripts.List', {}),
      ]);
      this.groups = groups ?? [];
      this.scripts = scripts ?? [];
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
    this.loaded = true;
  }

  /** Reads the folders again. */
  async refresh(): Promise<void> {
    this.refreshing = true;
    try {
      await this.#door.call('Scripts.Refresh');
      await this.load();
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      this.refreshing = false;
    }
  }

  group(id: string): GroupView | undefined {
    return this.groups.find((group) => group.id === id);
  }

  // Changes come in bursts (a folder copied, a start's phases): one reading serves them all, and
  // is not put off by those that go on coming.
  #soon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.load();
    }, 250);
  }
}

export const catalogue = new Catalogue(door);
