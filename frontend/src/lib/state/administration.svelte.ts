import {
  asFailure,
  door,
  type ClearRequest,
  type DataUse,
  type DiscoveryStatus,
  type DocumentStatus,
  type Door,
  type DoorFailure,
  type SystemLogLine,
  type SystemLogPage,
} from '$lib/api';
import { bytesOf } from '$lib/base64';

/** What users and projects take on the disk. */
export class DataUseStore {
  use = $state.raw<DataUse | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  clearing = $state(false);
  clearFailure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  /** Follows it; what was never measured is measured. */
  start(): () => void {
    void this.load().then(() => {
      if (this.use && !this.use.measured_at && !this.use.measuring) void this.measure();
    });
    return this.#door.listen((event) => {
      if (event.type === 'data_use.changed' || event.type === 'missed') void this.load();
    });
  }

  load(): Promise<void> {
    return this.#take(() => this.#door.call('DataUse.Get'));
  }

  measure(): Promise<void> {
    return this.#take(() => this.#door.call('DataUse.Measure'));
  }

  async #take(ask: () => Promise<DataUse>): Promise<void> {
    try {
      this.use = await ask();
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  /** Tells whether it was cleared; if not, `clearFailure` says why. */
  async clear(request: ClearRequest): Promise<boolean> {
    this.clearing = true;
    this.clearFailure = null;
    try {
      await this.#door.call('DataUse.Clear', request);
      return true;
    } catch (thrown) {
      this.clearFailure = asFailure(thrown);
      return false;
    } finally {
      this.clearing = false;
      void this.load();
    }
  }
}

/** How often a look at the folders is asked how far it is, in ms. */
const lookEvery = 300;

/** What was found in the groups' folders, and what is wrong there. */
export class DiscoveryStore {
  status = $state.raw<DiscoveryStatus | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  looking = $state(false);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    void this.load();
    return this.#door.listen((event) => {
      if (event.type === 'discovery.changed' || event.type === 'missed') void this.load();
    });
  }

  async load(): Promise<void> {
    try {
      this.status = await this.#door.call('Discovery.Get');
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  /** Looks at all folders again, and tells meanwhile how far that is. */
  async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    const timer = setInterval(() => void this.load(), lookEvery);
    try {
      this.status = await this.#door.call('Discovery.Refresh');
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      clearInterval(timer);
      this.looking = false;
    }
  }
}

/** Which scripts are documented in which languages. */
export class DocumentStatusStore {
  items = $state.raw<DocumentStatus[] | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;

  constructor(api: Door = door) {
    this.#door = api;
  }

  start(): () => void {
    void this.load();
    return this.#door.listen((event) => {
      if (event.type === 'discovery.changed' || event.type === 'missed') void this.load();
    });
  }

  async load(): Promise<void> {
    try {
      this.items = (await this.#door.call('DocumentStatus.List')) ?? [];
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }
}

export const systemLogs = ['application', 'error', 'access'] as const;
/** How often the end of a log is looked at, in ms. */
const followEvery = 2000;
/** Lines that are kept while a log is followed. */
const kept = 5000;

/** A line, and which file it is in: the log goes on in another one when it is full. */
type PlacedLine = SystemLogLine & { begun: string };
const placed = (page: SystemLogPage): PlacedLine[] =>
  (page.lines ?? []).map((line) => ({ ...line, begun: page.begun }));

/** The end of one of the product's own logs, followed. */
export class SystemLogStore {
  file = $state<string>('application');
  level = $state('');
  text = $state('');
  lines = $state.raw<PlacedLine[] | null>(null);
  before = $state(0);
  failure = $state.raw<DoorFailure | null>(null);
  exporting = $state(false);
  readonly #door: Door;
  #end = 0;
  /** The files that the end and what is before are places in. */
  #last = '';
  #first = '';
  #turn = 0;
  #busy = false;

  constructor(api: Door = door) {
    this.#door = api;
  }

  /** Follows the end until the function that it gives back is called. */
  start(): () => void {
    void this.load();
    const timer = setInterval(() => void this.#follow(), followEvery);
    return () => clearInterval(timer);
  }

  get #chosen() {
    return { file: this.file, level: this.level, text: this.text.trim() };
  }

  /** The last lines of what is chosen. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    try {
      const page = await this.#door.call('SystemLogs.Read', this.#chosen);
      if (turn !== this.#turn) return;
      this.#take(page);
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    }
  }

  #take(page: SystemLogPage): void {
    [this.lines, this.before, this.#end, this.failure] = [placed(page), page.before, page.end, null];
    this.#first = this.#last = page.begun;
  }

  async older(): Promise<void> {
    const turn = this.#turn;
    try {
      const page = await this.#door.call('SystemLogs.Read', {
        ...this.#chosen,
        before: this.before,
        begun: this.#first,
      });
      if (turn !== this.#turn) return;
      this.lines = [...placed(page), ...(this.lines ?? [])];
      this.before = page.before;
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    }
  }

  async #follow(): Promise<void> {
    if (this.#busy || !this.lines) return;
    this.#busy = true;
    const turn = this.#turn;
    try {
      const page = await this.#door.call('SystemLogs.Read', {
        ...this.#chosen,
        from: this.#end,
        begun: this.#last,
      });
      if (turn !== this.#turn) return;
      if (!this.#last) return this.#take(page); // nothing had been written
      [this.#end, this.#last, this.failure] = [page.end, page.begun, null];
      if (page.lines?.length) this.#add(placed(page));
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    } finally {
      this.#busy = false;
    }
  }

  /** Adds newer ones; those that have to go are had again as older ones. */
  #add(newer: PlacedLine[]): void {
    const lines = [...(this.lines ?? []), ...newer];
    this.lines = lines.slice(-kept);
    const top = this.lines[0];
    if (lines.length > kept && top) [this.before, this.#first] = [top.offset, top.begun];
  }

  /** The whole log as it is. A failure is thrown. */
  async export(): Promise<{ name: string; data: Uint8Array<ArrayBuffer> }> {
    this.exporting = true;
    try {
      const file = await this.#door.call('SystemLogs.Export', { file: this.file });
      return { name: file.name, data: bytesOf(file.data) };
    } catch (thrown) {
      throw asFailure(thrown);
    } finally {
      this.exporting = false;
    }
  }
}
