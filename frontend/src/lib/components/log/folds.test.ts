import { beforeEach, describe, expect, it } from 'vitest';
import type { Traceback } from '$lib/api/types';
import { remembered } from '$lib/state/storage';
import { Folds } from './folds.svelte';
import { FakeLog } from './testing';

let log: FakeLog;

beforeEach(() => {
  remembered.set('log.fold', 'true');
  log = new FakeLog();
  log.add(100);
});

const one = (first: number, said: number, ...parts: [number, number][]): Traceback => ({
  first,
  said,
  parts: parts.map(([row, count]) => ({ row, count })),
  place: '',
});

async function open(...tracebacks: Traceback[]): Promise<Folds> {
  log.tracebacks = tracebacks;
  const folds = new Folds('e1', log.door);
  folds.restart(['stdout', 'stderr']);
  folds.grow(100);
  await expect.poll(() => folds.count).toBe(tracebacks.length);
  return folds;
}

/** The rows that are shown, by asking for each place. */
const shown = (folds: Folds) => Array.from({ length: 100 - folds.hidden }, (_, at) => folds.rowAt(at));

const without = (...hidden: [number, number][]) =>
  Array.from({ length: 100 }, (_, row) => row).filter(
    (row) => !hidden.some(([from, count]) => row >= from && row < from + count),
  );

describe('Folds', () => {
  it('shows of each traceback its last sentence alone, and every other row', async () => {
    const folds = await open(
      one(1, 4, [0, 5]),
      one(6, 9, [5, 5]),
      one(21, 26, [20, 2], [23, 1], [25, 2]),
      one(85, 87, [84, 7]),
      one(96, 99, [95, 5]),
    );
    expect(shown(folds)).toEqual(
      without([0, 4], [5, 4], [20, 2], [23, 1], [25, 1], [84, 3], [88, 3], [95, 4]),
    );
    for (const [at, row] of shown(folds).entries()) expect(folds.shownOf(row), `row ${String(row)}`).toBe(at);
    expect(folds.rowAt(folds.shownOf(21))).toBe(22);
    expect(folds.at(22)).toBeUndefined();
    expect(folds.at(26)).toMatchObject({ mark: 'fault', handle: true, folded: true });
  });

  it('leaves one of a few rows open until it is folded', async () => {
    const short = one(11, 13, [10, 4]);
    const folds = await open(short, one(31, 34, [30, 5]));
    expect(folds.at(11)).toMatchObject({ folded: false });
    expect(folds.hidden).toBe(4);
    folds.toggle(short);
    expect(folds.hidden).toBe(7);
  });

  it('opens one, and what hides a row that is looked for', async () => {
    const folds = await open(one(11, 14, [10, 5]), one(31, 34, [30, 5]));
    folds.reveal(14);
    expect(folds.hidden).toBe(8);
    folds.reveal(32);
    expect(shown(folds)).toEqual(without([10, 4]));
    expect(folds.at(30)).toMatchObject({ mark: 'trace', handle: true, folded: false });
    expect(folds.at(34)).toMatchObject({ mark: 'fault', handle: false });
    folds.all(false);
    expect(folds.hidden).toBe(0);
    folds.all(true);
    expect(folds.hidden).toBe(8);
  });

  it('takes what grew in the place of what it was', async () => {
    const folds = await open(one(11, 14, [10, 5]));
    log.add(10);
    log.tracebacks = [one(101, 104, [100, 5])];
    folds.grow(110);
    await expect.poll(() => folds.count).toBe(2);
    expect(log.folded).toMatchObject([
      { from: 1, row: 0 },
      { from: 101, row: 100 },
    ]);
    expect(folds.hidden).toBe(8);
    // What is not new is not asked for.
    folds.grow(110);
    expect(log.folded).toHaveLength(2);
  });
});
