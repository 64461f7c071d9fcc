import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { SystemLogPage, SystemLogRequest } from '$lib/api';
import { TestDoor } from '../../test/door';
import { SystemLogStore } from './administration.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const page = (begun: string, from: number, count: number, before = 0): SystemLogPage => ({
  lines: Array.from({ length: count }, (_, i) => ({
    offset: from + i,
    time: '2026-01-02T03:04:05Z',
    level: 'INFO',
    message: `${begun}${from + i}`,
  })),
  before,
  end: from + count,
  size: from + count,
  begun,
});

it('follows a log into its next file, and has what it let go of again as older lines', async () => {
  const asked: SystemLogRequest[] = [];
  const answers = [page('', 0, 0), page('a', 100, 500, 100), page('a', 600, 4600), page('b', 0, 10)];
  const store = new SystemLogStore(
    new TestDoor({
      'SystemLogs.Read': (request: SystemLogRequest) => {
        asked.push(request);
        return answers.shift() ?? page('a', 90, 110);
      },
    }),
  );
  const stop = store.start();
  await vi.advanceTimersByTimeAsync(6100);
  stop();
  const chosen = { file: 'application', level: '', text: '' };
  expect(asked).toEqual([
    chosen,
    { ...chosen, from: 0, begun: '' },
    { ...chosen, from: 600, begun: 'a' },
    { ...chosen, from: 5200, begun: 'a' },
  ]);
  expect(store.lines).toHaveLength(5000);
  expect(store.lines?.at(-1)?.message).toBe('b9');
  expect(store.before).toBe(store.lines?.[0]?.offset);

  await store.older();
  expect(asked.at(-1)).toEqual({ ...chosen, before: 210, begun: 'a' });
});
