import { describe, expect, it } from 'vitest';
import type { Execution } from '$lib/api/types';
import { execution, TestDoor } from '../../test/door';
import { ExecutionStore } from './execution.svelte';

describe('ExecutionStore', () => {
  it('does not go back to what was asked for before an event came', async () => {
    let answer: (execution: Execution) => void = () => undefined;
    const door = new TestDoor({ 'Executions.Get': () => new Promise<Execution>((done) => (answer = done)) });
    const store = new ExecutionStore(door);
    const stop = store.open('e1');
    door.send({
      seq: 1,
      type: 'execution.changed',
      data: execution({ phase: 'ready', url: 'http://127.0.0.1:5201/' }),
    });
    answer(execution({ phase: 'starting', url: '', command: ['python'] }));
    await new Promise((done) => setTimeout(done));
    expect(store.execution?.phase).toBe('ready');
    expect(store.execution?.url).toBe('http://127.0.0.1:5201/');
    expect(store.execution?.command).toEqual(['python']);
    stop();
  });
});
