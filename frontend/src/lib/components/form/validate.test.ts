import { describe, expect, it } from 'vitest';
import type { Parameter } from '$lib/api/types';
import { check, shown, wrongWith } from './validate';

type Shape = Omit<Parameter, 'name'>;

const missing = Symbol('not given');
const options = [{ value: 'gzip' }, { value: 'none' }, { value: '3' }];

// The same table as the engine's own test, backend/execution/parameter_test.go.
const cases: [string, Shape, unknown, { value?: unknown; code?: string }][] = [
  ['string', { type: 'string' }, 'a b', { value: 'a b' }],
  ['leading dash', { type: 'string' }, '--rm', { value: '--rm' }],
  ['NUL', { type: 'string' }, 'a\0b', { code: 'parameter_type' }],
  [
    'pattern holds for all of it',
    { type: 'string', pattern: '[a-z]+' },
    'abc1',
    { code: 'parameter_pattern' },
  ],
  ['too long', { type: 'string', max: 2 }, 'äöü', { code: 'parameter_max' }],
  ['length in characters, not units', { type: 'string', max: 2 }, '🙂🙂', { value: '🙂🙂' }],
  ['too short', { type: 'text', min: 2 }, 'a', { code: 'parameter_min' }],
  ['empty optional', { type: 'string' }, '', {}],
  ['empty required', { type: 'string', required: true }, '', { code: 'parameter_required' }],
  ['default', { type: 'integer', default: 5 }, missing, { value: 5 }],
  ['emptied default', { type: 'integer', default: 5 }, '', {}],
  ['integer', { type: 'integer' }, 7, { value: 7 }],
  ['integer as text', { type: 'integer' }, ' 7 ', { value: 7 }],
  ['fraction', { type: 'integer' }, 7.5, { code: 'parameter_type' }],
  ['too large to be exact', { type: 'integer' }, 2 ** 54, { code: 'parameter_type' }],
  ['not a number', { type: 'number' }, 'NaN', { code: 'parameter_type' }],
  ['infinite', { type: 'number' }, 'Inf', { code: 'parameter_type' }],
  ['true is no number', { type: 'number' }, true, { code: 'parameter_type' }],
  ['below', { type: 'number', min: 0 }, -0.1, { code: 'parameter_min' }],
  ['above', { type: 'number', max: 1 }, 1.1, { code: 'parameter_max' }],
  ['decimal step', { type: 'number', step: 0.1 }, 0.3, { value: 0.3 }],
  ['off the step', { type: 'number', min: 1, step: 2 }, 4, { code: 'parameter_step' }],
  ['boolean', { type: 'boolean' }, true, { value: true }],
  ['boolean false is not empty', { type: 'boolean', required: true }, false, { value: false }],
  ['boolean in words', { type: 'boolean' }, 'maybe', { code: 'parameter_type' }],
  ['select', { type: 'select', options }, 'gzip', { value: 'gzip' }],
  ['select by number', { type: 'select', options }, 3, { value: '3' }],
  ['no such option', { type: 'select', options }, 'xz', { code: 'parameter_option' }],
  ['multiselect', { type: 'multiselect', options }, ['gzip', 'none'], { value: ['gzip', 'none'] }],
  ['multiselect as words', { type: 'multiselect', options }, 'gzip, 3', { value: ['gzip', '3'] }],
  ['several integers', { type: 'integer', multiple: true }, [1, 2], { value: [1, 2] }],
  ['one bad of several', { type: 'integer', multiple: true }, [1, 'x'], { code: 'parameter_type' }],
  ['too many', { type: 'integer', multiple: true }, Array(1001).fill(1), { code: 'parameter_max' }],
  [
    'none of several',
    { type: 'integer', multiple: true, required: true },
    [],
    { code: 'parameter_required' },
  ],
  ['date', { type: 'date' }, '2026-02-28', { value: '2026-02-28' }],
  ['no such day', { type: 'date' }, '2026-02-30', { code: 'parameter_type' }],
  ['datetime of a form', { type: 'datetime' }, '2026-02-28T23:59', { value: '2026-02-28T23:59' }],
  ['datetime with zone', { type: 'datetime' }, '2026-02-28T23:59:00Z', { value: '2026-02-28T23:59:00Z' }],
  ['datetime with a blank', { type: 'datetime' }, '2026-02-28 23:59', { code: 'parameter_type' }],
  ['no such hour', { type: 'datetime' }, '2026-02-28T24:00', { code: 'parameter_type' }],
  ['color', { type: 'color' }, '#0B5CAB', { value: '#0B5CAB' }],
  ['color by name', { type: 'color' }, 'red', { code: 'parameter_type' }],
  ['json', { type: 'json' }, '{"a": "<b>"}', { value: { a: '<b>' } }],
  ['bad json', { type: 'json' }, '{"a": ', { code: 'parameter_type' }],
  ['file', { type: 'file' }, '/data/f.csv', { value: '/data/f.csv' }],
  ['file on Windows', { type: 'file' }, 'C:\\data\\f.csv', { value: 'C:\\data\\f.csv' }],
  ['relative file', { type: 'file' }, 'f.csv', { code: 'parameter_path' }],
  ['password', { type: 'password', min: 8 }, 's3cret', { code: 'parameter_min' }],
  ['pattern of Go with a flag', { type: 'string', pattern: '(?i)[a-z]+' }, 'ABC', { value: 'ABC' }],
  ['pattern that only Go knows', { type: 'string', pattern: '[[:alpha:]]+\\pL(?U)' }, 'x', { value: 'x' }],
];

describe('check of one parameter', () => {
  it.each(cases)('%s', (_, shape, given, want) => {
    const p = { name: 'p', ...shape };
    const { values, fields } = check([p], given === missing ? {} : { p: given });
    expect(fields['p']?.code).toBe(want.code);
    if (!want.code) expect(values).toEqual(want.value === undefined ? {} : { p: want.value });
    if (want.code) expect(fields['p']?.params?.['name']).toBe('p');
  });
});

describe('check of several', () => {
  const declared: Parameter[] = [
    { name: 'mode', type: 'select', options: [{ value: 'a' }, { value: 'b' }], default: 'a' },
    { name: 'detail', type: 'string', required: true, depends_on: { mode: ['b'] } },
  ];

  it('refuses a name that is not declared', () => {
    expect(check(declared, { port: '1' }).fields['port']?.code).toBe('parameter_unknown');
  });

  it('neither requires nor passes what is hidden', () => {
    expect(check(declared, { detail: 'ignored' })).toEqual({ values: { mode: 'a' }, fields: {} });
  });

  it('requires what is shown', () => {
    expect(check(declared, { mode: 'b' }).fields['detail']?.code).toBe('parameter_required');
  });

  it.each([
    [true, 'true', true],
    ['1', 1, true],
    [true, undefined, false],
    [['x', 'y'], 'y', true],
    [['x', 'y'], 'z', false],
  ])('shows for %j when the other is %j: %s', (want, have, result) => {
    expect(shown({ name: 'p', type: 'string', depends_on: { other: want } }, { other: have })).toBe(result);
  });
});

it('tells which of several values is wrong', () => {
  const p: Parameter = { name: 'p', type: 'integer', multiple: true, max: 5 };
  expect([3, 9, 'x'].map((value) => wrongWith(p, value)?.code)).toEqual([
    undefined,
    'parameter_max',
    'parameter_type',
  ]);
});
