import { describe, expect, it } from 'vitest';
import { auditRequest, formatAudit, parseAudit } from '$lib/state/audit.svelte';
import { sides } from './audit';

describe('sides', () => {
  it('names what differs, and all of what is on one side', () => {
    expect(sides({ level: 'viewer', name: 'otto' }, { level: 'admin', name: 'otto', new: [1] })).toEqual([
      { name: 'level', before: 'viewer', after: 'admin' },
      { name: 'new', before: undefined, after: '[1]' },
    ]);
    expect(sides(undefined, { n: 1, text: 'a' })).toEqual([
      { name: 'n', before: undefined, after: '1' },
      { name: 'text', before: undefined, after: 'a' },
    ]);
    expect(sides({ gone: null }, undefined)).toEqual([{ name: 'gone', before: 'null', after: undefined }]);
    expect(sides(1, 2)).toEqual([{ name: '', before: '1', after: '2' }]);
    expect(sides(undefined, undefined)).toEqual([]);
  });
});

describe('the choice in the address', () => {
  it('comes back as it was, without what is no day', () => {
    const choice = {
      actor: 'anna',
      action: 'user.sign_in',
      text: 'a&b',
      from: '2026-01-31',
      to: '2026-02-01',
    };
    expect(parseAudit(formatAudit(choice))).toEqual(choice);
    expect(formatAudit(parseAudit(''))).toBe('');
    expect(parseAudit('from=yesterday&to=2026-1-1')).toMatchObject({ from: '', to: '' });
  });

  it('is asked for in whole days of this machine', () => {
    const asked = auditRequest({ actor: '', action: '', text: ' x ', from: '2026-01-31', to: '2026-01-31' });
    expect(asked.text).toBe('x');
    expect(asked.since).toBe(new Date(2026, 0, 31).toISOString());
    expect(asked.until).toBe(new Date(2026, 1, 1).toISOString());
    expect(auditRequest(parseAudit('text=y'))).toEqual({ actor: '', action: '', text: 'y' });
  });
});
