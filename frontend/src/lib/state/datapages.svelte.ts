import { asFailure, door, type DataFileView, type Dialect, type Door, type DoorFailure } from '$lib/api';
import { partsOf } from '$lib/base64';
import type { FilePlace } from './datafile.svelte';

/** A long text, piece by piece. */
export class TextPagesStore {
  text = $state('');
  failure = $state.raw<DoorFailure | null>(null);
  size = $state(0);
  next = $state(0);
  /** Where the pieces before this one began. */
  before = $state.raw<number[]>([]);
  offset = $state(0);
  readonly #place: FilePlace;
  readonly #encoding: string;
  readonly #door: Door;

  constructor(place: FilePlace, encoding: string, api: Door = door) {
    this.#place = place;
    this.#encoding = encoding;
    this.#door = api;
  }

  async show(offset: number): Promise<void> {
    try {
      const part = await this.#door.call('Data.Text', { ...this.#place, encoding: this.#encoding, offset });
      this.text = part.text;
      this.size = part.size;
      this.next = part.next;
      this.offset = offset;
      this.failure = null;
    } catch (thrown) {
      this.failure = asFailure(thrown);
    }
  }

  async forward(): Promise<void> {
    this.before = [...this.before, this.offset];
    await this.show(this.next);
  }

  async back(): Promise<void> {
    const to = this.before.at(-1) ?? 0;
    this.before = this.before.slice(0, -1);
    await this.show(to);
  }
}

const rowPage = 200;

/** A table whose rows are asked for where they are seen. */
export class TableStore {
  total = $state(0);
  partial = $state(false);
  columns = $state(0);
  failure = $state.raw<DoorFailure | null>(null);
  header = $state.raw<string[] | null>(null);
  dialect: Dialect;
  pages = $state.raw<ReadonlyMap<number, string[][]>>(new Map());
  readonly #asked = new Set<number>();
  readonly #place: FilePlace;
  readonly #encoding: string;
  readonly #door: Door;

  constructor(place: FilePlace, view: DataFileView, api: Door = door) {
    this.#place = place;
    this.#encoding = view.encoding;
    this.dialect = view.dialect;
    this.#door = api;
  }

  /** The row, without the header; undefined while it is not here. */
  row(n: number): string[] | undefined {
    const at = n + (this.dialect.header ? 1 : 0);
    return this.pages.get(Math.floor(at / rowPage))?.[at % rowPage];
  }

  /** Sees to it that the rows are here. */
  need(from: number, to: number): void {
    const shift = this.dialect.header ? 1 : 0;
    for (let page = Math.floor((from + shift) / rowPage); page <= Math.floor((to + shift) / rowPage); page++)
      void this.#ask(page);
  }

  async #ask(page: number): Promise<void> {
    if (this.#asked.has(page)) return;
    this.#asked.add(page);
    try {
      const rows: string[][] = [];
      const ask = () =>
        this.#door.call('Data.Table', {
          ...this.#place,
          encoding: this.#encoding,
          dialect: this.dialect,
          from: page * rowPage + rows.length,
          limit: rowPage - rows.length,
        });
      let got = await ask();
      rows.push(...got.rows);
      // Of long rows an answer has fewer.
      while (got.rows.length > 0 && rows.length < rowPage && page * rowPage + rows.length < got.total) {
        got = await ask();
        rows.push(...got.rows);
      }
      this.total = got.total;
      this.partial = got.partial;
      const kept = [...this.pages].slice(-30); // what was seen long ago is asked for again
      for (const [old] of this.pages) if (!kept.some(([one]) => one === old)) this.#asked.delete(old);
      this.pages = new Map(kept).set(page, rows);
      this.columns = rows.reduce((most, row) => Math.max(most, row.length), this.columns);
      if (page === 0) this.header = this.dialect.header ? (rows[0] ?? null) : null;
      this.failure = null;
    } catch (thrown) {
      this.#asked.delete(page);
      this.failure = asFailure(thrown);
    }
  }

  /** Reads it another way, or anew. */
  use(dialect: Dialect): void {
    this.dialect = dialect;
    this.#asked.clear();
    this.pages = new Map();
    this.columns = 0;
    void this.#ask(0);
  }
}

/** What a picture may have: more would not fit into a page's memory. */
export const imageMost = 64 * 1024 * 1024;

/** All bytes of a file that is not long. */
export function readAll(
  place: FilePlace,
  version: string,
  api: Door = door,
): Promise<Uint8Array<ArrayBuffer>[]> {
  return partsOf((offset) => api.call('Data.Read', { ...place, offset, limit: 0, version }));
}
