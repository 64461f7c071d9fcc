import { describe, expect, it } from 'vitest';
import { Classifier } from './classify';
import { debugText } from './debug';
import { contrast, lookOf, readable } from './look';
import { pieces, Search } from './search';
import { lineTime } from './times';
import type { Row } from './pages';

const row = (plain: string) => ({ plain }) as Row;

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
    expect(marks).toEqual(['trace', 'frame', 'frame', 'fault', '']);
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
  it('finds whatever the case, several times in a line, and signs as signs', () => {
    const runs = [{ first: 10, rows: [row('a.b A.B axb'), row('none')] }];
    expect(new Search().find(runs, 'a.b')).toEqual([
      { row: 10, start: 0, end: 3 },
      { row: 10, start: 4, end: 7 },
    ]);
  });

  it('finds in rows that came since', () => {
    const search = new Search();
    const rows = [row('x')];
    expect(search.find([{ first: 0, rows }], 'x')).toHaveLength(1);
    rows.push(row('x'));
    expect(search.find([{ first: 0, rows }], 'x')).toHaveLength(2);
    expect(search.find([{ first: 0, rows }], 'y')).toHaveLength(0);
  });

  it.each(['(', '[a', '\\', 'a-b', '^$', '/'])('takes %j as it is', (needle) => {
    expect(new Search().find([{ first: 0, rows: [row(`<${needle}>`)] }], needle)).toHaveLength(1);
  });

  it('cuts coloured pieces at the matches', () => {
    const style = { fg: 1 };
    const segments = [
      { text: 'abc', style },
      { text: 'def', style: null },
    ];
    const match = { row: 0, start: 2, end: 4 };
    expect(pieces(segments, [match], match)).toEqual([
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
