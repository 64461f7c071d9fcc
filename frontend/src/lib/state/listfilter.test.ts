import { describe, expect, it } from 'vitest';
import { formatFilter, listQuery, narrows, noFilter, parseFilter, searchQuery } from './listfilter';

describe('the filter of the list of executions', () => {
  it('is the same when it is read back from its address', () => {
    const filter = {
      ...noFilter,
      text: 'pump & "valve" 3%',
      state: 'failed',
      script: 'g/a b',
      from: '2026-03-01',
      min: '1.5',
      user: '*',
      sort: 'duration' as const,
      order: 'asc',
    };
    expect(parseFilter(formatFilter(filter))).toEqual(filter);
    expect(formatFilter(noFilter)).toBe('');
    expect(parseFilter('')).toEqual(noFilter);
  });

  it('leaves out what makes no sense', () => {
    expect(
      parseFilter('state=x&from=yesterday&to=2026-13-40&min=-3&max=x&sort=id&project=a&other=1'),
    ).toEqual(noFilter);
  });

  it('asks for whole days of the person’s calendar, and the same of logs', () => {
    const filter = parseFilter('from=2026-03-28&to=2026-03-29&state=live&max=60&only=shared&text=pump');
    const query = listQuery(filter);
    expect(query).toMatchObject({
      states: ['queued', 'running'],
      since: new Date(2026, 2, 28).toISOString(),
      until: new Date(2026, 2, 30).toISOString(),
      longest: 60,
      shared: true,
    });
    expect(searchQuery(filter)).toMatchObject({ query: 'pump', since: query.since, longest: 60 });
    expect(searchQuery(noFilter)).toBeNull();
    const narrowed = { ...noFilter, text: 'pump', kind: 'script', only: 'bookmarked' };
    expect(searchQuery(narrowed)).toMatchObject({ kind: 'script', bookmarked: true });
    expect(searchQuery({ ...narrowed, only: 'shared' })).toMatchObject({ shared: true });
  });

  it('tells whether anything is left out', () => {
    expect(narrows(parseFilter('sort=user&order=asc&user=*&text=x'))).toBe(false);
    expect(narrows(parseFilter('only=bookmarked'))).toBe(true);
  });
});
