import { describe, expect, it, vi } from 'vitest';
import type { AlwaysOnView } from '$lib/api/types';
import { execution, TestDoor } from '../../test/door';
import { AlwaysOnStore } from './alwayson.svelte';
import { Running } from './running.svelte';

const wanted = { id: 7, script_id: 'thermal/heat', actual: { state: 'running' } } as AlwaysOnView;

// EXE-8
describe('AlwaysOnStore', () => {
  it('sets, clears and follows what is wanted of a script', async () => {
    let items: AlwaysOnView[] = [];
    const door = new TestDoor({
      'AlwaysOn.List': () => items,
      'AlwaysOn.Set': () => (items = [wanted])[0],
      'AlwaysOn.Clear': () => null,
    });
    const store = new AlwaysOnStore(door);
    store.open('thermal/heat');
    await store.set({ area: 2 });
    expect(door.calls).toContainEqual({
      method: 'AlwaysOn.Set',
      argument: { script_id: 'thermal/heat', parameters: { area: 2 } },
    });
    expect(store.items).toEqual([wanted]);
    items = [{ ...wanted, actual: { ...wanted.actual, state: 'waiting' } }];
    door.send({ seq: 2, type: 'always_on.changed' });
    await vi.waitFor(() => expect(store.items[0]?.actual.state).toBe('waiting'));
    items = [];
    await store.clear(7);
    expect(store.items).toEqual([]);
  });

  it('says why it could not be set', async () => {
    const door = new TestDoor({
      'AlwaysOn.List': () => [],
      'AlwaysOn.Set': () => {
        throw { code: 'always_on_secret', params: { name: 'key' } } as unknown as Error;
      },
    });
    const store = new AlwaysOnStore(door);
    store.open('thermal/heat');
    await store.set({});
    expect(store.failure?.code).toBe('always_on_secret');
    expect(store.busy).toBe(false);
  });
});

describe('stopping what is always on', () => {
  const kept = execution({ always_on: 7 });

  it('asks whether once or for good', async () => {
    const door = new TestDoor({ 'Executions.Stop': () => kept, 'AlwaysOn.Clear': () => null });
    const running = new Running(door);
    await running.press(kept);
    expect(door.calls).toEqual([]);
    expect(running.asked).toBe(kept);
    await running.stopOnce();
    expect(door.calls).toEqual([{ method: 'Executions.Stop', argument: { execution_id: 'e1', now: false } }]);
    expect(running.asked).toBeNull();
    await running.press(kept);
    await running.switchOff();
    expect(door.calls.at(-1)).toEqual({ method: 'AlwaysOn.Clear', argument: { id: 7 } });
  });

  it('asks nothing of others, nor where it is stopping already', async () => {
    const door = new TestDoor({ 'Executions.Stop': () => kept });
    const running = new Running(door);
    await running.press(execution());
    await running.press({ ...kept, phase: 'stopping' });
    expect(running.asked).toBeNull();
    expect(door.calls.map(({ argument }) => argument)).toEqual([
      { execution_id: 'e1', now: false },
      { execution_id: 'e1', now: true },
    ]);
  });
});
