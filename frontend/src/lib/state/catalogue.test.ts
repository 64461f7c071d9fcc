import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { execution, TestDoor } from '../../test/door';
import { Catalogue } from './catalogue.svelte';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

// A script that tells its progress four times a second changes no list, and keeps none from being read.
it('reads again while executions tell their progress, and not because of that', async () => {
  const door = new TestDoor({ 'Scripts.Groups': () => [], 'Scripts.List': () => [] });
  const catalogue = new Catalogue(door);
  const stop = catalogue.start();
  await vi.advanceTimersByTimeAsync(1000);
  const readings = () => door.calls.filter((call) => call.method === 'Scripts.List').length;
  const begun = readings();

  const tell = async (percent_done: number) => {
    door.send({
      seq: 1,
      type: 'execution.changed',
      data: execution({ progress: { percent_done, step: '', steps: [], text: '' } }),
    });
    await vi.advanceTimersByTimeAsync(200);
  };
  await tell(1);
  for (let percent = 2; percent < 20; percent++) await tell(percent);
  expect(readings() - begun, 'of the execution, which is new here').toBe(1);

  door.send({ seq: 2, type: 'discovery.changed', data: {} as never });
  for (let percent = 20; percent < 25; percent++) await tell(percent);
  expect(readings() - begun, 'of the scripts').toBe(2);
  stop();
});
