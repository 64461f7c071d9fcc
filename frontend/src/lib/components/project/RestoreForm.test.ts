import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';
import { door } from '$lib/api';
import type { BackupPreview, ProjectBackupView, ProjectView } from '$lib/api/projects';
import { ProjectBackups } from '$lib/state/projectbackups.svelte';
import { TestDoor } from '../../../test/door';
import RestoreForm from './RestoreForm.svelte';

afterEach(() => vi.restoreAllMocks());

it('asks anew what is to go away where another project is chosen', async () => {
  const answers: ((found: BackupPreview) => void)[] = [];
  const api = new TestDoor({ 'Projects.Preview': () => new Promise((resolve) => answers.push(resolve)) });
  vi.spyOn(door, 'call').mockImplementation(((method: never, argument: never) =>
    api.call(method, argument)) as never);
  const found = { new: 1, changed: 0, same: 0, here: 3, bytes: 1, files: [], partial: false, left_out: [] };
  render(RestoreForm, {
    store: new ProjectBackups(api),
    backup: { id: 1, project_id: 1, project: 'a', created_at: '2026-01-02T03:04:05Z' } as ProjectBackupView,
    projects: [
      { id: 1, name: 'a' },
      { id: 2, name: 'b' },
    ] as ProjectView[],
    onclose: () => undefined,
  });
  const restore = screen.getByRole('button', { name: /restore/i });
  expect(restore).toBeDisabled();
  answers[0]?.(found);
  await fireEvent.click(await screen.findByRole('checkbox'));
  expect(restore).toBeEnabled();

  await fireEvent.change(screen.getByRole('combobox'), { target: { value: '2' } });
  expect(restore).toBeDisabled();
  expect(screen.queryByRole('checkbox')).toBeNull();
  answers[1]?.(found);
  expect(await screen.findByRole('checkbox')).not.toBeChecked();
});
