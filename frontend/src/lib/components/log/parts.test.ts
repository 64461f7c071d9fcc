import { describe, expect, it } from 'vitest';
import { Classifier } from './classify';
import { debugText } from './debug';
import { contrast, lookOf, readable } from './look';
import { noQuery, type Query } from './find.svelte';
import { placeOf } from './goto';
import { marker, pieces } from './search';
import { lineTime } from './times';

describe('what went wrong', () => {
  it('marks the head, the frames and the own line of a traceback', () => {
    const classifier = new Classifier();
    const marks = [
      'Traceback (most recent call last):',
      '  File "a.py", line 3, in f',
      '    g()',
      'my.module.Strange: it broke',
      'after',
    ].map((text) => classifier.mark('stderr', text));
    expect(marks).toEqual(['trace', 'own', 'own', 'fault', '']);
  });

  it('tells the lines of the script from those of Python and of packages', () => {
    const classifier = new Classifier();
    const marks = [
      'Traceback (most recent call last):',
      '  File "/srv/groups/tools/oven.py", line 3, in <module>',
      '    read(path)',
      '    ^^^^^^^^^^',
      '  File "/usr/lib/python3.11/json/__init__.py", line 293, in load',
      '    return loads(fp.read(),',
      '  File "C:\\Python\\Lib\\site-packages\\x.py", line 1, in y',
      '  File "<frozen runpy>", line 88, in _run_code',
      'ValueError: no',
      'Traceback (most recent call last):',
      '    odd',
    ].map((text) => classifier.mark('stderr', text));
    expect(marks).toEqual('trace own own own frame frame frame frame fault trace frame'.split(' '));
  });

  it('does not take lines of the other stream into a traceback', () => {
    const classifier = new Classifier();
    classifier.mark('stderr', 'Traceback (most recent call last):');
    expect(classifier.mark('stdout', 'hello')).toBe('');
    expect(classifier.mark('stderr', 'x.Odd')).toBe('fault');
  });

  it('goes on where another stood', () => {
    const before = new Classifier();
    before.mark('stderr', 'Traceback (most recent call last):');
    expect(Classifier.after(before).mark('stderr', 'x.Odd: y')).toBe('fault');
  });

  it.each([
    ['ValueError: no', 'fault'],
    ['KeyboardInterrupt', 'fault'],
    ['subprocess.TimeoutExpired: late', 'fault'],
    ['2026-01-01 10:00:00,000 - root - ERROR - bad', 'error'],
    ['[CRITICAL] bad', 'error'],
    ['WARNING: This is a development server.', 'warning'],
    ['a.py:3: DeprecationWarning: old', 'warning'],
    ['0 ERRORS found', ''],
    ['An error-free run', ''],
  ])('%s is %j', (text, want) => {
    expect(new Classifier().mark('stderr', text)).toBe(want);
  });
});

describe('search', () => {
  const query = (text: string, more: Partial<Query> = {}) => ({ ...noQuery, text, ...more });

  it('marks whatever the case, several times in a line, and signs as signs', () => {
    expect(marker(query('a.b'))('a.b A.B axb')).toEqual([
      { start: 0, end: 3 },
      { start: 4, end: 7 },
    ]);
    expect(marker(query('a.b', { case: true }))('a.b A.B')).toHaveLength(1);
    expect(marker(noQuery)('a')).toEqual([]);
  });

  it('marks whole words, of any alphabet', () => {
    expect(marker(query('über', { word: true }))('über Überbau x_über (über)')).toEqual([
      { start: 0, end: 4 },
      { start: 21, end: 25 },
    ]);
  });

  it('leaves expressions to the engine, whatever they would cost', () => {
    expect(marker(query('(a+)+$', { regexp: true }))('aaaa!')).toEqual([{ start: 0, end: 5 }]);
  });

  it.each(['(', '[a', '\\', 'a-b', '^$', '/'])('takes %j as it is', (needle) => {
    expect(marker(query(needle))(`<${needle}>`)).toEqual([{ start: 1, end: 1 + needle.length }]);
  });

  it('cuts coloured pieces at the matches', () => {
    const style = { fg: 1 };
    const segments = [
      { text: 'abc', style },
      { text: 'def', style: null },
    ];
    expect(pieces(segments, [{ start: 2, end: 4 }], true)).toEqual([
      { text: 'ab', style, hit: 0 },
      { text: 'c', style, hit: 2 },
      { text: 'd', style: null, hit: 2 },
      { text: 'ef', style: null, hit: 0 },
    ]);
  });
});

describe('colours', () => {
  it.each([
    [255, 255, 0],
    [0, 0, 238],
    [128, 128, 128],
  ])('of a script can be read in both themes: %i %i %i', (...colour) => {
    for (const ground of [[251, 252, 253] as const, [15, 20, 25] as const])
      expect(contrast(readable(colour, ground), ground)).toBeGreaterThanOrEqual(4.5);
  });

  it('keep the ground that a script sets, with text that can be read', () => {
    expect(lookOf({ bg: 1 })).toMatchObject({ ground: 'rgb(205 0 0)', light: 'rgb(255 255 255)' });
    expect(lookOf({ fg: 2 })).toEqual({ classes: 'c2' });
    expect(lookOf({ inverse: true, bold: true })).toEqual({ classes: 'bold inverse' });
  });
});

describe('times', () => {
  const begun = '2026-01-01T10:00:00.000Z';
  it.each([
    ['2026-01-01T10:00:01.250Z', '+00:01.250'],
    ['2026-01-01T12:03:04.005Z', '+2:03:04.005'],
    ['2026-01-01T09:59:59Z', '+00:00.000'],
    ['0001-01-01T00:00:00Z', ''],
    ['nonsense', ''],
  ])('%s since the start is %j', (time, want) => {
    expect(lineTime(time, 'relative', begun)).toBe(want);
  });

  it('of day and none', () => {
    expect(lineTime(begun, 'absolute', '')).toMatch(/^\d\d:\d\d:00\.000$/);
    expect(lineTime(begun, 'off', begun)).toBe('');
  });
});

describe('a place to go to', () => {
  const begun = '2026-01-01T23:59:00.000Z';
  const start = new Date(begun);
  it.each([
    ['12', { line: 12 }],
    ['1,200', { line: 1200 }],
    ['1.200.000', { line: 1_200_000 }],
    ['0', { line: 1 }],
    ['+90', { time: new Date(start.getTime() + 90_000) }],
    ['+1:00:05.5', { time: new Date(start.getTime() + 3_605_500) }],
    ['2026-01-02T00:10:00Z', { time: new Date('2026-01-02T00:10:00Z') }],
    ['25:00', null],
    ['soon', null],
    ['', null],
  ])('%j', (text, want) => {
    expect(placeOf(text, begun)).toEqual(want);
  });

  it('takes a time of day that is past midnight as the next day', () => {
    const evening = new Date(2026, 0, 1, 23, 59);
    expect(placeOf('0:10', evening.toISOString())).toEqual({ time: new Date(2026, 0, 2, 0, 10) });
    expect(placeOf('23:59:30', evening.toISOString())).toEqual({ time: new Date(2026, 0, 1, 23, 59, 30) });
    expect(placeOf('0:10', '')).toBeNull();
  });
});

describe('debug lines', () => {
  it.each([
    ['{"time":"t","level":"INFO","msg":"port leased","port":8501}', 'port leased  port=8501'],
    ['{"time":"t","level":"WARN","msg":"x","why":"two words"}', 'WARN x  why="two words"'],
    ['not JSON', 'not JSON'],
    ['{"a":1}', '{"a":1}'],
    ['null', 'null'],
  ])('%s', (line, want) => {
    expect(debugText(line)).toBe(want);
  });
});
