import { expect, it } from 'vitest';
import type { DataFileView } from '$lib/api';
import { TestDoor } from '../../test/door';
import { TableStore } from './datapages.svelte';

it('asks on where an answer has fewer rows, as it has of long ones', async () => {
  const asked: [number, number][] = [];
  const store = new TableStore(
    { project_id: 1, group_id: 'g', path: 't.csv' },
    { encoding: 'utf-8', dialect: { delimiter: ';', quote: '', header: true } } as unknown as DataFileView,
    new TestDoor({
      'Data.Table': ({ from, limit }: { from: number; limit: number }) => {
        asked.push([from, limit]);
        const count = Math.min(limit, 90, 250 - from);
        return {
          rows: Array.from({ length: count }, (_, n) => [String(from + n)]),
          total: 250,
          partial: false,
        };
      },
    }),
  );
  store.need(0, 20);
  await expect.poll(() => store.row(198)).toEqual(['199']);
  expect([store.header, store.row(0)]).toEqual([['0'], ['1']]);
  store.need(230, 248);
  await expect.poll(() => store.row(248)).toEqual(['249']);
  expect(asked).toEqual([
    [0, 200],
    [90, 110],
    [180, 20],
    [200, 200],
  ]);
});
