import { describe, expect, it, vi } from 'vitest';
import type { LogHit, LogSearch, LogSearchPage } from '$lib/api/types';
import { TestDoor } from '../../test/door';
import { LogSearchStore } from './logsearch.svelte';

function hit(line: number): LogHit {
  return {
    execution_id: 'e1',
    script_id: 'group/script',
    name: { en: 'Script' },
    user: 'dora',
    project: 'p',
    state: 'completed',
    created_at: '2026-01-01T00:00:00Z',
    line,
    time: '2026-01-01T00:00:00Z',
    stream: 'stdout',
    parts: [{ text: 'pump', marked: true }],
  };
}

describe('LogSearchStore', () => {
  it('goes on by itself until everything was looked at', async () => {
    const asked: LogSearch[] = [];
    const door = new TestDoor({
      'Logs.Search': (query: LogSearch): LogSearchPage => {
        asked.push(query);
        if (!query.before) return { hits: [], next: 'a', lines: 1000, unread: ['e5'] };
        if (query.before === 'a') return { hits: [hit(7)], next: 'b', lines: 500 };
        return { hits: [hit(3)], next: '', lines: 3, unread: ['e4', 'e5'] };
      },
    });
    const store = new LogSearchStore(door);
    store.search({ query: 'pump' });
    expect(store.searching).toBe(true);
    await vi.waitFor(() => expect(store.searching).toBe(false));
    expect(store.hits?.map(({ line }) => line)).toEqual([7, 3]);
    expect(store.lines).toBe(1503);
    expect([...store.unread]).toEqual(['e5', 'e4']);
    expect(asked.map(({ before, limit }) => [before, limit])).toEqual([
      [undefined, 100],
      ['a', 100],
      ['b', 99],
    ]);
  });

  it('gives nothing of what is no longer looked for', async () => {
    const answers: ((page: LogSearchPage) => void)[] = [];
    const door = new TestDoor({
      'Logs.Search': () => new Promise<LogSearchPage>((resolve) => answers.push(resolve)),
    });
    const store = new LogSearchStore(door);
    store.search({ query: 'first' });
    store.search({ query: 'second' });
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.({ hits: [hit(2)], next: '', lines: 1 });
    await vi.waitFor(() => expect(store.searching).toBe(false));
    answers[0]?.({ hits: [hit(1)], next: '', lines: 1 });
    await Promise.resolve();
    expect(store.hits?.map(({ line }) => line)).toEqual([2]);
  });

  it('stops, keeps what it found, and goes on from there', async () => {
    let asked = 0;
    const answers: ((page: LogSearchPage) => void)[] = [];
    const door = new TestDoor({
      'Logs.Search': () => {
        asked += 1;
        return new Promise<LogSearchPage>((resolve) => answers.push(resolve));
      },
    });
    const store = new LogSearchStore(door);
    store.search({ query: 'pump' });
    answers[0]?.({ hits: [hit(9)], next: 'a', lines: 1 });
    await vi.waitFor(() => expect(asked).toBe(2));
    store.stop();
    answers[1]?.({ hits: [hit(8)], next: 'b', lines: 1 });
    await Promise.resolve();
    expect([store.searching, store.left]).toEqual([false, true]);
    expect(store.hits?.map(({ line }) => line)).toEqual([9]);
    void store.more();
    answers[2]?.({ hits: [hit(8)], next: '', lines: 1 });
    await vi.waitFor(() => expect(store.hits?.map(({ line }) => line)).toEqual([9, 8]));
  });
});
