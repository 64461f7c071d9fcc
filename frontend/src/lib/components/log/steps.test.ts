import { describe, expect, it, vi } from 'vitest';
import { DoorFailure, type Door } from '$lib/api';
import type { LogFound } from '$lib/api/types';
import { Choice } from './choice.svelte';
import { LogFinder, type Query } from './find.svelte';
import { Folds } from './folds.svelte';
import type { LogStore } from './log.svelte';
import { pressed } from './rowkeys';
import { Steps } from './steps.svelte';
import { FakeLog } from './testing';
import { outside } from './wrapped';

const query: Query = { text: 'x', case: false, word: false, regexp: false };

/** A finder whose questions are answered one by one by the test. */
function asked() {
  const open: { answer: (found: LogFound) => void; fail: (thrown: unknown) => void }[] = [];
  const call = () => new Promise<LogFound>((answer, fail) => open.push({ answer, fail }));
  const finder = new LogFinder('e1', { call } as unknown as Door);
  finder.search(query, ['stdout']);
  return { finder, open };
}

describe('LogFinder', () => {
  it('goes on with what came while it was asked', async () => {
    const { finder, open } = asked();
    finder.grow(120);
    open[0]?.answer({ lines: [5], count: 1, next: 101, total: 100 });
    await vi.waitFor(() => expect(open).toHaveLength(2));
    open[1]?.answer({ lines: [110], count: 1, next: 121, total: 120 });
    await vi.waitFor(() => expect(finder.busy).toBe(false));
    expect(finder.lines).toEqual([5, 110]);
    finder.grow(120);
    expect(open).toHaveLength(2);
  });

  it('does not take a connection that failed for a text that cannot be looked for, and tries again', async () => {
    const { finder, open } = asked();
    open[0]?.fail(new Error('connection lost'));
    await vi.waitFor(() => expect(finder.failure?.code).toBe('unavailable'));
    expect(finder.refused).toBe(false);
    finder.retry();
    open[1]?.answer({ lines: [1], count: 1, next: 2, total: 1 });
    await vi.waitFor(() => expect(finder.count).toBe(1));
    expect(finder.failure).toBeNull();
  });

  it('asks no second time for a text that was refused', async () => {
    const { finder, open } = asked();
    open[0]?.fail(new DoorFailure({ code: 'invalid' }));
    await vi.waitFor(() => expect(finder.refused).toBe(true));
    finder.retry();
    finder.grow(10);
    expect(open).toHaveLength(1);
  });
});

describe('Steps', () => {
  it('takes one at a time, however long a key is held', async () => {
    let answer: (line: number | null) => void = () => undefined;
    const locate = vi.fn(() => new Promise<number | null>((done) => (answer = done)));
    const store = { streams: ['stdout'], rowOf: (line: number) => Promise.resolve(line - 1) };
    const reveal = vi.fn();
    const steps = new Steps(store as unknown as LogStore, { locate } as unknown as LogFinder, () => ({
      first: () => 1,
      reveal,
    }));
    for (let i = 0; i < 20; i++) void steps.problem(1);
    expect(locate).toHaveBeenCalledTimes(1);
    answer(7);
    await vi.waitFor(() => expect(reveal).toHaveBeenCalledWith(6));
    await vi.waitFor(() => {
      void steps.problem(1);
      expect(locate).toHaveBeenCalledTimes(2);
    });
  });
});

describe('keys in the list', () => {
  it('fold as a click does, so that the top stays where it is', async () => {
    const log = new FakeLog();
    log.add(50);
    log.tracebacks = [{ first: 1, said: 9, parts: [{ row: 0, count: 10 }], place: '' }];
    const folds = new Folds('e1', log.door);
    folds.restart(['stdout', 'stderr']);
    folds.grow(50);
    await vi.waitFor(() => expect(folds.count).toBe(1));
    const fold = vi.fn();
    pressed(new KeyboardEvent('keydown', { key: 'Enter' }), {
      choice: new Choice(),
      folds,
      g: { rows: 41, rowHeight: 20, height: 100 },
      rowHeight: 20,
      top: 0,
      first: () => 0,
      rows: [],
      current: 0,
      fold,
      move: vi.fn(),
      see: vi.fn(),
    });
    expect(fold).toHaveBeenCalledWith(folds.at(9));
  });

  it('move a row that wraps into view only where it is not', () => {
    const view = { top: 100, bottom: 200 };
    expect(outside({ top: 120, bottom: 160 }, view)).toBe(0);
    expect(outside({ top: 180, bottom: 220 }, view)).toBe(20);
    expect(outside({ top: 90, bottom: 130 }, view)).toBe(-10);
    // Higher than the view: its beginning is what one reads.
    expect(outside({ top: 150, bottom: 400 }, view)).toBe(50);
  });
});
