import { describe, expect, it, vi } from 'vitest';
import { DoorFailure } from '$lib/api';
import type { Parameter, SaveTemplateRequest, TemplateView } from '$lib/api/types';
import { sameValues } from '../components/script/values';
import { TestDoor } from '../../test/door';
import { TemplatesStore } from './templates.svelte';

const template = (changes: Partial<TemplateView> = {}) =>
  ({ id: 1, name: 'T', version: 1, shared: false, own: true, parameters: {}, ...changes }) as TemplateView;

describe('TemplatesStore', () => {
  it('tells who saved it meanwhile, and saves over it when that is wanted', async () => {
    let kept = template();
    const offered: (number | undefined)[] = []; // while the list was read
    const door: TestDoor = new TestDoor({
      'Templates.List': () => {
        offered.push(store.refused?.id);
        return [kept];
      },
      'Templates.Save': (request: SaveTemplateRequest) => {
        if (request.version !== kept.version)
          throw new DoorFailure({ code: 'template_changed', params: { user: 'dora' } });
        kept = template({ ...request, version: kept.version + 1 } as Partial<TemplateView>);
        return kept;
      },
    });
    const store: TemplatesStore = new TemplatesStore(door);
    store.open('g/s');
    await vi.waitFor(() => expect(store.items).not.toBeNull());
    store.choose('1');
    kept = template({ version: 2, updated_by: 'dora' });
    expect(await store.save({ id: 1, version: 1, name: 'mine' })).toBe(false);
    expect(store.refused).not.toBeNull();
    expect(store.newer?.updated_by).toBe('dora');
    expect(store.theirs?.updated_by).toBe('dora');
    // The choice is offered when the other's is known, or it would be refused again.
    expect(offered).toEqual([undefined, undefined]);
    expect(await store.saveOver()).toBe(true);
    expect(store.chosen?.name).toBe('mine');
    expect(store.newer).toBeUndefined();
  });

  it('lets go of what somebody deleted or offers no more, with a word', async () => {
    let list = [template(), template({ id: 2, name: 'Other' })];
    const door = new TestDoor({ 'Templates.List': () => list });
    const store = new TemplatesStore(door);
    store.open('g/s');
    await vi.waitFor(() => expect(store.items).not.toBeNull());
    store.choose('2');
    list = [template()];
    await store.load();
    expect(store.chosen).toBeNull();
    expect(store.from).toEqual({});
    expect(store.gone).toBe('Other');
    store.choose('1');
    expect(store.gone).toBe('');
    await store.load();
    expect(store.chosen?.id).toBe(1);
  });

  it('says what a run is from', async () => {
    const example = template({ id: 0, example: 'examples/a.json' });
    const store = new TemplatesStore(new TestDoor({ 'Templates.List': () => [template(), example] }));
    store.open('g/s');
    await vi.waitFor(() => expect(store.items).not.toBeNull());
    expect(store.from).toEqual({});
    store.choose('1');
    expect(store.from).toEqual({ template_id: 1 });
    store.choose('examples/a.json');
    expect(store.from).toEqual({ example: 'examples/a.json' });
    store.choose('no such');
    expect(store.from).toEqual({});
  });
});

describe('sameValues', () => {
  const parameters = [
    { name: 'n', type: 'number' },
    { name: 'list', type: 'json' },
    { name: 'key', type: 'password' },
  ] as Parameter[];
  it.each([
    [{ n: 1 }, { n: '1' }, true],
    [{ n: 1 }, { n: 2 }, false],
    [{ n: '' }, {}, true],
    [{ list: [] }, {}, true],
    [{ list: { a: 1, b: 2 } }, { list: { b: 2, a: 1 } }, true],
    [{ key: 'x' }, { key: 'y' }, true],
  ])('%j and %j: %s', (one, other, same) => {
    expect(sameValues(parameters, one, other)).toBe(same);
  });
});
