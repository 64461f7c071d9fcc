import { describe, expect, it } from 'vitest';
import type { Parameter } from '$lib/api/types';
import { linkValues } from './values';

const of = (name: string, type: Parameter['type'], more: Partial<Parameter> = {}): Parameter => ({
  name,
  type,
  ...more,
});

describe('linkValues', () => {
  // DOC-3
  it('gives values of the types that the parameters have', () => {
    const parameters = [
      of('flow', 'number'),
      of('steps', 'integer'),
      of('deep', 'boolean'),
      of('kinds', 'multiselect'),
      of('title', 'string'),
    ];
    expect(
      linkValues(parameters, 'p.flow=2.5&p.steps=3&p.deep=true&p.kinds=a&p.kinds=b&p.title=x%20y'),
    ).toEqual({ flow: 2.5, steps: 3, deep: true, kinds: ['a', 'b'], title: 'x y' });
  });

  it('takes neither secrets nor what does not fit', () => {
    const parameters = [
      of('key', 'password'),
      of('token', 'string', { sensitive: true }),
      of('flow', 'number'),
      of('deep', 'boolean'),
    ];
    expect(linkValues(parameters, 'p.key=a&p.token=b&p.flow=much&p.deep=1&p.other=x&flow=1')).toEqual({});
  });
});
