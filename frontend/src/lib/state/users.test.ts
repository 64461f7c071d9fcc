import { describe, expect, it } from 'vitest';
import { DoorFailure } from '$lib/api/door';
import { TestDoor } from '../../test/door';
import { UserSessions, UsersStore } from './users.svelte';

describe('changing an account', () => {
  it('is one call, so that a refused password leaves the rest as it was', async () => {
    const api = new TestDoor({
      'Users.Edit': () => {
        throw new DoorFailure({ code: 'password_common' });
      },
      'Users.List': () => [],
    });
    const store = new UsersStore(api);
    const change = { user_id: 2, level: 'viewer', password: 'password1' };
    expect(await store.edit(change)).toBe(false);
    expect(store.editFailure?.code).toBe('password_common');
    expect(api.calls.filter((call) => call.method !== 'Users.List')).toEqual([
      { method: 'Users.Edit', argument: change },
    ]);
  });
});

describe('the sessions of an account', () => {
  it('are ended but for the one that asks', async () => {
    const one = { client: 'browser', since: '2026-01-02T03:04:05Z', used: '2026-01-02T03:04:05Z' };
    let sessions = [
      { ...one, id: 'a', current: true },
      { ...one, id: 'b', current: false },
    ];
    const api = new TestDoor({
      'Users.Sessions': () => sessions,
      'Users.EndSessions': () => {
        sessions = sessions.filter((each) => each.current);
        return null;
      },
    });
    const store = new UserSessions(2, api);
    await store.load();
    expect(store.others).toBe(1);
    await store.end();
    expect([store.items?.length, store.others, store.ended, store.busy]).toEqual([1, 0, true, false]);
    expect(api.calls.at(-2)).toEqual({ method: 'Users.EndSessions', argument: { user_id: 2 } });
  });

  it('say why they cannot be ended', async () => {
    const api = new TestDoor({ 'Users.Sessions': () => [] });
    const store = new UserSessions(2, api);
    await store.load();
    await store.end();
    expect([store.ended, store.failure?.code]).toEqual([false, 'not_found']);
  });
});
