import type { Stream } from '$lib/api/types';

/**
 * What a line is in the eyes of someone who looks for what went wrong: the head
 * of a traceback, a line inside of it, one there of the script itself and not of
 * Python or a package, the traceback's own line (the exception and its message),
 * or a record of a logger of that level.
 */
export type Mark = '' | 'trace' | 'frame' | 'own' | 'fault' | 'error' | 'warning';

const head = /^\s*(?:[|+ -]*)Traceback \(most recent call last\):/;
const place = /^[\s|+-]*File "([^"]+)", line \d+/;
const installed = /[/\\]lib(?:64)?[/\\]|[/\\](?:site|dist)-packages[/\\]|^</i;
const exception =
  /^(?:[A-Za-z_]\w*\.)*[A-Z]\w*(?:Error|Exception|Interrupt|Exit|Timeout|Expired|Failure|Fault)(?::\s|:?$)/;
const errorRecord = /(?:^|[\s[|:-])(?:ERROR|CRITICAL|FATAL)(?:$|[\s\]|:,-])/;
const warningRecord = /(?:^|[\s[|:-])(?:WARNING|WARN)(?:$|[\s\]|:,-])|^\S+:\d+: \w*Warning: /;

/** Marks the lines of a log in order; each stream has its own tracebacks. */
export class Classifier {
  /** Of a stream in whose traceback one stands: whose lines these are. */
  readonly #inside = new Map<Stream, 'frame' | 'own'>();

  /** One that goes on where another stands. */
  static after(before: Classifier | undefined): Classifier {
    const next = new Classifier();
    if (before) for (const [stream, inside] of before.#inside) next.#inside.set(stream, inside);
    return next;
  }

  mark(stream: Stream, text: string): Mark {
    if (stream === 'debug') return errorRecord.test(text) ? 'error' : '';
    if (head.test(text)) {
      this.#inside.set(stream, 'frame');
      return 'trace';
    }
    const whose = this.#inside.get(stream);
    if (whose) {
      if (/^\s/.test(text)) {
        const file = place.exec(text)?.[1];
        if (file === undefined) return whose;
        const own = installed.test(file) ? 'frame' : 'own';
        this.#inside.set(stream, own);
        return own;
      }
      if (text === '') return '';
      // The first line at the margin ends the traceback and says what went wrong.
      this.#inside.delete(stream);
      return 'fault';
    }
    if (exception.test(text)) return 'fault';
    if (errorRecord.test(text)) return 'error';
    return warningRecord.test(text) ? 'warning' : '';
  }
}

/** Where problems begin, for the engine's search (RE2): heads of tracebacks, exceptions by themselves, records of errors. */
export const problemQuery = {
  text: `^(?:\\s*[|+ -]*Traceback \\(most recent call last\\):|${exception.source.slice(1)})|${errorRecord.source}`,
  case: true,
  word: false,
  regexp: true,
};
