import { asFailure, door, type Door, type DoorFailure, type Stream } from '$lib/api';

export interface Query {
  text: string;
  case: boolean;
  word: boolean;
  regexp: boolean;
}

export const noQuery: Query = { text: '', case: false, word: false, regexp: false };

/** Lines beyond this are counted, not kept: they are found again when someone steps there. */
const linesKept = 200_000;
const linesAtOnce = 5000;

/** The places of a text in one log, which the engine looks for from the first line to the last, step by step. */
export class LogFinder {
  query = $state.raw<Query>(noQuery);
  /** All lines that were found so far. */
  count = $state(0);
  /** How far it was looked: the line to go on from. */
  next = $state(1);
  total = $state(0);
  busy = $state(false);
  failure = $state.raw<DoorFailure | null>(null);
  /** Changes with the lines. */
  version = $state(0);
  /** The first of the lines that were found, in order. */
  lines: number[] = [];
  readonly #door: Door;
  readonly #id: string;
  #streams: readonly Stream[] = [];
  // Lines there are, as the log's reader knows; and there were when it was last asked.
  #known = 0;
  #asked = 0;
  // Who started last; whoever is not it any more gives up.
  #turn = 0;

  constructor(executionId: string, api: Door = door) {
    this.#door = api;
    this.#id = executionId;
  }

  get active(): boolean {
    return this.query.text !== '';
  }

  /** Whether the text is none that can be looked for. */
  get refused(): boolean {
    return this.failure?.code === 'invalid';
  }

  /** Whether every complete line that is known of was looked at. */
  get done(): boolean {
    return this.next > this.total;
  }

  search(query: Query, streams: readonly Stream[]): void {
    this.query = query;
    this.#streams = streams;
    this.lines = [];
    this.count = 0;
    this.next = 1;
    this.total = 0;
    this.#asked = 0;
    this.failure = null;
    this.version += 1;
    this.#turn += 1;
    this.busy = false;
    if (this.active && streams.length > 0) void this.#run();
  }

  /** Looks through what came since. */
  grow(total: number): void {
    this.#known = total;
    if (total > this.#asked && total >= this.next) this.retry();
  }

  /** Goes on where a failure stopped it. */
  retry(): void {
    if (this.active && !this.busy && !this.refused && this.#streams.length > 0) void this.#run();
  }

  close(): void {
    this.#turn += 1;
    this.busy = false;
  }

  /** The position of a line among those that were found, from 1 on; 0 where it is not known. */
  position(line: number): number {
    const at = lowerBound(this.lines, line);
    return this.lines[at] === line ? at + 1 : 0;
  }

  /** The line before or after a line in which the text is, or in the other direction's end where there is none. */
  async step(line: number, by: 1 | -1): Promise<number | null> {
    const at = lowerBound(this.lines, by > 0 ? line + 1 : line);
    const known = this.lines[by > 0 ? at : at - 1];
    const kept = this.count === this.lines.length;
    const seen = by > 0 ? known !== undefined : kept ? line <= this.next : line <= (this.lines.at(-1) ?? 0);
    if (known !== undefined && seen) return known;
    // Before the first answer nothing is known, not even how many lines there are.
    if (this.done && kept && !this.busy) return (by > 0 ? this.lines[0] : this.lines.at(-1)) ?? null;
    return this.locate(this.query, this.#streams, line, by);
  }

  /** Asks the engine for the nearest line beyond a line, from the other end on where there is none. */
  async locate(query: Query, streams: readonly Stream[], line: number, by: 1 | -1): Promise<number | null> {
    const turn = this.#turn;
    let from = line + by;
    for (let round = 0; round < 2; round++) {
      // Up from the first line: the end is next.
      for (let more = from !== 0 || round > 0; more && turn === this.#turn;) {
        const found = await this.#ask(query, streams, from, 1, by < 0);
        const [hit] = found.lines;
        if (hit !== undefined) return hit;
        from = found.next;
        more = by > 0 ? from <= found.total : from > 0;
      }
      from = 0;
    }
    return null;
  }

  async #run(): Promise<void> {
    const turn = this.#turn;
    this.busy = true;
    this.failure = null;
    try {
      for (let more = true; more;) {
        const before = this.next;
        // Lines that come while it is asked may not be in the answer.
        this.#asked = this.#known;
        const limit = this.lines.length < linesKept ? linesAtOnce : 0;
        const found = await this.#ask(this.query, this.#streams, this.next, limit, false);
        if (turn !== this.#turn) return;
        for (const line of found.lines) this.lines.push(line);
        this.count += found.count;
        this.total = found.total;
        this.next = Math.max(before, found.next);
        this.version += 1;
        more = this.next > before ? this.next <= this.total : false;
        more ||= this.#known > this.#asked && this.#known >= this.next;
      }
    } catch (thrown) {
      if (turn === this.#turn) this.failure = asFailure(thrown);
    } finally {
      if (turn === this.#turn) this.busy = false;
    }
  }

  #ask(query: Query, streams: readonly Stream[], from: number, limit: number, backward: boolean) {
    return this.#door.call('Executions.FindInLog', {
      execution_id: this.#id,
      ...query,
      streams: [...streams],
      from,
      limit,
      backward,
    });
  }
}

/** The first place in sorted numbers that is not below one. */
export function lowerBound(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
