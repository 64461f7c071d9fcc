import { describe, expect, it, vi } from 'vitest';
import type { ExecutionQuery } from '$lib/api/types';
import { execution, TestDoor } from '../../test/door';
import { ExecutionsStore } from './executions.svelte';

describe('ExecutionsStore', () => {
  it('reads page after page by the cursor', async () => {
    const door = new TestDoor({
      'Executions.List': ({ before }: ExecutionQuery) =>
        before ? { items: [execution({ id: 'e2' })], next: '' } : { items: [execution()], next: 'c' },
    });
    const store = new ExecutionsStore(door);
    store.open({});
    await vi.waitFor(() => expect(store.next).toBe('c'));
    await store.more();
    expect(store.items?.map(({ id }) => id)).toEqual(['e1', 'e2']);
    expect(store.next).toBe('');
  });

  it('takes in what starts if it matches the filters, and what changes', async () => {
    const door = new TestDoor({ 'Executions.List': () => ({ items: [execution()], next: '' }) });
    const store = new ExecutionsStore(door);
    store.open({ group_id: 'thermal' });
    await vi.waitFor(() => expect(store.items).toHaveLength(1));
    door.send({ seq: 1, type: 'execution.changed', data: execution({ id: 'other', group_id: 'system' }) });
    door.send({ seq: 2, type: 'execution.changed', data: execution({ id: 'new' }) });
    door.send({ seq: 3, type: 'execution.changed', data: execution({ state: 'failed' }) });
    expect(store.items?.map(({ id, state }) => `${id} ${state}`)).toEqual(['new running', 'e1 failed']);
  });
});
