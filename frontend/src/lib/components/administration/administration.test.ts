import { render, screen } from '@testing-library/svelte';
import { tick } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import type { Execution, RunningItem, RunningList } from '$lib/api/types';
import { EveryoneStore } from '$lib/state/everyone.svelte';
import { execution, TestDoor } from '../../../test/door';
import EnforcementParts from './EnforcementParts.svelte';
import EnforcementSummary from './EnforcementSummary.svelte';
import PortTable from './PortTable.svelte';
import RunningTable from './RunningTable.svelte';

function item(changes: Partial<Execution>, use: Partial<RunningItem> = {}): RunningItem {
  return {
    execution: execution(changes),
    known: true,
    cpu_percent: 12,
    cpu_seconds: 3,
    memory_bytes: 64 * 1024 * 1024,
    processes: 2,
    ...use,
  };
}

const port = {
  port: 5200,
  state: 'active',
  execution_id: 'e1',
  script_id: 'thermal/heat',
  script_name: { en: 'Heat' },
  user: 'ana',
  project: 'project_default',
  pid: 1,
  since: '2026-01-02T03:04:05Z',
};

describe('EveryoneStore', () => {
  const answer = (list: Partial<RunningList>) => ({
    'Running.List': () => ({ items: [], ports: [], ...list }),
  });

  it('takes in what starts, changes and ends between two looks', async () => {
    const door = new TestDoor(answer({ items: [item({ id: 'e1' })], ports: [port] }));
    const store = new EveryoneStore(door);
    const stop = store.start();
    await vi.waitFor(() => expect(store.items).toHaveLength(1));
    door.send({ seq: 1, type: 'execution.changed', data: execution({ id: 'e2', user: 'otto', user_id: 2 }) });
    expect(store.items?.map((one) => [one.execution.id, one.known])).toEqual([
      ['e1', true],
      ['e2', false],
    ]);
    door.send({ seq: 2, type: 'execution.changed', data: execution({ id: 'e1', phase: 'stopping' }) });
    expect(store.items?.[0]?.execution.phase).toBe('stopping');
    expect(store.items?.[0]?.processes).toBe(2);
    door.send({ seq: 3, type: 'execution.changed', data: execution({ id: 'e1', state: 'terminated' }) });
    expect(store.items?.map((one) => one.execution.id)).toEqual(['e2']);
    expect(store.ports).toEqual([]);
    stop();
  });

  it('asks every two seconds while the page is seen, and not while it is hidden', async () => {
    vi.useFakeTimers();
    const hidden = vi.spyOn(document, 'hidden', 'get').mockReturnValue(false);
    try {
      const door = new TestDoor(answer({}));
      const stop = new EveryoneStore(door).start();
      await vi.advanceTimersByTimeAsync(6100);
      expect(door.calls).toHaveLength(4);
      hidden.mockReturnValue(true);
      await vi.advanceTimersByTimeAsync(10_000);
      expect(door.calls).toHaveLength(4);
      hidden.mockReturnValue(false);
      document.dispatchEvent(new Event('visibilitychange'));
      expect(door.calls).toHaveLength(5);
      stop();
      await vi.advanceTimersByTimeAsync(10_000);
      expect(door.calls).toHaveLength(5);
    } finally {
      hidden.mockRestore();
      vi.useRealTimers();
    }
  });
});

describe('RunningTable', () => {
  const items = [
    item({ id: 'a', user: 'ana', pid: 30 }, { memory_bytes: 3 * 1024 * 1024 }),
    item({ id: 'b', user: 'otto', pid: 20 }, { memory_bytes: 900 * 1024 }),
    item({ id: 'c', user: 'zoe', pid: 10, phase: 'starting' }, { known: false, memory_bytes: 0 }),
  ];
  // By selectors: asking for roles takes seconds in a table of this size.
  const users = (container: HTMLElement) =>
    [...container.querySelectorAll('tbody tr')].map((row) => row.children[2]?.textContent?.trim());
  const rowOf = (container: HTMLElement, user: string) =>
    [...container.querySelectorAll('tbody tr')].find((row) => row.children[2]?.textContent?.trim() === user);
  const head = (container: HTMLElement, label: string) =>
    [...container.querySelectorAll('th')].find((cell) => cell.textContent?.trim() === label);

  it('shows what each uses, and a dash where it is not known', () => {
    const { container } = render(RunningTable, { items, label: 'all' });
    const texts = [...(rowOf(container, 'otto')?.children ?? [])].map((cell) =>
      cell.textContent?.trim().replace(/\s+/g, ' '),
    );
    expect(texts.slice(4, 9)).toEqual(['5200', '20', '12% 3 s', '900 KiB', '2']);
    expect(rowOf(container, 'otto')?.querySelector('.btn-stop')).toBeEnabled();
    const unknown = [...(rowOf(container, 'zoe')?.children ?? [])].map((cell) => cell.textContent?.trim());
    expect(unknown.slice(6, 9)).toEqual(['–', '–', '–']);
  });

  it('is sorted by what is pressed, and turned round by pressing it again', async () => {
    const { container } = render(RunningTable, { items, label: 'all' });
    const press = async (label: string) => {
      head(container, label)?.querySelector('button')?.click();
      await tick();
    };
    await press('Memory');
    expect(users(container)).toEqual(['zoe', 'otto', 'ana']);
    expect(head(container, 'Memory')).toHaveAttribute('aria-sort', 'ascending');
    await press('Memory');
    expect(users(container)).toEqual(['ana', 'otto', 'zoe']);
    expect(head(container, 'Memory')).toHaveAttribute('aria-sort', 'descending');
    await press('User');
    expect(users(container)).toEqual(['ana', 'otto', 'zoe']);
    expect(head(container, 'Memory')).not.toHaveAttribute('aria-sort');
  });
});

describe('PortTable', () => {
  it('stops what runs, and releases what its execution has left', () => {
    const released = vi.fn();
    const left = { ...port, port: 5201, execution_id: 'gone', user: 'otto' };
    const { container } = render(PortTable, {
      ports: [port, left],
      items: [item({ id: 'e1' })],
      label: 'ports',
      onrelease: released,
    });
    const [first, second] = container.querySelectorAll('tbody tr');
    expect(first?.querySelector('.btn-stop')).toBeEnabled();
    const release = second?.querySelector('button');
    expect(release).toHaveTextContent('Release');
    release?.click();
    expect(released).toHaveBeenCalledExactlyOnceWith(5201);
  });
});

describe('what can be enforced', () => {
  const some = {
    policy: 'prefer',
    level: 'files',
    system: 'landlock',
    abi: 3,
    holds: ['files', 'truncate'],
    missing: ['signals'],
  };

  it('says of each part what it means, and of what is missing how to get it', () => {
    render(EnforcementParts, { confinement: some });
    const rows = screen.getAllByRole('listitem');
    expect(rows).toHaveLength(3);
    expect(rows[0]).toHaveTextContent(/Missing/);
    expect(rows[0]).toHaveTextContent(/Linux 6\.12/);
    expect(rows[1]).toHaveTextContent(/Possible/);
    expect(rows[1]).not.toHaveTextContent(/Needs/);
  });

  it.each([
    [some, ['Files and limits', 'version 3', 'As far as possible']],
    [{ ...some, missing: [] }, ['There is nothing to do']],
    [{ ...some, policy: 'off', missing: [] }, ['Off', 'Nothing of this is in force']],
    [
      { policy: 'off', level: 'none', system: '', abi: 0, holds: null, missing: ['files'] },
      ['None', 'no Landlock', 'on Linux only'],
    ],
  ])('says level, means and policy', (confinement, texts) => {
    const { container } = render(EnforcementSummary, { confinement });
    for (const text of texts) expect(container).toHaveTextContent(text);
  });
});
