import { afterEach, describe, expect, it, vi } from 'vitest';
import { execution, TestDoor } from '../../test/door';
import { Running } from './running.svelte';
import { session } from './session.svelte';
import { toasts } from './toasts.svelte';

describe('Running', () => {
  afterEach(() => vi.restoreAllMocks());

  it('tells of the last end of each script', async () => {
    vi.spyOn(session, 'user', 'get').mockReturnValue({ id: execution().user_id } as never);
    const door = new TestDoor({ 'Executions.List': () => ({ items: [], next: '' }) });
    const stop = new Running(door).start();
    let seq = 0;
    const ends = (id: string, script: string, exit: number) => {
      const of = { id, script_id: script, script_name: { en: script } };
      door.send({ seq: ++seq, type: 'execution.changed', data: execution(of) });
      const end = { state: 'failed', reason: 'exit_code', reason_params: { code: exit } } as const;
      door.send({ seq: ++seq, type: 'execution.changed', data: execution({ ...of, ...end }) });
    };
    await vi.waitFor(() => expect(door.calls.length).toBeGreaterThan(0));
    ends('a', 'walk/one', 1);
    ends('b', 'walk/two', 2);
    ends('c', 'walk/one', 3);
    expect(toasts.items.map(({ link }) => link?.href)).toEqual(['#/executions/b', '#/executions/c']);
    stop();
  });
});
