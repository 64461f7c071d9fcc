import { afterEach, describe, expect, it, vi } from 'vitest';
import type { ScriptView } from '$lib/api/types';
import { execution, TestDoor } from '../../test/door';
import { Launcher } from './launcher.svelte';
import { toasts } from './toasts.svelte';

const script = { id: 'thermal/heat', interface: 'web', auto_open_interface: true } as ScriptView;
const queued = execution({
  state: 'queued',
  phase: '',
  queue: { limit: 'max_concurrent_interfaces', value: 1, place: 1 },
});

// EXE-5: the window opens when it starts, for who asked.
describe('Launcher', () => {
  afterEach(() => vi.restoreAllMocks());

  function opens() {
    const tab = { location: { href: 'about:blank', replace: vi.fn() }, focus: vi.fn() };
    return { tab, open: vi.spyOn(window, 'open').mockReturnValue(tab as unknown as Window) };
  }

  it('opens the tab of what waited when it starts, and once only', async () => {
    const { tab, open } = opens();
    const door = new TestDoor({
      'Executions.Run': () => ({ execution: queued, existing: false, ignored: false }),
    });
    const launcher = new Launcher(door);
    await launcher.runQueued(script, {});
    launcher.arrived({ ...queued, queue: undefined });
    expect(open).not.toHaveBeenCalled();
    launcher.arrived(execution({ phase: 'environment' }));
    launcher.arrived(execution());
    expect(open).toHaveBeenCalledOnce();
    expect(tab.location.replace).toHaveBeenCalledWith(expect.stringContaining('#/window/e1'));
  });

  it('opens it at once where there is room by now', async () => {
    const { open } = opens();
    const door = new TestDoor({
      'Executions.Run': () => ({ execution: execution(), existing: false, ignored: false }),
    });
    await new Launcher(door).runQueued(script, {});
    expect(open).toHaveBeenCalledOnce();
    expect(door.calls[0]).toMatchObject({ argument: { queue: true, open: true } });
  });

  it('opens nothing for what was cancelled, or asked for elsewhere', async () => {
    const { open } = opens();
    const door = new TestDoor({
      'Executions.Run': () => ({ execution: queued, existing: false, ignored: false }),
    });
    const launcher = new Launcher(door);
    await launcher.runQueued(script, {});
    launcher.arrived(execution({ state: 'terminated', phase: '', reason: 'stopped' }));
    launcher.arrived(execution());
    new Launcher(door).arrived(execution({ id: 'another' }));
    expect(open).not.toHaveBeenCalled();
  });

  // WIN-5
  it('tells that values do not count, since it runs with others', async () => {
    opens();
    const answer = { execution: execution(), existing: true, ignored: false };
    const launcher = new Launcher(new TestDoor({ 'Executions.Run': () => answer }));
    const told = () => toasts.items.filter((toast) => toast.about === 'ignored e1').length;
    await launcher.run(script, { height: 2 });
    expect(told()).toBe(0);
    answer.ignored = true;
    await launcher.run(script, { height: 3 });
    await launcher.run(script, { height: 4 });
    expect(told()).toBe(1);
  });

  it('leaves windows to the desktop program', async () => {
    const { open } = opens();
    const answers = { 'Executions.Run': () => ({ execution: queued, existing: false, ignored: false }) };
    const launcher = new Launcher(new TestDoor(answers, 'desktop'));
    await launcher.runQueued(script, {});
    launcher.arrived(execution());
    expect(open).not.toHaveBeenCalled();
  });
});
