import type { LogLine, LogPage, LogRows } from '$lib/api/types';
import { plainText } from './ansi';
import { Classifier, type Mark } from './classify';
import { debugText } from './debug';
import { lowerBound } from './find.svelte';

/** Few enough that those on screen come with a small answer, after a jump too. */
export const pageSize = 200;
/** How many lines stay in memory. */
export const linesMost = 100_000;
// Lines may be 64 KiB long each; this bounds them in characters.
const textMost = 64 << 20;

export interface Row extends LogLine {
  mark: Mark;
  /** The text as it is searched and copied, without control sequences. */
  plain: string;
}

interface Page {
  rows: Row[];
  /** The page's own position: the line to ask for next. */
  next: number;
  used: number;
  text: number;
  classifier: Classifier;
}

// So many lines are read rather than counted.
const linesToRead = 3000;

export type Read = (from: number, limit: number) => Promise<LogPage>;

/**
 * The lines of one log, in small pages that are read when they are
 * wanted and forgotten when others were used since. Each page goes on reading
 * from its own position, so that no line is lost or doubled, whatever the
 * order of answers. "Dense" is a log in which the line with number n is row
 * n-1; in one with a stream left out rows are known only once they were read.
 */
export class LogPages {
  /** The lines there are, with those of streams that are left out. */
  total = 0;
  ended = false;
  /** Lines that have no end yet; they come after the last row. */
  open: Row[] = [];
  /** Hears that an answer told of fewer lines than were known of when it was asked for. */
  onshort: (known: number) => void = () => undefined;
  readonly #read: Read;
  readonly #dense: boolean;
  readonly #most: number;
  readonly #pages = new Map<number, Page>();
  readonly #loading = new Map<number, Promise<void>>();
  // Where each page begins, for a log that is not dense.
  readonly #starts = [1];
  #tailRows = 0;
  #clock = 0;

  /** Keeps up to `most` lines in memory. */
  constructor(read: Read, dense: boolean, most = linesMost) {
    this.#read = read;
    this.#dense = dense;
    this.#most = most;
  }

  /** The rows that are known of, without the open ones. */
  get count(): number {
    return this.#dense ? this.total : (this.#starts.length - 1) * pageSize + this.#tailRows;
  }

  get lastPage(): number {
    return this.#dense ? Math.max(0, Math.ceil(this.total / pageSize) - 1) : this.#starts.length - 1;
  }

  /** Whether every row up to the end is known of. */
  get reached(): boolean {
    if (this.#dense) return true;
    return (this.#pages.get(this.lastPage)?.next ?? this.#startOf(this.lastPage)) > this.total;
  }

  row(index: number): Row | undefined {
    const open = index - this.count;
    if (open >= 0) return this.open[open];
    return this.#pages.get(Math.floor(index / pageSize))?.rows[index % pageSize];
  }

  /** Learns how many lines there are, from an event or an answer. */
  grow(total: number): void {
    if (total <= this.total) return;
    this.total = total;
    this.open = this.open.filter((line) => line.seq > total);
  }

  /** Whether rows of the page are known of and not here. */
  lacks(page: number): boolean {
    const here = this.#pages.get(page);
    if (here) here.used = ++this.#clock;
    return (here?.rows.length ?? 0) < Math.min(pageSize, this.count - page * pageSize);
  }

  /** Where to count rows on from, for a log that is not dense; nothing where that is not worth it. */
  get unknown(): { from: number; count: number } | null {
    const at = this.#starts.length - 1;
    const from = this.#pages.get(at)?.next ?? this.#startOf(at);
    if (this.#dense || this.total - from < linesToRead) return null;
    return { from: this.#startOf(at), count: at * pageSize };
  }

  /** Learns where pages begin behind a number of rows without having read them. */
  leap(rows: LogRows, count: number): void {
    const last = this.#starts.length - 1;
    // A page that was read meanwhile knows as much.
    if (count !== last * pageSize) return;
    // The first of them is the row that the last page begins with.
    for (const start of rows.starts.slice(1)) this.#starts.push(start);
    const tail = rows.count - (this.#starts.length - 1) * pageSize;
    this.#tailRows = this.#starts.length - 1 > last ? tail : Math.max(this.#tailRows, tail);
  }

  /** The row of a line, or of the next one that is shown. */
  async rowOf(line: number): Promise<number> {
    if (this.#dense) return Math.min(Math.max(0, line - 1), Math.max(0, this.count - 1));
    const page = Math.max(0, lowerBound(this.#starts, line + 1) - 1);
    if (this.lacks(page)) await this.load(page);
    const rows = this.#pages.get(page)?.rows ?? [];
    const at = rows.findIndex((row) => row.seq >= line);
    return page * pageSize + (at >= 0 ? at : Math.max(0, rows.length - 1));
  }

  /** About where a line is in the log, 0 to 1. */
  partOf(line: number): number {
    if (this.#dense) return line / Math.max(1, this.total);
    return ((lowerBound(this.#starts, line + 1) - 1) * pageSize) / Math.max(1, this.count);
  }

  /** The log became shorter: someone deleted it or cut it off. */
  shrink(total: number): void {
    this.total = total;
    this.open = [];
    for (const [index, page] of this.#pages) {
      if (page.next > total + 1) this.#pages.delete(index);
    }
    while (this.#starts.length > 1 && (this.#starts.at(-1) ?? 0) > total) this.#starts.pop();
    if (!this.#dense) this.#tailRows = this.#pages.get(this.#starts.length - 1)?.rows.length ?? 0;
  }

  /** Reads on in a page, up to its end or the log's. */
  load(index: number): Promise<void> {
    let loading = this.#loading.get(index);
    if (!loading) {
      loading = this.#fill(index).finally(() => this.#loading.delete(index));
      this.#loading.set(index, loading);
    }
    return loading;
  }

  /** The loaded rows in order, in runs; `first` is the number of a run's first row. */
  runs(): { first: number; rows: Row[] }[] {
    const runs = [...this.#pages].map(([index, page]) => ({ first: index * pageSize, rows: page.rows }));
    runs.sort((a, b) => a.first - b.first);
    if (this.open.length > 0) runs.push({ first: this.count, rows: this.open });
    return runs;
  }

  get loadedLines(): number {
    let lines = 0;
    for (const page of this.#pages.values()) lines += page.rows.length;
    return lines;
  }

  get full(): boolean {
    return this.loadedLines + pageSize > this.#most || this.#textLength() > textMost / 2;
  }

  async #fill(index: number): Promise<void> {
    const page = this.#page(index);
    for (;;) {
      const from = page.next;
      const known = this.total;
      const answer = await this.#read(from, Math.max(1, pageSize - page.rows.length));
      if (answer.total < known) {
        this.onshort(known);
        return;
      }
      this.#take(index, page, answer);
      const atEnd = answer.next > answer.total;
      if (atEnd || answer.next <= from || page.rows.length >= pageSize) break;
    }
    this.#forget(index);
  }

  #page(index: number): Page {
    let page = this.#pages.get(index);
    if (!page) {
      const before = this.#pages.get(index - 1);
      page = {
        rows: [],
        next: this.#startOf(index),
        used: 0,
        text: 0,
        classifier: Classifier.after(before?.rows.length === pageSize ? before.classifier : undefined),
      };
      this.#pages.set(index, page);
    }
    page.used = ++this.#clock;
    return page;
  }

  #startOf(index: number): number {
    return this.#dense ? index * pageSize + 1 : (this.#starts[index] ?? 1);
  }

  #take(index: number, page: Page, answer: LogPage): void {
    const open: Row[] = [];
    for (const line of answer.lines ?? []) {
      if (line.open) open.push(toRow(line, Classifier.after(page.classifier)));
      else if (line.seq >= page.next && page.rows.length < pageSize) {
        page.rows.push(toRow(line, page.classifier));
        page.text += line.text.length;
        page.next = line.seq + 1;
      }
    }
    page.next = Math.max(page.next, answer.next);
    if (answer.total >= this.total) {
      this.grow(answer.total);
      if (answer.next > answer.total) {
        this.open = open;
        this.ended = answer.ended;
      }
    }
    if (this.#dense || index !== this.#starts.length - 1) return;
    this.#tailRows = page.rows.length;
    if (this.#tailRows < pageSize) return;
    this.#starts.push(page.next);
    this.#tailRows = 0;
  }

  #textLength(): number {
    let text = 0;
    for (const page of this.#pages.values()) text += page.text;
    return text;
  }

  #forget(except: number): void {
    let lines = this.loadedLines;
    let text = this.#textLength();
    if (lines <= this.#most && text <= textMost) return;
    const oldest = [...this.#pages].sort((a, b) => a[1].used - b[1].used);
    for (const [index, page] of oldest) {
      if (lines <= this.#most && text <= textMost) return;
      // The last page holds the reading position of a log that is not dense.
      if (index === except || index === this.lastPage || this.#loading.has(index)) continue;
      this.#pages.delete(index);
      lines -= page.rows.length;
      text -= page.text;
    }
  }
}

function toRow(line: LogLine, classifier: Classifier): Row {
  const text = line.stream === 'debug' ? debugText(line.text) : line.text;
  const plain = plainText(text);
  return { ...line, text, plain, mark: classifier.mark(line.stream, plain) };
}
