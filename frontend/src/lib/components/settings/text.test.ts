import { describe, expect, it } from 'vitest';
import type { Setting } from '$lib/api/types';
import { valueText } from './text';

// ADM-3: a port is no amount.
describe('valueText', () => {
  it('groups digits of amounts only', () => {
    expect(valueText({ unit: '' } as Setting, 5200)).toBe('5200');
    expect(valueText({} as Setting, 100_000)).toBe('100000');
    expect(valueText({ unit: 'seconds' } as Setting, 86_400)).toContain('86,400');
  });
});
