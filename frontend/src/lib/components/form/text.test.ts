import { describe, expect, it } from 'vitest';
import type { Parameter } from '$lib/api/types';
import { i18n } from '$lib/i18n/i18n.svelte';
import { hintOf, messageOf, stepped, textOf, valueOf } from './text';

const number: Parameter = { name: 'n', type: 'number' };

describe('numbers as people write them', () => {
  it.each<[string, boolean, unknown]>([
    ['1.5', false, 1.5],
    ['1,5', true, 1.5],
    ['1,5', false, '1,5'],
    [' -2e3 ', false, -2000],
    [',5', true, 0.5],
    ['1.234,5', true, '1.234,5'],
    ['1e999', false, '1e999'],
    ['12a', false, '12a'],
    ['', false, ''],
  ])('%j with a decimal comma %s is %j', (text, comma, want) => {
    expect(valueOf(number, text, comma)).toEqual(want);
  });

  it('writes them back the same way', () => {
    expect(textOf(number, 0.25, true)).toBe('0,25');
    expect(textOf(number, 0.25, false)).toBe('0.25');
  });

  it('leaves the text of other types alone', () => {
    expect(valueOf({ name: 's', type: 'string' }, ' 7 ', false)).toBe(' 7 ');
    expect(textOf({ name: 'j', type: 'json' }, { a: 1 }, false)).toBe('{\n  "a": 1\n}');
  });
});

describe('steps by the arrow keys', () => {
  it.each<[Partial<Parameter>, unknown, 1 | -1, number]>([
    [{}, '', 1, 0],
    [{ step: 0.1 }, 0.2, 1, 0.3],
    [{ min: 1, step: 2 }, 4, 1, 5],
    [{ min: 1, step: 2 }, 4, -1, 3],
    [{ max: 5 }, 5, 1, 5],
    [{ min: 5 }, 5, -1, 5],
  ])('%j from %j by %i gives %d', (shape, from, direction, want) => {
    expect(stepped({ ...number, ...shape }, from, direction)).toBe(want);
  });
});

describe('sentences', () => {
  it('names the label and writes numbers in the language', async () => {
    const p: Parameter = { name: 'x', type: 'number', label: { en: 'Speed', fr: 'Vitesse' }, max: 1.5 };
    await i18n.use('fr');
    expect(messageOf(i18n, p, { code: 'parameter_max', params: { name: 'x', max: 1.5 } })).toMatch(
      /Vitesse.*1,5/,
    );
    expect(hintOf(i18n, p)).toContain('1,5');
    await i18n.use('en');
    expect(messageOf(i18n, p, { code: 'parameter_type', params: { name: 'x', type: 'number' } })).toContain(
      'a number',
    );
  });
});
