import { describe, expect, it, vi } from 'vitest';
import { execution, TestDoor } from '../../test/door';
import { EnvironmentStore } from './environment.svelte';
import { session } from './session.svelte';

describe('EnvironmentStore', () => {
  it('lists what one runs oneself, and hears of what others run', async () => {
    const door = new TestDoor({
      'Environments.Get': () => ({ path: '/opt/conda' }),
      'Environments.Uses': () => [],
      'Executions.List': () => ({ items: [], next: '' }),
    });
    vi.spyOn(session, 'user', 'get').mockReturnValue({ id: 1 } as never);
    const store = new EnvironmentStore(door);
    store.open('/opt/conda');
    await store.loadExecutions();
    const asked = () => door.calls.filter(({ method }) => method === 'Environments.Get').length;
    const before = asked();
    door.send({ seq: 1, type: 'execution.changed', data: execution({ id: 'theirs', user_id: 2 }) });
    expect(store.executions).toEqual([]);
    expect(asked()).toBe(before + 1); // an environment in use is not removed, whoever uses it
    door.send({ seq: 2, type: 'execution.changed', data: execution({ id: 'mine' }) });
    expect(store.executions?.map(({ id }) => id)).toEqual(['mine']);
  });
});
