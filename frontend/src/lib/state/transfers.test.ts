import { expect, it } from 'vitest';
import { DoorFailure } from '$lib/api';
import { TestDoor } from '../../test/door';
import { shownName } from './data.svelte';
import { FileStore } from './datafile.svelte';
import { TransferStore } from './transfers.svelte';

const place = { project_id: 1, group_id: 'g', path: '' };
const entry = { name: 'a', kind: 'file' as const, size: 1, modified_at: '', version: 'v' };

it('asks where a name is taken, once for all where that is wished', async () => {
  const begun: [string, string][] = [];
  const store = new TransferStore(
    new TestDoor({
      'Data.Upload': ({ path, existing }) => {
        begun.push([path, existing]);
        if (!existing && path !== 'free')
          throw new DoorFailure({ code: 'file_exists', params: { name: path } });
        return { id: path, name: path, size: 1 };
      },
      'Data.UploadPart': () => ({ size: 1 }),
      'Data.UploadEnd': ({ id }) => ({ entry, path: id }),
    }),
  );
  const files = ['one', 'free', 'two'].map((name) => ({ file: new File(['x'], name), path: name }));
  store.upload(place, files);
  const stages = () => store.items.map((one) => one.stage).join();
  await expect.poll(stages).toBe('asks,done,asks');
  const first = store.items[0];
  if (first) store.choose(first, 'both', true);
  await expect.poll(stages).toBe('done,done,done');
  expect(begun.slice(3)).toEqual([
    ['one', 'both'],
    ['two', 'both'],
  ]);
});

it('keeps the whole upload where somebody wrote the file meanwhile, and ends it once more', async () => {
  const ends: unknown[] = [];
  const store = new TransferStore(
    new TestDoor({
      'Data.Upload': () => ({ id: 'u', name: 'a', size: 1 }),
      'Data.UploadPart': () => ({ size: 1 }),
      'Data.UploadEnd': (argument) => {
        ends.push(argument);
        if (ends.length === 1)
          throw new DoorFailure({ code: 'file_changed', params: { name: 'a', version: 'theirs' } });
        return { entry, path: 'a' };
      },
    }),
  );
  store.upload(place, [{ file: new File(['x'], 'a'), path: 'a' }]);
  const one = store.items[0];
  await expect.poll(() => one?.stage).toBe('asks');
  if (one) store.choose(one, 'replace', false);
  await expect.poll(() => one?.stage).toBe('done');
  expect(ends[1]).toEqual({ id: 'u', existing: 'replace', version: 'theirs' });
});

it('overwrites the version that was seen, not one that came after it', async () => {
  const saved: string[] = [];
  let now = 'one';
  const store = new FileStore(
    { ...place, path: 'a' },
    new TestDoor({
      'Data.Look': () => ({
        entry: { ...entry, version: now },
        kind: 'text',
        encoding: 'utf-8',
        type: '',
        whole: true,
        exact: true,
        text: now,
        version: now,
        head: '',
        dialect: { delimiter: '', quote: '', header: false },
      }),
      'Data.Save': ({ version }) => {
        saved.push(version);
        if (version !== now)
          throw new DoorFailure({ code: 'file_changed', params: { name: 'a', gone: false } });
        return { entry, version: 'saved' };
      },
    }),
  );
  await store.load();
  store.text = 'mine';
  now = 'two';
  expect(await store.save()).toBe(false);
  expect(store.theirs?.text).toBe('two');
  now = 'three';
  expect(await store.overwrite()).toBe(false);
  expect(store.theirs?.text).toBe('three');
  expect(await store.overwrite()).toBe(true);
  expect(saved).toEqual(['one', 'two', 'three']);
  expect([store.dirty, store.conflict, store.text]).toEqual([false, false, 'mine']);
});

it('shows names that nobody could read', () => {
  expect(shownName('a\nb')).toBe('a\u240ab');
  expect(shownName('x\uf7ff')).toBe('x\ufffd');
  expect(shownName('a\u202eb')).toBe('a\u2423b');
  expect(shownName('größe 日本.csv')).toBe('größe 日本.csv');
});

it('waits for the person to come back where the session has ended', async () => {
  let signedIn = false;
  const begun: string[] = [];
  const store = new TransferStore(
    new TestDoor({
      'Data.Upload': ({ path }: { path: string }) => {
        begun.push(path);
        if (!signedIn) throw new DoorFailure({ code: 'not_signed_in' });
        return { id: path, name: path, size: 1 };
      },
      'Data.UploadPart': () => ({ size: 1 }),
      'Data.UploadEnd': ({ id }: { id: string }) => ({ entry, path: id }),
    }),
  );
  store.belongTo(1);
  store.upload(
    place,
    ['one', 'two'].map((name) => ({ file: new File(['x'], name), path: name })),
  );
  const stages = () => store.items.map((one) => one.stage).join();
  await expect.poll(stages).toBe('failed,failed');
  signedIn = true;
  expect(store.belongTo(1)).toBe(false);
  store.items.forEach((one) => store.again(one));
  await expect.poll(stages).toBe('done,done');
  expect(begun).toEqual(['one', 'one', 'two']);
});

it('goes on with nothing of another person, and ends what is under way', async () => {
  let release: (begun: object) => void = () => undefined;
  const door = new TestDoor({
    'Data.Upload': () => new Promise((resolve) => (release = resolve)),
    'Data.TransferEnd': () => undefined,
  });
  const store = new TransferStore(door);
  store.belongTo(1);
  store.upload(
    place,
    ['one', 'two'].map((name) => ({ file: new File(['x'], name), path: name })),
  );
  expect(store.belongTo(2)).toBe(true);
  expect(store.items).toEqual([]);
  release({ id: 'u', name: 'one', size: 1 });
  await expect.poll(() => door.calls.map((call) => call.method)).toEqual(['Data.Upload', 'Data.TransferEnd']);
  expect(store.busy).toBe(false);
});
