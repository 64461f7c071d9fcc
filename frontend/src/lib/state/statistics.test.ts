import { describe, expect, it, vi } from 'vitest';
import type { LogStatistics, LogStatisticsRequest } from '$lib/api/types';
import { TestDoor } from '../../test/door';
import { formatChosen, parseChosen, StatisticsStore, statisticsQuery, trendBars } from './statistics.svelte';

const figures = (executions: number): LogStatistics => ({
  executions,
  queued: 0,
  running: 0,
  completed: executions,
  failed: 0,
  terminated: 0,
  success_rate: 1,
  duration: null,
  scripts: null,
  projects: null,
  bytes: 0,
  days: null,
});

describe('what is chosen', () => {
  it('stands in the address', () => {
    for (const chosen of [
      { days: 30, user: '' },
      { days: 0, user: '*' },
      { days: 7, user: 'ann & bob' },
    ]) {
      expect(parseChosen(formatChosen(chosen))).toEqual(chosen);
    }
    expect(formatChosen({ days: 30, user: '' })).toBe('');
    expect(parseChosen('days=many')).toEqual({ days: 30, user: '' });
  });

  it('is asked for', () => {
    expect(statisticsQuery({ days: 7, user: '' })).toEqual({ days: 7 });
    expect(statisticsQuery({ days: 0, user: '*' })).toEqual({ days: 0, all_users: true });
    expect(statisticsQuery({ days: 90, user: 'ann' })).toEqual({ days: 90, user: 'ann' });
  });
});

describe('trendBars', () => {
  const days = Array.from({ length: 7 }, (_, at) => ({
    date: `2026-01-0${String(at + 1)}`,
    completed: at,
    failed: 1,
    terminated: 0,
  }));

  it('gives a bar a day where there is room', () => {
    expect(trendBars(days, 7).map(({ from, to }) => [from, to])[6]).toEqual(['2026-01-07', '2026-01-07']);
  });

  it('puts days together, and loses none', () => {
    const bars = trendBars(days, 3);
    expect(bars.map(({ from, to }) => `${from.slice(-1)}-${to.slice(-1)}`)).toEqual(['1-1', '2-4', '5-7']);
    expect(bars.map(({ completed }) => completed)).toEqual([0, 6, 15]);
    expect(bars.map(({ failed }) => failed)).toEqual([1, 3, 3]);
  });
});

describe('StatisticsStore', () => {
  it('shows what was asked for last', async () => {
    const answers: ((data: LogStatistics) => void)[] = [];
    const store = new StatisticsStore(
      new TestDoor({
        'Logs.Statistics': (_: LogStatisticsRequest) =>
          new Promise<LogStatistics>((resolve) => answers.push(resolve)),
      }),
    );
    const first = store.load({ days: 7 });
    const second = store.load({ days: 30 });
    await vi.waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.(figures(2));
    await second;
    answers[0]?.(figures(1));
    await first;
    expect(store.data?.executions).toBe(2);
  });

  it('tells what went wrong, and forgets it', async () => {
    let bad = true;
    const store = new StatisticsStore(
      new TestDoor({
        'Logs.Statistics': () => {
          if (bad) throw new Error('gone');
          return figures(3);
        },
      }),
    );
    await store.load({ days: 7 });
    expect(store.failure).not.toBeNull();
    bad = false;
    await store.load({ days: 7 });
    expect(store.failure).toBeNull();
    expect(store.data?.executions).toBe(3);
  });
});
