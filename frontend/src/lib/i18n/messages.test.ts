import { describe, expect, it } from 'vitest';
import { toResources } from './messages';

describe('toResources', () => {
  it('keeps texts and spreads plural forms', () => {
    expect(toResources({ a: 'A', b: { one: '1', other: 'n' } })).toEqual({
      a: 'A',
      b_one: '1',
      b_other: 'n',
      b_many: 'n',
    });
  });
});
