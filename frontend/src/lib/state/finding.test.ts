import { describe, expect, it } from 'vitest';
import type { Door, ScriptSearchResult } from '$lib/api';
import { FindingStore } from './finding.svelte';

function ready(): { api: Door; asked: object[]; answer: (total: number) => Promise<void> } {
  const asked: object[] = [];
  const waiting: ((result: ScriptSearchResult) => void)[] = [];
  const api = {
    call: (_: string, request: object) => {
      asked.push(request);
      return new Promise((resolve) => waiting.push(resolve as (result: ScriptSearchResult) => void));
    },
  } as unknown as Door;
  const answer = async (total: number) => {
    waiting.shift()?.({ hits: [], total });
    for (let i = 0; i < 5; i++) await Promise.resolve();
  };
  return { api, asked, answer };
}

describe('a search over scripts', () => {
  it('is narrowed by what is chosen, and asked again when that changes meanwhile', async () => {
    const { api, asked, answer } = ready();
    const finding = new FindingStore(200, api);
    finding.look('heat', { tags: ['a'] });
    finding.look('heat', { tags: ['a'], level: 'admin' });
    await answer(7);
    expect(finding.hits).toBeNull();
    await answer(3);
    expect(finding.total).toBe(3);
    expect(asked).toMatchObject([
      { text: 'heat', tags: ['a'], limit: 200 },
      { text: 'heat', tags: ['a'], level: 'admin', limit: 200 },
    ]);
    expect(asked).toHaveLength(2);
  });
  it('is not asked twice for one question', async () => {
    const { api, asked, answer } = ready();
    const finding = new FindingStore(200, api);
    finding.look('heat', { tags: ['a'] });
    finding.look('heat', { tags: ['a'] });
    await answer(7);
    expect(finding.total).toBe(7);
    expect(asked).toHaveLength(1);
  });
});
