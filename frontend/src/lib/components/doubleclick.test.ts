import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { door } from '$lib/api';
import type { ProjectBackupView } from '$lib/api/projects';
import type { SessionState, TemplateView } from '$lib/api/types';
import { ProjectBackups } from '$lib/state/projectbackups.svelte';
import { session } from '$lib/state/session.svelte';
import { TemplatesStore } from '$lib/state/templates.svelte';
import { TestDoor } from '../../test/door';
import SavedFilters from './list/SavedFilters.svelte';
import BackupTable from './project/BackupTable.svelte';
import TemplateBar from './template/TemplateBar.svelte';
import TemplateTable from './template/TemplateTable.svelte';

const backup = { id: 7, project: 'rig', file: 'rig.zip', reason: 'asked' } as ProjectBackupView;
const template = {
  id: 3,
  name: 'cold',
  version: 1,
  script_id: 'g/s',
  own: true,
  may_edit: true,
  parameters: {},
  other_uses: 0,
} as unknown as TemplateView;

/** What a mouse makes of a double click, then a click of its own. */
async function twice(button: () => HTMLElement, gone: () => unknown[]) {
  await fireEvent.click(button(), { detail: 1 });
  await fireEvent.click(button(), { detail: 2 });
  expect(gone()).toHaveLength(0);
  await fireEvent.click(button(), { detail: 1 });
  await waitFor(() => expect(gone()).toHaveLength(1));
}

// The first press asks whether to delete, where the second one of a double click falls.
describe('a double click', () => {
  beforeEach(() => {
    session.state = { user: { name: 'ana', level: 'operator' } } as SessionState;
  });
  afterEach(() => {
    session.state = null;
    vi.restoreAllMocks();
  });

  const deletions = (api: TestDoor, method: string) => () =>
    api.calls.filter((call) => call.method === method);

  it('does not delete a backup', async () => {
    const api = new TestDoor({
      'Projects.Backups': () => ({ user: 'ana', backups: [backup] }),
      'Projects.DeleteBackup': () => null,
    });
    const store = new ProjectBackups(api);
    await store.load();
    render(BackupTable, { store, onrestore: () => undefined });
    await twice(
      () => screen.getByRole('button', { name: /delete/i }),
      deletions(api, 'Projects.DeleteBackup'),
    );
  });

  it('does not delete a template', async () => {
    const ondelete = vi.fn();
    render(TemplateTable, { items: [template], busy: false, onedit: () => undefined, ondelete });
    await twice(
      () => screen.getByRole('button', { name: /delete/i }),
      () => ondelete.mock.calls,
    );
  });

  it('does not delete the template of a form', async () => {
    const api = new TestDoor({ 'Templates.List': () => [template], 'Templates.Delete': () => null });
    const store = new TemplatesStore(api);
    store.open('g/s');
    await vi.waitFor(() => expect(store.items).not.toBeNull());
    store.choose('3');
    render(TemplateBar, { store, values: {}, changed: false, onfill: () => undefined });
    await twice(
      () => screen.getByRole('button', { name: /delete|again|sure|really/i }),
      deletions(api, 'Templates.Delete'),
    );
  });

  it('does not delete a saved filter', async () => {
    const api = new TestDoor({
      'Executions.Filters': () => [{ id: 1, name: 'failed', filter: 'state=failed' }],
      'Executions.DeleteFilter': () => null,
    });
    vi.spyOn(door, 'call').mockImplementation(((method: never, argument: never) =>
      api.call(method, argument)) as never);
    render(SavedFilters, { current: '', onopen: () => undefined });
    await fireEvent.click(screen.getByRole('button', { name: 'Saved filters' }));
    await screen.findByText('failed');
    await twice(
      () => screen.getByRole('button', { name: /delete/i }),
      deletions(api, 'Executions.DeleteFilter'),
    );
  });
});
