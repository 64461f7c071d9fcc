import { describe, expect, it } from 'vitest';
import type { BackupPreview } from '$lib/api/projects';
import { execution, TestDoor } from '../../test/door';
import { Preview, ProjectBackups } from './projectbackups.svelte';

const job = (id: string, user: string, state: 'running' | 'completed' = 'running') => ({
  seq: 1,
  type: 'execution.changed' as const,
  data: execution({ id, user, kind: 'project', state }),
});

describe('ProjectBackups', () => {
  it('shows the jobs of the person who is shown, not those of all of whom an administrator hears', () => {
    const door = new TestDoor({ 'Projects.Backups': () => ({ user: '', backups: [] }) });
    const store = new ProjectBackups(door, () => 'ana');
    const stop = store.start();
    door.send(job('hers', 'ana'));
    door.send(job('his', 'otto'));
    expect(store.jobs.map((one) => one.id)).toEqual(['hers']);
    const asked = door.calls.length;
    door.send(job('his', 'otto', 'completed'));
    expect(door.calls).toHaveLength(asked);

    store.show('otto');
    expect(store.jobs).toEqual([]);
    door.send(job('hers', 'ana'));
    door.send(job('again', 'otto'));
    expect(store.jobs.map((one) => one.id)).toEqual(['again']);
    stop();
  });
});

describe('Preview', () => {
  it('keeps nothing of another project while it is asked for', async () => {
    const answers: ((found: BackupPreview) => void)[] = [];
    const preview = new Preview(
      new TestDoor({ 'Projects.Preview': () => new Promise((resolve) => answers.push(resolve)) }),
    );
    const first = preview.load(1, 1);
    answers[0]?.({ here: 3 } as BackupPreview);
    await first;
    expect(preview.found?.here).toBe(3);
    const second = preview.load(1, 2);
    expect(preview.found).toBeNull();
    answers[1]?.({ here: 0 } as BackupPreview);
    await second;
    expect(preview.found?.here).toBe(0);
  });
});
