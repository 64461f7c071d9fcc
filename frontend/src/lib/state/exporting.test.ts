import { expect, it, vi } from 'vitest';
import { DoorFailure } from '$lib/api';
import { execution, TestDoor } from '../../test/door';
import { ExportStore, fetchExport, fileMost } from './exporting.svelte';

it('follows an export, also one that ends before the answer to its beginning', async () => {
  const begun = execution({ id: 'x1', kind: 'export', state: 'running' });
  let early = false;
  const door = new TestDoor({
    'Logs.Export': ({ execution_ids, format }) => {
      expect([execution_ids, format]).toEqual([['e1', 'e2'], 'csv']);
      if (early) door.send({ seq: 9, type: 'execution.changed', data: { ...begun, state: 'completed' } });
      return begun;
    },
    'Executions.Stop': () => ({ ...begun, phase: 'stopping' as const }),
  });
  const store = new ExportStore(door);
  const ended: unknown[] = [];
  store.onend = (job, failure) => ended.push(job?.state ?? failure?.code);
  await store.start(['e1', 'e2'], 'csv');
  expect(store.busy).toBe(true);
  door.send({ seq: 1, type: 'execution.changed', data: execution({ id: 'other', state: 'completed' }) });
  expect(store.busy).toBe(true);
  door.send({ seq: 2, type: 'execution.changed', data: { ...begun, state: 'completed' } });
  expect(store.job?.state).toBe('completed');
  early = true;
  await store.start(['e1', 'e2'], 'csv');
  expect(store.job?.state).toBe('completed');
  expect(ended).toEqual(['completed', 'completed']);
  store.close();
  door.send({ seq: 3, type: 'execution.changed', data: begun });
  expect(store.job).toBeNull();
});

it('says why an export could not begin', async () => {
  const store = new ExportStore(
    new TestDoor({
      'Logs.Export': () => {
        throw new DoorFailure({ code: 'not_found', params: {} });
      },
    }),
  );
  await store.start(['e1'], 'pdf');
  expect(store.failure?.code).toBe('not_found');
  expect(store.busy).toBe(false);
});

it('reads a file part by part, byte for byte, and no file that is too large', async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 256);
  let size = bytes.length;
  const door = new TestDoor({
    'Logs.Exported': ({ offset }) => ({
      name: 'logs.pdf',
      size,
      data: btoa(String.fromCharCode(...bytes.slice(offset, offset + 300))),
    }),
  });
  const file = await fetchExport('x1', door);
  expect('parts' in file && new Uint8Array(await new Blob(file.parts).arrayBuffer())).toEqual(bytes);
  size = fileMost + 1;
  expect(await fetchExport('x1', door)).toEqual({ name: 'logs.pdf', size });
});

it('looks again after a lost connection, and gives up only where the export is gone', async () => {
  const begun = execution({ id: 'x1', kind: 'export', state: 'running' });
  let answer: () => typeof begun = () => begun;
  const door = new TestDoor({ 'Logs.Export': () => begun, 'Executions.Get': () => answer() });
  const store = new ExportStore(door);
  const ended: unknown[] = [];
  store.onend = (job, failure) => ended.push(job?.state ?? failure?.code);
  await store.start(['e1'], 'txt');
  answer = () => {
    throw new DoorFailure({ code: 'unavailable', params: {} });
  };
  door.send({ seq: 0, type: 'missed' });
  await Promise.resolve();
  expect([store.busy, ended]).toEqual([true, []]);
  answer = () => ({ ...begun, state: 'completed' });
  door.send({ seq: 0, type: 'missed' });
  await vi.waitFor(() => expect(ended).toEqual(['completed']));
  await store.start(['e1'], 'txt');
  answer = () => {
    throw new DoorFailure({ code: 'not_found', params: {} });
  };
  door.send({ seq: 0, type: 'missed' });
  await vi.waitFor(() => expect(ended).toEqual(['completed', 'not_found']));
});
