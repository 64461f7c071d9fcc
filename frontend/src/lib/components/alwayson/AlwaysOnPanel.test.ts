import { render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { door, type AlwaysOnView, type ScriptDetail } from '$lib/api';
import { session } from '$lib/state/session.svelte';
import AlwaysOnPanel from './AlwaysOnPanel.svelte';

// EXE-11: what is said and offered fits the script.
describe('AlwaysOnPanel', () => {
  let kept: AlwaysOnView[] = [];
  beforeEach(() => {
    kept = [];
    vi.spyOn(session, 'atLeast').mockReturnValue(true);
    vi.spyOn(session, 'user', 'get').mockReturnValue({ id: 7 } as never);
    vi.spyOn(session, 'project', 'get').mockReturnValue({ id: 9 } as never);
    vi.spyOn(door, 'call').mockImplementation(() => Promise.resolve(kept as never));
  });
  afterEach(() => vi.restoreAllMocks());

  const show = (script: Partial<ScriptDetail['script']>) =>
    render(AlwaysOnPanel, {
      detail: {
        may_run: true,
        script: { id: 'g/s', interface: 'web', parameters: [], always_on: false, ...script },
      } as unknown as ScriptDetail,
      values: {},
    });

  it('speaks of a window only where there is one', () => {
    show({ interface: 'web' });
    expect(screen.getByText(/Closing its window/)).toBeVisible();
    show({ interface: 'none' });
    expect(screen.getAllByText(/Started with the application/)).toHaveLength(2);
    expect(screen.getAllByText(/Closing its window/)).toHaveLength(1);
  });

  it('offers other parameters only where there are some', async () => {
    kept = [
      {
        id: 1,
        script_id: 'g/s',
        user_id: 7,
        project_id: 9,
        project: 'p',
        user: 'ana',
        actual: { state: 'running' },
      },
    ] as unknown as AlwaysOnView[];
    const { unmount } = show({ parameters: [] });
    await waitFor(() => expect(screen.getByRole('button', { name: 'Switch off' })).toBeVisible());
    expect(screen.queryByRole('button', { name: 'Use these parameters' })).toBeNull();
    unmount();
    show({ parameters: [{ name: 'height', type: 'number' }] });
    await waitFor(() => expect(screen.getByRole('button', { name: 'Use these parameters' })).toBeVisible());
  });
});
