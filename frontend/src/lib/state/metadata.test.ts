import { describe, expect, it, vi } from 'vitest';
import { DoorFailure } from '$lib/api';
import type { Metadata, MetadataSetRequest } from '$lib/api/types';
import { conditionOf, conditionText } from '../components/metadata/parameter';
import { TestDoor } from '../../test/door';
import { MetadataStore } from './metadata.svelte';

function metadata(category: string, source: string, version: number): Metadata {
  const layers = [{ source, value: category }];
  return {
    script_id: 'g/s',
    version,
    changed_at: null,
    changed_by: '',
    active: true,
    problems: [],
    fields: [{ field: 'category', source, value: category, layers, edited_at: null, edited_by: '' }],
  };
}

describe('MetadataStore', () => {
  it('keeps what was typed when somebody else was first, tells it, and saves over it', async () => {
    let kept = metadata('heat', 'header', 0);
    const door = new TestDoor({
      'Metadata.Get': () => kept,
      'Metadata.Check': () => ({ values: {} }),
      'Metadata.Set': (request: MetadataSetRequest) => {
        if (request.version !== kept.version)
          throw new DoorFailure({ code: 'metadata_changed', params: { user: 'anna' } });
        kept = metadata(String(request.values?.['category']), 'edited', kept.version + 1);
        return kept;
      },
    });
    const store = new MetadataStore(door);
    store.open('g/s');
    await vi.waitFor(() => expect(store.data).not.toBeNull());
    store.change('category', 'mine');
    expect(store.moved('category')).toBe(false);
    kept = metadata('of anna', 'edited', 1);
    expect(await store.save()).toBe(false);
    expect(store.saveFailure?.code).toBe('metadata_changed');
    expect(store.value('category')).toBe('mine');
    expect(store.moved('category')).toBe(true);
    expect(await store.save()).toBe(true);
    expect(kept.fields[0]?.value).toBe('mine');
    expect(store.dirty).toBe(false);
  });

  it('forgets a draft that has come to be so, and mistakes of what is typed over', async () => {
    let kept = metadata('heat', 'header', 0);
    const door = new TestDoor({
      'Metadata.Get': () => kept,
      'Metadata.Check': () => {
        throw new DoorFailure({ code: 'invalid', fields: { category: { code: 'edit_value' } } });
      },
    });
    const store = new MetadataStore(door);
    store.open('g/s');
    await vi.waitFor(() => expect(store.data).not.toBeNull());
    store.change('category', 'cold');
    await store.check();
    expect(store.errors['category']?.code).toBe('edit_value');
    store.change('category', 'col');
    expect(store.errors).toEqual({});
    kept = metadata('col', 'header', 0);
    await store.load();
    expect(store.dirty).toBe(false);
    store.change('category', 'x');
    store.change('category', 'col');
    expect(store.dirty).toBe(false);
  });
});

describe('conditions', () => {
  it('are one value, or several with commas between', () => {
    for (const [text, want] of [
      ['a', 'a'],
      ['a, b', ['a', 'b']],
      ['', ''],
    ] as const) {
      expect(conditionOf(text)).toEqual(want);
      expect(conditionText(want)).toBe(text);
    }
    expect(conditionText([true, 2])).toBe('true, 2');
  });
});
