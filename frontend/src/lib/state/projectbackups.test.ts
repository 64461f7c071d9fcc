import { describe, expect, it } from 'vitest';
import type { BackupPreview, ProjectBackupView } from '$lib/api/projects';
import { execution, TestDoor } from '../../test/door';
import { fileMost } from './exporting.svelte';
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

  it('brings and takes a zip part by part, byte for byte', async () => {
    const zip = Uint8Array.from({ length: 1_000_000 }, (_, i) => (i * 31) % 256);
    const binary = (bytes: Uint8Array) => Array.from(bytes, (one) => String.fromCharCode(one)).join('');
    const brought: { offset: number; data: string; last: boolean | undefined }[] = [];
    const door = new TestDoor({
      'Projects.Backups': () => ({ user: 'ana', backups: [] }),
      'Projects.UploadBackup': ({ offset, data, last }) => {
        brought.push({ offset, data: atob(data), last });
        return { size: offset, backup: null };
      },
      'Projects.BackupPart': ({ offset }) => ({
        name: 'rig.zip',
        data: btoa(binary(zip.slice(offset, offset + 300_000))),
        size: zip.length,
      }),
    });
    const store = new ProjectBackups(door, () => 'ana');
    await store.upload(new File([zip], 'rig.zip'));
    expect(store.refused).toBeNull();
    expect(brought.map(({ offset, last }) => [offset, last])).toEqual([
      [0, false],
      [768 * 1024, true],
    ]);
    expect(brought.map(({ data }) => data).join('') === binary(zip)).toBe(true);

    const backup = { id: 7, size: zip.length } as ProjectBackupView;
    const parts = await store.fetch(backup);
    expect(parts).toHaveLength(4);
    const taken = new Uint8Array(await new Blob(parts ?? []).arrayBuffer());
    expect(binary(taken) === binary(zip)).toBe(true);
    expect(await store.fetch({ ...backup, size: fileMost + 1 })).toBeNull();
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
