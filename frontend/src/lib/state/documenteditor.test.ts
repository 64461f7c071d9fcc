import { beforeEach, describe, expect, it, vi } from 'vitest';
import { DoorFailure } from '$lib/api';
import type { DocumentSource, DocumentVersionText } from '$lib/api/types';
import { TestDoor } from '../../test/door';
import { DocumentEditorStore } from './documenteditor.svelte';

interface Save {
  text: string;
  base: string;
  origin: number;
}

/** A door with one file, which is what was saved last. */
function desk() {
  const file = { text: 'saved', name: 'g/s' };
  const saves: Save[] = [];
  const source = (id = file.name) =>
    ({
      script_id: id,
      language: 'en',
      path: 'docs/s.md',
      there: true,
      text: file.text,
      hash: `of ${file.text}`,
      encoding: 'utf-8',
      languages: {},
      problems: [],
    }) as unknown as DocumentSource;
  const answers = {
    'DocumentEditor.Open': ({ script_id }: { script_id: string }) => source(script_id),
    'DocumentEditor.Check': () => [],
    'DocumentEditor.History': () => [],
    'DocumentEditor.Version': ({ id }: { id: number }): unknown => version(id),
    'DocumentEditor.AddImage': (): unknown => ({ path: 'images/a.png' }),
    'DocumentEditor.Save': (request: Save): unknown => {
      saves.push(request);
      if (request.base !== `of ${file.text}`)
        throw new DoorFailure({ code: 'document_changed', params: { path: 'docs/s.md', gone: false } });
      file.text = request.text;
      return source();
    },
  };
  const door = new TestDoor(answers);
  const open = async (id = 'g/s') => {
    const store = new DocumentEditorStore(door);
    const close = store.open(id, 'en');
    await vi.waitFor(() => expect(store.source).not.toBeNull());
    return { store, close };
  };
  return { file, saves, answers, door, open };
}

const version = (id: number) => ({ id, text: `version ${String(id)}` }) as DocumentVersionText;

/** An answer that comes when it is told to. */
function late<T>() {
  let give: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (give = resolve));
  return { promise, give };
}

describe('DocumentEditorStore', () => {
  beforeEach(() => localStorage.clear());

  it('keeps what is typed while a draft of another time waits, and loses neither', async () => {
    const { open } = desk();
    const one = await open();
    one.store.type('first draft');
    one.close();
    const two = await open();
    expect(two.store.draft?.text).toBe('first draft');
    two.store.type('second draft');
    two.close();
    const three = await open();
    expect(three.store.draft?.text).toBe('second draft');
    three.store.type('third');
    three.store.takeDraft();
    expect(three.store.text).toBe('second draft');
    expect(three.store.draft?.text).toBe('third');
    three.store.takeDraft();
    expect(three.store.text).toBe('third');
    three.store.dropDraft();
    expect(three.store.draft?.text).toBe('first draft');
    expect(await three.store.save()).toBe(true);
    three.close();
    const four = await open();
    expect(four.store.draft?.text).toBe('first draft');
    four.store.dropDraft();
    expect(localStorage.length).toBe(0);
    four.close();
  });

  it('says that no draft could be kept', async () => {
    const { store, close } = await desk().open();
    store.type('x'.repeat(1_000_001));
    expect(store.keep()).toBe(false);
    expect(store.undrafted).toBe(true);
    store.type('short');
    expect(store.keep()).toBe(true);
    const full = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    expect(store.keep()).toBe(false);
    full.mockRestore();
    close();
  });

  it('takes a version back, and keeps what was typed as a draft', async () => {
    const { open, saves, file } = desk();
    const { store, close } = await open();
    store.type('typed');
    await store.show(7);
    expect(await store.takeBack()).toBe(true);
    expect(saves[0]).toMatchObject({ text: 'version 7', origin: 7 });
    expect(store.text).toBe('version 7');
    expect(store.draft?.text).toBe('typed');
    store.takeDraft();
    expect(await store.save()).toBe(true);
    expect(saves[1]).toMatchObject({ text: 'typed', origin: 0 });
    expect(file.text).toBe('typed');
    close();
  });

  it('leaves what was typed where a version cannot be taken back', async () => {
    const { open, saves, file } = desk();
    const { store, close } = await open();
    store.type('typed');
    await store.show(7);
    file.text = 'theirs';
    expect(await store.takeBack()).toBe(false);
    expect(store.text).toBe('typed');
    expect(store.theirs?.text).toBe('theirs');
    expect(await store.takeBack()).toBe(false);
    expect(await store.overwrite()).toBe(true);
    expect(saves.map((save) => [save.text, save.origin])).toEqual([
      ['version 7', 7],
      ['typed', 0],
    ]);
    close();
  });

  it('refuses a large image before it is read, and puts none into another document', async () => {
    const { open, door, answers } = desk();
    const { store, close } = await open();
    const large = new File([], 'large.png');
    const read = vi.spyOn(large, 'arrayBuffer');
    Object.defineProperty(large, 'size', { value: 200 << 20 });
    const put: string[] = [];
    await store.images([large, new File(['x'], 'a[1].png')], (text) => put.push(text));
    expect(read).not.toHaveBeenCalled();
    expect(store.saveFailure?.code).toBe('document_paste');
    expect(put).toEqual(['![a1](images/a.png)']);

    const path = late<{ path: string }>();
    answers['DocumentEditor.AddImage'] = () => path.promise;
    const images = [new File(['x'], 'b.png'), new File(['x'], 'c.png')];
    const added = store.images(images, (text) => put.push(text));
    await vi.waitFor(() =>
      expect(door.calls.filter((call) => call.method === 'DocumentEditor.AddImage')).toHaveLength(2),
    );
    close();
    const closeOther = store.open('g/other', 'en');
    path.give({ path: 'images/b.png' });
    await added;
    expect(put).toHaveLength(1);
    expect(door.calls.filter((call) => call.method === 'DocumentEditor.AddImage')).toHaveLength(2);
    closeOther();
  });

  it('shows no version and no save of the document before', async () => {
    const { open, answers } = desk();
    const { store, close } = await open();
    const slow = late<DocumentVersionText>();
    const saved = late<DocumentSource>();
    answers['DocumentEditor.Version'] = () => slow.promise;
    answers['DocumentEditor.Save'] = () => saved.promise;
    const shown = store.show(1);
    store.type('typed');
    const before = store.save();
    close();
    const closeOther = store.open('g/other', 'en');
    await vi.waitFor(() => expect(store.source).not.toBeNull());
    const other = late<DocumentSource>();
    answers['DocumentEditor.Save'] = () => other.promise;
    store.type('other');
    const mine = store.save();
    slow.give(version(1));
    saved.give({ ...store.source, text: 'typed' } as DocumentSource);
    await Promise.all([shown, before]);
    expect(store.version).toBeNull();
    expect(store.text).toBe('other');
    expect(store.saving).toBe(true);
    other.give({ ...store.source, text: 'other', hash: 'of other' } as DocumentSource);
    expect(await mine).toBe(true);
    expect(store.saving).toBe(false);
    closeOther();
  });

  it('shows the version that was asked for last', async () => {
    const { open, answers } = desk();
    const { store, close } = await open();
    const slow = late<DocumentVersionText>();
    answers['DocumentEditor.Version'] = ({ id }) => (id === 1 ? slow.promise : version(id));
    const first = store.show(1);
    await store.show(2);
    slow.give(version(1));
    await first;
    expect(store.version?.id).toBe(2);
    close();
  });
});
