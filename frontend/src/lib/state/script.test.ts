import { describe, expect, it, vi } from 'vitest';
import type { ScriptDetail } from '$lib/api/types';
import { execution, TestDoor } from '../../test/door';
import { Launcher } from './launcher.svelte';
import { ScriptStore } from './script.svelte';

const detail = {
  script: {
    id: 'thermal/heat',
    interface: 'none',
    auto_open_interface: true,
    parameters: [
      { name: 'area', type: 'number', default: 2 },
      { name: 'label', type: 'string' },
    ],
  },
  last_parameters: { label: 'mine' },
  running: [],
  may_run: true,
} as unknown as ScriptDetail;

async function opened(door: TestDoor): Promise<ScriptStore> {
  const store = new ScriptStore(door, new Launcher(door));
  store.open('thermal/heat');
  await vi.waitFor(() => expect(store.detail).not.toBeNull());
  return store;
}

describe('ScriptStore', () => {
  it('keeps the language that was chosen for the document until the person speaks another one', async () => {
    const door = new TestDoor({
      'Scripts.Get': () => detail,
      'Documents.Get': ({ language }) => ({ requested: language }) as never,
    });
    const store = await opened(door);
    const shown = async (language: string) =>
      vi.waitFor(() => expect(store.document?.requested).toBe(language));
    store.openDocument('en');
    await shown('en');
    store.chooseDocument('it');
    await shown('it');
    store.document = null;
    store.openDocument('en'); // the tab is opened again
    await shown('it');
    store.openDocument('es');
    await shown('es');
    store.openDocument('en');
    await shown('en');
  });

  it('begins with the defaults under the last values', async () => {
    const store = await opened(new TestDoor({ 'Scripts.Get': () => detail }));
    expect(store.values).toEqual({ area: 2, label: 'mine' });
    store.reset();
    expect(store.values).toEqual({ area: 2 });
  });

  it('approves folders, and keeps what holds where that is refused', async () => {
    const folder = { path: '/data/share', approved: true, by: 'anna', at: null };
    let refuse = false;
    const door = new TestDoor({
      'Scripts.Get': () => detail,
      'Scripts.ApprovePaths': () => {
        if (refuse) throw new Error('refused');
        return [folder];
      },
    });
    const store = await opened(door);
    await store.approve(['/data/share']);
    expect(store.detail?.paths).toEqual([folder]);
    expect(store.approveFailure).toBeNull();
    refuse = true;
    await store.approve([]);
    expect(store.detail?.paths).toEqual([folder]);
    expect(store.approveFailure).not.toBeNull();
  });

  it('believes of what ended before its start was answered that it has ended', async () => {
    const short = execution({ script_id: 'thermal/heat' });
    const ended = { ...short, state: 'completed' as const };
    let tell = (): void => undefined;
    const door = new TestDoor({
      'Scripts.Get': () => ({ ...detail, running: [short] }),
      'Executions.Run': () => {
        tell();
        return { execution: short, existing: false, ignored: false };
      },
    });
    const store = await opened(door);
    tell = () => door.send({ seq: 1, type: 'execution.changed', data: ended });
    await store.run();
    expect(store.started?.state).toBe('completed');
    expect(store.running).toEqual([]);
    // Nor does what was asked for before and is answered only now bring it back.
    await store.load(false);
    expect(store.running).toEqual([]);
  });

  it('runs with the values and shows what runs', async () => {
    const door = new TestDoor({
      'Scripts.Get': () => detail,
      'Executions.Run': () => ({ execution: execution(), existing: false, ignored: false }),
    });
    const store = await opened(door);
    await store.run();
    expect(door.calls.at(-1)).toMatchObject({
      method: 'Executions.Run',
      argument: { parameters: { area: 2, label: 'mine' } },
    });
    expect(store.running.map(({ id }) => id)).toEqual(['e1']);
    door.send({
      seq: 2,
      type: 'execution.changed',
      data: execution({ state: 'completed', phase: '', reason: 'exit' }),
    });
    expect(store.running).toEqual([]);
    expect(store.started?.state).toBe('completed');
  });

  it('puts what the engine refuses at the field, until that field changes', async () => {
    const door = new TestDoor({
      'Scripts.Get': () => detail,
      'Executions.Run': () => {
        throw {
          code: 'invalid',
          fields: { area: { code: 'parameter_min', params: { name: 'area', min: 1 } } },
        } as unknown as Error;
      },
    });
    const store = await opened(door);
    await store.run();
    expect(store.fieldErrors['area']?.code).toBe('parameter_min');
    store.change({ ...store.values, label: 'other' });
    expect(Object.keys(store.fieldErrors)).toEqual(['area']);
    store.change({ ...store.values, area: 3 });
    expect(store.fieldErrors).toEqual({});
  });

  it('lets what is over a limit wait for room, when the person chooses', async () => {
    const place = { limit: 'max_interfaces_per_user', value: 5, place: 2 } as const;
    const queued = execution({ state: 'queued', phase: '', queue: place });
    const door = new TestDoor({
      'Scripts.Get': () => detail,
      'Executions.Run': ({ queue }: { queue?: boolean }) => {
        if (queue) return { execution: queued, existing: false, ignored: false };
        throw { code: 'too_many_interfaces', params: { limit: place.limit, value: 5 } } as unknown as Error;
      },
    });
    const store = await opened(door);
    await store.run();
    expect(store.mayQueue).toBe(true);
    expect(store.running).toEqual([]);
    await store.run(true);
    expect(store.mayQueue).toBe(false);
    expect(store.started?.state).toBe('queued');
    const moved = execution({ ...queued, queue: { ...place, place: 1 } });
    door.send({ seq: 2, type: 'execution.changed', data: moved });
    expect(store.running[0]?.queue?.place).toBe(1);
  });
});
