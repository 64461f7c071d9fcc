import { asFailure, door, type Door, type DoorFailure, type Stream } from '$lib/api';
import type { Traceback } from '$lib/api/types';
import { remembered } from '$lib/state/storage';
import type { Mark } from './classify';

/** Tracebacks beyond this many stay open: their places are kept in memory. */
const tracebacksMost = 20_000;
/** One of so few rows is open until someone folds it: of an error of syntax that is all, the line to correct with it. */
const shortMost = 4;

interface Run {
  row: number;
  end: number;
  /** Rows that are hidden before it. */
  before: number;
}

/** What a row is in a traceback. */
export interface Place {
  traceback: Traceback;
  mark: Mark;
  /** Whether the traceback is opened and folded at this row. */
  handle: boolean;
  folded: boolean;
}

/**
 * The tracebacks of one log, of which each is a single row, its last sentence,
 * until someone opens it. Rows are those of the whole log; "shown" ones are
 * counted without those that are hidden. Both are exact from the first moment
 * on for all tracebacks that are known of; what is found later moves rows, and
 * `version` tells so.
 */
export class Folds {
  /** Changes whenever other rows are hidden than before. */
  version = $state(0);
  count = $state(0);
  /** Whether tracebacks are folded where nobody said otherwise. */
  folded = $state(remembered.get('log.fold') !== 'false');
  failure = $state.raw<DoorFailure | null>(null);
  /** The rows that are hidden. */
  hidden = $state(0);
  readonly #door: Door;
  readonly #id: string;
  #streams: readonly Stream[] = [];
  #tracebacks: Traceback[] = [];
  // The parts of all of them by row, and the runs of rows that are hidden.
  #parts: { row: number; end: number; of: Traceback }[] = [];
  #runs: Run[] = [];
  // Those that are not as `folded` says, by their first lines.
  readonly #other = new Set<number>();
  #next = 1;
  #row = 0;
  // Complete lines there are, and there were when it was last looked.
  #total = 0;
  #seen = 0;
  #busy = false;
  #turn = 0;

  constructor(executionId: string, api: Door = door) {
    this.#door = api;
    this.#id = executionId;
  }

  /** Begins anew, for other streams or a log that is another one. */
  restart(streams: readonly Stream[]): void {
    this.#streams = streams;
    this.#turn += 1;
    this.#busy = false;
    this.#next = 1;
    this.#row = 0;
    this.#total = 0;
    this.#seen = 0;
    this.failure = null;
    this.#other.clear();
    this.#set([]);
  }

  close(): void {
    this.#turn += 1;
    this.#total = 0;
  }

  /** Looks through what came since. */
  grow(total: number): void {
    this.#total = total;
    if (this.#busy || this.#streams.length === 0 || this.#streams[0] === 'debug') return;
    if (total > this.#seen && this.#tracebacks.length < tracebacksMost) void this.#run();
  }

  /** Goes on where a failure stopped it. */
  retry(): void {
    this.failure = null;
    if (!this.#busy && this.#streams.length > 0) void this.#run();
  }

  /** Folds or opens all of them, from now on. */
  all(folded: boolean): void {
    this.folded = folded;
    remembered.set('log.fold', String(folded));
    this.#other.clear();
    this.#arrange();
  }

  toggle(traceback: Traceback): void {
    if (!this.#other.delete(traceback.first)) this.#other.add(traceback.first);
    this.#arrange();
  }

  /** Opens what hides a row. */
  reveal(row: number): void {
    const place = this.at(row);
    if (place?.folded && row !== place.traceback.said) this.toggle(place.traceback);
  }

  /** What a row is in a traceback; undefined where it is in none. */
  at(row: number): Place | undefined {
    const part = before(this.#parts, row);
    if (!part || row >= part.end) return undefined;
    const { said, parts } = part.of;
    const first = parts?.[0]?.row;
    const folded = this.#isFolded(part.of);
    return {
      traceback: part.of,
      mark: row === said ? 'fault' : row === first ? 'trace' : 'frame',
      handle: row === (folded ? said : first),
      folded,
    };
  }

  /** The place among shown rows of a row; of a hidden one, that of the next shown one. */
  shownOf(row: number): number {
    const run = before(this.#runs, row);
    if (!run) return row;
    return row < run.end ? run.row - run.before : row - run.before - (run.end - run.row);
  }

  /** The row at a place among shown rows. */
  rowAt(shown: number): number {
    let [low, high] = [0, this.#runs.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const run = this.#runs[middle];
      if (run && run.row - run.before <= shown) low = middle + 1;
      else high = middle;
    }
    const run = this.#runs[low - 1];
    return run ? shown + run.before + (run.end - run.row) : shown;
  }

  #isFolded(traceback: Traceback): boolean {
    const rows = (traceback.parts ?? []).reduce((sum, { count }) => sum + count, 0);
    return (this.folded && rows > shortMost) !== this.#other.has(traceback.first);
  }

  async #run(): Promise<void> {
    const turn = this.#turn;
    this.#busy = true;
    try {
      for (let more = true; more && this.#tracebacks.length < tracebacksMost;) {
        const from = this.#next;
        const found = await this.#door.call('Executions.Tracebacks', {
          execution_id: this.#id,
          streams: [...this.#streams],
          from,
          row: this.#row,
        });
        if (turn !== this.#turn) return;
        const news = found.tracebacks ?? [];
        const old = this.#tracebacks.filter((one) => one.first < from);
        if (news.length > 0 || old.length < this.#tracebacks.length)
          this.#set([...old, ...news].sort((a, b) => a.first - b.first));
        this.#next = found.next;
        this.#row = found.row;
        this.#seen = found.total;
        this.failure = null;
        more = found.end ? this.#total > found.total : found.next > from;
      }
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    } finally {
      if (turn === this.#turn) this.#busy = false;
    }
  }

  #set(tracebacks: Traceback[]): void {
    this.#tracebacks = tracebacks;
    this.count = tracebacks.length;
    this.#parts = tracebacks
      .flatMap((of) => (of.parts ?? []).map(({ row, count }) => ({ row, end: row + count, of })))
      .sort((a, b) => a.row - b.row);
    this.#arrange();
  }

  #arrange(): void {
    this.#runs = [];
    for (const { row, end, of } of this.#parts) {
      if (!this.#isFolded(of)) continue;
      const here = of.said >= row && of.said < end;
      this.#hide(row, here ? of.said : end);
      if (here) this.#hide(of.said + 1, end);
    }
    const last = this.#runs.at(-1);
    this.hidden = last ? last.before + last.end - last.row : 0;
    this.version += 1;
  }

  #hide(row: number, end: number): void {
    if (row >= end) return;
    const last = this.#runs.at(-1);
    this.#runs.push({ row, end, before: last ? last.before + last.end - last.row : 0 });
  }
}

/** The last of those in order that begin at a row or before it. */
function before<T extends { row: number }>(sorted: readonly T[], row: number): T | undefined {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.row ?? 0) <= row) low = middle + 1;
    else high = middle;
  }
  return sorted[low - 1];
}
