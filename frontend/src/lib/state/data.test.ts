import { expect, it, vi } from 'vitest';
import { TestDoor } from '../../test/door';
import { DataStore } from './data.svelte';

it('reads no folder anew for weighing what is to be deleted, but after it was', async () => {
  const door = new TestDoor({
    'Data.Groups': () => ({ groups: [{ group_id: 'g', name: {}, used: true, known: true }], rights: null }),
    'Data.List': () => ({ entries: [], total: 0 }),
    'Data.Weigh': () => ({ files: 1, folders: 0, bytes: 3 }),
    'Data.Delete': () => ({ files: 1, folders: 0, bytes: 3 }),
    'Data.Watch': () => null,
  });
  const listed = () => door.calls.filter(({ method }) => method === 'Data.List').length;
  const store = new DataStore(door);
  const stop = store.start(1, 'g');
  await vi.waitFor(() => expect(store.folders.get('')?.reading).toBe(false));
  const before = [listed(), store.changed];
  expect((await store.weigh('a')).files).toBe(1);
  expect([listed(), store.changed]).toEqual(before);
  await store.remove('a', 1);
  await vi.waitFor(() => expect(listed()).toBe(2));
  stop();
});
