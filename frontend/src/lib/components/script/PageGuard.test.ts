import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { door, DoorFailure } from '$lib/api';
import { session } from '$lib/state/session.svelte';
import PageGuard from './PageGuard.svelte';

// SEC-4: everybody sees whether a page is protected; administrators switch it.
describe('PageGuard', () => {
  beforeEach(() => {
    // jsdom has the element, not what opens it.
    HTMLDialogElement.prototype.showModal = function () {
      this.open = true;
    };
    HTMLDialogElement.prototype.close = function () {
      this.open = false;
    };
  });
  afterEach(() => vi.restoreAllMocks());

  const on = { on: true, changed_by: '', changed_at: null };
  const off = { on: false, changed_by: 'ana', changed_at: '2026-01-02T03:04:05Z' };
  const as = (admin: boolean) => vi.spyOn(session, 'atLeast').mockReturnValue(admin);

  it('only tells those who may not change it', () => {
    as(false);
    render(PageGuard, { id: 'g/s', guard: off });
    expect(screen.getByText('Page not protected')).toBeVisible();
    expect(screen.queryByRole('button')).toBeNull();
  });

  it('warns, switches and says who did', async () => {
    as(true);
    const call = vi.spyOn(door, 'call').mockResolvedValue(off as never);
    render(PageGuard, { id: 'g/s', guard: on });
    await fireEvent.click(screen.getByRole('button', { name: 'Page protected' }));
    expect(screen.getByText(/Without protection/)).toBeInTheDocument();
    await fireEvent.click(screen.getByRole('switch'));
    expect(call).toHaveBeenCalledWith('Scripts.SetGuard', { script_id: 'g/s', on: false });
    await waitFor(() => expect(screen.getByText(/Last changed by ana/)).toBeInTheDocument());
    expect(screen.getByText('Page not protected')).toBeInTheDocument();
  });

  it('shows the state that holds where switching fails', async () => {
    as(true);
    vi.spyOn(door, 'call').mockRejectedValue(new DoorFailure({ code: 'unavailable' }));
    render(PageGuard, { id: 'g/s', guard: on });
    await fireEvent.click(screen.getByRole('button', { name: 'Page protected' }));
    await fireEvent.click(screen.getByRole('switch'));
    await waitFor(() => expect(screen.getByRole('switch')).toBeChecked());
    expect(screen.getByRole('alert')).toBeInTheDocument();
  });
});
