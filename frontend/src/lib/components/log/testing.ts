import type { Door, DoorEvent, LogLine, LogPage, Stream } from '$lib/api';
import type { LogFind, LogFound, LogRows, LogTracebacks, Traceback } from '$lib/api/types';

interface RowsAsked {
  stream: Stream;
  every: number;
  from: number;
  count: number;
}

type Said = [Stream, string];

/** A door for tests with one log behind it, which answers as the engine does and can fail, grow and send events. */
export class FakeLog {
  readonly lines: Said[] = [];
  open: Said[] = [];
  tracebacks: Traceback[] = [];
  /** What was asked of tracebacks. */
  readonly folded: unknown[] = [];
  /** How often it was searched. */
  sought = 0;
  ended = false;
  failing = false;
  calls: { from: number; limit: number; streams: Stream[] }[] = [];
  step = 1000;
  /** The most lines on one answer, as the engine bounds answers by their size too. */
  most = 5000;
  readonly #listeners = new Set<(event: DoorEvent) => void>();

  readonly door = {
    kind: 'browser',
    call: async (method: string, argument: { from: number; limit: number; streams: Stream[] }) => {
      await Promise.resolve();
      if (this.failing) throw new Error('connection lost');
      if (method === 'Executions.FindInLog') return this.find(argument as unknown as LogFind);
      if (method === 'Executions.Tracebacks') {
        this.folded.push(argument);
        return this.folding();
      }
      if (method === 'Executions.LogRows') return this.rows(argument as unknown as RowsAsked);
      this.calls.push(argument);
      return this.page(argument.from, Math.min(argument.limit, this.most), argument.streams);
    },
    listen: (receive: (event: DoorEvent) => void) => {
      this.#listeners.add(receive);
      return () => this.#listeners.delete(receive);
    },
    watch: () => () => undefined,
    attach: () => ({ close: () => undefined }),
  } as unknown as Door;

  add(count: number, stream: Stream = 'stdout', text = 'line'): void {
    for (let i = 0; i < count; i++) this.lines.push([stream, `${text} ${String(this.lines.length + 1)}`]);
  }

  send(event: DoorEvent): void {
    for (const receive of [...this.#listeners]) receive(event);
  }

  output(id = 'e1'): void {
    this.send({ seq: 1, type: 'execution.output', data: { execution_id: id, lines: this.lines.length } });
  }

  /** Looks at `step` lines at once, as the engine takes a part of the log at once. */
  find(asked: LogFind): LogFound {
    this.sought += 1;
    const by = asked.backward ? -1 : 1;
    const total = this.lines.length;
    const found: LogFound = { lines: [], count: 0, next: 0, total };
    let at = asked.from < 1 ? (asked.backward ? total : 1) : Math.min(asked.from, total + 1);
    for (let looked = 0; at >= 1 && at <= total && looked < this.step; at += by, looked++) {
      const [stream, text] = this.lines[at - 1] as Said;
      if (!asked.streams?.includes(stream) || !text.toLowerCase().includes(asked.text.toLowerCase()))
        continue;
      found.count += 1;
      if (asked.limit > 0) found.lines.push(at);
      if (found.lines.length === asked.limit && asked.limit > 0) {
        at += by;
        break;
      }
    }
    return { ...found, next: at };
  }

  /** All of them at once, as they were said to be. */
  folding(): LogTracebacks {
    const total = this.lines.length;
    return { tracebacks: this.tracebacks, next: total + 1, row: total, total, end: true };
  }

  rows({ stream, every, from, count }: RowsAsked): LogRows {
    const starts: number[] = [];
    for (let at = from; at <= this.lines.length; at++) {
      if (this.lines[at - 1]?.[0] !== stream) continue;
      if (count % every === 0) starts.push(at);
      count += 1;
    }
    return { starts, count, next: this.lines.length + 1 };
  }

  page(wanted: number, limit: number, streams: Stream[]): LogPage {
    const total = this.lines.length;
    const from = Math.min(wanted < 0 ? Math.max(1, total + wanted + 1) : Math.max(1, wanted), total + 1);
    const lines: LogLine[] = [];
    let next = from;
    for (; next <= total && lines.length < limit; next++) {
      const [stream, text] = this.lines[next - 1] as Said;
      if (streams.includes(stream)) lines.push(line(next, stream, text));
    }
    if (next > total) {
      this.open.forEach(([stream, text], at) => {
        if (streams.includes(stream)) lines.push({ ...line(total + 1 + at, stream, text), open: true });
      });
    }
    return { lines, next, total, ended: this.ended && next > total };
  }
}

function line(seq: number, stream: Stream, text: string): LogLine {
  return { seq, time: new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString(), stream, text };
}
