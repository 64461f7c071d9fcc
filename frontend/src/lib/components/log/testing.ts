import type { Door, DoorEvent, LogLine, LogPage, Stream } from '$lib/api';

type Said = [Stream, string];

/** A door for tests with one log behind it, which answers as the engine does and can fail, grow and send events. */
export class FakeLog {
  readonly lines: Said[] = [];
  open: Said[] = [];
  ended = false;
  failing = false;
  calls: { from: number; limit: number; streams: Stream[] }[] = [];
  /** The most lines on one answer, as the engine bounds answers by their size too. */
  most = 5000;
  readonly #listeners = new Set<(event: DoorEvent) => void>();

  readonly door = {
    kind: 'browser',
    call: async (_method: string, argument: { from: number; limit: number; streams: Stream[] }) => {
      this.calls.push(argument);
      await Promise.resolve();
      if (this.failing) throw new Error('connection lost');
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
