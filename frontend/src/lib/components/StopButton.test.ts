import { fireEvent, render, screen } from '@testing-library/svelte';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { running } from '$lib/state/running.svelte';
import { execution } from '../../test/door';
import StopButton from './StopButton.svelte';

// EXE-3: everywhere the same button, which counts the grace down while it offers to kill.
describe('StopButton', () => {
  afterEach(() => vi.restoreAllMocks());

  const stopping = () =>
    execution({ phase: 'stopping', grace_ends_at: new Date(Date.now() + 30_000).toISOString() });

  it('asks for the end, then kills', async () => {
    const stop = vi.spyOn(running, 'stop').mockResolvedValue();
    const { rerender } = render(StopButton, { execution: execution() });
    await fireEvent.click(screen.getByRole('button', { name: 'Stop' }));
    expect(stop).toHaveBeenLastCalledWith('e1', false);
    await rerender({ execution: stopping() });
    const kill = screen.getByRole('button', { name: /Kill now/ });
    expect(kill).toHaveTextContent(/^Kill now\s*· (30|29|28) s$/);
    await fireEvent.click(kill);
    expect(stop).toHaveBeenLastCalledWith('e1', true);
  });

  it('does not kill by the second click of a double click', async () => {
    const stop = vi.spyOn(running, 'stop').mockResolvedValue();
    render(StopButton, { execution: stopping() });
    await fireEvent.click(screen.getByRole('button'), { detail: 2 });
    expect(stop).not.toHaveBeenCalled();
  });

  it('still offers to kill when the grace is over', () => {
    render(StopButton, {
      execution: execution({ phase: 'stopping', grace_ends_at: '2026-01-02T03:04:05Z' }),
    });
    expect(screen.getByRole('button')).toHaveTextContent(/^Kill now$/);
  });

  it('takes what waits out of the queue', async () => {
    const stop = vi.spyOn(running, 'stop').mockResolvedValue();
    render(StopButton, { execution: execution({ state: 'queued', phase: '' }) });
    await fireEvent.click(screen.getByRole('button', { name: 'Leave the queue' }));
    expect(stop).toHaveBeenLastCalledWith('e1', false);
  });

  it('is gone once it has ended', () => {
    render(StopButton, { execution: execution({ state: 'completed', phase: '' }) });
    expect(screen.queryByRole('button')).toBeNull();
  });
});
