import { expect, it } from 'vitest';
import { DoorFailure, type DataFileView } from '$lib/api';
import { TestDoor } from '../../test/door';
import { FileStore } from './datafile.svelte';

const place = { project_id: 1, group_id: 'g', path: 'a' };
const entry = { name: 'a', kind: 'file' as const, size: 1, modified_at: '', version: 'v' };
const view = (text: string, version = 'v'): DataFileView => ({
  entry: { ...entry, version },
  kind: 'text',
  encoding: 'utf-8',
  type: '',
  whole: true,
  exact: true,
  text,
  version,
  head: '',
  dialect: { delimiter: '', quote: '', header: false },
});

it.each([
  ['CRLF', 'a;b\r\n1;2\r\n', 'a;b\n1;2\n'],
  ['CR', 'a\rb', 'a\nb'],
  ['LF', 'a\nb\n', 'a\nb\n'],
])('keeps the line ends of a file (%s)', async (_, stands, shown) => {
  const saved: string[] = [];
  const store = new FileStore(
    place,
    new TestDoor({
      'Data.Look': () => view(stands),
      'Data.Save': ({ text }: { text: string }) => {
        saved.push(text);
        return { entry, version: 'next' };
      },
    }),
  );
  await store.load();
  // A field for text gives LF alone.
  expect([store.text, store.dirty, store.editable]).toEqual([shown, false, true]);
  store.text = `x${shown}`;
  expect(store.dirty).toBe(true);
  store.text = shown;
  expect(store.dirty).toBe(false);
  store.text = `x${shown}`;
  expect(await store.save()).toBe(true);
  expect(saved).toEqual([`x${stands}`]);
  expect([store.view?.text, store.dirty]).toEqual([`x${stands}`, false]);
});

it('leaves a file alone whose lines end differently', async () => {
  const store = new FileStore(place, new TestDoor({ 'Data.Look': () => view('"a\nb";1\r\n') }));
  await store.load();
  expect([store.mixed, store.editable, store.dirty]).toEqual([true, false, false]);
});
