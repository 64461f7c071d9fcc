import { describe, expect, it, vi } from 'vitest';
import type { ExecutionQuery } from '$lib/api/types';
import { execution, TestDoor } from '../../test/door';
import { ExecutionsStore } from './executions.svelte';
import { session } from './session.svelte';

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
    vi.spyOn(session, 'user', 'get').mockReturnValue({ id: execution().user_id } as never);
    store.open({ group_id: 'thermal' });
    await vi.waitFor(() => expect(store.items).toHaveLength(1));
    door.send({ seq: 1, type: 'execution.changed', data: execution({ id: 'other', group_id: 'system' }) });
    door.send({ seq: 2, type: 'execution.changed', data: execution({ id: 'new' }) });
    door.send({ seq: 3, type: 'execution.changed', data: execution({ state: 'failed' }) });
    expect(store.items?.map(({ id, state }) => `${id} ${state}`)).toEqual(['new running', 'e1 failed']);
  });

  it('shows no execution of others to an administrator who did not ask for them', async () => {
    const door = new TestDoor({ 'Executions.List': () => ({ items: [], next: '' }) });
    vi.spyOn(session, 'user', 'get').mockReturnValue({ id: 7 } as never);
    const others = execution({ id: 'theirs', user_id: 8, user: 'otto' });
    const store = new ExecutionsStore(door);
    store.open({});
    await vi.waitFor(() => expect(store.items).toEqual([]));
    door.send({ seq: 1, type: 'execution.changed', data: others });
    expect(store.items).toEqual([]);
    store.open({ all_users: true });
    await vi.waitFor(() => expect(store.items).toEqual([]));
    door.send({ seq: 2, type: 'execution.changed', data: others });
    expect(store.items).toHaveLength(1);
  });

  it('lists none twice, and reads on when all that it shows are deleted', async () => {
    let asked = 0;
    const door = new TestDoor({
      'Executions.List': ({ before }: ExecutionQuery) => {
        asked += 1;
        if (before) return { items: [execution(), execution({ id: 'e2' })], next: 'd' };
        return { items: [execution({ id: asked === 1 ? 'e1' : 'e3' })], next: 'c' };
      },
      'Executions.Delete': ({ execution_ids }) => ({ deleted: execution_ids, left: [] }),
    });
    const store = new ExecutionsStore(door);
    store.open({});
    await vi.waitFor(() => expect(store.next).toBe('c'));
    await store.more();
    expect(store.items?.map(({ id }) => id)).toEqual(['e1', 'e2']);
    store.choose(['e1', 'e2']);
    await store.deleteChosen();
    expect(store.items?.map(({ id }) => id)).toEqual(['e3']);
  });
});
