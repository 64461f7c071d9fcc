import { fireEvent, render, screen, waitFor } from '@testing-library/svelte';
import { afterEach, expect, it, vi } from 'vitest';
import { door, DoorFailure } from '$lib/api';
import type { User } from '$lib/api/types';
import { toasts } from '$lib/state/toasts.svelte';
import { TestDoor } from '../../../test/door';
import SystemAccountPanel from './SystemAccountPanel.svelte';

afterEach(() => vi.restoreAllMocks());

const users = ['ana', 'otto'].map(
  (name, i) => ({ id: i + 1, name, level: 'operator', active: true }) as User,
);

// USR-7: who gets in without a password is not set by an arrow key.
it('sets who signs in as the system’s user with Save only', async () => {
  let refused = false;
  const answer = (id: number) => ({
    on: true,
    here: { id: '1000', name: 'work' },
    set: id ? [{ account: '1000', name: 'work', user_id: id, user: 'otto' }] : [],
  });
  const api = new TestDoor({
    'Users.SystemAccounts': () => answer(0),
    'Users.SetSystemAccount': (change: { user_id: number }) => {
      if (refused) throw new DoorFailure({ code: 'not_found', params: { what: 'user' } });
      return answer(change.user_id);
    },
  });
  vi.spyOn(door, 'call').mockImplementation(((method: never, argument: never) =>
    api.call(method, argument)) as never);
  const told = vi.spyOn(toasts, 'show').mockReturnValue();
  const set = () => api.calls.filter((call) => call.method === 'Users.SetSystemAccount');
  render(SystemAccountPanel, { users });
  const who = await screen.findByRole('combobox');
  const save = screen.getByRole('button', { name: 'Save' });
  expect(save).toBeDisabled();

  await fireEvent.change(who, { target: { value: '2' } });
  expect(set()).toEqual([]);
  await fireEvent.click(save);
  await waitFor(() => expect(told).toHaveBeenCalledOnce());
  expect(set().map((call) => call.argument)).toEqual([{ user_id: 2 }]);
  expect(told.mock.calls[0]?.[0].title).toBe('work signs in as: otto');
  expect(save).toBeDisabled();

  refused = true;
  await fireEvent.change(who, { target: { value: '1' } });
  await fireEvent.click(save);
  await screen.findByRole('alert');
  expect(who).toHaveValue('2');
  expect(told).toHaveBeenCalledOnce();
});
