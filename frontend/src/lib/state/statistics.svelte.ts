import { asFailure, door, type Door, type DoorFailure, type LogStatistics } from '$lib/api';
import type { LogStatisticsRequest } from '$lib/api/types';

/** The periods one chooses from, in days; 0 is all. */
export const periods = [7, 30, 90, 0] as const;

/** What is chosen on the page; `user` is '' for one's own, '*' for everyone's. */
export interface Chosen {
  days: number;
  user: string;
}

/** Reads an address's query; what it does not know is as if it were not there. */
export function parseChosen(query: string): Chosen {
  const params = new URLSearchParams(query);
  const days = Number(params.get('days') ?? 30);
  return { days: (periods as readonly number[]).includes(days) ? days : 30, user: params.get('user') ?? '' };
}

/** The query for it, '' for what one sees first. */
export function formatChosen(chosen: Chosen): string {
  const params = new URLSearchParams();
  if (chosen.days !== 30) params.set('days', String(chosen.days));
  if (chosen.user) params.set('user', chosen.user);
  return params.toString();
}

/** What is asked for. */
export function statisticsQuery({ days, user }: Chosen): LogStatisticsRequest {
  if (user === '*') return { days, all_users: true };
  return user ? { days, user } : { days };
}

/** One bar of the trend: a day, or some that are beside each other. */
export interface TrendBar {
  from: string;
  to: string;
  completed: number;
  failed: number;
  terminated: number;
}

/** The days as at most so many bars of equally many days; the first may have fewer. */
export function trendBars(days: NonNullable<LogStatistics['days']>, most = 90): TrendBar[] {
  const step = Math.max(1, Math.ceil(days.length / most));
  const bars: TrendBar[] = [];
  for (let end = days.length; end > 0; end -= step) {
    const some = days.slice(Math.max(0, end - step), end);
    const sum = (state: 'completed' | 'failed' | 'terminated') => some.reduce((n, day) => n + day[state], 0);
    bars.unshift({
      from: some[0]?.date ?? '',
      to: some.at(-1)?.date ?? '',
      completed: sum('completed'),
      failed: sum('failed'),
      terminated: sum('terminated'),
    });
  }
  return bars;
}

/** How executions went in a period. */
export class StatisticsStore {
  data = $state.raw<LogStatistics | null>(null);
  failure = $state.raw<DoorFailure | null>(null);
  readonly #door: Door;
  #asked: LogStatisticsRequest | null = null;

  constructor(api: Door = door) {
    this.#door = api;
  }

  /** Asks; an answer to what was asked before is not shown any more. */
  async load(query: LogStatisticsRequest): Promise<void> {
    this.#asked = query;
    try {
      const data = await this.#door.call('Logs.Statistics', query);
      if (query !== this.#asked) return;
      this.data = data;
      this.failure = null;
    } catch (thrown) {
      if (query === this.#asked) this.failure = asFailure(thrown);
    }
  }
}
