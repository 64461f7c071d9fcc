import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { EndWarning as Warning } from '$lib/api/types';
import { running } from '$lib/state/running.svelte';
import { execution } from '../../test/door';
import EndWarning from './EndWarning.svelte';

const soon = (changes: Partial<Warning> = {}): Warning => ({
  reason: 'idle',
  ends_at: new Date(Date.now() + 119_500).toISOString(),
  seconds: 1800,
  source: 'configuration',
  ...changes,
});

// WIN-4, EXE-4: who is warned sees when it ends, and can keep it.
describe('EndWarning', () => {
  afterEach(() => vi.restoreAllMocks());

  it('says nothing while nothing is about to end', () => {
    render(EndWarning, { execution: execution() });
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('says nothing of what has ended', () => {
    render(EndWarning, { execution: execution({ state: 'terminated', warning: soon() }) });
    expect(screen.queryByRole('alert')).toBeNull();
  });

  it('counts down to the end and keeps it running', async () => {
    const keep = vi.spyOn(running, 'keep').mockResolvedValue();
    render(EndWarning, { execution: execution({ warning: soon() }) });
    expect(screen.getByRole('alert')).toHaveTextContent('not been used');
    expect(screen.getByRole('timer')).toHaveTextContent(/Ends in (2 min|1 min 5\d sec)/);
    await fireEvent.click(screen.getByRole('button', { name: 'Keep running' }));
    expect(keep).toHaveBeenCalledWith('e1');
    await waitFor(() => expect(screen.getByRole('button')).toBeEnabled());
  });

  it('leaves a time of the configuration to administrators', () => {
    render(EndWarning, { execution: execution({ warning: soon({ reason: 'timeout' }) }) });
    expect(screen.getByRole('alert')).toHaveTextContent('as long as it may');
    expect(screen.queryByRole('button')).toBeNull();
  });
});
