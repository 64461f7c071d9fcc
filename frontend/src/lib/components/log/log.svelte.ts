import { asFailure, door, type Door, type DoorFailure, type LogLine, type Stream } from '$lib/api';
import { plainText } from './ansi';
import { debugText } from './debug';
import { LogPages, pageSize, type Row } from './pages';

/** The shortest time between two pictures of a log that grows fast, and of one that grows at a pace to be read. */
const pause = 250;
const calmPause = 30;
/** So many lines a second that nobody reads them. */
const fast = 2000;
/** A log that ended is read to its end; what its process still held back may come a moment later. */
const afterEnd = 1000;
const afterEndMost = 10;

/** So many lines are asked for at once where all are read. */
const linesAtOnce = 5000;

/** So many lines between two drawings that it is worth saying that they went by. */
const flood = 500;

/**
 * One execution's log as it is looked at. It reads what is on screen, and the
 * end while that is watched; a log that grows faster than it can be read is
 * skipped on screen and is there when someone scrolls up.
 */
export class LogStore {
  /** The rows to show, open ones included. */
  count = $state(0);
  /** Changes whenever rows came that were not there. */
  version = $state(0);
  streams = $state.raw<readonly Stream[]>([]);
  failure = $state.raw<DoorFailure | null>(null);
  /** Whether anything was read yet. */
  ready = $state(false);
  /** The lines that went by unseen while the end was watched. */
  skipped = $state(0);
  /** Complete lines, with those of streams that are left out. */
  total = $state(0);
  /** The lines that there were before the log's file was deleted or cut off; 0: it was not. */
  lost = $state(0);
  /** How often it was; rows and lines are others then. */
  cuts = $state(0);
  /** The first line's time, against which relative times count. */
  begun = $state('');
  readonly #door: Door;
  readonly #id: string;
  #pages: LogPages;
  #live = false;
  #written = 0;
  #follow = true;
  #height = 50;
  #wanted: readonly number[] = [];
  #scrolling = false;
  #stale = true;
  #busy = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #last = -Infinity;
  #pause = calmPause;
  #tries = 0;
  #closed = false;

  constructor(executionId: string, api: Door = door, streams: readonly Stream[] = ['stdout', 'stderr']) {
    this.#door = api;
    this.#id = executionId;
    this.streams = streams;
    this.ready = streams.length === 0;
    this.#pages = this.#fresh();
  }

  /** Follows the log until the function that it gives back is called. */
  open(): () => void {
    this.#closed = false;
    this.#request();
    const stop = this.#door.listen((event) => {
      if (event.type === 'execution.output' && event.data.execution_id === this.#id) {
        this.#grow(event.data.lines);
      } else if (event.type === 'execution.changed' && event.data.id === this.#id) {
        this.#stale = true;
        this.#grow(event.data.lines);
      } else if (event.type === 'missed') {
        this.#stale = true;
        this.#request();
      }
    });
    return () => {
      stop();
      this.#closed = true;
      clearTimeout(this.#timer);
      this.#timer = undefined;
    };
  }

  /** Whether it is still written, and how many lines were, as its execution knows. */
  setLive(live: boolean, written = 0): void {
    this.#written = written;
    if (live === this.#live) return;
    this.#live = live;
    this.#tries = 0;
    this.#stale = true;
    if (this.ready) this.#request();
  }

  /** Shows other streams. Debug lines count by themselves and are shown alone. */
  show(streams: readonly Stream[]): void {
    this.streams = streams;
    this.count = 0;
    this.total = 0;
    this.lost = 0;
    this.skipped = 0;
    this.ready = streams.length === 0;
    this.begun = '';
    this.#stale = true;
    this.#pages = this.#fresh();
    this.version += 1;
    this.#last = -Infinity;
    this.#request();
  }

  retry(): void {
    this.#stale = true;
    this.#request();
  }

  row(index: number): Row | undefined {
    return this.#pages.row(index);
  }

  get pages(): LogPages {
    return this.#pages;
  }

  /** Tells which rows are on screen, and whether the end is watched. */
  want(rows: readonly number[], follow: boolean): void {
    if (this.#follow && !follow) this.skipped = 0;
    // What stands open at the end was not read while no one looked there.
    else if (follow && !this.#follow) this.#request();
    this.#follow = follow;
    this.#wanted = rows;
    this.#height = Math.max(1, rows.length);
    void this.#fetchWanted();
  }

  /** Learns when the log began, for relative times. */
  async loadBegun(): Promise<void> {
    if (this.begun || this.streams.length === 0) return;
    const pages = this.#pages;
    try {
      const page = await this.#read(this.streams)(1, 1);
      // Debug lines begin at another time than those of the script.
      if (pages !== this.#pages) return;
      this.begun = page.lines?.find((line) => new Date(line.time).getUTCFullYear() > 1)?.time ?? '';
    } catch (thrown) {
      if (pages === this.#pages) this.failure = asFailure(thrown);
    }
  }

  /** The row of a line, or of the next one that is shown. */
  rowOf(line: number): Promise<number> {
    return this.#pages.rowOf(line);
  }

  /** The first line at a time or after it. */
  async lineAt(time: Date): Promise<number> {
    if (this.streams[0] === 'debug') return this.#debugLineAt(time);
    const at = await this.#door.call('Executions.LogLineAt', {
      execution_id: this.#id,
      time: time.toISOString(),
    });
    return at.line;
  }

  /** The same of debug lines, which count by themselves; they are few. The last one where none came later. */
  async #debugLineAt(time: Date): Promise<number> {
    const read = this.#read(this.streams);
    for (let from = 1; ;) {
      const page = await read(from, linesAtOnce);
      const found = page.lines?.find((line) => new Date(line.time) >= time);
      if (found) return found.seq;
      if (page.next > page.total || page.next <= from) return page.total;
      from = page.next;
    }
  }

  /** Reads rows one after the other, whether they are in memory or not, up to a number of characters. */
  async readRows(first: number, last: number, most: number): Promise<Row[]> {
    const rows: Row[] = [];
    for (let row = first, length = 0; row <= last && length < most; row++) {
      if (this.#pages.lacks(Math.floor(row / pageSize))) await this.#pages.load(Math.floor(row / pageSize));
      const here = this.row(row);
      if (!here) break;
      rows.push(here);
      length += here.plain.length;
    }
    return rows;
  }

  /**
   * Reads the whole log from its first line, for a file; gives up when `keep`
   * says so. Lines without an end are taken as they stand.
   */
  async readAll(take: (text: string, done: number, total: number) => boolean): Promise<void> {
    const read = this.#read(this.streams);
    for (let from = 1; ;) {
      const page = await read(from, linesAtOnce);
      const text = (page.lines ?? []).map((line) => fileLine(line) + '\n').join('');
      const goOn = take(text, Math.min(page.next - 1, page.total), page.total);
      if (!goOn || page.next > page.total || page.next <= from) return;
      from = page.next;
    }
  }

  #fresh(): LogPages {
    const streams = this.streams;
    const pages = new LogPages(this.#read(streams), streams.length === 2 || streams[0] === 'debug');
    pages.onshort = (known) => void this.#confirm(pages, known);
    return pages;
  }

  #read(streams: readonly Stream[]) {
    return (from: number, limit: number) =>
      this.#door.call('Executions.Log', { execution_id: this.#id, from, limit, streams: [...streams] });
  }

  /** Looks once more whether the file is shorter than it was: answers may overtake each other. */
  async #confirm(pages: LogPages, known: number): Promise<void> {
    try {
      const { total } = await this.#read(this.streams)(-1, 1);
      if (pages !== this.#pages || total >= known || this.#closed) return;
      this.lost = Math.max(this.lost, known);
      pages.shrink(total);
      this.begun = '';
      this.cuts += 1;
      this.#publish();
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  #grow(lines: number): void {
    // The event counts lines of output; debug lines are asked for.
    if (this.streams[0] === 'debug') this.#stale = true;
    else this.#pages.grow(lines);
    this.#request();
  }

  /** Asks for the next picture: at once, or when the pause since the last one is over. */
  #request(): void {
    if (this.#closed || this.streams.length === 0) return;
    if (this.#busy) {
      this.#again = true;
      return;
    }
    if (this.#timer !== undefined) return;
    const wait = Math.max(0, this.#last + this.#pause - performance.now());
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.#picture();
    }, wait);
  }

  async #picture(): Promise<void> {
    this.#busy = true;
    this.#again = false;
    const since = performance.now() - this.#last;
    this.#last = performance.now();
    const pages = this.#pages;
    try {
      if (this.#stale) {
        this.#stale = false;
        const written = this.#live || this.streams[0] === 'debug' ? 0 : this.#written;
        const { total } = await this.#read(this.streams)(-1, 1);
        if (total < pages.total) await this.#confirm(pages, pages.total);
        // It was gone before anyone looked.
        else if (total === 0 && pages === this.#pages) this.lost = Math.max(this.lost, written);
        pages.grow(total);
      }
      if (this.#follow || !pages.reached || !this.#live) await this.#loadEnd(pages);
      if (pages === this.#pages) this.failure = null;
    } catch (thrown) {
      if (pages === this.#pages) {
        this.#stale = true;
        this.failure = asFailure(thrown);
      }
    }
    this.#busy = false;
    if (this.#closed) return;
    const grown = pages.total - this.total;
    if (pages === this.#pages) this.#publish();
    // A slow machine is not asked more often than it can answer.
    const took = performance.now() - this.#last;
    this.#pause = grown > (fast * since) / 1000 ? pause : Math.min(pause, calmPause + 2 * took);
    if (this.#again || pages !== this.#pages) this.#request();
    else if (!this.#live && !this.failure && !pages.ended && this.#tries < afterEndMost) {
      this.#tries += 1;
      this.#timer = setTimeout(() => {
        this.#timer = undefined;
        void this.#picture();
      }, afterEnd);
    }
  }

  /** Reads the rows at the end, and always beyond the last one, where open lines are. */
  async #loadEnd(pages: LogPages): Promise<void> {
    const unknown = pages.unknown;
    const [stream] = this.streams;
    if (unknown && stream) {
      const place = { execution_id: this.#id, stream, every: pageSize, ...unknown };
      pages.leap(await this.#door.call('Executions.LogRows', place), unknown.count);
    }
    const first = Math.max(0, Math.floor((pages.count - this.#height) / pageSize));
    const last = pages.lastPage;
    for (let page = Math.max(first, last - 1); page < last; page++) {
      if (pages.lacks(page)) await pages.load(page);
    }
    await pages.load(last);
    // With a stream left out, how many rows there are shows only by reading on.
    const until = performance.now() + pause;
    while (!pages.reached && pages === this.#pages && performance.now() < until)
      await pages.load(pages.lastPage);
    if (!pages.reached) this.#again = true;
  }

  #publish(): void {
    const pages = this.#pages;
    const count = pages.count + pages.open.length;
    if (this.ready && this.#live && this.#follow) {
      const passed = count - this.count - this.#height;
      // A few screens more than fit at once are no flood: they are there to be seen by scrolling.
      if (passed > flood) this.skipped += passed;
    }
    this.ready = this.ready || !this.failure;
    this.count = count;
    this.total = pages.total;
    this.version += 1;
  }

  async #fetchWanted(): Promise<void> {
    if (this.#scrolling) return;
    this.#scrolling = true;
    try {
      // What is wanted may change while an answer is awaited; only the newest counts.
      for (let lacking = this.#lacking(0); lacking.length > 0 && !this.#closed; lacking = this.#lacking(0)) {
        const pages = this.#pages;
        await Promise.all(lacking.map((page) => pages.load(page)));
        if (pages !== this.#pages) continue;
        this.version += 1;
        if (lacking.every((page) => pages.lacks(page))) break;
      }
      // The pages beside them come behind, so that going on a little does not wait.
      const pages = this.#pages;
      if (!this.#closed)
        for (const page of this.#lacking(pageSize)) void pages.load(page).catch(() => undefined);
    } catch (thrown) {
      this.failure = asFailure(thrown);
    } finally {
      this.#scrolling = false;
    }
  }

  /** The pages of rows on screen, or no farther from them, that are not here. */
  #lacking(near: number): number[] {
    const pages = new Set<number>();
    for (const row of this.#wanted) {
      for (const at of [row - near, row, row + near])
        if (at >= 0 && at < this.#pages.count) pages.add(Math.floor(at / pageSize));
    }
    return [...pages].filter((page) => this.#pages.lacks(page));
  }
}

function fileLine(line: LogLine): string {
  if (line.stream === 'debug') return debugText(line.text);
  return plainText(line.text) + (line.cut ? ' […]' : '');
}
