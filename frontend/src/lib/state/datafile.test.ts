import { fireEvent, render, screen } from '@testing-library/svelte';
import { expect, it } from 'vitest';
import Conflict from '$lib/components/data/Conflict.svelte';
import { DoorFailure, type DataFileView } from '$lib/api';
import { i18n } from '$lib/i18n/i18n.svelte';
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

it('shows why mine could not be written over theirs', async () => {
  let problem = { code: 'file_changed', params: { name: 'a', gone: false } };
  let now = view('one', 'one');
  const store = new FileStore(
    place,
    new TestDoor({
      'Data.Look': () => now,
      'Data.Save': () => {
        throw new DoorFailure(problem);
      },
    }),
  );
  await store.load();
  store.text = 'mine';
  now = view('theirs', 'two');
  await store.save();
  expect([store.theirs?.text, store.saveFailure]).toEqual(['theirs', null]);
  problem = { code: 'disk_full', params: { name: 'a', gone: false } };
  render(Conflict, { props: { file: store, oncopied: () => undefined } });
  await fireEvent.click(screen.getByRole('button', { name: i18n.t('ui.data.overwrite') }));
  expect(await screen.findByText(i18n.error(problem))).toBeVisible();
  expect(store.theirs?.text).toBe('theirs');

  // What a copy is refused for belongs to the copy's name.
  await expect(store.saveAs('b')).rejects.toMatchObject({ code: 'disk_full' });
});

it('is no dead end where a file that had gone is there again', async () => {
  let there = true;
  const saved: string[] = [];
  const store = new FileStore(
    place,
    new TestDoor({
      'Data.Look': () => {
        if (there) return view('again', 'two');
        throw new DoorFailure({ code: 'not_found', params: {} });
      },
      'Data.Save': ({ version }: { version: string }) => {
        saved.push(version);
        if (version !== 'two') throw new DoorFailure({ code: 'file_exists', params: { name: 'a' } });
        return { entry, version: 'three' };
      },
    }),
  );
  await store.load();
  store.text = 'mine';
  there = false;
  await store.look();
  expect(store.gone).toBe(true);
  there = true;
  expect(await store.overwrite()).toBe(false);
  expect([store.gone, store.theirs?.text, store.saveFailure]).toEqual([false, 'again', null]);
  expect(await store.overwrite()).toBe(true);
  expect(saved).toEqual(['', 'two']);
  expect(store.conflict).toBe(false);
});

it('sees by itself that a file that had gone is there again', async () => {
  let now: DataFileView | null = view('one', 'one');
  const store = new FileStore(
    place,
    new TestDoor({
      'Data.Look': () => {
        if (now) return now;
        throw new DoorFailure({ code: 'not_found', params: {} });
      },
    }),
  );
  await store.load();
  store.text = 'mine';
  now = null;
  await store.look();
  expect(store.gone).toBe(true);
  now = view('one', 'one'); // renamed, and back
  await store.look();
  expect([store.conflict, store.text]).toEqual([false, 'mine']);
  now = null;
  await store.look();
  now = view('other', 'two');
  await store.look();
  expect([store.gone, store.theirs?.text]).toEqual([false, 'other']);
});
