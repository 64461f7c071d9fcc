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

  it('shows a count with the separators of the language', () => {
    expect(
      toResources({ a: '{{.count}} of {{.seen}}', b: { one: '{{.count}}', other: '{{.count}}s' } }),
    ).toEqual({
      a: '{{.count_text}} of {{.seen}}',
      b_one: '{{.count_text}}',
      b_other: '{{.count_text}}s',
      b_many: '{{.count_text}}s',
    });
  });
});
