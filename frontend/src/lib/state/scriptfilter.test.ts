import { describe, expect, it } from 'vitest';
import type { ScriptView } from '$lib/api';
import { countTags, fits, narrowing, noFilter, readFilter, writeFilter } from './scriptfilter';
import { tagProblem } from './tags.svelte';

const script = (id: string, tags: string[]) =>
  ({ id, tags, required_level: 'operator', category: 'x' }) as unknown as ScriptView;
const scripts = [script('g/a', ['Heat', 'wall']), script('g/b', ['heat']), script('g/c', [])];
const own = (id: string) => (id === 'g/c' ? ['mine', 'HEAT'] : id === 'g/b' ? ['heat'] : []);

describe('tags of scripts', () => {
  it('are counted once for each script, own ones too', () =>
    expect(countTags(scripts, own).map(({ key, count, own }) => [key, count, own])).toEqual([
      ['heat', 3, 2],
      ['mine', 1, 1],
      ['wall', 1, 0],
    ]));
  it('choose scripts that have all, or any', () => {
    const chosen = (tags: string[], any: boolean) =>
      scripts.filter((one) => fits(one, { ...noFilter, tags, any }, own)).map(({ id }) => id);
    expect(chosen(['heat', 'MINE'], false)).toEqual(['g/c']);
    expect(chosen(['wall', 'mine'], true)).toEqual(['g/a', 'g/c']);
    expect(chosen([], false)).toHaveLength(3);
  });
  it('go into the address and come back', () => {
    const filter = { text: 'a b', tags: ['x&y', 'é'], any: true, level: 'admin', category: 'c' };
    expect(readFilter(writeFilter(filter))).toEqual(filter);
    expect(writeFilter(noFilter)).toBe('');
  });
  it('go to the search with the words', () => {
    expect(narrowing({ text: 'a', tags: ['x'], any: true, level: 'admin', category: 'c' }, 'g')).toEqual({
      group_id: 'g',
      tags: ['x'],
      any_tag: true,
      level: 'admin',
      category: 'c',
    });
    expect(narrowing(noFilter)).toEqual({});
  });
});

describe('a tag while it is typed', () => {
  const rules = { maximum_tags: 2, maximum_length: 5, any_characters: false, suggestions: true };
  const code = (name: string, any = false) => tagProblem(name, { ...rules, any_characters: any })?.code ?? '';
  it('is told what is wrong with it', () =>
    expect(['', 'ok', 'é_-1', 'a b', '!?', 'abcdef', 'a\u200bb', 'a,b'].map((name) => code(name))).toEqual([
      '',
      '',
      '',
      'tag_character',
      'tag_only',
      'tag_long',
      'tag_hidden',
      'tag_character',
    ]));
  it('may have all that is seen where that is allowed', () =>
    expect(['a b', 'C++', 'a,b', 'a\nb'].map((name) => code(name, true))).toEqual([
      '',
      '',
      'tag_hidden',
      'tag_hidden',
    ]));
});
