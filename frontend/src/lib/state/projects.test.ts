import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ProjectView } from '$lib/api/projects';
import { execution, TestDoor } from '../../test/door';
import { ProjectsStore } from './projects.svelte';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('counts all files again only where something of the person began or ended, once for all that did', async () => {
  const project = { id: 1, user_id: 1, name: 'project_default' } as ProjectView;
  const api = new TestDoor({
    'Projects.Overview': () => ({ user: 'ana', projects: [project], maximum: 50 }),
  });
  const store = new ProjectsStore(api);
  const leave = store.start();
  const asked = async (time = 5000) => {
    await vi.advanceTimersByTimeAsync(time);
    return api.calls.splice(0).length;
  };
  expect(await asked()).toBe(1);
  const happens = (data: Parameters<typeof execution>[0]) => {
    api.send({
      seq: 1,
      type: 'execution.changed',
      data: execution({ project_id: 1, state: 'running', ...data }),
    });
  };
  happens({ id: 'theirs', user: 'ben', user_id: 2 });
  expect(await asked()).toBe(0);
  happens({ id: 'a', phase: 'starting' });
  happens({ id: 'b', phase: 'starting' });
  happens({ id: 'a', phase: 'ready' });
  expect(await asked()).toBe(1);
  happens({ id: 'a', phase: 'ready', lines: 7 });
  expect(await asked()).toBe(0);
  happens({ id: 'a', state: 'completed' });
  expect(await asked(10)).toBe(0); // what it leaves is counted with what ends beside it
  expect(await asked()).toBe(1);
  api.send({ seq: 2, type: 'project.changed', data: { ...project, id: 9, user_id: 2 } });
  expect(await asked()).toBe(0);
  api.send({ seq: 3, type: 'project.changed', data: project });
  expect(await asked()).toBe(1);
  happens({ id: 'b', state: 'completed' });
  leave();
  expect(await asked()).toBe(0);
});
